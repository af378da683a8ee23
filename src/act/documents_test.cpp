// Numbers without a gap under any order of acts and from many threads, blocks used once, documents served
// after their day, and what a document is filled with.
#include <atomic>
#include <filesystem>
#include <thread>

#include <rapidcheck.h>

#include "act/documents.hpp"
#include "act/filling.hpp"
#include "act/theatre_test.hpp"

using namespace qingyuan;
using namespace qingyuan::act;

namespace {

const law::Law& shipped_law() {
    static const law::Law law =
        Theatre::must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}
const law::Forms& shipped_forms() {
    static const law::Forms forms = Theatre::must(law::Forms::load(shipped_law()));
    return forms;
}

/// A theatre with a case, and documents issued in it.
struct Registry : Theatre {
    Registry() : Theatre(shipped_law(), make_date(2025, 3, 3)) {
        Engine::Opening opening;
        opening.procedure = "penalty_case";
        opening.operator_id = "shop";
        opening.category = "drug";
        opening.title = "shop涉嫌销售劣药案";
        for (const law::Procedure& procedure : shipped_law().procedures()) {
            if (procedure.id != "penalty_case" || !(procedure.from <= today() && today() <= procedure.to))
                continue;
            for (const law::Field& field : procedure.form) {
                if (!field.required) continue;
                if (field.type == law::FieldType::word)
                    opening.form[field.id] =
                        shipped_law().find_vocabulary(field.vocabulary)->words.front().code;
                else if (field.type == law::FieldType::date)
                    opening.form[field.id] = std::string("2025-02-03");
                else
                    opening.form[field.id] = std::string("销售劣药");
            }
        }
        id = row(std::to_string(must(open("a_officer", opening)))).id;
        must(take(id, "a_officer", "register", {.documents = {"penalty_45", "penalty_33", "penalty_07"}}));
    }

    const law::DocumentForm& form(std::string_view document) {
        return *must(shipped_forms().form(document, today()));
    }
    Result<DealtNumber> deal(std::string_view document, std::optional<BlockNumber> named = {}) {
        return read([&](const journal::Reader& reader) {
            return deal_number(reader, shipped_forms(), form(document), "city", today(), named);
        });
    }
    Result<std::uint64_t> issue(std::string_view document, const DealtNumber& number,
                                const std::string& person = "a_officer", std::optional<Date> dated = {}) {
        return append([&](const journal::Reader& reader) -> Result<facts::Fact> {
            return issue_document(reader, shipped_law(), TRY(dossier(reader, id)),
                                  TRY(actor_of(reader, person, clock().now())),
                                  {std::string(document), dated.value_or(today()), number,
                                   sm3(number.text + std::string(document)), sm3("file" + number.text), 2});
        });
    }
    Result<std::uint64_t> block(std::string_view word, std::int64_t count,
                                const std::string& by = "a_unit_head") {
        return append([&](const journal::Reader& reader) -> Result<facts::Fact> {
            return issue_block(reader, shipped_forms(), TRY(actor_of(reader, by, clock().now())), word,
                               "a_officer", count);
        });
    }
    Result<std::uint64_t> settle(std::string_view block, std::vector<facts::SpoiltNumber> spoilt = {},
                                 const std::string& by = "a_officer") {
        return append([&](const journal::Reader& reader) -> Result<facts::Fact> {
            return settle_block(reader, TRY(actor_of(reader, by, clock().now())), block, spoilt);
        });
    }
    std::vector<NumberAccount> accounts() {
        return read([](const journal::Reader& reader) { return must(number_accounts(reader, "city")); });
    }
    Result<void> served(std::string_view number, Date on) {
        return read([&](const journal::Reader& reader) {
            return check_served(reader, must(dossier(reader, id)), number, on);
        });
    }

    std::string id;
};

TEST(documents, bear_numbers_of_their_unit_word_and_year) {  // mission: H6
    Registry registry;
    const DealtNumber first = Theatre::must(registry.deal("penalty_45"));
    EXPECT_EQ(first.text, "city罚〔2025〕1号");
    EXPECT_EQ(first.series, "city/罚/2025");
    ASSERT_TRUE(registry.issue("penalty_45", first));
    EXPECT_EQ(Theatre::must(registry.deal("penalty_45")).ordinal, 2);
    EXPECT_EQ(Theatre::must(registry.deal("penalty_33")).text, "city责改〔2025〕1号");
    EXPECT_EQ(Theatre::must(registry.deal("penalty_09")).text, "") << "a record on site bears none";
    registry.pass(365);
    EXPECT_EQ(Theatre::must(registry.deal("penalty_45")).text, "city罚〔2026〕1号");
}

TEST(documents, are_refused_in_the_order_of_the_contract) {
    Registry registry;
    const DealtNumber number = Theatre::must(registry.deal("penalty_45"));
    const auto code = [](const Result<std::uint64_t>& result) {
        return result ? "issued" : std::string(result.error().info().name);
    };
    EXPECT_EQ(code(registry.issue("penalty_45", number, "a_lab")), "wrong_role");
    EXPECT_EQ(code(registry.issue("penalty_45", number, "institute_officer")), "issued")
        << "an institute acts for its authority";
    EXPECT_EQ(code(registry.issue("penalty_45", number)), "number_used");
    const DealtNumber next = Theatre::must(registry.deal("penalty_45"));
    EXPECT_EQ(code(registry.issue("penalty_45", next, "a_officer", registry.today() + 1)), "date_in_future");
    EXPECT_EQ(code(registry.issue("penalty_45", next, "a_officer", registry.today() - 1)),
              "date_before_previous");
    EXPECT_EQ(code(registry.issue("penalty_99", {})), "document_unknown");
    EXPECT_EQ(code(registry.issue("penalty_46", Theatre::must(registry.deal("penalty_46")))), "step_missing")
        << "no decision goes out before it is taken";
    EXPECT_EQ(code(registry.issue("penalty_50", {})), "step_missing");
    EXPECT_EQ(code(registry.issue("penalty_10", {})), "issued") << "no step names it";
    EXPECT_EQ(code(registry.issue("penalty_45", next, "nobody")), "person_unknown");
}

TEST(documents, are_found_by_what_is_printed_and_say_when_they_were_withdrawn) {
    Registry registry;
    const DealtNumber number = Theatre::must(registry.deal("penalty_45"));
    const std::uint64_t seq = Theatre::must(registry.issue("penalty_45", number));
    const std::string code = hex(sm3(number.text + "penalty_45")).substr(0, 20);
    const auto look = [&] {
        return registry.read([&](const journal::Reader& reader) {
            const auto row = Theatre::must(find_by_code(reader, code));
            return Theatre::must(public_view(reader, shipped_law(), *row));
        });
    };
    EXPECT_EQ(look().kind_zh, "行政处罚决定书");
    EXPECT_EQ(look().number, number.text);
    EXPECT_FALSE(look().withdrawn);
    EXPECT_TRUE(registry.served(number.text, registry.today()));
    EXPECT_EQ(registry.served(number.text, registry.today() - 1).error().code,
              ErrorCode::served_before_issue);
    EXPECT_EQ(registry.served("city罚〔2025〕9号", registry.today()).error().code,
              ErrorCode::document_unknown);
    ASSERT_TRUE(registry.void_fact("a_head_of_authority", seq, "a wrong name"));
    EXPECT_TRUE(look().withdrawn);
    EXPECT_EQ(registry.served(number.text, registry.today()).error().code, ErrorCode::document_withdrawn);
    EXPECT_EQ(Theatre::must(registry.deal("penalty_45")).ordinal, 2) << "its number is not dealt again";
    const auto row = registry.row(registry.id);
    EXPECT_EQ(row.version, registry.refolded(static_cast<std::uint64_t>(row.seq)).version);
    registry.read([&](const journal::Reader& reader) {
        EXPECT_FALSE(Theatre::must(find_by_code(reader, "0000")));
        EXPECT_TRUE(Theatre::must(find_by_file(reader, sm3("file" + number.text))));
        EXPECT_FALSE(Theatre::must(find_by_file(reader, sm3("another file"))));
        return 0;
    });
}

TEST(numbers, of_a_block_are_used_once_and_come_back) {
    Registry registry;
    ASSERT_TRUE(registry.issue("penalty_45", Theatre::must(registry.deal("penalty_45"))));
    ASSERT_TRUE(registry.block("罚", 5));
    const std::string id = "city/罚/2025/2";
    EXPECT_EQ(Theatre::must(registry.deal("penalty_45")).ordinal, 7)
        << "online work goes on behind the block";
    const DealtNumber four = Theatre::must(registry.deal("penalty_45", BlockNumber{id, 4}));
    EXPECT_EQ(four.text, "city罚〔2025〕4号");
    ASSERT_TRUE(registry.issue("penalty_45", four));
    EXPECT_EQ(registry.deal("penalty_45", BlockNumber{id, 4}).error().code, ErrorCode::number_used);
    EXPECT_EQ(registry.issue("penalty_45", four).error().code, ErrorCode::number_used);
    EXPECT_EQ(registry.deal("penalty_45", BlockNumber{id, 7}).error().code, ErrorCode::number_outside_block);
    EXPECT_EQ(registry.deal("penalty_33", BlockNumber{id, 3}).error().code, ErrorCode::number_outside_block);
    EXPECT_EQ(registry.deal("penalty_45", BlockNumber{"city/罚/2025/9", 9}).error().code,
              ErrorCode::record_unknown);
    EXPECT_EQ(registry.settle(id, {{4, "tea"}}).error().code, ErrorCode::number_used);
    EXPECT_EQ(registry.settle(id, {{9, "tea"}}).error().code, ErrorCode::number_outside_block);
    EXPECT_EQ(registry.settle(id, {{3, ""}}).error().code, ErrorCode::field_missing);
    EXPECT_EQ(registry.settle(id, {{3, "tea"}, {3, "tea"}}).error().code, ErrorCode::duplicate_key);
    EXPECT_EQ(registry.settle(id, {}, "b_officer").error().code, ErrorCode::wrong_role);
    ASSERT_TRUE(registry.settle(id, {{3, "tea"}}));
    EXPECT_EQ(registry.settle(id).error().code, ErrorCode::block_settled);
    EXPECT_EQ(registry.deal("penalty_45", BlockNumber{id, 2}).error().code, ErrorCode::block_settled);
    EXPECT_EQ(registry.deal("penalty_45", BlockNumber{id, 4}).error().code, ErrorCode::number_used)
        << "what is on a document stays named so";
    const NumberAccount account = registry.accounts().front();
    EXPECT_TRUE(account.is_gapless());
    EXPECT_EQ(account.spoilt, 1);
    EXPECT_EQ(account.returned, 3);
    EXPECT_EQ(Theatre::must(registry.deal("penalty_45")).ordinal, 2) << "what came back is dealt first";
}

TEST(numbers, are_set_aside_by_those_who_may) {
    Registry registry;
    EXPECT_EQ(registry.block("罚", 5, "a_officer").error().code, ErrorCode::wrong_role);
    EXPECT_EQ(registry.block("无", 5).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(registry.block("罚", 0).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(registry.block("罚", block_numbers_max + 1).error().code, ErrorCode::field_invalid);
}

TEST(numbers, have_no_gap_whatever_happens) {
    const bool held = rc::check("every number is accounted for", [] {
        Registry registry;
        const auto moves = *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(0, 6));
        for (const int move : moves) {
            const auto blocks = registry.read(
                [](const journal::Reader& reader) { return Theatre::must(blocks_of(reader, "city")); });
            const facts::NumberBlockRow* any =
                blocks.empty() ? nullptr : &blocks[*rc::gen::inRange<std::size_t>(0, blocks.size())];
            if (move <= 1) {
                RC_ASSERT(
                    registry.issue("penalty_45", Theatre::must(registry.deal("penalty_45"))).has_value());
            } else if (move == 2) {
                RC_ASSERT(registry.block("罚", *rc::gen::inRange(1, 6)).has_value());
            } else if (any != nullptr) {
                const std::int64_t ordinal = any->first + *rc::gen::inRange<std::int64_t>(-1, any->count + 1);
                if (move <= 4) {
                    if (const auto number = registry.deal("penalty_45", BlockNumber{any->id, ordinal}))
                        RC_ASSERT(registry.issue("penalty_45", *number).has_value());
                } else {
                    std::vector<facts::SpoiltNumber> spoilt;
                    if (*rc::gen::arbitrary<bool>()) spoilt.push_back({ordinal, "spoilt"});
                    std::ignore = registry.settle(any->id, spoilt);
                }
            }
            for (const NumberAccount& account : registry.accounts()) RC_ASSERT(account.is_gapless());
        }
        // No number stands on two documents.
        std::set<std::int64_t> seen;
        registry.read([&](const journal::Reader& reader) {
            const facts::DossierRow row = Theatre::must(dossier(reader, registry.id));
            for (const facts::IssuedDocumentRow& one : Theatre::must(documents_of(reader, row.seq)))
                RC_ASSERT(seen.insert(one.ordinal).second);
            return 0;
        });
    });
    EXPECT_TRUE(held);
}

TEST(numbers, are_dealt_once_to_many_threads) {
    Registry registry;
    constexpr int threads = 4, each = 25;
    std::atomic<int> issued = 0, collisions = 0;
    std::vector<std::jthread> writers;
    for (int i = 0; i < threads; ++i)
        writers.emplace_back([&] {
            for (int done = 0; done < each;) {
                const auto number = registry.deal("penalty_45");
                if (!number) return;
                const auto result = registry.issue("penalty_45", *number);
                if (result) {
                    ++issued;
                    ++done;
                } else if (result.error().code == ErrorCode::number_used) {
                    ++collisions;
                } else {
                    return;
                }
            }
        });
    writers.clear();
    EXPECT_EQ(issued, threads * each);
    const NumberAccount account = registry.accounts().front();
    EXPECT_EQ(account.series.last, threads * each);
    EXPECT_EQ(account.on_documents, threads * each);
    EXPECT_TRUE(account.is_gapless());
}

// --- filling

Filling filled(Registry& registry, std::string_view document, const Reveal& reveal,
               FillRequest request = {}) {
    if (request.dated == Date{}) request.dated = registry.today();
    return registry.read([&](const journal::Reader& reader) {
        return Theatre::must(fill(reader, shipped_law(), shipped_forms(), registry.form(document),
                                  Theatre::must(dossier(reader, registry.id)), reveal, request));
    });
}

std::string value(const Filling& filling, const std::string& field) {
    const auto found = filling.form.values.find(field);
    if (found == filling.form.values.end()) return "-";
    const auto* text = std::get_if<std::string>(&found->second);
    return text == nullptr ? "?" : *text;
}

TEST(filling, takes_what_is_known_and_invents_nothing) {
    Registry registry;
    const Filling filling = filled(registry, "penalty_07", {});
    EXPECT_EQ(value(filling, "case.name"), "shop涉嫌销售劣药案");
    EXPECT_EQ(value(filling, "party.name"), "shop");
    EXPECT_EQ(value(filling, "party.id_no"), "-") << "the shop has no code";
    EXPECT_EQ(value(filling, "head.opinion"), "-");
    EXPECT_FALSE(filling.form.values.contains("no such field"));
    EXPECT_EQ(filling.form.authority, "city");
    EXPECT_EQ(std::get<Date>(filling.form.values.at("case.date")), registry.today());
}

TEST(filling, says_what_each_penalty_comes_to) {
    Registry registry;
    facts::DossierRow row = registry.row(registry.id);
    row.attributes["penalties"] = std::vector<std::string>{"warning", "fine"};
    row.attributes["fine_fen"] = std::int64_t{500'000};
    const Filling filling = registry.read([&](const journal::Reader& reader) {
        return Theatre::must(fill(reader, shipped_law(), shipped_forms(), registry.form("penalty_45"), row,
                                  {}, {registry.today(), {}, {}, {}, false}));
    });
    EXPECT_EQ(std::get<std::vector<std::string>>(filling.form.values.at("penalty[]")),
              (std::vector<std::string>{"警告", "罚款[¥500000]"}));
}

TEST(filling, names_the_step_that_draws_the_document_up) {
    Registry registry;
    facts::DossierRow row = registry.row(registry.id);
    const auto approval = [&] {
        const Filling filling = registry.read([&](const journal::Reader& reader) {
            return Theatre::must(fill(reader, shipped_law(), shipped_forms(), registry.form("penalty_08"),
                                      row, {}, {registry.today(), {}, {}, {}, false}));
        });
        return value(filling, "matter.kind") + " " + value(filling, "basis");
    };
    EXPECT_EQ(approval(), "- -");
    row.steps.push_back({.step = "extend_lead_verification"});
    row.steps.push_back({.step = "extend", .voided = true});
    row.steps.push_back({.step = "file"});
    EXPECT_EQ(approval(), "延长核查期限 [APPR 18]");
}

TEST(filling, puts_what_a_hand_gives_before_what_is_known) {
    Registry registry;
    FillRequest request;
    request.by_hand = {{"party.name", std::string("按营业执照更正")}, {"head.opinion", std::string("同意")}};
    const Filling filling = filled(registry, "penalty_07", {}, request);
    EXPECT_EQ(value(filling, "party.name"), "按营业执照更正");
    EXPECT_EQ(value(filling, "head.opinion"), "同意");
}

TEST(filling, names_what_it_withholds) {
    Registry registry;
    ASSERT_TRUE(registry.append([&](const journal::Reader&) -> Result<facts::Fact> {
        facts::OperatorRecorded shop;
        shop.id = "shop", shop.name = "某药房", shop.kind = "pharmacy", shop.organisation = "city";
        shop.representative = {"s-0123456789abcdef", Bytes(32, 'm')};
        shop.from = make_date(2023, 1, 1);
        return facts::Fact{make_date(2023, 1, 1), "city", "system", 0, shop};
    }));
    const Filling without = filled(registry, "penalty_33", {});
    EXPECT_EQ(value(without, "party.legal_rep"), "-");
    EXPECT_EQ(without.withheld, std::vector<std::string>{"party.legal_rep"});
    Reveal reveal;
    reveal.personal = [](const facts::SubjectRef& subject) -> Result<std::string> {
        return subject.subject == "s-0123456789abcdef" ? "张三丰" : "erased";
    };
    const Filling with = filled(registry, "penalty_33", reveal);
    EXPECT_EQ(value(with, "party.legal_rep"), "张三丰");
    EXPECT_TRUE(with.withheld.empty());
    FillRequest request;
    request.redacted = true;
    request.by_hand = {{"requirements", std::string("由张三丰（电话13800000000）负责")}};
    const Filling redacted = filled(registry, "penalty_33", reveal, request);
    EXPECT_EQ(value(redacted, "party.legal_rep"), "张××");
    EXPECT_EQ(value(redacted, "requirements").find("张三丰"), std::string::npos);
    EXPECT_EQ(value(redacted, "requirements").find("13800000000"), std::string::npos);
    reveal.personal = [](const facts::SubjectRef&) -> Result<std::string> { return "erased"; };
    EXPECT_EQ(filled(registry, "penalty_33", reveal).withheld, std::vector<std::string>{"party.legal_rep"});
}

TEST(filling, lists_the_documents_of_a_volume) {
    Registry registry;
    ASSERT_TRUE(registry.issue("penalty_07", Theatre::must(registry.deal("penalty_07"))));
    ASSERT_TRUE(registry.issue("penalty_45", Theatre::must(registry.deal("penalty_45"))));
    const Filling filling = filled(registry, "penalty_55", {});
    ASSERT_EQ(filling.form.rows.size(), 2U);
    EXPECT_EQ(filling.form.rows[1].at("row.doc_number"), "city罚〔2025〕1号");
    EXPECT_EQ(filling.form.rows[1].at("row.page"), "3");
    EXPECT_EQ(value(filled(registry, "penalty_50", {}), "document.name"), "行政处罚决定书");
}

}  // namespace
