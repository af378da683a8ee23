// The procedure engine on an inspection with 100 steps of history: offers, the guards of one step, a step
// with its append and fold, and starting the dossier again from its facts. One line a figure, the best of
// five.
#include <cstdlib>

#include "act/engine.hpp"
#include "base/clock.hpp"
#include "journal/journal.hpp"
#include "measure.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"

using namespace qingyuan;

namespace {

using bench::must;

std::vector<facts::Fact> cast() {
    const Date from = make_date(2023, 1, 1);
    facts::OrganisationRecorded city;
    city.id = city.name = "city";
    city.department = "market_regulator";
    city.from = from;
    std::vector<facts::Fact> out{{from, {}, "system", 0, city}};
    for (const auto& [id, role] : {std::pair{"li", "officer"}, {"wang", "officer"}, {"qin", "unit_head"}}) {
        facts::PersonRecorded person;
        person.id = id;
        person.organisation = "city";
        person.roles = {role};
        person.certificate = "C1";
        person.certificate_to = make_date(2030, 1, 1);
        person.from = from;
        out.push_back({from, {}, "system", 0, person});
    }
    return out;
}

class Visit {
 public:
    explicit Visit(const law::Law& law)
        : law_(law),
          engine_(law),
          store_(must(sql::open_store("sqlite::memory:"))),
          clock_(Instant{start_of(make_date(2025, 3, 3)).us + 9 * std::int64_t{3'600'000'000}}) {
        journal::Options options;
        options.origin = "bench.example";
        options.folds = {registry::fold(), act::fold(law)};
        journal_ = must(journal::Journal::open(*store_, clock_, std::move(options)));
        must(journal_->append(cast()));
        act::Engine::Opening opening{.procedure = "inspection", .id = "visit", .category = "drug"};
        opening.form = {{"reason", std::string("random")},
                        {"mode", std::string("on_site")},
                        {"activity", std::string("distribution")}};
        must(journal_->write([&](journal::Writer& writer) -> Result<void> {
            TRY(writer.append(
                TRY(engine_.open(writer, TRY(act::actor_of(writer, "li", clock_.now())), opening))));
            return {};
        }));
        take("qin", "approve", {});
        act::Request go;
        go.officers = {"wang"};
        std::vector<std::string> formalities;
        for (const law::Word& word : law.find_vocabulary("inspection_formalities")->words)
            formalities.push_back(word.code);
        go.form = {{"formalities", formalities}};
        take("li", "go", go);
    }

    static act::Request finding() {
        act::Request request;
        request.form = {{"clause", std::string("GSP 126")},
                        {"severity", std::string("minor")},
                        {"description", std::string("过期药品一盒")}};
        return request;
    }
    void take(const std::string& person, const std::string& step, const act::Request& request) {
        must(journal_->write([&](journal::Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, person, clock_.now()));
            TRY(writer.append(
                TRY(engine_.take(writer, TRY(act::dossier(writer, "visit")), actor, step, request))));
            return {};
        }));
    }
    void read(const auto& look) {
        must(journal_->read([&](const journal::Reader& reader) -> Result<void> {
            look(reader, must(act::dossier(reader, "visit")),
                 must(act::actor_of(reader, "li", clock_.now())));
            return {};
        }));
    }
    const act::Engine& engine() const { return engine_; }
    const law::Law& law() const { return law_; }

 private:
    const law::Law& law_;
    act::Engine engine_;
    std::unique_ptr<journal::Store> store_;
    VirtualClock clock_;
    std::unique_ptr<journal::Journal> journal_;
};

/// Microseconds a call of `work`, called `times` times in a row.
double us_each(int times, const auto& work) {
    return bench::best_of(5,
                          [&] {
                              for (int i = 0; i < times; ++i) work();
                          }) /
           times * 1e6;
}

}  // namespace

int main(int argc, char** argv) {
    const char* directory = argc > 1 ? argv[1] : std::getenv("QINGYUAN_LAW");
    const law::Law law = must(law::Law::load(directory == nullptr ? "law" : directory));
    Visit visit(law);
    while (true) {
        std::size_t steps = 0;
        visit.read([&](const journal::Reader&, const facts::DossierRow& row, const act::Actor&) {
            steps = row.steps.size();
        });
        if (steps >= 100) break;
        visit.take("li", "record_finding", Visit::finding());
    }
    visit.read([&](const journal::Reader& reader, const facts::DossierRow& row, const act::Actor& actor) {
        const act::Request request = Visit::finding();
        bench::print("offers", us_each(200, [&] { (void)must(visit.engine().offers(reader, row, actor)); }),
                     "us", "100 steps, the present state");
        bench::print("offers_all",
                     us_each(200, [&] { (void)must(visit.engine().offers(reader, row, actor, true)); }), "us",
                     "100 steps, every step");
        bench::print(
            "guard",
            us_each(200,
                    [&] { (void)must(visit.engine().take(reader, row, actor, "record_finding", request)); }),
            "us", "taking a step without the store");
        bench::print("dossier", us_each(200, [&] { (void)must(act::dossier(reader, "visit")); }), "us",
                     "reading the row of 100 steps");
        bench::print("refold",
                     us_each(20,
                             [&] {
                                 std::vector<facts::Recorded> recorded;
                                 for (const std::uint64_t seq :
                                      must(reader.facts_of(static_cast<std::uint64_t>(row.seq))))
                                     recorded.push_back(must(reader.fact(seq)));
                                 (void)must(act::refold(visit.law(), recorded));
                             }),
                     "us", "100 facts read and folded, as after a void");
    });
    bench::print("step", us_each(50, [&] { visit.take("li", "record_finding", Visit::finding()); }), "us",
                 "guards, append and fold, in memory");
}
