#include "observe/trace_intake.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <thread>

#include <fmt/format.h>

#include "base/text.hpp"
#include "journal/compressed_file.hpp"
#include "observe/csv_lines.hpp"
#include "observe/epcis_kept.hpp"
#include "observe/trace_csv.hpp"
#include "observe/trace_epcis.hpp"
#include "observe/trace_report.hpp"
#include "observe/trace_tables.hpp"
#include "packs/run.hpp"

namespace qingyuan::observe {

namespace {

constexpr int zstd_level = 1;
constexpr std::size_t blocks_at_once = 8;
constexpr std::size_t epcis_lines_bytes = std::size_t{32} << 20;
constexpr std::string_view manifest_head = "qingyuan trace batch 1";
/// Tables before what names them.
constexpr std::array<std::string_view, 11> kinds{"operators",   "products",   "batches",  "documents",
                                                 "aggregation", "stock",      "duties",   "settlements",
                                                 "listings",    "epcis_json", "epcis_xml"};
constexpr std::string_view events_kind = "events";

/// A file as memory; unmapped at the end.
class Mapped {
 public:
    static Result<Mapped> open(const std::filesystem::path& file) {
        Mapped out;
        const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        struct ::stat state{};
        if (descriptor < 0 || ::fstat(descriptor, &state) != 0 || !S_ISREG(state.st_mode)) {
            if (descriptor >= 0) ::close(descriptor);
            return Error{ErrorCode::file_unreadable, "it cannot be read", file.string()};
        }
        out.size_ = static_cast<std::size_t>(state.st_size);
        if (out.size_ > 0) {
            void* at = ::mmap(nullptr, out.size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
            if (at != MAP_FAILED) out.at_ = static_cast<const char*>(at);
        }
        ::close(descriptor);
        if (out.size_ > 0 && !out.at_)
            return Error{ErrorCode::file_unreadable, "it cannot be read", file.string()};
        if (out.at_)
            ::madvise(const_cast<char*>(out.at_), out.size_, MADV_SEQUENTIAL);  // NOLINT: what mmap gave
        return out;
    }
    Mapped(Mapped&& other) noexcept
        : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Mapped& operator=(Mapped&&) = delete;
    ~Mapped() {
        if (at_) ::munmap(const_cast<char*>(at_), size_);  // NOLINT: what mmap gave
    }
    [[nodiscard]] std::string_view bytes() const { return {at_, size_}; }
    /// What was read is not kept in memory.
    void release(std::size_t upto) const {
        if (at_)
            ::madvise(const_cast<char*>(at_), upto / 4096 * 4096, MADV_DONTNEED);  // NOLINT: what mmap gave
    }

 private:
    Mapped() = default;
    const char* at_ = nullptr;
    std::size_t size_ = 0;
};

/// Runs `work(i)` for i in [0, count) on some threads; the first error wins.
Result<void> in_parallel(unsigned threads, std::size_t count,
                         const std::function<Result<void>(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::mutex lock;
    Result<void> failed;
    const auto run = [&] {
        for (std::size_t i; (i = next++) < count;) {
            auto done = work(i);
            const std::scoped_lock guard(lock);
            if (!done && failed) failed = std::move(done);
            if (!failed) return;
        }
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads && i < count; ++i) others.emplace_back(run);
    run();
    for (std::thread& other : others) other.join();
    return failed;
}

Result<KeptFile> keep(const TraceFile& file, const journal::Evidence& evidence, unsigned threads,
                      const TraceProgress& progress) {
    const Mapped mapped = TRY(Mapped::open(file.path));
    const std::string_view bytes = mapped.bytes();
    KeptFile out{.kind = file.kind, .name = file.name, .bytes = bytes.size()};
    const std::size_t blocks =
        (bytes.size() + journal::evidence_block_bytes - 1) / journal::evidence_block_bytes;
    journal::EvidenceWriter writer = TRY(evidence.begin());
    constexpr std::size_t together = 8;  // their digests are computed side by side
    const std::size_t round = together * std::max(1u, threads);
    for (std::size_t from = 0; from < blocks; from += round) {
        const std::size_t count = std::min(blocks - from, round);
        std::vector<journal::PreparedBlock> prepared(count);
        std::vector<std::uint64_t> lines(count);
        CHECK(in_parallel(threads, (count + together - 1) / together, [&](std::size_t group) -> Result<void> {
            std::vector<std::string_view> plain;
            for (std::size_t i = group * together; i < std::min(count, (group + 1) * together); ++i) {
                plain.push_back(
                    bytes.substr((from + i) * journal::evidence_block_bytes, journal::evidence_block_bytes));
                lines[i] = line_ends(plain.back());
            }
            auto done = TRY(journal::prepare_blocks(plain, zstd_level));
            std::move(done.begin(), done.end(),
                      prepared.begin() + static_cast<std::ptrdiff_t>(group * together));
            return {};
        }));
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = (from + i) * journal::evidence_block_bytes;
            CHECK(writer.add_block(prepared[i].digest, prepared[i].frame,
                                   std::min(journal::evidence_block_bytes, bytes.size() - at)));
            out.lines += lines[i];
        }
        mapped.release(std::min(bytes.size(), (from + count) * journal::evidence_block_bytes));
        if (progress)
            progress("keeping", std::min(bytes.size(), (from + count) * journal::evidence_block_bytes),
                     bytes.size());
    }
    if (!bytes.empty() && bytes.back() != '\n') ++out.lines;
    out.digest = TRY(writer.finish()).digest;
    return out;
}

/// One kept file as a source of text.
LineBlocks::Source source_of_kept(journal::CompressedFile& file) {
    return [&file, block = std::size_t{0},
            rest = std::string_view()](std::span<char> into) mutable -> Result<std::size_t> {
        if (rest.empty() && block < file.blocks()) rest = TRY(file.block(block++));
        const std::size_t taken = std::min(rest.size(), into.size());
        std::copy_n(rest.data(), taken, into.data());
        rest.remove_prefix(taken);
        return taken;
    };
}

/// What reading one batch shares.
struct Reading {
    packs::Index& index;
    const Manifest& manifest;
    const journal::Evidence& evidence;
    const ReadOptions& options;
    TraceReport report;

    [[nodiscard]] EventContext events() {
        return {.reference = index.reference(),
                .now_ms = manifest.now_ms,
                .future_ms = options.future_ms,
                .unknown_batch = [this](std::string_view id) { return index.unknown_batch(id); },
                .hashed_code = [this](packs::PackCode code,
                                      std::string_view text) { index.hashed_code(code, text); },
                .is_parent = [this](packs::PackCode code) { return index.is_parent(code); }};
    }
    [[nodiscard]] TableContext tables() {
        return {.reference = index.reference(),
                .names = index.names(),
                .unknown_batch = [this](std::string_view id) { return index.unknown_batch(id); },
                .hashed_code = [this](packs::PackCode code,
                                      std::string_view text) { index.hashed_code(code, text); }};
    }
    void note_waiting(std::string_view kind, const std::string& header, std::uint64_t offset,
                      std::vector<WaitingRow>& rows) {
        for (WaitingRow& row : rows)
            index.wait({.row = offset + row.row,
                        .reason = fmt::format("{} {}", row.field, row.id),
                        .columns = fmt::format("{}\n{}", kind, header),
                        .line = std::move(row.line)});
        rows.clear();
    }
    /// Rows of several files of one batch are told apart by their file.
    std::uint64_t file_offset = 0;
};

template <class V>
Result<void> read_small(Reading& reading, const KeptFile& file, const std::function<void(V&)>& put) {
    auto kept = TRY(reading.evidence.blocks(hex(file.digest)));
    LineBlocks blocks(source_of_kept(kept));
    const auto table = TRY(SideTable<V>::from_header(TRY(blocks.header())));
    TableReport report{file.kind, file.name, {}};
    std::vector<V> values;
    while (const auto block = TRY(blocks.next())) {
        values.clear();
        RowProblems problems;
        table.read(block->text, block->first_row, reading.tables(), values, problems);
        for (V& value : values) put(value);
        reading.note_waiting(file.kind, table.header(), reading.file_offset, problems.waiting);
        report.problems.merge(std::move(problems));
    }
    reading.report.tables.push_back(std::move(report));
    return {};
}

Result<void> read_relations(Reading& reading, const KeptFile& file) {
    packs::Piece piece;
    constexpr std::size_t at_once = 1'000'000;
    Result<void> added;
    CHECK(read_small<packs::Relation>(reading, file, [&](packs::Relation& one) {
        piece.relations.push_back(one);
        if (added && piece.relations.size() == at_once) added = reading.index.add(piece);
    }));
    CHECK(std::move(added));
    return reading.index.add(piece);
}

std::string side_value(std::initializer_list<std::int64_t> numbers,
                       std::initializer_list<std::string_view> texts) {
    std::string out;
    for (const std::int64_t number : numbers) packs::put_signed(out, number);
    for (const std::string_view text : texts) packs::put_text(out, text);
    return out;
}

Result<void> read_side(Reading& reading, const KeptFile& file) {
    packs::Index& index = reading.index;
    const auto key = [](const std::string& value) { return hex(sm3(value)).substr(0, 32); };
    const auto put = [&](std::string value) { index.put_side(file.kind, key(value), value); };
    if (file.kind == "stock")
        return read_small<packs::StockCount>(reading, file, [&](packs::StockCount& one) {
            put(side_value(
                {one.actor, static_cast<std::int64_t>(one.product), one.batch, one.quantity, one.counted_ms},
                {}));
        });
    if (file.kind == "duties")
        return read_small<packs::Duty>(reading, file, [&](packs::Duty& one) {
            put(side_value({static_cast<std::int64_t>(one.person), one.actor, one.from_ms, one.to_ms}, {}));
        });
    if (file.kind == "settlements")
        return read_small<packs::Settlement>(reading, file, [&](packs::Settlement& one) {
            put(side_value({one.actor, one.settled_ms}, {packs::code_key(one.code)}));
        });
    return read_small<packs::Listing>(reading, file, [&](packs::Listing& one) {
        put(side_value({static_cast<std::int64_t>(one.id), one.actor, static_cast<std::int64_t>(one.product),
                        one.captured_ms},
                       {one.platform, one.title, one.digest}));
    });
}

/// Reads pieces of a text of events that begins and ends at line ends, on several threads.
struct EventText {
    Reading& reading;
    const EventTable& table;
    std::vector<packs::Names::Cursor> cursors;
    std::uint64_t row = 2;  ///< line of the first one of the next text; the header is line 1
    std::array<std::vector<packs::Piece>, 2> turn = {};
    std::size_t at = 0;
    std::future<Result<void>> adding = {};
    bool epcis = false;  ///< lines made of EPCIS events (trace_epcis.hpp)

    static void mark_epcis(std::vector<packs::Piece>& pieces) {
        packs::Event* before = nullptr;
        for (packs::Piece& piece : pieces)
            for (packs::Event& event : piece.events) {
                if (event.extra.corrects != 0) event.flags |= packs::flag_void;
                if (before && before->id == event.id && before->code != event.code) {
                    before->flags |= packs::flag_shared;
                    event.flags |= packs::flag_shared;
                }
                before = &event;
            }
    }

    Result<void> read(std::string_view text, TableReport& report) {
        // More parts than threads, so that none waits long for another.
        const std::size_t parts_count = std::max(1u, reading.options.threads) * 3;
        std::vector<std::string_view> parts;
        for (std::size_t i = 0; i < parts_count; ++i) {
            const bool last = i + 1 == parts_count;
            const std::size_t cut =
                last ? text.size() : last_line_end(text.substr(0, text.size() / (parts_count - i)));
            parts.push_back(text.substr(0, cut));
            text.remove_prefix(cut);
        }
        std::vector<std::uint64_t> rows(parts_count);
        std::vector<packs::Piece>& pieces = turn[at];
        pieces.resize(parts_count);
        std::vector<RowProblems> problems(parts_count);
        EventContext context = reading.events();
        context.takes_other = epcis;
        CHECK(in_parallel(reading.options.threads, parts_count, [&](std::size_t i) -> Result<void> {
            rows[i] = count_lines(parts[i]);
            return {};
        }));
        while (cursors.size() < parts_count) cursors.emplace_back(reading.index.names());
        CHECK(in_parallel(reading.options.threads, parts_count, [&](std::size_t i) -> Result<void> {
            std::uint64_t first = row;
            for (std::size_t j = 0; j < i; ++j) first += rows[j];
            pieces[i].events.reserve(rows[i]);
            const auto held = reading.index.hold();
            table.read(parts[i], first, context, cursors[i], pieces[i], problems[i]);
            return {};
        }));
        if (epcis) mark_epcis(pieces);
        for (std::size_t i = 0; i < parts_count; ++i) {
            row += rows[i];
            reading.note_waiting(events_kind, table.header(), reading.file_offset, problems[i].waiting);
            report.problems.merge(std::move(problems[i]));
            if (reading.options.only_actor != 0) keep_own(pieces[i], report);
        }
        CHECK(finish());
        // One piece is written while the next is read.
        adding = std::async(std::launch::async,
                            [&pieces, &index = reading.index] { return index.add(std::span(pieces)); });
        at = 1 - at;
        return {};
    }
    /// Waits for the last piece.
    Result<void> finish() { return adding.valid() ? adding.get() : Result<void>(); }
    void keep_own(packs::Piece& piece, TableReport& report) const {
        std::erase_if(piece.events, [&](const packs::Event& event) {
            if (event.actor == reading.options.only_actor) return false;
            report.problems.reject(0, "actor", ErrorCode::wrong_organisation,
                                   fmt::format("event {} is not your own", reading.index.text_of(event.id)),
                                   "hand in only what happened in your own firm");
            ++report.problems.rejected_rows;
            return true;
        });
    }
};

Result<void> read_events(Reading& reading, const KeptFile& file) {
    std::vector<journal::CompressedFile> readers;
    for (unsigned i = 0; i < std::max(1u, reading.options.threads); ++i)
        readers.push_back(TRY(reading.evidence.blocks(hex(file.digest))));
    TableReport report{file.kind, file.name, {}};
    std::optional<EventTable> table;
    std::optional<EventText> text;
    std::string buffer;  // what is left of the last line, then some blocks
    const std::size_t blocks = readers[0].blocks();
    std::size_t carried = 0;
    for (std::size_t from = 0; from < blocks; from += blocks_at_once) {
        const std::size_t count = std::min(blocks - from, blocks_at_once);
        buffer.resize(carried + count * journal::evidence_block_bytes);
        std::vector<std::size_t> sizes(count);
        std::atomic<unsigned> reader{0};
        CHECK(in_parallel(
            static_cast<unsigned>(readers.size()), readers.size(), [&](std::size_t) -> Result<void> {
                const std::size_t mine = reader++;
                for (std::size_t i = mine; i < count; i += readers.size()) {
                    const std::string_view plain = TRY(readers[mine].block(from + i, false));
                    std::copy(plain.begin(), plain.end(),
                              buffer.begin() +
                                  static_cast<std::ptrdiff_t>(carried + i * journal::evidence_block_bytes));
                    sizes[i] = plain.size();
                }
                return {};
            }));
        std::size_t size = carried;
        for (const std::size_t one : sizes) size += one;
        std::string_view all = std::string_view(buffer).substr(0, size);
        if (!table) {
            const std::size_t end = std::min(all.find('\n'), all.size());
            table = TRY(EventTable::from_header(all.substr(0, end)));
            text.emplace(EventText{.reading = reading, .table = *table, .cursors = {}});
            all.remove_prefix(std::min(end + 1, all.size()));
        }
        const bool last = from + count == blocks;
        const std::size_t cut = last ? all.size() : last_line_end(all);
        CHECK(text->read(all.substr(0, cut), report));
        const std::string rest(all.substr(cut));
        if (rest.size() > csv_line_bytes_max)
            return Error{ErrorCode::csv_malformed, "a line without an end", file.name};
        carried = rest.size();
        buffer.replace(0, carried, rest);
        if (reading.options.progress) reading.options.progress("reading", from + count, blocks);
    }
    if (!table) return Error{ErrorCode::csv_malformed, "it is empty", file.name};
    CHECK(text->finish());
    reading.report.tables.push_back(std::move(report));
    return {};
}

/// The event itself, for queries; a firm's own only where it hands in for itself.
Result<void> keep_for_queries(Reading& reading, const Event& event, EventHasher& hasher,
                              std::size_t& waiting_bytes) {
    const std::string actor = epcis_actor(event);
    const std::uint32_t own = reading.options.only_actor;
    if (own != 0 && reading.index.reference().find_operator(actor) != own) return {};
    const std::string id = event.event_id.empty() ? hasher.hash_id(event) : std::string();
    waiting_bytes += keep_event(reading.index, event, id, actor, reading.manifest.now_ms);
    if (waiting_bytes < epcis_lines_bytes) return {};
    waiting_bytes = 0;
    return reading.index.publish();
}

/// A document of EPCIS events: all or nothing of its text, row by row what it says.
Result<void> read_document(Reading& reading, const KeptFile& file) {
    const std::string bytes = TRY(reading.evidence.read(hex(file.digest)));
    const EventTable table = TRY(EventTable::from_header(flat_header));
    EventText text{.reading = reading, .table = table, .cursors = {}};
    text.epcis = true;
    TableReport report{file.kind, file.name, {}};
    EventHasher hasher;
    std::string lines;
    std::vector<packs::Relation> relations;
    std::vector<std::string> parts;
    std::size_t waiting_bytes = 0;
    TRY(read_epcis(file.kind == "epcis_xml" ? EpcisFormat::xml : EpcisFormat::json, bytes, {},
                   [&](const Event& event) -> Result<void> {
                       flat_lines(event, hasher, reading.manifest.now_ms, lines, relations);
                       CHECK(keep_for_queries(reading, event, hasher, waiting_bytes));
                       if (lines.size() > epcis_lines_bytes) parts.push_back(std::exchange(lines, {}));
                       return {};
                   }));
    parts.push_back(std::move(lines));
    packs::Piece packed{.events = {}, .relations = std::move(relations)};
    if (!packed.relations.empty()) CHECK(reading.index.add(packed));
    for (const std::string& part : parts) CHECK(text.read(part, report));
    CHECK(text.finish());
    reading.report.tables.push_back(std::move(report));
    return {};
}

/// Rows that waited for a firm or product are read again, as rows of this batch.
Result<void> read_waiting(Reading& reading) {
    std::vector<packs::Waiting> rows = TRY(reading.index.take_waiting());
    for (std::size_t at = 0; at < rows.size();) {
        std::size_t end = at + 1;
        while (end < rows.size() && rows[end].columns == rows[at].columns && rows[end].seq == rows[at].seq)
            ++end;
        const std::string_view columns = rows[at].columns;
        const std::size_t line = columns.find('\n');
        const std::string_view kind = columns.substr(0, line);
        TableReport report{std::string(kind), "waiting", {}};
        if (kind == events_kind) {
            const auto table = TRY(EventTable::from_header(columns.substr(line + 1)));
            packs::Names::Cursor cursor(reading.index.names());
            packs::Piece piece;
            for (std::size_t i = at; i < end; ++i) {
                RowProblems problems;
                EventContext context = reading.events();
                context.takes_other = table.header() == flat_header;
                table.read(rows[i].line, rows[i].row, context, cursor, piece, problems);
                reading.note_waiting(kind, table.header(), rows[i].row >> 40 << 40, problems.waiting);
                report.problems.merge(std::move(problems));
            }
            CHECK(reading.index.add(piece));
        } else {
            // A side table's row: rare, and read when its table comes again.
            for (std::size_t i = at; i < end; ++i) reading.index.wait(rows[i]);
        }
        at = end;
    }
    return {};
}

std::uint64_t sum(const TraceReport& report, std::uint64_t (*of)(const RowProblems&)) {
    std::uint64_t out = 0;
    for (const TableReport& table : report.tables) out += of(table.problems);
    return out;
}

}  // namespace

std::uint64_t TraceReport::accepted() const {
    return sum(*this, [](const RowProblems& one) { return one.accepted(); });
}
std::uint64_t TraceReport::rejected() const {
    return sum(*this, [](const RowProblems& one) { return one.rejected_rows; });
}
std::uint64_t TraceReport::waiting() const {
    return sum(*this, [](const RowProblems& one) { return one.waiting_rows; });
}

std::string Manifest::text() const {
    std::string out = fmt::format("{}\nnow {}\nsource {}\n", manifest_head, now_ms, source);
    for (const KeptFile& file : files)
        out += fmt::format("{}\t{}\t{}\t{}\t{}\n", file.kind, hex(file.digest), file.bytes, file.lines,
                           file.name);
    return out;
}

std::string Manifest::identity() const {
    std::string text_of_files;
    for (const KeptFile& file : files)
        if (file.name != registry_name) text_of_files += file.kind + hex(file.digest) + "\n";
    return hex(sm3(text_of_files));
}

Result<Manifest> parse_manifest(std::string_view text) {
    const Error malformed{ErrorCode::record_malformed, "the manifest of a trace batch cannot be read"};
    const std::vector<std::string> lines = split(text, '\n');
    if (lines.size() < 3 || lines[0] != manifest_head || !lines[1].starts_with("now ") ||
        !lines[2].starts_with("source "))
        return malformed;
    Manifest out;
    out.now_ms = TRY(parse_integer(std::string_view(lines[1]).substr(4)));
    out.source = lines[2].substr(7);
    for (std::size_t i = 3; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        const std::vector<std::string> cells = split(lines[i], '\t');
        if (cells.size() != 5) return malformed;
        KeptFile file{.kind = cells[0], .name = cells[4], .digest = TRY(parse_digest(cells[1]))};
        file.bytes = static_cast<std::uint64_t>(TRY(parse_integer(cells[2])));
        file.lines = static_cast<std::uint64_t>(TRY(parse_integer(cells[3])));
        out.files.push_back(std::move(file));
    }
    return out;
}

Result<Manifest> keep_files(const std::vector<TraceFile>& files, const journal::Evidence& evidence,
                            unsigned threads, const TraceProgress& progress) {
    Manifest out;
    for (const TraceFile& file : files) {
        KeptFile kept = TRY(keep(file, evidence, threads, progress));
        for (char& c : kept.name)
            if (static_cast<unsigned char>(c) < 0x20) c = ' ';
        out.files.push_back(std::move(kept));
    }
    return out;
}

namespace {

/// The firm that may hand in its own events only; nobody's number where it is not known.
std::uint32_t sender_of(const packs::Index& index, const Manifest& manifest) {
    if (!manifest.source.starts_with(own_source)) return 0;
    const std::uint32_t found =
        index.reference().find_operator(std::string_view(manifest.source).substr(own_source.size()));
    return found == 0 ? UINT32_MAX : found;
}

}  // namespace

Result<TraceReport> read_into(packs::Index& index, const Manifest& manifest,
                              const journal::Evidence& evidence, const ReadOptions& options) {
    ReadOptions own = options;
    Reading reading{index, manifest, evidence, own, {}};
    reading.report.batch = options.seq;
    CHECK(index.begin(options.seq));
    std::string seq;
    packs::put_number(seq, options.seq);
    index.put_side("received", manifest.identity(), std::move(seq));
    for (const std::string_view kind : kinds) {
        if (kind == "documents") {
            CHECK(index.publish());
            if (own.only_actor == 0) own.only_actor = sender_of(index, manifest);
        }
        for (std::size_t i = 0; i < manifest.files.size(); ++i) {
            const KeptFile& file = manifest.files[i];
            if (file.kind != kind) continue;
            reading.file_offset = std::uint64_t{i} << 40;
            if (kind == "operators")
                CHECK(read_small<packs::Operator>(reading, file, [&](packs::Operator& one) {
                    one.registered = file.name == registry_name;
                    const std::uint32_t known = index.reference().find_operator(one.id);
                    if (one.registered && known != 0 && !index.reference().operator_at(known).registered)
                        return;
                    index.put(std::move(one));
                }));
            else if (kind == "products")
                CHECK(
                    read_small<packs::Product>(reading, file, [&](auto& one) { index.put(std::move(one)); }));
            else if (kind == "batches")
                CHECK(read_small<packs::Batch>(reading, file, [&](auto& one) { index.put(std::move(one)); }));
            else if (kind == "documents")
                CHECK(read_small<packs::Document>(reading, file, [&](auto& one) { index.put(one); }));
            else if (kind == "aggregation")
                CHECK(read_relations(reading, file));
            else if (kind == "epcis_json" || kind == "epcis_xml")
                CHECK(read_document(reading, file));
            else
                CHECK(read_side(reading, file));
        }
    }
    CHECK(read_waiting(reading));
    for (std::size_t i = 0; i < manifest.files.size(); ++i)
        if (manifest.files[i].kind == events_kind) {
            reading.file_offset = std::uint64_t{i} << 40;
            CHECK(read_events(reading, manifest.files[i]));
        }
    keep_report(index, manifest, reading.report);
    reading.report.applied = TRY(index.finish(manifest.now_ms, [&](std::uint64_t done, std::uint64_t of) {
        if (options.progress) options.progress("judging", done, of);
    }));
    return std::move(reading.report);
}

}  // namespace qingyuan::observe
