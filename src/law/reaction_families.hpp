// Terms of adverse reactions: which of them say the same, and which belong to one clinical picture. Our own
// grouping (law/reaction_families.csv); a bureau that holds a licensed hierarchy puts a file with the same
// columns into its data directory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::law {

struct Book;
struct LawFile;
class Problems;

struct ReactionTerm {
    std::string term;
    std::string preferred;  ///< what is counted in its place; its own preferred term is itself
    std::vector<std::string>
        families;  ///< codes of the vocabulary reaction_family, or of the bureau's own file
};

class ReactionFamilies {
 public:
    /// Columns term, preferred, family (`|` between several). Errors: file_unreadable, law_duplicate,
    /// law_reference_unknown (a preferred term that is no term), law_value_invalid (a preferred term that
    /// stands for another one, or has other families), and those of CsvReader.
    [[nodiscard]] static Result<ReactionFamilies> load(const std::filesystem::path& file);
    /// `data/reaction_families.csv` where it is there, else that of the law directory.
    [[nodiscard]] static Result<ReactionFamilies> load_for(const std::filesystem::path& data_directory,
                                                           const std::filesystem::path& law_directory);

    /// nullptr for a term nobody mapped.
    [[nodiscard]] const ReactionTerm* find(std::string_view term) const;
    /// What to count; an unknown term stands for itself.
    [[nodiscard]] std::string_view preferred(std::string_view term) const;
    /// Empty for an unknown term.
    [[nodiscard]] const std::vector<std::string>& families(std::string_view term) const;
    [[nodiscard]] std::size_t size() const { return terms_.size(); }

 private:
    friend ReactionFamilies read_reaction_families(const LawFile& file, Problems& problems);
    std::map<std::string, ReactionTerm, std::less<>> terms_;
};

/// Checks the file as a part of the law directory, families against the vocabulary. Inside the room only.
void check_reaction_families(const LawFile& file, Book& book, Problems& problems);
[[nodiscard]] ReactionFamilies read_reaction_families(const LawFile& file, Problems& problems);

}  // namespace qingyuan::law
