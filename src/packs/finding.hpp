// What a rule found, as the index keeps it. A finding lives provisional → confirmed → withdrawn; what stands
// in the journal are the confirmed and withdrawn ones, batch by batch (assess/judgement.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packs/event.hpp"
#include "packs/reference.hpp"

namespace qingyuan::packs {

enum class FindingStatus : std::uint8_t {
    provisional,
    confirmed,
    leaving,  ///< confirmed, but no longer found: the next judgement withdraws it
    withdrawn
};

struct Finding {
    std::string rule;                   ///< id of law/rules
    PackCode code;                      ///< or document_code, or subject_code
    Name event = 0;                     ///< 0 where the code or the document itself is the key
    bool on_parent = false;             ///< the event was on a parent: the key names event and code
    std::uint32_t operator_number = 0;  ///< whom it is about
    std::uint32_t other = 0;            ///< the other side, as the rule means it
    std::uint32_t batch = 0;
    Name document = 0;
    Name earlier = 0;          ///< the event it is measured against, where there is one
    std::int64_t time_ms = 0;  ///< when it happened
    std::int64_t earlier_ms = 0;
    std::int64_t counted = 0;  ///< packs counted, days passed, …: as the rule's sentence says
    std::int64_t stated = 0;   ///< packs invoiced, …
    std::string subject;       ///< of subject findings: person, listing, … in words of the rule

    bool absence = false;                 ///< rests on something that is not there
    std::uint32_t silent = 0;             ///< who could still upload it; 0 = nobody in particular
    std::int64_t appears_ms = INT64_MIN;  ///< it is none before this instant (a shipment 30 days old)
    std::int64_t waits_from_ms = 0;       ///< the silent firm's lag counts from here

    FindingStatus status = FindingStatus::provisional;
    std::int64_t first_seen_ms = 0;
    std::uint64_t seq = 0;  ///< data cut: the last batch it was judged on
    std::uint64_t run = 0;  ///< judgement that confirmed or withdrew it, 0 = none

    /// What identifies it: rule and event within its code.
    [[nodiscard]] bool same_key(const Finding& other_finding) const {
        return rule == other_finding.rule && event == other_finding.event && code == other_finding.code;
    }
};

[[nodiscard]] std::string finding_group(PackCode code);
[[nodiscard]] std::string finding_rest(const Finding& finding);
[[nodiscard]] std::string encode_finding(const Finding& finding);
[[nodiscard]] Result<Finding> decode_finding(std::string_view group, std::string_view rest,
                                             std::string_view value);

/// Stands for a person, an operator, a listing where findings about them are kept.
[[nodiscard]] PackCode subject_code(std::string_view subject);

/// The history of one code as rules see it: distinct events, superseded ones gone, those of parents among
/// them, in order.
struct CodeHistory {
    PackCode code;
    std::span<const Event* const> events;
};

/// Judges one history, or one document. A pure function; called from several threads.
class Judge {
 public:
    virtual ~Judge() = default;
    virtual void judge(const CodeHistory& history, const Reference& reference,
                       std::vector<Finding>& out) const = 0;
    /// `counted` = smallest packs shipped or returned on it; `last_ms` = the latest of these events, or of
    /// the data.
    virtual void judge(const Document& document, std::int64_t counted, std::int64_t last_ms,
                       const Reference& reference, std::vector<Finding>& out) const = 0;
    /// Names the rules and their versions; another digest means that everything has to be judged again.
    [[nodiscard]] virtual std::string version() const = 0;
    /// A receipt may precede its shipment by less than this (two clocks): the shipment then counts as
    /// earlier.
    [[nodiscard]] virtual std::int64_t skew_ms() const = 0;
};

}  // namespace qingyuan::packs
