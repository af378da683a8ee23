// What of a dossier's files a partner agency may fetch: what went to it and what it brought, nothing else.
#include "act/partner_files.hpp"

#include <filesystem>

#include "act/theatre_test.hpp"
#include "base/text.hpp"

using namespace qingyuan;
using namespace qingyuan::act;

namespace {

const law::Law& shipped_law() {
    static const law::Law law =
        Theatre::must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

std::string file(std::string_view name) {
    return hex(sm3(name));
}

Request move(facts::Form form, std::vector<std::string> evidence = {}, std::vector<std::string> with = {}) {
    Request out;
    out.form = std::move(form);
    out.evidence = std::move(evidence);
    out.officers = std::move(with);
    return out;
}

class PartnerFilesOf : public testing::Test {
 protected:
    std::string opened(const std::string& procedure, facts::Form form) {
        Engine::Opening opening;
        opening.procedure = procedure;
        opening.operator_id = "shop";
        opening.category = "drug";
        opening.organisation = "city";
        opening.form = std::move(form);
        const std::uint64_t seq = Theatre::must(theatre_.open("a_officer", std::move(opening)));
        return theatre_.read([&](const journal::Reader& reader) {
            return Theatre::must(reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(seq)))->id;
        });
    }
    void take(const std::string& id, const std::string& person, const std::string& step, Request request) {
        const auto done = theatre_.take(id, person, step, request);
        ASSERT_TRUE(done) << step << ": " << done.error().text();
    }
    PartnerFiles of(const std::string& id, std::string_view department, std::string_view organisation) {
        return theatre_.read([&](const journal::Reader& reader) {
            return Theatre::must(files_for(reader, shipped_law(), Theatre::must(dossier(reader, id)),
                                           department, organisation));
        });
    }
    ErrorCode refused(const std::string& id, const std::string& person, const std::string& step,
                      const Request& request) {
        const auto done = theatre_.take(id, person, step, request);
        return done ? ErrorCode::undecided : done.error().code;
    }

    Theatre theatre_{shipped_law()};
};

using Files = std::set<std::string>;

}  // namespace

// mission: C9
TEST_F(PartnerFilesOf, a_lead_is_what_was_shared_with_it_or_transferred_to_it) {
    const std::string id =
        opened("lead", {{"origin", std::string("inspection")}, {"facts", std::string("药品再次销售")}});
    take(id, "a_officer", "verify", move({}, {file("visit photo")}, {"b_officer"}));
    take(id, "a_officer", "share",
         move({{"shared_with", std::string("public_security")},
               {"shared_matter", std::string("收购窝点")},
               {"package", std::vector<std::string>{file("to the police")}}}));
    take(id, "a_unit_head", "transfer",
         move({{"agency", std::string("health")},
               {"transfer_reason", std::string("属卫生健康部门职责")},
               {"materials", std::vector<std::string>{"facts", "evidence_list"}},
               {"package_form", std::string("sealed")},
               {"package", std::vector<std::string>{file("to health")}}}));
    EXPECT_EQ(of(id, "health", "health").files, Files{file("to health")});
    EXPECT_EQ(of(id, "health", "health").packages, std::vector<std::string>{file("to health")});
    EXPECT_EQ(of(id, "public_security", "police").files, Files{file("to the police")});
    EXPECT_TRUE(of(id, "medical_insurance", "insurance").files.empty());

    // The receipt is of the agency that was named; what it asks for goes to it, what it brings is its own.
    const Request receipt = move({{"receipt_number", std::string("卫健收1号")},
                                  {"package_received", std::vector<std::string>{file("to health")}},
                                  {"items_received", std::vector<std::string>{"facts"}},
                                  {"items_missing", std::vector<std::string>{"evidence_list"}}});
    EXPECT_EQ(refused(id, "insurer", "accept", receipt), ErrorCode::wrong_organisation);
    EXPECT_EQ(refused(id, "cop", "accept", receipt), ErrorCode::wrong_organisation);
    take(id, "medic", "accept", receipt);
    take(id, "a_officer", "supply_missing",
         move({{"items_supplied", std::vector<std::string>{"evidence_list"}}}, {file("evidence list")}));
    take(id, "medic", "feedback", move({{"outcome", std::string("confirmed")}}, {file("its decision")}));
    EXPECT_EQ(of(id, "health", "health").files,
              (Files{file("to health"), file("evidence list"), file("its decision")}));
    EXPECT_EQ(of(id, "public_security", "police").files, Files{file("to the police")});
}

TEST_F(PartnerFilesOf, a_transfer_that_was_voided_opens_nothing) {
    const std::string id =
        opened("lead", {{"origin", std::string("inspection")}, {"facts", std::string("药品再次销售")}});
    take(id, "a_unit_head", "transfer",
         move({{"agency", std::string("health")},
               {"transfer_reason", std::string("属卫生健康部门职责")},
               {"materials", std::vector<std::string>{"facts"}},
               {"package_form", std::string("sealed")},
               {"package", std::vector<std::string>{file("to health")}}}));
    const auto seq = static_cast<std::uint64_t>(theatre_.row(id).steps.back().seq);
    ASSERT_TRUE(theatre_.void_fact("a_head_of_authority", seq));
    EXPECT_TRUE(of(id, "health", "health").files.empty());
}

// mission: C8
TEST_F(PartnerFilesOf, a_referral_is_its_package_and_what_was_supplied) {
    const std::string id =
        opened("referral", {{"suspected_crime", std::string("销售假药罪")}, {"facts", std::string("假药")}});
    take(id, "a_head_of_authority", "name_group", move({}, {}, {"a_officer", "b_officer"}));
    take(id, "a_officer", "write",
         move({{"report", std::string("建议移送")}}, {file("internal opinion")}, {"b_officer"}));
    take(id, "a_head_of_authority", "approve", move({}));
    take(id, "a_officer", "send",
         move({{"police_organ", std::string("市公安局")},
               {"attachments", std::vector<std::string>{"book", "report", "goods"}},
               {"package", std::vector<std::string>{file("package")}},
               {"test_report", std::string("not_needed")},
               {"test_reason", std::string("不涉及质量")},
               {"copied_to_procuratorate", true}}));
    EXPECT_EQ(of(id, "public_security", "police").files, Files{file("package")});
}
