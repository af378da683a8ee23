// Mail by SMTP.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/text.hpp"
#include "http/client.hpp"
#include "http/curl.hpp"

namespace qingyuan::http {

namespace {

constexpr std::size_t line_bytes = 57;          // 76 characters of base64 (RFC 2045 §6.8)
constexpr std::size_t encoded_word_bytes = 39;  // 52 characters and the frame: a line of 76 (RFC 2047)

std::string base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),  // NOLINT: the C interface
                                     reinterpret_cast<const unsigned char*>(bytes.data()),  // NOLINT
                                     static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

bool is_address(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '<' || c == '>' ||
                      c == ',' || c == ';' || c == '"' || c == '\\';
           });
}

/// Cut between characters, never within one.
std::string encoded_words(std::string_view text) {
    const bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; }) &&
                       text.find("=?") == std::string_view::npos && text.size() <= encoded_word_bytes;
    if (plain) return std::string(text);
    std::string out;
    while (!text.empty()) {
        std::size_t size = std::min(text.size(), encoded_word_bytes);
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) --size;
        if (!out.empty()) out += "\r\n ";
        out += fmt::format("=?UTF-8?B?{}?=", base64(text.substr(0, size)));
        text.remove_prefix(size);
    }
    return out;
}

std::string mail_date(Instant now) {
    constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Date date = now.date();
    return fmt::format("{}, {} {} {} {} +0800", days[date.weekday()], date.day(), months[date.month() - 1],
                       date.year(), now.text().substr(11, 8));
}

struct Outgoing {
    std::string_view rest;
};

std::size_t give_bytes(char* into, std::size_t one, std::size_t count, void* from) {
    auto& rest = static_cast<Outgoing*>(from)->rest;
    const std::size_t size = std::min(one * count, rest.size());
    std::memcpy(into, rest.data(), size);
    rest.remove_prefix(size);
    return size;
}

class CurlMailer final : public Mailer {
 public:
    CurlMailer(MailOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

    Result<void> send(const Mail& mail) const override {
        if (mail.to.empty()) return Error{ErrorCode::field_missing, "nobody to send it to", "to"};
        for (const std::string& to : mail.to)
            if (!is_address(to)) return Error{ErrorCode::field_invalid, "not a mail address", "to"};
        if (!is_utf8(mail.subject) || !is_utf8(mail.text))
            return Error{ErrorCode::encoding_invalid, "the mail is not UTF-8"};
        unsigned char random[16];
        if (RAND_bytes(random, sizeof random) != 1)
            return Error{ErrorCode::crypto_failed, "no random bytes for the Message-ID"};
        std::string id;
        for (const unsigned char byte : random) id += fmt::format("{:02x}", byte);
        const std::string message = mail_message(mail, options_.from, clock_.now(), id);

        Curl curl;
        if (!curl) return Error{ErrorCode::mail_failed, "no memory for a connection"};
        curl.common(options_.ca_file, options_.timeout);
        curl.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        curl.set(CURLOPT_URL, options_.url.c_str());
        curl.set(CURLOPT_USE_SSL, static_cast<long>(options_.starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
        if (!options_.user.empty()) {
            curl.set(CURLOPT_USERNAME, options_.user.c_str());
            curl.set(CURLOPT_PASSWORD, options_.password.c_str());
        }
        CurlList to;
        for (const std::string& address : mail.to) to.add(fmt::format("<{}>", address));
        const std::string from = fmt::format("<{}>", options_.from);
        Outgoing outgoing{message};
        curl.set(CURLOPT_MAIL_FROM, from.c_str());
        curl.set(CURLOPT_MAIL_RCPT, to.list());
        curl.set(CURLOPT_UPLOAD, 1L);
        curl.set(CURLOPT_READFUNCTION, give_bytes);
        curl.set(CURLOPT_READDATA, &outgoing);
        curl.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
        const CURLcode code = curl.perform();
        if (code == CURLE_OK) return {};
        // The relay's own words may quote an address: its status says enough.
        return Error{ErrorCode::mail_failed, fmt::format("{}; the relay's last status was {}",
                                                         curl_easy_strerror(code), curl.status())};
    }

 private:
    MailOptions options_;
    const Clock& clock_;
};

}  // namespace

std::string mail_message(const Mail& mail, std::string_view from, Instant now, std::string_view id) {
    std::string subject = mail.subject;
    std::ranges::replace_if(subject, [](char c) { return c >= 0 && c < ' '; }, ' ');
    // Each recipient gets the mail without learning of the others.
    std::string out = fmt::format("Date: {}\r\nFrom: <{}>\r\nTo: undisclosed-recipients:;\r\nSubject: {}\r\n",
                                  mail_date(now), from, encoded_words(subject));
    if (mail.to.size() == 1)
        out = fmt::format("Date: {}\r\nFrom: <{}>\r\nTo: <{}>\r\nSubject: {}\r\n", mail_date(now), from,
                          mail.to.front(), encoded_words(subject));
    out += fmt::format("Message-ID: <{}@{}>\r\n", id, from.substr(from.find('@') + 1));
    out +=
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    std::string text;  // text in mail has lines ended by CRLF, before it is encoded too
    for (const char c : mail.text) {
        if (c == '\r') continue;
        if (c == '\n') text += '\r';
        text += c;
    }
    for (std::size_t at = 0; at < text.size(); at += line_bytes)
        out += base64(std::string_view(text).substr(at, line_bytes)) + "\r\n";
    return out;
}

Result<std::unique_ptr<Mailer>> make_mailer(MailOptions options, const Clock& clock) {
    const auto wrong = [](std::string why, const char* where, const char* next) {
        return Error{ErrorCode::config_invalid, std::move(why), where, {}, next};
    };
    const bool tls = options.url.starts_with("smtps://");
    if (!tls && !options.url.starts_with("smtp://"))
        return wrong("the mail relay is no smtp:// or smtps:// address", "url", "write smtp://relay:587");
    if (std::ranges::any_of(options.url, [](char c) { return static_cast<unsigned char>(c) <= ' '; }))
        return wrong("the address of the mail relay holds a blank", "url", "write smtp://relay:587");
    const std::string_view rest = std::string_view(options.url).substr(tls ? 8 : 7);
    const std::string_view host = rest.substr(0, rest.find_first_of("/:"));
    const bool here = host == "127.0.0.1" || host == "localhost" || rest.starts_with("[::1]");
    if (rest.find('@') != std::string_view::npos)
        return wrong("the address of the mail relay names a user", "url", "use user and password_file");
    if (!tls && !options.starttls && !here)
        return wrong("mail would leave this machine unencrypted", "starttls",
                     "use smtps://, or leave starttls = true");
    if (!is_address(options.from))
        return wrong("the sender is no mail address", "from", "write qingyuan@bureau.example");
    return std::unique_ptr<Mailer>(std::make_unique<CurlMailer>(std::move(options), clock));
}

}  // namespace qingyuan::http
