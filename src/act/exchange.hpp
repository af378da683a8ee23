// What goes to a partner agency and what comes back: a package is a signed list of items by their digests, a
// receipt answers it item by item. Both are lines of text, so that an agency without a system reads them on
// paper; its digest then stands in a QR code. docs/formats/package.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"
#include "journal/signature.hpp"

namespace qingyuan::act {

struct PackageItem {
    std::string code;    ///< word of the vocabulary the step names: police_referral_file, lead_materials
    std::string digest;  ///< SM3 of its bytes, 64 hexadecimal digits
    std::uint64_t bytes = 0;
    std::string title;
};

struct Package {
    std::string from;     ///< organisation id
    std::string to;       ///< word of vocabulary agencies
    std::string dossier;  ///< "ref1"
    Instant made_at;
    std::vector<PackageItem> items;  ///< each code once
    std::string digest;              ///< SM3 of all lines before the signature; what the step's field names
    std::string public_key;
    std::string signature;  ///< SM2, DER, hexadecimal

    [[nodiscard]] const PackageItem* find(std::string_view code) const;
};

struct Receipt {
    std::string package;  ///< digest of the package it answers
    std::string number;   ///< of the receiving agency
    Instant received_at;
    std::vector<std::string> received;  ///< codes
    std::vector<std::string> missing;
    std::string public_key;  ///< "" on paper
    std::string signature;
};

/// The text of a package with its digest and signature. field_missing without items, duplicate_key for a code
/// that stands twice, field_invalid for a value with a line break or no digest; crypto_failed.
[[nodiscard]] Result<std::string> write_package(const Package& package, const journal::SigningKey& key);
/// Reads and verifies: record_malformed with the line, digest_mismatch where a line was changed,
/// proof_invalid where the signature is not of the key it names. Whose key it is the reader knows: compare
/// public_key.
[[nodiscard]] Result<Package> read_package(std::string_view text);

/// An item as it came against the package: record_unknown for one that was not sent, digest_mismatch.
[[nodiscard]] Result<void> check_item(const Package& package, std::string_view code, std::string_view bytes);

/// The text of a receipt. Every item of the package stands in it once: an item that did not come is named as
/// missing. record_unknown, duplicate_key, field_missing for an item it does not name. `key` null: unsigned,
/// for paper.
[[nodiscard]] Result<std::string> write_receipt(const Package& package, const Receipt& receipt,
                                                const journal::SigningKey* key);
/// Reads a receipt and holds it against the package: manifest_mismatch where it answers another one, and the
/// errors of write_receipt and read_package.
[[nodiscard]] Result<Receipt> read_receipt(const Package& package, std::string_view text);

}  // namespace qingyuan::act
