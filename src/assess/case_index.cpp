#include "assess/case_index.hpp"

#include <algorithm>

namespace qingyuan::assess {

namespace {

constexpr std::uint32_t backlog_cases = 6;
constexpr int backlog_days = 45;        ///< between the first and the last onset of what came in one day
constexpr int backlog_delay_days = 21;  ///< and this case is that old itself

void add_days(DaysByTarget& days, const IndexedCase& one) {
    days.all.add(one.onset);
    for (const Word target : one.targets) days.of_target[target].add(one.onset);
}

}  // namespace

void Days::add(std::int32_t day) {
    if (days_.empty() || days_.back() <= day)
        days_.push_back(day);
    else
        days_.insert(std::upper_bound(days_.begin(), days_.end(), day), day);
}

std::uint32_t Days::between(std::int32_t first, std::int32_t last) const {
    const auto begin = std::lower_bound(days_.begin(), days_.end(), first);
    return static_cast<std::uint32_t>(std::upper_bound(begin, days_.end(), last) - begin);
}

const Days& DaysByTarget::of(Word target) const {
    static const Days none;
    const auto found = of_target.find(target);
    return found == of_target.end() ? none : found->second;
}

Place CaseIndex::place_of(std::unordered_map<std::string, Place>& places, const std::string& key,
                          std::size_t next) const {
    return places.try_emplace(key, static_cast<Place>(next)).first->second;
}

Place CaseIndex::add(const facts::SafetyReport& report, const std::string& drug) {
    const facts::SuspectProduct& product = report.products.front();
    const std::string& maker = product.maker.empty() ? product.approval : product.maker;
    const Place drug_at = place_of(drug_places_, drug, drugs_.size());
    if (drug_at == drugs_.size()) drugs_.push_back({drug, {}});
    const std::string product_key = drug + '\x1f' + maker;
    const Place product_at = place_of(product_places_, product_key, products_.size());
    if (product_at == products_.size()) products_.push_back({drug_at, maker, {}, {}});
    const Place batch_at = place_of(batch_places_, product_key + '\x1f' + product.batch, batches_.size());
    if (batch_at == batches_.size()) {
        batches_.push_back({product_at, product.batch, {}, 0});
        products_[product_at].batches.emplace(product.batch, batch_at);
    }
    IndexedCase one{batch_at, report.onset_on->days, no_day, organisations_.intern(report.organisation), {}};
    if (report.received_on) one.received = report.received_on->days;
    for (const std::string& term : report.reactions) {
        one.targets.push_back(targets_.intern(families_.preferred(term)));
        for (const std::string& family : families_.families(term))
            one.targets.push_back(targets_.intern(std::string(family_mark) + family));
    }
    std::erase(one.targets, no_word);
    std::sort(one.targets.begin(), one.targets.end());
    one.targets.erase(std::unique(one.targets.begin(), one.targets.end()), one.targets.end());
    add_days(everything_, one);
    add_days(drugs_[drug_at].days, one);
    add_days(products_[product_at].days, one);
    const auto at = static_cast<Place>(cases_.size());
    std::vector<Place>& of_batch = batches_[batch_at].cases;
    const auto later =
        std::upper_bound(of_batch.begin(), of_batch.end(), one.onset,
                         [&](std::int32_t onset, Place other) { return onset < cases_[other].onset; });
    of_batch.insert(later, at);
    if (one.organisation != no_word) {
        OfOrganisation& there = by_organisation_[one.organisation];
        there.by_day[one.onset].push_back(at);
        if (one.received != no_day) {
            Delivery& delivery =
                there.deliveries.try_emplace(one.received, Delivery{0, one.onset, one.onset}).first->second;
            ++delivery.cases;
            delivery.first = std::min(delivery.first, one.onset);
            delivery.last = std::max(delivery.last, one.onset);
        }
    }
    cases_.push_back(std::move(one));
    return at;
}

bool CaseIndex::belongs(std::string_view term, std::string_view family) const {
    const std::vector<std::string>& families = families_.families(term);
    return std::find(families.begin(), families.end(), family) != families.end();
}

bool CaseIndex::is_backlog(const IndexedCase& one) const {
    if (one.organisation == no_word || one.received == no_day ||
        one.received - one.onset < backlog_delay_days)
        return false;
    const Delivery& delivery = by_organisation_.at(one.organisation).deliveries.at(one.received);
    return delivery.cases >= backlog_cases && delivery.last - delivery.first >= backlog_days;
}

CaseIndex::Elsewhere CaseIndex::at_organisation(Word organisation, Word target, Place drug,
                                                std::int32_t first, std::int32_t last) const {
    Elsewhere out;
    const auto found = by_organisation_.find(organisation);
    if (found == by_organisation_.end()) return out;
    const auto& by_day = found->second.by_day;
    for (auto day = by_day.lower_bound(first); day != by_day.end() && day->first <= last; ++day)
        for (const Place at : day->second) {
            const IndexedCase& one = cases_[at];
            if (products_[batches_[one.batch].product].drug == drug) continue;
            ++out.all;
            if (std::binary_search(one.targets.begin(), one.targets.end(), target)) ++out.with_target;
        }
    return out;
}

}  // namespace qingyuan::assess
