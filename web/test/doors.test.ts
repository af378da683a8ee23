// The parts of field, portal and public that need no browser: forms, the queue's rules, signatures, words.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { crc32, isWritten, withText } from '../src/field/signature'
import {
  backoff,
  bodyOf,
  changesOf,
  isAnswered,
  isFinding,
  lacks,
  outside,
  renewed,
  stale,
  type Checklist,
  type Draft,
  type Item,
} from '../src/field/visit'
import fieldEn from '../src/field/en'
import fieldZh from '../src/field/zh'
import { proposed, read, type FormField } from '../src/portal/form'
import portalEn from '../src/portal/en'
import portalZh from '../src/portal/zh'
import publicEn from '../src/public/en'
import publicZh from '../src/public/zh'

const source = (path: string) => new URL('../' + path, import.meta.url).pathname
function code(directory: string): string {
  return readdirSync(directory)
    .map((name) => {
      const path = join(directory, name)
      if (statSync(path).isDirectory()) return code(path)
      return /\.(ts|vue)$/.test(name) && !/^(zh|en)\.ts$/.test(name) ? readFileSync(path, 'utf8') : ''
    })
    .join('\n')
}

const entries: [string, Record<string, string>, Record<string, string>][] = [
  ['field', fieldZh, fieldEn],
  ['portal', portalZh, portalEn],
  ['public', publicZh, publicEn],
]
// mission: H11
describe.each(entries)('words of %s', (entry, zh, en) => {
  const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort()
  const keys = Object.keys(zh)
  it('are the same in both languages', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort())
  })
  it.each(keys)('%s is filled and has the same holes', (key) => {
    expect(zh[key]!.trim()).not.toBe('')
    expect(en[key]!.trim()).not.toBe('')
    const plural = (text: string) =>
      holes(text).filter((hole) => !zh[key]!.includes('{') || holes(zh[key]!).includes(hole!))
    if (!key.startsWith('unit.')) expect(plural(en[key]!)).toEqual(holes(zh[key]!))
  })
  it('have no Chinese in English but the name of the language', () => {
    const found = keys.filter(
      (key) => key !== 'set.language' && /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/.test(en[key]!),
    )
    expect(found).toEqual([])
  })
  it('use full-width punctuation in Chinese', () => {
    expect(keys.filter((key) => /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/.test(zh[key]!))).toEqual(
      [],
    )
  })
  it('are all said somewhere', () => {
    const text = code(source('src/' + entry)) + readFileSync(source(entry + '/index.html'), 'utf8')
    const families = [...text.matchAll(/`([a-z_]+\.(?:[a-z]+_)?)\$\{/g)].map((match) => match[1]!)
    const silent = keys.filter(
      (key) =>
        !text.includes(`'${key}'`) &&
        !text.includes(`"${key}"`) &&
        !families.some((one) => key.startsWith(one)),
    )
    expect(silent).toEqual([])
  })
  it('are the only Chinese in the code', () => {
    const spoken = code(source('src/' + entry))
      .split('\n')
      .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
      .join('\n')
    const allowed = /清|中文|标准版|年|月|日/g
    expect(spoken.replace(allowed, '').match(/[\u4e00-\u9fff]+/g) ?? []).toEqual([])
  })
})

it('the first screen in HTML says what the dictionary says', () => {
  const html = readFileSync(source('public/index.html'), 'utf8')
  const said = [...html.matchAll(/data-t="([\w.]+)"[^>]*>([^<]*)</g)]
  expect(said.length).toBeGreaterThan(15)
  for (const [, key, text] of said) expect([key, text]).toEqual([key, publicZh[key as keyof typeof publicZh]])
})

const cited = { text: 'DAL 55', zh: '药品管理法第55条', en: 'DAL 55' }
const item = (id: string, more: Partial<Item> = {}): Item => ({
  id,
  mark: 'm-' + id,
  clause: 'c-' + id,
  zh: 'zh-' + id,
  en: 'en-' + id,
  law: cited,
  severity: 'major',
  answer: 'conform',
  unit: '',
  min: null,
  max: null,
  photo: false,
  always: false,
  finding: { zh: '', en: '' },
  ...more,
})
const form = (items: Item[], version = 'v1'): Checklist =>
  ({ id: 'retail', version, sections: [{ id: 'a', zh: '', en: '', items }] }) as unknown as Checklist
const draft = (more: Partial<Draft> = {}): Draft => ({
  dossier: 'd',
  title: '',
  operator: '',
  person: 'p',
  form: { id: 'retail', version: 'v1' },
  started_at: 's',
  saved_at: '',
  formalities: ['cards'],
  officers: ['p2'],
  answers: {},
  findings: {},
  captures: [],
  remarks: '',
  mode: 'signed',
  name: '罗晴川',
  signed_at: 'e',
  order: 0,
  changes: [],
  ...more,
})
const said = (answer: string, finding = false) => ({ mark: 'm', answer, note: '', finding })
const capture = (as: Draft['captures'][0]['as'], id: string, on = '') => ({
  id,
  sha256: id.repeat(64).slice(0, 64),
  bytes: 3,
  name: 'a.jpg',
  taken_at: 't',
  item: on,
  as,
})

describe('a checklist', () => {
  const cool = item('t', { answer: 'number', min: '2', max: '8' })
  it.each([
    ['2', false],
    ['8', false],
    ['8.01', true],
    ['-1', true],
    ['９', true],
    ['', false],
    ['hot', false],
  ])('a temperature of %s is outside: %s', (value, is) => {
    expect(outside(cool, value)).toBe(is)
    expect(isFinding(cool, draft({ answers: { t: said(value) } }))).toBe(is)
  })
  it.each([
    ['yes', {}, true],
    ['no', {}, false],
    ['not_applicable', {}, true],
    ['', {}, false],
    ['no', { severity: 'major', clause: 'c', description: ' ' }, false],
    ['no', { severity: 'major', clause: 'c', description: 'seen' }, true],
  ])('%s with %o is answered: %s', (answer, finding, is) => {
    const one = draft({ answers: { a: said(answer, answer === 'no') } })
    if ('description' in finding) one.findings['a'] = finding as Draft['findings'][string]
    expect(isAnswered(item('a'), one)).toBe(is)
  })
  it.each([
    ['4', true],
    ['4,5', false],
    ['', false],
    ['４', true],
  ])('a number written %s counts: %s', (text, is) => {
    expect(isAnswered(cool, draft({ answers: { t: said(text) } }))).toBe(is)
  })
  it('names what is missing, and nothing when nothing is', () => {
    const all = form([item('a')])
    expect(lacks(all, draft({ formalities: [], officers: [], name: '' }), ['cards'])).toEqual([
      'formalities',
      'officers',
      'items',
      'inspector',
      'party',
      'name',
    ])
    const refusedWithout = draft({
      answers: { a: said('yes') },
      mode: 'refused',
      name: '',
      captures: [capture('inspector', '1')],
    })
    expect(lacks(all, refusedWithout, ['cards'])).toEqual(['recording'])
    const whole = draft({
      answers: { a: said('yes') },
      captures: [capture('inspector', '1'), capture('party', '2')],
    })
    expect(lacks(all, whole, ['cards'])).toEqual([])
  })
})

// mission: H8
describe('what is sent', () => {
  const one = draft({
    answers: { a: said('no', true), b: said('yes'), t: said('９.5', true) },
    findings: {
      a: { severity: 'critical', clause: 'ca', description: 'da' },
      b: { severity: 'minor', clause: 'cb', description: 'taken back' },
      t: { severity: 'major', clause: 'ct', description: 'dt' },
    },
    captures: [
      capture('photo', '1', 'a'),
      capture('photo', '2', 't'),
      capture('inspector', '3'),
      capture('party', '4'),
    ],
  })
  const body = bodyOf(one, { 1: 'e1', 2: 'e2', 3: 'e3', 4: 'e4' })
  it('leaves out a finding that was taken back and keeps its photos with the right finding', () => {
    expect(body.findings.map((row) => row.item)).toEqual(['a', 't'])
    expect(body.photos.map((row) => [row.evidence, row.finding])).toEqual([
      ['e1', 0],
      ['e2', 1],
      ['e3', undefined],
    ])
  })
  it('writes digits narrow, the signature with its name, no recording', () => {
    expect(body.answers.find((row) => row.item === 't')?.answer).toBe('9.5')
    expect(body.signature).toEqual({ mode: 'signed', evidence: 'e4', name: '罗晴川' })
    expect(body).not.toHaveProperty('recording')
  })
  it('is the same bytes every time', () => {
    expect(
      JSON.stringify(
        bodyOf(JSON.parse(JSON.stringify(one)) as Draft, { 1: 'e1', 2: 'e2', 3: 'e3', 4: 'e4' }),
      ),
    ).toBe(JSON.stringify(body))
  })
  it('a refused signature carries no name', () => {
    const other = bodyOf(
      { ...one, mode: 'refused', captures: [...one.captures, capture('recording', '5')] },
      { 5: 'e5' },
    )
    expect(other.signature).toEqual({ mode: 'refused' })
    expect(other.recording).toEqual(['e5'])
  })
})

describe('a form that changed', () => {
  const before = form([item('a'), item('b'), item('c')])
  const after = form([item('a'), { ...item('b'), zh: 'new words', mark: 'other' }, item('d')], 'v2')
  const changes = changesOf(before, after)
  it('says what was added, changed and removed', () => {
    expect(changes.map((one) => [one.item, one.change])).toEqual([
      ['b', 'changed'],
      ['d', 'added'],
      ['c', 'removed'],
    ])
    expect(changesOf(before, before)).toEqual([])
  })
  it('asks only that again and keeps everything else', () => {
    const old = draft({
      answers: { a: said('yes'), b: said('yes'), c: said('yes') },
      captures: [capture('photo', '1', 'b')],
    })
    const next = renewed(old, after, changes)
    expect(Object.keys(next.answers)).toEqual(['a'])
    expect(next.captures).toEqual(old.captures)
    expect(next.form.version).toBe('v2')
    expect(Object.keys(old.answers)).toHaveLength(3)
  })
  it('without the old form everything is asked again', () => {
    expect(changesOf(undefined, after).map((one) => one.change)).toEqual(['added', 'added', 'added'])
  })
})

describe('waiting', () => {
  it.each([
    [0, 0, 5],
    [1, 0, 10],
    [3, 0, 40],
    [6, 0, 300],
    [60, 0, 300],
    [0, 17, 17],
    [0, 90_000, 3600],
  ])('after %i tries, asked %i: %i s', (tries, asked, seconds) => expect(backoff(tries, asked)).toBe(seconds))
  it('counts what is older than a day', () => {
    const now = Date.parse('2025-07-03T10:00:00Z')
    expect(stale([{ saved_at: '2025-07-02T10:00:01Z' }, { saved_at: '2025-07-02T09:59:59Z' }], now)).toBe(1)
  })
})

describe('a signature', () => {
  it('needs more than a tap', () => {
    expect(isWritten([])).toBe(false)
    expect(isWritten([[{ x: 0.5, y: 0.5, t: 0 }]])).toBe(false)
    expect(
      isWritten([
        [
          { x: 0.1, y: 0.1, t: 0 },
          { x: 0.6, y: 0.5, t: 9 },
        ],
      ]),
    ).toBe(true)
  })
  it('carries its strokes inside the PNG and leaves the picture as it was', () => {
    const png = Uint8Array.from(
      Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
    )
    const whole = Buffer.from(withText(png, 'strokes', '{"a":1}'))
    const chunks: [string, Buffer][] = []
    for (let at = 8; at < whole.length;) {
      const length = whole.readUInt32BE(at)
      const data = whole.subarray(at + 4, at + 8 + length)
      expect(whole.readUInt32BE(at + 8 + length)).toBe(crc32(data))
      chunks.push([data.subarray(0, 4).toString(), data.subarray(4)])
      at += 12 + length
    }
    expect(chunks.map(([kind]) => kind)).toEqual(['IHDR', 'IDAT', 'tEXt', 'IEND'])
    expect(chunks[2]![1].toString()).toBe('strokes\0{"a":1}')
    expect(inflateSync(chunks[1]![1]).length).toBe(5)
  })
})

describe('a step of the portal', () => {
  const field = (id: string, type: FormField['type'], required = true): FormField => ({
    id,
    zh: id,
    en: id,
    type,
    vocabulary: '',
    required,
  })
  const fields = [
    field('m', 'long_text'),
    field('n', 'whole', false),
    field('y', 'money', false),
    field('b', 'boolean', false),
    field('w', 'words', false),
    field('f', 'evidence'),
  ]
  const file = (evidence: string) => ({
    id: 'i',
    field: 'f',
    name: 'a.pdf',
    sending: { key: '', name: '', bytes: 1, sha256: '', upload: '', evidence, sent: 0 },
  })
  it('reads every kind of field', () => {
    const { form: given, wrong } = read(
      fields,
      { m: ' done ', n: '１２', y: '1,234.5', b: 'false', w: ['a'] },
      [file('e')],
    )
    expect(wrong).toEqual({})
    expect(given).toEqual({ m: 'done', n: 12, y: 123450, b: false, w: ['a'], f: ['e'] })
  })
  it.each([
    [{}, [], { m: 'required', f: 'required_file' }],
    [{ m: '  ' }, [file('e')], { m: 'required' }],
    [{ m: 'x', n: '1.5' }, [file('e')], { n: 'number' }],
    [{ m: 'x', n: '-1' }, [file('e')], { n: 'number' }],
    [{ m: 'x', y: '12.345' }, [file('e')], { y: 'money' }],
    [{ m: 'x' }, [file('')], { f: 'uploading' }],
  ])('%o with %j is wrong', (typed, files, expected) => {
    const { wrong } = read(fields, typed as Record<string, string>, files)
    expect(Object.fromEntries(Object.entries(wrong).map(([id, one]) => [id, one.code]))).toEqual(expected)
  })
  it('starts from what the server proposes', () => {
    expect(
      proposed([
        { ...field('m', 'text'), value: 'p' },
        { ...field('b', 'boolean'), value: true },
        { ...field('f', 'evidence'), value: ['x'] },
      ]),
    ).toEqual({ m: 'p', b: 'true' })
  })
})
