// Which words a report table may hold, from the vocabularies of the law.
#include "law/law.hpp"
#include "observe/report_csv.hpp"

namespace qingyuan::observe {

namespace {

void add_vocabulary(const law::Law& law, std::string_view id, ReportWords::Words& words) {
    const law::Vocabulary* vocabulary = law.find_vocabulary(id);
    if (vocabulary == nullptr) return;
    for (const law::Word& word : vocabulary->words) {
        words.emplace(word.code, word.code);
        words.emplace(word.zh, word.code);
        words.emplace(word.en, word.code);
    }
}

}  // namespace

ReportWords report_words(const law::Law& law) {
    ReportWords words;
    words.kind = {{"drug", "drug"},       {"药品", "drug"},       {"device", "device"},
                  {"医疗器械", "device"}, {"器械", "device"},     {"cosmetic", "cosmetic"},
                  {"化妆品", "cosmetic"}, {"vaccine", "vaccine"}, {"疫苗", "vaccine"}};
    words.sex = {{"male", "male"},     {"男", "male"},   {"男性", "male"},   {"M", "male"},
                 {"female", "female"}, {"女", "female"}, {"女性", "female"}, {"F", "female"}};
    add_vocabulary(law, "report_seriousness", words.seriousness);
    // The report form speaks of new and serious apart from each other (adr_severity); the limit does not.
    for (const auto& [spelling, code] : {std::pair{"严重", "serious"},
                                         {"新的严重", "serious"},
                                         {"new_serious", "serious"},
                                         {"新的一般", "general"},
                                         {"new", "general"}})
        words.seriousness.emplace(spelling, code);
    add_vocabulary(law, "adr_outcome", words.outcome);
    add_vocabulary(law, "adr_causality", words.causality);
    words.causality.emplace("待评估", "pending");
    return words;
}

}  // namespace qingyuan::observe
