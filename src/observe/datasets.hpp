// The national base data sets of drug tracing (holders, distributors, users): tables with Chinese headings,
// as CSV or as workbooks, turned into lines of events.csv. Which heading means what is data:
// law/trace_datasets.toml.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "observe/sheet.hpp"

namespace qingyuan::observe {

enum class DatasetField : std::uint8_t {
    event_id,
    code,
    bill_type,
    from,
    to,
    actor,
    counterparty,
    event_time,
    upload_time,
    batch,
    document,
    split,
    person,
    prescription,
    owner
};
constexpr std::array<std::string_view, 15> dataset_fields{
    "event_id",    "code",  "bill_type", "from",  "to",     "actor",        "counterparty", "event_time",
    "upload_time", "batch", "document",  "split", "person", "prescription", "owner"};

struct DatasetColumn {
    DatasetField field{};
    std::vector<std::string> headings;
    bool required = false;
};
struct Dataset {
    std::string id, zh, en, standard;
    std::string action;  ///< of a row without a type of bill; may be empty
    bool verified = false;
    std::vector<DatasetColumn> columns;
    std::vector<std::string> ignored;  ///< headings that are allowed and not read
};
struct BillType {
    std::string code, zh, action;
    bool actor_is_sender = false;
};

struct Datasets {
    std::vector<Dataset> sets;
    std::vector<BillType> bill_types;
};
/// The file law/trace_datasets.toml. The first thing that is wrong with it: toml_malformed, law_key_missing,
/// law_key_unknown, law_value_invalid, law_duplicate.
[[nodiscard]] Result<Datasets> parse_datasets(std::string_view toml, std::string_view file);

/// The header line of what this file makes.
constexpr std::string_view dataset_event_columns =
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,owner,person,"
    "prescription";

/// Rows of one data set as lines of events.csv: what cannot be understood is handed on as it is, and refused
/// where events are read.
class DatasetRows {
 public:
    /// The data set whose headings these are; `id` names one, empty: the one that fits. column_unknown,
    /// column_missing, duplicate_key, record_unknown (no such data set).
    static Result<DatasetRows> from_headings(const Datasets& datasets,
                                             const std::vector<std::string>& headings,
                                             std::string_view id = {});
    [[nodiscard]] const Dataset& dataset() const { return *dataset_; }
    /// One line with its end.
    void append_line(const std::vector<std::string>& cells, std::string& out) const;

 private:
    DatasetRows(const Datasets& datasets, const Dataset& dataset)
        : datasets_(&datasets), dataset_(&dataset) {}
    const Datasets* datasets_;
    const Dataset* dataset_;
    std::array<std::size_t, dataset_fields.size()> place_{};  ///< of the fields' cells, from 1; 0 = not there
};

/// Lines of events.csv with the number of the first; line numbers are those of the table's rows.
using FlatLines = std::function<Result<void>(std::string_view block, std::uint64_t first_row)>;

/// A table whose headings stand in one of its first five rows. Errors: those of from_headings, of the file,
/// of the sink. The result is the id of the data set.
[[nodiscard]] Result<std::string> read_dataset_sheet(const Datasets& datasets, std::string_view bytes,
                                                     std::string_view id, const FlatLines& sink,
                                                     const SheetLimits& limits = {});
/// The same as CSV in UTF-8; a row that cannot be cut into cells is handed on as an empty event, which is
/// refused.
[[nodiscard]] Result<std::string> read_dataset_csv(const Datasets& datasets, std::string_view text,
                                                   std::string_view id, const FlatLines& sink);

/// A time as these tables write it, as RFC 3339: "2025-01-01 08:00", "2025/1/1 8:00:00", 20250101080000, a
/// workbook's day number, all read as China time. A bare day is its first instant, or with `last` its last
/// second. Anything else is given back as it is.
[[nodiscard]] std::string dataset_time(std::string_view text, bool last);

}  // namespace qingyuan::observe
