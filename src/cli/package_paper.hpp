// A package for an agency without a system: its list on paper with the digest in a QR code, and the receipt
// to be filled in by hand.
#pragma once

#include "act/exchange.hpp"
#include "document/paper.hpp"
#include "law/law.hpp"

namespace qingyuan::cli {

/// One sheet: what is sent, each item with its digest and a box for received and missing, and where to sign.
/// The QR holds the digest of the package.
[[nodiscard]] document::Paper package_paper(const law::Law& law, const act::Package& package);

}  // namespace qingyuan::cli
