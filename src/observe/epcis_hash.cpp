// The pre-hash string: every value in one canonical spelling, every list sorted by its bytes, fields in a
// fixed order, then SHA-256. The order of the fields is that of the golden files of the algorithm's authors:
// transactions, sources, destinations, ILMD and extensions stand together at the end, sorted by name.
#include "observe/epcis_hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "observe/epcis_words.hpp"
#include "observe/gs1_key.hpp"

namespace qingyuan::observe {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A decimal number without sign of plus, leading or trailing zeros, or exponent; false if the text is none.
bool append_number(std::string_view text, std::string& out) {
    if (text.empty() || !(is_digit(text[0]) || text[0] == '-' || text[0] == '+' || text[0] == '.'))
        return false;
    if (!is_decimal(text, text.size())) return false;
    const bool negative = text[0] == '-';
    if (!is_digit(text[0]) && text[0] != '.') text.remove_prefix(1);
    int exponent = 0;
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        const bool down = text[e + 1] == '-';
        for (const char c : text.substr(e + 1)) exponent = is_digit(c) ? exponent * 10 + (c - '0') : exponent;
        if (down) exponent = -exponent;
        text = text.substr(0, e);
    }
    const std::size_t dot = std::min(text.find('.'), text.size());
    std::string digits(text.substr(0, dot));
    digits += text.substr(std::min(dot + 1, text.size()));
    std::ptrdiff_t point = static_cast<std::ptrdiff_t>(dot) + exponent;  // digits before the point
    const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
    digits.erase(0, zeros);
    point -= static_cast<std::ptrdiff_t>(zeros);
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    if (digits.empty()) {
        out += '0';
        return true;
    }
    if (negative) out += '-';
    const auto size = static_cast<std::ptrdiff_t>(digits.size());
    if (point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-point), '0');
        out += digits;
    } else if (point >= size) {
        out += digits;
        out.append(static_cast<std::size_t>(point - size), '0');
    } else {
        out.append(digits, 0, static_cast<std::size_t>(point));
        out += '.';
        out.append(digits, static_cast<std::size_t>(point));
    }
    return true;
}

void two(std::string& out, unsigned value) {
    out += static_cast<char>('0' + value / 10 % 10);
    out += static_cast<char>('0' + value % 10);
}

/// 2020-03-04T10:00:30.000Z
void append_time(std::int64_t ms, std::string& out) {
    using std::chrono::days, std::chrono::sys_days, std::chrono::milliseconds, std::chrono::year_month_day;
    const std::chrono::sys_time<milliseconds> at{milliseconds(ms)};
    const sys_days day = std::chrono::floor<days>(at);
    const year_month_day date(day);
    const auto rest = static_cast<unsigned>((at - day).count());
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    two(out, year / 100), two(out, year % 100);
    out += '-', two(out, static_cast<unsigned>(date.month()));
    out += '-', two(out, static_cast<unsigned>(date.day()));
    out += 'T', two(out, rest / 3600000);
    out += ':', two(out, rest / 60000 % 60);
    out += ':', two(out, rest / 1000 % 60);
    out += '.', out += static_cast<char>('0' + rest / 100 % 10), two(out, rest % 100);
    out += 'Z';
}

constexpr std::pair<Vocabulary, std::string_view> urns[] = {{Vocabulary::biz_step, "bizstep:"},
                                                            {Vocabulary::disposition, "disp:"},
                                                            {Vocabulary::transaction_type, "btt:"},
                                                            {Vocabulary::source_type, "sdt:"},
                                                            {Vocabulary::error_reason, "er:"}};
constexpr std::string_view cbv_urn = "urn:epcglobal:cbv:";

}  // namespace

struct EventHasher::State {
    struct Piece {
        std::size_t begin = 0, size = 0;
    };

    std::string out;      ///< the pre-hash string
    std::string scratch;  ///< texts of lists before they are sorted: a stack
    std::vector<Piece> pieces;
    std::string key;
    const Event* event = nullptr;
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    const EVP_MD* sha256 = EVP_sha256();

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(digest); }

    // values
    void value(std::string_view text, std::string& to);
    void word(Vocabulary vocabulary, const Word& word, std::string& to);
    void field(std::string_view name, std::string_view text, std::string& to);
    void word_field(std::string_view name, Vocabulary vocabulary, const Word& word, std::string& to);
    // lists: write pieces to the scratch, then sort them into `to`
    [[nodiscard]] Piece begin() const { return {scratch.size(), pieces.size()}; }
    void piece(std::size_t from) { pieces.push_back({from, scratch.size() - from}); }
    void sorted(const Piece& since, std::string& to);
    void sorted_in_place(const Piece& since);
    // parts of the event
    void texts(std::string_view name, std::string_view element, const std::vector<std::string_view>& list);
    void quantities(std::string_view name, const std::vector<Quantity>& list);
    void words(std::string_view name, const std::vector<Word>& list);
    void place(std::string_view name, const Place& place);
    void typed(std::string_view list_name, std::string_view name, Vocabulary vocabulary,
               const std::vector<TypedId>& list);
    void sensors();
    void sensor(const SensorElement& element);
    void report(const SensorReport& report);
    void nodes(const Siblings& chain);
    void node(const Node& node);
    void tail();
    void write(const Event& of);
};

/// Any value in its canonical spelling: CBV URN or compact URI to Web URI, number, GS1 key; else as it is.
void EventHasher::State::value(std::string_view text, std::string& to) {
    if (text.starts_with(cbv_urn)) {
        const std::string_view rest = text.substr(cbv_urn.size());
        for (const auto& [vocabulary, beginning] : urns) {
            if (!rest.starts_with(beginning)) continue;
            to += web_prefix(vocabulary);
            to += rest.substr(beginning.size());
            return;
        }
        to += text;
        return;
    }
    if (append_number(text, to) || append_digital_link(text, to)) return;
    std::string_view rest;
    if (const std::string_view space = expand_prefix(event->prefixes, text, rest); !space.empty()) {
        to += space;
        to += rest;
        return;
    }
    to += text;
}

void EventHasher::State::word(Vocabulary vocabulary, const Word& of, std::string& to) {
    if (of.cbv.empty()) return value(of.text, to);
    to += web_prefix(vocabulary);
    to += of.cbv;
}

void EventHasher::State::field(std::string_view name, std::string_view text, std::string& to) {
    if (text.empty()) return;
    to += name;
    to += '=';
    value(text, to);
}

void EventHasher::State::word_field(std::string_view name, Vocabulary vocabulary, const Word& of,
                                    std::string& to) {
    if (of.empty()) return;
    to += name;
    to += '=';
    word(vocabulary, of, to);
}

/// Sorts the pieces since a mark by their bytes and moves them to `to`, which is not the scratch.
void EventHasher::State::sorted(const Piece& since, std::string& to) {
    const auto first = pieces.begin() + static_cast<std::ptrdiff_t>(since.size);
    const std::string_view all = scratch;
    std::sort(first, pieces.end(), [&](const Piece& a, const Piece& b) {
        return all.substr(a.begin, a.size) < all.substr(b.begin, b.size);
    });
    for (auto at = first; at != pieces.end(); ++at) to += all.substr(at->begin, at->size);
    pieces.erase(first, pieces.end());
    scratch.resize(since.begin);
}

/// As `sorted`, the result being the new end of the scratch.
void EventHasher::State::sorted_in_place(const Piece& since) {
    if (pieces.size() - since.size < 2) {  // in order already
        pieces.resize(since.size);
        return;
    }
    std::string joined;
    sorted(since, joined);
    scratch += joined;
}

void EventHasher::State::texts(std::string_view name, std::string_view element,
                               const std::vector<std::string_view>& list) {
    if (list.empty()) return;
    const Piece mark = begin();
    for (const std::string_view text : list) {
        const std::size_t from = scratch.size();
        field(element, text, scratch);
        piece(from);
    }
    out += name;
    sorted(mark, out);
}

void EventHasher::State::quantities(std::string_view name, const std::vector<Quantity>& list) {
    if (list.empty()) return;
    const Piece mark = begin();
    for (const Quantity& quantity : list) {
        const std::size_t from = scratch.size();
        scratch += "quantityElement";
        field("epcClass", quantity.epc_class, scratch);
        field("quantity", quantity.quantity, scratch);
        field("uom", quantity.uom, scratch);
        piece(from);
    }
    out += name;
    sorted(mark, out);
}

void EventHasher::State::words(std::string_view name, const std::vector<Word>& list) {
    const Piece mark = begin();
    for (const Word& of : list) {
        const std::size_t from = scratch.size();
        word_field(name, Vocabulary::disposition, of, scratch);
        piece(from);
    }
    sorted(mark, out);
}

void EventHasher::State::place(std::string_view name, const Place& place) {
    if (place.id.empty() && place.extensions.empty()) return;
    out += name;
    field("id", place.id, out);
    const Piece mark = begin();
    nodes(place.extensions);
    sorted(mark, out);
}

/// One piece for the whole list; its entries with their type first.
void EventHasher::State::typed(std::string_view list_name, std::string_view name, Vocabulary vocabulary,
                               const std::vector<TypedId>& list) {
    if (list.empty()) return;
    const std::size_t from = scratch.size();
    scratch += list_name;
    const Piece mark = begin();
    for (const TypedId& entry : list) {
        const std::size_t start = scratch.size();
        word_field("type", vocabulary, entry.type, scratch);
        field(name, entry.id, scratch);
        piece(start);
    }
    sorted_in_place(mark);
    piece(from);
}

void EventHasher::State::report(const SensorReport& report) {
    scratch += "sensorReport";
    for (std::size_t i = 0; i < report.fields.size(); ++i) {
        const std::string_view text = report.fields[i];
        if (text.empty()) continue;
        const auto id = static_cast<Report>(i);
        const bool measured = id == Report::type;
        if (id == Report::time) {
            scratch += "time=";
            if (const auto time = parse_time_stamp(text)) append_time(time->ms, scratch);
        } else if (measured || id == Report::exception || id == Report::component) {
            const Vocabulary vocabulary = measured                  ? Vocabulary::measurement
                                          : id == Report::exception ? Vocabulary::alert
                                                                    : Vocabulary::component;
            // Words newer than this program are spelled like the old ones.
            word_field(name_of(id), vocabulary, {text, own_word(vocabulary, text)}, scratch);
        } else if (id == Report::boolean_value) {
            scratch += text == "true" || text == "1" ? "booleanValue=true" : "booleanValue=false";
        } else {
            field(name_of(id), text, scratch);
        }
    }
    const Piece mark = begin();
    nodes(report.extensions);
    sorted_in_place(mark);
}

void EventHasher::State::sensor(const SensorElement& element) {
    scratch += "sensorElement";
    const std::size_t before = scratch.size();
    scratch += "sensorMetadata";
    const std::size_t head = scratch.size();
    for (std::size_t i = 0; i < element.metadata.size(); ++i) {
        const std::string_view text = element.metadata[i];
        if (text.empty()) continue;
        const auto id = static_cast<Meta>(i);
        if (id == Meta::time || id == Meta::start_time || id == Meta::end_time) {
            scratch += name_of(id);
            scratch += '=';
            if (const auto time = parse_time_stamp(text)) append_time(time->ms, scratch);
        } else {
            field(name_of(id), text, scratch);
        }
    }
    Piece mark = begin();
    nodes(element.metadata_extensions);
    sorted_in_place(mark);
    if (scratch.size() == head) scratch.resize(before);
    mark = begin();
    for (std::uint32_t i = 0; i < element.report_count; ++i) {
        const std::size_t from = scratch.size();
        report(event->sensor_reports[element.first_report + i]);
        piece(from);
    }
    sorted_in_place(mark);
    mark = begin();
    nodes(element.extensions);
    sorted_in_place(mark);
}

void EventHasher::State::sensors() {
    if (event->sensors.empty()) return;
    out += "sensorElementList";
    const Piece mark = begin();
    for (const SensorElement& element : event->sensors) {
        const std::size_t from = scratch.size();
        sensor(element);
        piece(from);
    }
    sorted(mark, out);
}

/// {namespace}name=value and what is below, sorted.
void EventHasher::State::node(const Node& of) {
    if (!of.space.empty()) {
        scratch += '{';
        // The 1.x schemas write this one name space without its last colon.
        scratch += of.space == "urn:epcglobal:cbv:mda:" ? of.space.substr(0, of.space.size() - 1) : of.space;
        scratch += '}';
    }
    scratch += of.name;
    if (!of.text.empty()) {
        scratch += '=';
        value(of.text, scratch);
    }
    const Piece mark = begin();
    nodes({of.first_child, of.last_child});
    sorted_in_place(mark);
}

/// One piece for each node that counts.
void EventHasher::State::nodes(const Siblings& chain) {
    for (std::int32_t i = chain.first; i >= 0;) {
        const Node& of = event->nodes[static_cast<std::size_t>(i)];
        i = of.next;
        if (of.ignored) continue;
        const std::size_t from = scratch.size();
        node(of);
        piece(from);
    }
}

/// What the golden files put at the end, sorted by name.
void EventHasher::State::tail() {
    const Piece mark = begin();
    typed("bizTransactionList", "bizTransaction", Vocabulary::transaction_type, event->transactions);
    typed("destinationList", "destination", Vocabulary::source_type, event->destinations);
    typed("sourceList", "source", Vocabulary::source_type, event->sources);
    if (!event->ilmd.empty()) {
        const std::size_t from = scratch.size();
        scratch += "ilmd";
        const Piece inner = begin();
        nodes(event->ilmd);
        sorted_in_place(inner);
        piece(from);
    }
    nodes(event->extensions);
    sorted(mark, out);
}

void EventHasher::State::write(const Event& of) {
    event = &of;
    out.clear();
    scratch.clear();
    pieces.clear();
    out += "eventType=";
    out += text_of(of.type);
    out += "eventTime=";
    append_time(of.event_time.ms, out);
    field("eventTimeZoneOffset", of.offset, out);
    const Piece mark = begin();
    for (const std::string_view text : of.certifications) {
        const std::size_t from = scratch.size();
        field("certificationInfo", text, scratch);
        piece(from);
    }
    sorted(mark, out);
    field("parentID", of.parent_id, out);
    texts("epcList", "epc", of.epcs);
    texts("inputEPCList", "epc", of.inputs);
    texts("childEPCs", "epc", of.children);
    quantities("quantityList", of.quantities);
    quantities("childQuantityList", of.child_quantities);
    quantities("inputQuantityList", of.input_quantities);
    texts("outputEPCList", "epc", of.outputs);
    quantities("outputQuantityList", of.output_quantities);
    field("action", text_of(of.action), out);
    field("transformationID", of.transformation_id, out);
    word_field("bizStep", Vocabulary::biz_step, of.biz_step, out);
    word_field("disposition", Vocabulary::disposition, of.disposition, out);
    if (!of.set.empty() || !of.unset.empty()) {
        out += "persistentDisposition";
        words("set", of.set);
        words("unset", of.unset);
    }
    place("readPoint", of.read_point);
    place("bizLocation", of.biz_location);
    sensors();
    tail();
}

EventHasher::EventHasher() : state_(std::make_unique<State>()) {}
EventHasher::~EventHasher() = default;
EventHasher::EventHasher(EventHasher&&) noexcept = default;
EventHasher& EventHasher::operator=(EventHasher&&) noexcept = default;

std::string_view EventHasher::pre_hash(const Event& event) {
    state_->write(event);
    return state_->out;
}

std::string EventHasher::hash_id(const Event& event) {
    state_->write(event);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    QY_ASSERT(EVP_DigestInit_ex(state_->digest, state_->sha256, nullptr) == 1 &&
              EVP_DigestUpdate(state_->digest, state_->out.data(), state_->out.size()) == 1 &&
              EVP_DigestFinal_ex(state_->digest, bytes.data(), &size) == 1 && size == 32);
    std::string id = "ni:///sha-256;";
    id.reserve(id.size() + 64 + 11);
    for (unsigned i = 0; i < size; ++i) {
        id += "0123456789abcdef"[bytes[i] >> 4];
        id += "0123456789abcdef"[bytes[i] & 15];
    }
    id += "?ver=CBV2.0";
    return id;
}

}  // namespace qingyuan::observe
