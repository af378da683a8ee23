// Handing in trace data: what an upload and an EPCIS capture share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "api/jobs.hpp"
#include "api/packs_view.hpp"

namespace qingyuan::api {

/// A directory of its own in the data directory; gone, with all that lies in it, at the end.
class ScratchFolder {
 public:
    static Result<ScratchFolder> make(const std::filesystem::path& data);
    ~ScratchFolder();
    ScratchFolder(ScratchFolder&& other) noexcept : at_(std::exchange(other.at_, {})) {}
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return at_; }

 private:
    explicit ScratchFolder(std::filesystem::path at) : at_(std::move(at)) {}
    std::filesystem::path at_;
};

/// Reads the files in as the caller: a firm's own events only, an authority's all. wrong_organisation where a
/// firm hands in tables that are not about itself; those of PackDesk::import.
[[nodiscard]] Result<PackReport> import_as(const Call& call, std::vector<observe::TraceFile> files,
                                           std::string_view source, Progress& progress);
/// The report of a batch with what its judgement brought.
[[nodiscard]] Result<Json> import_result(const Call& call, const PackReport& report);
/// The object of access that somebody hands trace data in for: its own firm, or its own authority.
[[nodiscard]] Result<access::Object> import_object(const Call& call, const journal::Reader& reader);
/// Decides whether the caller may hand in at all.
[[nodiscard]] Result<void> may_import(const Call& call);

}  // namespace qingyuan::api
