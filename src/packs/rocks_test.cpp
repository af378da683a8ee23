// RocksDB under the suite of every engine, and what is its own: the key's bytes, damage, two processes,
// unfinished files.
#include <algorithm>
#include <filesystem>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "base/random.hpp"

#include "packs/rocks_keys.hpp"
#include "packs/store_conformance_test.hpp"

namespace qingyuan::packs {
namespace {

namespace fs = std::filesystem;

struct Folder {
    fs::path path;
    explicit Folder(const std::string& name)
        : path(fs::temp_directory_path() / ("qingyuan-" + name + "-" + std::to_string(::getpid()))) {
        fs::remove_all(path);
    }
    ~Folder() { fs::remove_all(path); }
};

struct RocksEngine {
    static bool available() { return true; }
    static Result<std::unique_ptr<Store>> open() {
        static const Folder folder("rocks");
        return open_rocks(folder.path / "packs");
    }
    static constexpr int operations = 1'000;
    static constexpr bool settles = true;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Rocks, StoreConformance, RocksEngine);

Result<void> fill(Store& store, std::uint64_t first, std::uint64_t behind, std::uint64_t token) {
    std::uint64_t at = first, noise = 1;
    return store.ingest(Space::runs, token, [&](Entry& next) {
        if (at == behind) return false;
        next = {national(at++), "r", std::string(500, '\0')};
        for (auto& c : next.value) c = static_cast<char>((noise = noise * 6364136223846793005U + 1) >> 56);
        return true;
    });
}

std::vector<fs::path> tables(const fs::path& directory) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().extension() == ".sst") out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
}

void damage(const fs::path& file, std::streamoff at) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(at);
    const auto byte = static_cast<char>(bytes.get() ^ 0x10);
    bytes.seekp(at);
    bytes.put(byte);
}

TEST(RocksKeys, are_as_the_document_says) {
    EXPECT_EQ(rocks_key(group_form(Space::runs), national(0x0102), "run"), documented("runs_key"));
    EXPECT_EQ(rocks_key(group_form(Space::tallies), "sale\0"s, "a2"), documented("tallies_key"));
    std::string scratch;
    KeyParts parts;
    for (const auto form : {GroupForm::counted, GroupForm::escaped})
        for (const auto& group : {national(0), national(77), "\1"s + std::string(16, '\0')})
            for (const auto& rest : {""s, "\0\1"s, "\xff"s}) {
                const std::string key = rocks_key(form, group, rest);
                ASSERT_TRUE(parse_rocks_key(form, key, scratch, parts));
                EXPECT_EQ(parts.group, group);
                EXPECT_EQ(parts.rest, rest);
            }
    for (const auto& bytes : {""s, "\0"s, "abc"s, "a\0"s, "a\0\2"s, "a\0\xff"s})
        EXPECT_FALSE(parse_rocks_key(GroupForm::escaped, bytes, scratch, parts));
    for (const auto& bytes : {""s, "\0"s, std::string(8, '\0'), "\1"s + std::string(15, 'x')})
        EXPECT_FALSE(parse_rocks_key(GroupForm::counted, bytes, scratch, parts));
}

TEST(RocksKeys, order_as_group_and_rest) {
    const bool held = rc::check("order", [] {
        const auto bytes = [] {
            return *rc::gen::container<std::string>(rc::gen::elementOf("\0\0\1\2ab\xfe\xff"s));
        };
        const auto group = bytes(), other = bytes(), rest = bytes(), other_rest = bytes();
        const auto key = rocks_key(GroupForm::escaped, group, rest);
        const auto other_key = rocks_key(GroupForm::escaped, other, other_rest);
        RC_ASSERT((key < other_key) == (std::pair(group, rest) < std::pair(other, other_rest)));
        RC_ASSERT((rocks_bound(GroupForm::escaped, other) <= key) == (other <= group));
        RC_ASSERT(group_bytes(GroupForm::escaped, key) == key.size() - rest.size());
    });
    EXPECT_TRUE(held);
}

// A byte of a table that is turned is noticed by whatever reads it, and nothing is left out in silence:
// RocksDB 7.8 passes over a file whose first block is damaged when it comes to it from the file before.
TEST(Rocks, notices_a_damaged_byte) {
    const Folder folder("rocks-damage");
    constexpr std::uint64_t groups = 1'000;
    {
        auto store = open_rocks(folder.path);
        ASSERT_TRUE(store);
        for (std::uint64_t part = 0; part < 5; ++part)  // five files, side by side
            expect(fill(**store, part * groups, (part + 1) * groups, part + 1));
    }
    const auto files = tables(folder.path);
    ASSERT_EQ(files.size(), 5U);
    const Folder copy("rocks-damaged");
    for (std::size_t file = 0; file < files.size(); ++file)
        for (const auto at : {20, 5'000, 20'000, 250'000}) {
            fs::remove_all(copy.path);
            fs::copy(folder.path, copy.path, fs::copy_options::recursive);
            damage(copy.path / files[file].filename(), at);
            auto store = open_rocks(copy.path);
            if (!store) {
                EXPECT_EQ(store.error().code, ErrorCode::store_corrupt);
                continue;
            }
            std::uint64_t seen = 0;
            const auto count = [&](auto, auto, auto) { return ++seen, true; };
            const auto scanned = (*store)->scan(Space::runs, {}, {}, count);
            EXPECT_FALSE(scanned) << "file " << file << " byte " << at << ": " << seen << " entries";
            if (!scanned) { EXPECT_EQ(scanned.error().code, ErrorCode::store_corrupt); }
            std::vector<std::string> asked;
            for (std::uint64_t group = 0; group < 5 * groups; ++group) asked.push_back(national(group));
            const auto visited = (*store)->visit(Space::runs, asked, count);
            ASSERT_FALSE(visited) << "file " << file << " byte " << at;
            EXPECT_EQ(visited.error().code, ErrorCode::store_corrupt);
            EXPECT_FALSE(visited.error().next.empty());
        }
}

TEST(Rocks, refuses_a_missing_or_foreign_file) {
    const Folder folder("rocks-missing");
    {
        auto store = open_rocks(folder.path);
        ASSERT_TRUE(store);
        expect(fill(**store, 0, 100, 1));
    }
    fs::remove(tables(folder.path).front());
    const auto missing = open_rocks(folder.path);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::store_corrupt);

    const Folder file("rocks-file");
    std::ofstream(file.path) << "no directory";
    const auto foreign = open_rocks(file.path);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, ErrorCode::io_failed);
}

TEST(Rocks, is_open_once_and_may_be_read_beside) {
    const Folder folder("rocks-two");
    EXPECT_EQ(open_rocks(folder.path, true).error().code, ErrorCode::store_unavailable);
    EXPECT_FALSE(fs::exists(folder.path));
    auto owner = open_rocks(folder.path);
    ASSERT_TRUE(owner);
    WriteSet set;
    set.token = 1;
    set.put(Space::meta, "a", "", "1");
    expect((*owner)->write(set));
    expect(fill(**owner, 0, 100, 2));

    const auto second = open_rocks(folder.path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::store_unavailable);
    EXPECT_FALSE(second.error().next.empty());

    auto reader = open_rocks(folder.path, true);
    ASSERT_TRUE(reader) << reader.error().text();
    EXPECT_EQ(got(**reader, Space::meta, "a", ""), "1");
    EXPECT_EQ(scanned(**reader, Space::runs).size(), 100U);
    set.token = 3;
    EXPECT_EQ((*reader)->write(set).error().code, ErrorCode::store_unavailable);
    EXPECT_EQ((*reader)->clear().error().code, ErrorCode::store_unavailable);
    EXPECT_EQ(fill(**reader, 0, 1, 4).error().code, ErrorCode::store_unavailable);
    // The owner goes on while it is read.
    expect(fill(**owner, 100, 5'000, 5));
    expect((*owner)->settle());
    EXPECT_EQ(scanned(**reader, Space::runs).size(), 100U);
    EXPECT_EQ(scanned(**owner, Space::runs).size(), 5'000U);
}

/// Sets 1, 2, 3 …, each of which adds one to a number, notes itself as applied and puts some rows.
WriteSet numbered(std::uint64_t token) {
    WriteSet set;
    set.token = token;
    set.put(Space::meta, "applied", "", eight_bytes(static_cast<std::int64_t>(token)));
    set.add("count", "", 1);
    for (std::uint64_t i = 0; i < 20; ++i)
        set.put(Space::runs, national(i), eight_bytes(static_cast<std::int64_t>(token)),
                std::string(300, 'r'));
    return set;
}

/// The number of the last set that is there; all of it and of those before it is, and nothing of later ones.
std::uint64_t applied_in(Store& store) {
    std::uint64_t applied = 0;
    while (got(store, Space::runs, national(19), eight_bytes(static_cast<std::int64_t>(applied + 1))))
        ++applied;
    if (applied == 0) return 0;
    const auto number = eight_bytes(static_cast<std::int64_t>(applied));
    EXPECT_EQ(got(store, Space::meta, "applied", ""), number);
    EXPECT_EQ(got(store, Space::tallies, "count", ""), number);
    EXPECT_EQ(scanned(store, Space::runs).size(), 20 * applied);
    return applied;
}

TEST(Rocks, survives_the_end_of_its_process) {
    const Folder folder("rocks-killed");
    ASSERT_TRUE(open_rocks(folder.path));
    Random random(5);
    std::uint64_t before = 0;
    for (int round = 0; round < 8; ++round) {
        int said[2];
        ASSERT_EQ(::pipe(said), 0);
        const pid_t child = ::fork();
        if (child == 0) {  // writes and says what was acknowledged, until it is killed
            auto store = open_rocks(folder.path);
            for (std::uint64_t token = 1; store; ++token) {
                if (!(*store)->write(numbered(token))) break;  // what is there already is passed over
                if (::write(said[1], &token, sizeof token) != sizeof token) break;
            }
            ::_exit(1);
        }
        ::close(said[1]);
        std::uint64_t acknowledged = 0, stop = before + 1 + random.below(200);
        while (acknowledged < stop && ::read(said[0], &acknowledged, sizeof acknowledged) > 0) {}
        ::kill(child, SIGKILL);
        while (::read(said[0], &acknowledged, sizeof acknowledged) > 0) {}
        ::close(said[0]);
        ::waitpid(child, nullptr, 0);
        auto store = open_rocks(folder.path);
        ASSERT_TRUE(store) << store.error().text();
        const auto applied = applied_in(**store);
        EXPECT_GE(applied, acknowledged);
        EXPECT_LE(applied, std::max(acknowledged, before) + 1);
        before = applied;
    }
    EXPECT_GT(before, 0U);
}

// A power cut leaves a beginning of the write-ahead log, perhaps with another end.
TEST(Rocks, loses_only_the_last_sets_with_the_end_of_its_log) {
    const Folder folder("rocks-log"), copy("rocks-cut");
    auto store = open_rocks(folder.path);
    ASSERT_TRUE(store);
    for (std::uint64_t token = 1; token <= 40; ++token) expect((*store)->write(numbered(token)));
    expect(ingest(**store, Space::children, 41, {{"p", "c", ""}}));  // makes all before it durable
    fs::path log;
    for (const auto& entry : fs::directory_iterator(folder.path))
        if (entry.path().extension() == ".log") log = std::max(log, entry.path());
    const auto synced = static_cast<std::uint64_t>(fs::file_size(log));
    for (std::uint64_t token = 42; token <= 80; ++token) expect((*store)->write(numbered(token - 1)));
    const auto size = static_cast<std::uint64_t>(fs::file_size(log));
    ASSERT_GT(size, synced);
    Random random(6);
    std::set<std::uint64_t> outcomes;
    for (int cut = 0; cut < 15; ++cut) {
        fs::remove_all(copy.path);
        fs::copy(folder.path, copy.path, fs::copy_options::recursive);
        const auto at = synced + random.below(size - synced);
        fs::resize_file(copy.path / log.filename(), at);
        if (cut % 2 == 1) fs::resize_file(copy.path / log.filename(), size);  // the rest as zeros
        auto after = open_rocks(copy.path);
        ASSERT_TRUE(after) << after.error().text();
        const auto applied = applied_in(**after);
        EXPECT_GE(applied, 40U);
        EXPECT_LE(applied, 79U);
        EXPECT_EQ(scanned(**after, Space::children).size(), 1U);
        expect((*after)->write(numbered(applied + 1)));
        EXPECT_EQ(applied_in(**after), applied + 1);
        outcomes.insert(applied);
    }
    EXPECT_GT(outcomes.size(), 5U);
}

TEST(Rocks, removes_what_an_ingest_left) {
    const Folder folder("rocks-left");
    ASSERT_TRUE(open_rocks(folder.path));
    std::ofstream(folder.path / "incoming" / "runs-7.sst") << "half";
    auto store = open_rocks(folder.path);
    ASSERT_TRUE(store);
    EXPECT_TRUE(fs::is_empty(folder.path / "incoming"));
    // An ingest that is refused leaves nothing.
    EXPECT_FALSE(ingest(**store, Space::runs, 1, {{national(2), "", ""}, {national(1), "", ""}}));
    EXPECT_TRUE(fs::is_empty(folder.path / "incoming"));
    EXPECT_EQ(scanned(**store, Space::runs), Seen());
}

TEST(Rocks, takes_files_for_two_spaces_at_once) {
    const Folder folder("rocks-threads");
    auto store = open_rocks(folder.path);
    ASSERT_TRUE(store);
    const auto work = [&](Space space) {
        for (std::uint64_t round = 0; round < 5; ++round) {
            std::uint64_t at = 0;
            expect((*store)->ingest(space, round + 1, [&](Entry& next) {
                next = {national(at * 5 + round), "", "v"};
                return ++at <= 2'000;
            }));
        }
    };
    std::thread other([&] { work(Space::relations); });
    work(Space::runs);
    other.join();
    EXPECT_EQ(scanned(**store, Space::runs).size(), 10'000U);
    EXPECT_EQ(scanned(**store, Space::relations).size(), 10'000U);
}

}  // namespace
}  // namespace qingyuan::packs
