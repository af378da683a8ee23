#include "observe/epcis_kept.hpp"

#include <algorithm>
#include <set>

#include "base/sm3.hpp"
#include "observe/epcis_write.hpp"
#include "packs/code.hpp"
#include "packs/run.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view table = "epcis";
constexpr std::int64_t bucket_ms = 3'600'000;  // a group of the store holds an hour of event time
constexpr std::uint64_t bias = std::uint64_t{1} << 63;

std::string big_endian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        out[7 - i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    return out;
}
std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}
std::string ordered(std::int64_t ms) {
    return big_endian(static_cast<std::uint64_t>(ms) ^ bias);
}

std::string bucket_of(std::int64_t ms) {
    const std::int64_t hour = ms >= 0 ? ms / bucket_ms : -((-ms + bucket_ms - 1) / bucket_ms);
    return std::string(table) + ":" + ordered(hour);
}
std::string rest_of(const KeptKey& key) {
    return ordered(key.time_ms) + key.digest;
}
KeptKey key_of(std::string_view rest) {
    return {static_cast<std::int64_t>(number_of(rest.substr(0, 8)) ^ bias), std::string(rest.substr(8, 8))};
}

std::string short_digest(std::string_view text) {
    const Digest digest = sm3(text);
    return std::string(bytes_of(digest).substr(0, 16));
}
std::string id_table(std::string_view id) {
    return "epcis-id:" + short_digest(id);
}
/// A pack has one entry, however its code is written.
std::string epc_table(std::string_view epc) {
    const auto code = packs::parse_code(epc);
    return "epcis-epc:" + (code ? packs::code_key(code->code) : short_digest(epc));
}

KeptEvent event_of(std::string_view rest, std::string_view value) {
    packs::Taking in{value};
    KeptEvent out{.key = key_of(rest), .actor = {}, .json = {}};
    out.actor = in.text();
    out.json = in.text();
    return out;
}

Result<std::vector<KeptEvent>> look_up(packs::Index& index, const std::string& of, std::size_t at_most) {
    const std::string group = "s" + of;
    std::vector<KeptKey> keys;
    CHECK(index.store().visit(packs::Space::names, std::span(&group, 1),
                              [&](std::size_t, std::string_view rest, std::string_view) {
                                  keys.push_back(key_of(rest));
                                  return keys.size() < at_most;
                              }));
    std::vector<KeptEvent> out;
    for (const KeptKey& key : keys) {
        const auto value =
            TRY(index.store().get(packs::Space::names, "s" + bucket_of(key.time_ms), rest_of(key)));
        if (value) out.push_back(event_of(rest_of(key), *value));
    }
    return out;
}

}  // namespace

std::string KeptKey::text() const {
    return hex(rest_of(*this));
}

bool parse_kept_key(std::string_view text, KeptKey& out) {
    if (text.size() != 32) return false;
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int value = 0;
        for (const char c : text.substr(i, 2)) {
            const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0) return false;
            value = value * 16 + digit;
        }
        bytes += static_cast<char>(static_cast<unsigned char>(value));
    }
    out = key_of(bytes);
    return true;
}

std::size_t keep_event(packs::Index& index, const Event& event, std::string_view event_id,
                       std::string_view actor, std::int64_t recorded_ms) {
    std::string json;
    write_epcis_event(event, event_id, recorded_ms, json);
    const std::string_view own_id = event.event_id.empty() ? event_id : event.event_id;
    const Digest digest = sm3(json);
    const KeptKey key{event.event_time.ms, std::string(bytes_of(digest).substr(0, 8))};
    const std::string rest = rest_of(key);
    std::string value;
    packs::put_text(value, actor);
    packs::put_text(value, json);
    std::size_t bytes = value.size() + 64;
    index.put_side(bucket_of(key.time_ms), rest, std::move(value));
    index.put_side(id_table(own_id), rest, {});
    std::set<std::string> tables;
    for (const auto* list : {&event.epcs, &event.children, &event.inputs, &event.outputs})
        for (const std::string_view epc : *list) tables.insert(epc_table(epc));
    if (!event.parent_id.empty()) tables.insert(epc_table(event.parent_id));
    for (const std::string& one : tables) {
        index.put_side(one, rest, {});
        bytes += 128;
    }
    return bytes;
}

Result<void> each_kept_event(packs::Index& index, std::int64_t from_ms, std::int64_t behind_ms,
                             const KeptKey* after,
                             const std::function<Result<bool>(const KeptEvent&)>& each) {
    if (after) from_ms = std::max(from_ms, after->time_ms);
    if (behind_ms <= from_ms) return {};
    const std::string first = "s" + bucket_of(from_ms);
    const std::string last = "s" + bucket_of(behind_ms - 1) + '\0';
    const std::string passed = after ? rest_of(*after) : std::string();
    Result<void> read;
    CHECK(index.store().scan(packs::Space::names, first, last,
                             [&](std::string_view, std::string_view rest, std::string_view value) {
                                 if (rest.size() != 16 || (after && rest <= passed)) return true;
                                 const std::int64_t time_ms = key_of(rest).time_ms;
                                 if (time_ms < from_ms || time_ms >= behind_ms) return true;
                                 const auto more = each(event_of(rest, value));
                                 if (!more) read = more.error();
                                 return more && *more;
                             }));
    return read;
}

Result<std::vector<KeptEvent>> kept_events_of_id(packs::Index& index, std::string_view event_id) {
    return look_up(index, id_table(event_id), 16);
}

Result<std::vector<KeptEvent>> kept_events_of_epc(packs::Index& index, std::string_view epc,
                                                  std::size_t at_most) {
    return look_up(index, epc_table(epc), at_most);
}

}  // namespace qingyuan::observe
