// qingyuan law …: due dates, code systems, penalty ranges, and the check of a law directory.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/json_file.hpp"
#include "cli/law_files.hpp"
#include "law/check.hpp"
#include "law/criteria.hpp"
#include "law/credit.hpp"
#include "law/focus.hpp"
#include "law/forms.hpp"
#include "law/statistics.hpp"

namespace qingyuan::cli {

using nlohmann::ordered_json;

namespace {

struct LawOptions {
    std::string limit;
    std::string start;
    std::vector<std::string> suspend;
    bool extend = false;
    std::string system;
    std::string value;
    std::string rule;
    std::filesystem::path file;
    std::filesystem::path directory;
};

void print(const ordered_json& document) {
    fmt::print("{}\n", document.dump(2));
}

/// Runs a command and takes the exit status of its error.
template <class Run>
void take(Context& context, Run&& run) {
    const Result<void> done = run();
    if (!done) context.fail(done.error());
}

// --- due

Result<std::vector<law::Excluded>> parse_ledger(const std::vector<std::string>& texts) {
    std::vector<law::Excluded> out;
    for (const std::string& text : texts) {
        const auto dots = text.find("..");
        if (dots == std::string::npos)
            return Error{ErrorCode::usage,
                         fmt::format("'{}' is no interval", text),
                         "--suspend",
                         {},
                         "FROM..TO, both days not counted"};
        out.push_back({TRY(parse_date(text.substr(0, dots))), TRY(parse_date(text.substr(dots + 2)))});
        if (out.back().to < out.back().from)
            return Error{ErrorCode::usage, fmt::format("'{}' ends before it begins", text), "--suspend"};
    }
    return out;
}

Result<int> whole(const Rational& value) {
    if (!value.is_whole() || value > Rational(1'000'000))
        return Error{ErrorCode::number_invalid, fmt::format("{} is no whole number of days", value.exact())};
    return static_cast<int>(value.numerator());
}

/// The budget with its one extension: condition_unmet where the law gives none, or leaves its length open.
Result<int> budget(const law::Limit& limit, bool extend) {
    const int value = TRY(whole(limit.value));
    if (!extend) return value;
    if (limit.ext_value == Rational(0) || limit.ext_unit != limit.unit)
        return Error{ErrorCode::condition_unmet,
                     fmt::format("the law gives {} no extension of a fixed length", limit.id), limit.id,
                     limit.citation.text(), limit.ext_by.en};
    return value + TRY(whole(limit.ext_value));
}

ordered_json limit_head(const law::Law& law, const law::Limit& limit, int value, std::string_view start_name,
                        Date start) {
    ordered_json out{{"limit", limit.id},
                     {start_name, start.text()},
                     {"value", value},
                     {"unit", law::text_of(limit.unit)}};
    out["law"] = limit.citation.text();
    out["law_zh"] = law.cite_zh(limit.citation, start);
    out["status"] = limit.status == law::Status::verified ? "verified" : "unverified";
    return out;
}

void print_pairs(const ordered_json& document) {
    for (const auto& [key, value] : document.items())
        fmt::print("{:<18}{}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
}

/// A limit of at least so many days before: counted back from the date given.
Result<ordered_json> due_before(const law::Law& law, const law::Limit& limit, int value, Date target) {
    ordered_json out = limit_head(law, limit, value, "target", target);
    if (limit.unit == law::Unit::working_day || limit.unit == law::Unit::working_day_back) {
        const law::DueBack back = due_back(law.calendar(), target, value);
        out["latest_nth_day"] = back.latest_nth_day.text();
        out["latest_clear_days"] = back.latest_clear_days.text();
        out["provisional"] = back.provisional;
    } else {
        Date latest = target - value;
        if (limit.unit == law::Unit::month)
            latest = target.plus_months(-value);
        else if (limit.unit == law::Unit::year)
            latest = target.plus_months(-12 * value);
        else if (limit.unit != law::Unit::calendar_day)
            return Error{ErrorCode::number_invalid,
                         fmt::format("'{}' is no unit of a due date", law::text_of(limit.unit)), limit.id};
        out["latest_nth_day"] = latest.text();
        out["latest_clear_days"] = (latest - 1).text();
        out["provisional"] = law.calendar().is_provisional(latest);
    }
    out["calendar_version"] = law.calendar().version();
    return out;
}

Result<ordered_json> due_after(const law::Law& law, const law::Limit& limit, int value, Instant start,
                               const LawOptions& options) {
    const auto ledger = TRY(parse_ledger(options.suspend));
    if (limit.unit == law::Unit::hour) {
        if (!ledger.empty())
            return Error{ErrorCode::usage, "hours run through: nothing is left out", "--suspend"};
        ordered_json out = limit_head(law, limit, value, "start", start.date());
        out["start"] = minute_text(start);
        out["due"] = minute_text(law::due_instant(start, value));
        return out;
    }
    ordered_json out = limit_head(law, limit, value, "start", start.date());
    if (limit.unit == law::Unit::immediate || limit.unit == law::Unit::prompt) {
        out["due"] = start.date().text();
        out["note"] = "at once: the text names no number of days";
        return out;
    }
    const law::Due due = TRY(law::due_date(law.calendar(), start.date(), value, limit.unit, ledger));
    out["raw"] = due.raw.text();
    out["due_holiday_roll"] = due.due_holiday_roll.text();
    out["due"] = due.due.text();
    out["counted_days"] = due.counted_days;
    out["excluded_days"] = due.excluded_days;
    out["extended"] = options.extend;
    out["provisional"] = due.provisional;
    out["calendar_version"] = due.calendar_version;
    return out;
}

Result<void> run_due(Context& context, const LawOptions& options) {
    const Instant start = TRY(parse_instant(options.start));
    const law::Law law = TRY(context.load_law());
    const law::Limit* limit = TRY(law.limit(options.limit, start.date()));
    if (limit->kind == "ordered")
        return Error{ErrorCode::condition_unmet, "the authority sets the day; the law names no length",
                     limit->id, limit->citation.text()};
    const int value = TRY(budget(*limit, options.extend));
    const bool before = limit->kind == "min_notice";
    const ordered_json out = before ? TRY(due_before(law, *limit, value, start.date()))
                                    : TRY(due_after(law, *limit, value, start, options));
    if (context.json)
        print(out);
    else
        print_pairs(out);
    return {};
}

// --- files of examples

using Runner = Result<ExampleRun> (*)(const law::Law&, const nlohmann::json&);

Result<void> run_file(Context& context, const std::filesystem::path& path, Runner runner) {
    const auto file = TRY(read_json(path));
    const law::Law law = TRY(context.load_law());
    auto run = runner(law, file);
    if (!run) {
        Error error = run.error();
        if (error.where.empty()) error.where = path.string();
        return error;
    }
    if (context.json) {
        print({{"passed", run->passed}, {"failed", run->failures.size()}, {"failures", run->failures}});
    } else {
        for (const std::string& failure : run->failures) fmt::print("{}\n", failure);
        fmt::print("{} passed, {} failed\n", run->passed, run->failures.size());
    }
    if (!run->failures.empty()) context.exit = 1;
    return {};
}

// --- code

Result<void> run_code(Context& context, const LawOptions& options) {
    const law::Law law = TRY(context.load_law());
    const auto checked = law::check_code(law, options.system, options.value);
    if (!checked && checked.error().code == ErrorCode::code_system_unknown) return checked.error();
    const std::string_view answer = checked ? "valid" : checked.error().info().name;
    if (context.json) {
        ordered_json out{{"system", options.system}, {"valid", checked.has_value()}, {"answer", answer}};
        if (!checked) out["message"] = checked.error().message;
        out["legacy"] = law::is_legacy_code(law, options.system, options.value);
        print(out);
    } else if (checked) {
        fmt::print("valid\n");
    } else {
        fmt::print("{}: {}\n", answer, checked.error().message);
    }
    if (!checked) context.exit = 1;
    return {};
}

// --- penalty

/// Yuan as a JSON number, whole where it is whole.
ordered_json yuan(Fen fen) {
    return fen.value % 100 == 0 ? ordered_json(fen.value / 100) : ordered_json::parse(fen.text());
}

ordered_json range_json(const law::PenaltyRange& range, bool of_person) {
    ordered_json out{{"applies", range.applies},    {"optional", range.optional},
                     {"min_yuan", yuan(range.min)}, {"max_yuan", yuan(range.max)},
                     {"min_fen", range.min.value},  {"max_fen", range.max.value}};
    if (!of_person) return out;
    out["confiscated_income_yuan"] = yuan(range.confiscated_income);
    out["ban_years"] = range.ban_min.empty() ? ordered_json() : ordered_json{range.ban_min, range.ban_max};
    out["detention_days"] = range.detention_days_max == 0
                                ? ordered_json()
                                : ordered_json{range.detention_days_min, range.detention_days_max};
    return out;
}

ordered_json penalty_json(const law::Law& law, const law::Penalty& penalty) {
    ordered_json out{{"rule", penalty.rule}, {"law", penalty.law}};
    out["organisation"] = range_json(penalty.organisation, false);
    out["persons"] = range_json(penalty.persons, true);
    out["first"] = penalty.first;
    out["confiscate"] = penalty.confiscate;
    out["also"] = penalty.also;
    out["steps"] = ordered_json::array();
    for (const law::PenaltyStep& step : penalty.steps)
        out["steps"].push_back({{"law", step.law},
                                {"law_zh", law.cite_zh(law::parse_citation(step.law))},
                                {"zh", step.zh},
                                {"en", step.en}});
    return out;
}

void print_actions(const law::Law& law, std::string_view title, const std::vector<std::string>& actions,
                   bool english) {
    if (actions.empty()) return;
    const law::Vocabulary* words = law.find_vocabulary("penalty_actions");
    std::string line;
    for (const std::string& action : actions) {
        const law::Word* word = words == nullptr ? nullptr : words->find(action);
        line += line.empty() ? "" : english ? "; " : "；";
        line += word == nullptr ? action : english ? word->en : word->zh;
    }
    fmt::print("{}: {}\n", title, line);
}

void print_penalty(const law::Law& law, const law::Penalty& penalty, bool english) {
    for (const law::PenaltyStep& step : penalty.steps)
        fmt::print(
            "{}  {}\n",
            english ? law.cite_en(law::parse_citation(step.law)) : law.cite_zh(law::parse_citation(step.law)),
            english ? step.en : step.zh);
    print_actions(law, english ? "first" : "先行", penalty.first, english);
    print_actions(law, english ? "confiscate" : "没收", penalty.confiscate, english);
    print_actions(law, english ? "also" : "并处", penalty.also, english);
    if (penalty.organisation.applies)
        fmt::print("{}: {} .. {}\n", english ? "organisation, yuan" : "单位罚款（元）",
                   penalty.organisation.min.text(), penalty.organisation.max.text());
    if (penalty.persons.applies)
        fmt::print("{}: {} .. {}\n", english ? "persons, yuan" : "个人罚款（元）", penalty.persons.min.text(),
                   penalty.persons.max.text());
}

Result<void> run_penalty(Context& context, const LawOptions& options) {
    const auto facts = TRY(penalty_facts(TRY(read_json(options.file))));
    const law::Law law = TRY(context.load_law());
    const law::Penalty penalty = TRY(law::compute_penalty(law, options.rule, facts));
    if (context.json)
        print(penalty_json(law, penalty));
    else
        print_penalty(law, penalty, context.language == "en");
    return {};
}

// --- check

ordered_json remarks_json(const std::vector<law::Remark>& remarks) {
    ordered_json out = ordered_json::array();
    for (const law::Remark& remark : remarks)
        out.push_back({{"kind", remark.kind}, {"id", remark.id}, {"note", remark.note}});
    return out;
}

ordered_json summary_json(const law::LawSummary& summary) {
    ordered_json out{{"problems", ordered_json::array()},
                     {"files", summary.files},
                     {"digest", summary.digest},
                     {"calendar_version", summary.calendar_version}};
    out["counts"] = ordered_json::object();
    for (const law::Count& count : summary.counts)
        out["counts"][std::string(count.name)] = {{"all", count.all}, {"unverified", count.unverified}};
    out["open_points"] = ordered_json::array();
    for (const law::OpenPoint& point : summary.open_points)
        out["open_points"].push_back({{"procedure", point.procedure},
                                      {"step", point.step},
                                      {"question", point.question},
                                      {"where", point.where}});
    out["unverified"] = remarks_json(summary.unverified);
    out["unused"] = remarks_json(summary.unused);
    out["words_unused"] = summary.words_unused;
    out["words_used_once"] = summary.words_used_once;
    out["free_steps"] = summary.free_steps;
    return out;
}

void print_summary(const law::LawSummary& summary) {
    fmt::print("{} files, digest {}, calendar {}\n", summary.files, summary.digest.substr(0, 16),
               summary.calendar_version);
    for (const law::Count& count : summary.counts) {
        fmt::print("{:<16}{:>6}", count.name, count.all);
        if (count.unverified > 0) fmt::print("  ({} unverified)", count.unverified);
        fmt::print("\n");
    }
    for (const law::OpenPoint& point : summary.open_points)
        fmt::print("open: {}.{}: {}\n", point.procedure, point.step, point.question);
    if (!summary.words_unused.empty())
        fmt::print("guard words no procedure uses: {}\n", fmt::join(summary.words_unused, " "));
    if (!summary.words_used_once.empty())
        fmt::print("guard words used once: {}\n", fmt::join(summary.words_used_once, " "));
    fmt::print(
        "{} steps are free, each with its reason; {} entries are named by no procedure (--json lists them)\n",
        summary.free_steps.size(), summary.unused.size());
}

void print_problems(const Context& context, const std::vector<Error>& problems) {
    if (context.json) {
        ordered_json list = ordered_json::array();
        for (const Error& problem : problems)
            list.push_back({{"where", problem.where},
                            {"code", problem.info().name},
                            {"message", problem.message},
                            {"next", problem.next}});
        print({{"problems", std::move(list)}});
        return;
    }
    for (const Error& problem : problems) fmt::print("{}\n", problem.text());
    fmt::print("{} problems\n", problems.size());
}

Result<void> run_check(Context& context, const LawOptions& options) {
    if (!options.directory.empty()) context.law_directory = options.directory;
    std::vector<Error> problems;
    if (context.law_directory.empty()) context.law_directory = TRY(context.find_shared("law"));
    const auto law = law::Law::load(context.law_directory, &problems);
    if (!law && !std::filesystem::is_directory(context.law_directory)) return law.error();
    law::FormsSummary forms_summary;
    if (law) {
        // Each loader says only what is wrong with its own files, and replaces the list it is given.
        std::vector<Error> more;
        if (!law::Statistics::load(*law, &more)) problems.insert(problems.end(), more.begin(), more.end());
        if (!law::CreditRules::load(*law, &more)) problems.insert(problems.end(), more.begin(), more.end());
        if (!law::FocusRules::load(*law, &more)) problems.insert(problems.end(), more.begin(), more.end());
        if (!law::Criteria::load(*law, &more)) problems.insert(problems.end(), more.begin(), more.end());
        if (const auto forms = law::Forms::load(*law, &more))
            forms_summary = law::summarise(*forms);
        else
            problems.insert(problems.end(), more.begin(), more.end());
    }
    if (!problems.empty()) {
        print_problems(context, problems);
        context.exit = 1;
        return {};
    }
    law::LawSummary summary = law::summarise(*law);
    summary.counts.push_back({"forms", forms_summary.forms, forms_summary.unverified.size()});
    summary.unverified.insert(summary.unverified.end(), forms_summary.unverified.begin(),
                              forms_summary.unverified.end());
    if (context.json)
        print(summary_json(summary));
    else
        print_summary(summary);
    return {};
}

void add_examples(CLI::App& law, Context& context, const std::shared_ptr<LawOptions>& options) {
    struct Command {
        const char* name;
        const char* what;
        Runner runner;
    };
    for (const Command& one :
         {Command{"vectors", "run worked due dates from a file", run_due_vectors},
          Command{"codes", "run valid and invalid codes from a file", run_code_examples},
          Command{"penalties", "run worked penalties from a file", run_penalty_vectors}}) {
        CLI::App* command = law.add_subcommand(one.name, one.what);
        command->add_option("file", options->file, "JSON file")->required();
        command->callback([&context, options, runner = one.runner] {
            take(context, [&] { return run_file(context, options->file, runner); });
        });
    }
}

}  // namespace

void add_law(CLI::App& app, Context& context) {
    auto options = std::make_shared<LawOptions>();
    CLI::App* law = app.add_subcommand("law", "the statute book: due dates, codes, penalties, check");
    law->require_subcommand(1);

    CLI::App* due = law->add_subcommand("due", "when a limit ends");
    due->add_option("limit", options->limit, "id of a limit, such as CASE.DECIDE")->required();
    due->add_option("start", options->start,
                    "the day it starts (not counted); for a notice, the day it must precede")
        ->required();
    due->add_option("--suspend", options->suspend,
                    "FROM..TO: days that do not count, both inclusive; may repeat")
        ->allow_extra_args(false);
    due->add_flag("--extend", options->extend, "with the extension the law allows");
    due->callback([&context, options] { take(context, [&] { return run_due(context, *options); }); });

    CLI::App* code = law->add_subcommand("code", "is a code written right");
    code->add_option("system", options->system, "id of a code system, such as uscc")->required();
    code->add_option("value", options->value, "the code")->required();
    code->callback([&context, options] { take(context, [&] { return run_code(context, *options); }); });

    CLI::App* penalty = law->add_subcommand("penalty", "the range a rule allows for given facts");
    penalty->add_option("rule", options->rule, "id of a rule, such as DAL117")->required();
    penalty->add_option("--facts", options->file, "JSON object of facts")->required();
    penalty->callback([&context, options] { take(context, [&] { return run_penalty(context, *options); }); });

    CLI::App* check = law->add_subcommand("check", "load a law directory and say what is wrong or open");
    check->add_option("directory", options->directory, "the law directory");
    check->callback([&context, options] { take(context, [&] { return run_check(context, *options); }); });

    add_examples(*law, context, options);
}

}  // namespace qingyuan::cli
