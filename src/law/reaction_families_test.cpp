#include "law/reaction_families.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "law/law.hpp"

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
    Folder() : path_(fs::temp_directory_path() / "qingyuan_reaction_families") {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    fs::path write(const std::string& text) const {
        std::ofstream(path_ / "reaction_families.csv") << text;
        return path_ / "reaction_families.csv";
    }
    const fs::path& path() const { return path_; }

 private:
    fs::path path_;
};

TEST(ReactionFamilies, synonyms_are_counted_as_their_preferred_term) {
    const auto families = ReactionFamilies::load(QINGYUAN_SOURCE_DIR "/law/reaction_families.csv");
    ASSERT_TRUE(families) << families.error().text();
    EXPECT_GT(families->size(), 300U);
    EXPECT_EQ(families->preferred("寒颤"), "寒战");
    EXPECT_EQ(families->preferred("心慌"), "心悸");
    EXPECT_EQ(families->preferred("ALT升高"), "转氨酶升高");
    EXPECT_EQ(families->preferred("气促"), "呼吸困难");
    EXPECT_EQ(families->preferred("nobody mapped this"), "nobody mapped this");
    EXPECT_EQ(families->families("寒颤"), families->families("发热"));
    EXPECT_TRUE(families->families("nobody mapped this").empty());
}

TEST(ReactionFamilies, a_broken_file_is_refused) {
    const Folder folder;
    const auto code = [&](const std::string& rows) {
        const auto read = ReactionFamilies::load(folder.write("term,preferred,family\n" + rows));
        return read ? std::string("taken") : std::string(read.error().info().name);
    };
    EXPECT_EQ(code("a,a,x\nb,a,x\n"), "taken");
    EXPECT_EQ(code("a,a,x\na,a,x\n"), "law_duplicate");
    EXPECT_EQ(code("b,a,x\n"), "law_reference_unknown");
    EXPECT_EQ(code("a,a,x\nb,a,y\n"), "law_value_invalid");
    EXPECT_EQ(code("a,a,x\nb,a,x\nc,b,x\n"), "law_value_invalid");
    EXPECT_EQ(code("a,a,\n"), "law_key_missing");
    EXPECT_FALSE(ReactionFamilies::load(folder.path() / "nothing.csv"));
}

TEST(ReactionFamilies, the_bureaus_own_file_comes_first) {
    const Folder folder;
    const auto ours = ReactionFamilies::load_for(folder.path(), QINGYUAN_SOURCE_DIR "/law");
    ASSERT_TRUE(ours);
    folder.write("term,preferred,family\na,a,x\n");
    const auto theirs = ReactionFamilies::load_for(folder.path(), QINGYUAN_SOURCE_DIR "/law");
    ASSERT_TRUE(theirs);
    EXPECT_EQ(theirs->size(), 1U);
}

TEST(ReactionFamilies, the_law_directory_checks_the_families) {
    const Folder folder;
    fs::copy(QINGYUAN_SOURCE_DIR "/law", folder.path() / "law", fs::copy_options::recursive);
    std::ofstream(folder.path() / "law" / "reaction_families.csv", std::ios::app)
        << "甲状腺肿,甲状腺肿,neck\n";
    const auto law = Law::load(folder.path() / "law");
    ASSERT_FALSE(law);
    EXPECT_EQ(law.error().code, ErrorCode::law_reference_unknown);
}

}  // namespace
}  // namespace qingyuan::law
