#include "journal/evidence.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/sm3_lanes.hpp"
#include "journal/compressed_file.hpp"
#include "journal/incoming.hpp"

namespace qingyuan::journal {

namespace {

constexpr std::string_view sealed_ending = ".sealed";
constexpr std::string_view plain_ending;
constexpr std::string_view compressed_ending = ".zst";

/// Calls `each` with the file's bytes, evidence_block_bytes at a time.
template <class Each>
Result<void> read_blocks(const std::filesystem::path& file, Each&& each) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!descriptor.open() || ::fstat(descriptor.get(), &status) != 0 || S_ISDIR(status.st_mode))
        return Error{ErrorCode::file_unreadable, errno == 0 ? "is a directory" : std::strerror(errno),
                     file.string()};
    // A small file needs no large buffer.
    const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    Bytes buffer(S_ISREG(status.st_mode) ? std::clamp(size, std::size_t{65'536}, evidence_block_bytes)
                                         : evidence_block_bytes,
                 '\0');
    std::size_t filled = 0;
    for (;;) {
        const ssize_t count = ::read(descriptor.get(), buffer.data() + filled, buffer.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error{ErrorCode::file_unreadable, std::strerror(errno), file.string()};
        filled += static_cast<std::size_t>(count);
        if (filled < buffer.size() && count > 0) continue;
        if (filled > 0) CHECK(each(std::string_view(buffer.data(), filled)));
        if (count == 0) return {};
        filled = 0;
    }
}

Result<void> check_name(std::string_view digest_hex) {
    if (!parse_digest(digest_hex))
        return Error{ErrorCode::field_invalid, "evidence is named by 64 hexadecimal digits", "evidence"};
    return {};
}

Error unknown(std::string_view digest_hex) {
    return {ErrorCode::record_unknown,
            fmt::format("no evidence {}", digest_hex),
            {},
            {},
            "restore it from the backup of the evidence store"};
}

Error corrupt(const std::filesystem::path& at) {
    return {ErrorCode::store_corrupt,
            "the bytes do not have their digest",
            at.string(),
            {},
            "restore it from a backup"};
}

Error ended() {
    return {ErrorCode::wrong_state, "the evidence has been finished or could not be written", "evidence"};
}

}  // namespace

void BlockDigest::add(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, evidence_block_bytes - in_block_);
        block_.add(part);
        in_block_ += part.size();
        bytes.remove_prefix(part.size());
        if (in_block_ < evidence_block_bytes) return;
        whole_.add(block_.finish());
        in_block_ = 0;
    }
}

Digest BlockDigest::finish() {
    if (in_block_ > 0) whole_.add(block_.finish());
    in_block_ = 0;
    size_ = 0;
    return whole_.finish();
}

Digest block_digest(std::string_view bytes) {
    constexpr std::size_t many = 64;
    std::array<std::string_view, many> blocks;
    std::array<Digest, many> digests;
    Sm3 whole;
    while (!bytes.empty()) {
        std::size_t count = 0;
        for (; count < many && !bytes.empty(); ++count) {
            blocks[count] = bytes.substr(0, evidence_block_bytes);
            bytes.remove_prefix(blocks[count].size());
        }
        sm3_each(std::span(blocks).first(count), std::span(digests).first(count));
        for (std::size_t i = 0; i < count; ++i) whole.add(digests[i]);
    }
    return whole.finish();
}

Result<PreparedBlock> prepare_block(std::string_view plain, int level) {
    return TRY(prepare_blocks({&plain, 1}, level)).front();
}

Result<std::vector<PreparedBlock>> prepare_blocks(std::span<const std::string_view> plain, int level) {
    std::vector<PreparedBlock> out(plain.size());
    for (std::size_t i = 0; i < plain.size(); ++i) out[i].frame = TRY(compress_block(plain[i], level));
    std::vector<Digest> digests(plain.size());
    sm3_each(plain, digests);
    for (std::size_t i = 0; i < plain.size(); ++i) out[i].digest = digests[i];
    return out;
}

Result<Evidence> Evidence::open(const std::filesystem::path& directory) {
    CHECK(make_directory(directory));
    CHECK(Incoming::clear(directory));
    return Evidence(directory);
}

std::filesystem::path Evidence::place(std::string_view digest_hex, std::string_view ending) const {
    return directory_ / std::string(digest_hex.substr(0, 2)) / fmt::format("{}{}", digest_hex, ending);
}

Result<EvidenceFile> Evidence::put_bytes(std::string_view bytes, const Transform* seal) const {
    EvidenceFile file{block_digest(bytes), bytes.size(), false};
    const std::string name = hex(file.digest);
    if (contains(name)) return file;
    const auto temporary = TRY(Incoming::create(directory_));
    if (seal) {
        const Bytes sealed = TRY((*seal)(name, bytes));
        CHECK(temporary->write(sealed));
    } else {
        CHECK(temporary->write(bytes));
    }
    file.fresh = TRY(temporary->keep(place(name, seal ? sealed_ending : plain_ending)));
    return file;
}

Result<EvidenceFile> Evidence::put(std::string_view bytes) const {
    return put_bytes(bytes, nullptr);
}

Result<EvidenceFile> Evidence::put_sealed(std::string_view bytes, const Transform& seal) const {
    if (bytes.size() > evidence_memory_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} can be sealed", bytes.size(), evidence_memory_bytes_max)};
    return put_bytes(bytes, &seal);
}

Result<EvidenceFile> Evidence::put_file(const std::filesystem::path& file) const {
    const auto temporary = TRY(Incoming::create(directory_));
    BlockDigest digest;
    CHECK(read_blocks(file, [&](std::string_view bytes) -> Result<void> {
        digest.add(bytes);
        return temporary->write(bytes);
    }));
    EvidenceFile kept;
    kept.bytes = digest.size();
    kept.digest = digest.finish();
    if (contains(hex(kept.digest))) return kept;
    kept.fresh = TRY(temporary->keep(place(hex(kept.digest), plain_ending)));
    return kept;
}

bool Evidence::is_sealed(std::string_view digest_hex) const {
    return check_name(digest_hex) && ::access(place(digest_hex, sealed_ending).c_str(), F_OK) == 0;
}

bool Evidence::is_compressed(std::string_view digest_hex) const {
    return check_name(digest_hex) && ::access(place(digest_hex, compressed_ending).c_str(), F_OK) == 0;
}

bool Evidence::contains(std::string_view digest_hex) const {
    return check_name(digest_hex) && (::access(place(digest_hex, plain_ending).c_str(), F_OK) == 0 ||
                                      is_compressed(digest_hex) || is_sealed(digest_hex));
}

Result<std::filesystem::path> Evidence::path(std::string_view digest_hex) const {
    CHECK(check_name(digest_hex));
    auto at = place(digest_hex, plain_ending);
    if (::access(at.c_str(), R_OK) == 0) return at;
    if (is_compressed(digest_hex))
        return Error{ErrorCode::record_unknown, "the evidence lies compressed; it is read block by block",
                     std::string(digest_hex)};
    return unknown(digest_hex);
}

Result<Bytes> Evidence::read(std::string_view digest_hex, const Transform& unseal) const {
    CHECK(check_name(digest_hex));
    if (!contains(digest_hex)) return unknown(digest_hex);
    Bytes bytes;
    const auto append = [&](std::string_view part) -> Result<void> {
        if (bytes.size() + part.size() > evidence_memory_bytes_max + 64)
            return Error{ErrorCode::too_large, "too large to be read whole", std::string(digest_hex)};
        bytes += part;
        return {};
    };
    const bool sealed = is_sealed(digest_hex);
    const auto at = place(digest_hex, sealed ? sealed_ending : plain_ending);
    if (sealed && !unseal)
        return Error{ErrorCode::record_unknown, "the evidence is sealed and its key was not given",
                     std::string(digest_hex)};
    if (!sealed && ::access(at.c_str(), F_OK) != 0) {
        CHECK(for_each_block(digest_hex, 0, append));
        return bytes;
    }
    CHECK(read_blocks(at, append));
    if (sealed) bytes = TRY(unseal(digest_hex, bytes));
    if (hex(block_digest(bytes)) != digest_hex) return corrupt(at);
    return bytes;
}

Result<void> Evidence::verify(std::string_view digest_hex, const Transform& unseal) const {
    if (is_sealed(digest_hex)) {
        TRY(read(digest_hex, unseal));
        return {};
    }
    return for_each_block(digest_hex, 0, [](std::string_view) { return Result<void>(); });
}

Result<void> Evidence::for_each_block(std::string_view digest_hex, std::size_t from_block,
                                      const std::function<Result<void>(std::string_view plain)>& each) const {
    CHECK(check_name(digest_hex));
    const auto at = place(digest_hex, plain_ending);
    if (::access(at.c_str(), F_OK) != 0) {
        if (!is_compressed(digest_hex)) return unknown(digest_hex);
        auto file = TRY(CompressedFile::open(place(digest_hex, compressed_ending), digest_hex));
        for (std::size_t i = from_block; i < file.blocks(); ++i) CHECK(each(TRY(file.block(i))));
        return {};
    }
    Sm3 whole;
    std::size_t index = 0;
    CHECK(read_blocks(at, [&](std::string_view block) -> Result<void> {
        whole.add(sm3(block));
        return index++ < from_block ? Result<void>() : each(block);
    }));
    return hex(whole.finish()) == digest_hex ? Result<void>() : Result<void>(corrupt(at));
}

Result<CompressedFile> Evidence::blocks(std::string_view digest_hex) const {
    CHECK(check_name(digest_hex));
    if (!is_compressed(digest_hex)) return unknown(digest_hex);
    return CompressedFile::open(place(digest_hex, compressed_ending), digest_hex);
}

Result<std::vector<std::string>> Evidence::list() const {
    std::vector<std::string> found;
    std::error_code failure;
    for (auto at = std::filesystem::recursive_directory_iterator(directory_, failure);
         !failure && at != std::filesystem::recursive_directory_iterator(); at.increment(failure)) {
        const std::string name = at->path().stem().string();
        if (at.depth() == 1 && parse_digest(name)) found.push_back(name);
    }
    if (failure) return Error{ErrorCode::io_failed, failure.message(), directory_.string()};
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());  // put plain and compressed at once
    return found;
}

struct EvidenceWriter::State {
    Evidence evidence;
    std::unique_ptr<Incoming> incoming;
    BlockIndex index;
};

EvidenceWriter::EvidenceWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
EvidenceWriter::~EvidenceWriter() = default;
EvidenceWriter::EvidenceWriter(EvidenceWriter&&) noexcept = default;
EvidenceWriter& EvidenceWriter::operator=(EvidenceWriter&&) noexcept = default;

Result<EvidenceWriter> Evidence::begin() const {
    auto incoming = TRY(Incoming::create(directory_));
    return EvidenceWriter(
        std::make_unique<EvidenceWriter::State>(EvidenceWriter::State{*this, std::move(incoming), {}}));
}

Result<void> EvidenceWriter::add_block(const Digest& digest, std::string_view zstd_frame,
                                       std::uint64_t plain_bytes) {
    if (!state_) return ended();
    auto state = std::move(state_);  // back again when all went well
    const BlockIndex& index = state->index;
    if (plain_bytes == 0 || plain_bytes > evidence_block_bytes ||
        index.plain_bytes() != index.blocks() * evidence_block_bytes)
        return Error{
            ErrorCode::field_invalid,
            fmt::format("block {} has {} bytes after {}", index.blocks(), plain_bytes, index.plain_bytes()),
            "block"};
    if (index.blocks() == compressed_blocks_max)
        return Error{ErrorCode::too_large, fmt::format("more than {} blocks", compressed_blocks_max)};
    if (!is_frame_of(zstd_frame, plain_bytes))
        return Error{
            ErrorCode::field_invalid,
            fmt::format("no zstd frame of {} bytes is given for block {}", plain_bytes, index.blocks()),
            "block"};
    CHECK(state->incoming->write(zstd_frame));
    state->incoming->begin_sync();
    state->index.add(digest, zstd_frame.size(), plain_bytes);
    state_ = std::move(state);
    return {};
}

Result<EvidenceFile> EvidenceWriter::finish() {
    if (!state_) return ended();
    const auto state = std::move(state_);
    EvidenceFile file{state->index.digest(), state->index.plain_bytes(), false};
    const std::string name = hex(file.digest);
    if (state->evidence.is_compressed(name)) return file;
    const bool known = state->evidence.contains(name);
    CHECK(state->incoming->write(state->index.bytes()));
    file.fresh = !known & TRY(state->incoming->keep(state->evidence.place(name, compressed_ending)));
    return file;
}

}  // namespace qingyuan::journal
