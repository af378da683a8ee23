// The way of one case of packs from its maker to patients, with what goes wrong on it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "demo/trace_batch.hpp"

namespace qingyuan::demo {

inline constexpr std::uint32_t recalled_one_in = 50;

/// What is particular about a pack. The first group breaks a rule, the second only looks like it.
enum class Odd : std::uint8_t {
    none,
    sold_twice_here,       // 1
    sold_twice_elsewhere,  // 1: a cloned code
    sold_unreceived,       // 2
    not_shipped,           // 3
    bought_outside,        // 4
    sold_expired,          // 5
    not_produced,          // 6
    sold_recalled,         // 7
    sold_unscoped,         // 9
    flowed_back,           // 10
    to_unlicensed,         // 11
    skipped_receive,       // 12
    lost,                  // 13
    batch_differs,         // 14
    corrected_wrongly,     // a correction that itself is wrong: 3 and 13
    split_sale,
    corrected_receive,
    corrected_sale,
    misread,  // the scanner took it for a neighbour; corrected
    recoded,
    sampled,
    spoiled,
    sent_back,
};

/// What happens to a whole case.
enum class OddCase : std::uint8_t { none, bought_outside, to_unlicensed, not_shipped, lost };

struct OddPack {
    std::uint8_t pack = 0;
    Odd odd = Odd::none;
    std::uint8_t hop = 0;      ///< where it happens
    FirmIndex firm = no_firm;  ///< the other firm in it
    std::uint8_t at_case = 0;  ///< a re-coded pack's new place
    std::uint8_t new_pack = 0;
};

/// Writes the runs of the cases of a batch.
class CaseWriter {
 public:
    CaseWriter(const TraceWorld& world, Random& random, TraceBatch& batch);

    /// The cases from `first` on that the maker ships on one document; the number of the case after them.
    int consignment(int first);
    [[nodiscard]] std::uint32_t ids_used() const { return next_id_; }

 private:
    struct Shipment {  ///< of one hop
        std::uint16_t document = no_document;
        std::int32_t ship_day = 0, receive_day = 0;
        std::uint32_t ship_time = 0, receive_time = 0;
    };
    struct Case {
        std::uint8_t at = 0;
        OddCase odd = OddCase::none;
        std::uint64_t packs = 0;  ///< that move with the case now
        std::array<FirmIndex, 5> nodes{};
        int hops = 0;
        FirmIndex owner = no_firm;  ///< direct delivery: who bought it without holding it
        bool chain = false;
        bool parent = false;   ///< moves under the code of the case
        std::int32_t day = 0;  ///< of the last thing that happened
        std::vector<OddPack> odd_packs;
    };

    // the case
    void plan_route(Case& c, FirmIndex wholesaler);
    void plan_odd_packs(Case& c);
    void place_odd_pack(Case& c, OddPack& pack);
    void produce(Case& c);
    void move_case(Case& c, const Shipment* first);
    bool hop(Case& c, int at, const Shipment& shipment);
    void odd_on_hop(Case& c, int at, const Shipment& s, std::uint64_t& shipped, std::uint64_t& received);
    void corrected_on_hop(Case& c, int at, const OddPack& odd, const Shipment& s);
    void recode(Case& c, OddPack& odd, std::int32_t day);
    void single(Case& c, const OddPack& odd, const Shipment& s, FirmIndex from, FirmIndex to);

    // the end of a pack's way
    void retail(Case& c);
    void send_back(Case& c);
    void end_pack(Case& c, std::uint8_t at_case, std::uint8_t pack, FirmIndex holder, std::int32_t from_day,
                  const OddPack* odd);
    void odd_sale(const OddPack& odd, std::uint8_t at_case, FirmIndex holder, std::int32_t day, Action action,
                  std::uint32_t time);
    void flow_back(std::uint8_t at_case, std::uint8_t pack, FirmIndex holder, std::int32_t day);

    // writing
    [[nodiscard]] std::uint32_t time_of(FirmIndex firm, std::int32_t day);
    Shipment shipment(FirmIndex from, FirmIndex to, std::int32_t ship_day, std::int32_t receive_day);
    std::uint16_t document(FirmIndex seller, FirmIndex buyer);
    Run& write(Action action, FirmIndex actor, FirmIndex counterparty, std::uint8_t at_case,
               std::uint64_t packs, std::uint32_t time, std::uint16_t document = no_document);
    [[nodiscard]] bool before_end(std::int32_t day) const { return day <= world_.until_day; }
    [[nodiscard]] bool recalled(std::int32_t day) const { return recall_day_ != 0 && day >= recall_day_; }
    void destroy(std::uint8_t at_case, std::uint64_t packs, FirmIndex holder, std::int32_t day);

    const TraceWorld& world_;
    Random& random_;
    TraceBatch& batch_;
    std::uint32_t next_id_ = 0;
    std::int32_t recall_day_ = 0, expiry_day_ = 0;
    std::uint8_t extra_packs_ = 0;  ///< taken in the case after the last
};

}  // namespace qingyuan::demo
