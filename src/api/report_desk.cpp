#include "api/report_desk.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/report_dossiers.hpp"
#include "base/text.hpp"
#include "document/encoding.hpp"
#include "document/gunzip.hpp"
#include "facts/codec.hpp"
#include "observe/report_csv.hpp"

namespace qingyuan::api {

namespace {

using observe::IncomingReport;
using observe::ReportStanding;

constexpr std::string_view name_purpose = "report_patient", number_purpose = "report_patient_number";
constexpr std::string_view form_prefix = "form";

/// As people write one name twice: blanks at the ends and the case of letters do not count.
std::string plain_name(std::string_view name) {
    std::string out(trim(name));
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

/// What a file says, as reports on their way in.
struct Parsed {
    std::string_view format;
    std::vector<IncomingReport> reports;
    std::optional<observe::IcsrMessage> message;  ///< its reports were moved out
    std::uint64_t repeated = 0;
};

/// The problems of table rows as those of reports.
void add_row_problems(Parsed& out, const observe::RowProblems& problems) {
    std::map<std::uint64_t, IncomingReport> rejected;
    for (const observe::RejectedRow& row : problems.rejected) {
        IncomingReport& report = rejected[row.row];
        report.line = row.row;
        report.problems.push_back({row.field, row.code, row.message, row.next});
    }
    for (auto& [line, report] : rejected) out.reports.push_back(std::move(report));
}

Result<Parsed> parse_table(std::string_view bytes, const law::Law& law, Date today) {
    const document::DecodedText text = TRY(document::decode_text(bytes));
    observe::ReportTable table = TRY(observe::read_report_csv(text.text, observe::report_words(law), today));
    Parsed out{.format = observe::report_csv_format, .reports = {}, .message = {}};
    out.repeated = table.repeated;
    std::map<std::uint64_t, std::vector<observe::ReportProblem>> warnings;
    for (const observe::RejectedRow& row : table.warnings.rejected)
        warnings[row.row].push_back({row.field, row.code, row.message, row.next});
    for (std::size_t i = 0; i < table.reports.size(); ++i) {
        IncomingReport report = TRY(observe::incoming_of(table.reports[i], {}, today, law));
        report.line = table.lines[i];
        if (const auto found = warnings.find(report.line); found != warnings.end())
            report.warnings.insert(report.warnings.begin(), found->second.begin(), found->second.end());
        out.reports.push_back(std::move(report));
    }
    add_row_problems(out, table.problems);
    std::stable_sort(out.reports.begin(), out.reports.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    return out;
}

Result<Parsed> parse(std::string_view bytes, const observe::IcsrElements& elements, const law::Law& law,
                     Instant now) {
    std::string unpacked;
    if (document::is_gzip(bytes)) {
        unpacked = TRY(document::gunzip(bytes));
        bytes = unpacked;
    }
    if (!observe::looks_like_xml(bytes)) return parse_table(bytes, law, now.date());
    const Rational minutes = TRY(law.parameter("report_future_minutes", now.date()));
    observe::IcsrMessage message = TRY(
        observe::read_icsr(bytes, elements, law,
                           {.now = now, .future_ms = minutes.numerator() * 60'000 / minutes.denominator()}));
    Parsed out{.format = observe::icsr_format, .reports = std::move(message.reports), .message = {}};
    for (IncomingReport& report : out.reports)
        for (const observe::ReportProblem& problem : message.problems) report.problems.push_back(problem);
    out.message = std::move(message);
    return out;
}

void fill_channel(IncomingReport& report, std::string_view channel) {
    report.row.channel =
        !channel.empty() ? std::string(channel) : std::string(observe::channel_of_source(report.row.source));
}

ReportOutcome outcome_of(const IncomingReport& report) {
    ReportOutcome out;
    out.number = report.row.number;
    out.case_id = report.row.case_id;
    out.version = report.row.info_at;
    out.line = report.line;
    out.accepted = report.accepted();
    out.problems = report.problems;
    out.warnings = report.warnings;
    out.completeness = report.quality.completeness;
    out.missing = report.quality.missing;
    return out;
}

/// What the standing of a version has to say for itself.
void tell_standing(ReportOutcome& outcome) {
    if (outcome.standing == ReportStanding::older)
        outcome.warnings.push_back(
            {"C.1.5", ErrorCode::report_older, "a later version is there: this one is kept as history", ""});
    if (outcome.standing == ReportStanding::nullified || outcome.standing == ReportStanding::nullified_again)
        outcome.warnings.push_back(
            {"C.1.11.1", ErrorCode::report_nullified,
             outcome.standing == ReportStanding::nullified
                 ? "the case was nullified: this version is kept as history"
                 : "the case was nullified before: nothing changes",
             outcome.standing == ReportStanding::nullified ? "report it as a new case if it is one" : ""});
}

/// The archive as it would be with the rows of one file: only the cases they touch are copied.
class Scratch {
 public:
    explicit Scratch(const observe::ReportArchive& archive) : archive_(archive) {}
    ReportStanding add(const facts::SafetyReportRow& row) {
        if (!scratch_.find(row.case_id))
            if (const observe::ReportCase* known = archive_.find(row.case_id))
                for (const observe::ReportVersion& version : known->versions)
                    scratch_.add(version.row, version.address);
        const ReportStanding standing = scratch_.standing(row);
        scratch_.add(row, {});
        return standing;
    }

 private:
    const observe::ReportArchive& archive_;
    observe::ReportArchive scratch_;
};

bool is_kept(ReportStanding standing) {
    return standing != ReportStanding::duplicate && standing != ReportStanding::nullified_again;
}

/// The personal values of the reports in one change of the vault; by report.
Result<std::vector<facts::SubjectRef>> patients_of(std::vector<IncomingReport>& reports,
                                                   facts::PersonalValues& vault) {
    std::vector<facts::PersonalValue> values;
    for (const IncomingReport& one : reports) {
        const bool wanted = one.accepted();
        values.push_back({std::string(name_purpose), wanted ? plain_name(one.patient_name) : ""});
        values.push_back({std::string(number_purpose), wanted ? plain_name(one.patient_id) : ""});
    }
    const auto references = TRY(vault.put(values));
    std::vector<facts::SubjectRef> out;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        // A follow-up that does not name the patient again keeps the one it follows.
        if (!references[2 * i].subject.empty()) reports[i].row.patient = references[2 * i].subject;
        if (!references[2 * i + 1].subject.empty()) reports[i].row.patient_id = references[2 * i + 1].subject;
        out.push_back(references[2 * i]);
    }
    return out;
}

/// The same without writing: a value that is not there yet has no reference.
Result<void> look_for_patients(std::vector<IncomingReport>& reports, const facts::PersonalValues& vault) {
    for (IncomingReport& one : reports) {
        const auto find = [&](std::string_view purpose, const std::string& value) -> Result<std::string> {
            if (value.empty()) return std::string();
            const auto found = TRY(vault.find_subject(purpose, plain_name(value)));
            return found ? found->subject : std::string();
        };
        one.row.patient = TRY(find(name_purpose, one.patient_name));
        one.row.patient_id = TRY(find(number_purpose, one.patient_id));
    }
    return {};
}

observe::IcsrAck ack_of(const observe::IcsrMessage& message, const std::vector<IncomingReport>& reports,
                        const ReportResult& result, std::string_view sender, Instant now) {
    observe::IcsrAck ack;
    ack.number = fmt::format("{}-{}", result.batch == 0 ? std::string("none") : std::to_string(result.batch),
                             observe::hl7_text(now).substr(0, 14));
    ack.sender = message.receiver.empty() ? std::string(sender) : message.receiver;
    ack.receiver = message.sender;
    ack.at = now;
    ack.batch_number = message.batch_number;
    if (result.batch != 0) ack.local_number = std::to_string(result.batch);
    ack.batch_created = message.created;
    ack.text = observe::ack_text(message.problems);
    ack.refused = !message.problems.empty();
    for (std::size_t i = 0; i < reports.size(); ++i) {
        const ReportOutcome& outcome = result.reports[i];
        std::vector<observe::ReportProblem> all = outcome.problems;
        all.insert(all.end(), outcome.warnings.begin(), outcome.warnings.end());
        ack.reports.push_back({reports[i].message_id, outcome.address, reports[i].message_sender,
                               reports[i].message_receiver, reports[i].message_created, outcome.accepted,
                               observe::ack_text(all)});
    }
    return ack;
}

bool is_uncoded(const journal::Reader& reader, const facts::SafetyReportRow& row,
                std::map<std::string, bool>& known) {
    return std::any_of(row.products.begin(), row.products.end(), [&](const auto& product) {
        if (product.approval.empty()) return true;
        const auto [at, is_new] = known.try_emplace(product.approval, false);
        if (is_new) at->second = product_is_known(reader, product.approval);
        return !at->second;
    });
}

}  // namespace

Result<std::unique_ptr<ReportDesk>> ReportDesk::open(ReportDeskOptions options) {
    std::unique_ptr<ReportDesk> desk(new ReportDesk(std::move(options)));  // NOLINT: private constructor
    desk->elements_ = TRY(observe::IcsrElements::load(desk->options_.law.directory()));
    CHECK(desk->catch_up());
    return desk;
}

void ReportDesk::listen(Listener listener) {
    const std::scoped_lock guard(lock_);
    listener_ = std::move(listener);
    for (const auto& [id, one] : state_.archive.cases())
        if (!one.withdrawn)
            listener_({observe::ReportChangeKind::added, id, {}, state_.archive.report_of(one.latest().row)});
}

Result<void> ReportDesk::catch_up_locked(const journal::Reader& reader) {
    return observe::read_reports(reader, options_.evidence, state_, [&](const observe::ReportChange& change) {
        if (listener_) listener_(change);
    });
}

Result<void> ReportDesk::catch_up() {
    const std::scoped_lock guard(lock_);
    return options_.journal.read([&](const journal::Reader& reader) { return catch_up_locked(reader); });
}

Result<void> ReportDesk::look(const std::function<Result<void>(const observe::ReportArchive&)>& use) {
    CHECK(catch_up());
    const std::scoped_lock guard(lock_);
    return use(state_.archive);
}

Result<std::uint64_t> ReportDesk::append_batch(journal::Writer& writer, const ReportActor& actor,
                                               std::string_view format, std::string_view raw,
                                               const observe::EncodedRows& rows, std::uint64_t rejected,
                                               std::string_view source) {
    const Digest manifest = TRY(observe::keep_batch(options_.evidence, options_.seal, format, raw, rows));
    facts::BatchReceived batch{.format = std::string(format),
                               .digest = Bytes(bytes_of(manifest)),
                               .bytes = static_cast<std::int64_t>(raw.size()),
                               .rows = static_cast<std::int64_t>(rows.count),
                               .rejected = static_cast<std::int64_t>(rejected),
                               .rows_root = Bytes(bytes_of(rows.root)),
                               .source = std::string(source)};
    return TRY(writer.append({.happened_on = writer.now().date(),
                              .organisation = actor.organisation,
                              .actor = actor.person,
                              .payload = std::move(batch)}))
        .seq;
}

Result<ReportResult> ReportDesk::take_in(const ReportActor& actor, std::string_view format,
                                         std::string_view raw, std::vector<IncomingReport> reports,
                                         const ReportImport& import, const act::Actor* own) {
    ReportResult out;
    const Instant now = options_.clock.now();
    std::map<std::string, bool> known;
    const auto judge = [&](const journal::Reader& reader) -> Result<std::vector<std::size_t>> {
        out = {};
        out.format = format;
        Scratch scratch(state_.archive);
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < reports.size(); ++i) {
            ReportOutcome outcome = outcome_of(reports[i]);
            if (outcome.accepted) {
                outcome.standing = scratch.add(reports[i].row);
                tell_standing(outcome);
                outcome.uncoded = is_uncoded(reader, reports[i].row, known);
                outcome.clock = TRY(clock_of(options_.law, reports[i].row, now));
                ++(outcome.standing == ReportStanding::duplicate ? out.duplicate : out.accepted);
                if (is_kept(outcome.standing)) kept.push_back(i);
            } else {
                ++out.rejected;
            }
            out.reports.push_back(std::move(outcome));
        }
        return kept;
    };
    const std::scoped_lock guard(lock_);
    // First what others did since; inside the write nothing of the state changes, so that a write that
    // fails leaves it as it was.
    const auto read = [&](const journal::Reader& reader) -> Result<void> {
        CHECK(catch_up_locked(reader));
        if (!import.dry_run) return {};
        CHECK(look_for_patients(reports, options_.personal));
        TRY(judge(reader));
        return {};
    };
    CHECK(options_.journal.read(read));
    if (import.dry_run) return out;
    CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto patients = TRY(patients_of(reports, options_.personal));
        const std::vector<std::size_t> kept = TRY(judge(writer));
        out.repeated = kept.empty() && out.rejected == 0;
        if (kept.empty()) return {};
        std::vector<facts::SafetyReportRow> rows;
        for (const std::size_t i : kept) rows.push_back(reports[i].row);
        out.batch = TRY(append_batch(writer, actor, format, raw, observe::encode_rows(rows), out.rejected,
                                     import.source));
        ReportDossiers dossiers(options_.law, writer,
                                own ? *own
                                    : act::Actor{std::string(act::system_person),
                                                 actor.organisation,
                                                 {std::string(act::system_person)},
                                                 writer.now()},
                                options_.default_organisation);
        for (std::size_t at = 0; at < kept.size(); ++at) {
            const std::size_t i = kept[at];
            out.reports[i].address = observe::ReportAddress{out.batch, at}.text();
            if (!import.history) CHECK(dossiers.act_on(reports[i].row, patients[i], out.reports[i]));
            if (import.progress) import.progress("recording", at + 1, kept.size());
        }
        out.opened = dossiers.opened();
        return {};
    }));
    CHECK(options_.journal.read([&](const journal::Reader& reader) { return catch_up_locked(reader); }));
    return out;
}

Result<ReportResult> ReportDesk::import(const ReportActor& actor, ReportImport import) {
    const Instant now = options_.clock.now();
    Parsed parsed = TRY(parse(import.bytes, elements_, options_.law, now));
    for (IncomingReport& report : parsed.reports) fill_channel(report, import.channel);
    const std::vector<IncomingReport> given = parsed.message ? parsed.reports : std::vector<IncomingReport>();
    ReportResult out =
        TRY(take_in(actor, parsed.format, import.bytes, std::move(parsed.reports), import, nullptr));
    out.duplicate += parsed.repeated;
    if (parsed.message) {
        out.problems = parsed.message->problems;
        out.ack = ack_of(*parsed.message, given, out, options_.default_organisation, now);
    }
    return out;
}

}  // namespace qingyuan::api
