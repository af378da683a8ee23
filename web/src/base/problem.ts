// What a call to the server can end in. No framework here: the public page uses it with fetch alone.

import type { components } from './schema'

export type Schemas = components['schemas']

/** A refusal of the server: code, article, what to do next. */
export class Problem extends Error {
  constructor(readonly problem: Schemas['Problem']) {
    super(problem.title)
  }
}
/** The server did not answer, or answered nonsense. */
export class Down extends Error {}

export function asFailure(cause: unknown): Problem | Down {
  return cause instanceof Problem || cause instanceof Down ? cause : new Down(String(cause))
}

/** What an unsuccessful answer stands for. */
export function failureOf(status: number, body: unknown): Problem | Down {
  const problem = body as Partial<Schemas['Problem']> | null | undefined
  if (problem && typeof problem === 'object' && problem.code)
    return new Problem(problem as Schemas['Problem'])
  return new Down(`HTTP ${status}`)
}

/** A key that makes a repeated POST one act. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
