// Signals at work: the reports that stand are linked into cases, counted, fitted and watched (assess); what
// came up or went is one fact a judgement, and each new signal is a dossier (act). Used by the command line
// and the API alike; holds no rule.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "act/engine.hpp"
#include "api/pack_desk.hpp"
#include "assess/clusters.hpp"
#include "assess/duplicates.hpp"
#include "assess/signal_table.hpp"
#include "base/clock.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"
#include "law/criteria.hpp"
#include "law/law.hpp"
#include "law/reaction_families.hpp"

namespace qingyuan::api {

/// The reports that stand: the current version of each, nullified ones gone.
struct ReportSet {
    std::uint64_t seq = 0;      ///< of the last batch
    std::uint64_t version = 0;  ///< another number for another set
    std::vector<facts::SafetyReport> reports;
};
using ReportSource = std::function<Result<std::shared_ptr<const ReportSet>>()>;

/// The criterion that opens a dossier.
constexpr std::string_view dossier_criterion = "dossier";

/// Everything that was worked out of one set of reports. Immutable.
struct SignalState {
    std::shared_ptr<const ReportSet> set;
    std::uint64_t decided = 0;  ///< sequence number of the last decision about duplicates
    assess::Linkage linkage;
    std::vector<facts::SafetyReport> cases;
    std::vector<std::vector<std::uint32_t>> papers;  ///< of each case: places of its reports in the set
    std::vector<assess::BatchCluster> clusters;
    [[nodiscard]] std::size_t duplicates() const { return set->reports.size() - cases.size(); }
};

/// A signal or a cluster that stands, or stood.
struct StandingSignal {
    std::string id;       ///< what its dossier is called: signal-… , cluster-…
    std::string cluster;  ///< empty: a pair
    std::string kind, product, reaction, maker, batch;
    Date onset_from, onset_to;
    Date found_on;
    std::uint64_t found = 0;  ///< sequence number of the judgement that found it
    std::int64_t cases = 0;
    bool standing = true;
    std::uint64_t seq = 0;  ///< of the judgement that last changed it
};

struct SignalJudgementReport {
    std::uint64_t seq = 0;  ///< 0: nothing changed, no fact
    facts::SignalsJudged fact;
    std::uint64_t dossiers = 0;  ///< opened or grown
};

struct SignalDeskOptions {
    const law::Law& law;
    const law::Criteria& criteria;
    const law::ReactionFamilies& families;
    journal::Journal& journal;
    const journal::Evidence& evidence;
    const Clock& clock;
    ReportSource reports;
    std::string organisation;  ///< that answers signals
    unsigned threads = 2;
};

/// Thread-safe.
class SignalDesk {
 public:
    static Result<std::unique_ptr<SignalDesk>> open(SignalDeskOptions options);

    /// As of the newest report and decision.
    [[nodiscard]] Result<std::shared_ptr<const SignalState>> state();
    /// Every pair at the level; kept until the reports change.
    [[nodiscard]] Result<std::shared_ptr<const assess::SignalTable>> table(
        const assess::SignalLevel& level, const std::vector<assess::StratumKind>& strata = {});
    /// Of one pair, by today's prior.
    [[nodiscard]] Result<assess::PairView> pair(const assess::SignalLevel& level, std::string_view product,
                                                std::string_view reaction);
    /// Signals and clusters the judgements have named, by id.
    [[nodiscard]] std::map<std::string, StandingSignal> standing();
    [[nodiscard]] static std::string pair_id(std::string_view kind, std::string_view product,
                                             std::string_view reaction);

    /// Fits, looks for what is new and what went, opens dossiers. One fact where anything changed.
    Result<SignalJudgementReport> judge(const PackActor& actor);
    /// report_unknown, field_missing (no reason).
    Result<void> decide_duplicate(const PackActor& actor, std::string_view report, std::string_view other,
                                  bool same, std::string_view reason);
    /// By the pair's numbers, the smaller first: what a person said of it.
    [[nodiscard]] std::map<std::pair<std::string, std::string>, facts::DuplicateDecided> decisions();

    struct Judged {
        std::uint64_t seq = 0;
        facts::SignalsJudged fact;
    };
    /// The oldest first.
    [[nodiscard]] std::vector<Judged> judgements();

    [[nodiscard]] const law::Criteria& criteria() const { return options_.criteria; }
    [[nodiscard]] const law::ReactionFamilies& families() const { return options_.families; }
    [[nodiscard]] const law::Law& law() const { return options_.law; }

 private:
    explicit SignalDesk(SignalDeskOptions options) : options_(std::move(options)) {}
    Result<void> catch_up();
    Result<void> learn(std::uint64_t seq, Instant at, const facts::SignalsJudged& judged);
    void apply_row(std::uint64_t seq, Date on, std::string_view row);
    Result<std::shared_ptr<const SignalState>> state_locked();
    Result<std::shared_ptr<const assess::SignalTable>> table_locked(
        const assess::SignalLevel& level, const std::vector<assess::StratumKind>& strata);
    Result<void> judge_pairs(SignalJudgementReport& out, std::vector<std::string>& rows,
                             std::set<std::string>& now);
    void judge_clusters(const SignalState& state, SignalJudgementReport& out, std::vector<std::string>& rows,
                        std::set<std::string>& now);
    struct Words {
        std::string title, question, measures;
    };
    Result<Words> words_of(const SignalState& state, const StandingSignal& one);
    Result<SignalJudgementReport> record(const PackActor& actor, const SignalState& state,
                                         std::vector<std::string> rows, SignalJudgementReport out);
    Result<std::uint64_t> open_dossiers(const SignalState& state, std::uint64_t seq, const Digest& rows);

    SignalDeskOptions options_;
    std::mutex work_;
    std::uint64_t read_ = 0;  ///< sequence number the desk has read to
    std::uint64_t decided_ = 0;
    std::map<std::pair<std::string, std::string>, facts::DuplicateDecided> decisions_;
    std::map<std::string, StandingSignal> standing_;
    std::vector<Judged> judgements_;
    std::shared_ptr<const SignalState> state_;
    std::map<std::pair<assess::SignalLevel, std::vector<assess::StratumKind>>,
             std::shared_ptr<const assess::SignalTable>>
        tables_;
};

}  // namespace qingyuan::api
