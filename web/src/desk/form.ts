// Forms generated from the fields of a step: what is typed, what it is worth, and drafts that survive a
// refusal, a closed dialog and a change of person. A draft lies in the browser's session only.

import { reactive } from 'vue'
import type { Schemas } from '../base/api'
import { civil, fen } from '../base/format'
import { t } from './language'

export type Typed = Record<string, string | string[]>
type Value = Schemas['Value']

const drafts = new Map<string, Typed>()

/** The draft under a name, begun with the fields' present values. */
export function draft(name: string, fields: Schemas['FormField'][]): Typed {
  const known = drafts.get(name) ?? read(name)
  const typed: Typed = reactive(known ?? {})
  for (const field of fields) if (!(field.id in typed)) typed[field.id] = initial(field)
  drafts.set(name, typed)
  return typed
}

export function keep(name: string, typed: Typed): void {
  sessionStorage.setItem('draft ' + name, JSON.stringify(typed))
}
export function discard(name: string): void {
  drafts.delete(name)
  sessionStorage.removeItem('draft ' + name)
}
function read(name: string): Typed | null {
  try {
    return JSON.parse(sessionStorage.getItem('draft ' + name) ?? 'null') as Typed | null
  } catch {
    return null
  }
}

export const many = (type: Schemas['FieldType']) =>
  type === 'words' || type === 'people' || type === 'evidence'

function initial(field: Schemas['FormField']): string | string[] {
  // what the law wants whole is confirmed as one: the form lists it, sending it says it
  if (field.whole) return (field.words ?? []).map((word) => word.id)
  const value = field.value
  if (many(field.type))
    return Array.isArray(value) ? value : typeof value === 'string' && value ? [value] : []
  if (value === undefined) return ''
  if (field.type === 'money' && typeof value === 'number') return (value / 100).toFixed(2)
  if (field.type === 'instant' && typeof value === 'string') return civil(value).join('T')
  return Array.isArray(value) ? value.join('\n') : String(value)
}

/** The answer of a field as it stands in a form that is being filled: a form that was sent and came back is filled again. */
export const typedOf = (
  field: Schemas['FormField'],
  attribute: { value: Schemas['Attribute']['value'] },
): string | string[] => initial({ ...field, whole: false, value: attribute.value })

/** What the typed text of a field is worth; an error text when it cannot be read. Empty fields are left out:
    the server asks for them. */
export function worth(
  field: Schemas['FormField'],
  typed: string | string[],
): { value?: Value; error?: string } {
  if (Array.isArray(typed)) return typed.length ? { value: typed } : {}
  const text = typed.trim()
  if (text === '') return {}
  switch (field.type) {
    case 'money': {
      const amount = fen(text)
      return amount === null ? { error: t('form.not_money', { seen: text }) } : { value: amount }
    }
    case 'whole': {
      const digits = text.normalize('NFKC').replace(/,/g, '')
      return /^-?\d{1,15}$/.test(digits)
        ? { value: Number(digits) }
        : { error: t('form.not_whole', { seen: text }) }
    }
    case 'boolean':
      return { value: text === 'true' }
    case 'instant': {
      const at = Date.parse(text + ':00+08:00')
      return Number.isNaN(at)
        ? { error: t('form.not_instant', { seen: text }) }
        : { value: new Date(at).toISOString().replace('.000Z', 'Z') }
    }
    default:
      return { value: text }
  }
}

export function formOf(
  fields: Schemas['FormField'][],
  typed: Typed,
): { form: Record<string, Value>; errors: Record<string, string> } {
  const form: Record<string, Value> = {}
  const errors: Record<string, string> = {}
  for (const field of fields) {
    const { value, error } = worth(field, typed[field.id] ?? '')
    if (error) errors[field.id] = error
    else if (value !== undefined) form[field.id] = value
  }
  return { form, errors }
}

/** The errors of a refused form by field; what belongs to no field of this form stands under "". */
export function errorsOf(
  problem: Schemas['Problem'],
  fields: Schemas['FormField'][],
): Record<string, string> {
  const ids = new Set(fields.map((field) => field.id))
  const result: Record<string, string> = {}
  const list = problem.errors?.length
    ? problem.errors
    : [{ where: problem.where ?? '', code: problem.code, detail: problem.detail }]
  for (const error of list) {
    const place = ids.has(error.where) ? error.where : ''
    result[place] = result[place] ? `${result[place]} ${error.detail}` : error.detail || problem.title
  }
  return result
}
