// What two persons agree on, and what follows from it: accounts, grants, proposals. Pure: facts so far and a
// request in, the fact or a refusal out. The caller appends it in the same transaction it read in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "facts/fact.hpp"
#include "journal/view.hpp"

namespace qingyuan::access {

/// Who opened a dossier that people from outside open too: a report, a complaint, a lead, an adverse event.
struct SubmissionRow {
    static constexpr facts::RowType row_type{"submissions", "dossier", {"person"}, {"dossier"}};
    std::int64_t dossier = 0;
    std::string person;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("dossier", s.dossier);
        v("person", s.person);
    }
};

/// The fold of accounts, grants, proposals and submissions.
[[nodiscard]] journal::Fold fold();

/// The kind of proposal that is a filled form of a procedure's step, laid before who approves the step.
constexpr std::string_view step_kind = "step";
constexpr int proposal_days = 7;          ///< a proposal lapses after so many days, approved or not
constexpr int grant_days_default = 90;    ///< where a grant names no last day
constexpr int grant_months_longest = 12;  ///< no grant is longer

/// What a grant says, as a form: the content of a proposal of kind grant. Dates as text YYYY-MM-DD.
/// organisation person actions masks purpose basis from until version
struct GrantRequest {
    std::int64_t object = 0;  ///< sequence number of the dossier
    std::string organisation;
    std::string person;                ///< empty: everybody of the organisation with a role that may
    std::vector<std::string> actions;  ///< read step export
    std::vector<std::string> masks;    ///< personal internal risk content
    std::string purpose;
    std::string basis;
    Date from;                 ///< default: today
    Date until;                ///< default: 90 days from `from`
    std::int64_t version = 0;  ///< pinned to the dossier as of this fact; 0 = as it goes on
};
[[nodiscard]] facts::Form form_of(const GrantRequest& request);
/// field_invalid, field_unknown, date_invalid.
[[nodiscard]] Result<GrantRequest> grant_request(std::int64_t object, const facts::Form& content);

/// What a proposal is bound to: SM3 of kind, object and content.
[[nodiscard]] Bytes proposal_digest(std::string_view kind, std::string_view object,
                                    const facts::Form& content);

/// Asks for what a second person must agree to.
///   grant            object = sequence number of the dossier, content as above
///   informant_reveal object = sequence number of the dossier, content: purpose
///   role_change      object = person, content: roles (list)
///   account_reset    object = account, content: reason
///   step             object = "{dossier}/{step}", content: the form and what goes with it, checked by the
///                    caller (act::Engine::ready); one at a time for a step
/// not_signed_in, access_denied, recused; dossier_unknown, person_unknown, account_unknown,
/// organisation_unknown; duplicate_key where the same is proposed already; field_missing, field_invalid,
/// not_in_vocabulary.
[[nodiscard]] Result<facts::Fact> propose(const journal::Reader& reader, const Subject& subject,
                                          std::string_view kind, std::string_view object,
                                          const facts::Form& content);

/// Agrees, or does not: approved, refused, withdrawn (by the proposer alone). `digest` is of the content the
/// decider has seen. record_unknown; access_denied; same_person — also through a second account or a second
/// entry in the registry of the same human being; wrong_state (decided already); proposal_lapsed;
/// content_changed; field_missing (no reason for a refusal); not_in_vocabulary.
[[nodiscard]] Result<facts::Fact> decide_proposal(const journal::Reader& reader, const Subject& subject,
                                                  std::string_view id, std::string_view decision,
                                                  std::string_view digest, std::string_view reason);

/// Uses an approved proposal, once: checks that it was approved by another person, has not lapsed, and is for
/// exactly this content. record_unknown, approval_missing, same_person, proposal_lapsed, content_changed.
[[nodiscard]] Result<facts::ProposalRow> approved(const journal::Reader& reader, const Subject& subject,
                                                  std::string_view id, std::string_view kind,
                                                  std::string_view object, const facts::Form& content);

/// Opens a dossier to an organisation by an approved proposal. The giver reads it by the tree, never by a
/// grant. As `approved` and `propose`; wrong_state where the proposal was used.
[[nodiscard]] Result<facts::Fact> give_grant(const journal::Reader& reader, const Subject& subject,
                                             std::string_view proposal, const GrantRequest& request);
/// Ends a grant, alone and at once. record_unknown, access_denied, wrong_state, field_missing (no reason).
[[nodiscard]] Result<facts::Fact> revoke_grant(const journal::Reader& reader, const Subject& subject,
                                               std::string_view id, std::string_view reason);

/// Records an account: a new one (id empty) or a change of name or state. The very first may be anybody's
/// (set-up). access_denied, also to oneself; person_unknown; account_unknown; duplicate_key: the name is
/// taken, or this human being has an account already; field_invalid; field_missing; not_in_vocabulary.
[[nodiscard]] Result<facts::Fact> record_account(const journal::Reader& reader, const Subject& subject,
                                                 facts::AccountRecorded account);

/// Are these entries of the registry one human being? The same id, the same subject of the vault, or the same
/// enforcement certificate.
[[nodiscard]] Result<bool> same_human(const journal::Reader& reader, std::string_view a, std::string_view b);

}  // namespace qingyuan::access
