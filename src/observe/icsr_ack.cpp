#include "observe/icsr_ack.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "observe/hl7_time.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view oids = "2.16.840.1.113883.3.989.2.1";
constexpr std::size_t text_max = 2'000;  // ACK.B.r.7 and ACK.A.5, characters; bytes are never fewer

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (byte >= 0x20 || c == '\t' || c == '\n')
            out += c;
    }
    return out;
}

std::string id(std::string_view extension, int root) {
    return fmt::format("<id extension=\"{}\" root=\"{}.3.{}\"/>\n", escaped(extension), oids, root);
}

std::string device(std::string_view role, std::string_view type, std::string_view extension, int root) {
    return fmt::format(
        "<{0} typeCode=\"{1}\"><device classCode=\"DEV\" determinerCode=\"INSTANCE\">{2}</device></{0}>\n",
        role, type, id(extension, root));
}

std::string attention(int code, std::string_view name, std::string_view value) {
    return fmt::format(
        "<attentionLine><keyWordText code=\"{}\" codeSystem=\"{}.1.24\" displayName=\"{}\"/>"
        "{}</attentionLine>\n",
        code, oids, name, value);
}

std::string detail(std::string_view text) {
    if (text.empty()) return {};
    return fmt::format("<acknowledgementDetail><text>{}</text></acknowledgementDetail>\n", escaped(text));
}

std::string report_xml(const ReportAck& report, Instant at) {
    std::string out = "<MCCI_IN000002UV01>\n";
    out += id(report.local_number, 19);
    out += fmt::format("<creationTime value=\"{}\"/>\n", hl7_text(at));
    out +=
        "<interactionId extension=\"MCCI_IN000002UV01\" root=\"2.16.840.1.113883.1.6\"/>\n"
        "<processingCode code=\"P\"/>\n<processingModeCode code=\"T\"/>\n<acceptAckCode code=\"NE\"/>\n";
    out += device("receiver", "RCV", report.receiver, 16);
    out += device("sender", "SND", report.sender, 15);
    if (!report.created.empty())
        out += attention(1, "dateOfIcsrMessageCreation",
                         fmt::format("<value value=\"{}\" xsi:type=\"TS\"/>", escaped(report.created)));
    out += fmt::format("<acknowledgement typeCode=\"{}\">\n<targetMessage>{}</targetMessage>\n{}",
                       report.accepted ? "CA" : "CR", id(report.message_id, 1), detail(report.text));
    return out + "</acknowledgement>\n</MCCI_IN000002UV01>\n";
}

}  // namespace

std::string_view IcsrAck::code() const {
    if (refused) return "AR";
    return std::all_of(reports.begin(), reports.end(), [](const ReportAck& one) { return one.accepted; })
               ? "AA"
               : "AE";
}

std::string ack_text(const std::vector<ReportProblem>& problems) {
    std::string out;
    std::size_t left = problems.size();
    for (const ReportProblem& one : problems) {
        const std::string line =
            fmt::format("{}[{}] {}: {}{}", out.empty() ? "" : "\n", one.element, info(one.code).name,
                        one.message, one.next.empty() ? "" : "; " + one.next);
        if (out.size() + line.size() > text_max - 30) return out + fmt::format("\n… and {} more", left);
        out += line;
        --left;
    }
    return out;
}

std::string ack_xml(const IcsrAck& ack) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MCCI_IN200101UV01 xmlns=\"urn:hl7-org:v3\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ITSVersion=\"XML_1.0\">\n";
    out += id(ack.number, 20);
    out += fmt::format("<creationTime value=\"{}\"/>\n", hl7_text(ack.at));
    out +=
        "<responseModeCode code=\"D\"/>\n"
        "<interactionId extension=\"MCCI_IN200101UV01\" root=\"2.16.840.1.113883.1.6\"/>\n";
    for (const ReportAck& report : ack.reports) out += report_xml(report, ack.at);
    out += device("receiver", "RCV", ack.receiver, 18);
    out += device("sender", "SND", ack.sender, 17);
    if (!ack.local_number.empty())
        out += attention(2, "acknowledgementLocalMessageNumber",
                         fmt::format("<value extension=\"{}\" root=\"{}.3.21\" xsi:type=\"II\"/>",
                                     escaped(ack.local_number), oids));
    if (!ack.batch_created.empty())
        out += attention(3, "dateOfIcsrBatchTransmission",
                         fmt::format("<value value=\"{}\" xsi:type=\"TS\"/>", escaped(ack.batch_created)));
    out += fmt::format("<acknowledgement typeCode=\"{}\">\n<targetBatch>{}</targetBatch>\n{}", ack.code(),
                       id(ack.batch_number, 22), detail(ack.text));
    return out + "</acknowledgement>\n</MCCI_IN200101UV01>\n";
}

}  // namespace qingyuan::observe
