#include "demo/trace_case.hpp"

#include <algorithm>

namespace qingyuan::demo {

namespace {

constexpr std::uint64_t full_case = (1ULL << packs_a_case) - 1;
constexpr std::uint32_t million = 1'000'000;

[[nodiscard]] std::uint64_t bit(int pack) {
    return 1ULL << pack;
}

/// How many packs in a million are odd so, for a batch of this kind.
struct Share {
    Odd odd;
    std::uint32_t ppm;
};

std::vector<Share> shares(const TraceWorld& world, const TraceBatch& batch) {
    const std::uint32_t rare = world.rare_ppm;
    std::vector<Share> all = {{Odd::sold_twice_here, rare / 2},
                              {Odd::sold_twice_elsewhere, rare / 2},
                              {Odd::sold_unreceived, rare},
                              {Odd::not_shipped, rare},
                              {Odd::bought_outside, rare * 2},
                              {Odd::flowed_back, rare},
                              {Odd::to_unlicensed, rare},
                              {Odd::skipped_receive, rare},
                              {Odd::lost, rare},
                              {Odd::batch_differs, world.batches > 1 ? rare : 0},
                              {Odd::corrected_wrongly, rare / 4},
                              {Odd::split_sale, 10'000},
                              {Odd::corrected_receive, 1'000},
                              {Odd::corrected_sale, 1'000},
                              {Odd::misread, 300},
                              {Odd::recoded, 500},
                              {Odd::sampled, 1'000},
                              {Odd::spoiled, 5'000},
                              {Odd::sent_back, 41'000}};  // a pack in fifty, and only chains take packs back
    if (batch.product.holder != no_firm) all.push_back({Odd::not_produced, rare});
    if (batch.product.short_dated) all.push_back({Odd::sold_expired, rare * 8});
    if (batch.recalled_at != 0)
        all.push_back({Odd::sold_recalled, std::min(rare * recalled_one_in, 200'000U)});
    if (batch.product.psychotropic) all.push_back({Odd::sold_unscoped, std::min(rare * 33, 200'000U)});
    return all;
}

/// Whether the pack leaves the case, or its case, before the case has arrived.
bool on_the_way(Odd odd) {
    switch (odd) {
        case Odd::not_shipped:
        case Odd::bought_outside:
        case Odd::sold_unscoped:
        case Odd::to_unlicensed:
        case Odd::skipped_receive:
        case Odd::lost:
        case Odd::batch_differs:
        case Odd::corrected_wrongly:
        case Odd::corrected_receive:
        case Odd::recoded: return true;
        default: return false;
    }
}

}  // namespace

CaseWriter::CaseWriter(const TraceWorld& world, Random& random, TraceBatch& batch)
    : world_(world), random_(random), batch_(batch) {
    recall_day_ = static_cast<std::int32_t>(batch.recalled_at / 86'400);
    expiry_day_ = static_cast<std::int32_t>(batch.expires_at / 86'400);
}

int CaseWriter::consignment(int first) {
    const int after = std::min(batch_.cases, first + 1 + static_cast<int>(random_.below(6)));
    const FirmIndex wholesaler = world_.pick(Trade::wholesaler, batch_.product.psychotropic, random_);
    const auto ship_day = static_cast<std::int32_t>(batch_.produced_day + random_.between(3, 15));
    Shipment together = shipment(batch_.product.holder, wholesaler, ship_day,
                                 static_cast<std::int32_t>(ship_day + random_.between(1, 3)));
    for (int at = first; at < after; ++at) {
        Case c;
        c.at = static_cast<std::uint8_t>(at);
        c.packs = full_case;
        c.day = batch_.produced_day;
        plan_route(c, wholesaler);
        plan_odd_packs(c);
        produce(c);
        const bool direct = c.owner != no_firm;
        if (!direct && together.document == no_document && batch_.product.holder != no_firm)
            together.document = document(batch_.product.holder, wholesaler);
        move_case(c, direct ? nullptr : &together);
        together.ship_time += 300;
        together.receive_time += 300;
    }
    return after;
}

void CaseWriter::plan_route(Case& c, FirmIndex wholesaler) {
    const bool scope = batch_.product.psychotropic;
    const bool local = batch_.product.holder != no_firm;
    c.nodes[0] = batch_.product.holder;
    c.nodes[1] = wholesaler;
    c.hops = 1;
    if (random_.chance(1, 4)) {
        const FirmIndex second = world_.pick(Trade::wholesaler, scope, random_);
        if (second != wholesaler) c.nodes[static_cast<std::size_t>(++c.hops)] = second;
    }
    const std::uint64_t way = random_.below(1000);
    c.chain = way < 485;
    if (random_.chance(world_.rare_case_ppm * 4ULL, million))
        c.odd = static_cast<OddCase>(1 + random_.below(4));
    if (c.odd == OddCase::bought_outside) c.chain = true;
    if (c.chain) {
        const FirmIndex heads = world_.pick(Trade::chain_headquarters, scope, random_);
        if (c.odd != OddCase::bought_outside) c.nodes[static_cast<std::size_t>(++c.hops)] = heads;
        c.nodes[static_cast<std::size_t>(++c.hops)] = world_.pick_store(heads, scope, true, random_);
        c.chain = c.odd != OddCase::bought_outside;
    } else {
        if (local && c.odd == OddCase::none && random_.chance(2, 100)) {  // direct delivery
            c.owner = wholesaler;
            c.hops = 0;
        }
        c.nodes[static_cast<std::size_t>(++c.hops)] =
            world_.pick(way < 785 ? Trade::hospital : Trade::pharmacy, scope, random_);
    }
    if (c.odd == OddCase::to_unlicensed)
        c.nodes[static_cast<std::size_t>(c.hops)] = world_.pick(Trade::other, false, random_);
}

void CaseWriter::plan_odd_packs(Case& c) {
    const std::vector<Share> all = shares(world_, batch_);
    std::uint32_t some = 0;
    for (const Share& share : all) some += share.ppm;
    for (int i = 0; i < packs_a_case; ++i) {
        auto draw = static_cast<std::uint32_t>(random_.below(million));
        if (draw >= some) continue;
        OddPack pack;
        pack.pack = static_cast<std::uint8_t>(i);
        for (const Share& share : all) {
            if (draw < share.ppm) {
                pack.odd = share.odd;
                break;
            }
            draw -= share.ppm;
        }
        place_odd_pack(c, pack);
        if (pack.odd != Odd::none) c.odd_packs.push_back(pack);
    }
    c.parent = world_.aggregation &&
               std::ranges::none_of(c.odd_packs, [](const OddPack& odd) { return on_the_way(odd.odd); });
    if (c.parent) batch_.aggregated |= 1ULL << c.at;
}

/// Where it happens and with whom; Odd::none where it cannot happen to this case.
void CaseWriter::place_odd_pack(Case& c, OddPack& pack) {
    const int first = batch_.product.holder == no_firm ? 1 : 0;  // what came before the first hop is not ours
    const FirmIndex last = c.nodes[static_cast<std::size_t>(c.hops)];
    pack.hop = static_cast<std::uint8_t>(random_.between(first, c.hops - 1));
    pack.firm = last;
    if (c.odd != OddCase::none && on_the_way(pack.odd)) pack.odd = Odd::none;
    switch (pack.odd) {
        case Odd::skipped_receive:
            if (c.hops - 2 < first)
                pack.odd = Odd::none;
            else
                pack.hop = static_cast<std::uint8_t>(random_.between(first, c.hops - 2));
            break;
        case Odd::bought_outside: pack.hop = static_cast<std::uint8_t>(c.hops - 1); [[fallthrough]];
        case Odd::sent_back:
            if (!c.chain) pack.odd = Odd::none;
            break;
        case Odd::sold_unscoped: {
            pack.hop = static_cast<std::uint8_t>(c.hops - 1);
            if (c.chain)
                pack.firm = world_.pick_store(world_.firms[last].headquarters, true, false, random_);
            else
                do pack.firm = world_.pick(Trade::pharmacy, false, random_);
                while (world_.firms[pack.firm].psychotropic);
            break;
        }
        case Odd::to_unlicensed:
            pack.hop = static_cast<std::uint8_t>(c.hops - 1);
            pack.firm = world_.pick(Trade::other, false, random_);
            break;
        case Odd::sold_unreceived:
        case Odd::sold_twice_elsewhere:
        case Odd::corrected_sale:
            pack.firm = world_.pick(random_.chance(1, 2) ? Trade::chain_store : Trade::pharmacy,
                                    batch_.product.psychotropic, random_);
            break;
        case Odd::corrected_receive:
        case Odd::corrected_wrongly:
            pack.firm = world_.pick(Trade::wholesaler, false, random_);
            if (pack.firm == c.nodes[pack.hop]) pack.odd = Odd::none;
            break;
        case Odd::recoded:
            if (c.hops < 2 || first != 0 || extra_packs_ >= packs_a_case) {
                pack.odd = Odd::none;
                break;
            }
            pack.at_case = static_cast<std::uint8_t>(batch_.cases);
            pack.new_pack = extra_packs_++;
            break;
        default: break;
    }
}

void CaseWriter::produce(Case& c) {
    if (batch_.product.holder == no_firm) return;
    std::uint64_t packs = c.packs;
    for (const OddPack& odd : c.odd_packs)
        if (odd.odd == Odd::not_produced) packs &= ~bit(odd.pack);
    const auto time = static_cast<std::uint32_t>(batch_.produced_at + 3'600 + c.at * 600 +
                                                 world_.firms[batch_.product.holder].clock_s);
    write(Action::produce, batch_.product.holder, no_firm, c.at, packs, time);
}

void CaseWriter::move_case(Case& c, const Shipment* first) {
    for (int at = 0; at < c.hops; ++at) {
        const FirmIndex from = c.nodes[static_cast<std::size_t>(at)];
        const FirmIndex to = c.nodes[static_cast<std::size_t>(at) + 1];
        Shipment s;
        if (at == 0 && first != nullptr) {
            s = *first;
        } else {
            const bool from_heads = world_.firms[from].trade == Trade::chain_headquarters;
            const auto ship_day = static_cast<std::int32_t>(c.day + random_.between(2, from_heads ? 11 : 20));
            s = shipment(from, to, ship_day, static_cast<std::int32_t>(ship_day + random_.between(1, 2)));
        }
        if (!before_end(s.receive_day)) return;
        if (recalled(s.ship_day)) return destroy(c.at, c.packs, from, recall_day_ + 1);
        if (s.document == no_document && from != no_firm)
            s.document = document(at == 0 && c.owner != no_firm ? c.owner : from, to);
        if (!hop(c, at, s)) return;
        c.day = s.receive_day;
    }
    retail(c);
}

/// Ship and receive; false where the case goes no further.
bool CaseWriter::hop(Case& c, int at, const Shipment& s) {
    const FirmIndex from = c.nodes[static_cast<std::size_t>(at)];
    const FirmIndex to = c.nodes[static_cast<std::size_t>(at) + 1];
    const bool last = at == c.hops - 1;
    std::uint64_t shipped = c.packs, received = c.packs;
    if (from == no_firm) shipped = 0;
    if (last && c.odd == OddCase::lost) received = 0;
    if (last && c.odd == OddCase::not_shipped) {
        shipped = 0;
        batch_.documents[s.document].wrong_by = std::popcount(received);
    }
    odd_on_hop(c, at, s, shipped, received);
    const auto set = [&](Run& run) {
        if (at == 0) run.owner = c.owner;
        if (c.parent) run.flags |= Run::parent;
    };
    if (shipped != 0) set(write(Action::ship, from, to, c.at, shipped, s.ship_time, s.document));
    if (received != 0) {
        std::uint32_t time = s.receive_time;
        if (world_.skew && random_.chance(1, 1000))
            time = s.ship_time - static_cast<std::uint32_t>(random_.between(600, 72'000));
        set(write(Action::receive, to, from, c.at, received, time, s.document));
    }
    for (OddPack& odd : c.odd_packs)
        if (odd.odd == Odd::recoded && at == 0) recode(c, odd, s.receive_day);
    return !(last && (c.odd == OddCase::lost || c.odd == OddCase::to_unlicensed));
}

void CaseWriter::odd_on_hop(Case& c, int at, const Shipment& s, std::uint64_t& shipped,
                            std::uint64_t& received) {
    const FirmIndex from = c.nodes[static_cast<std::size_t>(at)];
    const FirmIndex to = c.nodes[static_cast<std::size_t>(at) + 1];
    const auto part = [&](const OddPack& odd) {  // from here on it goes its own way
        shipped &= ~bit(odd.pack), received &= ~bit(odd.pack), c.packs &= ~bit(odd.pack);
    };
    for (OddPack& odd : c.odd_packs) {
        if (odd.odd == Odd::bought_outside && at == c.hops - 2) part(odd);
        if (odd.odd == Odd::recoded && at > 0) {  // the new code goes on with the case, on the same document
            const std::uint64_t pack = bit(odd.new_pack);
            write(Action::ship, from, to, odd.at_case, pack, s.ship_time, s.document);
            write(Action::receive, to, from, odd.at_case, pack, s.receive_time, s.document);
        }
        if (odd.hop != at) continue;
        switch (odd.odd) {
            case Odd::not_shipped: shipped &= ~bit(odd.pack); break;
            case Odd::skipped_receive: received &= ~bit(odd.pack); break;
            case Odd::lost: received &= ~bit(odd.pack), c.packs &= ~bit(odd.pack); break;
            case Odd::bought_outside: single(c, odd, s, c.nodes[static_cast<std::size_t>(at) - 1], to); break;
            case Odd::sold_unscoped:
            case Odd::to_unlicensed:
                part(odd);
                single(c, odd, s, from, odd.firm);
                break;
            case Odd::batch_differs:
                received &= ~bit(odd.pack);
                write(Action::receive, to, from, c.at, bit(odd.pack), s.receive_time, s.document).flags |=
                    Run::other_batch;
                break;
            case Odd::corrected_receive:
            case Odd::corrected_wrongly:
                received &= ~bit(odd.pack);
                corrected_on_hop(c, at, odd, s);
                break;
            default: break;
        }
    }
}

/// A receive that named another supplier, and the one that takes its place; or the other way round.
void CaseWriter::corrected_on_hop(Case& c, int at, const OddPack& odd, const Shipment& s) {
    const FirmIndex from = c.nodes[static_cast<std::size_t>(at)];
    const FirmIndex to = c.nodes[static_cast<std::size_t>(at) + 1];
    const bool wrongly = odd.odd == Odd::corrected_wrongly;
    const int tries = !wrongly && random_.chance(1, 4) ? 3 : 2;  // some are corrected twice
    std::uint16_t before = 0;
    std::uint32_t uploaded = 0;
    for (int i = 1; i <= tries; ++i) {
        const bool right = (i == tries) != wrongly;
        Run& run = write(Action::receive, to, right ? from : odd.firm, c.at, bit(odd.pack), s.receive_time,
                         s.document);
        if (at == 0) run.owner = c.owner;
        run.corrects = before;
        if (i > 1) run.upload_time = uploaded + static_cast<std::uint32_t>(random_.between(3'600, 400'000));
        before = static_cast<std::uint16_t>(run.id + 1);
        uploaded = run.upload_time;
    }
}

/// The old code ends at the wholesaler, a new one of the same batch begins there.
void CaseWriter::recode(Case& c, OddPack& odd, std::int32_t day) {
    const FirmIndex firm = c.nodes[1];
    c.packs &= ~bit(odd.pack);
    if (!before_end(day + 1)) return;  // then it is shipped no further either
    const std::uint32_t time = time_of(firm, day + 1);
    write(Action::destroy, firm, no_firm, c.at, bit(odd.pack), time);
    write(Action::produce, firm, no_firm, odd.at_case, bit(odd.new_pack), time + 60);
}

/// One pack on a document of its own, and its end at the receiver's.
void CaseWriter::single(Case& c, const OddPack& odd, const Shipment& s, FirmIndex from, FirmIndex to) {
    FirmIndex receiver = to;
    if (odd.odd == Odd::to_unlicensed && random_.chance(1, 2)) {
        const FirmIndex pharmacies = world_.count(Trade::pharmacy);
        const FirmIndex lapsed = world_.nth(Trade::pharmacy, 39 + 40 * random_.below(pharmacies / 40U));
        if (!world_.licensed(lapsed, s.ship_time - 90'000LL)) receiver = lapsed;
    }
    const std::uint16_t own = document(from, receiver);
    write(Action::ship, from, receiver, c.at, bit(odd.pack), time_of(from, s.ship_day), own);
    write(Action::receive, receiver, from, c.at, bit(odd.pack), time_of(receiver, s.receive_day), own);
    if (odd.odd != Odd::to_unlicensed) end_pack(c, c.at, odd.pack, receiver, s.receive_day, &odd);
}

void CaseWriter::retail(Case& c) {
    const FirmIndex holder = c.nodes[static_cast<std::size_t>(c.hops)];
    send_back(c);
    std::array<const OddPack*, packs_a_case> of{};
    for (const OddPack& odd : c.odd_packs) {
        of[odd.pack] = &odd;
        if (odd.odd == Odd::recoded) end_pack(c, odd.at_case, odd.new_pack, holder, c.day, nullptr);
    }
    for (std::uint64_t left = c.packs; left != 0; left &= left - 1) {
        const auto pack = static_cast<std::uint8_t>(std::countr_zero(left));
        end_pack(c, c.at, pack, holder, c.day, of[pack]);
    }
}

/// Packs that a store returns to its headquarters and that another store sells.
void CaseWriter::send_back(Case& c) {
    std::uint64_t packs = 0;
    for (const OddPack& odd : c.odd_packs)
        if (odd.odd == Odd::sent_back) packs |= bit(odd.pack);
    packs &= c.packs;
    if (packs == 0) return;
    const FirmIndex store = c.nodes[static_cast<std::size_t>(c.hops)],
                    heads = world_.firms[store].headquarters;
    const auto out = static_cast<std::int32_t>(c.day + random_.between(5, 30));
    const auto in = static_cast<std::int32_t>(out + random_.between(1, 3));
    const auto again = static_cast<std::int32_t>(in + random_.between(2, 6));
    const auto arrived = static_cast<std::int32_t>(again + random_.between(1, 2));
    if (!before_end(arrived) || recalled(arrived) || arrived > expiry_day_ - 5) return;
    c.packs &= ~packs;
    const FirmIndex other = world_.pick_store(heads, batch_.product.psychotropic, true, random_);
    const std::uint16_t back = document(store, heads);
    const std::uint16_t onward = document(heads, other);
    if (random_.chance(1,
                       100)) {  // it had been sold, and goes back into the trade through the chain: 12, 10, 1
        const auto sold = static_cast<std::int32_t>(c.day + random_.between(1, 4));
        write(Action::dispense, store, no_firm, c.at, packs, time_of(store, sold));
    }
    if (random_.chance(1, 100)) {  // the store never said that it sent anything back: 3
        batch_.documents[back].wrong_by = std::popcount(packs);
    } else {
        write(Action::return_out, store, heads, c.at, packs, time_of(store, out), back);
    }
    write(Action::return_in, heads, store, c.at, packs, time_of(heads, in), back);
    write(Action::ship, heads, other, c.at, packs, time_of(heads, again), onward);
    write(Action::receive, other, heads, c.at, packs, time_of(other, arrived), onward);
    for (; packs != 0; packs &= packs - 1)
        end_pack(c, c.at, static_cast<std::uint8_t>(std::countr_zero(packs)), other, arrived, nullptr);
}

void CaseWriter::end_pack(Case&, std::uint8_t at_case, std::uint8_t pack, FirmIndex holder,
                          std::int32_t from_day, const OddPack* odd) {
    const Odd kind = odd == nullptr ? Odd::none : odd->odd;
    const bool hospital = world_.firms[holder].trade == Trade::hospital;
    auto day = static_cast<std::int32_t>(from_day + random_.between(1, 60));
    bool late = false;
    if (kind == Odd::sold_expired)
        day = static_cast<std::int32_t>(expiry_day_ + random_.between(1, 20)), late = true;
    if (kind == Odd::sold_recalled)
        day = static_cast<std::int32_t>(std::max(recall_day_, from_day) + random_.between(1, 20)),
        late = true;
    const bool sold = late || (kind != Odd::none && kind < Odd::sampled) || random_.chance(87, 100);
    if (!late) {
        if (kind == Odd::sampled || kind == Odd::spoiled) {
            if (before_end(day))
                write(kind == Odd::sampled ? Action::sample : Action::destroy, holder, no_firm, at_case,
                      bit(pack), time_of(holder, day));
            return;
        }
        if (recall_day_ != 0 && (!sold || recalled(day)))
            return destroy(at_case, bit(pack), holder, recall_day_ + 1);
        if (!sold || day >= expiry_day_ - 1) return destroy(at_case, bit(pack), holder, expiry_day_ + 1);
    }
    if (!before_end(day)) return;
    const Action action = hospital && random_.chance(3, 10) ? Action::use : Action::dispense;
    const std::uint32_t time = time_of(holder, day);
    if (kind == Odd::none) {
        write(action, holder, no_firm, at_case, bit(pack), time);
    } else {
        odd_sale(*odd, at_case, holder, day, action, time);
    }
}

void CaseWriter::odd_sale(const OddPack& odd, std::uint8_t at_case, FirmIndex holder, std::int32_t day,
                          Action action, std::uint32_t time) {
    const std::uint64_t packs = bit(odd.pack);
    const auto later =
        static_cast<std::int32_t>(std::min<std::int64_t>(day + random_.between(1, 30), world_.until_day));
    switch (odd.odd) {
        case Odd::sold_unreceived:
            write(Action::dispense, odd.firm, no_firm, at_case, packs, time_of(odd.firm, day));
            return;
        case Odd::split_sale: {
            if (world_.firms[holder].trade == Trade::hospital) break;
            const auto sales = random_.between(2, 5);
            for (std::int64_t i = 0; i < sales && before_end(day);
                 ++i, day += 1 + static_cast<int>(random_.below(4)))
                write(Action::dispense, holder, no_firm, at_case, packs, i == 0 ? time : time_of(holder, day))
                    .flags |= Run::split;
            return;
        }
        case Odd::corrected_sale:
        case Odd::misread: {
            const bool misread = odd.odd == Odd::misread;
            const std::uint64_t wrong = misread ? bit((odd.pack + 1) % packs_a_case) : packs;
            const Run first = write(action, misread ? holder : odd.firm, no_firm, at_case, wrong, time);
            Run& second = write(action, holder, no_firm, at_case, packs, time);
            second.corrects = static_cast<std::uint16_t>(first.id + 1);
            second.upload_time =
                first.upload_time + static_cast<std::uint32_t>(random_.between(3'600, 400'000));
            return;
        }
        default: break;
    }
    write(action, holder, no_firm, at_case, packs, time);
    if (later == day) return;
    if (odd.odd == Odd::sold_twice_here)
        write(action, holder, no_firm, at_case, packs, time_of(holder, later));
    if (odd.odd == Odd::sold_twice_elsewhere)
        write(Action::dispense, odd.firm, no_firm, at_case, packs, time_of(odd.firm, later));
    if (odd.odd == Odd::flowed_back) flow_back(at_case, odd.pack, holder, later);
}

/// A pack that was dispensed comes back into the trade.
void CaseWriter::flow_back(std::uint8_t at_case, std::uint8_t pack, FirmIndex holder, std::int32_t day) {
    if (!before_end(day + 1)) return;
    const FirmIndex from = random_.chance(1, 2) ? holder : world_.pick(Trade::other, false, random_);
    const FirmIndex to = world_.pick(Trade::wholesaler, false, random_);
    const std::uint16_t own = document(from, to);
    write(Action::ship, from, to, at_case, bit(pack), time_of(from, day), own);
    write(Action::receive, to, from, at_case, bit(pack), time_of(to, day + 1), own);
}

void CaseWriter::destroy(std::uint8_t at_case, std::uint64_t packs, FirmIndex holder, std::int32_t day) {
    day += static_cast<std::int32_t>(random_.below(20));
    if (before_end(day) && holder != no_firm && packs != 0)
        write(Action::destroy, holder, no_firm, at_case, packs, time_of(holder, day));
}

std::uint32_t CaseWriter::time_of(FirmIndex firm, std::int32_t day) {
    const std::int64_t clock_s = firm == no_firm ? 0 : world_.firms[firm].clock_s;
    return static_cast<std::uint32_t>(day * 86'400LL + 3'600 + clock_s +  // 9:00 to 19:00 in China
                                      static_cast<std::int64_t>(random_.below(36'000)));
}

CaseWriter::Shipment CaseWriter::shipment(FirmIndex from, FirmIndex to, std::int32_t ship_day,
                                          std::int32_t receive_day) {
    return {no_document, ship_day, receive_day, time_of(from, ship_day), time_of(to, receive_day)};
}

std::uint16_t CaseWriter::document(FirmIndex seller, FirmIndex buyer) {
    batch_.documents.push_back({seller, buyer});
    return static_cast<std::uint16_t>(batch_.documents.size() - 1);
}

Run& CaseWriter::write(Action action, FirmIndex actor, FirmIndex counterparty, std::uint8_t at_case,
                       std::uint64_t packs, std::uint32_t time, std::uint16_t document) {
    Run run;
    run.packs = packs;
    run.batch = batch_.index;
    run.event_time = time;
    run.id = static_cast<std::uint16_t>(next_id_);
    run.actor = actor;
    run.counterparty = counterparty;
    run.document = document;
    run.at_case = at_case;
    run.action = action;
    const int scanned = std::popcount(packs);
    run.pace_s = scanned > 1 ? static_cast<std::uint8_t>(random_.between(2, 7)) : 0;
    next_id_ += static_cast<std::uint32_t>(scanned);
    // a firm's sales of a day are one upload
    const std::uint64_t together = document == no_document
                                       ? 1ULL << 40 | time / 86'400
                                       : std::uint64_t{batch_.index} * documents_a_batch + document;
    run.upload_time = time + run.pace_s * static_cast<std::uint32_t>(scanned) + world_.lag_s(actor, together);
    batch_.runs.push_back(run);
    return batch_.runs.back();
}

}  // namespace qingyuan::demo
