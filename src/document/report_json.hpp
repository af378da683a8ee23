// A report as JSON: what `qingyuan report --format json` prints, and at the same time its manifest. It names
// the journal it was computed from (origin, size and tree root up to the as-of fact) and the Merkle root of
// every figure's members, so that anyone with a copy of the journal can compute it again. Format:
// docs/formats/report.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/report.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"
#include "law/law.hpp"

namespace qingyuan::document {

/// What a report was computed from.
struct Provenance {
    std::string origin;        ///< of the journal
    std::uint64_t size = 0;    ///< = the report's as-of
    Digest root{};             ///< tree hash of the first `size` facts
    bool sample_data = false;  ///< every page and export says so
};

/// Indented, keys in a fixed order, one line feed at the end: equal reports give equal bytes.
[[nodiscard]] std::string report_json(const law::Law& law, const account::Report& report,
                                      const Provenance& from);

/// The part of a manifest that says what it is about.
struct ManifestHead {
    std::string report;
    std::string organisation;
    account::Period period;
    std::uint64_t as_of = 0;
    std::string law_digest;  ///< hexadecimal
    std::string origin;
    Digest root{};
    bool sample_data = false;
};
/// json_malformed, or request_malformed where a member is missing or of another kind.
[[nodiscard]] Result<ManifestHead> parse_manifest(std::string_view text);

/// What is not the same in two manifests of one report, one sentence each: figures by their id and values,
/// everything else by its place.
[[nodiscard]] Result<std::vector<std::string>> manifest_differences(std::string_view manifest,
                                                                    std::string_view again);

}  // namespace qingyuan::document
