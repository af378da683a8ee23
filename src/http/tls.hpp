// TLS of the server: versions 1.2 and 1.3, AEAD ciphers with forward secrecy only.
#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"
#include "http/server.hpp"

namespace qingyuan::http {

struct Certificate {
    std::shared_ptr<boost::asio::ssl::context> context;
    std::int64_t not_after = 0;  ///< seconds since 1970
};

/// Reads certificate and key. Errors: file_unreadable, key_file_missing, key_file_exposed, config_invalid (no
/// PEM, or the key is not the certificate's).
[[nodiscard]] Result<Certificate> load_certificate(const Tls& files);

}  // namespace qingyuan::http
