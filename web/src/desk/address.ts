// The state of a page lies in its address: filters, paging, period. Empty values leave it.

import type { LocationQuery, LocationQueryRaw, RouteLocationNormalizedLoaded } from 'vue-router'

export function one(query: LocationQuery, name: string): string | undefined {
  const value = query[name]
  const text = Array.isArray(value) ? value[0] : value
  return text === null || text === undefined || text === '' ? undefined : text
}

export function changed(query: LocationQuery, patch: Record<string, string | undefined>): LocationQueryRaw {
  const next: LocationQueryRaw = { ...query }
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || value === '') delete next[name]
    else next[name] = value
  }
  return next
}

/** What a link to another page carries along. */
export function carried(route: RouteLocationNormalizedLoaded, names: string[]): LocationQueryRaw {
  const result: LocationQueryRaw = {}
  for (const name of names) {
    const value = one(route.query, name)
    if (value !== undefined) result[name] = value
  }
  return result
}
