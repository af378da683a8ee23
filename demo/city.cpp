#include "demo/city.hpp"

#include <array>
#include <set>

#include <fmt/format.h>

#include "base/random.hpp"

namespace qingyuan::demo {

namespace {

struct County {
    const char* region;
    const char* zh;
    const char* en;
    int weight;    ///< how many firms, in parts of the city
    bool reports;  ///< reports to the mid-year conference
};

// Names of GB/T 2260; the weights are invented.
constexpr County counties[] = {
    {"430405", "珠晖区", "Zhuhui District", 8, true},  {"430406", "雁峰区", "Yanfeng District", 6, false},
    {"430407", "石鼓区", "Shigu District", 7, true},   {"430408", "蒸湘区", "Zhengxiang District", 9, true},
    {"430412", "南岳区", "Nanyue District", 2, false}, {"430421", "衡阳县", "Hengyang County", 11, true},
    {"430422", "衡南县", "Hengnan County", 9, false},  {"430423", "衡山县", "Hengshan County", 5, false},
    {"430424", "衡东县", "Hengdong County", 7, false}, {"430426", "祁东县", "Qidong County", 10, true},
    {"430481", "耒阳市", "Leiyang City", 13, true},    {"430482", "常宁市", "Changning City", 8, false}};
constexpr int own_weight = 7;

constexpr std::array surnames{"欧阳", "司徒", "上官", "诸葛", "令狐", "慕容", "东方", "南宫",
                              "端木", "皇甫", "尉迟", "公孙", "轩辕", "钟离", "宇文", "长孙"};
constexpr std::array given{"样一", "样二", "例安", "例宁", "示远", "示平", "拟清", "拟正",
                           "虚怀", "虚谷", "设明", "设文", "仿真", "仿古", "演之", "演武"};
constexpr std::array firm_words{"样安", "样康", "例和", "例仁", "示春", "示民", "拟泰", "拟丰",
                                "虚云", "虚宁", "设源", "设德", "仿松", "仿竹", "演益", "演瑞",
                                "样福", "例寿", "示生", "拟济", "虚明", "设康", "仿梅", "演和"};
constexpr std::array streets{"示例路", "样板街", "虚构巷", "模拟大道", "演示里"};

/// Shape of the market in thousandths: kind, share, where its licence number comes from.
struct Kind {
    const char* kind;
    int share;
    const char* suffix;
    const char* licence;
    const char* scope;
};
constexpr Kind kinds[] = {
    {"pharmacy", 430, "大药房", "drug_trade_licence", "prescription"},
    {"chain_store", 210, "大药房连锁有限公司", "drug_trade_licence", "prescription"},
    {"wholesaler", 12, "医药有限公司", "drug_trade_licence", "chemical"},
    {"hospital", 25, "医院", "medical_institution_licence", ""},
    {"clinic", 103, "卫生室", "medical_institution_licence", ""},
    {"device_distributor", 110, "医疗器械经营部", "device_trade_licence", "device_class_3"},
    {"device_manufacturer", 8, "医疗器械科技有限公司", "device_prod_licence", "device_class_2"},
    {"cosmetic_distributor", 80, "化妆品商行", "", ""},
    {"cosmetic_manufacturer", 6, "化妆品有限公司", "cosmetic_prod_licence", "cosmetic_general"},
    {"manufacturer", 10, "制药有限公司", "drug_prod_licence", "chemical"},
    {"online_seller", 6, "网络药店", "drug_trade_licence", "otc"}};
constexpr int firms_total = 2400;
constexpr int headquarters_total = 8;
constexpr int products_total = 150;

/// Check character of GB 32100-2015.
std::string credit_code(std::string_view region, std::uint64_t serial) {
    constexpr std::string_view symbols = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    std::string code = fmt::format("91{}MA4{:05}", region, serial % 100'000);
    // Organisation code (GB 11714): eight places and their check character.
    constexpr int weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        const char c = code[8 + i];
        sum += (c <= '9' ? c - '0' : c - 'A' + 10) * weights[i];
    }
    const int check = 11 - sum % 11;
    code += check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
    std::uint64_t weight = 1, total = 0;
    for (const char c : code) {
        total += symbols.find(c) * weight;
        weight = weight * 3 % 31;
    }
    return code + symbols[(31 - total % 31) % 31];
}

class Builder {
 public:
    explicit Builder(std::uint64_t seed) : random_(seed ^ 0x63697479) {}

    City build() {
        organisations();
        staff(city_.bureau, "hy", 4);
        staff(city_.own_unit, "hyz", 14);
        for (const County& county : counties) staff(unit_of(county), county.region, 12);
        partners();
        firms();
        products();
        bureau_people();
        portal_people();
        town();
        for (const auto& firm : city_.operators) city_.names.emplace_back(firm.id, person_name());
        city_.desk_person = "hyz_unit_head";
        return std::move(city_);
    }

 private:
    static std::string unit_of(const County& county) { return std::string(county.region) + "_amr"; }
    std::string person_name() {
        return std::string(surnames[random_.below(surnames.size())]) + given[random_.below(given.size())];
    }

    void organisation(const std::string& id, const std::string& name, const std::string& en,
                      const std::string& parent, const std::string& department, const std::string& level,
                      const std::string& region, const std::string& kind) {
        city_.organisations.push_back({.id = id,
                                       .name = name,
                                       .name_en = en,
                                       .parent = parent,
                                       .department = department,
                                       .level = level,
                                       .region = region,
                                       .kind = kind,
                                       .from = make_date(2019, 1, 1)});
    }

    void organisations() {
        city_.bureau = "hengyang";
        city_.own_unit = "hengyang_own";
        organisation("nmpa", "国家药品监督管理局", "National Medical Products Administration", "",
                     "drug_regulator", "nation", "", "authority");
        // Whom the reported figures are about.
        organisation("cn", "全国", "China", "", "drug_regulator", "nation", "", "other");
        organisation("xinjiang", "新疆维吾尔自治区", "Xinjiang", "nmpa", "drug_regulator", "province",
                     "650000", "other");
        organisation("henan", "河南省", "Henan", "nmpa", "drug_regulator", "province", "410000", "other");
        organisation("hunan", "湖南省药品监督管理局", "Hunan Medical Products Administration", "nmpa",
                     "drug_regulator", "province", "430000", "authority");
        organisation(city_.bureau, "衡阳市市场监督管理局",
                     "Hengyang Municipal Administration for Market Regulation", "hunan", "market_regulator",
                     "city", "430400", "authority");
        organisation(city_.own_unit, "市本级", "City's own units", city_.bureau, "market_regulator", "city",
                     "430400", "own_unit");
        for (const County& county : counties) {
            city_.units.push_back(unit_of(county));
            if (county.reports) city_.conference_units.push_back(unit_of(county));
            organisation(unit_of(county), std::string(county.zh) + "市场监督管理局",
                         std::string(county.en) + " Administration for Market Regulation", city_.bureau,
                         "market_regulator", "county", county.region, "authority");
        }
        organisation("hengyang_police", "衡阳市公安局", "Hengyang Public Security Bureau", "",
                     "public_security", "city", "430400", "authority");
        organisation("hengyang_procuratorate", "衡阳市人民检察院", "Hengyang People's Procuratorate", "",
                     "procuratorate", "city", "430400", "authority");
        organisation("hengyang_insurance", "衡阳市医疗保障局", "Hengyang Healthcare Security Administration",
                     "", "medical_insurance", "city", "430400", "authority");
        organisation("hengyang_health", "衡阳市卫生健康委员会", "Hengyang Health Commission", "", "health",
                     "city", "430400", "authority");
    }

    void person(const std::string& id, const std::string& unit, std::vector<std::string> roles,
                bool certified) {
        facts::PersonRecorded person{
            .id = id, .organisation = unit, .roles = std::move(roles), .from = make_date(2023, 1, 1)};
        if (certified) {
            person.certificate = fmt::format("湘样{:06}", city_.people.size() + 1);
            person.certificate_to = make_date(2028, 12, 31);
        }
        city_.people.push_back(std::move(person));
        city_.names.emplace_back(id, person_name());
    }

    void staff(const std::string& unit, const std::string& prefix, int officers) {
        for (int i = 1; i <= officers; ++i)
            person(fmt::format("{}_officer_{}", prefix, i), unit, {"officer", "inspector"}, true);
        person(prefix + "_unit_head", unit, {"unit_head", "officer", "dispatcher"}, true);
        person(prefix + "_reviewer", unit, {"legal_reviewer"}, false);
        person(prefix + "_head", unit, {"head_of_authority"}, false);
        person(prefix + "_panel", unit, {"case_review_panel"}, false);
        person(prefix + "_statistician", unit, {"statistician", "risk_analyst"}, false);
        person(prefix + "_approver", unit, {"report_approver"}, false);
    }

    void partners() {
        person("police_contact", "hengyang_police", {"police_contact"}, false);
        person("procurator_contact", "hengyang_procuratorate", {"procurator_contact"}, false);
        person("insurance_contact", "hengyang_insurance", {"insurance_contact"}, false);
        person("health_contact", "hengyang_health", {"health_contact"}, false);
    }

    /// Roles that one authority of the city has, and the three administrators: three persons.
    void bureau_people() {
        for (const char* role : {"hearing_chair", "lab", "licensing_officer", "technical_reviewer",
                                 "dispatcher", "system_admin", "security_admin", "audit_admin"})
            person(std::string("hy_") + role, city_.bureau, {role}, false);
        person("hy_sampler", city_.bureau, {"sampler"}, true);
        person("hunan_superior", "hunan", {"superior"}, false);
        organisation("hengyang_court", "衡阳市中级人民法院", "Hengyang Intermediate People's Court", "",
                     "court", "city", "430400", "authority");
        person("court_contact", "hengyang_court", {"court_contact"}, false);
    }

    /// The first operator of the kind that answers to the city's own units, else the first of the kind.
    const facts::OperatorRecorded& first_of(std::string_view kind) const {
        const facts::OperatorRecorded* any = nullptr;
        for (const auto& firm : city_.operators) {
            if (firm.kind != kind) continue;
            if (firm.organisation == city_.own_unit) return firm;
            if (!any) any = &firm;
        }
        QY_ASSERT(any != nullptr);
        return *any;
    }

    /// Users and staff of some operators; licences and a certificate that end soon.
    void portal_people() {
        const Date ends[] = {make_date(2025, 9, 20), make_date(2025, 7, 25), make_date(2025, 8, 31)};
        std::size_t number = 0;
        for (const char* kind : {"pharmacy", "wholesaler", "hospital", "chain_store", "device_distributor",
                                 "cosmetic_distributor"}) {
            const std::string firm = first_of(kind).id;
            city_.portal_operators.push_back(firm);
            const bool hospital = std::string_view(kind) == "hospital";
            person(firm + "_user", firm,
                   hospital ? std::vector<std::string>{"operator_user", "hospital_reporter"}
                            : std::vector<std::string>{"operator_user"},
                   false);
            for (int i = 1; i <= (number == 0 ? 7 : 3); ++i) {
                person(fmt::format("{}_staff_{}", firm, i), firm, {"operator_staff"}, false);
                if (i > 1) continue;
                auto& pharmacist = city_.people.back();
                pharmacist.certificate = fmt::format("样本药师{:06}", city_.people.size());
                pharmacist.certificate_to = number == 0 ? make_date(2025, 8, 15) : make_date(2027, 3, 31);
            }
            if (number < std::size(ends))
                for (auto& licence : city_.licences)
                    if (licence.operator_id == firm) {
                        licence.to = ends[number];
                        licence.from = (licence.to + 1).plus_months(-60);
                    }
            ++number;
        }
    }

    /// 哲桥镇 of Leiyang: its office works for the county's regulator in the network of village informants.
    void town() {
        city_.town = "430481_zheqiao";
        organisation(city_.town, "耒阳市哲桥镇药品安全协管站", "Zheqiao Town Drug Safety Station",
                     "430481_amr", "government", "town", "430481", "government");
        person("zheqiao_coordinator", city_.town, {"township_coordinator"}, false);
        person("zheqiao_informant", city_.town, {"village_informant"}, false);
    }

    /// A unit drawn by weight, and its region.
    std::pair<std::string, std::string> place() {
        int total = own_weight;
        for (const County& county : counties) total += county.weight;
        auto at = static_cast<int>(random_.below(static_cast<std::uint64_t>(total)));
        for (const County& county : counties) {
            if (at < county.weight) return {unit_of(county), county.region};
            at -= county.weight;
        }
        return {city_.own_unit, "430408"};
    }

    std::string firm_name(std::string_view region, const char* suffix) {
        std::string place = "衡阳";
        for (const County& county : counties)
            if (region == county.region) place = std::string(county.zh).substr(0, 6);
        for (int tries = 0;; ++tries) {
            std::string name = fmt::format("{}{}{}{}", place, firm_words[random_.below(firm_words.size())],
                                           firm_words[random_.below(firm_words.size())], suffix);
            if (tries > 20) name += fmt::format("第{}店", tries);
            if (used_.insert(name).second) return name;
        }
    }

    const facts::OperatorRecorded& firm(const Kind& kind, const std::string& id,
                                        const std::string& headquarters, const std::string& name) {
        auto [unit, region] = place();
        // Makers and wholesalers answer to the city itself.
        const std::string_view word = kind.kind;
        if (word.ends_with("manufacturer") || word == "wholesaler" || word == "chain_headquarters")
            unit = city_.own_unit;
        const std::size_t serial = city_.operators.size() + 1;
        city_.operators.push_back(
            {.id = id,
             .name = name.empty() ? firm_name(region, kind.suffix) : name,
             .kind = kind.kind,
             .uscc = credit_code(region, serial),
             .headquarters = headquarters,
             .region = region,
             .organisation = unit,
             .address = fmt::format("{}{}号", streets[random_.below(streets.size())], 1 + random_.below(300)),
             .from = make_date(2019, 1, 1) + static_cast<int>(random_.below(1600))});
        if (*kind.licence != '\0') licence(kind, city_.operators.back(), serial);
        return city_.operators.back();
    }

    void licence(const Kind& kind, const facts::OperatorRecorded& firm, std::size_t serial) {
        const std::string_view licence = kind.licence;
        std::string number;
        if (licence == "drug_trade_licence")
            number = fmt::format("湘{}{}7340{:05}",
                                 firm.kind == "wholesaler"           ? 'A'
                                 : firm.kind == "chain_headquarters" ? 'B'
                                 : firm.kind == "chain_store"        ? 'C'
                                                                     : 'D',
                                 serial % 3 == 0 ? 'B' : 'A', serial);
        else if (licence == "drug_prod_licence")
            number = fmt::format("湘2020{:04}", serial);
        else if (licence == "device_trade_licence")
            number = fmt::format("湘衡药监械经营许2023{:04}号", serial);
        else if (licence == "device_prod_licence")
            number = fmt::format("湘药监械生产许2022{:04}号", serial);
        else if (licence == "cosmetic_prod_licence")
            number = fmt::format("湘妆2021{:04}", serial);
        else
            number = fmt::format("样本医证{:06}", serial);
        facts::LicenceRecorded record{.id = number,
                                      .operator_id = firm.id,
                                      .kind = kind.licence,
                                      .status = "valid",
                                      .from = make_date(2021, 1, 1) + static_cast<int>(random_.below(1000))};
        if (*kind.scope != '\0') record.scopes.emplace_back(kind.scope);
        record.to = record.from.plus_months(60) - 1;
        city_.licences.push_back(std::move(record));
    }

    void firms() {
        std::vector<std::string> headquarters;
        const Kind chain{"chain_headquarters", 0, "大药房连锁总部", "drug_trade_licence", "prescription"};
        for (int i = 1; i <= headquarters_total; ++i)
            headquarters.push_back(firm(chain, fmt::format("hq{:02}", i), "", "").id);
        for (const Kind& kind : kinds)
            for (int i = 1; i <= firms_total * kind.share / 1000; ++i) {
                const std::string id = fmt::format("f{:05}", city_.operators.size() + 1);
                if (std::string_view(kind.kind) != "chain_store") {
                    (void)firm(kind, id, "", "");
                    continue;
                }
                const std::string& owner = random_.pick(headquarters);
                const auto& head = city_.operators[static_cast<std::size_t>(std::stoi(owner.substr(2)) - 1)];
                (void)firm(kind, id, owner,
                           fmt::format("{}第{}分店", head.name.substr(0, head.name.find("总部")), i));
            }
    }

    void products() {
        constexpr const char* drugs[] = {"样例胶囊", "示范片", "虚拟颗粒", "模拟注射液", "演示口服液"};
        std::vector<std::string> makers;
        for (const auto& firm : city_.operators)
            if (firm.kind == "manufacturer") makers.push_back(firm.id);
        for (int i = 1; i <= products_total; ++i) {
            facts::ProductRecorded product{.category = i % 5 == 0   ? "device"
                                                       : i % 7 == 0 ? "cosmetic"
                                                                    : "drug",
                                           .holder = random_.pick(makers),
                                           .from = make_date(2020, 1, 1)};
            product.high_risk = i % 11 == 0;
            if (product.category == "drug") {
                product.id = fmt::format("国药准字H2099{:04}", i);
                product.name = fmt::format("{}{}", drugs[i % 5], i);
                product.class_word = "chemical";
                product.prescription = i % 2 == 0;
                product.centralised_procurement = i % 6 == 0;
                product.banned_online = i % 5 == 3;
            } else if (product.category == "device") {
                product.id = fmt::format("湘械注准2099214{:04}", i);
                product.name = fmt::format("样例监护仪{}", i);
                product.class_word = "device_2";
            } else {
                product.id = fmt::format("国妆特字2099{:04}", i);
                product.name = fmt::format("示例面霜{}", i);
                product.class_word = "cosmetic_special";
            }
            city_.products.push_back(std::move(product));
        }
    }

    Random random_;
    City city_;
    std::set<std::string> used_;
};

}  // namespace

City make_city(std::uint64_t seed) {
    return Builder(seed).build();
}

}  // namespace qingyuan::demo
