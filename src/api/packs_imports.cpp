#include "api/packs_imports.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/letters.hpp"
#include "api/batch.hpp"
#include "api/doors.hpp"
#include "api/packs_files.hpp"
#include "api/rows.hpp"
#include "base/text.hpp"
#include "observe/trace_upload.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace fs = std::filesystem;

Result<ScratchFolder> ScratchFolder::make(const fs::path& data) {
    fs::path at = data / "imports" / ("i-" + TRY(accounts::fresh_secret()).substr(0, 22));
    std::error_code failed;
    fs::create_directories(at, failed);
    if (failed) return Error{ErrorCode::io_failed, failed.message()};
    fs::permissions(at, fs::perms::owner_all, failed);
    return ScratchFolder(std::move(at));
}

ScratchFolder::~ScratchFolder() {
    std::error_code gone;
    if (!at_.empty()) fs::remove_all(at_, gone);
}

Result<access::Object> import_object(const Call& call, const journal::Reader& reader) {
    access::Object object = TRY(access::object_at(reader, access::Kind::pack, home_of(call)));
    object.operator_id = call.subject.operator_id;
    return object;
}

Result<void> may_import(const Call& call) {
    return call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(call.may(TRY(import_object(call, reader))));
        return {};
    });
}

namespace {

/// A firm hands in what happened in it; who is registered, approved and invoiced is not its own to say.
Result<void> check_kinds(const Call& call, const std::vector<observe::TraceFile>& files) {
    if (call.subject.operator_id.empty()) return {};
    for (const observe::TraceFile& file : files)
        if (file.kind != "events" && file.kind != "aggregation" && !file.kind.starts_with("epcis"))
            return Error{ErrorCode::wrong_organisation,
                         fmt::format("a table of {} is kept by the authority", file.kind),
                         file.name,
                         {},
                         "hand in events, packaging relations or EPCIS documents of your own firm",
                         "企业只能上传本企业的追溯事件、包装关系或者 EPCIS 文件",
                         "请去掉其他数据表后上传"};
    return {};
}

std::int64_t lines_in(const std::vector<observe::TraceFile>& files) {
    std::int64_t lines = 0;
    std::vector<char> chunk(1024 * 1024);
    for (const observe::TraceFile& file : files) {
        std::ifstream in(file.path, std::ios::binary);
        while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0)
            lines += std::count(chunk.begin(), chunk.begin() + in.gcount(), '\n');
    }
    return std::max<std::int64_t>(lines, 1);
}

/// How far an import is, in lines: a fifth of the way they are kept, two fifths read, two fifths judged.
observe::TraceProgress shown_in(Progress& progress, std::int64_t lines) {
    const auto one_at_a_time = std::make_shared<std::mutex>();  // judging has several threads
    return [&progress, lines, one_at_a_time](std::string_view phase, std::uint64_t done, std::uint64_t of) {
        const auto share =
            static_cast<std::int64_t>(of == 0 ? 0 : std::min<std::uint64_t>(done * 100 / of, 100));
        const std::int64_t begun = phase == "keeping" ? 0 : phase == "reading" ? 200 : 600;
        const std::int64_t width = phase == "keeping" ? 2 : 4;
        const std::scoped_lock guard(*one_at_a_time);
        progress.report(lines * (begun + share * width) / 1000, lines);
    };
}

/// The authority it is handed in to: one's own, or that of one's firm.
Result<std::string> handed_in_at(const Call& call) {
    std::string out = home_of(call);
    if (call.subject.operator_id.empty()) return out;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        if (const auto regulator =
                registry::primary_regulator(reader, call.subject.operator_id, call.now.date()))
            out = regulator->id;
        return {};
    }));
    return out;
}

}  // namespace

Result<PackReport> import_as(const Call& call, std::vector<observe::TraceFile> files, std::string_view source,
                             Progress& progress) {
    PackDesk* desk = TRY(pack_desk(call));
    CHECK(may_import(call));
    CHECK(check_kinds(call, files));
    const std::int64_t lines = lines_in(files);
    PackImport import{.files = std::move(files), .source = std::string(source), .now_ms = {}};
    if (!call.subject.operator_id.empty())
        import.source = std::string(observe::own_source) + call.subject.operator_id;
    import.progress = shown_in(progress, lines);
    return desk->import({call.subject.person, TRY(handed_in_at(call))}, std::move(import));
}

Result<Json> import_result(const Call& call, const PackReport& report) {
    Json out;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        PackView view = TRY(PackView::open(call, reader));
        const auto batch = TRY(observe::find_batch(view.index(), report.intake.batch));
        out = TRY(batch_report_json(view, batch));
        // A firm is told how what was found about it stands; an authority, what this judgement brought.
        std::map<std::string_view, std::int64_t> found;
        const auto table = TRY(view.findings());
        for (const FindingRef& one : table->rows)
            if (TRY(view.sees(one.operator_number))) ++found[status_text(one.status)];
        const bool firm = view.is_outsider();
        const auto brought = [&](std::uint64_t count, std::string_view status) {
            return firm ? found[status] : static_cast<std::int64_t>(count);
        };
        out["repeated"] = report.repeated;
        out["leads"] = firm ? 0 : report.leads;
        out["findings"] = {{"provisional", found["provisional"]},
                           {"confirmed", brought(report.judgement.confirmed, "confirmed")},
                           {"withdrawn", brought(report.judgement.withdrawn, "withdrawn")}};
        return {};
    }));
    return out;
}

namespace {

struct Ordered {
    std::string digest, name, format;
};

/// The upload as a plain file. A link is enough: nobody writes to it.
Result<fs::path> plain_file(const Call& call, const std::string& digest, const fs::path& folder) {
    if (auto path = call.services.evidence.path(digest)) return std::move(*path);
    const fs::path target = folder / "whole";
    std::ofstream out(target, std::ios::binary | std::ios::trunc);
    CHECK(call.services.evidence.for_each_block(digest, 0, [&](std::string_view plain) -> Result<void> {
        out.write(plain.data(), static_cast<std::streamsize>(plain.size()));
        return {};
    }));
    if (!out.flush()) return Error{ErrorCode::disk_full, "the upload could not be read back"};
    return target;
}

Result<observe::Datasets> datasets_of(const Call& call) {
    const fs::path file = call.services.law.directory() / "trace_datasets.toml";
    std::ifstream in(file, std::ios::binary);
    if (!in) return observe::Datasets{};
    return observe::parse_datasets(std::string(std::istreambuf_iterator<char>(in), {}),
                                   file.filename().string());
}

Result<JobResult> run_import(const Asked& asked, const Ordered& order, Progress& progress) {
    static const Operation operation{"POST", "/api/packs/imports", access::Policy::pack_import,
                                     RateClass::upload, import_packs};
    const Call call = TRY(asked.call(operation));
    const ScratchFolder folder = TRY(ScratchFolder::make(call.services.data));
    const fs::path whole = TRY(plain_file(call, order.digest, folder.path()));
    auto files =
        TRY(observe::upload_files(whole, order.name, order.format, TRY(datasets_of(call)), folder.path()));
    const PackReport report = TRY(import_as(call, std::move(files), "upload", progress));
    const Json result = TRY(import_result(call, report));
    return JobResult{.name = "import.json",
                     .type = "application/json",
                     .bytes = result.dump(-1, ' ', false, Json::error_handler_t::replace),
                     .succeeded = result["accepted"].get<std::int64_t>(),
                     .refused = result["rejected"].get<std::int64_t>()};
}

}  // namespace

Answer import_packs(const Call& call) {
    TRY(pack_desk(call));
    CHECK(may_import(call));
    const Json body = TRY(body_of(call, {"upload", "name", "format"}));
    const std::string id = TRY(wanted_in(body, "upload"));
    const auto row = TRY(call.services.work.find<UploadRow>(id));
    if (!row || row->person != call.subject.person)
        return Error{ErrorCode::record_unknown,
                     "there is no such upload",
                     "upload",
                     {},
                     "upload the file first",
                     "没有此上传",
                     "请先上传文件"};
    if (row->evidence.empty())
        return Error{ErrorCode::wrong_state,
                     "the upload is not finished",
                     "upload",
                     {},
                     "send the rest and finish it",
                     "文件尚未传完",
                     "请传完后再导入"};
    Ordered order{
        .digest = row->evidence, .name = TRY(text_in(body, "name")), .format = TRY(text_in(body, "format"))};
    if (order.name.empty()) order.name = row->name;
    if (order.format.empty()) order.format = "auto";
    constexpr std::array<std::string_view, 5> formats{"auto", "csv", "epcis-json", "epcis-xml", "xlsx"};
    if (std::ranges::find(formats, order.format) == formats.end())
        return Error{ErrorCode::field_invalid,
                     fmt::format("there is no format '{}'", order.format),
                     "format",
                     {},
                     "auto, csv, epcis-json, epcis-xml or xlsx",
                     fmt::format("没有“{}”这一格式", order.format),
                     "请选择 auto、csv、epcis-json、epcis-xml 或者 xlsx"};
    const auto asked = TRY(asked_by(call, ""));
    const JobRow job = TRY(call.services.jobs.start(
        *call.identity, "pack_import",
        [asked, order](Progress& progress) { return run_import(*asked, order, progress); }, told_to(call)));
    http::Response response = accepted(job);
    Json shown = job_json(job);
    shown["job"] = job.id;
    response.body = shown.dump();
    return response;
}

}  // namespace qingyuan::api
