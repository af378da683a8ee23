// Dossiers: the list with its clocks, and the counts of the first page.
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/lists.hpp"
#include "api/present.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t row_kept_us = 60'000'000;

/// A row of the list as JSON: the same text for everybody who is shown as much of it, until a fact changes
/// the dossier or the minute is over. Names of officers and the standing of clocks are so at most a minute
/// old.
AnswerCache::Kept row_text(Presenter& present, const facts::DossierRow& row, access::Masks masks) {
    AnswerCache& kept = *present.services().row_texts;
    const std::string key =
        fmt::format("{}|{}|{}|{}", row.seq, row.version, masks, present.now().us / row_kept_us);
    if (auto text = kept.find(key)) return text;
    present.mask(masks);
    const auto text = std::make_shared<const KeptAnswer>(KeptAnswer{json_text(present.dossier_row(row)), {}});
    kept.keep(key, text);
    return text;
}

/// The counts of a scope with more dossiers than this are kept (kept_counts.hpp): it takes half a second to
/// count a million. Smaller scopes are counted each time.
constexpr std::uint64_t large_scope = 50'000;

/// What a list asks, as text: two lists of one text hold the same dossiers.
std::string text_of(const DossierList& list) {
    std::string out;
    const auto add = [&](const std::vector<journal::Condition>& conditions) {
        for (const journal::Condition& one : conditions) {
            out += fmt::format("{}:{}", one.field, static_cast<int>(one.compare));
            for (const journal::Key& value : one.values)
                out += std::holds_alternative<std::string>(value)
                           ? fmt::format(" {}'{}'", std::get<std::string>(value).size(),
                                         std::get<std::string>(value))
                           : fmt::format(" {}", std::get<std::int64_t>(value));
            out += ';';
        }
    };
    add(list.where);
    for (const journal::Branch& branch : list.any) {
        out += '|';
        add(branch);
    }
    return out;
}

/// The counts above a list. Where there are more than are counted exactly, they may be some minutes old:
/// counting costs more than the page they stand above.
Result<DossierCounts> counts_of(const Call& call, const journal::Reader& reader, const DossierList& list) {
    const Date today = call.now.date();
    const Services& services = call.services;
    const Date near = near_until(services.law.calendar(), today);
    const auto text_of_counts = [](const DossierCounts& counts) {
        return json_text(Json{counts.total, counts.late, counts.near, counts.suspended});
    };
    const std::string key = fmt::format("counts|{}|{}", today.text(), text_of(list));
    const auto again = [&services, list, today, near, text_of_counts]() -> Result<std::string> {
        std::string text;
        CHECK(services.journal.read([&](const journal::Reader& later) -> Result<void> {
            text = text_of_counts(TRY(count_dossiers(later, list, today, near)));
            return {};
        }));
        return text;
    };
    if (const auto kept = services.kept_counts->find(key, call.now.us, again)) {
        const Json json = Json::parse(*kept);
        return DossierCounts{json[0], json[1], json[2], json[3]};
    }
    const DossierCounts counts = TRY(count_dossiers(reader, list, today, near));
    if (counts.estimated()) services.kept_counts->keep(key, call.now.us, text_of_counts(counts));
    return counts;
}

}  // namespace

Answer list_dossiers(const Call& call) {
    std::string body;
    std::size_t shown = 0;
    const std::uint64_t limit = TRY(call.limit());
    const DossierOrder order = TRY(dossier_order(call.parameter("sort")));
    const bool is_first = call.parameter("cursor").empty();
    Cursor cursor;
    if (!is_first) cursor = TRY(parse_cursor(call.parameter("cursor"), fingerprint(call), order));
    bool note = false;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const DossierList list = TRY(asked_dossiers(call, reader));
        note = list.note;
        if (is_first) cursor.counts = TRY(counts_of(call, reader, list));
        // One more than shown tells whether there is a next page.
        auto rows = TRY(next_dossiers(reader, list, order, limit + 1, cursor.place));
        const bool more = rows.size() > limit;
        if (more) rows.pop_back();
        Presenter present(call.services, reader, call.now);
        body = R"({"items":[)";
        for (const facts::DossierRow& row : rows) {
            const auto object = TRY(access::object_of(reader, row));
            const auto masks = access::decide(call.subject, call.operation.policy, object).masks;
            if (shown++ > 0) body += ',';
            body += row_text(present, row, masks)->body;
        }
        const DossierCounts& counts = cursor.counts;
        Json rest{{"total", std::min(counts.total, exact_max)},
                  {"estimated", counts.estimated() || list.is_cut},
                  {"late", counts.late},
                  {"near", counts.near},
                  {"suspended", counts.suspended},
                  {"next", nullptr}};
        if (more) {
            cursor.place = place_of(rows.back(), order);
            rest["next"] = cursor_text(fingerprint(call), cursor);
        }
        body += "]," + json_text(rest).substr(1);
        return {};
    }));
    if (note) CHECK(call.note("dossiers", static_cast<std::int64_t>(shown)));
    http::Response response;
    response.body = std::move(body);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

namespace {

constexpr int days_shown = 14;
/// Dossiers of one scope as the first page counts them: each by its nearest deadline.
struct Standing {
    struct Counts {
        std::uint64_t total = 0, open = 0, late = 0, near = 0;
    };
    std::uint64_t late = 0, near = 0, suspended = 0, open = 0;
    std::array<std::uint64_t, days_shown> due_on{};
    std::map<std::string, Counts, std::less<>> procedures;
};

Result<Standing> standing_of(const journal::Reader& reader, const DossierList& list, Date today,
                             Date near_until) {
    Standing out;
    if (list.any.empty()) return out;
    const journal::Query query{.where = list.where, .any = list.any};
    for (const journal::Tally& tally :
         TRY(reader.view<facts::DossierRow>().tally(query, {"procedure", "due", "suspended", "open"}))) {
        const auto whole = [&](std::size_t i) { return std::get<std::int64_t>(tally.values[i]); };
        Standing::Counts& counts = out.procedures[std::get<std::string>(tally.values[0])];
        counts.total += tally.count;
        if (whole(3) == 0) continue;
        out.open += tally.count, counts.open += tally.count;
        if (whole(2) != 0) out.suspended += tally.count;
        const std::int64_t due = whole(1), ahead = due - today.days;
        if (due == 0) continue;
        if (ahead < 0) {
            out.late += tally.count, counts.late += tally.count;
            continue;
        }
        if (due <= near_until.days) out.near += tally.count, counts.near += tally.count;
        if (ahead < days_shown) out.due_on[static_cast<std::size_t>(ahead)] += tally.count;
    }
    return out;
}

/// The answer to today, and over how many dossiers it was counted.
struct CountedToday {
    std::string body;
    std::uint64_t dossiers = 0;
};

Result<CountedToday> count_today(const Services& services, const journal::Reader& reader,
                                 const DossierList& list, Instant now) {
    const law::Calendar& calendar = services.law.calendar();
    const Date date = now.date();
    const Standing found = TRY(standing_of(reader, list, date, near_until(calendar, date)));
    Json days = Json::array();
    for (int i = 0; i < days_shown; ++i)
        days.push_back({{"date", (date + i).text()},
                        {"working", calendar.is_working(date + i)},
                        {"provisional", calendar.is_provisional(date + i)},
                        {"due", found.due_on[static_cast<std::size_t>(i)]}});
    Presenter present(services, reader, now);
    Json listed = Json::array();
    CountedToday out;
    for (const auto& [id, counts] : found.procedures) {
        const auto procedure = services.law.procedure(id, date);
        Json item = procedure ? present.procedure(**procedure) : present.term(id);
        item["unit"] = procedure ? present.word("counting_units", (*procedure)->unit) : Json(nullptr);
        item["total"] = counts.total, item["open"] = counts.open, item["late"] = counts.late,
        item["near"] = counts.near;
        listed.push_back(std::move(item));
        out.dossiers += counts.total;
    }
    out.body = json_text({{"date", date.text()},
                          {"working", calendar.is_working(date)},
                          {"late", found.late},
                          {"due_today", found.due_on[0]},
                          {"near", found.near},
                          {"suspended", found.suspended},
                          {"open", found.open},
                          {"days", std::move(days)},
                          {"procedures", std::move(listed)}});
    return out;
}

}  // namespace

Answer today(const Call& call) {
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const DossierList list = TRY(asked_dossiers(call, reader));
        const Services& services = call.services;
        const Instant now = call.now;
        const std::string key = fmt::format("today|{}|{}", now.date().text(), text_of(list));
        const auto again = [&services, list, now]() -> Result<std::string> {
            CountedToday later;
            CHECK(services.journal.read([&](const journal::Reader& beside) -> Result<void> {
                later = TRY(count_today(services, beside, list, now));
                return {};
            }));
            return std::move(later.body);
        };
        if (const auto kept = services.kept_counts->find(key, now.us, again)) {
            response.body = *kept;
            return {};
        }
        CountedToday counted = TRY(count_today(services, reader, list, now));
        if (counted.dossiers > large_scope) services.kept_counts->keep(key, now.us, counted.body);
        response.body = std::move(counted.body);
        return {};
    }));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace qingyuan::api
