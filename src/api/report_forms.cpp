// Reports from forms, the coding of products, sentinel sites: what people do at the report desk.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/report_dossiers.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t form_text_max = 20'000;

Error wanting(std::string_view field, std::string_view zh) {
    return {ErrorCode::field_missing,
            "it must be filled in",
            std::string(field),
            {},
            "fill it in",
            std::string(zh),
            "请填写此项"};
}

Result<void> word_of(const law::Law& law, std::string_view vocabulary, std::string_view field,
                     const std::string& word) {
    if (word.empty()) return {};
    const law::Vocabulary* words = law.find_vocabulary(vocabulary);
    if (words && words->find(word)) return {};
    return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}' is not a word of {}", word, vocabulary),
                 std::string(field)};
}

/// The form as it was filled, for the sealed file: the only place where all of it stands.
std::string form_text(const ReportForm& form, std::string_view number, std::string_view case_id,
                      Instant now) {
    const facts::SafetyReport& report = form.report;
    ordered_json products = ordered_json::array();
    for (const facts::SuspectProduct& one : report.products)
        products.push_back({{"name", one.name},
                            {"ingredient", one.ingredient},
                            {"approval", one.approval},
                            {"maker", one.maker},
                            {"batch", one.batch}});
    const ordered_json out{{"number", number},
                           {"case", case_id},
                           {"at", now.text()},
                           {"kind", report.kind},
                           {"source", report.source},
                           {"organisation", report.organisation},
                           {"city", report.city},
                           {"patient", report.patient},
                           {"patient_id", form.patient_id},
                           {"sex", report.sex},
                           {"age_years", report.age_years ? ordered_json(*report.age_years) : ordered_json()},
                           {"products", std::move(products)},
                           {"reactions", report.reactions},
                           {"onset_on", report.onset_on ? report.onset_on->text() : ""},
                           {"seriousness", report.seriousness},
                           {"outcome", report.outcome},
                           {"causality", report.causality},
                           {"narrative", form.narrative}};
    return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// All faults of a form at once would need the form's own words; here the first is named.
Result<void> check_form(const law::Law& law, const ReportForm& form, Date today) {
    const facts::SafetyReport& report = form.report;
    if (report.products.empty()) return wanting("products", "请填写怀疑的产品");
    if (report.reactions.empty()) return wanting("reactions", "请填写不良反应或者事件");
    if (form.narrative.size() > form_text_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} are taken", form.narrative.size(), form_text_max),
                     "narrative"};
    constexpr std::array<std::string_view, 5> kinds{"", "drug", "device", "cosmetic", "vaccine"};
    if (std::find(kinds.begin(), kinds.end(), report.kind) == kinds.end())
        return Error{ErrorCode::not_in_vocabulary, "drug, device, cosmetic or vaccine", "kind"};
    CHECK(word_of(law, "report_seriousness", "seriousness",
                  form.severity.empty() ? report.seriousness : form.severity));
    CHECK(word_of(law, "adr_outcome", "outcome", report.outcome));
    CHECK(word_of(law, "adr_causality", "causality", report.causality));
    CHECK(word_of(law, "report_channels", "channel", form.channel));
    for (const std::string& word : form.criteria) CHECK(word_of(law, "adr_seriousness", "criteria", word));
    for (const std::string& word : form.no_batch) CHECK(word_of(law, "report_no_batch", "no_batch", word));
    for (const auto& [field, date] :
         {std::pair{"known_on", form.known_on}, std::pair{"onset_on", report.onset_on}})
        if (date && *date > today)
            return Error{ErrorCode::date_in_future,
                         fmt::format("{} lies in the future", date->text()),
                         field,
                         {},
                         "choose a day up to today",
                         "日期晚于今日",
                         "请重新选择日期"};
    return {};
}

}  // namespace

/// F-YYYYMMDDhhmmss-n of the organisation: no two forms of one organisation in one second share n.
Result<std::string> ReportDesk::dealt_number(std::string_view organisation) {
    const std::string stem = fmt::format("{}-{}-", organisation.empty() ? "form" : organisation,
                                         observe::hl7_text(options_.clock.now()).substr(0, 14));
    const std::scoped_lock guard(lock_);
    CHECK(options_.journal.read([&](const journal::Reader& reader) { return catch_up_locked(reader); }));
    for (int i = 1;; ++i)
        if (std::string number = fmt::format("{}{}", stem, i); !state_.archive.find(number)) return number;
}

Result<ReportResult> ReportDesk::from_form(const ReportActor& actor, const ReportForm& form,
                                           std::string_view number, std::string_view case_id) {
    const Instant now = options_.clock.now();
    CHECK(check_form(options_.law, form, now.date()));
    facts::SafetyReport report = form.report;
    report.number = number;
    if (!form.severity.empty()) report.seriousness = form.severity;
    observe::ReportContents more = form.more;
    more.narrative = !form.narrative.empty();
    more.patient = more.patient || !form.patient_id.empty();
    observe::IncomingReport incoming = TRY(observe::incoming_of(report, more, now.date(), options_.law));
    facts::SafetyReportRow& row = incoming.row;
    row.case_id = case_id;
    row.received_on = now.date();
    row.first_known_on = form.known_on.value_or(now.date());
    {
        const std::scoped_lock guard(lock_);
        if (const observe::ReportCase* known = state_.archive.find(case_id)) {
            row.patient = known->latest().row.patient;
            row.patient_id = known->latest().row.patient_id;
        }
    }
    row.info_at = row.sent_at = observe::hl7_text(now).substr(0, 14);
    row.criteria = form.criteria;
    row.is_new = form.is_new;
    row.channel = form.channel.empty() ? std::string(observe::channel_of_source(row.source)) : form.channel;
    for (std::size_t i = 0; i < std::min(form.no_batch.size(), row.products.size()); ++i)
        if (row.products[i].batch.empty()) row.products[i].no_batch = form.no_batch[i];
    std::erase_if(incoming.warnings,
                  [](const auto& one) { return one.code == ErrorCode::batch_number_missing; });
    observe::press_for_batches(incoming);
    incoming.patient_id = form.patient_id;
    std::optional<act::Actor> own;
    if (actor.person == stranger_person)
        own = act::Actor{actor.person, actor.organisation, {"public_user"}, now};
    else
        CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        own = TRY(act::actor_of(reader, actor.person, now));
        return {};
    }));
    if (own->organisation.empty()) own->organisation = actor.organisation;
    std::vector<observe::IncomingReport> reports;
    reports.push_back(std::move(incoming));
    return take_in(actor, observe::report_form_format, form_text(form, number, case_id, now),
                   std::move(reports), {.bytes = {}, .source = "form", .dry_run = form.dry_run}, &*own);
}

Result<ReportResult> ReportDesk::submit(const ReportActor& actor, const ReportForm& form) {
    const std::string number =
        form.report.number.empty() ? TRY(dealt_number(actor.organisation)) : form.report.number;
    return from_form(actor, form, number, number);
}

Result<ReportResult> ReportDesk::follow_up(const ReportActor& actor, std::string_view case_id,
                                           ReportForm form) {
    std::string number;
    CHECK(look([&](const observe::ReportArchive& archive) -> Result<void> {
        const observe::ReportCase* known = archive.find(case_id);
        if (!known)
            return Error{ErrorCode::record_unknown, fmt::format("there is no case '{}'", case_id), "case"};
        number = known->latest().row.number;
        // What the follow-up does not say again stays as it was.
        const facts::SafetyReport before = archive.report_of(known->latest().row);
        if (form.report.products.empty()) form.report.products = before.products;
        if (form.report.reactions.empty()) form.report.reactions = before.reactions;
        if (form.report.kind.empty()) form.report.kind = before.kind;
        if (form.report.source.empty()) form.report.source = before.source;
        if (form.report.organisation.empty()) form.report.organisation = before.organisation;
        if (form.report.city.empty()) form.report.city = before.city;
        if (form.report.sex.empty()) form.report.sex = before.sex;
        if (!form.report.age_years) form.report.age_years = before.age_years;
        if (!form.report.onset_on) form.report.onset_on = before.onset_on;
        return {};
    }));
    return from_form(actor, form, number, case_id);
}

Result<std::vector<observe::UncodedProduct>> ReportDesk::uncoded() {
    const std::scoped_lock guard(lock_);
    std::vector<observe::UncodedProduct> out;
    CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(catch_up_locked(reader));
        out = state_.archive.uncoded(
            [&](std::string_view approval) { return product_is_known(reader, approval); });
        return {};
    }));
    return out;
}

Result<std::uint64_t> ReportDesk::code(const ReportActor& actor, const facts::ProductCodedRow& coding) {
    if (coding.name.empty() && coding.approval.empty()) return wanting("name", "请写明报告中的产品");
    if (coding.coded_name.empty()) return wanting("coded_name", "请写明产品的通用名称");
    const std::scoped_lock guard(lock_);
    std::uint64_t seq = 0;
    CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
        seq = TRY(append_batch(writer, actor, observe::report_coding_format, {},
                               observe::encode_rows(std::vector{coding}), 0, "coding"));
        return {};
    }));
    CHECK(options_.journal.read([&](const journal::Reader& reader) { return catch_up_locked(reader); }));
    return seq;
}

Result<std::vector<facts::DossierRow>> ReportDesk::returned(std::string_view organisation_path) {
    std::vector<facts::DossierRow> out;
    CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        journal::Query query;
        query.where = {{"procedure", journal::Compare::equal, {std::string("adverse_event")}},
                       {"state", journal::Compare::equal, {std::string("returned")}}};
        if (!organisation_path.empty())
            query.where.push_back({"path", journal::Compare::prefix, {std::string(organisation_path)}});
        out = TRY(reader.view<facts::DossierRow>().list(query));
        return {};
    }));
    return out;
}

Result<std::uint64_t> ReportDesk::put_sentinels(const ReportActor& actor,
                                                const std::vector<facts::SentinelRow>& rows) {
    if (rows.empty()) return wanting("site", "请填写哨点");
    for (const facts::SentinelRow& row : rows) {
        if (row.site.empty()) return wanting("site", "请填写哨点");
        if (row.from.days == 0) return wanting("from", "请填写起始日期");
        CHECK(word_of(options_.law, "sentinel_kinds", "kind", row.kind));
    }
    const std::scoped_lock guard(lock_);
    std::uint64_t seq = 0;
    CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
        seq = TRY(append_batch(writer, actor, observe::sentinels_format, {}, observe::encode_rows(rows), 0,
                               "sentinels"));
        return {};
    }));
    CHECK(options_.journal.read([&](const journal::Reader& reader) { return catch_up_locked(reader); }));
    return seq;
}

Result<std::vector<observe::SentinelState>> ReportDesk::sentinels(Date on) {
    CHECK(catch_up());
    const Rational days = TRY(options_.law.parameter("sentinel_silent_days", on));
    const std::scoped_lock guard(lock_);
    return observe::sentinel_states(state_.sentinels, state_.archive, on,
                                    static_cast<int>(days.numerator() / days.denominator()));
}

Result<std::vector<observe::ChannelShare>> ReportDesk::channels(Date from, Date to) {
    CHECK(catch_up());
    const Rational percent = TRY(options_.law.parameter("report_channel_percent", to));
    const std::scoped_lock guard(lock_);
    return observe::channel_shares(state_.archive, from, to, percent.numerator() / percent.denominator());
}

}  // namespace qingyuan::api
