// The texts of a province over the national ones: by their own first day, and only where they are chosen.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "law/law.hpp"

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

/// A copy of the law with texts of a province "99".
class Provinces : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() /
                  ("qingyuan_provinces_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(folder_);
        fs::copy(QINGYUAN_SOURCE_DIR "/law", folder_, fs::copy_options::recursive);
        fs::create_directories(folder_ / "provinces/99/vocabularies");
        fs::create_directories(folder_ / "provinces/99/parameters");
    }
    void TearDown() override { fs::remove_all(folder_); }

    void write(const char* name, std::string_view text) const {
        std::ofstream(folder_ / "provinces/99" / name) << text;
    }
    [[nodiscard]] std::string limits(std::string_view rows) const {
        return "id,procedure,zh,step,actor,start_event,kind,value,unit,ext_value,ext_unit,ext_by,excluded_"
               "time,"
               "law,article,status,basis,note,from,to\n" +
               std::string(rows);
    }

    fs::path folder_;
};

constexpr std::string_view shorter =
    "REF.POLICE,referral,公安决定,police decide,police,receipt,due,2,working_day,,,,,LINK,,unverified,memory,"
    "local,2025-06-01,\n";

}  // namespace

// mission: C20
TEST_F(Provinces, ADifferentClockAndALongerListFromTheirOwnDay) {
    write("limits.csv", limits(shorter));
    write("vocabularies/police_referral_core.csv",
          "code,zh,en,from,to\ntest,检验报告,test report,2025-06-01,\n");
    std::vector<Error> problems;
    const auto national = Law::load(folder_);
    const auto local = Law::load(folder_, &problems, "99");
    ASSERT_TRUE(local) << (problems.empty() ? "" : problems.front().text());
    ASSERT_TRUE(national);
    const Date before = make_date(2025, 5, 31), after = make_date(2025, 6, 1);
    EXPECT_EQ((*local->limit("REF.POLICE", before))->value, Rational(3));
    EXPECT_EQ((*local->limit("REF.POLICE", after))->value, Rational(2));
    EXPECT_EQ((*local->limit("REF.POLICE", after))->unit, Unit::working_day);
    EXPECT_EQ((*national->limit("REF.POLICE", after))->value, Rational(3));
    const Word* test = local->find_vocabulary("police_referral_core")->find("test");
    ASSERT_NE(test, nullptr);
    EXPECT_FALSE(test->in_force.holds(before));
    EXPECT_TRUE(test->in_force.holds(after));
    EXPECT_EQ(national->find_vocabulary("police_referral_core")->find("test"), nullptr);
    EXPECT_NE(local->digest(), national->digest());
}

TEST_F(Provinces, AParameterOfTheProvince) {
    write("parameters/publication.toml",
          "[[parameter]]\nid = \"small_fine_natural\"\nzh = \"较低数额\"\nen = \"Small\"\nvalue = 3000\n"
          "unit = \"yuan\"\nlaw = \"PUBL 13\"\nstatus = \"unverified\"\nfrom = 2024-01-01\n");
    const auto local = Law::load(folder_, nullptr, "99");
    ASSERT_TRUE(local) << local.error().text();
    EXPECT_EQ(*local->parameter("small_fine_natural", make_date(2023, 12, 31)), Rational(5000));
    EXPECT_EQ(*local->parameter("small_fine_natural", make_date(2024, 1, 1)), Rational(3000));
}

TEST_F(Provinces, WhatMustNotBe) {
    EXPECT_EQ(Law::load(folder_, nullptr, "98").error().code, ErrorCode::file_unreadable);
    std::string ends(shorter);
    ends.replace(ends.rfind(",\n"), 2, ",2025-12-31\n");
    write("limits.csv", limits(ends));
    EXPECT_EQ(Law::load(folder_, nullptr, "99").error().code, ErrorCode::law_dates_overlap);
    write("limits.csv", limits(std::string(shorter) + std::string(shorter)));
    EXPECT_FALSE(Law::load(folder_, nullptr, "99"));
    write("limits.csv", limits(shorter));
    write("limit.csv", "misspelt");
    EXPECT_EQ(Law::load(folder_).error().code, ErrorCode::law_reference_unknown);
}

}  // namespace qingyuan::law
