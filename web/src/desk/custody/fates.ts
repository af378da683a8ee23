// What became of a batch, as stretches of one bar.

import type { BatchFlow } from '../../base/packs'

export type FateId = 'used' | 'held' | 'in_transit' | 'destroyed' | 'sampled' | 'unaccounted'
const order: FateId[] = ['used', 'held', 'in_transit', 'destroyed', 'sampled', 'unaccounted']

export interface FatePart {
  id: FateId
  count: number
  /** in per cent of the bar */
  from: number
  width: number
}
/** The bar is what was produced, or what is on record where that is more. A negative rest has no stretch. */
export function fates(counts: BatchFlow['fates']): FatePart[] {
  const seen = order.reduce((sum, id) => sum + Math.max(0, counts[id]), 0)
  const base = Math.max(1, counts.produced, seen)
  let from = 0
  return order.map((id) => {
    const width = (Math.max(0, counts[id]) / base) * 100
    const part = { id, count: counts[id], from: Number(from.toFixed(3)), width: Number(width.toFixed(3)) }
    from += width
    return part
  })
}
/** 12.4%; below a tenth of a per cent two digits that say something: 0.05% */
export function shareText(n: number, base: number, decimal: (text: string, places: number) => string): string {
  if (base <= 0) return ''
  const percent = (n / base) * 100
  const places = n !== 0 && Math.abs(percent) < 0.1 ? 2 : 1
  return (decimal(percent.toFixed(6), places) || '0') + '%'
}
