#include "cli/report_move.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/report_work.hpp"
#include "journal/checkpoint.hpp"
#include "registry/registry.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

/// What a move has at hand while it decides, inside the transaction that appends its fact.
struct Desk {
    Workspace& workspace;
    const journal::Reader& reader;
    const ReportOptions& options;
    ComputedReport& computed;  ///< as it stands now
    account::Mover mover;
    std::string manifest = {};  ///< text to be kept, empty for none
};

Result<std::string> manifest_of(Desk& desk) {
    return document::report_json(desk.workspace.law(), desk.computed.report, desk.computed.from);
}

/// The report again as it was when it was approved or frozen.
Result<void> go_back(Desk& desk) {
    const auto as_of = desk.computed.standing.as_of;
    if (as_of == 0) return {};
    return recompute(
        desk.workspace, desk.reader,
        {desk.options.report, desk.options.organisation, desk.options.period, std::to_string(as_of), true},
        desk.computed);
}

Result<facts::Fact> approve(Desk& desk) {
    desk.manifest = TRY(manifest_of(desk));
    return account::approve(desk.reader, desk.computed.report, sm3(desk.manifest), desk.mover);
}

Result<facts::Fact> freeze(Desk& desk) {
    CHECK(go_back(desk));
    desk.manifest = TRY(manifest_of(desk));
    return account::freeze(desk.reader, desk.computed.report, sm3(desk.manifest), desk.mover);
}

Result<facts::Fact> publish(Desk& desk) {
    CHECK(go_back(desk));
    return account::publish(desk.reader, desk.computed.report, desk.mover);
}

Result<facts::Fact> restate(Desk& desk) {
    const account::Report now = desk.computed.report;
    desk.manifest = TRY(manifest_of(desk));
    CHECK(go_back(desk));
    return account::restate(desk.reader, desk.computed.report, now, sm3(desk.manifest), desk.options.reason,
                            desk.mover);
}

Result<std::filesystem::path> keep(const Desk& desk, const facts::ReportMoved& move) {
    std::filesystem::path file = desk.options.out;
    if (file.empty()) {
        file = desk.workspace.directory() / "reports" /
               fmt::format("{}-{}-{}-{}.json", move.report, move.organisation, move.period, move.as_of);
        std::error_code failed;
        std::filesystem::create_directories(file.parent_path(), failed);
    }
    CHECK(journal::replace_file(file, desk.manifest));
    return file;
}

Result<void> run(Context& context, const ReportOptions& given, Result<facts::Fact> (*decide)(Desk&)) {
    const auto workspace = TRY(context.open_workspace(false));
    const ReportOptions options = with_defaults(*workspace, given);
    const std::string person = TRY(person_of(*workspace, options));
    const ReportAsked asked{options.report, options.organisation, options.period, {}, true};
    ComputedReport computed = TRY(compute_report(*workspace, asked));
    facts::ReportMoved move;
    std::filesystem::path file;
    std::uint64_t seq = 0;
    CHECK(workspace->journal().write([&](journal::Writer& writer) -> Result<void> {
        CHECK(computed.index.catch_up(writer));
        CHECK(recompute(*workspace, writer, asked, computed));
        const Date today = writer.now().date();
        const auto registered = TRY(registry::person_on(writer, person, today));
        Desk desk{*workspace,
                  writer,
                  options,
                  computed,
                  {person, registered.organisation, TRY(registry::roles_on(writer, person, today)), today}};
        facts::Fact fact = TRY(decide(desk));
        move = std::get<facts::ReportMoved>(fact.payload);
        if (!desk.manifest.empty()) file = TRY(keep(desk, move));
        seq = TRY(writer.append(std::move(fact))).seq;
        return {};
    }));
    if (context.json) {
        const ordered_json out{{"seq", seq},
                               {"report", move.report},
                               {"org", move.organisation},
                               {"period", move.period},
                               {"step", move.step},
                               {"as_of", move.as_of},
                               {"manifest_digest", hex(move.manifest)},
                               {"manifest", file.string()},
                               {"reason", move.reason}};
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("{} {} {} {}: fact {}, as of {}, manifest {}\n", move.step, move.report, move.organisation,
               move.period, seq, move.as_of, hex(move.manifest));
    if (!file.empty()) fmt::print("{}\n", file.string());
    if (!move.reason.empty()) fmt::print("{}\n", move.reason);
    return {};
}

constexpr std::array<ReportMoveKind, 4> moves{{
    {"approve", "approve the figures as they stand (report_approver)", false,
     [](Context& context, const ReportOptions& options) { return run(context, options, approve); }},
    {"freeze", "freeze the approved figures and write their manifest (statistician)", false,
     [](Context& context, const ReportOptions& options) { return run(context, options, freeze); }},
    {"publish", "publish the frozen report (report_approver)", false,
     [](Context& context, const ReportOptions& options) { return run(context, options, publish); }},
    {"restate", "reopen a frozen report whose figures have changed (statistician)", true,
     [](Context& context, const ReportOptions& options) { return run(context, options, restate); }},
}};

}  // namespace

std::span<const ReportMoveKind> report_moves() {
    return moves;
}

ReportOptions with_defaults(const Workspace& workspace, ReportOptions options) {
    if (options.organisation.empty()) options.organisation = workspace.instance().default_organisation;
    if (options.period.empty()) options.period = workspace.instance().default_period;
    return options;
}

Result<std::string> person_of(const Workspace& workspace, const ReportOptions& options) {
    if (!options.person.empty()) return options.person;
    if (const char* person = std::getenv("QINGYUAN_PERSON"); person != nullptr && *person != 0)
        return std::string(person);
    if (workspace.instance().sample_data && !workspace.instance().default_person.empty())
        return workspace.instance().default_person;
    return Error{
        ErrorCode::usage, "nobody is named who acts", "--by", {}, "give --by PERSON or set QINGYUAN_PERSON"};
}

}  // namespace qingyuan::cli
