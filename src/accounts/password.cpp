#include "accounts/password.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <set>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "accounts/letters.hpp"
#include "accounts/sm4.hpp"
#include "base/text.hpp"

namespace qingyuan::accounts {

namespace {

std::atomic<std::uint64_t> spent{0};

constexpr std::string_view pbkdf2_prefix = "$pbkdf2-sm3$";
constexpr std::size_t salt_bytes = 16, key_bytes = 32;
/// A stored text comes from our own store; this only bounds what a damaged one may cost.
constexpr std::int64_t iterations_max = 10'000'000;

/// Words that most passwords in use are made of: the ends of published lists and what is near at hand in a
/// bureau. A password made of nothing but these, digits in a row and a few more characters is refused.
constexpr std::string_view common_words[] = {
    "password", "passw0rd",      "qwertyuiop", "qwerty",   "asdfghjkl", "asdfgh",   "zxcvbnm",
    "1qaz2wsx", "1q2w3e4r",      "qazwsx",     "zaq12wsx", "abc123",    "abcd",     "abcdef",
    "admin",    "administrator", "root",       "user",     "guest",     "test",     "demo",
    "login",    "welcome",       "letmein",    "master",   "manager",   "system",   "server",
    "secret",   "changeme",      "default",    "iloveyou", "loveyou",   "sunshine", "princess",
    "dragon",   "monkey",        "football",   "superman", "batman",    "michael",  "hello",
    "woaini",   "woai",          "woaiwojia",  "5201314",  "1314520",   "521521",   "wodemima",
    "mima",     "nihao",         "zhongguo",   "china",    "beijing",   "hunan",    "hengyang",
    "changsha", "yaojian",       "yaojianju",  "yaopin",   "jianguan",  "shichang", "jianduju",
    "guanli",   "guanliyuan",    "qingyuan",   "gongan",   "weijian",   "zhengfu",  "huawei",
    "tencent",  "taobao",        "alibaba",    "wangyi",   "renmin",    "jianguo",  "spring",
    "summer",   "autumn",        "winter",     "monday",   "friday",    "january",  "government",
    "medicine", "pharmacy",      "inspector",  "officer",  "company",   "oracle",   "mysql",
    "postgres", "cisco",         "p@ssw0rd"};

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Error weak(std::string message, std::string zh) {
    return {ErrorCode::password_weak, std::move(message), "password",  {},
            "choose another one",     std::move(zh),      "请另选口令"};
}

Result<Bytes> pbkdf2(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    spent += iterations;
    Bytes key(key_bytes, '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt),
                          static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sm3(),
                          static_cast<int>(key.size()), reinterpret_cast<unsigned char*>(key.data())) != 1)
        return Error{ErrorCode::crypto_failed, "PBKDF2 with SM3 failed"};
    return key;
}

/// "$argon2id$v=19$m=65536,t=2,p=1$…"
void spend(std::string_view argon) {
    const auto number = [&](std::string_view name) {
        const auto at = argon.find(name);
        const std::string_view rest = at == std::string_view::npos ? "" : argon.substr(at + name.size());
        const auto value = parse_integer(rest.substr(0, rest.find_first_of(",$")));
        return static_cast<std::uint64_t>(value.value_or(0));
    };
    spent += number("$m=") * number(",t=");
}

struct StoredPbkdf2 {
    std::uint32_t iterations = 0;
    Bytes salt, key;
};

Result<StoredPbkdf2> parse_pbkdf2(std::string_view stored) {
    const std::vector<std::string> parts = split(stored.substr(pbkdf2_prefix.size()), '$');
    if (parts.size() != 3 || !parts[0].starts_with("i="))
        return Error{ErrorCode::record_malformed, "not a stored password"};
    const std::int64_t iterations = TRY(parse_integer(parts[0].substr(2)));
    if (iterations < 1 || iterations > iterations_max)
        return Error{ErrorCode::record_malformed, "not a stored password"};
    return StoredPbkdf2{static_cast<std::uint32_t>(iterations), TRY(parse_base64url(parts[1])),
                        TRY(parse_base64url(parts[2]))};
}

/// Small letters, and the letter that a digit or sign in the middle of a word stands for.
std::string folded(std::string_view password) {
    std::string out(password);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        constexpr std::pair<char, char> stands_for[] = {{'@', 'a'}, {'$', 's'}, {'!', 'i'}};
        for (const auto& [sign, letter] : stands_for)
            if (c == sign) c = letter;
    }
    return out;
}

void remove_all(std::string& text, std::string_view word) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
        text.erase(at, word.size());
}

/// Takes out what is read as a year: 1900 to 2099.
void remove_years(std::string& text) {
    const auto is_digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    for (std::size_t at = 0; at + 4 <= text.size();) {
        const std::string_view century = std::string_view(text).substr(at, 2);
        if ((century == "19" || century == "20") && is_digit(at + 2) && is_digit(at + 3))
            text.erase(at, 4);
        else
            ++at;
    }
}

/// Takes out runs of three and more characters that are equal or go up or down by one.
std::string without_runs(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        if (end < text.size()) {
            const int step = text[end] - text[i];
            if (step >= -1 && step <= 1)
                while (end < text.size() && text[end] - text[end - 1] == step) ++end;
        }
        if (end - i < 3) end = i + 1, out += text[i];
        i = end;
    }
    return out;
}

std::size_t classes_of(std::string_view password) {
    bool small = false, capital = false, digit = false, other = false;
    for (const char c : password) {
        if (c >= 'a' && c <= 'z')
            small = true;
        else if (c >= 'A' && c <= 'Z')
            capital = true;
        else if (c >= '0' && c <= '9')
            digit = true;
        else
            other = true;
    }
    return std::size_t{small} + std::size_t{capital} + std::size_t{digit} + std::size_t{other};
}

/// What is left of a password when everything that is easily guessed is taken out.
constexpr std::size_t unguessed_min = 6;

std::string unguessed(std::string_view password, const std::vector<std::string>& names) {
    std::string left = folded(password);
    for (const std::string& name : names)
        if (length_of(name) >= 2) remove_all(left, folded(name));
    std::vector<std::string_view> words(std::begin(common_words), std::end(common_words));
    std::ranges::stable_sort(words, std::ranges::greater{}, &std::string_view::size);
    for (const std::string_view word : words) remove_all(left, folded(word));
    remove_years(left);
    return without_runs(left);
}

}  // namespace

Result<std::string> hash_password(std::string_view password, const Hashing& hashing) {
    if (hashing.scheme == HashScheme::pbkdf2_sm3) {
        const Bytes salt = TRY(random_bytes(salt_bytes));
        const Bytes key = TRY(pbkdf2(password, salt, hashing.pbkdf2_iterations));
        return fmt::format("{}i={}${}${}", pbkdf2_prefix, hashing.pbkdf2_iterations, base64url(salt),
                           base64url(key));
    }
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (sodium_init() < 0 ||
        crypto_pwhash_str_alg(out.data(), password.data(), password.size(), hashing.argon_passes,
                              hashing.argon_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return Error{ErrorCode::crypto_failed, "no memory for Argon2id"};
    spend(out.data());
    return std::string(out.data());
}

std::uint64_t hashing_spent() {
    return spent;
}

bool password_fits(std::string_view password, std::string_view stored) {
    if (stored.starts_with(pbkdf2_prefix)) {
        const auto parsed = parse_pbkdf2(stored);
        if (!parsed) return false;
        const auto key = pbkdf2(password, parsed->salt, parsed->iterations);
        return key && equal_in_constant_time(*key, parsed->key);
    }
    if (!stored.starts_with("$argon2id$") || stored.size() >= crypto_pwhash_STRBYTES) return false;
    std::array<char, crypto_pwhash_STRBYTES> text{};
    std::ranges::copy(stored, text.begin());
    spend(stored);
    return sodium_init() >= 0 && crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

bool wants_rehash(std::string_view stored, const Hashing& hashing) {
    if (hashing.scheme == HashScheme::pbkdf2_sm3) {
        if (!stored.starts_with(pbkdf2_prefix)) return true;
        const auto parsed = parse_pbkdf2(stored);
        return !parsed || parsed->iterations != hashing.pbkdf2_iterations;
    }
    if (!stored.starts_with("$argon2id$") || stored.size() >= crypto_pwhash_STRBYTES) return true;
    std::array<char, crypto_pwhash_STRBYTES> text{};
    std::ranges::copy(stored, text.begin());
    return crypto_pwhash_str_needs_rehash(text.data(), hashing.argon_passes, hashing.argon_bytes) != 0;
}

PasswordPolicy mlps3_policy() {
    return {};
}

PasswordPolicy asvs_policy() {
    return {.id = "asvs",
            .length_min = 12,
            .length_max = 128,
            .classes_min = 1,
            .rotation_days = 0,
            .history = 0};
}

Result<void> check_password(std::string_view password, const PasswordPolicy& policy,
                            const std::vector<std::string>& names) {
    if (!is_utf8(password)) return weak("the password is not text", "口令不是有效文字");
    const std::size_t length = length_of(password);
    if (length < policy.length_min)
        return weak(fmt::format("a password has at least {} characters", policy.length_min),
                    fmt::format("口令至少{}个字符", policy.length_min));
    if (length > policy.length_max)
        return weak(fmt::format("a password has at most {} characters", policy.length_max),
                    fmt::format("口令最多{}个字符", policy.length_max));
    for (const char c : password)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return weak("a password has no control characters", "口令不得含控制字符");
    if (classes_of(password) < policy.classes_min)
        return weak(
            fmt::format("a password has at least {} of: small letters, capitals, digits, others",
                        policy.classes_min),
            fmt::format("口令应含大写字母、小写字母、数字、其他字符中的至少{}类", policy.classes_min));
    if (const std::string left = unguessed(password, names);
        left.size() < unguessed_min || std::set<char>(left.begin(), left.end()).size() < 4)
        return weak("the password is made of common words, names or runs of characters",
                    "口令由常见词、姓名账号或连续字符组成");
    return {};
}

Result<std::string> one_time_password() {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz", capitals = "ABCDEFGHJKLMNPQRSTUVWXYZ",
                               digits = "23456789";
    const std::string all = fmt::format("{}{}{}", letters, capitals, digits);
    for (;;) {  // most draws fit at once
        std::string out;
        while (out.size() < 16) {
            const Bytes drawn = TRY(random_bytes(1));
            const auto value = static_cast<unsigned char>(drawn[0]);
            if (value < 256 / all.size() * all.size()) out += all[value % all.size()];
        }
        if (check_password(out, mlps3_policy(), {})) return out;
    }
}

}  // namespace qingyuan::accounts
