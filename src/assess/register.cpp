#include "assess/register.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "assess/dossiers.hpp"
#include "base/sm3.hpp"

namespace qingyuan::assess {

namespace {

using facts::DossierRow;
using journal::Compare;

constexpr std::array<std::string_view, 4> flag_texts{"new", "persisting", "escalated", "closed"};
constexpr int overdue_assessment_days = 30;  // shown as a warning; no limit of the law

/// 1 low … 4 critical, 0 not assessed.
int rank_of(const law::Law& law, std::string_view level) {
    const law::Vocabulary* levels = law.find_vocabulary("risk_levels");
    if (levels == nullptr) return 0;
    const auto found = std::ranges::find(levels->words, level, &law::Word::code);
    return found == levels->words.end() ? 0 : static_cast<int>(found - levels->words.begin()) + 1;
}

/// The level as the item's steps said it on the day.
Result<std::string> level_on(const journal::Reader& reader, const DossierRow& item, Date on) {
    std::string level;
    for (const facts::StepState& step : item.steps) {
        if (step.voided || step.on > on || (step.step != "assess" && step.step != "override")) continue;
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(step.seq)));
        if (const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload))
            level = facts::text_of(taken->form, "level");
    }
    return level;
}

/// The day the first dossier on the way to this one was opened.
Result<Date> first_signal(const journal::Reader& reader, const DossierRow& item) {
    constexpr int chain_max = 16;
    Date first = item.opened_on;
    std::int64_t source = item.source;
    for (int i = 0; source != 0 && i < chain_max; ++i) {
        const auto row = TRY(reader.view<DossierRow>().find(source));
        if (!row) break;
        first = std::min(first, row->opened_on);
        source = row->source;
    }
    return first;
}

Result<std::optional<Date>> controlled_on(const journal::Reader& reader, const DossierRow& item, Date on) {
    std::optional<Date> out;
    CHECK(each_dossier(
        reader, {{"source", Compare::equal, {item.seq}}}, [&](const DossierRow& measure) -> Result<void> {
            if (measure.procedure != "control_measure" || measure.state == "voided") return {};
            for (const facts::StepState& step : measure.steps)
                if (!step.voided && step.step == "take" && step.on <= on && (!out || step.on < *out))
                    out = step.on;
            return {};
        }));
    return out;
}

Result<std::int64_t> harm_between(const journal::Reader& reader, const std::string& operator_id, Date from,
                                  Date to) {
    std::int64_t count = 0;
    if (operator_id.empty()) return count;
    CHECK(each_dossier(reader, {{"operator_id", Compare::equal, {operator_id}}},
                       [&](const DossierRow& event) -> Result<void> {
                           const std::string seriousness = facts::text_of(event.attributes, "seriousness");
                           const bool harm = event.procedure == "adverse_event" && event.state != "voided" &&
                                             (seriousness == "death" || seriousness == "serious");
                           if (harm && event.opened_on >= from && event.opened_on < to) ++count;
                           return {};
                       }));
    return count;
}

void warn(const law::Law& law, const DossierRow& item, const PeriodItem& period, const LeadTime& lead,
          Date on, std::vector<EarlyWarning>& out) {
    if (item.closed_on != Date{} && item.closed_on <= on) return;
    if (period.level.empty()) {
        if (on - item.opened_on > overdue_assessment_days)
            out.push_back({item.id, "unassessed", item.opened_on});
        return;
    }
    if (rank_of(law, period.level) >= 3 && !lead.controlled_on)
        out.push_back({item.id, "uncontrolled", item.opened_on});
    if (period.flag == ItemFlag::escalated) out.push_back({item.id, "escalated", on});
    const auto review = parse_date(facts::text_of(item.attributes, "review_on"));
    if (review && *review < on) out.push_back({item.id, "review_due", *review});
}

}  // namespace

std::string_view text_of(ItemFlag flag) {
    return flag_texts[static_cast<std::size_t>(flag)];
}

std::optional<std::int64_t> LeadTime::days() const {
    if (!controlled_on) return std::nullopt;
    return *controlled_on - first_signal;
}

std::int64_t median_of(const std::vector<std::int64_t>& sorted) {
    if (sorted.empty()) return 0;
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half] + 1) / 2;
}

std::map<std::string, std::int64_t, std::less<>> stage_days(const DossierRow& dossier, Date on) {
    std::map<std::string, std::int64_t, std::less<>> out;
    Date since = dossier.opened_on;
    std::string state;
    for (const facts::StepState& step : dossier.steps) {
        if (step.voided || step.on > on) continue;
        out[step.from] += step.on - since;
        since = step.on;
    }
    // What the last step led to is what the next one left, or the state of today.
    const auto later =
        std::ranges::find_if(dossier.steps, [&](const auto& step) { return !step.voided && step.on > on; });
    state = later != dossier.steps.end() ? later->from : dossier.state;
    const Date end = dossier.closed_on != Date{} ? std::min(dossier.closed_on, on) : on;
    if (end > since) out[state] += end - since;
    return out;
}

std::string level_of(const law::Law& law, std::string_view likelihood, std::string_view severity,
                     std::string_view exposure, Date on) {
    const law::Vocabulary* matrix = law.find_vocabulary("risk_matrix");
    if (matrix == nullptr) return {};
    for (const law::Word& word : matrix->words) {
        const auto is = [&](std::string_view column, std::string_view value) {
            const auto found = word.more.find(column);
            return found != word.more.end() && found->second == value;
        };
        if (word.in_force.holds(on) && is("likelihood", likelihood) && is("severity", severity) &&
            is("exposure", exposure))
            return word.more.find("level")->second;
    }
    return {};
}

std::string matrix_version(const law::Law& law, Date on) {
    const law::Vocabulary* matrix = law.find_vocabulary("risk_matrix");
    if (matrix == nullptr) return {};
    constexpr std::size_t digits = 8;
    std::string text;
    Date newest;
    for (const law::Word& word : matrix->words) {
        if (!word.in_force.holds(on)) continue;
        const auto level = word.more.find("level");
        text += word.code + " " + (level == word.more.end() ? std::string() : level->second) + "\n";
        if (word.in_force.from > Date::never_before()) newest = std::max(newest, word.in_force.from);
    }
    const std::string since = newest == Date{} ? "default" : newest.text();
    return since + "." + hex(sm3(text)).substr(0, digits);
}

Result<RegisterView> view_register(const journal::Reader& reader, const law::Law& law, Date from, Date on) {
    RegisterView out;
    out.on = on;
    std::set<std::pair<std::string, std::string>> open_hazards;
    CHECK(each_dossier(reader, {{"procedure", Compare::equal, {std::string("risk_item")}}},
                       [&](const DossierRow& item) -> Result<void> {
                           if (item.state == "voided" || item.opened_on > on) return {};
                           const bool ended = item.closed_on != Date{} && item.closed_on <= on;
                           ++(!ended ? out.open : item.state == "dismissed" ? out.dismissed : out.closed);
                           out.items.push_back({item.id, stage_days(item, on)});
                           const auto& stages = out.items.back().days;
                           for (const auto& [state, days] : stages) out.stages[state].push_back(days);
                           LeadTime lead{item.id, facts::text_of(item.attributes, "origin"),
                                         TRY(first_signal(reader, item)),
                                         TRY(controlled_on(reader, item, on)), 0};
                           lead.harm_before = TRY(harm_between(reader, item.operator_id, lead.first_signal,
                                                               lead.controlled_on.value_or(on + 1)));
                           PeriodItem period{item.id,
                                             item.operator_id,
                                             facts::text_of(item.attributes, "hazard"),
                                             TRY(level_on(reader, item, from - 1)),
                                             TRY(level_on(reader, item, on)),
                                             ItemFlag::persisting};
                           if (ended)
                               period.flag = ItemFlag::closed;
                           else if (item.opened_on >= from)
                               period.flag = ItemFlag::fresh;
                           else if (rank_of(law, period.level) > rank_of(law, period.level_before))
                               period.flag = ItemFlag::escalated;
                           warn(law, item, period, lead, on, out.warnings);
                           out.lead_times.push_back(std::move(lead));
                           const bool before = ended && item.closed_on < from;
                           const bool twice = !ended && !item.operator_id.empty() &&
                                              !open_hazards.emplace(item.operator_id, period.hazard).second;
                           if (!before && !twice && !(ended && item.state == "dismissed"))
                               out.period.push_back(std::move(period));
                           return {};
                       }));
    for (auto& [state, days] : out.stages) std::ranges::sort(days);
    std::ranges::stable_sort(out.period, [&](const PeriodItem& a, const PeriodItem& b) {
        return rank_of(law, a.level) > rank_of(law, b.level);
    });
    return out;
}

}  // namespace qingyuan::assess
