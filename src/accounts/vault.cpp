#include "accounts/vault.hpp"

#include <unordered_map>

#include <fmt/format.h>

#include "accounts/key_file.hpp"
#include "accounts/sm4.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::size_t counter_bytes = 16;
constexpr std::size_t subject_bytes = 8;
/// A row whose value is known: opening it tells whether the key file belongs to this store.
constexpr std::string_view check_subject = "check";
constexpr std::string_view check_value = "qingyuan-vault 1";

/// Purpose and value cannot be told apart by moving bytes between them: the purpose's length goes first.
Bytes joined(std::string_view purpose, std::string_view value) {
    return fmt::format("{}:{}{}", purpose.size(), purpose, value);
}

}  // namespace

// --- rows in memory

Result<std::optional<StoredSubject>> MemoryVaultStore::find(std::string_view subject) {
    const std::lock_guard lock(mutex_);
    const auto found = subjects_.find(subject);
    return found == subjects_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<StoredSubject>> MemoryVaultStore::find_by_lookup(std::string_view lookup) {
    const std::lock_guard lock(mutex_);
    const auto found = by_lookup_.find(lookup);
    return found == by_lookup_.end() ? std::nullopt : std::optional(subjects_.at(found->second));
}

Result<void> MemoryVaultStore::put(const std::vector<StoredSubject>& subjects) {
    const std::lock_guard lock(mutex_);
    for (const StoredSubject& subject : subjects)
        if (subjects_.contains(subject.subject) || by_lookup_.contains(subject.lookup))
            return Error{ErrorCode::duplicate_key, {}, subject.subject};
    for (const StoredSubject& subject : subjects) {
        subjects_.emplace(subject.subject, subject);
        by_lookup_.emplace(subject.lookup, subject.subject);
    }
    return {};
}

Result<void> MemoryVaultStore::erase(std::string_view subject) {
    const std::lock_guard lock(mutex_);
    const auto found = subjects_.find(subject);
    if (found == subjects_.end()) return Error{ErrorCode::record_unknown, {}, std::string(subject)};
    by_lookup_.erase(found->second.lookup);
    found->second = StoredSubject{};
    found->second.subject = subject;
    return {};
}

// --- the vault

Vault::Vault(std::unique_ptr<VaultStore> store, Bytes master, Random random)
    : store_(std::move(store)), master_(std::move(master)), random_(std::move(random)) {
    if (!random_) random_ = random_bytes;
}

Result<std::unique_ptr<Vault>> Vault::open(std::unique_ptr<VaultStore> store,
                                           const std::filesystem::path& key_file, Random random) {
    if (!random) random = random_bytes;
    auto key = load_master_key(key_file);
    if (!key && key.error().code == ErrorCode::key_file_missing && !TRY(store->find(check_subject))) {
        key = TRY(random(master_key_bytes));
        CHECK(create_master_key(key_file, *key));
    }
    std::unique_ptr<Vault> vault(
        new Vault(std::move(store), TRY(std::move(key)), std::move(random)));  // NOLINT: private constructor
    CHECK(vault->check_key());
    return vault;
}

Result<std::unique_ptr<Vault>> Vault::in_memory(Random random) {
    if (!random) random = random_bytes;
    Bytes key = TRY(random(master_key_bytes));
    std::unique_ptr<Vault> vault(
        new Vault(std::make_unique<MemoryVaultStore>(), std::move(key), std::move(random)));  // NOLINT
    CHECK(vault->check_key());
    return vault;
}

Result<void> Vault::check_key() {
    const auto found = TRY(store_->find(check_subject));
    if (!found) {
        const StoredSubject check = TRY(
            new_subject(std::string(check_subject), {std::string(check_subject), std::string(check_value)}));
        return store_->put({check});
    }
    const auto value = find(check_subject);
    if (value && *value == check_value) return {};
    return Error{ErrorCode::key_file_wrong,
                 "this key does not open the vault",
                 {},
                 {},
                 "put the key file of this vault back from its safe copy"};
}

Result<Bytes> Vault::lookup_of(std::string_view purpose, std::string_view value) const {
    const Bytes key = TRY(hmac_sm3(master_, "index"));
    return hmac_sm3(key, joined(purpose, value));
}

Result<Bytes> Vault::secret_of(const StoredSubject& subject) const {
    return unseal(master_, subject.subject, subject.wrapped_key);
}

Result<Bytes> Vault::sealed(std::string_view secret, std::string_view context, std::string_view text) const {
    const Bytes counter = TRY(random_(counter_bytes));
    return seal(secret, context, counter, text);
}

Result<StoredSubject> Vault::new_subject(std::string id, const facts::PersonalValue& value) const {
    StoredSubject out;
    out.subject = std::move(id);
    out.purpose = value.purpose;
    out.lookup = TRY(lookup_of(value.purpose, value.value));
    const Bytes secret = TRY(random_(master_key_bytes));
    out.wrapped_key = TRY(sealed(master_, out.subject, secret));
    out.sealed = TRY(sealed(secret, out.subject, value.value));
    return out;
}

Result<facts::SubjectRef> Vault::reference(const StoredSubject& subject, std::string_view value) const {
    const Bytes secret = TRY(secret_of(subject));
    const Bytes key = TRY(hmac_sm3(secret, "reference"));
    return facts::SubjectRef{subject.subject, TRY(hmac_sm3(key, value))};
}

Result<facts::SubjectRef> Vault::put(std::string_view purpose, std::string_view value) {
    return TRY(put({facts::PersonalValue{std::string(purpose), std::string(value)}})).front();
}

Result<std::vector<facts::SubjectRef>> Vault::put(const std::vector<facts::PersonalValue>& values) {
    const std::lock_guard lock(writing_);
    std::vector<facts::SubjectRef> references;
    std::vector<StoredSubject> added;
    std::unordered_map<Bytes, facts::SubjectRef> seen;
    for (const facts::PersonalValue& value : values) {
        if (value.value.empty()) {
            references.emplace_back();
            continue;
        }
        const Bytes lookup = TRY(lookup_of(value.purpose, value.value));
        if (const auto before = seen.find(lookup); before != seen.end()) {
            references.push_back(before->second);
            continue;
        }
        auto subject = TRY(store_->find_by_lookup(lookup));
        if (!subject) {
            const Bytes id = TRY(random_(subject_bytes));
            subject = TRY(new_subject("s-" + hex(id), value));
            added.push_back(*subject);
        }
        references.push_back(TRY(reference(*subject, value.value)));
        seen.emplace(lookup, references.back());
    }
    if (!added.empty()) CHECK(store_->put(added));
    return references;
}

Result<std::optional<facts::SubjectRef>> Vault::find_subject(std::string_view purpose,
                                                             std::string_view value) const {
    if (value.empty()) return std::optional(facts::SubjectRef{});
    const Bytes lookup = TRY(lookup_of(purpose, value));
    const auto subject = TRY(store_->find_by_lookup(lookup));
    if (!subject) return std::optional<facts::SubjectRef>();
    return std::optional(TRY(reference(*subject, value)));
}

Result<std::string> Vault::find(std::string_view subject) const {
    const auto stored = TRY(store_->find(subject));
    if (!stored)
        return Error{ErrorCode::record_unknown, fmt::format("the vault has no subject '{}'", subject)};
    if (stored->erased()) return std::string(erased_text);
    const Bytes secret = TRY(secret_of(*stored));
    return unseal(secret, stored->subject, stored->sealed);
}

Result<bool> Vault::matches(const facts::SubjectRef& ref, std::string_view value) const {
    const auto stored = TRY(store_->find(ref.subject));
    if (!stored || stored->erased()) return false;
    const facts::SubjectRef expected = TRY(reference(*stored, value));
    return equal_in_constant_time(expected.mac, ref.mac);
}

Result<void> Vault::erase(std::string_view subject) {
    const std::lock_guard lock(writing_);
    if (subject == check_subject)
        return Error{ErrorCode::record_unknown, "not a subject", std::string(subject)};
    return store_->erase(subject);
}

}  // namespace qingyuan::accounts
