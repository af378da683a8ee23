// What the oracle does not say: grants one by one, tokens, roles that exclude one another, the table of
// roles, labels, and whom a subject is read as.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "access/world_test.hpp"
#include "base/csv.hpp"

namespace qingyuan::access {
namespace {

Subject officer(std::vector<std::string> roles = {"officer"}) {
    Subject subject;
    subject.person = "p1";
    subject.organisation = "leiyang";
    subject.path = "hunan/hengyang/leiyang/";
    subject.department = "market_regulator";
    subject.house = {{"leiyang", subject.path}};
    subject.roles = std::move(roles);
    subject.today = day;
    return subject;
}

Object elsewhere(std::int64_t seq = 7) {
    Object object;
    object.seq = seq;
    object.organisation = "changning";
    object.path = "hunan/hengyang/changning/";
    object.department = "market_regulator";
    object.version = 100;
    return object;
}

facts::GrantRow grant(std::vector<std::string> actions = {"read"}) {
    facts::GrantRow row;
    row.id = "g-000001";
    row.object = 7;
    row.organisation = "leiyang";
    row.state = "given";
    row.actions = std::move(actions);
    row.from = day - 1;
    row.until = day + 1;
    return row;
}

// mission: H1
TEST(Grants, OpenOneDossierForItsTimeAndItsActions) {
    Subject subject = officer();
    EXPECT_FALSE(decide(subject, Action::read, elsewhere()).allowed);
    subject.grants = {grant()};
    const Decision read = decide(subject, Action::read, elsewhere());
    EXPECT_TRUE(read.allowed);
    EXPECT_EQ(read.grant, "g-000001");
    EXPECT_EQ(read.reason, "grant");
    EXPECT_TRUE(read.note);
    EXPECT_TRUE(read.masked(Mask::personal));
    EXPECT_FALSE(decide(subject, Action::step, elsewhere()).allowed);
    EXPECT_FALSE(decide(subject, Action::export_, elsewhere()).allowed);
    EXPECT_FALSE(decide(subject, Action::read, elsewhere(8)).allowed) << "another dossier";
    subject.today = day + 2;
    EXPECT_EQ(decide(subject, Action::read, elsewhere()).refusal, ErrorCode::grant_expired);
    subject.today = day - 2;
    EXPECT_EQ(decide(subject, Action::read, elsewhere()).refusal, ErrorCode::access_denied) << "not yet";
    subject.today = day;
    subject.grants[0].state = "revoked";
    EXPECT_EQ(decide(subject, Action::read, elsewhere()).refusal, ErrorCode::access_denied);
}

TEST(Grants, ToOnePersonAreNobodyElses) {
    Subject subject = officer();
    subject.grants = {grant()};
    subject.grants[0].person = "p2";
    EXPECT_FALSE(decide(subject, Action::read, elsewhere()).allowed);
    subject.grants[0].person = "p1";
    EXPECT_TRUE(decide(subject, Action::read, elsewhere()).allowed);
    subject.grants[0].organisation = "changsha";  // the person has moved away since
    EXPECT_FALSE(decide(subject, Action::read, elsewhere()).allowed);
}

TEST(Grants, OfAnActionThatNoneCanOpenOpenNothing) {
    Subject subject = officer({"unit_head", "head_of_authority"});
    subject.grants = {grant({"read", "step", "export", "approve", "open", "propose", "reveal", "decide"})};
    for (const Action action : {Action::approve, Action::open, Action::propose, Action::decide_,
                                Action::reveal, Action::submit, Action::administer, Action::audit})
        EXPECT_FALSE(decide(subject, action, elsewhere()).allowed) << name_of(action);
}

// mission: H1
TEST(Grants, PinnedToAVersionShowTheDossierAsItWas) {
    Subject subject = officer();
    subject.grants = {grant({"read", "export"})};
    subject.grants[0].version = 99;
    Object object = elsewhere();
    EXPECT_FALSE(decide(subject, Action::read, object).allowed) << "it went on to 100";
    object.version = 99;
    EXPECT_TRUE(decide(subject, Action::read, object).allowed);
    EXPECT_FALSE(decide(subject, Action::export_, object).allowed);
    EXPECT_FALSE(decide(subject, Action::list, object).allowed);
    EXPECT_FALSE(std::ranges::count(scope_of(subject, Action::list, Kind::dossier).granted, 7));
}

TEST(Grants, MaskWhatTheySayBesideWhatTheRuleMasks) {
    Subject subject = officer();
    subject.grants = {grant()};
    EXPECT_FALSE(decide(subject, Action::read, elsewhere()).masked(Mask::content));
    subject.grants[0].masks = {"content"};
    EXPECT_TRUE(decide(subject, Action::read, elsewhere()).masked(Mask::content));
    // Of two grants the one that leaves out less counts, and its id is told.
    subject.grants.push_back(grant());
    subject.grants[1].id = "g-000002";
    const Decision decision = decide(subject, Action::read, elsewhere());
    EXPECT_FALSE(decision.masked(Mask::content));
    EXPECT_EQ(decision.grant, "g-000002");
}

// mission: H1
TEST(Roles, OfAnAdministratorExcludeEveryOther) {
    Object account;
    account.kind = Kind::account;
    account.organisation = "changning";
    account.department = "market_regulator";
    Subject alone = officer({"security_admin"});
    EXPECT_TRUE(decide(alone, Action::read, account).allowed);
    for (const std::string other :
         {"officer", "superior", "system_admin", "audit_admin", "system", "no_role"}) {
        const Subject both = officer({"security_admin", other});
        const Decision decision = decide(both, Action::read, account);
        EXPECT_FALSE(decision.allowed) << other;
        EXPECT_EQ(decision.reason, "conflict") << other;
        Object own = elsewhere();
        own.organisation = "leiyang";
        EXPECT_FALSE(decide(both, Action::read, own).allowed) << other;
        EXPECT_TRUE(scope_of(both, Action::list, Kind::dossier).nothing()) << other;
        for (const Policy policy : policies_of(both)) EXPECT_EQ(kind_of(policy), Kind::published) << other;
    }
    EXPECT_TRUE(decide(officer({"security_admin", "security_admin"}), Action::read, account).allowed);
}

TEST(Roles, CountInTheirOwnDepartmentOnly) {
    Object own = elsewhere();
    own.organisation = "leiyang";
    for (const std::string department : {"public_security", "health", "customs", "operator", ""}) {
        Subject subject = officer({"officer", "superior"});
        subject.department = own.department = department;
        EXPECT_FALSE(decide(subject, Action::read, own).allowed) << department;
    }
}

// One source: what law/roles.csv calls a role and what access makes of it.
TEST(Roles, OfTheLawAllHaveADoorButThoseWhoNeverSignIn) {
    const std::set<std::string> without{"system", "operator_staff"};
    std::ifstream file(std::string(QINGYUAN_SOURCE_DIR) + "/law/roles.csv", std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const std::string held = text.str();
    auto reader = must(CsvReader::create(held));
    const std::size_t id = reader.find_column("id").value();
    std::set<std::string_view> reached;
    for (auto row = must(reader.next()); row; row = must(reader.next())) {
        const std::string& role = row->cells[id];
        EXPECT_EQ(access_role(role).empty(), without.contains(role)) << role;
        reached.insert(access_role(role));
    }
    EXPECT_EQ(reached.size(), 19U + 1U) << "every role of access is somebody's";
    EXPECT_EQ(access_role(""), "");
    EXPECT_EQ(access_role("zzz"), "");
    EXPECT_EQ(access_role("village_informant"), "grassroots");
    EXPECT_EQ(access_role("report_approver"), "head_of_authority");
}

TEST(Strangers, ReachNothingButWhatIsPublished) {
    const Subject nobody = stranger(day);
    EXPECT_TRUE(decide(nobody, Action::read, published()).allowed);
    Object object;
    for (std::size_t kind = 0; kind < kind_count; ++kind)
        for (std::size_t action = 0; action < action_count; ++action) {
            object.kind = static_cast<Kind>(kind);
            object.label = Label::public_;
            if (object.kind == Kind::published) continue;
            const Decision decision = decide(nobody, static_cast<Action>(action), object);
            EXPECT_FALSE(decision.allowed);
            EXPECT_EQ(decision.refusal, ErrorCode::not_signed_in);
        }
    Object hidden = published();
    hidden.label = Label::internal;
    EXPECT_FALSE(decide(nobody, Action::read, hidden).allowed) << "published and internal is a contradiction";
}

TEST(Tokens, NarrowAndNeverWiden) {
    Subject subject = officer();
    Object own = elsewhere();
    own.organisation = "leiyang";
    subject.scope = {Policy::registry_read};
    EXPECT_FALSE(decide(subject, Action::read, own).allowed);
    subject.scope = {Policy::dossier_read};
    EXPECT_TRUE(decide(subject, Action::read, own).allowed);
    EXPECT_FALSE(decide(subject, Policy::field_read, own).allowed);
    EXPECT_FALSE(decide(subject, Action::step, own).allowed);
    subject.scope = {Policy::account_change, Policy::access_audit};
    for (const Policy policy : policies_of(subject)) ADD_FAILURE() << name_of(policy);
}

TEST(Policies, ArePassedOnToOtherActionsByKindAlone) {
    Subject subject = officer();
    Object own = elsewhere();
    own.organisation = "leiyang";
    // A route about steps that reads first: any policy that reads.
    EXPECT_TRUE(decide(subject, Policy::dossier_step, Action::read, own).allowed);
    // The operators' door is not the officers'.
    EXPECT_FALSE(decide(subject, Policy::portal_step, own).allowed);
    EXPECT_TRUE(decide(subject, Policy::dossier_step, own).allowed);
    EXPECT_EQ(find_policy("dossier_step"), Policy::dossier_step);
    EXPECT_FALSE(find_policy("dossier"));
}

/// The code name stands in the listing, and the listing is open to the house and those above it alone; that
/// there is one is a figure (cases_listed), which names nobody.
// mission: C22
TEST(Labels, ACodeNamedListingIsSeenByItsHouseAndItsListerOnly) {
    facts::DossierRow row;
    row.seq = 7;
    row.procedure = "supervised_listing";
    row.organisation = "leiyang";
    row.path = "hunan/hengyang/leiyang/";
    row.operator_id = "firm";
    row.attributes["code_name"] = std::string("1·10");
    for (const char* state : {"listed", "under_way", "delisting_applied", "delisted"}) {
        row.state = state;
        const Object listing = object_of(row, "market_regulator");
        EXPECT_EQ(listing.label, Label::sensitive);
        EXPECT_TRUE(decide(officer(), Action::read, listing).allowed);
        Subject neighbour = officer();
        neighbour.organisation = "changning";
        neighbour.path = "hunan/hengyang/changning/";
        neighbour.house = {{"changning", neighbour.path}};
        EXPECT_FALSE(decide(neighbour, Action::read, listing).allowed) << state;
        EXPECT_FALSE(decide(neighbour, Action::list, listing).allowed) << state;
        Subject police = neighbour;
        police.roles = {"police_contact"};
        police.department = "public_security";
        EXPECT_FALSE(decide(police, Action::read, listing).allowed) << "without a grant";
        Subject keeper = officer({"operator_user"});
        keeper.organisation.clear();
        keeper.path.clear();
        keeper.house.clear();
        keeper.department = "operator";
        keeper.operator_id = "firm";
        EXPECT_FALSE(decide(keeper, Action::read, listing).allowed) << "the firm itself";
        Subject above = officer({"superior"});
        above.organisation = "hengyang";
        above.path = "hunan/hengyang/";
        above.house = {{"hengyang", above.path}};
        EXPECT_TRUE(decide(above, Action::read, listing).allowed) << state;
    }
}

TEST(Labels, FollowProcedureAndState) {
    struct Row {
        std::string_view procedure, state;
        Label label;
    };
    for (const Row& row :
         {Row{"report", "received", Label::sensitive}, Row{"complaint", "", Label::sensitive},
          Row{"inspection", "planned", Label::sensitive}, Row{"inspection", "on_site", Label::internal},
          Row{"penalty_case", "lead", Label::sensitive}, Row{"penalty_case", "le", Label::internal},
          Row{"penalty_case", "filed", Label::internal}, Row{"penalty_case", "not_filed", Label::sensitive},
          Row{"trace_back", "tracing", Label::sensitive},
          Row{"joint_discipline", "in_force", Label::internal},
          Row{"rectification", "ordered", Label::internal}, Row{"rectification", "voided", Label::sensitive}})
        EXPECT_EQ(label_of(row.procedure, row.state), row.label) << row.procedure << ' ' << row.state;
}

TEST(Relations, AreTheFirstThatFits) {
    Subject subject = officer();
    subject.operator_id = "firm";
    Object object = elsewhere();
    EXPECT_EQ(relation_of(subject, object), Relation::elsewhere);
    object.path = subject.path + "town/";
    EXPECT_EQ(relation_of(subject, object), Relation::below);
    object.path = "hunan/hengyang/leiyang2/";
    EXPECT_EQ(relation_of(subject, object), Relation::elsewhere) << "a path is no prefix of a longer name";
    object.organisation = "leiyang";
    EXPECT_EQ(relation_of(subject, object), Relation::own);
    object.assigned = {"p1"};
    EXPECT_EQ(relation_of(subject, object), Relation::assigned);
    object.operator_id = "firm";
    EXPECT_EQ(relation_of(subject, object), Relation::firm);
    object.person = "p1";
    EXPECT_EQ(relation_of(subject, object), Relation::self);
    object = elsewhere();
    object.path = subject.path;
    object.department = "health";
    EXPECT_EQ(relation_of(subject, object), Relation::foreign) << "a region gives nothing across departments";
    object.department = "";
    EXPECT_EQ(relation_of(subject, object), Relation::foreign);
    subject.path.clear();
    EXPECT_EQ(relation_of(subject, elsewhere()), Relation::elsewhere) << "no path is not every path";
}

class Subjects : public testing::Test {
 protected:
    Subjects() {
        world.organisation("hunan", "", "drug_regulator");
        world.organisation("hengyang", "hunan", "market_regulator");
        world.organisation("own_unit", "hengyang", "market_regulator", "own_unit");
        world.organisation("team", "own_unit", "market_regulator", "branch");
        world.organisation("leiyang", "hengyang", "market_regulator");
        world.organisation("old", "hengyang", "market_regulator", "authority", day - 100, "leiyang");
        world.organisation("hospital", "leiyang", "health");
        world.firm("shop", "leiyang");
        world.person("head", "hengyang", {"head_of_authority"});
        world.person("teamster", "team", {"officer"});
        world.person("county", "leiyang", {"officer"});
        world.person("doctor", "hospital", {"hospital_reporter"});
        world.person("keeper", "shop", {"operator_user"});
        world.person("gone", "leiyang", {"officer"}, "", day - 1);
        world.person("stranded", "old", {"officer"});
        world.person("citizen", "", {"public_user"});
    }
    [[nodiscard]] std::vector<std::string> house(const std::string& person) const {
        std::vector<std::string> ids;
        for (const Place& place : world.subject(person).house) ids.push_back(place.organisation);
        std::ranges::sort(ids);
        return ids;
    }
    World world;
};

TEST_F(Subjects, HaveTheHouseOfTheirAuthority) {
    const std::vector<std::string> city{"hengyang", "own_unit", "team"};
    EXPECT_EQ(house("head"), city);
    EXPECT_EQ(house("teamster"), city) << "a team acts for the authority it is a part of";
    EXPECT_EQ(world.subject("teamster").path, "hunan/hengyang/");
    EXPECT_EQ(world.subject("teamster").organisation, "team");
    EXPECT_EQ(house("county"), (std::vector<std::string>{"leiyang", "old"})) << "what it took over";
    EXPECT_EQ(world.subject("doctor").path, "hospital/") << "the path ends where the department does";
    EXPECT_EQ(house("doctor"), std::vector<std::string>{"hospital"});
}

TEST_F(Subjects, WithoutAPostHaveNoRoles) {
    EXPECT_TRUE(world.subject("gone").roles.empty());
    EXPECT_TRUE(world.subject("stranded").roles.empty()) << "the organisation has ended";
    EXPECT_EQ(world.subject("gone", day - 1).roles, std::vector<std::string>{"officer"});
    const auto unknown =
        world.look([](const journal::Reader& reader) { return subject_of(reader, "nobody", day); });
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::person_unknown);
}

TEST_F(Subjects, FromOutsideHaveTheirFirmOrNothing) {
    const Subject keeper = world.subject("keeper");
    EXPECT_EQ(keeper.operator_id, "shop");
    EXPECT_EQ(keeper.department, "operator");
    EXPECT_TRUE(keeper.house.empty());
    EXPECT_EQ(world.subject("citizen").department, "");
}

TEST_F(Subjects, BringTheirGrantsRecusalsAndSubmissions) {
    facts::GrantRow given = grant();
    given.organisation = "hengyang";
    for (const int object : {9, 3, 5}) {
        given.object = object;
        given.id = fmt::format("g-{}", object);
        world.put_row(given);
    }
    given.id = "g-other";
    given.person = "head";
    world.put_row(given);
    auto row = world.dossier(12, "hengyang");
    row.recused = {"teamster"};
    world.put(row);
    facts::DossierOpened opened;
    opened.id = "rpt-1";
    opened.procedure = "report";
    opened.state = "received";
    world.apply(facts::Fact{day, "leiyang", "citizen", 0, opened});
    opened.procedure = "penalty_case";
    world.apply(facts::Fact{day, "leiyang", "citizen", 0, opened});
    const Subject teamster = world.subject("teamster");
    ASSERT_EQ(teamster.grants.size(), 3U) << "not the one to another person";
    EXPECT_TRUE(std::ranges::is_sorted(teamster.grants, {}, &facts::GrantRow::object));
    EXPECT_EQ(teamster.recused, std::vector<std::int64_t>{12});
    EXPECT_EQ(decide(teamster, Action::read, world.object(row)).refusal, ErrorCode::recused);
    EXPECT_TRUE(decide(world.subject("head"), Action::read, world.object(row)).allowed);
    EXPECT_EQ(world.subject("head").grants.size(), 4U);
    EXPECT_EQ(world.subject("citizen").submitted.size(), 1U) << "a case is nothing the public opens";
}

}  // namespace
}  // namespace qingyuan::access
