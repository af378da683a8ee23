#include "accounts/totp.hpp"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <qrencode.h>

#include "accounts/letters.hpp"
#include "accounts/sm4.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::int64_t step_us = 30'000'000;
constexpr std::uint32_t code_modulus = 1'000'000;

}  // namespace

std::int64_t code_step(Instant now) {
    return now.us / step_us;
}

Result<std::string> code_at(std::string_view secret, std::int64_t step, std::string_view algorithm) {
    std::array<unsigned char, 8> message{};
    for (std::size_t i = 0; i < message.size(); ++i)
        message[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (8 * (7 - i)));
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    if (!HMAC(algorithm == "sm3" ? EVP_sm3() : EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
              message.data(), message.size(), mac.data(), &length) ||
        length < 20)
        return Error{ErrorCode::crypto_failed, "HMAC failed"};
    const std::size_t offset = mac[length - 1] & 15u;
    const std::uint32_t number = (static_cast<std::uint32_t>(mac[offset] & 0x7fu) << 24) |
                                 (static_cast<std::uint32_t>(mac[offset + 1]) << 16) |
                                 (static_cast<std::uint32_t>(mac[offset + 2]) << 8) | mac[offset + 3];
    return fmt::format("{:06}", number % code_modulus);
}

Result<std::optional<std::int64_t>> step_of_code(std::string_view secret, std::string_view code,
                                                 std::int64_t used, Instant now, std::string_view algorithm) {
    std::optional<std::int64_t> found;
    const std::int64_t present = code_step(now);
    for (std::int64_t step = present - 1; step <= present + 1; ++step)
        if (equal_in_constant_time(TRY(code_at(secret, step, algorithm)), code) && step > used && !found)
            found = step;
    return found;
}

std::string otpauth_uri(std::string_view issuer, std::string_view name, std::string_view secret_base32,
                        std::string_view algorithm) {
    return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm={}&digits=6&period=30",
                       encode_url(issuer), encode_url(name), secret_base32, encode_url(issuer),
                       algorithm == "sm3" ? "SM3" : "SHA1");
}

Result<std::string> qr_drawing(std::string_view text) {
    const std::string copy(text);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(copy.c_str(), 0, QR_ECLEVEL_M), &QRcode_free);
    if (!code) return Error{ErrorCode::field_invalid, "too long for a QR code"};
    constexpr int quiet = 4;  // modules of white around it (ISO/IEC 18004)
    const int side = code->width + 2 * quiet;
    std::string path;
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x) {
            if ((code->data[y * code->width + x] & 1) == 0) continue;
            int end = x + 1;
            while (end < code->width && (code->data[y * code->width + end] & 1) != 0) ++end;
            path += fmt::format("M{} {}h{}v1h-{}z", x + quiet, y + quiet, end - x, end - x);
            x = end;
        }
    // A reader needs dark on light, whatever the theme.
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" shape-rendering=\"crispEdges\">"
        "<path fill=\"#fff\" d=\"M0 0h{0}v{0}H0z\"/><path d=\"{1}\"/></svg>",
        side, path);
}

}  // namespace qingyuan::accounts
