// Who is asking: the address of the socket, or what a proxy that we trust says of the client behind it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/result.hpp"
#include "http/server.hpp"

namespace qingyuan::http {

using Address = boost::asio::ip::address;

/// IPv4 in IPv6 (::ffff:10.0.0.5) as IPv4, so that one machine has one name.
[[nodiscard]] Address plain_address(const Address& address);

/// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
class TrustedPeers {
 public:
    /// "10.0.0.5", "10.1.0.0/16", "fd00::/8". Errors: config_invalid.
    [[nodiscard]] static Result<TrustedPeers> parse(const std::vector<std::string>& peers);
    [[nodiscard]] bool contains(const Address& address) const;
    /// Sets peer and secure of a request that came from `socket_peer`. Of X-Forwarded-For the rightmost
    /// address that is not a trusted proxy counts: what stands left of it was written by that client.
    void resolve(const Address& socket_peer, bool tls, Request& request) const;

 private:
    struct Net {
        std::vector<unsigned char> bytes;
        unsigned bits = 0;
    };
    std::vector<Net> nets_;
};

}  // namespace qingyuan::http
