// The mid-year risk conference of the sample city and a few published grades, in the first days of July 2025:
// after the half-year, of kinds no published figure of it counts, and without a draw of chance, so that
// nothing else of the play moves.
#pragma once

#include "demo/company.hpp"

namespace qingyuan::demo {

void put_down_conference(Company& company, const City& city);
/// The risks of the reporting units over the year before, and the files of the inspectors.
void put_down_risk_year(Company& company, const City& city);
void put_down_grades(Company& company, const City& city);

}  // namespace qingyuan::demo
