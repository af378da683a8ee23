// What a list of dossiers asks of the store: the reader's scope, the filters of the address, an order, a
// place to go on from. Lists, counts, exports and bulk actions ask the same, so that they agree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/operation.hpp"

namespace qingyuan::api {

/// Counted exactly up to here.
constexpr std::uint64_t exact_max = 10'000;

/// Dossiers of a list, without order. No branch = the reader may list none.
struct DossierList {
    std::vector<journal::Branch> any;
    std::vector<journal::Condition> where;
    bool note = false;    ///< to be journaled before bytes are sent
    bool is_cut = false;  ///< more was found by `q` than is looked at
};

/// Reads org, procedure, state, campaign, category, operator, open, due and q. organisation_unknown, usage.
[[nodiscard]] Result<DossierList> asked_dossiers(const Call& call, const journal::Reader& reader);

/// The last day on which a deadline is near: the third working day after today.
[[nodiscard]] Date near_until(const law::Calendar& calendar, Date today);

/// The orders a list can have: by deadline, those without one after it; or by one field.
struct DossierOrder {
    std::string_view field;  ///< due version opened_on id
    bool descending = false;
};
/// due -due updated -updated opened -opened id -id; "" = due. usage.
[[nodiscard]] Result<DossierOrder> dossier_order(std::string_view sort);

/// How many, and how many of them are late, near and suspended.
struct DossierCounts {
    std::uint64_t total = 0, late = 0, near = 0, suspended = 0;
    [[nodiscard]] bool estimated() const { return total > exact_max; }
};
[[nodiscard]] Result<DossierCounts> count_dossiers(const journal::Reader& reader, const DossierList& list,
                                                   Date today, Date near_until);

/// Where a page ended. Those with a deadline come first where the order is by deadline, the others after
/// them.
struct Place {
    bool without_deadline = false;
    std::optional<journal::Key> order;
    std::int64_t key = 0;
};
[[nodiscard]] Place place_of(const facts::DossierRow& row, const DossierOrder& order);
/// The next rows of the list behind the place; fewer than `limit` = the end.
[[nodiscard]] Result<std::vector<facts::DossierRow>> next_dossiers(const journal::Reader& reader,
                                                                   const DossierList& list,
                                                                   const DossierOrder& order,
                                                                   std::uint64_t limit, const Place& place);

/// The text that carries a place, and what was counted at the first page, to the next one. It fits only the
/// query it was made for.
struct Cursor {
    Place place;
    DossierCounts counts;
};
/// What a cursor is bound to: who asks, and everything of the address but the cursor and the page's length.
[[nodiscard]] std::string fingerprint(const Call& call);
[[nodiscard]] std::string cursor_text(std::string_view fingerprint, const Cursor& cursor);
/// usage, where it is none, or one of another query.
[[nodiscard]] Result<Cursor> parse_cursor(std::string_view text, std::string_view fingerprint,
                                          const DossierOrder& order);

/// The branches cut down to what lies under the path.
[[nodiscard]] std::vector<journal::Branch> narrowed(std::vector<journal::Branch> any,
                                                    const std::string& path);

}  // namespace qingyuan::api
