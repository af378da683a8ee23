// qingyuan risk register: stages, lead times, what a period brought, what needs somebody now; and chains
// whose stores share a violation.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "assess/register.hpp"
#include "assess/risk_features.hpp"
#include "cli/assess.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string from, on;
};

ordered_json stages_json(const assess::RegisterView& view) {
    ordered_json out = ordered_json::object();
    for (const auto& [state, days] : view.stages)
        out[state] = {
            {"items", days.size()}, {"median_days", assess::median_of(days)}, {"most_days", days.back()}};
    return out;
}

ordered_json lead_json(const assess::RegisterView& view) {
    std::vector<std::int64_t> days;
    std::int64_t open = 0, harm = 0;
    ordered_json items = ordered_json::array();
    for (const assess::LeadTime& one : view.lead_times) {
        harm += one.harm_before;
        if (one.days())
            days.push_back(*one.days());
        else
            ++open;
        items.push_back(
            {{"item", one.item},
             {"origin", one.origin},
             {"first_signal", one.first_signal.text()},
             {"controlled_on", one.controlled_on ? ordered_json(one.controlled_on->text()) : nullptr},
             {"days", one.days() ? ordered_json(*one.days()) : nullptr},
             {"harm_before_control", one.harm_before}});
    }
    std::ranges::sort(days);
    return {{"controlled", days.size()},
            {"not_controlled", open},
            {"median_days", assess::median_of(days)},
            {"harm_before_control", harm},
            {"items", std::move(items)}};
}

ordered_json view_json(const assess::RegisterView& view) {
    ordered_json out{
        {"on", view.on.text()}, {"open", view.open}, {"closed", view.closed}, {"dismissed", view.dismissed}};
    out["stages"] = stages_json(view);
    out["lead_time"] = lead_json(view);
    out["period"] = ordered_json::array();
    for (const assess::PeriodItem& one : view.period)
        out["period"].push_back({{"item", one.item},
                                 {"operator", one.operator_id},
                                 {"hazard", one.hazard},
                                 {"level_before", one.level_before},
                                 {"level", one.level},
                                 {"flag", assess::text_of(one.flag)}});
    out["warnings"] = ordered_json::array();
    for (const assess::EarlyWarning& one : view.warnings)
        out["warnings"].push_back({{"item", one.item}, {"what", one.what}, {"since", one.since.text()}});
    return out;
}

void print_view(const assess::RegisterView& view) {
    fmt::print("{}  open {}  closed {}  dismissed {}\n", view.on.text(), view.open, view.closed,
               view.dismissed);
    for (const auto& [state, days] : view.stages)
        fmt::print("  {:<14} {:>5} items  median {} days\n", state, days.size(), assess::median_of(days));
    for (const assess::PeriodItem& one : view.period)
        fmt::print("  {:<11} {:<10} {:<20} {}\n", assess::text_of(one.flag), one.level, one.item, one.hazard);
    for (const assess::EarlyWarning& one : view.warnings)
        fmt::print("  warning {:<14} {:<20} since {}\n", one.what, one.item, one.since.text());
}

Result<void> show(Context& context, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const Date on = options.on.empty() ? workspace->clock().now().date() : TRY(parse_date(options.on));
    const Date from = options.from.empty() ? on.plus_months(-6) + 1 : TRY(parse_date(options.from));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const auto view = TRY(assess::view_register(reader, workspace->law(), from, on));
        if (context.json)
            fmt::print("{}\n", view_json(view).dump(2));
        else
            print_view(view);
        return {};
    });
}

Result<void> groups(Context& context, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const Date on = options.on.empty() ? workspace->clock().now().date() : TRY(parse_date(options.on));
    const auto levers = TRY(assess::RiskLevers::load(workspace->law(), on));
    ordered_json out = ordered_json::array();
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        for (const assess::GroupRisk& one : TRY(assess::group_risks(reader, levers, on)))
            out.push_back({{"headquarters", one.headquarters},
                           {"clause", one.clause},
                           {"stores", one.stores},
                           {"reached_on", one.reached_on.text()}});
        return {};
    }));
    if (context.json) {
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    for (const auto& one : out)
        fmt::print("{:<20} {:>3} stores since {}  {}\n", one["headquarters"].get<std::string>(),
                   one["stores"].size(), one["reached_on"].get<std::string>(),
                   one["clause"].get<std::string>());
    return {};
}

}  // namespace

void add_risk_register(CLI::App& risk, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* registered =
        risk.add_subcommand("register", "stages, lead times and warnings of the risk register");
    registered->fallthrough();
    registered->add_option("--from", options->from, "first day of the period; default: half a year");
    registered->add_option("--on", options->on, "as of this day; default: today");
    registered->callback([&context, options] {
        if (const auto done = show(context, *options); !done) context.fail(done.error());
    });
    auto* common = risk.add_subcommand("groups", "chains whose stores share a violation");
    common->fallthrough();
    common->add_option("--on", options->on, "as of this day; default: today");
    common->callback([&context, options] {
        if (const auto done = groups(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
