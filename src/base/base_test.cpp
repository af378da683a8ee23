#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fmt/format.h>

#include "base/cbor.hpp"
#include "base/csv.hpp"
#include "base/date.hpp"
#include "base/merkle.hpp"
#include "base/random.hpp"
#include "base/rational.hpp"
#include "base/sm3.hpp"
#include "base/text.hpp"

using namespace qingyuan;

// --- dates

TEST(date, reads_only_days_that_exist) {
    EXPECT_EQ(parse_date("2024-02-29")->text(), "2024-02-29");
    EXPECT_EQ(parse_date("1970-01-01")->days, 0);
    for (const char* wrong :
         {"", "2025-02-29", "2025-13-01", "2025-00-10", "2025-1-01", "2025/01/01", "20250101", "2025-01-32",
          "2025-01-01 ", "０025-01-01", "2025-04-31", "1900-02-29", "-025-01-01"})
        EXPECT_EQ(parse_date(wrong).error().code, ErrorCode::date_invalid) << wrong;
}

TEST(date, knows_its_weekday_and_adds_months) {
    EXPECT_EQ(make_date(2025, 7, 5).weekday(), 6);
    EXPECT_EQ(make_date(1969, 12, 28).weekday(), 0);
    EXPECT_EQ(make_date(2026, 8, 31).plus_months(3).text(), "2026-11-30");
    EXPECT_EQ(make_date(2024, 1, 31).plus_months(1).text(), "2024-02-29");
    EXPECT_EQ(make_date(2025, 3, 31).plus_months(-13).text(), "2024-02-29");
}

TEST(date, text_and_number_agree_for_every_day) {
    EXPECT_TRUE(rc::check([] {
        const Date date{*rc::gen::inRange(-200'000, 500'000)};
        RC_ASSERT(*parse_date(date.text()) == date);
    }));
}

TEST(instant, is_written_in_china_time) {
    EXPECT_EQ(parse_instant("2025-07-05T09:19:19+08:00")->text(), "2025-07-05T09:19:19+08:00");
    EXPECT_EQ(parse_instant("2025-07-04T18:00:00Z")->text(), "2025-07-05T02:00:00+08:00");
    EXPECT_EQ(parse_instant("2026-09-30T16:30")->date().text(), "2026-09-30");
    EXPECT_EQ(parse_instant("2026-09-30T23:59:59.25")->text(), "2026-09-30T23:59:59.250000+08:00");
    EXPECT_EQ(Instant{-1}.date().text(), "1970-01-01");
    EXPECT_EQ((Instant{-8LL * 3600 * 1'000'000 - 1}.date().text()), "1969-12-31");
    for (const char* wrong : {"2025-07-05T", "2025-07-05T24:00", "2025-07-05T10:60", "2025-07-05T10",
                              "2025-07-05T10:00+8", "2025-07-05T10:00:00x"})
        EXPECT_FALSE(parse_instant(wrong)) << wrong;
}

// --- exact numbers

TEST(rational, prints_shares_as_published) {
    EXPECT_EQ(Rational(1014, 2918).text(4), "0.3475");
    EXPECT_EQ(Rational(144, 182).percent(1), "79.1");
    EXPECT_EQ((Rational(153600, 130557) - Rational(1)).percent(2, true), "+17.65");
    EXPECT_EQ(Rational(-1, 8).text(2), "-0.13");
    EXPECT_EQ(Rational(-1, 1000).text(2), "0.00");
    EXPECT_EQ(Rational(3, 10).exact(), "0.3");
    EXPECT_EQ(Rational(1, 3).exact(), "1/3");
    EXPECT_EQ(Rational(15).exact(), "15");
}

TEST(rational, refuses_what_is_not_a_number) {
    for (const char* wrong : {"", "-", ".", "1.", "1e3", "1,000", "一", "1.2.3", "99999999999999999999"})
        EXPECT_EQ(parse_decimal(wrong).error().code, ErrorCode::number_invalid) << wrong;
    EXPECT_EQ(parse_yuan("99999.99")->value, 9999999);
    EXPECT_EQ(parse_yuan("0.005").error().code, ErrorCode::number_invalid);
}

TEST(rational, obeys_the_laws_of_arithmetic) {
    EXPECT_TRUE(rc::check([] {
        const int a = *rc::gen::inRange(-1'000'000, 1'000'000), b = *rc::gen::inRange(-1'000'000, 1'000'000),
                  c = *rc::gen::inRange(-1'000'000, 1'000'000);
        const Rational x(a, 7), y(b, 9), z(c, 5);
        RC_ASSERT((x + y) * z == x * z + y * z);
        RC_ASSERT(x - y == Rational(0) - (y - x));
    }));
}

// --- SM3 and Merkle

TEST(sm3, answers_the_examples_of_the_standard) {  // GB/T 32905-2016, appendix A
    EXPECT_EQ(hex(sm3("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    std::string long_text;
    for (int i = 0; i < 16; ++i) long_text += "abcd";
    EXPECT_EQ(hex(sm3(long_text)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    EXPECT_EQ(hex(*parse_digest(hex(sm3("abc")))), hex(sm3("abc")));
    EXPECT_FALSE(parse_digest("66C7"));
}

namespace {
/// RFC 6962 written straight from its recursive definition.
Digest root_by_definition(const std::vector<std::string>& lines) {
    if (lines.empty()) return sm3({});
    if (lines.size() == 1) return merkle_leaf(lines[0]);
    std::size_t k = 1;
    while (k * 2 < lines.size()) k *= 2;
    return merkle_node(root_by_definition({lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(k)}),
                       root_by_definition({lines.begin() + static_cast<std::ptrdiff_t>(k), lines.end()}));
}
std::vector<Digest> path_by_definition(std::size_t index, const std::vector<std::string>& lines) {
    if (lines.size() <= 1) return {};
    std::size_t k = 1;
    while (k * 2 < lines.size()) k *= 2;
    const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(k);
    auto path = index < k ? path_by_definition(index, {lines.begin(), middle})
                          : path_by_definition(index - k, {middle, lines.end()});
    path.push_back(index < k ? root_by_definition({middle, lines.end()})
                             : root_by_definition({lines.begin(), middle}));
    return path;
}
std::vector<Digest> consistency_by_definition(std::size_t m, const std::vector<std::string>& lines,
                                              bool complete) {
    if (m == lines.size())
        return complete ? std::vector<Digest>() : std::vector<Digest>{root_by_definition(lines)};
    std::size_t k = 1;
    while (k * 2 < lines.size()) k *= 2;
    const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(k);
    if (m <= k) {
        auto path = consistency_by_definition(m, {lines.begin(), middle}, complete);
        path.push_back(root_by_definition({middle, lines.end()}));
        return path;
    }
    auto path = consistency_by_definition(m - k, {middle, lines.end()}, false);
    path.push_back(root_by_definition({lines.begin(), middle}));
    return path;
}
std::vector<std::string> some_lines(std::size_t count) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i) lines.push_back(fmt::format("line {}", i));
    return lines;
}
}  // namespace

TEST(merkle, grows_to_the_root_of_the_definition) {
    for (std::size_t count = 0; count < 70; ++count)
        EXPECT_EQ(merkle_root(some_lines(count)), root_by_definition(some_lines(count))) << count;
}

TEST(merkle, accepts_every_true_proof_and_no_other) {
    for (std::size_t count = 1; count < 20; ++count) {
        const auto lines = some_lines(count);
        for (std::size_t i = 0; i < count; ++i) {
            auto path = path_by_definition(i, lines);
            EXPECT_TRUE(merkle_included(merkle_leaf(lines[i]), i, count, path, merkle_root(lines)));
            EXPECT_FALSE(merkle_included(merkle_leaf("other"), i, count, path, merkle_root(lines)));
            EXPECT_FALSE(merkle_included(merkle_leaf(lines[i]), i + 1, count, path, merkle_root(lines)));
            path.push_back(sm3("x"));
            EXPECT_FALSE(merkle_included(merkle_leaf(lines[i]), i, count, path, merkle_root(lines)));
        }
    }
}

TEST(merkle, sees_whether_an_old_tree_is_a_prefix) {
    for (std::size_t count = 1; count < 20; ++count) {
        const auto lines = some_lines(count);
        for (std::size_t old = 1; old <= count; ++old) {
            const std::vector<std::string> before(lines.begin(),
                                                  lines.begin() + static_cast<std::ptrdiff_t>(old));
            const auto path = consistency_by_definition(old, lines, true);
            EXPECT_TRUE(merkle_consistent(old, merkle_root(before), count, merkle_root(lines), path))
                << old << " of " << count;
            EXPECT_FALSE(merkle_consistent(old, sm3("forged"), count, merkle_root(lines), path))
                << old << " of " << count;
        }
    }
}

// --- text

TEST(text, knows_utf8_from_other_bytes) {
    EXPECT_TRUE(is_utf8("清源 \U0002A6A5"));
    for (const char* wrong : {"\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE6\xB8", "\x80",
                              "\xF0\x80\x80\x80", "\xC7\xE5\xD4\xB4"})
        EXPECT_FALSE(is_utf8(wrong));
    EXPECT_EQ(length_of("清源a"), 3u);
    EXPECT_EQ(code_points("清a"), U"清a");
}

// --- CSV

TEST(csv, reads_quotes_line_feeds_and_a_byte_order_mark) {
    auto reader = CsvReader::create("\xEF\xBB\xBFid,name\r\n1,\"a \"\"b\"\",\nc\"\r\n\r\n2,\r\n");
    ASSERT_TRUE(reader);
    auto row = *reader->next();
    EXPECT_EQ(row->cells[1], "a \"b\",\nc");
    row = *reader->next();
    EXPECT_EQ(row->line, 5u);
    EXPECT_EQ(row->cells, (std::vector<std::string>{"2", ""}));
    EXPECT_FALSE(reader->next()->has_value());
}

TEST(csv, names_the_line_of_a_bad_row_and_goes_on) {
    auto reader = CsvReader::create("a,b\n1,2,3\n\"x\"y,2\n4\"4,5\n6,7\n\"never closed,8\n9,10\n",
                                    {.cell_bytes_max = 20});
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->next().error().where, "line 2");
    EXPECT_EQ(reader->next().error().where, "line 3");
    EXPECT_EQ(reader->next().error().where, "line 4");
    EXPECT_EQ((*reader->next())->cells[0], "6");
    EXPECT_EQ(reader->next().error().code, ErrorCode::csv_malformed);
}

TEST(csv, refuses_a_repeated_column_a_huge_cell_and_foreign_bytes) {
    EXPECT_EQ(CsvReader::create("a,b,a\n").error().code, ErrorCode::duplicate_key);
    EXPECT_EQ(CsvReader::create("").error().code, ErrorCode::csv_malformed);
    auto reader =
        CsvReader::create("a\n" + std::string(30, 'x') + "\n\xC7\xE5\nok\n", {.cell_bytes_max = 20});
    EXPECT_EQ(reader->next().error().code, ErrorCode::cell_too_large);
    EXPECT_EQ(reader->next().error().code, ErrorCode::encoding_invalid);
    EXPECT_EQ((*reader->next())->cells[0], "ok");
}

TEST(csv, reads_back_what_it_wrote) {
    EXPECT_TRUE(rc::check([](std::vector<std::string> cells) {
        if (cells.empty()) return;
        for (std::string& cell : cells) {
            std::erase_if(cell, [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == '\r'; });
        }
        std::string header;
        for (std::size_t i = 0; i < cells.size(); ++i) header += (i ? ",c" : "c") + std::to_string(i);
        const std::string text = header + "\r\n" + csv_line(cells);
        auto reader = CsvReader::create(text);
        RC_ASSERT(reader.has_value());
        const auto row = reader->next();
        RC_ASSERT(row.has_value());
        if (cells.size() == 1 && cells[0].empty()) return;  // an empty line is no row
        RC_ASSERT((*row)->cells == cells);
    }));
}

// --- CBOR

TEST(cbor, writes_the_examples_of_rfc_8949) {  // appendix A
    const auto written = [](auto&& put) {
        CborWriter out;
        put(out);
        return hex(out.take());
    };
    EXPECT_EQ(written([](auto& o) { o.integer(0); }), "00");
    EXPECT_EQ(written([](auto& o) { o.integer(24); }), "1818");
    EXPECT_EQ(written([](auto& o) { o.integer(1000000000000); }), "1b000000e8d4a51000");
    EXPECT_EQ(written([](auto& o) { o.integer(-1000); }), "3903e7");
    EXPECT_EQ(written([](auto& o) { o.text("水"); }), "63e6b0b4");
    EXPECT_EQ(written([](auto& o) { o.array(25); }), "9819");
}

TEST(cbor, refuses_every_writing_but_the_shortest) {
    for (const char* wrong : {"\x18\x17", "\x19\x00\xFF", "\x1A\x00\x00\xFF\xFF", "\x5F", "\x1C", ""})
        EXPECT_FALSE(CborReader(wrong).integer()) << hex(wrong);
    EXPECT_FALSE(CborReader("\x61\xFF").text());
    EXPECT_FALSE(CborReader("\xFB").skip());
}

TEST(cbor, integers_read_back) {
    EXPECT_TRUE(rc::check([](std::int64_t value) {
        CborWriter out;
        out.integer(value);
        const Bytes bytes = out.take();
        RC_ASSERT(*CborReader(bytes).integer() == value);
    }));
}

// --- random

TEST(random, gives_the_sequence_of_its_seed) {
    Random a(1), b(1), c(2);
    const std::uint64_t first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
    EXPECT_EQ(Random(0).next(),
              11091344671253066420u);  // xoshiro256** seeded by splitmix64(0), reference implementation
}

TEST(random, stays_inside_and_reaches_every_value) {
    Random random(7);
    std::vector<int> seen(6, 0);
    for (int i = 0; i < 6000; ++i) {
        const auto value = random.between(-2, 3);
        ASSERT_TRUE(value >= -2 && value <= 3);
        ++seen[static_cast<std::size_t>(value + 2)];
    }
    for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
}
