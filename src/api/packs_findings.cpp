// What was found: the list, counts by rule and region, and how each rule has done.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_view.hpp"
#include "api/paging.hpp"
#include "base/text.hpp"
#include "law/rules.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t leads_max = 50'000;

std::string sort_text(const FindingTable& table, const FindingRef& ref) {
    return fmt::format("{}_{:x}_{:x}_{:x}_{}", ref.time_ms, static_cast<std::uint64_t>(ref.code.value >> 64),
                       static_cast<std::uint64_t>(ref.code.value), ref.event, table.rules[ref.rule]);
}

/// Where the page before ended.
struct After {
    std::int64_t time_ms = 0;
    packs::PackCode code;
    packs::Name event = 0;
    std::string rule;
};

template <class T>
bool whole(std::string_view text, T& out, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc() && end == text.data() + text.size();
}

Result<std::optional<After>> after_of(const Call& call) {
    const std::string_view text = call.parameter("after");
    if (text.empty()) return std::optional<After>();
    const std::vector<std::string> parts = split(text, '_');
    After out;
    std::uint64_t high = 0, low = 0;
    if (parts.size() < 5 || !whole(parts[0], out.time_ms, 10) || !whole(parts[1], high, 16) ||
        !whole(parts[2], low, 16) || !whole(parts[3], out.event, 16))
        return not_a_next();
    out.code.value = static_cast<packs::Wide>(high) << 64 | low;
    out.rule = text.substr(parts[0].size() + parts[1].size() + parts[2].size() + parts[3].size() + 4);
    return std::optional(out);
}

bool is_behind(const FindingTable& table, const FindingRef& ref, const After& after) {
    if (ref.time_ms != after.time_ms) return ref.time_ms < after.time_ms;
    if (ref.code != after.code) return ref.code > after.code;
    if (ref.event != after.event) return ref.event > after.event;
    // Rules of one event stand in the order of the table, which an import may change: no page shows one
    // twice.
    const auto at = std::ranges::find(table.rules, after.rule) - table.rules.begin();
    return ref.rule > at;
}

/// "430400" stands for everything that begins with 4304.
std::string region_prefix(std::string_view code) {
    std::size_t end = code.size();
    while (end >= 2 && end % 2 == 0 && code.substr(end - 2, 2) == "00") end -= 2;
    return std::string(code.substr(0, end));
}

/// The filters of a list of findings.
struct Filter {
    PackView& view;
    const FindingTable& table;
    std::set<std::uint16_t> rules;
    bool any_rule = true;
    std::string status;
    std::uint32_t firm = 0, batch = 0;
    std::string region, path;
    std::map<std::uint32_t, bool> known = {};

    Result<bool> takes_firm(std::uint32_t number) {
        if (firm != 0 && number != firm) return false;
        if (const auto at = known.find(number); at != known.end()) return at->second;
        bool taken = TRY(view.sees(number));
        if (taken && !region.empty()) taken = view.firm(number).region.starts_with(region);
        if (taken && !path.empty()) taken = TRY(view.place(number))->path.starts_with(path);
        known.emplace(number, taken);
        return taken;
    }
    Result<bool> takes(const FindingRef& ref) {
        if (!any_rule && !rules.contains(ref.rule)) return false;
        if (batch != 0 && ref.batch != batch) return false;
        if (!status.empty() && status_text(ref.status) != status) return false;
        return takes_firm(ref.operator_number);
    }
};

Result<std::string> path_asked(const Call& call, const journal::Reader& reader) {
    const std::string org(call.parameter("org"));
    if (org.empty()) return std::string();
    const auto place = TRY(reader.view<facts::PlaceRow>().find(org));
    if (!place)
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("there is no organisation '{}'", org),
                     "org",
                     {},
                     "take one of the list of organisations",
                     fmt::format("没有“{}”这一单位", org),
                     "请从单位列表中选取"};
    return place->path;
}

Result<Filter> filter_of(const Call& call, PackView& view, const FindingTable& table) {
    Filter out{.view = view, .table = table, .rules = {}};
    if (const std::string_view rule = call.parameter("rule"); !rule.empty()) {
        out.any_rule = false;
        bool known = false;
        for (const law::Rule& one : call.services.law.rules()) {
            if (one.id != rule && (one.number == 0 || std::to_string(one.number) != rule)) continue;
            known = true;
            const auto at = std::ranges::find(table.rules, one.id);
            if (at != table.rules.end())
                out.rules.insert(static_cast<std::uint16_t>(at - table.rules.begin()));
        }
        if (!known)
            return Error{ErrorCode::rule_unknown,
                         fmt::format("there is no rule '{}'", rule),
                         "rule",
                         {},
                         "take a number from 1 to 14, or an id of the list of rules",
                         fmt::format("没有“{}”这一规则", rule),
                         "请填写 1 至 14 的编号或者规则标识"};
    }
    out.status = call.parameter("status");
    if (out.status == "all") out.status.clear();
    if (!out.status.empty() && out.status != "provisional" && out.status != "confirmed" &&
        out.status != "withdrawn")
        return Error{
            ErrorCode::usage,     "status is provisional, confirmed, withdrawn or all",  "status",        {},
            "choose one of them", "状态应为 provisional、confirmed、withdrawn 或者 all", "请选择其中之一"};
    if (const std::string_view id = call.parameter("operator"); !id.empty()) {
        out.firm = view.find_firm(id);
        if (out.firm == 0) return no_such_pack_record(id, "firm", "企业");
    }
    if (const std::string_view id = call.parameter("batch"); !id.empty()) {
        out.batch = view.find_batch(id);
        if (out.batch == 0) return no_such_pack_record(id, "batch", "批号");
    }
    out.region = region_prefix(call.parameter("region"));
    out.path = TRY(path_asked(call, view.reader()));
    return out;
}

}  // namespace

Answer pack_findings(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    return with_packs(call, [&](PackView& view) -> Answer {
        const auto table = TRY(view.findings());
        Filter filter = TRY(filter_of(call, view, *table));
        const auto after = TRY(after_of(call));
        Json items = Json::array();
        Json next = nullptr;
        std::uint64_t total = 0;
        const FindingRef* last = nullptr;
        for (const FindingRef& ref : table->rows) {
            if (!TRY(filter.takes(ref))) continue;
            ++total;
            if (after && !is_behind(*table, ref, *after)) continue;
            if (items.size() == limit) {
                if (next.is_null() && last) next = sort_text(*table, *last);
                continue;
            }
            last = &ref;
            for (const packs::Finding& one : TRY(view.index().findings(ref.code)))
                if (one.event == ref.event && one.rule == table->rules[ref.rule])
                    items.push_back(TRY(view.finding_json(one)));
        }
        CHECK(view.note("findings", static_cast<std::int64_t>(items.size())));
        return json_response({{"items", std::move(items)}, {"next", std::move(next)}, {"total", total}});
    });
}

namespace {

struct Counted {
    std::int64_t provisional = 0, confirmed = 0, withdrawn = 0;
    void add(packs::FindingStatus status) {
        const std::string_view text = status_text(status);
        provisional += text == "provisional";
        confirmed += text == "confirmed";
        withdrawn += text == "withdrawn";
    }
};

struct RuleCount {
    Counted all;
    std::map<std::string, Counted> regions;
};

Json regions_json(const Call& call, const RuleCount& count) {
    Json out = Json::array();
    for (const auto& [code, counted] : count.regions) {
        const law::Region* region = call.services.law.find_region(code, call.now.date());
        out.push_back({{"region", code},
                       {"name", region ? (call.english ? region->name_en : region->name) : code},
                       {"provisional", counted.provisional},
                       {"confirmed", counted.confirmed}});
    }
    return out;
}

/// The rules in force today, the numbered ones first.
std::vector<const law::Rule*> rules_in_force(const Call& call) {
    std::vector<const law::Rule*> out;
    for (const law::Rule& rule : call.services.law.rules())
        if (rule.in_force.holds(call.now.date())) out.push_back(&rule);
    std::ranges::sort(out, [](const law::Rule* a, const law::Rule* b) {
        if ((a->number == 0) != (b->number == 0)) return a->number != 0;
        return a->number != b->number ? a->number < b->number : a->id < b->id;
    });
    return out;
}

Json number_json(const law::Rule& rule) {
    return rule.number == 0 ? Json(nullptr) : Json(rule.number);
}

/// The last batch, and the last judgement that changed something.
Result<Json> as_of(const PackView& view, const FindingTable& table) {
    Json out{{"batch", TRY(view.index().stats()).applied}, {"judged", nullptr}};
    if (table.last_run == 0) return out;
    const auto fact = TRY(view.reader().fact(table.last_run));
    if (const auto* judged = std::get_if<facts::CustodyJudged>(&fact.fact.payload))
        out["judged"] = time_json(judged->at_ms);
    return out;
}

/// What became of the leads that one version of a rule opened.
struct RuleOutcome {
    std::int64_t leads = 0, to_case = 0, closed = 0, open = 0;
};
using RuleOutcomes = std::map<std::pair<std::string, std::string>, RuleOutcome>;  ///< by rule and version

/// Of leads in the reader's tree; each says which version of which rule found it.
Result<RuleOutcomes> rule_outcomes(const PackView& view) {
    RuleOutcomes out;
    const journal::Query leads{.where = {{"procedure", journal::Compare::equal, {std::string("lead")}}},
                               .limit = leads_max};
    for (const facts::DossierRow& row : TRY(view.reader().view<facts::DossierRow>().list(leads))) {
        const std::string found_by = facts::text_of(row.attributes, "rule");
        const std::size_t space = found_by.find(' ');
        if (space == std::string::npos || !view.covers(row.path, {})) continue;
        RuleOutcome& outcome = out[{found_by.substr(0, space), found_by.substr(space + 1)}];
        ++outcome.leads;
        outcome.open += row.open;
        outcome.to_case += row.state == "to_case";
        outcome.closed += !row.open && row.state != "to_case";
    }
    return out;
}

/// The first article a rule stands on, as people cite it.
std::string first_article(const Call& call, const law::Rule& rule) {
    if (rule.law.empty()) return {};
    const law::Law& law = call.services.law;
    const law::Citation citation = law::parse_citation(rule.law.front());
    return call.english ? law.cite_en(citation) : law.cite_zh(citation);
}

Json rule_json(const Call& call, const law::Rule& rule, const std::string& version,
               const RuleOutcome& outcome) {
    const std::int64_t decided = outcome.to_case + outcome.closed;
    Json precision = nullptr;
    if (decided > 0) {
        const std::int64_t hundredths = (outcome.to_case * 200 + decided) / (decided * 2);
        precision = fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
    }
    return {{"number", number_json(rule)},
            {"rule", rule.id},
            {"title", call.english ? rule.en : rule.zh},
            {"version", version},
            {"severity", rule.severity},
            {"law", first_article(call, rule)},
            {"status", rule.status == law::Status::verified ? "verified" : "unverified"},
            {"absence", rule.absence},
            {"leads", outcome.leads},
            {"to_case", outcome.to_case},
            {"closed_no_violation", outcome.closed},
            {"open", outcome.open},
            {"precision", std::move(precision)}};
}

}  // namespace

Answer pack_summary(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        const auto table = TRY(view.findings());
        Filter filter{.view = view, .table = *table, .rules = {}};
        filter.path = TRY(path_asked(call, view.reader()));
        std::map<std::string_view, RuleCount> counts;
        std::map<std::uint32_t, std::string> regions;
        for (const FindingRef& ref : table->rows) {
            if (!TRY(filter.takes(ref))) continue;
            const auto [region, fresh] = regions.try_emplace(ref.operator_number);
            if (fresh) region->second = view.firm(ref.operator_number).region;
            RuleCount& count = counts[table->rules[ref.rule]];
            count.all.add(ref.status);
            count.regions[region->second].add(ref.status);
        }
        Json rules = Json::array();
        for (const law::Rule* rule : rules_in_force(call)) {
            const RuleCount& count = counts[rule->id];
            rules.push_back({{"number", number_json(*rule)},
                             {"rule", rule->id},
                             {"title", call.english ? rule->en : rule->zh},
                             {"severity", rule->severity},
                             {"article", first_article(call, *rule)},
                             {"provisional", count.all.provisional},
                             {"confirmed", count.all.confirmed},
                             {"withdrawn", count.all.withdrawn},
                             {"by_region", regions_json(call, count)}});
        }
        const packs::Stats stats = TRY(view.index().stats());
        return json_response({{"as_of", TRY(as_of(view, *table))},
                              {"rules", std::move(rules)},
                              {"events", stats.events},
                              {"waiting", stats.waiting},
                              {"conflicts", stats.conflicts}});
    });
}

Answer pack_rules(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        Json rules = Json::array();
        RuleOutcomes outcomes = TRY(rule_outcomes(view));
        for (const law::Rule* rule : rules_in_force(call)) {
            rules.push_back(rule_json(call, *rule, rule->version, outcomes[{rule->id, rule->version}]));
            for (const auto& [key, outcome] : outcomes)  // what earlier versions found stays told apart
                if (key.first == rule->id && key.second != rule->version)
                    rules.push_back(rule_json(call, *rule, key.second, outcome));
        }
        return json_response({{"rules", std::move(rules)}});
    });
}

}  // namespace qingyuan::api
