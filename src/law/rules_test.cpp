// Custody rules: every shipped one is whole, and every way to write a wrong one is told at its place.
#include "law/rules.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/text.hpp"
#include "law/check.hpp"

using namespace qingyuan;

namespace {

const law::Law& shipped() {
    static const Result<law::Law> law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    QY_ASSERT(law.has_value());
    return *law;
}

constexpr const char* right = R"(id = "odd"
number = 3
zh = "规则"
en = "Rule"
finds_zh = "什么"
finds_en = "What."
unit = "event"
severity = "major"
law = ["SRC 1"]
violation = "V1"
from = 2024-01-01
absence = true
silent = "actor"
route = "regulator"
partners = ["police"]
explain_zh = "{actor}于{time}售出{code}。"
explain_en = "{actor} sold {code} on {time}."
next_zh = "核查。"
next_en = "Look."
[parameters]
age_days = 30
grace_percent = "99.5"
first_event = true
classes = ["prescription"]
[[example]]
zh = "一"
en = "One"
now = "2026-01-01T00:00:00+08:00"
operators = """
id,type,headquarters,region,scopes,licence_from,licence_to
P1,pharmacy,,430407,,2020-01-01T00:00:00+08:00,
"""
events = """
event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split
e1,81000010000000017919,dispense,P1,,2025-01-02T08:00:00+08:00,2025-01-02T09:00:00+08:00,,,1
"""
findings = ["odd,e1"]
[[quiet]]
zh = "二"
en = "Two"
events = """
event_id,code,action,actor,counterparty,event_time,upload_time,batch,document
e2,81000010000000017919,use,P1,,2025-01-02T08:00:00Z,2025-01-02T09:00:00Z,,
"""
)";

class Folder {
 public:
    Folder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("rules_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count));
        std::filesystem::remove_all(path_);
        put("sources.toml",
            "[[source]]\nid = \"SRC\"\nzh = \"法\"\nen = \"Law\"\ntext_read = \"full\"\nfrom = 2020-01-01\n"
            "[[source]]\nid = \"OLD\"\nzh = \"旧\"\nen = \"Old\"\ntext_read = \"full\"\nto = 2019-12-31\n");
        put("vocabularies.csv",
            "id,zh,en,source,status,basis\nfinding_severity,级,S,x,verified,text\nagencies,位,A,x,verified,"
            "text\n");
        put("vocabularies/finding_severity.csv", "code,zh,en\nmajor,主要,major\n");
        put("vocabularies/agencies.csv", "code,zh,en\npolice,公安,police\n");
        put("violations.csv",
            "code,zh,en,category,infringes,penalises,qingyuan,flags,typical_evidence,status,note\n"
            "V1,违法,Violation,drug,SRC 1,SRC 2,,,,verified,\n");
    }
    ~Folder() { std::filesystem::remove_all(path_); }

    void put(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    [[nodiscard]] std::vector<Error> problems() const {
        std::vector<Error> out;
        (void)law::Law::load(path_, &out);
        return out;
    }
    [[nodiscard]] law::Law load() const {
        auto law = law::Law::load(path_);
        QY_ASSERT(law.has_value());
        return *law;
    }

 private:
    std::filesystem::path path_;
};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    QY_ASSERT(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

}  // namespace

TEST(rules, a_right_one_is_read_whole) {
    const Folder folder;
    folder.put("rules/odd.toml", right);
    ASSERT_TRUE(folder.problems().empty()) << folder.problems().front().text();
    const law::Law law = folder.load();
    const law::Rule& rule = **law.rule("odd", make_date(2025, 1, 1));
    EXPECT_EQ(rule.number, 3);
    EXPECT_EQ(rule.version.substr(0, 11), "2024-01-01.");
    EXPECT_EQ(rule.silent, law::Silent::actor);
    EXPECT_EQ(rule.number_of("age_days"), Rational(30));
    EXPECT_EQ(rule.number_of("grace_percent"), Rational(199) / Rational(2));
    EXPECT_FALSE(rule.number_of("firms_min").has_value());
    EXPECT_TRUE(rule.flag_of("first_event"));
    EXPECT_FALSE(rule.flag_of("reporting_only"));
    EXPECT_EQ(rule.words_of("classes"), std::vector<std::string>{"prescription"});
    EXPECT_TRUE(rule.words_of("age_days").empty());
    EXPECT_EQ(rule.placeholders, (std::vector<std::string>{"actor", "code", "time"}));
    EXPECT_EQ(rule.examples[0].findings, std::vector<std::string>{"odd,e1"});
    EXPECT_EQ(rule.examples[0].now, start_of(make_date(2026, 1, 1)));
    // What a later example does not give is that of the first.
    EXPECT_EQ(rule.quiet[0].tables.at("operators"), rule.examples[0].tables.at("operators"));
    EXPECT_NE(rule.quiet[0].tables.at("events"), rule.examples[0].tables.at("events"));
    EXPECT_EQ(rule.quiet[0].now, rule.examples[0].now);
    EXPECT_EQ(law.rule("odd", make_date(2023, 1, 1)).error().code, ErrorCode::law_not_in_force);
    EXPECT_EQ(law.rule("even", make_date(2025, 1, 1)).error().code, ErrorCode::rule_unknown);
}

TEST(rules, every_wrong_writing_is_told) {
    struct Row {
        const char *what, *with;
        ErrorCode code;
    };
    using enum ErrorCode;
    constexpr Row rows[] = {
        // the head
        {"id = \"odd\"", "id = \"even\"", law_value_invalid},
        {"id = \"odd\"", "id = \"Odd\"", law_value_invalid},
        {"number = 3", "number = 15", law_value_invalid},
        {"number = 3", "number = \"3\"", law_value_invalid},
        {"zh = \"规则\"", "", law_key_missing},
        {"finds_en = \"What.\"\n", "", law_key_missing},
        {"zh = \"规则\"", "zh = \"规则\"\ncolour = \"red\"", law_key_unknown},
        {"unit = \"event\"", "unit = \"crime\"", law_value_invalid},
        {"unit = \"event\"\n", "", law_key_missing},
        {"severity = \"major\"", "severity = \"grave\"", law_reference_unknown},
        {"[\"SRC 1\"]", "[\"NONE 1\"]", law_citation_unknown},
        {"[\"SRC 1\"]", "[\"OLD 1\"]", law_citation_unknown},
        {"[\"SRC 1\"]", "[]", law_key_missing},
        {"violation = \"V1\"", "violation = \"V2\"", law_reference_unknown},
        {"from = 2024-01-01\n", "", law_key_missing},
        {"from = 2024-01-01", "from = 2024-01-01\nto = 2023-01-01", law_value_invalid},
        {"from = 2024-01-01", "from = 2024-01-01\nstatus = \"maybe\"", law_value_invalid},
        // how it waits and where it goes
        {"absence = true\n", "", law_value_invalid},
        {"silent = \"actor\"\n", "", law_value_invalid},
        {"silent = \"actor\"", "silent = \"nobody\"", law_value_invalid},
        {"route = \"regulator\"", "route = \"press\"", law_value_invalid},
        {"route = \"regulator\"\n", "", law_key_missing},
        {"\"police\"", "\"army\"", law_reference_unknown},
        // parameters
        {"age_days = 30", "age_weeks = 4", law_key_unknown},
        {"age_days = 30", "age_days = -1", law_value_invalid},
        {"age_days = 30", "age_days = \"2.5\"", law_value_invalid},
        {"grace_percent = \"99.5\"", "grace_percent = 101", law_value_invalid},
        {"first_event = true", "first_event = 1", law_value_invalid},
        {"[\"prescription\"]", "[]", law_value_invalid},
        {"[parameters]", "[[parameters]]", law_value_invalid},
        // explanations
        {"explain_zh = \"{actor}于{time}售出{code}。\"\n", "", law_key_missing},
        {"next_en = \"Look.\"\n", "", law_key_missing},
        {"sold {code} on", "sold {pack} on", law_reference_unknown},
        {"sold {code} on", "sold it on", law_value_invalid},
        {"sold {code} on", "sold {code on", law_value_invalid},
        {"sold {code} on", "sold code} on", law_value_invalid},
        // examples
        {"now = \"2026-01-01T00:00:00+08:00\"", "now = \"soon\"", law_value_invalid},
        {"now = \"2026-01-01T00:00:00+08:00\"", "now = \"2026-01-01\"", law_value_invalid},
        {"en = \"One\"\n", "", law_key_missing},
        {"events = \"\"\"", "happenings = \"\"\"", law_key_unknown},
        {"id,type,", "id,kind,", law_value_invalid},
        {",split\n", ",halved\n", law_value_invalid},
        {",batch,document,split\n", ",batch,split\n", law_value_invalid},
        {"P1,pharmacy", "P1,bakery", law_value_invalid},
        {"P1,pharmacy,,430407", "P1,pharmacy,,43", law_value_invalid},
        {"e1,81000010000000017919", "e1,8100001000000001791", law_value_invalid},
        {"dispense,P1", "eat,P1", law_value_invalid},
        {"dispense,P1", "dispense,P9", law_value_invalid},
        {"dispense,P1,,", "dispense,P1,P9,", law_value_invalid},
        {"09:00:00+08:00,,,1", "09:00:00+08:00,B1,,1", law_value_invalid},
        {"09:00:00+08:00,,,1", "09:00:00+08:00,,D1,1", law_value_invalid},
        {"09:00:00+08:00,,,1", "09:00:00+08:00,,,2", law_value_invalid},
        {"09:00:00+08:00,,,1", "09:00:00+08:00,,", csv_malformed},
        {"P1,,2025-01-02T08:00:00+08:00", "P1,,2025-02-30T08:00:00+08:00", law_value_invalid},
        {"findings = [\"odd,e1\"]", "findings = [\"e1\"]", law_value_invalid},
        {"findings = [\"odd,e1\"]", "findings = [\"odd,e9\"]", law_reference_unknown},
        {"findings = [\"odd,e1\"]", "findings = [\"even,e1\"]", law_reference_unknown},
        {"findings = [\"odd,e1\"]", "", law_value_invalid},
        {"zh = \"二\"", "zh = \"二\"\nfindings = [\"odd,e2\"]", law_key_unknown},
        {"[[quiet]]", "[[example]]", law_key_missing},
    };
    for (const Row& row : rows) {
        const Folder folder;
        folder.put("rules/odd.toml", replaced(right, row.what, row.with));
        const auto problems = folder.problems();
        ASSERT_FALSE(problems.empty()) << row.what << " -> " << row.with;
        EXPECT_EQ(problems.front().code, row.code) << row.with << ": " << problems.front().text();
        EXPECT_TRUE(problems.front().where.starts_with("rules/odd.toml:")) << problems.front().where;
    }
}

TEST(rules, a_wrong_cell_is_told_at_its_line) {
    const Folder folder;
    const std::string text = replaced(right, "dispense,P1", "eat,P1");
    folder.put("rules/odd.toml", text);
    const auto at = std::count(text.begin(), text.begin() + static_cast<long>(text.find("eat,P1")), '\n') + 1;
    ASSERT_EQ(folder.problems().size(), 1u);
    EXPECT_EQ(folder.problems().front().where, "rules/odd.toml:" + std::to_string(at) + ":3");
}

TEST(rules, two_texts_and_two_rules_do_not_collide) {
    const std::string other = replaced(right, "id = \"odd\"", "id = \"even\"");
    {
        const Folder folder;  // the number of another rule
        folder.put("rules/odd.toml", right);
        folder.put("rules/even.toml", replaced(other, "[\"odd,e1\"]", "[\"even,e1\"]"));
        ASSERT_EQ(folder.problems().size(), 1u);
        EXPECT_EQ(folder.problems().front().code, ErrorCode::law_duplicate);
    }
    const std::string later = replaced(right, "from = 2024-01-01", "from = 2025-01-01");
    {
        const Folder folder;  // both in force
        folder.put("rules/odd.toml", right);
        folder.put("rules/odd.2025-01-01.toml", later);
        ASSERT_EQ(folder.problems().size(), 1u);
        EXPECT_EQ(folder.problems().front().code, ErrorCode::law_dates_overlap);
    }
    const std::string first = replaced(right, "from = 2024-01-01", "from = 2024-01-01\nto = 2024-12-31");
    {
        const Folder folder;  // one after the other
        folder.put("rules/odd.toml", first);
        folder.put("rules/odd.2025-01-01.toml", later);
        ASSERT_TRUE(folder.problems().empty()) << folder.problems().front().text();
        const law::Law law = folder.load();
        EXPECT_NE((*law.rule("odd", make_date(2024, 12, 31)))->version,
                  (*law.rule("odd", make_date(2025, 1, 1)))->version);
    }
    {
        const Folder folder;  // a later text keeps the number; the day in the name is its first
        folder.put("rules/odd.toml", first);
        folder.put("rules/odd.2025-01-01.toml", replaced(later, "number = 3", "number = 4"));
        folder.put("rules/odd.2026-01-01.toml", replaced(later, "from = 2025-01-01", "from = 2026-02-01"));
        const auto problems = folder.problems();
        ASSERT_GE(problems.size(), 2u);
        EXPECT_EQ(problems.front().code, ErrorCode::law_value_invalid);
    }
}

TEST(rules, an_explanation_is_filled_in) {
    const auto upper = [](std::string_view name) { return "<" + std::string(name) + ">"; };
    EXPECT_EQ(law::explained("{actor}于{time}售出", upper), "<actor>于<time>售出");
    EXPECT_EQ(law::explained("{code}", upper), "<code>");
    EXPECT_EQ(law::explained("nothing", upper), "nothing");
    EXPECT_EQ(law::explained("open {code", upper), "open {code");
    EXPECT_EQ(law::explained("", upper), "");
}

TEST(rules, the_shipped_ones_are_complete) {
    const auto rules = shipped().rules();
    std::set<int> numbers, absent;
    for (const law::Rule& rule : rules) {
        if (rule.number == 0) continue;
        EXPECT_TRUE(numbers.insert(rule.number).second) << rule.id;
        if (rule.absence) absent.insert(rule.number);
    }
    EXPECT_EQ(numbers.size(), 14u);
    EXPECT_EQ(absent, (std::set<int>{2, 3, 6, 8, 12, 13}));
    const Date on = make_date(2025, 7, 5);
    for (const char* id :
         {"licence_lending", "pharmacist_two_places", "prescription_missing", "prescription_reused",
          "impossible_stock", "stale_stock", "settled_then_resold", "impossible_speed",
          "product_not_approved", "listing_without_stock", "clock_skew"}) {
        ASSERT_TRUE(shipped().rule(id, on).has_value()) << id;
        EXPECT_EQ((*shipped().rule(id, on))->number, 0) << id;
    }
    EXPECT_EQ((*shipped().rule("unreceived_shipment", on))->number_of("age_days"), Rational(30));
    EXPECT_EQ((*shipped().rule("clock_skew", on))->route, law::RuleRoute::none);
    EXPECT_EQ((*shipped().rule("settled_then_resold", on))->partners,
              std::vector<std::string>{"medical_insurance"});
    // The sentence names the pack, the paper, the person or the batch it is about.
    for (const law::Rule& rule : rules) {
        const auto names = [&](const char* name) { return std::ranges::count(rule.placeholders, name) > 0; };
        EXPECT_TRUE(names("code") || names("document") || names("person") || names("batch") ||
                    names("title") || names("prescription") || names("goods"))
            << rule.id;
        EXPECT_TRUE(names("actor") || names("person")) << rule.id;
    }
}

TEST(rules, the_table_in_the_documentation_is_theirs) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/rules.md");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto waits = [](law::Silent silent) -> std::string_view {
        switch (silent) {
            case law::Silent::none: return "at once";
            case law::Silent::actor: return "the operator itself";
            case law::Silent::counterparty: return "the other side";
            case law::Silent::holder: return "the holder";
            case law::Silent::seller: return "the seller";
        }
        return {};
    };
    for (const law::Rule& rule : shipped().rules()) {
        std::string lead = rule.route == law::RuleRoute::none ? "nowhere" : "regulator";
        for (const std::string& partner : rule.partners) lead += ", " + partner;
        const std::string row = fmt::format("| {} | `{}` | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                                            rule.number == 0 ? "" : std::to_string(rule.number), rule.id,
                                            rule.zh, text_of(rule.unit), join(rule.law, ", "), rule.violation,
                                            rule.severity, waits(rule.silent), lead,
                                            rule.status == law::Status::verified ? "verified" : "unverified");
        EXPECT_NE(text.find(row), std::string::npos) << row;
        EXPECT_NE(text.find(fmt::format("`{}`: {}\n", rule.id, rule.finds_en)), std::string::npos) << rule.id;
    }
    for (const law::RulePlaceholder& one : law::rule_placeholders())
        EXPECT_NE(text.find(fmt::format("`{{{}}}`", one.name)), std::string::npos) << one.name;
    for (const law::RuleParameter& one : law::rule_parameters())
        EXPECT_NE(text.find(fmt::format("`{}`", one.name)), std::string::npos) << one.name;
}

TEST(rules, are_counted_by_the_check) {
    const auto summary = law::summarise(shipped());
    const auto count = std::ranges::find(summary.counts, std::string_view("rules"), &law::Count::name);
    ASSERT_NE(count, summary.counts.end());
    EXPECT_EQ(count->all, shipped().rules().size());
    EXPECT_GT(count->unverified, 0u);
}

TEST(rules, every_placeholder_and_parameter_is_used) {
    std::set<std::string, std::less<>> used;
    for (const law::Rule& rule : shipped().rules()) {
        used.insert(rule.placeholders.begin(), rule.placeholders.end());
        for (const auto& [name, value] : rule.numbers) used.insert(name);
        for (const auto& [name, value] : rule.flags) used.insert(name);
        for (const auto& [name, value] : rule.words) used.insert(name);
    }
    for (const law::RulePlaceholder& one : law::rule_placeholders())
        EXPECT_TRUE(used.contains(one.name)) << one.name;
    for (const law::RuleParameter& one : law::rule_parameters())
        EXPECT_TRUE(used.contains(one.name) || one.name == "grace_percent") << one.name;
}
