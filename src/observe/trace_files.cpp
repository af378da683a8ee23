// Which tables a directory or a file holds.
#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include "base/text.hpp"
#include "observe/trace_intake.hpp"

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

}  // namespace

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
