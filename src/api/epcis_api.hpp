// EPCIS 2.0, section 12: capture and queries at the addresses the standard gives them.
#pragma once

#include "api/operation.hpp"

namespace qingyuan::api {

constexpr std::uint64_t epcis_body_bytes_max = 32 * 1024 * 1024;
constexpr std::string_view epcis_version = "2.0.0";
constexpr std::string_view cbv_version = "2.0.0";

/// The headers every answer has: what this speaks.
void add_epcis_headers(http::Response& response);

Answer epcis_versions(const Call& call);
Answer epcis_options(const Call& call);
Answer epcis_capture(const Call& call);
Answer epcis_captures(const Call& call);
Answer epcis_capture_job(const Call& call);
Answer epcis_events(const Call& call);
Answer epcis_event(const Call& call);

}  // namespace qingyuan::api
