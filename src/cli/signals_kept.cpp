// qingyuan signals over the data directory, and one pair explained.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/signals.hpp"
#include "cli/vigilance.hpp"

namespace qingyuan::cli {

namespace {

Result<assess::SignalLevel> level_of(const KeptChoice& kept) {
    constexpr std::array<std::string_view, 4> kinds{"drug", "device", "cosmetic", "vaccine"};
    if (std::ranges::find(kinds, kept.kind) == kinds.end())
        return Error{ErrorCode::usage,
                     fmt::format("there is no kind '{}'", kept.kind),
                     "--kind",
                     {},
                     "drug, device, cosmetic or vaccine"};
    return assess::SignalLevel{.kind = kept.kind,
                               .product = TRY(assess::wanted_product_level(kept.level)),
                               .reaction = TRY(assess::wanted_reaction_level(kept.reactions))};
}

Result<assess::StratumKind> stratum_of(const std::string& word) {
    const auto at = std::ranges::find(assess::stratum_names, word);
    if (at == assess::stratum_names.end())
        return Error{ErrorCode::usage,
                     fmt::format("there is no stratum '{}'", word),
                     "--stratum",
                     {},
                     "sex, age, year, region or source"};
    return static_cast<assess::StratumKind>(at - assess::stratum_names.begin());
}

/// Pairs that met the criterion by what had been received the day before.
std::vector<std::pair<std::string, std::string>> met_before(const api::SignalState& state,
                                                            const Vigilance& desks,
                                                            assess::SignalOptions options, Date since,
                                                            const law::Criterion& criterion) {
    options.until = since - 1;
    const auto before = assess::signal_table(state.cases, desks.families, desks.criteria, options);
    std::vector<std::pair<std::string, std::string>> out;
    for (const assess::SignalRow& row : before.rows)
        if (assess::meets(criterion, row.measures))
            out.emplace_back(before.products[row.product], before.reactions[row.reaction]);
    std::ranges::sort(out);
    return out;
}

nlohmann::ordered_json number(double value) {
    if (std::isinf(value)) return "Inf";
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json measures_json(const assess::Measures& m) {
    return {{"n", m.counts.n},
            {"n_product", m.counts.product},
            {"n_reaction", m.counts.reaction},
            {"n_total", m.counts.total},
            {"expected", number(m.expected)},
            {"rr", number(m.rr)},
            {"prr", number(m.prr)},
            {"prr_lower", number(m.prr_lower)},
            {"prr_upper", number(m.prr_upper)},
            {"ror", number(m.ror)},
            {"ror_lower", number(m.ror_lower)},
            {"ror_upper", number(m.ror_upper)},
            {"chi2_yates", number(m.chi2_yates)},
            {"fisher_p", number(m.fisher_p)},
            {"ic", number(m.ic)},
            {"ic025", number(m.ic025)},
            {"ic975", number(m.ic975)},
            {"ebgm", number(m.ebgm)},
            {"eb05", number(m.eb05)},
            {"eb95", number(m.eb95)}};
}

std::string shown(double value) {
    return std::isnan(value) ? "-" : std::isinf(value) ? "Inf" : fmt::format("{:.4g}", value);
}

void print_pair(const assess::PairView& pair, const std::string& text,
                const std::vector<std::string>& caveats) {
    const assess::Counts& c = pair.counts;
    const auto d = c.total - c.product - c.reaction + c.n;
    fmt::print("              {:>12} {:>12} {:>12}\n", "reaction", "other", "all");
    fmt::print("  product     {:>12} {:>12} {:>12}\n", c.n, c.product - c.n, c.product);
    fmt::print("  others      {:>12} {:>12} {:>12}\n", c.reaction - c.n, d, c.total - c.product);
    fmt::print("  all         {:>12} {:>12} {:>12}\n\n", c.reaction, c.total - c.reaction, c.total);
    const assess::Measures& m = pair.measures;
    fmt::print("  expected {}  RR {}\n  PRR {} ({} – {})  ROR {} ({} – {})\n", shown(m.expected), shown(m.rr),
               shown(m.prr), shown(m.prr_lower), shown(m.prr_upper), shown(m.ror), shown(m.ror_lower),
               shown(m.ror_upper));
    fmt::print("  chi2 (Yates) {}  Fisher p {}\n  IC {} ({} – {})  EBGM {} ({} – {})\n\n",
               shown(m.chi2_yates), shown(m.fisher_p), shown(m.ic), shown(m.ic025), shown(m.ic975),
               shown(m.ebgm), shown(m.eb05), shown(m.eb95));
    fmt::print("{}\n", text);
    for (const std::string& one : caveats) fmt::print("! {}\n", one);
}

}  // namespace

Result<void> run_kept_signals(Context& context, const KeptChoice& kept, const SignalChoice& choice) {
    assess::SignalOptions options{.level = TRY(level_of(kept))};
    for (const std::string& word : kept.strata) options.strata.push_back(TRY(stratum_of(word)));
    const auto workspace = TRY(context.open_workspace(false));
    const auto desks = TRY(open_vigilance(*workspace));
    const auto state = TRY(desks->signals->state());
    SignalChoice asked = choice;
    if (!kept.criterion.empty()) asked.criterion = TRY(desks->criteria.criterion(kept.criterion));
    if (!kept.since.empty()) {
        if (!asked.criterion)
            return Error{ErrorCode::usage, "new by which criterion?", "--since", {}, "give --criterion too"};
        asked.without = met_before(*state, *desks, options, TRY(parse_date(kept.since)), *asked.criterion);
    }
    return print_signals(context, assess::count_table(state->cases, desks->families, options), asked);
}

Result<void> explain_signal(Context& context, const KeptChoice& kept, const std::string& product,
                            const std::string& reaction) {
    const auto level = TRY(level_of(kept));
    const auto workspace = TRY(context.open_workspace(false));
    const auto desks = TRY(open_vigilance(*workspace));
    const auto table = TRY(desks->signals->table(level));
    const assess::SignalRow* row = table->find(product, reaction);
    if (row == nullptr)
        return Error{ErrorCode::record_unknown,
                     fmt::format("no case has both '{}' and '{}'", product, reaction),
                     {},
                     {},
                     "look at `qingyuan signals` for how they are written"};
    const auto pair = TRY(desks->signals->pair(level, product, reaction));
    const auto text =
        assess::paragraph(product, reaction, pair, row->serious, row->deaths, desks->criteria, row->criteria);
    const bool english = context.language == "en";
    std::vector<std::string> caveats;
    for (const assess::SignalText& one : assess::caveats(pair)) caveats.push_back(english ? one.en : one.zh);
    if (!context.json) {
        print_pair(pair, english ? text.en : text.zh, caveats);
        return {};
    }
    nlohmann::ordered_json met = nlohmann::ordered_json::array();
    for (const law::Criterion& one : desks->criteria.all())
        if (assess::meets(one, pair.measures)) met.push_back(one.id);
    const assess::Counts& c = pair.counts;
    const nlohmann::ordered_json out{{"product", product},
                                     {"reaction", reaction},
                                     {"table",
                                      {{"a", c.n},
                                       {"b", c.product - c.n},
                                       {"c", c.reaction - c.n},
                                       {"d", c.total - c.product - c.reaction + c.n}}},
                                     {"measures", measures_json(pair.measures)},
                                     {"stratified", measures_json(pair.stratified)},
                                     {"criteria", std::move(met)},
                                     {"serious", row->serious},
                                     {"deaths", row->deaths},
                                     {"paragraph", english ? text.en : text.zh},
                                     {"caveats", caveats}};
    fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return {};
}

}  // namespace qingyuan::cli
