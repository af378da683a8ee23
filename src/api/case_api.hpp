// Operations on documents and penalty cases, and the desks of those who work on them.
#pragma once

#include "api/operation.hpp"

namespace qingyuan::api {

// documents_list.cpp, documents_make.cpp
Answer dossier_documents(const Call& call);
Answer document_sheet(const Call& call);
Answer draft_document(const Call& call);
Answer issue_dossier_document(const Call& call);
Answer serve_document(const Call& call);
Answer document_copy(const Call& call);
// case_view.cpp, case_penalty.cpp, case_desks.cpp
Answer show_case(const Call& call);
Answer list_penalty_rules(const Call& call);
Answer penalty_range(const Call& call);
Answer case_benchmark(const Call& call);
Answer lead_desk(const Call& call);
Answer referral_desk(const Call& call);
Answer publicity_desk(const Call& call);

}  // namespace qingyuan::api
