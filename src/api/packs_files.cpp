// What was handed in: the batches, and of each the rows that were not taken and those that wait.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_files.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t waiting_shown = 1'000;
constexpr std::size_t waiting_looked_at = 100'000;

/// The firm that handed it in for itself; empty: an authority did, or the command line.
std::string_view sender_of(const observe::BatchSummary& batch) {
    std::string_view source = batch.source;
    if (!source.starts_with(observe::own_source)) return {};
    return source.substr(observe::own_source.size());
}

/// Who handed it in, by the journal.
struct Sender {
    std::string person, organisation;
    std::int64_t at_us = 0;
};
Result<Sender> sender_of(const journal::Reader& reader, std::uint64_t seq) {
    const auto fact = TRY(reader.fact(seq));
    return Sender{fact.fact.actor, fact.fact.organisation, fact.recorded_at.us};
}

Result<bool> sees_batch(PackView& view, const observe::BatchSummary& batch, const Sender& sender) {
    const std::string_view firm = sender_of(batch);
    if (view.is_outsider()) return !firm.empty() && view.covers({}, firm);
    if (!firm.empty()) return view.sees(view.find_firm(firm));
    if (sender.organisation.empty()) return true;  // the command line of the house
    const auto place = TRY(view.reader().view<facts::PlaceRow>().find(sender.organisation));
    return view.covers(place ? place->path : std::string(), {});
}

std::string name_of(const observe::BatchSummary& batch) {
    std::string out;
    for (const std::string& name : batch.names) {
        if (out.size() > 200) return out + ", …";
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

}  // namespace

Json batch_file_json(const observe::BatchSummary& batch, const journal::Reader& reader, bool outsider) {
    Json by = "";
    Json at = time_json(batch.now_ms);
    if (const auto sender = sender_of(reader, batch.seq)) {
        by = outsider ? std::string(sender_of(batch)) : sender->person;
        at = Instant{sender->at_us}.text();
    }
    return {{"batch", batch.seq},         {"name", name_of(batch)},   {"at", std::move(at)},
            {"source", batch.source},     {"lines", batch.lines},     {"accepted", batch.accepted},
            {"rejected", batch.rejected}, {"waiting", batch.waiting}, {"digest", batch.digest},
            {"by", std::move(by)}};
}

Result<Json> batch_report_json(PackView& view, const observe::BatchSummary& batch) {
    Json out = batch_file_json(batch, view.reader(), view.is_outsider());
    Json rejects = Json::array();
    for (const observe::BatchReject& one : TRY(observe::rejects_of(view.index(), batch.seq)))
        rejects.push_back({{"file", one.file},
                           {"row", one.row},
                           {"field", one.field},
                           {"code", one.code},
                           {"message", one.message},
                           {"next", one.next}});
    Json waiting = Json::array();
    constexpr std::uint64_t row_bits = (std::uint64_t{1} << 40) - 1;  // above them: which file of the batch
    for (const packs::Waiting& one : TRY(view.index().waiting(waiting_looked_at)))
        if (one.seq == batch.seq && waiting.size() < waiting_shown)
            waiting.push_back({{"row", one.row & row_bits}, {"reason", one.reason}});
    out["rejects"] = std::move(rejects);
    out["waiting_rows"] = std::move(waiting);
    return out;
}

Answer pack_files(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    std::uint64_t before = 0;
    if (const std::string_view cursor = call.parameter("cursor"); !cursor.empty()) {
        const auto number = parse_integer(cursor);
        if (!number || *number < 1)
            return Error{ErrorCode::usage,
                         "a cursor is the `next` of the page before",
                         "cursor",
                         {},
                         "begin at the first page",
                         "cursor 应为上一页返回的 next",
                         "请从第一页开始"};
        before = static_cast<std::uint64_t>(*number);
    }
    return with_packs(call, [&](PackView& view) -> Answer {
        Json items = Json::array();
        Json next = nullptr;
        std::uint64_t last = 0;
        Result<void> looked;
        CHECK(observe::each_batch(view.index(), before, [&](const observe::BatchSummary& batch) {
            const auto sender = sender_of(view.reader(), batch.seq);
            const auto seen = sender ? sees_batch(view, batch, *sender) : Result<bool>(sender.error());
            if (!seen) {
                looked = seen.error();
                return false;
            }
            if (!*seen) return true;
            if (items.size() == limit) {
                next = std::to_string(last);
                return false;
            }
            last = batch.seq;
            items.push_back(batch_file_json(batch, view.reader(), view.is_outsider()));
            return true;
        }));
        CHECK(std::move(looked));
        return json_response({{"items", std::move(items)}, {"next", std::move(next)}});
    });
}

Answer pack_file(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        const auto unknown = [&] { return no_such_pack_record(call.path.at("seq"), "file", "批次"); };
        const auto seq = parse_integer(call.path.at("seq"));
        if (!seq || *seq < 1) return unknown();
        const auto batch = observe::find_batch(view.index(), static_cast<std::uint64_t>(*seq));
        if (!batch) return batch.error().code == ErrorCode::record_unknown ? unknown() : batch.error();
        const Sender sender = TRY(sender_of(view.reader(), batch->seq));
        if (!TRY(sees_batch(view, *batch, sender))) {
            call.hidden = true;
            return unknown();
        }
        return json_response(TRY(batch_report_json(view, *batch)));
    });
}

}  // namespace qingyuan::api
