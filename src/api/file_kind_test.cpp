#include "api/file_kind.hpp"

#include <string>

#include <gtest/gtest.h>

namespace qingyuan::api {
namespace {

using std::literals::string_view_literals::operator""sv;

TEST(file_kind, taken_kinds_are_told_by_their_first_bytes) {
    const std::pair<std::string_view, std::string_view> taken[] = {
        {"\xFF\xD8\xFF\xE0\x00\x10JFIF"sv, "image/jpeg"},
        {"\x89PNG\r\n\x1A\n...."sv, "image/png"},
        {"RIFF\x10\x00\x00\x00WEBPVP8 "sv, "image/webp"},
        {"\x00\x00\x00\x18"
         "ftypheic\x00\x00"sv,
         "image/heic"},
        {"\x00\x00\x00\x18"
         "ftypmp42\x00\x00"sv,
         "video/mp4"},
        {"%PDF-1.7\n"sv, "application/pdf"},
        {"PK\x03\x04....a.txt"sv, "application/zip"},
        {"<?xml version=\"1.0\"?><epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:2\">"sv,
         "application/xml"},
        {"编号,名称\r\n1,药店\r\n"sv, "text/plain"}};
    for (const auto& [bytes, type] : taken) {
        const auto kind = kind_of_file(bytes, bytes);
        ASSERT_TRUE(kind.has_value()) << type;
        EXPECT_EQ(*kind, type);
    }
    EXPECT_EQ(kind_of_file("PK\x03\x04", "....xl/workbook.xml...."),
              "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    EXPECT_EQ(kind_of_file("PK\x03\x04", "....OFD.xml...."), "application/ofd");
}

TEST(file_kind, what_a_browser_or_an_office_would_run_is_refused) {
    for (const std::string_view bytes :
         {"MZ\x90\x00"sv,
          "\x7F"
          "ELF\x02\x01"sv,
          "#!/bin/sh\n"sv, "<!DOCTYPE html><p>"sv, "  <html>"sv, "x <SCRIPT>alert(1)</SCRIPT>"sv,
          "<?xml version=\"1.0\"?><svg/>"sv, "<?xml version=\"1.0\"?><!DOCTYPE x><EPCISDocument/>"sv,
          "<?xml version=\"1.0\"?><?xml-stylesheet href=\"x\"?><EPCISDocument/>"sv, "<svg onload=x>"sv,
          "\xD0\xCF\x11\xE0\xA1\xB1"sv, ""sv, "\x00\x01\x02"sv, "GIF89a"sv, "\x80\x81"sv})
        EXPECT_FALSE(kind_of_file(bytes, bytes).has_value()) << bytes;
    EXPECT_FALSE(kind_of_file("PK\x03\x04", "xl/workbook.xml xl/vbaProject.bin").has_value());
    EXPECT_FALSE(kind_of_file("PK\x03\x04", "META-INF/MANIFEST.MF").has_value());
}

TEST(file_kind, a_piece_that_ends_inside_a_character_is_still_text) {
    const std::string text = "药品";
    for (std::size_t cut = 0; cut < 3; ++cut)
        EXPECT_EQ(kind_of_file(text.substr(0, text.size() - cut), {}), "text/plain") << cut;
}

}  // namespace
}  // namespace qingyuan::api
