// A procedure as the law data states it: states, steps, guards, clocks. One per file in law/procedures/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"

namespace qingyuan::law {

enum class WordId : std::uint8_t;  // words.hpp

/// One word of a guard: officers(2).
struct Guard {
    WordId word;
    std::vector<std::string> arguments;
    std::string where;  ///< file:line:column
    [[nodiscard]] std::string text() const;
};

enum class FieldType : std::uint8_t {
    text,
    long_text,
    date,
    instant,
    whole,
    money,
    boolean,
    word,
    words,
    person,
    people,
    operator_id,
    product,
    organisation,
    dossier,
    evidence,
    personal
};

struct Field {
    std::string id;
    std::string zh;
    std::string en;
    FieldType type = FieldType::text;
    std::string vocabulary;  ///< for word and words
    bool required = false;
};

struct State {
    std::string id;
    std::string zh;
    std::string en;
    bool terminal = false;
};

enum class ClockAct : std::uint8_t { start, stop, suspend, resume, extend };
/// "start RCL.NOTIFY1 where category=drug level=1", "start RECTIFY.TERM until deadline". Where the conditions
/// do not all hold (attribute = value, after the step's form) the effect does not happen. `until` names the
/// date field that ends the clock: a term set by the authority itself, in calendar days from the step's date
/// (extend: from the end so far). Stopping, suspending or resuming a clock that does not run changes nothing.
struct ClockEffect {
    ClockAct act;
    std::string limit;
    std::vector<std::pair<std::string, std::string>> where{};
    std::string until{};
};

/// A dossier that an automatic step opens for a person to take up or turn down: a machine proposes, officials
/// decide. It takes operator, category, campaign and organisation from the dossier it comes from.
struct Proposal {
    std::string procedure;
    std::string state;                                        ///< one of the initial states of the procedure
    std::vector<std::pair<std::string, std::string>> form{};  ///< fields of its opening form, as text
    std::string where;                                        ///< file:line:column
};

/// A step of a procedure. `to` empty = the state stays (a step that may repeat, such as recording a finding).
struct Step {
    std::string id;
    std::string zh;
    std::string en;
    std::vector<std::string> from;
    std::string to;
    std::vector<std::string> by;    ///< roles that may take it; "system" for steps that time takes by itself
    std::vector<Guard> guards;      ///< empty only with a reason
    std::string guard_none_reason;  ///< why the step is free
    std::string open_point;  ///< a question of the law no word answers yet, in words; listed by `law check`
    std::vector<Field> form;
    std::vector<ClockEffect> clocks;
    std::vector<std::string> documents;
    std::vector<std::string> law;  ///< citations "APPR 19"
    std::string opens;  ///< procedure of the dossier this step may open from here ("penalty_case"), or ""
    bool automatic = false;  ///< taken by `tick` as soon as its guards hold
    std::vector<Proposal> proposes;  ///< opened with an automatic step
    std::string where;       ///< file:line:column
};

struct Procedure {
    std::string id;
    std::string zh;
    std::string en;
    std::string unit;    ///< counting unit of one dossier: case, visit, order, meeting, lead …
    std::string prefix;  ///< of record ids: "case"
    std::vector<std::string> law;
    bool verified = true;
    std::string note;
    Date from = Date::never_before();  ///< in force; the latest file whose dates hold decides
    Date to = Date::never_after();
    std::vector<State> states;
    std::vector<std::string> initial;  ///< the first one unless the opening form says otherwise
    std::vector<Field> form;           ///< the opening form
    std::vector<std::string> open_by;  ///< roles that may open one
    std::vector<ClockEffect> clocks;   ///< effects of opening
    std::vector<Step> steps;           ///< in the order shown
    std::string file;

    [[nodiscard]] const Step* find_step(std::string_view id) const;
    [[nodiscard]] const State* find_state(std::string_view id) const;
};

}  // namespace qingyuan::law
