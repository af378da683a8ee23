// What of a matter may be shown to everybody, and when: pure questions over a dossier's row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accounts/vault.hpp"
#include "act/engine.hpp"
#include "law/law.hpp"

namespace qingyuan::api {

/// The days a published entry is shown.
struct Shown {
    Date from;   ///< published
    Date until;  ///< last day: the latest reading of its term
};

/// A penalty that is published on the day: not withheld, stopped, withdrawn, noted as changed, or past its
/// term even where no tick has passed yet. PUBL 11, 13.
[[nodiscard]] std::optional<Shown> shown_penalty(const act::Engine& engine, const facts::DossierRow& row,
                                                 Instant now);
/// An entry of the list of serious violators that was told, waited for, listed and published, and whose term
/// has not run out. BLACK 13, 14, 21.
[[nodiscard]] std::optional<Shown> shown_violator(const act::Engine& engine, const facts::DossierRow& row,
                                                  Instant now);
/// A typical case that was checked and published.
[[nodiscard]] std::optional<Shown> shown_case(const facts::DossierRow& row);

/// Personal names the vault knows for a dossier: of its forms, and the representative of its operator. What
/// is erased is no name.
[[nodiscard]] Result<std::vector<std::string>> names_of(const journal::Reader& reader,
                                                        const accounts::Vault& vault,
                                                        const facts::DossierRow& row, Date on);

/// The fields that a step publishes (guard word `redacted`) hold no name of the matter; field_invalid. What
/// anybody would know as an identifier the guard itself finds.
[[nodiscard]] Result<void> check_names(const journal::Reader& reader, const accounts::Vault& vault,
                                       const facts::DossierRow& row, const law::Step& step,
                                       const facts::Form& form, Date on);

}  // namespace qingyuan::api
