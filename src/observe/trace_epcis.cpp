#include "observe/trace_epcis.hpp"

#include <array>

#include <fmt/format.h>

#include "base/date.hpp"
#include "observe/epcis_hash.hpp"
#include "packs/code.hpp"

namespace qingyuan::observe {

namespace {

struct StepMeaning {
    std::string_view step;
    std::string_view action;
    std::string_view returned;  ///< where the disposition says that the goods come back
};
// CBV 2.0, 7.1 and 7.2; the mapping to the actions of the flat format is ours.
constexpr std::array<StepMeaning, 13> steps{{{"commissioning", "produce", "produce"},
                                             {"repackaging", "produce", "produce"},
                                             {"shipping", "ship", "return_out"},
                                             {"departing", "ship", "return_out"},
                                             {"receiving", "receive", "return_in"},
                                             {"accepting", "receive", "return_in"},
                                             {"retail_selling", "dispense", "dispense"},
                                             {"dispensing", "dispense", "dispense"},
                                             {"consuming", "use", "use"},
                                             {"void_shipping", "return_in", "return_in"},
                                             {"destroying", "destroy", "destroy"},
                                             {"decommissioning", "destroy", "destroy"},
                                             {"sampling", "sample", "sample"}}};

std::string_view action_of(const Event& event) {
    const std::string_view step = event.biz_step.value();
    const bool returned = event.disposition.value() == "returned";
    for (const StepMeaning& meaning : steps)
        if (meaning.step == step) return returned ? meaning.returned : meaning.action;
    return "other";
}

/// The party of a kind, possession before ownership.
std::string_view party(const std::vector<TypedId>& parties) {
    std::string_view owner, place;
    for (const TypedId& one : parties) {
        if (one.type.value() == "possessing_party") return one.id;
        if (one.type.value() == "owning_party") owner = one.id;
        if (one.type.value() == "location") place = one.id;
    }
    return owner.empty() ? place : owner;
}

std::string_view owner(const std::vector<TypedId>& parties) {
    for (const TypedId& one : parties)
        if (one.type.value() == "owning_party") return one.id;
    return {};
}

/// The company part of an identifier: what stands behind the last ':' or '/', without an extension.
std::string bare(std::string_view id) {
    const std::size_t cut = id.find_last_of(":/");
    std::string out(cut == std::string_view::npos ? id : id.substr(cut + 1));
    for (char& c : out)
        if (c == ',' || c == '"' || static_cast<unsigned char>(c) < 0x21) c = '_';
    return out;
}

std::string_view batch_of(const Event& event) {
    for (std::int32_t at = event.ilmd.first; at >= 0; at = event.nodes[static_cast<std::size_t>(at)].next) {
        const Node& node = event.nodes[static_cast<std::size_t>(at)];
        if (node.name == "lotNumber" || node.name == "batchLot") return node.text;
    }
    return {};
}

std::string_view document_of(const Event& event) {
    for (const std::string_view kind : {"inv", "desadv", "recadv", "rma", "po"})
        for (const TypedId& one : event.transactions)
            if (one.type.value() == kind) return one.id;
    return event.transactions.empty() ? std::string_view() : event.transactions.front().id;
}

std::string cell(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c == ',' || c == '"' || static_cast<unsigned char>(c) < 0x20) c = '_';
    return out;
}

std::string time_text(std::int64_t ms) {
    const std::int64_t days = ms >= 0 ? ms / 86'400'000 : -((-ms + 86'399'999) / 86'400'000);
    const Date date{static_cast<std::int32_t>(days)};
    const std::int64_t rest = ms - days * 86'400'000;
    return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", date.text(), rest / 3'600'000, rest / 60'000 % 60,
                       rest / 1000 % 60, rest % 1000);
}

void relate(const Event& event, std::vector<packs::Relation>& relations) {
    if (event.type != EventType::aggregation || event.parent_id.empty() || event.action == Action::observe)
        return;
    const auto parent = packs::parse_code(event.parent_id);
    if (!parent) return;
    for (const std::string_view epc : event.children) {
        const auto child = packs::parse_code(epc);
        if (!child) continue;
        // An unpacking is a relation that ends where it begins.
        const bool ends = event.action == Action::remove;
        relations.push_back(
            {child->code, parent->code, event.event_time.ms, ends ? event.event_time.ms : INT64_MAX});
    }
}

}  // namespace

namespace {

/// Who did it: who gives, or who takes; else the place it was read at.
std::string_view actor_of(const Event& event, std::string_view action) {
    const bool inbound = action == "receive" || action == "return_in";
    const std::string_view actor = inbound ? party(event.destinations) : party(event.sources);
    if (!actor.empty()) return actor;
    return event.biz_location.id.empty() ? event.read_point.id : event.biz_location.id;
}

}  // namespace

std::string epcis_actor(const Event& event) {
    return bare(actor_of(event, action_of(event)));
}

void flat_lines(const Event& event, EventHasher& hasher, std::int64_t uploaded_ms, std::string& lines,
                std::vector<packs::Relation>& relations) {
    relate(event, relations);
    const std::string_view action = action_of(event);
    const std::string_view from = party(event.sources), to = party(event.destinations);
    const bool inbound = action == "receive" || action == "return_in";
    const std::string_view actor = actor_of(event, action);
    std::string_view other = inbound ? from : to;
    if (action == "produce" || action == "dispense" || action == "use") other = {};
    if (actor.empty()) return;
    const std::string id = event.event_id.empty() ? hasher.hash_id(event) : std::string(event.event_id);
    const std::string_view held = inbound ? owner(event.destinations) : owner(event.sources);
    const std::string tail = fmt::format(
        "{},{},{},{},{},{},{},{},{},{}\n", action, bare(actor), other.empty() ? "" : bare(other),
        time_text(event.event_time.ms),
        time_text(event.record_time.present ? event.record_time.ms : uploaded_ms), cell(batch_of(event)),
        bare(document_of(event)), event.disposition.value() == "partially_dispensed" ? "1" : "",
        event.error.present ? cell(id) : "", held.empty() || bare(held) == bare(actor) ? "" : bare(held));
    const auto add = [&](std::string_view epc) {
        lines += fmt::format("{},{},{}", cell(event.error.present ? id + "#void" : id), cell(epc), tail);
    };
    for (const std::string_view epc : event.epcs) add(epc);
    for (const std::string_view epc : event.outputs) add(epc);
    // What happens to a case happens to what is in it; the event is kept once, on the case.
    if (event.epcs.empty() && event.outputs.empty() && !event.parent_id.empty() &&
        event.type != EventType::association)
        if (event.type == EventType::transaction || action != "other") add(event.parent_id);
}

}  // namespace qingyuan::observe
