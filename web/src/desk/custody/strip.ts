// The custody strip: time from left to right, a lane a firm. A lane is drawn solid while the firm holds the pack, dashed while
// it has sent it on and nobody has received it yet. A hand-over is drawn between neighbouring lanes only; between others it is
// named in words, so that no line crosses the lane of a firm that had no part in it.

import type { Pack, PackEvent } from '../../base/packs'
import { days, firms, isInbound, isOutbound, isTerminal, type Firm } from './history'

export interface Mark {
  event: PackEvent
  lane: number
  x: number
}
export interface Hold {
  lane: number
  from: number
  /** null: it still holds the pack */
  to: number | null
}
/** The way from a shipment to its receipt: dashed along one lane, then across to the neighbour. */
export interface Way {
  points: [x: number, lane: number][]
}
/** A hand-over in words, at the mark it belongs to. */
export interface Said {
  event: string
  to: string | null
  from: string | null
}
export interface Gap {
  from: number
  to: number
  days: number
}
export interface Strip {
  lanes: Firm[]
  marks: Mark[]
  holds: Hold[]
  ways: Way[]
  said: Said[]
  gaps: Gap[]
  width: number
}

export const least_step = 72

/** x of each event: steps grow with the logarithm of the days between, never below what a label needs. */
export function steps(times: readonly string[], width: number, step = least_step): number[] {
  const weights = times.map((time, n) => (n === 0 ? 0 : Math.log2(1 + Math.max(0, days(times[n - 1]!, time)))))
  const all = weights.reduce((sum, one) => sum + one, 0)
  const spare = Math.max(0, width - step * times.length)
  let x = step / 2
  return times.map((_, n) => {
    if (n > 0) x += step + (all > 0 ? (spare * weights[n]!) / all : 0)
    return x
  })
}

function heldBy(lane: number, marks: readonly Mark[], end: number | null): Hold[] {
  const result: Hold[] = []
  let since: number | null = null
  for (const mark of marks) {
    if (mark.lane !== lane) continue
    if (isInbound(mark.event.action)) since ??= mark.x
    else if (isOutbound(mark.event.action) && since !== null && !mark.event.split) {
      result.push({ lane, from: since, to: mark.x })
      since = null
    }
  }
  if (since !== null) result.push({ lane, from: since, to: end })
  return result
}

/** Stretches of a day and more after a sale in which the pack is on nobody's record. */
function unheld(marks: readonly Mark[], holds: readonly Hold[], ways: readonly Way[]): Gap[] {
  const gaps: Gap[] = []
  for (let n = 1; n < marks.length; n += 1) {
    const [a, b] = [marks[n - 1]!, marks[n]!]
    const middle = (a.x + b.x) / 2
    const covered =
      holds.some((hold) => hold.from <= middle && (hold.to ?? Infinity) >= middle) ||
      ways.some((way) => way.points[0]![0] <= middle && way.points[way.points.length - 1]![0] >= middle)
    const length = days(a.event.time, b.event.time)
    if (!covered && length >= 1 && isTerminal(a.event.action)) gaps.push({ from: a.x, to: b.x, days: length })
  }
  return gaps
}

export function strip(pack: Pack, width: number): Strip {
  const lanes = firms(pack).filter((firm) => firm.events.length > 0)
  const laneOf = new Map(lanes.map((firm, lane) => [firm.operator.id, lane]))
  const places = steps(
    pack.events.map((event) => event.time),
    width,
  )
  const marks = pack.events.map((event, n) => ({ event, lane: laneOf.get(event.actor.id)!, x: places[n]! }))
  const holder = pack.whereabouts.fate === 'held' ? pack.whereabouts.holder?.id : undefined
  const holds = lanes.flatMap((firm, lane) =>
    heldBy(lane, marks, firm.operator.id === holder ? null : (marks[marks.length - 1]?.x ?? 0)),
  )
  const markOf = new Map(marks.map((mark) => [mark.event.id, mark]))
  const ways: Way[] = []
  const said: Said[] = []
  for (const edge of pack.edges) {
    const a = edge.shipped === null ? undefined : markOf.get(edge.shipped)
    const b = edge.received === null ? undefined : markOf.get(edge.received)
    const far = !a || !b || Math.abs(a.lane - b.lane) !== 1 || b.x < a.x
    if (far || clashes(a.x, b.x, b.lane < a.lane ? b.lane : a.lane, holds, a.x, b.x)) {
      if (a) said.push({ event: a.event.id, to: edge.to.name, from: null })
      if (b) said.push({ event: b.event.id, to: null, from: edge.from.name })
      continue
    }
    // downwards it turns at the receipt, upwards at the shipment: there it passes no label
    const turn = b.lane > a.lane ? ([b.x, a.lane] as const) : ([a.x, b.lane] as const)
    ways.push({
      points: [
        [a.x, a.lane],
        [turn[0], turn[1]],
        [b.x, b.lane],
      ],
    })
  }
  const last = marks[marks.length - 1]?.x ?? 0
  return {
    lanes,
    marks,
    holds,
    ways,
    said,
    gaps: unheld(marks, holds, ways),
    width: Math.max(width, last + least_step / 2),
  }
}

/** Would the dashed stretch lie upon a time in which that lane is held? */
function clashes(x1: number, x2: number, lane: number, holds: readonly Hold[], own_out: number, own_in: number): boolean {
  return holds.some(
    (hold) =>
      hold.lane === lane && hold.from < x2 && (hold.to ?? Infinity) > x1 && hold.to !== own_out && hold.from !== own_in,
  )
}
