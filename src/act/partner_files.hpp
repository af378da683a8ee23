// What of a dossier's files a partner agency may fetch: what was sent to it, and what it handed in itself.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::act {

struct PartnerFiles {
    std::set<std::string> files;        ///< digests named by steps that are the agency's or were for it
    std::vector<std::string> packages;  ///< of these, the packages: their items are the agency's too
};

/// A step is for the agency where a field of its form that is a word of vocabulary agencies names it; a step
/// with a package and no such field went to whom the dossier was opened to; what is supplied later (guard
/// `covers`) follows the agency the dossier names. Steps of persons of `organisation` are its own. Voided
/// steps do not count. `department` is a word of vocabulary agencies. Errors of the law and the journal.
[[nodiscard]] Result<PartnerFiles> files_for(const journal::Reader& reader, const law::Law& law,
                                             const facts::DossierRow& dossier, std::string_view department,
                                             std::string_view organisation);

}  // namespace qingyuan::act
