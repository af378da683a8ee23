// Generated forms: what is typed becomes what the interface expects, and what cannot be read is said beside
// its field.

import { describe, expect, it } from 'vitest'
import type { Schemas } from '../src/base/api'
import { errorsOf, formOf, worth } from '../src/desk/form'

const field = (id: string, type: Schemas['FieldType']): Schemas['FormField'] => ({
  id,
  zh: id,
  en: id,
  type,
  vocabulary: '',
  required: true,
})

describe('worth', () => {
  it.each<[Schemas['FieldType'], string | string[], unknown]>([
    ['text', ' 甲 ', '甲'],
    ['long_text', 'a\nb', 'a\nb'],
    ['date', '2025-07-04', '2025-07-04'],
    ['whole', '１，０００'.replace('，', ','), 1000],
    ['whole', '-3', -3],
    ['money', '18,640.5', 1864050],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['word', 'fact', 'fact'],
    ['words', ['a', 'b'], ['a', 'b']],
    ['instant', '2025-07-05T00:30', '2025-07-04T16:30:00Z'],
    ['person', 'p-1', 'p-1'],
  ])('%s %s', (type, typed, value) => expect(worth(field('f', type), typed).value).toEqual(value))
  it.each<[Schemas['FieldType'], string]>([
    ['money', '十元'],
    ['money', '1.234'],
    ['whole', '1.5'],
    ['whole', 'x'],
    ['instant', 'soon'],
  ])('refuses %s %s', (type, typed) => {
    const read = worth(field('f', type), typed)
    expect(read.value).toBeUndefined()
    expect(read.error).toContain(typed)
  })
  it('leaves empty fields to the server', () => {
    expect(
      formOf([field('a', 'text'), field('b', 'money'), field('c', 'words')], { a: ' ', b: '', c: [] }),
    ).toEqual({ form: {}, errors: {} })
  })
})

describe('errors of a refused form', () => {
  const problem = (change: Partial<Schemas['Problem']>): Schemas['Problem'] => ({
    type: '',
    title: '缺少必填项',
    status: 422,
    code: 'field_missing',
    detail: '',
    ...change,
  })
  it('go beside their fields, the rest to the head', () => {
    const errors = errorsOf(
      problem({
        errors: [
          { where: 'a', code: 'x', detail: '一' },
          { where: 'z', code: 'x', detail: '二' },
        ],
      }),
      [field('a', 'text')],
    )
    expect(errors).toEqual({ a: '一', '': '二' })
  })
  it('use `where` when there is no list, and the title when there is no detail', () => {
    expect(errorsOf(problem({ where: 'a', detail: '须填写' }), [field('a', 'text')])).toEqual({ a: '须填写' })
    expect(errorsOf(problem({}), [])).toEqual({ '': '缺少必填项' })
  })
})
