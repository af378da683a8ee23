#include "cli/commands.hpp"

#include <cstdio>

namespace qingyuan::cli {

void Context::fail(const Error& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", error.text().c_str());
    exit = error.info().exit;
}

}  // namespace qingyuan::cli
