// qingyuan registry show: a record with its versions. Names of persons are not shown, only the subjects they
// stand under.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "registry/registry.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

/// Every field of a fact by its name.
struct FieldsToJson {
    ordered_json& out;
    void operator()(std::string_view name, const std::string& value) { out[std::string(name)] = value; }
    void operator()(std::string_view name, std::int64_t value) { out[std::string(name)] = value; }
    void operator()(std::string_view name, bool value) { out[std::string(name)] = value; }
    void operator()(std::string_view name, Date value) {
        out[std::string(name)] = value == Date{} ? ordered_json(nullptr) : ordered_json(value.text());
    }
    void operator()(std::string_view name, const std::vector<std::string>& value) {
        out[std::string(name)] = value;
    }
    void operator()(std::string_view name, const facts::SubjectRef& value) {
        out[std::string(name)] = value.subject;
    }
};

template <class Fact> ordered_json as_json(const Fact& fact) {
    ordered_json out;
    FieldsToJson fields{out};
    Fact::fields(fields, fact);
    return out;
}

template <class Row>
Result<ordered_json> versions_of(const journal::Reader& reader, const std::string& id, ErrorCode unknown) {
    const auto row = TRY(reader.view<Row>().find(id));
    if (!row) return Error{unknown, fmt::format("'{}' is not in the registry", id)};
    ordered_json out{{"id", id}, {"versions", ordered_json::array()}};
    for (const auto& version : row->versions) out["versions"].push_back(as_json(version));
    if constexpr (std::is_same_v<Row, facts::OrganisationRow>) {
        out["ended_on"] =
            row->ended_on == Date{} ? ordered_json(nullptr) : ordered_json(row->ended_on.text());
        out["successor"] = row->successor;
    }
    return out;
}

Result<ordered_json> organisation(const journal::Reader& reader, const std::string& id, Date on) {
    ordered_json out = TRY(versions_of<facts::OrganisationRow>(reader, id, ErrorCode::organisation_unknown));
    const auto tree = TRY(registry::OrganisationTree::load(reader));
    out["path"] = tree.path(id, on);
    out["children"] = tree.children(id, on);
    return out;
}

Result<ordered_json> operator_record(const journal::Reader& reader, const std::string& id, Date on) {
    ordered_json out = TRY(versions_of<facts::OperatorRow>(reader, id, ErrorCode::operator_unknown));
    const auto regulator = registry::primary_regulator(reader, id, on);
    out["primary_regulator"] = regulator ? ordered_json(regulator->id) : ordered_json(nullptr);
    out["licences"] = ordered_json::array();
    for (const auto& licence : TRY(registry::licences_of(reader, id, on)))
        out["licences"].push_back(as_json(licence));
    return out;
}

Result<ordered_json> person(const journal::Reader& reader, const std::string& id, Date on) {
    ordered_json out = TRY(versions_of<facts::PersonRow>(reader, id, ErrorCode::person_unknown));
    out["roles"] = TRY(registry::roles_on(reader, id, on));
    out["qualified"] = TRY(registry::is_qualified(reader, id, on));
    return out;
}

Result<ordered_json> record(const journal::Reader& reader, const std::string& kind, const std::string& id,
                            Date on) {
    if (kind == "organisation") return organisation(reader, id, on);
    if (kind == "operator") return operator_record(reader, id, on);
    if (kind == "person") return person(reader, id, on);
    if (kind == "product") return versions_of<facts::ProductRow>(reader, id, ErrorCode::product_unknown);
    return versions_of<facts::LicenceRow>(reader, id, ErrorCode::record_unknown);
}

void print_text(const ordered_json& item, const std::string& indent) {
    for (const auto& [name, value] : item.items()) {
        const bool nested = value.is_array() && !value.empty() && value.front().is_object();
        if (!nested) {
            fmt::print("{}{:<24} {}\n", indent, name,
                       value.is_string() ? value.get<std::string>()
                       : value.is_null() ? ""
                                         : value.dump());
            continue;
        }
        fmt::print("{}{}\n", indent, name);
        for (const auto& part : value) {
            fmt::print("{}  -\n", indent);
            print_text(part, indent + "    ");
        }
    }
}

struct ShowOptions {
    std::string kind;
    std::string id;
    std::string on;
};

Result<void> show(Context& context, const ShowOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const Date on = options.on.empty() ? workspace->clock().now().date() : TRY(parse_date(options.on));
    ordered_json found;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        found = TRY(record(reader, options.kind, options.id, on));
        return {};
    }));
    found["on"] = on.text();
    if (context.json) fmt::print("{}\n", found.dump(2));
    else print_text(found, {});
    return {};
}

}  // namespace

void add_registry(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("registry", "who supervises and who is supervised");
    group->require_subcommand(1);
    group->fallthrough();
    const auto options = std::make_shared<ShowOptions>();
    auto* command = group->add_subcommand("show", "a record with its versions");
    command->fallthrough();
    command->add_option("kind", options->kind, "organisation, operator, person, product or licence")
        ->required()
        ->check(CLI::IsMember({"organisation", "operator", "person", "product", "licence"}));
    command->add_option("id", options->id, "its id")->required();
    command->add_option("--on", options->on, "as of this day; default: today");
    command->callback([&context, options] {
        if (const auto done = show(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
