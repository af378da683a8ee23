// Passwords and one-time codes: published vectors, tables of what is refused, and properties.
// mission: H1
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "accounts/letters.hpp"
#include "accounts/password.hpp"
#include "accounts/totp.hpp"

namespace qingyuan::accounts {

namespace {

constexpr Hashing cheap{HashScheme::argon2id, 1, 8192, 1000};
constexpr Hashing cheap_sm3{HashScheme::pbkdf2_sm3, 1, 8192, 1000};

}  // namespace

TEST(Password, fits_what_was_stored_and_nothing_else) {
    EXPECT_TRUE(rc::check([](const std::string& one, const std::string& other) {
        for (const Hashing& hashing : {cheap, cheap_sm3}) {
            const std::string stored = hash_password(one, hashing).value();
            RC_ASSERT(password_fits(one, stored));
            RC_ASSERT(password_fits(other, stored) == (one == other));
            RC_ASSERT(!wants_rehash(stored, hashing));
            RC_ASSERT(hash_password(one, hashing).value() != stored);  // a fresh salt each time
        }
    }));
}

TEST(Password, another_scheme_or_cost_wants_a_new_hash) {
    const std::string argon = hash_password("x", cheap).value(), sm3 = hash_password("x", cheap_sm3).value();
    EXPECT_TRUE(wants_rehash(argon, cheap_sm3));
    EXPECT_TRUE(wants_rehash(sm3, cheap));
    EXPECT_TRUE(wants_rehash(sm3, {HashScheme::pbkdf2_sm3, 1, 8192, 1001}));
    EXPECT_TRUE(wants_rehash(argon, {HashScheme::argon2id, 2, 8192, 1000}));
    EXPECT_TRUE(wants_rehash("", cheap));
    EXPECT_EQ(Hashing{}.pbkdf2_iterations, 600'000u);
}

TEST(Password, a_damaged_hash_fits_nothing) {
    const std::string sm3 = hash_password("x", cheap_sm3).value();
    for (const std::string& bad :
         {std::string(), std::string("x"), std::string("$pbkdf2-sm3$"), std::string("$pbkdf2-sm3$i=1"),
          std::string("$pbkdf2-sm3$i=0$AAAA$AAAA"), std::string("$pbkdf2-sm3$i=99999999999$AAAA$AAAA"),
          std::string("$argon2id$"), std::string(200, '$'), sm3.substr(0, sm3.size() - 1), sm3 + "A"})
        EXPECT_FALSE(password_fits("x", bad)) << bad;
}

TEST(Password, weak_ones_are_refused_and_never_repeated) {
    const std::vector<std::string> names{"li.ming", "hy-p-001", "李明"};
    const std::string long_one(129, 'a');
    for (const char* weak :
         {"", "short-1A", "Elevenchars", "alllowercaseletters", "lower1234lower5678", "Password123!",
          "P@ssw0rd2026!", "Admin@2026yaojian", "Qwerty123456!", "Aaaaaaaaaaaa1!", "Abcdefgh12345!",
          "Woaizhongguo1!", "Li.Ming-2026-07", "Hy-p-001-Hy-p-001", "李明李明李明李明A1!x", "Qingyuan@12345",
          "Lotus-7-kite-\n-Bay", "\xff\xfe-Lotus-7-kite"}) {
        const auto refused = check_password(weak, mlps3_policy(), names);
        ASSERT_FALSE(refused) << weak;
        EXPECT_EQ(refused.error().code, ErrorCode::password_weak);
        if (*weak) { EXPECT_EQ(refused.error().text().find(weak), std::string::npos); }
    }
    EXPECT_FALSE(check_password(long_one, mlps3_policy(), names));
    for (const char* strong :
         {"Lotus-7-kite-Bay", "correct horse 9 Battery", "岳麓山下橘子洲头42x看万山红遍"})
        EXPECT_TRUE(check_password(strong, mlps3_policy(), names)) << strong;
}

TEST(Password, the_other_profile_asks_for_length_alone) {
    EXPECT_TRUE(check_password("meadow lantern orchid", asvs_policy(), {}));
    EXPECT_FALSE(check_password("meadow lantern orchid", mlps3_policy(), {}));
    EXPECT_FALSE(check_password("passwordpassword", asvs_policy(), {}));
    EXPECT_EQ(asvs_policy().rotation_days, 0);
    EXPECT_EQ(mlps3_policy().rotation_days, 90);
}

TEST(Password, those_for_a_first_sign_in_fit_the_policy_and_differ) {
    const std::string one = one_time_password().value();
    EXPECT_TRUE(check_password(one, mlps3_policy(), {}));
    EXPECT_NE(one, one_time_password().value());
}

/// RFC 6238, appendix B (SHA-1), last six digits.
TEST(Code, agrees_with_the_published_vectors) {
    constexpr std::string_view secret = "12345678901234567890";
    constexpr std::pair<std::int64_t, std::string_view> vectors[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [seconds, code] : vectors)
        EXPECT_EQ(code_at(secret, code_step(Instant{seconds * 1'000'000}), "sha1").value(), code);
    EXPECT_NE(code_at(secret, 1, "sm3").value(), code_at(secret, 1, "sha1").value());
}

TEST(Code, works_once_and_near_its_time_only) {
    constexpr std::string_view secret = "12345678901234567890";
    const Instant now{2'000'000'000'000'000};
    const std::int64_t present = code_step(now);
    for (std::int64_t away = -3; away <= 3; ++away) {
        const std::string code = code_at(secret, present + away, "sha1").value();
        const auto step = step_of_code(secret, code, 0, now, "sha1").value();
        EXPECT_EQ(step.has_value(), away >= -1 && away <= 1) << away;
        if (step) { EXPECT_FALSE(step_of_code(secret, code, *step, now, "sha1").value()) << "used twice"; }
    }
    for (const char* bad : {"", "0", "abcdef", "0000000"})
        EXPECT_FALSE(step_of_code(secret, bad, 0, now, "sha1").value()) << bad;
}

TEST(Code, uri_and_drawing) {
    const std::string uri = otpauth_uri("清源", "li.ming", "ABCD", "sha1");
    EXPECT_EQ(uri,
              "otpauth://totp/%E6%B8%85%E6%BA%90:li.ming?secret=ABCD&issuer=%E6%B8%85%E6%BA%90"
              "&algorithm=SHA1&digits=6&period=30");
    const std::string drawing = qr_drawing(uri).value();
    EXPECT_TRUE(drawing.starts_with("<svg ") && drawing.ends_with("</svg>"));
    EXPECT_EQ(drawing.find('<', 1), drawing.find("<path"));
    EXPECT_FALSE(qr_drawing(std::string(5000, 'x')));
}

TEST(Letters, go_there_and_back) {
    EXPECT_TRUE(rc::check([](const std::string& bytes) {
        RC_ASSERT(parse_base64url(base64url(bytes)).value() == bytes);
        RC_ASSERT(parse_base32(base32(bytes)).value() == bytes);
    }));
    // RFC 4648, section 10
    EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
    EXPECT_EQ(base64url("foob"), "Zm9vYg");
    for (const char* bad : {"Zm9vYg==", "Zm9v Yg", "Zm9vYh", "Zm9+", "A"})
        EXPECT_FALSE(parse_base64url(bad)) << bad;
    EXPECT_FALSE(parse_base32("MZXW1"));
    EXPECT_EQ(fresh_secret()->size(), 43u);
    EXPECT_NE(*fresh_secret(), *fresh_secret());
}

}  // namespace qingyuan::accounts
