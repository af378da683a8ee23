// What the stand-in answers is what openapi.json says: every kind of answer a page of the desk or the portal asks for, full and empty.

import { readFileSync } from 'node:fs'
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
// @ts-expect-error plain JavaScript
import { start } from './mock.mjs'
// @ts-expect-error plain JavaScript
import { rows } from './mock/dossiers.mjs'
// @ts-expect-error plain JavaScript
import { recorded } from './mock/recorded.mjs'

type Schema = Record<string, unknown>
const contract = JSON.parse(readFileSync(new URL('../../src/api/openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>>
  components: { schemas: Record<string, Schema> }
}
const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value

/** What is wrong with `value`, as places; the words of JSON Schema that the contract uses. */
function wrong(value: unknown, schema: Schema, place: string): string[] {
  if (typeof schema['$ref'] === 'string')
    return wrong(value, contract.components.schemas[schema['$ref'].split('/').pop()!]!, place)
  const found: string[] = []
  const kinds = [schema['type']].flat().filter(Boolean) as string[]
  const kind = typeOf(value)
  if (kinds.length && !kinds.includes(kind) && !(kind === 'integer' && kinds.includes('number')))
    return [`${place}: ${kind}, not ${kinds.join('|')}`]
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) found.push(`${place}: ${String(value)}`)
  for (const one of (schema['allOf'] as Schema[] | undefined) ?? []) found.push(...wrong(value, one, place))
  const choices = (schema['oneOf'] ?? schema['anyOf']) as Schema[] | undefined
  if (choices) {
    const tried = choices.map((one) => wrong(value, one, place))
    if (!tried.some((one) => !one.length)) found.push(...tried.sort((a, b) => a.length - b.length)[0]!)
  }
  if (kind === 'array' && schema['items'])
    (value as unknown[]).forEach((one, index) => found.push(...wrong(one, schema['items'] as Schema, `${place}[${index}]`)))
  if (kind === 'object') {
    const given = value as Record<string, unknown>
    for (const name of (schema['required'] as string[] | undefined) ?? []) if (!(name in given)) found.push(`${place}.${name} is missing`)
    const known = (schema['properties'] ?? {}) as Record<string, Schema>
    const rest = schema['additionalProperties']
    for (const [name, one] of Object.entries(given))
      if (known[name]) found.push(...wrong(one, known[name], `${place}.${name}`))
      else if (rest && typeof rest === 'object') found.push(...wrong(one, rest as Schema, `${place}.${name}`))
  }
  return found
}

const routes = Object.keys(contract.paths).map((path) => ({
  path,
  match: new RegExp('^' + path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+') + '$'),
}))
/** The schema of an answer to "GET /api/…": an address written out comes before one with a hole. */
function schemaOf(method: string, address: string): Schema | undefined {
  const found = routes.filter((one) => one.match.test(address)).sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
  const answers = found && contract.paths[found.path]?.[method.toLowerCase()]?.responses
  return (answers?.['200'] ?? answers?.['201'])?.content?.['application/json']?.schema
}

describe('the stand-in', () => {
  const servers: Record<string, Server> = {}
  const at = (name: string) => `http://127.0.0.1:${(servers[name]!.address() as AddressInfo).port}`
  beforeAll(async () => {
    for (const [name, empty] of [['full', false], ['empty', true]] as const) {
      servers[name] = (await start(0, { empty })) as Server
      await fetch(at(name) + '/api/session/demo', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"role":"unit_head"}',
      })
    }
  })
  afterAll(() => Object.values(servers).forEach((one) => one.close()))

  it('notices an answer that is not as agreed', () => {
    const plan = structuredClone(recorded.full['POST /api/draws/plan']) as { places: unknown; strata?: unknown }
    plan.places = 'thirty'
    delete plan.strata
    expect(wrong(plan, schemaOf('POST', '/api/draws/plan')!, 'plan')).toEqual(['plan.strata is missing', 'plan.places: string, not integer'])
  })
  const names = Object.keys(recorded.full as object)
  it.each(names)('%s', async (name) => {
    const [method, address] = name.split(' ') as [string, string]
    const schema = schemaOf(method, address)
    expect(schema, address).toBeDefined()
    expect(wrong(recorded.full[name], schema!, '')).toEqual([])
    if (recorded.empty[name]) expect(wrong(recorded.empty[name], schema!, '')).toEqual([])
    if (address.includes('/portal/')) return
    for (const server of ['full', 'empty']) {
      const answer = await fetch(at(server) + address, {
        method,
        headers: { 'Content-Type': 'application/json' },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
      if (answer.status !== 200) expect([server, answer.status]).toEqual(['empty', name in recorded.refused ? 422 : 404])
      else expect(wrong(await answer.json(), schema!, '')).toEqual([])
    }
  })
  const lists = [
    '/api/meta', '/api/today', '/api/reports', '/api/dossiers', '/api/journal', '/api/people', '/api/operators', '/api/organisations',
    '/api/notices', '/api/compare', '/api/views', '/api/jobs', '/api/search', '/api/account/tokens', '/api/account/sessions',
    '/api/packs/summary', '/api/packs/findings', '/api/packs/rules', '/api/packs/files', '/api/signals', '/api/signals/criteria',
    '/api/signals/clusters', '/api/signals/judgements', '/api/safety_reports', '/api/duplicates', '/api/sentinels',
  ] // prettier-ignore
  const things = [
    '/api/law/limits/CASE.DECIDE', '/api/law/procedures/penalty_case', `/api/dossiers/${rows[0].id}`, '/api/operators/op-00001',
    '/api/journal/48392', '/api/reports/mid_year', '/api/reports/mid_year/figures/cases/members',
  ] // prettier-ignore
  it.each(things)('GET %s', async (address) => {
    const schema = schemaOf('GET', address)
    expect(schema, address).toBeDefined()
    const answer = await fetch(at('full') + address)
    expect(answer.status).toBe(200)
    expect(wrong(await answer.json(), schema!, '')).toEqual([])
  })
  it.each(lists)('GET %s', async (address) => {
    const schema = schemaOf('GET', address)
    expect(schema, address).toBeDefined()
    for (const server of ['full', 'empty']) {
      const answer = await fetch(at(server) + address)
      expect(answer.status).toBe(200)
      expect(wrong(await answer.json(), schema!, '')).toEqual([])
    }
  })
})
