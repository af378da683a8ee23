// Every address of the desk over the stand-in, taken from the router of the built page itself: full, empty, failing as a whole and in each
// of its parts; every dialog that a button opens; light, dark and large, by axe, by width, by the policy. A route that is not visited fails.
//   node test/pages.mjs [--shots DIR] [--only PAGE] [--state full|empty|error|parts|dialogs] [--dark]
// Several pages with commas between; a page may end with *.

import { mkdirSync, readFileSync } from 'node:fs'
import { audit, check, context, done, fits, launch, listen, look, show, signIn } from './browser.mjs'
import { start } from './mock.mjs'
import { rows } from './mock/dossiers.mjs'
import { recorded, things } from './mock/recorded.mjs'
import { codes } from './mock/packs.mjs'

const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : '')
const shots = option('--shots')
const only = option('--only')
const chosen = option('--state')
const dark = process.argv.includes('--dark')
if (shots) mkdirSync(shots, { recursive: true })
const servers = { full: await start(0), empty: await start(0, { empty: true }) }
const at = (name) => `http://127.0.0.1:${servers[name].address().port}`
const browser = await launch()
const looks = [
  ['light', 'normal'],
  ['dark', 'normal'],
  ['light', 'large'],
]
const dossier = encodeURIComponent(rows.find((row) => row.open && !row.restricted)?.id ?? '')
const firm = encodeURIComponent(rows.find((row) => row.operator)?.operator.id ?? '')

/** The sheet of a filled step that waits for its approver. */
function waiting() {
  for (const answer of Object.entries(recorded.full).filter(([name]) => name.endsWith('/proposals')).map(([, one]) => one))
    for (const { dossier, id } of answer.items) return `/approvals/${encodeURIComponent(dossier)}/${id}`
}
/** What an address with a hole is asked with, and who may see a page; every other page is the unit head's at its own path. */
const known = {
  report: { path: '/reports/mid_year' },
  members: { path: '/reports/mid_year/figures/cases' },
  dossier: { path: '/dossiers/' + dossier },
  case: { path: '/cases/' + things('cases')[0] },
  operator: { path: '/operators/' + firm },
  draw: { path: '/draws/' + things('draws')[0], silent: /404/ }, // the bundle itself is not kept: the page says it cannot be had
  approval: { path: waiting() },
  conference: { path: '/conferences/' + things('conferences')[0] },
  'credit-of': { path: '/credit/' + things('credit')[0] },
  'register-item': { path: '/register/' + things('register')[0] },
  'trace-pack': { path: '/trace/pack?code=' + encodeURIComponent(codes.twice) },
  'trace-batch': { path: '/trace/batch?id=B240817' },
  'trace-file': { path: '/trace/files/48391' },
  'focus-changes': { path: '/focus/changes?from=2023-05-01' },
  'vigilance-pair': { path: '/vigilance/pair?product=' + encodeURIComponent('参茯宁注射液') + '&reaction=' + encodeURIComponent('过敏性休克') },
  'vigilance-cluster': { path: '/vigilance/cluster?id=c-240817' },
  'vigilance-report': { path: '/vigilance/report?number=4304-25-09795' },
  fact: { path: '/journal/48392' },
  limit: { path: '/law/limits?id=CASE.DECIDE' },
  procedure: { path: '/law/procedures/penalty_case' },
  missing: { path: '/no/such/page' },
  'sign-in': { role: '', path: '/sign-in?stay' },
  'set-up': { role: '' },
  'admin-organisations': { role: 'system_admin' },
  'admin-people': { role: 'system_admin' },
  'admin-accounts': { role: 'system_admin' },
  'admin-grants': { role: 'head_of_authority' },
  'admin-proposals': { role: 'security_admin' },
  'admin-access': { role: 'audit_admin' },
}
/** More of a page than its first look: another object, another filter. */
const more = [
  ['draw-open', 'draw', '/draws/' + things('draws')[1]],
  ['conference-called', 'conference', '/conferences/' + things('conferences')[1]],
  ['credit-ungraded', 'credit', '/credit?grade=ungraded'],
  ['draw-none', 'draw', '/draws/none'],
  ['inbox', 'referrals', '/referrals', 'police_contact'],
]
const frame = /\/api\/(session|meta|organisations|notices\?unread)/
const failing = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: 'urn:qingyuan:error:overloaded', title: '服务繁忙', status: 503, code: 'overloaded', detail: '请求过多。', where: '', next: '稍后重试。',
  }), // prettier-ignore
}
const standing = 'main h1'
const failureWords = Object.entries(JSON.parse(failing.body)).filter(([name]) => ['title', 'detail', 'next'].includes(name)).map(([, one]) => one)
/** Pages that ask nothing when they open: forms and words. */
const still = new Set(['gallery', 'missing', 'draw-plan', 'vigilance-imports'])
/** What a page says with role alert when all is well: a referral without its receipt, teams short of people. */
const usual = { referrals: 1, inbox: 1 }
/** Pages without a record, full or not: forms, doors, a thing that is not there. */
const formsOnly = new Set(['missing', 'sign-in', 'set-up', 'draw-plan', 'vigilance-imports', 'draw-none'])
/** A page stands when nothing is awaited any more; the gallery shows what waiting looks like. */
async function stands(page, name) {
  try {
    await page.waitForSelector(standing, { state: 'attached', timeout: 30_000 })
    await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]:not(.gallery *)'), null, { timeout: 30_000 })
  } catch {
    check(false, `${name}: does not stand`)
  }
  await page.waitForTimeout(80)
}
const visited = new Set()
const picture = async (page, name, fullPage = true) => {
  if (!shots) return
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage, timeout: 120_000 })
}
const nameOfRoute = (page) =>
  page.evaluate(() => document.querySelector('#app').__vue_app__.config.globalProperties.$router.currentRoute.value.name)

async function states(page, name, path, route) {
  const silent = known[route]?.silent ?? /401/
  for (const state of ['full', 'empty', 'error']) {
    if (chosen && chosen !== state) continue
    const label = `${name}-${state}`
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    const failed = []
    if (state === 'error')
      await page.route('**/api/**', (one) => {
        const url = new URL(one.request().url())
        if (framed(url)) return one.fallback()
        failed.push(url.pathname)
        return one.fulfill(failing)
      })
    page.removeAllListeners('console')
    page.removeAllListeners('pageerror')
    // a thing that is not there is said by a page, and by the console too
    listen(page, label, state === 'error' ? /503|Failed to load/ : state === 'empty' || name.endsWith('none') ? /40[149]|422/ : silent)
    await page.goto(at(state === 'empty' ? 'empty' : 'full') + path)
    await stands(page, label)
    const shown = await nameOfRoute(page)
    check(shown === route, `${label}: shows ${shown}`)
    if (state === 'full') visited.add(shown)
    for (const [theme, size] of looks) {
      await look(page, theme, size)
      const seen = `${label}-${size === 'normal' ? theme : size}`
      await audit(page, seen)
      await fits(page, seen)
      if (size === 'normal' && (theme === 'light' || dark)) await picture(page, theme === 'light' ? label : `${label}-dark`)
    }
    await look(page, 'light', 'normal')
    await reads(page, label)
    if (state === 'full') {
      await holds(page, label, name)
      await narrow(page, label)
    }
    if (state !== 'error') continue
    const asks = failed.some((one) => !around.test(one))
    check(asks !== still.has(name), `${label}: ${asks ? 'asks' : 'asks nothing'}`)
    if (asks) await errs(page, label, name)
  }
}
const around = /\/api\/(today|views)/ // asked by the frame of every page
/** What the frame asks of its own; the doors have no other question. */
const framed = (url) => url.pathname !== '/api/session/methods' && frame.test(url.pathname + url.search)
const alerts = 'main [role="alert"]:visible'

/** What stands on a page is words: no name of the code, no value that was never there; one title. */
async function reads(page, label, root = 'main') {
  const found = await page.evaluate((within) => {
    const all = []
    const walk = document.createTreeWalker(document.querySelector(within), NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = node.textContent.trim()
      const box = node.parentElement
      if (!text || !box.checkVisibility() || box.closest('code, pre, .mono, .code, .gallery, input, textarea')) continue
      const bare = text.replace(/\S*\d\S*/g, '').replace(/(例如|错误代码) ?\w+/g, '') // ids of records hold a number; a hint gives an example, a failure its code
      if (/\b[a-z]+(_[a-z]+)+\b|undefined|\bNaN\b|\[object|\bnull\b|[{[]"|Invalid Date/.test(bare)) all.push(text.slice(0, 60))
    }
    return all
  }, root)
  check(found.length === 0, `${label}: not words: ${[...new Set(found)].slice(0, 5).join(' | ')}`)
  if (root !== 'main') return
  const titles = await page.locator('main h1').count()
  check(titles === 1, `${label}: ${titles} titles`)
}
/** A full page has records and no complaint. */
async function holds(page, label, name) {
  if (formsOnly.has(name)) return
  const rows = await page.locator('main tbody tr:visible, main li:visible, main dd:visible, main figure:visible, main .swatches *').count()
  check(rows > 0, `${label}: holds no row`)
  if (name === 'gallery') return
  const said = await page.locator(alerts).allTextContents()
  check(said.length === (usual[name] ?? 0), `${label}: complains: ${said.join(' | ').slice(0, 120)}`)
}
/** Every page reflows on the narrowest screen. */
async function narrow(page, label) {
  const size = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 800 })
  await page.waitForTimeout(120)
  await fits(page, `${label}-320`)
  await picture(page, `${label}-320`)
  await page.setViewportSize(size)
}
/** A failure is said in the server's words, nothing is said to be empty, and a second try that succeeds leaves the page as it should be. */
async function errs(page, label, name) {
  const said = page.locator(alerts)
  check((await said.count()) > 0, `${label}: says nothing of the failure`)
  for (const text of await said.allTextContents())
    check(failureWords.every((one) => text.includes(one)), `${label}: says ${text.slice(0, 80)}`)
  const empty = await page.locator('main .empty:visible').allTextContents()
  check(empty.length === 0, `${label}: says it is empty: ${empty.join(' | ').slice(0, 80)}`)
  const rows = await page.locator('main tbody tr:visible').count()
  check(rows === 0, `${label}: shows ${rows} rows of what was not read`)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  if (name === 'draw-none') return
  for (let tries = 0; tries < 8 && (await said.count()); tries += 1) {
    const again = said.first().locator('button')
    if (!(await again.count())) break
    await again.click()
    await stands(page, label)
  }
  const left = await said.allTextContents()
  check(left.length === (usual[name] ?? 0), `${label}: a second try leaves: ${left.join(' | ').slice(0, 80)}`)
}
/** Fails each question of a full page alone: what is missing is said, whatever else came. */
async function parts(page, name, path) {
  if (chosen && chosen !== 'parts') return
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  page.removeAllListeners('console')
  page.removeAllListeners('pageerror')
  page.on('pageerror', (error) => check(false, `${name}-parts: ${error}`))
  const asked = new Set()
  const note = (request) => {
    const url = new URL(request.url())
    if (url.pathname.startsWith('/api/') && request.method() === 'GET' && !framed(url) && !around.test(url.pathname)) asked.add(url.pathname + url.search)
  }
  page.on('request', note)
  await page.goto(at('full') + path)
  await stands(page, name)
  page.off('request', note)
  for (const one of asked) {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.route((url) => url.pathname + url.search === one, (request) => request.fulfill(failing))
    await page.goto(at('full') + path)
    await stands(page, `${name} without ${one}`)
    const said = (await page.locator(alerts).allTextContents()).some((text) => text.includes(failureWords[0]))
    check(said || quiet.some(([page_, what]) => what.test(one) && page_ === name), `${name}: silent when ${decodeURIComponent(one)} fails`)
  }
}
/** What is said in the words of the part itself, and what the frame asks for an administrator: names of units, for which the ids stand. */
const quiet = [
  ['draw', /public\/draws/],
  ['admin-people', /admin\/organisations/],
  ['admin-accounts', /admin\/organisations/],
]

/** Presses every button of a page once; what opens a dialog is judged in every look and closes by Escape. */
async function dialogs(page, name, path) {
  if (chosen && chosen !== 'dialogs') return
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  page.removeAllListeners('console')
  const base = at('full')
  const open = async () => {
    await page.goto(base + path)
    await stands(page, name)
  }
  await open()
  await page.evaluate(() => (window.print = () => undefined))
  const texts = await page.$$eval('main button:not([disabled]), main [role="button"]', (all) => [
    ...new Set(all.filter((one) => one.checkVisibility() && !one.closest('.seg, thead, .tabs')).map((one) => one.textContent.trim() + ' ' + (one.closest('li')?.dataset.step ?? ''))),
  ])
  let found = 0
  for (const text of texts.slice(0, 24)) {
    const before = page.url()
    const pressed = await page.evaluate((wanted) => {
      window.print = () => undefined
      const one = [...document.querySelectorAll('main button:not([disabled])')].find(
        (each) => each.checkVisibility() && each.textContent.trim() + ' ' + (each.closest('li')?.dataset.step ?? '') === wanted,
      )
      window.pressed = one
      one?.focus()
      one?.click()
      return Boolean(one)
    }, text)
    if (!pressed) continue
    await page.waitForTimeout(150)
    if (await page.locator('dialog[open]').count()) {
      await page.waitForFunction(() => !document.querySelector('dialog[open] [aria-busy="true"]'), null, { timeout: 20_000 }).catch(() => undefined)
      found += 1
      const label = `${name}-dialog-${found}`
      for (const [theme, size] of looks) {
        await look(page, theme, size)
        await audit(page, `${label}-${size === 'normal' ? theme : size} (${text.trim()})`)
      }
      await look(page, 'light', 'normal')
      await reads(page, `${label} (${text.trim()})`, 'dialog[open]')
      const over = await page.evaluate(() => {
        const one = document.querySelector('dialog[open]')
        return [one, ...one.querySelectorAll('.body')].some((each) => each.scrollWidth > each.clientWidth + 1)
      })
      check(!over, `${label} (${text.trim()}): wider than itself`)
      await picture(page, label, false)
      await page.keyboard.press('Escape')
      await page.waitForTimeout(100)
      check((await page.locator('dialog[open]').count()) === 0, `${label} (${text.trim()}): Escape does not close it`)
      const back = await page.evaluate(() => window.pressed === document.activeElement)
      check(back, `${label} (${text.trim()}): the focus does not go back`)
    }
    if (page.url() !== before || (await page.locator('dialog[open]').count())) await open()
  }
  dialogsOf[name] = found
}
const dialogsOf = {}

const probe = await (await context(browser)).newPage()
await probe.goto(at('full') + '/sign-in')
await probe.waitForSelector('#app > *')
const routes = await probe.evaluate(() =>
  document
    .querySelector('#app')
    .__vue_app__.config.globalProperties.$router.getRoutes()
    .map((one) => ({ name: one.name, path: one.path })),
)
await probe.context().close()
check(routes.length > 50, `the router knows ${routes.length} addresses`)
const source = readFileSync(new URL('../src/desk/router.ts', import.meta.url), 'utf8')
check(!/redirect|alias/.test(source), 'an address stands for another: it is not walked')
const pages = [
  ...routes.map(({ name, path }) => [name, name, known[name]?.path ?? path, known[name]?.role ?? 'unit_head']),
  ...more.map(([name, route, path, role]) => [name, route, path, role ?? 'unit_head']),
].filter(([name]) => !only || only.split(',').some((one) => name === one || (one.endsWith('*') && name.startsWith(one.slice(0, -1)))))
for (const [name, , path] of pages) check(!path.includes(':'), `${name}: nobody says what ${path} is asked with`)

for (const role of [...new Set(pages.map((one) => one[3]))]) {
  const made = await context(browser)
  for (const name of ['full', 'empty']) if (role) await signIn(made, at(name), role)
  for (const [name, route, path] of pages.filter((one) => one[3] === role)) {
    const page = await made.newPage()
    await states(page, name, path, route)
    if (role && !still.has(name) && name !== 'draw-none') await parts(page, name, path)
    if (role) await dialogs(page, name, path)
    await page.close()
  }
  await made.close()
}
if (!only && (!chosen || chosen === 'full'))
  for (const { name } of routes) check(visited.has(name), `${name}: not visited`)
if (!only && (!chosen || chosen === 'dialogs')) {
  const all = Object.values(dialogsOf).reduce((sum, n) => sum + n, 0)
  console.log(`        dialogs: ${Object.entries(dialogsOf).filter(([, n]) => n).map(([name, n]) => `${name} ${n}`).join(', ')}`)
  check(all >= 40, `only ${all} dialogs were opened`)
}
await browser.close()
for (const one of Object.values(servers)) one.close()
process.exit(done())
