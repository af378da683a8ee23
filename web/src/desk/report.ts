// What the parts of a report page share: the report, its figures by id, how they relate, and the address that
// opens a number.

import { inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Schemas } from '../base/api'
import { pick } from './language'

type Figure = Schemas['Figure']
type Report = Schemas['Report']

export interface Cell {
  org?: string
  own?: boolean
  period?: string
}

export interface ReportFrame {
  report: Report
  figure: (id: string) => Figure | undefined
  open: (figure: string, cell?: Cell) => RouteLocationRaw
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

/** A figure's name where its campaign is already named: 清源行动立案 → 立案, Qingyuan: cases → Cases. */
export function shortName(figure: Figure): string {
  const name = pick(figure)
  const campaign = pick(figure.campaign)
  if (!campaign) return name
  const rest = name.startsWith(campaign) ? name.slice(campaign.length) : name.replace(/^[^:：]+[:：]/, '')
  const short = rest.replace(/^[\s:：]+/, '')
  return short && short !== name ? short.charAt(0).toUpperCase() + short.slice(1) : name
}

/** What a figure is divided by: its own denominators, and those of the ratios that divide it. */
export function denominatorsOf(report: Report, figure: Figure): Schemas['Denominator'][] {
  const ratios = report.figures.filter((other) => other.fold === 'ratio' && other.numerator === figure.id)
  const all = [...figure.denominators, ...ratios.flatMap((ratio) => ratio.denominators)]
  return all.filter((base, index) => all.findIndex((other) => other.figure === base.figure) === index)
}

/** The parts a figure is broken down into: its own, or those of an identity that says so. */
export function partsOf(
  report: Report,
  figure: Figure,
): { id: string; name: Schemas['Texts']; value: number }[] {
  if (figure.parts?.length)
    return figure.parts.map((part) => ({ id: part.id, name: part, value: part.value }))
  const whole = report.identities.find((one) => one.kind === 'parts' && one.left.figure === figure.id)
  return (whole?.right ?? []).map((term) => ({ id: term.figure, name: term, value: term.value }))
}

const letter = /[A-Za-z]/

/** 行政立案（药品）, 行政立案（医疗器械） → 药品, 医疗器械: what the names of the parts have in common at either end is left
    out, but no Latin word is cut in two. */
export function partNames(names: string[]): string[] {
  if (names.length < 2) return names
  const shortest = Math.min(...names.map((name) => name.length))
  const same = (part: (name: string) => string) => new Set(names.map(part)).size === 1
  let head = 0
  while (head < shortest - 1 && same((name) => name.slice(0, head + 1))) head += 1
  while (head > 0 && letter.test(names[0]?.[head - 1] ?? '')) head -= 1
  let tail = 0
  while (tail < shortest - head - 1 && same((name) => name.slice(-tail - 1))) tail += 1
  while (tail > 0 && letter.test(names[0]?.slice(-tail).charAt(0) ?? '')) tail -= 1
  const cut = names.map((name) => name.slice(head, name.length - tail).trim())
  return cut.every(Boolean) ? cut : names
}

export interface Block {
  id: string
  kind: Exclude<Schemas['Section']['kind'], 'headline'>
  name: string
  notes: Schemas['Section']['notes']
  figures: Figure[]
}

const countable = (figure: Figure) => figure.kind === 'derived' && figure.fold !== 'ratio'

/** The parts of the page in order. The table by unit and the comparison gather figures of several sections;
    they follow what is carried over, unless the report gives them parts of their own. */
export function blocksOf(report: Report, names: { by_unit: string; year_on_year: string }): Block[] {
  const byId = new Map(report.figures.map((figure) => [figure.id, figure]))
  const figures = (section: Schemas['Section']) =>
    section.figures.map((id) => byId.get(id)).filter((figure): figure is Figure => figure !== undefined)
  const own = new Set(report.sections.map((section) => section.kind))
  const gathered = (says: (section: Schemas['Section']) => boolean | undefined) =>
    report.sections
      .filter((section) => says(section) && (section.kind === 'headline' || section.kind === 'campaign'))
      .flatMap(figures)
      .filter(countable)

  const tables: Block[] = []
  const units = gathered((section) => section.by_unit)
  if (!own.has('by_unit') && units.length && report.by_unit.length)
    tables.push({ id: 'by_unit', kind: 'by_unit', name: names.by_unit, notes: [], figures: units })
  const years = gathered((section) => section.year_on_year).filter((figure) => figure.previous)
  if (!own.has('year_on_year') && years.length)
    tables.push({
      id: 'year_on_year',
      kind: 'year_on_year',
      name: names.year_on_year,
      notes: [],
      figures: years,
    })

  const blocks: Block[] = []
  for (const section of report.sections) {
    if (section.kind === 'headline') continue
    const block = { id: section.id, name: pick(section), notes: section.notes, figures: figures(section) }
    blocks.push({ ...block, kind: section.kind })
  }
  const carried = blocks.findIndex((block) => block.kind === 'carry_over')
  blocks.splice(carried + 1, 0, ...tables)
  return blocks
}

export interface BarGroup {
  unit: Schemas['Named']
  max: number
  rows: { id: string; name: string; value: number; base: boolean; figure: Figure | null }[]
}

/** Figures of one campaign grouped by unit: bars compare only within one unit. What a share is taken of
    stands above it as its base. */
export function barGroups(report: Report, figures: Figure[]): BarGroup[] {
  const groups = new Map<string, BarGroup>()
  const counted = figures.filter(countable)
  const ids = new Set(counted.map((figure) => figure.id))
  const shares = (figure: Figure) =>
    denominatorsOf(report, figure).filter((base) => base.kind === 'share' && base.unit.id === figure.unit.id)
  const whole = new Set(counted.flatMap(shares).map((base) => base.figure))
  for (const figure of counted) {
    const group = groups.get(figure.unit.id) ?? { unit: figure.unit, max: 1, rows: [] }
    groups.set(figure.unit.id, group)
    for (const base of shares(figure))
      if (!ids.has(base.figure) && !group.rows.some((row) => row.id === base.figure))
        group.rows.push({ id: base.figure, name: pick(base), value: base.value, base: true, figure: null })
    const base = whole.has(figure.id) && shares(figure).length === 0
    group.rows.push({ id: figure.id, name: shortName(figure), value: figure.value, base, figure })
  }
  for (const group of groups.values()) group.max = Math.max(...group.rows.map((row) => row.value), 1)
  return [...groups.values()]
}
