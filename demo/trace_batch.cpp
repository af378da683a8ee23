#include "demo/trace_batch.hpp"

#include <algorithm>

#include "demo/trace_case.hpp"

namespace qingyuan::demo {

namespace {

constexpr std::int64_t day_s = 86'400;

void describe(const TraceWorld& world, Random& random, TraceBatch& batch) {
    batch.product = world.products[batch.index % world.products.size()];
    batch.produced_day = static_cast<std::int32_t>(random.between(world.first_day, world.last_production));
    batch.produced_at = batch.produced_day * day_s;
    const std::int64_t valid_days =
        batch.product.short_dated ? random.between(150, 200) : 30 * random.between(18, 36);
    batch.expires_at = (batch.produced_day + valid_days) * day_s;
    batch.recalled_at = 0;
    if (batch.index % recalled_one_in == 5)
        batch.recalled_at = (batch.produced_day + random.between(45, 75)) * day_s;
    batch.cases = static_cast<int>(random.between(world.cases_min, world.cases_max));
    const auto of_product = static_cast<std::uint32_t>(batch.index / world.products.size());
    batch.first_serial = 1'000'000 + of_product * 1'024 + static_cast<std::uint32_t>(random.below(300));
    batch.aggregated = 0;
    batch.runs.clear();
    batch.documents.clear();
}

/// Some documents are sent twice: the same rows again, at once or in a later file.
void repeat_some(Random& random, TraceBatch& batch) {
    const std::size_t count = batch.runs.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (!random.chance(2, 1000)) continue;
        Run again = batch.runs[i];
        again.flags |= Run::repeated;
        if (random.chance(1, 2))
            again.upload_time += static_cast<std::uint32_t>(random.between(600, 432'000));
        batch.runs.push_back(again);
    }
}

/// Invoices that say another quantity, and invoices nobody shipped anything on.
void spoil_documents(const TraceWorld& world, Random& random, TraceBatch& batch) {
    for (InvoicedDocument& document : batch.documents)
        if (random.chance(world.wrong_document_ppm, 1'000'000))
            document.wrong_by = static_cast<std::int32_t>(random.chance(1, 2) ? random.between(1, 5) : -1);
    if (random.chance(world.wrong_document_ppm * 2ULL, 1'000'000))
        batch.documents.push_back({world.pick(Trade::wholesaler, false, random),
                                   world.pick(Trade::pharmacy, false, random),
                                   static_cast<std::int32_t>(random.between(1, 40))});
}

}  // namespace

const char* word(Action action) {
    constexpr const char* words[actions] = {"produce",    "ship",      "receive", "dispense", "use",
                                            "return_out", "return_in", "destroy", "sample"};
    return words[static_cast<int>(action)];
}

void make_batch(const TraceWorld& world, std::uint32_t index, TraceBatch& batch) {
    batch.index = index;
    Random random(mixed_bits(world.seed) ^ mixed_bits(0x42A7C4ULL << 32 | index));
    describe(world, random, batch);
    CaseWriter writer(world, random, batch);
    for (int at = 0; at < batch.cases;) at = writer.consignment(at);
    repeat_some(random, batch);
    spoil_documents(world, random, batch);
    QY_ASSERT(writer.ids_used() <= ids_a_batch && batch.documents.size() <= documents_a_batch);
}

}  // namespace qingyuan::demo
