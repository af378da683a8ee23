#include "assess/pair_counts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

constexpr std::uint32_t none = Dictionary::none;
constexpr char separator = '\x1f';
constexpr std::string_view level_texts[] = {"ingredient", "name", "maker", "approval", "batch"};

std::string product_word(ProductLevel level, const facts::SuspectProduct& product) {
    switch (level) {
        case ProductLevel::ingredient: return product.ingredient.empty() ? product.name : product.ingredient;
        case ProductLevel::name: return product.name;
        case ProductLevel::maker:
            return product.name.empty() || product.maker.empty() ? "" : product.name + " | " + product.maker;
        case ProductLevel::approval: return product.approval;
        case ProductLevel::batch:
            if (product.batch.empty()) return "";
            return (product.approval.empty() ? product.name : product.approval) + " | " + product.maker +
                   " | " + product.batch;
    }
    return "";
}

void sort_unique(std::vector<std::uint32_t>& numbers) {
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

}  // namespace

std::string_view text_of(ProductLevel level) {
    return level_texts[static_cast<std::size_t>(level)];
}

std::optional<ProductLevel> product_level(std::string_view text) {
    const auto at = std::ranges::find(level_texts, text);
    if (at == std::end(level_texts)) return std::nullopt;
    return static_cast<ProductLevel>(at - std::begin(level_texts));
}

std::string_view age_band(std::optional<double> age_years) {
    if (!age_years) return "";
    const double age = *age_years;
    return age < 2    ? "0-1"
           : age < 12 ? "2-11"
           : age < 18 ? "12-17"
           : age < 45 ? "18-44"
           : age < 65 ? "45-64"
           : age < 75 ? "65-74"
                      : "75+";
}

std::string stratum_value(StratumKind kind, const facts::SafetyReport& report) {
    switch (kind) {
        case StratumKind::sex: return report.sex;
        case StratumKind::age_band: return std::string(age_band(report.age_years));
        case StratumKind::year: return report.received_on ? std::to_string(report.received_on->year()) : "";
        case StratumKind::region: return report.city;
        case StratumKind::source: return report.source;
    }
    return "";
}

PairCounts::PairCounts(CountOptions options)
    : options_(std::move(options)),
      products_(options_.products.size()),
      reactions_(options_.reactions.size()),
      pairs_(products_.size() * reactions_.size()) {
    QY_ASSERT(options_.family || std::ranges::count(options_.reactions, ReactionLevel::family) == 0);
}

void PairCounts::append(Side& side, std::vector<std::string>& words, Codes& out) {
    std::vector<std::uint32_t> numbers;
    for (const std::string& word : words)
        if (!word.empty()) numbers.push_back(side.words.number(word));
    sort_unique(numbers);
    side.reports.resize(side.words.size(), 0);
    out.push_back(static_cast<std::uint32_t>(numbers.size()));
    out.insert(out.end(), numbers.begin(), numbers.end());
}

PairCounts::Codes PairCounts::coded(const facts::SafetyReport& report) {
    std::string stratum;
    for (const StratumKind kind : options_.strata) (stratum += stratum_value(kind, report)) += separator;
    Codes out{strata_.number(stratum)};
    stratum_reports_.resize(strata_.size(), 0);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < products_.size(); ++i) {
        words.clear();
        for (const auto& product : report.products)
            words.push_back(product_word(options_.products[i], product));
        append(products_[i], words, out);
    }
    for (std::size_t i = 0; i < reactions_.size(); ++i) {
        words.clear();
        const bool families = options_.reactions[i] == ReactionLevel::family;
        for (const std::string& term : report.reactions)
            words.push_back(families ? options_.family(term) : term);
        append(reactions_[i], words, out);
    }
    return out;
}

/// The words of each level: products, then reactions.
std::vector<std::span<const std::uint32_t>> PairCounts::lists(std::span<const std::uint32_t> codes) const {
    std::vector<std::span<const std::uint32_t>> out;
    for (std::size_t at = 1; at < codes.size(); at += codes[at] + 1)
        out.push_back(codes.subspan(at + 1, codes[at]));
    return out;
}

void PairCounts::apply(std::span<const std::uint32_t> codes, std::int32_t change) {
    const auto by = static_cast<std::uint32_t>(change);  // wraps for -1, as the sums do
    const std::uint32_t stratum = codes[0];
    const auto words = lists(codes);
    const bool stratified = !options_.strata.empty();
    const auto count_side = [&](Side& side, std::span<const std::uint32_t> list) {
        for (const std::uint32_t word : list) {
            side.reports[word] += by;
            if (stratified) side.by_stratum.add(word, stratum, change);
        }
    };
    for (std::size_t i = 0; i < products_.size(); ++i) count_side(products_[i], words[i]);
    for (std::size_t k = 0; k < reactions_.size(); ++k)
        count_side(reactions_[k], words[products_.size() + k]);
    for (std::size_t i = 0; i < products_.size(); ++i)
        for (std::size_t k = 0; k < reactions_.size(); ++k) {
            Pairs& pairs = pairs_[i * reactions_.size() + k];
            for (const std::uint32_t product : words[i])
                for (const std::uint32_t reaction : words[products_.size() + k]) {
                    const std::uint32_t index = pairs.all.add(product, reaction, change);
                    if (options_.pairs_by_stratum) pairs.by_stratum.add(index, stratum, change);
                }
        }
    stratum_reports_[stratum] += by;
    reports_ += static_cast<std::uint64_t>(static_cast<std::int64_t>(change));
}

bool PairCounts::holds(std::string_view number) const {
    const std::uint32_t at = numbers_.find(number);
    return at != none && offsets_[at] != out_of_count;
}

std::span<const std::uint32_t> PairCounts::codes_of(std::uint32_t number) const {
    const std::uint64_t offset = offsets_[number];
    return std::span(codes_).subspan(offset + 1, codes_[offset]);
}

Result<void> PairCounts::add(const facts::SafetyReport& report) {
    if (report.number.empty()) return Error{ErrorCode::field_missing, "a report has a number", "number"};
    if (holds(report.number))
        return Error{ErrorCode::duplicate_key, fmt::format("report {} counts already", report.number),
                     "number"};
    const Codes codes = coded(report);
    const std::uint32_t number = numbers_.number(report.number);
    if (number == offsets_.size()) offsets_.push_back(out_of_count);
    offsets_[number] = codes_.size();
    codes_.push_back(static_cast<std::uint32_t>(codes.size()));
    codes_.insert(codes_.end(), codes.begin(), codes.end());
    apply(codes, 1);
    return {};
}

Result<void> PairCounts::withdraw(std::string_view number) {
    if (!holds(number))
        return Error{ErrorCode::record_unknown, fmt::format("no report {} counts", number), "number"};
    const std::uint32_t at = numbers_.find(number);
    const auto codes = codes_of(at);
    apply(codes, -1);
    garbage_ += codes.size() + 1;
    offsets_[at] = out_of_count;
    if (garbage_ > 1024 && garbage_ > codes_.size() / 2) compact();
    return {};
}

Result<void> PairCounts::replace(const facts::SafetyReport& report) {
    if (holds(report.number)) CHECK(withdraw(report.number));
    return add(report);
}

void PairCounts::compact() {
    std::vector<std::uint32_t> kept;
    kept.reserve(codes_.size() - garbage_);
    for (std::uint64_t& offset : offsets_) {
        if (offset == out_of_count) continue;
        const auto from = codes_.begin() + static_cast<std::ptrdiff_t>(offset);
        offset = kept.size();
        kept.insert(kept.end(), from, from + 1 + static_cast<std::ptrdiff_t>(*from));
    }
    codes_ = std::move(kept);
    garbage_ = 0;
}

std::size_t PairCounts::bytes() const {
    std::size_t sum = codes_.capacity() * 4 + offsets_.capacity() * 8;
    for (const auto* sides : {&products_, &reactions_})
        for (const Side& side : *sides) sum += side.reports.capacity() * 4 + side.by_stratum.bytes();
    for (const Pairs& pairs : pairs_) sum += pairs.all.bytes() + pairs.by_stratum.bytes();
    return sum;
}

std::size_t PairCounts::place(ProductLevel level) const {
    const auto at = std::ranges::find(options_.products, level);
    QY_ASSERT(at != options_.products.end());
    return static_cast<std::size_t>(at - options_.products.begin());
}

std::size_t PairCounts::place(ReactionLevel level) const {
    const auto at = std::ranges::find(options_.reactions, level);
    QY_ASSERT(at != options_.reactions.end());
    return static_cast<std::size_t>(at - options_.reactions.begin());
}

/// Which strata a restriction leaves.
std::vector<bool> PairCounts::chosen(std::span<const Only> only) const {
    std::vector<bool> out(strata_.size(), true);
    for (std::uint32_t i = 0; i < strata_.size() && !only.empty(); ++i) {
        const auto values = split(strata_.word(i), separator);
        for (const Only& one : only) {
            const auto kind = std::ranges::find(options_.strata, one.kind);
            QY_ASSERT(kind != options_.strata.end());
            out[i] = out[i] && values[static_cast<std::size_t>(kind - options_.strata.begin())] == one.value;
        }
    }
    return out;
}

Counts PairCounts::counts(ProductLevel product_level, ReactionLevel reaction_level, std::string_view product,
                          std::string_view reaction, std::span<const Only> only) const {
    const std::size_t i = place(product_level), k = place(reaction_level);
    const Side &products = products_[i], &reactions = reactions_[k];
    const Pairs& pairs = pairs_[i * reactions_.size() + k];
    const std::uint32_t p = products.words.find(product), r = reactions.words.find(reaction);
    const CountMap::Entry* pair = p == none || r == none ? nullptr : pairs.all.find(p, r);
    if (only.empty())
        return {pair == nullptr ? 0 : pair->count, p == none ? 0 : products.reports[p],
                r == none ? 0 : reactions.reports[r], reports_};
    QY_ASSERT(options_.pairs_by_stratum);
    Counts out;
    const auto strata = chosen(only);
    for (std::uint32_t s = 0; s < strata.size(); ++s) {
        if (!strata[s]) continue;
        out.total += stratum_reports_[s];
        if (p != none) out.product += products.by_stratum.count(p, s);
        if (r != none) out.reaction += reactions.by_stratum.count(r, s);
        if (pair != nullptr) out.n += pairs.by_stratum.count(pair->index, s);
    }
    return out;
}

double PairCounts::expected(const Side& products, const Side& reactions, std::uint32_t product,
                            std::uint32_t reaction) const {
    if (options_.strata.empty())
        return static_cast<double>(products.reports[product]) * reactions.reports[reaction] /
               static_cast<double>(reports_);
    double sum = 0;
    for (std::uint32_t s = 0; s < stratum_reports_.size(); ++s)
        if (const double n = products.by_stratum.count(product, s); n > 0)
            sum += n * reactions.by_stratum.count(reaction, s) / stratum_reports_[s];
    return sum;
}

std::vector<PairCounts::LivePair> PairCounts::pairs_of(std::string_view number, ProductLevel product_level,
                                                       ReactionLevel reaction_level) const {
    std::vector<LivePair> out;
    if (!holds(number)) return out;
    const std::size_t i = place(product_level), k = place(reaction_level);
    const Side &products = products_[i], &reactions = reactions_[k];
    const auto words = lists(codes_of(numbers_.find(number)));
    for (const std::uint32_t p : words[i])
        for (const std::uint32_t r : words[products_.size() + k])
            out.push_back({products.words.word(p),
                           reactions.words.word(r),
                           {pairs_[i * reactions_.size() + k].all.count(p, r), products.reports[p],
                            reactions.reports[r], reports_},
                           expected(products, reactions, p, r)});
    return out;
}

/// Margins in the order of the words; `strata` gives the stratum of the table, or none where it is left out.
void PairCounts::fill_side(const Side& side, std::span<const std::uint32_t> ranks,
                           std::span<const std::uint32_t> strata, std::vector<std::uint32_t>& margin,
                           std::vector<StratumCount>& by_stratum) const {
    margin.assign(side.words.size(), 0);
    if (strata.empty()) {
        for (std::size_t i = 0; i < side.reports.size(); ++i) margin[ranks[i]] = side.reports[i];
        return;
    }
    side.by_stratum.each([&](const CountMap::Entry& entry) {
        if (strata[entry.second()] == none) return;
        margin[ranks[entry.first()]] += entry.count;
        by_stratum.push_back({ranks[entry.first()], strata[entry.second()], entry.count});
    });
    std::ranges::sort(by_stratum);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < by_stratum.size(); ++i) {
        if (kept > 0 && by_stratum[kept - 1].item == by_stratum[i].item &&
            by_stratum[kept - 1].stratum == by_stratum[i].stratum)
            by_stratum[kept - 1].n += by_stratum[i].n;
        else
            by_stratum[kept++] = by_stratum[i];
    }
    by_stratum.resize(kept);
}

NamedTable PairCounts::table(ProductLevel product_level, ReactionLevel reaction_level,
                             std::span<const StratumKind> kinds, std::span<const Only> only) const {
    QY_ASSERT(only.empty() || options_.pairs_by_stratum);
    const std::size_t i = place(product_level), k = place(reaction_level);
    const Side &products = products_[i], &reactions = reactions_[k];
    const Pairs& pairs = pairs_[i * reactions_.size() + k];
    const auto product_ranks = products.words.ranks(), reaction_ranks = reactions.words.ranks();
    NamedTable out;
    CaseTable& table = out.table;
    out.products.resize(product_ranks.size());
    for (std::uint32_t p = 0; p < product_ranks.size(); ++p)
        out.products[product_ranks[p]] = products.words.word(p);
    out.reactions.resize(reaction_ranks.size());
    for (std::uint32_t r = 0; r < reaction_ranks.size(); ++r)
        out.reactions[reaction_ranks[r]] = reactions.words.word(r);

    // The strata kept are crossed by all kinds; those asked for are sums of them.
    std::vector<std::uint32_t> strata;
    if (!kinds.empty() || !only.empty()) {
        Dictionary wanted;
        const auto left = chosen(only);
        for (std::uint32_t s = 0; s < strata_.size(); ++s) {
            const auto values = split(strata_.word(s), separator);
            std::string word;
            for (const StratumKind kind : kinds) {
                const auto at = std::ranges::find(options_.strata, kind);
                QY_ASSERT(at != options_.strata.end());
                (word += values[static_cast<std::size_t>(at - options_.strata.begin())]) += separator;
            }
            strata.push_back(left[s] ? wanted.number(word) : none);
        }
        table.strata.resize(wanted.size(), 0);
        for (std::uint32_t s = 0; s < strata.size(); ++s)
            if (strata[s] != none) table.strata[strata[s]] += stratum_reports_[s];
    }
    fill_side(products, product_ranks, strata, table.products, table.products_by_stratum);
    fill_side(reactions, reaction_ranks, strata, table.reactions, table.reactions_by_stratum);
    table.reports = reports_;
    if (!strata.empty()) {
        table.reports = 0;
        for (const std::uint32_t n : table.strata) table.reports += n;
    }
    std::vector<std::uint32_t> restricted;
    if (!only.empty()) {
        restricted.assign(pairs.all.size(), 0);
        pairs.by_stratum.each([&](const CountMap::Entry& entry) {
            if (strata[entry.second()] != none) restricted[entry.first()] += entry.count;
        });
    }
    pairs.all.each([&](const CountMap::Entry& entry) {
        const std::uint32_t n = only.empty() ? entry.count : restricted[entry.index];
        if (n > 0) table.pairs.push_back({product_ranks[entry.first()], reaction_ranks[entry.second()], n});
    });
    std::ranges::sort(table.pairs);
    return out;
}

}  // namespace qingyuan::assess
