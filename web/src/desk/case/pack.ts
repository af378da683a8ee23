// The package a referral goes with: its items as files, and the list that names each by the digest this server keeps it under.
// The digest of the list stands in the step, so that who signs for the list signs for every item, and the signed journal
// keeps both. A package that carries a signature of its own is made on the command line (docs/formats/package.md).

import { freshKey } from '../../base/api'
import { sha256 } from '../../doors/digest'
import { send, sending } from '../../doors/upload'

export interface Item {
  code: string
  title: string
  file: Blob
}
export interface Pack {
  digest: string
  items: string[] // digests
}

/** The list: whose, to whom, of which matter, then one line an item with its digest, its bytes and its title. */
export function packageLines(
  from: string,
  dossier: string,
  items: { code: string; digest: string; bytes: number; title: string }[],
): string {
  return [
    'qingyuan-package-list 1',
    `from ${from}`,
    'to public_security',
    `dossier ${dossier}`,
    ...items.map((one) => `item ${one.code} ${one.digest} ${one.bytes} ${one.title.replace(/\s+/g, ' ').trim()}`),
    '',
  ].join('\n')
}

/** Brings a file; the digest it is known by from then on. */
export async function bring(file: Blob, name: string): Promise<string> {
  return send(sending(freshKey(), name, file, await sha256(file)), file, () => undefined)
}

/** Files of a case that lie on this server, brought again by who sends them; those that lie on paper only are left out. */
export async function filesOf(dossier: string, digests: string[]): Promise<string[]> {
  const kept: string[] = []
  for (const digest of digests) {
    const answer = await fetch(`/api/evidence/${digest}?dossier=${encodeURIComponent(dossier)}`)
    if (answer.ok) kept.push(await bring(await answer.blob(), digest.slice(0, 16)))
  }
  return kept
}

export async function pack(from: string, dossier: string, items: Item[]): Promise<Pack> {
  const lines: { code: string; digest: string; bytes: number; title: string }[] = []
  for (const one of items)
    lines.push({ code: one.code, digest: await bring(one.file, one.title), bytes: one.file.size, title: one.title })
  const list = new Blob([packageLines(from, dossier, lines)], { type: 'text/plain' })
  return { digest: await bring(list, `${dossier}.list`), items: lines.map((one) => one.digest) }
}
