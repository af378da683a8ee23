// Search: one text, looked for in names, pinyin, codes and numbers of whatever the reader may see.
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/names.hpp"
#include "api/present.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t shown_max = 50, shown_default = 20;
constexpr std::size_t text_max = 64;      ///< characters
constexpr std::size_t hits_max = 5'000;   ///< looked at in the index
constexpr std::size_t decided_max = 500;  ///< of them, asked whether the reader may see them

using Kind = NameHit::Kind;

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::dossier: return "dossier";
        case Kind::firm: return "operator";
        case Kind::organisation: return "organisation";
        case Kind::product: return "product";
        case Kind::procedure: return "procedure";
        case Kind::limit: return "limit";
    }
    bug("a kind of hit", __FILE__, __LINE__);
}

std::string_view name_of(NameHit::Matched matched) {
    constexpr std::array<std::string_view, 5> names{"name", "initials", "uscc", "code", "id"};
    return names[static_cast<std::size_t>(matched)];
}

std::string text_in(const Json& named, const char* language) {
    return named.is_object() ? named.value(language, "") : std::string();
}

/// "药品零售 · 蒸湘区" in both languages; what is empty is left out.
Json detail(const std::vector<Json>& parts) {
    Json out{{"zh", ""}, {"en", ""}};
    for (const char* language : {"zh", "en"}) {
        std::vector<std::string> texts;
        for (const Json& part : parts)
            if (std::string text = text_in(part, language); !text.empty()) texts.push_back(std::move(text));
        out[language] = join(texts, " · ");
    }
    return out;
}

/// Turns hits into what is shown, for one reader.
class Shown {
 public:
    Shown(const Call& call, const journal::Reader& reader)
        : call_(call),
          reader_(reader),
          present_(call.services, reader, call.now),
          registry_(call.scope(access::Kind::registry)) {}

    /// Leaves out what lies outside the reader's scope, all at once; each that is shown is then decided on.
    Result<void> keep_in_scope(std::vector<NameHit>& hits) {
        const std::set<std::string> dossiers = TRY(dossiers_in_scope(hits));
        std::erase_if(hits, [&](const NameHit& hit) {
            if (hit.kind == Kind::dossier) return !dossiers.contains(hit.id);
            if (registry_.everything) return false;
            if (hit.kind == Kind::firm)
                return std::ranges::find(registry_.operators, hit.id) == registry_.operators.end();
            return hit.kind == Kind::organisation || hit.kind == Kind::product;
        });
        return {};
    }
    /// Nothing where the reader may not see it.
    Result<std::optional<Json>> operator()(const NameHit& hit) {
        switch (hit.kind) {
            case Kind::dossier: return dossier(hit);
            case Kind::firm: return firm(hit);
            case Kind::organisation: return organisation(hit);
            case Kind::product: return product(hit);
            case Kind::procedure:
            case Kind::limit: return std::optional(of_law(hit));
        }
        bug("a kind of hit", __FILE__, __LINE__);
    }
    /// Among what is shown is something whose reading is journaled.
    [[nodiscard]] bool is_noted() const { return noted_; }

 private:
    static Json json(const NameHit& hit, std::string_view id, std::string_view title, Json detail) {
        return {{"kind", name_of(hit.kind)},
                {"id", id},
                {"title", title},
                {"detail", std::move(detail)},
                {"matched", name_of(hit.matched)}};
    }

    Result<std::set<std::string>> dossiers_in_scope(const std::vector<NameHit>& hits) {
        journal::Condition found{"seq", journal::Compare::one_of, {}};
        for (const NameHit& hit : hits)
            if (hit.kind == Kind::dossier)
                if (const auto seq = parse_integer(hit.id)) found.values.emplace_back(*seq);
        const journal::Query query{.where = {std::move(found)},
                                   .any = access::branches(call_.scope(access::Kind::dossier))};
        std::set<std::string> out;
        if (query.any.empty() || query.where[0].values.empty()) return out;
        for (const journal::Tally& tally : TRY(reader_.view<facts::DossierRow>().tally(query, {"seq"})))
            out.insert(std::to_string(std::get<std::int64_t>(tally.values.front())));
        return out;
    }

    Result<std::optional<Json>> dossier(const NameHit& hit) {
        const auto row = TRY(reader_.view<facts::DossierRow>().find(parse_integer(hit.id).value_or(0)));
        if (!row) return std::optional<Json>();
        const auto object = TRY(access::object_of(reader_, *row));
        const auto seen = access::decide(call_.subject, access::Policy::dossier_list, object);
        if (!seen.allowed || seen.masked(access::Mask::content)) return std::optional<Json>();
        noted_ |= seen.note;
        const law::Procedure* procedure = present_.procedure_of(*row);
        const std::vector<Json> parts{procedure ? present_.procedure(*procedure) : Json(),
                                      procedure ? present_.state(*procedure, row->state) : Json(),
                                      present_.organisation(row->organisation)};
        return std::optional(json(hit, row->id, row->title.empty() ? row->id : row->title, detail(parts)));
    }

    Result<std::optional<Json>> firm(const NameHit& hit) {
        const auto row = TRY(reader_.view<facts::OperatorRow>().find(hit.id));
        if (!row) return std::optional<Json>();
        const law::Region* region = call_.services.law.find_region(row->region, call_.now.date());
        return std::optional(
            json(hit, row->id, row->name,
                 detail({present_.word("operator_kinds", row->kind),
                         region ? present_.named(region->code, region->name, region->name_en) : Json()})));
    }

    Result<std::optional<Json>> organisation(const NameHit& hit) {
        const auto found = TRY(registry::find_organisation(reader_, hit.id, call_.now.date()));
        if (!found) return std::optional<Json>();
        Json out =
            json(hit, found->id, found->name, detail({present_.word("departments", found->department)}));
        if (!found->name_en.empty()) out["title_en"] = found->name_en;
        return std::optional(std::move(out));
    }

    Result<std::optional<Json>> product(const NameHit& hit) {
        const auto row = TRY(reader_.view<facts::ProductRow>().find(hit.id));
        if (!row) return std::optional<Json>();
        return std::optional(
            json(hit, row->id, row->name, detail({present_.word("categories", row->category)})));
    }

    Json of_law(const NameHit& hit) {
        const law::Law& law = call_.services.law;
        const Date today = call_.now.date();
        if (hit.kind == Kind::procedure) {
            const auto procedure = law.procedure(hit.id, today);
            const std::string zh = procedure ? (*procedure)->zh : hit.id,
                              en = procedure ? (*procedure)->en : hit.id;
            Json out = json(hit, hit.id, zh, detail({present_.named("", "程序", "Procedure")}));
            out["title_en"] = en;
            return out;
        }
        const auto limit = law.limit(hit.id, today);
        Json out = json(hit, hit.id, limit && !(*limit)->zh.empty() ? (*limit)->zh : hit.id,
                        limit ? detail({present_.citation((*limit)->citation.text())}) : detail({}));
        if (limit) out["title_en"] = (*limit)->step;
        return out;
    }

    const Call& call_;
    const journal::Reader& reader_;
    Presenter present_;
    access::Scope registry_;
    bool noted_ = false;
};

/// What of the statute book in force today the text stands in; it is open to everybody.
void add_law(const Call& call, std::string_view text, std::string_view kinds, std::vector<NameHit>& hits) {
    const law::Law& law = call.services.law;
    const Date today = call.now.date();
    const auto add = [&](Kind kind, std::string_view id, std::initializer_list<std::string_view> names) {
        if (kinds.find(static_cast<char>(kind)) == std::string_view::npos) return;
        std::optional<NameHit> best;
        for (const std::string_view name : names)
            if (auto hit = matched(kind, id, name, text); hit && (!best || hit->rank < best->rank))
                best = hit;
        if (best) hits.push_back(*std::move(best));
    };
    for (const law::Procedure& procedure : law.procedures())
        if (const auto in_force = law.procedure(procedure.id, today); in_force && *in_force == &procedure)
            add(Kind::procedure, procedure.id, {procedure.zh, procedure.en});
    for (const law::Limit& limit : law.limits())
        if (limit.in_force.holds(today)) add(Kind::limit, limit.id, {limit.zh, limit.step});
}

/// The letters of the kinds asked for.
Result<std::string> kinds_of(std::string_view name) {
    constexpr std::array<Kind, 6> kinds{Kind::firm,    Kind::dossier,   Kind::organisation,
                                        Kind::product, Kind::procedure, Kind::limit};
    std::string out;
    for (const Kind kind : kinds)
        if (name.empty() || name == name_of(kind)) out += static_cast<char>(kind);
    // People are not found by name: it is a personal value, which no index holds.
    if (out.empty() && name != "person") return Error{ErrorCode::usage, "there is no such kind", "kind"};
    return out;
}

}  // namespace

Answer search(const Call& call) {
    const std::string_view text = trim(call.parameter("q"));
    if (text.empty() || !is_utf8(text) || length_of(text) > text_max)
        return Error{ErrorCode::usage,
                     fmt::format("q is a text of 1 to {} characters", text_max),
                     "q",
                     {},
                     "type a name, initials or a number",
                     fmt::format("检索词为1至{}个字", text_max),
                     "请输入名称、拼音首字母或编号"};
    const std::string kinds = TRY(kinds_of(call.parameter("kind")));
    const std::uint64_t limit =
        call.parameter("limit").empty() ? shown_default : std::min(TRY(call.limit()), shown_max);
    Json items = Json::array();
    bool more = false, noted = false;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(call.services.names->catch_up(reader));
        std::vector<NameHit> hits = call.services.names->find(text, kinds, hits_max);
        add_law(call, text, kinds, hits);
        std::ranges::stable_sort(hits, {}, &NameHit::rank);
        Shown shown(call, reader);
        CHECK(shown.keep_in_scope(hits));
        more = hits.size() > decided_max;
        if (more) hits.resize(decided_max);
        for (const NameHit& hit : hits) {
            auto item = TRY(shown(hit));
            if (!item) continue;
            if (items.size() == limit) {
                more = true;
                break;
            }
            items.push_back(*std::move(item));
        }
        noted = shown.is_noted();
        return {};
    }));
    if (noted) CHECK(call.note("search", static_cast<std::int64_t>(items.size())));
    return json_response({{"q", text}, {"items", std::move(items)}, {"more", more}});
}

}  // namespace qingyuan::api
