// What acts on many matters at once: the request behind a job, made anew when the job runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/door.hpp"
#include "api/jobs.hpp"

namespace qingyuan::api {

/// A request that outlives its connection: who asked, in which language, with which filters.
struct Asked {
    const Services* services = nullptr;
    accounts::Identity identity;
    http::Request request;  ///< query: the filters; method and path are those of the operation
    bool english = false;

    /// The call as of now: the roles a person has lost since are gone.
    [[nodiscard]] Result<Call> call(const Operation& operation) const {
        return call_for(*services, request, operation, identity, english);
    }
};
/// As `call` asked, with the filters of `query` ("state=open&due=late"); usage for a query that is none.
[[nodiscard]] Result<std::shared_ptr<Asked>> asked_by(const Call& call, std::string_view query);
/// The words a failed job leaves its owner.
[[nodiscard]] Jobs::Told told_to(const Call& call);
[[nodiscard]] http::Response accepted(const JobRow& row);

/// All dossiers that the call's filters and its policy open; too_large beyond `max`.
[[nodiscard]] Result<std::vector<facts::DossierRow>> all_matching(const Call& call,
                                                                  const journal::Reader& reader,
                                                                  std::uint64_t max);
/// All operators, likewise.
[[nodiscard]] Result<std::vector<facts::OperatorRow>> all_operators(const Call& call,
                                                                    const journal::Reader& reader,
                                                                    std::uint64_t max);

}  // namespace qingyuan::api
