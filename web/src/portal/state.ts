// Who is signed in, and asking the server: old data stays while new data is on its way; a session that ended
// asks to sign in and then reads again.

import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { asFailure, Problem, type Down, type Schemas } from '../base/problem'
import { language } from '../base/language'
import { call, statusOf } from '../doors/call'

export const session = shallowRef<Schemas['Session'] | null>(null)
export const asks = ref(false)
export const ready = ref(false)
export const down = ref(false)
export const unread = ref(0)
/** The server's civil date: dates of the same year are printed short. */
export const today = ref('')
const entered = ref(0)

export async function start(): Promise<void> {
  down.value = false
  try {
    session.value = await call<Schemas['Session']>('/api/session')
    asks.value = session.value.entry !== 'portal'
  } catch (cause) {
    if (statusOf(cause) === 401) asks.value = true
    else down.value = true
  }
  ready.value = true
  if (session.value && !asks.value) void count()
}
export function signedIn(now: Schemas['Session']): void {
  session.value = now
  asks.value = false
  entered.value += 1
  void count()
}
async function count(): Promise<void> {
  today.value ||= await call<Schemas['PortalToday']>('/api/portal/today')
    .then((one) => one.date)
    .catch(() => '')
  try {
    unread.value = (await call<Schemas['NoticePage']>('/api/notices?unread=true&limit=1')).unread
  } catch {
    unread.value = 0
  }
}
export async function signOut(): Promise<void> {
  await call('/api/session', { method: 'DELETE' }).catch(() => undefined)
  session.value = null
  asks.value = true
}

export interface Asked<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<Problem | Down | null>
  reload: () => Promise<void>
}
export function useAsk<T>(path: () => string, take?: (data: T) => void): Asked<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<Problem | Down | null>(null)
  const loading: Ref<number> = ref(0)
  async function reload(): Promise<void> {
    const mine = ++loading.value
    try {
      const now = await call<T>(path())
      if (mine !== loading.value) return
      data.value = now
      error.value = null
      take?.(now)
    } catch (cause) {
      if (mine !== loading.value) return
      if (statusOf(cause) === 401) asks.value = true
      else error.value = asFailure(cause)
    }
  }
  watch([path, language, entered], () => void reload(), { immediate: true })
  return { data, error, reload }
}
