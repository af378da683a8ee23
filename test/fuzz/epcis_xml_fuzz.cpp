// libFuzzer target: EPCIS documents in XML. Built and run by test/slow/fuzz.sh.
#include "epcis_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    qingyuan::fuzz::read_twice(qingyuan::observe::EpcisFormat::xml, data, size);
    return 0;
}
