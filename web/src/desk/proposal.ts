// What is proposed, in words: the second person agrees to what stands here.

import type { Schemas } from '../base/api'
import { t } from './language'
import { organisationName } from './session'
import { roles } from './vocabulary'

/** What is proposed, field by field, in words where the field is known. */
export function proposalContent(proposal: Schemas['Proposal']): { name: string; text: string }[] {
  const known: Record<string, Parameters<typeof t>[0]> = {
    roles: 'person.roles',
    organisation: 'grant.to',
    actions: 'grant.does',
    purpose: 'grant.purpose',
    basis: 'grant.basis',
    until: 'grant.until',
    dossier: 'grant.dossier',
    person: 'admin.person_name',
  }
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(text).join(t('list.and'))
    if (value === null || value === undefined) return ''
    if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no')
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  const nameOf: Record<string, (id: string) => string> = {
    roles: (id) => roles().find((one) => one.id === id)?.name ?? id,
    organisation: organisationName,
  }
  const spoken = (id: string, value: unknown) => {
    const name = nameOf[id]
    return name
      ? [value]
          .flat()
          .map((one) => name(String(one)))
          .join(t('list.and'))
      : text(value)
  }
  return Object.entries(proposal.content as Record<string, unknown>)
    .map(([id, value]) => ({ name: known[id] ? t(known[id]) : id, text: spoken(id, value) }))
    .filter((line) => line.text !== '')
}
