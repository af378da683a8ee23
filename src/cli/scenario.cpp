// The commands a story may use, and how each prints what it did.
#include "cli/scenario.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/documents.hpp"
#include "act/engine.hpp"
#include "act/form.hpp"
#include "act/joint.hpp"
#include "act/links.hpp"
#include "act/places.hpp"
#include "base/text.hpp"
#include "cli/dossier_text.hpp"
#include "cli/scenario_text.hpp"

namespace qingyuan::cli {

namespace {

using journal::Reader;
using journal::Writer;

constexpr std::int64_t morning_us = 9 * std::int64_t{3'600'000'000};
constexpr std::string_view story_origin = "scenario.qingyuan.example";

Error usage(std::string message) {
    return {ErrorCode::usage, std::move(message), {}, {}, "see docs/scenarios.md"};
}

/// The arguments of one command: those it names itself, and all others as fields of a form.
class Arguments {
 public:
    explicit Arguments(const Command& command) : command_(command) {}

    std::string taken(std::string_view key) {
        own_.emplace_back(key);
        for (const auto& [name, value] : command_.arguments)
            if (name == key) return value;
        return {};
    }
    std::vector<std::string> list(std::string_view key) { return split(taken(key), ','); }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> fields() const {
        std::vector<std::pair<std::string, std::string>> out;
        for (const auto& [name, value] : command_.arguments)
            if (name.starts_with("form."))
                out.emplace_back(name.substr(5), value);
            else if (std::ranges::find(own_, name) == own_.end())
                out.emplace_back(name, value);
        return out;
    }
    /// After every own key was taken, by a command that has no form.
    Result<void> nothing_else() const {
        const auto rest = fields();
        return rest.empty() ? Result<void>()
                            : usage(fmt::format("{} has no argument '{}'", command_.words[0], rest[0].first));
    }
    Result<std::string> word(std::size_t index, std::string_view what) const {
        if (command_.words.size() > index) return command_.words[index];
        return usage(fmt::format("{} names {}", command_.words[0], what));
    }
    [[nodiscard]] bool has_word(std::string_view word) const {
        return std::find(command_.words.begin() + 1, command_.words.end(), word) != command_.words.end();
    }

 private:
    const Command& command_;
    std::vector<std::string> own_;
};

std::string digest_named(std::string_view name) {
    return hex(sm3(name));
}

/// As act::value_of_text, with what only a story has: named evidence, and personal values without a vault.
facts::Form form_of(const std::vector<law::Field>& fields,
                    const std::vector<std::pair<std::string, std::string>>& given) {
    facts::Form form;
    for (const auto& [name, text] : given) {
        const auto found = std::ranges::find(fields, name, &law::Field::id);
        const law::Field* field = found == fields.end() ? nullptr : &*found;
        facts::Value value = act::value_of_text(field, text);
        if (field && field->type == law::FieldType::evidence) {
            std::vector<std::string> digests;
            for (const std::string& piece : split(text, ',')) digests.push_back(digest_named(piece));
            value = std::move(digests);
        } else if (field && field->type == law::FieldType::personal) {
            const Digest digest = sm3(text);
            value = facts::SubjectRef{"s-" + hex(digest).substr(0, 16), Bytes(bytes_of(digest))};
        }
        form.insert_or_assign(name, std::move(value));
    }
    return form;
}

class Story {
 public:
    Story(const Stage& stage, std::filesystem::path file)
        : stage_(stage),
          engine_(*stage.law),
          file_(std::move(file)),
          clock_(Instant{start_of(make_date(2025, 1, 1)).us + morning_us}) {}

    Result<void> begin() {
        store_ = TRY(stage_.fresh_store());
        journal::Options options;
        options.origin = story_origin;
        options.folds = stage_.folds(*stage_.law);
        journal_ = TRY(journal::Journal::open(*store_, clock_, std::move(options)));
        return {};
    }

    /// What the command printed; refusals and wrong use are part of the story, failures end it.
    Result<std::string> play(const Command& command) {
        Result<std::string> printed = run(command);
        if (printed) return printed;
        const Error& error = printed.error();
        if (error.info().kind == ErrorKind::failure) return error;
        if (error.info().kind == ErrorKind::input)
            return fmt::format("error {}  {}{}\n", error.info().name,
                               error.where.empty() ? "" : error.where + ": ", error.message);
        std::string line = fmt::format("refused {}  {}", error.info().name, error.message);
        if (!error.law.empty()) line += "  " + error.law;
        if (!error.next.empty()) line += "  → " + error.next;
        return line + "\n";
    }

 private:
    Result<std::string> run(const Command& command) {
        using Verb = Result<std::string> (Story::*)(Arguments&);
        static constexpr std::pair<std::string_view, Verb> verbs[] = {
            {"world", &Story::world},   {"on", &Story::on},           {"open", &Story::open},
            {"do", &Story::take},       {"approve", &Story::approve}, {"recuse", &Story::recuse},
            {"void", &Story::void_},    {"offers", &Story::offers},   {"clocks", &Story::clocks},
            {"show", &Story::show},     {"list", &Story::list},       {"verify", &Story::verify},
            {"figure", &Story::figure}, {"report", &Story::report},   {"law", &Story::law},
            {"issue", &Story::issue},   {"items", &Story::items}};
        Arguments arguments(command);
        for (const auto& [name, verb] : verbs)
            if (name == command.words[0]) return (this->*verb)(arguments);
        return usage(fmt::format("there is no command '{}'", command.words[0]));
    }

    Result<std::string> world(Arguments&) {
        for (std::filesystem::path folder = std::filesystem::absolute(file_).parent_path();
             folder.has_relative_path(); folder = folder.parent_path())
            if (std::filesystem::exists(folder / "world")) {
                CHECK(journal_->append(TRY(cast_of(folder / "world"))));
                return std::string();
            }
        return Error{ErrorCode::file_unreadable, "no folder 'world' beside or above the scenario"};
    }

    Result<std::string> on(Arguments& arguments) {
        const std::string text = TRY(arguments.word(1, "a date"));
        Instant to = TRY(parse_instant(text));
        if (text.size() == 10) to.us += morning_us;
        if (to < clock_.now())
            return usage(fmt::format("the clock stands at {} and never goes back", clock_.now().text()));
        std::string out;
        for (Date day = clock_.now().date() + 1; day <= to.date(); ++day) {
            clock_.set(start_of(day));
            out += TRY(tick(day));
        }
        clock_.set(to);
        return out;
    }

    /// A tick is written on the days on which something happened by itself.
    Result<std::string> tick(Date day) {
        std::vector<facts::Fact> due;
        CHECK(journal_->read([&](const Reader& reader) -> Result<void> {
            due = TRY(engine_.tick(reader, day));
            return {};
        }));
        std::string out;
        if (due.size() < 2) return out;
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            out.clear();
            for (facts::Fact& fact : due) {
                const std::uint64_t dossier = fact.dossier;
                if (auto* opened = std::get_if<facts::DossierOpened>(&fact.payload)) {
                    const std::string& prefix = TRY(stage_.law->procedure(opened->procedure, day))->prefix;
                    opened->id = fmt::format("{}{}", prefix, ++dealt_[prefix]);
                    out += fmt::format("{} {} {}  -> {}\n", day.text(), opened->procedure, opened->id,
                                       opened->state);
                    TRY(writer.append(std::move(fact)));
                    continue;
                }
                if (dossier == 0) {
                    TRY(writer.append(std::move(fact)));
                    continue;
                }
                const facts::DossierRow before = TRY(row(writer, std::to_string(dossier)));
                const facts::Recorded recorded = TRY(writer.append(std::move(fact)));
                out += day.text() + " " + TRY(step_text(writer, before, recorded));
            }
            return {};
        }));
        return out;
    }

    Result<std::string> open(Arguments& arguments) {
        act::Engine::Opening opening;
        opening.procedure = TRY(arguments.word(1, "a procedure"));
        const std::string by = arguments.taken("by");
        opening.id = arguments.taken("id");
        opening.title = arguments.taken("title");
        opening.operator_id = arguments.taken("operator");
        opening.category = arguments.taken("category");
        opening.campaign = arguments.taken("campaign");
        opening.organisation = arguments.taken("org");
        opening.state = arguments.taken("state");
        const std::string source = arguments.taken("source"), source_fact = arguments.taken("source_fact"),
                          day = arguments.taken("on");
        if (!day.empty()) opening.happened_on = TRY(parse_date(day));
        const auto procedure =
            stage_.law->procedure(opening.procedure, opening.happened_on.value_or(clock_.now().date()));
        opening.form =
            form_of(procedure ? (*procedure)->form : std::vector<law::Field>{}, arguments.fields());
        if (opening.id.empty() && procedure)
            opening.id = fmt::format("{}{}", (*procedure)->prefix, dealt_[(*procedure)->prefix] + 1);
        std::string out;
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            if (!source.empty()) opening.source = static_cast<std::uint64_t>(TRY(row(writer, source)).seq);
            if (!source_fact.empty()) {
                opening.source_fact = TRY(fact_of(writer, source_fact));
                opening.source = TRY(writer.fact(opening.source_fact)).dossier();
            }
            const act::Actor actor = TRY(act::actor_of(writer, by, clock_.now()));
            const facts::Recorded recorded = TRY(writer.append(TRY(engine_.open(writer, actor, opening))));
            const facts::DossierRow opened = TRY(row(writer, std::to_string(recorded.seq)));
            out = fmt::format("{} {}  -> {}\n", opened.procedure, opened.id, opened.state) +
                  clocks_text(opened, "  ");
            return {};
        }));
        if (procedure && opening.id.starts_with((*procedure)->prefix)) ++dealt_[(*procedure)->prefix];
        return out;
    }

    Result<std::string> take(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier")), step = TRY(arguments.word(2, "a step"));
        const std::string by = arguments.taken("by");
        act::Request request;
        request.officers = arguments.list("with");
        request.documents = arguments.list("documents");
        for (const std::string& piece : arguments.list("evidence"))
            request.evidence.push_back(digest_named(piece));
        const std::string day = arguments.taken("on"), version = arguments.taken("version");
        if (!day.empty()) request.happened_on = TRY(parse_date(day));
        if (!version.empty()) request.expected_version = TRY(parse_integer(version));
        std::string out;
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, by, clock_.now()));
            const facts::DossierRow before = TRY(row(writer, id));
            request.form = form_of(fields_of(before, step), arguments.fields());
            const facts::Recorded recorded =
                TRY(writer.append(TRY(engine_.take(writer, before, actor, step, request))));
            out = TRY(step_text(writer, before, recorded));
            return {};
        }));
        return out;
    }

    Result<std::string> approve(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier")), step = TRY(arguments.word(2, "a step"));
        const std::string by = arguments.taken("by");
        std::string out;
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, by, clock_.now()));
            const facts::DossierRow before = TRY(row(writer, id));
            const facts::Form form = form_of(fields_of(before, step), arguments.fields());
            const facts::Recorded recorded =
                TRY(writer.append(TRY(engine_.approve(writer, before, actor, step, form))));
            out = fmt::format("{} {} approved by {} as {}\n", id, step, by,
                              std::get<facts::ApprovalGiven>(recorded.fact.payload).role);
            return {};
        }));
        return out;
    }

    Result<std::string> recuse(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier"));
        const std::string by = arguments.taken("by"), person = arguments.taken("person"),
                          reason = arguments.taken("reason");
        CHECK(arguments.nothing_else());
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, by, clock_.now()));
            TRY(writer.append(TRY(engine_.recuse(writer, TRY(row(writer, id)), actor, person, reason))));
            return {};
        }));
        return fmt::format("{} recused {}\n", id, person);
    }

    /// Issues a document without drawing it: its digest is that of its number.
    Result<std::string> issue(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier"));
        const std::string document = TRY(arguments.word(2, "a document"));
        const std::string by = arguments.taken("by"), on = arguments.taken("on");
        CHECK(arguments.nothing_else());
        const law::Forms forms = TRY(law::Forms::load(*stage_.law));
        std::string number;
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, by, clock_.now()));
            const Date dated = on.empty() ? clock_.now().date() : TRY(parse_date(on));
            const facts::DossierRow dossier = TRY(row(writer, id));
            const law::DocumentForm& form = *TRY(forms.form(document, dated));
            const act::DealtNumber dealt =
                TRY(act::deal_number(writer, forms, form, dossier.organisation, dated));
            number = dealt.text;
            const Digest digest = sm3(document + dealt.text);
            TRY(writer.append(TRY(act::issue_document(writer, *stage_.law, dossier, actor,
                                                      {document, dated, dealt, digest, digest, 1}))));
            return {};
        }));
        return fmt::format("{} issued {}  {}\n", id, document, number);
    }

    Result<std::string> void_(Arguments& arguments) {
        const std::string target = TRY(arguments.word(1, "a dossier or ID/N"));
        const std::string by = arguments.taken("by"), reason = arguments.taken("reason");
        CHECK(arguments.nothing_else());
        std::string out;
        CHECK(journal_->write([&](Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, by, clock_.now()));
            const std::uint64_t seq = TRY(fact_of(writer, target));
            const facts::DossierRow before = TRY(row(writer, target.substr(0, target.find('/'))));
            TRY(writer.append(TRY(engine_.void_fact(writer, actor, seq, reason))));
            const facts::DossierRow after = TRY(row(writer, before.id));
            out = fmt::format("{} voided{}\n", target,
                              before.state != after.state && after.state != act::voided_state
                                  ? fmt::format("  {} -> {}", before.state, after.state)
                                  : "");
            return {};
        }));
        return out;
    }

    Result<std::string> offers(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier")), by = arguments.taken("by");
        CHECK(arguments.nothing_else());
        return look([&](const Reader& reader) -> Result<std::string> {
            const act::Actor actor = TRY(act::actor_of(reader, by, clock_.now()));
            return offers_text(
                TRY(engine_.offers(reader, TRY(row(reader, id)), actor, arguments.has_word("all"))));
        });
    }

    Result<std::string> clocks(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier"));
        return look([&](const Reader& reader) -> Result<std::string> {
            return clocks_text(TRY(row(reader, id)), "");
        });
    }

    Result<std::string> show(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "a dossier"));
        return look([&](const Reader& reader) { return dossier_text_of(reader, id); });
    }
    Result<std::string> dossier_text_of(const Reader& reader, const std::string& id) {
        return dossier_text(reader, engine_, TRY(row(reader, id)), clock_.now());
    }

    /// Does any procedure know a field of this name?
    bool is_attribute(std::string_view name) const {
        const auto has = [&](const std::vector<law::Field>& form) {
            return std::ranges::find(form, name, &law::Field::id) != form.end();
        };
        return name == "category" || name == "campaign" ||
               std::ranges::any_of(stage_.law->procedures(), [&](const law::Procedure& procedure) {
                   return has(procedure.form) ||
                          std::ranges::any_of(procedure.steps,
                                              [&](const law::Step& step) { return has(step.form); });
               });
    }

    /// The findings of an inspection, of one agency where it is named.
    Result<std::string> items(Arguments& arguments) {
        const std::string id = TRY(arguments.word(1, "an inspection"));
        const std::string agency = arguments.taken("agency");
        CHECK(arguments.nothing_else());
        return look([&](const Reader& reader) -> Result<std::string> {
            std::string out;
            for (const act::InspectionItem& item : TRY(act::items_of(reader, TRY(row(reader, id)), agency)))
                out += fmt::format("{}  {}  {}  {}{}\n", item.number, item.severity, item.clause,
                                   item.description, item.agency.empty() ? "" : "  " + item.agency);
            return out;
        });
    }

    Result<std::string> list(Arguments& arguments) {
        std::vector<journal::Condition> where;
        for (const auto& [key, field] : {std::pair{"procedure", "procedure"},
                                         {"state", "state"},
                                         {"org", "organisation"},
                                         {"operator", "operator_id"}})
            if (const std::string value = arguments.taken(key); !value.empty())
                where.push_back({field, journal::Compare::equal, {value}});
        const auto attributes = arguments.fields();
        for (const auto& [name, value] : attributes)
            if (!is_attribute(name)) return arguments.nothing_else().error();
        return look([&](const Reader& reader) -> Result<std::string> {
            std::string out;
            CHECK(act::each_dossier(reader, where, [&](const facts::DossierRow& one) -> Result<void> {
                const bool fits = std::ranges::all_of(attributes, [&](const auto& wanted) {
                    return act::matches(act::attribute_of(one, {}, wanted.first), wanted.second);
                });
                if (fits && (one.open || !arguments.has_word("open"))) out += dossier_line(one) + "\n";
                return {};
            }));
            return out;
        });
    }

    Result<std::string> verify(Arguments& arguments) {
        CHECK(arguments.nothing_else());
        const journal::Verification chain = TRY(journal::verify(*store_, "facts"));
        return look([&](const Reader& reader) -> Result<std::string> {
            std::string out;
            std::vector<std::string> broken;
            CHECK(act::each_dossier(reader, {}, [&](const facts::DossierRow& one) -> Result<void> {
                std::vector<facts::Recorded> recorded;
                for (const std::uint64_t seq : TRY(reader.facts_of(static_cast<std::uint64_t>(one.seq))))
                    recorded.push_back(TRY(reader.fact(seq)));
                facts::DossierRow again = TRY(act::refold(*stage_.law, recorded));
                again.path = TRY(act::path_of(reader, again.organisation));
                if (facts::encode_row(again) != facts::encode_row(one)) broken.push_back(one.id);
                for (const act::ClockView& clock : engine_.clocks(one, clock_.now())) {
                    const std::string line = clock_line(clock, clock_.now());
                    if (line.find("overdue") != std::string::npos)
                        out += fmt::format("overdue {}  {}\n", one.id, line);
                }
                return {};
            }));
            out += fmt::format(
                "{} facts, chain {}, projections {}\n", chain.size,
                chain.first_bad == 0 ? "ok" : fmt::format("broken at {}: {}", chain.first_bad, chain.problem),
                broken.empty() ? "ok" : "differ: " + join(broken, ", "));
            return out;
        });
    }

    Result<std::string> figure(Arguments& arguments) { return account(arguments, stage_.figure, "a figure"); }
    Result<std::string> report(Arguments& arguments) { return account(arguments, stage_.report, "a report"); }
    template <class Hook>
    Result<std::string> account(Arguments& arguments, const Hook& hook, std::string_view what) {
        const std::string id = TRY(arguments.word(1, what)), organisation = arguments.taken("org"),
                          period = arguments.taken("period");
        CHECK(arguments.nothing_else());
        if (!hook) return usage("figures are not wired here");
        return look([&](const Reader& reader) -> Result<std::string> {
            return hook(reader, id, organisation, period);
        });
    }

    Result<std::string> law(Arguments& arguments) {
        if (TRY(arguments.word(1, "due")) != "due") return usage("law due LIMIT DATE");
        const std::string id = TRY(arguments.word(2, "a limit"));
        const Date from = TRY(parse_date(TRY(arguments.word(3, "a date"))));
        std::vector<law::Excluded> excluded;
        for (const std::string& interval : arguments.list("suspend")) {
            const std::size_t gap = interval.find("..");
            if (gap == std::string::npos) return usage("suspend=FROM..TO");
            excluded.push_back(
                {TRY(parse_date(interval.substr(0, gap))), TRY(parse_date(interval.substr(gap + 2)))});
        }
        CHECK(arguments.nothing_else());
        const law::Limit& limit = *TRY(stage_.law->limit(id, from));
        Rational value = limit.value;
        if (arguments.has_word("extend")) value = value + limit.ext_value;
        if (!value.is_whole()) return usage(fmt::format("{} does not count whole units", id));
        const law::Due due = TRY(law::due_date(stage_.law->calendar(), from,
                                               static_cast<int>(value.numerator()), limit.unit, excluded));
        return fmt::format("{}  {} {}  due {}  {}\n", id, value.exact(), law::text_of(limit.unit),
                           due_text(due), limit.citation.text());
    }

    // --- what the commands share

    Result<std::string> look(const std::function<Result<std::string>(const Reader&)>& at) {
        std::string out;
        CHECK(journal_->read([&](const Reader& reader) -> Result<void> {
            out = TRY(at(reader));
            return {};
        }));
        return out;
    }

    static Result<facts::DossierRow> row(const Reader& reader, std::string_view id) {
        return act::dossier(reader, id);
    }

    /// ID, or ID/N for its N-th step.
    static Result<std::uint64_t> fact_of(const Reader& reader, std::string_view target) {
        const std::size_t slash = target.find('/');
        const facts::DossierRow one = TRY(row(reader, target.substr(0, slash)));
        if (slash == std::string_view::npos) return static_cast<std::uint64_t>(one.seq);
        const std::int64_t number = TRY(parse_integer(target.substr(slash + 1)));
        if (number < 1 || number > static_cast<std::int64_t>(one.steps.size()))
            return Error{ErrorCode::record_unknown, fmt::format("{} has {} steps", one.id, one.steps.size())};
        return static_cast<std::uint64_t>(one.steps[static_cast<std::size_t>(number - 1)].seq);
    }

    [[nodiscard]] std::vector<law::Field> fields_of(const facts::DossierRow& one,
                                                    std::string_view step) const {
        const auto procedure = stage_.law->procedure(one.procedure, one.law_on);
        const law::Step* found = procedure ? (*procedure)->find_step(step) : nullptr;
        return found ? found->form : std::vector<law::Field>{};
    }

    [[nodiscard]] std::string clocks_text(const facts::DossierRow& one, std::string_view indent) const {
        std::string out;
        for (const act::ClockView& clock : engine_.clocks(one, clock_.now()))
            out += fmt::format("{}{}\n", indent, clock_line(clock, clock_.now()));
        return out;
    }

    /// "case1 file  verifying -> filed", its clocks that changed, its documents.
    Result<std::string> step_text(const Reader& reader, const facts::DossierRow& before,
                                  const facts::Recorded& recorded) const {
        const auto& step = std::get<facts::StepTaken>(recorded.fact.payload);
        std::string out = fmt::format("{} {}", before.id, step.step);
        if (step.to != before.state) out += fmt::format("  {} -> {}", before.state, step.to);
        out += "\n";
        const facts::DossierRow after = TRY(row(reader, std::to_string(before.seq)));
        const std::vector<act::ClockView> clocks = engine_.clocks(after, clock_.now());
        std::vector<std::string> told;
        for (const facts::ClockChange& change : step.clocks) {
            const auto latest = std::find_if(clocks.rbegin(), clocks.rend(), [&](const auto& clock) {
                return clock.limit_id == change.limit;
            });
            if (latest == clocks.rend() || std::ranges::find(told, change.limit) != told.end()) continue;
            told.push_back(change.limit);
            out += fmt::format("  {}\n", clock_line(*latest, clock_.now()));
        }
        if (!step.documents.empty()) out += fmt::format("  documents {}\n", join(step.documents, ", "));
        return out;
    }

    const Stage& stage_;
    act::Engine engine_;
    std::filesystem::path file_;
    VirtualClock clock_;
    std::unique_ptr<journal::Store> store_;
    std::unique_ptr<journal::Journal> journal_;
    std::map<std::string, int, std::less<>> dealt_;
};

/// Without line ends at the end and blanks before line ends, as the file holds it.
std::string as_written(const std::string& printed) {
    std::vector<std::string> lines;
    for (std::string line : split(printed, '\n')) {
        while (!line.empty() && line.back() == ' ') line.pop_back();
        if (!line.empty()) lines.push_back(std::move(line));
    }
    return join(lines, "\n");
}

}  // namespace

Result<Outcome> run_scenario(const std::filesystem::path& file, const Stage& stage) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{ErrorCode::file_unreadable, file.string()};
    std::ostringstream text;
    text << in.rdbuf();
    auto parsed = parse_scenario(text.str());
    if (!parsed) {
        parsed.error().where =
            file.string() + (parsed.error().where.empty() ? "" : ": " + parsed.error().where);
        return parsed.error();
    }
    const Scenario& scenario = *parsed;
    Story story(stage, file);
    CHECK(story.begin());
    Outcome outcome;
    std::vector<std::string> printed;
    for (const Block& block : scenario.blocks) {
        std::string all;
        for (const Command& command : block.commands) all += TRY(story.play(command));
        printed.push_back(as_written(all));
        if (printed.back() != block.expected)
            outcome.report += fmt::format("{}:{}\n{}", file.string(), block.line,
                                          difference(block.expected, printed.back()));
    }
    outcome.passed = outcome.report.empty();
    outcome.rewritten = scenario.rewritten(printed);
    return outcome;
}

}  // namespace qingyuan::cli
