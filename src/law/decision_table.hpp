// Decision tables: a vocabulary whose rows have a column `when`. A row is met where every condition of its
// `when` holds for the attributes of a matter, and it is in force on the day: the criteria for handing a
// matter to the police, the criteria of a major case. A changed criterion is a row with another `from`.
//
//   violation=D02|D03B serious=true      one of the words; a list holds one of them
//   goods_value_fen>=15000000            a whole number of at least so much
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "law/law.hpp"

namespace qingyuan::law {

struct TableCondition {
    std::string attribute;
    std::vector<std::string> words;  ///< empty: a number is asked for
    std::int64_t least = 0;
};

/// law_value_invalid where the text is no conjunction of such conditions.
[[nodiscard]] Result<std::vector<TableCondition>> parse_conditions(std::string_view text);

/// The value of an attribute as texts: a list has several, what is absent none; true and false; digits.
using AttributeTexts = std::function<std::vector<std::string>(std::string_view attribute)>;

/// The rows in force on the day whose conditions all hold, in the order of the table. law_reference_unknown
/// where there is no such vocabulary, law_value_invalid where it is no decision table.
[[nodiscard]] Result<std::vector<const Word*>> rows_met(const Law& law, std::string_view table, Date on,
                                                        const AttributeTexts& attributes);

}  // namespace qingyuan::law
