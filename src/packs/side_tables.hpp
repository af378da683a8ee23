// What some rules must know beside events and reference tables: stock counts, duties of pharmacists,
// settlements of the medical insurance, listings on online platforms.
#pragma once

#include <cstdint>
#include <string>

#include "packs/event.hpp"

namespace qingyuan::packs {

/// What a firm counted on its shelves, in smallest packs; may be negative, which is what a rule looks for.
struct StockCount {
    std::uint32_t actor = 0;
    std::uint64_t product = 0;  ///< first 7 digits, or a GTIN-14
    std::uint32_t batch = 0;    ///< 0 = all batches
    std::int64_t quantity = 0;
    std::int64_t counted_ms = 0;
    bool operator==(const StockCount&) const = default;
};

/// A person was on duty at a firm; both ends inclusive.
struct Duty {
    Name person = 0;
    std::uint32_t actor = 0;
    std::int64_t from_ms = 0;
    std::int64_t to_ms = INT64_MAX;
    bool operator==(const Duty&) const = default;
};

/// The medical insurance paid for a pack.
struct Settlement {
    PackCode code;
    std::uint32_t actor = 0;
    std::int64_t settled_ms = 0;
    bool operator==(const Settlement&) const = default;
};

/// An offer seen on a platform, and the digest of what was seen.
struct Listing {
    Name id = 0;
    std::uint32_t actor = 0;
    std::string platform;
    std::uint64_t product = 0;  ///< 0 = not known
    std::string title;
    std::int64_t captured_ms = 0;
    std::string digest;  ///< hexadecimal, lower case
    bool operator==(const Listing&) const = default;
};

}  // namespace qingyuan::packs
