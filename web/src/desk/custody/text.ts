// Text in a drawing has no line breaks of its own: how wide it is, about, and where it breaks.

const wide = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/

/** About how many pixels a text takes at a size. */
export function measure(text: string, size: number): number {
  let width = 0
  for (const letter of text) width += wide.test(letter) ? size : /[A-Z0-9MWmw]/.test(letter) ? size * 0.64 : size * 0.54
  return width
}
/** The text cut to a width, with an ellipsis where something is gone. */
export function clip(text: string, width: number, size: number): string {
  if (measure(text, size) <= width) return text
  let kept = ''
  for (const letter of text) {
    if (measure(kept + letter + '…', size) > width) break
    kept += letter
  }
  return kept.trimEnd() + '…'
}
/** At most `most` lines; words of Latin letters stay whole where they fit. */
export function wrap(text: string, width: number, size: number, most: number): string[] {
  const pieces = text.match(/[A-Za-z0-9.,&'()/-]+\s*|\s+|./gu) ?? []
  const lines: string[] = []
  let line = ''
  for (const [n, piece] of pieces.entries()) {
    if (measure(line + piece.trimEnd(), size) <= width || !line) {
      line += piece
      continue
    }
    if (lines.length === most - 1) {
      lines.push(clip(line + pieces.slice(n).join(''), width, size))
      return lines
    }
    lines.push(line.trimEnd())
    line = piece.trimStart()
  }
  if (line.trim()) lines.push(clip(line.trimEnd(), width, size))
  return lines
}
