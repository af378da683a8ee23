// Registry, law and dossiers as the API shows them: identifiers with their names in Chinese and English,
// articles as people cite them, clocks with what is used, excluded and left. Shapes: openapi.json.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"

namespace qingyuan::api {

/// Names things while one answer is written; looks each organisation and person up once.
class Presenter {
 public:
    Presenter(const Services& services, const journal::Reader& reader, Instant now, access::Masks masks = 0);

    /// Leaves out from here on what the decision on the next object masks.
    void mask(access::Masks masks) { masks_ = masks; }
    [[nodiscard]] bool masked(access::Mask mask) const {
        return (masks_ & static_cast<access::Masks>(mask)) != 0;
    }

    [[nodiscard]] Json named(std::string_view id, std::string_view zh, std::string_view en) const;
    [[nodiscard]] Json word(std::string_view vocabulary, std::string_view code) const;  ///< null for ""
    [[nodiscard]] Json term(std::string_view id) const;
    [[nodiscard]] Json role(std::string_view id) const;
    [[nodiscard]] Json organisation(std::string_view id);
    [[nodiscard]] Json person(std::string_view id);
    [[nodiscard]] Json operator_ref(std::string_view id);
    [[nodiscard]] Json citation(std::string_view text) const;
    [[nodiscard]] Json citations(const std::vector<std::string>& texts) const;
    [[nodiscard]] Json document(std::string_view id) const;
    [[nodiscard]] Json campaign(std::string_view id) const;

    [[nodiscard]] Json state(const law::Procedure& procedure, std::string_view id) const;
    [[nodiscard]] Json procedure(const law::Procedure& procedure) const;
    [[nodiscard]] Json step(const law::Procedure* procedure, std::string_view id) const;
    [[nodiscard]] Json field(const law::Field& field) const;
    /// A filled form with labels; `fields` may lack some of them. A personal value that is masked is there
    /// without its text; internal remarks, risk assessments and, where the content is masked, everything are
    /// left out.
    [[nodiscard]] Json attributes(const facts::Form& form, const std::vector<law::Field>& fields);
    [[nodiscard]] Json clock(const act::ClockView& view) const;
    [[nodiscard]] Json clock_change(const facts::ClockChange& change) const;
    [[nodiscard]] Json dossier_row(const facts::DossierRow& row);
    /// The clock changes a step declares, with the budget in force today.
    [[nodiscard]] Json clock_effect(const law::ClockEffect& effect) const;
    [[nodiscard]] Json actor(const act::Actor& actor);
    /// A step without its refusal.
    [[nodiscard]] Json offer(const law::Procedure& procedure, const act::Offer& offer,
                             const facts::DossierRow& dossier) const;
    /// All fields a dossier of the procedure may hold: of its opening form and of every step.
    [[nodiscard]] std::vector<law::Field> all_fields(const law::Procedure& procedure) const;
    [[nodiscard]] const law::Procedure* procedure_of(const facts::DossierRow& row) const;

    [[nodiscard]] Date today() const { return now_.date(); }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] const Services& services() const { return *services_; }
    [[nodiscard]] const journal::Reader& reader() const { return *reader_; }

 private:
    const Services* services_;
    const journal::Reader* reader_;
    Instant now_;
    access::Masks masks_;
    std::map<std::string, std::pair<std::string, std::string>, std::less<>> organisations_;
    std::map<std::string, std::string, std::less<>> people_;
    std::map<std::string, std::string, std::less<>> operators_;
};

/// late near suspended running stopped: the raw date decides; near = at most three days left in the limit's
/// unit, 24 hours for hours.
[[nodiscard]] std::string_view standing(const act::ClockView& view, Instant now);
/// Why a step cannot be taken, as Refusal of the contract.
[[nodiscard]] Json refusal_json(const Presenter& present, const Error& error);
/// Null where the date is the default or "never".
[[nodiscard]] Json date_or_null(Date date);

}  // namespace qingyuan::api
