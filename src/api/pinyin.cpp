// Readings from ICU's Han-Latin transliterator, each character asked once.
#include "api/pinyin.hpp"

#include <memory>
#include <mutex>
#include <unordered_map>

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include "base/text.hpp"

namespace qingyuan::api {

namespace {

bool is_han(char32_t c) {
    return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

bool is_letter_or_digit(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Full-width forms as ASCII, letters in lower case.
char32_t plain(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

void append(std::string& out, char32_t c) {
    icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(out);
}

class Readings {
 public:
    /// Empty where there is none.
    const std::string& of(char32_t c) {
        const std::lock_guard lock(mutex_);
        const auto known = known_.find(c);
        if (known != known_.end()) return known->second;
        return known_.emplace(c, read(c)).first->second;
    }

 private:
    std::string read(char32_t c) {
        if (!transliterator_) {
            UErrorCode status = U_ZERO_ERROR;
            transliterator_.reset(
                icu::Transliterator::createInstance("Han-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status));
            if (U_FAILURE(status)) return {};
        }
        icu::UnicodeString text(static_cast<UChar32>(c));
        transliterator_->transliterate(text);
        std::string utf8, letters;
        text.toUTF8String(utf8);
        for (const char letter : utf8)
            if (letter >= 'a' && letter <= 'z') letters += letter;
        return letters;
    }

    std::mutex mutex_;
    std::unique_ptr<icu::Transliterator> transliterator_;
    std::unordered_map<char32_t, std::string> known_;  // nodes stay where they are
};

Readings& readings() {
    static Readings all;
    return all;
}

}  // namespace

Pinyin pinyin_of(std::string_view utf8) {
    Pinyin out;
    for (char32_t c : code_points(utf8)) {
        c = plain(c);
        if (is_letter_or_digit(c)) {
            out.initials += static_cast<char>(c);
            out.full += static_cast<char>(c);
        } else if (is_han(c)) {
            const std::string& reading = readings().of(c);
            if (reading.empty()) {
                append(out.initials, c);
                append(out.full, c);
            } else {
                out.initials += reading.front();
                out.full += reading;
            }
        }
    }
    return out;
}

std::string folded(std::string_view utf8) {
    std::string out;
    for (char32_t c : code_points(utf8)) {
        c = plain(c);
        if (c > 0x20 && c != 0x3000 && c != 0x7F) append(out, c);
    }
    return out;
}

}  // namespace qingyuan::api
