// Numbers of texts that were looked up a moment ago: one entry a place, the later one stays. Inside the room
// only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "packs/text_numbers.hpp"

namespace qingyuan::observe {

class NumberCache {
 public:
    explicit NumberCache(int bits) : places_(std::size_t{1} << bits) {}

    /// The number of the text, from `find` where it is not here; 0 is not kept.
    template <class Find>
    std::uint32_t number_of(std::string_view text, const Find& find) {
        const packs::ShortText key = packs::ShortText::of(text);
        if (key.bytes == 0) return text.empty() ? 0 : find(text);
        Place& place = places_[key.hash() & (places_.size() - 1)];
        if (place.key == key) return place.number;
        const std::uint32_t number = find(text);
        if (number != 0) place = {key, number};
        return number;
    }

 private:
    struct Place {
        packs::ShortText key;
        std::uint32_t number = 0;
    };
    std::vector<Place> places_;
};

}  // namespace qingyuan::observe
