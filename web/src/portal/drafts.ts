// Drafts of the portal: what was typed and which files were chosen, with their bytes, so that a closed window
// or a broken network costs nothing. They stay on this computer until they are handed in or cleared.

import { open, request, transact } from '../doors/store'
import type { Sending } from '../doors/upload'

export type Typed = Record<string, string | string[]>
export interface Attached {
  id: string
  field: string
  name: string
  sending: Sending
}
export interface Draft {
  typed: Typed
  files: Attached[]
  /** Idempotency-Key of handing in: the same content sent twice is one act */
  key: string
  at: string
}

let opened: Promise<IDBDatabase> | null = null
async function work<T>(
  mode: 'readonly' | 'readwrite',
  act: (of: (store: string) => IDBObjectStore) => Promise<T> | T,
): Promise<T> {
  opened ??= open('qingyuan-portal', 1, (made) => {
    made.createObjectStore('drafts')
    made.createObjectStore('files')
  })
  return transact(await opened, ['drafts', 'files'], mode, act)
}
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export function draftOf(name: string): Promise<Draft | undefined> {
  return work('readonly', (of) => request(of('drafts').get(name) as IDBRequest<Draft | undefined>))
}
export function saveDraft(name: string, draft: Draft, file?: [string, Blob]): Promise<void> {
  return work('readwrite', (of) => {
    of('drafts').put(plain(draft), name)
    if (file) of('files').put(file[1], file[0])
  })
}
export function fileOf(id: string): Promise<Blob | undefined> {
  return work('readonly', (of) => request(of('files').get(id) as IDBRequest<Blob | undefined>))
}
/** The bytes of a file that has arrived are not needed any more. */
export function dropFile(id: string): Promise<void> {
  return work('readwrite', (of) => void of('files').delete(id))
}
export function discard(name: string, draft: Draft): Promise<void> {
  return work('readwrite', (of) => {
    of('drafts').delete(name)
    for (const file of draft.files) of('files').delete(file.id)
  })
}
/** At signing out nothing of anybody stays on this computer. */
export function forget(): Promise<void> {
  return work('readwrite', (of) => {
    of('drafts').clear()
    of('files').clear()
  })
}
