#include "http/client.hpp"

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "http/fixture_test.hpp"

namespace qingyuan::http {

namespace {

/// A mail relay that takes whatever comes and says what it was told to say.
class Relay {
 public:
    explicit Relay(std::string answer_to_recipient = "250 ok")
        : answer_(std::move(answer_to_recipient)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::listen(listener_, 4), 0);
        socklen_t size = sizeof at;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Relay() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    [[nodiscard]] std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string heard() {
        const std::lock_guard guard(lock_);
        return heard_;
    }

 private:
    void serve() {
        for (int peer; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) talk(peer);
    }
    void talk(int peer) {
        const auto say = [&](const std::string& line) {
            (void)!::send(peer, (line + "\r\n").data(), line.size() + 2, MSG_NOSIGNAL);
        };
        say("220 relay");
        std::string line;
        bool data = false;
        for (char c; ::recv(peer, &c, 1, 0) == 1;) {
            line += c;
            if (!line.ends_with("\r\n")) continue;
            {
                const std::lock_guard guard(lock_);
                heard_ += line;
            }
            if (data) {
                if (line == ".\r\n") {
                    data = false;
                    say("250 taken");
                }
            } else if (line.starts_with("EHLO")) {
                say("250-relay\r\n250 8BITMIME");
            } else if (line.starts_with("RCPT")) {
                say(answer_);
            } else if (line.starts_with("DATA")) {
                data = true;
                say("354 go on");
            } else if (line.starts_with("QUIT")) {
                say("221 bye");
                return;
            } else {
                say("250 ok");
            }
            line.clear();
        }
    }

    std::string answer_;
    int listener_;
    std::uint16_t port_ = 0;
    std::mutex lock_;
    std::string heard_;
    std::thread thread_;
};

}  // namespace

TEST(client, asks_and_takes_any_status_for_an_answer) {
    Fixture fixture([](const Request& request) {
        Response response = echo(request);
        response.status = request.path == "/wrong" ? 404 : 200;
        response.headers.emplace_back("X-Answer", " yes ");
        return response;
    });
    const auto client = make_client();
    const auto got = client->fetch({.url = fixture.url("/a?q=1"), .headers = {{"X-Person", "li"}}});
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_TRUE(got->ok());
    EXPECT_EQ(got->body, "GET /a q=1 x=li ");
    EXPECT_EQ(got->header("x-answer"), "yes");
    const auto posted =
        client->fetch({.method = "POST", .url = fixture.url("/wrong"), .body = std::string("a\0b", 3)});
    ASSERT_TRUE(posted);
    EXPECT_EQ(posted->status, 404);
    EXPECT_EQ(posted->body, std::string("POST /wrong q= x= a\0b", 21));
    EXPECT_EQ(client->fetch({.method = "DELETE", .url = fixture.url("/x")})->body, "DELETE /x q= x= ");
}

TEST(client, bounds_time_length_and_redirects) {
    std::atomic<bool> hold{true};
    Fixture fixture([&](const Request& request) {
        while (request.path == "/slow" && hold) std::this_thread::sleep_for(milliseconds(5));
        if (request.path == "/there") return Response{.status = 302, .headers = {{"Location", "/here"}}};
        if (request.path == "/round") return Response{.status = 302, .headers = {{"Location", "/round"}}};
        if (request.path == "/file")
            return Response{.status = 302, .headers = {{"Location", "file:///etc/hostname"}}};
        return Response{.body = std::string(10'000, 'a')};
    });
    const auto client = make_client();
    EXPECT_EQ(client->fetch({.url = fixture.url("/slow"), .timeout = milliseconds(100)}).error().code,
              ErrorCode::peer_failed);
    hold = false;
    EXPECT_EQ(client->fetch({.url = fixture.url("/"), .answer_bytes_max = 9'999}).error().code,
              ErrorCode::too_large);
    EXPECT_EQ(client->fetch({.url = fixture.url("/"), .answer_bytes_max = 10'000})->body.size(), 10'000U);
    EXPECT_EQ(client->fetch({.url = fixture.url("/there")})->status, 302);
    EXPECT_EQ(client->fetch({.url = fixture.url("/there"), .redirects_max = 1})->status, 200);
    EXPECT_EQ(client->fetch({.method = "POST", .url = fixture.url("/there"), .redirects_max = 1})->status,
              302);
    for (const char* path : {"/round", "/file"})
        EXPECT_EQ(client->fetch({.url = fixture.url(path), .redirects_max = 3}).error().code,
                  ErrorCode::peer_failed);
}

TEST(client, refuses_other_schemes_and_broken_lines_and_no_proxy_is_asked) {
    const auto client = make_client();
    for (const char* url : {"", "file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                            "127.0.0.1", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y"})
        EXPECT_EQ(client->fetch({.url = url}).error().code, ErrorCode::request_malformed) << url;
    const std::pair<std::string, std::string> headers[] = {
        {"A", "b\r\nC: d"}, {"A\n", "b"}, {"A: b", "c"}, {"", "b"}, {"A", std::string("b\0c", 3)}};
    for (const auto& header : headers)
        EXPECT_EQ(client->fetch({.url = "http://127.0.0.1:1/", .headers = {header}}).error().code,
                  ErrorCode::request_malformed);
    EXPECT_EQ(client->fetch({.method = "GET /\r\n", .url = "http://127.0.0.1:1/"}).error().code,
              ErrorCode::request_malformed);
    Fixture fixture(echo);
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"})
        ::setenv(name, "http://127.0.0.1:1", 1);
    EXPECT_TRUE(client->fetch({.url = fixture.url("/")}));
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    EXPECT_EQ(client->fetch({.url = "http://127.0.0.1:1/"}).error().code, ErrorCode::peer_failed);
}

TEST(mail, message_is_ascii_lines_with_encoded_words) {
    const Mail mail{.to = {"a@b.example"},
                    .subject = "案件将于三日内到期：请在处置期限届满之前办理并在系统中登记结果。\r\nBcc: x@y",
                    .text = "第一行\n第二行\r\n" + std::string(200, 'x')};
    const std::string message =
        mail_message(mail, "q@bureau.example", parse_instant("2026-01-05T09:08:07").value(), "id");
    EXPECT_TRUE(
        message.starts_with("Date: Mon, 5 Jan 2026 09:08:07 +0800\r\nFrom: <q@bureau.example>\r\n"
                            "To: <a@b.example>\r\nSubject: =?UTF-8?B?"))
        << message;
    EXPECT_NE(message.find("Message-ID: <id@bureau.example>\r\n"), std::string::npos);
    EXPECT_EQ(message.find("\r\nBcc:"), std::string::npos);
    std::size_t at = 0;
    for (std::size_t end; (end = message.find("\r\n", at)) != std::string::npos; at = end + 2)
        EXPECT_LE(end - at, 76U);
    for (const char c : message) EXPECT_TRUE((c >= ' ' && c < '\x7f') || c == '\r' || c == '\n');
    EXPECT_NE(message.find("\r\n\r\n56ys5LiA6KGMDQrnrKzkuozooYwNCnh4"), std::string::npos) << message;
    const std::string many =
        mail_message({.to = {"a@b", "c@d"}, .subject = "plain", .text = ""}, "q@b", {0}, "id");
    EXPECT_NE(many.find("Subject: plain\r\n"), std::string::npos);
    EXPECT_EQ(many.find("a@b"), std::string::npos) << "one recipient does not learn of the other";
}

TEST(mail, is_handed_to_the_relay_and_its_refusal_is_told) {
    const VirtualClock clock(parse_instant("2026-01-05T09:08:07").value());
    Relay relay;
    const auto mailer =
        make_mailer({.url = relay.url(), .starttls = false, .from = "q@bureau.example"}, clock);
    ASSERT_TRUE(mailer) << mailer.error().text();
    const auto sent =
        (*mailer)->send({.to = {"a@b.example", "c@d.example"}, .subject = "期限", .text = ".\n到期"});
    EXPECT_TRUE(sent) << sent.error().text();
    const std::string heard = relay.heard();
    for (const char* part : {"MAIL FROM:<q@bureau.example>", "RCPT TO:<a@b.example>", "RCPT TO:<c@d.example>",
                             "Subject: =?UTF-8?B?5pyf6ZmQ?=", "Lg0K5Yiw5pyf\r\n.\r\n"})
        EXPECT_NE(heard.find(part), std::string::npos) << part << "\n" << heard;
    Relay full("452 mailbox of a@b.example is full");
    const auto other = make_mailer({.url = full.url(), .starttls = false, .from = "q@bureau.example"}, clock);
    const auto refused = (*other)->send({.to = {"a@b.example"}, .subject = "s", .text = "t"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::mail_failed);
    EXPECT_EQ(refused.error().text().find("a@b"), std::string::npos) << "no address in an error";
    const auto strict = make_mailer({.url = relay.url(), .from = "q@bureau.example"}, clock);
    EXPECT_EQ((*strict)->send({.to = {"a@b.example"}, .subject = "s", .text = "t"}).error().code,
              ErrorCode::mail_failed)
        << "a relay without STARTTLS gets nothing";
}

TEST(mail, wrong_addresses_and_settings_are_refused) {
    const VirtualClock clock(Instant{0});
    const auto mailer = make_mailer({.url = "smtps://127.0.0.1:1", .from = "q@b"}, clock);
    ASSERT_TRUE(mailer);
    for (const char* to : {"", "a", "@b", "a@", "a@b@c", "a@b>\r\nRCPT TO:<c@d", "a b@c", "<a@b>", "a@b,c@d"})
        EXPECT_EQ((*mailer)->send({.to = {to}, .subject = "s", .text = "t"}).error().code,
                  ErrorCode::field_invalid)
            << to;
    EXPECT_EQ((*mailer)->send({.to = {}, .subject = "s", .text = "t"}).error().code,
              ErrorCode::field_missing);
    const MailOptions wrong[] = {{.url = "http://relay", .from = "q@b"},
                                 {.url = "", .from = "q@b"},
                                 {.url = "smtp://relay", .starttls = false, .from = "q@b"},
                                 {.url = "smtp://127.0.0.1.example", .starttls = false, .from = "q@b"},
                                 {.url = "smtp://127.0.0.1@relay", .starttls = false, .from = "q@b"},
                                 {.url = "smtps://relay\r\n", .from = "q@b"},
                                 {.url = "smtps://relay", .from = "nobody"}};
    for (const MailOptions& options : wrong)
        EXPECT_EQ(make_mailer(options, clock).error().code, ErrorCode::config_invalid) << options.url;
}

}  // namespace qingyuan::http
