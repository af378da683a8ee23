// Files on their way in: announced with size and digest, brought in chunks in any order, any number of
// times, checked as a whole, and kept as evidence.
#include <algorithm>
#include <array>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "accounts/letters.hpp"
#include "act/authority.hpp"
#include "act/exchange.hpp"
#include "act/partner_files.hpp"
#include "api/doors.hpp"
#include "api/file_kind.hpp"
#include "api/rows.hpp"
#include "api/step_proposals.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t upload_bytes_max = 64LL * 1024 * 1024;
constexpr std::int64_t chunk_bytes = 4LL * 1024 * 1024;
constexpr std::int64_t upload_kept_us = 24LL * 3600 * 1'000'000;
constexpr std::size_t uploads_open_max = 20;  ///< of one person

/// SHA-256, which every browser can compute (SM3 it cannot).
class Sha256 {
 public:
    Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        QY_ASSERT(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }
    void add(std::string_view bytes) {
        QY_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    }
    [[nodiscard]] std::string hex_digest() {
        Digest out{};
        unsigned size = 0;
        QY_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), &size) == 1 && size == out.size());
        return hex(out);
    }

 private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::int64_t chunks_of(const UploadRow& row) {
    return (row.bytes + chunk_bytes - 1) / chunk_bytes;
}
fs::path folder_of(const Call& call, const UploadRow& row) {
    return call.services.data / "uploads" / row.id;
}

Json file_json(const UploadRow& row) {
    return {{"digest", row.evidence}, {"bytes", row.bytes}, {"type", row.type}, {"name", row.name}};
}

Json upload_json(const UploadRow& row) {
    Json received = Json::array();
    std::vector<std::int64_t> numbers;
    for (const std::string& text : row.received) numbers.push_back(parse_integer(text).value_or(-1));
    std::sort(numbers.begin(), numbers.end());
    for (const std::int64_t number : numbers) received.push_back(number);
    return {{"id", row.id},
            {"name", row.name},
            {"bytes", row.bytes},
            {"chunk_bytes", chunk_bytes},
            {"chunks", chunks_of(row)},
            {"received", std::move(received)},
            {"expires_at", Instant{row.expires}.text()},
            {"evidence", row.evidence.empty() ? Json(nullptr) : file_json(row)}};
}

Error no_such_upload() {
    return {ErrorCode::record_unknown,
            "there is no such upload",
            "id",
            {},
            "begin it again",
            "没有此上传",
            "请重新上传"};
}

Result<UploadRow> own_upload(const Call& call) {
    const auto row = TRY(call.services.work.find<UploadRow>(call.path.at("id")));
    if (!row || row->person != call.subject.person || row->expires <= call.now.us) return no_such_upload();
    return *row;
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A name for people to read: no path, no control character, nothing that could end a header.
Result<std::string> file_name(const std::string& given) {
    std::string name =
        given.substr(given.find_last_of("/\\") == std::string::npos ? 0 : given.find_last_of("/\\") + 1);
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"'; });
    if (name.empty() || name == "." || name == "..")
        return Error{ErrorCode::field_invalid, "a file has a name", "name"};
    return name;
}

Result<void> write_chunk(const fs::path& folder, std::int64_t number, std::string_view bytes) {
    std::error_code error;
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    const fs::path target = folder / std::to_string(number), fresh = target.string() + ".part";
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) return Error{ErrorCode::disk_full, "the chunk could not be written"};
    fs::rename(fresh, target, error);
    if (error) return Error{ErrorCode::io_failed, error.message()};
    return {};
}

}  // namespace

Answer begin_upload(const Call& call) {
    const Json body = TRY(body_of(call, {"name", "bytes", "digest_sha256"}));
    UploadRow row{.id = "u-" + TRY(accounts::fresh_secret()).substr(0, 22),
                  .person = call.subject.person,
                  .name = TRY(file_name(TRY(wanted_in(body, "name", 200)))),
                  .bytes = 0,
                  .sha256 = TRY(wanted_in(body, "digest_sha256", 64)),
                  .received = {},
                  .expires = call.now.us + upload_kept_us};
    if (!is_sha256(row.sha256))
        return Error{ErrorCode::field_invalid, "SHA-256 in hexadecimal, small letters", "digest_sha256"};
    if (!body.contains("bytes") || !body["bytes"].is_number_integer() ||
        body["bytes"].get<std::int64_t>() < 1)
        return Error{ErrorCode::field_invalid, "the number of bytes, at least 1", "bytes"};
    row.bytes = body["bytes"].get<std::int64_t>();
    if (row.bytes > upload_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; at most {} are taken", row.bytes, upload_bytes_max),
                     "bytes",
                     {},
                     "send a smaller picture, or the film in parts",
                     "文件超过 64 MiB",
                     "请压缩后或分段上传"};
    const journal::Query open{.where = {{"person", journal::Compare::equal, {row.person}},
                                        {"evidence", journal::Compare::equal, {std::string()}},
                                        {"expires", journal::Compare::greater, {call.now.us}}}};
    if (TRY(call.services.work.list<UploadRow>(open)).size() >= uploads_open_max)
        return Error{ErrorCode::rate_limited, "too many uploads are open", "retry_after=60",      {},
                     "finish some first",     "未完成的上传过多",          "请先完成已开始的上传"};
    CHECK(call.services.work.put(row));
    return json_response(upload_json(row), 201);
}

Answer show_upload(const Call& call) {
    return json_response(upload_json(TRY(own_upload(call))));
}

Answer drop_upload(const Call& call) {
    const UploadRow row = TRY(own_upload(call));
    std::error_code gone;
    fs::remove_all(folder_of(call, row), gone);
    if (row.evidence.empty()) CHECK(call.services.work.erase<UploadRow>(row.id));
    return no_content();
}

Answer put_chunk(const Call& call) {
    const UploadRow row = TRY(own_upload(call));
    const auto number = parse_integer(call.path.at("n"));
    if (!number || *number < 0 || *number >= chunks_of(row))
        return Error{ErrorCode::field_invalid, fmt::format("chunks are numbered 0 to {}", chunks_of(row) - 1),
                     "n"};
    const std::int64_t wanted = std::min(chunk_bytes, row.bytes - *number * chunk_bytes);
    const std::string& bytes = call.request.body;
    if (static_cast<std::int64_t>(bytes.size()) != wanted)
        return Error{ErrorCode::field_invalid,
                     fmt::format("{} bytes; this chunk has {}", bytes.size(), wanted), "body"};
    if (const auto digest = call.request.header("x-chunk-sha256"); !digest.empty()) {
        Sha256 sha;
        sha.add(bytes);
        if (sha.hex_digest() != digest)
            return Error{ErrorCode::digest_mismatch,
                         "the bytes changed on the way",
                         "X-Chunk-SHA256",
                         {},
                         "send the chunk again",
                         "数据在传输中改变",
                         "请重传此分块"};
    }
    if (!row.evidence.empty()) return json_response(upload_json(row));
    CHECK(write_chunk(folder_of(call, row), *number, bytes));
    std::optional<UploadRow> after;
    CHECK(call.services.work.write([&](journal::Projections& rows) -> Result<void> {
        after = TRY(rows.find<UploadRow>(row.id));
        if (!after) return no_such_upload();
        const std::string name = std::to_string(*number);
        if (std::find(after->received.begin(), after->received.end(), name) == after->received.end())
            after->received.push_back(name);
        return rows.put(*after);
    }));
    return json_response(upload_json(*after));
}

namespace {

/// The chunks put together: digest checked, kind told, one file that evidence takes.
Result<std::string_view> assemble(const fs::path& folder, const UploadRow& row, const fs::path& whole) {
    std::ofstream out(whole, std::ios::binary | std::ios::trunc);
    Sha256 sha;
    std::string begin, end;
    for (std::int64_t number = 0; number < chunks_of(row); ++number) {
        std::ifstream in(folder / std::to_string(number), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(in), {});
        sha.add(bytes);
        if (begin.empty()) begin = bytes.substr(0, kind_bytes);
        end = (end + bytes);
        if (end.size() > kind_bytes) end.erase(0, end.size() - kind_bytes);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    out.close();
    if (!out) return Error{ErrorCode::disk_full, "the file could not be put together"};
    if (sha.hex_digest() != row.sha256)
        return Error{ErrorCode::digest_mismatch,
                     "the file is not the one that was announced",
                     "digest_sha256",
                     {},
                     "upload it again",
                     "文件与申报的摘要不符",
                     "请重新上传"};
    const auto kind = kind_of_file(begin, end);
    if (!kind)
        return Error{ErrorCode::file_kind_refused,
                     "pictures, films, PDF, OFD, XLSX, DOCX, ZIP and text are taken",
                     "file",
                     {},
                     "save it as one of these",
                     "只接受图片、视频、PDF、OFD、XLSX、DOCX、ZIP 和文本文件",
                     "请转换格式后上传"};
    return *kind;
}

}  // namespace

Answer finish_upload(const Call& call) {
    UploadRow row = TRY(own_upload(call));
    if (!row.evidence.empty()) return json_response(file_json(row));
    if (static_cast<std::int64_t>(row.received.size()) != chunks_of(row))
        return Error{ErrorCode::wrong_state,
                     fmt::format("{} of {} chunks are here", row.received.size(), chunks_of(row)),
                     "chunks",
                     {},
                     "send the rest",
                     "分块尚未传齐",
                     "请继续上传"};
    const fs::path folder = folder_of(call, row), whole = folder / "whole";
    const auto kind = assemble(folder, row, whole);
    std::error_code gone;
    if (!kind) {
        fs::remove_all(folder, gone);
        CHECK(call.services.work.erase<UploadRow>(row.id));
        return kind.error();
    }
    row.type = *kind;
    row.evidence = hex(TRY(call.services.evidence.put_file(whole)).digest);
    row.expires = call.now.us + 366 * upload_kept_us;  // who brought it stays known while it is used
    CHECK(call.services.work.put(row));
    fs::remove_all(folder, gone);
    return json_response(file_json(row));
}

namespace {

/// Do the dossier's entries name this file?
Result<bool> names(const journal::Reader& reader, const facts::DossierRow& row, const std::string& digest) {
    for (const std::uint64_t seq : TRY(reader.facts_of(static_cast<std::uint64_t>(row.seq)))) {
        const auto fact = TRY(reader.fact(seq));
        const facts::Form* form = nullptr;
        if (const auto* step = std::get_if<facts::StepTaken>(&fact.fact.payload)) {
            if (std::find(step->evidence.begin(), step->evidence.end(), digest) != step->evidence.end())
                return true;
            form = &step->form;
        } else if (const auto* opened = std::get_if<facts::DossierOpened>(&fact.fact.payload)) {
            form = &opened->attributes;
        }
        if (!form) continue;
        for (const auto& [field, value] : *form) {
            const auto held = facts::list_of(*form, field);
            if (std::find(held.begin(), held.end(), digest) != held.end()) return true;
            if (facts::text_of(*form, field) == digest) return true;
        }
    }
    return proposes_file(reader, row, digest);
}

constexpr std::uintmax_t package_bytes_max = 1 << 20;

/// The text of a package that is kept here; nothing where it is not, or is no package.
std::optional<act::Package> package_of(const Services& services, const std::string& digest) {
    std::error_code none;
    const auto path = services.evidence.path(digest);
    if (!path || fs::file_size(*path, none) > package_bytes_max || none) return std::nullopt;
    const auto text = services.evidence.read(digest);
    if (!text) return std::nullopt;
    auto package = act::read_package(*text);
    return package ? std::optional(std::move(*package)) : std::nullopt;
}

/// A partner agency that the dossier was opened to fetches what was sent to it, the items of its packages (of
/// this matter, or of the one it came from) and what it handed in; the rest of the file is not its.
Result<bool> may_fetch(const Call& call, const journal::Reader& reader, const facts::DossierRow& row,
                       const std::string& digest) {
    const act::PartnerFiles sent = TRY(
        act::files_for(reader, call.services.law, row, call.subject.department, call.subject.organisation));
    if (sent.files.contains(digest)) return true;
    for (const std::string& one : sent.packages) {
        const auto package = package_of(call.services, one);
        if (!package ||
            std::ranges::find(package->items, digest, &act::PackageItem::digest) == package->items.end())
            continue;
        // Whoever packs names only files of the matter: a list alone opens nothing.
        if (TRY(names(reader, row, digest))) return true;
        const auto source = row.source == 0 ? std::optional<facts::DossierRow>()
                                            : TRY(reader.view<facts::DossierRow>().find(row.source));
        if (source && TRY(names(reader, *source, digest))) return true;
    }
    return false;
}

}  // namespace

Result<void> sweep_uploads(const Services& services, Instant now) {
    const journal::Query old{.where = {{"expires", journal::Compare::less, {now.us}}}};
    for (const UploadRow& row : TRY(services.work.list<UploadRow>(old))) {
        std::error_code gone;
        fs::remove_all(services.data / "uploads" / row.id, gone);
        CHECK(services.work.erase<UploadRow>(row.id));
    }
    return {};
}

Answer show_evidence(const Call& call) {
    const std::string& digest = call.path.at("digest");
    const Error unknown{ErrorCode::record_unknown, "there is no such file in this matter", "digest", {}, {},
                        "该事项中没有此文件"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        if (!parse_digest(digest)) {
            call.decided = true;
            return unknown;
        }
        const auto [row, decision] = TRY(reach(call, reader, call.parameter("dossier")));
        const bool partner = !decision.grant.empty() && !act::is_regulator(call.subject.department);
        const bool there = TRY(partner ? may_fetch(call, reader, row, digest) : names(reader, row, digest));
        return there ? Result<void>() : unknown;
    }));
    http::Response response;
    auto path = call.services.evidence.path(digest);
    if (!path) return path.error().code == ErrorCode::record_unknown ? unknown : path.error();
    response.file = std::move(*path);
    // Never shown by a browser inside this origin: downloaded, whatever it is.
    response.content_type = "application/octet-stream";
    response.headers.emplace_back("Content-Disposition",
                                  fmt::format("attachment; filename=\"{}.bin\"", digest.substr(0, 16)));
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("ETag", fmt::format("\"{}\"", digest.substr(0, 24)));
    return response;
}

}  // namespace qingyuan::api
