#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <unistd.h>
#include <xlsxwriter.h>

#include <fmt/format.h>

#include "base/text.hpp"
#include "document/table.hpp"

namespace qingyuan::document {

namespace {

constexpr std::size_t sheet_name_max = 31;
constexpr int width_min = 8;
constexpr int width_max = 60;
constexpr std::size_t rows_measured = 500;  ///< for the width of a column

/// The library writes files only.
class TemporaryFile {
   public:
    TemporaryFile() {
        std::string pattern = (std::filesystem::temp_directory_path() / "qingyuan-XXXXXX").string();
        const int fd = ::mkstemp(pattern.data());
        if (fd < 0) return;
        ::close(fd);
        path_ = pattern;
    }
    ~TemporaryFile() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

   private:
    std::string path_;
};

/// Characters XML cannot hold are left out; a text longer than the format allows is cut.
std::string cell_text(std::string_view text) {
    std::string out;
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\t') continue;
        // A spreadsheet counts UTF-16 units: one for a character, two from U+10000 on.
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
        if (units >= cell_characters_max) return out + "…";
        out += c;
    }
    return out;
}

/// Columns a text takes: Chinese characters take two.
int width_of(std::string_view text) {
    int width = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) ++width;
        else if ((byte & 0xC0) != 0x80) width += 2;
    }
    return width;
}

struct Formats {
    lxw_format* header;
    lxw_format* date;
    lxw_format* whole;
    lxw_format* yuan;
    lxw_format* text;
    lxw_format* label;
};

class Writer {
   public:
    Writer(lxw_workbook* book, const Workbook& content) : book_(book), content_(content) {
        formats_ = {workbook_add_format(book), workbook_add_format(book), workbook_add_format(book),
                    workbook_add_format(book), workbook_add_format(book), workbook_add_format(book)};
        format_set_bold(formats_.header);
        format_set_bg_color(formats_.header, 0xE8EEF4);
        format_set_border(formats_.header, LXW_BORDER_THIN);
        format_set_text_wrap(formats_.header);
        format_set_num_format(formats_.date, "yyyy-mm-dd");
        format_set_num_format(formats_.whole, "#,##0");
        format_set_num_format(formats_.yuan, "#,##0.00");
        // Text stays text when the cell is edited: "@" is the format of text cells.
        format_set_num_format(formats_.text, "@");
        format_set_bold(formats_.label);
        format_set_align(formats_.label, LXW_ALIGN_VERTICAL_TOP);
    }

    Result<void> write() {
        for (const Table& table : content_.tables) CHECK(sheet(table));
        return notes();
    }

   private:
    Result<void> sheet(const Table& table) {
        if (table.rows.size() > sheet_rows_max)
            return Error{ErrorCode::too_large,
                         fmt::format("{} rows; a sheet holds {}", table.rows.size(), sheet_rows_max),
                         table.title,
                         {},
                         "narrow the filters, or export CSV"};
        lxw_worksheet* sheet = added(table.title);
        for (std::size_t at = 0; at < table.columns.size(); ++at) {
            const Column& column = table.columns[at];
            const std::string name =
                column.unit.empty() ? column.name : fmt::format("{} ({})", column.name, column.unit);
            const auto col = static_cast<lxw_col_t>(at);
            worksheet_write_string(sheet, 0, col, cell_text(name).c_str(), formats_.header);
            worksheet_set_column(sheet, col, col, width(table, at, name), nullptr);
        }
        for (std::size_t row = 0; row < table.rows.size(); ++row) {
            QY_ASSERT(table.rows[row].size() == table.columns.size());
            for (std::size_t at = 0; at < table.columns.size(); ++at)
                cell(sheet, static_cast<lxw_row_t>(row + 1), static_cast<lxw_col_t>(at), table.rows[row][at],
                     table.columns[at]);
        }
        worksheet_freeze_panes(sheet, 1, 0);
        if (!table.rows.empty() && !table.columns.empty())
            worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(table.rows.size()),
                                 static_cast<lxw_col_t>(table.columns.size() - 1));
        return {};
    }

    /// A name the format allows, unlike every other one.
    lxw_worksheet* added(std::string_view title) {
        std::string name;
        std::size_t units = 0;
        for (const char c : title) {
            const auto byte = static_cast<unsigned char>(c);
            if ((byte & 0xC0) != 0x80 && ++units > sheet_name_max - 4) break;
            name += std::string_view("[]:*?/\\'").find(c) != std::string_view::npos || byte < 0x20 ? '_' : c;
        }
        if (name.empty()) name = "Sheet";
        const std::string plain = name;
        for (int number = 2; !names_.insert(name).second; ++number)
            name = fmt::format("{} {}", plain, number);
        lxw_worksheet* sheet = workbook_add_worksheet(book_, name.c_str());
        QY_ASSERT(sheet != nullptr);
        worksheet_set_paper(sheet, 9);  // A4
        worksheet_fit_to_pages(sheet, 1, 0);
        worksheet_repeat_rows(sheet, 0, 0);
        worksheet_set_footer(sheet, footer().c_str());
        if (content_.sample_data) worksheet_set_header(sheet, "&C示例数据 SAMPLE DATA");
        return sheet;
    }

    /// The mark on the left, the page in the middle. The format holds 255 characters and reads "&" as a code.
    [[nodiscard]] std::string footer() const {
        constexpr std::size_t mark_max = 200;
        std::string mark;
        for (const char c : content_.mark) mark += c == '&' ? std::string("&&") : std::string(1, c);
        if (mark.size() > mark_max) mark.clear();  // never half a character; the properties have it whole
        return mark.empty() ? "&C&P / &N" : "&L" + mark + "&C&P / &N";
    }

    static int width(const Table& table, std::size_t at, std::string_view name) {
        int width = std::max(width_min, width_of(name));
        for (std::size_t row = 0; row < std::min(table.rows.size(), rows_measured); ++row)
            width = std::max(width, width_of(text_of(table.rows[row][at], table.columns[at])));
        return std::min(width_max, width + 2);
    }

    /// Numbers of this format are binary fractions; one whose digits would not come back is written as text.
    static constexpr std::int64_t exact_max = std::int64_t{1} << 53;

    void cell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t col, const Cell& cell, const Column& column) {
        if (std::holds_alternative<std::monostate>(cell)) return;
        if (const auto* date = std::get_if<Date>(&cell)) {
            lxw_datetime value{};
            value.year = date->year();
            value.month = date->month();
            value.day = date->day();
            if (value.year >= 1900) worksheet_write_datetime(sheet, row, col, &value, formats_.date);
            else worksheet_write_string(sheet, row, col, date->text().c_str(), formats_.text);
            return;
        }
        const std::string text = text_of(cell, column);
        if (const auto* whole = std::get_if<std::int64_t>(&cell);
            whole && *whole > -exact_max && *whole < exact_max) {
            worksheet_write_number(sheet, row, col, static_cast<double>(*whole), formats_.whole);
        } else if (const auto* fen = std::get_if<Fen>(&cell);
                   fen && fen->value > -exact_max && fen->value < exact_max) {
            worksheet_write_number(sheet, row, col, std::strtod(text.c_str(), nullptr), formats_.yuan);
        } else if (const auto* fraction = std::get_if<Rational>(&cell)) {
            // Rounded in exact arithmetic first, so that the sheet shows the digits the report shows.
            const bool share = column.type == ColumnType::share;
            const std::string decimal = fraction->text(column.decimals + (share ? 2 : 0));
            worksheet_write_number(sheet, row, col, std::strtod(decimal.c_str(), nullptr),
                                   decimals(column.decimals, share));
        } else {
            worksheet_write_string(sheet, row, col, cell_text(text).c_str(), formats_.text);
        }
    }

    lxw_format* decimals(int places, bool share) {
        lxw_format*& format = decimal_formats_[{places, share}];
        if (format == nullptr) {
            format = workbook_add_format(book_);
            const std::string zeros =
                places > 0 ? "." + std::string(static_cast<std::size_t>(places), '0') : "";
            format_set_num_format(format, ((share ? "0" : "#,##0") + zeros + (share ? "%" : "")).c_str());
        }
        return format;
    }

    Result<void> notes() {
        lxw_worksheet* sheet = added("说明 Notes");
        worksheet_set_column(sheet, 0, 0, 24, nullptr);
        worksheet_set_column(sheet, 1, 1, 100, nullptr);
        lxw_row_t row = 0;
        const auto line = [&](std::string_view label, std::string_view text) {
            worksheet_write_string(sheet, row, 0, cell_text(label).c_str(), formats_.label);
            worksheet_write_string(sheet, row, 1, cell_text(text).c_str(), formats_.text);
            ++row;
        };
        if (content_.sample_data)
            line("示例数据 Sample data",
                 "企业、人员和记录均为虚构 · every firm, person and record is invented");
        for (const auto& [label, text] : content_.notes) line(label, text);
        for (const Table& table : content_.tables)
            for (const Column& column : table.columns)
                if (!column.unit.empty())
                    line(fmt::format("{} · {}", table.title, column.name), "计量单位 unit: " + column.unit);
        return {};
    }

    lxw_workbook* book_;
    const Workbook& content_;
    Formats formats_{};
    std::map<std::pair<int, bool>, lxw_format*> decimal_formats_;
    std::set<std::string> names_;
};

}  // namespace

Result<std::string> write_xlsx(const Workbook& workbook) {
    const TemporaryFile file;
    if (file.path().empty())
        return Error{ErrorCode::io_failed, "no temporary file",
                     std::filesystem::temp_directory_path().string()};
    lxw_workbook* book = workbook_new(file.path().c_str());
    if (book == nullptr) return Error{ErrorCode::io_failed, "the workbook cannot be created", file.path()};
    lxw_doc_properties properties{};
    char company[] = "清源 Qingyuan";
    properties.author = company;
    std::string mark = workbook.mark;
    if (!mark.empty()) properties.comments = mark.data();
    properties.created = static_cast<std::time_t>(workbook.created.us / 1'000'000);
    workbook_set_properties(book, &properties);
    const Result<void> written = Writer(book, workbook).write();
    const lxw_error closed = workbook_close(book);  // frees it, whatever happened
    if (!written) return written.error();
    if (closed != LXW_NO_ERROR)
        return Error{errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed, lxw_strerror(closed),
                     file.path()};
    std::ifstream in(file.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in) return Error{ErrorCode::io_failed, "the workbook cannot be read back", file.path()};
    return std::move(bytes).str();
}

}  // namespace qingyuan::document
