// What the parts of a report page share: the report, its figures by id, and the address that opens a number.

import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Schemas } from '../base/api'
import { pick } from '../base/language'

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

/** A figure's name where its campaign is already named: 清源行动立案 → 立案. */
export function shortName(figure: Schemas['Figure']): string {
  const name = pick(figure)
  const campaign = pick(figure.campaign)
  const short = campaign && name.startsWith(campaign) ? name.slice(campaign.length).trim() : ''
  return short ? short.charAt(0).toUpperCase() + short.slice(1) : name
}

export interface BarGroup {
  unit: Schemas['Named']
  max: number
  rows: { id: string; name: string; value: number; base: boolean; figure: Schemas['Figure'] | null }[]
}

/** Figures of one campaign grouped by unit: bars compare only within one unit. What a share is taken of stands
    above it as its base. */
export function barGroups(figures: Schemas['Figure'][]): BarGroup[] {
  const groups = new Map<string, BarGroup>()
  const ids = new Set(figures.map((figure) => figure.id))
  const divided = (figure: Schemas['Figure']) => figure.denominators.some((base) => base.kind === 'share')
  const whole = new Set(
    figures
      .filter(
        (figure) =>
          !divided(figure) &&
          figures.some((other) =>
            other.denominators.some((base) => base.kind === 'share' && base.figure === figure.id),
          ),
      )
      .map((figure) => figure.id),
  )
  for (const figure of figures) {
    const group = groups.get(figure.unit.id) ?? { unit: figure.unit, max: 0, rows: [] }
    groups.set(figure.unit.id, group)
    for (const base of figure.denominators) {
      const known = ids.has(base.figure) || group.rows.some((row) => row.id === base.figure)
      if (base.kind === 'share' && base.unit.id === figure.unit.id && !known)
        group.rows.push({ id: base.figure, name: pick(base), value: base.value, base: true, figure: null })
    }
    group.rows.push({
      id: figure.id,
      name: shortName(figure),
      value: figure.value,
      base: whole.has(figure.id),
      figure,
    })
  }
  for (const group of groups.values()) group.max = Math.max(...group.rows.map((row) => row.value), 1)
  return [...groups.values()]
}
