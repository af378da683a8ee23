// Who and what is supervised, and who supervises. Each fact states one record as it is from `from` on; a
// later fact with the same id replaces the open part and leaves the history.
#pragma once

#include <string>
#include <vector>

#include "base/date.hpp"
#include "facts/value.hpp"

namespace qingyuan::facts {

/// An organisation of any department and level. The hierarchy is `parent` with dates; it need not be
/// geographic.
struct OrganisationRecorded {
    std::string id;    ///< "hengyang", "430481_amr"
    std::string name;  ///< zh
    std::string name_en;
    std::string parent;  ///< id, empty at a root
    std::string
        department;  ///< word of vocabulary departments: drug_regulator, market_regulator, public_security, …
    std::string level;   ///< nation province city county town village, or empty outside the geographic ladder
    std::string region;  ///< GB/T 2260 code, or empty
    std::string kind;    ///< word of vocabulary organisation_kinds: authority, own_unit, branch, centre,
                         ///< hospital, joint_body, …
    Date from;
    std::int64_t batch = 0;  ///< sequence number of the batch it came in with, 0 = by hand

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("name", s.name);
        v("name_en", s.name_en);
        v("parent", s.parent);
        v("department", s.department);
        v("level", s.level);
        v("region", s.region);
        v("kind", s.kind);
        v("from", s.from);
        v("batch", s.batch);
    }
};

/// An organisation ends (merged into `successor`, or closed).
struct OrganisationEnded {
    std::string id;
    Date to;                ///< last day
    std::string successor;  ///< id or empty

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("to", s.to);
        v("successor", s.successor);
    }
};

/// A supervised operator: MAH, maker, wholesaler, chain headquarters or store, pharmacy, hospital, platform,
/// …
struct OperatorRecorded {
    std::string id;
    std::string name;
    std::string kind;          ///< word of vocabulary operator_kinds
    std::string uscc;          ///< unified social credit code, empty where it has none
    std::string headquarters;  ///< operator id of a chain store's headquarters
    std::string region;        ///< county code
    std::string organisation;  ///< its primary regulator
    std::string address;
    SubjectRef representative;  ///< legal representative
    Date from;
    std::int64_t batch = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("name", s.name);
        v("kind", s.kind);
        v("uscc", s.uscc);
        v("headquarters", s.headquarters);
        v("region", s.region);
        v("organisation", s.organisation);
        v("address", s.address);
        v("representative", s.representative);
        v("from", s.from);
        v("batch", s.batch);
    }
};

struct LicenceRecorded {
    std::string id;  ///< licence number
    std::string operator_id;
    std::string kind;  ///< word of vocabulary licence_kinds
    std::vector<std::string> scopes;
    std::string status;  ///< state of procedure `licence`: valid suspended revoked …
    Date from;
    Date to;  ///< last day of validity
    std::int64_t batch = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("operator_id", s.operator_id);
        v("kind", s.kind);
        v("scopes", s.scopes);
        v("status", s.status);
        v("from", s.from);
        v("to", s.to);
        v("batch", s.batch);
    }
};

/// A person who acts: an officer, reviewer, head, partner-agency contact, pharmacist.
struct PersonRecorded {
    std::string id;
    SubjectRef name;
    std::string organisation;        ///< organisation or operator id
    std::vector<std::string> roles;  ///< ids of law/roles.csv
    std::string certificate;         ///< law-enforcement certificate number, empty = not qualified to enforce
    Date certificate_to;             ///< last day the certificate is valid
    Date from;
    Date to;  ///< last day in this post
    std::int64_t batch = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("name", s.name);
        v("organisation", s.organisation);
        v("roles", s.roles);
        v("certificate", s.certificate);
        v("certificate_to", s.certificate_to);
        v("from", s.from);
        v("to", s.to);
        v("batch", s.batch);
    }
};

struct ProductRecorded {
    std::string id;  ///< approval, registration or filing number
    std::string name;
    std::string category;  ///< drug device cosmetic
    std::string holder;    ///< operator id of the holder or registrant
    std::string
        class_word;  ///< device class, psychotropic class…: word of vocabulary product_classes, or empty
    bool high_risk = false;
    bool centralised_procurement = false;
    bool prescription = false;
    bool banned_online = false;
    Date from;
    Date to;
    std::int64_t batch = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("name", s.name);
        v("category", s.category);
        v("holder", s.holder);
        v("class_word", s.class_word);
        v("high_risk", s.high_risk);
        v("centralised_procurement", s.centralised_procurement);
        v("prescription", s.prescription);
        v("banned_online", s.banned_online);
        v("from", s.from);
        v("to", s.to);
        v("batch", s.batch);
    }
};

}  // namespace qingyuan::facts
