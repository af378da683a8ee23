// A batch: where its packs are, who holds how many, and notices of a recall to them in one action.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/notices.hpp"
#include "api/packs_view.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t staff_max = 500;  ///< people of one firm who are told

struct Holder {
    std::uint32_t number = 0;
    std::int64_t held = 0;
};

Result<std::uint32_t> batch_of(const Call& call, const PackView& view) {
    const std::string& id = call.path.at("id");
    const std::uint32_t number = view.find_batch(id);
    if (number == 0) return no_such_pack_record(id, "batch", "批号");
    return number;
}

/// The most packs first.
Result<std::vector<Holder>> holders_of(PackView& view, std::uint32_t batch) {
    std::vector<Holder> out;
    for (const auto& [number, held] : TRY(view.index().tally(packs::TallyKind::held_batch, batch)))
        if (number != 0 && held > 0) out.push_back({static_cast<std::uint32_t>(number), held});
    std::ranges::sort(out, [](const Holder& a, const Holder& b) {
        return a.held != b.held ? a.held > b.held : a.number < b.number;
    });
    return out;
}

Result<Json> fates_json(PackView& view, std::uint32_t batch) {
    using packs::Fate;
    std::array<std::int64_t, 6> packs_by_fate{};
    for (const auto& [fate, count] : TRY(view.index().tally(packs::TallyKind::fate, batch)))
        if (fate < packs_by_fate.size()) packs_by_fate[fate] = std::max<std::int64_t>(count, 0);
    const auto of = [&](Fate fate) { return packs_by_fate[static_cast<std::size_t>(fate)]; };
    const std::int64_t found =
        of(Fate::held) + of(Fate::in_transit) + of(Fate::used) + of(Fate::destroyed) + of(Fate::sampled);
    return Json{{"produced", of(Fate::produced)},
                {"held", of(Fate::held)},
                {"in_transit", of(Fate::in_transit)},
                {"used", of(Fate::used)},
                {"destroyed", of(Fate::destroyed)},
                {"sampled", of(Fate::sampled)},
                {"unaccounted", std::max<std::int64_t>(of(Fate::produced) - found, 0)}};
}

/// People of the firm in post who have an account.
Result<std::vector<std::string>> staff_of(const journal::Reader& reader, const std::string& firm,
                                          Date today) {
    std::vector<std::string> out;
    const journal::Query at_firm{.where = {{"organisation", journal::Compare::equal, {firm}}},
                                 .limit = staff_max};
    for (const facts::PersonRow& person : TRY(reader.view<facts::PersonRow>().list(at_firm))) {
        if (!TRY(registry::find_person(reader, person.id, today))) continue;
        const journal::Query accounts{.where = {{"person", journal::Compare::equal, {person.id}}},
                                      .limit = 10};
        const auto found = TRY(reader.view<facts::AccountRow>().list(accounts));
        if (std::ranges::any_of(found, [](const facts::AccountRow& one) { return one.state == "active"; }))
            out.push_back(person.id);
    }
    return out;
}

NoticeRow notice_of(const Call& call, const packs::Batch& batch, const std::string& product,
                    std::string person, const std::string& text) {
    NoticeRow row{
        .id = hex(sm3(fmt::format("recall\n{}\n{}\n{}", person, batch.id, text))).substr(0, 32),
        .person = std::move(person),
        .kind = "recall",
        .dossier = {},
        .procedure = {},
        .limit = {},
        .due_on = {},
        .zh = fmt::format("药品召回通知：{}，批号{}。请立即停止销售和使用，封存库存并反馈数量。", product,
                          batch.id),
        .en = fmt::format(
            "Recall of {}, batch {}: stop selling and using it, set the stock aside and report how many.",
            product, batch.id),
        .link = "/portal/",
        .at = call.now.us,
        .unread = true};
    if (!text.empty()) {
        row.zh += text;
        row.en += " " + text;
    }
    return row;
}

}  // namespace

Answer pack_batch(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        const std::uint32_t number = TRY(batch_of(call, view));
        const packs::Batch batch = view.batch(number);
        Json holders = Json::array();
        std::int64_t elsewhere = 0;
        for (const Holder& one : TRY(holders_of(view, number))) {
            if (!TRY(view.sees(one.number)))
                ++elsewhere;  // another authority's firm: what it holds is its own affair
            else
                holders.push_back({{"operator", TRY(view.firm_json(one.number))}, {"held", one.held}});
        }
        std::int64_t findings = 0;
        const auto table = TRY(view.findings());
        for (const FindingRef& one : table->rows)
            if (one.batch == number && one.status != packs::FindingStatus::withdrawn &&
                TRY(view.sees(one.operator_number)))
                ++findings;
        CHECK(view.note("batch " + batch.id, static_cast<std::int64_t>(holders.size())));
        return json_response({{"batch",
                               {{"id", batch.id},
                                {"product", view.product_json(batch.product)},
                                {"holder", TRY(view.firm_json(view.find_firm(batch.holder)))},
                                {"produced", time_json(batch.produced_ms)},
                                {"expires", time_json(batch.expires_ms)},
                                {"recalled", time_json(batch.recalled_ms)}}},
                              {"fates", TRY(fates_json(view, number))},
                              {"holders", std::move(holders)},
                              {"elsewhere", elsewhere},
                              {"findings", findings}});
    });
}

Answer recall_notices(const Call& call) {
    const Json body = TRY(body_of(call, {"text"}));
    const std::string text = TRY(text_in(body, "text"));
    std::vector<NoticeRow> notices;
    Json without = Json::array();
    std::int64_t notified = 0;
    Answer refused = with_packs(call, [&](PackView& view) -> Answer {
        const std::uint32_t number = TRY(batch_of(call, view));
        const packs::Batch batch = view.batch(number);
        const Json product = view.product_json(batch.product);
        const std::string name = product.is_null() ? std::string() : product["name"].get<std::string>();
        for (const Holder& one : TRY(holders_of(view, number))) {
            if (!TRY(view.sees(one.number))) continue;
            const auto staff = TRY(staff_of(view.reader(), view.firm(one.number).id, call.now.date()));
            if (staff.empty()) without.push_back(TRY(view.firm_json(one.number)));
            notified += !staff.empty();
            for (const std::string& person : staff)
                notices.push_back(notice_of(call, batch, name, person, text));
        }
        if (notified == 0 && without.empty())
            return Error{ErrorCode::condition_unmet,
                         "no firm of your area holds packs of this batch",
                         {},
                         {},
                         "look at the batch: who holds it lies elsewhere, or nobody has uploaded it",
                         "本辖区没有企业持有该批次",
                         "请查看批次去向，持有者可能在其他辖区或者尚未上传"};
        CHECK(view.note("recall of batch " + batch.id, notified));
        return no_content();
    });
    if (!refused) return refused;
    TRY(call.services.notices.tell(std::move(notices), call.now));
    return json_response({{"notified", notified}, {"without_account", std::move(without)}}, 201);
}

}  // namespace qingyuan::api
