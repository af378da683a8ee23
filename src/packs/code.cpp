#include "packs/code.hpp"

#include <openssl/sha.h>

#include <array>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "packs/event.hpp"

namespace qingyuan::packs {

namespace {

constexpr std::uint64_t serials_in_group = 64;
constexpr std::uint64_t check_places = 10'000;             ///< four digits behind the serial
constexpr std::uint64_t serial_places = 1'000'000'000ULL;  ///< nine digits
constexpr std::size_t scanned_bytes_max = 512;
constexpr std::size_t own_bytes_max = 100;
constexpr int gtin_shift = 77;

Wide kind_bits(CodeKind kind) {
    return Wide{static_cast<unsigned>(kind)} << 124;
}

std::array<unsigned char, SHA256_DIGEST_LENGTH> sha256(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> out;
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
    return out;
}

/// The first `bits` of the text's SHA-256.
Wide hash_bits(std::string_view text, int bits) {
    Wide value = 0;
    for (int i = 0; i < 16; ++i) value = value << 8 | sha256(text)[static_cast<std::size_t>(i)];
    return value >> (128 - bits);
}

bool is_digits(std::string_view text) {
    for (const char c : text)
        if (c < '0' || c > '9') return false;
    return !text.empty();
}

std::string padded(std::uint64_t value, int width) {
    std::string digits = std::to_string(value);
    if (static_cast<int>(digits.size()) < width)
        digits.insert(0, static_cast<std::size_t>(width) - digits.size(), '0');
    return digits;
}

/// GS1 General Specifications 7.9: weights 3 and 1 from the right.
bool gs1_check_fits(std::string_view digits) {
    unsigned sum = 0;
    for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
        const unsigned digit = static_cast<unsigned>(digits[digits.size() - 2 - i] - '0');
        sum += digit * (i % 2 == 0 ? 3 : 1);
    }
    return (10 - sum % 10) % 10 == static_cast<unsigned>(digits.back() - '0');
}

Error malformed(std::string_view why, std::string_view zh) {
    return Error{ErrorCode::code_malformed,
                 std::string(why),
                 "code",
                 {},
                 "scan it again, or type the digits below the bars",
                 std::string(zh),
                 "请重新扫描，或逐位录入条码下方的数字"};
}

/// Without blanks, hyphens and control characters; full-width forms as ASCII. Group separators stay.
std::string plain(std::string_view scanned) {
    std::string out;
    for (const char32_t c : code_points(scanned)) {
        char32_t one = c;
        if (c >= 0xFF01 && c <= 0xFF5E) one = c - 0xFEE0;
        if (one == 0x3000 || one == ' ' || one == '\t' || one == '\r' || one == '\n' || one == 0xFEFF ||
            one == 0x200B)
            continue;
        if (one < 0x80)
            out += static_cast<char>(one);
        else
            return {};
    }
    return out;
}

struct Element {
    std::string_view ai;
    std::string value;
};

struct ElementForm {
    std::string_view ai;
    std::size_t length;  ///< fixed, or the longest
    bool fixed;
};
// GS1 General Specifications 3.2: what stands on medicine and device packs.
constexpr std::array<ElementForm, 16> element_forms{{{"00", 18, true},
                                                     {"01", 14, true},
                                                     {"02", 14, true},
                                                     {"10", 20, false},
                                                     {"11", 6, true},
                                                     {"12", 6, true},
                                                     {"13", 6, true},
                                                     {"15", 6, true},
                                                     {"16", 6, true},
                                                     {"17", 6, true},
                                                     {"20", 2, true},
                                                     {"21", 20, false},
                                                     {"22", 20, false},
                                                     {"30", 8, false},
                                                     {"37", 8, false},
                                                     {"240", 30, false}}};

const ElementForm* form_of(std::string_view text) {
    for (const ElementForm& form : element_forms)
        if (text.starts_with(form.ai)) return &form;
    return nullptr;
}

Result<std::vector<Element>> bracketed(std::string_view text) {
    std::vector<Element> out;
    while (!text.empty()) {
        const std::size_t close = text.find(')');
        if (text.front() != '(' || close == std::string_view::npos)
            return malformed("brackets of the application identifiers do not match", "应用标识符括号不配对");
        const std::string_view ai = text.substr(1, close - 1);
        const std::size_t next = text.find('(', close);
        out.push_back(
            {ai, std::string(text.substr(close + 1, next == std::string_view::npos ? std::string_view::npos
                                                                                   : next - close - 1))});
        text = next == std::string_view::npos ? std::string_view() : text.substr(next);
    }
    return out;
}

Result<std::vector<Element>> element_string(std::string_view text) {
    std::vector<Element> out;
    while (!text.empty()) {
        if (text.front() == '\x1d') {
            text.remove_prefix(1);
            continue;
        }
        const ElementForm* form = form_of(text);
        if (!form) return malformed("an application identifier is not known", "含有无法识别的应用标识符");
        text.remove_prefix(form->ai.size());
        std::size_t end = form->fixed ? form->length : std::min(text.find('\x1d'), text.size());
        if (text.size() < end || (!form->fixed && end > form->length))
            return malformed("an element has the wrong length", "数据长度不符");
        out.push_back({form->ai, std::string(text.substr(0, end))});
        text.remove_prefix(end);
    }
    return out;
}

/// GS1 Digital Link: …/01/GTIN/21/serial?17=…
Result<std::vector<Element>> digital_link(std::string_view text) {
    std::vector<Element> out;
    text.remove_prefix(text.find("//") + 2);
    std::string path(text.substr(0, text.find_first_of("?#")));
    std::string query = text.find('?') == std::string_view::npos
                            ? std::string()
                            : std::string(text.substr(text.find('?') + 1));
    if (const auto fragment = query.find('#'); fragment != std::string::npos) query.erase(fragment);
    const std::vector<std::string> steps = split(path, '/');
    for (std::size_t i = 1; i + 1 < steps.size(); ++i) {
        const ElementForm* form = form_of(steps[i]);
        if (form && form->ai == steps[i]) out.push_back({form->ai, steps[++i]});
    }
    for (const std::string& pair : split(query, '&')) {
        const auto equal = pair.find('=');
        const ElementForm* form = equal == std::string::npos ? nullptr : form_of(pair.substr(0, equal));
        if (form && form->ai == pair.substr(0, equal)) out.push_back({form->ai, pair.substr(equal + 1)});
    }
    if (out.empty()) return malformed("the address names no GS1 key", "网址中没有 GS1 编码");
    return out;
}

/// %21 and the like, as they stand in addresses.
std::string unescaped(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string expiry_date(std::string_view six) {
    if (six.size() != 6 || !is_digits(six)) return {};
    std::string day(six.substr(4));
    if (day == "00") day = "28";  // the month's end, whatever the month
    return "20" + std::string(six.substr(0, 2)) + "-" + std::string(six.substr(2, 2)) + "-" + day;
}

Result<ScannedCode> from_elements(const std::vector<Element>& elements) {
    ScannedCode out;
    std::string gtin, serial, sscc;
    for (const Element& element : elements) {
        if (element.ai == "01" || element.ai == "02") gtin = element.value;
        if (element.ai == "21") serial = unescaped(element.value);
        if (element.ai == "00") sscc = element.value;
        if (element.ai == "10") out.batch = unescaped(element.value);
        if (element.ai == "17") out.expiry = expiry_date(element.value);
    }
    if (!sscc.empty()) {
        if (sscc.size() != 18 || !is_digits(sscc))
            return malformed("an SSCC has 18 digits", "SSCC 应为 18 位数字");
        if (!gs1_check_fits(sscc))
            return Error{ErrorCode::code_check_failed, "check digit of the SSCC", "code"};
        out.code = {kind_bits(CodeKind::sscc) | Wide{std::stoull(sscc)}};
        out.text = "(00)" + sscc;
        return out;
    }
    if (gtin.size() < 8 || gtin.size() > 14 || !is_digits(gtin))
        return malformed("a GTIN has 8, 12, 13 or 14 digits", "GTIN 应为 8、12、13 或 14 位数字");
    gtin.insert(0, 14 - gtin.size(), '0');
    if (!gs1_check_fits(gtin)) return Error{ErrorCode::code_check_failed, "check digit of the GTIN", "code"};
    if (serial.empty() || serial.size() > 20)
        return malformed("a serial number (21) of 1 to 20 characters is needed", "缺少序列号（21）");
    for (const char c : serial)
        if (c < 0x21 || c > 0x7e)
            return malformed("the serial has a character GS1 does not allow", "序列号含有不允许的字符");
    out.code = gs1_code(std::stoull(gtin), serial);
    out.text = "(01)" + gtin + "(21)" + serial;
    return out;
}

/// urn:epc:id:sgtin:company.item.serial and urn:epc:id:sscc:company.reference (EPC Tag Data Standard 6.3).
Result<ScannedCode> from_urn(std::string_view text) {
    const auto with_check = [](std::string digits) {
        for (char c = '0'; c <= '9'; ++c)
            if (gs1_check_fits(digits + c)) return digits + c;
        return digits;
    };
    const std::size_t colon = text.rfind(':');
    const std::string_view scheme = text.substr(0, colon);
    const std::vector<std::string> parts = split(text.substr(colon + 1), '.');
    if (scheme == "urn:epc:id:sgtin" && parts.size() >= 3 && is_digits(parts[0]) && is_digits(parts[1]) &&
        parts[0].size() + parts[1].size() == 13) {
        std::string serial = parts[2];
        for (std::size_t i = 3; i < parts.size(); ++i) serial += "." + parts[i];
        const std::string gtin = with_check(parts[1].substr(0, 1) + parts[0] + parts[1].substr(1));
        return from_elements({{"01", gtin}, {"21", serial}});
    }
    if (scheme == "urn:epc:id:sscc" && parts.size() == 2 && is_digits(parts[0]) && is_digits(parts[1]) &&
        parts[0].size() + parts[1].size() == 17)
        return from_elements({{"00", with_check(parts[1].substr(0, 1) + parts[0] + parts[1].substr(1))}});
    ScannedCode out{.code = own_code(text), .text = std::string(text), .batch = {}, .expiry = {}};
    return out;
}

}  // namespace

Wide PackCode::group() const {
    if (kind() != CodeKind::national) return value;
    return value / check_places / serials_in_group;
}

std::uint64_t PackCode::product() const {
    if (kind() == CodeKind::national) return static_cast<std::uint64_t>(value / check_places / serial_places);
    if (kind() == CodeKind::gs1)
        return static_cast<std::uint64_t>(value >> gtin_shift) & ((std::uint64_t{1} << 47) - 1);
    return 0;
}

Wide first_code_of(Wide group) {
    return group >> 124 == 0 ? group * check_places * serials_in_group : group;
}

std::string PackCode::text() const {
    if (kind() == CodeKind::national)
        return padded(static_cast<std::uint64_t>(value / 10'000'000'000ULL), 10) +
               padded(static_cast<std::uint64_t>(value % 10'000'000'000ULL), 10);
    if (kind() == CodeKind::sscc) return "(00)" + padded(static_cast<std::uint64_t>(value), 18);
    return {};
}

CodeRange codes_of_product(CodeKind kind, std::uint64_t product) {
    if (kind == CodeKind::gs1)
        return {{kind_bits(kind) | Wide{product} << gtin_shift},
                {kind_bits(kind) | Wide{product + 1} << gtin_shift}};
    const Wide width = Wide{check_places} * serial_places;
    return {{product * width}, {(product + 1) * width}};
}

bool parse_national(std::string_view text, PackCode& out) {
    if (text.size() != 20) return false;
    std::uint64_t high = 0, low = 0;
    unsigned wrong = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        const unsigned a = static_cast<unsigned char>(text[i]) - unsigned{'0'};
        const unsigned b = static_cast<unsigned char>(text[i + 10]) - unsigned{'0'};
        wrong |= static_cast<unsigned>(a > 9) | static_cast<unsigned>(b > 9);
        high = high * 10 + a;
        low = low * 10 + b;
    }
    if (wrong != 0) return false;
    out.value = Wide{high} * 10'000'000'000ULL + low;
    return true;
}

PackCode own_code(std::string_view text) {
    return {kind_bits(CodeKind::own) | hash_bits(text, 124)};
}

PackCode gs1_code(std::uint64_t gtin, std::string_view serial) {
    return {kind_bits(CodeKind::gs1) | Wide{gtin} << gtin_shift | hash_bits(serial, gtin_shift)};
}

PackCode document_code(std::uint64_t name) {
    return {kind_bits(CodeKind::document) | Wide{name}};
}

Result<ScannedCode> parse_code(std::string_view scanned) {
    if (scanned.size() > scanned_bytes_max || !is_utf8(scanned))
        return malformed("it is longer than any pack code, or no text", "内容过长或不是文本");
    std::string text = plain(trim(scanned));
    ScannedCode out;
    if (parse_national(text, out.code)) {
        out.text = std::move(text);
        return out;
    }
    // Symbology identifiers that some scanners put in front (ISO/IEC 15424).
    for (const std::string_view mark : {"]d2", "]C1", "]Q3", "]e0"})
        if (text.starts_with(mark)) text.erase(0, mark.size());
    if (text.empty())
        return malformed("it is empty, or has characters no code has", "内容为空或含有编码不允许的字符");
    if (text.starts_with("http://") || text.starts_with("https://")) {
        // The 20 digits may stand in an address of the issuer's.
        for (std::size_t i = 0; i + 20 <= text.size(); ++i)
            if (parse_national(std::string_view(text).substr(i, 20), out.code) &&
                (i + 20 == text.size() || text[i + 20] < '0' || text[i + 20] > '9') &&
                (i == 0 || text[i - 1] < '0' || text[i - 1] > '9')) {
                out.text = text.substr(i, 20);
                return out;
            }
        return from_elements(TRY(digital_link(text)));
    }
    if (text.starts_with("urn:epc:")) return from_urn(text);
    if (text.front() == '(') return from_elements(TRY(bracketed(text)));
    if (text.front() == '\x1d' ||
        (text.starts_with("01") && text.size() > 16 && is_digits(text.substr(0, 16))))
        return from_elements(TRY(element_string(text)));
    if (text.size() == 20 && text.starts_with("00") && is_digits(text))
        return from_elements({{"00", text.substr(2)}});
    if (is_digits(text) && text.size() > 14 && text.size() != 18)
        return malformed("a national trace code has 20 digits, this has " + std::to_string(text.size()),
                         "追溯码应为 20 位数字，本码为 " + std::to_string(text.size()) + " 位");
    if (text.size() == 18 && is_digits(text) && gs1_check_fits(text)) return from_elements({{"00", text}});
    if (text.size() > own_bytes_max) return malformed("it is longer than any pack code", "内容过长");
    for (const char c : text)
        if (c < 0x21 || c > 0x7e || c == ',' || c == '"')
            return malformed("it has characters no code has", "含有编码不允许的字符");
    out.code = own_code(text);
    out.text = std::move(text);
    return out;
}

namespace {

void put_big_endian(std::string& out, Wide value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

Wide big_endian(std::string_view bytes) {
    Wide value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

}  // namespace

// A national group is a number below 10^16 / 64: its first byte is 0, and so is the first nibble of a
// national code.
std::string group_key(Wide group) {
    std::string out;
    const auto kind = static_cast<unsigned>(group >> 124);
    out += static_cast<char>(kind);
    put_big_endian(out, group, kind == 0 ? 8 : 16);
    return out;
}

Wide parse_group_key(std::string_view key) {
    return big_endian(key.substr(1));
}

std::string code_key(PackCode code) {
    std::string out;
    put_big_endian(out, code.value, 16);
    return out;
}

PackCode parse_code_key(std::string_view key) {
    return {big_endian(key)};
}

}  // namespace qingyuan::packs
