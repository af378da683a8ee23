// Checks the file of a draw on the reader's own device: nothing is sent. Fetched when it is asked for.

import { check, pseudonym, Wrong, type Draw } from '../base/draw'
import { h, put, shape, type Kid } from './dom'
import { date, t } from './words'

function row(name: string, value: string): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value))
}
function verdict(good: boolean, title: string, text: string): HTMLElement {
  return h(
    'div',
    { class: good ? 'verdict ok' : 'verdict bad' },
    shape(good ? 'tick' : 'no'),
    h('div', {}, h('h2', { class: 'title-xl', tabindex: -1 }, title), h('p', { class: 'lede' }, text)),
  )
}

/** Where an operator stands, in words. */
export function standing(draw: Draw, operator: string, salt: string): string {
  let own: string
  try {
    own = pseudonym(salt.trim().toLowerCase(), operator.trim())
  } catch {
    return t('draw.absent')
  }
  const chance = draw.probability.get(own)
  if (!chance) return t('draw.absent')
  const place = draw.places.find((one) => one.pseudonym === own)
  if (!place) return t('draw.undrawn', { chance })
  const values = { rank: place.rank, chance, reason: place.reason }
  return t(place.drawn ? 'draw.drawn' : 'draw.reserve', values)
}

function own(draw: Draw): HTMLElement {
  const operator = h('input', { id: 'draw-operator', type: 'text', autocomplete: 'off', required: true })
  const salt = h('input', { id: 'draw-salt', type: 'text', autocomplete: 'off', required: true })
  const said = h('p', { class: 'lede', role: 'status' })
  const look = (event: Event) => {
    event.preventDefault()
    said.textContent = standing(draw, operator.value, salt.value)
  }
  return h(
    'form',
    { class: 'sec', onsubmit: look },
    h('h2', { class: 'ruled' }, t('draw.own')),
    h('p', {}, h('label', { for: 'draw-operator' }, t('draw.operator')), operator),
    h('p', {}, h('label', { for: 'draw-salt' }, t('draw.salt')), salt),
    h('p', {}, h('button', { type: 'submit', class: 'button' }, t('draw.look'))),
    said,
  )
}

function found(draw: Draw): Kid[] {
  const drawn = draw.places.filter((place) => place.drawn).length
  const summary = draw.voided
    ? t('draw.void', { why: draw.voided })
    : t('draw.summary', { number: draw.number, units: draw.units, drawn })
  return [
    verdict(true, t('draw.holds'), summary),
    h(
      'dl',
      { class: 'kv' },
      row(t('draw.id'), `${draw.id} · ${draw.organisation}`),
      row(t('draw.opened'), date(draw.opened)),
      row(t('draw.rule'), draw.rule),
      row(t('draw.parties'), draw.parties.join(', ')),
      row(t('draw.digest'), draw.digest),
      row(t('draw.previous'), draw.previous),
    ),
    h('p', { class: 'muted' }, t('draw.compare')),
    draw.voided ? null : own(draw),
  ]
}

export function draw(): Kid[] {
  const answer = h('div', { 'aria-live': 'polite' })
  const read = async (event: Event) => {
    const file = (event.target as HTMLInputElement).files?.[0]
    if (!file) return
    answer.replaceChildren(h('p', { class: 'muted' }, t('loading')))
    let shown: Kid[]
    try {
      shown = found(check(new Uint8Array(await file.arrayBuffer())))
    } catch (cause) {
      const wrong = cause instanceof Wrong ? cause : new Wrong('not_a_bundle')
      const where = wrong.line ? t('draw.line', { line: wrong.line }) + ' · ' : ''
      shown = [verdict(false, t('draw.not'), where + t(`draw.why_${wrong.what}`))]
    }
    answer.replaceChildren()
    put(answer, shown)
    answer.querySelector<HTMLElement>('h2')?.focus()
  }
  return [
    h('h1', { class: 'title-xl', tabindex: -1 }, t('draw.title')),
    h('p', { class: 'lede' }, t('draw.lede')),
    h(
      'p',
      {},
      h('label', { for: 'draw-file' }, t('draw.file')),
      h('input', { id: 'draw-file', type: 'file', accept: '.draw,text/plain', onchange: (event) => void read(event) }),
    ),
    answer,
  ]
}
