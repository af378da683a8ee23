// The only door to the wall clock. Everything else is handed an Instant.
#pragma once

#include "base/date.hpp"

namespace qingyuan {

class Clock {
 public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

/// The machine's clock, shifted so that it read `start` when it was created: a demo goes on from the end of
/// its play.
class WallClock final : public Clock {
 public:
    WallClock() = default;
    explicit WallClock(Instant start);
    [[nodiscard]] Instant now() const override;

 private:
    std::int64_t offset_us_ = 0;
};

/// A clock that stands still until it is set: scenarios, the demo's play and tests.
class VirtualClock final : public Clock {
 public:
    explicit VirtualClock(Instant start) : now_(start) {}
    [[nodiscard]] Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }

 private:
    Instant now_;
};

}  // namespace qingyuan
