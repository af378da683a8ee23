// The rows in which ClickHouse keeps the pack index: their bytes in the format RowBinary, and how the rows of
// one key give what the key holds. Format: docs/formats/packs_store.md.
#pragma once

#include <string>
#include <string_view>

#include "packs/store.hpp"

namespace qingyuan::packs {

enum class RowKind : std::uint8_t { put = 0, erase = 1, add = 2 };

/// A change of a key under a token. In Space::tallies `delta` stands in the place of the value.
struct Row {
    std::string_view group, rest;
    std::uint64_t token = 0;
    RowKind kind = RowKind::put;
    std::string_view value;
    std::int64_t delta = 0;
};

/// Columns pack_group String, rest String, token UInt64, kind UInt8, and value String or (`sums`) delta
/// Int64.
void put_row(std::string& out, bool sums, const Row& row);
/// Takes a row off the front; its texts are views into `bytes`. False where the bytes hold no whole row.
[[nodiscard]] bool take_row(std::string_view& bytes, bool sums, Row& out);
[[nodiscard]] bool take_string(std::string_view& bytes, std::string_view& out);
[[nodiscard]] bool take_number(std::string_view& bytes, std::uint64_t& out);  ///< UInt64, Int64

/// Eight bytes, little-endian.
[[nodiscard]] std::string number_value(std::uint64_t value);
[[nodiscard]] std::uint64_t value_number(std::string_view bytes);

/// Brings rows, which come in the order of (group, rest, token, kind) and may repeat, to what their keys
/// hold: of puts and erasures the one with the largest token; of additions the sum of those with distinct
/// tokens, from the last put or erasure on.
class Folding {
 public:
    explicit Folding(bool sums) : sums_(sums) {}
    /// True where an earlier key is complete and holds something: entry().
    [[nodiscard]] bool push(const Row& row);
    /// No row follows.
    [[nodiscard]] bool finish();
    [[nodiscard]] const Entry& entry() const { return done_; }

 private:
    void begin(const Row& row);

    bool sums_;
    bool any_ = false;      ///< a key is being gathered
    bool present_ = false;  ///< and holds something
    Entry now_, done_;
    std::uint64_t token_ = 0, sum_ = 0;
    RowKind kind_ = RowKind::put;
};

}  // namespace qingyuan::packs
