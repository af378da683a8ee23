// The rows a scope lists are the rows decide allows, on every store.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "access/world_test.hpp"
#include "base/random.hpp"

namespace qingyuan::access {
namespace {

constexpr std::int64_t dossiers = 500;

constexpr std::string_view procedures[] = {"penalty_case",  "inspection", "complaint",     "report",
                                           "rectification", "sampling",   "licence",       "seizure",
                                           "recall",        "lead",       "adverse_event", "referral"};
constexpr std::string_view states[] = {"planned",  "approved", "lead",     "proposed", "filed",
                                       "notified", "closed",   "received", "voided",   "in_force"};

/// 40 organisations: two regulators' trees with own units and what ended into them, and seven other
/// departments of which some stand below a regulator.
std::vector<std::string> organisations(World& world) {
    std::vector<std::string> ids;
    const auto add = [&](const std::string& id, const std::string& parent, const std::string& department,
                         const std::string& kind = "authority", Date ended = {},
                         const std::string& successor = {}) {
        world.organisation(id, parent, department, kind, ended, successor);
        ids.push_back(id);
    };
    add("nmpa", "", "drug_regulator");
    add("hunan", "nmpa", "drug_regulator");
    add("henan", "nmpa", "drug_regulator");
    for (const std::string city : {"hengyang", "changsha"}) {
        add(city, "hunan", "market_regulator");
        add(city + "_own", city, "market_regulator", "own_unit");
        add(city + "_team", city + "_own", "market_regulator", "branch");
        for (int county = 1; county <= 6; ++county)
            add(fmt::format("{}_{}", city, county), city, "market_regulator");
        add(city + "_old", city, "market_regulator", "authority", make_date(2024, 1, 1), city + "_1");
        add(city + "_health", city, "health");  // below a regulator, of another department
        add(city + "_police", "", "public_security");
        add(city + "_town", city + "_2", "government");
        add(city + "_village", city + "_town", "government");
    }
    for (const std::string department : {"procuratorate", "court", "medical_insurance", "tax", "customs",
                                         "post", "commerce", "joint_body", "agriculture"})
        add("city_" + department, "", department);
    return ids;
}

struct Country {
    World world;
    std::vector<std::string> organisations, people;
    std::vector<facts::DossierRow> rows;

    explicit Country(const std::string& kind) : world(kind) {}

    void settle(std::uint64_t seed) {
        Random random(seed);
        organisations = access::organisations(world);
        ASSERT_EQ(organisations.size(), 40U);
        for (int firm = 0; firm < 8; ++firm)
            world.firm(fmt::format("firm{}", firm), random.pick(organisations));
        for (const std::string role : {"officer",
                                       "inspector",
                                       "sampler",
                                       "licensing_officer",
                                       "unit_head",
                                       "legal_reviewer",
                                       "hearing_chair",
                                       "head_of_authority",
                                       "case_review_panel",
                                       "report_approver",
                                       "lab",
                                       "technical_reviewer",
                                       "dispatcher",
                                       "risk_analyst",
                                       "statistician",
                                       "superior",
                                       "police_contact",
                                       "procurator_contact",
                                       "court_contact",
                                       "health_contact",
                                       "insurance_contact",
                                       "township_coordinator",
                                       "village_informant",
                                       "system_admin",
                                       "security_admin",
                                       "audit_admin"})
            for (const std::string& organisation : organisations) {
                if (random.below(3) != 0) continue;
                people.push_back(fmt::format("{}_{}", role, organisation));
                world.person(people.back(), organisation, {role});
            }
        for (const std::string& organisation : organisations) {
            people.push_back("two_" + organisation);
            world.person(people.back(), organisation, {"superior", "officer"});
        }
        for (int firm = 0; firm < 8; ++firm) {
            people.push_back(fmt::format("of_firm{}", firm));
            world.person(people.back(), fmt::format("firm{}", firm),
                         {firm % 3 == 0 ? "hospital_reporter" : "operator_user"});
        }
        people.emplace_back("citizen");
        world.person("citizen", "", {"public_user"});
        file(random);
        open_up(random);
    }

 private:
    void file(Random& random) {
        for (std::int64_t seq = 1; seq <= dossiers; ++seq) {
            auto row = world.dossier(seq, random.pick(organisations),
                                     std::string(procedures[random.below(std::size(procedures))]),
                                     std::string(states[random.below(std::size(states))]));
            if (random.below(2) == 0) row.operator_id = fmt::format("firm{}", random.below(8));
            for (std::uint64_t i = random.below(3); i > 0; --i) row.officers.push_back(random.pick(people));
            if (random.below(3) == 0) row.recused = {random.pick(people), random.pick(people)};
            if (random.below(4) == 0) world.put_row(SubmissionRow{seq, random.pick(people)});
            if (random.below(20) == 0) world.put_row(SubmissionRow{seq, "citizen"});
            world.put(row);
            rows.push_back(row);
        }
    }
    void open_up(Random& random) {
        for (int i = 1; i <= 400; ++i) {
            facts::GrantRow grant;
            grant.id = fmt::format("g-{:06}", i);
            grant.object = 1 + static_cast<std::int64_t>(random.below(dossiers));
            grant.organisation = random.pick(organisations);
            if (random.below(4) == 0) grant.person = random.pick(people);
            grant.state = random.below(5) == 0 ? "revoked" : "given";
            grant.actions = random.below(3) == 0 ? std::vector<std::string>{"step"}
                                                 : std::vector<std::string>{"read", "export"};
            grant.from = day - 20 + static_cast<int>(random.below(25));
            grant.until = grant.from + static_cast<int>(random.below(40));
            if (random.below(5) == 0) grant.version = 1 + static_cast<std::int64_t>(random.below(dossiers));
            world.put_row(grant);
        }
    }
};

std::set<std::int64_t> listed(const Country& country, const Scope& scope) {
    std::set<std::int64_t> found;
    journal::Query query;
    query.any = branches(scope);
    query.limit = dossiers + 1;
    if (query.any.empty()) return found;
    for (const facts::DossierRow& row : must(country.world.work().list<facts::DossierRow>(query))) {
        EXPECT_TRUE(found.insert(row.seq).second) << "listed twice: " << row.seq;
    }
    return found;
}

class EveryStore : public testing::TestWithParam<std::string> {};

// mission: H1
TEST_P(EveryStore, AListIsWhatDecideAllows) {
    Country country(GetParam());
    if (country.world.absent()) GTEST_SKIP() << "QINGYUAN_TEST_POSTGRES names no server";
    ASSERT_NO_FATAL_FAILURE(country.settle(20250701));
    std::vector<Object> objects;
    for (const facts::DossierRow& row : country.rows) objects.push_back(country.world.object(row));
    std::size_t compared = 0, by_grant = 0, withheld = 0, unnoted = 0;
    for (const std::string& person : country.people) {
        const Subject subject = country.world.subject(person);
        for (const Action action : {Action::list, Action::export_}) {
            std::set<std::int64_t> allowed;
            bool note = false;
            for (const Object& object : objects) {
                const Decision decision = decide(subject, action, object);
                if (decision.allowed) allowed.insert(object.seq);
                note |= decision.allowed && decision.note;
                by_grant += decision.reason == "grant" && decision.allowed;
                withheld += decision.reason == "recusal" || decision.reason == "label";
                ++compared;
            }
            const Scope scope = scope_of(subject, action, Kind::dossier);
            EXPECT_EQ(listed(country, scope), allowed) << person << ' ' << name_of(action);
            // A list that holds one row to be noted is noted; one that can hold none need not be.
            EXPECT_TRUE(scope.note || !note) << person << ' ' << name_of(action);
            unnoted += !scope.note && !allowed.empty();
        }
    }
    EXPECT_GT(compared, 300'000U);
    EXPECT_GT(by_grant, 100U);
    EXPECT_GT(withheld, 100U);
    EXPECT_GT(unnoted, 10U);
}

INSTANTIATE_TEST_SUITE_P(Stores, EveryStore, testing::Values("memory", "postgres"),
                         [](const auto& kind) { return kind.param; });

TEST(Scope, NobodyListsNothing) {
    EXPECT_TRUE(scope_of(stranger(day), Action::list, Kind::dossier).nothing());
    EXPECT_TRUE(branches(scope_of(stranger(day), Action::list, Kind::dossier)).empty());
    EXPECT_TRUE(scope_of(stranger(day), Action::read, Kind::published).everything);
}

// mission: H1
TEST(Scope, AdministratorsListNoMatter) {
    Subject subject;
    subject.person = "p";
    subject.organisation = "hengyang";
    subject.path = "hunan/hengyang/";
    subject.department = "market_regulator";
    for (const std::string role : {"system_admin", "security_admin", "audit_admin"}) {
        subject.roles = {role};
        EXPECT_TRUE(scope_of(subject, Action::list, Kind::dossier).nothing()) << role;
    }
}

TEST(Scope, ATokenNarrowsTheList) {
    Subject subject;
    subject.person = "p";
    subject.organisation = "firm1";
    subject.department = "operator";
    subject.operator_id = "firm1";
    subject.roles = {"operator_user"};
    EXPECT_FALSE(scope_of(subject, Policy::portal_read).nothing());
    subject.scope = {Policy::portal_submit};
    EXPECT_TRUE(scope_of(subject, Policy::portal_read).nothing());
    EXPECT_TRUE(scope_of(subject, Action::list, Kind::dossier).nothing());
}

}  // namespace
}  // namespace qingyuan::access
