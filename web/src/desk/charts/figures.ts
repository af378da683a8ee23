// What the charts draw and what their tables say come from the same rows: a chart takes a `Twin` beside its
// marks, and test/charts.test.ts compares the two.

export interface Twin {
  columns: { label: string; num?: boolean }[]
  rows: string[][]
}

export interface UnitValue {
  id: string
  name: string
  value: number
  base: number
  rate: number | null // null where the base is 0
  small: boolean // a base too small to compare: grey, never ranked
  outside: 'none' | 'above_95' | 'below_95' | 'above_998' | 'below_998'
  own?: boolean
}

/** The highest rate first; small bases last, never ranked; no rate after them. */
export function ranked<T extends UnitValue>(units: readonly T[]): T[] {
  const group = (unit: UnitValue) => (unit.rate === null ? 2 : unit.small ? 1 : 0)
  return [...units].sort(
    (a, b) =>
      group(a) - group(b) || (b.rate ?? 0) - (a.rate ?? 0) || b.base - a.base || a.id.localeCompare(b.id),
  )
}

export interface Bin {
  from: number // days left; negative = past the end
  to: number // not included; ±Infinity at the ends
  count: number
  late: boolean
}

/** How many limits end in how many days: past the end, today, ahead. */
export function ageBins(daysLeft: readonly number[], edges = [-30, -10, -3, 0, 1, 4, 11, 31]): Bin[] {
  const bounds = [-Infinity, ...edges, Infinity]
  return bounds.slice(0, -1).map((from, index) => {
    const to = bounds[index + 1]!
    return { from, to, count: daysLeft.filter((left) => left >= from && left < to).length, late: to <= 0 }
  })
}

export interface Stage {
  id: string
  name: string
  value: number
  remark: string
  base: boolean // the whole the others are parts of
}
export interface StageGroup {
  unit: string
  rows: Stage[]
}

export interface TrendPoint {
  id: string
  name: string
  value: number
  base: number
  rate: number | null
}

/** A step of 1 to `steps` for the share of `value` in `max`. */
export function stepOf(value: number, max: number, steps = 5): number {
  if (!(max > 0) || !(value > 0)) return 1
  return Math.min(steps, Math.max(1, Math.ceil((value / max) * steps)))
}
