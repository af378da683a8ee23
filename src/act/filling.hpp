// What a document says of its dossier: values of steps, rows of the registry, the authority, the officers and
// their certificates, articles. What is not known stays out: the paper has a line to write on there.
#pragma once

#include <functional>
#include <string>
#include <map>
#include <vector>

#include "act/engine.hpp"
#include "facts/filled_form.hpp"
#include "law/forms.hpp"

namespace qingyuan::act {

/// Personal values, for those allowed: each is absent where the reader may not see it.
struct Reveal {
    using Value = std::function<Result<std::string>(const facts::SubjectRef&)>;
    Value officials;  ///< names of those who act in office
    Value personal;   ///< of parties, complainants, informants' subjects
};

struct FillRequest {
    Date dated;
    std::string number;
    facts::FilledValues by_hand;  ///< values somebody gives now; they go before those of the dossier
    std::vector<std::map<std::string, std::string, std::less<>>> rows;
    bool redacted = false;  ///< for publication: names masked, identifiers replaced (处罚信息公示规定 6)
};

struct Filling {
    facts::FilledForm form;
    std::vector<std::string> withheld;  ///< fields whose value the reader may not see, or that was erased
};

/// Errors: document_unknown, law_not_in_force; failures of the store and the vault. Never refuses for a value
/// that is missing.
[[nodiscard]] Result<Filling> fill(const journal::Reader& reader, const law::Law& law,
                                   const law::Forms& forms, const law::DocumentForm& form,
                                   const facts::DossierRow& dossier, const Reveal& reveal,
                                   const FillRequest& request);

}  // namespace qingyuan::act
