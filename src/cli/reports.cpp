// qingyuan sentinels: sites, their last report, who is silent, whether one channel drowns the others.
// qingyuan reports: cases, their versions, products that wait to be coded.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "api/report_json.hpp"
#include "cli/report_desk.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

void print_json(const ordered_json& json) {
    fmt::print("{}\n", json.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

Result<void> show_sentinels(Context& context, const std::string& on_text, int days) {
    const auto workspace = TRY(context.open_workspace(false));
    const Date on = on_text.empty() ? workspace->clock().now().date() : TRY(parse_date(on_text));
    const auto desk = TRY(open_reports(*workspace));
    const auto states = TRY(desk->sentinels(on));
    const auto shares = TRY(desk->channels(on - days, on));
    std::uint64_t silent = 0;
    for (const observe::SentinelState& state : states) silent += state.silent ? 1 : 0;
    if (context.json) {
        ordered_json out{{"on", on.text()}, {"active", states.size()}, {"silent", silent}};
        out["sites"] = ordered_json::array();
        for (const observe::SentinelState& state : states) out["sites"].push_back(api::as_json(state));
        out["channels"] = ordered_json::array();
        for (const observe::ChannelShare& share : shares) out["channels"].push_back(api::as_json(share));
        print_json(out);
        return {};
    }
    fmt::print("{} active, {} silent\n", states.size(), silent);
    for (const observe::SentinelState& state : states)
        fmt::print("{}  {}  {}  last {}  {} days{}\n", state.site.site, state.site.name, state.site.kind,
                   state.last_report ? state.last_report->text() : "never", state.silent_days,
                   state.silent ? "  silent" : "");
    for (const observe::ChannelShare& share : shares)
        fmt::print("{}  {} cases  {:.1f} %{}\n", share.channel, share.cases,
                   static_cast<double>(share.thousandths) / 10,
                   share.alarm ? "  too much of one channel" : "");
    return {};
}

Result<void> show_case(Context& context, const std::string& id) {
    const auto workspace = TRY(context.open_workspace(false));
    const auto desk = TRY(open_reports(*workspace));
    return desk->look([&](const observe::ReportArchive& archive) -> Result<void> {
        const observe::ReportCase* found = archive.find(id);
        if (!found) return Error{ErrorCode::record_unknown, fmt::format("there is no case '{}'", id)};
        ordered_json out{{"case", id}, {"withdrawn", found->withdrawn}, {"versions", ordered_json::array()}};
        for (const observe::ReportVersion& version : found->versions)
            out["versions"].push_back(
                {{"address", version.address.text()},
                 {"number", version.row.number},
                 {"version", version.row.info_at},
                 {"action", version.row.action},
                 {"first_known_on", version.row.first_known_on.text()},
                 {"received_on", version.row.received_on.text()},
                 {"seriousness", version.row.seriousness},
                 {"outcome", version.row.outcome},
                 {"reactions", version.row.reactions},
                 {"completeness", static_cast<double>(version.row.completeness) / 1000}});
        print_json(out);
        return {};
    });
}

Result<void> show_uncoded(Context& context) {
    const auto workspace = TRY(context.open_workspace(false));
    const auto desk = TRY(open_reports(*workspace));
    ordered_json out = ordered_json::array();
    for (const observe::UncodedProduct& one : TRY(desk->uncoded())) {
        out.push_back({{"name", one.name},
                       {"approval", one.approval},
                       {"maker", one.maker},
                       {"cases", one.cases},
                       {"example", one.example}});
        if (!context.json) fmt::print("{}  {}  {}  {} cases\n", one.name, one.approval, one.maker, one.cases);
    }
    if (context.json) print_json(out);
    return {};
}

struct Coding {
    facts::ProductCodedRow row;
    std::string person, organisation;
};

Result<void> code_product(Context& context, const Coding& coding) {
    const auto workspace = TRY(context.open_workspace(false));
    const auto desk = TRY(open_reports(*workspace));
    const std::uint64_t batch =
        TRY(desk->code(report_actor(*workspace, coding.person, coding.organisation), coding.row));
    fmt::print("batch {}\n", batch);
    return {};
}

void add_code(CLI::App& reports, Context& context) {
    const auto coding = std::make_shared<Coding>();
    auto* code = reports.add_subcommand("code", "say which product a reported name is");
    code->fallthrough();
    code->add_option("--name", coding->row.name, "as reported");
    code->add_option("--approval", coding->row.approval, "as reported");
    code->add_option("--maker", coding->row.maker, "as reported");
    code->add_option("--as-name", coding->row.coded_name, "generic name")->required();
    code->add_option("--as-approval", coding->row.coded_approval, "approval number");
    code->add_option("--as-maker", coding->row.coded_maker, "holder or maker");
    code->add_option("--ingredient", coding->row.ingredient, "active ingredient");
    code->add_option("--by", coding->person, "person who codes");
    code->add_option("--org", coding->organisation, "organisation");
    code->callback([&context, coding] {
        if (const auto done = code_product(context, *coding); !done) context.fail(done.error());
    });
}

}  // namespace

void add_reports(CLI::App& app, Context& context) {
    const auto on = std::make_shared<std::string>();
    const auto days = std::make_shared<int>(365);
    auto* sentinels = app.add_subcommand("sentinels", "sentinel sites: last report, who is silent, channels");
    sentinels->fallthrough();
    sentinels->add_option("--on", *on, "as of this day; default: today");
    sentinels->add_option("--days", *days, "days of which channels are counted")->capture_default_str();
    sentinels->callback([&context, on, days] {
        if (const auto done = show_sentinels(context, *on, *days); !done) context.fail(done.error());
    });
    auto* reports = app.add_subcommand("reports", "cases of safety reports");
    reports->require_subcommand(1);
    reports->fallthrough();
    const auto id = std::make_shared<std::string>();
    auto* show = reports->add_subcommand("show", "a case with all its versions");
    show->fallthrough();
    show->add_option("case", *id, "C.1.8.1, or the report's number")->required();
    show->callback([&context, id] {
        if (const auto done = show_case(context, *id); !done) context.fail(done.error());
    });
    auto* uncoded = reports->add_subcommand("uncoded", "products that wait to be coded");
    uncoded->fallthrough();
    uncoded->callback([&context] {
        if (const auto done = show_uncoded(context); !done) context.fail(done.error());
    });
    add_code(*reports, context);
}

}  // namespace qingyuan::cli
