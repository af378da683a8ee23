// The engine on a procedure that the test writes: each word of a guard, each refusal of the engine, clocks,
// approvals, voiding.
#include <filesystem>
#include <fstream>

#include "act/approval.hpp"
#include "act/clocks.hpp"
#include "act/theatre_test.hpp"

using namespace qingyuan;
using namespace qingyuan::act;

namespace {

constexpr std::string_view toy = R"toml(
id = "toy"
zh = "玩具程序"
en = "Toy procedure"
unit = "case"
prefix = "toy"
law = ["APPR 18"]
status = "verified"
note = "a procedure of the tests"
from = 2021-07-15
initial = ["begun", "resumed"]
open_by = ["officer"]
clocks = ["start CASE.LEAD_VERIFY"]
form = [ { id = "note", zh = "说明", en = "Note", type = "text", required = true } ]
[[state]]
id = "begun"
zh = "开始"
en = "Begun"
[[state]]
id = "resumed"
zh = "续办"
en = "Resumed"
[[state]]
id = "working"
zh = "办理"
en = "Working"
[[state]]
id = "waiting"
zh = "等待"
en = "Waiting"
[[state]]
id = "done"
zh = "办结"
en = "Done"
terminal = true
[[step]]
id = "start"
zh = "启动"
en = "Start"
from = ["begun", "resumed"]
to = "working"
by = ["officer"]
guard = ["officers(2)", "within(CASE.LEAD_VERIFY)"]
clocks = ["stop CASE.LEAD_VERIFY", "start CASE.DECIDE"]
documents = ["penalty_07"]
law = ["APPR 19"]
[[step]]
id = "note_down"
zh = "记录"
en = "Note down"
from = ["working"]
by = ["officer"]
guard = ["given(remark)"]
law = ["APPR 24"]
form = [ { id = "remark", zh = "记录", en = "Remark", type = "text" },
         { id = "fine", zh = "金额", en = "Fine", type = "money" } ]
[[step]]
id = "answer_note"
zh = "答复"
en = "Answer a note"
from = ["working"]
by = ["officer"]
guard = ["numbered(number, note_down)"]
law = ["APPR 24"]
form = [ { id = "number", zh = "序号", en = "Number", type = "whole", required = true } ]
[[step]]
id = "hold"
zh = "中止"
en = "Hold"
from = ["working"]
to = "waiting"
by = ["officer"]
guard = ["approved_by(head_of_authority)", "given(reason)"]
clocks = ["suspend CASE.DECIDE"]
law = ["APPR 46"]
form = [ { id = "reason", zh = "理由", en = "Reason", type = "text", required = true } ]
[[step]]
id = "go_on"
zh = "恢复"
en = "Go on"
from = ["waiting"]
to = "working"
by = ["officer"]
guard = "none"
why = "resuming needs no condition here"
clocks = ["resume CASE.DECIDE"]
law = ["APPR 46"]
[[step]]
id = "lapse"
zh = "逾期"
en = "Lapse"
from = ["working"]
to = "done"
by = ["system"]
guard = ["after(CASE.DECIDE)"]
automatic = true
law = ["APPR 64"]
[[step]]
id = "check"
zh = "审核"
en = "Check"
from = ["working"]
by = ["officer", "unit_head"]
guard = ["not_who(start)", "not_done(check)"]
law = ["APPR 49"]
[[step]]
id = "finish"
zh = "办结"
en = "Finish"
from = ["working"]
to = "done"
by = ["officer"]
guard = [
    "done(check)", "answered(note_down, answer_note, number)", "no_linked(toy, open)",
    "one_of(how, filing_conditions)", "evidence(1)"
]
law = ["APPR 77"]
form = [
  { id = "how", zh = "方式", en = "How", type = "word", vocabulary = "filing_conditions", required = true },
         { id = "who", zh = "人员", en = "Who", type = "person" },
         { id = "day", zh = "日期", en = "Day", type = "date" } ]
)toml";

/// The shipped law with one more procedure, added by a file alone.
std::filesystem::path law_with(std::string_view procedure, const std::string& name) {
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("qingyuan_act_" + name);
    std::filesystem::remove_all(folder);
    std::filesystem::copy(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law", folder,
                          std::filesystem::copy_options::recursive);
    std::ofstream(folder / "procedures" / "toy.toml") << procedure;
    return folder;
}

const law::Law& toy_law() {
    static const law::Law law = Theatre::must(law::Law::load(law_with(toy, "toy")));
    return law;
}

facts::Form note() {
    return {{"note", std::string("seen")}};
}

class Toy : public testing::Test {
 protected:
    std::string begin() {
        const auto seq = theatre_.open("a_officer", {.procedure = "toy", .form = note()});
        EXPECT_TRUE(seq) << seq.error().text();
        return theatre_.row(std::to_string(*seq)).id;
    }
    std::string begin_working() {
        const std::string id = begin();
        EXPECT_TRUE(theatre_.take(id, "a_officer", "start", {.officers = {"b_officer"}}));
        return id;
    }
    /// The roles in which the person stands in the table of involvements.
    std::string involvements(const std::string& person) {
        return theatre_.read([&](const journal::Reader& reader) {
            std::string out;
            for (const auto& row : Theatre::must(reader.view<facts::InvolvementRow>().list(
                     {.where = {{"person", journal::Compare::equal, {person}}}})))
                out += row.role + " ";
            return out;
        });
    }
    Theatre theatre_{toy_law()};
};

ErrorCode code(const Result<std::uint64_t>& result) {
    return result ? ErrorCode::usage : result.error().code;
}

Request with_form(facts::Form form) {
    Request request;
    request.form = std::move(form);
    return request;
}

}  // namespace

TEST(law_files, a_misspelt_guard_is_refused_with_its_line) {
    std::string text(toy);
    text.replace(text.find("officers(2)"), 8, "oficers");
    const auto law = law::Law::load(law_with(text, "misspelt"));
    ASSERT_FALSE(law);
    EXPECT_EQ(law.error().code, ErrorCode::law_word_unknown);
    EXPECT_NE(law.error().where.find("procedures/toy.toml:43:"), std::string::npos) << law.error().where;
}

TEST_F(Toy, a_procedure_added_by_a_file_alone_runs) {
    const std::string id = begin();
    EXPECT_EQ(id, "city-2025-toy-00001");
    EXPECT_EQ(begin(), "city-2025-toy-00002");
    const auto offers = theatre_.offers(id, "a_officer");
    ASSERT_EQ(offers.size(), 1u);
    EXPECT_EQ(offers[0].step->id, "start");
    EXPECT_FALSE(offers[0].refusal);
    EXPECT_EQ(offers[0].needs, std::vector<std::string>{"officers(2)"});
    ASSERT_TRUE(theatre_.take(id, "a_officer", "start", {.officers = {"b_officer"}}));
    const facts::DossierRow row = theatre_.row(id);
    EXPECT_EQ(row.state, "working");
    EXPECT_EQ(row.documents, std::vector<std::string>{"penalty_07"});
    EXPECT_EQ(row.officers, (std::vector<std::string>{"a_officer", "b_officer"}));
    EXPECT_FALSE(is_running(row.clocks[0]));
    EXPECT_EQ(Date{static_cast<std::int32_t>(row.due)},
              make_date(2025, 6, 1));  // 90 calendar days after 2025-03-03
}

TEST_F(Toy, opening_refuses) {
    using Opening = Engine::Opening;
    const Date yesterday = theatre_.today() - 1;
    EXPECT_EQ(code(theatre_.open("a_lab", {.procedure = "toy", .form = note()})), ErrorCode::wrong_role);
    EXPECT_EQ(code(theatre_.open("nobody", {.procedure = "toy", .form = note()})), ErrorCode::person_unknown);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "tay", .form = note()})),
              ErrorCode::procedure_unknown);
    EXPECT_EQ(
        code(theatre_.open(
            "a_officer", Opening{.procedure = "toy", .form = note(), .happened_on = make_date(2021, 7, 14)})),
        ErrorCode::law_not_in_force);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy"})), ErrorCode::field_missing);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .state = "done", .form = note()})),
              ErrorCode::field_invalid);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .operator_id = "none", .form = note()})),
              ErrorCode::operator_unknown);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .organisation = "none", .form = note()})),
              ErrorCode::organisation_unknown);
    EXPECT_EQ(
        code(theatre_.open("county_officer", {.procedure = "toy", .organisation = "city", .form = note()})),
        ErrorCode::wrong_organisation);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .source = 99999, .form = note()})),
              ErrorCode::dossier_unknown);
    EXPECT_EQ(code(theatre_.open("a_officer",
                                 {.procedure = "toy", .form = note(), .happened_on = theatre_.today() + 1})),
              ErrorCode::date_in_future);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .id = "12345", .form = note()})),
              ErrorCode::field_invalid);
    ASSERT_TRUE(theatre_.open("a_officer", {.procedure = "toy", .id = "t1", .form = note()}));
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .id = "t1", .form = note()})),
              ErrorCode::duplicate_key);
    const auto source = static_cast<std::uint64_t>(theatre_.row("t1").seq);
    EXPECT_EQ(
        code(theatre_.open("a_officer",
                           {.procedure = "toy", .source = source, .form = note(), .happened_on = yesterday})),
        ErrorCode::date_before_previous);
    EXPECT_EQ(code(theatre_.open("a_officer",
                                 {.procedure = "toy", .source = source, .source_fact = 1, .form = note()})),
              ErrorCode::record_unknown);
}

TEST_F(Toy, jurisdiction_reaches_down_and_own_units_act_for_their_authority) {
    const std::string id = begin();
    EXPECT_EQ(code(theatre_.take(id, "county_officer", "start", {.officers = {"b_officer"}})),
              ErrorCode::wrong_organisation);
    EXPECT_TRUE(theatre_.take(id, "prov_officer", "start", {.officers = {"b_officer"}}));
    EXPECT_TRUE(theatre_.take(begin(), "institute_officer", "start", {.officers = {"b_officer"}}));
    EXPECT_TRUE(theatre_.take(begin(), "police_officer", "start", {.officers = {"b_officer", "a_officer"}}));
}

TEST_F(Toy, authority_comes_before_state_and_state_before_content) {
    const std::string id = begin();
    EXPECT_EQ(code(theatre_.take(id, "a_lab", "finish")), ErrorCode::wrong_role);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "finish")), ErrorCode::wrong_state);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "finnish")), ErrorCode::step_unknown);
    EXPECT_EQ(code(theatre_.take("none", "a_officer", "finish")), ErrorCode::dossier_unknown);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start")), ErrorCode::officers_too_few);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start", {.officers = {"a_officer"}})),
              ErrorCode::officers_too_few);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start", {.officers = {"uncertified"}})),
              ErrorCode::officer_unqualified);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start", {.officers = {"expired"}})),
              ErrorCode::officer_unqualified);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start", {.officers = {"nobody"}})),
              ErrorCode::person_unknown);
    EXPECT_EQ(
        code(theatre_.take(id, "a_officer", "start", {.officers = {"b_officer"}, .expected_version = 1})),
        ErrorCode::version_conflict);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start",
                                 {.officers = {"b_officer"}, .happened_on = theatre_.today() + 1})),
              ErrorCode::date_in_future);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "start",
                                 {.officers = {"b_officer"}, .happened_on = theatre_.today() - 1})),
              ErrorCode::date_before_previous);
}

TEST_F(Toy, a_forms_errors_come_all_at_once_in_the_order_of_its_fields) {
    const std::string id = begin_working();
    ASSERT_TRUE(theatre_.take(id, "a_unit_head", "check"));
    const auto refused = theatre_.take(
        id, "a_officer", "finish",
        with_form({{"day", std::string("2025-02-30")}, {"who", std::string("nobody")}, {"extra", true}}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::field_missing);
    EXPECT_EQ(refused.error().where, "how");
    EXPECT_EQ(refused.error().law, "APPR 77");
    EXPECT_EQ(refused.error().message,
              "how: must be given; who: 'nobody' is not in the registry on 2025-03-03; day: expects a date "
              "YYYY-MM-DD; "
              "extra: the form has no such field; evidence: 0 of 1 pieces of evidence");
    Request request = with_form({{"how", std::string("evidence")}});
    request.evidence = {"not a digest"};
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "finish", request)), ErrorCode::field_invalid);
    request.evidence = {std::string(64, 'a')};
    request.form["how"] = std::string("by_magic");
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "finish", request)), ErrorCode::not_in_vocabulary);
    request.form["how"] = std::string("evidence");
    EXPECT_TRUE(theatre_.take(id, "a_officer", "finish", request));
    EXPECT_FALSE(theatre_.row(id).open);
    EXPECT_EQ(theatre_.row(id).due, 0);
}

TEST_F(Toy, every_value_of_the_wrong_type_is_refused) {
    const std::string id = begin_working();
    for (const facts::Value& wrong :
         {facts::Value(std::string("12")), facts::Value(true), facts::Value(std::int64_t{-1}),
          facts::Value(std::vector<std::string>{"1"}),
          facts::Value(facts::SubjectRef{"s-0000000000000001", Bytes(32, 'x')})})
        EXPECT_EQ(code(theatre_.take(id, "a_officer", "note_down",
                                     with_form({{"remark", std::string("r")}, {"fine", wrong}}))),
                  ErrorCode::field_invalid);
    for (const facts::Value& wrong :
         {facts::Value(std::int64_t{12}), facts::Value(true), facts::Value(std::vector<std::string>{"1"})})
        EXPECT_EQ(code(theatre_.take(id, "a_officer", "note_down", with_form({{"remark", wrong}}))),
                  ErrorCode::field_invalid);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "note_down", with_form({{"remark", std::string()}}))),
              ErrorCode::field_missing);
    // A fact is small: a megabyte is refused by its field's name, and nothing of the step is recorded.
    const auto version = theatre_.row(id).version;
    const auto huge =
        theatre_.take(id, "a_officer", "note_down", with_form({{"remark", std::string(1 << 20, 'a')}}));
    EXPECT_EQ(code(huge), ErrorCode::field_invalid);
    EXPECT_EQ(huge.error().where, "remark");
    EXPECT_EQ(theatre_.row(id).version, version);
    EXPECT_TRUE(
        theatre_.take(id, "a_officer", "note_down", with_form({{"remark", std::string(64 << 10, 'a')}})));
    EXPECT_TRUE(theatre_.take(id, "a_officer", "note_down",
                              with_form({{"remark", std::string("r")}, {"fine", std::int64_t{1200}}})));
}

TEST_F(Toy, an_approval_binds_the_form_and_another_person) {
    const std::string id = begin_working();
    const facts::Form form{{"reason", std::string("test")}};
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "hold", with_form(form))), ErrorCode::approval_missing);
    EXPECT_EQ(code(theatre_.approve(id, "a_officer", "hold", form)), ErrorCode::wrong_role);
    EXPECT_EQ(code(theatre_.approve(id, "a_head_of_authority", "note_down", {})), ErrorCode::condition_unmet);
    EXPECT_EQ(code(theatre_.approve(id, "a_head_of_authority", "hold", {})), ErrorCode::field_missing);
    ASSERT_TRUE(theatre_.approve(id, "a_head_of_authority", "hold", form));
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "hold", with_form({{"reason", std::string("another")}}))),
              ErrorCode::approval_missing);
    Request along = with_form(form);
    along.officers = {"a_head_of_authority"};  // who acts along has not approved
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "hold", along)), ErrorCode::approval_missing);
    ASSERT_TRUE(theatre_.take(id, "a_officer", "hold", with_form(form)));
    EXPECT_TRUE(theatre_.row(id).approvals.empty());
    ASSERT_TRUE(theatre_.take(id, "a_officer", "go_on"));
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "hold", with_form(form))),
              ErrorCode::approval_missing);  // used up
}

TEST_F(Toy, what_is_laid_before_an_approver_lacks_nothing_but_the_approval) {
    const std::string id = begin_working();
    const auto ready = [&](const std::string& person, const std::string& step, const Request& request) {
        return theatre_.read([&](const journal::Reader& reader) -> Result<std::uint64_t> {
            const Actor actor = TRY(actor_of(reader, person, start_of(theatre_.today())));
            CHECK(ready_for_approval(theatre_.engine(), reader, TRY(dossier(reader, id)), actor, step,
                                     request));
            return std::uint64_t{1};
        });
    };
    const Request filled = with_form({{"reason", std::string("test")}});
    EXPECT_TRUE(ready("a_officer", "hold", filled));
    EXPECT_EQ(code(ready("a_officer", "hold", {})), ErrorCode::field_missing);
    EXPECT_EQ(code(ready("a_head_of_authority", "hold", filled)), ErrorCode::wrong_role);
    EXPECT_EQ(code(ready("a_officer", "note_down", {})), ErrorCode::condition_unmet);  // needs none
    EXPECT_EQ(theatre_.row(id).approvals.size(), 0U);
}

TEST_F(Toy, two_person_rules_look_at_everyone_who_took_part) {
    const std::string id = begin_working();
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "check")), ErrorCode::same_person);
    EXPECT_EQ(code(theatre_.take(id, "b_officer", "check")), ErrorCode::same_person);
    ASSERT_TRUE(theatre_.take(id, "a_unit_head", "check"));
    EXPECT_EQ(code(theatre_.take(id, "a_unit_head", "check")), ErrorCode::step_repeated);
}

TEST_F(Toy, a_recused_person_neither_acts_nor_approves) {
    const std::string id = begin_working();
    const auto recuse = [&](const std::string& by, const std::string& person, const std::string& reason) {
        return theatre_.append([&](const auto& reader) -> Result<facts::Fact> {
            return theatre_.engine().recuse(reader, TRY(dossier(reader, id)),
                                            TRY(actor_of(reader, by, theatre_.clock().now())), person,
                                            reason);
        });
    };
    EXPECT_EQ(code(recuse("a_officer", "b_officer", "kin")), ErrorCode::wrong_role);
    EXPECT_EQ(code(recuse("a_head_of_authority", "a_head_of_authority", "kin")), ErrorCode::same_person);
    EXPECT_EQ(code(recuse("a_head_of_authority", "nobody", "kin")), ErrorCode::person_unknown);
    EXPECT_EQ(code(recuse("a_head_of_authority", "b_officer", " ")), ErrorCode::field_missing);
    const facts::Form form{{"reason", std::string("test")}};
    ASSERT_TRUE(theatre_.approve(id, "b_head_of_authority", "hold", form));
    const auto first = recuse("a_head_of_authority", "b_officer", "kin");
    ASSERT_TRUE(first);
    EXPECT_EQ(code(recuse("a_head_of_authority", "b_officer", "kin")), ErrorCode::step_repeated);
    // Lists leave it out for this person, and find it for those who acted.
    EXPECT_EQ(involvements("b_officer"), "officer recused ");
    EXPECT_EQ(involvements("a_officer"), "officer ");
    ASSERT_TRUE(recuse("a_superior", "b_head_of_authority", "kin"));
    EXPECT_EQ(code(theatre_.take(id, "b_officer", "note_down", with_form({{"remark", std::string("r")}}))),
              ErrorCode::recused);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "hold", with_form(form))), ErrorCode::approval_missing);
    // A recusal entered in error is voided like anything else.
    ASSERT_TRUE(theatre_.void_fact("a_head_of_authority", *first));
    EXPECT_EQ(code(theatre_.void_fact("a_head_of_authority", *first)), ErrorCode::already_voided);
    EXPECT_EQ(involvements("b_officer"), "officer ");
    EXPECT_TRUE(theatre_.take(id, "b_officer", "note_down", with_form({{"remark", std::string("r")}})));
}

TEST_F(Toy, notes_are_answered_by_number_and_links_are_finished) {
    const std::string id = begin_working();
    ASSERT_TRUE(theatre_.take(id, "a_unit_head", "check"));
    const auto answer = [&](std::int64_t number) {
        return theatre_.take(id, "a_officer", "answer_note", with_form({{"number", number}}));
    };
    const auto finish = [&] {
        Request request = with_form({{"how", std::string("evidence")}});
        request.evidence = {std::string(64, 'a')};
        return theatre_.take(id, "a_officer", "finish", request);
    };
    EXPECT_EQ(code(answer(1)), ErrorCode::field_invalid);
    std::vector<std::uint64_t> notes;
    for (int i = 0; i < 3; ++i)
        notes.push_back(
            *theatre_.take(id, "a_officer", "note_down", with_form({{"remark", std::string("r")}})));
    ASSERT_TRUE(theatre_.void_fact("a_officer", notes[1]));
    EXPECT_EQ(code(answer(2)), ErrorCode::field_invalid);  // void, but it keeps its number
    ASSERT_TRUE(answer(3));
    EXPECT_EQ(code(finish()), ErrorCode::step_missing);
    ASSERT_TRUE(answer(1));
    const auto linked = theatre_.open(
        "a_officer",
        {.procedure = "toy", .source = static_cast<std::uint64_t>(theatre_.row(id).seq), .form = note()});
    ASSERT_TRUE(linked);
    EXPECT_EQ(code(finish()), ErrorCode::linked_open);
    ASSERT_TRUE(theatre_.void_fact("a_officer", *linked));
    EXPECT_TRUE(finish());
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "go_on")), ErrorCode::wrong_state);
}

TEST_F(Toy, a_suspended_clock_gives_its_days_back_and_time_takes_its_step) {
    const std::string id = begin_working();
    const facts::Form form{{"reason", std::string("test")}};
    theatre_.pass(10);
    ASSERT_TRUE(theatre_.approve(id, "a_head_of_authority", "hold", form));
    ASSERT_TRUE(theatre_.take(id, "a_officer", "hold", with_form(form)));
    EXPECT_EQ(theatre_.row(id).due, 0);
    theatre_.pass(200);
    ASSERT_TRUE(theatre_.take(id, "a_officer", "go_on"));
    const Date due{static_cast<std::int32_t>(theatre_.row(id).due)};
    EXPECT_EQ(due, make_date(2025, 6, 1) + 200);
    const ClockView view = theatre_.engine().clocks(theatre_.row(id), theatre_.clock().now()).back();
    EXPECT_EQ(view.used, 10);
    EXPECT_EQ(view.excluded_days, 200);
    EXPECT_EQ(view.left, 80);
    EXPECT_EQ(theatre_.pass(due - theatre_.today()), 0);
    const Date latest = view.due.due;  // a reading still allows it
    EXPECT_EQ(theatre_.pass(latest - theatre_.today()), 0);
    EXPECT_EQ(code(theatre_.take(id, "system", "lapse")), ErrorCode::too_early);
    EXPECT_EQ(theatre_.pass(1), 1);
    EXPECT_EQ(theatre_.row(id).state, "done");
    EXPECT_EQ(theatre_.pass(3), 0);
}

TEST_F(Toy, a_limit_that_ran_out_refuses_with_its_own_article) {
    const std::string id = begin();
    theatre_.pass(30);
    const auto refused = theatre_.take(id, "a_officer", "start", {.officers = {"b_officer"}});
    ASSERT_EQ(code(refused), ErrorCode::deadline_passed);
    EXPECT_EQ(refused.error().law, "APPR 18");
    // What happened in time may be recorded late.
    EXPECT_TRUE(theatre_.take(id, "a_officer", "start",
                              {.officers = {"b_officer"}, .happened_on = make_date(2025, 3, 10)}));
}

TEST_F(Toy, voiding_returns_to_the_state_before_and_undoes_its_clocks) {
    const std::string id = begin();
    const facts::DossierRow before = theatre_.row(id);
    const auto start = theatre_.take(id, "a_officer", "start", {.officers = {"b_officer"}});
    const auto remark =
        theatre_.take(id, "a_officer", "note_down", with_form({{"remark", std::string("r")}}));
    ASSERT_TRUE(start && remark);
    const auto refused = theatre_.void_fact("a_officer", *start);
    EXPECT_EQ(code(refused), ErrorCode::not_latest);
    EXPECT_EQ(refused.error().next, "void " + id + "/2 first");
    EXPECT_EQ(code(theatre_.void_fact("a_lab", *remark)), ErrorCode::wrong_role);
    EXPECT_EQ(code(theatre_.void_fact("county_officer", *remark)), ErrorCode::wrong_organisation);
    EXPECT_EQ(code(theatre_.void_fact("a_officer", *remark, "")), ErrorCode::field_missing);
    EXPECT_EQ(code(theatre_.void_fact("a_officer", 999999)), ErrorCode::record_unknown);
    EXPECT_EQ(code(theatre_.void_fact("a_officer", 1)), ErrorCode::record_unknown);
    ASSERT_TRUE(theatre_.void_fact("a_officer", *remark));
    EXPECT_EQ(code(theatre_.void_fact("a_officer", *remark)), ErrorCode::already_voided);
    const auto last = theatre_.void_fact("a_officer", *start);
    ASSERT_TRUE(last);
    EXPECT_EQ(code(theatre_.void_fact("a_head_of_authority", *last)), ErrorCode::wrong_state);
    facts::DossierRow after = theatre_.row(id);
    EXPECT_EQ(after.steps.size(), 2u);
    EXPECT_TRUE(after.steps[0].voided && after.steps[1].voided);
    // Without its marks and its version the row is what it was before.
    after.steps.clear();
    after.version = before.version;
    EXPECT_EQ(facts::encode_row(after), facts::encode_row(before));
}

TEST_F(Toy, a_voided_row_equals_the_fold_of_the_remaining_facts) {
    const std::string id = begin_working();
    std::vector<std::uint64_t> notes;
    for (int i = 0; i < 4; ++i)
        notes.push_back(
            *theatre_.take(id, "a_officer", "note_down", with_form({{"remark", fmt::format("r{}", i)}})));
    ASSERT_TRUE(theatre_.void_fact("a_officer", notes[3]));
    ASSERT_TRUE(theatre_.void_fact("a_officer", notes[1]));
    facts::DossierRow row = theatre_.row(id);
    facts::DossierRow remaining =
        theatre_.refolded(static_cast<std::uint64_t>(row.seq), [&](const facts::Recorded& one) {
            return one.seq != notes[1] && one.seq != notes[3] &&
                   !std::holds_alternative<facts::FactVoided>(one.fact.payload);
        });
    EXPECT_EQ(facts::text_of(row.attributes, "remark"), "r2");
    std::erase_if(row.steps, [](const auto& step) { return step.voided; });
    row.version = remaining.version;
    EXPECT_EQ(facts::encode_row(row), facts::encode_row(remaining));
}

TEST_F(Toy, a_voided_dossier_is_closed_to_everything) {
    const std::string id = begin_working();
    const auto seq = static_cast<std::uint64_t>(theatre_.row(id).seq);
    ASSERT_TRUE(theatre_.void_fact("a_head_of_authority", seq));
    const facts::DossierRow row = theatre_.row(id);
    EXPECT_EQ(row.state, "voided");
    EXPECT_FALSE(row.open);
    EXPECT_EQ(row.due, 0);
    EXPECT_EQ(code(theatre_.void_fact("a_head_of_authority", seq)), ErrorCode::already_voided);
    EXPECT_EQ(code(theatre_.take(id, "a_officer", "note_down", with_form({{"remark", std::string("r")}}))),
              ErrorCode::wrong_state);
    EXPECT_EQ(code(theatre_.open("a_officer", {.procedure = "toy", .source = seq, .form = note()})),
              ErrorCode::already_voided);
    for (const Offer& offer : theatre_.offers(id, "a_officer", true))
        EXPECT_TRUE(offer.refusal) << offer.step->id;
}

TEST_F(Toy, a_dossier_is_decided_under_the_text_of_its_opening) {
    const auto seq = theatre_.open(
        "a_officer", {.procedure = "toy", .form = note(), .happened_on = make_date(2025, 1, 6)});
    ASSERT_TRUE(seq);
    EXPECT_EQ(theatre_.row(std::to_string(*seq)).law_on, make_date(2025, 1, 6));
    EXPECT_EQ(theatre_.row(std::to_string(*seq)).id, "city-2025-toy-00001");
}
