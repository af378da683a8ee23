// What `import trace FILE --format epcis-json|epcis-xml --dry-run --json` prints: the document, its events in
// short, and the hash id of each.
#pragma once

#include <string>
#include <string_view>

#include "observe/epcis.hpp"

namespace qingyuan::cli {

/// {root, schemaVersion, events:[{type, eventTime_ms, offset, action, bizStep, …, hash}]}: counts where the
/// name is plural, null where a field is absent, CBV words bare. Nothing is written anywhere. Errors of
/// read_epcis.
[[nodiscard]] Result<std::string> epcis_json(observe::EpcisFormat format, std::string_view bytes);

}  // namespace qingyuan::cli
