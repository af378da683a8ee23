// The table of measures as CSV, as JSON and in words.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "assess/criteria.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "cli/signals.hpp"

namespace qingyuan::cli {

namespace {

constexpr std::size_t strongest_shown = 20;
constexpr std::size_t block_bytes = 1 << 16;

Result<assess::Theta> parse_theta(const std::string& text) {
    const auto bad = [](std::string message) {
        return Error{ErrorCode::number_invalid,
                     std::move(message),
                     "--theta",
                     {},
                     "alpha1,beta1,alpha2,beta2,p: five decimals"};
    };
    const auto parts = split(text, ',');
    if (parts.size() != 5) return bad(fmt::format("{} numbers where five are needed", parts.size()));
    double values[5];
    for (std::size_t i = 0; i < 5; ++i) {
        const std::string_view part = trim(parts[i]);
        const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), values[i]);
        if (failed != std::errc() || end != part.data() + part.size())
            return bad(fmt::format("'{}' is not a number", part));
    }
    const assess::Theta theta{values[0], values[1], values[2], values[3], values[4]};
    if (const auto checked = assess::check_theta(theta); !checked) return bad(checked.error().message);
    return theta;
}

/// The prior and how it came about.
struct Prior {
    std::optional<assess::Theta> theta;
    std::optional<double> negative_log_likelihood;
    std::uint64_t points = 0;  ///< cells (exact) or points (openebgm) of the likelihood
    std::uint64_t groups = 0;  ///< what they were computed as
};

Result<Prior> find_prior(const SignalChoice& choice, const assess::Expectations& expectations) {
    using assess::Likelihood;
    const bool exact = choice.fit == "exact";
    assess::Points own;
    Prior out;
    if (exact) {
        out.points = static_cast<std::uint64_t>(expectations.points.cells());
    } else {
        std::vector<std::uint32_t> n;
        std::vector<double> expected;
        for (const std::uint32_t point : expectations.point_of_pair) {
            n.push_back(expectations.points.n[point]);
            expected.push_back(expectations.points.expected[point]);
        }
        own = assess::squashed(n, expected);
        out.points = own.size();
        own.sort_and_merge();
    }
    const assess::Points& points = exact ? expectations.points : own;
    const Likelihood likelihood = exact ? Likelihood::all_cells : Likelihood::observed_cells;
    out.groups = points.size();
    if (!choice.theta.empty()) {
        out.theta = TRY(parse_theta(choice.theta));
        out.negative_log_likelihood = assess::negative_log_likelihood(points, *out.theta, likelihood);
        return out;
    }
    const auto fit = assess::fit(points, likelihood);
    if (!fit) {
        fmt::print(stderr, "no prior, so no EBGM: {}\n", fit.error().message);
        return out;
    }
    out.theta = fit->theta;
    out.negative_log_likelihood = fit->negative_log_likelihood;
    if (fit->at_bound)
        fmt::print(stderr,
                   "the likelihood has no inner maximum: the prior is the best within its bounds, and says "
                   "little beyond this table\n");
    return out;
}

/// Numbers as the shortest text that reads back the same; Inf; nothing where not estimable.
class Text {
 public:
    explicit Text(std::FILE* out) : out_(out) { text_.reserve(block_bytes + 4096); }
    ~Text() { std::fwrite(text_.data(), 1, text_.size(), out_); }
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    Text& operator<<(std::string_view text) {
        text_ += text;
        return *this;
    }
    Text& operator<<(std::uint64_t number) { return write(number); }
    Text& operator<<(double number) {
        if (!assess::is_estimable(number)) return *this;
        if (std::isinf(number)) return *this << (number < 0 ? "-Inf" : "Inf");
        return write(number + 0.0);
    }
    void flush_full() {
        if (text_.size() < block_bytes) return;
        std::fwrite(text_.data(), 1, text_.size(), out_);
        text_.clear();
    }

 private:
    template <class T>
    Text& write(T number) {
        char digits[40];
        text_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
        return *this;
    }
    std::FILE* out_;
    std::string text_;
};

/// Name and value of each measure, in the order of the columns.
template <class Visit>
void each_measure(const assess::Measures& m, const Visit& visit) {
    visit("expected", m.expected), visit("rr", m.rr);
    visit("prr", m.prr), visit("prr_lower", m.prr_lower), visit("prr_upper", m.prr_upper);
    visit("ror", m.ror), visit("ror_lower", m.ror_lower), visit("ror_upper", m.ror_upper);
    visit("chi2_yates", m.chi2_yates), visit("fisher_p", m.fisher_p);
    visit("ic", m.ic), visit("ic025", m.ic025), visit("ic975", m.ic975);
    visit("ebgm", m.ebgm), visit("eb05", m.eb05), visit("eb95", m.eb95);
}

/// A table with what is asked of it.
struct Shown {
    const assess::NamedTable& named;
    const assess::Scores& scores;
    const SignalChoice& choice;

    template <class Visit>
    void each(const Visit& visit) const {
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const assess::Measures measures = scores.at(i);
            const assess::PairCount& pair = named.table.pairs[i];
            if (!choice.without.empty() &&
                std::ranges::binary_search(
                    choice.without, std::pair(named.products[pair.product], named.reactions[pair.reaction])))
                continue;
            if (choice.criterion == nullptr || assess::meets(*choice.criterion, measures))
                visit(pair, measures);
        }
    }
};

void print_csv(const Shown& shown) {
    std::vector<std::string> reactions;
    for (const std::string& one : shown.named.reactions) reactions.push_back(csv_cell(one));
    Text out(stdout);
    out << "product,reaction,n,n_product,n_reaction,n_total";
    each_measure({}, [&](std::string_view name, double) { out << "," << name; });
    out << "\r\n";
    shown.each([&](const assess::PairCount& pair, const assess::Measures& m) {
        out << csv_cell(shown.named.products[pair.product]) << "," << reactions[pair.reaction] << ","
            << m.counts.n << "," << m.counts.product << "," << m.counts.reaction << "," << m.counts.total;
        each_measure(m, [&](std::string_view, double value) { out << "," << value; });
        out << "\r\n";
        out.flush_full();
    });
}

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write_json(Text& out, double value) {
    if (!assess::is_estimable(value))
        out << "null";
    else if (std::isinf(value))
        out << "\"Inf\"";
    else
        out << value;
}

void print_json(const Shown& shown, const Prior& prior) {
    Text out(stdout);
    out << "{\n  \"theta\": ";
    if (prior.theta) {
        const assess::Theta& t = *prior.theta;
        out << "[" << t.alpha1 << ", " << t.beta1 << ", " << t.alpha2 << ", " << t.beta2 << ", " << t.p
            << "]";
    } else {
        out << "null";
    }
    out << ",\n  \"negative_log_likelihood\": ";
    write_json(out, prior.negative_log_likelihood.value_or(assess::not_estimable));
    out << ",\n  \"points\": " << prior.points << ",\n  \"groups\": " << prior.groups
        << ",\n  \"fit\": " << quoted(shown.choice.theta.empty() ? shown.choice.fit : "given")
        << ",\n  \"reports\": " << shown.named.table.reports << ",\n  \"rows\": " << shown.named.rows
        << ",\n  \"repeated\": " << shown.named.repeated << ",\n  \"pairs\": [";
    bool first = true;
    shown.each([&](const assess::PairCount& pair, const assess::Measures& m) {
        out << (first ? "\n" : ",\n") << "    {\"product\": " << quoted(shown.named.products[pair.product])
            << ", \"reaction\": " << quoted(shown.named.reactions[pair.reaction]) << ", \"n\": " << m.counts.n
            << ", \"n_product\": " << m.counts.product << ", \"n_reaction\": " << m.counts.reaction
            << ", \"n_total\": " << m.counts.total;
        each_measure(m, [&](std::string_view name, double value) {
            out << ", \"" << name << "\": ";
            write_json(out, value);
        });
        out << "}";
        out.flush_full();
        first = false;
    });
    out << (first ? "]\n}\n" : "\n  ]\n}\n");
}

std::string short_number(double value) {
    return !assess::is_estimable(value) ? "-" : std::isinf(value) ? "Inf" : fmt::format("{:.2f}", value);
}

/// The strongest pairs by EB05, or by IC025 where there is no prior.
void print_words(const Context& context, const Shown& shown, const Prior& prior) {
    const bool english = context.language == "en";
    struct Line {
        double key;
        assess::PairCount pair;
        assess::Measures measures;
    };
    std::vector<Line> lines;
    std::uint64_t all = 0;
    shown.each([&](const assess::PairCount& pair, const assess::Measures& m) {
        ++all;
        lines.push_back({prior.theta ? m.eb05 : m.ic025, pair, m});
        std::push_heap(lines.begin(), lines.end(),
                       [](const Line& a, const Line& b) { return a.key > b.key; });
        if (lines.size() <= strongest_shown) return;
        std::pop_heap(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.key > b.key; });
        lines.pop_back();
    });
    std::ranges::sort(lines, [](const Line& a, const Line& b) { return a.key > b.key; });
    for (const Line& line : lines)
        fmt::print("{:>7} {:>9} {:>9} {:>9} {:>7}  {} / {}\n", line.measures.counts.n,
                   short_number(line.measures.eb05), short_number(line.measures.prr),
                   short_number(line.measures.ror_lower), short_number(line.measures.ic025),
                   shown.named.products[line.pair.product], shown.named.reactions[line.pair.reaction]);
    if (english)
        fmt::print(
            "n, EB05, PRR, lower ROR, IC025: {} of {} pairs, {} reports. More reported than expected is no "
            "proof of a cause.\n",
            lines.size(), all, shown.named.table.reports);
    else
        fmt::print(
            "例数、EB05、PRR、ROR下限、IC025：共{}对（列出{}对），{}"
            "份报告。报告数高于预期不等于存在因果关系。\n",
            all, lines.size(), shown.named.table.reports);
}

void remark(const assess::NamedTable& named) {
    if (named.unnamed > 0) fmt::print(stderr, "{} rows have no report id and are left out\n", named.unnamed);
    if (named.incomplete > 0)
        fmt::print(stderr, "{} rows lack product or reaction and count in the other's margin only\n",
                   named.incomplete);
    if (named.torn_reports > 0)
        fmt::print(stderr, "{} reports name several strata; their first row counts\n", named.torn_reports);
}

}  // namespace

Result<void> print_signals(const Context& context, const assess::NamedTable& named,
                           const SignalChoice& choice) {
    if (!choice.theta.empty()) CHECK(parse_theta(choice.theta));
    remark(named);
    const bool likelihood_wanted = choice.theta.empty() || context.json;
    const auto expectations = assess::expectations(named.table, choice.fit == "exact" && likelihood_wanted);
    const Prior prior = TRY(find_prior(choice, expectations));
    const assess::Scores scores(named.table, expectations, prior.theta ? &*prior.theta : nullptr);
    const Shown shown{named, scores, choice};
    if (context.csv)
        print_csv(shown);
    else if (context.json)
        print_json(shown, prior);
    else
        print_words(context, shown, prior);
    return {};
}

}  // namespace qingyuan::cli
