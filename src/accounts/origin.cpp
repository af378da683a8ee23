#include "accounts/origin.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "accounts/accounts.hpp"
#include "base/text.hpp"

namespace qingyuan::accounts {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// host:port of "https://host:port"; "" for "null" and whatever is no origin.
std::string host_of(std::string_view origin) {
    for (const std::string_view scheme : {"https://", "http://"})
        if (origin.starts_with(scheme)) return lower(origin.substr(scheme.size()));
    return {};
}

bool safe(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Error refused(std::string_view where, std::string message) {
    return {ErrorCode::origin_refused,
            std::move(message),
            std::string(where),
            {},
            "use the page of this server, or an access token"};
}

}  // namespace

std::string_view cookie_secret(const http::Request& request) {
    const std::string_view cookies = request.header("cookie");
    std::string_view found;
    int count = 0;
    for (std::size_t at = 0; at < cookies.size();) {
        // several Cookie headers arrive joined by ", "
        const std::size_t end = std::min(cookies.find_first_of(";,", at), cookies.size());
        const std::string_view pair = trim(cookies.substr(at, end - at));
        at = end + 1;
        if (!pair.starts_with(cookie_name) || pair.size() <= cookie_name.size() ||
            pair[cookie_name.size()] != '=')
            continue;
        found = pair.substr(cookie_name.size() + 1);
        ++count;
    }
    return count == 1 ? found : std::string_view{};
}

std::string_view bearer_token(const http::Request& request) {
    constexpr std::string_view scheme = "bearer ";
    const std::string_view header = request.header("authorization");
    if (header.size() <= scheme.size() || lower(header.substr(0, scheme.size())) != scheme) return {};
    return trim(header.substr(scheme.size()));
}

Result<void> check_origin(const http::Request& request) {
    if (safe(request.method)) return {};
    const std::string_view origin = request.header("origin"), site = request.header("sec-fetch-site");
    const bool of_browser = !origin.empty() || !site.empty();
    if (!bearer_token(request).empty()) return {};
    if (request.header("cookie").empty() && !of_browser) return {};
    if (!of_browser) return refused("Origin", "a request with a cookie says which page it comes from");
    if (!site.empty() && site != "same-origin" && site != "none")
        return refused("Sec-Fetch-Site", "the request comes from a page of another site");
    if (!origin.empty() && (host_of(origin).empty() || host_of(origin) != lower(request.header("host"))))
        return refused("Origin", "the request comes from a page of another site");
    const std::string type = lower(trim(request.header("content-type")));
    const std::string kind(trim(std::string_view(type).substr(0, type.find(';'))));
    if (!request.body.empty() && kind != "application/json" && kind != "application/octet-stream")
        return refused("Content-Type", "a body is application/json or application/octet-stream");
    return {};
}

std::string session_cookie(std::string_view secret, std::int64_t seconds) {
    return fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", cookie_name, secret,
                       seconds);
}

std::string cleared_cookie() {
    return session_cookie("", 0);
}

}  // namespace qingyuan::accounts
