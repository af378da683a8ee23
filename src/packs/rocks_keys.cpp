#include "packs/rocks_keys.hpp"

namespace qingyuan::packs {

namespace {

constexpr char escape = '\x00', escaped_zero = '\xff', group_end = '\x01';

/// Of a counted group, by its first byte.
std::size_t counted_bytes(char first) {
    return first == '\x00' ? 9 : 17;
}

}  // namespace

void put_group(std::string& out, GroupForm form, std::string_view group) {
    if (form == GroupForm::counted) {
        QY_ASSERT(!group.empty() && group.size() == counted_bytes(group.front()));
        out.append(group);
        return;
    }
    for (const char c : group) {
        out.push_back(c);
        if (c == escape) out.push_back(escaped_zero);
    }
    out.push_back(escape);
    out.push_back(group_end);
}

std::string rocks_key(GroupForm form, std::string_view group, std::string_view rest) {
    std::string key;
    key.reserve(group.size() + rest.size() + 4);
    put_group(key, form, group);
    key.append(rest);
    return key;
}

std::size_t group_bytes(GroupForm form, std::string_view key) {
    if (key.empty()) return 0;
    if (form == GroupForm::counted) {
        const std::size_t bytes = counted_bytes(key.front());
        return key.size() >= bytes ? bytes : 0;
    }
    for (std::size_t at = key.find(escape); at != std::string_view::npos && at + 1 < key.size();
         at = key.find(escape, at + 2)) {
        if (key[at + 1] == group_end) return at + 2;
        if (key[at + 1] != escaped_zero) return 0;
    }
    return 0;
}

bool parse_rocks_key(GroupForm form, std::string_view key, std::string& scratch, KeyParts& out) {
    const std::size_t bytes = group_bytes(form, key);
    if (bytes == 0) return false;
    out.rest = key.substr(bytes);
    if (form == GroupForm::counted) {
        out.group = key.substr(0, bytes);
        return true;
    }
    const std::string_view written = key.substr(0, bytes - 2);
    if (written.find(escape) == std::string_view::npos) {
        out.group = written;
        return true;
    }
    scratch.clear();
    for (std::size_t at = 0; at < written.size(); ++at) {
        scratch.push_back(written[at]);
        if (written[at] == escape) ++at;  // its escaped_zero
    }
    out.group = scratch;
    return true;
}

std::string rocks_bound(GroupForm form, std::string_view bound) {
    if (form == GroupForm::counted) {
        return std::string(bound);  // a longer one than a group: the caller looks at the groups
    }
    std::string key;
    put_group(key, form, bound);
    return key;
}

}  // namespace qingyuan::packs
