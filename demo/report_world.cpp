#include "demo/report_world.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "demo/trace_city.hpp"

namespace qingyuan::demo {

namespace {

constexpr std::array drug_terms{
    "锥体外系反应", "白细胞减少", "水肿",       "咳嗽",       "高尿酸血症", "肌痛",       "寒战",
    "恶心",         "胸闷",       "头痛",       "头晕",       "静脉炎",     "血压升高",   "呕吐",
    "皮疹",         "心悸",       "便秘",       "肾功能异常", "胸痛",       "乏力",       "咽痛",
    "口干",         "药物性皮炎", "腹泻",       "过敏样反应", "牙龈出血",   "肝功能异常", "荨麻疹",
    "注射部位疼痛", "腹痛",       "低血糖",     "嗜睡",       "耳鸣",       "视物模糊",   "发热",
    "转氨酶升高",   "面部潮红",   "听力下降",   "瘙痒",       "失眠",       "过敏性休克", "晕厥",
    "抽搐",         "呼吸困难",   "剥脱性皮炎", "血小板减少", "低血压",     "消化道出血", "横纹肌溶解",
    "骨髓抑制"};
constexpr std::array device_terms{"器械渗漏", "器械误报", "器械故障", "器械断裂", "器械堵塞",
                                  "烫伤",     "皮疹",     "疼痛",     "感染",     "器械污染"};
constexpr std::array cosmetic_terms{"瘙痒",     "皮疹",     "红斑",     "接触性皮炎", "面部水肿",
                                    "皮肤脱屑", "皮肤刺痛", "色素沉着", "痤疮",       "皮肤干燥"};
constexpr std::array drug_words{"样例", "示范", "虚拟", "模拟", "演示", "仿设", "拟真", "试作"};
constexpr std::array drug_roots{"康宁", "安泰", "清平", "和润", "通络", "舒心", "益气",
                                "明达", "利安", "复健", "固本", "宁神", "清热"};
constexpr std::array forms{"注射液", "片", "胶囊", "颗粒", "口服液"};

template <class Terms>
Profile profile_of(const Terms& terms, Random& random) {
    Profile out;
    std::uint64_t rank = 1;
    for (const char* term : terms) {
        out.terms.emplace_back(term);
        // A drug has its own liking for each reaction; common ones stay common.
        const std::uint64_t liking = static_cast<std::uint64_t>(random.between(1, 12)) *
                                     static_cast<std::uint64_t>(random.between(1, 12));
        out.weights.add(100'000 * liking / (rank++ + 2));
    }
    return out;
}

/// New batches every one to three months, each in use for three to seven.
void add_batches(WorldProduct& product, const ReportSetOptions& options, Random& random) {
    for (Date made = options.from - static_cast<int>(random.between(30, 120)); made < options.to;
         made = made + static_cast<int>(random.between(25, 100))) {
        const Date from = std::max(options.from, made + static_cast<int>(random.between(15, 45)));
        product.batches.push_back({fmt::format("{:02}{:02}{:02}{}", made.year() % 100, made.month(),
                                               made.day(), random.between(1, 9)),
                                   from, from + static_cast<int>(random.between(90, 210)), false});
    }
}

/// A drug with a raised reaction: its profile is made again with that weight.
void raise(ReportWorld& world, std::size_t profile, const std::string& drug, Random& random) {
    Profile& old = world.profiles[profile];
    const std::size_t term = random.below(old.terms.size());
    const int tenths = static_cast<int>(random.between(30, 120));
    Profile made;
    made.terms = old.terms;
    for (std::size_t i = 0; i < old.terms.size(); ++i) {
        const std::uint64_t weight = old.weights.weight(i);
        made.weights.add(i == term ? weight * static_cast<std::uint64_t>(tenths) / 10 : weight);
    }
    old = std::move(made);
    world.signals.push_back({drug, old.terms[term], tenths});
}

}  // namespace

std::size_t Weights::draw(Random& random) const {
    const std::uint64_t at = random.below(sums_.back());
    return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
}

std::vector<std::size_t> ReportWorld::other_makers(std::size_t product) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < products.size(); ++i)
        if (i != product && products[i].drug == products[product].drug &&
            products[i].maker != products[product].maker)
            out.push_back(i);
    return out;
}

ReportWorld make_report_world(const ReportSetOptions& options, Random& random) {
    ReportWorld world;
    for (int i = 0; i < options.drugs; ++i) {
        const std::string drug =
            fmt::format("{}{}{}", drug_words[static_cast<std::size_t>(i) % drug_words.size()],
                        drug_roots[static_cast<std::size_t>(i) / drug_words.size() % drug_roots.size()],
                        forms[static_cast<std::size_t>(i) % forms.size()]) +
            (i < 104 ? "" : fmt::format("{}", i));
        world.profiles.push_back(profile_of(drug_terms, random));
        const auto makers = random.between(1, 4);
        const auto popularity =
            1'000'000 / static_cast<std::uint64_t>(random.between(1, 3 * options.drugs) + 3);
        for (std::int64_t maker = 0; maker < makers; ++maker) {
            WorldProduct product{
                "",
                drug,
                fmt::format("国药准字H9999{:04}", world.products.size()),
                fmt::format("虚拟药厂{}{:02}", static_cast<char>('A' + random.below(8)), maker + 1),
                {},
                static_cast<std::size_t>(i)};
            add_batches(product, options, random);
            world.products.push_back(std::move(product));
            world.product_weights.add(popularity / static_cast<std::uint64_t>(maker + 1));
        }
    }
    for (int i = 0; i < options.signals; ++i) {
        const std::size_t drug = random.below(world.profiles.size());
        const auto product = std::find_if(world.products.begin(), world.products.end(),
                                          [&](const WorldProduct& one) { return one.profile == drug; });
        raise(world, drug, product->drug, random);
    }
    constexpr std::array cities{"甲市", "乙市", "丙市", "丁市", "戊市",
                                "己市", "庚市", "辛市", "壬市", "癸市"};
    for (int i = 0; i < options.organisations; ++i) {
        const std::size_t city = random.below(cities.size());
        world.organisations.push_back({fmt::format("H{:02}{:03}", city, i), cities[city]});
        world.organisation_weights.add(1'000 / static_cast<std::uint64_t>(random.between(1, 40)));
    }
    return world;
}

ReportWorld city_report_world(const City& city, const ReportSetOptions& options, std::uint64_t trace_seed,
                              Random& random) {
    ReportWorld world;
    std::map<std::string, std::vector<TracedBatch>> traced;
    for (TracedBatch& batch : traced_batches(city, trace_seed))
        traced[batch.product].push_back(std::move(batch));
    std::map<std::string, std::string> names;
    for (const auto& firm : city.operators) names[firm.id] = firm.name;
    for (const auto& record : city.products) {
        WorldProduct product{record.category,      record.name, record.id,
                             names[record.holder], {},          world.profiles.size()};
        add_batches(product, options, random);
        for (const TracedBatch& batch : traced[record.id])
            product.batches.push_back({batch.id, batch.produced_on + 20, batch.produced_on + 200, true});
        world.profiles.push_back(record.category == "device"     ? profile_of(device_terms, random)
                                 : record.category == "cosmetic" ? profile_of(cosmetic_terms, random)
                                                                 : profile_of(drug_terms, random));
        const std::uint64_t popularity = 100'000 / static_cast<std::uint64_t>(random.between(1, 60) + 2);
        world.product_weights.add(record.category == "drug" ? 4 * popularity : popularity);
        world.products.push_back(std::move(product));
    }
    for (int i = 0; i < options.signals; ++i) {
        const std::size_t at = random.below(world.products.size());
        raise(world, world.products[at].profile, world.products[at].drug, random);
    }
    for (const auto& firm : city.operators) {
        if (firm.kind != "hospital" && firm.kind != "clinic" && firm.kind != "pharmacy") continue;
        if (firm.kind == "pharmacy" && firm.id.back() != '7') continue;  // few pharmacies report at all
        world.organisations.push_back({firm.id, firm.region});
        world.organisation_weights.add(
            firm.kind == "hospital" ? static_cast<std::uint64_t>(random.between(20, 200)) : 3);
    }
    return world;
}

const std::vector<std::vector<std::string>>& cluster_families(std::string_view kind) {
    static const std::vector<std::vector<std::string>> drug = {{"寒战", "发热"},
                                                               {"心悸", "胸闷"},
                                                               {"恶心", "呕吐"},
                                                               {"皮疹", "瘙痒"},
                                                               {"过敏性休克"},
                                                               {"注射部位疼痛", "静脉炎"},
                                                               {"肝功能异常", "转氨酶升高"},
                                                               {"过敏样反应", "呼吸困难"}};
    static const std::vector<std::vector<std::string>> device = {{"器械渗漏", "器械断裂"},
                                                                 {"器械误报", "器械故障"}};
    static const std::vector<std::vector<std::string>> cosmetic = {{"红斑", "瘙痒"},
                                                                   {"接触性皮炎", "面部水肿"}};
    return kind == "device" ? device : kind == "cosmetic" ? cosmetic : drug;
}

std::string synonym_of(const std::string& term) {
    static const std::map<std::string, std::string> words = {
        {"寒战", "寒颤"},     {"心悸", "心慌"},          {"恶心", "恶心感"},   {"头晕", "眩晕感"},
        {"皮疹", "出疹"},     {"转氨酶升高", "ALT升高"}, {"发热", "体温升高"}, {"瘙痒", "皮肤瘙痒"},
        {"呼吸困难", "气促"}, {"荨麻疹", "风团"},        {"乏力", "疲乏"},     {"肝功能异常", "肝损害"}};
    const auto found = words.find(term);
    return found == words.end() ? std::string() : found->second;
}

}  // namespace qingyuan::demo
