// Where an operator stands, in town or out of it, and how far visits reach each kind of place. The registry
// holds county and address: the area follows from both by vocabulary area_by_place, which an authority
// changes; no operator is without one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/rational.hpp"
#include "law/law.hpp"

namespace qingyuan::assess {

/// Areas of places. The towns of a county are looked for in the address by their names, the longest first.
class Areas {
 public:
    explicit Areas(const law::Law& law);
    /// Word of vocabulary areas; "rural" for a region that is no county, so that it is in the narrower
    /// target. The third to sixth digits of a county's code say what it is (GB/T 2260: 01–20 district, 21–80
    /// county, 81–99 county-level city), the seventh to ninth of a town's (statistical codes of divisions:
    /// 001–099 street, 100–199 town, 200–399 township, 400–599 zone).
    [[nodiscard]] std::string area_of(std::string_view region, std::string_view address) const;

 private:
    struct Town {
        std::string name, kind;
    };
    std::map<std::string, std::vector<Town>, std::less<>> towns_;  ///< by county, longest name first
    std::map<std::pair<std::string, std::string>, std::string, std::less<>> areas_;  ///< (county, town) kinds
};

/// One operator as coverage counts it.
struct AreaUnit {
    std::string area;
    bool visited = false;  ///< in the period
};
struct AreaCoverage {
    std::string area;
    std::int64_t operators = 0;
    std::int64_t visited = 0;
    [[nodiscard]] Rational share() const;  ///< 0 of none
};
struct Coverage {
    std::vector<AreaCoverage> areas;  ///< in the order of vocabulary areas; one without operators is there
    AreaCoverage outside;             ///< countryside and edge of towns together: what the target is about
    Rational target;                  ///< a share
    [[nodiscard]] bool is_under() const { return outside.operators > 0 && outside.share() < target; }
};
/// `target_percent`: parameter focus_rural_coverage_percent, of a whole year.
[[nodiscard]] Coverage coverage_of(const law::Law& law, std::span<const AreaUnit> units,
                                   const Rational& target_percent);

}  // namespace qingyuan::assess
