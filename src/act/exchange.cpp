#include "act/exchange.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::act {

namespace {

constexpr std::string_view package_head = "qingyuan-package 1";
constexpr std::string_view receipt_head = "qingyuan-receipt 1";
constexpr std::size_t text_bytes_max = 1 << 20;

Error malformed(std::size_t line, std::string what) {
    return {ErrorCode::record_malformed, std::move(what), fmt::format("line {}", line)};
}

Result<void> one_line(std::string_view name, std::string_view value) {
    if (!value.empty() && value.find_first_of("\r\n") == std::string_view::npos) return {};
    return Error{ErrorCode::field_invalid, "expects one line of text", std::string(name)};
}

/// Lines of "word rest"; the signed part ends before the line `digest`.
class Lines {
 public:
    explicit Lines(std::string_view text) : text_(text) {}

    Result<std::string_view> next(std::string_view word) {
        const auto line = peek();
        if (!line || (*line != word && !line->starts_with(std::string(word) + " ")))
            return malformed(number_ + 1, fmt::format("expects '{}'", word));
        return take(word);
    }
    [[nodiscard]] std::optional<std::string_view> peek() const {
        if (at_ >= text_.size()) return std::nullopt;
        const auto end = text_.find('\n', at_);
        if (end == std::string_view::npos) return std::nullopt;
        return text_.substr(at_, end - at_);
    }
    [[nodiscard]] bool is(std::string_view word) const {
        const auto line = peek();
        return line && line->starts_with(std::string(word) + " ");
    }
    [[nodiscard]] std::string_view so_far() const { return text_.substr(0, at_); }
    [[nodiscard]] std::size_t number() const { return number_; }
    Result<void> end() const {
        if (at_ == text_.size()) return {};
        return malformed(number_ + 1, "more than the text should hold");
    }

 private:
    std::string_view take(std::string_view word) {
        const std::string_view line = *peek();
        at_ += line.size() + 1;
        ++number_;
        return line.size() == word.size() ? std::string_view() : line.substr(word.size() + 1);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t number_ = 0;
};

struct Seal {
    std::string digest;
    std::string public_key;
    std::string signature;
};

Result<std::string> sealed(std::string body, const journal::SigningKey* key) {
    const std::string digest = hex(sm3(body));
    body += fmt::format("digest {}\n", digest);
    if (key == nullptr) return body;
    const Bytes signature = TRY(key->sign(digest));
    body += fmt::format("key {}\nsignature {}\n", key->public_key(), hex(signature));
    return body;
}

/// The digest is over every line before it; the signature is over the digest.
Result<Seal> read_seal(Lines& lines, bool signature_needed) {
    Seal seal;
    const std::string computed = hex(sm3(lines.so_far()));
    seal.digest = TRY(lines.next("digest"));
    if (seal.digest != computed)
        return Error{ErrorCode::digest_mismatch, "the lines above are not those that were digested",
                     "digest"};
    if (!lines.is("key") && !signature_needed) {
        CHECK(lines.end());
        return seal;
    }
    seal.public_key = TRY(lines.next("key"));
    seal.signature = TRY(lines.next("signature"));
    CHECK(lines.end());
    const Bytes signature = TRY(journal::parse_hex(seal.signature));
    CHECK(journal::verify_signature(seal.public_key, seal.digest, signature));
    return seal;
}

Result<PackageItem> read_item(Lines& lines) {
    const std::string rest(TRY(lines.next("item")));
    const std::vector<std::string> parts = split(rest, ' ');
    if (parts.size() < 4) return malformed(lines.number(), "item CODE DIGEST BYTES TITLE");
    const auto bytes = parse_integer(parts[2]);
    if (!parse_digest(parts[1]) || !bytes || *bytes < 0)
        return malformed(lines.number(), "item CODE DIGEST BYTES TITLE");
    const std::size_t title = parts[0].size() + parts[1].size() + parts[2].size() + 3;
    return PackageItem{parts[0], parts[1], static_cast<std::uint64_t>(*bytes), rest.substr(title)};
}

Result<void> check_items(const std::vector<PackageItem>& items) {
    if (items.empty()) return Error{ErrorCode::field_missing, "a package without an item", "items"};
    for (auto item = items.begin(); item != items.end(); ++item) {
        CHECK(one_line("title", item->title));
        CHECK(one_line("code", item->code));
        if (item->code.find(' ') != std::string::npos || !parse_digest(item->digest))
            return Error{ErrorCode::field_invalid, "expects a code and a digest", item->code};
        if (std::find_if(items.begin(), item, [&](const auto& one) { return one.code == item->code; }) !=
            item)
            return Error{ErrorCode::duplicate_key, fmt::format("'{}' stands twice", item->code), "items"};
    }
    return {};
}

/// Every item once, and none that was not sent.
Result<void> check_answer(const Package& package, const Receipt& receipt) {
    if (receipt.package != package.digest)
        return Error{ErrorCode::manifest_mismatch, fmt::format("it answers package {}", receipt.package),
                     "package"};
    std::vector<std::string> named = receipt.received;
    named.insert(named.end(), receipt.missing.begin(), receipt.missing.end());
    for (auto code = named.begin(); code != named.end(); ++code) {
        if (package.find(*code) == nullptr)
            return Error{ErrorCode::record_unknown, fmt::format("'{}' was not sent", *code), "items"};
        if (std::find(named.begin(), code, *code) != code)
            return Error{ErrorCode::duplicate_key, fmt::format("'{}' stands twice", *code), "items"};
    }
    for (const PackageItem& item : package.items)
        if (std::ranges::find(named, item.code) == named.end())
            return Error{ErrorCode::field_missing, fmt::format("it says nothing of '{}'", item.code),
                         "items"};
    return {};
}

}  // namespace

const PackageItem* Package::find(std::string_view code) const {
    const auto found = std::ranges::find(items, code, &PackageItem::code);
    return found == items.end() ? nullptr : &*found;
}

Result<std::string> write_package(const Package& package, const journal::SigningKey& key) {
    CHECK(one_line("from", package.from));
    CHECK(one_line("to", package.to));
    CHECK(one_line("dossier", package.dossier));
    CHECK(check_items(package.items));
    std::string body = fmt::format("{}\nfrom {}\nto {}\ndossier {}\nmade {}\n", package_head, package.from,
                                   package.to, package.dossier, package.made_at.text());
    for (const PackageItem& item : package.items)
        body += fmt::format("item {} {} {} {}\n", item.code, item.digest, item.bytes, item.title);
    return sealed(std::move(body), &key);
}

Result<Package> read_package(std::string_view text) {
    if (text.size() > text_bytes_max)
        return Error{ErrorCode::too_large, "a package is at most 1 MiB of text"};
    Lines lines(text);
    CHECK(lines.next(package_head));
    Package package;
    package.from = TRY(lines.next("from"));
    package.to = TRY(lines.next("to"));
    package.dossier = TRY(lines.next("dossier"));
    package.made_at = TRY(parse_instant(TRY(lines.next("made"))));
    while (lines.is("item")) package.items.push_back(TRY(read_item(lines)));
    CHECK(check_items(package.items));
    Seal seal = TRY(read_seal(lines, true));
    package.digest = std::move(seal.digest);
    package.public_key = std::move(seal.public_key);
    package.signature = std::move(seal.signature);
    return package;
}

Result<void> check_item(const Package& package, std::string_view code, std::string_view bytes) {
    const PackageItem* item = package.find(code);
    if (item == nullptr)
        return Error{ErrorCode::record_unknown, fmt::format("'{}' was not sent", code), std::string(code)};
    if (item->bytes == bytes.size() && item->digest == hex(sm3(bytes))) return {};
    return Error{ErrorCode::digest_mismatch, "not the item that was sent", std::string(code)};
}

Result<std::string> write_receipt(const Package& package, const Receipt& receipt,
                                  const journal::SigningKey* key) {
    CHECK(one_line("number", receipt.number));
    CHECK(check_answer(package, receipt));
    std::string body = fmt::format("{}\npackage {}\nnumber {}\nreceived_at {}\n", receipt_head,
                                   receipt.package, receipt.number, receipt.received_at.text());
    for (const std::string& code : receipt.received) body += fmt::format("received {}\n", code);
    for (const std::string& code : receipt.missing) body += fmt::format("missing {}\n", code);
    return sealed(std::move(body), key);
}

Result<Receipt> read_receipt(const Package& package, std::string_view text) {
    if (text.size() > text_bytes_max)
        return Error{ErrorCode::too_large, "a receipt is at most 1 MiB of text"};
    Lines lines(text);
    CHECK(lines.next(receipt_head));
    Receipt receipt;
    receipt.package = TRY(lines.next("package"));
    receipt.number = TRY(lines.next("number"));
    receipt.received_at = TRY(parse_instant(TRY(lines.next("received_at"))));
    while (lines.is("received")) receipt.received.emplace_back(TRY(lines.next("received")));
    while (lines.is("missing")) receipt.missing.emplace_back(TRY(lines.next("missing")));
    CHECK(check_answer(package, receipt));
    Seal seal = TRY(read_seal(lines, false));
    receipt.public_key = std::move(seal.public_key);
    receipt.signature = std::move(seal.signature);
    return receipt;
}

}  // namespace qingyuan::act
