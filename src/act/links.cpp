// Links between dossiers, and finding dossiers.
#include "act/links.hpp"

#include <fmt/format.h>

#include "act/engine.hpp"
#include "base/text.hpp"

namespace qingyuan::act {

namespace {

constexpr std::uint64_t page_rows = 500;

}  // namespace

Result<void> each_dossier(const journal::Reader& reader, std::vector<journal::Condition> where,
                          const std::function<Result<void>(const facts::DossierRow&)>& each) {
    journal::Query query;
    query.where = std::move(where);
    query.limit = page_rows;
    for (;;) {
        const std::vector<facts::DossierRow> rows = TRY(reader.view<facts::DossierRow>().list(query));
        for (const facts::DossierRow& row : rows) CHECK(each(row));
        if (rows.size() < page_rows) return {};
        query.after_key = rows.back().seq;
    }
}

Result<std::vector<facts::DossierRow>> linked_dossiers(const journal::Reader& reader,
                                                       const facts::DossierRow& source,
                                                       std::string_view procedure, std::string_view state) {
    using journal::Compare;
    std::vector<journal::Condition> where{{"source", Compare::equal, {source.seq}}};
    if (!procedure.empty()) where.push_back({"procedure", Compare::equal, {std::string(procedure)}});
    if (state != "any" && state != "open") where.push_back({"state", Compare::equal, {std::string(state)}});
    std::vector<facts::DossierRow> found;
    CHECK(each_dossier(reader, std::move(where), [&](const facts::DossierRow& row) -> Result<void> {
        if (state == "open" ? row.open : row.state != voided_state) found.push_back(row);
        return {};
    }));
    return found;
}

Result<facts::DossierRow> dossier(const journal::Reader& reader, std::string_view id) {
    const auto unknown = [&] {
        return Error{ErrorCode::dossier_unknown,
                     fmt::format("'{}'", id),
                     {},
                     {},
                     "look it up in the list of dossiers"};
    };
    const auto view = reader.view<facts::DossierRow>();
    if (const auto seq = parse_integer(id)) {
        if (auto row = TRY(view.find(*seq))) return std::move(*row);
        return unknown();
    }
    journal::Query query;
    query.where = {{"id", journal::Compare::equal, {std::string(id)}}};
    query.limit = 1;
    std::vector<facts::DossierRow> rows = TRY(view.list(query));
    if (rows.empty()) return unknown();
    return std::move(rows.front());
}

}  // namespace qingyuan::act
