#include "law/folder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace qingyuan::law {

namespace fs = std::filesystem;

std::optional<LawFile> toml_file_of(const Law& law, std::string_view name, Problems& problems) {
    std::ifstream in(law.directory() / name, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (in.is_open() && !in.bad()) return LawFile{std::string(name), std::move(text)};
    problems.add(ErrorCode::file_unreadable, "cannot be read", where_of(name, {}));
    return std::nullopt;
}

std::vector<LawFile> toml_files_of(const Law& law, std::string_view folder, Problems& problems) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator at(law.directory() / folder, failed), end; !failed && at != end;
         at.increment(failed))
        if (at->path().extension() == ".toml" && at->path().filename().string()[0] != '.')
            names.push_back(fmt::format("{}/{}", folder, at->path().filename().string()));
    std::ranges::sort(names);
    std::vector<LawFile> files;
    for (const std::string& name : names)
        if (auto file = toml_file_of(law, name, problems)) files.push_back(std::move(*file));
    return files;
}

void References::citation(std::string_view text, const InForce& range, const std::string& where) const {
    const Citation parsed = parse_citation(text);
    const bool known = std::ranges::any_of(law_.sources(), [&](const Source& source) {
        return source.id == parsed.source && source.in_force.overlaps(range);
    });
    if (!known)
        problems_.add(ErrorCode::law_citation_unknown,
                      fmt::format("'{}' cites no source in force then", text), where);
}

void References::word(std::string_view vocabulary, std::string_view word, const std::string& where) const {
    const Vocabulary* found = law_.find_vocabulary(vocabulary);
    if (found == nullptr || found->find(word) == nullptr)
        problems_.add(ErrorCode::law_reference_unknown, fmt::format("no word '{}' of {}", word, vocabulary),
                      where);
}

InForce read_in_force(TableReader& reader, bool from_needed) {
    const InForce range{reader.date("from", Date::never_before()), reader.date("to", Date::never_after())};
    if (from_needed && range.from == Date::never_before())
        reader.problems().add(ErrorCode::law_key_missing, "'from' is missing", reader.where("from"));
    if (range.to < range.from)
        reader.problems().add(ErrorCode::law_value_invalid, "'to' lies before 'from'", reader.where("to"));
    return range;
}

}  // namespace qingyuan::law
