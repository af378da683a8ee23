// qingyuan journal …: verification, proofs, checkpoints, export and rebuild. All of them work on a journal
// that does not open.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "journal/signature.hpp"

namespace qingyuan::cli {

using nlohmann::ordered_json;

namespace {

struct JournalOptions {
    bool access = false;
    bool adopt = false;
    std::uint64_t seq = 0;
    std::filesystem::path file;
    std::filesystem::path out;
    std::filesystem::path export_file = "journal.export";
    std::filesystem::path checkpoint;
};

/// Says on stderr how far a long look has come, once it has taken two seconds.
class Progress {
 public:
    explicit Progress(std::uint64_t total) : total_(total) {}
    ~Progress() {
        if (shown_ && ::isatty(STDERR_FILENO)) fmt::print(stderr, "\n");
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void operator()(std::uint64_t done) {
        const auto now = Steady::now();
        if (now < next_) return;
        const bool terminal = ::isatty(STDERR_FILENO);
        next_ = now + std::chrono::seconds(terminal ? 1 : 10);
        shown_ = true;
        const std::uint64_t hundredths = total_ == 0 ? 100 : done * 100 / total_;
        fmt::print(stderr, "{}{} of {} facts ({} %){}", terminal ? "\r" : "", done, total_, hundredths,
                   terminal ? "" : "\n");
    }

 private:
    using Steady = std::chrono::steady_clock;
    std::uint64_t total_;
    Steady::time_point next_ = Steady::now() + std::chrono::seconds(2);
    bool shown_ = false;
};

/// A journal's store and what lies around it, without opening the journal.
struct Opened {
    std::unique_ptr<journal::Store> store;
    journal::Options options;
    std::uint64_t size = 0;
};

Result<Opened> open_journal(Context& context, const JournalOptions& asked) {
    Opened out;
    out.store = TRY(asked.access ? context.open_access_store(context.data_directory)
                                 : context.open_store(context.data_directory));
    out.options.name = asked.access ? "access" : "facts";
    out.options.head = context.data_directory / (asked.access ? "access.head" : "journal.head");
    if (!asked.checkpoint.empty()) out.options.known.push_back(asked.checkpoint);
    const std::unique_ptr<journal::ReadTransaction> transaction = TRY(out.store->read(out.options.name));
    const journal::Head head = TRY(transaction->head());
    out.options.origin = head.origin;
    out.size = head.size;
    return out;
}

/// With the folds, so that projection tables can be read and rebuilt.
Result<void> add_folds(Context& context, Opened& opened) {
    if (opened.options.name != "facts") return {};
    const law::Law law = TRY(context.load_law());
    opened.options.folds = context.folds(law);
    std::vector<facts::RowType> types;
    for (const journal::Fold& fold : opened.options.folds)
        types.insert(types.end(), fold.types.begin(), fold.types.end());
    return opened.store->prepare(opened.options.name, opened.options.origin, types);
}

Result<std::string> read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "cannot be read", file.string()};
    return std::move(text).str();
}

Result<void> run_verify(Context& context, const JournalOptions& asked) {
    Opened opened = TRY(open_journal(context, asked));
    CHECK(add_folds(context, opened));
    std::vector<journal::Checkpoint> known = TRY(journal::known_checkpoints(opened.options, opened.size));
    Progress progress(opened.size);
    const std::size_t compared = known.size();
    const journal::Verification found = TRY(journal::verify(
        *opened.store, opened.options.name, std::move(known), [&](std::uint64_t done) { progress(done); }));
    const bool well = found.problem.empty();
    if (!well) context.exit = 1;
    if (context.json) {
        ordered_json out{{"journal", opened.options.name},
                         {"origin", found.checkpoint.origin},
                         {"verified", well},
                         {"size", found.size},
                         {"first_bad", nullptr},
                         {"problem", found.problem},
                         {"checkpoints_compared", compared}};
        if (found.first_bad != 0) out["first_bad"] = found.first_bad;
        out["root"] = hex(found.checkpoint.root);
        out["chain"] = hex(found.checkpoint.chain);
        fmt::print("{}\n", out.dump(2));
    } else if (well) {
        fmt::print("{}: {} facts verified, {} checkpoints fit\nroot {}\nchain {}\n", opened.options.name,
                   found.size, compared, hex(found.checkpoint.root), hex(found.checkpoint.chain));
    } else {
        fmt::print("{}: {}{}\n", opened.options.name,
                   found.first_bad ? fmt::format("first bad fact {}: ", found.first_bad) : "", found.problem);
    }
    return {};
}

Result<void> run_rebuild(Context& context, const JournalOptions& asked) {
    Opened opened = TRY(open_journal(context, asked));
    CHECK(add_folds(context, opened));
    Progress progress(opened.size);
    const journal::Rebuild done =
        TRY(journal::rebuild(*opened.store, opened.options, [&](std::uint64_t count) { progress(count); }));
    const bool same = done.before == done.after;
    if (!same) context.exit = 1;
    if (context.json) {
        const ordered_json out{{"journal", opened.options.name},
                               {"facts", done.facts},
                               {"before", hex(done.before)},
                               {"after", hex(done.after)},
                               {"identical", same}};
        fmt::print("{}\n", out.dump(2));
    } else {
        fmt::print("{}: {} facts folded again, the projections are {}\nbefore {}\nafter  {}\n",
                   opened.options.name, done.facts, same ? "identical" : "not what they were",
                   hex(done.before), hex(done.after));
    }
    return {};
}

Result<void> run_export(Context& context, const JournalOptions& asked) {
    const Opened opened = TRY(open_journal(context, asked));
    CHECK(journal::export_to(*opened.store, opened.options.name, asked.export_file));
    const journal::Export exported = TRY(journal::Export::open(asked.export_file));
    if (context.json) {
        const ordered_json out{{"file", asked.export_file.string()},
                               {"size", exported.checkpoint().size},
                               {"root", hex(exported.checkpoint().root)}};
        fmt::print("{}\n", out.dump(2));
    } else {
        fmt::print("{}\n{}", asked.export_file.string(), exported.checkpoint().text());
    }
    return {};
}

Result<void> run_prove(Context& context, const JournalOptions& asked) {
    const Opened opened = TRY(open_journal(context, asked));
    const std::filesystem::path key_file = context.data_directory / "journal.key";
    std::optional<journal::SigningKey> key;
    if (std::filesystem::exists(key_file)) key = TRY(journal::SigningKey::load_or_create(key_file));
    const std::string proof =
        TRY(journal::prove(*opened.store, opened.options.name, asked.seq, key ? &*key : nullptr));
    if (asked.out.empty()) {
        fmt::print("{}", proof);
        return {};
    }
    std::ofstream out(asked.out, std::ios::binary | std::ios::trunc);
    out << proof;
    out.close();
    if (!out) return Error{ErrorCode::io_failed, "cannot be written", asked.out.string()};
    return {};
}

Result<void> run_check(Context& context, const JournalOptions& asked) {
    const std::string proof = TRY(read_text(asked.file));
    std::optional<journal::Checkpoint> trusted;
    if (!asked.checkpoint.empty()) {
        const std::string text = TRY(read_text(asked.checkpoint));
        trusted = TRY(journal::parse_checkpoint(text));
    }
    const facts::Recorded found = TRY(journal::check_proof(proof, trusted ? &*trusted : nullptr));
    const journal::Checkpoint end = TRY(journal::checkpoint_of_proof(proof));
    const ordered_json out{{"seq", found.seq},
                           {"kind", facts::kind_of(found.fact.payload)},
                           {"recorded_at", found.recorded_at.text()},
                           {"happened_on", found.fact.happened_on.text()},
                           {"organisation", found.fact.organisation},
                           {"actor", found.fact.actor},
                           {"dossier", found.dossier()},
                           {"origin", end.origin},
                           {"size", end.size},
                           {"root", hex(end.root)},
                           {"signed_by", end.key},
                           {"against", trusted ? "the given checkpoint" : "its own checkpoint"}};
    if (context.json) {
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("the proof holds\n");
    for (const auto& [name, value] : out.items())
        fmt::print("{:<13}{}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
    return {};
}

Result<void> run_checkpoint(Context& context, const JournalOptions& asked) {
    Opened opened = TRY(open_journal(context, asked));
    CHECK(add_folds(context, opened));
    opened.options.adopt = asked.adopt;
    const WallClock clock;
    const std::unique_ptr<journal::Journal> journal =
        TRY(journal::Journal::open(*opened.store, clock, opened.options));
    fmt::print("{}", TRY(journal->write_checkpoint()));
    return {};
}

using Command = Result<void> (*)(Context&, const JournalOptions&);

using Shared = std::shared_ptr<JournalOptions>;

CLI::App* add(CLI::App& parent, Context& context, const Shared& options, const char* name, const char* what,
              Command command) {
    CLI::App* const sub = parent.add_subcommand(name, what);
    sub->add_flag("--access", options->access, "the journal of reads and sign-ins instead of the facts");
    sub->callback([&context, options, command] {
        if (const Result<void> done = command(context, *options); !done) context.fail(done.error());
    });
    return sub;
}

}  // namespace

void add_journal(CLI::App& app, Context& context) {
    CLI::App* const journal = app.add_subcommand("journal", "verify, prove, export and rebuild the journal");
    journal->require_subcommand(1);
    const auto options = std::make_shared<JournalOptions>();
    add(*journal, context, options, "verify", "read every fact and recompute chain and tree", run_verify)
        ->add_option("--checkpoint", options->checkpoint,
                     "a checkpoint from elsewhere, or a directory of them");
    add(*journal, context, options, "rebuild", "fold the journal again", run_rebuild);
    add(*journal, context, options, "export", "write the journal as one file that can be verified offline",
        run_export)
        ->add_option("--out", options->export_file, "the file")
        ->capture_default_str();
    CLI::App* const prove =
        add(*journal, context, options, "prove", "a proof that a fact is in the journal", run_prove);
    prove->add_option("SEQ", options->seq, "sequence number")->required();
    prove->add_option("--out", options->out, "a file instead of stdout");
    CLI::App* const check =
        add(*journal, context, options, "check", "check a proof, without the journal", run_check);
    check->add_option("PROOF", options->file, "the proof")->required();
    check->add_option("--checkpoint", options->checkpoint, "a checkpoint one trusts");
    add(*journal, context, options, "checkpoint", "sign and print where the journal stands", run_checkpoint)
        ->add_flag("--adopt", options->adopt, "take the store as it is although journal.head is missing");
}

}  // namespace qingyuan::cli
