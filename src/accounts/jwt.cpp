#include "accounts/jwt.hpp"

#include <algorithm>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "accounts/letters.hpp"
#include "base/text.hpp"

namespace qingyuan::accounts {

namespace {

using Json = nlohmann::json;
using PublicKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::size_t token_bytes_max = 16 * 1024;
constexpr std::int64_t skew_s = 60;
constexpr int rsa_bits_min = 2048;
constexpr std::size_t p256_bytes = 32;

Error invalid(std::string message) {
    return {ErrorCode::token_invalid, std::move(message), "id_token"};
}

std::string text_of(const Json& object, const char* name) {
    return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
}

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Result<PublicKey> built(const char* kind, OSSL_PARAM_BLD* builder) {
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder),
                                                                             &OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr), &EVP_PKEY_CTX_free);
    EVP_PKEY* made = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return invalid("the key cannot be used");
    return PublicKey(made, &EVP_PKEY_free);
}

Result<PublicKey> rsa_key(const Json& jwk) {
    const Bytes n = TRY(parse_base64url(text_of(jwk, "n"))), e = TRY(parse_base64url(text_of(jwk, "e")));
    using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
    const Number modulus(BN_bin2bn(raw(n), static_cast<int>(n.size()), nullptr), &BN_free);
    const Number exponent(BN_bin2bn(raw(e), static_cast<int>(e.size()), nullptr), &BN_free);
    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                  &OSSL_PARAM_BLD_free);
    if (!modulus || !exponent || !builder || BN_num_bits(modulus.get()) < rsa_bits_min ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
        return invalid("an RSA key of at least 2048 bits is wanted");
    return built("RSA", builder.get());
}

Result<PublicKey> p256_key(const Json& jwk) {
    const Bytes x = TRY(parse_base64url(text_of(jwk, "x"))), y = TRY(parse_base64url(text_of(jwk, "y")));
    if (text_of(jwk, "crv") != "P-256" || x.size() != p256_bytes || y.size() != p256_bytes)
        return invalid("a key on P-256 is wanted");
    const Bytes point = "\x04" + x + y;
    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                  &OSSL_PARAM_BLD_free);
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return invalid("the key cannot be used");
    return built("EC", builder.get());
}

/// The two numbers of a JWS signature in the form OpenSSL reads.
Result<Bytes> der_of(std::string_view signature) {
    if (signature.size() != 2 * p256_bytes) return invalid("the signature has the wrong length");
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), &ECDSA_SIG_free);
    BIGNUM* r = BN_bin2bn(raw(signature), p256_bytes, nullptr);
    BIGNUM* s = BN_bin2bn(raw(signature) + p256_bytes, p256_bytes, nullptr);
    if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) return invalid("the signature cannot be read");
    unsigned char* der = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &der);
    if (length <= 0) return invalid("the signature cannot be read");
    Bytes out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return out;
}

bool verifies(EVP_PKEY* key, std::string_view text, std::string_view signature) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(text), text.size()) == 1;
}

Result<Json> part(std::string_view text) {
    Json out = Json::parse(TRY(parse_base64url(text)), nullptr, false);
    if (!out.is_object()) return invalid("not a signed token");
    return out;
}

/// The key the token names; without a name the only one of its kind.
Result<const Json*> key_for(const Json& keys, std::string_view id, std::string_view kind) {
    const Json* found = nullptr;
    if (keys.contains("keys") && keys["keys"].is_array())
        for (const Json& key : keys["keys"]) {
            if (!key.is_object() || text_of(key, "kty") != kind) continue;
            if (const std::string use = text_of(key, "use"); !use.empty() && use != "sig") continue;
            if (!id.empty() && text_of(key, "kid") != id) continue;
            if (found) return invalid("several keys could have signed it");
            found = &key;
        }
    if (!found) return Error{ErrorCode::record_unknown, "no key of the service has this name", "id_token"};
    return found;
}

}  // namespace

Result<Json> verified_claims(std::string_view token, const Json& keys) {
    const std::vector<std::string> parts = split(token, '.');
    if (token.size() > token_bytes_max || parts.size() != 3) return invalid("not a signed token");
    const Json head = TRY(part(parts[0]));
    const std::string algorithm = text_of(head, "alg");
    if (algorithm != "RS256" && algorithm != "ES256")
        return invalid("signed with another algorithm than RS256 or ES256");
    if (head.contains("crit")) return invalid("it demands an extension that is not known here");
    const bool rsa = algorithm == "RS256";
    const Json* const jwk = TRY(key_for(keys, text_of(head, "kid"), rsa ? "RSA" : "EC"));
    const PublicKey key = rsa ? TRY(rsa_key(*jwk)) : TRY(p256_key(*jwk));
    Bytes signature = TRY(parse_base64url(parts[2]));
    if (!rsa) signature = TRY(der_of(signature));
    if (!verifies(key.get(), token.substr(0, parts[0].size() + 1 + parts[1].size()), signature))
        return invalid("the signature does not fit");
    return part(parts[1]);
}

Result<void> check_claims(const Json& claims, const ExpectedClaims& expected, Instant now) {
    if (text_of(claims, "iss") != expected.issuer) return invalid("iss: of another service");
    std::vector<std::string> audience;
    const Json given = claims.contains("aud") ? claims["aud"] : Json();
    if (given.is_string()) audience.push_back(given.get<std::string>());
    if (given.is_array())
        for (const Json& one : given)
            if (one.is_string()) audience.push_back(one.get<std::string>());
    if (std::ranges::find(audience, expected.client) == audience.end())
        return invalid("aud: for another client");
    const std::string party = text_of(claims, "azp");
    if ((audience.size() > 1 || !party.empty()) && party != expected.client)
        return invalid("azp: for another client");
    const std::int64_t seconds = now.us / 1'000'000;
    if (!claims.contains("exp") || !claims["exp"].is_number() ||
        claims["exp"].get<double>() + skew_s < static_cast<double>(seconds))
        return invalid("exp: expired");
    if (!claims.contains("iat") || !claims["iat"].is_number() ||
        claims["iat"].get<double>() > static_cast<double>(seconds + skew_s))
        return invalid("iat: from the future");
    if (expected.nonce.empty() || text_of(claims, "nonce") != expected.nonce)
        return invalid("nonce: of another sign-in");
    return {};
}

}  // namespace qingyuan::accounts
