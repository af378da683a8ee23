// A list or a report as a file: with what it contains, as of when, who took it and why, a mark on every page,
// and an entry in the access journal that holds the digest of the bytes.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/letters.hpp"
#include "api/batch.hpp"
#include "api/doors.hpp"
#include "api/figure_json.hpp"
#include "base/text.hpp"
#include "document/report_tables.hpp"
#include "document/table.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t export_rows_max = 10'000;
constexpr std::string_view xlsx_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

struct Export {
    std::string number;  ///< of this export: on every page, in the journal
    std::string list;    ///< dossiers operators, or empty
    std::string report;
    std::string format;  ///< xlsx csv
    std::string purpose;
    std::string query;
    bool english = false;
    [[nodiscard]] std::string_view say(std::string_view zh, std::string_view en) const {
        return english ? en : zh;
    }
};

const Operation& operation_of(const Export& order) {
    static const Operation dossiers{"POST", "/api/exports", access::Policy::dossier_export,
                                    RateClass::export_, start_export};
    static const Operation operators{"POST", "/api/exports", access::Policy::registry_list,
                                     RateClass::export_, start_export};
    static const Operation figures{"POST", "/api/exports", access::Policy::figure_export, RateClass::export_,
                                   start_export};
    return order.list == "dossiers" ? dossiers : order.list == "operators" ? operators : figures;
}

std::string said(const Json& named, bool english) {
    if (named.is_null()) return {};
    if (named.contains("name")) return named["name"].is_string() ? named["name"].get<std::string>() : "";
    return named[english ? "en" : "zh"].get<std::string>();
}

document::Cell date_cell(Date date) {
    if (date_or_null(date).is_null()) return std::monostate{};
    return date;
}

Result<document::Table> dossier_table(const Call& call, const journal::Reader& reader, const Export& order,
                                      Progress& progress) {
    using document::ColumnType;
    document::Table table{.title = std::string(order.say("事项", "Dossiers")), .columns = {}, .rows = {}};
    const auto column = [&](std::string_view zh, std::string_view en, ColumnType type = ColumnType::text) {
        table.columns.push_back({std::string(order.say(zh, en)), {}, type});
    };
    column("编号", "Id"), column("名称", "Title"), column("程序", "Procedure"), column("状态", "State");
    column("承办单位", "Organisation"), column("主体编号", "Operator id"), column("主体", "Operator");
    column("类别", "Category"), column("专项行动", "Campaign");
    column("立项日期", "Opened on", ColumnType::date), column("办结日期", "Closed on", ColumnType::date);
    column("最近期限（安全日）", "Next limit ends on (safe reading)", ColumnType::date);
    const auto rows = TRY(all_matching(call, reader, export_rows_max));
    Presenter present(call.services, reader, call.now);
    for (const facts::DossierRow& row : rows) {
        const auto decision =
            access::decide(call.subject, call.operation.policy, TRY(access::object_of(reader, row)));
        if (!decision.allowed) continue;
        present.mask(decision.masks);
        const law::Procedure* procedure = present.procedure_of(row);
        const Json operator_ref = present.operator_ref(row.operator_id);
        table.rows.push_back(
            {row.id, decision.masked(access::Mask::content) ? std::string() : row.title,
             procedure ? std::string(order.say(procedure->zh, procedure->en)) : row.procedure,
             procedure ? said(present.state(*procedure, row.state), order.english) : row.state,
             said(present.organisation(row.organisation), order.english), row.operator_id,
             said(operator_ref, order.english), said(present.word("categories", row.category), order.english),
             said(present.campaign(row.campaign), order.english), date_cell(row.opened_on),
             date_cell(row.closed_on),
             row.open && row.due > 0 ? document::Cell(Date{static_cast<std::int32_t>(row.due)})
                                     : document::Cell()});
        progress.report(static_cast<std::int64_t>(table.rows.size()), static_cast<std::int64_t>(rows.size()));
    }
    return table;
}

Result<document::Table> operator_table(const Call& call, const journal::Reader& reader, const Export& order) {
    document::Table table{.title = std::string(order.say("主体", "Operators")), .columns = {}, .rows = {}};
    for (const auto& [zh, en] : {std::pair{"编号", "Id"}, std::pair{"名称", "Name"},
                                 std::pair{"类型", "Kind"}, std::pair{"统一社会信用代码", "Credit code"},
                                 std::pair{"区划", "Region"}, std::pair{"监管单位", "Regulator"}})
        table.columns.push_back({std::string(order.say(zh, en)), {}, document::ColumnType::text});
    Presenter present(call.services, reader, call.now);
    for (const facts::OperatorRow& row : TRY(all_operators(call, reader, export_rows_max))) {
        const law::Region* region = call.services.law.find_region(row.region, call.now.date());
        table.rows.push_back({row.id, row.name, said(present.word("operator_kinds", row.kind), order.english),
                              row.uscc,
                              region ? std::string(order.say(region->name, region->name_en)) : row.region,
                              said(present.organisation(row.organisation), order.english)});
    }
    return table;
}

using Notes = std::vector<std::pair<std::string, std::string>>;

/// What the file says of itself.
Result<Notes> notes_of(const Call& call, const journal::Reader& reader, const Export& order,
                       std::size_t rows) {
    Presenter present(call.services, reader, call.now);
    const Json person = present.person(call.subject.person);
    const std::string name = person["name"].is_string() ? person["name"].get<std::string>() : "";
    const auto size = TRY(reader.head()).size;
    Notes notes{
        {std::string(order.say("导出编号", "Export number")), order.number},
        {std::string(order.say("导出人", "Taken by")),
         fmt::format("{} {} {}", name, call.subject.person,
                     said(present.organisation(call.subject.organisation), order.english))},
        {std::string(order.say("导出时间", "Taken at")), call.now.text()},
        {std::string(order.say("截至", "As of")), fmt::format("{} {}", order.say("台账第", "entry"), size)},
        {std::string(order.say("筛选条件", "Filters")),
         order.query.empty() ? std::string(order.say("无", "none")) : order.query},
        {std::string(order.say("行数", "Rows")), std::to_string(rows)},
        {std::string(order.say("计数单位", "Unit")),
         std::string(order.list == "operators" ? order.say("户", "operators")
                                               : order.say("件", "dossiers"))}};
    if (!order.purpose.empty()) notes.emplace_back(std::string(order.say("用途", "Purpose")), order.purpose);
    if (call.services.sample_data)
        notes.emplace_back(
            std::string(order.say("示例数据", "Sample data")),
            std::string(order.say("企业、人员和记录均为虚构", "every firm, person and record is invented")));
    return notes;
}

std::string mark_of(const Call& call, const journal::Reader& reader, const Export& order) {
    Presenter present(call.services, reader, call.now);
    const Json person = present.person(call.subject.person);
    return fmt::format("{} {} {} {}", person["name"].is_string() ? person["name"].get<std::string>() : "",
                       call.subject.person, call.now.text(), order.number);
}

Result<JobResult> list_file(const Call& call, const journal::Reader& reader, const Export& order,
                            Progress& progress) {
    document::Table table = order.list == "dossiers" ? TRY(dossier_table(call, reader, order, progress))
                                                     : TRY(operator_table(call, reader, order));
    const std::size_t rows = table.rows.size();
    Notes notes = TRY(notes_of(call, reader, order, rows));
    const std::string mark = mark_of(call, reader, order);
    JobResult made{.name = fmt::format("{}-{}.{}", order.list, order.number, order.format),
                   .type = order.format == "csv" ? "text/csv; charset=utf-8" : std::string(xlsx_type),
                   .bytes = {},
                   .succeeded = static_cast<std::int64_t>(rows)};
    if (order.format == "csv") {
        notes.emplace_back(std::string(order.say("水印", "Mark")), mark);
        made.bytes = document::write_csv(table, notes);
        return made;
    }
    made.bytes = TRY(document::write_xlsx({.tables = {std::move(table)},
                                           .notes = std::move(notes),
                                           .created = call.now,
                                           .sample_data = call.services.sample_data,
                                           .mark = mark}));
    return made;
}

Result<JobResult> report_file_of(const Call& call, const journal::Reader& reader, const Export& order) {
    auto request = TRY(report_asked(call, reader, order.report));
    TRY(call.may(TRY(access::object_at(reader, access::Kind::figure, request.organisation))));
    JobResult made{.name = fmt::format("{}-{}.{}", order.report, order.number, order.format),
                   .type = order.format == "csv" ? "text/csv; charset=utf-8" : std::string(xlsx_type),
                   .bytes = {}};
    CHECK(with_figures(call.services, reader, [&](account::Index& index) -> Result<void> {
        const auto report = TRY(account::compute(index, request));
        const auto from = TRY(document_provenance(call, reader, report));
        document::Workbook book = document::report_workbook(
            call.services.law, report, from, order.english ? document::Language::en : document::Language::zh);
        for (auto& note : TRY(notes_of(call, reader, order, report.lines.size())))
            if (note.first != order.say("计数单位", "Unit")) book.notes.push_back(std::move(note));
        book.mark = mark_of(call, reader, order);
        if (order.format == "csv") {
            book.notes.emplace_back(std::string(order.say("水印", "Mark")), book.mark);
            made.bytes = document::csv_notes(book.notes) + document::report_csv(report);
            return {};
        }
        made.bytes = TRY(document::write_xlsx(book));
        return {};
    }));
    return made;
}

Result<JobResult> run_export(const Asked& asked, const Export& order, Progress& progress) {
    const Call call = TRY(asked.call(operation_of(order)));
    JobResult made;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        made = order.list.empty() ? TRY(report_file_of(call, reader, order))
                                  : TRY(list_file(call, reader, order, progress));
        return {};
    }));
    // The entry stands before anybody can fetch a byte.
    CHECK(call.note(fmt::format("{} {} sm3:{}", order.list.empty() ? order.report : order.list, order.number,
                                hex(sm3(made.bytes))),
                    made.succeeded, order.purpose));
    return made;
}

Result<Export> export_of(const Call& call) {
    const Json body = TRY(body_of(call, {"list", "report", "query", "format", "language", "purpose"}));
    Export order{.number = "e-" + TRY(accounts::fresh_secret()).substr(0, 10),
                 .list = TRY(text_in(body, "list")),
                 .report = TRY(text_in(body, "report")),
                 .format = TRY(wanted_in(body, "format")),
                 .purpose = TRY(text_in(body, "purpose")),
                 .query = TRY(text_in(body, "query", 2000)),
                 .english = call.english};
    const std::string language = TRY(text_in(body, "language"));
    if (!language.empty()) order.english = language == "en";
    if (order.list.empty() == order.report.empty())
        return Error{ErrorCode::field_invalid, "give either a list or a report", "list", {}, {},
                     "清单和报告二者取一"};
    if (!order.list.empty() && order.list != "dossiers" && order.list != "operators")
        return Error{ErrorCode::field_invalid, "dossiers or operators", "list"};
    if (!order.report.empty()) TRY(call.services.statistics.report(order.report));
    if (order.format != "xlsx" && order.format != "csv")
        return Error{ErrorCode::field_invalid, "xlsx or csv", "format"};
    return order;
}

}  // namespace

Answer start_export(const Call& call) {
    const Export order = TRY(export_of(call));
    const auto asked = TRY(asked_by(call, order.query));
    TRY(asked->call(operation_of(order)));  // refused at once where the roles do not include it
    const auto row = TRY(call.services.jobs.start(
        *call.identity, "export",
        [asked, order](Progress& progress) { return run_export(*asked, order, progress); }, told_to(call)));
    return accepted(row);
}

}  // namespace qingyuan::api
