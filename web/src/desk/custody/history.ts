// What the pictures of a pack are drawn from: who took part, in which order, what each firm did, and which events a finding
// rests on. Pure, over what the server answered.

import type { Pack, PackEvent, PackFinding, PackOperator } from '../../base/packs'

const inbound = ['produce', 'receive', 'return_in']
const terminal = ['dispense', 'use']
const outbound = ['ship', 'return_out', 'destroy', 'sample', ...terminal]
export const isInbound = (action: string): boolean => inbound.includes(action)
export const isOutbound = (action: string): boolean => outbound.includes(action)
export const isTerminal = (action: string): boolean => terminal.includes(action)

export interface Firm {
  operator: PackOperator
  /** what it recorded, in order */
  events: PackEvent[]
}

/** Everybody on the record of a pack in order of first mention; a firm that others only name has no events. */
export function firms(pack: Pack): Firm[] {
  const found = new Map<string, Firm>()
  const meet = (operator: PackOperator): Firm => {
    let firm = found.get(operator.id)
    if (!firm) found.set(operator.id, (firm = { operator, events: [] }))
    return firm
  }
  const edges = [...pack.edges].sort((a, b) => a.time.localeCompare(b.time))
  let next = 0
  for (const event of pack.events) {
    // a supplier without a record of its own stands before the receipt that names it
    while (next < edges.length && edges[next]!.time <= event.time) meet(edges[next++]!.from)
    meet(event.actor).events.push(event)
  }
  for (const edge of edges) {
    meet(edge.from)
    meet(edge.to)
  }
  return [...found.values()]
}

/** The ids of the events a finding rests on, in order of time. */
export function evidence(finding: PackFinding, pack: Pack): string[] {
  const [event, code] = finding.key.split('/')
  const own = pack.events.findIndex((one) => one.id === event && (!code || code === pack.code))
  const chosen = new Set<number>()
  if (own >= 0) chosen.add(own)
  const before = (fits: (one: PackEvent) => boolean) => {
    for (let n = (own < 0 ? pack.events.length : own) - 1; n >= 0; n -= 1)
      if (fits(pack.events[n]!)) return void chosen.add(n)
  }
  switch (finding.rule) {
    case 'second_sale':
    case 'receipt_after_sale':
    case 'settled_then_resold':
      before((one) => isTerminal(one.action))
      break
    case 'batch_mismatch':
      before((one) => one.action === 'produce')
      break
    case 'custody_break':
    case 'impossible_speed':
      before(() => true)
      break
    case 'clock_skew':
      pack.events.forEach((one, n) => {
        if (one.action === 'ship' && one.counterparty?.id === pack.events[own]?.actor.id) chosen.add(n)
      })
      break
    case 'invoice_mismatch':
      pack.events.forEach((one, n) => {
        if (one.document && one.document === finding.document) chosen.add(n)
      })
      break
    case 'never_produced':
      if (pack.events.length) chosen.add(0)
      break
  }
  if (own < 0 && chosen.size === 0)
    pack.events.forEach((one, n) => {
      if (finding.document && one.document === finding.document) chosen.add(n)
    })
  return [...chosen].sort((a, b) => a - b).map((n) => pack.events[n]!.id)
}

const day_ms = 86_400_000
export const days = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / day_ms)
