// Desks of those who receive and send: leads, referrals to partner agencies, what must be published. Each is
// a few lists, what is due first; the steps are those of the procedures.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "act/authority.hpp"
#include "api/case_api.hpp"
#include "api/doors.hpp"
#include "api/lists.hpp"
#include "api/plan_desk.hpp"
#include "api/present.hpp"
#include "law/redaction.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t shown_max = 100;

struct Group {
    std::string_view id, zh, en;
    std::vector<std::string> states;
};

using Extra = std::function<Result<void>(Presenter&, const facts::DossierRow&, Json&)>;

/// Dossiers of one procedure in some states that the caller may list: by deadline, those without one last.
Result<std::vector<facts::DossierRow>> rows_in(const Call& call, const journal::Reader& reader,
                                               std::string_view procedure,
                                               const std::vector<std::string>& states, std::uint64_t& total) {
    const access::Scope scope = call.scope(access::Kind::dossier);
    std::vector<facts::DossierRow> out;
    if (scope.nothing()) return out;
    journal::Query query;
    std::vector<journal::Key> keys(states.begin(), states.end());
    query.where = {{"procedure", journal::Compare::equal, {std::string(procedure)}},
                   {"state", journal::Compare::one_of, std::move(keys)}};
    query.any = access::branches(scope);
    total += TRY(reader.view<facts::DossierRow>().count(query, exact_max));
    query.limit = shown_max;
    query.order_by = "due";
    auto with = query;
    with.where.push_back({"due", journal::Compare::greater, {std::int64_t{0}}});
    out = TRY(reader.view<facts::DossierRow>().list(with));
    if (out.size() < shown_max) {
        query.where.push_back({"due", journal::Compare::equal, {std::int64_t{0}}});
        query.order_by = "seq";
        query.descending = true;
        query.limit = shown_max - out.size();
        for (auto& row : TRY(reader.view<facts::DossierRow>().list(query))) out.push_back(std::move(row));
    }
    return out;
}

Answer desk(const Call& call, std::string_view procedure, const std::vector<Group>& groups,
            const Extra& extra) {
    http::Response response;
    bool note = false;
    std::int64_t shown = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        note = call.scope(access::Kind::dossier).note;
        Presenter present(call.services, reader, call.now);
        const std::int64_t today = call.now.date().days;
        Json out = Json::array();
        for (const Group& group : groups) {
            std::uint64_t total = 0;
            Json rows = Json::array();
            std::int64_t due_today = 0, late = 0;
            for (const facts::DossierRow& row : TRY(rows_in(call, reader, procedure, group.states, total))) {
                const auto object = TRY(access::object_of(reader, row));
                const auto decision =
                    access::decide(call.subject, access::Policy::dossier_read, access::Action::read, object);
                present.mask(decision.masks);
                Json item = present.dossier_row(row);
                if (row.due == today) ++due_today;
                if (row.due > 0 && row.due < today) ++late;
                CHECK(extra(present, row, item));
                rows.push_back(std::move(item));
                ++shown;
            }
            out.push_back({{"id", group.id},
                           {"zh", group.zh},
                           {"en", group.en},
                           {"total", total},
                           {"due_today", due_today},
                           {"late", late},
                           {"rows", std::move(rows)}});
        }
        response = json_response({{"today", call.now.date().text()}, {"groups", std::move(out)}});
        return {};
    }));
    if (note) CHECK(call.note(procedure, shown));
    return response;
}

std::string attribute(const facts::DossierRow& row, std::string_view name) {
    return facts::text_of(row.attributes, name);
}

Json words_of(Presenter& present, const facts::DossierRow& row, std::string_view field,
              std::string_view vocabulary) {
    Json out = Json::array();
    for (const std::string& code : facts::list_of(row.attributes, field))
        out.push_back(present.word(vocabulary, code));
    return out;
}

Json day_of(const facts::StepState* step) {
    return step ? Json(step->on.text()) : Json(nullptr);
}

/// What was shared (线索共享) and not yet signed for; to a partner its own alone.
Result<Json> shares_of(const Call& call, Presenter& present, const facts::DossierRow& row) {
    Json out = Json::array();
    if (last_step(row, "share") == nullptr) return out;
    const bool partner = !act::is_regulator(call.subject.department);
    const auto receipts = TRY(steps_of(present.reader(), row, "share_received"));
    for (const Taken& share : TRY(steps_of(present.reader(), row, "share"))) {
        const std::string agency = facts::text_of(share.step.form, "shared_with");
        const bool signed_for = std::ranges::any_of(receipts, [&](const Taken& receipt) {
            return whole_in(receipt.step.form, "share_number") == share.number;
        });
        if (signed_for || (partner && agency != call.subject.department)) continue;
        out.push_back(
            {{"number", share.number},
             {"agency", present.word("agencies", agency)},
             {"matter",
              present.masked(access::Mask::content) ? "" : facts::text_of(share.step.form, "shared_matter")},
             {"package", facts::list_of(share.step.form, "package")},
             {"shared_on", share.recorded.fact.happened_on.text()}});
    }
    return out;
}

/// The round trip of a lead that went out: what was sent, what was signed for, whether the receipt is late.
Result<void> add_round_trip(const Call& call, Presenter& present, const facts::DossierRow& row, Json& item) {
    const facts::StepState* sent = last_step(row, "transfer");
    const facts::StepState* receipt = last_step(row, "accept");
    if (sent && receipt && receipt->seq < sent->seq) receipt = nullptr;  // sent again, to another agency
    item["sent_on"] = day_of(sent);
    item["receipt_on"] = day_of(receipt);
    item["receipt_number"] = receipt ? attribute(row, "receipt_number") : "";
    item["attachments"] = words_of(present, row, "materials", "lead_materials");
    item["items_missing"] =
        receipt ? words_of(present, row, "items_missing", "lead_materials") : Json::array();
    item["package"] = sent ? Json(facts::list_of(row.attributes, "package")) : Json::array();
    const auto clock = running_clock(present, row, {"LEAD.RECEIPT"});
    const Date today = present.today();
    item["receipt_missing"] = clock && std::max(clock->due.due, clock->due.due_holiday_roll) < today;
    item["shares"] = TRY(shares_of(call, present, row));
    return {};
}

}  // namespace

Answer lead_desk(const Call& call) {
    static const std::vector<Group> groups{
        {"in", "待受理", "To be taken up", {"received"}},
        {"verifying", "核查中", "Being verified", {"verifying", "testing"}},
        {"out", "已移出待回执", "Sent out, receipt awaited", {"transferred"}},
        {"with_agency", "对方办理中", "With the agency", {"with_agency"}},
        {"back", "已反馈待处理", "Answered, to be dealt with", {"fed_back"}}};
    return desk(call, "lead", groups, [&](Presenter& present, const facts::DossierRow& row, Json& item) {
        item["origin"] = present.word("lead_origins", attribute(row, "origin"));
        item["agency"] = present.word("agencies", attribute(row, "agency"));
        item["agency_from"] = present.word("agencies", attribute(row, "agency_from"));
        item["text"] = present.masked(access::Mask::content) ? "" : attribute(row, "facts");
        item["outcome"] = present.word("lead_outcomes", attribute(row, "outcome"));
        return add_round_trip(call, present, row, item);
    });
}

Answer referral_desk(const Call& call) {
    static const std::vector<Group> groups{
        {"preparing", "拟移送", "Being prepared", {"suspected", "group_named", "report_written", "approved"}},
        {"sent", "已移送待答复", "Sent, answer awaited", {"sent", "police_forwarded"}},
        {"refused", "不予立案待处理", "Refused, to be dealt with", {"police_refused", "refused_again"}},
        {"supervised", "复议和立案监督", "Reconsideration and supervision", {"reconsidering", "supervised"}},
        {"filed", "公安已立案", "Filed by the police", {"police_filed", "goods_handed"}},
        {"back", "反向移送", "Sent back to us", {"received_back", "taken_up"}}};
    return desk(call, "referral", groups, [](Presenter& present, const facts::DossierRow& row, Json& item) {
        item["suspected_crime"] =
            present.masked(access::Mask::content) ? "" : attribute(row, "suspected_crime");
        const facts::StepState* sent = last_step(row, "send");
        const facts::StepState* receipt = last_step(row, "police_receipt");
        item["sent_on"] = day_of(sent);
        item["receipt_on"] = day_of(receipt);
        item["receipt_number"] = attribute(row, "receipt_number");
        // What is signed for, item by item (REFER 7): the package by its digest, and what it is to hold.
        item["attachments"] = words_of(present, row, "attachments", "police_referral_file");
        item["package"] = facts::list_of(row.attributes, "package");
        // A receipt is a signature on the spot (REFER 7): none on the day after rings.
        item["receipt_missing"] = sent && !receipt && row.state == "sent" && sent->on < present.today();
        return Result<void>();
    });
}

Answer publicity_desk(const Call& call) {
    static const std::vector<Group> groups{
        {"due", "待公示", "To be published", {"due", "pushed"}},
        {"shown", "公示中", "Published now", {"published", "early_stop_applied"}},
        {"over", "已停止公示", "No longer published", {"stopped", "withdrawn", "withheld"}}};
    return desk(call, "publication", groups,
                [](Presenter& present, const facts::DossierRow& row, Json& item) -> Result<void> {
                    item["decision_number"] = attribute(row, "decision_number");
                    item["term"] = present.word("publication_terms", attribute(row, "publication_term"));
                    Json penalties = Json::array();
                    for (const std::string& code : facts::list_of(row.attributes, "penalties"))
                        penalties.push_back(present.word("penalty_kinds", code));
                    item["penalties"] = std::move(penalties);
                    item["content"] = law::redacted(attribute(row, "content"));
                    item["changed"] = last_step(row, "note_change") != nullptr && row.state != "withdrawn";
                    const facts::StepState* published = last_step(row, "publish");
                    if (!published) published = last_step(row, "publish_assisted");
                    item["published_on"] = published ? Json(published->on.text()) : Json(nullptr);
                    Json until = nullptr;
                    if (const auto clock = running_clock(present, row, {"PUB.SHORT", "PUB.LONG"}))
                        until =
                            std::max({clock->due.raw, clock->due.due_holiday_roll, clock->due.due}).text();
                    item["shown_until"] = std::move(until);
                    return {};
                });
}

}  // namespace qingyuan::api
