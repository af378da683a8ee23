// qingyuan trace, anomalies, packs: what the pack index knows.
#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "cli/trace_desk.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;
using packs::FindingStatus;

struct Options {
    std::string code, batch, firm;
    std::string status = "confirmed", rule;
    std::string now;
};

std::string time_of(std::int64_t ms) {
    return ms == INT64_MIN || ms == INT64_MAX ? "" : Instant{ms * 1000}.text();
}

std::string_view status_name(FindingStatus status) {
    switch (status) {
        case FindingStatus::provisional: return "provisional";
        case FindingStatus::withdrawn: return "withdrawn";
        default: return "confirmed";
    }
}

std::string_view fate_name(packs::Fate fate) {
    constexpr std::array<std::string_view, 6> names{"produced", "used",       "destroyed",
                                                    "sampled",  "in_transit", "held"};
    return names[static_cast<std::size_t>(fate)];
}

struct Shown {
    const Context& context;
    packs::Index& index;
    const law::Law& law;

    [[nodiscard]] std::string firm(std::uint32_t number) const {
        return number == 0 ? std::string() : index.reference().operator_at(number).id;
    }
    Result<void> code(const std::string& text);
    Result<void> batch(const std::string& id);
    Result<void> operator_of(const std::string& id);
};

Result<void> Shown::code(const std::string& text) {
    const packs::ScannedCode scanned = TRY(packs::parse_code(text));
    const auto history = TRY(index.history(scanned.code));
    if (history.events.empty() && history.superseded.empty())
        return Error{ErrorCode::record_unknown, fmt::format("nothing is known of {}", scanned.text), "CODE"};
    std::vector<const packs::Event*> ordered;
    for (const packs::Event& event : history.events) ordered.push_back(&event);
    const packs::Whereabouts where = packs::whereabouts(ordered);
    ordered_json out{{"code", scanned.text},
                     {"fate", fate_name(where.fate)},
                     {"holder", where.holder == 0 ? ordered_json(nullptr) : ordered_json(firm(where.holder))},
                     {"batch", where.batch == 0 ? ordered_json(nullptr)
                                                : ordered_json(index.reference().batch_at(where.batch).id)}};
    const auto event_json = [&](const packs::Event& event) {
        return ordered_json{{"event_id", index.text_of(event.id)},
                            {"action", packs::action_names[static_cast<std::size_t>(event.action)]},
                            {"actor", firm(event.actor)},
                            {"counterparty", firm(event.counterparty)},
                            {"event_time", time_of(event.time_ms)},
                            {"upload_time", time_of(event.uploaded_ms)},
                            {"batch", event.batch == 0 ? "" : index.reference().batch_at(event.batch).id},
                            {"document", index.text_of(event.document)},
                            {"split", (event.flags & packs::flag_split) != 0},
                            {"on_parent", (event.flags & packs::flag_inherited) != 0},
                            {"received_in", event.seq}};
    };
    for (const char* name : {"events", "superseded", "parents", "findings"})
        out[name] = ordered_json::array();
    for (const packs::Event& event : history.events) out["events"].push_back(event_json(event));
    for (const packs::Event& event : history.superseded) out["superseded"].push_back(event_json(event));
    for (const packs::Relation& relation : history.relations)
        out["parents"].push_back(index.text_of(relation.parent));
    for (const packs::Finding& one : TRY(index.findings(scanned.code))) {
        const auto told = TRY(assess::described(index, law, one, context.language == "en"));
        out["findings"].push_back(
            {{"number", told.number == 0 ? ordered_json(nullptr) : ordered_json(told.number)},
             {"rule", one.rule},
             {"key", told.key},
             {"status", status_name(one.status)},
             {"explanation", told.explanation},
             {"law", told.law}});
    }
    if (context.json) {
        fmt::print("{}\n", out.dump(2, ' ', false, ordered_json::error_handler_t::replace));
        return {};
    }
    fmt::print("{}  {}{}\n", scanned.text, fate_name(where.fate),
               where.holder == 0 ? "" : "  " + firm(where.holder));
    for (const packs::Event& event : history.events)
        fmt::print("  {}  {:<10} {}{}{}{}{}\n", time_of(event.time_ms),
                   packs::action_names[static_cast<std::size_t>(event.action)], firm(event.actor),
                   event.counterparty == 0
                       ? ""
                       : (packs::is_inbound(event.action) ? " <- " : " -> ") + firm(event.counterparty),
                   event.document == 0 ? "" : "  " + index.text_of(event.document),
                   (event.flags & packs::flag_split) != 0 ? "  split" : "",
                   (event.flags & packs::flag_inherited) != 0 ? "  on its parent" : "");
    for (const auto& one : out["findings"])
        fmt::print("! {}  {}  {}\n", one["status"].get<std::string>(), one["rule"].get<std::string>(),
                   one["explanation"].get<std::string>());
    return {};
}

Result<void> Shown::batch(const std::string& id) {
    const std::uint32_t number = index.reference().find_batch(id);
    if (number == 0) return Error{ErrorCode::record_unknown, fmt::format("no batch {}", id), "--batch"};
    std::map<std::string, std::int64_t> fates;
    for (const auto& [fate, sum] : TRY(index.tally(packs::TallyKind::fate, number)))
        fates[std::string(fate_name(static_cast<packs::Fate>(fate)))] = sum;
    std::vector<std::pair<std::string, std::int64_t>> holders;
    for (const auto& [firm_number, sum] : TRY(index.tally(packs::TallyKind::held_batch, number)))
        if (sum > 0) holders.emplace_back(firm(static_cast<std::uint32_t>(firm_number)), sum);
    std::sort(holders.begin(), holders.end(), [](const auto& a, const auto& b) {
        return std::tie(b.second, a.first) < std::tie(a.second, b.first);
    });
    // Made here, and neither on a shelf nor gone with a record.
    const std::int64_t unaccounted = std::max<std::int64_t>(0, fates["in_transit"]);
    if (context.json) {
        ordered_json out{{"batch", id},
                         {"produced", fates["produced"]},
                         {"held", fates["held"]},
                         {"in_transit", fates["in_transit"]},
                         {"used", fates["used"]},
                         {"destroyed", fates["destroyed"]},
                         {"sampled", fates["sampled"]},
                         {"unaccounted", unaccounted}};
        out["holders"] = ordered_json::array();
        for (const auto& [holder, sum] : holders)
            out["holders"].push_back({{"operator", holder}, {"held", sum}});
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("{}: produced {}, held {}, in transit {}, used {}, destroyed {}, sampled {}; unaccounted {}\n",
               id, fates["produced"], fates["held"], fates["in_transit"], fates["used"], fates["destroyed"],
               fates["sampled"], unaccounted);
    for (const auto& [holder, sum] : holders) fmt::print("  {:<24} {}\n", holder, sum);
    return {};
}

Result<void> Shown::operator_of(const std::string& id) {
    const std::uint32_t number = index.reference().find_operator(id);
    if (number == 0)
        return Error{ErrorCode::operator_unknown, fmt::format("no operator {} in the trace data", id),
                     "--operator"};
    ordered_json out{{"operator", id}, {"balance", ordered_json::array()}};
    std::int64_t all = 0;
    for (const auto& [batch, sum] : TRY(index.tally(packs::TallyKind::held_operator, number))) {
        const packs::Batch& one = index.reference().batch_at(static_cast<std::uint32_t>(batch));
        out["balance"].push_back({{"product", one.product}, {"batch", one.id}, {"held", sum}});
        all += sum;
    }
    out["held"] = all;
    if (context.json) {
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("{}: holds {}\n", id, all);
    for (const auto& one : out["balance"])
        fmt::print("  {}  {:<16} {}\n", one["product"].dump(), one["batch"].get<std::string>(),
                   one["held"].dump());
    return {};
}

Result<void> trace(Context& context, const Options& options) {
    const int given = !options.code.empty() + !options.batch.empty() + !options.firm.empty();
    if (given != 1) return Error{ErrorCode::usage, "name a code, --batch or --operator"};
    const auto workspace = TRY(context.open_workspace(false));
    const auto desk = TRY(read_packs(context, *workspace));
    Shown shown{context, desk->index(), workspace->law()};
    if (!options.code.empty()) return shown.code(options.code);
    return options.batch.empty() ? shown.operator_of(options.firm) : shown.batch(options.batch);
}

bool wanted(const packs::Finding& finding, std::string_view status, std::int64_t now_ms) {
    if (status == "all") return finding.status != FindingStatus::provisional || finding.appears_ms <= now_ms;
    if (status == "provisional")
        return finding.status == FindingStatus::provisional && finding.appears_ms <= now_ms;
    if (status == "withdrawn") return finding.status == FindingStatus::withdrawn;
    return finding.status == FindingStatus::confirmed || finding.status == FindingStatus::leaving;
}

Result<void> anomalies(Context& context, const Options& options) {
    if (options.status != "confirmed" && options.status != "provisional" && options.status != "withdrawn" &&
        options.status != "all")
        return Error{ErrorCode::usage, "confirmed, provisional, withdrawn or all", "--status"};
    const auto workspace = TRY(context.open_workspace(false));
    const auto desk = TRY(read_packs(context, *workspace));
    packs::Index& index = desk->index();
    const std::int64_t now_ms = workspace->clock().now().us / 1000;
    std::vector<packs::Finding> findings;
    CHECK(index.each_finding([&](const packs::Finding& one) {
        if (wanted(one, options.status, now_ms) && (options.rule.empty() || one.rule == options.rule))
            findings.push_back(one);
        return true;
    }));
    std::map<std::string, std::uint64_t> by_rule;
    if (context.csv) fmt::print("number,rule,key,status,operator,region,first_seen,explanation\n");
    ordered_json list = ordered_json::array();
    for (const packs::Finding& one : findings) {
        ++by_rule[one.rule];
        if (!context.csv && !context.json) continue;
        const auto told = TRY(assess::described(index, workspace->law(), one, context.language == "en"));
        const std::string number = told.number == 0 ? "" : std::to_string(told.number);
        if (context.csv)
            fmt::print("{},{},{},{},{},{},{},{}\n", number, one.rule, csv_cell(told.key),
                       status_name(one.status), csv_cell(told.operator_id), told.region,
                       time_of(one.first_seen_ms), csv_cell(told.explanation));
        else
            list.push_back({{"number", told.number == 0 ? ordered_json(nullptr) : ordered_json(told.number)},
                            {"rule", one.rule},
                            {"key", told.key},
                            {"status", status_name(one.status)},
                            {"operator", told.operator_id},
                            {"region", told.region},
                            {"first_seen", time_of(one.first_seen_ms)},
                            {"explanation", told.explanation}});
    }
    if (context.json) fmt::print("{}\n", list.dump(2, ' ', false, ordered_json::error_handler_t::replace));
    if (context.csv || context.json) return {};
    const Date today = workspace->clock().now().date();
    for (const law::Rule& rule : workspace->law().rules())
        if (const auto at = by_rule.find(rule.id); at != by_rule.end() && rule.in_force.holds(today))
            fmt::print("{:>3}  {:<26} {:>9}  {}\n", rule.number == 0 ? "" : std::to_string(rule.number),
                       rule.id, at->second, context.language == "en" ? rule.en : rule.zh);
    fmt::print("{} {}\n", findings.size(), options.status);
    return {};
}

void print_stats(const Context& context, const packs::Stats& stats) {
    if (context.json) {
        fmt::print("{}\n", ordered_json{{"engine", stats.engine},
                                        {"applied", stats.applied},
                                        {"batches", stats.batches},
                                        {"events", stats.events},
                                        {"relations", stats.relations},
                                        {"waiting", stats.waiting},
                                        {"findings", stats.findings_open},
                                        {"conflicts", stats.conflicts},
                                        {"operators", stats.operators},
                                        {"products", stats.products},
                                        {"lots", stats.batches_known},
                                        {"bytes", stats.bytes}}
                               .dump(2));
        return;
    }
    fmt::print("{}: {} events in {} batches up to {}, {} relations, {} waiting, {} findings, {} conflicts\n",
               stats.engine, stats.events, stats.batches, stats.applied, stats.relations, stats.waiting,
               stats.findings_open, stats.conflicts);
    fmt::print("{} operators, {} products, {} lots; {} bytes", stats.operators, stats.products,
               stats.batches_known, stats.bytes);
    if (stats.events > 0)
        fmt::print(", {:.1f} an event", static_cast<double>(stats.bytes) / static_cast<double>(stats.events));
    fmt::print("\n");
}

/// Away with the files, unless another process has them open; a damaged index goes too.
Result<void> remove_index(const std::filesystem::path& directory) {
    std::error_code error;
    if (!std::filesystem::exists(directory, error)) return {};
    if (auto store = packs::open_rocks(directory);
        !store && store.error().code == ErrorCode::store_unavailable)
        return std::move(store).error();
    std::filesystem::remove_all(directory, error);
    if (error) return Error{ErrorCode::io_failed, error.message(), directory.string()};
    return {};
}

Result<void> print_sources(const Context& context, packs::Index& index) {
    constexpr std::size_t shown_max = 20;
    const auto sources = TRY(index.sources(
        [](std::uint64_t done, std::uint64_t of) { show_trace_progress("reading", done, of); }));
    const auto held = index.hold();
    const auto hours = [](std::int64_t ms) { return static_cast<double>(ms) / 3'600'000; };
    packs::Source all;
    ordered_json list = ordered_json::array();
    if (context.csv)
        fmt::print("operator,events,repeated,conflicting,lag_p50_hours,lag_p99_hours,last_upload\n");
    for (const packs::Source& one : sources) {
        all.events += one.events;
        all.repeated += one.repeated;
        all.conflicting += one.conflicting;
        const std::string& id = index.reference().operator_at(one.actor).id;
        if (context.csv)
            fmt::print("{},{},{},{},{:.2f},{:.2f},{}\n", csv_cell(id), one.events, one.repeated,
                       one.conflicting, hours(one.lag_p50_ms), hours(one.lag_p99_ms),
                       time_of(one.last_upload_ms));
        else if (context.json)
            list.push_back({{"operator", id},
                            {"events", one.events},
                            {"repeated", one.repeated},
                            {"conflicting", one.conflicting},
                            {"lag_p50_hours", hours(one.lag_p50_ms)},
                            {"lag_p99_hours", hours(one.lag_p99_ms)},
                            {"last_upload", time_of(one.last_upload_ms)}});
    }
    if (context.json)
        fmt::print("{}\n", ordered_json{{"events", all.events},
                                        {"distinct", all.events - all.repeated},
                                        {"repeated", all.repeated},
                                        {"conflicting", all.conflicting},
                                        {"sources", std::move(list)}}
                               .dump(2));
    if (context.csv || context.json) return {};
    fmt::print("{:<24} {:>12} {:>10} {:>12} {:>9} {:>9}\n", "operator", "events", "repeated", "conflicting",
               "p50 h", "p99 h");
    for (std::size_t i = 0; i < std::min(shown_max, sources.size()); ++i) {
        const packs::Source& one = sources[i];
        fmt::print("{:<24} {:>12} {:>10} {:>12} {:>9.1f} {:>9.1f}\n",
                   index.reference().operator_at(one.actor).id, one.events, one.repeated, one.conflicting,
                   hours(one.lag_p50_ms), hours(one.lag_p99_ms));
    }
    if (sources.size() > shown_max) fmt::print("… and {} more (--csv)\n", sources.size() - shown_max);
    fmt::print("{} sources: {} events, {} distinct, {} sent again, {} of these with other content\n",
               sources.size(), all.events, all.events - all.repeated, all.repeated, all.conflicting);
    return {};
}

Result<void> packs_command(Context& context, const std::string& verb, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    if (verb == "rebuild") {
        if (context.packs_url.empty()) CHECK(remove_index(context.data_directory / "packs"));
        const auto desk = TRY(open_packs(context, *workspace));
        print_stats(context, context.packs_url.empty() ? TRY(desk->index().stats())
                                                       : TRY(desk->rebuild(show_trace_progress)));
        return {};
    }
    if (verb == "judge") {
        const auto desk = TRY(open_packs(context, *workspace));
        std::optional<std::int64_t> now_ms;
        if (!options.now.empty()) now_ms = TRY(parse_instant(options.now)).us / 1000;
        const auto report = TRY(desk->judge({"system", workspace->instance().default_organisation}, now_ms));
        fmt::print("{} confirmed, {} withdrawn\n", report.confirmed, report.withdrawn);
        return {};
    }
    const auto desk = TRY(read_packs(context, *workspace));
    if (verb == "sources") return print_sources(context, desk->index());
    print_stats(context,
                verb == "verify" ? TRY(desk->verify(show_trace_progress)) : TRY(desk->index().stats()));
    return {};
}

}  // namespace

void show_trace_progress(std::string_view phase, std::uint64_t done, std::uint64_t of) {
    if (::isatty(STDERR_FILENO) == 0) return;
    fmt::print(stderr, "\r{:<10} {:>3} %{}", phase, of == 0 ? 100 : done * 100 / of, done >= of ? "\n" : "");
}

namespace {

api::PackDeskOptions desk_options(const Context& context, Workspace& workspace, bool serving) {
    return {.law = workspace.law(),
            .journal = workspace.journal(),
            .evidence = workspace.evidence(),
            .clock = workspace.clock(),
            .directory = workspace.directory() / "packs",
            .url = context.packs_url,
            .serving = serving};
}

}  // namespace

Result<std::unique_ptr<api::PackDesk>> open_packs(const Context& context, Workspace& workspace,
                                                  bool serving) {
    return api::PackDesk::open(desk_options(context, workspace, serving), show_trace_progress);
}

Result<std::unique_ptr<api::PackDesk>> read_packs(const Context& context, Workspace& workspace) {
    auto desk =
        TRY(api::PackDesk::open_to_read(desk_options(context, workspace, false), show_trace_progress));
    if (desk->behind() > 0)
        fmt::print(stderr,
                   "the pack index is {} behind the journal (batches and judgements): another process has it "
                   "open and is not done with them; what follows leaves them out\n",
                   desk->behind());
    return desk;
}

void add_trace(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* one = app.add_subcommand("trace", "where a pack was and is; who holds a batch; what a firm holds");
    one->fallthrough();
    one->add_option("code", options->code, "as scanned");
    one->add_option("--batch", options->batch, "batch number");
    one->add_option("--operator", options->firm, "operator id");
    one->callback([&context, options] {
        if (const auto done = trace(context, *options); !done) context.fail(done.error());
    });
    auto* list = app.add_subcommand("anomalies", "findings of the custody rules");
    list->fallthrough();
    list->add_option("--status", options->status, "confirmed, provisional, withdrawn or all")
        ->capture_default_str();
    list->add_option("--rule", options->rule, "only of this rule");
    list->callback([&context, options] {
        if (const auto done = anomalies(context, *options); !done) context.fail(done.error());
    });
    auto* packs = app.add_subcommand("packs", "the pack index itself");
    packs->require_subcommand(1);
    packs->fallthrough();
    for (const auto& [verb, what] : {std::pair{"stats", "what it holds"},
                                     {"sources", "who sent how much, how late, and what twice"},
                                     {"verify", "reads it all and compares with what was written"},
                                     {"rebuild", "makes it anew from the raw batches"},
                                     {"judge", "confirms what has waited long enough"}}) {
        auto* command = packs->add_subcommand(verb, what);
        command->fallthrough();
        if (std::string_view(verb) == "judge")
            command->add_option("--now", options->now, "as of this instant; default: now");
        command->callback([&context, options, verb = std::string(verb)] {
            if (const auto done = packs_command(context, verb, *options); !done) context.fail(done.error());
        });
    }
}

}  // namespace qingyuan::cli
