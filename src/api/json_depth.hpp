// How deep a JSON text nests, seen before any parser recurses into it.
#pragma once

#include <cstddef>
#include <string_view>

namespace qingyuan::api {

/// No object or list lies deeper than `depth_max`: a parser that recurses must not be handed a text whose
/// nesting alone would end the stack. A text that is no JSON at all gets some answer too.
[[nodiscard]] constexpr bool is_shallow(std::string_view text, std::size_t depth_max) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && quoted)
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '['))
            ++depth;
        else if (!quoted && (text[i] == '}' || text[i] == ']') && depth > 0)
            --depth;
        if (depth > depth_max) return false;
    }
    return true;
}

}  // namespace qingyuan::api
