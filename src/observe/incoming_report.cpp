#include "observe/incoming_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::observe {

std::string decimal_text(double value) {
    std::string text = fmt::format("{:.4f}", value);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

ReportContents contents_of(const facts::SafetyReportRow& row, const ReportContents& more) {
    ReportContents out = more;
    out.patient = out.patient || !row.sex.empty() || !row.age_years.empty();
    out.reporter = out.reporter || !row.source.empty() || !row.organisation.empty();
    out.product = std::any_of(row.products.begin(), row.products.end(),
                              [](const auto& one) { return !one.name.empty() || !one.approval.empty(); });
    out.event = !row.reactions.empty();
    out.outcome = !row.outcome.empty() && row.outcome != "unknown";
    out.sex = !row.sex.empty();
    out.age = !row.age_years.empty();
    out.report_type = !row.report_type.empty() && row.report_type != "unknown";
    return out;
}

void press_for_batches(IncomingReport& report) {
    for (std::size_t i = 0; i < report.row.products.size(); ++i) {
        const facts::ReportedProductRow& product = report.row.products[i];
        if (!product.batch.empty()) continue;
        report.warnings.push_back(
            {fmt::format("G.k.4.r.7[{}]", i + 1), ErrorCode::batch_number_missing,
             product.no_batch.empty()
                 ? fmt::format("product {} has no batch number and nobody says why", i + 1)
                 : fmt::format("product {} has no batch number: {}", i + 1, product.no_batch),
             "ask the reporter for it: without it a bad batch is not found"});
    }
}

Result<IncomingReport> incoming_of(const facts::SafetyReport& report, const ReportContents& more,
                                   Date received_on, const law::Law& law) {
    IncomingReport out;
    facts::SafetyReportRow& row = out.row;
    row.number = report.number;
    row.case_id = report.number;
    row.received_on = report.received_on.value_or(received_on);
    row.first_known_on = row.received_on;
    std::string day = row.received_on.text();
    std::erase(day, '-');
    row.info_at = row.sent_at = day + "000000";
    row.kind = report.kind.empty() ? "drug" : report.kind;
    row.report_type = "spontaneous";
    row.source = report.source;
    row.organisation = report.organisation;
    row.city = report.city;
    row.country = "CN";
    if (report.onset_on) row.onset_on = *report.onset_on;
    row.sex = report.sex;
    if (report.age_years) row.age_years = decimal_text(*report.age_years);
    if (report.weight_kg) row.weight_kg = decimal_text(*report.weight_kg);
    for (const facts::SuspectProduct& product : report.products)
        row.products.push_back(
            {product.name, product.ingredient, product.approval, product.maker, product.batch, {}});
    row.reactions = report.reactions;
    row.outcome = report.outcome;
    // Who died of it is a death, whatever word the table has for its seriousness.
    row.seriousness = report.outcome == "death" ? "death" : report.seriousness;
    row.causality = report.causality;
    out.patient_name = report.patient;
    ReportContents contents = more;
    contents.patient = contents.patient || !report.patient.empty();
    contents.country = true;
    contents.reporter_known = contents.reporter_known || !report.source.empty();
    out.quality = TRY(quality_of(contents_of(row, contents), law));
    row.completeness = out.quality.completeness;
    out.problems = criteria_problems(out.quality);
    press_for_batches(out);
    return out;
}

}  // namespace qingyuan::observe
