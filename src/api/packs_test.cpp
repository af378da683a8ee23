// The pack routes on a small province: who sees what, what is refused and how, what the public is told.
#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "access/grants.hpp"
#include "act/engine.hpp"
#include "api/door.hpp"
#include "api/jobs.hpp"
#include "api/notices.hpp"
#include "api/packs_imports.hpp"
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
    fs::path path = fs::temp_directory_path() / ("qingyuan-packs-api-" + std::to_string(::getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
};

constexpr std::string_view operators_csv =
    "id,type,headquarters,region,scopes,licence_from,licence_to\n"
    "M1,manufacturer,,430104,,2020-01-01T00:00:00+08:00,2030-01-01T00:00:00+08:00\n"
    "W1,wholesaler,,430405,,2020-01-01T00:00:00+08:00,2030-01-01T00:00:00+08:00\n"
    "HQ,chain_headquarters,,430405,,2020-01-01T00:00:00+08:00,2030-01-01T00:00:00+08:00\n"
    "S1,chain_store,HQ,430421,,2020-01-01T00:00:00+08:00,2030-01-01T00:00:00+08:00\n"
    "S2,pharmacy,,430422,,2020-01-01T00:00:00+08:00,2030-01-01T00:00:00+08:00\n";
constexpr std::string_view products_csv = "code,holder,class\n8100001,M1,\n";
constexpr std::string_view batches_csv =
    "id,product,holder,produced_at,expires_at,recalled_at\n"
    "B1,8100001,M1,2025-01-01T08:00:00+08:00,2027-01-01T00:00:00+08:00,\n";
constexpr std::string_view pack = "81000010000000017919", other_pack = "81000010000000027919";

/// A store buys past its headquarters and sells; another store sells the same code again. A second pack stays
/// on the first store's shelf.
std::string events_csv() {
    std::string out = "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document\n";
    int number = 0;
    const auto add = [&](std::string_view code, std::string_view action, std::string_view actor,
                         std::string_view to, int day) {
        out += fmt::format(
            "e{0},{1},{2},{3},{4},2025-01-{5:02}T08:00:00+08:00,2025-01-{5:02}T09:00:00+08:00,B1,\n",
            ++number, code, action, actor, to, day);
    };
    for (const std::string_view code : {pack, other_pack}) {
        add(code, "produce", "M1", "", 2);
        add(code, "ship", "M1", "W1", 10);
        add(code, "receive", "W1", "M1", 11);
        add(code, "ship", "W1", "S1", 20);
        add(code, "receive", "S1", "W1", 21);
    }
    add(pack, "dispense", "S1", "", 25);
    add(pack, "dispense", "S2", "", 28);
    return out;
}

class PackApi : public testing::Test {
 protected:
    void SetUp() override {
        services_.packs = must(PackDesk::open({.law = book(),
                                               .journal = *journal_,
                                               .evidence = evidence_,
                                               .clock = clock_,
                                               .directory = folder_.path / "packs"}));
    }
    void TearDown() override { jobs_.reset(); }  // a job may still use what goes after it
    std::unique_ptr<journal::Journal> open_journal() {
        journal::Options options;
        options.origin = "packs.example";
        options.folds = {registry::fold(), act::fold(book()), access::fold()};
        auto journal = must(journal::Journal::open(*store_, clock_, std::move(options)));
        must(journal->append(cast()));
        return journal;
    }
    static facts::Fact fact(facts::Payload payload) {
        return {make_date(2024, 1, 1), {}, "system", 0, std::move(payload)};
    }
    static std::vector<facts::Fact> cast() {
        std::vector<facts::Fact> out;
        const auto organisation = [&](const char* id, const char* parent, const char* department,
                                      const char* region) {
            out.push_back(fact(facts::OrganisationRecorded{.id = id,
                                                           .name = id,
                                                           .parent = parent,
                                                           .department = department,
                                                           .region = region,
                                                           .kind = "authority",
                                                           .from = make_date(2024, 1, 1)}));
        };
        organisation("hunan", "", "drug_regulator", "430000");
        organisation("hengyang", "hunan", "market_regulator", "430400");
        organisation("c421", "hengyang", "market_regulator", "430421");
        organisation("c422", "hengyang", "market_regulator", "430422");
        organisation("police", "", "public_security", "430421");
        for (const auto& [id, at] : {std::pair{"W1", "hengyang"}, std::pair{"S1", "c421"}})
            out.push_back(fact(facts::OperatorRecorded{.id = id,
                                                       .name = std::string("firm ") + id,
                                                       .kind = "retailer",
                                                       .organisation = at,
                                                       .from = make_date(2024, 1, 1)}));
        for (const auto& [id, at, role] :
             {std::tuple{"o421", "c421", "officer"}, std::tuple{"o422", "c422", "officer"},
              std::tuple{"u421", "c421", "unit_head"}, std::tuple{"province", "hunan", "superior"},
              std::tuple{"cop", "police", "police_contact"}, std::tuple{"store", "S1", "operator_user"},
              std::tuple{"trader", "W1", "operator_user"}})
            out.push_back(fact(facts::PersonRecorded{
                .id = id, .organisation = at, .roles = {role}, .from = make_date(2024, 1, 1)}));
        out.push_back(fact(
            facts::AccountRecorded{.id = "a-store", .person = "store", .name = "store", .state = "active"}));
        return out;
    }

    /// What a person is answered, by the operation of the table that fits.
    Answer ask(const std::string& person, const std::string& method, std::string path, Json body = nullptr,
               std::map<std::string, std::string> headers = {}) {
        request_ = {};
        request_.method = method;
        if (const auto mark = path.find('?'); mark != std::string::npos) {
            for (const std::string& pair : split(path.substr(mark + 1), '&'))
                request_.query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
            path.resize(mark);
        }
        request_.path = path;
        request_.headers = std::move(headers);
        request_.body = body.is_null()     ? std::string()
                        : body.is_string() ? body.get<std::string>()
                                           : body.dump();
        for (const Operation& operation : operations()) {
            std::map<std::string, std::string, std::less<>> parameters;
            if (operation.method != method || !matches(operation.pattern, path, parameters)) continue;
            if (person.empty()) {
                Call call{.request = request_,
                          .services = services_,
                          .operation = operation,
                          .path = parameters,
                          .now = clock_.now(),
                          .subject = access::stranger(clock_.now().date())};
                return operation.run(call);
            }
            Call call = TRY(call_for(services_, request_, operation, identity(person), false));
            call.path = std::move(parameters);
            call.english = english_;
            Answer answer = operation.run(call);
            EXPECT_TRUE(call.decided || !answer ||
                        access::kind_of(operation.policy) == access::Kind::published)
                << path << " was answered undecided";
            return answer;
        }
        return Error{ErrorCode::route_unknown, path};
    }
    static accounts::Identity identity(const std::string& person) {
        accounts::Identity out;
        out.account = "a-" + person;
        out.person = person;
        out.session = "s";
        return out;
    }
    Json get(const std::string& person, const std::string& path) {
        const Answer answer = ask(person, "GET", path);
        if (!answer) {
            ADD_FAILURE() << person << " " << path << ": " << answer.error().text();
            return nullptr;
        }
        return Json::parse(answer->body);
    }
    ErrorCode refusal(const std::string& person, const std::string& method, const std::string& path,
                      Json body = nullptr, std::map<std::string, std::string> headers = {}) {
        const Answer answer = ask(person, method, path, std::move(body), std::move(headers));
        if (answer) {
            ADD_FAILURE() << person << " " << path << " was answered: " << answer->body.substr(0, 200);
            return ErrorCode::undecided;
        }
        EXPECT_FALSE(answer.error().info().kind != ErrorKind::failure && answer.error().next.empty())
            << path << ": no next step: " << answer.error().text();
        return answer.error().code;
    }
    PackReport load(std::string_view name, std::string_view text) {
        const fs::path file = folder_.path / std::string(name);
        std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
        PackImport import{.files = must(observe::trace_files(file)), .source = "test", .now_ms = {}};
        return must(services_.packs->import({"o421", "c421"}, std::move(import)));
    }
    void load_all() {
        load("operators.csv", operators_csv);
        load("products.csv", products_csv);
        load("batches.csv", batches_csv);
        load("events.csv", events_csv());
    }
    std::set<std::string> rules_seen(const std::string& person) {
        std::set<std::string> out;
        const Json list_1 = get(person, "/api/packs/findings");
        for (const Json& one : list_1["items"])
            out.insert(one["rule"].get<std::string>() + " " + one["operator"]["id"].get<std::string>());
        return out;
    }
    std::string uploaded(const std::string& person, const std::string& name, const std::string& text) {
        UploadRow row{.id = "u-" + name, .person = person, .name = name};
        row.bytes = static_cast<std::int64_t>(text.size());
        row.expires = clock_.now().us + 1'000'000'000;
        row.evidence = hex(must(evidence_.put(text)).digest);
        must(work_->put(row));
        return row.id;
    }
    /// The job's result, or its problem.
    Json finished(const Json& started, const std::string& person) {
        jobs_->wait_idle();
        const std::string id = started.contains("job") ? started["job"] : started["captureID"];
        const JobRow row = must(jobs_->find(id, person));
        if (row.state != "done") return Json::parse(row.problem);
        std::ifstream in(must(jobs_->result(row)), std::ios::binary);
        return Json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    }
    Json import_of(const std::string& person, const std::string& name, const std::string& text) {
        const Answer answer = ask(person, "POST", "/api/packs/imports",
                                  {{"upload", uploaded(person, name, text)}, {"name", name}});
        EXPECT_TRUE(answer) << answer.error().text();
        EXPECT_EQ(answer->status, 202);
        return finished(Json::parse(answer->body), person);
    }

    Folder folder_;
    VirtualClock clock_{{start_of(make_date(2026, 6, 1)).us + 9 * 3'600'000'000LL}};
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
        must(journal::Journal::open(*access_store_, clock_, {.name = "access", .origin = "packs.example"}));
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
                       .default_organisation = "hunan",
                       .default_period = {}};
    http::Request request_;
    bool english_ = true;

    static std::vector<facts::RowType> all_rows() {
        std::vector<facts::RowType> out = work_rows();
        for (const facts::RowType& row : accounts::work_rows()) out.push_back(row);
        return out;
    }
};

// mission: D5
TEST_F(PackApi, an_officer_sees_the_whole_way_of_a_pack_and_what_was_found_about_firms_of_the_tree) {
    load_all();
    const Json one = get("o421", fmt::format("/api/packs/codes/{}", pack));
    ASSERT_EQ(one["events"].size(), 7U);
    EXPECT_EQ(one["kind"], "national");
    EXPECT_EQ(one["batch"]["id"], "B1");
    EXPECT_EQ(one["events"][2]["actor"]["name"], "firm W1") << "the other side has its name";
    EXPECT_EQ(one["events"][6]["actor"]["id"], "S2");
    std::vector<std::string> edges;
    for (const Json& edge : one["edges"])
        edges.push_back(
            fmt::format("{}-{}", edge["from"]["id"].get<std::string>(), edge["to"]["id"].get<std::string>()));
    EXPECT_EQ(edges, (std::vector<std::string>{"M1-W1", "W1-S1"})) << "S2 was handed nothing";
    std::set<std::string> found;
    for (const Json& finding : one["findings"]) found.insert(finding["operator"]["id"]);
    EXPECT_EQ(found, (std::set<std::string>{"S1"}));
    std::size_t noted = 0;
    must(access_->read([&](const journal::Reader& reader) -> Result<void> {
        noted = TRY(reader.head()).size;
        return {};
    }));
    EXPECT_EQ(noted, 1U) << "the look is in the access journal";
    const Json held = get("o421", fmt::format("/api/packs/codes/{}", other_pack));
    EXPECT_EQ(held["whereabouts"]["fate"], "held");
    EXPECT_EQ(held["whereabouts"]["holder"]["id"], "S1");
}

TEST_F(PackApi, findings_end_at_the_border_of_the_tree) {
    load_all();
    const auto all = rules_seen("province");
    EXPECT_TRUE(all.contains("outside_purchase S1"));
    EXPECT_TRUE(all.contains("second_sale S2"));
    for (const auto& [person, firm] :
         {std::pair{"o421", "S1"}, std::pair{"o422", "S2"}, std::pair{"store", "S1"}}) {
        const auto seen = rules_seen(person);
        EXPECT_FALSE(seen.empty()) << person;
        for (const std::string& one : seen) EXPECT_TRUE(one.ends_with(firm)) << person << " sees " << one;
    }
    EXPECT_TRUE(rules_seen("trader").empty());
    EXPECT_EQ(refusal("cop", "GET", "/api/packs/findings"), ErrorCode::access_denied);
    EXPECT_EQ(get("o421", "/api/packs/findings?operator=S2")["total"], 0);
    EXPECT_EQ(get("province", "/api/packs/findings?region=430421&status=confirmed&rule=4")["total"], 2);
    const Json all_of_batch = get("province", "/api/packs/findings?batch=B1");
    EXPECT_EQ(all_of_batch["total"], get("province", "/api/packs/findings")["total"]);
    load("batches.csv",
         "id,product,holder,produced_at,expires_at,recalled_at\nB7,8100001,M1,2025-01-01,2027-01-01,\n");
    EXPECT_EQ(get("province", "/api/packs/findings?batch=B7")["total"], 0);
    const Json sold_twice = get("province", "/api/packs/findings?rule=second_sale");
    ASSERT_EQ(sold_twice["items"].size(), 1U);
    EXPECT_EQ(sold_twice["items"][0]["evidence"], Json::array({"e11", "e12"}));
    EXPECT_EQ(sold_twice["items"][0]["region"], "430422");
    EXPECT_EQ(sold_twice["items"][0]["region_name"],
              book().find_region("430422", clock_.now().date())->name_en);
    const Json list_2 = get("store", "/api/packs/findings");
    for (const Json& finding : list_2["items"])
        EXPECT_TRUE(finding["lead"].is_null()) << "no firm is told that somebody is on the way";
    const Json list_3 = get("o422", "/api/packs/summary");
    for (const Json& rule : list_3["rules"])
        if (rule["rule"] == "outside_purchase") EXPECT_EQ(rule["confirmed"], 0);
}

// mission: B22
TEST_F(PackApi, a_lead_whose_findings_are_all_withdrawn_closes_unless_somebody_works_on_it) {
    load("operators.csv", operators_csv);
    load("products.csv", products_csv);
    load("batches.csv", batches_csv);
    const std::string all = events_csv();
    std::string early, late = all.substr(0, all.find('\n') + 1);
    for (const std::string& line : split(all, '\n'))
        if (!line.empty()) (line.starts_with("e3,") || line.starts_with("e5,") ? late : early) += line + "\n";
    load("events.csv", early);
    const act::Engine engine(book());
    const auto lead = [&](const std::string& id) {
        facts::DossierRow out;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = must(act::dossier(reader, id));
            return {};
        }));
        return out;
    };
    const std::string left_alone = "lead-W1-custody_break-2026-06-01",
                      begun = "lead-S1-sale_without_receipt-2026-06-01";
    EXPECT_EQ(lead(left_alone).state, "received");
    must(journal_->write([&](journal::Writer& writer) -> Result<void> {
        const auto officer = must(act::actor_of(writer, "o421", clock_.now()));
        TRY(writer.append(must(engine.take(writer, lead(begun), officer, "inspect", {}))));
        return {};
    }));
    const PackReport report = load("late.csv", late);
    EXPECT_GE(report.judgement.withdrawn, 2U);
    EXPECT_EQ(lead(left_alone).state, "closed");
    EXPECT_EQ(facts::text_of(lead(left_alone).attributes, "ground"), "findings_withdrawn");
    EXPECT_EQ(lead(begun).state, "received");
    EXPECT_EQ(lead(begun).steps.back().step, "finding_withdrawn");
    must(notices_->pass(clock_.now()));
    must(notices_->pass(clock_.now()));
    std::vector<std::string> told;
    for (const NoticeRow& row : must(work_->list<NoticeRow>({})))
        if (row.kind == "findings_withdrawn") told.push_back(row.person + " " + row.dossier);
    EXPECT_EQ(told, (std::vector<std::string>{"o421 " + begun}));
    // A start after a crash tells nothing twice.
    const std::size_t steps = lead(begun).steps.size();
    services_.packs = nullptr;
    fs::remove_all(folder_.path / "packs");
    SetUp();
    EXPECT_EQ(lead(begun).steps.size(), steps);
    const Json gone = get("province", "/api/packs/findings?status=withdrawn");
    for (const Json& one : gone["items"]) EXPECT_TRUE(one["lead"].is_null());
}

TEST_F(PackApi, pages_of_findings_hold_each_once) {
    load_all();
    const std::size_t total = get("province", "/api/packs/findings")["total"];
    std::set<std::string> seen;
    std::string after;
    for (std::size_t i = 0; i <= total; ++i) {
        const Json page =
            get("province", "/api/packs/findings?limit=1" + (after.empty() ? "" : "&after=" + after));
        for (const Json& one : page["items"])
            EXPECT_TRUE(seen.insert(one["rule"].get<std::string>() + one["key"].get<std::string>() +
                                    one["code"].dump())
                            .second);
        if (page["next"].is_null()) break;
        after = page["next"];
    }
    EXPECT_EQ(seen.size(), total);
}

TEST_F(PackApi, what_firms_elsewhere_hold_is_not_told) {
    load_all();
    const Json county = get("o421", "/api/packs/batches/B1");
    ASSERT_EQ(county["holders"].size(), 1U);
    EXPECT_EQ(county["holders"][0]["operator"]["id"], "S1");
    EXPECT_EQ(county["holders"][0]["held"], 1);
    const Json other = get("o422", "/api/packs/batches/B1");
    EXPECT_TRUE(other["holders"].empty());
    EXPECT_EQ(other["elsewhere"], 1);
    EXPECT_EQ(refusal("store", "GET", "/api/packs/batches/B1"), ErrorCode::access_denied);
    EXPECT_EQ(refusal("store", "GET", fmt::format("/api/packs/codes/{}", pack)), ErrorCode::access_denied);
    EXPECT_EQ(refusal("o422", "GET", "/api/packs/operators/S1"), ErrorCode::operator_unknown);
    EXPECT_EQ(refusal("trader", "GET", "/api/packs/operators/S1"), ErrorCode::operator_unknown);
    const Json own = get("store", "/api/packs/operators/S1");
    ASSERT_EQ(own["balance"].size(), 1U);
    EXPECT_EQ(own["balance"][0]["held"], 1);
    EXPECT_TRUE(own["lag"]["assumed"]);
}

TEST_F(PackApi, bad_input_is_told_what_to_do) {
    load_all();
    for (const auto& [path, code] :
         {std::pair{"/api/packs/codes/8100001000000001791", ErrorCode::code_malformed},
          std::pair{"/api/packs/codes/(01)09506000134353(21)A1", ErrorCode::code_check_failed},
          std::pair{"/api/packs/codes/no-such-thing", ErrorCode::record_unknown},
          std::pair{"/api/packs/batches/NONE", ErrorCode::record_unknown},
          std::pair{"/api/packs/operators/NONE", ErrorCode::operator_unknown},
          std::pair{"/api/packs/findings?limit=100000", ErrorCode::usage},
          std::pair{"/api/packs/findings?after=x", ErrorCode::usage},
          std::pair{"/api/packs/findings?status=maybe", ErrorCode::usage},
          std::pair{"/api/packs/findings?rule=15", ErrorCode::rule_unknown},
          std::pair{"/api/packs/findings?org=nowhere", ErrorCode::organisation_unknown},
          std::pair{"/api/packs/findings?batch=NONE", ErrorCode::record_unknown},
          std::pair{"/api/packs/files/0", ErrorCode::record_unknown},
          std::pair{"/api/packs/files/99999", ErrorCode::record_unknown},
          std::pair{"/api/packs/files/x", ErrorCode::record_unknown},
          std::pair{"/epcis/v2/events?perPage=0", ErrorCode::epcis_query_invalid},
          std::pair{"/epcis/v2/events?nextPageToken=zz", ErrorCode::epcis_query_invalid},
          std::pair{"/epcis/v2/events?GE_eventTime=yesterday", ErrorCode::epcis_query_invalid},
          std::pair{"/epcis/v2/events?EQ_anything=1", ErrorCode::epcis_query_invalid},
          std::pair{"/epcis/v2/events/none", ErrorCode::record_unknown}}) {
        const Answer answer = ask("o421", "GET", path);
        ASSERT_FALSE(answer) << path << answer->body.substr(0, 200);
        EXPECT_EQ(answer.error().code, code) << path << ": " << answer.error().text();
        EXPECT_LT(answer.error().info().http, 500) << path;
    }
    EXPECT_EQ(refusal("o421", "GET", "/api/packs/codes/" + std::string(2000, '8')),
              ErrorCode::code_malformed);
    services_.packs = nullptr;
    const Answer closed = ask("o421", "GET", "/api/packs/summary");
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, ErrorCode::store_unavailable);
}

// mission: F18 F19
TEST_F(PackApi, the_public_is_told_of_the_pack_and_of_nobody) {
    load_all();
    const Json sold = get("", fmt::format("/api/public/packs?code={}", pack));
    EXPECT_TRUE(sold["well_formed"]);
    EXPECT_EQ(sold["issued"], "yes");
    EXPECT_EQ(sold["sale"], "sold_before");
    EXPECT_TRUE(sold["warn"]);
    EXPECT_EQ(sold["report"]["prefill"]["code"], pack);
    EXPECT_EQ(sold["maker"], "M1");
    for (const std::string_view told : {"S1", "S2", "W1", "2025", ":00"})
        EXPECT_EQ(sold.dump().find(told), std::string::npos) << told;
    const Json shelf = get("", fmt::format("/api/public/packs?code={}", other_pack));
    EXPECT_EQ(shelf["sale"], "not_sold");
    EXPECT_FALSE(shelf["warn"]);
    const Json broken = get("", "/api/public/packs?code=(01)09506000134353(21)A1");
    EXPECT_FALSE(broken["well_formed"]);
    EXPECT_FALSE(broken["problem"]["next"].get<std::string>().empty());
    EXPECT_EQ(refusal("", "GET", "/api/public/packs"), ErrorCode::usage);
    load("batches.csv",
         "id,product,holder,produced_at,expires_at,recalled_at\n"
         "B1,8100001,M1,2025-01-01T08:00:00+08:00,2027-01-01T00:00:00+08:00,2026-05-01T00:00:00+08:00\n");
    EXPECT_TRUE(get("", fmt::format("/api/public/packs?code={}", other_pack))["recalled"]);
}

TEST_F(PackApi, a_recall_is_told_to_who_holds_the_batch_once) {
    load_all();
    const auto tell = [&](const std::string& text) {
        const Answer answer = ask("u421", "POST", "/api/packs/batches/B1/recall_notices", {{"text", text}});
        EXPECT_TRUE(answer) << answer.error().text();
        return Json::parse(answer->body);
    };
    EXPECT_EQ(tell("")["notified"], 1);
    tell("");
    EXPECT_EQ(must(work_->list<NoticeRow>({})).size(), 1U);
    const NoticeRow notice = must(work_->list<NoticeRow>({})).front();
    EXPECT_EQ(notice.person, "store");
    EXPECT_EQ(notice.kind, "recall");
    EXPECT_EQ(refusal("o422", "POST", "/api/packs/batches/B1/recall_notices", Json::object()),
              ErrorCode::condition_unmet);
    EXPECT_EQ(refusal("store", "POST", "/api/packs/batches/B1/recall_notices", Json::object()),
              ErrorCode::access_denied);
}

// mission: D3
TEST_F(PackApi, a_firm_hands_in_its_own_events_and_nobody_elses) {
    load("operators.csv", operators_csv);
    load("products.csv", products_csv);
    load("batches.csv", batches_csv);
    const Json report = import_of("store", "events.csv", events_csv() + "x,81,sell,S1,,never,,,\n");
    ASSERT_TRUE(report.contains("batch")) << report;
    EXPECT_EQ(report["accepted"], 3) << report;
    EXPECT_EQ(report["rejected"], 10);
    std::set<std::string> codes;
    for (const Json& row : report["rejects"]) {
        codes.insert(row["code"]);
        EXPECT_FALSE(row["next"].get<std::string>().empty());
    }
    EXPECT_TRUE(codes.contains("wrong_organisation")) << report["rejects"];
    const Json again = import_of("store", "again.csv", events_csv() + "x,81,sell,S1,,never,,,\n");
    EXPECT_TRUE(again["repeated"]);
    EXPECT_EQ(again["batch"], report["batch"]);
    const Json tables = import_of("store", "operators.csv", std::string(operators_csv));
    EXPECT_EQ(tables["code"], "wrong_organisation");
    const auto seq = report["batch"].get<std::uint64_t>();
    EXPECT_EQ(get("store", "/api/packs/files")["items"].size(), 1U);
    EXPECT_EQ(get("store", fmt::format("/api/packs/files/{}", seq))["rejects"].size(), 11U)
        << "the unreadable row has two faults";
    EXPECT_EQ(get("o421", fmt::format("/api/packs/files/{}", seq))["accepted"], 3);
    EXPECT_EQ(refusal("o422", "GET", fmt::format("/api/packs/files/{}", seq)), ErrorCode::record_unknown);
    EXPECT_EQ(refusal("trader", "GET", fmt::format("/api/packs/files/{}", seq)), ErrorCode::record_unknown);
    // What was left out stays out when the index is made again from the journal.
    const std::uint64_t events = must(services_.packs->index().stats()).events;
    EXPECT_EQ(must(services_.packs->rebuild()).events, events);
}

TEST_F(PackApi, an_upload_must_be_there_be_whole_and_be_ones_own) {
    const std::string id = uploaded("o421", "events.csv", events_csv());
    EXPECT_EQ(refusal("o422", "POST", "/api/packs/imports", {{"upload", id}}), ErrorCode::record_unknown);
    EXPECT_EQ(refusal("o421", "POST", "/api/packs/imports", {{"upload", "u-none"}}),
              ErrorCode::record_unknown);
    EXPECT_EQ(refusal("o421", "POST", "/api/packs/imports", {{"upload", id}, {"format", "pdf"}}),
              ErrorCode::field_invalid);
    must(work_->put(UploadRow{.id = "u-half", .person = "o421", .expires = clock_.now().us + 1'000'000}));
    EXPECT_EQ(refusal("o421", "POST", "/api/packs/imports", {{"upload", "u-half"}}), ErrorCode::wrong_state);
    const Json none = import_of("o421", "notes.csv", "a,b\n1,2\n");
    EXPECT_EQ(none["code"], "column_missing") << none;
}

// --- EPCIS

Json object_event(const std::string& id, std::string_view step, std::string_view actor,
                  const std::string& time) {
    return {{"type", "ObjectEvent"},
            {"eventID", id},
            {"eventTime", time},
            {"eventTimeZoneOffset", "+08:00"},
            {"epcList", {"https://id.gs1.org/01/09506000134352/21/A1"}},
            {"action", "OBSERVE"},
            {"bizStep", step},
            {"sourceList",
             Json::array({{{"type", "possessing_party"}, {"source", fmt::format("urn:firm:{}", actor)}}})},
            {"bizLocation", {{"id", fmt::format("urn:firm:{}", actor)}}}};
}
Json document_of(Json events) {
    return {{"@context", Json::array({"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"})},
            {"type", "EPCISDocument"},
            {"schemaVersion", "2.0"},
            {"creationDate", "2026-05-01T00:00:00Z"},
            {"epcisBody", {{"eventList", std::move(events)}}}};
}
const std::map<std::string, std::string> as_json{{"content-type", "application/ld+json"}};

// mission: D2
TEST_F(PackApi, a_capture_is_answered_by_a_job_and_its_events_are_found_again) {
    load("operators.csv", operators_csv);
    load("products.csv", "code,holder,class\n9506000134352,M1,\n");
    Json events = Json::array();
    for (int day = 1; day <= 5; ++day)
        events.push_back(object_event(fmt::format("urn:uuid:{}", day), day % 2 == 0 ? "storing" : "shipping",
                                      "W1", fmt::format("2026-05-{:02}T08:00:00+08:00", day)));
    events.push_back(object_event("urn:uuid:6", "shipping", "S1", "2026-05-06T08:00:00+08:00"));
    const Answer taken = ask("o421", "POST", "/epcis/v2/capture", document_of(events), as_json);
    ASSERT_TRUE(taken) << taken.error().text();
    EXPECT_EQ(taken->status, 202);
    const Json report = finished(Json::parse(taken->body), "o421");
    ASSERT_TRUE(report.contains("batch")) << report;
    const std::string id = Json::parse(taken->body)["captureID"];
    const Json job = get("o421", "/epcis/v2/capture/" + id);
    EXPECT_FALSE(job["running"]);
    EXPECT_TRUE(job["success"]);
    EXPECT_EQ(job["captureErrorBehaviour"], "rollback");
    EXPECT_EQ(get("o421", "/epcis/v2/capture").size(), 1U);
    const auto ids = [](const Json& document) {
        std::vector<std::string> out;
        for (const Json& event : document["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
            out.push_back(event["eventID"]);
        return out;
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(ids(get("province", "/epcis/v2/events")).size(), 6U);
    EXPECT_EQ(ids(get("o421", "/epcis/v2/events")), (Ids{"urn:uuid:6"})) << "W1 belongs to the city";
    EXPECT_EQ(ids(get("trader", "/epcis/v2/events?EQ_bizStep=urn:epcglobal:cbv:bizstep:storing")),
              (Ids{"urn:uuid:2", "urn:uuid:4"}));
    EXPECT_EQ(
        ids(get("province",
                "/epcis/v2/events?GE_eventTime=2026-05-02T00:00:00Z&LT_eventTime=2026-05-04T00:00:00Z")),
        (Ids{"urn:uuid:2", "urn:uuid:3"}));
    EXPECT_EQ(ids(get("province", "/epcis/v2/events?EQ_eventID=urn:uuid:3")), (Ids{"urn:uuid:3"}));
    EXPECT_EQ(ids(get("province", "/epcis/v2/events?MATCH_anyEPC=urn:epc:id:sgtin:9506000.013435.A1")).size(),
              6U)
        << "a code is one code in every spelling";
    EXPECT_EQ(ids(get("province", "/epcis/v2/epcs/https://id.gs1.org/01/09506000134352/21/A1/events")).size(),
              6U);
    EXPECT_TRUE(ids(get("province", "/epcis/v2/events?EQ_bizLocation=urn:firm:none")).empty());
    EXPECT_EQ(get("trader", "/epcis/v2/events/urn:uuid:1")["bizStep"], "shipping");
    EXPECT_EQ(refusal("store", "GET", "/epcis/v2/events/urn:uuid:1"), ErrorCode::record_unknown);
    // Page by page, each once and in order.
    Ids paged;
    std::string path = "/epcis/v2/events?perPage=2";
    for (int i = 0; i < 10 && !path.empty(); ++i) {
        const Answer page = ask("province", "GET", path);
        ASSERT_TRUE(page) << page.error().text();
        for (const std::string& one : ids(Json::parse(page->body))) paged.push_back(one);
        path.clear();
        for (const auto& [name, value] : page->headers)
            if (name == "Link") path = value.substr(1, value.find('>') - 1);
    }
    EXPECT_EQ(paged,
              (Ids{"urn:uuid:1", "urn:uuid:2", "urn:uuid:3", "urn:uuid:4", "urn:uuid:5", "urn:uuid:6"}));
}

TEST_F(PackApi, one_bad_event_refuses_the_document_or_is_left_out_as_asked) {
    load("operators.csv", operators_csv);
    load("products.csv", "code,holder,class\n9506000134352,M1,\n");
    Json events = Json::array({object_event("urn:uuid:1", "shipping", "W1", "2026-05-01T08:00:00+08:00"),
                               object_event("urn:uuid:2", "no_such_step", "W1", "2026-05-02T08:00:00+08:00"),
                               object_event("urn:uuid:3", "shipping", "W1", "2026-05-03T08:00:00+08:00")});
    EXPECT_EQ(refusal("o421", "POST", "/epcis/v2/capture", document_of(events), as_json),
              ErrorCode::epcis_word_unknown);
    auto proceed = as_json;
    proceed["gs1-capture-error-behaviour"] = "proceed";
    const Answer taken = ask("o421", "POST", "/epcis/v2/capture", document_of(events), proceed);
    ASSERT_TRUE(taken) << taken.error().text();
    const Json report = finished(Json::parse(taken->body), "o421");
    ASSERT_EQ(report["errors"].size(), 1U) << report;
    EXPECT_EQ(report["errors"][0]["event"], 1);
    EXPECT_EQ(
        get("province", "/epcis/v2/events")["epcisBody"]["queryResults"]["resultsBody"]["eventList"].size(),
        2U);
    // An event from the future is refused with its row; nothing of the document is taken.
    const Json future =
        Json::array({object_event("urn:uuid:4", "shipping", "W1", "2026-05-04T08:00:00+08:00"),
                     object_event("urn:uuid:5", "shipping", "W1", "2036-05-04T08:00:00+08:00")});
    const Answer rolled = ask("o421", "POST", "/epcis/v2/capture", document_of(future), as_json);
    ASSERT_TRUE(rolled) << rolled.error().text();
    EXPECT_TRUE(finished(Json::parse(rolled->body), "o421").contains("detail"));
    EXPECT_EQ(refusal("province", "GET", "/epcis/v2/events/urn:uuid:4"), ErrorCode::record_unknown);
    // A firm's capture of what happened elsewhere.
    const Answer foreign = ask(
        "store", "POST", "/epcis/v2/capture",
        document_of(Json::array({object_event("urn:uuid:7", "shipping", "W1", "2026-05-05T08:00:00+08:00")})),
        as_json);
    ASSERT_TRUE(foreign) << foreign.error().text();
    EXPECT_EQ(finished(Json::parse(foreign->body), "store")["code"], "wrong_organisation");
}

TEST_F(PackApi, hostile_documents_are_refused_by_name) {
    const std::map<std::string, std::string> as_xml{{"content-type", "application/xml"}};
    EXPECT_EQ(refusal("o421", "POST", "/epcis/v2/capture", "<!DOCTYPE x [<!ENTITY a \"b\">]><EPCISDocument/>",
                      as_xml),
              ErrorCode::doctype_refused);
    const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
    for (const char* behaviour : {"rollback", "proceed"}) {
        auto headers = as_json;
        headers["gs1-capture-error-behaviour"] = behaviour;
        const Answer answer = ask("o421", "POST", "/epcis/v2/capture", deep, headers);
        ASSERT_FALSE(answer);
        EXPECT_LT(answer.error().info().http, 500) << answer.error().text();
        const Answer hidden = ask("o421", "POST", "/epcis/v2/capture",
                                  "{\"type\":\"EPCISDocument\",\"x:y\":" + deep + "}", headers);
        EXPECT_FALSE(hidden);
    }
    EXPECT_EQ(refusal("o421", "POST", "/epcis/v2/capture", "", as_json), ErrorCode::epcis_document_unknown);
    EXPECT_EQ(refusal("o421", "POST", "/epcis/v2/capture", "x", {{"content-type", "text/plain"}}),
              ErrorCode::file_kind_refused);
    auto headers = as_json;
    headers["gs1-capture-error-behaviour"] = "perhaps";
    EXPECT_EQ(refusal("o421", "POST", "/epcis/v2/capture", "{}", headers), ErrorCode::usage);
    EXPECT_EQ(refusal("cop", "POST", "/epcis/v2/capture", "{}", as_json), ErrorCode::access_denied);
}

}  // namespace

// mission: D7
TEST(hand_overs, never_lead_through_a_firm_that_no_event_names_as_giving_or_taking) {
    EXPECT_TRUE(rc::check(
        [](const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t>>& drawn) {
            std::vector<packs::Event> events;
            std::set<std::pair<std::uint32_t, std::uint32_t>> given, taken;
            for (const auto& [action, actor, other, owner] : drawn) {
                packs::Event event;
                event.action = static_cast<packs::Action>(action % 10);
                event.actor = 1 + actor % 5;
                event.counterparty = other % 6;
                event.extra.owner = 100 + owner % 5;  // an owner never held it
                event.time_ms = static_cast<std::int64_t>(events.size());
                if (event.action == packs::Action::ship || event.action == packs::Action::return_out)
                    given.emplace(event.actor, event.counterparty);
                if (event.action == packs::Action::receive || event.action == packs::Action::return_in)
                    taken.emplace(event.counterparty, event.actor);
                events.push_back(event);
            }
            for (const HandOver& one : hand_overs(events)) {
                RC_ASSERT(one.from != 0 && one.to != 0 && one.from != one.to && one.from < 100 &&
                          one.to < 100);
                RC_ASSERT((one.shipped == no_event) != (one.received == no_event) ||
                          one.shipped < one.received);
                if (one.shipped != no_event) RC_ASSERT(given.contains({one.from, one.to}));
                if (one.received != no_event) RC_ASSERT(taken.contains({one.from, one.to}));
            }
        }));
}

}  // namespace qingyuan::api
