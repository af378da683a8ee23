// Reporting a store: one page, errors beside their fields, nothing typed is lost; then the receipt with the
// number and the secret, shown once. The draft lives in this tab only, so that nobody else at the same
// computer finds it.

import { freshKey, Problem, type Schemas } from '../base/problem'
import { call } from '../doors/call'
import { h, put, shape, type Kid } from './dom'
import { prepared, type Photo } from './photo'
import { date, names, pick, t } from './words'

interface Draft {
  key: string
  values: Record<string, string>
}
const place = 'public.report'
const fresh = (): Draft => ({ key: freshKey(), values: {} })
function stored(): Draft {
  try {
    const draft = JSON.parse(sessionStorage.getItem(place) ?? '') as Draft
    return draft.key && draft.values ? draft : fresh()
  } catch {
    return fresh()
  }
}
let draft = stored()
let photos: Photo[] = []
let given: Schemas['PublicTicket'] | null = null

function keep(name: string, value: string): void {
  if (draft.values[name] === value) return
  draft.values[name] = value
  draft.key = freshKey() // what was changed is another report; the same sent twice is one
  sessionStorage.setItem(place, JSON.stringify(draft))
}
const typed = (name: string): string => (draft.values[name] ?? '').trim()

export async function report(_: string, asked: URLSearchParams): Promise<Kid[]> {
  const form = await call<Schemas['PublicForm']>('/api/public/form')
  for (const name of ['store', 'operator', 'product']) {
    const value = asked.get(name)
    if (value) keep(name, value)
  }
  const what = asked.get('text')
  if (what && !typed('text')) keep('text', what) // never over what somebody wrote
  if (asked.get('store') && !asked.get('operator')) keep('operator', '')
  const summary = h('div', { role: 'alert' })
  const send = h('button', { class: 'btn btn-primary wide' }, t('report.send'))
  const page = h(
    'form',
    { novalidate: true },
    reasons(form),
    store(form),
    field('text', t('report.text'), t('report.text_hint', { n: form.text_max }), 'area'),
    shots(form),
    who(),
    details(form),
    summary,
    h('p', { class: 'sec' }, send),
  )
  page.addEventListener('input', (event) => {
    const one = event.target as HTMLInputElement
    if (!one.name) return
    keep(one.name, one.type === 'checkbox' ? (one.checked ? 'yes' : '') : one.value)
    if (one.hasAttribute('aria-invalid') || one.type === 'radio') mark(page, one.name, '')
  })
  page.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit(page, form, send, summary)
  })
  return [
    h('h1', { class: 'title-xl', tabindex: -1 }, t('report.title')),
    h('p', { class: 'lede' }, t('report.lede')),
    h('p', { class: 'hint' }, names(form.law)),
    page,
  ]
}

function reasons(form: Schemas['PublicForm']): HTMLElement {
  return h(
    'fieldset',
    { class: 'sec choice', id: 'f-reason' },
    h('legend', {}, t('report.reason')),
    ...form.reasons.map((one) =>
      h(
        'label',
        {},
        h('input', { type: 'radio', name: 'reason', value: one.id, checked: typed('reason') === one.id }),
        pick(one),
      ),
    ),
    h('div', { id: 'reason-e' }),
  )
}

function field(
  name: string,
  label: string,
  hint: string,
  kind: 'text' | 'area' | 'date' | 'tel' = 'text',
  optional = false,
): HTMLElement {
  const shared = {
    class: 'input',
    id: 'f-' + name,
    name,
    autocomplete: name === 'phone' ? 'tel' : name === 'reporter' ? 'name' : 'off',
    'aria-describedby': hint ? `${name}-h` : undefined,
  }
  const input =
    kind === 'area'
      ? h('textarea', { ...shared, rows: 4 }, draft.values[name] ?? '')
      : h('input', {
          ...shared,
          type: kind,
          inputmode: kind === 'tel' ? 'tel' : undefined,
          value: draft.values[name] ?? '',
        })
  return h(
    'div',
    { class: 'field' },
    h('label', { for: 'f-' + name }, label, optional && h('span', { class: 'opt' }, t('optional'))),
    input,
    hint && h('p', { class: 'hint', id: `${name}-h` }, hint),
    h('div', { id: `${name}-e` }),
  )
}

function store(form: Schemas['PublicForm']): HTMLElement {
  const box = h('div', {})
  const draw = (): void => {
    box.replaceChildren()
    if (typed('operator'))
      put(box, [
        h(
          'div',
          { class: 'field' },
          h('p', { class: 'label' }, t('report.store')),
          h('p', {}, h('b', {}, typed('store'))),
          h(
            'button',
            {
              type: 'button',
              class: 'inline',
              onclick: () => {
                keep('operator', '')
                keep('store', '')
                draw()
                box.querySelector('input')?.focus()
              },
            },
            t('report.store_change'),
          ),
        ),
      ])
    else
      put(box, [
        field('store', t('report.store'), t('report.store_hint')),
        form.counties.length > 1 && choose('county', t('report.county'), form.counties),
      ])
  }
  draw()
  return box
}
function choose(name: string, label: string, options: Schemas['Named'][], optional = false): HTMLElement {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: 'f-' + name }, label, optional && h('span', { class: 'opt' }, t('optional'))),
    h(
      'select',
      { class: 'input', id: 'f-' + name, name },
      h('option', { value: '' }, t('report.choose')),
      ...options.map((one) => h('option', { value: one.id, selected: typed(name) === one.id }, pick(one))),
    ),
    h('div', { id: `${name}-e` }),
  )
}

function shots(form: Schemas['PublicForm']): HTMLElement {
  const rows = h('ul', { class: 'shots' })
  const input = h('input', { type: 'file', accept: 'image/*', multiple: true, class: 'vh', id: 'f-photos' })
  const box = h(
    'div',
    { class: 'field' },
    h('p', { class: 'label' }, t('report.photo'), h('span', { class: 'opt' }, t('optional'))),
    rows,
    h('div', { class: 'tools' }, h('label', { class: 'btn' }, t('report.photo_add'), input)),
    h('p', { class: 'hint' }, t('report.photo_hint', { n: form.photos_max })),
    h('div', { id: 'photos-e' }),
  )
  const draw = (): void => {
    rows.replaceChildren()
    put(
      rows,
      photos.map((photo, index) => {
        const thumb = h('canvas', {
          width: 256,
          height: 168,
          role: 'img',
          'aria-label': t('report.photo_name', { n: index + 1 }),
        })
        photo.draw(thumb)
        return h(
          'li',
          {},
          thumb,
          h(
            'button',
            {
              type: 'button',
              class: 'inline',
              onclick: () => {
                photos.splice(index, 1)
                draw()
                input.focus()
              },
            },
            t('report.photo_remove', { n: index + 1 }),
          ),
        )
      }),
    )
  }
  input.addEventListener('change', async () => {
    mark(box, 'photos', '')
    for (const file of input.files ?? []) {
      if (photos.length >= form.photos_max) {
        mark(box, 'photos', t('report.photo_many', { n: form.photos_max }))
        break
      }
      const photo = await prepared(file, form.photo_bytes_max / form.photos_max)
      if (photo) photos.push(photo)
      else mark(box, 'photos', t('report.photo_bad'))
    }
    draft.key = freshKey()
    input.value = ''
    draw()
  })
  draw()
  return box
}

function who(): HTMLElement {
  const named = h(
    'div',
    {},
    field('reporter', t('report.name'), t('report.named_hint')),
    field('phone', t('report.phone'), '', 'tel', true),
  )
  const reward = h(
    'label',
    { class: 'check' },
    h('input', { type: 'checkbox', name: 'reward', checked: typed('reward') === 'yes' }),
    t('report.reward'),
  )
  named.append(reward)
  const box = h('fieldset', { class: 'sec choice', id: 'f-who' }, h('legend', {}, t('report.who')))
  const way = typed('who') || 'anonymous'
  for (const one of ['anonymous', 'named'] as const)
    box.append(
      h(
        'label',
        {},
        h('input', { type: 'radio', name: 'who', value: one, checked: way === one }),
        t(`report.${one}`),
      ),
    )
  named.hidden = way === 'anonymous'
  box.addEventListener('change', (event) => {
    const one = event.target as HTMLInputElement
    if (one.name === 'who') named.hidden = one.value === 'anonymous'
  })
  return h('div', {}, box, named)
}

function details(form: Schemas['PublicForm']): HTMLElement {
  const open = ['product', 'day', 'category', 'claims'].some((name) => typed(name))
  return h(
    'details',
    { open },
    h('summary', {}, t('report.details')),
    field('product', t('report.product'), '', 'text', true),
    field('day', t('report.day'), '', 'date', true),
    choose('category', t('penalties.category'), form.categories, true),
    field('claims', t('report.claims'), t('report.claims_hint'), 'area', true),
  )
}

/** Writes or clears the error of a field; true where there is one. */
function mark(within: ParentNode, name: string, error: string): boolean {
  const box = within.querySelector(`[id="${name}-e"]`)
  const input = within.querySelector<HTMLElement>(`[id="f-${name}"]`)
  if (!box) return false
  box.replaceChildren()
  if (input?.tagName === 'DETAILS') return false
  if (error) {
    put(box, [h('p', { class: 'err', id: `${name}-err` }, shape('no'), h('span', {}, error))])
    input?.setAttribute('aria-invalid', 'true')
    if (input?.tagName === 'FIELDSET') input.removeAttribute('aria-invalid')
    input?.setAttribute('aria-describedby', `${name}-err`)
  } else {
    input?.removeAttribute('aria-invalid')
    const hint = within.querySelector(`[id="${name}-h"]`)
    if (hint) input?.setAttribute('aria-describedby', hint.id)
    else input?.removeAttribute('aria-describedby')
  }
  return error !== ''
}

/** What can be said before the server is asked. */
function errorsOf(form: Schemas['PublicForm']): Record<string, string> {
  const errors: Record<string, string> = {}
  const reason = form.reasons.find((one) => one.id === typed('reason'))
  const named = typed('who') === 'named'
  const digits = typed('phone').normalize('NFKC').replace(/\D/g, '')
  if (!reason) errors['reason'] = t('report.need_reason')
  if (!typed('operator') && !typed('store')) errors['store'] = t('report.need_store')
  if (!typed('operator') && form.counties.length > 1 && !typed('county'))
    errors['county'] = t('report.need_county')
  const length = [...typed('text')].length
  if (!length) errors['text'] = t('report.need_text')
  if (length > form.text_max) errors['text'] = t('report.long_text', { n: length, max: form.text_max })
  if (typed('day') > new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10))
    errors['day'] = t('report.future')
  const claims = typed('claims') !== ''
  if ((claims || (reason && !reason.anonymous)) && (!named || !typed('reporter')))
    errors['reporter'] = claims ? t('report.need_name_claims') : t('report.need_name')
  if (claims && (!named || !digits)) errors['phone'] = t('report.need_phone')
  if (named && digits && digits.length !== 11) errors['phone'] = t('report.bad_phone', { n: digits.length })
  return errors
}

function body(): Schemas['PublicReport'] {
  const named = typed('who') === 'named'
  const or = <K extends string>(key: K, value: string) => (value ? { [key]: value } : {})
  return {
    reason: typed('reason'),
    text: typed('text'),
    ...(typed('operator')
      ? { operator_id: typed('operator') }
      : { ...or('store', typed('store')), ...or('county', typed('county')) }),
    ...or('category', typed('category')),
    ...or('product', typed('product')),
    ...or('happened_on', typed('day')),
    ...or('claims', typed('claims')),
    ...(named
      ? {
          reporter: {
            ...or('name', typed('reporter')),
            ...or('phone', typed('phone').normalize('NFKC').replace(/\D/g, '')),
          },
          wants_reward: typed('reward') === 'yes',
        }
      : {}),
    ...(photos.length
      ? {
          photos: photos.map((one, index) => ({
            name: `${index + 1}.jpg`,
            type: 'image/jpeg' as const,
            data: one.data,
          })),
        }
      : {}),
  } as Schemas['PublicReport']
}

const ours: Record<string, string> = {
  name: 'reporter',
  happened_on: 'day',
  operator_id: 'store',
  photo: 'photos',
}

async function submit(
  page: HTMLFormElement,
  form: Schemas['PublicForm'],
  send: HTMLButtonElement,
  summary: HTMLElement,
): Promise<void> {
  if (send.hasAttribute('aria-disabled')) return
  let errors = errorsOf(form)
  let said = ''
  if (!Object.keys(errors).length) {
    send.setAttribute('aria-disabled', 'true')
    send.textContent = t('report.sending')
    try {
      given = await call<Schemas['PublicTicket']>('/api/public/reports', {
        method: 'POST',
        key: draft.key,
        body: body(),
        timeout_ms: 90_000,
      })
      draft = fresh()
      photos = []
      sessionStorage.removeItem(place)
      location.replace('#/receipt')
      return
    } catch (cause) {
      if (cause instanceof Problem) {
        draft.key = freshKey()
        errors = fromServer(cause.problem)
        if (!Object.keys(errors).length)
          said = [cause.problem.title, cause.problem.detail, cause.problem.next].filter(Boolean).join(' ')
      } else said = t('down.full')
    } finally {
      send.removeAttribute('aria-disabled')
      send.textContent = t('report.send')
    }
  }
  if (errors['reporter'] || errors['phone'])
    page.querySelector<HTMLInputElement>('[name="who"][value="named"]')!.click()
  for (const name of ['day', 'claims', 'product', 'category'])
    if (errors[name]) page.querySelector('details')!.open = true
  const wrong = [...page.querySelectorAll('[id$="-e"]')]
    .map((one) => one.id.slice(0, -2))
    .filter((name) => mark(page, name, errors[name] ?? ''))
  summary.replaceChildren()
  put(summary, [
    h(
      'p',
      { class: 'note note-red' },
      shape('no'),
      h('span', {}, said || t('report.failed', { n: wrong.length })),
    ),
  ])
  const first = page.querySelector<HTMLElement>(`[id="f-${wrong[0]}"]`)
  const target = first?.tagName === 'FIELDSET' ? first.querySelector<HTMLElement>('input') : first
  target?.focus()
}
function fromServer(problem: Schemas['Problem']): Record<string, string> {
  const all = problem.errors?.length
    ? problem.errors
    : [{ where: problem.where ?? '', detail: problem.detail || problem.title }]
  const errors: Record<string, string> = {}
  for (const one of all) {
    const last = one.where.split(/[./[]/).find((part) => part && part !== 'reporter') ?? ''
    const name = ours[last] ?? last
    if (
      [
        'reason',
        'store',
        'county',
        'text',
        'photos',
        'reporter',
        'phone',
        'product',
        'day',
        'category',
        'claims',
      ].includes(name)
    )
      errors[name] = one.detail
  }
  return errors
}

export function receipt(): Kid[] {
  const one = given
  if (!one)
    return [
      h('h1', { class: 'title-xl', tabindex: -1 }, t('receipt.gone')),
      h('p', { class: 'lede' }, t('receipt.gone_text')),
      h(
        'p',
        { class: 'tools' },
        h('a', { class: 'btn', href: '#/ticket' }, t('home.ticket')),
        h('a', { class: 'btn', href: '#/' }, t('back')),
      ),
    ]
  const copied = h('span', { role: 'status', class: 'muted' })
  const row = (name: string, value: string, key = false): Kid =>
    value && h('div', {}, h('dt', {}, name), h('dd', key ? { class: 'key' } : {}, value))
  return [
    h(
      'div',
      { class: 'verdict ok' },
      shape('tick'),
      h(
        'div',
        {},
        h('h1', { class: 'title-xl', tabindex: -1 }, t('receipt.title', { ticket: one.ticket })),
        h('p', { class: 'lede' }, t('receipt.keep')),
      ),
    ),
    h(
      'dl',
      { class: 'kv' },
      row(t('receipt.ticket'), one.ticket, true),
      row(t('receipt.secret'), one.secret, true),
      row(t('receipt.received'), date(one.received_on)),
    ),
    h(
      'p',
      { class: 'tools' },
      h(
        'button',
        {
          type: 'button',
          class: 'btn btn-primary',
          onclick: () =>
            void navigator.clipboard
              ?.writeText(`${t('receipt.ticket')} ${one.ticket}\n${t('receipt.secret')} ${one.secret}`)
              .then(() => {
                copied.textContent = t('receipt.copied')
              })
              .catch(() => undefined),
        },
        t('receipt.copy'),
      ),
      h('button', { type: 'button', class: 'btn', onclick: () => print() }, t('receipt.print')),
      copied,
    ),
    one.split && h('p', { class: 'note' }, shape('half'), h('span', {}, t('receipt.split'))),
    one.matters.map((matter) =>
      h(
        'dl',
        { class: 'kv' },
        row(t('receipt.kind'), pick(matter.kind)),
        row(t('receipt.authority'), pick(matter.authority)),
        row(
          t('receipt.due'),
          matter.due
            ? t(matter.kind.id === 'complaint' ? 'receipt.due_complaint' : 'receipt.due_report', {
                day: date(matter.due),
              })
            : '',
        ),
        row(t('receipt.law'), names(matter.law)),
      ),
    ),
    h('h2', { class: 'sec' }, t('receipt.not_taken')),
    h('p', { class: 'muted' }, t('receipt.not_taken_text')),
    h('h2', { class: 'sec' }, t('receipt.taken')),
    h('p', { class: 'muted' }, t('receipt.taken_text')),
    h(
      'p',
      { class: 'tools' },
      h('a', { class: 'inline', href: '#/ticket' }, t('home.ticket')),
      h('a', { class: 'inline', href: '#/' }, t('back')),
    ),
  ]
}
