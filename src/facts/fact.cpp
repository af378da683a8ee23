#include "facts/fact.hpp"

#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "facts/codec.hpp"

namespace qingyuan::facts {

namespace {

constexpr std::array<std::string_view, std::variant_size_v<Payload>> kind_names{
    "law_adopted",         "tick",
    "batch_received",      "checkpoint_seen",
    "subject_erased",      "fact_voided",
    "access_noted",        "organisation_recorded",
    "organisation_ended",  "operator_recorded",
    "licence_recorded",    "person_recorded",
    "product_recorded",    "dossier_opened",
    "step_taken",          "approval_given",
    "person_recused",      "figure_reported",
    "report_moved",        "account_recorded",
    "grant_given",         "grant_revoked",
    "proposal_made",       "proposal_decided",
    "custody_judged",      "signals_judged",
    "duplicate_decided",   "document_issued",
    "number_block_issued", "number_block_settled"};

constexpr std::size_t text_bytes_max = 64 * 1024;

template <std::size_t I = 0>
Result<Payload> decode_kind(std::string_view kind, std::string_view bytes) {
    if constexpr (I == std::variant_size_v<Payload>) {
        return Error{ErrorCode::record_malformed, fmt::format("the kind '{}' is unknown", kind)};
    } else {
        if (kind != kind_names[I]) return decode_kind<I + 1>(kind, bytes);
        return Payload(TRY(decode_row<std::variant_alternative_t<I, Payload>>(bytes)));
    }
}

/// Visits every text of a payload and keeps the first complaint.
struct TextCheck {
    Result<void> result = {};
    void text(std::string_view name, std::string_view value) {
        if (!result) return;
        if (value.size() > text_bytes_max)
            result = Error{ErrorCode::too_large,
                           fmt::format("{} bytes; {} are allowed in a fact", value.size(), text_bytes_max),
                           std::string(name),
                           {},
                           "keep long material as evidence and name its digest"};
        else if (!codec::holds_bytes(name) && !is_utf8(value))
            result = Error{ErrorCode::encoding_invalid, "not UTF-8", std::string(name)};
    }
    void operator()(std::string_view name, const std::string& value) { text(name, value); }
    void operator()(std::string_view name, const std::vector<std::string>& values) {
        for (const std::string& value : values) text(name, value);
    }
    void operator()(std::string_view name, const SubjectRef& value) {
        if (!value.mac.empty() && value.mac.size() != 32)
            result = Error{ErrorCode::record_malformed, "a subject's code has 32 bytes", std::string(name)};
    }
    void operator()(std::string_view, const Form& form) {
        for (const auto& [field, value] : form) {
            text(field, field);
            std::visit([&, name = std::string_view(field)](const auto& held) { (*this)(name, held); }, value);
        }
    }
    template <codec::Listed T>
    void operator()(std::string_view, const std::vector<T>& values) {
        for (const T& value : values) T::fields(*this, value);
    }
    void operator()(std::string_view, std::int64_t) {}
    void operator()(std::string_view, bool) {}
    void operator()(std::string_view, Date) {}
};

}  // namespace

std::string_view kind_of(const Payload& payload) {
    return kind_names[payload.index()];
}

Bytes encode(const Recorded& recorded) {
    const Fact& fact = recorded.fact;
    CborWriter out;
    out.array(9);
    out.integer(record_version);
    out.integer(static_cast<std::int64_t>(recorded.seq));
    out.integer(recorded.recorded_at.us);
    out.integer(fact.happened_on.days);
    out.text(kind_of(fact.payload));
    out.text(fact.organisation);
    out.text(fact.actor);
    out.integer(static_cast<std::int64_t>(fact.dossier));
    Bytes bytes = out.take();
    bytes += std::visit([](const auto& payload) { return encode_row(payload); }, fact.payload);
    return bytes;
}

Result<Envelope> decode_envelope(std::string_view bytes) {
    CborReader in(bytes);
    Envelope out;
    if (TRY(in.array()) != 9) return Error{ErrorCode::record_malformed, "a record has nine parts"};
    if (TRY(in.integer()) != record_version)
        return Error{ErrorCode::record_malformed, "the record's version is unknown"};
    out.seq = static_cast<std::uint64_t>(TRY(in.integer()));
    out.recorded_at.us = TRY(in.integer());
    CHECK(codec::read(in, {}, out.happened_on));
    out.kind = TRY(in.text());
    out.organisation = TRY(in.text());
    out.actor = TRY(in.text());
    out.dossier = static_cast<std::uint64_t>(TRY(in.integer()));
    out.payload = in.rest();
    return out;
}

Result<Payload> decode_payload(std::string_view kind, std::string_view bytes) {
    return decode_kind(kind, bytes);
}

Result<Recorded> decode(std::string_view bytes) {
    const Envelope envelope = TRY(decode_envelope(bytes));
    Recorded out{envelope.seq, envelope.recorded_at,
                 Fact{envelope.happened_on, std::string(envelope.organisation), std::string(envelope.actor),
                      envelope.dossier, TRY(decode_payload(envelope.kind, envelope.payload))}};
    return out;
}

Result<void> check(const Fact& fact) {
    TextCheck checker;
    checker.text("organisation", fact.organisation);
    checker.text("actor", fact.actor);
    if (fact.actor.empty()) return Error{ErrorCode::field_missing, "a fact names its actor", "actor"};
    std::visit([&](const auto& payload) { std::decay_t<decltype(payload)>::fields(checker, payload); },
               fact.payload);
    return checker.result;
}

}  // namespace qingyuan::facts
