// Values that stand in facts and projection rows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/cbor.hpp"
#include "base/date.hpp"

namespace qingyuan::facts {

/// A personal value: it lies in the vault under `subject`; the fact keeps only HMAC-SM3 of the value under
/// the subject's key. After the key is erased the value reads "erased" and every proof stays valid.
struct SubjectRef {
    std::string subject;  ///< vault id, "s-" and 16 hexadecimal digits
    Bytes mac;            ///< 32 bytes
    bool operator==(const SubjectRef&) const = default;
};

/// The value of one form field. Dates are text YYYY-MM-DD, money is integer fen, fractions are text.
using Value = std::variant<std::int64_t, bool, std::string, std::vector<std::string>, SubjectRef>;

struct KeyOrder {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return cbor_key_before(a, b); }
};

/// A filled form: field → value, in the order its bytes are written.
using Form = std::map<std::string, Value, KeyOrder>;

[[nodiscard]] const Value* find(const Form& form, std::string_view field);
/// The text of a field, "" where it is absent or not text.
[[nodiscard]] std::string text_of(const Form& form, std::string_view field);
/// A list field; a text field counts as a list of one.
[[nodiscard]] std::vector<std::string> list_of(const Form& form, std::string_view field);
/// SM3 of the deterministic CBOR of the form: what an approval is bound to.
[[nodiscard]] Digest digest_of_form(const Form& form);

}  // namespace qingyuan::facts
