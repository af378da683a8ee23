// Where the code on a document leads: was it issued, by whom, when, does it stand. A PDF is compared by its
// digest on the reader's own device: nothing is sent. Fetched when it is asked for.

import { call, statusOf } from '../doors/call'
import { hex, sm3 } from '../base/draw'
import type { Schemas } from '../base/problem'
import { h, shape, type Kid } from './dom'
import { date, pick, t } from './words'

type Issued = Schemas['PublicDocument']

const block_bytes = 8 * 1024 * 1024

/** The digest a kept file is known by: SM3 of the SM3s of its blocks. */
export function fileDigest(bytes: Uint8Array): string {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += block_bytes)
    parts.push(sm3(bytes.subarray(at, at + block_bytes)))
  const whole = new Uint8Array(32 * parts.length)
  parts.forEach((part, i) => whole.set(part, 32 * i))
  return hex(sm3(whole))
}

function row(name: string, value: string): HTMLElement | false {
  return value ? h('div', {}, h('dt', {}, name), h('dd', {}, value)) : false
}
function verdict(kind: 'ok' | 'bad' | '', title: string, text: string, level: 'h1' | 'h2' = 'h1'): HTMLElement {
  return h(
    'div',
    { class: 'verdict ' + kind },
    shape(kind === 'ok' ? 'tick' : kind === 'bad' ? 'no' : 'half'),
    h('div', {}, h(level, { class: 'title-xl', tabindex: -1 }, title), h('p', { class: 'lede' }, text)),
  )
}

/** One's own copy, compared here. */
function comparison(issued: Issued): HTMLElement {
  const said = h('div', { 'aria-live': 'polite' })
  const compare = async (file: File | undefined) => {
    if (!file) return
    said.replaceChildren(h('p', { class: 'muted' }, t('loading')))
    const same = fileDigest(new Uint8Array(await file.arrayBuffer())) === issued.file
    const kind = same ? 'ok' : 'bad'
    said.replaceChildren(verdict(kind, t(`doc.file_${same ? 'same' : 'other'}`), t(`doc.file_${kind}_text`), 'h2'))
    said.querySelector<HTMLElement>('h2')?.focus()
  }
  const drop = h(
    'label',
    {
      class: 'btn',
      ondragover: (event) => event.preventDefault(),
      ondrop: (event) => {
        event.preventDefault()
        void compare((event as DragEvent).dataTransfer?.files[0])
      },
    },
    t('doc.choose'),
    h('input', {
      class: 'vh',
      type: 'file',
      accept: 'application/pdf',
      onchange: (event) => void compare((event.target as HTMLInputElement).files?.[0]),
    }),
  )
  return h(
    'section',
    { class: 'sec' },
    h('h2', { class: 'ruled' }, t('doc.compare')),
    h('p', {}, t('doc.compare_text')),
    h('p', { class: 'tools' }, drop),
    said,
  )
}

function unknown(): Kid[] {
  return [
    verdict('bad', t('doc.unknown'), t('doc.unknown_text')),
    h('p', { class: 'tools' }, h('a', { class: 'btn', href: '#/report' }, t('home.report'))),
  ]
}

/** `code`: 20 hexadecimal digits; `n` is the number printed beside it, where there is one. */
export async function document_(code: string, given: URLSearchParams): Promise<Kid[]> {
  if (!code) {
    const box = h('input', { class: 'input', id: 'doc-code', autocomplete: 'off', required: true })
    const look = (event: Event) => {
      event.preventDefault()
      const wanted = box.value.normalize('NFKC').replace(/\s/g, '').toLowerCase()
      if (wanted) location.hash = '#/d/' + encodeURIComponent(wanted)
    }
    return [
      h('h1', { class: 'title-xl', tabindex: -1 }, t('doc.title')),
      h('p', { class: 'lede' }, t('doc.lede')),
      h(
        'form',
        { class: 'field', onsubmit: look },
        h('label', { for: 'doc-code' }, t('doc.code')),
        h('div', { class: 'pair' }, box, h('button', { class: 'btn btn-primary' }, t('home.find'))),
        h('p', { class: 'hint' }, t('doc.code_hint')),
      ),
    ]
  }
  let issued: Issued
  try {
    issued = await call<Issued>('/api/public/documents/' + encodeURIComponent(code))
  } catch (cause) {
    if (statusOf(cause) === 404 || statusOf(cause) === 422 || statusOf(cause) === 400) return unknown()
    throw cause
  }
  const printed = given.get('n') ?? ''
  const other = printed !== '' && printed !== issued.number
  const withdrawn = issued.state === 'withdrawn'
  const kids: Kid[] = [
    other
      ? verdict('bad', t('doc.other'), t('doc.other_text', { printed, number: issued.number || t('doc.none') }))
      : withdrawn
        ? verdict('', t('doc.withdrawn'), t('doc.withdrawn_text', { date: date(issued.withdrawn_on) }))
        : verdict('ok', t('doc.holds'), t('doc.holds_text')),
    h(
      'dl',
      { class: 'kv' },
      row(t('doc.kind'), pick(issued.kind)),
      row(t('doc.number'), issued.number),
      row(t('doc.authority'), issued.authority),
      row(t('doc.day'), date(issued.issued_on)),
      row(t('doc.pages'), t('doc.pages_n', { n: issued.pages })),
      row(t('doc.code'), issued.code),
    ),
    h('p', { class: 'hint' }, t('doc.note')),
    comparison(issued),
  ]
  return kids
}
