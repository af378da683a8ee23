// How (group, rest) becomes one key of RocksDB: in the same order bytewise, and so that the group can be read
// off the front of the key. Format: docs/formats/packs_store.md.
#pragma once

#include <string>
#include <string_view>

#include "packs/store.hpp"

namespace qingyuan::packs {

enum class GroupForm : std::uint8_t {
    counted,  ///< written as it is: nine bytes where the first is zero, seventeen where it is not
    escaped   ///< any bytes: 00 becomes 00 ff, and 00 01 ends the group
};
[[nodiscard]] constexpr GroupForm group_form(Space space) {
    return space == Space::runs || space == Space::relations || space == Space::findings ? GroupForm::counted
                                                                                         : GroupForm::escaped;
}

/// Appends the group as it begins a key. A group of a counted space that has not the length its first byte
/// tells is a bug.
void put_group(std::string& out, GroupForm form, std::string_view group);
[[nodiscard]] std::string rocks_key(GroupForm form, std::string_view group, std::string_view rest);

/// How many bytes of a key are its group; 0 where they are no whole group.
[[nodiscard]] std::size_t group_bytes(GroupForm form, std::string_view key);

struct KeyParts {
    std::string_view group;  ///< into the key, or into `scratch` where it was escaped
    std::string_view rest;
};
/// False for bytes that are no key.
[[nodiscard]] bool parse_rocks_key(GroupForm form, std::string_view key, std::string& scratch, KeyParts& out);

/// An end of a scan: not behind the first key whose group is not less than `bound`. Any bytes are taken.
[[nodiscard]] std::string rocks_bound(GroupForm form, std::string_view bound);

}  // namespace qingyuan::packs
