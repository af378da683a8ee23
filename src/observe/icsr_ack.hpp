// The acknowledgement of an E2B(R3) message: MCCI_IN200101UV01 with one MCCI_IN000002UV01 for each report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "observe/icsr_xml.hpp"

namespace qingyuan::observe {

/// What became of a report (ACK.B.r).
struct ReportAck {
    std::string message_id;        ///< ACK.B.r.1: C.1.1 of the report
    std::string local_number;      ///< ACK.B.r.2: under which it is kept, seq/i; empty where it is not
    std::string receiver, sender;  ///< ACK.B.r.3 and .4: the message's own, the other way round
    std::string created;           ///< ACK.B.r.5: the message's date, as it stands
    bool accepted = false;         ///< ACK.B.r.6: CA or CR
    std::string text;              ///< ACK.B.r.7: errors and warnings
};

struct IcsrAck {
    std::string number;            ///< ACK.M.1: of this acknowledgement
    std::string sender, receiver;  ///< ACK.M.2 and .3
    Instant at;                    ///< ACK.M.4
    std::string batch_number;      ///< ACK.A.1: of the message that is answered
    std::string local_number;      ///< ACK.A.2: sequence number of the batch; empty where none was made
    std::string batch_created;     ///< ACK.A.3
    std::string text;              ///< ACK.A.5
    std::vector<ReportAck> reports;
    bool refused = false;  ///< the message as a whole

    /// ACK.A.4: AA all reports accepted, AE some not, AR the message refused.
    [[nodiscard]] std::string_view code() const;
};

/// The problems of a report in one text: [element] message; next. Never longer than the element may be
/// (2,000).
[[nodiscard]] std::string ack_text(const std::vector<ReportProblem>& problems);

/// The message in UTF-8. What came from the sender is escaped; characters that XML has no place for are left
/// out.
[[nodiscard]] std::string ack_xml(const IcsrAck& ack);

}  // namespace qingyuan::observe
