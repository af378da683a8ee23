#include "demo/trace_city.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "demo/play.hpp"
#include "demo/trace_rows.hpp"
#include "demo/trace_stories.hpp"

namespace qingyuan::demo {

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::size_t products_traced = 32;
constexpr std::uint32_t batches_traced = 36;

/// How many firms of each trade take part; the registry has more of most.
struct Part {
    Trade trade;
    const char* kind;
    std::size_t most;
};
constexpr Part parts[trades] = {{Trade::manufacturer, "manufacturer", 40},
                                {Trade::wholesaler, "wholesaler", 24},
                                {Trade::chain_headquarters, "chain_headquarters", 8},
                                {Trade::chain_store, "chain_store", 0},
                                {Trade::pharmacy, "pharmacy", 120},
                                {Trade::hospital, "hospital", 40},
                                {Trade::other, "cosmetic_distributor", 6}};
constexpr std::size_t stores_a_chain = 12;

bool uses_portal(const City& city, const std::string& id) {
    return std::ranges::find(city.portal_operators, id) != city.portal_operators.end();
}

/// Firms of the kind, evenly from the registry; those with a portal user first.
std::vector<const facts::OperatorRecorded*> some_of(const City& city, const Part& part) {
    std::vector<const facts::OperatorRecorded*> all, out;
    for (const auto& firm : city.operators)
        if (firm.kind == part.kind) (uses_portal(city, firm.id) ? out : all).push_back(&firm);
    const std::size_t wanted = std::min(all.size(), part.most - std::min(part.most, out.size()));
    for (std::size_t i = 0; i < wanted; ++i) out.push_back(all[i * all.size() / wanted]);
    return out;
}

/// As many stores of each chain, chain after chain in turn: TraceWorld::pick_store counts on it.
std::vector<const facts::OperatorRecorded*> stores_of(const City& city, const TraceWorld& world) {
    const FirmIndex heads = world.count(Trade::chain_headquarters);
    std::vector<std::vector<const facts::OperatorRecorded*>> by_head(heads);
    for (const auto& firm : city.operators) {
        if (firm.kind != "chain_store") continue;
        for (FirmIndex head = 0; head < heads; ++head) {
            if (world.firms[world.nth(Trade::chain_headquarters, head)].id != firm.headquarters) continue;
            auto& stores = by_head[head];
            uses_portal(city, firm.id) ? void(stores.insert(stores.begin(), &firm)) : stores.push_back(&firm);
        }
    }
    std::size_t rows = stores_a_chain;
    for (const auto& stores : by_head) rows = std::min(rows, stores.size());
    std::vector<const facts::OperatorRecorded*> out;
    for (std::size_t row = 0; row < rows; ++row)
        for (const auto& stores : by_head) out.push_back(stores[row]);
    return out;
}

void add_firms(const City& city, TraceWorld& world, Random& random) {
    for (const Part& part : parts) {
        const auto at = static_cast<std::size_t>(part.trade);
        world.first[at] = static_cast<FirmIndex>(world.firms.size());
        const bool store = part.trade == Trade::chain_store;
        std::size_t n = 0;
        for (const auto* from : store ? stores_of(city, world) : some_of(city, part)) {
            Firm firm;
            firm.id = from->id;
            firm.trade = part.trade;
            firm.region = static_cast<std::uint32_t>(std::stoul(from->region));
            if (store) firm.headquarters = world.nth(Trade::chain_headquarters, n++);
            const std::uint64_t lag = random.below(100);
            firm.lag_class = part.trade == Trade::manufacturer || lag < 80 ? 0 : lag < 95 ? 1 : 2;
            firm.clock_s = static_cast<std::int32_t>(random.between(-180, 180));
            if (part.trade != Trade::other) {
                firm.licence_from = (world.first_day - 1500) * day_s;
                firm.licence_to = (world.until_day + 1500) * day_s;
            }
            world.firms.push_back(std::move(firm));
        }
        world.first[at + 1] = static_cast<FirmIndex>(world.firms.size());
    }
}

/// Drugs of the registry; one in twelve has its holder in another province.
std::vector<StoryProduct> traced_products(const City& city, const TraceWorld& world) {
    std::map<std::string, FirmIndex> makers;
    for (FirmIndex i = 0; i < world.count(Trade::manufacturer); ++i) makers.emplace(world.firms[i].id, i);
    std::vector<StoryProduct> out;
    for (const auto& record : city.products) {
        if (record.category != "drug" || out.size() == products_traced + story_products) continue;
        const std::size_t n = out.size();
        StoryProduct one{{.code = 8'430'001 + static_cast<std::uint32_t>(n) * 10}, record.name};
        const auto maker = makers.find(record.holder);
        if (maker == makers.end()) continue;
        one.product.holder = maker->second;
        one.product.short_dated = n % 7 == 3;
        if (n < products_traced && n % 12 == 11) {
            one.product.holder = no_firm;
            one.name += "（外省）";
        }
        if (n + 1 == products_traced + story_products) {
            one.product.psychotropic = true;
            one.name = "虚拟地西泮片";
        }
        out.push_back(std::move(one));
    }
    QY_ASSERT(out.size() == products_traced + story_products);
    return out;
}

TraceWorld city_world(const City& city, std::uint64_t seed) {
    TraceWorld world;
    world.seed = seed;
    world.lag = TraceLag::per_firm;
    world.rfc3339 = true;
    world.first_day = make_date(2025, 1, 1).days;
    world.last_production = make_date(2025, 4, 20).days;
    world.until_day = make_date(2025, 7, 4).days;
    world.batches = batches_traced;
    world.cases_min = 3, world.cases_max = 6;
    world.rare_ppm = 250;
    Random random(seed ^ 0x7061636B73);
    add_firms(city, world, random);
    return world;
}

/// The batch's own row at its production, and again when it is recalled.
void add_batch(const TraceWorld& world, TraceBatch& batch, Instalments& to) {
    const std::int64_t recalled_at = batch.recalled_at;
    for (const std::int64_t recalled : {std::int64_t{0}, recalled_at}) {
        batch.recalled_at = recalled;
        std::string row;
        append_batch_row(world, batch, row);
        to.add(TraceTable::batches, recalled == 0 ? batch.produced_at : recalled, row);
        if (recalled_at == 0) break;
    }
    batch.recalled_at = recalled_at;
}

/// An invoice comes with the last of what was shipped on it.
void add_documents(const TraceWorld& world, const TraceBatch& batch, const std::vector<std::int32_t>& shipped,
                   Instalments& to) {
    std::vector<std::int64_t> uploads(batch.documents.size(), 0);
    for (const Run& run : batch.runs)
        if (run.document != no_document && !run.has(Run::repeated))
            uploads[run.document] = std::max<std::int64_t>(uploads[run.document], run.upload_time);
    std::string rows;
    append_document_rows(world, batch, shipped, rows);
    std::size_t at = 0;
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        const std::size_t end = rows.find('\n', at) + 1;
        if (shipped[i] + batch.documents[i].wrong_by > 0)
            to.add(TraceTable::documents, uploads[i], std::string_view(rows).substr(at, end - at));
        at = end;
    }
}

void write_chain(const TraceWorld& world, Instalments& to) {
    TraceBatch batch;
    TraceCheck check(world);
    std::vector<TraceFinding> ignored;
    std::vector<char> rows;
    for (std::uint32_t index = 0; index < world.batches; ++index) {
        make_batch(world, index, batch);
        check.check(batch, ignored);
        add_batch(world, batch, to);
        add_documents(world, batch, check.shipped(), to);
        for (const Run& run : batch.runs) {
            rows.clear();
            append_event_rows(world, {batch.product.code, batch.first_serial}, run, false, rows);
            to.add(TraceTable::events, run.upload_time, {rows.data(), rows.size()});
        }
    }
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out)
        return Error{errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed, std::strerror(errno),
                     path.string()};
    return {};
}

constexpr const char* table_files[trace_tables] = {"products.csv", "batches.csv", "documents.csv",
                                                   "events.csv",   "duties.csv",  "settlements.csv"};

}  // namespace

std::vector<TracedBatch> traced_batches(const City& city, std::uint64_t seed) {
    TraceWorld world = city_world(city, seed);
    std::map<std::uint32_t, std::string> approvals;
    for (const StoryProduct& one : traced_products(city, world)) {
        if (world.products.size() < products_traced) world.products.push_back(one.product);
        for (const auto& record : city.products)
            if (record.category == "drug" && one.name.starts_with(record.name))
                approvals[one.product.code] = record.id;
    }
    std::vector<TracedBatch> out;
    TraceBatch batch;
    for (std::uint32_t index = 0; index < world.batches; ++index) {
        make_batch(world, index, batch);
        const auto day = [](std::int64_t seconds) { return Instant{seconds * 1'000'000}.date(); };
        out.push_back({fmt::format("B{}", batch.index), approvals[batch.product.code], day(batch.produced_at),
                       day(batch.expires_at)});
    }
    return out;
}

Result<std::vector<TraceInstalment>> write_city_trace(const City& city, std::uint64_t seed,
                                                      const std::filesystem::path& directory) {
    const std::vector<Instant> judged = {*parse_instant("2025-04-01T08:00:00+08:00"),
                                         *parse_instant("2025-06-01T08:00:00+08:00"), end_of_play()};
    std::vector<std::int64_t> cuts;
    for (const Instant& instant : judged) cuts.push_back(instant.us / 1'000'000 - 600);
    Instalments rows(cuts);
    TraceWorld world = city_world(city, seed);
    std::vector<StoryProduct> products = traced_products(city, world);
    for (const StoryProduct& one : products) {
        if (world.products.size() < products_traced) world.products.push_back(one.product);
        rows.add(TraceTable::products, 0,
                 fmt::format("{},{},{},{}\n", one.product.code, holder_id(world, one.product),
                             one.product.psychotropic ? "psychotropic_2" : "", one.name));
    }
    write_chain(world, rows);
    products.erase(products.begin(), products.begin() + products_traced);
    write_stories(world, products, rows);
    std::vector<TraceInstalment> out;
    for (std::size_t i = 0; i < rows.count(); ++i) {
        TraceInstalment one{directory / fmt::format("{}", i + 1), judged[i],
                            fmt::format("instalment {} of the sample", i + 1)};
        std::error_code failed;
        std::filesystem::create_directories(one.directory, failed);
        if (failed) return Error{ErrorCode::io_failed, failed.message(), one.directory.string()};
        for (std::size_t table = 0; table < trace_tables; ++table) {
            const std::string text = rows.text(static_cast<TraceTable>(table), i);
            if (!text.empty()) CHECK(write_file(one.directory / table_files[table], text));
        }
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace qingyuan::demo
