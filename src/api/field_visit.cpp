// Recording a visit that a phone made without a network.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/rows.hpp"
#include "api/visit.hpp"

namespace qingyuan::api {

namespace {

/// The refusal of answers made under another version: item by item what is different, so that only those are
/// asked again. Nothing was recorded; the phone keeps its action.
http::Response form_changed(const Call& call, const law::Checklist& list,
                            const std::vector<ItemChange>& changes) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"added", "新增"}, {"removed", "已删除"}, {"changed", "已修改"}};
    const Error error{
        ErrorCode::form_changed,
        fmt::format("the checklist is at version {} now; {} items differ", list.version, changes.size()),
        "form",
        {},
        "nothing was lost: load the list again, look at these items, then send the visit under a new key",
        fmt::format("检查表现为{}版，有{}项不同", list.version, changes.size()),
        "已填内容仍在手机上：请更新检查表，核对下列项目后重新提交"};
    Json body = problem_json(error, call.services.law, call.english);
    body["errors"] = Json::array();
    for (const ItemChange& change : changes) {
        const auto word = std::ranges::find(words, change.change, [](const auto& row) { return row.first; });
        body["errors"].push_back({{"where", change.item},
                                  {"code", error.info().name},
                                  {"detail", call.english ? fmt::format("{}: {}", change.change, change.en)
                                                          : fmt::format("{}：{}", word->second, change.zh)}});
    }
    http::Response response = json_response(body, error.info().http);
    response.content_type = "application/problem+json";
    return response;
}

/// Each photo was uploaded by this person and is the one the phone took: its SHA-256 from the moment of
/// capture is that of the upload.
Result<void> check_photos(const Call& call, const Visit& visit) {
    using journal::Compare;
    std::vector<std::string> digests = visit.recording;
    if (!visit.signature_evidence.empty()) digests.push_back(visit.signature_evidence);
    for (const VisitPhoto& photo : visit.photos) digests.push_back(photo.evidence);
    CHECK(check_uploaded(call, digests));
    for (const VisitPhoto& photo : visit.photos) {
        const auto uploads =
            TRY(call.services.work.list<UploadRow>({.where = {{"evidence", Compare::equal, {photo.evidence}}},
                                                    .any = {},
                                                    .order_by = {},
                                                    .limit = 100,
                                                    .after_order = {},
                                                    .after_key = {}}));
        const bool same = std::ranges::any_of(
            uploads, [&](const UploadRow& upload) { return upload.sha256 == photo.sha256; });
        if (!same)
            return Error{ErrorCode::digest_mismatch,
                         fmt::format("photo {} is not the one that was taken", photo.sha256.substr(0, 8)),
                         "photos",
                         {},
                         "upload the photo again from the phone that took it",
                         "照片与拍摄时的摘要不符",
                         "请从拍摄的手机重新上传"};
    }
    return {};
}

/// Everything that was answered, as one file. The name of who signed lies in the vault.
Result<std::string> keep_answers(const Call& call, const Visit& visit) {
    Json answers = Json::array(), photos = Json::array();
    for (const VisitAnswer& answer : visit.answers)
        answers.push_back({{"item", answer.item}, {"answer", answer.answer}, {"note", answer.note}});
    for (const VisitPhoto& photo : visit.photos)
        photos.push_back({{"sm3", photo.evidence},
                          {"sha256", photo.sha256},
                          {"taken_at", photo.taken_at.text()},
                          {"item", photo.item},
                          {"finding", photo.finding ? Json(*photo.finding + 1) : Json(nullptr)}});
    std::string signer;
    if (!visit.signed_by.empty())
        signer = TRY(call.services.vault.put("signer/" + visit.dossier, visit.signed_by)).subject;
    const Json whole{{"dossier", visit.dossier},
                     {"form", {{"id", visit.form}, {"version", visit.form_version}}},
                     {"started_at", visit.started_at.text()},
                     {"captured_at", visit.captured_at.text()},
                     {"answers", std::move(answers)},
                     {"photos", std::move(photos)},
                     {"signer", signer},
                     {"remarks", visit.remarks}};
    return hex(TRY(call.services.evidence.put(whole.dump(1) + "\n")).digest);
}

/// Takes the steps of a visit one after the other.
class Recording {
 public:
    Recording(const Call& call, const Visit& visit, const law::Checklist* list, journal::Writer& writer,
              facts::DossierRow row, act::Actor actor)
        : call_(call),
          visit_(visit),
          list_(list),
          writer_(writer),
          row_(std::move(row)),
          actor_(std::move(actor)) {}

    Result<void> run(const std::string& answers) {
        if (row_.state != "on_site")
            CHECK(take("go", {.form = {{"formalities", visit_.formalities}},
                              .officers = visit_.officers,
                              .happened_on = visit_.started_at.date()}));
        for (std::size_t i = 0; i < visit_.findings.size(); ++i) CHECK(take("record_finding", finding(i)));
        act::Request sign{.form = {{"signature", visit_.signature}},
                          .officers = visit_.officers,
                          .evidence = {answers},
                          .happened_on = visit_.captured_at.date()};
        if (!visit_.recording.empty()) sign.form.emplace("recording", visit_.recording);
        if (!visit_.signature_evidence.empty()) sign.evidence.push_back(visit_.signature_evidence);
        for (const VisitPhoto& photo : visit_.photos)
            if (!photo.finding) sign.evidence.push_back(photo.evidence);
        return take("sign", sign);
    }

    [[nodiscard]] const facts::DossierRow& row() const { return row_; }
    [[nodiscard]] const Json& seqs() const { return seqs_; }

 private:
    act::Request finding(std::size_t number) const {
        const VisitFinding& one = visit_.findings[number];
        act::Request out{
            .form = {{"clause", one.clause}, {"severity", one.severity}, {"description", one.description}},
            .happened_on = visit_.captured_at.date()};
        if (!one.item.empty()) {
            // Clause and grade are the list's; another grade is the person's own, and the words say why.
            out.form.emplace("item", one.item);
            if (const law::ChecklistItem* item = list_ ? list_->find(one.item) : nullptr) {
                out.form.insert_or_assign("clause", item->clause);
                if (one.severity.empty()) out.form.insert_or_assign("severity", item->severity);
                if (!one.severity.empty() && one.severity != item->severity)
                    out.form.emplace("grade_reason", one.description);
            }
        }
        if (!one.product.empty()) out.form.emplace("product", one.product);
        if (!one.trace_code.empty()) out.form.emplace("trace_code", one.trace_code);
        for (const VisitPhoto& photo : visit_.photos)
            if (photo.finding == number) out.evidence.push_back(photo.evidence);
        return out;
    }
    Result<void> take(std::string_view step, const act::Request& request) {
        const auto recorded =
            TRY(writer_.append(TRY(call_.services.engine().take(writer_, row_, actor_, step, request))));
        seqs_.push_back(recorded.seq);
        row_ = *TRY(writer_.view<facts::DossierRow>().find(row_.seq));
        return {};
    }

    const Call& call_;
    const Visit& visit_;
    const law::Checklist* list_;
    journal::Writer& writer_;
    facts::DossierRow row_;
    act::Actor actor_;
    Json seqs_ = Json::array();
};

/// The list the visit should have been made under, or null where none serves the operator.
Result<const law::Checklist*> list_for(const Call& call, const journal::Reader& reader, const Visit& visit) {
    const facts::DossierRow row = TRY(reach_again(call, reader, visit.dossier)).row;
    const Date on = visit.captured_at.date();
    if (row.operator_id.empty()) return static_cast<const law::Checklist*>(nullptr);
    const auto firm = TRY(registry::operator_on(reader, row.operator_id, on));
    return law::checklist_for(call.services.law, firm.kind, row.category, on,
                              facts::text_of(row.attributes, "programme"));
}

}  // namespace

Answer field_visit(const Call& call) {
    const Visit visit = TRY(visit_of(TRY(call.body())));
    const law::Checklist* list = nullptr;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        list = TRY(list_for(call, reader, visit));
        return {};
    }));
    if (list) {
        if (const auto changes = changes_of(*list, visit); !changes.empty())
            return form_changed(call, *list, changes);
        CHECK(check_answers(*list, visit));
    } else if (!visit.form.empty()) {
        return Error{ErrorCode::checklist_unknown,
                     "no checklist serves this operator",
                     "form",
                     {},
                     "send the visit without a form",
                     "此经营主体没有对应的检查表",
                     "请不带检查表提交"};
    }
    CHECK(check_photos(call, visit));
    const std::string answers = TRY(keep_answers(call, visit));
    http::Response response;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        facts::DossierRow row = TRY(reach_again(call, writer, visit.dossier)).row;
        Recording recording(call, visit, list, writer, std::move(row), TRY(call.actor(writer)));
        CHECK(recording.run(answers));
        Presenter present(call.services, writer, call.now);
        const law::Procedure* procedure = present.procedure_of(recording.row());
        const std::string& state = recording.row().state;
        response =
            json_response({{"dossier", recording.row().id},
                           {"version", recording.row().version},
                           {"state", procedure ? present.state(*procedure, state) : present.term(state)},
                           {"seqs", recording.seqs()},
                           {"answers", answers},
                           {"findings", visit.findings.size()}},
                          201, std::to_string(recording.row().version));
        return keep_answer(call, writer, response);
    }));
    return response;
}

}  // namespace qingyuan::api
