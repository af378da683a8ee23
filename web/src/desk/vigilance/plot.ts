// Where the marks of vigilance stand: ratios on a log axis, quarters and days on their own. No words, no colours.

/** A place on a log axis in percent of its width; `cut` where the value lies outside and is drawn at the edge. */
export interface Place {
  at: number
  cut: boolean
}
export interface LogAxis {
  from: number
  to: number
  ticks: number[]
  place: (value: number) => Place
}

/** An axis of powers (0.1, 1, 10 …, or 0.25, 0.5, 1, 2 … where the span is small) that holds `values` and 1. */
export function logAxis(values: readonly number[], most = 100): LogAxis {
  const seen = values.filter((one) => Number.isFinite(one) && one > 0)
  const low = Math.max(Math.min(1, ...seen), 1 / most)
  const high = Math.min(Math.max(2, ...seen), most)
  const base = Math.log10(high / low) > 1.6 ? 10 : 2
  const floor = Math.floor(Math.log(low * 0.95) / Math.log(base))
  const ceil = Math.ceil(Math.log(high * 1.05) / Math.log(base))
  const ticks = Array.from({ length: ceil - floor + 1 }, (_, n) => Number((base ** (floor + n)).toPrecision(12)))
  const [from, to] = [base ** floor, base ** ceil]
  const span = Math.log(to / from)
  return {
    from,
    to,
    ticks,
    place: (value) => {
      const at = value > 0 ? (Math.log(value / from) / span) * 100 : -1
      return { at: Math.min(100, Math.max(0, at)), cut: at < 0 || at > 100 }
    },
  }
}

/** The upper limit of an odds ratio whose limits are symmetric on the log scale; null where it has none. */
export function upperOf(ratio: number | null, lower: number | null): number | null {
  return ratio !== null && lower !== null && ratio > 0 && lower > 0 ? (ratio * ratio) / lower : null
}

/** P(X ≥ observed) for a Poisson count with mean `expected`. */
export function poissonTail(observed: number, expected: number): number {
  if (observed <= 0) return 1
  let term = Math.exp(-expected)
  let below = term
  for (let k = 1; k < observed; k += 1) {
    term *= expected / k
    below += term
  }
  return Math.max(0, Math.min(1, 1 - below))
}
/** Nothing unusual: a count this high happens by chance at least once in twenty. */
export const quiet = (observed: number, expected: number): boolean => poissonTail(observed, expected) >= 0.05

/** Segments of a line; a quarter without a value breaks it. */
export function segments(points: readonly { x: number; y: number | null }[]): string {
  let pen = 'M'
  return points
    .map(({ x, y }) => {
      if (y === null) {
        pen = 'M'
        return ''
      }
      const part = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`
      pen = 'L'
      return part
    })
    .join('')
}

/** Which days are written under an axis of `count` days that is `width` px wide: every n-th, the last one too. */
export function dayStep(count: number, width: number, each = 52): number {
  const room = Math.max(1, Math.floor(width / each))
  return [1, 2, 3, 5, 7, 14, 28, 56].find((step) => count / step <= room) ?? 91
}

/** A signed bar of bits around a middle: from and width in percent, `most` bits filling one half. */
export function bitsBar(bits: number, most: number): { from: number; width: number } {
  const width = most > 0 ? Math.min(50, (Math.abs(bits) / most) * 50) : 0
  return { from: bits < 0 ? 50 - width : 50, width }
}
