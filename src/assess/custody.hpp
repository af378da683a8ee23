// The custody rules: one history of one code in, findings out. What each rule means stands in law/rules; here
// is how it is seen. A pure function of history, reference tables and rules.
#pragma once

#include <array>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "law/rules.hpp"
#include "packs/index.hpp"

namespace qingyuan::assess {

/// When a pack was paid for by the medical insurance: settlements.csv by code.
struct Settlement {
    std::uint32_t operator_number = 0;
    std::int64_t settled_ms = 0;
};
using Settlements = std::unordered_multimap<std::string, Settlement>;  ///< by packs::code_key

/// What the judge learns from an index: settlements by code, firms that upload prescription numbers.
[[nodiscard]] Result<Settlements> settlements_of(packs::Index& index);
[[nodiscard]] Result<std::set<std::uint32_t>> reporting_firms(packs::Index& index);

class Custody final : public packs::Judge {
 public:
    /// The rules of the law, each in force from its own day on.
    explicit Custody(const law::Law& law);
    /// Tables that few rules ask for; set before judging.
    void set_settlements(Settlements settlements) { settlements_ = std::move(settlements); }
    /// Firms whose other sales name prescriptions; of others a missing one says nothing.
    void set_reporting(std::set<std::uint32_t> firms) { reporting_ = std::move(firms); }

    void judge(const packs::CodeHistory& history, const packs::Reference& reference,
               std::vector<packs::Finding>& out) const override;
    void judge(const packs::Document& document, std::int64_t counted, std::int64_t last_ms,
               const packs::Reference& reference, std::vector<packs::Finding>& out) const override;
    [[nodiscard]] std::string version() const override { return version_; }
    [[nodiscard]] std::int64_t skew_ms() const override { return skew_ms_; }

 private:
    /// A rule as the judge needs it: its id, when it is in force, what it waits for.
    struct Seen {
        std::string id;
        std::int64_t from_ms = INT64_MAX, to_ms = INT64_MIN;
        bool absence = false;
        law::Silent silent = law::Silent::none;
        [[nodiscard]] bool at(std::int64_t ms) const { return from_ms <= ms && ms <= to_ms; }
    };
    enum Slot : std::size_t {
        second_sale,
        sale_without_receipt,
        receipt_without_shipment,
        outside_purchase,
        sale_after_expiry,
        never_produced,
        sale_after_recall,
        invoice_mismatch,
        psychotropic_scope,
        receipt_after_sale,
        unlicensed_party,
        custody_break,
        unreceived_shipment,
        batch_mismatch,
        prescription_missing,
        settled_then_resold,
        impossible_speed,
        product_not_approved,
        clock_skew,
        slots
    };
    struct View;
    packs::Finding& add(Slot slot, const View& view, const packs::Event& event,
                        std::vector<packs::Finding>& out) const;
    void terminal(const View& view, std::size_t at, std::vector<packs::Finding>& out) const;
    void inbound(const View& view, std::size_t at, std::vector<packs::Finding>& out) const;
    void outbound(const View& view, std::size_t at, std::vector<packs::Finding>& out) const;
    void anywhere(const View& view, std::size_t at, std::vector<packs::Finding>& out) const;
    void settled(const View& view, const packs::Event& event, std::vector<packs::Finding>& out) const;

    std::array<Seen, slots> rules_;
    std::string version_;
    std::int64_t skew_ms_ = 0;
    std::int64_t receipt_days_ms_ = 0;
    std::int64_t settled_tolerance_ms_ = 0;
    std::int64_t city_ms_ = 0, province_ms_ = 0;
    bool first_event_breaks_ = true;
    std::vector<std::string> prescription_classes_;
    Settlements settlements_;
    std::set<std::uint32_t> reporting_;
};

}  // namespace qingyuan::assess
