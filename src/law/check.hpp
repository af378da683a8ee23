// What an administrator should know of a law that loads: how much there is, what is unverified, open, or used
// by nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "law/law.hpp"

namespace qingyuan::law {

struct Count {
    std::string_view name;  ///< "limits"
    std::size_t all = 0;
    std::size_t unverified = 0;
};

struct OpenPoint {
    std::string procedure;
    std::string step;
    std::string question;
    std::string where;
};

/// One entry of the law that deserves a look.
struct Remark {
    std::string_view kind;  ///< "limit", "source", …
    std::string id;
    std::string note;
};

struct LawSummary {
    std::size_t files = 0;
    std::string digest;  ///< hexadecimal
    std::string calendar_version;
    std::vector<Count> counts;
    std::vector<std::string_view> words_unused;     ///< guard words no procedure uses
    std::vector<std::string_view> words_used_once;  ///< a word used once is a smell
    std::vector<Remark> unverified;                 ///< defaults an administrator must confirm
    std::vector<Remark> unused;  ///< limits, vocabularies, documents and parameters that no procedure names
    std::vector<OpenPoint> open_points;
    std::vector<std::string> free_steps;  ///< "procedure.step: why" of guard = "none"
};

[[nodiscard]] LawSummary summarise(const Law& law);

}  // namespace qingyuan::law
