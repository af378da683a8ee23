#include "registry/registry.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace qingyuan::registry {

namespace {

using facts::LicenceRecorded;
using facts::LicenceRow;
using facts::OperatorRecorded;
using facts::OperatorRow;
using facts::OrganisationEnded;
using facts::OrganisationRecorded;
using facts::OrganisationRow;
using facts::PersonRecorded;
using facts::PersonRow;
using facts::ProductRecorded;
using facts::ProductRow;
using journal::Projections;
using journal::Reader;

/// Puts a version in its place by `from`; the same day is replaced.
template <class Version> void add_version(std::vector<Version>& versions, const Version& version) {
    const auto at = std::lower_bound(versions.begin(), versions.end(), version.from,
                                     [](const Version& held, Date from) { return held.from < from; });
    if (at != versions.end() && at->from == version.from) *at = version;
    else versions.insert(at, version);
}

template <class Version> const Version* version_on(const std::vector<Version>& versions, Date on) {
    const auto after = std::upper_bound(versions.begin(), versions.end(), on,
                                        [](Date date, const Version& held) { return date < held.from; });
    return after == versions.begin() ? nullptr : &*std::prev(after);
}

const OrganisationRecorded* version_on(const OrganisationRow& row, Date on) {
    if (row.ended_on != Date{} && on > row.ended_on) return nullptr;
    return version_on(row.versions, on);
}

template <class Row, class Version> Result<Row> with_version(Projections& rows, const Version& version) {
    Row row = TRY(rows.find<Row>(version.id)).value_or(Row{});
    row.id = version.id;
    add_version(row.versions, version);
    return row;
}

Result<void> apply(const OrganisationRecorded& fact, Projections& rows) {
    auto row = TRY(with_version<OrganisationRow>(rows, fact));
    const OrganisationRecorded& latest = row.versions.back();
    row.parent = latest.parent;
    row.department = latest.department;
    row.level = latest.level;
    row.region = latest.region;
    // Recorded anew after its end: it exists again.
    if (row.ended_on != Date{} && fact.from > row.ended_on) {
        row.ended_on = Date{};
        row.successor.clear();
    }
    return rows.put(row);
}

Result<void> apply(const OrganisationEnded& fact, Projections& rows) {
    auto row = TRY(rows.find<OrganisationRow>(fact.id));
    if (!row)
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("'{}' cannot end: it was never recorded", fact.id), "id"};
    row->ended_on = fact.to;
    row->successor = fact.successor;
    return rows.put(*row);
}

Result<void> apply(const OperatorRecorded& fact, Projections& rows) {
    auto row = TRY(with_version<OperatorRow>(rows, fact));
    const OperatorRecorded& latest = row.versions.back();
    row.uscc = latest.uscc;
    row.kind = latest.kind;
    row.region = latest.region;
    row.organisation = latest.organisation;
    row.headquarters = latest.headquarters;
    row.name = latest.name;
    return rows.put(row);
}

Result<void> apply(const LicenceRecorded& fact, Projections& rows) {
    auto row = TRY(with_version<LicenceRow>(rows, fact));
    row.operator_id = row.versions.back().operator_id;
    row.kind = row.versions.back().kind;
    return rows.put(row);
}

Result<void> apply(const PersonRecorded& fact, Projections& rows) {
    auto row = TRY(with_version<PersonRow>(rows, fact));
    row.organisation = row.versions.back().organisation;
    return rows.put(row);
}

Result<void> apply(const ProductRecorded& fact, Projections& rows) {
    auto row = TRY(with_version<ProductRow>(rows, fact));
    const ProductRecorded& latest = row.versions.back();
    row.holder = latest.holder;
    row.category = latest.category;
    row.name = latest.name;
    return rows.put(row);
}

template <class Payload> Result<void> apply(const Payload&, Projections&) { return {}; }

template <class Row> using Version = typename decltype(Row::versions)::value_type;

template <class Row>
Result<std::optional<Version<Row>>> find_version(const Reader& reader, std::string_view id, Date on) {
    const auto row = TRY(reader.view<Row>().find(std::string(id)));
    if (!row) return std::optional<Version<Row>>();
    const auto* version = version_on(row->versions, on);
    if (!version) return std::optional<Version<Row>>();
    if constexpr (requires { version->to; })
        if (!holds(version->from, version->to, on)) return std::optional<Version<Row>>();
    return std::optional<Version<Row>>(*version);
}

template <class T>
Result<T> required(Result<std::optional<T>> found, ErrorCode code, std::string_view id, Date on) {
    if (!found) return std::move(found).error();
    if (!*found)
        return Error{code,
                     fmt::format("'{}' is not in the registry on {}", id, on.text()),
                     {},
                     {},
                     "record it, or check the date"};
    return std::move(**found);
}

}  // namespace

bool holds(Date from, Date to, Date date) { return from <= date && (to == Date{} || date <= to); }

journal::Fold fold() {
    return {"registry",
            {OrganisationRow::row_type, OperatorRow::row_type, LicenceRow::row_type, PersonRow::row_type,
             ProductRow::row_type},
            [](const facts::Recorded& recorded, Projections& rows) -> Result<void> {
                return std::visit([&](const auto& payload) { return apply(payload, rows); },
                                  recorded.fact.payload);
            }};
}

Result<std::optional<OrganisationRecorded>> find_organisation(const Reader& reader, std::string_view id,
                                                              Date on) {
    const auto row = TRY(reader.view<OrganisationRow>().find(std::string(id)));
    const OrganisationRecorded* version = row ? version_on(*row, on) : nullptr;
    return version ? std::optional(*version) : std::nullopt;
}
Result<std::optional<OperatorRecorded>> find_operator(const Reader& reader, std::string_view id, Date on) {
    return find_version<OperatorRow>(reader, id, on);
}
Result<std::optional<PersonRecorded>> find_person(const Reader& reader, std::string_view id, Date on) {
    return find_version<PersonRow>(reader, id, on);
}
Result<std::optional<ProductRecorded>> find_product(const Reader& reader, std::string_view id, Date on) {
    return find_version<ProductRow>(reader, id, on);
}
Result<std::optional<LicenceRecorded>> find_licence(const Reader& reader, std::string_view id, Date on) {
    return find_version<LicenceRow>(reader, id, on);
}

Result<OrganisationRecorded> organisation_on(const Reader& reader, std::string_view id, Date on) {
    return required(find_organisation(reader, id, on), ErrorCode::organisation_unknown, id, on);
}
Result<OperatorRecorded> operator_on(const Reader& reader, std::string_view id, Date on) {
    return required(find_operator(reader, id, on), ErrorCode::operator_unknown, id, on);
}
Result<PersonRecorded> person_on(const Reader& reader, std::string_view id, Date on) {
    return required(find_person(reader, id, on), ErrorCode::person_unknown, id, on);
}
Result<ProductRecorded> product_on(const Reader& reader, std::string_view id, Date on) {
    return required(find_product(reader, id, on), ErrorCode::product_unknown, id, on);
}
Result<LicenceRecorded> licence_on(const Reader& reader, std::string_view id, Date on) {
    return required(find_licence(reader, id, on), ErrorCode::record_unknown, id, on);
}

Result<std::vector<LicenceRecorded>> licences_of(const Reader& reader, std::string_view operator_id,
                                                 Date on) {
    journal::Query query;
    query.where.push_back({"operator_id", journal::Compare::equal, {std::string(operator_id)}});
    query.limit = 10'000;
    std::vector<LicenceRecorded> found;
    for (const LicenceRow& row : TRY(reader.view<LicenceRow>().list(query))) {
        const LicenceRecorded* version = version_on(row.versions, on);
        if (version && version->operator_id == operator_id && holds(version->from, version->to, on))
            found.push_back(*version);
    }
    return found;
}

Result<OrganisationRecorded> primary_regulator(const Reader& reader, std::string_view operator_id, Date on) {
    std::string id = TRY(operator_on(reader, operator_id, on)).organisation;
    for (int step = 0; step < tree_depth_max && !id.empty(); ++step) {
        const auto row = TRY(reader.view<OrganisationRow>().find(id));
        if (!row) break;
        if (const OrganisationRecorded* version = version_on(*row, on)) return *version;
        if (row->ended_on == Date{} || on <= row->ended_on) break;
        const OrganisationRecorded* last = version_on(row->versions, row->ended_on);
        id = !row->successor.empty() ? row->successor : last ? last->parent : std::string();
    }
    return Error{ErrorCode::organisation_unknown,
                 fmt::format("no organisation answers for '{}' on {}", operator_id, on.text()),
                 {},
                 {},
                 "record the operator with its regulator, or the successor of an organisation that ended"};
}

Result<std::vector<std::string>> roles_on(const Reader& reader, std::string_view person, Date on) {
    const auto row = TRY(reader.view<PersonRow>().find(std::string(person)));
    if (!row) return Error{ErrorCode::person_unknown, fmt::format("'{}' is not in the registry", person)};
    const PersonRecorded* version = version_on(row->versions, on);
    if (!version || !holds(version->from, version->to, on)) return std::vector<std::string>();
    return version->roles;
}

Result<bool> is_qualified(const Reader& reader, std::string_view person, Date on) {
    const auto found = TRY(find_person(reader, person, on));
    const bool certified = found && !found->certificate.empty() &&
                           (found->certificate_to == Date{} || on <= found->certificate_to);
    // The certificate of an operator's pharmacist is no law-enforcement certificate.
    return certified && !TRY(reader.view<OperatorRow>().find(found->organisation)).has_value();
}

Result<std::vector<OrganisationRecorded>> path(const Reader& reader, std::string_view id, Date on) {
    std::vector<OrganisationRecorded> up{TRY(organisation_on(reader, id, on))};
    while (!up.back().parent.empty() && up.size() < tree_depth_max) {
        auto parent = TRY(find_organisation(reader, up.back().parent, on));
        if (!parent) break;
        up.push_back(std::move(*parent));
    }
    std::reverse(up.begin(), up.end());
    return up;
}

Result<bool> is_under(const Reader& reader, std::string_view organisation, std::string_view ancestor,
                      Date on) {
    auto at = TRY(find_organisation(reader, organisation, on));
    for (int step = 0; at && step < tree_depth_max; ++step) {
        if (at->id == ancestor) return true;
        if (at->parent.empty()) return false;
        at = TRY(find_organisation(reader, at->parent, on));
    }
    return false;
}

// --- the tree in memory

Result<OrganisationTree> OrganisationTree::load(const Reader& reader) {
    std::vector<OrganisationRow> rows;
    journal::Query query;
    for (;;) {
        auto page = TRY(reader.view<OrganisationRow>().list(query));
        const bool last = page.size() < query.limit;
        if (!last) query.after_key = page.back().id;
        std::move(page.begin(), page.end(), std::back_inserter(rows));
        if (last) return OrganisationTree(rows);
    }
}

OrganisationTree::OrganisationTree(const std::vector<OrganisationRow>& rows) {
    for (const OrganisationRow& row : rows) {
        rows_.emplace(row.id, row);
        for (const OrganisationRecorded& version : row.versions)
            ever_children_[version.parent].push_back(row.id);
    }
    for (auto& [parent, ids] : ever_children_) {
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    }
}

const OrganisationRecorded* OrganisationTree::find(std::string_view id, Date on) const {
    const auto row = rows_.find(id);
    return row == rows_.end() ? nullptr : version_on(row->second, on);
}

bool OrganisationTree::is_under(std::string_view organisation, std::string_view ancestor, Date on) const {
    const OrganisationRecorded* at = find(organisation, on);
    for (int step = 0; at && step < tree_depth_max; ++step) {
        if (at->id == ancestor) return true;
        at = find(at->parent, on);
    }
    return false;
}

std::vector<std::string> OrganisationTree::children(std::string_view id, Date on) const {
    std::vector<std::string> found;
    const auto ever = ever_children_.find(id);
    if (ever == ever_children_.end()) return found;
    for (const std::string& child : ever->second) {
        const OrganisationRecorded* version = find(child, on);
        if (version && version->parent == id) found.push_back(child);
    }
    return found;
}

std::vector<std::string> OrganisationTree::subtree(std::string_view id, Date on) const {
    std::vector<std::string> found;
    if (!find(id, on)) return found;
    found.emplace_back(id);
    // A circle would come back to an organisation already listed; the tree is small, so a search is enough.
    for (std::size_t at = 0; at < found.size(); ++at)
        for (std::string& child : children(found[at], on))
            if (std::find(found.begin(), found.end(), child) == found.end())
                found.push_back(std::move(child));
    return found;
}

std::vector<std::string> OrganisationTree::path(std::string_view id, Date on) const {
    std::vector<std::string> up;
    for (const auto* at = find(id, on); at && up.size() < tree_depth_max; at = find(at->parent, on))
        up.push_back(at->id);
    std::reverse(up.begin(), up.end());
    return up;
}

std::vector<std::string> OrganisationTree::roots(Date on) const { return children("", on); }

}  // namespace qingyuan::registry
