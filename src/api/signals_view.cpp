#include "api/signals_view.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_view.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

Result<SignalView> SignalView::open(const Call& call, const journal::Reader& reader) {
    if (!call.services.signals) {
        call.decided = true;
        return Error{ErrorCode::store_unavailable,
                     "this server was started without its safety reports",
                     "signals",
                     {},
                     "look at what it said when it started",
                     "本服务器未能读入安全性报告",
                     "请查看启动时的提示"};
    }
    return SignalView(call, reader, *call.services.signals,
                      Places(call, reader, call.scope(access::Kind::signal)));
}

Answer with_signals(const Call& call, const std::function<Answer(SignalView&)>& use) {
    Answer out = Error{ErrorCode::undecided, "nothing was answered"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        SignalView view = TRY(SignalView::open(call, reader));
        out = use(view);
        return {};
    }));
    return out;
}

Result<void> Places::note(std::string_view what, std::int64_t count) const {
    if (!scope_.note) return {};
    return call_->note(what, count);
}

Result<const ReporterPlace*> Places::reporter(const std::string& organisation) {
    const auto known = known_.find(organisation);
    if (known != known_.end()) return &known->second;
    ReporterPlace out{.name = organisation, .path = {}};
    std::string regulator = organisation;
    if (const auto row = TRY(registry::find_operator(*reader_, organisation, call_->now.date()))) {
        if (!row->name.empty()) out.name = row->name;
        if (auto primary = registry::primary_regulator(*reader_, organisation, call_->now.date()))
            regulator = primary->id;
    } else if (const auto one = TRY(registry::find_organisation(*reader_, organisation, call_->now.date()))) {
        out.name = one->name;
    }
    if (const auto at = TRY(reader_->view<facts::PlaceRow>().find(regulator))) out.path = at->path;
    return &known_.emplace(organisation, std::move(out)).first->second;
}

Result<bool> Places::sees(const std::string& organisation) {
    if (scope_.everything || std::ranges::find(scope_.operators, organisation) != scope_.operators.end())
        return true;
    const std::string& path = TRY(reporter(organisation))->path;
    // Of a reporter nobody knows the head of the tree looks after the report.
    if (path.empty())
        return std::ranges::any_of(scope_.prefixes,
                                   [](const std::string& one) { return one.find('/') == one.size() - 1; });
    return std::ranges::any_of(scope_.prefixes,
                               [&](const std::string& prefix) { return path.starts_with(prefix); }) ||
           std::ranges::any_of(scope_.places, [&](const access::Place& place) { return place.path == path; });
}

Json number_json(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

void add_measures(Json& json, const assess::Measures& m) {
    json["n"] = m.counts.n;
    json["n_product"] = m.counts.product;
    json["n_reaction"] = m.counts.reaction;
    json["n_total"] = m.counts.total;
    json["expected"] = number_json(m.expected);
    json["rr"] = number_json(m.rr);
    json["prr"] = number_json(m.prr);
    json["prr_infinite"] = std::isinf(m.prr);
    json["prr_lower"] = number_json(m.prr_lower);
    json["prr_upper"] = number_json(m.prr_upper);
    json["ror"] = number_json(m.ror);
    json["ror_infinite"] = std::isinf(m.ror);
    json["ror_lower"] = number_json(m.ror_lower);
    json["ror_upper"] = number_json(m.ror_upper);
    json["chi2_yates"] = number_json(m.chi2_yates);
    json["fisher_p"] = number_json(m.fisher_p);
    json["ic"] = number_json(m.ic);
    json["ic025"] = number_json(m.ic025);
    json["ic975"] = number_json(m.ic975);
    json["ebgm"] = number_json(m.ebgm);
    json["eb05"] = number_json(m.eb05);
    json["eb95"] = number_json(m.eb95);
}

namespace {

Json date_json(const std::optional<Date>& date) {
    return date ? Json(date->text()) : Json(nullptr);
}

}  // namespace

Result<Json> SignalView::case_json(const SignalState& state, std::uint32_t place) {
    const facts::SafetyReport& one = state.cases[place];
    if (!TRY(sees(one.organisation))) return Json(nullptr);
    Json products = Json::array(), batches = Json::array();
    for (const facts::SuspectProduct& product : one.products) {
        products.push_back(product.name);
        if (!product.batch.empty()) batches.push_back(product.batch);
    }
    return Json{{"number", one.number},
                {"received_on", date_json(one.received_on)},
                {"onset_on", date_json(one.onset_on)},
                {"sex", one.sex},
                {"age_years", one.age_years ? Json(*one.age_years) : Json(nullptr)},
                {"products", std::move(products)},
                {"batches", std::move(batches)},
                {"reactions", one.reactions},
                {"seriousness", one.seriousness},
                {"outcome", one.outcome},
                {"causality", one.causality},
                {"organisation", one.organisation},
                {"organisation_name", TRY(reporter(one.organisation))->name},
                {"papers", state.papers[place].size()},
                {"dossier", nullptr}};
}

Result<void> SignalView::add_dossier(Json& json, const std::string& id) const {
    json["dossier"] = nullptr;
    json["dossier_state"] = nullptr;
    json["dossier_state_name"] = nullptr;
    for (int i = 1;; ++i) {  // a signal that came back has a second dossier
        const auto known = TRY(reader_->view<facts::DossierRow>().list(
            {.where = {{.field = "id",
                        .compare = journal::Compare::equal,
                        .values = {i == 1 ? id : fmt::format("{}-{}", id, i)}}},
             .limit = 1}));
        if (known.empty()) return {};
        json["dossier"] = known.front().id;
        json["dossier_state"] = known.front().state;
        json["dossier_state_name"] = known.front().state;
        if (const auto procedure = desk_->law().procedure("signal", known.front().law_on))
            if (const law::State* state = (*procedure)->find_state(known.front().state))
                json["dossier_state_name"] = call_->english ? state->en : state->zh;
    }
}

Result<Json> SignalView::as_of(const SignalState& state, const assess::SignalTable* table) const {
    Json out{{"seq", state.set->seq},
             {"judged", nullptr},
             {"reports", state.set->reports.size()},
             {"cases", state.cases.size()},
             {"duplicates", state.duplicates()},
             {"products", table ? table->products.size() : 0},
             {"reactions", table ? table->reactions.size() : 0},
             {"pairs", table ? table->rows.size() : 0},
             {"theta", nullptr},
             {"negative_log_likelihood", nullptr},
             {"points", nullptr},
             {"fit", nullptr}};
    if (const auto judged = desk_->judgements(); !judged.empty())
        out["judged"] = time_json(judged.back().fact.at_ms);
    if (!table) return out;
    if (!table->fit) {
        out["fit"] = table->no_fit;
        return out;
    }
    const assess::Theta& theta = table->fit->theta;
    out["theta"] = {theta.alpha1, theta.beta1, theta.alpha2, theta.beta2, theta.p};
    out["negative_log_likelihood"] = table->fit->negative_log_likelihood;
    out["points"] = table->fit->points;
    return out;
}

std::string SignalView::reaction_name(std::string_view reaction, assess::ReactionLevel level) const {
    if (level == assess::ReactionLevel::term) return std::string(reaction);
    if (const law::Vocabulary* families = desk_->law().find_vocabulary("reaction_family"))
        if (const law::Word* word = families->find(reaction)) return call_->english ? word->en : word->zh;
    return std::string(reaction);
}

Result<assess::SignalLevel> level_of(const Call& call) {
    assess::SignalLevel out;
    if (const auto kind = call.parameter("kind"); !kind.empty()) out.kind = kind;
    if (out.kind != "drug" && out.kind != "device" && out.kind != "cosmetic" && out.kind != "vaccine")
        return Error{ErrorCode::usage,     "kind is drug, device, cosmetic or vaccine", "kind",          {},
                     "choose one of them", "类别应为药品、器械、化妆品或者疫苗",        "请选择其中之一"};
    if (const auto level = call.parameter("level"); !level.empty())
        out.product = TRY(assess::wanted_product_level(level));
    if (const auto level = call.parameter("reactions"); !level.empty())
        out.reaction = TRY(assess::wanted_reaction_level(level));
    return out;
}

namespace {

std::string_view sign_of(law::Comparison comparison) {
    switch (comparison) {
        case law::Comparison::at_least: return "≥";
        case law::Comparison::above: return ">";
        case law::Comparison::at_most: return "≤";
        case law::Comparison::below: break;
    }
    return "<";
}

}  // namespace

std::string condition_text(const law::SignalCondition& condition) {
    using Kind = law::SignalCondition::Kind;
    if (condition.kind == Kind::measure)
        return fmt::format("{} {} {}", law::signal_measures[condition.measure], sign_of(condition.comparison),
                           static_cast<double>(condition.threshold.numerator()) /
                               static_cast<double>(condition.threshold.denominator()));
    std::vector<std::string> parts;
    for (const law::SignalCondition& one : condition.of)
        parts.push_back(one.kind == Kind::measure ? condition_text(one) : "(" + condition_text(one) + ")");
    return join(parts, condition.kind == Kind::all_of ? " ∧ " : " ∨ ");
}

}  // namespace qingyuan::api
