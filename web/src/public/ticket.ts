// Where a report stands, by its number and secret. Nothing of it is kept in the browser.

import { freshKey, Problem, type Schemas } from '../base/problem'
import { call } from '../doors/call'
import { h, put, shape, type Kid } from './dom'
import { date, pick, t } from './words'

export function ticket(): Kid[] {
  const number = h('input', { class: 'input', id: 'ticket', autocomplete: 'off', spellcheck: 'false' })
  const secret = h('input', {
    class: 'input',
    id: 'secret',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'characters',
  })
  const said = h('div', { role: 'alert' })
  const result = h('div', {})
  const form = h(
    'form',
    { novalidate: true },
    h(
      'div',
      { class: 'field' },
      h('label', { for: 'ticket' }, t('receipt.ticket')),
      number,
      h('div', { id: 'ticket-e' }),
    ),
    h(
      'div',
      { class: 'field' },
      h('label', { for: 'secret' }, t('receipt.secret')),
      secret,
      h('div', { id: 'secret-e' }),
    ),
    said,
    h('p', { class: 'tools' }, h('button', { class: 'btn btn-primary' }, t('ticket.find'))),
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    said.replaceChildren()
    result.replaceChildren()
    const fields: [HTMLInputElement, string][] = [
      [number, t('receipt.ticket')],
      [secret, t('receipt.secret')],
    ]
    const empty = fields.filter(([field, name]) =>
      mark(field, field.value.trim() ? '' : t('ticket.need', { name })),
    )
    if (empty.length) {
      empty[0]![0].focus()
      return
    }
    try {
      const progress = await call<Schemas['PublicProgress']>('/api/public/tickets', {
        method: 'POST',
        key: freshKey(),
        body: { ticket: number.value.trim(), secret: secret.value.trim() },
      })
      put(result, drawn(progress))
      result.querySelector<HTMLElement>('h2')?.focus()
    } catch (cause) {
      const problem = cause instanceof Problem ? cause.problem : null
      const text = !problem
        ? t('down.full')
        : problem.code === 'ticket_unknown'
          ? t('ticket.unknown')
          : [problem.title, problem.detail, problem.next].filter(Boolean).join(' ')
      put(said, [h('p', { class: 'note note-red' }, shape('no'), h('span', {}, text))])
    }
  })
  return [
    h('h1', { class: 'title-xl', tabindex: -1 }, t('ticket.title')),
    h('p', { class: 'lede' }, t('ticket.lede')),
    form,
    result,
  ]
}

function mark(field: HTMLInputElement, error: string): boolean {
  const place = document.getElementById(field.id + '-e')!
  place.replaceChildren()
  if (error) {
    put(place, [h('p', { class: 'err', id: field.id + '-err' }, shape('no'), h('span', {}, error))])
    field.setAttribute('aria-invalid', 'true')
    field.setAttribute('aria-describedby', field.id + '-err')
  } else {
    field.removeAttribute('aria-invalid')
    field.removeAttribute('aria-describedby')
  }
  return error !== ''
}

function drawn(progress: Schemas['PublicProgress']): Kid[] {
  return [
    h('h2', { class: 'ruled', tabindex: -1 }, progress.ticket),
    h('p', { class: 'meta' }, t('ticket.received', { day: date(progress.received_on) })),
    progress.matters.map((matter) =>
      h(
        'div',
        { class: 'sec' },
        h(
          'div',
          { class: matter.open ? 'verdict' : 'verdict ok' },
          shape(matter.open ? 'half' : 'tick'),
          h(
            'div',
            {},
            h('h3', { class: 'title-xl' }, pick(matter.kind) + t('colon') + pick(matter.stage)),
            h('p', { class: 'lede' }, pick(matter.text)),
          ),
        ),
        matter.told && h('p', { class: 'sec' }, h('b', {}, t('ticket.told')), h('br'), matter.told),
        h(
          'dl',
          { class: 'kv' },
          row(t('receipt.authority'), pick(matter.authority)),
          row(
            matter.open ? t('ticket.open') : t('ticket.closed'),
            matter.due ? t('ticket.due', { day: date(matter.due) }) : date(matter.since),
          ),
          row(t('receipt.law'), matter.law.map(pick).join(t('and'))),
        ),
        h('p', { class: 'sec label' }, t('ticket.history')),
        h(
          'ol',
          { class: 'steps' },
          ...matter.history.map((one) =>
            h(
              'li',
              {},
              h('time', { datetime: one.on }, date(one.on)),
              shape('dot'),
              h('span', {}, pick(one.stage)),
            ),
          ),
        ),
      ),
    ),
  ]
}
function row(name: string, value: string): Kid {
  return value && h('div', {}, h('dt', {}, name), h('dd', {}, value))
}
