#include "http/head.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::http {

namespace {

constexpr std::size_t fields_max = 100, parameters_max = 100, method_length_max = 16, length_digits_max = 15;

Error malformed(std::string why) {
    return {ErrorCode::request_malformed, std::move(why)};
}

bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Bytes a browser leaves as they are (WHATWG URL); every other is percent-encoded.
bool is_target(std::string_view path, std::string_view query) {
    const auto printable = [](char c) { return c > ' ' && c < '\x7f' && c != '#' && c != '"'; };
    constexpr std::string_view never_in_a_path = "<>\\^`{}";
    return std::ranges::all_of(
               path,
               [&](char c) { return printable(c) && never_in_a_path.find(c) == std::string_view::npos; }) &&
           std::ranges::all_of(query, printable);
}

Result<std::string> parse_path(std::string_view text) {
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
        if (lower(text.substr(at, 3)) == "%2f") return malformed("an encoded slash in the path");
    std::string path = TRY(decode_url(text));
    for (const char c : path)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '\\')
            return malformed("a control character or a backslash in the path");
    const std::vector<std::string> parts = split(path, '/');
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i] == "." || parts[i] == "..") return malformed("a dot segment in the path");
        if (parts[i].empty() && i + 1 < parts.size()) return malformed("an empty segment in the path");
    }
    return path;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
    std::map<std::string, std::string> query;
    const std::vector<std::string> pairs = split(text, '&');
    if (pairs.size() > parameters_max) return malformed("too many parameters");
    for (std::string pair : pairs) {
        std::ranges::replace(pair, '+', ' ');
        const std::string_view view = pair;
        const auto equals = view.find('=');
        std::string name = TRY(decode_url(view.substr(0, equals)));
        query[std::move(name)] =
            TRY(decode_url(equals == std::string_view::npos ? std::string_view() : view.substr(equals + 1)));
    }
    return query;
}

Result<void> parse_request_line(std::string_view line, Head& out, bool& version_1_0) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return malformed("no request line");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (method.empty() || method.size() > method_length_max ||
        !std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return malformed("no method");
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return malformed("the version is not HTTP/1.1");
    version_1_0 = version == "HTTP/1.0";
    if (!target.starts_with('/')) return malformed("the target is not a path");
    const auto question = target.find('?');
    const std::string_view path = target.substr(0, question);
    const std::string_view query =
        question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    if (!is_target(path, query)) return malformed("the target holds a byte that must be percent-encoded");
    out.request.method = method;
    out.request.path = TRY(parse_path(path));
    out.request.query = TRY(parse_query(query));
    return {};
}

/// Fields that must not come twice: two readers might believe one each.
bool is_single(std::string_view name) {
    constexpr std::array names{
        "authorization", "content-encoding", "content-length", "content-type", "cookie",           "expect",
        "host",          "idempotency-key",  "if-match",       "origin",       "transfer-encoding"};
    return std::ranges::find(names, name) != names.end();
}

Result<void> parse_field(std::string_view line, Request& out) {
    if (line.front() == ' ' || line.front() == '\t') return malformed("a folded header line");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("a header line without a colon");
    if (!is_token(line.substr(0, colon))) return malformed("the name of a header is no token");
    const std::string_view value = without_blanks(line.substr(colon + 1));
    for (const char c : value)
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f')
            return malformed("a control character in a header");
    if (!is_utf8(value)) return malformed("a header that is not UTF-8");
    std::string name = lower(line.substr(0, colon));
    const auto found = out.headers.find(name);
    if (found == out.headers.end())
        out.headers.emplace(std::move(name), value);
    else if (is_single(name))
        return malformed(fmt::format("the header {} comes twice", name));
    else
        found->second.append(", ").append(value);
    return {};
}

bool is_host(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
}

/// A decimal number of at most 15 digits and nothing else.
Result<std::uint64_t> parse_length(std::string_view text) {
    if (text.empty() || text.size() > length_digits_max ||
        !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return malformed("Content-Length is not a number");
    std::uint64_t value = 0;
    for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    return value;
}

/// How the body is framed and what becomes of the connection.
Result<void> parse_framing(Head& out, bool version_1_0) {
    const auto& headers = out.request.headers;
    const auto host = headers.find("host");
    if (host == headers.end() ? !version_1_0 : !is_host(host->second)) return malformed("no valid Host");
    const auto coding = headers.find("transfer-encoding");
    const auto length = headers.find("content-length");
    if (coding != headers.end()) {
        if (length != headers.end()) return malformed("both Content-Length and Transfer-Encoding");
        if (version_1_0) return malformed("Transfer-Encoding in HTTP/1.0");
        if (lower(coding->second) != "chunked") return malformed("a transfer coding other than chunked");
        out.chunked = true;
    }
    if (length != headers.end()) out.content_length = TRY(parse_length(length->second));
    if (const auto expect = headers.find("expect"); expect != headers.end()) {
        if (lower(expect->second) != "100-continue") return malformed("an expectation that is not known");
        out.expects_continue = !version_1_0;
    }
    out.keep_alive = !version_1_0;
    for (const std::string& word : split(lower(out.request.header("connection")), ','))
        if (trim(word) == "close") out.keep_alive = false;
    return {};
}

}  // namespace

std::size_t end_of_head(std::string_view bytes) {
    const auto at = bytes.find("\r\n\r\n");
    return at == std::string_view::npos ? at : at + 4;
}

bool hopeful(std::string_view beginning) {
    for (std::size_t at = 0; at < beginning.size(); ++at) {
        if (beginning[at] == '\0') return false;
        if (beginning[at] == '\n' && (at == 0 || beginning[at - 1] != '\r')) return false;
        if (beginning[at] == '\r' && at + 1 < beginning.size() && beginning[at + 1] != '\n') return false;
    }
    const std::string_view method = beginning.substr(0, beginning.find(' '));
    return method.size() <= method_length_max &&
           std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<Head> parse_head(std::string_view bytes) {
    if (!bytes.ends_with("\r\n\r\n") || !hopeful(bytes)) return malformed("no request");
    bytes.remove_suffix(2);  // every line that is left ends with CRLF
    Head head;
    bool version_1_0 = false;
    std::size_t fields = 0;
    for (bool first = true; !bytes.empty(); first = false) {
        const auto end = bytes.find("\r\n");
        const std::string_view line = bytes.substr(0, end);
        bytes.remove_prefix(end + 2);
        if (line.empty()) return malformed("an empty line before the request");
        if (first) {
            CHECK(parse_request_line(line, head, version_1_0));
            continue;
        }
        if (++fields > fields_max) return malformed("too many headers");
        CHECK(parse_field(line, head.request));
    }
    CHECK(parse_framing(head, version_1_0));
    return head;
}

std::string_view Request::header(std::string_view name) const {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Request::parameter(std::string_view name) const {
    const auto found = query.find(std::string(name));
    return found == query.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Request::cookie(std::string_view name) const {
    std::string_view rest = header("cookie");
    while (!rest.empty()) {
        const auto semicolon = rest.find(';');
        const std::string_view pair = without_blanks(rest.substr(0, semicolon));
        rest = semicolon == std::string_view::npos ? std::string_view() : rest.substr(semicolon + 1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
        std::string_view value = pair.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return value;
    }
    return {};
}

Result<std::string> decode_url(std::string_view text) {
    const auto nibble = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        if (text.size() - at < 3) return malformed("a broken percent escape");
        const int high = nibble(text[at + 1]), low = nibble(text[at + 2]);
        if (high < 0 || low < 0) return malformed("a broken percent escape");
        if (high == 0 && low == 0) return malformed("an encoded NUL");
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    if (!is_utf8(out)) return malformed("percent escapes that are not UTF-8");
    return out;
}

}  // namespace qingyuan::http
