// IndexedDB in a few lines: stores of plain objects under a key, transactions that are on the disk when they
// say so. A phone may lose power: durability is strict.

export function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error ?? new Error('indexeddb'))
  })
}

/** Opens the database; `make` creates the stores of a version. */
export function open(
  name: string,
  version: number,
  make: (database: IDBDatabase, from: number) => void,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, version)
    asked.onupgradeneeded = (event) => make(asked.result, event.oldVersion)
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error ?? new Error('indexeddb'))
    asked.onblocked = () => reject(new Error('indexeddb blocked'))
  })
}

/** Runs `work` in one transaction and waits until it is on the disk. All of it happens, or nothing. */
export async function transact<T>(
  database: IDBDatabase,
  stores: string[],
  mode: 'readonly' | 'readwrite',
  work: (of: (store: string) => IDBObjectStore) => Promise<T> | T,
): Promise<T> {
  const transaction = database.transaction(stores, mode, { durability: 'strict' })
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onerror = () => reject(transaction.error ?? new Error('indexeddb'))
    transaction.onabort = () => reject(transaction.error ?? new Error('indexeddb aborted'))
  })
  let result: T
  try {
    result = await work((store) => transaction.objectStore(store))
  } catch (cause) {
    done.catch(() => undefined)
    transaction.abort()
    throw cause
  }
  await done
  return result
}
