// What a search finds by name, pinyin, code and number, and what never enters it.
#include "api/names.hpp"

#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "act/engine.hpp"
#include "api/pinyin.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "journal/journal.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

namespace qingyuan::api {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().text();
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Finder : public testing::Test {
 protected:
    Finder() : law_(must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"))) {
        journal::Options options;
        options.origin = "names.example";
        options.folds = {registry::fold(), act::fold(law_)};
        journal_ = must(journal::Journal::open(*store_, clock_, std::move(options)));
        firm("op-1", "衡阳市仁和大药房", "91430400MA4L2XYZ0A");
        firm("op-2", "湖南䶮堂医药有限公司", "91430400MA4L2XYZ1B");  // a character without a common reading
        firm("op-3", "仁和", "");
        licence("湘DA0001234", "op-1");
        dossier("hy-2024-insp-00001", "仁和大药房日常检查");
    }
    void add(facts::Payload payload) {
        must(journal_->append({facts::Fact{on_, "city", "li", 0, std::move(payload)}}));
    }
    void firm(const std::string& id, const std::string& name, const std::string& uscc) {
        facts::OperatorRecorded out;
        out.id = id, out.name = name, out.uscc = uscc, out.from = ++on_;
        out.representative = {"s-canary", Bytes(32, 'c')};
        out.address = "canary_address";
        add(out);
    }
    void licence(const std::string& id, const std::string& operator_id) {
        facts::LicenceRecorded out;
        out.id = id, out.operator_id = operator_id, out.from = on_;
        add(out);
    }
    void dossier(const std::string& id, const std::string& title) {
        facts::DossierOpened out;
        out.id = id, out.title = title, out.procedure = "inspection", out.state = "planned", out.law_on = on_;
        out.attributes = {{"content", std::string("canary_content")}};
        add(out);
    }
    std::vector<NameHit> find(std::string_view text, std::string_view kinds = "odup") {
        must(journal_->read([&](const journal::Reader& reader) { return names_.catch_up(reader); }));
        return names_.find(text, kinds, 1'000);
    }
    /// "op-1 name 2" of every hit, best first.
    std::string found(std::string_view text, std::string_view kinds = "odup") {
        constexpr std::array<const char*, 5> by{"name", "initials", "uscc", "code", "id"};
        std::string out;
        for (const NameHit& hit : find(text, kinds))
            out += fmt::format("{} {} {}; ", hit.id, by[static_cast<std::size_t>(hit.matched)], hit.rank);
        return out;
    }

    law::Law law_;
    VirtualClock clock_{start_of(make_date(2025, 3, 3))};
    std::unique_ptr<journal::Store> store_ = must(sql::open_store("sqlite::memory:"));
    std::unique_ptr<journal::Journal> journal_;
    Names names_;
    Date on_ = make_date(2024, 1, 1);
};

TEST_F(Finder, finds_by_name_initials_full_pinyin_code_and_number) {
    EXPECT_EQ(found("仁和", "o"), "op-3 name 0; op-1 name 2; ");
    EXPECT_EQ(found("大药房", "o"), "op-1 name 2; ");
    EXPECT_EQ(found("hysrh"), "op-1 initials 3; ");
    EXPECT_EQ(found("HengYang"), "op-1 initials 3; ");
    EXPECT_EQ(found("heng yang"), "op-1 initials 3; ");
    EXPECT_EQ(found("91430400ma4l2xyz0a"), "op-1 uscc 0; ");
    EXPECT_EQ(found("91430400MA4L2XYZ"), "op-1 uscc 1; op-2 uscc 1; ");
    EXPECT_EQ(found("９１４３０４００ＭＡ４Ｌ２ＸＹＺ１Ｂ"), "op-2 uscc 0; ");
    EXPECT_EQ(found("湘DA0001234"), "op-1 code 0; ");
    EXPECT_EQ(found("op-2"), "op-2 id 0; ");
    EXPECT_EQ(found("䶮"), "op-2 name 2; ");
}

TEST_F(Finder, finds_a_dossier_by_its_id_and_title_and_never_by_its_number) {
    const auto by_id = find("hy-2024-insp-00001");
    ASSERT_EQ(by_id.size(), 1u);
    EXPECT_EQ(by_id[0].kind, NameHit::Kind::dossier);
    EXPECT_EQ(by_id[0].id, "5");
    EXPECT_EQ(found("日常检查"), "5 name 2; ");
    EXPECT_EQ(found("rhdyf", "d"), "5 initials 3; ");
    EXPECT_EQ(found("5", "d"), "");
}

TEST_F(Finder, learns_what_is_recorded_later_and_keeps_former_names) {
    EXPECT_EQ(found("康达"), "");
    firm("op-1", "衡阳市康达大药房", "91430400MA4L2XYZ0A");
    EXPECT_EQ(found("康达"), "op-1 name 2; ");
    EXPECT_EQ(found("仁和大药房", "o"), "op-1 name 2; ");
    // One line each time it was recorded, one hit.
    EXPECT_EQ(found("衡阳市", "o"), "op-1 name 1; ");
    Names fresh;
    must(journal_->read([&](const journal::Reader& reader) { return fresh.catch_up(reader); }));
    EXPECT_EQ(fresh.find("仁和大药房", "o", 10).size(), 1u);
}

// mission: H11
TEST_F(Finder, holds_nothing_personal) {
    for (const char* canary : {"canary", "s-canary", "canary_address", "canary_content"})
        EXPECT_EQ(found(canary), "") << canary;
}

TEST_F(Finder, finds_nothing_for_nothing) {
    for (const char* text : {"", " ", "\t", "　", "\x1F", "\n"}) EXPECT_EQ(found(text), "") << text;
}

TEST_F(Finder, looks_no_further_than_it_is_told) {
    find("x");
    EXPECT_EQ(names_.find("9143", "o", 1).size(), 1u);
    const auto cut = must([&]() -> Result<Found> {
        Result<Found> out = Found{};
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            out = names_.find_for_list(reader, "9143", 1);
            return {};
        }));
        return out;
    }());
    EXPECT_TRUE(cut.is_cut);
    EXPECT_TRUE(cut.dossiers.empty());
}

TEST_F(Finder, any_part_of_a_name_finds_it) {
    const std::string name = "湖南䶮堂医药有限公司";
    EXPECT_TRUE(rc::check([&] {
        const std::u32string points = code_points(name);
        const auto from = *rc::gen::inRange<std::size_t>(0, points.size());
        const auto length = *rc::gen::inRange<std::size_t>(1, points.size() - from + 1);
        // A Chinese character takes three bytes here.
        const auto hits = find(std::string_view(name).substr(from * 3, length * 3), "o");
        RC_ASSERT(std::any_of(hits.begin(), hits.end(), [](const NameHit& hit) { return hit.id == "op-2"; }));
    }));
}

TEST(pinyin, reads_characters_and_keeps_what_it_cannot_read) {
    EXPECT_EQ(pinyin_of("衡阳市").initials, "hys");
    EXPECT_EQ(pinyin_of("衡阳市").full, "hengyangshi");
    EXPECT_EQ(pinyin_of("绿女").full, "lunu");  // ü is typed as u
    EXPECT_EQ(pinyin_of("A１b（乙）").initials, "a1by");
    const std::string rare = "\xF0\xB3\x84\x80";  // U+33100, beyond every table of readings
    EXPECT_NE(pinyin_of(rare).initials.find(rare), std::string::npos);
    EXPECT_EQ(folded(" Ａb　Ｃ "), "abc");
    EXPECT_EQ(pinyin_of("").full, "");
}

}  // namespace
}  // namespace qingyuan::api
