#include "cli/config.hpp"

#include <algorithm>
#include <fstream>
#include <variant>

#include <unistd.h>

#include <fmt/format.h>

#include "base/text.hpp"
#include "http/secret_file.hpp"
#include "law/toml.hpp"

namespace qingyuan::cli {

namespace {

using Slot =
    std::variant<std::string*, std::int64_t*, bool*, std::vector<std::string>*, std::filesystem::path*>;

struct Setting {
    std::string_view section;
    std::string_view key;
    std::string_view help;
    Slot (*slot)(Config&);
    std::int64_t least = 0, most = 0;
    std::string_view words = {};  ///< of a choice, "a|b"
    bool secret = false;

    [[nodiscard]] std::string name() const { return fmt::format("{}.{}", section, key); }
};

#define QY_SLOT(key) [](Config& config) -> Slot { return &(At::of(config).key); }
// clang-format off
const std::vector<Setting>& settings() {
    static const std::vector<Setting> table = [] {
        std::vector<Setting> out;
#define SECTION(name) { constexpr std::string_view section = #name; \
        struct At { static auto& of(Config& config) { return config.name; } };
#define END(name) }
#define TEXT(key, initial, help) out.push_back({section, #key, help, QY_SLOT(key)});
#define CHOICE(key, initial, words, help) out.push_back({section, #key, help, QY_SLOT(key), 0, 0, words});
#define WHOLE(key, initial, least, most, help) \
    out.push_back({section, #key, help, QY_SLOT(key), least, most});
#define FLAG(key, initial, help) out.push_back({section, #key, help, QY_SLOT(key)});
#define LIST(key, help) out.push_back({section, #key, help, QY_SLOT(key)});
#define PATH(key, help) out.push_back({section, #key, help, QY_SLOT(key)});
#define SECRET(key, help) out.push_back({section, #key, help, QY_SLOT(key), 0, 0, {}, true});
#include "cli/config.def"
#undef SECTION
#undef END
#undef TEXT
#undef CHOICE
#undef WHOLE
#undef FLAG
#undef LIST
#undef PATH
#undef SECRET
        return out;
    }();
    return table;
}
// clang-format on
#undef QY_SLOT

const Setting* find(std::string_view section, std::string_view key) {
    const auto found = std::ranges::find_if(
        settings(), [&](const Setting& one) { return one.section == section && one.key == key; });
    return found == settings().end() ? nullptr : &*found;
}

std::string sections() {
    std::vector<std::string> names;
    for (const Setting& one : settings())
        if (names.empty() || names.back() != one.section) names.emplace_back(one.section);
    return join(names, ", ");
}

std::string keys_of(std::string_view section) {
    std::vector<std::string> names;
    for (const Setting& one : settings())
        if (one.section == section) names.emplace_back(one.key);
    return join(names, ", ");
}

Error unknown(std::string what, std::string where, std::string next) {
    return {ErrorCode::config_unknown, std::move(what), std::move(where), {}, std::move(next)};
}

Error invalid(const Setting& setting, std::string why, std::string where) {
    return {ErrorCode::config_invalid,
            fmt::format("{}: {}", setting.name(), why),
            std::move(where),
            {},
            fmt::format("{}.{}: {}", setting.section, setting.key, setting.help)};
}

/// A value on its way into its slot.
Result<void> put(Config& config, const Setting& setting, const law::TomlNode& value, std::string origin) {
    const Slot slot = setting.slot(config);
    const auto wants = [&](const char* kind) {
        return invalid(setting, fmt::format("wants {}", kind), origin);
    };
    if (const auto* const text = std::get_if<std::string*>(&slot)) {
        if (value.kind != law::TomlKind::text) return wants("a text");
        if (!setting.words.empty() && std::ranges::count(split(setting.words, '|'), value.text) == 0)
            return invalid(setting, fmt::format("'{}' is none of {}", value.text, setting.words), origin);
        **text = value.text;
    } else if (const auto* const whole = std::get_if<std::int64_t*>(&slot)) {
        if (value.kind != law::TomlKind::whole) return wants("a whole number");
        if (value.whole < setting.least || value.whole > setting.most)
            return invalid(setting,
                           fmt::format("{} is not within {}..{}", value.whole, setting.least, setting.most),
                           origin);
        **whole = value.whole;
    } else if (const auto* const flag = std::get_if<bool*>(&slot)) {
        if (value.kind != law::TomlKind::boolean) return wants("true or false");
        **flag = value.boolean;
    } else if (const auto* const path = std::get_if<std::filesystem::path*>(&slot)) {
        if (value.kind != law::TomlKind::text) return wants("the path of a file");
        **path = value.text;
    } else if (const auto* const list = std::get_if<std::vector<std::string>*>(&slot)) {
        if (value.kind != law::TomlKind::array) return wants("a list of texts");
        std::vector<std::string> items;
        for (const law::TomlNode& item : value.items) {
            if (item.kind != law::TomlKind::text) return wants("a list of texts");
            items.push_back(item.text);
        }
        **list = std::move(items);
    }
    config.origins.insert_or_assign(setting.name(), std::move(origin));
    return {};
}

/// Text as the environment and the command line write it, as the value it would be in a file.
law::TomlNode node_of(Config& config, const Setting& setting, std::string_view text) {
    law::TomlNode node;
    node.kind = law::TomlKind::text;
    node.text = text;
    const Slot slot = setting.slot(config);
    if (std::holds_alternative<std::int64_t*>(slot)) {
        if (const auto number = parse_integer(text)) {
            node.kind = law::TomlKind::whole;
            node.whole = *number;
        }
    } else if (std::holds_alternative<bool*>(slot) && (text == "true" || text == "false")) {
        node.kind = law::TomlKind::boolean;
        node.boolean = text == "true";
    } else if (std::holds_alternative<std::vector<std::string>*>(slot)) {
        node.kind = law::TomlKind::array;
        for (const std::string& part : split(text, ',')) {
            law::TomlNode item;
            item.kind = law::TomlKind::text;
            item.text = trim(part);
            node.items.push_back(std::move(item));
        }
    }
    return node;
}

Result<void> read_file(Config& config, const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{ErrorCode::file_unreadable, "the configuration cannot be read", file.string()};
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const std::string name = file.filename().string();
    const law::TomlNode root = TRY(law::parse_toml(text, name));
    for (const law::TomlEntry& section : root.entries) {
        const std::string where = fmt::format("{}:{}", name, section.place.line);
        if (keys_of(section.key).empty())
            return unknown(fmt::format("there is no section [{}]", section.key), where,
                           fmt::format("the sections are {}", sections()));
        if (section.node.kind != law::TomlKind::table)
            return Error{ErrorCode::config_invalid,
                         fmt::format("{} is a section: [{}]", section.key, section.key), where};
        for (const law::TomlEntry& entry : section.node.entries) {
            const std::string place = fmt::format("{}:{}", name, entry.place.line);
            const Setting* const setting = find(section.key, entry.key);
            if (setting == nullptr)
                return unknown(fmt::format("[{}] has no key {}", section.key, entry.key), place,
                               fmt::format("its keys are {}", keys_of(section.key)));
            CHECK(put(config, *setting, entry.node, place));
        }
    }
    return {};
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

Result<void> read_environment(Config& config, const Environment& environment) {
    constexpr std::string_view prefix = "QINGYUAN_";
    for (const auto& [variable, value] : environment) {
        if (!variable.starts_with(prefix)) continue;
        const std::string rest = lower(std::string_view(variable).substr(prefix.size()));
        const auto underscore = rest.find('_');
        if (underscore == std::string::npos) continue;  // QINGYUAN_DATABASE and the like are no settings
        const std::string section = rest.substr(0, underscore);
        if (keys_of(section).empty()) continue;
        const Setting* const setting = find(section, std::string_view(rest).substr(underscore + 1));
        if (setting == nullptr)
            return unknown(fmt::format("[{}] has no key {}", section, rest.substr(underscore + 1)), variable,
                           fmt::format("its keys are {}", keys_of(section)));
        CHECK(put(config, *setting, node_of(config, *setting, value), variable));
    }
    return {};
}

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
            out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out + "\"";
}

/// An address without the name and password that may stand before its host.
std::string without_user(std::string_view text) {
    const auto scheme = text.find("://");
    const auto at = text.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme)
        return std::string(text);
    return fmt::format("{}***{}", text.substr(0, scheme + 3), text.substr(at));
}

std::string value_text(const Slot& slot) {
    if (const auto* const text = std::get_if<std::string*>(&slot)) return toml_text(without_user(**text));
    if (const auto* const whole = std::get_if<std::int64_t*>(&slot)) return std::to_string(**whole);
    if (const auto* const flag = std::get_if<bool*>(&slot)) return **flag ? "true" : "false";
    if (const auto* const path = std::get_if<std::filesystem::path*>(&slot))
        return toml_text((*path)->string());
    std::vector<std::string> items;
    for (const std::string& item : *std::get<std::vector<std::string>*>(slot))
        items.push_back(toml_text(item));
    return fmt::format("[{}]", join(items, ", "));
}

bool is_web_address(std::string_view text, bool plaintext_here) {
    if (text.starts_with("https://")) return text.size() > 8;
    return plaintext_here && (text.starts_with("http://127.0.0.1") || text.starts_with("http://localhost"));
}

}  // namespace

Environment process_environment() {
    Environment out;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view entry = *at;
        const auto equals = entry.find('=');
        if (equals != std::string_view::npos)
            out.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return out;
}

Result<Config> load_config(const std::optional<std::filesystem::path>& file, const Environment& environment) {
    Config config;
    if (file) CHECK(read_file(config, *file));
    CHECK(read_environment(config, environment));
    return config;
}

Result<void> set_config(Config& config, std::string_view name, std::string_view value, std::string origin) {
    const auto dot = name.find('.');
    const Setting* const setting =
        dot == std::string_view::npos ? nullptr : find(name.substr(0, dot), name.substr(dot + 1));
    if (setting == nullptr)
        return unknown(fmt::format("there is no setting {}", name), std::move(origin), "see config.def");
    return put(config, *setting, node_of(config, *setting, value), std::move(origin));
}

Result<void> check_config(const Config& config) {
    const auto wrong = [&](std::string_view name, std::string why) {
        const auto found = config.origins.find(name);
        return Error{ErrorCode::config_invalid, fmt::format("{}: {}", name, why),
                     found == config.origins.end() ? std::string(name) : found->second};
    };
    Config copy = config;
    for (const Setting& setting : settings()) {
        if (!setting.secret) continue;
        const std::filesystem::path& file = *std::get<std::filesystem::path*>(setting.slot(copy));
        if (!file.empty()) CHECK(http::check_secret_file(file));
    }
    const auto& server = config.server;
    if (server.tls_certificate.empty() != server.tls_key.empty())
        return wrong(server.tls_key.empty() ? "server.tls_certificate" : "server.tls_key",
                     "certificate and key come together");
    if (!server.public_url.empty() &&
        (!is_web_address(server.public_url, true) || server.public_url.ends_with('/')))
        return wrong("server.public_url", "is an https:// address without a slash at its end");
    if (const std::string& check = config.documents.check_url;
        !check.empty() && (!is_web_address(check, true) || check.ends_with('/')))
        return wrong("documents.check_url", "is an https:// address without a slash at its end");
    if (!config.mail.url.empty() && config.mail.from.empty())
        return wrong("mail.from", "mail wants a sender");
    if (!config.mail.user.empty() && config.mail.password_file.empty())
        return wrong("mail.password_file", "a user wants a password");
    if (!config.webhook.url.empty() && !is_web_address(config.webhook.url, true))
        return wrong("webhook.url", "is an https:// address");
    if (!config.oidc.issuer.empty()) {
        if (!is_web_address(config.oidc.issuer, true)) return wrong("oidc.issuer", "is an https:// address");
        if (config.oidc.client_id.empty()) return wrong("oidc.client_id", "an issuer wants a client");
        if (server.public_url.empty())
            return wrong("server.public_url", "sign-in by OIDC comes back to an address of ours");
    }
    return {};
}

std::string config_text(const Config& config) {
    Config copy = config;
    std::string out;
    std::string_view section;
    for (const Setting& setting : settings()) {
        if (setting.section != section) {
            if (!section.empty()) out += '\n';
            section = setting.section;
            out += fmt::format("[{}]\n", section);
        }
        const auto origin = config.origins.find(setting.name());
        out += fmt::format("# {}\n{} = {}  # {}\n", setting.help, setting.key, value_text(setting.slot(copy)),
                           origin == config.origins.end() ? "default" : origin->second);
    }
    return out;
}

http::Options server_options(const Config& config) {
    const auto number = [](std::int64_t value) { return static_cast<unsigned>(value); };
    const auto& server = config.server;
    const auto& limits = config.limits;
    http::Options options;
    options.address = server.address;
    options.port = static_cast<std::uint16_t>(server.port);
    options.tls = {server.tls_certificate, server.tls_key};
    options.trusted_peers = server.trusted_peers;
    options.limits.general = {number(server.workers), number(limits.queue_max),
                              std::chrono::milliseconds(limits.queue_wait_ms)};
    options.limits.sign_in = {number(limits.sign_in_workers), number(limits.sign_in_queue_max)};
    options.limits.heavy = {number(limits.heavy_workers), number(limits.heavy_queue_max)};
    options.limits.bodies_bytes_max = static_cast<std::uint64_t>(limits.bodies_mebibytes_max) * 1024 * 1024;
    options.limits.connections_max = number(limits.connections_max);
    options.limits.connections_per_peer_max = number(limits.connections_per_peer_max);
    options.limits.connections_loopback_max = number(limits.connections_loopback_max);
    options.limits.streams_max = number(limits.streams_max);
    options.limits.stop_announce = std::chrono::seconds(server.stop_announce_seconds);
    options.limits.stop_grace = std::chrono::seconds(server.stop_grace_seconds);
    return options;
}

accounts::Options account_options(const Config& config) {
    constexpr std::int64_t minute_us = 60'000'000, hour_us = 60 * minute_us;
    const auto& chosen = config.accounts;
    accounts::Options options;
    options.hashing.scheme = chosen.password_profile == "pbkdf2_sm3" ? accounts::HashScheme::pbkdf2_sm3
                                                                     : accounts::HashScheme::argon2id;
    options.policy = chosen.password_policy == "asvs" ? accounts::asvs_policy() : accounts::mlps3_policy();
    options.idle_us = chosen.idle_minutes * minute_us;
    options.absolute_us = chosen.absolute_hours * hour_us;
    options.failures_per_name = static_cast<int>(chosen.failures_per_name);
    options.failures_per_peer = static_cast<int>(chosen.failures_per_peer);
    options.unused_days = static_cast<int>(chosen.unused_days);
    options.code_roles = chosen.code_roles;
    options.code_algorithm = chosen.code_algorithm;
    return options;
}

Result<std::optional<http::MailOptions>> mail_options(const Config& config) {
    if (config.mail.url.empty()) return std::optional<http::MailOptions>();
    http::MailOptions options{.url = config.mail.url,
                              .starttls = config.mail.starttls,
                              .user = config.mail.user,
                              .from = config.mail.from,
                              .ca_file = config.mail.ca_file};
    if (!config.mail.password_file.empty())
        options.password = TRY(http::read_secret(config.mail.password_file));
    return std::optional(std::move(options));
}

}  // namespace qingyuan::cli
