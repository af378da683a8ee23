#include "api/refusal_words.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "law/describe.hpp"
#include "law/words.hpp"

namespace qingyuan::api {

namespace {

/// What to do about a refusal, in English, without identifiers; the Chinese of it is next_zh.
std::string_view next_en(ErrorCode code) {
    switch (code) {
        case ErrorCode::wrong_role:
        case ErrorCode::wrong_organisation: return "somebody whose office it is takes it";
        case ErrorCode::recused:
        case ErrorCode::same_person: return "another person takes it";
        case ErrorCode::approval_missing:
            return "have it approved; what is taken is exactly what was approved";
        case ErrorCode::officers_too_few:
        case ErrorCode::officer_unqualified: return "name officers whose certificates are valid";
        case ErrorCode::step_missing:
        case ErrorCode::wrong_state: return "take the step before it first";
        case ErrorCode::linked_open: return "end the matter beside it first";
        case ErrorCode::linked_missing: return "work the matter beside it first";
        case ErrorCode::too_early: return "take it when the time has run";
        case ErrorCode::deadline_passed:
            return "handle it as overdue, or extend the time where the law lets you";
        default: return "correct what is named, then take it";
    }
}

/// The guard that refused: its Chinese sentence is the refusal's.
const law::Guard* guard_of(const law::Law& law, const law::Procedure& procedure, const law::Step& step,
                           const Error& error) {
    if (error.zh.empty()) return nullptr;
    const auto found = std::ranges::find_if(step.guards, [&](const law::Guard& guard) {
        return law::info(guard.word).refusal == error.code &&
               law::describe(law, procedure, step, guard, false) == error.zh;
    });
    return found == step.guards.end() ? nullptr : &*found;
}

/// Refusals of who acts and where the matter stands name persons, roles and states by their identifiers.
bool is_general(ErrorCode code) {
    return code == ErrorCode::wrong_role || code == ErrorCode::wrong_organisation ||
           code == ErrorCode::recused || code == ErrorCode::wrong_state || code == ErrorCode::step_unknown;
}

}  // namespace

Error spoken(const law::Law& law, const law::Procedure& procedure, const law::Step& step, Error error) {
    const law::Guard* guard = guard_of(law, procedure, step, error);
    if (!guard && !is_general(error.code)) return error;
    error.message = guard ? law::describe(law, procedure, step, *guard, true) : std::string(error.info().en);
    if (error.next_zh.empty() && !error.next.empty()) error.next = next_en(error.code);
    return error;
}

Json needs_json(const law::Law& law, const law::Procedure& procedure, const law::Step& step,
                const std::vector<std::string>& needs) {
    Json out = Json::array();
    for (const std::string& need : needs) {
        const auto guard =
            std::ranges::find_if(step.guards, [&](const law::Guard& one) { return one.text() == need; });
        // A required field of the form, which no guard names.
        const auto field = std::ranges::find_if(
            step.form, [&](const law::Field& one) { return need == "given(" + one.id + ")"; });
        QY_ASSERT(guard != step.guards.end() || field != step.form.end());
        if (guard == step.guards.end())
            out.push_back({{"zh", "须填写“" + field->zh + "”"}, {"en", field->en + " is given"}});
        else
            out.push_back({{"zh", law::describe(law, procedure, step, *guard, false)},
                           {"en", law::describe(law, procedure, step, *guard, true)}});
    }
    return out;
}

Result<facts::Fact> in_words(const Call& call, const facts::DossierRow& row, Result<facts::Fact> result) {
    if (result || result.error().info().kind != ErrorKind::refusal) return result;
    const auto procedure = call.services.law.procedure(row.procedure, row.law_on);
    const law::Step* step = procedure ? (*procedure)->find_step(call.path.at("step")) : nullptr;
    if (!step) return result;
    return spoken(call.services.law, **procedure, *step, std::move(result.error()));
}

}  // namespace qingyuan::api
