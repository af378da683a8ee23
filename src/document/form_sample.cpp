// Values for sample sheets: a case that never was, in the words such a case has.
#include <algorithm>
#include <array>
#include <utility>

#include "document/form_paper.hpp"

namespace qingyuan::document {

namespace {

using Sample = std::pair<std::string_view, std::string_view>;

constexpr std::array samples{
    Sample{"party.name", "样例康泰大药房有限公司"},
    Sample{"party", "样例康泰大药房有限公司"},
    Sample{"entity", "样例康泰大药房有限公司"},
    Sample{"addressee", "样例康泰大药房有限公司"},
    Sample{"reported.name", "样例康泰大药房有限公司"},
    Sample{"respondent.name", "样例康泰大药房有限公司"},
    Sample{"party.id_no", "91430400MA00SAMP0X"},
    Sample{"party.address", "样例市样例区解放大道100号"},
    Sample{"party.legal_rep", "样例甲"},
    Sample{"party.contact", "000-00000000"},
    Sample{"contact", "样例乙，000-00000000"},
    Sample{"case.name", "样例康泰大药房有限公司涉嫌销售劣药案"},
    Sample{"officers.names", "样例乙、样例丙"},
    Sample{"officers.id_nos", "湘D000001、湘D000002"},
    Sample{"officers", "样例乙（湘D000001）、样例丙（湘D000002）"},
    Sample{"officers.assigned", "样例乙、样例丙"},
    Sample{"to.authority", "样例区市场监督管理局"},
    Sample{"designated.authority", "样例区市场监督管理局"},
    Sample{"to.police", "样例市公安局"},
    Sample{"cc.procuratorate", "样例市人民检察院"},
    Sample{"to.lab", "样例市药品检验所"},
    Sample{"to.court", "样例区人民法院"},
    Sample{"to.unit", "样例区市场监督管理局"},
    Sample{"remedy.review_body", "样例市人民政府"},
    Sample{"remedy.court", "样例区人民法院"},
    Sample{"authority", "样例市市场监督管理局"},
    Sample{"basis.infringed", "《中华人民共和国药品管理法》第九十八条第一款"},
    Sample{"basis.penalised", "《中华人民共和国药品管理法》第一百一十七条第一款"},
    Sample{"basis", "《中华人民共和国行政处罚法》第五十四条"},
    Sample{"time", "2025年6月12日9时30分"},
    Sample{"time.start", "2025年6月12日9时30分"},
    Sample{"time.end", "2025年6月12日11时05分"},
    Sample{"place", "样例市样例区解放大道100号营业场所"},
    Sample{"deadline", "2025-07-04"},
    Sample{"nature", "属于销售劣药的行为"},
    Sample{"suspected_crime", "妨害药品管理罪"},
    Sample{"measure.kind", "扣押"},
    Sample{"goods.list_no", "样市监清〔2025〕12号"},
    Sample{"list_no", "样市监清〔2025〕12号"},
    Sample{"original.number", "样市监强制〔2025〕12号"},
    Sample{"decision.number", "样市监罚〔2025〕17号"},
    Sample{"document.name", "行政处罚决定书"},
    Sample{"document.number", "样市监罚〔2025〕17号"},
    Sample{"method", "直接送达"},
    Sample{"pay.method", "缴至指定的非税收入账户"},
    Sample{"hash", "SM3 66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
};

constexpr std::array sums{"fine", "amount", "amount_due", "surcharge", "sample_price"};
constexpr std::array prose{"facts",
                           "findings",
                           "qa[]",
                           "statement",
                           "process",
                           "course",
                           "statements",
                           "cross_examination",
                           "discretion",
                           "reasons",
                           "notice_and_defence",
                           "case.course",
                           "case_summary",
                           "summary",
                           "lead.summary",
                           "facts.initial"};

constexpr std::string_view story =
    "当事人于2025年3月至5月间购进并销售标示批号为20250101的样例胶囊120盒，经药品检验机构检验，含量测定项目不"
    "符合标准"
    "规定。当事人能够提供供货单位的资质证明和随货同行单，但未按规定核对同批次检验报告书，购进验收记录不完整。"
    "上述药品已"
    "售出86盒，库存34盒已依法扣押，货值金额共计4,560.00元，违法所得1,204.00元。";

facts::FilledValue sample_of(std::string_view field, const law::FormPiece& piece) {
    if (piece.show == law::Show::check) return piece.options.front();
    if (piece.show == law::Show::date) return make_date(2025, 6, 20);
    if (std::ranges::find(sums, field) != sums.end()) return Fen{12'345'600};
    if (piece.show == law::Show::list)
        return std::vector<std::string>{
            "样例事项甲：没收违法所得1,204.00元，并按规定上缴；",
            "样例事项乙：对库存药品登记造册，逐项说明来源、去向和数量，并附票据复印件；",
            "样例事项丙：其他要求。"};
    for (const auto& [name, value] : samples)
        if (name == field) return std::string(value);
    if (std::ranges::find(prose, field) != prose.end()) return std::string(story);
    return "样例内容（" + std::string(field) + "）";
}

}  // namespace

facts::FilledForm sample_form(const law::Law& law, const law::DocumentForm& form) {
    (void)law;
    facts::FilledForm out;
    out.document = form.document;
    out.authority = "样例市市场监督管理局";
    if (!form.word.empty()) out.number = "样市监" + form.word + "〔2025〕17号";
    out.dated = make_date(2025, 6, 20);
    out.is_sample = true;
    for (const law::FormLine& line : form.lines) {
        if (line.kind == law::LineKind::listing) {
            for (int i = 1; i <= 12; ++i) {
                auto& row = out.rows.emplace_back();
                for (const auto& column : line.cells)
                    row[column.back().text] =
                        column.back().text == "row.no" ? std::to_string(i) : column.front().text + "样例";
            }
            continue;
        }
        for (const auto& cell : line.cells)
            for (const law::FormPiece& piece : cell)
                if (piece.kind == law::FormPiece::Kind::value && !piece.text.starts_with("doc.") &&
                    !law::is_by_hand(piece.text) && piece.fallback.empty())
                    out.values.insert_or_assign(piece.text, sample_of(piece.text, piece));
    }
    return out;
}

}  // namespace qingyuan::document
