// Steps, guards and offers in words.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/present.hpp"
#include "api/refusal_words.hpp"
#include "law/words.hpp"

namespace qingyuan::api {

namespace {

std::string_view act_text(law::ClockAct act) {
    constexpr std::string_view names[] = {"start", "stop", "suspend", "resume", "extend"};
    return names[static_cast<std::size_t>(act)];
}

}  // namespace

Json Presenter::clock_effect(const law::ClockEffect& effect) const {
    facts::ClockChange change{
        .limit = effect.limit, .change = std::string(act_text(effect.act)), .value = 0, .unit = {}};
    if (const auto limit = services_->law.limit(effect.limit, today())) {
        if (effect.act == law::ClockAct::start && (*limit)->value.is_whole()) {
            change.value = (*limit)->value.numerator();
            change.unit = law::text_of((*limit)->unit);
        } else if (effect.act == law::ClockAct::extend && (*limit)->ext_value.is_whole()) {
            change.value = (*limit)->ext_value.numerator();
            change.unit = law::text_of((*limit)->ext_unit);
        }
    }
    return clock_change(change);
}

Json Presenter::actor(const act::Actor& actor) {
    Json roles = Json::array();
    for (const std::string& id : actor.roles) roles.push_back(role(id));
    Json out = person(actor.person);
    out["organisation"] = organisation(actor.organisation);
    out["roles"] = std::move(roles);
    return out;
}

Json Presenter::offer(const law::Procedure& procedure, const act::Offer& offer,
                      const facts::DossierRow& dossier) const {
    const law::Step& step = *offer.step;
    int officers = 0;
    Json approval = nullptr;
    for (const law::Guard& guard : step.guards) {
        if (guard.word == law::WordId::officers)
            officers = std::max(officers, std::atoi(guard.arguments[0].c_str()));
        if (guard.word == law::WordId::approved_by) approval = role(guard.arguments[0]);
    }
    Json needs = needs_json(services_->law, procedure, step, offer.needs);
    Json form = Json::array();
    for (const law::Field& declared : step.form) {
        Json item = field(declared);
        // What the law wants whole is confirmed as one: to leave a word out is another step.
        item["whole"] = std::ranges::any_of(step.guards, [&](const law::Guard& guard) {
            return guard.word == law::WordId::all_of && guard.arguments[0] == declared.id &&
                   guard.arguments[1] == declared.vocabulary;
        });
        if (const facts::Value* known = facts::find(dossier.attributes, declared.id))
            std::visit(
                [&](const auto& held) {
                    if constexpr (!std::is_same_v<std::decay_t<decltype(held)>, facts::SubjectRef>)
                        item["value"] = held;
                },
                *known);
        form.push_back(std::move(item));
    }
    Json by = Json::array();
    for (const std::string& id : step.by) by.push_back(role(id));
    Json documents = Json::array();
    for (const std::string& id : step.documents) documents.push_back(document(id));
    Json clocks = Json::array();
    for (const law::ClockEffect& effect : step.clocks) clocks.push_back(clock_effect(effect));
    Json opens = nullptr;
    if (!step.opens.empty())
        if (const auto opened = services_->law.procedure(step.opens, today()))
            opens = this->procedure(**opened);
    Json to = nullptr;
    if (!step.to.empty()) to = state(procedure, step.to);
    return {{"step", step.id},
            {"zh", step.zh},
            {"en", step.en},
            {"refusal", nullptr},
            {"needs", std::move(needs)},
            {"form", std::move(form)},
            {"officers", officers},
            {"by", std::move(by)},
            {"to", std::move(to)},
            {"law", citations(step.law)},
            {"documents", std::move(documents)},
            {"clocks", std::move(clocks)},
            {"opens", std::move(opens)},
            {"approval", std::move(approval)},
            {"automatic", step.automatic}};
}

}  // namespace qingyuan::api
