// Many SM3 digests of short messages, hashed side by side in batches of bounded memory.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/sm3_lanes.hpp"

namespace qingyuan::target {

/// digest i = SM3 of what write(i, buffer) appends to the buffer.
template <class Write>
[[nodiscard]] std::vector<Digest> hash_each(std::size_t count, Write&& write) {
    constexpr std::size_t batch = 4096;
    std::vector<Digest> out(count);
    std::string bytes;
    std::vector<std::size_t> ends;
    std::vector<std::string_view> messages;
    for (std::size_t from = 0; from < count; from += batch) {
        const std::size_t to = std::min(count, from + batch);
        bytes.clear();
        ends.clear();
        messages.clear();
        for (std::size_t i = from; i < to; ++i) {
            write(i, bytes);
            ends.push_back(bytes.size());
        }
        std::size_t begin = 0;
        for (const std::size_t end : ends) {
            messages.push_back(std::string_view(bytes).substr(begin, end - begin));
            begin = end;
        }
        sm3_each(messages, std::span(out).subspan(from, to - from));
    }
    return out;
}

}  // namespace qingyuan::target
