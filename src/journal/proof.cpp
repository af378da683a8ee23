// Proofs that one record is in the journal: docs/formats/proof.md.
#include <fmt/format.h>

#include "base/text.hpp"
#include "journal/checkpoint.hpp"
#include "journal/journal.hpp"
#include "journal/signature.hpp"
#include "journal/tree.hpp"

namespace qingyuan::journal {

namespace {

constexpr std::string_view first_line = "qingyuan proof 1\n";

struct Proof {
    std::uint64_t seq = 0;
    Bytes record;
    std::vector<Digest> path;
    Checkpoint checkpoint;
};

Error invalid(std::string_view part, std::string message) {
    return {ErrorCode::proof_invalid, std::move(message), std::string(part)};
}

/// The value of the line "name value" at the front, or nothing when the next line has another name.
std::optional<std::string_view> take(std::string_view& text, std::string_view name) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(name) || line.substr(name.size(), 1) != " ")
        return std::nullopt;
    text.remove_prefix(end + 1);
    return line.substr(name.size() + 1);
}

Result<Proof> parse(std::string_view text) {
    if (!text.starts_with(first_line))
        return Error{ErrorCode::record_malformed, "the first line is 'qingyuan proof 1'", "proof"};
    text.remove_prefix(first_line.size());
    Proof out;
    const auto seq = take(text, "seq"), record = take(text, "record");
    if (!seq || !record)
        return Error{ErrorCode::record_malformed, "the lines 'seq …' and 'record …' are expected", "proof"};
    const std::int64_t number = TRY(parse_integer(*seq));
    if (number < 1 || std::to_string(number) != *seq)
        return Error{ErrorCode::record_malformed, "not a sequence number", "seq"};
    out.seq = static_cast<std::uint64_t>(number);
    out.record = TRY(parse_hex(*record));
    while (const auto sibling = take(text, "path")) out.path.push_back(TRY(parse_digest(*sibling)));
    out.checkpoint = TRY(parse_checkpoint(text));
    return out;
}

}  // namespace

Result<std::string> prove(Store& store, std::string_view name, std::uint64_t seq, const SigningKey* key) {
    const std::unique_ptr<ReadTransaction> transaction = TRY(store.read(name));
    Head head = TRY(transaction->head());
    if (seq == 0 || seq > head.size)
        return Error{ErrorCode::record_unknown, fmt::format("the journal holds facts 1 to {}", head.size),
                     fmt::format("fact {}", seq)};
    const Bytes record = TRY(transaction->record(seq));
    const std::vector<Digest> path = TRY(tree::path(*transaction, seq - 1, head.size));
    const MerkleEdge edge(head.size, std::move(head.peaks));
    if (!merkle_included(merkle_leaf(record), seq - 1, head.size, path, edge.root()))
        return Error{ErrorCode::chain_broken,
                     "the stored tree does not lead to the stored root",
                     fmt::format("fact {}", seq),
                     {},
                     "run `qingyuan journal verify`"};
    std::string text = fmt::format("{}seq {}\nrecord {}\n", first_line, seq, hex(record));
    for (const Digest& sibling : path) text += fmt::format("path {}\n", hex(sibling));
    const Checkpoint checkpoint{head.origin, head.size, edge.root(), head.chain, head.at};
    return text + (key ? TRY(signed_text(checkpoint, *key)) : checkpoint.text());
}

Result<Checkpoint> checkpoint_of_proof(std::string_view proof) {
    Proof parsed = TRY(parse(proof));
    return std::move(parsed.checkpoint);
}

Result<facts::Recorded> check_proof(std::string_view text, const Checkpoint* trusted) {
    const Proof proof = TRY(parse(text));
    const Checkpoint& checkpoint = proof.checkpoint;
    if (!merkle_included(merkle_leaf(proof.record), proof.seq - 1, checkpoint.size, proof.path,
                         checkpoint.root))
        return invalid("path",
                       fmt::format("record and path do not lead to the root of {} facts", checkpoint.size));
    facts::Recorded recorded = TRY(facts::decode(proof.record));
    if (recorded.seq != proof.seq) return invalid("seq", fmt::format("the record says {}", recorded.seq));
    if (!trusted) return recorded;
    if (trusted->origin != checkpoint.origin)
        return invalid("origin", fmt::format("the trusted checkpoint is of '{}'", trusted->origin));
    if (trusted->size != checkpoint.size)
        return invalid("size", fmt::format("the proof leads to {} facts, the trusted checkpoint to {}",
                                           checkpoint.size, trusted->size));
    if (trusted->root != checkpoint.root)
        return invalid("root", "it is not the root of the trusted checkpoint");
    return recorded;
}

}  // namespace qingyuan::journal
