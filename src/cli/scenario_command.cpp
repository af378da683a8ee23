// qingyuan scenario FILE…: runs stories, or rewrites what they expect.
#include <algorithm>
#include <cstdio>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "account/publication.hpp"
#include "account/report.hpp"
#include "cli/scenario.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::cli {

namespace {

struct Options {
    std::vector<std::filesystem::path> paths;
    std::string store = "sqlite";
    bool accept = false;
    bool slow = false;
};

Result<void> rewrite(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? Result<void>() : Error{ErrorCode::io_failed, file.string()};
}

/// An index over all that was recorded so far.
Result<account::Index> index_of(const journal::Reader& reader, const law::Statistics& statistics) {
    account::Index index(statistics);
    CHECK(index.catch_up(reader));
    return index;
}

/// `148 case`, then the base of a year before and the change where there is one.
Result<std::string> figure_text(const journal::Reader& reader, const law::Statistics& statistics,
                                std::string_view figure, std::string_view organisation,
                                std::string_view period) {
    const account::Index index = TRY(index_of(reader, statistics));
    const account::Period asked = TRY(account::parse_period(period));
    const auto told = [](const account::FigureValue& value) {
        return fmt::format("{} {}", document::shown_value(value, document::Language::en), value.unit());
    };
    const auto value = TRY(index.value(figure, {std::string(organisation), asked}));
    std::string out = fmt::format("{} {}: {}\n", figure, period, told(value));
    if (!value.source.empty()) out += fmt::format("  reported by {}\n", value.source);
    const auto before = index.value(figure, {std::string(organisation), asked.year_before()});
    if (before && before->value != Rational(0))
        out += fmt::format("  a year before {}, {} %\n", told(*before),
                           ((value.value - before->value) / before->value).percent(2, true));
    return out;
}

/// Every figure of the report's form and whether its identities hold.
Result<std::string> report_lines(const journal::Reader& reader, const law::Statistics& statistics,
                                 std::string_view report, std::string_view organisation,
                                 std::string_view period) {
    const account::Index index = TRY(index_of(reader, statistics));
    const auto computed =
        TRY(account::compute(index, {std::string(report), std::string(organisation),
                                     TRY(account::parse_period(period)), 0, false}));
    std::string out;
    for (const account::ReportLine& line : computed.lines)
        if (line.value && line.value->value != Rational(0))
            out += fmt::format("{} {} {}\n", line.figure,
                               document::shown_value(*line.value, document::Language::en),
                               line.value->unit());
    for (const account::IdentityResult& identity : computed.identities)
        if (!identity.holds())
            out += fmt::format("broken {} of {}: gap {}\n", identity.identity->id, identity.organisation,
                               identity.gap.exact());
    if (!computed.broken()) out += "every identity holds\n";
    return out;
}

Result<bool> run(Context& context, const Options& options) {
    const law::Law law = TRY(context.load_law());
    Stage stage;
    stage.law = &law;
    stage.fresh_store = [&] { return context.fresh_store(options.store); };
    stage.folds = context.folds;
    const law::Statistics statistics = TRY(law::Statistics::load(law));
    stage.figure = [&](const journal::Reader& reader, std::string_view figure, std::string_view organisation,
                       std::string_view period) {
        return figure_text(reader, statistics, figure, organisation, period);
    };
    stage.report = [&](const journal::Reader& reader, std::string_view report, std::string_view organisation,
                       std::string_view period) {
        return report_lines(reader, statistics, report, organisation, period);
    };
    int passed = 0, failed = 0;
    const std::vector<std::filesystem::path> files = TRY(find_scenarios(options.paths, options.slow));
    if (files.empty()) return Error{ErrorCode::usage, "there is no scenario in these folders"};
    for (const std::filesystem::path& file : files) {
        const auto outcome = run_scenario(file, stage);
        if (!outcome && outcome.error().info().kind == ErrorKind::failure) return outcome.error();
        if (!outcome) {
            fmt::print(stderr, "{}\n", outcome.error().text());
            context.exit = outcome.error().info().exit;
            ++failed;
        } else if (outcome->passed) {
            ++passed;
        } else if (options.accept) {
            CHECK(rewrite(file, outcome->rewritten));
            fmt::print("rewritten {}\n", file.string());
            ++passed;
        } else {
            fmt::print("{}", outcome->report);
            ++failed;
        }
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    return failed == 0;
}

}  // namespace

Result<std::vector<std::filesystem::path>> find_scenarios(const std::vector<std::filesystem::path>& paths,
                                                          bool slow) {
    std::vector<std::filesystem::path> found;
    for (const std::filesystem::path& path : paths) {
        std::error_code error;
        if (!std::filesystem::is_directory(path, error)) {
            found.push_back(path);
            continue;
        }
        for (auto it = std::filesystem::recursive_directory_iterator(path, error);
             !error && it != std::filesystem::end(it); it.increment(error)) {
            const std::filesystem::path ending = it->path().extension();
            if (ending == ".scenario" || (slow && ending == ".scenario_slow")) found.push_back(it->path());
        }
        if (error) return Error{ErrorCode::file_unreadable, path.string()};
    }
    std::ranges::sort(found);
    return found;
}

void add_scenario(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("scenario", "run stories of commands and expected text");
    command->add_option("files", options->paths, "scenario files or folders")->required();
    command->add_option("--store", options->store, "sqlite or postgresql")
        ->check(CLI::IsMember({"sqlite", "postgresql"}));
    command->add_flag("--accept", options->accept, "rewrite what the stories expect");
    command->add_flag("--slow", options->slow, "with folders: *.scenario_slow too");
    command->callback([options, &context] {
        const auto ok = run(context, *options);
        if (!ok)
            context.fail(ok.error());
        else if (!*ok && context.exit == 0)
            context.exit = 1;
    });
}

}  // namespace qingyuan::cli
