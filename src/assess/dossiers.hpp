// Walks over dossiers page by page, so that a million of them never stand in memory.
#pragma once

#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::assess {

/// Calls `each(row)` for every dossier for which all conditions hold, by sequence number; its first error
/// ends the walk.
template <class Each>
Result<void> each_dossier(const journal::Reader& reader, std::vector<journal::Condition> where, Each&& each) {
    journal::Query query;
    query.where = std::move(where);
    for (;;) {
        const auto rows = TRY(reader.view<facts::DossierRow>().list(query));
        for (const facts::DossierRow& row : rows) CHECK(each(row));
        if (rows.size() < query.limit) return {};
        query.after_key = rows.back().seq;
    }
}

}  // namespace qingyuan::assess
