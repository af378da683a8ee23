// Walks every page of the desk in a real browser: zh and en, light and dark, wide and 320 px. Fails on a
// console error, a report of the content security policy, an axe finding, sideways scroll, or a number that
// does not open to exactly that many records.
//   node test/e2e.mjs BASE_URL SCREENSHOT_DIR [--chromium PATH]

import { mkdirSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const [base, shots = 'screenshots'] = process.argv.slice(2)
if (!base) {
  console.error('usage: node test/e2e.mjs BASE_URL SCREENSHOT_DIR')
  process.exit(2)
}
const at = process.argv.indexOf('--chromium')
const executablePath = at > 0 ? process.argv[at + 1] : '/usr/bin/chromium'
const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
mkdirSync(shots, { recursive: true })

const problems = []
let checks = 0
function check(ok, what) {
  checks += 1
  if (!ok) {
    problems.push(what)
    console.log('FAILED  ' + what)
  }
}

const browser = await chromium.launch({
  executablePath,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

const api = async (path) => (await fetch(base + path)).json()
const meta = await api('/api/meta')
const list = await api('/api/dossiers?sort=due&open=true&limit=50')
const sample = list.items.find((row) => row.clock && !row.restricted) ?? list.items[0]
const fullest = async () => {
  let best = sample
  let most = -1
  for (const row of list.items.filter((one) => !one.restricted)) {
    const count = (await api(`/api/dossiers/${encodeURIComponent(row.id)}`)).clocks.length
    if (count > most) {
      most = count
      best = row
    }
  }
  return best
}
const dossier = sample ? await fullest() : null
const scope = `org=${meta.default_organisation}&period=${meta.default_period}`
const report = `/reports/${meta.default_report}?${scope}`
const form = await api(`/api/reports/${meta.default_report}?${scope}`)
const campaign = form.sections.find((one) => one.kind === 'campaign')?.id ?? ''
const figures = `/reports/${meta.default_report}/figures`
const pages = [
  ['today', '/', '.todo li, .empty'],
  ['report', report, '.figs .n'],
  ['report-campaign', report + `&scope=${campaign}`, '.figs .n'],
  ['members', `${figures}/cases?${scope}`, '[data-member]'],
  ['dossiers', '/dossiers?open=true', '.tb-work tbody tr, .empty'],
  ['dossiers-empty', '/dossiers?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%BB%B6', '.empty'],
  ...(dossier
    ? [
        ['dossier', `/dossiers/${encodeURIComponent(dossier.id)}`, '.steps li'],
        ['limit', `/law/limits?id=${dossier.clock?.limit ?? 'CASE.DECIDE'}`, '.facts dt'],
        ['procedure', `/law/procedures/${dossier.procedure.id}`, '.tb tbody tr'],
      ]
    : []),
  ['reports', '/reports', '.tb tbody tr'],
  ['journal', '/journal', '.how li'],
  ['fact', '/journal/1', '.facts dd'],
  ['missing', '/no/such/page', '.empty'],
]

async function context(language, theme, width, height) {
  const made = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    reducedMotion: 'reduce',
  })
  await made.addInitScript(
    ([lang, ground]) => {
      localStorage.setItem('language', lang)
      localStorage.setItem('theme', ground)
      window.policyReports = []
      document.addEventListener('securitypolicyviolation', (event) =>
        window.policyReports.push(`${event.effectiveDirective} ${event.blockedURI}`),
      )
    },
    [language, theme],
  )
  await made.addInitScript(axe)
  return made
}
function listen(page, name) {
  page.on('console', (message) => {
    if (message.type() === 'error') check(false, `${name}: console: ${message.text()}`)
  })
  page.on('pageerror', (error) => check(false, `${name}: ${error}`))
}
async function audit(page, name) {
  const found = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: 'tag', values } }),
    tags,
  )
  const text = found.violations
    .map((one) => `${one.id} (${one.nodes.length}: ${one.nodes[0].target.join(' ')})`)
    .join('; ')
  check(found.violations.length === 0, `${name}: axe: ${text}`)
  const reports = await page.evaluate(() => window.policyReports)
  check(reports.length === 0, `${name}: policy: ${reports.join('; ')}`)
}
async function fits(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  check(over <= 0, `${name}: ${over} px sideways`)
}
async function show(page, name, path, ready) {
  await page.goto(base + path)
  try {
    await page.waitForSelector(ready, { timeout: 8000 })
  } catch {
    check(false, `${name}: nothing to see (${ready})`)
  }
  await page.waitForTimeout(150)
}

for (const language of ['zh', 'en'])
  for (const theme of ['light', 'dark']) {
    const made = await context(language, theme, 1440, 900)
    for (const [name, path, ready] of pages) {
      const page = await made.newPage()
      const label = `${name}-${language}-${theme}`
      listen(page, label)
      await show(page, label, path, ready)
      await audit(page, label)
      await fits(page, label)
      if (meta.sample_data) check(await page.locator('.sample').isVisible(), `${label}: no sample-data mark`)
      const chinese =
        language === 'en'
          ? await page.evaluate(() =>
              [...document.querySelectorAll('.rail h2, thead th, dt, h2, .btn')]
                .map((one) => one.textContent.trim())
                .filter((text) => text.length > 1 && /^[\u4e00-\u9fff，：（）]+$/.test(text)),
            )
          : []
      if (chinese.length)
        console.log(`        ${label}: Chinese from the data: ${[...new Set(chinese)].slice(0, 6).join(' ')}`)
      await page.screenshot({ path: `${shots}/${label}.png`, fullPage: true })
      await page.close()
    }
    await made.close()
  }

{
  // small screens
  const made = await context('zh', 'light', 320, 720)
  for (const [name, path, ready] of pages) {
    const page = await made.newPage()
    listen(page, `${name}-320`)
    await show(page, `${name}-320`, path, ready)
    await audit(page, `${name}-320`)
    await fits(page, `${name}-320`)
    await page.screenshot({ path: `${shots}/${name}-320.png`, fullPage: true })
    await page.close()
  }
  await made.close()
}

{
  // every number of the report opens to exactly that many records
  const made = await context('zh', 'light', 1440, 900)
  const page = await made.newPage()
  listen(page, 'drill')
  await show(page, 'drill', report, '.figs .n')
  const links = await page.$$eval('a.n[data-figure]', (all) =>
    all.map((one) => ({
      href: one.getAttribute('href'),
      text: one.textContent.trim(),
      figure: one.dataset.figure,
    })),
  )
  const unique = [...new Map(links.map((one) => [one.href, one])).values()]
  check(unique.length >= 11, `drill: only ${unique.length} numbers`)
  const clicked = new Set()
  for (const link of unique) {
    if (clicked.has(link.figure)) continue
    clicked.add(link.figure)
    await show(page, 'drill', report, '.figs .n')
    await page.locator(`a.n[href="${link.href}"]`).first().click()
    await page.waitForSelector('[data-total]')
    const total = (await page.textContent('[data-total]')).trim()
    check(total === link.text, `drill: ${link.href}: report says ${link.text}, members say ${total}`)
    let rows = 0
    for (;;) {
      await page.waitForSelector('[data-member]')
      rows += await page.locator('[data-member]').count()
      const forward = page.locator('.pager a', { hasText: '下一页' })
      if (!(await forward.count()) || rows > 400) break
      const before = await page.textContent('.pager span')
      await forward.click()
      await page.waitForFunction((old) => document.querySelector('.pager span')?.textContent !== old, before)
    }
    const wanted = Number(link.text.replace(/,/g, ''))
    check(wanted > 400 || rows === wanted, `drill: ${link.figure}: ${rows} rows of ${link.text}`)
  }
  for (const link of unique) {
    // the rest by the interface itself
    const asked = new URL(link.href, base)
    const members = await api(`/api${asked.pathname}/members${asked.search}&limit=1`)
    check(
      members.total === Number(link.text.replace(/,/g, '')),
      `drill: ${link.href}: ${link.text} but ${members.total}`,
    )
  }
  await page.emulateMedia({ media: 'print' })
  await show(page, 'print', report, '.figs .n')
  await page.pdf({ path: `${shots}/report.pdf`, format: 'A4', printBackground: true })
  await made.close()
}

if (dossier) {
  // keyboard, language without reload, a dialog that loses nothing
  const made = await context('zh', 'light', 1440, 900)
  const page = await made.newPage()
  listen(page, 'work')
  await show(page, 'work', '/dossiers?open=true', '.tb-work tbody tr')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  check((await page.locator('tr.is-cursor').count()) === 1, 'keyboard: no row under the cursor')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.steps')
  check(/\/dossiers\/./.test(page.url()), 'keyboard: Enter opened ' + page.url())
  await page.evaluate(() => {
    window.stays = true
  })
  await page.click('.me-lang')
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  check(await page.evaluate(() => window.stays === true), 'language: the page was loaded again')
  await page.click('.me-lang')
  await show(page, 'work', `/dossiers/${encodeURIComponent(dossier.id)}`, '.steps li')
  const act = page.locator('.steps li.open button').first()
  if (await act.count()) {
    await act.click()
    await page.waitForSelector('dialog[open]')
    await audit(page, 'dialog')
    await page.screenshot({ path: `${shots}/dialog-zh-light.png` })
    const area = page.locator('dialog textarea, dialog input[type=text]').first()
    if (await area.count()) {
      await area.fill('核对后写下的内容')
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog[open]', { state: 'detached' })
      await act.click()
      check(
        (await page.locator('dialog textarea, dialog input[type=text]').first().inputValue()) ===
          '核对后写下的内容',
        'dialog: what was typed is lost',
      )
    }
    await page.keyboard.press('Escape')
  }
  await page.click('.me-now')
  await page.waitForSelector('.me-menu')
  await page.waitForTimeout(200)
  await audit(page, 'person menu')
  await page.screenshot({ path: `${shots}/menu-zh-light.png` })
  await made.close()
}

{
  // a server that does not answer
  const made = await context('zh', 'light', 1440, 900)
  const page = await made.newPage()
  await page.route('**/api/**', (route) => route.abort())
  await page.goto(base + '/')
  await page.waitForSelector('.notice-red')
  await audit(page, 'down')
  await page.screenshot({ path: `${shots}/down-zh-light.png` })
  await made.close()
}

await browser.close()
console.log(`${checks - problems.length} passed, ${problems.length} failed`)
process.exit(problems.length ? 1 : 0)
