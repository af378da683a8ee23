// Photos that strangers hand in: what the camera wrote beside the picture (place, device, owner, time) is
// taken out before the file is kept, so that the file does not say who reported.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::api {

/// The same picture without its metadata: JPEG without application segments and comments, PNG without text,
/// time and Exif chunks, WebP without Exif and XMP. field_invalid where it is none of these, or cut off.
[[nodiscard]] Result<Bytes> without_metadata(std::string_view picture);

}  // namespace qingyuan::api
