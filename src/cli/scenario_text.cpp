// Reading and rewriting scenarios.
#include "cli/scenario_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::cli {

namespace {

constexpr std::string_view rule = "----";

Error malformed(std::size_t line, std::string message) {
    return {ErrorCode::scenario_malformed,
            std::move(message),
            fmt::format("line {}", line),
            {},
            "see docs/scenarios.md"};
}

bool is_remark(std::string_view line) {
    return line.starts_with('#');
}
bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

Result<void> read_header(Scenario& scenario, std::string_view line, std::size_t number) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view key = line.substr(0, end);
    const std::string_view value = trim(line.substr(end));
    if (key == "title") {
        const std::size_t gap = value.find("  ");
        scenario.title_zh = trim(value.substr(0, gap));
        if (gap != std::string_view::npos) scenario.title_en = trim(value.substr(gap));
        if (scenario.title_zh.empty() || scenario.title_en.empty())
            return malformed(number, "a title is Chinese, two blanks, English");
    } else if (key == "law") {
        for (const std::string& part : split(value, ',')) scenario.law.emplace_back(trim(part));
    } else if (key == "mission") {
        for (const std::string& part : split(value, ' '))
            if (!part.empty()) scenario.mission.push_back(part);
    } else {
        return malformed(number, fmt::format("'{}' is no key of the header", key));
    }
    return {};
}

class Reader {
 public:
    explicit Reader(Scenario& scenario) : scenario_(scenario), lines_(scenario.lines) {}

    Result<void> read() {
        for (; at_ < lines_.size() && !lines_[at_].empty(); ++at_)
            if (!is_remark(lines_[at_])) CHECK(read_header(scenario_, lines_[at_], at_ + 1));
        if (scenario_.title_zh.empty()) return malformed(1, "there is no title");
        for (; at_ < lines_.size(); ++at_)
            if (!lines_[at_].empty() && !is_remark(lines_[at_])) CHECK(read_block());
        if (scenario_.blocks.empty()) return malformed(lines_.size(), "there is no command");
        return {};
    }

 private:
    Result<void> read_block() {
        Block block;
        block.line = at_ + 1;
        for (;; ++at_) {
            if (at_ >= lines_.size() || lines_[at_].empty())
                return malformed(block.line, "these commands have no ----");
            if (lines_[at_] == rule) break;
            if (is_remark(lines_[at_])) continue;
            const std::size_t first = at_;
            std::string text = lines_[at_];
            while (at_ + 1 < lines_.size() && lines_[at_ + 1].starts_with(' ')) text += lines_[++at_];
            block.commands.push_back(TRY(parse_command(text, first + 1)));
        }
        if (block.commands.empty()) return malformed(block.line, "---- without a command");
        block.expected_from = ++at_;
        while (at_ < lines_.size() && !lines_[at_].empty()) {
            if (at_ > block.expected_from) block.expected += '\n';
            block.expected += lines_[at_++];
        }
        block.expected_to = at_;
        scenario_.blocks.push_back(std::move(block));
        return {};
    }

    Scenario& scenario_;
    const std::vector<std::string>& lines_;
    std::size_t at_ = 0;
};

}  // namespace

Result<Command> parse_command(std::string_view text, std::size_t line) {
    Command command;
    command.line = line;
    std::size_t at = 0;
    for (;;) {
        while (at < text.size() && text[at] == ' ') ++at;
        if (at == text.size()) break;
        std::size_t end = at;
        while (end < text.size() && is_key_character(text[end])) ++end;
        const bool has_key = end > at && end < text.size() && text[end] == '=';
        const std::string key(has_key ? text.substr(at, end - at) : std::string_view());
        if (has_key) at = end + 1;
        std::string value;
        if (at < text.size() && text[at] == '"') {
            for (++at;; ++at) {
                if (at >= text.size()) return malformed(line, "a quotation mark is not closed");
                if (text[at] == '"') break;
                if (text[at] == '\\' && at + 1 < text.size())
                    value += text[++at] == 'n' ? '\n' : text[at];
                else
                    value += text[at];
            }
            ++at;
            if (at < text.size() && text[at] != ' ')
                return malformed(line, "a blank must follow a quotation mark");
        } else {
            while (at < text.size() && text[at] != ' ') value += text[at++];
        }
        if (has_key)
            command.arguments.emplace_back(key, std::move(value));
        else
            command.words.push_back(std::move(value));
    }
    if (command.words.empty()) return malformed(line, "a command begins with its name");
    return command;
}

std::string Scenario::rewritten(const std::vector<std::string>& printed) const {
    std::string out;
    std::size_t at = 0;
    const auto copy_to = [&](std::size_t end) {
        for (; at < end; ++at) out += lines[at] + "\n";
    };
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        copy_to(blocks[i].expected_from);
        if (!printed[i].empty()) out += printed[i] + "\n";
        at = blocks[i].expected_to;
    }
    copy_to(lines.size());
    return out;
}

Result<Scenario> parse_scenario(std::string_view text) {
    if (!is_utf8(text)) return Error{ErrorCode::encoding_invalid, "not UTF-8"};
    Scenario scenario;
    for (std::string& line : split(text, '\n')) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        scenario.lines.push_back(std::move(line));
    }
    while (!scenario.lines.empty() && scenario.lines.back().empty()) scenario.lines.pop_back();
    CHECK(Reader(scenario).read());
    return scenario;
}

std::string difference(std::string_view expected, std::string_view printed) {
    const std::vector<std::string> left = split(expected, '\n');
    const std::vector<std::string> right = split(printed, '\n');
    std::size_t same = 0;
    while (same < left.size() && same < right.size() && left[same] == right[same]) ++same;
    std::size_t tail = 0;
    while (tail < left.size() - same && tail < right.size() - same &&
           left[left.size() - 1 - tail] == right[right.size() - 1 - tail])
        ++tail;
    std::string out;
    for (std::size_t i = same > 1 ? same - 2 : 0; i < same; ++i) out += "  " + left[i] + "\n";
    for (std::size_t i = same; i < left.size() - tail; ++i) out += "- " + left[i] + "\n";
    for (std::size_t i = same; i < right.size() - tail; ++i) out += "+ " + right[i] + "\n";
    return out;
}

}  // namespace qingyuan::cli
