// Judging what a batch touched: groups of codes in slices, each slice one write, by several threads.
#include <algorithm>
#include <condition_variable>
#include <thread>

#include "packs/index_state.hpp"

namespace qingyuan::packs {

namespace {

constexpr std::size_t groups_in_part =
    2048;  ///< at most; a small batch is cut finer, so that no thread idles
constexpr std::size_t groups_in_part_min = 32;
constexpr std::size_t documents_in_part = 4096;
constexpr std::size_t many_documents = 20'000;
constexpr std::uint64_t document_parts = std::uint64_t{1}
                                         << 21;  ///< parts of documents are numbered from here
constexpr std::uint64_t correction_parts = std::uint64_t{1} << 20;

std::string part_key(std::uint64_t seq, std::uint64_t number) {
    return big(seq) + big(number);
}

}  // namespace

/// What happened to a parent happened to what was in it: those are judged again, and what is in them.
Result<void> Index::touch_children() {
    if (parents_.empty()) return {};
    std::vector<Wide> open;
    // Only codes that this batch names; a parent whose children were packed anew touches them by the relation
    // itself.
    Result<void> read;
    make_unique(loading_->groups);
    std::vector<std::string> keys;
    for (const Wide group : loading_->groups) keys.push_back(group_key(group));
    std::vector<Event> events;
    for (const Wide parent : parents_) {
        const Wide group = PackCode{parent}.group();
        if (std::binary_search(loading_->groups.begin(), loading_->groups.end(), group) ||
            loading_->codes.contains(parent))
            open.push_back(parent);
    }
    make_unique(open);
    for (int depth = 0; depth < parents_deep_max && !open.empty(); ++depth) {
        std::vector<std::string> groups;
        for (const Wide parent : open) groups.push_back(code_key({parent}));
        std::vector<Wide> next;
        CHECK(
            store_->visit(Space::children, groups, [&](std::size_t, std::string_view rest, std::string_view) {
                const PackCode child = parse_code_key(rest.substr(0, 16));
                if (loading_->codes.insert(child.value).second && parents_.contains(child.value))
                    next.push_back(child.value);
                return true;
            }));
        make_unique(next);
        open.swap(next);
    }
    return read;
}

Index::Groups Index::groups_of_changes(bool& whole) {
    Loading& loading = *loading_;
    for (const Wide code : loading.codes) loading.groups.push_back(PackCode{code}.group());
    make_unique(loading.groups);
    // Changed reference tables concern codes that were there before.
    if (loading.first || (!loading.everything && loading.products.empty())) return loading.groups;
    whole = true;
    Groups out = loading.groups;
    const auto collect = [&](std::string_view from, std::string_view behind) {
        for (const Space space : {Space::runs, Space::relations})
            (void)!store_->scan(space, from, behind,
                                [&](std::string_view group, std::string_view, std::string_view) {
                                    const Wide value = parse_group_key(group);
                                    if (out.empty() || out.back() != value) out.push_back(value);
                                    return true;
                                });
    };
    if (loading.everything) {
        collect("", "");
    } else {
        for (const std::uint64_t product : loading.products)
            for (const CodeKind kind : {CodeKind::national, CodeKind::gs1}) {
                const CodeRange range = codes_of_product(kind, product);
                collect(group_key(range.first.group()), group_key(range.behind.group()));
            }
    }
    make_unique(out);
    return out;
}

Result<void> Index::judge_parts(const Groups& groups, bool whole, std::int64_t now_ms,
                                const Progress& progress) {
    // By the groups alone: a batch taken in again after a crash has to fall into the same parts.
    const std::size_t in_part = std::clamp(groups.size() / 8, groups_in_part_min, groups_in_part);
    const std::size_t parts = (groups.size() + in_part - 1) / in_part;
    std::atomic<std::size_t> next{0};
    std::mutex lock;
    std::condition_variable changed;
    std::size_t turn =
        0;  // parts are judged side by side and written one after another, as their tokens are numbered
    Result<void> failed;
    const HistoryWorld asked = world();
    const auto work = [&] {
        Part part(asked);
        part.now_ms = now_ms;
        part.seq = loading_->seq;
        part.whole = whole;
        part.sums = loading_->sums;
        for (std::size_t number; (number = next++) < parts;) {
            part.number = number;
            const std::size_t from = number * in_part, to = std::min(groups.size(), from + in_part);
            auto judged = judge_part(std::span(groups).subspan(from, to - from), part);
            std::unique_lock guard(lock);
            changed.wait(guard, [&] { return turn == number || !failed; });
            if (judged && failed) judged = write_part(part);
            if (!judged && failed) failed = std::move(judged);
            ++turn;
            changed.notify_all();
            if (!failed) return;
            if (progress) progress(turn, parts);
        }
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < options_.threads && i < parts; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    return failed;
}

Result<void> Index::judge_part(std::span<const Wide> groups, Part& part) {
    const std::string marker = part_key(part.seq, part.number);
    // Written before an interruption: judged again only for what later steps must know of it.
    part.done_before = TRY(store_->get(Space::meta, "part", marker)).has_value();
    std::vector<std::string> keys;
    keys.reserve(groups.size());
    for (const Wide group : groups) keys.push_back(group_key(group));
    part.old.clear();
    part.relations.clear();
    part.relations_before.clear();
    Result<void> read;
    if (stats_.findings_open > 0 || !loading_->first)
        CHECK(store_->visit(Space::findings, keys,
                            [&](std::size_t index, std::string_view rest, std::string_view value) {
                                auto one = decode_finding(keys[index], rest, value);
                                if (one)
                                    part.old[one->code.value].push_back(std::move(*one));
                                else
                                    read = std::move(one).error();
                                return read.has_value();
                            }));
    if (!parents_.empty())
        CHECK(store_->visit(Space::relations, keys,
                            [&](std::size_t, std::string_view rest, std::string_view value) {
                                const Wide child = parse_code_key(rest.substr(0, 16)).value;
                                Relation one{{child},
                                             parse_code_key(rest.substr(16, 16)),
                                             static_cast<std::int64_t>(from_big(rest.substr(32, 8)))};
                                if (const auto to_ms = relation_end(value, part.seq)) {
                                    one.to_ms = *to_ms;
                                    part.relations[child].push_back(one);
                                }
                                if (const auto to_ms = relation_end(value, part.seq - 1)) {
                                    one.to_ms = *to_ms;
                                    part.relations_before[child].push_back(one);
                                }
                                return true;
                            }));
    CHECK(std::move(read));
    std::size_t at = 0;  // groups before it are judged
    std::vector<Event>& events = part.events;
    events.clear();
    CHECK(store_->visit(Space::runs, keys,
                        [&](std::size_t index, std::string_view rest, std::string_view value) {
                            for (; at < index; ++at) {
                                read = judge_group(part, groups[at], events);
                                if (!read) return false;
                                events.clear();
                            }
                            const std::uint64_t seq = from_big(rest.substr(0, 8));
                            if (seq <= part.seq) read = decode_run(groups[index], value, seq, events);
                            return read.has_value();
                        }));
    CHECK(std::move(read));
    for (; at < groups.size(); ++at) {
        CHECK(judge_group(part, groups[at], events));
        events.clear();
    }
    part.set.put(Space::meta, "part", marker, "");
    return {};
}

Result<void> Index::write_part(Part& part) {
    part.tallies.each(
        [&](const TallyKey& key, std::int64_t sum) { part.set.add(key.group(), key.rest(), sum); });
    part.set.token = part.seq << token_bits | (judge_token + part.number);
    if (!loading_->sums) part.set.token = late_token();
    if (part.done_before)
        loading_->recount = true;
    else
        CHECK(store_->write(part.set));
    {
        const std::scoped_lock guard(loading_->parts);
        for (const auto& [name, last_ms] : part.documents) {
            const auto [at, fresh] = loading_->documents_touched.emplace(name, last_ms);
            if (!fresh) at->second = std::max(at->second, last_ms);
        }
        loading_->corrections_met.insert(part.corrections_met.begin(), part.corrections_met.end());
        if (!part.done_before) loading_->findings_delta += part.findings_delta;
        loading_->conflicts += part.conflicts;
        fresh_.insert(fresh_.end(), part.changed.begin(), part.changed.end());
    }
    part.changed.clear();
    part.set.changes.clear();
    part.tallies.clear();
    part.documents.clear();
    part.corrections_met.clear();
    part.findings_delta = 0;
    part.conflicts = 0;
    return {};
}

Result<void> Index::judge_group(Part& part, Wide group, std::vector<Event>& events) {
    part.assembly.begin();
    part.sorted.clear();
    for (const Event& event : events) part.sorted.push_back(&event);
    std::stable_sort(part.sorted.begin(), part.sorted.end(),
                     [](const Event* a, const Event* b) { return a->code < b->code; });
    // Codes without an event of their own, whose parents have some.
    std::vector<Wide> bare;
    for (auto at = part.relations.lower_bound(first_code_of(group));
         at != part.relations.end() && PackCode{at->first}.group() == group; ++at)
        bare.push_back(at->first);
    const std::span<const Event* const> all(part.sorted);
    std::size_t next_bare = 0;
    const auto touched_otherwise = [&](Wide code) {
        return part.named_only ? part.named.contains(code) : part.whole || loading_->codes.contains(code);
    };
    for (std::size_t from = 0; from < all.size();) {
        std::size_t to = from + 1;
        while (to < all.size() && all[to]->code == all[from]->code) ++to;
        const PackCode code = all[from]->code;
        for (; next_bare < bare.size() && bare[next_bare] <= code.value; ++next_bare)
            if (bare[next_bare] < code.value && touched_otherwise(bare[next_bare]))
                judge_code(part, {bare[next_bare]}, {}, true);
        const bool by_event = std::any_of(all.begin() + static_cast<std::ptrdiff_t>(from),
                                          all.begin() + static_cast<std::ptrdiff_t>(to),
                                          [&](const Event* event) { return event->seq == part.seq; });
        judge_code(part, code, all.subspan(from, to - from),
                   (by_event && !part.named_only) || touched_otherwise(code.value));
        from = to;
    }
    for (; next_bare < bare.size(); ++next_bare)
        if (touched_otherwise(bare[next_bare])) judge_code(part, {bare[next_bare]}, {}, true);
    return {};
}

void Index::judge_code(Part& part, PackCode code, std::span<const Event* const> own, bool touched) {
    if (!touched) return;
    const auto of_code = [&](const std::map<Wide, std::vector<Relation>>& all) {
        const auto at = all.empty() ? all.end() : all.find(code.value);
        return at == all.end() ? std::span<const Relation>() : std::span<const Relation>(at->second);
    };
    const std::span<const Relation> relations = of_code(part.relations),
                                    known = of_code(part.relations_before);
    bool earlier = !known.empty();
    for (const Event* event : own) earlier = earlier || event->seq < part.seq;
    part.fresh.clear();
    const bool parent = parents_.contains(code.value);
    part.now.clear();
    std::uint64_t counted = part.assembly.conflicts();
    if (!parent) part.assembly.history(code, own, relations, part.seq, part.now);
    if (part.sums) part.conflicts += static_cast<std::int64_t>(part.assembly.conflicts() - counted);
    if (!loading_->corrections.empty())
        for (const Event* event : own)
            if (loading_->corrections.contains(event->id)) part.corrections_met.push_back(event->id);
    if (part.sums) add_share(part.now, 1, part.tallies);
    if (earlier && part.sums) {
        // A code that turns out to be a parent had a share as if it were a pack.
        const bool was_parent = parent && !loading_->parents_touched.contains(code.value);
        part.before.clear();
        counted = part.assembly.conflicts();
        if (!was_parent) part.assembly.history(code, own, known, part.seq - 1, part.before);
        part.conflicts -= static_cast<std::int64_t>(part.assembly.conflicts() - counted);
        add_share(part.before, -1, part.tallies);
    }
    for (const std::vector<const Event*>* events : {&part.now, &part.before})
        for (const Event* event : *events)
            if (event->document != 0 &&
                (event->action == Action::ship || event->action == Action::return_out)) {
                std::int64_t& last = part.documents.try_emplace(event->document, INT64_MIN).first->second;
                last = std::max(last, event->time_ms);
            }
    part.before.clear();
    if (!part.now.empty()) options_.judge->judge(CodeHistory{code, part.now}, reference_, part.fresh);
    merge_findings(part, code, part.fresh);
}

void Index::merge_findings(Part& part, PackCode code, std::vector<Finding>& fresh) {
    const auto at = part.old.find(code.value);
    if (fresh.empty() && at == part.old.end()) return;
    static const std::vector<Finding> none;
    const std::vector<Finding>& old = at == part.old.end() ? none : at->second;
    for (Finding& one : fresh) {
        one.code = code;
        const auto same =
            std::find_if(old.begin(), old.end(), [&](const Finding& was) { return was.same_key(one); });
        keep_finding(part, one, same == old.end() ? nullptr : &*same);
    }
    for (const Finding& was : old) {
        if (std::any_of(fresh.begin(), fresh.end(), [&](const Finding& one) { return was.same_key(one); }))
            continue;
        if (was.status == FindingStatus::provisional) {
            part.set.erase(Space::findings, finding_group(code), finding_rest(was));
            --part.findings_delta;
        } else if (was.status == FindingStatus::confirmed) {
            Finding leaving = was;
            leaving.status = FindingStatus::leaving;
            leaving.seq = part.seq;
            part.set.put(Space::findings, finding_group(code), finding_rest(was), encode_finding(leaving));
            part.changed.push_back(leaving.code);
        }
    }
}

void Index::keep_finding(Part& part, Finding fresh, const Finding* old) {
    fresh.seq = part.seq;
    fresh.first_seen_ms = part.now_ms;
    if (old) {
        fresh.first_seen_ms = old->first_seen_ms;
        fresh.run = old->run;
        fresh.status = old->status == FindingStatus::leaving     ? FindingStatus::confirmed
                       : old->status == FindingStatus::withdrawn ? FindingStatus::provisional
                                                                 : old->status;
        Finding compared = fresh;
        compared.seq = old->seq;
        if (encode_finding(compared) == encode_finding(*old)) return;
    } else {
        ++part.findings_delta;
    }
    part.set.put(Space::findings, finding_group(fresh.code), finding_rest(fresh), encode_finding(fresh));
    part.changed.push_back(fresh.code);
}

/// A correction may name an event of another code; where that was is found by looking through all.
Result<void> Index::resolve_corrections(std::int64_t now_ms) {
    std::unordered_set<Name> open;
    for (const auto& [id, code] : loading_->corrections)
        if (!loading_->corrections_met.contains(id)) open.insert(id);
    if (open.empty()) return {};
    const HistoryWorld asked = world();
    Part part(asked);
    part.now_ms = now_ms;
    part.seq = loading_->seq;
    part.number = correction_parts;
    part.named_only = true;
    Groups groups;
    std::vector<Event> events;
    Result<void> read;
    CHECK(store_->scan(Space::runs, "", "",
                       [&](std::string_view group, std::string_view, std::string_view value) {
                           events.clear();
                           const Wide number = parse_group_key(group);
                           read = decode_run(number, value, 0, events);
                           for (const Event& event : events)
                               if (open.contains(event.id)) {
                                   part.named.insert(event.code.value);
                                   groups.push_back(number);
                               }
                           return read.has_value();
                       }));
    CHECK(std::move(read));
    make_unique(groups);
    if (groups.empty()) return {};
    CHECK(judge_part(groups, part));
    return write_part(part);
}

Result<void> Index::judge_document(Part& part, const Document& document, std::int64_t counted,
                                   std::int64_t last_ms) {
    part.fresh.clear();
    options_.judge->judge(document, counted, last_ms, reference_, part.fresh);
    merge_findings(part, document_code(document.id), part.fresh);
    return {};
}

Result<void> Index::judge_documents(std::int64_t now_ms) {
    std::vector<std::pair<Name, std::int64_t>> names(loading_->documents_touched.begin(),
                                                     loading_->documents_touched.end());
    const std::int64_t latest = std::min(latest_ms_, now_ms);
    for (const Name name : loading_->fresh_documents)
        if (!loading_->documents_touched.contains(name)) names.emplace_back(name, latest);
    loading_->documents_touched.clear();
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end(),
                            [](const auto& a, const auto& b) { return a.first == b.first; }),
                names.end());
    std::unordered_map<Name, std::int64_t> counts;
    std::vector<Document> documents;
    const bool many = names.size() > many_documents;
    if (many)
        CHECK(each_tally(TallyKind::document, [&](std::uint64_t a, std::uint64_t, std::int64_t sum) {
            counts.emplace(a, sum);
            return true;
        }));
    const HistoryWorld asked = world();
    Part part(asked);
    part.now_ms = now_ms;
    part.seq = loading_->seq;
    for (std::size_t from = 0; from < names.size(); from += documents_in_part) {
        const std::size_t to = std::min(names.size(), from + documents_in_part);
        part.number = document_parts + from / documents_in_part;
        const std::string marker = part_key(part.seq, part.number);
        part.done_before = TRY(store_->get(Space::meta, "part", marker)).has_value();
        if (part.done_before) {
            loading_->recount = true;
            continue;
        }
        std::vector<std::string> keys, finding_keys, tally_keys;
        std::vector<std::optional<Document>> found(to - from);
        for (std::size_t i = from; i < to; ++i) {
            keys.push_back(big(names[i].first));
            finding_keys.push_back(finding_group(document_code(names[i].first)));
            tally_keys.push_back(tally_group(TallyKind::document, names[i].first));
        }
        bool ok = true;
        CHECK(store_->visit(Space::documents, keys,
                            [&](std::size_t index, std::string_view, std::string_view value) {
                                Document one{.id = names[from + index].first};
                                ok = ok && decode(value, one);
                                found[index] = one;
                                return ok;
                            }));
        if (!ok) return table_broken("a document");
        if (!many)
            CHECK(store_->visit(Space::tallies, tally_keys,
                                [&](std::size_t index, std::string_view, std::string_view value) {
                                    counts[names[from + index].first] += tally_value(value);
                                    return true;
                                }));
        part.old.clear();
        Result<void> read;
        if (!loading_->first)
            CHECK(store_->visit(Space::findings, finding_keys,
                                [&](std::size_t index, std::string_view rest, std::string_view value) {
                                    auto one = decode_finding(finding_keys[index], rest, value);
                                    if (one)
                                        part.old[one->code.value].push_back(std::move(*one));
                                    else
                                        read = std::move(one).error();
                                    return read.has_value();
                                }));
        CHECK(std::move(read));
        for (std::size_t i = from; i < to; ++i) {
            if (!found[i - from]) continue;
            const auto count = counts.find(names[i].first);
            CHECK(judge_document(part, *found[i - from], count == counts.end() ? 0 : count->second,
                                 names[i].second));
        }
        part.set.put(Space::meta, "part", marker, "");
        CHECK(write_part(part));
    }
    return {};
}

Result<void> Index::judge_all(std::int64_t now_ms, const Progress& progress) {
    loading_ = std::make_unique<Loading>();
    loading_->seq = stats_.applied;
    loading_->everything = true;
    loading_->sums = false;
    bool whole = true;
    const Groups groups = groups_of_changes(whole);
    CHECK(store_->scan(Space::documents, "", "",
                       [&](std::string_view group, std::string_view, std::string_view) {
                           loading_->fresh_documents.push_back(from_big(group));
                           return true;
                       }));
    CHECK(judge_parts(groups, true, now_ms, progress));
    CHECK(judge_documents(now_ms));
    WriteSet last;
    last.token = late_token();
    CHECK(store_->scan(Space::meta, "part", "paru",
                       [&](std::string_view group, std::string_view rest, std::string_view) {
                           last.erase(Space::meta, std::string(group), std::string(rest));
                           return true;
                       }));
    stats_.findings_open = static_cast<std::uint64_t>(std::max<std::int64_t>(
        0, static_cast<std::int64_t>(stats_.findings_open) + loading_->findings_delta));
    judged_version_ = options_.judge->version();
    write_meta(last);
    CHECK(store_->write(last));
    loading_.reset();
    return {};
}

Result<Index::Verdict> Index::verdict(std::int64_t now_ms, const std::vector<std::int64_t>& grace_ms,
                                      bool only_fresh) {
    Verdict out;
    const auto look = [&](const Finding& one) {
        if (one.status == FindingStatus::leaving) out.withdrawn.push_back(one);
        if (one.status != FindingStatus::provisional || now_ms < one.appears_ms) return true;
        const std::int64_t grace = one.silent < grace_ms.size() ? grace_ms[one.silent]
                                   : grace_ms.empty()           ? 0
                                                                : grace_ms[0];
        if (!one.absence || one.waits_from_ms + grace <= now_ms) out.confirmed.push_back(one);
        return true;
    };
    if (only_fresh) {
        // Of several changes of one finding the store has the last. The groups are read in one pass: a reader
        // for each code cost as much as judging it.
        std::unordered_set<Wide, WideHash> codes;
        std::vector<std::string> groups;
        for (const PackCode code : fresh_)
            if (codes.insert(code.value).second) groups.push_back(finding_group(code));
        std::sort(groups.begin(), groups.end());
        groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
        Result<void> read;
        CHECK(store_->visit(Space::findings, groups,
                            [&](std::size_t at, std::string_view rest, std::string_view value) {
                                if (!codes.contains(parse_code_key(rest.substr(0, 16)).value)) return true;
                                auto one = decode_finding(groups[at], rest, value);
                                if (one)
                                    look(*one);
                                else
                                    read = std::move(one).error();
                                return read.has_value();
                            }));
        CHECK(std::move(read));
    } else {
        CHECK(each_finding(look));
    }
    const auto order = [](const Finding& a, const Finding& b) {
        return std::tie(a.rule, a.code, a.event) < std::tie(b.rule, b.code, b.event);
    };
    std::sort(out.confirmed.begin(), out.confirmed.end(), order);
    std::sort(out.withdrawn.begin(), out.withdrawn.end(), order);
    return out;
}

Result<void> Index::keep_grace(std::vector<std::int64_t> grace_ms) {
    grace_ = std::move(grace_ms);
    std::string value;
    for (const std::int64_t one : grace_) put_signed(value, one);
    WriteSet set;
    set.token = late_token();
    set.put(Space::meta, "grace", "", std::move(value));
    write_meta(set);
    return store_->write(set);
}

Result<void> Index::keep(const Verdict& verdict, std::uint64_t run) {
    WriteSet set;
    set.token = run << token_bits | 1;
    const auto put = [&](const Finding& one, FindingStatus status) {
        Finding kept = one;
        kept.status = status;
        kept.run = run;
        set.put(Space::findings, finding_group(kept.code), finding_rest(kept), encode_finding(kept));
    };
    for (const Finding& one : verdict.confirmed) put(one, FindingStatus::confirmed);
    for (const Finding& one : verdict.withdrawn) put(one, FindingStatus::withdrawn);
    stats_.applied = run;
    late_ = 0;
    fresh_.clear();
    write_meta(set);
    return store_->write(set);
}

Result<void> Index::replace_subjects(const std::set<std::string>& rules, std::vector<Finding> findings,
                                     std::int64_t now_ms) {
    const HistoryWorld asked = world();
    Part part(asked);
    part.seq = stats_.applied;
    part.now_ms = now_ms;
    CHECK(each_finding([&](const Finding& one) {
        if (rules.contains(one.rule)) part.old[one.code.value].push_back(one);
        return true;
    }));
    std::map<Wide, std::vector<Finding>> fresh;
    for (Finding& one : findings) fresh[one.code.value].push_back(std::move(one));
    for (const auto& [code, old] : part.old) fresh.try_emplace(code);
    for (auto& [code, list] : fresh) merge_findings(part, {code}, list);
    part.set.token = late_token();
    stats_.findings_open = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, static_cast<std::int64_t>(stats_.findings_open) + part.findings_delta));
    write_meta(part.set);
    return store_->write(part.set);
}

}  // namespace qingyuan::packs
