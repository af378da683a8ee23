// The guard words of words.def as an enumeration, and what is known of each. Apart from procedure.hpp, so
// that a new word rebuilds only what asks for words by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "law/procedure.hpp"

namespace qingyuan::law {

enum class WordId : std::uint8_t {
#define X(word, arguments, kind, refusal, zh, en) word,
#include "law/words.def"
#undef X
};

enum class WordKind : std::uint8_t { authority, existence, state, time, content };

struct WordInfo {
    std::string_view name;
    std::string_view arguments;
    WordKind kind;
    ErrorCode refusal;
    std::string_view zh;  ///< with {0}, {1} for the arguments
    std::string_view en;
};
[[nodiscard]] const WordInfo& info(WordId word);
[[nodiscard]] std::span<const WordInfo> words();

}  // namespace qingyuan::law
