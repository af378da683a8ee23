// What happened to a pack, as the index keeps it: plain numbers, texts in the dictionary (names.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "packs/code.hpp"

namespace qingyuan::packs {

/// A text in 64 bits. 0 = no text. Top bit clear: 15 bits of prefix and width (dictionary) and the 48-bit
/// number behind it, exactly reversible ("D000123"). Top bit set: 63 bits of the text's SHA-256, the text
/// itself lies in the store.
using Name = std::uint64_t;
constexpr Name hashed_name = Name{1} << 63;

enum class Action : std::uint8_t {
    produce,
    ship,
    receive,
    dispense,
    use,
    return_out,
    return_in,
    destroy,
    sample,
    other  ///< observed, no change of hands (EPCIS only)
};
constexpr std::array<std::string_view, 10> action_names{
    "produce", "ship", "receive", "dispense", "use", "return_out", "return_in", "destroy", "sample", "other"};

[[nodiscard]] constexpr bool is_inbound(Action action) {
    return action == Action::produce || action == Action::receive || action == Action::return_in;
}
/// T of the custody rules: the pack leaves the chain at a patient.
[[nodiscard]] constexpr bool is_terminal(Action action) {
    return action == Action::dispense || action == Action::use;
}

constexpr std::uint8_t flag_split = 1;  ///< part of a split pack (拆零)
constexpr std::uint8_t flag_void = 2;   ///< only takes back the event it corrects
constexpr std::uint8_t flag_shared =
    4;  ///< its event names several codes; a key needs the code beside the event
constexpr std::uint8_t flag_inherited = 8;  ///< happened to a parent while this code was in it
constexpr std::uint8_t flag_untimed = 16;   ///< (relations) without a time of its own

/// What few events carry.
struct Extra {
    std::uint32_t owner = 0;  ///< where it is not the actor
    Name person = 0;
    Name prescription = 0;
    Name corrects = 0;  ///< event superseded by this one
    bool operator==(const Extra&) const = default;
};

/// One event on one code. Operators and batches are numbers of the reference tables, 0 = none.
struct Event {
    PackCode code;
    std::int64_t time_ms = 0;      ///< UTC
    std::int64_t uploaded_ms = 0;  ///< UTC
    Name id = 0;
    Name document = 0;
    std::uint32_t actor = 0;
    std::uint32_t counterparty = 0;
    std::uint32_t batch = 0;
    Action action = Action::other;
    std::uint8_t flags = 0;
    Extra extra;
    std::uint64_t seq = 0;  ///< journal number of the batch it came in with; not part of its content

    [[nodiscard]] bool has_extra() const { return !(extra == Extra{}); }
};

/// A code lay in another from `from_ms` until `to_ms` (exclusive); without times, until something happens to
/// it alone.
struct Relation {
    PackCode child;
    PackCode parent;
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
    auto operator<=>(const Relation&) const = default;
};

/// What an intake gives to the index: a piece of a batch, in any order.
struct Piece {
    std::vector<Event> events;
    std::vector<Relation> relations;
};

}  // namespace qingyuan::packs
