#include "demo/trace_extras.hpp"

#include <map>
#include <vector>

#include <fmt/format.h>

#include "demo/trace_rows.hpp"

namespace qingyuan::demo {

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t counted_after_days = 120;
constexpr std::uint32_t settled_percent = 3;

std::uint64_t bits_of(const TraceWorld& world, std::uint64_t topic, std::uint64_t what) {
    return mixed_bits(world.seed ^ mixed_bits(topic << 48 | what));
}

/// Of each pack of the batch, the last thing that happened to it until then.
std::vector<const Run*> last_until(const TraceBatch& batch, std::int64_t time) {
    std::vector<bool> superseded(ids_a_batch, false);
    for (const Run& run : batch.runs)
        if (run.corrects != 0) superseded[run.corrects - 1U] = true;
    std::vector<const Run*> last(static_cast<std::size_t>(batch.cases + 1) * packs_a_case, nullptr);
    for (const Run& run : batch.runs) {
        if (run.event_time > time || run.has(Run::repeated)) continue;
        std::uint32_t n = 0;
        for (std::uint64_t left = run.packs; left != 0; left &= left - 1, ++n) {
            if (superseded[run.id + n]) continue;
            const Run*& pack = last[run.at_case * 40U + static_cast<unsigned>(std::countr_zero(left))];
            if (pack == nullptr || pack->event_time <= run.event_time) pack = &run;
        }
    }
    return last;
}

}  // namespace

std::string person_id(FirmIndex firm, std::uint64_t n) {
    return fmt::format("E{}", 100U + firm * 3U + n % 3);
}

void append_stock_rows(const TraceWorld& world, const TraceBatch& batch, std::string& to) {
    const std::int64_t counted_at = batch.produced_at + counted_after_days * day_s + 14 * 3'600;
    if (counted_at / day_s > world.until_day) return;
    std::map<FirmIndex, std::int64_t> held;
    for (const Run* run : last_until(batch, counted_at))
        if (run != nullptr && inbound(run->action)) ++held[run->actor];
    for (const auto& [firm, quantity] : held) {
        const std::uint64_t bits = bits_of(world, 1, std::uint64_t{batch.index} << 16 | firm);
        if (bits % 10 != 0) continue;
        const std::int64_t wrong = bits / 10 % 50 == 0 ? static_cast<std::int64_t>(bits / 500 % 9) - 4 : 0;
        to += fmt::format("{},{},B{},{},{}\n", world.firms[firm].id, batch.product.code, batch.index,
                          std::max<std::int64_t>(quantity + wrong, 0), time_text(world, counted_at));
    }
}

void append_settlement_rows(const TraceWorld& world, const TraceBatch& batch, std::string& to) {
    for (const Run& run : batch.runs) {
        if (!terminal(run.action) || run.has(Run::repeated)) continue;
        const std::uint64_t bits = bits_of(world, 2, std::uint64_t{batch.index} << 16 | run.id);
        if (bits % 100 >= settled_percent) continue;
        char code[20];
        const std::uint32_t pack = run.at_case * 40U + static_cast<unsigned>(std::countr_zero(run.packs));
        put_code(batch.product.code, batch.first_serial + pack, code);
        // one in two hundred is settled by a pharmacy that never had it
        const FirmIndex firm = bits / 100 % 200 == 0 ? world.nth(Trade::pharmacy, bits / 20'000) : run.actor;
        to +=
            fmt::format("{},{},{}\n", std::string_view(code, 20), world.firms[firm].id,
                        time_text(world, run.event_time + 60 + static_cast<std::int64_t>(bits >> 40) % 600));
    }
}

std::string duty_rows(const TraceWorld& world) {
    std::string to = "person,operator,from,to\n";
    for (std::uint32_t firm = 0; firm < world.firms.size(); ++firm) {
        const Trade trade = world.firms[firm].trade;
        if (trade != Trade::chain_store && trade != Trade::pharmacy) continue;
        for (std::int32_t week = 0; week < 4; ++week) {
            const std::uint64_t bits = bits_of(world, 3, firm * 4ULL + static_cast<std::uint64_t>(week));
            const std::int64_t from = (world.until_day - 28 + week * 7) * day_s + 3'600;
            // one in three hundred lends the name to another shop
            const auto other =
                bits % 300 == 0 ? world.nth(Trade::chain_store, bits >> 20) : static_cast<FirmIndex>(firm);
            to += fmt::format("{},{},{},{}\n", person_id(other, static_cast<std::uint64_t>(week)),
                              world.firms[firm].id, time_text(world, from),
                              time_text(world, from + 6 * day_s + 36'000));
        }
    }
    return to;
}

std::string listing_rows(const TraceWorld& world) {
    std::string to = "id,operator,platform,product,title,captured_at,digest\n";
    std::uint32_t next = 0;
    for (std::uint32_t firm = 0; firm < world.firms.size(); ++firm) {
        const std::uint64_t bits = bits_of(world, 4, firm);
        if (world.firms[firm].trade != Trade::pharmacy || bits % 5 != 0) continue;
        for (std::uint64_t n = 0; n <= bits / 5 % 3; ++n) {
            const std::uint64_t own = bits_of(world, 5, firm * 4ULL + n);
            const TraceProduct& product = world.products[own % world.products.size()];
            const std::int64_t at =
                (world.until_day - static_cast<std::int32_t>(own >> 50) % 30) * day_s + 20'000;
            to += fmt::format("L{},{},platform_{},{},药品{},{},{:016x}{:016x}{:016x}{:016x}\n", ++next,
                              world.firms[firm].id, own / 7 % 4 + 1, product.code, product.code,
                              time_text(world, at), own, mixed_bits(own), mixed_bits(own + 1),
                              mixed_bits(own + 2));
        }
    }
    return to;
}

}  // namespace qingyuan::demo
