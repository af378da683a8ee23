#include "cli/config.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace qingyuan::cli {

namespace {

namespace fs = std::filesystem;

struct Folder {
    fs::path path = fs::temp_directory_path() / ("qingyuan_config_" + std::to_string(::getpid()));
    Folder() { fs::create_directory(path); }
    ~Folder() { fs::remove_all(path); }
    [[nodiscard]] fs::path file(const std::string& name, const std::string& text,
                                unsigned mode = 0600) const {
        fs::remove(path / name);
        std::ofstream(path / name) << text;
        ::chmod((path / name).c_str(), mode);
        return path / name;
    }
};

}  // namespace

TEST(config, the_environment_stands_over_the_file_and_options_over_both) {
    const Folder folder;
    const auto file =
        folder.file("q.toml",
                    "[server]\nport = 9000\nworkers = 8\ntrusted_peers = [\"10.0.0.5\"]\n"
                    "[mail]\nstarttls = false\n[accounts]\npassword_profile = \"pbkdf2_sm3\"\n");
    auto config = load_config(file, {{"QINGYUAN_SERVER_WORKERS", "16"},
                                     {"QINGYUAN_ACCOUNTS_CODE_ROLES", "system_admin, audit_admin"},
                                     {"QINGYUAN_LIMITS_RATES", "false"},
                                     {"QINGYUAN_PERSON", "li"},
                                     {"QINGYUAN_TEST_POSTGRES", "x"},
                                     {"HOME", "x"}});
    ASSERT_TRUE(config) << config.error().text();
    ASSERT_TRUE(set_config(*config, "server.port", "0", "--port"));
    EXPECT_EQ(config->server.port, 0);
    EXPECT_EQ(config->server.workers, 16);
    EXPECT_EQ(config->server.trusted_peers, std::vector<std::string>{"10.0.0.5"});
    EXPECT_EQ(config->limits.rates, false);
    EXPECT_EQ(config->limits.queue_max, 256) << "the default";
    EXPECT_EQ(config->origins.at("server.port"), "--port");
    EXPECT_EQ(config->origins.at("server.workers"), "QINGYUAN_SERVER_WORKERS");
    EXPECT_EQ(config->origins.at("mail.starttls"), "q.toml:6");
    EXPECT_FALSE(config->origins.contains("server.address"));
    const accounts::Options accounts = account_options(*config);
    EXPECT_EQ(accounts.hashing.scheme, accounts::HashScheme::pbkdf2_sm3);
    EXPECT_EQ(accounts.code_roles, (std::vector<std::string>{"system_admin", "audit_admin"}));
    EXPECT_EQ(accounts.idle_us, 30 * 60 * 1'000'000LL);
    const http::Options server = server_options(*config);
    EXPECT_EQ(server.port, 0);
    EXPECT_EQ(server.limits.general.workers, 16U);
    EXPECT_EQ(server.limits.stop_grace, std::chrono::seconds(20));
}

TEST(config, wrong_settings_are_named_with_their_place) {
    const Folder folder;
    struct {
        const char* text;
        ErrorCode code;
        const char* where;
    } const table[] = {
        {"[server]\nport = 1\nprot = 2\n", ErrorCode::config_unknown, "q.toml:3"},
        {"[sever]\nport = 1\n", ErrorCode::config_unknown, "q.toml:1"},
        {"port = 1\n", ErrorCode::config_unknown, "q.toml:1"},
        {"server = 1\n", ErrorCode::config_invalid, "q.toml:1"},
        {"[server]\nport = \"1\"\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[server]\nport = 65536\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[server]\nport = -1\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[server]\n\naddress = 1\n", ErrorCode::config_invalid, "q.toml:3"},
        {"[server]\ntrusted_peers = \"10.0.0.5\"\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[server]\ntrusted_peers = [1]\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[server]\ntls_key = true\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[mail]\nstarttls = 1\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[accounts]\npassword_profile = \"md5\"\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[accounts]\nidle_minutes = 0\n", ErrorCode::config_invalid, "q.toml:2"},
        {"[server]\nport = 1\nport = 2\n", ErrorCode::toml_malformed, "q.toml:3:"},
        {"[server\n", ErrorCode::toml_malformed, "q.toml:1:"},
    };
    for (const auto& row : table) {
        const auto config = load_config(folder.file("q.toml", row.text), {});
        ASSERT_FALSE(config) << row.text;
        EXPECT_EQ(config.error().code, row.code) << row.text << config.error().text();
        EXPECT_TRUE(config.error().where.starts_with(row.where)) << config.error().text();
    }
    EXPECT_EQ(load_config(folder.path / "none.toml", {}).error().code, ErrorCode::file_unreadable);
    const auto unknown = load_config({}, {{"QINGYUAN_SERVER_PROT", "1"}});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::config_unknown);
    EXPECT_EQ(unknown.error().where, "QINGYUAN_SERVER_PROT");
    EXPECT_EQ(load_config({}, {{"QINGYUAN_SERVER_PORT", "x"}}).error().code, ErrorCode::config_invalid);
    EXPECT_EQ(load_config({}, {{"QINGYUAN_MAIL_STARTTLS", "yes"}}).error().code, ErrorCode::config_invalid);
    Config config;
    EXPECT_EQ(set_config(config, "server.prot", "1", "--prot").error().code, ErrorCode::config_unknown);
    EXPECT_EQ(set_config(config, "server", "1", "--x").error().code, ErrorCode::config_unknown);
}

TEST(config, what_does_not_fit_together_or_is_exposed_is_refused) {
    const Folder folder;
    const std::string secret = folder.file("secret", "hidden canary\n").string();
    const std::string exposed = folder.file("exposed", "hidden canary\n", 0644).string();
    struct {
        std::string text;
        ErrorCode code;
    } const table[] = {
        {"[server]\ntls_certificate = \"a.pem\"\n", ErrorCode::config_invalid},
        {"[server]\ntls_key = \"" + secret + "\"\n", ErrorCode::config_invalid},
        {"[server]\ntls_certificate = \"a.pem\"\ntls_key = \"" + exposed + "\"\n",
         ErrorCode::key_file_exposed},
        {"[server]\npublic_url = \"http://bureau.example\"\n", ErrorCode::config_invalid},
        {"[server]\npublic_url = \"https://bureau.example/\"\n", ErrorCode::config_invalid},
        {"[mail]\nurl = \"smtp://relay\"\n", ErrorCode::config_invalid},
        {"[mail]\nurl = \"smtp://relay\"\nfrom = \"a@b\"\nuser = \"u\"\n", ErrorCode::config_invalid},
        {"[mail]\npassword_file = \"" + exposed + "\"\n", ErrorCode::key_file_exposed},
        {"[mail]\npassword_file = \"" + exposed + "x\"\n", ErrorCode::key_file_missing},
        {"[webhook]\nurl = \"http://messenger.example\"\n", ErrorCode::config_invalid},
        {"[oidc]\nissuer = \"http://id.example\"\n", ErrorCode::config_invalid},
        {"[oidc]\nissuer = \"https://id.example\"\n", ErrorCode::config_invalid},
        {"[oidc]\nissuer = \"https://id.example\"\nclient_id = \"q\"\n", ErrorCode::config_invalid},
        {"[oidc]\nclient_secret_file = \"" + exposed + "\"\n", ErrorCode::key_file_exposed},
    };
    for (const auto& row : table) {
        const auto config = load_config(folder.file("q.toml", row.text), {});
        ASSERT_TRUE(config) << row.text << config.error().text();
        const auto checked = check_config(*config);
        ASSERT_FALSE(checked) << row.text;
        EXPECT_EQ(checked.error().code, row.code) << row.text << checked.error().text();
    }
    const auto right = load_config(
        folder.file("q.toml",
                    "[server]\npublic_url = \"https://q.example\"\n[oidc]\nissuer = \"https://id.example\"\n"
                    "client_id = \"q\"\nclient_secret_file = \"" +
                        secret +
                        "\"\n[mail]\nurl = "
                        "\"smtps://relay\"\nfrom = \"a@b\"\nuser = \"u\"\npassword_file = \"" +
                        secret + "\"\n"),
        {});
    ASSERT_TRUE(right) << right.error().text();
    EXPECT_TRUE(check_config(*right));
    EXPECT_EQ(mail_options(*right).value()->password, "hidden canary");
    EXPECT_EQ(config_text(*right).find("canary"), std::string::npos);
}

TEST(config, what_is_printed_loads_again_and_holds_no_password) {
    const Folder folder;
    auto config = load_config({}, {{"QINGYUAN_WEBHOOK_URL", "https://bot:canary@messenger.example/x"},
                                   {"QINGYUAN_MAIL_FROM", "a@b"},
                                   {"QINGYUAN_OIDC_CLAIM", "a \"quoted\" \\ 名\n"},
                                   {"QINGYUAN_SERVER_TRUSTED_PEERS", "10.0.0.5,10.1.0.0/16"}});
    ASSERT_TRUE(config) << config.error().text();
    const std::string text = config_text(*config);
    EXPECT_EQ(text.find("canary"), std::string::npos) << text;
    EXPECT_NE(text.find("https://***@messenger.example/x"), std::string::npos) << text;
    EXPECT_NE(text.find("port = 8080  # default\n"), std::string::npos) << text;
    const auto again = load_config(folder.file("again.toml", text), {});
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->oidc.claim, config->oidc.claim);
    EXPECT_EQ(again->mail.from, "a@b");
    EXPECT_EQ(again->server.trusted_peers, config->server.trusted_peers);
}

// The example has every setting, and every one with its default.
TEST(config, the_example_says_what_the_program_does) {
    const auto example = load_config(fs::path(QINGYUAN_SOURCE_DIR) / "packaging" / "qingyuan.toml", {});
    ASSERT_TRUE(example) << example.error().text();
    Config of_defaults;
    EXPECT_TRUE(check_config(*example));
    const auto without_origins = [](Config config) {
        config.origins.clear();
        return config_text(config);
    };
    EXPECT_EQ(without_origins(*example), config_text(of_defaults));
    std::size_t settings = 0;
    const std::string text = config_text(of_defaults);
    for (std::size_t at = 0; (at = text.find("  # default\n", at)) != std::string::npos; ++at) ++settings;
    EXPECT_EQ(example->origins.size(), settings);
}

}  // namespace qingyuan::cli
