#include "observe/icsr_xml.hpp"

#include <fmt/format.h>

#include "observe/icsr_report.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view hl7_space = "urn:hl7-org:v3";
constexpr std::string_view batch_name = "MCCI_IN200100UV01";
constexpr std::string_view message_name = "PORR_IN049016UV";
constexpr XmlLimits limits{.depth = icsr_depth_max,
                           .elements = 500'000,
                           .namespaces = 100,
                           .text_bytes = std::size_t{32} << 20,
                           .bare_doctype = false};

class Visitor final : public XmlVisitor {
 public:
    Visitor(const IcsrElements& elements, const law::Law& law, const IcsrOptions& options, IcsrMessage& out)
        : elements_(elements), law_(law), options_(options), out_(out), batch_(elements, options) {}

    Result<bool> open(const XmlName& name, const XmlTree&, const std::vector<XmlName>& path,
                      int line) override {
        if (path.size() > 1) return false;
        if (path.empty() && name.local != batch_name)
            return Error{ErrorCode::icsr_document_unknown,
                         fmt::format("it begins with {}", name.local.substr(0, 60)),
                         fmt::format("line {}", line),
                         {},
                         fmt::format("send a {} with one {} for each report", batch_name, message_name)};
        if (name.space != hl7_space)
            return Error{ErrorCode::icsr_namespace_wrong,
                         fmt::format("{} stands in the namespace '{}'", name.local.substr(0, 60),
                                     name.space.substr(0, 100)),
                         fmt::format("line {}", line),
                         {},
                         fmt::format("the namespace is {}", hl7_space)};
        return path.size() == 1;
    }
    void close(const XmlName&, const std::vector<XmlName>&) override {}
    Result<void> tree(const XmlTree& tree, const std::vector<XmlNamespace>&) override {
        if (tree.at(0).name.local != message_name) {
            batch_.add(tree, 0, IcsrScope::batch, values_, out_.problems);
            return {};
        }
        if (out_.reports.size() >= icsr_reports_max)
            return Error{ErrorCode::too_large,
                         fmt::format("more than {} reports", icsr_reports_max),
                         {},
                         {},
                         "send them in several messages"};
        out_.reports.push_back(TRY(icsr_report(tree, elements_, law_, options_)));
        return {};
    }
    void finish() {
        batch_.check_missing(IcsrScope::batch, {}, values_, out_.problems);
        if (out_.reports.empty())
            out_.problems.push_back({"N.2.r", ErrorCode::icsr_element_missing, "there is no report",
                                     fmt::format("add a {} for each report", message_name)});
        out_.batch_number = values_.text("N.1.2");
        out_.sender = values_.text("N.1.3");
        out_.receiver = values_.text("N.1.4");
        out_.created = values_.text("N.1.5");
    }

 private:
    const IcsrElements& elements_;
    const law::Law& law_;
    const IcsrOptions& options_;
    IcsrMessage& out_;
    IcsrJudge batch_;
    IcsrValues values_;
};

}  // namespace

Result<IcsrMessage> read_icsr(std::string_view bytes, const IcsrElements& elements, const law::Law& law,
                              const IcsrOptions& options) {
    if (bytes.size() > icsr_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} are allowed", bytes.size(), icsr_bytes_max),
                     {},
                     {},
                     "send the reports in several messages"};
    IcsrMessage out;
    Visitor visitor(elements, law, options, out);
    CHECK(read_xml(bytes, limits, visitor));
    visitor.finish();
    return out;
}

bool looks_like_xml(std::string_view bytes) {
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    if (bytes.starts_with("\xff\xfe<") || bytes.starts_with(std::string_view("\xfe\xff\0<", 4))) return true;
    const auto first = bytes.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && bytes[first] == '<';
}

}  // namespace qingyuan::observe
