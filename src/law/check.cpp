#include "law/check.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "law/checklist.hpp"
#include "law/rules.hpp"
#include "law/words.hpp"

namespace qingyuan::law {

namespace {

/// Everything the procedures name.
struct Uses {
    std::set<std::string_view> limits, vocabularies, documents, parameters;
    std::map<WordId, int> words;
};

void note_form(const std::vector<Field>& form, Uses& uses) {
    for (const Field& field : form)
        if (!field.vocabulary.empty()) uses.vocabularies.insert(field.vocabulary);
}

void note_guard(const Guard& guard, Uses& uses) {
    ++uses.words[guard.word];
    const std::string_view letters = info(guard.word).arguments;
    for (std::size_t i = 0; i < guard.arguments.size(); ++i) {
        std::size_t at = std::min(i, letters.size() - 1);
        if (letters[at] == '+') --at;
        if (letters[at] == 'l') uses.limits.insert(guard.arguments[i]);
        if (letters[at] == 'v') uses.vocabularies.insert(guard.arguments[i]);
        if (letters[at] == 'd') uses.documents.insert(guard.arguments[i]);
        if (letters[at] == 'm') uses.parameters.insert(guard.arguments[i]);
    }
}

Uses uses_of(const Law& law) {
    Uses uses;
    for (const Procedure& procedure : law.procedures()) {
        note_form(procedure.form, uses);
        for (const ClockEffect& effect : procedure.clocks) uses.limits.insert(effect.limit);
        for (const Step& step : procedure.steps) {
            note_form(step.form, uses);
            for (const ClockEffect& effect : step.clocks) uses.limits.insert(effect.limit);
            for (const std::string& document : step.documents) uses.documents.insert(document);
            for (const Guard& guard : step.guards) note_guard(guard, uses);
        }
    }
    return uses;
}

class Summing {
 public:
    explicit Summing(const Law& law) : law_(law), uses_(uses_of(law)) {}

    LawSummary run() {
        out_.files = law_.files();
        out_.digest = hex(law_.digest());
        out_.calendar_version = law_.calendar().version();
        counted("sources", "source", law_.sources(), [](const Source& s) { return s.id; });
        counted("limits", "limit", law_.limits(), [](const Limit& l) { return l.id; });
        counted("vocabularies", "vocabulary", law_.vocabularies(), [](const Vocabulary& v) { return v.id; });
        counted("documents", "document", law_.documents(), [](const Document& d) { return d.id; });
        counted("parameters", "parameter", law_.parameters(), [](const Parameter& p) { return p.id; });
        counted("code_systems", "code system", law_.code_systems(), [](const CodeSystem& s) { return s.id; });
        counted("penalty_rules", "penalty rule", law_.penalty_rules(),
                [](const PenaltyRule& r) { return r.id; });
        counted("violations", "violation", law_.violations(), [](const Violation& v) { return v.code; });
        counted("checklists", "checklist", law_.checklists(), [](const Checklist& c) { return c.id; });
        counted("rules", "rule", law_.rules(), [](const Rule& r) { return r.id; });
        out_.counts.push_back({"terms", law_.terms().size(), 0});
        out_.counts.push_back({"roles", law_.roles().size(), 0});
        out_.counts.push_back({"regions", law_.regions().size(), 0});
        out_.counts.push_back({"towns", law_.towns().size(), 0});
        procedures();
        unused("limit", law_.limits(), uses_.limits,
               [](const Limit& l) -> const std::string& { return l.id; });
        unused("vocabulary", law_.vocabularies(), uses_.vocabularies,
               [](const Vocabulary& v) -> const std::string& { return v.id; });
        unused("document", law_.documents(), uses_.documents,
               [](const Document& d) -> const std::string& { return d.id; });
        unused("parameter", law_.parameters(), uses_.parameters,
               [](const Parameter& p) -> const std::string& { return p.id; });
        for (std::size_t i = 0; i < words().size(); ++i) {
            const auto used = uses_.words.find(static_cast<WordId>(i));
            if (used == uses_.words.end())
                out_.words_unused.push_back(words()[i].name);
            else if (used->second == 1)
                out_.words_used_once.push_back(words()[i].name);
        }
        return std::move(out_);
    }

 private:
    template <class T, class IdOf>
    void counted(std::string_view name, std::string_view kind, std::span<const T> entries, IdOf id_of) {
        Count count{name, entries.size(), 0};
        for (const T& entry : entries) {
            if (entry.status == Status::verified) continue;
            ++count.unverified;
            out_.unverified.push_back({kind, id_of(entry), note_of(entry)});
        }
        out_.counts.push_back(count);
    }

    static const std::string& english(const std::string& text) { return text; }
    static const std::string& english(const Wording& text) { return text.en; }

    template <class T>
    static std::string note_of(const T& entry) {
        if constexpr (requires {
                          entry.in_force.from;
                          entry.note;
                      }) {
            const bool ended = entry.in_force.to != Date::never_after();
            return ended ? fmt::format("to {}: {}", entry.in_force.to.text(), english(entry.note))
                         : english(entry.note);
        } else if constexpr (requires { entry.note; }) {
            return entry.note;
        } else {
            return entry.source;
        }
    }

    void procedures() {
        Count count{"procedures", law_.procedures().size(), 0};
        Count steps{"steps", 0, 0};
        for (const Procedure& procedure : law_.procedures()) {
            if (!procedure.verified) {
                ++count.unverified;
                out_.unverified.push_back({"procedure", procedure.id, procedure.note});
            }
            for (const Step& step : procedure.steps) {
                ++steps.all;
                if (!step.open_point.empty())
                    out_.open_points.push_back({procedure.id, step.id, step.open_point, step.where});
                if (step.guards.empty())
                    out_.free_steps.push_back(
                        fmt::format("{}.{}: {}", procedure.id, step.id, step.guard_none_reason));
            }
        }
        out_.counts.push_back(count);
        out_.counts.push_back(steps);
    }

    template <class T, class IdOf>
    void unused(std::string_view kind, std::span<const T> entries, const std::set<std::string_view>& used,
                IdOf id_of) {
        std::set<std::string_view> told;  // dated texts of one id are told once
        for (const T& entry : entries)
            if (!used.contains(id_of(entry)) && told.insert(id_of(entry)).second)
                out_.unused.push_back({kind, id_of(entry), {}});
    }

    const Law& law_;
    Uses uses_;
    LawSummary out_;
};

}  // namespace

LawSummary summarise(const Law& law) {
    return Summing(law).run();
}

}  // namespace qingyuan::law
