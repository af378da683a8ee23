// Reads the law directory and loads its files in the order of their references.

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/reaction_families.hpp"
#include "law/book.hpp"

namespace qingyuan::law {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t file_bytes_max = 8 << 20;

Result<std::string> read_file(const fs::path& path, const std::string& name) {
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (!failed && size > file_bytes_max)
        return Error{ErrorCode::too_large, fmt::format("{} bytes; {} are allowed", size, file_bytes_max),
                     fmt::format("{}:1:1", name)};
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "cannot be read", fmt::format("{}:1:1", name)};
    return std::move(text).str();
}

/// All files under the directory, sorted by name. Names that begin with a dot are left out.
std::vector<LawFile> read_files(const fs::path& directory, Problems& problems) {
    std::vector<LawFile> files;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(directory, failed), end; !failed && at != end;
         at.increment(failed)) {
        const std::string name = fs::relative(at->path(), directory).generic_string();
        if (at->path().filename().string().starts_with('.')) {
            if (at->is_directory()) at.disable_recursion_pending();
            continue;
        }
        if (!at->is_regular_file()) continue;
        auto text = read_file(at->path(), name);
        if (text)
            files.push_back({name, std::move(*text)});
        else
            problems.add(text.error());
    }
    if (failed) problems.add(ErrorCode::file_unreadable, failed.message(), directory.string());
    std::sort(files.begin(), files.end(), [](const LawFile& a, const LawFile& b) { return a.name < b.name; });
    return files;
}

Digest digest_of_files(const std::vector<LawFile>& files) {
    Sm3 hash;
    for (const LawFile& file : files)
        hash.add(fmt::format("{} {} {}\n", file.name, file.text.size(), hex(sm3(file.text))));
    return hash.finish();
}

using Loader = void (*)(const LawFile&, Book&, Problems&);

/// A file or, with a final slash, the files of a folder with that ending.
struct Part {
    std::string_view name;
    std::string_view ending;
    Loader load;
};

bool belongs(const Part& part, std::string_view file) {
    if (!part.name.ends_with('/')) return file == part.name;
    return file.starts_with(part.name) && file.ends_with(part.ending) &&
           file.find('/', part.name.size()) == std::string_view::npos;
}

void load_calendar(const std::vector<LawFile>& files, Book& book, Problems& problems) {
    std::vector<CalendarYear> years;
    for (const LawFile& file : files) {
        if (!file.name.starts_with("calendar/") || !file.name.ends_with(".toml")) continue;
        CalendarYear year = load_calendar_year(file, problems);
        if (year.year == 0) continue;
        if (file.name != fmt::format("calendar/{}.toml", year.year))
            problems.add(ErrorCode::law_value_invalid, "the file is not named after its year",
                         where_of(file.name, {}));
        if (!years.empty() && year.year != years.back().year + 1)
            problems.add(ErrorCode::law_value_invalid, fmt::format("a year is missing before {}", year.year),
                         where_of(file.name, {}));
        else
            years.push_back(std::move(year));
    }
    book.calendar = Calendar(std::move(years));
}

/// provinces/<code>/<file>: the file without the first two parts, or "".
std::string_view local_name(std::string_view file) {
    constexpr std::string_view folder = "provinces/";
    if (!file.starts_with(folder)) return {};
    const auto slash = file.find('/', folder.size());
    return slash == std::string_view::npos ? std::string_view() : file.substr(slash + 1);
}

bool is_local_part(const Part& part) {
    return part.name == "vocabularies/" || part.name == "parameters/" || part.name == "limits.csv";
}

/// A file nobody loads is most often a misspelt one. Folders of other rooms are theirs.
void check_names(const std::vector<LawFile>& files, std::span<const Part> parts, Problems& problems) {
    for (const LawFile& file : files) {
        const std::string_view local = local_name(file.name);
        const bool loaded = std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
            return local.empty() ? belongs(part, file.name) : is_local_part(part) && belongs(part, local);
        });
        const bool of_others = file.name.starts_with("statistics/") || file.name.starts_with("reports/") ||
                               file.name.starts_with("credit/") || file.name.starts_with("focus/") ||
                               file.name == "credit_facts.toml" || file.name == "credit_use.toml" ||
                               file.name.starts_with("criteria/") || file.name == "icsr_elements.csv" ||
                               file.name.starts_with("forms/") || file.name == "escalation.csv" ||
                               file.name == "trace_datasets.toml";
        const bool calendar = file.name.starts_with("calendar/") && file.name.ends_with(".toml");
        if (!loaded && !of_others && !calendar)
            problems.add(ErrorCode::law_reference_unknown, "the law has no such file",
                         where_of(file.name, {}), "is the name misspelt?");
    }
}

void check_words_present(const Book& book, Problems& problems) {
    for (const Vocabulary& vocabulary : book.vocabularies)
        if (vocabulary.words.empty())
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("vocabulary '{}' has no words", vocabulary.id), "vocabularies.csv:1:1");
}

constexpr Part parts[] = {
    {"sources.toml", {}, load_sources},
    {"terms.toml", {}, load_terms},
    {"roles.csv", {}, load_roles},
    {"vocabularies.csv", {}, load_vocabulary_list},
    {"vocabularies/", ".csv", load_vocabulary},
    {"regions.csv", {}, load_regions},
    {"towns.csv", {}, load_towns},
    {"documents.csv", {}, load_documents},
    {"parameters/", ".toml", load_parameters},
    {"limits.csv", {}, load_limits},
    {"code_systems.toml", {}, load_code_systems},
    {"code_patterns.toml", {}, load_code_patterns},
    {"penalties.toml", {}, load_penalties},
    {"violations.csv", {}, load_violations},
    {"procedures/", ".toml", load_procedure},
    {"checklists/", ".toml", load_checklist},
    {"rules/", ".toml", load_rule},
    {"reaction_families.csv", {}, check_reaction_families},
};

/// Lays the texts of one province over the national ones.
void load_province(const std::vector<LawFile>& files, std::string_view province, Book& book,
                   Problems& problems) {
    const std::string folder = fmt::format("provinces/{}/", province);
    bool any = false;
    book.local = true;
    for (const Part& part : parts)
        for (const LawFile& file : files) {
            if (!file.name.starts_with(folder)) continue;
            any = true;
            if (is_local_part(part) && belongs(part, local_name(file.name))) part.load(file, book, problems);
        }
    book.local = false;
    if (!any)
        problems.add(ErrorCode::file_unreadable, fmt::format("no texts of province '{}'", province), folder);
}

}  // namespace

Result<Law> Law::load(const std::filesystem::path& directory, std::vector<Error>* problems_out,
                      std::string_view province) {
    std::error_code failed;
    if (!fs::is_directory(directory, failed)) {
        const Error error{ErrorCode::file_unreadable, "there is no law directory here", directory.string()};
        if (problems_out != nullptr) problems_out->push_back(error);
        return error;
    }
    auto book = std::make_shared<Data>();
    Problems problems;
    book->directory = directory;
    const std::vector<LawFile> files = read_files(directory, problems);
    book->files = files.size();
    book->digest = digest_of_files(files);
    if (!province.empty()) book->digest = Sm3().add(book->digest).add(province).finish();
    load_calendar(files, *book, problems);
    for (const Part& part : parts)
        for (const LawFile& file : files)
            if (belongs(part, file.name)) part.load(file, *book, problems);
    if (!province.empty()) load_province(files, province, *book, problems);
    check_words_present(*book, problems);
    check_procedures(*book, problems);
    check_rules(*book, problems);
    check_names(files, parts, problems);
    if (problems_out != nullptr) *problems_out = problems.errors();
    if (!problems.empty()) return problems.errors().front();
    return Law(std::move(book));
}

Citation parse_citation(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return {std::string(text), {}};
    return {std::string(text.substr(0, space)), std::string(trim(text.substr(space + 1)))};
}

void check_citation(const Book& book, std::string_view citation, const InForce& range,
                    const std::string& where, Problems& problems) {
    const Citation parsed = parse_citation(citation);
    const auto [first, end] = book.source_index.equal_range(parsed.source);
    if (first == end)
        return problems.add(ErrorCode::law_citation_unknown,
                            fmt::format("'{}' cites no source '{}'", citation, parsed.source), where);
    for (auto at = first; at != end; ++at)
        if (book.sources[at->second].in_force.overlaps(range)) return;
    problems.add(ErrorCode::law_citation_unknown,
                 fmt::format("'{}': no text of '{}' is in force then", citation, parsed.source), where);
}

void check_overlap(std::string_view what, std::string_view name, const InForce& a, const InForce& b,
                   const std::string& where, Problems& problems) {
    if (!a.overlaps(b)) return;
    const auto undated = [](const InForce& one) {
        return one.from == Date::never_before() && one.to == Date::never_after();
    };
    if (undated(a) && undated(b))
        problems.add(ErrorCode::law_duplicate, fmt::format("{} '{}' is there already", what, name), where);
    else
        problems.add(ErrorCode::law_dates_overlap,
                     fmt::format("two texts of {} '{}' are in force on one day", what, name), where);
}

void make_way(const Book& book, std::string_view what, std::string_view name, InForce& there,
              const InForce& coming, const std::string& where, Problems& problems) {
    if (!book.local) return check_overlap(what, name, there, coming, where, problems);
    if (!there.overlaps(coming)) return;
    if (coming.to < there.to || coming.from <= there.from)
        problems.add(
            ErrorCode::law_dates_overlap,
            fmt::format("a local {} '{}' begins later and ends no earlier than the other", what, name),
            where);
    there.to = std::max(there.from, coming.from) - 1;
}

}  // namespace qingyuan::law
