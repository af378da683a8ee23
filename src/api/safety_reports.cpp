// Safety reports as the bureau, a hospital or a holder sees them: the list, one report with its versions and
// its causality side by side, the coding of products.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/paging.hpp"
#include "api/safety_reports_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::array<std::string_view, 5> states{"all", "returned", "waiting", "reviewed", "uncoded"};

struct Filter {
    std::string kind, state = "all", organisation, product, reaction, search;
};

Result<Filter> filter_of(const Call& call) {
    Filter out{.kind = std::string(call.parameter("kind")),
               .organisation = std::string(call.parameter("organisation")),
               .product = std::string(call.parameter("product")),
               .reaction = std::string(call.parameter("reaction")),
               .search = std::string(call.parameter("search"))};
    if (const auto state = call.parameter("state"); !state.empty()) out.state = state;
    if (std::ranges::find(states, out.state) == states.end())
        return Error{ErrorCode::usage,
                     fmt::format("there is no state '{}'", out.state),
                     "state",
                     {},
                     "one of returned, waiting, reviewed, uncoded, all",
                     fmt::format("没有“{}”这一状态", out.state),
                     "可选 returned、waiting、reviewed、uncoded、all"};
    return out;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

bool matches(const facts::SafetyReportRow& row, const Filter& filter) {
    if (!filter.kind.empty() && row.kind != filter.kind) return false;
    if (!filter.organisation.empty() && row.organisation != filter.organisation) return false;
    if (!filter.reaction.empty() && !has(row.reactions, filter.reaction)) return false;
    const auto names = [&](const auto& wanted) { return std::ranges::any_of(row.products, wanted); };
    if (!filter.product.empty() && !names([&](const auto& one) { return one.name == filter.product; }))
        return false;
    if (filter.search.empty()) return true;
    const auto found = [&](const std::string& text) { return text.find(filter.search) != std::string::npos; };
    return found(row.number) || std::ranges::any_of(row.reactions, found) ||
           names([&](const auto& one) { return found(one.name) || found(one.batch); });
}

/// Does the dossier of the report stand where the filter asks?
bool is_in_state(std::string_view wanted, const facts::DossierRow* dossier, bool uncoded) {
    if (wanted == "all") return true;
    if (wanted == "uncoded") return uncoded;
    if (!dossier) return false;
    if (wanted == "returned") return dossier->state == "returned";
    if (wanted == "waiting") return dossier->state == "submitted";
    return dossier->state != "returned" && dossier->state != "submitted" && dossier->state != "draft";
}

}  // namespace

Answer safety_reports(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    const std::uint64_t from = TRY(rows_before(call));
    const Filter filter = TRY(filter_of(call));
    return with_reports(call, [&](ReportView& view) -> Answer {
        std::vector<const ReportView::Shown*> rows;
        std::uint64_t uncoded = 0, returned = 0;
        for (const ReportView::Shown& one : view.all()) {
            if (!matches(one.row, filter) || !TRY(view.sees(one.row.organisation))) continue;
            const facts::DossierRow* dossier = view.dossier(one.row);
            uncoded += one.uncoded;
            returned += dossier && dossier->state == "returned";
            if (is_in_state(filter.state, dossier, one.uncoded)) rows.push_back(&one);
        }
        Json items = Json::array();
        for (std::size_t i = from; i < rows.size() && items.size() < limit; ++i)
            items.push_back(TRY(view.row_json(*rows[i])));
        const std::size_t end = from + items.size();
        CHECK(view.note("safety reports", static_cast<std::int64_t>(items.size())));
        return json_response({{"items", std::move(items)},
                              {"next", end < rows.size() ? Json(std::to_string(end)) : Json(nullptr)},
                              {"total", rows.size()},
                              {"uncoded", uncoded},
                              {"returned", returned}});
    });
}

Answer safety_report(const Call& call) {
    return with_reports(call, [&](ReportView& view) -> Answer {
        const ReportView::Shown* one = TRY(view.wanted(call.path.at("number")));
        Json out = TRY(view.whole_json(*one));
        CHECK(view.note("safety report " + one->row.number));
        return json_response(out);
    });
}

Answer code_report(const Call& call) {
    const Json body = TRY(body_of(call, {"product", "position"}));
    const std::string product = TRY(wanted_in(body, "product"));
    const std::size_t position = body.contains("position") && body["position"].is_number_unsigned()
                                     ? body["position"].get<std::size_t>()
                                     : 0;
    facts::ProductCodedRow coding;
    const Answer allowed = with_reports(call, [&](ReportView& view) -> Answer {
        const ReportView::Shown* one = TRY(view.wanted(call.path.at("number")));
        if (position >= one->row.products.size())
            return Error{ErrorCode::usage, "the report has no such product",
                         "position",       {},
                         "count from 0",   "报告中没有该产品",
                         "请重新选择产品"};
        const facts::ReportedProductRow& reported = one->row.products[position];
        coding = TRY(view.coded_as(reported, product));
        return no_content();
    });
    if (!allowed) return allowed;
    const act::Actor actor = TRY(call.actor());
    TRY(call.services.reports->code({actor.person, home_of(call)}, coding));
    return with_reports(call, [&](ReportView& view) -> Answer {
        return json_response(TRY(view.whole_json(*TRY(view.wanted(call.path.at("number"))))));
    });
}

Answer sentinels(const Call& call) {
    return with_reports(call, [&](ReportView& view) -> Answer {
        const Date today = call.now.date();
        const auto number = [&](std::string_view id) -> Result<std::int64_t> {
            const Rational value = TRY(call.services.law.parameter(id, today));
            return value.numerator() / value.denominator();
        };
        const std::int64_t days = TRY(number("sentinel_silent_days"));
        Json sites = Json::array();
        std::uint64_t active = 0, silent = 0;
        auto states_now = TRY(call.services.reports->sentinels(today));
        std::ranges::stable_sort(states_now, std::greater(), &observe::SentinelState::silent_days);
        for (const observe::SentinelState& one : states_now) {
            ++active;
            silent += one.silent;
            if (!TRY(view.sees(one.site.site))) continue;
            sites.push_back(
                {{"organisation", one.site.site},
                 {"name", one.site.name},
                 {"kind", one.site.kind},
                 {"since", one.site.from.text()},
                 {"last_report_on", one.last_report ? Json(one.last_report->text()) : Json(nullptr)},
                 {"reports", one.cases},
                 {"silent_days", one.silent_days},
                 {"silent", one.silent}});
        }
        Json channels = Json::array();
        bool alarm = false;
        const law::Vocabulary* words = call.services.law.find_vocabulary("report_channels");
        for (const observe::ChannelShare& one :
             TRY(call.services.reports->channels(today.plus_months(-12), today))) {
            const law::Word* word = words ? words->find(one.channel) : nullptr;
            alarm = alarm || one.alarm;
            channels.push_back({{"source", one.channel},
                                {"name", !word          ? one.channel
                                         : call.english ? word->en
                                                        : word->zh},
                                {"reports", one.cases},
                                {"share", static_cast<double>(one.thousandths) / 1000}});
        }
        CHECK(view.note("sentinels", static_cast<std::int64_t>(sites.size())));
        return json_response(
            {{"active", active},
             {"target", TRY(number("sentinel_sites_target"))},
             {"silent", silent},
             {"silence_days", days},
             {"sites", std::move(sites)},
             {"channels", std::move(channels)},
             {"channel_alarm", alarm},
             {"channel_share_max", static_cast<double>(TRY(number("report_channel_percent"))) / 100}});
    });
}

}  // namespace qingyuan::api
