// Words of the law's vocabularies that forms of administration offer, read from the same files as the server's.

import departmentsCsv from '../../../law/vocabularies/departments.csv?raw'
import kindsCsv from '../../../law/vocabularies/organisation_kinds.csv?raw'
import levelsCsv from '../../../law/vocabularies/organisation_levels.csv?raw'
import rolesCsv from '../../../law/roles.csv?raw'
import type { Schemas } from '../base/api'
import { pick } from './language'

/** The first three columns of a CSV file: id, zh, en. */
export function rows(csv: string): Schemas['Named'][] {
  return csv
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) =>
        (match[1] ?? '').replace(/^"|"$/g, '').replace(/""/g, '"'),
      )
      return { id: cells[0] ?? '', zh: cells[1] ?? '', en: cells[2] ?? '' }
    })
}

const named = (list: Schemas['Named'][]) => () => list.map((one) => ({ id: one.id, name: pick(one) }))
export const departments = named(rows(departmentsCsv))
export const kinds = named(rows(kindsCsv))
export const levels = named(rows(levelsCsv))
export const roles = named(rows(rolesCsv))
