// How a visit, an order, a case, a referral, a lead and an interview go, step by step. Each puts its acts
// down on their days.
#pragma once

#include "demo/company.hpp"
#include "demo/plan.hpp"

namespace qingyuan::demo {

/// A visit and all that follows from it.
void put_down(Company& company, const Visit& visit, const HalfYear& half);
/// An interview of several operators at once.
void put_down(Company& company, const Meeting& meeting);
/// The campaign's tasks: one accountable unit and person each.
void put_down_campaign(Company& company, const City& city, const HalfYear& half);

}  // namespace qingyuan::demo
