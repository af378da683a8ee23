// Answering what an agency was sent, in the row itself: one step at a time, refused in words, with the items received.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { api, ask, asFailure, freshKey, type Down, type Problem, type Schemas } from '../../base/api'
import { t } from '../language'

type Row = Schemas['ReferralDeskRow'] | Schemas['LeadDeskRow']
export type ReplyForm = Record<string, string | number | string[]>

export interface Reply {
  files: Ref<string[]>
  /** Everything is ticked: who signs unticks what is not there, and that is said to be missing. */
  received: Ref<string[]>
  receipt: (number: string) => ReplyForm
  busy: Ref<string>
  error: Ref<string>
  problem: ShallowRef<Problem | Down | null>
  /** Nothing is sent where `wanted` is blank. */
  send: (step: string, form: ReplyForm, wanted: string) => Promise<void>
}

export function useReply(row: () => Row, done: () => void): Reply {
  const files = ref<string[]>([])
  const items = () => row().attachments.map((one) => one.id)
  const received = ref(items())
  const busy = ref('')
  const error = ref('')
  const problem = shallowRef<Problem | Down | null>(null)
  const receipt = (number: string): ReplyForm => ({
    receipt_number: number,
    package_received: row().package,
    items_received: received.value,
    items_missing: items().filter((one) => !received.value.includes(one)),
  })
  async function send(step: string, form: ReplyForm, wanted: string): Promise<void> {
    problem.value = null
    error.value = wanted.trim() ? '' : t('referrals.number_missing')
    if (error.value) return
    busy.value = step
    const key = freshKey() // asked again after signing in, it is still one act
    try {
      await ask(() =>
        api.POST('/api/dossiers/{id}/steps/{step}', {
          params: {
            path: { id: row().id, step },
            header: { 'If-Match': `"${row().version}"`, 'Idempotency-Key': key },
          },
          body: { form, ...(files.value.length ? { evidence: files.value } : {}) },
        }),
      )
      files.value = []
      done()
    } catch (cause) {
      problem.value = asFailure(cause)
    } finally {
      busy.value = ''
    }
  }
  return { files, received, receipt, busy, error, problem, send }
}
