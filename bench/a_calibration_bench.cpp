// How fast this machine is just now: hashing, bringing bytes to the disk, sorting. Read every other figure
// beside these.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "base/random.hpp"
#include "base/sm3.hpp"
#include "measure.hpp"

int main() {
    using namespace qingyuan;
    const std::string block(16 * 1024 * 1024, 'x');
    const double hashing = bench::best_of(5, [&] { (void)sm3(block); });
    bench::print("sm3", static_cast<double>(block.size()) / hashing / 1e6, "MB/s");

    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder ? folder : "/tmp") + "/qingyuan_calibration_XXXXXX";
    const int fd = ::mkstemp(path.data());
    if (fd >= 0) {
        const std::string page(4096, 'y');
        const double syncing = bench::best_of(5, [&] {
            for (int i = 0; i < 50; ++i)
                if (::pwrite(fd, page.data(), page.size(), 0) != static_cast<ssize_t>(page.size()) ||
                    ::fdatasync(fd) != 0)
                    std::abort();
        });
        bench::print("fdatasync", syncing / 50 * 1e6, "us");
        ::close(fd);
        ::unlink(path.c_str());
    }

    Random random(1);
    std::vector<std::uint64_t> numbers(4'000'000);
    for (auto& number : numbers) number = random.next();
    const double sorting = bench::best_of(5, [&] {
        auto copy = numbers;
        std::sort(copy.begin(), copy.end());
    });
    bench::print("sort", 4.0 / sorting, "M/s");
}
