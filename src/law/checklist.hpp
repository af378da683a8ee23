// What is looked at on site: checklists as data, one per file in law/checklists/. An answer is worth what its
// form was, so the version changes with every edit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "law/law.hpp"

namespace qingyuan::law {

/// How an item is answered: `conform` by yes, no or not_applicable; `number` by a decimal between min and
/// max; `text` by words.
enum class AnswerType : std::uint8_t { conform, number, text };
[[nodiscard]] std::string_view text_of(AnswerType type);

struct ChecklistItem {
    std::string id;      ///< stays the same when the wording changes: "staff_1"
    std::string clause;  ///< as a finding names it: 《药品经营质量管理规范》第123条
    std::string zh;
    std::string en;
    std::string law;       ///< citation
    std::string severity;  ///< word of vocabulary finding_severity, proposed for a finding
    AnswerType answer = AnswerType::conform;
    std::string unit;  ///< of a number
    std::optional<Rational> min, max;
    bool photo = false;                  ///< a finding under it wants a photo
    bool always = false;                 ///< applies to everybody whom the list serves: no "not applicable"
    std::string finding_zh, finding_en;  ///< proposed wording of the finding
    bool operator==(const ChecklistItem&) const = default;
};
struct ChecklistSection {
    std::string id, zh, en;
    std::vector<ChecklistItem> items;
    bool operator==(const ChecklistSection&) const = default;
};
struct Checklist {
    std::string id;
    std::string version;  ///< day in force and eight digits of the SM3 of the file: "2016-07-20.5f0c12ab"
    std::string zh, en;
    std::string category;            ///< drug device cosmetic
    std::string activity;            ///< word of vocabulary activities
    std::string programme;           ///< serves only visits of this inspection programme; "" = all others
    std::vector<std::string> kinds;  ///< of operators it serves
    std::vector<std::string> law;
    Status status = Status::verified;
    std::string note;
    InForce in_force;
    std::vector<ChecklistSection> sections;

    [[nodiscard]] const ChecklistItem* find(std::string_view item) const;
    [[nodiscard]] std::size_t size() const;  ///< items
};

/// The list that serves this kind of operator in this category on the date, or null. Where several do, the
/// one that names fewer kinds. A visit of a programme uses the programme's own list; where the programme has
/// none for this kind, the general one.
[[nodiscard]] const Checklist* checklist_for(const Law& law, std::string_view kind, std::string_view category,
                                             Date on, std::string_view programme = {});

}  // namespace qingyuan::law
