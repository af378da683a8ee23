// Working rows of the API: what lasts longer than a request and is no fact.
#pragma once

#include <string>
#include <vector>

#include "facts/rows.hpp"

namespace qingyuan::api {

/// A job and what came of it.
struct JobRow {
    static constexpr facts::RowType row_type{
        "jobs", "id", {"person", "state", "created", "expires"}, {"created", "expires"}};
    std::string id;
    std::string person;
    std::string account;
    std::string kind;       ///< bulk export pack_import epcis_rollback epcis_proceed
    std::string state;      ///< queued running done failed interrupted
    std::int64_t done = 0;  ///< rows
    std::int64_t total = 0;
    std::int64_t succeeded = 0;
    std::int64_t refused = 0;
    std::int64_t created = 0;  ///< microseconds, as the next two
    std::int64_t finished = 0;
    std::int64_t expires = 0;
    std::string problem;  ///< problem+json of a failed one
    std::string name;     ///< file name of the result
    std::string type;     ///< its media type
    std::int64_t bytes = 0;
    std::string digest;  ///< SM3 of the result
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("person", s.person);
        v("account", s.account);
        v("kind", s.kind);
        v("state", s.state);
        v("done", s.done);
        v("total", s.total);
        v("succeeded", s.succeeded);
        v("refused", s.refused);
        v("created", s.created);
        v("finished", s.finished);
        v("expires", s.expires);
        v("problem", s.problem);
        v("name", s.name);
        v("type", s.type);
        v("bytes", s.bytes);
        v("digest", s.digest);
    }
};

/// A file on its way: its chunks lie in the data directory under `id`.
struct UploadRow {
    static constexpr facts::RowType row_type{"uploads", "id", {"person", "expires", "evidence"}, {"expires"}};
    std::string id;
    std::string person;
    std::string name;
    std::int64_t bytes = 0;
    std::string sha256;                 ///< of the whole, hexadecimal
    std::vector<std::string> received;  ///< numbers of the chunks that are here, in order of arrival
    std::int64_t expires = 0;           ///< microseconds
    std::string evidence;               ///< digest once it is kept, else empty
    std::string type;                   ///< media type by its first bytes
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("person", s.person);
        v("name", s.name);
        v("bytes", s.bytes);
        v("sha256", s.sha256);
        v("received", s.received);
        v("expires", s.expires);
        v("evidence", s.evidence);
        v("type", s.type);
    }
};

/// A filter kept under a name.
struct ViewRow {
    static constexpr facts::RowType row_type{"views", "id", {"person", "organisation", "page"}};
    std::string id;
    std::string person;
    std::string organisation;  ///< whose people see it; empty: only its owner
    std::string page;
    std::string name;
    std::string query;
    std::int64_t created = 0;  ///< microseconds
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("person", s.person);
        v("organisation", s.organisation);
        v("page", s.page);
        v("name", s.name);
        v("query", s.query);
        v("created", s.created);
    }
};

/// A notice in somebody's inbox. It names a matter and a date, never a person.
struct NoticeRow {
    static constexpr facts::RowType row_type{"notices", "id", {"person", "unread", "at"}, {"unread", "at"}};
    std::string id;      ///< made of what it is about, so that the same thing is told once
    std::string person;  ///< who is told
    std::string kind;    ///< before_due due after_due reminded job_finished recall findings_withdrawn
    std::string dossier;
    std::string procedure;
    std::string limit;
    Date due_on;
    std::string zh, en;
    std::string link;  ///< path inside the desk
    std::int64_t at = 0;
    bool unread = false;  ///< true when it is made; a default is not stored
    bool escalated = false;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("person", s.person);
        v("kind", s.kind);
        v("dossier", s.dossier);
        v("procedure", s.procedure);
        v("limit", s.limit);
        v("due_on", s.due_on);
        v("zh", s.zh);
        v("en", s.en);
        v("link", s.link);
        v("at", s.at);
        v("unread", s.unread);
        v("escalated", s.escalated);
    }
};

/// How a person wants to be told.
struct NoticeSettingsRow {
    static constexpr facts::RowType row_type{"notice_settings", "person"};
    std::string person;
    bool mail = false;
    std::string address;  ///< subject in the vault
    bool webhook = false;
    bool late_only = false;  ///< not before a limit ends
    std::int64_t version = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("person", s.person);
        v("mail", s.mail);
        v("address", s.address);
        v("webhook", s.webhook);
        v("late_only", s.late_only);
        v("version", s.version);
    }
};

/// A notice on its way out of the house.
struct DeliveryRow {
    static constexpr facts::RowType row_type{"deliveries", "id", {"due"}, {"due"}};
    std::string id;       ///< channel/notice
    std::string channel;  ///< mail webhook
    std::string notice;
    std::string person;
    std::int64_t tries = 0;
    std::int64_t due = 0;  ///< next try, microseconds
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("channel", s.channel);
        v("notice", s.notice);
        v("person", s.person);
        v("tries", s.tries);
        v("due", s.due);
    }
};

/// All of them, and the answers to repeated requests.
[[nodiscard]] inline std::vector<facts::RowType> work_rows() {
    return {JobRow::row_type,           UploadRow::row_type,         ViewRow::row_type,
            NoticeRow::row_type,        NoticeSettingsRow::row_type, DeliveryRow::row_type,
            facts::RequestRow::row_type};
}

}  // namespace qingyuan::api
