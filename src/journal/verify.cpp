// Looks at every stored byte of a journal again and says where the first wrong one is.
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "journal/chain.hpp"
#include "journal/checkpoint.hpp"
#include "journal/head_file.hpp"
#include "journal/journal.hpp"
#include "journal/tree.hpp"

namespace qingyuan::journal {

namespace {

class Verifier {
 public:
    Verifier(ReadTransaction& transaction, std::vector<Checkpoint> known,
             const std::function<void(std::uint64_t)>& progress)
        : transaction_(&transaction), known_(std::move(known)), progress_(&progress) {
        std::sort(known_.begin(), known_.end(),
                  [](const Checkpoint& a, const Checkpoint& b) { return a.size < b.size; });
    }

    Result<Verification> run(const Head& head);

 private:
    void bad(std::uint64_t seq, std::string why) {
        if (!out_.problem.empty()) return;
        out_.first_bad = seq;
        out_.problem = std::move(why);
    }
    Result<void> one(const StoredView& fact);
    void check_record(const StoredView& fact);
    void check_known();
    Result<void> check_node(int level, std::uint64_t index, const Digest& node);
    void check_end(const Head& head);

    ReadTransaction* transaction_;
    std::vector<Checkpoint> known_;
    std::size_t next_known_ = 0;
    std::uint64_t good_up_to_ = 0;  ///< size of the last known checkpoint that fitted
    const std::function<void(std::uint64_t)>* progress_;
    Verification out_;
    Digest chain_{};
    MerkleEdge edge_;
};

void Verifier::check_record(const StoredView& fact) {
    const std::uint64_t expected = out_.size + 1;
    if (fact.seq != expected)
        return bad(expected, fact.seq > expected ? "the fact is missing" : "a fact stands twice");
    const Result<facts::Envelope> envelope = facts::decode_envelope(fact.record);
    if (!envelope) return bad(expected, "the record cannot be read: " + envelope.error().message);
    if (envelope->seq != expected)
        return bad(expected, fmt::format("the record of fact {} stands here", envelope->seq));
    const std::uint64_t dossier = envelope->kind == "dossier_opened" ? expected : envelope->dossier;
    if (fact.chain != bytes_of(next_chain(chain_, fact.record)))
        return bad(expected, "the record does not fit the stored chain");
    if (fact.dossier != dossier) return bad(expected, "it is filed under another dossier than its own");
}

void Verifier::check_known() {
    for (; next_known_ < known_.size() && known_[next_known_].size == out_.size; ++next_known_) {
        const Checkpoint& known = known_[next_known_];
        if (known.root != edge_.root() || (known.chain != Digest{} && known.chain != chain_))
            return bad(good_up_to_ + 1,
                       fmt::format("facts {} to {} are not those of the checkpoint of {} facts",
                                   good_up_to_ + 1, known.size, known.size));
        good_up_to_ = known.size;
    }
}

Result<void> Verifier::check_node(int level, std::uint64_t index, const Digest& node) {
    if (level % tree::stored_step != 0) return {};
    const Result<std::optional<Digest>> stored = transaction_->node(level, index);
    if (!stored && stored.error().info().kind == ErrorKind::failure &&
        stored.error().code != ErrorCode::store_corrupt)
        return stored.error();
    if (!stored || !*stored || **stored != node)
        bad((index << level) + 1,
            fmt::format("the stored tree node {} of level {} does not fit its facts", index, level));
    return {};
}

Result<void> Verifier::one(const StoredView& fact) {
    check_record(fact);
    // After the first bad fact nothing behind it can be judged.
    if (!out_.problem.empty()) return Error{ErrorCode::chain_broken, out_.problem};
    ++out_.size;
    chain_ = digest_of(fact.chain);
    Result<void> node_checked;
    edge_.add(merkle_leaf(fact.record), [&](int level, std::uint64_t index, const Digest& node) {
        if (node_checked) node_checked = check_node(level, index, node);
    });
    if (!node_checked) return node_checked;
    check_known();
    if (!out_.problem.empty()) return Error{ErrorCode::chain_broken, out_.problem};
    if (*progress_ && out_.size % 8'192 == 0) (*progress_)(out_.size);
    return {};
}

void Verifier::check_end(const Head& head) {
    if (out_.size < head.size)
        return bad(out_.size + 1, fmt::format("the facts end here; the head counts {}", head.size));
    if (out_.size > head.size)
        return bad(head.size + 1, fmt::format("there are facts behind the head, which counts {}", head.size));
    if (chain_ != head.chain || edge_.peaks() != head.peaks)
        return bad(head.size, "the facts do not end in the stored head");
    if (next_known_ < known_.size())
        return bad(head.size + 1, fmt::format("a checkpoint of {} facts is known: this is an older copy",
                                              known_[next_known_].size));
    if (head.folded != head.size)
        bad(0, fmt::format("the projections hold {} of {} facts: run `qingyuan journal rebuild`", head.folded,
                           head.size));
}

Result<Verification> Verifier::run(const Head& head) {
    chain_ = sm3(head.origin);
    check_known();
    const Result<void> scanned =
        transaction_->scan_stored(0, INT64_MAX, [this](const StoredView& fact) { return one(fact); });
    if (out_.problem.empty() && !scanned) {
        if (scanned.error().code != ErrorCode::store_corrupt) return scanned.error();
        bad(out_.size + 1, scanned.error().message);
    }
    if (out_.problem.empty()) check_end(head);
    out_.checkpoint = {head.origin, out_.size, edge_.root(), chain_, head.at};
    return std::move(out_);
}

Verification unreadable(const Error& error) {
    Verification out;
    out.problem = error.text();
    return out;
}

}  // namespace

Result<Verification> verify(Store& store, std::string_view name, std::vector<Checkpoint> known,
                            const std::function<void(std::uint64_t)>& progress) {
    // The database checks its own files on the other core.
    Result<void> files;
    std::thread beside([&] { files = store.check_integrity(); });
    Result<Verification> out = [&]() -> Result<Verification> {
        const std::unique_ptr<ReadTransaction> transaction = TRY(store.read(name));
        Result<Head> head = transaction->head();
        if (!head && head.error().code != ErrorCode::store_corrupt) return head.error();
        if (!head) return unreadable(head.error());
        for (const Checkpoint& one : known)
            if (!one.origin.empty() && one.origin != head->origin)
                return Error{ErrorCode::usage,
                             fmt::format("the checkpoint is of the journal '{}', this is '{}'", one.origin,
                                         head->origin)};
        return Verifier(*transaction, std::move(known), progress).run(*head);
    }();
    beside.join();
    if (out && out->problem.empty() && !files) {
        if (files.error().code != ErrorCode::store_corrupt) return files.error();
        out->problem = files.error().text();
    }
    if (!out && out.error().code == ErrorCode::store_corrupt) return unreadable(out.error());
    return out;
}

Result<Verification> verify(Store& store, std::string_view name, const Checkpoint* outside,
                            const std::function<void(std::uint64_t)>& progress) {
    std::vector<Checkpoint> known;
    if (outside) known.push_back(*outside);
    return verify(store, name, std::move(known), progress);
}

Result<std::vector<Checkpoint>> known_checkpoints(const Options& given, std::uint64_t size) {
    const Options options = with_places(given);
    std::vector<Checkpoint> out;
    std::vector<std::filesystem::path> places = options.known;
    if (!options.checkpoints.empty()) places.push_back(options.checkpoints);
    for (const std::filesystem::path& place : places) {
        std::vector<Checkpoint> found = TRY(load_checkpoints(place, options.origin));
        std::move(found.begin(), found.end(), std::back_inserter(out));
    }
    if (std::error_code status; !options.head.empty() && std::filesystem::exists(options.head, status)) {
        HeadFile file = TRY(HeadFile::open(options.head, options.origin));
        const std::optional<HeadEntry> entry = TRY(file.read());
        const bool unfinished = entry && entry->size > size && entry->size - entry->records.size() == size;
        if (entry && !unfinished)
            out.push_back({options.origin, entry->size, entry->root, entry->chain, entry->at});
    }
    return out;
}

}  // namespace qingyuan::journal
