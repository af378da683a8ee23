// One report of a suspected adverse reaction or event as statistics see it: coded words, no personal value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"

namespace qingyuan::facts {

/// A product that a report suspects. Empty = not reported.
struct SuspectProduct {
    std::string name;        ///< generic name as reported, or coded
    std::string ingredient;  ///< active ingredient, where the name has been coded
    std::string approval;    ///< approval or registration number
    std::string maker;
    std::string batch;
};

struct SafetyReport {
    std::string number;  ///< of the report, as its sender names it
    std::string kind;    ///< drug device cosmetic vaccine; empty = drug
    std::string source;  ///< who reports: the sender's word (医疗机构, 持有人, 经营企业, 个人…)
    std::string organisation;
    std::string city;
    std::optional<Date> received_on;
    std::optional<Date> onset_on;
    std::string patient;  ///< masked name or keyed hash: compared for equality, never shown
    std::string sex;      ///< male female; empty = not reported
    std::optional<double> age_years;
    std::optional<double> weight_kg;
    std::vector<SuspectProduct> products;
    std::vector<std::string> reactions;  ///< terms
    std::string seriousness;             ///< death serious general; empty = not reported
    std::string outcome;                 ///< a word of adr_outcome; empty = not reported
    std::string causality;               ///< a word of adr_causality; empty = not reported
};

}  // namespace qingyuan::facts
