// The sheet of an independent score: what is sealed as its SM3 before anybody's score is known, and opened
// when all are sealed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qingyuan::act {

/// The text whose SM3 is sealed, UTF-8 lines each ended by a line feed: `conference=`, `item=`, `scorer=`,
/// then the fields in the order of the law (likelihood, severity, exposure, nonce). The nonce is random (32
/// hexadecimal digits); without it 125 guesses would open the seal.
[[nodiscard]] std::string score_sheet(std::string_view conference, std::int64_t item, std::string_view scorer,
                                      const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace qingyuan::act
