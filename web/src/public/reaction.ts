// Telling of a reaction: a person, a product and what happened, without signing in. The draft lives in this tab only; the receipt
// gives the number.

import { freshKey, Problem, type Schemas } from '../base/problem'
import { call } from '../doors/call'
import { h, put, shape, type Kid } from './dom'
import { t } from './words'

const kinds = ['drug', 'device', 'cosmetic', 'vaccine'] as const
const grave = ['general', 'serious', 'death'] as const
const place = 'public.reaction'
interface Draft {
  key: string
  values: Record<string, string>
}
const fresh = (): Draft => ({ key: freshKey(), values: { kind: 'drug' } })
function stored(): Draft {
  try {
    const draft = JSON.parse(sessionStorage.getItem(place) ?? '') as Draft
    return draft.key && draft.values ? draft : fresh()
  } catch {
    return fresh()
  }
}
let draft = stored()
const typed = (name: string): string => (draft.values[name] ?? '').trim()
function keep(name: string, value: string): void {
  draft.values[name] = value
  draft.key = freshKey() // what was changed is another report; the same sent twice is one
  sessionStorage.setItem(place, JSON.stringify(draft))
}

type Made = HTMLInputElement | HTMLTextAreaElement
function field(name: string, label: string, hint = '', type: 'text' | 'area' | 'date' | 'number' = 'text', optional = true): HTMLElement {
  const shared = { class: 'input', id: 'f-' + name, name, autocomplete: 'off', 'aria-describedby': hint ? name + '-h' : undefined }
  const input: Made =
    type === 'area'
      ? h('textarea', { ...shared, rows: 4 }, draft.values[name] ?? '')
      : h('input', {
          ...shared,
          type: type === 'date' ? 'date' : 'text',
          inputmode: type === 'number' ? 'numeric' : undefined,
          value: draft.values[name] ?? '',
        })
  return h(
    'div',
    { class: 'field' },
    h('label', { for: 'f-' + name }, label, optional && h('span', { class: 'opt' }, t('optional'))),
    input,
    hint && h('p', { class: 'hint', id: name + '-h' }, hint),
    h('div', { id: name + '-e' }),
  )
}
function choice(name: string, label: string, options: [string, string][]): HTMLElement {
  return h(
    'fieldset',
    { class: 'sec choice', id: 'f-' + name },
    h('legend', {}, label),
    ...options.map(([value, text]) =>
      h('label', {}, h('input', { type: 'radio', name, value, checked: typed(name) === value }), text),
    ),
    h('div', { id: name + '-e' }),
  )
}

/** Writes or clears the error of a field. */
function mark(page: ParentNode, name: string, error: string): void {
  const box = page.querySelector(`[id="${name}-e"]`)
  const input = page.querySelector<HTMLElement>(`[id="f-${name}"]`)
  if (!box || !input) return
  box.replaceChildren()
  if (error) {
    put(box, [h('p', { class: 'err', id: name + '-err' }, shape('no'), h('span', {}, error))])
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', name + '-err')
  } else {
    input.removeAttribute('aria-invalid')
    if (input.getAttribute('aria-describedby') === name + '-err') input.removeAttribute('aria-describedby')
  }
}

export function reaction(asked: URLSearchParams): Kid[] {
  for (const name of ['product', 'batch']) {
    const value = asked.get(name)
    if (value && !typed(name)) keep(name, value)
  }
  const said = h('div', { role: 'alert' })
  const send = h('button', { class: 'btn btn-primary wide' }, t('reaction.send'))
  const page = h(
    'form',
    { novalidate: true },
    choice('kind', t('reaction.kind'), kinds.map((one) => [one, t(`reaction.kind_${one}`)])),
    field('product', t('reaction.product'), t('reaction.product_hint'), 'text', false),
    field('batch', t('reaction.batch'), t('reaction.batch_hint')),
    field('reactions', t('reaction.reactions'), t('reaction.reactions_hint'), 'text', false),
    field('onset_on', t('reaction.onset'), '', 'date'),
    choice('seriousness', t('reaction.serious'), grave.map((one) => [one, t(`reaction.serious_${one}`)])),
    h('div', { class: 'pair' }, field('age_years', t('reaction.age'), '', 'number'), sex()),
    field('narrative', t('reaction.narrative'), t('reaction.narrative_hint'), 'area'),
    field('contact', t('reaction.contact'), t('reaction.contact_hint')),
    said,
    h('p', { class: 'sec' }, send),
  )
  page.addEventListener('input', (event) => {
    const one = event.target as Made
    if (!one.name) return
    keep(one.name, one.value)
    mark(page, one.name, '')
  })
  page.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit(page, send, said)
  })
  return [
    h('h1', { class: 'title-xl', tabindex: -1 }, t('reaction.title')),
    h('p', { class: 'lede' }, t('reaction.lede')),
    h('p', { class: 'note' }, shape('ring'), h('span', {}, t('reaction.urgent'))),
    page,
  ]
}
function sex(): HTMLElement {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: 'f-sex' }, t('reaction.sex'), h('span', { class: 'opt' }, t('optional'))),
    h(
      'select',
      { class: 'input', id: 'f-sex', name: 'sex' },
      h('option', { value: '' }, t('report.choose')),
      ...(['female', 'male'] as const).map((one) =>
        h('option', { value: one, selected: typed('sex') === one }, t(`reaction.sex_${one}`)),
      ),
    ),
  )
}

async function submit(page: HTMLFormElement, send: HTMLButtonElement, said: HTMLElement): Promise<void> {
  if (send.hasAttribute('aria-disabled')) return
  said.replaceChildren()
  const age = typed('age_years').normalize('NFKC')
  const now = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const wrong: [string, string][] = []
  if (!typed('product')) wrong.push(['product', t('reaction.need_product')])
  if (!typed('reactions')) wrong.push(['reactions', t('reaction.need_reactions')])
  if (typed('onset_on') > now) wrong.push(['onset_on', t('report.future')])
  if (age && !/^\d{1,3}$/.test(age)) wrong.push(['age_years', t('reaction.bad_age', { value: typed('age_years') })])
  for (const [name, error] of wrong) mark(page, name, error)
  if (wrong.length) {
    page.querySelector<HTMLElement>(`[id="f-${wrong[0]![0]}"]`)?.focus()
    return
  }
  const texts = ['batch', 'onset_on', 'sex', 'seriousness', 'narrative', 'contact'] as const
  const body: Schemas['PublicReactionForm'] = {
    kind: kinds.find((one) => one === typed('kind')) ?? 'drug',
    product: typed('product'),
    reactions: typed('reactions').split(/[、，,;；\n]+/).map((one) => one.trim()).filter(Boolean),
    ...Object.fromEntries(texts.filter((name) => typed(name)).map((name) => [name, typed(name)])),
    ...(age ? { age_years: Number(age) } : {}),
  }
  send.setAttribute('aria-disabled', 'true')
  send.textContent = t('report.sending')
  try {
    const { ticket } = await call<Schemas['PublicReactionReceipt']>('/api/public/reactions', {
      method: 'POST',
      key: draft.key,
      body,
      timeout_ms: 60_000,
    })
    sessionStorage.removeItem(place)
    draft = fresh()
    const view = page.parentElement!
    view.replaceChildren()
    put(view, receipt(ticket))
    scrollTo(0, 0)
    view.querySelector<HTMLElement>('h1')?.focus()
  } catch (cause) {
    const problem = cause instanceof Problem ? cause.problem : null
    for (const one of problem?.errors ?? []) mark(page, one.where.split('.').pop() ?? '', one.detail)
    const text = problem ? [problem.title, problem.detail, problem.next].filter(Boolean).join(' ') : t('down.full')
    put(said, [h('p', { class: 'note note-red' }, shape('no'), h('span', {}, text))])
    send.removeAttribute('aria-disabled')
    send.textContent = t('reaction.send')
  }
}
function receipt(ticket: string): Kid[] {
  return [
    h(
      'div',
      { class: 'verdict ok' },
      shape('tick'),
      h('div', {}, h('h1', { class: 'title-xl', tabindex: -1 }, t('reaction.taken')), h('p', { class: 'lede' }, t('reaction.taken_text'))),
    ),
    h('dl', { class: 'kv' }, h('div', {}, h('dt', {}, t('receipt.ticket')), h('dd', { class: 'key' }, ticket))),
    h('h2', { class: 'ruled' }, t('receipt.taken')),
    h('p', { class: 'prose' }, t('receipt.taken_text')),
    h('p', { class: 'prose' }, t('receipt.not_taken_text')),
    h('p', { class: 'sec' }, h('a', { class: 'back', href: '#/' }, t('back'))),
  ]
}
