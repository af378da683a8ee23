// Numbers over many codes, kept by adding and taking away: packs on a document, packs held, lags of uploads.
// Each code's share is a function of its history, so that a late event changes the sums by the difference of
// two shares.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "packs/event.hpp"

namespace qingyuan::packs {

enum class TallyKind : std::uint8_t {
    document,       ///< a = document's name: smallest packs shipped or returned on it
    held_batch,     ///< a = batch, b = operator: packs it holds
    held_operator,  ///< a = operator, b = batch: the same from the other side
    fate,           ///< a = batch, b = Fate: packs
    lag,     ///< a = operator, b = bucket of the lag between event and upload: rows, whatever became of them
    person,  ///< a = person's name, b = operator and day: events that name both
    prescription,  ///< a = prescription's name, b = operator and day: packs dispensed or used on it
    volume         ///< a = product and period, b = operator: packs shipped, dispensed or used
};

enum class Fate : std::uint8_t { produced, used, destroyed, sampled, in_transit, held };

struct TallyKey {
    TallyKind kind{};
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    auto operator<=>(const TallyKey&) const = default;
    [[nodiscard]] std::string group() const;  ///< kind and a
    [[nodiscard]] std::string rest() const;   ///< b
};
[[nodiscard]] std::string tally_group(TallyKind kind, std::uint64_t a);
[[nodiscard]] std::uint64_t tally_number(
    std::string_view eight);  ///< b of a rest, a of a group without its kind
[[nodiscard]] std::int64_t tally_value(std::string_view stored);

/// Operator and day (UTC, since 1970) in one number.
[[nodiscard]] std::uint64_t tally_use(std::uint32_t actor, std::int64_t time_ms);
[[nodiscard]] std::uint32_t tally_operator(std::uint64_t b);
[[nodiscard]] std::int64_t tally_day(std::uint64_t b);

/// Periods of thirty days since 1970 (UTC), and what was moved in one of them.
constexpr std::int64_t period_ms = std::int64_t{30} * 86'400'000;
/// A product in 47 bits over the period in 17: codes come in the order of their products, and so do these.
[[nodiscard]] std::uint64_t tally_move(std::uint64_t product, std::int64_t time_ms);
[[nodiscard]] std::uint64_t tally_product(std::uint64_t a);
/// The first instant of the period.
[[nodiscard]] std::int64_t tally_period_ms(std::uint64_t a);

/// 0 for up to an hour, then quarters of a doubling up to about two years.
[[nodiscard]] unsigned lag_bucket(std::int64_t lag_ms);
/// The longest lag of a bucket, in ms.
[[nodiscard]] std::int64_t lag_of_bucket(unsigned bucket);
constexpr unsigned lag_buckets = 60;
using LagCounts = std::array<std::int64_t, lag_buckets>;  ///< events by bucket
/// The longest lag of the first bucket up to which this share (0 to 1) of the events lie, in ms.
[[nodiscard]] std::int64_t lag_at(const LagCounts& counts, double share);

/// Sums by key, cleared without giving memory back.
class Tallies {
 public:
    void add(const TallyKey& key, std::int64_t delta);
    /// In the order of their keys in the store; those that add up to nothing are left out.
    void each(const std::function<void(const TallyKey&, std::int64_t)>& visit) const;
    void clear();
    [[nodiscard]] std::size_t size() const { return used_.size(); }

 private:
    struct Slot {
        TallyKey key;
        std::int64_t sum = 0;
        bool used = false;
    };
    void grow();
    std::vector<Slot> slots_ = std::vector<Slot>(1024);
    std::vector<std::uint32_t> used_;
};

/// Adds the share of one history, times `sign`.
void add_share(std::span<const Event* const> history, std::int64_t sign, Tallies& out);

/// Who holds the pack after the last event: 0 where it is under way, used or gone.
struct Whereabouts {
    std::uint32_t holder = 0;
    std::uint32_t batch = 0;
    Fate fate = Fate::held;
};
[[nodiscard]] Whereabouts whereabouts(std::span<const Event* const> history);

}  // namespace qingyuan::packs
