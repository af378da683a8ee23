// The picture of a limit: its pieces never overlap, never leave the bar, and add up to what the words say.

import { describe, expect, it } from 'vitest'
import { bar, joined, otherEnds, suspendedDays, usedShare, type Clock, type Piece } from '../src/base/clock'
import { dateOf, dayOf } from '../src/base/format'

const now = '2025-07-02T01:00:00Z'
const today = '2025-07-02'

function clock(change: Partial<Clock> & { end?: string } = {}): Clock {
  const { end = '2025-07-14', ...rest } = change
  return {
    limit: 'SEIZE.KEEP',
    zh: '扣押',
    en: 'Seizure',
    law: null,
    unit: 'calendar_day',
    budget: 60,
    used: 48,
    left: 12,
    excluded_days: 23,
    extended: 30,
    extension: 0,
    extension_due: null,
    started_on: '2025-04-22',
    started_at: null,
    stopped_on: null,
    running: true,
    suspended: false,
    standing: 'running',
    due_at: null,
    pauses: [{ from: '2025-05-08', to: '2025-05-30' }],
    verified: true,
    due: {
      raw: end,
      due_holiday_roll: end,
      due: end,
      counted_days: 60,
      excluded_days: 23,
      provisional: false,
      calendar_version: '',
    },
    ...rest,
  }
}
const total = (pieces: Piece[], kind: Piece['kind']) =>
  pieces.filter((piece) => piece.kind === kind).reduce((sum, piece) => sum + piece.to - piece.from, 0)

describe('bar', () => {
  it('shows 48 days used, 23 excluded and 12 left of 83', () => {
    const drawn = bar(clock(), today, now)
    expect(total(drawn.pieces, 'used') * 83).toBeCloseTo(48)
    expect(total(drawn.pieces, 'excluded') * 83).toBeCloseTo(23)
    expect(total(drawn.pieces, 'left') * 83).toBeCloseTo(12)
    expect(drawn.now).toBeCloseTo(71 / 83)
    expect(drawn.due).toBe(1)
    expect(drawn.pauses).toHaveLength(1)
  })
  it('turns red past the end, and only there', () => {
    const drawn = bar(
      clock({ end: '2025-06-24', started_on: '2025-03-26', pauses: [], standing: 'late' }),
      today,
      now,
    )
    expect(total(drawn.pieces, 'used') * 98).toBeCloseTo(90)
    expect(total(drawn.pieces, 'late') * 98).toBeCloseTo(8)
    expect(drawn.now).toBe(1)
    expect(drawn.due).toBeCloseTo(90 / 98)
    expect(drawn.pieces.some((piece) => piece.kind === 'left')).toBe(false)
  })
  it('dashes a possible extension beyond the end', () => {
    const drawn = bar(clock({ end: '2025-08-12', extension_due: '2025-09-11', extension: 30 }), today, now)
    expect(drawn.extension).toBe(1)
    expect(drawn.due).toBeCloseTo(
      (dayOf('2025-08-12') - dayOf('2025-04-22')) / (dayOf('2025-09-11') - dayOf('2025-04-22')),
    )
    expect(total(drawn.pieces, 'extension')).toBeCloseTo(1 - drawn.due)
  })
  it('lets a pause that lasts reach today', () => {
    const drawn = bar(
      clock({ pauses: [{ from: '2025-06-20', to: null }], suspended: true, standing: 'suspended' }),
      today,
      now,
    )
    expect(total(drawn.pieces, 'excluded') * 83).toBeCloseTo(13)
    expect(drawn.pieces.filter((piece) => piece.kind === 'used')).toHaveLength(1)
  })
  it('ends a stopped clock where it stopped', () => {
    const drawn = bar(
      clock({ stopped_on: '2025-06-01', running: false, standing: 'stopped', pauses: [] }),
      today,
      now,
    )
    expect(drawn.now).toBeNull()
    expect(total(drawn.pieces, 'used') * 83).toBeCloseTo(40)
  })
  it('runs by the hour for limits in hours', () => {
    const drawn = bar(
      clock({
        unit: 'hour',
        started_on: today,
        started_at: '2025-07-01T13:00:00Z',
        due_at: '2025-07-02T13:00:00Z',
        pauses: [],
        budget: 24,
      }),
      today,
      now,
    )
    expect(drawn.now).toBeCloseTo(0.5)
    expect(total(drawn.pieces, 'used')).toBeCloseTo(0.5)
    expect(total(drawn.pieces, 'left')).toBeCloseTo(0.5)
  })
  it('draws something sound for any clock', () => {
    let state = 1
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state % below
    }
    for (let i = 0; i < 2000; i += 1) {
      const start = dayOf(today) - random(200) + random(5)
      const end = start + random(150)
      const pauses = Array.from({ length: random(4) }, () => {
        const from = start + random(160) - 5
        return { from: dateOf(from), to: random(5) === 0 ? null : dateOf(from + random(30)) }
      })
      const drawn = bar(
        clock({
          started_on: dateOf(start),
          end: dateOf(end),
          pauses,
          extension_due: random(3) ? null : dateOf(end + random(40)),
          stopped_on: random(4) ? null : dateOf(start + random(160)),
        }),
        today,
        now,
      )
      const inOrder = [...drawn.pieces].sort((a, b) => a.from - b.from)
      for (const [index, piece] of inOrder.entries()) {
        expect(piece.from).toBeGreaterThanOrEqual(0)
        expect(piece.to).toBeLessThanOrEqual(1 + 1e-9)
        expect(piece.to).toBeGreaterThan(piece.from)
        const next = inOrder[index + 1]
        if (next) expect(next.from).toBeGreaterThanOrEqual(piece.to - 1e-9)
      }
    }
  })
})

describe('small things', () => {
  it('joins overlapping intervals', () => {
    expect(
      joined([
        { from: 5, to: 9 },
        { from: 1, to: 3 },
        { from: 2, to: 5 },
      ]),
    ).toEqual([{ from: 1, to: 9 }])
  })
  it('fills the track of a late clock', () => {
    expect(usedShare(clock({ standing: 'late' }))).toBe(1)
    expect(usedShare(clock())).toBeCloseTo(0.8)
    expect(usedShare(clock({ budget: 0 }))).toBe(0)
  })
  it('counts the days of a suspension, today included', () => {
    expect(suspendedDays(clock({ pauses: [{ from: '2025-06-10', to: null }] }), today)).toBe(23)
    expect(suspendedDays(clock(), today)).toBe(0)
  })
  it('names the other readings of the end once each', () => {
    const open = clock()
    open.due = { ...open.due, raw: '2025-07-05', due_holiday_roll: '2025-07-05', due: '2025-07-07' }
    expect(otherEnds(open)).toEqual(['2025-07-07'])
    expect(otherEnds(clock())).toEqual([])
  })
})
