// Signals, clusters and reports in the words the desk prints.

import type { Schemas } from '../../base/api'
import { dayOf, decimal, percent, whole } from '../../base/format'
import { pick, t, type Key } from '../language'
import { today } from '../session'
import { day, moment, type Status } from '../words'

export type SignalRow = Schemas['SignalRow']
export type Measures = Schemas['SignalMeasures']
export type ReportRow = Schemas['SafetyReportRow']

export const kinds = ['drug', 'device', 'cosmetic', 'vaccine'] as const
export type Kind = (typeof kinds)[number]
export const levels = ['ingredient', 'name', 'maker', 'approval', 'batch'] as const
export type Level = (typeof levels)[number]
export const known = <T extends string>(list: readonly T[], value: string | undefined): T | undefined =>
  list.find((one) => one === value)

export const kindOf = (value: string | undefined): Kind => known(kinds, value) ?? 'drug'
export const levelOf = (value: string | undefined): Level => known(levels, value) ?? 'name'

// words of the server's vocabularies; what is none of them is printed as it came
const graveness = ['death', 'serious', 'social', 'general'] as const
const outcomes = ['recovered', 'improved', 'not_improved', 'unknown', 'sequelae', 'death'] as const
const causalities = ['certain', 'probable', 'possible', 'unlikely', 'pending', 'unassessable'] as const
const sexes = ['male', 'female'] as const
const judges = ['reporter', 'holder', 'county', 'city', 'province'] as const
const strata = ['sex', 'age', 'year', 'region', 'source'] as const
const sites = ['hospital', 'pharmacy', 'cdc', 'holder', 'distributor'] as const

const or = (value: string) => value || t('vg.not_given')
export function seriousName(value: string): string {
  const one = known(graveness, value)
  return one ? t(`vg.serious_${one}`) : or(value)
}
export function seriousStatus(value: string): Status {
  const text = seriousName(value)
  if (value === 'death') return { kind: 'late', shape: 'diamond', text }
  if (value === 'serious' || value === 'social') return { kind: 'near', shape: 'triangle', text }
  return { kind: 'plain-0', shape: null, text }
}
export function outcomeName(value: string): string {
  const one = known(outcomes, value)
  return one ? t(`vg.outcome_${one}`) : or(value)
}
export function causalityName(value: string): string {
  const one = known(causalities, value)
  return one ? t(`vg.causality_${one}`) : or(value)
}
export function sexName(value: string): string {
  const one = known(sexes, value)
  return one ? t(`vg.sex_${one}`) : or(value)
}
export function judgeName(value: string): string {
  const one = known(judges, value)
  return one ? t(`vg.by_${one}`) : value
}
export function stratumName(value: string): string {
  const one = known(strata, value)
  return one ? t(`vg.stratum_${one}`) : value
}
export function stratumValue(stratum: string, value: string): string {
  if (!value) return t('vg.not_given')
  if (stratum === 'sex') return sexName(value)
  return stratum === 'age' ? ageBand(value) : value
}
/** 18-44 → 18–44 岁 · 65- → 65 岁以上; another form as it came */
export function ageBand(value: string): string {
  const match = /^(\d+)-(\d*)$/.exec(value)
  if (!match) return value
  return match[2] ? t('vg.age_band', { from: match[1]!, to: match[2] }) : t('vg.age_over', { from: match[1]! })
}
export function siteKind(value: string): string {
  const one = known(sites, value)
  return one ? t(`vg.site_${one}`) : value
}
export const kindName = (value: string): string => t(`vg.kind_${kindOf(value)}`)

// numbers

/** 2.31 · −0.45 · 12,480.0: a measure at its own precision. */
export function fixed(value: number, places = 2): string {
  return decimal(value.toFixed(places), places)
}
/** A measure, or the word for what cannot be estimated; never blank. */
export function measured(value: number | null | undefined, places = 2, infinite = false): string {
  if (infinite) return t('vg.infinite')
  return value === null || value === undefined ? t('vg.not_estimable') : fixed(value, places)
}
const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹'
/** 0.0312 · 3.1 × 10⁻¹⁰ */
export function pText(p: number | null | undefined): string {
  if (p === null || p === undefined) return t('vg.not_estimable')
  if (p === 0) return '0'
  if (p >= 0.001) return fixed(p, p >= 0.1 ? 2 : 4)
  const power = Math.floor(Math.log10(p))
  const digits = [...String(-power)].map((one) => raised[Number(one)]).join('')
  return `${(p / 10 ** power).toFixed(1)} × 10⁻${digits}`
}
export const shareText = (share: number): string => percent(share.toFixed(6), 1)

// the measures, lower limits first: what a criterion asks for stands before the estimate

export interface MeasureRow {
  id: 'ebgm' | 'ic' | 'ror' | 'prr'
  name: string
  how: Key
  estimate: number | null
  lower: number | null
  upper: number | null
  infinite: boolean
  /** estimate and limits as ratios for a shared axis: 2^IC for IC */
  ratio: { estimate: number | null; lower: number | null; upper: number | null }
}
const power = (value: number | null) => (value === null ? null : 2 ** value)
export function measureRows(m: Measures): MeasureRow[] {
  const row = (
    id: MeasureRow['id'],
    name: string,
    how: Key,
    [estimate, lower, upper]: [number | null, number | null, number | null],
    infinite = false,
  ): MeasureRow => ({
    id,
    name,
    how,
    estimate,
    lower,
    upper,
    infinite,
    ratio:
      id === 'ic'
        ? { estimate: power(estimate), lower: power(lower), upper: power(upper) }
        : { estimate, lower, upper },
  })
  return [
    row('ebgm', 'EBGM', 'vg.how_ebgm', [m.ebgm, m.eb05, m.eb95]),
    row('ic', 'IC', 'vg.how_ic', [m.ic, m.ic025, m.ic975]),
    row('ror', 'ROR', 'vg.how_ror', [m.ror, m.ror_lower, m.ror_upper], m.ror_infinite),
    row('prr', 'PRR', 'vg.how_prr', [m.prr, m.prr_lower, m.prr_upper], m.prr_infinite),
  ]
}

/** As of which data a judgement speaks. */
export function asOfText(asOf: Schemas['SignalAsOf']): string {
  return asOf.judged
    ? t('vg.as_of', { n: whole(asOf.seq), time: moment(asOf.judged) })
    : t('vg.as_of_never', { n: whole(asOf.seq) })
}

// states

export function reportStatus(state: string): Status {
  const looks = {
    returned: { kind: 'pause', shape: 'pause' },
    waiting: { kind: 'run', shape: 'ring' },
    uncoded: { kind: 'near', shape: 'triangle' },
    reviewed: { kind: 'done', shape: 'tick' },
  } as const
  const one = known(['returned', 'waiting', 'uncoded', 'reviewed'] as const, state)
  return one ? { ...looks[one], text: t(`vg.state_${one}`) } : { kind: 'wait', shape: 'ring', text: state }
}
export const near_days = 3
/** A limit known by its end alone: what is left in days, or how far past. */
export function dueStatus(due: string): Status {
  const left = dayOf(due) - dayOf(today.value)
  if (left < 0) return { kind: 'late', shape: 'diamond', text: t('vg.over', { n: whole(-left) }) }
  const text = left === 0 ? t('clock.ends_today') : t('vg.left', { n: whole(left) })
  return left <= near_days ? { kind: 'near', shape: 'triangle', text } : { kind: 'plain', shape: null, text }
}
/** How much of a limit is used, 0 to 1. */
export function dueShare(from: string | null, due: string): number {
  const [start, end] = [from ? dayOf(from) : NaN, dayOf(due)]
  if (!(end > start)) return 1
  return Math.min(1, Math.max(0, (dayOf(today.value) - start) / (end - start)))
}
export function clusterStatus(row: { status: string; dossier: string | null }): Status {
  if (row.status === 'withdrawn') return { kind: 'closed', shape: 'square', text: t('vg.cluster_withdrawn') }
  return row.dossier
    ? { kind: 'run', shape: 'dot', text: t('vg.cluster_standing') }
    : { kind: 'near', shape: 'triangle', text: t('vg.cluster_undecided') }
}

/** 6-16 至 6-24 */
export const span = (from: string, to: string): string => t('vg.span', { from: day(from), to: day(to) })
/** 63 岁 女 */
export function patientText(row: { sex: string; age_years: number | null }): string {
  const age = row.age_years === null ? '' : t('vg.age', { n: whole(row.age_years) })
  const sex = known(sexes, row.sex) ? sexName(row.sex) : ''
  return [age, sex].filter(Boolean).join(' ') || t('vg.not_given')
}
export const productText = (row: { products: readonly { name: string }[] }): string =>
  row.products.map((one) => one.name).join(t('list.and'))

/** The criteria a row meets, by their short names. */
export function metNames(ids: readonly string[], list: Schemas['SignalCriteria']['items']): string {
  return ids.map((id) => pick(list.find((one) => one.id === id)) || id).join(t('list.and'))
}

// addresses: names and numbers hold anything, so they stand in the query

export interface PairAddress {
  product: string
  reaction: string
  kind?: string
  level?: string
  reactions?: string
}
export function pairAddress(pair: PairAddress) {
  const { product, reaction, kind, level, reactions } = pair
  return {
    path: '/vigilance/pair',
    query: {
      product,
      reaction,
      ...(kind && kind !== 'drug' ? { kind } : {}),
      ...(level && level !== 'name' ? { level } : {}),
      ...(reactions && reactions !== 'term' ? { reactions } : {}),
    },
  }
}
export const clusterAddress = (id: string) => ({ path: '/vigilance/cluster', query: { id } })
export const reportAddress = (number: string) => ({ path: '/vigilance/report', query: { number } })
