// Where a value stands below an element of an XmlTree: child names, conditions in brackets, and at the end an
// attribute or the text: subjectOf2[observation/code/@code=3]/observation/value/@value. No axes, no
// functions: what the elements of an E2B message need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/xml_tree.hpp"

namespace qingyuan::observe {

class XmlPath {
 public:
    /// field_invalid for anything else.
    static Result<XmlPath> parse(std::string_view text);

    /// Elements that the path reaches from below `from`, in document order.
    [[nodiscard]] std::vector<std::int32_t> find(const XmlTree& tree, std::int32_t from) const;
    /// The same with the first name meaning `self`.
    [[nodiscard]] std::vector<std::int32_t> find_self(const XmlTree& tree, std::int32_t self) const;
    /// What is wanted of a reached element: its attribute, or its text.
    [[nodiscard]] std::string_view value(const XmlTree& tree, std::int32_t element) const;

 private:
    struct Condition {
        std::vector<std::string> names;
        std::string attribute;
        std::string value;
    };
    struct Step {
        std::string name;
        std::vector<Condition> conditions;
    };
    static Result<Step> parse_step(std::string_view text);
    static bool holds(const XmlTree& tree, std::int32_t element, const Condition& condition,
                      std::size_t depth);
    static bool matches(const XmlTree& tree, std::int32_t element, const Step& step);
    void collect(const XmlTree& tree, std::int32_t from, std::size_t step,
                 std::vector<std::int32_t>& out) const;

    std::vector<Step> steps_;
    std::string attribute_;  ///< empty: the text
};

}  // namespace qingyuan::observe
