// mission: H3 G3 G5 G6
// The report desk: what is kept and what never is, versions and their dossiers, coding, forms, sentinels.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "accounts/file_seal.hpp"
#include "accounts/vault.hpp"
#include "api/report_json.hpp"
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

std::string example(std::string_view name) {
    std::ifstream in(fmt::format("{}/src/observe/examples/{}", QINGYUAN_SOURCE_DIR, name), std::ios::binary);
    EXPECT_TRUE(in.is_open()) << name;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

/// What of the examples is a person's and may stand in no output.
constexpr std::string_view canaries[] = {"金丝雀患者", "ZYH-CANARY", "13900000001", "用药后十分钟"};

class ReportDeskTest : public testing::Test {
 protected:
    void SetUp() override { reopen(); }
    void reopen() {
        desk_ = must(ReportDesk::open({.law = book(),
                                       .journal = *journal_,
                                       .evidence = evidence_,
                                       .personal = *vault_,
                                       .seal = accounts::seal_file(*vault_),
                                       .clock = clock_,
                                       .default_organisation = "city"}));
    }
    std::unique_ptr<journal::Journal> open_journal() {
        journal::Options options;
        options.origin = "reports.example";
        options.folds = {registry::fold(), act::fold(book())};
        auto journal = must(journal::Journal::open(*store_, clock_, std::move(options)));
        must(journal->append(cast()));
        return journal;
    }
    static std::vector<facts::Fact> cast() {
        const Date from = make_date(2023, 1, 1);
        const auto fact = [&](facts::Payload payload) {
            return facts::Fact{from, {}, "system", 0, std::move(payload)};
        };
        std::vector<facts::Fact> out;
        for (const auto& [id, parent, region] :
             {std::tuple{"city", "", "430400"}, std::tuple{"east", "city", "430421"}})
            out.push_back(fact(facts::OrganisationRecorded{.id = id,
                                                           .name = id,
                                                           .parent = parent,
                                                           .department = "drug_regulator",
                                                           .region = region,
                                                           .kind = "authority",
                                                           .from = from}));
        out.push_back(fact(facts::OperatorRecorded{.id = "hospital-1",
                                                   .name = "虚城市第一医院",
                                                   .kind = "hospital",
                                                   .organisation = "east",
                                                   .from = from}));
        out.push_back(fact(facts::ProductRecorded{
            .id = "国药准字H99990002", .name = "虚拟阿司匹林片", .category = "drug", .from = from}));
        for (const auto& [id, at, role] :
             {std::tuple{"ruan", "east", "risk_analyst"},
              std::tuple{"yao", "hospital-1", "hospital_reporter"}, std::tuple{"lin", "city", "lab"}})
            out.push_back(
                fact(facts::PersonRecorded{.id = id, .organisation = at, .roles = {role}, .from = from}));
        return out;
    }
    ReportResult import(std::string_view name, bool history = false, bool dry_run = false) {
        return import_text(example(name), history, dry_run);
    }
    ReportResult import_text(std::string text, bool history = false, bool dry_run = false) {
        return must(desk_->import(
            {"system", "city"},
            {.bytes = std::move(text), .source = "test", .history = history, .dry_run = dry_run}));
    }
    facts::DossierRow dossier(const std::string& id) {
        std::optional<facts::DossierRow> out;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(act::dossier(reader, id));
            return {};
        }));
        return *out;
    }
    /// Every record of the journal and every file of the evidence store, as they lie on the disk.
    std::string everything_kept() {
        std::string out;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            const auto head = TRY(reader.head());
            return reader.transaction().scan(1, head.size + 1,
                                             [&](std::uint64_t, std::string_view record) -> Result<void> {
                                                 out += record;
                                                 return {};
                                             });
        }));
        for (const auto& entry : fs::recursive_directory_iterator(folder_ / "evidence")) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            out += std::string(std::istreambuf_iterator<char>(in), {});
        }
        return out;
    }
    std::uint64_t size() {
        std::uint64_t out = 0;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(reader.head()).size;
            return {};
        }));
        return out;
    }
    std::vector<facts::SafetyReport> current() {
        std::vector<facts::SafetyReport> out;
        must(desk_->look([&](const observe::ReportArchive& archive) -> Result<void> {
            out = archive.current();
            return {};
        }));
        return out;
    }

    struct Folder {
        fs::path path = fs::temp_directory_path() /
                        fmt::format("qingyuan-report-desk-{}-{}", ::getpid(),
                                    testing::UnitTest::GetInstance()->current_test_info()->name());
        Folder() {
            fs::remove_all(path);
            fs::create_directories(path);
        }
        ~Folder() { fs::remove_all(path); }
    };
    Folder owner_;
    fs::path folder_ = owner_.path;
    VirtualClock clock_{{start_of(make_date(2025, 7, 5)).us + 9 * 3'600'000'000LL}};
    std::unique_ptr<journal::Store> store_ = must(sql::open_store("sqlite::memory:"));
    std::unique_ptr<accounts::Vault> vault_ = must(accounts::Vault::in_memory());
    journal::Evidence evidence_ = must(journal::Evidence::open(folder_ / "evidence"));
    std::unique_ptr<journal::Journal> journal_ = open_journal();
    std::unique_ptr<ReportDesk> desk_;
};

TEST_F(ReportDeskTest, a_message_becomes_rows_and_dossiers) {
    const ReportResult result = import("icsr_batch.xml");
    EXPECT_EQ(result.format, "icsr");
    EXPECT_EQ(result.accepted, 2u);
    EXPECT_EQ(result.opened, 2u);
    ASSERT_TRUE(result.ack);
    EXPECT_EQ(result.ack->code(), "AA");
    EXPECT_EQ(result.ack->sender, "HY-CADR");
    EXPECT_EQ(result.ack->receiver, "VIRTUAL-PHARMA");
    const ReportOutcome& first = result.reports[0];
    EXPECT_EQ(first.address, fmt::format("{}/0", result.batch));
    EXPECT_EQ(first.clock->limit, "ADR.SERIOUS");
    EXPECT_EQ(first.clock->due, "2025-06-24");
    EXPECT_TRUE(first.uncoded) << "its approval number is not in the registry";
    EXPECT_FALSE(result.reports[1].uncoded);
    const facts::DossierRow row = dossier(first.dossier);
    EXPECT_EQ(row.state, "submitted");
    EXPECT_EQ(row.organisation, "east") << "the regulator of the reporter";
    EXPECT_EQ(row.operator_id, "hospital-1");
    EXPECT_EQ(row.opened_on.text(), "2025-06-09") << "the day somebody first knew";
    EXPECT_EQ(facts::text_of(row.attributes, "batch_number"), "2504017");
    EXPECT_EQ(facts::text_of(row.attributes, "report_row"), first.address);
    // The patient of the dossier and of the row is one subject of the vault.
    must(desk_->look([&](const observe::ReportArchive& archive) -> Result<void> {
        const auto& kept = archive.find("CN-VIRTUAL-0001")->latest().row;
        EXPECT_EQ(std::get<facts::SubjectRef>(row.attributes.at("patient")).subject, kept.patient);
        EXPECT_EQ(must(vault_->find(kept.patient)), "金丝雀患者甲");
        EXPECT_EQ(must(vault_->find(kept.patient_id)), "ZYH-CANARY-0001");
        return {};
    }));
}

TEST_F(ReportDeskTest, no_value_of_a_person_stands_in_the_open) {
    const ReportResult result = import("icsr_batch.xml");
    const ReportResult table = import("reports_device_cosmetic.csv");
    EXPECT_EQ(table.accepted, 2u);
    ReportForm form;
    form.report = {.kind = "drug", .source = "个人", .patient = "金丝雀患者己", .reactions = {"头晕"}};
    form.report.products = {{"虚拟降压片", "", "", "", ""}};
    form.patient_id = "ZYH-CANARY-0009";
    form.narrative = "金丝雀患者己，13900000001";
    must(desk_->submit({"ruan", "east"}, form));
    // A report that is refused is answered without them, too.
    const ReportResult refused =
        import_text(changed(example("icsr_batch.xml"), "code=\"10002198\"", "code=\"1\""));
    EXPECT_EQ(refused.rejected, 1u);
    const std::string kept = everything_kept();
    const std::string said = as_json(result).dump() + as_json(table).dump() + as_json(refused).dump() +
                             observe::ack_xml(*result.ack) + observe::ack_xml(*refused.ack);
    for (const std::string_view canary : canaries) {
        EXPECT_EQ(kept.find(canary), std::string::npos) << canary;
        EXPECT_EQ(said.find(canary), std::string::npos) << canary;
    }
    // And the canaries are there where they belong: the sealed file opens with the vault.
    std::size_t opened = 0;
    for (const std::string& digest : must(evidence_.list()))
        if (evidence_.is_sealed(digest))
            opened += must(evidence_.read(digest, accounts::unseal_file(*vault_))).find("金丝雀患者") !=
                      std::string::npos;
    EXPECT_GE(opened, 3u);
}

TEST_F(ReportDeskTest, the_same_again_changes_nothing) {
    const ReportResult first = import("icsr_batch.xml");
    const std::uint64_t facts = size();
    clock_.set(Instant{clock_.now().us + 86'400'000'000LL});
    const ReportResult again = import("icsr_batch.xml");
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.duplicate, 2u);
    EXPECT_EQ(again.rejected, 0u);
    EXPECT_EQ(again.batch, 0u);
    EXPECT_EQ(again.ack->code(), "AA");
    EXPECT_EQ(size(), facts);
    reopen();
    EXPECT_TRUE(import("icsr_batch.xml").repeated) << "after a start, too";
    EXPECT_NE(first.batch, 0u);
}

TEST_F(ReportDeskTest, a_follow_up_moves_the_dossier_and_starts_its_own_limits) {
    const std::string id = import("icsr_batch.xml").reports[0].dossier;
    const ReportResult later = import("icsr_follow_up.xml");
    EXPECT_EQ(later.reports[0].standing, observe::ReportStanding::follow_up);
    EXPECT_EQ(later.reports[0].dossier, id);
    EXPECT_EQ(later.opened, 0u);
    const facts::DossierRow row = dossier(id);
    EXPECT_EQ(row.state, "submitted");
    EXPECT_EQ(facts::text_of(row.attributes, "seriousness"), "death");
    EXPECT_EQ(facts::text_of(row.attributes, "outcome"), "death");
    const auto has = [&](std::string_view limit) {
        return std::any_of(row.clocks.begin(), row.clocks.end(),
                           [&](const facts::ClockState& clock) { return clock.limit == limit; });
    };
    for (const std::string_view limit :
         {"ADR.DEATH", "ADR.FOLLOWUP", "GVP.FOLLOWUP_SERIOUS", "ADR.DEATH_INVEST", "ADR.REVIEW_SERIOUS"})
        EXPECT_TRUE(has(limit)) << limit;
    // The first version, coming late, is history.
    const ReportResult amended = import("icsr_amendment.xml");
    EXPECT_EQ(amended.reports[0].standing, observe::ReportStanding::older);
    EXPECT_EQ(amended.reports[0].warnings.back().code, ErrorCode::report_older);
    EXPECT_EQ(current()[0].outcome, "death");
}

TEST_F(ReportDeskTest, nullified_once_and_again) {
    const std::string id = import("icsr_batch.xml").reports[1].dossier;
    EXPECT_EQ(import("icsr_nullification.xml").reports[0].standing, observe::ReportStanding::nullifies);
    EXPECT_EQ(dossier(id).state, "nullified");
    EXPECT_EQ(current().size(), 1u);
    const std::uint64_t facts = size();
    const std::string again =
        changed(example("icsr_nullification.xml"), "availabilityTime value=\"20250701\"",
                "availabilityTime value=\"20250702\"");
    const ReportResult second = import_text(again);
    EXPECT_EQ(second.reports[0].standing, observe::ReportStanding::nullified_again);
    EXPECT_EQ(second.reports[0].warnings.back().code, ErrorCode::report_nullified);
    EXPECT_EQ(second.ack->code(), "AA");
    EXPECT_EQ(size(), facts);
}

TEST_F(ReportDeskTest, a_dry_run_writes_nothing_and_says_the_same) {
    const std::uint64_t facts = size();
    const ReportResult dry = import("icsr_batch.xml", false, true);
    EXPECT_EQ(size(), facts);
    EXPECT_TRUE(must(evidence_.list()).empty());
    EXPECT_EQ(dry.reports[0].clock->limit, "ADR.SERIOUS");
    EXPECT_EQ(dry.accepted, 2u);
    import("icsr_batch.xml");
    const ReportResult again = import("icsr_batch.xml", false, true);
    EXPECT_EQ(again.duplicate, 2u);
}

TEST_F(ReportDeskTest, rows_taken_over_open_no_dossier) {
    const ReportResult result = import("icsr_batch.xml", true);
    EXPECT_EQ(result.accepted, 2u);
    EXPECT_EQ(result.opened, 0u);
    EXPECT_EQ(current().size(), 2u);
}

TEST_F(ReportDeskTest, the_listener_hears_of_what_is_there_and_what_comes) {
    import("icsr_batch.xml");
    std::map<std::string, facts::SafetyReport> live;
    std::vector<observe::ReportChangeKind> kinds;
    desk_->listen([&](const observe::ReportChange& change) {
        kinds.push_back(change.kind);
        if (change.after)
            live[change.case_id] = *change.after;
        else
            live.erase(change.case_id);
    });
    EXPECT_EQ(live.size(), 2u);
    import("icsr_follow_up.xml");
    import("icsr_nullification.xml");
    EXPECT_EQ(live.size(), 1u);
    EXPECT_EQ(live.begin()->second.seriousness, "death");
    EXPECT_EQ(kinds.size(), 4u);
    // Another process writes; this one hears of it when it looks.
    auto other = must(ReportDesk::open({.law = book(),
                                        .journal = *journal_,
                                        .evidence = evidence_,
                                        .personal = *vault_,
                                        .seal = accounts::seal_file(*vault_),
                                        .clock = clock_}));
    must(other->import({"system", "city"}, {.bytes = example("icsr_null_flavours.xml"), .source = "test"}));
    EXPECT_EQ(live.size(), 1u);
    must(desk_->catch_up());
    EXPECT_EQ(live.size(), 2u);
    must(desk_->catch_up());
    EXPECT_EQ(kinds.size(), 5u);
}

TEST_F(ReportDeskTest, an_unknown_product_is_queued_and_coded_by_a_person) {
    import("icsr_batch.xml");
    const auto open = must(desk_->uncoded());
    ASSERT_EQ(open.size(), 1u);
    EXPECT_EQ(open[0].approval, "国药准字H99990001");
    EXPECT_EQ(desk_->code({"ruan", "east"}, {}).error().code, ErrorCode::field_missing);
    must(desk_->code({"ruan", "east"}, {open[0].name, open[0].approval, open[0].maker, "虚拟头孢注射剂",
                                        "头孢", "国药准字H99990009", "虚拟药厂A01"}));
    EXPECT_TRUE(must(desk_->uncoded()).empty());
    reopen();
    EXPECT_TRUE(must(desk_->uncoded()).empty());
    EXPECT_EQ(current()[0].products[0].approval, "国药准字H99990009");
}

TEST_F(ReportDeskTest, a_form_is_a_report) {
    ReportForm form;
    form.report = {.kind = "cosmetic", .source = "个人", .sex = "female", .reactions = {"皮炎"}};
    form.report.products = {{"虚拟焕白霜", "", "国妆特字20990001", "", ""}};
    form.severity = "social";
    form.no_batch = {"package_gone"};
    form.known_on = make_date(2025, 7, 4);
    form.channel = "individual";
    const ReportResult result = must(desk_->submit({"ruan", "east"}, form));
    ASSERT_EQ(result.accepted, 1u);
    const ReportOutcome& one = result.reports[0];
    EXPECT_EQ(one.clock->limit, "CAR.SOCIAL");
    EXPECT_EQ(one.clock->due, "2025-07-07");
    EXPECT_EQ(one.warnings[0].code, ErrorCode::batch_number_missing);
    EXPECT_NE(one.warnings[0].message.find("package_gone"), std::string::npos);
    EXPECT_EQ(dossier(one.dossier).organisation, "east");
    EXPECT_EQ(facts::text_of(dossier(one.dossier).attributes, "no_batch"), "package_gone");
    // More is learned: the case is the same, its number too.
    ReportForm more;
    more.report.outcome = "recovered";
    clock_.set(Instant{clock_.now().us + 3'600'000'000LL});
    const ReportResult later = must(desk_->follow_up({"ruan", "east"}, one.case_id, more));
    EXPECT_EQ(later.reports[0].standing, observe::ReportStanding::follow_up);
    EXPECT_EQ(later.reports[0].number, one.number);
    EXPECT_EQ(current().size(), 1u);
    EXPECT_EQ(current()[0].outcome, "recovered");
    EXPECT_EQ(current()[0].products[0].name, "虚拟焕白霜");
    EXPECT_EQ(desk_->follow_up({"ruan", "east"}, "nobody", more).error().code, ErrorCode::record_unknown);
    // Two forms of one second are two reports.
    EXPECT_NE(must(desk_->submit({"ruan", "east"}, form)).reports[0].number, one.number);
}

TEST_F(ReportDeskTest, what_a_form_is_refused_for) {
    const auto code = [&](const ReportForm& form) {
        const auto result = desk_->submit({"ruan", "east"}, form);
        if (!result) return std::string(info(result.error().code).name);
        if (result->rejected > 0) return std::string(info(result->reports[0].problems[0].code).name);
        return result->reports[0].no_dossier;
    };
    ReportForm good;
    good.report = {.kind = "drug", .source = "医疗机构", .sex = "male", .reactions = {"皮疹"}};
    good.report.products = {{"虚拟阿司匹林片", "", "国药准字H99990002", "", "B1"}};
    EXPECT_EQ(code(good), "");
    ReportForm form = good;
    form.report.products.clear();
    EXPECT_EQ(code(form), "field_missing");
    form = good;
    form.report.kind = "food";
    EXPECT_EQ(code(form), "not_in_vocabulary");
    form = good;
    form.known_on = make_date(2025, 7, 6);
    EXPECT_EQ(code(form), "date_in_future");
    form = good;
    form.report.sex.clear();
    EXPECT_EQ(code(form), "report_criteria_missing");
    form = good;
    form.criteria = {"worst"};
    EXPECT_EQ(code(form), "not_in_vocabulary");
    // Who may not open a report has a row and no dossier; the answer says why.
    const ReportResult lab = must(desk_->submit({"lin", "city"}, good));
    EXPECT_EQ(lab.reports[0].no_dossier, "wrong_role");
}

TEST_F(ReportDeskTest, a_vaccine_has_hours) {
    ReportForm form;
    form.report = {.kind = "vaccine", .source = "医疗机构", .sex = "male", .reactions = {"猝死"}};
    form.report.products = {{"虚拟疫苗", "", "", "", "V1"}};
    form.report.seriousness = "death";
    const ReportResult result = must(desk_->submit({"ruan", "east"}, form));
    EXPECT_EQ(result.reports[0].clock->limit, "AEFI.URGENT");
    EXPECT_EQ(result.reports[0].clock->due, "2025-07-05T11:00:00+08:00");
    EXPECT_EQ(dossier(result.reports[0].dossier).category, "drug");
}

TEST_F(ReportDeskTest, sentinels_are_kept_in_the_journal) {
    const Date from = make_date(2024, 1, 1);
    must(desk_->put_sentinels({"ruan", "city"},
                              {{"虚城市第一医院", "第一医院", "hospital", "430421", from, {}},
                               {"虚城大学", "监测站", "university", "430400", from, {}}}));
    EXPECT_EQ(desk_->put_sentinels({"ruan", "city"}, {{"x", "x", "castle", "", from, {}}}).error().code,
              ErrorCode::not_in_vocabulary);
    import("icsr_batch.xml");
    reopen();
    const auto states = must(desk_->sentinels(make_date(2025, 7, 6)));
    ASSERT_EQ(states.size(), 2u);
    EXPECT_TRUE(states[0].silent) << "the university never reported";
    EXPECT_FALSE(states[1].silent);
    EXPECT_EQ(states[1].cases, 2u);
    const auto shares = must(desk_->channels(make_date(2025, 1, 1), make_date(2025, 12, 31)));
    ASSERT_EQ(shares.size(), 1u);
    EXPECT_TRUE(shares[0].alarm);
    // A campus station and a person report directly: their reports are taken like others.
    ReportForm form;
    form.report = {.source = "高校监测站", .organisation = "虚城大学", .sex = "male", .reactions = {"皮疹"}};
    form.report.products = {{"虚拟阿司匹林片", "", "国药准字H99990002", "", "B1"}};
    must(desk_->submit({"ruan", "east"}, form));
    EXPECT_FALSE(must(desk_->sentinels(make_date(2025, 7, 6)))[0].silent);
}

TEST_F(ReportDeskTest, a_row_that_was_changed_is_noticed) {
    const ReportResult result = import("icsr_batch.xml");
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "evidence")) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        std::string bytes(std::istreambuf_iterator<char>(in), {});
        if (bytes.find("CN-VIRTUAL-0001") == std::string::npos) continue;
        bytes[bytes.find("CN-VIRTUAL-0001")] = 'X';
        std::ofstream(entry.path(), std::ios::binary | std::ios::trunc) << bytes;
    }
    const auto again = ReportDesk::open({.law = book(),
                                         .journal = *journal_,
                                         .evidence = evidence_,
                                         .personal = *vault_,
                                         .seal = accounts::seal_file(*vault_),
                                         .clock = clock_});
    ASSERT_FALSE(again) << result.batch;
    EXPECT_EQ(again.error().code, ErrorCode::store_corrupt);
}

TEST_F(ReportDeskTest, a_year_of_reports_is_taken_over) {
    const char* fixtures = std::getenv("QINGYUAN_FIXTURES");
    const fs::path file =
        fs::path(fixtures ? fixtures : std::string(QINGYUAN_SOURCE_DIR) + "/../shared/data") /
        "vigilance/adr_synth_reports.csv.gz";
    if (!fs::exists(file)) GTEST_SKIP() << file;
    std::ifstream in(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    clock_.set(start_of(make_date(2026, 11, 29)));
    const auto import_all = [&] {
        return must(desk_->import({"system", "city"}, {.bytes = bytes, .source = "synth", .history = true}));
    };
    const ReportResult result = import_all();
    EXPECT_EQ(result.accepted, 25'185u);
    EXPECT_EQ(result.rejected, 0u);
    EXPECT_EQ(result.opened, 0u);
    EXPECT_TRUE(import_all().repeated);
    reopen();
    EXPECT_EQ(current().size(), 25'185u);
    // Nobody registered these products: each waits once, however many reports name it.
    const auto open = must(desk_->uncoded());
    EXPECT_LT(open.size(), 500u);
    EXPECT_GT(open.front().cases, 100u);
}

TEST_F(ReportDeskTest, an_envelope_that_lacks_something_takes_nothing) {
    const std::uint64_t facts = size();
    const ReportResult result =
        import_text(changed(example("icsr_batch.xml"), "<name code=\"1\"", "<name code=\"2\""));
    EXPECT_EQ(result.rejected, 2u);
    EXPECT_EQ(result.ack->code(), "AR");
    EXPECT_EQ(size(), facts);
}

}  // namespace
}  // namespace qingyuan::api
