// What operations that change a dossier share: the version it was seen at, forms with personal values, one
// transaction for the fact and the answer kept with it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"

namespace qingyuan::api {

/// The version of If-Match; version_wanted without one. "*" is no version: a change is made on something
/// that was seen.
[[nodiscard]] Result<std::int64_t> expected_version(const Call& call);
/// `happened_on` of a body; date_invalid.
[[nodiscard]] Result<std::optional<Date>> date_of(const Json& body);
/// The `form` of a body with personal values already in the vault; the errors of document::form_of_json.
[[nodiscard]] Result<facts::Form> form_of(const Call& call, const Json& body,
                                          const std::vector<law::Field>& fields);
/// Evidence that is new to the matter must be a file that this person brought: whoever names a digest could
/// read the file through the matter. evidence_missing.
[[nodiscard]] Result<void> check_evidence(const Call& call, const journal::Reader& reader,
                                          const facts::DossierRow& row, std::vector<std::string> digests);

/// What somebody brings to the step in the path: form, officers, documents, evidence, day. Checked: files are
/// the person's own or the matter's, names are not hidden in texts. condition_unmet for what the program
/// computes.
[[nodiscard]] Result<act::Request> request_of(const Call& call, const journal::Reader& reader,
                                              const facts::DossierRow& row, const Json& body);
/// {seq, dossier, version, state} of what was recorded: Appended of the contract.
[[nodiscard]] Json appended(const Call& call, const journal::Reader& reader, const facts::Recorded& recorded);

/// A change of the dossier in the path, made on the version that If-Match says. Access is decided before,
/// where it can be journaled, and again on what is changed. version_conflict tells who did what since.
using Change = std::function<Result<facts::Fact>(const journal::Reader&, const facts::DossierRow&,
                                                 const act::Actor&, std::int64_t version)>;
[[nodiscard]] Answer change_dossier(const Call& call, const Change& make);
/// What a change made on an old version is answered: who did what since.
[[nodiscard]] Result<http::Response> moved_since(const Call& call, const Error& error, std::int64_t version);

}  // namespace qingyuan::api
