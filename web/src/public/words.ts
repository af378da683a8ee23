// The words of the views, in the language the page speaks now.

import { fill } from '../base/text'
import zh from './zh'

type Key = keyof typeof zh
let english: Record<Key, string> | null = null

export const isEnglish = (): boolean => document.documentElement.lang === 'en'

/** Call before a view is shown. */
export async function ready(): Promise<void> {
  if (isEnglish()) english ??= (await import('./en')).default
}
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill((isEnglish() && english ? english : zh)[key], values)
}
export function pick(texts: { zh: string; en: string } | null | undefined): string {
  if (!texts) return ''
  return isEnglish() ? texts.en || texts.zh : texts.zh || texts.en
}
export function names(all: { zh: string; en: string }[]): string {
  return all.map(pick).join(t('and'))
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
/** 2025 年 6 月 24 日 · 24 Jun 2025 */
export function date(day: string | null): string {
  const [year, month, date] = (day ?? '').split('-').map(Number)
  if (!year || !month || !date) return ''
  return isEnglish() ? `${date} ${months[month - 1]} ${year}` : `${year} 年 ${month} 月 ${date} 日`
}
