#include "cli/report_file.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "cli/text_file.hpp"
#include "cli/vigilance.hpp"

namespace qingyuan::cli {

namespace {

constexpr std::size_t shown_max = 10;

void print_problems(std::string_view what, const observe::RowProblems& problems) {
    if (problems.faults == 0) return;
    fmt::print(stderr, "{} rows {}\n", problems.rejected_rows, what);
    std::size_t shown = 0;
    for (const observe::RejectedRow& row : problems.rejected) {
        if (++shown > shown_max) {
            fmt::print(stderr, "  … {} more\n", problems.faults - shown_max);
            break;
        }
        fmt::print(stderr, "  line {} {}: {}: {} — {}\n", row.row, row.field, info(row.code).name,
                   row.message, row.next);
    }
}

}  // namespace

Result<ReportFile> read_report_file(Context& context, const std::filesystem::path& path,
                                    const std::string& today) {
    if (path.empty()) {
        const auto workspace = TRY(context.open_workspace(false));
        const auto desks = TRY(open_vigilance(*workspace));
        ReportFile kept{.table = {}, .families = desks->families};
        kept.table.reports = TRY(desks->signals->state())->set->reports;
        return kept;
    }
    const law::Law law = TRY(context.load_law());
    const Date date = today.empty() ? WallClock().now().date() : TRY(parse_date(today));
    const std::string text = TRY(read_text_file(path));
    ReportFile out{TRY(observe::read_report_csv(text, observe::report_words(law), date)),
                   TRY(law::ReactionFamilies::load_for(context.data_directory, law.directory()))};
    print_problems("were not taken", out.table.problems);
    print_problems("were taken with a warning", out.table.warnings);
    return out;
}

}  // namespace qingyuan::cli
