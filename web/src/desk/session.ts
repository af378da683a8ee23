// What every page of the desk leans on: who asks, what the server is, which organisations there are.

import { computed, shallowRef } from 'vue'
import { api, ask, type Schemas } from '../base/api'
import { pick } from '../base/language'

export const meta = shallowRef<Schemas['Meta'] | null>(null)
export const organisations = shallowRef<Schemas['Organisation'][]>([])
export const counts = shallowRef<Schemas['Today'] | null>(null)

export const today = computed(() => meta.value?.today ?? '1970-01-01')

export async function loadMeta(): Promise<void> {
  meta.value = await ask(api.GET('/api/meta'))
}

/** Names and counts of the frame; the pages work without them. */
export async function loadFrame(org: string | undefined): Promise<void> {
  const query = org ? { org } : {}
  const [list, numbers] = await Promise.allSettled([
    organisations.value.length
      ? Promise.resolve({ items: organisations.value })
      : ask(api.GET('/api/organisations')),
    ask(api.GET('/api/today', { params: { query } })),
  ])
  if (list.status === 'fulfilled') organisations.value = list.value.items
  if (numbers.status === 'fulfilled') counts.value = numbers.value
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
