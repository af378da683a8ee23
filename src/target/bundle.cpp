#include "target/bundle.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/text.hpp"
#include "target/hash_each.hpp"

namespace qingyuan::target {

namespace {

constexpr std::size_t text_bytes_max = 200;

/// Words of one line: printable, no line feed, no blank at the ends.
bool is_line_text(std::string_view text) {
    return !text.empty() && text.size() <= text_bytes_max && is_utf8(text) && trim(text) == text &&
           std::ranges::none_of(text,
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_draw_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::string or_dash(std::string_view text) {
    return text.empty() ? "-" : std::string(text);
}

std::string head_lines(const Head& head) {
    std::string out = fmt::format(
        "qingyuan-draw 1\ndraw {}\nnumber {}\nprevious {}\norganisation {}\nprofile {}\nopened {}\n"
        "sealed_until {}\nbeacon {}\nrule {}\n",
        head.draw_id, head.number, hex(head.previous), head.organisation, name_of(head.profile),
        head.opened.text(), head.sealed_until == Date{} ? "-" : head.sealed_until.text(),
        or_dash(head.beacon), head.rule);
    for (const Stratum& stratum : head.strata)
        out += fmt::format("stratum {} {} {} {} {}\n", stratum.id, stratum.units, stratum.size,
                           stratum.reserve, text_of(stratum.random));
    out += fmt::format("frame {} {}\n", head.units, hex(head.root));
    return out;
}

void append_unit(std::string& out, const Unit& unit, const std::vector<Stratum>& strata) {
    out += "unit ";
    out += hex(unit.pseudonym);
    out += ' ';
    out += strata[unit.stratum].id;
    out += ' ';
    out += text_of(unit.probability);
    out += ' ';
    out += unit.reasons;
}

Result<void> check_parties(const Bundle& bundle) {
    if (bundle.parties.size() < 2)
        return Error{ErrorCode::step_missing,
                     fmt::format("{} of 2 parties committed", bundle.parties.size()),
                     "party",
                     {},
                     "let a second party commit before anybody reveals"};
    for (std::size_t i = 0; i < bundle.parties.size(); ++i) {
        const Party& party = bundle.parties[i];
        for (std::size_t k = 0; k < i; ++k)
            if (bundle.parties[k].name == party.name)
                return Error{ErrorCode::duplicate_key,
                             fmt::format("{} committed twice", party.name),
                             "party",
                             {},
                             "the draw is void: each party commits once"};
        if (!party.seed)
            return Error{ErrorCode::step_missing,
                         fmt::format("{} did not reveal its seed", party.name),
                         "seed",
                         {},
                         "without it the draw is void and a new one gets the next number"};
        if (commitment_of(*party.seed, party.name, bundle.head.draw_id) != party.commitment)
            return Error{ErrorCode::seed_mismatch,
                         fmt::format("the seed of {} is not the committed one", party.name),
                         "seed",
                         {},
                         "the draw is void"};
    }
    if (bundle.head.beacon.empty() != bundle.public_value.empty())
        return Error{ErrorCode::condition_unmet, "a public value goes with a beacon named before", "public"};
    return {};
}

Error stratum_error(ErrorCode code, const Stratum& stratum, std::string message) {
    return {
        code, std::move(message), "stratum " + stratum.id, {}, "the frame was not frozen as it should be"};
}

Result<void> check_frame(const Bundle& bundle) {
    const auto& [head, units] = std::tie(bundle.head, bundle.units);
    if (units.empty())
        return Error{ErrorCode::frame_empty, "nobody can be drawn", "frame", {}, "give at least one unit"};
    if (std::cmp_not_equal(units.size(), head.units))
        return Error{ErrorCode::condition_unmet,
                     fmt::format("{} units, the head says {}", units.size(), head.units), "frame"};
    struct Sum {
        std::uint64_t chance = 0;
        std::int64_t units = 0;
        Probability lowest = probability_one;
    };
    std::vector<Sum> sums(head.strata.size());
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (i > 0 && units[i - 1].pseudonym >= units[i].pseudonym)
            return Error{ErrorCode::condition_unmet, "units are sorted by pseudonym, each once",
                         fmt::format("unit {}", i + 1)};
        QY_ASSERT(units[i].stratum < sums.size());
        Sum& sum = sums[units[i].stratum];
        sum.chance += units[i].probability;
        ++sum.units;
        sum.lowest = std::min(sum.lowest, units[i].probability);
    }
    for (std::size_t s = 0; s < sums.size(); ++s) {
        const Stratum& stratum = head.strata[s];
        if (stratum.units != sums[s].units || stratum.size < 1 || stratum.reserve < 0 ||
            stratum.size + stratum.reserve > stratum.units)
            return stratum_error(ErrorCode::quota_impossible, stratum,
                                 fmt::format("{} and {} in reserve of {} units", stratum.size,
                                             stratum.reserve, sums[s].units));
        if (sums[s].chance != static_cast<std::uint64_t>(stratum.size) * probability_one)
            return stratum_error(ErrorCode::probability_invalid, stratum,
                                 "the probabilities do not add up to the size");
        if (stratum.random > sums[s].lowest)
            return stratum_error(ErrorCode::probability_invalid, stratum,
                                 "the random reserve is above a probability");
    }
    if (root_of(units, head.strata) != head.root)
        return Error{ErrorCode::condition_unmet, "the root is not that of the units", "frame"};
    return {};
}

Digest seed_of(const Bundle& bundle) {
    Sm3 hash;
    hash.add("draw.seed").add(std::uint8_t{0}).add(digest_of(bundle.head));
    for (const Party& party : bundle.parties) hash.add(*party.seed);
    hash.add(bundle.public_value);
    return hash.finish();
}

}  // namespace

Digest digest_of(const Head& head) {
    return sm3(head_lines(head));
}

Digest commitment_of(const Digest& seed, std::string_view party, std::string_view draw_id) {
    return Sm3().add(seed).add(party).add(draw_id).finish();
}

Digest salt_of(const Digest& secret, std::string_view operator_id) {
    // Nested, so that no salt can be continued to that of a longer id.
    return Sm3().add(secret).add(Sm3().add(secret).add(operator_id).finish()).finish();
}

Digest pseudonym_of(const Digest& salt, std::string_view operator_id) {
    return Sm3().add("draw.unit").add(std::uint8_t{0}).add(salt).add(operator_id).finish();
}

std::string line_of(const Unit& unit, const std::vector<Stratum>& strata) {
    std::string out;
    append_unit(out, unit, strata);
    return out;
}

Digest root_of(const std::vector<Unit>& units, const std::vector<Stratum>& strata) {
    return root_over(hash_each(units.size(), [&](std::size_t i, std::string& bytes) {
        bytes += '\0';
        append_unit(bytes, units[i], strata);
    }));
}

Frame freeze(const std::vector<Candidate>& candidates, const Chances& chances, const Digest& secret) {
    const auto inner = hash_each(candidates.size(), [&](std::size_t i, std::string& bytes) {
        bytes += bytes_of(secret);
        bytes += candidates[i].operator_id;
    });
    const auto salts = hash_each(candidates.size(), [&](std::size_t i, std::string& bytes) {
        bytes += bytes_of(secret);
        bytes += bytes_of(inner[i]);
    });
    const auto pseudonyms = hash_each(candidates.size(), [&](std::size_t i, std::string& bytes) {
        bytes += "draw.unit";
        bytes += '\0';
        bytes += bytes_of(salts[i]);
        bytes += candidates[i].operator_id;
    });
    Frame out;
    out.candidates.resize(candidates.size());
    std::iota(out.candidates.begin(), out.candidates.end(), 0U);
    std::ranges::sort(out.candidates, std::less<>(),
                      [&](std::uint32_t i) -> const Digest& { return pseudonyms[i]; });
    out.units.reserve(candidates.size());
    for (const std::uint32_t i : out.candidates) {
        std::vector<std::string> reasons = candidates[i].reasons;
        if (reasons.empty()) reasons.emplace_back("targeted");
        std::ranges::sort(reasons);
        const auto stratum =
            std::ranges::lower_bound(chances.strata, candidates[i].stratum, {}, &Stratum::id);
        out.units.push_back({pseudonyms[i], static_cast<std::uint32_t>(stratum - chances.strata.begin()),
                             chances.probabilities[i], join(reasons, ",")});
    }
    out.root = root_of(out.units, chances.strata);
    return out;
}

std::vector<Place> places_for(const std::vector<Stratum>& strata, const std::vector<Unit>& units,
                              const std::vector<Ticket>& tickets) {
    std::vector<std::vector<Ranked>> ranked(strata.size());
    for (std::size_t s = 0; s < strata.size(); ++s)
        ranked[s].reserve(static_cast<std::size_t>(strata[s].units));
    for (std::uint32_t i = 0; i < units.size(); ++i)
        ranked[units[i].stratum].push_back({tickets[i], units[i].probability, i});
    std::vector<Place> out;
    for (std::uint32_t s = 0; s < strata.size(); ++s) {
        const auto wanted = static_cast<std::size_t>(strata[s].size + strata[s].reserve);
        std::vector<Ranked>& order = ranked[s];
        if (wanted < order.size())
            std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(wanted),
                                     drawn_before);
        order.resize(wanted);
        std::ranges::sort(order, drawn_before);
        for (std::uint32_t rank = 1; rank <= wanted; ++rank) {
            const Ranked& one = order[rank - 1];
            const bool reserve = rank > static_cast<std::uint32_t>(strata[s].size);
            const bool random =
                one.probability < probability_one && is_random(one.ticket, one.probability, strata[s].random);
            out.push_back({one.unit, s, rank, reserve, random ? "random" : units[one.unit].reasons});
        }
    }
    return out;
}

Result<Outcome> draw(const Bundle& bundle) {
    CHECK(check_parties(bundle));
    CHECK(check_frame(bundle));
    Outcome out;
    out.seed = seed_of(bundle);
    std::vector<Digest> pseudonyms;
    pseudonyms.reserve(bundle.units.size());
    for (const Unit& unit : bundle.units) pseudonyms.push_back(unit.pseudonym);
    out.tickets = tickets_of(bundle.head.profile, bundle.head.draw_id, out.seed, pseudonyms);
    out.places = places_for(bundle.head.strata, bundle.units, out.tickets);
    return out;
}

namespace {

Result<void> check_head(const Head& head) {
    const auto wrong = [](std::string_view field) {
        return Error{ErrorCode::field_invalid, "is not as docs/formats/draw.md wants it", std::string(field)};
    };
    if (!is_draw_id(head.draw_id)) return wrong("draw");
    if (head.number < 1) return wrong("number");
    if (!is_draw_id(head.organisation)) return wrong("organisation");
    if (!head.beacon.empty() && (!is_line_text(head.beacon) || head.beacon == "-")) return wrong("beacon");
    if (!is_line_text(head.rule)) return wrong("rule");
    if (head.strata.empty()) return wrong("stratum");
    for (std::size_t i = 0; i < head.strata.size(); ++i)
        if (!is_identifier(head.strata[i].id) || (i > 0 && head.strata[i - 1].id >= head.strata[i].id))
            return wrong("stratum");
    return {};
}

std::string party_lines(const Bundle& bundle) {
    std::string out;
    for (const Party& party : bundle.parties)
        out += fmt::format("party {} {} {}\n", party.name, hex(party.commitment),
                           party.seed ? hex(*party.seed) : "-");
    out += fmt::format("public {}\n", or_dash(bundle.public_value));
    return out;
}

std::string result_lines(const Bundle& bundle, const Outcome& outcome) {
    std::string out = fmt::format("outcome drawn {}\n", hex(outcome.seed));
    out.reserve(bundle.units.size() * 140);
    for (std::size_t i = 0; i < bundle.units.size(); ++i) {
        append_unit(out, bundle.units[i], bundle.head.strata);
        out += ' ';
        out += outcome.tickets[i].text();
        out += '\n';
    }
    for (const Place& place : outcome.places)
        out += fmt::format("{} {} {} {} {}\n", place.reserve ? "reserve" : "drawn",
                           bundle.head.strata[place.stratum].id, place.rank,
                           hex(bundle.units[place.unit].pseudonym), place.reason);
    return out;
}

/// A void draw is checked as far as it went: whoever revealed must have revealed what was committed.
Result<void> check_void(const Bundle& bundle) {
    for (const Party& party : bundle.parties)
        if (party.seed && commitment_of(*party.seed, party.name, bundle.head.draw_id) != party.commitment)
            return Error{ErrorCode::seed_mismatch,
                         fmt::format("the seed of {} is not the committed one", party.name), "seed"};
    if (!is_line_text(bundle.void_reason))
        return Error{ErrorCode::field_missing, "a void draw says why", "outcome"};
    return {};
}

std::string whole(const Bundle& bundle, const Outcome& outcome) {
    std::string out = head_lines(bundle.head) + party_lines(bundle);
    out += bundle.void_reason.empty() ? result_lines(bundle, outcome)
                                      : fmt::format("outcome void {}\n", bundle.void_reason);
    const Digest digest = sm3(out);
    out += fmt::format("end {}\n", hex(digest));
    return out;
}

Result<Outcome> outcome_of(const Bundle& bundle) {
    CHECK(check_head(bundle.head));
    for (const Party& party : bundle.parties)
        if (!is_identifier(party.name))
            return Error{ErrorCode::field_invalid, fmt::format("'{}' is no name of a party", party.name),
                         "party"};
    if (!bundle.public_value.empty() && (!is_line_text(bundle.public_value) || bundle.public_value == "-"))
        return Error{ErrorCode::field_invalid, "a public value is one line", "public"};
    if (bundle.void_reason.empty()) return draw(bundle);
    CHECK(check_void(bundle));
    return Outcome{};
}

}  // namespace

Result<std::string> write_bundle(const Bundle& bundle) {
    const Outcome outcome = TRY(outcome_of(bundle));
    return whole(bundle, outcome);
}

// --- reading

namespace {

/// The lines of a bundle, one after the other, each cut into its words.
class Lines {
 public:
    explicit Lines(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool next() {
        const std::size_t end = rest_.find('\n');
        if (end == std::string_view::npos) return false;
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        ++number_;
        return true;
    }
    /// The n-th word from 0, "" where there is none.
    [[nodiscard]] std::string_view word(int n) const {
        std::string_view left = line_;
        for (; n > 0; --n) {
            const std::size_t gap = left.find(' ');
            if (gap == std::string_view::npos) return {};
            left.remove_prefix(gap + 1);
        }
        return left.substr(0, left.find(' '));
    }
    /// All that follows the first n words.
    [[nodiscard]] std::string_view after(int n) const {
        std::string_view left = line_;
        for (; n > 0; --n) {
            const std::size_t gap = left.find(' ');
            if (gap == std::string_view::npos) return {};
            left.remove_prefix(gap + 1);
        }
        return left;
    }
    [[nodiscard]] bool is(std::string_view name) const { return word(0) == name; }
    [[nodiscard]] std::size_t number() const { return number_; }
    [[nodiscard]] Error wrong(std::string_view wanted) const {
        return {ErrorCode::bundle_invalid,
                fmt::format("not a line of {}", wanted),
                fmt::format("line {}", number_),
                {},
                "ask for the file again and compare its digest with the published one"};
    }

 private:
    std::string_view rest_;
    std::string_view line_;
    std::size_t number_ = 0;
};

Result<std::string> taken(Lines& lines, std::string_view name) {
    if (!lines.next() || !lines.is(name)) return lines.wrong(name);
    return std::string(lines.after(1));
}

Result<std::int64_t> whole_number(const Lines& lines, int word, std::string_view name) {
    const auto value = parse_integer(lines.word(word));
    if (!value || *value < 0) return lines.wrong(name);
    return *value;
}

Result<Digest> digest_at(const Lines& lines, int word, std::string_view name) {
    const auto value = parse_digest(lines.word(word));
    if (!value) return lines.wrong(name);
    return *value;
}

Result<Date> date_or_none(const std::string& text, const Lines& lines, std::string_view name) {
    if (text == "-") return Date{};
    const auto date = parse_date(text);
    if (!date) return lines.wrong(name);
    return *date;
}

/// A line that stands ready in `lines` is the stratum's; stops behind the line of the frame.
Result<void> read_strata(Lines& lines, Head& head) {
    while (lines.next() && lines.is("stratum")) {
        const auto random =
            lines.word(5) == "0.000000000" ? Result<Probability>(0) : parse_probability(lines.word(5));
        if (!random) return lines.wrong("stratum");
        head.strata.push_back({std::string(lines.word(1)), TRY(whole_number(lines, 2, "stratum")),
                               TRY(whole_number(lines, 3, "stratum")), TRY(whole_number(lines, 4, "stratum")),
                               *random});
    }
    if (!lines.is("frame")) return lines.wrong("frame");
    head.units = TRY(whole_number(lines, 1, "frame"));
    head.root = TRY(digest_at(lines, 2, "frame"));
    return {};
}

Result<Head> read_head(Lines& lines) {
    if (!lines.next() || !lines.is("qingyuan-draw"))
        return Error{ErrorCode::record_malformed,
                     "this is no bundle of a draw",
                     "line 1",
                     {},
                     "give a file with the ending .draw"};
    Head head;
    head.draw_id = TRY(taken(lines, "draw"));
    CHECK(taken(lines, "number"));
    head.number = TRY(whole_number(lines, 1, "number"));
    CHECK(taken(lines, "previous"));
    head.previous = TRY(digest_at(lines, 1, "previous"));
    head.organisation = TRY(taken(lines, "organisation"));
    const auto profile = parse_profile(TRY(taken(lines, "profile")));
    if (!profile) return lines.wrong("profile");
    head.profile = *profile;
    head.opened = TRY(date_or_none(TRY(taken(lines, "opened")), lines, "opened"));
    head.sealed_until = TRY(date_or_none(TRY(taken(lines, "sealed_until")), lines, "sealed_until"));
    head.beacon = TRY(taken(lines, "beacon"));
    if (head.beacon == "-") head.beacon.clear();
    head.rule = TRY(taken(lines, "rule"));
    CHECK(read_strata(lines, head));
    return head;
}

/// The party lines, the public value and the outcome.
Result<void> read_ceremony(Lines& lines, Bundle& bundle) {
    while (lines.next() && lines.is("party")) {
        Party party{std::string(lines.word(1)), TRY(digest_at(lines, 2, "party")), {}};
        if (lines.word(3) != "-") party.seed = TRY(digest_at(lines, 3, "party"));
        bundle.parties.push_back(std::move(party));
    }
    if (!lines.is("public")) return lines.wrong("public");
    bundle.public_value = lines.after(1);
    if (bundle.public_value == "-") bundle.public_value.clear();
    if (!lines.next() || !lines.is("outcome")) return lines.wrong("outcome");
    if (lines.word(1) == "void")
        bundle.void_reason = lines.after(2);
    else if (lines.word(1) != "drawn")
        return lines.wrong("outcome");
    return {};
}

Result<void> read_units(Lines& lines, Bundle& bundle) {
    if (bundle.head.units > static_cast<std::int64_t>(frame_units_max)) return lines.wrong("unit");
    const std::vector<Stratum>& strata = bundle.head.strata;
    for (std::int64_t i = 0; i < bundle.head.units; ++i) {
        if (!lines.next() || !lines.is("unit")) return lines.wrong("unit");
        const auto stratum = std::ranges::find(strata, lines.word(2), &Stratum::id);
        const auto probability = parse_probability(lines.word(3));
        if (stratum == strata.end() || !probability) return lines.wrong("unit");
        bundle.units.push_back({TRY(digest_at(lines, 1, "unit")),
                                static_cast<std::uint32_t>(stratum - strata.begin()), *probability,
                                std::string(lines.word(4))});
    }
    return {};
}

/// Where the file first departs from what it must be.
Error first_difference(std::string_view found, std::string_view wanted) {
    std::size_t line = 1;
    while (true) {
        const std::string_view a = found.substr(0, found.find('\n')), b = wanted.substr(0, wanted.find('\n'));
        if (a != b || a.size() == found.size() || b.size() == wanted.size())
            return {ErrorCode::bundle_invalid,
                    fmt::format("found '{}', computed '{}'", a.substr(0, 200), b.substr(0, 200)),
                    fmt::format("line {}", line),
                    {},
                    "ask for the file again and compare its digest with the published one"};
        found.remove_prefix(a.size() + 1);
        wanted.remove_prefix(b.size() + 1);
        ++line;
    }
}

}  // namespace

Result<Checked> check_bundle(std::string_view bytes) {
    Lines lines(bytes);
    Checked out;
    out.bundle.head = TRY(read_head(lines));
    CHECK(read_ceremony(lines, out.bundle));
    if (out.bundle.void_reason.empty()) CHECK(read_units(lines, out.bundle));
    Result<Outcome> outcome = outcome_of(out.bundle);
    if (!outcome)
        return Error{ErrorCode::bundle_invalid,
                     fmt::format("{}: {}", outcome.error().info().name, outcome.error().message),
                     outcome.error().where,
                     {},
                     "the draw does not hold"};
    out.outcome = std::move(*outcome);
    const std::string wanted = whole(out.bundle, out.outcome);
    if (wanted != bytes) return first_difference(bytes, wanted);
    out.digest = sm3(bytes);
    return out;
}

Result<void> check_series(const std::vector<Checked>& bundles) {
    for (std::size_t i = 1; i < bundles.size(); ++i) {
        const Head& head = bundles[i].bundle.head;
        const Head& before = bundles[i - 1].bundle.head;
        if (head.organisation == before.organisation && head.number == before.number + 1 &&
            head.previous == bundles[i - 1].digest)
            continue;
        return Error{ErrorCode::bundle_invalid,
                     fmt::format("draw {} does not follow draw {} of {}", head.number, before.number,
                                 before.organisation),
                     head.draw_id,
                     {},
                     "ask for the draws in between: every draw is numbered, void ones too"};
    }
    return {};
}

}  // namespace qingyuan::target
