// Reports and the members of their figures. What is computed comes from the room account; here it only gets
// names.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "account/publication.hpp"
#include "account/report.hpp"
#include "api/figure_json.hpp"
#include "api/small_cells.hpp"
#include "base/text.hpp"
#include "document/report_json.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::api {

namespace {

Result<std::uint64_t> as_of(const Call& call, const journal::Reader& reader) {
    const std::string_view text = call.parameter("as_of");
    if (text.empty()) return std::uint64_t{0};
    if (const auto seq = parse_integer(text)) {
        if (*seq < 1) return Error{ErrorCode::usage, "a sequence number is a whole number from 1", "as_of"};
        return static_cast<std::uint64_t>(*seq);
    }
    Instant at = TRY(parse_instant(text));
    if (text.size() == 10) at = {start_of(at.date() + 1).us - 1};  // a date means its end
    return account::seq_at(reader, at);
}

/// What the reader may see of figures of the organisation: with their members, or the aggregate alone.
Result<access::Decision> may_see(const Call& call, const journal::Reader& reader,
                                 std::string_view organisation) {
    return call.may(TRY(access::object_at(reader, access::Kind::figure, organisation)));
}

Json moves_json(Presenter& present, const facts::ReportRow& row) {
    Json out = Json::array();
    for (const facts::ReportStep& move : row.moves)
        out.push_back({{"step", move.step},
                       {"seq", move.seq},
                       {"happened_on", move.on.text()},
                       {"actor", present.person(move.actor)},
                       {"as_of", move.as_of},
                       {"reason", move.reason}});
    return out;
}

Json carry_over_json(Presenter& present, const account::Report& report, const law::Statistics& statistics,
                     const account::IdentityResult& whole) {
    const law::ReportIdentity& form = *whole.identity;
    const auto row = [&](const account::IdentityResult& result) {
        Json names = present.organisation(result.organisation);
        if (result.is_own) names["zh"] = "本级", names["en"] = "Own work";
        return Json{{"org", result.organisation},
                    {"zh", names["zh"]},
                    {"en", names["en"]},
                    {"own", result.is_own},
                    {"opening", whole_number(result.terms.at(0).value)},
                    {"added", whole_number(result.terms.at(1).value)},
                    {"closed", whole_number(result.terms.at(2).value)},
                    {"ending", whole_number(result.left)},
                    {"overdue", result.of_which ? whole_number(*result.of_which) : Json(0)},
                    {"holds", result.holds()}};
    };
    Json rows = Json::array();
    for (const auto& result : report.identities)
        if (result.identity == &form && (result.organisation != report.organisation.id || result.is_own))
            rows.push_back(row(result));
    const law::Statistic* figure = statistics.find(form.equal, report.period.to);
    return {{"id", form.id},
            {"zh", form.zh},
            {"en", form.en},
            {"unit", unit_json(present, figure ? figure->unit : "")},
            {"figures",
             {{"opening", form.plus.at(0)},
              {"added", form.plus.at(1)},
              {"closed", form.minus.at(0)},
              {"ending", form.equal},
              {"overdue", form.of_which}}},
            {"total", row(whole)},
            {"rows", std::move(rows)}};
}

/// A ledger has exactly opening + added − closed = ending.
bool is_ledger(const law::ReportIdentity& form) {
    return form.kind == "carry_over" && form.plus.size() == 2 && form.minus.size() == 1;
}

Json units_json(Presenter& present, const account::Report& report) {
    Json out = Json::array();
    const auto& conference = present.services().conference_units;
    for (const account::UnitReport& unit : report.by_unit) {
        Json values = Json::object();
        for (const account::UnitFigure& figure : unit.figures)
            values[figure.figure] = whole_number(figure.value.value);
        out.push_back(
            {{"org", unit.unit.id},
             {"zh", unit.unit.name},
             {"en", unit.unit.name_en},
             {"reports", std::find(conference.begin(), conference.end(), unit.unit.id) != conference.end()},
             {"own", unit.is_own},
             {"values", std::move(values)}});
    }
    return out;
}

Json sections_json(const law::ReportForm& form) {
    Json out = Json::array();
    for (const law::ReportSection& section : form.sections) {
        Json figures = Json::array(), notes = Json::array();
        for (const law::ReportFigure& figure : section.figures) figures.push_back(figure.figure);
        if (!section.note_zh.empty())
            notes.push_back({{"head", {{"zh", ""}, {"en", ""}}},
                             {"text", {{"zh", section.note_zh}, {"en", section.note_en}}}});
        out.push_back({{"id", section.id},
                       {"kind", section.kind},
                       {"zh", section.zh},
                       {"en", section.en},
                       {"by_unit", section.by_unit},
                       {"year_on_year", section.year_on_year},
                       {"figures", std::move(figures)},
                       {"notes", std::move(notes)}});
    }
    return out;
}

Json report_body(const Call& call, Presenter& present, const account::Report& report,
                 const facts::ReportRow& row) {
    const law::Statistics& statistics = call.services.statistics;
    Json figures = Json::array();
    std::vector<std::string> roots;
    for (const account::ReportLine& line : report.lines) {
        if (!line.value) continue;
        figures.push_back(figure_json(present, statistics, report, line));
        if (line.members_root) roots.push_back(hex(*line.members_root));
    }
    Json carry_over = Json::array();
    for (const auto& result : report.identities)
        if (result.organisation == report.organisation.id && !result.is_own && is_ledger(*result.identity))
            carry_over.push_back(carry_over_json(present, report, statistics, result));
    return {{"report", report.form->id},
            {"org", report.organisation.id},
            {"period", report.period.text},
            {"as_of", {{"seq", report.as_of}, {"date", report.as_of_date.text()}}},
            {"title",
             {{"zh", report.period.zh() + report.form->zh},
              {"en", fmt::format("{}, {}", report.form->en, report.period.en())}}},
            {"organisation", present.organisation(report.organisation.id)},
            {"period_from", report.period.from.text()},
            {"period_to", report.period.to.text()},
            {"state", row.state},
            {"moves", moves_json(present, row)},
            {"computed_at", call.now.text()},
            {"sample_data", call.services.sample_data},
            {"law_digest", hex(call.services.law.digest())},
            {"sections", sections_json(*report.form)},
            {"figures", std::move(figures)},
            {"identities", identities_json(statistics, report)},
            {"by_unit", units_json(present, report)},
            {"carry_over", std::move(carry_over)},
            {"members_root", hex(merkle_root(roots))}};
}

}  // namespace

Result<account::ReportRequest> report_asked(const Call& call, const journal::Reader& reader,
                                            std::string_view report) {
    const auto organisation = call.parameter("org");
    const auto period = call.parameter("period");
    return account::ReportRequest{
        .report = std::string(report),
        .organisation = organisation.empty() ? home_of(call) : std::string(organisation),
        .period = TRY(
            account::parse_period(period.empty() ? std::string_view(call.services.default_period) : period)),
        .as_of = TRY(as_of(call, reader)),
        .with_roots = true};
}

Result<void> with_figures(const Services& services, const journal::Reader& reader,
                          const std::function<Result<void>(account::Index&)>& use) {
    const std::lock_guard lock(services.index_lock);
    CHECK(services.index.catch_up(reader));
    return use(services.index);
}

Answer report(const Call& call) {
    AnswerCache::Kept kept;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto request = TRY(report_asked(call, reader, call.path.at("report")));
        TRY(may_see(call, reader, request.organisation));
        const bool aggregates = sees_aggregates_only(call.subject);
        const std::string key =
            fmt::format("report|{}|{}|{}|{}|{}|{}", request.report, request.organisation, request.period.text,
                        request.as_of, TRY(reader.head()).size, aggregates);
        if ((kept = call.services.answers->find(key))) return {};
        const auto row =
            TRY(account::standing(reader, request.report, request.organisation, request.period.text));
        CHECK(with_figures(call.services, reader, [&](account::Index& index) -> Result<void> {
            // Somebody else made it while this one waited for the index.
            if ((kept = call.services.answers->find(key))) return {};
            Presenter present(call.services, reader, call.now);
            account::Report computed = TRY(account::compute(index, request));
            const std::size_t blanks = aggregates ? TRY(blank_small_cells(index, computed)) : 0;
            Json made = report_body(call, present, computed, row);
            if (aggregates) made["suppressed"] = {{"below", cell_min}, {"cells", blanks}};
            std::string body = json_text(made);
            std::string etag = digest_tag(body);
            kept = std::make_shared<const KeptAnswer>(KeptAnswer{std::move(body), std::move(etag)});
            call.services.answers->keep(key, kept);
            return {};
        }));
        return {};
    }));
    return kept_response(*kept);
}

Answer report_file(const Call& call) {
    http::Response response;
    const bool workbook = call.request.path.ends_with(".xlsx");
    const auto language = call.english ? document::Language::en : document::Language::zh;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto request = TRY(report_asked(call, reader, call.path.at("report")));
        TRY(may_see(call, reader, request.organisation));
        return with_figures(call.services, reader, [&](account::Index& index) -> Result<void> {
            account::Report report = TRY(account::compute(index, request));
            if (sees_aggregates_only(call.subject)) TRY(blank_small_cells(index, report));
            const document::Provenance from = TRY(document_provenance(call, reader, report));
            if (workbook) {
                response.content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                response.body = TRY(document::write_xlsx(
                    document::report_workbook(call.services.law, report, from, language)));
            } else {
                response.content_type = "text/plain";
                response.body =
                    document::report_text(document::lay_out(call.services.law, report, from, language));
            }
            return {};
        });
    }));
    response.headers.emplace_back(
        "Content-Disposition",
        fmt::format("attachment; filename=\"{}{}\"", call.path.at("report"), workbook ? ".xlsx" : ".txt"));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Answer list_reports(const Call& call) {
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        const std::string organisation =
            call.parameter("org").empty() ? home_of(call) : std::string(call.parameter("org"));
        TRY(may_see(call, reader, organisation));
        const Date today = call.now.date();
        const Date first = call.services.index.recorded_on(0);
        for (const law::ReportForm& form : call.services.statistics.reports())
            for (int year = today.year(); year >= first.year(); --year)
                for (const int half : {2, 1}) {
                    if (make_date(year, half == 1 ? 7 : 1, 1).plus_months(half == 1 ? 0 : 12) > today + 1)
                        continue;  // not over yet
                    const std::string period = fmt::format("{}-H{}", year, half);
                    const auto row = TRY(account::standing(reader, form.id, organisation, period));
                    const auto names = TRY(account::parse_period(period));
                    Json item{
                        {"report", form.id},
                        {"title",
                         {{"zh", names.zh() + form.zh}, {"en", fmt::format("{}, {}", form.en, names.en())}}},
                        {"organisation", present.organisation(organisation)},
                        {"period", period},
                        {"state", row.state},
                        {"as_of", nullptr}};
                    if (row.as_of != 0) {
                        const auto fact = TRY(reader.fact(static_cast<std::uint64_t>(row.as_of)));
                        item["as_of"] = {{"seq", row.as_of}, {"date", fact.recorded_at.date().text()}};
                    }
                    items.push_back(std::move(item));
                }
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

namespace {

/// A cursor is SEQ, SEQ/INDEX or an entity id: the last member shown.
account::MemberPage page_after(std::string_view cursor, std::size_t limit, bool entities) {
    account::MemberPage page{.limit = limit};
    if (cursor.empty()) return page;
    if (entities) {
        page.after_entity = cursor;
        return page;
    }
    const auto slash = cursor.find('/');
    page.after_seq = static_cast<std::uint64_t>(parse_integer(cursor.substr(0, slash)).value_or(0));
    if (slash != std::string_view::npos)
        page.after_index = static_cast<std::uint64_t>(parse_integer(cursor.substr(slash + 1)).value_or(0));
    return page;
}

/// How many members there are: a count says it itself, a ratio by its numerator; of a sum or a median they
/// are counted.
Result<std::uint64_t> count_members(const account::Index& index, std::string_view figure,
                                    const account::Scope& scope, const account::FigureValue& value) {
    const law::FoldKind fold = value.statistic->fold;
    if (fold == law::FoldKind::count || fold == law::FoldKind::ratio)
        return static_cast<std::uint64_t>(value.value.numerator());
    return TRY(index.members(figure, scope, {.limit = SIZE_MAX})).size();
}

/// To who sees aggregates alone, a blank of the report stays one when it is opened.
Result<void> is_shown(const account::Index& index, account::ReportRequest request, const std::string& figure,
                      bool own_only, std::uint64_t total) {
    request.with_roots = false;
    account::Report report = TRY(account::compute(index, request));
    const bool was_there = report.find(figure) != nullptr;
    TRY(blank_small_cells(index, report));
    bool shown = !is_small_cell(static_cast<std::int64_t>(total));
    if (shown && own_only) {
        for (const account::UnitReport& unit : report.by_unit)
            if (unit.is_own) shown = unit.find(figure) != nullptr || !was_there;
    } else if (shown && was_there) {
        shown = report.find(figure)->value.has_value();
    }
    if (shown) return {};
    return Error{ErrorCode::access_denied,
                 fmt::format("fewer than {} members, or a number that would tell of so few", cell_min),
                 figure,
                 {},
                 "ask for a longer period or a larger area",
                 fmt::format("不足{}项，或者可推算出不足{}项，不向只看汇总数的人员显示", cell_min, cell_min),
                 "请扩大期间或者地区范围"};
}

/// May the reader know which record this member is? Whoever may see the members of the figure, but for
/// matters that are sensitive or that the reader is recused from; and everybody who may see the matter
/// itself.
Result<bool> may_know(const Call& call, Presenter& present, const access::Decision& on_figure,
                      const std::optional<facts::DossierRow>& dossier) {
    if (!dossier) return !on_figure.masked(access::Mask::content);
    const auto object = TRY(access::object_of(present.reader(), *dossier));
    const auto seen = access::decide(call.subject, access::Policy::dossier_list, object);
    if (seen.allowed) return !seen.masked(access::Mask::content);
    if (seen.refusal == ErrorCode::recused || object.label > access::Label::internal) return false;
    auto figure = object;
    figure.kind = access::Kind::figure;
    const auto named = access::decide(call.subject, access::Policy::figure_read, figure);
    return named.allowed && !named.masked(access::Mask::content);
}

Result<Json> member_json(const Call& call, Presenter& present, const account::Member& member, bool entity,
                         const access::Decision& on_figure) {
    std::optional<facts::DossierRow> dossier;
    if (!entity && member.dossier != 0)
        dossier =
            TRY(present.reader().view<facts::DossierRow>().find(static_cast<std::int64_t>(member.dossier)));
    if (!TRY(may_know(call, present, on_figure, dossier)))
        return Json{{"seq", 0},    {"index", nullptr},       {"record_id", ""},         {"dossier", ""},
                    {"title", ""}, {"happened_on", nullptr}, {"organisation", nullptr}, {"restricted", true}};
    Json out{{"seq", member.seq},       {"index", nullptr},   {"record_id", member.record_id},
             {"dossier", ""},           {"title", ""},        {"happened_on", nullptr},
             {"organisation", nullptr}, {"restricted", false}};
    if (member.index) out["index"] = *member.index;
    if (entity) {
        out["entity_id"] = member.record_id;
        const Json named = present.operator_ref(member.record_id);
        out["title"] = named.is_null() ? "" : named["name"].get<std::string>();
        return out;
    }
    if (const auto fact = present.reader().fact(member.seq)) {
        out["happened_on"] = fact->fact.happened_on.text();
        out["organisation"] = present.organisation(fact->fact.organisation);
    }
    if (dossier) {
        out["dossier"] = dossier->id;
        out["title"] = dossier->title;
    }
    return out;
}

}  // namespace

Answer figure_members(const Call& call) {
    Json body;
    const std::uint64_t limit = TRY(call.limit());
    const std::string& figure = call.path.at("figure");
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto request = TRY(report_asked(call, reader, call.path.at("report")));
        const access::Decision decision = TRY(may_see(call, reader, request.organisation));
        TRY(call.services.statistics.report(request.report));
        return with_figures(call.services, reader, [&](account::Index& index) -> Result<void> {
            const account::Scope scope{.organisation = request.organisation,
                                       .period = request.period,
                                       .as_of = request.as_of,
                                       .own_only = call.parameter("own") == "true"};
            const auto value = TRY(index.value(figure, scope));
            if (value.statistic->kind == law::FigureKind::reported)
                return Error{ErrorCode::figure_unknown,
                             fmt::format("{} is reported by others: it has no members", figure), "figure"};
            const std::uint64_t total = TRY(count_members(index, figure, scope, value));
            if (sees_aggregates_only(call.subject))
                CHECK(is_shown(index, request, figure, scope.own_only, total));
            const bool entities = value.statistic->by == law::MemberKind::operator_id;
            Presenter present(call.services, reader, call.now);
            Json items = Json::array();
            const auto members =
                TRY(index.members(figure, scope, page_after(call.parameter("cursor"), limit, entities)));
            for (const account::Member& member : members)
                items.push_back(TRY(member_json(call, present, member, entities, decision)));
            const std::uint64_t seq = request.as_of != 0 ? request.as_of : index.applied();
            body = {{"report", request.report},
                    {"figure", present.named(figure, value.statistic->zh, value.statistic->en)},
                    {"unit", unit_json(present, value.unit())},
                    {"org", request.organisation},
                    {"organisation", present.organisation(request.organisation)},
                    {"period", request.period.text},
                    {"as_of", {{"seq", seq}, {"date", index.recorded_on(seq).text()}}},
                    {"members", entities ? "entity" : "fact"},
                    {"total", total},
                    {"members_root", hex(TRY(index.members_root(figure, scope)))},
                    {"command",
                     fmt::format("qingyuan report {} --org {} --period {} --as-of {} --members {}",
                                 request.report, request.organisation, request.period.text, seq, figure)},
                    {"items", std::move(items)},
                    {"next", nullptr}};
            if (members.size() == limit && !members.empty()) {
                const account::Member& last = members.back();
                const std::string next = entities     ? last.record_id
                                         : last.index ? fmt::format("{}/{}", last.seq, *last.index)
                                                      : std::to_string(last.seq);
                if (!TRY(index.members(figure, scope, page_after(next, 1, entities))).empty())
                    body["next"] = next;
            }
            return {};
        });
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
