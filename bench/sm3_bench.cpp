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
    constexpr const char* kinds[] = {"OpenSSL", "AVX2", "AVX-512"};
    std::vector<Digest> out(messages.size());
    std::size_t bytes = 0;
    for (const std::string_view message : messages) bytes += message.size();
    const double seconds = bench::best_of(5, [&] { sm3_each(messages, out, lanes); });
    if (out.front() != sm3(messages.front()) || out.back() != sm3(messages.back())) std::abort();
    bench::print(fmt::format("sm3, {}, {}", kinds[static_cast<int>(lanes)], name),
                 static_cast<double>(bytes) / seconds / 1e6, "MB/s",
                 messages.size() < 100 ? ""
                                       : fmt::format("{:.2f} M messages/s",
                                                     static_cast<double>(messages.size()) / seconds / 1e6));
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
    for (const Sm3Lanes lanes : {Sm3Lanes::none, Sm3Lanes::avx2, Sm3Lanes::avx512}) {
        if (lanes > sm3_lanes()) continue;
        for (const int count : {2, 4, 8, 16})
            measure(fmt::format("{} blocks of 8 MiB", count), {blocks.begin(), blocks.begin() + count},
                    lanes);
        measure("70-byte messages", rows, lanes);
    }
}
