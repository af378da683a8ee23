#include "api/packs_view.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t table_kept_us = 10'000'000;

/// The region and what it lies in: 430421, 430400, 430000.
std::vector<std::string> regions_around(const std::string& code) {
    std::vector<std::string> out{code};
    if (code.size() != 6) return out;
    for (const std::size_t digits : {std::size_t{4}, std::size_t{2}})
        if (std::string wider = code.substr(0, digits) + std::string(6 - digits, '0'); wider != out.back())
            out.push_back(std::move(wider));
    return out;
}

/// "hunan/": nothing above it.
bool is_root(const std::string& path) {
    return path.find('/') == path.size() - 1;
}

bool is_regulator(const facts::OrganisationRow& row) {
    return row.department == "drug_regulator" || row.department == "market_regulator";
}

}  // namespace

std::shared_ptr<PackCache> make_pack_cache() {
    return std::make_shared<PackCache>();
}

/// The authority that regulates drugs in a region, or in the one around it.
Result<std::string> PackCache::authority_of(const journal::Reader& reader, const std::string& region,
                                            Instant now) {
    if (now.us - regions_read_us_ > pack_place_kept_us) {
        regions_.clear();
        regions_read_us_ = now.us;
    }
    for (const std::string& code : regions_around(region)) {
        if (const auto known = regions_.find(code); known != regions_.end()) {
            if (!known->second.empty()) return known->second;
            continue;
        }
        std::string found;
        const journal::Query here{.where = {{"region", journal::Compare::equal, {code}}}, .limit = 200};
        for (const facts::OrganisationRow& row : TRY(reader.view<facts::OrganisationRow>().list(here))) {
            if (!is_regulator(row)) continue;
            const auto one = TRY(registry::find_organisation(reader, row.id, now.date()));
            if (one && one->kind == "authority" && (found.empty() || one->department == "market_regulator"))
                found = one->id;
        }
        regions_[code] = found;
        if (!found.empty()) return found;
    }
    return std::string();
}

Result<PackPlace> PackCache::place(const journal::Reader& reader, std::uint32_t number,
                                   const packs::Operator& firm, Instant now) {
    const std::scoped_lock guard(places_lock_);
    const auto known = places_.find(number);
    if (known != places_.end() && now.us - known->second.read_us < pack_place_kept_us) return known->second;
    PackPlace out{
        .organisation = {}, .path = {}, .name = firm.name.empty() ? firm.id : firm.name, .read_us = now.us};
    if (const auto row = TRY(registry::find_operator(reader, firm.id, now.date()))) {
        if (!row->name.empty()) out.name = row->name;
        if (auto regulator = registry::primary_regulator(reader, firm.id, now.date()))
            out.organisation = regulator->id;
    }
    if (out.organisation.empty()) out.organisation = TRY(authority_of(reader, firm.region, now));
    if (!out.organisation.empty())
        if (const auto at = TRY(reader.view<facts::PlaceRow>().find(out.organisation))) out.path = at->path;
    places_[number] = out;
    return out;
}

Result<std::shared_ptr<const FindingTable>> PackCache::findings(PackDesk& desk, const journal::Reader& reader,
                                                                Instant now) {
    const std::scoped_lock guard(table_lock_);
    const std::uint64_t head = TRY(reader.head()).size;
    const packs::Stats stats = TRY(desk.index().stats());
    if (table_ && table_->head == head && table_->applied == stats.applied &&
        table_->open == stats.findings_open && now.us - table_->made_us < table_kept_us)
        return table_;
    auto fresh = std::make_shared<FindingTable>();
    fresh->head = head;
    fresh->applied = stats.applied;
    fresh->open = stats.findings_open;
    fresh->made_us = now.us;
    std::map<std::string, std::uint16_t, std::less<>> numbers;
    CHECK(desk.index().each_finding([&](const packs::Finding& one) {
        const auto [at, is_new] =
            numbers.try_emplace(one.rule, static_cast<std::uint16_t>(fresh->rules.size()));
        if (is_new) fresh->rules.push_back(one.rule);
        fresh->last_run = std::max(fresh->last_run, one.run);
        fresh->rows.push_back(
            {one.code, one.event, one.time_ms, one.operator_number, one.batch, at->second, one.status});
        return true;
    }));
    std::sort(fresh->rows.begin(), fresh->rows.end(), [](const FindingRef& a, const FindingRef& b) {
        return std::tuple(b.time_ms, a.code, a.event, a.rule) <
               std::tuple(a.time_ms, b.code, b.event, b.rule);
    });
    fresh->grace_ms = TRY(desk.grace());
    table_ = std::move(fresh);
    return table_;
}

Result<PackDesk*> pack_desk(const Call& call) {
    if (call.services.packs) return call.services.packs.get();
    call.decided = true;
    return Error{ErrorCode::store_unavailable,
                 "this server was started without a pack index",
                 "packs",
                 {},
                 "start it with a pack index, or ask the server that has one",
                 "本服务器未启用追溯码索引",
                 "请启用追溯码索引后再试"};
}

Error no_such_pack_record(std::string_view id, std::string_view en, std::string_view zh) {
    return {ErrorCode::record_unknown,
            fmt::format("there is no {} '{}' in the trace data", en, id),
            {},
            {},
            "check how it is written, or look whether its file has been handed in",
            fmt::format("追溯数据中没有{}“{}”", zh, id),
            "请核对写法，或者确认相关数据是否已上传"};
}

Json time_json(std::int64_t ms) {
    constexpr std::int64_t end_ms = 253'402'300'799'000;  // the year 9999
    if (ms < -end_ms || ms > end_ms) return nullptr;
    return Instant{ms * 1000}.text();
}

Json text_or_null(std::string_view text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

std::string_view status_text(packs::FindingStatus status) {
    switch (status) {
        case packs::FindingStatus::provisional: return "provisional";
        case packs::FindingStatus::confirmed:
        case packs::FindingStatus::leaving: return "confirmed";
        case packs::FindingStatus::withdrawn: return "withdrawn";
    }
    return "provisional";
}

Result<PackView> PackView::open(const Call& call, const journal::Reader& reader) {
    PackDesk* desk = TRY(pack_desk(call));
    return PackView(call, reader, *desk, call.scope(access::Kind::pack));
}

Answer with_packs(const Call& call, const std::function<Answer(PackView&)>& use) {
    Answer out = Error{ErrorCode::undecided, "nothing was answered"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        PackView view = TRY(PackView::open(call, reader));
        out = use(view);
        return {};
    }));
    return out;
}

Result<void> PackView::note(std::string_view what, std::int64_t count) const {
    if (!scope_.note) return {};
    return call_->note(what, count);
}

bool PackView::covers(std::string_view path, std::string_view operator_id) const {
    if (scope_.everything) return true;
    if (!operator_id.empty() && std::ranges::find(scope_.operators, operator_id) != scope_.operators.end())
        return true;
    // What is nobody's here, a firm of another province, the head of the tree looks after.
    if (path.empty()) return operator_id.empty() && std::ranges::any_of(scope_.prefixes, is_root);
    return std::ranges::any_of(scope_.prefixes,
                               [&](const std::string& prefix) { return path.starts_with(prefix); }) ||
           std::ranges::any_of(scope_.places, [&](const access::Place& place) { return place.path == path; });
}

Result<const PackPlace*> PackView::place(std::uint32_t number) {
    auto known = places_.find(number);
    if (known == places_.end()) {
        auto found = TRY(call_->services.pack_cache->place(*reader_, number, firm(number), call_->now));
        known = places_.emplace(number, std::move(found)).first;
    }
    return &known->second;
}

Result<bool> PackView::sees(std::uint32_t number) {
    if (number == 0) return covers({}, {});
    const auto known = seen_.find(number);
    if (known != seen_.end()) return known->second;
    const bool seen = is_outsider() ? covers({}, firm(number).id) : covers(TRY(place(number))->path, {});
    seen_.emplace(number, seen);
    return seen;
}

packs::Operator PackView::firm(std::uint32_t number) const {
    const auto held = index().hold();
    return number <= index().reference().operators() ? index().reference().operator_at(number)
                                                     : packs::Operator{};
}
std::uint32_t PackView::find_firm(std::string_view id) const {
    const auto held = index().hold();
    return index().reference().find_operator(id);
}
packs::Batch PackView::batch(std::uint32_t number) const {
    const auto held = index().hold();
    return number <= index().reference().batches() ? index().reference().batch_at(number) : packs::Batch{};
}
std::uint32_t PackView::find_batch(std::string_view id) const {
    const auto held = index().hold();
    return index().reference().find_batch(id);
}
std::uint32_t PackView::firms() const {
    const auto held = index().hold();
    return index().reference().operators();
}

Result<Json> PackView::firm_json(std::uint32_t number) {
    if (number == 0) return Json(nullptr);
    const packs::Operator one = firm(number);
    const PackPlace* at = TRY(place(number));
    return Json{{"id", one.id},
                {"name", at->name},
                {"type", packs::operator_types[static_cast<std::size_t>(one.type)]},
                {"region", one.region},
                {"organisation", at->organisation}};
}

Json PackView::product_json(std::uint64_t code) const {
    if (code == 0) return nullptr;
    const auto held = index().hold();
    const packs::Product* product = index().reference().find_product(code);
    const std::string text = std::to_string(code);
    return {{"code", text}, {"name", product && !product->name.empty() ? product->name : text}};
}

Result<std::shared_ptr<const FindingTable>> PackView::findings() const {
    return call_->services.pack_cache->findings(*desk_, *reader_, call_->now);
}

/// The lead that a confirmed finding is in: one a firm, rule and day of judgement. A withdrawn one has left
/// it.
Result<Json> PackView::lead_of(const packs::Finding& finding) {
    if (finding.run == 0 || finding.status == packs::FindingStatus::withdrawn || is_outsider())
        return Json(nullptr);
    auto day = days_.find(finding.run);
    if (day == days_.end()) {
        const auto fact = TRY(reader_->fact(finding.run));
        day = days_.emplace(finding.run, fact.fact.happened_on.text()).first;
    }
    const std::string id =
        fmt::format("lead-{}-{}-{}", firm(finding.operator_number).id, finding.rule, day->second);
    auto known = leads_.find(id);
    if (known == leads_.end()) {
        const journal::Query query{.where = {{"id", journal::Compare::equal, {id}}}, .limit = 1};
        const bool found = !TRY(reader_->view<facts::DossierRow>().list(query)).empty();
        known = leads_.emplace(id, found).first;
    }
    return known->second ? Json(id) : Json(nullptr);
}

Result<Json> PackView::finding_json(const packs::Finding& finding) {
    const law::Law& law = call_->services.law;
    const assess::FindingText text = TRY(assess::described(index(), law, finding, call_->english));
    Json articles = Json::array();
    for (const std::string& article : text.law) {
        const law::Citation citation = law::parse_citation(article);
        articles.push_back({{"citation", article},
                            {"name", call_->english ? law.cite_en(citation) : law.cite_zh(citation)}});
    }
    Json evidence = Json::array();
    if (!text.code.empty())
        for (const packs::Name event : {finding.earlier, finding.event})
            if (event != 0) evidence.push_back(index().text_of(event));
    const law::Region* region = law.find_region(text.region, call_->now.date());
    Json waits = nullptr;
    if (finding.status == packs::FindingStatus::provisional && finding.absence) {
        const auto table = TRY(findings());
        const std::int64_t grace =
            finding.silent < table->grace_ms.size() ? table->grace_ms[finding.silent] : 0;
        waits = time_json(std::max(finding.appears_ms, finding.waits_from_ms + grace));
    }
    return Json{{"number", text.number == 0 ? Json(nullptr) : Json(text.number)},
                {"rule", text.rule},
                {"title", text.title},
                {"severity", text.severity},
                {"key", text.key},
                {"status", status_text(finding.status)},
                {"operator", TRY(firm_json(finding.operator_number))},
                {"other", TRY(firm_json(finding.other))},
                {"code", text_or_null(text.code)},
                {"document", text_or_null(text.document)},
                {"batch", text_or_null(text.batch)},
                {"time", time_json(finding.time_ms)},
                {"first_seen", time_json(finding.first_seen_ms)},
                {"waits_until", std::move(waits)},
                {"silent", TRY(firm_json(finding.silent))},
                {"explanation", text.explanation},
                {"next", text.next},
                {"law", std::move(articles)},
                {"rule_version", text.version},
                {"region", text.region},
                {"region_name", region ? (call_->english ? region->name_en : region->name) : text.region},
                {"evidence", std::move(evidence)},
                {"lead", TRY(lead_of(finding))}};
}

}  // namespace qingyuan::api
