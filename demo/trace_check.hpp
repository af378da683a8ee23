// The truth of a simulated batch: the fourteen custody rules by their definitions, over whole histories. It
// knows nothing of what was planted; it reads the same runs as the writer of rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "demo/trace_batch.hpp"

namespace qingyuan::demo {

struct TraceFinding {
    std::uint8_t number = 0;  ///< of the rule
    std::string key;
};

/// What stands in the files.
inline constexpr std::uint64_t first_event_id = 1'000'000'000;  ///< all ids have ten digits
[[nodiscard]] inline std::uint64_t event_number(std::uint32_t batch, std::uint32_t id) {
    return first_event_id + std::uint64_t{batch} * ids_a_batch + id;
}
void put_digits(std::uint64_t value, int digits, char* to);
/// The 20 digits of a code: 7 of the product and level of package, 9 of the serial, 4 opaque ones.
void put_code(std::uint32_t product, std::uint32_t serial, char* to);
[[nodiscard]] std::string document_id(const TraceBatch& batch, std::uint32_t document);

class TraceCheck {
 public:
    explicit TraceCheck(const TraceWorld& world) : world_(world) {}

    /// Appends the findings of the batch and leaves the shipped quantities in `shipped()`.
    void check(const TraceBatch& batch, std::vector<TraceFinding>& findings);
    /// Smallest packs shipped or returned on each document of the batch checked last.
    [[nodiscard]] const std::vector<std::int32_t>& shipped() const { return shipped_; }

 private:
    struct Event {
        std::uint32_t time;
        std::uint16_t id;
        FirmIndex actor, counterparty;
        Action action;
        std::uint8_t flags;
    };
    void expand(const TraceBatch& batch);
    void history(const TraceBatch& batch, std::uint32_t serial, Event* events, std::size_t count,
                 std::vector<TraceFinding>& findings);
    [[nodiscard]] std::uint32_t broken(const TraceBatch& batch, const Event* events, std::size_t count,
                                       std::size_t at) const;

    const TraceWorld& world_;
    std::vector<Event> events_;
    std::vector<std::uint32_t> begin_;  ///< of each pack's events
    std::vector<bool> superseded_;
    std::vector<std::int32_t> shipped_;
};

}  // namespace qingyuan::demo
