#include "journal/journal.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "journal/chain.hpp"
#include "journal/checkpoint.hpp"
#include "journal/group.hpp"
#include "journal/head_file.hpp"
#include "journal/tree.hpp"
#include "journal/worker.hpp"

namespace qingyuan::journal {

/// The end of the journal while a group is being written.
struct Writer::Batch {
    const Options* options = nullptr;
    const Clock* clock = nullptr;
    Head head;  ///< peaks are kept in `edge`
    MerkleEdge edge;
    Instant now;           ///< of the present change
    Result<void> refused;  ///< first append that failed: the change is then undone whatever it says
    std::vector<Bytes> group;
    std::size_t group_bytes = 0;
    bool group_fits = true;
    bool folding = true;  ///< false while the projections wait for a rebuild

    [[nodiscard]] HeadEntry entry() const { return {head.size, head.chain, edge.root(), head.at, {}}; }
};

namespace {

thread_local bool is_leading = false;

Result<void> fold(const std::vector<Fold>& folds, const facts::Recorded& fact, Projections& projections) {
    for (const Fold& one : folds) CHECK(one.apply(fact, projections));
    return {};
}

/// Takes a fact in its place, already encoded, into chain, tree, store and projections.
Result<void> take_in(WriteTransaction& transaction, Writer::Batch& batch, const facts::Recorded& fact,
                     Bytes record) {
    Head& head = batch.head;
    head.size = fact.seq;
    head.at = fact.recorded_at;
    head.chain = next_chain(head.chain, record);
    Result<void> stored;
    batch.edge.add(merkle_leaf(record), [&](int level, std::uint64_t index, const Digest& node) {
        if (level % tree::stored_step == 0 && stored) stored = transaction.put_node(level, index, node);
    });
    CHECK(stored);
    batch.group_bytes += HeadFile::room_for(record);
    batch.group_fits = batch.group_fits && batch.group_bytes <= HeadFile::records_bytes_max;
    if (batch.group_fits) batch.group.push_back(record);
    CHECK(transaction.append({fact.seq, fact.dossier(), std::move(record), head.chain}));
    if (!batch.folding) return {};
    Projections projections(transaction);
    CHECK(fold(batch.options->folds, fact, projections));
    head.folded = head.size;
    return {};
}

}  // namespace

Writer::Writer(WriteTransaction& transaction, Batch& batch)
    : Reader(transaction), writes_(&transaction), batch_(&batch) {}

Instant Writer::now() const {
    return batch_->now;
}

Result<facts::Recorded> Writer::append(facts::Fact fact) {
    const auto refuse = [&](Error error) {
        if (batch_->refused) batch_->refused = error;
        return error;
    };
    const std::uint64_t seq = batch_->head.size + 1;
    if (Result<void> checked = facts::check(fact); !checked) return refuse(checked.error());
    if (fact.dossier >= seq)
        return refuse({ErrorCode::dossier_unknown,
                       fmt::format("fact {} has not been written yet", fact.dossier), "dossier"});
    facts::Recorded recorded{seq, batch_->now, std::move(fact)};
    if (Result<void> taken = take_in(*writes_, *batch_, recorded, facts::encode(recorded)); !taken)
        return refuse(taken.error());
    return recorded;
}

Result<void> Writer::remember(facts::RequestRow request, std::int64_t kept_us) {
    constexpr std::uint64_t forgotten_at_once = 4;  // more than come in, so that the table does not grow
    Projections rows(*writes_);
    const Query old{.where = {{"at", Compare::less, {request.at - kept_us}}}, .limit = forgotten_at_once};
    for (const facts::RequestRow& row : TRY(rows.view<facts::RequestRow>().list(old)))
        CHECK(rows.erase<facts::RequestRow>(row.key));
    return rows.put(std::move(request));
}

struct Journal::State {
    Store* store;
    const Clock* clock;
    Options options;
    std::optional<HeadFile> head_file;
    std::optional<SigningKey> key;
    std::optional<Worker> worker;

    using Writers = Group<std::function<Result<void>(Writer&)>>;
    using Request = Writers::Request;
    Writers writers;
    std::mutex mutex;
    std::optional<Error> broken;     ///< under `mutex`
    std::uint64_t checkpointed = 0;  ///< size at the last checkpoint; only the leader touches it

    State(Store& store_in, const Clock& clock_in, Options options_in)
        : store(&store_in), clock(&clock_in), options(std::move(options_in)) {}

    void run(const Writers::Requests& group);
    Result<void> change(WriteTransaction& transaction, Writer::Batch& batch, Request& request, bool alone);
    Result<void> commit(WriteTransaction& transaction, Writer::Batch& batch, const HeadEntry& before);
    Result<void> commit_beside_head(WriteTransaction& transaction, const HeadEntry& entry,
                                    const HeadEntry& before);
    Error give_up(Error error);

    Result<void> settle(WriteTransaction& transaction, Writer::Batch& batch);
    Result<void> check_known(WriteTransaction& transaction, const Head& head, std::uint64_t& from);
    Result<void> check_tail(WriteTransaction& transaction, const Writer::Batch& batch, std::uint64_t from);
    Result<void> complete(WriteTransaction& transaction, Writer::Batch& batch, const HeadEntry& entry);
    Result<void> checkpoint(const Checkpoint& checkpoint);
    [[nodiscard]] Checkpoint checkpoint_of(const HeadEntry& entry) const {
        return {options.origin, entry.size, entry.root, entry.chain, entry.at};
    }
};

// --- writing

Error Journal::State::give_up(Error error) {
    error.next = "nothing more is written; look at the disk, then start again";
    const std::lock_guard lock(mutex);
    if (!broken) broken = error;
    return error;
}

Result<void> Journal::State::change(WriteTransaction& transaction, Writer::Batch& batch, Request& request,
                                    bool alone) {
    const Writer::Batch before = batch;
    batch.now = std::max(clock->now(), batch.head.at);
    batch.refused = {};
    if (!alone) CHECK(transaction.savepoint());
    Writer writer(transaction, batch);
    Result<void> result = (*request.change)(writer);
    if (result && !batch.refused) result = batch.refused;
    if (!result) batch = before;
    if (!alone) CHECK(result ? transaction.release() : transaction.rollback_to());
    request.result = std::move(result);
    return {};
}

/// Did the database turn the transaction down, rather than break while it was writing?
static bool is_refusal(const Error& error) {
    return error.code == ErrorCode::disk_full || error.code == ErrorCode::overloaded ||
           error.code == ErrorCode::duplicate_key || error.info().kind != ErrorKind::failure;
}

Result<void> Journal::State::commit_beside_head(WriteTransaction& transaction, const HeadEntry& entry,
                                                const HeadEntry& before) {
    worker->begin([&] { return head_file->write(entry, false, options.sync_head); });
    const Result<void> committed = transaction.commit();
    const Result<void> headed = worker->finish();
    if (committed && headed) return {};
    if (!headed) return give_up(headed.error());
    // An honest refusal: the database has rolled back, and the head goes back with it.
    if (is_refusal(committed.error()) && head_file->write(before, false, options.sync_head)) return committed;
    return give_up(committed.error());
}

Result<void> Journal::State::commit(WriteTransaction& transaction, Writer::Batch& batch,
                                    const HeadEntry& before) {
    batch.head.peaks = batch.edge.peaks();
    CHECK(transaction.put_head(batch.head));
    HeadEntry entry = batch.entry();
    if (!head_file) return transaction.commit();
    if (batch.group_fits && !store->is_shared()) {
        entry.records = std::move(batch.group);
        return commit_beside_head(transaction, entry, before);
    }
    // On a shared store the head follows the commit, and the next group begins from what the server has.
    if (Result<void> committed = transaction.commit(); !committed)
        return store->is_shared() || is_refusal(committed.error()) ? committed.error()
                                                                   : give_up(committed.error());
    if (Result<void> headed = head_file->write(entry, store->is_shared(), options.sync_head); !headed)
        return give_up(headed.error());
    return {};
}

void Journal::State::run(const Writers::Requests& group) {
    const auto all = [&](const Error& error) {
        for (Request* request : group)
            if (request->result) request->result = error;
    };
    {
        const std::lock_guard lock(mutex);
        if (broken) return all(*broken);
    }
    Result<std::unique_ptr<WriteTransaction>> opened = store->write(options.name);
    if (!opened) return all(opened.error());
    WriteTransaction& transaction = **opened;
    Result<Head> head = transaction.head();
    if (!head) return all(head.error());
    Writer::Batch batch;
    batch.options = &options;
    batch.clock = clock;
    batch.edge = MerkleEdge(head->size, std::move(head->peaks));
    batch.head = *std::move(head);
    const HeadEntry before = batch.entry();
    for (Request* request : group)
        if (Result<void> done = change(transaction, batch, *request, group.size() == 1); !done)
            return all(done.error());
    if (batch.head.size == before.size) return;
    if (Result<void> done = commit(transaction, batch, before); !done) return all(done.error());
    if (key && batch.head.size >= checkpointed + options.checkpoint_every) {
        checkpointed = batch.head.size;
        worker->begin([this, now = checkpoint_of(batch.entry())] { return checkpoint(now); });
    }
}

Result<void> Journal::write(const std::function<Result<void>(Writer&)>& change) {
    QY_ASSERT(!is_leading);  // a change must not write again: it is inside the transaction already
    return state_->writers.write(change, [state = state_.get()](const State::Writers::Requests& group) {
        is_leading = true;
        state->run(group);
        is_leading = false;
    });
}

Result<void> Journal::append(std::vector<facts::Fact> facts) {
    return write([&](Writer& writer) -> Result<void> {
        for (facts::Fact& fact : facts) TRY(writer.append(std::move(fact)));
        return {};
    });
}

Result<void> Journal::read(const std::function<Result<void>(const Reader&)>& look) const {
    const std::unique_ptr<ReadTransaction> transaction = TRY(state_->store->read(state_->options.name));
    return look(Reader(*transaction));
}

// --- opening

/// Every checkpoint one knows must lie on this journal; `from` becomes the size of the largest.
Result<void> Journal::State::check_known(WriteTransaction& transaction, const Head& head,
                                         std::uint64_t& from) {
    std::vector<std::filesystem::path> places = options.known;
    if (!options.checkpoints.empty()) places.push_back(options.checkpoints);
    for (const std::filesystem::path& place : places) {
        for (const Checkpoint& known : TRY(load_checkpoints(place, options.origin))) {
            const std::string where = fmt::format("{}: checkpoint of {} facts", place.string(), known.size);
            if (known.size > head.size)
                return Error{ErrorCode::replayed_journal,
                             fmt::format("the journal holds {} facts: it is an older copy", head.size),
                             where,
                             {},
                             "restore the newest copy of the database and of journal.head"};
            const MerkleEdge edge = TRY(tree::edge_at(transaction, known.size));
            const Digest chain = known.size == 0 ? sm3(options.origin) : TRY(transaction.chain(known.size));
            if (edge.root() != known.root || chain != known.chain)
                return Error{ErrorCode::chain_broken,
                             "the journal is not the one that was signed",
                             where,
                             {},
                             "run `qingyuan journal verify`"};
            from = std::max(from, known.size);
        }
    }
    return {};
}

/// Recomputes chain and tree behind the last known checkpoint.
Result<void> Journal::State::check_tail(WriteTransaction& transaction, const Writer::Batch& batch,
                                        std::uint64_t from) {
    MerkleEdge edge = TRY(tree::edge_at(transaction, from));
    Digest chain = from == 0 ? sm3(options.origin) : TRY(transaction.chain(from));
    std::uint64_t seq = from;
    const auto wrong = [](std::uint64_t at, std::string_view why) {
        return Error{ErrorCode::chain_broken,
                     std::string(why),
                     fmt::format("fact {}", at),
                     {},
                     "run `qingyuan journal verify`"};
    };
    CHECK(transaction.scan_stored(from + 1, batch.head.size + 1, [&](const StoredView& fact) -> Result<void> {
        if (fact.seq != ++seq) return wrong(seq, "the fact is missing");
        chain = next_chain(chain, fact.record);
        if (fact.chain != bytes_of(chain)) return wrong(seq, "the stored chain does not fit the record");
        edge.add(merkle_leaf(fact.record));
        return {};
    }));
    if (seq != batch.head.size) return wrong(seq + 1, "the fact is missing");
    if (chain != batch.head.chain || edge.peaks() != batch.edge.peaks())
        return wrong(seq, "the facts do not end in the stored head");
    return {};
}

/// The head reached the disk and the database did not: its records are appended again.
Result<void> Journal::State::complete(WriteTransaction& transaction, Writer::Batch& batch,
                                      const HeadEntry& entry) {
    for (const Bytes& record : entry.records) {
        const facts::Recorded fact = TRY(facts::decode(record));
        if (fact.seq != batch.head.size + 1)
            return Error{ErrorCode::acknowledged_missing, "the head's records do not follow the journal",
                         "journal.head"};
        CHECK(take_in(transaction, batch, fact, record));
    }
    if (batch.head.chain != entry.chain || batch.edge.root() != entry.root)
        return Error{ErrorCode::acknowledged_missing, "the head's records lead to another chain",
                     "journal.head"};
    return {};
}

Result<void> Journal::State::settle(WriteTransaction& transaction, Writer::Batch& batch) {
    std::uint64_t from = 0;
    CHECK(check_known(transaction, batch.head, from));
    CHECK(check_tail(transaction, batch, from));
    checkpointed = from;
    if (!head_file) return {};
    const std::uint64_t size = batch.head.size;
    Result<std::optional<HeadEntry>> found = head_file->read();
    if (!found && !(options.adopt && found.error().code == ErrorCode::acknowledged_missing))
        return found.error();
    const std::optional<HeadEntry> entry = found ? *std::move(found) : std::optional<HeadEntry>();
    const auto missing = [](std::string message) {
        return Error{ErrorCode::acknowledged_missing,
                     std::move(message),
                     "journal.head",
                     {},
                     "restore the newest copy of the database together with journal.head"};
    };
    if (!entry) {
        if (size == 0 || store->is_shared() || options.adopt) return {};
        return missing(fmt::format("it was never written, but the database holds {} facts", size));
    }
    if (entry->size > size) {
        if (entry->records.empty() || entry->size - entry->records.size() != size)
            return missing(
                fmt::format("{} facts were acknowledged, the database holds {}", entry->size, size));
        return complete(transaction, batch, *entry);
    }
    const Digest chain = entry->size == 0 ? sm3(options.origin) : TRY(transaction.chain(entry->size));
    if (chain != entry->chain)
        return Error{ErrorCode::chain_broken,
                     "it is not the fact that was acknowledged",
                     fmt::format("fact {}", entry->size),
                     {},
                     "run `qingyuan journal verify`"};
    return {};
}

Result<std::unique_ptr<Journal>> Journal::open(Store& store, const Clock& clock, Options options) {
    QY_ASSERT(!options.origin.empty() && options.origin.find('\n') == std::string::npos);
    std::vector<facts::RowType> types;
    for (const Fold& fold : options.folds) types.insert(types.end(), fold.types.begin(), fold.types.end());
    types.insert(types.end(), options.working.begin(), options.working.end());
    CHECK(store.prepare(options.name, options.origin, types));
    auto state = std::make_unique<State>(store, clock, with_places(std::move(options)));
    if (!state->options.head.empty())
        state->head_file.emplace(TRY(HeadFile::open(state->options.head, state->options.origin)));
    if (!state->options.checkpoints.empty() && !state->options.key.empty()) {
        std::error_code status;
        std::filesystem::create_directories(state->options.checkpoints, status);
        state->key = TRY(SigningKey::load_or_create(state->options.key));
    }
    state->worker.emplace();
    bool stale = false;
    {
        const std::unique_ptr<WriteTransaction> transaction = TRY(store.write(state->options.name));
        Writer::Batch batch;
        batch.options = &state->options;
        batch.clock = &clock;
        batch.head = TRY(transaction->head());
        batch.edge = MerkleEdge(batch.head.size, batch.head.peaks);
        const HeadEntry before = batch.entry();
        stale = batch.head.folded != batch.head.size;
        batch.folding = !stale;
        CHECK(state->settle(*transaction, batch));
        if (batch.head.size != before.size) {
            CHECK(state->commit(*transaction, batch, before));
        } else if (state->head_file) {
            CHECK(state->head_file->write(before, store.is_shared(), state->options.sync_head));
        }
    }
    if (stale) TRY(rebuild(store, state->options));
    return std::make_unique<Journal>(std::move(state));
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}

Journal::~Journal() {
    // At a clean close the last checkpoint covers everything; a failure costs only a longer look at the next
    // start. One that only read writes nothing.
    if (!state_->key || state_->broken) return;
    if (const Result<Checkpoint> now = checkpoint(); now && now->size > state_->checkpointed)
        (void)write_checkpoint();
}

// --- checkpoints

Result<void> Journal::State::checkpoint(const Checkpoint& checkpoint) {
    const std::string text = TRY(signed_text(checkpoint, *key));
    return replace_file(options.checkpoints / (options.name + ".checkpoint"), text);
}

Result<Checkpoint> Journal::checkpoint() const {
    const std::unique_ptr<ReadTransaction> transaction = TRY(state_->store->read(state_->options.name));
    Head head = TRY(transaction->head());
    const MerkleEdge edge(head.size, std::move(head.peaks));
    return Checkpoint{head.origin, head.size, edge.root(), head.chain, head.at};
}

Result<std::string> Journal::write_checkpoint() {
    if (!state_->key)
        return Error{ErrorCode::usage, "this journal was opened without a place for checkpoints"};
    const Checkpoint now = TRY(checkpoint());
    state_->worker->begin([this, now] { return state_->checkpoint(now); });
    CHECK(state_->worker->finish());
    return signed_text(now, *state_->key);
}

Result<void> cross_record(Journal& facts_journal, Journal& access_journal) {
    const auto note = [](Journal& into, const Journal& of, const char* name) -> Result<void> {
        const Checkpoint seen = TRY(of.checkpoint());
        return into.write([&](Writer& writer) -> Result<void> {
            facts::CheckpointSeen payload{name, static_cast<std::int64_t>(seen.size),
                                          Bytes(bytes_of(seen.root))};
            TRY(writer.append({writer.now().date(), {}, "system", 0, std::move(payload)}));
            return {};
        });
    };
    CHECK(note(access_journal, facts_journal, "facts"));
    return note(facts_journal, access_journal, "access");
}

}  // namespace qingyuan::journal
