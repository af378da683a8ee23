// Signing in at a service of the organisation (single sign-on) behind one interface, and OpenID Connect as
// the one that is built in: authorization code with PKCE, state and nonce.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/date.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace qingyuan::accounts {

/// May be used from any thread.
class SignInProvider {
 public:
    virtual ~SignInProvider() = default;
    /// Where the browser is sent, and what must come back from there; kept until it does.
    struct Started {
        std::string url;
        std::string state;
        std::string nonce;
        std::string verifier;
    };
    virtual Result<Started> begin(Instant now) = 0;
    /// The name of the account the service vouches for. token_invalid, peer_failed.
    virtual Result<std::string> finish(const Started& started, std::string_view code, Instant now) = 0;
    /// What the button says.
    [[nodiscard]] virtual std::string_view zh() const = 0;
    [[nodiscard]] virtual std::string_view en() const = 0;
};

struct OidcOptions {
    std::string issuer;  ///< "https://sso.bureau.example", as the service writes it
    std::string client;
    std::string secret;    ///< empty: a public client
    std::string redirect;  ///< "https://qingyuan.bureau.example/api/session/oidc/callback"
    std::string claim = "preferred_username";  ///< whose value is the account's name
    std::string scope = "openid profile";
    std::string zh = "统一身份认证";
    std::string en = "Single sign-on";
};

/// config_invalid: an issuer or redirect that is neither https nor on loopback, no client.
[[nodiscard]] Result<std::unique_ptr<SignInProvider>> make_oidc(OidcOptions options,
                                                                std::shared_ptr<const http::Client> client);

}  // namespace qingyuan::accounts
