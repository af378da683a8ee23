#include "api/file_kind.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace qingyuan::api {

using std::literals::string_view_literals::operator""sv;

namespace {

constexpr std::pair<std::string_view, std::string_view> beginnings[] = {
    {"\xFF\xD8\xFF"sv, "image/jpeg"},
    {"\x89PNG\r\n\x1A\n"sv, "image/png"},
    {"%PDF-"sv, "application/pdf"},
    {"\xD0\xCF\x11\xE0"sv, {}},  // old office files: macros
    {"MZ"sv, {}},
    {"\x7F"
     "ELF"sv,
     {}},
    {"#!"sv, {}},
    {"GIF8"sv, {}},  // an image that may carry a script behind it
};

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Office, OFD and plain containers; a macro part or an Office container of another kind is refused.
std::optional<std::string_view> container(std::string_view begin, std::string_view end) {
    const std::string both = std::string(begin) + std::string(end);
    if (contains(both, "vbaProject.bin")) return std::nullopt;
    if (contains(both, "OFD.xml")) return "application/ofd";
    if (contains(both, "xl/workbook"))
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    if (contains(both, "word/document"))
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    if (contains(both, "META-INF/MANIFEST.MF") || contains(both, "AndroidManifest.xml")) return std::nullopt;
    return "application/zip";
}

/// Bytes 4 to 12 of an ISO base media file: "ftyp" and its brand.
std::optional<std::string_view> brand(std::string_view begin) {
    if (begin.size() < 12 || begin.substr(4, 4) != "ftyp") return std::nullopt;
    const std::string_view name = begin.substr(8, 4);
    constexpr std::array heic{"heic"sv, "heix"sv, "mif1"sv, "msf1"sv, "hevc"sv};
    constexpr std::array mp4{"isom"sv, "iso2"sv, "mp41"sv, "mp42"sv, "avc1"sv, "M4V "sv, "qt  "sv};
    if (std::find(heic.begin(), heic.end(), name) != heic.end()) return "image/heic";
    if (std::find(mp4.begin(), mp4.end(), name) != mp4.end()) return "video/mp4";
    return std::nullopt;
}

/// Text without control characters; what looks like a page or a script of a browser is none.
bool is_plain_text(std::string_view begin) {
    // The piece may end inside a character: what is left of it is not looked at.
    std::string_view whole = begin;
    for (int i = 0; i < 3 && !whole.empty() && !is_utf8(whole); ++i) whole.remove_suffix(1);
    if (whole.empty() || !is_utf8(whole)) return false;
    std::string lower;
    for (const char c : whole) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') return false;
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    for (const std::string_view active :
         {"<!doctype", "<html", "<script", "<svg", "<?xml", "<?php", "<iframe"})
        if (contains(lower, active)) return false;
    return true;
}

}  // namespace

/// EPCIS in XML: data that no browser runs, and the reader refuses a DOCTYPE anywhere in it.
static bool is_epcis_xml(std::string_view begin) {
    if (begin.starts_with("\xEF\xBB\xBF")) begin.remove_prefix(3);
    if (!begin.starts_with("<?xml") && !begin.starts_with("<epcis") && !begin.starts_with("<EPCIS"))
        return false;
    const bool named = contains(begin, "EPCISDocument") || contains(begin, "EPCISQueryDocument");
    return named && !contains(begin, "<!DOCTYPE") && !contains(begin, "<!doctype") &&
           !contains(begin, "<script") && !contains(begin, "<?xml-stylesheet");
}

std::optional<std::string_view> kind_of_file(std::string_view begin, std::string_view end) {
    for (const auto& [magic, type] : beginnings)
        if (begin.starts_with(magic)) return type.empty() ? std::nullopt : std::optional(type);
    if (begin.starts_with("PK\x03\x04")) return container(begin, end);
    if (begin.size() >= 12 && begin.starts_with("RIFF") && begin.substr(8, 4) == "WEBP") return "image/webp";
    if (auto type = brand(begin)) return type;
    if (is_plain_text(begin)) return "text/plain";
    if (is_epcis_xml(begin)) return "application/xml";
    return std::nullopt;
}

}  // namespace qingyuan::api
