#include "accounts/file_seal.hpp"

#include <gtest/gtest.h>

using namespace qingyuan;
using namespace qingyuan::accounts;

TEST(file_seal, opens_with_the_vault_and_not_after_erasure) {
    const auto vault = Vault::in_memory().value();
    const std::string digest(64, 'a'), text = "id,name\r\np1,周示例\r\n";
    const Bytes sealed = seal_file(*vault)(digest, text).value();
    EXPECT_EQ(sealed.find("周示例"), Bytes::npos);
    EXPECT_EQ(unseal_file(*vault)(digest, sealed).value(), text);
    EXPECT_EQ(unseal_file(*vault)(std::string(64, 'b'), sealed).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(unseal_file(*Vault::in_memory().value())(digest, sealed).error().code,
              ErrorCode::record_unknown);
    EXPECT_EQ(unseal_file(*vault)(digest, "s-").error().code, ErrorCode::record_malformed);
    ASSERT_TRUE(vault->erase(subject_of_file(sealed).value()));
    EXPECT_EQ(unseal_file(*vault)(digest, sealed).error().code, ErrorCode::record_unknown);
}
