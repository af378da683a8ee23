#include "law/law.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "law/check.hpp"
#include "law/toml.hpp"
#include "law/words.hpp"

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

/// A law directory of its own for one test: a small law that loads, to which a test adds or which it spoils.
class SmallLaw {
 public:
    SmallLaw() {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        directory_ = fs::path(::testing::TempDir()) /
                     (std::string("law_") + test->name() + "_" + std::to_string(++count_));
        fs::remove_all(directory_);
        put("sources.toml",
            "[[source]]\nid = \"APPR\"\nzh = \"程序规定\"\nen = \"Procedures\"\nfrom = 2019-04-01\ntext_read "
            "= \"full\"\n");
        put("roles.csv", "id,zh,en,department,note\nofficer,执法人员,Officer,,\nsystem,系统,System,,\n");
        put("vocabularies.csv", "id,zh,en,source,status,basis\ngrounds,理由,Grounds,APPR 18,verified,text\n");
        put("vocabularies/grounds.csv", "code,zh,en\nreal,属实,Real\nother,其他,Other\n");
        put("documents.csv",
            "id,zh,en,set,stage,issued_to_party,needs_service_receipt,fields,basis,status,note\n"
            "form_01,表,Form,penalty,,,,a|b,practice,verified,\n");
        put("limits.csv", limits_head +
                              "T.VERIFY,matter,,verify,officer,found,due,15,working_day,15,working_day,head,,"
                              "APPR,18,verified,text,,2019-04-01,\n");
        put("procedures/matter.toml", matter);
    }
    ~SmallLaw() { fs::remove_all(directory_); }

    void put(const std::string& name, const std::string& text) {
        fs::create_directories((directory_ / name).parent_path());
        std::ofstream(directory_ / name, std::ios::binary) << text;
    }
    void remove(const std::string& name) { fs::remove(directory_ / name); }
    /// The matter procedure with one text replaced.
    void change(const std::string& from, const std::string& to) {
        std::string text = matter;
        const auto at = text.find(from);
        QY_ASSERT(at != std::string::npos);
        put("procedures/matter.toml", text.replace(at, from.size(), to));
    }
    std::vector<std::string> problems() const {
        std::vector<Error> errors;
        const auto law = Law::load(directory_, &errors);
        EXPECT_EQ(law.has_value(), errors.empty());
        std::vector<std::string> out;
        for (const Error& error : errors) out.push_back(error.where + ": " + std::string(error.info().name));
        return out;
    }
    Law load() const {
        auto law = Law::load(directory_);
        EXPECT_TRUE(law) << law.error().text();
        return *law;
    }

    static inline const std::string limits_head =
        "id,procedure,zh,step,actor,start_event,kind,value,unit,ext_value,ext_unit,ext_by,excluded_time,law,"
        "article,status,basis,note,from,to\n";
    static inline const std::string matter = R"toml(id = "matter"
zh = "事项"
en = "Matter"
unit = "matter"
prefix = "mat"
law = ["APPR 18"]
from = 2019-04-01
initial = ["open"]
open_by = ["officer"]
clocks = ["start T.VERIFY"]
form = [{ id = "facts", zh = "事实", en = "Facts", type = "text", required = true }]
[[state]]
id = "open"
zh = "办理中"
en = "Open"
[[state]]
id = "closed"
zh = "办结"
en = "Closed"
terminal = true
[[step]]
id = "close"
zh = "办结"
en = "Close"
from = ["open"]
to = "closed"
by = ["officer"]
guard = ["within(T.VERIFY)", "one_of(ground, grounds)", "attribute(facts, x)"]
clocks = ["stop T.VERIFY"]
documents = ["form_01"]
law = ["APPR 18"]
form = [{ id = "ground", zh = "理由", en = "Ground", type = "word", vocabulary = "grounds", required = true }]
)toml";

 private:
    fs::path directory_;
    static inline int count_ = 0;
};

using Problems = std::vector<std::string>;

TEST(law, a_small_law_loads) {
    const SmallLaw small;
    const Law law = small.load();
    EXPECT_EQ(law.files(), 7u);
    const Date on = make_date(2025, 1, 1);
    const Procedure* matter = *law.procedure("matter", on);
    EXPECT_EQ(matter->steps[0].guards[0].text(), "within(T.VERIFY)");
    EXPECT_EQ(matter->steps[0].guards[0].where, "procedures/matter.toml:28:10");
    EXPECT_EQ((*law.limit("T.VERIFY", on))->value, Rational(15));
    EXPECT_EQ(law.limit("T.NONE", on).error().code, ErrorCode::limit_unknown);
    EXPECT_EQ(law.limit("T.VERIFY", make_date(2019, 3, 31)).error().code, ErrorCode::law_not_in_force);
    EXPECT_EQ(law.procedure("matter", make_date(2018, 1, 1)).error().code, ErrorCode::law_not_in_force);
    EXPECT_EQ(law.procedure("other", on).error().code, ErrorCode::procedure_unknown);
    EXPECT_EQ(law.parameter("none", on).error().code, ErrorCode::record_unknown);
    EXPECT_EQ(law.cite_zh(parse_citation("APPR 18")), "《程序规定》第18条");
    EXPECT_EQ(law.cite_zh(parse_citation("APPR 98(3)(5)")), "《程序规定》第98条第3款第5项");
    EXPECT_EQ(law.cite_en(parse_citation("APPR 18")), "Procedures, Art. 18");
}

TEST(law, an_empty_directory_is_an_empty_law) {
    const fs::path directory = fs::path(::testing::TempDir()) / "law_empty";
    fs::create_directories(directory);
    EXPECT_TRUE(Law::load(directory));
    const auto missing = Law::load(directory / "not_there");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::file_unreadable);
}

TEST(law, the_digest_tells_every_change) {
    SmallLaw small;
    const Digest before = small.load().digest();
    EXPECT_EQ(small.load().digest(), before);
    small.put("roles.csv", "id,zh,en,department,note\nofficer,执法人员,Officer,,x\nsystem,系统,System,,\n");
    EXPECT_NE(small.load().digest(), before);
}

struct Refusal {
    std::string from;
    std::string to;
    Problems expected;
};

TEST(law, procedures_are_refused_at_their_line_and_column) {
    const Refusal refusals[] = {
        {"prefix = \"mat\"",
         "prefix = \"mat\"\nprefix = \"mat\"",
         {"procedures/matter.toml:6:10: toml_malformed"}},
        {"prefix = \"mat\"",
         "prefix = \"mat\"\ncolour = \"red\"",
         {"procedures/matter.toml:6:1: law_key_unknown"}},
        {"prefix = \"mat\"", "prefix = \"Mat\"", {"procedures/matter.toml:5:10: law_value_invalid"}},
        {"prefix = \"mat\"", "prefix = 3", {"procedures/matter.toml:5:10: law_value_invalid"}},
        {"prefix = \"mat\"", "prefix = 3.5", {"procedures/matter.toml:5:10: law_value_invalid"}},
        {"prefix = \"mat\"\n", "", {"procedures/matter.toml:1:1: law_key_missing"}},
        {"id = \"matter\"", "id = \"other\"", {"procedures/matter.toml:1:1: law_value_invalid"}},
        {"law = [\"APPR 18\"]\nfrom",
         "law = [\"APRP 18\"]\nfrom",
         {"procedures/matter.toml:6:8: law_citation_unknown"}},
        {"law = [\"APPR 18\"]\nform",
         "law = [\"APPR 18\", \"DAL 9\"]\nform",
         {"procedures/matter.toml:31:19: law_citation_unknown"}},
        {"within(T.VERIFY)", "wihtin(T.VERIFY)", {"procedures/matter.toml:28:10: law_word_unknown"}},
        {"within(T.VERIFY)", "within(T.VERFY)", {"procedures/matter.toml:28:10: law_limit_unknown"}},
        {"within(T.VERIFY)", "within()", {"procedures/matter.toml:28:10: law_word_arguments"}},
        {"within(T.VERIFY)", "within", {"procedures/matter.toml:28:10: law_word_arguments"}},
        {"within(T.VERIFY)", "within(T.VERIFY", {"procedures/matter.toml:28:10: law_value_invalid"}},
        {"within(T.VERIFY)", "the clock runs", {"procedures/matter.toml:28:10: law_value_invalid"}},
        {"within(T.VERIFY)", "officers(two)", {"procedures/matter.toml:28:10: law_word_arguments"}},
        {"within(T.VERIFY)", "officers(1, 2)", {"procedures/matter.toml:28:10: law_word_arguments"}},
        {"within(T.VERIFY)", "done(file)", {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"within(T.VERIFY)", "given(reason)", {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"within(T.VERIFY)", "approved_by(head)", {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"within(T.VERIFY)",
         "linked(seizure, open)",
         {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"within(T.VERIFY)", "linked(matter, shut)", {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"within(T.VERIFY)", "at_most(ground, cap)", {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"within(T.VERIFY)",
         "equals(ground, unreal)",
         {"procedures/matter.toml:28:10: law_reference_unknown"}},
        {"one_of(ground, grounds)",
         "one_of(ground, groudns)",
         {"procedures/matter.toml:28:30: law_reference_unknown"}},
        {"attribute(facts, x)",
         "attribute(fact, x)",
         {"procedures/matter.toml:28:57: law_reference_unknown"}},
        {"guard = [\"within(T.VERIFY)\", \"one_of(ground, grounds)\", \"attribute(facts, x)\"]\n",
         "",
         {"procedures/matter.toml:21:1: law_guard_missing"}},
        {"guard = [\"within(T.VERIFY)\", \"one_of(ground, grounds)\", \"attribute(facts, x)\"]",
         "guard = []",
         {"procedures/matter.toml:28:9: law_guard_missing"}},
        {"guard = [\"within(T.VERIFY)\", \"one_of(ground, grounds)\", \"attribute(facts, x)\"]",
         "guard = \"none\"",
         {"procedures/matter.toml:28:9: law_guard_missing"}},
        {"guard = [\"within(T.VERIFY)\", \"one_of(ground, grounds)\", \"attribute(facts, x)\"]",
         "guard = \"two officers\"",
         {"procedures/matter.toml:28:9: law_value_invalid"}},
        {"from = [\"open\"]",
         "from = [\"opne\"]",
         {"procedures/matter.toml:25:9: law_reference_unknown",
          "procedures/matter.toml:12:1: law_procedure_broken",
          "procedures/matter.toml:16:1: law_procedure_broken"}},
        {"from = [\"open\"]",
         "from = [\"open\", \"closed\"]",
         {"procedures/matter.toml:25:17: law_procedure_broken"}},
        {"to = \"closed\"",
         "to = \"shut\"",
         {"procedures/matter.toml:26:6: law_reference_unknown",
          "procedures/matter.toml:16:1: law_procedure_broken"}},
        {"initial = [\"open\"]",
         "initial = [\"begun\"]",
         {"procedures/matter.toml:8:12: law_reference_unknown",
          "procedures/matter.toml:12:1: law_procedure_broken",
          "procedures/matter.toml:16:1: law_procedure_broken"}},
        {"terminal = true\n", "", {"procedures/matter.toml:16:1: law_procedure_broken"}},
        {"by = [\"officer\"]\nguard",
         "by = [\"offcier\"]\nguard",
         {"procedures/matter.toml:27:7: law_reference_unknown"}},
        {"open_by = [\"officer\"]", "open_by = []", {"procedures/matter.toml:9:11: law_key_missing"}},
        {"clocks = [\"stop T.VERIFY\"]",
         "clocks = [\"halt T.VERIFY\"]",
         {"procedures/matter.toml:29:11: law_value_invalid"}},
        {"clocks = [\"stop T.VERIFY\"]",
         "clocks = [\"stop T.OTHER\"]",
         {"procedures/matter.toml:29:11: law_limit_unknown"}},
        {"clocks = [\"start T.VERIFY\"]\n",
         "",
         {"procedures/matter.toml:28:11: law_procedure_broken",
          "procedures/matter.toml:27:10: law_procedure_broken"}},
        {"\"form_01\"", "\"form_1\"", {"procedures/matter.toml:30:14: law_reference_unknown"}},
        {"type = \"word\", ",
         "type = \"wrod\", ",
         {"procedures/matter.toml:32:59: law_value_invalid",
          "procedures/matter.toml:32:59: law_value_invalid"}},
        {"vocabulary = \"grounds\", ",
         "",
         {"procedures/matter.toml:32:59: law_value_invalid",
          "procedures/matter.toml:28:30: law_word_arguments"}},
        {"required = true }]\n[[state]]",
         "required = \"yes\" }]\n[[state]]",
         {"procedures/matter.toml:11:76: law_value_invalid"}},
        {"documents = ",
         "automatic = true\ndocuments = ",
         {"procedures/matter.toml:30:13: law_value_invalid"}},
        {"documents = ",
         "opens = \"seizure\"\ndocuments = ",
         {"procedures/matter.toml:21:1: law_reference_unknown"}},
        {"zh = \"事项\"", "zh = \"事项", {"procedures/matter.toml:2:9: toml_malformed"}},
    };
    for (const Refusal& refusal : refusals) {
        SmallLaw small;
        small.change(refusal.from, refusal.to);
        EXPECT_EQ(small.problems(), refusal.expected) << refusal.to;
    }
}

TEST(law, tables_are_refused_at_their_line_and_cell) {
    const std::string head = SmallLaw::limits_head;
    const std::string row =
        "T.VERIFY,matter,,verify,officer,found,due,15,working_day,15,working_day,head,,APPR,18,verified,text,"
        ",2019-04-01,\n";
    const std::tuple<std::string, std::string, Problems> refusals[] = {
        {"limits.csv", head + row + row, {"limits.csv:3:19: law_dates_overlap"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,x,working_day,,,,,APPR,1,verified,,,,\n",
         {"limits.csv:3:8: number_invalid"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,-1,working_day,,,,,APPR,1,verified,,,,\n",
         {"limits.csv:3:8: law_value_invalid"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,1,fortnight,,,,,APPR,1,verified,,,,\n",
         {"limits.csv:3:9: law_value_invalid"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,1,month,,,,,APP,1,verified,,,,\n",
         {"limits.csv:3:14: law_citation_unknown"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,1,month,,,,,APPR,1,certain,,,,\n",
         {"limits.csv:3:16: law_value_invalid"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,1,month,,,,,APPR,1,verified,,,2025-02-29,\n",
         {"limits.csv:3:19: date_invalid"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,1,month,,,,,APPR,1,verified,,,2025-03-01,2025-02-01\n",
         {"limits.csv:3:20: law_value_invalid"}},
        {"limits.csv",
         head + row + "T.B,,,x,,,due,1,month,,,,,APPR,1,verified,,,2001-01-01,2002-01-01\n",
         {"limits.csv:3:14: law_citation_unknown"}},
        {"limits.csv", head + row + "ragged,row\n", {"limits.csv:3:1: csv_malformed"}},
        {"roles.csv",
         "id,zh,en,department,note\nofficer,执,O,,\nofficer,执,O,,\nsystem,系,S,,\n",
         {"roles.csv:3:1: law_duplicate"}},
        {"roles.csv",
         "id,zh,en,department,note\nofficer,,O,,\nsystem,系,S,,\n",
         {"roles.csv:2:2: law_key_missing"}},
        {"roles.csv",
         "id,zh,en,department,note,rank\nofficer,执,O,,,\n",
         {"roles.csv:1:6: column_unknown", "procedures/matter.toml:9:12: law_reference_unknown",
          "procedures/matter.toml:27:7: law_reference_unknown"}},
        {"vocabularies/grounds.csv",
         "code,zh,en\nreal,属实,Real\nreal,属实,Real\n",
         {"vocabularies/grounds.csv:3:1: law_duplicate"}},
        {"vocabularies/grounds.csv",
         "code,zh,en\nre al,属实,Real\n",
         {"vocabularies/grounds.csv:2:1: law_value_invalid"}},
        {"vocabularies/grounds.csv", "code,zh,en\n", {"vocabularies.csv:1:1: law_reference_unknown"}},
        {"vocabularies/ground.csv",
         "code,zh,en\nreal,属实,Real\n",
         {"vocabularies/ground.csv:1:1: law_reference_unknown"}},
        {"documents.csv",
         "id,zh,en,set,stage,issued_to_party,needs_service_receipt,fields,basis,status,note\nform_01,表,F,p,,"
         "maybe,,,,,\n",
         {"documents.csv:2:6: law_value_invalid"}},
        {"regions.csv",
         "code,name,name_en,parent,level,flag,from,to\n430401,甲,,430400,county,,,\n",
         {"regions.csv:2:4: law_reference_unknown"}},
        {"violations.csv",
         "code,zh,en,category,infringes,penalises,qingyuan,flags,typical_evidence,status,note\nD01,甲,A,drug,"
         "APPR 1,APX,,,,,\n",
         {"violations.csv:2:6: law_citation_unknown"}},
        {"limit.csv", head + row, {"limit.csv:1:1: law_reference_unknown"}},
        {"parameters/caps.toml",
         "[[parameter]]\nid = \"cap\"\nzh = \"上\"\nen = \"cap\"\nvalue = \"many\"\nunit = \"yuan\"\n",
         {"parameters/caps.toml:5:9: law_value_invalid"}},
        {"calendar/2025.toml",
         "year = 2025\nsource = \"x\"\n[[holiday]]\nzh = \"节\"\nen = \"d\"\nfrom = 2025-01-02\nto = "
         "2025-01-01\n",
         {"calendar/2025.toml:6:8: law_value_invalid"}},
        {"calendar/2025.toml",
         "year = 2025\nsource = \"x\"\n[[holiday]]\nzh = \"节\"\nen = \"d\"\nfrom = 2025-01-01\nto = "
         "2025-01-01\nworking = [2025-01-06]\n",
         {"calendar/2025.toml:8:12: law_value_invalid"}},
        {"calendar/2025.toml",
         "year = 2026\nsource = \"x\"\n",
         {"calendar/2025.toml:1:1: law_value_invalid"}},
        {"code_systems.toml",
         "[[system]]\nid = \"x\"\nzh = \"码\"\nen = \"x\"\nstandard = \"s\"\npatterns = [\"<digt>\"]\n",
         {"code_systems.toml:6:13: law_value_invalid", "code_systems.toml:1:1: law_key_missing"}},
        {"penalties.toml",
         "[[rule]]\nid = \"A1\"\nlaw = \"APPR 1\"\nzh = \"罚\"\nen = \"p\"\n[rule.normal]\nfine = { base = "
         "\"fixed\", min = 2, max = 1 }\n",
         {"penalties.toml:7:32: law_value_invalid"}},
        {"penalties.toml",
         "[[rule]]\nid = \"A1\"\nlaw = \"APPR 1\"\nzh = \"罚\"\nen = \"p\"\nrefers = [{ rule = \"A2\", "
         "quality = \"fake\" }]\n",
         {"penalties.toml:1:1: law_reference_unknown"}},
        {"sources.toml",
         "[[source]]\nid = \"APPR\"\nzh = \"规\"\nen = \"P\"\ntext_read = \"some\"\n",
         {"sources.toml:5:13: law_value_invalid"}},
        {"terms.toml",
         "[[term]]\nid = \"case\"\nzh = \"案件\"\nen = \"case\"\nmeaning = \"m\"\nsource = \"DAX 1\"\n",
         {"terms.toml:6:10: law_citation_unknown"}},
    };
    for (const auto& [name, text, expected] : refusals) {
        SmallLaw small;
        small.put(name, text);
        EXPECT_EQ(small.problems(), expected) << name << '\n' << text;
    }
}

TEST(law, dated_texts_follow_one_another) {
    SmallLaw small;
    std::string later = SmallLaw::matter;
    later.replace(later.find("2019-04-01"), 10, "2026-05-15");
    small.put("procedures/matter.2026-05-15.toml", later);
    EXPECT_EQ(small.problems(), (Problems{"procedures/matter.toml:7:8: law_dates_overlap"}));
    small.change("from = 2019-04-01\n", "from = 2019-04-01\nto = 2026-05-14\n");
    EXPECT_EQ(small.problems(), Problems{});
    const Law law = small.load();
    EXPECT_EQ((*law.procedure("matter", make_date(2026, 5, 14)))->file, "procedures/matter.toml");
    EXPECT_EQ((*law.procedure("matter", make_date(2026, 5, 15)))->file, "procedures/matter.2026-05-15.toml");
}

TEST(law, all_problems_are_told_at_once) {
    SmallLaw small;
    small.put("roles.csv", "id,zh,en,department,note\nofficer,,O,,\nsystem,系,,,\n");
    small.change("within(T.VERIFY)", "wihtin(T.VERIFY)");
    EXPECT_EQ(small.problems(), (Problems{"roles.csv:2:2: law_key_missing", "roles.csv:3:3: law_key_missing",
                                          "procedures/matter.toml:28:10: law_word_unknown"}));
}

TEST(law, a_clock_may_have_conditions_and_an_end) {
    SmallLaw small;
    small.change("clocks = [\"start T.VERIFY\"]", "clocks = [\"start T.VERIFY where category=drug\"]");
    EXPECT_EQ(small.problems(), Problems{});
    small.change("clocks = [\"start T.VERIFY\"]", "clocks = [\"start T.VERIFY until day\"]");
    EXPECT_EQ(small.problems(), (Problems{"procedures/matter.toml:10:11: law_reference_unknown"}));
    small.change("clocks = [\"start T.VERIFY\"]", "clocks = [\"start T.VERIFY where colour=red\"]");
    EXPECT_EQ(small.problems(), (Problems{"procedures/matter.toml:10:11: law_reference_unknown"}));
}

TEST(law, a_spoilt_file_is_refused_and_never_stops_the_program) {
    // Bytes of the procedure and of the limits are overwritten, left out and doubled: loading ends with or
    // without problems.
    std::uint64_t state = 1;
    const auto random = [&](std::size_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(state >> 33) % below;
    };
    constexpr std::string_view bytes = "\"[]{}=,.()#\n09-azT\\\xff\x00 ";
    SmallLaw small;
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
        std::string text = round % 2 == 0
                               ? SmallLaw::matter
                               : SmallLaw::limits_head + "T.VERIFY,m,,v,o,f,due,15,month,,,,,APPR,18,,,,,\n";
        for (std::size_t i = 0, n = 1 + random(4); i < n; ++i) {
            const std::size_t at = random(text.size());
            if (const auto kind = random(3); kind == 0)
                text[at] = bytes[random(bytes.size())];
            else if (kind == 1)
                text.erase(at, 1 + random(20));
            else
                text.insert(at, text.substr(at, 1 + random(20)));
        }
        small.put(round % 2 == 0 ? "procedures/matter.toml" : "limits.csv", text);
        refused += !small.problems().empty();
    }
    EXPECT_GT(refused, 200);
}

TEST(law, words_are_few_and_well_formed) {
    EXPECT_LE(words().size(), 60u);
    for (const WordInfo& word : words()) {
        EXPECT_FALSE(word.arguments.empty()) << word.name;
        EXPECT_EQ(word.arguments.find_first_not_of("sptlvfarnmwd+"), std::string_view::npos) << word.name;
        EXPECT_EQ(word.zh.find("{4}"), std::string_view::npos) << word.name;
    }
}

// --- the statute book itself

Law statute_book() {
    std::vector<Error> problems;
    auto law = Law::load(QINGYUAN_SOURCE_DIR "/law", &problems);
    for (const Error& problem : problems) ADD_FAILURE() << problem.text();
    QY_ASSERT(law.has_value());
    return *law;
}

TEST(statute_book, loads_and_is_whole) {
    const Law law = statute_book();
    EXPECT_GE(law.limits().size(), 272u);
    EXPECT_EQ(law.penalty_rules().size(), 51u);
    EXPECT_EQ(law.violations().size(), 53u);
    EXPECT_EQ(law.code_systems().size(), 28u);
    EXPECT_EQ(law.regions().size(), 3227u);
    EXPECT_EQ(law.towns().size(), 3013u);
    EXPECT_EQ(law.find_vocabulary("violations")->words.size(), 53u);
    EXPECT_EQ(law.find_region("430481", make_date(2025, 1, 1))->name, "耒阳市");
    const LawSummary summary = summarise(law);
    EXPECT_TRUE(summary.words_unused.empty());
    EXPECT_FALSE(summary.unverified.empty());
}

// mission: G18 F23
TEST(statute_book, uses_the_text_in_force_on_the_date) {
    const Law law = statute_book();
    const Limit* before = *law.limit("CMP.MEDIATE", make_date(2026, 4, 14));
    EXPECT_EQ(before->value, Rational(45));
    EXPECT_EQ(before->unit, Unit::working_day);
    EXPECT_EQ(before->status, Status::unverified);
    const Limit* since = *law.limit("CMP.MEDIATE", make_date(2026, 4, 15));
    EXPECT_EQ(since->value, Rational(60));
    EXPECT_EQ(since->unit, Unit::calendar_day);
    EXPECT_EQ(law.cite_zh(before->citation, make_date(2025, 1, 1)),
              "《市场监督管理投诉举报处理暂行办法》第21条");
    EXPECT_EQ(law.cite_zh(since->citation), "《市场监督管理投诉举报处理办法》第23条");
    // Nothing is taken from a text that is not yet in force.
    EXPECT_EQ(law.limit("CMP.MEDIATE", make_date(2019, 12, 31)).error().code, ErrorCode::law_not_in_force);
}

TEST(statute_book, says_every_limit_in_both_languages) {
    const auto is_chinese = [](const std::string& text) {
        return std::ranges::any_of(text,
                                   [](unsigned char byte) { return byte >= 0xe3; });  // U+3000 and above
    };
    const Law law = statute_book();
    for (const Limit& limit : law.limits())
        for (const auto& [zh, en] : {Wording{limit.zh, limit.step}, limit.actor, limit.start_event,
                                     limit.ext_by, limit.excluded_time, limit.note}) {
            EXPECT_EQ(zh.empty(), en.empty()) << limit.id;
            EXPECT_TRUE(zh.empty() || is_chinese(zh)) << limit.id << ' ' << zh;
            EXPECT_FALSE(is_chinese(en)) << limit.id << ' ' << en;
        }
}

TEST(statute_book, every_limit_of_the_demo_s_years_is_in_force_then) {
    const Law law = statute_book();
    for (const Procedure& procedure : law.procedures()) {
        const Date on = std::max(procedure.from, make_date(2024, 1, 1));
        if (on > procedure.to) continue;
        const auto check = [&](const std::vector<ClockEffect>& clocks) {
            for (const ClockEffect& clock : clocks)
                EXPECT_TRUE(law.limit(clock.limit, on)) << procedure.id << ' ' << clock.limit;
        };
        check(procedure.clocks);
        for (const Step& step : procedure.steps) check(step.clocks);
    }
}

TEST(toml, keeps_the_order_of_the_file_and_the_places_in_code_points) {
    const auto root = parse_toml("乙 = 1", "f.toml");
    EXPECT_EQ(root.error().code, ErrorCode::toml_malformed);
    const auto table = parse_toml("b = \"中文\"\na = [ 1, \"二\" , true, 2025-02-28 ]\n", "f.toml");
    ASSERT_TRUE(table);
    EXPECT_EQ(table->entries[0].key, "b");
    EXPECT_EQ(table->entries[1].node.items[2].place.column, 16u);
    EXPECT_EQ(table->entries[1].node.items[3].date.text(), "2025-02-28");
    EXPECT_EQ(parse_toml("a = 1.5", "f.toml").error().where, "f.toml:1:5");
    EXPECT_EQ(parse_toml("a = 2025-02-30", "f.toml").error().code, ErrorCode::toml_malformed);
    EXPECT_EQ(parse_toml("a = \"\xff\"", "f.toml").error().code, ErrorCode::encoding_invalid);
}

}  // namespace
}  // namespace qingyuan::law
