// The firms, products and batches of a simulated chain of custody (simulate_trace.hpp): who there is before
// anything moves.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "demo/simulate_trace.hpp"

namespace qingyuan::demo {

using FirmIndex = std::uint16_t;
inline constexpr FirmIndex no_firm = 0xFFFF;

enum class Trade : std::uint8_t {
    manufacturer,
    wholesaler,
    chain_headquarters,
    chain_store,
    pharmacy,
    hospital,
    other
};
inline constexpr int trades = 7;
[[nodiscard]] const char* word(Trade trade);

/// Times are seconds since 1970-01-01T00:00:00Z, days are days since 1970-01-01.
struct Firm {
    std::string id;
    Trade trade = Trade::other;
    FirmIndex headquarters = no_firm;
    std::uint32_t region = 0;
    bool psychotropic = false;   ///< has the scope psychotropic_2
    bool dormant = false;        ///< gets no regular deliveries: its licence lapses
    std::uint8_t lag_class = 0;  ///< 0 within 6 hours, 1 within 3 days, 2 within 30 days
    std::int32_t clock_s = 0;    ///< its clock is wrong by so many seconds
    std::int64_t licence_from = 0;
    std::int64_t licence_to = 0;  ///< both 0: no licence
};

struct TraceProduct {
    std::uint32_t code = 0;      ///< the first 7 digits of its packs' codes
    FirmIndex holder = no_firm;  ///< no_firm: a holder of elsewhere
    bool psychotropic = false;
    bool short_dated = false;
};

struct TraceWorld {
    std::uint64_t seed = 0;
    TraceLag lag = TraceLag::mixed;
    bool aggregation = false;
    bool skew = false;
    bool rfc3339 = false;
    std::vector<Firm> firms;
    std::array<FirmIndex, trades + 1> first{};  ///< first firm of each trade; the last entry is the end
    std::vector<TraceProduct> products;
    std::uint32_t batches = 0;
    int cases_min = 0, cases_max = 0;  ///< of a batch
    std::int32_t first_day = 0;        ///< of production
    std::int32_t last_production = 0;  ///< day
    std::int32_t until_day = 0;        ///< the last day of events
    std::uint32_t rare_ppm = 0;        ///< one kind of anomaly, per million packs
    std::uint32_t rare_case_ppm = 0;   ///< one kind of anomaly of a whole case, per million cases
    std::uint32_t wrong_document_ppm = 0;

    [[nodiscard]] FirmIndex count(Trade trade) const;
    [[nodiscard]] FirmIndex nth(Trade trade,
                                std::uint64_t n) const;  ///< n is taken modulo the number of them
    [[nodiscard]] bool licensed(FirmIndex firm, std::int64_t at) const;
    /// A firm of the trade that is in regular business, and has the scope where `psychotropic`.
    [[nodiscard]] FirmIndex pick(Trade trade, bool psychotropic, Random& random) const;
    /// A store of the headquarters; with the scope, or without it, where the product asks for one.
    [[nodiscard]] FirmIndex pick_store(FirmIndex headquarters, bool scope_matters, bool scope,
                                       Random& random) const;
    /// Seconds between the end of a document's scanning and its upload by the firm; `document` may be any
    /// number that stands for it.
    [[nodiscard]] std::uint32_t lag_s(FirmIndex firm, std::uint64_t document) const;
};

inline constexpr int packs_a_case = 40;
inline constexpr std::uint32_t ids_a_batch = 8192;       ///< event ids set aside for each batch
inline constexpr std::uint32_t documents_a_batch = 256;  ///< and document numbers

[[nodiscard]] std::uint64_t mixed_bits(std::uint64_t value);
[[nodiscard]] TraceWorld make_world(const TraceOptions& options);

}  // namespace qingyuan::demo
