// What every engine of the pack index must do, told once. An engine's test file says how a store of it is
// opened and instantiates the suite:
//
//     struct Engine {
//         static bool available();                       // false: the suite is skipped
//         static Result<std::unique_ptr<Store>> open();  // the same store each time
//         static constexpr int cases = …;                // of the comparison with a model
//     };
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "packs/store.hpp"

namespace qingyuan::packs {

using namespace std::string_literals;  // NOLINT: of a test, for bytes with zeros

/// What was met, in the order it was met.
using Seen = std::vector<std::tuple<std::string, std::string, std::string>>;

/// A group of a counted space: nine bytes behind a zero.
inline std::string national(std::uint64_t number) {
    std::string out(9, '\0');
    for (int i = 0; i < 8; ++i) out[static_cast<std::size_t>(8 - i)] = static_cast<char>(number >> (8 * i));
    return out;
}

inline std::string eight_bytes(std::int64_t value) {
    std::string out;
    for (int i = 0; i < 8; ++i)
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
    return out;
}

/// The bytes that the worked example of docs/formats/packs_store.md gives under a name.
inline std::string documented(const std::string& name) {
    std::ifstream in(QINGYUAN_SOURCE_DIR "/docs/formats/packs_store.md");
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(name + " = ")) continue;
        std::string bytes, digits = line.substr(name.size() + 3);
        std::erase(digits, ' ');
        for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
            bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
        return bytes;
    }
    ADD_FAILURE() << "the document has no " << name;
    return {};
}

inline void expect(const Result<void>& result) {
    EXPECT_TRUE(result) << result.error().text();
}

inline Seen scanned(Store& store, Space space, std::string_view from = {}, std::string_view behind = {}) {
    Seen seen;
    expect(store.scan(space, from, behind, [&](auto group, auto rest, auto value) {
        seen.emplace_back(group, rest, value);
        return true;
    }));
    return seen;
}

inline Seen visited(Store& store, Space space, const std::vector<std::string>& groups) {
    Seen seen;
    expect(store.visit(space, groups, [&](std::size_t index, auto rest, auto value) {
        seen.emplace_back(groups[index], rest, value);
        return true;
    }));
    return seen;
}

inline std::optional<Bytes> got(Store& store, Space space, std::string_view group, std::string_view rest) {
    auto value = store.get(space, group, rest);
    EXPECT_TRUE(value) << value.error().text();
    return value ? *value : std::nullopt;
}

inline Result<void> ingest(Store& store, Space space, std::uint64_t token,
                           const std::vector<Entry>& entries) {
    std::size_t at = 0;
    return store.ingest(space, token, [&](Entry& next) {
        if (at == entries.size()) return false;
        next = entries[at++];
        return true;
    });
}

template <class Engine>
class StoreConformance : public testing::Test {
 protected:
    void SetUp() override {
        if (!Engine::available()) GTEST_SKIP() << "no server";
        reopen();
        ASSERT_TRUE(store_);
        expect(store_->clear());
    }
    void reopen() {
        store_.reset();
        auto opened = Engine::open();
        ASSERT_TRUE(opened) << opened.error().text();
        store_ = std::move(*opened);
    }
    Store& store() { return *store_; }
    /// A set with the next token.
    WriteSet next() {
        WriteSet set;
        set.token = ++token_;
        return set;
    }
    std::uint64_t token_ = 0;

 private:
    std::unique_ptr<Store> store_;
};
TYPED_TEST_SUITE_P(StoreConformance);

// NOLINTBEGIN: `this->` is what typed suites ask for.

TYPED_TEST_P(StoreConformance, holds_keys_of_any_bytes_in_order) {
    const std::vector<std::string> groups{""s,        "\0"s,       "\0\0"s,    "\0\1"s, "\0\xff"s, "\1"s,
                                          "\1\0"s,    "\1\0\1"s,   "a"s,       "a\0"s,  "a\0\0"s,  "a\0b"s,
                                          "a\0\xff"s, "a\0\xffz"s, "a\1"s,     "ab"s,   "b"s,      "\xfe"s,
                                          "\xff"s,    "\xff\0"s,   "\xff\xff"s};
    const std::vector<std::string> rests{"", "\0"s, "\0\1"s, "\1", "x", "\xff", "\xff\xff"};
    auto set = this->next();
    Seen expected;
    for (auto group = groups.rbegin(); group != groups.rend(); ++group)
        for (auto rest = rests.rbegin(); rest != rests.rend(); ++rest)
            set.put(Space::documents, *group, *rest, *rest + "of" + *group);
    for (const auto& group : groups)
        for (const auto& rest : rests) expected.emplace_back(group, rest, rest + "of" + group);
    std::ranges::sort(expected);
    expect(this->store().write(set));
    EXPECT_EQ(scanned(this->store(), Space::documents), expected);
    EXPECT_EQ(scanned(this->store(), Space::names), Seen());

    auto sorted = groups;
    std::ranges::sort(sorted);
    EXPECT_EQ(visited(this->store(), Space::documents, sorted), expected);
    for (const auto& group : groups) {
        EXPECT_EQ(got(this->store(), Space::documents, group, "x"), "xof" + group);
        EXPECT_EQ(got(this->store(), Space::documents, group, "y"), std::nullopt);
    }
    for (const auto& from : groups)
        for (const auto& behind : groups) {
            Seen part;
            for (const auto& entry : expected)
                if (std::get<0>(entry) >= from && (behind.empty() || std::get<0>(entry) < behind))
                    part.push_back(entry);
            if ((from.size() + behind.size()) % 3 == 0) {
                EXPECT_EQ(scanned(this->store(), Space::documents, from, behind), part);
            }
        }
}

TYPED_TEST_P(StoreConformance, keeps_groups_of_packs_of_both_lengths_in_order) {
    const std::vector<std::string> groups{national(0),
                                          national(1),
                                          national(0x1234567890abcdef),
                                          national(~std::uint64_t{0}),
                                          "\1"s + std::string(16, '\0'),
                                          "\1"s + std::string(16, '\xff'),
                                          "\x0f"s + std::string(16, 'd')};
    for (const Space space : {Space::runs, Space::relations, Space::findings}) {
        auto set = this->next();
        Seen expected;
        for (const auto& group : groups)
            for (const auto* rest : {"", "1", "2"}) {
                set.put(space, group, rest, "value");
                expected.emplace_back(group, rest, "value");
            }
        expect(this->store().write(set));
        EXPECT_EQ(scanned(this->store(), space), expected);
        EXPECT_EQ(visited(this->store(), space, groups), expected);
        // Ends that are no group: shorter, longer than one.
        EXPECT_EQ(scanned(this->store(), space, "\0"s, "\1"s).size(), 12U);
        EXPECT_EQ(scanned(this->store(), space, national(1) + "\0"s, {}).size(), 15U);
        EXPECT_EQ(scanned(this->store(), space, {}, national(1) + "\0"s).size(), 6U);
        EXPECT_EQ(scanned(this->store(), space, "\1", "\2").size(), 6U);
    }
}

TYPED_TEST_P(StoreConformance, puts_erases_and_gets) {
    auto set = this->next();
    set.put(Space::operators, "g", "a", "1");
    set.put(Space::operators, "g", "b", "2");
    set.put(Space::operators, "g", "b", "3");  // the later one counts
    set.put(Space::products, "g", "a", "");
    set.erase(Space::operators, "g", "absent");
    set.put(Space::operators, "g", "c", "4");
    set.erase(Space::operators, "g", "c");
    set.erase(Space::operators, "g", "d");
    set.put(Space::operators, "g", "d", "\0\xff"s);
    expect(this->store().write(set));
    EXPECT_EQ(scanned(this->store(), Space::operators),
              (Seen{{"g", "a", "1"}, {"g", "b", "3"}, {"g", "d", "\0\xff"s}}));
    EXPECT_EQ(got(this->store(), Space::products, "g", "a"), "");
    EXPECT_EQ(got(this->store(), Space::products, "g", "b"), std::nullopt);

    set = this->next();
    set.erase(Space::operators, "g", "a");
    set.put(Space::operators, "g", "b", std::string(3'000'000, 'z'));
    expect(this->store().write(set));
    EXPECT_EQ(got(this->store(), Space::operators, "g", "a"), std::nullopt);
    EXPECT_EQ(got(this->store(), Space::operators, "g", "b"), std::string(3'000'000, 'z'));
    set = this->next();
    set.put(Space::operators, "g", "a", "again");
    expect(this->store().write(set));
    EXPECT_EQ(got(this->store(), Space::operators, "g", "a"), "again");
    expect(this->store().write(this->next()));  // an empty one
}

TYPED_TEST_P(StoreConformance, counts_an_addition_once_for_each_token) {
    const std::string group = "sum\0\xff"s;
    auto first = this->next();
    first.add(group, "a", 5);
    first.add(group, "a", 7);
    first.add(group, "b", -1);
    first.put(Space::operators, "o", "", "one");
    expect(this->store().write(first));
    expect(this->store().write(first));
    EXPECT_EQ(got(this->store(), Space::tallies, group, "a"), eight_bytes(12));
    auto second = this->next();
    second.add(group, "a", 5);
    second.add(group, "b", INT64_MIN);
    second.put(Space::operators, "o", "", "two");
    expect(this->store().write(second));
    expect(this->store().write(first));  // repeated late: nothing of it comes back
    expect(this->store().write(second));
    EXPECT_EQ(scanned(this->store(), Space::tallies),
              (Seen{{group, "a", eight_bytes(17)}, {group, "b", eight_bytes(INT64_MAX)}}));
    EXPECT_EQ(got(this->store(), Space::operators, "o", ""), "two");

    auto third = this->next();
    third.add(group, "a", 100);
    third.erase(Space::tallies, group, "a");
    third.add(group, "a", 1);
    third.add(group, "a", 1);
    third.erase(Space::tallies, group, "b");
    third.put(Space::tallies, group, "c", eight_bytes(40));
    third.add(group, "c", 2);
    expect(this->store().write(third));
    this->reopen();
    expect(this->store().write(third));
    EXPECT_EQ(scanned(this->store(), Space::tallies),
              (Seen{{group, "a", eight_bytes(2)}, {group, "c", eight_bytes(42)}}));
}

TYPED_TEST_P(StoreConformance, ingests_over_what_is_there_and_again) {
    auto set = this->next();
    for (std::uint64_t i = 0; i < 100; i += 3) set.put(Space::runs, national(i), "a", "old");
    set.put(Space::runs, national(50), "kept", "kept");
    expect(this->store().write(set));
    std::vector<Entry> entries;
    Seen expected;
    for (std::uint64_t i = 0; i < 100; ++i) {
        entries.push_back({national(i), "a", "new" + std::to_string(i)});
        expected.emplace_back(national(i), "a", "new" + std::to_string(i));
        if (i == 50) expected.emplace_back(national(i), "kept", "kept");
    }
    const std::uint64_t token = ++this->token_;
    expect(ingest(this->store(), Space::runs, token, entries));
    EXPECT_EQ(scanned(this->store(), Space::runs), expected);
    expect(ingest(this->store(), Space::runs, token, entries));
    expect(ingest(this->store(), Space::runs, ++this->token_, {}));
    EXPECT_EQ(scanned(this->store(), Space::runs), expected);
    this->reopen();
    EXPECT_EQ(scanned(this->store(), Space::runs), expected);

    set = this->next();
    set.erase(Space::runs, national(0), "a");
    set.put(Space::runs, national(1), "a", "newest");
    expect(this->store().write(set));
    EXPECT_EQ(got(this->store(), Space::runs, national(0), "a"), std::nullopt);
    EXPECT_EQ(got(this->store(), Space::runs, national(1), "a"), "newest");

    std::swap(entries[0], entries[1]);
    EXPECT_FALSE(ingest(this->store(), Space::runs, ++this->token_, entries))
        << "entries that are not in order";
    EXPECT_EQ(got(this->store(), Space::runs, national(1), "a"), "newest");
}

TYPED_TEST_P(StoreConformance, visits_ten_thousand_groups_dense_and_sparse) {
    constexpr std::uint64_t groups = 60'000;
    std::uint64_t at = 0;
    const auto in_store = [](std::uint64_t group) { return group % 7 != 3; };
    const std::string value(60, 'v');
    expect(this->store().ingest(Space::runs, ++this->token_, [&](Entry& next) {
        while (at < groups * 2 && !in_store(at / 2)) ++at;
        if (at >= groups * 2) return false;
        next = {national(at / 2), at % 2 == 0 ? "a" : "b", value + std::to_string(at / 2)};
        ++at;
        return true;
    }));
    for (const std::uint64_t step : {1U, 2U, 6U, 7U, 50U}) {
        std::vector<std::string> asked;
        Seen expected;
        for (std::uint64_t group = 3; group < groups + 100 && asked.size() < 10'000; group += step) {
            asked.push_back(national(group));
            if (group < groups && in_store(group))
                for (const auto* rest : {"a", "b"})
                    expected.emplace_back(national(group), rest, value + std::to_string(group));
        }
        EXPECT_EQ(visited(this->store(), Space::runs, asked), expected) << "step " << step;
    }
    // First a dense stretch, then far ones, then a dense stretch again, ended from within.
    std::vector<std::string> asked;
    for (std::uint64_t group = 0; group < 1000; ++group) asked.push_back(national(group));
    for (std::uint64_t group = 1000; group < 30'000; group += 29) asked.push_back(national(group));
    for (std::uint64_t group = 30'000; group < 31'000; ++group) asked.push_back(national(group));
    std::size_t last = 0, calls = 0;
    expect(this->store().visit(Space::runs, asked, [&](std::size_t index, auto, auto) {
        last = index;
        ++calls;
        return index < 2'400;
    }));
    EXPECT_TRUE(last == 2'400 || last == 2'401);
    EXPECT_GT(calls, 3'000U);
    std::size_t count = 0;
    expect(this->store().scan(Space::runs, {}, {}, [&](auto, auto, auto) { return ++count < 100; }));
    EXPECT_EQ(count, 100U);
}

TYPED_TEST_P(StoreConformance, scans_many_entries_of_one_group_and_of_many) {
    constexpr int rows = 30'000;
    for (const bool one_group : {true, false}) {
        const Space space = one_group ? Space::names : Space::children;
        int at = 0;
        const auto entry = [&](int i) {
            char digits[16];
            std::snprintf(digits, sizeof digits, "%06d", i);
            return one_group ? Entry{"p", digits, std::string(400, 'n')}
                             : Entry{std::string(digits, 5), digits + 5, std::string(400, 'n')};
        };
        expect(this->store().ingest(space, ++this->token_, [&](Entry& next) {
            if (at == rows) return false;
            next = entry(at++);
            return true;
        }));
        int expected = 0;
        expect(this->store().scan(space, {}, {}, [&](auto group, auto rest, auto value) {
            const Entry wanted = entry(expected++);
            return group == wanted.group && rest == wanted.rest && value == wanted.value;
        }));
        EXPECT_EQ(expected, rows);
        const auto from = entry(777).group, behind = entry(20'000).group;
        int within = 0;
        for (int i = 0; i < rows; ++i) within += entry(i).group >= from && entry(i).group < behind ? 1 : 0;
        EXPECT_EQ(scanned(this->store(), space, from, behind).size(), static_cast<std::size_t>(within));
    }
    EXPECT_EQ(visited(this->store(), Space::names, {"a", "p", "q"}).size(), static_cast<std::size_t>(rows));
}

TYPED_TEST_P(StoreConformance, holds_after_reopening_syncing_and_settling) {
    auto set = this->next();
    set.put(Space::meta, "applied", "", "7");
    set.add("count", "", 3);
    expect(this->store().write(set));
    for (int i = 0; i < 20; ++i) {
        set = this->next();
        set.add("count", "", 1);
        set.put(Space::findings, national(static_cast<std::uint64_t>(i)), "f", std::to_string(i));
        expect(this->store().write(set));
    }
    expect(this->store().sync());
    this->reopen();
    EXPECT_EQ(got(this->store(), Space::meta, "applied", ""), "7");
    expect(this->store().settle());
    EXPECT_EQ(got(this->store(), Space::tallies, "count", ""), eight_bytes(23));
    EXPECT_EQ(scanned(this->store(), Space::findings).size(), 20U);
    const auto bytes = this->store().bytes();
    ASSERT_TRUE(bytes) << bytes.error().text();
    EXPECT_GT(*bytes, 100U);
    EXPECT_NE(this->store().engine().find(' '), std::string::npos);
    expect(this->store().clear());
    for (std::size_t i = 0; i < spaces; ++i) EXPECT_EQ(scanned(this->store(), static_cast<Space>(i)), Seen());
    this->token_ = 0;  // after a clear tokens may begin anew
    set = this->next();
    set.add("count", "", 2);
    expect(this->store().write(set));
    this->reopen();
    EXPECT_EQ(got(this->store(), Space::tallies, "count", ""), eight_bytes(2));
}

// NOLINTEND

/// The same changes made on a map.
struct Model {
    std::map<std::tuple<Space, std::string, std::string>, std::string> entries;

    void apply(const WriteSet& set) {
        for (const auto& change : set.changes) {
            const auto key = std::tuple(change.space, change.entry.group, change.entry.rest);
            switch (change.kind) {
                case WriteSet::Change::Kind::put: entries[key] = change.entry.value; break;
                case WriteSet::Change::Kind::erase: entries.erase(key); break;
                case WriteSet::Change::Kind::add: {
                    auto& value = entries.try_emplace(key, std::string(8, '\0')).first->second;
                    std::uint64_t sum = 0;
                    for (std::size_t i = 8; i-- > 0;) sum = sum << 8 | static_cast<unsigned char>(value[i]);
                    value = eight_bytes(
                        static_cast<std::int64_t>(sum + static_cast<std::uint64_t>(change.delta)));
                    break;
                }
            }
        }
    }
    [[nodiscard]] Seen of(Space space, std::string_view from, std::string_view behind) const {
        Seen seen;
        for (const auto& [key, value] : entries) {
            const auto& [in, group, rest] = key;
            if (in == space && group >= from && (behind.empty() || group < behind))
                seen.emplace_back(group, rest, value);
        }
        return seen;
    }
};

/// Draws a key of few bytes, so that keys meet again and again. The case's number keeps the cases apart.
inline Entry some_key(Space space, std::uint64_t number) {
    const auto bytes = [](int most) {
        return *rc::gen::resize(most,
                                rc::gen::container<std::string>(rc::gen::elementOf("\0\0\1ab\xfe\xff"s)));
    };
    if (space == Space::runs)
        return {national(number << 16 | *rc::gen::inRange<std::uint64_t>(0, 12)), bytes(2), {}};
    return {national(number) + bytes(3), bytes(2), {}};
}

inline void some_change(WriteSet& set, std::uint64_t number) {
    const Space space = *rc::gen::element(Space::documents, Space::runs, Space::tallies);
    Entry key = some_key(space, number);
    const bool sums = space == Space::tallies;
    switch (*rc::gen::inRange(0, sums ? 8 : 4)) {
        case 0: set.erase(space, key.group, key.rest); break;
        case 1:
        case 2:
        case 3:
            set.put(
                space, key.group, key.rest,
                sums ? eight_bytes(*rc::gen::arbitrary<std::int64_t>()) : *rc::gen::arbitrary<std::string>());
            break;
        default: set.add(key.group, key.rest, *rc::gen::arbitrary<std::int64_t>());
    }
}

/// Everything under the case's number, read in the three ways.
inline void compare(Store& store, const Model& model, std::uint64_t number) {
    for (const Space space : {Space::documents, Space::runs, Space::tallies}) {
        const std::string from = space == Space::runs ? national(number << 16) : national(number);
        const std::string behind = space == Space::runs ? national((number + 1) << 16) : national(number + 1);
        const Seen expected = model.of(space, from, behind);
        RC_ASSERT(scanned(store, space, from, behind) == expected);
        std::vector<std::string> groups;
        for (int i = 0; i < 10; ++i) groups.push_back(some_key(space, number).group);
        for (const auto& [group, rest, value] : expected) groups.push_back(group);
        std::ranges::sort(groups);
        groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
        RC_ASSERT(visited(store, space, groups) == expected);
        const Entry key = some_key(space, number);
        const auto found = model.entries.find(std::tuple(space, key.group, key.rest));
        RC_ASSERT(got(store, space, key.group, key.rest) ==
                  (found == model.entries.end() ? std::nullopt : std::optional(found->second)));
    }
}

// NOLINTBEGIN
TYPED_TEST_P(StoreConformance, agrees_with_a_map_under_random_operations) {
    std::uint64_t number = 0;
    int operations = 0;
    const bool held = rc::check("agrees with a map", [&] {
        if (operations >= TypeParam::operations) return;
        ++number;
        Model model;
        WriteSet last;
        for (int i = *rc::gen::inRange(5, 30); i > 0; --i, ++operations) {
            const int kind = *rc::gen::inRange(0, 40);
            if (kind < 4) {
                std::map<std::pair<std::string, std::string>, Entry> sorted;
                for (int k = *rc::gen::inRange(0, 8); k > 0; --k) {
                    Entry entry = some_key(Space::runs, number);
                    entry.value = *rc::gen::arbitrary<std::string>();
                    sorted[{entry.group, entry.rest}] = entry;
                }
                std::vector<Entry> entries;
                for (auto& [key, entry] : sorted) {
                    model.entries[{Space::runs, entry.group, entry.rest}] = entry.value;
                    entries.push_back(entry);
                }
                RC_ASSERT(ingest(this->store(), Space::runs, ++this->token_, entries).has_value());
            } else if (kind < 8 && last.token != 0) {
                RC_ASSERT(this->store().write(last).has_value());
            } else if (kind == 8 && TypeParam::settles) {
                RC_ASSERT(this->store().settle().has_value());
            } else if (kind == 9) {
                this->reopen();
            } else {
                last = this->next();
                for (int k = *rc::gen::inRange(0, 6); k > 0; --k) some_change(last, number);
                RC_ASSERT(this->store().write(last).has_value());
                model.apply(last);
            }
            if (kind > 35) compare(this->store(), model, number);
        }
        compare(this->store(), model, number);
    });
    EXPECT_TRUE(held);
    EXPECT_GE(operations, TypeParam::operations);
}
// NOLINTEND

REGISTER_TYPED_TEST_SUITE_P(StoreConformance, holds_keys_of_any_bytes_in_order,
                            keeps_groups_of_packs_of_both_lengths_in_order, puts_erases_and_gets,
                            counts_an_addition_once_for_each_token, ingests_over_what_is_there_and_again,
                            visits_ten_thousand_groups_dense_and_sparse,
                            scans_many_entries_of_one_group_and_of_many,
                            holds_after_reopening_syncing_and_settling,
                            agrees_with_a_map_under_random_operations);

}  // namespace qingyuan::packs
