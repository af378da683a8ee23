// From the address of a list to a query, and from page to page.
#include "api/lists.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "act/places.hpp"
#include "api/names.hpp"
#include "base/text.hpp"
#include "journal/signature.hpp"

namespace qingyuan::api {

namespace {

using journal::Branch;
using journal::Compare;
using journal::Condition;

constexpr std::size_t found_max = 2'000;  ///< dossiers and operators that a text is looked for in
constexpr int near_days = 3;

Condition whole(std::string_view field, Compare compare, std::int64_t value) {
    return {field, compare, {value}};
}

/// The branch cut down to what lies under the path; none where the two do not meet.
std::optional<Branch> cut_to(Branch branch, const std::string& path) {
    const Condition under{"path", Compare::prefix, {path}};
    if (branch.empty() || branch.front().field != "path") {
        // What leads a branch stays in front; one without any condition is led by the path.
        const bool leads = branch.empty() || branch.front().compare == Compare::none_of;
        branch.insert(leads ? branch.begin() : branch.end(), under);
        return branch;
    }
    Condition& own = branch.front();
    const auto lies_below = [&](const journal::Key& value) {
        return std::get<std::string>(value).starts_with(path);
    };
    if (own.compare != Compare::prefix) {
        std::erase_if(own.values, [&](const journal::Key& value) { return !lies_below(value); });
        return own.values.empty() ? std::nullopt : std::optional(std::move(branch));
    }
    if (lies_below(own.values.front())) return branch;
    if (!path.starts_with(std::get<std::string>(own.values.front()))) return std::nullopt;
    own = under;
    return branch;
}

bool same(const Condition& a, const Condition& b) {
    return a.field == b.field && a.compare == b.compare && a.values == b.values;
}

/// Branches that differ only in the one value they begin with, as one: an authority and its own units.
std::vector<Branch> gathered(const std::vector<Branch>& any) {
    std::vector<Branch> out;
    for (const Branch& branch : any) {
        const auto twin = std::ranges::find_if(out, [&](const Branch& other) {
            return !branch.empty() && !other.empty() && branch.front().compare == Compare::equal &&
                   other.front().compare == Compare::one_of && branch.front().field == other.front().field &&
                   std::ranges::equal(branch.begin() + 1, branch.end(), other.begin() + 1, other.end(), same);
        });
        if (twin != out.end()) {
            twin->front().values.push_back(branch.front().values.front());
            continue;
        }
        out.push_back(branch);
        if (!branch.empty() && branch.front().compare == Compare::equal)
            out.back().front().compare = Compare::one_of;
    }
    return out;
}

/// The list cut down to the dossiers that the text stands in, and those of operators that it stands in.
Result<void> look_for(const Call& call, const journal::Reader& reader, std::string_view text,
                      DossierList& list) {
    const Found found = TRY(call.services.names->find_for_list(reader, text, found_max));
    list.is_cut = found.is_cut;
    journal::Query query{.where = std::move(list.where)};
    for (const Branch& branch : list.any)
        for (const Condition& lead : {Condition{"seq", Compare::one_of, found.dossiers},
                                      Condition{"operator_id", Compare::one_of, found.operators}}) {
            if (lead.values.empty()) continue;
            Branch& led = query.any.emplace_back(branch);
            led.insert(led.begin(), lead);
        }
    list.where.clear();
    list.any.clear();
    if (query.any.empty()) return {};
    // Looked up once: counts and pages then ask for these keys alone.
    Condition keys{"seq", Compare::one_of, {}};
    for (const journal::Tally& tally : TRY(reader.view<facts::DossierRow>().tally(query, {"seq"})))
        keys.values.push_back(tally.values.front());
    list.any = {{std::move(keys)}};
    return {};
}

Result<void> add_due(const Call& call, DossierList& list) {
    const std::string_view due = call.parameter("due");
    const Date today = call.now.date();
    if (due.empty()) return {};
    if (due == "late") {
        list.where.push_back(whole("due", Compare::greater, 0));
        list.where.push_back(whole("due", Compare::less, today.days));
    } else if (due == "near") {
        const Date until = near_until(call.services.law.calendar(), today);
        list.where.push_back(whole("due", Compare::greater_equal, today.days));
        list.where.push_back(whole("due", Compare::less_equal, until.days));
    } else if (due == "suspended") {
        list.where.push_back(whole("suspended", Compare::equal, 1));
    } else {
        return Error{ErrorCode::usage, "due is late, near or suspended", "due"};
    }
    return {};
}

bool is_by_deadline(const DossierOrder& order) {
    return order.field == "due";
}

}  // namespace

std::vector<Branch> narrowed(std::vector<Branch> any, const std::string& path) {
    std::vector<Branch> out;
    for (Branch& branch : any)
        if (auto cut = cut_to(std::move(branch), path)) out.push_back(*std::move(cut));
    return out;
}

Date near_until(const law::Calendar& calendar, Date today) {
    int working = 0;
    Date day = today;
    while (working < near_days) working += calendar.is_working(++day) ? 1 : 0;
    return day;
}

Result<DossierList> asked_dossiers(const Call& call, const journal::Reader& reader) {
    const access::Scope scope = call.scope(access::Kind::dossier);
    DossierList list;
    list.note = scope.note;
    list.any = gathered(access::branches(scope));
    if (const std::string org(call.parameter("org")); !org.empty()) {
        if (!TRY(registry::find_organisation(reader, org, call.now.date())))
            return Error{ErrorCode::organisation_unknown, fmt::format("there is no organisation '{}'", org),
                         "org"};
        const std::string path = TRY(act::path_of(reader, org));
        list.any = narrowed(std::move(list.any), path);
    }
    for (const char* field : {"procedure", "state", "campaign", "category"})
        if (const auto value = call.parameter(field); !value.empty())
            list.where.push_back({field, Compare::equal, {std::string(value)}});
    if (const auto value = call.parameter("operator"); !value.empty())
        list.where.push_back({"operator_id", Compare::equal, {std::string(value)}});
    if (const auto open = call.parameter("open"); open == "true" || open == "false")
        list.where.push_back(whole("open", Compare::equal, open == "true" ? 1 : 0));
    else if (!open.empty())
        return Error{ErrorCode::usage, "open is true or false", "open"};
    CHECK(add_due(call, list));
    if (const auto text = trim(call.parameter("q")); !text.empty()) CHECK(look_for(call, reader, text, list));
    return list;
}

Result<DossierOrder> dossier_order(std::string_view sort) {
    DossierOrder order{"due", sort.starts_with('-')};
    const std::string_view by = order.descending ? sort.substr(1) : sort;
    if (by == "updated")
        order.field = "version";
    else if (by == "opened")
        order.field = "opened_on";
    else if (by == "id")
        order.field = "id";
    else if (!sort.empty() && by != "due")
        return Error{ErrorCode::usage, "sort is due, updated, opened or id, with - in front to reverse it",
                     "sort"};
    return order;
}

Result<DossierCounts> count_dossiers(const journal::Reader& reader, const DossierList& list, Date today,
                                     Date near_until) {
    DossierCounts counts;
    if (list.any.empty()) return counts;
    const auto counted = [&](std::vector<Condition> more) {
        journal::Query query{.where = list.where, .any = list.any};
        query.where.insert(query.where.end(), more.begin(), more.end());
        return reader.view<facts::DossierRow>().count(query, exact_max);
    };
    counts.total = TRY(counted({}));
    counts.late = TRY(counted({whole("due", Compare::greater, 0), whole("due", Compare::less, today.days)}));
    counts.near = TRY(counted({whole("due", Compare::greater_equal, today.days),
                               whole("due", Compare::less_equal, near_until.days)}));
    counts.suspended = TRY(counted({whole("suspended", Compare::equal, 1)}));
    return counts;
}

Place place_of(const facts::DossierRow& row, const DossierOrder& order) {
    Place place{is_by_deadline(order) && row.due == 0, row.due, row.seq};
    if (order.field == "version") place.order = row.version;
    if (order.field == "opened_on") place.order = std::int64_t{row.opened_on.days};
    if (order.field == "id") place.order = row.id;
    return place;
}

Result<std::vector<facts::DossierRow>> next_dossiers(const journal::Reader& reader, const DossierList& list,
                                                     const DossierOrder& order, std::uint64_t limit,
                                                     const Place& place) {
    std::vector<facts::DossierRow> rows;
    if (list.any.empty()) return rows;
    const auto add = [&](journal::Query query, bool from_place) -> Result<void> {
        query.any = list.any;
        query.order_by = order.field;
        query.limit = limit - rows.size();
        if (from_place && place.order) {
            query.after_order = place.order;
            query.after_key = place.key;
        }
        auto found = TRY(reader.view<facts::DossierRow>().list(query));
        std::move(found.begin(), found.end(), std::back_inserter(rows));
        return {};
    };
    journal::Query query{.where = list.where, .descending = order.descending};
    if (!is_by_deadline(order)) {
        CHECK(add(query, true));
        return rows;
    }
    if (!place.without_deadline) {
        query.where.push_back(whole("due", Compare::greater, 0));
        CHECK(add(query, true));
        query.where.pop_back();
    }
    if (rows.size() == limit) return rows;
    query.where.push_back(whole("due", Compare::equal, 0));
    query.descending = true;  // the newest first
    CHECK(add(query, place.without_deadline));
    return rows;
}

std::string fingerprint(const Call& call) {
    Sm3 hash;
    for (const char* name :
         {"org", "procedure", "state", "campaign", "category", "operator", "open", "due", "q", "sort"})
        hash.add(std::string(name) + "=").add(call.parameter(name)).add(std::uint8_t{0});
    hash.add(call.subject.person);
    return hex(hash.finish()).substr(0, 16);
}

std::string cursor_text(std::string_view fingerprint, const Cursor& cursor) {
    const auto& [place, counts] = cursor;
    const std::string order = std::holds_alternative<std::string>(*place.order)
                                  ? std::get<std::string>(*place.order)
                                  : std::to_string(std::get<std::int64_t>(*place.order));
    return fmt::format("{}{}", fingerprint,
                       hex(fmt::format("{} {} {} {} {} {} {}", place.without_deadline ? 1 : 0, place.key,
                                       counts.total, counts.late, counts.near, counts.suspended, order)));
}

Result<Cursor> parse_cursor(std::string_view text, std::string_view fingerprint, const DossierOrder& order) {
    const Error wrong{ErrorCode::usage, "a cursor is the `next` of the page before, of the same query",
                      "cursor"};
    if (!text.starts_with(fingerprint)) return wrong;
    const auto plain = journal::parse_hex(text.substr(fingerprint.size()));
    if (!plain) return wrong;
    const std::vector<std::string> parts = split(*plain, ' ');
    if (parts.size() != 7) return wrong;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < 6; ++i) {
        const auto number = parse_integer(parts[i]);
        if (!number || *number < 0) return wrong;
        numbers.push_back(*number);
    }
    Cursor cursor;
    cursor.place.without_deadline = numbers[0] == 1;
    cursor.place.key = numbers[1];
    const auto count = [&](std::size_t i) { return static_cast<std::uint64_t>(numbers[i]); };
    cursor.counts = {count(2), count(3), count(4), count(5)};
    if (order.field == "id") {
        cursor.place.order = parts[6];
        return cursor;
    }
    const auto number = parse_integer(parts[6]);
    if (!number) return wrong;
    cursor.place.order = *number;
    return cursor;
}

}  // namespace qingyuan::api
