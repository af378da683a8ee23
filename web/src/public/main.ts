// The citizens' page. The first screen stands in the HTML; this turns on its switches and fetches a view when
// one is asked for. Views live behind '#', so that the page works below any path.

import '../base/tokens.css'
import './public.css'
import { address } from '../doors/call'

const root = document.documentElement
const home = document.getElementById('home')!
const view = document.getElementById('view')!
const elder = document.getElementById('elder')!
const language = document.getElementById('language')!
const spoken = [...document.querySelectorAll<HTMLElement>('[data-t]')]
const labelled = [...document.querySelectorAll<HTMLElement>('[data-t-label]')]
const chinese = new Map(spoken.map((one) => [one, one.textContent ?? '']))
const chineseLabels = new Map(labelled.map((one) => [one, one.getAttribute('aria-label') ?? '']))

const dark = matchMedia('(prefers-color-scheme: dark)')
const ground = () => {
  root.dataset['theme'] = localStorage.getItem('theme') ?? (dark.matches ? 'dark' : 'light')
}
ground()
dark.addEventListener('change', ground)

const isElder = () => root.dataset['size'] === 'elder'
const isEnglish = () => root.lang === 'en'

async function speak(): Promise<void> {
  const words = isEnglish() ? ((await import('./en')).default as Record<string, string>) : null
  for (const one of spoken) one.textContent = words?.[one.dataset['t'] ?? ''] ?? chinese.get(one) ?? ''
  for (const one of labelled)
    one.setAttribute('aria-label', words?.[one.dataset['tLabel'] ?? ''] ?? chineseLabels.get(one) ?? '')
  language.textContent = isEnglish() ? '中文' : 'English'
  language.lang = isEnglish() ? 'zh-CN' : 'en'
  if (isElder()) elder.textContent = words ? words['standard']! : '标准版'
}

async function route(moved: boolean): Promise<void> {
  // /d/CODE is what a document's printed code says; '#/' is the way home from there
  const printed = location.hash ? null : /\/d\/([^/]+)$/.exec(location.pathname)
  const asked = printed ? 'd/' + printed[1] + location.search : location.hash.replace(/^#\/?/, '')
  home.hidden = asked !== ''
  view.hidden = asked === ''
  if (asked) {
    await (await import('./views')).show(view, asked)
  } else {
    view.replaceChildren()
    document.title = document.querySelector('.brand [data-t]')!.textContent ?? ''
  }
  if (!moved) return
  scrollTo(0, 0)
  document.querySelector<HTMLElement>('#main > :not([hidden]) h1')?.focus({ preventScroll: true })
}

function size(value: string): void {
  root.dataset['size'] = value
  elder.setAttribute('aria-pressed', String(value === 'elder'))
}

elder.addEventListener('click', () => {
  size(isElder() ? 'phone' : 'elder')
  localStorage.setItem('public.size', root.dataset['size']!)
  void speak()
})
language.addEventListener('click', () => {
  root.lang = isEnglish() ? 'zh-CN' : 'en'
  localStorage.setItem('language', isEnglish() ? 'en' : 'zh')
  void speak().then(() => route(false))
})
document.getElementById('find')!.addEventListener('submit', (event) => {
  event.preventDefault()
  const box = document.getElementById('q') as HTMLInputElement
  if (box.value.trim()) location.hash = '#/find?q=' + encodeURIComponent(box.value.trim())
  else box.focus()
})
// the skip link names a place of this page, not a view
document.querySelector('.skip')!.addEventListener('click', (event) => {
  event.preventDefault()
  document.getElementById('main')!.focus()
})
addEventListener('hashchange', () => void route(true))

size(localStorage.getItem('public.size') === 'elder' ? 'elder' : 'phone')
const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('language')
root.lang = asked === 'en' ? 'en' : 'zh-CN'
void (isEnglish() || isElder() ? speak() : Promise.resolve()).then(() => route(false))
void fetch(address('/api/session/methods'))
  .then((answer) => answer.json())
  .then((methods: { sample_data?: boolean }) => {
    document.getElementById('sample')!.hidden = !methods.sample_data
  })
  .catch(() => undefined)

const camera = document.getElementById('scan')!
camera.hidden = !('BarcodeDetector' in window)
camera.addEventListener('change', (event) => {
  const note = camera.nextElementSibling as HTMLElement
  void import('./scan').then((scan) => scan.read(event.target as HTMLInputElement, note))
})
