// qingyuan simulate market: what ways of choosing whom to visit find, how wrong their published rate is, and
// whom they forget (docs/draw.md).
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "target/market.hpp"

namespace qingyuan::cli {

namespace {

struct MarketText {
    target::Market market;
    std::uint64_t seed = 1;
    int replications = 24;
};

nlohmann::ordered_json to_json(const target::PolicyOptions& policy, const target::PolicyResult& result) {
    return {{"policy", result.policy},
            {"floor", policy.floor},
            {"exponent", policy.exponent},
            {"staleness", policy.staleness},
            {"found", result.found},
            {"found_error", result.found_error},
            {"gain", result.gain},
            {"bias", result.bias},
            {"bias_error", result.bias_error},
            {"naive_bias", result.naive_bias},
            {"interval_covers", result.interval_covers},
            {"forgotten", result.forgotten},
            {"longest_gap", result.longest_gap}};
}

void print_text(const MarketText& text, const std::vector<target::PolicyResult>& results) {
    const target::Market& market = text.market;
    fmt::print(
        "{} outlets, {} visits a period, {} periods, mean rate {}, correlation {}, {} replications, seed "
        "{}\n",
        market.outlets, market.visits, market.periods, market.rate, market.correlation, text.replications,
        text.seed);
    fmt::print("{:<14} {:>8} {:>8} {:>8} {:>9} {:>8} {:>9} {:>10} {:>12}\n", "policy", "found", "gain",
               "bias", "(error)", "naive", "covered", "gap > 6", "longest gap");
    for (const target::PolicyResult& one : results)
        fmt::print("{:<14} {:>8.0f} {:>+7.1f}% {:>+8.4f} {:>9.4f} {:>+8.4f} {:>8.0f}% {:>9.0f}% {:>12.1f}\n",
                   one.policy, one.found, one.gain * 100, one.bias, one.bias_error, one.naive_bias,
                   one.interval_covers * 100, one.forgotten * 100, one.longest_gap);
}

Result<void> simulate(const Context& context, const MarketText& text) {
    const target::Market& market = text.market;
    if (market.outlets < 2 || market.outlets > 100'000 || market.visits < 1 ||
        market.visits >= market.outlets || market.periods < 1 || market.periods > 1'000 ||
        text.replications < 1 || text.replications > 1'000)
        return Error{ErrorCode::usage,
                     "2 to 100,000 outlets, fewer visits than outlets, up to 1,000 periods and "
                     "replications"};
    const auto policies = target::policies(market);
    const auto results = target::simulate_market(market, text.seed, text.replications, policies);
    if (!context.json) {
        print_text(text, results);
        return {};
    }
    nlohmann::ordered_json out = {{"seed", text.seed},
                                  {"replications", text.replications},
                                  {"outlets", market.outlets},
                                  {"visits", market.visits},
                                  {"periods", market.periods},
                                  {"rate", market.rate},
                                  {"correlation", market.correlation},
                                  {"drift", market.drift},
                                  {"rectification", market.rectification},
                                  {"relapse", market.relapse}};
    for (std::size_t i = 0; i < results.size(); ++i)
        out["policies"].push_back(to_json(policies[i], results[i]));
    fmt::print("{}\n", out.dump(2));
    return {};
}

}  // namespace

void add_simulate_market(CLI::App& simulate_app, Context& context) {
    auto text = std::make_shared<MarketText>();
    auto* market = simulate_app.add_subcommand("market", "compare ways of choosing whom to visit");
    market->add_option("--seed", text->seed, "the same seed gives the same figures")->capture_default_str();
    market->add_option("--replications", text->replications, "how often it is played")->capture_default_str();
    market->add_option("--outlets", text->market.outlets)->capture_default_str();
    market->add_option("--visits", text->market.visits, "a period")->capture_default_str();
    market->add_option("--periods", text->market.periods)->capture_default_str();
    market->add_option("--rate", text->market.rate, "mean propensity to violate")
        ->check(CLI::Range(0.001, 0.999))
        ->capture_default_str();
    market->add_option("--correlation", text->market.correlation, "of two states of one outlet")
        ->check(CLI::Range(0.01, 0.95))
        ->capture_default_str();
    market->add_option("--drift", text->market.drift, "share of outlets that change each period")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    market
        ->add_option("--rectification", text->market.rectification, "what a finding leaves of the propensity")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    market->add_option("--relapse", text->market.relapse, "how much of it comes back each period")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    market->callback([&context, text] {
        if (const auto done = simulate(context, *text); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
