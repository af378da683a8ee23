#include "packs/run.hpp"

#include <algorithm>

namespace qingyuan::packs {

namespace {

constexpr std::uint8_t run_version = 1;
constexpr std::uint64_t codes_in_group = 640'000;  ///< 64 serials, four check digits each
constexpr std::uint64_t run_events_max = 1u << 24;
constexpr int number_bits = 48;
constexpr Name number_mask = (Name{1} << number_bits) - 1;

// One byte of marks an event.
constexpr std::uint8_t same_move =
    1;  ///< action, flags, actor, counterparty, batch and document of the model
constexpr std::uint8_t same_upload = 2;  ///< uploaded at the same instant as the model
constexpr std::uint8_t with_extra = 4;
constexpr std::uint8_t near_id = 8;      ///< the id has the model's prefix
constexpr std::uint8_t odd_time = 16;    ///< times are in milliseconds, else in seconds
constexpr std::uint8_t same_extra = 32;  ///< owner, person, prescription of the model; corrects is none
constexpr std::uint8_t same_batch = 64;  ///< where not same_move

bool same_prefix(Name a, Name b) {
    return a != 0 && b != 0 && ((a | b) & hashed_name) == 0 && a >> number_bits == b >> number_bits;
}

std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

void put_fixed(std::string& out, std::uint64_t value) {
    for (int i = 0; i < 8; ++i) out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

/// 0 none, 1 hashed (eight bytes), else prefix + 1 and the number.
void put_name(std::string& out, Name name) {
    if (name == 0) return put_number(out, 0);
    if ((name & hashed_name) != 0) {
        put_number(out, 1);
        return put_fixed(out, name);
    }
    put_number(out, (name >> number_bits) + 1);
    put_number(out, name & number_mask);
}

Name take_name(Taking& in) {
    const std::uint64_t kind = in.number();
    if (kind == 0) return 0;
    if (kind == 1) {
        const std::string_view bytes = in.bytes(8);
        Name name = 0;
        for (std::size_t i = bytes.size(); i-- > 0;) name = name << 8 | static_cast<unsigned char>(bytes[i]);
        return name | hashed_name;
    }
    return (kind - 1) << number_bits | (in.number() & number_mask);
}

/// The event an event is told by: the like one of the code before, else the one before it.
struct Model {
    std::size_t previous_begin = 0, previous_count = 0, begin = 0;
    [[nodiscard]] std::ptrdiff_t of(std::size_t at) const {
        const std::size_t ordinal = at - begin;
        if (ordinal < previous_count) return static_cast<std::ptrdiff_t>(previous_begin + ordinal);
        return at == 0 ? -1 : static_cast<std::ptrdiff_t>(at - 1);
    }
};

struct Columns {
    std::string marks, moves, times, ids, extras;
};

void write_event(Columns& out, const Event& event, const Event& model) {
    const bool odd = event.time_ms % 1000 != 0 || event.uploaded_ms % 1000 != 0;
    const std::int64_t unit = odd ? 1 : 1000;
    const bool move = event.action == model.action && event.flags == model.flags &&
                      event.actor == model.actor && event.counterparty == model.counterparty &&
                      event.batch == model.batch && event.document == model.document;
    const bool upload = event.uploaded_ms == model.uploaded_ms;
    const bool id_near = same_prefix(event.id, model.id);
    const bool extra = event.has_extra();
    const bool extra_same =
        extra && event.extra.corrects == 0 && model.extra.corrects == 0 && event.extra == model.extra;
    std::uint8_t marks = 0;
    if (move) marks |= same_move;
    if (upload) marks |= same_upload;
    if (extra) marks |= with_extra;
    if (extra_same) marks |= same_extra;
    if (id_near) marks |= near_id;
    if (odd) marks |= odd_time;
    if (!move && event.batch == model.batch) marks |= same_batch;
    out.marks += static_cast<char>(marks);
    if (!move) {
        out.moves += static_cast<char>(static_cast<unsigned>(event.action) |
                                       static_cast<unsigned>(event.flags & 7) << 4);
        put_number(out.moves, event.actor);
        put_number(out.moves, event.counterparty);
        if ((marks & same_batch) == 0) put_number(out.moves, event.batch);
        put_name(out.moves, event.document);
    }
    put_number(out.times, zigzag(event.time_ms / unit - model.time_ms / unit));
    if (!upload) put_number(out.times, zigzag((event.uploaded_ms - event.time_ms) / unit));
    if (id_near)
        put_number(out.ids, zigzag(static_cast<std::int64_t>(event.id & number_mask) -
                                   static_cast<std::int64_t>(model.id & number_mask)));
    else
        put_name(out.ids, event.id);
    if (extra && !extra_same) {
        put_number(out.extras, event.extra.owner);
        put_name(out.extras, event.extra.person);
        put_name(out.extras, event.extra.prescription);
        put_name(out.extras, event.extra.corrects);
    }
}

struct Sources {
    Taking marks, moves, times, ids, extras;
    [[nodiscard]] bool ok() const { return marks.ok && moves.ok && times.ok && ids.ok && extras.ok; }
};

bool read_event(Sources& in, Event& event, const Event& model) {
    const std::uint8_t marks = in.marks.byte();
    const std::int64_t unit = (marks & odd_time) != 0 ? 1 : 1000;
    if ((marks & same_move) != 0) {
        event.action = model.action;
        event.flags = model.flags;
        event.actor = model.actor;
        event.counterparty = model.counterparty;
        event.batch = model.batch;
        event.document = model.document;
    } else {
        const std::uint8_t both = in.moves.byte();
        if ((both & 15) >= action_names.size() || both >= 128) return false;
        event.action = static_cast<Action>(both & 15);
        event.flags = static_cast<std::uint8_t>(both >> 4);
        event.actor = static_cast<std::uint32_t>(in.moves.number());
        event.counterparty = static_cast<std::uint32_t>(in.moves.number());
        event.batch = (marks & same_batch) != 0 ? model.batch : static_cast<std::uint32_t>(in.moves.number());
        event.document = take_name(in.moves);
    }
    const auto from = [&](std::int64_t base) {
        return static_cast<std::int64_t>(
            (static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(unzigzag(in.times.number()))) *
            static_cast<std::uint64_t>(unit));
    };
    event.time_ms = from(model.time_ms / unit);
    event.uploaded_ms = (marks & same_upload) != 0 ? model.uploaded_ms : from(event.time_ms / unit);
    if ((marks & near_id) != 0)
        event.id = (model.id & ~number_mask) |
                   ((model.id + static_cast<std::uint64_t>(unzigzag(in.ids.number()))) & number_mask);
    else
        event.id = take_name(in.ids);
    if ((marks & same_extra) != 0) {
        event.extra = model.extra;
    } else if ((marks & with_extra) != 0) {
        event.extra.owner = static_cast<std::uint32_t>(in.extras.number());
        event.extra.person = take_name(in.extras);
        event.extra.prescription = take_name(in.extras);
        event.extra.corrects = take_name(in.extras);
    }
    return in.ok();
}

Error broken() {
    return Error{ErrorCode::store_corrupt, "a run of the pack index cannot be read"};
}

}  // namespace

void put_number(std::string& out, std::uint64_t value) {
    while (value >= 128) {
        out += static_cast<char>(static_cast<unsigned char>(value | 128));
        value >>= 7;
    }
    out += static_cast<char>(static_cast<unsigned char>(value));
}

void put_signed(std::string& out, std::int64_t value) {
    put_number(out, zigzag(value));
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

std::uint64_t Taking::number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (rest.empty()) break;
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 127) << shift;
        if (byte < 128) return value;
    }
    ok = false;
    return 0;
}

std::int64_t Taking::signed_number() {
    return unzigzag(number());
}

std::string_view Taking::bytes(std::size_t count) {
    if (rest.size() < count) {
        ok = false;
        return {};
    }
    const std::string_view out = rest.substr(0, count);
    rest.remove_prefix(count);
    return out;
}

std::string_view Taking::text() {
    return bytes(number());
}

std::uint8_t Taking::byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
}

std::string encode_run(std::span<const Event* const> events) {
    static const Event nothing;
    Columns columns;
    std::string codes;
    std::uint64_t count_of_codes = 0;
    Model model;
    for (std::size_t at = 0; at < events.size();) {
        std::size_t end = at + 1;
        while (end < events.size() && events[end]->code == events[at]->code) ++end;
        if (events[at]->code.kind() == CodeKind::national) {
            const Wide base = model.previous_count == 0 ? events[at]->code.group() * codes_in_group
                                                        : events[model.previous_begin]->code.value;
            put_number(codes, static_cast<std::uint64_t>(events[at]->code.value - base));
        }
        put_number(codes, end - at);
        ++count_of_codes;
        model.begin = at;
        for (std::size_t i = at; i < end; ++i) {
            const std::ptrdiff_t like = model.of(i);
            write_event(columns, *events[i], like < 0 ? nothing : *events[static_cast<std::size_t>(like)]);
        }
        model.previous_begin = at;
        model.previous_count = end - at;
        at = end;
    }
    std::string out;
    out.reserve(codes.size() + columns.marks.size() + columns.moves.size() + columns.times.size() +
                columns.ids.size() + columns.extras.size() + 24);
    out += static_cast<char>(run_version);
    put_number(out, count_of_codes);
    put_number(out, events.size());
    for (const std::string* column : {&codes, &columns.moves, &columns.times, &columns.ids, &columns.extras})
        put_text(out, *column);
    out += columns.marks;
    return out;
}

Result<void> decode_run(Wide group, std::string_view run, std::uint64_t seq, std::vector<Event>& out,
                        const PackCode* only) {
    Taking in{run};
    if (in.byte() != run_version) return broken();
    const std::uint64_t count_of_codes = in.number();
    const std::uint64_t count_of_events = in.number();
    if (!in.ok || count_of_events > run_events_max || count_of_codes > count_of_events) return broken();
    Taking codes{in.text()};
    Sources from{};
    from.moves.rest = in.text();
    from.times.rest = in.text();
    from.ids.rest = in.text();
    from.extras.rest = in.text();
    from.marks.rest = in.rest;
    if (!in.ok || in.rest.size() != count_of_events) return broken();
    const bool national = group >> 124 == 0;
    const std::size_t first = out.size();
    out.resize(first + count_of_events);
    Event* const events = out.data() + first;
    static const Event nothing;
    Model model;
    Wide value = national ? group * codes_in_group : group;
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < count_of_codes; ++i) {
        if (national) value += codes.number();
        const std::uint64_t count = codes.number();
        if (!codes.ok || count == 0 || count > count_of_events - at) return broken();
        model.begin = at;
        for (std::size_t j = at; j < at + count; ++j) {
            const std::ptrdiff_t like = model.of(j);
            if (!read_event(from, events[j], like < 0 ? nothing : events[like])) return broken();
            events[j].code = {value};
            events[j].seq = seq;
        }
        model.previous_begin = at;
        model.previous_count = count;
        at += count;
    }
    if (at != count_of_events || !from.marks.rest.empty() || !codes.rest.empty()) return broken();
    if (only) {
        const auto kept = std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                                         [&](const Event& event) { return event.code != *only; });
        out.erase(kept, out.end());
    }
    return {};
}

}  // namespace qingyuan::packs
