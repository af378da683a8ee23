// Rules that no single pack can answer: what one person does for several firms, where a pharmacist is on
// duty, how often a prescription serves, what lies on a shelf. Asked at each judgement over sums and side
// tables.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "assess/judgement.hpp"
#include "base/text.hpp"
#include "packs/run.hpp"
#include "packs/side_tables.hpp"

namespace qingyuan::assess {

namespace {

using packs::Finding;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t minute_ms = 60'000;

/// What the subject rules share: their texts in force, and whom to ask.
struct Subjects {
    packs::Index& index;
    const law::Law& law;
    std::int64_t now_ms;
    std::vector<Finding> out = {};

    [[nodiscard]] const law::Rule* rule(std::string_view id) const {
        const auto found = law.rule(id, Instant{now_ms * 1000}.date());
        return found ? *found : nullptr;
    }
    [[nodiscard]] static std::int64_t number(const law::Rule& rule, std::string_view name,
                                             std::int64_t otherwise) {
        const auto value = rule.number_of(name);
        return value && value->is_whole() ? value->numerator() : otherwise;
    }
    [[nodiscard]] std::string firm(std::uint32_t number_of) const {
        const packs::Operator& one = index.reference().operator_at(number_of);
        return one.name.empty() ? one.id : one.name;
    }
    Finding& add(const law::Rule& rule, const std::string& key) {
        Finding& finding = out.emplace_back();
        finding.rule = rule.id;
        finding.code = packs::subject_code(rule.id + "/" + key);
        finding.subject = key;
        finding.absence = rule.absence;
        return finding;
    }
    void place(Finding& finding, std::uint32_t actor, std::int64_t time_ms, const law::Rule& rule) const {
        finding.operator_number = actor;
        finding.time_ms = time_ms;
        finding.waits_from_ms = time_ms;
        if (rule.silent == law::Silent::actor) finding.silent = actor;
    }
};

/// (operator, day) of a tally of persons or prescriptions.
struct Use {
    std::int64_t day;
    std::uint32_t actor;
    auto operator<=>(const Use&) const = default;
};

Result<void> each_named(packs::Index& index, packs::TallyKind kind,
                        const std::function<void(packs::Name, std::vector<Use>&)>& each) {
    packs::Name last = 0;
    std::vector<Use> uses;
    CHECK(index.each_tally(kind, [&](std::uint64_t a, std::uint64_t b, std::int64_t) {
        if (a != last && !uses.empty()) {
            std::sort(uses.begin(), uses.end());
            each(last, uses);
            uses.clear();
        }
        last = a;
        uses.push_back({packs::tally_day(b), packs::tally_operator(b)});
        return true;
    }));
    std::sort(uses.begin(), uses.end());
    if (!uses.empty()) each(last, uses);
    return {};
}

Result<void> licence_lending(Subjects& all) {
    const law::Rule* rule = all.rule("licence_lending");
    if (!rule) return {};
    const std::int64_t firms_min = all.number(*rule, "firms_min", 3),
                       window = all.number(*rule, "window_days", 30);
    return each_named(all.index, packs::TallyKind::person, [&](packs::Name person, std::vector<Use>& uses) {
        for (std::size_t from = 0, to = 0; to < uses.size(); ++to) {
            while (uses[to].day - uses[from].day >= window) ++from;
            std::set<std::uint32_t> firms;
            for (std::size_t i = from; i <= to; ++i) firms.insert(uses[i].actor);
            if (static_cast<std::int64_t>(firms.size()) < firms_min) continue;
            const std::string text = all.index.text_of(person);
            Finding& finding = all.add(*rule, text);
            all.place(finding, uses[to].actor, uses[to].day * day_ms, *rule);
            std::string names;
            for (const std::uint32_t one : firms) names += (names.empty() ? "" : "、") + all.firm(one);
            finding.counted = window;
            finding.subject += fmt::format("\nperson={}\nfirms={}", text, names);
            return;
        }
    });
}

Result<void> prescription_reused(Subjects& all) {
    const law::Rule* rule = all.rule("prescription_reused");
    if (!rule) return {};
    const std::int64_t sales_max = all.number(*rule, "sales_max", 1);
    return each_named(all.index, packs::TallyKind::prescription,
                      [&](packs::Name prescription, std::vector<Use>& uses) {
                          // Several packs of one sale are one use.
                          uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
                          if (static_cast<std::int64_t>(uses.size()) <= sales_max) return;
                          const std::string text = all.index.text_of(prescription);
                          Finding& finding = all.add(*rule, text);
                          all.place(finding, uses.back().actor, uses.back().day * day_ms, *rule);
                          finding.other = uses.front().actor;
                          finding.earlier_ms = uses.front().day * day_ms;
                          finding.subject += "\nprescription=" + text;
                      });
}

Result<void> pharmacist_two_places(Subjects& all) {
    const law::Rule* rule = all.rule("pharmacist_two_places");
    if (!rule) return {};
    const std::int64_t overlap_ms = all.number(*rule, "overlap_minutes", 30) * minute_ms;
    std::map<packs::Name, std::vector<packs::Duty>> duties;
    for (const auto& [key, value] : TRY(all.index.side("duties"))) {
        packs::Taking in{value};
        packs::Duty duty;
        duty.person = static_cast<packs::Name>(in.signed_number());
        duty.actor = static_cast<std::uint32_t>(in.signed_number());
        duty.from_ms = in.signed_number();
        duty.to_ms = in.signed_number();
        if (in.ok) duties[duty.person].push_back(duty);
    }
    for (auto& [person, list] : duties) {
        std::sort(list.begin(), list.end(),
                  [](const auto& a, const auto& b) { return a.from_ms < b.from_ms; });
        for (std::size_t i = 1; i < list.size(); ++i) {
            const packs::Duty* before = nullptr;
            for (std::size_t j = 0; j < i && !before; ++j)
                if (list[j].actor != list[i].actor &&
                    std::min(list[j].to_ms, list[i].to_ms) - list[i].from_ms >= overlap_ms)
                    before = &list[j];
            if (!before) continue;
            const std::string text = all.index.text_of(person);
            Finding& finding = all.add(*rule, text);
            all.place(finding, list[i].actor, list[i].from_ms, *rule);
            finding.other = before->actor;
            finding.earlier_ms = before->from_ms;
            const std::int64_t until = std::min({before->to_ms, list[i].to_ms, all.now_ms});
            finding.counted = (until - list[i].from_ms) / minute_ms;
            finding.subject += "\nperson=" + text;
            break;
        }
    }
    return {};
}

Result<void> stale_stock(Subjects& all) {
    const law::Rule* rule = all.rule("stale_stock");
    if (!rule) return {};
    const std::int64_t age_ms = all.number(*rule, "age_days", 30) * day_ms;
    for (std::uint32_t number = 1; number <= all.index.reference().batches(); ++number) {
        const packs::Batch& batch = all.index.reference().batch_at(number);
        if (batch.expires_ms == INT64_MAX || batch.expires_ms + age_ms >= all.now_ms) continue;
        for (const auto& [actor, held] : TRY(all.index.tally(packs::TallyKind::held_batch, number))) {
            const auto firm = static_cast<std::uint32_t>(actor);
            if (held <= 0) continue;
            Finding& finding = all.add(*rule, all.index.reference().operator_at(firm).id + "/" + batch.id);
            all.place(finding, firm, batch.expires_ms + age_ms, *rule);
            finding.batch = number;
            finding.stated = held;
            finding.earlier_ms = batch.expires_ms;
            finding.counted =
                age_ms /
                day_ms;  // at the least; a figure that grew each day would be another finding each day
        }
    }
    return {};
}

/// More packs of a batch left a firm than entered it. Firms whose packs lack a receipt are looked at closer:
/// only their balances can lie below nothing.
Result<void> negative_stock(Subjects& all) {
    const law::Rule* rule = all.rule("negative_stock");
    if (!rule) return {};
    const std::int64_t most = all.number(*rule, "negative_packs", 0);
    using Shelf = std::pair<std::uint32_t, std::uint32_t>;  // operator, batch
    std::map<Shelf, std::set<packs::Wide>> lacking;
    CHECK(all.index.each_finding([&](const Finding& one) {
        const bool stands =
            one.status == packs::FindingStatus::provisional || one.status == packs::FindingStatus::confirmed;
        if (stands && one.batch != 0 && (one.rule == "sale_without_receipt" || one.rule == "custody_break"))
            lacking[{one.operator_number, one.batch}].insert(one.code.value);
        return true;
    }));
    struct Balance {
        std::int64_t in = 0, out = 0, last_ms = INT64_MIN;
    };
    std::map<Shelf, Balance> balances;
    std::set<std::uint64_t> products;
    for (const auto& [shelf, codes] : lacking) {
        if (static_cast<std::int64_t>(codes.size()) <= most) continue;
        balances.try_emplace(shelf);
        for (const packs::Wide code : codes) products.insert(packs::PackCode{code}.product());
    }
    for (const std::uint64_t product : products)
        CHECK(all.index.each_history(product, [&](std::span<const packs::Event* const> history) {
            for (const packs::Event* event : history) {
                const auto at = balances.find({event->actor, event->batch});
                if (at == balances.end()) continue;
                const bool leaves =
                    event->action == packs::Action::ship || event->action == packs::Action::return_out ||
                    event->action == packs::Action::destroy || event->action == packs::Action::sample ||
                    (packs::is_terminal(event->action) && (event->flags & packs::flag_split) == 0);
                at->second.in += packs::is_inbound(event->action);
                at->second.out += leaves;
                if (leaves) at->second.last_ms = std::max(at->second.last_ms, event->time_ms);
            }
        }));
    const packs::Reference& reference = all.index.reference();
    for (const auto& [shelf, balance] : balances) {
        if (balance.out - balance.in <= most) continue;
        Finding& finding =
            all.add(*rule, reference.operator_at(shelf.first).id + "/" + reference.batch_at(shelf.second).id);
        all.place(finding, shelf.first, balance.last_ms, *rule);
        finding.batch = shelf.second;
        finding.counted = balance.out;
        finding.stated = balance.in;
    }
    return {};
}

/// What one firm moved of one product in thirty days.
struct Moved {
    std::uint32_t actor = 0;
    std::int64_t packs = 0;
};
/// The volume that `percent` of the others of the firm's kind do not exceed; nothing where they are too few.
std::optional<std::int64_t> peer_volume(const Subjects& all, const std::vector<Moved>& moved,
                                        std::uint32_t actor, std::int64_t peers_min,
                                        const Rational& percent) {
    const packs::Reference& reference = all.index.reference();
    std::vector<std::int64_t> others;
    for (const Moved& one : moved)
        if (one.actor != actor && one.packs > 0 &&
            reference.operator_at(one.actor).type == reference.operator_at(actor).type)
            others.push_back(one.packs);
    const auto count = static_cast<std::int64_t>(others.size());
    if (count == 0 || count < peers_min) return {};
    std::sort(others.begin(), others.end());
    // Nearest rank: the smallest volume with at least that many at or below it.
    const std::int64_t hundred = 100 * percent.denominator();
    const std::int64_t rank = (count * percent.numerator() + hundred - 1) / hundred;
    return others[static_cast<std::size_t>(std::clamp<std::int64_t>(rank, 1, count) - 1)];
}

Result<void> volume_beyond_capacity(Subjects& all) {
    const law::Rule* rule = all.rule("volume_beyond_capacity");
    if (!rule) return {};
    const std::int64_t packs_min = all.number(*rule, "packs_min", 0),
                       peers_min = all.number(*rule, "peers_min", 1),
                       factor = all.number(*rule, "peer_factor", 1);
    const Rational percent = rule->number_of("peer_percent").value_or(Rational(100));
    const packs::Reference& reference = all.index.reference();
    std::map<std::pair<std::uint32_t, std::int64_t>, std::int64_t> totals;  // by firm and period
    const auto tell = [&](std::uint32_t actor, const std::string& what, std::int64_t from_ms,
                          std::int64_t moved, std::int64_t measure, std::string_view zh,
                          std::string_view en) {
        const std::string day = Instant{from_ms * 1000}.date().text();
        Finding& finding = all.add(*rule, fmt::format("{}/{}{}", reference.operator_at(actor).id,
                                                      what.empty() ? "" : what + "/", day));
        all.place(finding, actor, from_ms, *rule);
        finding.counted = moved;
        finding.stated = measure;
        const packs::Product* product =
            what.empty() ? nullptr : reference.find_product(std::strtoull(what.c_str(), nullptr, 10));
        const std::string name = product && !product->name.empty() ? product->name : what;
        finding.subject +=
            fmt::format("\ngoods_zh={}\ngoods_en={}\nmeasure_zh={}\nmeasure_en={}",
                        what.empty() ? "各种药品" : name, what.empty() ? "all products" : name, zh, en);
    };
    std::uint64_t key = 0;  // product and period
    std::vector<Moved> moved;
    const auto judge = [&] {
        if (packs::tally_product(key) == 0) return;
        for (const Moved& one : moved) {
            if (one.packs < packs_min) continue;
            const auto peers = peer_volume(all, moved, one.actor, peers_min, percent);
            if (peers && one.packs > *peers * factor)
                tell(one.actor, std::to_string(packs::tally_product(key)), packs::tally_period_ms(key),
                     one.packs, *peers * factor, "同类企业通常销量的上限",
                     "the limit set by what firms of its kind move");
        }
    };
    CHECK(all.index.each_tally(packs::TallyKind::volume,
                               [&](std::uint64_t a, std::uint64_t b, std::int64_t sum) {
                                   if (a != key) {
                                       judge();
                                       moved.clear();
                                       key = a;
                                   }
                                   const auto actor = static_cast<std::uint32_t>(b);
                                   if (actor == 0 || sum <= 0) return true;
                                   moved.push_back({actor, sum});
                                   if (reference.operator_at(actor).capacity > 0)
                                       totals[{actor, packs::tally_period_ms(a)}] += sum;
                                   return true;
                               }));
    judge();
    for (const auto& [firm, sum] : totals) {
        const std::int64_t declared = reference.operator_at(firm.first).capacity;
        if (sum > declared)
            tell(firm.first, "", firm.second, sum, declared, "其申报的经营能力", "the capacity it declared");
    }
    return {};
}

/// A question about what a firm held of a product at an instant.
struct ShelfQuestion {
    std::uint32_t actor = 0;
    std::uint32_t batch = 0;  ///< 0 = all
    std::int64_t at_ms = 0;
    std::int64_t held = 0;
    std::size_t row = 0;
};

/// Answers them by one pass over the product's packs.
Result<void> answer(packs::Index& index, std::uint64_t product, std::vector<ShelfQuestion*>& questions) {
    return index.each_history(product, [&](std::span<const packs::Event* const> history) {
        for (ShelfQuestion* question : questions) {
            std::size_t until = 0;
            while (until < history.size() && history[until]->time_ms <= question->at_ms) ++until;
            if (until == 0) continue;
            const packs::Whereabouts where = packs::whereabouts(history.first(until));
            if (where.holder == question->actor && (question->batch == 0 || question->batch == where.batch))
                ++question->held;
        }
    });
}

Result<std::vector<packs::Listing>> listings_of(packs::Index& index) {
    std::vector<packs::Listing> out;
    for (const auto& [key, value] : TRY(index.side("listings"))) {
        packs::Taking in{value};
        packs::Listing one;
        one.id = static_cast<packs::Name>(in.signed_number());
        one.actor = static_cast<std::uint32_t>(in.signed_number());
        one.product = static_cast<std::uint64_t>(in.signed_number());
        one.captured_ms = in.signed_number();
        one.platform = in.text();
        one.title = in.text();
        if (in.ok) out.push_back(std::move(one));
    }
    return out;
}

/// The name on the list in force on a day that a text holds; what the list excepts is not on it. Names are
/// those of drugs and of groups of drugs: a group that no title spells out is found by the product's class
/// alone.
std::optional<std::string> banned_name(const law::Vocabulary& list, Date on, std::string_view text,
                                       bool retail) {
    for (const law::Word& word : list.words) {
        if (!word.in_force.holds(on)) continue;
        const auto scope = word.more.find("scope");
        if (!retail && scope != word.more.end() && scope->second == "online retail") continue;
        const auto column = [&](std::string_view name) {
            const auto found = word.more.find(name);
            return found == word.more.end() || found->second.empty() ? std::vector<std::string>()
                                                                     : split(found->second, '|');
        };
        const auto excepted = column("except_for");
        if (std::ranges::any_of(excepted, [&](const auto& one) { return text.contains(one); })) continue;
        const auto names = column("names");
        for (const std::string& name : names)
            if (text.contains(name)) return name;
    }
    return {};
}

/// DALR 46 and the list it names: what may not be sold online, by the list in force when it was listed.
Result<void> banned_online(Subjects& all) {
    const law::Rule* rule = all.rule("banned_online");
    const law::Vocabulary* list = all.law.find_vocabulary("online_ban_list");
    if (!rule || !list) return {};
    const packs::Reference& reference = all.index.reference();
    for (const packs::Listing& listing : TRY(listings_of(all.index))) {
        const packs::Product* product = reference.find_product(listing.product);
        std::string text = listing.title;
        if (product) text += " " + product->name;
        // The classes of special drugs stand on the list by their own names.
        if (product && product->class_word == "psychotropic_2") text += " 精神药品";
        const packs::OperatorType type = reference.operator_at(listing.actor).type;
        const bool retail =
            type != packs::OperatorType::manufacturer && type != packs::OperatorType::wholesaler;
        const auto name = banned_name(*list, Instant{listing.captured_ms * 1000}.date(), text, retail);
        if (!name) continue;
        Finding& finding = all.add(*rule, all.index.text_of(listing.id));
        all.place(finding, listing.actor, listing.captured_ms, *rule);
        finding.subject += fmt::format("\nplatform={}\ntitle={}\ngoods_zh={}\ngoods_en={}", listing.platform,
                                       listing.title, *name, *name);
    }
    return {};
}

Result<void> shelves(Subjects& all) {
    const law::Rule* stock_rule = all.rule("impossible_stock");
    const law::Rule* listing_rule = all.rule("listing_without_stock");
    std::vector<packs::StockCount> counts;
    for (const auto& [key, value] : TRY(all.index.side("stock"))) {
        packs::Taking in{value};
        packs::StockCount one;
        one.actor = static_cast<std::uint32_t>(in.signed_number());
        one.product = static_cast<std::uint64_t>(in.signed_number());
        one.batch = static_cast<std::uint32_t>(in.signed_number());
        one.quantity = in.signed_number();
        one.counted_ms = in.signed_number();
        if (in.ok) counts.push_back(one);
    }
    std::vector<packs::Listing> listings = TRY(listings_of(all.index));
    std::erase_if(listings, [](const packs::Listing& one) { return one.product == 0; });
    std::vector<ShelfQuestion> questions;
    questions.reserve(counts.size() + listings.size());
    std::map<std::uint64_t, std::vector<ShelfQuestion*>> by_product;
    for (std::size_t i = 0; i < counts.size(); ++i)
        by_product[counts[i].product].push_back(&questions.emplace_back(
            ShelfQuestion{counts[i].actor, counts[i].batch, counts[i].counted_ms, 0, i}));
    for (std::size_t i = 0; i < listings.size(); ++i)
        by_product[listings[i].product].push_back(
            &questions.emplace_back(ShelfQuestion{listings[i].actor, 0, listings[i].captured_ms, 0, i}));
    for (auto& [product, asked] : by_product) CHECK(answer(all.index, product, asked));
    const packs::Reference& reference = all.index.reference();
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const ShelfQuestion& one = questions[i];
        if (i < counts.size()) {
            const packs::StockCount& count = counts[one.row];
            if (!stock_rule ||
                (count.quantity >= 0 &&
                 count.quantity <= one.held + Subjects::number(*stock_rule, "tolerance_packs", 0)))
                continue;
            const std::string batch =
                count.batch == 0 ? std::to_string(count.product) : reference.batch_at(count.batch).id;
            Finding& finding = all.add(*stock_rule, reference.operator_at(count.actor).id + "/" + batch);
            all.place(finding, count.actor, count.counted_ms, *stock_rule);
            finding.batch = count.batch;
            finding.counted = count.quantity;
            finding.stated = one.held;
        } else if (listing_rule && one.held == 0) {
            const packs::Listing& listing = listings[one.row];
            const std::string id = all.index.text_of(listing.id);
            Finding& finding = all.add(*listing_rule, id);
            all.place(finding, listing.actor, listing.captured_ms, *listing_rule);
            const packs::Product* product = reference.find_product(listing.product);
            finding.subject += fmt::format(
                "\nplatform={}\ntitle={}\nproduct={}", listing.platform, listing.title,
                product && !product->name.empty() ? product->name : std::to_string(listing.product));
        }
    }
    return {};
}

}  // namespace

const std::set<std::string>& subject_rules() {
    static const std::set<std::string> rules{
        "licence_lending", "pharmacist_two_places", "prescription_reused", "impossible_stock",
        "stale_stock",     "listing_without_stock", "negative_stock",      "volume_beyond_capacity",
        "banned_online"};
    return rules;
}

Result<std::vector<Finding>> judge_subjects(packs::Index& index, const law::Law& law, std::int64_t now_ms) {
    Subjects all{index, law, now_ms};
    CHECK(licence_lending(all));
    CHECK(prescription_reused(all));
    CHECK(pharmacist_two_places(all));
    CHECK(stale_stock(all));
    CHECK(negative_stock(all));
    CHECK(volume_beyond_capacity(all));
    CHECK(shelves(all));
    CHECK(banned_online(all));
    // One subject may come up twice (two counts of one shelf): the later one stands.
    std::stable_sort(all.out.begin(), all.out.end(), [](const Finding& a, const Finding& b) {
        return std::tie(a.rule, a.code, b.time_ms) < std::tie(b.rule, b.code, a.time_ms);
    });
    all.out.erase(std::unique(all.out.begin(), all.out.end(),
                              [](const Finding& a, const Finding& b) { return a.same_key(b); }),
                  all.out.end());
    return std::move(all.out);
}

}  // namespace qingyuan::assess
