// The typed client of src/api/openapi.json. A refusal of the server arrives as a `Problem`, a server that
// does not answer as `Down`.

import createClient from 'openapi-fetch'
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { language } from './language'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

export class Problem extends Error {
  constructor(readonly problem: Schemas['Problem']) {
    super(problem.title)
  }
}
export class Down extends Error {}

const asPerson = 'person'
export const person = ref(localStorage.getItem(asPerson) ?? '')
export function actAs(id: string): void {
  person.value = id
  if (id) localStorage.setItem(asPerson, id)
  else localStorage.removeItem(asPerson)
}

export const api = createClient<paths>({ baseUrl: '' })
api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language.value)
    if (person.value) request.headers.set('X-Person', person.value)
    return request
  },
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of an answer, or the error it stands for. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (cause) {
    throw new Down(cause instanceof TypeError ? '' : String(cause)) // fetch says only that it failed
  }
  if (answer.data !== undefined) return answer.data
  const problem = answer.error as Partial<Schemas['Problem']> | undefined
  if (problem && typeof problem === 'object' && problem.code) throw new Problem(problem as Schemas['Problem'])
  throw new Down(`HTTP ${answer.response.status}`)
}

/** A key that makes a repeated POST one act. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
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
      error.value = cause instanceof Problem || cause instanceof Down ? cause : new Down(String(cause))
    } finally {
      if (mine === latest) loading.value = false
    }
  }
  const source = () => {
    void language.value
    void person.value
    return call()
  }
  watch(
    source,
    (pending) => {
      void take(pending)
    },
    { immediate: true },
  )
  return { data, error, loading, reload: () => take(call()) }
}
