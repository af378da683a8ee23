// Paths of organisations, and what a change of the tree rewrites.
#include "act/places.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

using facts::DossierRow;
using facts::OrganisationRow;
using facts::PlaceRow;
using journal::Projections;

constexpr std::uint64_t page_rows = 500;

std::string below(std::string_view path, std::string_view id) {
    return fmt::format("{}{}/", path, id);
}

template <class Rows>
Result<std::string> found_path(const Rows& rows, const std::string& organisation) {
    if (organisation.empty()) return std::string();
    const std::optional<PlaceRow> found = TRY(rows(organisation));
    return found ? found->path : below({}, organisation);
}

bool lies_below(std::string_view path, std::string_view id) {
    return path.starts_with(below({}, id)) || path.find(fmt::format("/{}/", id)) != std::string_view::npos;
}

/// Every row under the old path comes to lie under the new one, which is never inside the old.
template <class Row>
Result<void> rewrite(Projections& rows, const std::string& from, const std::string& to) {
    const journal::Query query{.any = {{{"path", journal::Compare::prefix, {from}}}}, .limit = page_rows};
    for (;;) {
        std::vector<Row> page = TRY(rows.view<Row>().list(query));
        for (Row& row : page) {
            row.path.replace(0, from.size(), to);
            CHECK(rows.put(std::move(row)));
        }
        if (page.size() < page_rows) return {};
    }
}

/// Do two departments share one ladder? Drug and market regulators of the lower levels are one authority
/// under two names; any other department has a tree of its own, whatever its parent is said to be.
bool share_ladder(std::string_view a, std::string_view b) {
    const auto is_regulator = [](std::string_view department) {
        return department == "drug_regulator" || department == "market_regulator";
    };
    return a == b || (is_regulator(a) && is_regulator(b));
}

std::string above(const PlaceRow& place) {
    return place.successor.empty() ? place.parent : place.successor;
}

/// The path it comes to lie under; empty at the top of its department.
Result<std::string> path_above(const Projections& rows, const PlaceRow& place) {
    const std::string under = above(place);
    if (under.empty()) return std::string();
    const auto own = TRY(rows.find<OrganisationRow>(place.id));
    const auto upper = TRY(rows.find<OrganisationRow>(under));
    if (own && upper && !share_ladder(own->department, upper->department)) return std::string();
    return path_of(rows, under);
}

/// Writes the place where it belongs now, and moves what lies below it.
Result<void> settle(Projections& rows, PlaceRow place) {
    const std::string from = place.path.empty() ? below({}, place.id) : place.path;
    const std::string parent = TRY(path_above(rows, place));
    if (lies_below(parent, place.id))
        return Error{ErrorCode::field_invalid,
                     fmt::format("'{}' lies below '{}' already", above(place), place.id),
                     "parent",
                     {},
                     "name an organisation that does not lie below this one"};
    place.path = below(parent, place.id);
    const std::string to = place.path;
    if (std::ranges::count(to, '/') > registry::tree_depth_max)
        return Error{
            ErrorCode::field_invalid,
            fmt::format("'{}' would lie more than {} levels deep", place.id, registry::tree_depth_max),
            "parent",
            {},
            "place it higher"};
    if (to != from) {
        CHECK(rewrite<PlaceRow>(rows, from, to));
        CHECK(rewrite<DossierRow>(rows, from, to));
    }
    return rows.put(std::move(place));
}

/// Whether those directly below belong to its department may have changed.
Result<void> settle_children(Projections& rows, const std::string& id) {
    journal::Query query{.where = {{"parent", journal::Compare::equal, {id}}}, .limit = page_rows};
    for (;;) {
        const auto children = TRY(rows.view<OrganisationRow>().list(query));
        for (const OrganisationRow& child : children) {
            auto place = TRY(rows.find<PlaceRow>(child.id));
            if (place && above(*place) == id) CHECK(settle(rows, *std::move(place)));
        }
        if (children.size() < page_rows) return {};
        query.after_key = children.back().id;
    }
}

}  // namespace

Result<std::string> path_of(const Projections& rows, const std::string& organisation) {
    return found_path([&](const std::string& id) { return rows.find<PlaceRow>(id); }, organisation);
}

Result<std::string> path_of(const journal::Reader& reader, const std::string& organisation) {
    return found_path([&](const std::string& id) { return reader.view<PlaceRow>().find(id); }, organisation);
}

Result<void> place(const facts::OrganisationRecorded& fact, Projections& rows) {
    PlaceRow place = TRY(rows.find<PlaceRow>(fact.id)).value_or(PlaceRow{});
    const bool is_new = place.id.empty();
    place.id = fact.id;
    if (!is_new && fact.from < place.from) return {};  // of its past
    place.parent = fact.parent;
    place.from = fact.from;
    // Recorded anew after its end: it exists again.
    if (place.ended_on != Date{} && fact.from > place.ended_on) {
        place.ended_on = Date{};
        place.successor.clear();
    }
    CHECK(settle(rows, std::move(place)));
    return settle_children(rows, fact.id);
}

Result<void> place(const facts::OrganisationEnded& fact, Projections& rows) {
    auto found = TRY(rows.find<PlaceRow>(fact.id));
    if (!found)
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("'{}' cannot end: it was never recorded", fact.id), "id"};
    PlaceRow place = std::move(*found);
    place.ended_on = fact.to;
    place.successor = fact.successor;
    if (!place.successor.empty() && lies_below(TRY(path_of(rows, place.successor)), place.id))
        place.successor.clear();
    return settle(rows, std::move(place));
}

}  // namespace qingyuan::act
