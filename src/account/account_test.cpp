// Figures over small journals made by hand, and against a recount that knows nothing of the index.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include "account/figures.hpp"
#include "account/publication.hpp"
#include "account/report.hpp"
#include "base/merkle.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"
#include "law/statistics.hpp"

namespace qingyuan::account {
namespace {

namespace fs = std::filesystem;
using law::MemberKind;
using law::SetOperation;
using law::Statistic;
using law::Window;

/// A journal without a store: every fact is numbered and given to the index at once.
class Play {
 public:
    explicit Play(law::Statistics statistics) : index(std::move(statistics)) {
        organisation("city", "");
        organisation("north", "city");
        organisation("south", "city");
        organisation("hill", "south");
    }

    std::uint64_t add(facts::Fact fact) {
        facts::Recorded recorded{records.size() + 1, start_of(fact.happened_on), std::move(fact)};
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

Statistic counted(const std::string& id, const std::string& unit, const std::string& procedure,
                  const std::string& step) {
    Statistic out;
    out.id = id;
    out.unit = unit;
    out.measures = {{procedure, step, {}}};
    return out;
}
Statistic with(Statistic out, const std::string& attribute, const std::string& value) {
    out.where.push_back({attribute, {value}});
    return out;
}
Statistic by(Statistic out, MemberKind kind, Window window = Window::within) {
    out.by = kind;
    out.window = window;
    return out;
}
Statistic combined(const std::string& id, const std::string& unit, SetOperation operation,
                   std::vector<std::string> operands, MemberKind kind) {
    Statistic out;
    out.id = id;
    out.unit = unit;
    out.operation = operation;
    out.operands = std::move(operands);
    out.by = kind;
    return out;
}
Statistic ratio(const std::string& id, const std::string& unit, const std::string& numerator,
                const std::string& denominator) {
    Statistic out;
    out.id = id;
    out.unit = unit;
    out.fold = law::FoldKind::ratio;
    out.numerator = numerator;
    out.denominator = denominator;
    return out;
}

law::Statistics book() {
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

const Date may = make_date(2025, 5, 10);

TEST(period, is_written_in_five_ways) {
    const struct {
        std::string text, from, to, before;
    } cases[] = {
        {"2025", "2025-01-01", "2025-12-31", "2024"},
        {"2025-H1", "2025-01-01", "2025-06-30", "2024-H1"},
        {"2024-H2", "2024-07-01", "2024-12-31", "2023-H2"},
        {"2025-Q2", "2025-04-01", "2025-06-30", "2024-Q2"},
        {"2024-02", "2024-02-01", "2024-02-29", "2023-02"},
        {"2025-01-01..2025-07-05", "2025-01-01", "2025-07-05", "2024-01-01..2024-07-05"},
    };
    for (const auto& each : cases) {
        const auto period = parse_period(each.text);
        ASSERT_TRUE(period) << each.text;
        EXPECT_EQ(period->from.text(), each.from);
        EXPECT_EQ(period->to.text(), each.to);
        EXPECT_EQ(period->year_before().text, each.before);
    }
    for (const char* wrong :
         {"", "2025-", "2025-H3", "2025-Q5", "2025-13", "2025-00", "25-H1", "0025", "2025-h1", "2025-H1 ",
          "2025-02-30..2025-03-01", "2025-03-01..2025-02-01", "2025..2026"})
        EXPECT_EQ(parse_period(wrong).error().code, ErrorCode::usage) << wrong;
}

TEST(figures, count_facts_of_a_subtree_in_a_period) {
    Play play(book());
    const auto a = play.open("inspection", "north", may, "firm_a");
    const auto b = play.open("inspection", "hill", may, "firm_b", "device");
    const auto c = play.open("inspection", "hill", make_date(2024, 5, 1), "firm_a");
    const auto sign_a = play.step(a, "sign", may);
    const auto sign_b = play.step(b, "sign", make_date(2025, 6, 30));
    play.step(c, "sign", make_date(2024, 6, 30));
    EXPECT_EQ(play.count("visits", "city"), 2);
    EXPECT_EQ(play.count("visits", "south"), 1);
    EXPECT_EQ(play.count("visits", "hill"), 1);
    EXPECT_EQ(play.count("visits", "city", "2024-H1"), 1);
    EXPECT_EQ(play.count("visits", "city", "2025-05-01..2025-05-10"), 1);
    EXPECT_EQ(play.count("visits", "city", "2025-05-11..2025-06-29"), 0);
    EXPECT_EQ(play.count("drug_visits", "city"), 1);
    EXPECT_EQ(play.index.value("visits", play.scope("south", "2025-H1", 0, true))->value, Rational(0));
    const std::vector<std::string> lines = {fmt::format("{}\tnorth-inspection-{:03}", sign_a, a),
                                            fmt::format("{}\thill-inspection-{:03}", sign_b, b)};
    EXPECT_EQ(play.lines("visits", "city"), lines);
    EXPECT_EQ(play.lines("visits", "city", "2025-H1", 1), lines);
    EXPECT_EQ(*play.index.members_root("visits", play.scope("city")), merkle_root(lines));
}

TEST(figures, number_the_steps_that_repeat) {
    Play play(book());
    const auto a = play.open("inspection", "north", may, "firm_a");
    const auto first = play.step(a, "record_finding", may);
    const auto second = play.step(a, "record_finding", may);
    play.voided(first, may);
    EXPECT_EQ(play.count("findings", "city"), 1);
    EXPECT_EQ(play.lines("findings", "city"), std::vector<std::string>{fmt::format(
                                                  "{}\tnorth-inspection-{:03}/record_finding-2", second, a)});
}

TEST(figures, count_an_operator_once) {
    Play play(book());
    for (const char* firm : {"firm_b", "firm_a", "firm_b", ""})
        play.step(play.open("inspection", firm[0] == 0 ? "north" : "south", may, firm), "sign", may);
    EXPECT_EQ(play.count("visits", "city"), 4);
    EXPECT_EQ(play.count("visited", "city"), 2);
    EXPECT_EQ(play.lines("visited", "city"), (std::vector<std::string>{"firm_a", "firm_b"}));
    EXPECT_EQ(play.lines("visited", "city", "2025-H1", 1), (std::vector<std::string>{"firm_a", "firm_b"}));
    const auto talk = play.open("interview", "north", may, "");
    for (const char* firm : {"firm_x", "firm_y", "firm_x"})
        play.step(talk, "invite", may, {{"firm", std::string(firm)}});
    EXPECT_EQ(play.lines("invited", "city"), (std::vector<std::string>{"firm_x", "firm_y"}));
}

TEST(figures, are_as_of_a_fact) {
    Play play(book());
    const auto a = play.open("inspection", "north", may, "firm_a");
    const auto sign = play.step(a, "sign", may);
    const auto b = play.open("inspection", "north", may, "firm_a");
    const auto late = play.step(b, "sign", make_date(2025, 1, 5));
    const auto undo = play.voided(sign, may);
    const auto again = play.step(a, "sign", may);
    EXPECT_EQ(play.count("visits", "city", "2025-H1", sign - 1), 0);
    EXPECT_EQ(play.count("visits", "city", "2025-H1", sign), 1);
    EXPECT_EQ(play.count("visits", "city", "2025-H1", late), 2);
    EXPECT_EQ(play.count("visits", "city", "2025-H1", undo), 1);
    EXPECT_EQ(play.count("visits", "city", "2025-H1", again), 2);
    const auto gone = play.voided(b, may);
    EXPECT_EQ(play.count("visits", "city"), 1);
    EXPECT_EQ(play.count("visits", "city", "2025-H1", gone - 1), 2);
    EXPECT_EQ(play.lines("visits", "city"),
              std::vector<std::string>{fmt::format("{}\tnorth-inspection-{:03}/sign-2", again, a)});
}

TEST(figures, take_attributes_as_they_stood) {
    Play play(book());
    const auto a = play.open("lead", "north", may, "firm_a");
    const auto wrong = play.step(a, "transfer", may, {{"agency", std::string("health")}});
    play.voided(wrong, may);
    play.step(a, "remind", may);
    play.step(a, "transfer", may, {{"agency", std::vector<std::string>{"police", "insurance"}}});
    EXPECT_EQ(play.count("insurance_leads", "city"), 1);
    const auto b = play.open("lead", "north", may, "firm_a");
    const auto noted = play.step(b, "note", may, {{"agency", std::string("insurance")}});
    play.step(b, "transfer", may);
    EXPECT_EQ(play.count("insurance_leads", "city"), 2);
    const auto c = play.open("lead", "north", may, "firm_a");
    play.voided(play.step(c, "note", may, {{"agency", std::string("insurance")}}), may);
    play.step(c, "transfer", may);
    EXPECT_EQ(play.count("insurance_leads", "city"), 2) << "an attribute of a voided step is gone";
    EXPECT_GT(noted, 0u);
}

TEST(figures, combine_sets) {
    Play play(book());
    const auto visit = play.open("inspection", "north", may, "firm_a");
    const auto finding = play.step(visit, "record_finding", may);
    play.step(visit, "record_finding", may);
    const auto other = play.open("inspection", "north", may, "firm_b");
    play.step(other, "record_finding", may);
    const auto order = play.open("order", "north", may, "firm_a", "drug", "", visit, finding);
    const auto pass = play.step(order, "pass", may);
    for (const char* campaign : {"source", "source", ""})
        play.step(play.open("case", "south", may, "firm_c", "drug", campaign), "file", may);
    EXPECT_EQ(play.count("both", "city"), 2);
    EXPECT_EQ(play.count("either", "city"), 3);
    EXPECT_EQ(play.count("answered", "city"), 1);
    EXPECT_EQ(
        play.lines("answered", "city"),
        std::vector<std::string>{fmt::format("{}\tnorth-inspection-{:03}/record_finding-1", finding, visit)});
    EXPECT_EQ(play.count("ordered_findings", "city"), 2);
    EXPECT_EQ(play.count("visited_with_orders", "city"), 1);
    const auto share = play.index.value("orders_per_finding", play.scope("city"));
    EXPECT_EQ(share->value, Rational(1));
    EXPECT_EQ(*share->denominator, Rational(3));
    play.voided(finding, may);
    EXPECT_EQ(play.count("answered", "city"), 0) << "the finding itself is void";
    EXPECT_GT(pass, 0u);
}

TEST(figures, add_up_amounts) {
    Play play(book());
    EXPECT_EQ(play.index.value("fine_median", play.scope("city"))->value, Rational(0));
    for (const std::int64_t fine : {100, 400, 250})
        play.step(play.open("case", "south", may, "firm_c"), "decide", may, {{"fine_fen", fine}});
    play.step(play.open("case", "south", may, "firm_c"), "decide", may);
    EXPECT_EQ(play.count("fines", "city"), 750);
    EXPECT_EQ(play.index.value("fine_median", play.scope("city"))->value, Rational(250));
    play.step(play.open("case", "south", may, "firm_c"), "decide", may, {{"fine_fen", std::int64_t{251}}});
    EXPECT_EQ(play.index.value("fine_median", play.scope("city"))->value, Rational(501, 2));
}

TEST(figures, count_the_rows_of_batches) {
    Play play(book());
    facts::BatchReceived batch;
    batch.format = "trace_csv";
    batch.rows = 3;
    const auto first = play.add({may, "north", "p", 0, batch});
    batch.rows = 0;
    play.add({may, "north", "p", 0, batch});
    batch.rows = 2;
    const auto last = play.add({may, "hill", "p", 0, batch});
    EXPECT_EQ(play.count("rows", "city"), 5);
    const std::vector<std::string> lines = {
        fmt::format("{}/0\ttrace_csv", first), fmt::format("{}/1\ttrace_csv", first),
        fmt::format("{}/2\ttrace_csv", first), fmt::format("{}/0\ttrace_csv", last),
        fmt::format("{}/1\ttrace_csv", last)};
    EXPECT_EQ(play.lines("rows", "city"), lines);
    EXPECT_EQ(play.lines("rows", "city", "2025-H1", 2), lines);
}

TEST(figures, follow_organisations_that_end_or_move) {
    Play play(book());
    play.step(play.open("inspection", "hill", make_date(2025, 2, 1), "firm_a"), "sign",
              make_date(2025, 2, 1));
    EXPECT_EQ(play.count("visits", "south"), 1);
    play.end("hill", make_date(2025, 3, 31), "north");
    EXPECT_EQ(play.count("visits", "north"), 1);
    EXPECT_EQ(play.count("visits", "south"), 0);
    EXPECT_EQ(play.count("visits", "south", "2025-02"), 1) << "at the end of February hill was under south";
    EXPECT_EQ(play.index.value("visits", play.scope("hill")).error().code, ErrorCode::organisation_unknown);
}

TEST(figures, refuse_what_is_not_there) {
    Play play(book());
    EXPECT_EQ(play.index.value("nothing", play.scope("city")).error().code, ErrorCode::figure_unknown);
    EXPECT_EQ(play.index.value("visits", play.scope("moon")).error().code, ErrorCode::organisation_unknown);
    EXPECT_EQ(play.index.value("young", play.scope("city", "2024-H1")).error().code,
              ErrorCode::law_not_in_force);
    EXPECT_EQ(play.index.value("national", play.scope("cn", "2022")).error().code, ErrorCode::record_unknown);
    EXPECT_FALSE(play.index.apply(play.index.applied() + 1, "not a record"));
}

// --- reports --------------------------------------------------------------------------------------------------

Report half(const Play& play, std::uint64_t as_of = 0) {
    auto report = compute(play.index, {"half", "city", *parse_period("2025-H1"), as_of, true});
    EXPECT_TRUE(report) << report.error().text();
    return *report;
}

TEST(report, compares_with_the_year_before) {
    Play play(book());
    for (const int year : {2024, 2024, 2025, 2025, 2025})
        play.step(play.open("inspection", "north", make_date(year, 3, 1), "firm_a"), "sign",
                  make_date(year, 3, 1));
    play.reported("national", "2022", 153'600);
    play.reported("growth", "2022", 1765, 10'000);
    const Report report = half(play);
    const auto& visits = *report.find("visits")->before;
    EXPECT_EQ(visits.change->percent(2, true), "+50.00");
    EXPECT_EQ(visits.base->value, Rational(2));
    EXPECT_EQ(report.find("changed")->before->comparability, Comparability::scope_changed);
    EXPECT_FALSE(report.find("changed")->before->change) << "never a percentage where the scope changed";
    EXPECT_EQ(report.find("young")->before->comparability, Comparability::not_defined);
    EXPECT_EQ(report.find("findings")->before->comparability, Comparability::zero_base);
    const auto& national = *report.find("national")->before;
    EXPECT_EQ(national.base->value, Rational(130'557));
    EXPECT_TRUE(national.is_implied);
    EXPECT_EQ(national.change->percent(2, true), "+17.65");
    play.reported("national", "2021", 140'000);
    const Report stated = half(play);
    EXPECT_FALSE(stated.find("national")->before->is_implied)
        << "a stated base is taken before an implied one";
    EXPECT_EQ(stated.find("growth")->value->quotient()->percent(2), "17.65");
}

TEST(report, leaves_out_a_figure_nobody_reported) {
    Play play(book());
    const Report report = half(play);
    EXPECT_FALSE(report.find("national")->value);
    play.reported("national", "2022", 17'600, 1, true);
    const Report later = half(play);
    EXPECT_TRUE(later.find("national")->value->approximate);
    EXPECT_EQ(later.find("national")->before->comparability, Comparability::not_reported);
    EXPECT_EQ(play.lines("national", "cn", "2022").size(), 1u);
}

TEST(report, keeps_the_ledger_of_open_orders) {
    Play play(book());
    const auto order = [&](const char* at, Date on) { return play.open("order", at, on, "firm_a"); };
    const auto old_open = order("north", make_date(2024, 11, 1));
    const auto old_closed = order("north", make_date(2024, 11, 2));
    play.step(old_closed, "pass", make_date(2024, 12, 1));
    play.step(old_open, "pass", make_date(2025, 2, 1));
    order("north", make_date(2025, 3, 1));
    play.step(order("south", make_date(2025, 3, 1)), "pass", make_date(2025, 7, 1));
    const Report report = half(play);
    ASSERT_EQ(report.identities.size(), 3u);
    for (const IdentityResult& each : report.identities) EXPECT_TRUE(each.holds()) << each.organisation;
    EXPECT_EQ(play.count("open_start", "city"), 1);
    EXPECT_EQ(play.count("orders", "city"), 2);
    EXPECT_EQ(play.count("closed", "city"), 1);
    EXPECT_EQ(play.count("open_end", "city"), 2);
    EXPECT_FALSE(report.broken());
}

TEST(report, says_when_an_identity_is_broken) {
    Play play(book());
    const auto order = play.open("order", "north", make_date(2024, 11, 1), "firm_a");
    play.step(order, "pass", make_date(2024, 10, 1));  // passed before it was issued
    play.step(play.open("order", "north", make_date(2025, 8, 1), "firm_a"), "pass", make_date(2025, 2, 1));
    const Report report = half(play);
    EXPECT_FALSE(report.identities.front().holds());
    EXPECT_EQ(report.identities.front().gap, Rational(1));
    EXPECT_EQ(report.broken()->code, ErrorCode::identity_broken);
}

TEST(report, lists_units_whose_sum_is_the_total) {
    Play play(book());
    play.step(play.open("inspection", "north", may, "firm_a"), "sign", may);
    play.step(play.open("inspection", "hill", may, "firm_a"), "sign", may);
    play.step(play.open("inspection", "city", may, "firm_b"), "sign", may);
    const Report report = half(play);
    ASSERT_EQ(report.by_unit.size(), 3u);
    EXPECT_TRUE(report.by_unit.back().is_own);
    for (const UnitReport& unit : report.by_unit)
        EXPECT_EQ(unit.find("visits")->value, Rational(1)) << unit.unit.id;
    for (const ChildrenResult& each : report.children) EXPECT_TRUE(each.holds()) << each.figure;
    const auto visited = std::find_if(report.children.begin(), report.children.end(),
                                      [](const ChildrenResult& each) { return each.figure == "visited"; });
    EXPECT_EQ(visited->total, Rational(2));
    EXPECT_EQ(visited->sum, Rational(3)) << "firm_a was visited by two units";
    ASSERT_EQ(report.overlaps.size(), 1u);
    EXPECT_EQ(report.overlaps[0].both, Rational(0));
}

TEST(report, is_the_same_again_as_of_the_same_fact) {
    Play play(book());
    const auto a = play.open("inspection", "north", may, "firm_a");
    play.step(a, "sign", may);
    const auto as_of = play.index.applied();
    const Report before = half(play);
    play.voided(a, may);
    const Report then = half(play, as_of);
    EXPECT_TRUE(changes(before, then).empty());
    EXPECT_EQ(*before.find("visits")->members_root, *then.find("visits")->members_root);
    const auto moved = changes(before, half(play));
    ASSERT_FALSE(moved.empty());
    EXPECT_EQ(moved.front().figure, "visits");
    EXPECT_EQ(moved.front().before, "1");
    EXPECT_EQ(moved.front().now, "0");
}

TEST(figures, appear_when_their_file_is_added) {
    const fs::path directory = fs::temp_directory_path() / ("qingyuan_account_" + std::to_string(::getpid()));
    fs::remove_all(directory);
    fs::copy(fs::path(QINGYUAN_SOURCE_DIR) / "law", directory, fs::copy_options::recursive);
    std::ofstream(directory / "statistics" / "device_cases_of_the_campaign.toml")
        << "id = \"device_cases_of_the_campaign\"\nzh = \"医疗器械立案\"\nen = \"Device cases\"\nkind = "
           "\"derived\"\nunit = \"case\"\n"
           "question_zh = \"多少起？\"\nquestion_en = \"How many?\"\nnote_zh = \"口径\"\nnote_en = \"Note\"\n"
           "step = \"penalty_case.file\"\nwhere = { category = \"device\", campaign = \"qingyuan\" }\n";
    const auto law = law::Law::load(directory);
    ASSERT_TRUE(law) << law.error().text();
    auto statistics = law::Statistics::load(*law);
    ASSERT_TRUE(statistics) << statistics.error().text();
    Play play(std::move(*statistics));
    for (const char* category : {"drug", "device", "device"})
        play.step(play.open("penalty_case", "north", may, "firm_a", category, "qingyuan"), "file", may);
    EXPECT_EQ(play.count("device_cases_of_the_campaign", "city"), 2);
    EXPECT_EQ(play.count("qingyuan_cases_within_all", "city"), 3);
    const auto report = compute(play.index, {"mid_year", "city", *parse_period("2025-H1"), 0, true});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_FALSE(report->broken());
    EXPECT_EQ(report->find("cases")->value->value, Rational(3));
    EXPECT_EQ(report->overlaps.front().both, Rational(3));
    fs::remove_all(directory);
}

// --- publication ----------------------------------------------------------------------------------------------

/// Rows in memory: as much of a store as the life of a report needs.
class Rows final : public journal::WriteTransaction {
 public:
    Result<journal::Head> head() override { return journal::Head{}; }
    Result<Bytes> record(std::uint64_t) override { return Error{ErrorCode::record_unknown, "none"}; }
    Result<void> scan(std::uint64_t, std::uint64_t,
                      const std::function<Result<void>(std::uint64_t, std::string_view)>&) override {
        return {};
    }
    Result<std::vector<std::uint64_t>> facts_of(std::uint64_t) override {
        return std::vector<std::uint64_t>();
    }
    Result<std::optional<Digest>> node(int, std::uint64_t) override { return std::optional<Digest>(); }
    Result<std::optional<journal::StoredRow>> find(const facts::RowType& type,
                                                   const journal::Key& key) override {
        const auto found = rows.find({std::string(type.table), key});
        if (found == rows.end()) return std::optional<journal::StoredRow>();
        return std::optional<journal::StoredRow>(found->second);
    }
    Result<std::vector<journal::StoredRow>> list(const facts::RowType&, const journal::Query&) override {
        return std::vector<journal::StoredRow>();
    }
    Result<std::uint64_t> count(const facts::RowType&, const std::vector<journal::Condition>&) override {
        return std::uint64_t{0};
    }
    Result<void> append(const std::vector<journal::StoredFact>&) override { return {}; }
    Result<void> put_head(const journal::Head&) override { return {}; }
    Result<void> put_node(int, std::uint64_t, const Digest&) override { return {}; }
    Result<void> put(const facts::RowType& type, const journal::StoredRow& row) override {
        rows[{std::string(type.table), row.key}] = row;
        return {};
    }
    Result<void> erase(const facts::RowType&, const journal::Key&) override { return {}; }
    Result<void> clear(const std::vector<facts::RowType>&) override { return {}; }
    Result<void> savepoint() override { return {}; }
    Result<void> release() override { return {}; }
    Result<void> rollback_to() override { return {}; }
    Result<void> commit() override { return {}; }

    std::map<std::pair<std::string, journal::Key>, journal::StoredRow> rows;
};

class Publication : public testing::Test {
 protected:
    Publication() : play(book()) {
        dossier = play.open("inspection", "north", may, "firm_a");
        play.step(dossier, "sign", may);
    }
    [[nodiscard]] Report report(std::uint64_t as_of = 0) const { return half(play, as_of); }
    [[nodiscard]] static Mover mover(const std::string& person, const std::string& role) {
        return {person, "city", {role}, may};
    }
    /// Appends and folds what was decided.
    void take(const Result<facts::Fact>& fact) {
        ASSERT_TRUE(fact) << fact.error().text();
        const auto seq = play.add(*fact);
        journal::Projections projections(rows);
        ASSERT_TRUE(fold().apply(play.records[seq - 1], projections));
    }
    [[nodiscard]] std::string state() const { return standing(reader, "half", "city", "2025-H1")->state; }
    [[nodiscard]] std::uint64_t frozen_as_of() const {
        return static_cast<std::uint64_t>(standing(reader, "half", "city", "2025-H1")->as_of);
    }

    Play play;
    std::uint64_t dossier = 0;
    Rows rows;
    journal::Reader reader{rows};
    const Mover clerk = mover("clerk", "statistician");
    const Mover chief = mover("chief", "report_approver");
    const Digest digest = sm3("manifest");
};

TEST_F(Publication, goes_from_approval_to_publication) {
    EXPECT_EQ(state(), "draft");
    EXPECT_EQ(freeze(reader, report(), digest, clerk).error().code, ErrorCode::approval_missing);
    EXPECT_EQ(approve(reader, report(), digest, clerk).error().code, ErrorCode::wrong_role);
    const auto approved_at = play.index.applied();
    take(approve(reader, report(), digest, chief));
    EXPECT_EQ(state(), "approved");
    EXPECT_EQ(publish(reader, report(), chief).error().code, ErrorCode::not_frozen);
    EXPECT_EQ(freeze(reader, report(), digest, clerk).error().code, ErrorCode::manifest_mismatch)
        << "the journal has grown since";
    EXPECT_EQ(freeze(reader, report(approved_at), sm3("other"), clerk).error().code,
              ErrorCode::manifest_mismatch);
    EXPECT_EQ(freeze(reader, report(approved_at), digest, mover("chief", "statistician")).error().code,
              ErrorCode::same_person);
    take(freeze(reader, report(approved_at), digest, clerk));
    EXPECT_EQ(frozen_as_of(), approved_at);
    EXPECT_EQ(approve(reader, report(), digest, chief).error().code, ErrorCode::already_frozen);
    EXPECT_EQ(freeze(reader, report(approved_at), digest, clerk).error().code, ErrorCode::already_frozen);
    take(publish(reader, report(approved_at), chief));
    EXPECT_EQ(state(), "published");
    EXPECT_EQ(publish(reader, report(approved_at), chief).error().code, ErrorCode::wrong_state);
}

TEST_F(Publication, is_reopened_only_by_a_restatement_with_a_reason) {
    const auto approved_at = play.index.applied();
    EXPECT_EQ(restate(reader, report(), report(), digest, "late entry", clerk).error().code,
              ErrorCode::not_frozen);
    take(approve(reader, report(), digest, chief));
    take(freeze(reader, report(approved_at), digest, clerk));
    EXPECT_EQ(restate(reader, report(approved_at), report(), digest, "late entry", clerk).error().code,
              ErrorCode::condition_unmet)
        << "nothing has changed";
    play.step(play.open("inspection", "north", may, "firm_b"), "sign", may);
    EXPECT_EQ(restate(reader, report(approved_at), report(), digest, "  ", clerk).error().code,
              ErrorCode::field_missing);
    EXPECT_EQ(restate(reader, report(), report(), digest, "late entry", clerk).error().code,
              ErrorCode::manifest_mismatch);
    EXPECT_EQ(restate(reader, report(approved_at), report(), digest, "late entry", chief).error().code,
              ErrorCode::wrong_role);
    const auto fact = restate(reader, report(approved_at), report(), digest, "late entry", clerk);
    ASSERT_TRUE(fact);
    const auto& reason = std::get<facts::ReportMoved>(fact->payload).reason;
    EXPECT_NE(reason.find("late entry: visits 1 → 2"), std::string::npos) << reason;
    take(fact);
    EXPECT_EQ(state(), "draft");
    take(approve(reader, report(), digest, chief));
}

TEST_F(Publication, is_refused_while_an_identity_is_broken) {
    play.step(play.open("order", "north", make_date(2025, 8, 1), "firm_a"), "pass", make_date(2025, 2, 1));
    EXPECT_EQ(approve(reader, report(), digest, chief).error().code, ErrorCode::identity_broken);
}

TEST_F(Publication, keeps_every_statement_of_a_reported_figure) {
    for (const std::int64_t value : {10, 11}) {
        const auto seq = play.reported("national", "2022", value);
        journal::Projections projections(rows);
        ASSERT_TRUE(fold().apply(play.records[seq - 1], projections));
    }
    const auto row = reader.view<facts::ReportedFigureRow>().find(std::string("national/cn/2022"));
    ASSERT_TRUE(row && *row);
    ASSERT_EQ((*row)->statements.size(), 2u);
    EXPECT_EQ((*row)->statements.back().numerator, 11);
}

// --- a recount that knows nothing of the index -----------------------------------------------------------------

struct Recount {
    const std::vector<facts::Recorded>& records;
    std::uint64_t as_of;

    [[nodiscard]] bool is_void(const facts::Recorded& fact) const {
        for (const facts::Recorded& each : records) {
            if (each.seq > as_of) break;
            const auto* voided = std::get_if<facts::FactVoided>(&each.fact.payload);
            if (voided != nullptr && (static_cast<std::uint64_t>(voided->target) == fact.seq ||
                                      static_cast<std::uint64_t>(voided->target) == fact.dossier()))
                return true;
        }
        return false;
    }
    template <class Keep>
    [[nodiscard]] std::vector<const facts::Recorded*> facts_of(const std::set<std::string>& at, Date from,
                                                               Date to, Keep keep) const {
        std::vector<const facts::Recorded*> out;
        for (const facts::Recorded& each : records)
            if (each.seq <= as_of && at.contains(each.fact.organisation) && from <= each.fact.happened_on &&
                each.fact.happened_on <= to && keep(each) && !is_void(each))
                out.push_back(&each);
        return out;
    }
    [[nodiscard]] const facts::DossierOpened& dossier(const facts::Recorded& fact) const {
        return std::get<facts::DossierOpened>(records[fact.dossier() - 1].fact.payload);
    }
};

/// A random city: dossiers, steps in any order of days, voids.
void play_at_random(Play& play, int acts) {
    std::vector<std::uint64_t> dossiers;
    const std::vector<std::string> places = {"city", "north", "south", "hill"};
    for (int i = 0; i < acts; ++i) {
        const Date on = make_date(2024, 1, 1) + *rc::gen::inRange(0, 600);
        const int act = *rc::gen::inRange(0, 10);
        const std::string place = *rc::gen::elementOf(places);
        if (act < 3 || dossiers.empty()) {
            const std::string procedure = *rc::gen::element<std::string>("inspection", "order", "case");
            const std::string firm = fmt::format("firm_{}", *rc::gen::inRange(0, 5));
            const std::string campaign = *rc::gen::element<std::string>("", "source");
            dossiers.push_back(play.open(procedure, place, on, firm, "drug", campaign));
        } else if (act < 9) {
            const std::string step = *rc::gen::element<std::string>("sign", "record_finding", "pass", "file");
            play.step(*rc::gen::elementOf(dossiers), step, on, {}, place);
        } else {
            play.voided(*rc::gen::inRange<std::uint64_t>(1, play.records.size() + 1), on);
        }
    }
}

TEST(property, the_index_agrees_with_a_recount) {
    ASSERT_TRUE(rc::check([] {
        Play play(book());
        play_at_random(play, *rc::gen::inRange(1, 120));
        const std::uint64_t as_of = *rc::gen::inRange<std::uint64_t>(4, play.records.size() + 1);
        const Date from = make_date(2024, 1, 1) + *rc::gen::inRange(0, 400);
        const Date to = from + *rc::gen::inRange(0, 300);
        const bool whole = *rc::gen::arbitrary<bool>();
        const std::string place = whole ? "city" : "south";
        const std::set<std::string> at = whole ? std::set<std::string>{"city", "north", "south", "hill"}
                                               : std::set<std::string>{"south", "hill"};
        const Scope scope{place, {from.text() + ".." + to.text(), from, to}, as_of, false};
        const Recount recount{play.records, as_of};
        const auto step = [&](const facts::Recorded& each, std::string_view procedure,
                              std::string_view name) {
            const auto* taken = std::get_if<facts::StepTaken>(&each.fact.payload);
            return taken != nullptr && taken->procedure == procedure && taken->step == name;
        };
        const auto visits = recount.facts_of(
            at, from, to, [&](const auto& each) { return step(each, "inspection", "sign"); });
        std::set<std::string> firms;
        for (const auto* each : visits) firms.insert(recount.dossier(*each).operator_id);
        RC_ASSERT(play.index.value("visits", scope)->value ==
                  Rational(static_cast<std::int64_t>(visits.size())));
        RC_ASSERT(play.index.value("visited", scope)->value ==
                  Rational(static_cast<std::int64_t>(firms.size())));
        const auto members = play.index.members("visits", scope, MemberPage{0, {}, {}, 100'000});
        RC_ASSERT(members->size() == visits.size());
        for (std::size_t i = 0; i < visits.size(); ++i) RC_ASSERT((*members)[i].seq == visits[i]->seq);
        const auto cases = recount.facts_of(at, from, to, [&](const auto& each) {
            return step(each, "case", "file") && recount.dossier(each).campaign == "source";
        });
        RC_ASSERT(play.index.value("both", scope)->value ==
                  Rational(static_cast<std::int64_t>(cases.size())));
        std::set<std::uint64_t> open;
        for (const auto* each :
             recount.facts_of(at, Date::never_before(), to, [&](const facts::Recorded& fact) {
                 const auto* opened = std::get_if<facts::DossierOpened>(&fact.fact.payload);
                 return opened != nullptr && opened->procedure == "order";
             }))
            open.insert(each->seq);
        for (const auto* each : recount.facts_of(
                 at, Date::never_before(), to, [&](const auto& fact) { return step(fact, "order", "pass"); }))
            open.erase(each->dossier());
        RC_ASSERT(play.index.value("open_end", scope)->value ==
                  Rational(static_cast<std::int64_t>(open.size())));
    }));
}

TEST(property, catching_up_in_pieces_equals_building_anew) {
    ASSERT_TRUE(rc::check([] {
        Play play(book());
        play_at_random(play, *rc::gen::inRange(1, 80));
        Index anew(book());
        for (const facts::Recorded& each : play.records) {
            RC_ASSERT(bool(anew.apply(each)));
            if (each.seq % 7 == 0)
                RC_ASSERT(bool(anew.value("open_end", play.scope("city", "2025", each.seq))));
        }
        const auto one = compute(play.index, {"half", "city", *parse_period("2025-H1"), 0, true});
        const auto other = compute(anew, {"half", "city", *parse_period("2025-H1"), 0, true});
        RC_ASSERT(changes(*one, *other).empty());
        for (const ReportLine& line : one->lines)
            RC_ASSERT(line.members_root == other->find(line.figure)->members_root);
    }));
}

}  // namespace
}  // namespace qingyuan::account
