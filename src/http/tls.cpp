#include "http/tls.hpp"

#include <ctime>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/secret_file.hpp"

namespace qingyuan::http {

namespace ssl = boost::asio::ssl;

namespace {

constexpr const char* ciphers_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL:!SHA1";

/// We speak one protocol; a client that offers others gets this one or none.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Error unusable(const std::filesystem::path& path, const boost::system::error_code& error) {
    return {ErrorCode::config_invalid,
            fmt::format("not usable for TLS: {}", error.message()),
            path.string(),
            {},
            "give a certificate chain and its key in PEM"};
}

std::int64_t expiry_of(SSL_CTX* context) {
    std::tm parts{};
    const X509* const certificate = SSL_CTX_get0_certificate(context);
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return 0;
    return ::timegm(&parts);
}

}  // namespace

Result<Certificate> load_certificate(const Tls& files) {
    CHECK(check_secret_file(files.key));
    std::error_code missing;
    if (!std::filesystem::exists(files.certificate, missing))
        return Error{ErrorCode::file_unreadable, "there is no such file", files.certificate.string()};
    boost::system::error_code error;
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // thousands of idle connections
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    if (SSL_CTX_set_cipher_list(native, ciphers_1_2) != 1)
        return Error{ErrorCode::crypto_failed, "this OpenSSL offers none of our ciphers"};
    context->use_certificate_chain_file(files.certificate.string(), error);
    if (error) return unusable(files.certificate, error);
    context->use_private_key_file(files.key.string(), ssl::context::pem, error);
    if (error) return unusable(files.key, error);
    if (SSL_CTX_check_private_key(native) != 1)
        return Error{ErrorCode::config_invalid, "the key does not belong to the certificate",
                     files.key.string()};
    return Certificate{std::move(context), expiry_of(native)};
}

}  // namespace qingyuan::http
