#include "packs/finding.hpp"

#include <openssl/sha.h>

#include "packs/names.hpp"
#include "packs/run.hpp"

namespace qingyuan::packs {

PackCode subject_code(std::string_view subject) {
    return {Wide{14} << 124 | Wide{text_mark(subject)}};
}

std::string finding_group(PackCode code) {
    return group_key(code.group());
}

std::string finding_rest(const Finding& finding) {
    return code_key(finding.code) + big(finding.event) + finding.rule;
}

std::string encode_finding(const Finding& finding) {
    std::string out;
    out += static_cast<char>(static_cast<unsigned>(finding.status) | (finding.absence ? 16u : 0u) |
                             (finding.on_parent ? 32u : 0u));
    for (const std::uint64_t number :
         {std::uint64_t{finding.operator_number}, std::uint64_t{finding.other}, std::uint64_t{finding.batch},
          finding.document, finding.earlier, std::uint64_t{finding.silent}, finding.seq, finding.run})
        put_number(out, number);
    for (const std::int64_t number : {finding.time_ms, finding.earlier_ms, finding.counted, finding.stated,
                                      finding.appears_ms, finding.waits_from_ms, finding.first_seen_ms})
        put_signed(out, number);
    put_text(out, finding.subject);
    return out;
}

Result<Finding> decode_finding(std::string_view, std::string_view rest, std::string_view value) {
    Finding out;
    Taking key{rest};
    out.code = parse_code_key(key.bytes(16));
    for (const char c : key.bytes(8)) out.event = out.event << 8 | static_cast<unsigned char>(c);
    out.rule = std::string(key.rest);
    Taking in{value};
    const std::uint8_t marks = in.byte();
    out.status = static_cast<FindingStatus>(marks & 3);
    out.absence = (marks & 16) != 0;
    out.on_parent = (marks & 32) != 0;
    out.operator_number = static_cast<std::uint32_t>(in.number());
    out.other = static_cast<std::uint32_t>(in.number());
    out.batch = static_cast<std::uint32_t>(in.number());
    out.document = in.number();
    out.earlier = in.number();
    out.silent = static_cast<std::uint32_t>(in.number());
    out.seq = in.number();
    out.run = in.number();
    for (std::int64_t* number : {&out.time_ms, &out.earlier_ms, &out.counted, &out.stated, &out.appears_ms,
                                 &out.waits_from_ms, &out.first_seen_ms})
        *number = in.signed_number();
    out.subject = std::string(in.text());
    if (!in.ok || !key.ok || !in.rest.empty() || out.rule.empty())
        return Error{ErrorCode::store_corrupt, "a finding of the pack index cannot be read"};
    return out;
}

}  // namespace qingyuan::packs
