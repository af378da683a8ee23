#include "observe/trace_csv.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "observe/number_cache.hpp"
#include "observe/trace_time.hpp"

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

constexpr int operator_cache_bits = 12, batch_cache_bits = 11;
constexpr std::size_t product_places = 1'024;
constexpr std::size_t line_bytes_expected = 72;
constexpr std::string_view action_words =
    "produce ship receive dispense use return_out return_in destroy sample";

/// "other" is no word of this table.
bool parse_action(std::string_view word, packs::Action& out) {
    using enum packs::Action;
    const auto is = [&](std::string_view expected, packs::Action value) {
        out = value;
        return word == expected;
    };
    switch (word.size()) {
        case 3: return is("use", use);
        case 4: return is("ship", ship);
        case 6: return is("sample", sample);
        case 7: return is("receive", receive) || is("produce", produce) || is("destroy", destroy);
        case 8: return is("dispense", dispense);
        case 9: return is("return_in", return_in);
        case 10: return is("return_out", return_out);
        default: return false;
    }
}

/// A code that a spreadsheet took for a number: 8.1E+19.
bool is_spreadsheet_number(std::string_view text) {
    return text.find_first_not_of("0123456789.E+") == std::string_view::npos &&
           text.find("E+") != std::string_view::npos;
}

struct Fault {
    Field field;
    ErrorCode code;
    std::string message;
    std::string next;
};

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
            packs::Piece& out, RowProblems& problems)
        : context_(context), names_(names), out_(out), problems_(problems), products_(product_places, 0) {
        for (std::size_t i = 0; i < place_.size(); ++i) place_[i] = header.place[i];
    }

    void row(std::uint64_t row, const CsvCells& cells, std::string_view line) {
        ++problems_.rows;
        cells_ = &cells;
        packs::Event& event = out_.events.emplace_back();
        scanned_.reset();
        if (!(parse(event) && known(row, line, event))) {
            out_.events.pop_back();
            if (!faults_.empty()) reject(row);
            return;
        }
        name(event);
    }

    void fault(std::uint64_t row, const LineFault& fault) {
        ++problems_.rows;
        ++problems_.rejected_rows;
        problems_.reject(row, "", fault.code, fault.message, fault.next);
    }

 private:
    [[nodiscard]] std::string_view cell(Field field) const { return (*cells_)[place_[field]]; }

    /// Everything that can be seen in the line alone; all its faults.
    bool parse(packs::Event& event) {
        parse_code_cell(event);
        if (!parse_action(cell(action), event.action)) bad_action();
        parse_times(event);
        check_text(event_id, packs::name_bytes_max, true);
        check_text(actor, trace_id_bytes_max, true);
        check_text(counterparty, trace_id_bytes_max, false);
        check_text(batch, trace_id_bytes_max, false);
        check_text(document, packs::name_bytes_max, false);
        check_text(corrects, packs::name_bytes_max, false);
        check_text(owner, trace_id_bytes_max, false);
        check_text(person, packs::name_bytes_max, false);
        check_text(prescription, packs::name_bytes_max, false);
        const std::string_view flag = cell(split);
        if (flag == "1")
            event.flags = packs::flag_split;
        else if (!flag.empty() && flag != "0")
            fail(split, ErrorCode::field_invalid, "it is neither 0 nor 1",
                 "write 1 for a part of a split pack, else 0");
        if (!cell(corrects).empty() && cell(corrects) == cell(event_id))
            fail(corrects, ErrorCode::field_invalid, "an event cannot correct itself",
                 "name the event that is superseded");
        return faults_.empty();
    }

    void parse_code_cell(packs::Event& event) {
        const std::string_view text = cell(code);
        if (packs::parse_national(text, event.code)) [[likely]]
            return;
        if (text.empty())
            return fail(code, ErrorCode::field_missing, "the code is empty", "give the code as scanned");
        if (text.size() > trace_code_bytes_max)
            return fail(code, ErrorCode::cell_too_large, too_long(text, trace_code_bytes_max),
                        "give the code as scanned");
        if (is_spreadsheet_number(text))
            return fail(code, ErrorCode::code_malformed,
                        "a spreadsheet made a number of the code and lost its digits",
                        "export again with the column as text");
        auto scanned = packs::parse_code(text);
        if (!scanned)
            return fail(code, scanned.error().code, std::move(scanned.error().message),
                        scanned.error().next.empty() ? "scan it again" : std::move(scanned.error().next));
        scanned_ = std::move(*scanned);
        event.code = scanned_->code;
    }

    void parse_times(packs::Event& event) {
        if (!parse_time(event_time, event.time_ms)) {
            if (cell(event_time).empty())
                fail(event_time, ErrorCode::field_missing, "the time is empty", "say when it happened");
        } else if (event.time_ms > context_.now_ms + context_.future_ms) {
            fail(event_time, ErrorCode::date_in_future, "the time lies in the future",
                 "set the clock of the scanner, or check the offset from UTC");
        }
        if (!parse_time(upload_time, event.uploaded_ms)) event.uploaded_ms = context_.now_ms;
    }

    /// False where the cell is empty or wrong.
    bool parse_time(Field field, std::int64_t& ms) {
        const std::string_view text = cell(field);
        if (text.empty()) return false;
        const TimeFault fault = parse_event_time(text, ms);
        if (fault == TimeFault::none) [[likely]]
            return true;
        fail(field, ErrorCode::date_invalid, std::string(message_of(fault)), next_of(fault));
        return false;
    }

    void check_text(Field field, std::size_t most, bool required) {
        const std::string_view text = cell(field);
        if (text.size() - 1 < most) [[likely]]
            return;  // an empty one wraps around
        if (text.empty() && required)
            fail(field, ErrorCode::field_missing, "the cell is empty", "fill it");
        else if (!text.empty())
            fail(field, ErrorCode::cell_too_large, too_long(text, most), "give the identifier only");
    }

    void bad_action() {
        if (cell(action).empty())
            fail(action, ErrorCode::field_missing, "the action is empty", action_words);
        else
            fail(action, ErrorCode::not_in_vocabulary, "it is no action", action_words);
    }

    static std::string too_long(std::string_view text, std::size_t most) {
        return fmt::format("{} bytes; {} are allowed", text.size(), most);
    }

    void fail(Field field, ErrorCode error, std::string message, std::string_view next) {
        faults_.push_back({field, error, std::move(message), std::string(next)});
    }

    void reject(std::uint64_t row) {
        ++problems_.rejected_rows;
        for (const Fault& fault : faults_)
            problems_.reject(row, event_columns[fault.field].name, fault.code, fault.message, fault.next);
        faults_.clear();
    }

    /// Are the firms and the product known? Fills in their numbers; otherwise the row waits.
    bool known(std::uint64_t row, std::string_view line, packs::Event& event) {
        const auto find = [&](Field field, std::uint32_t& number) {
            number = operators_.number_of(
                cell(field), [&](std::string_view id) { return context_.reference.find_operator(id); });
            if (number != 0 || cell(field).empty()) [[likely]]
                return true;
            problems_.wait(row, event_columns[field].name, ErrorCode::operator_unknown, cell(field), line);
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
        problems_.wait(row, event_columns[code].name, ErrorCode::product_unknown,
                       kind == packs::CodeKind::national ? fmt::format("{:07}", product)
                                                         : fmt::format("{:014}", product),
                       line);
        return false;
    }

    /// The seven first digits stand in the text; dividing 124 bits takes longer.
    [[nodiscard]] std::uint64_t product_of(packs::PackCode pack) const {
        if (scanned_) return pack.product();
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
        if (scanned_) {
            if (batch_id.empty()) batch_id = std::string_view(scanned_->batch).substr(0, trace_id_bytes_max);
            if (event.code.is_hashed() && context_.hashed_code)
                context_.hashed_code(event.code, scanned_->text);
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
    RowProblems& problems_;
    std::array<std::size_t, event_columns.size()> place_{};
    const CsvCells* cells_ = nullptr;
    std::optional<packs::ScannedCode> scanned_;  ///< where the code is not written as 20 digits
    std::vector<Fault> faults_;
    NumberCache operators_{operator_cache_bits};
    NumberCache batches_{batch_cache_bits};
    std::vector<std::uint64_t> products_;  ///< of products known, one more
    LastName documents_, persons_, prescriptions_;
};

}  // namespace

Result<EventTable> EventTable::from_header(std::string_view line) {
    return EventTable(TRY(read_csv_header(line, event_columns)));
}

void EventTable::read(std::string_view block, std::uint64_t first_row, const EventContext& context,
                      packs::Names::Cursor& names, packs::Piece& out, RowProblems& problems) const {
    Reading reading(header_, context, names, out, problems);
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
