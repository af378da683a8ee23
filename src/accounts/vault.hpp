// The vault of personal values: no personal value stands in a fact, a fact carries a subject id and a keyed
// hash. The value lies here, SM4-encrypted under a key of its own, which is wrapped by the master key of a
// key file. Destroying a subject's key erases the value for good while every fact, proof and figure stays
// valid (个人信息保护法 47). Bytes: docs/formats/vault.md.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "facts/personal.hpp"

namespace qingyuan::accounts {

/// One subject as stored. An erased subject keeps its id and has nothing else.
struct StoredSubject {
    std::string subject;
    Bytes lookup;  ///< HMAC-SM3 of purpose and value under the index key: finds a value without reading any
    std::string purpose;
    Bytes wrapped_key;  ///< the subject's secret, sealed under the master key
    Bytes sealed;       ///< the value, sealed under the subject's secret
    [[nodiscard]] bool erased() const { return wrapped_key.empty(); }
};

/// Where the vault keeps its rows; implemented in sql/vault_store.hpp. Thread-safe; every change is durable
/// when it returns.
class VaultStore {
   public:
    virtual ~VaultStore() = default;
    virtual Result<std::optional<StoredSubject>> find(std::string_view subject) = 0;
    virtual Result<std::optional<StoredSubject>> find_by_lookup(std::string_view lookup) = 0;
    /// Adds all or none; duplicate_key where a subject or a lookup exists.
    virtual Result<void> put(const std::vector<StoredSubject>& subjects) = 0;
    /// Overwrites the row with an erased one. record_unknown.
    virtual Result<void> erase(std::string_view subject) = 0;
};

/// A vault's rows in memory: tests and scenarios.
class MemoryVaultStore final : public VaultStore {
   public:
    Result<std::optional<StoredSubject>> find(std::string_view subject) override;
    Result<std::optional<StoredSubject>> find_by_lookup(std::string_view lookup) override;
    Result<void> put(const std::vector<StoredSubject>& subjects) override;
    Result<void> erase(std::string_view subject) override;

   private:
    std::mutex mutex_;
    std::map<std::string, StoredSubject, std::less<>> subjects_;
    std::map<std::string, std::string, std::less<>> by_lookup_;
};

/// Source of random bytes; the system's generator unless a test or a deterministic play brings its own.
using Random = std::function<Result<Bytes>(std::size_t count)>;

/// What an erased value reads as.
constexpr std::string_view erased_text = "erased";

/// Thread-safe.
class Vault final : public facts::PersonalValues {
   public:
    /// Reads the key file, or creates it (mode 0600) where neither it nor any subject exists. Errors:
    /// key_file_exposed (others may read it), key_file_missing (there are subjects but no key),
    /// key_file_wrong (not the key of this store), io_failed, crypto_failed.
    static Result<std::unique_ptr<Vault>> open(std::unique_ptr<VaultStore> store,
                                               const std::filesystem::path& key_file, Random random = {});
    /// A vault that forgets: a memory store and a key that is never written.
    static Result<std::unique_ptr<Vault>> in_memory(Random random = {});

    /// The subject of the value; the same purpose and value give the same subject until it is erased. An
    /// empty value has none: "".
    Result<facts::SubjectRef> put(std::string_view purpose, std::string_view value);
    Result<std::vector<facts::SubjectRef>> put(const std::vector<facts::PersonalValue>& values) override;
    [[nodiscard]] Result<std::optional<facts::SubjectRef>> find_subject(
        std::string_view purpose, std::string_view value) const override;

    /// The value, or "erased". record_unknown for a subject that never was; crypto_failed where the stored
    /// bytes were changed.
    [[nodiscard]] Result<std::string> find(std::string_view subject) const;
    /// Is this the value that the fact's reference stands for? False once it is erased.
    [[nodiscard]] Result<bool> matches(const facts::SubjectRef& reference, std::string_view value) const;
    /// Destroys the key and the value; again is no error. The caller records subject_erased. record_unknown.
    Result<void> erase(std::string_view subject);

   private:
    Vault(std::unique_ptr<VaultStore> store, Bytes master, Random random);
    Result<void> check_key();
    Result<Bytes> lookup_of(std::string_view purpose, std::string_view value) const;
    Result<Bytes> secret_of(const StoredSubject& subject) const;
    Result<Bytes> sealed(std::string_view secret, std::string_view context, std::string_view text) const;
    Result<StoredSubject> new_subject(std::string id, const facts::PersonalValue& value) const;
    Result<facts::SubjectRef> reference(const StoredSubject& subject, std::string_view value) const;

    std::unique_ptr<VaultStore> store_;
    Bytes master_;
    Random random_;
    mutable std::mutex writing_;
};

}  // namespace qingyuan::accounts
