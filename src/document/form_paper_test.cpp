// Every statutory form drawn with and without values; what is missing, refused, marked; the same words give
// the same bytes.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <zip.h>

#include "base/text.hpp"
#include "document/code.hpp"
#include "document/form_paper.hpp"

namespace qingyuan::document {
namespace {

const law::Law& shipped_law() {
    static const law::Law law = *law::Law::load(QINGYUAN_SOURCE_DIR "/law");
    return law;
}
const law::Forms& shipped_forms() {
    static const law::Forms forms = *law::Forms::load(shipped_law());
    return forms;
}
const law::DocumentForm& form_of(std::string_view document) {
    return **shipped_forms().form(document, make_date(2025, 6, 20));
}
DrawnForm drawn(const law::DocumentForm& form, const facts::FilledForm& filled) {
    auto out = draw_form(shipped_law(), form, filled);
    EXPECT_TRUE(out) << form.document << ": " << out.error().text();
    return std::move(*out);
}

/// Everything the paper says, a line for a block or a row.
std::string text_of(Paper paper) {
    std::string out;
    each_text(paper, [&](const std::string& text) {
        if (!text.empty()) out += text + "\n";
    });
    return out;
}

TEST(form_paper, draws_every_form_with_every_value) {
    ASSERT_EQ(shipped_forms().all().size(), 73U);
    for (const law::DocumentForm& form : shipped_forms().all()) {
        const facts::FilledForm filled = sample_form(shipped_law(), form);
        const DrawnForm out = drawn(form, filled);
        EXPECT_EQ(join(out.missing, " "), "") << form.document;
        EXPECT_TRUE(out.warnings.empty()) << form.document << " " << out.warnings.front().text;
        const std::string text = text_of(out.paper);
        for (const auto& [field, value] : filled.values)
            if (const auto* plain = std::get_if<std::string>(&value)) {
                const std::string first = plain->substr(0, plain->find('\n'));
                EXPECT_NE(text.find(first), std::string::npos) << form.document << " " << field;
            }
        if (!filled.number.empty()) {
            EXPECT_NE(text.find(filled.number), std::string::npos) << form.document;
        }
        const auto pdf = write_pdf(out.paper);
        ASSERT_TRUE(pdf) << form.document;
        EXPECT_TRUE(pdf->bytes.starts_with("%PDF-1."));
        EXPECT_GE(pdf->pages, 1);
        EXPECT_LE(pdf->pages, 4) << form.document;
    }
}

TEST(form_paper, draws_every_form_without_any_value) {
    for (const law::DocumentForm& form : shipped_forms().all()) {
        const DrawnForm out = drawn(form, {});
        const law::Document* document = shipped_law().find_document(form.document);
        // What is neither by hand, nor of the head, nor in the statute's own words, is told.
        std::set<std::string> known;
        for (const law::FormLine& line : form.lines)
            for (const auto& cell : line.cells)
                for (const law::FormPiece& piece : cell)
                    if (!piece.fallback.empty() && piece.show != law::Show::check) known.insert(piece.text);
        const std::string missing = " " + join(out.missing, " ") + " ";
        for (const std::string& field : law::fields_of(shipped_law(), *document)) {
            const bool shown_else =
                law::is_by_hand(field) || field.starts_with("doc.") || known.contains(field);
            if (shown_else) continue;
            const bool by_seal = std::ranges::any_of(
                form.lines, [](const law::FormLine& line) { return line.kind == law::LineKind::seal; });
            if (by_seal && field == "date") continue;
            EXPECT_NE(missing.find(" " + field + " "), std::string::npos) << form.document << " " << field;
        }
        const auto pdf = write_pdf(out.paper);
        ASSERT_TRUE(pdf) << form.document;
        EXPECT_LE(pdf->pages, 4) << form.document;
    }
}

TEST(form_paper, writes_the_decision_in_full) {  // golden text, not bytes
    const law::DocumentForm& form = form_of("penalty_34");
    facts::FilledForm filled;
    filled.authority = "样例市市场监督管理局";
    filled.number = "样市监退款〔2025〕3号";
    filled.dated = make_date(2025, 6, 20);
    filled.values = {{"party.name", std::string("样例大药房")},
                     {"amount", Fen{12'000'50}},
                     {"deadline", make_date(2025, 7, 4)}};
    const DrawnForm out = drawn(form, filled);
    EXPECT_EQ(text_of(out.paper),
              "样例市市场监督管理局\n"
              "责令退款通知书\n"
              "样市监退款〔2025〕3号\n"
              "当事人：样例大药房\n"
              "统一社会信用代码（证件号码）：＿＿＿＿＿＿＿＿＿＿＿\n"
              "住所（住址）：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿\n"
              "法定代表人（负责人、经营者）：＿＿＿＿＿＿＿＿＿＿\n"
              "联系方式：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿\n"
              "依照《中华人民共和国行政处罚法》第二十八条的规定，现责令你（单位）于2025年7月4日前向消费者或者"
              "其他经营者"
              "退还多收价款人民币壹万贰仟元伍角整（¥12,000."
              "50）。难以查找退款对象的，应当公告查找；公告期满仍无法退还的"
              "价款，依法处理。\n"
              "样例市市场监督管理局\n"
              "2025年6月20日\n"
              "本文书一式两份：当事人一份，一份归档。\n");
    EXPECT_EQ(join(out.missing, " "), "party.id_no party.address party.legal_rep party.contact");
}

TEST(form_paper, cites_the_text_in_force_on_its_day) {
    const law::DocumentForm& form = form_of("complaint_05");
    facts::FilledForm filled;
    filled.dated = make_date(2025, 6, 20);
    EXPECT_NE(text_of(drawn(form, filled).paper).find("投诉举报处理暂行办法"), std::string::npos);
    filled.dated = make_date(2026, 6, 20);
    EXPECT_EQ(text_of(drawn(form, filled).paper).find("暂行办法"), std::string::npos);
}

TEST(form_paper, writes_sums_and_articles_out_of_a_value) {
    facts::FilledForm filled;
    filled.dated = make_date(2025, 6, 20);
    filled.values = {{"penalty[]", std::vector<std::string>{"警告", "罚款[¥500000]"}},
                     {"facts", std::string("见[DAL 98]和[附件一]")}};
    const std::string text = text_of(drawn(form_of("penalty_45"), filled).paper);
    EXPECT_NE(text.find("罚款人民币伍仟元整（¥5,000.00）"), std::string::npos);
    EXPECT_NE(text.find("见《中华人民共和国药品管理法》第九十八条和[附件一]"), std::string::npos);
}

TEST(form_paper, shows_which_option_holds) {
    facts::FilledForm filled;
    filled.values = {{"id_shown", true}, {"rights_told", std::string("未告知")}};
    const std::string text = text_of(drawn(form_of("penalty_09"), filled).paper);
    EXPECT_NE(text.find("☑ 已出示　□ 未出示"), std::string::npos);
    EXPECT_NE(text.find("□ 已告知　☑ 未告知"), std::string::npos);
}

TEST(form_paper, gives_the_same_bytes_for_the_same_words) {
    const facts::FilledForm filled = sample_form(shipped_law(), form_of("penalty_45"));
    const DrawnForm a = drawn(form_of("penalty_45"), filled), b = drawn(form_of("penalty_45"), filled);
    EXPECT_EQ(a.digest, b.digest);
    EXPECT_EQ(write_pdf(a.paper)->bytes, write_pdf(b.paper)->bytes);
    EXPECT_EQ(*write_docx(a.paper), *write_docx(b.paper));
    facts::FilledForm other = filled;
    other.values.insert_or_assign("pay.method", std::string("另一种方式"));
    EXPECT_NE(drawn(form_of("penalty_45"), other).digest, a.digest);
}

TEST(form_paper, prints_a_code_that_leads_back) {
    const facts::FilledForm filled = sample_form(shipped_law(), form_of("penalty_45"));
    const auto out = draw_form(shipped_law(), form_of("penalty_45"), filled, "https://example.cn");
    ASSERT_TRUE(out);
    const auto read = parse_code_text(out->paper.code);
    ASSERT_TRUE(read) << out->paper.code;
    EXPECT_EQ(read->code, hex(out->digest).substr(0, code_digits));
    EXPECT_EQ(read->number, filled.number);
    facts::FilledForm draft = filled;
    draft.is_draft = true;
    EXPECT_EQ(drawn(form_of("penalty_45"), draft).paper.code, "") << "a draft proves nothing";
    EXPECT_EQ(drawn(form_of("penalty_45"), draft).paper.mark, "样本数据·草稿");
}

TEST(form_paper, refuses_by_name) {
    const auto refused = [](facts::FilledValues values) {
        facts::FilledForm filled;
        filled.values = std::move(values);
        const auto out = draw_form(shipped_law(), form_of("penalty_45"), filled);
        return out ? std::string("drawn") : std::string(out.error().info().name) + " " + out.error().where;
    };
    EXPECT_EQ(refused({{"facts", std::string("查明")}}), "drawn");
    EXPECT_EQ(refused({{"colour", std::string("红")}}), "field_unknown colour");
    EXPECT_EQ(refused({{"facts", std::string(1024 * 1024, 'a')}}), "too_large facts");
    EXPECT_EQ(refused({{"penalty[]", std::vector<std::string>(80, std::string(1024, 'a'))}}),
              "too_large penalty[]");
    EXPECT_EQ(refused({{"facts", std::string("\xFF\xFE")}}), "encoding_invalid document");
    facts::FilledForm rows;
    rows.rows = {{{"row.name", std::string(1024 * 1024, 'a')}}};
    EXPECT_EQ(draw_form(shipped_law(), form_of("penalty_24"), rows).error().where, "row.name");
}

TEST(form_paper, marks_characters_that_no_font_has) {
    facts::FilledForm filled;
    filled.values = {{"facts", std::string("甲\xF4\x8F\xBF\xBD乙\x07丙𬎆丁\u202E戊")}};
    const DrawnForm out = drawn(form_of("penalty_46"), filled);
    std::vector<std::string> told;
    for (const Warning& warning : out.warnings) told.push_back(warning.name + " " + warning.text);
    EXPECT_EQ(join(told, ", "),
              "character_without_font U+10FFFD, control_character U+0007, control_character U+202E");
    EXPECT_NE(text_of(out.paper).find("甲〓乙〓丙𬎆丁〓戊"), std::string::npos);
    EXPECT_TRUE(write_pdf(out.paper));
}

TEST(form_paper, breaks_long_tables_across_pages) {
    facts::FilledForm filled;
    for (int i = 0; i < 400; ++i)
        filled.rows.push_back(
            {{"row.no", std::to_string(i)}, {"row.title", "名称很长的文书" + std::to_string(i)}});
    const DrawnForm out = drawn(form_of("penalty_55"), filled);
    const auto pdf = write_pdf(out.paper);
    ASSERT_TRUE(pdf);
    EXPECT_GT(pdf->pages, 10);
    // One cell larger than a page is continued, not lost.
    filled.rows = {{{"row.title", std::string()}}};
    for (int i = 0; i < 3000; ++i) filled.rows[0]["row.title"] += "长文";
    EXPECT_GT(write_pdf(drawn(form_of("penalty_55"), filled).paper)->pages, 5);
}

TEST(form_paper, has_an_end) {
    facts::FilledForm filled;
    for (int i = 0; i < 20'000; ++i) filled.rows.push_back({{"row.no", std::to_string(i)}});
    const auto pdf = write_pdf(drawn(form_of("penalty_55"), filled).paper);
    ASSERT_FALSE(pdf);
    EXPECT_EQ(pdf.error().code, ErrorCode::too_large);
}

/// The parts of a zip file by name.
std::map<std::string, std::string> parts_of(const std::string& bytes) {
    zip_error_t error;
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    std::map<std::string, std::string> out;
    if (archive == nullptr) return out;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
        zip_stat_t stat;
        zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &stat);
        std::string text(stat.size, '\0');
        zip_file_t* file = zip_fopen_index(archive, static_cast<zip_uint64_t>(i), 0);
        zip_fread(file, text.data(), text.size());
        zip_fclose(file);
        out[stat.name] = std::move(text);
    }
    zip_close(archive);
    return out;
}

std::size_t count_of(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
        ++count;
    return count;
}

TEST(docx, holds_every_part_it_names) {
    for (const law::DocumentForm& form : shipped_forms().all()) {
        const DrawnForm out = drawn(form, sample_form(shipped_law(), form));
        const auto docx = write_docx(out.paper);
        ASSERT_TRUE(docx) << form.document;
        const auto parts = parts_of(*docx);
        for (const char* name :
             {"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml",
              "word/footer1.xml", "word/header1.xml", "word/media/code.png", "word/_rels/document.xml.rels",
              "word/_rels/footer1.xml.rels", "docProps/core.xml"})
            EXPECT_TRUE(parts.contains(name)) << form.document << " " << name;
        const std::string& document = parts.at("word/document.xml");
        for (const char* element : {"w:p", "w:tbl", "w:tr", "w:tc", "w:r", "w:body"})
            EXPECT_EQ(count_of(document, std::string("<") + element + ">") +
                          count_of(document, std::string("<") + element + " "),
                      count_of(document, std::string("</") + element + ">"))
                << form.document << " " << element;
    }
}

TEST(docx, says_no_markup_of_others) {
    facts::FilledForm filled;
    filled.values = {{"facts", std::string("<w:p>&\"</w:p>]]>")}};
    const auto parts = parts_of(*write_docx(drawn(form_of("penalty_46"), filled).paper));
    EXPECT_NE(parts.at("word/document.xml").find("&lt;w:p&gt;&amp;&quot;&lt;/w:p&gt;]]&gt;"),
              std::string::npos);
}

TEST(code, is_read_in_every_form_it_is_written) {
    const PrintedCode printed{"0123456789abcdef0123", "衡市监罚〔2025〕17号"};
    EXPECT_EQ(*parse_code_text(code_text(printed, "")), printed);
    EXPECT_EQ(*parse_code_text(code_text(printed, "https://gov.example")), printed);
    EXPECT_EQ(parse_code_text("0123456789ABCDEF0123")->code, printed.code);
    for (const char* wrong : {"", "xyz", "0123", "0123456789abcdef0123?n=%E", "0123456789abcdef0123?m=1",
                              "https://gov.example/d/", "0123456789abcdef0123?n=%FF%FE"})
        EXPECT_EQ(parse_code_text(wrong).error().code, ErrorCode::code_malformed) << wrong;
    EXPECT_GT(code_picture(code_text(printed, "https://gov.example")).width, 20);
    EXPECT_TRUE(code_png("x", 2)->starts_with("\x89PNG"));
}

}  // namespace
}  // namespace qingyuan::document
