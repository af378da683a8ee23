#include "registry/import.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/merkle.hpp"
#include "facts/codec.hpp"
#include "registry/import_draft.hpp"
#include "registry/registry.hpp"

namespace qingyuan::registry {

namespace {

using facts::OperatorRow;
using facts::OrganisationRow;
using journal::Reader;

enum class Standing : std::uint8_t { fresh, duplicate, rejected };

struct Row {
    Draft draft;
    Standing standing = Standing::fresh;
    std::optional<std::size_t> same_as;  ///< for a duplicate inside the file: the row it repeats
};

void tell(const ImportRequest& request, std::string_view phase, std::size_t done, std::size_t rows) {
    if (request.progress && (done % 1'000 == 0 || done == rows)) request.progress(phase, done, rows);
}

/// Reads, compares and checks one file against the registry.
class Planner {
   public:
    Planner(const ImportRequest& request, const Reader& reader, const law::Law& law,
            const facts::PersonalValues& personal, const law::Statistics* statistics)
        : request_(request), reader_(reader), personal_(personal), context_{law, statistics, request.today} {}

    Result<ImportPlan> plan() {
        if (request_.text.size() > import_bytes_max)
            return Error{
                ErrorCode::too_large,
                fmt::format("{} bytes; {} are allowed in one file", request_.text.size(), import_bytes_max),
                {},
                {},
                "split the file"};
        CHECK(check_vocabularies(request_.kind, context_.law));
        CHECK(read_rows());
        for (Row& row : rows_) CHECK(complete(row.draft));
        CHECK(find_repeats());
        for (std::size_t at = 0; at < rows_.size(); ++at) {
            Row& row = rows_[at];
            if (row.standing == Standing::fresh && row.draft.problems.empty()) CHECK(compare(row));
            tell(request_, "checking", at + 1, rows_.size());
        }
        CHECK(check_codes_of_operators());
        CHECK(check_references());
        if (request_.kind == ImportKind::organisations) CHECK(check_circles());
        return result();
    }

   private:
    Result<void> read_rows() {
        CsvReader reader = TRY(CsvReader::create(request_.text, {.cell_bytes_max = import_cell_bytes_max}));
        const ImportHeader header = TRY(ImportHeader::create(request_.kind, reader.columns()));
        for (;;) {
            auto next = reader.next();
            if (!next) {
                Row broken;
                broken.draft.line = line_of(next.error());
                broken.draft.problem({}, next.error().code, next.error().message, "correct this line");
                rows_.push_back(std::move(broken));
            } else if (!*next) {
                return {};
            } else {
                rows_.push_back({read_row(request_.kind, context_, header, **next)});
            }
        }
    }

    /// The CSV reader names the line in `where`: "line 17".
    static std::uint64_t line_of(const Error& error) {
        std::uint64_t line = 0;
        for (const char c : error.where)
            if (c >= '0' && c <= '9') line = line * 10 + static_cast<std::uint64_t>(c - '0');
        return line;
    }

    /// What a row leaves to the registry: the personal reference, if the value is known, and the regulator of
    /// the region.
    Result<void> complete(Draft& draft) {
        if (!draft.problems.empty()) return {};
        if (auto* person = std::get_if<facts::PersonRecorded>(&draft.payload))
            person->name = TRY(personal_.find_subject(draft.personal.purpose, draft.personal.value))
                               .value_or(facts::SubjectRef{});
        auto* subject = std::get_if<facts::OperatorRecorded>(&draft.payload);
        if (!subject) return {};
        subject->representative = TRY(personal_.find_subject(draft.personal.purpose, draft.personal.value))
                                      .value_or(facts::SubjectRef{});
        if (!subject->organisation.empty()) return {};
        const auto& found = TRY(regulators_of(subject->region));
        if (found.size() == 1) subject->organisation = found.front();
        else
            draft.problem(
                "organisation", ErrorCode::field_missing,
                fmt::format("{} county market regulators answer for {}", found.size(), subject->region),
                "name the primary regulator");
        return {};
    }

    Result<std::vector<std::string>> regulators_of(const std::string& region) {
        if (const auto known = regulators_.find(region); known != regulators_.end()) return known->second;
        journal::Query query;
        query.where.push_back({"region", journal::Compare::equal, {region}});
        std::vector<std::string> found;
        for (const OrganisationRow& row : TRY(reader_.view<OrganisationRow>().list(query))) {
            const auto current = TRY(find_organisation(reader_, row.id, request_.today));
            if (current && current->department == "market_regulator" && current->kind == "authority" &&
                current->level == "county")
                found.push_back(row.id);
        }
        return regulators_[region] = found;
    }

    /// Two lines of the file about the same version: equal ones are one, unlike ones are a mistake.
    Result<void> find_repeats() {
        std::map<std::pair<std::string, Date>, std::size_t> seen;
        for (std::size_t at = 0; at < rows_.size(); ++at) {
            Row& row = rows_[at];
            if (!row.draft.problems.empty() || row.draft.key.empty()) continue;
            const auto [first, fresh] = seen.emplace(std::pair(row.draft.key, row.draft.from), at);
            if (fresh) continue;
            const Draft& before = rows_[first->second].draft;
            if (content_of(before) == content_of(row.draft)) {
                row.standing = Standing::duplicate;
                row.same_as = first->second;
            } else {
                row.draft.problem({}, ErrorCode::duplicate_key,
                                  fmt::format("'{}' stands already on line {} with other content",
                                              row.draft.key, before.line),
                                  "keep one of the lines, or give them different first days");
            }
        }
        return {};
    }

    /// What makes two records equal: the canonical bytes, the end, and the personal value itself.
    static Bytes content_of(const Draft& draft) {
        Bytes content =
            std::visit([](const auto& payload) { return facts::encode_row(payload); }, draft.payload);
        if (draft.ended) content += facts::encode_row(*draft.ended);
        return content + draft.personal.value;
    }

    /// Is the row what the registry holds already?
    Result<void> compare(Row& row) {
        const bool same = TRY(std::visit([&](const auto& payload) { return holds_equal(row.draft, payload); },
                                         row.draft.payload));
        if (same) row.standing = Standing::duplicate;
        return {};
    }

    template <class RowType, class Payload> Result<bool> has_version(const Payload& payload) {
        const auto held = TRY(reader_.view<RowType>().find(payload.id));
        if (!held) return false;
        for (auto version : held->versions) {
            version.batch = 0;
            if (version.from == payload.from) return facts::encode_row(version) == facts::encode_row(payload);
        }
        return false;
    }
    /// A personal value that the vault does not know is new, whatever the rest says.
    static bool is_known(const Draft& draft, const facts::SubjectRef& reference) {
        return draft.personal.value.empty() || !reference.subject.empty();
    }
    Result<bool> holds_equal(const Draft& draft, const facts::OrganisationRecorded& payload) {
        if (!TRY(has_version<OrganisationRow>(payload))) return false;
        const auto held = TRY(reader_.view<OrganisationRow>().find(payload.id));
        return !draft.ended ||
               (held && held->ended_on == draft.ended->to && held->successor == draft.ended->successor);
    }
    Result<bool> holds_equal(const Draft& draft, const facts::OperatorRecorded& payload) {
        return TRY(has_version<OperatorRow>(payload)) && is_known(draft, payload.representative);
    }
    Result<bool> holds_equal(const Draft& draft, const facts::PersonRecorded& payload) {
        return TRY(has_version<facts::PersonRow>(payload)) && is_known(draft, payload.name);
    }
    Result<bool> holds_equal(const Draft&, const facts::LicenceRecorded& payload) {
        return has_version<facts::LicenceRow>(payload);
    }
    Result<bool> holds_equal(const Draft&, const facts::ProductRecorded& payload) {
        return has_version<facts::ProductRow>(payload);
    }
    Result<bool> holds_equal(const Draft& draft, const facts::FigureReported& payload) {
        const auto held = TRY(reader_.view<facts::ReportedFigureRow>().find(draft.key));
        if (!held || held->statements.empty()) return false;
        auto last = held->statements.back();
        last.batch = 0;
        return facts::encode_row(last) == facts::encode_row(payload);
    }
    template <class Payload> Result<bool> holds_equal(const Draft&, const Payload&) { return false; }

    /// One unified code is one operator.
    Result<void> check_codes_of_operators() {
        std::unordered_map<std::string, std::string> owner;
        for (Row& row : rows_) {
            const auto* subject = std::get_if<facts::OperatorRecorded>(&row.draft.payload);
            if (!subject || subject->uscc.empty() || !row.draft.problems.empty()) continue;
            std::string other = owner.emplace(subject->uscc, subject->id).first->second;
            if (other == subject->id) {
                journal::Query query;
                query.where.push_back({"uscc", journal::Compare::equal, {subject->uscc}});
                for (const OperatorRow& held : TRY(reader_.view<OperatorRow>().list(query)))
                    if (held.id != subject->id) other = held.id;
            }
            if (other != subject->id)
                row.draft.problem("uscc", ErrorCode::duplicate_key,
                                  fmt::format("{} is the code of '{}'", subject->uscc, other),
                                  "use that operator's id, or correct the code");
        }
        return {};
    }

    /// A reference holds when the registry or an accepted row of the file has the record. A rejected row
    /// takes those that name it with it, and they theirs.
    Result<void> check_references() {
        std::unordered_map<std::string, std::vector<Row*>> naming;
        for (Row& row : rows_) {
            for (const Reference& reference : row.draft.references) naming[reference.id].push_back(&row);
            if (row.standing != Standing::fresh || !row.draft.problems.empty()) continue;
            const auto* subject = std::get_if<facts::OperatorRecorded>(&row.draft.payload);
            auto& here = in_file_[row.draft.key];
            ++here.rows;
            here.kind = subject ? subject->kind : std::string();
        }
        std::vector<std::string> gone;  // records the file has no accepted row of any more
        for (Row& row : rows_) CHECK(check_references_of(row, gone));
        while (!gone.empty()) {
            const std::string id = std::move(gone.back());
            gone.pop_back();
            for (Row* row : naming[id])
                if (row->draft.problems.empty()) CHECK(check_references_of(*row, gone));
        }
        return {};
    }

    Result<void> check_references_of(Row& row, std::vector<std::string>& gone) {
        if (row.standing == Standing::duplicate) return {};
        const bool counted = row.draft.problems.empty();
        for (const Reference& reference : row.draft.references) {
            const auto fault = TRY(fault_of(reference, row.draft));
            if (fault) row.draft.problem(reference.field, fault->code, fault->message, fault->next);
        }
        if (!counted || row.draft.problems.empty()) return {};
        auto& here = in_file_[row.draft.key];
        if (--here.rows == 0) gone.push_back(row.draft.key);
        return {};
    }

    /// A record that rows of this file would make: how many versions of it, and the operator's kind.
    struct InFile {
        int rows = 0;
        std::string kind;
    };
    [[nodiscard]] const InFile* find_in_file(const std::string& id) const {
        const auto here = in_file_.find(id);
        return here == in_file_.end() || here->second.rows == 0 ? nullptr : &here->second;
    }

    Result<std::optional<Error>> fault_of(const Reference& reference, const Draft& draft) {
        const bool to_organisation = reference.to != Reference::To::operator_id;
        const bool to_operator = reference.to != Reference::To::organisation;
        const InFile* here = find_in_file(reference.id);
        if (to_organisation) {
            if (request_.kind == ImportKind::organisations && here) return std::optional<Error>();
            const auto ended = TRY(organisation_end(reference.id));
            if (ended && (*ended == Date{} || draft.from <= *ended)) return std::optional<Error>();
            if (ended)
                return std::optional(Error{ErrorCode::organisation_unknown,
                                           fmt::format("'{}' ended on {}", reference.id, ended->text()),
                                           {},
                                           {},
                                           "name its successor"});
        }
        if (to_operator) {
            std::optional<std::string> kind;
            if (request_.kind == ImportKind::operators && here) kind = here->kind;
            else kind = TRY(operator_kind(reference.id));
            if (kind && (reference.kind.empty() || *kind == reference.kind)) return std::optional<Error>();
            if (kind)
                return std::optional(
                    Error{ErrorCode::field_invalid,
                          fmt::format("'{}' is a {}, not a {}", reference.id, *kind, reference.kind)});
        }
        return std::optional(
            Error{to_organisation ? ErrorCode::organisation_unknown : ErrorCode::operator_unknown,
                  fmt::format("'{}' is neither in the registry nor accepted from this file", reference.id),
                  {},
                  {},
                  "import it first"});
    }

    /// Nothing: unknown; the epoch: it goes on.
    Result<std::optional<Date>> organisation_end(const std::string& id) {
        if (const auto known = organisations_.find(id); known != organisations_.end()) return known->second;
        const auto row = TRY(reader_.view<OrganisationRow>().find(id));
        return organisations_[id] = row ? std::optional(row->ended_on) : std::nullopt;
    }
    Result<std::optional<std::string>> operator_kind(const std::string& id) {
        if (const auto known = operators_.find(id); known != operators_.end()) return known->second;
        const auto row = TRY(reader_.view<OperatorRow>().find(id));
        return operators_[id] = row ? std::optional(row->kind) : std::nullopt;
    }

    /// No organisation may come to stand above itself, and the ladder has an end.
    Result<void> check_circles() {
        std::map<std::string, std::pair<Date, std::string>> parents;  // latest version of the file
        for (const Row& row : rows_) {
            const auto* fact = std::get_if<facts::OrganisationRecorded>(&row.draft.payload);
            if (!fact || !row.draft.problems.empty()) continue;
            auto& latest = parents[fact->id];
            if (latest.second.empty() || latest.first <= fact->from) latest = {fact->from, fact->parent};
        }
        for (Row& row : rows_) {
            const auto* fact = std::get_if<facts::OrganisationRecorded>(&row.draft.payload);
            if (!fact || !row.draft.problems.empty() || row.standing == Standing::duplicate) continue;
            std::string at = fact->parent;
            int depth = 1;
            for (; !at.empty() && at != fact->id && depth < tree_depth_max; ++depth) {
                if (const auto here = parents.find(at); here != parents.end()) {
                    at = here->second.second;
                } else {
                    const auto held = TRY(reader_.view<OrganisationRow>().find(at));
                    at = held ? held->parent : std::string();
                }
            }
            if (!at.empty())
                row.draft.problem("parent", ErrorCode::field_invalid,
                                  at == fact->id ? "the organisations stand above each other in a circle"
                                                 : fmt::format("more than {} levels", tree_depth_max));
        }
        return {};
    }

    ImportPlan result() {
        ImportPlan plan;
        plan.report.kind = request_.kind;
        std::set<std::uint64_t> rejected;
        for (Row& row : rows_) {
            // A line that repeats a rejected one is rejected with it.
            const Draft* repeated = row.same_as ? &rows_[*row.same_as].draft : nullptr;
            if (repeated && rejected.contains(repeated->line))
                row.draft.problem({}, ErrorCode::duplicate_key,
                                  fmt::format("it repeats line {}, which was rejected", repeated->line));
            if (!row.draft.problems.empty()) {
                ++plan.report.rejected;
                rejected.insert(row.draft.line);
                for (RowProblem& problem : row.draft.problems) {
                    if (plan.report.rows.size() < import_problems_max)
                        plan.report.rows.push_back(std::move(problem));
                    else ++plan.report.omitted;
                }
            } else if (row.standing == Standing::duplicate) {
                ++plan.report.duplicate;
            } else {
                ++plan.report.accepted;
                plan.records.push_back({row.draft.line, std::move(row.draft.payload),
                                        std::move(row.draft.ended), std::move(row.draft.personal)});
            }
        }
        return plan;
    }

    const ImportRequest& request_;
    const Reader& reader_;
    const facts::PersonalValues& personal_;
    ImportContext context_;
    std::vector<Row> rows_;
    std::unordered_map<std::string, InFile> in_file_;
    std::map<std::string, std::vector<std::string>> regulators_;
    std::unordered_map<std::string, std::optional<Date>> organisations_;
    std::unordered_map<std::string, std::optional<std::string>> operators_;
};

/// The vault first: a value in the vault that no fact names is harmless, a fact without its value is not.
Result<void> store_personal(std::vector<PlannedRecord>& records, facts::PersonalValues& personal) {
    std::vector<facts::PersonalValue> values;
    for (const PlannedRecord& record : records) values.push_back(record.personal);
    const auto references = TRY(personal.put(values));
    for (std::size_t at = 0; at < records.size(); ++at) {
        if (auto* person = std::get_if<facts::PersonRecorded>(&records[at].payload))
            person->name = references[at];
        if (auto* subject = std::get_if<facts::OperatorRecorded>(&records[at].payload))
            subject->representative = references[at];
    }
    return {};
}

/// The canonical form of an accepted row: the CBOR of its record without the batch, then that of its end.
Bytes canonical(const PlannedRecord& record) {
    Bytes bytes = std::visit([](const auto& payload) { return facts::encode_row(payload); }, record.payload);
    if (record.ended) bytes += facts::encode_row(*record.ended);
    return bytes;
}

template <class Payload> constexpr bool has_batch = requires(Payload payload) { payload.batch; };

Date first_day(const facts::Payload& payload, Date today) {
    return std::visit(
        [&](const auto& record) {
            if constexpr (requires { record.from; }) return std::min(record.from, today);
            else return today;
        },
        payload);
}

bool holds_personal_values(ImportKind kind) {
    return kind == ImportKind::people || kind == ImportKind::operators;
}

Result<void> record_plan(ImportPlan& plan, const ImportDesk& desk, const ImportRequest& request,
                         journal::Writer& writer) {
    CHECK(store_personal(plan.records, desk.personal));
    const std::string_view raw = request.raw.empty() ? request.text : request.raw;
    const bool sealed = holds_personal_values(request.kind) && desk.seal;
    const auto kept = TRY(sealed ? desk.evidence.put_sealed(raw, desk.seal) : desk.evidence.put(raw));
    MerkleEdge rows;
    for (const PlannedRecord& record : plan.records) rows.add(merkle_leaf(canonical(record)));
    const Digest root = rows.root();
    const facts::BatchReceived batch{.format = fmt::format("{}_csv", name_of(request.kind)),
                                     .digest = Bytes(bytes_of(kept.digest)),
                                     .bytes = static_cast<std::int64_t>(kept.bytes),
                                     .rows = static_cast<std::int64_t>(plan.records.size()),
                                     .rejected = static_cast<std::int64_t>(plan.report.rejected),
                                     .rows_root = Bytes(bytes_of(root)),
                                     .source = request.source};
    const auto recorded = TRY(writer.append({request.today, request.organisation, request.actor, 0, batch}));
    plan.report.batch = recorded.seq;
    plan.report.evidence = hex(kept.digest);
    plan.report.facts = 1;
    for (std::size_t at = 0; at < plan.records.size(); ++at) {
        PlannedRecord& record = plan.records[at];
        tell(request, "recording", at + 1, plan.records.size());
        std::visit(
            [&]<class Payload>(Payload& payload) {
                if constexpr (has_batch<Payload>) payload.batch = static_cast<std::int64_t>(recorded.seq);
            },
            record.payload);
        const Date day = first_day(record.payload, request.today);
        CHECK(writer.append({day, request.organisation, request.actor, 0, std::move(record.payload)}));
        ++plan.report.facts;
        if (!record.ended) continue;
        CHECK(writer.append({std::min(record.ended->to, request.today), request.organisation, request.actor,
                             0, *record.ended}));
        ++plan.report.facts;
    }
    return {};
}

}  // namespace

Result<ImportPlan> plan_import(const ImportRequest& request, const Reader& reader, const law::Law& law,
                               const facts::PersonalValues& personal, const law::Statistics* statistics) {
    return Planner(request, reader, law, personal, statistics).plan();
}

Result<ImportReport> import_table(const ImportDesk& desk, const ImportRequest& request) {
    ImportReport report;
    const auto look = [&](const Reader& reader) -> Result<void> {
        report = TRY(plan_import(request, reader, desk.law, desk.personal, desk.statistics)).report;
        return {};
    };
    const auto change = [&](journal::Writer& writer) -> Result<void> {
        ImportPlan plan = TRY(plan_import(request, writer, desk.law, desk.personal, desk.statistics));
        if (!plan.records.empty()) CHECK(record_plan(plan, desk, request, writer));
        report = std::move(plan.report);
        return {};
    };
    CHECK(request.dry_run ? desk.journal.read(look) : desk.journal.write(change));
    return report;
}

}  // namespace qingyuan::registry
