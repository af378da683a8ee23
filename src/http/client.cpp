#include "http/client.hpp"

#include <algorithm>

#include <curl/curl.h>
#include <fmt/format.h>

#include "http/curl.hpp"

namespace qingyuan::http {

namespace {

bool has_control(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

/// What curl gives while an answer comes in.
struct Incoming {
    Fetched answer;
    std::size_t bytes_max;
    bool too_large = false;
};

std::size_t take_body(char* bytes, std::size_t one, std::size_t count, void* into) {
    auto& incoming = *static_cast<Incoming*>(into);
    const std::size_t size = one * count;
    if (incoming.answer.body.size() + size > incoming.bytes_max) {
        incoming.too_large = true;
        return 0;  // curl ends the transfer
    }
    incoming.answer.body.append(bytes, size);
    return size;
}

std::size_t take_header(char* bytes, std::size_t one, std::size_t count, void* into) {
    auto& headers = static_cast<Incoming*>(into)->answer.headers;
    constexpr std::size_t headers_max = 200;
    const std::string_view line(bytes, one * count);
    if (line.starts_with("HTTP/")) headers.clear();  // of a redirect or of "100 Continue" before
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || headers.size() >= headers_max) return line.size();
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && static_cast<unsigned char>(value.front()) <= ' ') value.remove_prefix(1);
    while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
    headers.insert_or_assign(std::move(name), std::string(value));
    return line.size();
}

class CurlClient final : public Client {
 public:
    explicit CurlClient(ClientOptions options) : options_(std::move(options)) {}

    [[nodiscard]] Result<Fetched> fetch(const Fetch& request) const override {
        CHECK(check(request));
        Curl curl;
        if (!curl) return Error{ErrorCode::peer_failed, "no memory for a connection"};
        Incoming incoming{{}, request.answer_bytes_max};
        curl.common(options_.ca_file, request.timeout);
        curl.set(CURLOPT_PROTOCOLS_STR, "http,https");
        // A redirect must not fall back to plaintext.
        curl.set(CURLOPT_REDIR_PROTOCOLS_STR, request.url.starts_with("https:") ? "https" : "http,https");
        curl.set(CURLOPT_URL, request.url.c_str());
        curl.set(CURLOPT_FOLLOWLOCATION, request.method == "GET" && request.redirects_max > 0 ? 1L : 0L);
        curl.set(CURLOPT_MAXREDIRS, static_cast<long>(request.redirects_max));
        curl.set(CURLOPT_USERAGENT, "qingyuan");
        curl.set(CURLOPT_WRITEFUNCTION, take_body);
        curl.set(CURLOPT_WRITEDATA, &incoming);
        curl.set(CURLOPT_HEADERFUNCTION, take_header);
        curl.set(CURLOPT_HEADERDATA, &incoming);
        if (request.method == "HEAD")
            curl.set(CURLOPT_NOBODY, 1L);
        else if (request.method != "GET" || !request.body.empty()) {
            curl.set(CURLOPT_POST, 1L);
            curl.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            curl.set(CURLOPT_POSTFIELDS, request.body.data());
            curl.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
        }
        CurlList headers;
        headers.add("Expect:");  // a second's wait before small bodies is no use
        for (const auto& [name, value] : request.headers) headers.add(fmt::format("{}: {}", name, value));
        curl.set(CURLOPT_HTTPHEADER, headers.list());
        const CURLcode code = curl.perform();
        if (incoming.too_large)
            return Error{ErrorCode::too_large,
                         fmt::format("the answer is longer than {} bytes", request.answer_bytes_max)};
        if (code != CURLE_OK) return Error{ErrorCode::peer_failed, curl.reason(code)};
        incoming.answer.status = curl.status();
        return std::move(incoming.answer);
    }

 private:
    static Result<void> check(const Fetch& request) {
        const auto wrong = [](std::string why) {
            return Error{ErrorCode::request_malformed, std::move(why)};
        };
        if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
            return wrong("only http:// and https:// are asked");
        if (has_control(request.url) || request.url.find(' ') != std::string::npos)
            return wrong("an address with a blank or a control character");
        if (request.method.empty() ||
            !std::ranges::all_of(request.method, [](char c) { return c >= 'A' && c <= 'Z'; }))
            return wrong("no method");
        for (const auto& [name, value] : request.headers)
            if (name.empty() || has_control(name) || has_control(value) ||
                name.find_first_of(": ") != std::string::npos)
                return wrong("a header that would break its line");
        return {};
    }

    ClientOptions options_;
};

}  // namespace

std::string_view Fetched::header(std::string_view name) const {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::unique_ptr<Client> make_client(ClientOptions options) {
    return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace qingyuan::http
