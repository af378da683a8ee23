// The procedure engine: dossiers moving by declared steps. One function answers which steps can be taken, by
// whom, and why not; it guards the act, fills the screen and answers the API.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "facts/fact.hpp"
#include "facts/rows.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::act {

/// The actor of what time does by itself, and the role it does it in.
constexpr std::string_view system_person = "system";
/// The state of a voided dossier, in every procedure.
constexpr std::string_view voided_state = "voided";

/// Who asks: a person in an organisation with roles, at an instant.
struct Actor {
    std::string person;  ///< person id, or "system"
    std::string organisation;
    std::vector<std::string> roles;
    Instant now;
};

/// Reads the actor's roles and organisation from the registry as of the instant; person_unknown. Somebody who
/// has left the post has no roles.
[[nodiscard]] Result<Actor> actor_of(const journal::Reader& reader, std::string_view person, Instant now);

/// What the actor brings to a step.
struct Request {
    facts::Form form;
    std::vector<std::string> officers;   ///< other persons acting with the actor
    std::vector<std::string> documents;  ///< documents drawn up; those the step names are added by themselves
    std::vector<std::string> evidence;   ///< hexadecimal digests
    /// default: today; never in the future, never before the previous step
    std::optional<Date> happened_on;
    std::int64_t expected_version = 0;  ///< 0 = whatever it is; else version_conflict when the dossier moved
};

/// One step as it stands for one actor now.
struct Offer {
    const law::Step* step = nullptr;
    std::optional<Error> refusal;  ///< set: cannot be taken now, and why (code, law, next)
    /// open, but the request must bring this: guard words as the law data writes them: given(note)
    std::vector<std::string> needs;
};

/// A clock as people read it: budget, used, suspended, left, end.
struct ClockView {
    const law::Limit* limit = nullptr;
    std::string limit_id;
    int budget = 0;  ///< value + extended, in unit
    int used = 0;
    int excluded_days = 0;  ///< calendar days of the ledger
    /// budget − used, negative when overdue; for months and years the calendar days to the safe reading
    int left = 0;
    law::Unit unit = law::Unit::none;
    law::Due due;                   ///< both readings
    std::optional<Instant> due_at;  ///< for hours
    bool running = false;
    bool suspended = false;
    Date started_on;
    Date stopped_on;
    std::optional<Instant> stopped_at;  ///< where it is known better than by the day
    /// someone is late when it ends; false for waiting periods, validities, and terms in which the party may
    /// ask
    bool duty = true;
    std::vector<facts::Pause> pauses;
    int extended = 0;   ///< of the budget, added by extensions
    int extension = 0;  ///< possible extension by law that was not used yet
};

class Engine {
 public:
    explicit Engine(const law::Law& law) : law_(&law) {}

    /// Facts that open a dossier (one). `id` empty: dealt from the organisation, the procedure's prefix and
    /// the year.
    struct Opening {
        std::string procedure;
        std::string id;
        std::string title;
        std::string operator_id;
        std::string category;
        std::string campaign;
        std::string organisation;  ///< empty: the actor's
        std::string state;         ///< empty: the procedure's first initial state
        std::uint64_t source = 0;
        std::uint64_t source_fact = 0;
        facts::Form form;
        std::optional<Date> happened_on;
    };
    [[nodiscard]] Result<facts::Fact> open(const journal::Reader& reader, const Actor& actor,
                                           const Opening& opening) const;

    /// Every step of the dossier's present state, in the procedure's order; steps of other states are left
    /// out unless `all`.
    [[nodiscard]] Result<std::vector<Offer>> offers(const journal::Reader& reader,
                                                    const facts::DossierRow& dossier, const Actor& actor,
                                                    bool all = false) const;

    /// The fact of taking a step, or the refusal. Order of refusals: authority, existence, state, time,
    /// content; a form's field errors come all at once (message lists them).
    [[nodiscard]] Result<facts::Fact> take(const journal::Reader& reader, const facts::DossierRow& dossier,
                                           const Actor& actor, std::string_view step,
                                           const Request& request) const;

    /// A second person's approval of exactly this form for the step.
    [[nodiscard]] Result<facts::Fact> approve(const journal::Reader& reader, const facts::DossierRow& dossier,
                                              const Actor& actor, std::string_view step,
                                              const facts::Form& form) const;

    /// Voids a dossier (target = its opening fact), a repeatable step, its latest step, an approval or a
    /// recusal. For whoever may open the dossier or take the step, and for head_of_authority and superior.
    /// record_unknown, already_voided, not_latest, field_missing (no reason).
    [[nodiscard]] Result<facts::Fact> void_fact(const journal::Reader& reader, const Actor& actor,
                                                std::uint64_t target, std::string_view reason) const;

    /// By head_of_authority or superior (行政处罚法 43). step_repeated when it is so already.
    [[nodiscard]] Result<facts::Fact> recuse(const journal::Reader& reader, const facts::DossierRow& dossier,
                                             const Actor& actor, std::string_view person,
                                             std::string_view reason) const;

    /// What time does by itself on `date`: the tick fact, then for every dossier the first automatic step
    /// whose guards hold, each followed by the openings of the dossiers it proposes. Once a day.
    [[nodiscard]] Result<std::vector<facts::Fact>> tick(const journal::Reader& reader, Date date) const;

    [[nodiscard]] std::vector<ClockView> clocks(const facts::DossierRow& dossier, Instant now) const;

    [[nodiscard]] const law::Law& law() const { return *law_; }

 private:
    [[nodiscard]] Result<void> propose(const journal::Reader& reader, const facts::DossierRow& source,
                                       const law::Step& step, const Actor& actor,
                                       std::vector<facts::Fact>& into) const;

    const law::Law* law_;
};

/// The fold of dossiers.
[[nodiscard]] journal::Fold fold(const law::Law& law);

/// The row that results from the facts of one dossier in order: what the fold keeps, and what a test compares
/// with it.
[[nodiscard]] Result<facts::DossierRow> refold(const law::Law& law,
                                               const std::vector<facts::Recorded>& facts);

/// By record id ("hy-2025-case-00017") or sequence number in digits; dossier_unknown.
[[nodiscard]] Result<facts::DossierRow> dossier(const journal::Reader& reader, std::string_view id);

}  // namespace qingyuan::act
