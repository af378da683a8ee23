// The query interface: events as they were captured, of the firms that the asker may see, page by page.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/epcis_api.hpp"
#include "api/packs_view.hpp"
#include "base/text.hpp"
#include "observe/epcis_kept.hpp"
#include "observe/epcis_words.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t per_page_default = 30, per_page_max = 500;
constexpr std::size_t looked_at_max = 200'000;  ///< events passed over for one page
constexpr std::size_t events_of_epc_max = 5'000;

Error wrong_query(std::string why, std::string_view where, std::string_view zh) {
    return {ErrorCode::epcis_query_invalid,
            std::move(why),
            std::string(where),
            {},
            "see the query parameters in /openapi.json",
            std::string(zh),
            "请查看接口说明中的查询参数"};
}

/// What a query asks for. Lists: any of the values.
struct Query {
    std::set<std::string, std::less<>> types, steps, dispositions, locations, ids, epcs;
    std::int64_t from_ms = INT64_MIN / 4, behind_ms = INT64_MAX / 4;
    std::int64_t per_page = per_page_default;
    std::optional<observe::KeptKey> after;
};

/// Values divided by "|", as the standard's binding has them, or by ",".
std::set<std::string, std::less<>> values_of(std::string_view text) {
    std::set<std::string, std::less<>> out;
    const char between = text.find('|') != std::string_view::npos ? '|' : ',';
    for (const std::string& one : split(text, between))
        if (!trim(one).empty()) out.emplace(trim(one));
    return out;
}

/// CBV words in their bare spelling, as events are kept.
std::set<std::string, std::less<>> words_of(observe::Vocabulary vocabulary, std::string_view text) {
    std::set<std::string, std::less<>> out;
    for (const std::string& one : values_of(text)) {
        const std::string_view bare = observe::own_word(vocabulary, one);
        out.emplace(bare.empty() ? std::string_view(one) : bare);
    }
    return out;
}

Result<std::int64_t> instant_of(const std::string& value, std::string_view name) {
    const auto stamp = observe::parse_time_stamp(value);
    if (!stamp)
        return wrong_query(fmt::format("{} is a time with its zone, such as 2025-07-05T09:00:00+08:00", name),
                           name, fmt::format("{} 应为带时区的时间", name));
    return stamp->ms;
}

/// The paging token is the place where the page before ended.
Result<void> read_page(const Call& call, Query& out) {
    if (const std::string_view per_page = call.parameter("perPage"); !per_page.empty()) {
        const auto number = parse_integer(per_page);
        if (!number || *number < 1 || *number > per_page_max)
            return wrong_query(fmt::format("perPage is a whole number from 1 to {}", per_page_max), "perPage",
                               fmt::format("perPage 应为 1 至 {} 的整数", per_page_max));
        out.per_page = *number;
    }
    const std::string_view token = call.parameter("nextPageToken");
    if (token.empty()) return {};
    observe::KeptKey key;
    if (!observe::parse_kept_key(token, key))
        return wrong_query("nextPageToken is that of the page before", "nextPageToken", "nextPageToken 无效");
    out.after = key;
    return {};
}

Result<Query> query_of(const Call& call) {
    Query out;
    for (const auto& [name, value] : call.request.query) {
        if (name == "eventType")
            out.types = values_of(value);
        else if (name == "GE_eventTime")
            out.from_ms = TRY(instant_of(value, name));
        else if (name == "LT_eventTime")
            out.behind_ms = TRY(instant_of(value, name));
        else if (name == "EQ_bizStep")
            out.steps = words_of(observe::Vocabulary::biz_step, value);
        else if (name == "EQ_disposition")
            out.dispositions = words_of(observe::Vocabulary::disposition, value);
        else if (name == "EQ_bizLocation")
            out.locations = values_of(value);
        else if (name == "EQ_eventID")
            out.ids = values_of(value);
        else if (name == "MATCH_anyEPC")
            out.epcs = values_of(value);
        else if (name != "perPage" && name != "nextPageToken")
            return wrong_query(fmt::format("'{}' is no parameter that this server looks at", name), name,
                               fmt::format("不支持查询参数“{}”", name));
    }
    for (const std::string& type : out.types)
        if (!observe::find_event_type(type))
            return wrong_query(fmt::format("'{}' is no type of event", type), "eventType",
                               fmt::format("没有“{}”这一事件类型", type));
    if (const auto epc = call.path.find("epc"); epc != call.path.end()) out.epcs = {epc->second};
    CHECK(read_page(call, out));
    return out;
}

std::string_view member(const Json& event, const char* name) {
    const auto at = event.find(name);
    return at != event.end() && at->is_string() ? std::string_view(at->get_ref<const std::string&>())
                                                : std::string_view();
}

bool fits(const Query& query, const Json& event) {
    const auto in = [](const std::set<std::string, std::less<>>& wanted, std::string_view value) {
        return wanted.empty() || wanted.contains(value);
    };
    const auto place = event.find("bizLocation");
    return in(query.types, member(event, "type")) && in(query.steps, member(event, "bizStep")) &&
           in(query.dispositions, member(event, "disposition")) && in(query.ids, member(event, "eventID")) &&
           in(query.locations, place == event.end() ? std::string_view() : member(*place, "id"));
}

/// May the asker see what happened in this firm?
struct Sight {
    PackView& view;
    std::map<std::string, bool, std::less<>> known = {};
    Result<bool> sees(const std::string& actor) {
        if (const auto at = known.find(actor); at != known.end()) return at->second;
        const std::uint32_t number = actor.empty() ? 0 : view.find_firm(actor);
        const bool seen = TRY(view.sees(number));
        known.emplace(actor, seen);
        return seen;
    }
};

struct Page {
    std::vector<Json> events;
    std::optional<observe::KeptKey> last;
    bool more = false;
};

/// Events that are found by id or by pack: few enough to be put in order here.
Result<std::vector<observe::KeptEvent>> looked_up(PackView& view, const Query& query) {
    std::vector<observe::KeptEvent> out;
    for (const std::string& id : query.ids)
        for (auto& one : TRY(observe::kept_events_of_id(view.index(), id))) out.push_back(std::move(one));
    if (query.ids.empty())
        for (const std::string& epc : query.epcs)
            for (auto& one : TRY(observe::kept_events_of_epc(view.index(), epc, events_of_epc_max)))
                out.push_back(std::move(one));
    const auto by_key = [](const observe::KeptEvent& a, const observe::KeptEvent& b) {
        return a.key < b.key;
    };
    std::ranges::sort(out, by_key);
    const auto same = [](const observe::KeptEvent& a, const observe::KeptEvent& b) { return a.key == b.key; };
    out.erase(std::unique(out.begin(), out.end(), same), out.end());
    return out;
}

Result<Page> page_of(PackView& view, const Query& query) {
    Page page;
    Sight sight{view};
    std::size_t looked_at = 0;
    const auto take = [&](const observe::KeptEvent& kept) -> Result<bool> {
        if (query.after && !(*query.after < kept.key)) return true;
        if (kept.key.time_ms < query.from_ms || kept.key.time_ms >= query.behind_ms) return true;
        if (++looked_at > looked_at_max) {  // the next page goes on from here
            page.more = true;
            return false;
        }
        if (TRY(sight.sees(kept.actor))) {
            Json event = Json::parse(kept.json, nullptr, false);
            if (event.is_object() && fits(query, event)) {
                if (page.events.size() == static_cast<std::size_t>(query.per_page)) {
                    page.more = true;
                    return false;
                }
                page.events.push_back(std::move(event));
            }
        }
        page.last = kept.key;
        return true;
    };
    if (query.ids.empty() && query.epcs.empty()) {
        const observe::KeptKey* after = query.after ? &*query.after : nullptr;
        CHECK(observe::each_kept_event(view.index(), query.from_ms, query.behind_ms, after, take));
        return page;
    }
    for (const observe::KeptEvent& kept : TRY(looked_up(view, query)))
        if (!TRY(take(kept))) break;
    return page;
}

Json query_document(const Call& call, std::vector<Json> events) {
    return {{"@context", Json::array({"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"})},
            {"type", "EPCISQueryDocument"},
            {"schemaVersion", "2.0"},
            {"creationDate", call.now.text()},
            {"epcisBody",
             {{"queryResults",
               {{"queryName", "SimpleEventQuery"}, {"resultsBody", {{"eventList", std::move(events)}}}}}}}};
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~' || c == '/';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out;
}

/// The same address with the token of the next page.
std::string next_link(const Call& call, const observe::KeptKey& last) {
    std::string out = encoded(call.request.path);
    char between = '?';
    for (const auto& [name, value] : call.request.query) {
        if (name == "nextPageToken") continue;
        out += fmt::format("{}{}={}", std::exchange(between, '&'), encoded(name), encoded(value));
    }
    return fmt::format("<{}{}nextPageToken={}>; rel=\"next\"", out, between, last.text());
}

http::Response epcis_response(const Json& body) {
    http::Response response = json_response(body);
    response.content_type = "application/ld+json";
    add_epcis_headers(response);
    return response;
}

}  // namespace

Answer epcis_events(const Call& call) {
    const Query query = TRY(query_of(call));
    return with_packs(call, [&](PackView& view) -> Answer {
        Page page = TRY(page_of(view, query));
        const auto epc =
            call.path.find("epc");  // of a pack nobody names there is no resource, whatever is asked of it
        if (epc != call.path.end() && page.events.empty() && call.request.query.empty())
            return no_such_pack_record(epc->second, "EPC", "追溯码");
        CHECK(view.note("EPCIS events", static_cast<std::int64_t>(page.events.size())));
        http::Response response = epcis_response(query_document(call, std::move(page.events)));
        if (page.more && page.last) response.headers.emplace_back("Link", next_link(call, *page.last));
        return response;
    });
}

Answer epcis_event(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        Sight sight{view};
        const std::string& id = call.path.at("event");
        for (const observe::KeptEvent& kept : TRY(observe::kept_events_of_id(view.index(), id))) {
            if (!TRY(sight.sees(kept.actor))) {
                call.hidden = true;
                continue;
            }
            Json event = Json::parse(kept.json, nullptr, false);
            Json context = Json::array({"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"});
            if (event.contains("@context"))
                for (Json& more : event["@context"]) context.push_back(std::move(more));
            event["@context"] = std::move(context);
            CHECK(view.note("EPCIS event " + id));
            return epcis_response(event);
        }
        return no_such_pack_record(id, "event", "事件");
    });
}

}  // namespace qingyuan::api
