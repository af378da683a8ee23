// Reports to numbers: names of drugs made one, terms replaced by their preferred ones, and for each report
// how many others lie near it in time.
#include <algorithm>
#include <cmath>
#include <map>

#include "assess/link_fields.hpp"
#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

using facts::SafetyReport;
using facts::SuspectProduct;

std::uint64_t pair_of(Word a, Word b) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32 | static_cast<std::uint32_t>(b);
}

/// What a drug is called: an approval number has the name that most of its reports use, and a name without a
/// number the drug it most often stands for.
class DrugNames {
 public:
    explicit DrugNames(std::span<const SafetyReport> reports) {
        std::unordered_map<std::string, std::map<std::string, int>> of_approval, of_name;
        for (const SafetyReport& report : reports)
            for (const SuspectProduct& product : report.products)
                if (!product.approval.empty() && !product.name.empty())
                    ++of_approval[product.approval][product.name];
        for (const auto& [approval, names] : of_approval) by_approval_[approval] = most(names);
        for (const SafetyReport& report : reports)
            for (const SuspectProduct& product : report.products)
                if (!product.approval.empty() && !product.name.empty())
                    ++of_name[product.name][by_approval_[product.approval]];
        for (const auto& [name, drugs] : of_name) by_name_[name] = most(drugs);
    }

    [[nodiscard]] const std::string& name_of(const SuspectProduct& product) const {
        if (!product.ingredient.empty()) return product.ingredient;
        const std::string* name = &product.name;
        if (const auto found = by_approval_.find(product.approval); found != by_approval_.end())
            name = &found->second;
        // Two approval numbers of one drug may be named by different habits.
        const auto found = by_name_.find(*name);
        return found == by_name_.end() ? *name : found->second;
    }

 private:
    static std::string most(const std::map<std::string, int>& counts) {
        const auto found = std::max_element(counts.begin(), counts.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
        return found->first;
    }
    std::unordered_map<std::string, std::string> by_approval_, by_name_;
};

/// The first character where it is a Chinese one: masked names keep the surname, keyed hashes have none.
std::string surname_of(std::string_view patient) {
    if (patient.size() < 3 || static_cast<unsigned char>(patient[0]) < 0xE4 ||
        static_cast<unsigned char>(patient[0]) > 0xE9)
        return {};
    return std::string(patient.substr(0, 3));
}

/// Stars, circles and the like in a masked name all say "hidden".
std::string patient_of(std::string_view masked) {
    std::string out(masked);
    for (const std::string_view sign : {"＊", "×", "X", "x", "某", "○", "●"})
        for (std::size_t at = out.find(sign); at != std::string::npos; at = out.find(sign, at + 1))
            if (at > 0) out.replace(at, sign.size(), "*");
    return out;
}

void code_terms(Coded& out, CodedReport& coded, const SafetyReport& report,
                const law::ReactionFamilies& families) {
    coded.terms_begin = static_cast<std::uint32_t>(out.terms.size());
    for (const std::string& term : report.reactions)
        if (const Word word = out.term.intern(families.preferred(term)); word != no_word)
            out.terms.push_back(word);
    const auto begin = out.terms.begin() + static_cast<std::ptrdiff_t>(coded.terms_begin);
    std::sort(begin, out.terms.end());
    out.terms.erase(std::unique(begin, out.terms.end()), out.terms.end());
    coded.terms_end = static_cast<std::uint32_t>(out.terms.size());
    for (auto term = out.terms.begin() + static_cast<std::ptrdiff_t>(coded.terms_begin);
         term != out.terms.end(); ++term) {
        coded.term_mask |= std::uint64_t{1} << (*term % 64);
        out.term.count(*term);
    }
}

void code_numbers(Coded& out, CodedReport& coded, const SafetyReport& report) {
    const auto tally = [](std::vector<std::uint32_t>& counts, std::uint32_t& total, std::int16_t value) {
        if (counts.size() <= static_cast<std::size_t>(value))
            counts.resize(static_cast<std::size_t>(value) + 1);
        ++counts[static_cast<std::size_t>(value)];
        ++total;
    };
    if (report.age_years && *report.age_years >= 0 && *report.age_years < 1000) {
        coded.age = static_cast<std::int16_t>(*report.age_years);
        tally(out.ages, out.aged, coded.age);
    }
    if (report.weight_kg && *report.weight_kg > 0 && *report.weight_kg < 1000) {
        coded.weight = static_cast<std::int16_t>(std::lround(*report.weight_kg * 10));
        tally(out.weights, out.weighed, coded.weight);
    }
    if (report.onset_on) coded.onset = report.onset_on->days;
    if (report.received_on) coded.received = report.received_on->days;
}

void code_words(Coded& out, CodedReport& coded, const SafetyReport& report) {
    const auto put = [](WordTable& table, Word& word, std::string_view text) {
        word = table.intern(text);
        table.count(word);
    };
    put(out.organisation, coded.organisation, report.organisation);
    put(out.city, coded.city, report.city);
    put(out.source, coded.source, report.source);
    put(out.patient, coded.patient, patient_of(report.patient));
    put(out.surname, coded.surname, surname_of(report.patient));
    put(out.sex, coded.sex, report.sex);
    put(out.seriousness, coded.seriousness, report.seriousness);
    put(out.outcome, coded.outcome, report.outcome == "unknown" ? "" : report.outcome);
    put(out.causality, coded.causality, report.causality);
}

void code_products(Coded& out, CodedReport& coded, std::vector<Word>& more, const SafetyReport& report,
                   const DrugNames& names) {
    for (std::size_t i = 0; i < report.products.size(); ++i) {
        const SuspectProduct& product = report.products[i];
        const Word drug = out.drug.intern(names.name_of(product));
        if (i > 0) {
            if (drug != no_word) more.push_back(drug);
            continue;
        }
        coded.drug = drug;
        out.drug.count(drug);
        coded.holder = out.holder.intern(product.approval.empty() ? product.maker : product.approval);
        out.holder.count(coded.holder);
        coded.maker = out.maker.intern(product.maker.empty() ? product.approval : product.maker);
        coded.batch = out.batch.intern(product.batch);
        out.batch.count(coded.batch);
        if (drug != no_word && coded.holder != no_word) ++out.holders_of_drug[pair_of(drug, coded.holder)];
    }
}

/// Sorted by onset: for each report the number of others of the group within some distances.
void count_neighbours(Coded& out, std::span<const ReportIndex> group, Neighbours CodedReport::* member) {
    std::vector<std::int32_t> days;
    days.reserve(group.size());
    for (const ReportIndex report : group) days.push_back(out.reports[report].onset);
    constexpr int distances[] = {0, 1, 3, 7, local_days};
    for (const int distance : distances) {
        std::size_t first = 0, end = 0;
        for (std::size_t i = 0; i < group.size(); ++i) {
            while (days[first] < days[i] - distance) ++first;
            while (end < days.size() && days[end] <= days[i] + distance) ++end;
            Neighbours& near = out.reports[group[i]].*member;
            near.all = static_cast<std::uint32_t>(group.size() - 1);
            const auto count = static_cast<std::uint32_t>(end - first - 1);
            if (distance == local_days)
                near.local = count;
            else
                near.within[static_cast<std::size_t>(
                    std::find(std::begin(distances), std::end(distances), distance) -
                    std::begin(distances))] = count;
        }
    }
}

/// The same for organisations and terms among the local reports of one batch, by a sliding window.
void count_local(Coded& out, std::span<const ReportIndex> group, std::vector<std::uint32_t>& organisations,
                 std::vector<std::uint32_t>& terms) {
    const auto add = [&](ReportIndex report, std::uint32_t by) {
        const CodedReport& coded = out.reports[report];
        if (coded.organisation != no_word) organisations[static_cast<std::size_t>(coded.organisation)] += by;
        for (const Word term : out.terms_of(report)) terms[static_cast<std::size_t>(term)] += by;
    };
    constexpr std::uint32_t back = ~std::uint32_t{0};  // minus one
    std::size_t first = 0, end = 0;
    for (const ReportIndex report : group) {
        CodedReport& coded = out.reports[report];
        while (end < group.size() && out.reports[group[end]].onset <= coded.onset + local_days)
            add(group[end++], 1);
        while (out.reports[group[first]].onset < coded.onset - local_days) add(group[first++], back);
        if (coded.organisation != no_word)
            coded.of_batch.same_organisation =
                organisations[static_cast<std::size_t>(coded.organisation)] - 1;
        for (std::uint32_t i = coded.terms_begin; i < coded.terms_end; ++i)
            out.terms_nearby[i] = terms[static_cast<std::size_t>(out.terms[i])];
    }
    while (first < end) add(group[first++], back);
}

void count_groups(Coded& out) {
    std::vector<ReportIndex> order;
    for (ReportIndex i = 0; i < out.reports.size(); ++i)
        if (out.reports[i].onset != no_day && out.reports[i].drug != no_word) order.push_back(i);
    const auto each_group = [&](const auto& key, const auto& use) {
        std::sort(order.begin(), order.end(), [&](ReportIndex a, ReportIndex b) {
            const auto ka = key(out.reports[a]), kb = key(out.reports[b]);
            if (ka != kb) return ka < kb;
            const auto oa = out.reports[a].onset, ob = out.reports[b].onset;
            return oa != ob ? oa < ob : a < b;
        });
        for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
            while (end < order.size() && key(out.reports[order[end]]) == key(out.reports[order[first]]))
                ++end;
            use(std::span<const ReportIndex>(order).subspan(first, end - first));
        }
    };
    each_group(
        [](const CodedReport& report) { return std::pair(report.drug, report.holder); },
        [&](std::span<const ReportIndex> group) { count_neighbours(out, group, &CodedReport::of_product); });
    std::erase_if(order, [&](ReportIndex report) { return out.reports[report].batch == no_word; });
    std::vector<std::uint32_t> organisations(out.organisation.size()), terms(out.term.size());
    each_group([](const CodedReport& report) { return std::tuple(report.drug, report.holder, report.batch); },
               [&](std::span<const ReportIndex> group) {
                   count_neighbours(out, group, &CodedReport::of_batch);
                   count_local(out, group, organisations, terms);
               });
}

void count_terms_of_drugs(Coded& out) {
    std::unordered_map<std::uint64_t, std::uint32_t> counts;
    for (const CodedReport& report : out.reports)
        for (std::uint32_t i = report.terms_begin; i < report.terms_end; ++i)
            ++counts[pair_of(report.drug, out.terms[i])];
    for (const CodedReport& report : out.reports)
        for (std::uint32_t i = report.terms_begin; i < report.terms_end; ++i)
            out.terms_of_drug[i] = counts[pair_of(report.drug, out.terms[i])];
}

}  // namespace

std::vector<std::string> drug_names(std::span<const SafetyReport> reports) {
    const DrugNames names(reports);
    std::vector<std::string> out(reports.size());
    for (std::size_t i = 0; i < reports.size(); ++i)
        if (!reports[i].products.empty()) out[i] = names.name_of(reports[i].products.front());
    return out;
}

Coded code_reports(std::span<const SafetyReport> reports, const law::ReactionFamilies& families) {
    Coded out;
    const DrugNames names(reports);
    out.reports.resize(reports.size());
    out.more_drugs.resize(reports.size());
    std::int32_t first = no_day, last = no_day;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        CodedReport& coded = out.reports[i];
        code_products(out, coded, out.more_drugs[i], reports[i], names);
        code_words(out, coded, reports[i]);
        code_numbers(out, coded, reports[i]);
        code_terms(out, coded, reports[i], families);
        if (coded.onset == no_day) continue;
        first = first == no_day ? coded.onset : std::min(first, coded.onset);
        last = last == no_day ? coded.onset : std::max(last, coded.onset);
    }
    if (first != no_day) out.days = last - first + 1;
    out.terms_of_drug.resize(out.terms.size());
    out.terms_nearby.resize(out.terms.size());
    count_terms_of_drugs(out);
    count_groups(out);
    for (WordTable* table :
         {&out.drug, &out.holder, &out.batch, &out.organisation, &out.city, &out.source, &out.patient,
          &out.surname, &out.seriousness, &out.outcome, &out.causality, &out.sex, &out.term})
        table->settle();
    return out;
}

}  // namespace qingyuan::assess
