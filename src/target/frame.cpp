#include "target/frame.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::target {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t one = probability_one;

struct Group {
    Quota quota;
    bool named = false;
    std::vector<std::uint32_t> certain;
    std::vector<std::uint32_t> open;  ///< candidates left to chance
    Wide weight = 0;                  ///< sum of the sizes of the open ones
    std::size_t given = 0;            ///< candidates whose probability the plan fixes
    std::int64_t size = 0;

    [[nodiscard]] std::int64_t units() const {
        return static_cast<std::int64_t>(certain.size() + open.size());
    }
    [[nodiscard]] std::int64_t least() const {
        // Who is left to chance must have one.
        const auto sure = static_cast<std::int64_t>(certain.size());
        return std::max(quota.least, open.empty() ? sure : sure + 1);
    }
};
using Groups = std::map<std::string, Group, std::less<>>;

/// What is said and what to do, each in English and in Chinese.
struct Said {
    std::string en, zh;
};

Error impossible(Said message, Said next, std::string where = "size") {
    return {ErrorCode::quota_impossible, std::move(message.en), std::move(where),  {},
            std::move(next.en),          std::move(message.zh), std::move(next.zh)};
}

/// The first candidate whose operator stands before it too.
std::optional<std::size_t> find_repeated(const std::vector<Candidate>& candidates) {
    std::vector<std::pair<std::size_t, std::uint32_t>> hashes;
    hashes.reserve(candidates.size());
    for (std::uint32_t i = 0; i < candidates.size(); ++i)
        hashes.emplace_back(std::hash<std::string>()(candidates[i].operator_id), i);
    std::ranges::sort(hashes);
    for (std::size_t i = 1; i < hashes.size(); ++i)
        for (std::size_t k = i; k > 0 && hashes[k - 1].first == hashes[i].first; --k)
            if (candidates[hashes[k - 1].second].operator_id == candidates[hashes[i].second].operator_id)
                return hashes[i].second;
    return std::nullopt;
}

Result<Groups> grouped(const std::vector<Candidate>& candidates, const Plan& plan) {
    Groups groups;
    if (const auto twice = find_repeated(candidates))
        return Error{ErrorCode::duplicate_key,
                     fmt::format("{} stands twice in the frame", candidates[*twice].operator_id),
                     fmt::format("row {}", *twice + 1),
                     {},
                     "give an operator one row with all its reasons"};
    Group* group = nullptr;
    const std::string* last = nullptr;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Candidate& unit = candidates[i];
        const auto where = [&] { return fmt::format("row {}", i + 1); };
        if (unit.operator_id.empty() || !is_identifier(unit.stratum))
            return Error{ErrorCode::field_invalid, "a unit needs an operator and a stratum [a-z][a-z0-9_]*",
                         where()};
        for (const std::string& reason : unit.reasons)
            if (!is_identifier(reason))
                return Error{ErrorCode::field_invalid, fmt::format("'{}' is no reason", reason), where()};
        if (unit.size > size_max)
            return Error{ErrorCode::field_invalid, fmt::format("a size is at most {}", size_max), where()};
        if (unit.given > probability_one)
            return Error{ErrorCode::probability_invalid, "a probability is at most 1", where()};
        if (!group || *last != unit.stratum) {
            group = &groups[unit.stratum];
            last = &unit.stratum;
        }
        const auto index = static_cast<std::uint32_t>(i);
        if (std::ranges::any_of(unit.reasons, is_certain_reason)) {
            group->certain.push_back(index);
            continue;
        }
        group->open.push_back(index);
        group->weight += unit.size;
        group->given += unit.given != 0;
        if (unit.given == 0 && unit.size == 0 && plan.random_share == Rational(0))
            return Error{ErrorCode::probability_invalid,
                         fmt::format("{} would never be drawn", unit.operator_id),
                         where(),
                         {},
                         "give it a size above 0, or a random reserve to the plan"};
    }
    for (const Quota& quota : plan.quotas) {
        const auto named = groups.find(quota.stratum);
        if (named == groups.end())
            return impossible({fmt::format("nobody is in stratum {}", quota.stratum),
                               fmt::format("抽样框里没有类别“{}”", quota.stratum)},
                              {"take the quota out", "删去这一名额"}, quota.stratum);
        if (quota.least < 0 || quota.size < 0 || quota.reserve < 0 || named->second.named)
            return Error{ErrorCode::field_invalid, "a stratum has one quota, of numbers not below 0",
                         quota.stratum};
        named->second.quota = quota;
        named->second.named = true;
    }
    return groups;
}

/// Sizes that the quotas or the given probabilities fix; what is left of the whole for the others.
Result<void> fix_sizes(Groups& groups, const std::vector<Candidate>& candidates) {
    for (auto& [id, group] : groups) {
        if (group.given != 0 && group.given != group.open.size())
            return Error{ErrorCode::probability_invalid,
                         "some units have a given probability and others none",
                         id,
                         {},
                         "give all of a stratum or none"};
        if (group.given != 0) {
            Wide sum = 0;
            for (const std::uint32_t unit : group.open) sum += candidates[unit].given;
            if (sum % one != 0)
                return Error{ErrorCode::probability_invalid,
                             "the given probabilities add up to no whole number",
                             id,
                             {},
                             "a draw of fixed size needs probabilities that sum to its size"};
            group.size = static_cast<std::int64_t>(sum / one + group.certain.size());
            if (group.quota.size != 0 && group.quota.size != group.size)
                return impossible({fmt::format("the given probabilities are of {}, the quota is {}",
                                               group.size, group.quota.size),
                                   fmt::format("给定概率合计{}户，名额是{}户", group.size, group.quota.size)},
                                  {"let the quota be their sum", "名额按给定概率之和填写"}, id);
        } else {
            group.size = group.quota.size;
        }
        if (group.size == 0 && group.quota.least <= group.units()) continue;
        const std::int64_t wanted = group.size != 0 ? group.size : group.quota.least;
        if (wanted > group.units())
            return impossible({fmt::format("{} of {} units", wanted, group.units()),
                               fmt::format("要抽{}户，只有{}户", wanted, group.units())},
                              {"lower the quota or widen the frame", "减少名额，或者扩大抽样框"}, id);
        if (wanted < group.least())
            return impossible({fmt::format("{} places, {} are needed ({} certain)", wanted, group.least(),
                                           group.certain.size()),
                               fmt::format("名额{}户，至少需要{}户（其中必查{}户）", wanted, group.least(),
                                           group.certain.size())},
                              {"raise the size: certain units take their places first, and nobody may be "
                               "without a chance",
                               "增加名额：必查的先占名额，其余每户都须有机会"},
                              id);
    }
    return {};
}

/// Gives the places that are left to the strata without a size, in proportion to their weight, by largest
/// remainder (ties by id); nobody gets more than its units.
Result<void> share_out(Groups& groups, std::int64_t whole) {
    std::vector<Group*> free;
    std::int64_t left = whole;
    for (auto& [id, group] : groups) {
        if (group.size == 0) {
            free.push_back(&group);
            group.size = group.least();
        }
        left -= group.size;
    }
    if (whole == 0 && free.empty()) return {};
    if (left < 0)
        return impossible({fmt::format("{} places; quotas and certain units need {}", whole, whole - left),
                           fmt::format("共抽{}户，名额和必查需要{}户", whole, whole - left)},
                          {"raise the size or lower the quotas", "增加抽取户数，或者减少名额"});
    while (left > 0) {
        std::erase_if(free, [](const Group* group) { return group->size == group->units(); });
        if (free.empty())
            return impossible(
                {fmt::format("{} places are left over", left), fmt::format("抽样框里不够抽，多出{}户", left)},
                {"lower the size or widen the frame", "减少抽取户数，或者扩大抽样框"});
        Wide weight = 0;
        const auto weight_of = [](const Group* group) { return group->weight + 1; };
        for (const Group* group : free) weight += weight_of(group);
        std::vector<std::pair<Wide, Group*>> remainders;
        std::int64_t given = 0;
        for (Group* group : free) {
            const Wide share = Wide(left) * weight_of(group);
            const std::int64_t room = group->units() - group->size;
            const std::int64_t places = std::min(room, static_cast<std::int64_t>(share / weight));
            group->size += places;
            given += places;
            if (group->size < group->units()) remainders.emplace_back(share % weight, group);
        }
        left -= given;
        std::ranges::stable_sort(remainders, std::greater<>(), &std::pair<Wide, Group*>::first);
        // Another round where a full stratum gave places back, else one place each by remainder.
        if (given != 0 && left > static_cast<std::int64_t>(remainders.size())) continue;
        for (auto& [remainder, group] : remainders) {
            if (left == 0) break;
            ++group->size;
            --left;
        }
    }
    return {};
}

/// clamp(c · size / 2^32, floor, 1).
Probability cut(Wide c, std::uint64_t size, std::uint64_t floor) {
    return static_cast<Probability>(std::clamp<Wide>((c * size) >> 32, floor, one));
}

/// Finds c by halving so that the probabilities add up to `places`, and gives the last parts in 10^9 to those
/// that the next c would raise, in the frame's order.
Result<void> fill(const Group& group, std::string_view id, const std::vector<Candidate>& candidates,
                  std::uint64_t places, std::uint64_t floor, std::vector<Probability>& out) {
    const std::uint64_t wanted = places * one;
    std::vector<std::uint64_t> sizes;  // side by side: they are read some sixty times
    sizes.reserve(group.open.size());
    for (const std::uint32_t unit : group.open) sizes.push_back(candidates[unit].size);
    const auto sum = [&](Wide c) {
        std::uint64_t total = 0;  // at most 4,000,000 units of 10^9
        for (const std::uint64_t size : sizes) total += cut(c, size, floor);
        return total;
    };
    Wide low = 0, high = Wide(one) << 33;
    if (sum(high) < wanted)
        return impossible(
            {fmt::format("units of size 0 cannot fill {} places", places),
             fmt::format("规模为0的户占不满{}户的名额", places)},
            {"give sizes above 0, or a larger random reserve", "给出大于0的规模，或者提高随机比例"},
            std::string(id));
    while (high - low > 1) {
        const Wide middle = low + (high - low) / 2;
        (sum(middle) <= wanted ? low : high) = middle;
    }
    std::uint64_t left = wanted - sum(low);
    for (const std::uint32_t unit : group.open) {
        const Probability now = cut(low, candidates[unit].size, floor);
        const bool raised = left != 0 && cut(high, candidates[unit].size, floor) > now;
        out[unit] = now + (raised ? 1 : 0);
        left -= raised ? 1 : 0;
    }
    QY_ASSERT(left == 0);
    return {};
}

Result<Stratum> fill_stratum(const Group& group, std::string_view id,
                             const std::vector<Candidate>& candidates, const Rational& share,
                             std::vector<Probability>& out) {
    for (const std::uint32_t unit : group.certain) out[unit] = probability_one;
    Stratum stratum{std::string(id), group.units(), group.size,
                    std::min(group.quota.reserve, group.units() - group.size), 0};
    if (group.open.empty()) return stratum;
    const auto places = static_cast<std::uint64_t>(group.size) - group.certain.size();
    const Wide random = Wide(static_cast<std::uint64_t>(share.numerator())) * places * one /
                        (Wide(static_cast<std::uint64_t>(share.denominator())) * group.open.size());
    stratum.random = static_cast<Probability>(random);
    if (group.given == 0) {
        CHECK(fill(group, id, candidates, places, std::max<std::uint64_t>(stratum.random, 1), out));
        return stratum;
    }
    for (const std::uint32_t unit : group.open) {
        out[unit] = candidates[unit].given;
        if (out[unit] < stratum.random)
            return Error{ErrorCode::probability_invalid,
                         fmt::format("{} is below the random reserve of {}", text_of(out[unit]),
                                     text_of(stratum.random)),
                         candidates[unit].operator_id,
                         {},
                         "lower the random share or raise the probability"};
    }
    return stratum;
}

std::uint64_t square_root(std::uint64_t value) {
    std::uint64_t low = 0, high = std::uint64_t{1} << 32;
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        (middle * middle <= value ? low : high) = middle;
    }
    return low;
}

}  // namespace

bool is_certain_reason(std::string_view reason) {
    return reason == "statutory" || reason == "for_cause" || reason == "listed";
}

Result<Chances> chances_of(const std::vector<Candidate>& candidates, const Plan& plan) {
    if (candidates.empty())
        return Error{ErrorCode::frame_empty, "nobody can be drawn", "frame", {}, "give at least one unit"};
    if (candidates.size() > frame_units_max)
        return Error{ErrorCode::too_large, fmt::format("a frame has at most {} units", frame_units_max),
                     "frame"};
    if (plan.size < 0 || plan.random_share < Rational(0) || plan.random_share > Rational(1))
        return Error{ErrorCode::field_invalid, "a size is not below 0, a share lies between 0 and 1", "plan"};
    Groups groups = TRY(grouped(candidates, plan));
    CHECK(fix_sizes(groups, candidates));
    CHECK(share_out(groups, plan.size));
    Chances out;
    out.probabilities.resize(candidates.size());
    for (const auto& [id, group] : groups)
        out.strata.push_back(TRY(fill_stratum(group, id, candidates, plan.random_share, out.probabilities)));
    return out;
}

std::uint64_t size_of(std::uint64_t score, int half_powers, std::uint64_t staleness, std::uint64_t weight) {
    constexpr std::uint64_t million = 1'000'000;
    score = std::min(score, million);
    const std::uint64_t root = square_root(score * million);
    const std::uint64_t powers[] = {million, root, score, score * root / million, score * score / million};
    const Wide size =
        Wide(powers[std::clamp(half_powers, 0, 4)]) *
        (100 + std::min<std::uint64_t>(staleness, 1'000) * std::min<std::uint64_t>(weight, 100'000)) / 100;
    return static_cast<std::uint64_t>(std::clamp<Wide>(size, 1, size_max));
}

}  // namespace qingyuan::target
