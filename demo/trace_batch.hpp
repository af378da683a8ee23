// One batch of a simulated chain: everything that happens to its packs, kept as runs, a run being one action
// on some packs of one case. A batch depends on nothing but the world and its number, so batches are made in
// any order, by any thread, and nothing but a batch need be in memory.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "demo/trace_world.hpp"

namespace qingyuan::demo {

enum class Action : std::uint8_t {
    produce,
    ship,
    receive,
    dispense,
    use,
    return_out,
    return_in,
    destroy,
    sample
};
inline constexpr int actions = 9;
[[nodiscard]] const char* word(Action action);
[[nodiscard]] constexpr bool terminal(Action action) {
    return action == Action::dispense || action == Action::use;
}
[[nodiscard]] constexpr bool inbound(Action action) {
    return action == Action::produce || action == Action::receive || action == Action::return_in;
}
[[nodiscard]] constexpr bool outbound(Action action) {
    return action == Action::ship || action == Action::return_out;
}

inline constexpr std::uint16_t no_document = 0xFFFF;

struct Run {
    static constexpr std::uint8_t split = 1, repeated = 2, parent = 4, other_batch = 8;

    std::uint64_t packs = 0;  ///< bit i: pack i of the case
    std::uint32_t batch = 0;
    std::uint32_t event_time = 0;  ///< of the first pack scanned
    std::uint32_t upload_time = 0;
    std::uint16_t id = 0;        ///< of the first pack's event, within the batch; the others follow
    std::uint16_t corrects = 0;  ///< id + 1 of the event that this one supersedes; 0: none
    FirmIndex actor = no_firm;
    FirmIndex counterparty = no_firm;
    FirmIndex owner = no_firm;
    std::uint16_t document = no_document;  ///< within the batch
    std::uint8_t at_case = 0;
    Action action = Action::produce;
    std::uint8_t pace_s = 0;  ///< between one pack scanned and the next
    std::uint8_t flags = 0;

    [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    [[nodiscard]] int events() const { return has(parent) ? 1 : std::popcount(packs); }
};
static_assert(sizeof(Run) == 40);

struct InvoicedDocument {
    FirmIndex seller = no_firm, buyer = no_firm;
    std::int32_t wrong_by = 0;  ///< what the invoice says differs by so much from what was shipped
};

struct TraceBatch {
    std::uint32_t index = 0;
    TraceProduct product;
    std::int32_t produced_day = 0;
    std::int64_t produced_at = 0, expires_at = 0, recalled_at = 0;  ///< 0: not recalled
    std::uint32_t first_serial = 0;
    int cases = 0;                 ///< packs of re-coding and the like stand in one case more
    std::uint64_t aggregated = 0;  ///< bit c: case c moves under its own code
    std::vector<Run> runs;
    std::vector<InvoicedDocument> documents;
};

/// Fills `batch` (its vectors are used again).
void make_batch(const TraceWorld& world, std::uint32_t index, TraceBatch& batch);

}  // namespace qingyuan::demo
