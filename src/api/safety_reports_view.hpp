// What the routes about single reports share: the cases as they stand, their dossiers, what of them the
// reader may see.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/report_desk.hpp"
#include "api/signals_view.hpp"

namespace qingyuan::api {

class ReportView {
 public:
    /// A case by its latest version.
    struct Shown {
        facts::SafetyReportRow row;
        std::size_t versions = 1;
        bool uncoded = false;  ///< a product that nobody knows
    };
    static Result<ReportView> open(const Call& call, const journal::Reader& reader);

    [[nodiscard]] const journal::Reader& reader() const { return *reader_; }
    [[nodiscard]] const std::vector<Shown>& all() const { return all_; }  ///< newest first
    /// By number or case; record_unknown also where it is not the reader's.
    [[nodiscard]] Result<const Shown*> wanted(std::string_view number);
    [[nodiscard]] Result<bool> sees(const std::string& organisation) { return places_.sees(organisation); }
    Result<void> note(std::string_view what, std::int64_t count = 1) const {
        return places_.note(what, count);
    }
    [[nodiscard]] const facts::DossierRow* dossier(const facts::SafetyReportRow& row) const;
    [[nodiscard]] Result<Json> row_json(const Shown& one);
    [[nodiscard]] Result<Json> whole_json(const Shown& one);
    /// What the reported product is said to be: a product of the registry by id or approval number, else a
    /// name.
    [[nodiscard]] Result<facts::ProductCodedRow> coded_as(const facts::ReportedProductRow& reported,
                                                          const std::string& product) const;

 private:
    ReportView(const Call& call, const journal::Reader& reader, Places places)
        : call_(&call), reader_(&reader), places_(std::move(places)) {}
    Result<void> read();
    [[nodiscard]] Json missing_json(const facts::SafetyReportRow& row) const;
    [[nodiscard]] Result<Json> causalities_json(const Shown& one, const facts::DossierRow* dossier) const;

    const Call* call_;
    const journal::Reader* reader_;
    Places places_;
    std::vector<Shown> all_;
    std::map<std::string, facts::DossierRow> dossiers_;  ///< by id
    std::map<std::string, std::string> duplicate_of_;    ///< number → number
    std::set<std::tuple<std::string, std::string, std::string>> uncoded_;
};

[[nodiscard]] Answer with_reports(const Call& call, const std::function<Answer(ReportView&)>& use);

Answer safety_reports(const Call& call);
Answer safety_report(const Call& call);
Answer code_report(const Call& call);
Answer report_reaction(const Call& call);
Answer check_report(const Call& call);
Answer import_reports(const Call& call);
Answer sentinels(const Call& call);
Answer public_reaction(const Call& call);

}  // namespace qingyuan::api
