#include "api/safety_reports_view.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/report_dossiers.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t number_max = 100;

Json day_json(Date day) {
    return day.days == 0 ? Json(nullptr) : Json(day.text());
}

/// Where the report stands for whoever looks after it; one taken over with its review done is reviewed.
std::string_view standing_of(const ReportView::Shown& one, const facts::DossierRow* matter) {
    if (one.uncoded) return "uncoded";
    if (matter && matter->state == "returned") return "returned";
    return matter && (matter->state == "submitted" || matter->state == "draft") ? "waiting" : "reviewed";
}

/// The state of a dossier as people call it.
std::string state_name(const Call& call, const facts::DossierRow& matter) {
    const auto procedure = call.services.law.procedure(matter.procedure, matter.law_on);
    const law::State* state = procedure ? (*procedure)->find_state(matter.state) : nullptr;
    return !state ? matter.state : call.english ? state->en : state->zh;
}

Json decimal_json(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(std::strtod(text.c_str(), nullptr));
}

}  // namespace

Result<ReportView> ReportView::open(const Call& call, const journal::Reader& reader) {
    if (!call.services.reports) {
        call.decided = true;
        return Error{ErrorCode::store_unavailable,
                     "this server was started without its safety reports",
                     "reports",
                     {},
                     "look at what it said when it started",
                     "本服务器未能读入安全性报告",
                     "请查看启动时的提示"};
    }
    ReportView view(call, reader, Places(call, reader, call.scope(access::Kind::safety_report)));
    CHECK(view.read());
    return view;
}

Answer with_reports(const Call& call, const std::function<Answer(ReportView&)>& use) {
    Answer out = Error{ErrorCode::undecided, "nothing was answered"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        ReportView view = TRY(ReportView::open(call, reader));
        out = use(view);
        return {};
    }));
    return out;
}

/// The cases, and the dossiers of the reports that have one.
Result<void> ReportView::read() {
    for (const observe::UncodedProduct& one : TRY(call_->services.reports->uncoded()))
        uncoded_.emplace(one.name, one.approval, one.maker);
    CHECK(call_->services.reports->look([&](const observe::ReportArchive& archive) -> Result<void> {
        for (const auto& [id, one] : archive.cases()) {
            if (one.withdrawn) continue;
            Shown shown{.row = one.latest().row, .versions = one.versions.size()};
            for (const facts::ReportedProductRow& product : shown.row.products)
                shown.uncoded =
                    shown.uncoded || uncoded_.contains({product.name, product.approval, product.maker});
            all_.push_back(std::move(shown));
        }
        return {};
    }));
    std::ranges::stable_sort(all_, std::greater(), [](const Shown& one) { return one.row.received_on; });
    const journal::Query opened{
        .where = {{"procedure", journal::Compare::equal, {std::string("adverse_event")}}},
        .limit = UINT64_MAX};
    for (facts::DossierRow& row : TRY(reader_->view<facts::DossierRow>().list(opened)))
        dossiers_.emplace(row.id, std::move(row));
    if (call_->services.signals) {
        const auto state = TRY(call_->services.signals->state());
        for (const assess::DuplicateGroup& group : state->linkage.groups())
            for (const std::uint32_t member : group.members)
                if (member != group.first)
                    duplicate_of_[state->set->reports[member].number] =
                        state->set->reports[group.first].number;
    }
    return {};
}

const facts::DossierRow* ReportView::dossier(const facts::SafetyReportRow& row) const {
    const auto at = dossiers_.find(dossier_id(row));
    return at == dossiers_.end() ? nullptr : &at->second;
}

Result<const ReportView::Shown*> ReportView::wanted(std::string_view number) {
    for (const Shown& one : all_)
        if ((one.row.number == number || one.row.case_id == number) && TRY(sees(one.row.organisation)))
            return &one;
    return Error{ErrorCode::record_unknown,
                 fmt::format("there is no report '{}'", number.substr(0, number_max)),
                 {},
                 {},
                 "look it up in the list of reports",
                 fmt::format("没有“{}”这份报告", number.substr(0, number_max)),
                 "请在报告列表中查找"};
}

/// What the row itself shows to be missing, by the words and penalties of report_completeness.
Json ReportView::missing_json(const facts::SafetyReportRow& row) const {
    Json out = Json::array();
    const law::Vocabulary* words = call_->services.law.find_vocabulary("report_completeness");
    const auto say = [&](std::string_view field) {
        const law::Word* word = words ? words->find(field) : nullptr;
        if (!word) return;
        const auto penalty = word->more.find("penalty");
        const double weight =
            penalty == word->more.end() ? 0 : std::strtod(penalty->second.c_str(), nullptr) / 100;
        out.push_back(
            {{"field", field}, {"name", call_->english ? word->en : word->zh}, {"penalty", weight}});
    };
    if (row.onset_on.days == 0) say("time_to_onset");
    if (row.outcome.empty()) say("outcome");
    if (row.sex.empty()) say("sex");
    if (row.age_years.empty()) say("age");
    if (row.country.empty()) say("country");
    for (const facts::ReportedProductRow& product : row.products)
        if (product.batch.empty() && product.no_batch.empty()) {
            out.push_back({{"field", "batch"}, {"name", call_->english ? "Batch" : "批号"}, {"penalty", 0}});
            break;
        }
    return out;
}

Result<Json> ReportView::row_json(const Shown& one) {
    const facts::SafetyReportRow& row = one.row;
    Json products = Json::array();
    for (const facts::ReportedProductRow& product : row.products)
        products.push_back({{"name", product.name},
                            {"approval", product.approval},
                            {"maker", product.maker},
                            {"batch", product.batch},
                            {"coded", !uncoded_.contains({product.name, product.approval, product.maker})}});
    const facts::DossierRow* matter = dossier(row);
    const auto duplicate = duplicate_of_.find(row.number);
    Json out{
        {"number", row.number},
        {"case_id", row.case_id},
        {"version", one.versions},
        {"kind", row.kind},
        {"source", row.source},
        {"organisation", row.organisation},
        {"organisation_name", TRY(places_.reporter(row.organisation))->name},
        {"city", row.city},
        {"received_on", day_json(row.received_on)},
        {"known_on", day_json(row.first_known_on)},
        {"onset_on", day_json(row.onset_on)},
        {"products", std::move(products)},
        {"reactions", row.reactions},
        {"seriousness", row.seriousness},
        {"outcome", row.outcome},
        {"causality", row.causality},
        {"sex", row.sex},
        {"age_years", decimal_json(row.age_years)},
        {"completeness", static_cast<double>(row.completeness) / 1000},
        {"missing", missing_json(row)},
        {"state", standing_of(one, matter)},
        {"duplicate_of", duplicate == duplicate_of_.end() ? Json(nullptr) : Json(duplicate->second)},
        {"dossier", matter ? Json(matter->id) : Json(nullptr)},
        {"dossier_state", matter ? Json(state_name(*call_, *matter)) : Json(nullptr)},
        {"dossier_due", matter && matter->due != 0 ? Json(Date{static_cast<std::int32_t>(matter->due)}.text())
                                                   : Json(nullptr)},
        {"return_reason", nullptr}};
    if (matter && matter->state == "returned")
        out["return_reason"] = facts::text_of(matter->attributes, "return_reason");
    return out;
}

/// By whom the cause was judged: each keeps its own word.
Result<Json> ReportView::causalities_json(const Shown& one, const facts::DossierRow* matter) const {
    Json out = Json::array();
    const auto say = [&](std::string_view by, std::string_view zh, std::string_view en,
                         const std::string& value) {
        out.push_back({{"by", by}, {"name", call_->english ? en : zh}, {"value", value}, {"on", nullptr}});
    };
    say("reporter", "报告单位", "Reporter", one.row.causality);
    const auto of = [&](const char* field) {
        return matter ? facts::text_of(matter->attributes, field) : std::string();
    };
    say("holder", "持有人", "Holder", of("causality_holder"));
    say("county", "县级", "County", of("causality_county"));
    say("city", "市级", "City", of("causality_city"));
    say("province", "省级", "Province", of("causality_province"));
    return out;
}

Result<Json> ReportView::whole_json(const Shown& one) {
    Json out = TRY(row_json(one));
    out["weight_kg"] = decimal_json(one.row.weight_kg);
    out["causalities"] = TRY(causalities_json(one, dossier(one.row)));
    Json versions = Json::array();
    CHECK(call_->services.reports->look([&](const observe::ReportArchive& archive) -> Result<void> {
        if (const observe::ReportCase* found = archive.find(one.row.case_id))
            for (std::size_t i = 0; i < found->versions.size(); ++i) {
                const observe::ReportVersion& version = found->versions[i];
                versions.push_back({{"version", i + 1},
                                    {"received_on", day_json(version.row.received_on)},
                                    {"seq", version.address.seq},
                                    {"kind", version.row.action.empty() ? i == 0 ? "first" : "follow_up"
                                                                        : version.row.action}});
            }
        return {};
    }));
    out["versions"] = std::move(versions);
    return out;
}

Result<facts::ProductCodedRow> ReportView::coded_as(const facts::ReportedProductRow& reported,
                                                    const std::string& product) const {
    facts::ProductCodedRow out{.name = reported.name,
                               .approval = reported.approval,
                               .maker = reported.maker,
                               .coded_name = product,
                               .ingredient = {},
                               .coded_approval = reported.approval,
                               .coded_maker = reported.maker};
    if (const auto row = TRY(reader_->view<facts::ProductRow>().find(product))) {
        out.coded_name = row->name;
        out.coded_approval = row->id;
    }
    return out;
}

}  // namespace qingyuan::api
