// Findings in words: key, evidence, the rule's sentence with its places filled.
#include <algorithm>

#include <fmt/format.h>

#include "assess/judgement.hpp"

namespace qingyuan::assess {

namespace {

std::string time_text(std::int64_t ms) {
    std::string text = Instant{ms * 1000}.text().substr(0, 16);
    if (text.size() == 16) text[10] = ' ';
    return text;
}
std::string day_text(std::int64_t ms) {
    return Instant{ms * 1000}.date().text();
}

const law::Rule* rule_of(const law::Law& law, const packs::Finding& finding) {
    const auto found = law.rule(finding.rule, Instant{finding.time_ms * 1000}.date());
    return found ? *found : nullptr;
}

std::string firm(const packs::Index& index, std::uint32_t number) {
    if (number == 0) return {};
    const packs::Operator& one = index.reference().operator_at(number);
    return one.name.empty() ? one.id : one.name;
}

std::string product_text(const packs::Index& index, std::uint64_t code) {
    const packs::Product* product = index.reference().find_product(code);
    return product && !product->name.empty() ? product->name
           : code == 0                       ? std::string()
                                             : std::to_string(code);
}

/// What a rule's sentence asks for.
struct Places {
    packs::Index& index;
    const packs::Finding& finding;
    const packs::Event* earlier = nullptr;
    bool english = false;

    [[nodiscard]] std::uint64_t product() const {
        if (finding.batch != 0 && index.reference().batch_at(finding.batch).product != 0)
            return index.reference().batch_at(finding.batch).product;
        return finding.code.product();
    }
    [[nodiscard]] std::string party() const {
        const std::string actor = firm(index, finding.operator_number), other = firm(index, finding.other);
        if (finding.counted == 3) return actor + (english ? " and " : "和") + other;
        return finding.counted == 2 ? other : actor;
    }
    [[nodiscard]] std::string value(std::string_view name) const {
        const packs::Reference& reference = index.reference();
        if (name == "time") return time_text(finding.time_ms);
        if (name == "actor") return firm(index, finding.operator_number);
        if (name == "counterparty") return firm(index, finding.other);
        if (name == "party") return party();
        if (name == "holder") return firm(index, reference.holder_of(product()));
        if (name == "headquarters")
            return finding.operator_number == 0
                       ? ""
                       : firm(index, reference.headquarters_of(finding.operator_number));
        if (name == "code") return index.text_of(finding.code);
        if (name == "product") return product_text(index, product());
        if (name == "batch") return finding.batch == 0 ? "" : reference.batch_at(finding.batch).id;
        if (name == "origin_batch")
            return earlier && earlier->batch != 0 ? reference.batch_at(earlier->batch).id : "";
        if (name == "document") return index.text_of(finding.document);
        if (name == "quantity") return std::to_string(finding.stated);
        if (name == "counted") return std::to_string(finding.counted);
        if (name == "days" || name == "minutes") return std::to_string(finding.counted);
        if (name == "earlier_time") return time_text(finding.earlier_ms);
        if (name == "earlier_actor") return firm(index, earlier ? earlier->actor : finding.other);
        if (name == "expires") return day_text(finding.earlier_ms);
        if (name == "recalled") return time_text(finding.earlier_ms);
        // Rules about subjects keep their words in `subject`: name=value lines, some in both languages.
        if (const std::string own = in_subject(fmt::format("{}_{}", name, english ? "en" : "zh"));
            !own.empty())
            return own;
        return in_subject(name);
    }
    [[nodiscard]] std::string in_subject(std::string_view name) const {
        const std::string wanted = std::string(name) + "=";
        std::size_t at = finding.subject.starts_with(wanted) ? 0 : finding.subject.find("\n" + wanted);
        if (at == std::string::npos) return {};
        if (at != 0) ++at;
        at += wanted.size();
        return finding.subject.substr(at, finding.subject.find('\n', at) - at);
    }
};

}  // namespace

std::string key_of(packs::Index& index, const packs::Finding& finding) {
    if (finding.code.kind() == packs::CodeKind::document) return index.text_of(finding.document);
    if (finding.code.value >> 124 == 14) return finding.subject.substr(0, finding.subject.find('\n'));
    if (finding.event == 0) return index.text_of(finding.code);
    std::string key = index.text_of(finding.event);
    if (finding.on_parent) key += "/" + index.text_of(finding.code);
    return key;
}

Result<FindingText> described(packs::Index& index, const law::Law& law, const packs::Finding& finding,
                              bool english) {
    FindingText out;
    out.rule = finding.rule;
    out.key = key_of(index, finding);
    const bool is_code = finding.code.kind() != packs::CodeKind::document && finding.code.value >> 124 != 14;
    if (is_code) out.code = index.text_of(finding.code);
    out.document = index.text_of(finding.document);
    const auto held = index.hold();
    const packs::Reference& reference = index.reference();
    if (finding.batch != 0) out.batch = reference.batch_at(finding.batch).id;
    if (finding.operator_number != 0) {
        out.operator_id = reference.operator_at(finding.operator_number).id;
        out.region = reference.operator_at(finding.operator_number).region;
    }
    if (finding.other != 0) out.other_id = reference.operator_at(finding.other).id;
    const law::Rule* rule = rule_of(law, finding);
    if (!rule) return out;
    out.number = rule->number;
    out.title = english ? rule->en : rule->zh;
    out.severity = rule->severity;
    out.version = rule->version;
    out.law = rule->law;
    out.next = english ? rule->next_en : rule->next_zh;
    std::vector<packs::Event> events;
    const packs::Event* earlier = nullptr;
    if (finding.earlier != 0 && is_code) {
        std::vector<packs::Relation> relations;
        CHECK(index.raw(finding.code, UINT64_MAX, events, relations));
        for (const packs::Relation& relation : relations) {
            std::vector<packs::Relation> above;
            CHECK(index.raw(relation.parent, UINT64_MAX, events, above));
        }
        const auto at = std::find_if(events.begin(), events.end(),
                                     [&](const packs::Event& one) { return one.id == finding.earlier; });
        if (at != events.end()) earlier = &*at;
    }
    const Places places{index, finding, earlier, english};
    out.explanation = law::explained(english ? rule->explain_en : rule->explain_zh,
                                     [&](std::string_view name) { return places.value(name); });
    return out;
}

std::string judgement_row(packs::Index& index, const packs::Finding& finding, bool confirmed) {
    const auto held = index.hold();
    const std::string firm_id = finding.operator_number == 0
                                    ? std::string()
                                    : index.reference().operator_at(finding.operator_number).id;
    return fmt::format("{}\t{}\t{}\t{}\t{}", confirmed ? "confirmed" : "withdrawn", finding.rule,
                       key_of(index, finding), firm_id, finding.time_ms);
}

std::vector<LeadGroup> by_operator(packs::Index& index, const std::vector<packs::Finding>& findings) {
    std::map<std::pair<std::string, std::string>, LeadGroup> groups;
    const auto held = index.hold();
    for (const packs::Finding& one : findings) {
        if (one.operator_number == 0) continue;
        const std::string& id = index.reference().operator_at(one.operator_number).id;
        LeadGroup& group = groups[{id, one.rule}];
        group.operator_id = id;
        group.rule = one.rule;
        group.findings.push_back(one);
    }
    std::vector<LeadGroup> out;
    for (auto& [key, group] : groups) out.push_back(std::move(group));
    return out;
}

Result<packs::GraceOptions> grace_options(const law::Law& law, Date on) {
    const auto number = [&](std::string_view id) -> Result<double> {
        const Rational value = TRY(law.parameter(id, on));
        return static_cast<double>(value.numerator()) / static_cast<double>(value.denominator());
    };
    packs::GraceOptions out;
    out.quantile = TRY(number("trace_grace_percent")) / 100.0;
    out.factor = TRY(number("trace_grace_factor"));
    out.events_min = static_cast<std::int64_t>(TRY(number("trace_grace_history_min")));
    out.unknown_ms = static_cast<std::int64_t>(TRY(number("trace_grace_default_days")) * 86'400'000.0);
    out.floor_ms = static_cast<std::int64_t>(TRY(number("trace_grace_floor_hours")) * 3'600'000.0);
    out.cap_ms = static_cast<std::int64_t>(TRY(number("trace_grace_cap_days")) * 86'400'000.0);
    return out;
}

}  // namespace qingyuan::assess
