// Dossiers: the list with its clocks, one dossier whole, and the steps that can be taken.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/present.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t scan_max = 200'000;  ///< dossiers looked through for a text search

/// Organisations of the subtree; the condition on a list.
Result<journal::Condition> under(const Call& call, const journal::Reader& reader,
                                 std::string_view organisation) {
    const auto tree = TRY(registry::OrganisationTree::load(reader));
    if (!tree.find(organisation, call.now.date()))
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("there is no organisation '{}'", organisation), "org"};
    journal::Condition condition{"organisation", journal::Compare::one_of, {}};
    for (const std::string& id : tree.subtree(organisation, call.now.date()))
        condition.values.emplace_back(id);
    return condition;
}

/// The conditions of a list that the store can answer.
Result<std::vector<journal::Condition>> conditions(const Call& call, const journal::Reader& reader) {
    using journal::Compare;
    std::vector<journal::Condition> where;
    const std::string_view organisation = call.parameter("org").empty()
                                              ? std::string_view(call.services.default_organisation)
                                              : call.parameter("org");
    if (!organisation.empty()) where.push_back(TRY(under(call, reader, organisation)));
    for (const char* field : {"procedure", "state", "campaign"})
        if (const auto value = call.parameter(field); !value.empty())
            where.push_back({field, Compare::equal, {std::string(value)}});
    if (const auto value = call.parameter("operator"); !value.empty())
        where.push_back({"operator_id", Compare::equal, {std::string(value)}});
    const auto due = call.parameter("due");
    if (due == "late") {
        where.push_back({"due", Compare::greater, {std::int64_t{0}}});
        where.push_back({"due", Compare::less, {std::int64_t{call.now.date().days}}});
    } else if (due == "near") {
        // Three working days are never more than seven calendar days outside the long holidays; the clock
        // itself decides below.
        where.push_back({"due", Compare::greater_equal, {std::int64_t{call.now.date().days}}});
        where.push_back({"due", Compare::less_equal, {std::int64_t{call.now.date().days + 14}}});
    } else if (!due.empty() && due != "suspended") {
        return Error{ErrorCode::usage, "due is late, near or suspended", "due"};
    }
    return where;
}

bool matches_rest(const Call& call, const facts::DossierRow& row, const std::vector<act::ClockView>& clocks) {
    if (const auto open = call.parameter("open"); !open.empty() && row.open != (open == "true")) return false;
    if (const auto category = call.parameter("category"); !category.empty() && row.category != category)
        return false;
    if (const auto due = call.parameter("due"); !due.empty()) {
        const bool any = std::any_of(clocks.begin(), clocks.end(), [&](const act::ClockView& clock) {
            return standing(clock, call.now) == due;
        });
        if (!any) return false;
    }
    if (const auto q = call.parameter("q"); !q.empty())
        return row.id.find(q) != std::string::npos || row.title.find(q) != std::string::npos ||
               row.operator_id.find(q) != std::string::npos;
    return true;
}

/// The cursor is the sequence number of the last row shown.
Result<std::int64_t> cursor_of(const Call& call) {
    if (call.parameter("cursor").empty()) return std::int64_t{0};
    const auto cursor = parse_integer(call.parameter("cursor"));
    if (!cursor || *cursor < 0)
        return Error{ErrorCode::usage, "a cursor is the `next` of the page before", "cursor"};
    return *cursor;
}

/// All matching dossiers in the order asked for.
Result<std::vector<facts::DossierRow>> matching(const Call& call, const journal::Reader& reader,
                                                std::map<std::string_view, int>& standings) {
    const auto engine = call.services.engine();
    auto rows = TRY(
        reader.view<facts::DossierRow>().list({.where = TRY(conditions(call, reader)), .limit = scan_max}));
    std::erase_if(rows, [&](const facts::DossierRow& row) {
        const auto clocks = engine.clocks(row, call.now);
        if (!matches_rest(call, row, clocks)) return true;
        // A dossier counts once, by the most pressing of its clocks.
        for (const std::string_view kind : {"late", "near", "suspended"})
            if (std::any_of(clocks.begin(), clocks.end(),
                            [&](const act::ClockView& c) { return standing(c, call.now) == kind; })) {
                ++standings[kind];
                break;
            }
        return false;
    });
    const auto sort = call.parameter("sort");
    const auto by_due = [](const facts::DossierRow& row) {
        return row.open && row.due > 0 ? row.due : INT64_MAX;
    };
    std::sort(rows.begin(), rows.end(), [&](const facts::DossierRow& a, const facts::DossierRow& b) {
        if (sort.empty() || sort == "due") {
            if (by_due(a) != by_due(b)) return by_due(a) < by_due(b);
        } else if (sort == "opened") {
            if (a.opened_on != b.opened_on) return a.opened_on < b.opened_on;
        } else if (sort == "-opened") {
            if (a.opened_on != b.opened_on) return a.opened_on > b.opened_on;
        } else if (sort == "id") {
            if (a.id != b.id) return a.id < b.id;
        } else if (sort == "-updated") {
            if (a.version != b.version) return a.version > b.version;
        }
        return a.seq > b.seq;
    });
    return rows;
}

}  // namespace

Answer list_dossiers(const Call& call) {
    Json body;
    const std::uint64_t limit = TRY(call.limit());
    const std::int64_t cursor = TRY(cursor_of(call));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        std::map<std::string_view, int> standings;
        const auto rows = TRY(matching(call, reader, standings));
        Presenter present(call.services, reader, call.now);
        Json items = Json::array();
        auto first = rows.begin();
        if (cursor != 0) {
            first = std::find_if(rows.begin(), rows.end(),
                                 [&](const facts::DossierRow& row) { return row.seq == cursor; });
            if (first != rows.end()) ++first;
        }
        const auto last =
            first + std::min<std::ptrdiff_t>(rows.end() - first, static_cast<std::ptrdiff_t>(limit));
        for (auto row = first; row != last; ++row) items.push_back(present.dossier_row(*row));
        body = {{"items", std::move(items)},           {"total", rows.size()},
                {"late", standings["late"]},           {"near", standings["near"]},
                {"suspended", standings["suspended"]}, {"next", nullptr}};
        if (last != rows.end() && last != rows.begin()) body["next"] = std::to_string((last - 1)->seq);
        return {};
    }));
    return json_response(body);
}

Answer today(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto engine = call.services.engine();
        const law::Calendar& calendar = call.services.law.calendar();
        const Date date = call.now.date();
        std::vector<journal::Condition> where;
        const std::string_view organisation = call.parameter("org").empty()
                                                  ? std::string_view(call.services.default_organisation)
                                                  : call.parameter("org");
        if (!organisation.empty()) where.push_back(TRY(under(call, reader, organisation)));
        int late = 0, due_today = 0, near = 0, suspended = 0, open = 0;
        constexpr int days_shown = 14;
        std::array<int, days_shown> due_on{};
        struct Counts {
            int total = 0, open = 0, late = 0, near = 0;
        };
        std::map<std::string, Counts> procedures;
        for (const auto& row :
             TRY(reader.view<facts::DossierRow>().list({.where = where, .limit = scan_max}))) {
            Counts& counts = procedures[row.procedure];
            ++counts.total;
            if (!row.open) continue;
            ++open, ++counts.open;
            bool is_late = false, is_near = false, is_suspended = false;
            for (const auto& clock : engine.clocks(row, call.now)) {
                const auto how = standing(clock, call.now);
                is_late |= how == "late", is_near |= how == "near", is_suspended |= how == "suspended";
                if (!clock.running) continue;
                const int ahead = clock.due.raw - date;
                if (ahead == 0) ++due_today;
                if (ahead >= 0 && ahead < days_shown) ++due_on[static_cast<std::size_t>(ahead)];
            }
            late += is_late, near += !is_late && is_near, suspended += !is_late && !is_near && is_suspended;
            counts.late += is_late, counts.near += !is_late && is_near;
        }
        Json days = Json::array();
        for (int i = 0; i < days_shown; ++i)
            days.push_back({{"date", (date + i).text()},
                            {"working", calendar.is_working(date + i)},
                            {"provisional", calendar.is_provisional(date + i)},
                            {"due", due_on[static_cast<std::size_t>(i)]}});
        Presenter present(call.services, reader, call.now);
        Json listed = Json::array();
        for (const auto& [id, counts] : procedures) {
            const auto procedure = call.services.law.procedure(id, date);
            Json item = procedure ? present.procedure(**procedure) : present.term(id);
            item["unit"] = procedure ? present.word("counting_units", (*procedure)->unit) : Json(nullptr);
            item["total"] = counts.total, item["open"] = counts.open, item["late"] = counts.late,
            item["near"] = counts.near;
            listed.push_back(std::move(item));
        }
        body = {{"date", date.text()},
                {"working", calendar.is_working(date)},
                {"late", late},
                {"due_today", due_today},
                {"near", near},
                {"suspended", suspended},
                {"open", open},
                {"days", std::move(days)},
                {"procedures", std::move(listed)}};
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
