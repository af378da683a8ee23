#include "accounts/letters.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include "accounts/sm4.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::string_view base32_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::string base64url(std::string_view bytes) {
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string out(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), variant);
    out.pop_back();  // its terminating NUL
    return out;
}

Result<Bytes> parse_base64url(std::string_view text) {
    Bytes out(text.size(), '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                          nullptr, &length, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.data() + text.size())
        return Error{ErrorCode::token_invalid, "not base64url"};
    out.resize(length);
    if (base64url(out) != text) return Error{ErrorCode::token_invalid, "not canonical base64url"};
    return out;
}

std::string base32(std::string_view bytes) {
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = ((buffer << 8) | static_cast<unsigned char>(c)) & 0xffffu;
        for (bits += 8; bits >= 5; bits -= 5) out += base32_letters[(buffer >> (bits - 5)) & 31u];
    }
    if (bits > 0) out += base32_letters[(buffer << (5 - bits)) & 31u];
    return out;
}

Result<Bytes> parse_base32(std::string_view text) {
    Bytes out;
    unsigned buffer = 0;
    int bits = 0;
    for (char c : text) {
        if (c == ' ' || c == '=') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        const auto at = base32_letters.find(c);
        if (at == std::string_view::npos) return Error{ErrorCode::field_invalid, "not Base32"};
        buffer = ((buffer << 5) | static_cast<unsigned>(at)) & 0xffffu;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>((buffer >> bits) & 0xffu);
    }
    return out;
}

std::string encode_url(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out;
}

Result<std::string> fresh_secret() {
    return base64url(TRY(random_bytes(secret_bytes)));
}

std::string digest_hex(std::string_view secret) {
    return hex(sm3(secret));
}

}  // namespace qingyuan::accounts
