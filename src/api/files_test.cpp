#include "api/files.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace qingyuan::api {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
    void SetUp() override {
        web_ = fs::temp_directory_path() / ("qingyuan_files_" + std::to_string(::getpid()));
        for (const char* name :
             {"index.html", "field/index.html", "field/sw.js", "portal/index.html", "public/index.html",
              "assets/a-1.js", "assets/a-1.js.br", "assets/a-1.js.gz"})
            write(name);
        std::ofstream(web_.parent_path() / "secret.txt") << "secret";
    }
    void TearDown() override { fs::remove_all(web_); }
    void write(const std::string& name) const {
        fs::create_directories((web_ / name).parent_path());
        std::ofstream(web_ / name) << name;
    }
    std::string served(const std::string& path, const std::string& encodings = {}) const {
        http::Request request{.method = "GET", .path = path};
        if (!encodings.empty()) request.headers["accept-encoding"] = encodings;
        const auto response = static_file(web_, request);
        return response ? fs::relative(response->file, web_).generic_string() : "";
    }
    fs::path web_;
};

TEST_F(Files, each_address_gets_the_page_of_its_entry) {
    const std::pair<const char*, const char*> pages[] = {{"/", "index.html"},
                                                         {"/dossiers", "index.html"},
                                                         {"/field", "field/index.html"},
                                                         {"/field/stops/3", "field/index.html"},
                                                         {"/field/sw.js", "field/sw.js"},
                                                         {"/portal/licences", "portal/index.html"},
                                                         {"/public/", "public/index.html"},
                                                         {"/c/abcd", "public/index.html"},
                                                         {"/fieldwork", "index.html"}};
    for (const auto& [path, file] : pages) EXPECT_EQ(served(path), file) << path;
}

TEST_F(Files, nothing_outside_the_web_app_is_ever_served) {
    for (const char* path : {"/../secret.txt", "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt",
                             "/.git/config", "/assets/.hidden.js", "/assets\\..\\secret.txt", "/missing.js",
                             "/assets/a-1.js.map", "/index.html", "//etc/passwd.txt", "/a\nb.js"})
        EXPECT_EQ(served(path), "") << path;
}

TEST_F(Files, packed_files_go_to_who_takes_them) {
    EXPECT_EQ(served("/assets/a-1.js", "gzip, deflate, br"), "assets/a-1.js.br");
    EXPECT_EQ(served("/assets/a-1.js", "gzip;q=1.0"), "assets/a-1.js.gz");
    EXPECT_EQ(served("/assets/a-1.js", "br;q=0, gzip"), "assets/a-1.js.gz");
    EXPECT_EQ(served("/assets/a-1.js", "brotli"), "assets/a-1.js");
}

TEST_F(Files, a_page_carries_a_policy_without_inline_code) {
    const auto response = static_file(web_, {.method = "GET", .path = "/field/"});
    ASSERT_TRUE(response);
    std::map<std::string, std::string> headers(response->headers.begin(), response->headers.end());
    EXPECT_EQ(headers["Content-Security-Policy"].find("unsafe"), std::string::npos);
    EXPECT_NE(headers["Content-Security-Policy"].find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_NE(headers["Permissions-Policy"].find("camera=(self)"), std::string::npos);
    EXPECT_EQ(headers["Cache-Control"], "no-cache");
    EXPECT_FALSE(static_file(web_, {.method = "POST", .path = "/"}));
    EXPECT_FALSE(static_file({}, {.method = "GET", .path = "/"}));
}

}  // namespace
}  // namespace qingyuan::api
