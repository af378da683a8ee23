#include "demo/simulate_trace.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "demo/trace_extras.hpp"
#include "demo/trace_rows.hpp"

namespace qingyuan::demo {

namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

Error io_error(const std::filesystem::path& path) {
    return {errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed, std::strerror(errno),
            path.string()};
}

Result<File> create(const std::filesystem::path& path, const char* mode = "wb") {
    File file(std::fopen(path.c_str(), mode));
    if (!file) return io_error(path);
    return file;
}

/// One file of the output; the first error stays and is told at the end.
class Table {
 public:
    Result<void> open(const std::filesystem::path& path, std::string_view head) {
        path_ = path;
        file_ = TRY(create(path));
        return put(head);
    }
    Result<void> put(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return io_error(path_);
        return {};
    }
    Result<void> close() {
        if (file_ && std::fclose(file_.release()) != 0) return io_error(path_);
        return {};
    }

 private:
    std::filesystem::path path_;
    File file_;
};

/// What some batches in a row give.
struct Share {
    std::vector<Run> runs;
    std::vector<RowBatch> row_batches;
    std::vector<TraceFinding> findings;
    std::string batches, documents, aggregation, stock, settlements;
    std::uint64_t packs = 0, document_count = 0;
};

Share make_share(const TraceWorld& world, bool extras, std::uint32_t from, std::uint32_t to) {
    Share share;
    TraceBatch batch;
    TraceCheck check(world);
    for (std::uint32_t index = from; index < to; ++index) {
        make_batch(world, index, batch);
        check.check(batch, share.findings);
        share.runs.insert(share.runs.end(), batch.runs.begin(), batch.runs.end());
        share.row_batches.push_back({batch.product.code, batch.first_serial});
        append_batch_row(world, batch, share.batches);
        append_document_rows(world, batch, check.shipped(), share.documents);
        append_aggregation_rows(batch, share.aggregation);
        if (extras) {
            append_stock_rows(world, batch, share.stock);
            append_settlement_rows(world, batch, share.settlements);
        }
        share.packs += static_cast<std::uint64_t>(batch.cases) * packs_a_case;
        share.document_count += batch.documents.size();
    }
    return share;
}

constexpr std::uint32_t share_batches = 128;
constexpr std::uint64_t window_events = 2'000'000;  ///< about so many events wait in one file for their turn
constexpr std::size_t slice_runs = 8'192;

class Simulation {
 public:
    explicit Simulation(const TraceOptions& options) : options_(options), world_(make_world(options)) {}

    Result<TraceCounts> run() {
        CHECK(open());
        CHECK(make_runs());
        CHECK(write_rows());
        CHECK(write_truth());
        for (Table* table : {&batches_, &documents_, &aggregation_, &events_, &stock_, &settlements_})
            CHECK(table->close());
        return counts_;
    }

 private:
    [[nodiscard]] std::filesystem::path at(std::string_view name) const { return options_.directory / name; }

    Result<void> open() {
        std::error_code failed;
        std::filesystem::create_directories(options_.directory, failed);
        if (failed) return Error{ErrorCode::io_failed, failed.message(), options_.directory.string()};
        if (std::filesystem::exists(at("events.csv")))
            return Error{ErrorCode::duplicate_key,
                         "the directory already holds an events.csv",
                         options_.directory.string(),
                         {},
                         "name another directory"};
        CHECK(write_whole("operators.csv", operator_rows(world_)));
        CHECK(write_whole("products.csv", product_rows(world_)));
        CHECK(batches_.open(at("batches.csv"), "id,product,holder,produced_at,expires_at,recalled_at\n"));
        CHECK(documents_.open(at("documents.csv"), "id,seller,buyer,batch,quantity\n"));
        if (options_.aggregation) CHECK(aggregation_.open(at("aggregation.csv"), "parent,child\n"));
        if (options_.extras) CHECK(open_extras());
        CHECK(events_.open(at("events.csv"), event_columns(options_.extras)));
        window_s_ = static_cast<std::uint32_t>((world_.until_day + 40 - world_.first_day) * 86'400LL /
                                                   static_cast<std::int64_t>(std::clamp<std::uint64_t>(
                                                       options_.events / window_events, 1, 400)) +
                                               1);
        const std::uint32_t windows = window_of((world_.until_day + 40U) * 86'400U) + 1;
        for (std::uint32_t i = 0; i < windows; ++i) {
            const auto path = at(fmt::format(".waiting-{}", i));
            windows_.push_back(TRY(create(path, "w+b")));
            std::filesystem::remove(path, failed);  // it lives as long as it is open
        }
        waiting_.resize(windows);
        return {};
    }

    Result<void> open_extras() {
        CHECK(write_whole("duties.csv", duty_rows(world_)));
        CHECK(write_whole("listings.csv", listing_rows(world_)));
        CHECK(stock_.open(at("stock.csv"), stock_columns));
        return settlements_.open(at("settlements.csv"), settlement_columns);
    }

    [[nodiscard]] Result<void> write_whole(std::string_view name, std::string_view text) const {
        Table table;
        CHECK(table.open(at(name), text));
        return table.close();
    }

    [[nodiscard]] std::uint32_t window_of(std::uint32_t upload_time) const {
        const auto first = static_cast<std::uint32_t>(world_.first_day) * 86'400U;
        return std::min((upload_time - first) / window_s_,
                        windows_.empty() ? 0xFFFFFFFFU : static_cast<std::uint32_t>(windows_.size() - 1));
    }

    void progress(std::uint64_t done) const {
        if (options_.progress) options_.progress(done, world_.batches * 2ULL);
    }

    /// The life of every batch; the runs go to the window of their upload.
    Result<void> make_runs() {
        for (std::uint32_t next = 0; next < world_.batches;) {
            std::vector<std::future<Share>> shares;
            for (unsigned i = 0; i < options_.threads && next < world_.batches; ++i) {
                const std::uint32_t to = std::min(world_.batches, next + share_batches);
                shares.push_back(
                    std::async(std::launch::async, make_share, std::cref(world_), options_.extras, next, to));
                next = to;
            }
            for (auto& share : shares) CHECK(take(share.get()));
            progress(next);
        }
        counts_.batches = world_.batches;
        return {};
    }

    Result<void> take(Share share) {
        CHECK(batches_.put(share.batches));
        CHECK(documents_.put(share.documents));
        if (options_.aggregation) CHECK(aggregation_.put(share.aggregation));
        if (options_.extras) {
            CHECK(stock_.put(share.stock));
            CHECK(settlements_.put(share.settlements));
        }
        row_batches_.insert(row_batches_.end(), share.row_batches.begin(), share.row_batches.end());
        std::ranges::move(share.findings, std::back_inserter(findings_));
        counts_.packs += share.packs;
        counts_.documents += share.document_count;
        for (const Run& run : share.runs) {
            const std::uint32_t window = window_of(run.upload_time);
            if (std::fwrite(&run, sizeof run, 1, windows_[window].get()) != 1)
                return io_error(at("events.csv"));
            ++waiting_[window];
            const auto rows = static_cast<std::uint64_t>(run.events());
            counts_.rows += rows;
            if (run.has(Run::repeated)) counts_.repeated += rows;
            counts_.uploaded_last = std::max(counts_.uploaded_last, Instant{run.upload_time * 1'000'000LL});
        }
        return {};
    }

    /// Window after window, in the order of upload.
    Result<void> write_rows() {
        std::uint64_t written = 0;
        std::vector<Run> runs;
        for (std::size_t i = 0; i < windows_.size(); ++i) {
            runs.resize(waiting_[i]);
            std::rewind(windows_[i].get());
            if (std::fread(runs.data(), sizeof(Run), runs.size(), windows_[i].get()) != runs.size())
                return io_error(at("events.csv"));
            windows_[i].reset();
            std::ranges::sort(runs, [](const Run& a, const Run& b) {
                return std::tuple(a.upload_time, a.batch, a.id, a.has(Run::repeated)) <
                       std::tuple(b.upload_time, b.batch, b.id, b.has(Run::repeated));
            });
            CHECK(write_window(runs));
            for (const Run& run : runs) written += static_cast<std::uint64_t>(run.events());
            progress(world_.batches + world_.batches * written / std::max<std::uint64_t>(counts_.rows, 1));
        }
        return {};
    }

    Result<void> write_window(const std::vector<Run>& runs) {
        std::vector<std::vector<char>> texts(options_.threads);
        for (std::size_t next = 0; next < runs.size();) {
            std::vector<std::future<void>> slices;
            for (unsigned i = 0; i < options_.threads && next < runs.size(); ++i) {
                const std::size_t to = std::min(runs.size(), next + slice_runs);
                slices.push_back(std::async(std::launch::async, [this, &runs, &text = texts[i], next, to] {
                    text.clear();
                    for (std::size_t at = next; at < to; ++at)
                        append_event_rows(world_, row_batches_[runs[at].batch], runs[at], options_.extras,
                                          text);
                }));
                next = to;
            }
            for (std::size_t i = 0; i < slices.size(); ++i) {
                slices[i].get();
                CHECK(events_.put({texts[i].data(), texts[i].size()}));
            }
        }
        return {};
    }

    Result<void> write_truth() {
        std::ranges::sort(findings_, [](const TraceFinding& a, const TraceFinding& b) {
            return std::tie(a.number, a.key) < std::tie(b.number, b.key);
        });
        std::string text = "number,key\n";
        for (const TraceFinding& finding : findings_) {
            text += fmt::format("{},{}\n", finding.number, finding.key);
            ++counts_.findings[finding.number];
        }
        return write_whole("truth.csv", text);
    }

    const TraceOptions& options_;
    TraceWorld world_;
    TraceCounts counts_;
    Table batches_, documents_, aggregation_, events_, stock_, settlements_;
    std::uint32_t window_s_ = 1;
    std::vector<File> windows_;
    std::vector<std::uint64_t> waiting_;  ///< runs in each window
    std::vector<RowBatch> row_batches_;
    std::vector<TraceFinding> findings_;
};

}  // namespace

Result<TraceCounts> simulate_trace(const TraceOptions& options) {
    if (options.events < trace_events_min || options.events > trace_events_max)
        return Error{ErrorCode::usage,
                     fmt::format("between {} and {} events", trace_events_min, trace_events_max), "--events"};
    if (options.until < make_date(2005, 1, 1) || options.until > make_date(2100, 1, 1))
        return Error{ErrorCode::usage, "a date from 2005 to 2099", "--until"};
    if (options.threads == 0 || options.threads > 64)
        return Error{ErrorCode::usage, "between 1 and 64 threads", "--threads"};
    return Simulation(options).run();
}

}  // namespace qingyuan::demo
