// One small function per guard word, and the switch that knows them all.
//
// Readings: a limit has run out only when the latest reading of its last day has passed, so a step is never
// refused while any reading allows it and never taken against a person while any reading protects him; a
// notice counts its full days in between (the safe reading).
#include "act/guards.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/clocks.hpp"
#include "act/documents.hpp"
#include "act/guard_words.hpp"
#include "act/links.hpp"
#include "act/refuse.hpp"
#include "base/sm3.hpp"
#include "base/text.hpp"
#include "law/decision_table.hpp"
#include "law/describe.hpp"
#include "law/redaction.hpp"
#include "law/words.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

bool is_field(const Question& q, std::string_view name) {
    return std::ranges::find(q.step.form, name, &law::Field::id) != q.step.form.end();
}

// --- authority

Result<bool> officers(const Question& q, const law::Guard& guard) {
    if (!q.request) return false;
    const std::int64_t wanted = TRY(parse_integer(guard.arguments[0]));
    std::set<std::string, std::less<>> qualified;
    for (const std::string& person : q.request->officers) {
        if (!TRY(registry::is_qualified(q.reader, person, q.on)))
            return Error{ErrorCode::officer_unqualified,
                         fmt::format("{} has no certificate valid on {}", person, q.on.text()), "officers",
                         q.citation(), "name an officer whose certificate is valid"};
        qualified.insert(person);
    }
    const auto acts_as_officer = [&](std::string_view role) {
        return std::ranges::find(q.actor.roles, role) != q.actor.roles.end();
    };
    const bool in_the_field =
        acts_as_officer("officer") || acts_as_officer("inspector") || acts_as_officer("sampler");
    if (in_the_field && TRY(registry::is_qualified(q.reader, q.actor.person, q.on)))
        qualified.insert(q.actor.person);
    const auto found = static_cast<std::int64_t>(qualified.size());
    if (found >= wanted) return true;
    return refusal(q, guard, fmt::format("{} of {} qualified officers", found, wanted),
                   fmt::format("name {} more with a valid certificate", wanted - found), "officers");
}

Result<bool> approved_by(const Question& q, const law::Guard& guard) {
    const std::string& role = guard.arguments[0];
    bool any = false;
    const std::optional<Digest> digest =
        q.form ? std::optional(facts::digest_of_form(*q.form)) : std::nullopt;
    for (const facts::ApprovalState& approval : q.dossier.approvals) {
        if (approval.step != q.step.id || approval.role != role || approval.person == q.actor.person)
            continue;
        if (std::ranges::find(q.dossier.recused, approval.person) != q.dossier.recused.end()) continue;
        // Who acts along has no more than one voice.
        if (q.request && std::ranges::find(q.request->officers, approval.person) != q.request->officers.end())
            continue;
        if (digest && approval.form_digest == bytes_of(*digest)) return true;
        any = true;
    }
    if (has_no_form(q) && any) return false;
    return refusal(q, guard,
                   any ? fmt::format("{} approved {} with another form", role, q.step.id)
                       : fmt::format("{} has not approved {}", role, q.step.id),
                   fmt::format("approve {} as {}, by someone else than who acts, with exactly this form",
                               q.step.id, role));
}

Result<bool> not_who(const Question& q, const law::Guard& guard) {
    std::vector<std::string> acting{q.actor.person};
    if (q.request) acting.insert(acting.end(), q.request->officers.begin(), q.request->officers.end());
    for (const facts::StepState& taken : q.dossier.steps) {
        if (taken.voided || std::ranges::find(guard.arguments, taken.step) == guard.arguments.end()) continue;
        for (const std::string& person : acting)
            if (person == taken.actor || std::ranges::find(taken.officers, person) != taken.officers.end())
                return refusal(q, guard, fmt::format("{} took part in {}", person, taken.step),
                               "another person takes this step");
    }
    return true;
}

// --- state

bool was_taken(const facts::DossierRow& dossier, std::string_view step) {
    return std::ranges::any_of(dossier.steps,
                               [&](const auto& taken) { return !taken.voided && taken.step == step; });
}

Result<bool> done(const Question& q, const law::Guard& guard) {
    if (was_taken(q.dossier, guard.arguments[0])) return true;
    return refusal(q, guard, fmt::format("{} has not been taken", guard.arguments[0]),
                   fmt::format("take {} first", guard.arguments[0]));
}

Result<bool> not_done(const Question& q, const law::Guard& guard) {
    if (!was_taken(q.dossier, guard.arguments[0])) return true;
    return refusal(q, guard, fmt::format("{} has been taken", guard.arguments[0]),
                   "it may be taken only once");
}

Result<bool> done_if(const Question& q, const law::Guard& guard) {
    const auto& [attribute, word, step] =
        std::tie(guard.arguments[0], guard.arguments[1], guard.arguments[2]);
    if (was_taken(q.dossier, step)) return true;
    if (has_no_form(q) && is_field(q, attribute)) return false;
    if (!matches(attribute_of(q.dossier, q.form ? *q.form : facts::Form{}, attribute), word)) return true;
    return refusal(q, guard, fmt::format("{} is {} and {} has not been taken", attribute, word, step),
                   fmt::format("take {} first", step));
}

/// Numbers of the takings of a step that stand, counted from 1; a voided one keeps its number.
std::vector<std::int64_t> numbers_of(const facts::DossierRow& dossier, std::string_view step) {
    std::vector<std::int64_t> out;
    std::int64_t number = 0;
    for (const facts::StepState& taken : dossier.steps) {
        if (taken.step != step) continue;
        ++number;
        if (!taken.voided) out.push_back(number);
    }
    return out;
}

Result<bool> answered(const Question& q, const law::Guard& guard) {
    const auto& [asked, answering, field] =
        std::tie(guard.arguments[0], guard.arguments[1], guard.arguments[2]);
    std::set<std::int64_t> open;
    for (const std::int64_t number : numbers_of(q.dossier, asked)) open.insert(number);
    for (const facts::StepState& taken : q.dossier.steps) {
        if (taken.voided || taken.step != answering || open.empty()) continue;
        const facts::Recorded recorded = TRY(q.reader.fact(static_cast<std::uint64_t>(taken.seq)));
        const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        const facts::Value* value = step ? facts::find(step->form, field) : nullptr;
        if (const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr) open.erase(*number);
    }
    if (open.empty()) return true;
    return refusal(q, guard,
                   fmt::format("{} of {} {} without {}: first number {}", open.size(),
                               numbers_of(q.dossier, asked).size(), asked, answering, *open.begin()),
                   fmt::format("take {} with {}={}", answering, field, *open.begin()));
}

Result<bool> taken(const Question& q, const law::Guard& guard) {
    const std::int64_t wanted = TRY(parse_integer(guard.arguments[1]));
    const auto found = static_cast<std::int64_t>(numbers_of(q.dossier, guard.arguments[0]).size());
    if (found >= wanted) return true;
    return refusal(q, guard, fmt::format("{} of {} {}", found, wanted, guard.arguments[0]),
                   fmt::format("take {} first", guard.arguments[0]));
}

Result<bool> linked(const Question& q, const law::Guard& guard) {
    const auto& [procedure, state] = std::tie(guard.arguments[0], guard.arguments[1]);
    if (!TRY(linked_dossiers(q.reader, q.dossier, procedure, state)).empty()) return true;
    if (state != "any" && state != "open") {
        const auto others = TRY(linked_dossiers(q.reader, q.dossier, procedure, "any"));
        if (!others.empty())
            return refusal(q, guard,
                           fmt::format("{} {} is {}", procedure, others.front().id, others.front().state),
                           fmt::format("bring {} to {}", others.front().id, state));
    }
    return refusal(q, guard, fmt::format("no {} was opened from this dossier", procedure),
                   fmt::format("open a {} from this dossier", procedure));
}

Result<bool> no_linked(const Question& q, const law::Guard& guard) {
    const auto found = TRY(linked_dossiers(q.reader, q.dossier, guard.arguments[0], guard.arguments[1]));
    if (found.empty()) return true;
    std::vector<std::string> ids;
    for (const facts::DossierRow& row : found) ids.push_back(row.id + " (" + row.state + ")");
    return refusal(q, guard, fmt::format("{} {}", guard.arguments[0], join(ids, ", ")),
                   fmt::format("finish {} first", found.front().id));
}

/// Attributes as texts, those of the form first.
law::AttributeTexts attributes_in(const Question& q) {
    return [&q](std::string_view name) {
        return texts_of(attribute_of(q.dossier, q.form ? *q.form : facts::Form{}, name));
    };
}

std::string names_of_rows(const std::vector<const law::Word*>& rows) {
    std::vector<std::string> names;
    for (const law::Word* row : rows) names.push_back(fmt::format("{} ({})", row->code, row->en));
    return join(names, ", ");
}

/// The rows that are met propose something; a person has to take it up in the step.
Result<bool> done_where(const Question& q, const law::Guard& guard) {
    const auto& [table, step] = std::tie(guard.arguments[0], guard.arguments[1]);
    if (was_taken(q.dossier, step)) return true;
    const auto rows = TRY(law::rows_met(q.law, table, q.dossier.law_on, attributes_in(q)));
    if (rows.empty()) return true;
    return refusal(q, guard, fmt::format("{} is met: {}", table, names_of_rows(rows)),
                   fmt::format("take {} first", step));
}

/// Ended means: it came to an end of its own and was not merely voided. Whoever decides then knows what
/// became of it.
Result<bool> met_then(const Question& q, const law::Guard& guard) {
    const auto& [table, procedure] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto rows = TRY(law::rows_met(q.law, table, q.dossier.law_on, attributes_in(q)));
    if (rows.empty()) return true;
    const auto through = TRY(linked_dossiers(q.reader, q.dossier, procedure, "any"));
    if (std::ranges::any_of(through, [](const facts::DossierRow& row) { return !row.open; })) return true;
    return refusal(q, guard, fmt::format("{} is met: {}", table, names_of_rows(rows)),
                   through.empty() ? fmt::format("open a {} from this dossier", procedure)
                                   : fmt::format("finish {} first", through.front().id));
}

// --- time

std::string cite_limit(const Question& q, std::string_view limit) {
    const auto found = q.law.limit(limit, q.dossier.law_on);
    return found ? (*found)->citation.text() : q.citation();
}

std::string written(const End& end) {
    return end.due_at ? end.due_at->text() : end.due.due.text();
}

/// A stopped clock stands as on the day it stopped.
Result<bool> is_past(const Question& q, const facts::ClockState& clock, const End& end) {
    return is_running(clock) ? end.is_past(q.on, q.at) : end.is_past(clock.stopped_on, stopped_at(clock));
}

Error not_begun(const Question& q, const law::Guard& guard) {
    return {ErrorCode::too_early,
            fmt::format("{} has not begun", join(guard.arguments, ", ")),
            {},
            q.citation(),
            "take the step that starts it first"};
}

Result<bool> within(const Question& q, const law::Guard& guard) {
    bool started = false;
    for (const std::string& limit : guard.arguments) {
        const facts::ClockState* clock = find_clock(q.dossier, limit);
        if (!clock) continue;
        started = true;
        const End end = TRY(end_of(q.law.calendar(), *clock, q.on));
        if (!TRY(is_past(q, *clock, end))) continue;
        Error error = refusal(q, guard, fmt::format("{} ended {}", limit, written(end)),
                              "look for the step that the missed limit leads to");
        error.law = cite_limit(q, limit);
        return error;
    }
    if (started) return true;
    return not_begun(q, guard);
}

Result<bool> after(const Question& q, const law::Guard& guard) {
    bool started = false;
    for (const std::string& limit : guard.arguments) {
        const facts::ClockState* clock = find_clock(q.dossier, limit);
        if (!clock) continue;
        started = true;
        const End end = TRY(end_of(q.law.calendar(), *clock, q.on));
        if (is_suspended(*clock) || !TRY(is_past(q, *clock, end))) {
            Error error =
                refusal(q, guard, fmt::format("{} runs until {}", limit, written(end)),
                        is_suspended(*clock) ? "the clock stands still; resume it first"
                        : is_running(*clock) ? fmt::format("possible after {}", written(end))
                                             : fmt::format("{} was stopped before it ran out", limit));
            error.law = cite_limit(q, limit);
            if (!is_suspended(*clock) && is_running(*clock))
                error.next_zh = fmt::format("{}以后可以办理", written(end));
            return error;
        }
    }
    if (started) return true;
    return not_begun(q, guard);
}

Result<bool> after_or_given(const Question& q, const law::Guard& guard) {
    law::Guard only = guard;
    only.arguments.resize(1);
    Result<bool> past = after(q, only);
    if (past || past.error().info().kind != ErrorKind::refusal) return past;
    if (has_no_form(q)) return false;
    if (is_given(*q.form, guard.arguments[1])) return true;
    past.error().next += fmt::format(", or give {}", guard.arguments[1]);
    past.error().where = guard.arguments[1];
    return past;
}

/// How working days are counted back: with all of them in between, or to the n-th day itself (the reading
/// that protects the party whose right would end).
enum class Back : std::uint8_t { clear_days, nth_day };

/// The last day that leaves the whole limit before `target`; for hours the day is that of the instant.
Result<Date> before(const Question& q, std::string_view id, Date target, Back reading) {
    const law::Limit& limit = *TRY(q.law.limit(id, q.dossier.law_on));
    const int value = limit.value.is_whole() ? static_cast<int>(limit.value.numerator()) : 0;
    switch (limit.unit) {
        case law::Unit::working_day:
        case law::Unit::working_day_back: {
            const law::DueBack back = law::due_back(q.law.calendar(), target, value);
            return reading == Back::clear_days ? back.latest_clear_days : back.latest_nth_day;
        }
        case law::Unit::calendar_day: return target - value;
        case law::Unit::month: return target.plus_months(-value);
        case law::Unit::year: return target.plus_months(-12 * value);
        default:
            return Error{ErrorCode::law_value_invalid,
                         fmt::format("limit {} does not count days", id),
                         {},
                         limit.citation.text()};
    }
}

/// The day named by a date or instant in text; nothing where it is none (the form's check says so).
std::optional<Date> day_of(const std::optional<facts::Value>& value) {
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (!text) return std::nullopt;
    const auto at = parse_instant(*text);
    return at ? std::optional(at->date()) : std::nullopt;
}

Result<bool> notice_before(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [limit, field] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto target = day_of(attribute_of(q.dossier, *q.form, field));
    if (!target)
        return refusal(q, guard, fmt::format("{} is not given", field), fmt::format("give {}", field), field);
    const Date latest = TRY(before(q, limit, *target, Back::clear_days));
    if (q.on <= latest) return true;
    Error error = refusal(q, guard, fmt::format("{} needed notice by {}", target->text(), latest.text()),
                          fmt::format("choose a later {}", field), field);
    error.law = cite_limit(q, limit);
    return error;
}

/// The day the attribute states; nothing where the attribute is only in the form that is still to come.
Result<std::optional<Date>> stated_day(const Question& q, const law::Guard& guard,
                                       const std::string& attribute) {
    if (has_no_form(q) && is_field(q, attribute)) return std::optional<Date>();
    const auto day = day_of(attribute_of(q.dossier, q.form ? *q.form : facts::Form{}, attribute));
    if (!day)
        return refusal(q, guard, fmt::format("the dossier has no {}", attribute),
                       fmt::format("give {} first", attribute));
    return day;
}

/// The day `limit` before the attribute, where its day is stated.
Result<std::optional<Date>> threshold(const Question& q, const law::Guard& guard, Back reading) {
    const auto& [limit, attribute] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto target = TRY(stated_day(q, guard, attribute));
    if (!target) return target;
    return std::optional(TRY(before(q, limit, *target, reading)));
}

/// A refusal that says from which day the step may be taken.
Error not_before(const Question& q, const law::Guard& guard, std::string message, Date day) {
    Error error = refusal(q, guard, std::move(message), fmt::format("possible from {}", day.text()));
    error.next_zh = fmt::format("自{}起可以办理", day.text());
    return error;
}

Result<bool> near(const Question& q, const law::Guard& guard) {
    const auto from = TRY(threshold(q, guard, Back::clear_days));
    if (!from) return false;
    if (q.on >= *from) return true;
    Error error = not_before(
        q, guard, fmt::format("{} is further away than {}", guard.arguments[1], guard.arguments[0]), *from);
    error.law = cite_limit(q, guard.arguments[0]);
    return error;
}

Result<bool> ahead(const Question& q, const law::Guard& guard) {
    const auto latest = TRY(threshold(q, guard, Back::nth_day));
    if (!latest) return false;
    if (q.on <= *latest) return true;
    Error error =
        refusal(q, guard, fmt::format("{} is nearer than {}", guard.arguments[1], guard.arguments[0]),
                fmt::format("it was possible until {}", latest->text()));
    error.law = cite_limit(q, guard.arguments[0]);
    return error;
}

Result<bool> arrived(const Question& q, const law::Guard& guard) {
    const std::string& attribute = guard.arguments[0];
    const auto day = TRY(stated_day(q, guard, attribute));
    if (!day) return false;
    if (q.on >= *day) return true;
    return not_before(q, guard, fmt::format("{} is {}", attribute, day->text()), *day);
}

/// A limitation is a term of years from a day the form names; a day that is not given (an act that goes on)
/// asks for nothing.
Result<bool> in_time(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const std::string& field = guard.arguments[0];
    const auto from = day_of(attribute_of({}, *q.form, field));
    if (!from) return true;
    const bool longer = matches(attribute_of({}, *q.form, guard.arguments[1]), "true");
    const std::string& id = guard.arguments[longer ? 3 : 2];
    const law::Limit& limit = *TRY(q.law.limit(id, q.dossier.law_on));
    const int value = limit.value.is_whole() ? static_cast<int>(limit.value.numerator()) : 0;
    if (limit.unit != law::Unit::year)
        return Error{ErrorCode::law_value_invalid,
                     fmt::format("limit {} is no term of years", id),
                     {},
                     limit.citation.text()};
    const Date last = from->plus_months(12 * value);
    if (q.on <= last) return true;
    Error error =
        refusal(q, guard, fmt::format("{} ended {}", id, last.text()),
                "refuse to file, or state what makes the term longer or the act last longer", field);
    error.law = limit.citation.text();
    return error;
}

// --- content

Result<bool> given(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    for (const std::string& field : guard.arguments)
        if (!is_given(*q.form, field))
            return refusal(q, guard, "must be given", fmt::format("give {}", field), field);
    return true;
}

Result<bool> given_if(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    if (!matches(attribute_of(q.dossier, *q.form, guard.arguments[0]), guard.arguments[1])) return true;
    for (std::size_t i = 2; i < guard.arguments.size(); ++i)
        if (const std::string& field = guard.arguments[i]; !is_given(*q.form, field))
            return refusal(
                q, guard, fmt::format("must be given where {} is {}", guard.arguments[0], guard.arguments[1]),
                fmt::format("give {}", field), field);
    return true;
}

/// A field of type evidence that the numbered step has as well must name the same evidence, where it is
/// given: what was sealed is what is opened.
Result<void> same_evidence(const Question& q, const law::Guard& guard, std::int64_t number) {
    std::int64_t at = 0;
    for (const facts::StepState& taken : q.dossier.steps) {
        if (taken.step != guard.arguments[1] || ++at != number) continue;
        const facts::Recorded recorded = TRY(q.reader.fact(static_cast<std::uint64_t>(taken.seq)));
        const auto* numbered_step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (numbered_step == nullptr) return {};
        for (const law::Field& field : q.step.form)
            if (field.type == law::FieldType::evidence && is_given(*q.form, field.id) &&
                facts::find(numbered_step->form, field.id) != nullptr &&
                facts::list_of(numbered_step->form, field.id) != facts::list_of(*q.form, field.id))
                return refusal(q, guard,
                               fmt::format("is not the evidence that {} {} named", taken.step, number),
                               "give the very file that was named then", field.id);
    }
    return {};
}

Result<bool> numbered(const Question& q, const law::Guard& guard) {
    const auto& [field, step] = std::tie(guard.arguments[0], guard.arguments[1]);
    const std::vector<std::int64_t> numbers = numbers_of(q.dossier, step);
    if (numbers.empty())
        return refusal(q, guard, fmt::format("there is no {}", step), fmt::format("take {} first", step),
                       field);
    if (has_no_form(q)) return false;
    const auto number = number_in(q, field);
    if (number && std::ranges::find(numbers, *number) != numbers.end()) {
        CHECK(same_evidence(q, guard, *number));
        return true;
    }
    return refusal(q, guard, fmt::format("is the number of no {}", step),
                   fmt::format("one of {}", fmt::join(numbers, ", ")), field);
}

/// Does the row of a table speak of what the form says in the other fields?
bool is_row_of(const Question& q, const law::Word& row, std::string_view field) {
    return std::ranges::all_of(row.more, [&](const auto& column) {
        return column.first == field || !is_field(q, column.first) ||
               facts::text_of(*q.form, column.first) == column.second;
    });
}

/// A vocabulary that has a column of the field's own name is a table over the form's other fields (the risk
/// matrix): the field holds what the row in force says, and nothing else.
Result<bool> follows(const Question& q, const law::Guard& guard, const law::Vocabulary& table) {
    const std::string& field = guard.arguments[0];
    const std::string given = facts::text_of(*q.form, field);
    for (const law::Word& row : table.words) {
        if (!row.in_force.holds(q.dossier.law_on) || !is_row_of(q, row, field)) continue;
        const std::string& says = row.more.find(field)->second;
        if (says == given) return true;
        return refusal(q, guard, fmt::format("'{}' does not follow: {} says {}", given, row.en, says),
                       fmt::format("give {}", says), field);
    }
    return refusal(q, guard, fmt::format("no row of {} fits the form", table.id),
                   fmt::format("correct what {} depends on", field), field);
}

/// A commitment is SM3(seed || party || record id of the dossier): the committing step's form has `party` and
/// `commitment`, the seed's 32 bytes are written in hexadecimal.
Result<bool> opens(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, step, seed_field] =
        std::tie(guard.arguments[0], guard.arguments[1], guard.arguments[2]);
    const std::int64_t wanted = number_in(q, field).value_or(0);
    const auto seed = parse_digest(facts::text_of(*q.form, seed_field));
    if (!seed)
        return refusal(q, guard, "is not a seed of 64 hexadecimal digits", "give the seed as it was drawn",
                       seed_field);
    std::int64_t number = 0;
    for (const facts::StepState& state : q.dossier.steps) {
        if (state.step != step || ++number != wanted || state.voided) continue;
        const facts::Recorded recorded = TRY(q.reader.fact(static_cast<std::uint64_t>(state.seq)));
        const auto* commit = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!commit) break;
        const std::string party = facts::text_of(commit->form, "party");
        const Digest opened = Sm3().add(*seed).add(party).add(q.dossier.id).finish();
        if (hex(opened) == facts::text_of(commit->form, "commitment")) return true;
        return refusal(q, guard, fmt::format("does not open the commitment of {}", party),
                       "give the seed that was committed; without it the draw is void", seed_field);
    }
    return refusal(q, guard, fmt::format("is the number of no {}", step), fmt::format("take {} first", step),
                   field);
}

Result<bool> one_of(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, vocabulary] = std::tie(guard.arguments[0], guard.arguments[1]);
    const law::Vocabulary* words = q.law.find_vocabulary(vocabulary);
    const std::vector<std::string> chosen = facts::list_of(*q.form, field);
    if (chosen.empty())
        return refusal(q, guard, "must be given", fmt::format("choose from {}", vocabulary), field);
    if (words && !words->words.empty() && words->words.front().more.contains(field))
        return follows(q, guard, *words);
    for (const std::string& code : chosen) {
        const law::Word* word = words ? words->find(code) : nullptr;
        if (!word || !word->in_force.holds(q.dossier.law_on))
            return refusal(q, guard, fmt::format("'{}' is not a word of {}", code, vocabulary),
                           fmt::format("choose from {}", vocabulary), field);
    }
    return true;
}

Result<bool> all_of(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, vocabulary] = std::tie(guard.arguments[0], guard.arguments[1]);
    const law::Vocabulary* words = q.law.find_vocabulary(vocabulary);
    const std::vector<std::string> chosen = facts::list_of(*q.form, field);
    std::vector<std::string> missing;
    if (words)
        for (const law::Word& word : words->words)
            if (word.in_force.holds(q.dossier.law_on) && std::ranges::find(chosen, word.code) == chosen.end())
                missing.push_back(word.code);
    if (words && missing.empty()) return true;
    return refusal(q, guard, fmt::format("lacks {}", join(missing, ", ")),
                   fmt::format("all of {} must hold", vocabulary), field);
}

Result<bool> equals(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, word] = std::tie(guard.arguments[0], guard.arguments[1]);
    if (matches(attribute_of({}, *q.form, field), word)) return true;
    return refusal(q, guard, fmt::format("must be {}", word),
                   fmt::format("{} holds only where {} is {}", q.step.id, field, word), field);
}

Result<bool> differs(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, word] = std::tie(guard.arguments[0], guard.arguments[1]);
    if (!matches(attribute_of({}, *q.form, field), word)) return true;
    return refusal(q, guard, fmt::format("must not be {}", word),
                   fmt::format("{} does not hold where {} is {}", q.step.id, field, word), field);
}

Result<bool> attribute(const Question& q, const law::Guard& guard) {
    const auto& [name, word] = std::tie(guard.arguments[0], guard.arguments[1]);
    if (matches(attribute_of(q.dossier, {}, name), word)) return true;
    return refusal(q, guard, fmt::format("the dossier's {} is not {}", name, word),
                   fmt::format("{} is only for {} {}", q.step.id, name, word));
}

Result<bool> attribute_not(const Question& q, const law::Guard& guard) {
    const auto& [name, word] = std::tie(guard.arguments[0], guard.arguments[1]);
    if (!matches(attribute_of(q.dossier, {}, name), word)) return true;
    return refusal(q, guard, fmt::format("the dossier's {} is {}", name, word),
                   fmt::format("{} is not for {} {}", q.step.id, name, word));
}

Result<bool> at_least(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, least] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto number = number_in(q, field);
    if (number && *number >= TRY(parse_integer(least))) return true;
    return refusal(q, guard, fmt::format("must be at least {}", least),
                   fmt::format("give {} of {} or more", field, least), field);
}

/// Money is held in fen and its parameters are in yuan.
Result<bool> at_most(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, parameter] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto declared = std::ranges::find(q.step.form, field, &law::Field::id);
    const bool money = declared != q.step.form.end() && declared->type == law::FieldType::money;
    const Rational most = TRY(q.law.parameter(parameter, q.dossier.law_on));
    const auto number = number_in(q, field);
    if (!number || Rational(*number) <= most * Rational(money ? 100 : 1)) return true;
    const std::string text = most.exact() + (money ? " yuan" : "");
    return refusal(q, guard, fmt::format("must be at most {} ({})", text, parameter),
                   fmt::format("give {} of {} or less", field, text), field);
}

Result<bool> same_as(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const auto& [field, name] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto there = attribute_of(q.dossier, {}, name);
    const auto given = attribute_of({}, *q.form, field);
    if (there && given && texts_of(there) == texts_of(given)) return true;
    return refusal(q, guard, fmt::format("is not the dossier's {}", name),
                   fmt::format("look at which {} this dossier sent", name), field);
}

/// Every item once, in one of the fields, and no item that was never sent.
Result<bool> covers(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const std::string& name = guard.arguments.front();
    const std::vector<std::string> sent = texts_of(attribute_of(q.dossier, {}, name));
    std::vector<std::string> named;
    for (std::size_t i = 1; i < guard.arguments.size(); ++i)
        for (const std::string& item : facts::list_of(*q.form, guard.arguments[i])) {
            const bool known = std::ranges::find(sent, item) != sent.end();
            if (!known || std::ranges::find(named, item) != named.end())
                return refusal(q, guard,
                               fmt::format("'{}' {}", item, known ? "stands twice" : "was not sent"),
                               fmt::format("name each item of {} once", name), guard.arguments[i]);
            named.push_back(item);
        }
    std::vector<std::string> left;
    for (const std::string& item : sent)
        if (std::ranges::find(named, item) == named.end()) left.push_back(item);
    if (left.empty()) return true;
    return refusal(q, guard, fmt::format("says nothing of {}", join(left, ", ")),
                   "say of every item whether it came", guard.arguments[1]);
}

Result<bool> evidence(const Question& q, const law::Guard& guard) {
    if (!q.request) return false;
    const std::int64_t wanted = TRY(parse_integer(guard.arguments[0]));
    std::set<std::string, std::less<>> pieces(q.request->evidence.begin(), q.request->evidence.end());
    for (const law::Field& field : q.step.form)
        if (field.type == law::FieldType::evidence)
            for (std::string& digest : facts::list_of(*q.form, field.id)) pieces.insert(std::move(digest));
    const auto found = static_cast<std::int64_t>(pieces.size());
    if (found >= wanted) return true;
    return refusal(q, guard, fmt::format("{} of {} pieces of evidence", found, wanted), "attach the evidence",
                   "evidence");
}

/// Names are not known here: whoever publishes looks for them in the vault.
Result<bool> redacted(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return true;
    for (const std::string& field : guard.arguments) {
        const auto found = law::find_identifiers(facts::text_of(*q.form, field));
        if (!found.empty())
            return refusal(q, guard, fmt::format("holds {} personal identifiers", found.size()),
                           "take out identity, telephone and card numbers", field);
    }
    return true;
}

/// The number of the document that is served, where it is named: a paper drawn up outside has none here.
Result<bool> issued(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return true;
    const std::string& field = guard.arguments[0];
    const std::string number = facts::text_of(*q.form, field);
    if (number.empty()) return true;
    if (auto served = check_served(q.reader, q.dossier, number, q.on); !served) {
        Error error = served.error();
        if (error.where == "number") error.where = field;
        error.law = q.citation();
        return error;
    }
    return true;
}

}  // namespace

std::string Question::citation() const {
    return join(step.law, ", ");
}

Result<bool> answer(const Question& question, const law::Guard& guard) {
    switch (guard.word) {
#define X(word, arguments, kind, refusal, zh, en) \
    case law::WordId::word: return word(question, guard);
#include "law/words.def"
#undef X
    }
    return Error{ErrorCode::law_word_unknown, guard.text(), guard.where};
}

}  // namespace qingyuan::act
