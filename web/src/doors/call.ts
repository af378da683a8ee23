// One call to the server, without a framework: what it answers, or a Problem, or Down. Addresses are relative
// to the page, so that an entry works below any path.

import { Down, failureOf } from '../base/problem'

export interface Asked {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  bytes?: Blob
  key?: string
  match?: string
  headers?: Record<string, string>
  timeout_ms?: number
}
export interface Answered<T> {
  data: T
  tag: string
  status: number
  /** The server's clock, where it says it; NaN otherwise. */
  at: number
  /** Seconds to wait before asking again, where it says so. */
  wait: number
}

/** '/api/x' beside the entry: the page lies in <base>/<entry>/. */
export function address(path: string): string {
  return new URL('..' + path, document.baseURI).href
}

export async function answered<T>(path: string, asked: Asked = {}): Promise<Answered<T>> {
  const headers: Record<string, string> = {
    'Accept-Language': document.documentElement.lang.startsWith('en') ? 'en' : 'zh-CN',
    ...asked.headers,
  }
  if (asked.key) headers['Idempotency-Key'] = asked.key
  if (asked.match) headers['If-Match'] = asked.match
  if (asked.bytes) headers['Content-Type'] = 'application/octet-stream'
  else if (asked.body !== undefined) headers['Content-Type'] = 'application/json'
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), asked.timeout_ms ?? 20_000)
  let response: Response
  let text: string
  try {
    response = await fetch(address(path), {
      method: asked.method ?? 'GET',
      headers,
      credentials: 'same-origin',
      signal: stop.signal,
      body: asked.bytes ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body)),
    })
    text = await response.text()
  } catch {
    throw new Down('')
  } finally {
    clearTimeout(timer)
  }
  let data: unknown = null
  try {
    data = text ? JSON.parse(text) : null
  } catch {
    throw new Down(`HTTP ${response.status}`)
  }
  const wait = Number(response.headers.get('Retry-After') ?? '')
  if (!response.ok) throw Object.assign(failureOf(response.status, data), { status: response.status, wait })
  return {
    data: data as T,
    tag: response.headers.get('ETag') ?? '',
    status: response.status,
    at: Date.parse(response.headers.get('Date') ?? ''),
    wait,
  }
}

export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await answered<T>(path, asked)).data
}

/** The status of a failure, 0 where nothing answered. */
export function statusOf(cause: unknown): number {
  return (cause as { status?: number }).status ?? 0
}
/** Seconds the server asked to wait; 0 where it did not say. */
export function waitOf(cause: unknown): number {
  return (cause as { wait?: number }).wait || 0
}

/** Query text of what is given; '' for nothing. */
export function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return given.length ? '?' + new URLSearchParams(given.map(([name, value]) => [name, String(value)])) : ''
}
