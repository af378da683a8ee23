// The journal's storage interface on SQLite and PostgreSQL.
#pragma once

#include <memory>
#include <string>

#include "journal/store.hpp"

namespace qingyuan::sql {

struct StoreOptions {
    bool durable = true;  ///< false only to show that the power-cut harness notices the difference (SQLite)
};

/// `place` is the path of an SQLite file (created when missing), "sqlite::memory:" for a database that
/// lives with the Store, or a "postgresql://" URL. store_unavailable, store_corrupt, store_newer.
Result<std::unique_ptr<journal::Store>> open_store(const std::string& place, StoreOptions options = {});

/// A store in a PostgreSQL schema of its own, dropped when the store ends: scenarios and tests.
Result<std::unique_ptr<journal::Store>> open_fresh_schema(const std::string& url);

}  // namespace qingyuan::sql
