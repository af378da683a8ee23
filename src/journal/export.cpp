// The journal as one file that can be checked without a database: docs/formats/journal.md, "Export".
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "journal/chain.hpp"
#include "journal/journal.hpp"

namespace qingyuan::journal {

namespace {

constexpr std::string_view first_line = "qingyuan journal 1\n";
constexpr std::size_t header_bytes_max = 4'096;
constexpr std::size_t record_bytes_max = std::size_t{16} << 20;

Error unreadable(const std::filesystem::path& file, std::string message) {
    return {ErrorCode::file_unreadable, std::move(message), file.string()};
}

Error broken(std::uint64_t seq, std::string message) {
    return {ErrorCode::chain_broken,
            std::move(message),
            fmt::format("fact {}", seq),
            {},
            "take another copy, or export the journal again"};
}

/// Follows chain and tree from fact to fact.
class Follower {
 public:
    explicit Follower(const Checkpoint& end) : end_(&end), chain_(sm3(end.origin)) {}

    Result<facts::Recorded> take(std::string_view record, std::string_view stored_chain) {
        const std::uint64_t seq = edge_.size() + 1;
        chain_ = next_chain(chain_, record);
        if (stored_chain != bytes_of(chain_)) return broken(seq, "the record does not fit its chain hash");
        edge_.add(merkle_leaf(record));
        facts::Recorded recorded = TRY(facts::decode(record));
        if (recorded.seq != seq)
            return broken(seq, fmt::format("the record of fact {} stands here", recorded.seq));
        return recorded;
    }
    [[nodiscard]] Result<void> finish() const {
        if (edge_.size() != end_->size)
            return broken(edge_.size() + 1, fmt::format("the facts end here; {} are named", end_->size));
        if (chain_ != end_->chain || edge_.root() != end_->root)
            return broken(edge_.size(), "the facts do not end in the named checkpoint");
        return {};
    }
    [[nodiscard]] std::uint64_t size() const { return edge_.size(); }

 private:
    const Checkpoint* end_;
    Digest chain_;
    MerkleEdge edge_;
};

Result<void> scan_file(const std::filesystem::path& file, std::uint64_t begin, const Checkpoint& end,
                       const std::function<Result<void>(const facts::Recorded&)>& each) {
    std::ifstream in(file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(begin));
    if (!in) return unreadable(file, "cannot be read");
    Follower follower(end);
    Bytes bytes;
    while (in.peek() != std::ifstream::traits_type::eof()) {
        const std::uint64_t seq = follower.size() + 1;
        std::array<char, 4> length{};
        if (!in.read(length.data(), length.size())) return broken(seq, "the file ends inside the fact");
        std::size_t size = 0;
        for (const char c : length) size = size << 8 | static_cast<std::uint8_t>(c);
        if (size > record_bytes_max) return broken(seq, fmt::format("a record of {} bytes", size));
        bytes.resize(size + 32);
        if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
            return broken(seq, "the file ends inside the fact");
        const std::string_view view = bytes;
        const facts::Recorded recorded = TRY(follower.take(view.substr(0, size), view.substr(size)));
        CHECK(each(recorded));
    }
    return follower.finish();
}

}  // namespace

Result<void> export_to(Store& store, std::string_view name, const std::filesystem::path& file) {
    const std::unique_ptr<ReadTransaction> transaction = TRY(store.read(name));
    Head head = TRY(transaction->head());
    const MerkleEdge edge(head.size, std::move(head.peaks));
    const Checkpoint end{head.origin, head.size, edge.root(), head.chain, head.at};
    std::filesystem::path next = file;
    next += ".next";
    std::ofstream out(next, std::ios::binary | std::ios::trunc);
    if (!out)
        return Error{ErrorCode::io_failed, fmt::format("cannot be written: {}", std::strerror(errno)),
                     next.string()};
    out << first_line << end.text() << '\n';
    const auto one = [&](const StoredView& fact) -> Result<void> {
        const std::size_t size = fact.record.size();
        for (int shift = 24; shift >= 0; shift -= 8) out.put(static_cast<char>(size >> shift));
        out << fact.record << fact.chain;
        if (!out) return Error{ErrorCode::io_failed, "cannot be written: is the disk full?", next.string()};
        return {};
    };
    CHECK(transaction->scan_stored(1, head.size + 1, one));
    out.close();
    std::error_code status;
    if (out) std::filesystem::rename(next, file, status);
    if (!out || status)
        return Error{ErrorCode::io_failed, "cannot be written: is the disk full?", file.string()};
    return {};
}

Result<Export> Export::open(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return unreadable(file, "cannot be opened");
    Bytes header(header_bytes_max, '\0');
    in.read(header.data(), static_cast<std::streamsize>(header.size()));
    header.resize(static_cast<std::size_t>(in.gcount()));
    const std::size_t end = header.find("\n\n");
    if (!header.starts_with(first_line) || end == Bytes::npos)
        return unreadable(file, "not an exported journal");
    Export out;
    out.file_ = file;
    out.begin_ = end + 2;
    out.checkpoint_ = TRY(
        parse_checkpoint(std::string_view(header).substr(first_line.size(), end + 1 - first_line.size())));
    return out;
}

Result<Export> Export::open(Store& store, std::string_view name) {
    const std::unique_ptr<ReadTransaction> transaction = TRY(store.read(name));
    Head head = TRY(transaction->head());
    const MerkleEdge edge(head.size, std::move(head.peaks));
    Export out;
    out.store_ = &store;
    out.name_ = name;
    out.checkpoint_ = {head.origin, head.size, edge.root(), head.chain, head.at};
    return out;
}

Result<void> Export::scan(const std::function<Result<void>(const facts::Recorded&)>& each) const {
    if (!store_) return scan_file(file_, begin_, checkpoint_, each);
    const std::unique_ptr<ReadTransaction> transaction = TRY(store_->read(name_));
    Follower follower(checkpoint_);
    const auto one = [&](const StoredView& fact) -> Result<void> {
        if (fact.seq != follower.size() + 1) return broken(follower.size() + 1, "the fact is missing");
        const facts::Recorded recorded = TRY(follower.take(fact.record, fact.chain));
        return each(recorded);
    };
    CHECK(transaction->scan_stored(0, checkpoint_.size + 1, one));
    return follower.finish();
}

}  // namespace qingyuan::journal
