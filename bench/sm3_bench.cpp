// SM3 of one stream (OpenSSL) and of many messages by lanes: blocks of evidence, and messages of the size of
// a row of a trace batch.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/sm3_lanes.hpp"
#include "measure.hpp"

using namespace qingyuan;

namespace {

void measure(const std::string& name, const std::vector<std::string_view>& messages, Sm3Lanes lanes) {
    std::vector<Digest> out(messages.size());
    std::size_t bytes = 0;
    for (const std::string_view message : messages) bytes += message.size();
    const double seconds = bench::best_of(5, [&] { sm3_each(messages, out, lanes); });
    if (out.front() != sm3(messages.front()) || out.back() != sm3(messages.back())) std::abort();
    bench::print(fmt::format("sm3, {}, {} lane{}", name, static_cast<int>(lanes),
                             lanes == Sm3Lanes::one ? " (OpenSSL)" : "s"),
                 static_cast<double>(bytes) / seconds / 1e6, "MB/s",
                 fmt::format("{:.2f} M messages/s", static_cast<double>(messages.size()) / seconds / 1e6));
}

std::vector<std::string_view> cut(std::string_view bytes, std::size_t size) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at + size <= bytes.size(); at += size) out.push_back(bytes.substr(at, size));
    return out;
}

}  // namespace

int main() {
    constexpr std::size_t block = 8 * 1024 * 1024;
    const std::string bytes(16 * block, 'x');
    const auto blocks = cut(bytes, block);
    const auto rows = cut(std::string_view(bytes).substr(0, 2 * block), 70);
    for (const Sm3Lanes lanes : {Sm3Lanes::one, Sm3Lanes::eight, Sm3Lanes::sixteen}) {
        if (lanes > sm3_lanes()) continue;
        measure("16 blocks of 8 MiB", blocks, lanes);
        measure("4 blocks of 8 MiB", {blocks.begin(), blocks.begin() + 4}, lanes);
        measure("70-byte messages", rows, lanes);
    }
}
