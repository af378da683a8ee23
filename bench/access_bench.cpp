// What one decision costs: by the tree, by one of a thousand grants, refused; and the predicate of a list.
#include <cstdlib>
#include <string>
#include <vector>

#include "access/access.hpp"
#include "base/random.hpp"
#include "measure.hpp"

namespace {

using namespace qingyuan;
using namespace qingyuan::access;

Subject officer(int grants) {
    Subject subject;
    subject.person = "hyz_officer_7";
    subject.organisation = "hengyang_own";
    subject.path = "nmpa/hunan/hengyang/";
    subject.department = "market_regulator";
    subject.house = {{"hengyang", subject.path}, {"hengyang_own", subject.path + "hengyang_own/"}};
    subject.roles = {"officer", "inspector", "unit_head", "dispatcher"};
    subject.today = make_date(2025, 7, 1);
    for (int i = 0; i < grants; ++i) {
        facts::GrantRow grant;
        grant.id = "g-" + std::to_string(i);
        grant.object = 2 * (i + 1);
        grant.organisation = "hengyang";
        grant.state = "given";
        grant.actions = {"read", "step"};
        grant.from = subject.today - 10;
        grant.until = subject.today + 10;
        subject.grants.push_back(std::move(grant));
    }
    return subject;
}

std::vector<Object> dossiers(const std::string& organisation, const std::string& department) {
    Random random(1);
    std::vector<Object> out(1'000);
    for (Object& object : out) {
        object.seq = 2 * static_cast<std::int64_t>(1 + random.below(1'000));
        object.organisation = organisation;
        object.path = "nmpa/hunan/hengyang/" + organisation + "/";
        object.department = department;
        object.assigned = {"hyz_officer_1", "hyz_officer_2", "hyz_officer_3"};
        object.recused = {"hyz_officer_9"};
    }
    return out;
}

}  // namespace

int main() {
    const auto measure = [](const char* name, const Subject& subject, const std::vector<Object>& objects,
                            bool allowed) {
        constexpr int rounds = 500;
        const double seconds = bench::best_of(5, [&] {
            std::size_t agreed = 0;
            for (int round = 0; round < rounds; ++round)
                for (const Object& object : objects)
                    agreed += decide(subject, Action::read, object).allowed == allowed;
            if (agreed != rounds * objects.size()) std::abort();
        });
        bench::print(name, seconds * 1e9 / (rounds * static_cast<double>(objects.size())), "ns",
                     "one decision, one thread");
    };
    const auto own = dossiers("hengyang_own", "market_regulator");
    const auto foreign = dossiers("hengyang_police", "public_security");
    measure("decide_by_tree", officer(1'000), own, true);
    measure("decide_by_grant", officer(1'000), foreign, true);
    measure("decide_refused", officer(0), foreign, false);
    const Subject subject = officer(1'000);
    constexpr int scopes = 1'000;
    const double seconds = bench::best_of(5, [&] {
        for (int i = 0; i < scopes; ++i)
            if (branches(scope_of(subject, Action::list, Kind::dossier)).size() != 3) std::abort();
    });
    bench::print("scope_of_a_thousand_grants", seconds * 1e6 / scopes, "us", "with its branches");
}
