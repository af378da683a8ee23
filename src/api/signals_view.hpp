// What the routes about safety reports share: the desks, who reported by the registry, what of it the reader
// may see, and cases and measures as JSON.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"
#include "api/signal_desk.hpp"

namespace qingyuan::api {

/// Where a reporting organisation stands.
struct ReporterPlace {
    std::string name, path;
};

/// Who reported, by the registry, and whether the reader may see it.
class Places {
 public:
    Places(const Call& call, const journal::Reader& reader, access::Scope scope)
        : call_(&call), reader_(&reader), scope_(std::move(scope)) {}
    [[nodiscard]] Result<const ReporterPlace*> reporter(const std::string& organisation);
    /// Is the reporter one of the reader's tree, or the reader's own?
    [[nodiscard]] Result<bool> sees(const std::string& organisation);
    /// Notes the look where the policy says so.
    Result<void> note(std::string_view what, std::int64_t count = 1) const;

 private:
    const Call* call_;
    const journal::Reader* reader_;
    access::Scope scope_;
    std::map<std::string, ReporterPlace> known_;
};

class SignalView {
 public:
    /// store_unavailable where the server has no reports.
    static Result<SignalView> open(const Call& call, const journal::Reader& reader);

    [[nodiscard]] SignalDesk& desk() const { return *desk_; }
    [[nodiscard]] const Call& call() const { return *call_; }
    [[nodiscard]] const journal::Reader& reader() const { return *reader_; }
    Result<void> note(std::string_view what, std::int64_t count = 1) const {
        return places_.note(what, count);
    }
    [[nodiscard]] Result<const ReporterPlace*> reporter(const std::string& organisation) {
        return places_.reporter(organisation);
    }
    [[nodiscard]] Result<bool> sees(const std::string& organisation) { return places_.sees(organisation); }
    /// {number, …} of a case, or null where it is not the reader's.
    [[nodiscard]] Result<Json> case_json(const SignalState& state, std::uint32_t place);
    /// Of a signal: {dossier, dossier_state}; nulls where there is none.
    Result<void> add_dossier(Json& json, const std::string& id) const;
    [[nodiscard]] Result<Json> as_of(const SignalState& state, const assess::SignalTable* table) const;
    /// A reaction by its name: a family's from the vocabulary, else the term.
    [[nodiscard]] std::string reaction_name(std::string_view reaction, assess::ReactionLevel level) const;

 private:
    SignalView(const Call& call, const journal::Reader& reader, SignalDesk& desk, Places places)
        : call_(&call), reader_(&reader), desk_(&desk), places_(std::move(places)) {}

    const Call* call_;
    const journal::Reader* reader_;
    SignalDesk* desk_;
    Places places_;
};

/// Runs the operation on one state of the journal.
[[nodiscard]] Answer with_signals(const Call& call, const std::function<Answer(SignalView&)>& use);

/// Level of the query: kind, level, reactions. usage.
[[nodiscard]] Result<assess::SignalLevel> level_of(const Call& call);
/// null for what is not estimable or infinite.
[[nodiscard]] Json number_json(double value);
/// "n at_least 3 ∧ eb05 at_least 2"
[[nodiscard]] std::string condition_text(const law::SignalCondition& condition);
void add_measures(Json& json, const assess::Measures& measures);

Answer signals(const Call& call);
Answer signal_criteria(const Call& call);
Answer signal_pair(const Call& call);
Answer batch_clusters(const Call& call);
Answer batch_cluster(const Call& call);
Answer signal_judgements(const Call& call);
Answer judge_signals(const Call& call);
Answer suspected_duplicates(const Call& call);
Answer decide_duplicate(const Call& call);

}  // namespace qingyuan::api
