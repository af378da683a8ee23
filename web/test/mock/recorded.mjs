// Answers of a demo server kept in recorded.json (record.mjs): draws, inspectors, estimates, conferences, credit, risk, focus, the
// register, cases and their desks. An address that was not recorded gets the answer of another of its kind; `none` is unknown.

import { readFileSync } from 'node:fs'
import { problem } from './desk.mjs'
import { leads, referrals } from './desks.mjs'

export const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8'))
const rooms = ['draws', 'rounds', 'inspectors', 'estimates', 'conferences', 'credit', 'risk', 'focus', 'register', 'cases', 'desks', 'benchmark', 'approvals']
const names = Object.keys(recorded.full)

/** The things of a kind that were recorded, by their ids. */
export const things = (kind) => [...new Set(names.filter((name) => name.startsWith(`GET /api/${kind}/`)).map((name) => name.split('/')[3]))]
const address = (kind) => things(kind)[0]
/** The kind of an address: its ids left out. */
const kind = (name) => name.replace(/^(\w+ \/api\/(?:law\/)?\w+)\/[^/]*\d[^/]*/, '$1/*').replace(/(documents|penalties)\/\w+$/, '$1/*')

function written(part) {
  if (part.includes('none')) return problem(404, 'record_unknown', '没有此记录', { detail: part[1], next: '请核对地址。' })
  if (part.at(-1) === 'plan') return null
  const dossier = { draws: address('draws'), conferences: address('conferences'), rounds: address('draws') }[part[0]]
  return { status: 201, body: part[0] === 'focus' ? { items: [], opened: 0, kept: 0, refused: 0 } : { seq: 48393, dossier, version: 2 } }
}

/** The answer, or null for what the others know. */
export function planned({ method, part, empty, role }) {
  const own = rooms.includes(part[0]) || (part[0] === 'law' && part[1] !== 'limits')
  const case_ = part[0] === 'dossiers' && names.includes(`GET /api/dossiers/${part[1]}`)
  if (!own && !case_) return null
  const name = `${method} /api/${part.join('/')}`
  const wanted = empty && name in recorded.empty ? recorded.empty : recorded.full
  if (empty && name in recorded.refused) return { status: recorded.refused[name].status, problem: recorded.refused[name] }
  const desk = !empty && part[0] === 'desks' ? recorded.full[name] : null
  const lead = recorded.full['GET /api/desks/leads']
  if (desk && part[1] === 'leads') return { status: 200, body: leads(lead, role === 'police_contact') }
  if (desk && part[1] === 'referrals') return { status: 200, body: referrals(desk, lead.groups[0].rows[0], role === 'police_contact') }
  if (name in wanted) return { status: 200, body: wanted[name], ...(wanted[name].version ? { tag: `"${wanted[name].version}"` } : {}) }
  if (method !== 'GET') return case_ ? null : written(part)
  if (part[0] === 'law' && part[1] === 'procedures') return null
  const like = part.includes('none') || empty ? null : names.find((one) => kind(one) === kind(name))
  return like
    ? { status: 200, body: recorded.full[like] }
    : problem(404, 'record_unknown', '没有此记录', { detail: part.at(-1), next: '请核对地址。' })
}
