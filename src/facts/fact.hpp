// A fact: who stated what, about which day, on behalf of which organisation. The journal adds order and
// proof. Bytes: docs/formats/journal.md.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/access_facts.hpp"
#include "facts/account_facts.hpp"
#include "facts/act_facts.hpp"
#include "facts/assess_facts.hpp"
#include "facts/document_facts.hpp"
#include "facts/journal_facts.hpp"
#include "facts/registry_facts.hpp"

namespace qingyuan::facts {

/// The order is part of nothing: the kind is written by its name.
using Payload =
    std::variant<LawAdopted, Tick, BatchReceived, CheckpointSeen, SubjectErased, FactVoided, AccessNoted,
                 OrganisationRecorded, OrganisationEnded, OperatorRecorded, LicenceRecorded, PersonRecorded,
                 ProductRecorded, DossierOpened, StepTaken, ApprovalGiven, PersonRecused, FigureReported,
                 ReportMoved, AccountRecorded, GrantGiven, GrantRevoked, ProposalMade, ProposalDecided,
                 CustodyJudged, SignalsJudged, DuplicateDecided, DocumentIssued, NumberBlockIssued,
                 NumberBlockSettled>;

/// Name of a payload's kind: "step_taken".
[[nodiscard]] std::string_view kind_of(const Payload& payload);

/// What a stage asks the journal to record.
struct Fact {
    Date happened_on;  ///< the day it is about; it belongs to the organisation responsible on this day
    std::string organisation;  ///< id of the responsible organisation
    std::string actor;         ///< person id, or "system"
    std::uint64_t dossier =
        0;  ///< sequence number of the dossier's opening fact; 0 = none, or this fact opens it
    Payload payload;
};

/// A fact in its place.
struct Recorded {
    std::uint64_t seq = 0;  ///< 1, 2, 3, …
    Instant recorded_at;
    Fact fact;

    /// The dossier this fact belongs to: the one it opens, or `fact.dossier`.
    [[nodiscard]] std::uint64_t dossier() const {
        return std::holds_alternative<DossierOpened>(fact.payload) ? seq : fact.dossier;
    }
};

constexpr std::int64_t record_version = 1;

/// The canonical bytes of a record; the chain and the tree are over exactly these bytes, never over a
/// re-encoding.
[[nodiscard]] Bytes encode(const Recorded& recorded);
/// record_malformed for any byte that is not as encode would have written it.
[[nodiscard]] Result<Recorded> decode(std::string_view bytes);

/// Only the envelope, for indexes that read many millions: no payload is decoded.
struct Envelope {
    std::uint64_t seq = 0;
    Instant recorded_at;
    Date happened_on;
    std::string_view kind;
    std::string_view organisation;
    std::string_view actor;
    std::uint64_t dossier = 0;
    std::string_view payload;  ///< CBOR map; views into the given bytes
};
[[nodiscard]] Result<Envelope> decode_envelope(std::string_view bytes);
[[nodiscard]] Result<Payload> decode_payload(std::string_view kind, std::string_view bytes);

/// Checks of a fact's own fields: identifiers are well formed, required fields are there, texts are UTF-8 and
/// at most 64 KiB.
[[nodiscard]] Result<void> check(const Fact& fact);

}  // namespace qingyuan::facts
