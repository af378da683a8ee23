// A batch on its way into the index: reference tables, then pieces of events, sorted and written by group.
#include <algorithm>
#include <thread>

#include "packs/index_state.hpp"

namespace qingyuan::packs {

namespace {

/// What the tables of a batch under way touch, beside the codes it names.
constexpr std::string_view touched_key = "touched";
constexpr std::size_t ahead = 32;  ///< events asked for before their turn

std::string from_of(const Relation& one) {
    return big(static_cast<std::uint64_t>(one.from_ms));
}
/// Its key behind its group.
std::string relation_rest(const Relation& one) {
    return code_key(one.child) + code_key(one.parent) + from_of(one);
}

}  // namespace

std::uint64_t Index::next_token() {
    return loading_->seq << token_bits | ++loading_->tokens;
}

/// For changes between two batches: they do not repeat, and come in order.
std::uint64_t Index::late_token() {
    return stats_.applied << token_bits | (late_tokens + ++late_);
}

std::uint64_t Index::mark_of(const Event& event) const {
    std::uint64_t x = mixed(static_cast<std::uint64_t>(event.code.value >> 64),
                            static_cast<std::uint64_t>(event.code.value));
    x = mixed(x, static_cast<std::uint64_t>(event.time_ms));
    x = mixed(x, static_cast<std::uint64_t>(event.uploaded_ms));
    x = mixed(x, names_.mark_of(event.id));
    x = mixed(x, names_.mark_of(event.document));
    x = mixed(x, reference_.operator_mark(event.actor) ^ reference_.operator_mark(event.counterparty) * 3);
    x = mixed(x, reference_.batch_mark(event.batch) + static_cast<std::uint64_t>(event.action) * 8 +
                     (event.flags & 7));
    if (event.has_extra()) {
        x = mixed(x, reference_.operator_mark(event.extra.owner) ^ names_.mark_of(event.extra.person) * 5);
        x = mixed(x, names_.mark_of(event.extra.prescription) ^ names_.mark_of(event.extra.corrects) * 7);
    }
    return x;
}

Result<void> Index::begin(std::uint64_t seq) {
    QY_ASSERT(seq > stats_.applied);
    loading_ = std::make_unique<Loading>();
    loading_->seq = seq;
    loading_->applied.seq = seq;
    loading_->first = stats_.events == 0;
    loading_->lags.resize((reference_.operators() + 1) * std::size_t{lag_buckets});
    // It was cut off before: its tables are known by now, and what they touched is still to be judged.
    if (const auto touched = TRY(store_->get(Space::meta, touched_key, big(seq)))) {
        Taking in{*touched};
        loading_->everything = in.number() != 0;
        while (in.ok && !in.rest.empty()) loading_->products.insert(in.number());
    }
    return {};
}

void Index::put(Operator value) {
    bool changed = false;
    const std::unique_lock guard(tables_);
    const std::string encoded = encode_operator(value);
    const std::uint32_t number = reference_.put(std::move(value), &changed);
    if (!changed) return;
    loading_->tables.put(Space::operators, big(number), "", encoded);
    loading_->everything = true;
}

void Index::put(Product value) {
    bool changed = false;
    const std::unique_lock guard(tables_);
    const std::uint64_t code = value.code;
    const std::string encoded = encode_product(value);
    reference_.put(std::move(value), &changed);
    if (!changed) return;
    loading_->tables.put(Space::products, big(code), "", encoded);
    loading_->products.insert(code);
}

void Index::put(Batch value) {
    bool changed = false;
    const std::unique_lock guard(tables_);
    const std::uint64_t product = value.product;
    const std::string encoded = encode_batch(value);
    const std::uint32_t number = reference_.put(std::move(value), &changed);
    if (!changed) return;
    loading_->tables.put(Space::batches, big(number), "", encoded);
    loading_->products.insert(product);
}

void Index::put(Document value) {
    loading_->fresh_documents.push_back(value.id);
    loading_->documents.push_back(value);
}

void Index::put_side(std::string_view table, std::string key, std::string value) {
    loading_->tables.put(Space::names, "s" + std::string(table), std::move(key), std::move(value));
}

std::uint32_t Index::unknown_batch(std::string_view id) {
    const std::scoped_lock guard(fresh_batches_);
    const auto [at, fresh] = loading_->batches.try_emplace(std::string(id), 0);
    if (fresh) {
        loading_->batch_order.emplace_back(id);
        at->second = reference_.batches() + static_cast<std::uint32_t>(loading_->batch_order.size());
    }
    return at->second;
}

void Index::hashed_code(PackCode code, std::string_view text) {
    const std::scoped_lock guard(texts_);
    loading_->texts.emplace_back(code_key(code), text);
}

Result<void> Index::publish() {
    {
        const std::unique_lock guard(tables_);
        reference_.link();
    }
    loading_->lags.resize((reference_.operators() + 1) * std::size_t{lag_buckets});
    if (loading_->everything || !loading_->products.empty()) {
        std::string touched;
        put_number(touched, loading_->everything ? 1 : 0);
        for (const std::uint64_t product : loading_->products) put_number(touched, product);
        loading_->tables.put(Space::meta, std::string(touched_key), big(loading_->seq), std::move(touched));
    }
    loading_->tables.token = next_token();
    CHECK(store_->write(loading_->tables));
    loading_->tables.changes.clear();
    return {};
}

Result<void> Index::write_names() {
    WriteSet set;
    Names::Fresh fresh = names_.take_fresh();
    for (auto& [number, prefix] : fresh.prefixes) {
        std::string value;
        put_number(value, prefix.digits);
        put_text(value, prefix.text);
        set.put(Space::names, "p", big(number), std::move(value));
    }
    for (auto& [name, text] : fresh.texts) set.put(Space::names, "t", big(name), std::move(text));
    {
        const std::scoped_lock guard(texts_);
        for (auto& [key, text] : loading_->texts) set.put(Space::names, "k", key, std::move(text));
        loading_->texts.clear();
    }
    {
        // Batches that only events name are entered where they were met; their numbers were given then.
        const std::unique_lock tables(tables_);
        const std::scoped_lock guard(fresh_batches_);
        for (const std::string& id : loading_->batch_order) {
            const std::uint32_t number = reference_.batch_of(id);
            QY_ASSERT(number == loading_->batches.at(id));
            set.put(Space::batches, big(number), "", encode_batch(reference_.batch_at(number)));
        }
        loading_->batch_order.clear();
        loading_->batches.clear();
    }
    // A batch that comes again finds its names known; the sets behind them are numbered as before.
    set.token = next_token();
    if (set.changes.empty()) return {};
    return store_->write(set);
}

Result<void> Index::flush_documents() {
    std::vector<Document>& documents = loading_->documents;
    std::stable_sort(documents.begin(), documents.end(),
                     [](const auto& a, const auto& b) { return a.id < b.id; });
    // Of several with one id the last stands.
    std::size_t kept = 0;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        if (kept > 0 && documents[kept - 1].id == documents[i].id) --kept;
        documents[kept++] = documents[i];
    }
    documents.resize(kept);
    if (documents.empty()) return {};
    std::size_t at = 0;
    CHECK(store_->ingest(Space::documents, next_token(), [&](Entry& next) {
        if (at == documents.size()) return false;
        next = {big(documents[at].id), {}, encode_document(documents[at])};
        ++at;
        return true;
    }));
    documents.clear();
    return {};
}

void Index::note_lags(const std::vector<Event>& events) {
    for (const Event& event : events)
        ++loading_
              ->lags[event.actor * std::size_t{lag_buckets} + lag_bucket(event.uploaded_ms - event.time_ms)];
}

Result<void> Index::ingest_runs(std::span<const Piece> parts, std::uint64_t piece) {
    std::size_t count = 0;
    for (const Piece& part : parts) count += part.events.size();
    if (count == 0) return {};
    std::vector<SortKey>& keys = loading_->keys;
    keys.resize(count);
    std::size_t filled = 0;
    for (const Piece& part : parts)
        for (const Event& event : part.events)
            keys[filled++] = {event.code.value, event.time_ms, event.id, &event};
    const std::size_t half = options_.threads > 1 && count > 50'000 ? count / 2 : count;
    const auto sort = [&](std::size_t from, std::size_t to) {
        std::uint64_t sum = 0;
        for (std::size_t i = from; i < to; ++i) sum += mark_of(*keys[i].event);
        std::sort(keys.begin() + static_cast<std::ptrdiff_t>(from),
                  keys.begin() + static_cast<std::ptrdiff_t>(to));
        return sum;
    };
    std::uint64_t second = 0;
    std::thread other;
    if (half < count) other = std::thread([&] { second = sort(half, count); });
    const std::uint64_t first = sort(0, half);
    if (other.joinable()) other.join();
    std::inplace_merge(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(half), keys.end());
    loading_->applied.checksum += first + second;
    loading_->applied.events += count;
    const std::string rest = big(loading_->seq) + big(piece);
    std::size_t at = 0;
    std::vector<const Event*> run;
    const auto next_run = [&](Entry& next) {
        if (at == count) return false;
        const Wide group = PackCode{keys[at].code}.group();
        run.clear();
        for (; at < count && PackCode{keys[at].code}.group() == group; ++at) {
            // The events lie where the file had them; waiting for each took longer than writing it.
            const Event* soon = keys[std::min(at + ahead, count - 1)].event;
            __builtin_prefetch(soon);
            __builtin_prefetch(reinterpret_cast<const char*>(soon) + 64);
            run.push_back(keys[at].event);
        }
        next = {group_key(group), rest, encode_run(run)};
        loading_->groups.push_back(group);
        return true;
    };
    if (count > 20'000) {
        CHECK(store_->ingest(Space::runs, next_token(), next_run));
        // One for each run of each piece would be a gigabyte for a milliard events.
        if (loading_->groups.size() > loading_->groups_max) {
            make_unique(loading_->groups);
            loading_->groups_max = std::max(loading_->groups_max, 2 * loading_->groups.size());
        }
        return {};
    }
    WriteSet set;
    set.token = next_token();
    Entry entry;
    while (next_run(entry)) set.put(Space::runs, entry.group, entry.rest, std::move(entry.value));
    return store_->write(set);
}

Result<void> Index::ingest_relations(std::vector<Relation>& relations) {
    if (relations.empty()) return {};
    for (const Relation& relation : relations) {
        loading_->codes.insert(relation.child.value);
        // What was judged as a pack until now turns out to hold packs: its share and findings go.
        if (parents_.insert(relation.parent.value).second) {
            loading_->codes.insert(relation.parent.value);
            loading_->parents_touched.insert(relation.parent.value);
        }
    }
    loading_->applied.relations += relations.size();
    std::sort(relations.begin(), relations.end());
    relations.erase(std::unique(relations.begin(), relations.end(),
                                [](const Relation& a, const Relation& b) {
                                    return a.child == b.child && a.parent == b.parent &&
                                           a.from_ms == b.from_ms;
                                }),
                    relations.end());
    // What earlier batches said of them; what this one said before it was cut off is said again.
    std::map<std::string, std::vector<RelationVersion>> known;
    if (!loading_->first) {
        std::vector<std::string> groups;
        for (const Relation& relation : relations) groups.push_back(group_key(relation.child.group()));
        std::sort(groups.begin(), groups.end());
        groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
        CHECK(store_->visit(
            Space::relations, groups, [&](std::size_t, std::string_view rest, std::string_view value) {
                auto versions = decode_versions(value);
                std::erase_if(versions, [&](const RelationVersion& one) { return one.seq >= loading_->seq; });
                if (!versions.empty()) known.emplace(rest, std::move(versions));
                return true;
            }));
        std::erase_if(relations, [&](const Relation& one) {
            const auto at = known.find(relation_rest(one));
            return at != known.end() && at->second.back().to_ms == one.to_ms;
        });
    }
    CHECK(write_relations(relations, known));
    // A parent has a child but once, however often its end is told anew.
    std::erase_if(relations, [&](const Relation& one) { return known.contains(relation_rest(one)); });
    std::sort(relations.begin(), relations.end(), [](const Relation& a, const Relation& b) {
        return std::tie(a.parent, a.child, a.from_ms) < std::tie(b.parent, b.child, b.from_ms);
    });
    if (relations.empty()) return {};
    std::string seq;
    put_number(seq, loading_->seq);
    std::size_t at = 0;
    return store_->ingest(Space::children, next_token(), [&](Entry& next) {
        if (at == relations.size()) return false;
        const Relation& one = relations[at++];
        next = {code_key(one.parent), code_key(one.child) + from_of(one), seq};
        return true;
    });
}

/// Sorted and distinct, with what was known of them.
Result<void> Index::write_relations(const std::vector<Relation>& relations,
                                    const std::map<std::string, std::vector<RelationVersion>>& known) {
    if (relations.empty()) return {};
    std::size_t at = 0;
    return store_->ingest(Space::relations, next_token(), [&](Entry& next) {
        if (at == relations.size()) return false;
        const Relation& one = relations[at++];
        std::string rest = relation_rest(one);
        const auto before = known.find(rest);
        auto versions = before == known.end() ? std::vector<RelationVersion>() : before->second;
        versions.push_back({loading_->seq, one.to_ms});
        next = {group_key(one.child.group()), std::move(rest), encode_versions(versions)};
        return true;
    });
}

Result<void> Index::add(std::span<Piece> parts) {
    ++loading_->pieces;
    loading_->lags.resize((reference_.operators() + 1) * std::size_t{lag_buckets});
    CHECK(write_names());
    WriteSet corrections;
    for (Piece& part : parts) {
        note_lags(part.events);
        for (const Event& event : part.events) {
            latest_ms_ = std::max(latest_ms_, event.time_ms);
            if (event.extra.corrects == 0) continue;
            const std::unique_lock guard(tables_);
            const auto [first, is_new] = corrected_.emplace(event.extra.corrects, loading_->seq);
            // This batch's own, if it was cut off before, is met again as new.
            if (!is_new && first->second != loading_->seq) continue;
            note_corrected(event.extra.corrects);
            loading_->corrections.emplace(event.extra.corrects, event.code);
            std::string value;
            put_number(value, loading_->seq);
            corrections.put(Space::names, "c", big(event.extra.corrects), std::move(value));
        }
    }
    if (!corrections.changes.empty()) {
        corrections.token = next_token();
        CHECK(store_->write(corrections));
    }
    for (Piece& part : parts) {
        const std::unique_lock guard(tables_);
        CHECK(ingest_relations(part.relations));
    }
    CHECK(ingest_runs(parts, loading_->pieces));
    for (Piece& part : parts) {
        part.events.clear();
        part.relations.clear();
    }
    return {};
}

void Index::wait(Waiting row) {
    row.seq = loading_->seq;
    loading_->waiting.push_back(std::move(row));
}

Result<std::vector<Waiting>> Index::take_waiting() {
    std::vector<Waiting> rows;
    if (stats_.waiting == 0) return rows;
    rows = TRY(waiting(SIZE_MAX));
    for (const Waiting& row : rows) loading_->taken.push_back(big(row.seq) + big(row.row));
    return rows;
}

Result<Applied> Index::finish(std::int64_t now_ms, const Progress& progress) {
    Loading& loading = *loading_;
    CHECK(publish());
    CHECK(write_names());
    CHECK(flush_documents());
    CHECK(touch_children());
    bool whole = false;
    const Groups groups = groups_of_changes(whole);
    if (options_.judge) {
        CHECK(judge_parts(groups, whole, now_ms, progress));
        CHECK(resolve_corrections(now_ms));
        CHECK(judge_documents(now_ms));
    }
    WriteSet last;
    last.token = loading.seq << token_bits | late_tokens;
    for (std::uint32_t number = 1; number <= reference_.operators(); ++number)
        for (unsigned bucket = 0; bucket < lag_buckets; ++bucket)
            if (const std::int32_t count = loading.lags[number * std::size_t{lag_buckets} + bucket];
                count != 0) {
                const TallyKey key{TallyKind::lag, number, bucket};
                last.add(key.group(), key.rest(), count);
            }
    for (const std::string& key : loading.taken)
        last.erase(Space::quarantine, key.substr(0, 8), key.substr(8));
    for (const Waiting& row : loading.waiting) {
        std::string value;
        for (const std::string* text : {&row.reason, &row.columns, &row.line}) put_text(value, *text);
        last.put(Space::quarantine, big(row.seq), big(row.row), std::move(value));
    }
    loading.applied.pieces = loading.pieces;
    if (loading.everything || !loading.products.empty())
        last.erase(Space::meta, std::string(touched_key), big(loading.seq));
    std::string applied;
    for (const std::uint64_t number : {loading.applied.events, loading.applied.relations,
                                       loading.applied.pieces, loading.applied.checksum})
        put_number(applied, number);
    last.put(Space::meta, "batch", big(loading.seq), std::move(applied));
    CHECK(store_->scan(Space::meta, "part", "paru",
                       [&](std::string_view group, std::string_view rest, std::string_view) {
                           last.erase(Space::meta, std::string(group), std::string(rest));
                           return true;
                       }));
    stats_.applied = loading.seq;
    late_ = 0;
    ++stats_.batches;
    stats_.events += loading.applied.events;
    stats_.relations += loading.applied.relations;
    stats_.waiting += loading.waiting.size() - std::min<std::uint64_t>(loading.taken.size(), stats_.waiting);
    stats_.conflicts =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(stats_.conflicts) + loading.conflicts);
    stats_.findings_open = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, static_cast<std::int64_t>(stats_.findings_open) + loading.findings_delta));
    if (loading.recount) {
        stats_.findings_open = 0;
        CHECK(
            store_->scan(Space::findings, "", "", [&](std::string_view, std::string_view, std::string_view) {
                ++stats_.findings_open;
                return true;
            }));
    }
    if (options_.judge && judged_version_.empty()) judged_version_ = options_.judge->version();
    write_meta(last);
    CHECK(store_->write(last));
    const Applied out = loading.applied;
    loading_.reset();
    return out;
}

}  // namespace qingyuan::packs
