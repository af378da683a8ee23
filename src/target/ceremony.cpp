#include "target/ceremony.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::target {

namespace {

constexpr std::uint64_t page = 500;

Error malformed(std::size_t line) {
    return {ErrorCode::record_malformed, "not a line of a kept frame", fmt::format("line {}", line)};
}

/// Draws of the organisation in the order they were opened.
Result<std::vector<facts::DossierRow>> draws_of(const journal::Reader& reader, std::string_view organisation,
                                                std::int64_t before) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("draw")}},
                   {"organisation", journal::Compare::equal, {std::string(organisation)}}};
    query.limit = page;
    std::vector<facts::DossierRow> out;
    while (true) {
        const auto rows = TRY(reader.view<facts::DossierRow>().list(query));
        for (const facts::DossierRow& row : rows)
            if (before == 0 || row.seq < before) out.push_back(row);
        if (rows.size() < page) return out;
        query.after_key = rows.back().seq;
    }
}

std::int64_t number_in(const facts::Form& form, std::string_view field) {
    const facts::Value* value = facts::find(form, field);
    const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
    return number ? *number : 0;
}

Result<Head> head_of(const facts::DossierRow& row) {
    const facts::Form& form = row.attributes;
    Head head;
    head.draw_id = row.id;
    head.number = number_in(form, "number");
    head.previous = TRY(parse_digest(facts::text_of(form, "previous")));
    head.organisation = row.organisation;
    head.profile = TRY(parse_profile(facts::text_of(form, "profile")));
    head.opened = row.opened_on;
    if (const std::string until = facts::text_of(form, "sealed_until"); !until.empty())
        head.sealed_until = TRY(parse_date(until));
    head.beacon = facts::text_of(form, "beacon");
    head.rule = facts::text_of(form, "rule");
    head.strata = TRY(parse_strata(facts::text_of(form, "strata")));
    head.units = number_in(form, "frame_units");
    head.root = TRY(parse_digest(facts::text_of(form, "frame_root")));
    return head;
}

/// One line, for the bundle.
std::string one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return std::string(trim(text).substr(0, 120));
}

/// Parties and seeds from the steps that stand.
Result<void> read_steps(const journal::Reader& reader, const facts::DossierRow& row, Bundle& bundle) {
    std::vector<std::optional<std::size_t>>
        party_of;  // by number of the commitment; none where it was voided
    for (const facts::StepState& state : row.steps) {
        if (state.step != "commit" && state.step != "reveal" && state.step != "lapse") continue;
        if (state.voided) {
            if (state.step == "commit") party_of.emplace_back();
            continue;
        }
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(state.seq)));
        const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!step) continue;
        if (state.step == "commit") {
            party_of.emplace_back(bundle.parties.size());
            bundle.parties.push_back({facts::text_of(step->form, "party"),
                                      TRY(parse_digest(facts::text_of(step->form, "commitment"))),
                                      {}});
        } else if (state.step == "reveal") {
            const std::int64_t number = number_in(step->form, "number_revealed");
            if (number >= 1 && std::cmp_less_equal(number, party_of.size()) &&
                party_of[static_cast<std::size_t>(number - 1)])
                bundle.parties[*party_of[static_cast<std::size_t>(number - 1)]].seed =
                    TRY(parse_digest(facts::text_of(step->form, "seed")));
        } else {
            bundle.void_reason =
                fmt::format("not revealed and drawn by {}", facts::text_of(row.attributes, "reveal_by"));
        }
    }
    return {};
}

Result<Bundle> read_ceremony(const journal::Reader& reader, const facts::DossierRow& row) {
    if (row.procedure != "draw")
        return Error{ErrorCode::wrong_state, fmt::format("{} is a {}, not a draw", row.id, row.procedure)};
    Bundle out;
    out.head = TRY(head_of(row));
    CHECK(read_steps(reader, row, out));
    out.public_value = facts::text_of(row.attributes, "public_value");
    if (row.state == "voided") out.void_reason = "the dossier was voided";
    if (row.state == "void" && out.void_reason.empty())
        out.void_reason = one_line(facts::text_of(row.attributes, "void_reason"));
    return out;
}

}  // namespace

std::string write_frame(const Frame& frame, const std::vector<Candidate>& candidates,
                        const std::vector<Stratum>& strata) {
    std::string out;
    out.reserve(frame.units.size() * 130);
    for (std::size_t i = 0; i < frame.units.size(); ++i) {
        out += line_of(frame.units[i], strata);
        out += ' ';
        out += candidates[frame.candidates[i]].operator_id;
        out += '\n';
    }
    return out;
}

Result<KeptFrame> parse_frame(std::string_view text, const std::vector<Stratum>& strata) {
    KeptFrame out;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return malformed(line);
        const std::vector<std::string> words = split(text.substr(0, end), ' ');
        text.remove_prefix(end + 1);
        if (words.size() != 6 || words[0] != "unit") return malformed(line);
        const auto stratum = std::ranges::find(strata, words[2], &Stratum::id);
        const auto pseudonym = parse_digest(words[1]);
        const auto probability = parse_probability(words[3]);
        if (stratum == strata.end() || !pseudonym || !probability) return malformed(line);
        out.units.push_back(
            {*pseudonym, static_cast<std::uint32_t>(stratum - strata.begin()), *probability, words[4]});
        out.operators.push_back(words[5]);
    }
    return out;
}

std::string write_strata(const std::vector<Stratum>& strata) {
    std::vector<std::string> lines;
    for (const Stratum& stratum : strata)
        lines.push_back(fmt::format("{} {} {} {} {}", stratum.id, stratum.units, stratum.size,
                                    stratum.reserve, text_of(stratum.random)));
    return join(lines, "\n");
}

Result<std::vector<Stratum>> parse_strata(std::string_view text) {
    std::vector<Stratum> out;
    for (const std::string& line : split(text, '\n')) {
        const std::vector<std::string> words = split(line, ' ');
        const Error wrong{ErrorCode::field_invalid, fmt::format("'{}' is no stratum", line), "strata"};
        if (words.size() != 5 || !is_identifier(words[0])) return wrong;
        const auto units = parse_integer(words[1]), size = parse_integer(words[2]),
                   reserve = parse_integer(words[3]);
        const auto random =
            words[4] == text_of(Probability{0}) ? Result<Probability>(0) : parse_probability(words[4]);
        if (!units || !size || !reserve || !random) return wrong;
        out.push_back({words[0], *units, *size, *reserve, *random});
    }
    return out;
}

Result<Turn> turn_of(const journal::Reader& reader, std::string_view organisation, std::int64_t before) {
    const auto draws = TRY(draws_of(reader, organisation, before));
    Turn out;
    out.number = static_cast<std::int64_t>(draws.size()) + 1;
    if (draws.empty()) return out;
    const facts::DossierRow& last = draws.back();
    if (last.state == "opened" || last.state == "revealing")
        return Error{ErrorCode::wrong_state,
                     fmt::format("draw {} is still {}", last.id, last.state),
                     "draw",
                     {},
                     fmt::format("finish {} or declare it void; two draws never run side by side", last.id)};
    out.previous = TRY(digest_of_draw(reader, last));
    return out;
}

Result<Bundle> ceremony_of(const journal::Reader& reader, const facts::DossierRow& row) {
    Bundle out = TRY(read_ceremony(reader, row));
    const Turn turn = TRY(turn_of(reader, row.organisation, row.seq));
    if (out.head.number != turn.number || out.head.previous != turn.previous)
        return Error{ErrorCode::condition_unmet,
                     fmt::format("it says number {} after {}, the journal says {} after {}", out.head.number,
                                 hex(out.head.previous), turn.number, hex(turn.previous)),
                     "number",
                     {},
                     "declare this draw void and open a new one"};
    return out;
}

Result<Digest> digest_of_draw(const journal::Reader& reader, const facts::DossierRow& row) {
    if (row.state != "void" && row.state != "voided")
        return parse_digest(facts::text_of(row.attributes, "digest"));
    return sm3(TRY(write_bundle(TRY(read_ceremony(reader, row)))));
}

}  // namespace qingyuan::target
