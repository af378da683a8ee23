#include "api/case_stages.hpp"

#include <set>

#include <gtest/gtest.h>

#include "law/law.hpp"

namespace qingyuan::api {
namespace {

facts::StepState step(std::string id, std::string from, int day, bool voided = false) {
    facts::StepState out;
    out.step = std::move(id);
    out.from = std::move(from);
    out.on = Date{20000 + day};
    out.voided = voided;
    return out;
}

TEST(CaseStages, EveryStateOfTheProcedureHasOneStage) {
    const auto law = law::Law::load(QINGYUAN_SOURCE_DIR "/law");
    ASSERT_TRUE(law) << law.error().text();
    for (const char* id : {"penalty_case", "simple_penalty"}) {
        const auto procedure = law->procedure(id, make_date(2025, 7, 1));
        ASSERT_TRUE(procedure) << procedure.error().text();
        for (const law::State& state : (*procedure)->states) {
            int stages = 0;
            for (const CaseStage& stage : stages_of(id))
                for (const std::string_view one : stage.states) stages += one == state.id ? 1 : 0;
            EXPECT_EQ(stages, 1) << id << " " << state.id;
        }
    }
    EXPECT_TRUE(stages_of("lead").empty());
}

TEST(CaseStages, StaysFollowTheStepsThatStand) {
    facts::DossierRow row;
    row.opened_on = Date{20000};
    row.state = "investigating";
    row.steps = {step("register", "lead", 1), step("file", "verifying", 2), step("start", "filed", 3, true),
                 step("start", "filed", 4), step("tell_rights", "investigating", 5)};
    const std::vector<Stay> stays = stays_of(row);
    ASSERT_EQ(stays.size(), 4u);
    EXPECT_EQ(stays[0].state, "lead");
    EXPECT_EQ(stays[1].state, "verifying");
    EXPECT_EQ(stays[1].from, Date{20001});
    EXPECT_EQ(stays[2].state, "filed");
    EXPECT_EQ(stays[3].state, "investigating");
    EXPECT_EQ(stays[3].from, Date{20004});
    EXPECT_EQ(stays[3].entered_by, "start");
}

TEST(CaseStages, ADossierWithoutStepsStandsWhereItBegan) {
    facts::DossierRow row;
    row.state = "lead";
    ASSERT_EQ(stays_of(row).size(), 1u);
    EXPECT_EQ(stays_of(row)[0].state, "lead");
}

}  // namespace
}  // namespace qingyuan::api
