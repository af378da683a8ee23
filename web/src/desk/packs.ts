// Asking the pack routes from the desk. Plain fetch in the shape `ask` wants, until the generated client knows the routes.

import type { Answer } from '../base/api'
import { language } from './language'

/** The answer of a route, for ask(): ask((headers) => packRoute<Pack>('/codes/…', { headers })). */
export async function packRoute<T>(
  path: string,
  given: { headers?: Record<string, string>; body?: unknown; key?: string } = {},
): Promise<Answer<T>> {
  const response = await fetch('/api/packs' + path, {
    method: given.body === undefined ? 'GET' : 'POST',
    headers: {
      'Accept-Language': language.value,
      ...(given.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(given.key ? { 'Idempotency-Key': given.key } : {}),
      ...given.headers,
    },
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
  })
  const data: unknown = await response.json().catch(() => null)
  return response.ok ? { data: data as T, response } : { error: data, response }
}

export const packAddress = (code: string, finding?: string) => ({
  path: '/trace/pack',
  query: finding ? { code, finding } : { code },
})
export const batchAddress = (id: string) => ({ path: '/trace/batch', query: { id } })
export const operatorAddress = (id: string) => `/operators/${encodeURIComponent(id)}`
export const leadAddress = (id: string) => `/dossiers/${encodeURIComponent(id)}`

/** What somebody typed or scanned into the box: a pack code has fourteen digits and more, or brackets, or an address. */
export function isCode(text: string): boolean {
  const narrow = text.normalize('NFKC').replace(/[\s-]/g, '')
  return /^\d{14,}$/.test(narrow) || /^\(\d{2}\)/.test(narrow) || /^https?:/i.test(narrow)
}
/** 8100 0010 0123 4567 8901 · other kinds as they are */
export function codeText(code: string): string {
  return /^\d{16,}$/.test(code) ? code.replace(/(.{4})(?=.)/g, '$1 ') : code
}
