#include "api/assess_view.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace qingyuan::api {

namespace {

/// Organisations at and below the one that is asked for, by their path.
Result<std::string> asked_path(const Call& call, const journal::Reader& reader) {
    const std::string_view id = call.parameter("org");
    if (id.empty()) return std::string();
    const auto place = TRY(reader.view<facts::PlaceRow>().find(std::string(id)));
    if (!place)
        return Error{ErrorCode::organisation_unknown,
                     std::string(id),
                     "org",
                     {},
                     "choose an organisation of the list",
                     "没有这一机构",
                     "请在机构列表中选择"};
    return place->path;
}

}  // namespace

Result<AssessView> AssessView::open(const Call& call, const journal::Reader& reader, access::Kind kind) {
    AssessView out(call, reader, call.scope(kind));
    out.credit_ = TRY(call.services.assess->credit_rules(call.services.law));
    out.state_ = TRY(call.services.assess->state(call.services, reader, call.now));
    return out;
}

Answer with_assess(const Call& call, access::Kind kind, const std::function<Answer(AssessView&)>& use) {
    Answer out = Error{ErrorCode::undecided, "nothing was answered"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        AssessView view = TRY(AssessView::open(call, reader, kind));
        out = use(view);
        return {};
    }));
    return out;
}

bool AssessView::sees(const KnownOperator& one) const {
    if (scope_.everything || std::ranges::find(scope_.operators, one.id) != scope_.operators.end())
        return true;
    if (one.path.empty()) return false;
    return std::ranges::any_of(scope_.prefixes,
                               [&](const std::string& prefix) { return one.path.starts_with(prefix); }) ||
           std::ranges::any_of(scope_.places,
                               [&](const access::Place& place) { return place.path == one.path; });
}

Result<std::vector<const KnownOperator*>> AssessView::asked() {
    const std::string path = TRY(asked_path(*call_, present_.reader()));
    const std::string_view region = call_->parameter("region"), kind = call_->parameter("kind"),
                           area = call_->parameter("area"), tier = call_->parameter("tier");
    const std::string_view q = trim(call_->parameter("q"));
    const auto fits = [](std::string_view wanted, std::string_view value) {
        return wanted.empty() || wanted == value;
    };
    std::vector<const KnownOperator*> out;
    for (const KnownOperator& one : state_->operators) {
        if (!fits(region, one.region) || !fits(kind, one.kind) || !fits(area, one.area) ||
            !fits(tier, assess::text_of(one.hazard_tier)) || !one.path.starts_with(path))
            continue;
        if (!q.empty() && one.name.find(q) == std::string::npos && one.uscc != q && one.id != q) continue;
        if (sees(one)) out.push_back(&one);
    }
    return out;
}

Result<void> AssessView::note(std::string_view what, std::size_t count) const {
    if (!scope_.note) return {};
    return call_->note(what, static_cast<std::int64_t>(count));
}

Json AssessView::as_of() const {
    return {{"seq", state_->seq}, {"on", state_->on.text()}, {"at", Instant{state_->made_us}.text()}};
}

Json AssessView::operator_json(const KnownOperator& one) {
    const law::Region* region = law().find_region(one.region, on());
    return {{"operator", {{"id", one.id}, {"name", one.name}}},
            {"kind", present_.word("operator_kinds", one.kind)},
            {"region", present_.named(one.region, region ? region->name : one.region,
                                      region ? region->name_en : one.region)},
            {"area", present_.word("areas", one.area)},
            {"organisation", present_.organisation(one.organisation)}};
}

double rounded(double value) {
    return static_cast<double>(static_cast<std::int64_t>(value * 10'000 + (value < 0 ? -0.5 : 0.5))) / 10'000;
}

Json share_json(std::int64_t part, std::int64_t whole) {
    return {{"part", part},
            {"whole", whole},
            {"percent", whole == 0 ? Json(nullptr) : Json(Rational(part, whole).percent(2))}};
}

}  // namespace qingyuan::api
