#include "accounts/file_seal.hpp"

#include "accounts/sm4.hpp"

namespace qingyuan::accounts {

namespace {
constexpr std::size_t subject_bytes = 18;
constexpr std::size_t counter_bytes = 16;
}  // namespace

FileTransform seal_file(Vault& vault, Random random) {
    if (!random) random = random_bytes;
    return [&vault, random](std::string_view digest, std::string_view bytes) -> Result<Bytes> {
        const Bytes drawn = TRY(random(32));
        const std::string secret = hex(drawn);
        const facts::SubjectRef subject = TRY(vault.put("file_key/" + std::string(digest), secret));
        const Bytes counter = TRY(random(counter_bytes));
        Bytes out = subject.subject;
        out += TRY(seal(secret, digest, counter, bytes));
        return out;
    };
}

FileTransform unseal_file(const Vault& vault) {
    return [&vault](std::string_view digest, std::string_view bytes) -> Result<Bytes> {
        const std::string subject = TRY(subject_of_file(bytes));
        const std::string secret = TRY(vault.find(subject));
        if (secret == erased_text)
            return Error{ErrorCode::record_unknown, "the file was erased", std::string(digest)};
        return unseal(secret, digest, bytes.substr(subject_bytes));
    };
}

Result<std::string> subject_of_file(std::string_view sealed_bytes) {
    if (sealed_bytes.size() < subject_bytes || !sealed_bytes.starts_with("s-"))
        return Error{ErrorCode::record_malformed, "not a sealed file"};
    return std::string(sealed_bytes.substr(0, subject_bytes));
}

}  // namespace qingyuan::accounts
