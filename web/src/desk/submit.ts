// Sending a form: busy while it is under way, what was refused beside its field, one key for one act.

import { nextTick, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { Problem, asFailure, freshKey, type Schemas } from '../base/api'
import { t } from './language'

/** What was typed cannot be read: nothing is sent. `errors` by the names of the fields. */
export class Unreadable extends Error {
  constructor(readonly errors: Record<string, string>) {
    super()
  }
}

export interface Submit {
  busy: Ref<boolean>
  errors: Ref<Record<string, string>>
  problem: ShallowRef<Schemas['Problem'] | null>
  down: Ref<string>
  submit: () => Promise<void>
}

/** `fields` are the names an error may stand beside; everything else is told above the form. */
export function useSubmit(fields: readonly string[], send: (key: string) => Promise<void>): Submit {
  const busy = ref(false)
  const errors = ref<Record<string, string>>({})
  const problem = shallowRef<Schemas['Problem'] | null>(null)
  const down = ref('')
  let key = freshKey()
  async function submit(): Promise<void> {
    if (busy.value) return
    busy.value = true
    errors.value = {}
    problem.value = null
    down.value = ''
    try {
      await send(key)
      key = freshKey()
    } catch (cause) {
      if (cause instanceof Unreadable) errors.value = cause.errors
      else {
        const failure = asFailure(cause)
        if (!(failure instanceof Problem))
          down.value = t('form.down') // the key stays: sent again, still one act
        else {
          key = freshKey()
          place(failure.problem)
        }
      }
      await nextTick()
      const first = document.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"][tabindex]')
      first?.focus()
    } finally {
      busy.value = false
    }
  }
  function place(refusal: Schemas['Problem']): void {
    const list = refusal.errors?.length
      ? refusal.errors
      : [{ where: refusal.where ?? '', code: refusal.code, detail: refusal.detail }]
    let above = false
    for (const error of list) {
      const name = error.where.split('.').pop() ?? ''
      if (fields.includes(error.where)) errors.value[error.where] = error.detail || refusal.title
      else if (fields.includes(name)) errors.value[name] = error.detail || refusal.title
      else above = true
    }
    if (above) problem.value = refusal
  }
  return { busy, errors, problem, down, submit }
}
