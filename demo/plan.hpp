// The plan of a half-year: which visits are made, what each will find, and what follows. Drawn from the seed
// before anything is recorded.
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "demo/play.hpp"

namespace qingyuan::demo {

/// One visit and what comes of it.
struct Visit {
    Date on;
    std::string unit;  ///< organisation id
    std::string operator_id;
    std::string category;  ///< drug device cosmetic
    std::string activity;  ///< production distribution use
    std::string trade;     ///< wholesale retail, or empty
    std::string reason;
    std::string mode;
    bool campaign = false;
    int findings = 0;
    bool noncompliant = false;  ///< concluded as not_conform
    bool order = false;         ///< an order to rectify follows
    bool rectified = false;     ///< ... and is passed before the half-year ends
    bool penalty = false;       ///< a case is filed before the half-year ends
    bool interview = false;     ///< a single interview follows
    bool referral = false;      ///< the case goes to public security
    bool insurance_lead = false;
};

/// An interview of several operators at once.
struct Meeting {
    Date on;
    std::string unit;
    std::vector<std::string> operators;
};

struct Plan {
    HalfYear half;
    std::vector<Visit> visits;
    std::vector<Meeting> meetings;
};

[[nodiscard]] Plan plan_half_year(const HalfYear& half, const City& city, const law::Calendar& calendar,
                                  Random& random);

}  // namespace qingyuan::demo
