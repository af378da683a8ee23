// What somebody who works a case is offered first.
import { describe, expect, it } from 'vitest'
import { nextStep, surcharge, type Offer } from '../src/desk/case/case'
import { draft, formOf } from '../src/desk/form'
import type { Schemas } from '../src/base/api'

const stage = (id: string, states: string[], standing: 'done' | 'now' | 'ahead') =>
  ({ id, states, standing, lacks: [], done: [] }) as unknown as Schemas['CaseStage']
const stages = [
  stage('lead', ['lead', 'verifying', 'not_filed'], 'done'),
  stage('investigate', ['filed', 'investigating', 'testing', 'suspended'], 'now'),
  stage('review', ['report_done'], 'ahead'),
  stage('serve', ['transferred_admin'], 'ahead'),
]
const offer = (step: string, to = '', more: Partial<Offer> = {}) =>
  ({ step, to: to ? { id: to } : null, refusal: null, automatic: false, ...more }) as unknown as Offer
const refused = (step: string, next_step: string | null) =>
  offer(step, 'report_done', { refusal: { code: 'step_missing', next_step } } as unknown as Partial<Offer>)

describe('nextStep', () => {
  it('is what a refused way on asks for', () =>
    expect(nextStep([offer('suspend', 'suspended'), offer('tell_rights'), refused('finish', 'tell_rights')], stages)?.step).toBe(
      'tell_rights',
    ))
  it('is else the way into the next stage, not the farthest one', () =>
    expect(
      nextStep([offer('suspend', 'suspended'), offer('transfer', 'transferred_admin'), offer('finish', 'report_done')], stages)
        ?.step,
    ).toBe('finish'))
  it('is never what time does, nor what is refused', () => {
    expect(nextStep([offer('expire', 'report_done', { automatic: true } as Partial<Offer>), refused('finish', null)], stages)).toBeNull()
  })
  it('stays within the stage where nothing leads on', () =>
    expect(nextStep([offer('question'), offer('test', 'testing')], stages)?.step).toBe('test'))
  it('may want an approval, which is asked for with the form', () => {
    const wants = offer('agree', 'report_done', { refusal: { code: 'approval_missing' } } as unknown as Partial<Offer>)
    expect(nextStep([offer('suspend', 'suspended'), wants], stages)?.step).toBe('agree')
    // laid before the approver it is not taken again, and what is possible beside it is
    expect(nextStep([offer('suspend', 'suspended'), wants], stages, ['agree'])?.step).toBe('suspend')
  })
})

describe('surcharge', () => {
  it('is three per cent of the fine for each day of delay', () =>
    expect(surcharge(1_000_000, '2025-07-20', '2025-07-25', 3)).toEqual({ days: 5, fen: 150_000, capped: false }))
  it('is nothing on the last day and before it', () => {
    expect(surcharge(1_000_000, '2025-07-20', '2025-07-20', 3).fen).toBe(0)
    expect(surcharge(1_000_000, '2025-07-20', '2025-07-01', 3)).toEqual({ days: 0, fen: 0, capped: false })
  })
  it('never exceeds the fine', () => {
    expect(surcharge(1_000_000, '2025-07-20', '2025-08-22', 3)).toEqual({ days: 33, fen: 990_000, capped: false })
    expect(surcharge(1_000_000, '2025-07-20', '2025-08-23', 3)).toEqual({ days: 34, fen: 1_000_000, capped: true })
  })
  it('asks for whole fen', () => expect(surcharge(101, '2025-07-20', '2025-07-21', 3).fen).toBe(3))
})

describe('a list the law wants whole', () => {
  const field = {
    id: 'points',
    zh: '审核内容',
    en: 'Points',
    type: 'words',
    vocabulary: 'review_points',
    required: true,
    words: [
      { id: 'facts', zh: '事实', en: 'Facts' },
      { id: 'law', zh: '依据', en: 'Law' },
    ],
  } as unknown as Schemas['FormField']
  it('is sent whole, and one that is not is chosen word by word', () => {
    expect(formOf([{ ...field, whole: true }], draft('whole', [{ ...field, whole: true }])).form).toEqual({ points: ['facts', 'law'] })
    expect(formOf([field], draft('chosen', [field])).form).toEqual({})
  })
})
