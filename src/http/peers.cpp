#include "http/peers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::http {

namespace {

std::vector<unsigned char> bytes_of(const Address& address) {
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        return {bytes.begin(), bytes.end()};
    }
    const auto bytes = address.to_v6().to_bytes();
    return {bytes.begin(), bytes.end()};
}

}  // namespace

Address plain_address(const Address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    return address;
}

Result<TrustedPeers> TrustedPeers::parse(const std::vector<std::string>& peers) {
    TrustedPeers out;
    for (const std::string& text : peers) {
        const Error wrong{ErrorCode::config_invalid,
                          fmt::format("'{}' is neither an address nor a network", text),
                          "trusted_peers",
                          {},
                          "write 10.0.0.5 or 10.1.0.0/16"};
        const auto slash = text.find('/');
        boost::system::error_code error;
        const Address address = boost::asio::ip::make_address(text.substr(0, slash), error);
        if (error) return wrong;
        Net net{bytes_of(plain_address(address)), 0};
        net.bits = static_cast<unsigned>(net.bytes.size() * 8);
        if (slash != std::string::npos) {
            const auto bits = parse_integer(std::string_view(text).substr(slash + 1));
            if (!bits || *bits < 1 || *bits > net.bits) return wrong;
            net.bits = static_cast<unsigned>(*bits);
        }
        out.nets_.push_back(std::move(net));
    }
    return out;
}

bool TrustedPeers::contains(const Address& address) const {
    const auto bytes = bytes_of(address);
    return std::ranges::any_of(nets_, [&](const Net& net) {
        if (net.bytes.size() != bytes.size()) return false;
        const std::size_t whole = net.bits / 8;
        if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), net.bytes.begin()))
            return false;
        const unsigned rest = net.bits % 8;
        return rest == 0 || (bytes[whole] ^ net.bytes[whole]) >> (8 - rest) == 0;
    });
}

void TrustedPeers::resolve(const Address& socket_peer, bool tls, Request& request) const {
    request.peer = socket_peer.to_string();
    request.secure = tls;
    if (!contains(socket_peer)) return;
    const std::vector<std::string> named = split(request.header("x-forwarded-for"), ',');
    for (auto at = named.rbegin(); at != named.rend(); ++at) {
        boost::system::error_code error;
        const Address address = boost::asio::ip::make_address(std::string(trim(*at)), error);
        if (error) break;  // whatever stands left of nonsense is not believed either
        request.peer = plain_address(address).to_string();
        if (!contains(plain_address(address))) break;
    }
    // Of several the last was written by the proxy next to us.
    const std::vector<std::string> schemes = split(request.header("x-forwarded-proto"), ',');
    if (!schemes.empty()) request.secure = trim(schemes.back()) == "https";
}

}  // namespace qingyuan::http
