// The table of a circular (通报): which clauses the findings of a period are about, the most frequent first,
// each with the records it opens to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "account/figures.hpp"
#include "journal/view.hpp"

namespace qingyuan::account {

struct FrequentClause {
    std::string clause;  ///< as the findings cite it
    std::uint64_t findings = 0;
    std::uint64_t operators = 0;         ///< distinct firms it was found with
    std::vector<std::string> firms;      ///< their ids, sorted
    std::vector<std::uint64_t> members;  ///< sequence numbers of the findings, ascending
};

struct Circular {
    std::uint64_t findings = 0;  ///< of the period, every clause
    std::vector<FrequentClause> top;
    std::uint64_t others = 0;  ///< findings of clauses that are not among the top
};

/// The `top_max` most frequent clauses among the members of figure `findings`; equal counts in the order of
/// the clauses. The sum of the top and the others is the figure. Errors of Index::members and of the store.
[[nodiscard]] Result<Circular> frequent_findings(const journal::Reader& reader, const Index& index,
                                                 const Scope& scope, std::size_t top_max);

}  // namespace qingyuan::account
