// The square code on a paper, and what it says: where to check the document, its code (the first digits of
// the digest of its content) and its number. Format: docs/documents.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::document {

/// Hexadecimal digits of the content's digest in a code: 80 bits, which nobody guesses.
constexpr std::size_t code_digits = 20;
[[nodiscard]] std::string code_of(const Digest& content);

struct PrintedCode {
    std::string code;    ///< code_digits hexadecimal digits
    std::string number;  ///< of the document, may be empty
    bool operator==(const PrintedCode&) const = default;
};

/// "https://…/d/0123…?n=%E8…" with a base address, else "qingyuan:0123…?n=%E8…".
[[nodiscard]] std::string code_text(const PrintedCode& printed, std::string_view base);
/// Reads such a text, or a bare code; code_malformed.
[[nodiscard]] Result<PrintedCode> parse_code_text(std::string_view text);

/// A QR picture: dark or not, row by row, without its quiet border.
struct CodePicture {
    int width = 0;
    std::vector<bool> modules;
    [[nodiscard]] bool dark(int row, int column) const {
        return modules[static_cast<std::size_t>(row * width + column)];
    }
};
/// Error correction M. A text no code can hold (more than 2 kB) gives a picture of one light module.
[[nodiscard]] CodePicture code_picture(std::string_view text);

/// The picture as PNG, `scale` pixels a module with its quiet border; io_failed.
[[nodiscard]] Result<std::string> code_png(std::string_view text, int scale);

}  // namespace qingyuan::document
