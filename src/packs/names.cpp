#include "packs/names.hpp"

#include <openssl/sha.h>

namespace qingyuan::packs {

namespace {

constexpr int number_bits = 48;
constexpr std::size_t digits_max = 14;
constexpr std::size_t digits_min = 3;

struct Parts {
    std::string_view prefix;
    std::uint32_t digits = 0;
    std::uint64_t number = 0;
};

/// The trailing digits as a number; false where the text is better hashed.
bool split_name(std::string_view text, Parts& out) {
    std::size_t digits = 0;
    std::uint64_t number = 0, place = 1;
    while (digits < text.size() && digits < digits_max) {
        const char c = text[text.size() - 1 - digits];
        if (c < '0' || c > '9') break;
        number += static_cast<std::uint64_t>(c - '0') * place;
        place *= 10;
        ++digits;
    }
    if (digits < text.size() - digits && text.size() - digits > name_prefix_bytes_max) return false;
    if (text.size() - digits > name_prefix_bytes_max || (digits < digits_min && digits < text.size()))
        return false;
    out = {text.substr(0, text.size() - digits), static_cast<std::uint32_t>(digits), number};
    return number < std::uint64_t{1} << number_bits;
}

std::string prefix_key(std::string_view prefix, std::uint32_t digits) {
    std::string key(prefix);
    key += '\0';
    key += static_cast<char>(digits);
    return key;
}

Name numbered(std::uint32_t prefix, std::uint64_t number) {
    return Name{prefix} << number_bits | number;
}

}  // namespace

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    std::uint64_t x = (a ^ (a >> 32)) * 0x9e3779b97f4a7c15ULL + b;
    x ^= x >> 29;
    return x * 0xbf58476d1ce4e5b9ULL;
}

std::uint64_t text_mark(std::string_view text) {
    unsigned char out[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out);
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | out[i];
    return value;
}

std::uint32_t Names::prefix_number(std::string_view prefix, std::uint32_t digits) {
    const std::scoped_lock guard(lock_);
    const std::string key = prefix_key(prefix, digits);
    if (const auto at = numbers_.find(key); at != numbers_.end()) return at->second;
    if (prefixes_.size() >= name_prefixes_max) return 0;
    prefixes_.push_back(std::make_unique<Prefix>(Prefix{std::string(prefix), digits, text_mark(key)}));
    const auto number = static_cast<std::uint32_t>(prefixes_.size());
    numbers_.emplace(key, number);
    fresh_.prefixes.emplace_back(number, *prefixes_.back());
    return number;
}

Name Names::name_of(std::string_view text) {
    if (text.empty()) return 0;
    Parts parts;
    if (split_name(text, parts))
        if (const std::uint32_t prefix = prefix_number(parts.prefix, parts.digits); prefix != 0)
            return numbered(prefix, parts.number);
    const Name name = text_mark(text) | hashed_name;
    const std::scoped_lock guard(lock_);
    fresh_.texts.emplace_back(name, std::string(text));
    return name;
}

Name Names::find(std::string_view text) const {
    if (text.empty()) return 0;
    Parts parts;
    if (split_name(text, parts)) {
        const std::scoped_lock guard(lock_);
        const auto at = numbers_.find(prefix_key(parts.prefix, parts.digits));
        if (at != numbers_.end()) return numbered(at->second, parts.number);
        if (prefixes_.size() < name_prefixes_max) return 0;
    }
    return text_mark(text) | hashed_name;
}

std::string Names::text_of(Name name) const {
    if (name == 0 || (name & hashed_name) != 0) return {};
    const std::scoped_lock guard(lock_);
    const std::uint64_t prefix = name >> number_bits;
    if (prefix == 0 || prefix > prefixes_.size()) return {};
    const Prefix& entry = *prefixes_[prefix - 1];
    std::string digits;
    std::uint64_t number = name & ((std::uint64_t{1} << number_bits) - 1);
    for (std::uint32_t i = 0; i < entry.digits; ++i, number /= 10)
        digits.insert(digits.begin(), static_cast<char>('0' + number % 10));
    return entry.text + digits;
}

std::uint64_t Names::mark_of(Name name) const {
    if (name == 0 || (name & hashed_name) != 0) return name;
    const std::uint64_t prefix = name >> number_bits;
    if (prefix == 0) return 0;
    return mixed(prefixes_[prefix - 1]->mark, name & ((std::uint64_t{1} << number_bits) - 1));
}

void Names::restore(std::uint32_t number, std::string_view text, std::uint32_t digits) {
    const std::scoped_lock guard(lock_);
    if (prefixes_.size() < number) prefixes_.resize(number);
    const std::string key = prefix_key(text, digits);
    prefixes_[number - 1] = std::make_unique<Prefix>(Prefix{std::string(text), digits, text_mark(key)});
    numbers_.insert_or_assign(key, number);
}

Names::Fresh Names::take_fresh() {
    const std::scoped_lock guard(lock_);
    return std::exchange(fresh_, {});
}

Name Names::Cursor::name_of(std::string_view text) {
    Parts parts;
    if (text.empty() || !split_name(text, parts)) return names_->name_of(text);
    for (const Last& last : last_)
        if (last.number != 0 && last.digits == parts.digits && last.prefix == parts.prefix)
            return numbered(static_cast<std::uint32_t>(last.number), parts.number);
    const std::uint32_t number = names_->prefix_number(parts.prefix, parts.digits);
    if (number == 0) return names_->name_of(text);
    last_[next_++ % 4] = {std::string(parts.prefix), parts.digits, number};
    return numbered(number, parts.number);
}

}  // namespace qingyuan::packs
