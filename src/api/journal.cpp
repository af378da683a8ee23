// The journal: its head, and one fact with the proof that it is in.
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/present.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

Json checkpoint_json(const journal::Checkpoint& checkpoint) {
    return {{"origin", checkpoint.origin},    {"size", checkpoint.size},    {"root", hex(checkpoint.root)},
            {"chain", hex(checkpoint.chain)}, {"at", checkpoint.at.text()}, {"text", checkpoint.text()}};
}

}  // namespace

Answer journal_head(const Call& call) {
    const auto checkpoint = TRY(call.services.journal.checkpoint());
    return json_response({{"name", "facts"},
                          {"head", checkpoint_json(checkpoint)},
                          {"law_digest", hex(call.services.law.digest())}});
}

namespace {

/// May the reader see this entry, and how much of it? An entry of a dossier is as open as the dossier; the
/// auditor sees of every entry that it is in order, and nothing of what it says.
Result<access::Masks> may_see(const Call& call, const journal::Reader& reader, const facts::Recorded& fact,
                              const std::optional<facts::DossierRow>& dossier) {
    const Error unknown{ErrorCode::record_unknown, "there is no such entry", "seq", {}, {}, "没有此记录"};
    const auto record = TRY(access::object_at(reader, access::Kind::record,
                                              dossier ? dossier->organisation : fact.fact.organisation));
    const auto as_record = call.may(record);
    const bool audits = as_record && as_record->masked(access::Mask::content);
    if (audits) return as_record->masks;
    if (dossier) {
        const auto seen = access::decide(call.subject, access::Policy::dossier_read,
                                         TRY(access::object_of(reader, *dossier)));
        if (seen.allowed) return seen.masks;
    } else if (as_record) {
        return as_record->masks;
    } else if (as_record.error().info().kind == ErrorKind::failure) {
        return as_record.error();
    }
    call.hidden = true;
    return unknown;
}

Result<Json> fact_json(const Call& call, const journal::Reader& reader, std::uint64_t number) {
    if (number > TRY(reader.head()).size) {
        call.decided = true;
        return Error{ErrorCode::record_unknown, "there is no such entry", "seq", {}, {}, "没有此记录"};
    }
    const Bytes record = TRY(reader.transaction().record(number));
    const auto recorded = TRY(facts::decode(record));
    std::optional<facts::DossierRow> dossier;
    if (recorded.dossier() != 0)
        dossier = TRY(reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.dossier())));
    const access::Masks masks = TRY(may_see(call, reader, recorded, dossier));
    Presenter present(call.services, reader, call.now, masks);
    const bool whole = !present.masked(access::Mask::content) && !present.masked(access::Mask::internal);
    Json body{{"seq", number},
              {"kind", facts::kind_of(recorded.fact.payload)},
              {"happened_on", recorded.fact.happened_on.text()},
              {"recorded_at", recorded.recorded_at.text()},
              {"actor", whole ? present.person(recorded.fact.actor) : Json{{"id", ""}, {"name", nullptr}}},
              {"organisation", present.organisation(recorded.fact.organisation)},
              {"dossier", ""},
              {"voided_by", nullptr},
              {"payload", Json::object()},
              {"record", whole ? hex(record) : ""},
              {"digest", hex(sm3(record))}};
    if (!dossier) return body;
    if (!present.masked(access::Mask::content)) body["dossier"] = dossier->id;
    for (const std::uint64_t other : TRY(reader.facts_of(recorded.dossier()))) {
        const auto fact = TRY(reader.fact(other));
        if (const auto* voided = std::get_if<facts::FactVoided>(&fact.fact.payload);
            voided && voided->target == static_cast<std::int64_t>(number))
            body["voided_by"] = other;
    }
    return body;
}

}  // namespace

Answer journal_fact(const Call& call) {
    const auto seq = parse_integer(call.path.at("seq"));
    if (!seq || *seq <= 0)
        return Error{ErrorCode::record_unknown, "a sequence number is a whole number from 1", "seq"};
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        body = TRY(fact_json(call, reader, static_cast<std::uint64_t>(*seq)));
        return {};
    }));
    body["checkpoint"] = checkpoint_json(TRY(call.services.journal.checkpoint()));
    // The proof carries the record's bytes: only for who sees them.
    body["proof"] = body["record"].get_ref<const std::string&>().empty()
                        ? std::string()
                        : TRY(journal::prove(call.services.store, "facts", static_cast<std::uint64_t>(*seq)));
    return json_response(body);
}

}  // namespace qingyuan::api
