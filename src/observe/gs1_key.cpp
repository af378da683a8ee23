// GS1 keys by table: how an EPC URN is cut, which application identifiers it becomes, what a Digital Link may
// hold.
#include "observe/gs1_key.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace qingyuan::observe {

namespace {

constexpr std::string_view home = "https://id.gs1.org/";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, is_digit);
}

/// The 82 characters of GS1 element strings as they may stand in a URI, or an escape.
constexpr std::array<bool, 256> key_characters = [] {
    std::array<bool, 256> table{};
    for (const unsigned char c :
         std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "!'()*+,-.:;=_\"<>?")) {
        table[c] = true;
    }
    return table;
}();
bool is_key_character(char c) {
    return key_characters[static_cast<unsigned char>(c)];
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// Number of characters of a serial, lot or reference; 0 if one is not allowed. An escape counts as one.
std::size_t characters_of(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i, ++count) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return 0;
            i += 2;
        } else if (!is_key_character(text[i])) {
            return 0;
        }
    }
    return count;
}
bool is_serial(std::string_view text, std::size_t max) {
    const std::size_t count = characters_of(text);
    return count >= 1 && count <= max;
}

/// Escapes what a Digital Link must escape and a URN need not (GS1 Digital Link 1.2, table 7-1).
void append_escaped(std::string_view text, std::string& out) {
    for (const char c : text) {
        switch (c) {
            case '!': out += "%21"; break;
            case '(': out += "%28"; break;
            case ')': out += "%29"; break;
            case '*': out += "%2A"; break;
            case '+': out += "%2B"; break;
            case ',': out += "%2C"; break;
            case ':': out += "%3A"; break;
            default: out += c;
        }
    }
}

// --- EPC URNs
// -------------------------------------------------------------------------------------------------

enum class Shape : std::uint8_t {
    gtin,       ///< company.indicator+item[.serial]: a GTIN-14
    plain,      ///< company.reference: digits and check digit, 12 or 17 before it
    sscc,       ///< company.extension+reference: the extension digit moves to the front
    free,       ///< company.reference of any characters, no check digit
    component,  ///< company.reference.serial of a component
    itip,       ///< gtin.piece.total.serial
};

enum class Tail : std::uint8_t { none, serial, digits, location, appended };

struct Scheme {
    std::string_view name;  ///< after urn:epc:
    Shape shape;
    std::size_t digits;        ///< of company and reference together
    std::string_view ai;       ///< with its slash
    std::string_view tail_ai;  ///< of the part behind; "" if it is written at once behind the key
    Tail tail;
    std::size_t tail_max;
};

constexpr Scheme schemes[] = {
    {"id:sgtin:", Shape::gtin, 13, "01/", "/21/", Tail::serial, 20},
    {"id:sscc:", Shape::sscc, 17, "00/", "", Tail::none, 0},
    {"id:sgln:", Shape::plain, 12, "414/", "/254/", Tail::location, 20},
    {"id:grai:", Shape::plain, 12, "8003/0", "", Tail::serial, 16},
    {"id:giai:", Shape::free, 30, "8004/", "", Tail::none, 0},
    {"id:gsrn:", Shape::plain, 17, "8018/", "", Tail::none, 0},
    {"id:gsrnp:", Shape::plain, 17, "8017/", "", Tail::none, 0},
    {"id:gdti:", Shape::plain, 12, "253/", "", Tail::serial, 17},
    {"id:cpi:", Shape::component, 30, "8010/", "/8011/", Tail::digits, 12},
    {"id:sgcn:", Shape::plain, 12, "255/", "", Tail::digits, 12},
    {"id:ginc:", Shape::free, 30, "401/", "", Tail::none, 0},
    {"id:gsin:", Shape::plain, 16, "402/", "", Tail::none, 0},
    {"id:itip:", Shape::itip, 13, "8006/", "/21/", Tail::serial, 20},
    {"id:upui:", Shape::gtin, 13, "01/", "/235/", Tail::serial, 28},
    {"id:pgln:", Shape::plain, 12, "417/", "", Tail::none, 0},
    {"class:lgtin:", Shape::gtin, 13, "01/", "/10/", Tail::serial, 20},
    {"idpat:sgtin:", Shape::gtin, 13, "01/", "", Tail::appended, 0},
    {"idpat:grai:", Shape::plain, 12, "8003/0", "", Tail::appended, 0},
    {"idpat:gdti:", Shape::plain, 12, "253/", "", Tail::appended, 0},
    {"idpat:sgcn:", Shape::plain, 12, "255/", "", Tail::appended, 0},
    {"idpat:cpi:", Shape::component, 30, "8010/", "", Tail::appended, 0},
    {"idpat:itip:", Shape::itip, 13, "8006/", "", Tail::appended, 0},
    {"idpat:upui:", Shape::gtin, 13, "01/", "", Tail::appended, 0},
};

/// The text up to a dot; the dot is taken away.
std::string_view cut(std::string_view& text) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    return part;
}

bool is_component_reference(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
            i += 2;
        } else if (!is_digit(text[i]) && !(text[i] >= 'A' && text[i] <= 'Z') && text[i] != '-') {
            return false;
        }
    }
    return !text.empty();
}

bool append_tail(const Scheme& scheme, bool present, std::string_view tail, std::string& out) {
    switch (scheme.tail) {
        case Tail::none: return !present;
        case Tail::appended: return tail == "*";  // a pattern over all serials names the class
        case Tail::digits:
            if (tail.empty() || tail.size() > scheme.tail_max || !all_digits(tail)) return false;
            out += scheme.tail_ai;
            out += tail;
            return true;
        case Tail::location:
            if (tail == "0") return true;  // no extension
            [[fallthrough]];
        case Tail::serial:
            if (!is_serial(tail, scheme.tail_max)) return false;
            out += scheme.tail_ai;
            append_escaped(tail, out);
            return true;
    }
    return false;
}

/// The key itself: company and reference, with their check digit.
bool append_key(const Scheme& scheme, std::string_view company, std::string_view reference,
                std::string& out) {
    if (scheme.shape == Shape::free || scheme.shape == Shape::component) {
        const bool fits = scheme.shape == Shape::free
                              ? is_serial(reference, scheme.digits - company.size())
                              : is_component_reference(reference) &&
                                    characters_of(reference) <= scheme.digits - company.size();
        if (!fits) return false;
        out += company;
        append_escaped(reference, out);
        return true;
    }
    if (!all_digits(reference) || company.size() + reference.size() != scheme.digits) return false;
    const std::size_t from = out.size();
    if (scheme.ai.ends_with('0')) out += '0';  // the padding digit of a GRAI is part of the number
    if (scheme.shape == Shape::plain) {
        out += company;
        out += reference;
    } else {  // the first digit of the reference is the indicator and stands in front
        if (reference.empty()) return false;
        out += reference[0];
        out += company;
        out += reference.substr(1);
    }
    out += check_digit(std::string_view(out).substr(from));
    return true;
}

/// The scheme of a text behind urn:epc:, up to its second colon; null for one that has no Digital Link.
const Scheme* find_scheme(std::string_view urn) {
    const std::size_t colon = urn.find(':', urn.find(':') + 1);
    const std::string_view name = urn.substr(0, colon == std::string_view::npos ? colon : colon + 1);
    for (const Scheme& scheme : schemes) {
        if (scheme.name == name) return &scheme;
    }
    return nullptr;
}

bool append_urn(const Scheme& scheme, std::string_view urn, std::string& out) {
    std::string_view rest = urn.substr(scheme.name.size());
    if (rest.find('.') == std::string_view::npos) return false;
    const std::string_view company = cut(rest);
    if (company.size() < 6 || company.size() > 12 || !all_digits(company)) return false;
    const bool whole = scheme.shape == Shape::free;
    bool present = !whole && rest.find('.') != std::string_view::npos;
    const std::string_view reference = whole ? rest : cut(rest);
    out += home;
    out += scheme.ai.ends_with('0') ? scheme.ai.substr(0, scheme.ai.size() - 1) : scheme.ai;
    if (!append_key(scheme, company, reference, out)) return false;
    if (scheme.shape == Shape::itip) {
        const std::string_view piece = cut(rest);
        present = rest.find('.') != std::string_view::npos;
        const std::string_view total = cut(rest);
        if (piece.size() != 2 || total.size() != 2 || !all_digits(piece) || !all_digits(total)) return false;
        out += piece;
        out += total;
    }
    return append_tail(scheme, present, rest, out);
}

// --- Digital Links
// --------------------------------------------------------------------------------------------

struct Key {
    std::string_view ai;
    std::string_view name;        ///< the short name of earlier Digital Link versions
    std::size_t digits;           ///< that it begins with
    std::size_t more;             ///< characters that may follow them
    std::string_view qualifiers;  ///< allowed behind it, the finest first
};

constexpr Key keys[] = {
    {"00", "sscc", 18, 0, ""},    {"01", "gtin", 14, 0, "21 235 10"}, {"253", "gdti", 13, 17, ""},
    {"255", "gcn", 13, 12, ""},   {"401", "ginc", 4, 26, ""},         {"402", "gsin", 17, 0, ""},
    {"414", "gln", 13, 0, "254"}, {"417", "party", 13, 0, ""},        {"8003", "grai", 14, 16, ""},
    {"8004", "giai", 4, 26, ""},  {"8006", "itip", 18, 0, "21 10"},   {"8010", "cpid", 4, 26, "8011"},
    {"8017", "gsrnp", 18, 0, ""}, {"8018", "gsrn", 18, 0, ""},
};

struct Qualifier {
    std::string_view ai, name;
    std::size_t max;
};
constexpr Qualifier qualifiers[] = {{"21", "ser", 20},   {"235", "tpx", 28},   {"10", "lot", 20},
                                    {"254", "glnx", 20}, {"8011", "cpsn", 12}, {"22", "cpv", 20}};

bool fits(const Key& key, std::string_view value, std::string& padded) {
    if (key.ai == "01" && (value.size() == 8 || value.size() == 12 || value.size() == 13)) {
        padded.assign(14 - value.size(), '0');
        padded += value;
        return all_digits(value);
    }
    padded = value;
    if (value.size() < key.digits || !all_digits(value.substr(0, key.digits))) return false;
    const std::string_view more = value.substr(key.digits);
    return more.empty() || is_serial(more, key.more);
}

/// What follows the key in the path: pairs of qualifier and value, of which the finest is kept.
bool append_qualifiers(const Key& key, std::string_view path, std::string& out) {
    std::array<std::string_view, std::size(qualifiers)> found{};
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (slash == std::string_view::npos) return false;
        const std::string_view name = path.substr(0, slash);
        path.remove_prefix(slash + 1);
        const std::size_t end = path.find('/');
        const std::string_view value = path.substr(0, end);
        path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
        const auto known = std::ranges::find_if(
            qualifiers, [&](const Qualifier& one) { return one.ai == name || one.name == name; });
        if (known == std::end(qualifiers) || !is_serial(value, known->max)) return false;
        found[static_cast<std::size_t>(known - std::begin(qualifiers))] = value;
    }
    std::string_view allowed = key.qualifiers;
    bool kept = false;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].empty() || qualifiers[i].ai == "22")
            continue;  // a variant is no level of identification
        if (allowed.find(qualifiers[i].ai) == std::string_view::npos) return false;
        if (kept) continue;
        kept = true;
        out += '/';
        out += qualifiers[i].ai;
        out += '/';
        append_escaped(found[i], out);
    }
    return true;
}

bool append_link(std::string_view uri, std::string& out) {
    const std::size_t host = uri.find("//") + 2;
    std::string_view path = uri.substr(host, uri.find('?') - host);
    if (path.find('#') != std::string_view::npos) return false;
    if (path.ends_with('/')) path.remove_suffix(1);
    std::size_t slash = path.find('/');
    std::string value;
    while (slash != std::string_view::npos) {
        const std::size_t begin = slash + 1;
        const std::size_t end = path.find('/', begin);
        if (end == std::string_view::npos) return false;
        const std::string_view name = path.substr(begin, end - begin);
        const auto key =
            std::ranges::find_if(keys, [&](const Key& one) { return one.ai == name || one.name == name; });
        if (key != std::end(keys)) {
            const std::size_t stop = path.find('/', end + 1);
            const std::string_view rest =
                stop == std::string_view::npos ? std::string_view{} : path.substr(stop + 1);
            const std::size_t size = out.size();
            if (fits(*key, path.substr(end + 1, stop - end - 1), value)) {
                out += home;
                out += key->ai;
                out += '/';
                append_escaped(value, out);
                if (append_qualifiers(*key, rest, out)) return true;
                out.resize(size);
            }
        }
        slash = end;
    }
    return false;
}

}  // namespace

char check_digit(std::string_view digits) {
    int sum = 0;
    int weight = 3;
    for (std::size_t i = digits.size(); i-- > 0; weight = 4 - weight) sum += (digits[i] - '0') * weight;
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool is_epc_urn(std::string_view urn) {
    if (!urn.starts_with("urn:epc:")) return false;
    const std::string_view rest = urn.substr(8);
    const Scheme* scheme = find_scheme(rest);
    if (scheme == nullptr) return is_serial(rest, rest.size());
    thread_local std::string unused;
    unused.clear();
    return append_urn(*scheme, rest, unused);
}

bool append_digital_link(std::string_view uri, std::string& out) {
    const std::size_t size = out.size();
    bool done = false;
    if (uri.starts_with("urn:epc:")) {
        const std::string_view urn = uri.substr(8);
        const Scheme* scheme = find_scheme(urn);
        done = scheme != nullptr && append_urn(*scheme, urn, out);
    } else if (uri.starts_with("http://") || uri.starts_with("https://")) {
        done = append_link(uri, out);
    }
    if (!done) out.resize(size);
    return done;
}

}  // namespace qingyuan::observe
