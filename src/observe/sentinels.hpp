// Sentinel sites of monitoring and by what ways reports come: who is silent, and does one way drown the
// others.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/safety_report_row.hpp"
#include "observe/row_problems.hpp"

namespace qingyuan::observe {

class ReportArchive;

/// The sites as the administrator keeps them. A row replaces an earlier one of the same site and `from`.
class Sentinels {
 public:
    void put(facts::SentinelRow row);
    /// In force on the date, by site.
    [[nodiscard]] std::vector<facts::SentinelRow> active_on(Date date) const;
    /// Every row there is, by site and `from`.
    [[nodiscard]] std::vector<facts::SentinelRow> all() const;

 private:
    std::map<std::string, std::map<Date, facts::SentinelRow>, std::less<>> sites_;
};

struct SentinelTable {
    std::vector<facts::SentinelRow> rows;
    RowProblems problems;
};
/// A table of sites: site, name, kind, region, from, to. csv_malformed, encoding_invalid, column_missing,
/// column_unknown.
[[nodiscard]] Result<SentinelTable> read_sentinel_csv(std::string_view text);

struct SentinelState {
    facts::SentinelRow site;
    std::uint64_t cases = 0;          ///< that name the site, as of the date
    std::optional<Date> last_report;  ///< received
    int silent_days = 0;              ///< since the last report, or since the site began
    bool silent = false;              ///< more than the days allowed
};
/// Every active site, by its id. `days`: parameter sentinel_silent_days.
[[nodiscard]] std::vector<SentinelState> sentinel_states(const Sentinels& sentinels,
                                                         const ReportArchive& archive, Date on, int days);

struct ChannelShare {
    std::string channel;
    std::uint64_t cases = 0;
    std::int64_t thousandths = 0;  ///< of all cases of the period
    bool alarm = false;            ///< more than the percentage allowed
};
/// Cases whose current version was received from `from` to `to`, by the way they came; largest first.
/// `percent`: parameter report_channel_percent.
[[nodiscard]] std::vector<ChannelShare> channel_shares(const ReportArchive& archive, Date from, Date to,
                                                       std::int64_t percent);

/// The channel of a report that names none: by the sender's word for itself.
[[nodiscard]] std::string_view channel_of_source(std::string_view source);

}  // namespace qingyuan::observe
