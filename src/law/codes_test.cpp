#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "law/law.hpp"

namespace qingyuan::law {
namespace {

const Law& statute_book() {
    static const Law law = [] {
        auto loaded = Law::load(QINGYUAN_SOURCE_DIR "/law");
        QY_ASSERT(loaded.has_value());
        return *loaded;
    }();
    return law;
}

TEST(codes, accepts_what_is_right) {
    const std::pair<std::string_view, std::string_view> right[] = {
        {"uscc", "91611104732667919X"},
        {"uscc", "91430405MA4L00001A"},
        {"uscc", "12430400123456789Y"},
        {"id_card", "11010519491231002X"},
        {"id_card", "222406199911300025"},
        {"region", "430400"},
        {"region", "110000"},
        {"drug_approval", "国药准字H21021039"},
        {"drug_approval", "国药准字HJ20140344"},
        {"drug_approval", "国药准字ZC20171003"},
        {"drug_bwm", "86901110000020"},
        {"trace_code", "81234560000000000001"},
        {"device_reg", "国械注准20163221234"},
        {"device_reg", "国械注进20172660045"},
        {"device_reg", "国械注许20193400012"},
        {"device_reg", "湘械注准20202140033"},
        {"device_filing", "湘衡械备20230012"},
        {"device_filing", "国械备20190456"},
        {"device_filing", "吉延边械备20210003号"},
        {"device_prod_licence", "湘药监械生产许20220001号"},
        {"device_trade_licence", "湘衡药监械经营许20230015号"},
        {"cosmetic_special", "国妆特字20220001"},
        {"cosmetic_special", "国妆特进字20210123"},
        {"cosmetic_special", "国妆特字G20160001"},
        {"cosmetic_filing", "湘G妆网备字2022012345"},
        {"cosmetic_filing", "国妆网备进字（沪）2021005678"},
        {"cosmetic_prod_licence", "粤妆20160123"},
        {"hospital_prep", "湘药制字Z20210001"},
        {"hospital_prep_filing", "湘药制备字Z20210003000"},
        {"drug_trade_licence", "湘DB734000012"},
        {"drug_prod_licence", "陕20160089"},
        {"pharmacist_reg", "430222010001"},
        {"udi_gs1", "(01)06901234567892(11)141231(17)150707(10)A213B1(21)1234"},
        {"udi_gs1", "(01)06901234567892"},
        {"udi_ma", "MA.156.M0.100123.12345678"},
        {"maker_trace_code", "AB-0001/x"},
        {"sgtin_element",
         "010690123456789221A1b\x1d"
         "17270101"
         "10B0001"},
        {"sgtin_element",
         "0106901234567892172701011000B1\x1d"
         "21A1b"},
        {"sgtin_uri", "urn:epc:id:sgtin:4012345.011122.25"},
        {"sgtin_digital_link", "https://id.gs1.org/01/04012345111225/21/25"},
        {"sgtin_digital_link", "https://example.com/a/01/04012345111225/10/L1/21/25?17=270101"},
        {"sscc", "340123451111111111"},
        {"sscc_written", "(00)340123451111111111"},
        {"sscc_written", "urn:epc:id:sscc:4012345.3111111111"},
        {"sscc_written", "https://id.gs1.org/00/340123451111111111"},
        {"gtin", "6901234567892"},
        {"gtin", "06901234567892"},
        {"doc_no", "衡市监处罚〔2026〕12号"},
        {"doc_no", "湘药监药罚〔2025〕3号"},
    };
    for (const auto& [system, value] : right) {
        const auto checked = check_code(statute_book(), system, value);
        EXPECT_TRUE(checked) << system << ' ' << value << ' ' << checked.error().text();
    }
}

TEST(codes, refuses_by_name) {
    const std::tuple<std::string_view, std::string_view, ErrorCode> wrong[] = {
        {"no_such", "1", ErrorCode::code_system_unknown},
        {"uscc", "916111047326679190", ErrorCode::code_check_failed},
        {"uscc", "91611104732667919x", ErrorCode::code_malformed},
        {"uscc", "9161110473266791OX", ErrorCode::code_malformed},
        {"uscc", "", ErrorCode::code_malformed},
        {"uscc", "\xff\xfe", ErrorCode::code_malformed},
        {"id_card", "110105194912310021", ErrorCode::code_check_failed},
        {"id_card", "11010519491331002X", ErrorCode::code_malformed},
        {"id_card", "11010518990230002X", ErrorCode::code_malformed},
        {"region", "000000", ErrorCode::code_malformed},
        {"region", "999999", ErrorCode::code_not_in_table},
        {"drug_approval", "国药准字X12345678", ErrorCode::code_malformed},
        {"drug_approval", "国药准字HH21021039", ErrorCode::code_malformed},
        {"drug_approval", "H21021039", ErrorCode::code_malformed},
        {"drug_bwm", "86901110000021", ErrorCode::code_check_failed},
        {"drug_bwm", "86801110000020", ErrorCode::code_malformed},
        {"trace_code", "812345600000000000012", ErrorCode::code_malformed},
        {"maker_trace_code", "A B", ErrorCode::code_malformed},
        {"sgtin_element", "0106901234567892", ErrorCode::code_malformed},
        {"sgtin_uri", "urn:epc:id:sgtin:4012345.011122.", ErrorCode::code_malformed},
        {"sgtin_digital_link", "https://id.gs1.org/01/4012345111225/21/25", ErrorCode::code_malformed},
        {"sscc", "340123451111111116", ErrorCode::code_check_failed},
        {"sscc", "34012345111111111", ErrorCode::code_malformed},
        {"sscc_written", "(00)34012345111111111", ErrorCode::code_malformed},
        {"device_reg", "国械注准20162221234", ErrorCode::code_malformed},
        {"device_reg", "湘械注准20203140033", ErrorCode::code_malformed},
        {"device_reg", "湘械注进20202140033", ErrorCode::code_malformed},
        {"device_filing", "械备20230012", ErrorCode::code_malformed},
        {"cosmetic_filing", "国妆网备进字2021005678", ErrorCode::code_malformed},
        {"hospital_prep", "湘药制字S20210001", ErrorCode::code_malformed},
        {"drug_trade_licence", "琼EA898000001", ErrorCode::code_malformed},
        {"udi_gs1", "(01)06901234567893", ErrorCode::code_check_failed},
        {"udi_gs1", "06901234567892", ErrorCode::code_malformed},
        {"udi_ma", "MA.157.M0.100123.1234567", ErrorCode::code_malformed},
        {"gtin", "6901234567893", ErrorCode::code_check_failed},
        {"gtin", "690123456789", ErrorCode::code_check_failed},
        {"doc_no", "衡市监处罚[2026]12号", ErrorCode::code_malformed},
        {"doc_no", std::string_view("市监〔2026〕1号"), ErrorCode::code_malformed},
    };
    for (const auto& [system, value, code] : wrong) {
        const auto checked = check_code(statute_book(), system, value);
        ASSERT_FALSE(checked) << system << ' ' << value;
        EXPECT_EQ(checked.error().code, code) << system << ' ' << value;
    }
}

TEST(codes, every_single_digit_slip_in_a_check_digit_code_is_found) {
    for (const auto& [system, value] :
         {std::pair<std::string_view, std::string>{"uscc", "91430405MA4L00001A"},
          {"id_card", "430405198001010017"},
          {"drug_bwm", "86901110000020"},
          {"gtin", "6901234567892"}})
        for (std::size_t at = 0; at < value.size(); ++at)
            for (char digit = '0'; digit <= '9'; ++digit) {
                std::string slip = value;
                slip[at] = digit;
                EXPECT_EQ(check_code(statute_book(), system, slip).has_value(), slip == value)
                    << system << ' ' << slip;
            }
}

TEST(codes, importers_normalise_before_they_check) {
    EXPECT_EQ(normalise_code("drug_approval", "　国药准字 Ｈ２１０２１０３９ "), "国药准字H21021039");
    EXPECT_EQ(normalise_code("id_card", "11010519491231002x"), "11010519491231002X");
    EXPECT_EQ(normalise_code("uscc", "91611104732667919x"), "91611104732667919x")
        << "a USCC has no small letters to forgive";
    EXPECT_EQ(normalise_code("cosmetic_filing", "国妆网备进字（沪）2021005678"),
              "国妆网备进字（沪）2021005678");
    EXPECT_EQ(half_width("（ＡＢ１）"), "(AB1)");
}

TEST(codes, older_writings_are_known_as_such) {
    EXPECT_TRUE(is_legacy_code(statute_book(), "drug_approval", "国药准字J20140344"));
    EXPECT_FALSE(check_code(statute_book(), "drug_approval", "国药准字J20140344"));
    EXPECT_FALSE(is_legacy_code(statute_book(), "drug_approval", "国药准字X20140344"));
    EXPECT_FALSE(is_legacy_code(statute_book(), "no_such", "1"));
}

TEST(codes, a_pattern_that_could_run_away_does_not) {
    // The longest value allowed against patterns with open counts.
    const std::string value = "MA.156.M0.100123." + std::string(170, 'A') + "!";
    EXPECT_FALSE(check_code(statute_book(), "udi_ma", value));
    EXPECT_FALSE(check_code(statute_book(), "doc_no", std::string(100'000, 'x')));
}

TEST(codes, patterns_are_refused_with_a_reason) {
    const CharacterClasses classes{{"digit", *parse_character_class("0-9")}};
    for (const std::string_view wrong :
         {"", "{3}", "a{", "a{0}", "a{3,2}", "a{x}", "<digit", "<letter>", "?a"})
        EXPECT_FALSE(CodePattern::create(wrong, classes)) << wrong;
    EXPECT_FALSE(parse_character_class(""));
    EXPECT_FALSE(parse_character_class("^"));
    EXPECT_FALSE(parse_character_class("9-0"));
    EXPECT_TRUE(CodePattern::create("a<digit>{1,}b?", classes)->fits(U"a123b"));
    EXPECT_FALSE(CodePattern::create("a<digit>{1,}b?", classes)->fits(U"ab"));
}

}  // namespace
TEST(codes, application_identifiers_can_be_read_in_one_way) {
    const auto all = statute_book().application_identifiers();
    ASSERT_GE(all.size(), 20u);
    const auto find = [&](std::string_view ai) {
        return std::ranges::find(all, ai, &ApplicationIdentifier::ai);
    };
    EXPECT_EQ(find("01")->holds, CodePart::item);
    EXPECT_EQ(find("01")->length_min, 14u);
    EXPECT_EQ(find("01")->check, CodeCheck::gs1);
    EXPECT_EQ(find("21")->holds, CodePart::serial);
    EXPECT_EQ(find("21")->length_min, 1u);
    EXPECT_EQ(find("21")->length_max, 20u);
    EXPECT_EQ(find("17")->holds, CodePart::expires);
    EXPECT_EQ(text_of(find("00")->holds), "container");
    for (const ApplicationIdentifier& one : all)
        for (const ApplicationIdentifier& other : all)
            EXPECT_TRUE(&one == &other || !one.ai.starts_with(other.ai)) << one.ai;
}

TEST(codes, a_wrong_identifier_is_told) {
    const std::string right =
        "[[identifier]]\nai = \"01\"\nzh = \"甲\"\nen = \"A\"\nlength = 14\ncharacters = \"digits\"\n"
        "holds = \"item\"\ncheck = \"gs1\"\n";
    const auto problems_of = [](const std::string& text) {
        const auto folder = std::filesystem::path(::testing::TempDir()) / "law_identifiers";
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "code_patterns.toml", std::ios::binary) << text;
        std::vector<Error> problems;
        (void)Law::load(folder, &problems);
        std::filesystem::remove_all(folder);
        return problems;
    };
    EXPECT_TRUE(problems_of(right).empty());
    EXPECT_EQ(problems_of(right + right).front().code, ErrorCode::law_duplicate);
    const std::pair<std::string_view, std::string_view> wrong[] = {
        {"ai = \"01\"", "ai = \"1\""},
        {"ai = \"01\"", "ai = \"0A\""},
        {"length = 14", "length = 0"},
        {"length = 14", ""},
        {"length = 14", "length = 14\nlength_max = 14"},
        {"\"digits\"", "\"letters\""},
        {"\"item\"", "\"colour\""},
        {"\"gs1\"", "\"udi\""},
        {"zh = \"甲\"", "zh = \"甲\"\nnote = \"x\""},
    };
    for (const auto& [what, with] : wrong) {
        std::string text = right;
        text.replace(text.find(what), what.size(), with);
        const auto problems = problems_of(text);
        ASSERT_FALSE(problems.empty()) << with;
        EXPECT_TRUE(problems.front().where.starts_with("code_patterns.toml:")) << problems.front().where;
    }
}

}  // namespace qingyuan::law
