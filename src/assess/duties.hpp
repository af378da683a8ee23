// Who answers for a risk: the local government leads, the department supervises, the enterprise is
// responsible (DAL 7 to 10). Every risk shows all three, whoever entered it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::assess {

/// What one party has to do, with the article.
struct Duty {
    std::string zh, en, law;
};

/// One of the three parties to a risk.
struct PartyDuties {
    std::string party;         ///< local_government department enterprise
    std::string who;           ///< the name of the body; "" = nobody is known yet, which is a gap
    std::string person;        ///< who is named for it: the owner, for the department
    std::vector<Duty> duties;  ///< of the risk's category, in the order of the vocabulary
    [[nodiscard]] bool is_gap() const { return who.empty() || duties.empty(); }
};

/// The three parties in that order, as of the day: the government of the region of the unit in charge (its
/// own or the nearest above that has one), the unit in charge (`owner_unit`, else the dossier's
/// organisation), the operator the risk concerns. Duties are those of vocabulary responsibility_duties for
/// the category; a risk without one has the drugs'. Errors: those of the store.
[[nodiscard]] Result<std::vector<PartyDuties>> duties_of(const journal::Reader& reader, const law::Law& law,
                                                         const facts::DossierRow& item, Date on);

}  // namespace qingyuan::assess
