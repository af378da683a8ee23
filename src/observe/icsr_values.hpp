// The values of one part of a message as the rows of icsr_elements.csv find and judge them. Inside of the
// reader of messages only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "observe/icsr_xml.hpp"

namespace qingyuan::observe {

struct IcsrValue {
    std::string text;
    std::string null_flavour;
    std::optional<Hl7Time> time;  ///< of a date that is one
};

/// By identifier; only what is there and allowed.
class IcsrValues {
 public:
    [[nodiscard]] std::string text(std::string_view id) const {
        const auto found = values_.find(id);
        return found == values_.end() ? std::string() : found->second.text;
    }
    [[nodiscard]] const IcsrValue* find(std::string_view id) const {
        const auto found = values_.find(id);
        return found == values_.end() ? nullptr : &found->second;
    }
    /// The day of a date that names one.
    [[nodiscard]] std::optional<Date> day(std::string_view id) const {
        const IcsrValue* value = find(id);
        if (!value || !value->time || value->time->precision < TimePrecision::day) return {};
        return value->time->date();
    }
    std::map<std::string, IcsrValue, std::less<>> values_;
};

/// Looks for every element of the scope below (or, with `self`, at) the tree's element and judges it. `label`
/// stands behind the identifier in a problem: "[2]" for the second reaction.
class IcsrJudge {
 public:
    IcsrJudge(const IcsrElements& elements, const IcsrOptions& options)
        : elements_(elements), options_(options) {}

    IcsrValues read(const XmlTree& tree, std::int32_t at, IcsrScope scope, std::string_view label,
                    std::vector<ReportProblem>& problems, bool self = false);
    /// Adds what `read` with `self` finds in one of several parts; `check_missing` afterwards.
    void add(const XmlTree& tree, std::int32_t at, IcsrScope scope, IcsrValues& values,
             std::vector<ReportProblem>& problems);
    void check_missing(IcsrScope scope, std::string_view label, const IcsrValues& values,
                       std::vector<ReportProblem>& problems) const;
    /// All versions of MedDRA met since the last report began.
    std::vector<std::string> meddra_versions;

 private:
    void take(const XmlTree& tree, const IcsrElement& element, std::int32_t node, std::string_view label,
              IcsrValues& values, std::vector<ReportProblem>& problems);
    std::optional<ReportProblem> judge(const IcsrElement& element, IcsrValue& value) const;
    std::optional<ReportProblem> judge_date(const IcsrElement& element, IcsrValue& value) const;

    const IcsrElements& elements_;
    const IcsrOptions& options_;
    std::map<std::string, bool, std::less<>> found_wrong_;  ///< there, but not allowed: not missing, too
};

}  // namespace qingyuan::observe
