// GS1 keys in every spelling become one Digital Link.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "observe/gs1_key.hpp"

namespace qingyuan::observe {
namespace {

std::string link(std::string_view uri) {
    std::string out = "x";
    if (!append_digital_link(uri, out)) {
        EXPECT_EQ(out, "x") << uri;
        return "";
    }
    return out.substr(1);
}

TEST(Gs1Key, Urns) {
    const std::pair<const char*, const char*> rows[] = {
        {"urn:epc:id:sgtin:0614141.812345.6789", "https://id.gs1.org/01/80614141123458/21/6789"},
        {"urn:epc:id:sgtin:4012345.011111.98%22", "https://id.gs1.org/01/04012345111118/21/98%22"},
        {"urn:epc:id:sscc:4012345.0000000333", "https://id.gs1.org/00/040123450000003338"},
        {"urn:epc:id:sgln:4012345.00005.0", "https://id.gs1.org/414/4012345000054"},
        {"urn:epc:id:sgln:4012345.00005.122", "https://id.gs1.org/414/4012345000054/254/122"},
        {"urn:epc:id:grai:4012345.00022.334455", "https://id.gs1.org/8003/04012345000221334455"},
        {"urn:epc:id:giai:4012345.ABC345", "https://id.gs1.org/8004/4012345ABC345"},
        {"urn:epc:id:gsrn:4012345.0000006765", "https://id.gs1.org/8018/401234500000067657"},
        {"urn:epc:id:gsrnp:4012345.0000000007", "https://id.gs1.org/8017/401234500000000074"},
        {"urn:epc:id:gdti:4012345.00009.PO-4711", "https://id.gs1.org/253/4012345000092PO-4711"},
        {"urn:epc:id:gdti:987659999999..9", "https://id.gs1.org/253/98765999999929"},
        {"urn:epc:id:cpi:4012345.ABC.123", "https://id.gs1.org/8010/4012345ABC/8011/123"},
        {"urn:epc:id:sgcn:4012345.99999.44", "https://id.gs1.org/255/401234599999044"},
        {"urn:epc:id:ginc:0614141.xyz47%2F11", "https://id.gs1.org/401/0614141xyz47%2F11"},
        {"urn:epc:id:gsin:4012345.222333444", "https://id.gs1.org/402/40123452223334442"},
        {"urn:epc:id:itip:4012345.011111.01.02.987", "https://id.gs1.org/8006/040123451111180102/21/987"},
        {"urn:epc:id:upui:4012345.012345.AB12", "https://id.gs1.org/01/04012345123456/235/AB12"},
        {"urn:epc:id:pgln:999999999999.", "https://id.gs1.org/417/9999999999994"},
        {"urn:epc:class:lgtin:4012345.012345.Lot987", "https://id.gs1.org/01/04012345123456/10/Lot987"},
        {"urn:epc:idpat:sgtin:4012345.012345.*", "https://id.gs1.org/01/04012345123456"},
        {"urn:epc:idpat:grai:4012345.66666.*", "https://id.gs1.org/8003/04012345666663"},
        {"urn:epc:idpat:itip:4012345.012345.01.02.*", "https://id.gs1.org/8006/040123451234560102"},
    };
    for (const auto& [urn, wanted] : rows) {
        EXPECT_EQ(link(urn), wanted) << urn;
        EXPECT_TRUE(is_epc_urn(urn)) << urn;
    }
}

TEST(Gs1Key, MalformedUrns) {
    for (const char* urn :
         {"urn:epc:id:sgtin:0614141.812345", "urn:epc:id:sgtin:0614141.81234.1",
          "urn:epc:id:sgtin:06141410.812345.1", "urn:epc:id:sgtin:0614141.8123a5.1",
          "urn:epc:id:sgtin:0614141.812345.", "urn:epc:id:sgtin:0614141.812345.123456789012345678901",
          "urn:epc:id:sgtin:0614141.812345.a%2", "urn:epc:id:sgtin:", "urn:epc:id:sscc:4012345.1",
          "urn:epc:id:sscc:4012345.0000000333.1", "urn:epc:id:sgln:4012345.00005",
          "urn:epc:idpat:sgtin:4012345.012345.1", "urn:epc:id:cpi:4012345.abc.1",
          "urn:epc:id:cpi:4012345.ABC.x", "urn:epc:id:itip:4012345.011111.1.02.9",
          "urn:epc:id:gsrn:12345.000000000000", "urn:epc:id:pgln:999999999999"}) {
        EXPECT_EQ(link(urn), "") << urn;
        EXPECT_FALSE(is_epc_urn(urn)) << urn;
    }
    EXPECT_TRUE(is_epc_urn("urn:epc:id:adi:2S194..12345678901"));  // a scheme without a Digital Link
    EXPECT_FALSE(is_epc_urn("urn:epcglobal:cbv:bt:1:2"));
}

TEST(Gs1Key, DigitalLinks) {
    const std::pair<const char*, const char*> rows[] = {
        {"https://id.gs1.org/gtin/09780345418913", "https://id.gs1.org/01/09780345418913"},
        {"https://example.com/gtin/09780345418913/21/765tz?abc=211121",
         "https://id.gs1.org/01/09780345418913/21/765tz"},
        {"http://shop.example.cn/a/b/01/6901234123456/10/L1/21/S1",
         "https://id.gs1.org/01/06901234123456/21/S1"},
        {"https://example.com/01/09780345418913/22/V/21/S", "https://id.gs1.org/01/09780345418913/21/S"},
        {"https://example.com/01/09780345418913/22/V", "https://id.gs1.org/01/09780345418913"},
        {"https://id.gs1.de/414/4012345000115/254/987", "https://id.gs1.org/414/4012345000115/254/987"},
        {"https://example.com/00/040123450000003338/", "https://id.gs1.org/00/040123450000003338"},
        {"https://example.com/8006/040123451111180102/ser/9",
         "https://id.gs1.org/8006/040123451111180102/21/9"},
        {"https://example.com/01/09780345418913/21/98%22", "https://id.gs1.org/01/09780345418913/21/98%22"},
        {"https://example.com/8003/04012345000221334455", "https://id.gs1.org/8003/04012345000221334455"},
    };
    for (const auto& [uri, wanted] : rows) EXPECT_EQ(link(uri), wanted) << uri;
    for (const char* other :
         {"https://transaction.example.com/po/12345678", "https://example.com/01/123",
          "https://example.com/01/09780345418913/99/x", "https://example.com/01/0978034541891X",
          "https://example.com/00/040123450000003338/21/1", "https://", "http:", "01/09780345418913",
          "https://example.com/01/09780345418913#top", "https://example.com/01/09780345418913/21"}) {
        EXPECT_EQ(link(other), "") << other;
    }
}

TEST(Gs1Key, CheckDigit) {
    EXPECT_EQ(check_digit("0401234500000333"), check_digit("0401234500000333"));
    EXPECT_EQ(check_digit("629104150021"), '3');       // GS1's worked example of a GTIN-13
    EXPECT_EQ(check_digit("37610425002123456"), '9');  // and of an SSCC
    EXPECT_EQ(check_digit("0"), '0');
}

TEST(Gs1Key, ACanonicalLinkIsItsOwnCanonicalForm) {
    EXPECT_TRUE(rc::check("canonical twice is canonical once", [] {
        const auto digits = [](int count) {
            std::string text;
            for (int i = 0; i < count; ++i) text += *rc::gen::inRange('0', static_cast<char>('9' + 1));
            return text;
        };
        const int company = *rc::gen::inRange(6, 13);
        const std::string serial = *rc::gen::nonEmpty(
            rc::gen::container<std::string>(rc::gen::elementOf(std::string("0aZ-._!()*+,:'"))));
        RC_PRE(serial.size() <= 20U);
        const std::string urn =
            "urn:epc:id:sgtin:" + digits(company) + "." + digits(13 - company) + "." + serial;
        const std::string once = link(urn);
        RC_ASSERT(!once.empty());
        RC_ASSERT(link(once) == once);
        const std::string gtin = once.substr(22, 14);
        RC_ASSERT(check_digit(gtin.substr(0, 13)) == gtin[13]);
    }));
}

}  // namespace
}  // namespace qingyuan::observe
