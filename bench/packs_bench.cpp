// The pack index at work: look-ups, a batch's holders, 10,000 new rows from file to finding, and how early
// findings are shown against how often they are right. Data come from the simulator: QINGYUAN_BENCH_FLOW
// names a directory it wrote
// (`qingyuan simulate trace --events 1000000 --lag per_firm --out DIR`); without it nothing is measured.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "assess/custody.hpp"
#include "assess/judgement.hpp"
#include "base/text.hpp"
#include "measure.hpp"
#include "observe/trace_intake.hpp"
#include "packs/index.hpp"

using namespace qingyuan;
using bench::must;

namespace {

constexpr std::int64_t day_ms = 86'400'000;

/// An index, its evidence and its judge in a directory of their own.
struct House {
    std::filesystem::path directory;
    law::Law law = must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    assess::Custody custody{law};
    journal::Evidence evidence = must(journal::Evidence::open(directory / "evidence"));
    std::unique_ptr<packs::Index> index = must(
        packs::Index::open(must(packs::open_rocks(directory / "packs")), {.threads = 2, .judge = &custody}));
    std::uint64_t seq = 0;

    observe::TraceReport take(const std::vector<observe::TraceFile>& files, std::int64_t now_ms) {
        observe::Manifest manifest = must(observe::keep_files(files, evidence, 2));
        manifest.now_ms = now_ms;
        must(evidence.put(manifest.text()));
        return must(observe::read_into(*index, manifest, evidence, {.seq = ++seq, .threads = 2}));
    }
    packs::Index::Verdict judge(std::int64_t now_ms, bool full) {
        if (full) {
            const auto options = must(assess::grace_options(law, Instant{now_ms * 1000}.date()));
            must(index->keep_grace(must(packs::grace_by_operator(*index, options))));
        }
        auto verdict = must(index->verdict(now_ms, index->kept_grace(), !full));
        must(index->keep(verdict, ++seq));
        return verdict;
    }
};

struct Line {
    std::int64_t uploaded = 0;
    std::string text;
};

/// events.csv by day of upload.
std::map<std::int64_t, std::string> by_upload_day(const std::filesystem::path& file, std::string& header) {
    std::ifstream in(file);
    std::getline(in, header);
    std::map<std::int64_t, std::string> out;
    for (std::string line; std::getline(in, line);) {
        std::size_t at = 0;
        for (int i = 0; i < 6; ++i) at = line.find(',', at) + 1;
        out[std::atoll(line.c_str() + at) / 86'400] += line + "\n";
    }
    return out;
}

/// documents.csv by the day on which the first row that names a document is uploaded; what no row names comes
/// last.
std::map<std::int64_t, std::string> documents_by_day(const std::filesystem::path& flow,
                                                     const std::map<std::int64_t, std::string>& days) {
    std::map<std::string, std::int64_t, std::less<>> first;
    for (const auto& [day, lines] : days)
        for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
            std::size_t cell = at;
            for (int i = 0; i < 8; ++i) cell = lines.find(',', cell) + 1;
            const std::string id = lines.substr(cell, lines.find_first_of(",\n", cell) - cell);
            if (!id.empty()) first.try_emplace(id, day);
        }
    std::ifstream in(flow / "documents.csv");
    std::string line;
    std::getline(in, line);
    std::map<std::int64_t, std::string> out;
    const std::int64_t last = days.rbegin()->first;
    while (std::getline(in, line)) {
        const auto at = first.find(line.substr(0, line.find(',')));
        std::string& day = out[at == first.end() ? last : at->second];
        if (day.empty()) day = "id,seller,buyer,batch,quantity\n";
        day += line + "\n";
    }
    return out;
}

std::vector<observe::TraceFile> tables_of(const std::filesystem::path& flow) {
    auto files = must(observe::trace_files(flow));
    std::erase_if(files, [](const auto& file) { return file.kind == "events" || file.kind == "documents"; });
    return files;
}

/// Days arrive one by one; what is confirmed is what an inspector is shown.
void precision_against_delay(const std::filesystem::path& flow, const std::filesystem::path& work) {
    std::filesystem::create_directories(work / "lag");
    House house{work / "lag"};
    std::string header;
    const auto days = by_upload_day(flow / "events.csv", header);
    std::set<std::string> truth;
    {
        std::ifstream in(flow / "truth.csv");
        for (std::string line; std::getline(in, line);)
            if (!line.empty() && line[0] != 'n') truth.insert(line);
    }
    const std::set<int> absence{2, 3, 6, 8, 12, 13};
    struct Shown {
        std::int64_t at_ms, due_ms;
        int number;
        std::uint32_t silent;
    };
    std::map<std::string, Shown> shown;
    std::uint64_t withdrawn = 0;
    const std::filesystem::path file = work / "day.csv", documents_file = work / "documents.csv";
    const auto documents = documents_by_day(flow, days);
    std::vector<observe::TraceFile> tables = tables_of(flow);
    const auto number_of = [&](const packs::Finding& one) {
        const auto rule = house.law.rule(one.rule, Instant{one.time_ms * 1000}.date());
        return rule ? (*rule)->number : 0;
    };
    const auto note = [&](const packs::Index::Verdict& verdict, std::int64_t now_ms) {
        for (const packs::Finding& one : verdict.confirmed)
            if (const int number = number_of(one); number != 0)
                shown.try_emplace(
                    fmt::format("{},{}", number, assess::key_of(*house.index, one)),
                    Shown{now_ms, std::max(one.waits_from_ms, one.appears_ms), number, one.silent});
        withdrawn += verdict.withdrawn.size();
    };
    std::int64_t last = 0;
    for (const auto& [day, lines] : days) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << header << "\n" << lines;
        std::vector<observe::TraceFile> files = std::exchange(tables, {});
        files.push_back({"events", file, "events.csv"});
        if (const auto at = documents.find(day); at != documents.end()) {
            std::ofstream(documents_file, std::ios::binary | std::ios::trunc) << at->second;
            files.push_back({"documents", documents_file, "documents.csv"});
        }
        last = (day + 1) * day_ms;
        house.take(files, last);
        note(house.judge(last, true), last);
    }
    for (int i = 1; i <= 60; ++i) note(house.judge(last + i * day_ms, true), last + i * day_ms);
    std::map<std::string, packs::Finding> final_set;
    must(house.index->each_finding([&](const packs::Finding& one) {
        if (const int number = number_of(one); number != 0 && one.status == packs::FindingStatus::confirmed)
            final_set.emplace(fmt::format("{},{}", number, assess::key_of(*house.index, one)), one);
        return true;
    }));
    std::size_t right = 0, found = 0;
    // A row that its own sender corrected later was wrong when it was judged; no wait for others mends that.
    std::set<std::string, std::less<>> corrected;
    for (const auto& [day, lines] : days)
        for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
            std::size_t cell = at;
            for (int i = 0; i < 10; ++i) cell = lines.find(',', cell) + 1;
            const std::size_t end = lines.find_first_of(",\n", cell);
            if (end > cell) corrected.emplace(lines.substr(cell, end - cell));
        }
    std::map<int, int> wrong;
    std::size_t own_errors = 0;
    for (const auto& [key, one] : shown) {
        right += truth.contains(key) ? 1 : 0;
        if (truth.contains(key)) continue;
        if (corrected.contains(key.substr(key.find(',') + 1)))
            ++own_errors;
        else
            ++wrong[one.number];
    }
    std::string by_rule;
    for (const auto& [number, count] : wrong) by_rule += fmt::format("{} of rule {}; ", count, number);
    for (const std::string& key : truth) found += final_set.contains(key) ? 1 : 0;
    bench::print("first shown: findings", static_cast<double>(shown.size()), "");
    bench::print("first shown: precision", static_cast<double>(right) / static_cast<double>(shown.size()), "",
                 by_rule.empty() ? "" : "wrong: " + by_rule);
    bench::print("… of rows that their sender did not correct later",
                 static_cast<double>(right) / static_cast<double>(shown.size() - own_errors), "",
                 fmt::format("{} corrected", own_errors));
    bench::print("at maturity: recall", static_cast<double>(found) / static_cast<double>(truth.size()), "");
    bench::print("at maturity: precision", static_cast<double>(found) / static_cast<double>(final_set.size()),
                 "");
    bench::print("confirmed and withdrawn again", static_cast<double>(withdrawn), "");
    const auto grace = must(packs::grace_by_operator(*house.index, {.quantile = 0.99,
                                                                    .factor = 1,
                                                                    .events_min = 30,
                                                                    .unknown_ms = 30 * day_ms,
                                                                    .floor_ms = 0,
                                                                    .cap_ms = 60 * day_ms}));
    std::vector<double> quick, all;
    for (const auto& [key, one] : shown) {
        if (!absence.contains(one.number) || !truth.contains(key)) continue;
        const double delay = static_cast<double>(one.at_ms - one.due_ms) / day_ms;
        all.push_back(delay);
        if (one.silent != 0 && grace[one.silent] <= 3 * day_ms + day_ms / 2) quick.push_back(delay);
    }
    const auto median = [](std::vector<double>& values) {
        if (values.empty()) return 0.0;
        std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                         values.end());
        return values[values.size() / 2];
    };
    bench::print("absence-based: median delay", median(all), "days", fmt::format("{} findings", all.size()));
    bench::print("… of firms whose own 99 % lag is up to 3 days", median(quick), "days",
                 fmt::format("{} findings", quick.size()));
    for (const int bound : {1, 3, 7, 14, 30, 60}) {
        std::size_t early = 0, early_right = 0;
        for (const auto& [key, one] : shown)
            if (one.at_ms - one.due_ms <= bound * day_ms) {
                ++early;
                early_right += truth.contains(key) ? 1 : 0;
            }
        bench::print(
            fmt::format("shown within {} days", bound), static_cast<double>(early), "findings",
            fmt::format("precision {:.3f}",
                        early == 0 ? 1.0 : static_cast<double>(early_right) / static_cast<double>(early)));
    }
}

void percentile(const std::string& name, std::vector<double>& times_us) {
    std::sort(times_us.begin(), times_us.end());
    bench::print(name + " p50", times_us[times_us.size() / 2], "µs");
    bench::print(name + " p99", times_us[times_us.size() * 99 / 100], "µs");
}

double micros(const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

void look_ups_and_arrivals(const std::filesystem::path& flow, const std::filesystem::path& work) {
    std::filesystem::create_directories(work / "look");
    House house{work / "look"};
    std::vector<observe::TraceFile> files = must(observe::trace_files(flow));
    // The last 60,000 rows come later, 10,000 at a time.
    std::string header;
    std::vector<std::string> tail;
    std::vector<packs::PackCode> codes;
    {
        std::ifstream in(flow / "events.csv");
        std::ofstream head(work / "head.csv", std::ios::binary);
        std::getline(in, header);
        head << header << "\n";
        std::uint64_t rows = 0, row = 0;
        std::ifstream counted(flow / "events.csv");
        for (std::string line; std::getline(counted, line);) ++rows;
        std::mt19937_64 dice(5);
        for (std::string line; std::getline(in, line); ++row) {
            if (row + 60'002 > rows)
                tail.push_back(line);
            else
                head << line << "\n";
            packs::PackCode code;
            if (dice() % 97 == 0 &&
                packs::parse_national(std::string_view(line).substr(line.find(',') + 1, 20), code))
                codes.push_back(code);
        }
    }
    for (auto& file : files)
        if (file.kind == "events") file.path = work / "head.csv";
    const std::int64_t now_ms = 1'830'000'000'000;
    house.take(files, now_ms);
    house.judge(now_ms, true);
    must(house.index->store().settle());
    std::mt19937_64 dice(6);
    std::vector<double> times;
    for (int i = 0; i < 20'000; ++i) {
        const packs::PackCode code = codes[dice() % codes.size()];
        times.push_back(micros([&] { must(house.index->history(code)); }));
    }
    percentile("history of a code", times);
    times.clear();
    for (int i = 0; i < 5'000; ++i) {
        const std::uint32_t batch =
            1 + static_cast<std::uint32_t>(dice() % house.index->reference().batches());
        times.push_back(micros([&] { must(house.index->tally(packs::TallyKind::held_batch, batch)); }));
    }
    percentile("holders of a batch", times);
    std::vector<double> rounds;
    for (int round = 0; round < 6; ++round) {
        {
            std::ofstream out(work / "new.csv", std::ios::binary | std::ios::trunc);
            out << header << "\n";
            for (int i = 0; i < 10'000; ++i)
                out << tail[static_cast<std::size_t>(round * 10'000 + i)] << "\n";
        }
        rounds.push_back(micros([&] {
                             house.take({{"events", work / "new.csv", "new.csv"}}, now_ms);
                             house.judge(now_ms, false);
                         }) /
                         1000);
    }
    std::sort(rounds.begin(), rounds.end());
    bench::print("10,000 new rows kept, read, judged: best", rounds.front(), "ms",
                 "without the journal's fact");
    bench::print("10,000 new rows kept, read, judged: median", rounds[rounds.size() / 2], "ms");
    const packs::Stats stats = must(house.index->stats());
    bench::print("index", static_cast<double>(stats.bytes) / static_cast<double>(stats.events), "bytes/event",
                 stats.engine);
}

}  // namespace

int main() {
    const char* flow = std::getenv("QINGYUAN_BENCH_FLOW");
    if (flow == nullptr) {
        std::puts(
            "QINGYUAN_BENCH_FLOW names no simulated trace: `qingyuan simulate trace --events 1000000 --lag "
            "per_firm --out DIR`");
        return 0;
    }
    const std::filesystem::path work =
        std::filesystem::temp_directory_path() / fmt::format("packs_bench_{}", ::getpid());
    std::filesystem::create_directories(work);
    look_ups_and_arrivals(flow, work);
    if (std::filesystem::file_size(std::filesystem::path(flow) / "events.csv") < 200'000'000)
        precision_against_delay(flow, work);
    std::filesystem::remove_all(work);
    return 0;
}
