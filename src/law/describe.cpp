#include "law/describe.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "law/words.hpp"

namespace qingyuan::law {

namespace {

struct Names {
    std::string_view zh;
    std::string_view en;
};

/// A field of this step, of the opening form, or of any step: attributes come from all of them.
const Field* find_field(const Procedure& procedure, const Step& step, std::string_view id) {
    const auto in = [&](const std::vector<Field>& fields) {
        const auto found = std::ranges::find(fields, id, &Field::id);
        return found == fields.end() ? nullptr : &*found;
    };
    if (const Field* field = in(step.form)) return field;
    if (const Field* field = in(procedure.form)) return field;
    for (const Step& other : procedure.steps)
        if (const Field* field = in(other.form)) return field;
    return nullptr;
}

/// The word of the vocabulary that the field named before it is filled from.
std::optional<Names> word_of(const Law& law, const Procedure& procedure, const Step& step, const Guard& guard,
                             std::string_view code) {
    for (const std::string& argument : guard.arguments) {
        const Field* field = find_field(procedure, step, argument);
        // What kind of goods a dossier is about stands on it without a form.
        const std::string_view from = field                    ? std::string_view(field->vocabulary)
                                      : argument == "category" ? std::string_view("categories")
                                                               : std::string_view();
        const Vocabulary* vocabulary = from.empty() ? nullptr : law.find_vocabulary(from);
        if (const Word* word = vocabulary ? vocabulary->find(code) : nullptr)
            return Names{word->zh, word->en};
    }
    return std::nullopt;
}

/// The state of the procedure named by the argument before, or one of the two general words.
std::optional<Names> state_of(const Law& law, const Guard& guard, std::string_view id) {
    if (id == "open") return Names{"未办结", "open"};
    if (id == "any") return Names{"任一状态", "any"};
    for (const Procedure& procedure : law.procedures())
        if (procedure.id == guard.arguments.front())
            if (const State* state = procedure.find_state(id)) return Names{state->zh, state->en};
    return std::nullopt;
}

std::optional<Names> names_of(const Law& law, const Procedure& procedure, const Step& step,
                              const Guard& guard, char letter, const std::string& argument) {
    switch (letter) {
        case 's':
            if (const Step* found = procedure.find_step(argument)) return Names{found->zh, found->en};
            break;
        case 'p':
            for (const Procedure& other : law.procedures())
                if (other.id == argument) return Names{other.zh, other.en};
            break;
        case 't': return state_of(law, guard, argument);
        case 'l':
            for (const Limit& limit : law.limits())
                if (limit.id == argument) return Names{limit.zh, limit.step};
            break;
        case 'v':
            if (const Vocabulary* found = law.find_vocabulary(argument)) return Names{found->zh, found->en};
            break;
        case 'f':
        case 'a':
            if (const Field* field = find_field(procedure, step, argument))
                return Names{field->zh, field->en};
            if (const Term* term = law.find_term(argument)) return Names{term->zh, term->en};
            break;
        case 'm':
            for (const Parameter& parameter : law.parameters())
                if (parameter.id == argument) return Names{parameter.zh, parameter.en};
            break;
        case 'r':
            if (const Role* role = law.find_role(argument)) return Names{role->zh, role->en};
            break;
        case 'w':
            if (argument == "true") return Names{"是", "yes"};
            if (argument == "false") return Names{"否", "no"};
            return word_of(law, procedure, step, guard, argument);
        default: break;
    }
    return std::nullopt;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

}  // namespace

std::string describe(const Law& law, const Procedure& procedure, const Step& step, const Guard& guard,
                     bool english) {
    const WordInfo& word = info(guard.word);
    const std::string_view letters = word.arguments;
    const std::size_t declared = letters.size() - (letters.ends_with('+') ? 1 : 0);
    // Places of the sentence; arguments repeated by a trailing + share the last one.
    std::vector<std::vector<std::string>> places(declared);
    for (std::size_t i = 0; i < guard.arguments.size() && declared > 0; ++i) {
        const std::size_t place = std::min(i, declared - 1);
        const auto names = names_of(law, procedure, step, guard, letters[place], guard.arguments[i]);
        places[place].push_back(names ? std::string(english ? names->en : names->zh) : guard.arguments[i]);
    }
    std::string text(english ? word.en : word.zh);
    for (std::size_t i = 0; i < places.size(); ++i)
        replace_all(text, "{" + std::to_string(i) + "}", join(places[i], english ? ", " : "”“"));
    return text;
}

}  // namespace qingyuan::law
