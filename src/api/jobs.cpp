#include "api/jobs.hpp"

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/letters.hpp"
#include "base/sm3.hpp"

namespace qingyuan::api {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t ended_kept = 200;
constexpr std::int64_t save_interval_us = 500'000;
constexpr std::uint64_t listed_max = 100;

std::filesystem::path place(const std::filesystem::path& directory, std::string_view id) {
    return directory / fmt::format("{}.result", id);
}

}  // namespace

struct Jobs::Waiting {
    JobRow row;
    Run run;
    Told told;
};

/// Progress of the running job: at once in memory, now and then in the store.
class Jobs::Reporter final : public Progress {
 public:
    Reporter(Jobs& jobs, JobRow& row) : jobs_(&jobs), row_(&row) {}
    void report(std::int64_t done, std::int64_t total) override {
        row_->done = done;
        row_->total = total;
        jobs_->show(*row_);
        const std::int64_t now = jobs_->clock_->now().us;
        if (now - saved_us_ < save_interval_us) return;
        saved_us_ = now;
        (void)jobs_->work_->put(*row_);  // only how far it is: the next report says more
    }
    [[nodiscard]] bool stopping() const override { return jobs_->stopping_; }

 private:
    Jobs* jobs_;
    JobRow* row_;
    std::int64_t saved_us_ = 0;
};

Jobs::Jobs(const journal::Work& work, std::filesystem::path directory, const Clock& clock)
    : work_(&work), directory_(std::move(directory)), clock_(&clock) {}

Result<std::unique_ptr<Jobs>> Jobs::open(const journal::Work& work, std::filesystem::path directory,
                                         const Clock& clock) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return Error{ErrorCode::io_failed, error.message(), directory.string()};
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
    for (const char* state : {"queued", "running"})
        for (JobRow& row :
             TRY(work.list<JobRow>({.where = {{"state", journal::Compare::equal, {std::string(state)}}}}))) {
            row.state = "interrupted";
            row.finished = clock.now().us;
            row.expires = row.finished + job_kept_us;
            CHECK(work.put(std::move(row)));
        }
    auto jobs = std::make_unique<Jobs>(work, std::move(directory), clock);
    CHECK(jobs->sweep(clock.now()));
    jobs->lane_ = std::thread([lane = jobs.get()] { lane->work_through(); });
    return jobs;
}

Jobs::~Jobs() {
    {
        const std::lock_guard lock(lock_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (lane_.joinable()) lane_.join();
}

Result<JobRow> Jobs::start(const accounts::Identity& who, std::string_view kind, Run run, Told told) {
    const std::int64_t now = clock_->now().us;
    JobRow row{.id = "j-" + TRY(accounts::fresh_secret()).substr(0, 22),
               .person = who.person,
               .account = who.account,
               .kind = std::string(kind),
               .state = "queued",
               .created = now,
               .expires = now + job_kept_us};
    {
        const std::lock_guard lock(lock_);
        std::size_t own = 0;
        for (const auto& [id, other] : seen_) own += other.account == who.account && !is_over(other);
        if (own >= jobs_of_account_max)
            return Error{ErrorCode::rate_limited,
                         fmt::format("{} of your jobs wait or run already", own),
                         "retry_after=30",
                         {},
                         "wait until one of them has ended",
                         fmt::format("您已有 {} 个任务在排队或执行", own),
                         "请等待其中一个完成"};
        if (waiting_.size() >= jobs_waiting_max)
            return Error{ErrorCode::overloaded, "too many jobs are waiting"};
        seen_[row.id] = row;
    }
    CHECK(work_->put(row));
    auto job = std::make_unique<Waiting>(Waiting{row, std::move(run), std::move(told)});
    {
        const std::lock_guard lock(lock_);
        waiting_.push_back(std::move(job));
    }
    changed_.notify_all();
    return row;
}

void Jobs::work_through() {
    for (;;) {
        std::unique_ptr<Waiting> job;
        {
            std::unique_lock lock(lock_);
            busy_ = false;
            changed_.notify_all();
            changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
            if (stopping_) return;
            job = std::move(waiting_.front());
            waiting_.pop_front();
            busy_ = true;
        }
        job->row.state = "running";
        show(job->row);
        Reporter reporter(*this, job->row);
        Result<void> begun = work_->put(job->row);
        finish(*job, begun ? job->run(reporter) : Result<JobResult>(begun.error()));
    }
}

Result<void> Jobs::keep_result(JobRow& row, const JobResult& made) const {
    const std::filesystem::path target = place(directory_, row.id), fresh = target.string() + ".part";
    {
        std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
        out.write(made.bytes.data(), static_cast<std::streamsize>(made.bytes.size()));
        if (!out.flush()) return Error{ErrorCode::disk_full, "the result could not be written"};
    }
    std::error_code error;
    std::filesystem::permissions(
        fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    std::filesystem::rename(fresh, target, error);
    if (error) return Error{ErrorCode::io_failed, error.message()};
    row.name = made.name;
    row.type = made.type;
    row.bytes = static_cast<std::int64_t>(made.bytes.size());
    row.digest = hex(sm3(made.bytes));
    row.succeeded = made.succeeded;
    row.refused = made.refused;
    return {};
}

void Jobs::finish(Waiting& job, Result<JobResult> made) {
    JobRow& row = job.row;
    Result<void> kept = made ? keep_result(row, *made) : Result<void>(made.error());
    row.state = kept ? "done" : stopping_ ? "interrupted" : "failed";
    if (!kept) row.problem = job.told(kept.error());
    row.finished = clock_->now().us;
    row.expires = row.finished + job_kept_us;
    (void)work_->put(row);  // a row that stays `running` becomes `interrupted` at the next start
    show(row);
    const std::lock_guard lock(lock_);
    ended_.push_back(row.id);
    while (ended_.size() > ended_kept) {
        seen_.erase(ended_.front());
        ended_.pop_front();
    }
}

void Jobs::show(const JobRow& row) {
    const std::lock_guard lock(lock_);
    seen_[row.id] = row;
}

std::optional<JobRow> Jobs::glance(std::string_view id) const {
    const std::lock_guard lock(lock_);
    const auto found = seen_.find(id);
    return found == seen_.end() ? std::nullopt : std::optional(found->second);
}

Result<JobRow> Jobs::find(std::string_view id, std::string_view person) const {
    std::optional<JobRow> row = glance(id);
    if (!row) row = TRY(work_->find<JobRow>(std::string(id)));
    if (row && row->person == person && row->expires > clock_->now().us) return std::move(*row);
    return Error{ErrorCode::job_unknown, "there is no such job", {}, {}, "results are kept for a day",
                 "没有此任务",           "任务结果只保留一天"};
}

Result<std::vector<JobRow>> Jobs::list(std::string_view person) const {
    std::vector<JobRow> rows =
        TRY(work_->list<JobRow>({.where = {{"person", journal::Compare::equal, {std::string(person)}}},
                                 .order_by = "created",
                                 .descending = true,
                                 .limit = listed_max}));
    std::erase_if(rows, [&](const JobRow& row) { return row.expires <= clock_->now().us; });
    for (JobRow& row : rows)
        if (auto now = glance(row.id)) row = std::move(*now);
    return rows;
}

Result<std::filesystem::path> Jobs::result(const JobRow& row) const {
    if (row.state != "done")
        return Error{ErrorCode::wrong_state,
                     fmt::format("the job is {}", row.state),
                     {},
                     {},
                     "wait until it is done",
                     "任务尚未完成",
                     "请等待任务完成"};
    std::filesystem::path path = place(directory_, row.id);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return Error{ErrorCode::job_unknown, "the result is gone", {}, {}, "start it again"};
    return path;
}

Result<void> Jobs::sweep(Instant now) {
    const journal::Query old{.where = {{"expires", journal::Compare::less, {now.us}}}};
    for (const JobRow& row : TRY(work_->list<JobRow>(old))) {
        std::error_code gone;
        std::filesystem::remove(place(directory_, row.id), gone);
        CHECK(work_->erase<JobRow>(row.id));
    }
    return {};
}

void Jobs::wait_idle() {
    std::unique_lock lock(lock_);
    changed_.wait(lock, [&] { return waiting_.empty() && !busy_; });
}

bool is_over(const JobRow& row) {
    return row.state == "done" || row.state == "failed" || row.state == "interrupted";
}

Json job_json(const JobRow& row) {
    Json out{{"id", row.id},           {"kind", row.kind},
             {"state", row.state},     {"done", row.done},
             {"total", row.total},     {"created_at", Instant{row.created}.text()},
             {"finished_at", nullptr}, {"problem", nullptr},
             {"result", nullptr},      {"succeeded", row.succeeded},
             {"refused", row.refused}};
    if (row.finished != 0) out["finished_at"] = Instant{row.finished}.text();
    if (!row.problem.empty()) out["problem"] = Json::parse(row.problem, nullptr, false);
    if (row.state == "done")
        out["result"] = {{"name", row.name},
                         {"type", row.type},
                         {"bytes", row.bytes},
                         {"digest", row.digest},
                         {"expires_at", Instant{row.expires}.text()}};
    return out;
}

}  // namespace qingyuan::api
