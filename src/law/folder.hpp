// The files of one folder of the law, for rooms of it that are loaded beside Law (credit, focus). Inside the
// room only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "law/book.hpp"

namespace qingyuan::law {

/// The *.toml files of the folder, by name; none where it is absent. file_unreadable is a problem.
[[nodiscard]] std::vector<LawFile> toml_files_of(const Law& law, std::string_view folder, Problems& problems);
/// One file; nothing, and a problem, where it cannot be read.
[[nodiscard]] std::optional<LawFile> toml_file_of(const Law& law, std::string_view name, Problems& problems);

/// What any of these files may refer to, checked against the loaded law.
class References {
 public:
    References(const Law& law, Problems& problems) : law_(law), problems_(problems) {}
    /// law_citation_unknown unless the source exists at some time within the range.
    void citation(std::string_view text, const InForce& range, const std::string& where) const;
    /// law_reference_unknown unless the vocabulary has the word.
    void word(std::string_view vocabulary, std::string_view word, const std::string& where) const;

 private:
    const Law& law_;
    Problems& problems_;
};

/// 'from' and 'to' of a table; problems where 'from' is missing or 'to' lies before it.
[[nodiscard]] InForce read_in_force(TableReader& reader, bool from_needed = true);

}  // namespace qingyuan::law
