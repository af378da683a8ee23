// Who supervises and who is supervised, as of a day: organisations of every department in one dated tree of
// our own (it need not be geographic), operators and their licences, people with roles, products.
//
// Every record keeps its versions: the one in force on a day is the latest whose `from` is not after it. A
// `to`, `ended_on` or `certificate_to` of 1970-01-01 (the default, which is not written) means "no last day".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::registry {

/// Folds organisation_recorded, organisation_ended, operator_recorded, licence_recorded, person_recorded,
/// product_recorded. A later `from` adds a version, the same `from` replaces it, an earlier one takes its
/// place in the history. Refuses the end of an unknown organisation (organisation_unknown).
[[nodiscard]] journal::Fold fold();

/// Is `date` inside [from, to], where a `to` of 1970-01-01 has no end?
[[nodiscard]] bool holds(Date from, Date to, Date date);

/// The version in force on the date; the others: organisation_unknown, operator_unknown, person_unknown,
/// product_unknown, record_unknown (licence). `find_` answers nothing where the record does not exist or is
/// not in force on that day.
[[nodiscard]] Result<std::optional<facts::OrganisationRecorded>> find_organisation(
    const journal::Reader& reader, std::string_view id, Date on);
[[nodiscard]] Result<facts::OrganisationRecorded> organisation_on(const journal::Reader& reader,
                                                                  std::string_view id, Date on);
[[nodiscard]] Result<std::optional<facts::OperatorRecorded>> find_operator(const journal::Reader& reader,
                                                                           std::string_view id, Date on);
[[nodiscard]] Result<facts::OperatorRecorded> operator_on(const journal::Reader& reader, std::string_view id,
                                                          Date on);
[[nodiscard]] Result<std::optional<facts::PersonRecorded>> find_person(const journal::Reader& reader,
                                                                       std::string_view id, Date on);
[[nodiscard]] Result<facts::PersonRecorded> person_on(const journal::Reader& reader, std::string_view id,
                                                      Date on);
[[nodiscard]] Result<std::optional<facts::ProductRecorded>> find_product(const journal::Reader& reader,
                                                                         std::string_view id, Date on);
[[nodiscard]] Result<facts::ProductRecorded> product_on(const journal::Reader& reader, std::string_view id,
                                                        Date on);
[[nodiscard]] Result<std::optional<facts::LicenceRecorded>> find_licence(const journal::Reader& reader,
                                                                         std::string_view id, Date on);
[[nodiscard]] Result<facts::LicenceRecorded> licence_on(const journal::Reader& reader, std::string_view id,
                                                        Date on);

/// Licences of the operator whose validity covers the date, of any status, by number.
[[nodiscard]] Result<std::vector<facts::LicenceRecorded>> licences_of(const journal::Reader& reader,
                                                                      std::string_view operator_id, Date on);

/// The one organisation that answers for the operator on the date: the operator's own, or, where that has
/// ended by then, its successor or else its parent. operator_unknown, organisation_unknown.
[[nodiscard]] Result<facts::OrganisationRecorded> primary_regulator(const journal::Reader& reader,
                                                                    std::string_view operator_id, Date on);

/// Roles the person holds on the date; none where the person is not in post. person_unknown where there never
/// was one.
[[nodiscard]] Result<std::vector<std::string>> roles_on(const journal::Reader& reader,
                                                        std::string_view person, Date on);
/// In post with a law-enforcement certificate valid on the date (行政处罚法 42). False for a person who is
/// unknown.
[[nodiscard]] Result<bool> is_qualified(const journal::Reader& reader, std::string_view person, Date on);

/// From the root down to the organisation itself. organisation_unknown; a parent that is not in force ends
/// the walk.
[[nodiscard]] Result<std::vector<facts::OrganisationRecorded>> path(const journal::Reader& reader,
                                                                    std::string_view id, Date on);
/// Is the organisation the ancestor itself or below it on the date?
[[nodiscard]] Result<bool> is_under(const journal::Reader& reader, std::string_view organisation,
                                    std::string_view ancestor, Date on);

/// Deepest hierarchy that is walked; an import refuses a deeper one and a circle.
constexpr int tree_depth_max = 32;

/// All organisations in memory: roll-ups ask `is_under` millions of times. Does not change after loading.
class OrganisationTree {
   public:
    static Result<OrganisationTree> load(const journal::Reader& reader);
    explicit OrganisationTree(const std::vector<facts::OrganisationRow>& rows);

    /// The version in force, or null. O(log n).
    [[nodiscard]] const facts::OrganisationRecorded* find(std::string_view id, Date on) const;
    /// O(depth); an organisation is under itself where it is in force.
    [[nodiscard]] bool is_under(std::string_view organisation, std::string_view ancestor, Date on) const;
    /// Direct children in force on the date, sorted by id.
    [[nodiscard]] std::vector<std::string> children(std::string_view id, Date on) const;
    /// The organisation and all below it, parents before children, siblings sorted by id.
    [[nodiscard]] std::vector<std::string> subtree(std::string_view id, Date on) const;
    /// From the root down to the organisation itself; empty where it is not in force.
    [[nodiscard]] std::vector<std::string> path(std::string_view id, Date on) const;
    [[nodiscard]] std::vector<std::string> roots(Date on) const;
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

   private:
    std::map<std::string, facts::OrganisationRow, std::less<>> rows_;
    std::map<std::string, std::vector<std::string>, std::less<>> ever_children_;  // of any version
};

}  // namespace qingyuan::registry
