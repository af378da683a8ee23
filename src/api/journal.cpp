// The journal: its head, and one fact with the proof that it is in.
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

Answer journal_fact(const Call& call) {
    const auto seq = parse_integer(call.path.at("seq"));
    if (!seq || *seq <= 0)
        return Error{ErrorCode::record_unknown, "a sequence number is a whole number from 1", "seq"};
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto number = static_cast<std::uint64_t>(*seq);
        const Bytes record = TRY(reader.transaction().record(number));
        const auto recorded = TRY(facts::decode(record));
        Presenter present(call.services, reader, call.now);
        body = {{"seq", number},
                {"kind", facts::kind_of(recorded.fact.payload)},
                {"happened_on", recorded.fact.happened_on.text()},
                {"recorded_at", recorded.recorded_at.text()},
                {"actor", present.person(recorded.fact.actor)},
                {"organisation", present.organisation(recorded.fact.organisation)},
                {"dossier", ""},
                {"voided_by", nullptr},
                {"payload", Json::object()},
                {"record", hex(record)},
                {"digest", hex(sm3(record))}};
        if (recorded.dossier() != 0)
            if (const auto row = TRY(
                    reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.dossier())))) {
                body["dossier"] = row->id;
                for (const std::uint64_t other : TRY(reader.facts_of(recorded.dossier()))) {
                    const auto fact = TRY(reader.fact(other));
                    if (const auto* voided = std::get_if<facts::FactVoided>(&fact.fact.payload);
                        voided && voided->target == *seq)
                        body["voided_by"] = other;
                }
            }
        return {};
    }));
    body["checkpoint"] = checkpoint_json(TRY(call.services.journal.checkpoint()));
    body["proof"] = TRY(journal::prove(call.services.store, "facts", static_cast<std::uint64_t>(*seq)));
    return json_response(body);
}

}  // namespace qingyuan::api
