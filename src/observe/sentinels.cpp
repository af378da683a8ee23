#include "observe/sentinels.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"

#include "observe/report_archive.hpp"

namespace qingyuan::observe {

namespace {

bool holds(const facts::SentinelRow& row, Date date) {
    return row.from <= date && (row.to.days == 0 || date <= row.to);
}

}  // namespace

void Sentinels::put(facts::SentinelRow row) {
    sites_[row.site][row.from] = std::move(row);
}

std::vector<facts::SentinelRow> Sentinels::active_on(Date date) const {
    std::vector<facts::SentinelRow> out;
    for (const auto& [site, rows] : sites_) {
        const auto after = rows.upper_bound(date);
        if (after == rows.begin()) continue;
        const facts::SentinelRow& row = std::prev(after)->second;
        if (holds(row, date)) out.push_back(row);
    }
    return out;
}

std::vector<facts::SentinelRow> Sentinels::all() const {
    std::vector<facts::SentinelRow> out;
    for (const auto& [site, rows] : sites_)
        for (const auto& [from, row] : rows) out.push_back(row);
    return out;
}

Result<SentinelTable> read_sentinel_csv(std::string_view text) {
    constexpr std::array<std::string_view, 6> columns{"site", "name", "kind", "region", "from", "to"};
    SentinelTable out;
    CsvReader reader = TRY(CsvReader::create(text));
    std::array<std::size_t, columns.size()> place{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto found = reader.find_column(columns[i]);
        if (!found)
            return Error{ErrorCode::column_missing,
                         std::string(columns[i]),
                         "line 1",
                         {},
                         "site,name,kind,region,from,to"};
        place[i] = *found;
    }
    if (reader.columns().size() != columns.size())
        return Error{ErrorCode::column_unknown, "more columns than this table has", "line 1"};
    while (const auto row = TRY(reader.next())) {
        ++out.problems.rows;
        const auto cell = [&](std::size_t i) { return std::string(trim(row->cells[place[i]])); };
        facts::SentinelRow one{cell(0), cell(1), cell(2), cell(3), {}, {}};
        const auto from = parse_date(cell(4));
        const auto to = cell(5).empty() ? Result<Date>(Date{}) : parse_date(cell(5));
        if (one.site.empty() || !from || !to) {
            ++out.problems.rejected_rows;
            out.problems.reject(row->line,
                                one.site.empty() ? "site"
                                : !from          ? "from"
                                                 : "to",
                                one.site.empty() ? ErrorCode::field_missing : ErrorCode::date_invalid,
                                one.site.empty() ? "no site" : "no date", "write the date as 2025-07-05");
            continue;
        }
        one.from = *from;
        one.to = *to;
        out.rows.push_back(std::move(one));
    }
    return out;
}

std::vector<SentinelState> sentinel_states(const Sentinels& sentinels, const ReportArchive& archive, Date on,
                                           int days) {
    struct Seen {
        std::uint64_t cases = 0;
        std::optional<Date> last;
    };
    std::map<std::string, Seen, std::less<>> seen;
    for (const auto& [id, one] : archive.cases()) {
        // A follow-up is a sign of life, too; a nullified case was one.
        std::string site;
        for (const ReportVersion& version : one.versions) {
            if (version.row.received_on > on || version.row.organisation.empty()) continue;
            Seen& entry = seen[version.row.organisation];
            if (!entry.last || *entry.last < version.row.received_on) entry.last = version.row.received_on;
            site = version.row.organisation;
        }
        if (!site.empty() && !one.withdrawn) ++seen[site].cases;
    }
    std::vector<SentinelState> out;
    for (facts::SentinelRow& row : sentinels.active_on(on)) {
        SentinelState state;
        if (const auto found = seen.find(row.site); found != seen.end()) {
            state.cases = found->second.cases;
            state.last_report = found->second.last;
        }
        const Date since = std::max(state.last_report.value_or(row.from), row.from);
        state.silent_days = on - since;
        state.silent = state.silent_days > days;
        state.site = std::move(row);
        out.push_back(std::move(state));
    }
    return out;
}

std::vector<ChannelShare> channel_shares(const ReportArchive& archive, Date from, Date to,
                                         std::int64_t percent) {
    std::map<std::string, std::uint64_t, std::less<>> counts;
    std::uint64_t all = 0;
    for (const auto& [id, one] : archive.cases()) {
        if (one.withdrawn) continue;
        const facts::SafetyReportRow& row = one.latest().row;
        if (row.received_on < from || to < row.received_on) continue;
        ++counts[row.channel.empty() ? std::string(channel_of_source(row.source)) : row.channel];
        ++all;
    }
    std::vector<ChannelShare> out;
    for (const auto& [channel, cases] : counts)
        out.push_back({channel, cases, static_cast<std::int64_t>((cases * 2000 + all) / (2 * all)),
                       cases * 100 > all * static_cast<std::uint64_t>(std::max<std::int64_t>(percent, 0))});
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.cases > b.cases; });
    return out;
}

std::string_view channel_of_source(std::string_view source) {
    if (source == "持有人" || source == "生产企业" || source == "注册人") return "direct";
    if (source == "经营企业") return "enterprise";
    if (source == "个人") return "individual";
    if (source == "高校监测站") return "university";
    if (source == "监管部门") return "officer";
    if (source == "监测机构") return "national_system";
    return "hospital";
}

}  // namespace qingyuan::observe
