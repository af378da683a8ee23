#include "http/metrics.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace qingyuan::http {

namespace {

/// Upper edges in seconds.
constexpr std::array edges{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
constexpr std::size_t label_bytes_max = 128;

std::string label_text(const Labels& labels) {
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ',';
        out.append(name).append("=\"");
        for (const char c : value.substr(0, label_bytes_max)) {
            if (c == '\n') {
                out += "\\n";
                continue;
            }
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return out;
}

void put(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
         double value) {
    out.append(name).append(suffix);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    fmt::format_to(std::back_inserter(out), " {}\n", value);
}

}  // namespace

Metrics::Metrics(std::size_t series_max) : series_max_(series_max) {}

void Metrics::describe(std::string_view name, std::string_view help) {
    const std::lock_guard guard(lock_);
    std::string line(help);
    std::ranges::replace(line, '\n', ' ');
    help_.insert_or_assign(std::string(name), std::move(line));
}

Metrics::Series* Metrics::series(std::string_view name, Kind kind, const Labels& labels) {
    auto family = families_.find(name);
    if (family == families_.end()) family = families_.emplace(name, Family{.kind = kind}).first;
    std::string text = label_text(labels);
    auto found = family->second.series.find(text);
    const bool fits = found != family->second.series.end() || series_count_ < series_max_;
    if (family->second.kind != kind || !fits) {
        ++dropped_;
        return nullptr;
    }
    if (found == family->second.series.end()) {
        ++series_count_;
        found = family->second.series.emplace(std::move(text), Series{}).first;
    }
    return &found->second;
}

void Metrics::add(std::string_view name, const Labels& labels, double delta) {
    const std::lock_guard guard(lock_);
    if (Series* const one = series(name, Kind::counter, labels)) one->value += delta;
}

void Metrics::set(std::string_view name, const Labels& labels, double value) {
    const std::lock_guard guard(lock_);
    if (Series* const one = series(name, Kind::gauge, labels)) one->value = value;
}

void Metrics::observe(std::string_view name, const Labels& labels, double seconds) {
    const std::lock_guard guard(lock_);
    Series* const one = series(name, Kind::histogram, labels);
    if (one == nullptr) return;
    one->counts.resize(edges.size());
    const auto edge = std::ranges::lower_bound(edges, seconds);
    if (edge != edges.end()) ++one->counts[static_cast<std::size_t>(edge - edges.begin())];
    one->value += seconds;
    ++one->count;
}

double Metrics::value(std::string_view name, const Labels& labels) const {
    const std::lock_guard guard(lock_);
    const auto family = families_.find(name);
    if (family == families_.end()) return 0;
    const auto found = family->second.series.find(label_text(labels));
    if (found == family->second.series.end()) return 0;
    return family->second.kind == Kind::histogram ? static_cast<double>(found->second.count)
                                                  : found->second.value;
}

std::string Metrics::text() const {
    const std::lock_guard guard(lock_);
    std::string out;
    for (const auto& [name, family] : families_) {
        if (family.series.empty()) continue;
        if (const auto help = help_.find(name); help != help_.end())
            out.append("# HELP ").append(name).append(" ").append(help->second).append("\n");
        constexpr std::array kinds{"counter", "gauge", "histogram"};
        out.append("# TYPE ").append(name).append(" ");
        out.append(kinds[static_cast<std::size_t>(family.kind)]).append("\n");
        for (const auto& [labels, one] : family.series) {
            if (family.kind != Kind::histogram) {
                put(out, name, "", labels, one.value);
                continue;
            }
            const std::string comma = labels.empty() ? "" : labels + ",";
            std::uint64_t sum = 0;
            for (std::size_t i = 0; i < edges.size(); ++i) {
                sum += one.counts[i];
                put(out, name, "_bucket", fmt::format("{}le=\"{}\"", comma, edges[i]),
                    static_cast<double>(sum));
            }
            put(out, name, "_bucket", comma + "le=\"+Inf\"", static_cast<double>(one.count));
            put(out, name, "_sum", labels, one.value);
            put(out, name, "_count", labels, static_cast<double>(one.count));
        }
    }
    out += "# HELP qingyuan_metrics_dropped_total uses beyond the number of series that are kept\n";
    out += "# TYPE qingyuan_metrics_dropped_total counter\n";
    put(out, "qingyuan_metrics_dropped_total", "", "", static_cast<double>(dropped_));
    return out;
}

}  // namespace qingyuan::http
