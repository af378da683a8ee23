#include "law/criteria.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/csv_table.hpp"
#include "law/toml.hpp"

namespace qingyuan::law {

namespace {

constexpr std::string_view comparisons[] = {"at_least", "above", "at_most", "below"};
constexpr std::string_view bases[] = {"text", "excerpt", "memory", "product"};
constexpr int depth_max = 8;

/// One file while it is read.
class Draft {
 public:
    Draft(std::string name, Problems& problems) : name_(std::move(name)), problems_(problems) {}

    Criterion read(const TomlNode& root) {
        TableReader top(root, name_, problems_);
        Criterion out;
        out.id = top.identifier("id");
        if (!out.id.empty() && name_ != fmt::format("criteria/{}.toml", out.id))
            problems_.add(ErrorCode::law_value_invalid, "the file is not named after its id",
                          top.where("id"));
        out.zh = top.required("zh");
        out.en = top.required("en");
        out.source = top.required("source");
        out.basis = top.required("basis");
        if (!out.basis.empty() && std::ranges::find(bases, out.basis) == std::end(bases))
            problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' is no basis", out.basis),
                          top.where("basis"), "one of: text excerpt memory product");
        out.status = parse_status(top.text("status"), top.where("status"), problems_);
        out.note = top.text("note");
        out.condition = list(top, 0);
        top.finish();
        return out;
    }

 private:
    /// The all_of or any_of of a table.
    SignalCondition list(TableReader& reader, int depth) {
        SignalCondition out;
        const bool all = reader.find("all_of") != nullptr, any = reader.find("any_of") != nullptr;
        const std::string_view key = any ? "any_of" : "all_of";
        out.kind = any ? SignalCondition::Kind::any_of : SignalCondition::Kind::all_of;
        if (all && any)
            problems_.add(ErrorCode::law_value_invalid, "either 'all_of' or 'any_of'", reader.where("any_of"),
                          "put one into the other");
        const auto tables = reader.tables(key);
        if (tables.empty())
            problems_.add(ErrorCode::law_key_missing, "'all_of' or 'any_of' names at least one condition",
                          reader.where());
        for (const TomlNode* node : tables) out.of.push_back(condition(*node, depth + 1));
        return out;
    }
    SignalCondition condition(const TomlNode& node, int depth) {
        TableReader reader(node, name_, problems_);
        SignalCondition out;
        const bool nested = reader.find("all_of") != nullptr || reader.find("any_of") != nullptr;
        if (nested && depth > depth_max)
            problems_.add(ErrorCode::law_value_invalid, "conditions stand too deep in one another",
                          reader.where());
        else
            out = nested ? list(reader, depth) : compared(reader);
        reader.finish();
        return out;
    }
    SignalCondition compared(TableReader& reader) {
        SignalCondition out;
        const std::string measure = reader.required("measure");
        const auto known = std::ranges::find(signal_measures, measure);
        if (known != signal_measures.end())
            out.measure = static_cast<std::size_t>(known - signal_measures.begin());
        else if (!measure.empty())
            problems_.add(ErrorCode::law_reference_unknown, fmt::format("there is no measure '{}'", measure),
                          reader.where("measure"),
                          "one of: " + join({signal_measures.begin(), signal_measures.end()}, " "));
        int found = 0;
        for (std::size_t i = 0; i < std::size(comparisons); ++i) {
            if (reader.find(comparisons[i]) == nullptr) continue;
            ++found;
            out.comparison = static_cast<Comparison>(i);
            out.threshold = reader.decimal(comparisons[i]);
        }
        if (found != 1)
            problems_.add(ErrorCode::law_key_missing, "a condition has exactly one threshold", reader.where(),
                          "one of: at_least above at_most below");
        return out;
    }

    std::string name_;
    Problems& problems_;
};

}  // namespace

std::string_view text_of(Comparison comparison) {
    return comparisons[static_cast<std::size_t>(comparison)];
}

Result<Criteria> Criteria::load(const Law& law, std::vector<Error>* all_problems) {
    Problems problems;
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(law.directory() / "criteria", error))
        if (!entry.path().filename().string().starts_with('.')) files.push_back(entry.path());
    std::ranges::sort(files);
    Criteria out;
    for (const auto& path : files) {
        const std::string name = fmt::format("criteria/{}", path.filename().string());
        std::ifstream in(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        if (!in || path.extension() != ".toml") {
            problems.add(ErrorCode::file_unreadable, "the file is no criterion", where_of(name, {}));
            continue;
        }
        const auto root = parse_toml(text, name);
        if (root)
            out.criteria_.push_back(Draft(name, problems).read(*root));
        else
            problems.add(root.error());
    }
    if (problems.empty()) return out;
    if (all_problems != nullptr)
        all_problems->insert(all_problems->end(), problems.errors().begin(), problems.errors().end());
    return problems.errors().front();
}

Result<const Criterion*> Criteria::criterion(std::string_view id) const {
    std::vector<std::string> ids;
    for (const Criterion& one : criteria_) {
        if (one.id == id) return &one;
        ids.push_back(one.id);
    }
    return Error{ErrorCode::rule_unknown,
                 fmt::format("there is no criterion '{}'", id),
                 std::string(id),
                 {},
                 ids.empty() ? std::string() : "one of: " + join(ids, " ")};
}

}  // namespace qingyuan::law
