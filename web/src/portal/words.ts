// The portal's dictionary, and how it prints what is left of a limit.
import type { Schemas } from '../base/problem'
import { shortDate } from '../base/format'
import { dictionary, language } from '../base/language'
import zh from './zh'

export const t = dictionary<keyof typeof zh>(zh, () => import('./en'))

export interface Standing {
  kind: 'late' | 'near' | 'run' | 'pause' | 'done'
  shape: 'diamond' | 'triangle' | 'pause' | 'tick' | 'dot' | null
  text: string
}
/** A limit in words first: what is left, in the unit of the law. */
export function standing(clock: Schemas['PortalClock']): Standing {
  const n = Math.abs(clock.left)
  const known = ['working_day', 'calendar_day', 'hour', 'month', 'year'] as const
  const unit = known.find((one) => one === clock.unit) ?? 'calendar_day'
  const said = { n, unit: t(`unit.${unit}`, { n }) }
  if (clock.standing === 'suspended') return { kind: 'pause', shape: 'pause', text: t('clock.suspended') }
  if (clock.standing === 'late') return { kind: 'late', shape: 'diamond', text: t('clock.late', said) }
  const text = clock.left === 0 ? t('clock.today') : t('clock.left', said)
  return clock.standing === 'near'
    ? { kind: 'near', shape: 'triangle', text }
    : { kind: 'run', shape: null, text }
}
export function day(date: string | null, today: string): string {
  return date ? shortDate(date, today, language.value) : ''
}
/** 640 KB, 2.4 MB */
export function sizeText(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1000))} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`
}
