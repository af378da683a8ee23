// Every rule's own examples through the judge; late, repeated and corrected uploads; batches in any order.
#include "assess/world_test.hpp"

#include <unistd.h>

#include <atomic>
#include <random>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::assess::test {
namespace {

std::int64_t ms(std::string_view text) {
    return parse_instant(text)->us / 1000;
}

Tables whole(const law::Rule& rule, const law::RuleExample& example) {
    // A table that a later example leaves out is that of the first one.
    Tables tables = rule.examples.front().tables;
    for (const auto& [kind, text] : example.tables) tables.insert_or_assign(kind, text);
    return tables;
}

// mission: D1 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12
TEST(Custody, finds_what_every_rule_says_it_finds) {
    for (const law::Rule& rule : statute_book().rules()) {
        SCOPED_TRACE(rule.id);
        for (const law::RuleExample& example : rule.examples) {
            SCOPED_TRACE(example.en);
            World world;
            const auto report = world.take(whole(rule, example), example.now.us / 1000);
            EXPECT_EQ(report.rejected(), 0u);
            const auto found = world.judge(example.now.us / 1000);
            std::multiset<std::string> own, wanted;
            for (const std::string& one : found)
                if (one.starts_with(rule.id + ",")) own.insert(one);
            for (const std::string& one : example.findings) {
                if (one.starts_with(rule.id + ",")) wanted.insert(one);
                EXPECT_TRUE(found.contains(one)) << one;
            }
            EXPECT_EQ(own, wanted);
        }
    }
}

TEST(Custody, stays_quiet_where_every_rule_says_it_is_quiet) {
    for (const law::Rule& rule : statute_book().rules()) {
        SCOPED_TRACE(rule.id);
        for (const law::RuleExample& example : rule.quiet) {
            SCOPED_TRACE(example.en);
            World world;
            const std::int64_t now =
                (example.now.us == 0 ? rule.examples.front().now : example.now).us / 1000;
            world.take(whole(rule, example), now);
            for (const std::string& one : world.judge(now))
                EXPECT_FALSE(one.starts_with(rule.id + ",")) << one;
        }
    }
}

TEST(Custody, explains_every_example_in_both_languages_without_a_gap) {
    for (const law::Rule& rule : statute_book().rules()) {
        SCOPED_TRACE(rule.id);
        World world;
        const law::RuleExample& example = rule.examples.front();
        world.take(whole(rule, example), example.now.us / 1000);
        world.judge(example.now.us / 1000);
        int told = 0;
        EXPECT_TRUE(world.index->each_finding([&](const packs::Finding& one) {
            if (one.rule != rule.id) return true;
            for (const bool english : {false, true}) {
                const auto text = described(*world.index, statute_book(), one, english);
                EXPECT_TRUE(text);
                EXPECT_FALSE(text->explanation.empty());
                EXPECT_EQ(text->explanation.find('{'), std::string::npos) << text->explanation;
                EXPECT_EQ(text->explanation.find("（，"), std::string::npos) << text->explanation;
                EXPECT_EQ(text->explanation.find("  "), std::string::npos) << text->explanation;
                EXPECT_EQ(text->number, rule.number);
            }
            ++told;
            return true;
        }));
        EXPECT_GT(told, 0);
    }
}

constexpr std::string_view firms =
    "id,type,headquarters,region,scopes,licence_from,licence_to\n"
    "M1,manufacturer,,430104,,2020-01-01,2030-01-01\nW1,wholesaler,,430104,,2020-01-01,2030-01-01\n"
    "P1,pharmacy,,430407,,2020-01-01,2030-01-01\n";
constexpr std::string_view products = "code,holder,class\n8100001,M1,\n";
constexpr std::string_view header =
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document\n";

Tables first(std::string_view events) {
    return {{"operators", std::string(firms)},
            {"products", std::string(products)},
            {"events", std::string(header) + std::string(events)}};
}

TEST(Custody, a_late_upload_is_waited_for_and_a_later_one_takes_back_what_was_confirmed) {
    World world;
    const auto code = "81000010000000011111";
    const auto line = [&](std::string_view rest) {
        return fmt::format("{},{}{}\n", rest.substr(0, rest.find(',')), code, rest.substr(rest.find(',')));
    };
    // The wholesaler's receipt and the maker's shipment have not come.
    world.take(first(line("e1,produce,M1,,2025-01-02T08:00:00+08:00,2025-01-02T09:00:00+08:00,B1,") +
                     line("e4,ship,W1,P1,2025-01-06T08:00:00+08:00,2025-01-06T09:00:00+08:00,B1,")),
               ms("2025-01-07"));
    EXPECT_EQ(world.judge(ms("2025-01-07")), (std::multiset<std::string>{}));
    EXPECT_GT(world.statuses()[packs::FindingStatus::provisional], 0);
    // Thirty days later, W1 has no history: confirmed.
    EXPECT_EQ(world.judge(ms("2025-02-20")).count("custody_break,e4"), 1u);
    // The receipt comes after all: withdrawn, and the shipment's finding stays away for good.
    Tables late{
        {"events", std::string(header) +
                       line("e3,receive,W1,M1,2025-01-05T08:00:00+08:00,2025-02-21T09:00:00+08:00,B1,") +
                       line("e2,ship,M1,W1,2025-01-03T08:00:00+08:00,2025-02-21T09:00:00+08:00,B1,")}};
    world.take(late, ms("2025-02-21"));
    const auto after = world.judge(ms("2025-02-21"));
    EXPECT_EQ(after.count("custody_break,e4"), 0u);
    EXPECT_EQ(world.statuses()[packs::FindingStatus::withdrawn], 1);
    // The same rows sent again change nothing.
    world.take(late, ms("2025-02-22"));
    EXPECT_EQ(world.judge(ms("2025-02-22")), after);
    EXPECT_EQ(world.index->stats()->conflicts, 0u);
    EXPECT_TRUE(world.index->verify());
}

/// What rests on an absence: not confirmed at once, confirmed when the silent firm's time is over, withdrawn
/// when it uploads.
TEST(Custody, every_absence_is_waited_for_confirmed_and_withdrawn_when_the_upload_comes) {
    const std::string code = "81000010000000011111";
    const auto row = [&](std::string_view id, std::string_view action, std::string_view actor,
                         std::string_view other, int day, std::string_view document = "") {
        return fmt::format("{},{},{},{},{},2025-01-{:02}T08:00:00+08:00,2025-01-{:02}T09:00:00+08:00,B1,{}\n",
                           id, code, action, actor, other, day, day, document);
    };
    const std::string produce = row("e1", "produce", "M1", "", 2),
                      ship = row("e2", "ship", "M1", "W1", 3, "D1"),
                      receive = row("e3", "receive", "W1", "M1", 4), on = row("e4", "ship", "W1", "P1", 5),
                      arrive = row("e5", "receive", "P1", "W1", 6), sale = row("e6", "dispense", "P1", "", 7);
    struct Story {
        std::string rule, key, without, late;
    };
    const std::vector<Story> stories{
        {"sale_without_receipt", "e6", produce + ship + receive + on + sale, arrive},
        {"receipt_without_shipment", "e3", produce + receive, ship},
        {"never_produced", code, ship + receive, produce},
        {"invoice_mismatch", "D1", produce, ship + receive},
        {"custody_break", "e4", produce + ship + on + arrive, receive},
        {"unreceived_shipment", "e2", produce + ship, receive}};
    for (const Story& story : stories) {
        SCOPED_TRACE(story.rule);
        World world;
        Tables tables = first(story.without);
        tables["documents"] = "id,seller,buyer,batch,quantity\nD1,M1,W1,B1,1\n";
        world.take(tables, ms("2025-01-08"));
        const std::string finding = story.rule + "," + story.key;
        EXPECT_EQ(world.judge(ms("2025-01-08")).count(finding), 0u);
        EXPECT_EQ(world.judge(ms("2025-06-01")).count(finding), 1u);
        world.take({{"events", std::string(header) + story.late}}, ms("2025-06-02"));
        EXPECT_EQ(world.judge(ms("2025-06-02")).count(finding), 0u);
        bool withdrawn = false;
        EXPECT_TRUE(world.index->each_finding([&](const packs::Finding& one) {
            withdrawn =
                withdrawn || (one.rule == story.rule && one.status == packs::FindingStatus::withdrawn);
            return true;
        }));
        EXPECT_TRUE(withdrawn);
    }
}

TEST(Custody, rows_of_unknown_firms_and_products_wait_and_are_read_when_those_are_registered) {
    World world;
    const auto report =
        world.take({{"operators", std::string(firms)},
                    {"events", std::string(header) +
                                   "e1,81000010000000011111,produce,M1,,2025-01-02T08:00:00+08:00,,B1,\n"
                                   "e2,81000010000000011111,ship,M1,W9,2025-01-03T08:00:00+08:00,,B1,\n"}},
                   ms("2025-01-07"));
    EXPECT_EQ(report.waiting(), 2u);
    EXPECT_EQ(world.index->stats()->events, 0u);
    world.take({{"products", std::string(products)}}, ms("2025-01-08"));
    EXPECT_EQ(world.index->stats()->events, 1u);
    EXPECT_EQ(world.index->stats()->waiting, 1u);
    world.take({{"operators",
                 "id,type,headquarters,region,scopes,licence_from,licence_to\nW9,wholesaler,,430104,,,\n"}},
               ms("2025-01-09"));
    EXPECT_EQ(world.index->stats()->events, 2u);
    EXPECT_EQ(world.index->stats()->waiting, 0u);
    EXPECT_EQ(world.judge(ms("2025-01-09")).count("unlicensed_party,e2"), 1u);
    EXPECT_TRUE(world.index->verify());
}

TEST(Custody, an_event_id_used_again_with_other_content_is_a_conflict_and_the_first_counts) {
    World world;
    world.take(
        first(
            "e1,81000010000000011111,produce,M1,,2025-01-02T08:00:00+08:00,2025-01-02T09:00:00+08:00,B1,\n"
            "e2,81000010000000011111,dispense,M1,,2025-01-03T08:00:00+08:00,2025-01-03T09:00:00+08:00,B1,\n"),
        ms("2025-01-07"));
    EXPECT_EQ(world.index->stats()->conflicts, 0u);
    world.take({{"events", std::string(header) + "e2,81000010000000011111,dispense,P1,,2025-01-04T08:00:00+"
                                                 "08:00,2025-01-04T09:00:00+08:00,B1,\n"}},
               ms("2025-01-08"));
    EXPECT_EQ(world.index->stats()->conflicts, 1u);
    world.take({{"events", std::string(header) + "e3,81000010000000011111,sample,P1,,2025-01-05T08:00:00+08:"
                                                 "00,2025-01-05T09:00:00+08:00,B1,\n"}},
               ms("2025-01-08"));
    EXPECT_EQ(world.index->stats()->conflicts, 1u);
    const auto history = world.index->history(packs::parse_code("81000010000000011111")->code);
    ASSERT_EQ(history->events.size(), 3u);
    EXPECT_EQ(history->superseded.size(), 1u);
    EXPECT_EQ(world.judge(ms("2025-06-01")).count("second_sale,e2"), 0u);
}

TEST(Custody, a_correction_of_another_code_is_found_wherever_that_is) {
    World world;
    Tables tables = first(
        "e1,81000010000000011111,produce,M1,,2025-01-02T08:00:00+08:00,,B1,\n"
        "e2,81000010000000022222,produce,M1,,2025-01-02T08:00:00+08:00,,B1,\n"
        "e3,81000010000000011111,dispense,M1,,2025-01-03T08:00:00+08:00,,B1,\n"
        "e4,81000010000000011111,dispense,M1,,2025-01-04T08:00:00+08:00,,B1,\n");
    world.take(tables, ms("2025-01-07"));
    EXPECT_EQ(world.judge(ms("2025-01-07")).count("second_sale,e4"), 1u);
    world.take({{"events",
                 "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,corrects\n"
                 "e5,81000010000000022222,dispense,M1,,2025-01-04T08:00:00+08:00,,B1,,e4\n"}},
               ms("2025-01-08"));
    EXPECT_EQ(world.judge(ms("2025-01-08")).count("second_sale,e4"), 0u);
    EXPECT_TRUE(world.index->verify());
}

TEST(Custody, cases_packed_in_circles_and_a_code_scanned_ten_thousand_times_end) {
    World world;
    std::string aggregation = "parent,child\n", events(header);
    for (int i = 0; i < 30; ++i)
        for (int j = 0; j < 30; ++j)
            if (i != j) aggregation += fmt::format("8100001000000{:03}0000,8100001000000{:03}0000\n", i, j);
    for (int i = 0; i < 30; ++i)
        events += fmt::format("c{},8100001000000{:03}0000,ship,M1,W1,2025-01-02T08:00:00+08:00,,B1,\n", i, i);
    for (int i = 0; i < 10'000; ++i)
        events += fmt::format("r{},81000010000009990000,dispense,P1,,{},,B1,\n", i, 1735700000 + i * 60);
    Tables tables = first("");
    tables["aggregation"] = aggregation;
    tables["events"] = events;
    world.take(tables, ms("2025-06-01"));
    EXPECT_GT(world.judge(ms("2025-06-01")).count("second_sale,r9999"), 0u);
    EXPECT_TRUE(world.index->verify());
}

TEST(Custody, a_volume_far_beyond_that_of_its_kind_is_told_and_a_large_one_is_not) {
    // Eleven pharmacies sell ten packs each within the thirty days; one sells so many.
    const auto told = [](int sold, int peers) {
        std::string operators(firms), events(header);
        int number = 0;
        const auto sell = [&](const std::string& who, int packs) {
            for (int i = 0; i < packs; ++i) {
                const std::string code = fmt::format("81000010{:08}7919", ++number);
                const auto add = [&](std::string_view action, std::string_view actor, std::string_view other,
                                     int hour) {
                    events += fmt::format("v{}{},{},{},{},{},2025-02-10T{:02}:00:00+08:00,,B1,\n", number,
                                          action, code, action, actor, other, hour);
                };
                add("produce", "M1", "", 1);
                add("ship", "M1", who, 2);
                add("receive", who, "M1", 3);
                add("dispense", who, "", 4);
            }
        };
        for (int i = 0; i < peers; ++i) {
            operators += fmt::format("Q{},pharmacy,,430407,,2020-01-01,2030-01-01\n", i);
            sell(fmt::format("Q{}", i), i == 0 ? 1 : 10);
        }
        sell("P1", sold);
        World world;
        Tables tables = first("");
        tables["operators"] = operators;
        tables["events"] = events;
        EXPECT_EQ(world.take(tables, ms("2025-03-01")).rejected(), 0u);
        int found = 0;
        for (const std::string& one : world.judge(ms("2025-06-01")))
            if (one.starts_with("volume_beyond_capacity,")) {
                EXPECT_TRUE(one.starts_with("volume_beyond_capacity,P1/8100001/2025-")) << one;
                ++found;
            }
        return found;
    };
    EXPECT_EQ(told(201, 11), 1);
    EXPECT_EQ(told(199, 11), 0) << "below packs_min";
    EXPECT_EQ(told(201, 9), 0) << "too few to compare with";
}

/// A random but plausible flow with errors in it, as lines of events.csv.
std::vector<std::string> random_events(unsigned seed, bool cases, std::string& aggregation) {
    std::mt19937 dice(seed);
    const auto roll = [&](unsigned sides) { return dice() % sides; };
    const std::vector<std::string> who{"M1", "W1", "P1", "H1", "S1", "U1"};
    const std::vector<std::string> actions{"produce",    "ship",      "receive", "dispense",
                                           "return_out", "return_in", "use",     "destroy"};
    std::vector<std::string> lines;
    aggregation = "parent,child\n";
    for (unsigned i = 0; i < 400; ++i) {
        std::string code = "8100001" + std::string("00000") + std::to_string(1000 + roll(60)) + "7777";
        if (cases && roll(4) == 0)
            code = "8100002" + std::string("00000") + std::to_string(1000 + roll(5)) + "0000";
        const std::string actor = who[roll(6)], other = roll(4) == 0 ? "" : who[roll(6)];
        std::string split = roll(5) == 0 ? "1" : "",
                    corrects = roll(25) == 0 && i > 5 ? "x" + std::to_string(roll(i)) : "";
        const std::string time = std::to_string(1735700000 + roll(40) * 86400 + roll(3) * 600);
        std::string line = "x" + std::to_string(i) + "," + code + "," + actions[roll(8)] + "," + actor + "," +
                           other + "," + time + "," + std::to_string(1735700000 + 41 * 86400) + ",B" +
                           std::to_string(1 + roll(2)) + ",D" + std::to_string(100 + roll(12)) + "," + split +
                           "," + corrects + "\n";
        lines.push_back(line);
        if (roll(12) == 0) lines.push_back(line);
    }
    for (unsigned i = 0; i < 60; i += 2)
        aggregation += "810000200000" + std::to_string(1000 + i % 5) + "0000,810000100000" +
                       std::to_string(1000 + i) + "7777\n";
    return lines;
}

const Tables& random_world() {
    static const Tables tables{{"operators",
                                "id,type,headquarters,region,scopes,licence_from,licence_to\nM1,manufacturer,"
                                ",430104,,2020-01-01,2030-01-01\n"
                                "W1,wholesaler,,430104,,2020-01-01,2025-01-20\nP1,pharmacy,,430407,"
                                "psychotropic_2,2020-01-01,2030-01-01\n"
                                "H1,chain_headquarters,,430407,,2020-01-01,2030-01-01\nS1,chain_store,H1,"
                                "430407,,2020-01-01,2030-01-01\nU1,other,,,,,\n"},
                               {"products", "code,holder,class\n8100001,M1,psychotropic_2\n8100002,M1,\n"},
                               {"batches",
                                "id,product,holder,produced_at,expires_at,recalled_at\nB1,8100001,M1,2024-01-"
                                "01,2025-01-25,2025-01-30\nB2,8100001,M1,2024-01-01,2026-01-01,\n"},
                               {"documents",
                                "id,seller,buyer,batch,quantity\nD100,M1,W1,B1,2\nD101,M1,W1,B1,3\nD102,W1,"
                                "P1,B2,1\nD103,W1,P1,B2,0\nD999,W1,P1,B2,1\n"}};
    return tables;
}

/// The sums of the index, by words that do not depend on numbers given to names.
std::map<std::string, std::int64_t> sums(World& world) {
    std::map<std::string, std::int64_t> out;
    for (const int kind : {0, 1, 2, 3, static_cast<int>(packs::TallyKind::volume)})
        EXPECT_TRUE(world.index->each_tally(
            static_cast<packs::TallyKind>(kind), [&](std::uint64_t a, std::uint64_t b, std::int64_t sum) {
                const std::string name =
                    kind == 0 ? world.index->text_of(static_cast<packs::Name>(a)) : std::to_string(a);
                out[std::to_string(kind) + "/" + name + "/" + std::to_string(b)] += sum;
                return true;
            }));
    return out;
}

class AnyOrder : public testing::TestWithParam<std::pair<unsigned, bool>> {};

TEST_P(AnyOrder, batches_in_any_order_and_cut_give_the_same_findings_and_sums) {
    const auto [seed, cases] = GetParam();
    std::string aggregation;
    std::vector<std::string> lines = random_events(seed, cases, aggregation);
    const std::string head =
        "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,corrects\n";
    const std::int64_t now = ms("2026-06-01");
    const auto joined = [&](std::size_t from, std::size_t to) {
        std::string text = head;
        for (std::size_t i = from; i < to; ++i) text += lines[i];
        return text;
    };
    World together;
    Tables all = random_world();
    all["events"] = joined(0, lines.size());
    if (cases) all["aggregation"] = aggregation;
    together.take(all, now);
    const auto expected = together.judge(now);
    ASSERT_GT(expected.size(), 50u);
    std::mt19937 dice(seed * 7 + 1);
    std::shuffle(lines.begin(), lines.end(), dice);
    World apart;
    // Half of the stories learn last of all what lay in what.
    bool relations_given = !cases, tables_given = false;
    for (std::size_t from = 0; from < lines.size();) {
        const std::size_t to = std::min(lines.size(), from + 1 + dice() % 120);
        Tables piece;
        if (!tables_given) piece = random_world();
        tables_given = true;
        piece["events"] = joined(from, to);
        if (!relations_given && seed % 2 == 0 && dice() % 2 == 0) {
            piece["aggregation"] = aggregation;
            relations_given = true;
        }
        apart.take(piece, now);
        if (dice() % 3 == 0) apart.judge(now);
        if (dice() % 4 == 0) apart.open();
        from = to;
    }
    if (!relations_given) apart.take({{"aggregation", aggregation}}, now);
    EXPECT_EQ(apart.judge(now), expected);
    EXPECT_EQ(sums(apart), sums(together));
    EXPECT_TRUE(apart.index->verify());
    EXPECT_TRUE(together.index->verify());
}

/// A store that fails after so many writes, as if the process had ended there.
class CutStore final : public packs::Store {
 public:
    CutStore(std::unique_ptr<packs::Store> inner, int writes) : inner_(std::move(inner)), left_(writes) {}
    Result<void> write(const packs::WriteSet& set) override {
        if (left_-- <= 0) return cut();
        return inner_->write(set);
    }
    Result<void> ingest(packs::Space space, std::uint64_t token,
                        const std::function<bool(packs::Entry& next)>& source) override {
        if (left_-- <= 0) return cut();
        return inner_->ingest(space, token, source);
    }
    Result<std::optional<Bytes>> get(packs::Space space, std::string_view group,
                                     std::string_view rest) override {
        return inner_->get(space, group, rest);
    }
    Result<void> visit(packs::Space space, std::span<const std::string> groups,
                       const packs::VisitGroup& each) override {
        return inner_->visit(space, groups, each);
    }
    Result<void> scan(packs::Space space, std::string_view from, std::string_view behind,
                      const packs::Visit& each) override {
        return inner_->scan(space, from, behind, each);
    }
    Result<void> sync() override { return inner_->sync(); }
    Result<void> settle() override { return inner_->settle(); }
    Result<void> clear() override { return inner_->clear(); }
    Result<std::uint64_t> bytes() override { return inner_->bytes(); }
    [[nodiscard]] std::string engine() const override { return inner_->engine(); }

 private:
    static Error cut() { return {ErrorCode::io_failed, "cut off"}; }
    std::unique_ptr<packs::Store> inner_;
    std::atomic<int> left_;
};

/// Relations, corrections and sums of a batch that ended at any of its writes, and came again.
TEST(Custody, a_batch_that_is_cut_off_anywhere_and_comes_again_is_judged_as_if_undisturbed) {
    const std::int64_t now = ms("2026-06-01");
    const std::string head =
        "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,corrects\n";
    std::string aggregation;
    const auto lines = random_events(4, true, aggregation);
    const auto part = [&](std::size_t from, std::size_t to) {
        std::string text = head;
        for (std::size_t i = from; i < to; ++i) text += lines[i];
        return text;
    };
    const std::size_t half = lines.size() / 2;
    Tables first = random_world();
    first["events"] = part(0, half);
    // A few relations are known from the first batch, and told again by the second.
    first["aggregation"] = "parent,child\n81000020000010000000,81000010000010007777\n";
    // The second changes tables that codes of the first were judged by, and brings names of its own.
    Tables second{{"events", part(half, lines.size()) +
                                 "fresh-id,81000010000010007777,sample,W1,,2025-02-01,2025-02-02,BX,DX7,,\n"
                                 "new1234,81000010000010017777,sample,U1,,2025-02-01,2025-02-02,B2,N100,,\n"},
                  {"aggregation", aggregation},
                  {"operators",
                   "id,type,headquarters,region,scopes,licence_from,licence_to\n"
                   "W1,wholesaler,,430104,,2020-01-01,2030-01-20\nU1,other,,,,2020-01-01,2030-01-01\n"},
                  {"batches",
                   "id,product,holder,produced_at,expires_at,recalled_at\n"
                   "B2,8100001,M1,2024-01-01,2025-01-15,\n"}};
    const auto story = [&](World& world, int writes) {
        world.learns = false;
        world.take(first, now);
        if (writes >= 0) {
            world.wrapped = [&](std::unique_ptr<packs::Store> inner) -> std::unique_ptr<packs::Store> {
                return std::make_unique<CutStore>(std::move(inner), writes);
            };
            world.open();
            world.take(second, now);
            const bool cut_off = world.cut_off;
            world.wrapped = {};
            world.open();
            if (!cut_off) return false;
        }
        world.take(second, now);
        return true;
    };
    World calm;
    story(calm, -1);
    const auto expected = calm.judge(now);
    const auto expected_sums = sums(calm);
    ASSERT_GT(expected.size(), 50u);
    World whole_world;
    Tables all = random_world();
    all["events"] = part(0, half) + second.at("events").substr(head.size());
    all["aggregation"] = aggregation;
    for (const char* table : {"operators", "batches"})
        all[table] += second.at(table).substr(second.at(table).find('\n') + 1);
    whole_world.take(all, now);
    EXPECT_EQ(expected_sums, sums(whole_world)) << "a relation that is told again changes no sum";
    EXPECT_EQ(expected, whole_world.judge(now));
    int writes = 0;
    for (bool more = true; more && writes < 60; ++writes) {
        SCOPED_TRACE(fmt::format("cut off after {} writes", writes));
        World world;
        more = story(world, writes);
        EXPECT_EQ(sums(world), expected_sums);
        EXPECT_EQ(world.judge(now), expected);
        EXPECT_EQ(world.index->stats()->conflicts, calm.index->stats()->conflicts);
        EXPECT_EQ(world.index->stats()->findings_open, calm.index->stats()->findings_open);
        EXPECT_TRUE(world.index->verify());
    }
    EXPECT_GT(writes, 6);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyOrder,
                         testing::Values(std::pair{1u, false}, std::pair{2u, false}, std::pair{3u, false},
                                         std::pair{4u, true}, std::pair{5u, true}, std::pair{6u, true}));

}  // namespace
}  // namespace qingyuan::assess::test
