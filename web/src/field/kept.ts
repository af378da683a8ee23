// What the phone keeps: the day, the checklists, drafts, photos and the queue. Everything a person did is on
// the disk before the screen says so, and goes when the server has acknowledged it.

import { open, request, transact } from '../doors/store'
import type { Draft, QueueItem, Sent } from './visit'

const stores = ['kept', 'drafts', 'photos', 'queue', 'sent'] as const
type Name = (typeof stores)[number]

let opened: Promise<IDBDatabase> | null = null
function database(): Promise<IDBDatabase> {
  opened ??= open('qingyuan-field', 1, (made) => {
    for (const name of stores) made.createObjectStore(name)
  })
  return opened
}
async function work<T>(
  names: Name[],
  mode: 'readonly' | 'readwrite',
  act: (of: (store: string) => IDBObjectStore) => Promise<T> | T,
): Promise<T> {
  return transact(await database(), names, mode, act)
}
/** Objects of the screen are reactive; what is kept is plain. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export function kept<T>(key: string): Promise<T | undefined> {
  return work(['kept'], 'readonly', (of) => request(of('kept').get(key) as IDBRequest<T | undefined>))
}
export function keep(key: string, value: unknown): Promise<void> {
  return work(['kept'], 'readwrite', (of) => void of('kept').put(plain(value), key))
}
/** Drops kept things whose key begins so and is not wanted. */
export function prune(prefix: string, wanted: string[]): Promise<void> {
  return work(['kept'], 'readwrite', async (of) => {
    for (const key of await request(of('kept').getAllKeys()))
      if (typeof key === 'string' && key.startsWith(prefix) && !wanted.includes(key)) of('kept').delete(key)
  })
}

export function drafts(): Promise<Draft[]> {
  return work(['drafts'], 'readonly', (of) => request(of('drafts').getAll() as IDBRequest<Draft[]>))
}
export function draftOf(dossier: string): Promise<Draft | undefined> {
  return work(['drafts'], 'readonly', (of) =>
    request(of('drafts').get(dossier) as IDBRequest<Draft | undefined>),
  )
}
export function saveDraft(draft: Draft): Promise<void> {
  return work(['drafts'], 'readwrite', (of) => void of('drafts').put(plain(draft), draft.dossier))
}
/** A photo and the draft that names it, together or not at all. */
export function savePhoto(draft: Draft, id: string, photo: Blob): Promise<void> {
  return work(['drafts', 'photos'], 'readwrite', (of) => {
    of('photos').put(photo, id)
    of('drafts').put(plain(draft), draft.dossier)
  })
}
export function dropPhoto(draft: Draft, id: string): Promise<void> {
  return work(['drafts', 'photos'], 'readwrite', (of) => {
    of('photos').delete(id)
    of('drafts').put(plain(draft), draft.dossier)
  })
}
export function photoOf(id: string): Promise<Blob | undefined> {
  return work(['photos'], 'readonly', (of) => request(of('photos').get(id) as IDBRequest<Blob | undefined>))
}

/** The queue in its order. */
export async function queue(): Promise<QueueItem[]> {
  const all = await work(['queue'], 'readonly', (of) =>
    request(of('queue').getAll() as IDBRequest<QueueItem[]>),
  )
  return all.sort((a, b) => a.order - b.order)
}
/** Puts an item at its place and takes the draft it was made from away. */
export function enqueue(item: QueueItem, draft: string | null, photos: [string, Blob][] = []): Promise<void> {
  return work(['queue', 'drafts', 'photos', 'kept'], 'readwrite', async (of) => {
    if (!item.order) {
      const last = ((await request(of('kept').get('order'))) as number | undefined) ?? 0
      item.order = last + 1
      of('kept').put(item.order, 'order')
    }
    of('queue').put(plain(item), item.id)
    for (const [id, blob] of photos) of('photos').put(blob, id)
    if (draft) of('drafts').delete(draft)
  })
}
/** Writes an item only while it is still queued: a slow writer never brings back what was acknowledged. */
export function saveItem(item: QueueItem): Promise<void> {
  return work(['queue'], 'readwrite', async (of) => {
    if ((await request(of('queue').getKey(item.id))) !== undefined) of('queue').put(plain(item), item.id)
  })
}
/** Back from the queue to a draft, to be answered again; its photos stay. */
export function reopen(item: QueueItem, draft: Draft): Promise<void> {
  return work(['queue', 'drafts'], 'readwrite', (of) => {
    of('queue').delete(item.id)
    of('drafts').put(plain(draft), draft.dossier)
  })
}
/** The server has it: what the phone held of it goes, a line of what was sent stays. */
export function wipe(item: QueueItem, line: Sent): Promise<void> {
  return work(['queue', 'photos', 'sent'], 'readwrite', async (of) => {
    of('queue').delete(item.id)
    for (const file of item.files) of('photos').delete(file.id)
    of('sent').put(plain(line), line.id)
    const all = (await request(of('sent').getAll() as IDBRequest<Sent[]>)).sort((a, b) =>
      a.at < b.at ? 1 : -1,
    )
    for (const old of all.slice(20)) of('sent').delete(old.id)
  })
}
export async function sent(): Promise<Sent[]> {
  const all = await work(['sent'], 'readonly', (of) => request(of('sent').getAll() as IDBRequest<Sent[]>))
  return all.sort((a, b) => (a.at < b.at ? 1 : -1))
}
/** Everything goes. */
export function forget(): Promise<void> {
  return work([...stores], 'readwrite', (of) => {
    for (const name of stores) of(name).clear()
  })
}
