// Opening a dossier: who may, under which text, from where, and the id it is dealt.
#include <algorithm>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/authority.hpp"
#include "act/clocks.hpp"
#include "act/engine.hpp"
#include "act/form.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

constexpr std::size_t id_length_max = 64;
constexpr std::int64_t numbered_max = 99'999;  ///< five digits; beyond, ids no longer sort by number

/// The actor's own organisation; for someone of an operator or of the public the regulator of the operator
/// concerned.
Result<std::string> responsible(const journal::Reader& reader, const Actor& actor,
                                const Engine::Opening& opening, Date on) {
    if (!opening.organisation.empty())
        return TRY(registry::organisation_on(reader, opening.organisation, on)).id;
    if (const auto own = TRY(registry::find_organisation(reader, actor.organisation, on))) return own->id;
    if (!opening.operator_id.empty())
        return TRY(registry::primary_regulator(reader, opening.operator_id, on)).id;
    return Error{ErrorCode::organisation_unknown,
                 "no organisation is responsible",
                 "organisation",
                 {},
                 "name the organisation"};
}

Result<std::string> dealt_id(const journal::Reader& reader, std::string_view organisation,
                             const law::Procedure& procedure, Date on) {
    const std::string prefix = fmt::format("{}-{}-{}-", organisation, on.year(), procedure.prefix);
    journal::Query query;
    query.where = {{"id", journal::Compare::prefix, {prefix}}};
    query.order_by = "id";
    query.descending = true;
    query.limit = 1;
    const auto view = reader.view<facts::DossierRow>();
    const std::vector<facts::DossierRow> last = TRY(view.list(query));
    std::int64_t number = 0;
    if (!last.empty())
        number =
            parse_integer(std::string_view(last.front().id).substr(prefix.size())).value_or(numbered_max);
    if (number >= numbered_max) number = static_cast<std::int64_t>(TRY(view.count(query.where)));
    return fmt::format("{}{:05}", prefix, number + 1);
}

/// It stands in file names and addresses, and beside a step's number as ID/N; digits alone would be a
/// sequence number.
Result<void> check_id(const journal::Reader& reader, std::string_view id) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_plain = [&](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
               c == '.';
    };
    if (id.size() > id_length_max || std::ranges::all_of(id, is_digit) || !std::ranges::all_of(id, is_plain))
        return Error{ErrorCode::field_invalid,
                     fmt::format("'{}' cannot be an id", id),
                     "id",
                     {},
                     fmt::format("at most {} letters, digits, hyphens", id_length_max)};
    const auto found = dossier(reader, id);
    if (found)
        return Error{
            ErrorCode::duplicate_key, fmt::format("'{}' exists", id), "id", {}, "choose another id or none"};
    if (found.error().code != ErrorCode::dossier_unknown) return found.error();
    return {};
}

struct Source {
    std::uint64_t dossier = 0;
    std::uint64_t fact = 0;
};

/// The dossier it comes from: the one named, else the one the fact belongs to.
Result<Source> source_of(const journal::Reader& reader, const Engine::Opening& opening) {
    Source source{opening.source, opening.source_fact};
    if (source.dossier == 0 && source.fact != 0) source.dossier = TRY(reader.fact(source.fact)).dossier();
    return source;
}

/// Where it comes from: an open or closed dossier, and a fact of it, neither of them void.
Result<void> check_source(const journal::Reader& reader, const Source& from, Date on,
                          const std::string& citation) {
    if (from.dossier == 0 && from.fact == 0) return {};
    const auto refusal = [&](ErrorCode code, std::string message, std::string field, std::string next) {
        return Error{code, std::move(message), std::move(field), citation, std::move(next)};
    };
    const auto source = TRY(reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(from.dossier)));
    if (!source)
        return refusal(ErrorCode::dossier_unknown, fmt::format("source {}", from.dossier), "source",
                       "name the dossier it comes from");
    if (source->state == voided_state)
        return refusal(ErrorCode::already_voided, fmt::format("{} is void", source->id), "source",
                       "name a dossier that stands");
    Date earliest = source->opened_on;
    if (from.fact != 0 && from.fact != from.dossier) {
        const auto step =
            std::ranges::find(source->steps, static_cast<std::int64_t>(from.fact), &facts::StepState::seq);
        if (step == source->steps.end())
            return refusal(ErrorCode::record_unknown,
                           fmt::format("fact {} is no step of {}", from.fact, source->id), "source_fact",
                           "name a step of the source");
        if (step->voided)
            return refusal(ErrorCode::already_voided,
                           fmt::format("{}/{} is void", source->id, step - source->steps.begin() + 1),
                           "source_fact", "name a step that stands");
        earliest = step->on;
    }
    if (on >= earliest) return {};
    return refusal(ErrorCode::date_before_previous,
                   fmt::format("{} is earlier than what it comes from", on.text()), "happened_on",
                   fmt::format("give a day from {} on", earliest.text()));
}

/// Category and campaign are words of closed vocabularies, whatever the procedure.
Result<void> check_words(const journal::Reader& reader, const law::Law& law, const Engine::Opening& opening,
                         Date on, std::vector<Problem>& problems) {
    static const std::vector<law::Field> fields{
        {"category", "类别", "Category", law::FieldType::word, "categories", false},
        {"campaign", "专项行动", "Campaign", law::FieldType::word, "campaigns", false}};
    const facts::Form words = without_empty({{"category", opening.category}, {"campaign", opening.campaign}});
    return check_form(reader, law, fields, words, on, on, problems);
}

}  // namespace

Result<facts::Fact> Engine::open(const journal::Reader& reader, const Actor& actor,
                                 const Opening& opening) const {
    const Date today = actor.now.date();
    const Date on = opening.happened_on.value_or(today);
    const law::Procedure& procedure = *TRY(law_->procedure(opening.procedure, on));
    const std::string citation = join(procedure.law, ", ");
    TRY(role_of(actor, procedure.open_by, citation));
    const std::string organisation = TRY(responsible(reader, actor, opening, on));
    if (auto allowed = check_jurisdiction(reader, actor, organisation, opening.operator_id, on); !allowed) {
        allowed.error().law = citation;
        return allowed.error();
    }
    if (!opening.operator_id.empty()) TRY(registry::operator_on(reader, opening.operator_id, on));
    std::string id = opening.id;
    if (!id.empty()) CHECK(check_id(reader, id));
    if (on > today)
        return Error{ErrorCode::date_in_future, fmt::format("{} is later than {}", on.text(), today.text()),
                     "happened_on", citation, "give the day it happened"};
    const Source source = TRY(source_of(reader, opening));
    CHECK(check_source(reader, source, on, citation));

    const facts::Form form = without_empty(opening.form);
    std::vector<Problem> problems;
    CHECK(check_words(reader, *law_, opening, on, problems));
    CHECK(check_form(reader, *law_, procedure.form, form, on, on, problems));
    const std::string state = opening.state.empty() ? procedure.initial.front() : opening.state;
    if (std::ranges::find(procedure.initial, state) == procedure.initial.end())
        problems.push_back({procedure.form.size(),
                            {ErrorCode::field_invalid,
                             fmt::format("no {} begins as {}", procedure.id, state),
                             "state",
                             {},
                             fmt::format("one of {}", join(procedure.initial, ", "))}});
    CHECK(refuse_all(std::move(problems), citation));

    facts::DossierOpened opened;
    opened.id = id.empty() ? TRY(dealt_id(reader, organisation, procedure, on)) : std::move(id);
    opened.procedure = procedure.id;
    opened.law_on = on;
    opened.state = state;
    opened.title = opening.title;
    opened.operator_id = opening.operator_id;
    opened.category = opening.category;
    opened.campaign = opening.campaign;
    opened.source = static_cast<std::int64_t>(source.dossier);
    opened.source_fact = static_cast<std::int64_t>(source.fact);
    opened.attributes = form;
    facts::DossierRow row;  // what clock conditions read
    row.law_on = on;
    row.operator_id = opened.operator_id;
    row.category = opened.category;
    row.campaign = opened.campaign;
    auto clocks = clock_changes(*law_, row, procedure.clocks, form, on);
    if (!clocks) {
        if (clocks.error().law.empty()) clocks.error().law = citation;
        return clocks.error();
    }
    opened.clocks = std::move(*clocks);
    return facts::Fact{on, organisation, actor.person, 0, std::move(opened)};
}

}  // namespace qingyuan::act
