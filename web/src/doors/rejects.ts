// Rows that were not taken: grouped by what is wrong with them, and as a file to mend them in.

import type { Reject } from '../base/packs'

export interface Cause {
  key: string
  field: string
  code: string
  next: string
  rows: number
}
const keyOf = (one: Reject) => `${one.code} ${one.field}`

/** Most frequent first. */
export function causes(rejects: readonly Reject[]): Cause[] {
  const found = new Map<string, Cause>()
  for (const one of rejects) {
    const cause = found.get(keyOf(one))
    if (cause) cause.rows += 1
    else found.set(keyOf(one), { key: keyOf(one), field: one.field, code: one.code, next: one.next, rows: 1 })
  }
  return [...found.values()].sort((a, b) => b.rows - a.rows)
}
export const ofCause = (rejects: readonly Reject[], key: string): Reject[] =>
  key ? rejects.filter((one) => keyOf(one) === key) : [...rejects]

/** A cell that a spreadsheet neither runs nor splits: what begins like a formula gets an apostrophe. */
export function cell(value: string | number): string {
  const text = String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}
/** UTF-8 with a byte order mark, lines by CRLF: what spreadsheets open without a question. */
export function csvOf(head: readonly string[], rejects: readonly Reject[]): string {
  const rows = rejects.map((one) => [one.file, one.row, one.field, one.code, one.message, one.next])
  return '\ufeff' + [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')
}
/** Hands the reader a file made here. */
export function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
