#include "test/faults/work.hpp"

#include <atomic>
#include <thread>

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "journal/journal.hpp"
#include "sql/store.hpp"

namespace qingyuan::faults {

namespace fs = std::filesystem;
using facts::DossierRow;

namespace {

constexpr int threads_count = 4;

facts::Fact dossier(const std::string& name) {
    facts::DossierOpened opened;
    opened.id = name;
    opened.procedure = "inspection";
    opened.state = "planned";
    opened.attributes = {{"note", std::string(120, 'n')}};
    return {make_date(2025, 3, 1), "hengyang", "p1", 0, opened};
}

Result<void> fold(const facts::Recorded& recorded, journal::Projections& rows) {
    const auto* opened = std::get_if<facts::DossierOpened>(&recorded.fact.payload);
    if (!opened) return {};
    DossierRow row;
    row.seq = static_cast<std::int64_t>(recorded.seq);
    row.id = opened->id;
    row.state = opened->state;
    return rows.put(std::move(row));
}

journal::Options options_of(const fs::path& directory, Setting setting) {
    journal::Options out;
    out.origin = "faults";
    out.head = directory / "journal.head";
    out.folds = {{"dossiers", {DossierRow::row_type}, fold}};
    out.checkpoint_every = 200;
    out.sync_head = setting.head_durable;
    return out;
}

bool acknowledge(const std::string& name) {
    const std::string line = name + "\n";
    return ::write(STDOUT_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

/// One thread's share: mostly single facts, now and then a batch too large for the head's slot, now and
/// then a refusal.
bool work(journal::Journal& journal, const std::string& prefix, Random random) {
    for (int i = 0; i < 12; ++i) {
        const std::string name = fmt::format("{}.{}", prefix, i);
        std::vector<facts::Fact> batch{dossier(name)};
        const std::uint64_t kind = random.below(12);
        if (kind == 0)
            for (int k = 0; k < 300; ++k) batch.push_back(dossier(fmt::format("{}+{}", name, k)));
        if (kind == 1) batch.push_back({make_date(2025, 3, 1), "hengyang", "", 0, facts::Tick{}});
        const Result<void> done = journal.append(std::move(batch));
        if (kind == 1 ? done.has_value() : !done.has_value()) return false;
        if (done && !acknowledge(name)) return false;
    }
    return true;
}

}  // namespace

int write_facts(const fs::path& directory, Setting setting, int rounds, std::uint64_t seed) {
    const WallClock clock;
    for (int round = 0; round < rounds; ++round) {
        auto store =
            sql::open_store((directory / "journal.db").string(), {.durable = setting.database_durable});
        if (!store) return 3;
        auto journal = journal::Journal::open(**store, clock, options_of(directory, setting));
        if (!journal) {
            fmt::print(stderr, "{}\n", journal.error().text());
            return 9;
        }
        std::atomic<bool> well{true};
        std::vector<std::thread> threads;
        for (int t = 0; t < threads_count; ++t)
            threads.emplace_back([&, t] {
                if (!work(**journal, fmt::format("{}.{}.{}", seed, round, t),
                          Random(seed * 1'000 + static_cast<std::uint64_t>(round * 10 + t))))
                    well = false;
            });
        for (std::thread& thread : threads) thread.join();
        if (!well) return 9;
    }
    return 0;
}

Result<std::set<std::string>> read_facts(const fs::path& directory) {
    const WallClock clock;
    const auto store = TRY(sql::open_store((directory / "journal.db").string()));
    const auto journal = TRY(journal::Journal::open(*store, clock, options_of(directory, {})));
    const journal::Verification found = TRY(journal::verify(*store, "facts"));
    if (!found.problem.empty())
        return Error{ErrorCode::chain_broken, found.problem, fmt::format("fact {}", found.first_bad)};
    std::set<std::string> names;
    CHECK(journal->read([&](const journal::Reader& reader) -> Result<void> {
        journal::Query all;
        all.limit = 1'000'000;
        for (const DossierRow& row : TRY(reader.view<DossierRow>().list(all))) names.insert(row.id);
        if (names.size() != found.size)
            return Error{ErrorCode::store_corrupt, "facts and projections differ in number"};
        return {};
    }));
    return names;
}

int write_small(const fs::path& directory) {
    const WallClock clock;
    auto store = sql::open_store((directory / "journal.db").string());
    auto journal = store ? journal::Journal::open(**store, clock, options_of(directory, {}))
                         : Result<std::unique_ptr<journal::Journal>>(store.error());
    if (!journal) return 3;
    std::vector<facts::Fact> batch;
    for (int i = 0; i < 300; ++i) batch.push_back(dossier(fmt::format("d{}", i)));
    return (*journal)->append(std::move(batch)) ? 0 : 3;
}

bool is_sound(const fs::path& directory) {
    auto store = sql::open_store((directory / "journal.db").string());
    if (!store) return false;
    const journal::Options options = options_of(directory, {});
    if (!(*store)->prepare("facts", options.origin, options.folds[0].types)) return false;
    auto known = journal::known_checkpoints(options, 300);
    if (!known || known->size() != 2) return false;
    const auto found = journal::verify(**store, "facts", *std::move(known));
    return found && found->problem.empty();
}

Run run_writer(const fs::path& directory, Setting setting, int rounds, std::uint64_t seed, int kill_after_us,
               const std::vector<std::string>& environment) {
    int pipe_ends[2];
    QY_ASSERT(::pipe2(pipe_ends, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    QY_ASSERT(child >= 0);
    if (child == 0) {
        ::dup2(pipe_ends[1], STDOUT_FILENO);
        for (const std::string& one : environment) ::putenv(const_cast<char*>(one.c_str()));
        const std::string flags =
            fmt::format("{}{}", setting.database_durable ? 'd' : '-', setting.head_durable ? 'h' : '-');
        ::execl("/proc/self/exe", "faults", "write", directory.c_str(), flags.c_str(),
                std::to_string(rounds).c_str(), std::to_string(seed).c_str(), nullptr);
        ::_exit(127);
    }
    ::close(pipe_ends[1]);
    std::thread killer;
    if (kill_after_us > 0)
        killer = std::thread([child, kill_after_us] {
            ::usleep(static_cast<useconds_t>(kill_after_us));
            ::kill(child, SIGKILL);
        });
    Run run;
    std::string text;
    char buffer[4'096];
    for (ssize_t count = 0; (count = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(count));
    ::close(pipe_ends[0]);
    if (killer.joinable()) killer.join();
    ::waitpid(child, &run.status, 0);
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        run.acknowledged.push_back(text.substr(at, end - at));
    return run;
}

void Tally::note(bool well, const std::string& what) {
    ++(well ? passed : failed);
    if (!well) fmt::print("failed: {}\n", what);
}

}  // namespace qingyuan::faults
