#include "act/punishment.hpp"

#include <array>
#include <utility>

#include "act/attributes.hpp"
#include "base/rational.hpp"

namespace qingyuan::act {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

/// Attribute of the dossier, fact of the penalty rules.
constexpr std::array<Pair, 4> amounts = {
    Pair{"goods_value_fen", "goods_value"}, Pair{"illegal_income_fen", "illegal_income"},
    Pair{"income_basis_fen", "income_from_unit"}, Pair{"income_basis_fen", "income_previous_year"}};
constexpr std::array<Pair, 5> words = {
    Pair{"trade_channel", "channel"}, Pair{"drug_quality", "quality"}, Pair{"serious", "serious"},
    Pair{"corrected_in_time", "corrected_in_time"}, Pair{"refused_to_correct", "refused_to_correct"}};

std::string attribute_name(std::string_view fact) {
    for (const auto& [attribute, name] : amounts)
        if (name == fact) return std::string(attribute);
    for (const auto& [attribute, name] : words)
        if (name == fact) return std::string(attribute);
    return std::string(fact);
}

std::string one_text(const facts::DossierRow& dossier, const facts::Form& form, std::string_view name) {
    const auto texts = texts_of(attribute_of(dossier, form, name));
    return texts.empty() ? std::string() : texts.front();
}

}  // namespace

law::PenaltyFacts penalty_facts(const facts::DossierRow& dossier, const facts::Form& form) {
    law::PenaltyFacts out;
    for (const auto& [attribute, fact] : amounts) {
        const auto value = attribute_of(dossier, form, attribute);
        if (const auto* fen = value ? std::get_if<std::int64_t>(&*value) : nullptr)
            out.emplace(fact, Fen{*fen}.text());
    }
    for (const auto& [attribute, fact] : words) {
        std::string text = one_text(dossier, form, attribute);
        if (!text.empty()) out.emplace(fact, std::move(text));
    }
    return out;
}

Result<std::optional<law::Punishment>> punishment_of(const law::Law& law, const facts::DossierRow& dossier,
                                                     const facts::Form& form) {
    const law::Violation* violation = law.find_violation(one_text(dossier, form, "violation"));
    if (violation == nullptr) return std::optional<law::Punishment>();
    const law::Factors factors{texts_of(attribute_of(dossier, form, "mitigation")),
                               texts_of(attribute_of(dossier, form, "aggravation"))};
    auto punished = law::punish(law, *violation, penalty_facts(dossier, form), factors,
                                one_text(dossier, form, "penalty_rule"));
    if (punished) return std::optional(std::move(*punished));
    Error error = punished.error();
    error.where = attribute_name(error.where);
    if (error.next.empty()) error.next = "state it in the report of the investigation";
    return error;
}

}  // namespace qingyuan::act
