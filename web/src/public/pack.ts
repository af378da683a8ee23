// What a citizen learns of one pack: well formed, issued, sold before, expired or recalled, and one sentence of advice.
// Fetched when a code is asked for; it names no store and no buyer.

import { call, query } from '../doors/call'
import type { PublicPack } from '../base/packs'
import { h, shape, type Kid } from './dom'
import { t } from './words'

/** Whether a text is a code rather than the name of a store: digits, GS1 brackets or elements, a Digital Link. */
export function isCode(text: string): boolean {
  const narrow = text.normalize('NFKC').replace(/[\s-]/g, '')
  return /^\d{7,}$/.test(narrow) || /^\(\d{2}\)/.test(narrow) || /^01\d{14}./.test(narrow) || /^https?:/i.test(narrow)
}

export type Verdict = 'malformed' | 'recalled' | 'expired' | 'sold_before' | 'unknown' | 'elsewhere' | 'split' | 'sold_once' | 'not_sold'
/** What is said first: the gravest of what is known. */
export function verdict(pack: PublicPack): Verdict {
  if (!pack.well_formed) return 'malformed'
  if (pack.recalled) return 'recalled'
  if (pack.expired) return 'expired'
  if (pack.sale === 'sold_before') return 'sold_before'
  if (pack.issued !== 'yes') return pack.issued
  return pack.sale
}

function row(name: string, value: string, good: boolean | null): HTMLElement | false {
  if (!value) return false
  const mark = good === null ? false : shape(good ? 'tick' : 'no')
  return h('div', {}, h('dt', {}, name), h('dd', { class: good === null ? undefined : good ? 'ok' : 'bad' }, mark, value))
}

export async function pack(asked: string): Promise<Kid[]> {
  const code = asked.normalize('NFKC').trim()
  const found = await call<PublicPack>('/api/public/packs' + query({ code }))
  const said = verdict(found)
  const fine = !found.warn && ['sold_once', 'not_sold', 'split'].includes(said)
  const shown = (found.code || code).replace(/^\d{16,}$/, (digits) => digits.replace(/(.{4})(?=.)/g, '$1 '))
  const prefill = found.report?.prefill
  const known = found.well_formed
  return [
    h(
      'div',
      { class: found.warn ? 'verdict bad' : fine ? 'verdict ok' : 'verdict' },
      shape(found.warn ? 'no' : fine ? 'tick' : 'ring'),
      h(
        'div',
        {},
        h(
          'h1',
          { class: 'title-xl', tabindex: -1 },
          said === 'malformed' ? (found.problem?.title ?? t('pack.malformed')) : t(`pack.${said}`),
        ),
        h('p', { class: 'lede' }, [found.problem?.next, found.advice].filter(Boolean).join(' ')),
      ),
    ),
    h(
      'dl',
      { class: 'kv checks' },
      found.product && row(t('pack.product'), found.product.name, null),
      found.maker && row(t('pack.maker'), found.maker, null),
      // a maker's own code may be written anyhow: nothing is said of how it is written
      found.kind === 'own' ? row(t('pack.form'), t('pack.form_own'), null) : row(t('pack.form'), t(known ? 'pack.form_good' : 'pack.form_bad'), known),
      known && row(t('pack.issue'), t(`pack.issue_${found.issued}`), found.issued === 'elsewhere' ? null : found.issued === 'yes'),
      known &&
        found.issued === 'yes' &&
        row(t('pack.sale'), t(`pack.sale_${found.sale}`), found.sale === 'sold_before' ? false : found.sale === 'split' ? null : true),
      known && found.issued === 'yes' && row(t('pack.expiry'), t(found.expired ? 'pack.expiry_bad' : 'pack.expiry_good'), !found.expired),
      known && found.issued === 'yes' && row(t('pack.recall'), t(found.recalled ? 'pack.recall_bad' : 'pack.recall_good'), !found.recalled),
      row(t('code.number'), shown, null),
    ),
    h('p', { class: 'hint' }, t('pack.note')),
    h(
      'p',
      { class: 'tools' },
      h(
        'a',
        {
          class: found.warn ? 'btn btn-primary' : 'btn',
          href: '#/report' + query({ product: prefill?.code || found.code || code, text: prefill?.what }),
        },
        t(found.warn ? 'pack.report' : 'code.report'),
      ),
      h('a', { class: 'btn', href: '#/' }, t('pack.again')),
    ),
  ]
}
