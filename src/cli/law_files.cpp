#include "cli/law_files.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/json_file.hpp"

namespace qingyuan::cli {

using nlohmann::json;

namespace {

Error wrong_shape(std::string_view what) {
    return {ErrorCode::json_malformed, fmt::format("expected {}", what)};
}

Result<const json*> list_of(const json& file, std::string_view key) {
    const auto found = file.is_object() ? file.find(key) : file.end();
    if (!file.is_object() || found == file.end() || !found->is_array())
        return wrong_shape(fmt::format("a list '{}'", key));
    return &*found;
}

Result<std::string> text_of(const json& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return wrong_shape(fmt::format("a text '{}'", key));
    return found->get<std::string>();
}

/// Compares every expectation the example states; an example that states none cannot pass.
class Expectations {
 public:
    explicit Expectations(const json& example) : example_(example) {}

    void compare(std::string_view key, const std::string& actual) {
        const auto found = example_.find(key);
        if (found == example_.end()) return;
        ++stated_;
        const std::string expected = found->is_string() ? found->get<std::string>() : found->dump();
        if (expected != actual)
            differences_.push_back(fmt::format("{} is {}, expected {}", key, actual, expected));
    }
    void money(std::string_view key, Fen actual) {
        const auto found = example_.find(key);
        if (found == example_.end()) return;
        ++stated_;
        const auto text = scalar_text(*found);
        const auto expected = text ? parse_yuan(*text) : Result<Fen>(text.error());
        if (!expected || *expected != actual)
            differences_.push_back(fmt::format("{} is {}, expected {}", key, actual.text(), found->dump()));
    }
    void wrong(std::string what) { differences_.push_back(std::move(what)); }

    void count(ExampleRun& run, const std::string& name) {
        if (stated_ == 0 && differences_.empty())
            differences_.push_back("it states nothing that could be compared");
        if (differences_.empty())
            ++run.passed;
        else
            run.failures.push_back(fmt::format("{}: {}", name, join(differences_, "; ")));
    }

 private:
    const json& example_;
    int stated_ = 0;
    std::vector<std::string> differences_;
};

Result<std::vector<law::Excluded>> ledger_of(const json& vector) {
    std::vector<law::Excluded> out;
    const auto found = vector.find("suspend");
    if (found == vector.end()) return out;
    if (!found->is_array()) return wrong_shape("a list 'suspend'");
    for (const json& pair : *found) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
            return wrong_shape("[from, to] in 'suspend'");
        out.push_back(
            {TRY(parse_date(pair[0].get<std::string>())), TRY(parse_date(pair[1].get<std::string>()))});
    }
    return out;
}

struct Length {
    int value = 0;
    law::Unit unit = law::Unit::none;
};

/// The vector's own value and unit; each that is absent comes from the limit in force on the date.
Result<Length> length_of(const law::Law& law, const json& vector, const std::string& id, Date on) {
    Length out;
    const auto value = vector.find("value"), unit = vector.find("unit");
    const law::Limit* limit = nullptr;
    if (value == vector.end() || unit == vector.end()) limit = TRY(law.limit(id, on));
    if (value == vector.end()) {
        if (!limit->value.is_whole())
            return Error{ErrorCode::number_invalid,
                         fmt::format("{} is no whole number", limit->value.exact())};
        out.value = static_cast<int>(limit->value.numerator());
    } else if (value->is_number_integer() && *value >= 0 && *value <= 1'000'000) {
        out.value = value->get<int>();
    } else {
        return wrong_shape("a whole number 'value'");
    }
    if (unit == vector.end()) {
        out.unit = limit->unit;
    } else {
        const auto known = unit->is_string() ? law::find_unit(unit->get<std::string>()) : std::nullopt;
        if (!known) return wrong_shape("a unit 'unit'");
        out.unit = *known;
    }
    return out;
}

Result<void> compare_vector(const law::Law& law, const json& vector, const std::string& id,
                            Expectations& expected) {
    if (vector.contains("target")) {
        const Date target = TRY(parse_date(TRY(text_of(vector, "target"))));
        const Length length = TRY(length_of(law, vector, id, target));
        const law::DueBack back = due_back(law.calendar(), target, length.value);
        expected.compare("latest_nth_day", back.latest_nth_day.text());
        expected.compare("latest_clear_days", back.latest_clear_days.text());
        expected.compare("provisional", back.provisional ? "true" : "false");
        return {};
    }
    const std::string start = TRY(text_of(vector, "start"));
    const Instant at = TRY(parse_instant(start));
    const Length length = TRY(length_of(law, vector, id, at.date()));
    if (length.unit == law::Unit::hour) {
        expected.compare("due", minute_text(law::due_instant(at, length.value)));
        return {};
    }
    const auto ledger = TRY(ledger_of(vector));
    const law::Due due = TRY(law::due_date(law.calendar(), at.date(), length.value, length.unit, ledger));
    expected.compare("raw", due.raw.text());
    expected.compare("due_holiday_roll", due.due_holiday_roll.text());
    expected.compare("due", due.due.text());
    expected.compare("counted_days", std::to_string(due.counted_days));
    expected.compare("provisional", due.provisional ? "true" : "false");
    return {};
}

Result<void> compare_penalty(const law::Law& law, const json& vector, bool of_person,
                             Expectations& expected) {
    const auto facts = vector.find("facts");
    if (facts == vector.end()) return wrong_shape("an object 'facts'");
    const law::Penalty penalty =
        TRY(law::compute_penalty(law, TRY(text_of(vector, "rule")), TRY(penalty_facts(*facts))));
    const law::PenaltyRange& range = of_person ? penalty.persons : penalty.organisation;
    expected.money("min_yuan", range.min);
    expected.money("max_yuan", range.max);
    return {};
}

}  // namespace

std::string minute_text(Instant instant) {
    const std::string text = instant.text();  // 2026-10-01T16:30:00+08:00
    return text.substr(0, 16);
}

Result<law::PenaltyFacts> penalty_facts(const json& object) {
    if (!object.is_object()) return wrong_shape("an object of facts");
    law::PenaltyFacts facts;
    for (const auto& [name, value] : object.items()) {
        auto text = scalar_text(value);
        if (!text) return Error{text.error().code, text.error().message, name};
        facts.emplace(name, std::move(*text));
    }
    return facts;
}

Result<ExampleRun> run_due_vectors(const law::Law& law, const json& file) {
    ExampleRun run;
    for (const json& vector : *TRY(list_of(file, "vectors"))) {
        if (!vector.is_object()) return wrong_shape("vectors that are objects");
        const std::string id = TRY(text_of(vector, "id"));
        const std::string start = vector.value("start", vector.value("target", std::string()));
        Expectations expected(vector);
        if (const auto compared = compare_vector(law, vector, id, expected); !compared)
            expected.wrong(compared.error().text());
        expected.count(run, fmt::format("{} {}", id, start));
    }
    return run;
}

Result<ExampleRun> run_code_examples(const law::Law& law, const json& file) {
    ExampleRun run;
    for (const json& item : *TRY(list_of(file, "items"))) {
        if (!item.is_object()) return wrong_shape("items that are objects");
        const std::string system = TRY(text_of(item, "id"));
        for (const bool valid : {true, false})
            for (const json& value : *TRY(list_of(item, valid ? "valid" : "invalid"))) {
                if (!value.is_string()) return wrong_shape("codes that are texts");
                const auto checked = law::check_code(law, system, value.get<std::string>());
                if (checked.has_value() == valid)
                    ++run.passed;
                else
                    run.failures.push_back(
                        fmt::format("{} '{}': {}", system, value.get<std::string>(),
                                    valid ? checked.error().text() : "valid, expected a refusal"));
            }
    }
    return run;
}

Result<ExampleRun> run_penalty_vectors(const law::Law& law, const json& file) {
    ExampleRun run;
    for (const std::string_view key : {"vectors", "person_vectors"}) {
        if (key == "person_vectors" && file.is_object() && !file.contains(key)) continue;
        for (const json& vector : *TRY(list_of(file, key))) {
            if (!vector.is_object()) return wrong_shape("vectors that are objects");
            Expectations expected(vector);
            const auto compared = compare_penalty(law, vector, key == "person_vectors", expected);
            if (!compared) expected.wrong(compared.error().text());
            expected.count(run, fmt::format("{} {}", vector.value("rule", std::string("?")),
                                            vector.value("facts", json::object()).dump()));
        }
    }
    return run;
}

}  // namespace qingyuan::cli
