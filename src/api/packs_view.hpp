// What the pack routes share: the desk, who stands where in the registry, what the reader may see of it, and
// firms and findings as JSON.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "api/pack_desk.hpp"

namespace qingyuan::api {

constexpr std::int64_t pack_place_kept_us = 60'000'000;

/// Where a firm of the pack index stands: the organisation that regulates it by the registry, else the
/// authority of its region. Nobody's firm has an empty path: only who sees everything sees it.
struct PackPlace {
    std::string organisation, path;
    std::string name;  ///< by the registry, else by the trace data, else its id
    std::int64_t read_us = 0;
};

/// A finding as lists sort and count it; its whole text is read when it is shown.
struct FindingRef {
    packs::PackCode code;
    packs::Name event = 0;
    std::int64_t time_ms = 0;
    std::uint32_t operator_number = 0;
    std::uint32_t batch = 0;
    std::uint16_t rule = 0;  ///< in FindingTable::rules
    packs::FindingStatus status{};
};

/// All findings as of a moment, newest first, and the grace of every firm.
struct FindingTable {
    std::uint64_t head = 0, applied = 0, open = 0;
    std::int64_t made_us = 0;
    std::uint64_t last_run = 0;  ///< the latest judgement of any of them
    std::vector<std::string> rules;
    std::vector<FindingRef> rows;
    std::vector<std::int64_t> grace_ms;  ///< by operator number
};

/// What is kept between requests. Thread-safe.
class PackCache {
 public:
    /// By number of the operator; read again after a minute.
    Result<PackPlace> place(const journal::Reader& reader, std::uint32_t number, const packs::Operator& firm,
                            Instant now);
    /// As of the newest fact.
    Result<std::shared_ptr<const FindingTable>> findings(PackDesk& desk, const journal::Reader& reader,
                                                         Instant now);

 private:
    std::mutex places_lock_, table_lock_;
    std::map<std::uint32_t, PackPlace> places_;
    std::map<std::string, std::string, std::less<>> regions_;  ///< region code → authority, of this minute
    std::int64_t regions_read_us_ = 0;
    std::shared_ptr<const FindingTable> table_;

    Result<std::string> authority_of(const journal::Reader& reader, const std::string& region, Instant now);
};

/// store_unavailable, by name, where the server has no pack index.
[[nodiscard]] Result<PackDesk*> pack_desk(const Call& call);
/// record_unknown: a look-up that found nothing; `what` in Chinese and English.
[[nodiscard]] Error no_such_pack_record(std::string_view id, std::string_view en, std::string_view zh);

/// RFC 3339 in UTC+8; null for the ends of time.
[[nodiscard]] Json time_json(std::int64_t ms);
[[nodiscard]] Json text_or_null(std::string_view text);

/// One answer about packs: what the reader may see, and firms by number.
class PackView {
 public:
    /// Decides: what is outside the route's policy is not there.
    static Result<PackView> open(const Call& call, const journal::Reader& reader);

    [[nodiscard]] PackDesk& desk() const { return *desk_; }
    [[nodiscard]] packs::Index& index() const { return desk_->index(); }
    [[nodiscard]] const access::Scope& scope() const { return scope_; }
    [[nodiscard]] const journal::Reader& reader() const { return *reader_; }
    /// Notes the look where the policy says so.
    Result<void> note(std::string_view what, std::int64_t count = 1) const;

    /// Is the firm one of the reader's? (Its own, or regulated in its tree.)
    [[nodiscard]] Result<bool> sees(std::uint32_t number);
    /// Is the organisation in the reader's tree?
    [[nodiscard]] bool covers(std::string_view path, std::string_view operator_id) const;
    [[nodiscard]] bool is_outsider() const { return !call_->subject.operator_id.empty(); }
    [[nodiscard]] Result<const PackPlace*> place(std::uint32_t number);

    /// A copy of a row of the reference tables.
    [[nodiscard]] packs::Operator firm(std::uint32_t number) const;
    [[nodiscard]] std::uint32_t find_firm(std::string_view id) const;
    [[nodiscard]] packs::Batch batch(std::uint32_t number) const;
    [[nodiscard]] std::uint32_t find_batch(std::string_view id) const;
    [[nodiscard]] std::uint32_t firms() const;

    /// {id, name, type, region, organisation}; null for 0.
    [[nodiscard]] Result<Json> firm_json(std::uint32_t number);
    [[nodiscard]] Json product_json(std::uint64_t code) const;  ///< {code, name}; null for 0
    [[nodiscard]] Result<Json> finding_json(const packs::Finding& finding);
    [[nodiscard]] Result<std::shared_ptr<const FindingTable>> findings() const;

 private:
    [[nodiscard]] Result<Json> lead_of(const packs::Finding& finding);
    PackView(const Call& call, const journal::Reader& reader, PackDesk& desk, access::Scope scope)
        : call_(&call), reader_(&reader), desk_(&desk), scope_(std::move(scope)) {}

    const Call* call_;
    const journal::Reader* reader_;
    PackDesk* desk_;
    access::Scope scope_;
    std::map<std::uint32_t, PackPlace> places_;
    std::map<std::uint32_t, bool> seen_;
    std::map<std::uint64_t, std::string> days_;  ///< judgement → its day
    std::map<std::string, bool> leads_;
};

/// Runs the operation on one state of the journal.
[[nodiscard]] Answer with_packs(const Call& call, const std::function<Answer(PackView&)>& use);

/// "provisional", "confirmed", "withdrawn": one that leaves is confirmed until it is withdrawn.
[[nodiscard]] std::string_view status_text(packs::FindingStatus status);

/// A hand-over between the two firms that the events themselves name as giving and taking: never the owner,
/// and never through anybody. A shipment that was not received, or a receipt that nobody shipped, stands
/// alone.
struct HandOver {
    std::uint32_t from = 0, to = 0;
    std::size_t shipped = SIZE_MAX, received = SIZE_MAX;  ///< index among the events; no_event = none
    std::int64_t time_ms = 0;
};
constexpr std::size_t no_event = SIZE_MAX;
/// Of a history in its order.
[[nodiscard]] std::vector<HandOver> hand_overs(const std::vector<packs::Event>& events);

/// What was scanned or typed; code_malformed, code_check_failed with what to do.
[[nodiscard]] Result<packs::ScannedCode> scanned_code(std::string_view text);

Answer pack_code(const Call& call);
Answer pack_batch(const Call& call);
Answer recall_notices(const Call& call);
Answer pack_operator(const Call& call);
Answer pack_findings(const Call& call);
Answer pack_summary(const Call& call);
Answer pack_rules(const Call& call);
Answer pack_files(const Call& call);
Answer pack_file(const Call& call);
Answer import_packs(const Call& call);
Answer public_pack(const Call& call);

}  // namespace qingyuan::api
