// One line a name: kind, id, code, name, initials, full pinyin, parted by a character that no name holds.
#include "api/names.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "api/pinyin.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr char part_end = '\x1F', line_end = '\n';
constexpr std::size_t bytes_max = std::size_t{1} << 30;  ///< beyond, new names are no longer taken in
constexpr std::size_t name_max = 240;                    ///< of a name, in bytes
constexpr std::uint64_t page_rows = 1'000;

enum Part : std::uint8_t { part_kind, part_id, part_code, part_name, part_initials, part_full };

template <class Row>
Result<void> each_row(const journal::Reader& reader, const std::function<void(const Row&)>& each) {
    journal::Query query{.limit = page_rows};
    for (;;) {
        const auto rows = TRY(reader.view<Row>().list(query));
        for (const Row& row : rows) each(row);
        if (rows.size() < page_rows) return {};
        if constexpr (std::is_same_v<Row, facts::DossierRow>)
            query.after_key = rows.back().seq;
        else
            query.after_key = rows.back().id;
    }
}

/// At most `name_max` bytes, whole characters only.
std::string_view shortened(std::string_view utf8) {
    if (utf8.size() <= name_max) return utf8;
    std::size_t end = name_max;
    while (end > 0 && (static_cast<std::uint8_t>(utf8[end]) & 0xC0) == 0x80) --end;
    return utf8.substr(0, end);
}

bool is_latin(char c) {
    return c >= 'a' && c <= 'z';
}

/// A licence leads to its operator and has no name of its own.
bool is_licence(std::string_view line) {
    return line.ends_with(std::string_view("\x1F\x1F\x1F"));
}

/// The hit of a line: which part the needle stands in, and how.
NameHit hit_in(std::string_view line, std::size_t at, std::size_t length) {
    const auto part = std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), part_end);
    const bool begins = line[at - 1] == part_end;
    const bool ends = at + length == line.size() || line[at + length] == part_end;
    NameHit hit;
    hit.kind = static_cast<NameHit::Kind>(line[0]);
    hit.id = line.substr(2, line.find(part_end, 2) - 2);
    hit.rank = begins && ends ? 0 : begins ? 1 : 2;
    switch (part) {
        case part_id: hit.matched = NameHit::Matched::id; break;
        case part_code:
            if (hit.kind == NameHit::Kind::dossier)
                hit.matched = NameHit::Matched::id;
            else if (hit.kind == NameHit::Kind::firm && !is_licence(line))
                hit.matched = NameHit::Matched::uscc;
            else
                hit.matched = NameHit::Matched::code;
            break;
        case part_name:
            hit.matched = NameHit::Matched::name;
            // The middle of a Latin word is hardly what is meant.
            if (!begins && is_latin(line[at]) && is_latin(line[at - 1])) hit.rank = 5;
            break;
        default: hit.matched = NameHit::Matched::initials; hit.rank = begins ? 3 : 4;
    }
    return hit;
}

/// The best place of the needle in its line; the id of a dossier is its number, which nobody looks for.
std::optional<NameHit> best_in(std::string_view line, std::string_view needle) {
    std::optional<NameHit> best;
    const std::size_t searched =
        line[0] == static_cast<char>(NameHit::Kind::dossier) ? line.find(part_end, 2) + 1 : 2;
    for (std::size_t at = line.find(needle, searched); at != std::string_view::npos;
         at = line.find(needle, at + 1)) {
        NameHit hit = hit_in(line, at, needle.size());
        if (!best || hit.rank < best->rank) best = std::move(hit);
        if (best->rank == 0) break;
    }
    return best;
}

std::string line_of(NameHit::Kind kind, std::string_view id, std::string_view code, std::string_view name) {
    name = shortened(name);
    const Pinyin pinyin = pinyin_of(name);
    const std::string plain = folded(name);
    std::string line(1, static_cast<char>(kind));
    const auto put = [&](std::string_view part) {
        line += part_end;
        line += part;
    };
    put(id);
    put(code);
    put(plain);
    put(pinyin.initials == plain ? "" : pinyin.initials);
    // Of a title the initials are enough: whoever types whole syllables types a name.
    put(kind == NameHit::Kind::dossier || pinyin.full == plain ? "" : pinyin.full);
    return line;
}

}  // namespace

std::shared_ptr<Names> make_names() {
    return std::make_shared<Names>();
}

std::optional<NameHit> matched(NameHit::Kind kind, std::string_view id, std::string_view name,
                               std::string_view text) {
    const std::string needle = folded(text);
    if (needle.empty()) return std::nullopt;
    auto hit = best_in(line_of(kind, id, folded(id), name), needle);
    if (hit && hit->matched == NameHit::Matched::code) hit->matched = NameHit::Matched::id;
    return hit;
}

void Names::add(NameHit::Kind kind, std::string_view id, std::string_view code, std::string_view name) {
    if (text_.size() >= bytes_max) return;
    text_ += line_of(kind, id, code, name);
    text_ += line_end;
}

void Names::add_fact(const facts::Recorded& recorded) {
    const facts::Payload& payload = recorded.fact.payload;
    using Kind = NameHit::Kind;
    if (const auto* firm = std::get_if<facts::OperatorRecorded>(&payload))
        add(Kind::firm, firm->id, folded(firm->uscc), firm->name);
    else if (const auto* licence = std::get_if<facts::LicenceRecorded>(&payload))
        add(Kind::firm, licence->operator_id, folded(licence->id), {});
    else if (const auto* product = std::get_if<facts::ProductRecorded>(&payload))
        add(Kind::product, product->id, folded(product->id), product->name);
    else if (const auto* organisation = std::get_if<facts::OrganisationRecorded>(&payload))
        add(Kind::organisation, organisation->id, organisation->region, organisation->name);
    else if (const auto* dossier = std::get_if<facts::DossierOpened>(&payload))
        add(Kind::dossier, std::to_string(recorded.seq), folded(dossier->id), dossier->title);
}

Result<void> Names::read_rows(const journal::Reader& reader) {
    using Kind = NameHit::Kind;
    CHECK(each_row<facts::OperatorRow>(reader, [&](const auto& row) {
        std::set<std::string_view> told;  // a version that changed neither name nor code says nothing new
        for (const auto& version : row.versions)
            if (told.insert(version.name).second) add(Kind::firm, row.id, folded(version.uscc), version.name);
    }));
    CHECK(each_row<facts::LicenceRow>(
        reader, [&](const auto& row) { add(Kind::firm, row.operator_id, folded(row.id), {}); }));
    CHECK(each_row<facts::ProductRow>(
        reader, [&](const auto& row) { add(Kind::product, row.id, folded(row.id), row.name); }));
    CHECK(each_row<facts::OrganisationRow>(reader, [&](const auto& row) {
        for (const auto& version : row.versions) add(Kind::organisation, row.id, row.region, version.name);
    }));
    return each_row<facts::DossierRow>(reader, [&](const auto& row) {
        add(Kind::dossier, std::to_string(row.seq), folded(row.id), row.title);
    });
}

Result<void> Names::catch_up(const journal::Reader& reader) {
    const std::uint64_t size = TRY(reader.head()).size;
    {
        const std::shared_lock lock(mutex_);
        if (filled_ && applied_ >= size) return {};
    }
    const std::unique_lock lock(mutex_);
    if (!filled_) {
        text_ = "\n";
        CHECK(read_rows(reader));
        filled_ = true;
        applied_ = size;
        return {};
    }
    if (applied_ >= size) return {};
    const auto one = [&](std::uint64_t seq, std::string_view record) -> Result<void> {
        const facts::Envelope envelope = TRY(facts::decode_envelope(record));
        constexpr std::array<std::string_view, 5> named{"operator_recorded", "licence_recorded",
                                                        "product_recorded", "organisation_recorded",
                                                        "dossier_opened"};
        if (std::ranges::find(named, envelope.kind) != named.end()) add_fact(TRY(facts::decode(record)));
        applied_ = seq;
        return {};
    };
    return reader.transaction().scan(applied_ + 1, size + 1, one);
}

std::vector<NameHit> Names::find(std::string_view text, std::string_view kinds, std::size_t hits_max) const {
    const std::string needle = folded(text);
    std::vector<NameHit> hits;
    if (needle.empty() || needle.find(part_end) != std::string::npos) return hits;
    const std::shared_lock lock(mutex_);
    std::set<std::pair<char, std::string>> known;
    const char* at = text_.data();
    const char* const end = at + text_.size();
    while (hits.size() < hits_max) {
        at = static_cast<const char*>(
            ::memmem(at, static_cast<std::size_t>(end - at), needle.data(), needle.size()));
        if (at == nullptr) break;
        const char* begin = at;
        while (begin[-1] != line_end) --begin;
        const char* const stop =
            static_cast<const char*>(std::memchr(at, line_end, static_cast<std::size_t>(end - at)));
        const std::string_view line(begin, static_cast<std::size_t>(stop - begin));
        at = stop;
        if (kinds.find(line[0]) == std::string_view::npos) continue;
        if (auto hit = best_in(line, needle)) hits.push_back(*std::move(hit));
    }
    std::ranges::stable_sort(hits, {}, &NameHit::rank);
    std::erase_if(
        hits, [&](const NameHit& hit) { return !known.emplace(static_cast<char>(hit.kind), hit.id).second; });
    return hits;
}

Result<Found> Names::find_for_list(const journal::Reader& reader, std::string_view text, std::size_t most) {
    CHECK(catch_up(reader));
    Found found;
    for (const NameHit& hit : find(text, "d", most + 1)) {
        const auto seq = parse_integer(hit.id);
        if (seq) found.dossiers.emplace_back(*seq);
    }
    for (const NameHit& hit : find(text, "o", most + 1)) found.operators.emplace_back(hit.id);
    found.is_cut = found.dossiers.size() > most || found.operators.size() > most;
    return found;
}

std::size_t Names::bytes() const {
    const std::shared_lock lock(mutex_);
    return text_.capacity();
}

}  // namespace qingyuan::api
