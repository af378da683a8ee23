// What the tests of figures share: a small city whose facts are written by hand, and a book of figures over
// it.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "account/figures.hpp"
#include "account/report.hpp"
#include "law/statistics.hpp"

namespace qingyuan::account {

using law::MemberKind;
using law::SetOperation;
using law::Statistic;
using law::Window;

/// A journal without a store: every fact is numbered, recorded on 2025-07-05 and given to the index at once.
class Play {
 public:
    explicit Play(law::Statistics statistics) : index(std::move(statistics)) {
        organisation("city", "");
        organisation("north", "city");
        organisation("south", "city");
        organisation("hill", "south");
    }

    std::uint64_t add(facts::Fact fact) {
        facts::Recorded recorded{records.size() + 1, start_of(make_date(2025, 7, 5)), std::move(fact)};
        const auto applied = index.apply(recorded);
        EXPECT_TRUE(applied) << applied.error().text();
        records.push_back(std::move(recorded));
        return records.size();
    }
    std::uint64_t organisation(const std::string& id, const std::string& parent,
                               Date from = make_date(2020, 1, 1)) {
        facts::OrganisationRecorded out;
        out.id = out.name = id;
        out.parent = parent;
        out.from = from;
        return add({from, id, "system", 0, out});
    }
    std::uint64_t end(const std::string& id, Date to, const std::string& successor) {
        return add({to, id, "system", 0, facts::OrganisationEnded{id, to, successor}});
    }
    std::uint64_t open(const std::string& procedure, const std::string& at, Date on, const std::string& firm,
                       const std::string& category = "drug", const std::string& campaign = "",
                       std::uint64_t source = 0, std::uint64_t source_fact = 0) {
        facts::DossierOpened out;
        out.id = fmt::format("{}-{}-{:03}", at, procedure, records.size() + 1);
        out.procedure = procedure;
        out.law_on = on;
        out.operator_id = firm;
        out.category = category;
        out.campaign = campaign;
        out.source = static_cast<std::int64_t>(source);
        out.source_fact = static_cast<std::int64_t>(source_fact);
        return add({on, at, "p", 0, out});
    }
    std::uint64_t step(std::uint64_t dossier, const std::string& name, Date on, facts::Form form = {},
                       const std::string& at = {}) {
        const facts::Fact& opening = records[dossier - 1].fact;
        facts::StepTaken out;
        out.procedure = std::get<facts::DossierOpened>(opening.payload).procedure;
        out.step = name;
        out.form = std::move(form);
        return add({on, at.empty() ? opening.organisation : at, "p", dossier, out});
    }
    std::uint64_t voided(std::uint64_t target, Date on) {
        return add(
            {on, "city", "p", 0, facts::FactVoided{static_cast<std::int64_t>(target), "entered twice"}});
    }
    std::uint64_t reported(const std::string& figure, const std::string& period, std::int64_t numerator,
                           std::int64_t denominator = 1, bool approximate = false) {
        facts::FigureReported out;
        out.figure = figure;
        out.organisation = "cn";
        out.period = period;
        out.numerator = numerator;
        out.denominator = denominator;
        out.unit = "case";
        out.approximate = approximate;
        out.as_of = "2022";
        out.source = "press";
        return add({make_date(2025, 1, 2), "city", "p", 0, out});
    }

    [[nodiscard]] Scope scope(const std::string& at, const std::string& period = "2025-H1",
                              std::uint64_t as_of = 0, bool own_only = false) const {
        return {at, *parse_period(period), as_of, own_only};
    }
    [[nodiscard]] std::int64_t count(const std::string& figure, const std::string& at,
                                     const std::string& period = "2025-H1", std::uint64_t as_of = 0) const {
        const auto value = index.value(figure, scope(at, period, as_of));
        EXPECT_TRUE(value) << value.error().text();
        return value ? value->value.numerator() : -1;
    }
    [[nodiscard]] std::vector<std::string> lines(const std::string& figure, const std::string& at,
                                                 const std::string& period = "2025-H1",
                                                 std::size_t limit = 1000) const {
        std::vector<std::string> out;
        MemberPage page;
        page.limit = limit;
        while (true) {
            const auto members = index.members(figure, scope(at, period), page);
            EXPECT_TRUE(members) << members.error().text();
            if (!members || members->empty()) return out;
            for (const Member& member : *members) out.push_back(member.line());
            page.after_seq = members->back().seq;
            page.after_index = members->back().index;
            if (members->back().seq == 0) page.after_entity = members->back().record_id;
        }
    }

    std::vector<facts::Recorded> records;
    Index index;
};

inline Statistic counted(const std::string& id, const std::string& unit, const std::string& procedure,
                         const std::string& step) {
    Statistic out;
    out.id = id;
    out.unit = unit;
    out.measures = {{procedure, step, {}}};
    return out;
}
inline Statistic with(Statistic out, const std::string& attribute, const std::string& value) {
    out.where.push_back({attribute, {value}});
    return out;
}
inline Statistic by(Statistic out, MemberKind kind, Window window = Window::within) {
    out.by = kind;
    out.window = window;
    return out;
}
inline Statistic combined(const std::string& id, const std::string& unit, SetOperation operation,
                          std::vector<std::string> operands, MemberKind kind) {
    Statistic out;
    out.id = id;
    out.unit = unit;
    out.operation = operation;
    out.operands = std::move(operands);
    out.by = kind;
    return out;
}
inline Statistic ratio(const std::string& id, const std::string& unit, const std::string& numerator,
                       const std::string& denominator) {
    Statistic out;
    out.id = id;
    out.unit = unit;
    out.fold = law::FoldKind::ratio;
    out.numerator = numerator;
    out.denominator = denominator;
    return out;
}

inline law::Statistics book() {
    const std::string in = "inspection";
    Statistic growth;
    growth.id = "growth";
    growth.unit = "share";
    growth.kind = law::FigureKind::reported;
    Statistic national = growth;
    national.id = "national";
    national.unit = "case";
    national.growth = "growth";
    Statistic fines = counted("fines", "fen", "case", "decide");
    fines.fold = law::FoldKind::sum;
    fines.field = "fine_fen";
    Statistic median = fines;
    median.id = "fine_median";
    median.fold = law::FoldKind::median;
    Statistic invited = by(counted("invited", "entity", "interview", "invite"), MemberKind::operator_id);
    invited.operator_field = "firm";
    Statistic batches;
    batches.id = "rows";
    batches.unit = "record";
    batches.measures = {{{}, {}, "trace_csv"}};
    batches.by = MemberKind::row;
    Statistic changed = counted("changed", "visit", in, "sign");
    changed.to = make_date(2024, 12, 31);
    Statistic changed_later = counted("changed", "visit", in, "go");
    changed_later.from = make_date(2025, 1, 1);
    Statistic young = counted("young", "visit", in, "sign");
    young.from = make_date(2025, 1, 1);
    law::ReportForm form;
    form.id = "half";
    form.sections = {{"head",
                      "headline",
                      "",
                      "",
                      "",
                      "",
                      {{"visits", "", ""},
                       {"findings", "", ""},
                       {"visited", "", ""},
                       {"changed", "", ""},
                       {"young", "", ""},
                       {"orders_per_finding", "", ""}},
                      true,
                      true},
                     {"reported",
                      "reported",
                      "",
                      "",
                      "",
                      "",
                      {{"national", "cn", "2022"}, {"growth", "cn", "2022"}},
                      false,
                      true}};
    law::ReportIdentity ledger;
    ledger.id = "ledger";
    ledger.equal = "open_end";
    ledger.plus = {"open_start", "orders"};
    ledger.minus = {"closed"};
    ledger.per_unit = true;
    form.identities = {ledger};
    form.overlaps = {{"campaign", "", "", "campaign_cases", "cases", "both"}};
    const auto dossier = MemberKind::dossier;
    return law::Statistics::of(
        {counted("visits", "visit", in, "sign"),
         with(counted("drug_visits", "visit", in, "sign"), "category", "drug"),
         by(counted("visited", "entity", in, "sign"), MemberKind::operator_id),
         counted("findings", "finding", in, "record_finding"),
         counted("orders", "order", "order", ""),
         by(counted("orders_end", "order", "order", ""), dossier, Window::until_end),
         by(counted("orders_before", "order", "order", ""), dossier, Window::before_start),
         by(counted("passed_end", "order", "order", "pass"), dossier, Window::until_end),
         by(counted("passed_before", "order", "order", "pass"), dossier, Window::before_start),
         combined("open_end", "order", SetOperation::minus, {"orders_end", "passed_end"}, dossier),
         combined("open_start", "order", SetOperation::minus, {"orders_before", "passed_before"}, dossier),
         combined("closed", "order", SetOperation::minus, {"passed_end", "passed_before"}, dossier),
         by(counted("answered", "finding", "order", "pass"), MemberKind::source_fact),
         by(counted("ordered_from", "visit", "order", ""), MemberKind::source),
         counted("cases", "case", "case", "file"),
         with(counted("campaign_cases", "case", "case", "file"), "campaign", "source"),
         with(counted("insurance_leads", "lead", "lead", "transfer"), "agency", "insurance"),
         combined("both", "case", SetOperation::intersect, {"cases", "campaign_cases"}, MemberKind::fact),
         combined("either", "case", SetOperation::union_of, {"cases", "campaign_cases"}, MemberKind::fact),
         combined("ordered_findings", "finding", SetOperation::in_dossiers, {"findings", "ordered_from"},
                  MemberKind::fact),
         combined("visited_with_orders", "entity", SetOperation::union_of, {"orders_end"},
                  MemberKind::operator_id),
         ratio("orders_per_finding", "order_per_finding", "orders", "findings"),
         fines,
         median,
         invited,
         batches,
         changed,
         changed_later,
         young,
         national,
         growth},
        {form}, {{in, "record_finding", {}}});
}

const inline Date may = make_date(2025, 5, 10);

inline Report half(const Play& play, std::uint64_t as_of = 0) {
    auto report = compute(play.index, {"half", "city", *parse_period("2025-H1"), as_of, true});
    EXPECT_TRUE(report) << report.error().text();
    return *report;
}

}  // namespace qingyuan::account
