// What stands behind '#': results, lists, one decision, help. The form and its receipt are in report.ts, the check
// of a draw in draw.ts, that of a printed document in document.ts.

import { call, query, statusOf } from '../doors/call'
import { Problem, type Schemas } from '../base/problem'
import { yuan } from '../base/format'
import { h, put, shape, type Kid } from './dom'
import { receipt, report } from './report'
import { ticket } from './ticket'
import { date, names, pick, ready, t } from './words'

type Draw = (rest: string, given: URLSearchParams) => Promise<Kid[]> | Kid[]
const views: Record<string, Draw> = {
  find,
  report,
  receipt,
  reaction: async (_, given) => (await import('./reaction')).reaction(given),
  ticket,
  penalties: (id, given) => (id ? penalty(id) : penalties(given)),
  violators,
  cases,
  help,
  draw: async () => (await import('./draw')).draw(),
  d: async (code, given) => (await import('./document')).document_(code, given),
}
let latest = 0

/** Shows the view a hash asks for; a late answer is dropped. */
export async function show(place: HTMLElement, asked: string): Promise<void> {
  const mine = ++latest
  const [path = '', rest = ''] = asked.split('?')
  const [name = '', ...ids] = path.split('/')
  await ready()
  place.replaceChildren(h('p', { class: 'muted', role: 'status' }, t('loading')))
  let drawn: Kid[]
  try {
    const draw = views[name]
    drawn = draw
      ? await draw(decodeURIComponent(ids.join('/')), new URLSearchParams(rest))
      : nothing(t('missing'), t('missing.text'))
  } catch (cause) {
    drawn = failure(cause, () => void show(place, asked))
  }
  if (mine !== latest) return
  place.replaceChildren()
  put(place, [drawn, name === 'receipt' ? null : back()])
  document.title = `${place.querySelector('h1')?.textContent ?? ''} - ${t('product')}`
}

function back(): HTMLElement {
  return h('p', { class: 'sec' }, h('a', { class: 'back', href: '#/' }, t('back')))
}
function title(text: string): HTMLElement {
  return h('h1', { class: 'title-xl', tabindex: -1 }, text)
}
function nothing(what: string, next: string): Kid[] {
  return [title(what), h('p', { class: 'lede' }, next)]
}
function failure(cause: unknown, again: () => void): Kid[] {
  const problem = cause instanceof Problem ? cause.problem : null
  return [
    h(
      'div',
      { class: 'verdict bad', role: 'alert' },
      shape('no'),
      h(
        'div',
        {},
        title(problem?.title ?? t('down.title')),
        h(
          'p',
          { class: 'lede' },
          problem ? [problem.detail, problem.next].filter(Boolean).join(' ') : t('down.text'),
        ),
      ),
    ),
    h('p', { class: 'sec' }, h('button', { type: 'button', class: 'btn', onclick: again }, t('retry'))),
  ]
}

/** A search field of a list; asks by the address, so that a result can be sent on. */
function search(view: string, label: string, given: URLSearchParams): HTMLElement {
  const box = h('input', { class: 'input', id: 's', value: given.get('q') ?? '', autocomplete: 'off' })
  return h(
    'form',
    {
      class: 'field',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault()
        const next = new URLSearchParams(given)
        next.set('q', box.value.trim())
        if (!box.value.trim()) next.delete('q')
        location.hash = `#/${view}?${next}`
      },
    },
    h('label', { for: 's' }, label),
    h('div', { class: 'pair' }, box, h('button', { class: 'btn' }, t('home.find'))),
  )
}

interface Page<T> {
  items: T[]
  total: number
  next: string | null
}
/** A list that grows by pages. */
async function list<T>(
  path: string,
  given: Record<string, string>,
  row: (one: T) => Kid,
): Promise<Kid[] | null> {
  const first = await call<Page<T>>(path + query({ ...given, limit: 30 }))
  if (!first.items.length) return null
  const rows = h('ul', { class: 'rows' }, ...first.items.map(row))
  let cursor = first.next
  const more = h(
    'button',
    {
      type: 'button',
      class: 'btn',
      onclick: async () => {
        try {
          const page = await call<Page<T>>(path + query({ ...given, limit: 30, cursor: cursor ?? '' }))
          const from = rows.children.length
          put(rows, page.items.map(row))
          cursor = page.next
          more.hidden = cursor === null
          rows.children[from]?.querySelector<HTMLElement>('a')?.focus()
        } catch {
          said.textContent = t('down.title')
        }
      },
    },
    t('more'),
  )
  more.hidden = cursor === null
  const said = h('p', { class: 'muted', role: 'status' }, t('total', { n: first.total }))
  return [rows, h('div', { class: 'tools' }, said, more)]
}

async function find(_: string, given: URLSearchParams): Promise<Kid[]> {
  const asked = (given.get('q') ?? '').normalize('NFKC').trim()
  const packs = await import('./pack')
  if (packs.isCode(asked)) {
    try {
      return await packs.pack(asked)
    } catch (cause) {
      const digits = asked.replace(/[\s-]/g, '')
      if (statusOf(cause) !== 404 || !/^\d+$/.test(digits)) throw cause
      return code(digits) // an authority that keeps no trace: the form of the number is all there is to say
    }
  }
  const again = h('p', { class: 'sec' }, h('a', { class: 'inline', href: '#/' }, t('find.again')))
  if ([...asked].length < 2) return [...nothing(t('find.title'), t('find.short')), again]
  const found = await call<{ items: Schemas['PublicOperator'][]; more: boolean }>(
    '/api/public/operators' + query({ q: asked }),
  )
  if (!found.items.length)
    return [
      ...nothing(t('find.none', { q: asked }), t('find.none_next')),
      h(
        'p',
        { class: 'tools' },
        link('btn btn-primary', '#/report?store=' + encodeURIComponent(asked), t('home.report')),
      ),
      again,
    ]
  return [
    title(t('find.title')),
    h(
      'ul',
      { class: 'rows' },
      ...found.items.map((one) =>
        h(
          'li',
          { class: 'plain' },
          h('b', {}, one.name),
          h('p', { class: 'meta' }, [pick(one.kind), pick(one.region)].filter(Boolean).join(' · ')),
          one.credit &&
            h(
              'p',
              {},
              t('find.credit', { grade: one.credit.grade?.id ?? '', word: pick(one.credit.grade) }),
              t('comma') + t('find.published', { day: date(one.credit.published_on) }),
              one.credit.contested && t('comma') + t('find.contested'),
            ),
          one.licences.length
            ? one.licences.map((licence) =>
                h(
                  'p',
                  {},
                  pick(licence.kind) + t('colon') + pick(licence.status),
                  licence.to && t('comma') + t('find.until', { day: date(licence.to) }),
                ),
              )
            : h('p', {}, t('find.no_licence')),
          link('inline', '#/report' + query({ operator: one.id, store: one.name }), t('find.report')),
        ),
      ),
    ),
    found.more && h('p', { class: 'hint' }, t('find.more')),
    again,
  ]
}
function code(digits: string): Kid[] {
  const good = digits.length === 20
  return [
    h(
      'div',
      { class: good ? 'verdict' : 'verdict bad' },
      shape(good ? 'ring' : 'no'),
      h(
        'div',
        {},
        title(good ? t('code.good') : t('code.bad', { n: digits.length })),
        h('p', { class: 'lede' }, good ? t('code.good_text') : t('code.bad_text')),
      ),
    ),
    facts([[t('code.number'), digits.replace(/(.{4})(?=.)/g, '$1 ')]]),
    h(
      'p',
      { class: 'tools' },
      link('btn', '#/', t('find.again')),
      link('btn', '#/report?product=' + digits, t('code.report')),
    ),
  ]
}
function link(look: string, href: string, text: string): HTMLElement {
  return h('a', { class: look, href }, text)
}

function facts(rows: [string, Kid, boolean?][]): HTMLElement {
  return h(
    'dl',
    { class: 'kv' },
    ...rows
      .filter(([, value]) => value)
      .map(([name, value, long]) =>
        h('div', {}, h('dt', {}, name), h('dd', long ? { class: 'text' } : {}, value)),
      ),
  )
}

async function penalties(given: URLSearchParams): Promise<Kid[]> {
  const q = given.get('q') ?? ''
  const category = given.get('category') ?? ''
  const [form, rows] = await Promise.all([
    call<Schemas['PublicForm']>('/api/public/form').catch(() => null),
    list<Schemas['PublicPenalty']>('/api/public/penalties', { q, category }, (one) =>
      h(
        'li',
        {},
        h(
          'a',
          { href: '#/penalties/' + encodeURIComponent(one.id) },
          h('b', {}, one.party.name),
          h('span', {}, date(one.published_on)),
          h(
            'span',
            { class: 'meta' },
            [one.violation && pick(one.violation), names(one.penalties)].filter(Boolean).join(' · '),
          ),
          h('span', { class: 'meta' }, `${one.decision_number} · ${pick(one.authority)}`),
        ),
      ),
    ),
  ])
  const kinds = h(
    'select',
    {
      class: 'input',
      id: 'category',
      onchange: () => {
        location.hash = '#/penalties' + query({ q, category: kinds.value })
      },
    },
    h('option', { value: '' }, t('penalties.all')),
    ...(form?.categories ?? []).map((one) =>
      h('option', { value: one.id, selected: one.id === category }, pick(one)),
    ),
  )
  return [
    title(t('penalties.title')),
    h('p', { class: 'lede' }, t('penalties.lede')),
    search('penalties', t('penalties.search'), given),
    h('div', { class: 'field' }, h('label', { for: 'category' }, t('penalties.category')), kinds),
    rows ??
      empty(
        q ? t('penalties.none_q', { q }) : t('penalties.none'),
        t('penalties.none_next'),
        q || category ? '#/penalties' : '',
      ),
  ]
}
function empty(what: string, next: string, all: string): HTMLElement {
  return h(
    'div',
    { class: 'sec' },
    h('h2', { class: 'ruled' }, what),
    h('p', { class: 'prose muted' }, next),
    all && h('p', {}, link('inline', all, t('penalties.show_all'))),
  )
}

async function penalty(id: string): Promise<Kid[]> {
  let one: Schemas['PublicPenalty']
  try {
    one = await call<Schemas['PublicPenalty']>('/api/public/penalties/' + encodeURIComponent(id))
  } catch (cause) {
    if (statusOf(cause) !== 404) throw cause
    return [
      ...nothing(t('penalty.gone'), t('penalty.gone_text')),
      h('p', { class: 'sec' }, link('inline', '#/penalties', t('penalty.list'))),
    ]
  }
  return [
    title(one.party.name),
    h('p', { class: 'lede' }, pick(one.violation)),
    facts([
      [t('penalty.number'), one.decision_number],
      [t('penalty.party'), one.party.name],
      [t('penalty.uscc'), one.party.uscc],
      [t('penalty.violation'), pick(one.violation)],
      [t('penalty.kinds'), names(one.penalties)],
      [t('penalty.content'), one.content, true],
      [t('penalty.fine'), one.fine_fen === null ? '' : t('penalty.yuan', { n: yuan(one.fine_fen) })],
      [t('penalty.law'), names(one.law), true],
      [t('penalty.authority'), pick(one.authority)],
      [t('penalty.decided'), date(one.decided_on)],
      [t('penalty.published'), date(one.published_on)],
      [t('penalty.until'), date(one.shown_until)],
    ]),
    h('p', { class: 'hint' }, t('penalty.note')),
    h('p', { class: 'sec' }, link('inline', '#/penalties', t('penalty.list'))),
  ]
}

async function violators(_: string, given: URLSearchParams): Promise<Kid[]> {
  const q = given.get('q') ?? ''
  const rows = await list<Schemas['PublicViolator']>('/api/public/serious_violators', { q }, (one) =>
    h(
      'li',
      { class: 'plain' },
      h('b', {}, one.party.name),
      h('p', {}, pick(one.ground)),
      h(
        'p',
        { class: 'meta' },
        [
          t('violators.listed', { day: date(one.listed_on) }),
          t('violators.until', { day: date(one.removed_on) }),
          pick(one.authority),
        ].join(' · '),
      ),
      h('p', { class: 'meta' }, [one.decision_number, names(one.law)].filter(Boolean).join(' · ')),
      one.removal_applied && h('p', { class: 'meta' }, t('violators.applied')),
      !one.verified && h('p', { class: 'meta' }, t('violators.unverified')),
    ),
  )
  return [
    title(t('violators.title')),
    h('p', { class: 'lede' }, t('violators.lede')),
    search('violators', t('violators.search'), given),
    rows ??
      empty(
        q ? t('violators.none_q', { q }) : t('violators.none'),
        t('violators.none_next'),
        q ? '#/violators' : '',
      ),
  ]
}

async function cases(): Promise<Kid[]> {
  const rows = await list<Schemas['PublicCase']>('/api/public/cases', {}, (one) =>
    h(
      'li',
      { class: 'plain' },
      h('h2', {}, one.title),
      h(
        'p',
        { class: 'meta' },
        [date(one.published_on), pick(one.authority), names(one.law)].filter(Boolean).join(' · '),
      ),
      h('p', { class: 'prose' }, one.text),
    ),
  )
  return [
    title(t('cases.title')),
    h('p', { class: 'lede' }, t('cases.lede')),
    rows ?? empty(t('cases.none'), t('cases.none_next'), ''),
  ]
}

function help(): Kid[] {
  const parts = ['report', 'secret', 'lost', 'code', 'elder'] as const
  return [
    title(t('help.title')),
    parts.map((part) => [
      h('h2', { class: 'ruled' }, t(`help.${part}`)),
      h('p', { class: 'prose' }, t(`help.${part}_text`)),
    ]),
    h('p', { class: 'sec' }, h('a', { class: 'inline', href: '#/draw' }, t('draw.title'))),
  ]
}
