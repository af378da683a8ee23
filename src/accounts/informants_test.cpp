// Who reported: seen by who handles that matter and says why, one a day, told before it is shown; found
// nowhere else. Organisations and people as administrators change them.
// mission: H1
#include "accounts/administration.hpp"
#include "accounts/house_test.hpp"
#include "accounts/informants.hpp"
#include "law/law.hpp"

namespace qingyuan::accounts {

namespace {

const law::Law& test_law() {
    static const Result<law::Law> law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    if (!law) ADD_FAILURE() << law.error().text();
    QY_ASSERT(law.has_value());
    return *law;
}

class Reports : public House {
 public:
    Reports() {
        settle();
        person("p-li", {"officer"});
        person("p-wu", {"officer"});
        person("p-he", {"head_of_authority"});
        informants.emplace(*secrets, *access, *work);
    }
    facts::DossierRow report(const std::string& id, const Reporter& reporter) {
        const ReporterRefs refs = informants->put(reporter).value();
        facts::DossierRow row;
        row.seq = ++last;
        row.id = id;
        row.procedure = "report";
        row.state = "received";
        row.organisation = "city";
        row.path = "city/";
        row.open = true;
        row.officers = {"p-li"};
        row.attributes = {
            {"reporter", refs.name}, {"reporter_phone", refs.phone}, {"note", std::string("x")}};
        return row;
    }
    Result<Revealed> reveal(const std::string& as, const facts::DossierRow& row, std::string_view purpose,
                            bool approved = false) {
        const access::Subject subject = this->subject(as);
        return informants->reveal(
            {subject, row, "drug_regulator", purpose, "s", approved},
            [&]() -> Result<void> {
                alerts.push_back(row.id);
                if (deaf) return Error{ErrorCode::io_failed, "deaf"};
                EXPECT_EQ(noted("reveal").size(), alerts.size()) << "noted before";
                return {};
            },
            now());
    }
    std::unique_ptr<Vault> secrets = Vault::in_memory().value();
    std::optional<Informants> informants;
    std::vector<std::string> alerts;
    std::int64_t last = 0;
    bool deaf = false;
};

}  // namespace

TEST_F(Reports, the_officer_of_the_matter_sees_it_after_it_was_noted_and_told) {
    const auto row = report("R-1", {"canary name", "canary phone", ""});
    const auto seen = reveal("p-li", row, "call back about the address");
    ASSERT_TRUE(seen) << seen.error().text();
    ASSERT_EQ(seen->values.size(), 2u);
    EXPECT_EQ(seen->values[0].value, "canary name");
    EXPECT_EQ(seen->values[1].value, "canary phone");
    EXPECT_EQ(alerts, std::vector<std::string>{"R-1"});
    const auto entry = noted("reveal").at(0);
    EXPECT_EQ(entry.object, "R-1");
    EXPECT_EQ(entry.purpose, "call back about the address");
    EXPECT_EQ(entry.policy, "informant_reveal");
}

TEST_F(Reports, nobody_else_sees_it) {
    auto row = report("R-1", {"canary name", "", ""});
    for (const char* other : {"p-wu", "p-he", "city-p-001", "city-p-002"})
        EXPECT_EQ(reveal(other, row, "because I want to").error().code, ErrorCode::access_denied) << other;
    row.recused = {"p-li"};
    EXPECT_EQ(reveal("p-li", row, "because I want to").error().code, ErrorCode::recused);
    EXPECT_TRUE(alerts.empty());
    EXPECT_TRUE(noted("reveal").empty());
}

TEST_F(Reports, a_purpose_is_wanted_and_an_alert_that_fails_shows_nothing) {
    const auto row = report("R-1", {"canary name", "", ""});
    for (const char* none : {"", "   ", "x", " ab "})
        EXPECT_EQ(reveal("p-li", row, none).error().code, ErrorCode::purpose_missing);
    deaf = true;
    const auto refused = reveal("p-li", row, "call back");
    EXPECT_EQ(refused.error().code, ErrorCode::io_failed);
    EXPECT_EQ(refused.error().text().find("canary"), std::string::npos);
}

TEST_F(Reports, a_second_one_a_day_needs_a_second_person) {
    const auto one = report("R-1", {"a", "", ""}), two = report("R-2", {"b", "", ""});
    ASSERT_TRUE(reveal("p-li", one, "call back"));
    EXPECT_TRUE(reveal("p-li", one, "call back again"));
    EXPECT_EQ(reveal("p-li", two, "call back").error().code, ErrorCode::approval_missing);
    EXPECT_TRUE(reveal("p-li", two, "call back", true));
    pass(24 * hour);
    EXPECT_TRUE(reveal("p-li", two, "call back"));
}

TEST_F(Reports, an_anonymous_report_has_nobody_to_show) {
    const auto row = report("R-1", {});
    EXPECT_FALSE(informants->knows(row).value());
    EXPECT_EQ(reveal("p-li", row, "call back").error().code, ErrorCode::record_unknown);
    auto other = row;
    other.attributes["reporter"] = vault->put("person_name/x", "of the other vault").value();
    EXPECT_EQ(reveal("p-li", other, "call back").error().code, ErrorCode::record_unknown);
}

TEST_F(Reports, two_reports_of_one_person_cannot_be_told_to_be) {
    const Reporter same{"canary name", "canary phone", "canary street"};
    const ReporterRefs one = informants->put(same).value(), two = informants->put(same).value();
    EXPECT_NE(one.name.subject, two.name.subject);
    EXPECT_NE(one.name.mac, two.name.mac);
    EXPECT_FALSE(vault->find(one.name.subject)) << "not in the vault of everybody";
    const auto row = report("R-1", same);
    EXPECT_EQ(facts::encode_row(row).find("canary"), std::string::npos);
}

// --- organisations and people

TEST_F(Reports, organisations_stay_a_tree_of_known_words) {
    const law::Law& law = test_law();
    const access::Subject by = sys();
    const auto add = [&](facts::OrganisationRecorded one) {
        const auto done = facts->write([&](journal::Writer& writer) -> Result<void> {
            TRY(writer.append(TRY(record_organisation(writer, law, by, std::move(one)))));
            return {};
        });
        return done ? ErrorCode{} : done.error().code;
    };
    const auto one = [](std::string id, std::string parent = "city",
                        std::string department = "drug_regulator", std::string kind = "branch",
                        std::string level = "", std::string region = "") {
        facts::OrganisationRecorded out{.id = std::move(id), .name = "分局", .parent = std::move(parent)};
        out.department = std::move(department);
        out.kind = std::move(kind);
        out.level = std::move(level);
        out.region = std::move(region);
        return out;
    };
    EXPECT_EQ(add(one("east")), ErrorCode{});
    EXPECT_EQ(add(one("east_two", "east")), ErrorCode{});
    EXPECT_EQ(add(one("east")), ErrorCode::duplicate_key);
    EXPECT_EQ(add(one("west", "nowhere")), ErrorCode::organisation_unknown);
    EXPECT_EQ(add(one("West")), ErrorCode::field_invalid);
    EXPECT_EQ(add(one("../west")), ErrorCode::field_invalid);
    EXPECT_EQ(add(one("west", "city", "navy")), ErrorCode::not_in_vocabulary);
    EXPECT_EQ(add(one("west", "city", "court", "castle")), ErrorCode::not_in_vocabulary);
    EXPECT_EQ(add(one("west", "city", "court", "branch", "moon")), ErrorCode::not_in_vocabulary);
    EXPECT_EQ(add(one("west", "city", "court", "branch", "", "999999")), ErrorCode::code_not_in_table);
    const auto change = [&](std::string_view id, const OrganisationChange& wanted) {
        const auto done = facts->write([&](journal::Writer& writer) -> Result<void> {
            for (facts::Fact& fact : TRY(change_organisation(writer, law, by, id, wanted)))
                TRY(writer.append(std::move(fact)));
            return {};
        });
        return done ? ErrorCode{} : done.error().code;
    };
    EXPECT_EQ(change("east", {}), ErrorCode::field_missing);
    EXPECT_EQ(change("nowhere", {.name = "x"}), ErrorCode::organisation_unknown);
    EXPECT_EQ(change("east", {.parent = "east"}), ErrorCode::field_invalid);
    EXPECT_EQ(change("east", {.parent = "east_two"}), ErrorCode::field_invalid) << "a circle";
    EXPECT_EQ(change("east", {.name = "x", .from = today() - 1}), ErrorCode::field_invalid);
    EXPECT_EQ(change("east", {.ended_on = today()}), ErrorCode::linked_open);
    EXPECT_EQ(change("east_two", {.ended_on = today(), .successor = "east_two"}),
              ErrorCode::organisation_unknown);
    EXPECT_EQ(change("east_two", {.ended_on = today(), .successor = "east"}), ErrorCode{});
    EXPECT_EQ(change("east", {.name = "东城分局", .ended_on = today()}), ErrorCode{});
}

TEST_F(Reports, people_come_without_roles_and_once) {
    const access::Subject by = sys();
    const facts::SubjectRef name = vault->put("person_name/p-new", "孙三").value();
    const auto code = [&](facts::PersonRecorded person) {
        ErrorCode out{};
        const auto done = facts->read([&](const journal::Reader& reader) -> Result<void> {
            const auto made = record_person(reader, by, std::move(person));
            if (!made) out = made.error().code;
            return {};
        });
        EXPECT_TRUE(done);
        return out;
    };
    const facts::PersonRecorded good{.id = "p-new", .name = name, .organisation = "city"};
    EXPECT_EQ(code(good), ErrorCode{});
    auto bad = good;
    bad.roles = {"officer"};
    EXPECT_EQ(code(bad), ErrorCode::field_unknown);
    bad = good;
    bad.id = "p-li";
    EXPECT_EQ(code(bad), ErrorCode::duplicate_key);
    bad.id = "P New";
    EXPECT_EQ(code(bad), ErrorCode::field_invalid);
    bad = good;
    bad.organisation = "nowhere";
    EXPECT_EQ(code(bad), ErrorCode::organisation_unknown);
    bad = good;
    bad.name = {};
    EXPECT_EQ(code(bad), ErrorCode::field_missing);
    facts::ProposalRow open{.id = "q-1", .kind = "role_change", .object = "p-li", .state = "open"};
    const auto done = facts->read([&](const journal::Reader& reader) -> Result<void> {
        EXPECT_EQ(change_roles(reader, by, open).error().code, ErrorCode::approval_missing);
        return {};
    });
    EXPECT_TRUE(done);
}

}  // namespace qingyuan::accounts
