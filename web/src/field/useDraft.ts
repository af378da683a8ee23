// The draft on the screen and the draft on the phone are the same thing: every change is written at once,
// one write after the other.
import { onBeforeUnmount, onMounted, reactive, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { sha256 } from '../doors/digest'
import { stamp } from './clock'
import { draftOf, dropPhoto, saveDraft, savePhoto } from './kept'
import { keptForm, reread } from './state'
import type { Capture, Checklist, Draft } from './visit'

export interface Open {
  draft: Ref<Draft | null>
  form: ShallowRef<Checklist | null>
  loaded: Ref<boolean>
  failure: Ref<string>
  save: () => void
  settled: () => Promise<void>
  capture: (blob: Blob, name: string, item: string, as: Capture['as']) => Promise<void>
  drop: (id: string) => Promise<void>
}

export function useDraft(dossier: string): Open {
  const draft = ref<Draft | null>(null)
  const form = shallowRef<Checklist | null>(null)
  const loaded = ref(false)
  const failure = ref('')
  let writing: Promise<void> = Promise.resolve()
  let dirty = false
  let writer = false

  async function write(): Promise<void> {
    while (dirty && draft.value) {
      dirty = false
      try {
        await saveDraft(draft.value)
      } catch (cause) {
        failure.value = String(cause)
      }
    }
    writer = false
  }
  function save(): void {
    if (!draft.value) return
    draft.value.saved_at = stamp()
    dirty = true
    if (writer) return
    writer = true
    writing = writing.then(write)
  }
  function then(work: () => Promise<void>): Promise<void> {
    const next = writing.then(work)
    writing = next.catch(() => undefined)
    return next
  }
  async function capture(blob: Blob, name: string, item: string, as: Capture['as']): Promise<void> {
    const one: Capture = {
      id: crypto.randomUUID(),
      sha256: await sha256(blob),
      bytes: blob.size,
      name,
      taken_at: stamp(),
      item,
      as,
    }
    await then(async () => {
      if (!draft.value) return
      const captures = [...draft.value.captures, one]
      await savePhoto({ ...draft.value, captures }, one.id, blob)
      draft.value.captures = captures // shown only now that it is on the disk
    })
  }
  async function drop(id: string): Promise<void> {
    await then(async () => {
      if (!draft.value) return
      const captures = draft.value.captures.filter((one) => one.id !== id)
      await dropPhoto({ ...draft.value, captures }, id)
      draft.value.captures = captures
    })
  }
  onMounted(async () => {
    const found = await draftOf(dossier)
    if (found) {
      draft.value = reactive(found)
      form.value = (await keptForm(found.form.id, found.form.version)) ?? null
    }
    loaded.value = true
  })
  onBeforeUnmount(() => void writing.then(reread))
  return { draft, form, loaded, failure, save, settled: () => writing, capture, drop }
}
