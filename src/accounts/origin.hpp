// What a request brings to prove who it comes from, and whether a page of another site sent it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/server.hpp"

namespace qingyuan::accounts {

/// The session's secret in the cookie, "" without one or where several are sent.
[[nodiscard]] std::string_view cookie_secret(const http::Request& request);
/// The token of `Authorization: Bearer …`, "" without one.
[[nodiscard]] std::string_view bearer_token(const http::Request& request);

/// A request that changes something and rests on the cookie must come from a page of this host: the browser
/// says so in Sec-Fetch-Site or Origin, and a body is JSON or raw bytes, which no foreign form can send.
/// Requests with a bearer token and those without cookie, Origin and Sec-Fetch-Site (programs) pass.
/// origin_refused.
[[nodiscard]] Result<void> check_origin(const http::Request& request);

/// Set-Cookie for a session that ends in `seconds`, and the one that takes it away.
[[nodiscard]] std::string session_cookie(std::string_view secret, std::int64_t seconds);
[[nodiscard]] std::string cleared_cookie();

}  // namespace qingyuan::accounts
