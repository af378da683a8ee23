// A pack index in a temporary directory, filled from tables in the flat format; for the tests of judging.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "assess/custody.hpp"
#include "assess/judgement.hpp"
#include "journal/evidence.hpp"
#include "observe/trace_intake.hpp"
#include "packs/index.hpp"

namespace qingyuan::assess::test {

inline const law::Law& statute_book() {
    static const law::Law law =
        std::move(*law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

using Tables = std::map<std::string, std::string, std::less<>>;

class World {
 public:
    World()
        : directory_(std::filesystem::temp_directory_path() /
                     ("qingyuan_world_" + std::to_string(::getpid()) + "_" + std::to_string(++made_))),
          custody(statute_book()) {
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        evidence_ =
            std::make_unique<journal::Evidence>(std::move(*journal::Evidence::open(directory_ / "evidence")));
        open();
    }
    ~World() {
        index.reset();
        std::filesystem::remove_all(directory_);
    }
    void open() {
        index.reset();
        auto store = packs::open_rocks(directory_ / "packs");
        EXPECT_TRUE(store) << (store ? "" : store.error().text());
        if (wrapped) *store = wrapped(std::move(*store));
        index = std::move(*packs::Index::open(std::move(*store), {.threads = 2, .judge = &custody}));
    }
    /// Takes the tables in as one batch at this instant.
    observe::TraceReport take(const Tables& tables, std::int64_t now_ms) {
        std::vector<observe::TraceFile> files;
        ++batch_;
        for (const auto& [kind, text] : tables) {
            const auto path = directory_ / (kind + std::to_string(batch_) + ".csv");
            std::ofstream(path, std::ios::binary) << text;
            files.push_back({kind, path, kind});
        }
        auto manifest = observe::keep_files(files, *evidence_, 2);
        EXPECT_TRUE(manifest) << (manifest ? "" : manifest.error().text());
        manifest->now_ms = now_ms;
        auto report = observe::read_into(*index, *manifest, *evidence_, {.seq = seq_ + 1, .threads = 2});
        cut_off = !report;
        EXPECT_TRUE(report || wrapped) << report.error().text();
        if (cut_off) return {};
        ++seq_;
        if (learns) learn(now_ms);
        return std::move(*report);
    }
    /// What the desk teaches the judge after each batch.
    void learn(std::int64_t now_ms) {
        auto settlements = settlements_of(*index);
        auto reporting = reporting_firms(*index);
        EXPECT_TRUE(settlements && reporting);
        custody.set_settlements(std::move(*settlements));
        custody.set_reporting(std::move(*reporting));
        EXPECT_TRUE(index->judge_all(now_ms));
    }
    /// Judges at an instant past every grace; "rule,key" of what is confirmed then, sorted.
    std::multiset<std::string> judge(std::int64_t now_ms) {
        auto subjects = judge_subjects(*index, statute_book(), now_ms);
        EXPECT_TRUE(subjects) << (subjects ? "" : subjects.error().text());
        EXPECT_TRUE(index->replace_subjects(subject_rules(), std::move(*subjects), now_ms));
        const auto options = grace_options(statute_book(), Instant{now_ms * 1000}.date());
        const auto grace = packs::grace_by_operator(*index, *options);
        auto verdict = index->verdict(now_ms, *grace);
        EXPECT_TRUE(verdict);
        EXPECT_TRUE(index->keep(*verdict, ++seq_));
        return confirmed();
    }
    std::multiset<std::string> confirmed() {
        std::multiset<std::string> out;
        EXPECT_TRUE(index->each_finding([&](const packs::Finding& one) {
            if (one.status == packs::FindingStatus::confirmed)
                out.insert(one.rule + "," + key_of(*index, one));
            return true;
        }));
        return out;
    }
    std::map<packs::FindingStatus, int> statuses() {
        std::map<packs::FindingStatus, int> out;
        EXPECT_TRUE(index->each_finding([&](const packs::Finding& one) {
            ++out[one.status];
            return true;
        }));
        return out;
    }

 private:
    static inline int made_ = 0;
    std::filesystem::path directory_;
    std::unique_ptr<journal::Evidence> evidence_;
    std::uint64_t seq_ = 0;
    int batch_ = 0;

 public:
    /// Stands between index and store from the next open on; a batch may then fail, and comes again.
    std::function<std::unique_ptr<packs::Store>(std::unique_ptr<packs::Store>)> wrapped;
    bool cut_off = false;  ///< the last batch failed
    bool learns = true;    ///< every code is judged again after each batch
    Custody custody;
    std::unique_ptr<packs::Index> index;
};

}  // namespace qingyuan::assess::test
