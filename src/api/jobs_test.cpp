#include "api/jobs.hpp"

#include <chrono>
#include <fstream>
#include <future>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sql/store.hpp"

namespace qingyuan::api {
namespace {

namespace fs = std::filesystem;

class JobsTest : public testing::Test {
 protected:
    void SetUp() override {
        directory_ = fs::temp_directory_path() / ("qingyuan_jobs_" + std::to_string(::getpid()));
        fs::remove_all(directory_);
        fs::create_directories(directory_);
        store_ = sql::open_store((directory_ / "work.db").string()).value();
        work_.emplace(journal::Work::open(*store_, work_rows()).value());
        clock_.set({1'700'000'000'000'000});
    }
    void TearDown() override {
        work_.reset();
        store_.reset();
        fs::remove_all(directory_);
    }
    std::unique_ptr<Jobs> open() { return Jobs::open(*work_, directory_ / "jobs", clock_).value(); }
    static Result<JobResult> greet(Progress& progress) {
        progress.report(1, 1);
        return JobResult{.name = "a.csv", .type = "text/csv", .bytes = "hello", .succeeded = 1};
    }
    static std::string told(const Error& error) {
        return nlohmann::ordered_json{{"code", error.info().name}}.dump();
    }

    fs::path directory_;
    std::unique_ptr<journal::Store> store_;
    std::optional<journal::Work> work_;
    VirtualClock clock_{Instant{}};
    accounts::Identity who_{.account = "a-1", .person = "p-1"};
};

TEST_F(JobsTest, a_job_runs_and_its_result_is_its_owners_alone) {
    const auto jobs = open();
    const auto row = jobs->start(who_, "export", greet, told).value();
    EXPECT_EQ(row.state, "queued");
    jobs->wait_idle();
    const auto done = jobs->find(row.id, "p-1").value();
    EXPECT_EQ(done.state, "done");
    EXPECT_EQ(done.bytes, 5);
    EXPECT_EQ(done.digest, hex(sm3("hello")));
    std::ifstream in(jobs->result(done).value());
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "hello");
    EXPECT_EQ(jobs->find(row.id, "p-2").error().code, ErrorCode::job_unknown);
    EXPECT_EQ(jobs->list("p-1").value().size(), 1U);
    EXPECT_TRUE(jobs->list("p-2").value().empty());
}

TEST_F(JobsTest, a_failed_job_tells_why_and_has_no_result) {
    const auto jobs = open();
    const auto row =
        jobs->start(
                who_, "export",
                [](Progress&) -> Result<JobResult> { return Error{ErrorCode::too_large, "more than 10000"}; },
                told)
            .value();
    jobs->wait_idle();
    const auto failed = jobs->find(row.id, "p-1").value();
    EXPECT_EQ(failed.state, "failed");
    EXPECT_EQ(job_json(failed)["problem"]["code"], "too_large");
    EXPECT_EQ(jobs->result(failed).error().code, ErrorCode::wrong_state);
}

TEST_F(JobsTest, what_a_stop_cut_short_says_so_after_the_start) {
    std::string running, waiting;
    {
        const auto jobs = open();
        std::promise<void> begun;
        running = jobs->start(
                          who_, "bulk",
                          [&](Progress& progress) -> Result<JobResult> {
                              begun.set_value();
                              while (!progress.stopping())
                                  std::this_thread::sleep_for(std::chrono::milliseconds(2));
                              return Error{ErrorCode::overloaded, "the server stops"};
                          },
                          told)
                      .value()
                      .id;
        waiting = jobs->start(who_, "export", greet, told).value().id;
        begun.get_future().wait();
    }
    const auto jobs = open();
    EXPECT_EQ(jobs->find(running, "p-1").value().state, "interrupted");
    EXPECT_EQ(jobs->find(waiting, "p-1").value().state, "interrupted");
}

TEST_F(JobsTest, one_account_cannot_fill_the_lane) {
    const auto jobs = open();
    std::promise<void> go;
    const auto gate = go.get_future().share();
    const auto wait = [gate](Progress& progress) -> Result<JobResult> {
        gate.wait();
        return greet(progress);
    };
    for (std::size_t i = 0; i < jobs_of_account_max; ++i) ASSERT_TRUE(jobs->start(who_, "bulk", wait, told));
    EXPECT_EQ(jobs->start(who_, "bulk", wait, told).error().code, ErrorCode::rate_limited);
    EXPECT_TRUE(jobs->start({.account = "a-2", .person = "p-2"}, "bulk", wait, told));
    go.set_value();
    jobs->wait_idle();
    EXPECT_TRUE(jobs->start(who_, "bulk", wait, told));
    jobs->wait_idle();
}

TEST_F(JobsTest, a_result_is_gone_after_a_day) {
    const auto jobs = open();
    const auto row = jobs->start(who_, "export", greet, told).value();
    jobs->wait_idle();
    const auto file = jobs->result(jobs->find(row.id, "p-1").value()).value();
    clock_.set({clock_.now().us + job_kept_us + 1});
    EXPECT_EQ(jobs->find(row.id, "p-1").error().code, ErrorCode::job_unknown);
    ASSERT_TRUE(jobs->sweep(clock_.now()));
    EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace qingyuan::api
