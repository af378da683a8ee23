// decide against the reviewed oracle test/access/oracle.csv, every combination of role, department, relation,
// kind, action, label, grant and recusal. The oracle was written from the model, not from the rules: a line
// there allows, no line refuses. mission: H1
#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "access/table.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"

namespace qingyuan::access {
namespace {

const Date today = make_date(2025, 7, 1);

/// The values of one column, in the order of its bits.
using Words = std::vector<std::string>;

struct Dimensions {
    Words roles, departments, relations, kinds, actions, labels, grants, recused;
};

std::string plain(std::string_view word) {
    return std::string(word.ends_with('_') ? word.substr(0, word.size() - 1) : word);
}

Dimensions dimensions() {
    Dimensions all;
    for (std::size_t i = 0; find_role(name_of(static_cast<Role>(i))); ++i) {
        all.roles.emplace_back(name_of(static_cast<Role>(i)));
        if (static_cast<Role>(i) == Role::audit_admin) break;
    }
    all.roles.emplace_back("stranger");
    all.departments = {
        "drug_regulator",    "market_regulator", "public_security", "procuratorate", "court", "health",
        "medical_insurance", "government",       "joint_body",      "operator",      "none",  "other"};
    all.relations = {"self", "firm", "assigned", "own", "below", "elsewhere", "foreign"};
    for (std::size_t i = 0; i < kind_count; ++i) all.kinds.push_back(plain(name_of(static_cast<Kind>(i))));
    for (std::size_t i = 0; i < action_count; ++i)
        all.actions.push_back(plain(name_of(static_cast<Action>(i))));
    all.labels = {"public", "internal", "sensitive", "informant"};
    all.grants = {"none", "active", "expired", "revoked"};
    all.recused = {"no", "yes"};
    return all;
}

struct OracleRow {
    std::array<std::uint32_t, 8> sets{};  ///< bits in the order of Dimensions
    Masks masks = 0;
    bool note = false, purpose = false;
    std::uint64_t line = 0;
    std::uint64_t alone = 0;  ///< combinations that this row alone allows
};

std::uint32_t bits_of(const std::string& cell, const Words& words) {
    if (cell == "*") return (1U << words.size()) - 1;
    std::uint32_t bits = 0;
    for (const std::string& word : split(cell, '|')) {
        const auto at = std::ranges::find(words, word);
        if (at == words.end()) {
            ADD_FAILURE() << "the oracle knows no '" << word << "'";
            continue;
        }
        bits |= 1U << static_cast<unsigned>(at - words.begin());
    }
    return bits;
}

/// Calls `each` with the cells of every line of a table of test/access, and its number.
void each_line(const std::string& name,
               const std::function<void(const std::vector<std::string>&, std::uint64_t)>& each) {
    std::ifstream file(std::string(QINGYUAN_SOURCE_DIR) + "/test/access/" + name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const std::string held = text.str();
    auto reader = CsvReader::create(held);
    ASSERT_TRUE(reader) << reader.error().text();
    for (;;) {
        const auto row = reader->next();
        ASSERT_TRUE(row) << row.error().text();
        if (!*row) return;
        each((*row)->cells, (*row)->line);
    }
}

std::vector<OracleRow> read_oracle(const Dimensions& all) {
    std::vector<OracleRow> rows;
    each_line("oracle.csv", [&](const std::vector<std::string>& cells, std::uint64_t line) {
        OracleRow out;
        out.line = line;
        const Words* words[] = {&all.roles,   &all.departments, &all.relations, &all.kinds,
                                &all.actions, &all.labels,      &all.grants,    &all.recused};
        for (std::size_t i = 0; i < 8; ++i) out.sets[i] = bits_of(cells[i], *words[i]);
        out.masks = static_cast<Masks>(bits_of(cells[8], {"personal", "internal", "risk", "content"}));
        const std::uint32_t duties = bits_of(cells[9], {"note", "purpose"});
        out.note = (duties & 1U) != 0;
        out.purpose = (duties & 2U) != 0;
        rows.push_back(out);
    });
    return rows;
}

/// A department the role is at home in.
std::string home_of(const std::string& role) {
    if (role == "police_contact") return "public_security";
    if (role == "procurator_contact") return "procuratorate";
    if (role == "health_contact") return "health";
    if (role == "insurance_contact") return "medical_insurance";
    if (role == "operator_user" || role == "hospital_reporter") return "operator";
    if (role == "grassroots") return "government";
    if (role == "public_user" || role == "stranger") return "none";
    return "market_regulator";
}

Subject subject_for(const std::string& role, const std::string& department) {
    Subject subject;
    subject.today = today;
    if (role == "stranger") return subject;
    subject.person = "me";
    subject.organisation = "home";
    subject.path = "top/home/";
    subject.house = {{"home", "top/home/"}};
    subject.department = department == "none" ? "" : department;
    subject.roles = {role == "grassroots" ? "village_informant" : role};
    subject.operator_id = "firm";
    return subject;
}

facts::GrantRow grant_in(std::string_view state) {
    facts::GrantRow grant;
    grant.id = "g-1";
    grant.object = 7;
    grant.organisation = "home";
    grant.state = state == "revoked" ? "revoked" : "given";
    grant.actions = {"read", "step", "export"};
    grant.from = today - 10;
    grant.until = state == "expired" ? today - 1 : today;
    return grant;
}

Object object_for(Relation relation, const Subject& subject) {
    const bool is_home = relation <= Relation::own;
    Object object;
    object.seq = 7;
    object.organisation = is_home ? "home" : relation == Relation::below ? "lower" : "next";
    object.path = relation <= Relation::own         ? "top/home/"
                  : relation == Relation::below     ? "top/home/lower/"
                  : relation == Relation::elsewhere ? "top/next/"
                                                    : "next/";
    object.department = relation == Relation::foreign ? "customs" : subject.department;
    if (relation == Relation::assigned) object.assigned = {"other", subject.person};
    if (relation == Relation::self) object.person = subject.person;
    object.operator_id = relation == Relation::firm ? subject.operator_id : "another firm";
    return object;
}

struct Outcome {
    std::uint64_t looked_at = 0, allowed = 0, wrong = 0;
    std::string first_wrong;
};

/// Compares decide with the rows for one subject and one object; `rows` are those of its role, department and
/// relation.
struct Comparison {
    const Dimensions& all;
    std::vector<OracleRow*> rows;
    Outcome& outcome;

    void compare(const Subject& subject, Object& object, std::array<std::size_t, 8> at) const {
        for (at[4] = 0; at[4] < action_count; ++at[4])
            for (at[5] = 0; at[5] < 4; ++at[5]) {
                object.label = static_cast<Label>(at[5]);
                check(decide(subject, static_cast<Action>(at[4]), object), at);
            }
    }
    void check(const Decision& found, const std::array<std::size_t, 8>& at) const {
        OracleRow* only = nullptr;
        std::size_t fitting = 0;
        Masks masks = 0xFF;
        bool note = false, purpose = false;
        for (OracleRow* row : rows) {
            bool fits = true;
            for (std::size_t i = 3; i < 8 && fits; ++i) fits = (row->sets[i] >> at[i] & 1U) != 0;
            if (!fits) continue;
            ++fitting;
            only = row;
            masks &= row->masks;
            note |= row->note;
            purpose |= row->purpose;
        }
        if (fitting == 1) ++only->alone;
        ++outcome.looked_at;
        outcome.allowed += fitting != 0;
        const bool right = found.allowed == (fitting != 0) &&
                           (!found.allowed || (found.masks == masks && found.note == note &&
                                               found.ask_purpose == purpose && found.policy));
        if (right) return;
        if (outcome.wrong++ == 0) outcome.first_wrong = describe(at, found, fitting != 0, masks);
    }
    [[nodiscard]] std::string describe(const std::array<std::size_t, 8>& at, const Decision& found,
                                       bool wanted, Masks masks) const {
        std::ostringstream out;
        out << all.roles[at[0]] << ' ' << all.departments[at[1]] << ' ' << all.relations[at[2]] << ' '
            << all.kinds[at[3]] << ' ' << all.actions[at[4]] << ' ' << all.labels[at[5]]
            << " grant=" << all.grants[at[6]] << " recused=" << all.recused[at[7]] << ": the oracle "
            << (wanted ? "allows, masks " : "refuses, masks ") << int(masks) << "; decide "
            << (found.allowed ? "allows by " : "refuses for ")
            << (found.policy ? name_of(*found.policy) : found.reason) << ", masks " << int(found.masks)
            << (found.note ? " note" : "") << (found.ask_purpose ? " purpose" : "");
        return out.str();
    }
};

Outcome expand(const Dimensions& all, std::vector<OracleRow>& oracle) {
    Outcome outcome;
    std::array<std::size_t, 8> at{};
    for (at[0] = 0; at[0] < all.roles.size(); ++at[0])
        for (at[1] = 0; at[1] < all.departments.size(); ++at[1])
            for (at[2] = 0; at[2] < all.relations.size(); ++at[2]) {
                Comparison comparison{all, {}, outcome};
                for (OracleRow& row : oracle)
                    if ((row.sets[0] >> at[0] & 1U) != 0 && (row.sets[1] >> at[1] & 1U) != 0 &&
                        (row.sets[2] >> at[2] & 1U) != 0)
                        comparison.rows.push_back(&row);
                Subject subject = subject_for(all.roles[at[0]], all.departments[at[1]]);
                const auto relation = static_cast<Relation>(at[2]);
                for (at[6] = 0; at[6] < all.grants.size(); ++at[6]) {
                    subject.grants.clear();
                    if (at[6] != 0) subject.grants.push_back(grant_in(all.grants[at[6]]));
                    for (at[7] = 0; at[7] < 2; ++at[7])
                        for (at[3] = 0; at[3] < kind_count; ++at[3]) {
                            Object object = object_for(relation, subject);
                            object.kind = static_cast<Kind>(at[3]);
                            if (!subject.person.empty()) EXPECT_EQ(relation_of(subject, object), relation);
                            if (at[7] == 1) object.recused = {"other", subject.person};
                            comparison.compare(subject, object, at);
                        }
                }
            }
    return outcome;
}

TEST(Oracle, DecidesAsReviewed) {
    const Dimensions all = dimensions();
    std::vector<OracleRow> oracle = read_oracle(all);
    ASSERT_LE(oracle.size(), 400U);
    ASSERT_GE(oracle.size(), 50U);
    const Outcome outcome = expand(all, oracle);
    EXPECT_EQ(outcome.looked_at, 20U * 12 * 7 * 14 * 12 * 4 * 4 * 2);
    EXPECT_EQ(outcome.wrong, 0U) << outcome.first_wrong;
    EXPECT_GT(outcome.allowed, 0U);
    // A row that allows nothing by itself could be taken out unnoticed: what it alone allows would be
    // refused.
    for (const OracleRow& row : oracle)
        EXPECT_GT(row.alone, 0U) << "line " << row.line << " of the oracle allows nothing of its own";
}

/// Is there a difference where the row speaks, when the others alone are the oracle?
bool is_noticed(const Dimensions& all, const OracleRow& row, std::vector<OracleRow>& others) {
    const auto speaks = [](const OracleRow& of, std::size_t dimension, std::size_t value) {
        return (of.sets[dimension] >> value & 1U) != 0;
    };
    Outcome outcome;
    std::array<std::size_t, 8> at{};
    for (at[0] = 0; at[0] < all.roles.size(); ++at[0])
        for (at[1] = 0; at[1] < all.departments.size(); ++at[1])
            for (at[2] = 0; at[2] < all.relations.size(); ++at[2]) {
                if (!speaks(row, 0, at[0]) || !speaks(row, 1, at[1]) || !speaks(row, 2, at[2])) continue;
                Comparison comparison{all, {}, outcome};
                for (OracleRow& other : others)
                    if (speaks(other, 0, at[0]) && speaks(other, 1, at[1]) && speaks(other, 2, at[2]))
                        comparison.rows.push_back(&other);
                Subject subject = subject_for(all.roles[at[0]], all.departments[at[1]]);
                for (at[3] = 0; at[3] < kind_count; ++at[3])
                    for (at[6] = 0; at[6] < 4; ++at[6])
                        for (at[7] = 0; at[7] < 2; ++at[7]) {
                            if (!speaks(row, 3, at[3]) || !speaks(row, 6, at[6]) || !speaks(row, 7, at[7]))
                                continue;
                            subject.grants.clear();
                            if (at[6] != 0) subject.grants.push_back(grant_in(all.grants[at[6]]));
                            Object object = object_for(static_cast<Relation>(at[2]), subject);
                            object.kind = static_cast<Kind>(at[3]);
                            if (at[7] == 1) object.recused = {"other", subject.person};
                            comparison.compare(subject, object, at);
                            if (outcome.wrong != 0) return true;
                        }
            }
    return false;
}

TEST(Oracle, EveryRowTakenOutIsNoticed) {
    const Dimensions all = dimensions();
    const std::vector<OracleRow> oracle = read_oracle(all);
    for (std::size_t out = 0; out < oracle.size(); ++out) {
        std::vector<OracleRow> others = oracle;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(out));
        EXPECT_TRUE(is_noticed(all, oracle[out], others))
            << "line " << oracle[out].line << " can be taken out unnoticed";
    }
}

TEST(Oracle, EveryRowWithAnotherMaskOrDutyIsNoticed) {
    const Dimensions all = dimensions();
    const std::vector<OracleRow> oracle = read_oracle(all);
    for (std::size_t changed = 0; changed < oracle.size(); ++changed)
        for (int how = 0; how < 3; ++how) {
            std::vector<OracleRow> others = oracle;
            OracleRow& row = others[changed];
            if (how == 0) row.masks ^= static_cast<Masks>(Mask::risk);
            if (how == 1) row.note = !row.note;
            if (how == 2) row.purpose = !row.purpose;
            EXPECT_TRUE(is_noticed(all, oracle[changed], others))
                << "line " << row.line << " can be changed unnoticed";
        }
}

// Which door is open to whom: test/access/policies.csv, for every policy, role and relation. No line there =
// no.
TEST(Oracle, EveryRouteIsOpenToWhomTheTableNames) {
    const Dimensions all = dimensions();
    std::map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> doors;
    each_line("policies.csv", [&](const std::vector<std::string>& cells, std::uint64_t) {
        doors[cells[0]].emplace_back(bits_of(cells[1], all.roles), bits_of(cells[2], all.relations));
    });
    for (std::size_t i = 0; i < policy_count; ++i) {
        const auto policy = static_cast<Policy>(i);
        const auto& rows = doors[std::string(name_of(policy))];
        EXPECT_FALSE(rows.empty()) << name_of(policy) << " is open to nobody";
        for (std::size_t role = 0; role < all.roles.size(); ++role)
            for (std::size_t relation = 0; relation < all.relations.size(); ++relation) {
                const Subject subject = subject_for(all.roles[role], home_of(all.roles[role]));
                Object object = object_for(static_cast<Relation>(relation), subject);
                object.kind = kind_of(policy);
                object.label = object.kind == Kind::published   ? Label::public_
                               : object.kind == Kind::informant ? Label::informant
                                                                : Label::internal;
                const bool wanted = std::ranges::any_of(rows, [&](const auto& row) {
                    return (row.first >> role & 1U) != 0 && (row.second >> relation & 1U) != 0;
                });
                EXPECT_EQ(decide(subject, policy, object).allowed, wanted)
                    << name_of(policy) << ' ' << all.roles[role] << ' ' << all.relations[relation];
            }
    }
    EXPECT_EQ(doors.size(), policy_count) << "policies.csv names a policy that is none";
}

}  // namespace
}  // namespace qingyuan::access
