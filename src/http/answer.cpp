// From an answer to its bytes, and from a request to a worker.
#include "http/server_state.hpp"

#include <algorithm>
#include <exception>

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/clock.hpp"

namespace qingyuan::http {

namespace {

constexpr std::string_view lane_names[] = {"general", "sign_in", "heavy"};
constexpr int lowered_nice = 10;

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 422: return "Unprocessable Content";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 500: return "Internal Server Error";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 507: return "Insufficient Storage";
        default: return "Status";
    }
}

/// IMF-fixdate (RFC 9110 §5.6.7).
std::string http_date(Instant now) {
    constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::int64_t day_seconds = 86'400;
    const std::int64_t seconds = now.us / 1'000'000;
    const Date date{static_cast<std::int32_t>(seconds / day_seconds)};
    const std::int64_t rest = seconds % day_seconds;
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[date.weekday()], date.day(),
                       months[date.month() - 1], date.year(), rest / 3600, rest / 60 % 60, rest % 60);
}

/// A value that cannot end its line: a control character becomes a blank.
void put_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    for (const char c : value) out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
    out += "\r\n";
}

/// Password hashing and exports use what the others leave of the processors.
void lower_this_thread(Lane lane) {
    thread_local bool lowered = false;
    if (lane == Lane::general || lowered) return;
    lowered = true;
    // Refused by some sandboxes; the lanes' bounds still hold.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowered_nice);
}

// Named coroutines with arguments by value only: GCC 12 destroys captures of a lambda inside co_await twice.
asio::awaitable<Response> answer(Server::State* state, Lane lane, std::shared_ptr<Request> request,
                                 std::chrono::steady_clock::time_point begun) {
    lower_this_thread(lane);
    const auto waited = std::chrono::steady_clock::now() - begun;
    state->lanes[static_cast<std::size_t>(lane)].waited_us =
        std::chrono::duration_cast<std::chrono::microseconds>(waited).count();
    Response response;
    try {
        response = state->handler(*request);
    } catch (const std::exception& error) {
        // A bug of ours ends this request, not the server. The text may quote the request: it is not told.
        state->count("qingyuan_http_handler_exceptions_total", {});
        state->tell(fmt::format("request {} ended by an exception", request->id));
        response =
            problem(ErrorCode::io_failed, "the request could not be finished", wants_english(*request));
    }
    co_return response;
}

}  // namespace

bool wants_english(const Request& request) {
    const std::string_view languages = request.header("accept-language");
    const auto en = languages.find("en"), zh = languages.find("zh");
    return en != std::string_view::npos && (zh == std::string_view::npos || en < zh);
}

Response problem(ErrorCode code, std::string_view detail, bool english) {
    const ErrorInfo& row = info(code);
    std::string plain(detail);
    std::ranges::replace_if(plain, [](char c) { return c == '"' || c == '\\' || (c >= 0 && c < ' '); }, ' ');
    Response response;
    response.status = row.http;
    response.content_type = "application/problem+json";
    response.body =
        fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}","detail":"{}"}})",
                    english ? row.en : row.zh, row.http, row.name, plain);
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    if (row.http == 503 || row.http == 429) response.headers.emplace_back("Retry-After", "1");
    return response;
}

std::string head_text(const Response& response, const Request& request, bool keep_alive,
                      std::int64_t length) {
    std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
    const bool content = response.status != 204 && response.status != 304;
    if (content) put_header(out, "Content-Type", response.content_type);
    if (content && length >= 0) put_header(out, "Content-Length", std::to_string(length));
    for (const auto& [name, value] : response.headers) put_header(out, name, value);
    put_header(out, "Date", http_date(WallClock().now()));
    if (!request.id.empty()) put_header(out, "X-Request-Id", request.id);
    if (request.secure) put_header(out, "Strict-Transport-Security", "max-age=31536000");
    if (!keep_alive) put_header(out, "Connection", "close");
    out += "\r\n";
    return out;
}

asio::awaitable<Response> answer_on_lane(Server::State* state, Lane lane, std::shared_ptr<Request> request) {
    const auto index = static_cast<std::size_t>(lane);
    LanePool& pool = state->lanes[index];
    const bool waits_too_long = pool.size.wait_max.count() > 0 && pool.waiting > pool.size.workers &&
                                std::chrono::microseconds(pool.waited_us) > pool.size.wait_max;
    if (waits_too_long || pool.waiting >= pool.size.queue_max) {
        state->refused(waits_too_long ? "queue_wait" : "queue");
        co_return problem(lane == Lane::sign_in ? ErrorCode::rate_limited : ErrorCode::overloaded,
                          "the queue is full", wants_english(*request));
    }
    state->gauge("qingyuan_http_queue", {{"lane", lane_names[index]}}, ++pool.waiting);
    const auto begun = std::chrono::steady_clock::now();
    Response response =
        co_await asio::co_spawn(pool.pool.get_executor(), answer(state, lane, std::move(request), begun),
                                asio::use_awaitable);
    state->gauge("qingyuan_http_queue", {{"lane", lane_names[index]}}, --pool.waiting);
    if (state->options.metrics != nullptr) {
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        state->options.metrics->observe("qingyuan_http_request_seconds", {{"lane", lane_names[index]}},
                                        took.count());
    }
    co_return response;
}

}  // namespace qingyuan::http
