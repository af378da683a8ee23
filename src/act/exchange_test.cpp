// Packages and receipts: what was changed, what answers another package and what is not named is refused.
#include "act/exchange.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace qingyuan::act {

namespace {

const journal::SigningKey& key() {
    static const journal::SigningKey made = [] {
        const auto file = std::filesystem::temp_directory_path() / "qingyuan_exchange_test.pem";
        std::filesystem::remove(file);
        return journal::SigningKey::load_or_create(file).value();
    }();
    return made;
}

Package sample() {
    const auto item = [](std::string code, std::string_view bytes, std::string title) {
        return PackageItem{std::move(code), hex(sm3(bytes)), bytes.size(), std::move(title)};
    };
    return {.from = "hengyang",
            .to = "public_security",
            .dossier = "ref1",
            .made_at = parse_instant("2025-03-07T09:00:00+08:00").value(),
            .items = {item("book", "移送书", "涉嫌犯罪案件移送书"), item("goods", "清单", "涉案物品 清单")}};
}

Package sent() {
    return read_package(write_package(sample(), key()).value()).value();
}

Receipt answer_to(const Package& package) {
    return {.package = package.digest,
            .number = "回执〔2025〕3号",
            .received_at = parse_instant("2025-03-07T16:00:00+08:00").value(),
            .received = {"book"},
            .missing = {"goods"}};
}

ErrorCode code_of(const auto& result) {
    return result ? ErrorCode::undecided : result.error().code;
}

}  // namespace

// mission: C8
TEST(Exchange, ComesBackAsItWasWritten) {
    const Package package = sent();
    EXPECT_EQ(package.from, "hengyang");
    EXPECT_EQ(package.items.at(1).title, "涉案物品 清单");
    EXPECT_TRUE(check_item(package, "goods", "清单").has_value());
    EXPECT_EQ(code_of(check_item(package, "goods", "清单2")), ErrorCode::digest_mismatch);
    EXPECT_EQ(code_of(check_item(package, "test", "x")), ErrorCode::record_unknown);
    const std::string receipt = write_receipt(package, answer_to(package), &key()).value();
    EXPECT_EQ(read_receipt(package, receipt).value().missing, std::vector<std::string>{"goods"});
    const std::string paper = write_receipt(package, answer_to(package), nullptr).value();
    EXPECT_TRUE(read_receipt(package, paper).value().signature.empty());
}

TEST(Exchange, AReceiptForAnotherPackageIsRefused) {
    const Package package = sent();
    Package other = sample();
    other.dossier = "ref2";
    const Package second = read_package(write_package(other, key()).value()).value();
    const std::string receipt = write_receipt(second, answer_to(second), &key()).value();
    EXPECT_EQ(code_of(read_receipt(package, receipt)), ErrorCode::manifest_mismatch);
}

TEST(Exchange, EveryItemIsNamedOnce) {
    const Package package = sent();
    Receipt receipt = answer_to(package);
    receipt.missing.clear();
    EXPECT_EQ(code_of(write_receipt(package, receipt, nullptr)), ErrorCode::field_missing);
    receipt.missing = {"book", "goods"};
    EXPECT_EQ(code_of(write_receipt(package, receipt, nullptr)), ErrorCode::duplicate_key);
    receipt.missing = {"goods", "test"};
    EXPECT_EQ(code_of(write_receipt(package, receipt, nullptr)), ErrorCode::record_unknown);
}

TEST(Exchange, APackageNeedsItemsWithCodesOfTheirOwn) {
    Package package = sample();
    package.items.push_back(package.items.front());
    EXPECT_EQ(code_of(write_package(package, key())), ErrorCode::duplicate_key);
    package.items.clear();
    EXPECT_EQ(code_of(write_package(package, key())), ErrorCode::field_missing);
    package = sample();
    package.items.front().title = "两\n行";
    EXPECT_EQ(code_of(write_package(package, key())), ErrorCode::field_invalid);
}

/// Whatever byte is changed or taken out, it is noticed.
RC_GTEST_PROP(Exchange, AChangedByteIsNoticed, ()) {
    static const std::string whole = write_package(sample(), key()).value();
    std::string text = whole;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto by = *rc::gen::inRange(1, 256);
    text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ static_cast<unsigned char>(by));
    const auto read = read_package(text);
    // A hexadecimal digit of the key or signature may be written in either case.
    if (!read) return;
    RC_ASSERT(by == 0x20);
    RC_ASSERT(read->digest == read_package(whole).value().digest);
}

TEST(Exchange, ATextThatStopsShortIsRefused) {
    const std::string text = write_package(sample(), key()).value();
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_FALSE(read_package(std::string_view(text).substr(0, length))) << length;
}

}  // namespace qingyuan::act
