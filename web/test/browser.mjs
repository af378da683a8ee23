// A real browser for the walks: signing in as a role of the sample data, listening for what may not happen, and
// judging a page by axe, by its width and by the content security policy.

import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export const problems = []
let checks = 0
export function check(ok, what) {
  checks += 1
  if (ok) return
  problems.push(what)
  console.log('FAILED  ' + what)
}
export function done() {
  console.log(`${checks - problems.length} passed, ${problems.length} failed`)
  return problems.length ? 1 : 0
}

const at = process.argv.indexOf('--chromium')
export const launch = () =>
  chromium.launch({
    executablePath: at > 0 ? process.argv[at + 1] : '/usr/bin/chromium',
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

/** A context of its own: language, theme and size chosen before the first page, axe and a policy listener in it. */
export async function context(
  browser,
  { language = 'zh', theme = 'light', size = 'normal', width = 1440, height = 900 } = {},
) {
  const made = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: true, // the walk's server has a certificate of its own making
  })
  await made.addInitScript(
    ([lang, ground, text]) => {
      if (!sessionStorage.getItem('walk')) {
        localStorage.setItem('language', lang)
        localStorage.setItem('theme', ground)
        localStorage.setItem('size', text)
        sessionStorage.setItem('walk', 'on')
      }
      window.policyReports = []
      document.addEventListener('securitypolicyviolation', (event) =>
        window.policyReports.push(`${event.effectiveDirective} ${event.blockedURI}`),
      )
    },
    [language, theme, size],
  )
  await made.addInitScript(axe)
  return made
}

/** Signs the context in as a role of the sample data; resolves to its session. */
export async function signIn(made, base, role) {
  const page = await made.newPage()
  await page.goto(base + '/sign-in')
  const answer = await page.evaluate(async (wanted) => {
    const response = await fetch('/api/session/demo', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ role: wanted }),
    })
    return { status: response.status, body: await response.json() }
  }, role)
  await page.close()
  check(answer.status === 200, `sign in as ${role}: ${answer.status} ${answer.body.title ?? ''}`)
  return answer.body
}

/** A page of the context, from which the interface can be asked. */
export async function reader(made, base) {
  const page = await made.newPage()
  await page.goto(base + '/sign-in')
  return {
    get: (path) => page.evaluate(async (wanted) => (await fetch(wanted)).json(), path),
    close: () => page.close(),
  }
}

/** `expected` names what the page is meant to complain about: a refused request is an error in its console. */
export function listen(page, name, expected = null) {
  page.on('console', (message) => {
    if (message.type() !== 'error' || expected?.test(message.text())) return
    if (/Permissions-Policy header: Unrecognized feature/.test(message.text())) return // other browsers know it
    check(false, `${name}: console: ${message.text()}`)
  })
  page.on('pageerror', (error) => check(false, `${name}: ${error}`))
}

export async function audit(page, name) {
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

export async function fits(page, name) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  check(over <= 0, `${name}: ${over} px sideways`)
  // words squeezed to a character a line are neither sideways nor a finding of axe
  const squeezed = await page.evaluate(() => {
    const found = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node && found.length < 3; node = texts.nextNode()) {
      if (node.data.trim().length < 6 || !node.parentElement.checkVisibility()) continue
      const size = parseFloat(getComputedStyle(node.parentElement).fontSize)
      if (node.parentElement.getBoundingClientRect().height < 5 * size) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const box = range.getBoundingClientRect()
      if (box.width > 0 && box.width < 2 * size && box.height > 5 * size) found.push(node.data.trim().slice(0, 20))
    }
    return found
  })
  check(squeezed.length === 0, `${name}: a character a line: ${squeezed.join('; ')}`)
}

export async function show(page, name, url, ready) {
  await page.goto(url)
  try {
    await page.waitForSelector(ready, { timeout: 20_000 })
  } catch {
    check(false, `${name}: nothing to see (${ready})`)
  }
  await page.waitForTimeout(120)
}

/** Changes theme and size of a page that is open, as another window of the same reader would. */
export async function look(page, theme, size) {
  await page.evaluate(
    ([ground, text]) => {
      localStorage.setItem('theme', ground)
      localStorage.setItem('size', text)
      dispatchEvent(new StorageEvent('storage', { key: 'theme' }))
    },
    [theme, size],
  )
  await page.waitForTimeout(60)
}

/** Presses Tab until `match` (run in the page on the focused element) says yes. */
export async function tabTo(page, match, what, most = 250) {
  for (let pressed = 0; pressed < most; pressed += 1) {
    if (await page.evaluate(`(${match})(document.activeElement)`)) return true
    await page.keyboard.press('Tab')
  }
  check(false, `keyboard: ${what} cannot be reached`)
  return false
}

/** Counts presses of the pointer and of Enter on controls, for the budgets of journeys. */
export async function countClicks(page) {
  await page.addInitScript(() => {
    window.clicks = Number(sessionStorage.getItem('clicks') ?? 0)
    addEventListener(
      'click',
      (event) => {
        if (!event.isTrusted) return
        window.clicks += 1
        sessionStorage.setItem('clicks', String(window.clicks))
      },
      true,
    )
  })
  return {
    reset: () =>
      page.evaluate(() => {
        window.clicks = 0
        sessionStorage.setItem('clicks', '0')
      }),
    count: () => page.evaluate(() => window.clicks),
  }
}
