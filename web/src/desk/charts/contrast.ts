// Contrast of two colours as WCAG 2 counts it, and the better of two inks on a ground.

function channel(value: number): number {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

/** Relative luminance of #rrggbb or #rgb (which a minifier makes of it), 0 to 1; NaN for anything else. */
export function luminance(hex: string): number {
  const full = hex.trim().replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, '#$1$1$2$2$3$3')
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(full)
  if (!match) return NaN
  const [red, green, blue] = match.slice(1).map((part) => channel(parseInt(part, 16)))
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

/** 1 to 21. */
export function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high! + 0.05) / (low! + 0.05)
}

/** Which ink reads better on a ground. */
export function inkOn(ground: string, inks: readonly string[]): string {
  return inks.reduce((best, ink) => (contrast(ground, ink) > contrast(ground, best) ? ink : best))
}
