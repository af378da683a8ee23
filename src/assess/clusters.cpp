#include "assess/clusters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "assess/case_index.hpp"
#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

constexpr double drug_weight = 20;        ///< cases that speak for all drugs where a drug has few
constexpr double product_weight = 10;     ///< and for the drug where a product has few
constexpr double drug_says = 0.5;         ///< of a case of another maker, on how sure the share is
constexpr int life_days_min = 60;         ///< of a batch in use, when its rate is taken
constexpr int local_margin_days = 21;     ///< around the window
constexpr int contrast_margin_days = 7;   ///< around the window, where it is looked at elsewhere
constexpr double elevated_p = 0.05;       ///< the reaction is up elsewhere too
constexpr double own_share_min = 0.65;    ///< of the cases; or else it is not the batch
constexpr double own_share_joined = 0.8;  ///< of two adjacent batches together
constexpr double own_share_there = 0.4;   ///< where other drugs of the same organisations are compared
constexpr double concentrated_p = 1e-4;   ///< and yet far more here than the batch's share explains

/// P(Poisson(mean) >= cases).
double poisson_tail(std::uint32_t cases, double mean) {
    if (cases == 0) return 1;
    if (!(mean > 0)) return 0;
    return boost::math::gamma_p(static_cast<double>(cases), mean);
}

/// The same where the mean is itself only known as a gamma distribution of this shape: P(NegBin >= cases).
double uncertain_tail(std::uint32_t cases, double mean, double shape) {
    if (cases == 0) return 1;
    if (!(mean > 0)) return 0;
    return boost::math::ibeta(static_cast<double>(cases), shape, mean / (mean + shape));
}

/// P(Binomial(trials, share) >= cases).
double binomial_tail(std::uint32_t cases, std::uint32_t trials, double share) {
    if (cases == 0) return 1;
    return boost::math::ibeta(static_cast<double>(cases), static_cast<double>(trials - cases) + 1, share);
}

/// A run of cases with one target in one batch (or two adjacent ones).
struct Window {
    Word target = no_word;
    std::int32_t first = 0, last = 0;
    std::uint32_t cases = 0, reports = 0;  ///< with the target; all of the batch
    double share = 0;                      ///< of the target elsewhere in the product
    double expected = 0;
    double p = 1;  ///< in this window, corrected for the windows that were looked at
    [[nodiscard]] int days() const { return last - first + 1; }
};

/// Looks at the cases of one batch, or of adjacent ones together.
class Scan {
 public:
    Scan(const CaseIndex& index, Place product, std::vector<Place> cases, const ClusterOptions& options)
        : index_(index),
          product_(index.product(product)),
          drug_(index.drug(product_.drug)),
          options_(options),
          cases_(std::move(cases)) {
        for (const Place at : cases_) {
            const IndexedCase& one = index_.cases()[at];
            onsets_.push_back(one.onset);
            if (index_.is_backlog(one)) continue;
            for (const Word target : one.targets) with_target_[target].push_back(one.onset);
        }
    }

    /// The most striking window of each target that has enough cases.
    [[nodiscard]] std::vector<Window> windows() const {
        std::vector<Window> out;
        for (const auto& [target, onsets] : with_target_) {
            if (onsets.size() < options_.cases_min) continue;
            Window best;
            // Windows from one day to another: as many as there are days, however many cases a day has.
            for (std::size_t i = 0; i < onsets.size(); ++i) {
                if (i > 0 && onsets[i] == onsets[i - 1]) continue;
                for (std::size_t j = i; j < onsets.size() && onsets[j] - onsets[i] < options_.days_max; ++j) {
                    if (j + 1 < onsets.size() && onsets[j + 1] == onsets[j]) continue;
                    if (j - i + 1 < options_.cases_min) continue;
                    const Window one =
                        look(target, onsets[i], onsets[j], static_cast<std::uint32_t>(j - i + 1));
                    if (one.p < best.p) best = one;
                }
            }
            if (best.cases > 0) out.push_back(best);
        }
        return out;
    }
    /// How often chance had its try: families take one half of it, terms the other.
    [[nodiscard]] double tries(Word target) const {
        const auto families = static_cast<double>(std::ranges::count_if(
            drug_.days.of_target, [&](const auto& one) { return index_.is_family(one.first); }));
        const double of_kind =
            index_.is_family(target) ? families : static_cast<double>(drug_.days.of_target.size()) - families;
        return 2 * std::max(1.0, of_kind);
    }
    [[nodiscard]] const std::vector<Place>& cases() const { return cases_; }
    /// The target, and the families that a term belongs to: what is up elsewhere may show other terms of
    /// them.
    [[nodiscard]] std::vector<Window> widened(const Window& window) const {
        std::vector<Window> out{window};
        if (index_.is_family(window.target)) return out;
        for (const auto& [target, onsets] : with_target_)
            if (index_.is_family(target) &&
                index_.belongs(index_.targets().text(window.target),
                               index_.targets().text(target).substr(CaseIndex::family_mark.size()))) {
                const auto begin = std::lower_bound(onsets.begin(), onsets.end(), window.first);
                const auto cases = std::upper_bound(begin, onsets.end(), window.last) - begin;
                out.push_back(look(target, window.first, window.last, static_cast<std::uint32_t>(cases)));
            }
        return out;
    }
    [[nodiscard]] ClusterContrast other_batches(const Window& window) const {
        const std::int32_t first = window.first - contrast_margin_days,
                           last = window.last + contrast_margin_days;
        const auto found = with_target_.find(window.target);
        QY_ASSERT(found != with_target_.end());
        return contrast(product_.days, {between(found->second, first, last), between(onsets_, first, last)},
                        window);
    }
    [[nodiscard]] ClusterContrast other_makers(const Window& window) const {
        const std::int32_t first = window.first - contrast_margin_days,
                           last = window.last + contrast_margin_days;
        return contrast(
            drug_.days,
            {product_.days.of(window.target).between(first, last), product_.days.all.between(first, last)},
            window);
    }
    [[nodiscard]] ClusterContrast same_organisations(const Window& window,
                                                     const std::vector<Place>& members) const;

 private:
    [[nodiscard]] static std::uint32_t between(const std::vector<std::int32_t>& days, std::int32_t first,
                                               std::int32_t last) {
        const auto begin = std::lower_bound(days.begin(), days.end(), first);
        return static_cast<std::uint32_t>(std::upper_bound(begin, days.end(), last) - begin);
    }
    [[nodiscard]] std::uint32_t in_batch(std::int32_t first, std::int32_t last) const {
        return between(onsets_, first, last);
    }
    [[nodiscard]] double share_elsewhere(Word target, std::uint32_t cases, std::uint32_t reports) const;
    [[nodiscard]] Window look(Word target, std::int32_t first, std::int32_t last, std::uint32_t cases) const;
    struct Own {
        std::uint32_t cases, reports;
    };
    [[nodiscard]] static ClusterContrast contrast(const DaysByTarget& all, Own own, const Window& window);

    const CaseIndex& index_;
    const IndexedProduct& product_;
    const IndexedDrug& drug_;
    const ClusterOptions& options_;
    std::vector<Place> cases_;
    std::vector<std::int32_t> onsets_;
    std::map<Word, std::vector<std::int32_t>> with_target_;
};

/// Share of the target among the product's other cases; few of them lean on the drug, and the drug on all.
double Scan::share_elsewhere(Word target, std::uint32_t cases, std::uint32_t reports) const {
    const auto ratio = [&](const DaysByTarget& days, double wider, double weight) {
        return (days.of(target).size() - static_cast<double>(cases) + weight * wider) /
               (days.all.size() - static_cast<double>(reports) + weight);
    };
    const DaysByTarget& all = index_.everything();
    const double everywhere = (all.of(target).size() - static_cast<double>(cases) + 0.5) /
                              (all.all.size() - static_cast<double>(reports) + 1);
    return std::clamp(ratio(product_.days, ratio(drug_.days, everywhere, drug_weight), product_weight), 1e-6,
                      0.95);
}

Window Scan::look(Word target, std::int32_t first, std::int32_t last, std::uint32_t cases) const {
    Window out{
        .target = target, .first = first, .last = last, .cases = cases, .reports = in_batch(first, last)};
    const double days = out.days();
    out.share = share_elsewhere(target, cases, out.reports);
    const double life = std::max(life_days_min, onsets_.back() - onsets_.front() + 1);
    const double others = static_cast<double>(onsets_.size()) - cases;
    const double nearby =
        static_cast<double>(in_batch(first - local_margin_days, last + local_margin_days)) - cases;
    const double rate = std::max((others + 0.5) / life, (nearby + 0.5) / (days + 2 * local_margin_days));
    // A batch of which everything is reported more in these days has more of this, too.
    const double beside = (out.reports - cases) / (1 - out.share);
    out.expected = out.share * std::max(rate * days, beside);
    const double windows = 2 * (life / days + 1);
    if (cases <= out.expected) return out;
    // Both factors of what is expected come from counts, and few of them say little.
    const double of_share = 1 + product_.days.of(target).size() - static_cast<double>(cases) +
                            drug_says * (drug_.days.of(target).size() - static_cast<double>(cases));
    const double of_rate = 1 + others;
    out.p = std::min(1.0, uncertain_tail(cases, out.expected, 1 / (1 / of_share + 1 / of_rate)) * windows);
    return out;
}

ClusterContrast Scan::contrast(const DaysByTarget& all, Own own, const Window& window) {
    const std::int32_t first = window.first - contrast_margin_days, last = window.last + contrast_margin_days;
    ClusterContrast out;
    // Cases of a backlog count as reports of the batch, not as its cases: they must not turn up elsewhere.
    out.cases = all.of(window.target).between(first, last);
    out.cases -= std::min(out.cases, own.cases);
    out.reports = all.all.between(first, last) - own.reports;
    const double life = std::max(life_days_min, all.all.span());
    const double usual = (all.all.size() - static_cast<double>(own.reports)) / life * (last - first + 1);
    out.expected =
        window.share * std::max(usual, (out.reports - std::min(out.reports, out.cases)) / (1 - window.share));
    return out;
}

ClusterContrast Scan::same_organisations(const Window& window, const std::vector<Place>& members) const {
    std::set<Word> organisations;
    for (const Place at : members)
        if (const Word one = index_.cases()[at].organisation; one != no_word) organisations.insert(one);
    ClusterContrast out;
    for (const Word organisation : organisations) {
        const auto there =
            index_.at_organisation(organisation, window.target, product_.drug,
                                   window.first - contrast_margin_days, window.last + contrast_margin_days);
        out.cases += there.with_target;
        out.reports += there.all;
    }
    const DaysByTarget& all = index_.everything();
    out.expected = out.reports * (all.of(window.target).size() + 0.5) / (all.all.size() + 1.0);
    return out;
}

/// The reaction is up there as well, and this batch has not most of it, or no more than its share.
bool explains(const ClusterContrast& contrast, const Window& window, double own_share) {
    if (contrast.cases < 3 || poisson_tail(contrast.cases, contrast.expected) > elevated_p) return false;
    if (window.cases < own_share * (window.cases + contrast.cases)) return true;
    const double share = window.expected / (window.expected + contrast.expected);
    return binomial_tail(window.cases, window.cases + contrast.cases, share) > concentrated_p;
}

/// A batch number that ends in digits: what stands before them, and their number.
struct Numbered {
    std::string_view before;
    std::int64_t number = -1;
};
Numbered numbered(std::string_view batch) {
    std::size_t digits = 0;
    while (digits < batch.size() && digits < 15 &&
           std::isdigit(static_cast<unsigned char>(batch[batch.size() - 1 - digits])))
        ++digits;
    if (digits == 0) return {batch, -1};
    const auto number = parse_integer(batch.substr(batch.size() - digits));
    return {batch.substr(0, batch.size() - digits), number ? *number : -1};
}

bool are_adjacent(std::string_view a, std::string_view b) {
    const Numbered one = numbered(a), other = numbered(b);
    return a.size() == b.size() && one.number >= 0 && other.number >= 0 && one.before == other.before &&
           std::abs(one.number - other.number) == 1;
}

/// What was found in a batch: all windows worth naming, the strongest first, none over another.
struct Found {
    Place batch = 0, neighbour = 0;
    bool joined = false;
    double p = 1;  ///< corrected for targets
    Window window;
    ClusterContrast other_batches, other_makers, same_organisations;
    std::vector<Place> members;
};

class Finder {
 public:
    Finder(const CaseIndex& index, const ClusterOptions& options) : index_(index), options_(options) {}

    /// Of one batch, or of it and an adjacent one; p at most `p_max`.
    [[nodiscard]] std::vector<Found> in_batch(Place batch, std::optional<Place> neighbour,
                                              double p_max) const;
    [[nodiscard]] BatchCluster described(const Found& found, std::span<const facts::SafetyReport> reports,
                                         std::span<const std::uint32_t> origin) const;

 private:
    void give_reasons(BatchCluster& out, const Found& found) const;

    const CaseIndex& index_;
    const ClusterOptions& options_;
};

std::vector<Found> Finder::in_batch(Place batch, std::optional<Place> neighbour, double p_max) const {
    const IndexedBatch& own = index_.batches()[batch];
    std::vector<Place> cases = own.cases;
    if (neighbour) {
        const std::vector<Place>& others = index_.batches()[*neighbour].cases;
        cases.insert(cases.end(), others.begin(), others.end());
        std::stable_sort(cases.begin(), cases.end(),
                         [&](Place a, Place b) { return index_.cases()[a].onset < index_.cases()[b].onset; });
    }
    const Scan scan(index_, own.product, std::move(cases), options_);
    std::vector<Window> windows = scan.windows();
    std::erase_if(windows, [&](const Window& one) { return one.p * scan.tries(one.target) > p_max; });
    std::sort(windows.begin(), windows.end(), [&](const Window& a, const Window& b) {
        const double of_a = a.p * scan.tries(a.target), of_b = b.p * scan.tries(b.target);
        return of_a != of_b ? of_a < of_b : index_.targets().text(a.target) < index_.targets().text(b.target);
    });
    std::vector<Found> out;
    for (const Window& window : windows) {
        const bool told = std::any_of(out.begin(), out.end(), [&](const Found& other) {
            return window.first <= other.window.last && other.window.first <= window.last;
        });
        if (told) continue;
        Found one{batch,
                  neighbour.value_or(batch),
                  neighbour.has_value(),
                  std::min(1.0, window.p * scan.tries(window.target)),
                  window,
                  {},
                  {},
                  {},
                  {}};
        for (const Place at : scan.cases()) {
            const IndexedCase& indexed = index_.cases()[at];
            if (indexed.onset >= window.first && indexed.onset <= window.last &&
                !index_.is_backlog(indexed) &&
                std::binary_search(indexed.targets.begin(), indexed.targets.end(), window.target))
                one.members.push_back(at);
        }
        one.other_batches = scan.other_batches(window);
        one.other_makers = scan.other_makers(window);
        one.same_organisations = scan.same_organisations(window, one.members);
        const std::vector<Window> wider = scan.widened(window);
        if (std::any_of(wider.begin(), wider.end(), [&](const Window& other) {
                const double own_share = one.joined ? own_share_joined : own_share_min;
                return explains(scan.other_batches(other), other, own_share) ||
                       explains(scan.other_makers(other), other, own_share_min) ||
                       explains(scan.same_organisations(other, one.members), other, own_share_there);
            }))
            continue;
        if (one.joined && std::set<Place>([&] {
                              std::set<Place> batches;
                              for (const Place at : one.members) batches.insert(index_.cases()[at].batch);
                              return batches;
                          }())
                                  .size() < 2)
            continue;
        out.push_back(std::move(one));
    }
    return out;
}

void Finder::give_reasons(BatchCluster& out, const Found& found) const {
    const Window& window = found.window;
    const auto add = [&](std::string zh, std::string en) {
        out.reasons_zh.push_back(std::move(zh));
        out.reasons_en.push_back(std::move(en));
    };
    add(fmt::format("{}日内同批{}例，按该批平时报告量和该品种此类反应占比，预期{:.2f}例", window.days(),
                    out.cases, out.expected),
        fmt::format(
            "{} cases of one batch within {} days where its own reporting and the product's share of the "
            "reaction let expect {:.2f}",
            out.cases, window.days(), out.expected));
    const auto told = [&](const ClusterContrast& contrast, std::string_view zh, std::string_view en) {
        add(fmt::format("同期{}{}例（预期{:.1f}例）", zh, contrast.cases, contrast.expected),
            fmt::format("{} in the same days: {} cases ({:.1f} expected)", en, contrast.cases,
                        contrast.expected));
    };
    told(out.other_batches, "同品种其他批", "other batches of the product");
    told(out.other_makers, "其他企业同品种", "other makers of the drug");
    told(out.same_organisations, "同单位其他品种", "other drugs of the same organisations");
    if (out.organisations.size() > 1)
        add(fmt::format("来自{}个单位", out.organisations.size()),
            fmt::format("from {} organisations", out.organisations.size()));
    else
        add("均来自同一单位，须排除该单位自身原因",
            "all from one organisation: its own causes must be excluded");
}

BatchCluster Finder::described(const Found& found, std::span<const facts::SafetyReport> reports,
                               std::span<const std::uint32_t> origin) const {
    const IndexedBatch& batch = index_.batches()[found.batch];
    const IndexedProduct& product = index_.product(batch.product);
    BatchCluster out;
    out.product = index_.drug(product.drug).name;
    out.maker = product.maker;
    out.batch = batch.number;
    if (found.joined) out.neighbours.push_back(index_.batches()[found.neighbour].number);
    const std::string& target = index_.targets().text(found.window.target);
    const bool family = index_.is_family(found.window.target);
    if (family) out.family = target.substr(CaseIndex::family_mark.size());
    out.onset_from = {found.window.first};
    out.onset_to = {found.window.last};
    out.cases = found.window.cases;
    out.expected = found.window.expected;
    out.p = found.p;
    out.other_batches = found.other_batches;
    out.other_makers = found.other_makers;
    out.same_organisations = found.same_organisations;
    out.daily.resize(static_cast<std::size_t>(found.window.days()));
    std::set<std::string> terms;
    for (const Place at : found.members) {
        const IndexedCase& one = index_.cases()[at];
        out.members.push_back(origin[at]);
        ++out.daily[static_cast<std::size_t>(one.onset - found.window.first)];
        if (one.organisation != no_word) ++out.organisations[index_.organisations().text(one.organisation)];
        if (!reports.empty()) ++out.seriousness[reports[origin[at]].seriousness];
        for (const Word term : one.targets) {
            if (index_.is_family(term)) continue;
            const std::string& text = index_.targets().text(term);
            if (term == found.window.target || (family && index_.belongs(text, out.family)))
                terms.insert(text);
        }
    }
    out.reactions.assign(terms.begin(), terms.end());
    give_reasons(out, found);
    return out;
}

bool takes_part(const facts::SafetyReport& report) {
    return report.onset_on && !report.products.empty() && !report.products[0].batch.empty() &&
           !report.products[0].name.empty() && !report.reactions.empty();
}

/// Benjamini and Hochberg: the largest p that may still be told, of so many hypotheses.
double largest_told(std::vector<double> p, double hypotheses, double share) {
    std::sort(p.begin(), p.end());
    double out = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (p[i] <= share * static_cast<double>(i + 1) / hypotheses) out = p[i];
    return out;
}

}  // namespace

std::vector<BatchCluster> find_clusters(std::span<const facts::SafetyReport> cases,
                                        const law::ReactionFamilies& families,
                                        const ClusterOptions& options) {
    const std::vector<std::string> drugs = drug_names(cases);
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < cases.size(); ++i)
        if (takes_part(cases[i])) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(*cases[a].onset_on, cases[a].number) < std::tie(*cases[b].onset_on, cases[b].number);
    });
    CaseIndex index(families);
    for (const std::uint32_t at : order) index.add(cases[at], drugs[at]);
    const Finder finder(index, options);
    constexpr double worth_keeping = 0.05;
    std::vector<Found> found;
    std::vector<double> lowest;
    double hypotheses = static_cast<double>(index.batches().size());
    for (Place batch = 0; batch < index.batches().size(); ++batch) {
        const std::vector<Found> here = finder.in_batch(batch, std::nullopt, worth_keeping);
        if (!here.empty()) lowest.push_back(here.front().p);
        found.insert(found.end(), here.begin(), here.end());
        const auto& batches = index.product(index.batches()[batch].product).batches;
        const auto next = std::next(batches.find(index.batches()[batch].number));
        if (next == batches.end() || !are_adjacent(index.batches()[batch].number, next->first)) continue;
        ++hypotheses;
        for (Found& one : finder.in_batch(batch, next->second, worth_keeping)) {
            lowest.push_back(one.p);
            found.push_back(std::move(one));
        }
    }
    const double most = largest_told(lowest, hypotheses, options.false_share);
    std::erase_if(found, [&](const Found& one) { return one.p > most; });
    // Where one batch alone stands out, the pair says nothing new.
    std::erase_if(found, [&](const Found& one) {
        return one.joined && std::any_of(found.begin(), found.end(), [&](const Found& other) {
                   return !other.joined && (other.batch == one.batch || other.batch == one.neighbour) &&
                          other.window.first <= one.window.last && one.window.first <= other.window.last;
               });
    });
    std::sort(found.begin(), found.end(), [&](const Found& a, const Found& b) {
        return std::tie(a.p, a.window.first, a.batch) < std::tie(b.p, b.window.first, b.batch);
    });
    std::vector<BatchCluster> out;
    for (const Found& one : found) out.push_back(finder.described(one, cases, order));
    return out;
}

struct BatchWatch::State {
    const law::ReactionFamilies& families;
    Options options;
    CaseIndex index;
    std::unordered_map<std::string, std::string> name_of_approval;
    std::vector<std::uint32_t> numbers;  ///< of indexed cases, by the order of adding
    std::size_t added = 0;
};

BatchWatch::BatchWatch(const law::ReactionFamilies& families, Options options)
    : state_(std::make_unique<State>(State{families, options, CaseIndex(families), {}, {}, 0})) {}
BatchWatch::BatchWatch(BatchWatch&&) noexcept = default;
BatchWatch& BatchWatch::operator=(BatchWatch&&) noexcept = default;
BatchWatch::~BatchWatch() = default;

std::size_t BatchWatch::size() const {
    return state_->added;
}

std::optional<BatchCluster> BatchWatch::add(const facts::SafetyReport& report) {
    const auto number = static_cast<std::uint32_t>(state_->added++);
    if (!takes_part(report)) return std::nullopt;
    const facts::SuspectProduct& product = report.products.front();
    std::string drug = product.ingredient.empty() ? product.name : product.ingredient;
    if (!product.approval.empty())
        drug = state_->name_of_approval.try_emplace(product.approval, drug).first->second;
    const Place at = state_->index.add(report, drug);
    state_->numbers.push_back(number);
    IndexedBatch& batch = state_->index.batches()[state_->index.cases()[at].batch];
    const std::uint32_t look = ++batch.looks;
    const double total = state_->options.alpha_total;
    const double alpha = state_->options.alpha != nullptr
                             ? state_->options.alpha(look, total)
                             : total / (static_cast<double>(look) * (static_cast<double>(look) + 1));
    const Finder finder(state_->index, state_->options.scan);
    for (const Found& found : finder.in_batch(state_->index.cases()[at].batch, std::nullopt, alpha))
        if (std::find(found.members.begin(), found.members.end(), at) != found.members.end())
            return finder.described(found, {}, state_->numbers);
    return std::nullopt;
}

}  // namespace qingyuan::assess
