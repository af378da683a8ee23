// Clocks, states and values in the words the desk prints.

import type { Schemas } from '../base/api'
import { suspendedDays } from '../base/clock'
import { civil, percent, decimal, plain, shortDate, whole, yuan } from '../base/format'
import { language, pick, t, type Key } from './language'
import zh from './zh'
import { meta, today } from './session'

export type ShapeName =
  'dot' | 'ring' | 'half' | 'triangle' | 'diamond' | 'square' | 'pause' | 'tick' | 'no' | 'lock'

export interface Status {
  kind: string
  shape: ShapeName | null
  text: string
}

export function day(date: string | null | undefined): string {
  return date ? shortDate(date, today.value, language.value) : ''
}

export function moment(instant: string): string {
  const [date, time] = civil(instant)
  return date ? `${day(date)} ${time}` : ''
}

export function amount(unit: Schemas['ClockUnit'], n: number): string {
  return n === 0 ? t('amount.none') : t(`amount.${unit}`, { n: whole(n) })
}

const end = (clock: Schemas['Clock']) => (clock.due_at ? moment(clock.due_at) : day(clock.due.raw))

export function clockStatus(clock: Schemas['Clock']): Status {
  if (clock.standing === 'late') {
    // past its end on a rest day no unit has been exceeded yet
    const text =
      clock.left < 0
        ? t('clock.over', { amount: amount(clock.unit, -clock.left) })
        : t('clock.ended', { date: end(clock) })
    return { kind: 'late', shape: 'diamond', text }
  }
  if (clock.standing === 'suspended')
    return {
      kind: 'pause',
      shape: 'pause',
      text: t('clock.suspended', { n: suspendedDays(clock, today.value) }),
    }
  if (clock.standing === 'stopped') return { kind: 'closed', shape: 'square', text: t('clock.stopped') }
  const left =
    clock.due.raw === today.value
      ? t('clock.ends_today')
      : t('clock.left', { amount: amount(clock.unit, clock.left) })
  return clock.standing === 'near'
    ? { kind: 'near', shape: 'triangle', text: left }
    : { kind: 'plain', shape: null, text: left }
}

export function stateStatus(row: {
  state: Schemas['State']
  open: boolean
  clock?: Schemas['Clock'] | null
}): Status {
  const text = pick(row.state)
  if (row.state.id === 'voided') return { kind: 'no', shape: 'no', text: text || t('state.voided') }
  if (!row.open || row.state.terminal) return { kind: 'closed', shape: 'square', text }
  if (row.clock?.standing === 'suspended') return { kind: 'pause', shape: 'pause', text }
  return { kind: 'run', shape: 'dot', text }
}

/** "办案 90 日": what a clock limits and its budget. */
export function limitText(clock: Schemas['Clock']): string {
  return t('clock.limit', { name: pick(clock), amount: amount(clock.unit, clock.budget) })
}

/** 37.4% · 34.75 个 per 100: the quotient of a figure and its denominator. */
export function quotient(base: Schemas['Denominator'], unit: string): string {
  if (!base.quotient) return t('report.no_quotient')
  if (base.kind === 'share') return percent(base.quotient, 1)
  // 0.35 a visit says less than 34.75 a hundred visits
  const hundred = base.per === 100 || base.quotient.startsWith('0.')
  const value = decimal(base.quotient, 2, hundred ? 2 : 0)
  return t(hundred ? 'report.per_hundred' : 'report.per_one', { base: pick(base.unit), value, unit })
}

export function figureText(figure: Schemas['Figure']): string {
  if (figure.unit.id === 'fen') return yuan(figure.value)
  return figure.unit.id === 'share' ? percent(String(figure.value)) : plain(figure.value)
}

/** The value of a form field as people read it. */
export function valueText(attribute: Schemas['Attribute']): string {
  if (attribute.erased) return t('value.erased')
  if (attribute.masked) return t('value.masked')
  if (attribute.texts?.length) return attribute.texts.map(pick).join(t('list.and'))
  const value = attribute.value
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no')
  if (Array.isArray(value)) return value.join(t('list.and'))
  if (attribute.type === 'money' && typeof value === 'number') return t('value.yuan', { n: yuan(value) })
  if (attribute.type === 'date' && typeof value === 'string') return value
  if (attribute.type === 'instant' && typeof value === 'string') return civil(value).join(' ')
  return typeof value === 'number' ? whole(value) : String(value ?? '')
}

export function personName(person: Schemas['Person']): string {
  if (person.id === 'system') return t('person.system')
  return person.name ?? person.id
}

export function periodText(period: string): string {
  const match = /^(\d{4})(?:-(?:H([12])|Q([1-4])|(\d{2})))?$/.exec(period)
  if (!match) return period
  const year = match[1] ?? ''
  if (match[2]) return t(match[2] === '1' ? 'period.h1' : 'period.h2', { year })
  if (match[3]) return t('period.quarter', { year, n: match[3] })
  if (match[4]) return t('period.month', { year, n: Number(match[4]) })
  return t('period.year', { year })
}

export function campaignName(id: string): string {
  return pick(meta.value?.campaigns.find((one) => one.id === id)) || id
}

export function reportStatus(state: Schemas['ReportState']): Status {
  const kinds = {
    draft: { kind: 'run', shape: 'ring' },
    approved: { kind: 'run', shape: 'half' },
    frozen: { kind: 'done', shape: 'tick' },
    published: { kind: 'done', shape: 'tick' },
  } as const
  return { ...kinds[state], text: t(`report.${state}`) }
}

/** 李承砚、周沛 */
export function names(list: { zh: string; en: string }[]): string {
  return list.map(pick).join(t('list.and'))
}
export function people(list: Schemas['Person'][]): string {
  return list.map(personName).join(t('list.and'))
}

/** What a row of the access table lets one do; its id where a newer server has a row without a word here. */
export function policyName(id: string): string {
  const word = `policy.${id}`
  return word in zh ? t(word as Key) : id
}
