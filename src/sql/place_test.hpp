// Where a test keeps its database: a fresh directory, or a fresh PostgreSQL schema in the server that
// QINGYUAN_TEST_POSTGRES names.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "sql/database.hpp"

namespace qingyuan::sql {

class TestPlace {
 public:
    explicit TestPlace(const std::string& kind) {
        static int counter = 0;
        const std::string name = fmt::format("qy_{}_{}", ::getpid(), ++counter);
        directory_ = std::filesystem::temp_directory_path() / name;
        std::filesystem::create_directories(directory_);
        if (kind == "memory") url_ = "sqlite::memory:";
        if (kind == "file") url_ = (directory_ / "journal.db").string();
        const char* const server = std::getenv("QINGYUAN_TEST_POSTGRES");
        if (kind != "postgres" || !server || *server == 0) return;
        server_ = server;
        schema_ = name;
        run("CREATE SCHEMA " + schema_);
        url_ = server_ + (server_.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" +
               schema_;
    }
    ~TestPlace() {
        if (!schema_.empty()) run("DROP SCHEMA " + schema_ + " CASCADE");
        std::error_code status;
        std::filesystem::remove_all(directory_, status);
    }
    TestPlace(const TestPlace&) = delete;
    TestPlace& operator=(const TestPlace&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }  ///< empty: there is no server
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
    void run(const std::string& text) const {
        const auto database = connect_postgres(server_);
        if (!database || !(*database)->script(text)) std::abort();
    }
    std::string server_, schema_, url_;
    std::filesystem::path directory_;
};

}  // namespace qingyuan::sql
