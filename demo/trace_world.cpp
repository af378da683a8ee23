#include "demo/trace_world.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace qingyuan::demo {

namespace {

constexpr std::uint32_t hengyang[] = {430405, 430406, 430407, 430408, 430412, 430421,
                                      430422, 430423, 430424, 430426, 430481, 430482};
constexpr std::uint32_t elsewhere[] = {430102, 430103, 430104, 430105, 430111, 430112, 430121, 430181,
                                       430182, 430202, 430203, 430204, 430211, 430281, 440103, 440104,
                                       440105, 440106, 440111, 440112, 440113, 440114};

struct Kind {
    Trade trade;
    char letter;
    std::uint32_t full;  ///< how many a full-sized chain has
    std::uint32_t least;
};
constexpr Kind kinds[trades] = {
    {Trade::manufacturer, 'M', 60, 4},
    {Trade::wholesaler, 'W', 400, 8},
    {Trade::chain_headquarters, 'H', 150, 3},
    {Trade::chain_store, 'S', 12'000, 36},
    {Trade::pharmacy, 'P', 3'000, 40},
    {Trade::hospital, 'Y', 2'500, 12},
    {Trade::other, 'X', 60, 4},
};
constexpr std::uint64_t events_of_full_size = 10'000'000;
constexpr std::uint64_t packs_a_batch = 440, events_a_pack_hundredths = 737;
constexpr int production_days = 270, tail_days = 150;

void license(Firm& firm, const TraceWorld& world, Random& random) {
    if (firm.trade == Trade::other) return;
    constexpr std::int64_t day = 86'400;
    firm.licence_from = (world.first_day - random.between(100, 1500)) * day;
    firm.licence_to = (world.until_day + random.between(100, 1500)) * day;
    if (firm.dormant) firm.licence_to = (world.first_day + random.between(-30, 200)) * day;
}

void add_firms(TraceWorld& world, std::uint64_t events, Random& random) {
    const std::uint64_t share = std::min(events, events_of_full_size);
    for (const Kind& kind : kinds) {
        const auto at = static_cast<std::size_t>(kind.trade);
        world.first[at] = static_cast<FirmIndex>(world.firms.size());
        const std::uint64_t some =
            std::max<std::uint64_t>(kind.least, kind.full * share / events_of_full_size);
        for (std::uint64_t i = 0; i < some; ++i) {
            Firm firm;
            firm.id = fmt::format("{}{}", kind.letter, i + 1);
            firm.trade = kind.trade;
            firm.region = random.chance(45, 100) ? hengyang[random.below(std::size(hengyang))]
                                                 : elsewhere[random.below(std::size(elsewhere))];
            firm.dormant = kind.trade == Trade::pharmacy && i % 40 == 39;
            firm.clock_s = static_cast<std::int32_t>(random.between(-180, 180));
            const std::uint64_t lag = random.below(100);
            firm.lag_class = lag < 80 ? 0 : lag < 95 ? 1 : 2;
            firm.psychotropic = kind.trade <= Trade::chain_headquarters || i % 3 == 0;
            if (kind.trade == Trade::chain_store) {
                const FirmIndex heads = world.count(Trade::chain_headquarters);
                firm.headquarters = world.nth(Trade::chain_headquarters, i);
                firm.psychotropic = i / heads % 3 == 0;
            }
            if (kind.trade == Trade::other) firm.psychotropic = false;
            license(firm, world, random);
            world.firms.push_back(std::move(firm));
        }
        world.first[at + 1] = static_cast<FirmIndex>(world.firms.size());
    }
}

void add_products(TraceWorld& world) {
    const std::uint32_t some = std::clamp(world.batches * 2 / 3, 40U, 2000U);
    for (std::uint32_t i = 0; i < some; ++i) {
        TraceProduct product;
        product.code = 8'100'001 + i * 10;  // the last digit is the level of the package: 1 a pack, 2 a case
        product.psychotropic = i % 33 == 7;
        product.short_dated = i % 7 == 3;
        product.holder = i % 25 == 11 ? no_firm : world.nth(Trade::manufacturer, i);
        world.products.push_back(product);
    }
}

}  // namespace

const char* word(Trade trade) {
    constexpr const char* words[trades] = {
        "manufacturer", "wholesaler", "chain_headquarters", "chain_store", "pharmacy", "hospital", "other"};
    return words[static_cast<int>(trade)];
}

std::uint64_t mixed_bits(std::uint64_t value) {  // the finish of splitmix64
    value += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

FirmIndex TraceWorld::count(Trade trade) const {
    const auto at = static_cast<std::size_t>(trade);
    return static_cast<FirmIndex>(first[at + 1] - first[at]);
}

FirmIndex TraceWorld::nth(Trade trade, std::uint64_t n) const {
    return static_cast<FirmIndex>(first[static_cast<std::size_t>(trade)] + n % count(trade));
}

bool TraceWorld::licensed(FirmIndex firm, std::int64_t at) const {
    return firms[firm].licence_to != 0 && firms[firm].licence_from <= at && at <= firms[firm].licence_to;
}

FirmIndex TraceWorld::pick(Trade trade, bool psychotropic, Random& random) const {
    std::uint64_t n = random.below(count(trade));
    while (firms[nth(trade, n)].dormant || (psychotropic && !firms[nth(trade, n)].psychotropic)) ++n;
    return nth(trade, n);
}

FirmIndex TraceWorld::pick_store(FirmIndex headquarters, bool scope_matters, bool scope,
                                 Random& random) const {
    const FirmIndex heads = count(Trade::chain_headquarters);
    const FirmIndex head =
        static_cast<FirmIndex>(headquarters - first[static_cast<std::size_t>(Trade::chain_headquarters)]);
    const std::uint64_t rows = (count(Trade::chain_store) - head + heads - 1U) / heads;
    std::uint64_t row = random.below(rows);
    for (std::uint64_t tried = 0; tried < rows; ++tried, row = (row + 1) % rows) {
        const FirmIndex store = nth(Trade::chain_store, row * heads + head);
        if (!scope_matters || firms[store].psychotropic == scope) return store;
    }
    return nth(Trade::chain_store, row * heads + head);
}

std::uint32_t TraceWorld::lag_s(FirmIndex firm, std::uint64_t document) const {
    if (lag == TraceLag::none) return 0;
    const std::uint64_t bits = mixed_bits(seed ^ mixed_bits(document * 0x10000 + firm));
    const std::uint64_t share = bits % 100;
    const int which = lag == TraceLag::per_firm ? firms[firm].lag_class : share < 80 ? 0 : share < 95 ? 1 : 2;
    constexpr std::uint32_t least[] = {60, 21'600, 259'200}, most[] = {21'600, 259'200, 2'592'000};
    return least[which] + static_cast<std::uint32_t>((bits >> 32) % (most[which] - least[which]));
}

TraceWorld make_world(const TraceOptions& options) {
    TraceWorld world;
    world.seed = options.seed;
    world.lag = options.lag;
    world.aggregation = options.aggregation;
    world.skew = options.skew;
    world.rfc3339 = options.rfc3339;
    world.until_day = options.until.days;
    world.first_day = world.until_day - production_days - tail_days;
    world.last_production = world.until_day - tail_days;
    const bool small = options.events < 100'000;
    world.cases_min = small ? 2 : 6;
    world.cases_max = small ? 4 : 16;
    const std::uint64_t packs = std::max<std::uint64_t>(options.events * 100 / events_a_pack_hundredths, 1);
    const std::uint64_t a_batch = small ? 120 : packs_a_batch;
    world.batches = static_cast<std::uint32_t>(std::max<std::uint64_t>((packs + a_batch / 2) / a_batch, 1));
    world.rare_ppm = static_cast<std::uint32_t>(std::max<std::uint64_t>(200, 8'000'000 / packs));
    world.rare_case_ppm = static_cast<std::uint32_t>(std::max<std::uint64_t>(100, 8'000'000 / packs));
    world.wrong_document_ppm = static_cast<std::uint32_t>(std::max<std::uint64_t>(1'500, 30'000'000 / packs));
    Random random(options.seed);
    add_firms(world, options.events, random);
    add_products(world);
    return world;
}

}  // namespace qingyuan::demo
