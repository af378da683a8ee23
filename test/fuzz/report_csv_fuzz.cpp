// libFuzzer: whatever stands in a table of reports, each row is taken, repeated or refused with a reason, a
// report that was taken keeps to its limits, and the same text is read the same way twice.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "observe/report_csv.hpp"

namespace {

using namespace qingyuan;

void require(bool holds) {
    if (!holds) std::abort();
}

const observe::ReportWords& words() {
    static const observe::ReportWords known{.kind = {{"化妆品", "cosmetic"}},
                                            .sex = {{"男", "male"}, {"女", "female"}},
                                            .seriousness = {{"严重", "serious"}, {"一般", "general"}},
                                            .outcome = {{"痊愈", "recovered"}, {"死亡", "death"}},
                                            .causality = {{"可能", "possible"}}};
    return known;
}

void check(std::string_view text) {
    const Date today = make_date(2026, 1, 31);
    const auto table = observe::read_report_csv(text, words(), today);
    if (!table) {
        require(!table.error().message.empty());
        return;
    }
    require(table->reports.size() == table->lines.size());
    require(table->problems.accepted() == table->reports.size() + table->repeated);
    for (const auto* problems : {&table->problems, &table->warnings})
        for (const observe::RejectedRow& row : problems->rejected)
            require(!row.message.empty() && !row.next.empty());
    for (const facts::SafetyReport& report : table->reports) {
        require(!report.number.empty() && !report.products.empty() && !report.reactions.empty());
        require(!report.received_on || *report.received_on <= today);
        require(!report.onset_on || *report.onset_on <= today);
        require(!report.age_years ||
                (*report.age_years >= 0 && *report.age_years <= observe::report_age_years_max));
        require(!report.weight_kg ||
                (*report.weight_kg > 0 && *report.weight_kg <= observe::report_weight_kg_max));
        for (const std::string& term : report.reactions) require(!term.empty() && is_utf8(term));
        for (const facts::SuspectProduct& product : report.products) require(!product.name.empty());
    }
    const auto again = observe::read_report_csv(text, words(), today);
    require(again.has_value() && again->problems.rejected == table->problems.rejected &&
            again->warnings.counts == table->warnings.counts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text);
    static const std::string header = join(observe::report_columns(), ",") + "\n";
    check(header + std::string(text));
    return 0;
}
