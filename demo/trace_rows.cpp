#include "demo/trace_rows.hpp"

#include <cstring>

#include <fmt/format.h>

#include "demo/trace_extras.hpp"

namespace qingyuan::demo {

namespace {

/// A short piece of a row.
struct Piece {
    char text[160];
    std::size_t size = 0;

    void put(std::string_view what) {
        std::memcpy(text + size, what.data(), what.size());
        size += what.size();
    }
    void put(char what) { text[size++] = what; }
    void number(std::uint64_t value) {
        char digits[20];
        int n = 0;
        do digits[n++] = static_cast<char>('0' + value % 10);
        while ((value /= 10) != 0);
        while (n > 0) text[size++] = digits[--n];
    }
};

std::string_view id_of(const TraceWorld& world, FirmIndex firm) {
    return firm == no_firm ? std::string_view() : std::string_view(world.firms[firm].id);
}

/// Who carried it, who sold it, on which prescription: made of what is there already.
void put_extras(const TraceWorld& world, const Run& run, Piece& tail) {
    const std::uint64_t bits = mixed_bits(world.seed ^ mixed_bits(std::uint64_t{run.batch} << 16 | run.id));
    tail.put(',');
    if (outbound(run.action) || run.action == Action::dispense) {
        // a firm has three people who deliver or sell; a few carry for many firms
        const bool lent = outbound(run.action) && bits % 500 == 0;
        tail.put(lent ? fmt::format("E{}", bits / 500 % 5) : person_id(run.actor, bits));
    }
    tail.put(',');
    if (run.action == Action::dispense && bits % 97 != 0) {
        tail.put('R');
        tail.number(bits % 89 == 0 ? run.actor : event_number(run.batch, run.id));
    }
}

}  // namespace

std::string time_text(const TraceWorld& world, std::int64_t time_s) {
    return world.rfc3339 ? Instant{time_s * 1'000'000}.text() : fmt::format("{}", time_s);
}

std::string event_columns(bool extras) {
    return std::string(
               "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,"
               "split,corrects,owner") +
           (extras ? ",person,prescription\n" : "\n");
}

std::string operator_rows(const TraceWorld& world) {
    std::string to = "id,type,headquarters,region,scopes,licence_from,licence_to\n";
    for (const Firm& firm : world.firms) {
        to += fmt::format("{},{},{},{},{},", firm.id, word(firm.trade), id_of(world, firm.headquarters),
                          firm.region,
                          firm.psychotropic                   ? "psychotropic_2"
                          : firm.trade == Trade::manufacturer ? "production"
                                                              : "");
        to += firm.licence_to == 0 ? ",\n"
                                   : fmt::format("{},{}\n", time_text(world, firm.licence_from),
                                                 time_text(world, firm.licence_to));
    }
    return to;
}

std::string holder_id(const TraceWorld& world, const TraceProduct& product) {
    if (product.holder == no_firm) return fmt::format("F{}", product.code / 100 % 10'000);
    return world.firms[product.holder].id;
}

std::string product_rows(const TraceWorld& world) {
    std::string to = "code,holder,class\n";
    for (const TraceProduct& product : world.products)
        to += fmt::format("{},{},{}\n", product.code, holder_id(world, product),
                          product.psychotropic ? "psychotropic_2" : "");
    return to;
}

void append_batch_row(const TraceWorld& world, const TraceBatch& batch, std::string& to) {
    to += fmt::format("B{},{},{},{},{},", batch.index, batch.product.code, holder_id(world, batch.product),
                      time_text(world, batch.produced_at), time_text(world, batch.expires_at));
    if (batch.recalled_at != 0) to += time_text(world, batch.recalled_at);
    to += '\n';
}

void append_document_rows(const TraceWorld& world, const TraceBatch& batch,
                          const std::vector<std::int32_t>& shipped, std::string& to) {
    for (std::uint32_t i = 0; i < batch.documents.size(); ++i) {
        const InvoicedDocument& document = batch.documents[i];
        to += fmt::format("{},{},{},B{},{}\n", document_id(batch, i), id_of(world, document.seller),
                          id_of(world, document.buyer), batch.index, shipped[i] + document.wrong_by);
    }
}

void append_aggregation_rows(const TraceBatch& batch, std::string& to) {
    for (std::uint64_t left = batch.aggregated; left != 0; left &= left - 1) {
        const auto at = static_cast<std::uint32_t>(std::countr_zero(left));
        char line[42];
        put_code(batch.product.code + 1, batch.first_serial + at, line);
        line[20] = ',';
        line[41] = '\n';
        for (std::uint32_t pack = 0; pack < packs_a_case; ++pack) {
            put_code(batch.product.code, batch.first_serial + at * packs_a_case + pack, line + 21);
            to.append(line, sizeof line);
        }
    }
}

void append_event_rows(const TraceWorld& world, const RowBatch& batch, const Run& run, bool extras,
                       std::vector<char>& to) {
    Piece middle, tail;
    middle.put(',');
    middle.put(word(run.action));
    middle.put(',');
    middle.put(id_of(world, run.actor));
    middle.put(',');
    middle.put(id_of(world, run.counterparty));
    middle.put(',');
    tail.put(',');
    tail.put(time_text(world, run.upload_time));
    tail.put(",B");
    // where the batch is wrong, it is its neighbour
    tail.number(!run.has(Run::other_batch) ? run.batch : run.batch == 0 ? 1 : run.batch - 1);
    tail.put(',');
    if (run.document != no_document) {
        tail.put('D');
        tail.number(std::uint64_t{run.batch} * documents_a_batch + run.document);
    }
    tail.put(',');
    if (run.has(Run::split)) tail.put('1');
    tail.put(',');
    if (run.corrects != 0) tail.number(event_number(run.batch, run.corrects - 1U));
    tail.put(',');
    tail.put(id_of(world, run.owner));
    if (extras) put_extras(world, run, tail);
    tail.put('\n');

    const auto count = static_cast<std::size_t>(run.events());
    const std::size_t time_size = world.rfc3339 ? 25 : 10;
    const std::size_t row = 10 + 1 + 20 + middle.size + time_size + tail.size;
    const std::size_t begin = to.size();
    to.resize(begin + row * count);
    char* at = to.data() + begin;
    std::uint64_t left = run.packs;
    for (std::size_t n = 0; n < count; ++n, left &= left - 1) {
        put_digits(event_number(run.batch, run.id + static_cast<std::uint32_t>(n)), 10, at);
        at[10] = ',';
        if (run.has(Run::parent))
            put_code(batch.product + 1, batch.first_serial + run.at_case, at + 11);
        else
            put_code(batch.product,
                     batch.first_serial + run.at_case * 40U + static_cast<unsigned>(std::countr_zero(left)),
                     at + 11);
        std::memcpy(at + 31, middle.text, middle.size);
        at += 31 + middle.size;
        const std::uint64_t time_s = run.event_time + n * run.pace_s;
        if (world.rfc3339)
            std::memcpy(at, time_text(world, static_cast<std::int64_t>(time_s)).data(), time_size);
        else
            put_digits(time_s, 10, at);
        std::memcpy(at + time_size, tail.text, tail.size);
        at += time_size + tail.size;
    }
}

}  // namespace qingyuan::demo
