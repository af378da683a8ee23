// Reads and checks the examples of a rule. Inside the room only.
#pragma once

#include "law/book.hpp"
#include "law/rules.hpp"

namespace qingyuan::law {

enum class ExampleKind : std::uint8_t { example, quiet };

/// One [[example]] or [[quiet]]: tables it does not give are those of `first`, the first example of the file
/// (null while that is read itself).
[[nodiscard]] RuleExample read_rule_example(const TomlNode& node, ExampleKind kind, const RuleExample* first,
                                            std::string_view file, Problems& problems);

/// "rule,key" taken apart.
struct ExpectedFinding {
    std::string_view rule, key;
};
[[nodiscard]] ExpectedFinding parse_expected(std::string_view text);

/// Is there such an event, code, document … in the example's tables?
[[nodiscard]] bool is_key_of(const RuleExample& example, FindingUnit unit, std::string_view key);

}  // namespace qingyuan::law
