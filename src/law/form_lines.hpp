// Reads the lines of a form's body: see docs/documents.md. Inside the room only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "law/forms.hpp"
#include "law/toml.hpp"

namespace qingyuan::law {

/// A line of a body and where it begins.
struct PlacedLine {
    std::string text;
    Place place;
};

/// The lines of a text of several lines that begins on the line after its quotes ('''), without empty ones.
[[nodiscard]] std::vector<PlacedLine> lines_of(const TomlNode& text);

/// Reads one line. `complain` is told what is wrong and the column, in characters from 0 of the line.
using Complain = std::function<void(ErrorCode, std::string message, std::size_t column)>;
[[nodiscard]] FormLine parse_line(std::string_view line, const Complain& complain);

}  // namespace qingyuan::law
