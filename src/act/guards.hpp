// The answers to the words of src/law/words.def. One function per word in guards.cpp; a word without an
// answer does not compile.
#pragma once

#include <optional>
#include <string>

#include "act/engine.hpp"

namespace qingyuan::act {

/// One step of one dossier, asked about for one actor on one day.
struct Question {
    const journal::Reader& reader;
    const law::Law& law;
    const law::Step& step;
    const facts::DossierRow& dossier;
    const Actor& actor;
    const facts::Form* form;  ///< null: asked before a form is filled (offers)
    const Request* request;   ///< null with it
    Date on;                  ///< the day the step happens
    /// the instant, where the step happens now; limits in hours are exact only then
    std::optional<Instant> at;

    /// Articles of the step, for refusals that have none of their own.
    [[nodiscard]] std::string citation() const;
};

/// true: the word holds. false: only the form (or the officers, the evidence) can answer it; never where the
/// question has a form. An Error of kind refusal says why not, with the word's own code; of another kind,
/// that the question could not be answered.
[[nodiscard]] Result<bool> answer(const Question& question, const law::Guard& guard);

}  // namespace qingyuan::act
