// Steps that a second person approves: what one filled in is held, shown, and approved by its digest.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "facts/rows.hpp"

namespace qingyuan::api {

/// Lays a filled step before who approves it (202 StepProposal). As take, but for the approval itself;
/// duplicate_key while one is undecided.
Answer propose_step(const Call& call);
/// What of the dossier is laid before an approver, and what came back since: StepProposal[].
Answer dossier_proposals(const Call& call);
/// What waits for the caller's approval, and what was returned to the caller.
Answer list_approvals(const Call& call);

/// Approves a proposal by its digest, returns it with a reason, or withdraws it. Approved, the step is taken
/// at once in the proposer's name, in the same transaction. As access::decide_proposal, then as approve and
/// take.
[[nodiscard]] Answer decide_step(const Call& call, const Json& body);

/// The step that a proposal of this dossier is for, and its form; record_unknown. What a draft is drawn from
/// before the step is taken.
[[nodiscard]] Result<std::pair<std::string, facts::Form>> proposed_step(const journal::Reader& reader,
                                                                        const facts::DossierRow& row,
                                                                        std::string_view proposal);
/// Is this file laid before an approver of the dossier, in a proposal that is not withdrawn?
[[nodiscard]] Result<bool> proposes_file(const journal::Reader& reader, const facts::DossierRow& row,
                                         const std::string& digest);

}  // namespace qingyuan::api
