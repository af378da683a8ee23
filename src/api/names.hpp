// Names and numbers by which things are found: operators (also by former names and by their licences),
// products, organisations, dossiers. Held in memory as one text that is searched from end to end: a million
// operators take about 150 MB and a search some tens of milliseconds. Filled from the rows, then kept up from
// the journal. Nothing personal enters.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "journal/view.hpp"

namespace qingyuan::api {

/// What a search finds.
struct NameHit {
    enum class Kind : char {
        dossier = 'd',
        firm = 'o',
        organisation = 'u',
        product = 'p',
        procedure = 'r',  ///< of the statute book, like the next: matched one by one, not held here
        limit = 'l'
    };
    enum class Matched : std::uint8_t { name, initials, uscc, code, id };
    Kind kind{};
    std::string id;  ///< of a dossier: its sequence number
    Matched matched{};
    int rank = 0;  ///< 0 exactly, 1 its beginning, 2 a part, 3 and 4 by pinyin, 5 inside a Latin word
};

/// Does the text stand in one of these, and how?
[[nodiscard]] std::optional<NameHit> matched(NameHit::Kind kind, std::string_view id, std::string_view name,
                                             std::string_view text);

/// For the filter of a list: keys of dossiers and operators.
struct Found {
    std::vector<journal::Key> dossiers;
    std::vector<journal::Key> operators;
    bool is_cut = false;
};

/// Thread-safe.
class Names {
 public:
    /// Reads what was recorded since; the first time, every row. Called by each search with its own reader.
    Result<void> catch_up(const journal::Reader& reader);
    /// The best first, each thing once; looks no further than `hits_max` hits. `kinds` holds the letters of
    /// NameHit::Kind. Empty for a text without letter, digit or character.
    [[nodiscard]] std::vector<NameHit> find(std::string_view text, std::string_view kinds,
                                            std::size_t hits_max) const;
    /// Dossiers by id and title, operators by name, code and id; at most `most` of each.
    [[nodiscard]] Result<Found> find_for_list(const journal::Reader& reader, std::string_view text,
                                              std::size_t most);
    [[nodiscard]] std::size_t bytes() const;

 private:
    Result<void> read_rows(const journal::Reader& reader);
    void add(NameHit::Kind kind, std::string_view id, std::string_view code, std::string_view name);
    void add_fact(const facts::Recorded& recorded);

    mutable std::shared_mutex mutex_;
    std::string text_ = "\n";
    std::uint64_t applied_ = 0;
    bool filled_ = false;
};

[[nodiscard]] std::shared_ptr<Names> make_names();

}  // namespace qingyuan::api
