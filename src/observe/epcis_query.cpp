// The parameters of SimpleEventQuery. A stored query is no event, but a document that holds one is only
// accepted when a repository would accept it.
#include <algorithm>

#include "observe/epcis_read.hpp"
#include "observe/epcis_words.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view names[] = {"eventType",
                                      "GE_eventTime",
                                      "LT_eventTime",
                                      "GE_recordTime",
                                      "LT_recordTime",
                                      "EQ_action",
                                      "EQ_bizStep",
                                      "EQ_disposition",
                                      "EQ_persistentDisposition_set",
                                      "EQ_persistentDisposition_unset",
                                      "EQ_setPersistentDisposition",
                                      "EQ_unsetPersistentDisposition",
                                      "EQ_readPoint",
                                      "WD_readPoint",
                                      "EQ_bizLocation",
                                      "WD_bizLocation",
                                      "EQ_transformationID",
                                      "MATCH_epc",
                                      "MATCH_parentID",
                                      "MATCH_inputEPC",
                                      "MATCH_outputEPC",
                                      "MATCH_anyEPC",
                                      "MATCH_epcClass",
                                      "MATCH_inputEPCClass",
                                      "MATCH_outputEPCClass",
                                      "MATCH_anyEPCClass",
                                      "EQ_quantity",
                                      "GT_quantity",
                                      "GE_quantity",
                                      "LT_quantity",
                                      "LE_quantity",
                                      "EQ_eventID",
                                      "EXISTS_errorDeclaration",
                                      "GE_errorDeclarationTime",
                                      "LT_errorDeclarationTime",
                                      "GE_errorDeclaration_Time",
                                      "LT_errorDeclaration_Time",
                                      "EQ_errorReason",
                                      "EQ_correctiveEventID",
                                      "orderBy",
                                      "orderDirection",
                                      "eventCountLimit",
                                      "maxEventCount",
                                      "GE_startTime",
                                      "LT_startTime",
                                      "GE_endTime",
                                      "LT_endTime",
                                      "EQ_type",
                                      "EQ_deviceID",
                                      "EQ_dataProcessingMethod",
                                      "EQ_microorganism",
                                      "EQ_chemicalSubstance",
                                      "EQ_bizRules",
                                      "EQ_stringValue",
                                      "EQ_booleanValue",
                                      "EQ_hexBinaryValue",
                                      "EQ_uriValue",
                                      "GE_percRank",
                                      "LT_percRank",
                                      "includeMasterData",
                                      "includeAttributes",
                                      "includeChildren",
                                      "vocabularyName",
                                      "EQ_name",
                                      "WD_name",
                                      "HASATTR",
                                      "attributeNames",
                                      "maxElementCount",
                                      "perPage",
                                      "nextPageToken",
                                      "GS1-EPCIS-Version"};

/// Those that go on with a name of the asker's: a transaction type, an extension, an attribute, a unit.
constexpr std::string_view beginnings[] = {"EQ_bizTransaction_",
                                           "EQ_source_",
                                           "EQ_destination_",
                                           "EQ_ILMD_",
                                           "GT_ILMD_",
                                           "GE_ILMD_",
                                           "LT_ILMD_",
                                           "LE_ILMD_",
                                           "EXISTS_ILMD_",
                                           "EQ_INNER_",
                                           "GT_INNER_",
                                           "GE_INNER_",
                                           "LT_INNER_",
                                           "LE_INNER_",
                                           "EXISTS_INNER_",
                                           "EQ_SENSORELEMENT_",
                                           "EQ_SENSORMETADATA_",
                                           "EQ_SENSORREPORT_",
                                           "EXISTS_SENSORELEMENT_",
                                           "EXISTS_SENSORMETADATA_",
                                           "EXISTS_SENSORREPORT_",
                                           "EQ_readPoint_",
                                           "EQ_bizLocation_",
                                           "EQ_ERROR_DECLARATION_",
                                           "GT_ERROR_DECLARATION_",
                                           "GE_ERROR_DECLARATION_",
                                           "LT_ERROR_DECLARATION_",
                                           "LE_ERROR_DECLARATION_",
                                           "EXISTS_ERROR_DECLARATION_",
                                           "HASATTR_",
                                           "EQATTR_",
                                           "EQ_value_",
                                           "GT_value_",
                                           "GE_value_",
                                           "LT_value_",
                                           "LE_value_",
                                           "EQ_minValue_",
                                           "GE_minValue_",
                                           "EQ_maxValue_",
                                           "EQ_meanValue_",
                                           "EQ_sDev_",
                                           "EQ_percValue_"};

}  // namespace

bool is_query_parameter(std::string_view name) {
    if (std::ranges::find(names, name) != std::end(names)) return true;
    if (std::ranges::any_of(beginnings, [&](std::string_view with) {
            return name.starts_with(with) && name.size() > with.size();
        })) {
        return true;
    }
    // An extension's own name is a URI or a compact one: EQ_example:myField.
    const std::size_t bar = name.find('_');
    if (bar == std::string_view::npos || name.find(':', bar) == std::string_view::npos) return false;
    const std::string_view verb = name.substr(0, bar);
    return verb == "EQ" || verb == "GT" || verb == "GE" || verb == "LT" || verb == "LE" || verb == "EXISTS";
}

Result<void> check_query_value(std::string_view name, std::string_view value) {
    bool good = true;
    if (name.ends_with("Time") && name.find('_') == 2) {  // GE_eventTime, LT_recordTime, …
        good = parse_time_stamp(value, Seconds::optional).has_value();
    } else if (name == "EQ_action") {
        good = value == text_of(Action::add) || value == text_of(Action::observe) ||
               value == text_of(Action::remove);
    } else if (name == "eventType") {
        good = find_event_type(value).has_value() || is_uri(value);
    } else if (name == "orderDirection") {
        good = value == "ASC" || value == "DESC";
    } else if (name == "eventCountLimit" || name == "maxEventCount" || name == "perPage" ||
               name == "maxElementCount") {
        good = !value.empty() && value.size() < 10 &&
               std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    } else if (name.ends_with("_quantity")) {
        good = is_decimal(value, EpcisLimits{}.number_characters);
    }
    if (good) return {};
    return epcis_error(ErrorCode::epcis_query_invalid,
                       "'" + std::string(value.substr(0, 120)) + "' is no value for " + std::string(name));
}

}  // namespace qingyuan::observe
