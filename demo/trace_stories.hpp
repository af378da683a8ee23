// Matters planted in the sample city's trace data, each a small chain of its own: what went wrong, with whom
// and on which day, and some things that only look wrong. They stand in the same tables as the rest.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "demo/trace_world.hpp"

namespace qingyuan::demo {

enum class TraceTable : std::uint8_t { products, batches, documents, events, duties, settlements };
inline constexpr std::size_t trace_tables = 6;

/// Rows of the flat format, each in the instalment that its upload falls into.
class Instalments {
 public:
    explicit Instalments(std::vector<std::int64_t> cuts_s)
        : cuts_s_(std::move(cuts_s)), rows_(cuts_s_.size()) {}
    [[nodiscard]] std::size_t count() const { return cuts_s_.size(); }
    [[nodiscard]] std::int64_t cut_s(std::size_t instalment) const { return cuts_s_[instalment]; }
    /// Whole lines; what is uploaded after the last cut is not handed in.
    void add(TraceTable table, std::int64_t upload_s, std::string_view lines);
    /// In the order of upload, with the header; empty where there are no rows.
    [[nodiscard]] std::string text(TraceTable table, std::size_t instalment) const;

 private:
    using Rows = std::vector<std::pair<std::int64_t, std::string>>;
    std::vector<std::int64_t> cuts_s_;
    std::vector<std::array<Rows, trace_tables>> rows_;
};

/// A product as products.csv has it.
struct StoryProduct {
    TraceProduct product;
    std::string name;
};
inline constexpr std::size_t story_products = 6;  ///< the last one is psychotropic

void write_stories(const TraceWorld& world, const std::vector<StoryProduct>& products, Instalments& to);

}  // namespace qingyuan::demo
