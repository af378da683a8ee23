// One spelling for every GS1 key: EPC URNs (pure identity, class, pattern) and GS1 Digital Links of any host
// become the canonical Digital Link at the finest level of identification.
#pragma once

#include <string>
#include <string_view>

namespace qingyuan::observe {

/// Appends the canonical Digital Link (https://id.gs1.org/01/…/21/…) of an EPC URN or a Digital Link to
/// `out`. False, and nothing appended, where the text is neither or breaks the key's form. The check digit of
/// a URN is computed; that of a Digital Link is not verified. (CBV 2.0, 8.9; GS1 Digital Link 1.2, 4.11;
/// TDS 1.13, 6.3)
[[nodiscard]] bool append_digital_link(std::string_view uri, std::string& out);

/// Has a urn:epc: text the form of its scheme? True for the schemes that have no Digital Link (adi, bic, …).
[[nodiscard]] bool is_epc_urn(std::string_view urn);

/// GS1's check digit over the digits before it (General Specifications, 7.9.1).
[[nodiscard]] char check_digit(std::string_view digits);

}  // namespace qingyuan::observe
