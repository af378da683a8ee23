// Counts of scopes so large that counting them costs more than the page they stand on: a reader is given
// those of a moment ago, and they are counted again behind his back.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.hpp"

namespace qingyuan::api {

/// Thread-safe. One thread counts, one key after another; it is made when it is first needed.
class KeptCounts {
 public:
    using Text = std::shared_ptr<const std::string>;
    /// Counts; owns what it uses, and may run until this object is gone.
    using Make = std::function<Result<std::string>()>;

    static constexpr std::int64_t fresh_us = 30'000'000;   ///< used as they are
    static constexpr std::int64_t stale_us = 300'000'000;  ///< used, while they are counted again
    static constexpr std::size_t keys_max = 256;           ///< the oldest go first

    KeptCounts() = default;
    ~KeptCounts();
    KeptCounts(const KeptCounts&) = delete;
    KeptCounts& operator=(const KeptCounts&) = delete;

    /// Null where there is none that is young enough: the caller counts, and keeps it.
    [[nodiscard]] Text find(std::string_view key, std::int64_t now_us, const Make& again);
    void keep(const std::string& key, std::int64_t now_us, std::string text);
    /// Waits until nothing is being counted.
    void wait_idle();

 private:
    struct Entry {
        Text text;
        std::int64_t made_us = 0;
        bool is_asked = false;  ///< waits or is being counted
    };
    struct Asked {
        std::string key;
        std::int64_t now_us = 0;
        Make make;
    };
    void work();

    std::mutex lock_;
    std::condition_variable changed_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::deque<std::string> order_;
    std::deque<Asked> asked_;
    bool is_busy_ = false, is_stopping_ = false;
    std::thread thread_;
};

}  // namespace qingyuan::api
