// The public scan page: is the code well formed, was it issued, was it sold before. Nothing finer than a day,
// no firm's volumes, no store, no patient.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/packs_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

struct Words {
    bool english = false;
    [[nodiscard]] std::string_view say(std::string_view zh, std::string_view en) const {
        return english ? en : zh;
    }
};

/// What the history of one pack says to somebody who has it in hand.
struct Seen {
    std::string_view issued = "unknown";
    std::string_view sale = "not_sold";
    std::uint32_t batch = 0;
    bool destroyed = false;
};

Seen look_at(const packs::Index::History& history, bool holder_is_here, bool product_known) {
    Seen out;
    std::size_t sales = 0;
    bool split = false;
    for (const packs::Event& event : history.events) {
        if (event.action == packs::Action::produce) out.issued = "yes";
        if (event.action == packs::Action::destroy) out.destroyed = true;
        if (event.batch != 0 && (out.batch == 0 || event.action == packs::Action::produce))
            out.batch = event.batch;
        if (!packs::is_terminal(event.action)) continue;
        if ((event.flags & packs::flag_split) != 0)
            split = true;
        else
            ++sales;
    }
    // A maker of another place uploads there: nothing here says whether it made this pack.
    if (out.issued != "yes" && product_known && !holder_is_here) out.issued = "elsewhere";
    out.sale = sales > 1 ? "sold_before" : split ? "split" : sales == 1 ? "sold_once" : "not_sold";
    return out;
}

struct Advice {
    std::string text;
    bool warn = false;
};

Advice advice_of(const Words& words, const Seen& seen, bool expired, bool recalled) {
    if (recalled)
        return {std::string(
                    words.say("该批次正在召回，请停止使用，联系购买处或者药品持有人。",
                              "This batch is being recalled: stop using it and ask where you bought it.")),
                true};
    if (seen.destroyed)
        return {std::string(words.say("该追溯码已登记销毁，仍在流通的应当举报。",
                                      "This pack was recorded as destroyed: report where you got it.")),
                true};
    if (seen.sale == "sold_before")
        return {std::string(
                    words.say("该追溯码此前已有销售记录，可能为回流药或者假冒药，请勿使用并举报。",
                              "This code was sold before: the pack may be resold or copied. Do not use it; "
                              "report it.")),
                true};
    if (expired)
        return {std::string(
                    words.say("该批次已超过有效期，请勿使用。", "This batch has expired: do not use it.")),
                true};
    if (seen.sale == "split")
        return {std::string(words.say(
                    "该药品为拆零销售，同一追溯码可以多次出现，请核对拆零袋上的信息。",
                    "Sold in parts: one code may appear several times. Check what is printed on the "
                    "bag.")),
                false};
    if (seen.issued == "unknown")
        return {std::string(words.say(
                    "暂未查到该追溯码的生产信息，请核对包装，有疑问可以举报。",
                    "Nothing is known yet of how it was made: compare the package, and report it if "
                    "in doubt.")),
                false};
    if (seen.sale == "sold_once")
        return {std::string(words.say("有一次销售记录；如果不是您本人购买的，请举报。",
                                      "It was sold once. If that was not to you, report it.")),
                false};
    return {std::string(words.say("未发现异常。", "Nothing is wrong with it as far as is known.")), false};
}

Json report_json(const std::string& code, std::string_view what) {
    return {{"prefill", {{"code", code}, {"what", what}}}};
}

/// A code that cannot be read is an answer too: most often a scanner left something out.
http::Response unreadable(const Words& words, const std::string& code, const Error& error) {
    return json_response(
        {{"code", code},
         {"well_formed", false},
         {"kind", "unknown"},
         {"problem",
          {{"title", words.say(error.zh, error.message)}, {"next", words.say(error.next_zh, error.next)}}},
         {"product", nullptr},
         {"maker", nullptr},
         {"issued", "unknown"},
         {"sale", "not_sold"},
         {"expired", false},
         {"recalled", false},
         {"advice", words.say("无法识别该追溯码；包装上确实如此印刷的，可以举报。",
                              "The code cannot be read. If it is printed like that, report it.")},
         {"warn", false},
         {"report", report_json(code, words.say("包装上的追溯码无法识别",
                                                "the trace code on the package cannot be "
                                                "read"))}});
}

std::string_view kind_text(packs::CodeKind kind) {
    constexpr std::string_view names[] = {"national", "gs1", "sscc", "own"};
    return names[std::min<std::size_t>(static_cast<std::size_t>(kind), 3)];
}

Answer shown(const Call& call, const Words& words, packs::Index& index, const packs::ScannedCode& scanned) {
    const packs::Index::History history = TRY(index.history(scanned.code));
    Json product = nullptr, maker = nullptr;
    bool holder_is_here = false, product_known = false;
    std::int64_t expires_ms = INT64_MAX, recalled_ms = INT64_MAX;
    Seen seen;
    {
        const auto held = index.hold();
        const packs::Reference& reference = index.reference();
        if (const packs::Product* found = reference.find_product(scanned.code.product())) {
            product_known = true;
            product = {{"name", found->name.empty() ? std::to_string(found->code) : found->name}};
            const std::uint32_t holder = reference.holder_of(found->code);
            holder_is_here = holder != 0;
            if (holder != 0) {
                const packs::Operator& firm = reference.operator_at(holder);
                maker = firm.name.empty() ? firm.id : firm.name;
            }
        }
        seen = look_at(history, holder_is_here, product_known);
        if (seen.batch == 0) seen.batch = reference.find_batch(scanned.batch);
        if (seen.batch != 0) {
            expires_ms = reference.batch_at(seen.batch).expires_ms;
            recalled_ms = reference.batch_at(seen.batch).recalled_ms;
        }
    }
    const std::int64_t now_ms = call.now.us / 1000;
    const bool expired = expires_ms < now_ms, recalled = recalled_ms <= now_ms;
    const Advice advice = advice_of(words, seen, expired, recalled);
    std::string what(words.say("扫描药品追溯码后举报", "reported after scanning the pack"));
    if (advice.warn) what += (words.english ? ": " : "：") + advice.text;
    return json_response({{"code", scanned.text},
                          {"well_formed", true},
                          {"kind", kind_text(scanned.code.kind())},
                          {"problem", nullptr},
                          {"product", std::move(product)},
                          {"maker", std::move(maker)},
                          {"issued", seen.issued},
                          {"sale", seen.sale},
                          {"expired", expired},
                          {"recalled", recalled},
                          {"advice", advice.text},
                          {"warn", advice.warn},
                          {"report", report_json(scanned.text, what)}});
}

}  // namespace

Answer public_pack(const Call& call) {
    const Words words{call.english};
    const std::string code(trim(call.parameter("code")));
    if (code.empty())
        return Error{ErrorCode::usage,
                     "give the code as ?code=…",
                     "code",
                     {},
                     "scan the pack, or type its code",
                     "请提供追溯码",
                     "请扫描包装上的追溯码或者手工输入"};
    PackDesk* desk = TRY(pack_desk(call));
    const auto scanned = scanned_code(code);
    if (!scanned) return unreadable(words, code.substr(0, 64), scanned.error());
    return shown(call, words, desk->index(), *scanned);
}

}  // namespace qingyuan::api
