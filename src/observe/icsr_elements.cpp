#include "observe/icsr_elements.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view file_name = "icsr_elements.csv";
constexpr std::array<std::string_view, 14> columns{
    "id",     "zh",        "en",       "scope", "path",  "type", "max", "conformance", "null_flavours",
    "values", "precision", "personal", "note",  "status"};
constexpr std::array<std::string_view, 6> precisions{"year", "month", "day", "hour", "minute", "second"};

Error wrong(std::uint64_t line, std::string message) {
    return {ErrorCode::law_value_invalid, std::move(message), fmt::format("{}:{}:1", file_name, line)};
}

template <std::size_t size>
std::optional<std::size_t> index_of(const std::array<std::string_view, size>& words, std::string_view word) {
    const auto* const found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return {};
    return static_cast<std::size_t>(found - words.begin());
}

std::vector<std::string> list_of(const std::string& cell) {
    return cell.empty() ? std::vector<std::string>() : split(cell, '|');
}

/// A row's cells by column; the columns may stand in any order.
class Cells {
 public:
    static Result<Cells> of(const std::vector<std::string>& header) {
        Cells out;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto found = std::find(header.begin(), header.end(), columns[i]);
            if (found == header.end())
                return Error{ErrorCode::column_missing, std::string(columns[i]), std::string(file_name)};
            out.place_[i] = static_cast<std::size_t>(found - header.begin());
        }
        if (header.size() != columns.size())
            return Error{ErrorCode::column_unknown, "more columns than the list has", std::string(file_name)};
        return out;
    }
    void set(const CsvRow& row) { row_ = &row; }
    [[nodiscard]] std::string at(std::string_view column) const {
        return std::string(row_->cells[place_[*index_of(columns, column)]]);
    }

 private:
    std::array<std::size_t, columns.size()> place_{};
    const CsvRow* row_ = nullptr;
};

Result<IcsrElement> element_of(const Cells& cells, std::uint64_t line) {
    IcsrElement out;
    out.id = cells.at("id");
    out.zh = cells.at("zh");
    out.en = cells.at("en");
    if (out.id.empty() || out.zh.empty() || out.en.empty())
        return Error{ErrorCode::law_key_missing, "id, zh and en are filled in every row",
                     fmt::format("{}:{}:1", file_name, line)};
    const auto scope = index_of(icsr_scopes, cells.at("scope"));
    const auto type = index_of(icsr_types, cells.at("type"));
    const auto conformance = index_of(icsr_conformances, cells.at("conformance"));
    if (!scope) return wrong(line, fmt::format("no scope '{}'", cells.at("scope")));
    if (!type) return wrong(line, fmt::format("no type '{}'", cells.at("type")));
    if (!conformance) return wrong(line, fmt::format("no conformance '{}'", cells.at("conformance")));
    out.scope = static_cast<IcsrScope>(*scope);
    out.type = static_cast<IcsrType>(*type);
    out.conformance = static_cast<IcsrConformance>(*conformance);
    auto path = XmlPath::parse(cells.at("path"));
    if (!path) return wrong(line, path.error().message);
    out.path = std::move(*path);
    if (const std::string max = cells.at("max"); !max.empty()) {
        const auto value = parse_integer(max);
        if (!value || *value <= 0) return wrong(line, fmt::format("no length '{}'", max));
        out.max = static_cast<std::size_t>(*value);
    }
    out.null_flavours = list_of(cells.at("null_flavours"));
    for (const std::string& flavour : out.null_flavours)
        if (!index_of(null_flavours, flavour))
            return wrong(line, fmt::format("no null flavour '{}'", flavour));
    out.values = list_of(cells.at("values"));
    if (const std::string precision = cells.at("precision"); !precision.empty()) {
        const auto value = index_of(precisions, precision);
        if (!value || out.type != IcsrType::date)
            return wrong(line, fmt::format("precision '{}'", precision));
        out.precision = static_cast<TimePrecision>(*value);
    }
    out.personal = cells.at("personal") == "yes";
    out.note = cells.at("note");
    const std::string status = cells.at("status");
    if (status != "verified" && status != "unverified")
        return wrong(line, fmt::format("status '{}'", status));
    out.verified = status == "verified";
    return out;
}

}  // namespace

Result<IcsrElements> IcsrElements::parse(std::string_view csv) {
    IcsrElements out;
    CsvReader reader = TRY(CsvReader::create(csv));
    Cells cells = TRY(Cells::of(reader.columns()));
    std::set<std::string> ids;
    while (const auto row = TRY(reader.next())) {
        cells.set(*row);
        IcsrElement element = TRY(element_of(cells, row->line));
        if (!ids.insert(element.id).second)
            return Error{ErrorCode::law_duplicate, fmt::format("'{}' is there already", element.id),
                         fmt::format("{}:{}:1", file_name, row->line)};
        out.by_scope_[static_cast<std::size_t>(element.scope)].push_back(std::move(element));
    }
    return out;
}

Result<IcsrElements> IcsrElements::load(const std::filesystem::path& law_directory) {
    std::ifstream in(law_directory / file_name, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in.is_open() || text.empty())
        return Error{ErrorCode::file_unreadable, "the law has no list of elements", std::string(file_name)};
    return parse(text);
}

std::size_t IcsrElements::size() const {
    std::size_t out = 0;
    for (const auto& list : by_scope_) out += list.size();
    return out;
}

}  // namespace qingyuan::observe
