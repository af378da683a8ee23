// What the pages share on which an authority plans: draws, rounds of visits, inspectors and risk conferences.
// They are dossiers like all others; to access they are of the kind `plan`, so that the analyst who does this
// work reaches them and no other matter.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "api/present.hpp"
#include "api/steps.hpp"
#include "target/assignment.hpp"
#include "target/bundle.hpp"

namespace qingyuan::api {

/// Procedures whose dossiers are of the kind `plan`.
[[nodiscard]] bool is_planned(std::string_view procedure);

/// Steps whose content the program computes from the seed of a draw: nobody hands it in.
[[nodiscard]] bool is_computed(std::string_view procedure, std::string_view step);

/// Dossiers of a planned procedure that the route opens to the caller, the newest first, at most `most`.
[[nodiscard]] Result<std::vector<facts::DossierRow>> planned(const Call& call, const journal::Reader& reader,
                                                             std::string_view procedure,
                                                             std::uint64_t most = 500);

using Decide = std::function<Result<facts::Fact>(const journal::Reader&)>;
/// Decides and appends in one transaction, keeps the answer with it, and answers with what was recorded.
[[nodiscard]] Answer append_fact(const Call& call, const Decide& decide);

/// A step that stands: its place among the steps of its name (from 1, voided ones counted) and its fact.
struct Taken {
    std::int64_t number = 0;
    facts::Recorded recorded;
    facts::StepTaken step;
};
/// Steps of a dossier that stand, oldest first; of one name where one is given.
[[nodiscard]] Result<std::vector<Taken>> steps_of(const journal::Reader& reader, const facts::DossierRow& row,
                                                  std::string_view step = {});

[[nodiscard]] std::int64_t whole_in(const facts::Form& form, std::string_view field);
/// "2025-07-04T09:00:00+08:00 by whom": {at, on, by}.
[[nodiscard]] Json taken_by(Presenter& present, const facts::Recorded& recorded);
/// The offers of a dossier to the caller: step, names, refusal, needs, form. As dossier_offers writes them.
[[nodiscard]] Result<Json> offers_json(const Call& call, Presenter& present, const facts::DossierRow& row);

/// Dossiers of one procedure that were opened from another.
[[nodiscard]] Result<std::vector<facts::DossierRow>> opened_from(const journal::Reader& reader,
                                                                 std::int64_t source,
                                                                 std::string_view procedure);

// --- draws

/// What a draw holds inside: the ceremony, the frame with its operators, and what came out. `outcome` is
/// empty while the result is sealed or there is none.
struct DrawHeld {
    facts::DossierRow row;
    target::Bundle bundle;
    std::vector<std::string> operators;  ///< of each unit
    std::optional<target::Outcome> outcome;
    std::string bytes;  ///< of the bundle, once it is public (published or void)
};
/// The ceremony of a draw and, where `with_frame`, its units; the result only once it was published.
[[nodiscard]] Result<DrawHeld> draw_held(const Services& services, const journal::Reader& reader,
                                         const facts::DossierRow& row, bool with_frame);
/// Places that were drawn, the reserve left out, in the order of strata and ranks.
[[nodiscard]] std::vector<target::Place> drawn_places(const DrawHeld& draw);

/// The bundle as a file.
[[nodiscard]] http::Response bundle_response(std::string_view id, std::string bytes);
/// too_early: the result is not published yet, and until when it may be sealed.
[[nodiscard]] Error not_public(const facts::DossierRow& row);
/// The round of visits that was opened from a draw and stands: its teams, who was replaced, the inspections;
/// null where there is none.
[[nodiscard]] Result<Json> round_of(const Call& call, Presenter& present, const DrawHeld& draw);

// --- inspectors

/// An inspector as the register knows him, and why he cannot be drawn.
struct RegisteredInspector {
    facts::PersonRecorded person;
    std::string file;   ///< dossier of the file, or empty
    std::string state;  ///< of the file
    std::string level;
    std::vector<std::string> skills;
    std::int64_t hours = 0;        ///< trained in the year before
    Date trained_to;               ///< last day on which the hours suffice; 1970-01-01 = they do not
    std::int64_t open_visits = 0;  ///< inspections under way
    std::int64_t visits_in_year = 0;
    std::vector<std::pair<std::string, std::string>> conflicts;  ///< operator, ground
    std::vector<std::string> gates;  ///< no_certificate certificate_expired untrained suspended full
};
struct Gates {
    std::int64_t hours_min = 0, open_max = 0, rotation = 0;
};
[[nodiscard]] Result<Gates> gates_on(const law::Law& law, Date on);
/// Inspectors of the organisation and of what lies below it, in post on the day, by id.
[[nodiscard]] Result<std::vector<RegisteredInspector>> inspectors_of(const journal::Reader& reader,
                                                                     const law::Law& law,
                                                                     std::string_view organisation, Date on);

Answer list_draws(const Call& call);
Answer preview_draw(const Call& call);
Answer open_draw(const Call& call);
Answer show_draw(const Call& call);
Answer draw_step(const Call& call);
Answer draw_bundle(const Call& call);
Answer draw_teams(const Call& call);
Answer open_round(const Call& call);
Answer replace_team(const Call& call);
Answer plan_visits(const Call& call);
Answer list_inspectors(const Call& call);
Answer visit_estimates(const Call& call);
Answer replay_policies(const Call& call);
Answer list_conferences(const Call& call);
Answer show_conference(const Call& call);
Answer public_draws(const Call& call);
Answer public_draw(const Call& call);
Answer portal_draws(const Call& call);

}  // namespace qingyuan::api
