// Field names and CBV words. The words are those of CBV 2.0 and the ones that CBV 1.0 to 1.2 had and that old
// documents still carry.
#include "observe/epcis_words.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace qingyuan::observe {

namespace {

constexpr std::string_view field_names[] = {"type",
                                            "eventTime",
                                            "recordTime",
                                            "eventTimeZoneOffset",
                                            "eventID",
                                            "certificationInfo",
                                            "errorDeclaration",
                                            "action",
                                            "bizStep",
                                            "disposition",
                                            "persistentDisposition",
                                            "readPoint",
                                            "bizLocation",
                                            "bizTransactionList",
                                            "sourceList",
                                            "destinationList",
                                            "sensorElementList",
                                            "ilmd",
                                            "epcList",
                                            "quantityList",
                                            "parentID",
                                            "childEPCs",
                                            "childQuantityList",
                                            "inputEPCList",
                                            "inputQuantityList",
                                            "outputEPCList",
                                            "outputQuantityList",
                                            "transformationID",
                                            "@context"};

constexpr std::string_view meta_names[] = {
    "time",    "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod",
    "bizRules"};

constexpr std::string_view report_names[] = {"type",
                                             "exception",
                                             "deviceID",
                                             "deviceMetadata",
                                             "rawData",
                                             "dataProcessingMethod",
                                             "time",
                                             "microorganism",
                                             "chemicalSubstance",
                                             "value",
                                             "component",
                                             "stringValue",
                                             "booleanValue",
                                             "hexBinaryValue",
                                             "uriValue",
                                             "minValue",
                                             "maxValue",
                                             "meanValue",
                                             "sDev",
                                             "percRank",
                                             "percValue",
                                             "uom",
                                             "coordinateReferenceSystem",
                                             "bizRules"};
static_assert(std::size(report_names) == static_cast<std::size_t>(Report::count));
static_assert(std::size(meta_names) == static_cast<std::size_t>(Meta::count));
static_assert(std::size(field_names) == static_cast<std::size_t>(Field::none));

// Sorted, so that they can be searched.
constexpr std::string_view biz_steps[] = {"accepting",
                                          "arriving",
                                          "assembling",
                                          "collecting",
                                          "commissioning",
                                          "consigning",
                                          "creating_class_instance",
                                          "cycle_counting",
                                          "decommissioning",
                                          "departing",
                                          "destroying",
                                          "disassembling",
                                          "dispensing",
                                          "encoding",
                                          "entering_exiting",
                                          "holding",
                                          "inspecting",
                                          "installing",
                                          "killing",
                                          "loading",
                                          "other",
                                          "packing",
                                          "picking",
                                          "receiving",
                                          "removing",
                                          "repackaging",
                                          "repairing",
                                          "replacing",
                                          "reserving",
                                          "retail_selling",
                                          "sampling",
                                          "sensor_reporting",
                                          "shipping",
                                          "staging_outbound",
                                          "stock_taking",
                                          "stocking",
                                          "storing",
                                          "transporting",
                                          "unloading",
                                          "unpacking",
                                          "void_shipping"};
constexpr std::string_view dispositions[] = {"active",
                                             "available",
                                             "completeness_inferred",
                                             "completeness_verified",
                                             "conformant",
                                             "container_closed",
                                             "container_open",
                                             "damaged",
                                             "destroyed",
                                             "dispensed",
                                             "disposed",
                                             "encoded",
                                             "expired",
                                             "in_progress",
                                             "in_transit",
                                             "inactive",
                                             "mismatch_class",
                                             "mismatch_instance",
                                             "mismatch_quantity",
                                             "needs_replacement",
                                             "no_pedigree_match",
                                             "non_conformant",
                                             "non_sellable_damaged",
                                             "non_sellable_disposed",
                                             "non_sellable_expired",
                                             "non_sellable_no_pedigree_match",
                                             "non_sellable_other",
                                             "non_sellable_recalled",
                                             "partially_dispensed",
                                             "recalled",
                                             "reserved",
                                             "retail_sold",
                                             "returned",
                                             "sellable_accessible",
                                             "sellable_not_accessible",
                                             "sold",
                                             "stolen",
                                             "unavailable",
                                             "unknown"};
constexpr std::string_view transaction_types[] = {"bol",     "cert",    "desadv",    "inv",    "pedigree",
                                                  "po",      "poc",     "prodorder", "recadv", "rma",
                                                  "testprd", "testres", "upevt"};
constexpr std::string_view source_types[] = {"location", "owning_party", "possessing_party"};
constexpr std::string_view error_reasons[] = {"did_not_occur", "incorrect_data"};
constexpr std::string_view measurements[] = {"AbsoluteHumidity",
                                             "AbsorbedDose",
                                             "AbsorbedDoseRate",
                                             "Acceleration",
                                             "Altitude",
                                             "AmountOfSubstance",
                                             "AmountOfSubstancePerUnitVolume",
                                             "Angle",
                                             "AngularAcceleration",
                                             "AngularMomentum",
                                             "AngularVelocity",
                                             "Area",
                                             "Capacitance",
                                             "Conductance",
                                             "Conductivity",
                                             "Count",
                                             "Density",
                                             "Dimensionless",
                                             "DoseEquivalent",
                                             "DoseEquivalentRate",
                                             "DynamicViscosity",
                                             "ElectricCharge",
                                             "ElectricCurrent",
                                             "ElectricCurrentDensity",
                                             "ElectricFieldStrength",
                                             "Energy",
                                             "Exposure",
                                             "Force",
                                             "Frequency",
                                             "Illuminance",
                                             "Inductance",
                                             "Irradiance",
                                             "KinematicViscosity",
                                             "Length",
                                             "LinearMomentum",
                                             "Luminance",
                                             "LuminousFlux",
                                             "LuminousIntensity",
                                             "MagneticFlux",
                                             "MagneticFluxDensity",
                                             "MagneticVectorPotential",
                                             "Mass",
                                             "MassConcentration",
                                             "MassFlowRate",
                                             "MassPerAreaTime",
                                             "MemoryCapacity",
                                             "MolalityOfSolute",
                                             "MolarEnergy",
                                             "MolarMass",
                                             "MolarVolume",
                                             "Power",
                                             "Pressure",
                                             "RadiantFlux",
                                             "RadiantIntensity",
                                             "Radioactivity",
                                             "RelativeHumidity",
                                             "Resistance",
                                             "Resistivity",
                                             "SolidAngle",
                                             "SpecificVolume",
                                             "Speed",
                                             "SurfaceDensity",
                                             "SurfaceTension",
                                             "Temperature",
                                             "Time",
                                             "Torque",
                                             "Voltage",
                                             "Volume",
                                             "VolumeFlowRate",
                                             "VolumeFraction",
                                             "VolumetricFlux",
                                             "Wavenumber"};
constexpr std::string_view alerts[] = {"ALARM_CONDITION", "ERROR_CONDITION"};
constexpr std::string_view components[] = {"altitude",
                                           "axial_distance",
                                           "azimuth",
                                           "easting",
                                           "elevation_angle",
                                           "height",
                                           "latitude",
                                           "longitude",
                                           "northing",
                                           "polar_angle",
                                           "spherical_radius",
                                           "x",
                                           "y",
                                           "z"};
static_assert(std::ranges::is_sorted(biz_steps) && std::ranges::is_sorted(dispositions) &&
              std::ranges::is_sorted(measurements) && std::ranges::is_sorted(transaction_types) &&
              std::ranges::is_sorted(components));

struct VocabularyRow {
    std::string_view tag;  ///< BizStep- in https://ref.gs1.org/cbv/BizStep-receiving
    std::string_view web;
    std::string_view urn;
    std::span<const std::string_view> words;
};

const VocabularyRow& row(Vocabulary vocabulary) {
    static const std::array<VocabularyRow, 8> rows = {{
        {"BizStep-", "https://ref.gs1.org/cbv/BizStep-", "urn:epcglobal:cbv:bizstep:", biz_steps},
        {"Disp-", "https://ref.gs1.org/cbv/Disp-", "urn:epcglobal:cbv:disp:", dispositions},
        {"BTT-", "https://ref.gs1.org/cbv/BTT-", "urn:epcglobal:cbv:btt:", transaction_types},
        {"SDT-", "https://ref.gs1.org/cbv/SDT-", "urn:epcglobal:cbv:sdt:", source_types},
        {"ER-", "https://ref.gs1.org/cbv/ER-", "urn:epcglobal:cbv:er:", error_reasons},
        {"", "https://gs1.org/voc/", "", measurements},
        {"", "https://gs1.org/voc/", "", alerts},
        {"Comp-", "https://ref.gs1.org/cbv/Comp-", "", components},
    }};
    return rows[static_cast<std::size_t>(vocabulary)];
}

/// Where the CBV's own spellings of a vocabulary begin; the bare word follows.
bool strip(std::string_view& text, std::string_view beginning) {
    if (!text.starts_with(beginning)) return false;
    text.remove_prefix(beginning.size());
    return true;
}

bool strip_own(const VocabularyRow& of, std::string_view& text) {
    if (!of.urn.empty() && strip(text, of.urn)) return true;
    if (of.tag.empty()) {  // the GS1 Web Vocabulary; the draft wrote MT- before a measurement
        for (const std::string_view home :
             {"https://gs1.org/voc/", "https://www.gs1.org/voc/", "https://ref.gs1.org/voc/",
              "http://gs1.org/voc/", "http://www.gs1.org/voc/", "gs1:"}) {
            if (strip(text, home)) return strip(text, "MT-") || true;
        }
        return false;
    }
    for (const std::string_view home :
         {"https://ref.gs1.org/cbv/", "cbv:", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/"}) {
        if (text.starts_with(home) && text.substr(home.size()).starts_with(of.tag)) {
            text.remove_prefix(home.size() + of.tag.size());
            return true;
        }
    }
    return false;
}

bool in_cbv_space(std::string_view text) {
    for (const std::string_view home :
         {"urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:disp:", "urn:epcglobal:cbv:btt:",
          "urn:epcglobal:cbv:sdt:", "urn:epcglobal:cbv:er:", "https://ns.gs1.org/cbv/",
          "http://ns.gs1.org/cbv/"}) {
        if (text.starts_with(home)) return true;
    }
    return false;
}

/// A table from names to indices: open addressing over a hash of the length and three characters.
template <std::size_t N>
class Names {
 public:
    explicit Names(const std::string_view (&names)[N]) : names_(names) {
        slots_.fill(0);
        for (std::size_t i = 0; i < N; ++i) {
            std::size_t at = hash(names[i]);
            while (slots_[at] != 0) at = (at + 1) % slots_.size();
            slots_[at] = static_cast<std::uint8_t>(i + 1);
        }
    }
    /// N where there is no such name.
    [[nodiscard]] std::size_t find(std::string_view name) const {
        if (name.empty()) return N;
        for (std::size_t at = hash(name); slots_[at] != 0; at = (at + 1) % slots_.size()) {
            if (names_[slots_[at] - 1U] == name) return slots_[at] - 1U;
        }
        return N;
    }

 private:
    static std::size_t hash(std::string_view name) {
        const auto at = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
        return (name.size() * 31U + at(0) * 7U + at(name.size() / 2) * 3U + at(name.size() - 1)) % 128U;
    }
    std::span<const std::string_view> names_;
    std::array<std::uint8_t, 128> slots_{};
};

}  // namespace

Field find_field(std::string_view name) {
    static const Names table(field_names);
    return static_cast<Field>(table.find(name));
}
std::string_view name_of(Field field) {
    return field == Field::none ? std::string_view{} : field_names[static_cast<std::size_t>(field)];
}
std::string_view name_of(Meta field) {
    return meta_names[static_cast<std::size_t>(field)];
}
std::string_view name_of(Report field) {
    return report_names[static_cast<std::size_t>(field)];
}

std::optional<Meta> find_meta(std::string_view name) {
    static const Names table(meta_names);
    const std::size_t found = table.find(name);
    if (found == std::size(meta_names)) return std::nullopt;
    return static_cast<Meta>(found);
}

std::optional<Report> find_report(std::string_view name) {
    static const Names table(report_names);
    const std::size_t found = table.find(name);
    if (found == std::size(report_names)) return std::nullopt;
    return static_cast<Report>(found);
}

std::optional<EventType> find_event_type(std::string_view name) {
    for (const EventType type : {EventType::object, EventType::aggregation, EventType::transaction,
                                 EventType::transformation, EventType::association}) {
        if (text_of(type) == name) return type;
    }
    return std::nullopt;
}

bool may_have(EventType event, Field field) {
    using enum Field;
    switch (field) {
        case action: return event != EventType::transformation;
        case ilmd: return event == EventType::object || event == EventType::transformation;
        case epcs:
        case quantities: return event == EventType::object || event == EventType::transaction;
        case parent_id: return event != EventType::object && event != EventType::transformation;
        case children:
        case child_quantities: return event == EventType::aggregation || event == EventType::association;
        case inputs:
        case input_quantities:
        case outputs:
        case output_quantities:
        case transformation_id: return event == EventType::transformation;
        default: return true;
    }
}

WordForm read_word(Vocabulary vocabulary, std::string_view text, Word& word) {
    word = {text, {}};
    const VocabularyRow& of = row(vocabulary);
    std::string_view bare = text;
    const bool own = strip_own(of, bare);
    if (own || text.find(':') == std::string_view::npos) {
        const auto found = std::ranges::lower_bound(of.words, bare);
        if (found != of.words.end() && *found == bare) {
            word.cbv = *found;
            return WordForm::known;
        }
        return own ? WordForm::unknown : WordForm::not_a_uri;
    }
    if (!of.tag.empty() && in_cbv_space(text)) return WordForm::unknown;
    return is_uri(text) ? WordForm::foreign : WordForm::not_a_uri;
}

std::string_view own_word(Vocabulary vocabulary, std::string_view text) {
    if (strip_own(row(vocabulary), text) || text.find(':') == std::string_view::npos) return text;
    return {};
}

std::string_view web_prefix(Vocabulary vocabulary) {
    return row(vocabulary).web;
}
std::string_view urn_prefix(Vocabulary vocabulary) {
    return row(vocabulary).urn;
}

std::string_view well_known_prefix(std::string_view name) {
    struct Row {
        std::string_view name, uri;
    };
    static constexpr Row rows[] = {{"gs1", "https://gs1.org/voc/"},
                                   {"cbv", "https://ref.gs1.org/cbv/"},
                                   {"epcis", "https://ref.gs1.org/epcis/"},
                                   {"cbvmda", "urn:epcglobal:cbv:mda:"},
                                   {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
                                   {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
                                   {"owl", "http://www.w3.org/2002/07/owl#"},
                                   {"xsd", "http://www.w3.org/2001/XMLSchema#"},
                                   {"dcterms", "http://purl.org/dc/terms/"}};
    for (const Row& known : rows) {
        if (known.name == name) return known.uri;
    }
    return {};
}

bool is_uri_scheme(std::string_view name) {
    for (const std::string_view scheme : {"urn", "http", "https", "ni", "geo", "tag", "data", "mailto", "tel",
                                          "ftp", "file", "did", "oid", "ws", "wss", "doi", "info"}) {
        if (scheme == name) return true;
    }
    return false;
}

std::string_view expand_prefix(std::span<const Prefix> prefixes, std::string_view text,
                               std::string_view& rest) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    const std::string_view name = text.substr(0, colon);
    rest = text.substr(colon + 1);
    if (rest.starts_with("//") || is_uri_scheme(name)) return {};
    if (name == "gs1" || name == "cbv" || name == "epcis")
        return well_known_prefix(name);                                           // whatever is declared
    for (auto prefix = prefixes.rbegin(); prefix != prefixes.rend(); ++prefix) {  // the innermost wins
        if (prefix->name == name) return prefix->uri;
    }
    return well_known_prefix(name);
}

}  // namespace qingyuan::observe
