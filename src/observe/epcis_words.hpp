// The words of EPCIS and of the Core Business Vocabulary: field names, CBV values in their four spellings
// (bare word, URN, Web URI, compact URI), and the forms of times, numbers and URIs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "observe/epcis.hpp"

namespace qingyuan::observe {

/// The fields of an event.
enum class Field : std::uint8_t {
    type,
    event_time,
    record_time,
    offset,
    event_id,
    certification_info,
    error_declaration,
    action,
    biz_step,
    disposition,
    persistent_disposition,
    read_point,
    biz_location,
    biz_transactions,
    sources,
    destinations,
    sensors,
    ilmd,
    epcs,
    quantities,
    parent_id,
    children,
    child_quantities,
    inputs,
    input_quantities,
    outputs,
    output_quantities,
    transformation_id,
    context,
    none
};

[[nodiscard]] Field find_field(std::string_view name);
[[nodiscard]] std::string_view name_of(Field field);
[[nodiscard]] std::optional<Meta> find_meta(std::string_view name);
[[nodiscard]] std::optional<Report> find_report(std::string_view name);
[[nodiscard]] std::string_view name_of(Meta field);
[[nodiscard]] std::string_view name_of(Report field);
[[nodiscard]] std::optional<EventType> find_event_type(std::string_view name);
[[nodiscard]] bool may_have(EventType event, Field field);  ///< EPCIS 2.0, 7.4

/// The vocabularies of CBV 2.0, section 7, and the measurement words of the GS1 Web Vocabulary.
enum class Vocabulary : std::uint8_t {
    biz_step,
    disposition,
    transaction_type,
    source_type,
    error_reason,
    measurement,
    alert,
    component
};

enum class WordForm : std::uint8_t {
    known,      ///< a CBV word, `cbv` is set
    foreign,    ///< a URI of another vocabulary
    unknown,    ///< in the CBV's own name space, but no word of it
    not_a_uri,  ///< neither a word of the CBV nor a URI
};
/// Finds the CBV word behind a text.
[[nodiscard]] WordForm read_word(Vocabulary vocabulary, std::string_view text, Word& word);
/// The bare word of a text in one of the vocabulary's own spellings, known or not; "" for a foreign URI.
[[nodiscard]] std::string_view own_word(Vocabulary vocabulary, std::string_view text);
/// The Web URI's beginning of a vocabulary: https://ref.gs1.org/cbv/BizStep-
[[nodiscard]] std::string_view web_prefix(Vocabulary vocabulary);
[[nodiscard]] std::string_view urn_prefix(
    Vocabulary vocabulary);  ///< urn:epcglobal:cbv:bizstep: ; "" if none

/// The prefixes that need no declaration: gs1, cbv, epcis, cbvmda, …; "" for an unknown one.
[[nodiscard]] std::string_view well_known_prefix(std::string_view name);
/// Is it the scheme of a URI, so that `name:rest` is never a compact URI: urn, http, ni, geo, …
[[nodiscard]] bool is_uri_scheme(std::string_view name);
/// The URI that a prefix stands for; "" if the text has no declared prefix. `rest` is what follows the colon.
[[nodiscard]] std::string_view expand_prefix(std::span<const Prefix> prefixes, std::string_view text,
                                             std::string_view& rest);

/// An absolute URI or IRI (RFC 3986, 3987): a scheme, a colon, something, nothing forbidden.
[[nodiscard]] bool is_uri(std::string_view text);
/// xsd:dateTimeStamp: a real date with a time zone. epcis_field_invalid otherwise. XML documents of the field
/// leave out the seconds of a declaration time.
enum class Seconds : std::uint8_t { required, optional };
[[nodiscard]] Result<TimeStamp> parse_time_stamp(std::string_view text, Seconds seconds = Seconds::required);
/// +hh:mm or -hh:mm up to 14:00 (EPCIS 2.0, 7.3.3); minutes east of UTC.
[[nodiscard]] Result<int> parse_offset(std::string_view text);
/// A decimal number, with an exponent or not, of at most `max` characters.
[[nodiscard]] bool is_decimal(std::string_view text, std::size_t max);

/// "…: code: message" helpers of the readers: an input error about an EPCIS document.
[[nodiscard]] Error epcis_error(ErrorCode code, std::string message, std::string_view where = {});
/// The same error, its place below `where`.
[[nodiscard]] Error below(std::string_view where, Error error);

}  // namespace qingyuan::observe
