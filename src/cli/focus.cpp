// qingyuan focus: whom the rules of law/focus point at and why; what another version of the rules changes.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "assess/focus.hpp"
#include "cli/assess.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string on;
    std::vector<std::string> diff;
};

ordered_json reasons_json(const std::vector<assess::FocusReason>& reasons) {
    ordered_json out = ordered_json::array();
    for (const assess::FocusReason& one : reasons)
        out.push_back({{"rule", one.rule},
                       {"version", one.version},
                       {"dimension", one.dimension},
                       {"because", one.because}});
    return out;
}

/// The list under the rules in force on a day, or under those of another law directory.
Result<std::vector<assess::FocusEntry>> list_under(const std::string& version, const law::Law& law,
                                                   const assess::FocusFactsByOperator& facts, Date on) {
    if (const auto day = parse_date(version))
        return assess::focus_list(TRY(law::FocusRules::load(law)).in_force(*day), facts, on);
    const law::Law other = TRY(law::Law::load(version));
    return assess::focus_list(TRY(law::FocusRules::load(other)).in_force(on), facts, on);
}

void print_changes(const Context& context, const std::vector<assess::FocusChange>& changes) {
    if (context.json) {
        ordered_json out = ordered_json::array();
        for (const assess::FocusChange& one : changes)
            out.push_back({{"operator", one.operator_id},
                           {"change", one.kept      ? "reasons"
                                      : one.entered ? "entered"
                                                    : "left"},
                           {"gained", reasons_json(one.gained)},
                           {"lost", reasons_json(one.lost)}});
        fmt::print("{}\n", out.dump(2));
        return;
    }
    for (const assess::FocusChange& one : changes) {
        fmt::print("{} {}\n", one.kept ? "=" : one.entered ? "+" : "-", one.operator_id);
        for (const assess::FocusReason& reason : one.gained)
            fmt::print("    + {}  {}\n", reason.rule, reason.because);
        for (const assess::FocusReason& reason : one.lost)
            fmt::print("    - {}  {}\n", reason.rule, reason.because);
    }
}

void print_list(const Context& context, const std::vector<assess::FocusEntry>& list, Date on) {
    if (context.json) {
        ordered_json out{{"on", on.text()}, {"operators", ordered_json::array()}};
        for (const assess::FocusEntry& one : list)
            out["operators"].push_back(
                {{"operator", one.operator_id}, {"reasons", reasons_json(one.reasons)}});
        fmt::print("{}\n", out.dump(2));
        return;
    }
    for (const assess::FocusEntry& one : list) {
        fmt::print("{}\n", one.operator_id);
        for (const assess::FocusReason& reason : one.reasons)
            fmt::print("    {:<12} {:<24} {}\n", reason.dimension, reason.rule, reason.because);
    }
    fmt::print("{} operators\n", list.size());
}

Result<void> run(Context& context, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const law::Law& law = workspace->law();
    const Date on = options.on.empty() ? workspace->clock().now().date() : TRY(parse_date(options.on));
    const auto credit = TRY(law::CreditRules::load(law));
    const auto levers = TRY(assess::RiskLevers::load(law, on));
    const auto rules = TRY(law::FocusRules::load(law));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const auto facts = TRY(assess::gather_focus_facts(reader, law, credit, levers, on));
        if (options.diff.empty())
            print_list(context, assess::focus_list(rules.in_force(on), facts, on), on);
        else
            print_changes(context, assess::focus_changes(TRY(list_under(options.diff[0], law, facts, on)),
                                                         TRY(list_under(options.diff[1], law, facts, on))));
        return {};
    });
}

}  // namespace

void add_focus(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("focus", "whom the focus rules point at, and why");
    command->fallthrough();
    command->add_option("--on", options->on, "as of this day; default: today");
    command->add_option("--diff", options->diff, "two versions of the rules: days, or law directories")
        ->expected(2);
    command->callback([&context, options] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
