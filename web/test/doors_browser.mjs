// What the end-to-end tests of the doors share: a browser one can kill, a proxy that fails on demand, and the
// gates every screen must pass.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request as ask } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const at = process.argv.indexOf('--chromium')
export const executablePath = at > 0 ? process.argv[at + 1] : '/usr/bin/chromium'
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--lang=zh-CN',
]
export const launch = () => chromium.launch({ executablePath, args: flags })

const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

let checks = 0
const problems = []
export function check(ok, what) {
  checks += 1
  if (ok) return
  problems.push(what)
  console.log('FAILED  ' + what)
}
export function end(name) {
  console.log(`${name}: ${checks - problems.length} passed, ${problems.length} failed`)
  process.exitCode = problems.length ? 1 : 0
}

/** A context that writes down every report of the content security policy. */
export async function prepare(
  context,
  { language = 'zh', theme = 'light', size = '', outdoor = false } = {},
) {
  await context.addInitScript(
    ([lang, ground, large, sun]) => {
      localStorage.setItem('language', lang)
      localStorage.setItem('theme', ground)
      if (large) {
        localStorage.setItem('size', large)
        localStorage.setItem('public.size', large)
      }
      if (sun) localStorage.setItem('outdoor', 'yes')
      window.policyReports = []
      document.addEventListener('securitypolicyviolation', (event) =>
        window.policyReports.push(`${event.effectiveDirective} ${event.blockedURI}`),
      )
    },
    [language, theme, size, outdoor],
  )
  await context.addInitScript(axe)
  return context
}

/** The gates of a screen: axe, policy, no sideways scroll, targets at least `tap` px, English without Chinese. */
export async function gates(page, name, { tap = 24, english = false } = {}) {
  await page.waitForTimeout(120)
  const found = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: 'tag', values } }),
    tags,
  )
  check(
    found.violations.length === 0,
    `${name}: axe: ${found.violations.map((one) => `${one.id} (${one.nodes.length}: ${one.nodes[0].target.join(' ')})`).join('; ')}`,
  )
  const reports = await page.evaluate(() => window.policyReports)
  check(reports.length === 0, `${name}: policy: ${reports.join('; ')}`)
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  check(over <= 0, `${name}: ${over} px sideways`)
  const small = await page.evaluate((least) => {
    const seen = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    return seen.flatMap((one) => {
      const target = one.matches('input[type="checkbox"], input[type="radio"], input[type="file"]')
        ? (one.closest('label') ?? one)
        : one
      const box = target.getBoundingClientRect()
      const shown = box.width > 1 && box.height > 1 && !one.closest('.skip') && target.checkVisibility()
      return shown && box.height < least - 0.5
        ? [`${target.tagName} ${target.textContent.trim().slice(0, 20)} ${Math.round(box.height)}`]
        : []
    })
  }, tap)
  check(small.length === 0, `${name}: targets under ${tap} px: ${small.join('; ')}`)
  if (!english) return
  const chinese = await page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'main h1, main h2, main label, main button, main legend, main dt, nav a, header button',
      ),
    ]
      .filter(
        (one) =>
          one.checkVisibility() &&
          one.lang !== 'zh-CN' &&
          !one.closest('[lang="zh-CN"]') &&
          !one.hasAttribute('data-data'),
      )
      .map((one) => one.textContent.trim())
      .filter((text) => /[\u4e00-\u9fff]/.test(text)),
  )
  return chinese
}

export function listen(page, name, { allow = /$^/ } = {}) {
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !/Failed to load resource/.test(message.text()) &&
      !allow.test(message.text())
    )
      check(false, `${name}: console: ${message.text()}`)
  })
  page.on('pageerror', (error) => check(false, `${name}: ${error}`))
}

/** A browser with a profile on the disk, killed without a warning and started again. */
export async function killable() {
  let child = null
  process.on('exit', () => {
    try {
      if (child && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // it ended by itself
    }
  })
  const profile = mkdtempSync(join(tmpdir(), 'phone-'))
  let browser = null
  async function start() {
    child = spawn(
      executablePath,
      [...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const address = await new Promise((resolve, reject) => {
      let text = ''
      child.stderr.on('data', (chunk) => {
        text += chunk
        const found = /DevTools listening on (ws:\S+)/.exec(text)
        if (found) resolve(found[1])
      })
      child.on('exit', () => reject(new Error('the browser ended: ' + text.slice(-300))))
    })
    browser = await chromium.connectOverCDP(address)
    const context = browser.contexts()[0]
    const page = context.pages()[0] ?? (await context.newPage())
    await page.setViewportSize({ width: 390, height: 844 })
    return page
  }
  async function kill() {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.removeAllListeners('exit')
    child.once('exit', () => undefined)
    const ended = new Promise((resolve) => child.once('close', resolve))
    process.kill(-child.pid, 'SIGKILL')
    await Promise.race([gone, ended])
    await browser.close().catch(() => undefined)
  }
  return { start, kill, clear: () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Stands between the browser and the server. `rule(method, path)` answers '' (pass), 'offline', '503',
    'lost' (the server acts, its answer is lost), 'twice' (delivered twice) or a promise to wait for. */
export async function between(target) {
  const state = { rule: () => '', log: [] }
  const to = new URL(target)
  function forward(incoming, bytes) {
    return new Promise((resolve, reject) => {
      const out = ask(
        {
          host: to.hostname,
          port: to.port,
          method: incoming.method,
          path: incoming.url,
          headers: incoming.headers,
        },
        (answer) => {
          const chunks = []
          answer
            .on('data', (chunk) => chunks.push(chunk))
            .on('end', () => resolve({ answer, bytes: Buffer.concat(chunks) }))
        },
      )
      out.on('error', reject)
      out.end(bytes)
    })
  }
  const server = createServer((incoming, outgoing) => {
    const chunks = []
    incoming
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', async () => {
        const bytes = Buffer.concat(chunks)
        try {
          const fault = await state.rule(incoming.method, incoming.url.split('?')[0])
          if (fault === 'offline') return incoming.socket.destroy()
          if (fault === '503') {
            outgoing.writeHead(503, { 'Content-Type': 'application/problem+json' })
            return outgoing.end(
              JSON.stringify({ type: 'urn:x', title: '暂停服务', status: 503, code: 'too_busy', detail: '' }),
            )
          }
          if (fault === 'twice') await forward(incoming, bytes)
          const given = await forward(incoming, bytes)
          if (incoming.url.startsWith('/api/'))
            state.log.push(`${incoming.method} ${incoming.url} ${given.answer.statusCode}`)
          if (fault === 'lost') return incoming.socket.destroy()
          outgoing.writeHead(given.answer.statusCode, given.answer.headers)
          outgoing.end(given.bytes)
        } catch {
          incoming.socket.destroy()
        }
      })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    state,
    base: `http://127.0.0.1:${server.address().port}`,
    close: () => (server.closeAllConnections(), server.close()),
  }
}

/** First content as a phone sees it: 4 Mbit/s, 80 ms, CPU × 4, nothing cached; the best of `tries` in ms. */
export async function firstContent(browser, url, ready, tries = 3) {
  let best = Infinity
  for (let n = 0; n < tries; n += 1) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 80,
      downloadThroughput: 500_000,
      uploadThroughput: 500_000,
    })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await page.goto(url)
    await page.waitForSelector(ready)
    const ms = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const known = performance.getEntriesByName('first-contentful-paint')[0]
          if (known) resolve(known.startTime)
          else
            new PerformanceObserver((list) => {
              const one = list.getEntriesByName('first-contentful-paint')[0]
              if (one) resolve(one.startTime)
            }).observe({ type: 'paint', buffered: true })
        }),
    )
    best = Math.min(best, ms)
    await context.close()
  }
  return Math.round(best)
}
