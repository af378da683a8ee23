// Counts by a pair of numbers: open addressing, 16 bytes a place, each pair with a dense index of its own. A
// count that falls to 0 keeps its place.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace qingyuan::assess {

class CountMap {
 public:
    struct Entry {
        std::uint64_t key = empty;
        std::uint32_t index = 0;  ///< 0, 1, 2 … in the order the pairs came
        std::uint32_t count = 0;
        [[nodiscard]] std::uint32_t first() const { return static_cast<std::uint32_t>(key >> 32); }
        [[nodiscard]] std::uint32_t second() const { return static_cast<std::uint32_t>(key); }
    };
    /// Adds to the count of a pair, which must not fall below 0; gives its index.
    std::uint32_t add(std::uint32_t first, std::uint32_t second, std::int32_t change) {
        if (entries_.empty() || size_ * 4 >= entries_.size() * 3) grow();
        const std::uint64_t key = key_of(first, second);
        Entry& entry = entries_[place(key)];
        if (entry.key == empty) entry = {key, size_++, 0};
        QY_ASSERT(change >= 0 || entry.count >= static_cast<std::uint32_t>(-change));
        entry.count += static_cast<std::uint32_t>(change);
        return entry.index;
    }
    /// Null where the pair never came.
    [[nodiscard]] const Entry* find(std::uint32_t first, std::uint32_t second) const {
        if (entries_.empty()) return nullptr;
        const Entry& entry = entries_[place(key_of(first, second))];
        return entry.key == empty ? nullptr : &entry;
    }
    [[nodiscard]] std::uint32_t count(std::uint32_t first, std::uint32_t second) const {
        const Entry* entry = find(first, second);
        return entry == nullptr ? 0 : entry->count;
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::size_t bytes() const { return entries_.capacity() * sizeof(Entry); }
    /// Every pair with a count above 0, in no order.
    template <class Visit>
    void each(const Visit& visit) const {
        for (const Entry& entry : entries_)
            if (entry.key != empty && entry.count > 0) visit(entry);
    }

 private:
    static constexpr std::uint64_t empty = UINT64_MAX;
    static std::uint64_t key_of(std::uint32_t first, std::uint32_t second) {
        return std::uint64_t{first} << 32 | second;
    }
    [[nodiscard]] std::size_t place(std::uint64_t key) const {
        // Finaliser of splitmix64: neighbouring numbers must not share a run of places.
        std::uint64_t hash = key;
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
        const std::size_t mask = entries_.size() - 1;
        std::size_t at = (hash ^ (hash >> 31)) & mask;
        while (entries_[at].key != empty && entries_[at].key != key) at = (at + 1) & mask;
        return at;
    }
    void grow() {
        std::vector<Entry> old(entries_.empty() ? 64 : entries_.size() * 2);
        old.swap(entries_);
        for (const Entry& entry : old)
            if (entry.key != empty) entries_[place(entry.key)] = entry;
    }
    std::vector<Entry> entries_;
    std::uint32_t size_ = 0;
};

}  // namespace qingyuan::assess
