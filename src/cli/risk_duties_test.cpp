// Three parties to a risk, the products of the sampling plan, the gaps of a preparation's standard.
#include <filesystem>

#include <gtest/gtest.h>

#include "act/theatre_test.hpp"
#include "assess/duties.hpp"
#include "assess/sampling_plan.hpp"
#include "assess/standard_scan.hpp"

namespace qingyuan {
namespace {

const law::Law& shipped() {
    static const law::Law law =
        act::Theatre::must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

void risk_of(act::Theatre& theatre, const std::string& id, const std::string& product) {
    facts::Form form{{"hazard", std::string("溶出度下降")}, {"origin", std::string("sampling")}};
    if (!product.empty()) form.emplace("product", product);
    act::Theatre::must(theatre.open("a_risk_analyst", {.procedure = "risk_item",
                                                       .id = id,
                                                       .operator_id = "shop",
                                                       .category = "drug",
                                                       .form = std::move(form)}));
}

std::vector<assess::PlannedProduct> plan_of(act::Theatre& theatre) {
    return theatre.read([&](const journal::Reader& reader) {
        return act::Theatre::must(assess::sampling_plan(reader, shipped(), theatre.today()));
    });
}

facts::Form score(const char* likelihood, const char* level) {
    return {{"likelihood", std::string(likelihood)},
            {"severity", std::string("4")},
            {"exposure", std::string("3")},
            {"level", std::string(level)}};
}

}  // namespace

// mission: G9
TEST(Duties, are_of_three_parties_and_a_party_nobody_is_known_for_is_a_gap) {
    act::Theatre theatre(shipped());
    risk_of(theatre, "risk", "");
    const auto of = [&] {
        return theatre.read([&](const journal::Reader& reader) {
            return act::Theatre::must(assess::duties_of(
                reader, shipped(), act::Theatre::must(act::dossier(reader, "risk")), theatre.today()));
        });
    };
    auto parties = of();
    ASSERT_EQ(parties.size(), 3u);
    EXPECT_EQ(parties[0].party, "local_government");
    EXPECT_TRUE(parties[0].is_gap()) << "the sample organisations have no region";
    EXPECT_EQ(parties[1].who, "city");
    EXPECT_EQ(parties[2].who, "shop");
    for (const assess::PartyDuties& party : parties) {
        ASSERT_FALSE(party.duties.empty()) << party.party;
        for (const assess::Duty& duty : party.duties) EXPECT_TRUE(duty.law.starts_with("DAL ")) << duty.law;
    }
    // The unit in charge and its person, once they are named.
    act::Theatre::must(theatre.take("risk", "a_risk_analyst", "assess", {.form = score("4", "high")}));
    act::Theatre::must(theatre.take("risk", "a_unit_head", "assign",
                                    {.form = {{"owner_unit", std::string("county")},
                                              {"owner", std::string("county_officer")},
                                              {"review_on", std::string("2025-12-31")}}}));
    parties = of();
    EXPECT_EQ(parties[1].who, "county");
    EXPECT_EQ(parties[1].person, "county_officer");
}

// mission: B20
TEST(SamplingPlan, flags_generic_products_until_they_are_evaluated_and_failed_ones_first) {
    act::Theatre theatre(shipped());
    EXPECT_TRUE(plan_of(theatre).empty()) << "the one product there is has no reason";
    const auto record = [&](const char* id, const char* word, bool selected) {
        facts::ProductRecorded product;
        product.id = id, product.name = id, product.category = "drug", product.holder = "shop";
        product.class_word = word, product.centralised_procurement = selected;
        product.from = make_date(2023, 1, 1);
        act::Theatre::must(theatre.append([&](const auto&) -> Result<facts::Fact> {
            return facts::Fact{make_date(2023, 1, 1), {}, "system", 0, product};
        }));
    };
    record("G1", "generic", true);
    record("G2", "generic", false);
    record("C1", "chemical", false);
    auto plan = plan_of(theatre);
    ASSERT_EQ(plan.size(), 2u);
    EXPECT_EQ(plan[0].product, "G1") << "two reasons before one";
    using enum assess::SamplingReason;
    EXPECT_EQ(plan[0].reasons, (std::vector{generic_not_evaluated, centralised_procurement}));
    EXPECT_EQ(plan[1].reasons, std::vector{generic_not_evaluated});

    // A passed evaluation takes the reason away; an open risk that names the product puts it before the
    // others.
    act::Theatre::must(theatre.open(
        "a_licensing_officer",
        {.procedure = "consistency_evaluation", .id = "cev", .form = {{"product", std::string("G2")}}}));
    EXPECT_EQ(plan_of(theatre).size(), 2u) << "under way is not passed";
    act::Theatre::must(theatre.take(
        "cev", "a_licensing_officer", "pass",
        {.form = {{"announcement", std::string("2025-01")}}, .evidence = {std::string(64, 'a')}}));
    EXPECT_EQ(plan_of(theatre).size(), 1u);
    risk_of(theatre, "risk", "C1");
    act::Theatre::must(theatre.take("risk", "a_risk_analyst", "assess", {.form = score("4", "high")}));
    plan = plan_of(theatre);
    ASSERT_EQ(plan.size(), 2u);
    EXPECT_EQ(plan[0].product, "C1");
    EXPECT_EQ(plan[0].risk_level, "high");
    EXPECT_EQ(plan[0].reasons, std::vector{open_risk});
}

// mission: D14
TEST(StandardScan, gives_each_preparation_the_four_codes) {
    const std::string table =
        "id,name,institution,formula,method,identification,assay\n"
        "Z1,甲合剂,仁爱医院,处方见附件,煎煮,薄层色谱,高效液相\n"
        "Z2,乙膏,仁爱医院,,无,-, \n"
        "Z3,丙散,仁爱医院,处方,粉碎,,含量测定\n"
        ",丁丸,仁爱医院,a,b,c,d\n"
        "Z1,甲合剂,仁爱医院,a,b,c,d\n";
    const auto scan = assess::scan_standards(shipped(), table, make_date(2025, 7, 1));
    ASSERT_TRUE(scan) << scan.error().text();
    ASSERT_EQ(scan->preparations.size(), 3u);
    EXPECT_TRUE(scan->preparations[0].gaps.empty());
    EXPECT_EQ(scan->preparations[1].gaps,
              (std::vector<std::string>{"STD_GAP_1", "STD_GAP_2", "STD_GAP_3", "STD_GAP_4"}));
    EXPECT_EQ(scan->preparations[2].gaps, std::vector<std::string>{"STD_GAP_3"});
    ASSERT_EQ(scan->rejected.size(), 2u);
    EXPECT_EQ(scan->rejected[0].code, ErrorCode::field_missing);
    EXPECT_EQ(scan->rejected[0].where, "5");
    EXPECT_EQ(scan->rejected[1].code, ErrorCode::duplicate_key);
    EXPECT_FALSE(scan->rejected[1].next.empty());

    struct Row {
        const char* head;
        ErrorCode code;
    };
    for (const Row& row :
         {Row{"id,name,institution,formula,method,identification\n", ErrorCode::column_missing},
          Row{"name,institution,formula,method,identification,assay\n", ErrorCode::column_missing},
          Row{"id,name,institution,formula,method,identification,assay,colour\n",
              ErrorCode::column_unknown}}) {
        const auto wrong = assess::scan_standards(shipped(), row.head, make_date(2025, 7, 1));
        ASSERT_FALSE(wrong) << row.head;
        EXPECT_EQ(wrong.error().code, row.code) << row.head;
        EXPECT_FALSE(wrong.error().next.empty()) << row.head;
    }
}

}  // namespace qingyuan
