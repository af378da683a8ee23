// What every page of the desk leans on: who is signed in, what the server is, which organisations there are.

import { computed, shallowRef } from 'vue'
import { api, ask, sessions, type Schemas } from '../base/api'
import { pick } from './language'

export const who = shallowRef<Schemas['Session'] | null>(null)
export const meta = shallowRef<Schemas['Meta'] | null>(null)
export const organisations = shallowRef<Schemas['Organisation'][]>([])
export const counts = shallowRef<Schemas['Today'] | null>(null)
export const unread = shallowRef<number | null>(null)

export const today = computed(() => meta.value?.today ?? '1970-01-01')

/** Rows of the access table. What the session does not hold is not offered; the server decides all the same. */
export type Policy =
  | 'dossier_list'
  | 'dossier_step'
  | 'dossier_export'
  | 'registry_list'
  | 'figure_read'
  | 'figure_export'
  | 'record_read'
  | 'informant_reveal'
  | 'account_read'
  | 'account_change'
  | 'people_change'
  | 'organisation_change'
  | 'grant_propose'
  | 'grant_decide'
  | 'proposal_decide'
  | 'access_audit'
  | 'signal_list'
  | 'signal_read'
  | 'signal_step'
  | 'safety_report_list'
  | 'plan_list'
  | 'plan_open'
  | 'dossier_open'
  | 'credit_list'
  | 'credit_read'
  | 'risk_list'
  | 'risk_read'
export const may = (row: Policy) => who.value?.permissions.includes(row) ?? false

/** Who is signed in and what the server is, asked at once and before the page's own code is here; Problem not_signed_in when nobody is. */
export function askFrame() {
  const asked = { session: ask(api.GET('/api/session')), meta: ask(api.GET('/api/meta')) }
  for (const one of Object.values(asked)) one.catch(() => undefined) // told where it is awaited
  return asked
}
export type Frame = ReturnType<typeof askFrame>

/** The session as the server knows it; Problem not_signed_in when there is none. */
export async function loadSession(): Promise<void> {
  who.value = await ask(api.GET('/api/session'))
}

/** Somebody has signed in: what was read for somebody else is read again. */
export function signedIn(session: Schemas['Session']): void {
  const other = who.value !== null && who.value.account !== session.account
  who.value = session
  if (other) {
    meta.value = null
    counts.value = null
    organisations.value = []
    sessions.value += 1
  }
}

export function entryAddress(entry: Schemas['Entry']): string {
  return entry === 'desk' ? '/' : `/${entry}/`
}

/** An address of this site to come back to; null for anything that could lead elsewhere. */
export function localAddress(text: string | undefined): string | null {
  return text && /^\/(?![/\\])[^\s\\]*$/.test(text) ? text : null
}

export async function loadMeta(asked?: Frame['meta']): Promise<void> {
  meta.value = await (asked ?? ask(() => api.GET('/api/meta')))
}

/** The organisations: of the registry, or for an administrator of their own page; others know none. */
async function readOrganisations(): Promise<Schemas['Organisation'][]> {
  if (organisations.value.length) return organisations.value
  if (may('registry_list')) return (await ask(() => api.GET('/api/organisations'))).items
  if (!may('organisation_change')) return []
  const { items } = await ask(() => api.GET('/api/admin/organisations'))
  return items.map((one) => ({ ...one, kind: one.kind?.id ?? '' }))
}

/** Names and counts of the frame; the pages work without them. */
export async function loadFrame(org: string | undefined): Promise<void> {
  const query = org ? { org } : {}
  const [list, numbers, notices] = await Promise.allSettled([
    readOrganisations(),
    may('dossier_list') ? ask(() => api.GET('/api/today', { params: { query } })) : Promise.resolve(null),
    ask(() => api.GET('/api/notices', { params: { query: { unread: true, limit: 1 } } })),
  ])
  if (list.status === 'fulfilled') organisations.value = list.value
  if (numbers.status === 'fulfilled') counts.value = numbers.value
  if (notices.status === 'fulfilled') unread.value = notices.value.unread
}

export function organisationName(id: string): string {
  return pick(organisations.value.find((one) => one.id === id)) || id
}

/** The default organisation and what lies below it, parents before children. */
export const organisationTree = computed(() => {
  const root = meta.value?.default_organisation
  const result: { id: string; name: string; depth: number }[] = []
  const visit = (id: string, depth: number) => {
    const one = organisations.value.find((other) => other.id === id)
    if (!one || one.ended_on || result.some((other) => other.id === id)) return
    result.push({ id, name: pick(one), depth })
    for (const child of organisations.value) if (child.parent === id) visit(child.id, depth + 1)
  }
  if (root) visit(root, 0)
  return result
})

const ending_min = 4

/** What the names of the organisations have in common at their end: 市场监督管理局. Empty below four characters. */
const ending = computed(() => {
  const names = organisationTree.value.map((one) => one.name)
  const root = names[0] ?? ''
  const kin = names.filter((name) => name.slice(-ending_min) === root.slice(-ending_min))
  let length = kin.length > 1 ? ending_min : 0
  while (
    length &&
    length < root.length &&
    kin.every((name) => name.slice(-length - 1) === root.slice(-length - 1))
  )
    length += 1
  const shared = length ? root.slice(-length) : ''
  return /^[A-Za-z]/.test(shared) ? shared.slice(shared.indexOf(' ')) : shared
})
/** 珠晖区市场监督管理局 → 珠晖区, where a column is narrow and every row would say the same. */
export function unitName(unit: { zh: string; en: string } | null | undefined): string {
  const name = pick(unit)
  const end = ending.value
  return end && name.endsWith(end) && name.length > end.length ? name.slice(0, -end.length).trim() : name
}
