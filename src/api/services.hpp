// What an operation of the API may use, and who is asking.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "account/figures.hpp"
#include "accounts/vault.hpp"
#include "act/engine.hpp"
#include "base/clock.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"
#include "law/statistics.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

/// Everything a server was started with. Outlives every request; thread-safe.
struct Services {
    const law::Law& law;
    const law::Statistics& statistics;
    journal::Store& store;
    journal::Journal& journal;
    accounts::Vault& vault;
    const Clock& clock;
    account::Index& index;
    std::filesystem::path web;  ///< the built web app, empty = none
    std::string openapi;        ///< text of the contract
    std::string
        default_person;  ///< who acts where X-Person names nobody (loopback only, until there are accounts)
    std::string default_organisation;
    std::string default_report = "mid_year";
    std::string default_period;
    std::vector<std::string> conference_units;  ///< organisations that report to the mid-year conference
    bool sample_data = false;

    mutable std::mutex index_lock = {};  ///< index is caught up and read under it

    [[nodiscard]] act::Engine engine() const { return act::Engine(law); }
};

/// Runs `use` on the figures as of the newest fact. One at a time: a figure takes microseconds.
Result<void> with_figures(const Services& services, const journal::Reader& reader,
                          const std::function<Result<void>(account::Index&)>& use);

}  // namespace qingyuan::api
