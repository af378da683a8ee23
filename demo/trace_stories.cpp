#include "demo/trace_stories.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/date.hpp"
#include "demo/trace_batch.hpp"
#include "demo/trace_check.hpp"

namespace qingyuan::demo {

namespace {

constexpr const char* headers[trace_tables] = {
    "code,holder,class,name\n",
    "id,product,holder,produced_at,expires_at,recalled_at\n",
    "id,seller,buyer,batch,quantity\n",
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,corrects,owner\n",
    "person,operator,from,to\n",
    "code,operator,settled_at\n"};

constexpr std::int64_t hour_s = 3'600;
constexpr std::uint64_t first_story_event = 9'000'000'000;
constexpr std::uint32_t first_story_serial = 700'000'000;

/// An hour of a day of 2025 in China.
constexpr int year = 2025;
std::int64_t at(int month, int day, int hour) {
    return start_of(make_date(year, month, day)).us / 1'000'000 + hour * hour_s;
}
std::string text(std::int64_t time_s) {
    return Instant{time_s * 1'000'000}.text();
}

// Divisions of GB/T 2260 in the city.
constexpr std::uint32_t zhuhui = 430405, shigu = 430407, zhengxiang = 430408, hengyang_county = 430421,
                        hengnan = 430422, hengdong = 430424, qidong = 430426, leiyang = 430481,
                        changning = 430482;

struct Lot {
    TraceProduct product;
    std::string id;
    std::uint32_t first_serial = 0;
};

/// Some packs of a lot.
struct Packs {
    const Lot* lot;
    int from, count;
};

/// How an act is told.
struct Told {
    std::string document = {};
    std::int64_t after_s = 2 * hour_s;  ///< from the act to its upload
    bool split = false;
};

class Stories {
 public:
    Stories(const TraceWorld& world, const std::vector<StoryProduct>& products, Instalments& to)
        : world_(world), products_(products), to_(to) {
        lots_.reserve(32);
    }

    void write() {
        outside_purchase();
        copied_code();
        bought_back();
        no_receipt();
        expired();
        psychotropic();
        invoice();
        unlicensed_supplier();
        two_places();
        recall();
        lost();
        split();
        uploaded_late();
        still_waiting();
    }

 private:
    /// The n-th firm of the trade in the county, or the n-th of all.
    [[nodiscard]] FirmIndex in(Trade trade, std::uint32_t region, unsigned n = 0) const {
        std::vector<FirmIndex> there;
        for (FirmIndex i = 0; i < world_.count(trade); ++i)
            if (world_.firms[world_.nth(trade, i)].region == region) there.push_back(world_.nth(trade, i));
        return there.empty() ? world_.nth(trade, n) : there[n % there.size()];
    }
    /// The n-th wholesaler that uploads within hours.
    [[nodiscard]] FirmIndex wholesaler(unsigned n) const {
        std::vector<FirmIndex> quick;
        for (FirmIndex i = 0; i < world_.count(Trade::wholesaler); ++i)
            if (world_.firms[world_.nth(Trade::wholesaler, i)].lag_class == 0)
                quick.push_back(world_.nth(Trade::wholesaler, i));
        return quick.empty() ? world_.nth(Trade::wholesaler, n) : quick[n % quick.size()];
    }
    [[nodiscard]] const std::string& id(FirmIndex firm) const { return world_.firms[firm].id; }

    /// A lot made in January 2025 or on the given day, and its packs at the maker.
    Packs lot(std::size_t product, int packs, std::int64_t expires, std::int64_t recalled = 0,
              std::int64_t produced = at(1, 8, 10)) {
        Lot& lot = lots_.emplace_back();
        lot.product = products_[product].product;
        lot.id = fmt::format("Y2501{:02}", lots_.size());
        lot.first_serial = first_story_serial + static_cast<std::uint32_t>(lots_.size()) * 1'000;
        for (const std::int64_t known : {std::int64_t{0}, recalled}) {
            to_.add(TraceTable::batches, known == 0 ? produced : known,
                    fmt::format("{},{},{},{},{},{}\n", lot.id, lot.product.code, id(lot.product.holder),
                                text(produced), text(expires), known == 0 ? "" : text(known)));
            if (recalled == 0) break;
        }
        const Packs all{&lot, 0, packs};
        act(all, Action::produce, lot.product.holder, no_firm, produced);
        return all;
    }

    [[nodiscard]] static std::string code(const Packs& packs, int n) {
        std::string out(20, '0');
        put_code(packs.lot->product.code,
                 packs.lot->first_serial + static_cast<std::uint32_t>(packs.from + n), out.data());
        return out;
    }

    void act(const Packs& packs, Action action, FirmIndex actor, FirmIndex other, std::int64_t time_s,
             const Told& told = {}) {
        for (int n = 0; n < packs.count; ++n) {
            const std::int64_t when = time_s + n * 7;
            to_.add(TraceTable::events, time_s + told.after_s,
                    fmt::format("{},{},{},{},{},{},{},{},{},{},,\n", next_event_++, code(packs, n),
                                word(action), id(actor), other == no_firm ? "" : id(other), text(when),
                                text(time_s + told.after_s), packs.lot->id, told.document,
                                told.split ? "1" : ""));
        }
    }

    std::string invoice(FirmIndex seller, FirmIndex buyer, const Packs& packs, std::int64_t upload_s,
                        int more = 0) {
        const std::string number = fmt::format("FP2025{:04}", ++documents_);
        to_.add(TraceTable::documents, upload_s,
                fmt::format("{},{},{},{},{}\n", number, id(seller), id(buyer), packs.lot->id,
                            packs.count + more));
        return number;
    }

    /// Shipped in the morning, received in the afternoon of the day after, invoiced as shipped.
    void send(const Packs& packs, FirmIndex from, FirmIndex to, int month, int day) {
        const std::int64_t out = at(month, day, 9);
        const Told told{invoice(from, to, packs, out + 2 * hour_s)};
        act(packs, Action::ship, from, to, out, told);
        act(packs, Action::receive, to, from, out + 30 * hour_s, told);
    }
    /// From the maker to the wholesaler, in January.
    void stock(const Packs& packs, FirmIndex wholesaler) {
        send(packs, packs.lot->product.holder, wholesaler, 1, 14);
    }
    void sell(const Packs& packs, FirmIndex seller, int month, int day, bool split = false) {
        act(packs, Action::dispense, seller, no_firm, at(month, day, 15), {.split = split});
    }
    [[nodiscard]] static Packs part(const Packs& of, int from, int count) {
        return {of.lot, of.from + from, count};
    }

    /// Two stores of one chain buy from a wholesaler, not from their headquarters.
    void outside_purchase() {
        const FirmIndex heads = world_.nth(Trade::chain_headquarters, 2), seller = wholesaler(0);
        const FirmIndex one = world_.nth(Trade::chain_store, 2), two = world_.nth(Trade::chain_store, 10);
        const Packs all = lot(0, 60, at(12, 31, 0));
        stock(all, seller);
        send(part(all, 0, 20), seller, heads, 2, 10);
        send(part(all, 0, 20), heads, one, 2, 14);
        send(part(all, 20, 12), seller, one, 3, 5);
        send(part(all, 32, 8), seller, two, 3, 11);
        send(part(all, 40, 6), seller, one, 5, 13);
        sell(part(all, 20, 9), one, 3, 20);
        sell(part(all, 32, 5), two, 3, 28);
    }

    /// One code, sold in Leiyang in April and in Qidong in May.
    void copied_code() {
        const FirmIndex seller = wholesaler(1), here = in(Trade::pharmacy, leiyang);
        const FirmIndex there = in(Trade::chain_store, qidong);
        const Packs all = lot(1, 10, at(12, 31, 0));
        stock(all, seller);
        send(all, seller, here, 2, 18);
        sell(part(all, 0, 6), here, 4, 12);
        sell(part(all, 0, 1), there, 5, 20);
    }

    /// Paid for by the medical insurance at a hospital, bought up, and sold again by a pharmacy.
    void bought_back() {
        const FirmIndex seller = wholesaler(2), hospital = in(Trade::hospital, zhengxiang);
        const FirmIndex dealer = world_.nth(Trade::other, 0), buyer = in(Trade::wholesaler, zhuhui, 1);
        const FirmIndex pharmacy = in(Trade::pharmacy, hengyang_county);
        const Packs all = lot(2, 16, at(12, 31, 0));
        stock(all, seller);
        send(all, seller, hospital, 2, 20);
        sell(part(all, 0, 12), hospital, 4, 3);
        for (int n = 0; n < 12; ++n)
            to_.add(TraceTable::settlements, at(4, 3, 18),
                    fmt::format("{},{},{}\n", code(all, n), id(hospital), text(at(4, 3, 15) + n * 7 + 120)));
        const Packs back = part(all, 3, 3);
        send(back, dealer, buyer, 5, 6);
        send(back, buyer, pharmacy, 5, 12);
        sell(back, pharmacy, 5, 28);
    }

    /// A pharmacy sells what a wholesaler still holds by its records.
    void no_receipt() {
        const FirmIndex seller = wholesaler(3), pharmacy = in(Trade::pharmacy, hengnan);
        const Packs all = lot(3, 24, at(12, 31, 0));
        stock(all, seller);
        sell(part(all, 4, 5), pharmacy, 5, 9);
    }

    void expired() {
        const FirmIndex seller = wholesaler(4), pharmacy = in(Trade::pharmacy, changning);
        const Packs all = lot(4, 12, at(5, 31, 0));
        stock(all, seller);
        send(all, seller, pharmacy, 2, 25);
        sell(part(all, 0, 6), pharmacy, 4, 20);
        sell(part(all, 6, 3), pharmacy, 6, 18);
    }

    /// A hospital may use it, the pharmacy may not sell it.
    void psychotropic() {
        const FirmIndex seller = wholesaler(5), hospital = in(Trade::hospital, leiyang);
        const FirmIndex pharmacy = in(Trade::pharmacy, leiyang, 1);
        const Packs all = lot(story_products - 1, 40, at(12, 31, 0));
        stock(all, seller);
        send(part(all, 0, 30), seller, hospital, 2, 12);
        act(part(all, 0, 22), Action::use, hospital, no_firm, at(3, 18, 11));
        send(part(all, 30, 8), seller, pharmacy, 4, 8);
        sell(part(all, 30, 4), pharmacy, 4, 26);
    }

    /// Forty packs shipped, sixty invoiced.
    void invoice() {
        const FirmIndex seller = wholesaler(6), pharmacy = in(Trade::pharmacy, shigu);
        const Packs all = lot(0, 40, at(12, 31, 0));
        stock(all, seller);
        const std::int64_t out = at(4, 15, 9);
        const Told told{invoice(seller, pharmacy, all, out + hour_s, 20)};
        act(all, Action::ship, seller, pharmacy, out, told);
        act(all, Action::receive, pharmacy, seller, out + 30 * hour_s, told);
    }

    /// A shop without a licence supplies a pharmacy.
    void unlicensed_supplier() {
        const FirmIndex seller = wholesaler(7), dealer = world_.nth(Trade::other, 1);
        const FirmIndex pharmacy = in(Trade::pharmacy, hengdong);
        const Packs all = lot(1, 10, at(12, 31, 0));
        stock(all, seller);
        send(all, seller, dealer, 3, 4);
        send(all, dealer, pharmacy, 3, 19);
        sell(part(all, 0, 4), pharmacy, 4, 2);
    }

    void duty(const std::string& person, FirmIndex firm, int month, int day, int from, int to) {
        to_.add(TraceTable::duties, at(month, day, to) + hour_s,
                fmt::format("{},{},{},{}\n", person, id(firm), text(at(month, day, from)),
                            text(at(month, day, to))));
    }
    /// One pharmacist at work in two pharmacies all day; another goes from one to the other at noon.
    void two_places() {
        const FirmIndex one = in(Trade::pharmacy, shigu, 1), two = in(Trade::pharmacy, zhengxiang, 1);
        for (const int day : {10, 11, 12}) {
            duty("样本药师000871", one, 6, day, 8, 18);
            duty("样本药师000871", two, 6, day, 9, 17);
            duty("样本药师000872", one, 6, day, 8, 12);
            duty("样本药师000872", two, 6, day, 13, 18);
        }
    }

    /// Recalled on 20 May: one store goes on selling, one sends back, one still has all of it.
    void recall() {
        const FirmIndex seller = wholesaler(8), heads = world_.nth(Trade::chain_headquarters, 4);
        const FirmIndex one = world_.nth(Trade::chain_store, 4), two = world_.nth(Trade::chain_store, 12);
        const FirmIndex three = world_.nth(Trade::chain_store, 20);
        const Packs all = lot(2, 90, at(12, 31, 0), at(5, 20, 10));
        stock(all, seller);
        send(all, seller, heads, 2, 17);
        send(part(all, 0, 30), heads, one, 3, 3);
        send(part(all, 30, 30), heads, two, 3, 3);
        send(part(all, 60, 30), heads, three, 3, 4);
        sell(part(all, 0, 17), one, 4, 22);
        sell(part(all, 17, 2), one, 6, 2);
        sell(part(all, 30, 11), two, 5, 6);
        const Packs back = part(all, 41, 19);
        const Told told{invoice(two, heads, back, at(5, 22, 12))};
        act(back, Action::return_out, two, heads, at(5, 22, 9), told);
        act(back, Action::return_in, heads, two, at(5, 23, 15), told);
        act(back, Action::destroy, heads, no_firm, at(6, 5, 10));
        sell(part(all, 60, 8), three, 4, 30);
    }

    /// Thirty packs leave the wholesaler and never arrive.
    void lost() {
        const FirmIndex seller = wholesaler(9), hospital = in(Trade::hospital, qidong);
        const Packs all = lot(3, 50, at(12, 31, 0));
        stock(all, seller);
        send(part(all, 0, 20), seller, hospital, 3, 12);
        const Packs gone = part(all, 20, 30);
        act(gone, Action::ship, seller, hospital, at(4, 1, 9),
            {invoice(seller, hospital, gone, at(4, 1, 11))});
    }

    /// Two packs opened and sold in parts: as it should be.
    void split() {
        const FirmIndex seller = wholesaler(10), pharmacy = in(Trade::pharmacy, zhuhui);
        const Packs all = lot(4, 8, at(12, 31, 0));
        stock(all, seller);
        send(all, seller, pharmacy, 2, 26);
        for (const int day : {4, 9, 15, 21}) sell(part(all, 0, 2), pharmacy, 3, day, true);
    }

    /// A wholesaler's system was down: what it shipped in March was told in April. Found missing first, and
    /// taken back when it came.
    void uploaded_late() {
        const FirmIndex seller = wholesaler(11), pharmacy = in(Trade::pharmacy, qidong);
        const Packs all = lot(0, 8, at(12, 31, 0));
        stock(all, seller);
        const std::int64_t out = at(3, 6, 9), told_at = at(4, 18, 16);
        const std::string document = invoice(seller, pharmacy, all, told_at);
        act(all, Action::ship, seller, pharmacy, out, {document, told_at - out});
        act(all, Action::receive, pharmacy, seller, out + 30 * hour_s, {document});
        sell(part(all, 0, 5), pharmacy, 3, 24);
    }

    /// What nobody knows yet when the sample ends: the other side has not uploaded.
    void still_waiting() {
        const FirmIndex seller = wholesaler(12), pharmacy = in(Trade::pharmacy, hengdong, 1);
        const Packs all = lot(1, 12, at(12, 31, 0));
        stock(all, seller);
        act(part(all, 0, 7), Action::receive, pharmacy, seller, at(7, 4, 16));
        sell(part(all, 8, 2), in(Trade::pharmacy, leiyang, 2), 7, 4);
    }

    const TraceWorld& world_;
    const std::vector<StoryProduct>& products_;
    Instalments& to_;
    std::vector<Lot> lots_;
    std::uint64_t next_event_ = first_story_event;
    int documents_ = 0;
};

}  // namespace

void Instalments::add(TraceTable table, std::int64_t upload_s, std::string_view lines) {
    for (std::size_t i = 0; i < cuts_s_.size(); ++i)
        if (upload_s <= cuts_s_[i]) {
            rows_[i][static_cast<std::size_t>(table)].emplace_back(upload_s, lines);
            return;
        }
}

std::string Instalments::text(TraceTable table, std::size_t instalment) const {
    Rows rows = rows_[instalment][static_cast<std::size_t>(table)];
    if (rows.empty()) return {};
    std::ranges::stable_sort(rows, {}, &std::pair<std::int64_t, std::string>::first);
    std::string out = headers[static_cast<std::size_t>(table)];
    for (const auto& [upload_s, lines] : rows) out += lines;
    return out;
}

void write_stories(const TraceWorld& world, const std::vector<StoryProduct>& products, Instalments& to) {
    Stories(world, products, to).write();
}

}  // namespace qingyuan::demo
