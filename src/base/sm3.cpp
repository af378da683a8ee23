#include "base/sm3.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/evp.h>

namespace qingyuan {

namespace {

/// Fetched once: OpenSSL 3 looks the algorithm up by name at every implicit fetch.
const EVP_MD* algorithm() {
    static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SM3", nullptr);
    QY_ASSERT(md != nullptr);
    return md;
}

EVP_MD_CTX* as_context(void* context) {
    return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

Sm3::Sm3() : context_(EVP_MD_CTX_new()) {
    QY_ASSERT(context_ != nullptr);
    QY_ASSERT(EVP_DigestInit_ex2(as_context(context_), algorithm(), nullptr) == 1);
}

Sm3::~Sm3() {
    EVP_MD_CTX_free(as_context(context_));
}

Sm3& Sm3::add(std::string_view bytes) {
    QY_ASSERT(EVP_DigestUpdate(as_context(context_), bytes.data(), bytes.size()) == 1);
    return *this;
}
Sm3& Sm3::add(const Digest& digest) {
    return add(bytes_of(digest));
}
Sm3& Sm3::add(std::uint8_t byte) {
    return add(std::string_view(reinterpret_cast<const char*>(&byte), 1));
}

Digest Sm3::finish() {
    Digest out;
    unsigned size = 0;
    QY_ASSERT(EVP_DigestFinal_ex(as_context(context_), out.data(), &size) == 1 && size == out.size());
    QY_ASSERT(EVP_DigestInit_ex2(as_context(context_), nullptr, nullptr) == 1);
    return out;
}

Digest sm3(std::string_view bytes) {
    thread_local Sm3 hash;
    return hash.add(bytes).finish();
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view symbols = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        out += symbols[byte >> 4];
        out += symbols[byte & 15];
    }
    return out;
}

std::string hex(const Digest& digest) {
    return hex(bytes_of(digest));
}

Result<Digest> parse_digest(std::string_view text) {
    Digest out{};
    if (text.size() != out.size() * 2)
        return Error{ErrorCode::record_malformed, "a digest has 64 hexadecimal digits"};
    const auto nibble = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return Error{ErrorCode::record_malformed, "a digest is written in lower-case hexadecimal"};
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return out;
}

Digest digest_of(std::string_view raw) {
    Digest out;
    QY_ASSERT(raw.size() == out.size());
    std::memcpy(out.data(), raw.data(), raw.size());
    return out;
}

}  // namespace qingyuan
