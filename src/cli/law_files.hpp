// Runs files of worked examples against the law: due dates, codes, penalties. One line a failure, then "N
// passed, N failed".
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "law/law.hpp"

namespace qingyuan::cli {

struct ExampleRun {
    int passed = 0;
    std::vector<std::string> failures;
};

/// {"vectors": [{id, start | target, value?, unit?, suspend?: [[from, to]], and what is expected: raw,
/// due_holiday_roll, due, counted_days, provisional, latest_nth_day, latest_clear_days}]}. Value and unit of
/// the vector count; where they are absent, those of the limit `id`. Errors: json_malformed for another
/// shape.
[[nodiscard]] Result<ExampleRun> run_due_vectors(const law::Law& law, const nlohmann::json& file);

/// {"items": [{id, valid: [text], invalid: [text]}]}
[[nodiscard]] Result<ExampleRun> run_code_examples(const law::Law& law, const nlohmann::json& file);

/// {"vectors": [{rule, facts, min_yuan, max_yuan}], "person_vectors": […]}
[[nodiscard]] Result<ExampleRun> run_penalty_vectors(const law::Law& law, const nlohmann::json& file);

/// 2026-10-01T16:30: an instant in China as vectors write it.
[[nodiscard]] std::string minute_text(Instant instant);

/// Facts of a penalty from a JSON object.
[[nodiscard]] Result<law::PenaltyFacts> penalty_facts(const nlohmann::json& object);

}  // namespace qingyuan::cli
