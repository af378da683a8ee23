#include "assess/duplicates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "assess/link_candidates.hpp"

namespace qingyuan::assess {

namespace {

using facts::SafetyReport;

constexpr double prior_weight = 40;    ///< pairs that speak for the prior of a field
constexpr double prior_share = 0.02;   ///< of reports are duplicates, before the data was seen
constexpr double prior_reports = 200;  ///< that speak for it
constexpr int rounds = 12;

double score(const LinkModel& model, const Comparisons& comparisons) {
    double bits = 0;
    for (std::size_t field = 0; field < link_fields; ++field)
        if (const Comparison& one = comparisons[field]; one.level != 0)
            bits += std::log2(model[field][one.level] / static_cast<double>(one.by_chance));
    return bits;
}

struct Candidate {
    LinkPair pair;
    float bits = 0;
};

/// Bits at which a pair is as likely one patient as two, with `doubles` duplicates among n reports.
double even_bits(double reports, double doubles) {
    const double pairs = std::max(1.0, reports * (reports - 1) / 2);
    return std::log2(pairs / std::max(doubles, 0.1));
}

class Estimate {
 public:
    Estimate(const Coded& coded, std::vector<Candidate>& candidates)
        : coded_(coded), candidates_(candidates) {}

    LinkModel model = prior_model();
    double threshold = 0;

    /// Scores all pairs with the prior, keeps those that could be anything, and lets them tell how fields
    /// err.
    void run(bool estimate) {
        const auto reports = static_cast<double>(coded_.reports.size());
        double doubles = prior_share * reports;
        threshold = even_bits(reports, doubles);
        for (Candidate& candidate : candidates_)
            candidate.bits =
                static_cast<float>(score(model, compare(coded_, candidate.pair.a, candidate.pair.b)));
        std::erase_if(candidates_, [&](const Candidate& one) { return one.bits < threshold - slack; });
        if (!estimate) return;
        std::vector<Comparisons> comparisons;
        comparisons.reserve(candidates_.size());
        for (const Candidate& one : candidates_)
            comparisons.push_back(compare(coded_, one.pair.a, one.pair.b));
        for (int round = 0; round < rounds; ++round) doubles = learn(comparisons, doubles);
        threshold = even_bits(reports, doubles);
        for (std::size_t i = 0; i < candidates_.size(); ++i)
            candidates_[i].bits = static_cast<float>(score(model, comparisons[i]));
    }

 private:
    static constexpr double slack = 12;  ///< bits under the threshold that a better model may still add

    double learn(const std::vector<Comparisons>& comparisons, double doubles) {
        const auto reports = static_cast<double>(coded_.reports.size());
        const double even = even_bits(reports, doubles);
        const LinkModel prior = prior_model();
        LinkModel sums{};
        std::array<double, link_fields> totals{};
        double expected = 0;
        for (const Comparisons& pair : comparisons) {
            const double likely = 1 / (1 + std::exp2(even - score(model, pair)));
            if (likely < 1e-3) continue;
            expected += likely;
            for (std::size_t field = 0; field < link_fields; ++field) {
                if (pair[field].level == 0) continue;
                sums[field][pair[field].level] += likely;
                totals[field] += likely;
            }
        }
        for (std::size_t field = 0; field < link_fields; ++field)
            for (std::size_t level = 1; level < link_levels; ++level)
                if (prior[field][level] > 0)
                    model[field][level] = (sums[field][level] + prior_weight * prior[field][level]) /
                                          (totals[field] + prior_weight);
        return reports * (expected + prior_share * prior_reports) / (reports + prior_reports);
    }

    const Coded& coded_;
    std::vector<Candidate>& candidates_;
};

/// Groups by complete link: two groups join only where every pair between them is a link.
class Groups {
 public:
    Groups(std::size_t reports, std::function<double(ReportIndex, ReportIndex)> bits, double min_bits)
        : of_(reports), bits_(std::move(bits)), min_bits_(min_bits) {
        members_.resize(reports);
        for (ReportIndex i = 0; i < reports; ++i) {
            of_[i] = i;
            members_[i] = {i};
        }
    }

    void forbid(ReportIndex a, ReportIndex b) { different_.emplace(std::min(a, b), std::max(a, b)); }
    [[nodiscard]] bool forbidden(ReportIndex a, ReportIndex b) const {
        return different_.contains({std::min(a, b), std::max(a, b)});
    }
    /// Joins whatever the scores say; a pair that was told apart stays apart.
    void join_decided(ReportIndex a, ReportIndex b) {
        if (of_[a] != of_[b] && allowed(of_[a], of_[b], [](ReportIndex, ReportIndex) { return true; }))
            merge(of_[a], of_[b]);
    }
    void join(ReportIndex a, ReportIndex b) {
        if (of_[a] == of_[b]) return;
        const auto linked = [&](ReportIndex x, ReportIndex y) { return bits_(x, y) >= min_bits_; };
        if (allowed(of_[a], of_[b], linked)) merge(of_[a], of_[b]);
    }
    [[nodiscard]] std::vector<std::vector<ReportIndex>> several() const {
        std::vector<std::vector<ReportIndex>> out;
        for (const auto& members : members_)
            if (members.size() > 1) out.push_back(members);
        return out;
    }

 private:
    template <class Linked>
    bool allowed(ReportIndex a, ReportIndex b, const Linked& linked) const {
        for (const ReportIndex x : members_[a])
            for (const ReportIndex y : members_[b])
                if (forbidden(x, y) || !linked(x, y)) return false;
        return true;
    }
    void merge(ReportIndex a, ReportIndex b) {
        if (members_[a].size() < members_[b].size()) std::swap(a, b);
        for (const ReportIndex member : members_[b]) {
            of_[member] = a;
            members_[a].push_back(member);
        }
        members_[b].clear();
    }

    std::vector<ReportIndex> of_;
    std::vector<std::vector<ReportIndex>> members_;
    std::function<double(ReportIndex, ReportIndex)> bits_;
    double min_bits_;
    std::set<std::pair<ReportIndex, ReportIndex>> different_;
};

/// Came earlier; of one day the one that says more, then the lower number.
bool came_before(const SafetyReport& a, const SafetyReport& b) {
    const auto day = [](const SafetyReport& report) {
        return report.received_on.value_or(Date::never_after());
    };
    if (day(a) != day(b)) return day(a) < day(b);
    const double of_a = completeness(a), of_b = completeness(b);
    return of_a != of_b ? of_a > of_b : a.number < b.number;
}

}  // namespace

struct Linkage::State {
    Coded coded;
    LinkModel model{};
    double min_bits = 0;
    std::uint64_t compared = 0;
    std::vector<DuplicateGroup> groups;

    [[nodiscard]] double bits(ReportIndex a, ReportIndex b) const {
        return score(model, compare(coded, std::min(a, b), std::max(a, b)));
    }
    void link(std::span<const SafetyReport> reports, std::vector<Candidate>& candidates,
              const std::vector<LinkDecision>& decisions);
};

void Linkage::State::link(std::span<const SafetyReport> reports, std::vector<Candidate>& candidates,
                          const std::vector<LinkDecision>& decisions) {
    Groups joined(reports.size(), [this](ReportIndex a, ReportIndex b) { return bits(a, b); }, min_bits);
    if (!decisions.empty()) {
        std::unordered_map<std::string_view, ReportIndex> by_number;
        for (ReportIndex i = 0; i < reports.size(); ++i) by_number.emplace(reports[i].number, i);
        for (const bool same : {false, true})
            for (const LinkDecision& decision : decisions) {
                const auto a = by_number.find(decision.report), b = by_number.find(decision.other);
                if (a == by_number.end() || b == by_number.end() || a->second == b->second ||
                    decision.same != same)
                    continue;
                if (same)
                    joined.join_decided(a->second, b->second);
                else
                    joined.forbid(a->second, b->second);
            }
    }
    std::erase_if(candidates, [&](const Candidate& one) { return one.bits < min_bits; });
    std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
        if (a.bits != b.bits) return a.bits > b.bits;
        const auto key = [&](const Candidate& one) {
            return std::minmax(reports[one.pair.a].number, reports[one.pair.b].number);
        };
        return key(a) < key(b);
    });
    for (const Candidate& one : candidates) joined.join(one.pair.a, one.pair.b);
    for (std::vector<ReportIndex>& members : joined.several()) {
        std::sort(members.begin(), members.end(),
                  [&](ReportIndex a, ReportIndex b) { return came_before(reports[a], reports[b]); });
        DuplicateGroup group{members.front(), members.front(), members, {}};
        for (const ReportIndex member : members) {
            group.bits.push_back(member == group.first ? 0 : bits(group.first, member));
            if (completeness(reports[member]) > completeness(reports[group.master])) group.master = member;
        }
        groups.push_back(std::move(group));
    }
    std::sort(groups.begin(), groups.end(),
              [](const DuplicateGroup& a, const DuplicateGroup& b) { return a.first < b.first; });
}

Linkage::Linkage(std::unique_ptr<State> state) : state_(std::move(state)) {}
Linkage::Linkage(Linkage&&) noexcept = default;
Linkage& Linkage::operator=(Linkage&&) noexcept = default;
Linkage::~Linkage() = default;

Linkage Linkage::make(std::span<const SafetyReport> reports, const law::ReactionFamilies& families,
                      const DuplicateOptions& options) {
    auto state = std::make_unique<State>();
    state->coded = code_reports(reports, families);
    std::vector<Candidate> candidates;
    for (const LinkPair& pair : candidate_pairs(state->coded)) candidates.push_back({pair, 0});
    state->compared = candidates.size();
    Estimate estimate(state->coded, candidates);
    estimate.run(options.estimate);
    state->model = estimate.model;
    state->min_bits = options.min_bits.value_or(estimate.threshold);
    state->link(reports, candidates, options.decisions);
    return Linkage(std::move(state));
}

const std::vector<DuplicateGroup>& Linkage::groups() const {
    return state_->groups;
}

std::vector<LinkEvidence> Linkage::evidence(std::uint32_t report, std::uint32_t other) const {
    const Comparisons comparisons = compare(state_->coded, std::min(report, other), std::max(report, other));
    std::vector<LinkEvidence> out;
    for (std::size_t i = 0; i < link_fields; ++i) {
        if (comparisons[i].level == 0) continue;
        const auto field = static_cast<LinkField>(i);
        const LevelWords words = words_of(field, comparisons[i].level);
        out.push_back({std::string(name_of(field)),
                       std::log2(state_->model[i][comparisons[i].level] /
                                 static_cast<double>(comparisons[i].by_chance)),
                       std::string(words.zh), std::string(words.en)});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const LinkEvidence& a, const LinkEvidence& b) { return a.bits > b.bits; });
    return out;
}

double Linkage::bits(std::uint32_t report, std::uint32_t other) const {
    return state_->bits(report, other);
}
double Linkage::min_bits() const {
    return state_->min_bits;
}
std::uint64_t Linkage::compared() const {
    return state_->compared;
}

double completeness(const SafetyReport& report) {
    const bool known = !report.products.empty();
    const std::pair<bool, double> parts[] = {{report.onset_on.has_value(), 0.5},
                                             {!report.outcome.empty() && report.outcome != "unknown", 0.3},
                                             {!report.sex.empty(), 0.3},
                                             {report.age_years.has_value(), 0.3},
                                             {known && !report.products[0].batch.empty(), 0.2},
                                             {known && !report.products[0].approval.empty(), 0.1},
                                             {known && !report.products[0].maker.empty(), 0.1},
                                             {!report.patient.empty(), 0.1},
                                             {report.weight_kg.has_value(), 0.1},
                                             {!report.causality.empty(), 0.1},
                                             {!report.seriousness.empty(), 0.1},
                                             {!report.organisation.empty(), 0.1}};
    double out = report.reactions.size() > 1 ? 1 : 0.98;
    for (const auto& [there, penalty] : parts)
        if (!there) out *= 1 - penalty;
    return out;
}

namespace {

void fill_in(SafetyReport& into, const SafetyReport& from) {
    const auto text = [](std::string& value, const std::string& other) {
        if (value.empty()) value = other;
    };
    text(into.organisation, from.organisation);
    text(into.city, from.city);
    text(into.patient, from.patient);
    text(into.sex, from.sex);
    text(into.seriousness, from.seriousness);
    text(into.outcome, from.outcome);
    text(into.causality, from.causality);
    if (!into.onset_on) into.onset_on = from.onset_on;
    if (!into.received_on) into.received_on = from.received_on;
    if (!into.age_years) into.age_years = from.age_years;
    if (!into.weight_kg) into.weight_kg = from.weight_kg;
    if (into.products.empty()) into.products = from.products;
    if (from.products.empty()) return;
    facts::SuspectProduct& product = into.products[0];
    const facts::SuspectProduct& other = from.products[0];
    if (product.approval == other.approval || product.name == other.name) {
        text(product.approval, other.approval);
        text(product.maker, other.maker);
        // A batch number that was cut short is completed.
        if (other.batch.size() > product.batch.size() && other.batch.starts_with(product.batch))
            product.batch = other.batch;
    }
}

}  // namespace

std::vector<SafetyReport> count_cases(std::span<const SafetyReport> reports,
                                      const std::vector<DuplicateGroup>& groups) {
    std::vector<const DuplicateGroup*> of(reports.size(), nullptr);
    for (const DuplicateGroup& group : groups)
        for (const std::uint32_t member : group.members) of[member] = &group;
    std::vector<SafetyReport> out;
    out.reserve(reports.size());
    for (std::uint32_t i = 0; i < reports.size(); ++i) {
        if (of[i] != nullptr && of[i]->master != i) continue;
        out.push_back(reports[i]);
        if (of[i] == nullptr) continue;
        for (const std::uint32_t member : of[i]->members)
            if (member != i) fill_in(out.back(), reports[member]);
    }
    return out;
}

}  // namespace qingyuan::assess
