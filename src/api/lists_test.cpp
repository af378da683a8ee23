// Cursors, orders, and a scope cut down to a subtree.
#include "api/lists.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace qingyuan::api {
namespace {

using journal::Branch;
using journal::Compare;

std::string front(const std::vector<Branch>& any, std::size_t i) {
    return std::get<std::string>(any.at(i).front().values.front());
}

TEST(cursors, come_back_as_they_were) {
    EXPECT_TRUE(rc::check([](bool without_deadline, std::string id) {
        std::erase_if(id, [](char c) { return c == ' ' || c == 0; });
        const auto whole = [] { return *rc::gen::inRange<std::int64_t>(0, INT64_MAX); };
        const auto count = [&] { return static_cast<std::uint64_t>(whole()); };
        const Cursor cursor{{without_deadline, journal::Key(whole()), whole()},
                            {count(), count(), count(), count()}};
        const auto back = parse_cursor(cursor_text("fp", cursor), "fp", {"due", false});
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->place.key == cursor.place.key && back->place.order == cursor.place.order);
        RC_ASSERT(back->place.without_deadline == without_deadline);
        RC_ASSERT(back->counts.total == cursor.counts.total &&
                  back->counts.suspended == cursor.counts.suspended);
        if (id.empty()) return;
        const Cursor by_id{{false, journal::Key(id), 7}, {}};
        RC_ASSERT(parse_cursor(cursor_text("fp", by_id), "fp", {"id", true})->place.order ==
                  journal::Key(id));
    }));
}

TEST(cursors, of_another_query_or_none_at_all_are_refused) {
    const Cursor cursor{{false, journal::Key(std::int64_t{20'000}), 7}, {1, 1, 1, 1}};
    const std::string text = cursor_text("aaaa", cursor);
    EXPECT_TRUE(parse_cursor(text, "aaaa", {"due", false}));
    const std::string by_id = cursor_text("aaaa", {{false, journal::Key("d-1"), 7}, {}});
    for (const auto& [given, fingerprint] : {std::pair<std::string, std::string>{text, "bbbb"},
                                             {"", "aaaa"},
                                             {"aaaa", "aaaa"},
                                             {"aaaazz", "aaaa"},
                                             {text + "0", "aaaa"},
                                             {text.substr(0, text.size() - 12), "aaaa"},
                                             {"17", "aaaa"},
                                             {by_id, "aaaa"},
                                             {"aaaa" + hex(std::string_view("0 -1 0 0 0 0 1")), "aaaa"},
                                             {"aaaa" + hex(std::string_view("0 1 0 0 0 0 1 1")), "aaaa"}}) {
        const auto parsed = parse_cursor(given, fingerprint, {"due", false});
        ASSERT_FALSE(parsed) << given;
        EXPECT_EQ(parsed.error().code, ErrorCode::usage);
    }
}

TEST(orders, are_those_of_the_contract) {
    for (const auto& [sort, field] : {std::pair<std::string, std::string>{"", "due"},
                                      {"due", "due"},
                                      {"updated", "version"},
                                      {"opened", "opened_on"},
                                      {"id", "id"}}) {
        EXPECT_EQ(dossier_order(sort)->field, field);
        EXPECT_FALSE(dossier_order(sort)->descending);
        if (!sort.empty()) { EXPECT_TRUE(dossier_order("-" + sort)->descending); }
    }
    for (const char* wrong : {"-", "--due", "title", "due ", "DUE"})
        EXPECT_EQ(dossier_order(wrong).error().code, ErrorCode::usage) << wrong;
}

TEST(scopes, are_cut_down_to_a_subtree_and_never_widened) {
    const std::vector<Branch> any{{{"path", Compare::prefix, {"hunan/hengyang/"}}},
                                  {{"path", Compare::equal, {"hunan/"}}},
                                  {{"path", Compare::equal, {"hunan/hengyang/leiyang/"}}},
                                  {{"seq", Compare::one_of, {std::int64_t{5}}}}};
    const auto below = narrowed(any, "hunan/hengyang/leiyang/");
    ASSERT_EQ(below.size(), 3u);
    EXPECT_EQ(front(below, 0), "hunan/hengyang/leiyang/");
    EXPECT_EQ(front(below, 1), "hunan/hengyang/leiyang/");
    EXPECT_EQ(below[2].size(), 2u);  // what was granted, where it lies there
    const auto above = narrowed(any, "hunan/");
    ASSERT_EQ(above.size(), 4u);
    EXPECT_EQ(front(above, 0), "hunan/hengyang/");
    const auto beside = narrowed(any, "hubei/");
    ASSERT_EQ(beside.size(), 1u);
    EXPECT_EQ(beside[0].back().field, "path");
    EXPECT_EQ(front(narrowed({{}}, "hubei/"), 0), "hubei/");
    EXPECT_TRUE(narrowed({}, "hubei/").empty());
    const auto house = narrowed({{{"path", Compare::one_of, {"a/", "b/", "b/c/"}}}}, "b/");
    ASSERT_EQ(house.size(), 1u);
    EXPECT_EQ(house[0].front().values, (std::vector<journal::Key>{"b/", "b/c/"}));
}

}  // namespace
}  // namespace qingyuan::api
