// The field entry's dictionary, and how it prints times and sizes.
import { civil, shortDate } from '../base/format'
import { dictionary, language } from '../base/language'
import { stamp } from './clock'
import zh from './zh'

export const t = dictionary<keyof typeof zh>(zh, () => import('./en'))

/** Civil time in UTC+8: 10:31, or 7-1 18:02 on another day. */
export function clockText(at: string, now = stamp()): string {
  const [day, time] = civil(at)
  const [here] = civil(now)
  return day === here ? time : `${shortDate(day, here, language.value)} ${time}`
}
export function dayText(day: string, today: string): string {
  return shortDate(day, today, language.value)
}
/** 640 KB, 2.4 MB */
export function sizeText(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1000))} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`
}
