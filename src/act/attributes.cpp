// Reading the attributes of a dossier.
#include "act/attributes.hpp"

#include <algorithm>

namespace qingyuan::act {

namespace {

bool is_empty(const facts::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return list->empty();
    return false;
}

}  // namespace

std::optional<facts::Value> attribute_of(const facts::DossierRow& dossier, const facts::Form& form,
                                         std::string_view name) {
    if (const facts::Value* value = facts::find(form, name)) return *value;
    if (const facts::Value* value = facts::find(dossier.attributes, name)) return *value;
    if (name == "category" && !dossier.category.empty()) return dossier.category;
    if (name == "campaign" && !dossier.campaign.empty()) return dossier.campaign;
    if (name == "operator_id" && !dossier.operator_id.empty()) return dossier.operator_id;
    return std::nullopt;
}

bool matches(const std::optional<facts::Value>& value, std::string_view word) {
    if (!value) return false;
    if (const auto* whole = std::get_if<std::int64_t>(&*value)) return std::to_string(*whole) == word;
    if (const auto* yes = std::get_if<bool>(&*value)) return (*yes ? "true" : "false") == word;
    if (const auto* text = std::get_if<std::string>(&*value)) return *text == word;
    if (const auto* list = std::get_if<std::vector<std::string>>(&*value))
        return std::ranges::find(*list, word) != list->end();
    return false;
}

std::vector<std::string> texts_of(const std::optional<facts::Value>& value) {
    if (!value) return {};
    if (const auto* whole = std::get_if<std::int64_t>(&*value)) return {std::to_string(*whole)};
    if (const auto* yes = std::get_if<bool>(&*value)) return {*yes ? "true" : "false"};
    if (const auto* text = std::get_if<std::string>(&*value)) return {*text};
    if (const auto* list = std::get_if<std::vector<std::string>>(&*value)) return *list;
    if (const auto* subject = std::get_if<facts::SubjectRef>(&*value)) return {subject->subject};
    return {};
}

bool is_given(const facts::Form& form, std::string_view field) {
    const facts::Value* value = facts::find(form, field);
    return value && !is_empty(*value);
}

facts::Form without_empty(const facts::Form& form) {
    facts::Form out;
    for (const auto& [field, value] : form)
        if (!is_empty(value)) out.emplace(field, value);
    return out;
}

}  // namespace qingyuan::act
