// faults WORK [NAME [COUNT]]: power cuts, kills, bit flips and failing syncs against the journal. Ends with
// `N passed, N failed`.
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "test/faults/work.hpp"

int main(int argc, char** argv) {
    using namespace qingyuan::faults;
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    if (arguments.size() == 5 && arguments[0] == "write")
        return write_facts(
            argv[2], {.database_durable = arguments[2][0] == 'd', .head_durable = arguments[2][1] == 'h'},
            std::atoi(argv[4]), static_cast<std::uint64_t>(std::atoll(argv[5])));
    struct Test {
        std::string_view name;
        Tally (*run)(const std::filesystem::path&, int);
        int count;
    };
    constexpr Test tests[] = {{"cuts", cuts, 300},
                              {"kills", kills, 200},
                              {"flips", flips, 600},
                              {"log_flips", log_flips, 100},
                              {"syncs", failing_syncs, 60}};
    if (arguments.empty()) {
        fmt::print(stderr, "usage: faults WORK [cuts|kills|flips|log_flips|syncs [COUNT]]\n");
        return 2;
    }
    const std::filesystem::path work = argv[1];
    std::filesystem::create_directories(work);
    Tally sum;
    for (const Test& test : tests) {
        if (arguments.size() > 1 && arguments[1] != test.name) continue;
        const Tally tally = test.run(work, arguments.size() > 2 ? std::atoi(argv[3]) : test.count);
        fmt::print("{}: {} passed, {} failed\n", test.name, tally.passed, tally.failed);
        sum.passed += tally.passed;
        sum.failed += tally.failed;
    }
    fmt::print("{} passed, {} failed\n", sum.passed, sum.failed);
    return sum.failed == 0 ? 0 : 1;
}
