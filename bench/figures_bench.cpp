// Figures over many facts: loading the index from a journal, memory, the whole mid-year report, one figure
// with a page of its members; then the same counts as GROUP BY in PostgreSQL where QINGYUAN_TEST_POSTGRES
// names a server. figures_bench [FACTS], 2,000,000 by default. The rival is asked for less than the index: no
// ledgers, no shares, no medians.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <unistd.h>

#include "account/figures.hpp"
#include "base/random.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"
#include "measure.hpp"
#include "sql/database.hpp"
#include "sql/store.hpp"

using namespace qingyuan;

namespace {

using bench::must;

constexpr int units = 13;
constexpr int rounds = 5;
constexpr std::size_t batch_facts = 20'000;
const Date first_day = make_date(2024, 1, 1);
constexpr int days = 547;  // 2024-01-01 … 2025-06-30

/// One fact as a row of the rival's table.
struct Row {
    std::int64_t seq;
    int measure;  ///< place in `measure_names`
    int unit;
    int day;
    int operator_id;
    int category;
    bool is_campaign;
};
constexpr std::array measure_names{"inspection.",
                                   "inspection.sign",
                                   "inspection.record_finding",
                                   "inspection.conclude",
                                   "rectification.",
                                   "rectification.pass",
                                   "penalty_case.",
                                   "penalty_case.file",
                                   "interview.",
                                   "interview.invite",
                                   "interview.hold",
                                   "referral.",
                                   "referral.send",
                                   "lead.",
                                   "lead.transfer"};
constexpr std::array category_names{"drug", "device", "cosmetic"};

/// Dossiers in the proportions of the city's half-year, one after another, until there are enough facts.
class Supervision {
 public:
    explicit Supervision(std::uint64_t facts)
        : wanted_(facts), operators_(static_cast<int>(facts / 24 + 100)), random_(1) {}

    std::function<void(facts::Fact, Row)> out;

    void run() {
        for (int i = 0; i < units; ++i) organisation(fmt::format("unit_{}", i), "city");
        while (seq_ < wanted_) inspect();
    }
    void city() { organisation("city", ""); }

 private:
    struct Dossier {
        std::uint64_t seq;
        int unit, operator_id, category;
        bool is_campaign;
    };

    void organisation(const std::string& id, const std::string& parent) {
        facts::OrganisationRecorded fact;
        fact.id = fact.name = id;
        fact.parent = parent;
        fact.from = first_day;
        put({first_day, id, "system", 0, fact}, {});
    }
    void put(facts::Fact fact, Row row) {
        row.seq = static_cast<std::int64_t>(++seq_);
        out(std::move(fact), row);
    }
    Dossier open(const std::string& procedure, int measure, Dossier like, int day, std::uint64_t source,
                 facts::Form form) {
        facts::DossierOpened fact;
        fact.id = fmt::format("unit_{}-2025-{}-{:07}", like.unit, procedure.substr(0, 4), seq_ + 1);
        fact.procedure = procedure;
        fact.law_on = first_day + day;
        fact.state = "planned";
        fact.operator_id = fmt::format("op_{}", like.operator_id);
        fact.category = category_names[static_cast<std::size_t>(like.category)];
        if (like.is_campaign) fact.campaign = "qingyuan";
        fact.source = static_cast<std::int64_t>(source);
        fact.attributes = std::move(form);
        put({first_day + day, fmt::format("unit_{}", like.unit), "p_1", 0, fact}, row(measure, like, day));
        like.seq = seq_;
        return like;
    }
    void take(int measure, const Dossier& dossier, int day, facts::Form form) {
        const std::string name = measure_names[static_cast<std::size_t>(measure)];
        facts::StepTaken fact;
        fact.procedure = name.substr(0, name.find('.'));
        fact.step = name.substr(name.find('.') + 1);
        fact.to = "next";
        fact.role = "officer";
        fact.officers = {"p_1", "p_2"};
        fact.form = std::move(form);
        put({first_day + day, fmt::format("unit_{}", dossier.unit), "p_1", dossier.seq, fact},
            row(measure, dossier, day));
    }
    static Row row(int measure, const Dossier& of, int day) {
        return {0, measure, of.unit, day, of.operator_id, of.category, of.is_campaign};
    }

    void inspect() {
        // The days run on with the journal, a few entries come late.
        const int base = static_cast<int>(seq_ * days / wanted_);
        const int day = std::max(0, base - (random_.chance(1, 20) ? static_cast<int>(random_.below(20)) : 0));
        const bool is_campaign = random_.chance(187, 1000);
        const Dossier like{0, static_cast<int>(random_.below(units)),
                           static_cast<int>(random_.below(static_cast<std::uint64_t>(operators_))),
                           is_campaign ? 0 : static_cast<int>(random_.below(3)), is_campaign};
        const Dossier visit = open("inspection", 0, like, day, 0,
                                   {{"reason", std::string("routine")}, {"mode", std::string("on_site")}});
        const int findings = random_.chance(182, 545) ? 1 + static_cast<int>(random_.chance(1, 20)) : 0;
        for (int i = 0; i < findings; ++i)
            take(2, visit, day,
                 {{"clause", std::string("GSP 12")},
                  {"severity", std::string("general")},
                  {"description", std::string("记录不完整")}});
        take(1, visit, day, {{"signature", std::string("signed")}});
        take(3, visit, std::min(days - 1, day + 5),
             {{"result", std::string(findings > 0 ? "not_conform" : "conform")}});
        if (findings > 0) follow_up(visit, day);
    }
    void follow_up(const Dossier& visit, int day) {
        if (random_.chance(535, 1014)) {
            const Dossier order =
                open("rectification", 4, visit, day, visit.seq, {{"items", std::string("补正记录")}});
            if (random_.chance(8, 10))
                take(5, order, std::min(days - 1, day + 15), {{"review", std::string("on_site")}});
        }
        if (random_.chance(148, 1014))
            take(7, open("penalty_case", 6, visit, day, visit.seq, {}), day,
                 {{"conditions", std::string("all")}});
        if (random_.chance(59, 1014)) {
            const Dossier talk = open("interview", 8, visit, day, visit.seq, {});
            take(9, talk, day,
                 {{"invited_kind", std::string("firm")},
                  {"invited_operator", fmt::format("op_{}", visit.operator_id)}});
            take(10, talk, day, {{"requirements", std::string("限期整改")}});
        }
        if (random_.chance(1, 200)) take(12, open("referral", 11, visit, day, visit.seq, {}), day, {});
        if (random_.chance(1, 200))
            take(14, open("lead", 13, visit, day, visit.seq, {}), day,
                 {{"agency", std::string("medical_insurance")}});
    }

    std::uint64_t wanted_;
    std::uint64_t seq_ = 0;
    int operators_;
    Random random_;
};

void generate(std::uint64_t count, const std::function<void(facts::Fact, Row)>& out) {
    Supervision supervision(count);
    supervision.out = out;
    supervision.city();
    supervision.run();
}

// --- the rival

const sql::Statement insert_rows{
    "bench_insert",
    "INSERT INTO fact (seq, measure, unit, day, operator_id, category, campaign) "
    "{rows integer integer integer integer integer integer integer}"};

void load_rival(sql::Database& database, std::uint64_t count) {
    must(
        database.script("DROP TABLE IF EXISTS fact; CREATE UNLOGGED TABLE fact (seq bigint PRIMARY KEY, "
                        "measure smallint NOT NULL, "
                        "unit smallint NOT NULL, day integer NOT NULL, operator_id integer NOT NULL, "
                        "category smallint NOT NULL, "
                        "campaign smallint NOT NULL)"));
    const sql::Statement insert{insert_rows.name, sql::render(insert_rows.text, sql::Dialect::postgres)};
    std::vector<sql::Parameter> values;
    const auto flush = [&] {
        if (!values.empty()) must(database.bulk(insert, 7, values));
        values.clear();
    };
    generate(count, [&](const facts::Fact& fact, const Row& row) {
        if (std::holds_alternative<facts::OrganisationRecorded>(fact.payload)) return;
        for (const std::int64_t value :
             {row.seq, std::int64_t{row.measure}, std::int64_t{row.unit}, std::int64_t{row.day},
              std::int64_t{row.operator_id}, std::int64_t{row.category}, std::int64_t{row.is_campaign}})
            values.emplace_back(value);
        if (values.size() >= 7 * batch_facts) flush();
    });
    flush();
    must(database.script(
        "CREATE INDEX ON fact (measure, day) INCLUDE (unit, category, campaign, operator_id); "
        "SET max_parallel_workers_per_gather = 2; SET work_mem = '256MB'"));
    must(database.script("VACUUM ANALYZE fact"));
}

std::uint64_t ask(sql::Database& database, const sql::Statement& statement) {
    std::uint64_t rows = 0;
    must(database.query(statement, {}, [&](const sql::Row&) -> Result<void> {
        ++rows;
        return {};
    }));
    return rows;
}

/// Every count of the report for all units and both years at once, then the distinct operators by unit and in
/// total.
double rival_report(sql::Database& database) {
    const int this_year = make_date(2025, 1, 1) - first_day;
    const int last_year_end = make_date(2024, 6, 30) - first_day;
    const std::string both = fmt::format("(day BETWEEN 0 AND {} OR day >= {})", last_year_end, this_year);
    static const sql::Statement counts{
        "bench_counts",
        fmt::format("SELECT measure, unit, category, campaign, day >= {} AS now, count(*) FROM fact WHERE {} "
                    "GROUP BY 1, 2, 3, 4, 5",
                    this_year, both)};
    static const sql::Statement distinct{
        "bench_distinct",
        fmt::format(
            "SELECT measure, campaign, unit, day >= {0} AS now, count(DISTINCT operator_id) FROM fact "
            "WHERE {1} AND measure IN (1, 2, 5, 9) GROUP BY GROUPING SETS "
            "((1, 2, 3, 4), (1, 2, 4))",
            this_year, both)};
    return bench::best_of(3, [&] {
        ask(database, counts);
        ask(database, distinct);
    });
}

double rival_figure(sql::Database& database) {
    const int from = make_date(2025, 1, 1) - first_day;
    static const sql::Statement count{
        "bench_figure",
        fmt::format("SELECT unit, count(*) FROM fact WHERE measure = 2 AND day >= {} GROUP BY 1", from)};
    static const sql::Statement page{
        "bench_page",
        fmt::format("SELECT seq FROM fact WHERE measure = 2 AND day >= {} ORDER BY seq LIMIT 50", from)};
    return bench::best_of(3, [&] {
        ask(database, count);
        ask(database, page);
    });
}

// --- ours

std::uint64_t whole_report(const account::Index& index) {
    std::uint64_t values = 0;
    const account::Period now = *account::parse_period("2025-H1");
    for (const account::Period& period : {now, now.year_before()})
        for (int unit = -1; unit < units; ++unit)
            for (const law::Statistic& statistic : index.statistics().all()) {
                if (statistic.kind == law::FigureKind::reported) continue;
                const std::string organisation =
                    unit < 0 ? std::string("city") : fmt::format("unit_{}", unit);
                must(index.value(statistic.id, {organisation, period, 0, false}));
                ++values;
            }
    return values;
}

/// One more inspection with one finding arrives.
void arrive(account::Index& index) {
    facts::DossierOpened opened;
    opened.id = "unit_0-2025-insp-new";
    opened.procedure = "inspection";
    opened.law_on = make_date(2025, 6, 30);
    opened.operator_id = "op_1";
    opened.category = "drug";
    facts::StepTaken step;
    step.procedure = "inspection";
    step.step = "record_finding";
    const std::uint64_t dossier = index.applied() + 1;
    const auto apply = [&](facts::Payload payload, std::uint64_t of) {
        must(index.apply({index.applied() + 1,
                          start_of(make_date(2025, 7, 5)),
                          {opened.law_on, "unit_0", "p_1", of, std::move(payload)}}));
    };
    apply(opened, 0);
    apply(step, dossier);
    step.step = "sign";
    apply(step, dossier);
}

void one_figure(const account::Index& index, const char* figure) {
    const account::Scope scope{"city", *account::parse_period("2025-H1"), 0, false};
    must(index.value(figure, scope));
    account::MemberPage page;
    page.limit = 50;
    must(index.members(figure, scope, page));
}

std::filesystem::path work_file() {
    const char* folder = std::getenv("TMPDIR");
    return std::filesystem::path(folder != nullptr ? folder : "/tmp") /
           fmt::format("qingyuan_figures_{}.db", ::getpid());
}

void write_journal(journal::Journal& journal, std::uint64_t count) {
    std::vector<facts::Fact> pending;
    const auto flush = [&] { must(journal.append(std::exchange(pending, {}))); };
    generate(count, [&](facts::Fact fact, const Row&) {
        pending.push_back(std::move(fact));
        if (pending.size() >= batch_facts) flush();
    });
    flush();
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
    const law::Law law = must(law::Law::load("law"));
    const auto statistics = must(law::Statistics::load(law));
    const std::filesystem::path file = work_file();
    const VirtualClock clock(start_of(make_date(2025, 7, 5)));
    account::Index index(statistics);
    {
        const auto store = must(sql::open_store(file.string()));
        const auto journal =
            must(journal::Journal::open(*store, clock, {.origin = "bench", .head = {}, .folds = {}}));
        const double writing = bench::seconds_of([&] { write_journal(*journal, count); });
        bench::print("figures: journal written", static_cast<double>(count) / writing, "facts/s",
                     fmt::format("{} facts", count));
        const double loading = bench::seconds_of([&] {
            must(journal->read([&](const journal::Reader& reader) { return index.catch_up(reader); }));
        });
        bench::print("figures: index loaded from the store", loading, "s",
                     fmt::format("{:.0f} facts/s", static_cast<double>(count) / loading));
    }
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
    bench::print("figures: index memory",
                 static_cast<double>(index.bytes()) / static_cast<double>(index.applied()), "bytes/fact");

    std::uint64_t values = 0;
    const double first = bench::seconds_of([&] { values = whole_report(index); });
    const std::string remark = fmt::format("{} values", values);
    bench::print("figures: whole report, the first", first * 1e3, "ms", remark);
    double moved = 0;
    for (int i = 0; i < rounds; ++i) {
        arrive(index);
        const double again = bench::seconds_of([&] { whole_report(index); });
        moved = i == 0 ? again : std::min(moved, again);
    }
    bench::print("figures: whole report after a new finding", moved * 1e3, "ms", remark);
    const double warm = bench::best_of(rounds, [&] { whole_report(index); });
    bench::print("figures: whole report, warm", warm * 1e3, "ms", remark);
    bench::print("figures: index memory",
                 static_cast<double>(index.bytes()) / static_cast<double>(index.applied()), "bytes/fact",
                 "with the sets kept by month");
    const double figure = bench::best_of(rounds, [&] { one_figure(index, "findings"); });
    bench::print("figures: one figure and a page", figure * 1e3, "ms", "findings");
    bench::print("figures: one figure and a page",
                 bench::best_of(rounds, [&] { one_figure(index, "qingyuan_noncompliant_entities"); }) * 1e3,
                 "ms", "distinct operators");

    const char* url = std::getenv("QINGYUAN_TEST_POSTGRES");
    if (url == nullptr) return 0;
    const auto rival = must(sql::connect_postgres(url, 3'600'000));
    load_rival(*rival, count);
    const double theirs = rival_report(*rival);
    bench::print("PostgreSQL: the report's counts by GROUP BY", theirs * 1e3, "ms");
    bench::print("PostgreSQL / figures, report", theirs / warm, "times",
                 fmt::format("{:.0f} times after a new finding, {:.1f} the first time", theirs / moved,
                             theirs / first));
    const double their_figure = rival_figure(*rival);
    bench::print("PostgreSQL: one figure and a page", their_figure * 1e3, "ms");
    bench::print("PostgreSQL / figures, one figure", their_figure / figure, "times");
    must(rival->script("DROP TABLE fact"));
}
