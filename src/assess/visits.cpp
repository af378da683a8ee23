#include "assess/visits.hpp"

#include "assess/dossiers.hpp"
#include "base/rational.hpp"
#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

double number_of(const Rational& value) {
    return static_cast<double>(value.numerator()) / static_cast<double>(value.denominator());
}

/// "1/12" or "0.25"; nothing for what is neither, or no probability.
std::optional<double> probability_of(std::string_view text) {
    const auto slash = text.find('/');
    const auto above = parse_decimal(trim(text.substr(0, slash)));
    if (!above) return std::nullopt;
    double out = number_of(*above);
    if (slash != std::string_view::npos) {
        const auto below = parse_decimal(trim(text.substr(slash + 1)));
        if (!below || *below == Rational(0)) return std::nullopt;
        out /= number_of(*below);
    }
    return out > 0 && out <= 1 ? std::optional(out) : std::nullopt;
}

}  // namespace

Result<std::vector<VisitMade>> visits_made(const journal::Reader& reader, Date until) {
    std::vector<VisitMade> out;
    CHECK(each_dossier(reader, {{"procedure", journal::Compare::equal, {std::string("inspection")}}},
                       [&](const facts::DossierRow& row) -> Result<void> {
                           if (row.state == "voided") return {};
                           VisitMade visit{row.id,
                                           row.operator_id,
                                           row.organisation,
                                           facts::text_of(row.attributes, "reason"),
                                           facts::text_of(row.attributes, "mode"),
                                           {},
                                           false,
                                           probability_of(facts::text_of(row.attributes, "probability"))};
                           for (const facts::StepState& step : row.steps) {
                               if (step.voided || step.on > until) continue;
                               if (step.step == "sign") visit.on = step.on;
                               if (step.step == "record_finding") visit.hit = true;
                           }
                           if (visit.on != Date{}) out.push_back(std::move(visit));
                           return {};
                       }));
    return out;
}

}  // namespace qingyuan::assess
