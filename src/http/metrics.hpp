// Counters for /metrics, in the Prometheus text format 0.0.4. Labels name routes, classes and codes, never a
// person, an address or an id; the number of series is bounded, and what would go beyond it is counted as
// dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qingyuan::http {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// May be used from any thread. A name belongs to the kind of its first use; a use of another kind is
/// dropped.
class Metrics {
 public:
    explicit Metrics(std::size_t series_max = 5'000);

    /// The HELP line of a name.
    void describe(std::string_view name, std::string_view help);
    /// A counter; by convention its name ends in _total.
    void add(std::string_view name, const Labels& labels = {}, double delta = 1);
    /// A gauge.
    void set(std::string_view name, const Labels& labels, double value);
    /// A histogram of seconds; by convention its name ends in _seconds.
    void observe(std::string_view name, const Labels& labels, double seconds);

    [[nodiscard]] std::string text() const;
    /// The value of a counter or gauge, the count of a histogram; 0 where there is none.
    [[nodiscard]] double value(std::string_view name, const Labels& labels = {}) const;

    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
    enum class Kind : std::uint8_t { counter, gauge, histogram };
    struct Series {
        double value = 0;
        std::vector<std::uint64_t> counts = {};  ///< of a histogram: one a bucket, not yet summed
        std::uint64_t count = 0;
    };
    struct Family {
        Kind kind = Kind::counter;
        std::map<std::string, Series, std::less<>> series = {};  ///< by label text: `a="b",c="d"`
    };
    Series* series(std::string_view name, Kind kind, const Labels& labels);

    mutable std::mutex lock_;
    std::size_t series_max_;
    std::size_t series_count_ = 0;
    std::uint64_t dropped_ = 0;
    std::map<std::string, Family, std::less<>> families_;
    std::map<std::string, std::string, std::less<>> help_;
};

}  // namespace qingyuan::http
