// What the doors decide before anything is recorded: what a photo may say, whether a visit's answers fit
// their list, what of a matter is shown to everybody, and the secret of a receipt.
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "api/photo.hpp"
#include "api/published.hpp"
#include "api/ticket.hpp"
#include "api/visit.hpp"

using namespace qingyuan;
using namespace qingyuan::api;

namespace {

const law::Law& shipped() {
    static const Result<law::Law> law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    QY_ASSERT(law.has_value());
    return *law;
}

// --- photos

std::string big32(std::uint32_t value) {
    std::string out;
    for (int i = 3; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}
std::string little32(std::uint32_t value) {
    std::string out;
    for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}
std::string segment(unsigned char marker, const std::string& body) {
    const auto length = static_cast<std::uint16_t>(body.size() + 2);
    return std::string{'\xFF', static_cast<char>(marker), static_cast<char>(length >> 8),
                       static_cast<char>(length & 0xFF)} +
           body;
}
std::string chunk(const std::string& type, const std::string& body) {
    return big32(static_cast<std::uint32_t>(body.size())) + type + body + "CRC!";
}
std::string riff(const std::string& chunks) {
    return "RIFF" + little32(static_cast<std::uint32_t>(chunks.size() + 4)) + "WEBP" + chunks;
}
std::string webp_chunk(const std::string& type, const std::string& body) {
    return type + little32(static_cast<std::uint32_t>(body.size())) + body +
           std::string(body.size() % 2, '\0');
}

constexpr const char* canary = "CANARY-26.8968N-112.5719E";

std::string jpeg() {
    return "\xFF\xD8" + segment(0xE0, "JFIF") + segment(0xE1, std::string("Exif\0\0", 6) + canary) +
           segment(0xFE, canary) + segment(0xDB, "tables") + segment(0xDA, "head") +
           std::string("\xFF\x00picture\xFF\xD3", 11) + segment(0xC4, "more") + segment(0xDA, "head") +
           "second" + "\xFF\xD9" + canary;
}
std::string png() {
    return "\x89PNG\r\n\x1A\n" + chunk("IHDR", "head") + chunk("tEXt", canary) + chunk("eXIf", canary) +
           chunk("IDAT", "picture") + chunk("IEND", "") + canary;
}
std::string webp() {
    return riff(webp_chunk("VP8X", std::string("\x0C\0\0\0", 4)) + webp_chunk("VP8 ", "picture") +
                webp_chunk("EXIF", canary) + webp_chunk("XMP ", canary));
}

}  // namespace

// mission: F17
TEST(photo, does_not_say_where_it_was_taken) {
    for (const std::string& picture : {jpeg(), png(), webp()}) {
        const auto plain = without_metadata(picture);
        ASSERT_TRUE(plain.has_value());
        EXPECT_EQ(plain->find("CANARY"), std::string::npos);
        EXPECT_NE(plain->find("picture"), std::string::npos);
        EXPECT_EQ(without_metadata(*plain).value(), *plain);
    }
    EXPECT_NE(without_metadata(jpeg())->find("second"), std::string::npos);
    EXPECT_EQ((*without_metadata(webp()))[20], '\0') << "the flags of what is gone";
}

TEST(photo, that_is_none_or_cut_off_is_refused) {
    for (const std::string& wrong :
         {std::string(), std::string("GIF89a"), std::string("<svg/>"), std::string("%PDF-1.7"),
          std::string("\xFF\xD8\xFF"), std::string("RIFF1234WEBP"), std::string("\x89PNG\r\n\x1A\n")})
        EXPECT_EQ(without_metadata(wrong).error().code, ErrorCode::field_invalid);
    // However it is cut, there is a picture or a refusal, never a read beyond the end.
    for (const std::string& picture : {jpeg(), png(), webp()})
        for (std::size_t size = 0; size < picture.size(); ++size)
            if (const auto plain = without_metadata(picture.substr(0, size)))
                EXPECT_EQ(plain->find("CANARY"), std::string::npos);
    EXPECT_TRUE(rc::check([](std::string tail) {
        for (const char* head : {"\xFF\xD8\xFF", "\x89PNG\r\n\x1A\n", "RIFF1234WEBP"})
            (void)without_metadata(head + tail);
    }));
}

// --- the receipt

TEST(ticket, is_read_however_it_was_typed) {
    const std::string secret = ticket_secret(std::string("\x00\xFF\x10\x32\x54\x76\x98\xBA\xDC\xFE", 10));
    EXPECT_EQ(secret.size(), 19u);
    EXPECT_EQ(secret.find_first_of("OILU"), std::string::npos);
    std::string typed;
    for (const char c : secret)
        if (c != '-') typed += c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(std::tolower(c));
    EXPECT_EQ(ticket_check(typed), ticket_check(secret));
    EXPECT_EQ(ticket_check(" " + typed.substr(0, 8) + " " + typed.substr(8)), ticket_check(secret));
    EXPECT_NE(ticket_check(typed.substr(1)), ticket_check(secret));
    EXPECT_TRUE(rc::check([](std::uint64_t a, std::uint64_t b) {
        const auto bytes = [](std::uint64_t n) {
            return std::string(reinterpret_cast<const char*>(&n), 8) + "xy";
        };
        RC_ASSERT((ticket_check(ticket_secret(bytes(a))) == ticket_check(ticket_secret(bytes(b)))) ==
                  (a == b));
    }));
}

// --- a visit

namespace {

const law::Checklist& list() {
    return **shipped().checklist("gsp_retail", make_date(2025, 7, 5));
}

/// Every item in order: conform, numbers inside their bounds.
Json whole_visit() {
    Json answers = Json::array();
    for (const auto& section : list().sections)
        for (const auto& item : section.items)
            answers.push_back(
                {{"item", item.id},
                 {"mark", mark_of(item)},
                 {"answer", item.answer == law::AnswerType::number ? item.min->exact() : "yes"}});
    return {{"dossier", "hengyang-2025-ins-00001"},
            {"form", {{"id", "gsp_retail"}, {"version", list().version}}},
            {"started_at", "2025-07-05T09:00:00+08:00"},
            {"captured_at", "2025-07-05T10:30:00+08:00"},
            {"officers", {"hy_officer_2"}},
            {"formalities", {"id_shown", "rights_told"}},
            {"answers", std::move(answers)},
            {"findings", Json::array()},
            {"photos", Json::array()},
            {"signature", {{"mode", "signed"}, {"name", "某某"}}}};
}
Json& answer(Json& visit, const std::string& item) {
    for (Json& one : visit["answers"])
        if (one["item"] == item) return one;
    ADD_FAILURE() << item;
    return visit["answers"][0];
}
Json finding(const std::string& item) {
    return {{"item", item},
            {"clause", "《药品经营质量管理规范》第164条"},
            {"severity", "critical"},
            {"description", "货架有过期药品"}};
}

}  // namespace

// mission: H8
TEST(visit, whole_and_under_the_list_in_force_is_taken) {
    Json body = whole_visit();
    EXPECT_TRUE(check_answers(list(), visit_of(body).value()).has_value());
    EXPECT_TRUE(changes_of(list(), *visit_of(body)).empty());
    answer(body, "expiry")["answer"] = "no";
    answer(body, "refrigerator")["answer"] = "not_applicable";
    body["findings"].push_back(finding("expiry"));
    body["findings"].push_back(finding(""));
    body["photos"].push_back({{"sha256", std::string(64, 'a')},
                              {"evidence", std::string(64, 'b')},
                              {"taken_at", "2025-07-05T09:30:00+08:00"},
                              {"finding", 1}});
    const auto visit = visit_of(body);
    ASSERT_TRUE(visit.has_value()) << visit.error().text();
    EXPECT_TRUE(check_answers(list(), *visit).has_value());
    EXPECT_EQ(visit->photos[0].finding, 1u);
}

TEST(visit, every_answer_that_does_not_fit_is_told_with_its_item) {
    struct Row {
        const char* what;
        std::function<void(Json&)> change;
        const char* where;
        ErrorCode code;
    };
    const Row rows[] = {
        {"not answered", [](Json& v) { v["answers"].erase(0); }, "licence_shown", ErrorCode::field_missing},
        {"twice", [](Json& v) { v["answers"].push_back(v["answers"][0]); }, "licence_shown",
         ErrorCode::field_invalid},
        {"no such item", [](Json& v) { v["answers"].push_back({{"item", "roof"}, {"answer", "yes"}}); },
         "roof", ErrorCode::field_unknown},
        {"no such answer", [](Json& v) { answer(v, "expiry")["answer"] = "maybe"; }, "expiry",
         ErrorCode::field_invalid},
        {"empty answer", [](Json& v) { answer(v, "expiry")["answer"] = ""; }, "expiry",
         ErrorCode::field_invalid},
        {"no without a finding", [](Json& v) { answer(v, "expiry")["answer"] = "no"; }, "expiry",
         ErrorCode::field_missing},
        {"too warm without a finding", [](Json& v) { answer(v, "refrigerator")["answer"] = "8.1"; },
         "refrigerator", ErrorCode::field_missing},
        {"too cold without a finding", [](Json& v) { answer(v, "refrigerator")["answer"] = "-1"; },
         "refrigerator", ErrorCode::field_missing},
        {"no number", [](Json& v) { answer(v, "refrigerator")["answer"] = "cold"; }, "refrigerator",
         ErrorCode::field_invalid},
        {"a finding of nothing", [](Json& v) { v["findings"].push_back(finding("roof")); }, "roof",
         ErrorCode::field_unknown},
    };
    for (const Row& row : rows) {
        Json body = whole_visit();
        row.change(body);
        const auto visit = visit_of(body);
        ASSERT_TRUE(visit.has_value()) << row.what;
        const auto done = check_answers(list(), *visit);
        ASSERT_FALSE(done.has_value()) << row.what;
        EXPECT_EQ(done.error().code, row.code) << row.what;
        EXPECT_EQ(done.error().where, row.where) << row.what;
        EXPECT_FALSE(done.error().next_zh.empty()) << row.what;
    }
}

// mission: D13
TEST(visit, of_a_chain_headquarters_answers_the_independence_of_quality) {
    const law::Checklist& chain = **shipped().checklist("gsp_chain", make_date(2025, 7, 5));
    Visit visit;
    visit.form = chain.id;
    for (const law::ChecklistSection& section : chain.sections)
        for (const law::ChecklistItem& item : section.items)
            visit.answers.push_back({item.id, mark_of(item), item.always ? "yes" : "not_applicable", ""});
    EXPECT_TRUE(check_answers(chain, visit).has_value());
    for (VisitAnswer& one : visit.answers)
        if (one.item == "qa_independence") one.answer = "not_applicable";
    const auto done = check_answers(chain, visit);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::condition_unmet);
    EXPECT_EQ(done.error().where, "qa_independence");
}

TEST(visit, every_wrong_shape_is_refused) {
    struct Row {
        const char* what;
        std::function<void(Json&)> change;
        ErrorCode code;
    };
    const Row rows[] = {
        {"unknown name", [](Json& v) { v["approved"] = true; }, ErrorCode::field_unknown},
        {"unknown name inside", [](Json& v) { v["signature"]["role"] = "head"; }, ErrorCode::field_unknown},
        {"no dossier", [](Json& v) { v.erase("dossier"); }, ErrorCode::field_missing},
        {"no day", [](Json& v) { v.erase("captured_at"); }, ErrorCode::field_missing},
        {"no such day", [](Json& v) { v["captured_at"] = "2025-02-30T10:00"; }, ErrorCode::date_invalid},
        {"signed before it began", [](Json& v) { v["captured_at"] = "2025-07-05T08:00:00+08:00"; },
         ErrorCode::field_invalid},
        {"no signature", [](Json& v) { v["signature"].erase("mode"); }, ErrorCode::field_missing},
        {"answers as a text", [](Json& v) { v["answers"] = "all fine"; }, ErrorCode::field_invalid},
        {"an answer as a text", [](Json& v) { v["answers"] = {"yes"}; }, ErrorCode::field_invalid},
        {"officers as a number", [](Json& v) { v["officers"] = 2; }, ErrorCode::field_invalid},
        {"a photo of a finding that is not there",
         [](Json& v) {
             v["photos"] = {{{"sha256", "a"}, {"evidence", "b"}, {"taken_at", "2025-07-05"}, {"finding", 0}}};
         },
         ErrorCode::field_invalid},
        {"a thousand findings",
         [](Json& v) {
             for (int i = 0; i < 1000; ++i) v["findings"].push_back(finding(""));
         },
         ErrorCode::too_large},
        {"a long remark", [](Json& v) { v["remarks"] = std::string(5000, 'x'); }, ErrorCode::field_invalid},
    };
    for (const Row& row : rows) {
        Json body = whole_visit();
        row.change(body);
        const auto visit = visit_of(body);
        ASSERT_FALSE(visit.has_value()) << row.what;
        EXPECT_EQ(visit.error().code, row.code) << row.what << ": " << visit.error().text();
    }
}

TEST(visit, under_another_version_says_what_changed) {
    Json body = whole_visit();
    body["form"]["version"] = "2016-12-15.00000000";
    // Nothing but the version differs: the list itself is named.
    auto changes = changes_of(list(), *visit_of(body));
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].item, "gsp_retail");

    answer(body, "expiry")["mark"] = "00000000";
    body["answers"].erase(0);
    body["answers"].push_back({{"item", "roof"}, {"answer", "yes"}});
    std::set<std::string> told;
    for (const ItemChange& change : changes_of(list(), *visit_of(body)))
        told.insert(change.change + " " + change.item);
    EXPECT_EQ(told, (std::set<std::string>{"added licence_shown", "changed expiry", "removed roof"}));
}

TEST(visit, the_mark_moves_with_every_word_an_inspector_reads) {
    const law::ChecklistItem item = *list().find("refrigerator");
    const std::function<void(law::ChecklistItem&)> edits[] = {
        [](auto& one) { one.zh += "。"; },        [](auto& one) { one.en += "."; },
        [](auto& one) { one.clause += "款"; },    [](auto& one) { one.law = "GSP 1"; },
        [](auto& one) { one.max = Rational(9); }, [](auto& one) { one.min.reset(); },
        [](auto& one) { one.unit = "kelvin"; },   [](auto& one) { one.severity = "minor"; },
        [](auto& one) { one.photo = !one.photo; }};
    for (const auto& edit : edits) {
        law::ChecklistItem other = item;
        edit(other);
        EXPECT_NE(mark_of(other), mark_of(item));
    }
}

// --- what everybody may see

namespace {

const Date published_on = make_date(2025, 5, 6);

facts::DossierRow published(const char* procedure, const char* state, const char* limit,
                            std::vector<const char*> steps) {
    facts::DossierRow row;
    row.procedure = procedure;
    row.state = state;
    row.open = true;
    row.law_on = make_date(2025, 5, 1);
    std::int64_t seq = 10;
    for (const char* step : steps) row.steps.push_back({.seq = ++seq, .step = step, .on = published_on});
    row.clocks.push_back({.limit = limit,
                          .unit = std::string(limit) == "PUB.SHORT" ? "month" : "year",
                          .value = 3,
                          .started_on = published_on});
    return row;
}
Instant noon(Date date) {
    return {start_of(date).us + 12LL * 3600 * 1'000'000};
}

}  // namespace

// mission: C15
TEST(published, an_entry_is_shown_only_between_its_days) {
    const act::Engine engine(shipped());
    const auto on = [&](const facts::DossierRow& row, Date date) {
        return row.procedure == "publication" ? shown_penalty(engine, row, noon(date)).has_value()
                                              : shown_violator(engine, row, noon(date)).has_value();
    };
    const auto penalty = published("publication", "published", "PUB.SHORT", {"publish"});
    EXPECT_TRUE(on(penalty, published_on));
    EXPECT_EQ(shown_penalty(engine, penalty, noon(published_on))->until, make_date(2025, 8, 6));
    EXPECT_TRUE(on(penalty, make_date(2025, 8, 6)));
    EXPECT_FALSE(on(penalty, make_date(2025, 8, 7))) << "the term is over, whether a tick has passed or not";
    for (const char* state : {"due", "withheld", "pushed", "stopped", "withdrawn", "voided"})
        EXPECT_FALSE(on(published("publication", state, "PUB.SHORT", {"publish"}), published_on)) << state;
    EXPECT_FALSE(
        on(published("publication", "published", "PUB.SHORT", {"publish", "note_change"}), published_on))
        << "a decision that was changed is not shown while its withdrawal waits";
    EXPECT_FALSE(on(published("publication", "published", "PUB.SHORT", {}), published_on));
    auto voided = penalty;
    voided.steps[0].voided = true;
    EXPECT_FALSE(on(voided, published_on));

    const auto violator = published("serious_violator", "listed", "BLK.TERM", {"tell", "list", "publish"});
    EXPECT_TRUE(on(violator, published_on));
    EXPECT_TRUE(on(violator, make_date(2028, 5, 8))) << "6 May 2028 is a Saturday: the later reading";
    EXPECT_FALSE(on(violator, make_date(2028, 5, 9)));
    for (const auto& steps :
         std::vector<std::vector<const char*>>{{"list", "publish"}, {"tell", "publish"}, {"tell", "list"}})
        EXPECT_FALSE(on(published("serious_violator", "listed", "BLK.TERM", steps), published_on));
    for (const char* state : {"proposed", "told", "removing", "removed", "not_listed", "voided"})
        EXPECT_FALSE(
            on(published("serious_violator", state, "BLK.TERM", {"tell", "list", "publish"}), published_on))
            << state;
}
