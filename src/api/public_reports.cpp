// The public door: reporting a store. Who reports lies in the vault of informants; the matter carries
// pseudonyms that are fresh for each submission, and the words without what names a person. The secret that
// opens the progress is shown once; the matter keeps its digest.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/letters.hpp"
#include "accounts/sm4.hpp"
#include "api/door.hpp"
#include "api/doors.hpp"
#include "api/photo.hpp"
#include "api/ticket.hpp"
#include "base/text.hpp"
#include "law/redaction.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t text_max = 4'000;
constexpr std::size_t photos_max = 3;
constexpr std::size_t photo_bytes_max = 5 * 1024 * 1024;
constexpr std::string_view dispute_kind = "dispute";

/// What somebody hands in, read and checked.
struct Submission {
    std::string reason, operator_id, store, county, category, product, text, claims;
    std::string name, phone, address;
    bool violation = true;  ///< the reason says that a rule was broken
    bool wants_reward = false;
    std::optional<Date> happened_on;
    std::vector<Bytes> photos;

    [[nodiscard]] bool is_complaint() const { return !claims.empty(); }
    [[nodiscard]] bool is_anonymous() const { return name.empty() && phone.empty(); }
    /// What of the sender's own may stand in no text.
    [[nodiscard]] std::vector<std::string> own_words() const {
        std::vector<std::string> out;
        for (const std::string* one : {&name, &phone, &address})
            if (!one->empty()) out.push_back(*one);
        return out;
    }
};

bool is_violation(const law::Law& law, const std::string& reason) {
    const law::Vocabulary* reasons = law.find_vocabulary("report_reasons");
    const law::Word* word = reasons ? reasons->find(reason) : nullptr;
    if (!word) return true;
    const auto kind = word->more.find("kind");
    return kind == word->more.end() || kind->second != dispute_kind;
}

Error missing(std::string field, std::string message, std::string zh) {
    return {ErrorCode::field_missing,
            std::move(message),
            std::move(field),
            {},
            "fill it in",
            std::move(zh),
            "请填写此项"};
}

/// Standard or URL base64; field_invalid.
Result<Bytes> photo_bytes(std::string text) {
    while (text.ends_with('=')) text.pop_back();
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    auto bytes = accounts::parse_base64url(text);
    if (!bytes)
        return Error{ErrorCode::field_invalid, "data is not base64", "photos",        {},
                     "attach the photo again", "照片编码无效",       "请重新选择照片"};
    return std::move(*bytes);
}

Result<std::vector<Bytes>> photos_of(const Json& body) {
    std::vector<Bytes> photos;
    if (!body.contains("photos") || body["photos"].is_null()) return photos;
    if (!body["photos"].is_array() || body["photos"].size() > photos_max)
        return Error{ErrorCode::too_large, fmt::format("at most {} photos", photos_max), "photos",    {},
                     "leave some out",     fmt::format("最多{}张照片", photos_max),      "请减少照片"};
    std::size_t total = 0;
    for (const Json& photo : body["photos"]) {
        if (!photo.is_object()) return Error{ErrorCode::field_invalid, "a photo is an object", "photos"};
        CHECK(only_names(photo, {"name", "type", "data"}, "photos"));
        Bytes bytes = TRY(photo_bytes(TRY(wanted_in(photo, "data", 8 * 1024 * 1024))));
        total += bytes.size();
        if (total > photo_bytes_max)
            return Error{ErrorCode::too_large,
                         fmt::format("{} bytes of photos; {} are taken", total, photo_bytes_max),
                         "photos",
                         {},
                         "send smaller photos",
                         "照片总大小超过 5 MB",
                         "请压缩或者减少照片"};
        photos.push_back(TRY(without_metadata(bytes)));
    }
    return photos;
}

Result<void> read_reporter(const Json& body, Submission& out) {
    if (!body.contains("reporter") || body["reporter"].is_null()) return {};
    if (!body["reporter"].is_object())
        return Error{ErrorCode::field_invalid, "reporter is an object", "reporter"};
    const Json& reporter = body["reporter"];
    CHECK(only_names(reporter, {"name", "phone", "address"}, "reporter"));
    out.name = TRY(text_in(reporter, "name", 50));
    out.phone = TRY(text_in(reporter, "phone", 30));
    out.address = TRY(text_in(reporter, "address", 200));
    return {};
}

Result<Submission> submission_of(const Call& call) {
    const Json body =
        TRY(body_of(call, {"reason", "operator_id", "store", "county", "category", "product", "text",
                           "happened_on", "claims", "reporter", "wants_reward", "photos"}));
    Submission out;
    out.reason = TRY(word_in(call, body, "reason", "report_reasons"));
    if (out.reason.empty()) return missing("reason", "a reason must be chosen", "请选择举报事由");
    out.violation = is_violation(call.services.law, out.reason);
    out.text = TRY(text_in(body, "text", text_max));
    if (out.text.empty()) return missing("text", "say what happened", "请写明情况");
    out.operator_id = TRY(text_in(body, "operator_id", 64));
    out.store = TRY(text_in(body, "store"));
    if (out.operator_id.empty() && out.store.empty())
        return missing("store", "say which store is meant", "请写明是哪家店");
    out.county = TRY(text_in(body, "county", 6));
    out.category = TRY(word_in(call, body, "category", "categories"));
    out.product = TRY(text_in(body, "product"));
    out.claims = TRY(text_in(body, "claims", text_max));
    out.wants_reward = TRY(flag_in(body, "wants_reward"));
    if (const std::string day = TRY(text_in(body, "happened_on", 10)); !day.empty()) {
        const auto date = parse_date(day);
        if (!date || *date > call.now.date())
            return Error{ErrorCode::date_in_future,
                         "give the day it happened, written YYYY-MM-DD",
                         "happened_on",
                         {},
                         "choose a day up to today",
                         "日期应为今天或者以前",
                         "请重新选择日期"};
        out.happened_on = *date;
    }
    CHECK(read_reporter(body, out));
    if (!out.violation && out.claims.empty())
        return missing("claims", "a dispute says what you ask for", "消费纠纷请写明您的请求");
    if (out.is_complaint() && out.name.empty())
        return missing("name", "a complaint needs your name: it cannot be mediated without you",
                       "投诉须填写姓名，否则无法组织调解");
    if (out.is_complaint() && out.phone.empty())
        return missing("phone", "a complaint needs a telephone number: it cannot be mediated without you",
                       "投诉须填写电话，否则无法组织调解");
    if (out.wants_reward && out.is_anonymous())
        return missing("name", "a reward needs somebody to give it to", "申请奖励须留下姓名和电话");
    out.photos = TRY(photos_of(body));
    return out;
}

/// Who will handle it: the operator's regulator, else the market regulator of the county, else the server's
/// own organisation.
Result<std::string> handled_by(const Call& call, const journal::Reader& reader, const Submission& what) {
    const Date today = call.now.date();
    if (!what.operator_id.empty()) {
        if (!TRY(registry::find_operator(reader, what.operator_id, today)))
            return Error{ErrorCode::operator_unknown,
                         fmt::format("there is no store '{}'", what.operator_id),
                         "operator_id",
                         {},
                         "choose it from the list, or write its name",
                         "没有此店",
                         "请从列表选择，或者填写店名"};
        return TRY(registry::primary_regulator(reader, what.operator_id, today)).id;
    }
    if (what.county.empty()) return call.services.default_organisation;
    journal::Query query;
    query.where = {{"region", journal::Compare::equal, {what.county}}};
    for (const facts::OrganisationRow& row : TRY(reader.view<facts::OrganisationRow>().list(query))) {
        const auto found = TRY(registry::find_organisation(reader, row.id, today));
        if (found && found->kind == "authority" &&
            (found->department == "market_regulator" || found->department == "drug_regulator"))
            return found->id;
    }
    return Error{ErrorCode::organisation_unknown,
                 fmt::format("nobody here answers for {}", what.county),
                 "county",
                 {},
                 "choose a county of the list",
                 "不在本系统服务的地区",
                 "请从列表选择地区"};
}

// --- the secret

/// The same request asked again gets the same secret, so that a receipt lost on the way is not lost; it is
/// made from the client's own key and words, of which nothing is kept.
Result<std::string> secret_for(const Call& call) {
    const std::string_view key = call.request.header("idempotency-key");
    if (key.empty()) return ticket_secret(TRY(accounts::random_bytes(ticket_secret_bytes)));
    const Digest digest = sm3(fmt::format("ticket secret\n{}\n{}", key, hex(sm3(call.request.body))));
    return ticket_secret(bytes_of(digest).substr(0, ticket_secret_bytes));
}

/// Where the receipt of a repeated request is found: its ticket, without the secret.
std::string receipt_key(const Call& call) {
    return hex(sm3("receipt\n" + call.repeat_key));
}

// --- what is recorded

/// The sender's own values in the vault of informants, each under a purpose of its own: nobody can see that
/// two submissions came from one person.
class Pseudonyms {
 public:
    static Result<Pseudonyms> create(const Call& call) {
        return Pseudonyms(call.services.informants, hex(TRY(accounts::random_bytes(8))));
    }
    Result<void> put(facts::Form& form, const char* field, const std::string& value) {
        if (value.empty()) return {};
        form.insert_or_assign(field, TRY(vault_->put(fmt::format("informant/{}/{}", nonce_, field), value)));
        return {};
    }

 private:
    Pseudonyms(accounts::Vault& vault, std::string nonce) : vault_(&vault), nonce_(std::move(nonce)) {}
    accounts::Vault* vault_;
    std::string nonce_;
};

struct Recorded {
    facts::DossierRow first;                  ///< the matter the ticket names
    std::optional<facts::DossierRow> second;  ///< the report split off a complaint
};

/// Opens the one or two dossiers of a submission inside a transaction.
class Intake {
 public:
    Intake(const Call& call, const Submission& what, std::string secret)
        : call_(call), what_(what), check_(ticket_check(secret)), own_(what.own_words()) {}

    Result<void> prepare() {
        for (const Bytes& photo : what_.photos)
            photos_.push_back(hex(TRY(call_.services.evidence.put(photo)).digest));
        pseudonyms_ = TRY(Pseudonyms::create(call_));
        return {};
    }

    Result<Recorded> record(journal::Writer& writer) {
        organisation_ = TRY(handled_by(call_, writer, what_));
        store_ = what_.store;
        if (const auto firm = TRY(registry::find_operator(writer, what_.operator_id, call_.now.date())))
            store_ = firm->name;
        Recorded out;
        if (!what_.is_complaint()) {
            out.first = TRY(open(writer, TRY(report(true))));
            return out;
        }
        out.first = TRY(open(writer, TRY(complaint())));
        if (!what_.violation) return out;
        // One paper, two matters: each is treated by its own rule (COMPL 9; before 2026-04-15 COMPL 7).
        const act::Actor system = TRY(act::actor_of(writer, act::system_person, call_.now));
        const auto split =
            TRY(writer.append(TRY(call_.services.engine().take(writer, out.first, system, "split", {}))));
        act::Engine::Opening opening = TRY(report(false));
        opening.source = static_cast<std::uint64_t>(out.first.seq);
        opening.source_fact = split.seq;
        out.second = TRY(open(writer, opening));
        out.first = TRY(row_of(writer, out.first.seq));
        return out;
    }

 private:
    static Result<facts::DossierRow> row_of(const journal::Reader& reader, std::int64_t seq) {
        auto row = TRY(reader.view<facts::DossierRow>().find(seq));
        if (!row) return Error{ErrorCode::dossier_unknown, std::to_string(seq)};
        return std::move(*row);
    }
    Result<facts::DossierRow> open(journal::Writer& writer, const act::Engine::Opening& opening) {
        const act::Actor stranger{std::string(stranger_person), {}, {"public_user"}, call_.now};
        const auto recorded =
            TRY(writer.append(TRY(call_.services.engine().open(writer, stranger, opening))));
        return row_of(writer, static_cast<std::int64_t>(recorded.seq));
    }
    std::string masked(const std::string& text) const { return law::redacted(text, own_); }

    act::Engine::Opening opening(const char* procedure, const char* title) const {
        return {.procedure = procedure,
                .title = title + masked(store_),
                .operator_id = what_.operator_id,
                .category = what_.category,
                .organisation = organisation_};
    }
    /// What both forms share.
    Result<void> fill(facts::Form& form, bool holds_ticket) {
        const std::string facts = masked(what_.text);
        form.emplace("facts", facts);
        if (facts != what_.text) CHECK(pseudonyms_->put(form, "original_text", what_.text));
        form.emplace("channel", std::string("other"));
        if (!photos_.empty()) form.emplace("photos", photos_);
        if (holds_ticket) form.emplace("ticket_check", check_);
        return {};
    }
    Result<act::Engine::Opening> complaint() {
        act::Engine::Opening out = opening("complaint", "投诉：");
        CHECK(fill(out.form, true));
        CHECK(pseudonyms_->put(out.form, "complainant", what_.name));
        CHECK(pseudonyms_->put(out.form, "phone", what_.phone));
        CHECK(pseudonyms_->put(out.form, "address", what_.address));
        out.form.emplace("respondent", masked(store_));
        out.form.emplace("claims", masked(what_.claims));
        if (what_.happened_on) out.form.emplace("knew_on", what_.happened_on->text());
        return out;
    }
    Result<act::Engine::Opening> report(bool holds_ticket) {
        act::Engine::Opening out = opening("report", "举报：");
        CHECK(fill(out.form, holds_ticket));
        CHECK(pseudonyms_->put(out.form, "reporter", what_.name));
        CHECK(pseudonyms_->put(out.form, "reporter_phone", what_.phone));
        CHECK(pseudonyms_->put(out.form, "reporter_address", what_.address));
        out.form.emplace("anonymous", what_.is_anonymous());
        out.form.emplace("reported", masked(store_));
        out.form.emplace("report_reason", what_.reason);
        if (what_.wants_reward) out.form.emplace("wants_reward", true);
        if (!what_.product.empty()) out.form.emplace("reported_product", masked(what_.product));
        if (!what_.county.empty()) out.form.emplace("place", what_.county);
        return out;
    }

    const Call& call_;
    const Submission& what_;
    std::string check_;
    std::vector<std::string> own_;
    std::vector<std::string> photos_;
    std::optional<Pseudonyms> pseudonyms_;
    std::string organisation_, store_;
};

Json matter_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    const auto clock = running_clock(present, row, {"CMP.ACCEPT", "RPT.VERIFY"});
    return {{"kind", procedure ? present.procedure(*procedure) : present.term(row.procedure)},
            {"law", procedure ? present.citations(procedure->law) : Json::array()},
            {"due", clock ? Json(clock->due.raw.text()) : Json(nullptr)},
            {"authority", present.organisation(row.organisation)}};
}

/// The receipt without its secret: what may be kept for a repetition.
Json receipt(const Call& call, const journal::Reader& reader, const Recorded& recorded) {
    Presenter present(call.services, reader, call.now);
    Json matters = Json::array({matter_json(present, recorded.first)});
    if (recorded.second) matters.push_back(matter_json(present, *recorded.second));
    return {{"ticket", recorded.first.id},
            {"secret", ""},
            {"received_on", recorded.first.opened_on.text()},
            {"split", recorded.second.has_value()},
            {"matters", std::move(matters)}};
}

/// The receipt of the same request, if it was recorded before; key_reused where the words differ.
Result<std::optional<Json>> earlier_receipt(const Call& call) {
    std::optional<facts::RequestRow> row;
    if (call.repeat_key.empty()) return std::optional<Json>();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        row = TRY(reader.view<facts::RequestRow>().find(receipt_key(call)));
        return {};
    }));
    if (!row) return std::optional<Json>();
    CHECK(same_request(*row, call.request));
    return std::optional(Json::parse(row->body, nullptr, false));
}

}  // namespace

Answer public_form(const Call& call) {
    std::optional<Json> body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Date today = call.now.date();
        Presenter present(call.services, reader, call.now);
        Json reasons = Json::array(), categories = Json::array(), counties = Json::array();
        const law::Law& law = call.services.law;
        for (const law::Word& word : law.find_vocabulary("report_reasons")->words) {
            Json reason = present.named(word.code, word.zh, word.en);
            reason["violation"] = is_violation(law, word.code);
            reason["anonymous"] = is_violation(law, word.code);
            reasons.push_back(std::move(reason));
        }
        for (const law::Word& word : law.find_vocabulary("categories")->words)
            categories.push_back(present.named(word.code, word.zh, word.en));
        const auto tree = TRY(registry::OrganisationTree::load(reader));
        for (const std::string& id : tree.subtree(call.services.default_organisation, today)) {
            const auto* unit = tree.find(id, today);
            if (unit && unit->kind == "authority" && unit->level == "county")
                if (Json county = region_named(present, unit->region); !county.is_null())
                    counties.push_back(std::move(county));
        }
        Json law_text = Json::array();
        for (const char* id : {"complaint", "report"})
            if (const auto procedure = law.procedure(id, today))
                for (const std::string& citation : (*procedure)->law)
                    law_text.push_back(present.citation(citation));
        body = Json{{"reasons", std::move(reasons)},      {"categories", std::move(categories)},
                    {"counties", std::move(counties)},    {"photos_max", photos_max},
                    {"photo_bytes_max", photo_bytes_max}, {"text_max", text_max},
                    {"law", std::move(law_text)}};
        return {};
    }));
    return json_response(*body);
}

Answer public_report(const Call& call) {
    call.remembered = true;  // the door keeps no answer with a secret in it; the receipt is kept below
    const std::string secret = TRY(secret_for(call));
    Json body;
    if (auto before = TRY(earlier_receipt(call))) {
        body = std::move(*before);
    } else {
        const Submission what = TRY(submission_of(call));
        CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
            TRY(handled_by(call, reader, what));
            return {};
        }));
        Intake intake(call, what, secret);
        CHECK(intake.prepare());
        CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
            body = receipt(call, writer, TRY(intake.record(writer)));
            if (call.repeat_key.empty()) return {};
            return writer.remember({.key = receipt_key(call),
                                    .digest = Bytes(bytes_of(sm3(call.request.body))),
                                    .status = 201,
                                    .body = body.dump(),
                                    .etag = {},
                                    .at = call.now.us},
                                   repeats_kept_us);
        }));
    }
    body["secret"] = secret;
    return json_response(body, 201);
}

}  // namespace qingyuan::api
