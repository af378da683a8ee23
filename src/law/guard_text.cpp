#include "law/guard_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/decision_table.hpp"
#include "law/words.hpp"

namespace qingyuan::law {

namespace {

constexpr std::array word_table = {
#define X(word, arguments, kind, refusal, zh, en) \
    WordInfo{#word, arguments, WordKind::kind, ErrorCode::refusal, zh, en},
#include "law/words.def"
#undef X
};

/// Attributes every dossier has beside the fields of its forms.
constexpr std::array<std::string_view, 3> dossier_attributes = {"category", "campaign", "operator_id"};

const Field* find_field(const std::vector<Field>& form, std::string_view id) {
    const auto found =
        std::find_if(form.begin(), form.end(), [&](const Field& field) { return field.id == id; });
    return found == form.end() ? nullptr : &*found;
}

/// The field behind an attribute of the dossier: of the opening form or of any step.
const Field* find_attribute(const Procedure& procedure, std::string_view id) {
    if (const Field* field = find_field(procedure.form, id)) return field;
    for (const Step& step : procedure.steps)
        if (const Field* field = find_field(step.form, id)) return field;
    return nullptr;
}

/// Checks the arguments of one guard, letter by letter.
class ArgumentCheck {
 public:
    ArgumentCheck(const Guard& guard, const GuardPlace& place,
                  std::vector<std::pair<std::string, std::string>>& clock_uses, Problems& problems)
        : guard_(guard), place_(place), clock_uses_(clock_uses), problems_(problems) {}

    void run() {
        const std::string_view letters = info(guard_.word).arguments;
        for (std::size_t i = 0; i < guard_.arguments.size(); ++i) {
            const std::size_t at = std::min(i, letters.size() - 1);
            at_ = i;
            check(letters[at] == '+' ? letters[at - 1] : letters[at], guard_.arguments[i]);
        }
    }

 private:
    void unknown(std::string_view what, std::string_view name) {
        problems_.add(ErrorCode::law_reference_unknown,
                      fmt::format("{}: no {} '{}'", guard_.text(), what, name), guard_.where);
    }

    void check(char letter, const std::string& argument) {
        const Book& book = place_.book;
        switch (letter) {
            case 's':
                if (place_.procedure.find_step(argument) == nullptr) unknown("step", argument);
                break;
            case 'v':
                if (!book.vocabulary_index.contains(argument))
                    unknown("vocabulary", argument);
                else if (guard_.word == WordId::met_then || guard_.word == WordId::done_where)
                    decision_table(argument);
                else
                    has_vocabulary();
                break;
            case 'r':
                if (!book.role_index.contains(argument)) unknown("role", argument);
                break;
            case 'm':
                if (!book.parameter_index.contains(argument)) unknown("parameter", argument);
                break;
            case 'd':
                if (!book.document_index.contains(argument)) unknown("document", argument);
                break;
            case 'n': whole(argument); break;
            case 'l': limit(argument); break;
            case 'f': field(argument); break;
            case 'a': attribute(argument); break;
            case 'w': word(argument); break;
            default: break;  // p and t wait until every procedure is loaded
        }
    }

    /// Every row's conditions can be read.
    void decision_table(const std::string& argument) {
        const Vocabulary* table = entry_of(place_.book.vocabularies, place_.book.vocabulary_index, argument);
        for (const Word& row : table->words) {
            const auto when = row.more.find("when");
            const auto read = when == row.more.end() ? parse_conditions("") : parse_conditions(when->second);
            if (!read)
                problems_.add(ErrorCode::law_value_invalid,
                              fmt::format("{} of {}: {}", row.code, argument, read.error().message),
                              guard_.where);
        }
    }

    void whole(const std::string& argument) {
        const auto number = parse_integer(argument);
        if (!number || *number < 0)
            problems_.add(ErrorCode::law_word_arguments,
                          fmt::format("{}: '{}' is not a whole number", guard_.text(), argument),
                          guard_.where);
    }

    void limit(const std::string& argument) {
        if (!place_.book.limit_index.contains(argument)) {
            problems_.add(ErrorCode::law_limit_unknown,
                          fmt::format("{}: no limit '{}'", guard_.text(), argument), guard_.where);
            return;
        }
        // These are counted back from a date; the other words ask a running clock.
        const bool from_date = guard_.word == WordId::notice_before || guard_.word == WordId::near ||
                               guard_.word == WordId::ahead || guard_.word == WordId::in_time;
        if (!from_date) clock_uses_.emplace_back(argument, guard_.where);
    }

    void field(const std::string& argument) {
        // answered(asked, answering, field), each(attribute, step, field), named(number, step, person),
        // invited(step, unit): the last field is of the step named before it.
        const bool of_step = guard_.word == WordId::answered || guard_.word == WordId::each ||
                             guard_.word == WordId::invited || (guard_.word == WordId::named && at_ == 2);
        const Step* of = of_step ? place_.procedure.find_step(guard_.arguments[at_ - 1]) : &place_.step;
        field_ = of == nullptr ? nullptr : find_field(of->form, argument);
        if (field_ == nullptr) unknown("field in the form of the step", argument);
    }

    void attribute(const std::string& argument) {
        const bool always = std::find(dossier_attributes.begin(), dossier_attributes.end(), argument) !=
                            dossier_attributes.end();
        const Field* found = find_attribute(place_.procedure, argument);
        if (guard_.word != WordId::among) field_ = found;
        if (found == nullptr && !always) unknown("attribute", argument);
    }

    /// one_of may narrow a field to a smaller vocabulary; only a field without one is a slip.
    void has_vocabulary() {
        if (field_ != nullptr && field_->vocabulary.empty())
            problems_.add(ErrorCode::law_word_arguments,
                          fmt::format("{}: '{}' has no vocabulary", guard_.text(), field_->id), guard_.where);
    }

    void word(const std::string& argument) {
        if (field_ == nullptr) return;
        if (field_->type == FieldType::boolean && argument != "true" && argument != "false")
            problems_.add(ErrorCode::law_word_arguments,
                          fmt::format("{}: '{}' is true or false", guard_.text(), field_->id), guard_.where);
        const Vocabulary* vocabulary =
            entry_of(place_.book.vocabularies, place_.book.vocabulary_index, field_->vocabulary);
        if (vocabulary != nullptr && vocabulary->find(argument) == nullptr)
            unknown(fmt::format("word of {}", vocabulary->id), argument);
    }

    const Guard& guard_;
    const GuardPlace& place_;
    std::vector<std::pair<std::string, std::string>>& clock_uses_;
    Problems& problems_;
    const Field* field_ = nullptr;  ///< the field or attribute named before
    std::size_t at_ = 0;            ///< place of the argument that is looked at
};

bool count_fits(std::string_view letters, std::size_t count) {
    if (!letters.empty() && letters.back() == '+') return count >= letters.size() - 1;
    return count == letters.size();
}

}  // namespace

const WordInfo& info(WordId word) {
    return word_table[static_cast<std::size_t>(word)];
}
std::span<const WordInfo> words() {
    return word_table;
}

std::string Guard::text() const {
    return arguments.empty() ? std::string(info(word).name)
                             : fmt::format("{}({})", info(word).name, fmt::join(arguments, ", "));
}

std::optional<Guard> parse_guard(const Placed& placed, const std::string& file, Problems& problems) {
    const std::string where = where_of(file, placed.place);
    const std::string_view text = trim(placed.text);
    const auto open = text.find('(');
    const std::string_view name = trim(text.substr(0, open));
    if (!is_identifier(name) || (open != std::string_view::npos && text.back() != ')')) {
        problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is no guard: word(argument, …)", text),
                     where);
        return std::nullopt;
    }
    const auto found = std::find_if(word_table.begin(), word_table.end(),
                                    [&](const WordInfo& word) { return word.name == name; });
    if (found == word_table.end()) {
        problems.add(ErrorCode::law_word_unknown, fmt::format("no guard word '{}'", name), where);
        return std::nullopt;
    }
    Guard guard{static_cast<WordId>(found - word_table.begin()), {}, where};
    if (open != std::string_view::npos)
        for (const std::string& argument : split(text.substr(open + 1, text.size() - open - 2), ','))
            guard.arguments.emplace_back(trim(argument));
    const bool blank = std::any_of(guard.arguments.begin(), guard.arguments.end(),
                                   [](const auto& one) { return one.empty(); });
    if (blank || !count_fits(found->arguments, guard.arguments.size())) {
        problems.add(
            ErrorCode::law_word_arguments,
            fmt::format("'{}' takes {} arguments ({})", name, found->arguments.size(), found->arguments),
            where);
        return std::nullopt;
    }
    return guard;
}

void check_guard(const Guard& guard, const GuardPlace& place,
                 std::vector<std::pair<std::string, std::string>>& clock_uses, Problems& problems) {
    ArgumentCheck(guard, place, clock_uses, problems).run();
}

namespace {

/// The state of a linked procedure: of any of its dated texts.
bool has_state(const Book& book, const std::string& procedure, const std::string& state) {
    for (auto [at, end] = book.procedure_index.equal_range(procedure); at != end; ++at)
        if (book.procedures[at->second].find_state(state) != nullptr) return true;
    return false;
}

void check_linked(const Book& book, const Guard& guard, Problems& problems) {
    const std::string& procedure = guard.arguments[0];
    const std::string& state = guard.arguments[1];
    if (!book.procedure_index.contains(procedure)) {
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("{}: no procedure '{}'", guard.text(), procedure), guard.where);
        return;
    }
    if (state != "any" && state != "open" && !has_state(book, procedure, state))
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("{}: {} has no state '{}'", guard.text(), procedure, state), guard.where);
}

}  // namespace

namespace {

/// A proposal begins as its procedure allows, by the system, with everything its form asks for.
void check_proposal(const Book& book, const Proposal& proposal, Problems& problems) {
    const auto [begin, end] = book.procedure_index.equal_range(proposal.procedure);
    if (begin == end)
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("no procedure '{}' to propose", proposal.procedure), proposal.where);
    for (auto at = begin; at != end; ++at) {
        const Procedure& procedure = book.procedures[at->second];
        const auto wrong = [&](std::string what) {
            problems.add(ErrorCode::law_procedure_broken,
                         fmt::format("the proposed {}: {}", procedure.id, what), proposal.where);
        };
        if (std::ranges::find(procedure.initial, proposal.state) == procedure.initial.end())
            wrong(fmt::format("does not begin as '{}'", proposal.state));
        if (std::ranges::find(procedure.open_by, "system") == procedure.open_by.end())
            wrong("is not opened by the system");
        for (const auto& [field, value] : proposal.form)
            if (find_field(procedure.form, field) == nullptr) wrong(fmt::format("has no field '{}'", field));
        for (const Field& field : procedure.form)
            if (field.required && std::ranges::none_of(proposal.form, [&](const auto& given) {
                    return given.first == field.id;
                }))
                wrong(fmt::format("lacks the field '{}'", field.id));
    }
}

}  // namespace

void check_procedures(const Book& book, Problems& problems) {
    for (const Procedure& procedure : book.procedures)
        for (const Step& step : procedure.steps) {
            for (const Proposal& proposal : step.proposes) check_proposal(book, proposal, problems);
            if (!step.opens.empty() && !book.procedure_index.contains(step.opens))
                problems.add(ErrorCode::law_reference_unknown,
                             fmt::format("step '{}' opens no procedure '{}'", step.id, step.opens),
                             step.where);
            for (const Guard& guard : step.guards)
                if (info(guard.word).arguments.starts_with("pt")) check_linked(book, guard, problems);
        }
}

}  // namespace qingyuan::law
