#include "api/notices.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/access.hpp"
#include "act/engine.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t dossiers_max = 200'000;
constexpr std::size_t lines_max = 20;  ///< matters named in one message; the rest is a number
constexpr int tries_max = 8;
constexpr std::int64_t minute_us = 60'000'000;
constexpr std::int64_t kept_us = 366LL * 24 * 60 * minute_us;

int distance_of(const law::Calendar& calendar, Date due, Date today) {
    return static_cast<int>(calendar.working_days_before(today) - calendar.working_days_before(due));
}

std::string said_zh(int distance) {
    if (distance < 0) return fmt::format("还有 {} 个工作日", -distance);
    return distance == 0 ? std::string("今日届满") : fmt::format("已逾期 {} 个工作日", distance);
}

std::string said_en(int distance) {
    const int days = std::abs(distance);
    if (distance < 0) return fmt::format("{} working day{} left", days, days == 1 ? "" : "s");
    return distance == 0 ? std::string("ends today")
                         : fmt::format("{} working day{} late", days, days == 1 ? "" : "s");
}

}  // namespace

Result<std::vector<EscalationRule>> load_escalation(const law::Law& law) {
    const auto file = law.directory() / "escalation.csv";
    std::ifstream in(file, std::ios::binary);
    std::vector<EscalationRule> rules;
    if (!in) return rules;
    const std::string text(std::istreambuf_iterator<char>(in), {});
    CsvReader reader = TRY(CsvReader::create(text));
    std::map<std::string_view, std::size_t> at;
    for (const std::string_view name : {"limit", "offset", "tell", "from", "to"}) {
        const auto column = reader.find_column(name);
        if (!column)
            return Error{ErrorCode::column_missing, fmt::format("there is no column {}", name),
                         "escalation.csv"};
        at[name] = *column;
    }
    while (const auto row = TRY(reader.next())) {
        const auto cell = [&](std::string_view name) { return std::string_view(row->cells[at[name]]); };
        const auto offset = parse_integer(cell("offset"));
        const bool known_limit = cell("limit") == "*" || std::any_of(law.limits().begin(), law.limits().end(),
                                                                     [&](const law::Limit& limit) {
                                                                         return limit.id == cell("limit");
                                                                     });
        const bool known_group = cell("tell") == "officers" || law.find_role(cell("tell")) != nullptr;
        if (!offset || std::abs(*offset) > 250 || !known_limit || !known_group)
            return Error{ErrorCode::law_value_invalid,
                         "a limit or *, whole working days, and officers or a role",
                         fmt::format("escalation.csv:{}", row->line)};
        EscalationRule rule{std::string(cell("limit")), static_cast<int>(*offset), std::string(cell("tell")),
                            law::InForce{}};
        if (!cell("from").empty()) rule.in_force.from = TRY(parse_date(cell("from")));
        if (!cell("to").empty()) rule.in_force.to = TRY(parse_date(cell("to")));
        rules.push_back(std::move(rule));
    }
    return rules;
}

const EscalationRule* rule_at(const std::vector<EscalationRule>& rules, std::string_view limit,
                              std::string_view tell, int distance, Date today) {
    const bool has_own = std::any_of(rules.begin(), rules.end(), [&](const EscalationRule& rule) {
        return rule.limit == limit && rule.tell == tell && rule.in_force.holds(today);
    });
    const EscalationRule* best = nullptr;
    for (const EscalationRule& rule : rules) {
        if (rule.tell != tell || rule.offset > distance || !rule.in_force.holds(today)) continue;
        if (rule.limit != (has_own ? limit : std::string_view("*"))) continue;
        if (!best || rule.offset > best->offset) best = &rule;
    }
    return best;
}

/// Whom a matter concerns, each looked up once a pass.
class Notices::Crowd {
 public:
    Crowd(const journal::Reader& reader, Date today) : reader_(&reader), today_(today) {}

    /// Those named on the matter, or the holders of the role in its organisation, or in the first one above
    /// it that has any; without who must not see it.
    Result<std::vector<std::string>> of(const facts::DossierRow& dossier, std::string_view tell) {
        std::vector<std::string> people;
        if (tell == "officers")
            people = dossier.officers;
        else
            people = TRY(holders(dossier.organisation, tell));
        std::vector<std::string> out;
        const auto object = TRY(access::object_of(*reader_, dossier));
        for (std::string& person : people) {
            const access::Subject* subject = TRY(subject_of(person));
            if (subject && access::decide(*subject, access::Policy::dossier_list, object).allowed)
                out.push_back(std::move(person));
        }
        return out;
    }

 private:
    Result<std::vector<std::string>> holders(const std::string& organisation, std::string_view role) {
        const auto key = std::pair(organisation, std::string(role));
        if (const auto known = holders_.find(key); known != holders_.end()) return known->second;
        std::vector<std::string> found;
        const auto path = registry::path(*reader_, organisation, today_);
        if (path)
            for (auto at = path->rbegin(); at != path->rend() && found.empty(); ++at)
                found = TRY(holders_in(at->id, role));
        return holders_.emplace(key, std::move(found)).first->second;
    }
    Result<std::vector<std::string>> holders_in(const std::string& organisation,
                                                std::string_view role) const {
        std::vector<std::string> found;
        const journal::Query posts{.where = {{"organisation", journal::Compare::equal, {organisation}}}};
        for (const facts::PersonRow& row : TRY(reader_->view<facts::PersonRow>().list(posts))) {
            const auto roles = TRY(registry::roles_on(*reader_, row.id, today_));
            if (std::find(roles.begin(), roles.end(), role) != roles.end()) found.push_back(row.id);
        }
        return found;
    }
    Result<const access::Subject*> subject_of(const std::string& person) {
        if (const auto known = subjects_.find(person); known != subjects_.end())
            return known->second ? &*known->second : nullptr;
        auto subject = access::subject_of(*reader_, person, today_);
        if (!subject && subject.error().code != ErrorCode::person_unknown) return subject.error();
        auto& kept = subjects_[person];
        if (subject) kept = std::move(*subject);
        return kept ? &*kept : nullptr;
    }

    const journal::Reader* reader_;
    Date today_;
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> holders_;
    std::map<std::string, std::optional<access::Subject>> subjects_;
};

Result<std::unique_ptr<Notices>> Notices::open(NoticeParts parts, Channels channels) {
    auto rules = TRY(load_escalation(parts.law));
    return std::make_unique<Notices>(parts, std::move(channels), std::move(rules));
}

/// What the rules say of one matter today.
Result<void> Notices::look_at(const facts::DossierRow& dossier, Crowd& crowd, Instant now,
                              std::vector<Told>& out) const {
    std::vector<std::string> groups;
    for (const EscalationRule& rule : rules_)
        if (std::find(groups.begin(), groups.end(), rule.tell) == groups.end()) groups.push_back(rule.tell);
    const act::Engine engine(parts_.law);
    for (const act::ClockView& clock : engine.clocks(dossier, now)) {
        if (!clock.running || !clock.duty || clock.suspended) continue;
        const int distance = distance_of(parts_.law.calendar(), clock.due.raw, now.date());
        for (const std::string& group : groups) {
            const EscalationRule* rule = rule_at(rules_, clock.limit_id, group, distance, now.date());
            if (!rule) continue;
            for (const std::string& person : TRY(crowd.of(dossier, group))) {
                NoticeRow row{
                    .id = hex(sm3(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", person, dossier.seq, clock.limit_id,
                                              clock.due.raw.text(), group, rule->offset)))
                              .substr(0, 32),
                    .person = person,
                    .kind = distance < 0    ? "before_due"
                            : distance == 0 ? "due"
                                            : "after_due",
                    .dossier = dossier.id,
                    .procedure = dossier.procedure,
                    .limit = clock.limit_id,
                    .due_on = clock.due.raw,
                    .link = "/dossiers/" + dossier.id,
                    .at = now.us,
                    .unread = true,
                    .escalated = group != "officers"};
                out.push_back({std::move(row), distance});
            }
        }
    }
    return {};
}

Result<void> Notices::look(const journal::Reader& reader, Instant now, std::vector<Told>& out) const {
    int first = 0;
    for (const EscalationRule& rule : rules_) first = std::min(first, rule.offset);
    // So many working days never take more calendar days than this.
    const Date last = now.date() + (-first * 2 + 20);
    Crowd crowd(reader, now.date());
    const journal::Query soon{.where = {{"due", journal::Compare::greater, {std::int64_t{0}}},
                                        {"due", journal::Compare::less_equal, {std::int64_t{last.days}}},
                                        {"open", journal::Compare::equal, {std::int64_t{1}}}},
                              .order_by = "due",
                              .limit = dossiers_max};
    for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(soon)))
        CHECK(look_at(row, crowd, now, out));
    return {};
}

/// Leads whose findings the system took back while somebody works on them.
Result<std::vector<NoticeRow>> Notices::taken_back(const journal::Reader& reader, Instant now) {
    std::vector<NoticeRow> out;
    const std::uint64_t head = TRY(reader.head()).size;
    Crowd crowd(reader, now.date());
    const journal::Query moved{
        .where = {{"version", journal::Compare::greater, {static_cast<std::int64_t>(seen_.load())}},
                  {"procedure", journal::Compare::equal, {std::string("lead")}},
                  {"open", journal::Compare::equal, {std::int64_t{1}}}},
        .limit = dossiers_max};
    for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(moved))) {
        const auto last = std::find_if(row.steps.rbegin(), row.steps.rend(), [](const auto& taken) {
            return taken.step == "finding_withdrawn" && !taken.voided;
        });
        if (last == row.steps.rend()) continue;
        const facts::Value* value = facts::find(row.attributes, "left");
        const auto* left = value ? std::get_if<std::int64_t>(value) : nullptr;
        for (const std::string& person : TRY(crowd.of(row, "officers")))
            out.push_back(
                {.id = hex(sm3(fmt::format("withdrawn\n{}\n{}", person, last->seq))).substr(0, 32),
                 .person = person,
                 .kind = "findings_withdrawn",
                 .dossier = row.id,
                 .procedure = row.procedure,
                 .limit = {},
                 .due_on = {},
                 .zh = fmt::format("线索 {}：系统撤回了部分问题，尚余 {} 条", row.id, left ? *left : 0),
                 .en =
                     fmt::format("Lead {}: the system took findings back, {} left", row.id, left ? *left : 0),
                 .link = "/dossiers/" + row.id,
                 .at = now.us,
                 .unread = true,
                 .escalated = false});
    }
    seen_ = head;
    return out;
}

/// One message for each of the people who want one, by each channel they want.
Result<void> Notices::send_out(journal::Projections& rows, const std::set<std::string>& people,
                               Instant now) const {
    for (const std::string& person : people) {
        const auto wish = TRY(rows.find<NoticeSettingsRow>(person));
        for (const std::string channel : {"mail", "webhook"}) {
            const bool wanted =
                wish && (channel == "mail" ? wish->mail && can_mail() : wish->webhook && can_post());
            if (wanted)
                CHECK(rows.put(DeliveryRow{.id = fmt::format("{}/{}/{}", channel, person, now.us),
                                           .channel = channel,
                                           .notice = std::to_string(now.us),
                                           .person = person,
                                           .tries = 0,
                                           .due = now.us}));
        }
    }
    return {};
}

Result<std::int64_t> Notices::tell(std::vector<NoticeRow> notices, Instant now) {
    std::int64_t count = 0;
    CHECK(parts_.work.write([&](journal::Projections& rows) -> Result<void> {
        std::set<std::string> people;
        for (NoticeRow& row : notices) {
            if (TRY(rows.find<NoticeRow>(row.id))) continue;
            people.insert(row.person);
            row.at = now.us;
            CHECK(rows.put(std::move(row)));
            ++count;
        }
        return send_out(rows, people, now);
    }));
    return count;
}

/// Puts what is new into the inboxes, and one message for each person on its way out.
Result<std::int64_t> Notices::put(std::vector<Told> told, Instant now) {
    std::int64_t count = 0;
    CHECK(parts_.work.write([&](journal::Projections& rows) -> Result<void> {
        std::map<std::string, std::optional<NoticeSettingsRow>> settings;
        std::set<std::string> has_news;
        for (Told& one : told) {
            NoticeRow& row = one.row;
            const std::string person = row.person;
            if (!settings.contains(person)) settings[person] = TRY(rows.find<NoticeSettingsRow>(person));
            if (row.kind == "before_due" && settings[person] && settings[person]->late_only) continue;
            if (TRY(rows.find<NoticeRow>(row.id))) continue;
            const auto procedure = parts_.law.procedure(row.procedure, now.date());
            const auto limit = parts_.law.limit(row.limit, now.date());
            const std::string zh = procedure ? (*procedure)->zh : row.procedure;
            const std::string en = procedure ? (*procedure)->en : row.procedure;
            const std::string limit_zh = limit && !(*limit)->zh.empty() ? (*limit)->zh : row.limit;
            row.zh = fmt::format("{} {}：{}（{} 届满）{}", zh, row.dossier, limit_zh, row.due_on.text(),
                                 said_zh(one.distance));
            row.en = fmt::format("{} {}: {} ends {}, {}", en, row.dossier, limit ? (*limit)->step : row.limit,
                                 row.due_on.text(), said_en(one.distance));
            CHECK(rows.put(std::move(row)));
            ++count;
            has_news.insert(person);
        }
        return send_out(rows, has_news, now);
    }));
    return count;
}

Result<std::int64_t> Notices::pass(Instant now) {
    std::vector<Told> told;
    std::vector<NoticeRow> taken;
    CHECK(parts_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        taken = TRY(taken_back(reader, now));
        return look(reader, now, told);
    }));
    const std::int64_t count = taken.empty() ? 0 : TRY(tell(std::move(taken), now));
    return count + TRY(put(std::move(told), now));
}

Result<std::int64_t> Notices::remind(const journal::Reader& reader, const facts::DossierRow& dossier,
                                     Instant now) {
    const act::Engine engine(parts_.law);
    std::optional<act::ClockView> first;
    for (const act::ClockView& clock : engine.clocks(dossier, now))
        if (clock.running && (!first || clock.due.raw < first->due.raw)) first = clock;
    if (!first)
        return Error{ErrorCode::condition_unmet,      "no clock of this matter runs", {},        {},
                     "there is nothing to remind of", "该事项没有正在计算的期限",     "无须催办"};
    Crowd crowd(reader, now.date());
    std::vector<Told> told;
    for (const std::string& person : TRY(crowd.of(dossier, "officers"))) {
        NoticeRow row{
            .id = hex(sm3(fmt::format("remind\n{}\n{}\n{}", person, dossier.seq, now.us))).substr(0, 32),
            .person = person,
            .kind = "reminded",
            .dossier = dossier.id,
            .procedure = dossier.procedure,
            .limit = first->limit_id,
            .due_on = first->due.raw,
            .link = "/dossiers/" + dossier.id,
            .at = now.us,
            .unread = true,
            .escalated = false};
        told.push_back({std::move(row), distance_of(parts_.law.calendar(), first->due.raw, now.date())});
    }
    if (told.empty())
        return Error{ErrorCode::condition_unmet,
                     "nobody is named on this matter yet",
                     {},
                     {},
                     "somebody takes it up first",
                     "该事项尚无承办人员",
                     "请先确定承办人员"};
    return put(std::move(told), now);
}

// --- out of the house

Result<std::string> Notices::address_of(const std::string& person) const {
    const auto settings = TRY(parts_.work.find<NoticeSettingsRow>(person));
    if (!settings || !settings->mail || settings->address.empty())
        return Error{ErrorCode::record_unknown, "no address"};
    return parts_.vault.find(settings->address);
}

Result<void> Notices::send(const DeliveryRow& delivery, const std::vector<NoticeRow>& notices) const {
    if (delivery.channel == "webhook") {
        nlohmann::ordered_json items = nlohmann::ordered_json::array();
        for (const NoticeRow& row : notices)
            items.push_back({{"kind", row.kind},
                             {"dossier", row.dossier},
                             {"procedure", row.procedure},
                             {"limit", row.limit},
                             {"due_on", row.due_on.text()},
                             {"zh", row.zh},
                             {"en", row.en},
                             {"link", channels_.public_url + row.link}});
        const nlohmann::ordered_json body{{"to", delivery.person}, {"notices", std::move(items)}};
        const auto answer = TRY(channels_.client->fetch(
            {.method = "POST",
             .url = channels_.webhook,
             .headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", delivery.id}},
             .body = body.dump()}));
        if (!answer.ok())
            return Error{ErrorCode::peer_failed, fmt::format("the messenger answered {}", answer.status)};
        return {};
    }
    std::string text;
    for (std::size_t i = 0; i < notices.size() && i < lines_max; ++i)
        text += fmt::format("{}\n{}{}\n\n", notices[i].zh, channels_.public_url, notices[i].link);
    if (notices.size() > lines_max)
        text += fmt::format("另有 {} 件，请登录查看。\n", notices.size() - lines_max);
    return channels_.mailer->send({.to = {TRY(address_of(delivery.person))},
                                   .subject = fmt::format("清源提醒：{} 件事项", notices.size()),
                                   .text = std::move(text)});
}

Result<std::int64_t> Notices::deliver(Instant now) {
    using journal::Compare;
    std::int64_t sent = 0;
    const journal::Query ready{.where = {{"due", Compare::less_equal, {now.us}}}, .order_by = "due"};
    for (DeliveryRow& delivery : TRY(parts_.work.list<DeliveryRow>(ready))) {
        const auto at = TRY(parse_integer(delivery.notice));
        const auto notices = TRY(parts_.work.list<NoticeRow>(
            {.where = {{"person", Compare::equal, {delivery.person}}, {"at", Compare::equal, {at}}}}));
        const bool possible = delivery.channel == "mail" ? can_mail() : can_post();
        const Result<void> done = notices.empty() || !possible ? Result<void>() : send(delivery, notices);
        sent += done && !notices.empty() && possible;
        ++delivery.tries;
        const bool hopeless =
            !done && (done.error().info().kind != ErrorKind::failure || delivery.tries >= tries_max);
        if (done || hopeless) {
            CHECK(parts_.work.erase<DeliveryRow>(delivery.id));
            continue;
        }
        delivery.due = now.us + minute_us * (std::int64_t{1} << delivery.tries);
        CHECK(parts_.work.put(std::move(delivery)));
    }
    return sent;
}

Result<void> Notices::sweep(Instant now) {
    const journal::Query old{.where = {{"at", journal::Compare::less, {now.us - kept_us}},
                                       {"unread", journal::Compare::equal, {std::int64_t{0}}}}};
    return parts_.work.write([&](journal::Projections& rows) -> Result<void> {
        for (const NoticeRow& row : TRY(rows.view<NoticeRow>().list(old)))
            CHECK(rows.erase<NoticeRow>(row.id));
        return {};
    });
}

}  // namespace qingyuan::api
