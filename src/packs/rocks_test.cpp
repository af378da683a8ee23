#include <gtest/gtest.h>

#include "packs/store.hpp"
namespace qingyuan::packs {
namespace {
TEST(Smoke, all) {
    auto dir = std::filesystem::temp_directory_path() / "rocks_smoke";
    std::filesystem::remove_all(dir);
    std::string group = std::string(8, '\0') + "\x05";
    {
        auto store = open_rocks(dir);
        ASSERT_TRUE(store) << store.error().text();
        auto& s = **store;
        WriteSet w;
        w.token = 1;
        w.put(Space::meta, std::string("a\0b", 3), "r", "v");
        w.put(Space::runs, group, "1", "run1");
        w.add("g", "k", 5);
        w.add("g", "k", -7);
        ASSERT_TRUE(s.write(w));
        ASSERT_TRUE(s.write(w));
        int n = 0;
        auto r = s.ingest(Space::runs, 2, [&](Entry& e) {
            if (n == 100000) return false;
            std::string g(9, '\0');
            g[7] = static_cast<char>(n / 10 >> 8), g[8] = static_cast<char>(n / 10);
            g[6] = static_cast<char>(n / 10 >> 16);
            e = {g, "r" + std::to_string(n % 10), std::string(100, 'x')};
            ++n;
            return true;
        });
        ASSERT_TRUE(r) << r.error().text();
        ASSERT_EQ(open_rocks(dir).error().code, ErrorCode::store_unavailable);
        auto ro = open_rocks(dir, true);
        ASSERT_TRUE(ro) << ro.error().text();
        EXPECT_EQ((*ro)->get(Space::runs, group, "r3")->value(), std::string(100, 'x'));
    }
    auto store = open_rocks(dir);
    ASSERT_TRUE(store) << store.error().text();
    auto& s = **store;
    EXPECT_EQ(s.get(Space::meta, std::string("a\0b", 3), "r")->value(), "v");
    EXPECT_EQ(s.get(Space::tallies, "g", "k")->value()[0], '\xfe');
    EXPECT_EQ(s.get(Space::runs, group, "1")->value(), "run1");
    int n = 0;
    ASSERT_TRUE(s.scan(Space::runs, "", "", [&](auto, auto, auto) { return ++n, true; }));
    EXPECT_EQ(n, 100001);
    std::vector<std::string> groups{group, std::string(7, '\0') + std::string("\x09\x09")};
    n = 0;
    ASSERT_TRUE(s.visit(Space::runs, groups, [&](std::size_t, auto, auto) { return ++n, true; }));
    EXPECT_EQ(n, 21);
    auto r = s.settle();
    ASSERT_TRUE(r) << r.error().text();
    ASSERT_TRUE(s.sync());
    EXPECT_GT(*s.bytes(), 1000);
    r = s.clear();
    ASSERT_TRUE(r) << r.error().text();
    n = 0;
    ASSERT_TRUE(s.scan(Space::runs, "", "", [&](auto, auto, auto) { return ++n, true; }));
    EXPECT_EQ(n, 0);
    std::puts(s.engine().c_str());
}
}  // namespace
}  // namespace qingyuan::packs
