import { describe, expect, it } from 'vitest'
import {
  civil,
  dateOf,
  dayOf,
  decimal,
  fen,
  longDate,
  ordinal,
  percent,
  plain,
  shortDate,
  shortDigest,
  signed,
  signedPercent,
  weekday,
  whole,
  yuan,
} from '../src/base/format'
import { fill } from '../src/base/text'

describe('numbers', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [1000, '1,000'],
    [2918, '2,918'],
    [23000000, '23,000,000'],
    [-88, '−88'],
    [-1234, '−1,234'],
  ])('whole %d', (value, text) => expect(whole(value)).toBe(text))
  it.each([
    [187, '+187'],
    [-88, '−88'],
    [0, '0'],
  ])('signed %d', (value, text) => expect(signed(value)).toBe(text))
  it.each([
    ['0.347498', 2, 2, '34.75'],
    ['0.005', 2, 0, '0.01'],
    ['0.004999', 2, 0, '0.00'],
    ['-0.079855', 2, 2, '−7.99'],
    ['-0.0001', 2, 0, '0.00'],
    ['12', 2, 0, '12.00'],
    ['1234567.895', 2, 0, '1,234,567.90'],
    ['0.995', 2, 0, '1.00'],
    ['99999999999999999999.5', 0, 0, '100,000,000,000,000,000,000'],
    ['1e3', 2, 0, ''],
    ['', 2, 0, ''],
    ['NaN', 2, 0, ''],
    ['1.2.3', 1, 0, ''],
  ])('decimal %s to %d places', (text, places, shift, expected) =>
    expect(decimal(text, places, shift)).toBe(expected),
  )
  it('rounds half away from zero, where floating point would not', () => {
    expect(decimal('1.005', 2)).toBe('1.01')
    expect(decimal('-1.005', 2)).toBe('−1.01')
  })
  it('writes percentages with a true minus', () => {
    expect(percent('0.373717', 1)).toBe('37.4%')
    expect(signedPercent('0.068473')).toBe('+6.85%')
    expect(signedPercent('-0.079855')).toBe('−7.99%')
    expect(signedPercent('0.000001')).toBe('0.00%')
    expect(percent('')).toBe('')
  })
  it.each([
    [96.65, '96.65'],
    [17600, '17,600'],
    [23000000, '23,000,000'],
    [17.65, '17.65'],
    [-3.5, '−3.5'],
  ])('prints %d as it stands', (value, text) => expect(plain(value)).toBe(text))
})

describe('money', () => {
  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [1864000, '18,640.00'],
    [-231050, '−2,310.50'],
  ])('%d fen', (value, text) => expect(yuan(value)).toBe(text))
  it.each([
    ['18640', 1864000],
    ['18,640.5', 1864050],
    ['１８６４０．００', 1864000],
    [' 0.05 元', 5],
    ['¥3', 300],
  ])('reads %s', (text, value) => expect(fen(text)).toBe(value))
  it.each(['', '-1', '1.234', 'abc', '1e5', '1..2', '99999999999999'])('refuses %s', (text) =>
    expect(fen(text)).toBeNull(),
  )
})

describe('dates', () => {
  it('leaves out the year of today', () => {
    expect(shortDate('2025-07-04', '2025-07-02', 'zh')).toBe('7-4')
    expect(shortDate('2024-12-30', '2025-07-02', 'zh')).toBe('2024-12-30')
    expect(shortDate('2025-07-04', '2025-07-02', 'en')).toBe('4 Jul')
    expect(shortDate('2024-12-30', '2025-07-02', 'en')).toBe('30 Dec 2024')
  })
  it('knows the weekday', () => {
    expect(longDate('2025-07-05', 'zh')).toBe('7 月 5 日，星期六')
    expect(longDate('2025-07-05', 'en')).toBe('Saturday, 5 Jul')
    expect(weekday('1969-12-28', 'zh')).toBe('周日')
  })
  it('turns dates into days and back', () => {
    for (const date of ['1970-01-01', '2024-02-29', '2025-12-31']) expect(dateOf(dayOf(date))).toBe(date)
    expect(dayOf('2025-7-4')).toBeNaN()
  })
  it('shows instants in UTC+8', () => {
    expect(civil('2025-07-04T16:30:00Z')).toEqual(['2025-07-05', '00:30'])
    expect(civil('nonsense')).toEqual(['', ''])
  })
})

describe('words', () => {
  it('numbers the parts', () => {
    expect(ordinal(0, 'zh')).toBe('一、')
    expect(ordinal(2, 'en')).toBe('3. ')
  })
  it('groups a digest', () => expect(shortDigest('9f3c71ae0b52d8e4ffff')).toBe('9f3c 71ae 0b52 d8e4'))
  it('fills and counts', () => {
    expect(fill('{n} {n:day|days}', { n: 1 })).toBe('1 day')
    expect(fill('{n} {n:day|days}', { n: '1,000' })).toBe('1,000 days')
    expect(fill('{left} of {right}', { left: 1 })).toBe('1 of {right}')
  })
})
