#include "api/signal_desk.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/merkle.hpp"
#include "base/text.hpp"
#include "facts/codec.hpp"

namespace qingyuan::api {

namespace {

constexpr std::array<std::string_view, 4> kinds{"drug", "device", "cosmetic", "vaccine"};
constexpr std::uint64_t reopened_at_multiple = 2;  ///< of the cases a closed dossier knew
constexpr int dossiers_of_one_signal_max = 99;

/// One cell of a row of a judgement.
std::string cell(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    return out;
}

std::string short_digest(std::initializer_list<std::string_view> parts) {
    std::string joined;
    for (const std::string_view part : parts) {
        joined += part;
        joined += '\0';
    }
    return hex(sm3(joined)).substr(0, 16);
}

std::string theta_text(const assess::Theta& theta) {
    return fmt::format("{},{},{},{},{}", theta.alpha1, theta.beta1, theta.alpha2, theta.beta2, theta.p);
}

std::string pair_row(char sign, std::string_view kind, std::string_view product, std::string_view reaction,
                     const assess::Measures& measures) {
    return fmt::format("{}\tpair\t{}\t{}\t{}\t{}\t{:.4f}\t{:.4f}\t{:.4f}", sign, kind, cell(product),
                       cell(reaction), measures.counts.n, measures.expected, measures.eb05, measures.ic025);
}

std::string cluster_row(char sign, const StandingSignal& one) {
    return fmt::format("{}\tcluster\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", sign, one.id, one.kind,
                       cell(one.product), cell(one.maker), cell(one.batch), cell(one.reaction),
                       one.onset_from.text(), one.onset_to.text(), one.cases);
}

std::size_t place_of(const law::Criteria& criteria, std::string_view id) {
    for (std::size_t i = 0; i < criteria.all().size(); ++i)
        if (criteria.all()[i].id == id) return i;
    return criteria.all().size();
}

bool overlaps(const StandingSignal& one, const assess::BatchCluster& cluster) {
    return one.product == cluster.product && one.maker == cluster.maker && one.batch == cluster.batch &&
           one.onset_from <= cluster.onset_to && cluster.onset_from <= one.onset_to;
}

std::string category_of(std::string_view kind) {
    return std::string(kind == "device" || kind == "cosmetic" ? kind : "drug");
}

}  // namespace

std::string SignalDesk::pair_id(std::string_view kind, std::string_view product, std::string_view reaction) {
    return "signal-" + short_digest({kind, cell(product), cell(reaction)});
}

Result<std::unique_ptr<SignalDesk>> SignalDesk::open(SignalDeskOptions options) {
    if (place_of(options.criteria, dossier_criterion) == options.criteria.all().size())
        return Error{ErrorCode::rule_unknown, "law/criteria names no criterion 'dossier'", "criteria"};
    std::unique_ptr<SignalDesk> desk(new SignalDesk(std::move(options)));  // NOLINT: private constructor
    const std::scoped_lock guard(desk->work_);
    CHECK(desk->catch_up());
    return desk;
}

/// What the journal says beyond where the desk has read: decisions, and what judgements named.
Result<void> SignalDesk::catch_up() {
    return options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const journal::Head head = TRY(reader.head());
        CHECK(reader.transaction().scan(
            read_ + 1, head.size + 1, [&](std::uint64_t seq, std::string_view record) -> Result<void> {
                const facts::Envelope envelope = TRY(facts::decode_envelope(record));
                if (envelope.kind != "signals_judged" && envelope.kind != "duplicate_decided") return {};
                const facts::Payload payload = TRY(facts::decode_payload(envelope.kind, envelope.payload));
                if (const auto* judged = std::get_if<facts::SignalsJudged>(&payload))
                    return learn(seq, Instant{judged->at_ms * 1000}, *judged);
                const auto& decided = std::get<facts::DuplicateDecided>(payload);
                decisions_.insert_or_assign({decided.report, decided.other}, decided);
                decided_ = seq;
                return {};
            }));
        read_ = head.size;
        return {};
    });
}

Result<void> SignalDesk::learn(std::uint64_t seq, Instant at, const facts::SignalsJudged& judged) {
    const std::string file = TRY(options_.evidence.read(hex(digest_of(judged.digest))));
    std::vector<std::string> rows;
    for (std::string& row : split(file, '\n'))
        if (!row.empty()) rows.push_back(std::move(row));
    if (merkle_root(rows) != digest_of(judged.root))
        return Error{ErrorCode::store_corrupt,
                     fmt::format("the rows of judgement {} are not its own", seq),
                     {},
                     {},
                     "verify the evidence store"};
    for (const std::string& row : rows) apply_row(seq, at.date(), row);
    judgements_.push_back({seq, judged});
    return {};
}

void SignalDesk::apply_row(std::uint64_t seq, Date on, std::string_view row) {
    const std::vector<std::string> cells = split(row, '\t');
    if (cells.size() < 9) return;
    const bool standing = cells[0] == "+";
    if (cells[1] == "pair") {
        const std::string id = pair_id(cells[2], cells[3], cells[4]);
        StandingSignal& one = standing_[id];
        if (one.id.empty() || (standing && !one.standing)) {
            one.found_on = on;
            one.found = seq;
        }
        one.id = id;
        one.kind = cells[2];
        one.product = cells[3];
        one.reaction = cells[4];
        one.cases = std::strtoll(cells[5].c_str(), nullptr, 10);
        one.standing = standing;
        one.seq = seq;
        return;
    }
    if (cells.size() < 11) return;
    StandingSignal& one = standing_[cells[2]];
    if (one.id.empty() || (standing && !one.standing)) {
        one.found_on = on;
        one.found = seq;
    }
    one = {.id = cells[2],
           .cluster = cells[2],
           .kind = cells[3],
           .product = cells[4],
           .reaction = cells[7],
           .maker = cells[5],
           .batch = cells[6],
           .onset_from = one.onset_from,
           .onset_to = one.onset_to,
           .found_on = one.found_on,
           .found = one.found,
           .cases = std::strtoll(cells[10].c_str(), nullptr, 10),
           .standing = standing,
           .seq = seq};
    if (const auto from = parse_date(cells[8])) one.onset_from = *from;
    if (const auto to = parse_date(cells[9])) one.onset_to = *to;
}

Result<std::shared_ptr<const SignalState>> SignalDesk::state() {
    const std::scoped_lock guard(work_);
    return state_locked();
}

Result<std::shared_ptr<const SignalState>> SignalDesk::state_locked() {
    CHECK(catch_up());
    auto set = TRY(options_.reports());
    if (state_ && state_->set->version == set->version && state_->decided == decided_) return state_;
    assess::DuplicateOptions options;
    for (const auto& [pair, decided] : decisions_)
        options.decisions.push_back({decided.report, decided.other, decided.same});
    auto linkage = assess::Linkage::make(set->reports, options_.families, options);
    auto cases = assess::count_cases(set->reports, linkage.groups());
    std::vector<std::vector<std::uint32_t>> papers;
    std::vector<std::uint32_t> group_of(set->reports.size(), UINT32_MAX);
    for (std::uint32_t g = 0; g < linkage.groups().size(); ++g)
        for (const std::uint32_t member : linkage.groups()[g].members) group_of[member] = g;
    for (std::uint32_t i = 0; i < set->reports.size(); ++i) {
        if (group_of[i] == UINT32_MAX)
            papers.push_back({i});
        else if (linkage.groups()[group_of[i]].master == i)
            papers.push_back(linkage.groups()[group_of[i]].members);
    }
    auto clusters = assess::find_clusters(cases, options_.families);
    state_ = std::make_shared<const SignalState>(SignalState{.set = std::move(set),
                                                             .decided = decided_,
                                                             .linkage = std::move(linkage),
                                                             .cases = std::move(cases),
                                                             .papers = std::move(papers),
                                                             .clusters = std::move(clusters)});
    tables_.clear();
    return state_;
}

Result<std::shared_ptr<const assess::SignalTable>> SignalDesk::table(
    const assess::SignalLevel& level, const std::vector<assess::StratumKind>& strata) {
    const std::scoped_lock guard(work_);
    return table_locked(level, strata);
}

Result<std::shared_ptr<const assess::SignalTable>> SignalDesk::table_locked(
    const assess::SignalLevel& level, const std::vector<assess::StratumKind>& strata) {
    const auto state = TRY(state_locked());
    auto& kept = tables_[{level, strata}];
    if (!kept)
        kept = std::make_shared<const assess::SignalTable>(
            assess::signal_table(state->cases, options_.families, options_.criteria,
                                 {.level = level, .strata = strata, .threads = options_.threads}));
    return kept;
}

Result<assess::PairView> SignalDesk::pair(const assess::SignalLevel& level, std::string_view product,
                                          std::string_view reaction) {
    const auto table_now = TRY(table(level));
    const auto state_now = TRY(state());
    const Date today = options_.clock.now().date();
    const auto number = [&](std::string_view id) -> Result<double> {
        const Rational value = TRY(options_.law.parameter(id, today));
        return static_cast<double>(value.numerator()) / static_cast<double>(value.denominator());
    };
    const assess::SequentialPlan plan{.horizon = TRY(number("signal_watch_horizon")),
                                      .events_min = static_cast<int>(TRY(number("signal_watch_cases_min"))),
                                      .alpha = TRY(number("signal_watch_alpha_percent")) / 100};
    const std::optional<assess::Theta> theta =
        table_now->fit ? std::optional(table_now->fit->theta) : std::nullopt;
    return assess::pair_view(state_now->cases, product, reaction, options_.families, level, theta, plan);
}

std::map<std::string, StandingSignal> SignalDesk::standing() {
    const std::scoped_lock guard(work_);
    return standing_;
}

std::vector<SignalDesk::Judged> SignalDesk::judgements() {
    const std::scoped_lock guard(work_);
    return judgements_;
}

std::map<std::pair<std::string, std::string>, facts::DuplicateDecided> SignalDesk::decisions() {
    const std::scoped_lock guard(work_);
    return decisions_;
}

/// Pairs that meet the criterion and are new or have grown.
Result<void> SignalDesk::judge_pairs(SignalJudgementReport& out, std::vector<std::string>& rows,
                                     std::set<std::string>& now) {
    const std::size_t opens = place_of(options_.criteria, dossier_criterion);
    for (const std::string_view kind : kinds) {
        const auto table = TRY(table_locked({.kind = std::string(kind)}, {}));
        if (kind == "drug") {
            out.fact.pairs = static_cast<std::int64_t>(table->rows.size());
            if (table->fit) {
                out.fact.theta = theta_text(table->fit->theta);
                out.fact.likelihood = fmt::format("{}", table->fit->negative_log_likelihood);
            }
        }
        for (const assess::SignalRow& row : table->rows) {
            if ((row.criteria >> opens & 1) == 0) continue;
            const std::string& product = table->products[row.product];
            const std::string& reaction = table->reactions[row.reaction];
            const std::string id = pair_id(kind, product, reaction);
            now.insert(id);
            const auto known = standing_.find(id);
            if (known != standing_.end() && known->second.standing &&
                known->second.cases == static_cast<std::int64_t>(row.measures.counts.n))
                continue;
            out.fact.new_signals += known == standing_.end() || !known->second.standing;
            rows.push_back(pair_row('+', kind, product, reaction, row.measures));
        }
    }
    return {};
}

void SignalDesk::judge_clusters(const SignalState& state, SignalJudgementReport& out,
                                std::vector<std::string>& rows, std::set<std::string>& now) {
    for (const assess::BatchCluster& cluster : state.clusters) {
        StandingSignal one;
        for (const auto& [id, known] : standing_)
            if (!known.cluster.empty() && overlaps(known, cluster)) one = known;
        const bool fresh = one.id.empty();
        const facts::SafetyReport& first = state.cases[cluster.members.front()];
        const std::string kind = first.kind.empty() ? "drug" : first.kind;
        if (fresh)
            one.id = one.cluster =
                "cluster-" + short_digest({kind, cluster.product, cluster.maker, cluster.batch,
                                           cluster.family, cluster.onset_from.text()});
        now.insert(one.id);
        if (!fresh && one.standing && one.cases == cluster.cases) continue;
        out.fact.new_clusters += fresh || !one.standing;
        one.kind = kind;
        one.product = cluster.product;
        one.maker = cluster.maker;
        one.batch = cluster.batch;
        one.reaction = join(cluster.reactions, "|");
        one.onset_from = cluster.onset_from;
        one.onset_to = cluster.onset_to;
        one.cases = cluster.cases;
        rows.push_back(cluster_row('+', one));
    }
}

Result<SignalJudgementReport> SignalDesk::judge(const PackActor& actor) {
    const std::scoped_lock guard(work_);
    const auto state = TRY(state_locked());
    SignalJudgementReport out;
    std::vector<std::string> rows;
    std::set<std::string> now;
    CHECK(judge_pairs(out, rows, now));
    judge_clusters(*state, out, rows, now);
    for (const auto& [id, one] : standing_) {
        if (!one.standing || now.contains(id)) continue;
        out.fact.withdrawn_clusters += !one.cluster.empty();
        rows.push_back(one.cluster.empty() ? fmt::format("-\tpair\t{}\t{}\t{}\t{}\t\t\t", one.kind,
                                                         one.product, one.reaction, one.cases)
                                           : cluster_row('-', one));
    }
    if (rows.empty()) return out;
    return record(actor, *state, std::move(rows), std::move(out));
}

/// One fact, its rows in the evidence store, and the dossiers of what is new or has grown.
Result<SignalJudgementReport> SignalDesk::record(const PackActor& actor, const SignalState& state,
                                                 std::vector<std::string> rows, SignalJudgementReport out) {
    std::ranges::sort(rows);
    std::string file;
    for (const std::string& row : rows) file += row + "\n";
    const Digest digest = TRY(options_.evidence.put(file)).digest;
    const Instant now = options_.clock.now();
    out.fact.criterion = dossier_criterion;
    out.fact.cut = static_cast<std::int64_t>(state.set->seq);
    out.fact.at_ms = now.us / 1000;
    out.fact.reports = static_cast<std::int64_t>(state.set->reports.size());
    out.fact.cases = static_cast<std::int64_t>(state.cases.size());
    out.fact.changes = static_cast<std::int64_t>(rows.size());
    out.fact.root = Bytes(bytes_of(merkle_root(rows)));
    out.fact.digest = Bytes(bytes_of(digest));
    const auto before = standing_;
    for (const std::string& row : rows) apply_row(0, now.date(), row);
    for (const auto& [id, one] : standing_) {
        out.fact.signals += one.standing && one.cluster.empty();
        out.fact.clusters += one.standing && !one.cluster.empty();
    }
    standing_ = before;  // the fact itself is read like any other
    CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
        out.seq = TRY(writer.append({.happened_on = now.date(),
                                     .organisation = actor.organisation,
                                     .actor = actor.person,
                                     .payload = out.fact}))
                      .seq;
        return {};
    }));
    CHECK(catch_up());
    out.dossiers = TRY(open_dossiers(state, out.seq, digest));
    return out;
}

namespace {

/// The dossier of a signal that is open, or the id of the next one.
struct DossierOf {
    std::optional<facts::DossierRow> row;
    std::string next_id;
    std::int64_t known_cases = 0;  ///< of the last one that ended
};

Result<DossierOf> dossier_of(const journal::Reader& reader, const std::string& id) {
    DossierOf out;
    for (int i = 1; i <= dossiers_of_one_signal_max; ++i) {
        out.next_id = i == 1 ? id : fmt::format("{}-{}", id, i);
        const auto known = TRY(reader.view<facts::DossierRow>().list(
            {.where = {{.field = "id", .compare = journal::Compare::equal, .values = {out.next_id}}},
             .limit = 1}));
        if (known.empty()) return out;
        if (known.front().open) {
            out.row = known.front();
            return out;
        }
        if (const auto cases = known.front().attributes.find("cases");
            cases != known.front().attributes.end())
            if (const auto* whole = std::get_if<std::int64_t>(&cases->second)) out.known_cases = *whole;
    }
    return out;
}

}  // namespace

Result<std::uint64_t> SignalDesk::open_dossiers(const SignalState& state, std::uint64_t seq,
                                                const Digest& rows) {
    std::uint64_t done = 0;
    const act::Engine engine(options_.law);
    for (const auto& [id, one] : standing_) {
        if (one.seq != seq || !one.standing) continue;
        const Words words = TRY(words_of(state, one));
        CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
            const act::Actor system{
                std::string(act::system_person), options_.organisation, {"system"}, writer.now()};
            DossierOf known = TRY(dossier_of(writer, id));
            if (!known.row) {
                if (known.known_cases > 0 &&
                    static_cast<std::uint64_t>(one.cases) <
                        reopened_at_multiple * static_cast<std::uint64_t>(known.known_cases))
                    return {};
                act::Engine::Opening opening{.procedure = "signal",
                                             .id = known.next_id,
                                             .title = words.title,
                                             .category = category_of(one.kind),
                                             .organisation = options_.organisation};
                opening.form = {{"signal_kind", std::string(one.cluster.empty() ? "pair" : "cluster")},
                                {"suspected", one.product},
                                {"reaction", one.reaction},
                                {"question", words.question},
                                {"criterion", std::string(dossier_criterion)}};
                if (!one.batch.empty()) opening.form["batch"] = one.batch;
                if (!one.maker.empty()) opening.form["maker"] = one.maker;
                const auto opened = TRY(writer.append(TRY(engine.open(writer, system, opening))));
                known.row = TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(opened.seq)));
            }
            if (!known.row || !known.row->open) return {};
            act::Request request;
            request.form = {{"cases", one.cases}, {"measures", words.measures}};
            request.evidence = {hex(rows)};
            TRY(writer.append(TRY(engine.take(writer, *known.row, system, "found", request))));
            ++done;
            return {};
        }));
    }
    return done;
}

/// What the dossier is told, in Chinese: dossiers are the bureau's.
Result<SignalDesk::Words> SignalDesk::words_of(const SignalState& state, const StandingSignal& one) {
    Words out;
    if (one.cluster.empty()) {
        const auto table = TRY(table_locked({.kind = one.kind}, {}));
        const assess::SignalRow* row = table->find(one.product, one.reaction);
        out.title = fmt::format("{}：{}", one.product, one.reaction);
        if (row == nullptr) return out;
        const auto view =
            assess::pair_view(state.cases, one.product, one.reaction, options_.families, {.kind = one.kind},
                              table->fit ? std::optional(table->fit->theta) : std::nullopt, {});
        out.question = assess::paragraph(one.product, one.reaction, view, row->serious, row->deaths,
                                         options_.criteria, row->criteria)
                           .zh;
        out.measures = fmt::format("EBGM {:.2f}（EB05 {:.2f}）；IC {:.2f}（IC025 {:.2f}）；预期 {:.2f}",
                                   row->measures.ebgm, row->measures.eb05, row->measures.ic,
                                   row->measures.ic025, row->measures.expected);
        return out;
    }
    for (const assess::BatchCluster& cluster : state.clusters) {
        if (!overlaps(one, cluster)) continue;
        out.title = fmt::format("{} 批号 {}：{}", one.product, one.batch, join(cluster.reactions, "、"));
        out.question = join(cluster.reasons_zh, "；");
        out.measures = fmt::format("{} 例，预期 {:.2f}，p = {:.2g}，{} 家单位", cluster.cases,
                                   cluster.expected, cluster.p, cluster.organisations.size());
    }
    return out;
}

Result<void> SignalDesk::decide_duplicate(const PackActor& actor, std::string_view report,
                                          std::string_view other, bool same, std::string_view reason) {
    if (reason.empty())
        return Error{ErrorCode::field_missing, "reason: must be given", "reason", {}, "say why", "须填写理由",
                     "请说明判断依据"};
    const auto state = TRY(this->state());
    std::array<std::uint32_t, 2> places{UINT32_MAX, UINT32_MAX};
    for (std::uint32_t i = 0; i < state->set->reports.size(); ++i) {
        if (state->set->reports[i].number == report) places[0] = i;
        if (state->set->reports[i].number == other) places[1] = i;
    }
    for (std::size_t i = 0; i < 2; ++i)
        if (places[i] == UINT32_MAX || places[0] == places[1])
            return Error{ErrorCode::record_unknown,
                         fmt::format("no two reports '{}' and '{}'", report, other),
                         i == 0 ? "a" : "b",
                         {},
                         "take two numbers of the list",
                         "没有这两份报告",
                         "请从列表中选取"};
    facts::DuplicateDecided fact{.report = std::string(std::min(report, other)),
                                 .other = std::string(std::max(report, other)),
                                 .same = same,
                                 .reason = std::string(reason),
                                 .bits = fmt::format("{:.1f}", state->linkage.bits(places[0], places[1]))};
    const Instant now = options_.clock.now();
    CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
        TRY(writer.append({.happened_on = now.date(),
                           .organisation = actor.organisation,
                           .actor = actor.person,
                           .payload = std::move(fact)}));
        return {};
    }));
    return {};
}

}  // namespace qingyuan::api
