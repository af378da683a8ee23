// The DOCX back end: the least WordprocessingML that says what the paper says (ECMA-376 part 1), zipped with
// fixed times so that equal papers give equal bytes. Fonts are named, not embedded: 仿宋 and 宋体, as GB/T
// 9704 asks; the word processor replaces them where they are missing.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <zip.h>

#include "document/code.hpp"
#include "document/paper.hpp"
#include "document/typesetting.hpp"

namespace qingyuan::document {

namespace {

constexpr int twips_a_point = 20;
constexpr double twips_a_mm = 1440 / 25.4;
constexpr int emu_a_mm = 36'000;
constexpr int code_scale = 6;
constexpr std::string_view namespaces =
    R"(xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" )"
    R"(xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" )"
    R"(xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" )"
    R"(xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" )"
    R"(xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture")";
constexpr std::string_view core_properties =
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
constexpr std::string_view declaration = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
                                         "\n";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

int twips(double mm) {
    return static_cast<int>(std::lround(mm * twips_a_mm));
}

std::string run_xml(std::string_view text, bool bold, double size_pt) {
    std::string out = fmt::format("<w:r><w:rPr>{}<w:sz w:val=\"{}\"/><w:szCs w:val=\"{}\"/></w:rPr>",
                                  bold ? "<w:b/>" : "", std::lround(size_pt * 2), std::lround(size_pt * 2));
    bool first = true;
    while (true) {
        const std::size_t feed = text.find('\n');
        if (!first) out += "<w:br/>";
        first = false;
        out += fmt::format("<w:t xml:space=\"preserve\">{}</w:t>", escaped(text.substr(0, feed)));
        if (feed == std::string_view::npos) break;
        text = text.substr(feed + 1);
    }
    return out + "</w:r>";
}

std::string_view justification(Align align) {
    switch (align) {
        case Align::left: return "left";
        case Align::centre: return "center";
        case Align::right: return "right";
        case Align::justify: return "both";
    }
    return "left";
}

struct ParagraphLook {
    Align align = Align::left;
    int indent_em = 0;
    double size_pt = 16;
    double line_pt = 29;
    double before_pt = 0;
    double right_pt = 0;
    bool keep_with_next = false;
};

std::string paragraph_xml(const Runs& runs, const ParagraphLook& look) {
    std::string out = "<w:p><w:pPr>";
    if (look.keep_with_next) out += "<w:keepNext/>";
    out +=
        fmt::format("<w:spacing w:before=\"{}\" w:after=\"0\" w:line=\"{}\" w:lineRule=\"exact\"/>",
                    std::lround(look.before_pt * twips_a_point), std::lround(look.line_pt * twips_a_point));
    if (look.indent_em > 0)
        out += fmt::format("<w:ind w:firstLineChars=\"{}\" w:firstLine=\"{}\"/>", look.indent_em * 100,
                           std::lround(look.indent_em * look.size_pt * twips_a_point));
    else if (look.right_pt > 0)
        out += fmt::format("<w:ind w:right=\"{}\"/>", std::lround(look.right_pt * twips_a_point));
    out += fmt::format("<w:jc w:val=\"{}\"/></w:pPr>", justification(look.align));
    for (const Run& run : runs) out += run_xml(run.text, run.bold, look.size_pt);
    return out + "</w:p>";
}

class Typist {
 public:
    explicit Typist(const Paper& paper) : paper_(paper) {}

    std::string body() {
        for (const Block& block : paper_.blocks) std::visit([this](const auto& one) { put(one); }, block);
        return std::move(out_);
    }

 private:
    [[nodiscard]] double pitch_of(double size) const {
        return size == paper_.size_pt ? paper_.line_pt : std::max(size * 1.5, size + 6);
    }
    void put(const Paragraph& paragraph) {
        const double size = paragraph.size_pt > 0 ? paragraph.size_pt : paper_.size_pt;
        out_ += paragraph_xml(paragraph.runs, {paragraph.align, paragraph.indent_em, size, pitch_of(size),
                                               paragraph.before_pt, 0, paragraph.keep_with_next});
    }
    void put(const SealBlock& seal) {
        const double size = paper_.size_pt, pitch = paper_.line_pt;
        ParagraphLook look{Align::right, 0, size, pitch, 40, 2 * size, true};
        out_ += paragraph_xml({{seal.authority}}, look);
        look.before_pt = 0;
        out_ += paragraph_xml({{seal.day}}, look);
        look.keep_with_next = false;
        look.size_pt = size * 0.8;
        out_ += paragraph_xml({{"（印章）"}}, look);
    }
    void put(const RuleBlock&) {
        out_ +=
            "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"1\" "
            "w:color=\"auto\"/></w:pBdr><w:spacing w:before=\"0\" w:after=\"120\" w:line=\"120\" "
            "w:lineRule=\"exact\"/></w:pPr></w:p>";
    }
    void put(const PageBreak&) { out_ += "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"; }

    void put(const PaperTable& table) {
        const double size = table.size_pt > 0 ? table.size_pt : paper_.size_pt;
        int all = 0;
        for (const int width : table.widths) all += width;
        const int whole = twips(text_width_mm(paper_));
        out_ += fmt::format("<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblBorders>", whole);
        for (const char* side : {"top", "left", "bottom", "right", "insideH", "insideV"})
            out_ += fmt::format("<w:{} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>", side);
        out_ += "</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>";
        for (const int width : table.widths)
            out_ += fmt::format("<w:gridCol w:w=\"{}\"/>", whole * width / all);
        out_ += "</w:tblGrid>";
        std::size_t index = 0;
        for (const TableRow& row : table.rows)
            put_row(table, row, size, whole, all, index++ < static_cast<std::size_t>(table.header_rows));
        out_ += "</w:tbl>";
        // Two tables that touch would become one, and a table at the end needs a paragraph behind it.
        out_ +=
            "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"60\" "
            "w:lineRule=\"exact\"/></w:pPr></w:p>";
    }

    void put_row(const PaperTable& table, const TableRow& row, double size, int whole, int all,
                 bool is_header) {
        out_ += "<w:tr><w:trPr>";
        if (row.height_mm > 0)
            out_ += fmt::format("<w:trHeight w:val=\"{}\" w:hRule=\"atLeast\"/>", twips(row.height_mm));
        if (is_header) out_ += "<w:tblHeader/>";
        out_ += "</w:trPr>";
        std::size_t column = 0;
        for (const TableCell& cell : row.cells) {
            int share = 0;
            for (int i = 0; i < cell.span && column < table.widths.size(); ++i)
                share += table.widths[column++];
            out_ += fmt::format("<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/>", whole * share / all);
            if (cell.span > 1) out_ += fmt::format("<w:gridSpan w:val=\"{}\"/>", cell.span);
            out_ += fmt::format("<w:vAlign w:val=\"{}\"/></w:tcPr>", cell.foot.empty() ? "center" : "bottom");
            ParagraphLook look{cell.align, 0, size, pitch_of(size), 0, 0, false};
            out_ += paragraph_xml(cell.runs, look);
            look.align = Align::right;
            if (!cell.foot.empty()) out_ += paragraph_xml({{cell.foot}}, look);
            out_ += "</w:tc>";
        }
        out_ += "</w:tr>";
    }

    const Paper& paper_;
    std::string out_;
};

std::string field_xml(std::string_view name) {
    return fmt::format(
        "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText "
        "xml:space=\"preserve\"> {} </w:instrText></w:r><w:r><w:fldChar "
        "w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar "
        "w:fldCharType=\"end\"/></w:r>",
        name);
}

std::string picture_xml() {
    constexpr int side = 20 * emu_a_mm;
    return fmt::format(
        "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{0}\" "
        "cy=\"{0}\"/><wp:docPr id=\"1\" name=\"code\"/><a:graphic><a:graphicData "
        "uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr "
        "id=\"1\" name=\"code.png\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip "
        "r:embed=\"rId1\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off "
        "x=\"0\" y=\"0\"/><a:ext cx=\"{0}\" cy=\"{0}\"/></a:xfrm><a:prstGeom "
        "prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>"
        "</w:drawing></w:r>",
        side);
}

/// Page numbers in the middle, the code and its lines in front of them.
std::string footer_xml(const Paper& paper) {
    std::string out = fmt::format("{}<w:ftr {}>", declaration, namespaces);
    out += "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:t>第 </w:t></w:r>" + field_xml("PAGE") +
           "<w:r><w:t xml:space=\"preserve\"> 页　共 </w:t></w:r>" + field_xml("NUMPAGES") +
           "<w:r><w:t> 页</w:t></w:r></w:p>";
    if (!paper.code.empty()) {
        out += "<w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr>" + picture_xml();
        for (const std::string& note : paper.code_notes) out += run_xml("　" + note, false, 7);
        out += "</w:p>";
    }
    return out + "</w:ftr>";
}

std::string header_xml(const Paper& paper) {
    std::string out = fmt::format("{}<w:hdr {}>", declaration, namespaces);
    out += paragraph_xml({{paper.mark, true}}, {Align::right, 0, 12, 18, 0, 0, false});
    return out + "</w:hdr>";
}

std::string document_xml(const Paper& paper) {
    std::string out = fmt::format("{}<w:document {}><w:body>", declaration, namespaces);
    out += Typist(paper).body();
    out += "<w:sectPr>";
    if (!paper.mark.empty()) out += "<w:headerReference w:type=\"default\" r:id=\"rId3\"/>";
    out += "<w:footerReference w:type=\"default\" r:id=\"rId2\"/>";
    const Margins margins = margins_of(paper);
    const auto [across, down] = paper.landscape ? std::pair(297, 210) : std::pair(210, 297);
    out += fmt::format(
        "<w:pgSz w:w=\"{}\" w:h=\"{}\"{}/><w:pgMar w:top=\"{}\" w:right=\"{}\" w:bottom=\"{}\" w:left=\"{}\" "
        "w:header=\"600\" w:footer=\"400\" w:gutter=\"0\"/>",
        twips(across), twips(down), paper.landscape ? " w:orient=\"landscape\"" : "", twips(margins.top),
        twips(margins.right), twips(margins.bottom), twips(margins.left));
    return out + "</w:sectPr></w:body></w:document>";
}

std::string styles_xml() {
    return fmt::format(
        "{}<w:styles {}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" "
        "w:hAnsi=\"Times New Roman\" w:eastAsia=\"仿宋\" w:cs=\"Times New Roman\"/><w:lang "
        "w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name "
        "w:val=\"Normal\"/></w:style></w:styles>",
        declaration, namespaces);
}

using Part = std::pair<std::string, std::string>;

std::string relationships(const std::vector<std::pair<std::string_view, std::string_view>>& targets) {
    constexpr std::string_view base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    std::string out = fmt::format(
        "{}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
        declaration);
    int id = 0;
    for (const auto& [type, target] : targets) {
        const bool whole = type.find("://") != std::string_view::npos;
        out += fmt::format("<Relationship Id=\"rId{}\" Type=\"{}{}\" Target=\"{}\"/>", ++id,
                           whole ? "" : base, type, target);
    }
    return out + "</Relationships>";
}

std::string content_types(const Paper& paper) {
    constexpr std::string_view main = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
    std::string out = fmt::format(
        "{}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default "
        "Extension=\"rels\" "
        "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default "
        "Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" "
        "ContentType=\"image/png\"/>",
        declaration);
    const auto part = [&](std::string_view name, std::string_view type) {
        out +=
            fmt::format("<Override PartName=\"/word/{}.xml\" ContentType=\"{}{}+xml\"/>", name, main, type);
    };
    part("document", "document.main");
    part("styles", "styles");
    part("footer1", "footer");
    if (!paper.mark.empty()) part("header1", "header");
    out +=
        "<Override PartName=\"/docProps/core.xml\" "
        "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>";
    return out + "</Types>";
}

std::string core_xml(const Paper& paper) {
    return fmt::format(
        "{}<cp:coreProperties "
        "xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>Qingyuan"
        "</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">{}T00:00:00Z</dcterms:created>"
        "</cp:coreProperties>",
        declaration, escaped(paper.title), paper.dated.text());
}

/// The parts as a zip file in memory.
Result<std::string> zipped(const std::vector<Part>& parts) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, &error);
    const auto failed = [](std::string_view what) {
        return Error{ErrorCode::io_failed, fmt::format("libzip: {}", what), "docx"};
    };
    if (source == nullptr) return failed("no memory");
    zip_source_keep(source);  // the archive takes one reference with it when it is closed
    const std::unique_ptr<zip_source_t, Releases<zip_source_free>> kept(source);
    zip_t* archive = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    if (archive == nullptr) return failed(zip_error_strerror(&error));
    for (const auto& [name, bytes] : parts) {
        zip_source_t* part = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
        const zip_int64_t index =
            part == nullptr ? -1 : zip_file_add(archive, name.c_str(), part, ZIP_FL_ENC_UTF_8);
        // 1980-01-01, the first day a zip file knows: no clock goes into the bytes.
        if (index < 0 || zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, 0x21, 0) != 0) {
            zip_discard(archive);
            return failed(name);
        }
    }
    if (zip_close(archive) != 0) {
        const Error said = failed(zip_strerror(archive));
        zip_discard(archive);
        return said;
    }
    if (zip_source_open(source) != 0) return failed("the archive cannot be read");
    zip_source_seek(source, 0, SEEK_END);
    std::string out(static_cast<std::size_t>(zip_source_tell(source)), '\0');
    zip_source_seek(source, 0, SEEK_SET);
    const zip_int64_t read = zip_source_read(source, out.data(), out.size());
    zip_source_close(source);
    if (read != static_cast<zip_int64_t>(out.size())) return failed("the archive is cut short");
    return out;
}

}  // namespace

Result<std::string> write_docx(const Paper& paper) {
    std::vector<std::pair<std::string_view, std::string_view>> targets{{"styles", "styles.xml"},
                                                                       {"footer", "footer1.xml"}};
    if (!paper.mark.empty()) targets.emplace_back("header", "header1.xml");
    std::vector<Part> parts{
        {"[Content_Types].xml", content_types(paper)},
        {"_rels/.rels",
         relationships({{"officeDocument", "word/document.xml"}, {core_properties, "docProps/core.xml"}})},
        {"docProps/core.xml", core_xml(paper)},
        {"word/document.xml", document_xml(paper)},
        {"word/_rels/document.xml.rels", relationships(targets)},
        {"word/styles.xml", styles_xml()},
        {"word/footer1.xml", footer_xml(paper)},
    };
    if (!paper.mark.empty()) parts.emplace_back("word/header1.xml", header_xml(paper));
    if (!paper.code.empty()) {
        parts.emplace_back("word/_rels/footer1.xml.rels", relationships({{"image", "media/code.png"}}));
        parts.emplace_back("word/media/code.png", TRY(code_png(paper.code, code_scale)));
    }
    return zipped(parts);
}

}  // namespace qingyuan::document
