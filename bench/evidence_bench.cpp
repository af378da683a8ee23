// A raw trace batch into the evidence store: hashing, compressing, keeping, reading back. 200 MB of rows as a
// firm uploads them: 40 consecutive codes share document, batch, firms and time of upload; the last four
// digits of a code are the issuer's secret.
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/random.hpp"
#include "journal/evidence.hpp"
#include "measure.hpp"

using namespace qingyuan;

namespace {

struct Batch {
    std::string bytes;
    std::size_t rows = 0;
};

Batch trace_rows(std::size_t size) {
    constexpr const char* steps[] = {"produce", "ship", "receive", "return_in", "dispense"};
    Random random(7);
    Batch out;
    out.bytes.reserve(size + 8192);
    const auto below = [&](std::uint64_t bound) { return random.below(bound); };
    const auto firm = [&] {
        const std::uint64_t kind = below(100);
        return kind < 35   ? fmt::format("w{:05}", below(600))
               : kind < 55 ? fmt::format("h{:05}", below(900))
                           : fmt::format("s{:05}", below(20'000));
    };
    for (std::uint64_t document = 1; out.bytes.size() < size; ++document) {
        const std::uint64_t product = 8'123'456 + below(3000), serial = below(999'999'000),
                            batch = below(120'000);
        const std::uint64_t at = 1'735'689'600 + below(180 * 86'400), uploaded = at + 300 + below(20'000);
        const std::string actor = firm(), other = firm(), step = steps[below(5)];
        for (std::uint64_t i = 0; i < 40; ++i)
            fmt::format_to(std::back_inserter(out.bytes),
                           "e{:09},{:07}{:09}{:04},{},{},{},{},{},b{:06},d{:07}\n", ++out.rows, product,
                           serial + i, below(10'000), step, actor, other, at + below(301), uploaded, batch,
                           document);
    }
    return out;
}

struct Kept {
    std::string name;
    std::uint64_t frame_bytes = 0;
};

/// One thread; so many blocks prepared together.
Kept keep(const journal::Evidence& evidence, std::string_view bytes, std::size_t together, int level) {
    auto writer = bench::must(evidence.begin());
    Kept kept;
    while (!bytes.empty()) {
        std::vector<std::string_view> blocks;
        for (; blocks.size() < together && !bytes.empty(); bytes.remove_prefix(blocks.back().size()))
            blocks.push_back(bytes.substr(0, journal::evidence_block_bytes));
        const auto prepared = bench::must(journal::prepare_blocks(blocks, level));
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            bench::must(writer.add_block(prepared[i].digest, prepared[i].frame, blocks[i].size()));
            kept.frame_bytes += prepared[i].frame.size();
        }
    }
    kept.name = hex(bench::must(writer.finish()).digest);
    return kept;
}

}  // namespace

int main() {
    const Batch batch = trace_rows(200'000'000);
    const double megabytes = static_cast<double>(batch.bytes.size()) / 1e6;
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("evidence_bench_{}", ::getpid());
    const auto evidence = bench::must(journal::Evidence::open(folder));
    Kept kept;
    const auto again = [&](std::size_t together, int level) {
        return bench::best_of(3, [&] {
            if (!kept.name.empty()) std::filesystem::remove_all(folder / kept.name.substr(0, 2));
            kept = keep(evidence, batch.bytes, together, level);
        });
    };
    for (const int level : {-1, 1, 2, 3}) {
        const double seconds = again(8, level);
        bench::print(fmt::format("evidence, zstd {}, 8 blocks at a time, durable", level),
                     megabytes / seconds, "MB/s",
                     fmt::format("{:.2f} bytes a row of {:.1f}",
                                 static_cast<double>(kept.frame_bytes) / static_cast<double>(batch.rows),
                                 static_cast<double>(batch.bytes.size()) / static_cast<double>(batch.rows)));
    }
    for (const std::size_t together : {1, 4, 16})
        bench::print(fmt::format("evidence, zstd 1, {} at a time, durable", together),
                     megabytes / again(together, 1), "MB/s", "one thread");
    const double reading = bench::best_of(3, [&] { bench::must(evidence.verify(kept.name)); });
    bench::print("evidence, reading back, every block compared", megabytes / reading, "MB/s", "one thread");
    std::filesystem::remove_all(folder);
}
