#include "journal/signature.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

namespace qingyuan::journal {

namespace {

template <auto Free>
struct Freeing {
    template <class T>
    void operator()(T* held) const {
        Free(held);
    }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX_free>>;
using Stream = std::unique_ptr<BIO, Freeing<BIO_free_all>>;

constexpr std::string_view identity = "1234567812345678";
constexpr std::size_t point_bytes = 65;

Error crypto(std::string_view doing) {
    return {ErrorCode::crypto_failed, std::string(doing)};
}

/// A digest context set up for SM2 with SM3 and the identity of the standard.
struct Signing {
    DigestContext digest{EVP_MD_CTX_new()};
    PkeyContext key;
    explicit Signing(EVP_PKEY* pkey) : key(EVP_PKEY_CTX_new(pkey, nullptr)) {
        if (key) EVP_PKEY_CTX_set1_id(key.get(), identity.data(), static_cast<int>(identity.size()));
        if (digest && key) EVP_MD_CTX_set_pkey_ctx(digest.get(), key.get());
    }
    [[nodiscard]] bool ready() const { return digest && key; }
};

/// Makes a key file, whole or not at all; one that another process has made meanwhile stays.
Result<void> create_key(const std::filesystem::path& file) {
    const Pkey pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
    const Stream memory(BIO_new(BIO_s_mem()));
    if (!pkey || !memory ||
        PEM_write_bio_PrivateKey(memory.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return crypto("the signing key cannot be made");
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    const std::string next = fmt::format("{}.{}", file.string(), ::getpid());
    const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return Error{ErrorCode::io_failed, std::strerror(errno), file.string()};
    const bool written =
        ::write(descriptor, text, static_cast<std::size_t>(size)) == size && ::fsync(descriptor) == 0;
    ::close(descriptor);
    const bool placed = written && (::link(next.c_str(), file.c_str()) == 0 || errno == EEXIST);
    ::unlink(next.c_str());
    if (!placed) return Error{ErrorCode::io_failed, "the signing key cannot be written", file.string()};
    return {};
}

}  // namespace

Result<SigningKey> SigningKey::load_or_create(const std::filesystem::path& file) {
    std::error_code status;
    if (!std::filesystem::exists(file, status)) CHECK(create_key(file));
    const Stream stream(BIO_new_file(file.c_str(), "r"));
    Pkey pkey(stream ? PEM_read_bio_PrivateKey(stream.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!pkey || EVP_PKEY_is_a(pkey.get(), "SM2") != 1)
        return Error{ErrorCode::crypto_failed,
                     "no SM2 private key",
                     file.string(),
                     {},
                     "restore the key file from its backup"};
    Bytes point(point_bytes, '\0');
    std::size_t size = 0;
    EVP_PKEY_set_utf8_string_param(pkey.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
    if (EVP_PKEY_get_octet_string_param(pkey.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                        reinterpret_cast<unsigned char*>(point.data()), point.size(),
                                        &size) != 1 ||
        size != point_bytes)
        return crypto("the public key cannot be read");
    SigningKey out;
    out.public_key_ = hex(point);
    out.key_ = std::shared_ptr<void>(pkey.release(),
                                     [](void* held) { EVP_PKEY_free(static_cast<EVP_PKEY*>(held)); });
    return out;
}

Result<Bytes> SigningKey::sign(std::string_view text) const {
    const Signing signing(static_cast<EVP_PKEY*>(key_.get()));
    if (!signing.ready() || EVP_DigestSignInit(signing.digest.get(), nullptr, EVP_sm3(), nullptr,
                                               static_cast<EVP_PKEY*>(key_.get())) != 1)
        return crypto("signing cannot begin");
    std::size_t size = 0;
    const auto* const data = reinterpret_cast<const unsigned char*>(text.data());
    if (EVP_DigestSign(signing.digest.get(), nullptr, &size, data, text.size()) != 1)
        return crypto("signing failed");
    Bytes signature(size, '\0');
    if (EVP_DigestSign(signing.digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                       text.size()) != 1)
        return crypto("signing failed");
    signature.resize(size);
    return signature;
}

Result<void> verify_signature(std::string_view public_key, std::string_view text,
                              std::string_view signature) {
    const Error invalid{ErrorCode::proof_invalid, "the signature does not fit the text and the key",
                        "signature"};
    Bytes point = TRY(parse_hex(public_key));
    const PkeyContext making(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
    std::string group = "SM2";
    std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* raw = nullptr;
    if (!making || EVP_PKEY_fromdata_init(making.get()) != 1 ||
        EVP_PKEY_fromdata(making.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.data()) != 1)
        return invalid;
    const Pkey pkey(raw);
    const Signing signing(pkey.get());
    if (!signing.ready() ||
        EVP_DigestVerifyInit(signing.digest.get(), nullptr, EVP_sm3(), nullptr, pkey.get()) != 1)
        return crypto("verifying cannot begin");
    if (EVP_DigestVerify(signing.digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                         signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                         text.size()) != 1)
        return invalid;
    return {};
}

Result<Bytes> parse_hex(std::string_view text) {
    const auto nibble = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (text.size() % 2 != 0)
        return Error{ErrorCode::record_malformed, "an odd number of hexadecimal digits"};
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = nibble(text[i]), low = nibble(text[i + 1]);
        if (high < 0 || low < 0)
            return Error{ErrorCode::record_malformed, "bytes are written in lower-case hexadecimal"};
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

}  // namespace qingyuan::journal
