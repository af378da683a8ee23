// The public door: what the law publishes, and looking up a store. Only fields named here go out; text that
// people wrote is masked on its way, whatever was checked before.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_desk.hpp"
#include "api/doors.hpp"
#include "api/names.hpp"
#include "api/published.hpp"
#include "base/text.hpp"
#include "law/redaction.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t published_max = 10'000;
constexpr std::size_t operators_shown = 20;
constexpr std::size_t query_length_min = 2;

struct Entry {
    facts::DossierRow row;
    Shown shown;
};

/// Every entry of the procedure that `shown` lets out today, newest first.
Result<std::vector<Entry>> entries(
    const Call& call, const journal::Reader& reader, const char* procedure, std::vector<journal::Key> states,
    const std::function<std::optional<Shown>(const facts::DossierRow&)>& shown) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string(procedure)}},
                   {"state", journal::Compare::one_of, std::move(states)}};
    query.limit = published_max;
    std::vector<Entry> out;
    for (facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query))) {
        const auto days = shown(row);
        if (!days) continue;
        if (const auto category = call.parameter("category"); !category.empty() && row.category != category)
            continue;
        out.push_back({std::move(row), *days});
    }
    std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
        return a.shown.from != b.shown.from ? a.shown.from > b.shown.from : a.row.seq > b.row.seq;
    });
    return out;
}

/// A page of what `present` makes of the entries; the cursor is the record id of the last one shown.
Answer page_of(const Call& call, const std::vector<Entry>& all,
               const std::function<Result<Json>(const Entry&)>& present) {
    const std::uint64_t limit = TRY(call.limit());
    auto at = all.begin();
    if (const auto cursor = call.parameter("cursor"); !cursor.empty()) {
        at = std::find_if(all.begin(), all.end(), [&](const Entry& entry) { return entry.row.id == cursor; });
        if (at == all.end())
            return Error{ErrorCode::usage, "a cursor is the `next` of the page before", "cursor"};
        ++at;
    }
    Json items = Json::array();
    Json next = nullptr;
    for (; at != all.end(); ++at) {
        if (items.size() == limit) {
            next = std::prev(at)->row.id;
            break;
        }
        items.push_back(TRY(present(*at)));
    }
    return json_response({{"items", std::move(items)}, {"total", all.size()}, {"next", std::move(next)}});
}

/// The party as it is published: a firm by name and code, a person by family name and ××.
Result<Json> party_json(Presenter& present, const facts::DossierRow& row, const facts::DossierRow* source) {
    const journal::Reader& reader = present.reader();
    if (!row.operator_id.empty()) {
        const auto firm = TRY(registry::find_operator(reader, row.operator_id, present.today()));
        if (firm)
            return Json{
                {"name", firm->name}, {"uscc", firm->uscc}, {"region", region_named(present, firm->region)}};
    }
    std::string name;
    const facts::Value* party = source ? facts::find(source->attributes, "party") : nullptr;
    if (const auto* subject = party ? std::get_if<facts::SubjectRef>(party) : nullptr) {
        const std::string value = TRY(present.services().vault.find(subject->subject));
        name = value == accounts::erased_text ? "××" : law::masked_name(value);
    }
    return Json{{"name", name.empty() ? std::string("××") : name}, {"uscc", ""}, {"region", nullptr}};
}

Result<std::optional<facts::DossierRow>> source_of(const journal::Reader& reader,
                                                   const facts::DossierRow& row) {
    if (row.source == 0) return std::optional<facts::DossierRow>();
    return reader.view<facts::DossierRow>().find(row.source);
}

Result<std::string> masked_text(const Presenter& present, const facts::DossierRow& row,
                                std::string_view field) {
    const std::string text = facts::text_of(row.attributes, field);
    if (text.empty()) return text;
    const auto names = TRY(names_of(present.reader(), present.services().vault, row, present.today()));
    return law::redacted(text, names);
}

Result<Json> penalty_json(Presenter& present, const Entry& entry) {
    const facts::DossierRow& row = entry.row;
    const auto source = TRY(source_of(present.reader(), row));
    const law::Law& law = present.services().law;
    Json penalties = Json::array();
    for (const std::string& code : facts::list_of(row.attributes, "penalties"))
        penalties.push_back(present.word("penalty_kinds", code));
    Json violation = nullptr, citations = Json::array(), fine = nullptr, decided = nullptr;
    if (source) {
        const law::Violation* kind = law.find_violation(facts::text_of(source->attributes, "violation"));
        if (kind) {
            violation = present.named(kind->code, kind->zh, kind->en);
            citations = present.citations(kind->infringes);
        }
        if (const auto* value = facts::find(source->attributes, "fine_fen"))
            if (const auto* fen = std::get_if<std::int64_t>(value)) fine = *fen;
        for (const char* step : {"decide_penalty", "decide_penalty_collectively"})
            if (const facts::StepState* taken = last_step(*source, step)) decided = taken->on.text();
    }
    return Json{{"id", row.id},
                {"decision_number", facts::text_of(row.attributes, "decision_number")},
                {"party", TRY(party_json(present, row, source ? &*source : nullptr))},
                {"violation", std::move(violation)},
                {"category", present.word("categories", row.category)},
                {"penalties", std::move(penalties)},
                {"content", TRY(masked_text(present, row, "content"))},
                {"fine_fen", std::move(fine)},
                {"authority", present.organisation(row.organisation)},
                {"decided_on", std::move(decided)},
                {"published_on", entry.shown.from.text()},
                {"shown_until", entry.shown.until.text()},
                {"law", std::move(citations)}};
}

Result<Json> violator_json(Presenter& present, const Entry& entry) {
    const facts::DossierRow& row = entry.row;
    const auto source = TRY(source_of(present.reader(), row));
    const law::Procedure* procedure = present.procedure_of(row);
    return Json{
        {"id", row.id},
        {"party", TRY(party_json(present, row, source ? &*source : nullptr))},
        {"ground", present.word("serious_violation_grounds", facts::text_of(row.attributes, "list_ground"))},
        {"decision_number", facts::text_of(row.attributes, "decision_number")},
        {"authority", present.organisation(row.organisation)},
        {"told_on", last_step(row, "tell")->on.text()},
        {"listed_on", last_step(row, "list")->on.text()},
        {"published_on", entry.shown.from.text()},
        {"removed_on", entry.shown.until.text()},
        {"removal_applied", row.state != "listed"},
        {"law", procedure ? present.citations(procedure->law) : Json::array()},
        {"verified", procedure && procedure->verified}};
}

Result<Json> case_json(Presenter& present, const Entry& entry) {
    const law::Procedure* procedure = present.procedure_of(entry.row);
    return Json{{"id", entry.row.id},
                {"title", TRY(masked_text(present, entry.row, "published_title"))},
                {"text", TRY(masked_text(present, entry.row, "published_text"))},
                {"category", present.word("categories", entry.row.category)},
                {"authority", present.organisation(entry.row.organisation)},
                {"published_on", entry.shown.from.text()},
                {"law", procedure ? present.citations(procedure->law) : Json::array()}};
}

/// Leaves out entries whose party or number does not hold the words looked for.
Result<void> keep_found(const Call& call, Presenter& present, std::vector<Entry>& all) {
    const auto q = call.parameter("q");
    if (q.empty()) return {};
    std::vector<Entry> kept;
    for (Entry& entry : all) {
        const auto source = TRY(source_of(present.reader(), entry.row));
        const Json party = TRY(party_json(present, entry.row, source ? &*source : nullptr));
        const std::string number = facts::text_of(entry.row.attributes, "decision_number");
        if (party["name"].get<std::string>().find(q) != std::string::npos ||
            number.find(q) != std::string::npos)
            kept.push_back(std::move(entry));
    }
    all = std::move(kept);
    return {};
}

Result<std::vector<Entry>> all_penalties(const Call& call, const journal::Reader& reader) {
    return entries(call, reader, "publication", {std::string("published"), std::string("early_stop_applied")},
                   [engine = call.services.engine(), now = call.now](const facts::DossierRow& row) {
                       return shown_penalty(engine, row, now);
                   });
}

/// Runs `use` on one state of the journal and gives its answer.
Answer read(const Call& call, const std::function<Answer(const journal::Reader&)>& use) {
    std::optional<http::Response> response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        response = TRY(use(reader));
        return {};
    }));
    return std::move(*response);
}

/// The grade, where the law publishes it: as persons decided it, never as it would be computed today.
Result<Json> credit_json(const Presenter& present, const facts::OperatorRecorded& firm) {
    const auto& services = present.services();
    const auto grade = TRY(decided_grade(present.reader(), firm.id, present.today()));
    const auto* rules = TRY(services.assess->credit_rules(services.law));
    if (!grade || !is_public(*rules, *grade, present.today())) return Json(nullptr);
    return Json{{"grade", present.word("credit_grades", grade->grade)},
                {"published_on", grade->published_on.text()},
                {"rule_version", grade->rule_version},
                {"contested", grade->contested}};
}

Result<Json> operator_json(Presenter& present, const facts::OperatorRecorded& firm) {
    Json licences = Json::array();
    for (const facts::LicenceRecorded& licence :
         TRY(registry::licences_of(present.reader(), firm.id, present.today())))
        licences.push_back({{"kind", present.word("licence_kinds", licence.kind)},
                            {"status", licence_status(present, licence.status)},
                            {"to", date_or_null(licence.to)}});
    return Json{{"id", firm.id},
                {"name", firm.name},
                {"kind", present.word("operator_kinds", firm.kind)},
                {"region", region_named(present, firm.region)},
                {"credit", TRY(credit_json(present, firm))},
                {"licences", std::move(licences)}};
}

}  // namespace

Answer public_penalties(const Call& call) {
    return read(call, [&](const journal::Reader& reader) -> Answer {
        Presenter present(call.services, reader, call.now);
        auto all = TRY(all_penalties(call, reader));
        CHECK(keep_found(call, present, all));
        return page_of(call, all, [&](const Entry& entry) { return penalty_json(present, entry); });
    });
}

Answer public_penalty(const Call& call) {
    return read(call, [&](const journal::Reader& reader) -> Answer {
        Presenter present(call.services, reader, call.now);
        const auto row = act::dossier(reader, call.path.at("id"));
        const auto shown = row ? shown_penalty(call.services.engine(), *row, call.now) : std::nullopt;
        if (!shown)
            return Error{ErrorCode::record_unknown,
                         "nothing is published under this id",
                         "id",
                         {},
                         "it was withdrawn, has expired, or never was: see the list",
                         "没有以此编号公示的信息",
                         "可能已撤回或者公示期满，请查看公示列表"};
        return json_response(TRY(penalty_json(present, {*row, *shown})));
    });
}

Answer public_violators(const Call& call) {
    return read(call, [&](const journal::Reader& reader) -> Answer {
        Presenter present(call.services, reader, call.now);
        auto all = TRY(
            entries(call, reader, "serious_violator",
                    {std::string("listed"), std::string("removal_applied"), std::string("removal_admitted")},
                    [engine = call.services.engine(), now = call.now](const facts::DossierRow& row) {
                        return shown_violator(engine, row, now);
                    }));
        CHECK(keep_found(call, present, all));
        return page_of(call, all, [&](const Entry& entry) { return violator_json(present, entry); });
    });
}

Answer public_cases(const Call& call) {
    return read(call, [&](const journal::Reader& reader) -> Answer {
        Presenter present(call.services, reader, call.now);
        const auto all = TRY(entries(call, reader, "typical_case", {std::string("published")},
                                     [](const facts::DossierRow& row) { return shown_case(row); }));
        return page_of(call, all, [&](const Entry& entry) { return case_json(present, entry); });
    });
}

Answer public_operators(const Call& call) {
    const std::string q(trim(call.parameter("q")));
    if (length_of(q) < query_length_min)
        return Error{ErrorCode::usage,
                     fmt::format("at least {} characters", query_length_min),
                     "q",
                     {},
                     "type more of the name",
                     fmt::format("至少输入{}个字", query_length_min),
                     "请输入更多文字"};
    return read(call, [&](const journal::Reader& reader) -> Answer {
        Presenter present(call.services, reader, call.now);
        CHECK(call.services.names->catch_up(reader));
        Json items = Json::array();
        bool more = false;
        for (const NameHit& hit : call.services.names->find(q, "o", operators_shown + 1)) {
            more = items.size() == operators_shown;
            if (more) break;
            if (const auto firm = TRY(registry::find_operator(reader, hit.id, call.now.date())))
                items.push_back(TRY(operator_json(present, *firm)));
        }
        return json_response({{"items", std::move(items)}, {"more", more}});
    });
}

}  // namespace qingyuan::api
