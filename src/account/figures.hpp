// Figures as sets over the journal: every derived figure is the size of a set of facts, dossiers or
// operators, or a fold over it, and opens to its members. The index is kept in memory, built by reading the
// journal once and caught up after that.
//
// A fact counts for the organisation it names (the one responsible on its day); organisations roll up along
// the tree as it stands on the period's last day, ended ones through their successor. As-of is a sequence
// number: only facts up to it count, and a void counts from its own number on. Not synchronised: callers take
// turns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/period.hpp"
#include "base/rational.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"
#include "facts/fact.hpp"
#include "law/statistics.hpp"

namespace qingyuan::journal {
class Reader;
}

namespace qingyuan::account {

using qingyuan::parse_period;
using qingyuan::Period;

/// Whose figure, over which days, known up to which fact.
struct Scope {
    std::string organisation;
    Period period;
    std::uint64_t as_of = 0;  ///< sequence number; 0 = everything applied
    bool own_only = false;    ///< without the organisations below
};

/// A figure's value. A ratio has its numerator as `value` and shows both; a reported figure states its
/// source.
struct FigureValue {
    const law::Statistic* statistic = nullptr;
    Rational value;
    std::optional<Rational> denominator;
    std::string organisation;    ///< reported: whom it is about
    std::string period;          ///< reported: period of the statement
    bool approximate = false;    ///< reported: printed with its marker
    std::string reported_as_of;  ///< reported: date text, may be only a year
    std::string source;          ///< reported: publication and date
    std::uint64_t seq = 0;       ///< reported: the fact

    [[nodiscard]] const std::string& id() const { return statistic->id; }
    [[nodiscard]] const std::string& unit() const { return statistic->unit; }
    /// value / denominator where there is one (not zero), else value.
    [[nodiscard]] std::optional<Rational> quotient() const;
};

/// One member of a figure: a fact, a row of a batch fact, or (seq 0) a distinct operator by its id.
struct Member {
    std::uint64_t seq = 0;
    std::optional<std::uint64_t> index;
    std::string record_id;
    std::uint64_t dossier = 0;  ///< sequence number of the dossier's opening fact, 0 = none

    /// The line that is printed and hashed: SEQ[/INDEX] TAB RECORD_ID, or ENTITY_ID.
    [[nodiscard]] std::string line() const;
};

/// Members after the cursor: after (seq, index) for facts, after `entity` for operators.
struct MemberPage {
    std::uint64_t after_seq = 0;
    std::optional<std::uint64_t> after_index;
    std::string after_entity;
    std::size_t limit = 1000;
};

/// An organisation right below another.
struct Unit {
    std::string id;
    std::string name;
    std::string name_en;
    std::string kind;
};

class Index {
 public:
    explicit Index(law::Statistics statistics);
    Index(Index&&) noexcept;
    Index& operator=(Index&&) noexcept;
    ~Index();

    /// Applies every fact of the journal that is not yet applied. Errors: those of the store,
    /// record_malformed.
    Result<void> catch_up(const journal::Reader& reader);
    /// Applies the next fact (seq = applied() + 1, asserted). record_malformed for bytes that are no record.
    Result<void> apply(std::uint64_t seq, std::string_view record);
    Result<void> apply(const facts::Recorded& recorded);
    [[nodiscard]] std::uint64_t applied() const;
    /// Makes room for this many facts, so that loading a long journal moves nothing.
    void reserve(std::uint64_t facts);

    /// Errors: figure_unknown, law_not_in_force (by the period's last day), organisation_unknown;
    /// record_unknown where a reported figure has not been reported for that organisation and period.
    [[nodiscard]] Result<FigureValue> value(std::string_view figure, const Scope& scope) const;
    /// Members in order, at most page.limit of them. For a ratio, those of its numerator. Errors as `value`.
    [[nodiscard]] Result<std::vector<Member>> members(std::string_view figure, const Scope& scope,
                                                      const MemberPage& page) const;
    /// Merkle root (RFC 6962, SM3) over the lines of all members.
    [[nodiscard]] Result<Digest> members_root(std::string_view figure, const Scope& scope) const;

    /// The organisations right below one on a day, by id; organisation_unknown.
    [[nodiscard]] Result<std::vector<Unit>> units(std::string_view organisation, Date on,
                                                  std::uint64_t as_of = 0) const;
    [[nodiscard]] Result<Unit> organisation(std::string_view id, Date on, std::uint64_t as_of = 0) const;
    /// Is the organisation itself, or one that rolled up into it, named by any fact?
    [[nodiscard]] bool has_own_facts(std::string_view organisation, Date on, std::uint64_t as_of = 0) const;
    /// The civil date on which a fact was recorded; of the first fact for 0.
    [[nodiscard]] Date recorded_on(std::uint64_t seq) const;
    /// How the record of this fact is called: docs/formats/report.md. Empty for a fact that is no opening,
    /// step or batch.
    [[nodiscard]] std::string record_id(std::uint64_t seq) const;

    [[nodiscard]] const law::Statistics& statistics() const;
    /// Bytes the index holds: columns, postings, the sets kept by month; without what was put together for an
    /// answer.
    [[nodiscard]] std::size_t bytes() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace qingyuan::account
