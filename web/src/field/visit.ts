// A visit as it grows on the phone, what it becomes in the queue, and what the server is sent. No screen and
// no network here.

import type { Schemas } from '../base/problem'
import type { Sending } from '../doors/upload'

export type Checklist = Schemas['Checklist']
export type Item = Schemas['ChecklistItem']
export type Stop = Schemas['FieldStop']

export interface Finding {
  severity: string
  clause: string
  description: string
}
export interface Answer {
  /** of the item as it was answered */
  mark: string
  answer: string
  note: string
  /** it is a finding: "no", or a number outside its bounds */
  finding: boolean
}
/** A photo, a signature or a recording: known by its SHA-256 from the moment it was made. */
export interface Capture {
  id: string
  sha256: string
  bytes: number
  name: string
  taken_at: string
  /** checklist item, or what it is otherwise */
  item: string
  as: 'photo' | 'inspector' | 'party' | 'recording'
  sending?: Sending
}
export interface Draft {
  dossier: string
  title: string
  operator: string
  person: string
  form: { id: string; version: string }
  started_at: string
  saved_at: string
  formalities: string[]
  officers: string[]
  answers: Record<string, Answer>
  findings: Record<string, Finding>
  captures: Capture[]
  remarks: string
  mode: string
  name: string
  signed_at: string
  /** place in the queue it came back from; 0 = never queued */
  order: number
  /** items to answer again because the form changed, with what changed */
  changes: Change[]
}
export interface Change {
  item: string
  change: 'added' | 'removed' | 'changed'
  before: string
  after: string
}
export interface QueueFile {
  id: string
  sending: Sending
}
export interface QueueItem {
  id: string
  /** the Idempotency-Key: sent again under it, it is one act; a refused act gets a new one */
  key: string
  order: number
  kind: 'visit' | 'clue'
  person: string
  dossier: string
  title: string
  saved_at: string
  files: QueueFile[]
  draft: Draft | null
  clue: Schemas['Clue'] | null
  state: 'waiting' | 'refused' | 'changed'
  problem: Schemas['Problem'] | null
  tries: number
  next_at: number
}
export interface Sent {
  id: string
  title: string
  at: string
  dossier: string
}

export function items(form: Checklist): Item[] {
  return form.sections.flatMap((section) => section.items)
}
export function emptyDraft(
  stop: Stop,
  form: { id: string; version: string },
  person: string,
  now: string,
): Draft {
  return {
    dossier: stop.dossier,
    title: stop.title,
    operator: stop.operator.name,
    person,
    form,
    started_at: now,
    saved_at: now,
    formalities: [],
    officers: [],
    answers: {},
    findings: {},
    captures: [],
    remarks: '',
    mode: 'signed',
    name: '',
    signed_at: '',
    order: 0,
    changes: [],
  }
}

/** Decimal texts compared as numbers: is the value outside what the item allows? */
export function outside(item: Item, value: string): boolean {
  const number = Number(value.normalize('NFKC'))
  if (value.trim() === '' || Number.isNaN(number)) return false
  return (item.min !== null && number < Number(item.min)) || (item.max !== null && number > Number(item.max))
}
/** Is the item answered well enough to be signed? */
export function isAnswered(item: Item, draft: Draft): boolean {
  const answer = draft.answers[item.id]?.answer ?? ''
  if (answer === 'not_applicable') return true
  if (item.answer === 'number') return answer.trim() !== '' && !Number.isNaN(Number(answer.normalize('NFKC')))
  if (answer.trim() === '') return false
  return answer !== 'no' || !!draft.findings[item.id]?.description.trim()
}
export function isFinding(item: Item, draft: Draft): boolean {
  const answer = draft.answers[item.id]?.answer ?? ''
  return answer === 'no' || (item.answer === 'number' && outside(item, answer))
}

export type Lack =
  'formalities' | 'officers' | 'items' | 'photo' | 'inspector' | 'party' | 'name' | 'recording'
/** What still keeps the visit from being handed in. */
export function lacks(form: Checklist, draft: Draft, formalities: string[]): Lack[] {
  const has = (as: Capture['as']) => draft.captures.some((one) => one.as === as)
  const found: Lack[] = []
  if (formalities.some((one) => !draft.formalities.includes(one))) found.push('formalities')
  if (!draft.officers.length) found.push('officers')
  if (items(form).some((item) => !isAnswered(item, draft))) found.push('items')
  if (!has('inspector')) found.push('inspector')
  if (draft.mode === 'signed') {
    if (!has('party')) found.push('party')
    if (!draft.name.trim()) found.push('name')
  } else if (!has('recording')) found.push('recording')
  return found
}

/** What the server is sent; `evidence` maps a capture to the digest it is kept by. */
export function bodyOf(draft: Draft, evidence: Record<string, string>): Schemas['FieldVisit'] {
  const findings = Object.entries(draft.findings).filter(([item]) => draft.answers[item]?.finding)
  const index = new Map(findings.map(([item], n) => [item, n]))
  const of = (as: Capture['as']) => draft.captures.filter((one) => one.as === as)
  const party = of('party')[0]
  return {
    dossier: draft.dossier,
    form: draft.form,
    captured_at: draft.signed_at,
    started_at: draft.started_at,
    officers: draft.officers,
    formalities: draft.formalities,
    answers: Object.entries(draft.answers).map(([item, one]) => ({
      item,
      mark: one.mark,
      answer: one.answer.normalize('NFKC'),
      ...(one.note ? { note: one.note } : {}),
    })),
    findings: findings.map(([item, one]) => ({ item, ...one })),
    photos: [...of('photo'), ...of('inspector')].map((one) => ({
      sha256: one.sha256,
      evidence: evidence[one.id] ?? '',
      taken_at: one.taken_at,
      ...(index.has(one.item) ? { finding: index.get(one.item) } : {}),
      ...(one.as === 'photo' && one.item ? { item: one.item } : {}),
    })),
    signature: {
      mode: draft.mode,
      ...(draft.mode === 'signed' && party
        ? { evidence: evidence[party.id] ?? '', name: draft.name.trim() }
        : {}),
    },
    ...(of('recording').length ? { recording: of('recording').map((one) => evidence[one.id] ?? '') } : {}),
    ...(draft.remarks.trim() ? { remarks: draft.remarks.trim() } : {}),
  }
}

/** What is different between the form that was answered and the one in force now. */
export function changesOf(before: Checklist | undefined, after: Checklist): Change[] {
  const old = new Map((before ? items(before) : []).map((item) => [item.id, item]))
  const now = new Map(items(after).map((item) => [item.id, item]))
  const changes: Change[] = []
  for (const item of now.values()) {
    const was = old.get(item.id)
    if (!was) changes.push({ item: item.id, change: 'added', before: '', after: item.zh })
    else if (was.mark !== item.mark)
      changes.push({ item: item.id, change: 'changed', before: was.zh, after: item.zh })
  }
  for (const item of old.values())
    if (!now.has(item.id)) changes.push({ item: item.id, change: 'removed', before: item.zh, after: '' })
  return changes
}
/** The draft under the new form: what changed is asked again, what was said about it stays as a note. */
export function renewed(draft: Draft, after: Checklist, changes: Change[]): Draft {
  const next: Draft = { ...draft, form: { id: after.id, version: after.version }, changes }
  next.answers = { ...draft.answers }
  next.findings = { ...draft.findings }
  for (const one of changes) {
    delete next.answers[one.item]
    if (one.change === 'removed') delete next.findings[one.item]
  }
  return next
}

/** Seconds to wait before the next try: 5, 10, 20 … at most 5 minutes, or what the server asked. */
export function backoff(tries: number, asked: number): number {
  return asked > 0 ? Math.min(asked, 3600) : Math.min(300, 5 * 2 ** Math.min(tries, 6))
}
export const day_ms = 86_400_000
/** Items that have waited longer than a day. */
export function stale(all: { saved_at: string }[], now: number): number {
  return all.filter((one) => now - Date.parse(one.saved_at) > day_ms).length
}
