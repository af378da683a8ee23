#include "target/ticket.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "target/hash_each.hpp"

namespace qingyuan::target {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t read_big_endian(const Digest& digest, std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = (value << 8) | digest[at + i];
    return value;
}

Ticket ticket_in(const Digest& digest) {
    return {read_big_endian(digest, 0), read_big_endian(digest, 8)};
}

void append_message(std::string& out, std::string_view draw_id, const Digest& seed, const Digest& unit) {
    out += "draw.ticket";
    out += '\0';
    out += draw_id;
    out += '\0';
    out += bytes_of(seed);
    out += bytes_of(unit);
}

Digest sha256(std::string_view bytes) {
    Digest out;
    const int done = EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr);
    QY_ASSERT(done == 1);
    return out;
}

/// A product of two numbers below 2^96 in two halves.
struct Product {
    Wide high;
    Wide low;
    auto operator<=>(const Product&) const = default;
};
Product product(Wide a, Wide b) {
    constexpr Wide mask = ~std::uint64_t{0};
    const Wide a1 = a >> 64, a0 = a & mask, b1 = b >> 64, b0 = b & mask;
    const Wide middle = a1 * b0 + a0 * b1;  // below 2^97
    const Wide bottom = a0 * b0;
    const Wide low = bottom + (middle << 64);
    return {a1 * b1 + (middle >> 64) + (low < bottom ? 1 : 0), low};
}

Wide numerator(const Ranked& r) {
    return (2 * Wide{r.ticket.order} + 1) * (probability_one - r.probability);
}
Wide denominator(const Ranked& r) {
    return ((Wide{1} << 65) - 2 * Wide{r.ticket.order} - 1) * r.probability;
}

}  // namespace

std::string_view name_of(Profile profile) {
    return profile == Profile::sm3 ? "sm3" : "sha256";
}

Result<Profile> parse_profile(std::string_view name) {
    if (name == "sm3") return Profile::sm3;
    if (name == "sha256") return Profile::sha256;
    return Error{ErrorCode::field_invalid,
                 fmt::format("'{}' is no profile", name),
                 "profile",
                 {},
                 "give sm3 or sha256"};
}

std::string text_of(Probability probability) {
    return fmt::format("{}.{:09}", probability / probability_one, probability % probability_one);
}

Result<Probability> parse_probability(std::string_view text) {
    const Error wrong{ErrorCode::probability_invalid,
                      fmt::format("'{}' is no probability", text),
                      "probability",
                      {},
                      "give a decimal above 0 and at most 1, with up to nine decimals"};
    if (text.empty() || (text[0] != '0' && text[0] != '1')) return wrong;
    std::uint64_t value = static_cast<std::uint64_t>(text[0] - '0');
    if (text.size() > 1 && (text[1] != '.' || text.size() == 2 || text.size() > 11)) return wrong;
    for (std::size_t i = 2; i < 11; ++i) {
        const char digit = i < text.size() ? text[i] : '0';
        if (digit < '0' || digit > '9') return wrong;
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    if (value == 0 || value > probability_one) return wrong;
    return static_cast<Probability>(value);
}

std::string Ticket::text() const {
    return fmt::format("{:016x}{:016x}", order, label);
}

Ticket ticket_of(Profile profile, std::string_view draw_id, const Digest& seed, const Digest& unit) {
    return tickets_of(profile, draw_id, seed, {&unit, 1}).front();
}

std::vector<Ticket> tickets_of(Profile profile, std::string_view draw_id, const Digest& seed,
                               std::span<const Digest> units) {
    std::vector<Ticket> out;
    out.reserve(units.size());
    if (profile == Profile::sm3) {
        const auto digests = hash_each(units.size(), [&](std::size_t i, std::string& bytes) {
            append_message(bytes, draw_id, seed, units[i]);
        });
        for (const Digest& digest : digests) out.push_back(ticket_in(digest));
        return out;
    }
    std::string bytes;
    for (const Digest& unit : units) {
        bytes.clear();
        append_message(bytes, draw_id, seed, unit);
        out.push_back(ticket_in(sha256(bytes)));
    }
    return out;
}

bool drawn_before(const Ranked& a, const Ranked& b) {
    const Product left = product(numerator(a), denominator(b));
    const Product right = product(numerator(b), denominator(a));
    if (left != right) return left < right;
    if (a.ticket != b.ticket) return a.ticket < b.ticket;
    return a.unit < b.unit;
}

bool is_random(const Ticket& ticket, Probability probability, Probability random) {
    return Wide{ticket.label} * probability < (Wide{random} << 64);
}

Digest root_over(std::vector<Digest> leaves) {
    if (leaves.empty()) return sm3({});
    while (leaves.size() > 1) {
        // An odd node goes up as it is: the tree of RFC 6962 splits at the largest power of two.
        std::vector<Digest> above = hash_each(leaves.size() / 2, [&](std::size_t i, std::string& bytes) {
            bytes += '\x01';
            bytes += bytes_of(leaves[2 * i]);
            bytes += bytes_of(leaves[2 * i + 1]);
        });
        if (leaves.size() % 2 == 1) above.push_back(leaves.back());
        leaves = std::move(above);
    }
    return leaves.front();
}

}  // namespace qingyuan::target
