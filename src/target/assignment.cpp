#include "target/assignment.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "target/hash_each.hpp"

namespace qingyuan::target {

namespace {

using Cost = std::int64_t;
constexpr Cost unreached = std::int64_t{1} << 62;
constexpr std::int32_t nobody = -1;

bool has_all(const std::vector<std::string>& skills, const std::vector<std::string>& wanted) {
    return std::ranges::all_of(
        wanted, [&](const std::string& one) { return std::ranges::find(skills, one) != skills.end(); });
}

bool is_barred(const Visit& visit, const Inspector& inspector) {
    return std::ranges::find(visit.barred, inspector.id, &Bar::inspector) != visit.barred.end();
}

bool is_expired(const Visit& visit, const Inspector& inspector) {
    return inspector.certificate_to == Date{} || inspector.certificate_to < visit.on;
}

/// One place on one visit's team.
struct Slot {
    std::uint32_t visit;
    bool lead;
    std::int32_t held_by = nobody;
    Cost potential = 0;
};

/// The flow: slots on one side, inspectors on the other. A slot goes to an inspector who is on no other slot
/// of the same visit; taking him from a sibling slot moves only the sibling.
class Flow {
 public:
    Flow(const std::vector<Visit>& visits, const std::vector<Inspector>& inspectors, const Digest& seed,
         std::string_view round)
        : visits_(visits), inspectors_(inspectors), width_(inspectors.size()) {
        const auto digests = hash_each(visits.size() * width_, [&](std::size_t at, std::string& bytes) {
            bytes += "draw.assign";
            bytes += '\0';
            bytes += bytes_of(seed);
            bytes += round;
            bytes += '\0';
            bytes += visits[at / width_].id;
            bytes += '\0';
            bytes += inspectors[at % width_].id;
        });
        costs_.resize(digests.size());
        for (std::size_t at = 0; at < digests.size(); ++at) costs_[at] = cost_of(at, digests[at]);
        for (const Inspector& inspector : inspectors) columns_.push_back({inspector.capacity, 0, {}});
        for (std::uint32_t v = 0; v < visits.size(); ++v) {
            first_slot_.push_back(static_cast<std::uint32_t>(slots_.size()));
            for (std::int64_t i = 0; i < visits[v].team; ++i) slots_.push_back({v, i == 0});
        }
        first_slot_.push_back(static_cast<std::uint32_t>(slots_.size()));
    }

    /// Fills every slot; the shortage of the first one that cannot be filled.
    [[nodiscard]] std::vector<Shortage> fill() {
        for (std::uint32_t slot = 0; slot < slots_.size(); ++slot)
            if (!augment(slot)) return {shortage()};
        return {};
    }

    [[nodiscard]] Team team(std::uint32_t visit) const {
        Team out{visits_[visit].id, {}};
        for (std::uint32_t s = first_slot_[visit]; s < first_slot_[visit + 1]; ++s)
            out.inspectors.push_back(inspectors_[static_cast<std::size_t>(slots_[s].held_by)].id);
        std::sort(out.inspectors.begin() + 1, out.inspectors.end());
        return out;
    }

 private:
    struct Column {
        std::int64_t capacity;
        Cost potential;
        std::vector<std::uint32_t> held;  ///< slots
    };

    /// Negative: may not go at all. Bit 0 of the others says whether he can lead.
    [[nodiscard]] Cost cost_of(std::size_t at, const Digest& digest) const {
        const Visit& visit = visits_[at / width_];
        const Inspector& inspector = inspectors_[at % width_];
        if (inspector.capacity <= 0 || !may_visit(inspector, visit)) return -1;
        Cost cost = 0;
        for (int i = 0; i < 6; ++i) cost = (cost << 8) | digest[static_cast<std::size_t>(i)];
        return (cost & ~Cost{1}) | (has_all(inspector.skills, visit.lead_skills) ? 1 : 0);
    }
    [[nodiscard]] Cost cost(const Slot& slot, std::size_t column) const {
        return costs_[slot.visit * width_ + column];
    }

    /// The slot of the same visit that holds this column, or none.
    [[nodiscard]] const Slot* sibling(const Slot& slot, std::int32_t column) const {
        for (std::uint32_t s = first_slot_[slot.visit]; s < first_slot_[slot.visit + 1]; ++s)
            if (slots_[s].held_by == column) return &slots_[s];
        return nullptr;
    }

    // Nodes: slots, then columns.
    [[nodiscard]] std::size_t node(const Slot& slot) const {
        return static_cast<std::size_t>(&slot - slots_.data());
    }
    void reach(std::size_t to, Cost distance, std::uint32_t from_slot) {
        if (distance >= distance_[to]) return;
        distance_[to] = distance;
        from_[to] = from_slot;
        queue_.emplace(distance, to);
    }

    void relax_slot(std::uint32_t from, Cost distance) {
        const Slot& slot = slots_[from];
        const std::size_t row = slot.visit * width_;
        for (std::size_t c = 0; c < width_; ++c) {
            const Cost price = costs_[row + c];
            if (price < 0 || (slot.lead && (price & 1) == 0)) continue;
            const auto column = static_cast<std::int32_t>(c);
            if (slot.held_by == column) continue;
            const Column& to = columns_[c];
            const Cost next = distance + price + slot.potential - to.potential;
            // A column that is reached cheaper already need not be looked at for siblings.
            const Slot* other = sibling(slot, column);
            if (!other)
                reach(slots_.size() + c, next, from);
            else
                reach(node(*other), distance + slot.potential - other->potential, from);
        }
    }
    void relax_column(std::size_t c, Cost distance) {
        for (const std::uint32_t s : columns_[c].held)
            reach(s, distance - cost(slots_[s], c) + columns_[c].potential - slots_[s].potential,
                  static_cast<std::uint32_t>(slots_.size() + c));
    }

    [[nodiscard]] bool augment(std::uint32_t start) {
        const std::size_t nodes = slots_.size() + width_;
        distance_.assign(nodes, unreached);
        from_.assign(nodes, start);
        queue_ = {};
        done_.clear();
        reach(start, 0, start);
        while (!queue_.empty()) {
            const auto [distance, at] = queue_.top();
            queue_.pop();
            if (distance > distance_[at]) continue;
            if (at >= slots_.size() && std::cmp_less(columns_[at - slots_.size()].held.size(),
                                                     columns_[at - slots_.size()].capacity)) {
                for (const std::size_t seen : done_) potential(seen) += distance_[seen] - distance;
                apply(at, start);
                return true;
            }
            done_.push_back(at);
            if (at < slots_.size())
                relax_slot(static_cast<std::uint32_t>(at), distance);
            else
                relax_column(at - slots_.size(), distance);
        }
        return false;
    }
    Cost& potential(std::size_t at) {
        return at < slots_.size() ? slots_[at].potential : columns_[at - slots_.size()].potential;
    }

    /// Walks the path back from the free column: each slot on it takes what lies behind it.
    void apply(std::size_t at, std::uint32_t start) {
        std::int32_t takes = static_cast<std::int32_t>(at - slots_.size());
        std::size_t slot = from_[at];
        while (true) {
            const std::int32_t had = slots_[slot].held_by;
            if (had != nobody) std::erase(columns_[static_cast<std::size_t>(had)].held, slot);
            slots_[slot].held_by = takes;
            columns_[static_cast<std::size_t>(takes)].held.push_back(static_cast<std::uint32_t>(slot));
            if (slot == start) return;
            // The slot was reached from the column it held, which the slot before it now takes, or from a
            // sibling that takes its place there.
            takes = had;
            const std::size_t before = from_[slot];
            slot = before >= slots_.size() ? from_[before] : before;
        }
    }

    [[nodiscard]] Shortage shortage() const {
        Shortage out;
        std::set<std::string> visits, skills, expired;
        std::set<std::pair<std::string, std::string>> once;
        for (std::size_t s = 0; s < slots_.size(); ++s) {
            if (distance_[s] == unreached) continue;
            const Slot& slot = slots_[s];
            const Visit& visit = visits_[slot.visit];
            ++out.places;
            visits.insert(visit.id);
            skills.insert(visit.skills.begin(), visit.skills.end());
            if (slot.lead) skills.insert(visit.lead_skills.begin(), visit.lead_skills.end());
            for (const Inspector& inspector : inspectors_)
                if (is_expired(visit, inspector) && inspector.capacity > 0 && !is_barred(visit, inspector) &&
                    has_all(inspector.skills, visit.skills) &&
                    (!slot.lead || has_all(inspector.skills, visit.lead_skills)))
                    expired.insert(inspector.id);
            // Who stands on the visit but is not himself among the fully used.
            if (slot.held_by != nobody &&
                distance_[slots_.size() + static_cast<std::size_t>(slot.held_by)] == unreached)
                once.emplace(visit.id, inspectors_[static_cast<std::size_t>(slot.held_by)].id);
        }
        for (std::size_t c = 0; c < width_; ++c) {
            if (distance_[slots_.size() + c] == unreached) continue;
            out.inspectors.push_back(inspectors_[c].id);
            out.capacity += columns_[c].capacity;
        }
        out.capacity += static_cast<std::int64_t>(once.size());
        out.visits.assign(visits.begin(), visits.end());
        out.skills.assign(skills.begin(), skills.end());
        out.once.assign(once.begin(), once.end());
        out.expired.assign(expired.begin(), expired.end());
        return out;
    }

    const std::vector<Visit>& visits_;
    const std::vector<Inspector>& inspectors_;
    std::size_t width_;
    std::vector<Cost> costs_;
    std::vector<Slot> slots_;
    std::vector<Column> columns_;
    std::vector<std::uint32_t> first_slot_;
    std::vector<Cost> distance_;
    std::vector<std::uint32_t> from_;
    std::vector<std::size_t> done_;
    std::priority_queue<std::pair<Cost, std::size_t>, std::vector<std::pair<Cost, std::size_t>>,
                        std::greater<>>
        queue_;
};

Result<void> check(const std::vector<Visit>& visits, const std::vector<Inspector>& inspectors) {
    if (visits.size() > visits_max || inspectors.size() > inspectors_max)
        return Error{ErrorCode::too_large,
                     fmt::format("at most {} visits and {} inspectors", visits_max, inspectors_max)};
    for (std::size_t i = 0; i < visits.size(); ++i) {
        if (visits[i].id.empty()) return Error{ErrorCode::field_invalid, "a visit has an id", "visit"};
        if (visits[i].team < 2)
            return Error{ErrorCode::officers_too_few, fmt::format("a team of {}", visits[i].team),
                         visits[i].id, "APPR 42", "at least two go together"};
        if (i > 0 && visits[i - 1].id == visits[i].id)
            return Error{ErrorCode::duplicate_key, "the visit stands twice", visits[i].id};
    }
    for (std::size_t i = 0; i < inspectors.size(); ++i) {
        if (inspectors[i].id.empty() || inspectors[i].capacity < 0)
            return Error{ErrorCode::field_invalid, "an inspector has an id and a capacity not below 0",
                         inspectors[i].id};
        if (i > 0 && inspectors[i - 1].id == inspectors[i].id)
            return Error{ErrorCode::duplicate_key, "the inspector stands twice", inspectors[i].id};
    }
    return {};
}

Result<Assignment> solve(const std::vector<Visit>& visits, const std::vector<Inspector>& inspectors,
                         const Digest& seed, std::string_view round) {
    std::vector<Visit> sorted = visits;
    std::vector<Inspector> people = inspectors;
    std::ranges::sort(sorted, {}, &Visit::id);
    std::ranges::sort(people, {}, &Inspector::id);
    CHECK(check(sorted, people));
    Flow flow(sorted, people, seed, round);
    Assignment out;
    out.shortage = flow.fill();
    if (!out.shortage.empty()) return out;
    for (const Visit& visit : visits) {
        const auto at = std::ranges::lower_bound(sorted, visit.id, {}, &Visit::id);
        out.teams.push_back(flow.team(static_cast<std::uint32_t>(at - sorted.begin())));
    }
    return out;
}

}  // namespace

std::string Shortage::text() const {
    std::string out =
        fmt::format("{} places on {} can be filled by {} only", places, join(visits, ", "), capacity);
    if (!skills.empty()) out += fmt::format("; skills asked for: {}", join(skills, ", "));
    if (!inspectors.empty()) out += fmt::format("; fully used: {}", join(inspectors, ", "));
    for (const auto& [visit, inspector] : once)
        out += fmt::format("; {} counts once on {}", inspector, visit);
    if (!expired.empty()) out += fmt::format("; certificate or training run out: {}", join(expired, ", "));
    return out;
}

Error error_of(const Shortage& shortage) {
    return {ErrorCode::assignment_impossible,
            shortage.text(),
            {},
            {},
            "raise a capacity, train or lend inspectors with these skills, or move visits; no constraint is "
            "dropped"};
}

Result<void> may_visit(const Inspector& inspector, const Visit& visit) {
    for (const Bar& bar : visit.barred)
        if (bar.inspector == inspector.id)
            return Error{ErrorCode::recused,
                         fmt::format("{} may not visit {}: {}", inspector.id, visit.id, bar.why)};
    if (is_expired(visit, inspector))
        return Error{
            ErrorCode::officer_unqualified,
            fmt::format("{} has no certificate and training valid on {}", inspector.id, visit.on.text()),
            visit.id, "APPR 42", "renew the training first or send somebody else"};
    for (const std::string& skill : visit.skills)
        if (!has_all(inspector.skills, {skill}))
            return Error{ErrorCode::officer_unqualified, fmt::format("{} lacks {}", inspector.id, skill),
                         visit.id};
    return {};
}

Result<Assignment> assign(const std::vector<Visit>& visits, const std::vector<Inspector>& inspectors,
                          const Digest& seed) {
    return solve(visits, inspectors, seed, "0");
}

Result<Assignment> reassign(const std::vector<Team>& teams, const Visit& visit,
                            const std::vector<Inspector>& inspectors, const Digest& seed,
                            std::uint64_t round) {
    if (std::ranges::find(teams, visit.id, &Team::visit) == teams.end())
        return Error{ErrorCode::record_unknown, "the visit has no team", visit.id};
    std::map<std::string_view, std::int64_t> used;
    for (const Team& team : teams)
        if (team.visit != visit.id)
            for (const std::string& inspector : team.inspectors) ++used[inspector];
    std::vector<Inspector> left = inspectors;
    for (Inspector& inspector : left)
        if (const auto found = used.find(inspector.id); found != used.end())
            inspector.capacity = std::max<std::int64_t>(0, inspector.capacity - found->second);
    Assignment out = TRY(solve({visit}, left, seed, fmt::format("{}", round)));
    if (!out.shortage.empty()) return out;
    const Team fresh = out.teams.front();
    out.teams = teams;
    *std::ranges::find(out.teams, visit.id, &Team::visit) = fresh;
    return out;
}

}  // namespace qingyuan::target
