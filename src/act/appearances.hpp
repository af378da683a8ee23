// Who and what stands in dossiers: every role of one person, every dossier about one product.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "facts/rows.hpp"
#include "facts/value.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::act {

/// One place where a person stands: the field says as what.
struct Appearance {
    std::string dossier;
    std::string procedure;
    std::string state;
    std::string organisation;
    std::string operator_id;
    std::string field;      ///< "person_identity", "representative_identity"
    std::uint64_t seq = 0;  ///< the fact that says so: the opening or the step
};

/// Every dossier in which the person stands by the reference, in the order they were opened, each field once
/// a fact. Reads all dossiers of the procedures that have personal fields. Errors are those of the store.
[[nodiscard]] Result<std::vector<Appearance>> appearances_of(const journal::Reader& reader,
                                                             const law::Law& law,
                                                             const facts::SubjectRef& person);

/// The dossiers about the product, and those linked to one of them by their source in either direction, in
/// the order they were opened, voided ones left out. Errors are those of the store.
[[nodiscard]] Result<std::vector<facts::DossierRow>> cluster_of(const journal::Reader& reader,
                                                                const law::Law& law,
                                                                std::string_view product);

}  // namespace qingyuan::act
