#include "journal/tree.hpp"

#include <bit>

#include <fmt/format.h>

namespace qingyuan::journal::tree {

namespace {

/// Root over leaves [from, to) of which `from` is a multiple of the largest power of two below to − from.
Result<Digest> root_of(ReadTransaction& transaction, std::uint64_t from, std::uint64_t to) {
    const std::uint64_t count = to - from;
    if (std::has_single_bit(count)) return subtree(transaction, std::countr_zero(count), from / count);
    const std::uint64_t left = std::bit_floor(count);
    const Digest left_root = TRY(root_of(transaction, from, from + left));
    return merkle_node(left_root, TRY(root_of(transaction, from + left, to)));
}

}  // namespace

Result<Digest> subtree(ReadTransaction& transaction, int level, std::uint64_t index) {
    MerkleEdge edge;
    if (level < stored_step) {
        const std::uint64_t from = (index << level) + 1, to = ((index + 1) << level) + 1;
        CHECK(transaction.scan(from, to, [&](std::uint64_t, std::string_view record) -> Result<void> {
            edge.add(merkle_leaf(record));
            return {};
        }));
        if (edge.size() != to - from)
            return Error{ErrorCode::chain_broken,
                         fmt::format("{} facts of {} are there", edge.size(), to - from),
                         fmt::format("facts {} to {}", from, to - 1)};
        return edge.root();
    }
    const int below = level / stored_step * stored_step;
    const std::uint64_t count = std::uint64_t{1} << (level - below);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::optional<Digest> node = TRY(transaction.node(below, index * count + i));
        if (!node)
            return Error{ErrorCode::chain_broken,
                         fmt::format("the stored node {} of level {} is missing", index * count + i, below),
                         "tree"};
        edge.add(*node);
    }
    return edge.root();
}

Result<MerkleEdge> edge_at(ReadTransaction& transaction, std::uint64_t size) {
    std::vector<Digest> peaks;
    std::uint64_t from = 0;
    for (std::uint64_t rest = size; rest != 0;) {
        const std::uint64_t count = std::bit_floor(rest);
        peaks.push_back(TRY(subtree(transaction, std::countr_zero(count), from / count)));
        from += count;
        rest -= count;
    }
    return MerkleEdge(size, std::move(peaks));
}

Result<std::vector<Digest>> path(ReadTransaction& transaction, std::uint64_t index, std::uint64_t size) {
    QY_ASSERT(index < size);
    std::vector<Digest> from_top;
    std::uint64_t from = 0, to = size;
    while (to - from > 1) {
        const std::uint64_t middle = from + std::bit_floor(to - from - 1);
        if (index < middle) {
            from_top.push_back(TRY(root_of(transaction, middle, to)));
            to = middle;
        } else {
            from_top.push_back(TRY(root_of(transaction, from, middle)));
            from = middle;
        }
    }
    return std::vector<Digest>(from_top.rbegin(), from_top.rend());
}

}  // namespace qingyuan::journal::tree
