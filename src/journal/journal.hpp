// The journal: append-only facts in one order, chained with SM3 under a Merkle tree. Format:
// docs/formats/journal.md.
//
// Thread-safe. Writers queue; one of them leads, runs every waiting change in its own savepoint, commits
// once, brings journal.head to the disk, and only then are all of them acknowledged (group commit). After a
// sync that failed nothing is acknowledged or tried again: the journal refuses every further write until it
// is opened anew.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "facts/fact.hpp"
#include "journal/store.hpp"
#include "journal/view.hpp"

namespace qingyuan::journal {

struct Options {
    std::string name = "facts";  ///< "facts" or "access"
    /// Name of this journal for ever, first link of the chain: "qingyuan.example/hengyang".
    std::string origin;
    std::filesystem::path head;  ///< journal.head, outside the database; empty only in tests
    std::vector<Fold> folds;
    /// Rows that no fold owns, written beside facts in their transaction (Writer::remember); a rebuild leaves
    /// them alone.
    std::vector<facts::RowType> working;
    /// Directory of the signed `<name>.checkpoint`; default: checkpoints/ beside `head`.
    std::filesystem::path checkpoints;
    /// SM2 key that signs it, made with mode 0600; default: journal.key beside `head`.
    std::filesystem::path key;
    /// Checkpoints kept elsewhere: files, or directories of *.checkpoint.
    std::vector<std::filesystem::path> known;
    std::uint64_t checkpoint_every = 1'000;  ///< facts between two checkpoints
    /// Take the store as it is when journal.head is missing (restore of a backup; say so aloud).
    bool adopt = false;
    /// False only to show that the power-cut harness notices the difference.
    bool sync_head = true;
};

/// Size and root at a moment; what is signed, published and compared.
struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Digest root{};
    Digest chain{};
    Instant at;                              ///< when the last fact was recorded
    std::string key = {};                    ///< hexadecimal SM2 public key when the text was signed
    [[nodiscard]] std::string text() const;  ///< docs/formats/checkpoint.md, without signature
    bool operator==(const Checkpoint&) const = default;
};
/// Reads a checkpoint, signed or not; record_malformed, or proof_invalid when the signature does not fit.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

/// A write transaction as a stage sees it: what it appended is at once visible to its own views.
class Writer : public Reader {
 public:
    /// Adds a fact at the end: checks it, gives it a number and a time (never before the previous fact's),
    /// folds it. After a refusal the whole change is undone, whatever it returns.
    Result<facts::Recorded> append(facts::Fact fact);
    /// Keeps the answer to a request in the transaction of what the request appends, so that both are durable
    /// or neither; forgets a few that are older than `kept`. Written only together with a fact.
    Result<void> remember(facts::RequestRow request, std::int64_t kept_us);
    [[nodiscard]] Instant now() const;

    struct Batch;

 private:
    friend class Journal;
    Writer(WriteTransaction& transaction, Batch& batch);
    WriteTransaction* writes_;
    Batch* batch_;
};

class Journal {
 public:
    /// Opens or creates. Compares the store with journal.head and verifies from the last checkpoint on:
    /// acknowledged_missing when the store lacks facts that were acknowledged, replayed_journal when it is
    /// an older copy than `head` or a known checkpoint says.
    static Result<std::unique_ptr<Journal>> open(Store& store, const Clock& clock, Options options);
    ~Journal();

    /// Runs `change` in a write transaction, alone, after every earlier one. Its facts are durable when
    /// this returns. An error of `change` undoes all it appended and is returned. `change` runs on the
    /// leader's thread and must not call write.
    Result<void> write(const std::function<Result<void>(Writer&)>& change);
    /// As write, for many facts that need no deciding.
    Result<void> append(std::vector<facts::Fact> facts);

    /// Runs `look` on one consistent state.
    Result<void> read(const std::function<Result<void>(const Reader&)>& look) const;

    [[nodiscard]] Result<Checkpoint> checkpoint() const;
    /// Signs the present checkpoint and writes it to Options::checkpoints; returns the signed text.
    Result<std::string> write_checkpoint();

    struct State;
    explicit Journal(std::unique_ptr<State> state);  ///< by open, which alone can make a State

 private:
    std::unique_ptr<State> state_;
};

/// Each journal records the other's checkpoint, so that neither can be exchanged alone.
Result<void> cross_record(Journal& facts, Journal& access);

/// What `verify` found. All is well where `problem` is empty.
struct Verification {
    std::uint64_t size = 0;       ///< facts looked at
    std::uint64_t first_bad = 0;  ///< sequence number; 0 = none, or the damage lies outside the facts
    std::string problem;          ///< why, in one sentence
    Checkpoint checkpoint;        ///< of the facts looked at
};

/// Reads every fact and recomputes chain and tree from the stored bytes, and compares them with the stored
/// hashes, nodes and head; lets the database look at its own files and checks the rows of the tables that
/// were prepared. With `outside`, also against a checkpoint from elsewhere (a published manifest, a copy on
/// paper). Progress is called now and then with the facts done.
Result<Verification> verify(Store& store, std::string_view name, const Checkpoint* outside = nullptr,
                            const std::function<void(std::uint64_t)>& progress = {});
/// As verify, against many checkpoints.
Result<Verification> verify(Store& store, std::string_view name, std::vector<Checkpoint> known,
                            const std::function<void(std::uint64_t)>& progress = {});
/// What the files around a store of `size` facts say of it: journal.head, the own and the outside
/// checkpoints. A head that is ahead by just the group it carries is left out: the next start completes it.
Result<std::vector<Checkpoint>> known_checkpoints(const Options& options, std::uint64_t size);

class SigningKey;
/// Everything one needs to check that one record is in the journal: docs/formats/proof.md. Signed where
/// there is a key.
Result<std::string> prove(Store& store, std::string_view name, std::uint64_t seq,
                          const SigningKey* key = nullptr);
/// Checks a proof by itself, optionally against a checkpoint one trusts. proof_invalid says which part fails.
Result<facts::Recorded> check_proof(std::string_view proof, const Checkpoint* trusted = nullptr);
/// The checkpoint a proof leads to.
Result<Checkpoint> checkpoint_of_proof(std::string_view proof);

/// Throws the projections away and folds the journal again. Returns the digest of the canonical dump before
/// and after.
struct Rebuild {
    std::uint64_t facts = 0;
    Digest before{};
    Digest after{};
};
Result<Rebuild> rebuild(Store& store, const Options& options,
                        const std::function<void(std::uint64_t)>& progress = {});
/// SM3 over every projection row in table and key order: equal on SQLite and PostgreSQL for equal journals.
Result<Digest> canonical_dump(ReadTransaction& transaction, const std::vector<Fold>& folds);

/// Writes the journal as a file of its own (docs/formats/journal.md, "Export"): checkpoint, then every
/// record with its chain hash.
Result<void> export_to(Store& store, std::string_view name, const std::filesystem::path& file);

/// A journal read record after record and checked on the way: an exported file, without any store, or a
/// store nobody writes.
class Export {
 public:
    /// file_unreadable, record_malformed.
    static Result<Export> open(const std::filesystem::path& file);
    /// The store must outlive the export.
    static Result<Export> open(Store& store, std::string_view name);
    [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }
    /// Recomputes chain and tree while reading; chain_broken with the first bad sequence number. What
    /// `each` was given counts only when the whole scan succeeds.
    Result<void> scan(const std::function<Result<void>(const facts::Recorded&)>& each) const;

 private:
    std::filesystem::path file_;
    std::uint64_t begin_ = 0;  ///< where the records begin in the file
    Store* store_ = nullptr;
    std::string name_;
    Checkpoint checkpoint_;
};

}  // namespace qingyuan::journal
