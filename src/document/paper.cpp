// What a paper says, as bytes: the ground of its digest.
#include "document/paper.hpp"

namespace qingyuan::document {

namespace {

/// Every text with its length in front, so that no two papers give the same bytes.
class Sayings {
 public:
    void word(std::string_view text) {
        hash_.add(std::to_string(text.size())).add(std::string_view(":")).add(text);
    }
    void runs(const Runs& runs) {
        // Runs differ in weight only; how a text is cut into them says nothing.
        std::string text;
        for (const Run& run : runs) text += run.text;
        word(text);
    }
    void operator()(const Paragraph& paragraph) {
        word("p");
        runs(paragraph.runs);
    }
    void operator()(const PaperTable& table) {
        word("t");
        for (const TableRow& row : table.rows) {
            word("r");
            for (const TableCell& cell : row.cells) {
                runs(cell.runs);
                word(cell.foot);
            }
        }
    }
    void operator()(const SealBlock& seal) {
        word("s");
        word(seal.authority);
        word(seal.day);
    }
    void operator()(const RuleBlock&) { word("-"); }
    void operator()(const PageBreak&) { word("^"); }
    [[nodiscard]] Digest finish() { return hash_.finish(); }

 private:
    Sm3 hash_;
};

}  // namespace

Margins margins_of(const Paper& paper) {
    // A page on its side keeps the binding edge at the top (GB/T 9704-2012, 6.4).
    if (paper.landscape) return {28, 22, 30, 22};
    if (paper.is_sheet) return {24, 22, 32, 28};
    return {37, 26, 35, 28};  // 5.2: 天头 37 mm, 订口 28 mm, 版心 156 mm × 225 mm
}
double text_width_mm(const Paper& paper) {
    const Margins margins = margins_of(paper);
    return (paper.landscape ? 297 : 210) - margins.left - margins.right;
}

Digest content_digest(const Paper& paper) {
    Sayings sayings;
    sayings.word("qingyuan document 1");
    for (const Block& block : paper.blocks) std::visit(sayings, block);
    return sayings.finish();
}

}  // namespace qingyuan::document
