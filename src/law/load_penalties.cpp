// Loads penalties.toml: the range each rule allows.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/csv_table.hpp"

namespace qingyuan::law {

namespace {

constexpr std::array<std::string_view, 5> base_texts = {"fixed", "goods_value", "illegal_income",
                                                        "income_from_unit", "income_previous_year"};

class RuleReader {
 public:
    RuleReader(const LawFile& file, const Book& book, Problems& problems)
        : file_(file), book_(book), problems_(problems) {}

    PenaltyRule read(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        PenaltyRule rule;
        rule.id = reader.required("id");
        rule.law = reader.required("law");
        rule.zh = reader.required("zh");
        rule.en = reader.required("en");
        rule.authority = reader.text("authority");
        rule.note = reader.text("note");
        rule.status = parse_status(reader.text("status"), reader.where("status"), problems_);
        rule.from = reader.date("from", Date::never_before());
        rule.to = reader.date("to", Date::never_after());
        check_citation(book_, rule.law, {rule.from, rule.to}, reader.where("law"), problems_);
        if (auto part = optional_part(reader, "normal")) rule.normal = std::move(*part);
        rule.serious = optional_part(reader, "serious");
        rule.on_refusal = optional_part(reader, "on_refusal");
        rule.uncooperative_others = optional_part(reader, "uncooperative_others");
        if (const TomlNode* persons = table(reader, "persons")) rule.persons = persons_part(*persons);
        for (const TomlNode* one : reader.tables("refers")) {
            TableReader inner(*one, file_.name, problems_);
            rule.refers.push_back({inner.required("rule"), inner.required("quality"), inner.text("channel")});
            inner.finish();
        }
        reader.finish();
        return rule;
    }

 private:
    const TomlNode* table(TableReader& reader, std::string_view key) {
        const TomlNode* node = reader.find(key);
        if (node == nullptr || node->kind == TomlKind::table) return node;
        problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' must be a table", key),
                      reader.where(key));
        return nullptr;
    }

    std::vector<std::string> actions(TableReader& reader, std::string_view key) {
        std::vector<std::string> out;
        const Vocabulary* known = entry_of(book_.vocabularies, book_.vocabulary_index, "penalty_actions");
        for (const Placed& word : reader.list(key)) {
            if (known == nullptr || known->find(word.text) == nullptr)
                problems_.add(ErrorCode::law_reference_unknown,
                              fmt::format("no word '{}' in penalty_actions", word.text),
                              reader.where(word.place));
            out.push_back(word.text);
        }
        return out;
    }

    Fen amount(TableReader& reader, std::string_view key) {
        const Rational fen = reader.decimal(key) * Rational(100);
        if (fen.is_whole()) return {fen.numerator()};
        problems_.add(ErrorCode::number_invalid, "more than two decimals of a yuan", reader.where(key));
        return {};
    }

    std::optional<Fine> fine(TableReader& part) {
        const TomlNode* node = table(part, "fine");
        if (node == nullptr) return std::nullopt;
        TableReader reader(*node, file_.name, problems_);
        Fine out;
        const std::string base = reader.required("base");
        const auto found = std::find(base_texts.begin(), base_texts.end(), base);
        if (found != base_texts.end())
            out.base = static_cast<FineBase>(found - base_texts.begin());
        else
            problems_.add(ErrorCode::law_value_invalid, fmt::format("no base '{}'", base),
                          reader.where("base"));
        out.min = reader.decimal("min");
        out.max = reader.decimal("max");
        if (out.max < out.min || out.min < Rational(0))
            problems_.add(ErrorCode::law_value_invalid, "the range runs backwards", reader.where("min"));
        for (const TomlNode* one : reader.tables("floor")) {
            TableReader inner(*one, file_.name, problems_);
            FineFloor floor{inner.required("channel"), amount(inner, "yuan")};
            constexpr std::array<std::string_view, 5> channels = {"any", "production", "wholesale", "retail",
                                                                  "production_or_wholesale"};
            if (std::find(channels.begin(), channels.end(), floor.channel) == channels.end())
                problems_.add(ErrorCode::law_value_invalid, fmt::format("no channel '{}'", floor.channel),
                              inner.where("channel"));
            out.floors.push_back(std::move(floor));
            inner.finish();
        }
        if (const TomlNode* small = table(reader, "small_case")) {
            TableReader inner(*small, file_.name, problems_);
            out.small_below = amount(inner, "below");
            out.small_min = amount(inner, "min");
            out.small_max = amount(inner, "max");
            inner.finish();
        }
        reader.finish();
        return out;
    }

    std::optional<PenaltyPart> optional_part(TableReader& rule, std::string_view key) {
        const TomlNode* node = table(rule, key);
        if (node == nullptr) return std::nullopt;
        TableReader reader(*node, file_.name, problems_);
        PenaltyPart part;
        part.first = actions(reader, "first");
        part.confiscate = actions(reader, "confiscate");
        part.also = actions(reader, "also");
        part.fine = fine(reader);
        const std::string when = reader.text("fine_when");
        if (when == "not_corrected")
            part.condition = FineCondition::not_corrected;
        else if (when == "refused")
            part.condition = FineCondition::refused;
        else if (when == "optional")
            part.condition = FineCondition::optional;
        else if (!when.empty())
            problems_.add(ErrorCode::law_value_invalid, "fine_when is not_corrected, refused or optional",
                          reader.where("fine_when"));
        reader.finish();
        return part;
    }

    std::string ban(TableReader& reader, std::string_view key) {
        std::string text = reader.text(key);
        const auto years = parse_integer(text);
        if (!text.empty() && text != "life" && text != "up_to_10" && !(years && *years > 0))
            problems_.add(ErrorCode::law_value_invalid,
                          "a ban is a number of years as text, up_to_10 or life", reader.where(key));
        return text;
    }

    PersonsPart persons_part(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        PersonsPart part;
        part.when = reader.text("when");
        part.confiscate_income = reader.boolean("confiscate_income");
        part.fine = fine(reader);
        part.ban_min = ban(reader, "ban_min");
        part.ban_max = ban(reader, "ban_max");
        part.detention_days_min = static_cast<int>(reader.whole("detention_days_min"));
        part.detention_days_max = static_cast<int>(reader.whole("detention_days_max"));
        part.refers_to = reader.text("refers_to");
        reader.finish();
        return part;
    }

    const LawFile& file_;
    const Book& book_;
    Problems& problems_;
};

void check_references(const Book& book, const PenaltyRule& rule, const std::string& where,
                      Problems& problems) {
    const auto check = [&](const std::string& other) {
        if (!book.penalty_rule_index.contains(other))
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("{} refers to no rule '{}'", rule.id, other), where);
    };
    for (const PenaltyReference& reference : rule.refers) check(reference.rule);
    if (rule.persons && !rule.persons->refers_to.empty()) check(rule.persons->refers_to);
}

}  // namespace

std::string_view text_of(FineBase base) {
    return base_texts[static_cast<std::size_t>(base)];
}

void load_penalties(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    RuleReader rules(file, book, problems);
    std::vector<std::string> places;
    for (const TomlNode* node : top.tables("rule")) {
        PenaltyRule rule = rules.read(*node);
        places.push_back(where_of(file.name, node->place));
        if (book.penalty_rule_index.contains(rule.id))
            problems.add(ErrorCode::law_duplicate, fmt::format("rule '{}' is there already", rule.id),
                         places.back());
        book.penalty_rule_index.emplace(rule.id, book.penalty_rules.size());
        book.penalty_rules.push_back(std::move(rule));
    }
    top.finish();
    for (std::size_t i = 0; i < places.size(); ++i)
        check_references(book, book.penalty_rules[i], places[i], problems);
}

}  // namespace qingyuan::law
