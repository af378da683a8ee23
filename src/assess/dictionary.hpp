// Words as numbers: 0, 1, 2 … in the order they came. Characters lie in one block, the table of numbers uses
// open addressing: about 20 bytes a word beside its text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qingyuan::assess {

class Dictionary {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;
    /// The word's number, a new one where it has none.
    std::uint32_t number(std::string_view word);
    [[nodiscard]] std::uint32_t find(std::string_view word) const;  ///< none where it has no number
    [[nodiscard]] std::string_view word(std::uint32_t number) const {
        const std::uint64_t from = number == 0 ? 0 : ends_[number - 1];
        return std::string_view(text_).substr(from, ends_[number] - from);
    }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }
    void reserve(std::size_t words);
    /// The place of each word in the order of bytes.
    [[nodiscard]] std::vector<std::uint32_t> ranks() const;

 private:
    struct Slot {
        std::uint32_t number = none;
        std::uint32_t hash = 0;
    };
    [[nodiscard]] std::size_t place(std::string_view word, std::uint32_t hash) const;
    void grow(std::size_t slots);

    std::string text_;
    std::vector<std::uint64_t> ends_;
    std::vector<Slot> slots_;
};

}  // namespace qingyuan::assess
