// Lists of several branches: whatever way the rows are found, the answer is that of looking at each row. One
// suite for SQLite in memory, SQLite on file and PostgreSQL.
#include <algorithm>
#include <optional>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "journal/view.hpp"
#include "sql/place_test.hpp"
#include "sql/store.hpp"

using namespace qingyuan;
using namespace qingyuan::journal;
using facts::DossierRow;

namespace {

constexpr std::int64_t rows_made = 9'000;  // one province is longer than what is gathered without a walk

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().text();
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

DossierRow made(std::int64_t seq) {
    const auto salt = static_cast<std::uint64_t>(seq) * 0x9E3779B97F4A7C15ull >> 20;
    DossierRow row;
    row.seq = seq;
    row.id = "d-" + std::to_string(rows_made - seq);
    row.path = salt % 10 < 7 ? "cn/hunan/" : "cn/hubei/";
    if (salt % 3 != 0) row.path += salt % 5 == 0 ? "city_a/" : "city/";
    row.organisation = salt % 2 == 0 ? "a" : "b";
    row.procedure = salt % 11 == 0 ? "rare" : "inspection";
    row.state = "s" + std::to_string(salt % 4);
    row.operator_id = "op-" + std::to_string(salt % 400);
    row.open = salt % 4 != 0;
    row.suspended = row.open && salt % 13 == 0;
    row.due = row.open && !row.suspended ? static_cast<std::int64_t>(20'000 + salt % 90) : 0;
    row.version = static_cast<std::int64_t>(salt % 5'000);
    return row;
}

Key value_of(const DossierRow& row, std::string_view field) {
    if (field == "seq") return row.seq;
    if (field == "due") return row.due;
    if (field == "version") return row.version;
    if (field == "open") return std::int64_t{row.open};
    if (field == "suspended") return std::int64_t{row.suspended};
    if (field == "path") return row.path;
    if (field == "procedure") return row.procedure;
    if (field == "state") return row.state;
    if (field == "operator_id") return row.operator_id;
    return row.id;
}

bool holds(const DossierRow& row, const Condition& wanted) {
    const Key value = value_of(row, wanted.field);
    const auto is_listed = [&] { return std::ranges::find(wanted.values, value) != wanted.values.end(); };
    switch (wanted.compare) {
        case Compare::equal: return value == wanted.values[0];
        case Compare::not_equal: return value != wanted.values[0];
        case Compare::less: return value < wanted.values[0];
        case Compare::less_equal: return value <= wanted.values[0];
        case Compare::greater: return value > wanted.values[0];
        case Compare::greater_equal: return value >= wanted.values[0];
        case Compare::prefix:
            return std::get<std::string>(value).starts_with(std::get<std::string>(wanted.values[0]));
        case Compare::one_of: return is_listed();
        case Compare::none_of: return !is_listed();
    }
    return false;
}

bool holds(const DossierRow& row, const Query& query) {
    const auto all = [&](const std::vector<Condition>& conditions) {
        return std::ranges::all_of(conditions, [&](const Condition& one) { return holds(row, one); });
    };
    return all(query.where) && (query.any.empty() || std::ranges::any_of(query.any, all));
}

class Lists : public testing::TestWithParam<std::string> {
 protected:
    void SetUp() override {
        if (place_.url().empty()) GTEST_SKIP() << "no PostgreSQL server";
        store_ = must(sql::open_store(place_.url()));
        must(store_->prepare("lists", "test.example/lists", {DossierRow::row_type}));
        for (std::int64_t seq = 1; seq <= rows_made; ++seq) rows_.push_back(made(seq));
        write([&](Projections& into) -> Result<void> {
            for (const DossierRow& row : rows_) CHECK(into.put(row));
            return {};
        });
    }
    void write(const std::function<Result<void>(Projections&)>& change) {
        const auto transaction = must(store_->write("lists"));
        Projections into(*transaction);
        must(change(into));
        must(transaction->commit());
    }
    [[nodiscard]] std::vector<std::int64_t> found(const Query& query) const {
        const auto transaction = must(store_->read("lists"));
        std::vector<std::int64_t> out;
        for (const DossierRow& row : must(View<DossierRow>(*transaction).list(query))) out.push_back(row.seq);
        return out;
    }
    [[nodiscard]] std::uint64_t counted(const Query& query, std::uint64_t at_most) const {
        const auto transaction = must(store_->read("lists"));
        return must(View<DossierRow>(*transaction).count(query, at_most));
    }
    /// By looking at every row.
    [[nodiscard]] std::vector<std::int64_t> expected(const Query& query) const {
        std::vector<std::pair<Key, std::int64_t>> places;
        for (const DossierRow& row : rows_)
            if (holds(row, query))
                places.emplace_back(query.order_by.empty() ? Key(row.seq) : value_of(row, query.order_by),
                                    row.seq);
        std::ranges::sort(places);
        if (query.descending) std::ranges::reverse(places);
        std::vector<std::int64_t> out;
        for (const auto& [order, seq] : places) {
            if (query.after_key) {
                const std::pair<Key, Key> here{order, Key(seq)};
                const std::pair<Key, Key> there{query.after_order.value_or(*query.after_key),
                                                *query.after_key};
                if (query.descending ? !(here < there) : !(there < here)) continue;
            }
            if (out.size() < query.limit) out.push_back(seq);
        }
        return out;
    }

    sql::TestPlace place_{GetParam()};
    std::unique_ptr<Store> store_;
    std::vector<DossierRow> rows_;
};

template <class T>
T one_of(std::vector<T> choices) {
    return *rc::gen::elementOf(std::move(choices));
}

std::vector<Key> some_keys(std::size_t most) {
    std::vector<Key> out;
    for (std::int64_t seq : *rc::gen::container<std::vector<std::int64_t>>(
             *rc::gen::inRange<std::size_t>(0, most), rc::gen::inRange<std::int64_t>(1, rows_made + 50)))
        out.emplace_back(seq);
    return out;
}

Branch some_branch() {
    Branch out;
    switch (*rc::gen::inRange(0, 6)) {
        case 0: break;  // everything, perhaps but for some
        case 1:
            out.push_back(
                {"path",
                 Compare::prefix,
                 {one_of<std::string>({"cn/", "cn/hunan/", "cn/hubei/city", "cn/hunan/city/", "x/"})}});
            break;
        case 2:
            out.push_back({"path", Compare::equal, {one_of<std::string>({"cn/hunan/", "cn/hubei/city_a/"})}});
            break;
        case 3:
            out.push_back(
                {"operator_id", Compare::equal, {"op-" + std::to_string(*rc::gen::inRange(0, 420))}});
            break;
        case 4: out.push_back({"seq", Compare::one_of, some_keys(80)}); break;
        default: out.push_back({"seq", Compare::one_of, some_keys(2'500)}); break;
    }
    if (*rc::gen::inRange(0, 3) == 0) out.push_back({"seq", Compare::none_of, some_keys(50)});
    return out;
}

std::vector<Condition> some_filters() {
    std::vector<Condition> out;
    const auto maybe = [&](Condition condition) {
        if (*rc::gen::inRange(0, 4) == 0) out.push_back(std::move(condition));
    };
    const std::int64_t due = *rc::gen::inRange<std::int64_t>(19'990, 20'100);
    maybe({"procedure", Compare::equal, {one_of<std::string>({"rare", "inspection", "none"})}});
    maybe({"state", Compare::one_of, {"s1", "s2", "s9"}});
    maybe({"open", Compare::equal, {std::int64_t{1}}});
    maybe({"suspended", Compare::equal, {std::int64_t{1}}});
    maybe({"due", Compare::greater, {std::int64_t{0}}});
    maybe({"due", Compare::less, {due}});
    maybe({"due", Compare::equal, {std::int64_t{0}}});
    maybe({"operator_id", Compare::equal, {"op-7"}});
    return out;
}

Query some_query() {
    Query query;
    query.where = some_filters();
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) query.any.push_back(some_branch());
    query.order_by = one_of<std::string_view>({"", "due", "version", "id", "path"});
    query.descending = *rc::gen::inRange(0, 2) == 1;
    query.limit = one_of<std::uint64_t>({1, 7, 50, 400});
    return query;
}

}  // namespace

TEST_P(Lists, a_union_of_branches_is_what_looking_at_every_row_finds) {
    EXPECT_TRUE(rc::check([&] {
        Query query = some_query();
        for (int page = 0; page < 3; ++page) {
            const auto rows = found(query);
            RC_ASSERT(rows == expected(query));
            if (rows.size() < query.limit) break;
            const DossierRow& last = rows_[static_cast<std::size_t>(rows.back()) - 1];
            query.after_key = last.seq;
            if (!query.order_by.empty()) query.after_order = value_of(last, query.order_by);
        }
    }));
}

TEST_P(Lists, counts_are_exact_up_to_a_bound) {
    EXPECT_TRUE(rc::check([&] {
        Query query = some_query();
        Query all = query;
        all.limit = rows_made + 1;
        const std::uint64_t there = expected(all).size();
        const std::uint64_t at_most = one_of<std::uint64_t>({1, 100, 3'000, 20'000});
        RC_ASSERT(counted(query, at_most) == std::min(there, at_most + 1));
    }));
}

TEST_P(Lists, a_tally_counts_each_row_once) {
    EXPECT_TRUE(rc::check([&] {
        const Query query = some_query();
        std::map<std::vector<Key>, std::uint64_t> wanted, given;
        for (const DossierRow& row : rows_)
            if (holds(row, query)) ++wanted[{row.procedure, row.due}];
        const auto transaction = must(store_->read("lists"));
        for (const Tally& tally : must(View<DossierRow>(*transaction).tally(query, {"procedure", "due"})))
            given[tally.values] = tally.count;
        RC_ASSERT(given == wanted);
    }));
}

TEST_P(Lists, no_branch_finds_by_the_filters_alone) {
    const Query query{.where = {{"procedure", Compare::equal, {"rare"}}, {"seq", Compare::none_of, {}}},
                      .limit = 20};
    EXPECT_EQ(found(query), expected(query));
    EXPECT_EQ(counted(query, 5), 6u);
}

// mission: H1
TEST_P(Lists, pages_lose_and_repeat_nothing_that_stays_while_others_change) {
    Query query{
        .where = {{"due", Compare::greater, {std::int64_t{0}}}},
        .any = {{{"path", Compare::prefix, {"cn/hunan/"}}}, {{"seq", Compare::one_of, {std::int64_t{3}}}}},
        .order_by = "due",
        .limit = 500};
    Query whole = query;
    whole.limit = rows_made;
    const auto before = expected(whole);
    ASSERT_GT(before.size(), 2'000u);
    std::set<std::int64_t> changed, seen;
    std::vector<std::int64_t> shown;
    for (;;) {
        const auto page = found(query);
        for (const std::int64_t seq : page) EXPECT_TRUE(seen.insert(seq).second || changed.contains(seq));
        shown.insert(shown.end(), page.begin(), page.end());
        if (page.size() < query.limit) break;
        const DossierRow last = rows_[static_cast<std::size_t>(page.back()) - 1];
        query.after_order = last.due;
        query.after_key = last.seq;
        // Behind the page one is closed, one gets a later deadline, the last row itself is moved away.
        write([&](Projections& into) -> Result<void> {
            for (const std::int64_t seq :
                 {page.front(), page.back(), before[before.size() - shown.size() / 2]}) {
                DossierRow& row = rows_[static_cast<std::size_t>(seq) - 1];
                changed.insert(seq);
                row.due = seq % 2 == 0 ? 0 : row.due + 400;
                CHECK(into.put(row));
            }
            return {};
        });
    }
    for (const std::int64_t seq : before) EXPECT_TRUE(seen.contains(seq) || changed.contains(seq)) << seq;
}

TEST_P(Lists, a_branch_on_a_field_without_a_column_is_a_mistake_of_the_program) {
    EXPECT_DEATH((void)found({.any = {{{"title", Compare::equal, {"x"}}}}}), "");
    EXPECT_DEATH((void)found({.any = {{{"due", Compare::equal, {"x"}}}}}), "");
}

INSTANTIATE_TEST_SUITE_P(places, Lists, testing::Values("memory", "file", "postgres"),
                         [](const auto& place) { return place.param; });
