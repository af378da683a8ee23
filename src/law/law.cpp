#include "law/law.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "law/book.hpp"

namespace qingyuan::law {

namespace {

/// The text of the name in force on the date, among several dated ones.
template <class T, class Holds>
const T* in_force_on(const std::vector<T>& entries, const Index& index, std::string_view name, Holds holds) {
    for (auto [at, end] = index.equal_range(name); at != end; ++at)
        if (holds(entries[at->second])) return &entries[at->second];
    return nullptr;
}

Error not_found(const Index& index, std::string_view id, Date on, ErrorCode unknown) {
    if (!index.contains(id)) return {unknown, fmt::format("'{}'", id), std::string(id)};
    return {ErrorCode::law_not_in_force, fmt::format("no text of '{}' is in force on {}", id, on.text()),
            std::string(id)};
}

}  // namespace

Law::Law(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

const std::filesystem::path& Law::directory() const {
    return data_->directory;
}
Digest Law::digest() const {
    return data_->digest;
}
std::size_t Law::files() const {
    return data_->files;
}

std::span<const Source> Law::sources() const {
    return data_->sources;
}
const Source* Law::find_source(std::string_view id) const {
    const Source* latest = nullptr;
    for (auto [at, end] = data_->source_index.equal_range(id); at != end; ++at) {
        const Source& source = data_->sources[at->second];
        if (latest == nullptr || latest->in_force.from < source.in_force.from) latest = &source;
    }
    return latest;
}
const Source* Law::find_source(std::string_view id, Date on) const {
    return in_force_on(data_->sources, data_->source_index, id,
                       [&](const Source& source) { return source.in_force.holds(on); });
}

std::string Law::cite_zh(const Citation& citation, Date on) const {
    const Source* source = find_source(citation.source, on);
    if (source == nullptr) source = find_source(citation.source);
    std::string_view name =
        source == nullptr ? std::string_view(citation.source) : std::string_view(source->name_zh);
    constexpr std::string_view state = "中华人民共和国";  // titles are cited without it
    if (name.starts_with(state)) name.remove_prefix(state.size());
    if (citation.article.empty()) return fmt::format("《{}》", name);
    const auto digits = citation.article.find_first_not_of("0123456789");
    // "117(2)": 第117条第2款; several articles, or a heading, are written as they stand.
    if (digits == std::string::npos) return fmt::format("《{}》第{}条", name, citation.article);
    if (citation.article[digits] == '(' && citation.article.back() == ')' &&
        citation.article.find(',') == std::string::npos) {
        const auto close = citation.article.find(')', digits);
        const std::string rest = citation.article.substr(close + 1);
        return fmt::format("《{}》第{}条第{}款{}", name, citation.article.substr(0, digits),
                           citation.article.substr(digits + 1, close - digits - 1),
                           rest.empty() ? "" : fmt::format("第{}项", rest.substr(1, rest.size() - 2)));
    }
    return digits > 0 ? fmt::format("《{}》第{}条", name, citation.article)
                      : fmt::format("《{}》{}", name, citation.article);
}

std::string Law::cite_en(const Citation& citation, Date on) const {
    const Source* source = find_source(citation.source, on);
    if (source == nullptr) source = find_source(citation.source);
    const std::string_view name =
        source == nullptr ? std::string_view(citation.source) : std::string_view(source->name_en);
    return citation.article.empty() ? std::string(name) : fmt::format("{}, Art. {}", name, citation.article);
}

std::span<const Limit> Law::limits() const {
    return data_->limits;
}
Result<const Limit*> Law::limit(std::string_view id, Date on) const {
    if (const Limit* found = in_force_on(data_->limits, data_->limit_index, id,
                                         [&](const Limit& l) { return l.in_force.holds(on); }))
        return found;
    return not_found(data_->limit_index, id, on, ErrorCode::limit_unknown);
}

std::span<const Procedure> Law::procedures() const {
    return data_->procedures;
}
Result<const Procedure*> Law::procedure(std::string_view id, Date on) const {
    const auto holds = [&](const Procedure& p) { return p.from <= on && on <= p.to; };
    if (const Procedure* found = in_force_on(data_->procedures, data_->procedure_index, id, holds))
        return found;
    return not_found(data_->procedure_index, id, on, ErrorCode::procedure_unknown);
}

std::span<const Checklist> Law::checklists() const {
    return data_->checklists;
}
Result<const Checklist*> Law::checklist(std::string_view id, Date on) const {
    if (const Checklist* found =
            in_force_on(data_->checklists, data_->checklist_index, id,
                        [&](const Checklist& checklist) { return checklist.in_force.holds(on); }))
        return found;
    return not_found(data_->checklist_index, id, on, ErrorCode::checklist_unknown);
}

std::span<const Rule> Law::rules() const {
    return data_->rules;
}
Result<const Rule*> Law::rule(std::string_view id, Date on) const {
    if (const Rule* found = in_force_on(data_->rules, data_->rule_index, id,
                                        [&](const Rule& rule) { return rule.in_force.holds(on); }))
        return found;
    return not_found(data_->rule_index, id, on, ErrorCode::rule_unknown);
}

const Calendar& Law::calendar() const {
    return data_->calendar;
}
const Vocabulary* Law::find_vocabulary(std::string_view id) const {
    return entry_of(data_->vocabularies, data_->vocabulary_index, id);
}
std::span<const Vocabulary> Law::vocabularies() const {
    return data_->vocabularies;
}
const Term* Law::find_term(std::string_view id) const {
    return entry_of(data_->terms, data_->term_index, id);
}
std::span<const Term> Law::terms() const {
    return data_->terms;
}
const Role* Law::find_role(std::string_view id) const {
    return entry_of(data_->roles, data_->role_index, id);
}
std::span<const Role> Law::roles() const {
    return data_->roles;
}
const Region* Law::find_region(std::string_view code, Date on) const {
    return in_force_on(data_->regions, data_->region_index, code,
                       [&](const Region& region) { return region.in_force.holds(on); });
}
std::span<const Region> Law::regions() const {
    return data_->regions;
}
std::span<const Town> Law::towns() const {
    return data_->towns;
}

Result<Rational> Law::parameter(std::string_view id, Date on) const {
    const auto holds = [&](const Parameter& parameter) { return parameter.in_force.holds(on); };
    if (const Parameter* found = in_force_on(data_->parameters, data_->parameter_index, id, holds))
        return found->value;
    return not_found(data_->parameter_index, id, on, ErrorCode::record_unknown);
}
std::span<const Parameter> Law::parameters() const {
    return data_->parameters;
}

std::span<const Document> Law::documents() const {
    return data_->documents;
}
const Document* Law::find_document(std::string_view id) const {
    return entry_of(data_->documents, data_->document_index, id);
}
std::span<const Violation> Law::violations() const {
    return data_->violations;
}
const Violation* Law::find_violation(std::string_view code) const {
    return entry_of(data_->violations, data_->violation_index, code);
}
std::span<const CodeSystem> Law::code_systems() const {
    return data_->code_systems;
}
const CodeSystem* Law::find_code_system(std::string_view id) const {
    return entry_of(data_->code_systems, data_->code_system_index, id);
}
std::span<const ApplicationIdentifier> Law::application_identifiers() const {
    return data_->application_identifiers;
}
std::span<const PenaltyRule> Law::penalty_rules() const {
    return data_->penalty_rules;
}
const PenaltyRule* Law::find_penalty_rule(std::string_view id) const {
    return entry_of(data_->penalty_rules, data_->penalty_rule_index, id);
}

const Word* Vocabulary::find(std::string_view code) const {
    const auto found =
        std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.code == code; });
    return found == words.end() ? nullptr : &*found;
}

const Step* Procedure::find_step(std::string_view step) const {
    const auto found =
        std::find_if(steps.begin(), steps.end(), [&](const Step& one) { return one.id == step; });
    return found == steps.end() ? nullptr : &*found;
}

const State* Procedure::find_state(std::string_view state) const {
    const auto found =
        std::find_if(states.begin(), states.end(), [&](const State& one) { return one.id == state; });
    return found == states.end() ? nullptr : &*found;
}

}  // namespace qingyuan::law
