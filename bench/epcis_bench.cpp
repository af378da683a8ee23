// EPCIS documents: JSON and XML to events, and event hash ids, on one thread. The document is made here:
// commissioning, packing and shipping in turn, five codes an event, about 700 bytes each.
#include <string>

#include "measure.hpp"
#include "observe/epcis.hpp"
#include "observe/epcis_hash.hpp"

namespace {

using namespace qingyuan;

constexpr std::size_t event_count = 2'000;
constexpr int runs = 100;  // short ones, so that a busy machine leaves some of them alone

std::string codes(std::size_t event, const char* open, const char* between, const char* close) {
    std::string list;
    for (std::size_t i = 0; i < 5; ++i) {
        if (i > 0) list += between;
        list += open;
        list += "urn:epc:id:sgtin:6901234.012345." + std::to_string(event * 5 + i);
        list += close;
    }
    return list;
}

struct Parts {
    const char *type, *step, *disposition, *action, *list;
};
constexpr Parts kinds[] = {{"ObjectEvent", "commissioning", "active", "ADD", "epcList"},
                           {"AggregationEvent", "packing", "in_progress", "ADD", "childEPCs"},
                           {"ObjectEvent", "shipping", "in_transit", "OBSERVE", "epcList"}};

std::string time_of(std::size_t i) {
    const auto two = [](std::size_t n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
    return "2025-07-" + two(1 + i / 86400 % 28) + "T" + two(i / 3600 % 24) + ":" + two(i / 60 % 60) + ":" +
           two(i % 60) + ".000+08:00";
}

std::string json_event(std::size_t i) {
    const Parts& kind = kinds[i % 3];
    std::string event =
        "{\"type\":\"" + std::string(kind.type) + "\",\"eventTime\":\"" + time_of(i) +
        "\",\"eventTimeZoneOffset\":\"+08:00\",\"eventID\":\"urn:uuid:374d95fc-9457-4a51-bd6a-" +
        std::to_string(100000000000 + i) + "\",\"" + kind.list + "\":[" + codes(i, "\"", ",", "\"") +
        "],\"action\":\"" + kind.action + "\",\"bizStep\":\"" + kind.step + "\",\"disposition\":\"" +
        kind.disposition + "\",";
    if (i % 3 == 1)
        event += "\"parentID\":\"urn:epc:id:sscc:6901234." + std::to_string(1000000000 + i) + "\",";
    event +=
        "\"readPoint\":{\"id\":\"urn:epc:id:sgln:6901234.00001.0\"},"
        "\"bizLocation\":{\"id\":\"urn:epc:id:sgln:6901234.00002.0\"},\"bizTransactionList\":[{\"type\":"
        "\"desadv\","
        "\"bizTransaction\":\"urn:epcglobal:cbv:bt:6901234000016:D" +
        std::to_string(i / 10) + "\"}]}";
    return event;
}

std::string xml_event(std::size_t i) {
    const Parts& kind = kinds[i % 3];
    const std::string type = kind.type;
    std::string event = "<" + type + "><eventTime>" + time_of(i) +
                        "</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"
                        "<eventID>urn:uuid:374d95fc-9457-4a51-bd6a-" +
                        std::to_string(100000000000 + i) + "</eventID>";
    if (i % 3 == 1)
        event += "<parentID>urn:epc:id:sscc:6901234." + std::to_string(1000000000 + i) + "</parentID>";
    const std::string list = kind.list;
    event += "<" + list + ">" + codes(i, "<epc>", "", "</epc>") + "</" + list + "><action>" + kind.action +
             "</action><bizStep>urn:epcglobal:cbv:bizstep:" + kind.step +
             "</bizStep><disposition>urn:epcglobal:cbv:disp:" + kind.disposition +
             "</disposition><readPoint><id>urn:epc:id:sgln:6901234.00001.0</id></readPoint><bizLocation>"
             "<id>urn:epc:id:sgln:6901234.00002.0</id></bizLocation><bizTransactionList>"
             "<bizTransaction type=\"urn:epcglobal:cbv:btt:desadv\">urn:epcglobal:cbv:bt:6901234000016:D" +
             std::to_string(i / 10) + "</bizTransaction></bizTransactionList></" + type + ">";
    return event;
}

void measure(const std::string& name, observe::EpcisFormat format, const std::string& document) {
    using observe::Event;
    std::size_t codes_read = 0;
    const double parse = bench::best_of(runs, [&] {
        bench::must(read_epcis(format, document, {}, [&](const Event& event) -> Result<void> {
            codes_read += event.epcs.size() + event.children.size();
            return {};
        }));
    });
    observe::EventHasher hasher;
    std::size_t characters = 0;
    const double both = bench::best_of(runs, [&] {
        bench::must(read_epcis(format, document, {}, [&](const Event& event) -> Result<void> {
            characters += hasher.hash_id(event).size();
            return {};
        }));
    });
    if (codes_read == 0 || characters == 0) std::abort();
    const double megabytes = static_cast<double>(document.size()) / 1e6;
    const double events = static_cast<double>(event_count);
    bench::print("epcis_" + name + "_read", megabytes / parse, "MB/s",
                 "text to events, " + std::to_string(document.size() / event_count) + " bytes an event");
    bench::print("epcis_" + name + "_events", events / parse / 1e3, "k/s", "one thread");
    bench::print("epcis_" + name + "_hash_ids", events / (both - parse) / 1e3, "k/s", "CBV 2.0, one thread");
}

}  // namespace

int main() {
    std::string json =
        "{\"@context\":[\"https://ref.gs1.org/standards/epcis/"
        "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
        "\"schemaVersion\":\"2.0\",\"creationDate\":\"2025-07-01T00:00:00Z\",\"epcisBody\":{\"eventList\":[";
    std::string xml =
        "<epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:2\" schemaVersion=\"2.0\" "
        "creationDate=\"2025-07-01T00:00:00Z\"><EPCISBody><EventList>";
    for (std::size_t i = 0; i < event_count; ++i) {
        if (i > 0) json += ",\n";
        json += json_event(i);
        xml += xml_event(i);
    }
    json += "]}}";
    xml += "</EventList></EPCISBody></epcis:EPCISDocument>";
    measure("json", observe::EpcisFormat::json, json);
    measure("xml", observe::EpcisFormat::xml, xml);
}
