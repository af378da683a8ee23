// What may not stand in a published text, found; what looks like it and is not, left. mission: C16
#include "law/redaction.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/date.hpp"
#include "law/codes.hpp"

using namespace qingyuan;

namespace {

const std::vector<std::string> names{"欧阳样一", "王五", "李"};

struct Row {
    const char* text;
    const char* published;
};
// 11010519491231002X is the example of GB 11643.
constexpr Row rows[] = {
    {"当事人身份证号11010519491231002X。", "当事人身份证号〔身份证号〕。"},
    {"110105 19491231 002x", "〔身份证号〕"},
    {"１１０１０５１９４９１２３１００２Ｘ", "〔身份证号〕"},
    {"110105-1949-1231-002X号", "〔身份证号〕号"},
    {"110105491231002", "〔身份证号〕"},
    {"电话13800138000", "电话〔电话〕"},
    {"tel13800138000，", "tel〔电话〕，"},
    {"138-0013-8000 / 138 0013 8000", "〔电话〕 / 〔电话〕"},
    {"+86 13800138000", "+〔电话〕"},
    {"0734-8123456", "〔电话〕"},
    {"2025 13800138000", "2025 〔电话〕"},
    {"13800138000 2025", "〔电话〕 2025"},
    {"卡号6222021234567890128", "卡号〔银行卡号〕"},
    {"邮箱 a.b@example.com。", "邮箱 〔邮箱〕。"},
    {"欧阳样一向王五购进", "〔姓名〕向〔姓名〕购进"},
    {"李某经营的药店", "李某经营的药店"},
    {"法定代表人：陈大明，罚款", "法定代表人：〔姓名〕，罚款"},
    {"负责人: 周立", "负责人: 〔姓名〕"},
    // what looks like one and is none
    {"法定代表人：陈某，罚款", "法定代表人：陈某，罚款"},
    {"法定代表人：陈××", "法定代表人：陈××"},
    {"当事人：金源堂。", "当事人：金源堂。"},
    {"当事人：益康大药房", "当事人：益康大药房"},
    {"负责人陈述申辩后", "负责人陈述申辩后"},
    {"11010519491231002 9", "11010519491231002 9"},
    {"110105194912310021", "110105194912310021"},
    {"110105194913310026", "110105194913310026"},
    {"追溯码81234567890123456789", "追溯码81234567890123456789"},
    {"国药准字H20240001，批号20250301", "国药准字H20240001，批号20250301"},
    {"衡市监处罚〔2025〕12号", "衡市监处罚〔2025〕12号"},
    {"91430405MA400001XY", "91430405MA400001XY"},
    {"12800138000", "12800138000"},
    {"价款13800元，共138盒", "价款13800元，共138盒"},
    {"@ a@ @b a@.com", "@ a@ @b a@.com"},
    {"", ""},
};

}  // namespace

TEST(redaction, finds_what_names_a_person_and_nothing_else) {
    for (const Row& row : rows) EXPECT_EQ(law::redacted(row.text, names), row.published) << row.text;
}

TEST(redaction, says_where_and_what) {
    const auto found = law::find_identifiers("甲：13800138000", {});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], (law::Identifier{6, 11, law::IdentifierKind::telephone}));
}

TEST(redaction, every_right_identity_number_is_found_and_no_wrong_one) {
    EXPECT_TRUE(rc::check([] {
        const auto day = make_date(1950, 1, 1) + *rc::gen::inRange(0, 25'000);
        const std::string first = fmt::format("{}{:04}{:02}{:02}{:03}", *rc::gen::inRange(110'000, 659'999),
                                              day.year(), day.month(), day.day(), *rc::gen::inRange(0, 1000));
        const char check = law::id_card_check_character(first);
        RC_ASSERT(law::redacted("号" + first + check + "。") == "号〔身份证号〕。");
        // A number of division 62 may be that of a bank card, whatever its last digit means to a person's.
        for (const char other : std::string("0123456789X"))
            if (other != check)
                for (const law::Identifier& one : law::find_identifiers("号" + first + other))
                    RC_ASSERT(first.starts_with("62") && one.kind == law::IdentifierKind::bank_card);
    }));
}

TEST(redaction, leaves_nothing_to_find) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& choices) {
        static const std::vector<std::string> pieces{
            "1",    "3",        "8",  "0", "86",   "13800138000", "11010519491231002X",
            "62",   " ",        "-",  "@", "a.cn", "王",          "五",
            "王五", "〔姓名〕", "，", "x", "１"};
        std::string text;
        for (const std::uint8_t choice : choices) text += pieces[choice % pieces.size()];
        const std::string published = law::redacted(text, names);
        RC_ASSERT(law::find_identifiers(published, names).empty());
    }));
}

TEST(redaction, masks_a_name) {
    EXPECT_EQ(law::masked_name("欧阳样一"), "欧阳××");
    EXPECT_EQ(law::masked_name("王五"), "王××");
    EXPECT_EQ(law::masked_name("欧阳"), "欧××");
    EXPECT_EQ(law::masked_name("𠮷野"), "𠮷××");
    EXPECT_EQ(law::masked_name(""), "");
}
