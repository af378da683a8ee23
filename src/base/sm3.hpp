// SM3 (GB/T 32905-2016), the hash of the journal, of evidence and of every Merkle tree here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan {

using Bytes = std::string;  ///< raw bytes; std::string because every store and codec here takes it
using Digest = std::array<std::uint8_t, 32>;

/// SM3 fed piece by piece.
class Sm3 {
   public:
    Sm3();
    ~Sm3();
    Sm3(const Sm3&) = delete;
    Sm3& operator=(const Sm3&) = delete;

    Sm3& add(std::string_view bytes);
    Sm3& add(const Digest& digest);
    Sm3& add(std::uint8_t byte);
    /// The digest of all that was added; the object is then empty again.
    [[nodiscard]] Digest finish();

   private:
    void* context_;
};

[[nodiscard]] Digest sm3(std::string_view bytes);

[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string hex(const Digest& digest);
[[nodiscard]] Result<Digest> parse_digest(std::string_view hex_text);
[[nodiscard]] inline std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
/// A digest from its 32 raw bytes (asserted).
[[nodiscard]] Digest digest_of(std::string_view raw);

}  // namespace qingyuan
