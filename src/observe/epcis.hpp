// EPCIS events as they are read from JSON or XML, 1.2 or 2.0: what, when, where, why and how, with every
// extension of the sender. All text lies in the document or in the reader's memory and lives until the
// callback returns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::observe {

enum class EpcisFormat : std::uint8_t { json, xml };

enum class EventType : std::uint8_t { object, aggregation, transaction, transformation, association };
[[nodiscard]] std::string_view text_of(EventType type);  ///< "ObjectEvent" …

enum class Action : std::uint8_t { none, add, observe, remove };
[[nodiscard]] std::string_view text_of(Action action);  ///< "ADD", "OBSERVE", "DELETE"; "" for none

/// A value of a vocabulary: as written, and its bare CBV word ("receiving") where it is one in any spelling.
struct Word {
    std::string_view text;
    std::string_view cbv;  ///< static storage; "" for a word of somebody else's vocabulary
    [[nodiscard]] bool empty() const { return text.empty(); }
    [[nodiscard]] std::string_view value() const { return cbv.empty() ? text : cbv; }
};

/// One extension element or attribute. `space` is the namespace ("" where none is known).
struct Node {
    std::string_view space;
    std::string_view name;
    std::string_view text;
    std::int32_t first_child = -1;
    std::int32_t last_child = -1;
    std::int32_t next = -1;
    bool ignored = false;  ///< comments, and what the document lists under ignoreFields: not part of the hash
};

/// A chain of nodes in Event::nodes, linked by `next`.
struct Siblings {
    std::int32_t first = -1;
    std::int32_t last = -1;
    [[nodiscard]] bool empty() const { return first < 0; }
};

struct Quantity {
    std::string_view epc_class;
    std::string_view quantity;  ///< a decimal number as written; "" where none is given
    std::string_view uom;
};

/// A business transaction, a source or a destination.
struct TypedId {
    Word type;
    std::string_view id;
};

struct Place {
    std::string_view id;
    Siblings extensions;
};

struct TimeStamp {
    std::int64_t ms = 0;  ///< milliseconds since 1970-01-01T00:00:00Z, the fourth decimal rounded half up
    bool present = false;
};

struct ErrorDeclaration {
    bool present = false;
    TimeStamp declared_at;
    Word reason;
    std::vector<std::string_view> corrective_event_ids;
    Siblings extensions;
};

/// The fields of sensorMetadata, in the order of the event hash.
enum class Meta : std::uint8_t {
    time,
    start_time,
    end_time,
    device_id,
    device_metadata,
    raw_data,
    data_processing_method,
    biz_rules,
    count
};

/// The fields of sensorReport, in the order of the event hash.
enum class Report : std::uint8_t {
    type,
    exception,
    device_id,
    device_metadata,
    raw_data,
    data_processing_method,
    time,
    microorganism,
    chemical_substance,
    value,
    component,
    string_value,
    boolean_value,
    hex_binary_value,
    uri_value,
    min_value,
    max_value,
    mean_value,
    s_dev,
    perc_rank,
    perc_value,
    uom,
    coordinate_reference_system,
    biz_rules,
    count
};

struct SensorReport {
    std::array<std::string_view, static_cast<std::size_t>(Report::count)> fields;
    Siblings extensions;
    [[nodiscard]] std::string_view get(Report field) const { return fields[static_cast<std::size_t>(field)]; }
};

struct SensorElement {
    std::array<std::string_view, static_cast<std::size_t>(Meta::count)> metadata;
    Siblings metadata_extensions;
    Siblings extensions;
    std::uint32_t first_report = 0;  ///< in Event::sensor_reports
    std::uint32_t report_count = 0;
};

/// A prefix that the document declares for compact URIs.
struct Prefix {
    std::string_view name;
    std::string_view uri;
};

struct Event {
    EventType type = EventType::object;
    // when
    TimeStamp event_time;
    TimeStamp record_time;
    std::string_view offset;  ///< eventTimeZoneOffset as written: +08:00
    int offset_minutes = 0;
    // what
    std::string_view event_id, parent_id, transformation_id;
    std::vector<std::string_view> epcs, children, inputs, outputs;
    std::vector<Quantity> quantities, child_quantities, input_quantities, output_quantities;
    // why
    Action action = Action::none;
    Word biz_step, disposition;
    std::vector<Word> set, unset;  ///< persistentDisposition
    std::vector<TypedId> transactions, sources, destinations;
    std::vector<std::string_view> certifications;
    ErrorDeclaration error;
    // where
    Place read_point, biz_location;
    // how
    std::vector<SensorElement> sensors;
    std::vector<SensorReport> sensor_reports;
    // what the sender added
    Siblings ilmd, extensions;
    std::vector<Node> nodes;
    std::span<const Prefix> prefixes;  ///< for compact URIs among the values
    std::uint64_t fields = 0;  ///< which fields the document has: bit n for Field n of epcis_words.hpp

    void clear();  ///< empties the event and keeps its memory
    /// Appends a node to a chain; its index.
    std::int32_t append(Siblings& chain, const Node& node);
    /// Appends a child to a node; its index.
    std::int32_t append_child(std::int32_t parent, const Node& node);
};

/// What a document says of itself.
struct EpcisDocument {
    std::string root;            ///< EPCISDocument, a bare event's type, … ; "" for JSON without a type
    std::string schema_version;  ///< "" where none is given
    bool schema_version_is_number = false;
    std::string creation_date;
    std::size_t events = 0;
};

/// Limits against hostile documents. Each is refused by name when it is passed.
struct EpcisLimits {
    std::size_t document_bytes = std::size_t{128} << 20;  ///< too_large
    std::size_t depth = 64;                               ///< nesting_too_deep: levels inside one event
    std::size_t event_values = 1'000'000;  ///< too_large: values of one event, its EPCs included
    std::size_t prefixes = 200;            ///< too_large: namespaces of a document; fields it ignores
    std::size_t number_characters = 64;    ///< number_invalid: digits of one number
};

/// What is called for each event in the order of the document. An error stops the reading and is returned.
using EventSink = std::function<Result<void>(const Event&)>;

/// Reads a document and hands over its events one by one. JSON: EPCIS 2.0 capture and query documents, bare
/// events and arrays of them, in the final and in the draft ("simple") context. XML: EPCIS 1.0–1.2 and 2.0
/// capture, query and master data documents and bare events. Errors: docs/formats/epcis.md. A document that
/// is refused may have handed over earlier events: the caller keeps none of them.
[[nodiscard]] Result<EpcisDocument> read_epcis(EpcisFormat format, std::string_view bytes,
                                               const EpcisLimits& limits, const EventSink& sink);

}  // namespace qingyuan::observe
