#include "document/form_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace qingyuan;
using namespace qingyuan::document;

namespace {

const std::vector<law::Field> fields{
    {.id = "note", .zh = "", .en = "", .type = law::FieldType::text},
    {.id = "fine_fen", .zh = "", .en = "", .type = law::FieldType::money},
    {.id = "penalties", .zh = "", .en = "", .type = law::FieldType::words},
    {.id = "party", .zh = "", .en = "", .type = law::FieldType::personal},
};

ErrorCode code(std::string_view json) {
    const auto form = form_of_json(json, fields);
    EXPECT_FALSE(form) << json;
    return form ? ErrorCode::usage : form.error().code;
}

}  // namespace

TEST(form_json, reads_values_by_their_kind) {
    const auto form = form_of_json(
        R"({"note": "过期", "fine_fen": 20000, "penalties": "fine", "party": {"subject": "s-0000000000000001",
            "mac": "0000000000000000000000000000000000000000000000000000000000000000"},
            "other": true, "left_out": null})",
        fields);
    ASSERT_TRUE(form) << form.error().text();
    EXPECT_EQ(facts::text_of(*form, "note"), "过期");
    EXPECT_EQ(std::get<std::int64_t>(form->at("fine_fen")), 20000);
    EXPECT_EQ(std::get<std::vector<std::string>>(form->at("penalties")), std::vector<std::string>{"fine"});
    EXPECT_EQ(std::get<facts::SubjectRef>(form->at("party")).mac.size(), 32u);
    EXPECT_TRUE(form->contains("other"));
    EXPECT_FALSE(form->contains("left_out"));
}

TEST(form_json, wrong_input_is_named) {
    EXPECT_EQ(code(""), ErrorCode::json_malformed);
    EXPECT_EQ(code("[1]"), ErrorCode::json_malformed);
    EXPECT_EQ(code("{\"note\": \"a\""), ErrorCode::json_malformed);
    EXPECT_EQ(code("{\"note\": \"a\"} {}"), ErrorCode::json_malformed);
    EXPECT_EQ(code("{\"note\": \"\xFF\"}"), ErrorCode::encoding_invalid);
    EXPECT_EQ(code(R"({"note": "a", "note": "b"})"), ErrorCode::duplicate_key);
    EXPECT_EQ(code(R"({"fine_fen": 200.5})"), ErrorCode::field_invalid);
    EXPECT_EQ(code(R"({"fine_fen": 18446744073709551615})"), ErrorCode::field_invalid);
    EXPECT_EQ(code(R"({"penalties": ["fine", 1]})"), ErrorCode::field_invalid);
    EXPECT_EQ(code(R"({"note": {"deep": {"deeper": 1}}})"), ErrorCode::field_invalid);
    EXPECT_EQ(code(R"({"party": {"subject": "s-1", "mac": "zz"}})"), ErrorCode::field_invalid);
    EXPECT_EQ(code("{\"note\": \"" + std::string(form_bytes_max, 'a') + "\"}"), ErrorCode::too_large);
    EXPECT_EQ(code(std::string(200'000, '[')), ErrorCode::json_malformed);
}

TEST(form_json, writes_what_it_reads) {
    EXPECT_TRUE(rc::check("any form comes back as it was", [] {
        facts::Form form;
        const auto whole = *rc::gen::arbitrary<std::int64_t>();
        form["fine_fen"] = whole;
        form["yes"] = *rc::gen::arbitrary<bool>();
        form["note"] = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
        form["penalties"] = *rc::gen::container<std::vector<std::string>>(
            rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)));
        form["party"] = facts::SubjectRef{"s-0123456789abcdef",
                                          *rc::gen::container<std::string>(32, rc::gen::arbitrary<char>())};
        const auto back = form_of_json(json_of_form(form), fields);
        RC_ASSERT(back.has_value());
        RC_ASSERT(*back == form);
    }));
}
