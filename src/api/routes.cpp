// The table of operations: every address of the API with its policy and what it may cost.
#include "api/accounts/operations.hpp"
#include "api/assess_view.hpp"
#include "api/case_api.hpp"
#include "api/doors.hpp"
#include "api/epcis_api.hpp"
#include "api/operation.hpp"
#include "api/packs_view.hpp"
#include "api/plan_desk.hpp"
#include "api/safety_reports_view.hpp"
#include "api/step_proposals.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t json_bytes_max = 1024 * 1024;
constexpr std::uint64_t chunk_body_max = 5 * 1024 * 1024;
constexpr std::uint64_t photos_body_max = 8 * 1024 * 1024;  ///< photos of a report, in base64

using enum access::Policy;

constexpr Operation table[] = {
    // of the server itself
    {"GET", "/livez", health_read, RateClass::page, livez},
    {"GET", "/readyz", health_read, RateClass::page, readyz},
    {"GET", "/metrics", metrics_read, RateClass::page, metrics},
    {"GET", "/openapi.json", law_read, RateClass::page, contract},
    // desk
    {"GET", "/api/meta", own_read, RateClass::page, meta},
    {"GET", "/api/today", dossier_list, RateClass::page, today},
    {"GET", "/api/search", registry_list, RateClass::search, api::search},
    {"GET", "/api/reports", figure_read, RateClass::page, list_reports},
    {"GET", "/api/reports/{report}.xlsx", figure_export, RateClass::export_, report_file},
    {"GET", "/api/reports/{report}.txt", figure_export, RateClass::export_, report_file},
    {"GET", "/api/reports/{report}", figure_read, RateClass::page, report},
    {"GET", "/api/reports/{report}/figures/{figure}/members", figure_read, RateClass::page, figure_members},
    {"GET", "/api/compare", figure_read, RateClass::page, compare},
    {"GET", "/api/dossiers", dossier_list, RateClass::page, list_dossiers},
    {"POST", "/api/dossiers", dossier_open, RateClass::write, open_dossier},
    {"GET", "/api/dossiers/{id}", dossier_read, RateClass::page, show_dossier},
    {"GET", "/api/dossiers/{id}/personal", personal_reveal, RateClass::page, dossier_personal},
    {"GET", "/api/dossiers/{id}/offers", dossier_read, RateClass::page, dossier_offers},
    {"POST", "/api/dossiers/{id}/steps/{step}", dossier_step, RateClass::write, take_step},
    {"POST", "/api/dossiers/{id}/approvals/{step}", dossier_approve, RateClass::write, approve_step},
    {"GET", "/api/dossiers/{id}/proposals", dossier_read, RateClass::page, dossier_proposals},
    {"POST", "/api/dossiers/{id}/proposals/{step}", dossier_step, RateClass::write, propose_step},
    {"GET", "/api/approvals", own_read, RateClass::page, list_approvals},
    {"POST", "/api/facts/{seq}/void", dossier_step, RateClass::write, void_fact},
    {"GET", "/api/journal", law_read, RateClass::page, journal_head},
    {"GET", "/api/journal/{seq}", record_read, RateClass::page, journal_fact},
    {"GET", "/api/law/procedures/{id}", law_read, RateClass::page, show_procedure},
    {"GET", "/api/law/limits/{id}", law_read, RateClass::page, show_limit},
    {"GET", "/api/organisations", registry_list, RateClass::page, list_organisations},
    {"GET", "/api/people", registry_list, RateClass::page, list_people},
    {"GET", "/api/operators", registry_list, RateClass::page, list_operators},
    {"GET", "/api/operators/{id}", registry_read, RateClass::page, show_operator},
    {"GET", "/api/operators/{id}/history", registry_read, RateClass::page, operator_history},
    // work
    {"GET", "/api/views", own_read, RateClass::page, list_views},
    {"POST", "/api/views", own_change, RateClass::write, save_view},
    {"DELETE", "/api/views/{id}", own_change, RateClass::write, delete_view},
    {"POST", "/api/bulk", dossier_step, RateClass::write, bulk},
    {"POST", "/api/exports", own_change, RateClass::export_, start_export},
    {"GET", "/api/jobs", own_read, RateClass::page, list_jobs},
    {"GET", "/api/jobs/{id}", own_read, RateClass::page, show_job},
    {"GET", "/api/jobs/{id}/events", own_read, RateClass::page, job_events},
    {"GET", "/api/jobs/{id}/result", own_read, RateClass::page, job_result},
    {"POST", "/api/uploads", evidence_submit, RateClass::upload, begin_upload},
    {"GET", "/api/uploads/{id}", evidence_submit, RateClass::upload, show_upload},
    {"DELETE", "/api/uploads/{id}", evidence_submit, RateClass::upload, drop_upload},
    {"PUT", "/api/uploads/{id}/chunks/{n}", evidence_submit, RateClass::upload, put_chunk},
    {"POST", "/api/uploads/{id}/finish", evidence_submit, RateClass::upload, finish_upload},
    {"GET", "/api/evidence/{digest}", evidence_read, RateClass::page, show_evidence},
    {"GET", "/api/notices", own_read, RateClass::page, list_notices},
    {"POST", "/api/notices/{id}/read", own_change, RateClass::write, read_notice},
    {"GET", "/api/notices/settings", own_read, RateClass::page, notice_settings},
    {"PUT", "/api/notices/settings", own_change, RateClass::write, change_notice_settings},
    // who somebody is
    {"GET", "/api/session", own_read, RateClass::page, show_session},
    {"POST", "/api/session", access::Policy::sign_in, RateClass::sign_in, api::sign_in},
    {"DELETE", "/api/session", own_change, RateClass::write, sign_out},
    {"GET", "/api/session/methods", public_read, RateClass::page, sign_in_methods},
    {"POST", "/api/session/demo", access::Policy::sign_in, RateClass::sign_in, sign_in_demo},
    {"POST", "/api/session/oidc/start", access::Policy::sign_in, RateClass::sign_in, start_oidc},
    {"GET", "/api/session/oidc/callback", access::Policy::sign_in, RateClass::sign_in, finish_oidc},
    {"POST", "/api/setup", access::Policy::sign_in, RateClass::sign_in, set_up},
    {"GET", "/api/account/password", own_read, RateClass::page, own_password},
    {"POST", "/api/account/password", own_change, RateClass::sign_in, change_own_password},
    {"POST", "/api/account/totp", own_change, RateClass::sign_in, enrol_code},
    {"DELETE", "/api/account/totp", own_change, RateClass::sign_in, remove_code},
    {"GET", "/api/account/sessions", own_read, RateClass::page, own_sessions},
    {"DELETE", "/api/account/sessions/{id}", own_change, RateClass::write, end_own_session},
    {"GET", "/api/account/tokens", own_read, RateClass::page, own_tokens},
    {"POST", "/api/account/tokens", own_change, RateClass::write, issue_token},
    {"DELETE", "/api/account/tokens/{id}", own_change, RateClass::write, revoke_token},
    // administration
    {"GET", "/api/admin/accounts", account_read, RateClass::page, list_accounts},
    {"POST", "/api/admin/accounts", account_change, RateClass::sign_in, add_account},
    {"GET", "/api/admin/accounts/{id}", account_read, RateClass::page, show_account},
    {"PATCH", "/api/admin/accounts/{id}", account_change, RateClass::sign_in, change_account},
    {"GET", "/api/admin/people", account_read, RateClass::page, admin_people},
    {"POST", "/api/admin/people", account_change, RateClass::write, add_person},
    {"PATCH", "/api/admin/people/{id}/roles", people_change, RateClass::write, propose_roles},
    {"GET", "/api/admin/organisations", account_read, RateClass::page, admin_organisations},
    {"POST", "/api/admin/organisations", organisation_change, RateClass::write, add_organisation},
    {"GET", "/api/admin/organisations/{id}", account_read, RateClass::page, admin_organisation},
    {"PATCH", "/api/admin/organisations/{id}", organisation_change, RateClass::write, change_organisation},
    {"GET", "/api/admin/grants", grant_propose, RateClass::page, list_grants},
    {"POST", "/api/admin/grants", grant_propose, RateClass::write, propose_grant},
    {"POST", "/api/admin/grants/{id}/revoke", grant_propose, RateClass::write, revoke_grant},
    // proposals are of several kinds: each is decided under its own row (access/grants.hpp)
    {"GET", "/api/admin/proposals", own_read, RateClass::page, list_proposals},
    {"POST", "/api/admin/proposals/{id}/decide", own_change, RateClass::write, decide_proposal},
    {"GET", "/api/admin/access", access_audit, RateClass::search, access_journal},
    {"POST", "/api/informants/{dossier}/reveal", access::Policy::informant_reveal, RateClass::write,
     reveal_informant},
    // the public
    {"GET", "/api/public/form", public_read, RateClass::page, public_form},
    {"GET", "/api/public/penalties", public_read, RateClass::search, public_penalties},
    {"GET", "/api/public/penalties/{id}", public_read, RateClass::page, public_penalty},
    {"GET", "/api/public/serious_violators", public_read, RateClass::search, public_violators},
    {"GET", "/api/public/cases", public_read, RateClass::page, public_cases},
    {"GET", "/api/public/operators", public_read, RateClass::search, public_operators},
    {"GET", "/api/public/documents/{code}", public_read, RateClass::search, public_document},
    {"POST", "/api/public/reports", public_submit, RateClass::stranger_write, public_report},
    {"POST", "/api/public/tickets", public_submit, RateClass::search, public_progress},
    {"GET", "/api/public/packs", public_read, RateClass::scan, public_pack},
    // the trace of packs
    {"GET", "/api/packs/codes/{code}", pack_read, RateClass::page, pack_code},
    {"GET", "/api/packs/batches/{id}", pack_read, RateClass::page, pack_batch},
    {"POST", "/api/packs/batches/{id}/recall_notices", pack_recall, RateClass::write, recall_notices},
    {"GET", "/api/packs/operators/{id}", pack_balance, RateClass::page, pack_operator},
    {"GET", "/api/packs/findings", pack_list, RateClass::page, pack_findings},
    {"GET", "/api/packs/summary", pack_overview, RateClass::page, pack_summary},
    {"GET", "/api/packs/rules", pack_overview, RateClass::page, pack_rules},
    {"GET", "/api/packs/files", pack_list, RateClass::page, pack_files},
    {"GET", "/api/packs/files/{seq}", pack_list, RateClass::page, pack_file},
    {"POST", "/api/packs/imports", pack_import, RateClass::upload, import_packs},
    // documents and penalty cases; a desk lists what its reader may act on
    {"GET", "/api/dossiers/{id}/documents", dossier_read, RateClass::page, dossier_documents},
    {"POST", "/api/dossiers/{id}/documents", dossier_step, RateClass::write, issue_dossier_document},
    {"GET", "/api/dossiers/{id}/documents/{document}", dossier_step, RateClass::page, document_sheet},
    {"POST", "/api/dossiers/{id}/drafts", dossier_step, RateClass::search, draft_document},
    {"POST", "/api/dossiers/{id}/documents/{seq}/service", dossier_step, RateClass::write, serve_document},
    {"GET", "/api/documents/{seq}.pdf", dossier_read, RateClass::page, document_copy},
    {"GET", "/api/documents/{seq}.docx", dossier_read, RateClass::page, document_copy},
    {"GET", "/api/cases/{id}", dossier_read, RateClass::page, show_case},
    {"GET", "/api/law/penalties", law_read, RateClass::page, list_penalty_rules},
    {"GET", "/api/law/penalties/{rule}", law_read, RateClass::page, penalty_range},
    {"GET", "/api/benchmark", dossier_step, RateClass::page, case_benchmark},
    {"GET", "/api/desks/leads", dossier_step, RateClass::page, lead_desk},
    {"GET", "/api/desks/referrals", dossier_step, RateClass::page, referral_desk},
    {"GET", "/api/desks/publicity", dossier_step, RateClass::page, publicity_desk},
    // what safety reports say, and the reports
    {"GET", "/api/signals", signal_list, RateClass::page, signals},
    {"GET", "/api/signals/criteria", signal_list, RateClass::page, signal_criteria},
    {"GET", "/api/signals/pair", signal_read, RateClass::page, signal_pair},
    {"GET", "/api/signals/clusters", signal_list, RateClass::page, batch_clusters},
    {"GET", "/api/signals/clusters/{id}", signal_read, RateClass::page, batch_cluster},
    {"GET", "/api/signals/judgements", signal_list, RateClass::page, signal_judgements},
    {"POST", "/api/signals/judgements", signal_step, RateClass::write, judge_signals},
    {"GET", "/api/duplicates", signal_read, RateClass::page, suspected_duplicates},
    {"POST", "/api/duplicates", signal_step, RateClass::write, decide_duplicate},
    {"GET", "/api/safety_reports", safety_report_list, RateClass::page, safety_reports},
    {"POST", "/api/safety_reports", safety_report_submit, RateClass::write, report_reaction},
    {"POST", "/api/safety_reports/check", safety_report_submit, RateClass::search, check_report},
    {"POST", "/api/safety_reports/imports", safety_report_submit, RateClass::upload, import_reports},
    {"GET", "/api/safety_reports/{number}", safety_report_read, RateClass::page, safety_report},
    {"POST", "/api/safety_reports/{number}/coding", safety_report_code, RateClass::write, code_report},
    {"GET", "/api/sentinels", safety_report_list, RateClass::page, sentinels},
    {"POST", "/api/public/reactions", public_submit, RateClass::stranger_write, public_reaction},
    // planning: draws, inspectors, conferences
    {"GET", "/api/draws", plan_list, RateClass::page, list_draws},
    {"POST", "/api/draws/plan", plan_open, RateClass::search, preview_draw},
    {"POST", "/api/draws", plan_open, RateClass::write, open_draw},
    {"GET", "/api/draws/{id}.draw", plan_read, RateClass::page, draw_bundle},
    {"GET", "/api/draws/{id}", plan_read, RateClass::page, show_draw},
    {"POST", "/api/draws/{id}/steps/{step}", plan_step, RateClass::write, draw_step},
    {"GET", "/api/draws/{id}/teams", plan_read, RateClass::search, draw_teams},
    {"POST", "/api/draws/{id}/rounds", plan_open, RateClass::write, open_round},
    {"POST", "/api/rounds/{id}/replacements", plan_step, RateClass::write, replace_team},
    {"POST", "/api/rounds/{id}/visits", plan_step, RateClass::write, plan_visits},
    {"POST", "/api/rounds/{id}/steps/{step}", plan_step, RateClass::write, take_step},
    {"GET", "/api/inspectors", plan_list, RateClass::page, list_inspectors},
    {"GET", "/api/estimates", plan_list, RateClass::page, visit_estimates},
    {"POST", "/api/estimates/policies", plan_list, RateClass::search, replay_policies},
    {"GET", "/api/conferences", plan_list, RateClass::page, list_conferences},
    {"POST", "/api/conferences", plan_open, RateClass::write, open_dossier},
    {"GET", "/api/conferences/{id}", plan_read, RateClass::page, show_conference},
    {"GET", "/api/conferences/{id}/offers", plan_read, RateClass::page, dossier_offers},
    {"POST", "/api/conferences/{id}/steps/{step}", plan_step, RateClass::write, take_step},
    {"GET", "/api/public/draws", public_read, RateClass::page, public_draws},
    {"GET", "/api/public/draws/{id}.draw", public_read, RateClass::page, public_draw},
    {"GET", "/api/portal/draws", registry_read, RateClass::page, portal_draws},
    // credit, predicted risk, the register, focus lists: three axes behind three policies
    {"GET", "/api/law/credit", law_read, RateClass::page, credit_rules},
    {"GET", "/api/credit", credit_list, RateClass::page, api::credit_list},
    {"GET", "/api/credit/{id}", credit_read, RateClass::page, credit_of},
    {"GET", "/api/risk", risk_list, RateClass::page, api::risk_list},
    {"GET", "/api/risk/evaluation", risk_read, RateClass::page, risk_evaluation},
    {"GET", "/api/risk/groups", risk_list, RateClass::page, risk_groups},
    {"GET", "/api/risk/{id}", risk_read, RateClass::page, risk_of},
    {"GET", "/api/register", dossier_list, RateClass::page, risk_register},
    {"GET", "/api/register/{id}", dossier_read, RateClass::page, risk_item},
    {"GET", "/api/focus", risk_list, RateClass::page, focus},
    {"GET", "/api/focus/changes", risk_list, RateClass::page, focus_changes},
    {"GET", "/api/focus/rates", risk_list, RateClass::page, focus_rates},
    {"POST", "/api/focus/visits", dossier_open, RateClass::write, schedule_visits},
    // EPCIS 2.0, section 12: the standard's own addresses
    {"GET", "/epcis/v2", public_read, RateClass::page, epcis_versions},
    {"OPTIONS", "/epcis/v2/capture", public_read, RateClass::page, epcis_options},
    {"OPTIONS", "/epcis/v2/events", public_read, RateClass::page, epcis_options},
    {"POST", "/epcis/v2/capture", pack_import, RateClass::upload, epcis_capture},
    {"GET", "/epcis/v2/capture", pack_import, RateClass::page, epcis_captures},
    {"GET", "/epcis/v2/capture/{id}", pack_import, RateClass::page, epcis_capture_job},
    {"GET", "/epcis/v2/events", pack_list, RateClass::page, epcis_events},
    {"GET", "/epcis/v2/events/{event}", pack_list, RateClass::page, epcis_event},
    {"GET", "/epcis/v2/epcs/{epc}/events", pack_list, RateClass::page, epcis_events},
    // enterprises and hospitals
    {"GET", "/api/portal/today", dossier_list, RateClass::page, portal_today},
    {"GET", "/api/portal/dossiers", dossier_list, RateClass::page, portal_dossiers},
    {"GET", "/api/portal/dossiers/{id}", portal_read, RateClass::page, portal_dossier},
    {"POST", "/api/portal/dossiers/{id}/steps/{step}", portal_step, RateClass::write, api::portal_step},
    {"GET", "/api/portal/credit", credit_read, RateClass::page, portal_credit},
    {"POST", "/api/portal/credit/objections", access::Policy::portal_step, RateClass::write, object_to_grade},
    {"POST", "/api/portal/credit/repairs", access::Policy::portal_step, RateClass::write, ask_for_repair},
    {"GET", "/api/portal/licences", registry_read, RateClass::page, portal_licences},
    {"GET", "/api/portal/acknowledgements", dossier_list, RateClass::page, portal_roster},
    {"POST", "/api/portal/acknowledgements", portal_step, RateClass::write, acknowledge},
    // inspectors, villages and townships
    {"GET", "/api/field/today", dossier_list, RateClass::page, field_today},
    {"GET", "/api/field/checklists/{id}", law_read, RateClass::page, field_checklist},
    {"POST", "/api/field/visits", field_submit, RateClass::write, field_visit},
    {"GET", "/api/field/clues", clue_submit, RateClass::page, field_clues},
    {"POST", "/api/field/clues", clue_submit, RateClass::write, field_clue},
};

const Operation* find(std::string_view method, std::string_view path) {
    std::map<std::string, std::string, std::less<>> parameters;
    for (const Operation& operation : operations())
        if (operation.method == method && matches(operation.pattern, path, parameters)) return &operation;
    return nullptr;
}

}  // namespace

const std::vector<Operation>& operations() {
    static const std::vector<Operation> all(std::begin(table), std::end(table));
    return all;
}

/// What is scanned, and ids of events, may be addresses themselves: these parameters take slashes.
static bool takes_slashes(std::string_view wanted) {
    return wanted == "{code}" || wanted == "{epc}" || wanted == "{event}";
}

bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string, std::less<>>& parameters) {
    // Part by part without copies: this runs for every pattern of every request.
    const auto part = [](std::string_view& rest) {
        const auto slash = rest.find('/');
        const std::string_view first = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        return std::pair(first, slash != std::string_view::npos);
    };
    std::map<std::string, std::string, std::less<>> found;
    for (bool more = true; more;) {
        const auto [wanted, wants_more] = part(pattern);
        if (takes_slashes(wanted)) {
            const std::string_view rest = pattern;  // what the pattern has behind it, without parameters
            const std::size_t behind = wants_more ? rest.size() + 1 : 0;
            if (path.size() <= behind) return false;
            if (wants_more && (!path.ends_with(rest) || path[path.size() - behind] != '/')) return false;
            found.emplace(wanted.substr(1, wanted.size() - 2), path.substr(0, path.size() - behind));
            break;
        }
        const auto [given, gives_more] = part(path);
        if (wants_more != gives_more) return false;
        more = wants_more;
        const auto open = wanted.find('{'), close = wanted.find('}');
        if (open == std::string_view::npos) {
            if (wanted != given) return false;
            continue;
        }
        const std::string_view tail = wanted.substr(close + 1);
        if (given.size() <= tail.size() || !given.ends_with(tail)) return false;
        found.emplace(wanted.substr(open + 1, close - open - 1), given.substr(0, given.size() - tail.size()));
    }
    parameters = std::move(found);
    return true;
}

http::RouteClass classify(std::string_view method, std::string_view path) {
    const Operation* operation = find(method == "HEAD" ? "GET" : method, path);
    if (!operation)
        return {http::Lane::general, json_bytes_max, path.starts_with("/assets/") ? "assets" : "other"};
    http::RouteClass out{http::Lane::general, json_bytes_max, operation->pattern};
    if (operation->rate == RateClass::sign_in) out.lane = http::Lane::sign_in;
    if (operation->rate == RateClass::export_ || operation->rate == RateClass::upload)
        out.lane = http::Lane::heavy;
    if (operation->pattern == "/api/public/reports") out.body_bytes_max = photos_body_max;
    if (operation->pattern == "/api/uploads/{id}/chunks/{n}") out.body_bytes_max = chunk_body_max;
    if (operation->pattern == "/epcis/v2/capture" && method == "POST")
        out.body_bytes_max = epcis_body_bytes_max;
    return out;
}

}  // namespace qingyuan::api
