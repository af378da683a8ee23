// What an automatic step proposes: dossiers for a person to take up, with ids of their own in one tick.
#include <filesystem>

#include "act/theatre_test.hpp"

using namespace qingyuan;
using namespace qingyuan::act;

namespace {

const law::Law& shipped() {
    static const law::Law law =
        Theatre::must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

void fail_batch(Theatre& theatre, const std::string& id) {
    Theatre::must(theatre.open(
        "a_sampler", {.procedure = "sampling",
                      .id = id,
                      .operator_id = "shop",
                      .category = "drug",
                      .form = {{"batch", std::string("B1")}, {"labelled_maker", std::string("maker")}}}));
    Theatre::must(theatre.take(id, "a_sampler", "sample",
                               {.form = {{"quantity", std::int64_t{30}}, {"price_fen", std::int64_t{0}}},
                                .officers = {"a_officer"}}));
    Theatre::must(
        theatre.take(id, "a_sampler", "send", {.form = {{"laboratory", std::string("institute")}}}));
    Theatre::must(theatre.take(id, "a_lab", "report",
                               {.form = {{"conclusion", std::string("unqualified")},
                                         {"items", std::string("assay")},
                                         {"report_number", std::string("R")}},
                                .evidence = {std::string(64, 'a')}}));
    Theatre::must(theatre.take(id, "a_sampler", "bad"));
}

}  // namespace

// mission: B24
TEST(Proposals, of_one_tick_have_ids_of_their_own_and_come_once) {
    Theatre theatre(shipped());
    fail_batch(theatre, "first");
    fail_batch(theatre, "second");
    EXPECT_EQ(theatre.pass(1), 2) << "one step for each batch";
    for (const char* id :
         {"city-2025-risk-00001", "city-2025-risk-00002", "city-2025-ins-00001", "city-2025-ins-00002"}) {
        const facts::DossierRow row = theatre.row(id);
        EXPECT_EQ(row.state, "proposed") << id;
        EXPECT_EQ(row.operator_id, "shop") << id;
        EXPECT_EQ(row.category, "drug") << id;
    }
    EXPECT_EQ(theatre.row("city-2025-risk-00001").source, theatre.row("first").seq);
    EXPECT_EQ(theatre.row("city-2025-risk-00002").source, theatre.row("second").seq);
    EXPECT_EQ(theatre.pass(1), 0) << "and not again";
    EXPECT_FALSE(theatre.read(
        [](const journal::Reader& reader) { return dossier(reader, "city-2025-risk-00003").has_value(); }));
}
