// qingyuan dossier …: the same engine as the API, for people at a terminal and for scripts.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "accounts/vault.hpp"
#include "act/attributes.hpp"
#include "act/engine.hpp"
#include "act/form.hpp"
#include "act/joint.hpp"
#include "act/links.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/dossier_json.hpp"
#include "cli/dossier_text.hpp"
#include "document/form_json.hpp"

namespace qingyuan::cli {

using nlohmann::ordered_json;

namespace {

constexpr std::uint64_t listed_rows = 100;  ///< where --limit says nothing

struct DossierOptions {
    std::string id, step, by, procedure, state, organisation, operator_id, category, campaign, title, source,
        due_before, on, form, reason, target;
    std::uint64_t source_fact = 0, limit = listed_rows;
    std::int64_t version = 0;
    std::vector<std::string> with, fields, evidence, documents;
    bool open = false, all = false;
};

using Options = std::shared_ptr<DossierOptions>;

void print(const ordered_json& document) {
    fmt::print("{}\n", document.dump(2));
}

/// Who acts: --by, else QINGYUAN_PERSON, else whom the sample data name.
Result<std::string> person_of(const Workspace& workspace, const DossierOptions& options) {
    if (!options.by.empty()) return options.by;
    if (const char* person = std::getenv("QINGYUAN_PERSON"); person && *person) return std::string(person);
    if (workspace.instance().sample_data && !workspace.instance().default_person.empty())
        return workspace.instance().default_person;
    return Error{
        ErrorCode::usage, "nobody is named who acts", "--by", {}, "give --by PERSON or set QINGYUAN_PERSON"};
}

Result<std::optional<Date>> day_of(const std::string& text) {
    if (text.empty()) return std::optional<Date>();
    return std::optional(TRY(parse_date(text)));
}

Result<std::string> read_form(const std::string& name) {
    std::ostringstream text;
    if (name == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream in(name, std::ios::binary);
    if (!in) return Error{ErrorCode::file_unreadable, name, "--form"};
    text << in.rdbuf();
    return text.str();
}

/// --form, then --field over it; personal values go to the vault, the form keeps their references.
Result<facts::Form> form_of(Workspace& workspace, const DossierOptions& options,
                            const std::vector<law::Field>& fields) {
    facts::Form form;
    if (!options.form.empty()) form = TRY(document::form_of_json(TRY(read_form(options.form)), fields));
    for (const std::string& pair : options.fields) {
        const std::size_t gap = pair.find('=');
        if (gap == std::string::npos || gap == 0)
            return Error{ErrorCode::usage, fmt::format("'{}' is no field=value", pair), "--field"};
        const std::string name = pair.substr(0, gap);
        const auto field = std::ranges::find(fields, name, &law::Field::id);
        form.insert_or_assign(
            name, act::value_of_text(field == fields.end() ? nullptr : &*field, pair.substr(gap + 1)));
    }
    for (const law::Field& field : fields) {
        const auto found = form.find(field.id);
        if (field.type != law::FieldType::personal || found == form.end()) continue;
        if (const auto* plain = std::get_if<std::string>(&found->second))
            found->second = TRY(workspace.vault().put(act::personal_purpose(field.id), *plain));
    }
    return form;
}

std::vector<law::Field> fields_of(const law::Law& law, const facts::DossierRow& row, std::string_view step) {
    const auto procedure = law.procedure(row.procedure, row.law_on);
    const law::Step* found = procedure ? (*procedure)->find_step(step) : nullptr;
    return found ? found->form : std::vector<law::Field>{};
}

/// The row of a dossier outside the transaction that will decide, for the fields of its forms.
Result<facts::DossierRow> row_of(Workspace& workspace, const std::string& id) {
    facts::DossierRow row;
    CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
        row = TRY(act::dossier(reader, id));
        return {};
    }));
    return row;
}

/// Decides and appends in one transaction; prints what the dossier is then.
Result<void> append(Context& context, Workspace& workspace, const std::string& done,
                    const std::function<Result<facts::Fact>(const journal::Reader&)>& decide) {
    facts::Recorded recorded;
    facts::DossierRow row;
    CHECK(workspace.journal().write([&](journal::Writer& writer) -> Result<void> {
        recorded = TRY(writer.append(TRY(decide(writer))));
        row = TRY(act::dossier(writer, std::to_string(recorded.dossier())));
        return {};
    }));
    if (context.json)
        print({{"seq", recorded.seq},
               {"id", row.id},
               {"procedure", row.procedure},
               {"state", row.state},
               {"version", row.version}});
    else
        fmt::print("{} {}  {}  fact {}\n", row.id, done, row.state, recorded.seq);
    return {};
}

// --- the commands

Result<void> list(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    std::vector<journal::Condition> where;
    const auto equal = [&](std::string_view field, const std::string& value) {
        if (!value.empty()) where.push_back({field, journal::Compare::equal, {value}});
    };
    equal("procedure", options.procedure);
    equal("state", options.state);
    equal("organisation", options.organisation);
    equal("operator_id", options.operator_id);
    equal("campaign", options.campaign);
    if (!options.due_before.empty()) {
        where.push_back({"due", journal::Compare::greater, {std::int64_t{0}}});
        where.push_back(
            {"due", journal::Compare::less, {std::int64_t{TRY(parse_date(options.due_before)).days}}});
    }
    std::vector<std::pair<std::string, std::string>> attributes;
    for (const std::string& pair : options.fields) {
        const std::size_t gap = pair.find('=');
        if (gap == std::string::npos || gap == 0)
            return Error{ErrorCode::usage, fmt::format("'{}' is no attribute=value", pair), "--where"};
        attributes.emplace_back(pair.substr(0, gap), pair.substr(gap + 1));
    }
    std::vector<facts::DossierRow> rows;
    std::uint64_t more = 0;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        return act::each_dossier(reader, where, [&](const facts::DossierRow& row) -> Result<void> {
            if (options.open && !row.open) return {};
            for (const auto& [attribute, value] : attributes)
                if (!act::matches(act::attribute_of(row, {}, attribute), value)) return {};
            if (options.limit != 0 && rows.size() >= options.limit)
                ++more;
            else
                rows.push_back(row);
            return {};
        });
    }));
    if (context.json) {
        ordered_json out = ordered_json::array();
        for (const facts::DossierRow& row : rows) out.push_back(row_json(row));
        print({{"dossiers", out}, {"total", rows.size() + more}});
    } else if (context.csv) {
        fmt::print("id,procedure,state,organisation,operator_id,campaign,opened_on,closed_on,due\r\n");
        for (const facts::DossierRow& row : rows)
            fmt::print("{}", csv_line({row.id, row.procedure, row.state, row.organisation, row.operator_id,
                                       row.campaign, row.opened_on.text(),
                                       row.closed_on == Date{} ? "" : row.closed_on.text(),
                                       row.due == 0 ? "" : Date{static_cast<std::int32_t>(row.due)}.text()}));
    } else {
        for (const facts::DossierRow& row : rows) fmt::print("{}\n", dossier_line(row));
    }
    if (more != 0 && !context.json) fmt::print(stderr, "{} more; --limit 0 lists all\n", more);
    return {};
}

Result<void> items(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    std::vector<act::InspectionItem> found;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        found = TRY(act::items_of(reader, TRY(act::dossier(reader, options.id)), options.target));
        return {};
    }));
    if (!context.json) {
        for (const act::InspectionItem& item : found)
            fmt::print("{}  {}  {}  {}{}\n", item.number, item.severity, item.clause, item.description,
                       item.agency.empty() ? "" : "  " + item.agency);
        return {};
    }
    ordered_json out = ordered_json::array();
    for (const act::InspectionItem& item : found)
        out.push_back({{"number", item.number},
                       {"clause", item.clause},
                       {"severity", item.severity},
                       {"description", item.description},
                       {"agency", item.agency}});
    print({{"inspection", options.id}, {"findings", out}});
    return {};
}

Result<void> show(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const facts::DossierRow row = TRY(act::dossier(reader, options.id));
        if (context.json)
            print(TRY(dossier_json(reader, engine, row, workspace->clock().now())));
        else
            fmt::print("{}", TRY(dossier_text(reader, engine, row, workspace->clock().now())));
        return {};
    });
}

Result<void> offers(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const std::string person = TRY(person_of(*workspace, options));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const act::Actor actor = TRY(act::actor_of(reader, person, workspace->clock().now()));
        const facts::DossierRow row = TRY(act::dossier(reader, options.id));
        const std::vector<act::Offer> found = TRY(engine.offers(reader, row, actor, options.all));
        if (!context.json) {
            fmt::print("{}", offers_text(found));
            return {};
        }
        ordered_json out = ordered_json::array();
        for (const act::Offer& offer : found) out.push_back(offer_json(offer));
        print({{"dossier", row.id},
               {"state", row.state},
               {"version", row.version},
               {"actor", actor.person},
               {"offers", out}});
        return {};
    });
}

Result<void> open(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const std::string person = TRY(person_of(*workspace, options));
    act::Engine::Opening opening;
    opening.procedure = options.procedure;
    opening.id = options.id;
    opening.title = options.title;
    opening.operator_id = options.operator_id;
    opening.category = options.category;
    opening.campaign = options.campaign;
    opening.organisation = options.organisation;
    opening.state = options.state;
    opening.source_fact = options.source_fact;
    opening.happened_on = TRY(day_of(options.on));
    const law::Procedure& procedure = *TRY(workspace->law().procedure(
        options.procedure, opening.happened_on.value_or(workspace->clock().now().date())));
    opening.form = TRY(form_of(*workspace, options, procedure.form));
    return append(context, *workspace, "opened", [&](const journal::Reader& reader) -> Result<facts::Fact> {
        if (!options.source.empty())
            opening.source = static_cast<std::uint64_t>(TRY(act::dossier(reader, options.source)).seq);
        return engine.open(reader, TRY(act::actor_of(reader, person, workspace->clock().now())), opening);
    });
}

Result<void> take(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const std::string person = TRY(person_of(*workspace, options));
    act::Request request;
    request.form = TRY(form_of(
        *workspace, options, fields_of(workspace->law(), TRY(row_of(*workspace, options.id)), options.step)));
    request.officers = options.with;
    request.documents = options.documents;
    request.evidence = options.evidence;
    request.happened_on = TRY(day_of(options.on));
    request.expected_version = options.version;
    return append(
        context, *workspace, options.step, [&](const journal::Reader& reader) -> Result<facts::Fact> {
            const act::Actor actor = TRY(act::actor_of(reader, person, workspace->clock().now()));
            return engine.take(reader, TRY(act::dossier(reader, options.id)), actor, options.step, request);
        });
}

Result<void> approve(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const std::string person = TRY(person_of(*workspace, options));
    const facts::Form form = TRY(form_of(
        *workspace, options, fields_of(workspace->law(), TRY(row_of(*workspace, options.id)), options.step)));
    return append(context, *workspace, options.step + " approved",
                  [&](const journal::Reader& reader) -> Result<facts::Fact> {
                      const act::Actor actor = TRY(act::actor_of(reader, person, workspace->clock().now()));
                      return engine.approve(reader, TRY(act::dossier(reader, options.id)), actor,
                                            options.step, form);
                  });
}

/// A sequence number, a dossier's id, or ID/N for its N-th step.
Result<std::uint64_t> target_of(const journal::Reader& reader, const std::string& target) {
    if (const auto seq = parse_integer(target); seq && *seq > 0) return static_cast<std::uint64_t>(*seq);
    const std::size_t slash = target.find('/');
    const facts::DossierRow row = TRY(act::dossier(reader, target.substr(0, slash)));
    if (slash == std::string::npos) return static_cast<std::uint64_t>(row.seq);
    const std::int64_t number = TRY(parse_integer(target.substr(slash + 1)));
    if (number < 1 || number > static_cast<std::int64_t>(row.steps.size()))
        return Error{ErrorCode::record_unknown, fmt::format("{} has {} steps", row.id, row.steps.size())};
    return static_cast<std::uint64_t>(row.steps[static_cast<std::size_t>(number - 1)].seq);
}

Result<void> void_target(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const std::string person = TRY(person_of(*workspace, options));
    return append(context, *workspace, "voided", [&](const journal::Reader& reader) -> Result<facts::Fact> {
        const act::Actor actor = TRY(act::actor_of(reader, person, workspace->clock().now()));
        return engine.void_fact(reader, actor, TRY(target_of(reader, options.target)), options.reason);
    });
}

Result<void> recuse(Context& context, const DossierOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const std::string person = TRY(person_of(*workspace, options));
    return append(context, *workspace, "recused " + options.target,
                  [&](const journal::Reader& reader) -> Result<facts::Fact> {
                      const act::Actor actor = TRY(act::actor_of(reader, person, workspace->clock().now()));
                      return engine.recuse(reader, TRY(act::dossier(reader, options.id)), actor,
                                           options.target, options.reason);
                  });
}

// --- their options

CLI::App* command(CLI::App& group, Context& context, const Options& options, const char* name,
                  const char* help, Result<void> (*run)(Context&, const DossierOptions&)) {
    CLI::App* added = group.add_subcommand(name, help);
    added->callback([run, options, &context] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
    return added;
}

void add_actor(CLI::App* command, const Options& options) {
    command->add_option("--by", options->by, "person who acts; else QINGYUAN_PERSON");
}

void add_form(CLI::App* command, const Options& options) {
    command->add_option("--form", options->form, "JSON file of the form, - for standard input");
    command->add_option("--field", options->fields, "field=value, lists divided by commas")
        ->allow_extra_args(false);
}

void add_act(CLI::App& group, Context& context, const Options& options) {
    CLI::App* opening = command(group, context, options, "open", "open a dossier", open);
    opening->add_option("procedure", options->procedure, "id of law/procedures")->required();
    opening->add_option("--operator", options->operator_id, "operator it concerns");
    opening->add_option("--category", options->category, "drug, device or cosmetic");
    opening->add_option("--campaign", options->campaign, "campaign");
    opening->add_option("--org", options->organisation, "responsible organisation; else that of the person");
    opening->add_option("--title", options->title, "title");
    opening->add_option("--state", options->state, "initial state, where the procedure has several");
    opening->add_option("--source", options->source, "dossier it comes from");
    opening->add_option("--source-fact", options->source_fact, "sequence number of the fact it comes from");
    opening->add_option("--id", options->id, "record id; else the next one");
    opening->add_option("--on", options->on, "day it happened; else today");
    add_actor(opening, options);
    add_form(opening, options);

    CLI::App* taking = command(group, context, options, "do", "take a step", take);
    taking->add_option("id", options->id, "dossier")->required();
    taking->add_option("step", options->step, "step")->required();
    taking->add_option("--with", options->with, "persons who act along")
        ->delimiter(',')
        ->allow_extra_args(false);
    taking->add_option("--evidence", options->evidence, "digest of a piece of evidence")
        ->delimiter(',')
        ->allow_extra_args(false);
    taking->add_option("--documents", options->documents, "documents drawn up besides those of the step")
        ->delimiter(',')
        ->allow_extra_args(false);
    taking->add_option("--on", options->on, "day it happened; else today");
    taking->add_option("--expect", options->version, "version the dossier must have");
    add_actor(taking, options);
    add_form(taking, options);

    CLI::App* approving =
        command(group, context, options, "approve", "approve exactly this form for a step", approve);
    approving->add_option("id", options->id, "dossier")->required();
    approving->add_option("step", options->step, "step")->required();
    add_actor(approving, options);
    add_form(approving, options);

    CLI::App* voiding =
        command(group, context, options, "void", "void what was entered in error", void_target);
    voiding->add_option("target", options->target, "dossier, ID/N for its N-th step, or sequence number")
        ->required();
    voiding->add_option("--reason", options->reason, "why")->required();
    add_actor(voiding, options);

    CLI::App* recusing =
        command(group, context, options, "recuse", "a person may no longer act on a dossier", recuse);
    recusing->add_option("id", options->id, "dossier")->required();
    recusing->add_option("person", options->target, "person")->required();
    recusing->add_option("--reason", options->reason, "why")->required();
    add_actor(recusing, options);
}

}  // namespace

void add_dossier(CLI::App& app, Context& context) {
    CLI::App* group = app.add_subcommand("dossier", "dossiers: what there is, what can be done, doing it");
    group->require_subcommand(1);
    auto options = std::make_shared<DossierOptions>();

    CLI::App* listing =
        command(*group, context, options, "list", "dossiers in the order they were opened", list);
    listing->add_option("--procedure", options->procedure, "id of law/procedures");
    listing->add_option("--state", options->state, "state");
    listing->add_option("--org", options->organisation, "responsible organisation");
    listing->add_option("--operator", options->operator_id, "operator");
    listing->add_option("--campaign", options->campaign, "campaign");
    listing->add_option("--due-before", options->due_before, "nearest due date before this day");
    listing->add_option("--limit", options->limit, "at most so many; 0 = all")->capture_default_str();
    listing->add_flag("--open", options->open, "only open ones");
    listing->add_option("--where", options->fields, "attribute=value, as mode=online")
        ->allow_extra_args(false);
    CLI::App* found = command(*group, context, options, "items", "findings of an inspection", items);
    found->add_option("id", options->id, "inspection")->required();
    found->add_option("--agency", options->target, "of this agency of a joint inspection alone");

    CLI::App* showing = command(*group, context, options, "show", "state, clocks, steps, links", show);
    showing->add_option("id", options->id, "record id or sequence number")->required();

    CLI::App* offering =
        command(*group, context, options, "offers", "which steps can be taken now, and why not", offers);
    offering->add_option("id", options->id, "record id or sequence number")->required();
    offering->add_flag("--all", options->all, "steps of other states too");
    add_actor(offering, options);

    add_act(*group, context, options);
}

}  // namespace qingyuan::cli
