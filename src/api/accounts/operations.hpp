// Signing in, one's own account, administration: the operations and what they share. Shapes:
// contract/accounts.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "api/present.hpp"
#include "facts/rows.hpp"

namespace qingyuan::api {

/// The name of something in both languages for an organisation or an operator: whichever it is, the other is
/// null. {"organisation": …, "operator": …} are put into `into`.
Result<void> place_into(Json& into, Presenter& present, std::string_view organisation);

/// A text as it was typed, spaces and all: passwords and codes. field_missing, field_invalid.
[[nodiscard]] Result<std::string> secret_in(const Json& object, const char* name);
/// A date, or the default one where it is absent; date_invalid.
[[nodiscard]] Result<Date> date_in(const Json& object, const char* name);
/// A text that may be absent, told apart from one that is empty.
[[nodiscard]] Result<std::optional<std::string>> change_in(const Json& object, const char* name);
[[nodiscard]] Json instant_or_null(std::int64_t us);
/// Keeps an answer for a repeated request, without the names of persons: they belong into the vault alone.
Result<void> keep_without_names(const Call& call, journal::Writer& writer, Json body, int status,
                                std::string_view etag = {});

/// One page of a list that was filtered while it was read: items and the key behind the last one shown.
struct Page {
    std::uint64_t limit = 50;
    std::string after;  ///< of the query's cursor
};
[[nodiscard]] Result<Page> page_of(const Call& call);

[[nodiscard]] Result<Json> proposal_json(const Call& call, Presenter& present, const facts::ProposalRow& row);
/// Makes a proposal and answers 202 with it.
[[nodiscard]] Answer propose(const Call& call, std::string_view kind, const std::string& object,
                             const facts::Form& content);

Answer show_session(const Call& call);
Answer sign_in(const Call& call);
Answer sign_out(const Call& call);
Answer sign_in_methods(const Call& call);
Answer sign_in_demo(const Call& call);
Answer start_oidc(const Call& call);
Answer finish_oidc(const Call& call);
Answer set_up(const Call& call);
Answer own_password(const Call& call);
Answer change_own_password(const Call& call);
Answer enrol_code(const Call& call);
Answer remove_code(const Call& call);
Answer own_sessions(const Call& call);
Answer end_own_session(const Call& call);
Answer own_tokens(const Call& call);
Answer issue_token(const Call& call);
Answer revoke_token(const Call& call);
Answer list_accounts(const Call& call);
Answer add_account(const Call& call);
Answer show_account(const Call& call);
Answer change_account(const Call& call);
Answer admin_people(const Call& call);
Answer add_person(const Call& call);
Answer propose_roles(const Call& call);
Answer admin_organisations(const Call& call);
Answer admin_organisation(const Call& call);
Answer add_organisation(const Call& call);
Answer change_organisation(const Call& call);
Answer list_grants(const Call& call);
Answer propose_grant(const Call& call);
Answer revoke_grant(const Call& call);
Answer list_proposals(const Call& call);
Answer decide_proposal(const Call& call);
Answer access_journal(const Call& call);
Answer reveal_informant(const Call& call);

}  // namespace qingyuan::api
