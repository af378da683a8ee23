// events.csv: every refusal, what waits, that reading gives back what was written, and that it does not
// matter where a file is cut or how many threads read it.
#include "observe/trace_csv.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/csv.hpp"
#include "base/date.hpp"
#include "base/random.hpp"

namespace qingyuan::observe {
namespace {

constexpr std::string_view columns =
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document";
constexpr std::string_view all_columns =
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,corrects,owner,"
    "person,prescription";
constexpr std::int64_t now_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
constexpr std::string_view good = "E1,81234560000012341234,ship,W1,H1,1735689600,1735693200,B1,D1";

/// A small world; batches that nobody registered get numbers from 100.
struct World {
    packs::Reference reference;
    packs::Names names;
    std::vector<std::string> batches, hashed;
    std::vector<packs::PackCode> parents;
    EventContext context{.reference = reference, .now_ms = now_ms};

    World() {
        for (const char* id : {"W1", "H1", "S1", "药店1"}) reference.put(packs::Operator{.id = id});
        reference.put(packs::Batch{.id = "B1"});
        reference.put(packs::Product{.code = 8'123'456});
        reference.put(packs::Product{.code = 9'506'000'134'352});
        context.unknown_batch = [this](std::string_view id) {
            batches.emplace_back(id);
            return static_cast<std::uint32_t>(99 + batches.size());
        };
        context.hashed_code = [this](packs::PackCode, std::string_view text) { hashed.emplace_back(text); };
        context.is_parent = [this](packs::PackCode code) {
            return std::find(parents.begin(), parents.end(), code) != parents.end();
        };
    }
    packs::Name name(std::string_view text) { return text.empty() ? 0 : names.name_of(text); }

    struct Read {
        packs::Piece piece;
        RowProblems problems;
    };
    Read read(std::string_view header, std::string_view block, std::uint64_t first_row = 2) {
        auto table = EventTable::from_header(header);
        Read out;
        if (!table) {
            ADD_FAILURE() << table.error().text();
            return out;
        }
        packs::Names::Cursor cursor(names);
        table->read(block, first_row, context, cursor, out.piece, out.problems);
        return out;
    }
};

bool same(const packs::Event& a, const packs::Event& b) {
    return a.code == b.code && a.time_ms == b.time_ms && a.uploaded_ms == b.uploaded_ms && a.id == b.id &&
           a.document == b.document && a.actor == b.actor && a.counterparty == b.counterparty &&
           a.batch == b.batch && a.action == b.action && a.flags == b.flags && a.extra == b.extra &&
           a.seq == b.seq;
}

std::string replaced(std::size_t cell, std::string_view value, std::string_view line = good) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = 0;; ++i) {
        const auto end = line.find(',', at);
        out += i == cell ? value : line.substr(at, end - at);
        if (end == std::string_view::npos) return out;
        out += ',';
        at = end + 1;
    }
}

TEST(TraceCsv, ReadsEveryField) {
    World world;
    const auto [piece, problems] = world.read(
        all_columns, std::string(good) + ",1,E0,S1,P7,RX9\n" +
                         "E2,81234560000012341235,receive,H1,,2025-01-01T08:00:00+08:00,,,,0,,,,\r\n");
    ASSERT_EQ(problems.faults, 0u) << problems.rejected.front().message;
    ASSERT_EQ(piece.events.size(), 2u);
    const packs::Event& one = piece.events[0];
    EXPECT_EQ(one.code.text(), "81234560000012341234");
    EXPECT_EQ(one.action, packs::Action::ship);
    EXPECT_EQ(one.actor, world.reference.find_operator("W1"));
    EXPECT_EQ(one.counterparty, world.reference.find_operator("H1"));
    EXPECT_EQ(one.time_ms, 1'735'689'600'000);
    EXPECT_EQ(one.uploaded_ms, 1'735'693'200'000);
    EXPECT_EQ(one.batch, world.reference.find_batch("B1"));
    EXPECT_EQ(one.id, world.name("E1"));
    EXPECT_EQ(one.document, world.name("D1"));
    EXPECT_EQ(one.flags, packs::flag_split);
    EXPECT_EQ(one.extra.corrects, world.name("E0"));
    EXPECT_EQ(one.extra.owner, world.reference.find_operator("S1"));
    EXPECT_EQ(one.extra.person, world.name("P7"));
    EXPECT_EQ(one.extra.prescription, world.name("RX9"));
    const packs::Event& two = piece.events[1];
    EXPECT_EQ(two.time_ms, 1'735'689'600'000);
    EXPECT_EQ(two.uploaded_ms, now_ms) << "an empty upload time is now";
    EXPECT_EQ(two.counterparty, 0u);
    EXPECT_EQ(two.batch, 0u);
    EXPECT_EQ(two.document, 0u);
    EXPECT_FALSE(two.has_extra());
}

TEST(TraceCsv, HeadersAreRefused) {
    struct Case {
        std::string header;
        ErrorCode code;
    };
    const std::string all(columns);
    const std::vector<Case> cases{
        {"", ErrorCode::csv_malformed},
        {"\xEF\xBB\xBF\r\n", ErrorCode::csv_malformed},
        {all + ",colour", ErrorCode::column_unknown},
        {all + ",", ErrorCode::column_unknown},
        {"Event_id" + all.substr(8), ErrorCode::column_unknown},
        {all.substr(9), ErrorCode::column_missing},
        {all.substr(0, all.size() - 9), ErrorCode::column_missing},
        {all + ",code", ErrorCode::duplicate_key},
        {all + ",\xFF\xFE", ErrorCode::encoding_invalid},
        {"event_id;code;action", ErrorCode::column_unknown},
    };
    for (const Case& one : cases) {
        const auto table = EventTable::from_header(one.header);
        ASSERT_FALSE(table) << one.header;
        EXPECT_EQ(table.error().code, one.code) << one.header << ": " << table.error().text();
    }
    EXPECT_TRUE(EventTable::from_header("\xEF\xBB\xBF" + all + "\r\n"));
    EXPECT_TRUE(EventTable::from_header(
        "\"event_id\", code ,action,actor,counterparty,event_time,upload_time,batch,document"));
}

TEST(TraceCsv, RowsAreRefused) {
    struct Case {
        std::string line;
        std::string_view field;
        ErrorCode code;
    };
    const std::string line(good);
    const std::vector<Case> cases{
        // the line
        {line + ",", "", ErrorCode::csv_malformed},
        {line.substr(0, line.size() - 3), "", ErrorCode::csv_malformed},
        {"E1", "", ErrorCode::csv_malformed},
        {std::string(csv_line_bytes_max + 100, 'x'), "", ErrorCode::too_large},
        {replaced(0, "\"E1"), "", ErrorCode::csv_malformed},
        {replaced(0, "E\"1"), "", ErrorCode::csv_malformed},
        {replaced(0, "\"E\"1"), "", ErrorCode::csv_malformed},
        {replaced(3, "W\xFF"), "", ErrorCode::encoding_invalid},
        {replaced(3, "W\xED\xA0\x80"), "", ErrorCode::encoding_invalid},
        {replaced(3, std::string_view("W\0", 2)), "", ErrorCode::encoding_invalid},
        {replaced(3, "W\x01"), "", ErrorCode::field_invalid},
        {replaced(3, "W\x7f"), "", ErrorCode::field_invalid},
        {replaced(3, "W\r1"), "", ErrorCode::field_invalid},
        {replaced(3, "W\x1d"), "", ErrorCode::field_invalid},
        {replaced(3, "W\xE2\x80\xAE"), "", ErrorCode::field_invalid},
        {replaced(3, "W\xEF\xBF\xBD"), "", ErrorCode::field_invalid},
        // the id
        {replaced(0, ""), "event_id", ErrorCode::field_missing},
        {replaced(0, "  "), "event_id", ErrorCode::field_missing},
        {replaced(0, std::string(257, 'E')), "event_id", ErrorCode::cell_too_large},
        // the code
        {replaced(1, ""), "code", ErrorCode::field_missing},
        {replaced(1, "8123456000001234123"), "code", ErrorCode::code_malformed},
        {replaced(1, "812345600000123412345"), "code", ErrorCode::code_malformed},
        {replaced(1, "8.123456E+19"), "code", ErrorCode::code_malformed},
        {replaced(1, "(01)09506000134353(21)A1"), "code", ErrorCode::code_check_failed},
        {replaced(1, "(01)09506000134352"), "code", ErrorCode::code_malformed},
        {replaced(1, std::string(513, '8')), "code", ErrorCode::cell_too_large},
        // the action
        {replaced(2, ""), "action", ErrorCode::field_missing},
        {replaced(2, "sell"), "action", ErrorCode::not_in_vocabulary},
        {replaced(2, "Ship"), "action", ErrorCode::not_in_vocabulary},
        {replaced(2, "other"), "action", ErrorCode::not_in_vocabulary},
        {replaced(2, "shipped"), "action", ErrorCode::not_in_vocabulary},
        // firms
        {replaced(3, ""), "actor", ErrorCode::field_missing},
        {replaced(3, std::string(65, 'W')), "actor", ErrorCode::cell_too_large},
        {replaced(4, std::string(65, 'W')), "counterparty", ErrorCode::cell_too_large},
        // times
        {replaced(5, ""), "event_time", ErrorCode::field_missing},
        {replaced(5, "yesterday"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T08:00:00"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-02-29T08:00:00Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-13-01T08:00:00Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-00-01T08:00:00Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T24:00:00Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T08:60:00Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T08:00:60Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T08:00:00+24:00"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T08:00:00+0800"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "2025-01-01T08:00:00.Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "1735689600000"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "173568960O"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "-735689600"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "946684799"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "4133980800"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "1999-12-31T23:59:59Z"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "20250101"), "event_time", ErrorCode::date_invalid},
        {replaced(5, "1767225901"), "event_time", ErrorCode::date_in_future},
        {replaced(6, "2025-02-30T08:00:00Z"), "upload_time", ErrorCode::date_invalid},
        {replaced(6, "now"), "upload_time", ErrorCode::date_invalid},
        // the rest
        {replaced(7, std::string(65, 'B')), "batch", ErrorCode::cell_too_large},
        {replaced(8, std::string(257, 'D')), "document", ErrorCode::cell_too_large},
    };
    for (const Case& one : cases) {
        World world;
        const auto [piece, problems] =
            world.read(columns, std::string(good) + "\n" + one.line + "\n" + std::string(good) + "\n");
        EXPECT_EQ(piece.events.size(), 2u) << one.line << ": its neighbours are taken";
        ASSERT_EQ(problems.rejected.size(), 1u) << one.line;
        const RejectedRow& rejected = problems.rejected.front();
        EXPECT_EQ(rejected.row, 3u) << one.line;
        EXPECT_EQ(rejected.field, one.field) << one.line;
        EXPECT_EQ(info(rejected.code).name, info(one.code).name) << one.line << ": " << rejected.message;
        EXPECT_FALSE(rejected.message.empty()) << one.line;
        EXPECT_FALSE(rejected.next.empty()) << one.line;
        EXPECT_EQ(problems.counts, (std::map<ErrorCode, std::uint64_t>{{one.code, 1}}));
        EXPECT_EQ(problems.rejected_rows, 1u);
        EXPECT_EQ(problems.rows, 3u);
    }
}

TEST(TraceCsv, OptionalCellsAreRefused) {
    World world;
    const std::string line = std::string(good) + ",0,,,,";
    for (const auto& [cell, value, field, code] :
         {std::tuple{9, std::string("2"), "split", ErrorCode::field_invalid},
          std::tuple{9, std::string("yes"), "split", ErrorCode::field_invalid},
          std::tuple{10, std::string("E1"), "corrects", ErrorCode::field_invalid},
          std::tuple{10, std::string(257, 'E'), "corrects", ErrorCode::cell_too_large},
          std::tuple{11, std::string(65, 'W'), "owner", ErrorCode::cell_too_large},
          std::tuple{12, std::string(257, 'P'), "person", ErrorCode::cell_too_large},
          std::tuple{13, std::string(257, 'R'), "prescription", ErrorCode::cell_too_large}}) {
        const auto [piece, problems] =
            world.read(all_columns, replaced(static_cast<std::size_t>(cell), value, line));
        ASSERT_EQ(problems.rejected.size(), 1u) << field;
        EXPECT_EQ(problems.rejected[0].field, field);
        EXPECT_EQ(problems.rejected[0].code, code) << field;
        EXPECT_TRUE(piece.events.empty());
    }
}

TEST(TraceCsv, AllFaultsOfARowAreTold) {
    World world;
    const auto [piece, problems] = world.read(columns, ",x y,sell,,H1,never,,,\n");
    EXPECT_EQ(problems.rejected_rows, 1u);
    std::vector<std::string> fields;
    for (const RejectedRow& one : problems.rejected) fields.push_back(one.field);
    std::sort(fields.begin(), fields.end());
    EXPECT_EQ(fields, (std::vector<std::string>{"action", "actor", "event_id", "event_time"}));
}

TEST(TraceCsv, OnlyEpcisKnowsOtherActions) {
    World world;
    world.context.takes_other = true;
    const auto [piece, problems] = world.read(columns, replaced(2, "other"));
    ASSERT_EQ(piece.events.size(), 1u);
    EXPECT_EQ(piece.events[0].action, packs::Action::other);
    EXPECT_EQ(world.read(columns, replaced(2, "others")).problems.rejected_rows, 1u);
}

TEST(TraceCsv, UnknownFirmsAndProductsWait) {
    World world;
    struct Case {
        std::string line;
        std::string_view field;
        ErrorCode code;
        std::string_view id;
    };
    const std::vector<Case> cases{
        {replaced(3, "W9", std::string(good) + ",0,,,,"), "actor", ErrorCode::operator_unknown, "W9"},
        {replaced(4, "\"H,9\"", std::string(good) + ",0,,,,"), "counterparty", ErrorCode::operator_unknown,
         "H,9"},
        {replaced(11, "S9", std::string(good) + ",0,,,,"), "owner", ErrorCode::operator_unknown, "S9"},
        {replaced(1, "81234570000012341234", std::string(good) + ",0,,,,"), "code",
         ErrorCode::product_unknown, "8123457"},
        {replaced(1, "00234570000012341234", std::string(good) + ",0,,,,"), "code",
         ErrorCode::product_unknown, "0023457"},
        {replaced(1, "(01)00000000000017(21)7", std::string(good) + ",0,,,,"), "code",
         ErrorCode::product_unknown, "00000000000017"},
    };
    for (const Case& one : cases) {
        const auto [piece, problems] = world.read(all_columns, one.line + "\r\n", 7);
        EXPECT_TRUE(piece.events.empty()) << one.line;
        EXPECT_TRUE(problems.rejected.empty()) << one.line;
        ASSERT_EQ(problems.waiting.size(), 1u) << one.line;
        EXPECT_EQ(problems.waiting[0],
                  (WaitingRow{7, std::string(one.field), one.code, std::string(one.id), one.line}));
        EXPECT_EQ(problems.counts, (std::map<ErrorCode, std::uint64_t>{{one.code, 1}}));
    }
    EXPECT_TRUE(world.hashed.empty()) << "nothing of a waiting row is kept";
    EXPECT_TRUE(world.batches.empty());
    // Registered, the line that waited is read.
    world.reference.put(packs::Operator{.id = "H,9"});
    EXPECT_EQ(world.read(all_columns, cases[1].line).piece.events.size(), 1u);
    // A case's code needs no product.
    packs::PackCode parent;
    ASSERT_TRUE(packs::parse_national("81234570000012341234", parent));
    world.parents.push_back(parent);
    EXPECT_EQ(world.read(all_columns, cases[3].line).piece.events.size(), 1u);
}

TEST(TraceCsv, CodesOfOtherKindsAreKeptWithTheirText) {
    World world;
    const auto [piece, problems] =
        world.read(columns, replaced(1, "(01)09506000134352(21)A1(10)LOT7", replaced(7, "")) + "\n" +
                                replaced(1, "(00)106141412345678908") + "\n" + replaced(1, "box-7") + "\n" +
                                replaced(1,
                                         "01095060001343522112\x1d"
                                         "10LOT8") +
                                "\n" + replaced(1, "８1234560000012341234") + "\n");
    ASSERT_EQ(problems.faults, 0u) << problems.rejected[0].message;
    ASSERT_EQ(piece.events.size(), 5u);
    EXPECT_EQ(piece.events[0].code.kind(), packs::CodeKind::gs1);
    EXPECT_EQ(piece.events[1].code.kind(), packs::CodeKind::sscc);
    EXPECT_EQ(piece.events[2].code, packs::own_code("box-7"));
    EXPECT_EQ(piece.events[3].code.kind(), packs::CodeKind::gs1);
    EXPECT_EQ(piece.events[4].code.text(), "81234560000012341234") << "full-width digits count as digits";
    EXPECT_EQ(world.hashed,
              (std::vector<std::string>{"(01)09506000134352(21)A1", "box-7", "(01)09506000134352(21)12"}));
    EXPECT_EQ(world.batches, std::vector<std::string>{"LOT7"})
        << "the batch of the scan stands in for an empty cell only";
}

TEST(TraceCsv, BlanksLineEndsAndQuotes) {
    World world;
    const auto table = std::string(good);
    const auto [piece, problems] =
        world.read(columns, "\r\n \t\n" + table + "\r\n\n" +
                                " E1 ,81234560000012341234, ship,W1 ,\tH1,1735689600 , 1735693200,B1,D1\n" +
                                "\"E1\",\"81234560000012341234\",\"ship\",\"W1\",\"H1\",\"1735689600\","
                                "\"1735693200\",\"B1\",\"D1\"\r\n" +
                                table);
    ASSERT_EQ(problems.faults, 0u) << problems.rejected[0].message;
    ASSERT_EQ(piece.events.size(), 4u);
    EXPECT_EQ(problems.rows, 4u) << "blank lines are no rows";
    for (const packs::Event& event : piece.events) EXPECT_TRUE(same(event, piece.events[0]));
    const auto quoted = world.read(columns, replaced(0, "\"a,\"\"b\"\"\"") + "\n");
    ASSERT_EQ(quoted.piece.events.size(), 1u);
    EXPECT_EQ(quoted.piece.events[0].id, world.name("a,\"b\""));
    const auto broken = world.read(columns, replaced(0, "\"a\nb\"") + "\n" + table + "\n");
    EXPECT_EQ(broken.problems.rejected_rows, 2u)
        << "a line break inside quotes is refused, on both of its lines";
    EXPECT_EQ(broken.piece.events.size(), 1u);
}

TEST(TraceCsv, ManyProblemsAreCountedAndTheFirstDescribed) {
    World world;
    std::string block;
    for (int i = 0; i < 5'000; ++i) block += replaced(2, i % 2 == 0 ? "sell" : "") + "\n";
    const auto [piece, problems] = world.read(columns, block);
    EXPECT_EQ(problems.rejected.size(), row_details_max);
    EXPECT_EQ(problems.rejected.back().row, 1'001u);
    EXPECT_EQ(problems.counts, (std::map<ErrorCode, std::uint64_t>{{ErrorCode::not_in_vocabulary, 2'500},
                                                                   {ErrorCode::field_missing, 2'500}}));
    RowProblems later, earlier;
    later.reject(9, "code", ErrorCode::code_malformed, "", "");
    for (std::uint64_t row = 2; row < 2 + row_details_max; ++row)
        earlier.reject(row, "", ErrorCode::csv_malformed, "", "");
    RowProblems merged = later;
    merged.merge(earlier);
    EXPECT_EQ(merged.rejected.size(), row_details_max);
    EXPECT_EQ(merged.rejected.front().row, 2u);
    EXPECT_EQ(merged.faults, 1 + row_details_max);
    EXPECT_TRUE(std::any_of(merged.rejected.begin(), merged.rejected.end(),
                            [](const RejectedRow& one) { return one.code == ErrorCode::code_malformed; }));
}

/// A row as values, and as text.
struct Row {
    packs::Event event;
    std::vector<std::string> cells;  ///< in the order of all_columns
};

Row random_row(World& world, Random& random, std::size_t number) {
    const auto pick = [&](std::initializer_list<std::string> choices) {
        return *(choices.begin() + random.next() % choices.size());
    };
    Row row;
    auto& cells = row.cells;
    packs::Event& event = row.event;
    const std::string national = fmt::format("8123456{:013}", random.next() % 10'000'000'000'000ULL);
    cells = {fmt::format("E{}", number),
             pick({national, national, "case-" + national, "(01)09506000134352(21)" + national})};
    const auto scanned = packs::parse_code(cells[1]);
    event.code = scanned->code;
    event.action = static_cast<packs::Action>(random.next() % 9);
    cells.emplace_back(packs::action_names[static_cast<std::size_t>(event.action)]);
    cells.push_back(pick({"W1", "H1", "S1", "药店1"}));
    cells.push_back(pick({"", "W1", "H1", "药店1"}));
    const auto time = [&](std::int64_t& ms) {
        const std::int64_t seconds = 946'684'800 + static_cast<std::int64_t>(random.next() % 800'000'000);
        ms = seconds * 1'000;
        switch (random.next() % 3) {
            case 0: return fmt::format("{}", seconds);
            case 1: return Instant{ms * 1'000}.text();
            default: {
                const std::string china =
                    Instant{(ms - 8 * 3'600'000) * 1'000}.text();  // so that it reads as UTC
                ms += static_cast<std::int64_t>(random.next() % 1'000);
                return fmt::format("{}.{:03}Z", china.substr(0, 19), ms % 1'000);
            }
        }
    };
    cells.push_back(time(event.time_ms));
    cells.push_back(time(event.uploaded_ms));
    cells.push_back(pick({"", "B1"}));
    cells.push_back(pick({"", "D1", "单据,7", "q\"uote"}));
    cells.push_back(pick({"", "0", "1"}));
    cells.push_back(pick({"", "X1"}));
    cells.push_back(pick({"", "W1", "S1"}));
    cells.push_back(pick({"", "P1"}));
    cells.push_back(pick({"", "RX1", "处方1"}));
    event.id = world.name(cells[0]);
    event.actor = world.reference.find_operator(cells[3]);
    event.counterparty = world.reference.find_operator(cells[4]);
    event.batch = world.reference.find_batch(cells[7]);
    event.document = world.name(cells[8]);
    event.flags = cells[9] == "1" ? packs::flag_split : 0;
    event.extra = {.owner = world.reference.find_operator(cells[11]),
                   .person = world.name(cells[12]),
                   .prescription = world.name(cells[13]),
                   .corrects = world.name(cells[10])};
    if (event.extra.owner == event.actor) event.extra.owner = 0;
    return row;
}

TEST(TraceCsv, WhatIsWrittenIsRead) {
    const bool held = rc::check([](std::uint64_t seed, bool windows) {
        World world;
        Random random(seed);
        std::vector<std::string> names;
        for (std::string_view rest = all_columns; !rest.empty();) {
            const auto comma = std::min(rest.find(','), rest.size());
            names.emplace_back(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        std::vector<std::size_t> order(names.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.next() % i]);
        const auto line = [&](const std::vector<std::string>& cells) {
            std::vector<std::string> ordered;
            for (const std::size_t i : order) ordered.push_back(cells[i]);
            std::string out = csv_line(ordered);
            if (!windows) out.erase(out.size() - 2, 1);
            return out;
        };
        std::vector<Row> rows;
        std::string text;
        for (std::size_t i = 0; i < 200; ++i) {
            rows.push_back(random_row(world, random, i));
            text += line(rows.back().cells);
        }
        const auto [piece, problems] = world.read(line(names), text);
        RC_ASSERT(problems.rejected.empty());
        RC_ASSERT(problems.waiting.empty());
        RC_ASSERT(piece.events.size() == rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) RC_ASSERT(same(piece.events[i], rows[i].event));
    });
    EXPECT_TRUE(held);
}

/// Good rows, slow rows, bad rows and waiting rows in turns.
std::string mixed(std::size_t rows) {
    std::string out;
    for (std::size_t i = 0; i < rows; ++i) {
        const std::string line = replaced(0, fmt::format("E{}", i));
        switch (i % 7) {
            case 1: out += replaced(8, "单据7", line) + "\r\n"; break;
            case 2: out += replaced(2, "sell", line) + "\n"; break;
            case 3: out += replaced(8, "\"D\n1\"", line) + "\n"; break;
            case 4: out += replaced(3, "W9", line) + "\r\n"; break;
            case 5: out += "\n"; break;
            case 6:
                out += replaced(8, std::string(i % 3 == 0 ? csv_line_bytes_max : 300, 'D'), line) + "\n";
                break;
            default: out += line + "\n";
        }
    }
    return out;
}

void expect_same(const World::Read& a, const World::Read& b) {
    ASSERT_EQ(a.piece.events.size(), b.piece.events.size());
    for (std::size_t i = 0; i < a.piece.events.size(); ++i)
        ASSERT_TRUE(same(a.piece.events[i], b.piece.events[i])) << i;
    EXPECT_EQ(a.problems.rejected, b.problems.rejected);
    EXPECT_EQ(a.problems.waiting, b.problems.waiting);
    EXPECT_EQ(a.problems.counts, b.problems.counts);
    EXPECT_EQ(a.problems.rows, b.problems.rows);
}

void append(World::Read& whole, World::Read part) {
    whole.piece.events.insert(whole.piece.events.end(), part.piece.events.begin(), part.piece.events.end());
    whole.problems.merge(std::move(part.problems));
}

TEST(TraceCsv, ItDoesNotMatterWhereAFileIsCut) {
    World world;
    const std::string text = mixed(30);
    const auto whole = world.read(columns, text);
    EXPECT_GT(whole.piece.events.size(), 5u);
    EXPECT_GT(whole.problems.rejected.size(), 5u);
    EXPECT_GT(whole.problems.waiting.size(), 2u);
    for (std::size_t at = 0; at <= text.size(); at += at < 4'000 ? 1 : 97) {
        const std::size_t cut = last_line_end(std::string_view(text).substr(0, at));
        auto parts = world.read(columns, std::string_view(text).substr(0, cut));
        append(parts,
               world.read(columns, std::string_view(text).substr(cut), 2 + count_lines(text.substr(0, cut))));
        expect_same(whole, parts);
        if (HasFailure()) FAIL() << "cut at " << at;
    }
}

TEST(TraceCsv, BlocksOfAFileGiveTheWholeFile) {
    World world;
    const std::string text = std::string(columns) + "\r\n" + mixed(8'000) + std::string(good);
    auto whole = world.read(columns, std::string_view(text).substr(text.find('\n') + 1));
    for (const std::size_t most : {std::size_t{1'013}, std::size_t{1} << 20}) {
        std::string_view rest = text;
        LineBlocks blocks(
            [&](std::span<char> out) -> Result<std::size_t> {
                const std::size_t size = std::min({out.size(), rest.size(), most});
                std::copy_n(rest.data(), size, out.data());
                rest.remove_prefix(size);
                return size;
            },
            1);
        ASSERT_EQ(*blocks.header(), std::string(columns) + "\r");
        World::Read parts;
        int count = 0;
        for (;; ++count) {
            const auto block = blocks.next();
            ASSERT_TRUE(block);
            if (!*block) break;
            append(parts, world.read(columns, (*block)->text, (*block)->first_row));
        }
        EXPECT_GT(count, 5);
        expect_same(whole, parts);
    }
}

TEST(TraceCsv, ALineLongerThanABlockIsOneRefusal) {
    World world;
    const std::string text = std::string(good) + "\n" + std::string(1'000'000, 'x') + "\n" +
                             std::string(good) + "\n" + std::string(1'000'000, 'y');
    LineBlocks blocks(source_of(text), 1);
    World::Read parts;
    for (;;) {
        const auto block = blocks.next();
        ASSERT_TRUE(block);
        if (!*block) break;
        append(parts, world.read(columns, (*block)->text, (*block)->first_row));
    }
    EXPECT_EQ(parts.piece.events.size(), 2u);
    ASSERT_EQ(parts.problems.rejected.size(), 2u);
    EXPECT_EQ(parts.problems.rejected[0].row, 2u);
    EXPECT_EQ(parts.problems.rejected[1].row, 4u);
    EXPECT_EQ(parts.problems.counts, (std::map<ErrorCode, std::uint64_t>{{ErrorCode::too_large, 2}}));
}

TEST(TraceCsv, ThreadsReadBlocksOfOneFile) {
    World world;
    world.context.hashed_code = {};
    const std::string text = mixed(20'000);
    const auto whole = world.read(columns, text);
    const auto table = EventTable::from_header(columns);
    ASSERT_TRUE(table);
    constexpr std::size_t threads = 4;
    std::vector<World::Read> parts(threads);
    std::vector<std::jthread> running;
    std::size_t begin = 0;
    std::uint64_t row = 2;
    for (std::size_t i = 0; i < threads; ++i) {
        const std::size_t end =
            i + 1 == threads
                ? text.size()
                : last_line_end(std::string_view(text).substr(0, text.size() / threads * (i + 1)));
        const std::string_view block = std::string_view(text).substr(begin, end - begin);
        running.emplace_back([&, block, row, i] {
            packs::Names::Cursor cursor(world.names);
            table->read(block, row, world.context, cursor, parts[i].piece, parts[i].problems);
        });
        begin = end;
        row += count_lines(block);
    }
    running.clear();
    World::Read together;
    for (World::Read& part : parts) append(together, std::move(part));
    expect_same(whole, together);
}

}  // namespace
}  // namespace qingyuan::observe
