// qingyuan draw …: the ceremony of a draw (docs/draw.md). `check` needs nothing but the bundle.
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/sm4.hpp"
#include "accounts/vault.hpp"
#include "act/engine.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "journal/evidence.hpp"
#include "target/ceremony.hpp"

namespace qingyuan::cli {

using nlohmann::ordered_json;

namespace {

struct DrawOptions {
    std::string by, draw, frame, rule, reveal_by, sealed_until, profile = "sm3", beacon, title,
                                                                random = "0.2";
    std::string party, seed, public_value, early, out, operator_id, salt;
    std::int64_t size = 0;
    std::vector<std::string> sizes, quotas, reserves, bundles;
};
using Options = std::shared_ptr<DrawOptions>;

void print(const ordered_json& document) {
    fmt::print("{}\n", document.dump(2));
}

Result<std::string> read_file(const std::string& name, std::string_view option) {
    std::ifstream in(name, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) return Error{ErrorCode::file_unreadable, name, std::string(option)};
    return text.str();
}

Result<void> write_file(const std::filesystem::path& name, std::string_view bytes) {
    std::ofstream out(name, std::ios::binary);
    out << bytes;
    if (!out.flush()) return Error{ErrorCode::io_failed, name.string(), "--out"};
    return {};
}

/// Who acts: --by, else QINGYUAN_PERSON, else whom the sample data name.
Result<act::Actor> actor_of(const journal::Reader& reader, const Workspace& workspace,
                            const DrawOptions& options) {
    std::string person = options.by;
    if (const char* named = std::getenv("QINGYUAN_PERSON"); person.empty() && named) person = named;
    if (person.empty() && workspace.instance().sample_data) person = workspace.instance().default_person;
    if (person.empty())
        return Error{ErrorCode::usage, "nobody is named who acts", "--by", {}, "give --by PERSON"};
    return act::actor_of(reader, person, workspace.clock().now());
}

Result<Digest> random_digest() {
    return digest_of(TRY(accounts::random_bytes(32)));
}

// --- the frame

/// Columns: operator, stratum, size, reasons (words divided by |), probability; all but operator may be
/// absent.
Result<std::vector<target::Candidate>> read_candidates(const std::string& name) {
    const std::string text = TRY(read_file(name, "--frame"));
    CsvReader csv = TRY(CsvReader::create(text));
    for (const std::string& column : csv.columns()) {
        static const std::vector<std::string> known{"operator", "stratum", "size", "reasons", "probability"};
        if (std::ranges::find(known, column) == known.end())
            return Error{ErrorCode::column_unknown, column, "--frame"};
    }
    if (!csv.find_column("operator")) return Error{ErrorCode::column_missing, "operator", "--frame"};
    std::vector<target::Candidate> out;
    while (const auto row = TRY(csv.next())) {
        const auto cell = [&](std::string_view column) -> std::string {
            const auto found = csv.find_column(column);
            return found ? row->cells[*found] : "";
        };
        const std::string where = fmt::format("{}:{}", name, row->line);
        target::Candidate unit{cell("operator"), cell("stratum").empty() ? "all" : cell("stratum")};
        if (const std::string size = cell("size"); !size.empty()) {
            const auto number = parse_integer(size);
            if (!number || *number < 0) return Error{ErrorCode::number_invalid, size, where};
            unit.size = static_cast<std::uint64_t>(*number);
        }
        if (const std::string words = cell("reasons"); !words.empty()) unit.reasons = split(words, '|');
        if (const std::string chance = cell("probability"); !chance.empty())
            unit.given = TRY(target::parse_probability(chance));
        if (unit.operator_id.find_first_of(" \t\r\n") != std::string::npos)
            return Error{ErrorCode::field_invalid, "an operator's id has no blank", where};
        out.push_back(std::move(unit));
    }
    return out;
}

Result<target::Plan> plan_of(const DrawOptions& options) {
    target::Plan plan{options.size, TRY(parse_decimal(options.random)), {}};
    std::map<std::string, target::Quota> quotas;
    const auto read = [&](const std::vector<std::string>& texts, std::int64_t target::Quota::* field,
                          std::string_view option) -> Result<void> {
        for (const std::string& text : texts) {
            const std::size_t gap = text.find('=');
            const auto number = parse_integer(gap == std::string::npos ? "" : text.substr(gap + 1));
            if (!number)
                return Error{ErrorCode::usage, fmt::format("'{}' is no STRATUM=NUMBER", text),
                             std::string(option)};
            target::Quota& quota = quotas[text.substr(0, gap)];
            quota.stratum = text.substr(0, gap);
            quota.*field = *number;
        }
        return {};
    };
    CHECK(read(options.sizes, &target::Quota::size, "--stratum"));
    CHECK(read(options.quotas, &target::Quota::least, "--quota"));
    CHECK(read(options.reserves, &target::Quota::reserve, "--reserve"));
    for (auto& [id, quota] : quotas) plan.quotas.push_back(quota);
    return plan;
}

Result<facts::Form> opening_form(Workspace& workspace, const DrawOptions& options) {
    const auto candidates = TRY(read_candidates(options.frame));
    const target::Chances chances = TRY(target::chances_of(candidates, TRY(plan_of(options))));
    const Digest secret = TRY(random_digest());
    const target::Frame frame = target::freeze(candidates, chances, secret);
    const auto kept = TRY(workspace.evidence().put(target::write_frame(frame, candidates, chances.strata)));
    facts::Form form;
    form["profile"] = std::string(target::name_of(TRY(target::parse_profile(options.profile))));
    form["rule"] = options.rule;
    form["strata"] = target::write_strata(chances.strata);
    form["frame_units"] = static_cast<std::int64_t>(frame.units.size());
    form["frame_root"] = hex(frame.root);
    form["frame"] = std::vector<std::string>{hex(kept.digest)};
    form["secret"] = TRY(workspace.vault().put("form/secret", hex(secret)));
    form["reveal_by"] = TRY(parse_date(options.reveal_by)).text();
    form["sealed"] = !options.sealed_until.empty();
    if (!options.sealed_until.empty()) form["sealed_until"] = TRY(parse_date(options.sealed_until)).text();
    if (!options.beacon.empty()) form["beacon"] = options.beacon;
    return form;
}

// --- the ceremony

/// Decides and appends in one transaction; the dossier as it is then.
Result<facts::DossierRow> append(Workspace& workspace,
                                 const std::function<Result<facts::Fact>(const journal::Reader&)>& decide) {
    facts::DossierRow row;
    CHECK(workspace.journal().write([&](journal::Writer& writer) -> Result<void> {
        const facts::Recorded recorded = TRY(writer.append(TRY(decide(writer))));
        row = TRY(act::dossier(writer, std::to_string(recorded.dossier())));
        return {};
    }));
    return row;
}

Result<void> open(Context& context, const DrawOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const act::Engine engine(workspace->law());
    const facts::Form form = TRY(opening_form(*workspace, options));
    const facts::DossierRow row =
        TRY(append(*workspace, [&](const journal::Reader& reader) -> Result<facts::Fact> {
            const act::Actor actor = TRY(actor_of(reader, *workspace, options));
            const target::Turn turn = TRY(target::turn_of(reader, actor.organisation));
            act::Engine::Opening opening;
            opening.procedure = "draw";
            opening.title = options.title;
            opening.form = form;
            opening.form["number"] = turn.number;
            opening.form["previous"] = hex(turn.previous);
            return engine.open(reader, actor, opening);
        }));
    const auto* number = std::get_if<std::int64_t>(facts::find(row.attributes, "number"));
    if (context.json)
        print({{"draw", row.id},
               {"number", number ? *number : 0},
               {"state", row.state},
               {"units", std::get<std::int64_t>(*facts::find(row.attributes, "frame_units"))},
               {"root", facts::text_of(row.attributes, "frame_root")},
               {"strata", split(facts::text_of(row.attributes, "strata"), '\n')}});
    else
        fmt::print("{}  draw {}  root {}\n{}\n", row.id, number ? *number : 0,
                   facts::text_of(row.attributes, "frame_root"), facts::text_of(row.attributes, "strata"));
    return {};
}

Result<facts::DossierRow> take(Workspace& workspace, const DrawOptions& options, std::string_view step,
                               const act::Request& request) {
    const act::Engine engine(workspace.law());
    return append(workspace, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        const act::Actor actor = TRY(actor_of(reader, workspace, options));
        return engine.take(reader, TRY(act::dossier(reader, options.draw)), actor, step, request);
    });
}

Result<void> commit(Context& context, const DrawOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    if (!is_identifier(options.party))
        return Error{ErrorCode::field_invalid, "a party is named [a-z][a-z0-9_]*", "--party"};
    const Digest seed = options.seed.empty() ? TRY(random_digest()) : TRY(parse_digest(options.seed));
    std::string id;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        id = TRY(act::dossier(reader, options.draw)).id;
        return {};
    }));
    const std::string commitment = hex(target::commitment_of(seed, options.party, id));
    act::Request request;
    request.form = {{"party", options.party}, {"commitment", commitment}};
    const facts::DossierRow row = TRY(take(*workspace, options, "commit", request));
    if (context.json) {
        print({{"draw", row.id}, {"party", options.party}, {"commitment", commitment}, {"seed", hex(seed)}});
        return {};
    }
    fmt::print("{}  {} committed {}\n", row.id, options.party, commitment);
    if (options.seed.empty())
        fmt::print("seed {}\nkeep it to yourself until you reveal it; without it the draw is void\n",
                   hex(seed));
    return {};
}

/// The number of the party's commitment among the commit steps, voided ones counted.
Result<std::int64_t> number_of(const journal::Reader& reader, const facts::DossierRow& row,
                               const std::string& party) {
    std::int64_t number = 0;
    for (const facts::StepState& state : row.steps) {
        if (state.step != "commit") continue;
        ++number;
        if (state.voided) continue;
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(state.seq)));
        const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (step && facts::text_of(step->form, "party") == party) return number;
    }
    return Error{ErrorCode::step_missing,
                 fmt::format("{} has not committed", party),
                 "--party",
                 {},
                 "name a party that committed"};
}

Result<void> reveal(Context& context, const DrawOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    act::Request request;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const facts::DossierRow row = TRY(act::dossier(reader, options.draw));
        request.form = {{"number_revealed", TRY(number_of(reader, row, options.party))},
                        {"seed", options.seed}};
        return {};
    }));
    const facts::DossierRow row = TRY(take(*workspace, options, "reveal", request));
    if (context.json)
        print({{"draw", row.id}, {"party", options.party}, {"state", row.state}});
    else
        fmt::print("{}  {} revealed\n", row.id, options.party);
    return {};
}

// --- the result

struct Drawn {
    facts::DossierRow row;
    target::Bundle bundle;
    std::string bytes;
};

Result<Drawn> read_draw(Workspace& workspace, const DrawOptions& options) {
    Drawn out;
    CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
        out.row = TRY(act::dossier(reader, options.draw));
        out.bundle = TRY(target::ceremony_of(reader, out.row));
        return {};
    }));
    if (!options.public_value.empty()) out.bundle.public_value = options.public_value;
    if (out.bundle.void_reason.empty()) {
        const auto files = facts::list_of(out.row.attributes, "frame");
        const std::string kept = TRY(workspace.evidence().read(files.empty() ? "" : files.front()));
        out.bundle.units = TRY(target::parse_frame(kept, out.bundle.head.strata)).units;
    }
    out.bytes = TRY(target::write_bundle(out.bundle));
    return out;
}

void print_result(const Context& context, const Drawn& drawn, const std::string& file) {
    const std::string digest = hex(sm3(drawn.bytes));
    if (context.json)
        print({{"draw", drawn.row.id}, {"state", drawn.row.state}, {"digest", digest}, {"bundle", file}});
    else
        fmt::print("{}  {}  digest {}{}\n", drawn.row.id, drawn.row.state, digest,
                   file.empty() ? "" : "  " + file);
}

/// Draws where that is still to be done, then publishes where the seal allows it or a reason is given; the
/// bundle is written once it is public. A void draw has a bundle too.
Result<void> result(Context& context, const DrawOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    Drawn drawn = TRY(read_draw(*workspace, options));
    const bool drawing = drawn.row.state == "revealing";
    if (drawing) {
        const auto kept = TRY(workspace->evidence().put(drawn.bytes));
        act::Request request;
        request.form = {{"bundle", std::vector<std::string>{hex(kept.digest)}},
                        {"digest", hex(sm3(drawn.bytes))}};
        if (!options.public_value.empty()) request.form["public_value"] = options.public_value;
        drawn.row = TRY(take(*workspace, options, "draw", request));
    }
    if (drawn.row.state == "drawn") {
        const std::string until = facts::text_of(drawn.row.attributes, "sealed_until");
        act::Request request;
        if (!options.early.empty() || until.empty())
            request.form["early_reason"] = options.early.empty() ? "not sealed" : options.early;
        auto published = take(*workspace, options, "publish", request);
        if (drawing && !published && published.error().code == ErrorCode::too_early) {
            print_result(context, drawn, {});
            fmt::print(stderr, "sealed until {}\n", until);
            return {};
        }
        drawn.row = TRY(std::move(published));
    }
    if (drawn.row.state == "opened")
        return Error{
            ErrorCode::wrong_state, "nobody has revealed a seed", "draw", {}, "reveal the seeds first"};
    const std::filesystem::path folder = workspace->directory() / "draws";
    std::error_code ignored;
    if (options.out.empty()) std::filesystem::create_directories(folder, ignored);
    const std::filesystem::path file =
        options.out.empty() ? folder / (drawn.row.id + ".draw") : std::filesystem::path(options.out);
    CHECK(write_file(file, drawn.bytes));
    print_result(context, drawn, file.string());
    return {};
}

/// What an operator needs to find itself in the bundle.
Result<void> salt(Context& context, const DrawOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const act::Actor actor = TRY(actor_of(reader, *workspace, options));
        const auto allowed = [&](std::string_view role) {
            return std::ranges::find(actor.roles, role) != actor.roles.end();
        };
        if (!allowed("risk_analyst") && !allowed("unit_head") && !allowed("head_of_authority"))
            return Error{ErrorCode::wrong_role,
                         "salts are opened by risk_analyst, unit_head or head_of_authority"};
        const facts::DossierRow row = TRY(act::dossier(reader, options.draw));
        const facts::Value* held = facts::find(row.attributes, "secret");
        const auto* reference = held ? std::get_if<facts::SubjectRef>(held) : nullptr;
        if (!reference) return Error{ErrorCode::record_unknown, "the draw has no secret", options.draw};
        const Digest secret = TRY(parse_digest(TRY(workspace->vault().find(reference->subject))));
        const Digest salt = target::salt_of(secret, options.operator_id);
        const std::string pseudonym = hex(target::pseudonym_of(salt, options.operator_id));
        if (context.json)
            print({{"operator", options.operator_id}, {"salt", hex(salt)}, {"pseudonym", pseudonym}});
        else
            fmt::print("salt {}\npseudonym {}\n", hex(salt), pseudonym);
        return {};
    });
}

// --- check

Result<std::string> place_of(const target::Checked& checked, const DrawOptions& options) {
    const Digest pseudonym = target::pseudonym_of(TRY(parse_digest(options.salt)), options.operator_id);
    const auto& units = checked.bundle.units;
    const auto unit = std::ranges::lower_bound(units, pseudonym, {}, &target::Unit::pseudonym);
    if (unit == units.end() || unit->pseudonym != pseudonym)
        return Error{ErrorCode::record_unknown,
                     fmt::format("{} is not in this frame under this salt", options.operator_id),
                     "--operator"};
    const auto index = static_cast<std::uint32_t>(unit - units.begin());
    const auto place = std::ranges::find(checked.outcome.places, index, &target::Place::unit);
    const std::string chance = target::text_of(unit->probability);
    if (place == checked.outcome.places.end()) return fmt::format("not drawn, probability {}", chance);
    return fmt::format("{} as {} in place {}, probability {}", place->reserve ? "reserve" : "drawn",
                       place->reason, place->rank, chance);
}

Result<void> check(Context& context, const DrawOptions& options) {
    std::vector<target::Checked> all;
    ordered_json out = ordered_json::array();
    for (const std::string& name : options.bundles) {
        all.push_back(TRY(target::check_bundle(TRY(read_file(name, "BUNDLE")))));
        const target::Checked& checked = all.back();
        const target::Head& head = checked.bundle.head;
        std::int64_t drawn = 0;
        for (const target::Place& place : checked.outcome.places) drawn += place.reserve ? 0 : 1;
        const bool is_void = !checked.bundle.void_reason.empty();
        if (context.json)
            out.push_back({{"draw", head.draw_id},
                           {"number", head.number},
                           {"outcome", is_void ? "void" : "drawn"},
                           {"units", head.units},
                           {"drawn", drawn},
                           {"root", hex(head.root)},
                           {"seed", is_void ? "" : hex(checked.outcome.seed)},
                           {"previous", hex(head.previous)},
                           {"digest", hex(checked.digest)}});
        else
            fmt::print("{}  draw {} of {}  {}  digest {}\n", head.draw_id, head.number, head.organisation,
                       is_void ? "void: " + checked.bundle.void_reason
                               : fmt::format("holds: {} of {} drawn", drawn, head.units),
                       hex(checked.digest));
    }
    CHECK(target::check_series(all));
    std::string place;
    if (!options.operator_id.empty()) place = TRY(place_of(all.back(), options));
    if (context.json)
        print({{"holds", true}, {"bundles", out}, {"place", place}});
    else if (!place.empty())
        fmt::print("{}  {}\n", options.operator_id, place);
    return {};
}

CLI::App* command(CLI::App& group, Context& context, const Options& options, const char* name,
                  const char* help, Result<void> (*run)(Context&, const DrawOptions&)) {
    CLI::App* added = group.add_subcommand(name, help);
    added->callback([run, options, &context] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
    return added;
}

void add_open(CLI::App& group, Context& context, const Options& options) {
    CLI::App* opening = command(group, context, options, "open", "freeze a frame and open a draw", open);
    opening->add_option("--frame", options->frame, "CSV: operator,stratum,size,reasons,probability")
        ->required();
    opening->add_option("--size", options->size, "places of the whole draw");
    opening->add_option("--stratum", options->sizes, "STRATUM=SIZE: exactly so many")
        ->allow_extra_args(false);
    opening->add_option("--quota", options->quotas, "STRATUM=N: at least so many")->allow_extra_args(false);
    opening->add_option("--reserve", options->reserves, "STRATUM=N: next in order")->allow_extra_args(false);
    opening->add_option("--random", options->random, "share of the random reserve")->capture_default_str();
    opening->add_option("--rule", options->rule, "rule of the sizes, with its version")->required();
    opening->add_option("--reveal-by", options->reveal_by, "void after this day")->required();
    opening->add_option("--sealed-until", options->sealed_until, "last day on which the result is closed");
    opening->add_option("--profile", options->profile, "sm3 or sha256")->capture_default_str();
    opening->add_option("--beacon", options->beacon, "a public value fixed later that is mixed in");
    opening->add_option("--title", options->title, "title of the dossier");
    opening->add_option("--by", options->by, "person who acts");
}

}  // namespace

void add_draw(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("draw", "draw whom to inspect so that anybody can check it");
    group->require_subcommand(1);
    auto options = std::make_shared<DrawOptions>();
    add_open(*group, context, options);
    CLI::App* committing = command(*group, context, options, "commit", "commit a seed", commit);
    CLI::App* revealing = command(*group, context, options, "reveal", "reveal a seed", reveal);
    CLI::App* resulting =
        command(*group, context, options, "result", "draw, publish, write the bundle", result);
    CLI::App* salting =
        command(*group, context, options, "salt", "an operator's salt, to be opened to it", salt);
    for (CLI::App* one : {committing, revealing, resulting, salting}) {
        one->add_option("draw", options->draw, "id of the draw")->required();
        one->add_option("--by", options->by, "person who acts");
    }
    for (CLI::App* one : {committing, revealing})
        one->add_option("--party", options->party, "name of the party")->required();
    committing->add_option("--seed", options->seed, "64 hexadecimal digits; else one is made");
    revealing->add_option("--seed", options->seed, "64 hexadecimal digits")->required();
    resulting->add_option("--public", options->public_value, "the value of the beacon");
    resulting->add_option("--early", options->early, "why the seal is opened early");
    resulting->add_option("--out", options->out, "where to write the bundle");
    salting->add_option("operator", options->operator_id, "operator")->required();
    CLI::App* checking =
        command(*group, context, options, "check", "compute a draw again from its bundle", check);
    checking->add_option("bundles", options->bundles, "bundles (.draw), oldest first")->required();
    auto* salted = checking->add_option("--salt", options->salt, "salt of the operator");
    checking->add_option("--operator", options->operator_id, "is this operator drawn?")->needs(salted);
}

}  // namespace qingyuan::cli
