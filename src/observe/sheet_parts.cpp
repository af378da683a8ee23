#include "observe/sheet_parts.hpp"

#include <array>
#include <mutex>

#include <fmt/format.h>
#include <libxml/parser.h>
#include <zip.h>

namespace qingyuan::observe {

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::uint64_t ratio_free_bytes = 1 << 20;
constexpr std::string_view save_again = "save the table again as an .xlsx workbook or as CSV";

Error refused(std::string message) {
    return {ErrorCode::file_kind_refused, std::move(message), "", {}, std::string(save_again)};
}
Error damaged(std::string message, const std::string& part) {
    return {ErrorCode::file_unreadable, std::move(message), part, {}, std::string(save_again)};
}
Error large(std::string message, const std::string& part) {
    return {ErrorCode::too_large, std::move(message), part, {}, "split the table"};
}

struct FileClose {
    void operator()(zip_file* file) const { zip_fclose(file); }
};
using ZipFile = std::unique_ptr<zip_file, FileClose>;

struct ParserFree {
    void operator()(xmlParserCtxt* parser) const {
        if (parser->myDoc != nullptr) xmlFreeDoc(parser->myDoc);
        xmlFreeParserCtxt(parser);
    }
};

std::string_view view_of(const xmlChar* text) {
    return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

/// What libxml2 hands to its callbacks.
struct Running {
    SheetEvents& events;
    std::vector<SheetAttribute> attributes;
    bool doctype = false;
};
Running& running(void* context) {
    return *static_cast<Running*>(context);
}

void on_open(void* context, const xmlChar* name, const xmlChar*, const xmlChar*, int, const xmlChar**,
             int count, int, const xmlChar** attributes) {
    Running& run = running(context);
    if (run.events.stopped()) return;
    run.attributes.clear();
    for (int i = 0; i < count; ++i) {  // name, prefix, namespace, begin of the value, its end
        const xmlChar** one = attributes + static_cast<std::ptrdiff_t>(i) * 5;
        run.attributes.push_back(
            {view_of(one[0]), std::string_view(reinterpret_cast<const char*>(one[3]),
                                               static_cast<std::size_t>(one[4] - one[3]))});
    }
    run.events.open(view_of(name), run.attributes);
}
void on_close(void* context, const xmlChar* name, const xmlChar*, const xmlChar*) {
    if (!running(context).events.stopped()) running(context).events.close(view_of(name));
}
void on_text(void* context, const xmlChar* text, int size) {
    if (!running(context).events.stopped())
        running(context).events.text(
            std::string_view(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)));
}
void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    running(context).doctype = true;
    running(context).events.stop(refused("a part declares a document type"));
}
void on_error(void*, const xmlError*) {}  // the parser's state says it; nothing is printed

xmlSAXHandler handler() {
    xmlSAXHandler out{};
    out.initialized = XML_SAX2_MAGIC;
    out.startElementNs = on_open;
    out.endElementNs = on_close;
    out.characters = on_text;
    out.internalSubset = on_doctype;
    out.serror = [](void* context, auto* error) { on_error(context, error); };
    return out;
}

bool names_an_archive(std::string_view name) {
    for (const std::string_view ending :
         {".zip", ".xlsx", ".xlsm", ".docx", ".pptx", ".jar", ".7z", ".rar", ".gz", ".ole"})
        if (name.ends_with(ending)) return true;
    return name.find("/embeddings/") != std::string_view::npos;
}

}  // namespace

bool is_archive(std::string_view bytes) {
    return bytes.starts_with("PK\x03\x04");
}

void SheetParts::Close::operator()(zip* archive) const {
    zip_discard(archive);
}

Result<SheetParts> SheetParts::open(std::string_view bytes, const SheetLimits& limits) {
    if (bytes.starts_with("\xD0\xCF\x11\xE0"))
        return refused("it is an encrypted workbook, or one of before 2007");
    if (!is_archive(bytes)) return refused("it is no workbook");
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == nullptr) {
        const std::string message = zip_error_strerror(&error);
        if (source != nullptr) zip_source_free(source);
        zip_error_fini(&error);
        return damaged(message, "");
    }
    zip_error_fini(&error);
    SheetParts parts(archive, limits);
    CHECK(parts.check_parts());
    return parts;
}

Result<void> SheetParts::check_parts() const {
    const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
    if (count < 0 || static_cast<std::uint64_t>(count) > limits_.parts_max)
        return large(fmt::format("{} parts; {} are allowed", count, limits_.parts_max), "");
    for (zip_int64_t i = 0; i < count; ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        zip_stat_t stat;
        zip_stat_init(&stat);
        if (zip_stat_index(archive_.get(), index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0)
            return damaged("a part has no name", "");
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE)
            return refused("it is encrypted");
        if (names_an_archive(stat.name)) return refused(fmt::format("it holds another file: {}", stat.name));
        const ZipFile file(zip_fopen_index(archive_.get(), index, 0));
        std::array<char, 4> head{};
        if (file && zip_fread(file.get(), head.data(), head.size()) == 4 && is_archive({head.data(), 4}))
            return refused(fmt::format("it holds another archive: {}", stat.name));
    }
    return {};
}

bool SheetParts::has(const std::string& part) const {
    return zip_name_locate(archive_.get(), part.c_str(), 0) >= 0;
}

Result<void> SheetParts::read(const std::string& part, SheetEvents& events) const {
    static std::once_flag once;
    std::call_once(once, xmlInitParser);
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat(archive_.get(), part.c_str(), 0, &stat) != 0) return damaged("the part is missing", part);
    const ZipFile file(zip_fopen(archive_.get(), part.c_str(), 0));
    if (!file) return damaged(zip_strerror(archive_.get()), part);
    static const xmlSAXHandler callbacks = handler();
    xmlSAXHandler own = callbacks;
    Running run{events, {}};
    const std::unique_ptr<xmlParserCtxt, ParserFree> parser(
        xmlCreatePushParserCtxt(&own, &run, nullptr, 0, nullptr));
    if (!parser) return damaged("no parser", part);
    xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET);
    std::vector<char> chunk(chunk_bytes);
    for (std::uint64_t total = 0;;) {
        const zip_int64_t read = zip_fread(file.get(), chunk.data(), chunk.size());
        if (read < 0) return damaged(zip_file_strerror(file.get()), part);
        total += static_cast<std::uint64_t>(read);
        if (total > limits_.part_bytes_max)
            return large(fmt::format("more than {} bytes", limits_.part_bytes_max), part);
        if (total > ratio_free_bytes &&
            total / std::max<std::uint64_t>(stat.comp_size, 1) > limits_.ratio_max)
            return large(fmt::format("it unpacks to more than {} times its size", limits_.ratio_max), part);
        const int wrong =
            xmlParseChunk(parser.get(), chunk.data(), static_cast<int>(read), read == 0 ? 1 : 0);
        if (events.stopped()) return events.error();
        if (wrong != 0)
            return damaged(fmt::format("no well-formed XML, line {}", xmlSAX2GetLineNumber(parser.get())),
                           part);
        if (read == 0) return {};
    }
}

}  // namespace qingyuan::observe
