// What the pages of planning share: chances and reasons in words, digests in groups, states of a party.

import type { Schemas } from '../../base/api'
import { whole } from '../../base/format'
import { language, pick, t, type Key } from '../language'
import type { Status } from '../words'

type Draw = Schemas['Draw']

/** 0.083333333 → 8.33% */
export function chance(text: string): string {
  const value = Number(text) * 100
  return value === 100 ? t('plan.certain') : `${value.toFixed(value < 1 ? 3 : 2)}%`
}
/** 0.4231 → 42.3% */
export const share = (value: number, places = 1): string => `${(value * 100).toFixed(places)}%`
/** +0.18 → +18.0% */
export const gain = (value: number): string => (value >= 0 ? '+' : '−') + share(Math.abs(value))

const reasons: Record<string, Key> = {
  random: 'plan.reason_random',
  targeted: 'plan.reason_targeted',
  statutory: 'plan.reason_statutory',
  for_cause: 'plan.reason_for_cause',
  listed: 'plan.reason_listed',
}
export const reasonName = (text: string): string =>
  text
    .split(',')
    .map((one) => (reasons[one] ? t(reasons[one]) : one))
    .join(t('list.and'))

/** 64 digits in groups of eight, so that two can be compared aloud. */
export const grouped = (digest: string): string => digest.replace(/(.{8})(?=.)/g, '$1 ')

export function drawStatus(row: { state: Schemas['State']; sealed_until?: string | null }): Status {
  const text = pick(row.state)
  switch (row.state.id) {
    case 'published':
      return { kind: 'done', shape: 'tick', text }
    case 'void':
    case 'voided':
      return { kind: 'no', shape: 'no', text }
    case 'drawn':
      return { kind: 'pause', shape: 'lock', text }
    default:
      return { kind: 'run', shape: 'dot', text }
  }
}

export interface Stage {
  id: string
  name: string
  status: Status
  now: boolean
}
/** Frozen → committed → revealed → computed → published: where a draw stands. */
export function stages(draw: Draw): Stage[] {
  const over = draw.state.id === 'void' || draw.state.id === 'voided'
  const committed = draw.parties.length
  const revealed = draw.parties.filter((one) => one.revealed).length
  const order = ['opened', 'revealing', 'drawn', 'published']
  const at = order.indexOf(draw.state.id)
  const done = [true, at >= 1, at >= 2, at >= 2, at >= 3]
  const names: [string, string][] = [
    ['frame', t('draw.stage_frame', { n: whole(draw.units) })],
    ['commit', t('draw.stage_commit', { n: committed })],
    ['reveal', t('draw.stage_reveal', { n: revealed, total: committed })],
    ['compute', t('draw.stage_compute')],
    ['publish', t('draw.stage_publish')],
  ]
  const now = over ? -1 : done.indexOf(false)
  return names.map(([id, name], index) => ({
    id,
    name,
    now: index === now,
    status: done[index]
      ? { kind: 'done', shape: 'tick', text: t('draw.stage_done') }
      : over
        ? { kind: 'no', shape: 'no', text: t('draw.stage_void') }
        : index === now
          ? { kind: 'run', shape: 'dot', text: t('draw.stage_now') }
          : { kind: 'plain', shape: 'ring', text: t('draw.stage_later') },
  }))
}

const gates: Record<string, Key> = {
  no_certificate: 'insp.gate_no_certificate',
  certificate_expired: 'insp.gate_certificate_expired',
  untrained: 'insp.gate_untrained',
  suspended: 'insp.gate_suspended',
  full: 'insp.gate_full',
}
/** Who commits to a seed, in words; a name that is not one of the usual ones stands as it was given: it is part of what is signed. */
const parties: Record<string, Key> = {
  regulator: 'party.regulator',
  supervision: 'party.supervision',
  notary: 'party.notary',
  trade: 'party.trade',
  public: 'party.public',
}
export const partyName = (party: string): string => (parties[party] ? t(parties[party]) : party)

export const gateName = (gate: string): string => (gates[gate] ? t(gates[gate]) : gate)

/** A seed that this browser made and the program does not know. */
const seedKey = (draw: string, party: string) => `seed ${draw} ${party}`
export const keepSeed = (draw: string, party: string, seed: string): void =>
  sessionStorage.setItem(seedKey(draw, party), seed)
export const keptSeed = (draw: string, party: string): string => sessionStorage.getItem(seedKey(draw, party)) ?? ''
export function freshSeed(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export const joined = (items: string[]): string => items.join(language.value === 'zh' ? '、' : ', ')

const flags: Record<string, [Key, string]> = {
  new: ['conf.flag_new', 'tag-accent'],
  persisting: ['conf.flag_persisting', ''],
  escalated: ['conf.flag_escalated', 'tag-amber'],
  closed: ['conf.flag_closed', ''],
}
export const flagName = (flag: string): string => (flags[flag] ? t(flags[flag][0]) : flag)
export const flagClass = (flag: string): string => flags[flag]?.[1] ?? ''

export function conferenceStatus(state: Schemas['State']): Status {
  const text = pick(state)
  if (state.id === 'locked') return { kind: 'done', shape: 'lock', text }
  if (state.id === 'cancelled' || state.id === 'voided') return { kind: 'no', shape: 'no', text }
  return { kind: 'run', shape: 'dot', text }
}

/** Where a submission stands: in time, late by so many days, still missing. */
export function submissionStatus(one: Schemas['Conference']['units'][number]): Status {
  const paper = one.submission
  if (!paper) return { kind: 'plain', shape: 'ring', text: t('conf.not_asked') }
  if (paper.state.id === 'excused') return { kind: 'closed', shape: 'square', text: pick(paper.state) }
  if (!paper.handed_in_on)
    return paper.days_late > 0
      ? { kind: 'late', shape: 'diamond', text: t('conf.missing_late', { n: paper.days_late }) }
      : { kind: 'run', shape: 'ring', text: t('conf.awaited') }
  return paper.days_late > 0
    ? { kind: 'near', shape: 'triangle', text: t('conf.late_by', { n: paper.days_late }) }
    : { kind: 'done', shape: 'tick', text: t('conf.in_time') }
}
