// From a report to its dossier: whose it is, which limit runs, which steps a new version takes. Inside of the
// report desk only.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/report_desk.hpp"

namespace qingyuan::api {

/// category of the dossier: a vaccine is a drug.
[[nodiscard]] std::string category_of(const facts::SafetyReportRow& row);
/// One for all reports of a case, so that the next version finds it.
[[nodiscard]] std::string dossier_id(const facts::SafetyReportRow& row);
/// The word of report_seriousness that sets the limit of the row.
[[nodiscard]] std::string limit_word(const facts::SafetyReportRow& row);
/// The limit that the opening of such a report starts first, and when it ends; none where the law runs none.
[[nodiscard]] Result<std::optional<ReportClock>> clock_of(const law::Law& law,
                                                          const facts::SafetyReportRow& row, Instant now);

/// Is the product in the registry, under its number with or without 国药准字 in front?
[[nodiscard]] bool product_is_known(const journal::Reader& reader, std::string_view approval);

/// Opens and moves dossiers inside one write.
class ReportDossiers {
 public:
    ReportDossiers(const law::Law& law, journal::Writer& writer, act::Actor actor,
                   std::string default_organisation)
        : engine_(law),
          writer_(writer),
          actor_(std::move(actor)),
          default_organisation_(std::move(default_organisation)) {}

    /// Does what the row asks for and says so in the outcome. Only failures are errors: a refusal of the law
    /// leaves the row without a dossier and is named there.
    Result<void> act_on(const facts::SafetyReportRow& row, const facts::SubjectRef& patient,
                        ReportOutcome& outcome);
    [[nodiscard]] std::uint64_t opened() const { return opened_; }
    /// The organisation that answers for the report.
    Result<std::string> route(const facts::SafetyReportRow& row);

 private:
    Result<void> open(const facts::SafetyReportRow& row, const facts::SubjectRef& patient,
                      ReportOutcome& outcome);
    Result<void> follow(const facts::SafetyReportRow& row, facts::DossierRow dossier, ReportOutcome& outcome);
    Result<facts::DossierRow> take(const facts::DossierRow& dossier, std::string_view step, facts::Form form,
                                   std::optional<Date> on = {});
    Result<std::optional<facts::DossierRow>> find(const std::string& id);
    Result<std::string> route_of(const std::string& organisation, const std::string& city, Date on);

    act::Engine engine_;
    journal::Writer& writer_;
    act::Actor actor_;
    std::string default_organisation_;
    std::map<std::pair<std::string, std::string>, std::string> routes_;
    std::map<std::string, std::string> operators_;  ///< by name or id: the operator's id
    std::uint64_t opened_ = 0;
};

}  // namespace qingyuan::api
