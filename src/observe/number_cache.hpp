// Numbers of texts that were looked up a moment ago: one entry a place, the later one stays. Inside the room
// only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace qingyuan::observe {

/// A text of at most 16 bytes as two words: equal words and lengths, equal texts.
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
};

class NumberCache {
 public:
    explicit NumberCache(int bits) : shift_(64 - bits), places_(std::size_t{1} << bits) {}

    /// The number of the text, from `find` where it is not here; 0 is not kept.
    template <class Find>
    std::uint32_t number_of(std::string_view text, const Find& find) {
        const ShortText key = ShortText::of(text);
        if (key.bytes == 0) return text.empty() ? 0 : find(text);
        Place& place =
            places_[(key.head * 0x9E3779B97F4A7C15ULL ^ key.tail * 0xC2B2AE3D27D4EB4FULL) >> shift_];
        if (place.key == key) return place.number;
        const std::uint32_t number = find(text);
        if (number != 0) place = {key, number};
        return number;
    }

 private:
    struct Place {
        ShortText key;
        std::uint32_t number = 0;
    };
    int shift_;
    std::vector<Place> places_;
};

}  // namespace qingyuan::observe
