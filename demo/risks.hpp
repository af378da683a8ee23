// The sample register: what is older than the conference. One risk from its first signal to its closing, one
// whose measure is late and whose review is due, one that nobody has assessed yet.
#pragma once

#include "demo/city.hpp"
#include "demo/company.hpp"

namespace qingyuan::demo {

void put_down_risks(Company& company, const City& city);

}  // namespace qingyuan::demo
