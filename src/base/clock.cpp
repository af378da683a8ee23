#include "base/clock.hpp"

#include <chrono>

namespace qingyuan {

namespace {
std::int64_t machine_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}
}  // namespace

WallClock::WallClock(Instant start) : offset_us_(start.us - machine_us()) {}
Instant WallClock::now() const {
    return {machine_us() + offset_us_};
}

}  // namespace qingyuan
