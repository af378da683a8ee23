#include "demo/simulate_trace.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/csv.hpp"
#include "demo/trace_check.hpp"
#include "demo/trace_rows.hpp"

namespace qingyuan::demo {
namespace {

using Row = std::map<std::string, std::string>;

class Place {
 public:
    Place() {
        static int made = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("trace-" + std::to_string(getpid()) + "-" + std::to_string(made++));
    }
    ~Place() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string text(const std::string& name) const {
        std::ifstream in(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    [[nodiscard]] std::vector<Row> rows(const std::string& name) const {
        const std::string all = text(name);
        auto reader = CsvReader::create(all);
        EXPECT_TRUE(reader.has_value()) << name;
        std::vector<Row> rows;
        if (!reader) return rows;
        while (auto row = reader->next()) {
            if (!*row) return rows;
            Row named;
            for (std::size_t i = 0; i < (*row)->cells.size(); ++i)
                named[reader->columns()[i]] = (*row)->cells[i];
            rows.push_back(std::move(named));
        }
        ADD_FAILURE() << name << " is malformed";
        return rows;
    }

 private:
    std::filesystem::path path_;
};

TraceCounts simulated(const Place& place, TraceOptions options) {
    options.directory = place.path();
    auto counts = simulate_trace(options);
    EXPECT_TRUE(counts.has_value()) << (counts ? "" : counts.error().text());
    return counts ? *counts : TraceCounts{};
}

constexpr const char* files[] = {"operators.csv", "products.csv", "batches.csv",
                                 "documents.csv", "events.csv",   "truth.csv"};

TEST(simulate_trace, the_same_seed_gives_the_same_bytes_whatever_the_threads) {
    const Place one, two, other;
    simulated(one, {.events = 60'000, .seed = 5, .aggregation = true, .threads = 1});
    simulated(two, {.events = 60'000, .seed = 5, .aggregation = true, .threads = 3});
    simulated(other, {.events = 60'000, .seed = 6, .aggregation = true});
    for (const char* file : files) EXPECT_EQ(one.text(file), two.text(file)) << file;
    EXPECT_EQ(one.text("aggregation.csv"), two.text("aggregation.csv"));
    EXPECT_NE(one.text("events.csv"), other.text("events.csv"));
}

TEST(simulate_trace, every_rule_is_broken_somewhere) {
    for (const std::uint64_t seed : {1, 2, 3}) {
        const Place place;
        const TraceCounts counts = simulated(place, {.events = 200'000, .seed = seed});
        for (int rule = 1; rule <= trace_rules; ++rule)
            EXPECT_GT(counts.findings[rule], 0U) << "rule " << rule << ", seed " << seed;
    }
}

TEST(simulate_trace, shares_are_those_of_a_plausible_chain) {
    const Place place;
    const TraceCounts counts = simulated(place, {.events = 200'000, .seed = 1});
    std::map<std::string, std::uint64_t> of;
    std::set<std::string> sold, returned;
    for (const Row& row : place.rows("events.csv")) {
        ++of[row.at("action")];
        if (row.at("action") == "dispense" || row.at("action") == "use") sold.insert(row.at("code"));
        if (row.at("action") == "return_out") returned.insert(row.at("code"));
    }
    const auto packs = static_cast<double>(counts.packs);
    EXPECT_NEAR(static_cast<double>(counts.rows), 200'000, 10'000);
    EXPECT_NEAR(static_cast<double>(counts.rows) / packs, 7.4, 0.3);
    EXPECT_NEAR(static_cast<double>(sold.size()) / packs, 0.85, 0.03);
    EXPECT_NEAR(static_cast<double>(returned.size()) / packs, 0.02, 0.01);
    EXPECT_NEAR(static_cast<double>(counts.repeated) / static_cast<double>(counts.rows), 0.002, 0.0015);
    EXPECT_EQ(of.size(), 9U);  // every action
}

TEST(simulate_trace, rows_refer_to_what_is_there_and_come_in_upload_order) {
    const Place place;
    simulated(place, {.events = 150'000, .seed = 9, .aggregation = true, .skew = true});
    std::set<std::string> firms, batches, documents, ids, parents;
    for (const Row& row : place.rows("operators.csv")) EXPECT_TRUE(firms.insert(row.at("id")).second);
    std::map<std::string, std::string> holders;
    for (const Row& row : place.rows("products.csv")) holders[row.at("code")] = row.at("holder");
    for (const Row& row : place.rows("batches.csv")) EXPECT_TRUE(batches.insert(row.at("id")).second);
    for (const Row& row : place.rows("documents.csv")) EXPECT_TRUE(documents.insert(row.at("id")).second);
    for (const Row& row : place.rows("aggregation.csv")) parents.insert(row.at("parent"));
    EXPECT_FALSE(parents.empty());
    std::uint64_t uploaded = 0, foreign = 0, split = 0, corrects = 0, direct = 0, on_parents = 0;
    const auto events = place.rows("events.csv");
    for (const Row& row : events) ids.insert(row.at("event_id"));
    for (const Row& row : events) {
        ASSERT_EQ(row.at("code").size(), 20U);
        EXPECT_EQ(row.at("code")[0], '8');
        EXPECT_TRUE(firms.contains(row.at("actor")));
        EXPECT_TRUE(row.at("counterparty").empty() || firms.contains(row.at("counterparty")));
        EXPECT_TRUE(row.at("owner").empty() || firms.contains(row.at("owner")));
        EXPECT_TRUE(batches.contains(row.at("batch"))) << row.at("batch");
        EXPECT_TRUE(row.at("document").empty() || documents.contains(row.at("document")));
        EXPECT_TRUE(row.at("corrects").empty() || ids.contains(row.at("corrects")));
        const std::uint64_t now = std::stoull(row.at("upload_time"));
        EXPECT_GE(now, uploaded);
        EXPECT_GE(now, std::stoull(row.at("event_time")));
        uploaded = now;
        split += row.at("split") == "1";
        corrects += !row.at("corrects").empty();
        direct += !row.at("owner").empty();
        if (parents.contains(row.at("code"))) {
            ++on_parents;
            continue;
        }
        const auto holder = holders.find(row.at("code").substr(0, 7));
        ASSERT_NE(holder, holders.end());
        if (!firms.contains(holder->second)) {
            ++foreign;
            EXPECT_NE(row.at("action"), "produce");
        }
    }
    for (const std::uint64_t some : {foreign, split, corrects, direct, on_parents}) EXPECT_GT(some, 0U);
}

TEST(simulate_trace, extras_add_tables_and_columns_and_change_nothing_else) {
    const Place plain, rich;
    simulated(plain, {.events = 60'000, .seed = 8});
    simulated(rich, {.events = 60'000, .seed = 8, .extras = true});
    for (const char* file : files) {
        if (std::string(file) != "events.csv") { EXPECT_EQ(plain.text(file), rich.text(file)) << file; }
    }
    std::map<std::string, Row> by_id;
    for (Row& row : rich.rows("events.csv")) {
        const auto [there, added] = by_id.emplace(row.at("event_id"), row);
        row.at("upload_time") = there->second.at("upload_time");
        EXPECT_EQ(there->second, row);  // a repeated row says the same
    }
    std::map<std::string, std::set<std::string>> buyers;
    for (const auto& [id, row] : by_id) {
        if (!row.at("prescription").empty()) buyers[row.at("prescription")].insert(id);
        if (row.at("action") == "ship") { EXPECT_FALSE(row.at("person").empty()); }
    }
    EXPECT_TRUE(std::ranges::any_of(buyers, [](const auto& one) { return one.second.size() > 1; }));
    std::set<std::string> firms;
    for (const Row& row : rich.rows("operators.csv")) firms.insert(row.at("id"));
    for (const char* file : {"stock.csv", "duties.csv", "settlements.csv", "listings.csv"}) {
        const auto rows = rich.rows(file);
        EXPECT_GT(rows.size(), 5U) << file;
        for (const Row& row : rows) EXPECT_TRUE(firms.contains(row.at("operator"))) << file;
        EXPECT_FALSE(std::filesystem::exists(plain.path() / file));
    }
}

TEST(simulate_trace, times_as_text_are_the_same_times) {
    const Place seconds, text;
    simulated(seconds, {.events = 20'000, .seed = 8});
    simulated(text, {.events = 20'000, .seed = 8, .rfc3339 = true});
    EXPECT_EQ(seconds.text("truth.csv"), text.text("truth.csv"));
    const auto numbers = seconds.rows("events.csv"), words = text.rows("events.csv");
    ASSERT_EQ(numbers.size(), words.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        for (const char* column : {"event_time", "upload_time"}) {
            const auto instant = parse_instant(words[i].at(column));
            ASSERT_TRUE(instant.has_value()) << words[i].at(column);
            EXPECT_EQ(instant->us, std::stoll(numbers[i].at(column)) * 1'000'000);
        }
        EXPECT_EQ(numbers[i].at("event_id"), words[i].at("event_id"));
    }
}

TEST(simulate_trace, legal_look_alikes_stay_quiet) {
    const Place place;
    simulated(place, {.events = 200'000, .seed = 4});
    std::set<std::string> found;
    for (const Row& row : place.rows("truth.csv")) found.insert(row.at("key"));
    std::map<std::string, std::vector<std::string>> split_sales;
    std::uint64_t split = 0, split_found = 0, corrected = 0, corrected_found = 0;
    for (const Row& row : place.rows("events.csv")) {
        if (row.at("split") == "1") ++split, split_found += found.contains(row.at("event_id"));
        // what a correction took away is never a finding
        if (!row.at("corrects").empty()) ++corrected, corrected_found += found.contains(row.at("corrects"));
    }
    EXPECT_GT(split, 500U);
    EXPECT_LT(split_found * 50, split);  // only where the pack is odd in another way
    EXPECT_GT(corrected, 50U);
    EXPECT_EQ(corrected_found, 0U);
}

TEST(simulate_trace, lag_profiles_have_their_shares) {
    for (const TraceLag lag : {TraceLag::mixed, TraceLag::per_firm, TraceLag::none}) {
        TraceOptions options{.events = 1'000'000, .seed = 3, .lag = lag};
        const TraceWorld world = make_world(options);
        std::uint64_t early = 0, middle = 0, late = 0, all = 0;
        for (std::size_t firm = 0; firm < world.firms.size(); ++firm) {
            std::set<int> classes;
            for (std::uint64_t document = 0; document < 40; ++document, ++all) {
                const std::uint32_t lag_s = world.lag_s(static_cast<FirmIndex>(firm), document);
                const int which = lag_s <= 21'600 ? 0 : lag_s <= 259'200 ? 1 : 2;
                EXPECT_LE(lag_s, 2'592'000U);
                classes.insert(which);
                (which == 0 ? early : which == 1 ? middle : late) += 1;
            }
            if (lag == TraceLag::per_firm) { EXPECT_EQ(classes.size(), 1U); }
        }
        const auto share = [&](std::uint64_t some) {
            return static_cast<double>(some) / static_cast<double>(all);
        };
        EXPECT_NEAR(share(early), lag == TraceLag::none ? 1 : 0.80, 0.03);
        EXPECT_NEAR(share(middle), lag == TraceLag::none ? 0 : 0.15, 0.03);
        EXPECT_NEAR(share(late), lag == TraceLag::none ? 0 : 0.05, 0.02);
    }
}

TEST(simulate_trace, refuses_what_it_cannot_do) {
    const Place place;
    for (const TraceOptions& bad : {TraceOptions{.events = 10, .directory = place.path()},
                                    TraceOptions{.events = 4'000'000'000, .directory = place.path()},
                                    TraceOptions{.directory = place.path(), .until = {0}},
                                    TraceOptions{.directory = place.path(), .threads = 0}}) {
        const auto counts = simulate_trace(bad);
        ASSERT_FALSE(counts.has_value());
        EXPECT_EQ(counts.error().code, ErrorCode::usage);
    }
    EXPECT_FALSE(std::filesystem::exists(place.path()));
    simulated(place, {.events = 2'000});
    const auto again = simulate_trace({.events = 2'000, .directory = place.path()});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::duplicate_key);
    const auto nowhere = simulate_trace({.events = 2'000, .directory = "/proc/nowhere"});
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(nowhere.error().code, ErrorCode::io_failed);
}

// The check against histories written by hand, one for each rule and each way to stay quiet.
class History {
 public:
    History() : world_(make_world({.events = 1'000'000})) {
        batch_.product = world_.products[0];
        batch_.product.psychotropic = false;
        batch_.cases = 1;
        batch_.expires_at = 2'000'000'000;
        maker_ = batch_.product.holder;
        trader_ = world_.nth(Trade::wholesaler, 0);
        heads_ = world_.nth(Trade::chain_headquarters, 0);
        store_ = world_.nth(Trade::chain_store, 0);
        clinic_ = world_.nth(Trade::hospital, 0);
        at_ = static_cast<std::uint32_t>(world_.first_day + 1) * 86'400U;
    }
    Run& add(Action action, FirmIndex actor, FirmIndex counterparty = no_firm) {
        Run run;
        run.packs = 1;
        run.action = action;
        run.actor = actor;
        run.counterparty = counterparty;
        run.event_time = at_ += 86'400;
        run.id = next_++;
        if (outbound(action)) {
            run.document = static_cast<std::uint16_t>(batch_.documents.size());
            batch_.documents.push_back({actor, counterparty});
        }
        batch_.runs.push_back(run);
        return batch_.runs.back();
    }
    void move(FirmIndex from, FirmIndex to) {
        add(Action::ship, from, to);
        add(Action::receive, to, from);
    }
    void to_clinic() {
        add(Action::produce, maker_);
        move(maker_, trader_);
        move(trader_, clinic_);
    }
    /// "rule:event" of each finding, the event counted from 0; a code or document as it is.
    std::string found() {
        std::vector<TraceFinding> findings;
        TraceCheck check(world_);
        check.check(batch_, findings);
        std::string text;
        for (const TraceFinding& finding : findings) {
            const bool event = finding.number != 6 && finding.number != 8;
            text += (text.empty() ? "" : " ") + std::to_string(finding.number) +
                    (event ? ":" + std::to_string(std::stoull(finding.key) - first_event_id) : "");
        }
        return text;
    }

    TraceWorld world_;
    TraceBatch batch_;
    FirmIndex maker_, trader_, heads_, store_, clinic_;
    std::uint32_t at_ = 0;
    std::uint16_t next_ = 0;
};

TEST(trace_check, a_clean_chain_is_quiet) {
    History h;
    h.to_clinic();
    h.add(Action::use, h.clinic_);
    EXPECT_EQ(h.found(), "");
}

TEST(trace_check, each_rule_as_it_is_defined) {
    const auto with = [](auto change) {
        History h;
        change(h);
        return h.found();
    };
    EXPECT_EQ(
        with([](History& h) { h.to_clinic(), h.add(Action::use, h.clinic_), h.add(Action::use, h.clinic_); }),
        "1:6 12:6");
    EXPECT_EQ(with([](History& h) { h.to_clinic(), h.add(Action::dispense, h.store_); }), "2:5 12:5");
    EXPECT_EQ(with([](History& h) {
                  h.add(Action::produce, h.maker_), h.add(Action::receive, h.trader_, h.maker_);
              }),
              "3:1");
    EXPECT_EQ(with([](History& h) {
                  h.add(Action::produce, h.maker_), h.move(h.maker_, h.trader_), h.move(h.trader_, h.store_);
              }),
              "4:4");
    EXPECT_EQ(with([](History& h) {
                  h.to_clinic(), h.batch_.expires_at = h.at_ + 5, h.add(Action::use, h.clinic_);
              }),
              "5:5");
    EXPECT_EQ(with([](History& h) { h.add(Action::receive, h.trader_); }), "6");
    EXPECT_EQ(with([](History& h) {
                  h.to_clinic(), h.batch_.recalled_at = h.at_ + 5, h.add(Action::use, h.clinic_);
              }),
              "7:5");
    EXPECT_EQ(with([](History& h) { h.to_clinic(), h.batch_.documents[0].wrong_by = 1; }), "8");
    EXPECT_EQ(with([](History& h) {
                  h.batch_.product.psychotropic = true;
                  h.world_.firms[h.clinic_].psychotropic = false;
                  h.to_clinic(), h.add(Action::dispense, h.clinic_);
              }),
              "9:5");
    EXPECT_EQ(
        with([](History& h) { h.to_clinic(), h.add(Action::use, h.clinic_), h.move(h.clinic_, h.trader_); }),
        "12:6 10:7");
    EXPECT_EQ(with([](History& h) {
                  h.add(Action::produce, h.maker_), h.move(h.maker_, h.world_.nth(Trade::other, 0));
              }),
              "11:1 11:2");
    EXPECT_EQ(with([](History& h) {
                  h.add(Action::produce, h.maker_), h.move(h.maker_, h.trader_), h.move(h.trader_, h.clinic_);
                  h.add(Action::return_out, h.trader_, h.maker_);
              }),
              "12:5");
    EXPECT_EQ(
        with([](History& h) { h.add(Action::produce, h.maker_), h.add(Action::ship, h.maker_, h.trader_); }),
        "13:1");
    EXPECT_EQ(with([](History& h) {
                  h.add(Action::produce, h.maker_), h.move(h.maker_, h.trader_);
                  h.batch_.runs.back().flags = demo::Run::other_batch;
              }),
              "14:2");
}

TEST(trace_check, what_only_looks_wrong_is_quiet) {
    {
        History h;  // an opened pack is sold in parts
        h.to_clinic();
        for (int i = 0; i < 3; ++i) h.add(Action::dispense, h.clinic_).flags = demo::Run::split;
        EXPECT_EQ(h.found(), "");
    }
    {
        History h;  // but not by another firm
        h.to_clinic();
        h.add(Action::dispense, h.clinic_).flags = demo::Run::split;
        h.add(Action::dispense, h.store_).flags = demo::Run::split;
        EXPECT_EQ(h.found(), "2:6 12:6");
    }
    {
        History h;  // a code of elsewhere
        h.batch_.product.holder = no_firm;
        h.add(Action::receive, h.trader_);
        h.move(h.trader_, h.clinic_);
        h.add(Action::use, h.clinic_);
        EXPECT_EQ(h.found(), "");
    }
    {
        History h;  // a sale in another's name, corrected
        h.to_clinic();
        const std::uint16_t wrong = h.add(Action::use, h.trader_).id;
        h.add(Action::use, h.clinic_).corrects = static_cast<std::uint16_t>(wrong + 1);
        EXPECT_EQ(h.found(), "");
    }
    {
        History h;  // the same row twice
        h.to_clinic();
        demo::Run again = h.add(Action::use, h.clinic_);
        again.flags = demo::Run::repeated;
        h.batch_.runs.push_back(again);
        EXPECT_EQ(h.found(), "");
    }
    {
        History h;  // a return, sold again by another store
        h.add(Action::produce, h.maker_), h.move(h.maker_, h.trader_), h.move(h.trader_, h.heads_);
        h.move(h.heads_, h.store_);
        h.add(Action::return_out, h.store_, h.heads_), h.add(Action::return_in, h.heads_, h.store_);
        h.move(h.heads_, h.store_);
        h.add(Action::dispense, h.store_);
        EXPECT_EQ(h.found(), "");
    }
}

}  // namespace
}  // namespace qingyuan::demo
