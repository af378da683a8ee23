// What the engines of the pack index do in a second: rows taken in bulk, in small sets, read by group and in
// order. Values of runs have 2,500 bytes, half of them noise, as those of 64 packs have. ClickHouse runs
// where QINGYUAN_TEST_CLICKHOUSE names servers. Each figure is of one run over a fresh store; the sizes make
// it last seconds.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "http/client.hpp"
#include "measure.hpp"
#include "packs/clickhouse.hpp"
#include "packs/store.hpp"

namespace {

using namespace qingyuan;
using namespace qingyuan::packs;
using bench::must;

constexpr std::uint64_t runs = 100'000, relations = 1'000'000;

std::string national(std::uint64_t number) {
    std::string out(9, '\0');
    for (unsigned i = 0; i < 8; ++i) out[8 - i] = static_cast<char>(number >> (8 * i));
    return out;
}

std::string run_value(Random& random) {
    std::string value(2'500, '\0');
    for (std::size_t i = 0; i < value.size(); i += 16) {
        const std::uint64_t noise = random.next();
        for (std::size_t k = 0; k < 8 && i + k < value.size(); ++k)
            value[i + k] = static_cast<char>(noise >> (8 * k));
    }
    return value;
}

void peak(const std::string& engine) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            bench::print(engine + ": peak of this process", std::stod(line.substr(6)) / 1024, "MiB");
}

void rate(const std::string& name, double seconds, double rows, const std::string& remark = {}) {
    bench::print(name, rows / seconds, "rows/s", remark);
}

void fill(Store& store, const std::string& engine) {
    Random random(1);
    std::uint64_t at = 0;
    const double filled = bench::seconds_of([&] {
        must(store.ingest(Space::runs, 1, [&](Entry& next) {
            if (at == runs) return false;
            next = {national(10 * at++), "r", run_value(random)};
            return true;
        }));
    });
    rate(engine + ": ingest, runs", filled, runs,
         std::to_string(static_cast<int>(runs * 2'500 / filled / 1e6)) + " MB/s");
    at = 0;
    const double related = bench::seconds_of([&] {
        must(store.ingest(Space::relations, 2, [&](Entry& next) {
            if (at == relations) return false;
            next = {national(at / 8), national(at), "parent and times"};
            ++at;
            return true;
        }));
    });
    rate(engine + ": ingest, relations", related, relations);
}

void small_sets(Store& store, const std::string& engine) {
    Random random(2);
    constexpr int sets = 20, changes = 1'000;
    std::vector<double> took;
    for (int i = 0; i < sets; ++i) {
        WriteSet set;
        set.token = 10 + static_cast<std::uint64_t>(i);
        for (int k = 0; k < changes / 4; ++k) {
            const auto group = national(random.below(10 * runs));
            set.put(Space::runs, group, "n" + std::to_string(i), std::string(60, 'e'));
            set.put(Space::findings, group, "f", "finding");
            set.add(group, "held", 1);
            set.erase(Space::findings, group, "g");
        }
        set.put(Space::meta, "applied", "", std::to_string(i));
        took.push_back(bench::seconds_of([&] { must(store.write(set)); }));
    }
    std::ranges::sort(took);
    bench::print(engine + ": set of 1,000 changes, median", took[took.size() / 2] * 1e3, "ms");
}

void reads(Store& store, const std::string& engine) {
    Random random(3);
    const auto visit = [&](const std::string& name, const std::vector<std::string>& groups, int rounds) {
        std::size_t seen = 0;
        const double best = bench::best_of(rounds, [&] {
            seen = 0;
            must(store.visit(Space::runs, groups, [&](auto, auto, auto) { return ++seen, true; }));
        });
        rate(engine + ": visit, " + name, best, static_cast<double>(groups.size()),
             std::to_string(seen) + " entries in " + std::to_string(best * 1e3) + " ms");
    };
    std::vector<std::string> all, absent, sparse;
    for (std::uint64_t i = 0; i < runs; ++i) all.push_back(national(10 * i));
    for (std::uint64_t i = 0; i < 10'000; ++i) absent.push_back(national(100 * i + 7));
    for (std::uint64_t i = 0; i < runs; ++i)
        if (random.chance(1, 10)) sparse.push_back(all[i]);
    visit("all groups", all, 3);
    visit("every tenth group", sparse, 3);
    visit("few in store", absent, 3);
    visit("7 groups of a batch", {all.begin() + 500, all.begin() + 507}, 5);
    std::size_t seen = 0;
    const double scanned = bench::best_of(3, [&] {
        seen = 0;
        must(store.scan(Space::relations, {}, {}, [&](auto, auto, auto) { return ++seen, true; }));
    });
    rate(engine + ": scan, relations", scanned, static_cast<double>(seen));
    std::vector<double> took;
    for (int i = 0; i < 1'000; ++i) {
        const auto group = national(10 * random.below(runs));
        took.push_back(bench::seconds_of([&] { must(store.get(Space::runs, group, "r")); }));
    }
    std::ranges::sort(took);
    bench::print(engine + ": get, median", took[500] * 1e6, "us");
    bench::print(engine + ": get, p99", took[990] * 1e6, "us");
    bench::print(engine + ": on disk", static_cast<double>(must(store.bytes())) / 1e6, "MB");
}

void measure(Store& store, const std::string& engine) {
    must(store.clear());
    fill(store, engine);
    small_sets(store, engine);
    reads(store, engine);
    const double settled = bench::seconds_of([&] { must(store.settle()); });
    bench::print(engine + ": settle", settled, "s");
    peak(engine);
    must(store.clear());
}

}  // namespace

int main() {
    const auto directory = std::filesystem::temp_directory_path() / "packs_store_bench";
    std::filesystem::remove_all(directory);
    measure(*must(open_rocks(directory)), "rocksdb");
    std::filesystem::remove_all(directory);
    if (const char* url = std::getenv("QINGYUAN_TEST_CLICKHOUSE"); url != nullptr) {
        const auto client = http::make_client();
        measure(*must(open_clickhouse(*client, url)), "clickhouse");
    }
}
