// Facts about the journal itself, the law it is read under, and what was received in bulk.
#pragma once

#include <string>

#include "base/date.hpp"
#include "base/sm3.hpp"

namespace qingyuan::facts {

/// The statute book in force from here on; a replay knows which text an act was decided under.
struct LawAdopted {
    Bytes digest;  ///< SM3 over the sorted names and contents of law/
    std::int64_t files = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("digest", s.digest);
        v("files", s.files);
    }
};

/// Time passed: every limit up to `date` has been looked at. Written once a day, so that a replay meets the
/// same deadlines.
struct Tick {
    Date date;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("date", s.date);
    }
};

/// High-volume input: one fact for a whole file. Row i of it is addressed `seq/i` (from 0) and can be a
/// member of a figure.
struct BatchReceived {
    std::string format;  ///< "operators_csv", "trace_csv", …
    Bytes
        digest;  ///< block digest of the raw file (docs/formats/evidence.md), its name in the evidence store
    std::int64_t bytes = 0;
    std::int64_t rows = 0;  ///< rows accepted
    std::int64_t rejected = 0;
    Bytes rows_root;     ///< Merkle root over the accepted rows, each in the canonical form of its format
    std::string source;  ///< who sent it, in words

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("format", s.format);
        v("digest", s.digest);
        v("bytes", s.bytes);
        v("rows", s.rows);
        v("rejected", s.rejected);
        v("rows_root", s.rows_root);
        v("source", s.source);
    }
};

/// A checkpoint of the other journal (facts ↔ access), so that neither can be exchanged alone.
struct CheckpointSeen {
    std::string journal;  ///< "facts" or "access"
    std::int64_t size = 0;
    Bytes root;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("journal", s.journal);
        v("size", s.size);
        v("root", s.root);
    }
};

/// The key of a vault subject was destroyed. The value reads "erased" from here on; nothing else changes.
struct SubjectErased {
    std::string subject;
    std::string reason;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("subject", s.subject);
        v("reason", s.reason);
    }
};

/// An entry made in error is void: it leaves every figure from this sequence number on; the record itself
/// stays. Voiding the fact that opened a dossier voids the dossier and all its steps.
struct FactVoided {
    std::int64_t target = 0;  ///< sequence number of the voided fact
    std::string reason;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("target", s.target);
        v("reason", s.reason);
    }
};

/// Entry of the access journal: who read, was denied, or signed in.
struct AccessNoted {
    std::string action;      ///< "read", "export", "denied", "sign_in", …
    std::string object;      ///< what was asked for: a dossier id, a figure, a route
    std::string decision;    ///< "allowed", or the code of the refusal
    std::string purpose;     ///< what the reader gave as reason, where one is asked for
    std::string policy;      ///< row of access/policy.def that decided
    std::string grant;       ///< the grant it rested on, if any
    std::int64_t count = 0;  ///< records shown, or denials folded into this one
    std::string session;     ///< first 16 hexadecimal digits of SM3 of the session's id, empty without one

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("action", s.action);
        v("object", s.object);
        v("decision", s.decision);
        v("purpose", s.purpose);
        v("policy", s.policy);
        v("grant", s.grant);
        v("count", s.count);
        v("session", s.session);
    }
};

}  // namespace qingyuan::facts
