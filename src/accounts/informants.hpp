// Who reported (举报人): a vault of its own under a key of its own. A matter carries only references into it;
// nothing that lists, searches, exports or prints opens them. One record at a time is revealed to somebody
// who handles that very matter and says why, after the access journal has it on the disk and the audit
// administrators were told (药品管理法 106).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "accounts/vault.hpp"
#include "facts/rows.hpp"
#include "journal/journal.hpp"
#include "journal/work.hpp"

namespace qingyuan::accounts {

/// What somebody said of themselves; any part may be empty.
struct Reporter {
    std::string name;
    std::string phone;
    std::string address;
};
/// References for a fact; empty where nothing was said. The subject of the first is the pseudonym.
struct ReporterRefs {
    facts::SubjectRef name;
    facts::SubjectRef phone;
    facts::SubjectRef address;
};
struct RevealedValue {
    std::string field;  ///< of the matter's form
    std::string value;  ///< or "erased"
};
struct Revealed {
    std::string pseudonym;
    std::vector<RevealedValue> values;
};

class Informants {
 public:
    /// All outlive it. `access` is the access journal.
    Informants(Vault& vault, journal::Journal& access, const journal::Work& work)
        : vault_(&vault), access_(&access), work_(&work) {}

    /// Every call makes new subjects, so that nobody can tell two reports of one person by their references.
    Result<ReporterRefs> put(const Reporter& reporter) const;

    /// Does the matter carry references of this vault?
    [[nodiscard]] Result<bool> knows(const facts::DossierRow& dossier) const;

    struct Request {
        const access::Subject& subject;
        const facts::DossierRow& dossier;
        std::string_view department;  ///< of the dossier's organisation
        std::string_view purpose;
        std::string_view session;
        /// An approved proposal (access::approved said so), wanted from the second matter of a day on.
        bool approved = false;
    };
    /// Errors: access_denied, recused, not_signed_in; purpose_missing; approval_missing; record_unknown where
    /// nobody said who they are. `alert` tells the audit administrators; where it fails, nothing is shown.
    Result<Revealed> reveal(const Request& request, const std::function<Result<void>()>& alert,
                            Instant now) const;

 private:
    Result<void> count(const Request& request, Instant now) const;
    Vault* vault_;
    journal::Journal* access_;
    const journal::Work* work_;
};

}  // namespace qingyuan::accounts
