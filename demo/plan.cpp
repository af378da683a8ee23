#include "demo/plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace qingyuan::demo {

namespace {

/// Days a case needs from the visit to its filing, and an order to a passed review, at the most (working
/// days).
constexpr int filing_days_max = 16;
constexpr int review_days_max = 34;

std::vector<Date> working_days(const law::Calendar& calendar, Date from, Date to) {
    std::vector<Date> days;
    for (Date date = from; date <= to; ++date)
        if (calendar.is_working(date)) days.push_back(date);
    return days;
}

bool is_drug_distribution(const facts::OperatorRecorded& firm) {
    return firm.kind == "pharmacy" || firm.kind == "chain_store" || firm.kind == "chain_headquarters" ||
           firm.kind == "wholesaler";
}

/// What a firm is visited for.
std::string category_of(const facts::OperatorRecorded& firm, Random& random) {
    if (firm.kind.starts_with("device")) return "device";
    if (firm.kind.starts_with("cosmetic")) return "cosmetic";
    if (firm.kind == "hospital" || firm.kind == "clinic") return random.chance(1, 3) ? "device" : "drug";
    if (firm.kind == "online_platform" || firm.kind == "online_seller")
        return random.chance(1, 2) ? "cosmetic" : "drug";
    return random.chance(1, 9) ? "device" : "drug";
}

void place(Visit& visit, const facts::OperatorRecorded& firm) {
    visit.unit = firm.organisation;
    visit.operator_id = firm.id;
    if (firm.kind.ends_with("manufacturer") || firm.kind == "mah")
        visit.activity = "production";
    else if (firm.kind == "hospital" || firm.kind == "clinic")
        visit.activity = "use";
    else
        visit.activity = "distribution";
    if (visit.activity == "distribution")
        visit.trade = firm.kind == "wholesaler" || firm.kind == "chain_headquarters" ? "wholesale" : "retail";
}

class Planner {
 public:
    Planner(const HalfYear& half, const City& city, const law::Calendar& calendar, Random& random)
        : half_(half), city_(city), days_(working_days(calendar, half.from, half.to)), random_(random) {}

    Plan plan() {
        campaign_visits();
        routine_visits();
        routine_orders();
        routine_cases();
        spread_findings();
        interviews();
        set_dates();
        std::stable_sort(plan_.visits.begin(), plan_.visits.end(),
                         [](const Visit& a, const Visit& b) { return a.on < b.on; });
        plan_.half = half_;
        return std::move(plan_);
    }

 private:
    /// Positions of the visits that satisfy the condition, in random order, at most `count` (asserted to be
    /// there).
    template <class Condition>
    std::vector<std::size_t> some(int count, Condition condition) {
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < plan_.visits.size(); ++i)
            if (condition(plan_.visits[i])) found.push_back(i);
        random_.shuffle(found);
        QY_ASSERT(found.size() >= static_cast<std::size_t>(count));
        found.resize(static_cast<std::size_t>(count));
        return found;
    }

    void campaign_visits() {
        if (half_.campaign_inspections == 0) return;
        std::vector<const facts::OperatorRecorded*> firms;
        for (const auto& firm : city_.operators)
            if (is_drug_distribution(firm)) firms.push_back(&firm);
        random_.shuffle(firms);
        QY_ASSERT(firms.size() >= static_cast<std::size_t>(half_.campaign_entities));
        firms.resize(static_cast<std::size_t>(half_.campaign_entities));
        for (int i = 0; i < half_.campaign_inspections; ++i) {
            // Every firm once; the rest of the visits are follow-ups of firms already seen.
            const bool follow_up = i >= half_.campaign_entities;
            const auto& firm = *firms[static_cast<std::size_t>(i % half_.campaign_entities)];
            Visit visit{.category = "drug",
                        .reason = follow_up              ? "follow_up"
                                  : random_.chance(1, 4) ? "for_cause"
                                                         : "targeted",
                        .mode = random_.chance(1, 12) ? "online" : "on_site",
                        .campaign = true};
            place(visit, firm);
            visit.noncompliant = visit.order = i < half_.campaign_noncompliant;
            visit.rectified = i < half_.campaign_rectified;
            plan_.visits.push_back(std::move(visit));
        }
        int left = half_.campaign_cases;
        for (const std::size_t i : some(left, [](const Visit& visit) { return visit.noncompliant; })) {
            Visit& visit = plan_.visits[i];
            visit.penalty = true;
            visit.referral = left > half_.campaign_cases - half_.campaign_referrals;
            visit.insurance_lead = !visit.referral && left > half_.campaign_cases - half_.campaign_referrals -
                                                                 half_.campaign_insurance_leads;
            --left;
        }
    }

    void routine_visits() {
        const int count = half_.inspections - half_.campaign_inspections;
        constexpr const char* reasons[] = {"routine", "routine",  "routine",   "random",
                                           "random",  "targeted", "for_cause", "joint"};
        for (int i = 0; i < count; ++i) {
            const auto& firm = random_.pick(city_.operators);
            Visit visit{.category = category_of(firm, random_),
                        .reason = reasons[random_.below(8)],
                        .mode = random_.chance(1, 20)   ? "document"
                                : random_.chance(1, 15) ? "online"
                                                        : "on_site"};
            place(visit, firm);
            plan_.visits.push_back(std::move(visit));
        }
    }

    void routine_orders() {
        const int count = half_.orders - half_.campaign_noncompliant;
        for (const std::size_t i : some(count, [](const Visit& visit) { return !visit.campaign; })) {
            plan_.visits[i].order = true;
            plan_.visits[i].rectified = !random_.chance(1, 9);
            plan_.visits[i].noncompliant = random_.chance(2, 3);
        }
    }

    void routine_cases() {
        const std::pair<const char*, int> wanted[] = {{"drug", half_.drug_cases - half_.campaign_cases},
                                                      {"device", half_.device_cases},
                                                      {"cosmetic", half_.cosmetic_cases}};
        for (const auto& [category, count] : wanted)
            for (const std::size_t i : some(count, [&, &wanted_category = category](const Visit& visit) {
                     return !visit.campaign && !visit.penalty && visit.category == wanted_category &&
                            visit.order;
                 })) {
                plan_.visits[i].penalty = true;
                plan_.visits[i].noncompliant = true;
            }
    }

    /// One finding for every order; the rest go to visits that have some, and to visits whose problems were
    /// put right on the spot.
    void spread_findings() {
        int left = half_.findings;
        std::vector<std::size_t> bearing;
        for (std::size_t i = 0; i < plan_.visits.size(); ++i)
            if (plan_.visits[i].order) {
                plan_.visits[i].findings = 1;
                --left;
                bearing.push_back(i);
            }
        QY_ASSERT(left >= 0);
        for (const std::size_t i :
             some(left / 5, [](const Visit& visit) { return visit.findings == 0 && !visit.campaign; })) {
            plan_.visits[i].findings = 1;
            --left;
        }
        for (; left > 0; --left) ++plan_.visits[random_.pick(bearing)].findings;
    }

    void interviews() {
        const int single = half_.interviews - half_.collective_interviews;
        for (const std::size_t i : some(single, [](const Visit& visit) { return visit.order; }))
            plan_.visits[i].interview = true;
        std::map<std::string, std::vector<std::string>> by_unit;
        for (const Visit& visit : plan_.visits)
            if (visit.noncompliant) {
                auto& firms = by_unit[visit.unit];
                if (std::find(firms.begin(), firms.end(), visit.operator_id) == firms.end())
                    firms.push_back(visit.operator_id);
            }
        std::vector<std::string> units;
        for (const auto& [unit, firms] : by_unit)
            if (firms.size() >= 3) units.push_back(unit);
        for (int i = 0; i < half_.collective_interviews; ++i) {
            const std::string& unit = random_.pick(units);
            auto firms = by_unit[unit];
            random_.shuffle(firms);
            firms.resize(std::min<std::size_t>(firms.size(), 3 + random_.below(4)));
            plan_.meetings.push_back(
                {days_[random_.below(days_.size() / 2) + days_.size() / 3], unit, std::move(firms)});
        }
    }

    void set_dates() {
        const auto last = static_cast<std::int64_t>(days_.size()) - 1;
        for (Visit& visit : plan_.visits) {
            // What must be finished inside the half-year begins early enough; an order that is not, late or
            // with a missed term.
            std::int64_t latest = last;
            if (visit.penalty) latest = last - filing_days_max;
            if (visit.order) latest = std::min(latest, last - 4);
            if (visit.interview) latest = std::min(latest, last - 12);
            if (visit.campaign && visit.rectified) latest = std::min(latest, last - review_days_max);
            std::int64_t earliest = visit.reason == "follow_up" ? last / 2 : 6;
            if (visit.campaign && visit.order && !visit.rectified) earliest = std::min(latest, last / 2);
            visit.on = days_[static_cast<std::size_t>(random_.between(std::min(earliest, latest), latest))];
        }
    }

    HalfYear half_;
    const City& city_;
    std::vector<Date> days_;
    Random& random_;
    Plan plan_;
};

}  // namespace

Plan plan_half_year(const HalfYear& half, const City& city, const law::Calendar& calendar, Random& random) {
    return Planner(half, city, calendar, random).plan();
}

}  // namespace qingyuan::demo
