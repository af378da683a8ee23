// The play: a city's year and a half of supervision, from 2024-01-01 to 2025-07-05, carried through the same
// procedures as real work. The figures of the first half of 2025 are those the city published
// (衡阳市政府门户网站, 2025-07-05); firms, officers and every record are invented. What is fixed is how much
// work was done; who, where, on which day and in which words comes from the seed.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "demo/city.hpp"
#include "facts/personal.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"

namespace qingyuan::demo {

/// How much was done in a half-year; counting units as in law/statistics.
struct HalfYear {
    Date from;
    Date to;
    int inspections = 0;  ///< visits
    int findings = 0;
    int orders = 0;                 ///< orders to rectify
    int interviews = 0;             ///< meetings
    int collective_interviews = 0;  ///< of these
    int drug_cases = 0, device_cases = 0, cosmetic_cases = 0;
    // the Qingyuan campaign, part of the above; 0 where there was none
    int campaign_inspections = 0;
    int campaign_entities = 0;      ///< distinct operators visited
    int campaign_noncompliant = 0;  ///< distinct operators with a conclusion not_conform
    int campaign_rectified = 0;     ///< of these
    int campaign_cases = 0;
    int campaign_referrals = 0;        ///< to public security
    int campaign_insurance_leads = 0;  ///< to the medical insurance
};

/// The first and second half of 2024 (invented) and the first half of 2025 (as published).
[[nodiscard]] std::vector<HalfYear> half_years();

/// Last instant of the play: 2025-07-05T09:19:19+08:00, when the release was published.
[[nodiscard]] Instant end_of_play();

struct Stage {
    const law::Law& law;
    journal::Journal& journal;
    VirtualClock& clock;  ///< moved by the play
    const City& city;     ///< already in the journal
    std::uint64_t seed = 1;
    std::function<void(Date)> progress = {};
    facts::PersonalValues* personal = nullptr;  ///< without it invented references stand for names
};

/// Plays everything; one journal transaction a day. The first refusal of a step ends it: the play is a test
/// of the procedures.
Result<void> play(const Stage& stage);

}  // namespace qingyuan::demo
