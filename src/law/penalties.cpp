#include "law/penalties.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "law/law.hpp"

namespace qingyuan::law {

namespace {

/// What a fine is a multiple of, in the order of FineBase.
struct BaseWords {
    std::string_view zh, en;
};
constexpr std::array<BaseWords, 5> base_words{
    {{"定额", "a fixed sum"},
     {"货值金额", "the value of the goods"},
     {"违法所得", "the illegal income"},
     {"自本单位所获收入", "the income from the unit"},
     {"上一年度自本单位所获收入", "the income from the unit in the year before"}}};

constexpr std::array<std::string_view, 4> amount_facts = {"goods_value", "illegal_income", "income_from_unit",
                                                          "income_previous_year"};
constexpr std::array<std::string_view, 4> truth_facts = {"serious", "corrected_in_time", "refused_to_correct",
                                                         "uncooperative_other"};

template <std::size_t n>
bool among(const std::array<std::string_view, n>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_fact(std::string_view name, std::string_view value) {
    const auto invalid = [&](std::string_view expected) {
        return Error{ErrorCode::field_invalid, fmt::format("'{}' is not {}", value, expected),
                     std::string(name)};
    };
    if (among(amount_facts, name)) {
        const auto amount = parse_yuan(value);
        constexpr std::int64_t fen_max =
            100'000'000'000'000;  // a trillion yuan: products with multiples stay within 64 bits
        if (!amount || amount->value < 0 || amount->value > fen_max) return invalid("an amount in yuan");
        return {};
    }
    if (among(truth_facts, name)) {
        if (value != "true" && value != "false") return invalid("true or false");
        return {};
    }
    if (name == "channel") {
        if (value != "production" && value != "wholesale" && value != "retail")
            return invalid("production, wholesale or retail");
        return {};
    }
    if (name == "quality") {
        if (value != "fake" && value != "inferior") return invalid("fake or inferior");
        return {};
    }
    return Error{ErrorCode::field_unknown, fmt::format("no fact '{}'", name), std::string(name)};
}

class Computation {
 public:
    Computation(const Law& law, const PenaltyFacts& facts) : law_(law), facts_(facts) {}

    Result<Penalty> run(const PenaltyRule& rule) {
        out_.rule = rule.id;
        out_.law = rule.law;
        if (!rule.refers.empty()) return refer(rule);
        const PersonsPart* persons = rule.persons ? &*rule.persons : nullptr;
        const PenaltyRule* persons_rule = &rule;
        if (persons != nullptr && !persons->refers_to.empty()) {
            persons_rule = law_.find_penalty_rule(persons->refers_to);
            QY_ASSERT(persons_rule != nullptr);  // the loader checked it
            persons = persons_rule->persons ? &*persons_rule->persons : nullptr;
        }
        // Facts about a person only: the organisation's part is left out.
        const bool only_person =
            persons != nullptr && concerns_person(*persons) && lacks_base_of(part_of(rule).fine);
        if (only_person)
            step(rule, "未提供单位罚款基数，只计算个人部分",
                 "no base for the organisation's fine: only the persons' part");
        else
            CHECK(organisation(rule));
        if (persons != nullptr) CHECK(person(*persons_rule, *persons));
        return std::move(out_);
    }

 private:
    [[nodiscard]] bool holds(std::string_view name) const {
        const auto found = facts_.find(name);
        return found != facts_.end() && found->second == "true";
    }
    [[nodiscard]] std::string_view text(std::string_view name) const {
        const auto found = facts_.find(name);
        return found == facts_.end() ? std::string_view() : std::string_view(found->second);
    }
    /// The persons' fine can be computed: its base is given, or it is fixed and its condition holds.
    [[nodiscard]] bool concerns_person(const PersonsPart& part) const {
        if (!part.fine) return false;
        return part.fine->base == FineBase::fixed ? part.when != "serious" || holds("serious")
                                                  : facts_.contains(text_of(part.fine->base));
    }
    [[nodiscard]] bool lacks_base_of(const std::optional<Fine>& fine) const {
        return fine && fine->base != FineBase::fixed && !facts_.contains(text_of(fine->base));
    }

    void step(const PenaltyRule& rule, std::string zh, std::string en) {
        out_.steps.push_back({rule.law, std::move(zh), std::move(en)});
    }

    Result<Penalty> refer(const PenaltyRule& rule) {
        const std::string_view quality = text("quality");
        for (const PenaltyReference& reference : rule.refers) {
            if (reference.quality != quality) continue;
            const PenaltyRule* other = law_.find_penalty_rule(reference.rule);
            QY_ASSERT(other != nullptr);
            PenaltyFacts facts = facts_;
            if (!reference.channel.empty()) facts["channel"] = reference.channel;
            Penalty inner = TRY(Computation(law_, facts).run(*other));
            inner.rule = rule.id;
            inner.law = rule.law;
            inner.steps.insert(inner.steps.begin(), {rule.law, fmt::format("依照{}处罚", other->law),
                                                     fmt::format("punished under {}", other->law)});
            if (rule.serious && holds("serious")) append(inner.also, rule.serious->also);
            return inner;
        }
        return Error{ErrorCode::field_missing, "this rule refers to another by the quality of the drug",
                     "quality", rule.law, "fake or inferior"};
    }

    static void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
        for (const auto& one : from)
            if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
    }

    /// The part whose fine counts: serious where it has a fine of its own, else what the facts say.
    [[nodiscard]] const PenaltyPart& part_of(const PenaltyRule& rule) const {
        if (rule.uncooperative_others && holds("uncooperative_other")) return *rule.uncooperative_others;
        if (rule.serious && rule.serious->fine && holds("serious")) return *rule.serious;
        if (rule.on_refusal && holds("refused_to_correct")) return *rule.on_refusal;
        return rule.normal;
    }

    Result<void> organisation(const PenaltyRule& rule) {
        const PenaltyPart& part = part_of(rule);
        out_.first = rule.normal.first;
        append(out_.confiscate, rule.normal.confiscate);
        append(out_.confiscate, part.confiscate);
        append(out_.also, part.also);
        if (rule.serious && holds("serious")) {
            append(out_.confiscate, rule.serious->confiscate);
            append(out_.also, rule.serious->also);
            step(rule, "情节严重", "serious circumstances");
        }
        if (!part.fine) {
            step(rule, "本条对单位不设罚款", "the rule sets no fine for the organisation");
            return {};
        }
        if (part.condition != FineCondition::always && holds("corrected_in_time")) {
            step(rule, "已按期改正，不处罚款", "corrected in time: no fine");
            out_.organisation.applies = true;
            if (part.condition == FineCondition::not_corrected) out_.also.clear();
            return {};
        }
        if (part.condition == FineCondition::not_corrected) step(rule, "逾期不改正", "not corrected in time");
        if (part.condition == FineCondition::refused) step(rule, "拒不改正", "correction refused");
        if (part.condition == FineCondition::optional) {
            step(rule, "“可以”处罚款", "the fine is optional (may)");
            out_.organisation.optional = true;
        }
        return range(rule, *part.fine, out_.organisation);
    }

    Result<void> range(const PenaltyRule& rule, const Fine& fine, PenaltyRange& into) {
        into.applies = true;
        if (fine.base == FineBase::fixed) {
            into.min = rounded_up(fine.min * Rational(100));
            into.max = rounded_down(fine.max * Rational(100));
            step(rule, fmt::format("罚款{}元至{}元", into.min.text(), into.max.text()),
                 fmt::format("a fine of {} to {} yuan", into.min.text(), into.max.text()));
            return {};
        }
        const std::string name(text_of(fine.base));
        const BaseWords& words = base_words[static_cast<std::size_t>(fine.base)];
        if (!facts_.contains(name))
            return Error{ErrorCode::field_missing,
                         fmt::format("the fine is a multiple of {}", words.en),
                         name,
                         rule.law,
                         {},
                         fmt::format("罚款以{}为基数，尚未填写", words.zh)};
        Fen base = TRY(parse_yuan(text(name)));
        step(rule, fmt::format("{}{}元，为罚款基数", words.zh, base.text()),
             fmt::format("{}, {} yuan, is the base", words.en, base.text()));
        if (base < fine.small_below) {
            into.min = fine.small_min;
            into.max = fine.small_max;
            step(rule,
                 fmt::format("基数不足{}元，罚款{}元至{}元", fine.small_below.text(), into.min.text(),
                             into.max.text()),
                 fmt::format("below {} yuan: a fine of {} to {} yuan", fine.small_below.text(),
                             into.min.text(), into.max.text()));
            return {};
        }
        for (const FineFloor& floor : fine.floors) {
            if (!meets(floor.channel) || floor.amount <= base) continue;
            base = floor.amount;
            step(rule, fmt::format("不足{0}元的按{0}元计算", base.text()),
                 fmt::format("counted as {} yuan, the least", base.text()));
        }
        CHECK(channel_needed(rule, fine));
        into.min = rounded_up(Rational(base.value) * fine.min);
        into.max = rounded_down(Rational(base.value) * fine.max);
        step(rule,
             fmt::format("{}倍至{}倍：罚款{}元至{}元", fine.min.exact(), fine.max.exact(), into.min.text(),
                         into.max.text()),
             fmt::format("{} to {} times: a fine of {} to {} yuan", fine.min.exact(), fine.max.exact(),
                         into.min.text(), into.max.text()));
        return {};
    }

    [[nodiscard]] bool meets(std::string_view channel) const {
        const std::string_view actual = text("channel");
        return channel == "any" || channel == actual ||
               (channel == "production_or_wholesale" && (actual == "production" || actual == "wholesale"));
    }

    /// A floor that depends on the channel cannot be left open: the range would be too low without a word.
    Result<void> channel_needed(const PenaltyRule& rule, const Fine& fine) const {
        const bool depends = std::any_of(fine.floors.begin(), fine.floors.end(),
                                         [](const FineFloor& f) { return f.channel != "any"; });
        if (!depends || !text("channel").empty()) return {};
        return Error{ErrorCode::field_missing, "the least base depends on the channel of trade", "channel",
                     rule.law, "production, wholesale or retail"};
    }

    static Fen rounded_down(const Rational& fen) { return {fen.numerator() / fen.denominator()}; }
    static Fen rounded_up(const Rational& fen) {
        return {(fen.numerator() + fen.denominator() - 1) / fen.denominator()};
    }

    Result<void> person(const PenaltyRule& rule, const PersonsPart& part) {
        if (part.when == "serious" && !holds("serious")) {
            step(rule, "情节未达严重，不处罚个人", "not serious: no penalty for persons");
            return {};
        }
        PenaltyRange& into = out_.persons;
        if (!part.when.empty() && part.when != "serious")
            step(rule, fmt::format("个人处罚以“{}”为前提", part.when),
                 fmt::format("for persons it presupposes: {}", part.when));
        if (part.fine && lacks_base_of(part.fine)) {
            step(rule, fmt::format("未提供{}，个人罚款未计算", text_of(part.fine->base)),
                 fmt::format("{} is not given: the persons' fine is not computed", text_of(part.fine->base)));
        } else if (part.fine) {
            step(rule, "法定代表人、主要负责人、直接负责的主管人员和其他责任人员",
                 "legal representative, principal, those directly in charge and others responsible");
            CHECK(range(rule, *part.fine, into));
        }
        into.applies = true;
        if (part.confiscate_income && facts_.contains("income_from_unit")) {
            into.confiscated_income = TRY(parse_yuan(text("income_from_unit")));
            step(rule,
                 fmt::format("没收违法行为发生期间自本单位所获收入{}元", into.confiscated_income.text()),
                 fmt::format("the income of {} yuan from the unit is confiscated",
                             into.confiscated_income.text()));
        }
        into.ban_min = part.ban_min;
        into.ban_max = part.ban_max;
        if (!part.ban_min.empty())
            step(rule, fmt::format("从业禁止：{}至{}（年）", part.ban_min, part.ban_max),
                 fmt::format("ban from the trade: {} to {} (years)", part.ban_min, part.ban_max));
        into.detention_days_min = part.detention_days_min;
        into.detention_days_max = part.detention_days_max;
        if (part.detention_days_max > 0)
            step(
                rule,
                fmt::format("可由公安机关处{}日至{}日拘留", part.detention_days_min, part.detention_days_max),
                fmt::format("the police may detain for {} to {} days", part.detention_days_min,
                            part.detention_days_max));
        return {};
    }

    const Law& law_;
    const PenaltyFacts& facts_;
    Penalty out_;
};

}  // namespace

Result<Penalty> compute_penalty(const Law& law, std::string_view rule_id, const PenaltyFacts& facts) {
    const PenaltyRule* rule = law.find_penalty_rule(rule_id);
    if (rule == nullptr) return Error{ErrorCode::penalty_rule_unknown, fmt::format("'{}'", rule_id)};
    for (const auto& [name, value] : facts) CHECK(check_fact(name, value));
    return Computation(law, facts).run(*rule);
}

}  // namespace qingyuan::law
