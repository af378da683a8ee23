#include "observe/trace_csv.hpp"

#include <array>

#include <fmt/format.h>

#include "observe/number_cache.hpp"
#include "observe/table_row.hpp"

namespace qingyuan::observe {

namespace {

enum Field : std::size_t {
    event_id,
    code,
    action,
    actor,
    counterparty,
    event_time,
    upload_time,
    batch,
    document,
    split,
    corrects,
    owner,
    person,
    prescription
};
constexpr std::array<CsvColumn, 14> event_columns{{{"event_id"},
                                                   {"code"},
                                                   {"action"},
                                                   {"actor"},
                                                   {"counterparty"},
                                                   {"event_time"},
                                                   {"upload_time"},
                                                   {"batch"},
                                                   {"document"},
                                                   {"split", false},
                                                   {"corrects", false},
                                                   {"owner", false},
                                                   {"person", false},
                                                   {"prescription", false}}};

constexpr int cache_bits = 13, small_cache_bits = 6;  // of a block that is large, and of a few rows
constexpr std::size_t small_block_bytes = 64 * 1024;
constexpr std::size_t product_places = 1'024;
constexpr std::size_t line_bytes_expected = 72;
constexpr std::string_view action_words =
    "produce ship receive dispense use return_out return_in destroy sample";

bool parse_action(std::string_view word, bool takes_other, packs::Action& out) {
    using enum packs::Action;
    const auto is = [&](std::string_view expected, packs::Action value) {
        out = value;
        return word == expected;
    };
    switch (word.size()) {
        case 3: return is("use", use);
        case 4: return is("ship", ship);
        case 5: return takes_other && is("other", other);
        case 6: return is("sample", sample);
        case 7: return is("receive", receive) || is("produce", produce) || is("destroy", destroy);
        case 8: return is("dispense", dispense);
        case 9: return is("return_in", return_in);
        case 10: return is("return_out", return_out);
        default: return false;
    }
}

/// Texts repeat from one row to the next: the last one and its name.
struct LastName {
    std::string text;
    packs::Name name = 0;

    packs::Name of(std::string_view cell, packs::Names::Cursor& names) {
        if (cell.empty()) return 0;
        if (cell != text) {
            name = names.name_of(cell);
            text = cell;
        }
        return name;
    }
};

/// One call of read(): its place in the file and what it looked up lately.
class Reading {
 public:
    Reading(const CsvHeader& header, const EventContext& context, packs::Names::Cursor& names,
            packs::Piece& out, RowProblems& problems, int bits)
        : context_(context),
          names_(names),
          out_(out),
          row_(header, event_columns, problems),
          batches_(bits),
          products_(product_places, 0) {}

    void row(std::uint64_t row, const CsvCells& cells, std::string_view line) {
        row_.begin(row, cells, line);
        packs::Event& event = out_.events.emplace_back();
        is_scanned_ = false;
        if (parse(event) && known(event)) [[likely]]
            return name(event);
        out_.events.pop_back();
        if (row_.faulty()) row_.reject();
    }

    void fault(std::uint64_t row, const LineFault& fault) { row_.refuse_line(row, fault); }

 private:
    [[nodiscard]] std::string_view cell(Field field) const { return row_.cell(field); }

    /// Everything that can be seen in the line alone; all its faults.
    bool parse(packs::Event& event) {
        if (!packs::parse_national(cell(code), event.code)) {
            is_scanned_ = row_.scanned_code(code, scanned_);
            if (is_scanned_) event.code = scanned_.code;
        }
        if (!parse_action(cell(action), context_.takes_other, event.action)) bad_action();
        if (row_.event_time(event_time, event.time_ms, true) &&
            event.time_ms > context_.now_ms + context_.future_ms)
            row_.fail(event_time, ErrorCode::date_in_future, "the time lies in the future",
                      "set the clock of the scanner, or check the offset from UTC");
        if (!row_.event_time(upload_time, event.uploaded_ms, false)) event.uploaded_ms = context_.now_ms;
        row_.text(event_id, packs::name_bytes_max, true);
        row_.text(actor, trace_id_bytes_max, true);
        row_.text(counterparty, trace_id_bytes_max, false);
        row_.text(batch, trace_id_bytes_max, false);
        row_.text(document, packs::name_bytes_max, false);
        row_.text(corrects, packs::name_bytes_max, false);
        row_.text(owner, trace_id_bytes_max, false);
        row_.text(person, packs::name_bytes_max, false);
        row_.text(prescription, packs::name_bytes_max, false);
        const std::string_view flag = cell(split);
        if (flag == "1")
            event.flags = packs::flag_split;
        else if (!flag.empty() && flag != "0")
            row_.fail(split, ErrorCode::field_invalid, "it is neither 0 nor 1",
                      "write 1 for a part of a split pack, else 0");
        if (!cell(corrects).empty() && cell(corrects) == cell(event_id))
            row_.fail(corrects, ErrorCode::field_invalid, "an event cannot correct itself",
                      "name the event that is superseded");
        return !row_.faulty();
    }

    void bad_action() {
        if (cell(action).empty())
            row_.fail(action, ErrorCode::field_missing, "the action is empty", action_words);
        else
            row_.fail(action, ErrorCode::not_in_vocabulary, "it is no action", action_words);
    }

    /// Are the firms and the product known? Fills in their numbers; otherwise the row waits.
    bool known(packs::Event& event) {
        const auto find = [&](Field field, std::uint32_t& number) {
            number = context_.reference.find_operator(cell(field));
            if (number != 0 || cell(field).empty()) [[likely]]
                return true;
            row_.wait(field, ErrorCode::operator_unknown, cell(field));
            return false;
        };
        if (!find(actor, event.actor) || !find(counterparty, event.counterparty) ||
            !find(owner, event.extra.owner))
            return false;
        if (event.extra.owner == event.actor) event.extra.owner = 0;
        const packs::CodeKind kind = event.code.kind();
        if (kind != packs::CodeKind::national && kind != packs::CodeKind::gs1) return true;
        const std::uint64_t product = product_of(event.code);
        if (is_product(product) || (context_.is_parent && context_.is_parent(event.code))) return true;
        row_.wait(code, ErrorCode::product_unknown,
                  kind == packs::CodeKind::national ? fmt::format("{:07}", product)
                                                    : fmt::format("{:014}", product));
        return false;
    }

    /// The seven first digits stand in the text; dividing 124 bits takes longer.
    [[nodiscard]] std::uint64_t product_of(packs::PackCode pack) const {
        if (is_scanned_) return pack.product();
        std::uint64_t product = 0;
        for (const char c : cell(code).substr(0, 7))
            product = product * 10 + static_cast<std::uint64_t>(c - '0');
        return product;
    }

    bool is_product(std::uint64_t product) {
        std::uint64_t& place = products_[(product * 0x9E3779B97F4A7C15ULL) >> 54];
        if (place == product + 1) [[likely]]
            return true;
        if (context_.reference.find_product(product) == nullptr) return false;
        place = product + 1;
        return true;
    }

    /// What is entered in the dictionaries, now that the row is taken.
    void name(packs::Event& event) {
        event.id = names_.name_of(cell(event_id));
        event.document = documents_.of(cell(document), names_);
        std::string_view batch_id = cell(batch);
        if (is_scanned_) {
            if (batch_id.empty()) batch_id = std::string_view(scanned_.batch).substr(0, trace_id_bytes_max);
            if (event.code.is_hashed() && context_.hashed_code)
                context_.hashed_code(event.code, scanned_.text);
        }
        event.batch = batches_.number_of(batch_id, [&](std::string_view id) {
            const std::uint32_t number = context_.reference.find_batch(id);
            return number != 0 || !context_.unknown_batch ? number : context_.unknown_batch(id);
        });
        event.extra.corrects = cell(corrects).empty() ? 0 : names_.name_of(cell(corrects));
        event.extra.person = persons_.of(cell(person), names_);
        event.extra.prescription = prescriptions_.of(cell(prescription), names_);
    }

    const EventContext& context_;
    packs::Names::Cursor& names_;
    packs::Piece& out_;
    TableRow row_;
    packs::ScannedCode scanned_;  ///< of a code that is not written as 20 digits
    bool is_scanned_ = false;
    NumberCache batches_;
    std::vector<std::uint64_t> products_;  ///< of products known, one more
    LastName documents_, persons_, prescriptions_;
};

}  // namespace

Result<EventTable> EventTable::from_header(std::string_view line) {
    return EventTable(TRY(read_csv_header(line, event_columns)));
}

void EventTable::read(std::string_view block, std::uint64_t first_row, const EventContext& context,
                      packs::Names::Cursor& names, packs::Piece& out, RowProblems& problems) const {
    Reading reading(header_, context, names, out, problems,
                    block.size() < small_block_bytes ? small_cache_bits : cache_bits);
    const std::size_t expected = out.events.size() + block.size() / line_bytes_expected + 1;
    if (expected > out.events.capacity()) out.events.reserve(std::max(expected, out.events.capacity() * 2));
    CsvWalker walker(header_.columns, header_.bit(code));
    walker.walk(
        block, first_row,
        [&](std::uint64_t row, const CsvCells& cells, std::string_view line) {
            reading.row(row, cells, line);
        },
        [&](std::uint64_t row, const LineFault& fault) { reading.fault(row, fault); });
}

}  // namespace qingyuan::observe
