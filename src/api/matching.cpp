// Everything that a list's filters match, for what acts on all of it: bulk acts and exports.
#include <fmt/format.h>

#include "api/batch.hpp"
#include "api/lists.hpp"

namespace qingyuan::api {

Result<std::vector<facts::DossierRow>> all_matching(const Call& call, const journal::Reader& reader,
                                                    std::uint64_t max) {
    const DossierList list = TRY(asked_dossiers(call, reader));
    const DossierOrder order = TRY(dossier_order(call.parameter("sort")));
    auto rows = TRY(next_dossiers(reader, list, order, max + 1, {}));
    if (rows.size() > max || list.is_cut)
        return Error{ErrorCode::too_large,
                     fmt::format("more than {} dossiers match; no more are taken at once", max),
                     "query",
                     {},
                     "narrow the filters",
                     fmt::format("符合条件的事项超过 {} 件，一次最多 {} 件", max, max),
                     "请缩小筛选范围"};
    return rows;
}

}  // namespace qingyuan::api
