// The other tables of the flat trace format: operators, products, batches, documents, aggregation, and the
// side tables that some rules ask for. Read block by block with bounded memory. Columns and refusals:
// docs/import.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "observe/csv_lines.hpp"
#include "packs/names.hpp"
#include "packs/reference.hpp"
#include "packs/side_tables.hpp"

namespace qingyuan::observe {

/// What a row is read against. The functions may be called from several threads; an empty one is not called.
struct TableContext {
    const packs::Reference& reference;
    packs::Names& names;
    /// The number of a batch that the reference does not know.
    std::function<std::uint32_t(std::string_view id)> unknown_batch = {};
    /// The canonical text of a code that is kept as a hash only.
    std::function<void(packs::PackCode code, std::string_view text)> hashed_code = {};
};

/// A table of V: packs::Operator, Product, Batch, Document, Relation, StockCount, Duty, Settlement or
/// Listing. Rows of documents and side tables that name a firm or product nobody registered wait, as events
/// do.
template <class V>
class SideTable {
 public:
    /// Errors: those of read_csv_header.
    static Result<SideTable> from_header(std::string_view line);
    /// Reads whole lines; the first one is line `first_row` of the file. May be called from several threads
    /// at once, each with values and problems of its own.
    void read(std::string_view block, std::uint64_t first_row, const TableContext& context,
              std::vector<V>& out, RowProblems& problems) const;
    [[nodiscard]] const std::string& header() const { return header_.line; }

 private:
    explicit SideTable(CsvHeader header) : header_(std::move(header)) {}
    CsvHeader header_;
};

/// What a block gave; the sink may move the values and the waiting rows away.
template <class V>
using TableSink = std::function<Result<void>(std::vector<V>& values, std::vector<WaitingRow>& waiting)>;

/// Reads a whole file, header first; the report of its rows without those that wait. Errors: of the header,
/// the source, the sink.
template <class V>
Result<RowProblems> read_table(LineBlocks& blocks, const TableContext& context, const TableSink<V>& sink) {
    const auto table = TRY(SideTable<V>::from_header(TRY(blocks.header())));
    RowProblems total;
    std::vector<V> values;
    while (const auto block = TRY(blocks.next())) {
        values.clear();
        RowProblems problems;
        table.read(block->text, block->first_row, context, values, problems);
        CHECK(sink(values, problems.waiting));
        problems.waiting.clear();
        total.merge(std::move(problems));
    }
    return total;
}

}  // namespace qingyuan::observe
