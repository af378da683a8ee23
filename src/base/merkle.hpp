// The Merkle tree of RFC 6962 with SM3: leaf = SM3(0x00 || data), node = SM3(0x01 || left || right).
// The root of the empty tree is SM3 of nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/sm3.hpp"

namespace qingyuan {

[[nodiscard]] Digest merkle_leaf(std::string_view data);
[[nodiscard]] Digest merkle_node(const Digest& left, const Digest& right);

/// A tree of which only the right edge is kept: grows one leaf at a time in O(log n) memory.
class MerkleEdge {
 public:
    MerkleEdge() = default;
    /// From `size` leaves and the roots of the complete subtrees of its binary decomposition, largest first.
    MerkleEdge(std::uint64_t size, std::vector<Digest> peaks);

    void add(const Digest& leaf) {
        add(leaf, [](int, std::uint64_t, const Digest&) {});
    }
    /// As add; calls completed(level, index, node) for every subtree the leaf completes, lowest level (1)
    /// first.
    template <class Completed>
    void add(const Digest& leaf, Completed&& completed) {
        Digest node = leaf;
        // As many complete subtrees close as the size has trailing one bits.
        int level = 0;
        for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
            node = merkle_node(peaks_.back(), node);
            peaks_.pop_back();
            completed(++level, rest >> 1, node);
        }
        peaks_.push_back(node);
        ++size_;
    }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Digest root() const;
    [[nodiscard]] const std::vector<Digest>& peaks() const { return peaks_; }

 private:
    std::uint64_t size_ = 0;
    std::vector<Digest> peaks_;  // largest subtree first
};

/// The root over the lines, each hashed as a leaf without its line feed.
[[nodiscard]] Digest merkle_root(const std::vector<std::string>& lines);

/// Checks an inclusion proof: leaf `index` of a tree of `size` leaves with this `root` (RFC 9162, 2.1.3.2).
[[nodiscard]] bool merkle_included(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                   const std::vector<Digest>& path, const Digest& root);

/// Checks that the tree of `old_size` leaves is a prefix of the tree of `new_size` leaves (RFC
/// 9162, 2.1.4.2).
[[nodiscard]] bool merkle_consistent(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size,
                                     const Digest& new_root, const std::vector<Digest>& path);

/// Root of leaves [from, to) computed from a function that yields each leaf hash.
template <class LeafAt>
[[nodiscard]] Digest merkle_range(std::uint64_t from, std::uint64_t to, LeafAt&& leaf_at) {
    MerkleEdge edge;
    for (std::uint64_t i = from; i < to; ++i) edge.add(leaf_at(i));
    return edge.root();
}

}  // namespace qingyuan
