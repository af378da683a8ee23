#include "api/notices.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "act/engine.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

namespace qingyuan::api {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().text();
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

const law::Law& book() {
    static const law::Law law = must(law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law"));
    return law;
}

/// A messenger that remembers, and fails as often as it is told to.
struct Messenger final : http::Client {
    mutable std::vector<http::Fetch> asked;
    mutable int failures = 0;
    [[nodiscard]] Result<http::Fetched> fetch(const http::Fetch& request) const override {
        asked.push_back(request);
        if (failures > 0 && failures-- > 0) return Error{ErrorCode::peer_failed, "no answer"};
        return http::Fetched{.status = 200, .headers = {}, .body = {}};
    }
};
struct Post final : http::Mailer {
    mutable std::vector<http::Mail> sent;
    [[nodiscard]] Result<void> send(const http::Mail& mail) const override {
        sent.push_back(mail);
        return {};
    }
};

/// One county with two officers, their heads, and a lead under verification: 15 working days.
class NoticesTest : public testing::Test {
 protected:
    void SetUp() override {
        journal::Options options;
        options.origin = "notices.example";
        options.folds = {registry::fold(), act::fold(book()), access::fold()};
        journal_ = must(journal::Journal::open(*store_, clock_, std::move(options)));
        vault_ = must(accounts::Vault::in_memory());
        must(journal_->append(cast()));
        notices_ = must(
            Notices::open({book(), *journal_, *work_, *vault_, clock_},
                          {&post_, &messenger_, "https://messenger.example/in", "https://qingyuan.example"}));
        act::Engine::Opening lead{.procedure = "lead", .title = "夸大宣传", .category = "drug"};
        lead.form = {{"origin", std::string("inspection")}, {"facts", std::string("张某某举报的内容")}};
        append([&](const journal::Reader& reader) {
            return engine_.open(reader, must(act::actor_of(reader, "one", clock_.now())), lead);
        });
        append([&](const journal::Reader& reader) {
            return engine_.take(reader, row(reader), must(act::actor_of(reader, "one", clock_.now())),
                                "verify", {.officers = {"two"}});
        });
    }
    static facts::Fact fact(facts::Payload payload) {
        return {make_date(2024, 1, 1), {}, "system", 0, std::move(payload)};
    }
    static std::vector<facts::Fact> cast() {
        std::vector<facts::Fact> out;
        for (const auto& [id, parent] : {std::pair{"city", ""}, std::pair{"county", "city"}})
            out.push_back(fact(facts::OrganisationRecorded{.id = id,
                                                           .name = id,
                                                           .parent = parent,
                                                           .department = "market_regulator",
                                                           .kind = "authority",
                                                           .from = make_date(2024, 1, 1)}));
        for (const auto& [id, at, role] :
             {std::tuple{"one", "county", "officer"}, std::tuple{"two", "county", "officer"},
              std::tuple{"three", "county", "officer"}, std::tuple{"unit", "county", "unit_head"},
              std::tuple{"head", "county", "head_of_authority"}, std::tuple{"far", "city", "unit_head"}})
            out.push_back(fact(facts::PersonRecorded{.id = id,
                                                     .organisation = at,
                                                     .roles = {role},
                                                     .certificate = "C1",
                                                     .certificate_to = make_date(2030, 1, 1),
                                                     .from = make_date(2024, 1, 1)}));
        return out;
    }
    void append(const std::function<Result<facts::Fact>(const journal::Reader&)>& decide) {
        must(journal_->write([&](journal::Writer& writer) -> Result<void> {
            TRY(writer.append(TRY(decide(writer))));
            return {};
        }));
    }
    static facts::DossierRow row(const journal::Reader& reader) {
        return must(reader.view<facts::DossierRow>().list({})).front();
    }
    /// Goes to the day so many working days from the end of the clock.
    void go_to(int distance) {
        Date due;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            due = engine_.clocks(row(reader), clock_.now()).front().due.raw;
            return {};
        }));
        const law::Calendar& calendar = book().calendar();
        clock_.set({start_of(calendar.working_day(calendar.working_days_before(due) + distance)).us +
                    9 * 3'600'000'000LL});
    }
    std::map<std::string, int> told() {
        std::map<std::string, int> out;
        for (const NoticeRow& notice : must(work_->list<NoticeRow>({}))) ++out[notice.person];
        return out;
    }
    void wish(const NoticeSettingsRow& row) { must(work_->put(row)); }

    act::Engine engine_{book()};
    VirtualClock clock_{{start_of(make_date(2025, 3, 3)).us + 9 * 3'600'000'000LL}};
    std::unique_ptr<journal::Store> store_ = must(sql::open_store("sqlite::memory:"));
    std::unique_ptr<journal::Store> work_store_ = must(sql::open_store("sqlite::memory:"));
    std::optional<journal::Work> work_ = must(journal::Work::open(*work_store_, work_rows()));
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<accounts::Vault> vault_;
    Messenger messenger_;
    Post post_;
    std::unique_ptr<Notices> notices_;
};

using Told = std::map<std::string, int>;

// mission: H8
TEST_F(NoticesTest, first_those_who_handle_it_then_their_heads_each_once) {
    go_to(-6);
    EXPECT_EQ(must(notices_->pass(clock_.now())), 0);
    go_to(-5);
    EXPECT_EQ(must(notices_->pass(clock_.now())), 2);
    EXPECT_EQ(told(), (Told{{"one", 1}, {"two", 1}}));
    EXPECT_EQ(must(notices_->pass(clock_.now())), 0);
    go_to(-4);
    EXPECT_EQ(must(notices_->pass(clock_.now())), 0);
    go_to(-1);
    EXPECT_EQ(must(notices_->pass(clock_.now())), 3);
    EXPECT_EQ(told(), (Told{{"one", 2}, {"two", 2}, {"unit", 1}}));
    go_to(3);
    must(notices_->pass(clock_.now()));
    EXPECT_EQ(told(), (Told{{"one", 3}, {"two", 3}, {"unit", 2}, {"head", 1}}));
}

TEST_F(NoticesTest, a_server_that_was_away_tells_the_latest_and_not_all_that_was_missed) {
    go_to(4);
    must(notices_->pass(clock_.now()));
    EXPECT_EQ(told(), (Told{{"one", 1}, {"two", 1}, {"unit", 1}, {"head", 1}}));
}

TEST_F(NoticesTest, who_is_recused_is_told_nothing) {
    append([&](const journal::Reader& reader) {
        return engine_.recuse(reader, row(reader), must(act::actor_of(reader, "head", clock_.now())), "two",
                              "亲属");
    });
    go_to(-5);
    must(notices_->pass(clock_.now()));
    EXPECT_EQ(told(), (Told{{"one", 1}}));
}

TEST_F(NoticesTest, nothing_that_leaves_the_house_names_a_person_or_says_what_it_is_about) {
    wish({.person = "one", .mail = true, .address = must(vault_->put("mail", "one@bureau.example")).subject});
    wish({.person = "two", .address = {}, .webhook = true});
    go_to(1);
    must(notices_->pass(clock_.now()));
    EXPECT_EQ(must(notices_->deliver(clock_.now())), 2);
    ASSERT_EQ(post_.sent.size(), 1U);
    ASSERT_EQ(messenger_.asked.size(), 1U);
    EXPECT_EQ(post_.sent[0].to, std::vector<std::string>{"one@bureau.example"});
    for (const std::string& text : {post_.sent[0].text + post_.sent[0].subject, messenger_.asked[0].body}) {
        EXPECT_NE(text.find("lead"), std::string::npos);
        EXPECT_NE(text.find("https://qingyuan.example/dossiers/"), std::string::npos);
        for (const char* canary : {"张某某", "夸大宣传", "one@"})
            EXPECT_EQ(text.find(canary), std::string::npos);
    }
    EXPECT_EQ(must(notices_->deliver(clock_.now())), 0);
}

TEST_F(NoticesTest, a_messenger_that_fails_is_tried_again_later_and_given_up_at_last) {
    wish({.person = "two", .address = {}, .webhook = true});
    go_to(1);
    must(notices_->pass(clock_.now()));
    messenger_.failures = 1'000;
    int tries = 0;
    for (int minute = 0; minute < 24 * 60; ++minute) {
        const std::size_t before = messenger_.asked.size();
        EXPECT_EQ(must(notices_->deliver({clock_.now().us + minute * 60'000'000LL})), 0);
        tries += messenger_.asked.size() > before;
    }
    EXPECT_EQ(tries, 8);
    EXPECT_TRUE(must(work_->list<DeliveryRow>({})).empty());
}

TEST_F(NoticesTest, a_missing_channel_is_no_error) {
    const auto bare = must(Notices::open({book(), *journal_, *work_, *vault_, clock_}));
    wish({.person = "two", .address = {}, .webhook = true});
    go_to(1);
    EXPECT_GT(must(bare->pass(clock_.now())), 0);
    EXPECT_EQ(must(bare->deliver(clock_.now())), 0);
}

TEST_F(NoticesTest, a_reminder_goes_to_the_officers_alone) {
    must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
        EXPECT_EQ(must(notices_->remind(reader, row(reader), clock_.now())), 2);
        return {};
    }));
    EXPECT_EQ(told(), (Told{{"one", 1}, {"two", 1}}));
}

TEST_F(NoticesTest, what_was_read_stays_read) {
    go_to(1);
    must(notices_->pass(clock_.now()));
    NoticeRow notice = must(work_->list<NoticeRow>({})).front();
    EXPECT_TRUE(notice.unread);
    notice.unread = false;
    must(work_->put(notice));
    EXPECT_FALSE(must(work_->find<NoticeRow>(notice.id))->unread);
}

TEST_F(NoticesTest, before_the_end_only_who_wants_it_is_told) {
    wish({.person = "two", .address = {}, .late_only = true});
    go_to(-5);
    must(notices_->pass(clock_.now()));
    EXPECT_EQ(told(), (Told{{"one", 1}}));
    go_to(1);
    must(notices_->pass(clock_.now()));
    EXPECT_EQ(told()["two"], 1);
}

}  // namespace
}  // namespace qingyuan::api
