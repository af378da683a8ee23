// What the pages of credit, predicted risk, focus lists and the register share.

import type { Schemas } from '../../base/api'
import { civil, whole } from '../../base/format'
import { pick, t } from '../language'
import { day, type ShapeName, type Status } from '../words'

export type Grade = Schemas['CreditRow']['credit_grade']
export const grades: Grade[] = ['A', 'B', 'C', 'D', 'ungraded']

export const share = (value: number, places = 1) => (value * 100).toFixed(places) + '%'
export const fixed = (value: number, places = 2) => value.toFixed(places).replace('-', '\u2212')

export function asOfText(one: Schemas['AssessAsOf']): string {
  return t('rk.as_of', { on: day(one.on), seq: whole(one.seq), at: civil(one.at)[1] })
}

/** "检查发现问题 4 次（24 个月内满 3 次）": what met a condition of a focus rule. */
export function metText(met: Schemas['FocusReason']['met'][number]): string {
  if (met.word) return t('rk.met_word', { fact: pick(met.fact), word: pick(met.word) })
  const values = { fact: pick(met.fact), count: met.count, least: met.at_least, months: met.within_months }
  return t(met.within_months ? 'rk.met_count' : 'rk.met_ever', values)
}
export const reasonText = (reason: Schemas['FocusReason']) => reason.met.map(metText).join(t('list.comma'))

const contribution_keys = [
  'base', 'stratum', 'history', 'custody', 'safety', 'sample', 'complaint', 'listing', 'group', 'control',
  'hazard', 'exposure',
] as const
type Contribution = (typeof contribution_keys)[number]
export function contributionName(name: string): string {
  return contribution_keys.includes(name as Contribution) ? t(`rk.c_${name as Contribution}`) : name
}
/** +0.72: a step in log-odds, or the logarithm of a factor. */
export const logText = (log: number) => (log > 0 ? '+' : '') + fixed(log)

const tier_shapes: Record<string, ShapeName> = { special: 'diamond', high: 'triangle', medium: 'half', low: 'ring' }
export const tierShape = (id: string | undefined): ShapeName => tier_shapes[id ?? ''] ?? 'ring'

/** A level of the register: shape and word first, colour after them. */
export function levelStatus(level: Schemas['Named'] | null): Status {
  if (!level) return { kind: 'wait', shape: 'ring', text: t('rk.unassessed') }
  const kinds: Record<string, [string, ShapeName]> = {
    critical: ['late', 'diamond'],
    high: ['late', 'triangle'],
    medium: ['near', 'half'],
    low: ['closed', 'dot'],
  }
  const [kind, shape] = kinds[level.id] ?? ['closed', 'dot']
  return { kind, shape, text: pick(level) }
}

const warning_keys = ['unassessed', 'uncontrolled', 'review_due', 'escalated'] as const
export const warningText = (what: (typeof warning_keys)[number]) => t(`rk.w_${what}`)

const flag_keys = ['new', 'persisting', 'escalated', 'closed'] as const
export function flagText(flag: string | null): string {
  return flag && flag_keys.includes(flag as (typeof flag_keys)[number])
    ? t(`rk.flag_${flag as (typeof flag_keys)[number]}`)
    : ''
}

const group_keys = ['single', 'store', 'headquarters', 'chain', 'independent'] as const
export function groupName(group: Schemas['Named']): string {
  return group_keys.includes(group.id as (typeof group_keys)[number])
    ? t(`rk.g_${group.id as (typeof group_keys)[number]}`)
    : pick(group)
}

const effect_keys = [
  'counted', 'direct', 'lighter', 'capped', 'no_points', 'lapsed', 'ended', 'pending', 'annulled', 'later',
] as const
export function effectStatus(effect: (typeof effect_keys)[number]): Status {
  const text = t(`rk.e_${effect}`)
  if (effect === 'counted') return { kind: 'near', shape: 'triangle', text }
  if (effect === 'direct') return { kind: 'late', shape: 'diamond', text }
  if (effect === 'pending') return { kind: 'wait', shape: 'ring', text }
  return { kind: 'closed', shape: 'square', text }
}

export const creditAddress = (id: string) => `/credit/${encodeURIComponent(id)}`
export const operatorAddress = (id: string) => `/operators/${encodeURIComponent(id)}`
export const itemAddress = (id: string) => `/register/${encodeURIComponent(id)}`
export const dossierAddress = (id: string) => `/dossiers/${encodeURIComponent(id)}`

/** 9.5 of a fraction text "19/2"; as it stands where it is no fraction. */
export function pointsText(exact: string): string {
  const [above, below] = exact.split('/')
  if (below === undefined) return exact.replace('-', '\u2212')
  return String(Number((Number(above) / Number(below)).toFixed(2))).replace('-', '\u2212')
}
