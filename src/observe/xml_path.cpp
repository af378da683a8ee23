#include "observe/xml_path.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace qingyuan::observe {

namespace {

Error malformed(std::string_view text) {
    return {ErrorCode::field_invalid, "not a path: '" + std::string(text) + "'"};
}

/// The parts between slashes that stand outside of brackets.
std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t from = 0;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '[') ++depth;
        if (text[i] == ']') --depth;
        if (text[i] != '/' || depth != 0) continue;
        out.push_back(text.substr(from, i - from));
        from = i + 1;
    }
    out.push_back(text.substr(from));
    return out;
}

}  // namespace

Result<XmlPath::Step> XmlPath::parse_step(std::string_view text) {
    Step step;
    const auto bracket = text.find('[');
    step.name = std::string(text.substr(0, bracket));
    if (step.name.empty()) return malformed(text);
    std::string_view rest = bracket == std::string_view::npos ? std::string_view() : text.substr(bracket);
    while (!rest.empty()) {
        const auto close = rest.find(']');
        const auto equal = rest.find('=');
        if (rest[0] != '[' || close == std::string_view::npos || equal == std::string_view::npos ||
            equal > close)
            return malformed(text);
        Condition condition;
        condition.value = std::string(rest.substr(equal + 1, close - equal - 1));
        for (const std::string_view part : parts_of(rest.substr(1, equal - 1)))
            if (part.starts_with('@'))
                condition.attribute = std::string(part.substr(1));
            else
                condition.names.emplace_back(part);
        if (condition.attribute.empty()) return malformed(text);
        step.conditions.push_back(std::move(condition));
        rest.remove_prefix(close + 1);
    }
    return step;
}

Result<XmlPath> XmlPath::parse(std::string_view text) {
    XmlPath out;
    for (const std::string_view part : parts_of(text)) {
        if (!out.attribute_.empty()) return malformed(text);
        if (part.starts_with('@')) {
            out.attribute_ = std::string(part.substr(1));
            if (out.attribute_.empty() || out.steps_.empty()) return malformed(text);
        } else {
            out.steps_.push_back(TRY(parse_step(part)));
        }
    }
    return out;
}

bool XmlPath::holds(const XmlTree& tree, std::int32_t element, const Condition& condition,
                    std::size_t depth) {
    if (depth == condition.names.size())
        return tree.attribute(tree.at(element), condition.attribute) == condition.value;
    for (std::int32_t child = tree.at(element).first_child; child >= 0; child = tree.at(child).next)
        if (tree.at(child).name.local == condition.names[depth] && holds(tree, child, condition, depth + 1))
            return true;
    return false;
}

bool XmlPath::matches(const XmlTree& tree, std::int32_t element, const Step& step) {
    return tree.at(element).name.local == step.name &&
           std::all_of(step.conditions.begin(), step.conditions.end(),
                       [&](const Condition& one) { return holds(tree, element, one, 0); });
}

void XmlPath::collect(const XmlTree& tree, std::int32_t from, std::size_t step,
                      std::vector<std::int32_t>& out) const {
    if (step == steps_.size()) {
        out.push_back(from);
        return;
    }
    for (std::int32_t child = tree.at(from).first_child; child >= 0; child = tree.at(child).next)
        if (matches(tree, child, steps_[step])) collect(tree, child, step + 1, out);
}

std::vector<std::int32_t> XmlPath::find(const XmlTree& tree, std::int32_t from) const {
    std::vector<std::int32_t> out;
    collect(tree, from, 0, out);
    return out;
}

std::vector<std::int32_t> XmlPath::find_self(const XmlTree& tree, std::int32_t self) const {
    std::vector<std::int32_t> out;
    if (matches(tree, self, steps_.front())) collect(tree, self, 1, out);
    return out;
}

std::string_view XmlPath::value(const XmlTree& tree, std::int32_t element) const {
    return attribute_.empty() ? trim(tree.at(element).text) : tree.attribute(tree.at(element), attribute_);
}

}  // namespace qingyuan::observe
