#include "facts/fact.hpp"

#include <gtest/gtest.h>

#include "facts/codec.hpp"
#include "facts/rows.hpp"

using namespace qingyuan;
using namespace qingyuan::facts;

namespace {
Recorded sample() {
    StepTaken step{.procedure = "inspection",
                   .step = "record_finding",
                   .to = "on_site",
                   .role = "officer",
                   .officers = {"p1", "p2"},
                   .form = {{"clause", std::string("GSP 126")},
                            {"amount_fen", std::int64_t{-5}},
                            {"critical", true},
                            {"words", std::vector<std::string>{"a", "b"}},
                            {"name", SubjectRef{"s-0000000000000001", Bytes(32, 'x')}}},
                   .documents = {"penalty_13"},
                   .evidence = {},
                   .clocks = {{"CASE.DECIDE", "start", 90, "calendar_day"}}};
    return {7, Instant{1751678359000000}, Fact{make_date(2025, 7, 5), "hengyang", "p1", 3, step}};
}
}  // namespace

TEST(fact, reads_back_what_it_wrote) {
    const Bytes bytes = encode(sample());
    const auto back = decode(bytes);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(encode(*back), bytes);
    EXPECT_EQ(std::get<StepTaken>(back->fact.payload).clocks.at(0).value, 90);
    EXPECT_LT(bytes.size(), 360u);
}

TEST(fact, every_changed_or_missing_byte_is_refused_or_reads_differently) {
    const Bytes bytes = encode(sample());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        EXPECT_FALSE(decode(std::string_view(bytes).substr(0, at))) << at;
        for (int bit = 0; bit < 8; ++bit) {
            Bytes changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            const auto back = decode(changed);
            if (back) EXPECT_EQ(encode(*back), changed) << "byte " << at << " bit " << bit << " is ambiguous";
        }
    }
}

TEST(fact, refuses_a_map_out_of_order_and_an_unknown_field) {
    EXPECT_FALSE(
        decode_row<Tick>("\xA1\x64"
                         "dade"
                         "\x01"));
    EXPECT_FALSE(
        decode_row<LawAdopted>("\xA2\x66"
                               "digest"
                               "\x41x"
                               "\x65"
                               "files"
                               "\x01"));
}

TEST(fact, a_fact_without_actor_or_with_broken_text_is_refused) {
    EXPECT_EQ(check(Fact{Date{}, "o", "", 0, Tick{}}).error().code, ErrorCode::field_missing);
    EXPECT_EQ(check(Fact{Date{}, "o", "p", 0, FactVoided{1, "\xFF"}}).error().code,
              ErrorCode::encoding_invalid);
    EXPECT_EQ(check(Fact{Date{}, "o", "p", 0, FactVoided{1, std::string(70'000, 'a')}}).error().code,
              ErrorCode::too_large);
}

TEST(row, a_dossier_row_reads_back) {
    DossierRow row;
    row.seq = 9;
    row.id = "x";
    row.open = true;
    row.clocks.push_back({"A", "working_day", 5, 0, make_date(2025, 1, 2), 0, {}, {{Date{3}, Date{4}}}});
    const auto back = decode_row<DossierRow>(encode_row(row));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(encode_row(*back), encode_row(row));
    EXPECT_TRUE(back->open);
}

TEST(row, a_closed_dossier_reads_back_closed) {
    const auto back = decode_row<DossierRow>(encode_row(DossierRow{.seq = 9}));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_FALSE(back->open);
}
