#include "cli/vigilance.hpp"

#include <atomic>

#include "cli/report_desk.hpp"

namespace qingyuan::cli {

namespace {

/// The current reports, made anew only when a case has changed.
api::ReportSource source_of(api::ReportDesk& desk) {
    struct Kept {
        std::atomic<std::uint64_t> version = 1;
        std::mutex lock;
        std::shared_ptr<const api::ReportSet> set;
    };
    const auto kept = std::make_shared<Kept>();
    desk.listen([kept](const observe::ReportChange&) { ++kept->version; });
    return [kept, &desk]() -> Result<std::shared_ptr<const api::ReportSet>> {
        CHECK(desk.catch_up());
        const std::scoped_lock guard(kept->lock);
        const std::uint64_t version = kept->version;
        if (kept->set && kept->set->version == version) return kept->set;
        auto fresh = std::make_shared<api::ReportSet>();
        fresh->version = version;
        CHECK(desk.look([&](const observe::ReportArchive& archive) -> Result<void> {
            fresh->reports = archive.current();
            for (const auto& [id, one] : archive.cases())
                for (const observe::ReportVersion& each : one.versions)
                    fresh->seq = std::max(fresh->seq, each.address.seq);
            return {};
        }));
        kept->set = fresh;
        return kept->set;
    };
}

}  // namespace

Result<std::shared_ptr<Vigilance>> open_vigilance(Workspace& workspace) {
    auto out = std::make_shared<Vigilance>();
    out->criteria = TRY(law::Criteria::load(workspace.law()));
    out->families = TRY(law::ReactionFamilies::load_for(workspace.directory(), workspace.law().directory()));
    out->reports = TRY(open_reports(workspace));
    out->signals = TRY(api::SignalDesk::open({.law = workspace.law(),
                                              .criteria = out->criteria,
                                              .families = out->families,
                                              .journal = workspace.journal(),
                                              .evidence = workspace.evidence(),
                                              .clock = workspace.clock(),
                                              .reports = source_of(*out->reports),
                                              .organisation = workspace.instance().default_organisation}));
    return out;
}

}  // namespace qingyuan::cli
