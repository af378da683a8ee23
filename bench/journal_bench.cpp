// The journal on SQLite: durable appends in batches and one by one, the same table bare, verification; then
// single appends on PostgreSQL where QINGYUAN_TEST_POSTGRES names a server. One line a figure, the best of
// five.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/sm3.hpp"
#include "journal/journal.hpp"
#include "sql/database.hpp"
#include "sql/store.hpp"

using namespace qingyuan;
using facts::DossierRow;

namespace {

using bench::must;

constexpr int rounds = 5;

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Result<void> fold_dossier(const facts::Recorded& recorded, journal::Projections& rows) {
    if (const auto* opened = std::get_if<facts::DossierOpened>(&recorded.fact.payload)) {
        DossierRow row;
        row.seq = static_cast<std::int64_t>(recorded.seq);
        row.id = opened->id;
        row.procedure = opened->procedure;
        row.state = opened->state;
        row.organisation = recorded.fact.organisation;
        row.operator_id = opened->operator_id;
        row.attributes = opened->attributes;
        row.opened_on = recorded.fact.happened_on;
        return rows.put(row);
    }
    const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
    if (!step) return {};
    auto row = TRY(rows.find<DossierRow>(journal::Key(static_cast<std::int64_t>(recorded.fact.dossier))));
    if (!row) return Error{ErrorCode::dossier_unknown, "no dossier"};
    row->state = step->to;
    row->version = static_cast<std::int64_t>(recorded.seq);
    row->officers = step->officers;
    for (const auto& [field, value] : step->form) row->attributes[field] = value;
    row->steps.push_back(
        {row->version, step->step, {}, recorded.fact.actor, recorded.fact.happened_on, false});
    return rows.put(*row);
}

facts::Fact opening(std::uint64_t number) {
    facts::DossierOpened opened;
    opened.id = fmt::format("hengyang-2025-ins-{:07}", number);
    opened.procedure = "inspection";
    opened.law_on = make_date(2025, 3, 1);
    opened.state = "planned";
    opened.title = "日常监督检查";
    opened.operator_id = fmt::format("op-{}", number % 1000);
    opened.category = "drug";
    opened.attributes = {{"plan", std::string("2025-H1")}};
    return {make_date(2025, 3, 1), "hengyang", "hy-017", 0, opened};
}

facts::Fact step(std::uint64_t dossier, int number) {
    facts::StepTaken taken;
    taken.procedure = "inspection";
    taken.step = "record_finding";
    taken.to = number % 2 != 0 ? "on_site" : "rectifying";
    taken.role = "officer";
    taken.officers = {"hy-017", "hy-022"};
    taken.form = {{"clause", std::string("GSP 126")},
                  {"severity", std::string("minor")},
                  {"note", std::string("阴凉区温度记录不完整，责令限期改正")}};
    taken.documents = {"inspection_02"};
    return {make_date(2025, 3, 2), "hengyang", "hy-017", dossier, taken};
}

/// Dossiers of ten facts, a thousand facts a batch.
std::vector<facts::Fact> batch(std::uint64_t first) {
    std::vector<facts::Fact> out;
    for (std::uint64_t i = 0; i < 100; ++i) {
        out.push_back(opening(first + i * 10));
        for (int k = 1; k < 10; ++k) out.push_back(step(first + i * 10, k));
    }
    return out;
}

struct Bench {
    std::filesystem::path directory;
    WallClock clock;
    std::unique_ptr<journal::Store> store;
    std::unique_ptr<journal::Journal> journal;

    explicit Bench(const std::string& place = {}) {
        static int counter = 0;
        directory = std::filesystem::temp_directory_path() /
                    fmt::format("journal_bench_{}_{}", ::getpid(), ++counter);
        std::filesystem::create_directories(directory);
        store = must(sql::open_store(place.empty() ? (directory / "journal.db").string() : place));
        journal::Options options;
        options.origin = "bench";
        options.head = directory / "journal.head";
        options.checkpoints = directory / "checkpoints";
        options.key = directory / "journal.key";
        options.adopt = true;
        options.folds = {{"dossiers", {DossierRow::row_type}, fold_dossier}};
        journal = must(journal::Journal::open(*store, clock, options));
    }
    ~Bench() {
        journal.reset();
        store.reset();
        std::filesystem::remove_all(directory);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
};

void calibrate() {
    double hash = 1e9, sync = 1e9;
    const Bytes block(1 << 20, 'x');
    const auto file =
        std::filesystem::temp_directory_path() / fmt::format("journal_bench_sync_{}", ::getpid());
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (::write(descriptor, block.data(), 4096) != 4096 || ::fsync(descriptor) != 0) std::exit(3);
    for (int round = 0; round < rounds; ++round) {
        hash = std::min(hash, seconds([&] {
                            for (int i = 0; i < 32; ++i) (void)sm3(block);
                        }));
        sync = std::min(
            sync, seconds([&] {
                for (int i = 0; i < 200; ++i)
                    if (::pwrite(descriptor, block.data(), 512, 0) != 512 || ::fdatasync(descriptor) != 0)
                        std::exit(3);
            }));
    }
    ::close(descriptor);
    std::filesystem::remove(file);
    fmt::print("calibration {:.0f} MB/s SM3, {:.0f} us fdatasync\n", 32 * 1.048576 / hash, sync / 200 * 1e6);
}

void batches_and_verify() {
    constexpr int batches = 60;
    double append = 1e9, verify = 1e9;
    for (int round = 0; round < rounds; ++round) {
        Bench bench;
        std::vector<std::vector<facts::Fact>> work;
        for (std::uint64_t i = 0; i < batches; ++i) work.push_back(batch(i * 1000 + 1));
        append = std::min(append, seconds([&] {
                              for (auto& one : work) must(bench.journal->append(std::move(one)));
                          }));
        verify = std::min(verify, seconds([&] {
                              if (!must(journal::verify(*bench.store, "facts")).problem.empty()) std::exit(3);
                          }));
    }
    fmt::print("append_batch_1000 {:.0f} facts/s\n", batches * 1000 / append);
    fmt::print("verify {:.0f} facts/s\n", batches * 1000 / verify);
}

/// The same number of bytes into a bare table with the same sync setting.
double bare_seconds(const std::filesystem::path& directory, int count, const Bytes& record) {
    const auto database = must(sql::connect_sqlite((directory / "bare.db").string(), {}));
    must(database->script("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body BLOB)"));
    const sql::Statement insert{"insert", "INSERT INTO bare (body) VALUES ($1)"};
    const std::array<sql::Parameter, 1> values{sql::Blob{record}};
    return seconds([&] {
        for (int i = 0; i < count; ++i) {
            must(database->begin(sql::Begin::write));
            must(database->execute(insert, values));
            must(database->commit());
        }
    });
}

void singles() {
    constexpr int count = 400;
    double ours = 1e9, bare = 1e9;
    Bench bench;
    must(bench.journal->append(batch(1)));
    const Bytes record = facts::encode({1, Instant{}, step(1, 1)});
    for (int round = 0; round < rounds; ++round) {
        ours = std::min(
            ours, seconds([&] {
                for (int i = 0; i < count; ++i)
                    must(bench.journal->append({step(static_cast<std::uint64_t>(i % 100) * 10 + 1, i)}));
            }));
        bare = std::min(bare, bare_seconds(bench.directory, count, record));
    }
    fmt::print("append_single {:.0f} facts/s (ratio {:.2f} of {:.0f} bare)\n", count / ours, bare / ours,
               count / bare);
}

void postgres_singles(const std::string& url) {
    constexpr int count = 200;
    const std::string schema = fmt::format("bench_{}", ::getpid());
    const auto database = must(sql::connect_postgres(url));
    must(database->script("CREATE SCHEMA " + schema));
    {
        Bench bench(url + (url.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" +
                    schema);
        const double batched = seconds([&] {
            for (std::uint64_t i = 0; i < 5; ++i) must(bench.journal->append(batch(i * 1000 + 1)));
        });
        double ours = 1e9, bare = 1e9;
        must(database->script("CREATE TABLE " + schema + ".bare (id bigserial PRIMARY KEY, body bytea)"));
        const Bytes record = facts::encode({1, Instant{}, step(1, 1)});
        const sql::Statement insert{"insert", "INSERT INTO " + schema + ".bare (body) VALUES ($1)"};
        const std::array<sql::Parameter, 1> values{sql::Blob{record}};
        for (int round = 0; round < rounds; ++round) {
            ours = std::min(
                ours, seconds([&] {
                    for (int i = 0; i < count; ++i)
                        must(bench.journal->append({step(static_cast<std::uint64_t>(i % 100) * 10 + 1, i)}));
                }));
            bare = std::min(bare, seconds([&] {
                                for (int i = 0; i < count; ++i) must(database->execute(insert, values));
                            }));
        }
        fmt::print("postgres_append_batch_1000 {:.0f} facts/s\n", 5000 / batched);
        fmt::print("postgres_append_single {:.0f} facts/s (ratio {:.2f} of {:.0f} bare)\n", count / ours,
                   bare / ours, count / bare);
    }
    must(database->script("DROP SCHEMA " + schema + " CASCADE"));
}

}  // namespace

int main() {
    calibrate();
    batches_and_verify();
    singles();
    if (const char* const url = std::getenv("QINGYUAN_TEST_POSTGRES")) postgres_singles(url);
}
