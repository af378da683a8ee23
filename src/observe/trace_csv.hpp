// events.csv of the flat trace format: what happened to a code, one event a line, read as fast as one core
// can. Columns, limits and refusals: docs/import.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "observe/csv_lines.hpp"
#include "packs/event.hpp"
#include "packs/names.hpp"
#include "packs/reference.hpp"

namespace qingyuan::observe {

constexpr std::size_t trace_id_bytes_max = 64;  ///< of an operator's or a batch's id

/// What an event is read against. The functions are called from every reading thread; an empty one is not
/// called.
struct EventContext {
    const packs::Reference& reference;
    std::int64_t now_ms = 0;
    std::int64_t future_ms = 5 * 60 * 1000;  ///< clocks of firms run that much ahead
    bool takes_other = false;                ///< the action `other` too, which only EPCIS documents have
    /// The number of a batch that the reference does not know.
    std::function<std::uint32_t(std::string_view id)> unknown_batch = {};
    /// The canonical text of a code that is kept as a hash only.
    std::function<void(packs::PackCode code, std::string_view text)> hashed_code = {};
    /// Is it a case or a pallet? Asked where nobody knows the code's product.
    std::function<bool(packs::PackCode code)> is_parent = {};
};

class EventTable {
 public:
    /// Errors: those of read_csv_header.
    static Result<EventTable> from_header(std::string_view line);

    /// Reads whole lines; the first one is line `first_row` of the file. Accepted events go to `out`, all
    /// others to `problems`. May be called from several threads at once, each with a cursor, a piece and
    /// problems of its own.
    void read(std::string_view block, std::uint64_t first_row, const EventContext& context,
              packs::Names::Cursor& names, packs::Piece& out, RowProblems& problems) const;

    /// The header line, to be kept with rows that wait.
    [[nodiscard]] const std::string& header() const { return header_.line; }

 private:
    explicit EventTable(CsvHeader header) : header_(std::move(header)) {}
    CsvHeader header_;
};

}  // namespace qingyuan::observe
