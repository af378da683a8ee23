// What a stage or an importer asks of the vault: a personal value in, the reference that may stand in a fact
// out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "facts/value.hpp"

namespace qingyuan::facts {

/// A value and what it is for: "person_name/hy-p-001". The purpose names the owner, so that two people of one
/// name are two subjects.
struct PersonalValue {
    std::string purpose;
    std::string value;
};

class PersonalValues {
 public:
    virtual ~PersonalValues() = default;
    /// The subjects of the values, in their order, in one durable change; the same purpose and value give the
    /// same subject until it is erased. An empty value has the empty reference.
    virtual Result<std::vector<SubjectRef>> put(const std::vector<PersonalValue>& values) = 0;
    /// The subject of a value that is already there; nothing is written.
    [[nodiscard]] virtual Result<std::optional<SubjectRef>> find_subject(std::string_view purpose,
                                                                         std::string_view value) const = 0;
};

}  // namespace qingyuan::facts
