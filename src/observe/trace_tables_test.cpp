// The reference and side tables of the flat trace format: what is read, what is refused, what waits.
#include "observe/trace_tables.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/date.hpp"

namespace qingyuan::observe {
namespace {

struct World {
    packs::Reference reference;
    packs::Names names;
    std::vector<std::string> batches, hashed;
    TableContext context{.reference = reference, .names = names};

    World() {
        for (const char* id : {"W1", "H1"}) reference.put(packs::Operator{.id = id});
        reference.put(packs::Batch{.id = "B1"});
        reference.put(packs::Product{.code = 8'123'456});
        context.unknown_batch = [this](std::string_view id) {
            batches.emplace_back(id);
            return static_cast<std::uint32_t>(99 + batches.size());
        };
        context.hashed_code = [this](packs::PackCode, std::string_view text) { hashed.emplace_back(text); };
    }
    template <class V>
    std::vector<V> read(std::string_view header, std::string_view block, RowProblems& problems) {
        std::vector<V> out;
        const auto table = SideTable<V>::from_header(header);
        if (table)
            table->read(block, 2, context, out, problems);
        else
            ADD_FAILURE() << table.error().text();
        return out;
    }
    template <class V>
    V one(std::string_view header, std::string_view line) {
        RowProblems problems;
        const auto values = read<V>(header, line, problems);
        for (const RejectedRow& row : problems.rejected)
            ADD_FAILURE() << line << ": " << row.field << " " << row.message;
        for (const WaitingRow& row : problems.waiting) ADD_FAILURE() << line << " waits for " << row.id;
        return values.size() == 1 ? values.front() : V{};
    }
};

std::int64_t china_ms(int year, int month, int day) {
    return start_of(make_date(year, month, day)).us / 1'000;
}

constexpr std::string_view operator_columns = "id,type,headquarters,region,scopes,licence_from,licence_to";
constexpr std::string_view batch_columns = "id,product,holder,produced_at,expires_at,recalled_at";

TEST(TraceTables, Operators) {
    World world;
    const auto store = world.one<packs::Operator>(
        operator_columns, "S1,chain_store,H1,430405,psychotropic_2|otc,2024-01-01,2028-12-31\r\n");
    EXPECT_EQ(store, (packs::Operator{.id = "S1",
                                      .type = packs::OperatorType::chain_store,
                                      .headquarters = "H1",
                                      .region = "430405",
                                      .scopes = "psychotropic_2|otc",
                                      .licence_from_ms = china_ms(2024, 1, 1),
                                      .licence_to_ms = china_ms(2029, 1, 1) - 1}));
    const auto none = world.one<packs::Operator>(operator_columns, "X1,other,,,,,");
    EXPECT_FALSE(none.licensed_at(china_ms(2025, 1, 1))) << "an empty licence is none";
    const auto open = world.one<packs::Operator>(operator_columns, "X1,hospital,,,,1704067200,");
    EXPECT_EQ(open.licence_from_ms, 1'704'067'200'000);
    EXPECT_EQ(open.licence_to_ms, INT64_MAX) << "a licence without an end is open";
    const auto exact =
        world.one<packs::Operator>(operator_columns, "X1,pharmacy,,,,2024-01-01T00:00:00Z,1704153600");
    EXPECT_EQ(exact.licence_to_ms, 1'704'153'600'000) << "a time is taken as it is";
}

TEST(TraceTables, ProductsAndBatches) {
    World world;
    EXPECT_EQ(world.one<packs::Product>("code,holder,class", "8123456,M1,psychotropic_2"),
              (packs::Product{.code = 8'123'456, .holder = "M1", .class_word = "psychotropic_2"}));
    EXPECT_EQ(world.one<packs::Product>("name,code,approved_to,approved_from,holder,class",
                                        "示例片,09506000134352,2025-06-30,2020-07-01,,"),
              (packs::Product{.code = 9'506'000'134'352,
                              .name = "示例片",
                              .approved_from_ms = china_ms(2020, 7, 1),
                              .approved_to_ms = china_ms(2025, 7, 1) - 1}));
    EXPECT_EQ(world.one<packs::Batch>(batch_columns, "B7,8123456,M1,2024-03-01,2026-02-28,2025-05-05"),
              (packs::Batch{.id = "B7",
                            .product = 8'123'456,
                            .holder = "M1",
                            .produced_ms = china_ms(2024, 3, 1),
                            .expires_ms = china_ms(2026, 3, 1) - 1,
                            .recalled_ms = china_ms(2025, 5, 5)}));
    EXPECT_EQ(world.one<packs::Batch>(batch_columns, "B7,8123456,,,,"),
              (packs::Batch{.id = "B7", .product = 8'123'456}));
}

TEST(TraceTables, DocumentsAndAggregation) {
    World world;
    const std::uint32_t seller = world.reference.find_operator("W1"),
                        buyer = world.reference.find_operator("H1");
    EXPECT_EQ(
        world.one<packs::Document>("id,seller,buyer,batch,quantity", "D1,W1,H1,B1,400"),
        (packs::Document{
            .id = world.names.name_of("D1"), .seller = seller, .buyer = buyer, .batch = 1, .quantity = 400}));
    EXPECT_EQ(world.one<packs::Document>("quantity,id,seller,buyer,batch", "0,D2,,,B9").batch, 100u);
    const auto plain =
        world.one<packs::Relation>("parent,child", "81234560000099991234,81234560000012341234");
    EXPECT_EQ(plain.parent.text(), "81234560000099991234");
    EXPECT_EQ(plain.child.text(), "81234560000012341234");
    EXPECT_EQ(plain.from_ms, INT64_MIN);
    EXPECT_EQ(plain.to_ms, INT64_MAX);
    const auto timed = world.one<packs::Relation>("child,parent,from,to",
                                                  "81234560000012341234,case-1,1704067200,1704153600");
    EXPECT_EQ(timed.parent, packs::own_code("case-1"));
    EXPECT_EQ(timed.from_ms, 1'704'067'200'000);
    EXPECT_EQ(timed.to_ms, 1'704'153'600'000);
    EXPECT_EQ(world.hashed, std::vector<std::string>{"case-1"});
    EXPECT_EQ(world.batches, std::vector<std::string>{"B9"});
}

TEST(TraceTables, SideTables) {
    World world;
    const std::uint32_t firm = world.reference.find_operator("W1");
    EXPECT_EQ(
        world.one<packs::StockCount>("operator,product,batch,quantity,counted_at",
                                     "W1,8123456,,-3,2025-01-31"),
        (packs::StockCount{
            .actor = firm, .product = 8'123'456, .quantity = -3, .counted_ms = china_ms(2025, 2, 1) - 1}));
    EXPECT_EQ(world.one<packs::Duty>("person,operator,from,to", "P1,W1,2025-01-01T08:00:00+08:00,"),
              (packs::Duty{.person = world.names.name_of("P1"),
                           .actor = firm,
                           .from_ms = china_ms(2025, 1, 1) + 8 * 3'600'000}));
    packs::PackCode code;
    ASSERT_TRUE(packs::parse_national("81234560000012341234", code));
    EXPECT_EQ(world.one<packs::Settlement>("code,operator,settled_at", "81234560000012341234,W1,1735689600"),
              (packs::Settlement{.code = code, .actor = firm, .settled_ms = 1'735'689'600'000}));
    EXPECT_EQ(world.one<packs::Listing>("id,operator,platform,product,title,captured_at,digest",
                                        "L1,W1,某平台,,\"片, 24 粒\",1735689600," + std::string(64, 'A')),
              (packs::Listing{.id = world.names.name_of("L1"),
                              .actor = firm,
                              .platform = "某平台",
                              .title = "片, 24 粒",
                              .captured_ms = 1'735'689'600'000,
                              .digest = std::string(64, 'a')}));
}

struct Refusal {
    std::string_view header, line, field;
    ErrorCode code;
};

template <class V>
void expect_refused(const std::vector<Refusal>& cases) {
    for (const Refusal& one : cases) {
        World world;
        RowProblems problems;
        const auto values = world.read<V>(one.header, std::string(one.line) + "\n", problems);
        EXPECT_TRUE(values.empty()) << one.line;
        ASSERT_EQ(problems.rejected.size(), 1u) << one.line;
        EXPECT_EQ(problems.rejected[0].field, one.field) << one.line;
        EXPECT_EQ(info(problems.rejected[0].code).name, info(one.code).name) << one.line;
        EXPECT_FALSE(problems.rejected[0].next.empty()) << one.line;
        EXPECT_TRUE(world.batches.empty() && world.hashed.empty()) << one.line << ": nothing of it is kept";
        EXPECT_TRUE(world.names.take_fresh().texts.empty()) << one.line;
    }
}

TEST(TraceTables, RowsAreRefused) {
    expect_refused<packs::Operator>({
        {operator_columns, ",other,,,,,", "id", ErrorCode::field_missing},
        {operator_columns, "X1,,,,,,", "type", ErrorCode::field_missing},
        {operator_columns, "X1,shop,,,,,", "type", ErrorCode::not_in_vocabulary},
        {operator_columns, "X1,chain_store,X1,,,,", "headquarters", ErrorCode::field_invalid},
        {operator_columns, "X1,other,,,,2025-02-29,", "licence_from", ErrorCode::date_invalid},
        {operator_columns, "X1,other,,,,2025-01-01,2024-01-01", "licence_to", ErrorCode::field_invalid},
        {operator_columns, "X1,other,,,,,2024-01-01", "licence_from", ErrorCode::field_missing},
        {operator_columns, "X1,other,,,", "", ErrorCode::csv_malformed},
    });
    const std::string long_name = "8123456,,," + std::string(513, 'n');
    expect_refused<packs::Product>({
        {"code,holder,class", "812345,,", "code", ErrorCode::code_malformed},
        {"code,holder,class", "81234560,,", "code", ErrorCode::code_malformed},
        {"code,holder,class", "812345X,,", "code", ErrorCode::code_malformed},
        {"code,holder,class", "09506000134353,,", "code", ErrorCode::code_check_failed},
        {"code,holder,class", ",,", "code", ErrorCode::field_missing},
        {"code,holder,class", "8123456,,narcotic", "class", ErrorCode::not_in_vocabulary},
        {"code,holder,class,name", long_name, "name", ErrorCode::cell_too_large},
        {"code,holder,class,approved_to", "8123456,,,soon", "approved_to", ErrorCode::date_invalid},
        {"code,holder,class,approved_from,approved_to", "8123456,,,2025-01-01,2024-12-31", "approved_to",
         ErrorCode::field_invalid},
    });
    expect_refused<packs::Batch>({
        {batch_columns, ",8123456,,,,", "id", ErrorCode::field_missing},
        {batch_columns, "B7,,,,,", "product", ErrorCode::field_missing},
        {batch_columns, "B7,8123456,,2025-01-01,2024-01-01,", "expires_at", ErrorCode::field_invalid},
        {batch_columns, "B7,8123456,,,,2025-13-01", "recalled_at", ErrorCode::date_invalid},
    });
    const std::string_view documents = "id,seller,buyer,batch,quantity";
    expect_refused<packs::Document>({
        {documents, ",W1,H1,B9,4", "id", ErrorCode::field_missing},
        {documents, "D1,W1,H1,B9,", "quantity", ErrorCode::field_missing},
        {documents, "D1,W1,H1,B9,4.5", "quantity", ErrorCode::number_invalid},
        {documents, "D1,W1,H1,B9,4.5", "quantity", ErrorCode::number_invalid},
        {documents, "D1,W1,H1,B9,1234567890123456", "quantity", ErrorCode::number_invalid},
        {documents, "D1,unknown,H1,B9,many", "quantity", ErrorCode::number_invalid},
    });
    expect_refused<packs::Relation>({
        {"parent,child", "box-1,box-1", "child", ErrorCode::field_invalid},
        {"parent,child", ",81234560000012341234", "parent", ErrorCode::field_missing},
        {"parent,child", "box-1,8123456000001234123", "child", ErrorCode::code_malformed},
        {"parent,child,from", "box-1,box-2,2025-01-01", "from", ErrorCode::date_invalid},
        {"parent,child,from,to", "box-1,box-2,1735689600,1735689599", "to", ErrorCode::field_invalid},
    });
    expect_refused<packs::StockCount>({
        {"operator,product,batch,quantity,counted_at", "W1,8123456,B9,3,", "counted_at",
         ErrorCode::field_missing},
        {"operator,product,batch,quantity,counted_at", "W1,,B9,3,2025-01-01", "product",
         ErrorCode::field_missing},
        {"operator,product,batch,quantity,counted_at", ",8123456,B9,3,2025-01-01", "operator",
         ErrorCode::field_missing},
        {"operator,product,batch,quantity,counted_at", "W1,8123456,B9,--3,2025-01-01", "quantity",
         ErrorCode::number_invalid},
    });
    expect_refused<packs::Duty>({
        {"person,operator,from,to", ",W1,2025-01-01,", "person", ErrorCode::field_missing},
        {"person,operator,from,to", "P1,W1,,", "from", ErrorCode::field_missing},
        {"person,operator,from,to", "P1,W1,2025-01-02,2025-01-01", "to", ErrorCode::field_invalid},
    });
    expect_refused<packs::Settlement>({
        {"code,operator,settled_at", "box-1,W1,", "settled_at", ErrorCode::field_missing},
        {"code,operator,settled_at", "box-1,W1,2025-01-01", "settled_at", ErrorCode::date_invalid},
        {"code,operator,settled_at", "box-1,,1735689600", "operator", ErrorCode::field_missing},
    });
    const std::string_view listings = "id,operator,platform,product,title,captured_at,digest";
    expect_refused<packs::Listing>({
        {listings, "D1,W1,,,,1735689600,", "platform", ErrorCode::field_missing},
        {listings, "D1,W1,p,,,1735689600,abc", "digest", ErrorCode::field_invalid},
        {listings, "D1,W1,p,,,1735689600,xyzxyzxyzxyzxyzxyzxyzxyzxyzxyzxyzxyz", "digest",
         ErrorCode::field_invalid},
        {listings, "D1,W1,p,,,,", "captured_at", ErrorCode::field_missing},
    });
}

TEST(TraceTables, UnknownFirmsAndProductsWait) {
    World world;
    RowProblems problems;
    world.read<packs::Document>("id,seller,buyer,batch,quantity", "D1,W1,H9,B9,4\n", problems);
    world.read<packs::StockCount>("operator,product,batch,quantity,counted_at",
                                  "W1,8123457,B9,3,2025-01-01\n", problems);
    world.read<packs::Settlement>("code,operator,settled_at", "box-1,W9,1735689600\n", problems);
    ASSERT_EQ(problems.waiting.size(), 3u);
    EXPECT_EQ(problems.waiting[0],
              (WaitingRow{2, "buyer", ErrorCode::operator_unknown, "H9", "D1,W1,H9,B9,4"}));
    EXPECT_EQ(problems.waiting[1], (WaitingRow{2, "product", ErrorCode::product_unknown, "8123457",
                                               "W1,8123457,B9,3,2025-01-01"}));
    EXPECT_EQ(problems.waiting[2].field, "operator");
    EXPECT_TRUE(world.batches.empty() && world.hashed.empty());
}

TEST(TraceTables, HeadersAreRefused) {
    const auto refused = [](const auto& table, ErrorCode code) {
        ASSERT_FALSE(table);
        EXPECT_EQ(table.error().code, code) << table.error().text();
    };
    refused(SideTable<packs::Product>::from_header("code,holder,class,price"), ErrorCode::column_unknown);
    refused(SideTable<packs::Product>::from_header("code,class"), ErrorCode::column_missing);
    refused(SideTable<packs::Relation>::from_header("parent,child,child"), ErrorCode::duplicate_key);
    refused(SideTable<packs::Document>::from_header("id,seller,buyer,quantity"), ErrorCode::column_missing);
    EXPECT_TRUE(SideTable<packs::Relation>::from_header("\xEF\xBB\xBFto,parent,child,from\r\n"));
}

TEST(TraceTables, AFileIsReadBlockByBlock) {
    World world;
    std::string text = "id,seller,buyer,batch,quantity\r\n";
    for (int i = 0; i < 50'000; ++i)
        text += fmt::format("D{:07},W1,{},B1,{}\n", i, i % 1'000 == 999 ? "H9" : "H1",
                            i % 1'000 == 500 ? std::string("four") : std::to_string(i));
    LineBlocks blocks(source_of(text), 1);
    std::uint64_t values = 0, waiting = 0, most = 0;
    std::int64_t quantity = 0;
    const auto report = read_table<packs::Document>(
        blocks, world.context,
        [&](std::vector<packs::Document>& documents, std::vector<WaitingRow>& rows) -> Result<void> {
            values += documents.size();
            waiting += rows.size();
            most = std::max<std::uint64_t>(most, documents.size());
            for (const packs::Document& one : documents) quantity += one.quantity;
            return {};
        });
    ASSERT_TRUE(report);
    EXPECT_EQ(values, 49'900u);
    EXPECT_EQ(waiting, 50u);
    EXPECT_LT(most, 10'000u) << "memory is bounded by the block";
    EXPECT_EQ(report->rows, 50'000u);
    EXPECT_EQ(report->accepted(), values);
    EXPECT_EQ(report->rejected.front().row, 502u);
    EXPECT_EQ(report->counts, (std::map<ErrorCode, std::uint64_t>{{ErrorCode::number_invalid, 50},
                                                                  {ErrorCode::operator_unknown, 50}}));
    EXPECT_TRUE(report->waiting.empty());

    LineBlocks again(source_of(text), 1);
    const auto stopped = read_table<packs::Document>(again, world.context, [](auto&, auto&) -> Result<void> {
        return Error{ErrorCode::disk_full, "full"};
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::disk_full);
    LineBlocks empty(source_of(""), 1);
    EXPECT_FALSE(
        read_table<packs::Document>(empty, world.context, [](auto&, auto&) { return Result<void>(); }));
}

}  // namespace
}  // namespace qingyuan::observe
