#include "api/door.hpp"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/notices.hpp"
#include "sql/store.hpp"

namespace qingyuan::api {
namespace {

constexpr Instant start{1'000'000'000'000};
Instant after(std::int64_t us) {
    return {start.us + us};
}

Denials::Entry denial(std::string person, std::string route) {
    return {.person = std::move(person),
            .session = "s",
            .route = std::move(route),
            .code = "access_denied",
            .policy = "dossier_read",
            .count = 1};
}

// mission: H11
TEST(denials, the_first_is_written_at_once_and_the_rest_are_counted_into_one) {
    Denials denials;
    const auto first = denials.add(denial("p1", "/a"), start);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->count, 1);
    for (int i = 1; i <= 9; ++i) EXPECT_FALSE(denials.add(denial("p1", "/a"), after(i)));
    EXPECT_TRUE(denials.add(denial("p2", "/a"), after(10)));
    EXPECT_TRUE(denials.add(denial("p1", "/b"), after(10)));
    EXPECT_TRUE(denials.due(after(denials_folded_us - 1)).empty());
    const auto due = denials.due(after(denials_folded_us + 10));
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].count, 9);
    EXPECT_EQ(due[0].person, "p1");
    EXPECT_TRUE(denials.due(after(2 * denials_folded_us)).empty());
}

TEST(denials, none_is_lost_between_windows) {
    Denials denials;
    std::int64_t written = 0;
    for (int i = 0; i < 1'000; ++i)
        if (const auto entry = denials.add(denial("p1", "/a"), after(i * 1'000'000LL)))
            written += entry->count;
    for (const auto& entry : denials.due(after(10'000'000'000))) written += entry.count;
    EXPECT_EQ(written, 1'000);
}

TEST(subjects, are_used_again_for_five_seconds_and_no_longer) {
    SubjectCache cache;
    access::Subject subject;
    subject.person = "p1";
    cache.keep("a1", subject, start);
    EXPECT_TRUE(cache.find("a1", after(subject_kept_us - 1)));
    EXPECT_FALSE(cache.find("a1", after(subject_kept_us)));
    EXPECT_FALSE(cache.find("a1", after(-1)));
    EXPECT_FALSE(cache.find("a2", start));
    cache.forget();
    EXPECT_FALSE(cache.find("a1", start));
}

TEST(running, of_two_requests_with_one_key_the_second_waits_for_the_first) {
    Running running;
    std::atomic<int> inside{0}, most{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                const Running::Turn turn(running, "key");
                most = std::max<int>(most, ++inside);
                --inside;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(most, 1);
}

TEST(repetition, answers_the_same_and_refuses_another_body) {
    http::Request request{.method = "POST", .path = "/api/views", .body = "{}"};
    const facts::RequestRow row{.key = "k",
                                .digest = Bytes(bytes_of(sm3("{}"))),
                                .status = 201,
                                .body = R"({"id":1})",
                                .etag = "\"7\"",
                                .at = 0};
    const auto again = earlier_answer(row, request);
    ASSERT_TRUE(again && *again);
    EXPECT_EQ((*again)->status, 201);
    EXPECT_EQ((*again)->body, R"({"id":1})");
    request.body = R"({"name":"x"})";
    const auto other = earlier_answer(row, request);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::key_reused);
}

TEST(repetition, an_answer_that_held_a_secret_is_never_given_again) {
    const http::Request request{.method = "POST", .path = "/api/account/tokens", .body = "{}"};
    const facts::RequestRow row{
        .key = "k", .digest = Bytes(bytes_of(sm3("{}"))), .status = 0, .body = {}, .etag = {}, .at = 0};
    const auto again = earlier_answer(row, request);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::key_reused);
}

// mission: H11
TEST(repetition, the_answer_is_durable_exactly_when_the_fact_is) {
    const VirtualClock clock(start);
    const auto store = sql::open_store("sqlite::memory:").value();
    journal::Options options;
    options.origin = "repetition.example";
    options.working = {facts::RequestRow::row_type};
    const auto journal = journal::Journal::open(*store, clock, std::move(options)).value();
    const auto act = [&](const std::string& key, std::int64_t at, bool refuse) {
        return journal->write([&](journal::Writer& writer) -> Result<void> {
            TRY(writer.append({make_date(2025, 7, 5), {}, "system", 0, facts::Tick{}}));
            CHECK(writer.remember(
                {.key = key, .digest = {}, .status = 201, .body = key, .etag = {}, .at = at}, 1'000));
            if (refuse) return Error{ErrorCode::wrong_state, "no"};
            return {};
        });
    };
    const auto kept = [&](const std::string& key) {
        bool found = false;
        EXPECT_TRUE(journal->read([&](const journal::Reader& reader) -> Result<void> {
            found = TRY(reader.view<facts::RequestRow>().find(key)).has_value();
            return {};
        }));
        return found;
    };
    EXPECT_FALSE(act("refused", 10, true));
    EXPECT_FALSE(kept("refused"));
    EXPECT_TRUE(act("old", 10, false));
    EXPECT_TRUE(kept("old"));
    EXPECT_TRUE(act("later", 1'010, false));
    EXPECT_TRUE(kept("old"));
    EXPECT_TRUE(act("new", 1'011, false));
    EXPECT_FALSE(kept("old"));
    EXPECT_EQ(journal->checkpoint().value().size, 3U);
}

TEST(routes, no_address_is_there_twice_and_every_one_has_a_class) {
    std::set<std::string> seen;
    for (const Operation& operation : operations()) {
        std::string shape(operation.method);
        for (std::size_t i = 0; i < operation.pattern.size(); ++i) {
            if (operation.pattern[i] == '{') i = operation.pattern.find('}', i);
            shape += operation.pattern[i];
        }
        EXPECT_TRUE(seen.insert(shape).second) << operation.method << " " << operation.pattern;
        EXPECT_NE(operation.run, nullptr);
        const auto known = classify(operation.method, operation.pattern);
        EXPECT_NE(known.pattern, "other") << operation.pattern;
        EXPECT_GT(known.body_bytes_max, 0U);
    }
}

TEST(routes, the_contract_and_the_table_name_the_same_addresses) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/src/api/openapi.json");
    const Json contract = Json::parse(in);
    std::set<std::string> declared, open_to_strangers, served;
    for (const auto& [path, operations] : contract["paths"].items())
        for (const auto& [method, operation] : operations.items()) {
            std::string name = method + " " + path;
            for (char& c : name)
                if (&c - name.data() < static_cast<std::ptrdiff_t>(method.size()))
                    c = static_cast<char>(c - 'a' + 'A');
            declared.insert(name);
            if (operation.contains("security") && operation["security"].empty())
                open_to_strangers.insert(name);
        }
    for (const Operation& operation : operations()) {
        const std::string name = std::string(operation.method) + " " + std::string(operation.pattern);
        served.insert(name);
        EXPECT_EQ(open_to_strangers.contains(name),
                  access::kind_of(operation.policy) == access::Kind::published)
            << name;
    }
    EXPECT_EQ(declared, served);
}

TEST(routes, a_pattern_takes_whole_parts_and_a_named_ending) {
    std::map<std::string, std::string, std::less<>> path;
    EXPECT_TRUE(matches("/api/reports/{report}.xlsx", "/api/reports/mid_year.xlsx", path));
    EXPECT_EQ(path["report"], "mid_year");
    EXPECT_TRUE(matches("/api/dossiers/{id}/steps/{step}", "/api/dossiers/x/steps/y", path));
    EXPECT_EQ(path["step"], "y");
    for (const char* wrong : {"/api/dossiers/x/steps", "/api/dossiers//steps/y", "/api/dossiers/x/steps/y/",
                              "/api/dossiers/x/steps/", "api/dossiers/x/steps/y", ""})
        EXPECT_FALSE(matches("/api/dossiers/{id}/steps/{step}", wrong, path)) << wrong;
    EXPECT_FALSE(matches("/api/reports/{report}.xlsx", "/api/reports/.xlsx", path));
}

TEST(routes, what_is_scanned_may_be_an_address_with_slashes) {
    std::map<std::string, std::string, std::less<>> path;
    EXPECT_TRUE(matches("/api/packs/codes/{code}",
                        "/api/packs/codes/https://id.gs1.org/01/09506000134352/21/A1", path));
    EXPECT_EQ(path["code"], "https://id.gs1.org/01/09506000134352/21/A1");
    EXPECT_TRUE(matches("/epcis/v2/events/{event}", "/epcis/v2/events/ni:///sha-256;df?ver=CBV2.0", path));
    EXPECT_EQ(path["event"], "ni:///sha-256;df?ver=CBV2.0");
    EXPECT_TRUE(matches("/epcis/v2/epcs/{epc}/events", "/epcis/v2/epcs/https://a/21/b/events", path));
    EXPECT_EQ(path["epc"], "https://a/21/b");
    for (const char* wrong : {"/epcis/v2/epcs//events", "/epcis/v2/epcs/events", "/epcis/v2/epcs/xevents",
                              "/epcis/v2/epcs/a/events/b", "/epcis/v2/epcs/"})
        EXPECT_FALSE(matches("/epcis/v2/epcs/{epc}/events", wrong, path)) << wrong;
    EXPECT_FALSE(matches("/api/packs/codes/{code}", "/api/packs/codes/", path));
    EXPECT_FALSE(matches("/api/packs/codes/{code}", "/api/packs/codes", path));
}

TEST(escalation, the_latest_rule_that_is_reached_speaks_for_each_group) {
    const std::vector<EscalationRule> rules{{"*", -5, "officers", {}},
                                            {"*", -1, "officers", {}},
                                            {"*", 1, "officers", {}},
                                            {"*", 3, "unit_head", {}},
                                            {"CASE.DECIDE", -10, "officers", {}}};
    const Date today = make_date(2025, 7, 7);
    const auto offset = [&](std::string_view limit, std::string_view tell, int distance) -> int {
        const EscalationRule* rule = rule_at(rules, limit, tell, distance, today);
        return rule ? rule->offset : INT_MIN;
    };
    EXPECT_EQ(offset("X", "officers", -6), INT_MIN);
    EXPECT_EQ(offset("X", "officers", -5), -5);
    EXPECT_EQ(offset("X", "officers", -2), -5);
    EXPECT_EQ(offset("X", "officers", 0), -1);
    EXPECT_EQ(offset("X", "officers", 400), 1);
    EXPECT_EQ(offset("X", "unit_head", 2), INT_MIN);
    EXPECT_EQ(offset("X", "unit_head", 3), 3);
    EXPECT_EQ(offset("CASE.DECIDE", "officers", -9), -10);  // its own rule, not those of every limit
    EXPECT_EQ(offset("CASE.DECIDE", "officers", 400), -10);
}

}  // namespace
}  // namespace qingyuan::api
