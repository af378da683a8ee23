// Judgements reach people as leads: one for each operator, rule and day of judgement. What is found later on
// that day joins its lead, what is withdrawn leaves it; both are steps by `system`, told once a judgement.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "api/pack_desk.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

std::string lead_id(const assess::LeadGroup& group, Date day) {
    return fmt::format("lead-{}-{}-{}", group.operator_id, group.rule, day.text());
}

Result<std::optional<facts::DossierRow>> find_lead(const journal::Reader& reader, const std::string& id) {
    const auto known = TRY(reader.view<facts::DossierRow>().list(
        {.where = {{.field = "id", .compare = journal::Compare::equal, .values = {id}}}, .limit = 1}));
    if (known.empty()) return std::optional<facts::DossierRow>();
    return std::optional(known.front());
}

/// What the system's own steps say of a lead.
struct LeadCount {
    std::int64_t left = 0;  ///< found and not withdrawn
    bool told = false;      ///< of this judgement, by a step of the kind asked for
};
/// `rows` = hexadecimal digest of the judgement's file.
Result<LeadCount> count_of(const journal::Reader& reader, const facts::DossierRow& lead,
                           std::string_view kind, const std::string& rows) {
    LeadCount out;
    for (const facts::StepState& taken : lead.steps) {
        if (taken.voided || (taken.step != "found" && taken.step != "finding_withdrawn")) continue;
        const auto recorded = TRY(reader.fact(static_cast<std::uint64_t>(taken.seq)));
        const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!step) continue;
        const bool grew = step->step == "found";
        if (const facts::Value* value = facts::find(step->form, grew ? "found" : "withdrawn"))
            if (const auto* number = std::get_if<std::int64_t>(value)) out.left += grew ? *number : -*number;
        out.told = out.told || (step->step == kind && std::ranges::count(step->evidence, rows) > 0);
    }
    return out;
}

act::Actor system_of(const facts::DossierRow& lead, Instant now) {
    return {std::string(act::system_person), lead.organisation, {"system"}, now};
}

}  // namespace

/// `day` is the judgement's; the number of leads opened, grown or shrunk. Told twice it changes nothing.
Result<std::uint64_t> PackDesk::tell_leads(const packs::Index::Verdict& verdict, const Digest& rows,
                                           Date day) {
    const std::uint64_t shrunk = TRY(take_back(verdict, rows));
    return shrunk + TRY(open_leads(verdict, rows, day));
}

Result<std::uint64_t> PackDesk::open_leads(const packs::Index::Verdict& verdict, const Digest& rows,
                                           Date day) {
    std::vector<packs::Finding> worth;
    // A firm of another place is its own regulator's matter: the exchange tells it, no lead is opened here.
    CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        std::map<std::uint32_t, bool> ours;
        for (const packs::Finding& one : verdict.confirmed) {
            const auto [at, is_new] = ours.try_emplace(one.operator_number, false);
            if (is_new && one.operator_number != 0)
                at->second =
                    registry::primary_regulator(reader, firm_id(one.operator_number), day).has_value();
            if (!at->second) continue;
            if (const auto rule = options_.law.rule(one.rule, day);
                rule && (*rule)->route != law::RuleRoute::none)
                worth.push_back(one);
        }
        return {};
    }));
    std::uint64_t leads = 0;
    const act::Engine engine(options_.law);
    const std::vector<assess::LeadGroup> groups = assess::by_operator(*index_, worth);
    for (const assess::LeadGroup& group : groups) {
        const assess::FindingText text =
            TRY(assess::described(*index_, options_.law, group.findings.front(), false));
        std::vector<std::string> sentences;
        for (std::size_t i = 0; i < std::min<std::size_t>(3, group.findings.size()); ++i)
            sentences.push_back(
                TRY(assess::described(*index_, options_.law, group.findings[i], false)).explanation);
        CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
            const auto regulator = TRY(registry::primary_regulator(writer, group.operator_id, day));
            const act::Actor system{std::string(act::system_person), regulator.id, {"system"}, writer.now()};
            auto lead = TRY(find_lead(writer, lead_id(group, day)));
            if (!lead) {
                act::Engine::Opening opening{.procedure = "lead",
                                             .id = lead_id(group, day),
                                             .title = fmt::format("{}（{}）", text.title, group.operator_id),
                                             .operator_id = group.operator_id,
                                             .category = "drug",
                                             .organisation = regulator.id};
                opening.form = {{"origin", std::string("trace")},
                                {"facts", join(sentences, "\n")},
                                {"rule", group.rule + " " + text.version}};
                const auto opened = TRY(writer.append(TRY(engine.open(writer, system, opening))));
                lead = TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(opened.seq)));
            }
            if (!lead || !lead->open || TRY(count_of(writer, *lead, "found", hex(rows))).told) return {};
            act::Request request;
            request.form = {{"found", static_cast<std::int64_t>(group.findings.size())}};
            request.evidence = {hex(rows)};
            TRY(writer.append(TRY(engine.take(writer, *lead, system, "found", request))));
            ++leads;
            return {};
        }));
    }
    return leads;
}

/// Withdrawn findings leave the lead of the day they were confirmed on. A lead that has none left closes by
/// itself where nobody has begun with it; else whoever works on it decides.
Result<std::uint64_t> PackDesk::take_back(const packs::Index::Verdict& verdict, const Digest& rows) {
    std::map<Date, std::vector<packs::Finding>> by_day;
    CHECK(options_.journal.read([&](const journal::Reader& reader) -> Result<void> {
        std::map<std::uint64_t, Date> days;
        for (const packs::Finding& one : verdict.withdrawn) {
            if (one.run == 0) continue;
            const auto [at, is_new] = days.try_emplace(one.run);
            if (is_new) at->second = TRY(reader.fact(one.run)).fact.happened_on;
            by_day[at->second].push_back(one);
        }
        return {};
    }));
    std::uint64_t leads = 0;
    const act::Engine engine(options_.law);
    for (const auto& [day, findings] : by_day) {
        const std::vector<assess::LeadGroup> groups = assess::by_operator(*index_, findings);
        for (const assess::LeadGroup& group : groups)
            CHECK(options_.journal.write([&](journal::Writer& writer) -> Result<void> {
                auto lead = TRY(find_lead(writer, lead_id(group, day)));
                if (!lead || !lead->open) return {};
                const LeadCount count = TRY(count_of(writer, *lead, "finding_withdrawn", hex(rows)));
                if (count.told) return {};
                const auto gone = static_cast<std::int64_t>(group.findings.size());
                const std::int64_t left = std::max<std::int64_t>(0, count.left - gone);
                const act::Actor system = system_of(*lead, writer.now());
                act::Request request;
                request.form = {{"withdrawn", gone}, {"left", left}};
                request.evidence = {hex(rows)};
                TRY(writer.append(TRY(engine.take(writer, *lead, system, "finding_withdrawn", request))));
                ++leads;
                if (left > 0) return {};
                lead = TRY(writer.view<facts::DossierRow>().find(lead->seq));
                request.form = {{"left", left}, {"ground", std::string("findings_withdrawn")}};
                auto closing = engine.take(writer, *lead, system, "all_withdrawn", request);
                if (closing)
                    TRY(writer.append(std::move(*closing)));
                else if (closing.error().info().kind != ErrorKind::refusal)
                    return std::move(closing).error();
                return {};
            }));
    }
    return leads;
}

}  // namespace qingyuan::api
