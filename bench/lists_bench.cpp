// A scoped page of dossiers at a million rows: 50 by legal deadline of a county, a city, a province, with
// 50,000 grants, as the list of the desk asks; and beside each the rival, one statement that joins range and
// grants by OR. Rows go straight into the store. Arguments: how many rows (default 1,000,000); names of
// places to leave out.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

#include "act/engine.hpp"
#include "journal/view.hpp"
#include "measure.hpp"
#include "sql/database.hpp"
#include "sql/store.hpp"
#include "sql/tables.hpp"

using namespace qingyuan;
using journal::Compare;

namespace {

using bench::must;

constexpr int provinces = 31, cities = 333, counties = 2'844, grants = 50'000, runs = 200;
constexpr std::uint64_t page_rows = 50;
const Date today = make_date(2026, 11, 21);

class Dice {
 public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t below(std::uint64_t count) { return engine_() % count; }
    bool chance(int percent) { return static_cast<int>(below(100)) < percent; }

 private:
    std::mt19937_64 engine_;
};

/// The small numbers are the large provinces: the largest holds an eighth of all dossiers.
std::array<std::string, 3> scopes_of(Dice& dice) {
    const auto province = std::min(dice.below(provinces), dice.below(provinces));
    const auto city = province + provinces * dice.below(cities / provinces);
    const auto county = city + cities * dice.below(counties / cities);
    const std::string root = fmt::format("cn/p{:02}/", province);
    return {root, fmt::format("{}c{:03}/", root, city), fmt::format("{}c{:03}/k{:04}/", root, city, county)};
}

facts::DossierRow row_of(std::int64_t seq, Dice& dice) {
    facts::DossierRow row;
    row.seq = seq;
    row.path = scopes_of(dice)[2];
    row.organisation = row.path.substr(row.path.size() - 6, 5);
    if (dice.chance(60)) {
        row.organisation += fmt::format("t{:02}", dice.below(16));
        row.path += row.organisation + "/";
    }
    row.procedure = fmt::format("procedure_{}", std::min(dice.below(12), dice.below(12)));
    row.open = dice.chance(35);
    row.state = row.open ? fmt::format("state_{}", dice.below(9)) : "closed";
    row.id = fmt::format("{}-2026-{}-{:06}", row.organisation, row.procedure.substr(10), seq);
    row.title = "对某某药品零售连锁有限公司解放路店的监督检查";
    row.operator_id = fmt::format("op-{}", dice.below(600'000));
    row.category = dice.chance(70) ? "drug" : dice.chance(50) ? "device" : "cosmetic";
    if (dice.chance(30)) row.campaign = fmt::format("campaign_{}", dice.below(20));
    row.opened_on = today - static_cast<int>(dice.below(1'500));
    row.version = seq;
    row.suspended = row.open && dice.chance(8);
    if (row.open && !row.suspended) row.due = today.days - 20 + static_cast<std::int64_t>(dice.below(200));
    for (int i = 0; i < 6; ++i)
        row.steps.push_back(
            {seq, "record_finding", "on_site", "officer-1", row.opened_on, false, {"a", "b"}});
    for (int i = 0; i < 3; ++i) row.clocks.push_back({.limit = "CASE.DECIDE", .unit = "working_day"});
    row.attributes = {{"reason", std::string("complaint")}, {"address", std::string(200, 'x')}};
    return row;
}

struct Grant {
    static constexpr facts::RowType row_type{"grants", "id", {"object", "organisation"}, {"object"}};
    std::string id;
    std::int64_t object = 0;
    std::string organisation;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("object", s.object);
        v("organisation", s.organisation);
    }
};

/// The tables filled without their indexes, which are then made at once.
void fill(journal::Store& store, sql::Database& raw, std::int64_t rows) {
    const facts::RowType& type = facts::DossierRow::row_type;
    must(store.prepare("lists", "bench.example", {type, Grant::row_type}));
    const std::string create = sql::Table(type, raw.dialect()).create();
    const std::string indexes = create.substr(create.find("CREATE INDEX"));
    for (std::size_t at = 0; (at = indexes.find("CREATE INDEX ", at)) != std::string::npos; at += 13)
        must(raw.script("DROP INDEX " + indexes.substr(at + 13, indexes.find(' ', at + 13) - at - 13)));
    Dice dice(7);
    for (std::int64_t from = 1; from <= rows;) {
        const auto transaction = must(store.write("lists"));
        journal::Projections into(*transaction);
        for (const std::int64_t to = std::min(rows, from + 49'999); from <= to; ++from)
            must(into.put(row_of(from, dice)));
        must(transaction->commit());
    }
    const auto transaction = must(store.write("lists"));
    journal::Projections into(*transaction);
    for (int i = 0; i < grants; ++i) {
        // Every tenth goes to one joint office, which then holds as many as any will.
        const std::string to = i % 10 == 0 ? "joint" : fmt::format("k{:04}", dice.below(counties));
        must(into.put(Grant{fmt::format("g-{}", i), static_cast<std::int64_t>(1 + dice.below(rows)), to}));
    }
    must(transaction->commit());
    must(raw.script(indexes));
    must(raw.script(raw.dialect() == sql::Dialect::postgres ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint"));
}

struct Filter {
    const char* name;
    std::vector<journal::Condition> where;
};

std::vector<Filter> filters() {
    const journal::Condition has_due{"due", Compare::greater, {std::int64_t{0}}};
    return {{"all", {has_due}},
            {"procedure", {has_due, {"procedure", Compare::equal, {"procedure_3"}}}},
            {"state", {has_due, {"state", Compare::equal, {"state_4"}}}},
            {"rare",
             {has_due,
              {"procedure", Compare::equal, {"procedure_11"}},
              {"state", Compare::equal, {"state_4"}},
              {"campaign", Compare::equal, {"campaign_3"}}}},
            {"late", {has_due, {"due", Compare::less, {std::int64_t{today.days}}}}},
            {"without", {{"due", Compare::equal, {std::int64_t{0}}}}}};
}

struct Times {
    std::vector<double> ms;
    void add(double seconds) { ms.push_back(seconds * 1e3); }
    double at(double share) {
        std::sort(ms.begin(), ms.end());
        return ms[std::min(ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
    }
    void print(const std::string& name, const std::string& remark = {}) {
        bench::print(name + " p50", at(0.5), "ms", remark);
        bench::print(name + " p99", at(0.99), "ms");
    }
};

std::vector<journal::Key> granted_to(const journal::Reader& reader, const std::string& organisation) {
    std::vector<journal::Key> out;
    for (const Grant& grant : must(reader.view<Grant>().list(
             {.where = {{"organisation", Compare::equal, {organisation}}}, .limit = 10'000})))
        out.emplace_back(grant.object);
    return out;
}

journal::Query page_of(const Filter& filter, const std::string& path, std::vector<journal::Key> granted) {
    journal::Query query{.where = filter.where, .order_by = "due", .limit = page_rows};
    query.where.push_back({"seq", Compare::none_of, {std::int64_t{11}, std::int64_t{12}}});
    query.descending = filter.where[0].compare == Compare::equal;
    query.any = {{{"path", Compare::prefix, {path}}}};
    if (!granted.empty()) query.any.push_back({{"seq", Compare::one_of, std::move(granted)}});
    return query;
}

/// What is usually written: one statement, range OR grant.
std::vector<std::int64_t> rival(sql::Database& raw, const Filter& filter, const std::string& path,
                                const std::string& organisation) {
    static std::map<std::string, sql::Statement> made;
    std::vector<sql::Parameter> values{std::string_view(path), std::string_view(organisation)};
    std::string where;
    const std::string descending = filter.where[0].compare == Compare::equal ? " DESC" : "";
    for (const journal::Condition& one : filter.where) {
        values.push_back(sql::parameter(one.values[0]));
        where += fmt::format(" AND d.{} {} ${}", one.field,
                             one.compare == Compare::equal  ? "="
                             : one.compare == Compare::less ? "<"
                                                            : ">",
                             values.size());
    }
    auto& statement = made[fmt::format("{}{}", static_cast<const void*>(&raw), filter.name)];
    if (statement.text.empty())
        statement = {
            "rival",
            fmt::format("SELECT d.seq, d.row_bytes FROM dossiers d WHERE ((d.path >= $1 AND d.path < $1 || "
                        "'\xF4\x8F\xBF\xBF') OR EXISTS (SELECT 1 FROM grants g WHERE "
                        "g.object = d.seq AND g.organisation = $2)){} AND d.seq NOT IN (11, 12) "
                        "ORDER BY d.due{}, d.seq{} LIMIT 50",
                        where, descending, descending)};
    std::vector<std::int64_t> out;
    must(raw.query(statement, values, [&](const sql::Row& row) -> Result<void> {
        out.push_back(row.integer(0));
        must(facts::decode_row<facts::DossierRow>(row.bytes(1)));
        return {};
    }));
    return out;
}

void measure(const std::string& place, journal::Store& store, sql::Database& raw) {
    static constexpr std::array<const char*, 3> kinds{"province", "city", "county"};
    std::vector<journal::Key> joint;
    {
        const auto transaction = must(store.read("lists"));
        joint = granted_to(journal::Reader(*transaction), "joint");
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        Times every, rivals;
        for (const Filter& filter : filters()) {
            Times times;
            Dice dice(99);
            for (int run = 0; run < runs; ++run) {
                const auto scopes = scopes_of(dice);
                const std::string organisation = scopes[2].substr(scopes[2].size() - 6, 5);
                std::vector<std::int64_t> found;
                const double took = bench::seconds_of([&] {
                    const auto transaction = must(store.read("lists"));
                    const journal::Reader reader(*transaction);
                    const auto query = page_of(filter, scopes[kind], granted_to(reader, organisation));
                    for (const auto& row : must(reader.view<facts::DossierRow>().list(query)))
                        found.push_back(row.seq);
                });
                times.add(took), every.add(took);
                if (run % 20 != 0) continue;
                std::vector<std::int64_t> other;
                rivals.add(
                    bench::seconds_of([&] { other = rival(raw, filter, scopes[kind], organisation); }));
                if (found != other) {
                    std::fprintf(stderr, "%s %s: the rival finds other rows\n", scopes[kind].c_str(),
                                 filter.name);
                    std::exit(3);
                }
            }
            times.print(fmt::format("{} {} {}", place, kinds[kind], filter.name));
        }
        every.print(fmt::format("{} {}", place, kinds[kind]), "a page of 50, decoded, all filters");
        rivals.print(fmt::format("{} {} by OR", place, kinds[kind]));
    }
    Times many, counts;
    Dice dice(5);
    for (int run = 0; run < runs; ++run) {
        const auto scopes = scopes_of(dice);
        const auto transaction = must(store.read("lists"));
        const journal::Reader reader(*transaction);
        many.add(bench::seconds_of([&] {
            (void)must(reader.view<facts::DossierRow>().list(page_of(filters()[0], scopes[1], joint)));
        }));
        counts.add(bench::seconds_of([&] {
            (void)must(reader.view<facts::DossierRow>().count(page_of(filters()[1], scopes[0], {}), 10'000));
        }));
    }
    many.print(place + " city with many grants", fmt::format("{} grants to one office", joint.size()));
    counts.print(place + " count of a province", "one procedure, exact up to 10,000");
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t rows = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
    const auto wanted = [&](const char* place) {
        return std::none_of(argv + std::min(argc, 2), argv + argc,
                            [&](const char* one) { return std::string_view(one) == place; });
    };
    const auto directory =
        std::filesystem::temp_directory_path() / fmt::format("qingyuan_lists_{}", ::getpid());
    std::filesystem::create_directories(directory);
    if (wanted("sqlite")) {
        const std::string file = (directory / "lists.db").string();
        const auto store = must(sql::open_store(file, {.durable = false}));
        const auto raw = must(sql::connect_sqlite(file, {.writer = false}));
        bench::print("sqlite fill", bench::seconds_of([&] { fill(*store, *raw, rows); }), "s",
                     fmt::format("{} rows", rows));
        measure("sqlite", *store, *raw);
    }
    const char* const server = std::getenv("QINGYUAN_TEST_POSTGRES");
    if (server != nullptr && *server != 0 && wanted("postgres")) {
        const std::string schema = fmt::format("lists_{}", ::getpid());
        const auto raw = must(sql::connect_postgres(server, 600'000));
        must(raw->script(fmt::format("CREATE SCHEMA {0}; SET search_path = {0}", schema)));
        const std::string url =
            fmt::format("{}{}options=-csearch_path%3D{}", server,
                        std::string_view(server).find('?') == std::string_view::npos ? "?" : "&", schema);
        {
            const auto store = must(sql::open_store(url));
            bench::print("postgres fill", bench::seconds_of([&] { fill(*store, *raw, rows); }), "s",
                         fmt::format("{} rows", rows));
            measure("postgres", *store, *raw);
        }
        must(raw->script(fmt::format("DROP SCHEMA {} CASCADE", schema)));
    }
    std::filesystem::remove_all(directory);
}
