// qingyuan account …: accounts from the console, by the same rules and with the same entries in the access
// journal as in the browser: whoever acts signs in. Only `recover` does not, for a bureau whose system
// administrator cannot sign in any more; it says so aloud.
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/accounts.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "registry/registry.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view console = "console";

struct AccountOptions {
    std::string as;             ///< name of the acting account
    std::string password_file;  ///< empty: asked for on the terminal
    std::string code;
    std::string name;    ///< of the account that is acted on
    std::string person;  ///< id
    std::string reason;
    std::string proposal;
    std::string label;
    std::vector<std::string> scope;
    std::string until;
};

/// The terminal without echo, as long as this lives.
class Silence {
 public:
    Silence() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~Silence() {
        if (!silent_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        fmt::print(stderr, "\n");
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

 private:
    termios before_{};
    bool silent_ = false;
};

/// The first line of a file, or what is typed.
Result<std::string> secret(const std::string& file, std::string_view question) {
    std::string line;
    if (file.empty()) {
        fmt::print(stderr, "{}: ", question);
        const Silence silence;
        std::getline(std::cin, line);
    } else {
        std::ifstream in(file, std::ios::binary);
        if (!in) return Error{ErrorCode::file_unreadable, "the password cannot be read", file};
        std::getline(in, line);
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return Error{ErrorCode::field_missing, "no password was given", "--password-file"};
    return line;
}

/// Somebody who signed in for one command.
class Acting {
 public:
    static Result<std::unique_ptr<Acting>> sign_in(Workspace& workspace, const AccountOptions& options) {
        if (options.as.empty())
            return Error{ErrorCode::not_signed_in,
                         "nobody is named",
                         "--as",
                         {},
                         "name the account you act with: --as NAME"};
        const std::string password = TRY(secret(options.password_file, "password of " + options.as));
        auto session = TRY(workspace.accounts().sign_in({options.as, password, options.code, console, {}},
                                                        workspace.clock().now()));
        auto out = std::make_unique<Acting>(workspace, std::move(session));
        CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
            out->subject = TRY(access::subject_of(reader, out->identity().person, out->now().date()));
            out->subject.scope = out->identity().scope;
            return {};
        }));
        return out;
    }
    Acting(Workspace& workspace, accounts::SignedIn session)
        : workspace_(workspace), session_(std::move(session)) {}
    ~Acting() {
        if (const auto done = workspace_.accounts().sign_out(session_.secret, now()); !done)
            fmt::print(stderr, "{}\n", done.error().text());
    }
    Acting(const Acting&) = delete;
    Acting& operator=(const Acting&) = delete;

    [[nodiscard]] const accounts::Identity& identity() const { return session_.identity; }
    [[nodiscard]] Instant now() const { return workspace_.clock().now(); }
    [[nodiscard]] accounts::Accounts& accounts() const { return workspace_.accounts(); }
    [[nodiscard]] Workspace& workspace() const { return workspace_; }

    access::Subject subject;

 private:
    Workspace& workspace_;
    accounts::SignedIn session_;
};

Result<facts::AccountRow> account_named(const accounts::Accounts& accounts, const std::string& name) {
    auto row = TRY(accounts.find_account_by_name(name));
    if (!row) return Error{ErrorCode::account_unknown, fmt::format("there is no account '{}'", name)};
    return std::move(*row);
}

Result<void> list(const Context& context, const Acting& acting) {
    ordered_json items = ordered_json::array();
    CHECK(acting.workspace().journal().read([&](const journal::Reader& reader) -> Result<void> {
        journal::Query query{.limit = 500};
        for (;;) {
            const auto rows = TRY(reader.view<facts::AccountRow>().list(query));
            for (const facts::AccountRow& row : rows) {
                const auto post = TRY(registry::find_person(reader, row.person, acting.now().date()));
                access::Object object =
                    TRY(access::object_at(reader, access::Kind::account, post ? post->organisation : ""));
                object.person = row.person;
                if (!access::decide(acting.subject, access::Policy::account_read, object).allowed) continue;
                items.push_back({{"id", row.id},
                                 {"name", row.name},
                                 {"person", row.person},
                                 {"organisation", post ? post->organisation : ""},
                                 {"roles", post ? post->roles : std::vector<std::string>{}},
                                 {"state", row.state}});
            }
            if (rows.size() < query.limit) return {};
            query.after_key = query.after_order = rows.back().id;
        }
    }));
    if (context.json) {
        fmt::print("{}\n", items.dump(2));
        return {};
    }
    for (const ordered_json& item : items)
        fmt::print("{:<10} {:<24} {:<20} {:<9} {}\n", item["id"].get<std::string>(),
                   item["name"].get<std::string>(), item["person"].get<std::string>(),
                   item["state"].get<std::string>(),
                   join(item["roles"].get<std::vector<std::string>>(), " "));
    return {};
}

Result<void> add(const Acting& acting, const AccountOptions& options) {
    const auto made = TRY(acting.accounts().add_account(acting.subject, acting.identity().session,
                                                        options.person, options.name, acting.now()));
    fmt::print("{} {}\n", made.account.id, made.account.name);
    fmt::print(stderr, "password for the first sign-in, shown once: {}\n", made.password);
    return {};
}

Result<void> change(const Acting& acting, const AccountOptions& options, accounts::AccountChange change) {
    const facts::AccountRow row = TRY(account_named(acting.accounts(), options.name));
    change.reason = options.reason;
    change.proposal = options.proposal;
    const std::string password = TRY(acting.accounts().change_account(
        acting.subject, acting.identity().session, row.id, change, acting.now()));
    fmt::print("{} {}\n", row.id, row.name);
    if (!password.empty()) fmt::print(stderr, "password for the next sign-in, shown once: {}\n", password);
    return {};
}

Result<void> token(const Acting& acting, const AccountOptions& options) {
    const auto held = access::policies_of(acting.subject);
    std::vector<access::Policy> scope;
    for (const std::string& name : options.scope) {
        const auto policy = access::find_policy(name);
        if (!policy)
            return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}' is nothing a token may do", name),
                         "--scope"};
        if (std::find(held.begin(), held.end(), *policy) == held.end())
            return Error{ErrorCode::access_denied, fmt::format("you may not '{}' yourself", name), "--scope"};
        scope.push_back(*policy);
    }
    const auto issued = TRY(acting.accounts().issue_token(acting.identity(), options.label, scope,
                                                          TRY(parse_date(options.until)), acting.now()));
    fmt::print("{}\n", issued.token);
    return {};
}

Result<void> recover(Workspace& workspace, const AccountOptions& options) {
    const std::string password =
        TRY(workspace.accounts().recover(options.name, options.reason, workspace.clock().now()));
    fmt::print(stderr, "the access journal has it. Password for the next sign-in, shown once: {}\n",
               password);
    return {};
}

using Act = std::function<Result<void>(const Acting&)>;

/// Opens the data directory, signs in, acts, signs out.
Result<void> run(Context& context, const AccountOptions& options, const Act& act) {
    const auto workspace = TRY(context.open_workspace(false));
    const auto acting = TRY(Acting::sign_in(*workspace, options));
    return act(*acting);
}

void add_change(CLI::App& group, Context& context, std::shared_ptr<AccountOptions> options,
                const std::string& name, const std::string& text, accounts::AccountChange wanted) {
    CLI::App* const command = group.add_subcommand(name, text);
    command->add_option("NAME", options->name, "name of the account")->required();
    command->add_option("--reason", options->reason, "why; stands in the journal")->required();
    if (wanted.reset_password)
        command->add_option("--proposal", options->proposal, "agreed to, for an administrator's account");
    command->callback([&context, options, wanted] {
        if (auto done = run(context, *options,
                            [&](const Acting& acting) { return change(acting, *options, wanted); });
            !done)
            context.fail(done.error());
    });
}

}  // namespace

void add_account(CLI::App& app, Context& context) {
    CLI::App* const group = app.add_subcommand("account", "accounts: list, add, disable, unlock, …");
    group->require_subcommand(1);
    const auto options = std::make_shared<AccountOptions>();
    group->add_option("--as", options->as, "name of the account you act with");
    group->add_option("--password-file", options->password_file, "its password; else it is asked for");
    group->add_option("--code", options->code, "its one-time code, where it has one");
    group->fallthrough();

    CLI::App* const all = group->add_subcommand("list", "the accounts you may see");
    all->callback([&context, options] {
        if (auto done = run(context, *options, [&](const Acting& acting) { return list(context, acting); });
            !done)
            context.fail(done.error());
    });
    CLI::App* const fresh = group->add_subcommand("add", "an account for a person of the registry");
    fresh->add_option("PERSON", options->person, "id of the person")->required();
    fresh->add_option("NAME", options->name, "what is typed to sign in: a staff number")->required();
    fresh->callback([&context, options] {
        if (auto done = run(context, *options, [&](const Acting& acting) { return add(acting, *options); });
            !done)
            context.fail(done.error());
    });
    add_change(*group, context, options, "disable", "close an account; its sessions end",
               {.state = "disabled"});
    add_change(*group, context, options, "enable", "open it again", {.state = "active"});
    add_change(*group, context, options, "unlock", "end a lock-out", {.unlock = true});
    add_change(*group, context, options, "password", "a new password for one sign-in",
               {.reset_password = true});
    CLI::App* const issue = group->add_subcommand("token", "an access token for a program of yours");
    issue->add_option("LABEL", options->label, "what it is for")->required();
    issue->add_option("--scope", options->scope, "what it may do: rows of the access table")->required();
    issue->add_option("--until", options->until, "its last day")->required();
    issue->callback([&context, options] {
        if (auto done = run(context, *options, [&](const Acting& acting) { return token(acting, *options); });
            !done)
            context.fail(done.error());
    });
    CLI::App* const back = group->add_subcommand("recover", "a new password without signing in");
    back->add_option("NAME", options->name, "name of the account")->required();
    back->add_option("--reason", options->reason, "why; stands in the journal")->required();
    back->callback([&context, options] {
        const auto workspace = context.open_workspace(false);
        if (!workspace) return context.fail(workspace.error());
        if (auto done = recover(**workspace, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
