// What the registry's tests work on: an empty journal in memory, a vault, an evidence folder, the real law.
#pragma once

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "accounts/vault.hpp"
#include "registry/import.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

namespace qingyuan::registry {

/// Loaded once: the statute book is large.
inline const law::Law& test_law() {
    static const Result<law::Law> law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    if (!law) ADD_FAILURE() << law.error().text();
    QY_ASSERT(law.has_value());
    return *law;
}

/// The account room folds the reported figures; here a fold of the tests stands for it.
inline journal::Fold figures_fold() {
    return {"figures",
            {facts::ReportedFigureRow::row_type},
            [](const facts::Recorded& fact, journal::Projections& rows) -> Result<void> {
                const auto* figure = std::get_if<facts::FigureReported>(&fact.fact.payload);
                if (!figure) return {};
                const std::string key = figure->figure + "/" + figure->organisation + "/" + figure->period;
                auto row = TRY(rows.find<facts::ReportedFigureRow>(key)).value_or(facts::ReportedFigureRow{});
                row.key = key;
                row.figure = figure->figure;
                row.organisation = figure->organisation;
                row.seq = static_cast<std::int64_t>(fact.seq);
                row.statements.push_back(*figure);
                return rows.put(row);
            }};
}

class Desk : public testing::Test {
   public:
    Desk() {
        static int counter = 0;
        folder = std::filesystem::temp_directory_path() /
                 ("registry_" + std::to_string(::getpid()) + "_" + std::to_string(++counter));
        std::filesystem::create_directories(folder);
        store = sql::open_store("sqlite::memory:").value();
        clock = std::make_unique<VirtualClock>(start_of(today));
        auto opened =
            journal::Journal::open(*store, *clock, {.origin = "test", .folds = {fold(), figures_fold()}});
        if (!opened) ADD_FAILURE() << opened.error().text();
        journal = std::move(opened).value();
        vault = accounts::Vault::in_memory().value();
        evidence.emplace(journal::Evidence::open(folder / "evidence").value());
    }
    ~Desk() override { std::filesystem::remove_all(folder); }

    Result<ImportReport> import(ImportKind kind, std::string_view text, bool dry_run = false) {
        const ImportDesk desk{*journal, test_law(), *vault, *evidence, seal, &statistics};
        return import_table(desk, {.kind = kind,
                                   .text = text,
                                   .raw = {},
                                   .actor = "hy-p-001",
                                   .organisation = "hengyang",
                                   .source = "test",
                                   .today = today,
                                   .dry_run = dry_run});
    }
    /// As import, and every row must be accepted.
    void given(ImportKind kind, std::string_view text) {
        const auto report = import(kind, text);
        ASSERT_TRUE(report) << report.error().text();
        for (const RowProblem& row : report->rows)
            ADD_FAILURE() << row.line << " " << row.field << " " << info(row.code).name << " " << row.message;
    }
    void record(std::vector<facts::Payload> payloads) {
        std::vector<facts::Fact> facts;
        for (facts::Payload& payload : payloads)
            facts.push_back({today, "hengyang", "hy-p-001", 0, std::move(payload)});
        const auto done = journal->append(std::move(facts));
        ASSERT_TRUE(done) << done.error().text();
    }
    template <class Look> void look(Look&& each) {
        const auto done = journal->read([&](const journal::Reader& reader) -> Result<void> {
            each(reader);
            return {};
        });
        ASSERT_TRUE(done) << done.error().text();
    }
    [[nodiscard]] std::uint64_t size() const { return journal->checkpoint().value().size; }

    const Date today = make_date(2025, 7, 5);
    std::filesystem::path folder;
    std::unique_ptr<journal::Store> store;
    std::unique_ptr<VirtualClock> clock;
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<accounts::Vault> vault;
    std::optional<journal::Evidence> evidence;
    journal::Transform seal;
    law::Statistics statistics = law::Statistics::of(
        {{.id = "national_cases", .unit = "case", .kind = law::FigureKind::reported},
         {.id = "national_cases_growth", .unit = "share", .kind = law::FigureKind::reported},
         {.id = "cases", .unit = "case", .kind = law::FigureKind::derived}});
};

}  // namespace qingyuan::registry
