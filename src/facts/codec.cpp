#include "facts/codec.hpp"

namespace qingyuan::facts {

namespace codec {

void write(CborWriter& out, std::string_view field, const std::string& value) {
    if (holds_bytes(field))
        out.bytes(value);
    else
        out.text(value);
}
void write(CborWriter& out, std::string_view, std::int64_t value) {
    out.integer(value);
}
void write(CborWriter& out, std::string_view, bool value) {
    out.boolean(value);
}
void write(CborWriter& out, std::string_view, Date value) {
    out.integer(value.days);
}
void write(CborWriter& out, std::string_view, const std::vector<std::string>& value) {
    out.array(value.size());
    for (const std::string& item : value) out.text(item);
}
// A subject reference is the array [subject, mac], so that it cannot be taken for a text or a list.
void write(CborWriter& out, std::string_view, const SubjectRef& value) {
    out.array(2);
    out.text(value.subject);
    out.bytes(value.mac);
}
void write(CborWriter& out, std::string_view, const Form& form) {
    out.map(form.size());
    for (const auto& [name, value] : form) {
        out.text(name);
        std::visit([&](const auto& held) { write(out, {}, held); }, value);
    }
}

Result<void> read(CborReader& in, std::string_view field, std::string& value) {
    value = holds_bytes(field) ? TRY(in.bytes()) : TRY(in.text());
    return {};
}
Result<void> read(CborReader& in, std::string_view, std::int64_t& value) {
    value = TRY(in.integer());
    return {};
}
Result<void> read(CborReader& in, std::string_view, bool& value) {
    value = TRY(in.boolean());
    return {};
}
Result<void> read(CborReader& in, std::string_view, Date& value) {
    const std::int64_t days = TRY(in.integer());
    if (days < Date::never_before().days || days > Date::never_after().days)
        return Error{ErrorCode::record_malformed, "a date out of range"};
    value.days = static_cast<std::int32_t>(days);
    return {};
}
Result<void> read(CborReader& in, std::string_view, std::vector<std::string>& value) {
    const std::uint64_t count = TRY(in.array());
    for (std::uint64_t i = 0; i < count; ++i) value.emplace_back(TRY(in.text()));
    return {};
}
Result<void> read(CborReader& in, std::string_view, SubjectRef& value) {
    if (TRY(in.array()) != 2) return Error{ErrorCode::record_malformed, "a subject reference has two parts"};
    value.subject = TRY(in.text());
    value.mac = TRY(in.bytes());
    return {};
}

namespace {
Result<Value> read_value(CborReader& in) {
    switch (TRY(in.peek())) {
        case CborType::integer: return Value(TRY(in.integer()));
        case CborType::boolean: return Value(TRY(in.boolean()));
        case CborType::text: return Value(std::string(TRY(in.text())));
        case CborType::array: {
            CborReader ahead = in;
            const std::uint64_t count = TRY(ahead.array());
            if (count == 2) {
                TRY(ahead.text());
                if (TRY(ahead.peek()) == CborType::bytes) {
                    SubjectRef subject;
                    CHECK(read(in, {}, subject));
                    return Value(std::move(subject));
                }
            }
            std::vector<std::string> list;
            CHECK(read(in, {}, list));
            return Value(std::move(list));
        }
        default: return Error{ErrorCode::record_malformed, "a form holds a type it cannot hold"};
    }
}
}  // namespace

Result<void> read(CborReader& in, std::string_view, Form& form) {
    const std::uint64_t count = TRY(in.map());
    std::string last;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::string name(TRY(in.text()));
        if (i > 0 && !cbor_key_before(last, name))
            return Error{ErrorCode::record_malformed, "form fields are not in order"};
        last = name;
        form.emplace(std::move(name), TRY(read_value(in)));
    }
    return {};
}

}  // namespace codec

const Value* find(const Form& form, std::string_view field) {
    const auto found = form.find(field);
    return found == form.end() ? nullptr : &found->second;
}

std::string text_of(const Form& form, std::string_view field) {
    const Value* value = find(form, field);
    const auto* text = value ? std::get_if<std::string>(value) : nullptr;
    return text ? *text : std::string();
}

std::vector<std::string> list_of(const Form& form, std::string_view field) {
    const Value* value = find(form, field);
    if (!value) return {};
    if (const auto* list = std::get_if<std::vector<std::string>>(value)) return *list;
    if (const auto* text = std::get_if<std::string>(value)) return {*text};
    return {};
}

Digest digest_of_form(const Form& form) {
    CborWriter out;
    codec::write(out, {}, form);
    return sm3(out.take());
}

}  // namespace qingyuan::facts
