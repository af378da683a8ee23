// The risk register seen from above: how long risks stay in each stage (A11), how long it takes from the
// first signal to a control in force (A12), what a period brings new, and what needs somebody now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::assess {

/// Whole days in each state up to and including the day, from the steps that were not voided. The present
/// state of an open dossier counts up to `on`. A state that was entered twice has the sum.
[[nodiscard]] std::map<std::string, std::int64_t, std::less<>> stage_days(const facts::DossierRow& dossier,
                                                                          Date on);

/// From the first signal to the control in force, of one risk item.
struct LeadTime {
    std::string item;
    std::string origin;
    Date first_signal;                  ///< the earliest opening on the way from its source to it
    std::optional<Date> controlled_on;  ///< the first measure put in force
    std::int64_t harm_before = 0;       ///< serious adverse events of the same operator in between
    [[nodiscard]] std::optional<std::int64_t> days() const;
};

/// What a period did to a risk.
enum class ItemFlag : std::uint8_t { fresh, persisting, escalated, closed };
[[nodiscard]] std::string_view text_of(ItemFlag flag);  ///< "new" for fresh
struct PeriodItem {
    std::string item;
    std::string operator_id, hazard;
    std::string level_before, level;  ///< at the start and at the end of the period; empty: not assessed yet
    ItemFlag flag = ItemFlag::fresh;
};

/// A risk that needs somebody now.
struct EarlyWarning {
    std::string item;
    std::string what;  ///< unassessed uncontrolled review_due escalated
    Date since;
};

/// Days of one item in each stage.
struct ItemStages {
    std::string item;
    std::map<std::string, std::int64_t, std::less<>> days;
};

struct RegisterView {
    Date on;
    std::int64_t open = 0, closed = 0, dismissed = 0;
    std::map<std::string, std::vector<std::int64_t>, std::less<>>
        stages;                        ///< state → days of each item, sorted
    std::vector<ItemStages> items;     ///< in the order of the register
    std::vector<LeadTime> lead_times;  ///< by item
    std::vector<PeriodItem> period;    ///< ranked: level, then flag
    std::vector<EarlyWarning> warnings;
};

/// Median of sorted values, rounded half up; 0 of none.
[[nodiscard]] std::int64_t median_of(const std::vector<std::int64_t>& sorted);

/// The register as of `on`, and what the period [from, on] did to it. An item that was entered twice (same
/// operator, same hazard, both open) stands once, as its older one. One pass over the register; every fact
/// of an item that says its level is read.
[[nodiscard]] Result<RegisterView> view_register(const journal::Reader& reader, const law::Law& law,
                                                 Date from, Date on);

/// The level that follows from likelihood, severity and exposure (vocabulary risk_matrix in force on the
/// day); empty where the matrix does not know them.
[[nodiscard]] std::string level_of(const law::Law& law, std::string_view likelihood,
                                   std::string_view severity, std::string_view exposure, Date on);
/// Names the very matrix in force on the day: the first day of its newest row ("default" where none is dated)
/// and the first digits of the SM3 of all of them. Two items of one version were judged alike.
[[nodiscard]] std::string matrix_version(const law::Law& law, Date on);

}  // namespace qingyuan::assess
