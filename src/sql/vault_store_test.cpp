#include "sql/vault_store.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace qingyuan;

namespace {
struct VaultFile : testing::Test {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("vault_store_" + std::to_string(::getpid()));
    std::filesystem::path file = folder / "vault.db";
    VaultFile() { std::filesystem::create_directories(folder); }
    ~VaultFile() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] Result<std::unique_ptr<accounts::Vault>> open() const {
        return accounts::Vault::open(TRY(sql::open_vault_store(file)), folder / "vault.key");
    }
    [[nodiscard]] std::string bytes() const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};
}  // namespace

TEST_F(VaultFile, values_survive_reopening_and_are_not_in_the_file) {
    const std::string name = "示例人名甲";
    const auto reference = open().value()->put("person_name/p1", name).value();
    const auto again = open();
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ((*again)->find(reference.subject).value(), name);
    EXPECT_EQ((*again)->put("person_name/p1", name).value(), reference);
    EXPECT_EQ(bytes().find(name), std::string::npos);
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(VaultFile, an_erased_row_leaves_no_byte_behind) {
    const auto vault = open().value();
    const auto reference = vault->put("person_name/p1", "示例").value();
    const auto store = sql::open_vault_store(file).value();
    const auto row = store->find(reference.subject).value().value();
    ASSERT_NE(bytes().find(row.wrapped_key), std::string::npos);
    ASSERT_TRUE(vault->erase(reference.subject));
    EXPECT_EQ(bytes().find(row.wrapped_key), std::string::npos);
    EXPECT_EQ(bytes().find(row.sealed), std::string::npos);
    EXPECT_EQ(open().value()->find(reference.subject).value(), "erased");
}

TEST_F(VaultFile, a_put_that_meets_a_known_key_adds_nothing) {
    const auto store = sql::open_vault_store(file).value();
    const accounts::StoredSubject a{"s-a", "la", "x", "w", "v"}, b{"s-b", "lb", "x", "w", "v"};
    ASSERT_TRUE(store->put({a}));
    EXPECT_EQ(store->put({b, a}).error().code, ErrorCode::duplicate_key);
    EXPECT_FALSE(store->find("s-b").value());
    EXPECT_EQ(store->put({{"s-c", "la", "x", "w", "v"}}).error().code, ErrorCode::duplicate_key);
    EXPECT_EQ(store->erase("s-z").error().code, ErrorCode::record_unknown);
}

TEST_F(VaultFile, a_file_that_is_no_database_is_named) {
    std::ofstream(file) << std::string(5000, 'x');
    EXPECT_EQ(sql::open_vault_store(file).error().code, ErrorCode::store_corrupt);
    EXPECT_EQ(sql::open_vault_store(folder / "none" / "vault.db").error().code, ErrorCode::store_unavailable);
}
