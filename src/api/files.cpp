// The built web app: four entries, their files with content in the name, and the headers that keep a page to
// itself.
#include "api/files.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace qingyuan::api {

namespace {

// No inline script or style, no frame, no other origin. Scanning will need 'wasm-unsafe-eval' in the entry
// that scans, not before.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; object-src 'none'";
constexpr std::string_view nothing_allowed =
    "accelerometer=(), display-capture=(), gyroscope=(), hid=(), magnetometer=(), midi=(), "
    "payment=(), serial=(), usb=(), camera=(), geolocation=(), microphone=()";
constexpr std::string_view field_allowed =
    "accelerometer=(), display-capture=(), gyroscope=(), hid=(), magnetometer=(), midi=(), "
    "payment=(), serial=(), usb=(), camera=(self), geolocation=(self), microphone=()";

constexpr std::array<std::string_view, 3> folders{"field", "portal", "public"};

std::string_view media_type(std::string_view path) {
    constexpr std::pair<std::string_view, std::string_view> types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
        {".wasm", "application/wasm"}};
    for (const auto& [suffix, type] : types)
        if (path.ends_with(suffix)) return type;
    return {};
}

/// Which entry's page an address inside the app gets; /c/{code} is what is printed on a poster, /d/{code} on
/// a document.
std::string_view entry_of(std::string_view path) {
    const std::string_view first = path.substr(1, path.find('/', 1) - 1);
    if (first == "c" || first == "d") return "public";
    return std::find(folders.begin(), folders.end(), first) != folders.end() ? first : std::string_view();
}

/// Does the client take this coding? A weight of zero refuses it.
bool accepts(std::string_view accepted, std::string_view coding) {
    for (const std::string& part : split(accepted, ',')) {
        const std::string_view item = trim(part);
        const auto semicolon = item.find(';');
        if (trim(item.substr(0, semicolon)) != coding) continue;
        if (semicolon == std::string_view::npos) return true;
        const std::string_view weight = trim(item.substr(semicolon + 1));
        return weight.find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

bool is_safe(std::string_view path) {
    if (path.empty() || path.front() != '/' || path.find('\\') != std::string_view::npos) return false;
    for (const char c : path)
        if (static_cast<unsigned char>(c) < 0x20) return false;
    const auto parts = split(path.substr(1), '/');
    return std::none_of(parts.begin(), parts.end(),
                        [](const std::string& part) { return part.starts_with('.'); });
}

bool is_file(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error);
}

}  // namespace

std::optional<http::Response> static_file(const std::filesystem::path& web, const http::Request& request) {
    if (web.empty() || (request.method != "GET" && request.method != "HEAD")) return std::nullopt;
    if (!is_safe(request.path) || media_type(request.path) == "text/html; charset=utf-8") return std::nullopt;
    const std::string_view entry = entry_of(request.path);
    std::filesystem::path path = web / request.path.substr(1);
    const bool named = !media_type(request.path).empty() || request.path.starts_with("/assets/");
    if (named && !is_file(path)) return std::nullopt;
    if (!named) path = entry.empty() ? web / "index.html" : web / entry / "index.html";
    http::Response response;
    response.content_type = media_type(path.string());
    const std::string_view accepted = request.header("accept-encoding");
    for (const auto& [coding, suffix] : {std::pair{"br", ".br"}, std::pair{"gzip", ".gz"}}) {
        if (!accepts(accepted, coding)) continue;
        std::filesystem::path packed = path;
        packed += suffix;
        if (!is_file(packed)) continue;
        response.file = std::move(packed);
        response.headers.emplace_back("Content-Encoding", coding);
        break;
    }
    if (response.file.empty()) {
        if (!is_file(path)) return std::nullopt;
        response.file = std::move(path);
    }
    response.headers.emplace_back("Vary", "Accept-Encoding");
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    response.headers.emplace_back("Permissions-Policy", entry == "field" ? field_allowed : nothing_allowed);
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    // Built files carry their content in their name; pages and the service worker are asked for anew.
    response.headers.emplace_back("Cache-Control", request.path.starts_with("/assets/")
                                                       ? "public, max-age=31536000, immutable"
                                                       : "no-cache");
    return response;
}

}  // namespace qingyuan::api
