// OpenID Connect 1.0: discovery, authorization code with PKCE (RFC 7636), ID token.
#include <mutex>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "accounts/jwt.hpp"
#include "accounts/letters.hpp"
#include "accounts/provider.hpp"

namespace qingyuan::accounts {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t kept_us = 600'000'000;      ///< discovery and keys
constexpr std::int64_t refetched_us = 30'000'000;  ///< keys are asked for again at most that often
constexpr std::size_t claim_max = 64;

/// https, or plain http on this machine.
bool is_safe(std::string_view url) {
    if (url.starts_with("https://")) return url.size() > 8;
    for (const std::string_view loopback : {"http://127.0.0.1", "http://localhost", "http://[::1]"})
        if (url.starts_with(loopback) &&
            (url.size() == loopback.size() || url[loopback.size()] == ':' || url[loopback.size()] == '/'))
            return true;
    return false;
}

Result<Bytes> sha256(std::string_view text) {
    Bytes out(32, '\0');
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &length,
                   EVP_sha256(), nullptr) != 1)
        return Error{ErrorCode::crypto_failed, "SHA-256 failed"};
    return out;
}

std::string basic(std::string_view user, std::string_view password) {
    const std::string pair = encode_url(user) + ":" + encode_url(password);
    std::string out(4 * ((pair.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(pair.data()), static_cast<int>(pair.size()));
    return "Basic " + out;
}

Error failed(std::string message) {
    return {ErrorCode::peer_failed,
            std::move(message),
            "oidc",
            {},
            "try again; if it goes on, tell the system administrator",
            "统一身份认证服务异常",
            "请稍后再试；如持续出现请联系系统管理员"};
}

class Oidc final : public SignInProvider {
 public:
    Oidc(OidcOptions options, std::shared_ptr<const http::Client> client)
        : options_(std::move(options)), client_(std::move(client)) {}

    Result<Started> begin(Instant now) override;
    Result<std::string> finish(const Started& started, std::string_view code, Instant now) override;
    [[nodiscard]] std::string_view zh() const override { return options_.zh; }
    [[nodiscard]] std::string_view en() const override { return options_.en; }

 private:
    struct Service {
        std::string authorization, token, keys;
    };
    Result<Json> fetch_json(const http::Fetch& request) const;
    Result<Service> service(Instant now);
    Result<Json> keys(const Service& at, bool anew, Instant now);

    OidcOptions options_;
    std::shared_ptr<const http::Client> client_;
    std::mutex lock_;
    std::optional<Service> service_;
    Instant service_at_;
    Json keys_;
    Instant keys_at_;
};

Result<Json> Oidc::fetch_json(const http::Fetch& request) const {
    const http::Fetched answer = TRY(client_->fetch(request));
    Json out = Json::parse(answer.body, nullptr, false);
    if (!answer.ok()) {
        const std::string why = out.is_object() && out.contains("error") && out["error"].is_string()
                                    ? out["error"].get<std::string>()
                                    : std::string();
        return failed(fmt::format("the sign-in service answered {} {}", answer.status, why));
    }
    if (!out.is_object()) return failed("the sign-in service answered no JSON");
    return out;
}

Result<Oidc::Service> Oidc::service(Instant now) {
    {
        const std::lock_guard lock(lock_);
        if (service_ && now.us - service_at_.us < kept_us) return *service_;
    }
    const Json found = TRY(fetch_json({.url = options_.issuer + (options_.issuer.ends_with('/') ? "" : "/") +
                                              ".well-known/openid-configuration"}));
    const auto text = [&](const char* name) {
        return found.contains(name) && found[name].is_string() ? found[name].get<std::string>() : "";
    };
    if (text("issuer") != options_.issuer) return failed("the sign-in service gives itself another name");
    Service out{text("authorization_endpoint"), text("token_endpoint"), text("jwks_uri")};
    for (const std::string& url : {out.authorization, out.token, out.keys})
        if (!is_safe(url)) return failed("the sign-in service names an address that is not https");
    const std::lock_guard lock(lock_);
    service_ = out;
    service_at_ = now;
    return out;
}

Result<Json> Oidc::keys(const Service& at, bool anew, Instant now) {
    {
        const std::lock_guard lock(lock_);
        const std::int64_t age = now.us - keys_at_.us;
        if (!keys_.is_null() && age < (anew ? refetched_us : kept_us)) return keys_;
    }
    Json found = TRY(fetch_json({.url = at.keys}));
    const std::lock_guard lock(lock_);
    keys_ = found;
    keys_at_ = now;
    return found;
}

Result<SignInProvider::Started> Oidc::begin(Instant now) {
    const Service at = TRY(service(now));
    Started out{{}, TRY(fresh_secret()), TRY(fresh_secret()), TRY(fresh_secret())};
    const std::string challenge = base64url(TRY(sha256(out.verifier)));
    out.url = fmt::format(
        "{}{}response_type=code&client_id={}&redirect_uri={}&scope={}&state={}&nonce={}"
        "&code_challenge={}&code_challenge_method=S256",
        at.authorization, at.authorization.find('?') == std::string::npos ? "?" : "&",
        encode_url(options_.client), encode_url(options_.redirect), encode_url(options_.scope), out.state,
        out.nonce, challenge);
    return out;
}

Result<std::string> Oidc::finish(const Started& started, std::string_view code, Instant now) {
    const Service at = TRY(service(now));
    http::Fetch request{
        .method = "POST",
        .url = at.token,
        .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}}};
    request.body = fmt::format("grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={}",
                               encode_url(code), encode_url(options_.redirect), started.verifier);
    if (options_.secret.empty())
        request.body += "&client_id=" + encode_url(options_.client);
    else
        request.headers.emplace_back("Authorization", basic(options_.client, options_.secret));
    const Json answer = TRY(fetch_json(request));
    if (!answer.contains("id_token") || !answer["id_token"].is_string())
        return failed("the sign-in service gave no ID token");
    const std::string token = answer["id_token"].get<std::string>();
    auto claims = verified_claims(token, TRY(keys(at, false, now)));
    if (!claims && claims.error().code == ErrorCode::record_unknown)  // it may have a new key
        claims = verified_claims(token, TRY(keys(at, true, now)));
    if (!claims) return Error{ErrorCode::token_invalid, claims.error().message, "id_token"};
    CHECK(check_claims(*claims, {options_.issuer, options_.client, started.nonce}, now));
    if (!claims->contains(options_.claim) || !(*claims)[options_.claim].is_string())
        return Error{ErrorCode::token_invalid,
                     fmt::format("the sign-in service says nothing of '{}'", options_.claim), "id_token"};
    std::string name = (*claims)[options_.claim].get<std::string>();
    if (name.empty() || name.size() > claim_max)
        return Error{ErrorCode::token_invalid, "no name of an account", "id_token"};
    return name;
}

}  // namespace

Result<std::unique_ptr<SignInProvider>> make_oidc(OidcOptions options,
                                                  std::shared_ptr<const http::Client> client) {
    if (!is_safe(options.issuer) || !is_safe(options.redirect))
        return Error{ErrorCode::config_invalid, "issuer and redirect begin with https://", "oidc"};
    if (options.client.empty()) return Error{ErrorCode::config_invalid, "no client is named", "oidc.client"};
    return std::unique_ptr<SignInProvider>(std::make_unique<Oidc>(std::move(options), std::move(client)));
}

}  // namespace qingyuan::accounts
