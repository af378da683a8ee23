#include "act/carry_over.hpp"

#include <algorithm>

#include "act/engine.hpp"
#include "act/links.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

/// 1 low … 4 critical as on the day, 0 not assessed.
Result<std::int64_t> rank_on(const journal::Reader& reader, const law::Law& law,
                             const facts::DossierRow& item, Date on) {
    const law::Vocabulary* levels = law.find_vocabulary("risk_levels");
    std::int64_t rank = 0;
    for (const facts::StepState& step : item.steps) {
        if (step.voided || step.on > on || (step.step != "assess" && step.step != "override")) continue;
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(step.seq)));
        const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!taken || !levels) continue;
        const auto found =
            std::ranges::find(levels->words, facts::text_of(taken->form, "level"), &law::Word::code);
        if (found != levels->words.end()) rank = found - levels->words.begin() + 1;
    }
    return rank;
}

/// Open at the end of the day.
bool is_open_on(const facts::DossierRow& item, Date on) {
    return item.opened_on <= on && (item.closed_on == Date{} || item.closed_on > on);
}

}  // namespace

Result<CarryOver> carry_over(const journal::Reader& reader, const law::Law& law,
                             std::string_view organisation, const Period& period) {
    using journal::Compare;
    CarryOver out;
    CHECK(each_dossier(reader, {{"procedure", Compare::equal, {std::string("risk_item")}}},
                       [&](const facts::DossierRow& item) -> Result<void> {
                           if (item.state == voided_state || item.opened_on > period.to) return {};
                           if (item.organisation != organisation &&
                               !TRY(registry::is_under(reader, item.organisation, organisation, period.to)))
                               return {};
                           const bool was = is_open_on(item, period.from - 1);
                           const bool is = is_open_on(item, period.to);
                           const bool fresh = item.opened_on >= period.from;
                           out.before += was;
                           out.fresh += fresh;
                           out.after += is;
                           out.closed += (was || fresh) && !is;
                           if (!was || !is) return {};
                           ++out.persisting;
                           out.escalated += TRY(rank_on(reader, law, item, period.to)) >
                                            TRY(rank_on(reader, law, item, period.from - 1));
                           return {};
                       }));
    return out;
}

}  // namespace qingyuan::act
