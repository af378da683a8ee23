#include "accounts/sm4.hpp"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace qingyuan::accounts {

namespace {

constexpr std::size_t key_bytes = 16;
constexpr std::size_t counter_bytes = 16;
constexpr std::size_t tag_bytes = 32;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

Error failed(std::string_view what) { return {ErrorCode::crypto_failed, std::string(what)}; }

struct SealKeys {
    Bytes encryption;
    Bytes authentication;
};

Result<SealKeys> keys_of(std::string_view secret) {
    SealKeys keys{TRY(hmac_sm3(secret, "encrypt")), TRY(hmac_sm3(secret, "authenticate"))};
    keys.encryption.resize(key_bytes);
    return keys;
}

Result<Bytes> tag_of(const SealKeys& keys, std::string_view context, std::string_view counter_and_text) {
    return hmac_sm3(keys.authentication, Bytes(counter_and_text) + Bytes(context));
}

}  // namespace

Result<Bytes> sm4_ctr(std::string_view key, std::string_view counter, std::string_view text) {
    QY_ASSERT(key.size() == key_bytes && counter.size() == counter_bytes);
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "SM4-CTR", nullptr);
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                  &EVP_CIPHER_CTX_free);
    if (!cipher || !context) return failed("this OpenSSL has no SM4-CTR");
    Bytes out(text.size(), '\0');
    int written = 0;
    if (EVP_EncryptInit_ex2(context.get(), cipher, raw(key), raw(counter), nullptr) != 1 ||
        EVP_EncryptUpdate(context.get(), raw(out), &written, raw(text), static_cast<int>(text.size())) != 1 ||
        static_cast<std::size_t>(written) != text.size())
        return failed("SM4-CTR failed");
    return out;
}

Result<Bytes> hmac_sm3(std::string_view key, std::string_view text) {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(algorithm),
                                                                            &EVP_MAC_CTX_free);
    char digest[] = "SM3";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    Bytes out(tag_bytes, '\0');
    std::size_t written = 0;
    if (!context || EVP_MAC_init(context.get(), raw(key), key.size(), parameters) != 1 ||
        EVP_MAC_update(context.get(), raw(text), text.size()) != 1 ||
        EVP_MAC_final(context.get(), raw(out), &written, out.size()) != 1 || written != out.size())
        return failed("HMAC-SM3 failed");
    return out;
}

Result<Bytes> random_bytes(std::size_t count) {
    Bytes out(count, '\0');
    if (RAND_bytes(raw(out), static_cast<int>(count)) != 1)
        return failed("the system's random generator failed");
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<Bytes> seal(std::string_view secret, std::string_view context, std::string_view counter,
                   std::string_view text) {
    const SealKeys keys = TRY(keys_of(secret));
    Bytes sealed(counter);
    sealed += TRY(sm4_ctr(keys.encryption, counter, text));
    sealed += TRY(tag_of(keys, context, sealed));
    return sealed;
}

Result<Bytes> unseal(std::string_view secret, std::string_view context, std::string_view sealed) {
    if (sealed.size() < counter_bytes + tag_bytes) return failed("a sealed value is too short");
    const SealKeys keys = TRY(keys_of(secret));
    const std::string_view body = sealed.substr(0, sealed.size() - tag_bytes);
    const Bytes tag = TRY(tag_of(keys, context, body));
    if (!equal_in_constant_time(tag, sealed.substr(body.size())))
        return failed("a sealed value was changed, or the key is another one");
    return sm4_ctr(keys.encryption, body.substr(0, counter_bytes), body.substr(counter_bytes));
}

}  // namespace qingyuan::accounts
