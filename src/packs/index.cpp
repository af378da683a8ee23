#include "packs/index.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "packs/index_state.hpp"

namespace qingyuan::packs {

Error table_broken(std::string_view what) {
    return Error{ErrorCode::store_corrupt,
                 fmt::format("the pack index cannot be read: {}", what),
                 {},
                 {},
                 "`qingyuan packs rebuild` makes it anew from the raw batches"};
}

std::string encode_operator(const Operator& value) {
    std::string out;
    out += static_cast<char>(static_cast<unsigned>(value.type) | (value.registered ? 128u : 0u));
    for (const std::string* text :
         {&value.id, &value.headquarters, &value.region, &value.scopes, &value.name})
        put_text(out, *text);
    put_signed(out, value.licence_from_ms);
    put_signed(out, value.licence_to_ms);
    if (value.capacity != 0) put_signed(out, value.capacity);
    return out;
}

bool decode(std::string_view bytes, Operator& out) {
    Taking in{bytes};
    const std::uint8_t type = in.byte();
    out.type = static_cast<OperatorType>(type & 127);
    out.registered = (type & 128) != 0;
    for (std::string* text : {&out.id, &out.headquarters, &out.region, &out.scopes, &out.name})
        *text = in.text();
    out.licence_from_ms = in.signed_number();
    out.licence_to_ms = in.signed_number();
    if (!in.rest.empty()) out.capacity = in.signed_number();
    return in.ok && static_cast<std::size_t>(out.type) < operator_types.size();
}

std::string encode_product(const Product& value) {
    std::string out;
    put_number(out, value.code);
    for (const std::string* text : {&value.holder, &value.class_word, &value.name}) put_text(out, *text);
    put_signed(out, value.approved_from_ms);
    put_signed(out, value.approved_to_ms);
    return out;
}

bool decode(std::string_view bytes, Product& out) {
    Taking in{bytes};
    out.code = in.number();
    for (std::string* text : {&out.holder, &out.class_word, &out.name}) *text = in.text();
    out.approved_from_ms = in.signed_number();
    out.approved_to_ms = in.signed_number();
    return in.ok;
}

std::string encode_batch(const Batch& value) {
    std::string out;
    put_text(out, value.id);
    put_number(out, value.product);
    put_text(out, value.holder);
    for (const std::int64_t ms : {value.produced_ms, value.expires_ms, value.recalled_ms})
        put_signed(out, ms);
    return out;
}

bool decode(std::string_view bytes, Batch& out) {
    Taking in{bytes};
    out.id = in.text();
    out.product = in.number();
    out.holder = in.text();
    for (std::int64_t* ms : {&out.produced_ms, &out.expires_ms, &out.recalled_ms}) *ms = in.signed_number();
    return in.ok;
}

std::string encode_document(const Document& value) {
    std::string out;
    for (const std::uint32_t number : {value.seller, value.buyer, value.batch}) put_number(out, number);
    put_signed(out, value.quantity);
    return out;
}

bool decode(std::string_view bytes, Document& out) {
    Taking in{bytes};
    for (std::uint32_t* number : {&out.seller, &out.buyer, &out.batch})
        *number = static_cast<std::uint32_t>(in.number());
    out.quantity = in.signed_number();
    return in.ok;
}

std::string encode_versions(const std::vector<RelationVersion>& versions) {
    std::string out;
    for (const RelationVersion& one : versions) {
        put_number(out, one.seq);
        put_signed(out, one.to_ms);
    }
    return out;
}

std::vector<RelationVersion> decode_versions(std::string_view value) {
    std::vector<RelationVersion> out;
    for (Taking in{value}; !in.rest.empty();) {
        RelationVersion one;
        one.seq = in.number();
        one.to_ms = in.signed_number();
        if (!in.ok) break;
        out.push_back(one);
    }
    return out;
}

std::optional<std::int64_t> relation_end(std::string_view value, std::uint64_t seq) {
    std::optional<std::int64_t> out;
    for (const RelationVersion& one : decode_versions(value))
        if (one.seq <= seq) out = one.to_ms;
    return out;
}

Index::Index(std::unique_ptr<Store> store, IndexOptions options)
    : store_(std::move(store)), options_(options) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(std::unique_ptr<Store> store, IndexOptions options) {
    std::unique_ptr<Index> index(new Index(std::move(store), options));  // NOLINT: private constructor
    CHECK(index->load_meta());
    CHECK(index->load_tables());
    return index;
}

Result<void> Index::load_meta() {
    stats_ = {};
    if (const auto grace = TRY(store_->get(Space::meta, "grace", "")))
        for (Taking in{*grace}; !in.rest.empty() && in.ok;) grace_.push_back(in.signed_number());
    const auto state = TRY(store_->get(Space::meta, "state", ""));
    if (!state) return {};
    Taking in{*state};
    stats_.applied = in.number();
    stats_.batches = in.number();
    stats_.events = in.number();
    stats_.relations = in.number();
    stats_.waiting = in.number();
    stats_.findings_open = in.number();
    stats_.conflicts = in.number();
    latest_ms_ = in.signed_number();
    late_ = in.number();
    judged_version_ = in.text();
    if (!in.ok) return table_broken("its state");
    return {};
}

void Index::write_meta(WriteSet& set) const {
    std::string state;
    for (const std::uint64_t number : {stats_.applied, stats_.batches, stats_.events, stats_.relations,
                                       stats_.waiting, stats_.findings_open, stats_.conflicts})
        put_number(state, number);
    put_signed(state, latest_ms_);
    put_number(state, late_);
    put_text(state, judged_version_);
    set.put(Space::meta, "state", "", std::move(state));
}

Result<void> Index::load_tables() {
    reference_ = {};
    bool ok = true;
    std::uint64_t expected = 1;
    // Numbers are given in the order of arrival, and stand as keys: reading in key order gives them again.
    CHECK(store_->scan(Space::operators, "", "",
                       [&](std::string_view group, std::string_view, std::string_view value) {
                           Operator one;
                           ok = ok && decode(value, one) && from_big(group) == expected++;
                           reference_.put(std::move(one));
                           return ok;
                       }));
    expected = 1;
    CHECK(store_->scan(Space::batches, "", "",
                       [&](std::string_view group, std::string_view, std::string_view value) {
                           Batch one;
                           ok = ok && decode(value, one) && from_big(group) == expected++;
                           reference_.put(std::move(one));
                           return ok;
                       }));
    CHECK(store_->scan(Space::products, "", "",
                       [&](std::string_view, std::string_view, std::string_view value) {
                           Product one;
                           ok = ok && decode(value, one);
                           reference_.put(std::move(one));
                           return ok;
                       }));
    reference_.link();
    CHECK(store_->scan(Space::names, "p", "q",
                       [&](std::string_view, std::string_view rest, std::string_view value) {
                           Taking in{value};
                           const auto digits = static_cast<std::uint32_t>(in.number());
                           names_.restore(static_cast<std::uint32_t>(from_big(rest)), in.text(), digits);
                           return ok = ok && in.ok;
                       }));
    CHECK(store_->scan(Space::names, "c", "d",
                       [&](std::string_view, std::string_view rest, std::string_view value) {
                           corrected_.emplace(from_big(rest), Taking{value}.number());
                           note_corrected(from_big(rest));
                           return true;
                       }));
    std::string last;
    CHECK(store_->scan(Space::children, "", "",
                       [&](std::string_view group, std::string_view, std::string_view value) {
                           // A batch that was cut off comes again, and meets its parents as new ones then.
                           if (group != last && Taking{value}.number() <= stats_.applied)
                               parents_.insert(parse_code_key(last = std::string(group)).value);
                           return true;
                       }));
    if (!ok) return table_broken("a reference table");
    return {};
}

bool Index::name_before(Name a, Name b) {
    if (((a | b) & hashed_name) == 0 && a >> 48 == b >> 48) return a < b;
    return text_of(a) < text_of(b);
}

std::string Index::text_of(Name name) {
    if (name == 0) return {};
    if ((name & hashed_name) == 0) return names_.text_of(name);
    const auto text = store_->get(Space::names, "t", big(name));
    return text && *text ? **text : std::string();
}

std::string Index::text_of(PackCode code) {
    if (code.kind() == CodeKind::document) return text_of(static_cast<Name>(code.value));
    if (!code.is_hashed()) return code.text();
    const auto text = store_->get(Space::names, "k", code_key(code));
    return text && *text ? **text : std::string();
}

HistoryWorld Index::world() {
    HistoryWorld out;
    out.any_corrections = !corrected_.empty();
    out.corrected_bits = corrected_bits_;
    out.corrected = [this](Name id, std::uint64_t seq) {
        const auto at = corrected_.find(id);
        return at != corrected_.end() && at->second <= seq;
    };
    out.before = [this](Name a, Name b) { return name_before(a, b); };
    out.look_up = [this](PackCode code, std::uint64_t seq, std::vector<Event>& events,
                         std::vector<Relation>& relations) {
        if (!raw(code, seq, events, relations)) events.clear();
    };
    out.skew_ms = options_.judge ? options_.judge->skew_ms() : 0;
    return out;
}

Result<void> Index::raw(PackCode code, std::uint64_t seq, std::vector<Event>& events,
                        std::vector<Relation>& relations) {
    const std::string group = group_key(code.group());
    Result<void> read;
    CHECK(store_->visit(Space::runs, std::span(&group, 1),
                        [&](std::size_t, std::string_view rest, std::string_view value) {
                            const std::uint64_t from = from_big(rest.substr(0, 8));
                            if (from > seq) return true;
                            read = decode_run(code.group(), value, from, events, &code);
                            return read.has_value();
                        }));
    CHECK(std::move(read));
    const std::string key = code_key(code);
    return store_->visit(
        Space::relations, std::span(&group, 1),
        [&](std::size_t, std::string_view rest, std::string_view value) {
            if (!rest.starts_with(key)) return true;
            if (const auto to_ms = relation_end(value, seq))
                relations.push_back({code, parse_code_key(rest.substr(16, 16)),
                                     static_cast<std::int64_t>(from_big(rest.substr(32, 8))), *to_ms});
            return true;
        });
}

Result<Index::History> Index::history(PackCode code) {
    History out;
    std::vector<Event> events;
    CHECK(raw(code, UINT64_MAX, events, out.relations));
    const auto held = hold();
    const HistoryWorld asked = world();
    Assembly assembly(asked);
    std::vector<const Event*> own, ordered;
    for (const Event& event : events) own.push_back(&event);
    assembly.history(code, own, out.relations, UINT64_MAX, ordered);
    for (const Event* event : ordered) out.events.push_back(*event);
    for (const Event& event : events)
        if (std::none_of(ordered.begin(), ordered.end(), [&](const Event* kept) {
                return kept == &event || (kept->id == event.id && same_content(*kept, event));
            }))
            out.superseded.push_back(event);
    return out;
}

Result<void> Index::each_history(std::uint64_t product,
                                 const std::function<void(std::span<const Event* const>)>& each) {
    const auto held = hold();
    const HistoryWorld asked = world();
    Assembly assembly(asked);
    std::vector<Event> events;
    std::vector<const Event*> own, ordered;
    Wide group = 0;
    const auto flush = [&]() -> Result<void> {
        std::stable_sort(events.begin(), events.end(),
                         [](const Event& a, const Event& b) { return a.code < b.code; });
        for (std::size_t from = 0; from < events.size();) {
            own.clear();
            std::size_t to = from;
            for (; to < events.size() && events[to].code == events[from].code; ++to)
                own.push_back(&events[to]);
            const PackCode code = events[from].code;
            from = to;
            if (code.product() != product || parents_.contains(code.value)) continue;
            std::vector<Event> unused;
            std::vector<Relation> relations;
            if (!parents_.empty()) CHECK(raw(code, UINT64_MAX, unused, relations));
            assembly.begin();
            assembly.history(code, own, relations, UINT64_MAX, ordered);
            each(ordered);
        }
        events.clear();
        return {};
    };
    Result<void> read;
    for (const CodeKind kind : {CodeKind::national, CodeKind::gs1}) {
        const CodeRange range = codes_of_product(kind, product);
        CHECK(store_->scan(Space::runs, group_key(range.first.group()), group_key(range.behind.group()),
                           [&](std::string_view key, std::string_view rest, std::string_view value) {
                               const Wide next = parse_group_key(key);
                               if (next != group) read = flush();
                               group = next;
                               if (read) read = decode_run(group, value, from_big(rest.substr(0, 8)), events);
                               return read.has_value();
                           }));
        CHECK(std::move(read));
        CHECK(flush());
    }
    return {};
}

Result<std::vector<Finding>> Index::findings(PackCode code) {
    std::vector<Finding> out;
    const std::string group = finding_group(code), key = code_key(code);
    Result<void> read;
    CHECK(store_->visit(Space::findings, std::span(&group, 1),
                        [&](std::size_t, std::string_view rest, std::string_view value) {
                            if (!rest.starts_with(key)) return true;
                            auto one = decode_finding(group, rest, value);
                            if (one)
                                out.push_back(std::move(*one));
                            else
                                read = std::move(one).error();
                            return read.has_value();
                        }));
    CHECK(std::move(read));
    return out;
}

Result<void> Index::each_finding(const EachFinding& each) {
    Result<void> read;
    CHECK(store_->scan(Space::findings, "", "",
                       [&](std::string_view group, std::string_view rest, std::string_view value) {
                           auto one = decode_finding(group, rest, value);
                           if (!one) {
                               read = std::move(one).error();
                               return false;
                           }
                           return each(*one);
                       }));
    return read;
}

Result<std::vector<PackCode>> Index::children(PackCode parent) {
    std::vector<PackCode> out;
    const std::string group = code_key(parent);
    CHECK(store_->visit(Space::children, std::span(&group, 1),
                        [&](std::size_t, std::string_view rest, std::string_view) {
                            const PackCode child = parse_code_key(rest.substr(0, 16));
                            if (out.empty() || out.back() != child) out.push_back(child);
                            return true;
                        }));
    return out;
}

Result<std::vector<std::pair<std::uint64_t, std::int64_t>>> Index::tally(TallyKind kind, std::uint64_t a) {
    std::vector<std::pair<std::uint64_t, std::int64_t>> out;
    const std::string group = tally_group(kind, a);
    CHECK(store_->visit(Space::tallies, std::span(&group, 1),
                        [&](std::size_t, std::string_view rest, std::string_view value) {
                            if (const std::int64_t sum = tally_value(value); sum != 0)
                                out.emplace_back(tally_number(rest), sum);
                            return true;
                        }));
    return out;
}

Result<void> Index::each_tally(TallyKind kind,
                               const std::function<bool(std::uint64_t, std::uint64_t, std::int64_t)>& each) {
    const std::string from(1, static_cast<char>(kind)),
        behind(1, static_cast<char>(static_cast<int>(kind) + 1));
    return store_->scan(Space::tallies, from, behind,
                        [&](std::string_view group, std::string_view rest, std::string_view value) {
                            const std::int64_t sum = tally_value(value);
                            return sum == 0 || each(tally_number(group.substr(1)), tally_number(rest), sum);
                        });
}

Result<std::optional<Document>> Index::document(Name id) {
    const auto value = TRY(store_->get(Space::documents, big(id), ""));
    if (!value) return std::optional<Document>();
    Document out{.id = id};
    if (!decode(*value, out)) return table_broken("a document");
    return std::optional(out);
}

Result<std::vector<std::pair<std::string, std::string>>> Index::side(std::string_view table) {
    std::vector<std::pair<std::string, std::string>> out;
    const std::string group = "s" + std::string(table);
    CHECK(store_->visit(Space::names, std::span(&group, 1),
                        [&](std::size_t, std::string_view rest, std::string_view value) {
                            out.emplace_back(rest, value);
                            return true;
                        }));
    return out;
}

Result<std::optional<std::string>> Index::side_value(std::string_view table, std::string_view key) {
    return store_->get(Space::names, "s" + std::string(table), key);
}

Result<std::vector<Waiting>> Index::waiting(std::size_t at_most) {
    std::vector<Waiting> out;
    CHECK(store_->scan(Space::quarantine, "", "",
                       [&](std::string_view group, std::string_view rest, std::string_view value) {
                           Taking in{value};
                           Waiting row{from_big(group), from_big(rest), {}, {}, {}};
                           row.reason = in.text();
                           row.columns = in.text();
                           row.line = in.text();
                           out.push_back(std::move(row));
                           return out.size() < at_most;
                       }));
    return out;
}

Result<Stats> Index::stats() {
    const auto held = hold();
    Stats out = stats_;
    out.bytes = TRY(store_->bytes());
    out.operators = reference_.operators();
    out.products = static_cast<std::uint32_t>(reference_.products().size());
    out.batches_known = reference_.batches();
    out.engine = store_->engine();
    return out;
}

Result<Stats> Index::verify(const Progress& progress) {
    std::map<std::uint64_t, Applied> met;
    Result<void> read;
    std::vector<Event> events;
    std::uint64_t done = 0;
    CHECK(store_->scan(Space::runs, "", "",
                       [&](std::string_view group, std::string_view rest, std::string_view value) {
                           const std::uint64_t seq = from_big(rest.substr(0, 8));
                           events.clear();
                           read = decode_run(parse_group_key(group), value, seq, events);
                           if (!read) return false;
                           Applied& sum = met[seq];
                           sum.events += events.size();
                           for (const Event& event : events) sum.checksum += mark_of(event);
                           if (progress && (done += events.size()) % 65'536 < events.size())
                               progress(done, stats_.events);
                           return true;
                       }));
    CHECK(std::move(read));
    Result<void> compared;
    std::uint64_t batches = 0;
    CHECK(store_->scan(
        Space::meta, "batch", "batci", [&](std::string_view, std::string_view rest, std::string_view value) {
            Taking in{value};
            const std::uint64_t seq = from_big(rest);
            const std::uint64_t count = in.number();
            in.number();
            in.number();
            const std::uint64_t checksum = in.number();
            const Applied& found = met[seq];
            ++batches;
            if (in.ok && found.events == count && found.checksum == checksum) return true;
            compared = table_broken(fmt::format("batch {} has {} of {} events{}", seq, found.events, count,
                                                found.events == count ? ", but others" : ""));
            return false;
        }));
    CHECK(std::move(compared));
    if (batches != stats_.batches)
        return table_broken(fmt::format("{} of {} batches are listed", batches, stats_.batches));
    return stats();
}

Result<void> Index::clear() {
    const std::scoped_lock guard(tables_);
    CHECK(store_->clear());
    stats_ = {};
    latest_ms_ = INT64_MIN;
    judged_version_.clear();
    grace_.clear();
    fresh_.clear();
    corrected_.clear();
    corrected_bits_.assign(corrected_bits_.size(), 0);
    parents_.clear();
    reference_ = {};
    return {};
}

std::string Index::judged_version() {
    return judged_version_;
}

Result<std::vector<std::int64_t>> grace_by_operator(Index& index, const GraceOptions& options) {
    std::vector<std::int64_t> out(index.reference().operators() + 1, options.unknown_ms);
    std::vector<LagCounts> counts(out.size());
    CHECK(index.each_tally(TallyKind::lag, [&](std::uint64_t a, std::uint64_t b, std::int64_t sum) {
        if (a < counts.size() && b < lag_buckets) counts[a][b] += sum;
        return true;
    }));
    for (std::size_t number = 1; number < out.size(); ++number) {
        if (std::accumulate(counts[number].begin(), counts[number].end(), std::int64_t{0}) <
            options.events_min)
            continue;
        const auto wait = static_cast<std::int64_t>(
            options.factor * static_cast<double>(lag_at(counts[number], options.quantile)));
        out[number] = std::clamp(wait, options.floor_ms, options.cap_ms);
    }
    return out;
}

}  // namespace qingyuan::packs
