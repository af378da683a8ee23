#include "base/random.hpp"

#include <bit>

namespace qingyuan {

Random::Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {  // splitmix64
        seed += 0x9E3779B97F4A7C15;
        std::uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        word = z ^ (z >> 31);
    }
}

std::uint64_t Random::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
    QY_ASSERT(bound > 0);
    const std::uint64_t reject = -bound % bound;  // 2^64 mod bound: draws below it would favour small numbers
    for (;;)
        if (const std::uint64_t draw = next(); draw >= reject) return draw % bound;
}

std::int64_t Random::between(std::int64_t first, std::int64_t last) {
    QY_ASSERT(first <= last);
    return first + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(last - first) + 1));
}

}  // namespace qingyuan
