// A step's fields: what is typed becomes what the server takes, or an error beside its field.

import { fen } from '../base/format'
import type { Schemas } from '../base/problem'
import type { Attached, Typed } from './drafts'

export type FormField = Schemas['FormField']
export type Wrong = { code: 'required' | 'required_file' | 'number' | 'money' | 'uploading'; value: string }

export const isFile = (field: FormField): boolean => field.type === 'evidence'
const isMany = (field: FormField): boolean => ['words', 'people'].includes(field.type)

/** What is proposed by the server stands in the form from the start. */
export function proposed(fields: FormField[]): Typed {
  const typed: Typed = {}
  for (const field of fields) {
    if (isFile(field) || field.value === undefined) continue
    typed[field.id] = Array.isArray(field.value) ? field.value : String(field.value)
  }
  return typed
}

export function read(
  fields: FormField[],
  typed: Typed,
  files: Attached[],
): { form: Schemas['Form']; wrong: Record<string, Wrong> } {
  const form: Record<string, unknown> = {}
  const wrong: Record<string, Wrong> = {}
  for (const field of fields) {
    if (isFile(field)) {
      const own = files.filter((one) => one.field === field.id)
      if (own.some((one) => !one.sending.evidence)) wrong[field.id] = { code: 'uploading', value: '' }
      else if (own.length) form[field.id] = own.map((one) => one.sending.evidence)
      else if (field.required) wrong[field.id] = { code: 'required_file', value: '' }
      continue
    }
    const value = typed[field.id] ?? ''
    if (isMany(field)) {
      if (value.length) form[field.id] = Array.isArray(value) ? value : [value]
      else if (field.required) wrong[field.id] = { code: 'required', value: '' }
      continue
    }
    const text = (Array.isArray(value) ? value.join('\n') : value).trim()
    if (!text) {
      if (field.required) wrong[field.id] = { code: 'required', value: '' }
      continue
    }
    const one = single(field, text)
    if (one === null) wrong[field.id] = { code: field.type === 'money' ? 'money' : 'number', value: text }
    else form[field.id] = one
  }
  return { form: form as Schemas['Form'], wrong }
}
function single(field: FormField, text: string): string | number | boolean | null {
  if (field.type === 'boolean') return text === 'true'
  if (field.type === 'money') return fen(text)
  if (field.type === 'whole') {
    const narrow = text.normalize('NFKC')
    return /^\d{1,12}$/.test(narrow) ? Number(narrow) : null
  }
  return text
}
