// Which tables a directory or a file holds.
#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include "base/text.hpp"
#include "observe/epcis.hpp"
#include "observe/trace_csv.hpp"
#include "observe/trace_intake.hpp"
#include "observe/trace_tables.hpp"

namespace qingyuan::observe {

namespace {

struct TableShape {
    std::string_view kind;
    std::array<std::string_view, 3> columns;  ///< that no other table has all of
};
constexpr std::array<TableShape, 10> shapes{{{"events", {"event_id", "code", "action"}},
                                             {"operators", {"id", "type", "headquarters"}},
                                             {"products", {"code", "holder", "class"}},
                                             {"batches", {"id", "product", "expires_at"}},
                                             {"documents", {"id", "seller", "buyer"}},
                                             {"aggregation", {"parent", "child", "child"}},
                                             {"stock", {"operator", "quantity", "counted_at"}},
                                             {"duties", {"person", "operator", "from"}},
                                             {"settlements", {"code", "operator", "settled_at"}},
                                             {"listings", {"platform", "title", "captured_at"}}}};

Result<std::string> kind_by_columns(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    if (!in || !std::getline(in, line))
        return Error{ErrorCode::file_unreadable, "it is empty or cannot be read", file.string()};
    if (line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    if (line.ends_with('\r')) line.pop_back();
    std::vector<std::string> columns;
    for (const std::string& cell : split(line, ',')) columns.emplace_back(trim(cell));
    for (const TableShape& shape : shapes)
        if (std::all_of(shape.columns.begin(), shape.columns.end(), [&](std::string_view wanted) {
                return std::find(columns.begin(), columns.end(), wanted) != columns.end();
            }))
            return std::string(shape.kind);
    return Error{ErrorCode::column_missing,
                 fmt::format("its columns are those of no trace table: {}", line.substr(0, 200)),
                 file.string(),
                 {},
                 "name the columns as docs/import.md lists them"};
}

/// The first line of a table, without its end.
Result<std::string> first_line(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string line(csv_line_bytes_max, '\0');
    in.read(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(in.gcount()));
    if (line.empty())
        return Error{ErrorCode::csv_malformed, "it is empty: a header line is required", file.string()};
    return line.substr(0, line.find('\n'));
}

template <class T>
Result<void> accepted(const Result<T>& read) {
    return read ? Result<void>() : Result<void>(read.error());
}

Result<void> check_header(const std::string& kind, const std::string& line) {
    if (kind == "events") return accepted(EventTable::from_header(line));
    if (kind == "operators") return accepted(SideTable<packs::Operator>::from_header(line));
    if (kind == "products") return accepted(SideTable<packs::Product>::from_header(line));
    if (kind == "batches") return accepted(SideTable<packs::Batch>::from_header(line));
    if (kind == "documents") return accepted(SideTable<packs::Document>::from_header(line));
    if (kind == "aggregation") return accepted(SideTable<packs::Relation>::from_header(line));
    if (kind == "stock") return accepted(SideTable<packs::StockCount>::from_header(line));
    if (kind == "duties") return accepted(SideTable<packs::Duty>::from_header(line));
    if (kind == "settlements") return accepted(SideTable<packs::Settlement>::from_header(line));
    if (kind == "listings") return accepted(SideTable<packs::Listing>::from_header(line));
    return Error{ErrorCode::file_kind_refused, "no kind of trace data: " + kind};
}

Result<void> check_document(const TraceFile& file) {
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(file.path, failed);
    if (failed) return Error{ErrorCode::file_unreadable, "it cannot be read", file.path.string()};
    if (size > EpcisLimits().document_bytes)
        return Error{ErrorCode::too_large,
                     "the document is larger than is taken at once",
                     file.path.string(),
                     {},
                     "split it"};
    std::ifstream in(file.path, std::ios::binary);
    std::string bytes(size, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!in) return Error{ErrorCode::file_unreadable, "it cannot be read", file.path.string()};
    return accepted(read_epcis(file.kind == "epcis_xml" ? EpcisFormat::xml : EpcisFormat::json, bytes, {},
                               [](const Event&) { return Result<void>(); }));
}

}  // namespace

Result<void> check_files(const std::vector<TraceFile>& files) {
    for (const TraceFile& file : files) {
        auto good = file.kind.starts_with("epcis_") ? check_document(file)
                                                    : check_header(file.kind, TRY(first_line(file.path)));
        if (good) continue;
        Error error = good.error();
        error.where = file.name + (error.where.empty() ? "" : ", " + error.where);
        return error;
    }
    return {};
}

Result<std::vector<TraceFile>> trace_files(const std::filesystem::path& path, std::string_view format) {
    std::vector<TraceFile> out;
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
        for (const TableShape& shape : shapes) {
            const std::filesystem::path file = path / (std::string(shape.kind) + ".csv");
            if (std::filesystem::is_regular_file(file, failed))
                out.push_back({std::string(shape.kind), file, file.filename().string()});
        }
        if (out.empty())
            return Error{ErrorCode::file_unreadable,
                         "there is no table of trace data in it",
                         path.string(),
                         {},
                         "events.csv, operators.csv, …: docs/import.md"};
        return out;
    }
    if (!std::filesystem::is_regular_file(path, failed))
        return Error{ErrorCode::file_unreadable, "there is no such file or directory", path.string()};
    std::string kind = format == "epcis-json"  ? "epcis_json"
                       : format == "epcis-xml" ? "epcis_xml"
                                               : std::string();
    if (kind.empty()) kind = TRY(kind_by_columns(path));
    out.push_back({kind, path, path.filename().string()});
    return out;
}

}  // namespace qingyuan::observe
