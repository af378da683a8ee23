#include "registry/registry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "registry/desk_test.hpp"

using namespace qingyuan;
using namespace qingyuan::facts;
using namespace qingyuan::registry;

namespace {

OrganisationRecorded organisation(std::string id, std::string parent, Date from,
                                  std::string kind = "authority") {
    return {id, id + " 名称", "", std::move(parent), "market_regulator", "county", "", std::move(kind), from,
            0};
}
const Date d2019 = make_date(2019, 1, 1), d2022 = make_date(2022, 3, 1), d2025 = make_date(2025, 1, 1);

}  // namespace

using Registry = Desk;

TEST_F(Registry, a_later_version_leaves_the_history_and_the_same_day_replaces) {
    record({organisation("hunan", "", d2019), organisation("changsha", "hunan", d2019),
            organisation("team", "changsha", d2019)});
    record({organisation("team", "hunan", d2022)});
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(organisation_on(reader, "team", d2022 - 1)->parent, "changsha");
        EXPECT_EQ(organisation_on(reader, "team", d2022)->parent, "hunan");
        EXPECT_FALSE(find_organisation(reader, "team", d2019 - 1).value());
        EXPECT_EQ(organisation_on(reader, "team", d2019 - 1).error().code, ErrorCode::organisation_unknown);
        EXPECT_TRUE(is_under(reader, "team", "changsha", d2022 - 1).value());
        EXPECT_FALSE(is_under(reader, "team", "changsha", d2022).value());
    });
    record({organisation("team", "changsha", d2022)});
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(organisation_on(reader, "team", d2022)->parent, "changsha");
        EXPECT_EQ(reader.view<OrganisationRow>().find(std::string("team")).value()->versions.size(), 2u);
    });
}

TEST_F(Registry, a_version_that_comes_late_takes_its_place_in_the_history) {
    record({organisation("a", "", d2019), organisation("team", "a", d2025), organisation("team", "", d2019)});
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(organisation_on(reader, "team", d2022)->parent, "");
        EXPECT_EQ(organisation_on(reader, "team", d2025)->parent, "a");
        EXPECT_EQ(reader.view<OrganisationRow>().find(std::string("team")).value()->parent, "a")
            << "the row shows the latest";
    });
}

// mission: E9
TEST_F(Registry, an_ended_organisation_is_there_until_its_last_day_and_its_operators_pass_on) {
    OperatorRecorded shop;
    shop.id = "shop";
    shop.name = "示例药店";
    shop.organisation = "old";
    shop.from = d2019;
    record({organisation("city", "", d2019), organisation("old", "city", d2019),
            organisation("new", "city", d2019), shop, OrganisationEnded{"old", d2022 - 1, "new"}});
    look([&](const journal::Reader& reader) {
        EXPECT_TRUE(find_organisation(reader, "old", d2022 - 1).value());
        EXPECT_FALSE(find_organisation(reader, "old", d2022).value());
        EXPECT_EQ(primary_regulator(reader, "shop", d2022 - 1)->id, "old");
        EXPECT_EQ(primary_regulator(reader, "shop", d2022)->id, "new");
        EXPECT_EQ(primary_regulator(reader, "shop", d2019 - 1).error().code, ErrorCode::operator_unknown);
    });
    record({OrganisationEnded{"new", d2025 - 1, ""}});
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(primary_regulator(reader, "shop", d2025)->id, "city");
    });
    record({organisation("old", "city", d2025 + 10)});
    look([&](const journal::Reader& reader) {
        EXPECT_TRUE(find_organisation(reader, "old", d2025 + 10).value()) << "founded anew";
    });
}

TEST_F(Registry, the_end_of_an_organisation_nobody_recorded_is_refused_and_nothing_stays) {
    const auto before = size();
    const auto done = journal->append({{today, "hengyang", "p", 0, organisation("x", "", d2019)},
                                       {today, "hengyang", "p", 0, OrganisationEnded{"nobody", d2022, ""}}});
    EXPECT_EQ(done.error().code, ErrorCode::organisation_unknown);
    EXPECT_EQ(size(), before);
}

TEST_F(Registry, a_person_acts_while_in_post_and_enforces_while_certified) {
    PersonRecorded person;
    person.id = "p";
    person.organisation = "a";
    person.roles = {"officer", "sampler"};
    person.certificate = "C1";
    person.certificate_to = d2022;
    person.from = d2019;
    person.to = d2025;
    record({person});
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(roles_on(reader, "p", d2025).value().size(), 2u);
        EXPECT_TRUE(roles_on(reader, "p", d2025 + 1).value().empty());
        EXPECT_TRUE(roles_on(reader, "p", d2019 - 1).value().empty());
        EXPECT_EQ(roles_on(reader, "q", d2025).error().code, ErrorCode::person_unknown);
        EXPECT_TRUE(is_qualified(reader, "p", d2022).value());
        EXPECT_FALSE(is_qualified(reader, "p", d2022 + 1).value());
        EXPECT_FALSE(is_qualified(reader, "q", d2022).value());
        EXPECT_EQ(person_on(reader, "p", d2025 + 1).error().code, ErrorCode::person_unknown);
    });
}

TEST_F(Registry, licences_are_those_valid_on_the_day) {
    LicenceRecorded a{"A1", "shop", "drug_trade_licence", {"otc"}, "valid", d2019, d2022, 0};
    LicenceRecorded b{"B1", "shop", "device_trade_licence", {}, "suspended", d2022, {}, 0};
    LicenceRecorded moved{"B1", "other", "device_trade_licence", {}, "valid", d2025, {}, 0};
    record({a, b, moved});
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(licences_of(reader, "shop", d2022)->size(), 1u)
            << "B1 belongs to another now: the list is by the present holder";
        EXPECT_TRUE(licences_of(reader, "shop", d2025)->empty());
        EXPECT_EQ(licences_of(reader, "other", d2025)->size(), 1u);
        EXPECT_EQ(licence_on(reader, "B1", d2022)->status, "suspended");
        EXPECT_EQ(licence_on(reader, "A1", d2022 + 1).error().code, ErrorCode::record_unknown);
    });
}

TEST_F(Registry, a_product_ends_with_its_approval) {
    ProductRecorded product;
    product.id = "国药准字H20210001";
    product.from = d2022;
    product.to = d2025;
    record({product});
    look([&](const journal::Reader& reader) {
        EXPECT_TRUE(product_on(reader, product.id, d2025));
        EXPECT_EQ(product_on(reader, product.id, d2025 + 1).error().code, ErrorCode::product_unknown);
    });
}

TEST_F(Registry, the_tree_of_the_whole_country_is_read_page_by_page) {
    std::vector<Payload> many{organisation("root", "", d2019)};
    for (int i = 0; i < 2500; ++i) many.push_back(organisation("o" + std::to_string(i), "root", d2019));
    record(many);
    look([&](const journal::Reader& reader) {
        const auto tree = OrganisationTree::load(reader).value();
        EXPECT_EQ(tree.size(), 2501u);
        EXPECT_EQ(tree.children("root", today).size(), 2500u);
        EXPECT_EQ(path(reader, "o7", today)->size(), 2u);
    });
}

TEST(tree, answers_by_date_and_need_not_be_geographic) {
    const auto row = [](std::vector<OrganisationRecorded> versions) {
        OrganisationRow out;
        out.id = versions.front().id;
        out.versions = std::move(versions);
        return out;
    };
    const OrganisationTree tree(
        {row({organisation("hunan", "", d2019)}), row({organisation("hengyang", "hunan", d2019)}),
         row({organisation("leiyang", "hengyang", d2019), organisation("leiyang", "hunan", d2025)}),
         row({organisation("own", "hengyang", d2019, "own_unit")}),
         row({organisation("joint", "own", d2022, "joint_body")})});
    using List = std::vector<std::string>;
    EXPECT_EQ(tree.children("hengyang", d2022), (List{"leiyang", "own"}));
    EXPECT_EQ(tree.children("hengyang", d2025), List{"own"});
    EXPECT_EQ(tree.subtree("hunan", d2022), (List{"hunan", "hengyang", "leiyang", "own", "joint"}));
    EXPECT_EQ(tree.subtree("hunan", d2019), (List{"hunan", "hengyang", "leiyang", "own"}));
    EXPECT_EQ(tree.path("joint", d2022), (List{"hunan", "hengyang", "own", "joint"}));
    EXPECT_TRUE(tree.path("joint", d2019).empty());
    EXPECT_EQ(tree.roots(d2022), List{"hunan"});
    EXPECT_TRUE(tree.is_under("joint", "joint", d2022));
    EXPECT_TRUE(tree.is_under("joint", "hunan", d2022));
    EXPECT_FALSE(tree.is_under("hunan", "joint", d2022));
    EXPECT_FALSE(tree.is_under("leiyang", "hengyang", d2025));
    EXPECT_FALSE(tree.is_under("nobody", "hunan", d2022));
}

TEST(tree, a_circle_ends) {
    OrganisationRow a, b;
    a.id = "a";
    b.id = "b";
    a.versions = {organisation("a", "b", d2019)};
    b.versions = {organisation("b", "a", d2019)};
    const OrganisationTree tree({a, b});
    EXPECT_FALSE(tree.is_under("a", "c", d2022));
    EXPECT_TRUE(tree.is_under("a", "b", d2022));
    EXPECT_EQ(tree.subtree("a", d2022).size(), 2u);
    EXPECT_EQ(tree.path("a", d2022).size(), static_cast<std::size_t>(tree_depth_max));
}

// Whatever the tree: an organisation is under exactly those on its path.
TEST(tree, under_is_the_same_as_on_the_path) {
    ASSERT_TRUE(rc::check([](std::vector<std::uint8_t> parents) {
        if (parents.size() > 40) parents.resize(40);
        std::vector<OrganisationRow> rows(parents.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::string id = "o" + std::to_string(i);
            // A parent with a smaller number: no circles, but chains of any shape, up to the depth that is
            // walked.
            const std::string parent = i == 0 ? "" : "o" + std::to_string(i % 16 == 0 ? 0 : parents[i] % i);
            rows[i].id = id;
            rows[i].versions = {organisation(id, parent, d2019)};
        }
        const OrganisationTree tree(rows);
        for (const OrganisationRow& row : rows) {
            const auto up = tree.path(row.id, d2022);
            for (const OrganisationRow& other : rows) {
                const bool on_path = std::find(up.begin(), up.end(), other.id) != up.end();
                RC_ASSERT(tree.is_under(row.id, other.id, d2022) == on_path);
            }
        }
    }));
}
