// The text of a scenario: header, blocks of commands with what they must print. docs/scenarios.md.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::cli {

/// One command line: its words without `=`, and its arguments in order.
struct Command {
    std::size_t line = 0;
    std::vector<std::string> words;
    std::vector<std::pair<std::string, std::string>> arguments;
};

/// scenario_malformed: an open quotation mark.
[[nodiscard]] Result<Command> parse_command(std::string_view text, std::size_t line);

struct Block {
    std::size_t line = 0;  ///< of its first command
    std::vector<Command> commands;
    std::string expected;           ///< without a line feed at the end
    std::size_t expected_from = 0;  ///< lines [from, to) of the file hold it, counted from 0
    std::size_t expected_to = 0;
};

struct Scenario {
    std::string title_zh;
    std::string title_en;
    std::vector<std::string> law;
    std::vector<std::string> mission;
    std::vector<Block> blocks;
    std::vector<std::string> lines;  ///< the file, for rewriting

    /// The file with what was printed in place of what was expected; one text a block.
    [[nodiscard]] std::string rewritten(const std::vector<std::string>& printed) const;
};

/// scenario_malformed with the line in `where`: no title, an unknown header key, commands without `----`, no
/// block at all.
[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text);

/// The first place where two texts differ, a few lines around it: "-" expected, "+" printed.
[[nodiscard]] std::string difference(std::string_view expected, std::string_view printed);

}  // namespace qingyuan::cli
