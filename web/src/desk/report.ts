// What the parts of a report page share: the report, its figures by id, and the address that opens a number.

import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Schemas } from '../base/api'

export interface ReportFrame {
  report: Schemas['Report']
  figure: (id: string) => Schemas['Figure'] | undefined
  open: (figure: string, change?: { org?: string; period?: string }) => RouteLocationRaw
}

const key: InjectionKey<ComputedRef<ReportFrame>> = Symbol('report')

export function provideReport(frame: ComputedRef<ReportFrame>): void {
  provide(key, frame)
}

export function useReport(): ComputedRef<ReportFrame> {
  const frame = inject(key)
  if (!frame) throw new Error('a part of a report stands outside a report')
  return frame
}

export interface BarGroup {
  unit: Schemas['Named']
  max: number
  rows: { id: string; name: Schemas['Texts']; value: number; base: boolean; figure: Schemas['Figure'] | null }[]
}

/** Figures of one campaign grouped by unit: bars compare only within one unit. What a share is taken of stands above it as its base. */
export function barGroups(figures: Schemas['Figure'][]): BarGroup[] {
  const groups = new Map<string, BarGroup>()
  const ids = new Set(figures.map((figure) => figure.id))
  for (const figure of figures) {
    const group = groups.get(figure.unit.id) ?? { unit: figure.unit, max: 0, rows: [] }
    groups.set(figure.unit.id, group)
    for (const base of figure.denominators) {
      const known = ids.has(base.figure) || group.rows.some((row) => row.id === base.figure)
      if (base.kind === 'share' && base.unit.id === figure.unit.id && !known)
        group.rows.push({ id: base.figure, name: base, value: base.value, base: true, figure: null })
    }
    group.rows.push({ id: figure.id, name: figure, value: figure.value, base: false, figure })
  }
  for (const group of groups.values()) group.max = Math.max(...group.rows.map((row) => row.value), 1)
  return [...groups.values()]
}
