// Who asks, read from the registry.
#include <algorithm>

#include <fmt/format.h>

#include "access/grants.hpp"
#include "access/table.hpp"
#include "registry/registry.hpp"

namespace qingyuan::access {

namespace {

using facts::OrganisationRecorded;
using journal::Compare;
using journal::Reader;

/// More than any one person ever has to do with; beyond it the oldest are left out.
constexpr std::uint64_t rows_max = 10'000;

/// Own units, branches and centres act for the authority they belong to.
bool is_part(const OrganisationRecorded& organisation) {
    return organisation.kind == "own_unit" || organisation.kind == "branch" || organisation.kind == "centre";
}

Result<std::string> path_of(const Reader& reader, const std::string& organisation) {
    const auto place = TRY(reader.view<facts::PlaceRow>().find(organisation));
    return place ? place->path : std::string();
}

/// The authority an organisation acts for: itself, or what it is a part of.
Result<OrganisationRecorded> authority_of(const Reader& reader, OrganisationRecorded organisation,
                                          Date today) {
    for (int step = 0; step < registry::tree_depth_max; ++step) {
        if (!is_part(organisation) || organisation.parent.empty()) break;
        auto parent = TRY(registry::find_organisation(reader, organisation.parent, today));
        if (!parent || !same_department(parent->department, organisation.department)) break;
        organisation = *std::move(parent);
    }
    return organisation;
}

Result<std::vector<facts::OrganisationRow>> under(const Reader& reader, const std::string& parent) {
    return reader.view<facts::OrganisationRow>().list(
        {.where = {{"parent", Compare::equal, {parent}}}, .limit = rows_max});
}

/// Is the organisation a part of one that is in, on this day?
template <class IsIn>
Result<bool> is_part_of(const Reader& reader, const facts::OrganisationRow& row, const IsIn& is_in,
                        Date today) {
    if (row.versions.empty() || !is_part(row.versions.back())) return false;
    const auto now = TRY(registry::find_organisation(reader, row.id, today));
    return now && is_part(*now) && is_in(now->parent);
}

/// The authority, its parts at any depth, and which organisations beside or below it ended into one of them:
/// their matters are its own now.
Result<std::vector<Place>> house_of(const Reader& reader, const OrganisationRecorded& authority, Date today) {
    std::vector<Place> house{{authority.id, TRY(path_of(reader, authority.id))}};
    const auto is_in = [&](const std::string& id) {
        return std::ranges::find(house, id, &Place::organisation) != house.end();
    };
    std::vector<facts::OrganisationRow> around;
    if (!authority.parent.empty()) around = TRY(under(reader, authority.parent));
    for (std::size_t at = 0; at < house.size(); ++at) {
        auto below = TRY(under(reader, house[at].organisation));
        around.insert(around.end(), below.begin(), below.end());
        for (const facts::OrganisationRow& row : around) {
            if (is_in(row.id) || !same_department(row.department, authority.department)) continue;
            const bool ended = row.ended_on != Date{} && row.ended_on < today;
            if (ended ? is_in(row.successor) : TRY(is_part_of(reader, row, is_in, today)))
                house.push_back({row.id, TRY(path_of(reader, row.id))});
        }
    }
    return house;
}

Result<void> read_grants(const Reader& reader, Subject& subject) {
    std::vector<journal::Key> ours;
    for (const Place& place : subject.house) ours.emplace_back(place.organisation);
    if (ours.empty()) return {};
    subject.grants = TRY(reader.view<facts::GrantRow>().list(
        {.where = {{"organisation", Compare::one_of, std::move(ours)}}, .limit = rows_max}));
    std::erase_if(subject.grants, [&](const facts::GrantRow& grant) {
        return !grant.person.empty() && grant.person != subject.person;
    });
    std::ranges::sort(subject.grants, {}, &facts::GrantRow::object);
    return {};
}

/// Numbers of the dossiers a person is on in some way, sorted.
template <class Row>
Result<std::vector<std::int64_t>> dossiers_of(const Reader& reader, journal::Branch where) {
    std::vector<std::int64_t> found;
    for (const Row& row :
         TRY(reader.view<Row>().list({.where = std::move(where), .descending = true, .limit = rows_max})))
        found.push_back(row.dossier);
    std::ranges::sort(found);
    return found;
}

bool is_outside(const Subject& subject) {
    return std::ranges::any_of(subject.roles, [](const std::string& role) {
        const std::string_view held = access_role(role);
        return held == "hospital_reporter" || held == "public_user" || held == "grassroots";
    });
}

}  // namespace

Result<Subject> subject_of(const Reader& reader, std::string_view person, Date today) {
    Subject subject;
    subject.person = person;
    subject.today = today;
    const auto post = TRY(registry::find_person(reader, person, today));
    if (!post) {
        if (TRY(reader.view<facts::PersonRow>().find(subject.person))) return subject;
        return Error{
            ErrorCode::person_unknown, fmt::format("'{}'", person), {}, {}, "record the person first"};
    }
    subject.organisation = post->organisation;
    subject.roles = post->roles;
    if (auto organisation = TRY(registry::find_organisation(reader, post->organisation, today))) {
        subject.department = organisation->department;
        const OrganisationRecorded authority = TRY(authority_of(reader, *std::move(organisation), today));
        subject.house = TRY(house_of(reader, authority, today));
        subject.path = subject.house.front().path;
        CHECK(read_grants(reader, subject));
    } else if (TRY(registry::find_operator(reader, post->organisation, today))) {
        subject.department = "operator";
        subject.operator_id = post->organisation;
    } else if (!post->organisation.empty()) {
        subject.roles.clear();  // the organisation has ended: no place to act from
    }
    const journal::Condition own{"person", Compare::equal, {subject.person}};
    subject.recused = TRY(dossiers_of<facts::InvolvementRow>(
        reader, {own, {"role", Compare::equal, {std::string("recused")}}}));
    if (is_outside(subject)) subject.submitted = TRY(dossiers_of<SubmissionRow>(reader, {own}));
    return subject;
}

Result<Object> object_at(const Reader& reader, Kind kind, std::string_view organisation) {
    Object out;
    out.kind = kind;
    out.organisation = organisation;
    const auto row = TRY(reader.view<facts::OrganisationRow>().find(out.organisation));
    if (!row) return out;
    out.department = row->department;
    out.path = TRY(path_of(reader, out.organisation));
    return out;
}

Result<Object> object_of(const Reader& reader, const facts::DossierRow& dossier) {
    const auto row = TRY(reader.view<facts::OrganisationRow>().find(dossier.organisation));
    return object_of(dossier, row ? std::string_view(row->department) : std::string_view());
}

}  // namespace qingyuan::access
