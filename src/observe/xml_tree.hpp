// A small tree of one XML element and what is below it, built by a SAX reader that refuses DOCTYPEs and never
// holds more of a document than the one part that is wanted.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::observe {

struct XmlName {
    std::string_view space;
    std::string_view local;
};

struct XmlAttribute {
    XmlName name;
    std::string_view value;
};

struct XmlElement {
    XmlName name;
    std::string_view text;  ///< before the first child, without white space at both ends
    std::uint32_t first_attribute = 0;
    std::uint32_t attribute_count = 0;
    std::int32_t first_child = -1;
    std::int32_t last_child = -1;
    std::int32_t next = -1;
    int line = 0;
};

/// Memory for texts that is given back all at once and kept for the next use.
class TextStore {
 public:
    [[nodiscard]] std::string_view keep(std::string_view text);
    void clear();

 private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::vector<std::size_t> sizes_;
    std::size_t block_ = 0;
    std::size_t used_ = 0;
};

struct XmlTree {
    std::vector<XmlElement> elements;  ///< the first is the root
    std::vector<XmlAttribute> attributes;
    TextStore texts;

    void clear();
    [[nodiscard]] const XmlElement& at(std::int32_t index) const {
        return elements[static_cast<std::size_t>(index)];
    }
    /// The value of an attribute without a namespace; "" where there is none.
    [[nodiscard]] std::string_view attribute(const XmlElement& element, std::string_view local) const;
};

struct XmlNamespace {
    std::string_view prefix;
    std::string_view uri;
};

/// What a document means to its reader. An error stops the parser and is returned by read_xml.
class XmlVisitor {
 public:
    virtual ~XmlVisitor() = default;
    /// An element outside of any wanted part. True: collect it into a tree and call `tree`.
    [[nodiscard]] virtual Result<bool> open(const XmlName& name, const XmlTree& attributes,
                                            const std::vector<XmlName>& path, int line) = 0;
    virtual void close(const XmlName& name, const std::vector<XmlName>& path) = 0;
    [[nodiscard]] virtual Result<void> tree(const XmlTree& tree,
                                            const std::vector<XmlNamespace>& in_scope) = 0;
};

struct XmlLimits {
    std::size_t depth = 64;                          ///< nesting_too_deep
    std::size_t elements = 1'000'000;                ///< too_large: elements and attributes of one tree
    std::size_t namespaces = 200;                    ///< too_large: declared at one time
    std::size_t text_bytes = std::size_t{64} << 20;  ///< too_large: texts of one tree
    bool bare_doctype = true;  ///< <!DOCTYPE name> alone, which declares nothing, is passed over
};

/// Parses a whole document. Errors: xml_malformed with its line, doctype_refused, nesting_too_deep,
/// too_large.
[[nodiscard]] Result<void> read_xml(std::string_view bytes, const XmlLimits& limits, XmlVisitor& visitor);

}  // namespace qingyuan::observe
