// The dictionary of texts that stand in events as numbers: event ids, documents, persons, prescriptions.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "packs/event.hpp"

namespace qingyuan::packs {

constexpr std::size_t name_prefixes_max = 32'000;
constexpr std::size_t name_prefix_bytes_max = 16;
constexpr std::size_t name_bytes_max = 256;

/// Prefix and width of numbered names ("D", 6 digits), and the texts of names that are only hashed.
/// Thread-safe.
class Names {
 public:
    Names() {
        prefixes_.reserve(name_prefixes_max);
    }  // marks are read while others enter names: it never moves

    struct Prefix {
        std::string text;
        std::uint32_t digits = 0;
        std::uint64_t mark = 0;  ///< depends on text and digits only
    };

    /// The name of a text; the texts of hashed names wait in `fresh_texts` until they are taken.
    [[nodiscard]] Name name_of(std::string_view text);
    /// Without entering anything: 0 where the text's prefix is not known.
    [[nodiscard]] Name find(std::string_view text) const;
    /// The text of a numbered name; empty for a hashed one (its text lies in the store).
    [[nodiscard]] std::string text_of(Name name) const;
    /// Depends on the text only.
    [[nodiscard]] std::uint64_t mark_of(Name name) const;

    void restore(std::uint32_t number, std::string_view text, std::uint32_t digits);
    /// What was entered since the last call and must be stored before the events that use it.
    struct Fresh {
        std::vector<std::pair<std::uint32_t, Prefix>> prefixes;
        std::vector<std::pair<Name, std::string>> texts;
    };
    [[nodiscard]] Fresh take_fresh();

    /// A thread's own view: finds a prefix without the lock when it was the last one asked for.
    class Cursor {
     public:
        explicit Cursor(Names& names) : names_(&names) {}
        [[nodiscard]] Name name_of(std::string_view text);

     private:
        Names* names_;
        struct Last {
            std::string prefix;
            std::uint32_t digits = 0;
            std::uint64_t number = 0;
        };
        Last last_[4];
        unsigned next_ = 0;
    };

 private:
    friend class Cursor;
    [[nodiscard]] std::uint32_t prefix_number(std::string_view prefix, std::uint32_t digits);

    mutable std::mutex lock_;
    std::vector<std::unique_ptr<Prefix>> prefixes_;  ///< number n at n - 1
    std::unordered_map<std::string, std::uint32_t> numbers_;
    Fresh fresh_;
};

/// The first 8 bytes of SHA-256 as a number; for marks and hashed names.
[[nodiscard]] std::uint64_t text_mark(std::string_view text);
/// Two numbers in one that depends on both and on their order.
[[nodiscard]] std::uint64_t mixed(std::uint64_t a, std::uint64_t b);

}  // namespace qingyuan::packs
