// Opening, offering, taking and approving steps. Refusals are looked for in one order: authority, existence,
// state, time, content.
#include "act/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "act/approval.hpp"
#include "act/attributes.hpp"
#include "act/authority.hpp"
#include "act/clocks.hpp"
#include "act/form.hpp"
#include "act/guards.hpp"
#include "act/links.hpp"
#include "base/text.hpp"
#include "law/words.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

using law::WordKind;

/// A refusal without an article of its own cites the step's.
Error cited(Error error, std::string_view citation) {
    if (error.law.empty() && error.info().kind == ErrorKind::refusal) error.law = citation;
    return error;
}

/// The words of one kind, in the order of the file; the first that does not hold refuses. Needs are collected
/// for offers.
Result<void> ask(const Question& question, WordKind kind, std::vector<std::string>* needs,
                 bool before_approval = false) {
    for (const law::Guard& guard : question.step.guards) {
        if (law::info(guard.word).kind != kind) continue;
        if (before_approval && guard.word == law::WordId::approved_by) continue;
        if (!TRY(answer(question, guard)) && needs) needs->push_back(guard.text());
    }
    return {};
}

/// Steps that lead from the state to one where `step` is possible.
std::vector<std::string> ways_to(const law::Procedure& procedure, const law::Step& step,
                                 std::string_view state) {
    std::vector<std::string> out;
    for (const law::Step& other : procedure.steps)
        if (std::ranges::find(other.from, state) != other.from.end() &&
            std::ranges::find(step.from, other.to) != step.from.end() && &other != &step)
            out.push_back(other.id);
    return out;
}

Result<void> check_state(const law::Procedure& procedure, const law::Step& step,
                         const facts::DossierRow& dossier) {
    if (std::ranges::find(step.from, dossier.state) != step.from.end()) return {};
    const std::vector<std::string> ways = ways_to(procedure, step, dossier.state);
    std::string next = fmt::format("possible in {}", join(step.from, ", "));
    if (!ways.empty()) next = fmt::format("take {} first", join(ways, " or "));
    if (dossier.state == voided_state) next = "open a new dossier";
    return Error{ErrorCode::wrong_state,
                 fmt::format("{} is {}", dossier.id, dossier.state),
                 {},
                 join(step.law, ", "),
                 std::move(next)};
}

/// Not in the future, and not before what came before it.
Result<void> check_date(const Question& question, Date previous) {
    const Date today = question.actor.now.date();
    const auto refusal = [&](ErrorCode code, std::string message, std::string next) {
        return Error{code, std::move(message), "happened_on", question.citation(), std::move(next)};
    };
    if (question.on > today)
        return refusal(ErrorCode::date_in_future,
                       fmt::format("{} is later than {}", question.on.text(), today.text()),
                       "give the day it happened");
    if (question.on < previous)
        return refusal(ErrorCode::date_before_previous,
                       fmt::format("{} is earlier than the step before", question.on.text()),
                       fmt::format("give a day from {} on", previous.text()));
    return {};
}

Date previous_day(const facts::DossierRow& dossier) {
    Date day = dossier.opened_on;
    for (const facts::StepState& taken : dossier.steps)
        if (!taken.voided) day = std::max(day, taken.on);
    return day;
}

/// Who was invited acts in a matter of another organisation: the guard word says whether.
bool asks_invited(const law::Step& step) {
    return std::ranges::find(step.guards, law::WordId::invited, &law::Guard::word) != step.guards.end();
}

/// Role, recusal, jurisdiction (where the step leaves that to no guard word), and that everyone named exists.
Result<std::string> check_authority(const journal::Reader& reader, const facts::DossierRow& dossier,
                                    const Actor& actor, const std::vector<std::string>& roles,
                                    const std::vector<std::string>& officers, std::string_view citation,
                                    Date on, bool anywhere = false) {
    std::string role = TRY(role_of(actor, roles, citation));
    CHECK(check_not_recused(dossier, actor, officers));
    const auto allowed = check_jurisdiction(reader, actor, dossier.organisation, dossier.operator_id, on);
    if (!anywhere && !allowed) return cited(allowed.error(), citation);
    for (const std::string& officer : officers) CHECK(registry::person_on(reader, officer, on));
    return role;
}

/// Form and content words together: every problem at once, in the order of the form.
Result<void> check_content(const Question& question) {
    std::vector<Problem> problems;
    CHECK(check_form(question.reader, question.law, question.step.form, *question.form,
                     question.dossier.law_on, question.on, problems));
    const auto told = [&](const Error& error) {
        return !error.where.empty() && std::ranges::any_of(problems, [&](const Problem& one) {
            return one.error.where == error.where;
        });
    };
    for (const law::Guard& guard : question.step.guards) {
        if (law::info(guard.word).kind != WordKind::content) continue;
        const auto held = answer(question, guard);
        if (held) continue;
        if (held.error().info().kind != ErrorKind::refusal) return held.error();
        if (!told(held.error()))
            problems.push_back({place_of(question.step.form, held.error().where), held.error()});
    }
    if (question.request) {
        for (const std::string& digest : question.request->evidence)
            if (!parse_digest(digest))
                problems.push_back(
                    {question.step.form.size(),
                     {ErrorCode::field_invalid, fmt::format("'{}' is no digest", digest), "evidence"}});
    }
    return refuse_all(std::move(problems), question.citation());
}

/// All that is asked of one taking, in the order of refusals; the role it is taken in. Before its approval,
/// everything else is asked.
Result<std::string> check_taking(const law::Procedure& procedure, const Question& question,
                                 bool before_approval) {
    const facts::DossierRow& dossier = question.dossier;
    const Request& request = *question.request;
    std::string role =
        TRY(check_authority(question.reader, dossier, question.actor, question.step.by, request.officers,
                            question.citation(), question.on, asks_invited(question.step)));
    CHECK(ask(question, WordKind::authority, nullptr, before_approval));
    CHECK(ask(question, WordKind::existence, nullptr));
    if (request.expected_version != 0 && request.expected_version != dossier.version)
        return Error{
            ErrorCode::version_conflict,
            fmt::format("{} is at version {}, not {}", dossier.id, dossier.version, request.expected_version),
            {},
            {},
            "read the dossier again"};
    CHECK(check_state(procedure, question.step, dossier));
    CHECK(ask(question, WordKind::state, nullptr));
    CHECK(check_date(question, previous_day(dossier)));
    CHECK(ask(question, WordKind::time, nullptr));
    CHECK(check_content(question));
    return role;
}

/// The form over the attributes: what conditions of clock effects read.
facts::Form merged(const facts::Form& attributes, const facts::Form& form) {
    facts::Form out = attributes;
    for (const auto& [field, value] : form) out.insert_or_assign(field, value);
    return out;
}

Result<const law::Step*> step_of(const law::Procedure& procedure, std::string_view step,
                                 std::string_view state) {
    if (const law::Step* found = procedure.find_step(step)) return found;
    std::vector<std::string> steps;
    for (const law::Step& one : procedure.steps)
        if (std::ranges::find(one.from, state) != one.from.end()) steps.push_back(one.id);
    return Error{ErrorCode::step_unknown,
                 fmt::format("{} has no step '{}'", procedure.id, step),
                 {},
                 join(procedure.law, ", "),
                 steps.empty() ? "" : fmt::format("possible now: {}", join(steps, ", "))};
}

Error no_approval(const law::Step& step) {
    return {ErrorCode::condition_unmet,
            fmt::format("{} needs no approval", step.id),
            {},
            join(step.law, ", "),
            "take the step",
            "“" + step.zh + "”无须他人批准",
            "直接办理即可"};
}

/// "city-2025-risk-00009" → "city-2025-risk-00010"
std::string next_id(const std::string& id) {
    const auto digits = id.find_last_not_of("0123456789") + 1;
    const std::int64_t number = parse_integer(std::string_view(id).substr(digits)).value_or(0);
    return fmt::format("{}{:0{}}", id.substr(0, digits), number + 1, id.size() - digits);
}

template <class T>
void append_new(std::vector<T>& list, const std::vector<T>& more) {
    for (const T& one : more)
        if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

}  // namespace

std::vector<std::string> approval_roles(const law::Step& step) {
    std::vector<std::string> roles;
    for (const law::Guard& guard : step.guards)
        if (guard.word == law::WordId::approved_by) roles.push_back(guard.arguments[0]);
    return roles;
}

Result<std::vector<Offer>> Engine::offers(const journal::Reader& reader, const facts::DossierRow& dossier,
                                          const Actor& actor, bool all) const {
    const law::Procedure& procedure = *TRY(law_->procedure(dossier.procedure, dossier.law_on));
    const Date today = actor.now.date();
    std::vector<Offer> offers;
    for (const law::Step& step : procedure.steps) {
        const bool here = std::ranges::find(step.from, dossier.state) != step.from.end();
        if (!here && !all) continue;
        Offer offer{&step, {}, {}};
        const Question question{reader, *law_, step, dossier, actor, nullptr, nullptr, today, actor.now};
        const auto possible = [&]() -> Result<void> {
            TRY(check_authority(reader, dossier, actor, step.by, {}, question.citation(), today,
                                asks_invited(step)));
            CHECK(ask(question, WordKind::authority, &offer.needs));
            CHECK(ask(question, WordKind::existence, &offer.needs));
            CHECK(check_state(procedure, step, dossier));
            CHECK(ask(question, WordKind::state, &offer.needs));
            CHECK(check_date(question, previous_day(dossier)));
            CHECK(ask(question, WordKind::time, &offer.needs));
            for (const law::Field& field : step.form)
                if (field.required) offer.needs.push_back(fmt::format("given({})", field.id));
            CHECK(ask(question, WordKind::content, &offer.needs));
            return {};
        }();
        if (!possible) {
            if (possible.error().info().kind != ErrorKind::refusal) return possible.error();
            offer.refusal = possible.error();
            offer.needs.clear();
        }
        std::vector<std::string> once;
        append_new(once, offer.needs);
        offer.needs = std::move(once);
        offers.push_back(std::move(offer));
    }
    return offers;
}

Result<facts::Fact> Engine::take(const journal::Reader& reader, const facts::DossierRow& dossier,
                                 const Actor& actor, std::string_view step_id, const Request& request) const {
    const law::Procedure& procedure = *TRY(law_->procedure(dossier.procedure, dossier.law_on));
    const law::Step& step = *TRY(step_of(procedure, step_id, dossier.state));
    const Date today = actor.now.date();
    const Date on = request.happened_on.value_or(today);
    const facts::Form form = without_empty(request.form);
    const Question question{reader,   *law_, step,
                            dossier,  actor, &form,
                            &request, on,    on == today ? std::optional(actor.now) : std::nullopt};

    std::string role = TRY(check_taking(procedure, question, false));
    auto clocks = clock_changes(*law_, dossier, step.clocks, merged(dossier.attributes, form), on);
    if (!clocks) return cited(clocks.error(), question.citation());

    facts::StepTaken taken;
    taken.procedure = procedure.id;
    taken.step = step.id;
    taken.to = step.to.empty() ? dossier.state : step.to;
    taken.role = std::move(role);
    if (actor.person != system_person) taken.officers.push_back(actor.person);
    append_new(taken.officers, request.officers);
    taken.form = form;
    append_new(taken.documents, step.documents);
    append_new(taken.documents, request.documents);
    taken.evidence = request.evidence;
    taken.clocks = std::move(*clocks);
    return facts::Fact{on, dossier.organisation, actor.person, static_cast<std::uint64_t>(dossier.seq),
                       std::move(taken)};
}

Result<void> ready_for_approval(const Engine& engine, const journal::Reader& reader,
                                const facts::DossierRow& dossier, const Actor& actor,
                                std::string_view step_id, const Request& request) {
    const law::Law& law = engine.law();
    const law::Procedure& procedure = *TRY(law.procedure(dossier.procedure, dossier.law_on));
    const law::Step& step = *TRY(step_of(procedure, step_id, dossier.state));
    if (approval_roles(step).empty()) return no_approval(step);
    const Date today = actor.now.date();
    const Date on = request.happened_on.value_or(today);
    const facts::Form form = without_empty(request.form);
    const Question question{reader,   law,   step,
                            dossier,  actor, &form,
                            &request, on,    on == today ? std::optional(actor.now) : std::nullopt};
    TRY(check_taking(procedure, question, true));
    return {};
}

Result<facts::Fact> Engine::approve(const journal::Reader& reader, const facts::DossierRow& dossier,
                                    const Actor& actor, std::string_view step_id,
                                    const facts::Form& filled) const {
    const law::Procedure& procedure = *TRY(law_->procedure(dossier.procedure, dossier.law_on));
    const law::Step& step = *TRY(step_of(procedure, step_id, dossier.state));
    const Date today = actor.now.date();
    const facts::Form form = without_empty(filled);
    const std::vector<std::string> roles = approval_roles(step);
    if (roles.empty()) return no_approval(step);
    const std::string citation = join(step.law, ", ");
    std::string role = TRY(check_authority(reader, dossier, actor, roles, {}, citation, today));
    CHECK(check_state(procedure, step, dossier));
    std::vector<Problem> problems;
    CHECK(check_form(reader, *law_, step.form, form, dossier.law_on, today, problems));
    CHECK(refuse_all(std::move(problems), citation));
    facts::ApprovalGiven approval{step.id, std::move(role), Bytes(bytes_of(facts::digest_of_form(form)))};
    return facts::Fact{today, dossier.organisation, actor.person, static_cast<std::uint64_t>(dossier.seq),
                       std::move(approval)};
}

Result<facts::Fact> Engine::recuse(const journal::Reader& reader, const facts::DossierRow& dossier,
                                   const Actor& actor, std::string_view person,
                                   std::string_view reason) const {
    const Date today = actor.now.date();
    if (actor.person == person)
        return Error{ErrorCode::same_person,
                     "nobody decides on his own recusal",
                     {},
                     "APL 43",
                     "the head decides; on the head the superior"};
    TRY(check_authority(reader, dossier, actor, {"head_of_authority", "superior"}, {}, "APL 43", today));
    CHECK(registry::person_on(reader, person, today));
    if (std::ranges::find(dossier.recused, person) != dossier.recused.end())
        return Error{
            ErrorCode::step_repeated, fmt::format("{} is recused already", person), {}, "APL 43", {}};
    if (trim(reason).empty())
        return Error{ErrorCode::field_missing, "a recusal has a reason", "reason", "APL 43", "give reason"};
    return facts::Fact{today, dossier.organisation, actor.person, static_cast<std::uint64_t>(dossier.seq),
                       facts::PersonRecused{std::string(person), std::string(reason)}};
}

/// The dossiers an automatic step proposes. Ids dealt in one tick do not meet: none of its facts is in the
/// journal yet. One that cannot be opened (its operator has left the registry) stops nobody else's time: the
/// step stands, and officials open what they hold to be right.
Result<void> Engine::propose(const journal::Reader& reader, const facts::DossierRow& source,
                             const law::Step& step, const Actor& actor,
                             std::vector<facts::Fact>& into) const {
    for (const law::Proposal& proposal : step.proposes) {
        const law::Procedure& procedure = *TRY(law_->procedure(proposal.procedure, actor.now.date()));
        Opening opening{.procedure = proposal.procedure,
                        .title = source.title,
                        .operator_id = source.operator_id,
                        .category = source.category,
                        .campaign = source.campaign,
                        .organisation = source.organisation,
                        .state = proposal.state,
                        .source = static_cast<std::uint64_t>(source.seq)};
        for (const auto& [field, text] : proposal.form) {
            const auto declared = std::ranges::find(procedure.form, field, &law::Field::id);
            opening.form.emplace(
                field, value_of_text(declared == procedure.form.end() ? nullptr : &*declared, text));
        }
        Result<facts::Fact> fact = open(reader, actor, opening);
        if (!fact && fact.error().info().kind == ErrorKind::refusal) continue;
        if (!fact) return fact.error();
        std::string& id = std::get<facts::DossierOpened>(fact->payload).id;
        while (std::ranges::any_of(into, [&](const facts::Fact& other) {
            const auto* opened = std::get_if<facts::DossierOpened>(&other.payload);
            return opened && opened->id == id;
        }))
            id = next_id(id);
        into.push_back(std::move(*fact));
    }
    return {};
}

Result<std::vector<facts::Fact>> Engine::tick(const journal::Reader& reader, Date date) const {
    using journal::Compare;
    std::vector<facts::Fact> facts{facts::Fact{date, {}, std::string(system_person), 0, facts::Tick{date}}};
    const Actor actor = TRY(actor_of(reader, system_person, start_of(date)));
    std::vector<std::string> seen;  // a procedure may have several dated texts
    std::vector<std::int64_t> moved;
    for (const law::Procedure& procedure : law_->procedures()) {
        std::vector<journal::Key> states;
        bool by_clock =
            true;  // every automatic step waits for a limit: only dossiers past a due date can move
        for (const law::Step& step : procedure.steps) {
            if (!step.automatic) continue;
            for (const std::string& state : step.from) states.emplace_back(state);
            by_clock = by_clock && std::ranges::any_of(step.guards, [](const auto& guard) {
                           return guard.word == law::WordId::after;
                       });
        }
        if (states.empty()) continue;
        std::vector<journal::Condition> where{{"procedure", Compare::equal, {procedure.id}},
                                              {"state", Compare::one_of, std::move(states)}};
        if (by_clock) {
            where.push_back({"due", Compare::greater, {std::int64_t{0}}});
            where.push_back({"due", Compare::less_equal, {std::int64_t{date.days}}});
        }
        CHECK(each_dossier(reader, std::move(where), [&](const facts::DossierRow& row) -> Result<void> {
            if (!row.open || std::ranges::find(moved, row.seq) != moved.end()) return {};
            const law::Procedure& own = *TRY(law_->procedure(row.procedure, row.law_on));
            if (&own != &procedure) return {};
            for (const law::Step& step : own.steps) {
                if (!step.automatic) continue;
                auto fact = take(reader, row, actor, step.id, {});
                if (!fact && fact.error().info().kind != ErrorKind::refusal) return fact.error();
                if (!fact) continue;
                facts.push_back(std::move(*fact));
                moved.push_back(row.seq);
                CHECK(propose(reader, row, step, actor, facts));
                break;
            }
            return {};
        }));
    }
    return facts;
}

}  // namespace qingyuan::act
