// The players: who acts for a unit in which role, and a hand on the engine that opens dossiers and takes
// steps for them.
#pragma once

#include <functional>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "act/carry_over.hpp"
#include "act/engine.hpp"
#include "base/random.hpp"
#include "demo/play.hpp"

namespace qingyuan::demo {

/// The people of one unit by role.
class Staff {
 public:
    void add(const facts::PersonRecorded& person);
    /// One holder of the role; asserted to be there.
    [[nodiscard]] const std::string& one(std::string_view role, Random& random) const;
    /// Two different certified officers.
    [[nodiscard]] std::pair<std::string, std::string> pair(Random& random) const;

 private:
    std::map<std::string, std::vector<std::string>, std::less<>> by_role_;
    std::vector<std::string> officers_;  ///< with a certificate
};

/// What a step brings.
struct Move {
    facts::Form form = {};
    std::vector<std::string> with = {};
    std::vector<std::string> evidence = {};
};

class Company {
 public:
    Company(const Stage& stage, Random random);

    /// Does `act` on the day; acts of one day happen in the order they were put down.
    void on(Date day, std::function<Result<void>(Company&)> act);
    /// Plays everything put down up to and including the last day, one transaction a day, with a tick each
    /// morning.
    Result<void> run(Date first, Date last);

    /// Opens a dossier and returns the sequence number of its opening fact.
    Result<std::uint64_t> open(const std::string& person, act::Engine::Opening opening);
    /// Takes a step and returns the sequence number of its fact.
    Result<std::uint64_t> take(std::uint64_t dossier, std::string_view step, const std::string& person,
                               const Move& move = {});
    /// Approves exactly this form for the step.
    Result<void> approve(std::uint64_t dossier, std::string_view step, const std::string& person,
                         const facts::Form& form);
    /// What the register says of a unit over a period.
    [[nodiscard]] Result<act::CarryOver> carry_over(const std::string& unit, std::string_view period) const;
    /// Approves an inspection; beyond the enterprise's yearly cap the head of its unit allows it first.
    Result<void> approve_visit(std::uint64_t visit, const std::string& unit_head);
    [[nodiscard]] Result<std::string> state(std::uint64_t dossier) const;
    /// Opens a dossier to another agency until its grant expires: proposed by one person of its unit, decided
    /// by another.
    Result<void> open_to(const facts::DossierRow& dossier, const std::string& organisation,
                         std::string_view purpose, std::string_view basis);
    /// Open dossiers of a procedure in a state.
    [[nodiscard]] Result<std::vector<facts::DossierRow>> in_state(std::string_view procedure,
                                                                  std::string_view state) const;

    [[nodiscard]] const Staff& staff(const std::string& unit) const;
    [[nodiscard]] Random& random() { return random_; }
    [[nodiscard]] Date today() const { return today_; }
    [[nodiscard]] const law::Law& law() const { return stage_.law; }
    /// The working day `count` working days after (or on) the date.
    [[nodiscard]] Date later(Date date, int count) const;
    /// All words of a vocabulary: a checklist answered in full.
    [[nodiscard]] std::vector<std::string> words(std::string_view vocabulary) const;
    /// The digest of an invented photograph or paper.
    [[nodiscard]] std::string evidence();
    /// A personal value for a form's field, as the vault refers to it. Errors of the vault.
    [[nodiscard]] Result<facts::SubjectRef> subject(std::string_view field, const std::string& value);
    [[nodiscard]] const facts::OperatorRecorded& firm(const std::string& id) const;
    /// Running number for document numbers, one series a unit, kind and year.
    [[nodiscard]] int number(const std::string& series) { return ++numbers_[series]; }

 private:
    struct Entry {
        Date day;
        std::uint64_t order;
        std::function<Result<void>(Company&)> act;
        friend bool operator<(const Entry& a, const Entry& b) {
            return a.day != b.day ? a.day > b.day : a.order > b.order;
        }
    };
    [[nodiscard]] Result<act::Actor> actor(const std::string& person);
    [[nodiscard]] Result<facts::DossierRow> dossier(std::uint64_t seq) const;
    Result<void> play_day();

    Stage stage_;
    act::Engine engine_;
    Random random_;
    std::priority_queue<Entry> entries_;
    std::uint64_t order_ = 0;
    Date today_;
    int moment_ = 0;  ///< acts of the day so far: each takes a minute
    journal::Writer* writer_ = nullptr;
    std::map<std::string, Staff> staff_;
    std::map<std::string, const facts::PersonRecorded*> people_;
    std::map<std::string, const facts::OperatorRecorded*> firms_;
    std::map<std::string, int> numbers_;
};

}  // namespace qingyuan::demo
