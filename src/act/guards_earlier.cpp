// Guard words that compare a form with an earlier step of the same dossier, or with a list of the law.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/guard_words.hpp"
#include "act/sheet.hpp"
#include "base/sm3.hpp"
#include "base/text.hpp"
#include "law/checklist.hpp"
#include "law/words.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

/// The words an attribute of the dossier holds, as one or as a list.
std::vector<std::string> words_of(const facts::DossierRow& dossier, std::string_view attribute) {
    return facts::list_of(dossier.attributes, attribute);
}

}  // namespace

std::int64_t whole_in(const facts::Form& form, std::string_view field) {
    const facts::Value* value = facts::find(form, field);
    const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
    return number ? *number : 0;
}

std::string score_sheet(std::string_view conference, std::int64_t item, std::string_view scorer,
                        const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string text = fmt::format("conference={}\nitem={}\nscorer={}\n", conference, item, scorer);
    for (const auto& [field, value] : fields) text += fmt::format("{}={}\n", field, value);
    return text;
}

Result<std::optional<facts::Form>> form_of_taking(const Question& q, std::string_view step,
                                                  std::int64_t number) {
    std::int64_t at = 0;
    for (const facts::StepState& taken : q.dossier.steps) {
        if (taken.step != step || ++at != number) continue;
        if (taken.voided) break;
        const facts::Recorded recorded = TRY(q.reader.fact(static_cast<std::uint64_t>(taken.seq)));
        const auto* fact = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (fact) return std::optional(fact->form);
    }
    return std::optional<facts::Form>();
}

/// A number that names nothing is left to `numbered`.
Result<bool> named(const Question& q, const law::Guard& guard) {
    if (q.form == nullptr) return false;
    const auto& [field, step, person] = std::tie(guard.arguments[0], guard.arguments[1], guard.arguments[2]);
    const std::int64_t number = whole_in(*q.form, field);
    const auto naming = TRY(form_of_taking(q, step, number));
    if (!naming) return true;
    const std::string who = facts::text_of(*naming, person);
    if (who == q.actor.person) return true;
    const law::Procedure& procedure = *TRY(q.law.procedure(q.dossier.procedure, q.dossier.law_on));
    const law::Step* asking = procedure.find_step(step);
    const auto declared = std::ranges::find(asking->form, person, &law::Field::id);
    if (declared != asking->form.end() && declared->vocabulary == "agencies")
        return speaks_for(q, guard, who, field);
    return refusal(q, guard, fmt::format("{} {} named {}, not {}", step, number, who, q.actor.person),
                   fmt::format("{} takes this step", who), field);
}

Result<bool> each(const Question& q, const law::Guard& guard) {
    const auto& [attribute, step, field] =
        std::tie(guard.arguments[0], guard.arguments[1], guard.arguments[2]);
    std::vector<std::string> missing = words_of(q.dossier, attribute);
    for (const facts::StepState& taken : q.dossier.steps) {
        if (taken.voided || taken.step != step || missing.empty()) continue;
        const facts::Recorded recorded = TRY(q.reader.fact(static_cast<std::uint64_t>(taken.seq)));
        const auto* fact = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!fact) continue;
        for (const std::string& word : facts::list_of(fact->form, field)) std::erase(missing, word);
    }
    if (missing.empty()) return true;
    return refusal(q, guard, fmt::format("{} has no {} of {}", q.dossier.id, step, join(missing, ", ")),
                   fmt::format("take {} with {}={}", step, field, missing.front()));
}

/// The sealing step numbers the naming (its guard `named`), and the naming says which item and whose score.
/// What is opened, with the random line, gives the very digest that was sealed (Delphi: a score that could
/// still change after the others are known would not be independent).
Result<bool> sheet(const Question& q, const law::Guard& guard) {
    if (q.form == nullptr) return false;
    const std::string& number_field = guard.arguments[0];
    const std::string& sealing = guard.arguments[1];
    const auto seal = TRY(form_of_taking(q, sealing, whole_in(*q.form, number_field)));
    if (!seal) return true;  // `numbered` says so
    const law::Procedure& procedure = *TRY(q.law.procedure(q.dossier.procedure, q.dossier.law_on));
    const law::Step* step = procedure.find_step(sealing);
    std::int64_t item = 0;
    std::string scorer;
    for (const law::Guard& one : step->guards) {
        if (one.word != law::WordId::named) continue;
        const auto naming = TRY(form_of_taking(q, one.arguments[1], whole_in(*seal, one.arguments[0])));
        if (!naming) continue;
        item = whole_in(*naming, "for_item");
        scorer = facts::text_of(*naming, one.arguments[2]);
    }
    if (scorer != q.actor.person)
        return refusal(q, guard, fmt::format("the sheet is {}'s, not {}'s", scorer, q.actor.person),
                       fmt::format("{} opens it", scorer), number_field);
    std::vector<std::pair<std::string, std::string>> fields;
    for (std::size_t i = 2; i < guard.arguments.size(); ++i)
        fields.emplace_back(guard.arguments[i], facts::text_of(*q.form, guard.arguments[i]));
    const std::string digest = hex(sm3(score_sheet(q.dossier.id, item, scorer, fields)));
    const std::vector<std::string> sealed = facts::list_of(*seal, "sealed");
    if (std::ranges::find(sealed, digest) != sealed.end()) return true;
    return refusal(
        q, guard,
        fmt::format("does not open {} {}: the sheet gives {}…", sealing, whole_in(*q.form, number_field),
                    digest.substr(0, 8)),
        fmt::format("give {} as they were sealed; who cannot has the seal voided",
                    join(std::vector<std::string>(guard.arguments.begin() + 2, guard.arguments.end()), ", ")),
        guard.arguments.back());
}

/// A finding outside the list names no item.
Result<bool> listed(const Question& q, const law::Guard& guard) {
    if (q.form == nullptr) return false;
    const std::string id = facts::text_of(*q.form, guard.arguments[0]);
    if (id.empty()) return true;
    const auto wrong = [&](std::string message, std::string next, const std::string& where) {
        return refusal(q, guard, std::move(message), std::move(next), where);
    };
    const auto firm = TRY(registry::find_operator(q.reader, q.dossier.operator_id, q.on));
    const law::Checklist* list = firm ? law::checklist_for(q.law, firm->kind, q.dossier.category, q.on,
                                                           facts::text_of(q.dossier.attributes, "programme"))
                                      : nullptr;
    if (!list)
        return wrong("no checklist serves this operator", "leave the item out and write the clause",
                     guard.arguments[0]);
    const law::ChecklistItem* item = list->find(id);
    if (!item)
        return wrong(fmt::format("{} has no item '{}'", list->id, id),
                     fmt::format("name an item of {}", list->id), guard.arguments[0]);
    if (facts::text_of(*q.form, guard.arguments[1]) != item->clause)
        return wrong(fmt::format("the clause of {} is {}", id, item->clause),
                     fmt::format("give {}", item->clause), guard.arguments[1]);
    const std::string grade = facts::text_of(*q.form, guard.arguments[2]);
    if (grade != item->severity && !is_given(*q.form, guard.arguments[3]))
        return wrong(
            fmt::format("{} is graded {}, not {}", id, item->severity, grade),
            fmt::format("give {}, or say in {} why another grade", item->severity, guard.arguments[3]),
            guard.arguments[2]);
    return true;
}

Result<bool> among(const Question& q, const law::Guard& guard) {
    if (q.form == nullptr) return false;
    const auto& [field, attribute] = std::tie(guard.arguments[0], guard.arguments[1]);
    const std::vector<std::string> allowed = words_of(q.dossier, attribute);
    for (const std::string& word : facts::list_of(*q.form, field))
        if (std::ranges::find(allowed, word) == allowed.end())
            return refusal(q, guard,
                           fmt::format("'{}' is not among the {} of {}", word, attribute, q.dossier.id),
                           allowed.empty() ? fmt::format("leave {} out", field)
                                           : fmt::format("one of {}", join(allowed, ", ")),
                           field);
    return true;
}

}  // namespace qingyuan::act
