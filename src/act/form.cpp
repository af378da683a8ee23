// Field checks of forms.
#include "act/form.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/engine.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

struct Check {
    const journal::Reader& reader;
    const law::Law& law;
    Date law_on;
    Date on;
};

Error invalid(const law::Field& field, std::string_view expected) {
    return {ErrorCode::field_invalid, fmt::format("expects {}", expected), field.id};
}

/// The error is the problem of the field; nothing where the value is right.
using Verdict = std::optional<Error>;

Verdict word(const Check& check, const law::Field& field, std::string_view code) {
    const law::Vocabulary* vocabulary = check.law.find_vocabulary(field.vocabulary);
    if (!vocabulary)
        return Error{ErrorCode::not_in_vocabulary, fmt::format("there is no vocabulary {}", field.vocabulary),
                     field.id};
    const law::Word* found = vocabulary->find(code);
    if (found && found->in_force.holds(check.law_on)) return std::nullopt;
    std::vector<std::string> words;
    for (const law::Word& one : vocabulary->words)
        if (one.in_force.holds(check.law_on) && words.size() < 8) words.push_back(one.code);
    return Error{ErrorCode::not_in_vocabulary,
                 fmt::format("'{}' is not a word of {}", code, field.vocabulary),
                 field.id,
                 {},
                 fmt::format("one of {}{}", join(words, ", "), words.size() == 8 ? ", …" : "")};
}

/// Turns "not found" into the problem of the field and lets a failure of the store through.
template <class T>
Result<Verdict> known(const Result<T>& found, const law::Field& field) {
    if (found) return Verdict();
    Error error = found.error();
    if (error.info().kind == ErrorKind::failure) return error;
    error.where = field.id;
    return Verdict(std::move(error));
}

Result<Verdict> person(const Check& check, const law::Field& field, std::string_view id) {
    return known(registry::person_on(check.reader, id, check.on), field);
}

/// A fact is small: what is longer is a file, attached as evidence. A document prints no more either.
constexpr std::size_t text_bytes_max = 64 << 10;

Result<Verdict> text_value(const Check& check, const law::Field& field, const std::string& text) {
    using law::FieldType;
    switch (field.type) {
        case FieldType::text:
        case FieldType::long_text:
            if (text.size() <= text_bytes_max) return Verdict();
            return Verdict(
                invalid(field, fmt::format("a text of at most 64 KiB, not of {} bytes", text.size())));
        case FieldType::date:
            return parse_date(text) ? Verdict() : Verdict(invalid(field, "a date YYYY-MM-DD"));
        case FieldType::instant:
            return parse_instant(text) ? Verdict()
                                       : Verdict(invalid(field, "a date and time YYYY-MM-DDTHH:MM"));
        case FieldType::word: return word(check, field, text);
        case FieldType::person: return person(check, field, text);
        case FieldType::operator_id: return known(registry::operator_on(check.reader, text, check.on), field);
        case FieldType::product: return known(registry::product_on(check.reader, text, check.on), field);
        case FieldType::organisation:
            return known(registry::organisation_on(check.reader, text, check.on), field);
        case FieldType::dossier: return known(dossier(check.reader, text), field);
        case FieldType::evidence:
            return parse_digest(text) ? Verdict()
                                      : Verdict(invalid(field, "the digest of a piece of evidence"));
        case FieldType::whole: return Verdict(invalid(field, "a whole number"));
        case FieldType::money: return Verdict(invalid(field, "an amount in whole fen"));
        case FieldType::boolean: return Verdict(invalid(field, "true or false"));
        case FieldType::words: return Verdict(invalid(field, "a list of words"));
        case FieldType::people: return Verdict(invalid(field, "a list of persons"));
        case FieldType::personal: return Verdict(invalid(field, "a personal value kept in the vault"));
    }
    return Verdict();
}

Result<Verdict> list_value(const Check& check, const law::Field& field,
                           const std::vector<std::string>& list) {
    using law::FieldType;
    if (field.type != FieldType::words && field.type != FieldType::people &&
        field.type != FieldType::evidence)
        return Verdict(invalid(field, "one value, not a list"));
    for (auto it = list.begin(); it != list.end(); ++it) {
        if (std::find(list.begin(), it, *it) != it)
            return Verdict(invalid(field, fmt::format("'{}' once", *it)));
        Verdict verdict;
        if (field.type == FieldType::words)
            verdict = word(check, field, *it);
        else if (field.type == FieldType::people)
            verdict = TRY(person(check, field, *it));
        else if (!parse_digest(*it))
            verdict = invalid(field, "digests of evidence");
        if (verdict) return verdict;
    }
    return Verdict();
}

Result<Verdict> value(const Check& check, const law::Field& field, const facts::Value& given) {
    using law::FieldType;
    if (const auto* text = std::get_if<std::string>(&given)) return text_value(check, field, *text);
    if (const auto* list = std::get_if<std::vector<std::string>>(&given))
        return list_value(check, field, *list);
    if (const auto* number = std::get_if<std::int64_t>(&given)) {
        if (field.type == FieldType::money && *number < 0)
            return Verdict(invalid(field, "an amount that is not negative"));
        if (field.type == FieldType::money || field.type == FieldType::whole) return Verdict();
    }
    if (std::holds_alternative<bool>(given) && field.type == FieldType::boolean) return Verdict();
    if (std::holds_alternative<facts::SubjectRef>(given) && field.type == FieldType::personal)
        return Verdict();
    return Verdict(invalid(field, field.type == FieldType::text || field.type == FieldType::long_text
                                      ? "a text"
                                      : "a value of its type"));
}

}  // namespace

std::size_t place_of(const std::vector<law::Field>& fields, std::string_view field) {
    const auto it = std::ranges::find(fields, field, &law::Field::id);
    return static_cast<std::size_t>(it - fields.begin());
}

Result<void> check_form(const journal::Reader& reader, const law::Law& law,
                        const std::vector<law::Field>& fields, const facts::Form& form, Date law_on, Date on,
                        std::vector<Problem>& problems) {
    const Check check{reader, law, law_on, on};
    for (const auto& [name, given] : form) {
        const std::size_t place = place_of(fields, name);
        if (place == fields.size()) {
            problems.push_back(
                {place, {ErrorCode::field_unknown, "the form has no such field", name, {}, "leave it out"}});
            continue;
        }
        if (Verdict verdict = TRY(value(check, fields[place], given)))
            problems.push_back({place, std::move(*verdict)});
    }
    for (std::size_t place = 0; place < fields.size(); ++place)
        if (fields[place].required && !is_given(form, fields[place].id))
            problems.push_back(
                {place, {ErrorCode::field_missing, "must be given", fields[place].id, {}, {}}});
    return {};
}

std::string personal_purpose(std::string_view field) {
    const bool identity = field == "identity" || field.ends_with("_identity");
    return identity ? std::string("form/identity") : "form/" + std::string(field);
}

facts::Value value_of_text(const law::Field* field, std::string_view text) {
    using law::FieldType;
    const FieldType type = field ? field->type : FieldType::text;
    if (type == FieldType::whole || type == FieldType::money) {
        if (const auto number = parse_integer(text)) return *number;
    } else if (type == FieldType::boolean) {
        if (text == "true" || text == "false") return text == "true";
    } else if (type == FieldType::words || type == FieldType::people || type == FieldType::evidence) {
        return split(text, ',');
    }
    return std::string(text);
}

Result<void> refuse_all(std::vector<Problem> problems, std::string_view citation) {
    if (problems.empty()) return {};
    std::ranges::stable_sort(problems, {}, &Problem::place);
    std::vector<std::string> lines;
    std::vector<std::string> fields;
    for (const Problem& problem : problems) {
        const Error& error = problem.error;
        std::string line =
            error.where.empty() ? error.message : fmt::format("{}: {}", error.where, error.message);
        if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
        if (!error.where.empty() && std::ranges::find(fields, error.where) == fields.end())
            fields.push_back(error.where);
    }
    Error first = std::move(problems.front().error);
    first.message = join(lines, "; ");
    if (first.law.empty()) first.law = citation;
    if (first.next.empty() || fields.size() > 1) first.next = fmt::format("correct {}", join(fields, ", "));
    return first;
}

}  // namespace qingyuan::act
