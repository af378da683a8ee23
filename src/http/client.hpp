// The HTTP client and the mailer: what the program says to other machines. Both are interfaces so that a test
// brings its own; the real ones stand on libcurl. Neither reads a proxy from the environment, neither follows
// a redirect unless asked, and neither speaks anything but http(s) and smtp(s).
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace qingyuan::http {

struct Fetch {
    std::string method = "GET";
    std::string url;  ///< http:// or https://
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::chrono::milliseconds timeout{10'000};   ///< for the whole exchange
    std::size_t answer_bytes_max = 1024 * 1024;  ///< a longer answer is too_large
    unsigned redirects_max = 0;                  ///< followed for GET only, never from https to http
};

struct Fetched {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case, the last of equal names wins
    std::string body;

    [[nodiscard]] std::string_view header(std::string_view name) const;  ///< "" where absent
    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// May be used from any thread.
class Client {
 public:
    virtual ~Client() = default;
    /// Asks and waits. An answer of any status is a value. Errors: peer_failed (no answer in time, no
    /// connection, a certificate that does not verify), too_large, request_malformed (another scheme, a
    /// header with a line break).
    [[nodiscard]] virtual Result<Fetched> fetch(const Fetch& request) const = 0;
};

struct ClientOptions {
    std::filesystem::path ca_file;  ///< PEM; empty: the machine's certificates
};

[[nodiscard]] std::unique_ptr<Client> make_client(ClientOptions options = {});

/// A short text in UTF-8. Who writes it keeps personal data out of it.
struct Mail {
    std::vector<std::string> to;  ///< addresses "name@host"
    std::string subject;
    std::string text;
};

/// May be used from any thread.
class Mailer {
 public:
    virtual ~Mailer() = default;
    /// Hands the mail to the relay and waits for its word. Errors: mail_failed; field_invalid for an address
    /// with a space, a control character or no '@'.
    [[nodiscard]] virtual Result<void> send(const Mail& mail) const = 0;
};

struct MailOptions {
    std::string url;        ///< smtp://relay:587 or smtps://relay:465
    bool starttls = true;   ///< smtp:// only: required, not merely tried; false only for a relay on loopback
    std::string user = {};  ///< empty: no sign-in
    std::string password = {};
    std::string from;  ///< "qingyuan@bureau.example"
    std::filesystem::path ca_file = {};
    std::chrono::milliseconds timeout{20'000};
};

/// Errors: config_invalid (another scheme, a sender that is no address, plaintext beyond this machine).
[[nodiscard]] Result<std::unique_ptr<Mailer>> make_mailer(MailOptions options, const Clock& clock);

/// The bytes that go to the relay: headers with encoded words (RFC 2047), the text in base64, CRLF.
/// `id` makes the Message-ID.
[[nodiscard]] std::string mail_message(const Mail& mail, std::string_view from, Instant now,
                                       std::string_view id);

}  // namespace qingyuan::http
