#include "cli/package_paper.hpp"

#include <fmt/format.h>

namespace qingyuan::cli {

namespace {

document::TableCell cell(std::string text, document::Align align = document::Align::left, bool bold = false) {
    return {.runs = {{std::move(text), bold}}, .align = align};
}

document::TableRow head() {
    const auto centre = document::Align::centre;
    return {.cells = {cell("序号", centre, true), cell("材料", centre, true),
                      cell("SM3 摘要（前16位）", centre, true), cell("字节", centre, true),
                      cell("收到", centre, true), cell("缺少", centre, true)}};
}

document::Paragraph line(std::string text) {
    return {.runs = {{std::move(text)}}, .align = document::Align::left, .before_pt = 10};
}

}  // namespace

document::Paper package_paper(const law::Law& law, const act::Package& package) {
    constexpr std::size_t digest_digits = 16;
    const law::Vocabulary* agencies = law.find_vocabulary("agencies");
    const law::Word* to = agencies == nullptr ? nullptr : agencies->find(package.to);
    document::Paper paper{.title = "移送材料清单和回执", .size_pt = 12, .line_pt = 20, .is_sheet = true};
    paper.dated = package.made_at.date();
    paper.code = package.digest;
    paper.code_notes = {"移送包摘要", package.digest.substr(0, digest_digits)};
    paper.blocks.emplace_back(document::Paragraph{
        .runs = {{"移送材料清单和回执", true}}, .align = document::Align::centre, .size_pt = 18});
    paper.blocks.emplace_back(
        line(fmt::format("案卷 {}　移送单位 {}　接收单位 {}　制作日期 {}", package.dossier, package.from,
                         to == nullptr ? package.to : to->zh, paper.dated.text())));
    document::PaperTable table{.widths = {6, 34, 30, 12, 9, 9}, .header_rows = 1, .rows = {head()}};
    int number = 0;
    for (const act::PackageItem& item : package.items)
        table.rows.push_back(
            {.cells = {cell(std::to_string(++number), document::Align::centre), cell(item.title),
                       cell(item.digest.substr(0, digest_digits)),
                       cell(std::to_string(item.bytes), document::Align::right),
                       cell("□", document::Align::centre), cell("□", document::Align::centre)}});
    paper.blocks.emplace_back(std::move(table));
    paper.blocks.emplace_back(line("请逐项勾选收到或者缺少；缺少的材料由移送单位补送。"));
    paper.blocks.emplace_back(
        line("回执文号：______________　签收人：______________　签收日期：____年__月__日"));
    paper.blocks.emplace_back(line("（接收单位盖章）"));
    return paper;
}

}  // namespace qingyuan::cli
