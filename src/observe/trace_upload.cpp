#include "observe/trace_upload.hpp"

#include <zip.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "base/text.hpp"
#include "observe/sheet.hpp"

namespace qingyuan::observe {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t ratio_free_bytes = 1024 * 1024;
constexpr std::uint64_t sheet_bytes_max = std::uint64_t{256} << 20;
constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t head_bytes = 4096;

Error refused(std::string_view why, std::string_view where) {
    return {ErrorCode::file_kind_refused,
            std::string(why),
            std::string(where),
            {},
            "hand in CSV tables, EPCIS documents, a workbook, or an archive of them",
            "不接受此类文件",
            "请上传 CSV 表、EPCIS 文件、工作簿或者由它们组成的压缩包"};
}
Error damaged(std::string_view why, std::string_view where) {
    return {ErrorCode::file_unreadable,          std::string(why), std::string(where), {},
            "make the file again and upload it", "文件无法读取",   "请重新生成后上传"};
}
Error large(std::string why, std::string_view where) {
    return {ErrorCode::too_large,
            std::move(why),
            std::string(where),
            {},
            "hand it in as several smaller files",
            "文件超过大小限制",
            "请分成几个较小的文件上传"};
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

Result<std::string> read_all(const fs::path& file, std::uint64_t max) {
    std::error_code failed;
    const auto size = fs::file_size(file, failed);
    if (failed) return damaged(failed.message(), file.filename().string());
    if (size > max) return large(fmt::format("more than {} bytes", max), file.filename().string());
    std::ifstream in(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    if (bytes.size() != size) return damaged("it cannot be read", file.filename().string());
    return bytes;
}

std::string head_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string head(head_bytes, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    if (head.starts_with("\xEF\xBB\xBF")) head.erase(0, 3);
    return head;
}

/// csv, epcis_json, epcis_xml, xlsx, zip; or empty.
std::string kind_of(const fs::path& file, const std::string& name) {
    const std::string head = head_of(file);
    if (is_archive(head)) return lower(name).ends_with(".xlsx") ? "xlsx" : "zip";
    const std::string_view text = trim(head);
    if (text.starts_with('{') || text.starts_with('[')) return "epcis_json";
    if (text.starts_with('<')) return "epcis_xml";
    return text.empty() ? "" : "csv";
}

/// Writes CSV lines; the workbook's cells as they are.
void append_csv(const std::vector<std::string>& cells, std::string& out) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        const bool plain = cells[i].find_first_of(",\"\r\n") == std::string::npos;
        if (plain) {
            out += cells[i];
            continue;
        }
        out += '"';
        for (const char c : cells[i]) {
            if (c == '"') out += '"';
            out += c == '\r' || c == '\n' ? ' ' : c;
        }
        out += '"';
    }
    out += '\n';
}

class Unpacking {
 public:
    Unpacking(const Datasets& datasets, const fs::path& directory, const UploadLimits& limits)
        : datasets_(datasets), directory_(directory), limits_(limits) {}

    Result<void> add(const fs::path& file, const std::string& name, std::string kind, bool inside = false) {
        if (kind.empty()) kind = kind_of(file, name);
        if (kind == "zip" && inside) return refused("an archive inside an archive", name);
        if (kind == "zip") return unpack(file, name);
        if (kind == "xlsx") return workbook(file, name);
        if (kind == "csv") return table(file, name);
        if (kind.empty()) return damaged("it is empty", name);
        files_.push_back({kind, file, name});
        return {};
    }
    [[nodiscard]] std::vector<TraceFile> take() { return std::move(files_); }

 private:
    [[nodiscard]] fs::path fresh() { return directory_ / fmt::format("part-{}", number_++); }

    /// A table of the flat format by its columns, else one of the national data sets.
    Result<void> table(const fs::path& file, const std::string& name) {
        auto found = trace_files(file, "csv");
        if (found) {
            found->front().name = name;
            files_.push_back(std::move(found->front()));
            return {};
        }
        if (found.error().code != ErrorCode::column_missing) return std::move(found).error();
        const std::string bytes = TRY(read_all(file, sheet_bytes_max));
        return dataset(name, std::move(found).error(),
                       [&](const FlatLines& sink) { return read_dataset_csv(datasets_, bytes, {}, sink); });
    }

    Result<void> dataset(const std::string& name, Error otherwise,
                         const std::function<Result<std::string>(const FlatLines&)>& read) {
        const fs::path target = fresh();
        std::ofstream out(target, std::ios::binary | std::ios::trunc);
        out << dataset_event_columns << '\n';
        std::uint64_t line = 2;
        const auto done = read([&](std::string_view block, std::uint64_t first_row) -> Result<void> {
            for (; line < first_row; ++line) out << '\n';  // line numbers stay those of the sender's table
            out << block;
            line += static_cast<std::uint64_t>(std::ranges::count(block, '\n'));
            return {};
        });
        if (!done) {
            const ErrorCode code = done.error().code;
            const bool no_dataset = code == ErrorCode::column_missing || code == ErrorCode::column_unknown;
            otherwise.where = name;
            return no_dataset ? std::move(otherwise) : done.error();
        }
        if (!out.flush()) return Error{ErrorCode::disk_full, "the table could not be written"};
        files_.push_back({"events", target, name});
        return {};
    }

    /// The first sheet: of the flat format, or a national data set.
    Result<void> workbook(const fs::path& file, const std::string& name) {
        const std::string bytes = TRY(read_all(file, sheet_bytes_max));
        const fs::path target = fresh();
        std::string lines;
        CHECK(
            read_sheet(bytes, {}, [&](std::uint64_t, const std::vector<std::string>& cells) -> Result<void> {
                append_csv(cells, lines);
                return {};
            }));
        std::ofstream(target, std::ios::binary | std::ios::trunc) << lines;
        auto found = trace_files(target, "csv");
        if (found) {
            found->front().name = name;
            files_.push_back(std::move(found->front()));
            return {};
        }
        if (found.error().code != ErrorCode::column_missing) return std::move(found).error();
        return dataset(name, std::move(found).error(),
                       [&](const FlatLines& sink) { return read_dataset_sheet(datasets_, bytes, {}, sink); });
    }

    Result<void> unpack(const fs::path& file, const std::string& name) {
        int code = 0;
        const std::unique_ptr<zip_t, decltype(&zip_discard)> archive(
            zip_open(file.c_str(), ZIP_RDONLY, &code), &zip_discard);
        if (!archive) return damaged("the archive is damaged", name);
        const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
        if (count < 1) return damaged("the archive is empty", name);
        if (static_cast<std::uint64_t>(count) > limits_.files_max)
            return large(fmt::format("{} files; {} are allowed", count, limits_.files_max), name);
        for (zip_int64_t i = 0; i < count; ++i)
            CHECK(unpack_one(archive.get(), static_cast<zip_uint64_t>(i), name));
        if (files_.empty()) return refused("there is no table and no document in it", name);
        return {};
    }

    Result<void> unpack_one(zip_t* archive, zip_uint64_t index, const std::string& whole) {
        zip_stat_t stat;
        zip_stat_init(&stat);
        if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0)
            return damaged("a part has no name", whole);
        const std::string inner(stat.name);
        if (inner.ends_with('/')) return {};
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE)
            return refused("it is encrypted", inner);
        const std::string shown = fs::path(inner).filename().string();
        const std::string small = lower(shown);
        if (std::ranges::none_of(std::array{".csv", ".json", ".jsonld", ".xml", ".xlsx"},
                                 [&](std::string_view ending) { return small.ends_with(ending); }))
            return shown.starts_with('.') ? Result<void>() : refused("no table and no document", inner);
        const fs::path target = fresh();
        CHECK(write_part(archive, index, stat, inner, target));
        return add(target, shown, {}, true);
    }

    Result<void> write_part(zip_t* archive, zip_uint64_t index, const zip_stat_t& stat,
                            const std::string& inner, const fs::path& target) {
        const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> part(zip_fopen_index(archive, index, 0),
                                                                      &zip_fclose);
        if (!part) return damaged("a part cannot be read", inner);
        std::ofstream out(target, std::ios::binary | std::ios::trunc);
        std::vector<char> chunk(chunk_bytes);
        for (std::uint64_t total = 0;;) {
            const zip_int64_t read = zip_fread(part.get(), chunk.data(), chunk.size());
            if (read < 0) return damaged("a part is damaged", inner);
            if (read == 0) break;
            total += static_cast<std::uint64_t>(read);
            unpacked_ += static_cast<std::uint64_t>(read);
            if (unpacked_ > limits_.bytes_max)
                return large(fmt::format("it unpacks to more than {} bytes", limits_.bytes_max), inner);
            if (total > ratio_free_bytes &&
                total / std::max<std::uint64_t>(stat.comp_size, 1) > limits_.ratio_max)
                return large(fmt::format("it unpacks to more than {} times its size", limits_.ratio_max),
                             inner);
            out.write(chunk.data(), read);
        }
        if (!out.flush()) return Error{ErrorCode::disk_full, "the archive could not be unpacked"};
        return {};
    }

    const Datasets& datasets_;
    const fs::path& directory_;
    const UploadLimits& limits_;
    std::vector<TraceFile> files_;
    std::uint64_t unpacked_ = 0;
    unsigned number_ = 0;
};

}  // namespace

Result<std::vector<TraceFile>> upload_files(const fs::path& whole, const std::string& name,
                                            std::string_view format, const Datasets& datasets,
                                            const fs::path& directory, const UploadLimits& limits) {
    std::string kind;
    if (format == "csv" || format == "xlsx")
        kind = format;
    else if (format == "epcis-json")
        kind = "epcis_json";
    else if (format == "epcis-xml")
        kind = "epcis_xml";
    else if (!format.empty() && format != "auto")
        return Error{ErrorCode::usage,
                     fmt::format("there is no format '{}'", format),
                     "format",
                     {},
                     "auto, csv, epcis-json, epcis-xml or xlsx",
                     fmt::format("没有“{}”这一格式", format),
                     "请选择 auto、csv、epcis-json、epcis-xml 或者 xlsx"};
    Unpacking unpacking(datasets, directory, limits);
    CHECK(unpacking.add(whole, name, std::move(kind)));
    return unpacking.take();
}

}  // namespace qingyuan::observe
