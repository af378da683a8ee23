#include "observe/trace_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "packs/run.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view table = "files";
constexpr std::size_t names_max = 100;

std::string big_endian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        out[7 - i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    return out;
}

/// The newest first.
std::string key_of(std::uint64_t seq) {
    return big_endian(~seq);
}

std::string rejects_table(std::uint64_t seq) {
    return fmt::format("rejects{}", seq);
}

Error broken() {
    return {ErrorCode::store_corrupt,
            "the list of trace files cannot be read",
            {},
            {},
            "`qingyuan packs rebuild` makes it anew from the raw batches"};
}

bool decode(std::string_view bytes, BatchSummary& out) {
    packs::Taking in{bytes};
    out.seq = in.number();
    out.now_ms = in.signed_number();
    out.source = in.text();
    out.digest = in.text();
    for (std::uint64_t* number : {&out.lines, &out.accepted, &out.rejected, &out.waiting})
        *number = in.number();
    const std::uint64_t names = in.number();
    for (std::uint64_t i = 0; in.ok && i < std::min<std::uint64_t>(names, names_max); ++i)
        out.names.emplace_back(in.text());
    return in.ok;
}

}  // namespace

void keep_report(packs::Index& index, const Manifest& manifest, const TraceReport& report) {
    std::uint64_t lines = 0;
    std::vector<std::string_view> names;
    for (const KeptFile& file : manifest.files) {
        if (file.name == registry_name) continue;
        lines += file.lines;
        if (names.size() < names_max) names.push_back(file.name);
    }
    std::uint64_t accepted = 0, rejected = 0, waiting = 0;
    for (const TableReport& one : report.tables) {
        if (one.name == registry_name) continue;
        accepted += one.problems.accepted();
        rejected += one.problems.rejected_rows;
        waiting += one.problems.waiting_rows;
    }
    std::string out;
    packs::put_number(out, report.batch);
    packs::put_signed(out, manifest.now_ms);
    packs::put_text(out, manifest.source);
    packs::put_text(out, manifest.identity());
    for (const std::uint64_t number : {lines, accepted, rejected, waiting}) packs::put_number(out, number);
    packs::put_number(out, names.size());
    for (const std::string_view name : names) packs::put_text(out, name);
    index.put_side(table, key_of(report.batch), std::move(out));
    std::uint64_t number = 0;
    for (const TableReport& one : report.tables)
        for (const RejectedRow& row : one.problems.rejected) {
            if (number == row_details_max) return;
            std::string value;
            packs::put_text(value, one.name);
            packs::put_number(value, row.row);
            packs::put_text(value, info(row.code).name);
            for (const std::string* text : {&row.field, &row.message, &row.next})
                packs::put_text(value, *text);
            index.put_side(rejects_table(report.batch), big_endian(number++), std::move(value));
        }
}

Result<void> each_batch(packs::Index& index, std::uint64_t before,
                        const std::function<bool(const BatchSummary&)>& each) {
    const std::string group = "s" + std::string(table);
    const std::string from = before == 0 ? std::string() : key_of(before);
    Result<void> read;
    CHECK(index.store().visit(packs::Space::names, std::span(&group, 1),
                              [&](std::size_t, std::string_view rest, std::string_view value) {
                                  if (!from.empty() && rest <= from) return true;
                                  BatchSummary one;
                                  if (!decode(value, one)) {
                                      read = broken();
                                      return false;
                                  }
                                  return each(one);
                              }));
    return read;
}

Result<BatchSummary> find_batch(packs::Index& index, std::uint64_t seq) {
    const auto value = TRY(index.store().get(packs::Space::names, "s" + std::string(table), key_of(seq)));
    if (!value)
        return Error{ErrorCode::record_unknown,
                     fmt::format("no trace file has the number {}", seq),
                     "seq",
                     {},
                     "take a number of the list of files",
                     fmt::format("没有第 {} 批追溯数据", seq),
                     "请从上传列表中选取"};
    BatchSummary out;
    if (!decode(*value, out)) return broken();
    return out;
}

Result<std::vector<BatchReject>> rejects_of(packs::Index& index, std::uint64_t seq) {
    std::vector<BatchReject> out;
    for (const auto& [key, value] : TRY(index.side(rejects_table(seq)))) {
        packs::Taking in{value};
        BatchReject one;
        one.file = in.text();
        one.row = in.number();
        for (std::string* text : {&one.code, &one.field, &one.message, &one.next}) *text = in.text();
        if (!in.ok) return broken();
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace qingyuan::observe
