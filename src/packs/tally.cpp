#include "packs/tally.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "packs/run.hpp"

namespace qingyuan::packs {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;

std::uint64_t hash_of(const TallyKey& key) {
    std::uint64_t x =
        key.a * 0x9e3779b97f4a7c15ULL ^ (key.b + static_cast<std::uint64_t>(key.kind) * 0x51ULL);
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    return x ^ (x >> 29);
}

}  // namespace

std::string tally_group(TallyKind kind, std::uint64_t a) {
    return std::string(1, static_cast<char>(kind)) + big(a);
}
std::string TallyKey::group() const {
    return tally_group(kind, a);
}
std::string TallyKey::rest() const {
    return big(b);
}

std::uint64_t tally_number(std::string_view bytes) {
    return from_big(bytes);
}

std::int64_t tally_value(std::string_view stored) {
    std::uint64_t value = 0;
    for (std::size_t i = std::min<std::size_t>(stored.size(), 8); i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(stored[i]);
    return static_cast<std::int64_t>(value);
}

std::uint64_t tally_use(std::uint32_t actor, std::int64_t time_ms) {
    return std::uint64_t{actor} << 24 | (static_cast<std::uint64_t>(time_ms / 86'400'000) & 0xffffff);
}
std::uint32_t tally_operator(std::uint64_t b) {
    return static_cast<std::uint32_t>(b >> 24);
}
std::int64_t tally_day(std::uint64_t b) {
    return static_cast<std::int64_t>(b & 0xffffff);
}

std::uint64_t tally_move(std::uint64_t product, std::int64_t time_ms) {
    return product << 17 | (static_cast<std::uint64_t>(time_ms / period_ms) & 0x1ffff);
}
std::uint64_t tally_product(std::uint64_t a) {
    return a >> 17;
}
std::int64_t tally_period_ms(std::uint64_t a) {
    return static_cast<std::int64_t>(a & 0x1ffff) * period_ms;
}

unsigned lag_bucket(std::int64_t lag_ms) {
    if (lag_ms <= hour_ms) return 0;
    const double doublings = std::log2(static_cast<double>(lag_ms) / static_cast<double>(hour_ms));
    return std::min(lag_buckets - 1, static_cast<unsigned>(std::ceil(doublings * 4)));
}

std::int64_t lag_of_bucket(unsigned bucket) {
    return static_cast<std::int64_t>(static_cast<double>(hour_ms) * std::exp2(bucket / 4.0));
}

std::int64_t lag_at(const LagCounts& counts, double share) {
    const auto all = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    std::int64_t sum = 0;
    unsigned bucket = 0;
    for (; bucket + 1 < lag_buckets; ++bucket) {
        sum += counts[bucket];
        if (static_cast<double>(sum) >= share * static_cast<double>(all)) break;
    }
    return lag_of_bucket(bucket);
}

void Tallies::add(const TallyKey& key, std::int64_t delta) {
    if (used_.size() * 2 > slots_.size()) grow();
    for (std::size_t at = hash_of(key) & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
        Slot& slot = slots_[at];
        if (!slot.used) {
            slot = {key, delta, true};
            used_.push_back(static_cast<std::uint32_t>(at));
            return;
        }
        if (slot.key == key) {
            slot.sum += delta;
            return;
        }
    }
}

void Tallies::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    const std::vector<std::uint32_t> used = std::exchange(used_, {});
    for (const std::uint32_t at : used) add(old[at].key, old[at].sum);
}

void Tallies::each(const std::function<void(const TallyKey&, std::int64_t)>& visit) const {
    std::vector<const Slot*> order;
    order.reserve(used_.size());
    for (const std::uint32_t at : used_)
        if (slots_[at].sum != 0) order.push_back(&slots_[at]);
    std::sort(order.begin(), order.end(), [](const Slot* a, const Slot* b) { return a->key < b->key; });
    for (const Slot* slot : order) visit(slot->key, slot->sum);
}

void Tallies::clear() {
    for (const std::uint32_t at : used_) slots_[at].used = false;
    used_.clear();
}

Whereabouts whereabouts(std::span<const Event* const> history) {
    Whereabouts out;
    for (const Event* event : history) {
        if (event->batch != 0 && (out.batch == 0 || event->action == Action::produce))
            out.batch = event->batch;
        switch (event->action) {
            case Action::produce:
            case Action::receive:
            case Action::return_in:
                out.holder = event->actor;
                out.fate = Fate::held;
                break;
            case Action::ship:
            case Action::return_out:
                out.holder = 0;
                out.fate = Fate::in_transit;
                break;
            case Action::dispense:
            case Action::use:
                // A split pack stays where it is until somebody says that it is used up.
                out.holder = (event->flags & flag_split) != 0 ? event->actor : 0;
                out.fate = (event->flags & flag_split) != 0 ? Fate::held : Fate::used;
                break;
            case Action::destroy:
                out.holder = 0;
                out.fate = Fate::destroyed;
                break;
            case Action::sample:
                out.holder = 0;
                out.fate = Fate::sampled;
                break;
            case Action::other: break;
        }
    }
    return out;
}

void add_share(std::span<const Event* const> history, std::int64_t sign, Tallies& out) {
    bool produced = false;
    for (const Event* event : history) {
        if (event->document != 0 && (event->action == Action::ship || event->action == Action::return_out))
            out.add({TallyKind::document, event->document, 0}, sign);
        if (event->action == Action::ship || (is_terminal(event->action) && !(event->flags & flag_split)))
            out.add({TallyKind::volume, tally_move(event->code.product(), event->time_ms), event->actor},
                    sign);
        produced = produced || event->action == Action::produce;
        if (event->extra.person != 0)
            out.add({TallyKind::person, event->extra.person, tally_use(event->actor, event->time_ms)}, sign);
        if (event->extra.prescription != 0 && is_terminal(event->action))
            out.add(
                {TallyKind::prescription, event->extra.prescription, tally_use(event->actor, event->time_ms)},
                sign);
    }
    const Whereabouts now = whereabouts(history);
    if (now.batch == 0) return;
    out.add({TallyKind::fate, now.batch, static_cast<std::uint64_t>(now.fate)}, sign);
    if (produced) out.add({TallyKind::fate, now.batch, static_cast<std::uint64_t>(Fate::produced)}, sign);
    if (now.holder != 0) {
        out.add({TallyKind::held_batch, now.batch, now.holder}, sign);
        out.add({TallyKind::held_operator, now.holder, now.batch}, sign);
    }
}

}  // namespace qingyuan::packs
