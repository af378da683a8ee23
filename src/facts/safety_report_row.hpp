// A safety report as a row of its batch: what the journal's rows_root is over. No personal value: the patient
// is a subject of the vault. Bytes: docs/formats/icsr.md.
#pragma once

#include <string>
#include <vector>

#include "base/date.hpp"

namespace qingyuan::facts {

/// A suspected product as reported.
struct ReportedProductRow {
    std::string name;
    std::string ingredient;
    std::string approval;
    std::string maker;
    std::string batch;
    std::string no_batch;  ///< why there is none: a word of report_no_batch; empty where nobody said

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("name", s.name);
        v("ingredient", s.ingredient);
        v("approval", s.approval);
        v("maker", s.maker);
        v("batch", s.batch);
        v("no_batch", s.no_batch);
    }
};

/// One version of a case. A date of 1970-01-01 is one that was not reported.
struct SafetyReportRow {
    std::string number;   ///< the sender's number of the report (C.1.1)
    std::string case_id;  ///< one for all versions and senders of a case (C.1.8.1); without one the number
    std::string info_at;  ///< of the latest information (C.1.5): YYYYMMDDhhmmss in China; orders the versions
    std::string
        sent_at;         ///< the report was written (C.1.2), in the same form; orders versions of one info_at
    std::string action;  ///< empty, amendment, nullification (C.1.11.1)
    std::string kind;    ///< drug device cosmetic vaccine
    std::string report_type;  ///< a word of report_types: spontaneous study other unknown
    std::string source;       ///< who reports, in the sender's word
    std::string channel;      ///< by what way it came: a word of report_channels
    std::string organisation;
    std::string city;
    std::string country;  ///< where it happened, ISO 3166-1; empty = not said
    Date onset_on;
    Date first_known_on;     ///< anyone in the organisation first knew (C.1.4): day 0 of every limit
    Date received_on;        ///< it came to us
    std::string patient;     ///< vault subject of the name
    std::string patient_id;  ///< vault subject of an identity or record number
    std::string sex;         ///< male female
    std::string age_years;   ///< decimal
    std::string weight_kg;   ///< decimal
    std::vector<ReportedProductRow> products;
    std::vector<std::string> reactions;  ///< terms as coded or reported
    std::vector<std::string>
        reaction_codes;                 ///< MedDRA, where given; with the version in front: 27.0/10020751
    std::string seriousness;            ///< death serious general; of cosmetics also social
    std::vector<std::string> criteria;  ///< words of adr_seriousness
    bool is_new = false;                ///< the reaction is not in the label
    std::string outcome;                ///< a word of adr_outcome
    std::string causality;              ///< the reporter's: a word of adr_causality
    std::int64_t completeness = 0;      ///< thousandths (observe/report_quality.hpp)

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("number", s.number);
        v("case_id", s.case_id);
        v("info_at", s.info_at);
        v("sent_at", s.sent_at);
        v("action", s.action);
        v("kind", s.kind);
        v("report_type", s.report_type);
        v("source", s.source);
        v("channel", s.channel);
        v("organisation", s.organisation);
        v("city", s.city);
        v("country", s.country);
        v("onset_on", s.onset_on);
        v("first_known_on", s.first_known_on);
        v("received_on", s.received_on);
        v("patient", s.patient);
        v("patient_id", s.patient_id);
        v("sex", s.sex);
        v("age_years", s.age_years);
        v("weight_kg", s.weight_kg);
        v("products", s.products);
        v("reactions", s.reactions);
        v("reaction_codes", s.reaction_codes);
        v("seriousness", s.seriousness);
        v("criteria", s.criteria);
        v("is_new", s.is_new);
        v("outcome", s.outcome);
        v("causality", s.causality);
        v("completeness", s.completeness);
    }
};

/// A person said which product a reported name is: holds for every report that names it so.
struct ProductCodedRow {
    std::string name, approval, maker;                                ///< as reported
    std::string coded_name, ingredient, coded_approval, coded_maker;  ///< what it is

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("name", s.name);
        v("approval", s.approval);
        v("maker", s.maker);
        v("coded_name", s.coded_name);
        v("ingredient", s.ingredient);
        v("coded_approval", s.coded_approval);
        v("coded_maker", s.coded_maker);
    }
};

/// A sentinel site of monitoring, as an administrator keeps it. A later row of the same site and `from`
/// replaces this one. A `to` of 1970-01-01 has no end.
struct SentinelRow {
    std::string site;  ///< as reports name it: organisation
    std::string name;
    std::string kind;  ///< a word of sentinel_kinds
    std::string region;
    Date from;
    Date to;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("site", s.site);
        v("name", s.name);
        v("kind", s.kind);
        v("region", s.region);
        v("from", s.from);
        v("to", s.to);
    }
};

}  // namespace qingyuan::facts
