// E2B(R3) messages: what is read, what is refused and by which name, and what becomes of versions.
#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include "base/text.hpp"
#include "facts/codec.hpp"
#include "law/law.hpp"
#include "observe/icsr_ack.hpp"
#include "observe/icsr_xml.hpp"
#include "observe/report_archive.hpp"
#include "observe/report_batch.hpp"
#include "observe/report_csv.hpp"
#include "observe/sentinels.hpp"

namespace qingyuan::observe {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().text();
        std::abort();
    }
    return std::move(*result);
}

const law::Law& book() {
    static const law::Law law = must(law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law"));
    return law;
}

const IcsrElements& elements() {
    static const IcsrElements list = must(IcsrElements::load(book().directory()));
    return list;
}

std::string example(std::string_view name) {
    std::ifstream in(fmt::format("{}/src/observe/examples/{}", QINGYUAN_SOURCE_DIR, name), std::ios::binary);
    EXPECT_TRUE(in.is_open()) << name;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<IcsrMessage> read(std::string_view xml) {
    return read_icsr(xml, elements(), book(), {.now = start_of(make_date(2025, 7, 5))});
}

/// The text with the first `from` behind `after` replaced.
std::string changed(std::string text, std::string_view from, std::string_view to,
                    std::string_view after = {}) {
    const auto begin = after.empty() ? 0 : text.find(after);
    const auto at = text.find(from, begin);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

std::string codes_of(const std::vector<ReportProblem>& problems) {
    std::string out;
    for (const ReportProblem& one : problems)
        out += fmt::format("{}{} {}", out.empty() ? "" : "; ", one.element, info(one.code).name);
    return out;
}

TEST(icsr, a_batch_of_two_reports) {
    const IcsrMessage message = must(read(example("icsr_batch.xml")));
    EXPECT_EQ(codes_of(message.problems), "");
    EXPECT_EQ(message.batch_number, "VIRTUAL-2025-0611-1");
    EXPECT_EQ(message.sender, "VIRTUAL-PHARMA");
    EXPECT_EQ(message.receiver, "HY-CADR");
    ASSERT_EQ(message.reports.size(), 2u);
    const IncomingReport& first = message.reports[0];
    EXPECT_EQ(codes_of(first.problems), "");
    EXPECT_EQ(codes_of(first.warnings), "");
    EXPECT_EQ(first.row.number, "CN-VIRTUAL-0001");
    EXPECT_EQ(first.row.case_id, "CN-VIRTUAL-0001");
    EXPECT_EQ(first.row.info_at, "20250610000000");
    EXPECT_EQ(first.row.sent_at, "20250611093000");
    EXPECT_EQ(first.row.first_known_on.text(), "2025-06-09");
    EXPECT_EQ(first.row.received_on.text(), "2025-07-05");
    EXPECT_EQ(first.row.onset_on.text(), "2025-06-08");
    EXPECT_EQ(first.row.source, "持有人");
    EXPECT_EQ(first.row.organisation, "虚城市第一医院");
    EXPECT_EQ(first.row.sex, "female");
    EXPECT_EQ(first.row.age_years, "47");
    EXPECT_EQ(first.row.weight_kg, "58.5");
    ASSERT_EQ(first.row.products.size(), 1u) << "the concomitant drug is no suspect";
    EXPECT_EQ(first.row.products[0].batch, "2504017");
    EXPECT_EQ(first.row.products[0].approval, "国药准字H99990001");
    EXPECT_EQ(first.row.reactions, std::vector<std::string>{"过敏性休克"});
    EXPECT_EQ(first.row.reaction_codes, std::vector<std::string>{"27.0/10002198"});
    EXPECT_EQ(first.row.seriousness, "serious");
    EXPECT_EQ(first.row.criteria, (std::vector<std::string>{"life", "hospital"}));
    EXPECT_EQ(first.row.outcome, "improved");
    EXPECT_EQ(first.row.causality, "probable");
    EXPECT_EQ(first.patient_name, "金丝雀患者甲");
    EXPECT_EQ(first.patient_id, "ZYH-CANARY-0001");
    EXPECT_EQ(first.quality.completeness, 1000);
    EXPECT_TRUE(first.quality.missing.empty());
    EXPECT_EQ(message.reports[1].row.seriousness, "general");
    EXPECT_EQ(codes_of(message.reports[1].warnings), "G.k.4.r.7[1] batch_number_missing");
    EXPECT_EQ(message.reports[1].row.products[0].no_batch, "patient_unknown");
}

TEST(icsr, null_flavours_where_they_are_allowed) {
    const IcsrMessage message = must(read(example("icsr_null_flavours.xml")));
    ASSERT_EQ(message.reports.size(), 1u);
    const IncomingReport& one = message.reports[0];
    EXPECT_EQ(codes_of(one.problems), "");
    EXPECT_EQ(one.patient_name, "");
    EXPECT_EQ(one.row.sex, "");
    EXPECT_EQ(one.row.onset_on.days, 0);
    EXPECT_EQ(one.row.products[0].no_batch, "unknown");
    // 0.5 for the time to onset, 0.7 for the sex.
    EXPECT_EQ(one.quality.completeness, 350);
    EXPECT_EQ(one.quality.missing, (std::vector<std::string>{"time_to_onset", "sex"}));
    EXPECT_FALSE(one.quality.well_documented());
}

struct Refusal {
    std::string_view name, from, to, wanted;
};

/// Changes that make the first report of the batch one that is not taken; the second is taken all the same.
constexpr Refusal refusals[] = {
    {"two_versions", "codeSystemVersion=\"27.0\">\n", "codeSystemVersion=\"26.1\">\n<x/>", "two"},
    {"future", "<availabilityTime value=\"20250610\"/>", "<availabilityTime value=\"20250710\"/>",
     "C.1.5 date_in_future"},
    {"precision", "<availabilityTime value=\"20250610\"/>", "<availabilityTime value=\"202506\"/>",
     "C.1.5 icsr_precision_short"},
    {"no_such_day", "<availabilityTime value=\"20250610\"/>", "<availabilityTime value=\"20250631\"/>",
     "C.1.5 date_invalid"},
    {"no_zone", "<effectiveTime value=\"20250611093000+0800\"/>", "<effectiveTime value=\"20250611093000\"/>",
     "C.1.2 icsr_precision_short"},
    {"null_flavour", "<availabilityTime value=\"20250610\"/>", "<availabilityTime nullFlavor=\"UNK\"/>",
     "C.1.5 icsr_null_flavour_refused"},
    {"no_null_flavour", "<name>金丝雀患者甲</name>", "<name nullFlavor=\"QQQ\"/>",
     "D.1 icsr_null_flavour_refused"},
    {"code_of_another_case", "administrativeGenderCode code=\"2\"", "administrativeGenderCode code=\"F\"",
     "D.5 not_in_vocabulary"},
    {"missing", "<id extension=\"CN-VIRTUAL-0001\" root=\"2.16.840.1.113883.3.989.2.1.3.2\"/>", "",
     "C.1.8.1 icsr_element_missing"},
    {"too_long", "<name>虚拟头孢注射剂</name>", "LONG", "G.k.2.2[1] icsr_element_invalid"},
    {"meddra", "code=\"10002198\"", "code=\"1000219\"", "E.i.2.1b[1] icsr_element_invalid"},
    {"no_primary", "<priorityNumber value=\"1\"/>", "", "C.2.r.5 icsr_element_invalid"},
    {"no_suspect", "code=\"1\" codeSystem=\"2.16.840.1.113883.3.989.2.1.1.13\"",
     "code=\"2\" codeSystem=\"2.16.840.1.113883.3.989.2.1.1.13\"",
     "G.k.1 report_criteria_missing; G.k report_criteria_missing"},
    {"message_of_another", "<id extension=\"CN-VIRTUAL-0001\"", "<id extension=\"CN-VIRTUAL-0009\"",
     "N.2.r.1 icsr_element_invalid"},
    {"narrative", "<text>患者", "<texx>患者", "H.1 icsr_element_missing"},
    {"both_identifiers", "<name>虚拟头孢注射剂</name>",
     "<code code=\"a\" codeSystem=\"TBD-MPID\"/><code code=\"b\" codeSystem=\"TBD-PhPID\"/>"
     "<name>虚拟头孢注射剂</name>",
     "G.k.2.1[1] icsr_element_invalid"},
};

std::string with(const Refusal& one) {
    std::string text = example("icsr_batch.xml");
    if (one.name == "two_versions")
        return changed(text, "codeSystemVersion=\"27.0\"", "codeSystemVersion=\"26.1\"");
    if (one.name == "too_long") return changed(text, one.from, "<name>" + std::string(251, 'x') + "</name>");
    if (one.name == "narrative") {
        const auto at = text.find("<text>患者");
        const auto end = text.find("</text>", at);
        return text.erase(at, end + 7 - at);
    }
    return changed(text, one.from, one.to);
}

TEST(icsr, a_bad_report_is_refused_by_name_and_the_other_is_taken) {
    for (const Refusal& one : refusals) {
        if (one.name == "two_versions") continue;  // a report with one reaction has one version: see below
        const IcsrMessage message = must(read(with(one)));
        ASSERT_EQ(message.reports.size(), 2u) << one.name;
        EXPECT_EQ(codes_of(message.reports[0].problems), one.wanted) << one.name;
        for (const ReportProblem& problem : message.reports[0].problems) {
            EXPECT_FALSE(problem.next.empty()) << one.name;
            EXPECT_EQ(problem.message.find("金丝雀"), std::string::npos) << one.name;
        }
        EXPECT_TRUE(message.reports[1].accepted()) << one.name;
    }
}

TEST(icsr, one_version_of_meddra) {
    std::string text = example("icsr_batch.xml");
    text = changed(text, "<value xsi:type=\"CE\">\n",
                   "<value xsi:type=\"CE\" code=\"10035664\" "
                   "codeSystem=\"2.16.840.1.113883.6.163\" codeSystemVersion=\"26.1\">\n");
    const IcsrMessage message = must(read(text));
    EXPECT_EQ(codes_of(message.reports[0].problems), "E.i.2.1a icsr_versions_differ");
    EXPECT_EQ(message.reports[0].problems[0].message, "MedDRA 27.0, 26.1");
    EXPECT_TRUE(message.reports[1].accepted());
}

TEST(icsr, the_four_criteria) {
    std::string text = example("icsr_null_flavours.xml");
    text = changed(text, "value=\"35\" unit=\"a\"", "", "code=\"3\"");
    text =
        changed(text, "asQualifiedEntity classCode=\"QUAL\">\n", "asQualifiedEntity classCode=\"QUAL\">\n");
    text = changed(text, "<code code=\"1\" codeSystem=\"2.16.840.1.113883.3.989.2.1.1.6\"/>",
                   "<code nullFlavor=\"UNK\" codeSystem=\"2.16.840.1.113883.3.989.2.1.1.6\"/>");
    EXPECT_EQ(codes_of(must(read(text)).reports[0].problems), "D report_criteria_missing");
}

std::string error_of(std::string_view xml) {
    const auto message = read(xml);
    return message ? "taken" : std::string(info(message.error().code).name);
}

TEST(icsr, messages_that_are_refused_as_a_whole) {
    const std::string good = example("icsr_batch.xml");
    const std::string begin = "<MCCI_IN200100UV01";
    EXPECT_EQ(error_of(changed(good, begin, "<!DOCTYPE MCCI_IN200100UV01>\n" + begin)), "doctype_refused");
    EXPECT_EQ(
        error_of(changed(good, begin, "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n" + begin)),
        "doctype_refused");
    std::string laughs = "<!DOCTYPE a [<!ENTITY a0 \"ha\">";
    for (int i = 1; i < 30; ++i) laughs += fmt::format("<!ENTITY a{} \"&a{};&a{};\">", i, i - 1, i - 1);
    EXPECT_EQ(error_of(changed(good, begin, laughs + "]>\n" + begin)), "doctype_refused");
    EXPECT_EQ(error_of(changed(good, "urn:hl7-org:v3", "urn:hl7-org:v2")), "icsr_namespace_wrong");
    EXPECT_EQ(error_of(changed(good, "<PORR_IN049016UV>", "<PORR_IN049016UV xmlns=\"urn:other\">")),
              "icsr_namespace_wrong");
    EXPECT_EQ(error_of("<ichicsr lang=\"en\"/>"), "icsr_document_unknown");
    EXPECT_EQ(error_of(good.substr(0, good.size() / 2)), "xml_malformed");
    EXPECT_EQ(error_of(""), "xml_malformed");
    std::string deep = "<MCCI_IN200100UV01 xmlns=\"urn:hl7-org:v3\">";
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    EXPECT_EQ(error_of(deep), "nesting_too_deep");
    std::string deep_in_a_report = "<MCCI_IN200100UV01 xmlns=\"urn:hl7-org:v3\"><PORR_IN049016UV>";
    for (int i = 0; i < 100'000; ++i) deep_in_a_report += "<a>";
    EXPECT_EQ(error_of(deep_in_a_report), "nesting_too_deep");
}

TEST(icsr, an_envelope_that_lacks_something_takes_no_report) {
    const std::string good = example("icsr_batch.xml");
    const auto message = must(read(changed(good, "<name code=\"1\"", "<name code=\"2\"")));
    EXPECT_EQ(codes_of(message.problems), "N.1.1 not_in_vocabulary");
    const auto sender = must(read(changed(good, "root=\"2.16.840.1.113883.3.989.2.1.3.13\"", "root=\"1\"")));
    EXPECT_EQ(codes_of(sender.problems), "N.1.3 icsr_element_missing");
}

TEST(icsr, a_message_in_gb18030) {
    // 患 and 者 in GB18030; everything else of the example's first lines is ASCII.
    std::string text = example("icsr_null_flavours.xml");
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            out += text[i++];
            continue;
        }
        out += "\xbb\xbc";  // 患
        i += 3;
    }
    out = changed(out, "encoding=\"UTF-8\"", "encoding=\"GB18030\"");
    const IcsrMessage message = must(read(out));
    EXPECT_EQ(codes_of(message.reports[0].problems), "");
    EXPECT_EQ(message.reports[0].row.reactions, std::vector<std::string>{"患患"});
    EXPECT_EQ(error_of(changed(out, "encoding=\"GB18030\"", "encoding=\"UTF-8\"")), "xml_malformed");
}

TEST(icsr, the_list_of_elements) {
    EXPECT_GT(elements().size(), 100u);
    const std::string head =
        "id,zh,en,scope,path,type,max,conformance,null_flavours,values,precision,personal,note,status\n";
    const auto code = [&](std::string_view row) {
        const auto list = IcsrElements::parse(head + std::string(row));
        return list ? std::string("taken") : std::string(info(list.error().code).name);
    };
    EXPECT_EQ(code("a,甲,A,case,x/@y,text,5,optional,NI,,,,,verified\n"), "taken");
    EXPECT_EQ(code("a,甲,A,house,x,text,5,optional,,,,,,verified\n"), "law_value_invalid");
    EXPECT_EQ(code("a,甲,A,case,x[,text,5,optional,,,,,,verified\n"), "law_value_invalid");
    EXPECT_EQ(code("a,甲,A,case,x,text,5,optional,NIL,,,,,verified\n"), "law_value_invalid");
    EXPECT_EQ(code("a,甲,A,case,x,text,5,optional,,,day,,,verified\n"), "law_value_invalid");
    EXPECT_EQ(code("a,,A,case,x,text,5,optional,,,,,,verified\n"), "law_key_missing");
    const std::string row = "a,甲,A,case,x,text,5,optional,,,,,,verified\n";
    EXPECT_EQ(code(row + row), "law_duplicate");
}

TEST(icsr, the_acknowledgement) {
    const IcsrMessage message =
        must(read(changed(example("icsr_batch.xml"), "code=\"10002198\"", "code=\"1\"")));
    IcsrAck ack{.number = "HY-1",
                .sender = message.receiver,
                .receiver = message.sender,
                .at = start_of(make_date(2025, 7, 5)),
                .batch_number = message.batch_number,
                .local_number = "17",
                .batch_created = message.created,
                .text = {},
                .reports = {}};
    for (const IncomingReport& one : message.reports)
        ack.reports.push_back({one.message_id, "", one.message_sender, one.message_receiver,
                               one.message_created, one.accepted(), ack_text(one.problems)});
    EXPECT_EQ(ack.code(), "AE");
    const std::string xml = ack_xml(ack);
    EXPECT_NE(xml.find("<acknowledgement typeCode=\"CR\">"), std::string::npos);
    EXPECT_NE(xml.find("<acknowledgement typeCode=\"CA\">"), std::string::npos);
    EXPECT_NE(xml.find("[E.i.2.1b[1]] icsr_element_invalid"), std::string::npos);
    EXPECT_NE(xml.find("creationTime value=\"20250705000000+0800\""), std::string::npos);
    ack.reports[0].text = "a<b&\"c\x01";
    EXPECT_NE(ack_xml(ack).find("a&lt;b&amp;&quot;c<"), std::string::npos);
    ack.refused = true;
    EXPECT_EQ(ack.code(), "AR");
}

TEST(hl7_time, what_is_a_time) {
    EXPECT_EQ(parse_hl7_time("20250611093000+0000")->at.text(), "2025-06-11T17:30:00+08:00");
    EXPECT_EQ(parse_hl7_time("20250611093000.123-05")->at.text(), "2025-06-11T22:30:00+08:00");
    EXPECT_EQ(parse_hl7_time("20250611")->date().text(), "2025-06-11");
    EXPECT_EQ(parse_hl7_time("2025")->precision, TimePrecision::year);
    for (const std::string_view text : {"", "2025061", "20250229", "20250611240000", "2025061109300x",
                                        "20250611+9999", "-20250611", "20250611093000."})
        EXPECT_FALSE(parse_hl7_time(text)) << text;
    EXPECT_EQ(hl7_text(start_of(make_date(2025, 7, 5))), "20250705000000+0800");
}

facts::SafetyReportRow row_of(std::string_view name, std::size_t at = 0) {
    return must(read(example(name))).reports.at(at).row;
}

TEST(report_archive, versions_of_a_case) {
    ReportArchive archive;
    const auto first = row_of("icsr_batch.xml"), amended = row_of("icsr_amendment.xml"),
               later = row_of("icsr_follow_up.xml");
    EXPECT_EQ(archive.standing(later), ReportStanding::fresh);
    auto changes = archive.add(later, {5, 0});
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].kind, ReportChangeKind::added);
    EXPECT_EQ(changes[0].after->seriousness, "death");
    EXPECT_EQ(archive.standing(first), ReportStanding::older);
    EXPECT_TRUE(archive.add(first, {6, 0}).empty()) << "an older version does not win";
    EXPECT_TRUE(archive.add(amended, {6, 1}).empty());
    EXPECT_EQ(archive.find("CN-VIRTUAL-0001")->versions.size(), 3u) << "and is kept";
    EXPECT_EQ(archive.standing(first), ReportStanding::duplicate);
    EXPECT_TRUE(archive.add(first, {7, 0}).empty());
    EXPECT_EQ(archive.current().size(), 1u);
    EXPECT_EQ(archive.current()[0].outcome, "death");
}

TEST(report_archive, an_amendment_of_the_same_information_wins) {
    ReportArchive archive;
    archive.add(row_of("icsr_batch.xml"), {1, 0});
    const auto changes = archive.add(row_of("icsr_amendment.xml"), {2, 0});
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].kind, ReportChangeKind::replaced);
    EXPECT_EQ(changes[0].before->products[0].batch, "2504017");
    EXPECT_EQ(changes[0].after->products[0].batch, "2504071");
}

TEST(report_archive, nullified_and_nullified_again) {
    ReportArchive archive;
    archive.add(row_of("icsr_batch.xml", 1), {1, 0});
    auto null = row_of("icsr_nullification.xml");
    EXPECT_EQ(archive.standing(null), ReportStanding::nullifies);
    const auto changes = archive.add(null, {2, 0});
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].kind, ReportChangeKind::withdrawn);
    EXPECT_TRUE(archive.current().empty());
    EXPECT_EQ(archive.standing(null), ReportStanding::duplicate);
    null.info_at = "20250702000000";
    EXPECT_EQ(archive.standing(null), ReportStanding::nullified_again);
    EXPECT_TRUE(archive.add(null, {3, 0}).empty());
    auto late = row_of("icsr_batch.xml", 1);
    late.info_at = "20250703000000";
    EXPECT_EQ(archive.standing(late), ReportStanding::nullified);
    EXPECT_TRUE(archive.add(late, {4, 0}).empty());
    EXPECT_TRUE(archive.current().empty());
}

TEST(report_archive, a_product_is_coded_later) {
    ReportArchive archive;
    archive.add(row_of("icsr_batch.xml"), {1, 0});
    archive.add(row_of("icsr_batch.xml", 1), {1, 1});
    const auto known = [](std::string_view approval) { return approval == "国药准字H99990002"; };
    const auto open = archive.uncoded(known);
    ASSERT_EQ(open.size(), 1u);
    EXPECT_EQ(open[0].name, "虚拟头孢注射剂");
    EXPECT_EQ(open[0].cases, 1u);
    const auto changes = archive.code({open[0].name, open[0].approval, open[0].maker, "虚拟头孢注射剂",
                                       "头孢", "国药准字H99990009", "虚拟药厂A01"});
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].before->products[0].approval, "国药准字H99990001");
    EXPECT_EQ(changes[0].after->products[0].approval, "国药准字H99990009");
    EXPECT_TRUE(archive.uncoded(known).empty());
}

/// The current state in one text.
std::string state_of(const ReportArchive& archive) {
    std::string out;
    for (const auto& [id, one] : archive.cases())
        out += fmt::format("{} {} {}\n", id, one.withdrawn, hex(sm3(facts::encode_row(one.latest().row))));
    return out;
}

TEST(report_archive, any_order_of_versions_gives_the_same_state) {
    EXPECT_TRUE(rc::check([] {
        std::vector<facts::SafetyReportRow> rows;
        const int count = *rc::gen::inRange(1, 12);
        for (int i = 0; i < count; ++i) {
            facts::SafetyReportRow row;
            row.case_id = fmt::format("c{}", *rc::gen::inRange(0, 3));
            row.number = fmt::format("n{}", *rc::gen::inRange(0, 2));
            row.info_at = fmt::format("2025060{}000000", *rc::gen::inRange(1, 4));
            row.sent_at = fmt::format("2025060{}000000", *rc::gen::inRange(4, 6));
            row.received_on = make_date(2025, 6, *rc::gen::inRange(1, 4));
            row.reactions = {fmt::format("r{}", *rc::gen::inRange(0, 3))};
            if (*rc::gen::inRange(0, 8) == 0) row.action = "nullification";
            rows.push_back(row);
        }
        // The day of receipt is the first one's to come; it is no part of what a version says.
        for (auto& row : rows) row.received_on = make_date(2025, 6, 10);
        ReportArchive given, shuffled;
        for (std::size_t i = 0; i < rows.size(); ++i) given.add(rows[i], {1, i});
        std::size_t current = 0;
        for (const auto& one : given.current()) current += one.number.empty() ? 0 : 1;
        RC_ASSERT(current <= given.cases().size());
        auto order =
            *rc::gen::map(rc::gen::container<std::vector<int>>(rows.size(), rc::gen::arbitrary<int>()),
                          [&](const std::vector<int>& keys) {
                              std::vector<std::size_t> places(keys.size());
                              for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
                              std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
                                  return std::pair(keys[a], a) < std::pair(keys[b], b);
                              });
                              return places;
                          });
        std::map<std::string, facts::SafetyReport> live;
        for (const std::size_t i : order)
            for (const ReportChange& change : shuffled.add(rows[i], {2, i})) {
                // Who follows the changes has the same cases.
                if (change.kind == ReportChangeKind::added) RC_ASSERT(!live.contains(change.case_id));
                if (change.kind != ReportChangeKind::added) RC_ASSERT(live.contains(change.case_id));
                if (change.after)
                    live[change.case_id] = *change.after;
                else
                    live.erase(change.case_id);
            }
        RC_ASSERT(state_of(given) == state_of(shuffled));
        RC_ASSERT(live.size() == shuffled.current().size());
        for (const auto& one : shuffled.current())
            RC_ASSERT(std::any_of(live.begin(), live.end(), [&](const auto& entry) {
                return entry.second.number == one.number && entry.second.reactions == one.reactions;
            }));
    }));
}

TEST(sentinels, who_is_silent) {
    Sentinels sites;
    sites.put({"虚城市第一医院", "虚城市第一医院", "hospital", "430400", make_date(2024, 1, 1), {}});
    sites.put({"虚城大学", "虚城大学监测站", "university", "430400", make_date(2025, 6, 1), {}});
    sites.put({"旧哨点", "旧哨点", "hospital", "430400", make_date(2024, 1, 1), make_date(2025, 1, 1)});
    ReportArchive archive;
    archive.add(row_of("icsr_batch.xml"), {1, 0});
    const auto states = sentinel_states(sites, archive, make_date(2025, 10, 10), 90);
    ASSERT_EQ(states.size(), 2u);
    EXPECT_EQ(states[0].site.site, "虚城大学");
    EXPECT_EQ(states[0].silent_days, 131);
    EXPECT_TRUE(states[0].silent);
    EXPECT_FALSE(states[0].last_report);
    EXPECT_EQ(states[1].last_report->text(), "2025-07-05");
    EXPECT_EQ(states[1].silent_days, 97);
    EXPECT_TRUE(states[1].silent);
    EXPECT_FALSE(sentinel_states(sites, archive, make_date(2025, 10, 3), 90)[1].silent);
    const auto shares = channel_shares(archive, make_date(2025, 1, 1), make_date(2025, 12, 31), 80);
    ASSERT_EQ(shares.size(), 1u);
    EXPECT_EQ(shares[0].channel, "direct");
    EXPECT_EQ(shares[0].thousandths, 1000);
    EXPECT_TRUE(shares[0].alarm);
    EXPECT_FALSE(channel_shares(archive, make_date(2025, 1, 1), make_date(2025, 12, 31), 100)[0].alarm);
}

// The worked example of docs/formats/icsr.md.
TEST(report_batch, the_row_of_the_documentation) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/formats/icsr.md");
    std::string text(std::istreambuf_iterator<char>(in), {});
    const auto begin = text.find("```\n", text.find("This row, decoded by")) + 4;
    std::string digits = text.substr(begin, text.find("```", begin) - begin);
    std::erase(digits, '\n');
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    const auto rows = must(report_rows(bytes));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].number, "CN-1");
    EXPECT_EQ(rows[0].info_at, "20250610000000");
    EXPECT_EQ(rows[0].first_known_on.text(), "2025-06-09");
    EXPECT_EQ(rows[0].products[0].batch, "2504017");
    EXPECT_EQ(rows[0].reactions, std::vector<std::string>{"皮疹"});
    EXPECT_EQ(encode_rows(rows).bytes, bytes);
    EXPECT_EQ(must(encoded_row(bytes, 0)), bytes);
    EXPECT_EQ(encoded_row(bytes, 1).error().code, ErrorCode::record_unknown);
    EXPECT_FALSE(report_rows(bytes.substr(0, bytes.size() - 1)));
}

TEST(report_batch, a_manifest) {
    const ReportManifest manifest{"icsr", std::string(64, 'a'), 7, std::string(64, 'b'), 2};
    const auto again = must(parse_report_manifest(manifest.text()));
    EXPECT_EQ(again.text(), manifest.text());
    EXPECT_EQ(again.raw_bytes, 7u);
    EXPECT_EQ(parse_report_manifest("qingyuan trace batch 1\nx\n").error().code, ErrorCode::record_malformed);
}

TEST(sentinels, a_table_of_sites) {
    const std::string head = "site,name,kind,region,from,to\n";
    const auto table =
        must(read_sentinel_csv(head + "a,甲,hospital,430400,2024-01-01,\n,b,hospital,,2024-01-01,\n"
                                      "c,丙,hospital,,2024-13-01,\n"));
    ASSERT_EQ(table.rows.size(), 1u);
    EXPECT_EQ(table.problems.rejected_rows, 2u);
    EXPECT_EQ(read_sentinel_csv("site,name\n").error().code, ErrorCode::column_missing);
}

TEST(report_intake, device_and_cosmetic_rows) {
    const auto table = must(
        read_report_csv(example("reports_device_cosmetic.csv"), report_words(book()), make_date(2025, 7, 5)));
    ASSERT_EQ(table.reports.size(), 2u);
    const auto device = must(incoming_of(table.reports[0], {}, make_date(2025, 7, 5), book()));
    EXPECT_EQ(codes_of(device.problems), "");
    EXPECT_EQ(device.row.kind, "device");
    EXPECT_EQ(device.row.seriousness, "serious");
    EXPECT_EQ(device.row.info_at, "20250602000000");
    EXPECT_EQ(device.quality.missing,
              (std::vector<std::string>{"time_to_onset", "indication", "dose", "narrative"}));
    EXPECT_EQ(device.quality.completeness, 284);  // 0.5 · 0.7 · 0.9 · 0.9 = 0.2835
    const auto cosmetic = must(incoming_of(table.reports[1], {}, make_date(2025, 7, 5), book()));
    EXPECT_EQ(cosmetic.row.kind, "cosmetic");
    EXPECT_EQ(codes_of(cosmetic.warnings), "G.k.4.r.7[1] batch_number_missing");
}

}  // namespace
}  // namespace qingyuan::observe
