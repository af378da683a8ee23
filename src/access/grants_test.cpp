// Two persons and one content: what is refused, and that no way leads around it. mission: H1
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "access/world_test.hpp"
#include "base/random.hpp"

namespace qingyuan::access {
namespace {

using facts::Fact;
using facts::Form;
using journal::Reader;

struct Office : World {
    Office() {
        organisation("hengyang", "", "market_regulator");
        organisation("leiyang", "hengyang", "market_regulator");
        organisation("police", "", "public_security");
        organisation("ended", "", "public_security", "authority", day - 1);
        for (const std::string name : {"unit_head", "head_of_authority", "officer"})
            person(name, "leiyang", {name});
        person("second_head", "leiyang", {"head_of_authority"});
        person("twin", "leiyang", {"head_of_authority"}, "certificate-7");
        person("twin_again", "leiyang", {"unit_head"}, "certificate-7");
        person("city_head", "hengyang", {"head_of_authority"});
        person("constable", "police", {"police_contact"});
        person("sys", "leiyang", {"system_admin"});
        person("sec", "leiyang", {"security_admin"});
        person("sec_too", "hengyang", {"security_admin"});
        person("audit", "leiyang", {"audit_admin"});
        put(dossier(7, "leiyang"));
        put(dossier(8, "police"));
        auto recused = dossier(9, "leiyang");
        recused.recused = {"unit_head"};
        put(recused);
    }
    Result<Fact> try_propose(const std::string& who, std::string_view kind, std::string_view object,
                             const Form& content, Date today = day) const {
        return look([&](const Reader& reader) {
            return propose(reader, must(subject_of(reader, who, today)), kind, object, content);
        });
    }
    Result<Fact> try_decide(const std::string& who, const std::string& id, std::string_view decision,
                            std::string_view digest, std::string_view reason = "reviewed",
                            Date today = day) const {
        return look([&](const Reader& reader) {
            return decide_proposal(reader, must(subject_of(reader, who, today)), id, decision, digest,
                                   reason);
        });
    }
    Result<Fact> try_give(const std::string& who, const std::string& proposal, const GrantRequest& request,
                          Date today = day) const {
        return look([&](const Reader& reader) {
            return give_grant(reader, must(subject_of(reader, who, today)), proposal, request);
        });
    }
    Result<Fact> try_account(const std::string& who, const facts::AccountRecorded& account) const {
        return look([&](const Reader& reader) {
            return record_account(reader, who.empty() ? stranger(day) : must(subject_of(reader, who, day)),
                                  account);
        });
    }
    [[nodiscard]] facts::ProposalRow proposal(const std::string& id = "q-000001") const {
        return must(work().find<facts::ProposalRow>(id)).value_or(facts::ProposalRow{});
    }
};

GrantRequest request() {
    GrantRequest out;
    out.object = 7;
    out.organisation = "police";
    out.actions = {"read", "step"};
    out.purpose = "joint investigation";
    out.basis = "REF 3";
    out.from = day;
    out.until = day + grant_days_default;
    return out;
}

ErrorCode code_of(const Result<Fact>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::usage : result.error().code;
}

TEST(FourEyes, AGrantIsProposedApprovedAndGiven) {
    Office office;
    GrantRequest short_form = request();
    short_form.from = short_form.until = Date{};
    office.apply(office.try_propose("unit_head", "grant", "7", [&] {
        Form form = form_of(request());
        form.erase("from");
        form.erase("until");
        return form;
    }()));
    const auto made = office.proposal();
    EXPECT_EQ(made.state, "open");
    EXPECT_EQ(made.until, day + proposal_days);
    EXPECT_EQ(facts::text_of(made.content, "until"), (day + grant_days_default).text())
        << "90 days by itself";
    EXPECT_EQ(code_of(office.try_give("unit_head", made.id, request())), ErrorCode::approval_missing);
    office.apply(office.try_decide("head_of_authority", made.id, "approved", made.digest));
    office.apply(office.try_give("unit_head", made.id, request()));
    EXPECT_EQ(code_of(office.try_give("unit_head", made.id, request())), ErrorCode::wrong_state)
        << "an approval is used once";
    const auto row = must(office.work().find<facts::GrantRow>(std::string("g-000001")));
    ASSERT_TRUE(row);
    EXPECT_EQ(row->giver, "unit_head");
    EXPECT_EQ(row->approver, "head_of_authority");
    const auto seen = office.object(office.dossier(7, "leiyang"));
    EXPECT_TRUE(decide(office.subject("constable"), Action::read, seen).allowed);
    EXPECT_FALSE(decide(office.subject("constable"), Action::export_, seen).allowed);
    const auto revoke = [&](const std::string& who, std::string_view why) {
        return office.look([&](const Reader& reader) {
            return revoke_grant(reader, must(subject_of(reader, who, day)), "g-000001", why);
        });
    };
    EXPECT_EQ(code_of(revoke("constable", "mine")), ErrorCode::access_denied);
    EXPECT_EQ(code_of(revoke("unit_head", " ")), ErrorCode::field_missing);
    office.apply(revoke("unit_head", "the case is closed"));
    EXPECT_EQ(code_of(revoke("unit_head", "again")), ErrorCode::wrong_state);
    EXPECT_FALSE(decide(office.subject("constable"), Action::read, seen).allowed);
}

TEST(FourEyes, AGrantIsNotGrantedOn) {
    Office office;
    facts::GrantRow given;
    given.id = "g-000009";
    given.object = 7;
    given.organisation = "hengyang";
    given.state = "given";
    given.actions = {"read", "step", "export"};
    given.from = day;
    given.until = day + 10;
    office.put_row(given);
    EXPECT_TRUE(decide(office.subject("city_head"), Action::read, office.object(office.dossier(7, "leiyang")))
                    .allowed);
    EXPECT_EQ(code_of(office.try_propose("city_head", "grant", "7", form_of(request()))),
              ErrorCode::access_denied);
}

TEST(FourEyes, RefusalsOfAProposal) {
    const Office office;
    struct Row {
        const char *who, *kind, *object;
        Form content;
        ErrorCode code;
    };
    const Form grant = form_of(request());
    const auto with = [&](const char* field, facts::Value value) {
        Form form = grant;
        form.insert_or_assign(field, std::move(value));
        return form;
    };
    const auto without = [&](const char* field) {
        Form form = grant;
        form.erase(field);
        return form;
    };
    const std::string far = (day.plus_months(12) + 1).text();
    for (const Row& row : {
             Row{"officer", "grant", "7", grant, ErrorCode::access_denied},
             Row{"city_head", "grant", "7", grant, ErrorCode::access_denied},
             Row{"constable", "grant", "7", grant, ErrorCode::access_denied},
             Row{"sec", "grant", "7", grant, ErrorCode::access_denied},
             Row{"unit_head", "grant", "9", grant, ErrorCode::recused},
             Row{"unit_head", "grant", "8", grant, ErrorCode::access_denied},
             Row{"unit_head", "grant", "70", grant, ErrorCode::dossier_unknown},
             Row{"unit_head", "grant", "d-7", grant, ErrorCode::dossier_unknown},
             Row{"unit_head", "gift", "7", grant, ErrorCode::not_in_vocabulary},
             Row{"unit_head", "grant", "7", without("organisation"), ErrorCode::field_missing},
             Row{"unit_head", "grant", "7", without("actions"), ErrorCode::field_missing},
             Row{"unit_head", "grant", "7", without("purpose"), ErrorCode::field_missing},
             Row{"unit_head", "grant", "7", without("basis"), ErrorCode::field_missing},
             Row{"unit_head", "grant", "7", with("purpose", " \t"), ErrorCode::field_missing},
             Row{"unit_head", "grant", "7", with("organisation", "atlantis"),
                 ErrorCode::organisation_unknown},
             Row{"unit_head", "grant", "7", with("organisation", "ended"), ErrorCode::organisation_unknown},
             Row{"unit_head", "grant", "7", with("organisation", "leiyang"), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("person", "officer"), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("person", "nobody"), ErrorCode::person_unknown},
             Row{"unit_head", "grant", "7", with("actions", "approve"), ErrorCode::not_in_vocabulary},
             Row{"unit_head", "grant", "7", with("actions", std::vector<std::string>{"read", "read"}),
                 ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("masks", "nothing"), ErrorCode::not_in_vocabulary},
             Row{"unit_head", "grant", "7", with("until", "2025-02-29"), ErrorCode::date_invalid},
             Row{"unit_head", "grant", "7", with("until", far), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("until", (day - 1).text()), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("from", (day - 1).text()), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("version", "7"), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("version", std::int64_t{8}), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("version", std::int64_t{7}), ErrorCode::field_invalid},
             Row{"unit_head", "grant", "7", with("approver", "me"), ErrorCode::field_unknown},
             Row{"officer", "informant_reveal", "7", {{"purpose", "x"}}, ErrorCode::access_denied},
             Row{"unit_head", "role_change", "officer", {{"roles", "officer"}}, ErrorCode::access_denied},
             Row{"audit", "role_change", "officer", {{"roles", "officer"}}, ErrorCode::access_denied},
             Row{"sys", "role_change", "sys", {{"roles", "officer"}}, ErrorCode::access_denied},
             Row{"sys", "role_change", "nobody", {{"roles", "officer"}}, ErrorCode::person_unknown},
             Row{"sys", "role_change", "officer", {}, ErrorCode::field_missing},
             Row{"sys", "role_change", "officer", {{"roles", "king"}}, ErrorCode::not_in_vocabulary},
             Row{"sys", "role_change", "officer", {{"roles", "system"}}, ErrorCode::not_in_vocabulary},
             Row{"sys",
                 "role_change",
                 "officer",
                 {{"roles", std::vector<std::string>{"audit_admin", "officer"}}},
                 ErrorCode::field_invalid},
             Row{"sys", "account_reset", "a-000001", {{"reason", "lost"}}, ErrorCode::account_unknown},
         })
        EXPECT_EQ(code_of(office.try_propose(row.who, row.kind, row.object, row.content)), row.code)
            << row.who << ' ' << row.kind << ' ' << row.object << ' ' << info(row.code).name;
}

TEST(FourEyes, RefusalsOfADecision) {
    Office office;
    office.apply(office.try_propose("twin_again", "grant", "7", form_of(request())));
    office.apply(office.try_propose("sec", "role_change", "officer", {{"roles", "unit_head"}}));
    office.apply(office.try_propose("sec", "role_change", "sec_too", {{"roles", "audit_admin"}}));
    EXPECT_EQ(code_of(office.try_propose("unit_head", "grant", "7", form_of(request()))),
              ErrorCode::duplicate_key);
    const std::string grant = office.proposal("q-000001").digest, roles = office.proposal("q-000002").digest,
                      about = office.proposal("q-000003").digest;
    struct Row {
        const char *who, *id, *decision;
        std::string digest;
        const char* reason;
        Date on;
        ErrorCode code;
    };
    const Date late = day + proposal_days + 1;
    for (const Row& row : {
             Row{"twin_again", "q-000001", "approved", grant, "", day, ErrorCode::same_person},
             Row{"twin", "q-000001", "approved", grant, "", day, ErrorCode::same_person},
             Row{"twin", "q-000001", "refused", grant, "no", day, ErrorCode::same_person},
             Row{"unit_head", "q-000001", "approved", grant, "", day, ErrorCode::access_denied},
             Row{"city_head", "q-000001", "approved", grant, "", day, ErrorCode::access_denied},
             Row{"constable", "q-000001", "approved", grant, "", day, ErrorCode::access_denied},
             Row{"sec", "q-000001", "approved", grant, "", day, ErrorCode::access_denied},
             Row{"head_of_authority", "q-000001", "approved", roles, "", day, ErrorCode::content_changed},
             Row{"head_of_authority", "q-000001", "approved", "", "", day, ErrorCode::content_changed},
             Row{"head_of_authority", "q-000001", "approved", grant, "", late, ErrorCode::proposal_lapsed},
             Row{"head_of_authority", "q-000001", "refused", grant, " ", day, ErrorCode::field_missing},
             Row{"head_of_authority", "q-000001", "withdrawn", grant, "x", day, ErrorCode::access_denied},
             Row{"head_of_authority", "q-000001", "agreed", grant, "x", day, ErrorCode::not_in_vocabulary},
             Row{"head_of_authority", "q-000009", "approved", grant, "", day, ErrorCode::record_unknown},
             Row{"sys", "q-000002", "approved", roles, "", day, ErrorCode::access_denied},
             Row{"sec", "q-000002", "approved", roles, "", day, ErrorCode::same_person},
             Row{"sec_too", "q-000003", "approved", about, "", day, ErrorCode::access_denied},
         })
        EXPECT_EQ(code_of(office.try_decide(row.who, row.id, row.decision, row.digest, row.reason, row.on)),
                  row.code)
            << row.who << ' ' << row.id << ' ' << row.decision << ' ' << info(row.code).name;
    const auto nobody = office.look([&](const Reader& reader) {
        return decide_proposal(reader, stranger(day), "q-000001", "approved", grant, "");
    });
    EXPECT_EQ(code_of(nobody), ErrorCode::not_signed_in);
    office.apply(office.try_decide("twin_again", "q-000001", "withdrawn", grant, "mistake"));
    EXPECT_EQ(code_of(office.try_decide("head_of_authority", "q-000001", "approved", grant)),
              ErrorCode::wrong_state);
    office.apply(office.try_decide("sec_too", "q-000002", "approved", roles));
}

TEST(FourEyes, ASuperiorsProposalIsNotApprovedFromBelow) {
    Office office;
    office.person("both", "leiyang", {"unit_head", "superior"});
    office.apply(office.try_propose("both", "grant", "7", form_of(request())));
    EXPECT_EQ(
        code_of(office.try_decide("head_of_authority", "q-000001", "approved", office.proposal().digest)),
        ErrorCode::wrong_role);
}

TEST(FourEyes, WhatWasApprovedIsWhatIsDone) {
    Office office;
    office.apply(office.try_propose("unit_head", "grant", "7", form_of(request())));
    office.apply(office.try_decide("head_of_authority", "q-000001", "approved", office.proposal().digest));
    GrantRequest longer = request();
    longer.until = longer.until + 1;
    EXPECT_EQ(code_of(office.try_give("unit_head", "q-000001", longer)), ErrorCode::content_changed);
    GrantRequest wider = request();
    wider.actions.emplace_back("export");
    EXPECT_EQ(code_of(office.try_give("unit_head", "q-000001", wider)), ErrorCode::content_changed);
    GrantRequest other = request();
    other.object = 9;
    EXPECT_EQ(code_of(office.try_give("second_head", "q-000001", other)), ErrorCode::record_unknown);
    EXPECT_EQ(code_of(office.try_give("head_of_authority", "q-000001", request())), ErrorCode::same_person)
        << "who approved does not carry it out";
    EXPECT_EQ(code_of(office.try_give("unit_head", "q-000001", request(), day + proposal_days + 1)),
              ErrorCode::proposal_lapsed);
    EXPECT_EQ(code_of(office.try_give("constable", "q-000001", request())), ErrorCode::access_denied);
    // Somebody changed the row behind our back.
    facts::ProposalRow row = office.proposal();
    row.content.insert_or_assign("organisation", "hengyang");
    office.put_row(row);
    EXPECT_EQ(code_of(office.try_give("unit_head", "q-000001", request())), ErrorCode::content_changed);
}

// Whoever tries whatever in whatever order: no grant stands that two different human beings did not agree on.
TEST(FourEyes, NoOrderOfActsLeadsAroundTheSecondPerson) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed) {
        Random random(seed);
        Office office;
        const std::vector<std::string> people{"unit_head",  "head_of_authority", "second_head", "twin",
                                              "twin_again", "officer",           "city_head",   "constable"};
        const std::vector<std::string> ids{"q-000001", "q-000002", "q-000003"};
        Date today = day;
        for (int act = 0; act < 60; ++act) {
            const std::string who = random.pick(people), id = random.pick(ids);
            const std::string seen = random.chance(3, 4) ? id : random.pick(ids);
            GrantRequest wanted = request();
            if (random.chance(1, 3)) wanted.actions = {"read"};
            wanted.from = today;
            wanted.until = today + 30;
            Result<Fact> done = Error{ErrorCode::usage, {}};
            switch (random.below(4)) {
                case 0: done = office.try_propose(who, "grant", "7", form_of(wanted), today); break;
                case 1:
                case 2:
                    done = office.try_decide(who, id, random.chance(3, 4) ? "approved" : "refused",
                                             office.proposal(seen).digest, "r", today);
                    break;
                default: {
                    const auto kept = grant_request(7, office.proposal(id).content);
                    done = office.try_give(who, id, kept && random.chance(3, 4) ? *kept : wanted, today);
                }
            }
            if (done) office.apply(*done);
            if (random.chance(1, 10)) today = today + 1;
        }
        const auto rows = must(office.work().list<facts::GrantRow>({}));
        for (const facts::GrantRow& row : rows) {
            const auto agreed = office.proposal("q-" + row.id.substr(2));
            RC_ASSERT(agreed.state == "approved");
            RC_ASSERT(form_of(must(grant_request(7, agreed.content))) ==
                      form_of({row.object, row.organisation, row.person, row.actions, row.masks, row.purpose,
                               row.basis, row.from, row.until, row.version}));
            RC_ASSERT(office.look([&](const Reader& reader) {
                return !must(same_human(reader, agreed.proposer, agreed.decider)) &&
                       !must(same_human(reader, row.giver, row.approver));
            }));
        }
        RC_CLASSIFY(!rows.empty(), "a grant was given");
    }));
}

TEST(Accounts, RefusalsAndTheFirst) {
    Office office;
    const facts::AccountRecorded first{"", "sys", "sys", "active", ""};
    office.apply(office.try_account("", first));  // the set-up
    EXPECT_EQ(must(office.work().find<facts::AccountRow>(std::string("a-000001")))->person, "sys");
    office.apply(office.try_account("sys", {"", "twin", "0007", "active", ""}));
    struct Row {
        const char* who;
        facts::AccountRecorded account;
        ErrorCode code;
    };
    for (const Row& row : {
             Row{"", {"", "officer", "0003", "active", ""}, ErrorCode::not_signed_in},
             Row{"sec", {"", "officer", "0003", "active", ""}, ErrorCode::access_denied},
             Row{"audit", {"", "officer", "0003", "active", ""}, ErrorCode::access_denied},
             Row{"head_of_authority", {"", "officer", "0003", "active", ""}, ErrorCode::access_denied},
             Row{"sys", {"a-000001", "sys", "sys", "disabled", "x"}, ErrorCode::access_denied},
             Row{"sys", {"", "nobody", "0003", "active", ""}, ErrorCode::person_unknown},
             Row{"sys", {"", "officer", "0007", "active", ""}, ErrorCode::duplicate_key},
             Row{"sys", {"", "twin", "0008", "active", ""}, ErrorCode::duplicate_key},
             Row{"sys", {"", "twin_again", "0008", "active", ""}, ErrorCode::duplicate_key},
             Row{"sys", {"", "officer", "", "active", ""}, ErrorCode::field_missing},
             Row{"sys", {"", "officer", "a", "active", ""}, ErrorCode::field_invalid},
             Row{"sys", {"", "officer", "张三", "active", ""}, ErrorCode::field_invalid},
             Row{"sys", {"", "officer", "A B", "active", ""}, ErrorCode::field_invalid},
             Row{"sys", {"", "officer", "0003", "asleep", ""}, ErrorCode::not_in_vocabulary},
             Row{"sys", {"", "officer", "0003", "disabled", " "}, ErrorCode::field_missing},
             Row{"sys", {"a-000009", "officer", "0003", "active", ""}, ErrorCode::account_unknown},
             Row{"sys", {"a-000002", "officer", "0003", "active", ""}, ErrorCode::field_invalid},
         })
        EXPECT_EQ(code_of(office.try_account(row.who, row.account)), row.code)
            << row.who << ' ' << row.account.person << ' ' << row.account.name;
    office.apply(office.try_account("sys", {"a-000002", "twin", "0007", "disabled", "left the post"}));
    EXPECT_EQ(must(office.work().find<facts::AccountRow>(std::string("a-000002")))->state, "disabled");
}

TEST(Proposals, AreBoundToEveryPartOfWhatTheySay) {
    const Form form = form_of(request());
    const Bytes digest = proposal_digest("grant", "7", form);
    EXPECT_EQ(digest.size(), 32U);
    EXPECT_NE(digest, proposal_digest("grant", "8", form));
    EXPECT_NE(digest, proposal_digest("role_change", "7", form));
    for (const auto& [name, value] : form) {
        Form changed = form;
        changed.erase(name);
        EXPECT_NE(digest, proposal_digest("grant", "7", changed)) << name;
    }
    EXPECT_EQ(form_of(must(grant_request(7, form))), form) << "there and back";
}

}  // namespace
}  // namespace qingyuan::access
