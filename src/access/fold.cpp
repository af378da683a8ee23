// The rows of accounts, grants, proposals and submissions.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "access/grants.hpp"

namespace qingyuan::access {

namespace {

using facts::Recorded;
using journal::Projections;

constexpr std::array<std::string_view, 5> open_to_all{"report", "complaint", "lead", "adverse_event",
                                                      "group_event"};

template <class Row>
Result<Row> known(Projections& rows, const std::string& id) {
    auto row = TRY(rows.find<Row>(id));
    if (!row) return Error{ErrorCode::record_unknown, fmt::format("'{}'", id), "id"};
    return *std::move(row);
}

Result<void> apply(const facts::AccountRecorded& fact, const Recorded& recorded, Projections& rows) {
    facts::AccountRow row;
    row.id = fact.id;
    row.person = fact.person;
    row.name = fact.name;
    row.state = fact.state;
    row.reason = fact.reason;
    row.from = recorded.fact.happened_on;
    return rows.put(std::move(row));
}

Result<void> apply(const facts::GrantGiven& fact, const Recorded& recorded, Projections& rows) {
    facts::GrantRow row;
    row.id = fact.id;
    row.object = fact.object;
    row.organisation = fact.organisation;
    row.person = fact.person;
    row.state = "given";
    row.actions = fact.actions;
    row.masks = fact.masks;
    row.purpose = fact.purpose;
    row.basis = fact.basis;
    row.from = fact.from;
    row.until = fact.until;
    row.version = fact.version;
    row.giver = recorded.fact.actor;
    row.approver = fact.approver;
    return rows.put(std::move(row));
}

Result<void> apply(const facts::GrantRevoked& fact, const Recorded&, Projections& rows) {
    auto row = TRY(known<facts::GrantRow>(rows, fact.id));
    row.state = "revoked";
    row.reason = fact.reason;
    return rows.put(std::move(row));
}

Result<void> apply(const facts::ProposalMade& fact, const Recorded& recorded, Projections& rows) {
    facts::ProposalRow row;
    row.id = fact.id;
    row.kind = fact.kind;
    row.object = fact.object;
    row.state = "open";
    row.content = fact.content;
    row.digest = fact.digest;
    row.until = fact.until;
    row.proposer = recorded.fact.actor;
    row.seq = static_cast<std::int64_t>(recorded.seq);
    return rows.put(std::move(row));
}

Result<void> apply(const facts::ProposalDecided& fact, const Recorded& recorded, Projections& rows) {
    auto row = TRY(known<facts::ProposalRow>(rows, fact.id));
    row.state = fact.decision;
    row.reason = fact.reason;
    row.decider = recorded.fact.actor;
    return rows.put(std::move(row));
}

Result<void> apply(const facts::DossierOpened& fact, const Recorded& recorded, Projections& rows) {
    if (std::ranges::find(open_to_all, fact.procedure) == open_to_all.end()) return {};
    return rows.put(SubmissionRow{static_cast<std::int64_t>(recorded.seq), recorded.fact.actor});
}

template <class Payload>
Result<void> apply(const Payload&, const Recorded&, Projections&) {
    return {};
}

}  // namespace

journal::Fold fold() {
    return {"access",
            {facts::AccountRow::row_type, facts::GrantRow::row_type, facts::ProposalRow::row_type,
             SubmissionRow::row_type},
            [](const Recorded& recorded, Projections& rows) -> Result<void> {
                return std::visit([&](const auto& payload) { return apply(payload, recorded, rows); },
                                  recorded.fact.payload);
            }};
}

}  // namespace qingyuan::access
