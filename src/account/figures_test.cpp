// Figures over small journals made by hand, and against a recount that knows nothing of the index.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <rapidcheck.h>
#include <unistd.h>

#include "account/play_test.hpp"
#include "account/publication.hpp"
#include "base/merkle.hpp"
#include "law/law.hpp"

namespace qingyuan::account {
namespace {

namespace fs = std::filesystem;

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

/// The shipped figures on a campaign played by hand.
// mission: B1 B2 A7 C17
TEST(shipped_figures, count_what_their_notes_say) {
    const auto law = law::Law::load(QINGYUAN_SOURCE_DIR "/law");
    ASSERT_TRUE(law) << law.error().text();
    Play play(*law::Statistics::load(*law));
    const Date before = make_date(2024, 11, 4);
    const auto visit = [&](const std::string& at, Date on, const std::string& firm, int findings) {
        const auto dossier = play.open("inspection", at, on, firm, "drug", "qingyuan");
        for (int i = 0; i < findings; ++i) play.step(dossier, "record_finding", on);
        play.step(dossier, "sign", on);
        return dossier;
    };
    const auto order = [&](const std::string& at, Date on, const std::string& firm, std::uint64_t from) {
        return play.open("rectification", at, on, firm, "drug", "qingyuan", from);
    };
    // Carried over from 2024: two findings, closed in 2025 when the order is passed and the inspection
    // concluded.
    const auto old_visit = visit("north", before, "firm_a", 2);
    const auto old_order = order("north", before, "firm_a", old_visit);
    play.step(old_order, "pass", make_date(2025, 1, 20));
    play.step(old_visit, "conclude", make_date(2025, 1, 22));
    // 2025: one firm rectified, one that has an order open, one without findings.
    const auto done = visit("north", may, "firm_a", 1);
    play.step(order("north", may, "firm_a", done), "pass", may + 10);
    play.step(done, "conclude", may + 12);
    const auto late = visit("south", may, "firm_b", 2);
    const auto open_order = order("south", may, "firm_b", late);
    play.step(late, "conclude", may + 12);
    play.step(open_order, "miss", may + 20);
    visit("south", may, "firm_c", 0);
    const auto found = play.open("penalty_case", "south", may, "firm_b", "drug", "qingyuan", late);
    play.step(found, "file", may);
    play.step(play.open("penalty_case", "south", may, "firm_x", "device"), "file", may);
    play.step(play.open("referral", "south", may, "firm_b", "drug", "qingyuan", found), "send", may);
    const auto lead = play.open("lead", "south", may, "firm_b", "drug", "qingyuan");
    play.step(lead, "transfer", may, {{"agency", std::string("medical_insurance")}});
    const auto talk = play.open("interview", "south", may, "");
    for (const char* firm : {"firm_a", "firm_b"})
        play.step(talk, "invite", may,
                  {{"invited_kind", std::string("firm")}, {"invited_operator", std::string(firm)}});
    play.step(talk, "hold", may);
    for (const char* step : {"close", "dismiss"})
        play.step(play.open("risk_item", "north", may, ""), step, may);

    const std::map<std::string, std::int64_t> expected = {{"inspections", 3},
                                                          {"findings", 3},
                                                          {"rectification_orders", 2},
                                                          {"interviews", 1},
                                                          {"interviewed_entities", 2},
                                                          {"cases", 2},
                                                          {"cases_device", 1},
                                                          {"inspected_entities", 3},
                                                          {"qingyuan_inspections", 3},
                                                          {"qingyuan_inspected_entities", 3},
                                                          {"qingyuan_noncompliant_entities", 2},
                                                          {"qingyuan_rectified_entities", 1},
                                                          {"qingyuan_outstanding_entities", 1},
                                                          {"qingyuan_cases", 1},
                                                          {"qingyuan_cases_within_all", 1},
                                                          {"qingyuan_referrals_public_security", 1},
                                                          {"qingyuan_leads_medical_insurance", 1},
                                                          {"hazards_identified", 2},
                                                          {"hazards_eliminated", 1},
                                                          {"referrals_public_security", 1},
                                                          {"leads_transferred", 1},
                                                          {"findings_open_start", 2},
                                                          {"findings_closed", 3},
                                                          {"findings_open_end", 2},
                                                          {"findings_overdue_end", 2},
                                                          {"orders_open_start", 1},
                                                          {"orders_closed", 2},
                                                          {"orders_open_end", 1},
                                                          {"orders_overdue_end", 1}};
    for (const auto& [figure, value] : expected) {
        EXPECT_EQ(play.count(figure, "city"), value) << figure;
        EXPECT_EQ(play.lines(figure, "city").size(), static_cast<std::size_t>(value)) << figure;
    }
    const auto report = compute(play.index, {"mid_year", "city", *parse_period("2025-H1"), 0, true});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_FALSE(report->broken()) << report->broken()->text();
    EXPECT_EQ(play.count("findings_open_end", "city", "2024-H2"), play.count("findings_open_start", "city"));
}

// --- a recount that knows nothing of the index

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
            const std::uint64_t source = dossiers.empty() ? 0 : *rc::gen::elementOf(dossiers);
            const auto answers = *rc::gen::inRange<std::uint64_t>(0, play.records.size());
            dossiers.push_back(play.open(procedure, place, on, firm, "drug", campaign, source, answers));
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

TEST(property, an_index_asked_all_the_time_agrees_with_one_never_asked) {
    const std::vector<std::string> figures = {
        "visits",   "visited",  "orders",       "open_start",         "open_end",
        "closed",   "answered", "both",         "ordered_findings",   "either",
        "findings", "cases",    "ordered_from", "visited_with_orders"};
    const std::vector<std::string> periods = {"2025-H1", "2024-H1", "2024", "2024-05",
                                              "2024-05-10..2025-02-03"};
    ASSERT_TRUE(rc::check([&] {
        Play play(book());
        play_at_random(play, *rc::gen::inRange(1, 100));
        Index asked(book());
        for (const facts::Recorded& each : play.records) {
            RC_ASSERT(bool(asked.apply(each)));
            if (each.seq < 4 || each.seq % 5 != 0) continue;
            for (const std::string& figure : figures)
                for (const std::string& period : periods)
                    RC_ASSERT(bool(asked.value(figure, play.scope("city", period))));
        }
        for (const char* place : {"city", "south", "hill"})
            for (const std::string& figure : figures)
                for (const std::string& period : periods) {
                    const Scope scope = play.scope(place, period);
                    RC_ASSERT(asked.value(figure, scope)->value == play.index.value(figure, scope)->value);
                    RC_ASSERT(*asked.members_root(figure, scope) == *play.index.members_root(figure, scope));
                }
    }));
}

}  // namespace
}  // namespace qingyuan::account
