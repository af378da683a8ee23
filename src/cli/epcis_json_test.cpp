// The short form of an EPCIS document that the command line prints.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/epcis_json.hpp"

namespace qingyuan::cli {
namespace {

TEST(EpcisJson, CountsAndNulls) {
    const auto text = epcis_json(
        observe::EpcisFormat::xml,
        "<ObjectEvent><eventTime>2025-07-05T09:19:19+08:00</eventTime><eventTimeZoneOffset>+08:00</"
        "eventTimeZoneOffset>"
        "<epcList><epc>urn:epc:id:sgtin:6901234.012345.1</epc><epc>urn:epc:id:sgtin:6901234.012345.2</epc></"
        "epcList>"
        "<action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep></ObjectEvent>");
    ASSERT_TRUE(text) << text.error().text();
    const auto json = nlohmann::json::parse(*text);
    EXPECT_EQ(json["root"], "ObjectEvent");
    EXPECT_TRUE(json["schemaVersion"].is_null());
    ASSERT_EQ(json["events"].size(), 1U);
    const auto& event = json["events"][0];
    EXPECT_EQ(event.size(), 21U);
    EXPECT_EQ(event["eventTime_ms"], 1751678359000);
    EXPECT_EQ(event["epcs"], 2);
    EXPECT_EQ(event["bizStep"], "shipping");
    EXPECT_TRUE(event["disposition"].is_null());
    EXPECT_EQ(event["errorDeclaration"], false);
    EXPECT_TRUE(event["hash"].get<std::string>().starts_with("ni:///sha-256;"));
}

TEST(EpcisJson, ARefusalIsAnInputError) {
    const auto refused = epcis_json(observe::EpcisFormat::json, "{");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().info().exit, 2);
    const auto version =
        epcis_json(observe::EpcisFormat::json,
                   R"({"@context":["https://gs1.github.io/EPCIS/epcis-context-simple.jsonld"],)"
                   R"("type":"EPCISDocument","schemaVersion":2.0,"epcisBody":{"eventList":[]}})");
    ASSERT_TRUE(version) << version.error().text();
    EXPECT_EQ(nlohmann::json::parse(*version)["schemaVersion"], 2.0);
}

}  // namespace
}  // namespace qingyuan::cli
