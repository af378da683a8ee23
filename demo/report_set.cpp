#include "demo/report_set.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "demo/play.hpp"
#include "demo/report_world.hpp"

namespace qingyuan::demo {

namespace {

using facts::SafetyReport;

constexpr std::array surnames{"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周",
                              "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林", "罗"};

/// A report and what of the truth it belongs to, before the reports are numbered.
struct Draft {
    SafetyReport report;
    int cluster = -1;
    std::int64_t copy_of = -1;  ///< place of the draft
    std::string changes;
};

class Writer {
 public:
    Writer(const ReportSetOptions& options, ReportWorld world, Random random)
        : options_(options), world_(std::move(world)), random_(random) {}

    ReportSet write() {
        for (const WorldProduct& product : world_.products)
            for (const WorldBatch& batch : product.batches) traced_ |= batch.traced;
        background();
        for (int i = 0; i < options_.clusters; ++i) cluster(i);
        for (int i = 0; i < options_.decoys; ++i) decoy(i);
        duplicates();
        forget_later();
        return numbered();
    }

 private:
    bool often(int permille) {
        return random_.chance(static_cast<std::uint64_t>(std::max(0, permille)), 1000);
    }
    Date day_between(Date first, Date last) {
        return first + static_cast<int>(random_.between(0, std::max(0, last - first)));
    }
    std::size_t organisation() { return world_.organisation_weights.draw(random_); }

    SafetyReport draft(std::size_t product, const WorldBatch* batch, Date onset, std::size_t organisation);
    void background();
    void cluster(int number);
    void decoy(int number);
    void backlog(std::size_t product, const std::vector<std::string>& family);
    void same_days(const std::vector<std::size_t>& products, std::size_t except,
                   const std::vector<std::string>& family);
    void campaign(std::size_t product);
    void duplicates();
    void forget_later();
    void spoil(Draft& copy);
    void spoil_words(Draft& copy);
    ReportSet numbered();
    const WorldBatch* batch_of(std::size_t product, Date onset);

    const ReportSetOptions& options_;
    ReportWorld world_;
    Random random_;
    std::vector<Draft> drafts_;
    std::vector<TrueCluster> clusters_;
    bool traced_ = false;          ///< some batches are known to the trace data
    std::set<std::string> taken_;  ///< batches with a cluster or a decoy
};

const WorldBatch* Writer::batch_of(std::size_t product, Date onset) {
    std::vector<const WorldBatch*> in_use;
    for (const WorldBatch& batch : world_.products[product].batches)
        if (batch.from <= onset && onset <= batch.to) in_use.push_back(&batch);
    return in_use.empty() ? nullptr : random_.pick(in_use);
}

SafetyReport Writer::draft(std::size_t product, const WorldBatch* batch, Date onset,
                           std::size_t organisation) {
    const WorldProduct& of = world_.products[product];
    SafetyReport out;
    out.kind = of.kind;
    const std::uint64_t source = random_.below(100);
    out.source = source < 93 ? "医疗机构" : source < 98 ? "经营企业" : source < 99 ? "持有人" : "个人";
    out.organisation = world_.organisations[organisation].id;
    out.city = world_.organisations[organisation].city;
    out.onset_on = onset;
    out.received_on = onset + static_cast<int>(random_.between(0, often(700) ? 6 : 28));
    out.patient = std::string(surnames[random_.below(surnames.size())]) + (often(500) ? "某" : "某某");
    out.sex = often(500) ? "male" : "female";
    out.age_years = static_cast<double>(often(80) ? random_.between(1, 15) : random_.between(18, 92));
    if (often(820))
        out.weight_kg =
            static_cast<double>(*out.age_years < 16 ? random_.between(9, 55) : random_.between(38, 95));
    out.products.push_back(
        {of.drug, "", of.approval, of.maker, batch == nullptr || often(50) ? "" : batch->number});
    const Profile& profile = world_.profiles[of.profile];
    const int terms = often(600) ? 1 : often(750) ? 2 : 3;
    for (int i = 0; i < terms; ++i) {
        const std::string& term = profile.terms[profile.weights.draw(random_)];
        if (std::find(out.reactions.begin(), out.reactions.end(), term) == out.reactions.end())
            out.reactions.push_back(term);
    }
    out.seriousness = often(62) ? "serious" : "general";
    constexpr std::array outcomes{"recovered", "improved", "unknown", "not_improved"};
    const std::uint64_t outcome = random_.below(100);
    out.outcome = outcomes[outcome < 55 ? 0 : outcome < 92 ? 1 : outcome < 96 ? 2 : 3];
    constexpr std::array causalities{"possible", "probable", "certain", "unlikely", "pending"};
    const std::uint64_t causality = random_.below(100);
    out.causality = causalities[causality < 52   ? 0
                                : causality < 84 ? 1
                                : causality < 90 ? 2
                                : causality < 95 ? 3
                                                 : 4];
    return out;
}

void Writer::background() {
    while (drafts_.size() < options_.reports) {
        const std::size_t product = world_.product_weights.draw(random_);
        const Date onset = day_between(options_.from, options_.to);
        drafts_.push_back({draft(product, batch_of(product, onset), onset, organisation()), -1, -1, {}});
    }
}

void Writer::cluster(int number) {
    for (int tries = 0; tries < 2'000; ++tries) {
        const std::size_t product =
            often(500) ? world_.product_weights.draw(random_) : random_.below(world_.products.size());
        const WorldProduct& of = world_.products[product];
        if (of.batches.empty()) continue;
        const WorldBatch& batch = of.batches[random_.below(of.batches.size())];
        // Where the world has traced batches, the first half of the tries asks for one.
        if (tries < 1'000 && traced_ && !batch.traced) continue;
        const int length = static_cast<int>(random_.between(1, options_.cluster_days_max));
        const Date last_start = std::min(batch.to, options_.to) - length;
        if (last_start <= batch.from || batch.from < options_.from ||
            !taken_.insert(of.approval + batch.number).second)
            continue;
        const Date start = day_between(batch.from, last_start);
        const auto& family = random_.pick(cluster_families(of.kind));
        std::vector<std::size_t> organisations;
        const auto wanted = random_.between(1, options_.cluster_organisations_max);
        for (std::int64_t i = 0; i < wanted; ++i) organisations.push_back(organisation());
        const auto cases = random_.between(options_.cluster_cases_min, options_.cluster_cases_max);
        TrueCluster truth{
            fmt::format("K{:03}", number + 1), of.drug, of.maker, batch.number, family, {}, {}, 0, {}};
        for (std::int64_t i = 0; i < cases; ++i) {
            Draft one{
                draft(product, &batch, day_between(start, start + (length - 1)), random_.pick(organisations)),
                number,
                -1,
                {}};
            one.report.products[0].batch = batch.number;
            if (often(750)) one.report.reactions.clear();
            const std::string& term = random_.pick(family);
            if (std::find(one.report.reactions.begin(), one.report.reactions.end(), term) ==
                one.report.reactions.end())
                one.report.reactions.insert(one.report.reactions.begin(), term);
            drafts_.push_back(std::move(one));
        }
        clusters_.push_back(std::move(truth));
        return;
    }
    clusters_.push_back({fmt::format("K{:03}", number + 1), {}, {}, {}, {}, {}, {}, 0, {}});
}

/// One organisation sends in a day what happened in half a year: one batch, one picture.
void Writer::backlog(std::size_t product, const std::vector<std::string>& family) {
    const WorldProduct& of = world_.products[product];
    const WorldBatch& batch = of.batches[random_.below(of.batches.size())];
    const std::size_t sender = organisation();
    const Date received = std::min(options_.to, batch.from + 190);
    for (auto left = random_.between(8, 16); left > 0; --left) {
        Draft one{draft(product, &batch, day_between(std::max(options_.from, received - 180), received - 2),
                        sender),
                  -1,
                  -1,
                  {}};
        one.report.received_on = received;
        one.report.reactions = {random_.pick(family)};
        drafts_.push_back(std::move(one));
    }
}

/// The same picture in the same days, whichever batch and maker.
void Writer::same_days(const std::vector<std::size_t>& products, std::size_t except,
                       const std::vector<std::string>& family) {
    const Date start = day_between(options_.from + 40, options_.to - 10);
    const std::size_t sender = organisation();
    std::vector<std::pair<std::size_t, const WorldBatch*>> batches;
    for (const std::size_t product : products)
        for (const WorldBatch& batch : world_.products[product].batches)
            if (except == SIZE_MAX || batch.from <= start) batches.emplace_back(product, &batch);
    if (batches.size() < 3) return;
    for (auto left = random_.between(6, 12); left > 0; --left) {
        const auto& [product, batch] = random_.pick(batches);
        Draft one{draft(product, batch, start + static_cast<int>(random_.between(0, 6)), sender), -1, -1, {}};
        one.report.reactions = {random_.pick(family)};
        drafts_.push_back(std::move(one));
    }
}

/// Reporting of one product is asked for: all batches, all reactions, many organisations.
void Writer::campaign(std::size_t product) {
    const Date start = day_between(options_.from + 40, options_.to - 16);
    for (auto left = random_.between(30, 60); left > 0; --left) {
        const Date onset = start + static_cast<int>(random_.between(0, 12));
        drafts_.push_back({draft(product, batch_of(product, onset), onset, organisation()), -1, -1, {}});
    }
}

void Writer::decoy(int number) {
    const std::size_t product = world_.product_weights.draw(random_);
    const WorldProduct& of = world_.products[product];
    if (of.batches.empty()) return;
    const auto& family = random_.pick(cluster_families(of.kind));
    if (number % 4 == 0) return backlog(product, family);
    if (number % 4 == 1) return same_days({product}, SIZE_MAX, family);
    if (number % 4 == 2) return campaign(product);
    std::vector<std::size_t> all = world_.other_makers(product);
    all.push_back(product);
    same_days(all, product, family);
}

/// What copying does to the words of a report; each change is named.
void Writer::spoil_words(Draft& copy) {
    SafetyReport& report = copy.report;
    const CopyErrors& errors = options_.errors;
    const auto changed = [&](std::string_view what) {
        copy.changes += (copy.changes.empty() ? "" : "|") + std::string(what);
    };
    if (std::string& batch = report.products[0].batch; !batch.empty() && often(errors.batch)) {
        batch = often(450) ? "" : batch.substr(0, batch.size() - 1);
        changed("batch");
    }
    if (often(errors.patient)) {
        report.patient = often(500) ? "" : report.patient.substr(0, 3) + "*";
        changed("patient");
    }
    if (std::string& name = report.products[0].name; often(errors.drug_name))
        for (const auto& [form, brief] : {std::pair<std::string_view, std::string_view>{"注射液", "针"},
                                          {"胶囊", ""},
                                          {"颗粒", "冲剂"},
                                          {"片", ""}})
            if (name.ends_with(form)) {
                name = name.substr(0, name.size() - form.size()) + std::string(brief);
                changed("drugname");
                break;
            }
    if (often(errors.organisation)) {
        report.organisation = "MAH" + report.organisation.substr(1);
        changed("org");
    }
    if (often(errors.synonym))
        for (std::string& term : report.reactions)
            if (const std::string other = synonym_of(term); !other.empty()) {
                term = other;
                changed("synonym");
                break;
            }
    if (report.reactions.size() > 1 && often(errors.reactions)) {
        report.reactions.erase(report.reactions.begin() +
                               static_cast<std::ptrdiff_t>(random_.below(report.reactions.size())));
        changed("fewer_reactions");
    }
    if (often(errors.outcome)) {
        report.outcome = report.outcome == "recovered" ? "improved" : "recovered";
        changed("outcome");
    }
}

void Writer::spoil(Draft& copy) {
    SafetyReport& report = copy.report;
    const CopyErrors& errors = options_.errors;
    const auto changed = [&](std::string_view what) {
        copy.changes += (copy.changes.empty() ? "" : "|") + std::string(what);
    };
    report.source = often(850) ? "持有人" : "经营企业";
    report.received_on = *report.received_on + static_cast<int>(random_.between(0, 35));
    if (often(errors.age)) {
        report.age_years = std::max(0.0, *report.age_years + (often(100) ? 10 : 1) * (often(500) ? 1 : -1));
        changed("age");
    }
    if (often(errors.onset)) {
        constexpr std::array shifts{-3, -1, 1, 2};
        report.onset_on =
            std::min(*report.onset_on + shifts[random_.below(shifts.size())], *report.received_on);
        changed("onset");
    }
    if (often(errors.onset_missing)) {
        report.onset_on.reset();
        changed("onset_missing");
    }
    if (often(errors.sex)) {
        report.sex.clear();
        changed("sex");
    }
    if (report.weight_kg && often(errors.weight)) {
        report.weight_kg.reset();
        changed("weight");
    }
    spoil_words(copy);
}

void Writer::duplicates() {
    const std::size_t originals = drafts_.size();
    for (std::size_t i = 0; i < originals; ++i) {
        if (drafts_[i].report.source != "医疗机构" || !often(options_.duplicates_permille)) continue;
        Draft copy{drafts_[i].report, -1, static_cast<std::int64_t>(i), {}};
        spoil(copy);
        drafts_.push_back(std::move(copy));
    }
}

/// What has not come in by the last day nobody knows of.
void Writer::forget_later() {
    const auto is_known = [&](const Draft& draft) {
        return *draft.report.received_on <= options_.received_last;
    };
    std::vector<std::int64_t> place(drafts_.size(), -1);
    std::vector<Draft> known;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
        if (!is_known(drafts_[i])) continue;
        place[i] = static_cast<std::int64_t>(known.size());
        known.push_back(std::move(drafts_[i]));
        // A copy comes behind its original, in the list and in time.
        if (std::int64_t& original = known.back().copy_of; original >= 0)
            original = place[static_cast<std::size_t>(original)];
    }
    drafts_ = std::move(known);
}

ReportSet Writer::numbered() {
    std::vector<std::size_t> order(drafts_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    random_.shuffle(order);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return *drafts_[a].report.received_on < *drafts_[b].report.received_on;
    });
    ReportSet out;
    std::vector<std::set<std::string>> organisations(clusters_.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        drafts_[order[i]].report.number = fmt::format("DEV{:07}", i + 1);
    for (const std::size_t at : order) {
        const Draft& draft = drafts_[at];
        if (draft.copy_of >= 0)
            out.duplicates.push_back({draft.report.number,
                                      drafts_[static_cast<std::size_t>(draft.copy_of)].report.number,
                                      draft.changes});
        if (draft.cluster >= 0) {
            const auto number = static_cast<std::size_t>(draft.cluster);
            TrueCluster& cluster = clusters_[number];
            const Date onset = *draft.report.onset_on;
            cluster.from = cluster.reports.empty() ? onset : std::min(cluster.from, onset);
            cluster.to = cluster.reports.empty() ? onset : std::max(cluster.to, onset);
            cluster.reports.push_back(draft.report.number);
            organisations[number].insert(draft.report.organisation);
            cluster.organisations = static_cast<int>(organisations[number].size());
        }
    }
    for (const std::size_t at : order) out.reports.push_back(std::move(drafts_[at].report));
    std::erase_if(clusters_, [](const TrueCluster& cluster) { return cluster.reports.empty(); });
    out.clusters = std::move(clusters_);
    out.signals = std::move(world_.signals);
    return out;
}

std::string word_of(std::string_view code) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"male", "男"},       {"female", "女"},         {"serious", "严重"},   {"general", "一般"},
        {"death", "死亡"},    {"recovered", "痊愈"},    {"improved", "好转"},  {"not_improved", "未好转"},
        {"unknown", "不详"},  {"sequelae", "有后遗症"}, {"certain", "肯定"},   {"probable", "很可能"},
        {"possible", "可能"}, {"unlikely", "可能无关"}, {"pending", "待评价"}, {"unassessable", "无法评价"}};
    for (const auto& [known, zh] : words)
        if (known == code) return std::string(zh);
    return std::string(code);
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out)
        return Error{errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed, std::strerror(errno),
                     path.string()};
    return {};
}

}  // namespace

ReportSet make_reports(const ReportSetOptions& options) {
    Random random(options.seed ^ 0x7265706F727473);
    ReportWorld world = make_report_world(options, random);
    return Writer(options, std::move(world), random.fork()).write();
}

ReportSet city_reports(const City& city, const ReportSetOptions& options, std::uint64_t trace_seed) {
    Random random(options.seed ^ 0x6369747972657073);
    ReportWorld world = city_report_world(city, options, trace_seed, random);
    return Writer(options, std::move(world), random.fork()).write();
}

ReportSetOptions city_report_options(std::uint64_t seed) {
    ReportSetOptions out;
    out.reports = 4'800;
    out.seed = seed;
    out.to = end_of_play().date() - 3;
    out.from = out.to.plus_months(-12);
    out.received_last = end_of_play().date();
    out.clusters = 4;
    out.cluster_cases_min = 5;
    out.decoys = 8;
    out.signals = 12;
    return out;
}

std::string report_table(const ReportSet& set) {
    const bool kinds = std::any_of(set.reports.begin(), set.reports.end(),
                                   [](const SafetyReport& one) { return !one.kind.empty(); });
    std::vector<std::string> cells = {"report_no",  "source",      "org",          "city",     "receive_date",
                                      "onset_date", "patient",     "sex",          "age",      "weight",
                                      "drug",       "approval_no", "manufacturer", "batch_no", "reactions",
                                      "serious",    "outcome",     "causality"};
    if (kinds) cells.emplace_back("kind");
    std::string out = csv_line(cells);
    const auto date = [](const std::optional<Date>& day) { return day ? day->text() : std::string(); };
    for (const SafetyReport& report : set.reports) {
        const facts::SuspectProduct& product = report.products.front();
        cells = {report.number,
                 report.source,
                 report.organisation,
                 report.city,
                 date(report.received_on),
                 date(report.onset_on),
                 report.patient,
                 word_of(report.sex),
                 report.age_years ? fmt::format("{:.0f}", *report.age_years) : "",
                 report.weight_kg ? fmt::format("{:.1f}", *report.weight_kg) : "",
                 product.name,
                 product.approval,
                 product.maker,
                 product.batch,
                 join(report.reactions, "|"),
                 word_of(report.seriousness),
                 word_of(report.outcome),
                 word_of(report.causality)};
        if (kinds) cells.push_back(report.kind);
        out += csv_line(cells);
    }
    return out;
}

Result<void> write_reports(const ReportSet& set, const std::filesystem::path& directory) {
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) return Error{ErrorCode::io_failed, failed.message(), directory.string()};
    if (std::filesystem::exists(directory / "reports.csv", failed))
        return Error{ErrorCode::duplicate_key,
                     "there is a reports.csv already",
                     directory.string(),
                     {},
                     "name an empty directory"};
    std::string clusters = csv_line({"cluster", "drug", "manufacturer", "batch_no", "reaction_family",
                                     "start", "end", "n_cases", "n_orgs", "report_nos"});
    for (const TrueCluster& one : set.clusters)
        clusters += csv_line({one.id, one.drug, one.maker, one.batch, join(one.family, "|"), one.from.text(),
                              one.to.text(), fmt::format("{}", one.reports.size()),
                              fmt::format("{}", one.organisations), join(one.reports, ";")});
    std::string duplicates = csv_line({"report_no", "duplicate_of", "changes"});
    for (const TrueDuplicate& one : set.duplicates) duplicates += csv_line({one.report, one.of, one.changes});
    std::string signals = csv_line({"drug", "reaction", "planted_rr"});
    for (const TrueSignal& one : set.signals)
        signals += csv_line(
            {one.drug, one.reaction, fmt::format("{}.{}", one.times_tenths / 10, one.times_tenths % 10)});
    CHECK(write_file(directory / "reports.csv", report_table(set)));
    CHECK(write_file(directory / "truth_clusters.csv", clusters));
    CHECK(write_file(directory / "truth_duplicates.csv", duplicates));
    return write_file(directory / "truth_signals.csv", signals);
}

}  // namespace qingyuan::demo
