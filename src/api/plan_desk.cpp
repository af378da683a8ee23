// What the pages of planning share: lists, steps that stand, the ceremony of a draw with its frame.
#include "api/plan_desk.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "journal/evidence.hpp"
#include "target/ceremony.hpp"

namespace qingyuan::api {

bool is_planned(std::string_view procedure) {
    constexpr std::array<std::string_view, 5> planned{"draw", "inspection_round", "inspector_file",
                                                      "risk_conference", "conference_submission"};
    return std::ranges::find(planned, procedure) != planned.end();
}

bool is_computed(std::string_view procedure, std::string_view step) {
    return (procedure == "draw" && step == "draw") || (procedure == "inspection_round" && step == "replace");
}

Result<std::vector<facts::DossierRow>> planned(const Call& call, const journal::Reader& reader,
                                               std::string_view procedure, std::uint64_t most) {
    const access::Scope scope = call.scope(access::Kind::plan);
    std::vector<facts::DossierRow> out;
    if (scope.nothing()) return out;
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string(procedure)}},
                   {"state", journal::Compare::not_equal, {std::string(act::voided_state)}}};
    query.any = access::branches(scope);
    query.descending = true;
    query.limit = most;
    return reader.view<facts::DossierRow>().list(query);
}

Result<std::vector<Taken>> steps_of(const journal::Reader& reader, const facts::DossierRow& row,
                                    std::string_view step) {
    std::map<std::string, std::int64_t> numbers;
    std::vector<Taken> out;
    for (const facts::StepState& state : row.steps) {
        const std::int64_t number = ++numbers[state.step];
        if (state.voided || (!step.empty() && state.step != step)) continue;
        facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(state.seq)));
        const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!taken) continue;
        facts::StepTaken copy = *taken;
        out.push_back({number, std::move(recorded), std::move(copy)});
    }
    return out;
}

std::int64_t whole_in(const facts::Form& form, std::string_view field) {
    const facts::Value* value = facts::find(form, field);
    const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
    return number ? *number : 0;
}

Json taken_by(Presenter& present, const facts::Recorded& recorded) {
    return {{"at", recorded.recorded_at.text()},
            {"on", recorded.fact.happened_on.text()},
            {"by", recorded.fact.actor == act::system_person ? Json(nullptr)
                                                             : present.person(recorded.fact.actor)}};
}

Result<std::vector<facts::DossierRow>> opened_from(const journal::Reader& reader, std::int64_t source,
                                                   std::string_view procedure) {
    journal::Query query;
    query.where = {{"source", journal::Compare::equal, {source}},
                   {"procedure", journal::Compare::equal, {std::string(procedure)}}};
    return reader.view<facts::DossierRow>().list(query);
}

// --- draws

namespace {

Result<void> read_frame(const Services& services, DrawHeld& draw) {
    const auto files = facts::list_of(draw.row.attributes, "frame");
    const std::string kept = TRY(services.evidence.read(files.empty() ? "" : files.front()));
    target::KeptFrame frame = TRY(target::parse_frame(kept, draw.bundle.head.strata));
    draw.bundle.units = std::move(frame.units);
    draw.operators = std::move(frame.operators);
    return {};
}

}  // namespace

Result<DrawHeld> draw_held(const Services& services, const journal::Reader& reader,
                           const facts::DossierRow& row, bool with_frame) {
    DrawHeld out;
    out.row = row;
    out.bundle = TRY(target::ceremony_of(reader, row));
    if (!out.bundle.void_reason.empty()) {
        out.bytes = TRY(target::write_bundle(out.bundle));
        return out;
    }
    if (with_frame) CHECK(read_frame(services, out));
    if (row.state != "published") return out;
    const auto files = facts::list_of(row.attributes, "bundle");
    out.bytes = TRY(services.evidence.read(files.empty() ? "" : files.front()));
    if (with_frame) out.outcome = TRY(target::check_bundle(out.bytes)).outcome;
    return out;
}

http::Response bundle_response(std::string_view id, std::string bytes) {
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(bytes);
    response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}.draw\"", id));
    return response;
}

Error not_public(const facts::DossierRow& row) {
    const std::string until = facts::text_of(row.attributes, "sealed_until");
    return {ErrorCode::too_early,
            until.empty() ? "the result is not published" : "the result may be sealed until " + until,
            "state",
            "INSP",
            "publish it first",
            until.empty() ? "结果尚未公开" : "结果封存至" + until,
            "请先办理“公开结果”"};
}

std::vector<target::Place> drawn_places(const DrawHeld& draw) {
    std::vector<target::Place> out;
    if (!draw.outcome) return out;
    std::ranges::copy_if(draw.outcome->places, std::back_inserter(out),
                         [](const target::Place& place) { return !place.reserve; });
    return out;
}

}  // namespace qingyuan::api
