// Packs at work: the raw batches come in (observe), are kept, journaled and read into the index (packs),
// judged (assess), and what is confirmed opens leads (act). Used by the command line and the API alike; holds
// no rule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "act/engine.hpp"
#include "assess/custody.hpp"
#include "assess/judgement.hpp"
#include "base/clock.hpp"
#include "http/client.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"
#include "observe/trace_intake.hpp"
#include "packs/index.hpp"

namespace qingyuan::api {

struct PackDeskOptions {
    const law::Law& law;
    journal::Journal& journal;
    const journal::Evidence& evidence;
    const Clock& clock;
    std::filesystem::path directory;  ///< of the embedded index: <data>/packs
    std::string url = {};             ///< clickhouse://…, empty = embedded
    unsigned threads = 2;
    bool serving = false;  ///< requests hold the index: it is not made anew under them
};

/// Who hands something in.
struct PackActor {
    std::string person;
    std::string organisation;
};

struct PackImport {
    std::vector<observe::TraceFile> files;  ///< in any order; tables are read before events
    std::string source;
    std::optional<std::int64_t> now_ms;  ///< default: the clock
    std::uint32_t only_actor = 0;        ///< rows of other actors are rejected (an enterprise's own upload)
    bool judge = true;
    observe::TraceProgress progress = {};
};

struct PackReport {
    observe::TraceReport intake;
    assess::JudgementReport judgement;
    std::uint64_t leads = 0;  ///< opened, grown or shrunk
    bool repeated = false;    ///< the same files came before: nothing was changed
};

/// Thread-safe. One import or judgement at a time; readers go on meanwhile.
class PackDesk {
 public:
    /// Opens the index and brings it up to the journal. store_corrupt where it is damaged: nothing is
    /// answered from it then.
    static Result<std::unique_ptr<PackDesk>> open(PackDeskOptions options,
                                                  const observe::TraceProgress& progress = {});

    /// For those who only read, while another process may have the embedded index open. Where it lags the
    /// journal and nobody else has it, it is brought up to it first; else `behind` tells.
    static Result<std::unique_ptr<PackDesk>> open_to_read(PackDeskOptions options,
                                                          const observe::TraceProgress& progress = {});
    /// Batches and judgements of the journal that the index did not know when it was opened to read.
    [[nodiscard]] std::uint64_t behind() const { return behind_; }

    Result<PackReport> import(const PackActor& actor, PackImport import);
    /// Confirms what has waited long enough, withdraws what was taken back, opens leads; nothing happens
    /// where nothing changed.
    Result<assess::JudgementReport> judge(const PackActor& actor, std::optional<std::int64_t> now_ms = {});
    /// The index thrown away and made again from the journal; wrong_state where it is being served.
    Result<packs::Stats> rebuild(const observe::TraceProgress& progress = {});
    Result<packs::Stats> verify(const observe::TraceProgress& progress = {});

    [[nodiscard]] packs::Index& index() { return *index_; }
    [[nodiscard]] const assess::Custody& custody() const { return *custody_; }
    /// By operator number: how long absence-based findings against it wait.
    [[nodiscard]] Result<std::vector<std::int64_t>> grace();

 private:
    explicit PackDesk(PackDeskOptions options) : options_(std::move(options)) {}
    struct Missed {
        std::uint64_t seq = 0;
        Digest manifest{};
        std::optional<facts::CustodyJudged> judged = {};
        Date on = {};
    };
    Result<void> open_index(bool read_only = false);
    Result<std::vector<Missed>> missed();
    Result<void> catch_up(const observe::TraceProgress& progress, bool leads);
    Result<observe::TraceReport> apply(std::uint64_t seq, const Digest& manifest, std::uint32_t only_actor,
                                       const observe::TraceProgress& progress);
    Result<assess::JudgementReport> judge_locked(const PackActor& actor, std::int64_t now_ms,
                                                 PackReport* report);
    Result<packs::Index::Verdict> verdict_at(std::int64_t now_ms, bool full);
    Result<std::uint64_t> tell_leads(const packs::Index::Verdict& verdict, const Digest& rows, Date day);
    Result<std::uint64_t> open_leads(const packs::Index::Verdict& verdict, const Digest& rows, Date day);
    Result<std::uint64_t> take_back(const packs::Index::Verdict& verdict, const Digest& rows);
    Result<std::optional<std::string>> registry_table();
    [[nodiscard]] std::string firm_id(std::uint32_t number) const;
    Result<bool> learn();

    PackDeskOptions options_;
    std::unique_ptr<assess::Custody> custody_;
    std::unique_ptr<packs::Index> index_;
    std::unique_ptr<http::Client> client_;
    std::mutex work_;
    std::uint64_t behind_ = 0;
    std::string registry_seen_;  ///< the registry as the last import took it in
    bool full_next_ = true;      ///< after a start nobody knows what changed last
    std::size_t learned_ =
        0;  ///< settlements and reporting firms that the judge knew at the last full judgement
};

}  // namespace qingyuan::api
