// Paths of organisations under a changing tree: rewritten with the fact, the same after a rebuild, never into
// another department.
#include <filesystem>
#include <map>

#include <rapidcheck.h>

#include "act/places.hpp"
#include "act/theatre_test.hpp"

using namespace qingyuan;
using namespace qingyuan::act;

namespace {

const law::Law& law() {
    static const law::Law law =
        Theatre::must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

class Country {
 public:
    Country()
        : clock_(start_of(make_date(2025, 3, 3))), store_(Theatre::must(sql::open_store("sqlite::memory:"))) {
        journal_ = Theatre::must(journal::Journal::open(*store_, clock_, options()));
    }
    template <class Look>
    auto read(const Look& look) const {
        std::optional<std::invoke_result_t<Look, const journal::Reader&>> out;
        Theatre::must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = look(reader);
            return {};
        }));
        return *std::move(out);
    }
    static journal::Options options() {
        journal::Options out;
        out.origin = "places.example";
        out.folds = {registry::fold(), act::fold(law())};
        return out;
    }
    Result<void> record(const std::string& id, const std::string& parent,
                        const std::string& department = "drug_regulator", Date from = make_date(2024, 1, 1)) {
        facts::OrganisationRecorded out;
        out.id = out.name = id;
        out.parent = parent;
        out.department = department;
        out.from = from;
        return add(std::move(out));
    }
    Result<void> end(const std::string& id, const std::string& successor) {
        return add(facts::OrganisationEnded{id, make_date(2025, 1, 1), successor});
    }
    Result<void> open(const std::string& organisation) {
        facts::DossierOpened opened;
        opened.id = "d" + std::to_string(++dossiers_);
        opened.procedure = "inspection";
        opened.law_on = make_date(2025, 3, 3);
        opened.state = "planned";
        return journal_->append({facts::Fact{make_date(2025, 3, 3), organisation, "li", 0, opened}});
    }
    [[nodiscard]] std::string path(const std::string& id) const {
        return read([&](const journal::Reader& reader) { return Theatre::must(path_of(reader, id)); });
    }
    /// Ids of the dossiers below a path, in order.
    [[nodiscard]] std::string below(const std::string& path) const {
        return read([&](const journal::Reader& reader) {
            std::string out;
            for (const auto& row : Theatre::must(reader.view<facts::DossierRow>().list(
                     {.any = {{{"path", journal::Compare::prefix, {path}}}}})))
                out += row.id + " ";
            return out;
        });
    }
    /// Every dossier lies where its organisation does.
    void check() const {
        read([&](const journal::Reader& reader) {
            for (const auto& row : Theatre::must(reader.view<facts::DossierRow>().list({})))
                EXPECT_EQ(row.path, Theatre::must(path_of(reader, row.organisation))) << row.id;
            return 0;
        });
    }
    journal::Rebuild rebuild() { return Theatre::must(journal::rebuild(*store_, options())); }

 private:
    Result<void> add(facts::Payload payload) {
        return journal_->append({facts::Fact{make_date(2025, 3, 3), {}, "system", 0, std::move(payload)}});
    }
    VirtualClock clock_;
    std::unique_ptr<journal::Store> store_;
    std::unique_ptr<journal::Journal> journal_;
    int dossiers_ = 0;
};

}  // namespace

// mission: H1
TEST(Places, a_subtree_is_one_range_and_moves_with_its_head) {
    Country country;
    // A child may be recorded before its parent, a dossier before its organisation.
    ASSERT_TRUE(country.open("county"));
    ASSERT_TRUE(country.record("county", "city"));
    ASSERT_TRUE(country.record("city", "hunan"));
    ASSERT_TRUE(country.record("hunan", ""));
    ASSERT_TRUE(country.open("city"));
    EXPECT_EQ(country.path("county"), "hunan/city/county/");
    EXPECT_EQ(country.below("hunan/city/"), "d1 d2 ");
    ASSERT_TRUE(country.record("hubei", ""));
    ASSERT_TRUE(country.record("city", "hubei", "drug_regulator", make_date(2025, 1, 1)));
    EXPECT_EQ(country.below("hunan/"), "");
    EXPECT_EQ(country.below("hubei/"), "d1 d2 ");
    EXPECT_EQ(country.path("county"), "hubei/city/county/");
    // A version of the past changes nothing.
    ASSERT_TRUE(country.record("city", "hunan", "drug_regulator", make_date(2023, 1, 1)));
    EXPECT_EQ(country.path("city"), "hubei/city/");
    country.check();
    const journal::Rebuild rebuilt = country.rebuild();
    EXPECT_EQ(rebuilt.before, rebuilt.after);
}

TEST(Places, a_name_that_begins_another_is_not_above_it) {
    Country country;
    ASSERT_TRUE(country.record("hunan", ""));
    ASSERT_TRUE(country.record("hunan_west", ""));
    ASSERT_TRUE(country.open("hunan_west"));
    EXPECT_EQ(country.below(country.path("hunan")), "");
}

TEST(Places, the_successor_takes_over_what_ended) {
    Country country;
    for (const auto& [id, parent] : std::map<std::string, std::string>{{"a", ""}, {"b", ""}, {"a1", "a"}})
        ASSERT_TRUE(country.record(id, parent));
    ASSERT_TRUE(country.open("a"));
    ASSERT_TRUE(country.open("a1"));
    ASSERT_TRUE(country.end("a", "b"));
    EXPECT_EQ(country.below("b/"), "d1 d2 ");
    EXPECT_EQ(country.path("a1"), "b/a/a1/");
    // It exists again.
    ASSERT_TRUE(country.record("a", "", "drug_regulator", make_date(2025, 2, 1)));
    EXPECT_EQ(country.path("a1"), "a/a1/");
    // A child that takes over its parent stays where it is.
    ASSERT_TRUE(country.end("a", "a1"));
    EXPECT_EQ(country.path("a1"), "a/a1/");
    EXPECT_EQ(country.end("nobody", "b").error().code, ErrorCode::organisation_unknown);
    country.check();
}

TEST(Places, a_path_begins_anew_where_the_department_changes) {
    Country country;
    ASSERT_TRUE(country.record("city", ""));
    ASSERT_TRUE(country.record("county", "city", "market_regulator"));
    ASSERT_TRUE(country.record("police", "city", "public_security"));
    ASSERT_TRUE(country.open("police"));
    EXPECT_EQ(country.path("county"), "city/county/");
    EXPECT_EQ(country.path("police"), "police/");
    EXPECT_EQ(country.below("city/"), "");
    // The parent itself changes its department.
    ASSERT_TRUE(country.record("city", "", "public_security", make_date(2025, 1, 1)));
    EXPECT_EQ(country.path("police"), "city/police/");
    EXPECT_EQ(country.path("county"), "county/");
    country.check();
}

TEST(Places, what_would_lie_below_itself_or_too_deep_is_refused) {
    Country country;
    ASSERT_TRUE(country.record("a", ""));
    ASSERT_TRUE(country.record("b", "a"));
    EXPECT_EQ(country.record("a", "b", "drug_regulator", make_date(2025, 1, 1)).error().code,
              ErrorCode::field_invalid);
    EXPECT_EQ(country.record("c", "c").error().code, ErrorCode::field_invalid);
    EXPECT_EQ(country.path("b"), "a/b/");
    std::string parent;
    for (int level = 0; level < registry::tree_depth_max; ++level) {
        const std::string id = "l" + std::to_string(level);
        ASSERT_TRUE(country.record(id, parent)) << level;
        parent = id;
    }
    EXPECT_EQ(country.record("deeper", parent).error().code, ErrorCode::field_invalid);
}

TEST(Places, however_the_tree_changes_every_dossier_lies_where_its_organisation_does) {
    EXPECT_TRUE(rc::check([] {
        Country country;
        const auto some = [] { return std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 7))); };
        for (int i = 0; i < 25; ++i) {
            const std::string id = some(), other = *rc::gen::inRange(0, 3) == 0 ? std::string() : some();
            switch (*rc::gen::inRange(0, 5)) {
                case 0: RC_ASSERT(country.open(id).has_value()); break;
                case 1: (void)country.end(id, other); break;
                default:
                    (void)country.record(id, other,
                                         *rc::gen::elementOf(std::vector<std::string>{
                                             "drug_regulator", "market_regulator", "health"}),
                                         make_date(2024, 1, 1 + i % 28));
            }
        }
        country.check();
        const journal::Rebuild rebuilt = country.rebuild();
        RC_ASSERT(rebuilt.before == rebuilt.after);
    }));
}
