#include "observe/icsr_report.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/law.hpp"
#include "law/redaction.hpp"

namespace qingyuan::observe {

namespace {

using facts::ReportedProductRow;

constexpr std::string_view case_path = "controlActProcess/subject/investigationEvent";
constexpr std::string_view assessment_path = "component/adverseEventAssessment";
constexpr std::string_view patient_path = "subject1/primaryRole";
constexpr std::string_view source_path = "outboundRelationship[relatedInvestigation/code/@code=2]";
constexpr std::string_view reaction_path = "subjectOf2/observation[code/@code=29]";
constexpr std::string_view drug_path = "subjectOf2/organizer[code/@code=4]/component/substanceAdministration";
constexpr std::string_view dosage_path = "outboundRelationship2[@typeCode=COMP]/substanceAdministration";
constexpr std::string_view role_path = "component/causalityAssessment[code/@code=20]";
constexpr std::string_view relatedness_path = "component/causalityAssessment[code/@code=39]";
constexpr std::string_view drug_of_role = "subject2/productUseReference/id/@root";

std::string label_of(std::size_t number) {
    return fmt::format("[{}]", number + 1);
}

std::string_view word_of(std::string_view code,
                         std::initializer_list<std::pair<std::string_view, std::string_view>> words) {
    for (const auto& [from, to] : words)
        if (from == code) return to;
    return {};
}

struct Drug {
    IcsrValues values;
    std::vector<IcsrValues> dosages;
    std::string uuid;
    std::string role;
    [[nodiscard]] bool suspected() const { return role == "1" || role == "3"; }
};

class Building {
 public:
    Building(const XmlTree& tree, const IcsrElements& elements, const law::Law& law,
             const IcsrOptions& options)
        : tree_(tree), judge_(elements, options), law_(law), options_(options) {}

    Result<IncomingReport> build();

 private:
    std::vector<std::int32_t> at(std::string_view path, std::int32_t from) const {
        const auto parsed = XmlPath::parse(path);
        QY_ASSERT(parsed.has_value());
        return parsed->find(tree_, from);
    }
    std::string first_value(std::string_view path, std::int32_t from) const {
        const auto parsed = XmlPath::parse(path);
        QY_ASSERT(parsed.has_value());
        const auto found = parsed->find(tree_, from);
        return found.empty() ? std::string() : std::string(parsed->value(tree_, found.front()));
    }
    void problem(std::string element, ErrorCode code, std::string message, std::string next) {
        report_.problems.push_back({std::move(element), code, std::move(message), std::move(next)});
    }
    void read_all();
    void read_assessment(std::int32_t assessment);
    void read_drugs(std::int32_t assessment, std::int32_t patient);
    void check_identity();
    void check_action();
    void check_sources();
    void check_drugs();
    void fill_case();
    void fill_patient();
    void fill_age();
    void fill_reactions();
    void fill_products();
    void fill_causality();
    ReportContents contents() const;

    const XmlTree& tree_;
    IcsrJudge judge_;
    const law::Law& law_;
    const IcsrOptions& options_;
    IncomingReport report_;
    IcsrValues message_, kase_, patient_;
    std::vector<IcsrValues> sources_, reactions_, relatednesses_;
    std::vector<Drug> drugs_;
};

void Building::read_drugs(std::int32_t assessment, std::int32_t patient) {
    for (const std::int32_t node : at(drug_path, patient)) {
        Drug drug;
        const std::string label = label_of(drugs_.size());
        drug.values = judge_.read(tree_, node, IcsrScope::drug, label, report_.problems);
        for (const std::int32_t dosage : at(dosage_path, node))
            drug.dosages.push_back(judge_.read(tree_, dosage, IcsrScope::dosage, label, report_.problems));
        drug.uuid = first_value("id/@root", node);
        drugs_.push_back(std::move(drug));
    }
    std::vector<bool> has_role(drugs_.size(), false);
    for (const std::int32_t node : at(role_path, assessment)) {
        const std::string uuid = first_value(drug_of_role, node);
        for (std::size_t i = 0; i < drugs_.size(); ++i) {
            if (drugs_[i].uuid != uuid || uuid.empty()) continue;
            has_role[i] = true;
            drugs_[i].role =
                judge_.read(tree_, node, IcsrScope::role, label_of(i), report_.problems).text("G.k.1");
        }
    }
    for (std::size_t i = 0; i < drugs_.size(); ++i)
        if (!has_role[i])
            problem("G.k.1" + label_of(i), ErrorCode::icsr_element_missing, "the role of the drug is missing",
                    "add a causalityAssessment that points to its id");
}

void Building::read_assessment(std::int32_t assessment) {
    const auto patients = at(patient_path, assessment);
    if (patients.empty()) {
        problem("D.1", ErrorCode::icsr_element_missing, "there is no patient",
                "give the patient, by a null flavour if need be");
        return;
    }
    patient_ = judge_.read(tree_, patients.front(), IcsrScope::patient, {}, report_.problems);
    for (const std::int32_t node : at(reaction_path, patients.front()))
        reactions_.push_back(
            judge_.read(tree_, node, IcsrScope::reaction, label_of(reactions_.size()), report_.problems));
    read_drugs(assessment, patients.front());
    for (const std::int32_t node : at(relatedness_path, assessment))
        relatednesses_.push_back(judge_.read(tree_, node, IcsrScope::relatedness, {}, report_.problems));
    judge_.read(tree_, assessment, IcsrScope::assessment, {}, report_.problems);
}

void Building::read_all() {
    message_ = judge_.read(tree_, 0, IcsrScope::message, {}, report_.problems);
    report_.message_id = message_.text("N.2.r.1");
    report_.message_sender = message_.text("N.2.r.2");
    report_.message_receiver = message_.text("N.2.r.3");
    report_.message_created = message_.text("N.2.r.4");
    const auto cases = at(case_path, 0);
    if (cases.size() != 1) {
        problem("C.1.1", ErrorCode::icsr_element_missing,
                cases.empty() ? "the message holds no report" : "the message holds several reports",
                "one investigationEvent in one message");
        return;
    }
    kase_ = judge_.read(tree_, cases.front(), IcsrScope::kase, {}, report_.problems);
    for (const std::int32_t node : at(source_path, cases.front()))
        sources_.push_back(
            judge_.read(tree_, node, IcsrScope::source, label_of(sources_.size()), report_.problems));
    const auto assessments = at(assessment_path, cases.front());
    if (!assessments.empty()) read_assessment(assessments.front());
}

void Building::check_identity() {
    if (report_.message_id != kase_.text("C.1.1") && !kase_.text("C.1.1").empty() &&
        !report_.message_id.empty())
        problem("N.2.r.1", ErrorCode::icsr_element_invalid, "it differs from C.1.1",
                "the message carries the identifier of its report");
    const IcsrValue* created = message_.find("C.1.2");
    const IcsrValue* sent = message_.find("N.2.r.4");
    if (created && sent && created->time && sent->time && created->time->at != sent->time->at)
        problem("N.2.r.4", ErrorCode::icsr_element_invalid, "it differs from C.1.2",
                "the message carries the date of its report");
    const IcsrValue* received = kase_.find("C.1.4");
    const IcsrValue* latest = kase_.find("C.1.5");
    if (received && latest && received->time && latest->time && latest->time->date() < received->time->date())
        report_.warnings.push_back({"C.1.5", ErrorCode::date_before_previous,
                                    "the latest information is older than the first",
                                    "correct C.1.4 or C.1.5"});
    if (judge_.meddra_versions.size() > 1)
        problem("E.i.2.1a", ErrorCode::icsr_versions_differ,
                fmt::format("MedDRA {}", join(judge_.meddra_versions, ", ")),
                "code the whole report with one version");
}

void Building::check_action() {
    if (kase_.find("C.1.11.1") && kase_.text("C.1.11.2").empty())
        problem("C.1.11.2", ErrorCode::icsr_element_missing, "a nullification or amendment gives its reason",
                "give the reason");
    if (kase_.find("C.1.11.2") && !kase_.find("C.1.11.1"))
        problem("C.1.11.1", ErrorCode::icsr_element_missing, "there is a reason but nothing it is for",
                "say 1 for nullification or 2 for amendment");
}

void Building::check_sources() {
    const auto primary = std::count_if(sources_.begin(), sources_.end(),
                                       [](const IcsrValues& one) { return one.text("C.2.r.5") == "1"; });
    if (primary != 1)
        problem("C.2.r.5", ErrorCode::icsr_element_invalid,
                fmt::format("{} primary sources; there is exactly one", primary),
                "mark one source with priorityNumber 1");
}

void Building::check_drugs() {
    for (std::size_t i = 0; i < drugs_.size(); ++i) {
        const IcsrValues& drug = drugs_[i].values;
        if (drug.find("G.k.2.1.1b") && drug.find("G.k.2.1.2b"))
            problem("G.k.2.1" + label_of(i), ErrorCode::icsr_element_invalid,
                    "an MPID and a PhPID of one drug", "give one of the two");
    }
    if (std::none_of(drugs_.begin(), drugs_.end(), [](const Drug& one) { return one.suspected(); }))
        problem("G.k.1", ErrorCode::report_criteria_missing, "no product is suspect or interacting",
                "mark the suspected product with role 1 or 3");
    if (patient_.find("D.2.2a") && patient_.text("D.2.2b").empty())
        problem("D.2.2b", ErrorCode::icsr_element_missing, "the age has no unit", "give the unit of the age");
}

void Building::fill_case() {
    facts::SafetyReportRow& row = report_.row;
    row.number = kase_.text("C.1.1");
    row.case_id = kase_.text("C.1.8.1");
    row.kind = "drug";
    row.action = word_of(kase_.text("C.1.11.1"), {{"1", "nullification"}, {"2", "amendment"}});
    row.report_type = word_of(kase_.text("C.1.3"),
                              {{"1", "spontaneous"}, {"2", "study"}, {"3", "other"}, {"4", "unknown"}});
    row.source = word_of(kase_.text("C.3.1"), {{"1", "持有人"},
                                               {"2", "监管部门"},
                                               {"3", "医疗机构"},
                                               {"4", "监测机构"},
                                               {"5", "监测机构"},
                                               {"6", "其他"},
                                               {"7", "个人"}});
    if (const IcsrValue* latest = kase_.find("C.1.5"); latest && latest->time)
        row.info_at = latest->time->key();
    if (const IcsrValue* created = message_.find("C.1.2"); created && created->time)
        row.sent_at = created->time->key();
    if (const auto day = kase_.day("C.1.4")) row.first_known_on = *day;
    row.received_on = options_.now.date();
    for (const IcsrValues& source : sources_) {
        if (source.text("C.2.r.5") != "1") continue;
        row.organisation = source.text("C.2.r.2.1");
        row.city = source.text("C.2.r.2.4");
    }
    if (row.organisation.empty()) row.organisation = kase_.text("C.3.2");
}

void Building::fill_age() {
    const std::string number = patient_.text("D.2.2a");
    double value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    const std::string unit = patient_.text("D.2.2b");
    const double years = unit == "a"      ? value
                         : unit == "mo"   ? value / 12
                         : unit == "wk"   ? value * 7 / 365.25
                         : unit == "d"    ? value / 365.25
                         : unit == "h"    ? value / 24 / 365.25
                         : unit == "10.a" ? value * 10
                                          : -1;
    std::optional<double> age;
    if (!number.empty() && years >= 0 && years <= 130) age = years;
    const auto birth = patient_.day("D.2.1");
    if (!age && birth && report_.row.onset_on.days != 0 && report_.row.onset_on >= *birth)
        age = (report_.row.onset_on - *birth) / 365.25;
    if (age) report_.row.age_years = decimal_text(*age);
}

void Building::fill_patient() {
    report_.patient_name = patient_.text("D.1");
    for (const std::string_view id : {"D.1.1.1", "D.1.1.2", "D.1.1.3", "D.1.1.4"})
        if (report_.patient_id.empty()) report_.patient_id = patient_.text(id);
    report_.row.sex = word_of(patient_.text("D.5"), {{"1", "male"}, {"2", "female"}});
    report_.row.weight_kg = patient_.text("D.3");
    fill_age();
}

void Building::fill_reactions() {
    facts::SafetyReportRow& row = report_.row;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> criteria{
        {{"E.i.3.2a", "death"},
         {"E.i.3.2b", "life"},
         {"E.i.3.2c", "hospital"},
         {"E.i.3.2d", "disability"},
         {"E.i.3.2e", "cancer_birth"},
         {"E.i.3.2f", "other"}}};
    constexpr std::array<std::string_view, 6> worst{"death",    "sequelae",  "not_improved",
                                                    "improved", "recovered", "unknown"};
    std::size_t outcome = worst.size();
    for (const IcsrValues& one : reactions_) {
        std::string term = one.text("E.i.1.2");
        if (term.empty()) term = one.text("E.i.1.1a");
        // What the reporter wrote may hold a number it should not.
        term = term.empty() ? one.text("E.i.2.1b") : law::redacted(term);
        if (!term.empty() &&
            std::find(row.reactions.begin(), row.reactions.end(), term) == row.reactions.end())
            row.reactions.push_back(std::move(term));
        if (const std::string code = one.text("E.i.2.1b"); !code.empty())
            row.reaction_codes.push_back(one.text("E.i.2.1a") + "/" + code);
        for (const auto& [element, word] : criteria)
            if (one.text(element) == "true" &&
                std::find(row.criteria.begin(), row.criteria.end(), word) == row.criteria.end())
                row.criteria.emplace_back(word);
        const std::string_view word = word_of(one.text("E.i.7"), {{"0", "unknown"},
                                                                  {"1", "recovered"},
                                                                  {"2", "improved"},
                                                                  {"3", "not_improved"},
                                                                  {"4", "sequelae"},
                                                                  {"5", "death"}});
        const auto place =
            static_cast<std::size_t>(std::find(worst.begin(), worst.end(), word) - worst.begin());
        outcome = std::min(outcome, place);
        if (const auto day = one.day("E.i.4"); day && (row.onset_on.days == 0 || *day < row.onset_on))
            row.onset_on = *day;
        if (row.country.empty()) row.country = one.text("E.i.9");
    }
    if (outcome < worst.size()) row.outcome = worst[outcome];
    const bool died = row.outcome == "death" ||
                      std::find(row.criteria.begin(), row.criteria.end(), "death") != row.criteria.end();
    row.seriousness = died ? "death" : row.criteria.empty() ? "general" : "serious";
}

void Building::fill_products() {
    for (const Drug& drug : drugs_) {
        if (!drug.suspected()) continue;
        ReportedProductRow product{.name = law::redacted(drug.values.text("G.k.2.2")),
                                   .ingredient = drug.values.text("G.k.2.3.r.1"),
                                   .approval = drug.values.text("G.k.3.1"),
                                   .maker = drug.values.text("G.k.3.3"),
                                   .batch = {},
                                   .no_batch = {}};
        for (const IcsrValues& dosage : drug.dosages) {
            const IcsrValue* batch = dosage.find("G.k.4.r.7");
            if (!batch) continue;
            const bool unknown = batch->text == "UNKNOWN" || batch->text == "UNK" || batch->text == "不详" ||
                                 batch->text == "不明";
            if (!batch->text.empty() && !unknown && product.batch.empty()) product.batch = batch->text;
            if (unknown || batch->text.empty())
                product.no_batch = unknown ? std::string_view("unknown")
                                           : word_of(batch->null_flavour, {{"UNK", "unknown"},
                                                                           {"NI", "unknown"},
                                                                           {"ASKU", "patient_unknown"},
                                                                           {"NASK", "not_recorded"}});
        }
        if (!product.batch.empty()) product.no_batch.clear();
        report_.row.products.push_back(std::move(product));
    }
}

/// The first assessment that is a word of ours: each assessor's own stands in the dossier.
void Building::fill_causality() {
    const law::Vocabulary* words = law_.find_vocabulary("adr_causality");
    for (const IcsrValues& one : relatednesses_) {
        const std::string text = one.text("G.k.9.i.2.r.3");
        if (!words || text.empty() || !report_.row.causality.empty()) continue;
        for (const law::Word& word : words->words)
            if (text == word.code || text == word.zh || text == word.en) report_.row.causality = word.code;
    }
}

ReportContents Building::contents() const {
    ReportContents out;
    out.patient = !report_.patient_name.empty() || !report_.patient_id.empty() ||
                  patient_.find("D.2.1") != nullptr || !patient_.text("D.2.3").empty();
    out.narrative = !kase_.text("H.1").empty();
    out.country = !report_.row.country.empty();
    for (const IcsrValues& source : sources_) {
        out.reporter = out.reporter || !source.text("C.2.r.4").empty() || !source.text("C.2.r.1.4").empty() ||
                       !source.text("C.2.r.2.1").empty();
        out.reporter_known = out.reporter_known || !source.text("C.2.r.4").empty();
        out.country = out.country || !source.text("C.2.r.3").empty();
    }
    for (const Drug& drug : drugs_) {
        if (!drug.suspected()) continue;
        out.indication = out.indication || !drug.values.text("G.k.7.r.1").empty() ||
                         !drug.values.text("G.k.7.r.2b").empty();
        for (const IcsrValues& dosage : drug.dosages) {
            out.dose = out.dose || !dosage.text("G.k.4.r.1a").empty() || !dosage.text("G.k.4.r.8").empty();
            const bool started = dosage.day("G.k.4.r.4") || dosage.day("G.k.4.r.4p");
            out.time_to_onset = out.time_to_onset || (started && report_.row.onset_on.days != 0);
        }
    }
    return out;
}

Result<IncomingReport> Building::build() {
    report_.line = static_cast<std::uint64_t>(tree_.at(0).line);
    read_all();
    check_identity();
    check_action();
    check_sources();
    check_drugs();
    fill_case();
    fill_reactions();
    fill_patient();
    fill_products();
    fill_causality();
    report_.quality = TRY(quality_of(contents_of(report_.row, contents()), law_));
    report_.row.completeness = report_.quality.completeness;
    for (ReportProblem& one : criteria_problems(report_.quality)) report_.problems.push_back(std::move(one));
    press_for_batches(report_);
    return std::move(report_);
}

}  // namespace

Result<IncomingReport> icsr_report(const XmlTree& tree, const IcsrElements& elements, const law::Law& law,
                                   const IcsrOptions& options) {
    return Building(tree, elements, law, options).build();
}

}  // namespace qingyuan::observe
