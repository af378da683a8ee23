#include "demo/company.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "access/grants.hpp"
#include "act/form.hpp"
#include "base/sm3.hpp"

namespace qingyuan::demo {

namespace {
constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t morning_us = (8 * 3600 + 30 * 60) * second_us;
constexpr std::int64_t act_us = 20 * second_us;
}  // namespace

void Staff::add(const facts::PersonRecorded& person) {
    for (const std::string& role : person.roles) by_role_[role].push_back(person.id);
    const bool officer = std::find(person.roles.begin(), person.roles.end(), "officer") != person.roles.end();
    if (officer && !person.certificate.empty()) officers_.push_back(person.id);
}

const std::string& Staff::one(std::string_view role, Random& random) const {
    const auto found = by_role_.find(role);
    QY_ASSERT(found != by_role_.end());
    return random.pick(found->second);
}

std::pair<std::string, std::string> Staff::pair(Random& random) const {
    QY_ASSERT(officers_.size() >= 2);
    const std::size_t first = random.below(officers_.size());
    const std::size_t second = (first + 1 + random.below(officers_.size() - 1)) % officers_.size();
    return {officers_[first], officers_[second]};
}

Company::Company(const Stage& stage, Random random) : stage_(stage), engine_(stage.law), random_(random) {
    for (const facts::PersonRecorded& person : stage.city.people) {
        staff_[person.organisation].add(person);
        people_[person.id] = &person;
    }
    for (const facts::OperatorRecorded& firm : stage.city.operators) firms_[firm.id] = &firm;
}

void Company::on(Date day, std::function<Result<void>(Company&)> act) {
    entries_.push({day, order_++, std::move(act)});
}

Result<void> Company::run(Date first, Date last) {
    for (today_ = first; today_ <= last; ++today_) {
        CHECK(play_day());
        if (stage_.progress) stage_.progress(today_);
    }
    return {};
}

Result<void> Company::play_day() {
    moment_ = 0;
    stage_.clock.set({start_of(today_).us + morning_us - 3600 * second_us});
    return stage_.journal.write([&](journal::Writer& writer) -> Result<void> {
        writer_ = &writer;
        for (facts::Fact& fact : TRY(engine_.tick(writer, today_))) TRY(writer.append(std::move(fact)));
        while (!entries_.empty() && entries_.top().day <= today_) {
            const Entry entry = entries_.top();
            entries_.pop();
            if (auto done = entry.act(*this); !done)
                return Error{done.error().code, fmt::format("{}: {}", today_.text(), done.error().text())};
        }
        return {};
    });
}

Result<act::Actor> Company::actor(const std::string& person) {
    const auto found = people_.find(person);
    if (found == people_.end()) return Error{ErrorCode::person_unknown, person};
    stage_.clock.set({start_of(today_).us + morning_us + ++moment_ * act_us});
    return act::Actor{found->second->id, found->second->organisation, found->second->roles,
                      stage_.clock.now()};
}

Result<facts::DossierRow> Company::dossier(std::uint64_t seq) const {
    auto row = TRY(writer_->view<facts::DossierRow>().find(static_cast<std::int64_t>(seq)));
    if (!row) return Error{ErrorCode::dossier_unknown, std::to_string(seq)};
    return std::move(*row);
}

Result<std::uint64_t> Company::open(const std::string& person, act::Engine::Opening opening) {
    const std::string procedure = opening.procedure;
    auto fact = engine_.open(*writer_, TRY(actor(person)), std::move(opening));
    if (!fact)
        return Error{fact.error().code,
                     fmt::format("open {} by {}: {}", procedure, person, fact.error().text())};
    return TRY(writer_->append(std::move(*fact))).seq;
}

Result<std::uint64_t> Company::take(std::uint64_t seq, std::string_view step, const std::string& person,
                                    const Move& move) {
    const act::Actor by = TRY(actor(person));
    const facts::DossierRow row = TRY(dossier(seq));
    auto fact = engine_.take(*writer_, row, by, step,
                             {.form = move.form,
                              .officers = move.with,
                              .documents = {},
                              .evidence = move.evidence,
                              .happened_on = {}});
    if (!fact)
        return Error{fact.error().code, fmt::format("{} {} in {} by {}: {}", row.id, step, row.state, person,
                                                    fact.error().text())};
    return TRY(writer_->append(std::move(*fact))).seq;
}

Result<void> Company::approve(std::uint64_t seq, std::string_view step, const std::string& person,
                              const facts::Form& form) {
    const act::Actor by = TRY(actor(person));
    const facts::DossierRow row = TRY(dossier(seq));
    auto fact = engine_.approve(*writer_, row, by, step, form);
    if (!fact)
        return Error{fact.error().code, fmt::format("approve {} {} in {} by {}: {}", row.id, step, row.state,
                                                    person, fact.error().text())};
    TRY(writer_->append(std::move(*fact)));
    return {};
}

Result<act::CarryOver> Company::carry_over(const std::string& unit, std::string_view period) const {
    return act::carry_over(*writer_, engine_.law(), unit, TRY(parse_period(period)));
}

Result<void> Company::approve_visit(std::uint64_t visit, const std::string& unit_head) {
    const auto approved = take(visit, "approve", unit_head);
    if (approved) return {};
    if (approved.error().message.find("inspection_cap_") == std::string::npos) return approved.error();
    Random same(0);  // the play's own numbers go on as if nothing had been asked
    const std::string& head = staff(TRY(dossier(visit)).organisation).one("head_of_authority", same);
    TRY(take(visit, "allow_over_cap", head,
             {.form = {{"cap_ground", std::string("本年度检查次数已达上限，专项任务确需再次检查。")}}}));
    TRY(take(visit, "approve", unit_head));
    return {};
}

Result<std::string> Company::state(std::uint64_t seq) const {
    return TRY(dossier(seq)).state;
}

const Staff& Company::staff(const std::string& unit) const {
    const auto found = staff_.find(unit);
    QY_ASSERT(found != staff_.end());
    return found->second;
}

Result<void> Company::open_to(const facts::DossierRow& dossier, const std::string& organisation,
                              std::string_view purpose, std::string_view basis) {
    const Staff& unit = staff(dossier.organisation);
    const access::GrantRequest request{.object = dossier.seq,
                                       .organisation = organisation,
                                       .actions = {"read", "step"},
                                       .purpose = std::string(purpose),
                                       .basis = std::string(basis)};
    const std::string object = std::to_string(dossier.seq);
    const auto proposer = TRY(access::subject_of(*writer_, unit.one("unit_head", random_), today_));
    const auto decider = TRY(access::subject_of(*writer_, unit.one("head_of_authority", random_), today_));
    facts::Fact proposal =
        TRY(access::propose(*writer_, proposer, "grant", object, access::form_of(request)));
    const auto made = std::get<facts::ProposalMade>(proposal.payload);
    TRY(writer_->append(std::move(proposal)));
    TRY(writer_->append(
        TRY(access::decide_proposal(*writer_, decider, made.id, "approved", made.digest, {}))));
    TRY(writer_->append(TRY(access::give_grant(*writer_, proposer, made.id,
                                               TRY(access::grant_request(dossier.seq, made.content))))));
    return {};
}

Result<std::vector<facts::DossierRow>> Company::in_state(std::string_view procedure,
                                                         std::string_view state) const {
    using journal::Compare;
    return writer_->view<facts::DossierRow>().list(
        {.where = {{"procedure", Compare::equal, {std::string(procedure)}},
                   {"state", Compare::equal, {std::string(state)}}}});
}

Date Company::later(Date date, int count) const {
    while (count > 0 || !stage_.law.calendar().is_working(date)) {
        ++date;
        if (stage_.law.calendar().is_working(date)) --count;
    }
    return date;
}

std::vector<std::string> Company::words(std::string_view vocabulary) const {
    std::vector<std::string> codes;
    const law::Vocabulary* found = stage_.law.find_vocabulary(vocabulary);
    QY_ASSERT(found != nullptr);
    for (const law::Word& word : found->words) codes.push_back(word.code);
    return codes;
}

std::string Company::evidence() {
    return hex(sm3(fmt::format("sample evidence {}", random_.next())));
}

Result<facts::SubjectRef> Company::subject(std::string_view field, const std::string& value) {
    if (stage_.personal != nullptr)
        return TRY(stage_.personal->put({{act::personal_purpose(field), value}})).front();
    const Digest digest = sm3(value);
    return facts::SubjectRef{"s-" + hex(digest).substr(0, 16), Bytes(bytes_of(digest))};
}

const facts::OperatorRecorded& Company::firm(const std::string& id) const {
    const auto found = firms_.find(id);
    QY_ASSERT(found != firms_.end());
    return *found->second;
}

}  // namespace qingyuan::demo
