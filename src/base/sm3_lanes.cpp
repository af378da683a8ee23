#include "base/sm3_lanes.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define QY_SM3_LANES 1
#ifndef __clang__
#pragma GCC diagnostic ignored \
    "-Wmaybe-uninitialized"  // GCC bug 105593: GCC 12 finds its own intrinsics unset
#endif
#include <immintrin.h>
#endif

namespace qingyuan {

#ifdef QY_SM3_LANES

namespace {

constexpr std::size_t sm3_block_bytes = 64;
/// GB/T 32905-2016, 4.1.
constexpr std::uint32_t initial[8] = {0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
                                      0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E};

/// T of 4.2, already rotated by the number of its round.
struct RoundConstants {
    std::uint32_t values[64];
    constexpr RoundConstants() : values() {
        for (int j = 0; j < 64; ++j) values[j] = std::rotl(j < 16 ? 0x79CC4519u : 0x7A879D8Au, j & 31);
    }
};
constexpr RoundConstants constants_of_rounds;
constexpr const std::uint32_t* round_constants = constants_of_rounds.values;

namespace avx512 {
#define LANES_ISA "avx512f,avx512bw"
#define LANES_INLINE [[gnu::always_inline, gnu::target(LANES_ISA)]] inline

using V = __m512i;
constexpr std::size_t lanes = 16;

// The truth tables of vpternlog: bit 4a + 2b + c.
LANES_INLINE V add(V a, V b) {
    return _mm512_add_epi32(a, b);
}
LANES_INLINE V exclusive_or(V a, V b) {
    return _mm512_xor_si512(a, b);
}
LANES_INLINE V exclusive_or_3(V a, V b, V c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}
LANES_INLINE V majority(V a, V b, V c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0xE8);
}
LANES_INLINE V choice(V a, V b, V c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0xCA);
}
LANES_INLINE V every(std::uint32_t word) {
    return _mm512_set1_epi32(static_cast<int>(word));
}
template <int n>
LANES_INLINE V rotate(V a) {
    return _mm512_rol_epi32(a, n);
}

LANES_INLINE void load_state(const std::uint32_t (&state)[8][lanes], V (&x)[4], V (&y)[4]) {
    for (int i = 0; i < 4; ++i) x[i] = _mm512_load_si512(state[i]), y[i] = _mm512_load_si512(state[i + 4]);
}
LANES_INLINE void store_state(std::uint32_t (&state)[8][lanes], const V (&x)[4], const V (&y)[4]) {
    for (int i = 0; i < 4; ++i) _mm512_store_si512(state[i], x[i]), _mm512_store_si512(state[i + 4], y[i]);
}

/// Four messages' words, so that quarter k of out[m] holds word 4k + m of each of them.
LANES_INLINE void load_four(const std::uint8_t* const* data, std::size_t offset, V (&out)[4]) {
    const V a = _mm512_loadu_si512(data[0] + offset), b = _mm512_loadu_si512(data[1] + offset);
    const V c = _mm512_loadu_si512(data[2] + offset), d = _mm512_loadu_si512(data[3] + offset);
    const V ab_low = _mm512_unpacklo_epi32(a, b), ab_high = _mm512_unpackhi_epi32(a, b);
    const V cd_low = _mm512_unpacklo_epi32(c, d), cd_high = _mm512_unpackhi_epi32(c, d);
    out[0] = _mm512_unpacklo_epi64(ab_low, cd_low), out[1] = _mm512_unpackhi_epi64(ab_low, cd_low);
    out[2] = _mm512_unpacklo_epi64(ab_high, cd_high), out[3] = _mm512_unpackhi_epi64(ab_high, cd_high);
}

/// Words m, 4 + m, 8 + m and 12 + m of all messages, turned to the machine's order of bytes.
template <int m>
LANES_INLINE void gather_words(V a, V b, V c, V d, V (&w)[16]) {
    const V turn = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203));
    const V ab_even = _mm512_shuffle_i32x4(a, b, 0x88), ab_odd = _mm512_shuffle_i32x4(a, b, 0xDD);
    const V cd_even = _mm512_shuffle_i32x4(c, d, 0x88), cd_odd = _mm512_shuffle_i32x4(c, d, 0xDD);
    w[m] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(ab_even, cd_even, 0x88), turn);
    w[4 + m] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(ab_odd, cd_odd, 0x88), turn);
    w[8 + m] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(ab_even, cd_even, 0xDD), turn);
    w[12 + m] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(ab_odd, cd_odd, 0xDD), turn);
}

LANES_INLINE void load_block(const std::uint8_t* const (&data)[lanes], std::size_t offset, V (&w)[16]) {
    V a[4], b[4], c[4], d[4];
    load_four(data, offset, a);
    load_four(data + 4, offset, b);
    load_four(data + 8, offset, c);
    load_four(data + 12, offset, d);
    gather_words<0>(a[0], b[0], c[0], d[0], w);
    gather_words<1>(a[1], b[1], c[1], d[1], w);
    gather_words<2>(a[2], b[2], c[2], d[2], w);
    gather_words<3>(a[3], b[3], c[3], d[3], w);
}

#include "base/sm3_lanes_rounds.inc"
#undef LANES_INLINE
#undef LANES_ISA
}  // namespace avx512

namespace avx2 {
#define LANES_ISA "avx2"
#define LANES_INLINE [[gnu::always_inline, gnu::target(LANES_ISA)]] inline

using V = __m256i;
constexpr std::size_t lanes = 8;

LANES_INLINE V add(V a, V b) {
    return _mm256_add_epi32(a, b);
}
LANES_INLINE V exclusive_or(V a, V b) {
    return _mm256_xor_si256(a, b);
}
LANES_INLINE V exclusive_or_3(V a, V b, V c) {
    return exclusive_or(exclusive_or(a, b), c);
}
LANES_INLINE V majority(V a, V b, V c) {
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)));
}
LANES_INLINE V choice(V a, V b, V c) {
    return exclusive_or(_mm256_and_si256(a, exclusive_or(b, c)), c);
}
LANES_INLINE V every(std::uint32_t word) {
    return _mm256_set1_epi32(static_cast<int>(word));
}
template <int n>
LANES_INLINE V rotate(V a) {
    return _mm256_or_si256(_mm256_slli_epi32(a, n), _mm256_srli_epi32(a, 32 - n));
}

LANES_INLINE V load(const void* from) {
    return _mm256_loadu_si256(static_cast<const V*>(from));
}
LANES_INLINE void store(void* to, V value) {
    _mm256_storeu_si256(static_cast<V*>(to), value);
}
LANES_INLINE void load_state(const std::uint32_t (&state)[8][lanes], V (&x)[4], V (&y)[4]) {
    for (int i = 0; i < 4; ++i) x[i] = load(state[i]), y[i] = load(state[i + 4]);
}
LANES_INLINE void store_state(std::uint32_t (&state)[8][lanes], const V (&x)[4], const V (&y)[4]) {
    for (int i = 0; i < 4; ++i) store(state[i], x[i]), store(state[i + 4], y[i]);
}

/// Four messages' words, so that half k of out[m] holds word 4k + m of each of them.
LANES_INLINE void load_four(const std::uint8_t* const* data, std::size_t offset, V (&out)[4]) {
    const V a = load(data[0] + offset), b = load(data[1] + offset);
    const V c = load(data[2] + offset), d = load(data[3] + offset);
    const V ab_low = _mm256_unpacklo_epi32(a, b), ab_high = _mm256_unpackhi_epi32(a, b);
    const V cd_low = _mm256_unpacklo_epi32(c, d), cd_high = _mm256_unpackhi_epi32(c, d);
    out[0] = _mm256_unpacklo_epi64(ab_low, cd_low), out[1] = _mm256_unpackhi_epi64(ab_low, cd_low);
    out[2] = _mm256_unpacklo_epi64(ab_high, cd_high), out[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

/// Words m and 4 + m of all messages, turned to the machine's order of bytes.
template <int m>
LANES_INLINE void gather_words(V a, V b, V* w) {
    const V turn = _mm256_broadcastsi128_si256(_mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203));
    w[m] = _mm256_shuffle_epi8(_mm256_permute2x128_si256(a, b, 0x20), turn);
    w[4 + m] = _mm256_shuffle_epi8(_mm256_permute2x128_si256(a, b, 0x31), turn);
}

LANES_INLINE void load_half(const std::uint8_t* const (&data)[lanes], std::size_t offset, V* w) {
    V a[4], b[4];
    load_four(data, offset, a);
    load_four(data + 4, offset, b);
    gather_words<0>(a[0], b[0], w);
    gather_words<1>(a[1], b[1], w);
    gather_words<2>(a[2], b[2], w);
    gather_words<3>(a[3], b[3], w);
}

LANES_INLINE void load_block(const std::uint8_t* const (&data)[lanes], std::size_t offset, V (&w)[16]) {
    load_half(data, offset, w);
    load_half(data, offset + sm3_block_bytes / 2, w + 8);
}

#include "base/sm3_lanes_rounds.inc"
#undef LANES_INLINE
#undef LANES_ISA
}  // namespace avx2

// Half as wide, for few messages: as fast again there as sixteen lanes of which half do nothing.
namespace avx512vl {
#define LANES_ISA "avx512f,avx512vl"
#define LANES_INLINE [[gnu::always_inline, gnu::target(LANES_ISA)]] inline

using avx2::load_state, avx2::store_state, avx2::load_block;
using avx2::V, avx2::lanes, avx2::add, avx2::exclusive_or, avx2::every;

LANES_INLINE V exclusive_or_3(V a, V b, V c) {
    return _mm256_ternarylogic_epi32(a, b, c, 0x96);
}
LANES_INLINE V majority(V a, V b, V c) {
    return _mm256_ternarylogic_epi32(a, b, c, 0xE8);
}
LANES_INLINE V choice(V a, V b, V c) {
    return _mm256_ternarylogic_epi32(a, b, c, 0xCA);
}
template <int n>
LANES_INLINE V rotate(V a) {
    return _mm256_rol_epi32(a, n);
}

#include "base/sm3_lanes_rounds.inc"
#undef LANES_INLINE
#undef LANES_ISA
}  // namespace avx512vl

/// Deals the messages to the lanes.
template <std::size_t lanes>
class Dealer {
 public:
    using Compress = void (&)(std::uint32_t (&)[8][lanes], const std::uint8_t* const (&)[lanes], std::size_t);

    Dealer(std::span<const std::string_view> messages, std::span<Digest> out)
        : messages_(messages), out_(out) {}

    void run(Compress compress) {
        for (std::size_t lane = 0; lane < lanes; ++lane) begin(lane);
        while (running_ > 0) {
            std::size_t blocks = ~std::size_t{0}, some = 0;
            for (std::size_t lane = 0; lane < lanes; ++lane)
                if (blocks_[lane] > 0 && blocks_[lane] < blocks) blocks = blocks_[some = lane];
            // A lane without a message computes another's once more; nobody looks at it.
            for (std::size_t lane = 0; lane < lanes; ++lane)
                if (blocks_[lane] == 0) data_[lane] = data_[some];
            compress(state_, data_, blocks);
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                if (blocks_[lane] == 0) continue;
                data_[lane] += blocks * sm3_block_bytes;
                blocks_[lane] -= blocks;
                if (blocks_[lane] == 0) go_on(lane);
            }
        }
    }

 private:
    /// Takes the next message, if there is one.
    void begin(std::size_t lane) {
        if (next_ == messages_.size()) return;
        message_[lane] = next_++;
        ++running_;
        for (std::size_t i = 0; i < 8; ++i) state_[i][lane] = initial[i];
        const std::string_view message = messages_[message_[lane]];
        data_[lane] = reinterpret_cast<const std::uint8_t*>(message.data());
        blocks_[lane] = message.size() / sm3_block_bytes;
        in_tail_[lane] = false;
        if (blocks_[lane] == 0) pad(lane);
    }

    /// After the last whole block: the rest, a one bit, zeros and the length in bits (5.2).
    void pad(std::size_t lane) {
        const std::string_view message = messages_[message_[lane]];
        const std::size_t rest = message.size() % sm3_block_bytes;
        const std::size_t blocks = rest < sm3_block_bytes - 8 ? 1 : 2;
        std::uint8_t* const tail = tails_[lane];
        std::memset(tail, 0, sizeof tails_[lane]);
        if (rest > 0) std::memcpy(tail, message.data() + message.size() - rest, rest);
        tail[rest] = 0x80;
        const std::uint64_t bits = __builtin_bswap64(std::uint64_t{message.size()} * 8);
        std::memcpy(tail + blocks * sm3_block_bytes - 8, &bits, 8);
        data_[lane] = tail;
        blocks_[lane] = blocks;
        in_tail_[lane] = true;
    }

    /// The lane has run out of blocks.
    void go_on(std::size_t lane) {
        if (!in_tail_[lane]) return pad(lane);
        std::uint32_t words[8];
        for (std::size_t i = 0; i < 8; ++i) words[i] = __builtin_bswap32(state_[i][lane]);
        std::memcpy(out_[message_[lane]].data(), words, sizeof words);
        --running_;
        begin(lane);
    }

    std::span<const std::string_view> messages_;
    std::span<Digest> out_;
    std::size_t next_ = 0;
    std::size_t running_ = 0;
    alignas(64) std::uint32_t state_[8][lanes];
    alignas(64) std::uint8_t tails_[lanes][2 * sm3_block_bytes];
    const std::uint8_t* data_[lanes];
    std::size_t blocks_[lanes] = {};  ///< left in the message or in its tail; none: nothing to do
    std::size_t message_[lanes];
    bool in_tail_[lanes];
};

Sm3Lanes best_lanes() {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return Sm3Lanes::avx512;
    return __builtin_cpu_supports("avx2") ? Sm3Lanes::avx2 : Sm3Lanes::none;
}

}  // namespace

Sm3Lanes sm3_lanes() {
    static const Sm3Lanes best = best_lanes();
    return best;
}

#else

Sm3Lanes sm3_lanes() {
    return Sm3Lanes::none;
}

#endif

void sm3_each(std::span<const std::string_view> messages, std::span<Digest> out, Sm3Lanes lanes) {
    QY_ASSERT(messages.size() == out.size() && lanes <= sm3_lanes());
#ifdef QY_SM3_LANES
    // A single message has nothing to share a register with.
    if (messages.size() > 1 && lanes != Sm3Lanes::none) {
        if (lanes == Sm3Lanes::avx2) return Dealer<avx2::lanes>(messages, out).run(avx2::compress);
        if (messages.size() <= avx512vl::lanes)
            return Dealer<avx512vl::lanes>(messages, out).run(avx512vl::compress);
        return Dealer<avx512::lanes>(messages, out).run(avx512::compress);
    }
#endif
    for (std::size_t i = 0; i < messages.size(); ++i) out[i] = sm3(messages[i]);
}

void sm3_each(std::span<const std::string_view> messages, std::span<Digest> out) {
    sm3_each(messages, out, sm3_lanes());
}

}  // namespace qingyuan
