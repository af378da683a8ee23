// Grades, predicted risk, the register and focus lists as they are asked for: three axes that never meet, and
// who is told which.
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "act/engine.hpp"
#include "api/assess_desk.hpp"
#include "api/door.hpp"
#include "api/focus_visits.hpp"
#include "api/jobs.hpp"
#include "api/notices.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

namespace qingyuan::api {
namespace {

namespace fs = std::filesystem;

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

struct Folder {
    fs::path path = fs::temp_directory_path() / ("qingyuan-assess-api-" + std::to_string(::getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
};

/// A city with two counties. `clinic` in the countryside of one was found wanting three times: two focus
/// rules of two dimensions name it. `store` belongs to a chain; `shop` is of the other county.
class AssessApi : public testing::Test {
 protected:
    void SetUp() override {
        for (int i = 0; i < 3; ++i) inspect("clinic", "c421", "on_site", true, 200 - 30 * i);
        inspect("store", "c421", "on_site", false, 60);
        inspect("shop", "c405", "online", true, 90);
        grade = publish("store");
    }
    void TearDown() override { jobs_.reset(); }
    static facts::Fact fact(facts::Payload payload) {
        return {make_date(2022, 1, 1), {}, "system", 0, std::move(payload)};
    }
    static std::vector<facts::Fact> cast() {
        std::vector<facts::Fact> out;
        const Date from = make_date(2022, 1, 1);
        for (const auto& [id, parent, department, region] :
             {std::tuple{"city", "", "market_regulator", "430400"},
              std::tuple{"c421", "city", "market_regulator", "430421"},
              std::tuple{"c405", "city", "market_regulator", "430405"},
              std::tuple{"police", "", "public_security", "430421"}})
            out.push_back(fact(facts::OrganisationRecorded{.id = id,
                                                           .name = id,
                                                           .parent = parent,
                                                           .department = department,
                                                           .region = region,
                                                           .kind = "authority",
                                                           .from = from}));
        for (const auto& [id, kind, region, at] : {std::tuple{"clinic", "clinic", "430421", "c421"},
                                                   std::tuple{"store", "pharmacy", "430421", "c421"},
                                                   std::tuple{"shop", "pharmacy", "430405", "c405"},
                                                   std::tuple{"never", "pharmacy", "430405", "c405"}})
            out.push_back(fact(facts::OperatorRecorded{.id = id,
                                                       .name = std::string("firm ") + id,
                                                       .kind = kind,
                                                       .region = region,
                                                       .organisation = at,
                                                       .address = "示例路1号",
                                                       .from = from}));
        int number = 0;
        for (const auto& [id, at, role] :
             {std::tuple{"o421", "c421", "officer"}, std::tuple{"p421", "c421", "officer"},
              std::tuple{"u421", "c421", "unit_head"}, std::tuple{"o405", "c405", "officer"},
              std::tuple{"p405", "c405", "officer"}, std::tuple{"u405", "c405", "unit_head"},
              std::tuple{"h421", "c421", "head_of_authority"}, std::tuple{"boss", "city", "superior"},
              std::tuple{"lawyer", "c421", "legal_reviewer"}, std::tuple{"counter", "c421", "risk_analyst"},
              std::tuple{"cop", "police", "police_contact"}, std::tuple{"keeper", "store", "operator_user"},
              std::tuple{"nurse", "clinic", "operator_user"}})
            out.push_back(fact(facts::PersonRecorded{.id = id,
                                                     .organisation = at,
                                                     .roles = {role},
                                                     .certificate = fmt::format("C{}", ++number),
                                                     .certificate_to = make_date(2030, 1, 1),
                                                     .from = from}));
        return out;
    }
    std::unique_ptr<journal::Journal> open_journal() {
        journal::Options options;
        options.origin = "assess.example";
        options.folds = {registry::fold(), act::fold(book()), access::fold()};
        auto journal = must(journal::Journal::open(*store_, clock_, std::move(options)));
        must(journal->append(cast()));
        return journal;
    }

    // --- acting

    facts::DossierRow open(const std::string& person, act::Engine::Opening opening) {
        facts::DossierRow out;
        must(journal_->write([&](journal::Writer& writer) -> Result<void> {
            const auto actor = must(act::actor_of(writer, person, clock_.now()));
            const auto done = TRY(writer.append(must(engine_.open(writer, actor, opening))));
            out = *TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(done.seq)));
            return {};
        }));
        return out;
    }
    void take(facts::DossierRow& row, const std::string& person, const std::string& step,
              act::Request request = {}) {
        must(journal_->write([&](journal::Writer& writer) -> Result<void> {
            const auto actor = must(act::actor_of(writer, person, clock_.now()));
            TRY(writer.append(must(engine_.take(writer, row, actor, step, request))));
            row = *TRY(writer.view<facts::DossierRow>().find(row.seq));
            return {};
        }));
    }
    std::vector<std::string> words(std::string_view vocabulary) const {
        std::vector<std::string> out;
        for (const law::Word& word : book().find_vocabulary(vocabulary)->words) out.push_back(word.code);
        return out;
    }
    facts::DossierRow inspect(const std::string& firm, const std::string& at, const std::string& mode,
                              bool found, int days_ago) {
        const std::string county = at.substr(1);
        const Date on = clock_.now().date() - days_ago;
        const std::string officer = "o" + county, other = "p" + county;
        auto row = open(officer, {.procedure = "inspection",
                                  .id = {},
                                  .title = "visit",
                                  .operator_id = firm,
                                  .category = "drug",
                                  .form = {{"reason", std::string("routine")},
                                           {"mode", mode},
                                           {"activity", std::string("distribution")}},
                                  .happened_on = on});
        take(row, "u" + county, "approve", {.happened_on = on});
        take(row, officer, "go",
             {.form = {{"formalities", words("inspection_formalities")}},
              .officers = {other},
              .happened_on = on});
        if (found)
            take(row, officer, "record_finding",
                 {.form = {{"clause", std::string("GSP 1")},
                           {"severity", std::string("major")},
                           {"description", std::string("x")}},
                  .happened_on = on});
        take(row, officer, "sign",
             {.form = {{"signature", std::string("signed")}}, .officers = {other}, .happened_on = on});
        return row;
    }
    facts::DossierRow publish(const std::string& firm) {
        auto row = open("o421", {.procedure = "credit_grade",
                                 .id = {},
                                 .title = "grade",
                                 .operator_id = firm,
                                 .form = {{"grade", std::string("A")},
                                          {"points", std::string("10")},
                                          {"rule", std::string("wuhan_ten_point")},
                                          {"rule_version", std::string("v")},
                                          {"graded_on", clock_.now().date().text()}}});
        take(row, "u421", "sign", {.form = {{"checked", std::string("x")}}});
        take(row, "o421", "tell", {.form = {{"service_mode", std::string("direct")}}});
        take(row, "o421", "publish",
             {.form = {{"statement", std::string("x")}, {"statement_checked", std::string("x")}}});
        return row;
    }

    // --- asking

    Answer ask(const std::string& person, const std::string& method, std::string path, Json body = nullptr) {
        request_ = {};
        request_.method = method;
        if (const auto mark = path.find('?'); mark != std::string::npos) {
            for (const std::string& pair : split(path.substr(mark + 1), '&'))
                request_.query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
            path.resize(mark);
        }
        request_.path = path;
        request_.body = body.is_null() ? std::string() : body.dump();
        for (const Operation& operation : operations()) {
            std::map<std::string, std::string, std::less<>> parameters;
            if (operation.method != method || !matches(operation.pattern, path, parameters)) continue;
            accounts::Identity identity;
            identity.account = "a-" + person;
            identity.person = person;
            identity.session = "s";
            Call call = person.empty() ? Call{.request = request_,
                                              .services = services_,
                                              .operation = operation,
                                              .path = {},
                                              .now = clock_.now(),
                                              .subject = access::stranger(clock_.now().date())}
                                       : TRY(call_for(services_, request_, operation, identity, true));
            call.path = std::move(parameters);
            Answer answer = operation.run(call);
            EXPECT_TRUE(call.decided || !answer ||
                        access::kind_of(operation.policy) == access::Kind::published)
                << path << " was answered undecided";
            return answer;
        }
        return Error{ErrorCode::route_unknown, path};
    }
    Json get(const std::string& person, const std::string& path) {
        const Answer answer = ask(person, "GET", path);
        if (!answer) {
            ADD_FAILURE() << person << " " << path << ": " << answer.error().text();
            return nullptr;
        }
        return Json::parse(answer->body);
    }
    Json post(const std::string& person, const std::string& path, Json body) {
        const Answer answer = ask(person, "POST", path, std::move(body));
        if (!answer) {
            ADD_FAILURE() << person << " " << path << ": " << answer.error().text();
            return nullptr;
        }
        EXPECT_EQ(answer->status, 201) << path;
        return Json::parse(answer->body);
    }
    ErrorCode refusal(const std::string& person, const std::string& method, const std::string& path,
                      Json body = nullptr) {
        const Answer answer = ask(person, method, path, std::move(body));
        if (answer) {
            ADD_FAILURE() << person << " " << path << " was answered: " << answer->body.substr(0, 200);
            return ErrorCode::undecided;
        }
        return answer.error().code;
    }
    std::uint64_t noted() {
        std::uint64_t out = 0;
        must(access_->read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(reader.head()).size;
            return {};
        }));
        return out;
    }
    facts::DossierRow dossier(const std::string& id) {
        std::optional<facts::DossierRow> out;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(act::dossier(reader, id));
            return {};
        }));
        return *out;
    }

    Folder folder_;
    VirtualClock clock_{{start_of(make_date(2025, 6, 2)).us + 9 * 3'600'000'000LL}};
    act::Engine engine_{book()};
    std::unique_ptr<journal::Store> store_ = must(sql::open_store("sqlite::memory:"));
    std::unique_ptr<journal::Store> access_store_ = must(sql::open_store("sqlite::memory:"));
    std::unique_ptr<journal::Store> work_store_ = must(sql::open_store("sqlite::memory:"));
    std::optional<journal::Work> work_ = must(journal::Work::open(*work_store_, all_rows()));
    std::unique_ptr<accounts::Vault> vault_ = must(accounts::Vault::in_memory());
    journal::Evidence evidence_ = must(journal::Evidence::open(folder_.path / "evidence"));
    law::Statistics statistics_ = law::Statistics::of({});
    account::Index index_{law::Statistics::of({})};
    std::unique_ptr<journal::Journal> journal_ = open_journal();
    std::unique_ptr<journal::Journal> access_ =
        must(journal::Journal::open(*access_store_, clock_, {.name = "access", .origin = "assess.example"}));
    std::unique_ptr<accounts::Accounts> accounts_ =
        must(accounts::Accounts::open({*work_, *journal_, *access_, *vault_}, {}));
    std::unique_ptr<Notices> notices_ = must(Notices::open({book(), *journal_, *work_, *vault_, clock_}));
    std::unique_ptr<Jobs> jobs_ = must(Jobs::open(*work_, folder_.path / "jobs", clock_));
    Services services_{.law = book(),
                       .statistics = statistics_,
                       .store = *store_,
                       .journal = *journal_,
                       .access = *access_,
                       .work = *work_,
                       .accounts = *accounts_,
                       .vault = *vault_,
                       .informants = *vault_,
                       .evidence = evidence_,
                       .jobs = *jobs_,
                       .notices = *notices_,
                       .clock = clock_,
                       .index = index_,
                       .public_url = {},
                       .data = folder_.path,
                       .web = {},
                       .openapi = {},
                       .default_organisation = "city",
                       .default_period = {}};
    http::Request request_;
    facts::DossierRow grade;

    static std::vector<facts::RowType> all_rows() {
        std::vector<facts::RowType> out = work_rows();
        for (const facts::RowType& row : accounts::work_rows()) out.push_back(row);
        return out;
    }
};

// mission: F1
TEST_F(AssessApi, the_share_of_grades_leaves_out_the_ungraded_and_shows_them) {
    const Json all = get("boss", "/api/credit");
    EXPECT_EQ(all["total"], 4);
    EXPECT_EQ(all["grades"]["counts"]["ungraded"], 4) << "a visit is not over before its conclusion";
    EXPECT_EQ(all["grades"]["graded"], 0);
    EXPECT_TRUE(all["grades"]["a_or_b"]["percent"].is_null()) << "of nothing there is no share";
    EXPECT_EQ(all["decided"], 1);
    EXPECT_EQ(get("o421", "/api/credit")["total"], 2) << "the list ends at the border of the tree";
    EXPECT_EQ(get("counter", "/api/credit")["total"], 2);
    EXPECT_EQ(get("boss", "/api/credit?org=c405")["total"], 2);
    EXPECT_EQ(refusal("boss", "GET", "/api/credit?grade=E"), ErrorCode::not_in_vocabulary);
    EXPECT_EQ(refusal("boss", "GET", "/api/credit?org=nowhere"), ErrorCode::organisation_unknown);
    EXPECT_EQ(refusal("boss", "GET", "/api/credit?after=x"), ErrorCode::usage);
}

TEST_F(AssessApi, predicted_risk_is_told_to_nobody_but_those_who_plan_visits) {
    const std::uint64_t before = noted();
    const Json list = get("o421", "/api/risk");
    EXPECT_EQ(list["total"], 2);
    EXPECT_EQ(noted(), before + 1) << "the look is in the access journal";
    EXPECT_EQ(get("h421", "/api/risk/clinic")["ranked"], 2);
    EXPECT_EQ(get("boss", "/api/risk")["total"], 4);
    EXPECT_EQ(refusal("o421", "GET", "/api/risk/shop"), ErrorCode::operator_unknown);
    for (const char* person : {"lawyer", "counter", "cop", "keeper", "nurse"})
        for (const char* path : {"/api/risk", "/api/focus", "/api/focus/rates", "/api/risk/groups"}) {
            const Answer answer = ask(person, "GET", path);
            if (!answer)
                continue;  // the door shuts them out before; what is behind it tells them nothing either
            const Json told = Json::parse(answer->body);
            for (const char* count : {"total", "operators", "visits"})
                EXPECT_EQ(told.value(count, 0), 0) << person << " " << path;
            EXPECT_TRUE(!told.contains("items") || told["items"].empty()) << person << " " << path;
        }
    // No answer about a grade holds a score, whoever asks.
    for (const auto& [person, path] :
         {std::pair{"boss", "/api/credit"}, std::pair{"o421", "/api/credit/store"},
          std::pair{"keeper", "/api/credit/store"}, std::pair{"keeper", "/api/portal/credit"},
          std::pair{"", "/api/public/operators?q=firm"}}) {
        const Answer answer = ask(person, "GET", path);
        ASSERT_TRUE(answer) << person << " " << path << " " << answer.error().text();
        for (const char* word : {"predicted_risk", "priority", "propensity", "focus", "contributions"})
            EXPECT_EQ(answer->body.find(word), std::string::npos) << person << " " << path << ": " << word;
    }
}

// mission: B23
TEST_F(AssessApi, every_score_shows_its_contributions_and_its_training_window) {
    const Json list = get("boss", "/api/risk");
    EXPECT_EQ(list["model"]["trained_until"], "2025-06-01");
    EXPECT_EQ(list["model"]["trained_from"], "2020-06-02");
    std::string last;
    for (const Json& row : list["items"]) {
        EXPECT_FALSE(row["contributions"].empty()) << row["operator"]["id"];
        EXPECT_LT(row["propensity"]["lower"], row["propensity"]["upper"]);
        EXPECT_TRUE(row.contains("credit_grade") && row.contains("hazard_tier"))
            << "three axes, three fields";
    }
    const Json again = get("boss", "/api/risk?area=rural&limit=1");
    EXPECT_EQ(again["total"], 2);
    EXPECT_EQ(again["ranked"], 4) << "a filter changes no rank";
    EXPECT_EQ(again["next"], "1");
}

// mission: B6
TEST_F(AssessApi, who_is_named_by_two_dimensions_is_planned_once_with_both_reasons) {
    const Json list = get("o421", "/api/focus");
    ASSERT_EQ(list["total"], 1);
    EXPECT_EQ(list["matched_twice"], 1);
    const Json& row = list["items"][0];
    EXPECT_EQ(row["operator"]["id"], "clinic");
    ASSERT_EQ(row["reasons"].size(), 2U);
    EXPECT_EQ(row["dimensions"].size(), 2U);
    EXPECT_TRUE(row["planned"].is_null());
    EXPECT_EQ(get("o421", "/api/focus?dimension=key_region")["total"], 1);
    EXPECT_EQ(get("o421", "/api/focus?dimension=key_product")["total"], 0);
    const Json wanted{{"operators", {"clinic", "clinic", "store", "shop"}}, {"planned_on", "2025-06-20"}};
    const Json done = post("o421", "/api/focus/visits", wanted);
    ASSERT_EQ(done["items"].size(), 3U) << "named twice is planned once";
    EXPECT_EQ(done["opened"], 1);
    EXPECT_EQ(done["refused"], 2) << "one is on no list, one is of another county";
    const auto visit = dossier(done["items"][0]["dossier"]);
    EXPECT_EQ(facts::list_of(visit.attributes, "focus"),
              (std::vector<std::string>{"key_entity", "key_region"}));
    const std::string matters = facts::text_of(visit.attributes, "matters");
    EXPECT_NE(matters.find("many_findings"), std::string::npos) << matters;
    EXPECT_NE(matters.find("rural_small_outlets"), std::string::npos) << matters;
    EXPECT_EQ(facts::text_of(visit.attributes, "reason"), "targeted");
    // Asked again, by another person: the visit that is planned is kept.
    const Json again = post("u421", "/api/focus/visits", {{"operators", {"clinic"}}});
    EXPECT_EQ(again["kept"], 1);
    EXPECT_EQ(again["items"][0]["dossier"], visit.id);
    EXPECT_EQ(get("o421", "/api/focus")["items"][0]["planned"]["dossier"], visit.id);
    EXPECT_EQ(refusal("o421", "POST", "/api/focus/visits", {{"operators", Json::array()}}),
              ErrorCode::field_invalid);
    EXPECT_EQ(refusal("o421", "POST", "/api/focus/visits",
                      {{"operators", {"clinic"}}, {"planned_on", "2025-06-01"}}),
              ErrorCode::field_invalid);
    EXPECT_EQ(refusal("o421", "POST", "/api/focus/visits", {{"operators", {"clinic"}}, {"mode", "by_moon"}}),
              ErrorCode::not_in_vocabulary);
}

// mission: B8
TEST_F(AssessApi, a_changed_rule_shows_the_difference_with_its_cause) {
    const Json changes = get("boss", "/api/focus/changes?from=2023-05-01");
    ASSERT_EQ(changes["total"], 1);
    EXPECT_EQ(changes["items"][0]["change"], "entered");
    EXPECT_EQ(changes["items"][0]["gained"].size(), 2U);
    EXPECT_EQ(get("boss", "/api/focus/changes?from=2025-06-02")["total"], 0);
    EXPECT_EQ(refusal("boss", "GET", "/api/focus/changes"), ErrorCode::field_missing);
}

// mission: B5 B9 E13
TEST_F(AssessApi, hit_rates_stand_by_reason_and_coverage_by_area) {
    const Json rates = get("boss", "/api/focus/rates");
    ASSERT_EQ(rates["by_reason"].size(), 1U);
    EXPECT_EQ(rates["by_reason"][0]["group"]["id"], "routine");
    EXPECT_EQ(rates["by_reason"][0]["visits"], 5);
    EXPECT_EQ(rates["by_reason"][0]["found"], 4);
    EXPECT_NEAR(rates["by_reason"][0]["rate"]["low"].get<double>(), 0.3755, 0.0005) << "Wilson of 4 of 5";
    EXPECT_EQ(rates["by_mode"].size(), 2U);
    EXPECT_EQ(get("boss", "/api/focus/rates?mode=online")["visits"], 1);
    // Nobody was drawn at random: there is activity and no prevalence.
    for (const Json& quarter : rates["quarters"]) EXPECT_TRUE(quarter["prevalence"].is_null());
    const Json& coverage = rates["coverage"];
    EXPECT_EQ(coverage["outside"]["whole"], 2);
    EXPECT_EQ(coverage["outside"]["part"], 2);
    EXPECT_FALSE(coverage["under_target"].get<bool>());
    EXPECT_TRUE(get("boss", "/api/focus/rates?from=2025-03-01")["coverage"]["under_target"].get<bool>())
        << "one of two since March";
}

// mission: B4
TEST_F(AssessApi, a_finding_made_online_leads_to_a_visit_on_site) {
    const auto online = inspect("shop", "c405", "online", true, 20);
    const auto finding = std::ranges::find(online.steps, "record_finding", &facts::StepState::step);
    ASSERT_NE(finding, online.steps.end());
    const Json opened =
        post("o405", "/api/dossiers",
             {{"procedure", "inspection"},
              {"title", "on site"},
              {"operator_id", "shop"},
              {"category", "drug"},
              {"source", online.id},
              {"source_fact", finding->seq},
              {"form", {{"reason", "for_cause"}, {"mode", "on_site"}, {"activity", "online"}}}});
    const auto visit = dossier(opened["dossier"]);
    EXPECT_EQ(visit.source, online.seq);
    EXPECT_EQ(visit.source_fact, finding->seq);
    EXPECT_EQ(facts::text_of(visit.attributes, "mode"), "on_site");
    EXPECT_EQ(get("o405", "/api/focus/rates?mode=online")["visits"], 2) << "by mode the online visits alone";
    EXPECT_EQ(get("o405", "/api/focus/rates?mode=on_site")["visits"], 0);
}

// mission: A11 A12 A4
TEST_F(AssessApi, an_item_of_the_register_says_why_it_cannot_be_closed) {
    auto item = open("u421", {.procedure = "risk_item",
                              .id = {},
                              .title = "hazard",
                              .operator_id = "clinic",
                              .category = "drug",
                              .form = {{"hazard", std::string("x")}, {"origin", std::string("inspection")}},
                              .happened_on = clock_.now().date() - 40});
    EXPECT_EQ(get("o421", "/api/register")["warnings"][0]["what"], "unassessed");
    take(item, "u421", "assess",
         {.form = {{"likelihood", std::string("4")},
                   {"severity", std::string("4")},
                   {"exposure", std::string("3")},
                   {"level", std::string("high")}},
          .happened_on = clock_.now().date() - 30});
    take(item, "h421", "assign",
         {.form = {{"owner_unit", std::string("c421")},
                   {"owner", std::string("o421")},
                   {"review_on", std::string("2025-06-30")}},
          .happened_on = clock_.now().date() - 20});
    const Json list = get("o421", "/api/register");
    ASSERT_EQ(list["total"], 1);
    const Json& row = list["items"][0];
    EXPECT_EQ(row["level"]["id"], "high");
    EXPECT_EQ(row["owner_unit"]["id"], "c421");
    ASSERT_EQ(row["stages"].size(), 3U);
    EXPECT_EQ(row["stages"][0]["days"], 10);
    EXPECT_EQ(row["stages"][2]["days"], 20);
    EXPECT_EQ(list["stages"][2]["median_days"], 20);
    EXPECT_EQ(list["warnings"][0]["what"], "uncontrolled");
    EXPECT_EQ(list["lead_times"]["not_controlled"], 1);
    EXPECT_TRUE(list["lead_times"]["median_days"].is_null()) << "of none there is no median";
    Json one = get("o421", "/api/register/" + item.id);
    EXPECT_EQ(one["scoring"]["matrix_level"]["id"], "high");
    EXPECT_EQ(one["closing"]["refusal"]["code"], "linked_missing");
    auto measure = open("h421", {.procedure = "control_measure",
                                 .id = {},
                                 .title = "caution",
                                 .operator_id = "clinic",
                                 .source = static_cast<std::uint64_t>(item.seq),
                                 .form = {{"measure", std::string("caution")},
                                          {"content", std::string("x")},
                                          {"owner", std::string("o421")},
                                          {"deadline", std::string("2025-06-10")}},
                                 .happened_on = clock_.now().date() - 10});
    one = get("o421", "/api/register/" + item.id);
    EXPECT_EQ(one["measures"]["open"], 1);
    EXPECT_FALSE(one["closing"]["refusal"].is_null());
    EXPECT_EQ(one["measure_list"][0]["id"], measure.id);
    EXPECT_EQ(get("o405", "/api/register")["total"], 0);
    EXPECT_EQ(refusal("o405", "GET", "/api/register/" + item.id), ErrorCode::dossier_unknown);
    EXPECT_EQ(refusal("o421", "GET", "/api/register/" + grade.id), ErrorCode::dossier_unknown)
        << "what is no risk is not in the register";
    EXPECT_EQ(refusal("o421", "GET", "/api/register?from=2026-01-01"), ErrorCode::usage);
}

// mission: F2 F3
TEST_F(AssessApi, who_is_graded_sees_the_grade_and_contests_it) {
    const Json own = get("keeper", "/api/portal/credit");
    EXPECT_EQ(own["decided"]["grade"], "A");
    EXPECT_TRUE(own["decided"]["public"].get<bool>());
    EXPECT_TRUE(own["may_object"].get<bool>());
    const Json shown = get("", "/api/public/operators?q=firm");
    int published = 0;
    for (const Json& row : shown["items"]) published += row["credit"].is_null() ? 0 : 1;
    EXPECT_EQ(published, 1) << "only what was decided and is published";
    EXPECT_EQ(refusal("nurse", "POST", "/api/portal/credit/objections", {{"objection", "x"}}),
              ErrorCode::record_unknown)
        << "no grade, nothing to contest";
    EXPECT_EQ(refusal("keeper", "POST", "/api/portal/credit/objections", {{"objection", " "}}),
              ErrorCode::field_missing);
    const Json made = post("keeper", "/api/portal/credit/objections", {{"objection", "the fine was paid"}});
    const auto objection = dossier(made["dossier"]);
    EXPECT_EQ(objection.source, grade.seq);
    EXPECT_EQ(objection.organisation, "c421") << "the authority that decided answers";
    EXPECT_EQ(refusal("keeper", "POST", "/api/portal/credit/objections", {{"objection", "again"}}),
              ErrorCode::step_repeated);
    const Json after = get("keeper", "/api/portal/credit");
    EXPECT_TRUE(after["decided"]["contested"].get<bool>());
    EXPECT_FALSE(after["may_object"].get<bool>());
    EXPECT_EQ(after["matters"].size(), 1U);
    const Json seen = get("", "/api/public/operators?q=store");
    EXPECT_TRUE(seen["items"][0]["credit"]["contested"].get<bool>()) << "the mark stands beside the grade";
    const Json repair = post("keeper", "/api/portal/credit/repairs",
                             {{"conditions", {words("removal_conditions").front()}}, {"request", "x"}});
    auto row = dossier(repair["dossier"]);
    EXPECT_EQ(row.procedure, "credit_repair");
    EXPECT_EQ(refusal("o421", "GET", "/api/portal/credit"), ErrorCode::access_denied);
    EXPECT_EQ(refusal("keeper", "GET", "/api/credit/shop"), ErrorCode::access_denied);
}

}  // namespace
}  // namespace qingyuan::api
