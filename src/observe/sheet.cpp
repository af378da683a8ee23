#include "observe/sheet.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "observe/sheet_parts.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view workbook_part = "xl/workbook.xml", relations_part = "xl/_rels/workbook.xml.rels";

Error damaged(std::string message, std::string where) {
    return {ErrorCode::file_unreadable,
            std::move(message),
            std::move(where),
            {},
            "save the table again as an .xlsx workbook or as CSV"};
}

std::string_view attribute(const std::vector<SheetAttribute>& attributes, std::string_view name) {
    for (const SheetAttribute& one : attributes)
        if (one.name == name) return one.value;
    return {};
}

/// Names of sheets in their order, with the ids of their parts. Attribute values come with entities resolved
/// only where they were written as characters; "&amp;" in a name is the exception that occurs.
class WorkbookEvents : public SheetEvents {
 public:
    void open(std::string_view element, const std::vector<SheetAttribute>& attributes) override {
        if (element != "sheet") return;
        std::string name(attribute(attributes, "name"));
        for (auto at = name.find("&#38;"); at != std::string::npos; at = name.find("&#38;"))
            name.replace(at, 5, "&");
        sheets.emplace_back(std::move(name), std::string(attribute(attributes, "id")));
    }
    void close(std::string_view) override {}
    void text(std::string_view) override {}
    std::vector<std::pair<std::string, std::string>> sheets;
};

class RelationEvents : public SheetEvents {
 public:
    void open(std::string_view element, const std::vector<SheetAttribute>& attributes) override {
        if (element != "Relationship") return;
        std::string target(attribute(attributes, "Target"));
        target = target.starts_with('/') ? target.substr(1) : "xl/" + target;
        if (attribute(attributes, "Type").ends_with("/sharedStrings")) shared = target;
        targets.emplace(attribute(attributes, "Id"), std::move(target));
    }
    void close(std::string_view) override {}
    void text(std::string_view) override {}
    std::map<std::string, std::string, std::less<>> targets;
    std::string shared;
};

/// The texts that cells refer to by number: all <t> of an <si>, readings (<rPh>) left out.
class SharedEvents : public SheetEvents {
 public:
    explicit SharedEvents(const SheetLimits& limits) : limits_(limits) {}
    void open(std::string_view element, const std::vector<SheetAttribute>&) override {
        if (element == "si") {
            texts.emplace_back();
            check_bytes();
        }
        if (element == "rPh") reading_ = true;
        in_text_ = element == "t" && !reading_;
    }
    void close(std::string_view element) override {
        if (element == "rPh") reading_ = false;
        in_text_ = false;
    }
    void text(std::string_view text) override {
        if (!in_text_ || texts.empty()) return;
        bytes_ += text.size();
        texts.back() += text;
        if (texts.back().size() > limits_.cell_bytes_max)
            stop({ErrorCode::cell_too_large,
                  fmt::format("a text of more than {} bytes", limits_.cell_bytes_max)});
        check_bytes();
    }
    std::vector<std::string> texts;

 private:
    void check_bytes() {
        if (bytes_ + texts.size() * sizeof(std::string) > limits_.shared_bytes_max)
            stop({ErrorCode::too_large,
                  fmt::format("more than {} bytes of shared texts", limits_.shared_bytes_max)});
    }

    const SheetLimits& limits_;
    std::uint64_t bytes_ = 0;
    bool in_text_ = false, reading_ = false;
};

/// "BC12": column 54 (from 0), row 12. False for anything else.
bool parse_place(std::string_view text, std::uint64_t& column, std::uint64_t& row) {
    std::size_t i = 0;
    column = 0;
    for (; i < text.size() && i < 3 && text[i] >= 'A' && text[i] <= 'Z'; ++i)
        column = column * 26 + static_cast<std::uint64_t>(text[i] - 'A' + 1);
    const auto number = parse_integer(text.substr(i));
    if (i == 0 || !number || *number < 1) return false;
    --column;
    row = static_cast<std::uint64_t>(*number);
    return true;
}

class RowEvents : public SheetEvents {
 public:
    RowEvents(const std::vector<std::string>& shared, const SheetRowSink& sink, const SheetLimits& limits)
        : shared_(shared), sink_(sink), limits_(limits) {}

    void open(std::string_view element, const std::vector<SheetAttribute>& attributes) override {
        if (element == "row") return begin_row(attributes);
        if (element == "c") return begin_cell(attributes);
        if (element == "rPh") reading_ = true;
        in_value_ = in_cell_ && (element == "v" || (element == "t" && !reading_));
    }
    void close(std::string_view element) override {
        in_value_ = false;
        if (element == "rPh") reading_ = false;
        if (element == "c" && in_cell_) end_cell();
        if (element == "row") end_row();
    }
    void text(std::string_view text) override {
        if (!in_value_) return;
        value_ += text;
        if (value_.size() > limits_.cell_bytes_max)
            wrong(ErrorCode::cell_too_large,
                  fmt::format("a cell of more than {} bytes", limits_.cell_bytes_max));
    }

 private:
    void begin_row(const std::vector<SheetAttribute>& attributes) {
        const auto number = parse_integer(attribute(attributes, "r"));
        const std::uint64_t next = number && *number > 0 ? static_cast<std::uint64_t>(*number) : row_ + 1;
        if (next <= row_) wrong(ErrorCode::file_unreadable, "rows do not follow one another");
        row_ = next;
        if (row_ > limits_.rows_max)
            wrong(ErrorCode::too_large, fmt::format("more than {} rows", limits_.rows_max));
        cells_.clear();
    }
    void begin_cell(const std::vector<SheetAttribute>& attributes) {
        in_cell_ = true;
        value_.clear();
        type_ = attribute(attributes, "t");
        column_ = cells_.size();
        const std::string_view place = attribute(attributes, "r");
        std::uint64_t row = 0;
        if (!place.empty() && (!parse_place(place, column_, row) || row != row_ || column_ < cells_.size()))
            return wrong(ErrorCode::file_unreadable,
                         fmt::format("a cell is not where it should be: {}", place));
        if (column_ >= limits_.columns_max)
            return wrong(ErrorCode::too_large, fmt::format("more than {} columns", limits_.columns_max));
        cells_.resize(column_ + 1);
    }
    void end_cell() {
        in_cell_ = false;
        if (type_ == "s") {
            const auto number = parse_integer(value_);
            if (!number || *number < 0 || static_cast<std::size_t>(*number) >= shared_.size())
                return wrong(ErrorCode::file_unreadable, "a cell refers to a text that is not there");
            cells_.back() = shared_[static_cast<std::size_t>(*number)];
        } else {
            cells_.back() = value_;
        }
    }
    void end_row() {
        if (std::all_of(cells_.begin(), cells_.end(), [](const std::string& cell) { return cell.empty(); }))
            return;
        if (auto taken = sink_(row_, cells_); !taken) stop(std::move(taken).error());
    }
    void wrong(ErrorCode code, std::string message) {
        stop({code, std::move(message), fmt::format("row {}", row_)});
    }

    const std::vector<std::string>& shared_;
    const SheetRowSink& sink_;
    const SheetLimits& limits_;
    std::vector<std::string> cells_;
    std::string value_, type_;
    std::uint64_t row_ = 0, column_ = 0;
    bool in_cell_ = false, in_value_ = false, reading_ = false;
};

}  // namespace

Result<void> read_sheet(std::string_view bytes, std::string_view name, const SheetRowSink& sink,
                        const SheetLimits& limits) {
    const SheetParts parts = TRY(SheetParts::open(bytes, limits));
    if (!parts.has(std::string(workbook_part)))
        return Error{ErrorCode::file_kind_refused,
                     "it is an archive, but no .xlsx workbook",
                     "",
                     {},
                     "save the table again as an .xlsx workbook or as CSV"};
    WorkbookEvents workbook;
    CHECK(parts.read(std::string(workbook_part), workbook));
    RelationEvents relations;
    CHECK(parts.read(std::string(relations_part), relations));
    const auto sheet = std::find_if(workbook.sheets.begin(), workbook.sheets.end(),
                                    [&](const auto& one) { return name.empty() || one.first == name; });
    if (sheet == workbook.sheets.end())
        return Error{ErrorCode::record_unknown, fmt::format("the workbook has no sheet '{}'", name)};
    const auto target = relations.targets.find(sheet->second);
    if (target == relations.targets.end()) return damaged("a sheet has no part", sheet->first);
    SharedEvents shared(limits);
    if (!relations.shared.empty()) CHECK(parts.read(relations.shared, shared));
    RowEvents events(shared.texts, sink, limits);
    return parts.read(target->second, events);
}

}  // namespace qingyuan::observe
