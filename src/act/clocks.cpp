// Clocks: what a step's effects change, and when a clock ends.
#include "act/clocks.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "act/attributes.hpp"

namespace qingyuan::act {

namespace {

constexpr std::int64_t us_per_hour = 3'600'000'000;

facts::ClockState* running(facts::DossierRow& dossier, std::string_view limit) {
    for (auto it = dossier.clocks.rbegin(); it != dossier.clocks.rend(); ++it)
        if (it->limit == limit) return is_running(*it) ? &*it : nullptr;
    return nullptr;
}

void end_pause(facts::ClockState& clock, Date on) {
    if (!is_suspended(clock)) return;
    clock.pauses.back().to = on;
    if (clock.pauses.back().to < clock.pauses.back().from) clock.pauses.pop_back();
}

void stop(facts::ClockState& clock, Date on, std::optional<Instant> at) {
    end_pause(clock, on);
    clock.stopped_on = on;
    clock.stopped_at_us = at ? at->us : 0;
}

/// Waiting periods, validities and retention are not duties, nor are terms of the party: nobody of the
/// authority is late when they end.
bool is_duty(const law::Limit* limit) {
    static constexpr std::array<std::string_view, 5> duties = {"due", "ordered", "lapse", "duration",
                                                               "frequency_every"};
    return !limit || std::ranges::find(duties, limit->kind) != duties.end();
}

std::vector<law::Excluded> ledger(const facts::ClockState& clock, Date today) {
    std::vector<law::Excluded> out;
    for (const facts::Pause& pause : clock.pauses) {
        const Date to = pause.to == Date::never_after() ? today : pause.to;
        if (pause.from <= to) out.push_back({pause.from, to});
    }
    return out;
}

/// Full hours since the start.
int used_hours(const facts::ClockState& clock, Instant until) {
    return static_cast<int>(std::max<std::int64_t>(0, until.us - clock.started_at_us) / us_per_hour);
}

struct Budget {
    std::int64_t value;
    law::Unit unit;
};

Result<Budget> budget_of(const law::Limit& limit, const Rational& value, law::Unit unit) {
    switch (unit) {
        case law::Unit::immediate:
        case law::Unit::prompt: return Budget{0, law::Unit::calendar_day};
        case law::Unit::working_day:
        case law::Unit::calendar_day:
        case law::Unit::month:
        case law::Unit::year:
        case law::Unit::hour:
            if (value.is_whole() && value.numerator() > 0) return Budget{value.numerator(), unit};
            [[fallthrough]];
        default:
            return Error{ErrorCode::law_value_invalid,
                         fmt::format("limit {} is not a time that can run", limit.id),
                         {},
                         limit.citation.text()};
    }
}

/// The date of the form that ends the term; nothing may end before `from`.
Result<Date> end_named(const law::ClockEffect& effect, const facts::Form& attributes, Date from,
                       std::string_view wrong) {
    const auto end = parse_date(facts::text_of(attributes, effect.until));
    if (!end)
        return Error{ErrorCode::field_missing,
                     fmt::format("{}: must be given", effect.until),
                     effect.until,
                     {},
                     fmt::format("give {}", effect.until)};
    if (*end >= from) return *end;
    return Error{ErrorCode::field_invalid,
                 fmt::format("{}: {} {}", effect.until, end->text(), wrong),
                 effect.until,
                 {},
                 fmt::format("give a later {}", effect.until)};
}

/// A term that the authority sets itself, from the step to the date in the form, in calendar days.
Result<facts::ClockChange> start_until(const law::ClockEffect& effect, const facts::Form& attributes,
                                       Date on) {
    const Date end = TRY(end_named(effect, attributes, on, "lies before the step itself"));
    return facts::ClockChange{effect.limit, "start", end - on,
                              std::string(law::text_of(law::Unit::calendar_day))};
}

/// From the end so far to the date in the form, in the unit the clock runs in.
Result<facts::ClockChange> extend_until(const law::Calendar& calendar, const law::ClockEffect& effect,
                                        const facts::ClockState& clock, const facts::Form& attributes,
                                        Date on) {
    const Date from = TRY(end_of(calendar, clock, on)).due.raw;
    const Date end = TRY(end_named(effect, attributes, from + 1,
                                   fmt::format("does not extend the term that ends {}", from.text())));
    int days = 0;
    if (clock.unit == law::text_of(law::Unit::working_day))
        days = calendar.working_days_between(from + 1, end);
    else if (clock.unit == law::text_of(law::Unit::calendar_day))
        days = end - from;
    else
        return Error{ErrorCode::law_value_invalid,
                     fmt::format("{} runs in {} and cannot be extended to a date", clock.limit, clock.unit)};
    return facts::ClockChange{effect.limit, "extend", days, clock.unit};
}

Result<facts::ClockChange> timed(const law::Law& law, const law::ClockEffect& effect,
                                 const facts::ClockState* clock, Date law_on) {
    const law::Limit& limit = *TRY(law.limit(effect.limit, law_on));
    if (effect.act == law::ClockAct::start) {
        const Budget budget = TRY(budget_of(limit, limit.value, limit.unit));
        return facts::ClockChange{effect.limit, "start", budget.value,
                                  std::string(law::text_of(budget.unit))};
    }
    const Budget more = TRY(budget_of(limit, limit.ext_value, limit.ext_unit));
    if (law::text_of(more.unit) != clock->unit)
        return Error{ErrorCode::law_value_invalid,
                     fmt::format("limit {} runs in {} and is extended in {}", limit.id, clock->unit,
                                 law::text_of(more.unit)),
                     {},
                     limit.citation.text()};
    return facts::ClockChange{effect.limit, "extend", more.value, clock->unit};
}

}  // namespace

const facts::ClockState* find_clock(const facts::DossierRow& dossier, std::string_view limit) {
    const auto it = std::find_if(dossier.clocks.rbegin(), dossier.clocks.rend(),
                                 [&](const auto& clock) { return clock.limit == limit; });
    return it == dossier.clocks.rend() ? nullptr : &*it;
}

bool End::is_past(Date today, std::optional<Instant> now) const {
    if (due_at && now) return *now > *due_at;
    return today > (due_at ? due_at->date() : due.due);
}

Result<End> end_of(const law::Calendar& calendar, const facts::ClockState& clock, Date today) {
    const auto unit = law::find_unit(clock.unit);
    if (!unit)
        return Error{ErrorCode::record_malformed,
                     fmt::format("clock {} runs in '{}'", clock.limit, clock.unit)};
    const int value = static_cast<int>(clock.value + clock.extended);
    const std::vector<law::Excluded> excluded = ledger(clock, today);
    if (*unit != law::Unit::hour)
        return End{TRY(law::due_date(calendar, clock.started_on, value, *unit, excluded)), {}};
    std::int64_t us = clock.started_at_us;
    int excluded_days = 0;
    // Hours run through rest days; a pause adds its whole days.
    for (const law::Excluded& one : excluded) excluded_days += one.to - one.from + 1;
    Instant at = law::due_instant(Instant{us}, value + 24 * excluded_days);
    End end;
    end.due_at = at;
    end.due.raw = end.due.due = end.due.due_holiday_roll = at.date();
    end.due.counted_days = value;
    end.due.excluded_days = excluded_days;
    end.due.calendar_version = calendar.version();
    return end;
}

Result<std::vector<facts::ClockChange>> clock_changes(const law::Law& law, const facts::DossierRow& dossier,
                                                      const std::vector<law::ClockEffect>& effects,
                                                      const facts::Form& attributes, Date on) {
    std::vector<facts::ClockChange> changes;
    facts::DossierRow after;  // only its clocks: an effect sees what the effects before it did
    after.clocks = dossier.clocks;
    for (const law::ClockEffect& effect : effects) {
        const bool holds = std::ranges::all_of(effect.where, [&](const auto& condition) {
            return matches(attribute_of(dossier, attributes, condition.first), condition.second);
        });
        if (!holds) continue;
        const facts::ClockState* clock = running(after, effect.limit);
        if (!clock && effect.act != law::ClockAct::start) continue;
        facts::ClockChange change{effect.limit, {}, 0, {}};
        switch (effect.act) {
            case law::ClockAct::start:
                change = effect.until.empty() ? TRY(timed(law, effect, clock, dossier.law_on))
                                              : TRY(start_until(effect, attributes, on));
                break;
            case law::ClockAct::extend:
                change = effect.until.empty()
                             ? TRY(timed(law, effect, clock, dossier.law_on))
                             : TRY(extend_until(law.calendar(), effect, *clock, attributes, on));
                break;
            case law::ClockAct::stop: change.change = "stop"; break;
            case law::ClockAct::suspend:
                if (is_suspended(*clock)) continue;
                change.change = "suspend";
                break;
            case law::ClockAct::resume:
                if (!is_suspended(*clock)) continue;
                change.change = "resume";
                break;
        }
        changes.push_back(change);
        apply_changes(after, {change}, on, std::nullopt);
    }
    return changes;
}

void apply_changes(facts::DossierRow& dossier, const std::vector<facts::ClockChange>& changes, Date on,
                   std::optional<Instant> at) {
    for (const facts::ClockChange& change : changes) {
        facts::ClockState* clock = running(dossier, change.limit);
        if (change.change == "start") {
            if (clock) stop(*clock, on, at);
            facts::ClockState started;
            started.limit = change.limit;
            started.unit = change.unit;
            started.value = change.value;
            started.started_on = on;
            started.started_at_us = at.value_or(start_of(on)).us;
            dossier.clocks.push_back(std::move(started));
        } else if (!clock) {
            continue;
        } else if (change.change == "stop") {
            stop(*clock, on, at);
        } else if (change.change == "suspend") {
            if (!is_suspended(*clock)) clock->pauses.push_back({on + 1, Date::never_after()});
        } else if (change.change == "resume") {
            end_pause(*clock, on);
        } else if (change.change == "extend") {
            clock->extended += change.value;
        }
    }
}

void stop_all(facts::DossierRow& dossier, Date on, std::optional<Instant> at) {
    for (facts::ClockState& clock : dossier.clocks)
        if (is_running(clock)) stop(clock, on, at);
}

Result<std::int64_t> nearest_due(const law::Calendar& calendar, const facts::DossierRow& dossier) {
    std::int64_t nearest = 0;
    for (const facts::ClockState& clock : dossier.clocks) {
        if (!is_running(clock) || is_suspended(clock)) continue;
        const Date raw = TRY(end_of(calendar, clock, clock.started_on)).due.raw;
        if (nearest == 0 || raw.days < nearest) nearest = raw.days;
    }
    return nearest;
}

std::vector<ClockView> Engine::clocks(const facts::DossierRow& dossier, Instant now) const {
    std::vector<ClockView> views;
    for (const facts::ClockState& clock : dossier.clocks) {
        ClockView view;
        view.limit_id = clock.limit;
        if (const auto limit = law_->limit(clock.limit, dossier.law_on)) view.limit = *limit;
        view.unit = law::find_unit(clock.unit).value_or(law::Unit::none);
        view.budget = static_cast<int>(clock.value + clock.extended);
        view.extended = static_cast<int>(clock.extended);
        view.running = is_running(clock);
        view.suspended = is_suspended(clock);
        view.started_on = clock.started_on;
        view.stopped_on = clock.stopped_on;
        view.stopped_at = stopped_at(clock);
        view.duty = is_duty(view.limit);
        view.pauses = clock.pauses;
        const Date until = view.running ? now.date() : clock.stopped_on;
        if (const auto end = end_of(law_->calendar(), clock, until)) {
            view.due = end->due;
            view.due_at = end->due_at;
            view.excluded_days = end->due.excluded_days;
        }
        if (view.unit == law::Unit::hour)
            view.used =
                used_hours(clock, view.running ? now : view.stopped_at.value_or(start_of(until + 1))) -
                24 * view.excluded_days;
        else
            view.used =
                law::used_days(law_->calendar(), clock.started_on, until, view.unit, ledger(clock, until));
        const bool in_months = view.unit == law::Unit::month || view.unit == law::Unit::year;
        view.left = in_months ? view.due.raw - until : view.budget - view.used;
        if (clock.extended == 0 && view.limit && view.limit->ext_unit == view.unit &&
            view.limit->ext_value.is_whole())
            view.extension = static_cast<int>(view.limit->ext_value.numerator());
        views.push_back(std::move(view));
    }
    return views;
}

}  // namespace qingyuan::act
