// Whether the server lives, whether it can do its work, and its counters.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/door.hpp"
#include "api/rows.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uintmax_t disk_reserve_bytes = 256ULL * 1024 * 1024;
constexpr std::int64_t probe_kept_us = 2'000'000;  ///< a balancer asks often; the disk is asked this often

http::Response text(std::string body, std::string_view type = "text/plain; charset=utf-8") {
    http::Response response;
    response.content_type = type;
    response.body = std::move(body);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

/// Writes, reads both journals' ends, and looks at the disk.
Result<void> probe(const Services& services) {
    CHECK(services.work.put(facts::RequestRow{
        .key = "readyz", .digest = {}, .status = 0, .body = {}, .etag = {}, .at = services.clock.now().us}));
    TRY(services.journal.checkpoint());
    TRY(services.access.checkpoint());
    if (services.data.empty()) return {};
    std::error_code error;
    const auto space = std::filesystem::space(services.data, error);
    if (error) return Error{ErrorCode::io_failed, error.message()};
    if (space.available < disk_reserve_bytes)
        return Error{ErrorCode::disk_full, fmt::format("{} bytes are free", space.available)};
    return {};
}

}  // namespace

Answer livez(const Call&) {
    return text("ok\n");
}

Answer readyz(const Call& call) {
    Readiness& readiness = call.services.door->readiness;
    const std::lock_guard guard(readiness.lock);
    const std::int64_t age = call.now.us - readiness.asked.us;
    if (age < 0 || age >= probe_kept_us) {
        readiness.found = probe(call.services);
        readiness.asked = call.now;
    }
    // Why it is not ready is for the log of the machine, not for strangers.
    if (!readiness.found) {
        call.services.metrics->set("qingyuan_ready", {}, 0);
        return Error{ErrorCode::store_unavailable, "not ready"};
    }
    call.services.metrics->set("qingyuan_ready", {}, 1);
    return text("ok\n");
}

Answer metrics(const Call& call) {
    access::Object object;
    object.kind = access::Kind::record;
    TRY(call.may(object));
    call.services.metrics->set("qingyuan_journal_facts", {{"journal", "facts"}},
                               static_cast<double>(TRY(call.services.journal.checkpoint()).size));
    call.services.metrics->set("qingyuan_journal_facts", {{"journal", "access"}},
                               static_cast<double>(TRY(call.services.access.checkpoint()).size));
    return text(call.services.metrics->text(), http::Metrics::content_type);
}

Answer contract(const Call& call) {
    http::Response response = text({}, "application/json");
    std::error_code error;
    const auto changed = std::filesystem::last_write_time(call.services.openapi, error).time_since_epoch();
    response.headers.emplace_back("ETag", fmt::format("\"{:x}\"", changed.count()));
    response.file = call.services.openapi;
    return response;
}

}  // namespace qingyuan::api
