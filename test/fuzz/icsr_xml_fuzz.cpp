// libFuzzer target: E2B(R3) messages. Built and run by test/slow/fuzz.sh in the root of the tree, for law/.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "law/law.hpp"
#include "observe/icsr_ack.hpp"
#include "observe/icsr_xml.hpp"

namespace {

using namespace qingyuan;
using namespace qingyuan::observe;

void demand(bool holds) {
    if (!holds) std::abort();
}

const law::Law& book() {
    static const law::Law law = law::Law::load("law").value();
    return law;
}

/// An acknowledgement is well-formed, whatever the message held.
class Nothing final : public XmlVisitor {
    Result<bool> open(const XmlName&, const XmlTree&, const std::vector<XmlName>&, int) override {
        return false;
    }
    void close(const XmlName&, const std::vector<XmlName>&) override {}
    Result<void> tree(const XmlTree&, const std::vector<XmlNamespace>&) override { return {}; }
};

/// What is said of a message, in one text.
std::string said(std::string_view bytes) {
    static const IcsrElements elements = IcsrElements::load("law").value();
    const auto message = read_icsr(bytes, elements, book(), {.now = start_of(make_date(2025, 7, 5))});
    if (!message) {
        demand(!message.error().message.empty() && message.error().info().kind == ErrorKind::input);
        return std::string(message.error().info().name) + message.error().where;
    }
    IcsrAck ack{.number = "1", .batch_number = message->batch_number, .batch_created = message->created};
    std::string out;
    for (const IncomingReport& one : message->reports) {
        for (const ReportProblem& problem : one.problems)
            demand(!problem.message.empty() && !problem.next.empty() && is_utf8(problem.message));
        if (one.accepted())
            demand(one.quality.criteria.empty() && !one.row.case_id.empty() && !one.row.info_at.empty() &&
                   !one.row.products.empty());
        demand(one.quality.completeness >= 0 && one.quality.completeness <= 1000);
        ack.reports.push_back({one.message_id, "", one.message_sender, one.message_receiver,
                               one.message_created, one.accepted(), ack_text(one.problems)});
        out += ack.reports.back().text + one.row.number + one.row.info_at;
    }
    Nothing nothing;
    demand(read_xml(ack_xml(ack), {}, nothing).has_value());
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    demand(said(bytes) == said(bytes));
    return 0;
}
