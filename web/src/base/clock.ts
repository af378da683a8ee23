// Geometry of a legal limit: from the clock's dates to shares of one bar. Solid = used, hatched = excluded,
// hollow = left, red = past the end, dashed = possible extension. The first day is not counted, so day k
// after the start takes [k − 1, k].

import type { components } from './schema'
import { dateOf, dayOf } from './format'

export type Clock = components['schemas']['Clock']

export interface Piece {
  kind: 'used' | 'excluded' | 'left' | 'late' | 'extension'
  from: number // share of the bar, 0 to 1
  to: number
}

export interface Bar {
  pieces: Piece[]
  now: number | null // where today stands; null for a clock that stopped
  due: number // where the limit ends
  extension: number | null // where it would end if extended
  pauses: { from: string; to: string | null; middle: number; width: number }[]
}

interface Span {
  from: number
  to: number
}

function clip(span: Span, low: number, high: number): Span | null {
  const from = Math.max(span.from, low)
  const to = Math.min(span.to, high)
  return to > from ? { from, to } : null
}

/** Overlapping intervals joined, in order. */
export function joined(spans: Span[]): Span[] {
  const result: Span[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result[result.length - 1]
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else result.push({ ...span })
  }
  return result
}

/** `today` is a civil date, `now` an instant; the instant counts for limits in hours only. */
export function bar(clock: Clock, today: string, now: string): Bar {
  const hours = clock.unit === 'hour' && clock.started_at !== null && clock.due_at !== null
  const start = hours ? Date.parse(clock.started_at!) / 86_400_000 : dayOf(clock.started_on)
  const position = (date: string) => dayOf(date) - start
  const due = Math.max(hours ? Date.parse(clock.due_at!) / 86_400_000 - start : position(clock.due.raw), 0)
  const reached =
    clock.stopped_on !== null
      ? hours
        ? Math.min(due, position(clock.stopped_on) + 1)
        : position(clock.stopped_on)
      : hours
        ? Date.parse(now) / 86_400_000 - start
        : position(today)
  const at = Math.max(reached, 0)
  const extension =
    !hours && clock.extension_due !== null && clock.running ? position(clock.extension_due) : null
  const length = Math.max(due, at, extension ?? 0, 1e-6)
  const share = (value: number) => value / length

  const pauses = hours
    ? []
    : clock.pauses.map((pause) => ({
        from: position(pause.from) - 1,
        to: pause.to === null ? Math.max(at, position(pause.from)) : position(pause.to),
        source: pause,
      }))
  const excluded = joined(pauses)
    .map((span) => clip(span, 0, at))
    .filter((span): span is Span => span !== null)

  const pieces: Piece[] = []
  const add = (kind: Piece['kind'], from: number, to: number) => {
    if (to > from) pieces.push({ kind, from: share(from), to: share(to) })
  }
  // what has passed: excluded where the ledger says so, else used up to the end and late beyond it
  let cursor = 0
  for (const span of [...excluded, { from: at, to: at }]) {
    add('used', cursor, Math.min(span.from, due))
    add('late', Math.max(cursor, due), span.from)
    add('excluded', span.from, span.to)
    cursor = span.to
  }
  // what is to come
  add('left', at, due)
  if (extension !== null && at <= due) add('extension', due, extension)

  return {
    pieces,
    now: clock.stopped_on === null ? share(at) : null,
    due: share(due),
    extension: extension !== null && extension > due && at <= due ? share(extension) : null,
    pauses: pauses.flatMap((span) => {
      const seen = clip(span, 0, at)
      if (!seen) return []
      return [{ ...span.source, middle: share((seen.from + seen.to) / 2), width: share(seen.to - seen.from) }]
    }),
  }
}

/** Share of the budget that is used, for the small track of a list: 0 to 1, full when late. */
export function usedShare(clock: Clock): number {
  if (clock.standing === 'late') return 1
  return clock.budget > 0 ? Math.min(1, Math.max(0, clock.used / clock.budget)) : 0
}

/** Calendar days a suspended clock has stood still, today included. */
export function suspendedDays(clock: Clock, today: string): number {
  const open = clock.pauses.find((pause) => pause.to === null || dayOf(pause.to) >= dayOf(today))
  return open ? Math.max(1, dayOf(today) - dayOf(open.from) + 1) : 0
}

/** The other readings of the end, where the law leaves them open. */
export function otherEnds(clock: Clock): string[] {
  const ends = new Set([clock.due.due_holiday_roll, clock.due.due])
  ends.delete(clock.due.raw)
  return [...ends]
    .map(dayOf)
    .filter((day) => !Number.isNaN(day))
    .sort((a, b) => a - b)
    .map(dateOf)
}
