// What is refused of a request's head and of chunked bodies: first the pure functions, then the same bytes
// through a socket.
#include "http/head.hpp"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "http/chunked.hpp"
#include "http/fixture_test.hpp"

namespace qingyuan::http {

namespace {

using namespace std::string_literals;  // NOLINT

const std::string host = "Host: h\r\n";

/// Requests that are wrong, whole as they would come: head, and a body where there is one.
std::vector<std::string> wrong_requests() {
    std::vector<std::string> out;
    const auto line = [&](const std::string& text) { out.push_back(text + "\r\n" + host + "\r\n"); };
    const auto target = [&](const std::string& text) { line("GET " + text + " HTTP/1.1"); };
    const auto header = [&](const std::string& text) {
        out.push_back("GET / HTTP/1.1\r\n" + host + text + "\r\n\r\n");
    };
    const auto framing = [&](const std::string& text) {
        out.push_back("POST / HTTP/1.1\r\n" + host + text + "\r\n\r\n");
    };
    // the request line
    for (const char* text : {"NONSENSE",
                             "GET",
                             "GET /",
                             "GET  HTTP/1.1",
                             " GET / HTTP/1.1",
                             "GET  / HTTP/1.1",
                             "GET /  HTTP/1.1",
                             "GET / HTTP/1.1 ",
                             "get / HTTP/1.1",
                             "Get / HTTP/1.1",
                             "G-T / HTTP/1.1",
                             "GET1 / HTTP/1.1",
                             "VERYLONGMETHODNAME / HTTP/1.1",
                             "GET / HTTP/1.2",
                             "GET / HTTP/2.0",
                             "GET / HTTP/0.9",
                             "GET / HTTP/1",
                             "GET / HTTP/1.10",
                             "GET / HTTP/01.1",
                             "GET / http/1.1",
                             "GET / HTTPS/1.1",
                             "GET / HTTP /1.1",
                             "GET\t/\tHTTP/1.1",
                             "PRI * HTTP/2.0",
                             "\x16\x03\x01\x02",
                             "GET / HTTP/1.1\tx",
                             ""})
        line(text);
    // the target
    for (const char* text : {"*",
                             "http://h/",
                             "https://h/a",
                             "//h/a",
                             "h:80",
                             "a",
                             "a/b",
                             "?q=1",
                             "ftp://h/",
                             "http:/a",
                             "/..",
                             "/../a",
                             "/a/..",
                             "/a/../b",
                             "/./a",
                             "/a/.",
                             "/%2e%2e/a",
                             "/a/%2e%2E",
                             "/.%2e",
                             "/%2e",
                             "/a%2fb",
                             "/a%2F..%2fb",
                             "/a//b",
                             "/a\\b",
                             "/a%5cb",
                             "/a%5C..%5c",
                             "/%",
                             "/%4",
                             "/%zz",
                             "/%4g",
                             "/a%",
                             "/%00",
                             "/a?q=%00",
                             "/a?q=%",
                             "/a?%zz=1",
                             "/%ff",
                             "/%c0%ae%c0%ae/",
                             "/%ed%a0%80",
                             "/%0d%0aSet-Cookie:%20a",
                             "/a%0ab",
                             "/%7f",
                             "/%09",
                             "/a#b",
                             "/a?b#c",
                             "/a?b\"c",
                             "/清",
                             "/a?q=清",
                             "/a<b",
                             "/a>b",
                             "/a\"b",
                             "/a^b",
                             "/a`b",
                             "/a{b",
                             "/a}b",
                             "/a\x7f",
                             "/a\x01"
                             "b",
                             "/a\tb"})
        target(text);
    // header lines
    for (const char c : std::string("()<>@,;\\\"/[]?={} \t\x01\x7f")) header(std::string("A") + c + "B: 1");
    for (const char c : std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1b\x1f\x7f"))
        header(std::string("A: b") + c + "c");
    for (const char* text : {"A",
                             ": b",
                             "A : b",
                             "A\t: b",
                             " A: b",
                             "A: b\r\n c",
                             "A: b\r\n\tc",
                             "A: \xff",
                             "A: \xc0\xae",
                             "\xe6: b",
                             "Host: h",
                             "Host: other",
                             "Expect: 200-ok",
                             "Expect: 100-continue, x",
                             "Cookie: a=1\r\nCookie: b=2",
                             "Authorization: a\r\nAuthorization: b",
                             "Content-Type: a\r\nContent-Type: b",
                             "Origin: a\r\nOrigin: b",
                             "If-Match: \"a\"\r\nIf-Match: \"b\"",
                             "Idempotency-Key: a\r\nidempotency-key: b"})
        header(text);
    std::string many;
    for (int i = 0; i < 101; ++i) many += "A" + std::to_string(i) + ": 1\r\n";
    out.push_back("GET / HTTP/1.1\r\n" + host + many + "\r\n");
    out.push_back("GET / HTTP/1.1\r\n" + host + "A: " + std::string(17'000, 'a') + "\r\n\r\n");
    out.push_back("GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n");
    // the host
    for (const char* text : {"", "Host:\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: a@b\r\n",
                             "Host: a,b\r\n", "Host: <h>\r\n", "Host: h?x\r\n"})
        out.push_back(std::string("GET / HTTP/1.1\r\n") + text + "\r\n");
    // the ends of lines
    for (const char* text :
         {"GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1\nHost: h\r\n\r\n",
          "GET / HTTP/1.1\rHost: h\r\r", "GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n",
          "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
          "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"})
        out.emplace_back(text);
    out.push_back("GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n"s);
    out.push_back("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s);
    // the framing of the body: request smuggling
    for (const char* text : {"Content-Length: -1",
                             "Content-Length: +1",
                             "Content-Length: 1x",
                             "Content-Length: 0x1",
                             "Content-Length: ",
                             "Content-Length: 1 1",
                             "Content-Length: 1,1",
                             "Content-Length: 1, 1",
                             "Content-Length: 1.0",
                             "Content-Length: 1e3",
                             "Content-Length: 18446744073709551616",
                             "Content-Length: 9999999999999999",
                             "Content-Length: \xd9\xa1",
                             "Content-Length: 1\r\nContent-Length: 1",
                             "Content-Length: 1\r\nContent-Length: 2",
                             "Content-Length: 0\r\ncontent-length: 5",
                             "Content-Length : 5",
                             "Content-Length: 5\r\nTransfer-Encoding: chunked",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5",
                             "Content-Length: 0\r\nTransfer-Encoding: chunked",
                             "Transfer-Encoding: identity",
                             "Transfer-Encoding: gzip",
                             "Transfer-Encoding: gzip, chunked",
                             "Transfer-Encoding: chunked, chunked",
                             "Transfer-Encoding: chunked, identity",
                             "Transfer-Encoding: xchunked",
                             "Transfer-Encoding: chunkedx",
                             "Transfer-Encoding: \"chunked\"",
                             "Transfer-Encoding: chunked;q=1",
                             "Transfer-Encoding: ",
                             "Transfer-Encoding:\x0b"
                             "chunked",
                             "Transfer-Encoding : chunked",
                             " Transfer-Encoding: chunked",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                             "Transfer-Encoding:\r\n chunked",
                             "X: y\r\n Content-Length: 5"})
        framing(text);
    out.push_back("POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n");
    return out;
}

/// Bodies in chunks that are wrong, from the first size line on.
std::vector<std::string> wrong_chunks() {
    return {"x\r\n",
            "\r\n",
            " 1\r\na\r\n0\r\n\r\n",
            "1 \r\na\r\n0\r\n\r\n",
            "+1\r\na\r\n0\r\n\r\n",
            "-1\r\na\r\n0\r\n\r\n",
            "0x1\r\na\r\n0\r\n\r\n",
            "1\na\r\n0\r\n\r\n",
            "1\r\nab\r\n0\r\n\r\n",
            "2\r\na\r\n0\r\n\r\n",
            "1\r\na\n0\r\n\r\n",
            "1\r\na0\r\n\r\n",
            "1\r\na\r\n0\r\n\n",
            "1\r\na\r\n0\n\r\n",
            "1\r\na\r\n0\r\nno header\r\n\r\n",
            "1\r\na\r\n0\r\nA: b\r\n c\r\n\r\n",
            "1\r\na\r\n0\r\nA: b\nC: d\r\n\r\n",
            "000000001\r\na\r\n0\r\n\r\n",
            "fffffffff\r\n",
            "1;a=\x01\r\na\r\n0\r\n\r\n",
            "1;" + std::string(600, 'a') + "\r\na\r\n0\r\n\r\n",
            "1\r\na\r\n0\r\nA: " + std::string(600, 'a') + "\r\n\r\n",
            "1\r\na\r\n0\r\nA: \0\r\n\r\n"s,
            ";a\r\na\r\n0\r\n\r\n"};
}

}  // namespace

TEST(head, refuses_what_two_readers_could_understand_differently) {
    const auto table = wrong_requests();
    EXPECT_GE(table.size() + wrong_chunks().size(), 200U);
    EXPECT_EQ(std::set<std::string>(table.begin(), table.end()).size(), table.size()) << "a case twice";
    constexpr std::size_t head_max = 16 * 1024;
    for (const std::string& request : table) {
        const bool refused = !hopeful(request) || !parse_head(request) || request.size() > head_max;
        EXPECT_TRUE(refused) << request.substr(0, 200);
    }
}

TEST(head, reads_what_is_right) {
    const auto head = parse_head(
        "POST /a%20b/%E6%B8%85?q=%E8%8D%AF+1&empty&q=2&x=a%2Fb HTTP/1.1\r\nhost: h:80\r\nX-Person:\t li \r\n"
        "Accept: a\r\nAccept: b\r\nContent-Length: 12\r\nExpect: 100-Continue\r\nConnection: x, "
        "Close\r\n\r\n");
    ASSERT_TRUE(head) << head.error().text();
    EXPECT_EQ(head->request.method, "POST");
    EXPECT_EQ(head->request.path, "/a b/清");
    EXPECT_EQ(head->request.parameter("q"), "2");
    EXPECT_EQ(head->request.parameter("x"), "a/b");
    EXPECT_TRUE(head->request.query.contains("empty"));
    EXPECT_EQ(head->request.header("x-person"), "li");
    EXPECT_EQ(head->request.header("accept"), "a, b");
    EXPECT_EQ(head->content_length, 12U);
    EXPECT_TRUE(head->expects_continue);
    EXPECT_FALSE(head->keep_alive);
    for (const char* right :
         {"GET / HTTP/1.0\r\n\r\n", "OPTIONS /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
          "GET /a/?a[0]=|&b={} HTTP/1.1\r\nHost: h\r\nA:\r\nB: \r\n\r\n",
          "GET /a...b/..c/d.. HTTP/1.1\r\nHost: h\r\n\r\n",
          "GET /~a-b_c.d;e=f@g:h!$&'()*+,| HTTP/1.1\r\nHost: h\r\nA: \xe6\xb8\x85\r\n\r\n"})
        EXPECT_TRUE(parse_head(right))
            << right << (parse_head(right) ? "" : parse_head(right).error().text());
}

TEST(head, finds_cookies_by_their_whole_name) {
    Request request;
    request.headers["cookie"] = "xa=0; a=1;b=\"2\" ;  c=x=y; bad; a=3";
    EXPECT_EQ(request.cookie("a"), "1");
    EXPECT_EQ(request.cookie("b"), "2");
    EXPECT_EQ(request.cookie("c"), "x=y");
    EXPECT_EQ(request.cookie("bad"), "");
    EXPECT_EQ(request.cookie("d"), "");
}

TEST(head, whatever_is_read_is_safe_to_route) {
    const std::string right =
        "GET /api/a%20b/../c?q=%41 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"
        "A: b\r\n\r\n";
    EXPECT_TRUE(rc::check([&] {
        std::string bytes = right;
        const auto changes = *rc::gen::inRange(0, 12);
        for (int i = 0; i < changes; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
            const auto kind = *rc::gen::inRange(0, 3);
            if (kind == 0)
                bytes[at] = *rc::gen::arbitrary<char>();
            else if (kind == 1)
                bytes.erase(at, 1);
            else
                bytes.insert(at, 1, *rc::gen::elementOf(std::string("\r\n :/.%\t\0A1", 11)));
        }
        const auto head = parse_head(bytes);
        if (!head) return;
        const std::string& path = head->request.path;
        RC_ASSERT(path.starts_with('/'));
        RC_ASSERT(path.find("..") == std::string::npos || path.find("/../") == std::string::npos);
        RC_ASSERT(!path.ends_with("/.."));
        RC_ASSERT(path.find('\0') == std::string::npos && path.find('\n') == std::string::npos);
        RC_ASSERT(!(head->chunked && head->request.headers.contains("content-length")));
    }));
}

TEST(chunked, reads_the_same_however_it_is_cut) {
    EXPECT_TRUE(rc::check([] {
        const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
        std::string wire, wanted;
        for (const std::string& part : parts) {
            if (part.empty()) continue;
            char size[32];
            std::snprintf(size, sizeof size, "%zx;ext=\"1\"\r\n", part.size());
            wire += size + part + "\r\n";
            wanted += part;
        }
        wire += "0\r\nTrailer: x\r\n\r\n";
        const std::string next = "GET / HTTP/1.1\r\n";
        const std::string all = wire + next;
        ChunkReader reader(1 << 20);
        std::string body;
        std::size_t at = 0;
        while (!reader.done()) {
            const auto step = *rc::gen::inRange<std::size_t>(1, 40);
            const auto took = reader.take(std::string_view(all).substr(at, step), body);
            RC_ASSERT(took.has_value());
            at += *took;
        }
        RC_ASSERT(body == wanted);
        RC_ASSERT(all.substr(at) == next);  // not a byte of the next request
    }));
}

TEST(chunked, refuses_wrong_chunks_and_stops_before_it_holds_too_much) {
    for (const std::string& wire : wrong_chunks()) {
        ChunkReader reader(100);
        std::string body;
        EXPECT_FALSE(reader.take(wire, body)) << wire;
    }
    ChunkReader reader(100);
    std::string body;
    ASSERT_TRUE(reader.take("40\r\n" + std::string(64, 'a') + "\r\n", body));
    const auto refused = reader.take("25\r\n", body);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::too_large);
    EXPECT_EQ(body.size(), 64U);
}

// mission: H11
TEST(server, answers_every_wrong_request_400_and_never_calls_the_handler) {
    std::atomic<int> called{0};
    Metrics metrics;
    Fixture fixture(
        [&](const Request&) {
            ++called;
            return Response{};
        },
        {.metrics = &metrics});
    auto table = wrong_requests();
    for (const std::string& chunks : wrong_chunks())
        table.push_back("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
    for (const std::string& request : table) {
        // What follows must not be taken for a second request.
        const std::string reply = fixture.exchange(request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << request.substr(0, 200) << "\n" << reply;
        EXPECT_NE(reply.find("application/problem+json"), std::string::npos) << reply;
        EXPECT_EQ(reply.find("HTTP/1.1 ", 1), std::string::npos) << "two answers to " << request;
    }
    EXPECT_EQ(called, 0);
    EXPECT_EQ(metrics.value("qingyuan_http_requests_total",
                            {{"route", "other"}, {"method", "other"}, {"class", "4xx"}}) +
                  metrics.value("qingyuan_http_requests_total",
                                {{"route", "other"}, {"method", "POST"}, {"class", "4xx"}}),
              static_cast<double>(table.size()));
}

}  // namespace qingyuan::http
