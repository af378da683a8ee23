// The sign-in service and the origin of requests: forged, replayed and misdirected answers.
// mission: H1
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <fmt/format.h>

#include "accounts/house_test.hpp"
#include "accounts/jwt.hpp"
#include "accounts/letters.hpp"
#include "accounts/origin.hpp"
#include "accounts/provider.hpp"

namespace qingyuan::accounts {

namespace {

using Json = nlohmann::json;

/// A key of a sign-in service: signs as one, and tells its public half.
class SigningKey {
 public:
    explicit SigningKey(bool rsa) : rsa_(rsa) {
        key_.reset(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
        QY_ASSERT(key_);
    }
    [[nodiscard]] Json jwk(const std::string& id) const {
        if (rsa_)
            return {{"kty", "RSA"}, {"kid", id}, {"use", "sig"}, {"n", number("n")}, {"e", number("e")}};
        return {
            {"kty", "EC"}, {"crv", "P-256"}, {"kid", id}, {"x", number("qx", 32)}, {"y", number("qy", 32)}};
    }
    [[nodiscard]] std::string sign(const Json& head, const Json& claims) const {
        const std::string text = base64url(head.dump()) + "." + base64url(claims.dump());
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              &EVP_MD_CTX_free);
        std::size_t length = 0;
        QY_ASSERT(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
        const auto* const raw = reinterpret_cast<const unsigned char*>(text.data());
        QY_ASSERT(EVP_DigestSign(context.get(), nullptr, &length, raw, text.size()) == 1);
        Bytes out(length, '\0');
        auto* const into = reinterpret_cast<unsigned char*>(out.data());
        QY_ASSERT(EVP_DigestSign(context.get(), into, &length, raw, text.size()) == 1);
        out.resize(length);
        return text + "." + base64url(rsa_ ? out : pair_of(out));
    }

 private:
    [[nodiscard]] std::string number(const char* name, int width = 0) const {
        BIGNUM* held = nullptr;
        QY_ASSERT(EVP_PKEY_get_bn_param(key_.get(), name, &held) == 1);
        Bytes out(static_cast<std::size_t>(width == 0 ? BN_num_bytes(held) : width), '\0');
        BN_bn2binpad(held, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
        BN_free(held);
        return base64url(out);
    }
    static Bytes pair_of(std::string_view der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> read(
            d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
        Bytes out(64, '\0');
        auto* const into = reinterpret_cast<unsigned char*>(out.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(read.get()), into, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(read.get()), into + 32, 32);
        return out;
    }
    bool rsa_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, &EVP_PKEY_free};
};

const SigningKey& rsa() {
    static const SigningKey key(true);
    return key;
}
const SigningKey& ec() {
    static const SigningKey key(false);
    return key;
}

/// A service that answers what the test says.
class FakeService final : public http::Client {
 public:
    [[nodiscard]] Result<http::Fetched> fetch(const http::Fetch& request) const override {
        asked.push_back(request);
        if (down) return Error{ErrorCode::peer_failed, "down"};
        const auto answer = [](const Json& body, int status = 200) {
            return http::Fetched{status, {}, body.dump()};
        };
        if (request.url == "https://sso.example/.well-known/openid-configuration") return answer(discovery);
        if (request.url == "https://sso.example/jwks") return answer(keys);
        if (request.url == "https://sso.example/token")
            return token.empty() ? answer({{"error", "invalid_grant"}}, 400) : answer({{"id_token", token}});
        return http::Fetched{404, {}, ""};
    }
    Json discovery{{"issuer", "https://sso.example"},
                   {"authorization_endpoint", "https://sso.example/auth"},
                   {"token_endpoint", "https://sso.example/token"},
                   {"jwks_uri", "https://sso.example/jwks"}};
    Json keys{{"keys", Json::array({rsa().jwk("k1")})}};
    std::string token;
    bool down = false;
    mutable std::vector<http::Fetch> asked;
};

OidcOptions client_options() {
    OidcOptions out;
    out.issuer = "https://sso.example";
    out.client = "qingyuan";
    out.secret = "s3cret/+";
    out.redirect = "https://qy.example/api/session/oidc/callback";
    return out;
}

std::string query_of(std::string_view url, std::string_view name) {
    const auto at = url.find(fmt::format("{}=", name));
    if (at == std::string_view::npos) return {};
    const auto from = at + name.size() + 1;
    return std::string(url.substr(from, url.find('&', from) - from));
}

class Oidc : public House {
 public:
    Oidc() {
        settle();
        service = std::make_shared<FakeService>();
        options.provider = make_oidc(client_options(), service).value();
        reopen();
    }
    [[nodiscard]] Json claims(const SentAway& away) const {
        return {{"iss", "https://sso.example"},         {"aud", "qingyuan"},
                {"exp", now().us / second + 300},       {"iat", now().us / second},
                {"nonce", query_of(away.url, "nonce")}, {"sub", "x"},
                {"preferred_username", "sys"}};
    }
    Result<SignedIn> come_back(const SentAway& away) {
        return accounts->come_back(query_of(away.url, "state"), "code", away.binding, {}, now());
    }
    std::shared_ptr<FakeService> service;
};

}  // namespace

TEST_F(Oidc, whoever_the_service_vouches_for_is_signed_in) {
    const SentAway away = accounts->send_away(now()).value();
    EXPECT_EQ(query_of(away.url, "code_challenge_method"), "S256");
    service->token = rsa().sign({{"alg", "RS256"}, {"kid", "k1"}}, claims(away));
    const auto session = come_back(away);
    ASSERT_TRUE(session) << session.error().text();
    EXPECT_EQ(who(session->secret)->account, "a-000001");
    const http::Fetch& asked = service->asked.at(service->asked.size() - 2);
    EXPECT_NE(asked.body.find("code_verifier="), std::string::npos);
    EXPECT_EQ(asked.headers.back().second, "Basic cWluZ3l1YW46czNjcmV0JTJGJTJC");
    EXPECT_EQ(come_back(away).error().code, ErrorCode::token_invalid) << "the state was used";
    EXPECT_EQ(noted("sign_in").back().purpose, "oidc");
}

TEST_F(Oidc, no_account_is_made_for_a_stranger) {
    const SentAway away = accounts->send_away(now()).value();
    Json said = claims(away);
    said["preferred_username"] = "stranger";
    service->token = rsa().sign({{"alg", "RS256"}, {"kid", "k1"}}, said);
    EXPECT_EQ(come_back(away).error().code, ErrorCode::sign_in_refused);
}

TEST_F(Oidc, only_the_browser_that_left_may_come_back) {
    service->token = "x";
    const SentAway away = accounts->send_away(now()).value();
    const std::string state = query_of(away.url, "state");
    EXPECT_EQ(accounts->come_back(state, "code", "another", {}, now()).error().code,
              ErrorCode::token_invalid);
    EXPECT_EQ(accounts->come_back(state, "code", away.binding, {}, now()).error().code,
              ErrorCode::token_invalid)
        << "one try";
    EXPECT_EQ(accounts->come_back("made up", "code", away.binding, {}, now()).error().code,
              ErrorCode::token_invalid);
    const SentAway late = accounts->send_away(now()).value();
    pass(11 * minute);
    EXPECT_EQ(come_back(late).error().code, ErrorCode::token_invalid);
}

TEST_F(Oidc, a_new_key_of_the_service_is_fetched) {
    const SentAway away = accounts->send_away(now()).value();
    service->token = rsa().sign({{"alg", "RS256"}, {"kid", "k1"}}, claims(away));
    ASSERT_TRUE(come_back(away));
    service->keys["keys"].push_back(ec().jwk("k2"));
    pass(minute);
    const SentAway next = accounts->send_away(now()).value();
    service->token = ec().sign({{"alg", "ES256"}, {"kid", "k2"}}, claims(next));
    const auto session = come_back(next);
    EXPECT_TRUE(session) << session.error().text();
}

TEST_F(Oidc, a_service_that_is_down_or_somebody_else) {
    service->down = true;
    EXPECT_EQ(accounts->send_away(now()).error().code, ErrorCode::peer_failed);
    service->down = false;
    service->discovery["issuer"] = "https://evil.example";
    EXPECT_EQ(accounts->send_away(now()).error().code, ErrorCode::peer_failed);
    service->discovery["issuer"] = "https://sso.example";
    service->discovery["token_endpoint"] = "http://sso.example/token";
    EXPECT_EQ(accounts->send_away(now()).error().code, ErrorCode::peer_failed);
    service->discovery["token_endpoint"] = "https://sso.example/token";
    EXPECT_EQ(come_back(accounts->send_away(now()).value()).error().code, ErrorCode::peer_failed);
}

TEST(OidcOptions, are_https_or_on_this_machine) {
    const auto code = [](const std::string& issuer, const std::string& redirect) {
        OidcOptions options = client_options();
        options.issuer = issuer;
        options.redirect = redirect;
        const auto made = make_oidc(options, std::make_shared<FakeService>());
        return made ? ErrorCode{} : made.error().code;
    };
    const std::string redirect = client_options().redirect;
    EXPECT_EQ(code("https://sso.example", redirect), ErrorCode{});
    EXPECT_EQ(code("http://127.0.0.1:9000", "http://localhost:8080/x"), ErrorCode{});
    for (const char* bad : {"", "http://sso.example", "http://127.0.0.1.evil.example", "ftp://x", "https://"})
        EXPECT_EQ(code(bad, redirect), ErrorCode::config_invalid) << bad;
}

TEST(IdToken, is_signed_by_a_key_of_the_service) {
    const Json keys{{"keys", Json::array({rsa().jwk("k1"), ec().jwk("k2")})}};
    const Json claims{{"iss", "x"}};
    EXPECT_EQ(verified_claims(rsa().sign({{"alg", "RS256"}, {"kid", "k1"}}, claims), keys).value(), claims);
    EXPECT_EQ(verified_claims(ec().sign({{"alg", "ES256"}, {"kid", "k2"}}, claims), keys).value(), claims);
    EXPECT_EQ(verified_claims(ec().sign({{"alg", "ES256"}}, claims), keys).value(), claims)
        << "one of a kind";
    const SigningKey thief(true);
    const std::string good = rsa().sign({{"alg", "RS256"}, {"kid", "k1"}}, claims);
    const std::string none = base64url(R"({"alg":"none"})") + "." + base64url(claims.dump()) + ".";
    const std::vector<std::string> bad{
        "",
        "a.b",
        "a.b.c",
        good + ".x",
        good.substr(0, good.size() - 4),
        none,
        thief.sign({{"alg", "RS256"}, {"kid", "k1"}}, claims),
        rsa().sign({{"alg", "HS256"}, {"kid", "k1"}}, claims),
        rsa().sign({{"alg", "ES256"}, {"kid", "k2"}}, claims),
        rsa().sign({{"alg", "RS256"}, {"kid", "k1"}, {"crit", Json::array({"b64"})}}, claims),
        good.substr(0, good.find('.')) + "." + base64url(R"({"iss":"y"})") + good.substr(good.rfind('.')),
        std::string(20'000, 'x')};
    for (const std::string& token : bad) EXPECT_FALSE(verified_claims(token, keys)) << token.substr(0, 80);
    EXPECT_EQ(verified_claims(rsa().sign({{"alg", "RS256"}, {"kid", "k9"}}, claims), keys).error().code,
              ErrorCode::record_unknown);
    Json small = rsa().jwk("k1");
    small["n"] = "AQAB";
    EXPECT_FALSE(verified_claims(good, {{"keys", Json::array({small})}}));
    EXPECT_FALSE(verified_claims(good, Json::array()));
}

TEST(IdToken, is_for_us_and_for_this_sign_in) {
    const Instant now{1'000'000'000LL * 1'000'000};
    const Json good{
        {"iss", "i"}, {"aud", "c"}, {"exp", 1'000'000'100}, {"iat", 1'000'000'000}, {"nonce", "n"}};
    ASSERT_TRUE(check_claims(good, {"i", "c", "n"}, now));
    Json both = good;
    both["aud"] = Json::array({"c", "d"});
    both["azp"] = "c";
    EXPECT_TRUE(check_claims(both, {"i", "c", "n"}, now));
    const std::pair<const char*, Json> rows[] = {
        {"iss", "other"},       {"iss", nullptr},     {"aud", "other"},   {"aud", Json::array({"c", "d"})},
        {"azp", "other"},       {"exp", 999'999'900}, {"exp", "soon"},    {"exp", nullptr},
        {"iat", 1'000'000'100}, {"iat", nullptr},     {"nonce", "other"}, {"nonce", nullptr}};
    for (const auto& [name, value] : rows) {
        Json claims = good;
        claims[name] = value;
        const auto refused = check_claims(claims, {"i", "c", "n"}, now);
        EXPECT_EQ(refused ? ErrorCode{} : refused.error().code, ErrorCode::token_invalid)
            << name << " " << value;
    }
}

TEST(Origin, a_page_of_another_site_changes_nothing) {
    const std::string cookie = std::string(cookie_name) + "=secret";
    struct Row {
        std::string method, cookie, origin, site, type, bearer;
        bool passes;
    };
    const std::string own = "https://qy.example", json = "application/json";
    const Row rows[] = {
        {"POST", cookie, own, "same-origin", json, "", true},
        {"POST", cookie, own, "", json, "", true},
        {"POST", cookie, "", "same-origin", json, "", true},
        {"POST", cookie, "HTTPS://QY.example", "", json, "", false},  // browsers write it in small letters
        {"GET", cookie, "https://evil.example", "cross-site", "", "", true},
        {"HEAD", cookie, "", "", "", "", true},
        {"POST", "", "", "", json, "", true},
        {"POST", cookie, "", "", json, "Bearer qyt_x", true},
        {"POST", cookie, "", "", json, "", false},
        {"POST", cookie, "https://evil.example", "", json, "", false},
        {"POST", cookie, "https://qy.example.evil.example", "", json, "", false},
        {"POST", cookie, "https://evil.example/https://qy.example", "", json, "", false},
        {"POST", cookie, "https://qy.example:8443", "", json, "", false},
        {"POST", cookie, "null", "", json, "", false},
        {"POST", cookie, own, "cross-site", json, "", false},
        {"POST", cookie, own, "same-site", json, "", false},
        {"PUT", cookie, "https://evil.example", "", json, "", false},
        {"PATCH", cookie, "https://evil.example", "", json, "", false},
        {"DELETE", cookie, "https://evil.example", "", json, "", false},
        {"POST", cookie, own, "same-origin", "text/plain", "", false},
        {"POST", cookie, own, "same-origin", "application/x-www-form-urlencoded", "", false},
        {"POST", cookie, own, "same-origin", "multipart/form-data; boundary=x", "", false},
        {"POST", cookie, own, "same-origin", "", "", false},
        {"POST", cookie, own, "same-origin", "Application/JSON; charset=utf-8", "", true},
        {"PUT", cookie, own, "same-origin", "application/octet-stream", "", true},
        {"POST", "", "https://evil.example", "", json, "", false}};  // signing a victim in as somebody else
    for (const Row& row : rows) {
        http::Request request;
        request.method = row.method;
        request.body = "{}";
        request.headers = {{"host", "qy.example"}, {"content-type", row.type}};
        if (!row.cookie.empty()) request.headers["cookie"] = row.cookie;
        if (!row.origin.empty()) request.headers["origin"] = row.origin;
        if (!row.site.empty()) request.headers["sec-fetch-site"] = row.site;
        if (!row.bearer.empty()) request.headers["authorization"] = row.bearer;
        const auto checked = check_origin(request);
        EXPECT_EQ(checked.has_value(), row.passes)
            << row.method << " " << row.origin << " " << row.site << " " << row.type;
        if (!checked) { EXPECT_EQ(checked.error().code, ErrorCode::origin_refused); }
    }
}

TEST(Origin, a_cookie_is_read_only_when_there_is_one) {
    const auto read = [](const std::string& header) {
        http::Request request;
        request.headers = {{"cookie", header}};
        return std::string(cookie_secret(request));
    };
    EXPECT_EQ(read("__Host-qingyuan=abc"), "abc");
    EXPECT_EQ(read("a=b; __Host-qingyuan=abc; c=d"), "abc");
    for (const char* bad :
         {"", "qingyuan=abc", "__Host-qingyuan", "x__Host-qingyuan=abc", "__Host-qingyuan-oidc=abc",
          "__Host-qingyuan=a; __Host-qingyuan=b", "__Host-qingyuan=a, __Host-qingyuan=b"})
        EXPECT_EQ(read(bad), "") << bad;
    EXPECT_EQ(session_cookie("abc", 60),
              "__Host-qingyuan=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict");
    http::Request request;
    request.headers = {{"authorization", "bearer  qyt_x "}};
    EXPECT_EQ(bearer_token(request), "qyt_x");
    request.headers = {{"authorization", "Basic abc"}};
    EXPECT_EQ(bearer_token(request), "");
}

}  // namespace qingyuan::accounts
