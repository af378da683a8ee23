// One pack: what happened to it, who had it when, what it lay in, and what was found about it.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t children_shown = 200;
constexpr std::size_t events_shown = 2'000;  ///< of one code; more is no pack
constexpr std::size_t code_bytes_max = 512;

using packs::Action;

std::string_view kind_text(packs::CodeKind kind) {
    switch (kind) {
        case packs::CodeKind::national: return "national";
        case packs::CodeKind::gs1: return "gs1";
        case packs::CodeKind::sscc: return "sscc";
        default: return "own";
    }
}

bool is_outbound(Action action) {
    return action == Action::ship || action == Action::return_out;
}

struct Strip {
    PackView& view;
    const packs::Index::History& history;

    /// The parent that the code lay in at the time of an inherited event.
    [[nodiscard]] Json parent_at(const packs::Event& event) const {
        const packs::Relation* found = nullptr;
        for (const packs::Relation& relation : history.relations)
            if (relation.from_ms <= event.time_ms && event.time_ms < relation.to_ms &&
                (!found || relation.from_ms > found->from_ms))
                found = &relation;
        return found ? Json(view.index().text_of(found->parent)) : Json(nullptr);
    }

    [[nodiscard]] Result<Json> event_json(const packs::Event& event, bool moved) const {
        packs::Index& index = view.index();
        const bool inherited = (event.flags & packs::flag_inherited) != 0;
        return Json{{"id", index.text_of(event.id)},
                    {"action", packs::action_names[static_cast<std::size_t>(event.action)]},
                    {"actor", TRY(view.firm_json(event.actor))},
                    {"counterparty", TRY(view.firm_json(event.counterparty))},
                    {"owner", TRY(view.firm_json(event.extra.owner))},
                    {"time", time_json(event.time_ms)},
                    {"uploaded", time_json(event.uploaded_ms)},
                    {"batch", text_or_null(event.batch == 0 ? std::string() : view.batch(event.batch).id)},
                    {"document", text_or_null(index.text_of(event.document))},
                    {"split", (event.flags & packs::flag_split) != 0},
                    {"via_parent", inherited ? parent_at(event) : Json(nullptr)},
                    {"moved_by_clock", moved}};
    }

    [[nodiscard]] Result<Json> events() const {
        Json out = Json::array();
        std::int64_t before = INT64_MIN;
        for (const packs::Event& event : history.events) {
            if (out.size() == events_shown) break;
            out.push_back(TRY(event_json(event, event.time_ms < before)));
            before = std::max(before, event.time_ms);
        }
        return out;
    }

    [[nodiscard]] Result<Json> superseded() const {
        Json out = Json::array();
        for (const packs::Event& event : history.superseded) {
            if (out.size() == events_shown) break;
            const auto corrects = [&](const packs::Event& other) { return other.extra.corrects == event.id; };
            const bool corrected = event.id != 0 && (std::ranges::any_of(history.events, corrects) ||
                                                     std::ranges::any_of(history.superseded, corrects));
            Json one = TRY(event_json(event, false));
            one["reason"] = corrected || event.extra.corrects != 0 ? "corrected" : "sent_again";
            out.push_back(std::move(one));
        }
        return out;
    }
};

}  // namespace

std::vector<HandOver> hand_overs(const std::vector<packs::Event>& events) {
    std::vector<HandOver> out;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const packs::Event& event = events[i];
        if (event.counterparty == 0 || event.counterparty == event.actor) continue;
        if (is_outbound(event.action)) {
            out.push_back({event.actor, event.counterparty, i, no_event, event.time_ms});
            continue;
        }
        if (event.action != Action::receive && event.action != Action::return_in) continue;
        const auto sent = std::find_if(out.rbegin(), out.rend(), [&](const HandOver& one) {
            return one.received == no_event && one.from == event.counterparty && one.to == event.actor;
        });
        if (sent == out.rend()) {
            out.push_back({event.counterparty, event.actor, no_event, i, event.time_ms});
        } else {
            sent->received = i;
            sent->time_ms = event.time_ms;
        }
    }
    return out;
}

namespace {

Result<Json> edges_json(PackView& view, const packs::Index::History& history) {
    Json out = Json::array();
    const auto id_of = [&](std::size_t at) {
        return at == no_event ? Json(nullptr) : Json(view.index().text_of(history.events[at].id));
    };
    for (const HandOver& one : hand_overs(history.events)) {
        if (out.size() == events_shown) break;
        out.push_back({{"from", TRY(view.firm_json(one.from))},
                       {"to", TRY(view.firm_json(one.to))},
                       {"shipped", id_of(one.shipped)},
                       {"received", id_of(one.received)},
                       {"time", time_json(one.time_ms)}});
    }
    return out;
}

Result<Json> product_of(PackView& view, std::uint64_t code) {
    if (code == 0) return Json(nullptr);
    Json out = view.product_json(code);
    std::uint32_t holder = 0;
    std::string class_word;
    {
        const auto held = view.index().hold();
        const packs::Product* product = view.index().reference().find_product(code);
        if (!product) return Json(nullptr);
        holder = view.index().reference().holder_of(code);
        class_word = product->class_word;
    }
    out["holder"] = TRY(view.firm_json(holder));
    out["class"] = class_word;
    return out;
}

Json batch_json(const packs::Batch& batch) {
    if (batch.id.empty()) return nullptr;
    return {{"id", batch.id},
            {"produced", time_json(batch.produced_ms)},
            {"expires", time_json(batch.expires_ms)},
            {"recalled", time_json(batch.recalled_ms)}};
}

Json children_json(packs::Index& index, const std::vector<packs::PackCode>& children) {
    Json first = Json::array();
    for (std::size_t i = 0; i < std::min(children.size(), children_shown); ++i)
        first.push_back(index.text_of(children[i]));
    return {{"count", children.size()}, {"first", std::move(first)}};
}

/// Findings about firms of the reader's; those about others are theirs to look at.
Result<Json> findings_json(PackView& view, packs::PackCode code) {
    Json out = Json::array();
    for (const packs::Finding& one : TRY(view.index().findings(code)))
        if (TRY(view.sees(one.operator_number))) out.push_back(TRY(view.finding_json(one)));
    return out;
}

Result<Json> pack_json(PackView& view, const packs::ScannedCode& scanned) {
    packs::Index& index = view.index();
    const packs::PackCode code = scanned.code;
    const packs::Index::History history = TRY(index.history(code));
    const auto children = TRY(index.children(code));
    const bool known = !history.events.empty() || !history.superseded.empty() || !history.relations.empty() ||
                       !children.empty();
    Json product = TRY(product_of(view, code.product()));
    if (!known && product.is_null() && code.kind() == packs::CodeKind::own)
        return no_such_pack_record(scanned.text, "pack code", "追溯码");
    std::vector<const packs::Event*> ordered;
    for (const packs::Event& event : history.events) ordered.push_back(&event);
    const packs::Whereabouts now = packs::whereabouts(ordered);
    const std::uint32_t number = now.batch != 0 ? now.batch : view.find_batch(scanned.batch);
    Json parents = Json::array();
    for (const packs::Relation& relation : history.relations)
        if (const std::string parent = index.text_of(relation.parent);
            std::ranges::find(parents, Json(parent)) == parents.end())
            parents.push_back(parent);
    constexpr std::string_view fates[] = {"unknown", "used", "destroyed", "sampled", "in_transit", "held"};
    const Strip strip{view, history};
    return Json{{"code", scanned.text},
                {"kind", kind_text(code.kind())},
                {"product", std::move(product)},
                {"batch", number == 0 ? Json(nullptr) : batch_json(view.batch(number))},
                {"whereabouts",
                 {{"fate", ordered.empty() ? "unknown" : fates[static_cast<std::size_t>(now.fate)]},
                  {"holder", ordered.empty() ? Json(nullptr) : TRY(view.firm_json(now.holder))}}},
                {"events", TRY(strip.events())},
                {"superseded", TRY(strip.superseded())},
                {"edges", TRY(edges_json(view, history))},
                {"parents", std::move(parents)},
                {"children", children_json(index, children)},
                {"findings", TRY(findings_json(view, code))}};
}

}  // namespace

Result<packs::ScannedCode> scanned_code(std::string_view text) {
    auto scanned =
        text.size() > code_bytes_max
            ? Result<packs::ScannedCode>(
                  Error{ErrorCode::code_malformed, "no pack code is that long", {}, {}, {}, "追溯码过长"})
            : packs::parse_code(text);
    if (scanned) return scanned;
    Error error = std::move(scanned).error();
    error.where = "code";
    if (error.next.empty()) error.next = "scan it again, or type the characters as they are printed";
    if (error.zh.empty()) error.zh = error.info().zh;
    if (error.next_zh.empty()) error.next_zh = "请重新扫描，或者按包装上印刷的字符输入";
    return error;
}

Answer pack_code(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        const packs::ScannedCode scanned = TRY(scanned_code(call.path.at("code")));
        Json body = TRY(pack_json(view, scanned));
        CHECK(view.note("pack " + scanned.text));
        return json_response(body);
    });
}

}  // namespace qingyuan::api
