#include "demo/trace_city.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/csv.hpp"

namespace qingyuan::demo {
namespace {

using Row = std::map<std::string, std::string>;

class TraceCity : public testing::Test {
 protected:
    void SetUp() override {
        path_ = std::filesystem::temp_directory_path() / ("trace-city-" + std::to_string(getpid()));
        std::filesystem::remove_all(path_);
    }
    void TearDown() override { std::filesystem::remove_all(path_); }

    static std::string text(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static std::vector<Row> rows(const std::filesystem::path& file) {
        const std::string all = text(file);
        std::vector<Row> out;
        auto reader = CsvReader::create(all);
        if (!reader) return out;
        for (auto row = reader->next(); row && *row; row = reader->next()) {
            Row& named = out.emplace_back();
            for (std::size_t i = 0; i < (*row)->cells.size(); ++i)
                named[reader->columns()[i]] = (*row)->cells[i];
        }
        return out;
    }
    std::vector<TraceInstalment> written(std::uint64_t seed, const std::string& place) {
        auto out = write_city_trace(make_city(seed), seed, path_ / place);
        EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().text());
        return out ? *out : std::vector<TraceInstalment>{};
    }

    std::filesystem::path path_;
};

TEST_F(TraceCity, the_same_seed_gives_the_same_bytes) {
    const auto one = written(3, "one"), two = written(3, "two"), other = written(4, "other");
    ASSERT_EQ(one.size(), 3U);
    for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_FALSE(text(one[i].directory / "events.csv").empty());
        for (const char* file : {"batches.csv", "documents.csv", "events.csv"}) {
            EXPECT_EQ(text(one[i].directory / file), text(two[i].directory / file)) << file;
        }
        EXPECT_NE(text(one[i].directory / "events.csv"), text(other[i].directory / "events.csv"));
    }
}

TEST_F(TraceCity, firms_are_the_registrys_and_nothing_is_uploaded_after_its_instalment) {
    for (const std::uint64_t seed : {1, 2}) {
        const City city = make_city(seed);
        std::set<std::string> firms{""}, ids;
        for (const auto& firm : city.operators) firms.insert(firm.id);
        std::map<std::string, std::string> counties;
        std::size_t events = 0;
        std::string last;
        for (const TraceInstalment& one : written(seed, std::to_string(seed))) {
            for (const Row& row : rows(one.directory / "events.csv")) {
                ++events;
                EXPECT_TRUE(firms.contains(row.at("actor"))) << row.at("actor");
                EXPECT_TRUE(firms.contains(row.at("counterparty"))) << row.at("counterparty");
                EXPECT_LE(last, row.at("upload_time"));
                EXPECT_LT(row.at("event_time"), row.at("upload_time"));
                last = row.at("upload_time");
            }
            EXPECT_LT(last, one.judged_at.text());
        }
        EXPECT_GE(events, 30'000U) << seed;
        EXPECT_LE(events, 60'000U) << seed;
    }
}

}  // namespace
}  // namespace qingyuan::demo
