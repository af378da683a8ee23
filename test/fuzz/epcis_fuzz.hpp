// What the EPCIS fuzzers hold for every text that is read: no crash, and what is read keeps its promises.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "observe/epcis.hpp"
#include "observe/epcis_hash.hpp"

namespace qingyuan::fuzz {

inline void demand(bool holds) {
    if (!holds) std::abort();
}

/// Reads a text twice: the same answer and the same hashes; a refusal has a code and a sentence.
inline void read_twice(observe::EpcisFormat format, const std::uint8_t* data, std::size_t size) {
    static observe::EventHasher hasher;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    observe::EpcisLimits limits;
    limits.event_values = 20'000;
    const auto read = [&](std::string& hashes) {
        return read_epcis(format, bytes, limits, [&](const observe::Event& event) -> Result<void> {
            demand(event.event_time.present && !event.offset.empty());
            demand(event.type == observe::EventType::transformation || event.action != observe::Action::none);
            const std::string_view text = hasher.pre_hash(event);
            demand(text.starts_with("eventType=") && is_utf8(text));
            hashes += hasher.hash_id(event);
            return {};
        });
    };
    std::string first;
    std::string second;
    const auto one = read(first);
    const auto two = read(second);
    demand(one.has_value() == two.has_value() && first == second);
    if (!one) {
        demand(!one.error().message.empty() && one.error().info().kind == ErrorKind::input);
        demand(one.error().code == two.error().code && one.error().where == two.error().where);
    }
}

}  // namespace qingyuan::fuzz
