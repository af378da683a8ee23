#include "account/publication.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::account {

namespace {

std::string key_of(std::string_view report, std::string_view organisation, std::string_view period) {
    return fmt::format("{}/{}/{}", report, organisation, period);
}

std::string state_after(std::string_view step) {
    if (step == "approve") return "approved";
    if (step == "freeze") return "frozen";
    if (step == "publish") return "published";
    return "draft";
}

Result<void> fold_figure(const facts::Recorded& recorded, const facts::FigureReported& figure,
                         journal::Projections& projections) {
    const std::string key = key_of(figure.figure, figure.organisation, figure.period);
    facts::ReportedFigureRow row;
    if (auto found = TRY(projections.find<facts::ReportedFigureRow>(key))) row = std::move(*found);
    row.key = key;
    row.figure = figure.figure;
    row.organisation = figure.organisation;
    row.seq = static_cast<std::int64_t>(recorded.seq);
    row.statements.push_back(figure);
    return projections.put(row);
}

Result<void> fold_move(const facts::Recorded& recorded, const facts::ReportMoved& move,
                       journal::Projections& projections) {
    const std::string key = key_of(move.report, move.organisation, move.period);
    facts::ReportRow row;
    if (auto found = TRY(projections.find<facts::ReportRow>(key))) row = std::move(*found);
    row.key = key;
    row.report = move.report;
    row.organisation = move.organisation;
    row.state = state_after(move.step);
    row.actor = recorded.fact.actor;
    row.as_of = move.as_of;
    row.manifest = move.manifest;
    row.moves.push_back({static_cast<std::int64_t>(recorded.seq), move.step, recorded.fact.actor,
                         recorded.fact.happened_on, move.as_of, move.reason});
    return projections.put(row);
}

Result<void> has_role(const Mover& mover, std::string_view role) {
    if (std::find(mover.roles.begin(), mover.roles.end(), role) != mover.roles.end()) return {};
    return Error{ErrorCode::wrong_role, fmt::format("{} is no {}", mover.person, role), std::string(role)};
}

facts::Fact moved(const Report& report, std::string_view step, const Digest& manifest, const Mover& mover,
                  std::string_view reason = {}) {
    facts::ReportMoved move;
    move.report = report.form->id;
    move.organisation = report.organisation.id;
    move.period = report.period.text;
    move.step = step;
    move.as_of = static_cast<std::int64_t>(report.as_of);
    move.manifest = Bytes(bytes_of(manifest));
    move.reason = reason;
    return {mover.on, mover.organisation, mover.person, 0, std::move(move)};
}

Result<facts::ReportRow> row_of(const journal::Reader& reader, const Report& report) {
    return standing(reader, report.form->id, report.organisation.id, report.period.text);
}

std::string shown(const FigureValue& value) {
    const std::string text = value.value.exact();
    return value.denominator ? text + "/" + value.denominator->exact() : text;
}

}  // namespace

journal::Fold fold() {
    return {"account",
            {facts::ReportedFigureRow::row_type, facts::ReportRow::row_type},
            [](const facts::Recorded& recorded, journal::Projections& projections) -> Result<void> {
                const facts::Payload& payload = recorded.fact.payload;
                if (const auto* figure = std::get_if<facts::FigureReported>(&payload))
                    return fold_figure(recorded, *figure, projections);
                if (const auto* move = std::get_if<facts::ReportMoved>(&payload))
                    return fold_move(recorded, *move, projections);
                return {};
            }};
}

Result<facts::ReportRow> standing(const journal::Reader& reader, std::string_view report,
                                  std::string_view organisation, std::string_view period) {
    const std::string key = key_of(report, organisation, period);
    if (auto found = TRY(reader.view<facts::ReportRow>().find(key))) return std::move(*found);
    facts::ReportRow row;
    row.key = key;
    row.report = report;
    row.organisation = organisation;
    row.state = "draft";
    return row;
}

Result<facts::Fact> approve(const journal::Reader& reader, const Report& report, const Digest& manifest,
                            const Mover& mover) {
    CHECK(has_role(mover, "report_approver"));
    const facts::ReportRow row = TRY(row_of(reader, report));
    if (row.state == "frozen" || row.state == "published")
        return Error{ErrorCode::already_frozen,
                     fmt::format("the report is {}", row.state),
                     row.key,
                     {},
                     "restate it with a reason"};
    if (auto broken = report.broken()) return std::move(*broken);
    return moved(report, "approve", manifest, mover);
}

Result<facts::Fact> freeze(const journal::Reader& reader, const Report& report, const Digest& manifest,
                           const Mover& mover) {
    CHECK(has_role(mover, "statistician"));
    const facts::ReportRow row = TRY(row_of(reader, report));
    if (row.state == "approved" && row.actor == mover.person)
        return Error{ErrorCode::same_person, fmt::format("{} approved the report", mover.person), "person"};
    if (row.state == "frozen" || row.state == "published")
        return Error{ErrorCode::already_frozen, fmt::format("the report is {}", row.state), row.key};
    if (row.state != "approved")
        return Error{
            ErrorCode::approval_missing, "the report is not approved", row.key, {}, "report approve"};
    if (row.as_of != static_cast<std::int64_t>(report.as_of) || row.manifest != bytes_of(manifest))
        return Error{
            ErrorCode::manifest_mismatch,
            fmt::format("approved were the figures as of {}, these are as of {}", row.as_of, report.as_of),
            row.key,
            {},
            "approve the present figures"};
    return moved(report, "freeze", manifest, mover);
}

Result<facts::Fact> publish(const journal::Reader& reader, const Report& report, const Mover& mover) {
    CHECK(has_role(mover, "report_approver"));
    const facts::ReportRow row = TRY(row_of(reader, report));
    if (row.state != "frozen")
        return Error{row.state == "published" ? ErrorCode::wrong_state : ErrorCode::not_frozen,
                     fmt::format("the report is {}", row.state),
                     row.key,
                     {},
                     "report freeze"};
    return moved(report, "publish", digest_of(row.manifest), mover);
}

Result<facts::Fact> restate(const journal::Reader& reader, const Report& before, const Report& now,
                            const Digest& manifest, std::string_view reason, const Mover& mover) {
    CHECK(has_role(mover, "statistician"));
    const facts::ReportRow row = TRY(row_of(reader, now));
    if (row.state != "frozen" && row.state != "published")
        return Error{ErrorCode::not_frozen, fmt::format("the report is {}", row.state), row.key};
    if (row.as_of != static_cast<std::int64_t>(before.as_of))
        return Error{ErrorCode::manifest_mismatch, fmt::format("the report was frozen as of {}", row.as_of),
                     row.key};
    if (trim(reason).empty())
        return Error{ErrorCode::field_missing, "a restatement states its reason", "reason"};
    const std::vector<Change> changed = changes(before, now);
    if (changed.empty())
        return Error{ErrorCode::condition_unmet, "no figure has changed since the report was frozen",
                     row.key};
    std::vector<std::string> texts;
    for (const Change& change : changed)
        if (change.organisation == now.organisation.id)
            texts.push_back(fmt::format("{} {} → {}", change.figure, change.before, change.now));
    return moved(now, "restate", manifest, mover, fmt::format("{}: {}", trim(reason), join(texts, "; ")));
}

std::vector<Change> changes(const Report& before, const Report& now) {
    std::vector<Change> out;
    const auto compare = [&](const std::string& figure, const std::string& organisation,
                             const std::string& was, const std::string& is) {
        if (was != is) out.push_back({figure, organisation, was, is});
    };
    for (const ReportLine& line : now.lines) {
        const ReportLine* then = before.find(line.figure);
        compare(line.figure, now.organisation.id,
                then != nullptr && then->value ? shown(*then->value) : std::string(),
                line.value ? shown(*line.value) : std::string());
    }
    for (const UnitReport& unit : now.by_unit) {
        const auto then =
            std::find_if(before.by_unit.begin(), before.by_unit.end(), [&](const UnitReport& each) {
                return each.unit.id == unit.unit.id && each.is_own == unit.is_own;
            });
        const std::string organisation = unit.is_own ? unit.unit.id + " (own)" : unit.unit.id;
        for (const UnitFigure& figure : unit.figures) {
            const FigureValue* was = then == before.by_unit.end() ? nullptr : then->find(figure.figure);
            compare(figure.figure, organisation, was == nullptr ? std::string() : shown(*was),
                    shown(figure.value));
        }
    }
    return out;
}

}  // namespace qingyuan::account
