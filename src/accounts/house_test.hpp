// What the tests of accounts work in: a small authority with its administrators, three stores in memory,
// cheap password hashes, and a clock that the test moves.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "access/grants.hpp"
#include "accounts/accounts.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

namespace qingyuan::accounts {

constexpr std::int64_t second = 1'000'000, minute = 60 * second, hour = 60 * minute;
inline const std::string good_password = "Lotus-7-kite-Bay", other_password = "River-9-moss-Elm",
                         third_password = "Stone-4-fern-Oak";

/// The act room folds dossiers and where organisations stand; here a fold of the tests stands for it.
inline journal::Fold places_fold() {
    return {"places",
            {facts::DossierRow::row_type, facts::InvolvementRow::row_type, facts::PlaceRow::row_type},
            [](const facts::Recorded& fact, journal::Projections& rows) -> Result<void> {
                const auto* one = std::get_if<facts::OrganisationRecorded>(&fact.fact.payload);
                if (!one) return {};
                const auto above = TRY(rows.find<facts::PlaceRow>(one->parent));
                facts::PlaceRow place{.id = one->id, .parent = one->parent, .from = one->from};
                place.path = (above ? above->path : std::string()) + one->id + "/";
                return rows.put(std::move(place));
            }};
}

class House : public testing::Test {
 public:
    House() {
        facts_store = sql::open_store("sqlite::memory:").value();
        access_store = sql::open_store("sqlite::memory:").value();
        work_store = sql::open_store("sqlite::memory:").value();
        facts = journal::Journal::open(
                    *facts_store, clock,
                    {.origin = "test", .folds = {registry::fold(), access::fold(), places_fold()}})
                    .value();
        access = journal::Journal::open(*access_store, clock, {.name = "access", .origin = "test"}).value();
        std::vector<facts::RowType> rows = work_rows();
        work.emplace(journal::Work::open(*work_store, rows).value());
        vault = Vault::in_memory().value();
        options.hashing = {HashScheme::argon2id, 1, 8192, 1000};
        reopen();
    }
    void reopen() { accounts = Accounts::open({*work, *facts, *access, *vault}, options).value(); }

    [[nodiscard]] Instant now() const { return clock.now(); }
    void pass(std::int64_t us) { clock.set(Instant{clock.now().us + us}); }
    [[nodiscard]] Date today() const { return now().date(); }

    void record(std::vector<facts::Payload> payloads) {
        std::vector<facts::Fact> list;
        for (facts::Payload& payload : payloads)
            list.push_back({today(), "city", "system", 0, std::move(payload)});
        const auto done = facts->append(std::move(list));
        ASSERT_TRUE(done) << done.error().text();
    }
    void person(const std::string& id, const std::vector<std::string>& roles,
                const std::string& organisation = "city") {
        record({facts::PersonRecorded{.id = id,
                                      .name = vault->put("person_name/" + id, "name of " + id).value(),
                                      .organisation = organisation,
                                      .roles = roles,
                                      .from = today()}});
    }
    /// A set-up house: p-sys and p-sec are administrators "sys" and "sec" with `good_password`.
    void settle() {
        const auto code = accounts->set_up_code(now()).value();
        ASSERT_TRUE(code);
        const auto done = accounts->set_up(set_up(*code), "10.0.0.1", now());
        ASSERT_TRUE(done) << done.error().text();
    }
    static Installation set_up(const std::string& code) {
        facts::OrganisationRecorded city{.id = "city", .name = "市局", .department = "drug_regulator"};
        city.kind = "authority";
        return {code, city, {"赵一", "sys", good_password}, {"钱二", "sec", other_password}};
    }
    [[nodiscard]] access::Subject subject(const std::string& id) const {
        access::Subject out;
        const auto done = facts->read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(access::subject_of(reader, id, today()));
            return {};
        });
        if (!done) ADD_FAILURE() << done.error().text();
        return out;
    }
    [[nodiscard]] access::Subject sys() const { return subject("city-p-001"); }
    [[nodiscard]] access::Subject sec() const { return subject("city-p-002"); }

    /// A person with an account and a password of its own.
    std::string user(const std::string& id, const std::vector<std::string>& roles, const std::string& name) {
        person(id, roles);
        const auto made = accounts->add_account(sys(), "", id, name, now());
        if (!made) {
            ADD_FAILURE() << made.error().text();
            return {};
        }
        const auto first = sign_in(name, made->password);
        if (!first) {
            ADD_FAILURE() << first.error().text();
            return {};
        }
        EXPECT_EQ(first->identity.limited, "password_change");
        const auto changed = accounts->change_password(first->identity, made->password, good_password, now());
        if (!changed) ADD_FAILURE() << changed.error().text();
        return made->account.id;
    }
    Result<SignedIn> sign_in(std::string_view name, std::string_view password, std::string_view code = {},
                             std::string_view peer = "10.0.0.7", std::string_view previous = {}) {
        return accounts->sign_in({name, password, code, peer, previous}, now());
    }
    [[nodiscard]] std::optional<Identity> who(std::string_view cookie) const {
        const auto found = accounts->identify(cookie, {}, now());
        if (!found) ADD_FAILURE() << found.error().text();
        return found ? *found : std::nullopt;
    }
    [[nodiscard]] ErrorCode token_error(std::string_view token) const {
        const auto found = accounts->identify({}, token, now());
        EXPECT_FALSE(found);
        return found ? ErrorCode{} : found.error().code;
    }
    /// The entries of the access journal with this action.
    [[nodiscard]] std::vector<facts::AccessNoted> noted(std::string_view action) const {
        std::vector<facts::AccessNoted> out;
        const auto done = access->read([&](const journal::Reader& reader) -> Result<void> {
            const std::uint64_t size = TRY(reader.head()).size;
            for (std::uint64_t at = 1; at <= size; ++at) {
                const facts::Recorded entry = TRY(reader.fact(at));
                const auto* one = std::get_if<facts::AccessNoted>(&entry.fact.payload);
                if (one && one->action == action) out.push_back(*one);
            }
            return {};
        });
        if (!done) ADD_FAILURE() << done.error().text();
        return out;
    }
    /// Proposes as one person and decides as another; the proposal's id.
    std::string agreed(const access::Subject& by, const access::Subject& other, std::string_view kind,
                       std::string_view object, const facts::Form& content) {
        std::string id;
        const auto done = facts->write([&](journal::Writer& writer) -> Result<void> {
            const auto made = TRY(writer.append(TRY(access::propose(writer, by, kind, object, content))));
            const auto& proposal = std::get<facts::ProposalMade>(made.fact.payload);
            id = proposal.id;
            TRY(writer.append(
                TRY(access::decide_proposal(writer, other, id, "approved", proposal.digest, ""))));
            return {};
        });
        if (!done) ADD_FAILURE() << done.error().text();
        return id;
    }

    VirtualClock clock{Instant{start_of(make_date(2026, 7, 6)).us + 9 * hour}};
    std::unique_ptr<journal::Store> facts_store, access_store, work_store;
    std::unique_ptr<journal::Journal> facts, access;
    std::optional<journal::Work> work;
    std::unique_ptr<Vault> vault;
    Options options;
    std::unique_ptr<Accounts> accounts;
};

}  // namespace qingyuan::accounts
