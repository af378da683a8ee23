#include "assess/custody.hpp"

#include <algorithm>

#include "base/sm3.hpp"
#include "packs/run.hpp"

namespace qingyuan::assess {

using packs::Action;
using packs::Event;
using packs::Finding;

namespace {

constexpr std::array<std::string_view, 19> slot_ids{
    "second_sale",         "sale_without_receipt", "receipt_without_shipment",
    "outside_purchase",    "sale_after_expiry",    "never_produced",
    "sale_after_recall",   "invoice_mismatch",     "psychotropic_scope",
    "receipt_after_sale",  "unlicensed_party",     "custody_break",
    "unreceived_shipment", "batch_mismatch",       "prescription_missing",
    "settled_then_resold", "impossible_speed",     "product_not_approved",
    "clock_skew"};

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t day_ms = 86'400'000;

std::int64_t start_ms(Date date) {
    if (date == Date::never_before()) return INT64_MIN;
    if (date == Date::never_after()) return INT64_MAX;
    return start_of(date).us / 1000;
}

std::int64_t whole(const law::Rule& rule, std::string_view name, std::int64_t otherwise) {
    const auto number = rule.number_of(name);
    return number && number->is_whole() ? number->numerator() : otherwise;
}

bool is_shipment(const Event& event) {
    return event.action == Action::ship || event.action == Action::return_out;
}
bool is_receipt(const Event& event) {
    return event.action == Action::receive || event.action == Action::return_in;
}
bool is_unsplit_sale(const Event& event) {
    return packs::is_terminal(event.action) && (event.flags & packs::flag_split) == 0;
}

}  // namespace

Result<Settlements> settlements_of(packs::Index& index) {
    Settlements out;
    for (const auto& [key, value] : TRY(index.side("settlements"))) {
        packs::Taking in{value};
        const auto actor = static_cast<std::uint32_t>(in.signed_number());
        const std::int64_t settled = in.signed_number();
        const std::string code(in.text());
        if (in.ok) out.emplace(code, Settlement{actor, settled});
    }
    return out;
}

Result<std::set<std::uint32_t>> reporting_firms(packs::Index& index) {
    std::set<std::uint32_t> out;
    CHECK(index.each_tally(packs::TallyKind::prescription, [&](std::uint64_t, std::uint64_t b, std::int64_t) {
        out.insert(packs::tally_operator(b));
        return true;
    }));
    return out;
}

/// One history with what its rules ask for again and again.
struct Custody::View {
    const packs::CodeHistory& history;
    const packs::Reference& reference;
    const packs::Product* product = nullptr;
    const Event* produced = nullptr;

    [[nodiscard]] std::size_t size() const { return history.events.size(); }
    [[nodiscard]] const Event& operator[](std::size_t at) const { return *history.events[at]; }
    [[nodiscard]] const packs::Operator* find(std::uint32_t number) const {
        return number == 0 ? nullptr : &reference.operator_at(number);
    }
};

Custody::Custody(const law::Law& law) {
    static_assert(slot_ids.size() == slots);
    Sm3 digest;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        Seen& seen = rules_[slot];
        seen.id = slot_ids[slot];
        for (const law::Rule& rule : law.rules()) {
            if (rule.id != seen.id) continue;
            // Of several texts of one rule the later one's numbers are used for all of its dates.
            seen.from_ms = std::min(seen.from_ms, start_ms(rule.in_force.from));
            seen.to_ms = std::max(seen.to_ms, rule.in_force.to == Date::never_after()
                                                  ? INT64_MAX
                                                  : start_ms(rule.in_force.to) + day_ms - 1);
            seen.absence = rule.absence;
            seen.silent = rule.silent;
            digest.add(rule.id).add("\n").add(rule.version).add("\n");
            if (slot == clock_skew) skew_ms_ = whole(rule, "skew_minutes", 0) * minute_ms;
            if (slot == unreceived_shipment) receipt_days_ms_ = whole(rule, "age_days", 30) * day_ms;
            if (slot == custody_break) first_event_breaks_ = rule.flag_of("first_event");
            if (slot == prescription_missing) prescription_classes_ = rule.words_of("classes");
            if (slot == settled_then_resold)
                settled_tolerance_ms_ = whole(rule, "tolerance_minutes", 0) * minute_ms;
            if (slot == impossible_speed) {
                city_ms_ = whole(rule, "city_minutes", 0) * minute_ms;
                province_ms_ = whole(rule, "province_minutes", 0) * minute_ms;
            }
        }
    }
    version_ = hex(digest.finish()).substr(0, 16);
}

Finding& Custody::add(Slot slot, const View& view, const Event& event, std::vector<Finding>& out) const {
    const Seen& seen = rules_[slot];
    Finding& finding = out.emplace_back();
    finding.rule = seen.id;
    finding.event = event.id;
    finding.on_parent = (event.flags & (packs::flag_inherited | packs::flag_shared)) != 0;
    finding.operator_number = event.actor;
    finding.other = event.counterparty;
    finding.batch = event.batch;
    finding.document = event.document;
    finding.time_ms = event.time_ms;
    finding.absence = seen.absence;
    finding.waits_from_ms = event.time_ms;
    switch (seen.silent) {
        case law::Silent::actor: finding.silent = event.actor; break;
        case law::Silent::counterparty: finding.silent = event.counterparty; break;
        case law::Silent::holder:
            finding.silent = view.reference.holder_of(view.history.code.product());
            break;
        default: break;
    }
    return finding;
}

void Custody::settled(const View& view, const Event& event, std::vector<Finding>& out) const {
    const auto [from, to] = settlements_.equal_range(packs::code_key(view.history.code));
    for (auto at = from; at != to; ++at)
        if (at->second.settled_ms + settled_tolerance_ms_ < event.time_ms) {
            Finding& finding = add(settled_then_resold, view, event, out);
            finding.other = at->second.operator_number;
            finding.earlier_ms = at->second.settled_ms;
            return;
        }
}

/// Rules about a sale or use.
void Custody::terminal(const View& view, std::size_t at, std::vector<Finding>& out) const {
    const Event& event = view[at];
    const std::int64_t ms = event.time_ms;
    bool received = false;
    const Event* sold = nullptr;
    for (std::size_t i = 0; i < at; ++i) {
        received = received || (packs::is_inbound(view[i].action) && view[i].actor == event.actor);
        if (!sold && is_unsplit_sale(view[i])) sold = &view[i];
    }
    if (sold && is_unsplit_sale(event) && rules_[second_sale].at(ms)) {
        Finding& finding = add(second_sale, view, event, out);
        finding.earlier = sold->id;
        finding.earlier_ms = sold->time_ms;
    }
    if (!received && rules_[sale_without_receipt].at(ms)) add(sale_without_receipt, view, event, out);
    if (event.batch != 0) {
        const packs::Batch& batch = view.reference.batch_at(event.batch);
        if (ms > batch.expires_ms && rules_[sale_after_expiry].at(ms)) {
            Finding& finding = add(sale_after_expiry, view, event, out);
            finding.earlier_ms = batch.expires_ms;
            finding.counted = (ms - batch.expires_ms) / day_ms;
        }
        if (ms > batch.recalled_ms && rules_[sale_after_recall].at(ms))
            add(sale_after_recall, view, event, out).earlier_ms = batch.recalled_ms;
    }
    if (event.action == Action::dispense && view.product) {
        const packs::Operator* seller = view.find(event.actor);
        if (view.product->class_word == "psychotropic_2" && seller &&
            (packs::scope_bits(seller->scopes) & packs::scope_psychotropic_2) == 0 &&
            rules_[psychotropic_scope].at(ms))
            add(psychotropic_scope, view, event, out);
        const auto& classes = prescription_classes_;
        if (event.extra.prescription == 0 &&
            std::find(classes.begin(), classes.end(), view.product->class_word) != classes.end() &&
            reporting_.contains(event.actor) && rules_[prescription_missing].at(ms))
            add(prescription_missing, view, event, out);
    }
    if (!settlements_.empty() && rules_[settled_then_resold].at(ms)) settled(view, event, out);
}

/// Rules about a receipt.
void Custody::inbound(const View& view, std::size_t at, std::vector<Finding>& out) const {
    const Event& event = view[at];
    const std::int64_t ms = event.time_ms;
    if (event.counterparty != 0) {
        const Event* sent = nullptr;
        for (std::size_t i = 0; i < at; ++i)
            if (is_shipment(view[i]) && view[i].actor == event.counterparty &&
                view[i].counterparty == event.actor)
                sent = &view[i];
        if (!sent && rules_[receipt_without_shipment].at(ms)) add(receipt_without_shipment, view, event, out);
        if (sent && sent->time_ms > ms && rules_[clock_skew].at(ms)) {
            // The shipment was moved before its receipt: two clocks, no crime.
            Finding& finding = add(clock_skew, view, event, out);
            finding.earlier = sent->id;
            finding.earlier_ms = sent->time_ms;
            finding.counted = (sent->time_ms - ms) / minute_ms;
        }
    }
    if (event.action != Action::receive) return;
    const packs::Operator* buyer = view.find(event.actor);
    if (buyer && buyer->type == packs::OperatorType::chain_store && rules_[outside_purchase].at(ms)) {
        // Whom it was bought from: the owner of the goods where another firm only delivered them.
        const std::uint32_t seller = event.extra.owner != 0 && event.extra.owner != event.actor
                                         ? event.extra.owner
                                         : event.counterparty;
        const std::uint32_t own = view.reference.headquarters_of(event.actor);
        if (own == 0 || seller != own) add(outside_purchase, view, event, out);
    }
    for (std::size_t i = 0; i < at; ++i)
        if (packs::is_terminal(view[i].action)) {
            if (!rules_[receipt_after_sale].at(ms)) break;
            Finding& finding = add(receipt_after_sale, view, event, out);
            finding.earlier = view[i].id;
            finding.earlier_ms = view[i].time_ms;
            break;
        }
}

/// Rules about what leaves a holder.
void Custody::outbound(const View& view, std::size_t at, std::vector<Finding>& out) const {
    const Event& event = view[at];
    const std::int64_t ms = event.time_ms;
    const Event* before = at > 0 ? &view[at - 1] : nullptr;
    const bool held =
        before ? packs::is_inbound(before->action) && before->actor == event.actor : !first_event_breaks_;
    // The rest of a split pack is sold on by who split it (拆零).
    const bool rest = before && before->actor == event.actor && packs::is_terminal(event.action) &&
                      packs::is_terminal(before->action) &&
                      (event.flags & before->flags & packs::flag_split) != 0;
    if (!held && !rest && rules_[custody_break].at(ms)) {
        Finding& finding = add(custody_break, view, event, out);
        if (before) {
            finding.earlier = before->id;
            finding.earlier_ms = before->time_ms;
        }
    }
    if (event.action != Action::ship || event.counterparty == 0 || !rules_[unreceived_shipment].at(ms))
        return;
    for (std::size_t i = at + 1; i < view.size(); ++i)
        if (view[i].action == Action::receive && view[i].actor == event.counterparty &&
            view[i].counterparty == event.actor)
            return;
    Finding& finding = add(unreceived_shipment, view, event, out);
    finding.appears_ms = ms + receipt_days_ms_ + 1;
    finding.waits_from_ms = ms + receipt_days_ms_;
    finding.counted = receipt_days_ms_ / day_ms;
}

/// Rules about any event.
void Custody::anywhere(const View& view, std::size_t at, std::vector<Finding>& out) const {
    const Event& event = view[at];
    const std::int64_t ms = event.time_ms;
    if ((event.action == Action::ship || event.action == Action::receive) &&
        rules_[unlicensed_party].at(ms)) {
        const packs::Operator* actor = view.find(event.actor);
        const packs::Operator* other = view.find(event.counterparty);
        const bool actor_bad = actor && !actor->licensed_at(ms), other_bad = other && !other->licensed_at(ms);
        if (actor_bad || other_bad)
            add(unlicensed_party, view, event, out).counted = (actor_bad ? 1 : 0) + (other_bad ? 2 : 0);
    }
    if (view.produced && event.batch != 0 && view.produced->batch != 0 &&
        event.batch != view.produced->batch && rules_[batch_mismatch].at(ms)) {
        Finding& finding = add(batch_mismatch, view, event, out);
        finding.earlier = view.produced->id;
        finding.earlier_ms = view.produced->time_ms;
    }
    if (view.product && (ms > view.product->approved_to_ms || ms < view.product->approved_from_ms) &&
        event.action != Action::destroy && event.action != Action::return_out &&
        event.action != Action::return_in && rules_[product_not_approved].at(ms))
        add(product_not_approved, view, event, out).earlier_ms = view.product->approved_to_ms;
    if (at == 0 || !rules_[impossible_speed].at(ms)) return;
    const Event& before = view[at - 1];
    const packs::Operator* here = view.find(event.actor);
    const packs::Operator* there = view.find(before.actor);
    if (!here || !there || here->region.size() < 4 || there->region.size() < 4) return;
    // GB/T 2260: two digits are the province, four the city.
    const std::int64_t least = here->region.substr(0, 2) != there->region.substr(0, 2)   ? province_ms_
                               : here->region.substr(0, 4) != there->region.substr(0, 4) ? city_ms_
                                                                                         : 0;
    if (ms - before.time_ms >= least || ms < before.time_ms) return;
    Finding& finding = add(impossible_speed, view, event, out);
    finding.other = before.actor;
    finding.earlier = before.id;
    finding.earlier_ms = before.time_ms;
    finding.counted = (ms - before.time_ms) / minute_ms;
}

void Custody::judge(const packs::CodeHistory& history, const packs::Reference& reference,
                    std::vector<Finding>& out) const {
    View view{history, reference, reference.find_product(history.code.product()), nullptr};
    for (std::size_t i = 0; i < view.size() && !view.produced; ++i)
        if (view[i].action == Action::produce) view.produced = &view[i];
    for (std::size_t i = 0; i < view.size(); ++i) {
        const Action action = view[i].action;
        if (packs::is_terminal(action)) terminal(view, i, out);
        if (is_receipt(view[i])) inbound(view, i, out);
        if (action == Action::ship || action == Action::return_out || packs::is_terminal(action))
            outbound(view, i, out);
        anywhere(view, i, out);
    }
    if (!view.produced && view.size() > 0 && reference.holder_of(history.code.product()) != 0 &&
        rules_[never_produced].at(view[0].time_ms)) {
        Finding& finding = add(never_produced, view, view[0], out);
        finding.earlier = finding.event;
        finding.event = 0;
        finding.on_parent = false;
    }
}

void Custody::judge(const packs::Document& document, std::int64_t counted, std::int64_t last_ms,
                    const packs::Reference&, std::vector<Finding>& out) const {
    const Seen& seen = rules_[invoice_mismatch];
    if (counted == document.quantity || !seen.at(last_ms)) return;
    Finding& finding = out.emplace_back();
    finding.rule = seen.id;
    finding.document = document.id;
    finding.operator_number = document.seller;
    finding.other = document.buyer;
    finding.batch = document.batch;
    finding.time_ms = last_ms;
    finding.counted = counted;
    finding.stated = document.quantity;
    finding.absence = seen.absence;
    finding.silent = document.seller;
    finding.waits_from_ms = last_ms;
}

}  // namespace qingyuan::assess
