#include "cli/report_text.hpp"

#include <fmt/format.h>

#include "cli/report_work.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::cli {

Result<ComputedReport> compute_report(Workspace& workspace, const ReportAsked& asked) {
    auto statistics = TRY(law::Statistics::load(workspace.law()));
    ComputedReport out{account::Index(std::move(statistics)), {}, {}, {}};
    CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(out.index.catch_up(reader));
        return recompute(workspace, reader, asked, out);
    }));
    return out;
}

Result<void> recompute(Workspace& workspace, const journal::Reader& reader, const ReportAsked& asked,
                       ComputedReport& out) {
    const journal::Head head = TRY(reader.head());
    const std::uint64_t as_of = TRY(as_of_seq(reader, asked.as_of));
    const account::Period period = TRY(account::parse_period(asked.period));
    out.report =
        TRY(account::compute(out.index, {asked.report, asked.organisation, period, as_of, asked.with_roots}));
    out.standing = TRY(account::standing(reader, asked.report, asked.organisation, period.text));
    const MerkleEdge edge = TRY(journal::tree::edge_at(reader.transaction(), out.report.as_of));
    out.from = {head.origin, out.report.as_of, edge.root(), workspace.instance().sample_data};
    return {};
}

Result<std::uint64_t> as_of_seq(const journal::Reader& reader, const std::string& text) {
    if (text.empty()) return std::uint64_t{0};
    if (const auto seq = parse_integer(text)) {
        const std::uint64_t size = TRY(reader.head()).size;
        if (*seq < 1 || static_cast<std::uint64_t>(*seq) > size)
            return Error{ErrorCode::record_unknown, fmt::format("the journal has the facts 1 to {}", size),
                         "--as-of"};
        return static_cast<std::uint64_t>(*seq);
    }
    const auto at = parse_instant(text);
    if (!at)
        return Error{ErrorCode::usage,
                     fmt::format("'{}' is neither a sequence number nor a date and time", text), "--as-of"};
    return account::seq_at(reader, *at);
}

Result<void> print_report(const Context& context, Workspace& workspace, std::string_view report,
                          std::string_view organisation, std::string_view period) {
    const ComputedReport computed = TRY(compute_report(
        workspace, {std::string(report), std::string(organisation), std::string(period), {}, false}));
    const auto language = context.language == "en" ? document::Language::en : document::Language::zh;
    fmt::print("{}", document::report_text(
                         document::lay_out(workspace.law(), computed.report, computed.from, language)));
    return {};
}

}  // namespace qingyuan::cli
