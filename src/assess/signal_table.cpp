#include "assess/signal_table.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "assess/case_rows.hpp"
#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

Error unknown_level(std::string_view what, std::string_view word, std::string_view known) {
    return {ErrorCode::usage,
            fmt::format("there is no {} '{}'", what, word),
            std::string(what),
            {},
            fmt::format("one of {}", known),
            fmt::format("没有“{}”这一层级", word),
            fmt::format("可选：{}", known)};
}

std::string product_text(const facts::SuspectProduct& product, ProductLevel level) {
    switch (level) {
        case ProductLevel::ingredient: return product.ingredient.empty() ? product.name : product.ingredient;
        case ProductLevel::name: return product.name;
        case ProductLevel::maker: return product.maker.empty() ? "" : product.name + " | " + product.maker;
        case ProductLevel::approval: return product.approval;
        case ProductLevel::batch: break;
    }
    if (product.batch.empty()) return "";
    return (product.approval.empty() ? product.name : product.approval) + " | " + product.maker + " | " +
           product.batch;
}

void make_distinct(std::vector<std::string>& texts) {
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    if (!texts.empty() && texts.front().empty()) texts.erase(texts.begin());
}

/// Adds each case's pairs to the rows of the table.
void add_case(CaseRows& rows, const facts::SafetyReport& report, const SignalOptions& options,
              const law::ReactionFamilies& families) {
    const auto products = products_of(report, options.level.product);
    const auto reactions = reactions_of(report, options.level.reaction, families);
    std::vector<std::string> values;
    for (const StratumKind stratum : options.strata) values.push_back(stratum_value(stratum, report));
    const std::vector<std::string_view> strata(values.begin(), values.end());
    if (products.empty())
        for (const std::string& reaction : reactions) rows.add(report.number, {}, reaction, strata);
    if (reactions.empty())
        for (const std::string& product : products) rows.add(report.number, product, {}, strata);
    for (const std::string& product : products)
        for (const std::string& reaction : reactions) rows.add(report.number, product, reaction, strata);
    if (products.empty() && reactions.empty()) rows.add(report.number, {}, {}, strata);
}

bool is_counted(const facts::SafetyReport& report, const SignalOptions& options) {
    return is_of_kind(report, options.level.kind) &&
           (!options.until || !report.received_on || *report.received_on <= *options.until);
}

std::size_t index_of(const std::vector<std::string>& sorted, std::string_view text) {
    const auto at = std::ranges::lower_bound(sorted, text);
    return at != sorted.end() && *at == text ? static_cast<std::size_t>(at - sorted.begin()) : SIZE_MAX;
}

SignalRow* row_at(SignalTable& table, std::size_t product, std::size_t reaction) {
    const auto at = std::ranges::lower_bound(
        table.rows, std::pair(product, reaction), {},
        [](const SignalRow& row) { return std::pair<std::size_t, std::size_t>(row.product, row.reaction); });
    if (at == table.rows.end() || at->product != product || at->reaction != reaction) return nullptr;
    return &*at;
}

/// Serious cases and deaths of each pair.
void count_serious(SignalTable& table, std::span<const facts::SafetyReport> cases,
                   const SignalOptions& options, const law::ReactionFamilies& families) {
    for (const facts::SafetyReport& report : cases) {
        const bool death = report.seriousness == "death" || report.outcome == "death";
        if ((!death && report.seriousness != "serious") || !is_counted(report, options)) continue;
        for (const std::string& product : products_of(report, options.level.product))
            for (const std::string& reaction : reactions_of(report, options.level.reaction, families))
                if (SignalRow* row = row_at(table, index_of(table.products, product),
                                            index_of(table.reactions, reaction))) {
                    ++row->serious;
                    row->deaths += death;
                }
    }
}

}  // namespace

Result<ProductLevel> wanted_product_level(std::string_view word) {
    if (const auto level = product_level(word)) return *level;
    return unknown_level("level", word, "ingredient, name, maker, approval, batch");
}
Result<ReactionLevel> wanted_reaction_level(std::string_view word) {
    if (word == "term") return ReactionLevel::term;
    if (word == "family") return ReactionLevel::family;
    return unknown_level("reactions", word, "term, family");
}
std::string_view text_of(ReactionLevel level) {
    return level == ReactionLevel::term ? "term" : "family";
}

bool is_of_kind(const facts::SafetyReport& report, std::string_view kind) {
    return (report.kind.empty() ? std::string_view("drug") : std::string_view(report.kind)) == kind;
}

std::vector<std::string> products_of(const facts::SafetyReport& report, ProductLevel level) {
    std::vector<std::string> out;
    for (const facts::SuspectProduct& product : report.products) out.push_back(product_text(product, level));
    make_distinct(out);
    return out;
}

std::vector<std::string> reactions_of(const facts::SafetyReport& report, ReactionLevel level,
                                      const law::ReactionFamilies& families) {
    std::vector<std::string> out;
    for (const std::string& term : report.reactions) {
        if (level == ReactionLevel::term)
            out.emplace_back(families.preferred(term));
        else
            for (const std::string& family : families.families(term)) out.push_back(family);
    }
    make_distinct(out);
    return out;
}

const SignalRow* SignalTable::find(std::string_view product, std::string_view reaction) const {
    const std::size_t p = index_of(products, product), r = index_of(reactions, reaction);
    if (p == SIZE_MAX || r == SIZE_MAX) return nullptr;
    return row_at(const_cast<SignalTable&>(*this), p, r);  // NOLINT: nothing is changed
}

NamedTable count_table(std::span<const facts::SafetyReport> cases, const law::ReactionFamilies& families,
                       const SignalOptions& options) {
    CaseRows rows(options.strata.size());
    for (const facts::SafetyReport& report : cases)
        if (is_counted(report, options)) add_case(rows, report, options, families);
    return rows.finish();
}

SignalTable signal_table(std::span<const facts::SafetyReport> cases, const law::ReactionFamilies& families,
                         const law::Criteria& criteria, const SignalOptions& options) {
    SignalTable out{.level = options.level};
    NamedTable named = count_table(cases, families, options);
    out.products = std::move(named.products);
    out.reactions = std::move(named.reactions);
    out.cases = named.table.reports;
    const Expectations expectation = expectations(named.table);
    std::optional<Theta> theta = options.theta;
    if (!theta) {
        auto fitted = fit(expectation.points, Likelihood::all_cells);
        if (fitted) {
            out.fit = *fitted;
            theta = fitted->theta;
        } else {
            out.no_fit = fitted.error().text();
        }
    }
    const Scores scores(named.table, expectation, theta ? &*theta : nullptr, options.threads);
    out.rows.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        SignalRow row{.product = named.table.pairs[i].product,
                      .reaction = named.table.pairs[i].reaction,
                      .measures = scores.at(i)};
        for (std::size_t c = 0; c < criteria.all().size(); ++c)
            if (meets(criteria.all()[c], row.measures)) row.criteria |= std::uint64_t{1} << c;
        out.rows.push_back(row);
    }
    count_serious(out, cases, options, families);
    return out;
}

}  // namespace qingyuan::assess
