// What those outside the bureau find when they open their door on the last day of the play: orders to answer,
// a training half acknowledged, stops of an inspector, clues of a village, reports of the public, a typical
// case. All of it lies after the half-year, or is of a kind that no published figure counts.
#pragma once

#include "demo/company.hpp"

namespace qingyuan::demo {

void put_down_doors(Company& company, const City& city);

}  // namespace qingyuan::demo
