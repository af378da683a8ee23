// A form of documents.csv as it is filled, in plain words: what act gathers from a dossier and document
// draws. Values are held as what they are; the form's template says how they are written.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/date.hpp"
#include "base/rational.hpp"

namespace qingyuan::facts {

/// One value. A list is written as numbered lines or joined, as the template says.
using FilledValue = std::variant<std::string, std::vector<std::string>, Fen, Date, bool>;

using FilledValues = std::map<std::string, FilledValue, std::less<>>;

struct FilledForm {
    std::string document;   ///< "penalty_45"
    std::string authority;  ///< the issuing authority's full name, zh
    std::string number;     ///< as printed; empty = none yet (a draft) or none at all
    Date dated;             ///< default: a blank for the day
    FilledValues values;    ///< by field of documents.csv
    /// Rows of the form's list tables, by field ("row.name").
    std::vector<std::map<std::string, std::string, std::less<>>> rows;
    bool is_draft = false;     ///< every page says so
    bool is_sample = false;    ///< sample data: every page says so
    bool is_redacted = false;  ///< personal values are masked: for publication, without a code
};

}  // namespace qingyuan::facts
