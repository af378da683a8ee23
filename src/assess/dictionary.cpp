#include "assess/dictionary.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <utility>

#include "base/error.hpp"

namespace qingyuan::assess {

namespace {
std::uint32_t hash_of(std::string_view word) {
    const std::size_t hash = std::hash<std::string_view>()(word);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}
}  // namespace

std::size_t Dictionary::place(std::string_view text, std::uint32_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].number != none && (slots_[at].hash != hash || word(slots_[at].number) != text))
        at = (at + 1) & mask;
    return at;
}

void Dictionary::grow(std::size_t slots) {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
    const std::size_t mask = slots - 1;
    for (const Slot& slot : old) {
        if (slot.number == none) continue;
        std::size_t at = slot.hash & mask;
        while (slots_[at].number != none) at = (at + 1) & mask;
        slots_[at] = slot;
    }
}

void Dictionary::reserve(std::size_t words) {
    ends_.reserve(words);
    if (const std::size_t slots = std::bit_ceil(words * 3 / 2 + 16); slots > slots_.size()) grow(slots);
}

std::uint32_t Dictionary::number(std::string_view text) {
    if (slots_.empty() || ends_.size() * 4 >= slots_.size() * 3)
        grow(std::max<std::size_t>(16, slots_.size() * 2));
    const std::uint32_t hash = hash_of(text);
    const std::size_t at = place(text, hash);
    if (slots_[at].number != none) return slots_[at].number;
    QY_ASSERT(ends_.size() < none);
    slots_[at] = {size(), hash};
    text_ += text;
    ends_.push_back(text_.size());
    return slots_[at].number;
}

std::uint32_t Dictionary::find(std::string_view text) const {
    return slots_.empty() ? none : slots_[place(text, hash_of(text))].number;
}

std::vector<std::uint32_t> Dictionary::ranks() const {
    std::vector<std::uint32_t> order(size()), out(size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, [this](std::uint32_t a, std::uint32_t b) { return word(a) < word(b); });
    for (std::uint32_t i = 0; i < order.size(); ++i) out[order[i]] = i;
    return out;
}

}  // namespace qingyuan::assess
