// Texts to numbers, for tables that only grow: a text of at most 16 bytes stands in the place itself, so that
// looking up one of many firms touches one line of memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace qingyuan::packs {

/// A text of 1 to 16 bytes as two words: equal words and lengths, equal texts.
struct ShortText {
    std::uint64_t head = 0, tail = 0;
    std::uint32_t bytes = 0;  ///< 0 = the text is empty or too long
    bool operator==(const ShortText&) const = default;

    static ShortText of(std::string_view text) {
        ShortText out;
        const std::size_t size = text.size();
        if (size > 16 || size == 0) return out;
        out.bytes = static_cast<std::uint32_t>(size);
        if (size >= 8) {  // the two words overlap where the text is shorter than 16 bytes
            std::memcpy(&out.head, text.data(), 8);
            std::memcpy(&out.tail, text.data() + size - 8, 8);
        } else if (size >= 4) {
            std::uint32_t head = 0, tail = 0;
            std::memcpy(&head, text.data(), 4);
            std::memcpy(&tail, text.data() + size - 4, 4);
            out.head = head;
            out.tail = tail;
        } else {
            for (const char c : text) out.head = out.head << 8 | static_cast<unsigned char>(c);
        }
        return out;
    }
    [[nodiscard]] std::uint64_t hash() const {
        const std::uint64_t x = head * 0x9E3779B97F4A7C15ULL ^ tail * 0xC2B2AE3D27D4EB4FULL;
        return x ^ x >> 32;
    }
};

/// Reading is safe from many threads while nobody adds.
class TextNumbers {
 public:
    [[nodiscard]] std::uint32_t find(std::string_view text) const {  ///< 0 = none
        const ShortText key = ShortText::of(text);
        if (key.bytes == 0) {
            const auto at = long_.find(text);
            return at == long_.end() ? 0 : at->second;
        }
        for (std::size_t at = key.hash() & mask();; at = (at + 1) & mask()) {
            const Place& place = places_[at];
            if (place.number == 0) return 0;
            if (place.head == key.head && place.tail == key.tail && place.bytes == key.bytes)
                return place.number;
        }
    }
    /// A text that is not there yet, and a number that is not 0.
    void add(std::string_view text, std::uint32_t number) {
        const ShortText key = ShortText::of(text);
        if (key.bytes == 0) {
            long_.emplace(text, number);
            return;
        }
        if (2 * ++used_ > places_.size()) {
            std::vector<Place> old(4 * places_.size());
            old.swap(places_);
            for (const Place& place : old)
                if (place.number != 0) settle(place);
        }
        settle({key.head, key.tail, key.bytes, number});
    }

 private:
    struct Place {
        std::uint64_t head = 0, tail = 0;
        std::uint32_t bytes = 0;
        std::uint32_t number = 0;  ///< 0 = free
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    [[nodiscard]] std::size_t mask() const { return places_.size() - 1; }
    void settle(const Place& place) {
        std::size_t at = ShortText{place.head, place.tail, place.bytes}.hash() & mask();
        while (places_[at].number != 0) at = (at + 1) & mask();
        places_[at] = place;
    }

    std::vector<Place> places_ = std::vector<Place>(16);  ///< a power of two, at most half of it in use
    std::size_t used_ = 0;
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> long_;
};

}  // namespace qingyuan::packs
