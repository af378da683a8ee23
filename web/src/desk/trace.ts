// Findings, events and firms of the pack trace in the words the desk prints.

import type { Fate, FindingStatus, PackFinding, PackOperator, Severity } from '../base/packs'
import { civil, dayOf, whole } from '../base/format'
import { t } from './language'
import { meta, today } from './session'
import { day, type Status } from './words'

export function severityStatus(severity: Severity): Status {
  const looks = {
    critical: { kind: 'late', shape: 'diamond' },
    major: { kind: 'near', shape: 'triangle' },
    minor: { kind: 'wait', shape: 'ring' },
  } as const
  return { ...looks[severity], text: t(`trace.severity_${severity}`) }
}

export function findingStatus(status: FindingStatus): Status {
  const looks = {
    confirmed: { kind: 'run', shape: 'dot' },
    provisional: { kind: 'wait', shape: 'ring' },
    withdrawn: { kind: 'closed', shape: 'square' },
  } as const
  return { ...looks[status], text: t(`trace.status_${status}`) }
}

const types = ['manufacturer', 'wholesaler', 'chain_headquarters', 'chain_store', 'pharmacy', 'hospital'] as const
export function firmType(firm: PackOperator): string {
  const known = types.find((one) => one === firm.type)
  return t(known ? `trace.type_${known}` : 'trace.type_other')
}

const actions = [
  'produce',
  'ship',
  'receive',
  'dispense',
  'use',
  'return_out',
  'return_in',
  'destroy',
  'sample',
] as const
export function actionName(action: string): string {
  const known = actions.find((one) => one === action)
  return t(known ? `trace.action_${known}` : 'trace.action_other')
}
export function fateStatus(fate: Fate, holder: string): Status {
  const looks = {
    held: { kind: 'done', shape: 'dot' },
    in_transit: { kind: 'run', shape: 'half' },
    used: { kind: 'closed', shape: 'square' },
    destroyed: { kind: 'closed', shape: 'square' },
    sampled: { kind: 'closed', shape: 'square' },
    unknown: { kind: 'near', shape: 'triangle' },
  } as const
  const text = t(`trace.fate_${fate}`)
  return { ...looks[fate], text: holder ? t('trace.fate_at', { fate: text, name: holder }) : text }
}

export interface Wait {
  /** share of the wait that has passed, 0 to 1 */
  passed: number
  text: string
  over: boolean
}
/** How long a provisional finding still waits for the silent firm; null where it waits for nobody. */
export function waiting(finding: PackFinding): Wait | null {
  if (finding.status !== 'provisional' || !finding.waits_until) return null
  const now = Date.parse(meta.value?.now ?? '')
  const [from, until] = [Date.parse(finding.first_seen), Date.parse(finding.waits_until)]
  const passed = until > from ? Math.min(1, Math.max(0, (now - from) / (until - from))) : 1
  if (now >= until) return { passed: 1, text: t('trace.wait_over'), over: true }
  const left = dayOf(civil(finding.waits_until)[0]) - dayOf(today.value)
  const date = day(civil(finding.waits_until)[0])
  return {
    passed,
    text: left <= 0 ? t('trace.wait_today') : t('trace.wait_left', { n: whole(left), date }),
    over: false,
  }
}

/** 11-22, or 2024-11-22 where the year is another than `near` */
export function eventDay(instant: string): string {
  return day(civil(instant)[0])
}
export const clockTime = (instant: string): string => civil(instant)[1]
export const dateText = (instant: string): string => civil(instant)[0]

/** Hours between an event and its upload, in words: 2 h, 3 d. */
export function lagText(event: string, uploaded: string): string {
  const hours = Math.max(0, Math.round((Date.parse(uploaded) - Date.parse(event)) / 3_600_000))
  if (hours === 0) return t('trace.lag_none')
  return hours < 48
    ? t('trace.lag_hours', { n: whole(hours) })
    : t('trace.lag_days', { n: whole(Math.round(hours / 24)) })
}
export function hoursText(hours: number): string {
  return hours < 48
    ? t('trace.lag_hours', { n: whole(Math.round(hours)) })
    : t('trace.lag_days', { n: whole(Math.round(hours / 24)) })
}
export const ruleName = (number: number | null, title: string): string =>
  number === null ? title : t('trace.rule_n', { n: number, title })
