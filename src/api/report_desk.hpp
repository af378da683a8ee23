// Safety reports at work: messages, tables and forms come in, are kept sealed, journaled as coded rows and
// become cases; each new report opens a dossier whose limits run from the day somebody first knew. Used by
// the command line and the API alike; holds no rule.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "act/engine.hpp"
#include "base/clock.hpp"
#include "facts/personal.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"
#include "observe/icsr_ack.hpp"
#include "observe/report_batch.hpp"

namespace qingyuan::api {

struct ReportDeskOptions {
    const law::Law& law;
    journal::Journal& journal;
    const journal::Evidence& evidence;
    facts::PersonalValues& personal;  ///< the vault
    journal::Transform seal;          ///< of raw files: accounts::seal_file(vault)
    const Clock& clock;
    std::string default_organisation = {};  ///< answers for reports nobody else does
};

/// Who hands something in.
struct ReportActor {
    std::string person;
    std::string organisation;
};

using ReportProgress = std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t of)>;

struct ReportImport {
    std::string bytes;   ///< of the file as it came: E2B(R3) XML or a report table, perhaps gzipped
    std::string source;  ///< who sent it, in words; a file name may hold a patient's, so it is not taken
    std::string channel = {};  ///< a word of report_channels; empty: by the sender
    bool history = false;  ///< taken over from another system whose review is done: rows only, no dossiers
    bool dry_run = false;  ///< only the answer; nothing is written
    ReportProgress progress = {};
};

/// The limit that a report starts, or would start.
struct ReportClock {
    std::string limit;  ///< ADR.SERIOUS
    Date start;         ///< day 0
    std::string due;    ///< 2025-06-24, or an instant for hours
};

/// What became of one report.
struct ReportOutcome {
    std::string number, case_id, version;  ///< version: C.1.5 as YYYYMMDDhhmmss
    std::uint64_t line = 0;
    bool accepted = false;
    observe::ReportStanding standing{};
    std::vector<observe::ReportProblem> problems, warnings;
    std::int64_t completeness = 0;
    std::vector<std::string> missing;
    bool uncoded = false;              ///< a product nobody knows yet: queued for coding
    std::optional<ReportClock> clock;  ///< none where the law runs none
    std::string address;               ///< seq/i of its row, empty where nothing was kept
    std::string dossier;               ///< id, empty where none was opened or moved
    std::string no_dossier;            ///< why not: the code of the refusal
};

struct ReportResult {
    std::string format;
    std::uint64_t batch = 0;  ///< sequence number; 0: nothing was kept
    bool repeated = false;    ///< all of it came before
    std::uint64_t accepted = 0, duplicate = 0, rejected = 0, opened = 0;
    std::vector<observe::ReportProblem> problems;  ///< of the envelope
    std::vector<ReportOutcome> reports;
    std::optional<observe::IcsrAck> ack;  ///< of a message
};

/// A report from a form. Of a consumer's form most is empty.
struct ReportForm {
    facts::SafetyReport
        report;  ///< `patient` is the name as written: it goes to the vault; number empty: dealt
    std::string patient_id = {};             ///< identity or record number, for the vault
    std::string severity = {};               ///< a word of report_seriousness where `report` has none
    std::vector<std::string> criteria = {};  ///< words of adr_seriousness
    bool is_new = false;                     ///< not in the label
    std::vector<std::string> no_batch = {};  ///< by product: a word of report_no_batch
    std::optional<Date> known_on = {};       ///< first known; default: today
    std::string narrative = {};              ///< stays in the sealed file
    observe::ReportContents more = {};       ///< indication, dose … given in the form
    std::string channel = {};
    bool dry_run = false;  ///< only the answer; nothing is written
};

/// Thread-safe. One import at a time; any number of processes on one journal.
class ReportDesk {
 public:
    /// Reads the elements of the law and all batches of the journal.
    static Result<std::unique_ptr<ReportDesk>> open(ReportDeskOptions options);

    /// Told of every change of a case, in order, once: first by `listen` those that are there, then those of
    /// each import, whoever made it. Called under the desk's lock.
    using Listener = std::function<void(const observe::ReportChange&)>;
    void listen(Listener listener);
    /// Reads what others have journaled since.
    Result<void> catch_up();

    /// Errors of the whole: those of read_icsr and read_report_csv, encoding_invalid, too_large; disk_full,
    /// io_failed. A report that is not taken is in the result.
    Result<ReportResult> import(const ReportActor& actor, ReportImport import);
    /// One report from a form; the actor's own roles decide whether it may be opened (wrong_role).
    Result<ReportResult> submit(const ReportActor& actor, const ReportForm& form);
    /// More about a case: the report's number stays, the information is of today. record_unknown.
    Result<ReportResult> follow_up(const ReportActor& actor, std::string_view case_id, ReportForm form);

    /// Products that nobody knows, most cases first.
    Result<std::vector<observe::UncodedProduct>> uncoded();
    /// Says which product a reported name is; the cases that change are told to the listener. field_missing.
    Result<std::uint64_t> code(const ReportActor& actor, const facts::ProductCodedRow& coding);

    /// Dossiers of reports that were returned, of the organisation or below it; empty: all.
    Result<std::vector<facts::DossierRow>> returned(std::string_view organisation_path = {});

    /// Adds or changes sentinel sites. field_missing, not_in_vocabulary.
    Result<std::uint64_t> put_sentinels(const ReportActor& actor,
                                        const std::vector<facts::SentinelRow>& rows);
    /// Every active site with its last report; silent by the parameter sentinel_silent_days.
    Result<std::vector<observe::SentinelState>> sentinels(Date on);
    /// By what ways reports came; alarm by the parameter report_channel_percent.
    Result<std::vector<observe::ChannelShare>> channels(Date from, Date to);

    /// Looks at the cases under the lock.
    Result<void> look(const std::function<Result<void>(const observe::ReportArchive&)>& use);

 private:
    explicit ReportDesk(ReportDeskOptions options) : options_(std::move(options)) {}
    Result<void> catch_up_locked(const journal::Reader& reader);
    Result<ReportResult> take_in(const ReportActor& actor, std::string_view format, std::string_view raw,
                                 std::vector<observe::IncomingReport> reports, const ReportImport& import,
                                 const act::Actor* own);
    Result<std::uint64_t> append_batch(journal::Writer& writer, const ReportActor& actor,
                                       std::string_view format, std::string_view raw,
                                       const observe::EncodedRows& rows, std::uint64_t rejected,
                                       std::string_view source);
    Result<ReportResult> from_form(const ReportActor& actor, const ReportForm& form, std::string_view number,
                                   std::string_view case_id);
    Result<std::string> dealt_number(std::string_view organisation);

    ReportDeskOptions options_;
    observe::IcsrElements elements_;
    std::mutex lock_;
    observe::ReportState state_;
    Listener listener_;
};

}  // namespace qingyuan::api
