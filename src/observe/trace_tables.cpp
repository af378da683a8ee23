#include "observe/trace_tables.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

#include <fmt/format.h>

#include "observe/number_cache.hpp"
#include "observe/table_row.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::size_t id_bytes_max = 64, words_bytes_max = 512, title_bytes_max = 1'024;
constexpr std::size_t quantity_digits_max = 15, digest_digits_min = 32, digest_digits_max = 128;
constexpr int cache_bits = 10;

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::uint64_t number_of(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    return value;
}

/// GS1 General Specifications 7.9.
bool check_digit_fits(std::string_view gtin) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < gtin.size(); ++i)
        sum += static_cast<unsigned>(gtin[i] - '0') * ((gtin.size() - i) % 2 == 0 ? 3 : 1);
    return sum % 10 == 0;
}

/// A row with what it asks of the reference tables.
class SideRow : public TableRow {
 public:
    SideRow(const CsvHeader& header, std::span<const CsvColumn> columns, const TableContext& context,
            RowProblems& problems)
        : TableRow(header, columns, problems), context_(context), names_(context.names) {}

    void begin(std::uint64_t row, const CsvCells& cells, std::string_view line) {
        TableRow::begin(row, cells, line);
        unknown_ = false;
    }
    /// Rejected, waiting, or taken.
    bool end() {
        if (faulty()) {
            reject();
            return false;
        }
        if (unknown_) wait(unknown_column_, unknown_code_, cell(unknown_column_));
        return !unknown_;
    }

    std::uint32_t actor(std::size_t column, bool required) {
        const std::string_view id = text(column, id_bytes_max, required);
        const std::uint32_t number = context_.reference.find_operator(id);
        if (number == 0 && !id.empty()) missing(column, ErrorCode::operator_unknown);
        return number;
    }
    /// Seven digits or a GTIN-14; 0 where the cell is empty or wrong.
    std::uint64_t product(std::size_t column, bool required) {
        const std::string_view digits = text(column, id_bytes_max, required);
        if (digits.empty()) return 0;
        if (!is_digits(digits) || (digits.size() != 7 && digits.size() != 14)) {
            fail(column, ErrorCode::code_malformed, "it is no product code",
                 "give the first 7 digits of its pack codes, or a GTIN with 14 digits");
            return 0;
        }
        if (digits.size() == 14 && !check_digit_fits(digits)) {
            fail(column, ErrorCode::code_check_failed, "the check digit of the GTIN is wrong",
                 "copy it from the pack");
            return 0;
        }
        return number_of(digits);
    }
    std::uint64_t known_product(std::size_t column, bool required) {
        const std::uint64_t number = product(column, required);
        if (number != 0 && context_.reference.find_product(number) == nullptr)
            missing(column, ErrorCode::product_unknown);
        return number;
    }
    packs::PackCode code(std::size_t column) {
        packs::PackCode out;
        if (packs::parse_national(cell(column), out)) return out;
        if (!scanned_code(column, scanned_[column % 2])) return out;
        is_scanned_[column % 2] = true;
        return scanned_[column % 2].code;
    }
    std::int64_t quantity(std::size_t column) {
        std::string_view digits = text(column, id_bytes_max, true);
        const bool minus = digits.starts_with('-');
        if (minus) digits.remove_prefix(1);
        if (!is_digits(digits) || digits.size() > quantity_digits_max) {
            if (!cell(column).empty())
                fail(column, ErrorCode::number_invalid, "it is no whole number", "count in smallest packs");
            return 0;
        }
        const auto value = static_cast<std::int64_t>(number_of(digits));
        return minus ? -value : value;
    }
    /// `from` must not lie behind `to`.
    void check_order(std::size_t column, std::int64_t from_ms, std::int64_t to_ms, std::string_view what) {
        if (from_ms > to_ms) fail(column, ErrorCode::field_invalid, std::string(what), "check both dates");
    }
    /// What is entered in the dictionaries, only of a row that is taken.
    packs::Name name(std::size_t column) { return cell(column).empty() ? 0 : names_.name_of(cell(column)); }
    std::uint32_t batch(std::size_t column) {
        return batches_.number_of(cell(column), [&](std::string_view id) {
            const std::uint32_t number = context_.reference.find_batch(id);
            return number != 0 || !context_.unknown_batch ? number : context_.unknown_batch(id);
        });
    }
    void keep_codes() {
        for (std::size_t i = 0; i < scanned_.size(); ++i)
            if (is_scanned_[i] && scanned_[i].code.is_hashed() && context_.hashed_code)
                context_.hashed_code(scanned_[i].code, scanned_[i].text);
        is_scanned_ = {};
    }
    void forget_codes() { is_scanned_ = {}; }

 private:
    void missing(std::size_t column, ErrorCode code) {
        if (unknown_) return;
        unknown_ = true;
        unknown_column_ = column;
        unknown_code_ = code;
    }

    const TableContext& context_;
    packs::Names::Cursor names_;
    NumberCache batches_{cache_bits};
    std::array<packs::ScannedCode, 2> scanned_;  ///< a row has at most two codes, side by side
    std::array<bool, 2> is_scanned_{};
    bool unknown_ = false;
    std::size_t unknown_column_ = 0;
    ErrorCode unknown_code_{};
};

/// How a V is read: its columns; parse() sees the line alone, name() enters in the dictionaries what the row
/// names.
template <class V>
struct TableOf;

template <>
struct TableOf<packs::Operator> {
    static constexpr std::array<CsvColumn, 9> columns{{{"id"},
                                                       {"type"},
                                                       {"headquarters"},
                                                       {"region"},
                                                       {"scopes"},
                                                       {"licence_from"},
                                                       {"licence_to"},
                                                       {"name", false},
                                                       {"capacity", false}}};
    static void parse(SideRow& row, packs::Operator& out) {
        out.id = row.text(0, id_bytes_max, true);
        const std::string_view type = row.text(1, id_bytes_max, true);
        const auto found = std::find(packs::operator_types.begin(), packs::operator_types.end(), type);
        if (found != packs::operator_types.end())
            out.type = static_cast<packs::OperatorType>(found - packs::operator_types.begin());
        else if (!type.empty())
            row.fail(1, ErrorCode::not_in_vocabulary, "it is no type of operator",
                     "manufacturer wholesaler chain_headquarters chain_store pharmacy hospital other");
        out.headquarters = row.text(2, id_bytes_max, false);
        if (!out.headquarters.empty() && out.headquarters == out.id)
            row.fail(2, ErrorCode::field_invalid, "a firm is not its own headquarters",
                     "leave the cell empty");
        out.region = row.text(3, id_bytes_max, false);
        out.scopes = row.text(4, words_bytes_max, false);
        out.name = row.text(7, words_bytes_max, false);
        if (!row.cell(8).empty()) out.capacity = row.quantity(8);
        if (out.capacity < 0)
            row.fail(8, ErrorCode::field_invalid, "a capacity is no debt", "packs in thirty days, or empty");
        const bool begins = row.bound(5, DayEdge::first, out.licence_from_ms);
        const bool ends = row.bound(6, DayEdge::last, out.licence_to_ms);
        if (begins && row.cell(6).empty()) out.licence_to_ms = INT64_MAX;
        if (row.cell(5).empty() && !row.cell(6).empty())
            row.fail(5, ErrorCode::field_missing, "the licence has an end and no beginning",
                     "give its first day");
        if (begins && ends)
            row.check_order(6, out.licence_from_ms, out.licence_to_ms, "the licence ends before it begins");
    }
    static void name(SideRow&, packs::Operator&) {}
};

template <>
struct TableOf<packs::Product> {
    static constexpr std::array<CsvColumn, 6> columns{
        {{"code"}, {"holder"}, {"class"}, {"name", false}, {"approved_to", false}, {"approved_from", false}}};
    static void parse(SideRow& row, packs::Product& out) {
        out.code = row.product(0, true);
        out.holder = row.text(1, id_bytes_max, false);
        out.class_word = row.text(2, id_bytes_max, false);
        if (!out.class_word.empty() && out.class_word != "psychotropic_2" && out.class_word != "prescription")
            row.fail(2, ErrorCode::not_in_vocabulary, "it is no class of products",
                     "psychotropic_2, prescription, or empty");
        out.name = row.text(3, words_bytes_max, false);
        const bool ends = row.bound(4, DayEdge::last, out.approved_to_ms);
        const bool begins = row.bound(5, DayEdge::first, out.approved_from_ms);
        if (begins && ends)
            row.check_order(4, out.approved_from_ms, out.approved_to_ms,
                            "its approval ends before it begins");
    }
    static void name(SideRow&, packs::Product&) {}
};

template <>
struct TableOf<packs::Batch> {
    static constexpr std::array<CsvColumn, 6> columns{
        {{"id"}, {"product"}, {"holder"}, {"produced_at"}, {"expires_at"}, {"recalled_at"}}};
    static void parse(SideRow& row, packs::Batch& out) {
        out.id = row.text(0, id_bytes_max, true);
        out.product = row.product(1, true);
        out.holder = row.text(2, id_bytes_max, false);
        const bool produced = row.bound(3, DayEdge::first, out.produced_ms);
        const bool expires = row.bound(4, DayEdge::last, out.expires_ms);
        row.bound(5, DayEdge::first, out.recalled_ms);
        if (produced && expires)
            row.check_order(4, out.produced_ms, out.expires_ms, "it expires before it is made");
    }
    static void name(SideRow&, packs::Batch&) {}
};

template <>
struct TableOf<packs::Document> {
    static constexpr std::array<CsvColumn, 5> columns{
        {{"id"}, {"seller"}, {"buyer"}, {"batch"}, {"quantity"}}};
    static void parse(SideRow& row, packs::Document& out) {
        row.text(0, packs::name_bytes_max, true);
        out.seller = row.actor(1, false);
        out.buyer = row.actor(2, false);
        row.text(3, id_bytes_max, false);
        out.quantity = row.quantity(4);  // credited goods are invoiced below nothing; rule 8 compares
    }
    static void name(SideRow& row, packs::Document& out) {
        out.id = row.name(0);
        out.batch = row.batch(3);
    }
};

template <>
struct TableOf<packs::Relation> {
    static constexpr std::array<CsvColumn, 4> columns{
        {{"parent"}, {"child"}, {"from", false}, {"to", false}}};
    static void parse(SideRow& row, packs::Relation& out) {
        out.parent = row.code(0);
        out.child = row.code(1);
        if (!row.faulty() && out.parent == out.child)
            row.fail(1, ErrorCode::field_invalid, "a code cannot lie in itself",
                     "name the case as parent, the pack as child");
        row.event_time(2, out.from_ms, false);
        row.event_time(3, out.to_ms, false);
        if (!row.faulty())
            row.check_order(3, out.from_ms, out.to_ms, "it was taken out before it was put in");
    }
    static void name(SideRow& row, packs::Relation&) { row.keep_codes(); }
};

template <>
struct TableOf<packs::StockCount> {
    static constexpr std::array<CsvColumn, 5> columns{
        {{"operator"}, {"product"}, {"batch"}, {"quantity"}, {"counted_at"}}};
    static void parse(SideRow& row, packs::StockCount& out) {
        out.actor = row.actor(0, true);
        out.product = row.known_product(1, true);
        row.text(2, id_bytes_max, false);
        out.quantity = row.quantity(3);
        if (!row.bound(4, DayEdge::last, out.counted_ms)) row.text(4, id_bytes_max, true);
    }
    static void name(SideRow& row, packs::StockCount& out) { out.batch = row.batch(2); }
};

template <>
struct TableOf<packs::Duty> {
    static constexpr std::array<CsvColumn, 4> columns{{{"person"}, {"operator"}, {"from"}, {"to"}}};
    static void parse(SideRow& row, packs::Duty& out) {
        row.text(0, packs::name_bytes_max, true);
        out.actor = row.actor(1, true);
        if (!row.bound(2, DayEdge::first, out.from_ms)) row.text(2, id_bytes_max, true);
        row.bound(3, DayEdge::last, out.to_ms);
        if (!row.faulty()) row.check_order(3, out.from_ms, out.to_ms, "the duty ends before it begins");
    }
    static void name(SideRow& row, packs::Duty& out) { out.person = row.name(0); }
};

template <>
struct TableOf<packs::Settlement> {
    static constexpr std::array<CsvColumn, 3> columns{{{"code"}, {"operator"}, {"settled_at"}}};
    static void parse(SideRow& row, packs::Settlement& out) {
        out.code = row.code(0);
        out.actor = row.actor(1, true);
        row.event_time(2, out.settled_ms, true);
    }
    static void name(SideRow& row, packs::Settlement&) { row.keep_codes(); }
};

template <>
struct TableOf<packs::Listing> {
    static constexpr std::array<CsvColumn, 7> columns{
        {{"id"}, {"operator"}, {"platform"}, {"product"}, {"title"}, {"captured_at"}, {"digest"}}};
    static void parse(SideRow& row, packs::Listing& out) {
        row.text(0, packs::name_bytes_max, true);
        out.actor = row.actor(1, true);
        out.platform = row.text(2, id_bytes_max, true);
        out.product = row.known_product(3, false);
        out.title = row.text(4, title_bytes_max, false);
        row.event_time(5, out.captured_ms, true);
        out.digest = row.text(6, digest_digits_max, false);
        std::transform(out.digest.begin(), out.digest.end(), out.digest.begin(),
                       [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (!out.digest.empty() && (out.digest.size() < digest_digits_min ||
                                    out.digest.find_first_not_of("0123456789abcdef") != std::string::npos))
            row.fail(6, ErrorCode::field_invalid, "it is no digest",
                     "write the digest of the capture in hexadecimal digits");
    }
    static void name(SideRow& row, packs::Listing& out) { out.id = row.name(0); }
};

/// Cells in which a scanner's group separator may stand.
template <class V>
std::uint32_t code_cells(const CsvHeader& header) {
    if constexpr (std::is_same_v<V, packs::Relation>) return header.bit(0) | header.bit(1);
    if constexpr (std::is_same_v<V, packs::Settlement>) return header.bit(0);
    return 0;
}

}  // namespace

template <class V>
Result<SideTable<V>> SideTable<V>::from_header(std::string_view line) {
    return SideTable(TRY(read_csv_header(line, TableOf<V>::columns)));
}

template <class V>
void SideTable<V>::read(std::string_view block, std::uint64_t first_row, const TableContext& context,
                        std::vector<V>& out, RowProblems& problems) const {
    SideRow row(header_, TableOf<V>::columns, context, problems);
    CsvWalker walker(header_.columns, code_cells<V>(header_));
    walker.walk(
        block, first_row,
        [&](std::uint64_t number, const CsvCells& cells, std::string_view line) {
            row.begin(number, cells, line);
            V& value = out.emplace_back();
            TableOf<V>::parse(row, value);
            if (row.end())
                TableOf<V>::name(row, value);
            else
                out.pop_back();
            row.forget_codes();
        },
        [&](std::uint64_t number, const LineFault& fault) { row.refuse_line(number, fault); });
}

template class SideTable<packs::Operator>;
template class SideTable<packs::Product>;
template class SideTable<packs::Batch>;
template class SideTable<packs::Document>;
template class SideTable<packs::Relation>;
template class SideTable<packs::StockCount>;
template class SideTable<packs::Duty>;
template class SideTable<packs::Settlement>;
template class SideTable<packs::Listing>;

}  // namespace qingyuan::observe
