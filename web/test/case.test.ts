// What somebody who works a case is offered first.
import { describe, expect, it } from 'vitest'
import { nextStep, type Offer } from '../src/desk/case/case'
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
})
