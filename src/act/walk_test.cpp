// Random legal walks over every shipped procedure: what offers says is what take does, and a row is the fold
// of its facts.
#include <algorithm>
#include <filesystem>
#include <set>

#include <rapidcheck.h>

#include "act/attributes.hpp"
#include "act/clocks.hpp"
#include "act/theatre_test.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "law/words.hpp"

using namespace qingyuan;
using namespace qingyuan::act;

namespace {

const law::Law& shipped_law() {
    static const law::Law law =
        Theatre::must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

std::vector<std::string> words_of(std::string_view vocabulary, Date on) {
    std::vector<std::string> out;
    if (const law::Vocabulary* found = shipped_law().find_vocabulary(vocabulary))
        for (const law::Word& word : found->words)
            if (word.in_force.holds(on)) out.push_back(word.code);
    return out;
}

/// Any value the field's type allows.
facts::Value any_value(Random& random, const law::Field& field, Date today, const std::string& dossier) {
    using law::FieldType;
    switch (field.type) {
        case FieldType::text:
        case FieldType::long_text: return std::string("text");
        case FieldType::date: return (today + static_cast<int>(random.between(0, 60))).text();
        case FieldType::instant: return (today + static_cast<int>(random.between(0, 10))).text() + "T10:00";
        case FieldType::whole: return random.between(1, 3);
        case FieldType::money: return random.between(1, 10'000);
        case FieldType::boolean: return random.chance(1, 2);
        case FieldType::word: return random.pick(words_of(field.vocabulary, today));
        case FieldType::words:
            return std::vector<std::string>{random.pick(words_of(field.vocabulary, today))};
        case FieldType::person: return std::string("b_officer");
        case FieldType::people: return std::vector<std::string>{"a_officer", "b_officer"};
        case FieldType::operator_id: return std::string("shop");
        case FieldType::product: return std::string("H20240001");
        case FieldType::organisation: return std::string("city");
        case FieldType::dossier: return dossier;
        case FieldType::evidence: return std::vector<std::string>{std::string(64, 'e')};
        case FieldType::personal: return facts::SubjectRef{"s-0123456789abcdef", Bytes(32, 'm')};
    }
    return std::string();
}

/// A form that meets what the step needs as far as the form alone can.
facts::Form fill(Random& random, const std::vector<law::Field>& fields, const std::vector<law::Guard>& guards,
                 Date today, const std::string& dossier) {
    facts::Form form;
    for (const law::Field& field : fields)
        if (field.required || random.chance(3, 4)) form[field.id] = any_value(random, field, today, dossier);
    for (const law::Guard& guard : guards) {
        const auto& names = guard.arguments;
        const auto field_of = [&](std::string_view id) {
            return std::ranges::find(fields, id, &law::Field::id);
        };
        const auto give = [&](const std::string& id) {
            if (const auto field = field_of(id); field != fields.end() && !is_given(form, id))
                form[id] = any_value(random, *field, today, dossier);
        };
        switch (guard.word) {
            case law::WordId::given: std::ranges::for_each(names, give); break;
            case law::WordId::given_if: std::for_each(names.begin() + 2, names.end(), give); break;
            case law::WordId::all_of: form[names[0]] = words_of(names[1], today); break;
            case law::WordId::one_of: {
                const law::Vocabulary* words = shipped_law().find_vocabulary(names[1]);
                if (words == nullptr || words->words.empty() ||
                    !words->words.front().more.contains(names[0])) {
                    form[names[0]] = random.pick(words_of(names[1], today));
                    break;
                }
                // A table: a whole row of it.
                for (const auto& [column, value] : random.pick(words->words).more)
                    if (field_of(column) != fields.end()) form[column] = value;
                break;
            }
            case law::WordId::equals:
                if (names[1] == "true" || names[1] == "false")
                    form[names[0]] = names[1] == "true";
                else if (field_of(names[0]) != fields.end() &&
                         field_of(names[0])->type == law::FieldType::words)
                    form[names[0]] = std::vector<std::string>{names[1]};
                else
                    form[names[0]] = names[1];
                break;
            case law::WordId::at_least: form[names[0]] = parse_integer(names[1]).value_or(1); break;
            case law::WordId::at_most: form[names[0]] = std::int64_t{1}; break;
            case law::WordId::issued: form.erase(names[0]); break;  // nothing is issued on a walk
            case law::WordId::notice_before:
                if (field_of(names[1]) != fields.end()) form[names[1]] = (today + 60).text();
                break;
            default: break;
        }
    }
    return form;
}

bool is_state_code(ErrorCode code) {
    return code == ErrorCode::wrong_state || code == ErrorCode::step_missing ||
           code == ErrorCode::step_repeated || code == ErrorCode::linked_open ||
           code == ErrorCode::linked_missing || code == ErrorCode::version_conflict ||
           code == ErrorCode::already_voided;
}

/// Needs of kind state are met by what the form says (done_if), which a random form need not do.
bool needs_state(const Offer& offer) {
    return std::ranges::any_of(offer.step->guards, [&](const law::Guard& guard) {
        return law::info(guard.word).kind == law::WordKind::state &&
               std::ranges::find(offer.needs, guard.text()) != offer.needs.end();
    });
}

struct Walk {
    Random random;
    Theatre theatre;
    std::string id;
    std::set<std::string> trodden;

    explicit Walk(std::uint64_t seed)
        : random(seed), theatre(shipped_law(), make_date(2024, 1, 2) + static_cast<int>(seed % 500)) {}

    bool begin(const law::Procedure& procedure) {
        const Date today = theatre.today();
        if (!(procedure.from <= today && today <= procedure.to)) return false;
        Engine::Opening opening{.procedure = procedure.id,
                                .operator_id = "shop",
                                .category = random.chance(1, 2) ? "drug" : "device"};
        opening.form = fill(random, procedure.form, {}, today, "");
        opening.state = random.pick(procedure.initial);
        std::erase_if(opening.form, [&](const auto& field) {
            const auto declared = std::ranges::find(procedure.form, field.first, &law::Field::id);
            return declared->type == law::FieldType::dossier && !declared->required;
        });
        const auto seq = theatre.open("a_" + random.pick(procedure.open_by), opening);
        if (!seq) return false;
        id = theatre.row(std::to_string(*seq)).id;
        return true;
    }

    Request request_for(const law::Step& step, const facts::DossierRow& row) {
        Request request;
        request.form = fill(random, step.form, step.guards, theatre.today(), row.id);
        for (const law::Guard& guard : step.guards) {
            if (guard.word == law::WordId::officers) request.officers = {"a_officer", "b_officer"};
            if (guard.word == law::WordId::evidence)
                request.evidence = {std::string(64, '1'), std::string(64, '2'), std::string(64, '3')};
            if (guard.word == law::WordId::approved_by)
                (void)theatre.approve(id, "b_" + guard.arguments[0], step.id, request.form).has_value();
        }
        return request;
    }

    /// One move by a random person: what was offered must be what happens.
    void move() {
        const facts::DossierRow before = theatre.row(id);
        const law::Procedure& procedure =
            *Theatre::must(shipped_law().procedure(before.procedure, before.law_on));
        const std::string role = random.pick(random.pick(procedure.steps).by);
        const std::string person = role == "system" ? "a_officer" : "a_" + role;
        const std::vector<Offer> offers = theatre.offers(id, person, true);
        RC_ASSERT(offers.size() == procedure.steps.size());
        std::vector<Offer> open;
        for (const Offer& offer : offers)
            if (!offer.refusal) open.push_back(offer);
        const Offer& offer = open.empty() || random.chance(1, 5) ? random.pick(offers) : random.pick(open);
        if (offer.step->by == std::vector<std::string>{"system"}) return;
        if (offer.refusal) {
            // No form, officers or evidence helps against a refusal (an approval might, and is not given
            // here).
            Request request;
            request.form = fill(random, offer.step->form, offer.step->guards, theatre.today(), id);
            request.officers = {"a_officer", "b_officer"};
            request.evidence = {std::string(64, '1')};
            const auto taken = theatre.take(id, person, offer.step->id, request);
            RC_ASSERT(!taken);
            return;
        }
        const auto taken = theatre.take(id, person, offer.step->id, request_for(*offer.step, before));
        if (taken)
            trodden.insert(before.procedure + "." + offer.step->id);
        else if (is_state_code(taken.error().code) && !needs_state(offer))
            RC_FAIL(offer.step->id + ": " + taken.error().text());
        else if (taken.error().info().kind != ErrorKind::refusal)
            RC_FAIL(offer.step->id + ": " + taken.error().text());
    }

    void check() {
        const facts::DossierRow row = theatre.row(id);
        const auto seq = static_cast<std::uint64_t>(row.seq);
        const facts::DossierRow once = theatre.refolded(seq);
        RC_ASSERT(facts::encode_row(once) == facts::encode_row(theatre.refolded(seq)));
        RC_ASSERT(facts::encode_row(once) == facts::encode_row(row));
        RC_ASSERT(Theatre::must(journal::verify(theatre.store(), "facts")).first_bad == 0u);
    }

    /// Voids the latest step that stands, whoever may; the row is then the fold of what remains.
    void undo() {
        const facts::DossierRow row = theatre.row(id);
        const auto last =
            std::find_if(row.steps.rbegin(), row.steps.rend(), [](const auto& step) { return !step.voided; });
        if (last == row.steps.rend()) return;
        const auto voided = theatre.void_fact("a_head_of_authority", static_cast<std::uint64_t>(last->seq));
        if (!voided) RC_FAIL(voided.error().text());
        RC_ASSERT(theatre.row(id).state == last->from);
    }
};

}  // namespace

TEST(walks, what_is_offered_is_what_happens) {
    std::set<std::string> trodden, begun;
    EXPECT_TRUE(rc::check("random walks", [&] {
        const auto seed = *rc::gen::arbitrary<std::uint32_t>();
        Walk walk(seed);
        const auto& procedures = shipped_law().procedures();
        const law::Procedure& procedure = procedures[walk.random.below(procedures.size())];
        if (!walk.begin(procedure)) return;
        begun.insert(procedure.id);
        for (int i = 0; i < 40; ++i) {
            if (walk.random.chance(1, 4))
                (void)walk.theatre.pass(static_cast<int>(walk.random.between(1, 6)));
            if (walk.random.chance(1, 12)) walk.undo();
            walk.move();
        }
        walk.check();
        trodden.merge(walk.trodden);
    }));
    EXPECT_GT(begun.size(), shipped_law().procedures().size() / 2);
    EXPECT_GT(trodden.size(), 60u);
}

TEST(walks, an_open_dossier_has_a_clock_or_a_way_on) {
    for (const law::Procedure& procedure : shipped_law().procedures())
        for (const law::State& state : procedure.states) {
            if (state.terminal) continue;
            const bool way_on = std::ranges::any_of(procedure.steps, [&](const law::Step& step) {
                return !step.to.empty() && step.to != state.id &&
                       std::ranges::find(step.from, state.id) != step.from.end();
            });
            EXPECT_TRUE(way_on) << procedure.file << ": " << state.id << " is not terminal and leads nowhere";
        }
}
