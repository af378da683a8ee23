// The chain: h(0) = SM3(origin), h(i) = SM3(h(i−1) || record i).
#pragma once

#include "base/sm3.hpp"

namespace qingyuan::journal {

[[nodiscard]] inline Digest next_chain(const Digest& chain, std::string_view record) {
    thread_local Sm3 hash;
    return hash.add(chain).add(record).finish();
}

}  // namespace qingyuan::journal
