#include "accounts/vault.hpp"

#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "accounts/key_file.hpp"
#include "accounts/sm4.hpp"

using namespace qingyuan;
using namespace qingyuan::accounts;

namespace {

Bytes from_hex(std::string_view text) {
    Bytes out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    return out;
}

/// 00 01 02 … : every vault of the tests that compare bytes draws the same.
Random counting() {
    return [next = 0](std::size_t count) mutable -> Result<Bytes> {
        Bytes out;
        while (out.size() < count) out += static_cast<char>(next++);
        return out;
    };
}

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("vault_test_" + std::to_string(::getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

/// A store that outlives the vault over it, so that a vault can be opened twice.
struct Shared final : VaultStore {
    std::shared_ptr<MemoryVaultStore> rows = std::make_shared<MemoryVaultStore>();
    Shared() = default;
    explicit Shared(std::shared_ptr<MemoryVaultStore> kept) : rows(std::move(kept)) {}
    Result<std::optional<StoredSubject>> find(std::string_view subject) override {
        return rows->find(subject);
    }
    Result<std::optional<StoredSubject>> find_by_lookup(std::string_view l) override {
        return rows->find_by_lookup(l);
    }
    Result<void> put(const std::vector<StoredSubject>& subjects) override { return rows->put(subjects); }
    Result<void> erase(std::string_view subject) override { return rows->erase(subject); }
};

}  // namespace

// draft-ribose-cfrg-sm4-10, A.2.5.1 and A.2.5.2.
TEST(sm4_ctr, equals_the_published_vectors) {
    const Bytes plain = from_hex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB");
    const Bytes counter = from_hex("000102030405060708090A0B0C0D0E0F");
    const auto first = sm4_ctr(from_hex("0123456789ABCDEFFEDCBA9876543210"), counter, plain);
    ASSERT_TRUE(first);
    EXPECT_EQ(hex(*first),
              "ac3236cb970cc20791364c395a1342d1a3cbc1878c6f30cd074cce385cdd70c7"
              "f234bc0e24c11980fd1286310ce37b926e02fcd0faa0baf38b2933851d824514");
    const auto second = sm4_ctr(from_hex("FEDCBA98765432100123456789ABCDEF"), counter, plain);
    ASSERT_TRUE(second);
    EXPECT_EQ(hex(*second),
              "5dcccd25b95ab07417a08512ee160e2f8f661521cbbab44cc87138445bc29e5c"
              "0ae0297205d62704173b21239b887f6c8cb5b800917a2488284bde9e16ea2906");
}

// GM/T 0042-2015, appendix: the HMAC-SM3 examples.
TEST(hmac_sm3, equals_the_published_vectors) {
    const auto first = hmac_sm3(from_hex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"),
                                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
                                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    ASSERT_TRUE(first);
    EXPECT_EQ(hex(*first), "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a");
    const auto second = hmac_sm3("Jefe", "what do ya want for nothing?");
    ASSERT_TRUE(second);
    EXPECT_EQ(hex(*second), "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882");
}

TEST(seal, any_changed_byte_another_context_or_another_secret_does_not_open) {
    const Bytes secret(32, 'k'), counter(16, 'c');
    const auto sealed = seal(secret, "s-1", counter, "李示例");
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->find("李示例"), Bytes::npos);
    EXPECT_EQ(unseal(secret, "s-1", *sealed).value(), "李示例");
    EXPECT_EQ(unseal(secret, "s-2", *sealed).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(unseal(Bytes(32, 'j'), "s-1", *sealed).error().code, ErrorCode::crypto_failed);
    for (std::size_t at = 0; at < sealed->size(); ++at) {
        Bytes changed = *sealed;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(unseal(secret, "s-1", changed)) << at;
        EXPECT_FALSE(unseal(secret, "s-1", sealed->substr(0, at))) << at;
    }
}

TEST(vault, the_same_value_is_the_same_subject_and_two_owners_are_two) {
    const auto vault = Vault::in_memory().value();
    const auto first = vault->put("person_name/p1", "王示例").value();
    EXPECT_EQ(first.subject.size(), 18u);
    EXPECT_EQ(first.mac.size(), 32u);
    EXPECT_EQ(vault->put("person_name/p1", "王示例").value(), first);
    EXPECT_EQ(vault->find_subject("person_name/p1", "王示例").value(), first);
    EXPECT_NE(vault->put("person_name/p2", "王示例").value().subject, first.subject);
    EXPECT_FALSE(vault->find_subject("person_name/p3", "王示例").value());
    EXPECT_EQ(vault->find(first.subject).value(), "王示例");
    EXPECT_TRUE(vault->matches(first, "王示例").value());
    EXPECT_FALSE(vault->matches(first, "王示").value());
    EXPECT_EQ(vault->put("person_name/p1", "").value(), facts::SubjectRef{});
}

TEST(vault, purpose_and_value_cannot_be_shifted_into_each_other) {
    const auto vault = Vault::in_memory().value();
    EXPECT_NE(vault->put("a", "bc").value().subject, vault->put("ab", "c").value().subject);
}

TEST(vault, an_erased_value_reads_erased_and_its_name_comes_back_as_a_new_subject) {
    const auto vault = Vault::in_memory().value();
    const auto reference = vault->put("person_name/p1", "王示例").value();
    ASSERT_TRUE(vault->erase(reference.subject));
    EXPECT_EQ(vault->find(reference.subject).value(), "erased");
    EXPECT_FALSE(vault->matches(reference, "王示例").value());
    EXPECT_FALSE(vault->find_subject("person_name/p1", "王示例").value());
    EXPECT_TRUE(vault->erase(reference.subject));
    EXPECT_NE(vault->put("person_name/p1", "王示例").value().subject, reference.subject);
    EXPECT_EQ(vault->find("s-0000000000000000").error().code, ErrorCode::record_unknown);
    EXPECT_EQ(vault->erase("s-0000000000000000").error().code, ErrorCode::record_unknown);
    EXPECT_EQ(vault->erase("check").error().code, ErrorCode::record_unknown);
}

TEST(vault, many_at_once_keep_their_order) {
    const auto vault = Vault::in_memory().value();
    const auto references = vault->put({{"a", "1"}, {"b", ""}, {"a", "1"}, {"a", "2"}}).value();
    ASSERT_EQ(references.size(), 4u);
    EXPECT_EQ(references[0], references[2]);
    EXPECT_EQ(references[1].subject, "");
    EXPECT_EQ(vault->find(references[3].subject).value(), "2");
}

TEST(vault, the_key_file_is_made_once_and_opens_only_its_own_vault) {
    const Folder folder;
    const auto key = folder.path / "vault.key", other = folder.path / "other.key";
    const auto rows = std::make_shared<MemoryVaultStore>();
    std::string subject;
    {
        const auto vault = Vault::open(std::make_unique<Shared>(rows), key);
        ASSERT_TRUE(vault) << vault.error().text();
        subject = (*vault)->put("x", "value").value().subject;
        struct stat status{};
        ASSERT_EQ(::stat(key.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600u);
    }
    EXPECT_EQ(Vault::open(std::make_unique<Shared>(rows), key).value()->find(subject).value(), "value");
    EXPECT_EQ(Vault::open(std::make_unique<Shared>(rows), other).error().code, ErrorCode::key_file_missing);
    EXPECT_FALSE(std::filesystem::exists(other)) << "a new key must not hide the loss of the old one";
    ASSERT_TRUE(create_master_key(other, Bytes(32, 'x')));
    EXPECT_EQ(Vault::open(std::make_unique<Shared>(rows), other).error().code, ErrorCode::key_file_wrong);
    EXPECT_EQ(create_master_key(other, Bytes(32, 'x')).error().code, ErrorCode::io_failed);
}

TEST(vault, a_key_file_that_others_may_read_or_that_is_no_key_file_is_refused) {
    const Folder folder;
    const auto key = folder.path / "vault.key";
    ASSERT_TRUE(create_master_key(key, Bytes(32, 'x')));
    for (const mode_t mode : {0640, 0604, 0660, 0610, 0601}) {
        ASSERT_EQ(::chmod(key.c_str(), mode), 0);
        EXPECT_EQ(load_master_key(key).error().code, ErrorCode::key_file_exposed) << std::oct << mode;
    }
    ASSERT_EQ(::chmod(key.c_str(), 0600), 0);
    EXPECT_EQ(load_master_key(key).value(), Bytes(32, 'x'));
    for (const std::string text : {"", "qingyuan-vault-key 1 ", "qingyuan-vault-key 2 00", "0123"}) {
        std::ofstream(key, std::ios::trunc) << text;
        EXPECT_EQ(load_master_key(key).error().code, ErrorCode::key_file_wrong) << text;
    }
    std::filesystem::create_symlink(key, folder.path / "link");
    EXPECT_FALSE(load_master_key(folder.path / "link"));
}

TEST(vault, changed_bytes_in_the_store_are_noticed) {
    const Folder folder;
    const auto rows = std::make_shared<MemoryVaultStore>();
    const auto vault = Vault::open(std::make_unique<Shared>(rows), folder.path / "k").value();
    const std::string subject = vault->put("x", "value").value().subject;
    StoredSubject moved = rows->find(subject).value().value();
    moved.subject = "s-ffffffffffffffff";
    moved.lookup = "other";
    ASSERT_TRUE(rows->put({moved}));
    EXPECT_EQ(vault->find(moved.subject).error().code, ErrorCode::crypto_failed);
}

// The worked example of docs/formats/vault.md, byte by byte.
TEST(vault, the_example_of_the_format_document_is_right) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/formats/vault.md");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    ASSERT_FALSE(text.empty());
    const auto example = [&](std::string_view name) {
        const std::string mark = "\n" + std::string(name) + " = ";
        const auto at = text.find(mark);
        EXPECT_NE(at, std::string::npos) << name;
        if (at == std::string::npos) return std::string();
        const auto from = at + mark.size();
        return text.substr(from, text.find('\n', from) - from);
    };
    const auto rows = std::make_shared<MemoryVaultStore>();
    const Folder folder;
    const auto vault = Vault::open(std::make_unique<Shared>(rows), folder.path / "k", counting()).value();
    const auto reference = vault->put(example("purpose"), example("value")).value();
    const StoredSubject row = rows->find(reference.subject).value().value();
    EXPECT_EQ(hex(load_master_key(folder.path / "k").value()), example("master"));
    EXPECT_EQ(row.subject, example("subject"));
    EXPECT_EQ(hex(row.lookup), example("lookup"));
    EXPECT_EQ(hex(row.wrapped_key), example("wrapped_key"));
    EXPECT_EQ(hex(row.sealed), example("sealed"));
    EXPECT_EQ(hex(reference.mac), example("mac"));
    // And read as the document says, without the vault.
    const Bytes secret =
        unseal(from_hex(example("master")), row.subject, from_hex(example("wrapped_key"))).value();
    EXPECT_EQ(hex(secret), example("secret"));
    EXPECT_EQ(unseal(secret, row.subject, from_hex(example("sealed"))).value(), example("value"));
}
