#include "observe/report_batch.hpp"

#include <fmt/format.h>

#include "base/merkle.hpp"
#include "base/text.hpp"
#include "facts/codec.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view manifest_head = "qingyuan reports 1";

template <class Row>
EncodedRows encode_all(const std::vector<Row>& rows) {
    EncodedRows out;
    MerkleEdge tree;
    for (const Row& row : rows) {
        const Bytes bytes = facts::encode_row(row);
        tree.add(merkle_leaf(bytes));
        out.bytes += bytes;
    }
    out.root = tree.root();
    out.count = rows.size();
    return out;
}

/// Calls `each` with the bytes of every row: CBOR maps, one behind the other.
Result<void> for_each_row(std::string_view file, const std::function<Result<void>(std::string_view)>& each) {
    CborReader reader(file);
    while (!reader.at_end()) {
        const std::string_view before = reader.rest();
        CHECK(reader.skip());
        CHECK(each(before.substr(0, before.size() - reader.rest().size())));
    }
    return {};
}

template <class Row>
Result<std::vector<Row>> decode_all(std::string_view file, Digest* root = nullptr) {
    std::vector<Row> out;
    MerkleEdge tree;
    CHECK(for_each_row(file, [&](std::string_view bytes) -> Result<void> {
        tree.add(merkle_leaf(bytes));
        out.push_back(TRY(facts::decode_row<Row>(bytes)));
        return {};
    }));
    if (root) *root = tree.root();
    return out;
}

template <class Row>
Result<std::vector<Row>> rows_of(std::string_view file, const facts::BatchReceived& batch,
                                 std::uint64_t seq) {
    Digest root{};
    auto rows = decode_all<Row>(file, &root);
    if (!rows || root != digest_of(batch.rows_root) || rows->size() != static_cast<std::uint64_t>(batch.rows))
        return Error{ErrorCode::store_corrupt,
                     fmt::format("the rows of batch {} are not those of its fact", seq),
                     {},
                     {},
                     "restore the evidence store from a backup"};
    return rows;
}

}  // namespace

std::string ReportManifest::text() const {
    return fmt::format("{}\nformat {}\nraw {} {}\nrows {} {}\n", manifest_head, format,
                       raw.empty() ? "-" : raw, raw_bytes, rows, count);
}

Result<ReportManifest> parse_report_manifest(std::string_view text) {
    const Error malformed{ErrorCode::record_malformed, "the manifest of a batch of reports cannot be read"};
    const std::vector<std::string> lines = split(text, '\n');
    if (lines.size() < 4 || lines[0] != manifest_head || !lines[1].starts_with("format ")) return malformed;
    const std::vector<std::string> raw = split(lines[2], ' '), rows = split(lines[3], ' ');
    if (raw.size() != 3 || raw[0] != "raw" || rows.size() != 3 || rows[0] != "rows") return malformed;
    ReportManifest out;
    out.format = lines[1].substr(7);
    if (raw[1] != "-") out.raw = hex(TRY(parse_digest(raw[1])));
    out.rows = hex(TRY(parse_digest(rows[1])));
    out.raw_bytes = static_cast<std::uint64_t>(TRY(parse_integer(raw[2])));
    out.count = static_cast<std::uint64_t>(TRY(parse_integer(rows[2])));
    return out;
}

EncodedRows encode_rows(const std::vector<facts::SafetyReportRow>& rows) {
    return encode_all(rows);
}
EncodedRows encode_rows(const std::vector<facts::ProductCodedRow>& rows) {
    return encode_all(rows);
}
EncodedRows encode_rows(const std::vector<facts::SentinelRow>& rows) {
    return encode_all(rows);
}

Result<Bytes> encoded_row(std::string_view rows_file, std::uint64_t i) {
    std::optional<Bytes> out;
    std::uint64_t at = 0;
    CHECK(for_each_row(rows_file, [&](std::string_view bytes) -> Result<void> {
        if (at++ == i) out = Bytes(bytes);
        return {};
    }));
    if (!out) return Error{ErrorCode::record_unknown, fmt::format("{} rows; there is no row {}", at, i)};
    return std::move(*out);
}

Result<std::vector<facts::SafetyReportRow>> report_rows(std::string_view rows_file) {
    return decode_all<facts::SafetyReportRow>(rows_file);
}

Result<Digest> keep_batch(const journal::Evidence& evidence, const journal::Transform& seal,
                          std::string_view format, std::string_view raw, const EncodedRows& rows) {
    ReportManifest manifest{.format = std::string(format), .raw = {}, .rows = {}};
    if (!raw.empty()) {
        const auto kept = TRY(evidence.put_sealed(raw, seal));
        manifest.raw = hex(kept.digest);
        manifest.raw_bytes = kept.bytes;
    }
    manifest.rows = hex(TRY(evidence.put(rows.bytes)).digest);
    manifest.count = rows.count;
    return TRY(evidence.put(manifest.text())).digest;
}

bool is_report_batch(std::string_view format) {
    return format == icsr_format || format == report_csv_format || format == report_form_format ||
           format == report_coding_format || format == sentinels_format;
}

Result<std::vector<ReportChange>> apply_batch(ReportState& state, std::uint64_t seq,
                                              const facts::BatchReceived& batch,
                                              const journal::Evidence& evidence) {
    const std::string text = TRY(evidence.read(hex(digest_of(batch.digest))));
    const ReportManifest manifest = TRY(parse_report_manifest(text));
    const std::string file = TRY(evidence.read(manifest.rows));
    std::vector<ReportChange> out;
    const auto take = [&](std::vector<ReportChange> changes) {
        for (ReportChange& change : changes) out.push_back(std::move(change));
    };
    if (batch.format == sentinels_format) {
        for (facts::SentinelRow& row : TRY(rows_of<facts::SentinelRow>(file, batch, seq)))
            state.sentinels.put(std::move(row));
    } else if (batch.format == report_coding_format) {
        for (const facts::ProductCodedRow& row : TRY(rows_of<facts::ProductCodedRow>(file, batch, seq)))
            take(state.archive.code(row));
    } else {
        const auto rows = TRY(rows_of<facts::SafetyReportRow>(file, batch, seq));
        for (std::uint64_t i = 0; i < rows.size(); ++i) take(state.archive.add(rows[i], {seq, i}));
    }
    state.applied = std::max(state.applied, seq);
    return out;
}

Result<void> read_reports(const journal::Reader& reader, const journal::Evidence& evidence,
                          ReportState& state, const std::function<void(const ReportChange&)>& each) {
    const journal::Head head = TRY(reader.head());
    std::vector<std::pair<std::uint64_t, facts::BatchReceived>> batches;
    CHECK(reader.transaction().scan(
        state.applied + 1, head.size + 1, [&](std::uint64_t seq, std::string_view record) -> Result<void> {
            const facts::Envelope envelope = TRY(facts::decode_envelope(record));
            if (envelope.kind != "batch_received") return {};
            const facts::Payload payload = TRY(facts::decode_payload(envelope.kind, envelope.payload));
            const auto& batch = std::get<facts::BatchReceived>(payload);
            if (is_report_batch(batch.format)) batches.emplace_back(seq, batch);
            return {};
        }));
    for (const auto& [seq, batch] : batches)
        for (const ReportChange& change : TRY(apply_batch(state, seq, batch, evidence)))
            if (each) each(change);
    state.applied = head.size;
    return {};
}

}  // namespace qingyuan::observe
