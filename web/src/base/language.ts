// Which language the page speaks. Each entry has one dictionary, typed by its Chinese half; the English half
// is fetched when it is first wanted, and switching needs no reload.

import { ref, shallowRef } from 'vue'
import type { Language } from './format'
import { fill } from './text'

export { fill }

const stored = (): Language | null => {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('language')
  return asked === 'zh' || asked === 'en' ? asked : null
}

export const language = ref<Language>('zh')

type Fetch = () => Promise<{ default: Record<string, string> }>
interface Dictionary {
  zh: Record<string, string>
  en: { value: Record<string, string> | null }
  fetch: Fetch
}
const dictionaries: Dictionary[] = []

/** Speaks: t('key', {name: value}). A key the English half lacks is shown in Chinese. */
export type Speak<Key extends string> = (key: Key, values?: Record<string, string | number>) => string

/** The words of one entry. `en` is imported lazily: dictionary(zh, () => import('./en')). */
export function dictionary<Key extends string>(zh: Record<Key, string>, en: Fetch): Speak<Key> {
  const own: Dictionary = { zh, en: shallowRef(null), fetch: en }
  dictionaries.push(own)
  return (key, values = {}) =>
    fill((language.value === 'en' ? own.en.value?.[key] : undefined) ?? zh[key], values)
}

function show(value: Language): void {
  language.value = value
  document.documentElement.lang = value === 'zh' ? 'zh-CN' : 'en'
}

/** Changes the language once its words are here; an unreachable server leaves the old one. */
export async function chooseLanguage(value: Language): Promise<void> {
  if (value === 'en')
    await Promise.all(
      dictionaries.map(async (one) => {
        one.en.value ??= (await one.fetch()).default
      }),
    )
  localStorage.setItem('language', value)
  show(value)
}

/** Call before mounting, after the dictionaries are declared. */
export async function startLanguage(): Promise<void> {
  const wanted = stored() ?? 'zh'
  show('zh')
  if (wanted === 'en') await chooseLanguage('en').catch(() => undefined)
}

/** The half of a pair of texts the page speaks; the other half where it is missing. */
export function pick(texts: { zh: string; en: string } | null | undefined): string {
  if (!texts) return ''
  return language.value === 'zh' ? texts.zh || texts.en : texts.en || texts.zh
}
