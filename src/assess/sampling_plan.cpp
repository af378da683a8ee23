#include "assess/sampling_plan.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "assess/dossiers.hpp"
#include "registry/registry.hpp"

namespace qingyuan::assess {

namespace {

using facts::DossierRow;
using journal::Compare;

constexpr std::array<std::string_view, 4> reason_texts{"failed_batch", "open_risk", "generic_not_evaluated",
                                                       "centralised_procurement"};
constexpr std::string_view generic_class = "generic";

/// What the dossiers say of each product.
struct Known {
    std::set<std::string, std::less<>> evaluated;
    std::map<std::string, std::int64_t, std::less<>> samples, failed;
    std::map<std::string, std::int64_t, std::less<>> risk;  ///< rank of the level, 0 = not assessed
};

std::int64_t rank_of(const law::Law& law, std::string_view level) {
    const law::Vocabulary* levels = law.find_vocabulary("risk_levels");
    if (levels == nullptr) return 0;
    const auto found = std::ranges::find(levels->words, level, &law::Word::code);
    return found == levels->words.end() ? 0 : found - levels->words.begin() + 1;
}

std::string level_of_rank(const law::Law& law, std::int64_t rank) {
    const law::Vocabulary* levels = law.find_vocabulary("risk_levels");
    return levels == nullptr || rank == 0 ? std::string()
                                          : levels->words[static_cast<std::size_t>(rank - 1)].code;
}

Result<void> each_of(const journal::Reader& reader, std::string_view procedure, Date on,
                     const std::function<void(const DossierRow&, const std::string& product)>& each) {
    return each_dossier(reader, {{"procedure", Compare::equal, {std::string(procedure)}}},
                        [&](const DossierRow& row) -> Result<void> {
                            std::string product = facts::text_of(row.attributes, "product");
                            if (row.state != "voided" && row.opened_on <= on && !product.empty())
                                each(row, product);
                            return {};
                        });
}

Result<Known> known_of(const journal::Reader& reader, const law::Law& law, Date on) {
    Known known;
    CHECK(
        each_of(reader, "consistency_evaluation", on, [&](const DossierRow& row, const std::string& product) {
            if (row.state == "passed") known.evaluated.insert(product);
        }));
    CHECK(each_of(reader, "sampling", on, [&](const DossierRow& row, const std::string& product) {
        if (row.opened_on > on.plus_months(-12)) ++known.samples[product];
        if (facts::text_of(row.attributes, "conclusion") == "unqualified" &&
            row.opened_on > on.plus_months(-failed_months_max))
            ++known.failed[product];
    }));
    CHECK(each_of(reader, "risk_item", on, [&](const DossierRow& row, const std::string& product) {
        if (!row.open) return;
        const std::int64_t rank = rank_of(law, facts::text_of(row.attributes, "level"));
        const auto at = known.risk.try_emplace(product, 0).first;
        at->second = std::max(at->second, rank);
    }));
    return known;
}

PlannedProduct planned(const law::Law& law, const Known& known, const facts::ProductRecorded& product) {
    PlannedProduct out{product.id, product.name, product.holder, {}, {}, 0, 0};
    const auto count = [&](const auto& map) {
        const auto found = map.find(product.id);
        return found == map.end() ? 0 : found->second;
    };
    out.samples = count(known.samples);
    out.failed = count(known.failed);
    const bool at_risk = known.risk.contains(product.id);
    out.risk_level = level_of_rank(law, count(known.risk));
    const std::pair<bool, SamplingReason> asked[] = {
        {out.failed > 0, SamplingReason::failed_batch},
        {at_risk, SamplingReason::open_risk},
        {product.class_word == generic_class && !known.evaluated.contains(product.id),
         SamplingReason::generic_not_evaluated},
        {product.centralised_procurement, SamplingReason::centralised_procurement}};
    for (const auto& [holds, reason] : asked)
        if (holds) out.reasons.push_back(reason);
    return out;
}

}  // namespace

std::string_view text_of(SamplingReason reason) {
    return reason_texts[static_cast<std::size_t>(reason)];
}

Result<std::vector<PlannedProduct>> sampling_plan(const journal::Reader& reader, const law::Law& law,
                                                  Date on) {
    const Known known = TRY(known_of(reader, law, on));
    std::vector<PlannedProduct> out;
    journal::Query query;
    for (;;) {
        const auto rows = TRY(reader.view<facts::ProductRow>().list(query));
        for (const facts::ProductRow& row : rows)
            if (const auto product = TRY(registry::find_product(reader, row.id, on)))
                if (PlannedProduct one = planned(law, known, *product); !one.reasons.empty())
                    out.push_back(std::move(one));
        if (rows.size() < query.limit) break;
        query.after_key = rows.back().id;
    }
    std::ranges::stable_sort(out, [&](const PlannedProduct& a, const PlannedProduct& b) {
        return std::tuple(-a.failed, -rank_of(law, a.risk_level), -static_cast<int>(a.reasons.size()),
                          a.product) < std::tuple(-b.failed, -rank_of(law, b.risk_level),
                                                  -static_cast<int>(b.reasons.size()), b.product);
    });
    return out;
}

}  // namespace qingyuan::assess
