#include "law/reaction_families.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/csv_table.hpp"

namespace qingyuan::law {

ReactionFamilies read_reaction_families(const LawFile& file, Problems& problems) {
    CsvTable table(file, {"term", "preferred", "family"}, {}, problems);
    ReactionFamilies out;
    while (table.next()) {
        ReactionTerm term{table.required("term"), table.required("preferred"),
                          split(table.required("family"), '|')};
        const auto [there, is_new] = out.terms_.try_emplace(term.term, term);
        if (!is_new)
            problems.add(ErrorCode::law_duplicate, fmt::format("the term '{}' is there already", term.term),
                         table.where("term"));
    }
    for (const auto& [name, term] : out.terms_) {
        const auto preferred = out.terms_.find(term.preferred);
        if (preferred == out.terms_.end())
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("the preferred term '{}' of '{}' is no term", term.preferred, name),
                         where_of(file.name, {}), "add a row in which it is its own preferred term");
        else if (preferred->second.preferred != term.preferred || preferred->second.families != term.families)
            problems.add(ErrorCode::law_value_invalid,
                         fmt::format("'{}' and its preferred term '{}' differ in family or preferred term",
                                     name, term.preferred),
                         where_of(file.name, {}));
    }
    return out;
}

void check_reaction_families(const LawFile& file, Book& book, Problems& problems) {
    const Vocabulary* known = entry_of(book.vocabularies, book.vocabulary_index, "reaction_family");
    CsvTable table(file, {"term", "preferred", "family"}, {}, problems);
    while (table.next())
        for (const std::string& family : split(table.text("family"), '|'))
            if (known == nullptr || known->find(family) == nullptr)
                problems.add(ErrorCode::law_reference_unknown,
                             fmt::format("'{}' is no word of reaction_family", family),
                             table.where("family"));
    (void)read_reaction_families(file, problems);
}

Result<ReactionFamilies> ReactionFamilies::load(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) return Error{ErrorCode::file_unreadable, fmt::format("{} cannot be read", path.string())};
    Problems problems;
    ReactionFamilies out = read_reaction_families({path.filename().string(), text}, problems);
    if (!problems.empty()) return problems.errors().front();
    return out;
}

Result<ReactionFamilies> ReactionFamilies::load_for(const std::filesystem::path& data_directory,
                                                    const std::filesystem::path& law_directory) {
    constexpr std::string_view name = "reaction_families.csv";
    std::error_code failed;
    if (std::filesystem::exists(data_directory / name, failed)) return load(data_directory / name);
    return load(law_directory / name);
}

const ReactionTerm* ReactionFamilies::find(std::string_view term) const {
    const auto found = terms_.find(term);
    return found == terms_.end() ? nullptr : &found->second;
}

std::string_view ReactionFamilies::preferred(std::string_view term) const {
    const ReactionTerm* found = find(term);
    return found == nullptr ? term : std::string_view(found->preferred);
}

const std::vector<std::string>& ReactionFamilies::families(std::string_view term) const {
    static const std::vector<std::string> none;
    const ReactionTerm* found = find(term);
    return found == nullptr ? none : found->families;
}

}  // namespace qingyuan::law
