// Sending the queue: in order, each act once. A lost answer is asked for again under the same key; a refusal
// waits for a person and holds back only what concerns the same matter.

import { freshKey, Problem, type Schemas } from '../base/problem'
import { call, statusOf, waitOf } from '../doors/call'
import { send, sending } from '../doors/upload'
import { stamp } from './clock'
import { photoOf, queue, saveItem, wipe } from './kept'
import { backoff, bodyOf, type QueueItem } from './visit'

export interface Report {
  /** the queue changed: read it again */
  changed: () => void
  /** somebody must sign in before anything is sent */
  signIn: () => void
  /** did anything answer? */
  reached: (yes: boolean) => void
}
const passing = (status: number) => status === 0 || status >= 500 || [408, 425, 429].includes(status)

/** Sends what can be sent now. Answers the milliseconds until the next try, or null when nothing waits. */
export async function drain(
  person: string,
  report: Report,
  now: () => number = Date.now,
): Promise<number | null> {
  const held = new Set<string>()
  for (const item of await queue()) {
    if (item.person !== person) continue
    const matter = item.dossier || item.id
    if (item.state !== 'waiting' || held.has(matter)) {
      held.add(matter)
      continue
    }
    const wait = item.next_at - now()
    if (wait > 0) return wait // order is kept: nothing overtakes an item that waits
    try {
      await deliver(item)
      report.reached(true)
    } catch (cause) {
      const status = statusOf(cause)
      report.reached(status !== 0)
      if (status === 401) {
        report.signIn()
        return null
      }
      if (!settle(item, cause, status, now())) {
        await saveItem(item)
        report.changed()
        return item.next_at - now()
      }
      held.add(matter)
      await saveItem(item)
    }
    report.changed()
  }
  return null
}

/** Writes down what a failure means for the item; true: it is for a person to look at. */
function settle(item: QueueItem, cause: unknown, status: number, now: number): boolean {
  const problem = cause instanceof Problem ? cause.problem : null
  item.tries += 1
  if (problem && !passing(status)) item.key = freshKey()
  if (problem?.code === 'evidence_missing' && item.tries < 4) {
    for (const file of item.files)
      file.sending = { ...file.sending, key: `${file.id}-${item.tries}`, upload: '', evidence: '', sent: 0 }
  } else if (!passing(status)) {
    item.state = problem?.code === 'form_changed' ? 'changed' : 'refused'
    item.problem = problem
    return true
  }
  item.next_at = now + backoff(item.tries - 1, waitOf(cause)) * 1000
  return false
}

async function deliver(item: QueueItem): Promise<void> {
  const evidence: Record<string, string> = {}
  for (const file of item.files) {
    const bytes = await photoOf(file.id)
    if (!bytes && !file.sending.evidence) throw Object.assign(new Problem(lost(file.id)), { status: 422 })
    evidence[file.id] = await send(file.sending, bytes ?? new Blob(), () => saveItem(item))
  }
  const body =
    item.kind === 'visit' && item.draft
      ? bodyOf(item.draft, evidence)
      : { ...item.clue, ...(item.files.length ? { evidence: Object.values(evidence) } : {}) }
  const answer = await call<{ dossier: string }>(
    item.kind === 'visit' ? '/api/field/visits' : '/api/field/clues',
    {
      method: 'POST',
      key: item.key,
      body,
      timeout_ms: 60_000,
    },
  )
  await wipe(item, {
    id: item.id,
    title: item.title,
    at: stamp(),
    dossier: answer.dossier,
  })
}

function lost(id: string): Schemas['Problem'] {
  return { type: '', title: '', status: 422, code: 'capture_lost', detail: id }
}

/** The files of a draft or clue, ready to be sent; keys are their own, so that a repetition is one upload. */
export function filesOf(
  captures: {
    id: string
    name: string
    bytes: number
    sha256: string
    sending?: QueueItem['files'][0]['sending']
  }[],
): QueueItem['files'] {
  return captures.map((one) => ({
    id: one.id,
    sending: one.sending ?? { ...sending(one.id, one.name, new Blob(), one.sha256), bytes: one.bytes },
  }))
}
