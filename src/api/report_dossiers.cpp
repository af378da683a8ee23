#include "api/report_dossiers.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

using facts::SafetyReportRow;

constexpr std::string_view procedure_id = "adverse_event";
constexpr std::string_view at_home = "CN";
constexpr std::size_t title_bytes_max = 150;

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string reporter_word(std::string_view source) {
    if (source == "持有人" || source == "生产企业" || source == "注册人") return "maker";
    if (source == "医疗机构") return "hospital";
    if (source == "经营企业") return "distributor";
    if (source == "个人") return "person";
    return "other";
}

/// Worse ones first; a word that is not here ranks last.
std::size_t rank_of(std::string_view word) {
    constexpr std::array<std::string_view, 8> order{"death",   "aefi_death", "aefi_disability", "aefi_group",
                                                    "serious", "social",     "possible",        "new"};
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), word) - order.begin());
}

std::string cut(std::string text) {
    if (text.size() <= title_bytes_max) return text;
    std::size_t end = title_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + "…";
}

std::string title_of(const SafetyReportRow& row) {
    const std::string product = row.products.empty() ? std::string() : row.products.front().name;
    return cut(fmt::format("{}：{}", product, join(row.reactions, "、")));
}

facts::Form opening_form(const SafetyReportRow& row, const facts::SubjectRef& patient,
                         const std::string& address) {
    facts::Form form{{"seriousness", limit_word(row)},
                     {"reaction", cut(join(row.reactions, "、"))},
                     {"reporter", reporter_word(row.source)},
                     {"report_number", row.number}};
    const auto give = [&](const char* field, const std::string& value) {
        if (!value.empty()) form.emplace(field, value);
    };
    if (!row.criteria.empty()) form.emplace("criteria", row.criteria);
    if (!patient.subject.empty()) form.emplace("patient", patient);
    if (row.onset_on.days != 0) form.emplace("onset_on", row.onset_on.text());
    if (!row.products.empty()) {
        give("product_name", row.products.front().name);
        give("batch_number", row.products.front().batch);
        give("no_batch", row.products.front().no_batch);
    }
    const bool serious = row.seriousness == "serious" || row.seriousness == "death";
    give("severity", row.is_new ? (serious ? "new_serious" : "new") : serious ? "serious" : "general");
    give("outcome", row.outcome);
    give("causality_reporter", row.causality);
    give("report_row", address);
    return form;
}

}  // namespace

std::string dossier_id(const SafetyReportRow& row) {
    return "ae-" + hex(sm3(row.case_id)).substr(0, 16);
}

std::string category_of(const SafetyReportRow& row) {
    return row.kind == "vaccine" || row.kind.empty() ? "drug" : row.kind;
}

std::string limit_word(const SafetyReportRow& row) {
    const std::string& word = row.seriousness;
    const bool abroad = !row.country.empty() && row.country != at_home;
    const bool severe = word == "death" || word == "serious";
    if (row.kind == "vaccine") {
        if (word.starts_with("aefi_")) return word;
        return word == "death"                   ? "aefi_death"
               : has(row.criteria, "disability") ? "aefi_disability"
                                                 : "aefi_other";
    }
    if (abroad && row.kind == "device") return "overseas";
    if (abroad && severe && category_of(row) == "drug") return "overseas";
    if (word.empty() || word == "general")
        return row.is_new && category_of(row) == "drug" ? "new" : "general";
    return word;
}

Result<std::optional<ReportClock>> clock_of(const law::Law& law, const SafetyReportRow& row, Instant now) {
    const auto procedure = law.procedure(procedure_id, row.first_known_on);
    if (!procedure) return std::optional<ReportClock>();
    const std::map<std::string, std::string, std::less<>> attributes{{"category", category_of(row)},
                                                                     {"seriousness", limit_word(row)},
                                                                     {"reporter", reporter_word(row.source)}};
    for (const law::ClockEffect& effect : (*procedure)->clocks) {
        const bool holds = std::all_of(effect.where.begin(), effect.where.end(), [&](const auto& condition) {
            const auto found = attributes.find(condition.first);
            return found != attributes.end() && found->second == condition.second;
        });
        if (!holds || effect.act != law::ClockAct::start) continue;
        const auto limit = law.limit(effect.limit, row.first_known_on);
        if (!limit) continue;
        ReportClock out{effect.limit, row.first_known_on, {}};
        const int value = static_cast<int>((*limit)->value.numerator() / (*limit)->value.denominator());
        if ((*limit)->unit == law::Unit::hour) {
            const Instant start = row.first_known_on == now.date() ? now : start_of(row.first_known_on);
            out.due = law::due_instant(start, value).text();
        } else if ((*limit)->unit == law::Unit::immediate || (*limit)->unit == law::Unit::prompt) {
            out.due = row.first_known_on.text();
        } else {
            out.due =
                TRY(law::due_date(law.calendar(), row.first_known_on, value, (*limit)->unit)).raw.text();
        }
        return std::optional(std::move(out));
    }
    return std::optional<ReportClock>();
}

bool product_is_known(const journal::Reader& reader, std::string_view approval) {
    for (const std::string_view prefix : {"", "国药准字"}) {
        if (!approval.starts_with(prefix)) continue;
        const auto row = reader.view<facts::ProductRow>().find(std::string(approval.substr(prefix.size())));
        if (row && *row) return true;
    }
    return false;
}

Result<std::optional<facts::DossierRow>> ReportDossiers::find(const std::string& id) {
    const auto known = TRY(writer_.view<facts::DossierRow>().list(
        {.where = {{.field = "id", .compare = journal::Compare::equal, .values = {id}}}, .limit = 1}));
    return known.empty() ? std::optional<facts::DossierRow>() : std::optional(known.front());
}

/// The organisation named, the regulator of the operator named, the authority of the place named, or nobody.
Result<std::string> ReportDossiers::route_of(const std::string& organisation, const std::string& city,
                                             Date on) {
    if (!organisation.empty()) {
        const auto known = TRY(registry::find_organisation(writer_, organisation, on));
        if (known && known->kind == "authority") return known->id;
        std::string firm;
        if (TRY(registry::find_operator(writer_, organisation, on))) firm = organisation;
        if (firm.empty()) {
            journal::Query query{.where = {{"name", journal::Compare::equal, {organisation}}}, .limit = 1};
            const auto rows = TRY(writer_.view<facts::OperatorRow>().list(query));
            if (!rows.empty()) firm = rows.front().id;
        }
        if (!firm.empty())
            if (const auto regulator = registry::primary_regulator(writer_, firm, on)) {
                operators_[organisation] = firm;
                return regulator->id;
            }
    }
    for (const law::Region& region : engine_.law().regions()) {
        if (city.empty() || (region.code != city && region.name != city) || !region.in_force.holds(on))
            continue;
        const auto rows = TRY(writer_.view<facts::OrganisationRow>().list(
            {.where = {{"region", journal::Compare::equal, {region.code}}}, .limit = 20}));
        for (const facts::OrganisationRow& row : rows) {
            const auto found = TRY(registry::find_organisation(writer_, row.id, on));
            if (found && found->kind == "authority" &&
                (found->department == "drug_regulator" || found->department == "market_regulator"))
                return found->id;
        }
    }
    return std::string();
}

Result<std::string> ReportDossiers::route(const SafetyReportRow& row) {
    const auto [at, is_new] = routes_.try_emplace({row.organisation, row.city});
    if (is_new) at->second = TRY(route_of(row.organisation, row.city, actor_.now.date()));
    if (!at->second.empty()) return at->second;
    return actor_.organisation.empty() ? default_organisation_ : actor_.organisation;
}

Result<facts::DossierRow> ReportDossiers::take(const facts::DossierRow& dossier, std::string_view step,
                                               facts::Form form, std::optional<Date> on) {
    act::Request request;
    request.form = std::move(form);
    request.happened_on = on;
    TRY(writer_.append(TRY(engine_.take(writer_, dossier, actor_, step, request))));
    auto row = TRY(writer_.view<facts::DossierRow>().find(dossier.seq));
    if (!row) return Error{ErrorCode::dossier_unknown, dossier.id};
    return std::move(*row);
}

Result<void> ReportDossiers::open(const SafetyReportRow& row, const facts::SubjectRef& patient,
                                  ReportOutcome& outcome) {
    act::Engine::Opening opening{.procedure = std::string(procedure_id),
                                 .id = dossier_id(row),
                                 .title = title_of(row),
                                 .category = category_of(row),
                                 .organisation = TRY(route(row))};
    if (const auto firm = operators_.find(row.organisation); firm != operators_.end())
        opening.operator_id = firm->second;
    opening.form = opening_form(row, patient, outcome.address);
    opening.happened_on = row.first_known_on;
    const auto opened = TRY(writer_.append(TRY(engine_.open(writer_, actor_, opening))));
    const auto dossier = TRY(writer_.view<facts::DossierRow>().find(static_cast<std::int64_t>(opened.seq)));
    if (!dossier) return Error{ErrorCode::dossier_unknown, opening.id};
    outcome.dossier = dossier->id;
    ++opened_;
    TRY(take(*dossier, "submit",
             {{"minimum", std::vector<std::string>{"patient", "reporter", "product", "event"}}}));
    return {};
}

Result<void> ReportDossiers::follow(const SafetyReportRow& row, facts::DossierRow dossier,
                                    ReportOutcome& outcome) {
    outcome.dossier = dossier.id;
    if (!dossier.open) {
        outcome.no_dossier = info(ErrorCode::wrong_state).name;
        return {};
    }
    if (row.action == "nullification") {
        TRY(take(dossier, "nullify", {{"nullify_row", outcome.address}}));
        return {};
    }
    if (dossier.state == "draft" || dossier.state == "returned") {
        TRY(take(dossier, "submit",
                 {{"minimum", std::vector<std::string>{"patient", "reporter", "product", "event"}}}));
        return {};
    }
    const std::string word = limit_word(row);
    if (rank_of(word) < rank_of(facts::text_of(dossier.attributes, "seriousness"))) {
        facts::Form form{{"seriousness", word}};
        if (!row.outcome.empty()) form.emplace("outcome", row.outcome);
        dossier = TRY(take(dossier, "worsen", std::move(form)));
    }
    dossier = TRY(take(dossier, "follow_up", {{"information", "版本 " + row.info_at}}));
    TRY(take(dossier, "submit_follow_up", {{"follow_up_row", outcome.address}}));
    return {};
}

Result<void> ReportDossiers::act_on(const SafetyReportRow& row, const facts::SubjectRef& patient,
                                    ReportOutcome& outcome) {
    const auto known = TRY(find(dossier_id(row)));
    Result<void> done;
    if (outcome.standing == observe::ReportStanding::fresh && !known)
        done = open(row, patient, outcome);
    else if (known && (outcome.standing == observe::ReportStanding::follow_up ||
                       outcome.standing == observe::ReportStanding::nullifies))
        done = follow(row, *known, outcome);
    if (done) return {};
    // The law says no: the row is kept all the same, and says so.
    if (info(done.error().code).kind != ErrorKind::refusal) return done;
    outcome.no_dossier = info(done.error().code).name;
    return {};
}

}  // namespace qingyuan::api
