// What a batch under way knows; shared by index.cpp, index_load.cpp and index_judge.cpp.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>

#include "packs/index.hpp"
#include "packs/run.hpp"

namespace qingyuan::packs {

constexpr std::size_t documents_at_once = 500'000;
constexpr std::uint64_t judge_token = std::uint64_t{1} << 23;  ///< judging parts are numbered from here
constexpr int token_bits = 24;
constexpr std::uint64_t late_tokens = std::uint64_t{3}
                                      << 22;  ///< changes after a batch are numbered from here

inline void make_unique(std::vector<Wide>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// An event by what runs are sorted by.
struct SortKey {
    Wide code;
    std::int64_t time_ms;
    Name id;
    const Event* event;
    bool operator<(const SortKey& other) const {
        if (code != other.code) return code < other.code;
        if (time_ms != other.time_ms) return time_ms < other.time_ms;
        return id < other.id;
    }
};

struct Index::Loading {
    std::uint64_t seq = 0;
    std::uint64_t tokens = 0;
    std::uint64_t pieces = 0;
    Applied applied;
    WriteSet tables;
    std::vector<Document> documents;
    std::vector<Name> fresh_documents;         ///< all of this batch
    Groups groups;                             ///< touched by events
    std::size_t groups_max = 1'000'000;        ///< from then on they are made distinct as they come
    std::unordered_set<Wide, WideHash> codes;  ///< touched otherwise: by a relation, a parent, a correction
    std::unordered_set<Wide, WideHash> parents_touched;
    std::unordered_set<std::uint64_t> products;  ///< whose packs are judged again
    bool everything = false;
    bool recount = false;  ///< some parts were written before an interruption: what is open is counted anew
    bool sums = true;
    std::unordered_map<Name, std::int64_t> documents_touched;  ///< with the latest event on it
    std::unordered_map<Name, PackCode>
        corrections;  ///< superseded id → code of the correction, of this batch
    std::unordered_set<Name> corrections_met;
    std::vector<SortKey> keys;                               ///< of the piece that is being written
    std::vector<std::int32_t> lags;                          ///< operator × bucket
    std::unordered_map<std::string, std::uint32_t> batches;  ///< named by events only
    std::vector<std::string> batch_order;
    std::vector<std::pair<std::string, std::string>> texts;  ///< of hashed codes
    std::vector<Waiting> waiting;
    std::vector<std::string> taken;  ///< keys of quarantined rows that were taken up again
    bool first = false;              ///< nothing was in the index before
    std::mutex parts;                ///< what follows is written by several threads
    std::int64_t conflicts = 0;
    std::int64_t findings_delta = 0;
};

/// One thread's share of the judging.
struct Index::Part {
    explicit Part(const HistoryWorld& world) : assembly(world) {}
    Assembly assembly;
    std::uint64_t number = 0;
    std::uint64_t seq = 0;
    std::int64_t now_ms = 0;
    bool whole = false;        ///< every code of the groups, not only those that the batch touched
    bool sums = true;          ///< false: only findings are made again
    bool done_before = false;  ///< it was written before an interruption
    bool named_only = false;   ///< only the codes named here: the others were judged before
    std::unordered_set<Wide, WideHash> named;
    Tallies tallies;
    WriteSet set;
    std::map<Wide, std::vector<Finding>> old;  ///< by code
    std::map<Wide, std::vector<Relation>> relations;
    std::map<Wide, std::vector<Relation>> relations_before;  ///< as known before this batch
    std::unordered_map<Name, std::int64_t> documents;
    std::vector<Name> corrections_met;
    std::vector<PackCode> changed;
    std::int64_t findings_delta = 0;
    std::int64_t conflicts = 0;
    std::vector<const Event*> sorted, now, before;
    std::vector<Finding> fresh;
    std::vector<Event> events;
};

[[nodiscard]] std::string encode_operator(const Operator& value);
[[nodiscard]] std::string encode_product(const Product& value);
[[nodiscard]] std::string encode_batch(const Batch& value);
[[nodiscard]] std::string encode_document(const Document& value);
[[nodiscard]] bool decode(std::string_view bytes, Operator& out);
[[nodiscard]] bool decode(std::string_view bytes, Product& out);
[[nodiscard]] bool decode(std::string_view bytes, Batch& out);
[[nodiscard]] bool decode(std::string_view bytes, Document& out);
/// What a batch said of where a relation ends.
struct RelationVersion {
    std::uint64_t seq = 0;
    std::int64_t to_ms = 0;
};
/// In order of their batches; one that only repeats what was said before is none.
[[nodiscard]] std::string encode_versions(const std::vector<RelationVersion>& versions);
[[nodiscard]] std::vector<RelationVersion> decode_versions(std::string_view value);
/// Where it ends as was known up to `seq`; nothing where it was not known yet.
[[nodiscard]] std::optional<std::int64_t> relation_end(std::string_view value, std::uint64_t seq);
[[nodiscard]] Error table_broken(std::string_view what);

}  // namespace qingyuan::packs
