// E2B(R3) messages: HL7 v3 MCCI_IN200100UV01 with one PORR_IN049016UV for each report. Read one report at a
// time, so that a bad one is refused by itself and the others are taken. A DOCTYPE, deep nesting, a message
// cut off or of another namespace refuses the whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "observe/icsr_elements.hpp"
#include "observe/incoming_report.hpp"

namespace qingyuan::observe {

constexpr std::size_t icsr_bytes_max = std::size_t{256} << 20;
constexpr std::size_t icsr_reports_max = 100'000;  ///< of one message
constexpr std::size_t icsr_depth_max = 64;

struct IcsrMessage {
    std::string batch_number, sender, receiver, created;  ///< N.1.2 to N.1.5 as they stand
    std::vector<ReportProblem> problems;                  ///< of the envelope: none of its reports is taken
    std::vector<IncomingReport> reports;
};

struct IcsrOptions {
    Instant now;
    std::int64_t future_ms = 600'000;  ///< clocks differ: what is later than now by more is in the future
};

/// Reads and checks a message. Errors of the whole: xml_malformed, doctype_refused, nesting_too_deep,
/// too_large, icsr_document_unknown, icsr_namespace_wrong; of the law: those of quality_of.
[[nodiscard]] Result<IcsrMessage> read_icsr(std::string_view bytes, const IcsrElements& elements,
                                            const law::Law& law, const IcsrOptions& options);

/// Does it look like XML rather than a table? By its first bytes.
[[nodiscard]] bool looks_like_xml(std::string_view bytes);

}  // namespace qingyuan::observe
