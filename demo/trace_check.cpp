#include "demo/trace_check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace qingyuan::demo {

namespace {

constexpr std::uint64_t check_key = 0x51C9'A3E0'77D2'1B4F;

}  // namespace

void put_digits(std::uint64_t value, int digits, char* to) {
    for (int i = digits; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

void put_code(std::uint32_t product, std::uint32_t serial, char* to) {
    put_digits(product, 7, to);
    put_digits(serial, 9, to + 7);
    put_digits(mixed_bits(check_key ^ (product * 1'000'000'000ULL + serial)) % 10'000, 4, to + 16);
}

std::string document_id(const TraceBatch& batch, std::uint32_t document) {
    return fmt::format("D{}", std::uint64_t{batch.index} * documents_a_batch + document);
}

/// The events of each pack, those superseded left out, ordered by time and then by id.
void TraceCheck::expand(const TraceBatch& batch) {
    superseded_.assign(ids_a_batch, false);
    for (const Run& run : batch.runs)
        if (run.corrects != 0) superseded_[run.corrects - 1U] = true;
    begin_.assign(static_cast<std::size_t>(batch.cases + 1) * packs_a_case + 1, 0);
    for (const Run& run : batch.runs)
        if (!run.has(Run::repeated))
            for (std::uint64_t left = run.packs; left != 0; left &= left - 1)
                ++begin_[run.at_case * 40U + static_cast<unsigned>(std::countr_zero(left))];
    std::uint32_t sum = 0;
    for (std::uint32_t& begin : begin_) sum += begin, begin = sum;
    events_.resize(sum);
    shipped_.assign(batch.documents.size(), 0);
    for (const Run& run : batch.runs) {
        if (run.has(Run::repeated)) continue;
        std::uint32_t n = 0;
        for (std::uint64_t left = run.packs; left != 0; left &= left - 1, ++n) {
            const std::uint32_t step = run.has(Run::parent) ? 0 : n;
            const std::uint32_t pack = run.at_case * 40U + static_cast<unsigned>(std::countr_zero(left));
            const auto id = static_cast<std::uint16_t>(run.id + step);
            events_[--begin_[pack]] = {
                run.event_time + step * run.pace_s, id, run.actor, run.counterparty, run.action, run.flags};
            if (outbound(run.action) && !superseded_[id]) ++shipped_[run.document];
        }
    }
}

void TraceCheck::check(const TraceBatch& batch, std::vector<TraceFinding>& findings) {
    expand(batch);
    for (std::uint32_t pack = 0; pack + 1 < begin_.size(); ++pack) {
        Event* first = events_.data() + begin_[pack];
        Event* last = events_.data() + begin_[pack + 1];
        last = std::remove_if(first, last, [this](const Event& e) { return superseded_[e.id]; });
        std::sort(first, last, [](const Event& a, const Event& b) {
            return a.time != b.time ? a.time < b.time : a.id < b.id;
        });
        if (first != last) history(batch, pack, first, static_cast<std::size_t>(last - first), findings);
    }
    for (std::uint32_t i = 0; i < batch.documents.size(); ++i)
        if (batch.documents[i].wrong_by != 0) findings.push_back({8, document_id(batch, i)});
}

/// The rules, as bits, that the event at `at` breaks.
std::uint32_t TraceCheck::broken(const TraceBatch& batch, const Event* events, std::size_t count,
                                 std::size_t at) const {
    const Event& e = events[at];
    const Event* before = events;
    const Event* now = events + at;
    std::uint32_t rules = 0;
    const bool ends = terminal(e.action);
    const auto sold = [](const Event& o) { return terminal(o.action); };
    const auto sold_whole = [&](const Event& o) { return sold(o) && (o.flags & Run::split) == 0; };
    const auto taken_in = [&](const Event& o) { return inbound(o.action) && o.actor == e.actor; };
    const auto sent = [&](const Event& o) {
        return outbound(o.action) && o.actor == e.counterparty && o.counterparty == e.actor;
    };
    const bool receives = e.action == Action::receive;
    if (ends) {
        if (sold_whole(e) && std::any_of(before, now, sold_whole)) rules |= 1U << 1;
        if (std::none_of(before, now, taken_in)) rules |= 1U << 2;
        if (e.time > batch.expires_at) rules |= 1U << 5;
        if (batch.recalled_at != 0 && e.time > batch.recalled_at) rules |= 1U << 7;
        if (e.action == Action::dispense && batch.product.psychotropic && !world_.firms[e.actor].psychotropic)
            rules |= 1U << 9;
    }
    if ((receives || e.action == Action::return_in) && e.counterparty != no_firm &&
        std::none_of(before, now, sent))
        rules |= 1U << 3;
    if (receives) {
        const Firm& firm = world_.firms[e.actor];
        if (firm.trade == Trade::chain_store && e.counterparty != firm.headquarters) rules |= 1U << 4;
        if (std::any_of(before, now, sold)) rules |= 1U << 10;
    }
    if ((receives || e.action == Action::ship) &&
        (!world_.licensed(e.actor, e.time) ||
         (e.counterparty != no_firm && !world_.licensed(e.counterparty, e.time))))
        rules |= 1U << 11;
    if (ends || outbound(e.action)) {
        // the rest of an opened pack is sold by who opened it
        const bool rest = at > 0 && ends && (e.flags & Run::split) != 0 && sold(now[-1]) &&
                          (now[-1].flags & Run::split) != 0 && now[-1].actor == e.actor;
        if (!rest && (at == 0 || !taken_in(now[-1]))) rules |= 1U << 12;
    }
    if (e.action == Action::ship && std::none_of(now + 1, events + count, [&](const Event& o) {
            return o.action == Action::receive && o.actor == e.counterparty && o.counterparty == e.actor;
        }))
        rules |= 1U << 13;  // every shipment is older than 30 days at the truth's time
    return rules;
}

void TraceCheck::history(const TraceBatch& batch, std::uint32_t serial, Event* events, std::size_t count,
                         std::vector<TraceFinding>& findings) {
    const bool produced =
        std::any_of(events, events + count, [](const Event& e) { return e.action == Action::produce; });
    const auto code = [&] {
        std::string text(20, '0');
        put_code(batch.product.code, batch.first_serial + serial, text.data());
        return text;
    };
    if (!produced && batch.product.holder != no_firm) findings.push_back({6, code()});
    for (std::size_t at = 0; at < count; ++at) {
        std::uint32_t rules = broken(batch, events, count, at);
        if (produced && (events[at].flags & Run::other_batch) != 0) rules |= 1U << 14;
        for (; rules != 0; rules &= rules - 1) {
            std::string key = fmt::format("{}", event_number(batch.index, events[at].id));
            if ((events[at].flags & Run::parent) != 0) key += "/" + code();
            findings.push_back({static_cast<std::uint8_t>(std::countr_zero(rules)), std::move(key)});
        }
    }
}

}  // namespace qingyuan::demo
