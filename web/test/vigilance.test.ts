// Axes, intervals, words and forms of vigilance: what is drawn stands where its number says, what cannot be estimated is a word,
// and a report sends what is seen.

import { describe, expect, it, vi } from 'vitest'

vi.stubGlobal('location', { search: '', hash: '' })
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })

const { bitsBar, dayStep, logAxis, poissonTail, quiet, segments, upperOf } = await import('../src/desk/vigilance/plot')
const words = await import('../src/desk/vigilance/vigilance')
const { meta } = await import('../src/desk/session')
const { fields, gravity, list, read, typedOf, visible } = await import('../src/portal/reaction')

describe('log axis', () => {
  it('holds every value and 1, in order', () => {
    for (const values of [[9.5, 5.6, 16.2], [0.38, 2.15, 7.9], [0.02, 300], [1.02, 1.1], []]) {
      const axis = logAxis(values)
      expect(axis.from).toBeLessThan(1)
      expect(axis.ticks).toContain(1)
      expect([...axis.ticks].sort((a, b) => a - b)).toEqual(axis.ticks)
      const places = [...values].filter((one) => one >= 0.01 && one <= 100).sort((a, b) => a - b).map((one) => axis.place(one))
      for (const [index, place] of places.entries()) {
        expect(place.cut).toBe(false)
        if (index) expect(place.at).toBeGreaterThanOrEqual(places[index - 1]!.at)
      }
    }
  })
  it('puts a ratio and its inverse at the same distance from 1', () => {
    const axis = logAxis([0.1, 10])
    const one = axis.place(1).at
    expect(axis.place(4).at - one).toBeCloseTo(one - axis.place(0.25).at, 9)
  })
  it('says where a value was cut', () => {
    expect(logAxis([2]).place(1e9)).toEqual({ at: 100, cut: true })
    expect(logAxis([2]).place(0)).toEqual({ at: 0, cut: true })
  })
})
describe('intervals', () => {
  // CAERS, REUMOFAN PLUS / WEIGHT INCREASED: ROR 125.60 (56.63 .. 278.57)
  it('finds the upper limit of an odds ratio from its lower one', () => {
    expect(upperOf(125.6, 56.63)).toBeCloseTo((125.6 * 125.6) / 56.63, 9)
    expect(upperOf(null, 2)).toBeNull()
    expect(upperOf(2, null)).toBeNull()
  })
  it('knows the tail of a Poisson count', () => {
    expect(poissonTail(0, 3)).toBe(1)
    expect(poissonTail(1, 1)).toBeCloseTo(1 - Math.exp(-1), 12)
    expect(poissonTail(3, 1)).toBeCloseTo(1 - Math.exp(-1) * 2.5, 12)
    expect(poissonTail(60, 5)).toBeGreaterThanOrEqual(0)
  })
  it('calls quiet what chance gives once in twenty', () => {
    expect(quiet(2, 2.3)).toBe(true)
    expect(quiet(9, 0.42)).toBe(false)
    expect(quiet(0, 0)).toBe(true)
  })
  it('breaks a line where there is no value', () => {
    expect(segments([{ x: 1, y: 2 }, { x: 2, y: null }, { x: 3, y: 4 }, { x: 5, y: 6 }])).toBe('M1.0 2.0M3.0 4.0L5.0 6.0')
  })
  it('draws bits from the middle to their side', () => {
    expect(bitsBar(5, 10)).toEqual({ from: 50, width: 25 })
    expect(bitsBar(-5, 10)).toEqual({ from: 25, width: 25 })
    expect(bitsBar(99, 10).width).toBe(50)
    expect(bitsBar(0, 10).width).toBe(0)
  })
  it('writes as many days as fit', () => {
    expect(dayStep(31, 1200)).toBe(2)
    expect(dayStep(31, 260)).toBe(7)
    expect(dayStep(5, 1200)).toBe(1)
  })
})
describe('numbers in words', () => {
  it('never leaves a measure blank', () => {
    expect(words.measured(2.345)).toBe('2.35')
    expect(words.measured(-0.5)).toBe('−0.50')
    expect(words.measured(null)).toBe('无法估计')
    expect(words.measured(undefined)).toBe('无法估计')
    expect(words.measured(null, 2, true)).toBe('无穷大')
  })
  it.each([
    [0.5, '0.50'],
    [0.0312, '0.0312'],
    [3.1e-10, '3.1 × 10⁻¹⁰'],
    [0, '0'],
    [null, '无法估计'],
  ])('p %s', (p, text) => expect(words.pText(p)).toBe(text))
  it('orders the lower limit before the estimate, and IC as a ratio on the shared axis', () => {
    const rows = words.measureRows({
      n: 1, n_product: 1, n_reaction: 1, n_total: 1, expected: 1, rr: 1, prr: null, prr_infinite: true, prr_lower: null, prr_upper: null,
      ror: 3, ror_infinite: false, ror_lower: 1, ror_upper: 9, chi2_yates: 1, fisher_p: 1, ic: 3, ic025: 1, ic975: 4, ebgm: 2, eb05: 1, eb95: 3,
    })
    expect(rows.map((row) => row.id)).toEqual(['ebgm', 'ic', 'ror', 'prr'])
    expect(rows[1]!.ratio).toEqual({ estimate: 8, lower: 2, upper: 16 })
    expect(rows[3]!.infinite).toBe(true)
  })
  it('says an age band, a patient and an unknown word as they are', () => {
    expect(words.ageBand('18-44')).toBe('18–44 岁')
    expect(words.ageBand('65-')).toBe('65 岁以上')
    expect(words.ageBand('adult')).toBe('adult')
    expect(words.patientText({ sex: 'female', age_years: 63 })).toBe('63 岁 女')
    expect(words.patientText({ sex: '', age_years: null })).toBe('未填')
    expect(words.outcomeName('好转')).toBe('好转')
  })
  it('counts what is left of a limit, and keeps its share between 0 and 1', () => {
    meta.value = { today: '2025-07-05' } as never
    expect(words.dueStatus('2025-07-01')).toMatchObject({ kind: 'late', text: '已超 4 日' })
    expect(words.dueStatus('2025-07-05').kind).toBe('near')
    expect(words.dueStatus('2025-07-20').kind).toBe('plain')
    expect(words.dueShare('2025-07-01', '2025-07-11')).toBeCloseTo(0.4, 9)
    expect(words.dueShare(null, '2025-07-11')).toBe(1)
    expect(words.dueShare('2025-07-06', '2025-07-11')).toBe(0)
  })
  it('leaves the usual choices out of an address', () => {
    expect(words.pairAddress({ product: 'a/b', reaction: 'c', kind: 'drug', level: 'name', reactions: 'term' }).query).toEqual({
      product: 'a/b',
      reaction: 'c',
    })
  })
})
describe('a report of a reaction', () => {
  const groups = ['what', 'happened', 'patient', 'use', 'judgement'] as const
  const seen = (typed: Record<string, string | string[]>, more = false) => groups.flatMap((group) => visible(group, typed, more).map((one) => one.id))
  it('shows at most fifteen fields in the ordinary case, the kind among them', () => {
    for (const kind of ['drug', 'device', 'cosmetic', 'vaccine'])
      expect(seen({ kind, seriousness: 'general' }).length + 1).toBeLessThanOrEqual(15)
  })
  it('asks why it is serious only where it is, and for a reason only without a batch', () => {
    expect(seen({ seriousness: 'general' })).not.toContain('seriousness_grounds')
    expect(seen({ seriousness: 'death' })).toContain('seriousness_grounds')
    expect(seen({ no_batch: 'yes' })).toContain('batch_missing')
    expect(seen({ no_batch: 'yes', batch: '240817' })).not.toContain('batch_missing')
    expect(seen({ kind: 'vaccine' }, true)).not.toContain('rechallenge')
    expect(new Set(seen({}, true)).size).toBeLessThanOrEqual(fields.length)
  })
  it('sends what is there, and nothing that is out of sight', () => {
    const { body, wrong } = read(
      { kind: 'drug', product: ' 甲片 ', reactions: '皮疹、瘙痒，皮疹', seriousness: 'general', seriousness_grounds: ['life'], age_years: '６３', no_batch: 'yes', batch_missing: 'discarded' },
      '2025-07-05',
    )
    expect(wrong).toEqual({})
    expect(body).toEqual({ kind: 'drug', product: '甲片', reactions: ['皮疹', '瘙痒'], seriousness: 'general', age_years: 63, batch_missing: 'discarded' })
  })
  it('names what is wrong beside its field', () => {
    expect(read({}, '2025-07-05').wrong).toEqual({ product: 'required', reactions: 'required', seriousness: 'required' })
    const { wrong } = read(
      { product: 'a', reactions: 'b', seriousness: 'serious', age_years: 'sixty', onset_on: '2025-07-09', started_on: '2025-07-01', no_batch: 'yes' },
      '2025-07-05',
    )
    expect(wrong).toEqual({ age_years: 'number', onset_on: 'future', batch_missing: 'reason' })
    expect(read({ product: 'a', reactions: 'b', seriousness: 'general', onset_on: '2025-06-01', started_on: '2025-07-01' }, '2025-07-05').wrong).toEqual({ onset_on: 'before' })
  })
  it('parts what is written together', () => {
    expect(list('皮疹、瘙痒；发热\n 寒战 , 皮疹')).toEqual(['皮疹', '瘙痒', '发热', '寒战'])
    expect(list(' ')).toEqual([])
  })
  it('fills a returned report into the form', () => {
    const typed = typedOf({
      number: 'n-1', kind: 'cosmetic', products: [{ name: 'x', approval: '', maker: 'm', batch: 'b', coded: true }], reactions: ['p', 'q'],
      onset_on: null, known_on: '2025-07-01', seriousness: 'general', outcome: '', causality: 'possible', sex: 'male', age_years: 0, weight_kg: null,
    } as never)
    expect(typed).toMatchObject({ kind: 'cosmetic', follow_up_of: 'n-1', product: 'x', batch: 'b', reactions: 'p、q', age_years: '0' })
    expect(typed).not.toHaveProperty('onset_on')
    expect(read(typed, '2025-07-05').body.follow_up_of).toBe('n-1')
    expect(gravity('cosmetic')).not.toContain('death')
  })
})
