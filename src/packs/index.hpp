// The pack index: every event of every code, found by code, judged once and again when something new is known
// of it. All of it can be thrown away and made again from the raw batches and judgements that the journal
// names, in their order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "packs/finding.hpp"
#include "packs/history.hpp"
#include "packs/names.hpp"
#include "packs/reference.hpp"
#include "packs/store.hpp"
#include "packs/tally.hpp"

namespace qingyuan::packs {

/// A row that names something unknown; it is read again when reference tables change.
struct Waiting {
    std::uint64_t seq = 0;
    std::uint64_t row = 0;
    std::string reason;   ///< "operator W99", "product 8199999"
    std::string columns;  ///< the header line it is read with
    std::string line;
};

struct RelationVersion;  // index_state.hpp

/// What one batch brought.
struct Applied {
    std::uint64_t seq = 0;
    std::uint64_t events = 0;
    std::uint64_t relations = 0;
    std::uint64_t pieces = 0;
    std::uint64_t checksum = 0;  ///< sum over the events of a number that depends on their content only
};

struct Stats {
    std::uint64_t applied = 0;  ///< journal number of the last batch
    std::uint64_t batches = 0;
    std::uint64_t events = 0;  ///< rows stored, re-sent ones included
    std::uint64_t relations = 0;
    std::uint64_t waiting = 0;
    std::uint64_t findings_open = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t bytes = 0;
    std::uint32_t operators = 0, products = 0, batches_known = 0;
    std::string engine;
};

/// What one firm sent, every row of it: the quality of a source.
struct Source {
    std::uint32_t actor = 0;
    std::uint64_t events = 0;
    std::uint64_t repeated = 0;     ///< of them: of a code and an event id that were there, counted once
    std::uint64_t conflicting = 0;  ///< of the repeated: with other content
    std::int64_t lag_p50_ms = 0, lag_p99_ms = 0;  ///< from event to upload; upper bound of its class
    std::int64_t last_upload_ms = INT64_MIN;
};

struct IndexOptions {
    unsigned threads = 2;
    const Judge* judge = nullptr;  ///< outlives the index; none: nothing is judged
};

/// Any number of readers; one loader at a time (the caller's duty), during which readers see the state before
/// or after a part of the batch.
class Index {
 public:
    /// Reads the small tables. store_corrupt.
    static Result<std::unique_ptr<Index>> open(std::unique_ptr<Store> store, IndexOptions options);
    ~Index();

    /// Held while reference() is read and a batch may be loading.
    [[nodiscard]] std::shared_lock<std::shared_mutex> hold() const { return std::shared_lock(tables_); }
    [[nodiscard]] const Reference& reference() const { return reference_; }
    [[nodiscard]] Names& names() { return names_; }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] std::uint64_t applied() const { return stats_.applied; }
    [[nodiscard]] bool is_parent(PackCode code) const { return parents_.contains(code.value); }

    // --- a batch, in this order: begin, put…, add…, finish. Repeating it after an interruption changes
    // nothing.
    Result<void> begin(std::uint64_t seq);
    void put(Operator value);
    void put(Product value);
    void put(Batch value);
    void put(Document value);
    /// Rows of side tables (stock counts, duties, settlements, listings): kept as they are, by table and key.
    void put_side(std::string_view table, std::string key, std::string value);
    /// The number of a batch that only events name; safe from several threads.
    [[nodiscard]] std::uint32_t unknown_batch(std::string_view id);
    /// The text of a code that is kept as a hash; safe from several threads.
    void hashed_code(PackCode code, std::string_view text);
    /// Writes the reference tables of this batch; they can be looked up from here on.
    Result<void> publish();
    /// Pieces come in a fixed order and size, so that a repetition meets the same keys. Others may read the
    /// next piece meanwhile, holding the tables (hold). The parts of a piece are empty afterwards and keep
    /// their memory.
    Result<void> add(std::span<Piece> parts);
    Result<void> add(Piece& piece) { return add(std::span(&piece, 1)); }
    void wait(Waiting row);
    /// Rows that wait and may now be readable; they leave the quarantine when the batch is finished.
    Result<std::vector<Waiting>> take_waiting();
    using Progress = std::function<void(std::uint64_t done, std::uint64_t of)>;
    /// Judges what was touched, keeps sums and findings. `now_ms` is the instant of the import.
    Result<Applied> finish(std::int64_t now_ms, const Progress& progress = {});

    // --- judgements
    /// What a judgement at this instant would confirm and withdraw, in order of (rule, code, event); nothing
    /// is changed. With `only_fresh` it looks only at what changed since the last judgement that was kept.
    struct Verdict {
        std::vector<Finding> confirmed, withdrawn;
    };
    [[nodiscard]] Result<Verdict> verdict(std::int64_t now_ms, const std::vector<std::int64_t>& grace_ms,
                                          bool only_fresh = false);
    /// The graces of the last full judgement, by operator number; empty where there was none.
    [[nodiscard]] const std::vector<std::int64_t>& kept_grace() const { return grace_; }
    Result<void> keep_grace(std::vector<std::int64_t> grace_ms);
    /// Keeps it under the journal number of the judgement.
    Result<void> keep(const Verdict& verdict, std::uint64_t run);
    /// Findings of rules that look at many codes at once replace those of the same rules: new ones are
    /// provisional, gone ones leave.
    Result<void> replace_subjects(const std::set<std::string>& rules, std::vector<Finding> findings,
                                  std::int64_t now_ms);
    /// Every code again: the rules changed.
    Result<void> judge_all(std::int64_t now_ms, const Progress& progress = {});
    [[nodiscard]] std::string judged_version();

    // --- reads
    /// All raw events and relations of a code, as received.
    Result<void> raw(PackCode code, std::uint64_t seq, std::vector<Event>& events,
                     std::vector<Relation>& relations);
    struct History {
        std::vector<Event> events;  ///< in order, distinct, with those of parents
        std::vector<Relation> relations;
        std::vector<Event>
            superseded;  ///< raw events that a correction replaced or a repetition conflicts with
    };
    Result<History> history(PackCode code);
    /// The histories of all codes of a product, in order.
    Result<void> each_history(std::uint64_t product,
                              const std::function<void(std::span<const Event* const>)>& each);
    Result<std::vector<Finding>> findings(PackCode code);
    using EachFinding = std::function<bool(const Finding&)>;
    Result<void> each_finding(const EachFinding& each);
    Result<std::vector<PackCode>> children(PackCode parent);
    /// Sums whose `a` is this; (b, sum), without zeros.
    Result<std::vector<std::pair<std::uint64_t, std::int64_t>>> tally(TallyKind kind, std::uint64_t a);
    Result<void> each_tally(TallyKind kind,
                            const std::function<bool(std::uint64_t a, std::uint64_t b, std::int64_t)>& each);
    Result<std::optional<Document>> document(Name id);
    Result<std::vector<std::pair<std::string, std::string>>> side(std::string_view table);
    /// One row of a side table.
    Result<std::optional<std::string>> side_value(std::string_view table, std::string_view key);
    [[nodiscard]] std::string text_of(Name name);
    [[nodiscard]] std::string text_of(PackCode code);
    Result<std::vector<Waiting>> waiting(std::size_t at_most);
    Result<Stats> stats();

    /// Reads every run and compares events and checksums batch by batch with what was written: store_corrupt
    /// names the first batch that differs.
    Result<Stats> verify(const Progress& progress = {});
    /// Reads every run: all firms that sent something, those with most events first.
    Result<std::vector<Source>> sources(const Progress& progress = {});
    Result<void> clear();

 private:
    struct Loading;
    struct Part;
    using Groups = std::vector<Wide>;
    Index(std::unique_ptr<Store> store, IndexOptions options);
    Result<void> load_tables();
    Result<void> load_meta();
    void write_meta(WriteSet& set) const;
    Result<void> write_names();
    [[nodiscard]] std::uint64_t next_token();
    [[nodiscard]] std::uint64_t late_token();
    Result<void> flush_documents();
    Result<void> ingest_runs(std::span<const Piece> parts, std::uint64_t piece);
    Result<void> ingest_relations(std::vector<Relation>& relations);
    Result<void> write_relations(const std::vector<Relation>& relations,
                                 const std::map<std::string, std::vector<RelationVersion>>& known);
    void note_lags(const std::vector<Event>& events);
    [[nodiscard]] std::uint64_t mark_of(const Event& event) const;

    Result<void> touch_children();
    Groups groups_of_changes(bool& whole);
    Result<void> judge_parts(const Groups& groups, bool whole, std::int64_t now_ms, const Progress& progress);
    Result<void> judge_part(std::span<const Wide> groups, Part& part);
    Result<void> judge_group(Part& part, Wide group, std::vector<Event>& events);
    void judge_code(Part& part, PackCode code, std::span<const Event* const> own, bool touched);
    void merge_findings(Part& part, PackCode code, std::vector<Finding>& fresh);
    void keep_finding(Part& part, Finding fresh, const Finding* old);
    Result<void> write_part(Part& part);
    Result<void> judge_documents(std::int64_t now_ms);
    Result<void> judge_document(Part& part, const Document& document, std::int64_t counted,
                                std::int64_t last_ms);
    Result<void> resolve_corrections(std::int64_t now_ms);
    [[nodiscard]] bool name_before(Name a, Name b);
    [[nodiscard]] HistoryWorld world();

    std::unique_ptr<Store> store_;
    IndexOptions options_;
    Reference reference_;
    Names names_;
    Stats stats_;
    std::int64_t latest_ms_ = INT64_MIN;  ///< the latest event time known
    std::uint64_t late_ = 0;              ///< changes since the last batch or judgement
    std::string judged_version_;
    std::vector<std::int64_t> grace_;
    std::vector<PackCode> fresh_;  ///< codes whose findings changed since the last judgement
    std::unordered_map<Name, std::uint64_t> corrected_;  ///< superseded event → batch of the first correction
    std::vector<std::uint64_t> corrected_bits_ =
        std::vector<std::uint64_t>(1024);  ///< most ids are not in it
    void note_corrected(Name id) { corrected_bits_[(id >> 6) & 1023] |= std::uint64_t{1} << (id & 63); }
    struct WideHash {
        std::size_t operator()(Wide value) const {
            return static_cast<std::size_t>(static_cast<std::uint64_t>(value >> 64) * 0x9e3779b97f4a7c15ULL ^
                                            static_cast<std::uint64_t>(value));
        }
    };
    std::unordered_set<Wide, WideHash> parents_;
    std::unique_ptr<Loading> loading_;
    mutable std::shared_mutex tables_;  ///< reference_, parents_, corrected_
    std::mutex texts_;
    std::mutex fresh_batches_;
};

/// How long a finding waits for a firm: `factor` times the longest lag that `quantile` of its uploads keep;
/// by operator number. Firms with fewer than `events_min` events are given `unknown_ms`; the result lies
/// between the two bounds.
struct GraceOptions {
    double quantile = 0.999;
    double factor = 2;
    std::int64_t events_min = 100;
    std::int64_t unknown_ms = 0, floor_ms = 0, cap_ms = 0;
};
[[nodiscard]] Result<std::vector<std::int64_t>> grace_by_operator(Index& index, const GraceOptions& options);

}  // namespace qingyuan::packs
