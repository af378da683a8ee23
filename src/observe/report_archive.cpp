#include "observe/report_archive.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "facts/codec.hpp"

namespace qingyuan::observe {

namespace {

using facts::SafetyReportRow;

constexpr std::string_view nullification = "nullification";

/// What two rows that say the same have in common: all but the day they came here.
Bytes said(SafetyReportRow row) {
    row.received_on = {};
    return facts::encode_row(row);
}

/// The order of the versions of a case. Two that name the same instant are ordered by what they say, so that
/// it does not matter which came first.
bool comes_before(const SafetyReportRow& a, const SafetyReportRow& b) {
    const auto key = [](const SafetyReportRow& row) { return std::tie(row.info_at, row.sent_at); };
    if (key(a) != key(b)) return key(a) < key(b);
    return said(a) < said(b);
}

std::string product_key(std::string_view name, std::string_view approval, std::string_view maker) {
    return fmt::format("{}\x1f{}\x1f{}", name, approval, maker);
}

std::optional<double> number_of(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
    return value;
}

/// The words that set a limit as the three that statistics know.
std::string_view plain_seriousness(std::string_view word) {
    if (word.empty()) return word;
    if (word == "death" || word == "aefi_death") return "death";
    if (word == "serious" || word == "possible" || word == "overseas" || word == "aefi_disability")
        return "serious";
    return "general";
}

std::optional<Date> day_of(Date date) {
    return date.days == 0 ? std::optional<Date>() : std::optional(date);
}

}  // namespace

std::string_view name_of(ReportStanding standing) {
    constexpr std::array<std::string_view, 7> names{"fresh",     "follow_up", "older",          "duplicate",
                                                    "nullifies", "nullified", "nullified_again"};
    return names[static_cast<std::size_t>(standing)];
}

std::string ReportAddress::text() const {
    return fmt::format("{}/{}", seq, row);
}

ReportStanding ReportArchive::standing(const SafetyReportRow& row) const {
    const ReportCase* known = find(row.case_id);
    const bool nullifies = row.action == nullification;
    if (!known) return nullifies ? ReportStanding::nullifies : ReportStanding::fresh;
    const Bytes own = said(row);
    for (const ReportVersion& version : known->versions)
        if (version.row.info_at == row.info_at && said(version.row) == own) return ReportStanding::duplicate;
    if (known->withdrawn) return nullifies ? ReportStanding::nullified_again : ReportStanding::nullified;
    if (nullifies) return ReportStanding::nullifies;
    return comes_before(known->latest().row, row) ? ReportStanding::follow_up : ReportStanding::older;
}

std::vector<ReportChange> ReportArchive::add(const SafetyReportRow& row, ReportAddress address) {
    const ReportStanding stands = standing(row);
    if (stands == ReportStanding::duplicate) return {};
    ReportCase& one = cases_[row.case_id];
    const bool was_there = !one.versions.empty() && !one.withdrawn;
    std::optional<facts::SafetyReport> before;
    if (was_there) before = report_of(one.latest().row);
    const auto place = std::upper_bound(
        one.versions.begin(), one.versions.end(), row,
        [](const SafetyReportRow& a, const ReportVersion& b) { return comes_before(a, b.row); });
    one.versions.insert(place, {row, address});
    if (row.action == nullification) one.withdrawn = true;
    if (stands == ReportStanding::fresh) return {{ReportChangeKind::added, row.case_id, {}, report_of(row)}};
    if (stands == ReportStanding::nullifies && was_there)
        return {{ReportChangeKind::withdrawn, row.case_id, std::move(before), {}}};
    if (stands == ReportStanding::follow_up)
        return {{ReportChangeKind::replaced, row.case_id, std::move(before), report_of(row)}};
    return {};
}

std::vector<ReportChange> ReportArchive::code(const facts::ProductCodedRow& coding) {
    const auto names = [&](const ReportCase& one) {
        return std::any_of(one.latest().row.products.begin(), one.latest().row.products.end(),
                           [&](const facts::ReportedProductRow& product) {
                               return product.name == coding.name && product.approval == coding.approval &&
                                      product.maker == coding.maker;
                           });
    };
    std::vector<ReportChange> out;
    for (const auto& [id, one] : cases_)
        if (!one.withdrawn && names(one))
            out.push_back({ReportChangeKind::replaced, id, report_of(one.latest().row), {}});
    codings_[product_key(coding.name, coding.approval, coding.maker)] = coding;
    for (ReportChange& change : out) change.after = report_of(find(change.case_id)->latest().row);
    return out;
}

const ReportCase* ReportArchive::find(std::string_view case_id) const {
    const auto found = cases_.find(case_id);
    return found == cases_.end() ? nullptr : &found->second;
}

std::vector<facts::SafetyReport> ReportArchive::current() const {
    std::vector<facts::SafetyReport> out;
    for (const auto& [id, one] : cases_)
        if (!one.withdrawn) out.push_back(report_of(one.latest().row));
    return out;
}

facts::SafetyReport ReportArchive::report_of(const SafetyReportRow& row) const {
    facts::SafetyReport out;
    out.number = row.number;
    out.kind = row.kind == "drug" ? "" : row.kind;
    out.source = row.source;
    out.organisation = row.organisation;
    out.city = row.city;
    out.received_on = day_of(row.received_on);
    out.onset_on = day_of(row.onset_on);
    out.patient = row.patient.empty() ? row.patient_id : row.patient;
    out.sex = row.sex;
    out.age_years = number_of(row.age_years);
    out.weight_kg = number_of(row.weight_kg);
    for (const facts::ReportedProductRow& product : row.products) {
        facts::SuspectProduct one{product.name, product.ingredient, product.approval, product.maker,
                                  product.batch};
        if (const auto coded = codings_.find(product_key(product.name, product.approval, product.maker));
            coded != codings_.end()) {
            one.name = coded->second.coded_name;
            one.ingredient = coded->second.ingredient;
            one.approval = coded->second.coded_approval;
            one.maker = coded->second.coded_maker;
        }
        out.products.push_back(std::move(one));
    }
    out.reactions = row.reactions;
    out.seriousness = plain_seriousness(row.seriousness);
    out.outcome = row.outcome;
    out.causality = row.causality;
    return out;
}

std::vector<UncodedProduct> ReportArchive::uncoded(const KnownProduct& known) const {
    std::map<std::string, UncodedProduct> found;
    for (const auto& [id, one] : cases_) {
        if (one.withdrawn) continue;
        for (const facts::ReportedProductRow& product : one.latest().row.products) {
            const std::string key = product_key(product.name, product.approval, product.maker);
            if (codings_.contains(key) || (!product.approval.empty() && known(product.approval))) continue;
            UncodedProduct& entry =
                found.try_emplace(key, UncodedProduct{product.name, product.approval, product.maker, 0, id})
                    .first->second;
            ++entry.cases;
        }
    }
    std::vector<UncodedProduct> out;
    for (auto& [key, entry] : found) out.push_back(std::move(entry));
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.cases > b.cases; });
    return out;
}

}  // namespace qingyuan::observe
