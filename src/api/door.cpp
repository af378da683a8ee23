#include "api/door.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/access.hpp"
#include "accounts/origin.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t key_length_min = 8, key_length_max = 64;

/// What one account (or, where nobody is signed in, one address) may ask: a burst, and how long it takes to
/// refill. Sign-in and what strangers hand in are counted by address whoever asks.
constexpr std::array<http::Budget, rate_class_count> budgets{{
    {1200, std::chrono::seconds(60)},  // page
    {60, std::chrono::seconds(60)},    // search
    {240, std::chrono::seconds(60)},   // write
    {10, std::chrono::seconds(3600)},  // export_
    {50, std::chrono::seconds(3600)},  // sign_in
    {10, std::chrono::seconds(3600)},  // stranger_write
    {1200, std::chrono::seconds(60)},  // upload
    {20, std::chrono::seconds(60)},    // scan
}};
constexpr std::array<std::string_view, rate_class_count> class_names{
    "page", "search", "write", "export", "sign_in", "stranger_write", "upload", "scan"};

Result<access::Subject> subject_for(const Services& services, const accounts::Identity& identity,
                                    Instant now) {
    SubjectCache& cache = services.door->subjects;
    access::Subject subject;
    if (auto known = cache.find(identity.account, now)) {
        subject = std::move(*known);
    } else {
        CHECK(services.journal.read([&](const journal::Reader& reader) -> Result<void> {
            subject = TRY(access::subject_of(reader, identity.person, now.date()));
            return {};
        }));
        cache.keep(identity.account, subject, now);
    }
    subject.scope = identity.scope;
    return subject;
}

Result<void> check_rate(const Services& services, const http::Request& request, const Operation& operation,
                        const std::optional<accounts::Identity>& identity, Instant now) {
    if (!services.rate_limits) return {};
    const auto number = static_cast<std::size_t>(operation.rate);
    const bool by_peer = !identity || operation.rate == RateClass::sign_in ||
                         operation.rate == RateClass::stranger_write || operation.rate == RateClass::scan;
    const std::string key =
        fmt::format("{}/{}", class_names[number], by_peer ? request.peer : identity->account);
    const auto wait = services.door->limiter.take(key, budgets[number], now);
    if (!wait) return {};
    services.metrics->add("qingyuan_rate_limited_total", {{"class", class_names[number]}});
    return Error{ErrorCode::rate_limited,
                 fmt::format("try again in {} seconds", wait->count()),
                 fmt::format("retry_after={}", wait->count()),
                 {},
                 "wait, then try again",
                 fmt::format("请在 {} 秒后重试", wait->count()),
                 "稍后重试"};
}

/// Is the route's policy among what the subject may at all?
Result<void> check_policy(const access::Subject& subject, const Operation& operation) {
    if (access::kind_of(operation.policy) == access::Kind::published) return {};
    if (subject.person.empty())
        return Error{ErrorCode::not_signed_in,
                     "this address asks who you are",
                     {},
                     {},
                     "sign in",
                     "此处需要登录",
                     "请先登录"};
    const auto allowed = access::policies_of(subject);
    if (std::find(allowed.begin(), allowed.end(), operation.policy) != allowed.end()) return {};
    return Error{ErrorCode::access_denied,
                 "your roles do not include this",
                 {},
                 {},
                 "ask the security administrator of your organisation",
                 "您的角色不包含此项权限",
                 "请联系本单位安全管理员"};
}

Result<void> write_denial(const Services& services, const Denials::Entry& denial) {
    const Instant now = services.clock.now();
    facts::AccessNoted noted{.action = "denied",
                             .object = denial.route,
                             .decision = denial.code,
                             .purpose = {},
                             .policy = denial.policy,
                             .grant = {},
                             .count = denial.count,
                             .session = denial.session};
    return services.access.append(
        {facts::Fact{now.date(), {}, denial.person.empty() ? "stranger" : denial.person, 0, noted}});
}

/// A refusal of authority goes to the access journal; the first of its kind at once.
Result<void> journal_denial(const Services& services, const Operation& operation,
                            const std::optional<accounts::Identity>& identity, ErrorCode code) {
    const bool is_denial = code == ErrorCode::access_denied || code == ErrorCode::recused ||
                           code == ErrorCode::grant_expired || code == ErrorCode::origin_refused;
    if (!is_denial) return {};
    const std::string policy(access::name_of(operation.policy));
    services.metrics->add("qingyuan_access_denied_total", {{"policy", policy}});
    const auto entry = services.door->denials.add({.person = identity ? identity->person : "",
                                                   .session = identity ? identity->session : "",
                                                   .route = std::string(operation.pattern),
                                                   .code = std::string(info(code).name),
                                                   .policy = policy,
                                                   .count = 1},
                                                  services.clock.now());
    if (entry) CHECK(write_denial(services, *entry));
    return {};
}

/// Runs the operation, once for each Idempotency-Key.
Answer run(const Call& call) {
    if (call.repeat_key.empty()) return call.operation.run(call);
    const Running::Turn turn(call.services.door->running, call.repeat_key);
    std::optional<facts::RequestRow> before;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        before = TRY(reader.view<facts::RequestRow>().find(call.repeat_key));
        return {};
    }));
    if (!before) before = TRY(call.services.work.find<facts::RequestRow>(call.repeat_key));
    if (before) {
        call.decided = true;  // it was, when it was answered first
        if (auto answer = TRY(earlier_answer(*before, call.request))) return std::move(*answer);
    }
    Answer answer = call.operation.run(call);
    if (answer && answer->status < 300 && !call.remembered)
        CHECK(call.services.work.put(request_row(call, *answer)));
    return answer;
}

Result<std::string> repeat_key(const Operation& operation, const http::Request& request,
                               const std::optional<accounts::Identity>& identity) {
    const std::string_view key = request.header("idempotency-key");
    if (key.empty() || request.method != "POST" || operation.rate == RateClass::sign_in) return std::string();
    if (key.size() < key_length_min || key.size() > key_length_max)
        return Error{
            ErrorCode::usage,
            fmt::format("an Idempotency-Key has {} to {} characters", key_length_min, key_length_max),
            "Idempotency-Key"};
    const std::string who = identity ? identity->account : "stranger";
    return hex(sm3(fmt::format("{}\n{} {}\n{}", who, request.method, request.path, key)));
}

Answer guarded(const Call& call) {
    Answer answer = run(call);
    if (!answer) return answer;
    const access::Kind kind = access::kind_of(call.operation.policy);
    const bool is_open = kind == access::Kind::published || kind == access::Kind::own;
    if (is_open || call.decided || answer->status >= 400) return answer;
    call.services.metrics->add("qingyuan_undecided_total", {{"route", call.operation.pattern}});
    return Error{ErrorCode::undecided, "the answer was withheld", std::string(call.operation.pattern)};
}

/// Pages that are made of the journal alone: the same person is given the same bytes until a fact comes or
/// the minute is over, and the access journal is told each time what it was told at first. A report keeps
/// itself, for everybody at once (report.cpp).
constexpr std::array<std::string_view, 8> kept_pages{
    "/api/today",         "/api/dossiers",
    "/api/organisations", "/api/people",
    "/api/operators",     "/api/compare",
    "/api/reports",       "/api/reports/{report}/figures/{figure}/members"};
constexpr std::int64_t page_kept_us = 60'000'000;

/// Empty where the answer is not of that kind.
Result<std::string> page_key(const Call& call) {
    if (call.request.method != "GET" || !call.identity ||
        std::ranges::find(kept_pages, call.operation.pattern) == kept_pages.end())
        return std::string();
    std::uint64_t size = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        size = TRY(reader.head()).size;
        return {};
    }));
    std::string key = fmt::format("{}|{}|{}|{}|{}", call.identity->session, call.english, size,
                                  call.now.us / page_kept_us, call.request.path);
    for (const auto& [name, value] : call.request.query)
        key += fmt::format("|{}:{}={}", value.size(), name, value);
    return key;
}

/// As guarded, from the pages kept where it can be.
Answer kept_or_guarded(const Call& call) {
    const std::string key = TRY(page_key(call));
    if (key.empty()) return guarded(call);
    if (const auto kept = call.services.answers->find(key)) {
        if (!kept->notes.empty()) CHECK(call.write_notes(kept->notes));
        return kept_response(*kept);
    }
    Answer answer = guarded(call);
    // Made while a fact came in, it may know the fact already: the key is then too old for it, never too
    // young.
    const bool gave_reason =
        std::ranges::any_of(call.notes, [](const facts::AccessNoted& note) { return !note.purpose.empty(); });
    if (answer && answer->status == 200 && !gave_reason && answer->content_type == "application/json" &&
        answer->headers.size() == 1) {
        const auto kept = std::make_shared<const KeptAnswer>(
            KeptAnswer{answer->body, digest_tag(answer->body), call.notes});
        call.services.answers->keep(key, kept);
        return kept_response(*kept);
    }
    return answer;
}

}  // namespace

std::shared_ptr<Door> make_door() {
    return std::make_shared<Door>();
}

// --- subjects

std::optional<access::Subject> SubjectCache::find(std::string_view account, Instant now) {
    const std::lock_guard lock(lock_);
    const auto found = kept_.find(account);
    if (found == kept_.end()) return std::nullopt;
    const std::int64_t age = now.us - found->second.at_us;
    if (age < 0 || age >= subject_kept_us) return std::nullopt;
    return found->second.subject;
}

void SubjectCache::keep(const std::string& account, const access::Subject& subject, Instant now) {
    const std::lock_guard lock(lock_);
    if (kept_.size() >= kept_max) kept_.clear();
    kept_[account] = {subject, now.us};
}

void SubjectCache::forget() {
    const std::lock_guard lock(lock_);
    kept_.clear();
}

// --- refusals

std::optional<Denials::Entry> Denials::add(Entry denial, Instant now) {
    const std::lock_guard lock(lock_);
    if (windows_.size() >= windows_max) return denial;  // too many kinds to fold: each has its entry
    Window& window = windows_[fmt::format("{}\n{}\n{}", denial.person, denial.route, denial.code)];
    const bool is_first = window.entry.route.empty();
    const bool is_over = now.us - window.since_us >= denials_folded_us;
    denial.count += window.entry.count;
    window.entry = denial;
    if (!is_first && !is_over) return std::nullopt;
    window.entry.count = 0;
    window.since_us = now.us;
    return denial;
}

std::vector<Denials::Entry> Denials::due(Instant now) {
    const std::lock_guard lock(lock_);
    std::vector<Entry> out;
    for (auto at = windows_.begin(); at != windows_.end();) {
        if (now.us - at->second.since_us < denials_folded_us) {
            ++at;
            continue;
        }
        if (at->second.entry.count > 0) out.push_back(std::move(at->second.entry));
        at = windows_.erase(at);
    }
    return out;
}

Result<void> flush_denials(const Services& services) {
    for (const Denials::Entry& entry : services.door->denials.due(services.clock.now()))
        CHECK(write_denial(services, entry));
    return {};
}

Result<void> sweep(const Services& services, Instant now) {
    const journal::Query old{.where = {{"at", journal::Compare::less, {now.us - repeats_kept_us}}}};
    CHECK(services.work.write([&](journal::Projections& rows) -> Result<void> {
        for (const facts::RequestRow& row : TRY(rows.view<facts::RequestRow>().list(old)))
            CHECK(rows.erase<facts::RequestRow>(row.key));
        return {};
    }));
    return sweep_uploads(services, now);
}

// --- repetitions

Running::Turn::Turn(Running& running, std::string key) : running_(&running), key_(std::move(key)) {
    std::unique_lock lock(running_->lock_);
    running_->ended_.wait(lock, [&] { return !running_->keys_.contains(key_); });
    running_->keys_.insert(key_);
}

Running::Turn::~Turn() {
    {
        const std::lock_guard lock(running_->lock_);
        running_->keys_.erase(key_);
    }
    running_->ended_.notify_all();
}

Result<void> same_request(const facts::RequestRow& row, const http::Request& request) {
    if (row.digest == Bytes(bytes_of(sm3(request.body)))) return {};
    return Error{ErrorCode::key_reused,
                 "this Idempotency-Key was used for another request",
                 "Idempotency-Key",
                 {},
                 "make a new key for a new request",
                 "此幂等键已用于内容不同的请求",
                 "新的请求须使用新的幂等键"};
}

Result<std::optional<http::Response>> earlier_answer(const facts::RequestRow& row,
                                                     const http::Request& request) {
    CHECK(same_request(row, request));
    if (row.status == 0)
        return Error{ErrorCode::key_reused,
                     "this was done already; its answer is shown only once",
                     "Idempotency-Key",
                     {},
                     "if the answer was lost, withdraw what was made and begin again with a new key",
                     "此请求已办理，结果只显示一次",
                     "如未收到结果，请撤销后使用新的幂等键重新办理"};
    http::Response response;
    response.status = static_cast<int>(row.status);
    response.body = row.body;
    if (!row.etag.empty()) response.headers.emplace_back("ETag", row.etag);
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Idempotency-Replayed", "true");
    return std::optional(std::move(response));
}

facts::RequestRow request_row(const Call& call, const http::Response& response) {
    facts::RequestRow row{.key = call.repeat_key,
                          .digest = Bytes(bytes_of(sm3(call.request.body))),
                          .status = call.secret ? 0 : response.status,
                          .body = call.secret ? std::string() : response.body,
                          .etag = {},
                          .at = call.now.us};
    for (const auto& [name, value] : response.headers)
        if (name == "ETag") row.etag = value;
    return row;
}

// --- the way in

Result<Call> call_for(const Services& services, const http::Request& request, const Operation& operation,
                      const accounts::Identity& identity, bool english) {
    const Instant now = services.clock.now();
    Call call{.request = request,
              .services = services,
              .operation = operation,
              .path = {},
              .now = now,
              .english = english,
              .subject = TRY(subject_for(services, identity, now)),
              .identity = identity};
    CHECK(check_policy(call.subject, operation));
    return call;
}

Answer pass(const Services& services, const http::Request& request, const Operation& operation,
            std::map<std::string, std::string, std::less<>> path, bool english) {
    const Instant now = services.clock.now();
    const auto identity = TRY(
        services.accounts.identify(accounts::cookie_secret(request), accounts::bearer_token(request), now));
    bool hidden = false;
    const auto answered = [&]() -> Answer {
        Call call{
            .request = request,
            .services = services,
            .operation = operation,
            .path = std::move(path),
            .now = now,
            .english = english,
            .subject = identity ? TRY(subject_for(services, *identity, now)) : access::stranger(now.date()),
            .identity = identity};
        CHECK(check_policy(call.subject, operation));
        CHECK(accounts::check_origin(request));
        CHECK(check_rate(services, request, operation, identity, now));
        call.repeat_key = TRY(repeat_key(operation, request, identity));
        Answer answer = kept_or_guarded(call);
        hidden = call.hidden;
        return answer;
    };
    Answer answer = answered();
    // An access journal that cannot be written stops the answer, a refusal no less than a page.
    if (!answer)
        CHECK(journal_denial(services, operation, identity,
                             hidden ? ErrorCode::access_denied : answer.error().code));
    return answer;
}

}  // namespace qingyuan::api
