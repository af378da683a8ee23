#include "act/refuse.hpp"

#include "facts/value.hpp"
#include "law/describe.hpp"
#include "law/words.hpp"

namespace qingyuan::act {

Error refusal(const Question& q, const law::Guard& guard, std::string message, std::string next,
              std::string where) {
    Error error{law::info(guard.word).refusal, std::move(message), std::move(where), q.citation(),
                std::move(next)};
    if (const auto procedure = q.law.procedure(q.dossier.procedure, q.dossier.law_on))
        error.zh = law::describe(q.law, **procedure, q.step, guard, false);
    return error;
}

bool has_no_form(const Question& q) {
    return q.form == nullptr;
}

std::optional<std::int64_t> number_in(const Question& q, std::string_view field) {
    const facts::Value* value = q.form == nullptr ? nullptr : facts::find(*q.form, field);
    const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
    return number ? std::optional(*number) : std::nullopt;
}

}  // namespace qingyuan::act
