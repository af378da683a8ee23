// Runs: what is written is read, damage is noticed, neighbours share their bytes.
#include "packs/run.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <random>
#include <sstream>

#include "base/sm3.hpp"
#include "packs/history.hpp"
#include "packs/names.hpp"

namespace qingyuan::packs {
namespace {

PackCode code_of(std::string_view text) {
    PackCode code;
    EXPECT_TRUE(parse_national(text, code));
    return code;
}

std::vector<Event> random_group(std::mt19937_64& dice) {
    const auto roll = [&](std::uint64_t sides) { return dice() % sides; };
    std::vector<Event> events;
    const std::uint64_t first = 8100001ULL * 1'000'000'000ULL + 64 * roll(1000);
    for (std::uint64_t serial = 0; serial < 64; ++serial) {
        if (roll(3) == 0) continue;
        const PackCode code{Wide{first + serial} * 10'000 + roll(10'000)};
        for (std::uint64_t i = 0, count = 1 + roll(9); i < count; ++i) {
            Event event;
            event.code = code;
            event.time_ms = static_cast<std::int64_t>(roll(1ULL << 40)) * (roll(5) == 0 ? 1 : 1000);
            event.uploaded_ms = event.time_ms + static_cast<std::int64_t>(roll(1ULL << 30));
            event.id = roll(4) == 0 ? dice() | hashed_name : (1 + roll(3)) << 48 | roll(1ULL << 40);
            event.document = roll(3) == 0 ? 0 : (1 + roll(2)) << 48 | roll(100);
            event.actor = static_cast<std::uint32_t>(1 + roll(5));
            event.counterparty = static_cast<std::uint32_t>(roll(3));
            event.batch = static_cast<std::uint32_t>(roll(3));
            event.action = static_cast<Action>(roll(action_names.size()));
            event.flags = static_cast<std::uint8_t>(roll(8));
            if (roll(6) == 0)
                event.extra = {static_cast<std::uint32_t>(roll(4)), (1 + roll(2)) << 48 | 7, 0,
                               roll(3) == 0 ? dice() | hashed_name : 0};
            events.push_back(event);
        }
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return std::tie(a.code, a.time_ms) < std::tie(b.code, b.time_ms);
    });
    return events;
}

std::vector<const Event*> pointers(const std::vector<Event>& events) {
    std::vector<const Event*> out;
    for (const Event& event : events) out.push_back(&event);
    return out;
}

TEST(Run, reads_what_was_written) {
    std::mt19937_64 dice(11);
    for (int round = 0; round < 300; ++round) {
        const std::vector<Event> events = random_group(dice);
        if (events.empty()) continue;
        const Wide group = events.front().code.group();
        const std::string run = encode_run(pointers(events));
        std::vector<Event> read;
        ASSERT_TRUE(decode_run(group, run, 7, read));
        ASSERT_EQ(read.size(), events.size());
        for (std::size_t i = 0; i < events.size(); ++i) {
            EXPECT_TRUE(same_content(read[i], events[i])) << i;
            EXPECT_EQ(read[i].uploaded_ms, events[i].uploaded_ms);
            EXPECT_EQ(read[i].seq, 7u);
        }
        std::vector<Event> one;
        const PackCode wanted = events[events.size() / 2].code;
        ASSERT_TRUE(decode_run(group, run, 7, one, &wanted));
        EXPECT_EQ(one.size(),
                  static_cast<std::size_t>(std::count_if(events.begin(), events.end(),
                                                         [&](const Event& e) { return e.code == wanted; })));
    }
}

TEST(Run, bytes_cut_or_longer_are_refused_and_changed_ones_never_read_beyond) {
    std::mt19937_64 dice(12);
    const std::vector<Event> events = random_group(dice);
    const Wide group = events.front().code.group();
    const std::string run = encode_run(pointers(events));
    std::vector<Event> read;
    for (std::size_t length = 0; length < run.size(); ++length)
        EXPECT_FALSE(decode_run(group, run.substr(0, length), 1, read)) << length;
    EXPECT_FALSE(decode_run(group, run + "x", 1, read));
    for (int round = 0; round < 5000; ++round) {
        std::string changed = run;
        changed[dice() % changed.size()] ^= static_cast<char>(1 + dice() % 255);
        read.clear();
        if (decode_run(group, changed, 1, read)) EXPECT_LE(read.size(), run.size());
    }
}

TEST(Run, the_packs_of_a_case_cost_few_bytes_an_event) {
    std::vector<Event> events;
    std::mt19937_64 dice(13);
    for (std::uint64_t serial = 0; serial < 40; ++serial) {
        const PackCode code{Wide{8100001ULL * 1'000'000'000ULL + 640 + serial} * 10'000 + dice() % 10'000};
        for (std::uint64_t step = 0; step < 7; ++step) {
            Event event;
            event.code = code;
            event.time_ms = static_cast<std::int64_t>(1'735'700'000 + step * 200'000 + dice() % 300) * 1000;
            event.uploaded_ms = static_cast<std::int64_t>(1'735'710'000 + step * 200'000) * 1000;
            event.id = Name{1} << 48 | (step * 100'000 + serial);
            event.document = Name{2} << 48 | step;
            event.actor = static_cast<std::uint32_t>(100 + step);
            event.batch = 9;
            event.action = static_cast<Action>(step % 3);
            events.push_back(event);
        }
    }
    const std::string run = encode_run(pointers(events));
    EXPECT_LT(run.size(), events.size() * 6);
}

TEST(Run, the_example_of_the_format_is_read) {
    std::vector<Event> events(2);
    for (Event& event : events) {
        event.code = code_of("81000010000000011234");
        event.actor = 1;
        event.batch = 1;
    }
    events[0].time_ms = 1'735'689'600'000;
    events[0].uploaded_ms = 1'735'693'200'000;
    events[0].id = Name{1} << 48 | 1;
    events[1].time_ms = 1'735'776'000'000;
    events[1].uploaded_ms = 1'735'779'600'000;
    events[1].id = Name{1} << 48 | 2;
    events[1].action = Action::ship;
    events[1].counterparty = 2;
    events[1].document = Name{2} << 48 | 17;
    const std::string run = hex(encode_run(pointers(events)));
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/formats/packs.md");
    std::ostringstream page;
    page << in.rdbuf();
    EXPECT_NE(page.str().find("\n" + run + "\n"), std::string::npos) << run;
}

TEST(PackCode, reads_whatever_is_scanned) {
    const std::vector<std::pair<std::string, std::string>> good{
        {"81000010000000011234", "81000010000000011234"},
        {" 8100 0010 0000 0001 1234\n", "81000010000000011234"},
        {"８１０００００１００００００００１１２３", "81000001000000001123"},
        {"https://example.cn/q?c=81000010000000011234", "81000010000000011234"},
        {"(01)09506000134352(21)A1(17)261231(10)LOT7", "(01)09506000134352(21)A1"},
        {"0109506000134352"
         "21A1\x1d"
         "17261231"
         "10LOT7",
         "(01)09506000134352(21)A1"},
        {"]d2"
         "0109506000134352"
         "21A1",
         "(01)09506000134352(21)A1"},
        {"https://id.gs1.org/01/09506000134352/21/A1?17=261231", "(01)09506000134352(21)A1"},
        {"urn:epc:id:sgtin:9506000.013435.A1", "(01)09506000134352(21)A1"},
        {"(00)106141412345678908", "(00)106141412345678908"},
        {"urn:epc:id:sscc:0614141.1234567890", "(00)106141412345678908"},
        {"PALLET-7", "PALLET-7"}};
    for (const auto& [scan, text] : good) {
        const auto read = parse_code(scan);
        ASSERT_TRUE(read) << scan << ": " << read.error().text();
        EXPECT_EQ(read->text, text) << scan;
        if (!read->code.is_hashed()) EXPECT_EQ(read->code.text(), text);
        EXPECT_EQ(parse_code(text)->code, read->code);
    }
    const std::vector<std::pair<std::string, ErrorCode>> bad{
        {"", ErrorCode::code_malformed},
        {"8100001000000001123", ErrorCode::code_malformed},
        {"810000100000000112345", ErrorCode::code_malformed},
        {"(01)09506000134353(21)A1", ErrorCode::code_check_failed},
        {"(01)09506000134352", ErrorCode::code_malformed},
        {"(00)106141412345678900", ErrorCode::code_check_failed},
        {"(01)0950600013435(21", ErrorCode::code_malformed},
        {std::string(600, '8'), ErrorCode::code_malformed},
        {"\xff\xfe", ErrorCode::code_malformed},
        {"追溯码", ErrorCode::code_malformed},
        {"a,b", ErrorCode::code_malformed}};
    for (const auto& [scan, code] : bad) {
        const auto read = parse_code(scan);
        ASSERT_FALSE(read) << scan;
        EXPECT_EQ(read.error().code, code) << scan;
    }
}

TEST(PackCode, a_code_that_begins_with_8_does_not_fit_in_64_bits_and_is_kept_whole) {
    PackCode code;
    ASSERT_TRUE(parse_national("89999999999999999999", code));
    EXPECT_EQ(code.text(), "89999999999999999999");
    EXPECT_EQ(code.product(), 8999999u);
    EXPECT_EQ(parse_group_key(group_key(code.group())), code.group());
    EXPECT_EQ(parse_code_key(code_key(code)), code);
    EXPECT_FALSE(parse_national("8999999999999999999x", code));
    const CodeRange range = codes_of_product(CodeKind::national, 8999999);
    EXPECT_LE(range.first, code);
    EXPECT_LT(code, range.behind);
}

TEST(Names, come_back_as_they_were) {
    Names names;
    Names::Cursor cursor(names);
    std::mt19937_64 dice(3);
    for (const std::string text : {"D000123", "e1", "1", "0001", "DOC-2025-000017", "99999999999999",
                                   "8f14e45f-ceea-467f-ab3d-1c2a5b6d7e8f", "ni:///sha-256;abc", "销售单0001",
                                   "a", "000", "E123456789012345678"}) {
        const Name name = cursor.name_of(text);
        EXPECT_EQ(names.name_of(text), name) << text;
        EXPECT_EQ(names.find(text), name) << text;
        if ((name & hashed_name) == 0) EXPECT_EQ(names.text_of(name), text);
    }
    EXPECT_EQ(names.name_of(""), 0u);
    EXPECT_NE(names.name_of("D000123"), names.name_of("D00123"));
    EXPECT_EQ(names.name_of("D000124") - names.name_of("D000123"), 1u);
}

}  // namespace
}  // namespace qingyuan::packs
