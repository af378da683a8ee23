// What the app must know before it asks anything else.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/present.hpp"

namespace qingyuan::api {

Answer meta(const Call& call) {
    const auto checkpoint = TRY(call.services.journal.checkpoint());
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        const Date today = call.now.date();
        const auto actor = TRY(call.actor(reader));
        const std::string home = home_of(call);
        // Half-years back to the journal's first fact.
        Json periods = Json::array();
        const Date first = call.services.index.recorded_on(0);
        for (int year = today.year(); year >= first.year(); --year)
            for (const int half : {2, 1})
                if (make_date(year, half == 1 ? 1 : 7, 1) <= today)
                    periods.push_back(std::to_string(year) + "-H" + std::to_string(half));
        Json campaigns = Json::array();
        if (const law::Vocabulary* vocabulary = call.services.law.find_vocabulary("campaigns"))
            for (const law::Word& word : vocabulary->words)
                campaigns.push_back(present.named(word.code, word.zh, word.en));
        Json procedures = Json::array();
        for (const law::Procedure& procedure : call.services.law.procedures()) {
            const auto in_force = call.services.law.procedure(procedure.id, today);
            if (!in_force || *in_force != &procedure) continue;
            Json item = present.procedure(procedure);
            item["unit"] = present.word("counting_units", procedure.unit);
            bool may_open = false;
            for (const std::string& role : procedure.open_by)
                may_open |= std::find(actor.roles.begin(), actor.roles.end(), role) != actor.roles.end();
            item["may_open"] = may_open;
            procedures.push_back(std::move(item));
        }
        body = {{"product", {{"zh", "清源"}, {"en", "Qingyuan"}}},
                {"version", "0.1.0"},
                {"sample_data", call.services.sample_data},
                {"now", call.now.text()},
                {"today", today.text()},
                {"law_digest", hex(call.services.law.digest())},
                {"journal_size", checkpoint.size},
                {"journal_root", hex(checkpoint.root)},
                {"default_organisation", home},
                {"default_report", call.services.default_report},
                {"default_period", call.services.default_period},
                {"languages", {"zh", "en"}},
                {"person", present.actor(actor)},
                {"periods", std::move(periods)},
                {"campaigns", std::move(campaigns)},
                {"procedures", std::move(procedures)}};
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
