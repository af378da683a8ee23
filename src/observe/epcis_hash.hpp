// The event hash id of CBV 2.0, 8.9: one identifier for one event, whatever syntax or spelling it came in.
#pragma once

#include <memory>
#include <string>

#include "observe/epcis.hpp"

namespace qingyuan::observe {

/// Computes pre-hash strings and hash ids; keeps its memory between events. Not for two threads at once.
class EventHasher {
 public:
    EventHasher();
    ~EventHasher();
    EventHasher(EventHasher&&) noexcept;
    EventHasher& operator=(EventHasher&&) noexcept;

    /// The canonical text that is hashed; valid until the next call.
    [[nodiscard]] std::string_view pre_hash(const Event& event);
    /// ni:///sha-256;HEX?ver=CBV2.0
    [[nodiscard]] std::string hash_id(const Event& event);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace qingyuan::observe
