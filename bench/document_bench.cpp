// Documents: one decision drawn and printed, cold and warm, as PDF and as DOCX; every form once; a batch of
// 1,000 on two threads.
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <vector>

#include "document/form_paper.hpp"
#include "measure.hpp"

namespace {

using namespace qingyuan;

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Printed {
    std::size_t bytes = 0;
    int pages = 0;
};
Printed print_pdf(const law::Law& law, const law::DocumentForm& form) {
    const auto drawn = bench::must(document::draw_form(law, form, document::sample_form(law, form)));
    const auto pdf = bench::must(document::write_pdf(drawn.paper));
    return {pdf.bytes.size(), pdf.pages};
}

}  // namespace

int main(int argc, char** argv) {
    const char* directory = argc > 1 ? argv[1] : std::getenv("QINGYUAN_LAW");
    const law::Law law = bench::must(law::Law::load(directory == nullptr ? "law" : directory));
    const double load = bench::best_of(3, [&] { bench::must(law::Forms::load(law)); });
    bench::print("forms_load", load * 1e3, "ms", "73 forms, checked");
    const law::Forms forms = bench::must(law::Forms::load(law));
    const law::DocumentForm& decision = *bench::must(forms.form("penalty_45", make_date(2025, 6, 20)));

    Printed one;
    double begun = cpu_seconds();
    const double cold = bench::seconds_of([&] { one = print_pdf(law, decision); });
    bench::print("document_pdf_cold", cold * 1e3, "ms",
                 "first document of a process, fonts found and opened");
    bench::print("document_pdf_cold_cpu", (cpu_seconds() - begun) * 1e3, "ms", "user and system");
    begun = cpu_seconds();
    const double warm = bench::best_of(5, [&] { one = print_pdf(law, decision); });
    bench::print("document_pdf_warm", warm * 1e3, "ms",
                 "penalty_45, " + std::to_string(one.pages) + " pages");
    bench::print("document_pdf_warm_cpu", (cpu_seconds() - begun) / 5 * 1e3, "ms", "user and system");
    const auto drawn = bench::must(document::draw_form(law, decision, document::sample_form(law, decision)));
    bench::print("document_docx",
                 bench::best_of(5, [&] { bench::must(document::write_docx(drawn.paper)); }) * 1e3, "ms",
                 "penalty_45");
    begun = cpu_seconds();
    const double all = bench::seconds_of([&] {
        for (const law::DocumentForm& form : forms.all()) one = print_pdf(law, form);
    });
    bench::print("documents_every_form", all, "s", "73 documents, one thread");

    constexpr int batch = 1000, threads = 2;
    std::atomic<int> next = 0;
    std::atomic<std::size_t> bytes = 0;
    begun = cpu_seconds();
    const double whole = bench::seconds_of([&] {
        std::vector<std::jthread> workers;
        for (int i = 0; i < threads; ++i)
            workers.emplace_back([&] {
                for (int at = next++; at < batch; at = next++) {
                    const auto index = static_cast<std::size_t>(at) % forms.all().size();
                    bytes += print_pdf(law, forms.all()[index]).bytes;
                }
            });
    });
    bench::print("documents_batch_1000", whole, "s", "every form in turn, two threads");
    bench::print("documents_batch_1000_cpu", cpu_seconds() - begun, "s", "user and system, both threads");
    bench::print("document_size", static_cast<double>(bytes) / batch / 1024, "KiB", "mean of the batch");
    return 0;
}
