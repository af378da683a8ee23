// What the doors of the enterprise, the inspector and the public share: reading a body, and what of the
// registry and of a matter is shown outside the authority.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "api/present.hpp"

namespace qingyuan::api {

/// The acting person of what strangers hand in, in every fact of it.
constexpr std::string_view stranger_person = "public";

/// A body whose every name is one of these; field_unknown for another: nobody believes it was taken.
[[nodiscard]] Result<Json> body_of(const Call& call, std::initializer_list<std::string_view> names);
[[nodiscard]] Result<void> only_names(const Json& object, std::initializer_list<std::string_view> names,
                                      std::string_view inside = {});

/// A trimmed text, "" where it is absent. field_invalid: no text, or longer than `max` characters.
[[nodiscard]] Result<std::string> text_in(const Json& object, const char* name, std::size_t max = 200);
/// As text_in; field_missing where it is empty.
[[nodiscard]] Result<std::string> wanted_in(const Json& object, const char* name, std::size_t max = 200);
[[nodiscard]] Result<std::vector<std::string>> list_in(const Json& object, const char* name);
[[nodiscard]] Result<bool> flag_in(const Json& object, const char* name);
/// A word of the vocabulary in force on the date, or "" where it is absent; not_in_vocabulary.
[[nodiscard]] Result<std::string> word_in(const Call& call, const Json& object, const char* name,
                                          std::string_view vocabulary);

/// Every digest is a file that this person uploaded; evidence_missing. Without this a stranger to a file
/// could name its digest and read it through a matter of his own.
[[nodiscard]] Result<void> check_uploaded(const Call& call, const std::vector<std::string>& digests);

/// Dossiers the route's policy opens to the subject and the conditions hold for, oldest first.
[[nodiscard]] Result<std::vector<facts::DossierRow>> open_to(const Call& call, const journal::Reader& reader,
                                                             std::vector<journal::Condition> where);

/// The last step of this name that stands, or null.
[[nodiscard]] const facts::StepState* last_step(const facts::DossierRow& row, std::string_view step);
/// The running clock that ends first, in few words; null where none runs.
[[nodiscard]] Json next_clock(const Presenter& present, const facts::DossierRow& row);
/// The running clock of one of these limits.
[[nodiscard]] std::optional<act::ClockView> running_clock(const Presenter& present,
                                                          const facts::DossierRow& row,
                                                          std::initializer_list<std::string_view> limits);

/// {id, zh, en} of a region code; null where it is not known.
[[nodiscard]] Json region_named(const Presenter& present, std::string_view code);
/// The state of a licence with its names.
[[nodiscard]] Json licence_status(const Presenter& present, std::string_view status);
/// Keeps an answer with the facts it answers for: both are durable or neither. `response` is what the
/// operation returns.
Result<void> keep_answer(const Call& call, journal::Writer& writer, const http::Response& response);
/// As above, with working state it answers for.
Result<void> keep_answer(const Call& call, journal::Projections& rows, const http::Response& response);

// public
Answer public_form(const Call& call);
Answer public_penalties(const Call& call);
Answer public_penalty(const Call& call);
Answer public_violators(const Call& call);
Answer public_cases(const Call& call);
Answer public_operators(const Call& call);
Answer public_document(const Call& call);
Answer public_report(const Call& call);
Answer public_progress(const Call& call);
// portal
Answer portal_today(const Call& call);
Answer portal_dossiers(const Call& call);
Answer portal_dossier(const Call& call);
Answer portal_step(const Call& call);
Answer portal_licences(const Call& call);
Answer portal_roster(const Call& call);
Answer acknowledge(const Call& call);
// field
Answer field_today(const Call& call);
Answer field_checklist(const Call& call);
Answer field_visit(const Call& call);
Answer field_clues(const Call& call);
Answer field_clue(const Call& call);

}  // namespace qingyuan::api
