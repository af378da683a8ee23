// Every kind of lanes this machine has, against the examples of the standard and against OpenSSL.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fmt/format.h>

#include "base/random.hpp"
#include "base/sm3_lanes.hpp"

using namespace qingyuan;

namespace {

std::vector<Sm3Lanes> every_kind() {
    std::vector<Sm3Lanes> out;
    for (const Sm3Lanes lanes : {Sm3Lanes::none, Sm3Lanes::avx2, Sm3Lanes::avx512})
        if (lanes <= sm3_lanes()) out.push_back(lanes);
    return out;
}

std::string random_bytes(Random& random, std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random.next());
    return out;
}

/// The number of the first message whose digest is not that of OpenSSL, or an empty text.
std::string first_wrong(const std::vector<std::string>& messages) {
    const std::vector<std::string_view> views(messages.begin(), messages.end());
    for (const Sm3Lanes lanes : every_kind()) {
        std::vector<Digest> out(views.size());
        sm3_each(views, out, lanes);
        for (std::size_t i = 0; i < views.size(); ++i)
            if (out[i] != sm3(views[i]))
                return fmt::format("kind {}, message {} of {}, {} bytes", static_cast<int>(lanes), i,
                                   views.size(), views[i].size());
    }
    return {};
}

}  // namespace

TEST(sm3_lanes, answer_the_examples_of_the_standard_in_every_lane) {  // GB/T 32905-2016, appendix A
    std::string long_text;
    for (int i = 0; i < 16; ++i) long_text += "abcd";
    for (const Sm3Lanes lanes : every_kind()) {
        for (std::size_t count = 1; count <= 33; ++count) {
            std::vector<std::string_view> messages;
            for (std::size_t i = 0; i < count; ++i)
                messages.push_back(i % 3 == 0 ? "abc" : i % 3 == 1 ? std::string_view(long_text) : "");
            std::vector<Digest> out(count);
            sm3_each(messages, out, lanes);
            for (std::size_t i = 0; i < count; ++i)
                EXPECT_EQ(hex(out[i]),
                          i % 3 == 0   ? "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
                          : i % 3 == 1 ? "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
                                       : "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b")
                    << "kind " << static_cast<int>(lanes) << ", message " << i << " of " << count;
        }
    }
}

TEST(sm3_lanes, every_length_is_padded_right) {
    Random random(3);
    std::vector<std::string> messages;
    for (std::size_t size = 0; size <= 300; ++size) messages.push_back(random_bytes(random, size));
    EXPECT_EQ(first_wrong(messages), "");
}

TEST(sm3_lanes, agree_with_openssl_on_any_messages) {
    EXPECT_TRUE(rc::check([] {
        Random random(*rc::gen::arbitrary<std::uint64_t>());
        std::vector<std::string> messages(*rc::gen::inRange<std::size_t>(0, 41));
        for (std::string& message : messages) message = random_bytes(random, random.next() % 301);
        RC_ASSERT(first_wrong(messages) == "");
    }));
}

TEST(sm3_lanes, one_long_message_among_short_ones_ends_last) {
    Random random(4);
    for (const std::size_t at : {0, 7, 39}) {
        std::vector<std::string> messages;
        for (std::size_t i = 0; i < 40; ++i)
            messages.push_back(random_bytes(random, i == at ? 1'000'003 : random.next() % 5000));
        EXPECT_EQ(first_wrong(messages), "") << at;
    }
}

TEST(sm3_lanes,
     read_nothing_beyond_a_message) {  // the sanitizers look; a message of no bytes may lie nowhere
    std::vector<std::string_view> messages(20);
    const auto exact = std::make_unique<char[]>(64);
    std::fill_n(exact.get(), 64, 'x');
    messages[3] = {exact.get(), 64};
    messages[4] = {exact.get() + 1, 63};
    std::vector<Digest> out(messages.size());
    sm3_each(messages, out);
    EXPECT_EQ(out[3], sm3(std::string(64, 'x')));
    EXPECT_EQ(out[4], sm3(std::string(63, 'x')));
    EXPECT_EQ(out[5], sm3(""));
    sm3_each({}, {});
}
