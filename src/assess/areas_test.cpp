// In town or out of it, and whether visits reach those who are out of it.
#include "assess/areas.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

namespace qingyuan::assess {
namespace {

const law::Law& book() {
    static const law::Law law = *law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law");
    return law;
}

TEST(Areas, follow_from_county_and_address) {
    const Areas areas(book());
    EXPECT_EQ(areas.area_of("430406", "先锋街道解放路1号"), "urban");
    EXPECT_EQ(areas.area_of("430406", "岳屏镇前进村"), "urban_fringe");
    EXPECT_EQ(areas.area_of("430405", "和平乡"), "rural");
    EXPECT_EQ(areas.area_of("430406", "示例路1号"), "urban") << "no town in the address";
    EXPECT_EQ(areas.area_of("430481", "示例路1号"), "urban_fringe");
    EXPECT_EQ(areas.area_of("430421", "示例路1号"), "rural");
    EXPECT_EQ(areas.area_of("430407", "岳屏镇前进村"), "urban") << "a town of another district names nothing";
    EXPECT_EQ(areas.area_of("", ""), "rural");
}

TEST(Areas, every_kind_of_place_has_a_word_of_the_vocabulary) {
    const law::Vocabulary* places = book().find_vocabulary("area_by_place");
    const law::Vocabulary* words = book().find_vocabulary("areas");
    ASSERT_TRUE(places && words);
    EXPECT_EQ(places->words.size(), 15U);
    for (const law::Word& word : places->words) EXPECT_TRUE(words->find(word.more.at("area"))) << word.code;
}

// mission: B9
TEST(Coverage, is_shown_by_area_and_warns_where_the_countryside_is_under_its_target) {
    std::vector<AreaUnit> units;
    const auto add = [&](const char* area, int all, int visited) {
        for (int i = 0; i < all; ++i) units.push_back({area, i < visited});
    };
    add("urban", 100, 90);
    add("urban_fringe", 20, 15);
    add("rural", 80, 44);
    const Coverage under = coverage_of(book(), units, Rational(60));
    ASSERT_EQ(under.areas.size(), 3U);
    EXPECT_EQ(under.areas[0].share().percent(1), "90.0");
    EXPECT_EQ(under.areas[2].share().percent(1), "55.0");
    EXPECT_EQ(under.outside.operators, 100);
    EXPECT_EQ(under.outside.visited, 59);
    EXPECT_TRUE(under.is_under());
    // One visit more reaches the target: 60 of 100 is not under 60 %.
    units.push_back({"rural", true});
    units.erase(std::ranges::find_if(units, [](const AreaUnit& one) { return one.area == "rural"; }) + 79);
    EXPECT_EQ(coverage_of(book(), units, Rational(60)).outside.visited, 60);
    EXPECT_FALSE(coverage_of(book(), units, Rational(60)).is_under());
    EXPECT_FALSE(coverage_of(book(), {}, Rational(60)).is_under()) << "nobody there is no failure";
}

}  // namespace
}  // namespace qingyuan::assess
