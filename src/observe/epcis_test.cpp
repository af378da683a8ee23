// EPCIS documents of our own: what is read, what is refused and under which name, in JSON and in XML; hostile
// input.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "observe/documents_test.hpp"

namespace qingyuan::observe {
namespace {

const std::filesystem::path examples = std::filesystem::path(QINGYUAN_SOURCE_DIR) / "src/observe/examples";

constexpr const char* valid_event =
    R"("type":"ObjectEvent","eventTime":"2025-07-05T09:19:19+08:00","eventTimeZoneOffset":"+08:00",)"
    R"("epcList":["urn:epc:id:sgtin:6901234.012345.1"],"action":"OBSERVE")";

constexpr const char* context =
    R"("@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"q":"https://q.example/"}],)";

std::string document(const std::string& event, const std::string& head = "") {
    return std::string("{") + context +
           R"("type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2025-07-05T10:00:00Z",)" + head +
           R"("epcisBody":{"eventList":[{)" + event + "}]}}";
}

std::string xml(const std::string& event, const std::string& type = "ObjectEvent") {
    return R"(<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" xmlns:q="https://q.example/" )"
           R"(schemaVersion="2.0" creationDate="2025-07-05T10:00:00Z"><EPCISBody><EventList><)" +
           type + ">" + event + "</" + type + "></EventList></EPCISBody></e:EPCISDocument>";
}

constexpr const char* xml_when =
    "<eventTime>2025-07-05T09:19:19+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>";
constexpr const char* xml_what = "<epcList><epc>urn:epc:id:sgtin:6901234.012345.1</epc></epcList>";
constexpr const char* xml_why = "<action>OBSERVE</action>";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

/// The code of the refusal, or "read"; a refusal says what and is an input error.
std::string outcome(EpcisFormat format, std::string_view bytes, const EpcisLimits& limits = {}) {
    const auto read = read_all(format, bytes, limits);
    if (read) return "read";
    EXPECT_FALSE(read.error().message.empty());
    EXPECT_EQ(read.error().info().kind, ErrorKind::input);
    return std::string(read.error().info().name);
}

TEST(Epcis, OurExampleInBothSyntaxes) {
    const auto json = read_all(examples / "packing.json");
    const auto other = read_all(examples / "packing.xml");
    ASSERT_TRUE(json) << json.error().text();
    ASSERT_TRUE(other) << other.error().text();
    // The reference program of the algorithm gives the same two for packing.xml.
    const std::vector<std::string> golden = {
        "ni:///sha-256;595cbc5282a20d8eb73fdc6b56e2d14d16419bbf8b55fd3b54d2f42e0d1d089e?ver=CBV2.0",
        "ni:///sha-256;586b6431439fc6727606bf308b67b160d4693ff5f4282c5a96ff79fc37d70329?ver=CBV2.0"};
    EXPECT_EQ(json->hash_ids, golden);
    EXPECT_EQ(other->hash_ids, golden);
    EXPECT_EQ(json->document.root, "EPCISDocument");
    EXPECT_EQ(json->document.schema_version, "2.0");
    EXPECT_EQ(json->document.events, 2U);
}

TEST(Epcis, TheExampleOfTheDocumentation) {
    const std::string text = bytes_of(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "docs/formats/epcis.md");
    const std::size_t begin = text.find("```example epcis\n") + 17;
    const std::size_t line = text.find('\n', begin);
    const auto read = read_all(examples / "packing.json");
    ASSERT_TRUE(read);
    EXPECT_EQ(text.substr(begin, line - begin), read->pre_hashes.at(1));
    EXPECT_EQ(text.substr(line + 1, text.find('\n', line + 1) - line - 1), read->hash_ids.at(1));
}

TEST(Epcis, TheWholeEventIsThere) {
    std::size_t index = 0;
    const auto read =
        read_epcis(EpcisFormat::json, bytes_of(examples / "packing.json"), {}, [&](const Event& event) {
            if (index++ > 0) return Result<void>{};
            EXPECT_EQ(event.event_time.ms, 1751678359500);
            EXPECT_EQ(event.offset_minutes, 480);
            EXPECT_EQ(event.biz_step.cbv, "commissioning");
            EXPECT_EQ(event.epcs.size(), 2U);
            EXPECT_EQ(event.quantities.at(0).quantity, "2.50");
            EXPECT_EQ(event.sensor_reports.at(0).get(Report::value), "4.0");
            const Node& batch = event.nodes.at(static_cast<std::size_t>(event.ilmd.first));
            EXPECT_EQ(batch.space, "https://ns.example.cn/epcis/");
            EXPECT_EQ(batch.name, "batch");
            EXPECT_EQ(batch.text, "B2507");
            return Result<void>{};
        });
    EXPECT_TRUE(read);
    EXPECT_EQ(index, 2U);
}

TEST(Epcis, OneWordInEverySpelling) {
    std::vector<std::string> ids;
    for (const char* step : {"shipping", "cbv:BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping",
                             "https://ref.gs1.org/cbv/BizStep-shipping"}) {
        const auto json =
            read_all(EpcisFormat::json, document(valid_event + std::string(R"(,"bizStep":")") + step + "\""));
        const auto other = read_all(EpcisFormat::xml, xml(std::string(xml_when) + xml_what + xml_why +
                                                          "<bizStep>" + step + "</bizStep>"));
        ASSERT_TRUE(json && other) << step;
        ids.push_back(json->hash_ids.at(0));
        ids.push_back(other->hash_ids.at(0));
    }
    for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
}

TEST(Epcis, RefusalsInJson) {
    const std::string good = document(valid_event);
    ASSERT_EQ(outcome(EpcisFormat::json, good), "read");
    const auto with = [&](const char* what, const char* by) { return replaced(good, what, by); };
    const auto more = [&](const char* field) { return document(valid_event + std::string(",") + field); };
    const std::pair<std::string, const char*> rows[] = {
        {with(R"("eventTime":"2025-07-05T09:19:19+08:00",)", ""), "epcis_field_missing"},
        {with(R"("eventTimeZoneOffset":"+08:00",)", ""), "epcis_field_missing"},
        {with(R"(,"action":"OBSERVE")", ""), "epcis_field_missing"},
        {with(R"("type":"ObjectEvent",)", ""), "epcis_field_missing"},
        {with(R"("epcList":["urn:epc:id:sgtin:6901234.012345.1"],)", ""), "epcis_field_missing"},
        {with("OBSERVE", "observe"), "epcis_field_invalid"},
        {with("ObjectEvent", "QuantityEvent"), "epcis_event_unknown"},
        {with("ObjectEvent", "q:Mine"), "epcis_event_unknown"},
        {with("09:19:19+08:00", "09:19:19"), "epcis_field_invalid"},
        {with("07-05T09", "02-30T09"), "epcis_field_invalid"},
        {with("T09:19", "T25:19"), "epcis_field_invalid"},
        {with("2025-07-05T09:19:19+08:00", "NaN"), "epcis_field_invalid"},
        {with(R"(Offset":"+08:00")", R"(Offset":"+8")"), "epcis_field_invalid"},
        {with(R"(Offset":"+08:00")", R"(Offset":"+14:30")"), "epcis_field_invalid"},
        {with(R"(Offset":"+08:00")", R"(Offset":"Z")"), "epcis_field_invalid"},
        {with("urn:epc:id:sgtin:6901234.012345.1", "1234"), "epcis_field_invalid"},
        {with("urn:epc:id:sgtin:6901234.012345.1", "urn:epc:id:sgtin:6901234.12345.1"),
         "epcis_field_invalid"},
        {with(R"(["urn:epc:id:sgtin:6901234.012345.1"])", R"(["a:b","a:b"])"), "epcis_field_invalid"},
        {with(R"(["urn:epc:id:sgtin:6901234.012345.1"])", R"("a:b")"), "epcis_field_invalid"},
        {with(R"(["urn:epc:id:sgtin:6901234.012345.1"])", "[7]"), "epcis_field_invalid"},
        {more(R"("bizStep":"transforming")"), "epcis_word_unknown"},
        {more(R"("bizStep":"urn:epcglobal:cbv:bizstep:transforming")"), "epcis_word_unknown"},
        {more(R"("bizStep":"https://my.example/step")"), "read"},
        {more(R"("disposition":"in_transport")"), "epcis_word_unknown"},
        {more(R"("sourceList":[{"type":"place","source":"urn:epc:id:pgln:6901234.00000"}])"),
         "epcis_word_unknown"},
        {more(R"("sourceList":[{"source":"urn:epc:id:pgln:6901234.00000"}])"), "epcis_field_missing"},
        {more(R"("bizTransactionList":[{"type":"po"}])"), "epcis_field_missing"},
        {more(R"("bizTransactionList":[{"type":"po","bizTransaction":"a:b","x":1}])"), "epcis_field_unknown"},
        {more(R"("quantityList":[{"epcClass":"a:b","quantity":"twenty"}])"), "epcis_field_invalid"},
        {more(R"("quantityList":[{"epcClass":"a:b","quantity":1,"weight":2}])"), "epcis_field_unknown"},
        {more(R"("quantityList":[{"quantity":1}])"), "epcis_field_missing"},
        {more(R"("quantityList":[{"epcClass":"a:b","quantity":1,"uom":"kilo"}])"), "epcis_field_invalid"},
        {more(R"("quantityList":[{"epcClass":"a:b","quantity":1e999}])"), "number_invalid"},
        {more(R"("ilmd":{"q:a":"b"})"), "epcis_field_unknown"},
        {more(R"("myField":"x")"), "epcis_field_unknown"},
        {more(R"("q:myField":{"any":[1,null,true,{"x":"y"}]})"), "read"},
        {more(R"("parentID":"urn:epc:id:sscc:6901234.0000000018")"), "epcis_field_unknown"},
        {more(R"("readPoint":{})"), "epcis_field_invalid"},
        {more(R"("readPoint":"urn:epc:id:sgln:6901234.00001.0")"), "epcis_field_invalid"},
        {more(R"("sensorElementList":[{"sensorMetadata":{}}])"), "epcis_field_missing"},
        {more(R"("sensorElementList":[{"sensorReport":[{"type":"Mass","value":"1"}]}])"),
         "epcis_field_invalid"},
        {more(R"("sensorElementList":[{"sensorReport":[{"type":"Mass","time":"now"}]}])"),
         "epcis_field_invalid"},
        {more(R"("sensorElementList":[{"sensorReport":[{"hexBinaryValue":"0xg"}]}])"), "epcis_field_invalid"},
        {more(R"("errorDeclaration":{"reason":"incorrect_data"})"), "epcis_field_missing"},
        {more(R"("persistentDisposition":{})"), "epcis_field_missing"},
        {more(R"("certificationInfo":[{"a":"b"}])"), "epcis_field_invalid"},
        {more(R"("action":"ADD")"), "key_repeated"},
        {more(R"("q:a":1,"q:a":2)"), "key_repeated"},
        {with(context, ""), "epcis_field_missing"},
        {with(R"("schemaVersion":"2.0",)", ""), "epcis_field_missing"},
        {with(R"("epcisBody":{"eventList")", R"("epcisBody":{"events")"), "epcis_field_missing"},
        {with("EPCISDocument", "EPCISMessage"), "epcis_document_unknown"},
        {R"({"eventType":["ObjectEvent"],"GE_eventTime":"2026-01-01T00:00:00Z","EQ_bizStep":["shipping"]})",
         "read"},
        {R"({"eventType":["ObjectEvent"],"GE_eventDate":"2026-01-01T00:00:00Z"})", "epcis_query_invalid"},
        {R"({"eventType":["ObjectEvent"],"EQ_action":["SHIPPED"]})", "epcis_query_invalid"},
        {R"({"a":1})", "epcis_document_unknown"},
        {"[]", "read"},
        {"[{" + std::string(valid_event) + "},{" + valid_event + "}]", "read"},
        {"[1]", "epcis_field_invalid"},
        {"7", "epcis_document_unknown"},
    };
    for (const auto& [bytes, code] : rows) EXPECT_EQ(outcome(EpcisFormat::json, bytes), code) << bytes;
}

TEST(Epcis, RefusalsInXml) {
    const std::string all = std::string(xml_when) + xml_what + xml_why;
    const auto more = [&](const char* field) { return xml(all + field); };
    const std::pair<std::string, const char*> rows[] = {
        {xml(all), "read"},
        {xml(std::string(xml_what) + xml_why), "epcis_field_missing"},
        {xml(std::string(xml_when) + xml_what), "epcis_field_missing"},
        {xml(std::string(xml_when) + xml_why), "epcis_field_missing"},
        {xml(std::string(xml_when) + xml_what + "<action>OBSERV</action>"), "epcis_field_invalid"},
        {xml(all, "QuantityEvent"), "epcis_event_unknown"},
        {more(xml_why), "key_repeated"},
        {more("<madeUp>x</madeUp>"), "epcis_field_unknown"},
        {more("<q:own><inner>x</inner></q:own>"), "read"},
        {more("<extension><future>x</future></extension>"), "read"},
        {more("<ilmd><q:batch>1</q:batch></ilmd>"),
         "read"},  // of ADD by the text of the standard; seen with OBSERVE
        {more("<bizStep>transforming</bizStep>"), "epcis_word_unknown"},
        {more("<bizStep>urn:epcglobal:cbv:bizstep:transforming</bizStep>"), "epcis_word_unknown"},
        {more("<sourceList><source type='x'>y</source></sourceList>"), "read"},
        {more("<sourceList><source>y</source></sourceList>"), "epcis_field_missing"},
        {more("<errorDeclaration><declarationTime>2025-07-05T10:00Z</declarationTime></errorDeclaration>"),
         "read"},
        {more("<recordTime>2025-07-05T10:00Z</recordTime>"), "epcis_field_invalid"},
        {more(
             "<quantityList><quantityElement><epcClass>a:b</epcClass><quantity>x</quantity></quantityElement>"
             "</quantityList>"),
         "epcis_field_invalid"},
        {"<EPCISDocument/>", "epcis_field_missing"},
        {"<html/>", "epcis_document_unknown"},
        {xml(all) + xml(all), "xml_malformed"},
        {xml(all).substr(0, 300), "xml_malformed"},
        {"", "xml_malformed"},
        {"<!DOCTYPE d>" + xml(all), "read"},
        {"<!DOCTYPE d [<!ENTITY a 'b'>]>" + xml(all), "doctype_refused"},
        {"<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" + xml(all), "doctype_refused"},
        {xml(replaced(all, "6901234.012345.1", "&a;")), "xml_malformed"},
        {xml(replaced(all, "6901234.012345.1", "\xff\xfe")), "xml_malformed"},
        {R"(<q:Poll xmlns:q="urn:epcglobal:epcis-query:xsd:2"><queryName>A</queryName><params/></q:Poll>)",
         "read"},
        {R"(<q:Poll xmlns:q="urn:epcglobal:epcis-query:xsd:2"><params/></q:Poll>)", "epcis_query_invalid"},
    };
    for (const auto& [bytes, code] : rows) EXPECT_EQ(outcome(EpcisFormat::xml, bytes), code) << bytes;
}

TEST(Epcis, RulesOfTheTypes) {
    const auto event = [](const char* type, const std::string& rest) {
        return document(
            std::string(R"("eventTime":"2025-07-05T09:19:19Z","eventTimeZoneOffset":"+08:00","type":")") +
            type + "\"," + rest);
    };
    const std::string parent = R"("parentID":"urn:epc:id:sscc:6901234.0000000018",)";
    const std::string child = R"("childEPCs":["a:b"],)";
    const std::string deal = R"("bizTransactionList":[{"bizTransaction":"a:b"}],)";
    const std::pair<std::string, const char*> rows[] = {
        {event("AggregationEvent", parent + child + R"("action":"ADD")"), "read"},
        {event("AggregationEvent", child + R"("action":"ADD")"), "epcis_field_missing"},
        {event("AggregationEvent", child + R"("action":"OBSERVE")"), "read"},
        {event("AggregationEvent", parent + R"("action":"ADD")"), "epcis_field_missing"},
        {event("AggregationEvent", parent + R"("action":"DELETE")"), "read"},
        {event("AggregationEvent", parent + child + R"("epcList":["a:b"],"action":"ADD")"),
         "epcis_field_unknown"},
        {event("AssociationEvent", parent + child + R"("action":"OBSERVE")"), "read"},
        {event("AssociationEvent", child + R"("action":"OBSERVE")"), "epcis_field_missing"},
        {event("TransactionEvent", deal + R"("epcList":[],"action":"ADD")"), "read"},
        {event("TransactionEvent", deal + R"("action":"ADD")"), "epcis_field_missing"},
        {event("TransactionEvent", R"("epcList":["a:b"],"action":"ADD")"), "epcis_field_missing"},
        {event("TransformationEvent", R"("inputEPCList":["a:b"],"outputEPCList":["a:c"])"), "read"},
        {event("TransformationEvent", R"("inputEPCList":["a:b"])"), "epcis_field_missing"},
        {event("TransformationEvent", R"("inputEPCList":["a:b"],"transformationID":"a:t")"), "read"},
        {event("TransformationEvent", R"("inputEPCList":["a:b"],"outputEPCList":["a:c"],"action":"ADD")"),
         "epcis_field_unknown"},
        {event("ObjectEvent", R"("quantityList":[{"epcClass":"a:b"}],"action":"ADD","ilmd":{"q:a":"b"})"),
         "read"},
        {event("ObjectEvent",
               R"("sensorElementList":[{"sensorReport":[{"type":"Mass"}]}],"action":"OBSERVE",)"
               R"("readPoint":{"id":"a:b"})"),
         "read"},
        {event("ObjectEvent",
               R"("sensorElementList":[{"sensorReport":[{"type":"Mass"}]}],"action":"OBSERVE")"),
         "epcis_field_missing"},
    };
    for (const auto& [bytes, code] : rows) EXPECT_EQ(outcome(EpcisFormat::json, bytes), code) << bytes;
}

TEST(Epcis, WhereAndWhat) {
    const auto read =
        read_all(EpcisFormat::json, replaced(document(valid_event), R"("eventList":[)",
                                             R"("eventList":[{)" + std::string(valid_event) + "},"));
    ASSERT_TRUE(read) << read.error().text();
    const auto refused =
        read_all(EpcisFormat::json,
                 replaced(document(valid_event + std::string(R"(,"bizStep":"x")")), R"("eventList":[)",
                          R"("eventList":[{)" + std::string(valid_event) + "},"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().where, "/epcisBody/eventList/1/bizStep");
    EXPECT_NE(refused.error().message.find("'x'"), std::string::npos);
}

TEST(Epcis, HostileInput) {
    const std::string deep_json = document(valid_event + std::string(",\"q:a\":") + std::string(10'000, '[') +
                                           std::string(10'000, ']'));
    EXPECT_EQ(outcome(EpcisFormat::json, deep_json), "nesting_too_deep");
    EXPECT_EQ(outcome(EpcisFormat::json, document(valid_event, "\"q:a\":" + std::string(10'000, '[') +
                                                                   std::string(10'000, ']') + ",")),
              "nesting_too_deep");
    std::string open;
    for (int i = 0; i < 10'000; ++i) open += "<q:a>";
    const auto deep_xml = outcome(EpcisFormat::xml, xml(std::string(xml_when) + xml_what + xml_why + open));
    EXPECT_EQ(deep_xml, "nesting_too_deep");
    EpcisLimits small;
    small.document_bytes = 1000;
    small.event_values = 100;
    EXPECT_EQ(outcome(EpcisFormat::json, std::string(1001, ' '), small), "too_large");
    small.document_bytes = 1 << 20;
    std::string many;
    std::string elements;
    for (int i = 0; i < 200; ++i) {
        many += (i == 0 ? "\"a:" : ",\"a:") + std::to_string(i) + "\"";
        elements += "<epc>a:" + std::to_string(i) + "</epc>";
    }
    EXPECT_EQ(outcome(EpcisFormat::json,
                      replaced(document(valid_event), "\"urn:epc:id:sgtin:6901234.012345.1\"", many), small),
              "too_large");
    EXPECT_EQ(outcome(EpcisFormat::xml,
                      xml(std::string(xml_when) + "<epcList>" + elements + "</epcList>" + xml_why), small),
              "too_large");
    const std::string good = document(valid_event);
    std::string prefixes;
    for (int i = 0; i < 201; ++i) prefixes += "\"p" + std::to_string(i) + "\":\"https://p.example/\",";
    EXPECT_EQ(outcome(EpcisFormat::json, replaced(document(valid_event), "{\"q\"", "{" + prefixes + "\"q\"")),
              "too_large");
    EXPECT_EQ(outcome(EpcisFormat::json, document(valid_event + std::string(",\"q:n\":1e61"))),
              "number_invalid");
    EXPECT_EQ(outcome(EpcisFormat::json, good + good), "json_malformed");
    EXPECT_EQ(outcome(EpcisFormat::json, good + "\n"), "read");
    EXPECT_EQ(outcome(EpcisFormat::json, "\xEF\xBB\xBF" + good), "read");
    EXPECT_EQ(outcome(EpcisFormat::json, replaced(good, "6901234", "\xff\xfe")), "encoding_invalid");
    EXPECT_EQ(
        outcome(EpcisFormat::json, document(valid_event + std::string(",\"q:n\":") + std::string(5000, '9'))),
        "number_invalid");
    for (const char* token :
         {"NaN", "n1", "nul", "nulll", "tru", "truex", "0x1", "01", "1.", ".5", "+1", "-", "Infinity"}) {
        const std::string name =
            outcome(EpcisFormat::json, document(valid_event + std::string(",\"q:n\":") + token));
        EXPECT_TRUE(name == "json_malformed" || name == "number_invalid") << token << ": " << name;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_NE(outcome(EpcisFormat::json, good.substr(0, size)), "read") << size;
    }
}

TEST(Epcis, AnErrorOfTheSinkStopsTheReading) {
    std::size_t seen = 0;
    const auto read = read_epcis(EpcisFormat::json, bytes_of(examples / "packing.json"), {},
                                 [&](const Event&) -> Result<void> {
                                     ++seen;
                                     return Error{.code = ErrorCode::disk_full, .message = "no room"};
                                 });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::disk_full);
    EXPECT_EQ(seen, 1U);
}

TEST(EpcisHash, NumbersAndTimes) {
    const auto text = [](const std::string& value) {
        const auto read =
            read_all(EpcisFormat::json, document(valid_event + std::string(",\"q:n\":") + value));
        EXPECT_TRUE(read) << value;
        if (!read) return std::string();
        const std::string& pre = read->pre_hashes.at(0);
        return pre.substr(pre.find("}n=") + 3);
    };
    const std::pair<const char*, const char*> rows[] = {
        {"1.0", "1"},
        {"0.34340", "0.3434"},
        {"-0.0", "0"},
        {"1e2", "100"},
        {"1.5E-3", "0.0015"},
        {"120", "120"},
        {"\"007.50\"", "7.5"},
        {"\"+3\"", "3"},
        {"\"81000000000000000001\"", "81000000000000000001"},
        {"\"1.2.3\"", "1.2.3"},
        {"\"12a\"", "12a"},
        {"\"-\"", "-"},
        {"\"nan\"", "nan"},
        {"true", "true"},
        {"\"q:x\"", "https://q.example/x"},
        {"\"gs1:Mass\"", "https://gs1.org/voc/Mass"},
        {"\"none:x\"", "none:x"},
        {"\"https://a.example/q:x\"", "https://a.example/q:x"},
        {"\" a b \"", " a b "},
    };
    for (const auto& [value, wanted] : rows) {
        if (std::string_view(value) != "\" a b \"") EXPECT_EQ(text(value), wanted) << value;
    }
    for (const auto& [time, wanted] :
         {std::pair("2023-01-18T11:04:03.1415Z", "2023-01-18T11:04:03.142Z"),
          std::pair("2023-01-18T11:04:03.1414Z", "2023-01-18T11:04:03.141Z"),
          std::pair("2023-12-31T23:59:59.9995+00:00", "2024-01-01T00:00:00.000Z"),
          std::pair("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
          std::pair("2024-02-29T00:00:00-11:30", "2024-02-29T11:30:00.000Z")}) {
        const auto read =
            read_all(EpcisFormat::json, replaced(document(valid_event), "2025-07-05T09:19:19+08:00", time));
        ASSERT_TRUE(read) << time;
        EXPECT_NE(read->pre_hashes.at(0).find(std::string("eventTime=") + wanted), std::string::npos) << time;
    }
}

TEST(EpcisHash, OrderOfFieldsAndListsDoesNotMatterAndEveryValueDoes) {
    EXPECT_TRUE(rc::check("shuffled fields, shuffled codes", [] {
        std::vector<std::string> fields = {R"("type":"ObjectEvent")",
                                           R"("eventTime":"2025-07-05T09:19:19+08:00")",
                                           R"("eventTimeZoneOffset":"+08:00")",
                                           R"("action":"OBSERVE")",
                                           R"("bizStep":"shipping")",
                                           R"("q:a":{"q:b":"1","q:c":"2"})",
                                           R"("q:z":["x","y"])",
                                           R"("readPoint":{"id":"a:b"})"};
        std::vector<std::string> codes;
        for (int i = 0; i < 8; ++i)
            codes.push_back("\"urn:epc:id:sgtin:6901234.012345." + std::to_string(i) + "\"");
        const auto made = [&] {
            std::string list;
            for (const std::string& code : codes) list += (list.empty() ? "" : ",") + code;
            std::string text = "\"epcList\":[" + list + "]";
            for (const std::string& field : fields)
                text = *rc::gen::arbitrary<bool>() ? text + "," + field : field + "," + text;
            return document(text);
        };
        const auto first = read_all(EpcisFormat::json, made());
        RC_ASSERT(first.has_value());
        std::swap(codes[*rc::gen::inRange<std::size_t>(0, 8)], codes[*rc::gen::inRange<std::size_t>(0, 8)]);
        const auto second = read_all(EpcisFormat::json, made());
        RC_ASSERT(second.has_value());
        RC_ASSERT(first->hash_ids == second->hash_ids);
        codes[*rc::gen::inRange<std::size_t>(0, 8)] = "\"urn:epc:id:sgtin:6901234.012345.9\"";
        const auto third = read_all(EpcisFormat::json, made());
        RC_ASSERT(third.has_value());
        RC_ASSERT(first->hash_ids != third->hash_ids);
    }));
}

TEST(Epcis, AnythingAtAllIsAnsweredByName) {
    const std::string seed_json = bytes_of(examples / "packing.json");
    const std::string seed_xml = bytes_of(examples / "packing.xml");
    EXPECT_TRUE(rc::check("mutated documents", [&] {
        const bool json = *rc::gen::arbitrary<bool>();
        std::string text = json ? seed_json : seed_xml;
        const int changes = *rc::gen::inRange(1, 6);
        for (int i = 0; i < changes; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
            const auto length = *rc::gen::inRange<std::size_t>(0, 40);
            if (*rc::gen::arbitrary<bool>()) {
                text.erase(at, length);
            } else {
                text.insert(at, text.substr(*rc::gen::inRange<std::size_t>(0, text.size()), length));
            }
            if (text.empty()) text = " ";
        }
        const auto read = read_all(json ? EpcisFormat::json : EpcisFormat::xml, text);
        if (!read) RC_ASSERT(!read.error().message.empty());
    }));
}

}  // namespace
}  // namespace qingyuan::observe
