// Who is told what, and when: an inbox for everybody, and from there mail and the bureau's own messenger. A
// notice names a matter, its procedure and a day, never a person or what the matter is about; whoever may not
// see the matter is not told of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/vault.hpp"
#include "api/rows.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "journal/journal.hpp"
#include "journal/work.hpp"
#include "law/law.hpp"

namespace qingyuan::api {

/// A row of law/escalation.csv: so many working days from the end of a clock (negative before it), these are
/// told.
struct EscalationRule {
    std::string limit;  ///< id of the limit, or "*"
    int offset = 0;
    std::string tell;  ///< officers, or a role
    law::InForce in_force;
};
/// Reads law/escalation.csv; without the file nobody is told of anything. csv_malformed, column_missing,
/// law_value_invalid with file:line.
[[nodiscard]] Result<std::vector<EscalationRule>> load_escalation(const law::Law& law);

/// The rule that speaks at this distance from the end, for one group of people: the latest whose offset is
/// reached, or null. A rule of the limit itself goes before one of "*".
[[nodiscard]] const EscalationRule* rule_at(const std::vector<EscalationRule>& rules, std::string_view limit,
                                            std::string_view tell, int distance, Date today);

/// The ways out of the house; each may be missing.
struct Channels {
    const http::Mailer* mailer = nullptr;
    const http::Client* client = nullptr;
    std::string webhook;     ///< URL of the bureau's own messenger
    std::string public_url;  ///< of this server, for the link
};

/// What a notice stands on; all outlive it.
struct NoticeParts {
    const law::Law& law;
    journal::Journal& journal;
    const journal::Work& work;
    accounts::Vault& vault;
    const Clock& clock;
};

/// Thread-safe.
class Notices {
 public:
    /// Errors of load_escalation.
    static Result<std::unique_ptr<Notices>> open(NoticeParts parts, Channels channels = {});

    /// Looks at every clock of every open matter and tells whom the rules name, each once; those who work on
    /// a lead are told what the system took back from it. The number told.
    Result<std::int64_t> pass(Instant now);
    /// Sends what waits to be sent; what fails waits twice as long each time and is given up after eight
    /// tries. The number sent.
    Result<std::int64_t> deliver(Instant now);
    /// A person reminds the officers of a matter of its next clock. The number told.
    Result<std::int64_t> remind(const journal::Reader& reader, const facts::DossierRow& dossier, Instant now);
    /// Notices made elsewhere, each told once by its id. The number that is new.
    Result<std::int64_t> tell(std::vector<NoticeRow> notices, Instant now);
    /// Read notices older than a year are forgotten.
    Result<void> sweep(Instant now);

    [[nodiscard]] bool can_mail() const { return channels_.mailer != nullptr; }
    /// By open, which alone reads the rules.
    Notices(NoticeParts parts, Channels channels, std::vector<EscalationRule> rules)
        : parts_(parts), channels_(std::move(channels)), rules_(std::move(rules)) {}

    [[nodiscard]] bool can_post() const { return channels_.client != nullptr && !channels_.webhook.empty(); }

 private:
    struct Told {
        NoticeRow row;
        int distance = 0;
    };
    class Crowd;
    Result<std::vector<NoticeRow>> taken_back(const journal::Reader& reader, Instant now);
    Result<void> look(const journal::Reader& reader, Instant now, std::vector<Told>& out) const;
    Result<void> look_at(const facts::DossierRow& dossier, Crowd& crowd, Instant now,
                         std::vector<Told>& out) const;
    Result<std::int64_t> put(std::vector<Told> told, Instant now);
    Result<void> send_out(journal::Projections& rows, const std::set<std::string>& people, Instant now) const;
    Result<void> send(const DeliveryRow& delivery, const std::vector<NoticeRow>& notices) const;
    [[nodiscard]] Result<std::string> address_of(const std::string& person) const;

    NoticeParts parts_;
    Channels channels_;
    std::vector<EscalationRule> rules_;
    std::atomic<std::uint64_t> seen_ = 0;  ///< facts that the last pass knew
};

}  // namespace qingyuan::api
