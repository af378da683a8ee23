// A visit as a phone queued it: read and held against the checklist it was made under, before anything is
// recorded. Pure; the operation that records it is field_visit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "law/checklist.hpp"

namespace qingyuan::api {

struct VisitAnswer {
    std::string item, mark, answer, note;
};
struct VisitFinding {
    std::string item, clause, severity, description, product, trace_code;
};
struct VisitPhoto {
    std::string sha256, evidence, item;
    Instant taken_at;
    std::optional<std::size_t> finding;  ///< index into the findings
};
struct Visit {
    std::string dossier;
    std::string form, form_version;  ///< empty: no checklist serves this operator
    Instant started_at, captured_at;
    std::vector<std::string> officers, formalities;
    std::vector<VisitAnswer> answers;
    std::vector<VisitFinding> findings;
    std::vector<VisitPhoto> photos;
    std::string signature, signature_evidence, signed_by;
    std::vector<std::string> recording;
    std::string remarks;
};

/// field_unknown, field_missing, field_invalid, too_large; the shape only.
[[nodiscard]] Result<Visit> visit_of(const Json& body);

/// Eight hexadecimal digits of the SM3 over everything an inspector reads of the item.
[[nodiscard]] std::string mark_of(const law::ChecklistItem& item);

/// How one item differs from what was answered.
struct ItemChange {
    std::string item;
    std::string change;  ///< added removed changed
    std::string zh, en;  ///< the item as it is now, or its id where it is gone
};
/// Empty where the answers were made under this very list. Where only the version differs and no item does,
/// the list's own entry says so.
[[nodiscard]] std::vector<ItemChange> changes_of(const law::Checklist& list, const Visit& visit);

/// Every item answered in its own way, and every answer that is a finding has one: nothing that was seen is
/// lost between the list and the record. field_missing, field_invalid, field_unknown with the item.
[[nodiscard]] Result<void> check_answers(const law::Checklist& list, const Visit& visit);

}  // namespace qingyuan::api
