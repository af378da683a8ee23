// A report laid out once, as titled tables of texts in Chinese or English; text, HTML and the workbook only
// draw them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "account/report.hpp"
#include "document/paper.hpp"
#include "document/report_json.hpp"
#include "document/table.hpp"
#include "law/law.hpp"

namespace qingyuan::document {

enum class Language : std::uint8_t { zh, en };

struct ReportTable {
    std::string title;
    std::vector<std::string> columns;
    std::vector<bool> is_number;  ///< by column: set to the right
    std::vector<std::vector<std::string>> rows;
    bool last_is_total = false;
    std::vector<std::string> notes;  ///< printed below
};

struct ReportLayout {
    std::string organisation;
    std::string title;
    std::vector<std::string> facts;  ///< period, as-of, law, sample data: one line each
    std::vector<ReportTable> tables;
    std::vector<ReportTable> appendix;  ///< what every figure counts: unit, filters, note
};

[[nodiscard]] ReportLayout lay_out(const law::Law& law, const account::Report& report, const Provenance& from,
                                   Language language);

/// 2,918 · 79.12% (144/182) · 约17,600 · 1,500.00 (yuan for fen).
[[nodiscard]] std::string shown_value(const account::FigureValue& value, Language language);

[[nodiscard]] std::string report_text(const ReportLayout& layout);
/// One printable page of its own: no script, no outside resource.
[[nodiscard]] std::string report_html(const ReportLayout& layout, Language language);
/// The same on paper, for write_pdf and write_docx; a table of many columns turns the page. Errors as
/// settle_characters.
[[nodiscard]] Result<Paper> report_paper(const ReportLayout& layout, Date as_of, bool sample_data,
                                         Language language);
/// The figures as numbers, by unit, the identities, and a sheet that states units, filters and as-of.
[[nodiscard]] Workbook report_workbook(const law::Law& law, const account::Report& report,
                                       const Provenance& from, Language language);
/// One row for every figure of the organisation and of each unit; machine-readable values.
[[nodiscard]] std::string report_csv(const account::Report& report);

}  // namespace qingyuan::document
