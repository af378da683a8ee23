// A file sent in chunks, resumable: what has arrived is asked, only the rest is sent, and what is known is
// saved before the next step, so that a page killed anywhere goes on where it was.

import { answered, call, statusOf } from './call'
import { sha256 } from './digest'

/** Where an upload stands. Saved by the owner whenever it changes. */
export interface Sending {
  key: string
  name: string
  bytes: number
  sha256: string
  upload: string
  /** The digest it is kept by as evidence; '' until it is finished. */
  evidence: string
  /** Bytes known to be there. */
  sent: number
}
interface Upload {
  id: string
  chunk_bytes: number
  chunks: number
  received: number[]
  evidence: { digest: string } | null
}

export function sending(key: string, name: string, file: Blob, digest: string): Sending {
  return { key, name, bytes: file.size, sha256: digest, upload: '', evidence: '', sent: 0 }
}

/** Sends `file` until it is evidence; the digest. Throws Problem or Down and may be called again. `prefix` is
    /api/uploads or a door's own. */
export async function send(
  state: Sending,
  file: Blob,
  save: (state: Sending) => Promise<void> | void,
  prefix = '/api/uploads',
): Promise<string> {
  if (state.evidence) return state.evidence
  const at = await located(state, save, prefix)
  if (at.evidence) return finished(state, at.evidence.digest, save)
  for (let n = 0; n < at.chunks; n += 1) {
    if (at.received.includes(n)) continue
    const bytes = file.slice(n * at.chunk_bytes, (n + 1) * at.chunk_bytes)
    await answered(`${prefix}/${encodeURIComponent(at.id)}/chunks/${n}`, {
      method: 'PUT',
      bytes,
      headers: { 'X-Chunk-SHA256': await sha256(bytes) },
      timeout_ms: 60_000,
    })
    state.sent = Math.min(state.bytes, (n + 1) * at.chunk_bytes)
    await save(state)
  }
  const kept = await call<{ digest: string }>(`${prefix}/${encodeURIComponent(at.id)}/finish`, {
    method: 'POST',
    key: state.key + '-finish',
    body: {},
  })
  return finished(state, kept.digest, save)
}

async function located(
  state: Sending,
  save: (state: Sending) => Promise<void> | void,
  prefix: string,
): Promise<Upload> {
  if (state.upload) {
    try {
      return await call<Upload>(`${prefix}/${encodeURIComponent(state.upload)}`)
    } catch (cause) {
      if (![404, 410].includes(statusOf(cause))) throw cause
      state.key += '-again' // the server let the upload expire: a new one, not a repetition of the old
    }
  }
  const begun = await call<Upload>(prefix, {
    method: 'POST',
    key: state.key,
    body: { name: state.name, bytes: state.bytes, digest_sha256: state.sha256 },
  })
  state.upload = begun.id
  await save(state)
  return begun
}

async function finished(
  state: Sending,
  digest: string,
  save: (state: Sending) => Promise<void> | void,
): Promise<string> {
  state.evidence = digest
  state.sent = state.bytes
  await save(state)
  return digest
}
