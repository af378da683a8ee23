#include "api/published.hpp"

#include <algorithm>

#include "api/doors.hpp"
#include "law/redaction.hpp"
#include "law/words.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

/// The last day of the running clock of one of the limits.
std::optional<Date> end_of_term(const act::Engine& engine, const facts::DossierRow& row, Instant now,
                                std::initializer_list<std::string_view> limits) {
    for (const act::ClockView& view : engine.clocks(row, now))
        if (view.running && std::find(limits.begin(), limits.end(), view.limit_id) != limits.end())
            return std::max({view.due.raw, view.due.due_holiday_roll, view.due.due});
    return std::nullopt;
}

bool is_in(const facts::DossierRow& row, std::initializer_list<std::string_view> states) {
    return std::find(states.begin(), states.end(), row.state) != states.end();
}

Result<void> add_name(const accounts::Vault& vault, const facts::SubjectRef& subject,
                      std::vector<std::string>& names) {
    if (subject.subject.empty()) return {};
    const auto value = vault.find(subject.subject);
    if (!value && value.error().code == ErrorCode::record_unknown) return {};  // of the other vault
    if (!value) return value.error();
    if (*value != accounts::erased_text) names.push_back(*value);
    return {};
}

}  // namespace

std::optional<Shown> shown_penalty(const act::Engine& engine, const facts::DossierRow& row, Instant now) {
    if (row.procedure != "publication" || !is_in(row, {"published", "early_stop_applied"}))
        return std::nullopt;
    if (last_step(row, "note_change")) return std::nullopt;
    const facts::StepState* published = last_step(row, "publish");
    if (!published) published = last_step(row, "publish_assisted");
    const auto until = end_of_term(engine, row, now, {"PUB.SHORT", "PUB.LONG"});
    if (!published || !until || now.date() > *until) return std::nullopt;
    return Shown{published->on, *until};
}

std::optional<Shown> shown_violator(const act::Engine& engine, const facts::DossierRow& row, Instant now) {
    if (row.procedure != "serious_violator" || !is_in(row, {"listed", "removal_applied", "removal_admitted"}))
        return std::nullopt;
    const facts::StepState* published = last_step(row, "publish");
    if (!last_step(row, "tell") || !last_step(row, "list") || !published) return std::nullopt;
    const auto until = end_of_term(engine, row, now, {"BLK.TERM"});
    if (!until || now.date() > *until) return std::nullopt;
    return Shown{published->on, *until};
}

std::optional<Shown> shown_case(const facts::DossierRow& row) {
    const facts::StepState* published = last_step(row, "publish");
    if (row.procedure != "typical_case" || row.state != "published" || !published) return std::nullopt;
    return Shown{published->on, Date::never_after()};
}

Result<std::vector<std::string>> names_of(const journal::Reader& reader, const accounts::Vault& vault,
                                          const facts::DossierRow& row, Date on) {
    std::vector<std::string> names;
    for (const auto& [field, value] : row.attributes)
        if (const auto* subject = std::get_if<facts::SubjectRef>(&value))
            CHECK(add_name(vault, *subject, names));
    if (!row.operator_id.empty())
        if (const auto firm = TRY(registry::find_operator(reader, row.operator_id, on)))
            CHECK(add_name(vault, firm->representative, names));
    if (row.source != 0)
        if (const auto source = TRY(reader.view<facts::DossierRow>().find(row.source)))
            for (const auto& [field, value] : source->attributes)
                if (const auto* subject = std::get_if<facts::SubjectRef>(&value))
                    CHECK(add_name(vault, *subject, names));
    return names;
}

Result<void> check_names(const journal::Reader& reader, const accounts::Vault& vault,
                         const facts::DossierRow& row, const law::Step& step, const facts::Form& form,
                         Date on) {
    for (const law::Guard& guard : step.guards) {
        if (guard.word != law::WordId::redacted) continue;
        const auto names = TRY(names_of(reader, vault, row, on));
        for (const std::string& field : guard.arguments) {
            const auto found = law::find_identifiers(facts::text_of(form, field), names);
            const bool named = std::ranges::any_of(
                found, [](const law::Identifier& one) { return one.kind == law::IdentifierKind::name; });
            if (named)
                return Error{ErrorCode::field_invalid,
                             "the text names a person of this matter",
                             field,
                             step.law.empty() ? std::string() : step.law.front(),
                             "write the family name and ××",
                             "文本含有本案人员姓名",
                             "请改为姓氏加“××”"};
        }
    }
    return {};
}

}  // namespace qingyuan::api
