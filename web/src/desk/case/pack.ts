// The package a referral goes with: its items as files, and the list that names each by its digest (docs/formats/package.md).
// The list is kept without its last lines, so that the digest it is known by is the package's own; whoever takes the step
// binds that digest to his act, and the signed journal keeps both.

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

/** The lines of a package above its digest; one line an item, its title last. Shanghai civil time, whole seconds. */
export function packageLines(
  from: string,
  dossier: string,
  made: Date,
  items: { code: string; digest: string; bytes: number; title: string }[],
): string {
  const civil = new Date(made.getTime() + 8 * 3_600_000).toISOString().slice(0, 19)
  return [
    'qingyuan-package 1',
    `from ${from}`,
    'to public_security',
    `dossier ${dossier}`,
    `made ${civil}+08:00`,
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
  const list = new Blob([packageLines(from, dossier, new Date(), lines)], { type: 'text/plain' })
  return { digest: await bring(list, `${dossier}.package`), items: lines.map((one) => one.digest) }
}
