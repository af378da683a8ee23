// Which language the page speaks. One dictionary, typed by its Chinese half; switching needs no reload.

import { ref, watch } from 'vue'
import en from './en'
import type { Language } from './format'
import zh from './zh'

export type Key = keyof typeof zh

const stored = (): Language | null => {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('language')
  return asked === 'zh' || asked === 'en' ? asked : null
}

export const language = ref<Language>('zh')

export function startLanguage(): void {
  language.value = stored() ?? 'zh'
  watch(
    language,
    (value) => {
      document.documentElement.lang = value === 'zh' ? 'zh-CN' : 'en'
      localStorage.setItem('language', value)
    },
    { immediate: true },
  )
}

/** Fills {name}; {name:day|days} takes the first form for one and the second for any other number. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = values[name]
      if (value === undefined) return whole
      if (one === undefined || many === undefined) return String(value)
      return Number(String(value).replace(/,/g, '')) === 1 ? one : many
    },
  )
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill((language.value === 'zh' ? zh : en)[key], values)
}

/** The half of a pair of texts the page speaks; the other half where it is missing. */
export function pick(texts: { zh: string; en: string } | null | undefined): string {
  if (!texts) return ''
  return language.value === 'zh' ? texts.zh || texts.en : texts.en || texts.zh
}
