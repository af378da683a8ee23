// Following a job of the server: its events while the connection holds, a look every two seconds otherwise.

import { onBeforeUnmount, shallowRef, type ShallowRef } from 'vue'
import { api, asFailure, ask, type Down, type Problem, type Schemas } from '../base/api'

type Job = Schemas['Job']
export const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'

const poll_ms = 2000

export function useJob(): {
  job: ShallowRef<Job | null>
  failure: ShallowRef<Problem | Down | null>
  follow: (first: Job) => void
} {
  const job = shallowRef<Job | null>(null)
  const failure = shallowRef<Problem | Down | null>(null)
  let source: EventSource | null = null
  let timer = 0
  function stop(): void {
    source?.close()
    source = null
    window.clearTimeout(timer)
  }
  function take(next: Job): void {
    job.value = next
    if (ended(next)) stop()
  }
  async function look(id: string): Promise<void> {
    try {
      take(await ask(() => api.GET('/api/jobs/{id}', { params: { path: { id } } })))
      failure.value = null
    } catch (cause) {
      failure.value = asFailure(cause)
    }
    if (job.value && !ended(job.value)) timer = window.setTimeout(() => void look(id), poll_ms)
  }
  function follow(first: Job): void {
    stop()
    take(first)
    if (ended(first)) return
    source = new EventSource(`/api/jobs/${encodeURIComponent(first.id)}/events`)
    source.addEventListener('job', (event) => take(JSON.parse((event as MessageEvent<string>).data) as Job))
    source.onerror = () => {
      // a stream that ended with the job, or a connection that broke: one look tells which
      source?.close()
      source = null
      if (job.value && !ended(job.value)) void look(first.id)
    }
  }
  onBeforeUnmount(stop)
  return { job, failure, follow }
}

export const resultAddress = (job: Job) => `/api/jobs/${encodeURIComponent(job.id)}/result`
