// Pango and Cairo as the PDF writer needs them: who owns what, which fonts, which characters they have.
// Inside the room only.
#pragma once

#include <memory>

#include <pango/pangocairo.h>

#include "document/paper.hpp"

namespace qingyuan::document {

template <auto release>
struct Releases {
    template <class T>
    void operator()(T* held) const {
        release(held);
    }
};
using Surface = std::unique_ptr<cairo_surface_t, Releases<cairo_surface_destroy>>;
using Drawing = std::unique_ptr<cairo_t, Releases<cairo_destroy>>;
using Layout = std::unique_ptr<PangoLayout, Releases<g_object_unref>>;
using PangoContextHeld = std::unique_ptr<PangoContext, Releases<g_object_unref>>;
using FontDescription = std::unique_ptr<PangoFontDescription, Releases<pango_font_description_free>>;
using FontHeld = std::unique_ptr<PangoFont, Releases<g_object_unref>>;
using LayoutIterator = std::unique_ptr<PangoLayoutIter, Releases<pango_layout_iter_free>>;
using Attributes = std::unique_ptr<PangoAttrList, Releases<pango_attr_list_unref>>;

/// The text's fonts in order of preference; Debian's fonts-noto-cjk.
constexpr const char* font_families = "Noto Serif CJK SC,Noto Sans CJK SC,DejaVu Sans";

constexpr double points_a_mm = 72.0 / 25.4;

/// A context of this thread.
[[nodiscard]] PangoContextHeld text_context();

/// A layout of the runs: `width_pt` wide, wrapped between characters, `size_pt` large.
[[nodiscard]] Layout lay_out(PangoContext* context, const Runs& runs, double size_pt, double width_pt,
                             Align align, int indent_em = 0);

}  // namespace qingyuan::document
