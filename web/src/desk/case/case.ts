// What the pages of cases and desks share: files that are fetched, ranges in words, the step that comes next.

import { api, ask, askPurpose, Problem, type Schemas } from '../../base/api'
import { whole, yuan } from '../../base/format'
import { t } from '../language'

export type Offer = Schemas['Offer']
export type PenaltyCase = Schemas['PenaltyCase']

/** Gives the reader a file that was fetched: the page has no other way to send a header with a download. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** The kept PDF, or a working copy. Where it bears personal values the reader says why first. */
export async function copyOf(seq: number, name: string, format: 'pdf' | 'docx'): Promise<void> {
  const fetched = (headers: Record<string, string>) =>
    format === 'pdf'
      ? api.GET('/api/documents/{seq}.pdf', {
          params: { path: { seq }, ...(headers['X-Purpose'] ? { header: { 'X-Purpose': headers['X-Purpose'] } } : {}) },
          parseAs: 'blob',
        })
      : api.GET('/api/documents/{seq}.docx', {
          params: { path: { seq }, ...(headers['X-Purpose'] ? { header: { 'X-Purpose': headers['X-Purpose'] } } : {}) },
          parseAs: 'blob',
        })
  const blob = (await ask(fetched)) as unknown as Blob
  save(blob, `${name}.${format}`)
}

/** A purpose for reading personal values; null to go without them. */
export const purposeOrNone = askPurpose

export const isMissing = (cause: unknown): boolean => cause instanceof Problem && cause.problem.status === 404

/** 150,000.00 元 */
export const money = (fen: number | null | undefined): string =>
  fen === null || fen === undefined ? '' : t('value.yuan', { n: yuan(fen) })

export function rangeText(range: Schemas['PenaltyRange']): string {
  if (!range.applies) return t('case.range_none')
  return range.min_fen === range.max_fen
    ? money(range.min_fen)
    : t('case.range', { min: yuan(range.min_fen), max: yuan(range.max_fen) })
}

const years = (term: string) =>
  term === 'life' ? t('case.ban_life') : /^\d+$/.test(term) ? t('case.ban_years', { n: term }) : t('case.ban_up_to_10')
export function banText(range: Schemas['PersonsRange']): string {
  if (!range.ban_min) return ''
  return range.ban_min === range.ban_max
    ? years(range.ban_min)
    : t('case.ban_range', { min: years(range.ban_min), max: years(range.ban_max) })
}
export function detentionText(range: Schemas['PersonsRange']): string {
  return range.detention_days_max
    ? t('case.detention', { min: whole(range.detention_days_min), max: whole(range.detention_days_max) })
    : ''
}

/** Where a matter is worked on: cases have a page of their own. */
export const matterAddress = (procedure: string, id: string): string =>
  (['penalty_case', 'simple_penalty'].includes(procedure) ? '/cases/' : '/dossiers/') + encodeURIComponent(id)

/** Can the form be filled in now? A step that lacks nothing but its approval is laid before who approves it. */
export const fillable = (offer: Offer): boolean =>
  !offer.automatic && (!offer.refusal || offer.refusal.code === 'approval_missing')

/** What somebody who works the case does next: what a refused way on asks for, else the step into the next stage. Steps laid
    before an approver wait for that person. */
export function nextStep(offers: Offer[], stages: PenaltyCase['stages'], waiting: string[] = []): Offer | null {
  const free = offers.filter((offer) => fillable(offer) && !waiting.includes(offer.step))
  const open = free.filter((offer) => !offer.refusal)
  const wanted = new Set(offers.flatMap((offer) => (offer.to && offer.refusal?.next_step) || []))
  const named = open.find((offer) => wanted.has(offer.step))
  if (named) return named
  const now = stages.findIndex((stage) => stage.standing === 'now')
  const stage = (offer: Offer) => stages.findIndex((one) => one.states.includes(offer.to?.id ?? ''))
  const ahead = free.filter((offer) => stage(offer) > now).sort((a, b) => stage(a) - stage(b))
  return ahead[0] ?? open.find((offer) => offer.to) ?? open[0] ?? free.find((offer) => offer.to) ?? null
}

/** Days of a fine paid late and what they add: so many per cent of the fine a day, never more than the fine
    (Administrative Penalty Law, Art. 72). Whole fen; a part of a fen is not asked for. */
export function surcharge(
  fine_fen: number,
  due: string,
  until: string,
  percent_per_day: number,
): { days: number; fen: number; capped: boolean } {
  const days = Math.max(0, Math.round((Date.parse(until) - Date.parse(due)) / 86_400_000))
  const raw = Math.floor((fine_fen * percent_per_day * days) / 100)
  return { days, fen: Math.min(raw, fine_fen), capped: raw > fine_fen }
}

/** Steps of a kind that stand, the earliest first. */
export const taken = (dossier: Schemas['Dossier'], step: string): Schemas['TimelineFact'][] =>
  dossier.timeline
    .filter((fact) => fact.kind === 'step_taken' && fact.step?.id === step && fact.voided_by === null)
    .sort((a, b) => a.seq - b.seq)

export const formValue = (fact: Schemas['TimelineFact'] | undefined, field: string): Schemas['Attribute'] | null =>
  fact?.form.find((one) => one.id === field) ?? null
