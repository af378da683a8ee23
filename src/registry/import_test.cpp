#include "registry/import.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/csv.hpp"
#include "base/merkle.hpp"
#include "base/text.hpp"
#include "facts/codec.hpp"
#include "registry/desk_test.hpp"

using namespace qingyuan;
using namespace qingyuan::registry;

namespace {

const std::string organisations_header =
    "id,name,name_en,parent,department,level,region,kind,from,to,successor\n";
const std::string operators_header =
    "id,name,kind,uscc,headquarters,region,organisation,address,representative,from\n";
const std::string licences_header = "id,operator_id,kind,scopes,status,from,to\n";
const std::string people_header = "id,name,organisation,roles,certificate,certificate_to,from,to\n";
const std::string products_header =
    "id,name,category,holder,class_word,high_risk,centralised_procurement,prescription,banned_online,from,"
    "to\n";
const std::string figures_header = "figure,organisation,period,value,unit,approximate,as_of,source\n";

const std::string city =
    organisations_header +
    "hengyang,衡阳市市场监督管理局,,,market_regulator,city,430400,authority,2019-01-01,,\n"
    "430405_amr,珠晖区市场监督管理局,Zhuhui,hengyang,market_regulator,county,430405,authority,2019-01-01,,\n"
    "430406_amr,雁峰区市场监督管理局,,hengyang,market_regulator,county,430406,authority,2019-01-01,,\n"
    "old_centre,旧中心,,hengyang,market_regulator,,,centre,2019-01-01,2020-12-31,hengyang\n";

const std::string shops =
    operators_header +
    "hq,示例连锁总部,chain_headquarters,91430405MA4L00001A,,430405,430405_amr,示例路 1 号,周示例,2020-01-01\n"
    "shop,示例大药房一店,chain_store,,hq,430405,,示例路 2 号,,2021-01-01\n";

/// A row that must be rejected: the line under the header, the column and the code.
struct Refused {
    std::string row;
    std::string field;
    ErrorCode code;
};

}  // namespace

class Import : public Desk {
   public:
    void refuses(ImportKind kind, const std::string& header, const std::vector<Refused>& rows) {
        for (const Refused& refused : rows) {
            const auto before = size();
            const auto report = import(kind, header + refused.row + "\n");
            ASSERT_TRUE(report) << refused.row << ": " << report.error().text();
            EXPECT_EQ(report->rejected, 1u) << refused.row;
            ASSERT_FALSE(report->rows.empty()) << refused.row;
            const bool found =
                std::any_of(report->rows.begin(), report->rows.end(), [&](const RowProblem& problem) {
                    return problem.field == refused.field && problem.code == refused.code &&
                           problem.line == 2;
                });
            EXPECT_TRUE(found) << refused.row << " → " << report->rows[0].field << " "
                               << info(report->rows[0].code).name << " " << report->rows[0].message;
            EXPECT_EQ(size(), before) << "a rejected row leaves nothing: " << refused.row;
        }
    }
};

TEST_F(Import, a_file_becomes_one_batch_and_one_fact_a_row) {
    const auto report = import(ImportKind::organisations, city);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 4u);
    EXPECT_EQ(report->facts, 6u) << "the batch, four organisations, one end";
    look([&](const journal::Reader& reader) {
        const auto batch = std::get<facts::BatchReceived>(reader.fact(report->batch)->fact.payload);
        EXPECT_EQ(batch.format, "organisations_csv");
        EXPECT_EQ(batch.rows, 4);
        EXPECT_EQ(batch.bytes, static_cast<std::int64_t>(city.size()));
        EXPECT_EQ(hex(batch.digest), report->evidence);
        const auto row = std::get<facts::OrganisationRecorded>(reader.fact(report->batch + 2)->fact.payload);
        EXPECT_EQ(row.id, "430405_amr");
        EXPECT_EQ(row.batch, static_cast<std::int64_t>(report->batch));
        EXPECT_FALSE(find_organisation(reader, "old_centre", today).value());
    });
    EXPECT_EQ(evidence->read(report->evidence).value(), city);
}

TEST_F(Import, the_rows_root_can_be_made_again_from_the_facts) {
    const auto report = import(ImportKind::organisations, city).value();
    look([&](const journal::Reader& reader) {
        MerkleEdge edge;
        for (std::uint64_t seq = report.batch + 1; seq < report.batch + report.facts; ++seq) {
            const auto fact = reader.fact(seq).value();
            auto row = std::get<facts::OrganisationRecorded>(fact.fact.payload);
            row.batch = 0;
            Bytes bytes = facts::encode_row(row);
            if (row.id == "old_centre") {
                ++seq;
                bytes +=
                    facts::encode_row(std::get<facts::OrganisationEnded>(reader.fact(seq)->fact.payload));
            }
            edge.add(merkle_leaf(bytes));
        }
        EXPECT_EQ(Bytes(bytes_of(edge.root())),
                  std::get<facts::BatchReceived>(reader.fact(report.batch)->fact.payload).rows_root);
    });
}

TEST_F(Import, the_same_file_again_appends_nothing) {
    given(ImportKind::organisations, city);
    given(ImportKind::operators, shops);
    given(ImportKind::people,
          people_header + "p1,周示例,430405_amr,sampler|officer,A1,2027-12-31,2022-01-01,\n");
    const auto before = size();
    const auto people =
        import(ImportKind::people,
               people_header + "p1, 周示例 ,430405_amr,officer | sampler,A1,2027-12-31,2022-01-01,\n");
    EXPECT_EQ(people->duplicate, 1u) << "blanks and the order of roles change nothing";
    EXPECT_EQ(import(ImportKind::organisations, city)->duplicate, 4u);
    EXPECT_EQ(import(ImportKind::operators, shops)->duplicate, 2u);
    EXPECT_EQ(import(ImportKind::operators, shops)->batch, 0u);
    EXPECT_EQ(size(), before);
    EXPECT_EQ(evidence->list()->size(), 3u);
}

TEST_F(Import, a_dry_run_reports_and_writes_nothing) {
    const auto report = import(ImportKind::organisations, city, true);
    EXPECT_EQ(report->accepted, 4u);
    EXPECT_EQ(size(), 0u);
    EXPECT_TRUE(evidence->list()->empty());
    given(ImportKind::organisations, city);
    EXPECT_EQ(import(ImportKind::operators, shops, true)->accepted, 2u);
    EXPECT_FALSE(vault->find_subject("representative/hq", "周示例").value());
}

TEST_F(Import, good_rows_stay_when_others_are_rejected) {
    given(ImportKind::organisations, city);
    const auto report = import(ImportKind::people, people_header +
                                                       "p1,甲示例,430405_amr,officer,,,2022-01-01,\n"
                                                       "p2,乙示例,nowhere,officer,,,2022-02-30,\n"
                                                       "p3,丙示例,430405_amr,officer\n"
                                                       "p4,丁示例,430405_amr,officer,,,2022-01-01,\n");
    EXPECT_EQ(report->accepted, 2u);
    EXPECT_EQ(report->rejected, 2u);
    EXPECT_EQ(report->rows.at(0).line, 3u);
    EXPECT_EQ(report->rows.at(0).code, ErrorCode::date_invalid);
    EXPECT_EQ(report->rows.at(1).code, ErrorCode::organisation_unknown) << "all faults of a row at once";
    EXPECT_EQ(report->rows.at(2).line, 4u);
    EXPECT_EQ(report->rows.at(2).code, ErrorCode::csv_malformed);
    look([&](const journal::Reader& reader) {
        EXPECT_TRUE(find_person(reader, "p4", today)->has_value());
        EXPECT_EQ(std::get<facts::BatchReceived>(reader.fact(report->batch)->fact.payload).rejected, 2);
    });
}

TEST_F(Import, names_of_persons_stand_in_no_fact_and_in_no_file) {
    given(ImportKind::organisations, city);
    seal = [](std::string_view, std::string_view bytes) -> Result<Bytes> {
        Bytes turned(bytes);
        for (char& c : turned) c = static_cast<char>(~c);
        return turned;
    };
    const auto report =
        import(ImportKind::people, people_header + "p1,周示例,430405_amr,officer,,,2022-01-01,\n").value();
    given(ImportKind::operators, shops);
    look([&](const journal::Reader& reader) {
        for (std::uint64_t seq = 1; seq <= reader.head()->size; ++seq)
            EXPECT_EQ(reader.transaction().record(seq)->find("周示例"), std::string::npos) << seq;
        EXPECT_EQ(vault->find(person_on(reader, "p1", today)->name.subject).value(), "周示例");
        EXPECT_EQ(vault->find(operator_on(reader, "hq", today)->representative.subject).value(), "周示例");
        EXPECT_NE(person_on(reader, "p1", today)->name.subject,
                  operator_on(reader, "hq", today)->representative.subject);
        EXPECT_EQ(operator_on(reader, "shop", today)->representative.subject, "");
    });
    EXPECT_TRUE(evidence->is_sealed(report.evidence));
}

TEST_F(Import, a_new_name_or_date_is_a_new_version_and_a_changed_row_replaces) {
    given(ImportKind::organisations, city);
    const std::string row = "p1,周示例,430405_amr,officer,,,2022-01-01,\n";
    given(ImportKind::people, people_header + row);
    EXPECT_EQ(
        import(ImportKind::people, people_header + "p1,周小例,430405_amr,officer,,,2022-01-01,\n")->accepted,
        1u);
    EXPECT_EQ(
        import(ImportKind::people, people_header + "p1,周小例,430406_amr,officer,,,2024-01-01,\n")->accepted,
        1u);
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(person_on(reader, "p1", make_date(2023, 12, 31))->organisation, "430405_amr");
        EXPECT_EQ(person_on(reader, "p1", today)->organisation, "430406_amr");
        EXPECT_EQ(reader.view<facts::PersonRow>().find(std::string("p1")).value()->versions.size(), 2u);
    });
}

TEST_F(Import, an_operator_without_regulator_gets_the_one_of_its_county) {
    given(ImportKind::organisations, city);
    given(ImportKind::operators, shops);
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(primary_regulator(reader, "shop", today)->id, "430405_amr");
    });
    refuses(ImportKind::operators, operators_header,
            {{"x,示例,pharmacy,,,430407,,,,2021-01-01", "organisation", ErrorCode::field_missing}});
    given(ImportKind::organisations,
          organisations_header +
              "second,另一局,,hengyang,market_regulator,county,430405,authority,2019-01-01,,\n");
    refuses(ImportKind::operators, operators_header,
            {{"x,示例,pharmacy,,,430405,,,,2021-01-01", "organisation", ErrorCode::field_missing}});
}

TEST_F(Import, wrong_organisations_are_refused) {
    given(ImportKind::organisations, city);
    using E = ErrorCode;
    refuses(
        ImportKind::organisations, organisations_header,
        {{",名,,,other,,,other,2019-01-01,,", "id", E::field_missing},
         {"A B,名,,,other,,,other,2019-01-01,,", "id", E::field_invalid},
         {"x,,,,other,,,other,2019-01-01,,", "name", E::field_missing},
         {"x,名\x01,,,other,,,other,2019-01-01,,", "name", E::field_invalid},
         {"x,名\xE2\x80\xAE,,,other,,,other,2019-01-01,,", "name", E::field_invalid},
         {"x,名,,nowhere,other,,,other,2019-01-01,,", "parent", E::organisation_unknown},
         {"x,名,,x,other,,,other,2019-01-01,,", "parent", E::field_invalid},
         {"x,名,,old_centre,other,,,other,2021-01-01,,", "parent", E::organisation_unknown},
         {"x,名,,,nonsense,,,other,2019-01-01,,", "department", E::not_in_vocabulary},
         {"x,名,,,other,shire,,other,2019-01-01,,", "level", E::not_in_vocabulary},
         {"x,名,,,other,,439999,other,2019-01-01,,", "region", E::code_not_in_table},
         {"x,名,,,other,,,palace,2019-01-01,,", "kind", E::not_in_vocabulary},
         {"x,名,,,other,,,other,2019-02-29,,", "from", E::date_invalid},
         {"x,名,,,other,,,other,19-1-1,,", "from", E::date_invalid},
         {"x,名,,,other,,,other,1019-01-01,,", "from", E::date_invalid},
         {"x,名,,,other,,,other,2019-01-01,2018-12-31,", "to", E::field_invalid},
         {"x,名,,,other,,,other,2019-01-01,,hengyang", "successor", E::field_invalid},
         {"x,名,,,other,,,other,2019-01-01,2020-01-01,nowhere", "successor", E::organisation_unknown},
         {"hengyang,名,,430405_amr,market_regulator,,,authority,2026-01-01,,", "parent", E::field_invalid}});
}

TEST_F(Import, wrong_operators_are_refused) {
    given(ImportKind::organisations, city);
    given(ImportKind::operators, shops);
    using E = ErrorCode;
    refuses(
        ImportKind::operators, operators_header,
        {{"x,名,castle,,,430405,430405_amr,,,2021-01-01", "kind", E::not_in_vocabulary},
         {"x,名,pharmacy,91430405MA4L00001B,,430405,430405_amr,,,2021-01-01", "uscc", E::code_check_failed},
         {"x,名,pharmacy,91430405MA4L0000,,430405,430405_amr,,,2021-01-01", "uscc", E::code_malformed},
         {"x,名,pharmacy,91430405MA4L00001A,,430405,430405_amr,,,2021-01-01", "uscc", E::duplicate_key},
         {"x,名,chain_store,,,430405,430405_amr,,,2021-01-01", "headquarters", E::field_missing},
         {"x,名,chain_store,,shop,430405,430405_amr,,,2021-01-01", "headquarters", E::field_invalid},
         {"x,名,chain_store,,nobody,430405,430405_amr,,,2021-01-01", "headquarters", E::operator_unknown},
         {"x,名,chain_headquarters,,x,430405,430405_amr,,,2021-01-01", "headquarters", E::field_invalid},
         {"x,名,pharmacy,,,430400,430405_amr,,,2021-01-01", "region", E::field_invalid},
         {"x,名,pharmacy,,,,430405_amr,,,2021-01-01", "region", E::field_missing},
         {"x,名,pharmacy,,,430405,nowhere,,,2021-01-01", "organisation", E::organisation_unknown},
         {"x,名,pharmacy,,,430405,430405_amr,,,", "from", E::field_missing},
         {"../x,名,pharmacy,,,430405,430405_amr,,,2021-01-01", "id", E::field_invalid}});
}

TEST_F(Import, wrong_licences_people_and_products_are_refused) {
    given(ImportKind::organisations, city);
    given(ImportKind::operators, shops);
    using E = ErrorCode;
    refuses(
        ImportKind::licences, licences_header,
        {{"湘EB734000012,hq,drug_trade_licence,,,2021-01-01,2026-01-01", "id", E::code_malformed},
         {"湘DB734000012,nobody,drug_trade_licence,,,2021-01-01,2026-01-01", "operator_id",
          E::operator_unknown},
         {"湘DB734000012,hq,drug_trade_licence,magic,,2021-01-01,2026-01-01", "scopes", E::not_in_vocabulary},
         {"湘DB734000012,hq,poetic_licence,,,2021-01-01,2026-01-01", "kind", E::not_in_vocabulary},
         {"湘DB734000012,hq,drug_trade_licence,,asleep,2021-01-01,2026-01-01", "status",
          E::not_in_vocabulary},
         {"湘DB734000012,hq,drug_trade_licence,,,2021-01-01,2020-12-31", "to", E::field_invalid}});
    refuses(ImportKind::people, people_header,
            {{"p,,430405_amr,officer,,,2022-01-01,", "name", E::field_missing},
             {"p,名,nowhere,officer,,,2022-01-01,", "organisation", E::organisation_unknown},
             {"p,名,430405_amr,emperor,,,2022-01-01,", "roles", E::not_in_vocabulary},
             {"p,名,430405_amr,|,,,2022-01-01,", "roles", E::field_missing},
             {"p,名,430405_amr,officer,A1,,2022-01-01,", "certificate_to", E::field_missing},
             {"p,名,430405_amr,officer,,2027-01-01,2022-01-01,", "certificate_to", E::field_missing},
             {"p,名,430405_amr,officer,,,2022-01-01,2021-01-01", "to", E::field_invalid}});
    refuses(ImportKind::products, products_header,
            {{"国药准字X12345678,片,drug,hq,,,,,,2021-01-01,", "id", E::code_malformed},
             {"湘械注准20203140033,机,device,hq,,,,,,2021-01-01,", "id", E::code_malformed},
             {"国药准字H20210001,片,food,hq,,,,,,2021-01-01,", "category", E::not_in_vocabulary},
             {"国药准字H20210001,片,drug,nobody,,,,,,2021-01-01,", "holder", E::operator_unknown},
             {"国药准字H20210001,片,drug,hq,device_3,,,,,2021-01-01,", "class_word", E::field_invalid},
             {"国药准字H20210001,片,drug,hq,,perhaps,,,,2021-01-01,", "high_risk", E::field_invalid},
             {"国药准字H20210001,片,drug,hq,,,,,,2021-01-01,2020-01-01", "to", E::field_invalid}});
    given(ImportKind::licences,
          licences_header + "湘DB734000012,hq,drug_trade_licence,otc|chemical,,2021-01-01,2026-01-01\n");
    given(ImportKind::products,
          products_header + "国药准字Ｈ20210001,片,drug,hq,chemical,否,1,yes,0,2021-01-01,\n");
    look([&](const journal::Reader& reader) {
        EXPECT_EQ(licence_on(reader, "湘DB734000012", today)->status, "valid");
        EXPECT_TRUE(product_on(reader, "国药准字H20210001", today)->prescription)
            << "full-width letters are read";
    });
}

TEST_F(Import, reported_figures_keep_what_was_printed) {
    given(ImportKind::figures, figures_header +
                                   "national_cases,cn,2022,153600,case,1,2022,示例发布会\n"
                                   "national_cases_growth,cn,2022,17.65%,share,,2022-12-31,示例发布会\n");
    look([&](const journal::Reader& reader) {
        const auto cases = reader.view<facts::ReportedFigureRow>()
                               .find(std::string("national_cases/cn/2022"))
                               .value()
                               .value();
        EXPECT_EQ(cases.statements.back().numerator, 153600);
        EXPECT_TRUE(cases.statements.back().approximate);
        const auto growth = reader.view<facts::ReportedFigureRow>()
                                .find(std::string("national_cases_growth/cn/2022"))
                                .value()
                                .value();
        EXPECT_EQ(growth.statements.back().numerator, 1765);
        EXPECT_EQ(growth.statements.back().denominator, 10000);
    });
    const auto again = import(ImportKind::figures,
                              figures_header + "national_cases,cn,2022,153600,case,1,2022,示例发布会\n");
    EXPECT_EQ(again->duplicate, 1u);
    EXPECT_EQ(import(ImportKind::figures, figures_header + "national_cases,cn,2022,153601,case,,2022,更正\n")
                  ->accepted,
              1u);
    using E = ErrorCode;
    refuses(ImportKind::figures, figures_header,
            {{"cases,hengyang,2025-H1,148,case,,2025,x", "figure",
              E::figure_unknown},  // derived figures are never imported
             {"nonsense,cn,2022,1,case,,2022,x", "figure", E::figure_unknown},
             {"national_cases,cn,2022,1,visit,,2022,x", "unit", E::unit_mismatch},
             {"national_cases,cn,2022-H3,1,case,,2022,x", "period", E::field_invalid},
             {"national_cases,cn,2022-13,1,case,,2022,x", "period", E::field_invalid},
             {"national_cases,cn,2022,15.36万,case,,2022,x", "value", E::number_invalid},
             {"national_cases,cn,2022,\"153,600\",case,,2022,x", "value", E::number_invalid},
             {"national_cases,cn,2022,1e5,case,,2022,x", "value", E::number_invalid},
             {"national_cases,cn,2022,.5,case,,2022,x", "value", E::number_invalid},
             {"national_cases,cn,2022,--5,case,,2022,x", "value", E::number_invalid},
             {"national_cases,cn,2022,1234567890123456,case,,2022,x", "value", E::number_invalid},
             {"national_cases,cn,2022,,case,,2022,x", "value", E::field_missing},
             {"national_cases,cn,2022,1,case,,yesterday,x", "as_of", E::date_invalid},
             {"national_cases,cn,2022,1,case,,2022,", "source", E::field_missing}});
}

TEST_F(Import, a_file_whose_header_is_wrong_is_refused_whole) {
    struct Case {
        std::string text;
        ErrorCode code;
    };
    for (const auto& [text, code] :
         {Case{"", ErrorCode::csv_malformed}, Case{"id,name,colour\n", ErrorCode::column_unknown},
          Case{"id,name\n", ErrorCode::column_missing}, Case{"id,id\n", ErrorCode::duplicate_key},
          Case{"id," + std::string(import_cell_bytes_max + 1, 'x') + "\n", ErrorCode::cell_too_large},
          Case{"\"id\n", ErrorCode::csv_malformed}}) {
        const auto report = import(ImportKind::people, text);
        ASSERT_FALSE(report) << text.substr(0, 40);
        EXPECT_EQ(report.error().code, code) << report.error().text().substr(0, 200);
        EXPECT_EQ(size(), 0u);
    }
}

TEST_F(Import, a_cell_of_ten_megabytes_is_one_rejected_row) {
    given(ImportKind::organisations, city);
    const auto report = import(ImportKind::people, people_header + "p1," + std::string(10'000'000, 'x') +
                                                       ",430405_amr,officer,,,2022-01-01,\n" +
                                                       "p2,乙示例,430405_amr,officer,,,2022-01-01,\n");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->rows.at(0).code, ErrorCode::cell_too_large);
    EXPECT_EQ(report->rows.at(0).line, 2u);
    EXPECT_EQ(report->accepted, 1u);
}

TEST_F(Import, a_key_that_repeats_in_the_file_is_one_record_or_a_mistake) {
    given(ImportKind::organisations, city);
    const auto report = import(ImportKind::people, people_header +
                                                       "p1,甲示例,430405_amr,officer,,,2022-01-01,\n"
                                                       "p1,甲示例,430405_amr,officer,,,2022-01-01,\n"
                                                       "p1,乙示例,430405_amr,officer,,,2022-01-01,\n"
                                                       "p1,甲示例,430405_amr,officer,,,2023-01-01,\n");
    EXPECT_EQ(report->accepted, 2u) << "two versions";
    EXPECT_EQ(report->duplicate, 1u);
    EXPECT_EQ(report->rejected, 1u);
    EXPECT_EQ(report->rows.at(0).line, 4u);
    EXPECT_EQ(report->rows.at(0).code, ErrorCode::duplicate_key);
}

TEST_F(Import, a_row_may_name_a_later_row_and_falls_with_it) {
    const auto report = import(ImportKind::organisations, organisations_header +
                                                              "c,丙,,b,other,,,other,2019-01-01,,\n"
                                                              "b,乙,,a,other,,,other,2019-01-01,,\n"
                                                              "a,甲,,nowhere,other,,,other,2019-01-01,,\n"
                                                              "e,戊,,d,other,,,other,2019-01-01,,\n"
                                                              "d,丁,,,other,,,other,2019-01-01,,\n");
    EXPECT_EQ(report->accepted, 2u);
    EXPECT_EQ(report->rejected, 3u);
}

TEST_F(Import, a_long_chain_of_rows_falls_in_one_go) {
    std::string text = organisations_header;
    for (int i = 0; i < 20'000; ++i)
        text += "o" + std::to_string(i) + ",名,,o" + std::to_string(i + 1) + ",other,,,other,2019-01-01,,\n";
    const auto report = import(ImportKind::organisations, text);
    EXPECT_EQ(report->rejected, 20'000u);
    EXPECT_EQ(report->omitted, 10'000u) << "all are counted, not all are listed";
}

TEST_F(Import, organisations_above_each_other_are_refused) {
    const auto report = import(ImportKind::organisations, organisations_header +
                                                              "a,甲,,b,other,,,other,2019-01-01,,\n"
                                                              "b,乙,,c,other,,,other,2019-01-01,,\n"
                                                              "c,丙,,a,other,,,other,2019-01-01,,\n");
    EXPECT_EQ(report->rejected, 3u);
    EXPECT_EQ(report->rows.at(0).code, ErrorCode::field_invalid);
}

TEST_F(Import, line_numbers_hold_after_quoted_line_feeds_and_open_quotes) {
    given(ImportKind::organisations, city);
    const auto report =
        import(ImportKind::operators, operators_header +
                                          "a,\"名\",pharmacy,,,430405,430405_amr,\"两\n行\",,2021-01-01\n"
                                          "b,\"never closed,pharmacy,,,430405,430405_amr,,,2021-01-01\n"
                                          "c,名,pharmacy,,,430405,430405_amr,,,2021-13-01\n");
    ASSERT_EQ(report->rejected, 3u);
    EXPECT_EQ(report->rows.at(0).line, 2u) << "a line feed is a control character";
    EXPECT_EQ(report->rows.at(1).line, 4u);
    EXPECT_EQ(report->rows.at(1).code, ErrorCode::csv_malformed);
    EXPECT_EQ(report->rows.at(2).line, 5u);
    EXPECT_EQ(report->rows.at(2).code, ErrorCode::date_invalid);
}

TEST_F(Import, whatever_bytes_come_nothing_breaks_and_a_second_import_adds_nothing) {
    given(ImportKind::organisations, city);
    const std::vector<std::string> pieces{"p1",      "周示例",     ",",          "\n",   "\"", "430405_amr",
                                          "officer", "2022-01-01", "2022-02-30", "\r\n", "|",  "\xFF",
                                          "\0",      " ",          "hengyang",   "0",    "𠮷"};
    ASSERT_TRUE(rc::check([&](const std::vector<std::uint8_t>& choice, std::uint8_t kind_number) {
        const auto kind = static_cast<ImportKind>(kind_number % 6);
        std::string text;
        std::vector<std::string> names;
        for (const ImportColumn& column : columns_of(kind)) names.emplace_back(column.name);
        text = join(names, ",") + "\n";
        for (const std::uint8_t at : choice) text += pieces[at % pieces.size()];
        const auto first = import(kind, text);
        RC_ASSERT(first.has_value());
        const auto before = size();
        const auto second = import(kind, text);
        RC_ASSERT(second->accepted == 0u);
        RC_ASSERT(size() == before);
        RC_ASSERT(second->rejected == first->rejected);
    }));
}

TEST_F(Import, random_bytes_as_a_whole_file_are_refused_or_reported) {
    ASSERT_TRUE(rc::check([&](const std::string& bytes, std::uint8_t kind_number) {
        const auto report = import(static_cast<ImportKind>(kind_number % 6), bytes);
        if (report) RC_ASSERT(report->accepted == 0u);
    }));
}

TEST_F(Import, the_document_lists_exactly_these_columns) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/import.md");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    for (int number = 0; number <= static_cast<int>(ImportKind::figures); ++number) {
        const auto kind = static_cast<ImportKind>(number);
        std::string expected =
            "## " + std::string(name_of(kind)) +
            "\n\n| column | required | 含义 | meaning | example |\n|---|---|---|---|---|\n";
        for (const ImportColumn& column : columns_of(kind)) {
            std::string meaning_zh(column.zh), meaning_en(column.en), example(column.example);
            for (std::string* part : {&meaning_zh, &meaning_en, &example})
                for (auto at = part->find('|'); at != std::string::npos; at = part->find('|', at + 2))
                    part->insert(at, "\\");
            expected += "| `" + std::string(column.name) + "` | " + (column.required ? "yes" : "") + " | " +
                        meaning_zh + " | " + meaning_en + " | " + example + " |\n";
        }
        EXPECT_NE(text.find(expected), std::string::npos) << expected;
    }
}
