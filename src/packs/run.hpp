// The bytes of a run: the events of one group that came with one piece of a batch. Column by column, each
// event told as the difference to the like event of the neighbouring pack, which moved in the same case.
// Format: docs/formats/packs.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "packs/event.hpp"

namespace qingyuan::packs {

/// `events` belong to one group and are sorted by code, then time. Seq and flag_inherited are not written.
[[nodiscard]] std::string encode_run(std::span<const Event* const> events);

/// Appends the events; with `only`, those of one code. store_corrupt for bytes that encode_run did not write.
[[nodiscard]] Result<void> decode_run(Wide group, std::string_view run, std::uint64_t seq,
                                      std::vector<Event>& out, const PackCode* only = nullptr);

/// Eight bytes, big-endian: numbers as they stand in keys.
[[nodiscard]] inline std::string big(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        out[7 - i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    return out;
}
[[nodiscard]] inline std::uint64_t from_big(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

/// Variable-length numbers as they stand in runs and other values of the index.
void put_number(std::string& out, std::uint64_t value);
void put_signed(std::string& out, std::int64_t value);
void put_text(std::string& out, std::string_view text);
/// Reads what put_… wrote; `ok` turns false, and stays so, where the bytes do not hold it.
struct Taking {
    std::string_view rest;
    bool ok = true;
    std::uint64_t number();
    std::int64_t signed_number();
    std::string_view bytes(std::size_t count);
    std::string_view text();
    std::uint8_t byte();
};

}  // namespace qingyuan::packs
