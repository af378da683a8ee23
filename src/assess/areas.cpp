#include "assess/areas.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

constexpr std::string_view countryside = "rural", town = "urban";

int digits(std::string_view code, std::size_t from, std::size_t count) {
    if (code.size() < from + count) return -1;
    return static_cast<int>(parse_integer(code.substr(from, count)).value_or(-1));
}

std::string_view county_kind(std::string_view code) {
    const int number = digits(code, 4, 2);
    if (number <= 0) return {};
    return number <= 20 ? "district" : number <= 80 ? "county" : "city";
}

std::string_view town_kind(std::string_view code) {
    const int number = digits(code, 6, 3);
    if (number <= 0) return {};
    return number < 100 ? "street" : number < 200 ? "town" : number < 400 ? "township" : "zone";
}

}  // namespace

Areas::Areas(const law::Law& law) {
    for (const law::Town& one : law.towns())
        towns_[one.county].push_back({one.name, std::string(town_kind(one.code))});
    for (auto& [county, towns] : towns_)
        std::ranges::stable_sort(towns, std::greater(), [](const Town& one) { return one.name.size(); });
    const law::Vocabulary* words = law.find_vocabulary("area_by_place");
    if (words == nullptr) return;
    for (const law::Word& word : words->words) {
        const auto column = [&](std::string_view name) {
            const auto found = word.more.find(name);
            return found == word.more.end() ? std::string() : found->second;
        };
        areas_[{column("county"), column("town")}] = column("area");
    }
}

std::string Areas::area_of(std::string_view region, std::string_view address) const {
    std::string kind;
    if (const auto towns = towns_.find(region); towns != towns_.end())
        for (const Town& one : towns->second)
            if (address.find(one.name) != std::string_view::npos) {
                kind = one.kind;
                break;
            }
    const std::string county(county_kind(region));
    for (const std::string& wanted : {kind, std::string()})
        if (const auto found = areas_.find(std::pair(county, wanted)); found != areas_.end())
            return found->second;
    return std::string(countryside);
}

Rational AreaCoverage::share() const {
    return operators == 0 ? Rational(0) : Rational(visited, operators);
}

Coverage coverage_of(const law::Law& law, std::span<const AreaUnit> units, const Rational& target_percent) {
    Coverage out{{}, {"outside", 0, 0}, target_percent / Rational(100)};
    if (const law::Vocabulary* words = law.find_vocabulary("areas"))
        for (const law::Word& word : words->words) out.areas.push_back({word.code, 0, 0});
    for (const AreaUnit& unit : units) {
        const auto found = std::ranges::find(out.areas, unit.area, &AreaCoverage::area);
        if (found == out.areas.end()) continue;
        ++found->operators;
        found->visited += unit.visited ? 1 : 0;
        if (unit.area == town) continue;
        ++out.outside.operators;
        out.outside.visited += unit.visited ? 1 : 0;
    }
    return out;
}

}  // namespace qingyuan::assess
