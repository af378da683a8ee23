#include "base/error.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace qingyuan {

namespace {
constexpr std::array table{
#define X(code, kind, http, exit, zh, en) ErrorInfo{#code, ErrorKind::kind, http, exit, zh, en},
#include "base/errors.def"
#undef X
};
}  // namespace

const ErrorInfo& info(ErrorCode code) { return table[static_cast<std::size_t>(code)]; }

std::string Error::text() const {
    std::string line;
    if (!where.empty()) line += where + ": ";
    line += info().name;
    line += ": ";
    line += message.empty() ? std::string(info().en) : message;
    if (!law.empty()) line += " (" + law + ")";
    if (!next.empty()) line += " — " + next;
    return line;
}

void bug(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, expression);
    std::abort();
}

}  // namespace qingyuan
