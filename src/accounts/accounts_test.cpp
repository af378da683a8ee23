// Signing in, sessions, tokens, the first start, administration: what is open and what is refused.
// mission: H1
#include <atomic>
#include <functional>
#include <thread>

#include "accounts/administration.hpp"
#include "accounts/house_test.hpp"
#include "accounts/letters.hpp"
#include "accounts/totp.hpp"

namespace qingyuan::accounts {

namespace {

class SignIn : public House {
 public:
    SignIn() {
        settle();
        account = user("p-li", {"officer"}, "li");
    }
    std::string account;
};

}  // namespace

// --- first start

TEST_F(House, nobody_has_an_account_at_the_first_start) {
    EXPECT_TRUE(accounts->set_up_wanted().value());
    for (const char* name : {"admin", "root", "sys", "qingyuan"})
        for (const char* password : {"admin", "password", "123456", "qingyuan"})
            EXPECT_EQ(sign_in(name, password, {}, std::string("10.1.") + name + password).error().code,
                      ErrorCode::sign_in_refused);
}

TEST_F(House, the_set_up_code_is_needed_and_lasts_a_day) {
    EXPECT_EQ(accounts->set_up(set_up("AAAA-BBBB-CCCC-DDDD"), "p", now()).error().code,
              ErrorCode::token_invalid);
    const std::string first = accounts->set_up_code(now()).value().value();
    const std::string second_code = accounts->set_up_code(now()).value().value();
    EXPECT_EQ(accounts->set_up(set_up(first), "p", now()).error().code, ErrorCode::token_invalid);
    pass(25 * hour);
    EXPECT_EQ(accounts->set_up(set_up(second_code), "p", now()).error().code, ErrorCode::token_invalid);
    const std::string third = accounts->set_up_code(now()).value().value();
    std::string typed;
    for (const char c : third)
        if (c != '-') typed += static_cast<char>(std::tolower(c));
    EXPECT_TRUE(accounts->set_up(set_up(typed), "p", now()));
    EXPECT_EQ(accounts->set_up(set_up(third), "p", now()).error().code, ErrorCode::set_up_done);
    EXPECT_FALSE(accounts->set_up_code(now()).value());
    EXPECT_EQ(noted("set_up").size(), 1u);
}

TEST_F(House, guessing_the_set_up_code_is_locked_out) {
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(accounts->set_up(set_up("x"), "p", now()).error().code, ErrorCode::token_invalid);
    const std::string code = accounts->set_up_code(now()).value().value();
    EXPECT_EQ(accounts->set_up(set_up(code), "p", now()).error().code, ErrorCode::locked_out);
}

TEST_F(House, a_set_up_that_is_not_sound_makes_nothing) {
    const std::string code = accounts->set_up_code(now()).value().value();
    struct Row {
        const char* what;
        std::function<void(Installation&)> spoil;
        ErrorCode code;
    };
    const Row rows[] = {
        {"one name", [](Installation& s) { s.security_admin.name = "sys"; }, ErrorCode::same_person},
        {"one person", [](Installation& s) { s.security_admin.person_name = " 赵一 "; },
         ErrorCode::same_person},
        {"weak", [](Installation& s) { s.system_admin.password = "password"; }, ErrorCode::password_weak},
        {"own name", [](Installation& s) { s.security_admin.password = "Secsecsec-sec-1"; },
         ErrorCode::password_weak},
        {"name", [](Installation& s) { s.system_admin.name = "Zhao Yi"; }, ErrorCode::field_invalid},
        {"nobody", [](Installation& s) { s.system_admin.person_name = "  "; }, ErrorCode::field_missing},
        {"id", [](Installation& s) { s.organisation.id = "../x"; }, ErrorCode::field_invalid},
        {"court", [](Installation& s) { s.organisation.department = "court"; }, ErrorCode::field_invalid},
        {"unnamed", [](Installation& s) { s.organisation.name = ""; }, ErrorCode::field_missing}};
    for (const Row& row : rows) {
        Installation wanted = set_up(code);
        row.spoil(wanted);
        const auto refused = accounts->set_up(wanted, "p", now());
        ASSERT_FALSE(refused) << row.what;
        EXPECT_EQ(refused.error().code, row.code) << row.what << ": " << refused.error().text();
    }
    EXPECT_EQ(facts->checkpoint()->size, 0u);
    EXPECT_TRUE(accounts->set_up(set_up(code), "p", now()));
}

TEST_F(House, the_two_administrators_appoint_the_third_together) {
    settle();
    EXPECT_TRUE(sign_in("sys", good_password)->identity.limited.empty());
    const auto first = sign_in("sec", other_password);
    EXPECT_EQ(first->identity.limited, "password_change");
    EXPECT_EQ(first->identity.scope, (std::vector{access::Policy::own_read, access::Policy::own_change}));
    person("p-sun", {});
    const facts::Form content{{"roles", std::vector<std::string>{"audit_admin"}}};
    const std::string id = agreed(sys(), sec(), "role_change", "p-sun", content);
    const auto changed = facts->write([&](journal::Writer& writer) -> Result<void> {
        const auto row = TRY(writer.view<facts::ProposalRow>().find(id));
        TRY(writer.append(TRY(change_roles(writer, sec(), *row))));
        return {};
    });
    ASSERT_TRUE(changed) << changed.error().text();
    EXPECT_EQ(subject("p-sun").roles, std::vector<std::string>{"audit_admin"});
}

// --- passwords at the door

TEST_F(SignIn, every_refusal_says_the_same) {
    ASSERT_TRUE(accounts->change_account(sys(), "", user("p-wu", {"officer"}, "wu"),
                                         {.state = "disabled", .reason = "left"}, now()));
    const auto unknown = sign_in("nobody", good_password), wrong = sign_in("li", other_password),
               disabled = sign_in("wu", good_password);
    for (const auto& refused : {unknown, wrong, disabled}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::sign_in_refused);
        EXPECT_EQ(refused.error().text(), unknown.error().text());
        EXPECT_EQ(refused.error().zh, unknown.error().zh);
    }
    EXPECT_TRUE(sign_in("  LI ", good_password));
}

TEST_F(SignIn, an_unknown_name_costs_exactly_what_a_wrong_password_costs) {
    ASSERT_TRUE(accounts->change_account(sys(), "", user("p-wu", {"officer"}, "wu"),
                                         {.state = "disabled", .reason = "left"}, now()));
    options.failures_per_name = options.failures_per_peer = 10'000;
    reopen();
    ASSERT_TRUE(sign_in("li", good_password));  // makes the hash that unknown names are compared with
    constexpr std::uint64_t cost = 8 * 1;       // KiB × passes of the house's hashing
    for (int i = 0; i < 500; ++i)
        for (const std::string& name : {std::string("li"), "ghost" + std::to_string(i), std::string("wu")}) {
            const std::uint64_t before = hashing_spent();
            EXPECT_EQ(sign_in(name, other_password).error().code, ErrorCode::sign_in_refused);
            ASSERT_EQ(hashing_spent() - before, cost) << name;
        }
}

TEST_F(SignIn, an_account_nobody_uses_is_closed_and_opened_again) {
    const std::string wu = user("p-wu", {"officer"}, "wu"), liu = user("p-liu", {"officer"}, "liu");
    pass(60 * 24 * hour);
    ASSERT_TRUE(sign_in("wu", good_password));
    pass(30 * 24 * hour);  // the ninetieth day
    EXPECT_EQ(accounts->close_unused(now()).value(), 0U);
    pass(24 * hour);
    const std::uint64_t closed = accounts->close_unused(now()).value();
    EXPECT_EQ(closed, 3U);  // liu, li, and the security administrator; of the system administrator, none
    EXPECT_EQ(accounts->close_unused(now()).value(), 0U);
    EXPECT_EQ(sign_in("liu", good_password).error().code, ErrorCode::sign_in_refused);
    EXPECT_EQ(accounts->find_account(liu).value()->reason, "连续90天未使用");
    EXPECT_EQ(accounts->find_account(wu).value()->state, "active");
    EXPECT_EQ(accounts->find_account_by_name("sys").value()->state, "active");
    ASSERT_TRUE(accounts->change_account(sys(), "", liu, {.state = "active", .reason = "back"}, now()));
    EXPECT_TRUE(sign_in("liu", good_password));
    pass(89 * 24 * hour);
    EXPECT_EQ(accounts->close_unused(now()).value(), 1U);  // wu, after 120 days; liu is back
}

TEST_F(SignIn, what_cannot_fit_is_refused_before_it_costs_anything) {
    EXPECT_EQ(sign_in("li", std::string(2000, 'x')).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(sign_in(std::string(65, 'x'), good_password).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(sign_in("li", std::string_view("a\0b", 3)).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(sign_in("", good_password).error().code, ErrorCode::field_missing);
    EXPECT_EQ(sign_in("li", "").error().code, ErrorCode::field_missing);
}

TEST_F(SignIn, five_failures_lock_a_name_that_exists_or_not) {
    for (const char* name : {"li", "ghost"}) {
        for (int i = 0; i < 5; ++i)
            EXPECT_EQ(sign_in(name, other_password).error().code, ErrorCode::sign_in_refused) << i;
        EXPECT_EQ(sign_in(name, good_password).error().code, ErrorCode::locked_out);
    }
    EXPECT_EQ(sign_in("li", good_password).error().text(), sign_in("ghost", good_password).error().text());
    reopen();  // a restart forgets nothing
    EXPECT_EQ(sign_in("li", good_password).error().code, ErrorCode::locked_out);
    const auto locked = noted("locked_out");
    ASSERT_EQ(locked.size(), 2u);
    EXPECT_EQ(locked[0].object, account);
    EXPECT_EQ(locked[0].count, 4);
    EXPECT_EQ(locked[1].object.find("ghost"), std::string::npos);
    pass(14 * minute);
    EXPECT_FALSE(sign_in("li", good_password));
    pass(2 * minute);
    EXPECT_TRUE(sign_in("li", good_password));
}

TEST_F(SignIn, each_lock_out_in_a_row_is_longer) {
    for (const int minutes : {15, 30, 60}) {
        for (int i = 0; i < 5; ++i) EXPECT_FALSE(sign_in("li", other_password));
        pass((minutes - 1) * minute);
        EXPECT_EQ(sign_in("li", good_password).error().code, ErrorCode::locked_out) << minutes;
        pass(2 * minute);
    }
    EXPECT_TRUE(sign_in("li", good_password));
}

TEST_F(SignIn, an_address_that_fails_too_often_is_locked_for_all_names) {
    options.failures_per_peer = 10;
    reopen();
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(sign_in("n" + std::to_string(i), "x", {}, "10.9.9.9").error().code,
                  ErrorCode::sign_in_refused);
    EXPECT_EQ(sign_in("li", good_password, {}, "10.9.9.9").error().code, ErrorCode::locked_out);
    EXPECT_TRUE(sign_in("li", good_password, {}, "10.9.9.8"));
    pass(61 * minute);
    EXPECT_TRUE(sign_in("li", good_password, {}, "10.9.9.9"));
}

TEST_F(SignIn, a_hundred_tries_at_once_are_not_a_hundred_tries) {
    std::atomic<int> compared = 0, locked = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 5; ++n) {
                const auto tried = sign_in("li", other_password);
                (tried.error().code == ErrorCode::sign_in_refused ? compared : locked)++;
            }
        });
    threads.clear();
    EXPECT_LE(compared, 5);
    EXPECT_EQ(compared + locked, 40);
}

TEST_F(SignIn, an_unlock_is_noted_and_opens_the_name) {
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(sign_in("li", other_password));
    EXPECT_TRUE(accounts->locked_until("li", now()).value());
    ASSERT_TRUE(accounts->change_account(sys(), "s", account, {.unlock = true}, now()));
    EXPECT_EQ(noted("account_unlocked").at(0).object, account);
    EXPECT_TRUE(sign_in("li", good_password));
}

TEST_F(SignIn, a_changed_profile_is_taken_up_at_the_next_sign_in) {
    options.hashing.scheme = HashScheme::pbkdf2_sm3;
    reopen();
    ASSERT_TRUE(sign_in("li", good_password));
    EXPECT_TRUE(work->find<CredentialRow>(account).value()->password.starts_with("$pbkdf2-sm3$"));
    EXPECT_TRUE(sign_in("li", good_password));
}

TEST_F(SignIn, an_old_password_must_be_changed_first) {
    pass(91 * 24 * hour);
    const SignedIn limited = sign_in("li", good_password).value();
    EXPECT_EQ(limited.identity.limited, "password_change");
    EXPECT_EQ(
        accounts->issue_token(limited.identity, "x", {access::Policy::own_read}, today(), now()).error().code,
        ErrorCode::access_denied);
    const auto again = accounts->change_password(limited.identity, good_password, good_password, now());
    EXPECT_EQ(again.error().code, ErrorCode::password_weak);
    const auto changed = accounts->change_password(limited.identity, good_password, other_password, now());
    ASSERT_TRUE(changed) << changed.error().text();
    EXPECT_TRUE(changed->identity.limited.empty());
    EXPECT_FALSE(who(limited.secret));
    EXPECT_TRUE(who(changed->secret));
    const auto back = accounts->change_password(changed->identity, other_password, good_password, now());
    EXPECT_EQ(back.error().code, ErrorCode::password_weak) << "history";
}

TEST_F(SignIn, the_present_password_is_guessed_as_slowly_from_inside) {
    const SignedIn session = sign_in("li", good_password).value();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(
            accounts->change_password(session.identity, other_password, third_password, now()).error().code,
            ErrorCode::sign_in_refused);
    EXPECT_EQ(accounts->change_password(session.identity, good_password, third_password, now()).error().code,
              ErrorCode::locked_out);
}

// --- one-time codes

TEST_F(SignIn, a_code_is_wanted_once_enrolled_and_works_once) {
    const SignedIn session = sign_in("li", good_password).value();
    const CodeBegun begun = accounts->begin_code(session.identity).value();
    const Bytes secret = parse_base32(begun.secret).value();
    const auto code = [&] { return code_at(secret, code_step(now()), "sha1").value(); };
    EXPECT_EQ(accounts->confirm_code(session.identity, "000000", now()).error().code,
              ErrorCode::sign_in_refused);
    EXPECT_TRUE(sign_in("li", good_password)) << "not yet";
    const auto recovery = accounts->confirm_code(session.identity, code(), now()).value();
    ASSERT_EQ(recovery.size(), 10u);
    EXPECT_EQ(sign_in("li", good_password).error().code, ErrorCode::code_wanted);
    EXPECT_EQ(sign_in("li", other_password).error().code, ErrorCode::sign_in_refused);
    EXPECT_EQ(sign_in("li", good_password, code()).error().code, ErrorCode::sign_in_refused) << "replayed";
    pass(30 * second);
    const std::string next = code();
    EXPECT_TRUE(sign_in("li", good_password, next));
    EXPECT_FALSE(sign_in("li", good_password, next));
    EXPECT_TRUE(sign_in("li", good_password, recovery[3]));
    EXPECT_FALSE(sign_in("li", good_password, recovery[3])) << "used twice";
    EXPECT_EQ(work->find<CredentialRow>(account).value()->code.find(begun.secret), std::string::npos);
    EXPECT_EQ(accounts->remove_code(session.identity, other_password, now()).error().code,
              ErrorCode::sign_in_refused);
    ASSERT_TRUE(accounts->remove_code(session.identity, good_password, now()));
    EXPECT_TRUE(sign_in("li", good_password));
}

TEST_F(SignIn, roles_that_need_a_code_can_only_enrol_one) {
    options.code_roles = {"officer"};
    reopen();
    const SignedIn session = sign_in("li", good_password).value();
    EXPECT_EQ(session.identity.limited, "code_enrolment");
    const CodeBegun begun = accounts->begin_code(session.identity).value();
    const std::string code = code_at(parse_base32(begun.secret).value(), code_step(now()), "sha1").value();
    ASSERT_TRUE(accounts->confirm_code(session.identity, code, now()));
    EXPECT_TRUE(who(session.secret)->limited.empty());
}

// --- sessions

TEST_F(SignIn, only_the_secret_opens_a_session_and_only_its_digest_is_kept) {
    const SignedIn session = sign_in("li", good_password).value();
    ASSERT_TRUE(who(session.secret));
    EXPECT_EQ(who(session.secret)->person, "p-li");
    const std::string id = digest_hex(session.secret);
    EXPECT_TRUE(work->find<SessionRow>(id).value());
    for (const std::string& stolen : {id, id.substr(0, 16), session.identity.session, std::string("x"),
                                      std::string(), session.secret + "A", std::string(5000, 'A')})
        EXPECT_FALSE(who(stolen)) << stolen;
}

TEST_F(SignIn, a_fixed_session_is_worth_nothing) {
    const SignedIn planted = sign_in("li", good_password).value();
    const SignedIn fresh = sign_in("li", good_password, {}, "10.0.0.7", planted.secret).value();
    EXPECT_NE(planted.secret, fresh.secret);
    EXPECT_FALSE(who(planted.secret));
    EXPECT_TRUE(who(fresh.secret));
    EXPECT_TRUE(sign_in("li", good_password, {}, "10.0.0.7", "chosen-by-somebody-else"));
    EXPECT_FALSE(who("chosen-by-somebody-else"));
}

TEST_F(SignIn, a_session_is_not_replayed_after_signing_out) {
    const SignedIn session = sign_in("li", good_password).value();
    ASSERT_TRUE(who(session.secret));
    ASSERT_TRUE(accounts->sign_out(session.secret, now()));
    EXPECT_FALSE(who(session.secret));
    pass(2 * minute);
    EXPECT_FALSE(who(session.secret));
    EXPECT_EQ(noted("sign_out").size(), 1u);
    EXPECT_TRUE(accounts->sign_out(session.secret, now()));
}

TEST_F(SignIn, a_session_ends_when_idle_and_at_the_end_of_its_time) {
    const SignedIn idle = sign_in("li", good_password).value(), used = sign_in("li", good_password).value();
    for (int i = 0; i < 3; ++i) {
        pass(20 * minute);
        EXPECT_TRUE(who(used.secret));
    }
    EXPECT_FALSE(who(idle.secret));
    while (now().us + 20 * minute < used.ends.us) {
        pass(20 * minute);
        ASSERT_TRUE(who(used.secret));
    }
    pass(20 * minute);
    EXPECT_FALSE(who(used.secret)) << "eight hours";
}

TEST_F(SignIn, use_is_kept_over_a_restart_and_written_at_most_once_a_minute) {
    const SignedIn session = sign_in("li", good_password).value();
    const std::string id = digest_hex(session.secret);
    const std::int64_t begun = work->find<SessionRow>(id).value()->seen;
    for (int i = 0; i < 50; ++i) {
        pass(second);
        ASSERT_TRUE(who(session.secret));
    }
    EXPECT_EQ(work->find<SessionRow>(id).value()->seen, begun);
    pass(25 * minute);
    ASSERT_TRUE(who(session.secret));
    reopen();
    pass(25 * minute);
    EXPECT_TRUE(who(session.secret));
}

TEST_F(SignIn, disabling_and_new_roles_end_sessions_within_five_seconds) {
    const SignedIn session = sign_in("li", good_password).value();
    ASSERT_TRUE(who(session.secret));
    pass(second);
    person("p-li", {"officer", "unit_head"});
    pass(4 * second);
    EXPECT_FALSE(who(session.secret)) << "privilege change";
    const SignedIn next = sign_in("li", good_password).value();
    ASSERT_TRUE(who(next.secret));
    // as another process would do it: nothing in this one is told
    record({facts::AccountRecorded{account, "p-li", "li", "disabled", "stolen"}});
    pass(4 * second);
    EXPECT_FALSE(who(next.secret));
    EXPECT_FALSE(sign_in("li", good_password));
}

TEST_F(SignIn, disabling_here_ends_sessions_at_once) {
    const SignedIn session = sign_in("li", good_password).value();
    ASSERT_TRUE(who(session.secret));
    ASSERT_TRUE(
        accounts->change_account(sys(), "", account, {.state = "disabled", .reason = "stolen"}, now()));
    EXPECT_FALSE(who(session.secret));
}

TEST_F(SignIn, one_ends_ones_own_sessions_only) {
    const SignedIn mine = sign_in("li", good_password).value(),
                   theirs = sign_in("sys", good_password).value();
    EXPECT_EQ(accounts->sessions(account, now())->size(), 2u);  // with the one that changed the password
    EXPECT_EQ(accounts->end_session(account, theirs.identity.session, now()).error().code,
              ErrorCode::record_unknown);
    EXPECT_TRUE(who(theirs.secret));
    ASSERT_TRUE(accounts->end_session(account, mine.identity.session, now()));
    EXPECT_FALSE(who(mine.secret));
}

// --- tokens

TEST_F(SignIn, a_token_does_what_it_says_until_its_day) {
    const SignedIn session = sign_in("li", good_password).value();
    const auto issued = accounts->issue_token(session.identity, "upload", {access::Policy::evidence_submit},
                                              today() + 1, now());
    ASSERT_TRUE(issued) << issued.error().text();
    EXPECT_TRUE(issued->token.starts_with("qyt_"));
    const auto identity = accounts->identify("", issued->token, now()).value();
    ASSERT_TRUE(identity);
    EXPECT_TRUE(identity->token);
    EXPECT_EQ(identity->scope, std::vector{access::Policy::evidence_submit});
    const auto rows = accounts->tokens(account).value();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].used, now().us);
    for (const auto& refused :
         {accounts->issue_token(*identity, "x", {access::Policy::own_read}, today(), now()).error(),
          accounts->change_password(*identity, good_password, other_password, now()).error(),
          accounts->begin_code(*identity).error(),
          accounts->remove_code(*identity, good_password, now()).error()})
        EXPECT_EQ(refused.code, ErrorCode::access_denied);
    pass(24 * hour);
    EXPECT_TRUE(accounts->identify("", issued->token, now()));
    pass(24 * hour);
    EXPECT_EQ(token_error(issued->token), ErrorCode::token_invalid);
    EXPECT_EQ(token_error(issued->token), ErrorCode::token_invalid);
    EXPECT_EQ(noted("token_denied").size(), 1u) << "folded";
}

TEST_F(SignIn, tokens_that_are_none) {
    const SignedIn session = sign_in("li", good_password).value();
    const auto issued =
        accounts->issue_token(session.identity, "x", {access::Policy::own_read}, today(), now()).value();
    for (const std::string& bad :
         {std::string("qyt_"), std::string("x"), issued.token + "A", issued.token.substr(4), session.secret,
          digest_hex(issued.token), "qyt_" + std::string(500, 'A')})
        EXPECT_EQ(token_error(bad), ErrorCode::token_invalid) << bad;
    ASSERT_TRUE(accounts->identify("", issued.token, now()));
    ASSERT_TRUE(accounts->revoke_token(account, issued.id, now()));
    EXPECT_EQ(token_error(issued.token), ErrorCode::token_invalid);
    EXPECT_EQ(accounts->revoke_token("a-000001", issued.id, now()).error().code, ErrorCode::record_unknown);
    const struct {
        const char* label;
        std::vector<access::Policy> scope;
        int days;
        ErrorCode code;
    } rows[] = {{"", {access::Policy::own_read}, 1, ErrorCode::field_invalid},
                {"x", {}, 1, ErrorCode::field_missing},
                {"x", {access::Policy::own_read}, -1, ErrorCode::field_invalid},
                {"x", {access::Policy::own_read}, 367, ErrorCode::field_invalid}};
    for (const auto& row : rows)
        EXPECT_EQ(accounts->issue_token(session.identity, row.label, row.scope, today() + row.days, now())
                      .error()
                      .code,
                  row.code);
}

TEST_F(SignIn, a_token_ends_with_its_account) {
    const SignedIn session = sign_in("li", good_password).value();
    const auto issued =
        accounts->issue_token(session.identity, "x", {access::Policy::own_read}, today() + 9, now()).value();
    ASSERT_TRUE(accounts->identify("", issued.token, now()));
    ASSERT_TRUE(accounts->change_account(sys(), "", account, {.state = "disabled", .reason = "left"}, now()));
    pass(3 * second);
    EXPECT_EQ(token_error(issued.token), ErrorCode::token_invalid);
}

TEST_F(SignIn, roles_are_open_without_a_password_in_sample_data_alone) {
    EXPECT_EQ(accounts->sign_in_demo("officer", {}, now()).error().code, ErrorCode::access_denied);
    EXPECT_EQ(accounts->demo_token("officer", now()).error().code, ErrorCode::access_denied);
    EXPECT_TRUE(accounts->demo_roles(today())->empty());
    options.sample_data = true;
    person("p-ma", {"statistician"});
    reopen();
    EXPECT_FALSE(accounts->set_up_wanted().value());
    const auto session = accounts->sign_in_demo("statistician", {}, now());
    ASSERT_TRUE(session) << session.error().text();
    EXPECT_EQ(who(session->secret)->person, "p-ma");
    const std::string token = accounts->demo_token("officer", now()).value();
    EXPECT_EQ(accounts->identify("", token, now()).value()->person, "p-li");
    EXPECT_EQ(accounts->sign_in_demo("king", {}, now()).error().code, ErrorCode::person_unknown);
}

// --- administration

TEST_F(SignIn, administrators_are_bound_too) {
    const auto code = [&](const access::Subject& by, const std::string& id, const AccountChange& change) {
        const auto done = accounts->change_account(by, "", id, change, now());
        return done ? ErrorCode{} : done.error().code;
    };
    EXPECT_EQ(code(sys(), "a-000001", {.unlock = true}), ErrorCode::access_denied) << "own account";
    EXPECT_EQ(code(sys(), "a-999999", {.unlock = true}), ErrorCode::account_unknown);
    EXPECT_EQ(code(sys(), account, {.state = "disabled"}), ErrorCode::field_missing);
    EXPECT_EQ(code(sys(), account, {.state = "gone", .reason = "x"}), ErrorCode::not_in_vocabulary);
    EXPECT_EQ(code(sys(), account, {.unlock = true, .etag = "stale"}), ErrorCode::version_conflict);
    EXPECT_EQ(code(sec(), account, {.state = "disabled", .reason = "x"}), ErrorCode::access_denied);
    EXPECT_EQ(code(sec(), account, {.unlock = true}), ErrorCode::access_denied);
    EXPECT_EQ(code(subject("p-li"), "a-000002", {.reason = "x", .reset_code = true}),
              ErrorCode::access_denied);
    EXPECT_EQ(accounts->add_account(subject("p-li"), "", "city-p-002", "x1y", now()).error().code,
              ErrorCode::access_denied);
    EXPECT_EQ(accounts->add_account(sys(), "", "p-li", "second", now()).error().code,
              ErrorCode::duplicate_key);
    EXPECT_EQ(accounts->add_account(sys(), "", "p-nobody", "nobody", now()).error().code,
              ErrorCode::person_unknown);
    person("p-yan", {"officer"});
    EXPECT_EQ(accounts->add_account(sys(), "", "p-yan", "li", now()).error().code, ErrorCode::duplicate_key);
    EXPECT_EQ(accounts->add_account(sys(), "", "p-yan", "Yan Y", now()).error().code,
              ErrorCode::field_invalid);
}

TEST_F(SignIn, a_reset_gives_a_password_for_one_sign_in) {
    const SignedIn session = sign_in("li", good_password).value();
    const std::string fresh =
        accounts->change_account(sys(), "", account, {.reason = "forgot it", .reset_password = true}, now())
            .value();
    EXPECT_FALSE(who(session.secret));
    EXPECT_FALSE(sign_in("li", good_password));
    EXPECT_EQ(sign_in("li", fresh)->identity.limited, "password_change");
    EXPECT_EQ(noted("password_reset").at(0).purpose, "forgot it");
}

TEST_F(SignIn, an_administrators_account_is_reset_by_two_persons_and_once) {
    const AccountChange change{.reason = "forgot it", .reset_password = true};
    EXPECT_EQ(accounts->change_account(sys(), "", "a-000002", change, now()).error().code,
              ErrorCode::approval_missing);
    person("p-sun", {"security_admin"});
    const std::string id =
        agreed(sys(), subject("p-sun"), "account_reset", "a-000002", {{"reason", "forgot it"}});
    AccountChange other = change;
    other.proposal = id;
    other.reason = "another reason";
    EXPECT_EQ(accounts->change_account(sys(), "", "a-000002", other, now()).error().code,
              ErrorCode::content_changed);
    other.reason = change.reason;
    const auto done = accounts->change_account(sys(), "", "a-000002", other, now());
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_TRUE(sign_in("sec", *done));
    EXPECT_EQ(accounts->change_account(sys(), "", "a-000002", other, now()).error().code,
              ErrorCode::wrong_state);
}

TEST_F(SignIn, the_console_recovers_an_account_and_says_so) {
    EXPECT_EQ(accounts->recover("ghost", "x", now()).error().code, ErrorCode::account_unknown);
    EXPECT_EQ(accounts->recover("sys", " ", now()).error().code, ErrorCode::field_missing);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(sign_in("sys", third_password));
    const std::string fresh = accounts->recover("sys", "ill for months", now()).value();
    EXPECT_EQ(noted("recovered_at_console").at(0).purpose, "ill for months");
    EXPECT_EQ(sign_in("sys", fresh)->identity.limited, "password_change");
}

TEST_F(SignIn, no_secret_stands_in_any_store_or_journal) {
    const SignedIn session = sign_in("li", good_password).value();
    const CodeBegun begun = accounts->begin_code(session.identity).value();
    const auto issued =
        accounts->issue_token(session.identity, "x", {access::Policy::own_read}, today(), now()).value();
    std::string all;
    for (journal::Journal* journal : {facts.get(), access.get()}) {
        const auto read = journal->read([&](const journal::Reader& reader) -> Result<void> {
            return reader.transaction().scan(1, TRY(reader.head()).size + 1,
                                             [&](std::uint64_t, std::string_view record) -> Result<void> {
                                                 all += record;
                                                 return {};
                                             });
        });
        ASSERT_TRUE(read);
    }
    const auto add = [&](const auto& rows) {
        for (const auto& row : rows) all += facts::encode_row(row);
    };
    add(work->list<SessionRow>({}).value());
    add(work->list<CredentialRow>({}).value());
    add(work->list<TokenRow>({}).value());
    add(work->list<LockRow>({}).value());
    add(work->list<TicketRow>({}).value());
    EXPECT_GT(all.size(), 1000u);
    for (const std::string& secret : {good_password, session.secret, begun.secret, issued.token,
                                      std::string("name of p-li"), std::string("赵一")})
        EXPECT_EQ(all.find(secret), std::string::npos) << secret;
}

}  // namespace qingyuan::accounts
