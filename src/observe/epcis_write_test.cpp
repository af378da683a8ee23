// What is written of an event is the event: read again it has the same hash id.
#include "observe/epcis_write.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "observe/epcis_hash.hpp"

namespace qingyuan::observe {
namespace {

constexpr std::string_view head =
    R"({"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument",)"
    R"("schemaVersion":"2.0","creationDate":"2026-01-01T00:00:00Z","epcisBody":{"eventList":[)";

struct Written {
    std::vector<std::string> hashes, events;
    std::vector<bool>
        partly;  ///< the document leaves a field of it out of the hash; the writing cannot say so
};
Result<Written> written(EpcisFormat format, std::string_view bytes) {
    Written out;
    EventHasher hasher;
    TRY(read_epcis(format, bytes, {}, [&](const Event& event) -> Result<void> {
        out.hashes.push_back(hasher.hash_id(event));
        out.partly.push_back(std::ranges::any_of(event.nodes, &Node::ignored));
        write_epcis_event(event, out.hashes.back(), 0, out.events.emplace_back());
        return {};
    }));
    return out;
}

/// The events written, as one document again; an event's own id is told in its writing, not in its hash. The
/// number that the strict reader does not take: XML and drafts of the standard allow what JSON of 2.0 does
/// not.
std::size_t same_again(const Written& first, const std::string& where) {
    std::size_t refused = 0;
    for (std::size_t i = 0; i < first.events.size(); ++i) {
        if (first.partly[i]) continue;
        const auto again = written(EpcisFormat::json, std::string(head) + first.events[i] + "]}}");
        if (!again) {
            EXPECT_NE(again.error().code, ErrorCode::json_malformed) << where << "\n" << first.events[i];
            ++refused;
            continue;
        }
        EXPECT_EQ(again->hashes[0], first.hashes[i]) << where << "\n" << first.events[i];
        EXPECT_EQ(again->events[0], first.events[i]) << where << ": a second writing says the same";
    }
    return refused;
}

TEST(epcis_write, every_part_of_an_event_comes_back) {
    const std::string document =
        std::string(head) +
        R"({"@context":[{"ex":"http://example.com/ns/","other":"https://example.org/x#"}],)"
        R"("type":"ObjectEvent",
"eventTime":"2026-01-01T08:00:00.123+08:00","eventTimeZoneOffset":"+08:00",
"epcList":["urn:epc:id:sgtin:9506000.013435.A1"],
"quantityList":[{"epcClass":"urn:epc:class:lgtin:9506000.013435.L1","quantity":1.50,"uom":"KGM"}],
"action":"ADD","bizStep":"urn:epcglobal:cbv:bizstep:receiving","disposition":"in_progress",
"persistentDisposition":{"set":["completeness_verified"]},
"readPoint":{"id":"urn:epc:id:sgln:9506000.00001.0","ex:room":"7"},
"bizLocation":{"id":"urn:epc:id:sgln:9506000.00001.1"},
"bizTransactionList":[{"type":"po","bizTransaction":"urn:epc:id:gdti:9506000.00001.1"}],
"sourceList":[{"type":"owning_party","source":"urn:epc:id:pgln:9506000.00001"}],
"sensorElementList":[{"sensorMetadata":{"time":"2026-01-01T00:00:00Z","ex:n":"1"},"sensorReport":[
{"type":"Temperature","value":-3.5,"uom":"CEL"},
{"type":"Temperature","minValue":1e1,"uom":"CEL","booleanValue":true}]}],
"ilmd":{"ex:lot":"B\"1\"","other:list":["a","b",{"ex:deep":{"ex:er":5}}]},
"ex:mine":{"ex:a":"\u0001药","ex:b":false}}]}})";
    const auto first = written(EpcisFormat::json, document);
    ASSERT_TRUE(first) << first.error().text();
    ASSERT_EQ(first->events.size(), 1U);
    EXPECT_EQ(same_again(*first, "the document above"), 0U);
}

TEST(epcis_write, all_documents_of_the_fixtures_come_back) {
    const char* folder = std::getenv("QINGYUAN_FIXTURES");
    const std::filesystem::path root = std::filesystem::path(folder ? folder : "../shared/data") / "epcis";
    if (!std::filesystem::is_directory(root)) GTEST_SKIP() << "no EPCIS documents at " << root;
    std::size_t events = 0, refused = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const std::string ending = entry.path().extension();
        if (ending != ".xml" && ending != ".json" && ending != ".jsonld") continue;
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(in), {});
        const auto first = written(ending == ".xml" ? EpcisFormat::xml : EpcisFormat::json, bytes);
        if (!first) continue;  // not every file there is a document
        refused += same_again(*first, entry.path().filename());
        events += first->events.size();
    }
    EXPECT_GT(events, 100U);
    EXPECT_LE(refused, 4U);
}

}  // namespace
}  // namespace qingyuan::observe
