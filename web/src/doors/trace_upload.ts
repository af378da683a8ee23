// Trace files on their way: sent in chunks, read by a job that is followed line by line, answered with a report. The same at
// the desk and in the portal; one file after another, and what broke off goes on where it was.

import { onBeforeUnmount, reactive } from 'vue'
import type { FileReport, ImportJob } from '../base/packs'
import { asFailure, freshKey, type Down, type Problem } from '../base/problem'
import { address, call } from './call'
import { sha256 } from './digest'
import { send, sending, type Sending } from './upload'

export const mib_max = 64
const endings = ['csv', 'zip', 'xlsx', 'json', 'jsonld', 'xml']
const poll_ms = 2000

export type Step = 'waiting' | 'hashing' | 'sending' | 'reading' | 'done' | 'failed'
/** Why a file is not even sent. */
export type Refusal = 'type' | 'size' | 'empty'

export interface Item {
  id: string
  name: string
  bytes: number
  step: Step
  sent: number
  job: ImportJob | null
  report: FileReport | null
  failure: Problem | Down | null
}

/** null: worth sending. */
export function refusal(name: string, bytes: number): Refusal | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  if (!endings.includes(ending)) return 'type'
  if (bytes === 0) return 'empty'
  return bytes > mib_max * 1_048_576 ? 'size' : null
}

export function useTraceUpload(done: () => void): {
  items: Item[]
  add: (files: Iterable<File>) => { name: string; why: Refusal }[]
  again: (item: Item) => void
} {
  const items = reactive<Item[]>([])
  const kept = new Map<string, { file: File; state: Sending | null; key: string }>()
  let busy = false
  let gone = false
  let source: EventSource | null = null
  onBeforeUnmount(() => {
    gone = true
    source?.close()
  })

  function add(files: Iterable<File>): { name: string; why: Refusal }[] {
    const refused: { name: string; why: Refusal }[] = []
    for (const file of files) {
      const why = refusal(file.name, file.size)
      if (why) {
        refused.push({ name: file.name, why })
        continue
      }
      const id = freshKey()
      kept.set(id, { file, state: null, key: freshKey() })
      items.unshift({
        id,
        name: file.name,
        bytes: file.size,
        step: 'waiting',
        sent: 0,
        job: null,
        report: null,
        failure: null,
      })
    }
    void run()
    return refused
  }
  async function run(): Promise<void> {
    if (busy) return
    busy = true
    try {
      for (;;) {
        const item = [...items].reverse().find((one) => one.step === 'waiting')
        if (!item || gone) break
        await one(item)
      }
    } finally {
      busy = false
    }
  }
  function again(item: Item): void {
    item.failure = null
    item.job = null
    item.step = 'waiting'
    void run()
  }
  async function one(item: Item): Promise<void> {
    const own = kept.get(item.id)!
    try {
      if (!own.state) {
        item.step = 'hashing'
        own.state = sending(own.key, item.name, own.file, await sha256(own.file))
      }
      item.step = 'sending'
      await send(own.state, own.file, (state) => {
        item.sent = state.sent
      })
      item.step = 'reading'
      const { job } = await call<{ job: string | { id: string } }>('/api/packs/imports', {
        method: 'POST',
        key: own.key + '-import',
        body: { upload: own.state.upload, name: item.name, format: 'auto' },
      })
      const ended = await follow(typeof job === 'string' ? job : job.id, (now) => {
        item.job = now
      })
      if (ended.state !== 'done') {
        own.key = freshKey() // what failed is begun anew, not repeated
        own.state = null
        item.step = 'failed'
        return
      }
      item.report = await call<FileReport>(`/api/jobs/${encodeURIComponent(ended.id)}/result`)
      item.step = 'done'
      done()
    } catch (cause) {
      item.failure = asFailure(cause)
      item.step = 'failed'
    }
  }
  /** The job's events while the connection holds, a look every two seconds otherwise. */
  function follow(id: string, take: (job: ImportJob) => void): Promise<ImportJob> {
    const at = `/api/jobs/${encodeURIComponent(id)}`
    const over = (job: ImportJob) => job.state !== 'queued' && job.state !== 'running'
    return new Promise((resolve, reject) => {
      let misses = 0
      const end = (job: ImportJob): void => {
        source?.close()
        source = null
        resolve(job)
      }
      const look = async (): Promise<void> => {
        if (gone) return
        try {
          const job = await call<ImportJob>(at)
          misses = 0
          take(job)
          if (over(job)) return end(job)
        } catch (cause) {
          misses += 1
          if (misses >= 5) return reject(cause instanceof Error ? cause : new Error(String(cause)))
        }
        setTimeout(() => void look(), poll_ms)
      }
      source = new EventSource(address(at + '/events'))
      source.addEventListener('job', (event) => {
        const job = JSON.parse((event as MessageEvent<string>).data) as ImportJob
        take(job)
        if (over(job)) end(job)
      })
      source.onerror = () => {
        source?.close()
        source = null
        void look()
      }
    })
  }
  return { items, add, again }
}
