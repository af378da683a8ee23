// The contract the client is made from: every operation documented, every reference there, strangers let in
// only where it says so.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Operation {
  operationId: string
  summary: string
  security?: unknown[]
  parameters?: { $ref?: string; name?: string }[]
  responses: Record<string, unknown>
}
const contract = JSON.parse(readFileSync(new URL('../../src/api/openapi.json', import.meta.url), 'utf8')) as {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}
const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

describe('contract', () => {
  it('is OpenAPI 3.1', () => expect(contract.openapi).toBe('3.1.0'))
  it('names every operation once and says what it does', () => {
    const ids = operations.map((one) => one.operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { operation } of operations) expect(operation.summary).toBeTruthy()
  })
  it('refers only to what is there', () => {
    const references = [...JSON.stringify(contract).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)]
    expect(references.length).toBeGreaterThan(100)
    for (const [, kind, name] of references)
      expect(contract.components[kind ?? '']?.[name ?? ''], `${kind}/${name}`).toBeDefined()
  })
  it('holds no schema that nothing refers to', () => {
    const text = JSON.stringify(contract)
    const idle = Object.keys(contract.components['schemas'] ?? {}).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    )
    expect(idle).toEqual([])
  })
  it('documents every parameter of a path', () => {
    for (const { path, operation } of operations) {
      const named = (operation.parameters ?? []).map((one) =>
        one.$ref
          ? (contract.components['parameters']?.[one.$ref.split('/').pop() ?? ''] as { name: string }).name
          : one.name,
      )
      for (const hole of path.matchAll(/\{(\w+)\}/g)) expect(named, path).toContain(hole[1])
    }
  })
  it('lets strangers in nowhere else', () => {
    // What a server of EPCIS can do is asked by OPTIONS before anybody signs in (EPCIS 2.0, 12.6).
    const open = operations
      .filter((one) => one.operation.security?.length === 0)
      .filter((one) => one.method !== 'options' && one.path !== '/epcis/v2')
      .map((one) => one.path)
    const expected = /^\/(livez|readyz|openapi\.json|api\/(public|session|setup|law|journal$|field\/checklists)(\/|$))/
    expect(open.filter((path) => !expected.test(path))).toEqual([])
    expect(open).toContain('/api/session/methods')
    expect(open).toContain('/api/public/reports')
  })
  it('answers every failure with a problem and every POST idempotently', () => {
    for (const { method, operation } of operations) {
      expect(operation.responses['default']).toEqual({ $ref: '#/components/responses/Problem' })
      if (method === 'post')
        expect(operation.parameters).toContainEqual({ $ref: '#/components/parameters/IdempotencyKey' })
    }
  })
})
