#include "packs/clickhouse_rows.hpp"

#include <utility>

namespace qingyuan::packs {

namespace {

void put_string(std::string& out, std::string_view text) {
    std::size_t size = text.size();
    for (; size >= 0x80; size >>= 7) out.push_back(static_cast<char>(size | 0x80));
    out.push_back(static_cast<char>(size));
    out.append(text);
}

}  // namespace

std::string number_value(std::uint64_t value) {
    std::string out(8, '\0');
    for (int i = 0; i < 8; ++i) out[static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i));
    return out;
}

std::uint64_t value_number(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

bool take_string(std::string_view& bytes, std::string_view& out) {
    std::size_t size = 0, at = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (at == bytes.size()) return false;
        const auto byte = static_cast<unsigned char>(bytes[at++]);
        size |= std::size_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            if (bytes.size() - at < size) return false;
            out = bytes.substr(at, size);
            bytes.remove_prefix(at + size);
            return true;
        }
    }
    return false;
}

bool take_number(std::string_view& bytes, std::uint64_t& out) {
    if (bytes.size() < 8) return false;
    out = value_number(bytes);
    bytes.remove_prefix(8);
    return true;
}

void put_row(std::string& out, bool sums, const Row& row) {
    put_string(out, row.group);
    put_string(out, row.rest);
    out.append(number_value(row.token));
    out.push_back(static_cast<char>(row.kind));
    if (sums)
        out.append(number_value(static_cast<std::uint64_t>(row.delta)));
    else
        put_string(out, row.value);
}

bool take_row(std::string_view& bytes, bool sums, Row& out) {
    if (!take_string(bytes, out.group) || !take_string(bytes, out.rest) || !take_number(bytes, out.token) ||
        bytes.empty() || static_cast<unsigned char>(bytes.front()) > (sums ? 2 : 1))
        return false;
    out.kind = static_cast<RowKind>(bytes.front());
    bytes.remove_prefix(1);
    out.value = {};
    out.delta = 0;
    if (!sums) return take_string(bytes, out.value);
    std::uint64_t delta = 0;
    if (!take_number(bytes, delta)) return false;
    out.delta = static_cast<std::int64_t>(delta);
    return true;
}

void Folding::begin(const Row& row) {
    now_.group.assign(row.group);
    now_.rest.assign(row.rest);
    any_ = true;
    present_ = false;
    sum_ = 0;
}

bool Folding::push(const Row& row) {
    bool complete = false;
    if (!any_ || row.group != now_.group || row.rest != now_.rest) {
        complete = finish();
        begin(row);
    } else if (sums_ && row.token == token_ && row.kind == kind_) {
        return false;  // the same row again
    }
    token_ = row.token;
    kind_ = row.kind;
    present_ = row.kind != RowKind::erase;
    if (!sums_)
        now_.value.assign(row.value);
    else
        sum_ = (row.kind == RowKind::add ? sum_ : 0) + static_cast<std::uint64_t>(row.delta);
    return complete;
}

bool Folding::finish() {
    const bool complete = any_ && present_;
    any_ = false;
    if (!complete) return false;
    if (sums_) now_.value = number_value(sum_);
    std::swap(now_, done_);
    return true;
}

}  // namespace qingyuan::packs
