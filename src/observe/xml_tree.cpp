// libxml2's SAX2 callbacks on a whole document in memory. A DOCTYPE that declares or loads anything stops the
// parser at once, so that no entity is ever declared, loaded or expanded; the network is never asked.
#include "observe/xml_tree.hpp"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <climits>
#include <cstdarg>
#include <cstring>

#include "base/text.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::size_t text_block_bytes = std::size_t{64} << 10;

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

struct ContextFree {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

class Sax {
 public:
    Sax(const XmlLimits& limits, XmlVisitor& visitor) : limits_(limits), visitor_(visitor) {}
    Result<void> read(std::string_view bytes);

 private:
    struct Open {
        XmlName name;
        std::size_t namespaces = 0;  ///< declared before it
    };

    void start(const XmlName& name, int namespaces, const xmlChar** declared, int count,
               const xmlChar** values);
    void end(const XmlName& name);
    void characters(std::string_view text);
    void fail(Error error);
    void attributes(int count, const xmlChar** values);
    void add_element(const XmlName& name);
    void take_text();

    const XmlLimits& limits_;
    XmlVisitor& visitor_;
    xmlParserCtxt* context_ = nullptr;
    std::vector<XmlName> path_;
    std::vector<std::size_t> scopes_;
    std::vector<XmlNamespace> in_scope_;
    XmlTree tree_;
    XmlTree probe_;                       ///< the attributes of an element that is only looked at
    std::vector<std::int32_t> building_;  ///< open elements of the tree
    std::string text_;
    std::size_t text_bytes_ = 0;
    Result<void> result_;
    std::string message_;

    friend void on_start(void*, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int,
                         int, const xmlChar**);
    friend void on_end(void*, const xmlChar*, const xmlChar*, const xmlChar*);
    friend void on_text(void*, const xmlChar*, int);
    friend void on_doctype(void*, const xmlChar*, const xmlChar*, const xmlChar*);
    friend void on_error(void*, xmlErrorPtr);
};

void on_start(void* self, const xmlChar* local, const xmlChar*, const xmlChar* uri, int namespaces,
              const xmlChar** declared, int count, int, const xmlChar** values) {
    static_cast<Sax*>(self)->start({view(uri), view(local)}, namespaces, declared, count, values);
}
void on_end(void* self, const xmlChar* local, const xmlChar*, const xmlChar* uri) {
    static_cast<Sax*>(self)->end({view(uri), view(local)});
}
void on_text(void* self, const xmlChar* text, int size) {
    static_cast<Sax*>(self)->characters(
        {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
}
/// <!DOCTYPE name> alone declares nothing and is passed over; what loads a file or opens a subset is refused.
void on_doctype(void* self, const xmlChar*, const xmlChar* external, const xmlChar* system) {
    Sax& sax = *static_cast<Sax*>(self);
    if (sax.limits_.bare_doctype && external == nullptr && system == nullptr &&
        *sax.context_->input->cur != '[')
        return;
    sax.fail({.code = ErrorCode::doctype_refused,
              .message = "the DOCTYPE declares or loads something; entities are never expanded",
              .next = "send the document without its DOCTYPE"});
}
void on_error(void* self, xmlErrorPtr error) {
    Sax& sax = *static_cast<Sax*>(self);
    if (error == nullptr || !sax.message_.empty() || error->level < XML_ERR_ERROR) return;
    sax.message_ = error->message == nullptr ? "malformed" : std::string(trim(error->message));
    sax.message_ += " (line " + std::to_string(error->line) + ")";
}

/// The first error stands; the parser calls nothing more.
void Sax::fail(Error error) {
    if (!result_) return;
    result_ = std::move(error);
    xmlStopParser(context_);
}

void Sax::attributes(int count, const xmlChar** values) {
    XmlTree& to = building_.empty() ? probe_ : tree_;
    for (int i = 0; i < count; ++i) {
        const xmlChar** value = values + std::ptrdiff_t{i} * 5;
        const auto* begin = reinterpret_cast<const char*>(value[3]);
        const auto* end = reinterpret_cast<const char*>(value[4]);
        const std::string_view text(begin, static_cast<std::size_t>(end - begin));
        text_bytes_ += text.size();
        to.attributes.push_back({{view(value[2]), view(value[0])}, to.texts.keep(text)});
    }
}

void Sax::add_element(const XmlName& name) {
    const auto index = static_cast<std::int32_t>(tree_.elements.size());
    XmlElement element;
    element.name = name;
    element.line = xmlSAX2GetLineNumber(context_);
    element.first_attribute = static_cast<std::uint32_t>(tree_.attributes.size());
    if (!building_.empty()) {
        XmlElement& parent = tree_.elements[static_cast<std::size_t>(building_.back())];
        (parent.first_child < 0 ? parent.first_child
                                : tree_.elements[static_cast<std::size_t>(parent.last_child)].next) = index;
        parent.last_child = index;
    }
    tree_.elements.push_back(element);
    building_.push_back(index);
}

/// The text before the first child belongs to the element; what follows a child is white space or noise.
void Sax::take_text() {
    if (building_.empty()) return;
    XmlElement& element = tree_.elements[static_cast<std::size_t>(building_.back())];
    if (element.first_child < 0 && element.text.empty() && !text_.empty()) {
        element.text = tree_.texts.keep(trim(text_));
    }
    text_.clear();
}

void Sax::start(const XmlName& name, int namespaces, const xmlChar** declared, int count,
                const xmlChar** values) {
    if (!result_) return;
    take_text();
    if (path_.size() >= limits_.depth) {
        return fail({.code = ErrorCode::nesting_too_deep,
                     .message = "nested more than " + std::to_string(limits_.depth) + " levels deep"});
    }
    scopes_.push_back(in_scope_.size());
    for (int i = 0; i < namespaces; ++i) {
        in_scope_.push_back(
            {view(declared[std::ptrdiff_t{i} * 2]), view(declared[std::ptrdiff_t{i} * 2 + 1])});
    }
    if (in_scope_.size() > limits_.namespaces ||
        tree_.elements.size() + tree_.attributes.size() + static_cast<std::size_t>(count) >
            limits_.elements) {
        return fail({.code = ErrorCode::too_large,
                     .message = "one part has more than " + std::to_string(limits_.elements) +
                                " elements, or more than " + std::to_string(limits_.namespaces) +
                                " namespaces"});
    }
    if (building_.empty()) {
        probe_.clear();
        text_bytes_ = 0;
        attributes(count, values);
        probe_.elements.push_back({.name = name, .attribute_count = static_cast<std::uint32_t>(count)});
        const auto wanted = visitor_.open(name, probe_, path_, xmlSAX2GetLineNumber(context_));
        path_.push_back(name);
        if (!wanted) return fail(wanted.error());
        if (!*wanted) return;
        tree_.clear();
        std::swap(tree_, probe_);
        tree_.elements[0].line = xmlSAX2GetLineNumber(context_);
        building_.push_back(0);
        return;
    }
    path_.push_back(name);
    add_element(name);
    attributes(count, values);
    tree_.elements[static_cast<std::size_t>(building_.back())].attribute_count =
        static_cast<std::uint32_t>(count);
    if (text_bytes_ > limits_.text_bytes) characters({});
}

void Sax::characters(std::string_view text) {
    if (!result_ || building_.empty()) return;
    text_bytes_ += text.size();
    if (text_bytes_ > limits_.text_bytes) {
        return fail({.code = ErrorCode::too_large,
                     .message = "the texts of one part have more than " +
                                std::to_string(limits_.text_bytes) + " bytes"});
    }
    text_.append(text);
}

void Sax::end(const XmlName& name) {
    if (!result_) return;
    take_text();
    path_.pop_back();
    if (building_.empty()) {
        visitor_.close(name, path_);
    } else {
        building_.pop_back();
        if (building_.empty()) {
            if (auto used = visitor_.tree(tree_, in_scope_); !used) fail(used.error());
            tree_.clear();
        }
    }
    in_scope_.resize(scopes_.back());
    scopes_.pop_back();
}

Result<void> Sax::read(std::string_view bytes) {
    if (bytes.size() > INT_MAX)
        return Error{.code = ErrorCode::too_large, .message = "more than 2 GiB of XML"};
    if (bytes.empty()) return Error{.code = ErrorCode::xml_malformed, .message = "the document is empty"};
    static const bool ready = [] {
        xmlInitParser();
        return true;
    }();
    const std::unique_ptr<xmlParserCtxt, ContextFree> context(
        xmlCreateMemoryParserCtxt(bytes.data(), static_cast<int>(bytes.size())));
    if (!ready || !context)
        return Error{.code = ErrorCode::xml_malformed, .message = "the parser has no memory"};
    xmlSAXHandler sax{};
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = on_text;
    sax.cdataBlock = on_text;
    sax.internalSubset = on_doctype;
    sax.serror = on_error;
    context_ = context.get();
    xmlSAXHandler* own = context->sax;
    context->sax = &sax;
    context->userData = this;
    context->options |= XML_PARSE_NONET;
    context->loadsubset = 0;
    context->replaceEntities = 0;
    xmlParseDocument(context.get());
    const bool well_formed = context->wellFormed != 0;
    context->sax = own;
    if (context->myDoc != nullptr) {
        xmlFreeDoc(context->myDoc);
        context->myDoc = nullptr;
    }
    if (!result_) return result_;
    if (well_formed) return {};
    return Error{.code = ErrorCode::xml_malformed,
                 .message = message_.empty() ? "not well formed" : message_};
}

}  // namespace

std::string_view TextStore::keep(std::string_view text) {
    if (text.empty()) return {};
    while (block_ < blocks_.size() && used_ + text.size() > sizes_[block_]) {
        ++block_;
        used_ = 0;
    }
    if (block_ == blocks_.size()) {
        sizes_.push_back(std::max(text_block_bytes, text.size()));
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(sizes_.back()));
    }
    char* to = blocks_[block_].get() + used_;
    std::memcpy(to, text.data(), text.size());
    used_ += text.size();
    return {to, text.size()};
}

void TextStore::clear() {
    block_ = 0;
    used_ = 0;
}

void XmlTree::clear() {
    elements.clear();
    attributes.clear();
    texts.clear();
}

std::string_view XmlTree::attribute(const XmlElement& element, std::string_view local) const {
    for (std::uint32_t i = 0; i < element.attribute_count; ++i) {
        const XmlAttribute& attribute = attributes[element.first_attribute + i];
        if (attribute.name.space.empty() && attribute.name.local == local) return attribute.value;
    }
    return {};
}

Result<void> read_xml(std::string_view bytes, const XmlLimits& limits, XmlVisitor& visitor) {
    return Sax(limits, visitor).read(bytes);
}

}  // namespace qingyuan::observe
