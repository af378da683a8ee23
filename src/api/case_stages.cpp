#include "api/case_stages.hpp"

namespace qingyuan::api {

std::span<const CaseStage> stages_of(std::string_view procedure) {
    static const std::vector<CaseStage> ordinary{
        {"lead",
         "案源",
         "Lead",
         {"lead", "verifying", "jurisdiction_disputed", "designation_asked", "lead_testing", "not_filed"}},
        {"investigate",
         "立案调查",
         "Investigation",
         {"filed", "investigating", "testing", "refund_ordered", "suspended", "terminated"}},
        {"review", "审核", "Review", {"report_done", "in_review", "review_returned"}},
        {"notice", "告知听证", "Notice and hearing", {"to_notify", "notice_published", "noticed", "hearing"}},
        {"decide", "决定", "Decision", {"deciding", "collective"}},
        {"serve",
         "送达",
         "Service",
         {"decided_penalty", "decision_published", "decided_no_penalty", "transferred_admin",
          "transferred_crime"}},
        {"execute", "执行", "Execution", {"served", "executing", "urged", "court_enforcement", "overturned"}},
        {"close", "结案归档", "Closing", {"executed", "closed", "archived"}}};
    static const std::vector<CaseStage> simple{
        {"found", "发现", "Found", {"found"}},
        {"told", "告知", "Told", {"told"}},
        {"decided", "当场决定", "Decision", {"decided"}},
        {"paid", "缴款归档", "Payment and file", {"paid", "archived"}}};
    if (procedure == "penalty_case") return ordinary;
    if (procedure == "simple_penalty") return simple;
    return {};
}

std::vector<Stay> stays_of(const facts::DossierRow& row) {
    std::vector<Stay> out;
    std::vector<const facts::StepState*> steps;
    for (const facts::StepState& step : row.steps)
        if (!step.voided) steps.push_back(&step);
    out.push_back({steps.empty() ? row.state : steps.front()->from, row.opened_on, {}});
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string& after = i + 1 < steps.size() ? steps[i + 1]->from : row.state;
        if (after != out.back().state) out.push_back({after, steps[i]->on, steps[i]->step});
    }
    return out;
}

}  // namespace qingyuan::api
