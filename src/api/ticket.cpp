#include "api/ticket.hpp"

#include <cstdint>

#include "accounts/letters.hpp"

namespace qingyuan::api {

std::string ticket_secret(std::string_view bytes) {
    constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char byte : bytes) {
        held = held << 8 | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 5; bits -= 5) out += letters[held >> (bits - 5) & 31];
    }
    for (std::size_t at = 4; at < out.size(); at += 5) out.insert(at, "-");
    return out;
}

std::string ticket_check(std::string_view secret) {
    std::string plain;
    for (char c : secret) {
        if (c == '-' || c == ' ') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == 'O') c = '0';
        if (c == 'I' || c == 'L') c = '1';
        plain += c;
    }
    return accounts::digest_hex("ticket\n" + plain);
}

}  // namespace qingyuan::api
