#include "observe/trace_check.hpp"

#include <fmt/format.h>

#include "observe/trace_csv.hpp"
#include "observe/trace_epcis.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::size_t lines_bytes = std::size_t{4} << 20;

}  // namespace

Result<RowProblems> check_document(const packs::Reference& reference, EpcisFormat format,
                                   std::string_view bytes, std::string_view own, std::int64_t now_ms,
                                   std::int64_t future_ms) {
    const EventTable table = TRY(EventTable::from_header(flat_header));
    const EventContext context{
        .reference = reference, .now_ms = now_ms, .future_ms = future_ms, .takes_other = true};
    packs::Names names;  // a dictionary of its own: nothing is entered into that of the index
    packs::Names::Cursor cursor(names);
    EventHasher hasher;
    RowProblems problems;
    std::string lines;
    std::vector<packs::Relation> relations;
    std::uint64_t row = 2;
    const auto check_lines = [&] {
        packs::Piece piece;
        RowProblems found;
        table.read(lines, row, context, cursor, piece, found);
        row += found.rows;
        problems.merge(std::move(found));
        problems.waiting.clear();
        lines.clear();
    };
    TRY(read_epcis(format, bytes, {}, [&](const Event& event) -> Result<void> {
        if (const std::string actor = epcis_actor(event); !own.empty() && actor != own) {
            problems.reject(row, "actor", ErrorCode::wrong_organisation,
                            fmt::format("an event of '{}' is not your own", actor),
                            "hand in only what happened in your own firm");
            ++problems.rejected_rows;
        }
        flat_lines(event, hasher, now_ms, lines, relations);
        relations.clear();
        if (lines.size() > lines_bytes) check_lines();
        return {};
    }));
    check_lines();
    return problems;
}

}  // namespace qingyuan::observe
