// The typed client of src/api/openapi.json for the entries that use Vue. Who asks is the cookie's matter; an
// ended session is announced once and the call waits for the next one, so that nothing typed is lost.

import createClient from 'openapi-fetch'
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { language } from './language'
import { Down, Problem, asFailure, failureOf, freshKey, type Schemas } from './problem'
import type { paths } from './schema'

export { Down, Problem, asFailure, freshKey }
export type { Schemas }

export const api = createClient<paths>({ baseUrl: '' })
api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language.value)
    return request
  },
})

/** Counts the sessions of this page: what reads through `useQuery` reads again when somebody signs in. */
export const sessions = ref(0)

/** What says that nobody is signed in any more. */
const ended = ['not_signed_in']

type Renew = () => Promise<void>
let renew: Renew | null = null
let renewing: Promise<void> | null = null

/** What happens when the server no longer knows the session: resolves when somebody is signed in again. */
export function onSessionEnd(how: Renew): void {
  renew = how
}

type Reason = (refusal: Schemas['Problem'] | null) => Promise<string | null>
let reason: Reason | null = null

/** What happens when the server wants to know why somebody looks: resolves to the purpose, null to give up. */
export function onPurposeMissing(how: Reason): void {
  reason = how
}

/** Asks the reader why, before anything is asked of the server; null to give up. */
export async function askPurpose(): Promise<string | null> {
  const purpose = reason ? await reason(null) : null
  return purpose === null ? null : inHeader(purpose)
}
/** A header is ASCII; the server decodes. */
const inHeader = (purpose: string) => encodeURIComponent(purpose)

/** Repeats itself where the page may have to sign in again or give a purpose; `headers` go with the call. */
export type Call<T> = Promise<Answer<T>> | ((headers: Record<string, string>) => Promise<Answer<T>>)

export interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer with its ETag. `call` may be a promise, or a function when the call may be repeated. */
export async function answer<T>(call: Call<T>): Promise<{ data: T; tag: string | null }> {
  const headers: Record<string, string> = {}
  for (;;) {
    let result: Answer<T>
    try {
      result = await (typeof call === 'function' ? call(headers) : call)
    } catch (cause) {
      throw new Down(cause instanceof TypeError ? '' : String(cause)) // fetch says only that it failed
    }
    const { response } = result
    if (response.ok) return { data: result.data as T, tag: response.headers.get('ETag') }
    const failure = failureOf(response.status, result.error)
    if (typeof call !== 'function' || !(failure instanceof Problem) || !(await mended(failure, headers)))
      throw failure
  }
}

/** Whether the obstacle is out of the way and the call worth repeating. */
async function mended(failure: Problem, headers: Record<string, string>): Promise<boolean> {
  if (ended.includes(failure.problem.code) && renew) {
    renewing ??= renew().finally(() => {
      renewing = null
    })
    await renewing
    return true
  }
  if (failure.problem.code === 'purpose_missing' && reason && !headers['X-Purpose']) {
    const purpose = await reason(failure.problem)
    if (purpose === null) return false
    headers['X-Purpose'] = inHeader(purpose)
    return true
  }
  return false
}

/** The data of an answer, or the error it stands for. */
export async function ask<T>(call: Call<T>): Promise<T> {
  return (await answer(call)).data
}

export interface Query<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<Problem | Down | null>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/** Asks now and whenever what `call` reads changes. Old data stays while new data is on its way; a late
    answer is dropped. */
export function useQuery<T>(call: () => Promise<T> | null): Query<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<Problem | Down | null>(null)
  const loading = ref(false)
  let latest = 0
  async function take(pending: Promise<T> | null): Promise<void> {
    const mine = ++latest
    if (!pending) return
    loading.value = true
    try {
      const value = await pending
      if (mine === latest) {
        data.value = value
        error.value = null
      }
    } catch (cause) {
      if (mine !== latest) return
      data.value = null
      error.value = asFailure(cause)
    } finally {
      if (mine === latest) loading.value = false
    }
  }
  const source = () => {
    void language.value
    void sessions.value
    return { pending: call() } // in a box: Vue would report a rejection that is handled below
  }
  watch(
    source,
    ({ pending }) => {
      void take(pending)
    },
    { immediate: true },
  )
  return { data, error, loading, reload: () => take(call()) }
}
