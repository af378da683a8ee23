// Reading the flat trace format on one thread: rows and megabytes a second of events.csv with epoch seconds,
// with RFC 3339 times, and with a name in Chinese in every row (the slower way); and of documents.csv.
#include <string>

#include <fmt/format.h>

#include "base/date.hpp"
#include "base/random.hpp"
#include "measure.hpp"
#include "observe/trace_csv.hpp"

namespace {

using namespace qingyuan;

constexpr std::uint32_t operators = 18'000, batches = 20'000, products = 2'000;
constexpr std::size_t rows = 1'000'000, block_bytes = 1 << 20;

enum class Writing { epoch, rfc3339, chinese };

packs::Reference reference() {
    packs::Reference out;
    for (std::uint32_t i = 0; i < operators; ++i) out.put(packs::Operator{.id = fmt::format("W{:05}", i)});
    for (std::uint32_t i = 0; i < batches; ++i) out.put(packs::Batch{.id = fmt::format("B{:06}", i)});
    for (std::uint32_t i = 0; i < products; ++i) out.put(packs::Product{.code = 8'100'000 + i});
    return out;
}

/// Documents of forty packs: neighbouring rows share the firms, the batch and the document.
std::string events(Writing writing) {
    Random random(1);
    std::string out;
    std::uint64_t from = 0, to = 0, batch = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        if (i % 40 == 0) {
            from = random.next() % operators;
            to = random.next() % operators;
            batch = random.next() % batches;
        }
        const std::uint64_t at = 1'735'689'600 + i * 7;
        const auto time = [&](std::uint64_t seconds) {
            return writing == Writing::rfc3339
                       ? Instant{static_cast<std::int64_t>(seconds) * 1'000'000}.text()
                       : fmt::format("{}", seconds);
        };
        out += fmt::format("E{:09},{}{:09}{:04},{},W{:05},W{:05},{},{},B{:06},{}{:07}\n", i,
                           8'100'000 + batch % products, i, random.next() % 10'000,
                           i % 2 == 0 ? "ship" : "receive", from, to, time(at), time(at + 3'600), batch,
                           writing == Writing::chinese ? "单" : "D", i / 40);
    }
    return out;
}

}  // namespace

int main() {
    const packs::Reference known = reference();
    const auto table = bench::must(observe::EventTable::from_header(
        "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document"));
    const observe::EventContext context{.reference = known, .now_ms = 4'000'000'000'000};
    for (const auto& [name, writing] :
         {std::pair{"trace_csv_epoch", Writing::epoch}, std::pair{"trace_csv_rfc3339", Writing::rfc3339},
          std::pair{"trace_csv_chinese", Writing::chinese}}) {
        const std::string text = events(writing);
        packs::Piece piece;
        const double seconds = bench::best_of(5, [&] {
            packs::Names names;
            packs::Names::Cursor cursor(names);
            observe::RowProblems problems;
            std::uint64_t read = 0;
            for (std::string_view rest = text; !rest.empty();) {
                const std::string_view block =
                    rest.substr(0, observe::last_line_end(rest.substr(0, block_bytes)));
                rest.remove_prefix(block.size());
                piece.events.clear();
                table.read(block, 2 + read, context, cursor, piece, problems);
                read += piece.events.size();
            }
            if (read != rows) {
                std::fprintf(stderr, "%zu rows were not taken\n", rows - read);
                std::exit(3);
            }
        });
        bench::print(name, static_cast<double>(rows) / 1e6 / seconds, "M rows/s",
                     fmt::format("{:.0f} MB/s, {} B a row", static_cast<double>(text.size()) / 1e6 / seconds,
                                 text.size() / rows));
    }
}
