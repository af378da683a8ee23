// The data elements of E2B(R3) as law/icsr_elements.csv has them: where each stands in a message, what it may
// hold, which null flavours it takes, whether it must be there. The reader of messages applies the rows; it
// knows none of the rules itself.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "observe/hl7_time.hpp"
#include "observe/xml_path.hpp"

namespace qingyuan::observe {

/// The part of a message an element belongs to; a report has any number of sources, reactions, drugs, …
enum class IcsrScope : std::uint8_t {
    batch,
    message,
    kase,  ///< "case" in the file
    source,
    patient,
    reaction,
    drug,
    dosage,
    role,
    relatedness,
    assessment
};
constexpr std::array<std::string_view, 11> icsr_scopes{"batch",   "message",     "case",      "source",
                                                       "patient", "reaction",    "drug",      "dosage",
                                                       "role",    "relatedness", "assessment"};

enum class IcsrType : std::uint8_t {
    text,
    number,
    code,
    boolean,
    country,
    date,
    meddra_version,
    meddra_code
};
constexpr std::array<std::string_view, 8> icsr_types{"text",    "number", "code",           "boolean",
                                                     "country", "date",   "meddra_version", "meddra_code"};

/// mandatory and required: it is there, or says by an allowed null flavour why not. conditional: where
/// another element asks for it. Only the first two are looked at for themselves.
enum class IcsrConformance : std::uint8_t { mandatory, required, conditional, optional };
constexpr std::array<std::string_view, 4> icsr_conformances{"mandatory", "required", "conditional",
                                                            "optional"};
constexpr std::array<std::string_view, 6> null_flavours{"NI", "MSK", "UNK", "NA", "ASKU", "NASK"};

struct IcsrElement {
    std::string id, zh, en;
    IcsrScope scope{};
    XmlPath path;
    IcsrType type{};
    std::size_t max = 0;  ///< characters, 0 = any number
    IcsrConformance conformance{};
    std::vector<std::string> null_flavours;
    std::vector<std::string> values;  ///< all that are allowed, case-sensitive; none = any
    TimePrecision precision{};        ///< the least a date must have
    bool personal = false;            ///< the value stays in the sealed file
    bool verified = false;            ///< compared with the published list
    std::string note;
};

class IcsrElements {
 public:
    /// What load reads. csv_malformed, column_missing, column_unknown, law_value_invalid, law_duplicate,
    /// law_key_missing; where = the line.
    static Result<IcsrElements> parse(std::string_view csv);
    /// law/icsr_elements.csv below the law's directory.
    static Result<IcsrElements> load(const std::filesystem::path& law_directory);

    [[nodiscard]] const std::vector<IcsrElement>& of(IcsrScope scope) const {
        return by_scope_[static_cast<std::size_t>(scope)];
    }
    [[nodiscard]] std::size_t size() const;

 private:
    std::array<std::vector<IcsrElement>, icsr_scopes.size()> by_scope_;
};

}  // namespace qingyuan::observe
