#include "base/merkle.hpp"

#include <bit>

namespace qingyuan {

Digest merkle_leaf(std::string_view data) {
    thread_local Sm3 hash;
    return hash.add(std::uint8_t{0}).add(data).finish();
}

Digest merkle_node(const Digest& left, const Digest& right) {
    thread_local Sm3 hash;
    return hash.add(std::uint8_t{1}).add(left).add(right).finish();
}

MerkleEdge::MerkleEdge(std::uint64_t size, std::vector<Digest> peaks)
    : size_(size), peaks_(std::move(peaks)) {
    QY_ASSERT(peaks_.size() == static_cast<std::size_t>(std::popcount(size_)));
}

Digest MerkleEdge::root() const {
    if (peaks_.empty()) return sm3({});
    Digest node = peaks_.back();
    for (std::size_t i = peaks_.size() - 1; i-- > 0;) node = merkle_node(peaks_[i], node);
    return node;
}

Digest merkle_root(const std::vector<std::string>& lines) {
    return merkle_range(0, lines.size(), [&](std::uint64_t i) { return merkle_leaf(lines[i]); });
}

bool merkle_included(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Digest>& path, const Digest& root) {
    if (index >= size) return false;
    std::uint64_t fn = index, sn = size - 1;
    Digest node = leaf;
    for (const Digest& sibling : path) {
        if (sn == 0) return false;
        if ((fn & 1) != 0 || fn == sn) {
            node = merkle_node(sibling, node);
            if ((fn & 1) == 0)
                while (fn != 0 && (fn & 1) == 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
        } else {
            node = merkle_node(node, sibling);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && node == root;
}

bool merkle_consistent(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size,
                       const Digest& new_root, const std::vector<Digest>& path) {
    if (old_size > new_size) return false;
    if (old_size == new_size) return path.empty() && old_root == new_root;
    if (old_size == 0) return path.empty();
    std::vector<Digest> steps = path;
    if (std::has_single_bit(old_size)) steps.insert(steps.begin(), old_root);
    if (steps.empty()) return false;
    std::uint64_t fn = old_size - 1, sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    Digest old_node = steps.front(), new_node = steps.front();
    for (std::size_t i = 1; i < steps.size(); ++i) {
        if (sn == 0) return false;
        if ((fn & 1) != 0 || fn == sn) {
            old_node = merkle_node(steps[i], old_node);
            new_node = merkle_node(steps[i], new_node);
            if ((fn & 1) == 0)
                while (fn != 0 && (fn & 1) == 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
        } else {
            new_node = merkle_node(new_node, steps[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return old_node == old_root && new_node == new_root && sn == 0;
}

}  // namespace qingyuan
