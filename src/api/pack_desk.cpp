#include "api/pack_desk.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/merkle.hpp"
#include "base/text.hpp"
#include "packs/clickhouse.hpp"
#include "packs/run.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::string_view batch_format = "trace";
/// A larger import looks at every finding again, a smaller one at those it touched; the day's judgement at
/// all.
constexpr std::uint64_t partial_events_max = 100'000;

std::string_view type_of(std::string_view kind) {
    if (kind == "manufacturer" || kind == "mah" || kind == "tcm_piece_maker" || kind == "granule_maker")
        return "manufacturer";
    if (kind == "wholesaler" || kind == "special_wholesaler") return "wholesaler";
    if (kind == "chain_headquarters" || kind == "chain_store" || kind == "pharmacy") return kind;
    if (kind == "hospital" || kind == "clinic" || kind == "township_health_centre" ||
        kind == "vaccination_unit")
        return "hospital";
    return "other";
}

}  // namespace

Result<std::unique_ptr<PackDesk>> PackDesk::open(PackDeskOptions options,
                                                 const observe::TraceProgress& progress) {
    std::unique_ptr<PackDesk> desk(new PackDesk(std::move(options)));  // NOLINT: private constructor
    CHECK(desk->open_index());
    CHECK(desk->catch_up(progress, true));
    return desk;
}

Result<std::unique_ptr<PackDesk>> PackDesk::open_to_read(PackDeskOptions options,
                                                         const observe::TraceProgress& progress) {
    std::error_code error;
    if (!options.url.empty() || !std::filesystem::exists(options.directory / "CURRENT", error))
        return open(std::move(options), progress);
    std::unique_ptr<PackDesk> desk(new PackDesk(options));  // NOLINT: private constructor
    CHECK(desk->open_index(true));
    desk->behind_ = TRY(desk->missed()).size();
    if (desk->behind_ == 0) return desk;
    auto whole = open(std::move(options), progress);
    if (whole || whole.error().code != ErrorCode::store_unavailable) return whole;
    return desk;
}

Result<void> PackDesk::open_index(bool read_only) {
    custody_ = std::make_unique<assess::Custody>(options_.law);
    std::unique_ptr<packs::Store> store;
    if (options_.url.empty()) {
        store = TRY(packs::open_rocks(options_.directory, read_only));
    } else {
        client_ = http::make_client();
        store = TRY(packs::open_clickhouse(*client_, options_.url));
    }
    index_ =
        TRY(packs::Index::open(std::move(store), {.threads = options_.threads, .judge = custody_.get()}));
    TRY(learn());
    return {};
}

/// What the judge must know beside histories; true where it learned something that codes judged before may
/// turn on.
Result<bool> PackDesk::learn() {
    auto settlements = TRY(assess::settlements_of(*index_));
    auto reporting = TRY(assess::reporting_firms(*index_));
    const std::size_t known = settlements.size() + reporting.size();
    const bool more = known != learned_;
    learned_ = known;
    custody_->set_settlements(std::move(settlements));
    custody_->set_reporting(std::move(reporting));
    return more;
}

/// Batches and judgements that the journal names and the index has not seen.
Result<std::vector<PackDesk::Missed>> PackDesk::missed() {
    std::vector<Missed> out;
    const std::uint64_t applied = index_->applied();
    CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const journal::Head head = TRY(reader.head());
        return reader.transaction().scan(
            applied + 1, head.size + 1, [&](std::uint64_t seq, std::string_view record) -> Result<void> {
                const facts::Envelope envelope = TRY(facts::decode_envelope(record));
                if (envelope.kind != "batch_received" && envelope.kind != "custody_judged") return {};
                const facts::Payload payload = TRY(facts::decode_payload(envelope.kind, envelope.payload));
                if (const auto* batch = std::get_if<facts::BatchReceived>(&payload)) {
                    if (batch->format == batch_format) out.push_back({seq, digest_of(batch->digest)});
                } else {
                    out.push_back({seq, {}, std::get<facts::CustodyJudged>(payload), envelope.happened_on});
                }
                return {};
            });
    }));
    return out;
}

/// Those are taken in, in their order.
Result<void> PackDesk::catch_up(const observe::TraceProgress& progress, bool leads) {
    const std::vector<Missed> missed_facts = TRY(missed());
    for (const Missed& one : missed_facts) {
        if (!one.judged) {
            TRY(apply(one.seq, one.manifest, 0, progress));
            continue;
        }
        const auto verdict = TRY(verdict_at(one.judged->at_ms, one.judged->full));
        std::vector<std::string> rows;
        for (const packs::Finding& finding : verdict.confirmed)
            rows.push_back(assess::judgement_row(*index_, finding, true));
        for (const packs::Finding& finding : verdict.withdrawn)
            rows.push_back(assess::judgement_row(*index_, finding, false));
        // Another program judges by other rules; what was confirmed then stays confirmed.
        if (merkle_root(rows) != digest_of(one.judged->root) && one.judged->rules == custody_->version())
            return Error{ErrorCode::store_corrupt,
                         fmt::format("judgement {} comes out differently now", one.seq),
                         {},
                         {},
                         "verify the evidence store, then `qingyuan packs rebuild`"};
        // The last one may have been cut off before its leads knew of it; those before it were not.
        if (&one == &missed_facts.back() && leads)
            TRY(tell_leads(verdict, digest_of(one.judged->digest), one.on));
        CHECK(index_->keep(verdict, one.seq));
    }
    return {};
}

Result<packs::Index::Verdict> PackDesk::verdict_at(std::int64_t now_ms, bool full) {
    if (!full) return index_->verdict(now_ms, index_->kept_grace(), true);
    if (TRY(learn())) CHECK(index_->judge_all(now_ms));
    CHECK(index_->replace_subjects(assess::subject_rules(),
                                   TRY(assess::judge_subjects(*index_, options_.law, now_ms)), now_ms));
    const auto options = TRY(assess::grace_options(options_.law, Instant{now_ms * 1000}.date()));
    CHECK(index_->keep_grace(TRY(packs::grace_by_operator(*index_, options))));
    return index_->verdict(now_ms, index_->kept_grace());
}

Result<std::vector<std::int64_t>> PackDesk::grace() {
    return packs::grace_by_operator(*index_,
                                    TRY(assess::grace_options(options_.law, options_.clock.now().date())));
}

Result<observe::TraceReport> PackDesk::apply(std::uint64_t seq, const Digest& manifest_digest,
                                             std::uint32_t only_actor,
                                             const observe::TraceProgress& progress) {
    const std::string text = TRY(options_.evidence.read(hex(manifest_digest)));
    const observe::Manifest manifest = TRY(observe::parse_manifest(text));
    const Date on = Instant{manifest.now_ms * 1000}.date();
    const Rational minutes = TRY(options_.law.parameter("trace_future_minutes", on));
    auto report = TRY(observe::read_into(*index_, manifest, options_.evidence,
                                         {.seq = seq,
                                          .only_actor = only_actor,
                                          .threads = options_.threads,
                                          .future_ms = minutes.numerator() * 60'000 / minutes.denominator(),
                                          .progress = progress}));
    report.digest = hex(manifest_digest);
    return report;
}

namespace {

std::string joined_scopes(const std::vector<std::string>& scopes) {
    std::vector<std::string> out;
    for (const std::string& scope : scopes)
        out.push_back(scope == "class_2_psychotropic" ? "psychotropic_2" : scope);
    return join(out, "|");
}

}  // namespace

/// Firms and licences of the registry that the trace tables do not know yet, or know otherwise, as one more
/// table of the import: what the index knows always comes from a kept file.
Result<std::optional<std::string>> PackDesk::registry_table() {
    std::string lines;
    const Date today = options_.clock.now().date();
    CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        for (const facts::OperatorRow& row :
             TRY(reader.view<facts::OperatorRow>().list({.limit = UINT64_MAX}))) {
            const auto licences = TRY(registry::licences_of(reader, row.id, today));
            std::string from, to;
            std::vector<std::string> scopes;
            for (const facts::LicenceRecorded& licence : licences) {
                if (licence.status != "valid" && !licence.status.empty()) continue;
                if (from.empty() || licence.from.text() < from) from = licence.from.text();
                if (to.empty() || licence.to.text() > to) to = licence.to.text();
                scopes.insert(scopes.end(), licence.scopes.begin(), licence.scopes.end());
            }
            lines += fmt::format("{},{},{},{},{},{},{},{}\n", row.id, type_of(row.kind), row.headquarters,
                                 row.region, joined_scopes(scopes), from, to, csv_cell(row.name));
        }
        return {};
    }));
    if (lines.empty()) return std::optional<std::string>();
    return std::optional("id,type,headquarters,region,scopes,licence_from,licence_to,name\n" + lines);
}

std::string PackDesk::firm_id(std::uint32_t number) const {
    const auto held = index_->hold();
    return index_->reference().operator_at(number).id;
}

Result<PackReport> PackDesk::import(const PackActor& actor, PackImport import) {
    const std::scoped_lock guard(work_);
    CHECK(observe::check_files(import.files));
    PackReport out;
    const bool own_operators = std::any_of(import.files.begin(), import.files.end(),
                                           [](const auto& file) { return file.kind == "operators"; });
    const std::filesystem::path registry_file = options_.directory.parent_path() / "registry_operators.csv";
    if (!own_operators)
        if (const auto table = TRY(registry_table()); table && *table != registry_seen_) {
            std::ofstream(registry_file, std::ios::binary | std::ios::trunc) << *table;
            import.files.insert(import.files.begin(),
                                {"operators", registry_file, std::string(observe::registry_name)});
            registry_seen_ = *table;
        }
    observe::Manifest manifest =
        TRY(observe::keep_files(import.files, options_.evidence, options_.threads, import.progress));
    manifest.now_ms = import.now_ms.value_or(options_.clock.now().us / 1000);
    manifest.source = import.source;
    std::uint64_t bytes = 0, lines = 0;
    for (const observe::KeptFile& file : manifest.files) {
        bytes += file.bytes;
        lines += file.lines;
    }
    if (const auto received = TRY(index_->side_value("received", manifest.identity()))) {
        packs::Taking in{*received};
        out.repeated = true;
        out.intake.batch = in.number();
    }
    if (!out.repeated) {
        const std::string text = manifest.text();
        const Digest digest = TRY(options_.evidence.put(text)).digest;
        std::vector<std::string> rows;
        for (const observe::KeptFile& file : manifest.files) rows.push_back(hex(file.digest));
        std::uint64_t seq = 0;
        CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
            facts::BatchReceived batch{.format = std::string(batch_format),
                                       .digest = Bytes(bytes_of(digest)),
                                       .bytes = static_cast<std::int64_t>(bytes),
                                       .rows = static_cast<std::int64_t>(lines),
                                       .rows_root = Bytes(bytes_of(merkle_root(rows))),
                                       .source = import.source};
            seq = TRY(writer.append({.happened_on = writer.now().date(),
                                     .organisation = actor.organisation,
                                     .actor = actor.person,
                                     .payload = std::move(batch)}))
                      .seq;
            return {};
        }));
        out.intake = TRY(apply(seq, digest, import.only_actor, import.progress));
    }
    if (import.judge) out.judgement = TRY(judge_locked(actor, manifest.now_ms, &out));
    return out;
}

Result<assess::JudgementReport> PackDesk::judge(const PackActor& actor, std::optional<std::int64_t> now_ms) {
    const std::scoped_lock guard(work_);
    return judge_locked(actor, now_ms.value_or(options_.clock.now().us / 1000), nullptr);
}

Result<assess::JudgementReport> PackDesk::judge_locked(const PackActor& actor, std::int64_t now_ms,
                                                       PackReport* report) {
    assess::JudgementReport out;
    const std::string judged = index_->judged_version();
    if (!judged.empty() && judged != custody_->version()) CHECK(index_->judge_all(now_ms));
    const bool full = full_next_ || !report || report->repeated || index_->kept_grace().empty() ||
                      report->intake.applied.events > partial_events_max || report->intake.tables.size() > 1;
    const auto verdict = TRY(verdict_at(now_ms, full));
    full_next_ = false;
    out.confirmed = verdict.confirmed.size();
    out.withdrawn = verdict.withdrawn.size();
    for (const packs::Finding& one : verdict.confirmed) ++out.confirmed_by_rule[one.rule];
    std::vector<std::string> rows;
    rows.reserve(out.confirmed + out.withdrawn);
    for (const packs::Finding& one : verdict.confirmed)
        rows.push_back(assess::judgement_row(*index_, one, true));
    for (const packs::Finding& one : verdict.withdrawn)
        rows.push_back(assess::judgement_row(*index_, one, false));
    if (rows.empty() && !(report && !report->repeated)) return out;
    std::string file;
    for (const std::string& row : rows) file += row + "\n";
    const Digest digest = TRY(options_.evidence.put(file)).digest;
    Date on;
    CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
        facts::CustodyJudged fact{.rules = custody_->version(),
                                  .cut = static_cast<std::int64_t>(index_->applied()),
                                  .at_ms = now_ms,
                                  .full = full,
                                  .confirmed = static_cast<std::int64_t>(out.confirmed),
                                  .withdrawn = static_cast<std::int64_t>(out.withdrawn),
                                  .root = Bytes(bytes_of(merkle_root(rows))),
                                  .digest = Bytes(bytes_of(digest))};
        if (report && !report->repeated) {
            fact.rows = static_cast<std::int64_t>(report->intake.accepted());
            fact.rejected = static_cast<std::int64_t>(report->intake.rejected());
            fact.waiting = static_cast<std::int64_t>(report->intake.waiting());
        }
        on = writer.now().date();
        out.seq = TRY(writer.append({.happened_on = on,
                                     .organisation = actor.organisation,
                                     .actor = actor.person,
                                     .payload = std::move(fact)}))
                      .seq;
        return {};
    }));
    // Leads before the index forgets what is new: a start after a crash in between takes up both again.
    const std::uint64_t leads = TRY(tell_leads(verdict, digest, on));
    CHECK(index_->keep(verdict, out.seq));
    if (report) report->leads = leads;
    return out;
}

Result<packs::Stats> PackDesk::rebuild(const observe::TraceProgress& progress) {
    if (options_.serving)
        return Error{ErrorCode::wrong_state,
                     "the pack index is being served: requests read what would be thrown away",
                     options_.directory.string(),
                     {},
                     "stop the server, then `qingyuan packs rebuild`"};
    const std::scoped_lock guard(work_);
    CHECK(index_->clear());
    index_.reset();
    CHECK(open_index());
    CHECK(catch_up(progress, false));
    return index_->stats();
}

Result<packs::Stats> PackDesk::verify(const observe::TraceProgress& progress) {
    const std::scoped_lock guard(work_);
    return index_->verify([&](std::uint64_t done, std::uint64_t of) {
        if (progress) progress("verifying", done, of);
    });
}

}  // namespace qingyuan::api
