// A report of a reaction as it is typed: which fields stand there, which appear when they are needed, and what is sent.

import type { Schemas } from '../base/problem'
import type { Typed } from './drafts'

export type Report = Schemas['SafetyReportForm']
export const kinds = ['drug', 'device', 'cosmetic', 'vaccine'] as const
export type Kind = (typeof kinds)[number]
export const kindOf = (value: string | string[] | undefined): Kind =>
  kinds.find((one) => one === value) ?? 'drug'

export const seriousness = ['general', 'serious', 'death'] as const
export const social = ['general', 'serious', 'social'] as const
export const grounds = ['death', 'life', 'cancer_birth', 'disability', 'hospital', 'other'] as const
export const outcomes = ['recovered', 'improved', 'not_improved', 'sequelae', 'death', 'unknown'] as const
export const causalities = ['certain', 'probable', 'possible', 'unlikely', 'pending', 'unassessable'] as const
export const missings = ['package_gone', 'not_recorded', 'patient_unknown', 'not_applicable'] as const
export const dechallenges = ['yes', 'no', 'unknown', 'not_stopped'] as const
export const rechallenges = ['yes', 'no', 'unknown', 'not_reused'] as const

/** Which words of seriousness a kind has: cosmetics know no death of their own but a social impact. */
export const gravity = (kind: Kind): readonly ('general' | 'serious' | 'death' | 'social')[] =>
  kind === 'cosmetic' ? social : seriousness

export type Group = 'what' | 'happened' | 'patient' | 'use' | 'judgement'
export interface Field {
  id: keyof Report
  group: Group
  type: 'text' | 'list' | 'date' | 'choice' | 'radio' | 'number' | 'area' | 'checks' | 'check'
  /** Stands there from the start; the others wait behind “more”, or for what makes them needed. */
  first?: boolean
  required?: boolean
  shown?: (typed: Typed, kind: Kind) => boolean
}
const grave = (typed: Typed) => ['serious', 'death', 'social'].includes(text(typed, 'seriousness'))

export const fields: readonly Field[] = [
  { id: 'product', group: 'what', type: 'text', first: true, required: true },
  { id: 'batch', group: 'what', type: 'text', first: true },
  { id: 'batch_missing', group: 'what', type: 'choice', shown: (typed) => !text(typed, 'batch') && typed['no_batch'] === 'yes' },
  { id: 'approval', group: 'what', type: 'text' },
  { id: 'maker', group: 'what', type: 'text' },
  { id: 'reactions', group: 'happened', type: 'list', first: true, required: true },
  { id: 'onset_on', group: 'happened', type: 'date', first: true },
  { id: 'outcome', group: 'happened', type: 'choice', first: true },
  { id: 'seriousness', group: 'happened', type: 'radio', first: true, required: true },
  { id: 'seriousness_grounds', group: 'happened', type: 'checks', shown: grave },
  { id: 'new', group: 'happened', type: 'check', shown: grave },
  { id: 'narrative', group: 'happened', type: 'area', first: true },
  { id: 'patient_name', group: 'patient', type: 'text', first: true },
  { id: 'sex', group: 'patient', type: 'radio', first: true },
  { id: 'age_years', group: 'patient', type: 'number', first: true },
  { id: 'patient_number', group: 'patient', type: 'text' },
  { id: 'weight_kg', group: 'patient', type: 'number' },
  { id: 'started_on', group: 'use', type: 'date', first: true },
  { id: 'indication', group: 'use', type: 'text', first: true },
  { id: 'dose', group: 'use', type: 'text' },
  { id: 'dechallenge', group: 'use', type: 'choice', shown: (_, kind) => kind !== 'vaccine' },
  { id: 'rechallenge', group: 'use', type: 'choice', shown: (_, kind) => kind !== 'vaccine' },
  { id: 'causality', group: 'judgement', type: 'choice', first: true },
  { id: 'known_on', group: 'judgement', type: 'date', first: true },
]

export function text(typed: Typed, id: string): string {
  const value = typed[id]
  return (Array.isArray(value) ? value.join('\n') : (value ?? '')).trim()
}
const conditional = (field: Field) => !!field.shown && !field.first && field.group !== 'use'
/** The fields of a group one sees now: the first ones, those that became needed, and with `more` the rest. */
export function visible(group: Group, typed: Typed, more: boolean): Field[] {
  const kind = kindOf(typed['kind'])
  return fields.filter((field) => {
    if (field.group !== group || (field.shown && !field.shown(typed, kind))) return false
    return field.first || conditional(field) || more || !!text(typed, field.id)
  })
}

/** 皮疹、瘙痒；发热 → three reactions */
export function list(value: string): string[] {
  return [...new Set(value.split(/[、，,;；\n]+/).map((one) => one.trim()).filter(Boolean))]
}
const amount = (value: string): number | null => {
  const narrow = value.normalize('NFKC').trim()
  return /^\d{1,3}(\.\d{1,2})?$/.test(narrow) ? Number(narrow) : null
}

export type Wrong = 'required' | 'number' | 'reason' | 'future' | 'before'
/** What is sent, and what is wrong with it before it is sent. Fields out of sight are not sent. */
export function read(typed: Typed, today: string): { body: Report; wrong: Record<string, Wrong> } {
  const kind = kindOf(typed['kind'])
  const wrong: Record<string, Wrong> = {}
  const body: Record<string, unknown> = { kind }
  if (text(typed, 'follow_up_of')) body['follow_up_of'] = text(typed, 'follow_up_of')
  for (const field of fields) {
    if (field.shown && !field.shown(typed, kind)) continue
    const value = text(typed, field.id)
    if (!value) {
      if (field.required) wrong[field.id] = 'required'
      continue
    }
    if (field.type === 'list') body[field.id] = list(value)
    else if (field.type === 'checks') body[field.id] = Array.isArray(typed[field.id]) ? typed[field.id] : list(value)
    else if (field.type === 'check') body[field.id] = value === 'yes'
    else if (field.type === 'number') {
      const n = amount(value)
      if (n === null) wrong[field.id] = 'number'
      else body[field.id] = n
    } else {
      body[field.id] = value
      if (field.type === 'date' && today && value > today) wrong[field.id] = 'future'
    }
  }
  const [onset, started] = [text(typed, 'onset_on'), text(typed, 'started_on')]
  if (onset && started && onset < started && !wrong['onset_on']) wrong['onset_on'] = 'before'
  if (typed['no_batch'] === 'yes' && !text(typed, 'batch') && !text(typed, 'batch_missing'))
    wrong['batch_missing'] = 'reason'
  body['reactions'] ??= []
  body['product'] ??= ''
  body['seriousness'] ??= ''
  return { body: body as unknown as Report, wrong }
}

/** A report that came back, as a form to be mended. */
export function typedOf(report: Schemas['SafetyReport']): Typed {
  const first = report.products[0]
  const given: Record<string, string | number | null | undefined> = {
    kind: report.kind,
    follow_up_of: report.number,
    product: first?.name,
    approval: first?.approval,
    maker: first?.maker,
    batch: first?.batch,
    reactions: report.reactions.join('、'),
    onset_on: report.onset_on,
    known_on: report.known_on,
    seriousness: report.seriousness,
    outcome: report.outcome,
    causality: report.causality,
    sex: report.sex,
    age_years: report.age_years,
    weight_kg: report.weight_kg,
  }
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => [name, String(value)]),
  )
}
