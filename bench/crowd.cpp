// Fills the table of dossiers of a data directory with copies of those it holds until there are N, so that
// the pages of a running server can be timed among them. The copies have rows but no facts: a figure does not
// see them, `journal rebuild` removes them, and the directory is good for nothing but measuring.
//
//   crowd DATA 1000000
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "journal/view.hpp"
#include "measure.hpp"
#include "sql/database.hpp"
#include "sql/store.hpp"

using namespace qingyuan;
using bench::must;

int main(int argc, char** argv) {
    if (argc != 3 || std::atoll(argv[2]) <= 0) {
        std::fputs("usage: crowd DATA N\n", stderr);
        return 2;
    }
    const std::filesystem::path file = std::filesystem::path(argv[1]) / "journal.db";
    if (!std::filesystem::exists(file)) {
        fmt::print(stderr, "{}: no journal of the embedded store\n", file.string());
        return 2;
    }
    const std::int64_t wanted = std::atoll(argv[2]);
    const auto store = must(sql::open_store(file.string(), {.durable = false}));
    const auto raw = must(sql::connect_sqlite(file.string(), {.writer = false}));
    std::string origin;
    must(
        raw->query({"origin", "SELECT origin FROM facts_head"}, {}, [&](const sql::Row& row) -> Result<void> {
            origin = row.text(0);
            return {};
        }));
    must(store->prepare("facts", origin, {facts::DossierRow::row_type}));
    std::vector<facts::DossierRow> rows;
    {
        const auto books = must(store->read("facts"));
        rows = must(journal::Reader(*books).view<facts::DossierRow>().list({.limit = UINT64_MAX}));
    }
    if (rows.empty()) {
        std::fputs("there is no dossier to copy\n", stderr);
        return 2;
    }
    // Far beyond any fact, so that a copy is never taken for one.
    std::int64_t next = std::int64_t{1} << 40, left = wanted - static_cast<std::int64_t>(rows.size());
    while (left > 0) {
        const auto transaction = must(store->write("facts"));
        journal::Projections into(*transaction);
        for (int i = 0; i < 50'000 && left > 0; ++i, --left, ++next) {
            facts::DossierRow copy = rows[static_cast<std::size_t>(next) % rows.size()];
            copy.seq = next;
            copy.id += fmt::format("-{}", next - (std::int64_t{1} << 40));
            must(into.put(std::move(copy)));
        }
        must(transaction->commit());
    }
    fmt::print("{} dossiers\n", std::max(wanted, static_cast<std::int64_t>(rows.size())));
}
