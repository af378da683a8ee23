#include "cli/text_file.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "document/encoding.hpp"
#include "document/gunzip.hpp"

namespace qingyuan::cli {

Result<std::string> read_text_file(const std::filesystem::path& path) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        return Error{ErrorCode::file_unreadable,
                     fmt::format("{}: no such file", path.string()),
                     {},
                     {},
                     "name a CSV file, plain or gzipped"};
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) return Error{ErrorCode::file_unreadable, fmt::format("{} cannot be read", path.string())};
    if (document::is_gzip(bytes)) bytes = TRY(document::gunzip(bytes));
    return TRY(document::decode_text(bytes)).text;
}

}  // namespace qingyuan::cli
