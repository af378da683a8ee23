// What an operation of the API may use, and who is asking.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "account/figures.hpp"
#include "accounts/accounts.hpp"
#include "accounts/vault.hpp"
#include "act/engine.hpp"
#include "api/answer_cache.hpp"
#include "api/kept_counts.hpp"
#include "base/clock.hpp"
#include "http/metrics.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"
#include "journal/work.hpp"
#include "law/forms.hpp"
#include "law/law.hpp"
#include "law/statistics.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

class Jobs;     // jobs.hpp: work that outlives a request
class Notices;  // notices.hpp: inbox, mail and webhook
class Door;     // door.hpp: who asks, how often, and whether it was asked before
[[nodiscard]] std::shared_ptr<Door> make_door();
class Names;  // names.hpp: by what things are found
[[nodiscard]] std::shared_ptr<Names> make_names();
class PackDesk;   // pack_desk.hpp: trace data in, judged
class PackCache;  // packs_view.hpp: what its pages keep
[[nodiscard]] std::shared_ptr<PackCache> make_pack_cache();
class ReportDesk;  // report_desk.hpp: safety reports in, answered one by one
class SignalDesk;  // signal_desk.hpp: what the safety reports say together
class AssessDesk;  // assess_desk.hpp: grades, the order in which to look, focus lists
[[nodiscard]] std::shared_ptr<AssessDesk> make_assess_desk();

/// Everything a server was started with. Outlives every request; thread-safe.
struct Services {
    const law::Law& law;
    const law::Statistics& statistics;
    journal::Store& store;
    journal::Journal& journal;
    journal::Journal& access;   ///< who read what
    const journal::Work& work;  ///< sessions, jobs, notices, views, uploads
    accounts::Accounts& accounts;
    accounts::Vault& vault;
    accounts::Vault& informants;  ///< its own key: who reported
    const journal::Evidence& evidence;
    Jobs& jobs;
    Notices& notices;
    const Clock& clock;
    account::Index& index;
    std::string public_url;      ///< "https://qingyuan.bureau.example": own origin, and links in notices
    std::string check_url = {};  ///< what the code on a document begins with; empty: it names no address
    std::filesystem::path data;  ///< the data directory: uploads on their way, free space
    std::filesystem::path web;   ///< the built web app, empty = none
    /// The contract; sent from the file, so that thousands who read it slowly do not hold it in memory each.
    std::filesystem::path openapi;
    std::string default_organisation;
    std::string default_report = "mid_year";
    std::string default_period;
    std::vector<std::string> conference_units;  ///< organisations that report to the mid-year conference
    bool sample_data = false;
    bool rate_limits = true;  ///< false only where the load itself is measured
    std::shared_ptr<Door> door = make_door();
    std::shared_ptr<Names> names = make_names();
    std::shared_ptr<http::Metrics> metrics = std::make_shared<http::Metrics>();

    std::shared_ptr<PackDesk> packs = {};  ///< none: the pack routes answer store_unavailable
    std::shared_ptr<PackCache> pack_cache = make_pack_cache();
    std::shared_ptr<ReportDesk> reports = {};  ///< none: their routes answer store_unavailable
    std::shared_ptr<SignalDesk> signals = {};  ///< none: their routes answer store_unavailable

    std::shared_ptr<const law::Forms> forms = {};  ///< none: the document routes answer store_unavailable
    std::shared_ptr<AssessDesk> assess = make_assess_desk();

    std::shared_ptr<AnswerCache> answers = std::make_shared<AnswerCache>();
    std::shared_ptr<AnswerCache> row_texts = std::make_shared<AnswerCache>(16 * 1024 * 1024);
    mutable std::mutex index_lock = {};  ///< index is caught up and read under it
    /// Behind all that it counts with: it ends first.
    std::shared_ptr<KeptCounts> kept_counts = std::make_shared<KeptCounts>();

    [[nodiscard]] act::Engine engine() const { return act::Engine(law); }
};

/// Runs `use` on the figures as of the newest fact. One at a time: a figure takes microseconds.
Result<void> with_figures(const Services& services, const journal::Reader& reader,
                          const std::function<Result<void>(account::Index&)>& use);

}  // namespace qingyuan::api
