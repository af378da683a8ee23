// The sample city must pass the same door as real data: written out as tables, every row of it is accepted.
#include "demo/city.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "account/publication.hpp"
#include "accounts/vault.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "registry/import.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

using namespace qingyuan;
using registry::ImportKind;

namespace {

const law::Law& shipped_law() {
    static const Result<law::Law> law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    if (!law) ADD_FAILURE() << law.error().text();
    QY_ASSERT(law.has_value());
    return *law;
}

std::string day(Date date) { return date == Date{} ? std::string() : date.text(); }
std::string flag(bool value) { return value ? "1" : "0"; }

struct Tables {
    std::string organisations =
        csv_line({"id", "name", "name_en", "parent", "department", "level", "region", "kind", "from"});
    std::string people =
        csv_line({"id", "name", "organisation", "roles", "certificate", "certificate_to", "from", "to"});
    std::string operators = csv_line({"id", "name", "kind", "uscc", "headquarters", "region", "organisation",
                                      "address", "representative", "from"});
    std::string licences = csv_line({"id", "operator_id", "kind", "scopes", "status", "from", "to"});
    std::string products =
        csv_line({"id", "name", "category", "holder", "class_word", "high_risk", "centralised_procurement",
                  "prescription", "banned_online", "from", "to"});
};

Tables tables_of(const demo::City& city) {
    Tables out;
    for (const auto& o : city.organisations)
        out.organisations += csv_line(
            {o.id, o.name, o.name_en, o.parent, o.department, o.level, o.region, o.kind, day(o.from)});
    std::size_t next = 0;
    for (const auto& p : city.people)
        out.people += csv_line({p.id, city.names.at(next++).second, p.organisation, join(p.roles, "|"),
                                p.certificate, day(p.certificate_to), day(p.from), day(p.to)});
    for (const auto& f : city.operators)
        out.operators += csv_line({f.id, f.name, f.kind, f.uscc, f.headquarters, f.region, f.organisation,
                                   f.address, city.names.at(next++).second, day(f.from)});
    for (const auto& l : city.licences)
        out.licences +=
            csv_line({l.id, l.operator_id, l.kind, join(l.scopes, "|"), l.status, day(l.from), day(l.to)});
    for (const auto& p : city.products)
        out.products += csv_line({p.id, p.name, p.category, p.holder, p.class_word, flag(p.high_risk),
                                  flag(p.centralised_procurement), flag(p.prescription),
                                  flag(p.banned_online), day(p.from), day(p.to)});
    return out;
}

}  // namespace

TEST(city, every_record_passes_the_importer) {
    const auto folder = std::filesystem::temp_directory_path() / ("city_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const VirtualClock clock(start_of(make_date(2025, 7, 5)));
    const auto store = sql::open_store("sqlite::memory:").value();
    const auto journal =
        journal::Journal::open(*store, clock, {.origin = "city", .folds = {registry::fold()}}).value();
    const auto vault = accounts::Vault::in_memory().value();
    const auto evidence = journal::Evidence::open(folder / "evidence").value();
    const registry::ImportDesk desk{*journal, shipped_law(), *vault, evidence, {}, nullptr};
    const demo::City city = demo::make_city(1);
    const Tables tables = tables_of(city);
    const std::vector<std::pair<ImportKind, const std::string*>> order{
        {ImportKind::organisations, &tables.organisations},
        {ImportKind::operators, &tables.operators},
        {ImportKind::people, &tables.people},
        {ImportKind::licences, &tables.licences},
        {ImportKind::products, &tables.products}};
    for (const auto& [kind, text] : order) {
        const auto report = registry::import_table(desk, {.kind = kind,
                                                          .text = *text,
                                                          .raw = {},
                                                          .actor = "system",
                                                          .organisation = "hengyang",
                                                          .source = "sample",
                                                          .today = make_date(2025, 7, 5)});
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_EQ(report->rejected, 0u) << registry::name_of(kind);
        EXPECT_EQ(report->duplicate, 0u) << registry::name_of(kind);
        for (std::size_t at = 0; at < std::min<std::size_t>(report->rows.size(), 3); ++at)
            ADD_FAILURE() << registry::name_of(kind) << " line " << report->rows[at].line << " "
                          << report->rows[at].field << ": " << report->rows[at].message;
    }
    // mission: E9
    const auto looked = journal->read([&](const journal::Reader& reader) -> Result<void> {
        for (const auto& firm : city.operators) {
            const auto regulator = TRY(registry::primary_regulator(reader, firm.id, make_date(2025, 7, 5)));
            EXPECT_EQ(regulator.id, firm.organisation);
            EXPECT_TRUE(TRY(registry::is_under(reader, regulator.id, city.bureau, make_date(2025, 7, 5))));
        }
        return {};
    });
    EXPECT_TRUE(looked) << looked.error().text();
    std::filesystem::remove_all(folder);
}

TEST(figures, of_others_are_all_taken_and_cover_what_the_law_names) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/demo/reported_figures.csv");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const VirtualClock clock(start_of(make_date(2025, 7, 5)));
    const auto store = sql::open_store("sqlite::memory:").value();
    const auto journal =
        journal::Journal::open(*store, clock, {.origin = "city", .folds = {account::fold()}}).value();
    const auto vault = accounts::Vault::in_memory().value();
    const auto statistics = law::Statistics::load(shipped_law());
    ASSERT_TRUE(statistics) << statistics.error().text();
    std::set<std::string> named;
    const auto looked = journal->read([&](const journal::Reader& reader) -> Result<void> {
        const registry::ImportRequest request{.kind = ImportKind::figures,
                                              .text = text,
                                              .raw = {},
                                              .actor = "system",
                                              .organisation = "hengyang",
                                              .source = "sample",
                                              .today = make_date(2025, 7, 5),
                                              .dry_run = true};
        const auto plan = TRY(registry::plan_import(request, reader, shipped_law(), *vault, &*statistics));
        for (const auto& row : plan.report.rows)
            ADD_FAILURE() << row.line << " " << row.field << " " << row.message;
        for (const auto& record : plan.records)
            named.insert(std::get<facts::FigureReported>(record.payload).figure);
        return {};
    });
    ASSERT_TRUE(looked) << looked.error().text();
    for (const law::Statistic& statistic : statistics->all())
        if (statistic.kind == law::FigureKind::reported)
            EXPECT_TRUE(named.contains(statistic.id)) << statistic.id;
}

TEST(city, the_same_seed_gives_the_same_city_and_another_seed_another) {
    const Tables first = tables_of(demo::make_city(7)), again = tables_of(demo::make_city(7)),
                 other = tables_of(demo::make_city(8));
    EXPECT_EQ(first.operators, again.operators);
    EXPECT_EQ(first.people, again.people);
    EXPECT_NE(first.operators, other.operators);
}

TEST(city, every_role_of_the_law_is_somebody) {
    const demo::City city = demo::make_city(1);
    std::map<std::string, std::set<std::string>> holders;
    for (const auto& person : city.people)
        for (const std::string& role : person.roles) holders[role].insert(person.id);
    for (const law::Role& role : shipped_law().roles())
        if (role.id != "system" && role.id != "public_user")
            EXPECT_FALSE(holders[role.id].empty()) << role.id;
    // Three administrators who check one another: no person is two of them.
    std::set<std::string> administrators;
    for (const char* role : {"system_admin", "security_admin", "audit_admin"})
        for (const std::string& person : holders[role])
            EXPECT_TRUE(administrators.insert(person).second) << person;
    EXPECT_GE(administrators.size(), 3u);
}

TEST(city, has_its_twelve_units_and_officers_who_may_enforce) {
    const demo::City city = demo::make_city(1);
    EXPECT_EQ(city.units.size(), 12u);
    EXPECT_GT(city.operators.size(), 2'000u);
    for (std::string unit : [&] {
             auto all = city.units;
             all.push_back(city.own_unit);
             return all;
         }()) {
        int officers = 0;
        std::set<std::string> roles;
        for (const auto& person : city.people) {
            if (person.organisation != unit) continue;
            roles.insert(person.roles.begin(), person.roles.end());
            officers += !person.certificate.empty();
        }
        EXPECT_GE(officers, 2) << unit;
        for (const char* role : {"officer", "unit_head", "head_of_authority", "legal_reviewer"})
            EXPECT_TRUE(roles.contains(role)) << unit << " " << role;
    }
}
