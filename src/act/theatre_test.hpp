// A stage for the tests of this room: an embedded store in memory, a virtual clock, and one or two people for
// every role.
#pragma once

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "act/engine.hpp"
#include "act/places.hpp"
#include "base/clock.hpp"
#include "journal/journal.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

namespace qingyuan::act {

class Theatre {
 public:
    explicit Theatre(const law::Law& law, Date from = make_date(2025, 3, 3))
        : law_(&law),
          engine_(law),
          clock_(Instant{start_of(from).us + 9 * std::int64_t{3'600'000'000}}),
          store_(must(sql::open_store("sqlite::memory:"))) {
        journal::Options options;
        options.origin = "theatre.example";
        options.folds = {registry::fold(), fold(law)};
        journal_ = must(journal::Journal::open(*store_, clock_, std::move(options)));
        must(journal_->append(cast()));
    }

    template <class T>
    static T must(Result<T> result) {
        if (!result) {
            ADD_FAILURE() << result.error().text();
            std::abort();
        }
        if constexpr (!std::is_void_v<T>) return std::move(*result);
    }

    template <class Do>
    auto read(Do&& look) {
        using Out = decltype(look(std::declval<const journal::Reader&>()));
        std::optional<Out> out;
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = look(reader);
            return {};
        }));
        return std::move(*out);
    }

    Actor actor(const std::string& person) {
        return read([&](const auto& reader) { return must(actor_of(reader, person, clock_.now())); });
    }
    facts::DossierRow row(const std::string& id) {
        return read([&](const auto& reader) { return must(dossier(reader, id)); });
    }

    /// Decides and appends; the refusal, or the sequence number.
    Result<std::uint64_t> append(const std::function<Result<facts::Fact>(const journal::Reader&)>& decide) {
        std::uint64_t seq = 0;
        const auto done = journal_->write([&](journal::Writer& writer) -> Result<void> {
            seq = TRY(writer.append(TRY(decide(writer)))).seq;
            return {};
        });
        if (!done) return done.error();
        return seq;
    }
    Result<std::uint64_t> open(const std::string& person, Engine::Opening opening) {
        return append([&](const auto& reader) -> Result<facts::Fact> {
            return engine_.open(reader, TRY(actor_of(reader, person, clock_.now())), opening);
        });
    }
    Result<std::uint64_t> take(const std::string& id, const std::string& person, const std::string& step,
                               Request request = {}) {
        return append([&](const auto& reader) -> Result<facts::Fact> {
            return engine_.take(reader, TRY(dossier(reader, id)), TRY(actor_of(reader, person, clock_.now())),
                                step, request);
        });
    }
    Result<std::uint64_t> approve(const std::string& id, const std::string& person, const std::string& step,
                                  const facts::Form& form = {}) {
        return append([&](const auto& reader) -> Result<facts::Fact> {
            return engine_.approve(reader, TRY(dossier(reader, id)),
                                   TRY(actor_of(reader, person, clock_.now())), step, form);
        });
    }
    Result<std::uint64_t> void_fact(const std::string& person, std::uint64_t target,
                                    const std::string& reason = "entered twice") {
        return append([&](const auto& reader) -> Result<facts::Fact> {
            return engine_.void_fact(reader, TRY(actor_of(reader, person, clock_.now())), target, reason);
        });
    }
    std::vector<Offer> offers(const std::string& id, const std::string& person, bool all = false) {
        return read([&](const auto& reader) {
            return must(engine_.offers(reader, must(dossier(reader, id)),
                                       must(actor_of(reader, person, clock_.now())), all));
        });
    }
    /// Lets days pass, each with its tick; the number of steps that time took.
    int pass(int days) {
        int taken = 0;
        for (int i = 0; i < days; ++i) {
            const Date day = clock_.now().date() + 1;
            clock_.set(Instant{start_of(day).us + 9 * std::int64_t{3'600'000'000}});
            must(journal_->write([&](journal::Writer& writer) -> Result<void> {
                for (facts::Fact& fact : TRY(engine_.tick(writer, day))) {
                    taken += fact.dossier != 0;
                    TRY(writer.append(std::move(fact)));
                }
                return {};
            }));
        }
        return taken;
    }
    /// The fold of the dossier's facts from the beginning.
    facts::DossierRow refolded(std::uint64_t dossier,
                               const std::function<bool(const facts::Recorded&)>& counts = {}) {
        return read([&](const journal::Reader& reader) {
            std::vector<facts::Recorded> recorded;
            for (const std::uint64_t seq : must(reader.facts_of(dossier)))
                if (facts::Recorded one = must(reader.fact(seq)); !counts || counts(one))
                    recorded.push_back(std::move(one));
            facts::DossierRow row = must(refold(*law_, recorded));
            row.path = must(path_of(reader, row.organisation));
            return row;
        });
    }

    VirtualClock& clock() { return clock_; }
    [[nodiscard]] Date today() const { return clock_.now().date(); }
    const Engine& engine() const { return engine_; }
    journal::Store& store() { return *store_; }

 private:
    static facts::Fact fact(facts::Payload payload) {
        return {make_date(2023, 1, 1), {}, "system", 0, std::move(payload)};
    }
    static facts::Fact organisation(std::string id, std::string parent, std::string department,
                                    std::string kind) {
        facts::OrganisationRecorded out;
        out.id = id, out.name = id, out.parent = std::move(parent), out.department = std::move(department),
        out.kind = std::move(kind);
        out.from = make_date(2023, 1, 1);
        return fact(std::move(out));
    }
    static facts::Fact person(std::string id, std::string at, std::vector<std::string> roles,
                              Date certificate_to) {
        facts::PersonRecorded out;
        out.id = std::move(id), out.organisation = std::move(at), out.roles = std::move(roles),
        out.from = make_date(2023, 1, 1);
        out.certificate = certificate_to == Date{} ? "" : "C1";
        out.certificate_to = certificate_to;
        return fact(std::move(out));
    }

    /// city with its county and its institute; a_ROLE and b_ROLE in the city, certified; county_officer;
    /// uncertified; expired; a contact each of the police, the insurance and the health department.
    std::vector<facts::Fact> cast() const {
        std::vector<facts::Fact> out{organisation("prov", "", "drug_regulator", "authority"),
                                     organisation("city", "prov", "market_regulator", "authority"),
                                     organisation("county", "city", "market_regulator", "authority"),
                                     organisation("institute", "city", "market_regulator", "own_unit"),
                                     organisation("police", "", "public_security", "authority"),
                                     organisation("insurance", "", "medical_insurance", "authority"),
                                     organisation("health", "", "health", "authority")};
        const Date valid = make_date(2027, 12, 31);
        for (const law::Role& role : law_->roles())
            for (const char* one : {"a_", "b_"})
                out.push_back(person(one + role.id, "city", {role.id}, valid));
        out.push_back(person("county_officer", "county", {"officer"}, valid));
        out.push_back(person("institute_officer", "institute", {"officer"}, valid));
        out.push_back(person("police_officer", "police", {"officer"}, valid));
        out.push_back(person("cop", "police", {"police_contact"}, Date{}));
        out.push_back(person("insurer", "insurance", {"insurance_contact"}, Date{}));
        out.push_back(person("medic", "health", {"health_contact"}, Date{}));
        out.push_back(person("prov_officer", "prov", {"officer"}, valid));
        out.push_back(person("uncertified", "city", {"officer"}, Date{}));
        out.push_back(person("expired", "city", {"officer"}, make_date(2025, 1, 31)));
        facts::OperatorRecorded shop;
        shop.id = "shop", shop.name = "shop", shop.kind = "pharmacy", shop.organisation = "city",
        shop.from = make_date(2023, 1, 1);
        out.push_back(fact(shop));
        facts::ProductRecorded product;
        product.id = "H20240001", product.name = "tablet", product.category = "drug", product.holder = "shop",
        product.from = make_date(2023, 1, 1);
        out.push_back(fact(product));
        return out;
    }

    const law::Law* law_;
    Engine engine_;
    VirtualClock clock_;
    std::unique_ptr<journal::Store> store_;
    std::unique_ptr<journal::Journal> journal_;
};

}  // namespace qingyuan::act
