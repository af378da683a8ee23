// Pinyin of Chinese text: full ("hengyang") and by initials ("hy"), so that people find a name as they type
// it.
#pragma once

#include <string>
#include <string_view>

namespace qingyuan::api {

struct Pinyin {
    std::string initials;  ///< one letter a character: "hysyjj"
    std::string full;      ///< "hengyangshiyaojianju"
};

/// Letters and digits stay, in lower case; a character without a reading (a rare one) stays itself;
/// everything else is left out. Thread-safe.
[[nodiscard]] Pinyin pinyin_of(std::string_view utf8);
/// As texts are compared: ASCII letters in lower case, full-width letters and digits as ASCII, no white
/// space.
[[nodiscard]] std::string folded(std::string_view utf8);

}  // namespace qingyuan::api
