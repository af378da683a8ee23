#include "api/visit.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t findings_max = 200, photos_max = 200, answers_max = 500;
constexpr std::size_t description_max = 4'000;

Error wrong(std::string where, std::string message, std::string zh,
            ErrorCode code = ErrorCode::field_invalid) {
    return {code,
            std::move(message),
            std::move(where),
            {},
            "mend it on the phone and send it again",
            std::move(zh),
            "请在手机上补正后重新提交"};
}

/// The objects of a list; too_large beyond `max`.
Result<std::vector<Json>> objects_in(const Json& object, const char* name, std::size_t max) {
    std::vector<Json> out;
    if (!object.contains(name) || object[name].is_null()) return out;
    if (!object[name].is_array()) return wrong(name, "a list is expected", "应为列表");
    if (object[name].size() > max)
        return wrong(name, fmt::format("at most {}", max), fmt::format("最多{}项", max),
                     ErrorCode::too_large);
    for (const Json& item : object[name]) {
        if (!item.is_object()) return wrong(name, "a list of objects is expected", "列表内容无效");
        out.push_back(item);
    }
    return out;
}

Result<Json> object_in(const Json& object, const char* name) {
    if (!object.contains(name) || object[name].is_null()) return Json(Json::object());
    if (!object[name].is_object()) return wrong(name, "an object is expected", "内容无效");
    return Json(object[name]);
}

Result<VisitPhoto> photo_of(const Json& photo, std::size_t findings) {
    CHECK(only_names(photo, {"sha256", "evidence", "taken_at", "finding", "item"}, "photos"));
    VisitPhoto out{.sha256 = TRY(wanted_in(photo, "sha256", 64)),
                   .evidence = TRY(wanted_in(photo, "evidence", 64)),
                   .item = TRY(text_in(photo, "item")),
                   .taken_at = TRY(parse_instant(TRY(wanted_in(photo, "taken_at", 40)))),
                   .finding = {}};
    if (!photo.contains("finding") || photo["finding"].is_null()) return out;
    const std::int64_t number =
        photo["finding"].is_number_integer() ? photo["finding"].get<std::int64_t>() : -1;
    if (number < 0 || number >= static_cast<std::int64_t>(findings))
        return wrong("photos", "a photo names a finding that is not there", "照片对应的问题不存在");
    out.finding = static_cast<std::size_t>(number);
    return out;
}

Result<void> read_lists(const Json& body, Visit& out) {
    for (const Json& answer : TRY(objects_in(body, "answers", answers_max))) {
        CHECK(only_names(answer, {"item", "mark", "answer", "note"}, "answers"));
        out.answers.push_back({TRY(wanted_in(answer, "item")), TRY(text_in(answer, "mark")),
                               TRY(text_in(answer, "answer", 500)), TRY(text_in(answer, "note", 1'000))});
    }
    for (const Json& finding : TRY(objects_in(body, "findings", findings_max))) {
        CHECK(only_names(finding, {"item", "clause", "severity", "description", "product", "trace_code"},
                         "findings"));
        out.findings.push_back({TRY(text_in(finding, "item")), TRY(text_in(finding, "clause")),
                                TRY(text_in(finding, "severity")),
                                TRY(text_in(finding, "description", description_max)),
                                TRY(text_in(finding, "product")), TRY(text_in(finding, "trace_code"))});
    }
    for (const Json& photo : TRY(objects_in(body, "photos", photos_max)))
        out.photos.push_back(TRY(photo_of(photo, out.findings.size())));
    return {};
}

/// Is the answer one that the law data calls a finding? Nothing where it is no answer of this item.
std::optional<bool> is_finding(const law::ChecklistItem& item, const std::string& answer) {
    switch (item.answer) {
        case law::AnswerType::conform:
            if (answer == "yes" || answer == "not_applicable") return false;
            return answer == "no" ? std::optional(true) : std::nullopt;
        case law::AnswerType::number: {
            if (answer == "not_applicable") return false;
            const auto number = parse_decimal(answer);
            if (!number) return std::nullopt;
            return (item.min && *number < *item.min) || (item.max && *number > *item.max);
        }
        case law::AnswerType::text: return answer.empty() ? std::nullopt : std::optional(false);
    }
    return std::nullopt;
}

}  // namespace

Result<Visit> visit_of(const Json& body) {
    CHECK(only_names(body, {"dossier", "form", "captured_at", "started_at", "officers", "formalities",
                            "answers", "findings", "photos", "signature", "recording", "remarks"}));
    Visit out;
    out.dossier = TRY(wanted_in(body, "dossier", 64));
    const Json form = TRY(object_in(body, "form"));
    CHECK(only_names(form, {"id", "version"}, "form"));
    out.form = TRY(text_in(form, "id"));
    out.form_version = TRY(text_in(form, "version"));
    out.captured_at = TRY(parse_instant(TRY(wanted_in(body, "captured_at", 40))));
    out.started_at = TRY(parse_instant(TRY(wanted_in(body, "started_at", 40))));
    if (out.captured_at < out.started_at)
        return wrong("captured_at", "it was signed before it began", "签字时间早于到达时间");
    out.officers = TRY(list_in(body, "officers"));
    out.formalities = TRY(list_in(body, "formalities"));
    CHECK(read_lists(body, out));
    const Json signature = TRY(object_in(body, "signature"));
    CHECK(only_names(signature, {"mode", "evidence", "name"}, "signature"));
    out.signature = TRY(wanted_in(signature, "mode"));
    out.signature_evidence = TRY(text_in(signature, "evidence", 64));
    out.signed_by = TRY(text_in(signature, "name", 50));
    out.recording = TRY(list_in(body, "recording"));
    out.remarks = TRY(text_in(body, "remarks", description_max));
    return out;
}

std::string mark_of(const law::ChecklistItem& item) {
    const auto bound = [](const std::optional<Rational>& one) { return one ? one->exact() : std::string(); };
    const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", item.id, item.clause,
                                         item.zh, item.en, item.law, item.severity, law::text_of(item.answer),
                                         item.unit, bound(item.min), bound(item.max), item.photo);
    return hex(sm3(text)).substr(0, 8);
}

std::vector<ItemChange> changes_of(const law::Checklist& list, const Visit& visit) {
    std::vector<ItemChange> changes;
    if (visit.form == list.id && visit.form_version == list.version) return changes;
    std::set<std::string> answered;
    for (const VisitAnswer& answer : visit.answers) {
        answered.insert(answer.item);
        const law::ChecklistItem* item = list.find(answer.item);
        if (!item)
            changes.push_back({answer.item, "removed", answer.item, answer.item});
        else if (answer.mark != mark_of(*item))
            changes.push_back({item->id, "changed", item->zh, item->en});
    }
    for (const law::ChecklistSection& section : list.sections)
        for (const law::ChecklistItem& item : section.items)
            if (!answered.contains(item.id)) changes.push_back({item.id, "added", item.zh, item.en});
    if (changes.empty()) changes.push_back({list.id, "changed", list.zh, list.en});
    return changes;
}

Result<void> check_answers(const law::Checklist& list, const Visit& visit) {
    std::set<std::string> answered, found;
    for (const VisitFinding& finding : visit.findings) {
        if (!finding.item.empty() && !list.find(finding.item))
            return wrong(finding.item, "a finding names an item the list does not have",
                         "问题对应的检查项目不存在", ErrorCode::field_unknown);
        found.insert(finding.item);
    }
    for (const VisitAnswer& answer : visit.answers) {
        const law::ChecklistItem* item = list.find(answer.item);
        if (!item)
            return wrong(answer.item, "the list has no such item", "没有此检查项目",
                         ErrorCode::field_unknown);
        if (!answered.insert(answer.item).second)
            return wrong(answer.item, "answered twice", fmt::format("“{}”重复作答", item->zh));
        if (item->always && answer.answer == "not_applicable")
            return wrong(item->id, fmt::format("{}: applies to everybody this list serves", item->en),
                         fmt::format("“{}”对此类主体必查，不能填“不适用”", item->zh),
                         ErrorCode::condition_unmet);
        const auto bad = is_finding(*item, answer.answer);
        if (!bad)
            return wrong(item->id, fmt::format("'{}' is no answer to {}", answer.answer, item->en),
                         fmt::format("“{}”的回答无效", item->zh));
        if (*bad && !found.contains(item->id))
            return wrong(item->id, fmt::format("{}: a finding must say what was seen", item->en),
                         fmt::format("“{}”不符合，须记录问题", item->zh), ErrorCode::field_missing);
    }
    for (const law::ChecklistSection& section : list.sections)
        for (const law::ChecklistItem& item : section.items)
            if (!answered.contains(item.id))
                return wrong(item.id, fmt::format("not answered: {}", item.en),
                             fmt::format("尚未作答：{}", item.zh), ErrorCode::field_missing);
    return {};
}

}  // namespace qingyuan::api
