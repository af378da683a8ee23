#include "cli/upkeep.hpp"

#include <chrono>

#include "api/door.hpp"
#include "api/jobs.hpp"
#include "api/names.hpp"
#include "api/notices.hpp"
#include "api/pack_desk.hpp"
#include "api/signal_desk.hpp"
#include "assess/credit.hpp"
#include "base/text.hpp"

namespace qingyuan::cli {

namespace {

constexpr std::chrono::seconds between_rounds{30};
constexpr std::int64_t hour_us = 3600LL * 1'000'000;

template <class T>
Result<void> done(const Result<T>& result) {
    return result ? Result<void>() : Result<void>(result.error());
}

}  // namespace

Upkeep::Upkeep(const api::Services& services) : services_(services), thread_([this] { run(); }) {}

Upkeep::~Upkeep() {
    {
        const std::lock_guard lock(lock_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Upkeep::run() {
    std::unique_lock lock(lock_);
    while (!stopping_) {
        lock.unlock();
        round();
        lock.lock();
        changed_.wait_for(lock, between_rounds, [this] { return stopping_; });
    }
}

void Upkeep::keep(const char* part, const Result<void>& done) {
    services_.metrics->add("qingyuan_upkeep_total", {{"part", part}, {"ok", done ? "true" : "false"}}, 1);
}

Result<void> Upkeep::let_time_pass(Date today) {
    if (ticked_ == today) return {};
    CHECK(services_.journal.write([&](journal::Writer& writer) -> Result<void> {
        // Under the writers' lock: of several servers one is the first.
        const auto passed = TRY(services_.work.find<PassedRow>(PassedRow{}.key));
        if (passed && passed->day >= today) return {};
        for (facts::Fact& fact : TRY(services_.engine().tick(writer, today)))
            TRY(writer.append(std::move(fact)));
        return {};
    }));
    CHECK(services_.work.put(PassedRow{.day = today}));
    ticked_ = today;
    return {};
}

Result<void> Upkeep::close_unused(Instant now) {
    if (closed_ == now.date()) return {};
    TRY(services_.accounts.close_unused(now));
    closed_ = now.date();
    return {};
}

Result<void> Upkeep::recompute_grades(Date today) {
    if (graded_ == today) return {};
    const auto rules = TRY(law::CreditRules::load(services_.law));
    CHECK(services_.journal.write([&](journal::Writer& writer) -> Result<void> {
        for (const assess::GradeDue& due : TRY(assess::grades_due(writer, rules, today))) {
            if (!due.annulled) continue;
            const facts::DossierRow grade = TRY(act::dossier(writer, due.dossier));
            const act::Actor system{
                std::string(act::system_person), grade.organisation, {"system"}, writer.now()};
            const act::Request request{.form = {{"annulled_matter", join(due.matters, ", ")}}};
            TRY(writer.append(TRY(services_.engine().take(writer, grade, system, "act_annulled", request))));
        }
        return {};
    }));
    graded_ = today;
    return {};
}

void Upkeep::round() {
    const Instant now = services_.clock.now();
    keep("time", let_time_pass(now.date()));
    keep("unused_accounts", close_unused(now));
    keep("grades", recompute_grades(now.date()));
    keep("names", services_.journal.read(
                      [&](const journal::Reader& reader) { return services_.names->catch_up(reader); }));
    if (services_.packs && judged_ != now.date()) {
        // Findings that wait for a firm's upload are confirmed when its lag has passed.
        const auto judged = services_.packs->judge({"system", services_.default_organisation});
        if (judged) judged_ = now.date();
        keep("packs", done(judged));
    }
    if (services_.signals) {
        // Whatever came in is judged within the minute: a cluster is found the day it forms.
        const auto state = services_.signals->state();
        if (state && (signals_seen_ != (*state)->set->version || signals_on_ != now.date())) {
            const auto judged = services_.signals->judge({"system", services_.default_organisation});
            if (judged) {
                signals_seen_ = (*state)->set->version;
                signals_on_ = now.date();
            }
            keep("signals", done(judged));
        }
    }
    if (now.us - told_.us >= hour_us) {
        const auto told = services_.notices.pass(now);
        if (told) told_ = now;
        keep("notices", done(told));
        keep("notices_sweep", services_.notices.sweep(now));
    }
    keep("deliveries", done(services_.notices.deliver(now)));
    keep("jobs", services_.jobs.sweep(now));
    keep("expired", api::sweep(services_, now));
    keep("denials", api::flush_denials(services_));
    if (now.us - recorded_.us < hour_us) return;
    recorded_ = now;
    keep("cross_record", journal::cross_record(services_.journal, services_.access));
}

}  // namespace qingyuan::cli
