// Signed tokens of a sign-in service (JWS in compact form, RFC 7515) and its public keys (JWK, RFC 7517).
// Only RS256 and ES256 are known: "none", a symmetric algorithm or a key of another kind is refused.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/date.hpp"
#include "base/result.hpp"

namespace qingyuan::accounts {

/// The claims of a token whose signature one of the keys made. token_invalid; record_unknown where no key has
/// the token's `kid` (it may be a new one: fetch the keys again).
[[nodiscard]] Result<nlohmann::json> verified_claims(std::string_view token, const nlohmann::json& keys);

/// What an ID token must say (OpenID Connect Core 3.1.3.7); token_invalid names the claim.
struct ExpectedClaims {
    std::string issuer;
    std::string client;
    std::string nonce;
};
[[nodiscard]] Result<void> check_claims(const nlohmann::json& claims, const ExpectedClaims& expected,
                                        Instant now);

}  // namespace qingyuan::accounts
