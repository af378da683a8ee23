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

Digest content_digest(const Paper& paper) {
    Sayings sayings;
    sayings.word("qingyuan document 1");
    for (const Block& block : paper.blocks) std::visit(sayings, block);
    return sayings.finish();
}

}  // namespace qingyuan::document
