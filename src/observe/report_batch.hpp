// Batches of reports as they are kept: the raw file sealed under a key of its own, the coded rows as a file
// without personal values, and a manifest that names both, which the journal's fact names. What the archive
// knows is read from there only. Bytes: docs/formats/icsr.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/fact.hpp"
#include "facts/safety_report_row.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"
#include "observe/report_archive.hpp"
#include "observe/sentinels.hpp"

namespace qingyuan::observe {

/// Formats of batch_received that this room reads.
constexpr std::string_view icsr_format = "icsr", report_csv_format = "report_csv",
                           report_form_format = "report_form", report_coding_format = "report_coding",
                           sentinels_format = "sentinels";

/// A batch in its two files.
struct ReportManifest {
    std::string format;
    std::string raw;  ///< digest of the file as it came, hexadecimal; empty where there was none (coding)
    std::uint64_t raw_bytes = 0;
    std::string rows;  ///< digest of the rows file
    std::uint64_t count = 0;
    [[nodiscard]] std::string text() const;
};
/// record_malformed.
[[nodiscard]] Result<ReportManifest> parse_report_manifest(std::string_view text);

/// The rows as encoded, one behind the other, and their Merkle root.
struct EncodedRows {
    Bytes bytes;
    Digest root{};
    std::uint64_t count = 0;
};
[[nodiscard]] EncodedRows encode_rows(const std::vector<facts::SafetyReportRow>& rows);
[[nodiscard]] EncodedRows encode_rows(const std::vector<facts::ProductCodedRow>& rows);
[[nodiscard]] EncodedRows encode_rows(const std::vector<facts::SentinelRow>& rows);

/// The bytes of row i of a rows file, as the Merkle tree has them. record_unknown, record_malformed.
[[nodiscard]] Result<Bytes> encoded_row(std::string_view rows_file, std::uint64_t i);

/// The rows of a file of reports: for one that prints or proves them. record_malformed.
[[nodiscard]] Result<std::vector<facts::SafetyReportRow>> report_rows(std::string_view rows_file);

/// Keeps the files, the raw one by `seal`; durable when it returns. The digest is the manifest's.
[[nodiscard]] Result<Digest> keep_batch(const journal::Evidence& evidence, const journal::Transform& seal,
                                        std::string_view format, std::string_view raw,
                                        const EncodedRows& rows);

/// The cases and the sentinel sites: what the journal's batches make.
struct ReportState {
    ReportArchive archive;
    Sentinels sentinels;
    std::uint64_t applied = 0;  ///< sequence number up to which the journal was read
};

/// Is this a batch of ours? By its format.
[[nodiscard]] bool is_report_batch(std::string_view format);

/// Takes a batch into the state; what changed, in the order of its rows. store_corrupt where a kept file is
/// damaged or its rows do not give the root of the fact.
[[nodiscard]] Result<std::vector<ReportChange>> apply_batch(ReportState& state, std::uint64_t seq,
                                                            const facts::BatchReceived& batch,
                                                            const journal::Evidence& evidence);

/// Reads on from where the state stands to the end of the journal; `each` is told the changes.
Result<void> read_reports(const journal::Reader& reader, const journal::Evidence& evidence,
                          ReportState& state, const std::function<void(const ReportChange&)>& each = {});

}  // namespace qingyuan::observe
