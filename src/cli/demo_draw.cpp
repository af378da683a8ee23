#include "cli/demo_draw.hpp"

#include <array>
#include <fstream>

#include <fmt/format.h>

#include "accounts/vault.hpp"
#include "act/engine.hpp"
#include "journal/evidence.hpp"
#include "target/ceremony.hpp"

namespace qingyuan::cli {

namespace {

constexpr std::int64_t drawn_operators = 60;
constexpr std::string_view analyst = "hy_statistician";
constexpr std::string_view head = "hy_head";
struct SampleParty {
    std::string_view name;
    std::string_view person;
};
constexpr std::array<SampleParty, 2> parties{{{"regulator", analyst}, {"supervision", head}}};

Digest made_up(std::string_view what, std::uint64_t seed) {
    return sm3(fmt::format("sample {} {}", what, seed));
}

std::vector<target::Candidate> candidates_of(const demo::City& city, std::uint64_t seed) {
    std::vector<target::Candidate> out;
    for (const facts::OperatorRecorded& one : city.operators) {
        const Digest chance = made_up(one.id, seed);
        const std::uint64_t score = 100'000 + (std::uint64_t{chance[0]} << 8 | chance[1]) * 10;
        out.push_back({one.id, one.kind, target::size_of(score, 2, chance[2] % 5, 25)});
        if (chance[3] == 0) out.back().reasons = {"for_cause"};
    }
    return out;
}

/// Decides and appends in one transaction; the dossier as it is then.
Result<facts::DossierRow> append(Workspace& workspace,
                                 const std::function<Result<facts::Fact>(const journal::Reader&)>& decide) {
    facts::DossierRow row;
    CHECK(workspace.journal().write([&](journal::Writer& writer) -> Result<void> {
        const facts::Recorded recorded = TRY(writer.append(TRY(decide(writer))));
        row = TRY(act::dossier(writer, std::to_string(recorded.dossier())));
        return {};
    }));
    return row;
}

Result<facts::DossierRow> take(Workspace& workspace, const std::string& id, std::string_view person,
                               std::string_view step, facts::Form form) {
    const act::Engine engine(workspace.law());
    act::Request request;
    request.form = std::move(form);
    return append(workspace, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        const act::Actor actor = TRY(act::actor_of(reader, person, workspace.clock().now()));
        return engine.take(reader, TRY(act::dossier(reader, id)), actor, step, request);
    });
}

Result<facts::DossierRow> open(Workspace& workspace, const target::Frame& frame,
                               const std::vector<target::Candidate>& candidates,
                               const target::Chances& chances, const Digest& secret) {
    const act::Engine engine(workspace.law());
    const auto kept = TRY(workspace.evidence().put(target::write_frame(frame, candidates, chances.strata)));
    act::Engine::Opening opening;
    opening.procedure = "draw";
    opening.title = "双随机抽查";
    opening.form = {{"profile", std::string("sm3")},
                    {"rule", std::string("sample sizes, exponent 1, staleness 0.25, random reserve 0.2")},
                    {"strata", target::write_strata(chances.strata)},
                    {"frame_units", static_cast<std::int64_t>(frame.units.size())},
                    {"frame_root", hex(frame.root)},
                    {"frame", std::vector<std::string>{hex(kept.digest)}},
                    {"secret", TRY(workspace.vault().put("form/secret", hex(secret)))},
                    {"reveal_by", (workspace.clock().now().date() + 7).text()},
                    {"sealed", false}};
    return append(workspace, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        const act::Actor actor = TRY(act::actor_of(reader, analyst, workspace.clock().now()));
        const target::Turn turn = TRY(target::turn_of(reader, actor.organisation));
        opening.form["number"] = turn.number;
        opening.form["previous"] = hex(turn.previous);
        return engine.open(reader, actor, opening);
    });
}

}  // namespace

Result<void> draw_sample(Workspace& workspace, const demo::City& city, std::uint64_t seed) {
    const auto candidates = candidates_of(city, seed);
    const target::Chances chances = TRY(target::chances_of(
        candidates, {.size = drawn_operators, .random_share = Rational(1, 5), .quotas = {}}));
    const Digest secret = made_up("secret", seed);
    const target::Frame frame = target::freeze(candidates, chances, secret);
    const std::string id = TRY(open(workspace, frame, candidates, chances, secret)).id;
    for (const auto& [name, person] : parties)
        CHECK(take(workspace, id, person, "commit",
                   {{"party", std::string(name)},
                    {"commitment", hex(target::commitment_of(made_up(name, seed), name, id))}}));
    std::int64_t number = 0;
    for (const auto& [name, person] : parties)
        CHECK(take(workspace, id, person, "reveal",
                   {{"number_revealed", ++number}, {"seed", hex(made_up(name, seed))}}));
    target::Bundle bundle;
    CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
        bundle = TRY(target::ceremony_of(reader, TRY(act::dossier(reader, id))));
        return {};
    }));
    bundle.units = frame.units;
    const std::string bytes = TRY(target::write_bundle(bundle));
    const auto kept = TRY(workspace.evidence().put(bytes));
    CHECK(take(workspace, id, analyst, "draw",
               {{"bundle", std::vector<std::string>{hex(kept.digest)}}, {"digest", hex(sm3(bytes))}}));
    CHECK(take(workspace, id, head, "publish", {{"early_reason", std::string("不需要保密")}}));
    const std::filesystem::path folder = workspace.directory() / "draws";
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    std::ofstream out(folder / (id + ".draw"), std::ios::binary);
    out << bytes;
    if (!out.flush()) return Error{ErrorCode::io_failed, "the bundle of the sample draw", folder.string()};
    return {};
}

}  // namespace qingyuan::cli
