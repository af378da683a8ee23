// The one case that goes all the way: an anomaly of packs, a lead, an inspection, a seizure, a case, a person
// punished and banned, a referral the police sign for, the list of serious violators, the publication, the
// repair of credit. The same procedures as every other case, every link a source.
#pragma once

#include <string>

#include "demo/company.hpp"
#include "demo/plan.hpp"

namespace qingyuan::demo {

/// Who and what the story is about.
struct StoryCase {
    Visit visit;
    std::uint64_t dossier = 0;  ///< the penalty case
    std::uint64_t lead_dossier = 0;
    std::string lead, partner, head;  ///< officers and the head of the authority
};

/// The first visit of the spring that will end in a case whose rule punishes persons. Answers yes once.
[[nodiscard]] bool is_story(Company& company, const Visit& visit);
/// The lead the anomaly opened, verified and sent to an inspection.
Result<std::uint64_t> anomaly(Company& company, const Visit& visit, const std::string& officer,
                              const std::string& partner);
Result<void> lead_became_case(Company& company, const StoryCase& story);
/// Goods seized from the case; confiscated with the decision.
Result<void> seize(Company& company, const StoryCase& story);
Result<void> confiscate(Company& company, const StoryCase& story, const std::string& number);
/// The firm comes on the list of serious violators: told, waited for, listed with the superior's consent,
/// published.
Result<void> list_violator(Company& company, const StoryCase& story, const std::string& number);
/// The responsible person is punished with the firm and banned for ten years; the ban goes to the agencies
/// that must heed it.
Result<void> punish_person(Company& company, const StoryCase& story, const std::string& number);
/// The dealers the firm bought from go to the police: written, approved, sent, signed for item by item,
/// filed. Another matter than the firm's own, so no fine stands in the place of the transfer, and no referral
/// of the campaign, which counts what its visits found.
Result<void> refer_upstream(Company& company, const StoryCase& story);
/// Everything performed, the firm asks for the repair of its credit and gets it.
Result<void> repair(Company& company, const StoryCase& story);

}  // namespace qingyuan::demo
