#include "assess/link_fields.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

constexpr std::uint8_t missing = 0, same = 1;
constexpr double least_chance = 1e-7;
constexpr double shrink_to_all = 4;  ///< reports that speak for the wider group where the narrow one is small
/// Terms of one report go together (fever with chills): each further one counts for less.
constexpr double further_term = 0.6;

float chance(double value) {
    return static_cast<float>(std::clamp(value, least_chance, 1.0));
}

/// Share of a value among all reports; the two that are compared do not speak for it.
double share_of(const WordTable& table, Word word) {
    return std::max(1.0, static_cast<double>(table.times(word)) - 1) / std::max(2U, table.total());
}

Comparison compare_words(const WordTable& table, Word a, Word b) {
    if (a == no_word || b == no_word) return {};
    if (a == b) return {same, chance(share_of(table, a))};
    return {2, chance(1 - table.agreement())};
}

Comparison compare_drugs(const Coded& coded, ReportIndex a, ReportIndex b) {
    const CodedReport &one = coded.reports[a], &other = coded.reports[b];
    if (one.drug == other.drug || (coded.more_drugs[a].empty() && coded.more_drugs[b].empty()))
        return compare_words(coded.drug, one.drug, other.drug);
    double rarest = 1;
    const auto each = [](const CodedReport& report, const std::vector<Word>& more, const auto& use) {
        use(report.drug);
        for (const Word drug : more) use(drug);
    };
    each(one, coded.more_drugs[a], [&](Word x) {
        each(other, coded.more_drugs[b], [&](Word y) {
            if (x == y && x != no_word) rarest = std::min(rarest, share_of(coded.drug, x));
        });
    });
    if (rarest < 1) return {same, chance(2 * rarest)};
    return compare_words(coded.drug, one.drug, other.drug);
}

Comparison compare_holders(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.holder == no_word || b.holder == no_word || a.drug == no_word || a.drug != b.drug) return {};
    const double of_drug = coded.drug.times(a.drug);
    const auto times = [&](Word holder) {
        const auto found = coded.holders_of_drug.find(static_cast<std::uint64_t>(a.drug) << 32 |
                                                      static_cast<std::uint32_t>(holder));
        return found == coded.holders_of_drug.end() ? 0.0 : found->second;
    };
    if (a.holder == b.holder)
        return {same, chance(std::max(1.0, times(a.holder) - 1) / std::max(2.0, of_drug - 1))};
    return {2, chance(std::max(0.02, 1 - (times(a.holder) + times(b.holder)) / 2 / of_drug))};
}

/// One is the beginning of the other, or they differ in one character.
bool are_near(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (a.size() < 4) return false;
    if (b.starts_with(a)) return true;
    if (b.size() - a.size() > 1) return false;
    std::size_t begin = 0, end = 0;
    while (begin < a.size() && a[begin] == b[begin]) ++begin;
    while (end < a.size() - begin && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
    return b.size() - begin - end <= 1;
}

/// Share of the batch among the product's reports of those weeks.
double share_of_batch(const CodedReport& report) {
    return (std::max(0.0, static_cast<double>(report.of_batch.local) - 1) + 0.5) /
           (std::max(0.0, static_cast<double>(report.of_product.local) - 1) + 1);
}

Comparison compare_batches(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.batch == no_word || b.batch == no_word) return {};
    const double share = std::clamp((share_of_batch(a) + share_of_batch(b)) / 2, 0.02, 0.95);
    if (a.batch == b.batch) return {same, chance(share)};
    if (are_near(coded.batch.text(a.batch), coded.batch.text(b.batch))) return {2, chance(share + 0.02)};
    return {3, chance(std::max(0.05, 1 - share))};
}

/// Chance that another report of this product (and batch, where both name the same) began so near in time.
double share_within(const Coded& coded, const CodedReport& report, std::size_t distance, int days,
                    bool same_batch) {
    const double everywhere = std::min(1.0, static_cast<double>(days) / coded.days);
    const auto narrow = [&](const Neighbours& near, double wider) {
        const double within = std::max(0.0, static_cast<double>(near.within[distance]) - 1);
        return (within + shrink_to_all * wider) /
               (std::max(0.0, static_cast<double>(near.all) - 1) + shrink_to_all);
    };
    const double product = narrow(report.of_product, everywhere);
    return same_batch ? std::max(product, narrow(report.of_batch, product)) : product;
}

bool is_month_slip(int apart) {
    return (apart >= 28 && apart <= 31) || (apart >= 59 && apart <= 62) || apart == 365 || apart == 366;
}

Comparison compare_onsets(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.onset == no_day || b.onset == no_day) return {};
    const int apart = std::abs(a.onset - b.onset);
    const bool same_batch = a.batch != no_word && a.batch == b.batch && a.drug == b.drug;
    const auto share = [&](std::size_t distance, int days) {
        return (share_within(coded, a, distance, days, same_batch) +
                share_within(coded, b, distance, days, same_batch)) /
               2;
    };
    if (apart == 0) return {same, chance(share(0, 1))};
    if (apart == 1) return {2, chance(share(1, 3) * 2 / 3)};
    if (apart <= 3) return {3, chance(share(2, 7) * 4 / 7)};
    if (apart <= 7) return {4, chance(share(3, 15) * 8 / 15)};
    if (is_month_slip(apart)) return {5, chance(0.02)};
    return {6, chance(std::max(0.1, 1 - share(3, 15)))};
}

/// Only where an onset is missing: both dates say much the same.
Comparison compare_receipts(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if ((a.onset != no_day && b.onset != no_day) || a.received == no_day || b.received == no_day) return {};
    const int apart = std::abs(a.received - b.received);
    const double span = std::max(60, coded.days);
    if (apart <= 7) return {same, chance(15 / span)};
    if (apart <= 40) return {2, chance(66 / span)};
    return {3, chance(std::max(0.1, 1 - 81 / span))};
}

double share_between(const std::vector<std::uint32_t>& counts, std::uint32_t total, int first, int last) {
    double sum = 0;
    for (int i = std::max(0, first); i <= last && i < static_cast<int>(counts.size()); ++i)
        sum += counts[static_cast<std::size_t>(i)];
    return std::max(1.0, sum - 1) / std::max(2U, total);
}

/// 38 and 83, 28 and 38, 41 and 47.
bool is_digit_slip(int a, int b) {
    if (a < 10 || b < 10) return false;
    return (a >= 10 && b >= 10 && a < 100 && b < 100) &&
           (a % 10 == b % 10 || (a / 10 == b % 10 && a % 10 == b / 10));
}

Comparison compare_ages(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.age < 0 || b.age < 0) return {};
    const int apart = std::abs(a.age - b.age);
    const auto share = [&](int days) {
        return (share_between(coded.ages, coded.aged, a.age - days, a.age + days) +
                share_between(coded.ages, coded.aged, b.age - days, b.age + days)) /
               2;
    };
    if (apart == 0) return {same, chance(share(0))};
    if (apart == 1) return {2, chance(share(1) * 2 / 3)};
    if (apart <= 3) return {3, chance(share(3) * 4 / 7)};
    if (is_digit_slip(a.age, b.age)) return {4, chance(0.08)};
    return {5, chance(std::max(0.1, 1 - share(3) - 0.08))};
}

Comparison compare_weights(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.weight < 0 || b.weight < 0) return {};
    const int apart = std::abs(a.weight - b.weight);
    const int near = std::max(10, std::max(a.weight, b.weight) / 30);  // 1 kg or 3 %
    const double share = (share_between(coded.weights, coded.weighed, a.weight - near, a.weight + near) +
                          share_between(coded.weights, coded.weighed, b.weight - near, b.weight + near)) /
                         2;
    if (apart == 0) return {same, chance(share_between(coded.weights, coded.weighed, a.weight, a.weight))};
    if (apart <= near) return {2, chance(share)};
    if (apart % 100 == 0) return {3, chance(0.06)};
    return {4, chance(std::max(0.1, 0.94 - share))};
}

Comparison compare_patients(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.patient == no_word || b.patient == no_word) return {};
    if (a.patient == b.patient) return {same, chance(share_of(coded.patient, a.patient))};
    if (a.surname != no_word && a.surname == b.surname)
        return {2, chance(share_of(coded.surname, a.surname))};
    return {3, chance(1 - coded.surname.agreement())};
}

Comparison compare_places(const Coded& coded, const CodedReport& a, const CodedReport& b) {
    if (a.organisation != no_word && a.organisation == b.organisation) {
        double share = share_of(coded.organisation, a.organisation);
        const double everywhere = share;
        if (a.batch != no_word && a.batch == b.batch && a.drug == b.drug)
            for (const Neighbours* near : {&a.of_batch, &b.of_batch})
                if (near->local > 2)
                    share = std::max(share, (near->same_organisation - 1.0 + shrink_to_all * everywhere) /
                                                (near->local - 1.0 + shrink_to_all));
        return {same, chance(share)};
    }
    const bool known = a.organisation != no_word && b.organisation != no_word;
    if (a.city == no_word || b.city == no_word) return known ? Comparison{3, 1} : Comparison{};
    if (a.city == b.city) return {2, chance(share_of(coded.city, a.city))};
    return {3, chance(1 - coded.city.agreement())};
}

/// Share of reports with the term among those of the drug, or of the batch in those days where that is more.
double share_of_term(const Coded& coded, const CodedReport& report, std::uint32_t at, bool same_batch) {
    const double everywhere = share_of(coded.term, coded.terms[at]);
    const double of_drug = (std::max(0.0, coded.terms_of_drug[at] - 2.0) + shrink_to_all * everywhere) /
                           (std::max(0.0, coded.drug.times(report.drug) - 2.0) + shrink_to_all);
    if (!same_batch || report.of_batch.local < 3) return of_drug;
    const double nearby = (std::max(0.0, coded.terms_nearby[at] - 2.0) + shrink_to_all * of_drug) /
                          (report.of_batch.local - 2.0 + shrink_to_all);
    return std::max(of_drug, nearby);
}

Comparison compare_reactions(const Coded& coded, ReportIndex ia, ReportIndex ib) {
    const CodedReport &a = coded.reports[ia], &b = coded.reports[ib];
    if (a.terms_begin == a.terms_end || b.terms_begin == b.terms_end || a.drug == no_word) return {};
    const bool same_batch = a.batch != no_word && a.batch == b.batch && a.drug == b.drug;
    std::array<double, 8> bits{};
    std::size_t shared = 0;
    for (std::uint32_t i = a.terms_begin, j = b.terms_begin; i < a.terms_end; ++i) {
        while (j < b.terms_end && coded.terms[j] < coded.terms[i]) ++j;
        if (j == b.terms_end || coded.terms[j] != coded.terms[i]) continue;
        const double share =
            (share_of_term(coded, a, i, same_batch) + share_of_term(coded, b, j, same_batch)) / 2;
        if (shared < bits.size()) bits[shared] = -std::log2(std::max(share, least_chance));
        ++shared;
    }
    double likeliest = 0;
    for (const CodedReport* report : {&a, &b})
        for (std::uint32_t i = report->terms_begin; i < report->terms_end; ++i)
            likeliest += share_of_term(coded, *report, i, same_batch) / 2;
    if (shared == 0) return {4, chance(std::max(0.2, 1 - likeliest))};
    const auto end = bits.begin() + static_cast<std::ptrdiff_t>(std::min(shared, bits.size()));
    std::sort(bits.begin(), end, std::greater<>());
    double sum = 0, weight = 1;
    for (auto bit = bits.begin(); bit != end; ++bit, weight *= further_term) sum += weight * *bit;
    const double by_chance = std::exp2(-sum);
    const std::size_t of_a = a.terms_end - a.terms_begin, of_b = b.terms_end - b.terms_begin;
    if (shared == of_a && shared == of_b) return {same, chance(by_chance * (of_a == 1 ? 0.6 : 1))};
    if (shared == of_a || shared == of_b) return {2, chance(by_chance)};
    return {3, chance(by_chance)};
}

}  // namespace

Word WordTable::intern(std::string_view text) {
    if (text.empty()) return no_word;
    const auto [at, is_new] = index_.try_emplace(std::string(text), static_cast<Word>(texts_.size()));
    if (is_new) {
        texts_.emplace_back(text);
        counts_.push_back(0);
    }
    return at->second;
}

void WordTable::settle() {
    double sum = 0;
    for (const std::uint32_t count : counts_) sum += static_cast<double>(count) * count;
    agreement_ = total_ == 0 ? 0 : std::min(0.98, sum / total_ / total_);
}

std::string_view name_of(LinkField field) {
    constexpr std::string_view names[link_fields] = {
        "drug",    "approval",     "batch",  "onset",       "received", "sex",       "age",      "weight",
        "patient", "organisation", "source", "seriousness", "outcome",  "causality", "reactions"};
    return names[static_cast<std::size_t>(field)];
}

Comparisons compare(const Coded& coded, ReportIndex a, ReportIndex b) {
    const CodedReport &one = coded.reports[a], &other = coded.reports[b];
    Comparisons out;
    const auto put = [&](LinkField field, Comparison value) { out[static_cast<std::size_t>(field)] = value; };
    put(LinkField::drug, compare_drugs(coded, a, b));
    put(LinkField::holder, compare_holders(coded, one, other));
    put(LinkField::batch, compare_batches(coded, one, other));
    put(LinkField::onset, compare_onsets(coded, one, other));
    put(LinkField::received, compare_receipts(coded, one, other));
    put(LinkField::sex, compare_words(coded.sex, one.sex, other.sex));
    put(LinkField::age, compare_ages(coded, one, other));
    put(LinkField::weight, compare_weights(coded, one, other));
    put(LinkField::patient, compare_patients(coded, one, other));
    put(LinkField::place, compare_places(coded, one, other));
    put(LinkField::source, compare_words(coded.source, one.source, other.source));
    put(LinkField::seriousness, compare_words(coded.seriousness, one.seriousness, other.seriousness));
    put(LinkField::outcome, compare_words(coded.outcome, one.outcome, other.outcome));
    put(LinkField::causality, compare_words(coded.causality, one.causality, other.causality));
    put(LinkField::reactions, compare_reactions(coded, a, b));
    return out;
}

LevelWords words_of(LinkField field, std::uint8_t level) {
    if (level == missing) return {"有一方缺失", "missing in one of them"};
    if (level == same) {
        if (field == LinkField::place) return {"同一单位", "the same organisation"};
        return {"相同", "the same"};
    }
    switch (field) {
        case LinkField::onset: {
            constexpr LevelWords words[] = {
                {"相差1日", "one day apart"},
                {"相差2至3日", "two or three days apart"},
                {"相差4至7日", "four to seven days apart"},
                {"相差整月或整年，疑似笔误", "whole months or a year apart: a slip?"},
                {"相距较远", "far apart"}};
            return words[level - 2];
        }
        case LinkField::received:
            return level == 2 ? LevelWords{"相差不超过40日", "within forty days"}
                              : LevelWords{"相距较远", "far apart"};
        case LinkField::age: {
            constexpr LevelWords words[] = {{"相差1岁", "one year apart"},
                                            {"相差2至3岁", "two or three years apart"},
                                            {"一位数字不同，疑似笔误", "one digit differs: a slip?"},
                                            {"不同", "different"}};
            return words[level - 2];
        }
        case LinkField::weight: {
            constexpr LevelWords words[] = {
                {"相近", "near"}, {"相差整十，疑似笔误", "whole tens apart: a slip?"}, {"不同", "different"}};
            return words[level - 2];
        }
        case LinkField::patient:
            return level == 2 ? LevelWords{"同姓", "the same surname"} : LevelWords{"不同", "different"};
        case LinkField::batch:
            return level == 2 ? LevelWords{"批号相近或不完整", "nearly the same or cut short"}
                              : LevelWords{"不同", "different"};
        case LinkField::place:
            return level == 2 ? LevelWords{"同一城市", "the same city"}
                              : LevelWords{"不在一地", "another city"};
        case LinkField::reactions: {
            constexpr LevelWords words[] = {{"一方包含另一方", "one holds all of the other"},
                                            {"部分相同", "some in common"},
                                            {"无相同反应", "none in common"}};
            return words[level - 2];
        }
        default: return {"不同", "different"};
    }
}

LinkModel prior_model() {
    LinkModel model{};
    const auto put = [&](LinkField field, std::initializer_list<double> levels) {
        std::size_t at = 1;
        for (const double level : levels) model[static_cast<std::size_t>(field)][at++] = level;
    };
    put(LinkField::drug, {.98, .02});
    put(LinkField::holder, {.97, .03});
    put(LinkField::batch, {.82, .12, .06});
    put(LinkField::onset, {.60, .16, .14, .05, .02, .03});
    put(LinkField::received, {.40, .50, .10});
    put(LinkField::sex, {.97, .03});
    put(LinkField::age, {.60, .26, .05, .05, .04});
    put(LinkField::weight, {.86, .07, .03, .04});
    put(LinkField::patient, {.78, .17, .05});
    put(LinkField::place, {.70, .25, .05});
    put(LinkField::source, {.30, .70});
    put(LinkField::seriousness, {.94, .06});
    put(LinkField::outcome, {.88, .12});
    put(LinkField::causality, {.85, .15});
    put(LinkField::reactions, {.78, .14, .05, .03});
    return model;
}

}  // namespace qingyuan::assess
