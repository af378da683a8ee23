#include "demo/play.hpp"

#include "demo/company.hpp"
#include "demo/conference.hpp"
#include "demo/doors.hpp"
#include "demo/flows.hpp"
#include "demo/plan.hpp"
#include "demo/risks.hpp"

namespace qingyuan::demo {

std::vector<HalfYear> half_years() {
    return {
        {.from = make_date(2024, 1, 1),
         .to = make_date(2024, 6, 30),
         .inspections = 2731,
         .findings = 1102,
         .orders = 561,
         .interviews = 47,
         .collective_interviews = 5,
         .drug_cases = 98,
         .device_cases = 21,
         .cosmetic_cases = 12},
        {.from = make_date(2024, 7, 1),
         .to = make_date(2024, 12, 31),
         .inspections = 2655,
         .findings = 1038,
         .orders = 548,
         .interviews = 51,
         .collective_interviews = 6,
         .drug_cases = 104,
         .device_cases = 22,
         .cosmetic_cases = 13},
        {.from = make_date(2025, 1, 1),
         .to = make_date(2025, 6, 30),
         .inspections = 2918,
         .findings = 1014,
         .orders = 535,
         .interviews = 59,
         .collective_interviews = 6,
         .drug_cases = 112,
         .device_cases = 24,
         .cosmetic_cases = 12,
         .campaign_inspections = 545,
         .campaign_entities = 487,
         .campaign_noncompliant = 182,
         .campaign_rectified = 144,
         .campaign_cases = 93,
         .campaign_referrals = 1,
         .campaign_insurance_leads = 1},
    };
}

Instant end_of_play() {
    return *parse_instant("2025-07-05T09:19:19+08:00");
}

Result<void> play(const Stage& stage) {
    Random random(stage.seed);
    Company company(stage, random.fork());
    const auto halves = half_years();
    for (const HalfYear& half : halves) {
        const Plan plan = plan_half_year(half, stage.city, stage.law.calendar(), random);
        for (const Visit& visit : plan.visits) put_down(company, visit, half);
        for (const Meeting& meeting : plan.meetings) put_down(company, meeting);
    }
    put_down_campaign(company, stage.city, halves.back());
    put_down_doors(company, stage.city);
    put_down_risk_year(company, stage.city);
    put_down_risks(company, stage.city);
    put_down_conference(company, stage.city);
    put_down_grades(company, stage.city);
    CHECK(company.run(halves.front().from, end_of_play().date()));
    stage.clock.set(end_of_play());
    return {};
}

}  // namespace qingyuan::demo
