// libFuzzer: whatever stands in events.csv and the other tables of the flat trace format, every line is
// taken, refused with a reason or waits, and it does not matter where the file is cut. The first line of the
// input is the header. Built from this file and what trace_csv.build names.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "observe/trace_csv.hpp"
#include "observe/trace_tables.hpp"

namespace {

using namespace qingyuan;

constexpr std::string_view columns =
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,corrects,owner,"
    "person,"
    "prescription";

const packs::Reference& reference() {
    static const packs::Reference known = [] {
        packs::Reference out;
        for (const char* id : {"W1", "H1", "S1"}) out.put(packs::Operator{.id = id});
        out.put(packs::Batch{.id = "B1"});
        out.put(packs::Product{.code = 8'123'456});
        return out;
    }();
    return known;
}

void require(bool holds) {
    if (!holds) std::abort();
}

void check_report(const observe::RowProblems& problems, std::uint64_t taken) {
    require(problems.accepted() == taken);
    require(problems.waiting.size() == problems.waiting_rows);
    for (const observe::RejectedRow& row : problems.rejected)
        require(!row.message.empty() && !row.next.empty());
    for (const observe::WaitingRow& row : problems.waiting) require(!row.id.empty() && !row.line.empty());
}

void read_events(const observe::EventTable& table, std::string_view text) {
    packs::Names names;
    packs::Names::Cursor cursor(names);
    const observe::EventContext context{.reference = reference(), .now_ms = 1'767'225'600'000};
    packs::Piece whole, parts;
    observe::RowProblems of_whole, of_parts, of_rest;
    table.read(text, 2, context, cursor, whole, of_whole);
    check_report(of_whole, whole.events.size());
    const std::size_t cut = observe::last_line_end(text.substr(0, text.size() / 2));
    table.read(text.substr(0, cut), 2, context, cursor, parts, of_parts);
    table.read(text.substr(cut), 2 + observe::count_lines(text.substr(0, cut)), context, cursor, parts,
               of_rest);
    of_parts.merge(std::move(of_rest));
    require(of_parts.rejected == of_whole.rejected && of_parts.waiting == of_whole.waiting);
    require(of_parts.counts == of_whole.counts && parts.events.size() == whole.events.size());
    for (std::size_t i = 0; i < whole.events.size(); ++i)
        require(whole.events[i].code == parts.events[i].code && whole.events[i].id == parts.events[i].id);
}

template <class V>
void read_side(std::string_view header, std::string_view text) {
    const auto table = observe::SideTable<V>::from_header(header);
    if (!table) return;
    packs::Names names;
    const observe::TableContext context{.reference = reference(), .names = names};
    std::vector<V> values;
    observe::RowProblems problems;
    table->read(text, 2, context, values, problems);
    check_report(problems, values.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view header = text.substr(0, text.find('\n'));
    const std::string_view rows = text.substr(std::min(header.size() + 1, text.size()));
    if (const auto table = observe::EventTable::from_header(header)) read_events(*table, rows);
    read_side<packs::Operator>(header, rows);
    read_side<packs::Product>(header, rows);
    read_side<packs::Batch>(header, rows);
    read_side<packs::Document>(header, rows);
    read_side<packs::Relation>(header, rows);
    read_side<packs::StockCount>(header, rows);
    read_side<packs::Listing>(header, rows);
    static const auto all = observe::EventTable::from_header(columns);
    read_events(*all, text);
    return 0;
}
