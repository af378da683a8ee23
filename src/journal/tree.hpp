// Parts of the journal's Merkle tree from what is stored: nodes at levels 8, 16, 24, … and the records
// themselves below.
#pragma once

#include <vector>

#include "base/merkle.hpp"
#include "journal/store.hpp"

namespace qingyuan::journal::tree {

constexpr int stored_step = 8;

/// Root of the leaves [index·2^level, (index+1)·2^level), all of which exist.
Result<Digest> subtree(ReadTransaction& transaction, int level, std::uint64_t index);
/// The right edge of the tree over the first `size` facts.
Result<MerkleEdge> edge_at(ReadTransaction& transaction, std::uint64_t size);
/// The inclusion path of leaf `index` in the tree over the first `size` facts, lowest sibling first.
Result<std::vector<Digest>> path(ReadTransaction& transaction, std::uint64_t index, std::uint64_t size);

}  // namespace qingyuan::journal::tree
