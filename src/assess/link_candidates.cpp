#include "assess/link_candidates.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace qingyuan::assess {

namespace {

constexpr std::size_t crowd = 4'000;  ///< reports of a drug within the window above which the city must agree
constexpr std::size_t busy = 300;     ///< the same, above which one thing more must agree
constexpr std::size_t block_max = 16;  ///< an exact key shared by more than this tells nothing

/// What the first look needs, next to each other in memory.
struct Brief {
    ReportIndex report = 0;
    std::int32_t onset = 0;
    Word surname = no_word, city = no_word, organisation = no_word, batch = no_word;
    std::int16_t age = -1, weight = -1;
    std::int8_t sex = -1;
    std::uint64_t terms = 0;
};

Brief brief_of(const Coded& coded, ReportIndex report) {
    const CodedReport& from = coded.reports[report];
    return {report,        from.onset,        from.surname == no_word ? from.patient : from.surname,
            from.city,     from.organisation, from.batch,
            from.age,      from.weight,       static_cast<std::int8_t>(from.sex),
            from.term_mask};
}

/// Points for each thing that agrees, about half a point a bit; what is missing speaks neither way. Five are
/// worth the full comparison, six where very many lie near.
bool worth_a_look(const Brief& a, const Brief& b, int needed) {
    if (a.sex >= 0 && b.sex >= 0 && a.sex != b.sex) return false;
    int points = 0;
    if (a.age < 0 || b.age < 0)
        points += 1;
    else if (const int apart = std::abs(a.age - b.age); apart <= 1)
        points += 2;
    else if (apart <= 3 || apart % 10 == 0)
        points += 1;
    if (a.surname == no_word || b.surname == no_word)
        points += 1;
    else if (a.surname == b.surname)
        points += 2;
    if (a.weight < 0 || b.weight < 0)
        points += 1;
    else if (std::abs(a.weight - b.weight) <= 10)
        points += 2;
    if (a.organisation != no_word && a.organisation == b.organisation)
        points += 2;
    else if (a.city == no_word || b.city == no_word || a.city == b.city)
        points += 1;
    if ((a.terms & b.terms) != 0) points += 1;
    return points >= needed;
}

void compare_window(std::span<const Brief> sorted, int needed, std::vector<LinkPair>& out) {
    for (std::size_t i = 0; i < sorted.size(); ++i)
        for (std::size_t j = i + 1; j < sorted.size() && sorted[j].onset - sorted[i].onset <= candidate_days;
             ++j)
            if (worth_a_look(sorted[i], sorted[j], needed))
                out.push_back({std::min(sorted[i].report, sorted[j].report),
                               std::max(sorted[i].report, sorted[j].report)});
}

/// Reports of one drug in the order of their onsets; a crowd is cut by city first.
void compare_drug(std::vector<Brief>& briefs, std::vector<LinkPair>& out) {
    const auto by_onset = [](const Brief& a, const Brief& b) {
        return a.onset != b.onset ? a.onset < b.onset : a.report < b.report;
    };
    std::sort(briefs.begin(), briefs.end(), by_onset);
    std::size_t most = 0;
    for (std::size_t i = 0, j = 0; i < briefs.size(); ++i) {
        while (briefs[i].onset - briefs[j].onset > candidate_days) ++j;
        most = std::max(most, i - j);
    }
    const int needed = most > busy ? 6 : 5;
    if (most <= crowd) return compare_window(briefs, needed, out);
    std::stable_sort(briefs.begin(), briefs.end(),
                     [](const Brief& a, const Brief& b) { return a.city < b.city; });
    for (std::size_t first = 0, end = 0; first < briefs.size(); first = end) {
        while (end < briefs.size() && briefs[end].city == briefs[first].city) ++end;
        compare_window(std::span<const Brief>(briefs).subspan(first, end - first), needed, out);
    }
}

void pairs_near_in_time(const Coded& coded, std::vector<LinkPair>& out) {
    std::vector<std::pair<Word, ReportIndex>> order;
    for (ReportIndex i = 0; i < coded.reports.size(); ++i) {
        if (coded.reports[i].onset == no_day) continue;
        if (coded.reports[i].drug != no_word) order.emplace_back(coded.reports[i].drug, i);
        for (const Word drug : coded.more_drugs[i]) order.emplace_back(drug, i);
    }
    std::sort(order.begin(), order.end());
    order.erase(std::unique(order.begin(), order.end()), order.end());
    std::vector<Brief> briefs;
    for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
        briefs.clear();
        while (end < order.size() && order[end].first == order[first].first)
            briefs.push_back(brief_of(coded, order[end++].second));
        compare_drug(briefs, out);
    }
}

std::uint64_t mixed(std::uint64_t value) {  // splitmix64
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

/// A key of several fields; absent where one of them is missing.
class Key {
 public:
    explicit Key(std::uint64_t kind) : value_(mixed(kind)) {}
    Key& with(std::int64_t part, std::int64_t absent = -1) {
        missing_ |= part == absent;
        value_ = mixed(value_ ^ static_cast<std::uint64_t>(part));
        return *this;
    }
    void put(ReportIndex report, std::vector<std::pair<std::uint64_t, ReportIndex>>& out) const {
        if (!missing_) out.emplace_back(value_, report);
    }

 private:
    std::uint64_t value_;
    bool missing_ = false;
};

Word rarest_term(const Coded& coded, ReportIndex report) {
    Word rarest = no_word;
    for (const Word term : coded.terms_of(report))
        if (rarest == no_word || std::pair(coded.term.times(term), coded.term.text(term)) <
                                     std::pair(coded.term.times(rarest), coded.term.text(rarest)))
            rarest = term;
    return rarest;
}

/// Keys that hold whatever the onset says, and those that hold whatever the drug is called.
constexpr std::size_t exact_keys = 6;
void put_key(const Coded& coded, ReportIndex i, std::size_t kind,
             std::vector<std::pair<std::uint64_t, ReportIndex>>& out) {
    const CodedReport& report = coded.reports[i];
    const Word name = report.surname == no_word ? report.patient : report.surname;
    Key key(kind);
    switch (kind) {
        case 0: key.with(report.drug).with(report.age).with(name).with(report.sex); break;
        case 1: key.with(report.drug).with(report.age).with(report.weight); break;
        case 2: key.with(report.drug).with(report.weight).with(name).with(report.city); break;
        case 3:
            key.with(report.drug).with(report.age).with(report.organisation).with(rarest_term(coded, i));
            break;
        case 4: key.with(report.onset, no_day).with(report.age).with(name).with(report.city); break;
        default: key.with(report.drug).with(report.patient).with(report.organisation).with(report.sex); break;
    }
    key.put(i, out);
}

void pairs_by_key(const Coded& coded, std::size_t kind, std::vector<LinkPair>& out) {
    std::vector<std::pair<std::uint64_t, ReportIndex>> keys;
    for (ReportIndex i = 0; i < coded.reports.size(); ++i) put_key(coded, i, kind, keys);
    std::sort(keys.begin(), keys.end());
    for (std::size_t first = 0, end = 0; first < keys.size(); first = end) {
        while (end < keys.size() && keys[end].first == keys[first].first) ++end;
        if (end - first > block_max) continue;
        for (std::size_t i = first; i < end; ++i)
            for (std::size_t j = i + 1; j < end; ++j) out.push_back({keys[i].second, keys[j].second});
    }
}

void settle(std::vector<LinkPair>& pairs) {
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
}

}  // namespace

std::vector<LinkPair> candidate_pairs(const Coded& coded) {
    std::vector<LinkPair> out;
    pairs_near_in_time(coded, out);
    settle(out);
    for (std::size_t kind = 0; kind < exact_keys; ++kind) pairs_by_key(coded, kind, out);
    settle(out);
    return out;
}

}  // namespace qingyuan::assess
