// What the screens show: who is signed in, the day, the drafts, the queue; and the loop that sends it.

import { computed, ref, shallowRef } from 'vue'
import { Problem, type Schemas } from '../base/problem'
import { call, statusOf } from '../doors/call'
import { seen, skewMs, stamp } from './clock'
import * as phone from './kept'
import { drain } from './sync'
import { stale, type Checklist, type Draft, type QueueItem, type Sent } from './visit'

export const session = shallowRef<Schemas['Session'] | null>(null)
/** who used this phone last: works on without a network until somebody signs in */
export const mustSignIn = ref(false)
export const today = shallowRef<Schemas['FieldToday'] | null>(null)
export const readAt = ref('')
export const refusal = shallowRef<Schemas['Problem'] | null>(null)
export const drafts = shallowRef<Draft[]>([])
export const items = shallowRef<QueueItem[]>([])
export const done = shallowRef<Sent[]>([])
export const online = ref(navigator.onLine)
export const busy = ref(false)
export const ready = ref(false)
/** when the queue is tried again by itself; 0 = not planned */
export const nextTry = ref(0)

export const isVillage = computed(
  () =>
    !!session.value?.roles.some((role) => ['village_informant', 'township_coordinator'].includes(role.id)) &&
    !session.value.roles.some((role) => ['inspector', 'officer'].includes(role.id)),
)
export const me = computed(() => session.value?.person.id ?? '')
export const mine = computed(() => items.value.filter((one) => one.person === me.value))
export const unsent = computed(() => mine.value.length)
export const old = computed(() => stale(mine.value, Date.parse(stamp())))

export async function reread(): Promise<void> {
  ;[drafts.value, items.value, done.value] = await Promise.all([phone.drafts(), phone.queue(), phone.sent()])
}

/** Opens what the phone keeps, then asks the server; the first never waits for the second. */
export async function start(): Promise<void> {
  session.value = (await phone.kept<Schemas['Session']>('session')) ?? null
  today.value = (await phone.kept<Schemas['FieldToday']>('today')) ?? null
  readAt.value = (await phone.kept<string>('read_at')) ?? ''
  skewMs.value = (await phone.kept<number>('skew')) ?? 0
  await reread()
  ready.value = session.value !== null
  void navigator.storage?.persist?.()
  addEventListener('online', () => {
    online.value = true
    void refresh()
    void sync(true)
  })
  addEventListener('offline', () => {
    online.value = false
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void sync()
  })
  await enter()
  ready.value = true
}

async function enter(): Promise<void> {
  try {
    await signedIn(await call<Schemas['Session']>('/api/session'))
  } catch (cause) {
    if (statusOf(cause) === 401) mustSignIn.value = true
    else if (statusOf(cause) === 0) online.value = false
    if (!session.value) mustSignIn.value = true
    plan(30_000)
  }
}
export async function signedIn(now: Schemas['Session']): Promise<void> {
  if (session.value && session.value.person.id !== now.person.id) {
    today.value = null
    await forgetDay()
  }
  session.value = now
  mustSignIn.value = false
  online.value = true
  await phone.keep('session', now)
  await reread()
  await refresh()
  void sync(true)
}
/** The next person sees nothing of this one's day; what waits to be sent stays. */
async function forgetDay(): Promise<void> {
  for (const one of ['session', 'today', 'read_at', 'history:', 'clues']) await phone.prune(one, [])
}
export async function signOut(): Promise<void> {
  await call('/api/session', { method: 'DELETE' }).catch(() => undefined)
  const waiting = (await phone.queue()).length + (await phone.drafts()).length
  if (waiting) await forgetDay()
  else await phone.forget()
  session.value = null
  today.value = null
  mustSignIn.value = true
}

async function serverTime(): Promise<number> {
  return call<{ now: string }>('/api/meta').then(
    (meta) => Date.parse(meta.now),
    () => Number.NaN,
  )
}
/** The day and all it needs, for when there is no network. */
export async function refresh(): Promise<void> {
  if (mustSignIn.value || isVillage.value) return
  try {
    const day = await call<Schemas['FieldToday']>('/api/field/today')
    seen(await serverTime())
    await phone.keep('skew', skewMs.value)
    online.value = true
    refusal.value = null
    today.value = day
    readAt.value = stamp()
    await phone.keep('today', day)
    await phone.keep('read_at', readAt.value)
    await fetchForms(day)
    await fetchHistories(day)
  } catch (cause) {
    failed(cause)
  }
}
function failed(cause: unknown): void {
  const status = statusOf(cause)
  if (status === 401) mustSignIn.value = true
  else if (status === 0 || status >= 500) online.value = false
  else if (cause instanceof Problem) refusal.value = cause.problem
}
const formKey = (id: string, version: string) => `form:${id}@${version}`
async function fetchForms(day: Schemas['FieldToday']): Promise<void> {
  const wanted = new Map(
    day.stops.flatMap((stop) =>
      stop.checklist ? [[formKey(stop.checklist.id, stop.checklist.version), stop.checklist.id]] : [],
    ) as [string, string][],
  )
  for (const [key, id] of wanted) if (!(await phone.kept(key))) await currentForm(id)
  const inUse = [...drafts.value, ...items.value.flatMap((one) => one.draft ?? [])]
  await phone.prune('form:', [
    ...wanted.keys(),
    ...inUse.map((one) => formKey(one.form.id, one.form.version)),
  ])
}
/** The form in force now; needs the network. */
export async function currentForm(id: string): Promise<Checklist> {
  const form = await call<Checklist>('/api/field/checklists/' + encodeURIComponent(id))
  await phone.keep(formKey(form.id, form.version), form)
  return form
}
export function keptForm(id: string, version: string): Promise<Checklist | undefined> {
  return phone.kept<Checklist>(formKey(id, version))
}
async function fetchHistories(day: Schemas['FieldToday']): Promise<void> {
  const wanted = [...new Set(day.stops.map((stop) => stop.operator.id))]
  for (const id of wanted)
    try {
      const history = await call<Schemas['OperatorHistory']>(
        `/api/operators/${encodeURIComponent(id)}/history?limit=20`,
      )
      await phone.keep('history:' + id, history)
    } catch (cause) {
      if (statusOf(cause) === 0) throw cause
    }
  await phone.prune(
    'history:',
    wanted.map((id) => 'history:' + id),
  )
}
export function historyOf(operator: string): Promise<Schemas['OperatorHistory'] | undefined> {
  return phone.kept<Schemas['OperatorHistory']>('history:' + operator)
}

let timer: ReturnType<typeof setTimeout> | undefined
function plan(ms: number): void {
  clearTimeout(timer)
  nextTry.value = Date.now() + ms
  timer = setTimeout(() => void (session.value && !mustSignIn.value ? sync(true) : enter()), ms)
}

let running = false
let again = false
/** Sends the queue. `now`: do not wait for the planned time. Only one tab sends at a time. */
export async function sync(now = false): Promise<void> {
  if (running) {
    again = true
    return
  }
  if (!session.value || mustSignIn.value) return
  running = true
  busy.value = true
  try {
    if (now)
      for (const item of await phone.queue())
        if (item.next_at > 0 && item.state === 'waiting') await phone.saveItem({ ...item, next_at: 0 })
    const run = () =>
      drain(me.value, {
        changed: () => void reread(),
        signIn: () => {
          mustSignIn.value = true
        },
        reached: (yes) => {
          online.value = yes
        },
      })
    const wait = navigator.locks
      ? await navigator.locks.request('qingyuan-field-queue', { ifAvailable: true }, (lock) =>
          lock ? run() : 5000,
        )
      : await run()
    const before = done.value.length ? done.value[0]!.id : ''
    await reread()
    if (wait !== null) plan(Math.max(1000, wait))
    else nextTry.value = 0
    if ((done.value[0]?.id ?? '') !== before) void refresh()
  } finally {
    running = false
    busy.value = false
    if (again) {
      again = false
      void sync(now)
    }
  }
}
