// A judgement: at an instant, on a data cut, what is confirmed and what is withdrawn. One fact names rule
// versions, cut, counts and the root of its rows; the rows lie in the evidence store, so that a finding is
// addressed seq/index.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "facts/fact.hpp"
#include "journal/evidence.hpp"
#include "law/law.hpp"
#include "law/rules.hpp"
#include "packs/index.hpp"

namespace qingyuan::assess {

/// A finding as people read it.
struct FindingText {
    int number = 0;  ///< 1–14, 0 where the rule has none
    std::string rule, title, severity, version;
    std::string key;  ///< event id, event_id/code, code, document id or subject
    std::string code, document, batch;
    std::string operator_id, other_id, region;
    std::string explanation, next;
    std::vector<std::string> law;
};
/// In Chinese, or English.
[[nodiscard]] Result<FindingText> described(packs::Index& index, const law::Law& law,
                                            const packs::Finding& finding, bool english);
/// The key alone: what `qingyuan anomalies` prints.
[[nodiscard]] std::string key_of(packs::Index& index, const packs::Finding& finding);

/// A row of a judgement's file: `confirmed|withdrawn`, rule, key, operator, code, event time.
[[nodiscard]] std::string judgement_row(packs::Index& index, const packs::Finding& finding, bool confirmed);

struct JudgementReport {
    std::uint64_t seq = 0;  ///< of the fact, 0 where nothing changed
    std::uint64_t confirmed = 0, withdrawn = 0, provisional = 0;
    std::map<std::string, std::uint64_t> confirmed_by_rule;
};

/// Findings per operator and rule that were confirmed or withdrawn: what a lead is about.
struct LeadGroup {
    std::string operator_id;
    std::string rule;
    std::vector<packs::Finding> findings;
};
[[nodiscard]] std::vector<LeadGroup> by_operator(packs::Index& index,
                                                 const std::vector<packs::Finding>& findings);

/// How long each operator's absence-based findings wait, from law/parameters/trace.toml on a day.
[[nodiscard]] Result<packs::GraceOptions> grace_options(const law::Law& law, Date on);

/// Rules over many codes: persons, prescriptions, stock, duties, listings (law/rules without a number).
[[nodiscard]] Result<std::vector<packs::Finding>> judge_subjects(packs::Index& index, const law::Law& law,
                                                                 std::int64_t now_ms);
[[nodiscard]] const std::set<std::string>& subject_rules();

}  // namespace qingyuan::assess
